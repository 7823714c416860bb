/**
 * From a batch as it is written to its operations: matrices and pipelines are multiplied out, groups become needs, limits and atomic sets, ids
 * in needs and references become those of operations. Pure.
 */
import { nearest } from '../complaints.js';
import { readable, shown } from '../jsonc.js';
import type { Limit, ToolName } from '../model.js';
import type { BatchDocument, BatchPlace, BatchProblem, GroupEntry, Member, OperationEntry } from './document.js';
import { DEFAULT_LIMIT, type Matrix, type MatrixValues } from './format.js';
import { parametersIn, referencesIn, withParameters } from './references.js';

/** One operation of a batch, in sequential order. */
export interface BatchOperation {
  readonly id: string;
  readonly tool: ToolName;
  /** With references to results in it; their ids are those of `sources`. */
  readonly input: Readonly<Record<string, unknown>>;
  /** Values of a matrix or of a pipeline stand in its input, which nobody has looked at there. */
  readonly filled?: true;
  /** What each id in its references stands for: ids of operations. */
  readonly sources: ReadonlyMap<string, readonly string[]>;
  /** Ids of operations; those of `sources` are among them. */
  readonly needs: readonly string[];
  readonly reads?: readonly string[];
  readonly writes?: readonly string[];
  readonly locks: readonly string[];
  readonly timeoutMs: number;
  readonly retries: number;
  readonly backoffMs: number;
  readonly onFailure: 'stop' | 'continue';
  readonly limits: readonly Limit[];
  /** The outermost atomic group that it is in, or itself. */
  readonly atomic?: string;
  /** Names of the groups around it, the outermost first. */
  readonly groups: readonly string[];
  readonly place: BatchPlace;
}

export interface Expanded {
  readonly operations: readonly BatchOperation[];
  readonly problems: readonly BatchProblem[];
}

/** More than this is a mistake. */
export const MOST_OPERATIONS = 10_000;
/** Groups and combinations that are looked at: those without an operation in them would multiply for ever. */
const MOST_STEPS = 20 * MOST_OPERATIONS;
/** Pairs of operations of which one needs the other. */
const MOST_NEEDS = 200_000;
const DEFAULT_TIMEOUT_S = 600;

/** The files that globs match, relative to the workspace folder with `/`, sorted; or why nobody looks for them, as a sentence. */
export type FilesOf = (
  globs: readonly string[],
) => { readonly kind: 'files'; readonly files: readonly string[] } | { readonly kind: 'refused'; readonly message: string };

/** At most 100 problems, each once. The work is bounded, whatever the document multiplies out to. */
export function expandBatch(document: BatchDocument, filesOf: FilesOf): Expanded {
  const expansion: Expansion = {
    ...{ filesOf, problems: new Map(), instances: [], taken: new Map(), steps: 0, needs: 0, full: undefined },
  };
  duplicateIds(document.members, expansion);
  const root: Scope = { ids: new Map() };
  const around: Around = { scope: root, parameters: new Map(), suffix: '', limits: [], groups: [], needs: [] };
  for (const member of document.members) build(member, around, expansion);
  const operations: BatchOperation[] = [];
  for (const instance of expansion.instances) if (!expansion.full) operations.push(finished(instance, expansion));
  const { full, problems } = expansion;
  if (full !== undefined) problems.set('full', { line: 1, column: 1, message: full });
  return { operations, problems: [...problems.values()].sort((a, b) => a.line - b.line || a.column - b.column) };
}

/** Sets of globs of the matrices and pipelines of a document, each once. */
export function globsIn({ members }: BatchDocument): readonly (readonly string[])[] {
  const found = new Map<string, readonly string[]>();
  const add = (values: MatrixValues | undefined) => {
    if (values !== undefined && !Array.isArray(values)) found.set(JSON.stringify(globsOf(values)), globsOf(values));
  };
  const walk = (all: readonly Member[]): void => {
    for (const member of all) {
      for (const values of Object.values(member.matrix ?? {})) add(values);
      if (member.kind === 'operation') continue;
      add(member.over);
      walk(member.members);
    }
  };
  walk(members);
  return [...found.values()];
}

type Value = string | number | boolean;

/** Ids that can be seen from a place. What lies in an instance of a matrix is seen from inside first. */
interface Scope {
  /** Ids as they are written → ids of operations. */
  readonly ids: Map<string, Set<string>>;
  readonly outer?: Scope;
}

/** What holds for whatever stands at a place. */
interface Around {
  readonly scope: Scope;
  readonly parameters: ReadonlyMap<string, Value>;
  readonly suffix: string;
  readonly limits: readonly Limit[];
  readonly groups: readonly string[];
  readonly atomic?: string;
  /** Ids as written, which have to pass before anything here. */
  readonly needs: readonly Wanted[];
  /** The parallel group of which the next thing that is built is a member. */
  readonly fanOut?: Limit;
}

/** What has to pass first: as it is written at a place, or operations that are known. */
type Wanted =
  | { readonly name: string; readonly place: BatchPlace; readonly scope: Scope }
  | { readonly operations: readonly string[] };

interface Instance {
  readonly id: string;
  readonly entry: OperationEntry;
  readonly around: Around;
}

interface Expansion {
  readonly filesOf: FilesOf;
  /** By what they say and where, since each instance of a matrix would say the same. */
  readonly problems: Map<string, BatchProblem>;
  readonly instances: Instance[];
  /** How often an id was asked for. */
  readonly taken: Map<string, number>;
  /** Ids of all entries, once somebody asks for one that is not there. */
  names?: readonly string[];
  steps: number;
  needs: number;
  /** Why nothing more is added, as a sentence. */
  full: string | undefined;
}

const TOO_MANY = `The batch comes to more than ${MOST_OPERATIONS} operations. Divide it.`;
const MOST_PROBLEMS = 100;

function complain({ problems }: Expansion, { line, column }: BatchPlace, said: string | (() => string)): void {
  if (problems.size >= MOST_PROBLEMS) return;
  const message = typeof said === 'string' ? said : said();
  const text = problems.size === MOST_PROBLEMS - 1 ? `${message} More is wrong behind this.` : message;
  const key = `${line}:${column} ${message}`;
  if (!problems.has(key)) problems.set(key, { line, column, message: text });
}

/** Whether there is room for one more. */
function step(expansion: Expansion): boolean {
  expansion.steps += 1;
  if (expansion.steps > MOST_STEPS)
    expansion.full ??= `The batch multiplies out to more than ${MOST_STEPS} groups and combinations. Divide it.`;
  return expansion.full === undefined;
}

/** Adds what the member comes to; resolves with the ids of its operations. */
function build(member: Member, around: Around, expansion: Expansion): readonly string[] {
  if (!step(expansion)) return [];
  const inner: Around = {
    ...around,
    needs: [...around.needs, ...(member.needs ?? []).map((name) => ({ name, place: member.place, scope: around.scope }))],
  };
  const combinations = member.matrix === undefined ? undefined : combined(member.matrix, member.place, expansion);
  const each = (place: Around) => {
    const { fanOut, ...rest } = place;
    // Each combination of a matrix is a member of its own.
    const limits = fanOut ? [...rest.limits, { ...fanOut, member: `${fanOut.member}${rest.suffix}` }] : rest.limits;
    const own = { ...rest, limits };
    return member.kind === 'operation' ? buildOperation(member, own, expansion) : buildGroup(member, own, expansion);
  };
  const ids = combinations ? combinations.flatMap((values) => each(within(inner, values))) : each(inner);
  if (member.kind !== 'operation' && member.id !== undefined) register(member.id, ids, around.scope);
  return ids;
}

/** A place of its own for one combination of values. */
function within(around: Around, values: ReadonlyMap<string, Value>): Around {
  const labels = [...values].flatMap(([name, value]) => (name === 'index' ? [] : [labelOf(value)]));
  const label = shortened(labels.slice(0, MOST_LABELS).join(','), 200);
  return {
    ...around,
    scope: { ids: new Map(), outer: around.scope },
    parameters: new Map([...around.parameters, ...values]),
    suffix: `${around.suffix}[${label}]`,
  };
}

function buildOperation(entry: OperationEntry, around: Around, expansion: Expansion): readonly string[] {
  if (expansion.instances.length >= MOST_OPERATIONS) {
    expansion.full ??= TOO_MANY;
    return [];
  }
  const id = freeId(`${entry.id}${around.suffix}`, expansion);
  const own = entry.atomic && around.atomic === undefined ? { atomic: id } : {};
  expansion.instances.push({ id, entry, around: { ...around, ...own } });
  register(entry.id, [id], around.scope);
  return [id];
}

function freeId(wanted: string, { taken }: Expansion): string {
  let count = (taken.get(wanted) ?? 0) + 1;
  while (count > 1 && taken.has(`${wanted}#${count}`)) count += 1;
  taken.set(wanted, count);
  const id = count === 1 ? wanted : `${wanted}#${count}`;
  if (count > 1) taken.set(id, 1);
  return id;
}

function buildGroup(group: GroupEntry, around: Around, expansion: Expansion): readonly string[] {
  const name = `${group.id ?? group.kind}${around.suffix}`;
  const key = group.id === undefined ? `${name}@${group.place.line}:${group.place.column}` : name;
  const most = group.limit ?? (group.kind === 'parallel' ? DEFAULT_LIMIT : undefined);
  const inner: Around = {
    ...around,
    groups: [...around.groups, name],
    ...(group.atomic && around.atomic === undefined ? { atomic: key } : {}),
  };
  switch (group.kind) {
    case 'parallel':
      return buildParallel(group, inner, { key, most: most ?? DEFAULT_LIMIT }, expansion);
    case 'sequence':
      return buildSequence(group.members, inner, expansion);
    case 'pipeline': {
      const limited = most === undefined ? inner : { ...inner, limits: [...inner.limits, { name: key, most }] };
      const items = valuesOf(group.over ?? [], group.place, expansion);
      const pairs = items.map((item, index) => [['item', item] as const, ['index', index] as const]);
      return pairs.flatMap((values) =>
        step(expansion) ? buildSequence(group.members, within(limited, new Map<string, Value>(values)), expansion) : [],
      );
    }
    default:
      return group.kind satisfies never;
  }
}

/** At most so many members run something at once; a member that is a group of its own counts once. */
function buildParallel(
  { members }: GroupEntry,
  around: Around,
  { key, most }: { readonly key: string; readonly most: number },
  expansion: Expansion,
): readonly string[] {
  return members.flatMap((member, index) => {
    return build(member, { ...around, fanOut: { name: key, most, member: `${key}/${index}` } }, expansion);
  });
}

function buildSequence(members: readonly Member[], around: Around, expansion: Expansion): readonly string[] {
  const all: string[] = [];
  let before: readonly string[] = [];
  for (const member of members) {
    const needs = before.length === 0 ? around.needs : [...around.needs, { operations: before }];
    const ids = build(member, { ...around, needs }, expansion);
    if (ids.length > 0) before = ids;
    all.push(...ids);
  }
  return all;
}

function register(id: string, operations: readonly string[], scope: Scope): void {
  for (let place: Scope | undefined = scope; place; place = place.outer) {
    const known = place.ids.get(id) ?? new Set();
    for (const operation of operations) known.add(operation);
    place.ids.set(id, known);
  }
}

function lookUp(id: string, scope: Scope): ReadonlySet<string> | undefined {
  for (let place: Scope | undefined = scope; place; place = place.outer) {
    const found = place.ids.get(id);
    if (found) return found;
  }
  return undefined;
}

// ---------------------------------------------------------------------------------------------------------------- values

/** One map for each combination, the last name changing first. */
function combined(matrix: Matrix, place: BatchPlace, expansion: Expansion): readonly ReadonlyMap<string, Value>[] {
  const all = Object.entries(matrix).map(([name, values]) => [`matrix.${name}`, valuesOf(values, place, expansion)] as const);
  const total = all.reduce((product, [, values]) => product * values.length, 1);
  if (total > MOST_OPERATIONS) expansion.full ??= TOO_MANY;
  expansion.steps += total * all.length;
  if (!step(expansion)) return [];
  return Array.from({ length: total }, (_, index) => {
    let left = index;
    const chosen = [...all].reverse().map(([name, values]) => {
      const value = values[left % values.length] as Value;
      left = Math.floor(left / values.length);
      return [name, value] as const;
    });
    return new Map(chosen.reverse());
  });
}

function valuesOf(values: MatrixValues, place: BatchPlace, expansion: Expansion): readonly Value[] {
  if (Array.isArray(values)) return values;
  const found = expansion.filesOf(globsOf(values));
  if (found.kind === 'files') return found.files;
  complain(expansion, place, found.message);
  return [];
}

function globsOf(values: Exclude<MatrixValues, readonly Value[]>): readonly string[] {
  return [(values as { readonly glob: string | readonly string[] }).glob].flat();
}

/** So many values are told in an id. */
const MOST_LABELS = 20;

function labelOf(value: Value): string {
  return shortened(readable(String(value).slice(-200)), 80);
}

/** Its end says more than its start: names of files are told apart by it. */
function shortened(text: string, most: number): string {
  return text.length <= most ? text : `…${text.slice(1 - most)}`;
}

// ---------------------------------------------------------------------------------------------------------------- results

/** With everything in place that is known before anything runs. */
function finished({ id, entry, around }: Instance, expansion: Expansion): BatchOperation {
  const wrong = (message: string | (() => string), place: BatchPlace = entry.place) => complain(expansion, place, message);
  const { tool, place, onFailure = 'stop', locks = [], timeout = DEFAULT_TIMEOUT_S, retries = 0 } = entry;
  const fill = <T>(value: T): T => withParameters(value, around.parameters, (each) => each) as T;
  for (const name of new Set(parametersIn([entry.input, entry.reads, entry.writes, entry.locks])))
    if (!around.parameters.has(name)) wrong(`“${entry.id}” asks for \${${name}}, which has no value here.`);
  const sources = sourcesOf({ id, entry, around }, expansion);
  const needs = new Set<string>();
  for (const wanted of around.needs) {
    const found = 'operations' in wanted ? wanted.operations : lookUp(wanted.name, wanted.scope);
    if ('name' in wanted && !found) wrong(() => unknownId(entry.id, wanted.name, expansion), wanted.place);
    for (const each of found ?? []) if (each !== id || 'operations' in wanted) needs.add(each);
  }
  for (const [, found] of sources) for (const each of found) needs.add(each);
  expansion.needs += needs.size;
  if (expansion.needs > MOST_NEEDS) expansion.full ??= TOO_MANY_NEEDS;
  for (const name of new Set(locks.filter((lock, index) => locks.indexOf(lock) !== index)))
    wrong(`“${entry.id}” takes the lock “${shown(name)}” twice, which nobody could give it. Name it once.`);
  return {
    id,
    tool,
    input: fill(entry.input),
    ...(parametersIn(entry.input).length > 0 ? { filled: true } : {}),
    sources,
    needs: [...needs],
    ...(entry.reads === undefined ? {} : { reads: fill(entry.reads) }),
    ...(entry.writes === undefined ? {} : { writes: fill(entry.writes) }),
    locks: [...new Set(fill(locks))],
    timeoutMs: timeout * 1000,
    retries: typeof retries === 'number' ? retries : retries.times,
    backoffMs: typeof retries === 'number' ? 0 : (retries.backoff ?? 0) * 1000,
    onFailure,
    limits: around.limits,
    ...(around.atomic === undefined ? {} : { atomic: around.atomic }),
    groups: around.groups,
    place,
  };
}

const TOO_MANY_NEEDS = `The batch comes to more than ${MOST_NEEDS} pairs of operations of which one needs the other. Put one operation between the many and those that need them.`;

/** What each id in its references stands for. */
function sourcesOf({ id, entry, around }: Instance, expansion: Expansion): ReadonlyMap<string, readonly string[]> {
  const sources = new Map<string, readonly string[]>();
  for (const name of new Set(referencesIn(entry.input).map((reference) => reference.id))) {
    const found = lookUp(name, around.scope);
    if (!found) complain(expansion, entry.place, () => unknownId(entry.id, name, expansion));
    else if (found.has(id)) complain(expansion, entry.place, `“${entry.id}” asks for its own result.`);
    else sources.set(name, [...found]);
  }
  return sources;
}

function unknownId(from: string, id: string, expansion: Expansion): string {
  expansion.names ??= [...new Set(expansion.instances.map(({ entry }) => entry.id))];
  const meant = nearest(id, expansion.names);
  const hint = meant === undefined ? 'No operation or group has that id.' : `Did you mean “${meant}”?`;
  return `“${from}” needs “${shown(id)}”, which is not in the batch. ${hint}`;
}

function duplicateIds(members: readonly Member[], expansion: Expansion): void {
  const seen = new Map<string, BatchPlace>();
  const walk = (all: readonly Member[]): void => {
    for (const member of all) {
      const first = member.id === undefined ? undefined : seen.get(member.id);
      if (first) complain(expansion, member.place, `The id “${member.id}” stands in line ${first.line}, too. Give each its own.`);
      else if (member.id !== undefined) seen.set(member.id, member.place);
      if (member.kind !== 'operation') walk(member.members);
    }
  };
  walk(members);
}
