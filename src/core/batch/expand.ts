/**
 * From a batch as it is written to its operations: matrices and pipelines are multiplied out, groups become needs, limits and atomic sets, ids
 * in needs and references become those of operations. Pure.
 */
import { nearest } from '../complaints.js';
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
const DEFAULT_TIMEOUT_S = 600;

/** `filesOf`: the files that globs match, relative to the workspace folder with `/`, sorted. */
export function expandBatch(document: BatchDocument, filesOf: (globs: readonly string[]) => readonly string[]): Expanded {
  const problems: BatchProblem[] = [...duplicateIds(document.members)];
  const expansion: Expansion = { filesOf, problems, instances: [], taken: new Set(), full: false };
  const root: Scope = { ids: new Map() };
  const around: Around = { scope: root, parameters: new Map(), suffix: '', limits: [], groups: [], needs: [] };
  for (const member of document.members) build(member, around, expansion);
  if (expansion.full)
    problems.push({ line: 1, column: 1, message: `The batch comes to more than ${MOST_OPERATIONS} operations. Divide it.` });
  const operations = expansion.instances.map((instance) => finished(instance, expansion));
  return { operations, problems: problems.sort((a, b) => a.line - b.line || a.column - b.column) };
}

type Value = string | number | boolean;

/** Ids that can be seen from a place. What lies in an instance of a matrix is seen from inside first. */
interface Scope {
  /** Ids as they are written → ids of operations. */
  readonly ids: Map<string, string[]>;
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
  readonly filesOf: (globs: readonly string[]) => readonly string[];
  readonly problems: BatchProblem[];
  readonly instances: Instance[];
  readonly taken: Set<string>;
  full: boolean;
}

/** Adds what the member comes to; resolves with the ids of its operations. */
function build(member: Member, around: Around, expansion: Expansion): readonly string[] {
  const inner: Around = {
    ...around,
    needs: [...around.needs, ...(member.needs ?? []).map((name) => ({ name, place: member.place, scope: around.scope }))],
  };
  const combinations = member.matrix === undefined ? undefined : combined(member.matrix, expansion);
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
  const label = [...values].flatMap(([name, value]) => (name === 'index' ? [] : [labelOf(value)])).join(',');
  return {
    ...around,
    scope: { ids: new Map(), outer: around.scope },
    parameters: new Map([...around.parameters, ...values]),
    suffix: `${around.suffix}[${label}]`,
  };
}

function buildOperation(entry: OperationEntry, around: Around, expansion: Expansion): readonly string[] {
  if (expansion.instances.length >= MOST_OPERATIONS) {
    expansion.full = true;
    return [];
  }
  const wanted = `${entry.id}${around.suffix}`;
  let id = wanted;
  for (let count = 2; expansion.taken.has(id); count += 1) id = `${wanted}#${count}`;
  expansion.taken.add(id);
  const own = entry.atomic && around.atomic === undefined ? { atomic: id } : {};
  expansion.instances.push({ id, entry, around: { ...around, ...own } });
  register(entry.id, [id], around.scope);
  return [id];
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
      const items = valuesOf(group.over ?? [], expansion);
      return items.flatMap((item, index) =>
        buildSequence(
          group.members,
          within(
            limited,
            new Map<string, Value>([
              ['item', item],
              ['index', index],
            ]),
          ),
          expansion,
        ),
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
  for (let place: Scope | undefined = scope; place; place = place.outer)
    place.ids.set(id, [...new Set([...(place.ids.get(id) ?? []), ...operations])]);
}

function lookUp(id: string, scope: Scope): readonly string[] | undefined {
  for (let place: Scope | undefined = scope; place; place = place.outer) {
    const found = place.ids.get(id);
    if (found) return found;
  }
  return undefined;
}

// ---------------------------------------------------------------------------------------------------------------- values

function combined(matrix: Matrix, expansion: Expansion): readonly ReadonlyMap<string, Value>[] {
  return Object.entries(matrix).reduce<readonly ReadonlyMap<string, Value>[]>(
    (all, [name, values]) => {
      const each = valuesOf(values, expansion);
      if (all.length * each.length > MOST_OPERATIONS) {
        expansion.full = true;
        return [];
      }
      return all.flatMap((before) => each.map((value) => new Map([...before, [`matrix.${name}`, value] as const])));
    },
    [new Map()],
  );
}

function valuesOf(values: MatrixValues, { filesOf }: Expansion): readonly Value[] {
  return Array.isArray(values) ? values : filesOf([(values as { readonly glob: string | readonly string[] }).glob].flat());
}

function labelOf(value: Value): string {
  const text = String(value).replace(/\s+/g, ' ');
  return text.length <= 80 ? text : `…${text.slice(-79)}`;
}

// ---------------------------------------------------------------------------------------------------------------- results

/** With everything in place that is known before anything runs. */
function finished({ id, entry, around }: Instance, expansion: Expansion): BatchOperation {
  const { problems } = expansion;
  const complain = (message: string, place: BatchPlace = entry.place) => problems.push({ ...place, message });
  const { tool, place, onFailure = 'stop', locks = [], timeout = DEFAULT_TIMEOUT_S } = entry;
  const fill = <T>(value: T): T => withParameters(value, around.parameters, (each) => each) as T;
  for (const name of new Set(parametersIn([entry.input, entry.reads, entry.writes, entry.locks])))
    if (!around.parameters.has(name)) complain(`“${entry.id}” asks for \${${name}}, which has no value here.`);
  const sources = new Map<string, readonly string[]>();
  for (const reference of referencesIn(entry.input)) {
    const found = lookUp(reference.id, around.scope);
    if (!found) complain(unknownId(entry.id, reference.id, expansion));
    else if (found.includes(id)) complain(`“${entry.id}” asks for its own result.`);
    else sources.set(reference.id, found);
  }
  const needs = around.needs.flatMap((wanted) => {
    if ('operations' in wanted) return wanted.operations;
    const found = lookUp(wanted.name, wanted.scope);
    if (!found) complain(unknownId(entry.id, wanted.name, expansion), wanted.place);
    return (found ?? []).filter((each) => each !== id);
  });
  for (const name of locks.filter((lock, index) => locks.indexOf(lock) !== index))
    complain(`“${entry.id}” takes the lock “${name}” twice, which nobody could give it. Name it once.`);
  const { retries = 0 } = entry;
  return {
    id,
    tool,
    input: fill(entry.input),
    sources,
    needs: [...new Set([...needs, ...[...sources.values()].flat()])],
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

function unknownId(from: string, id: string, { instances }: Expansion): string {
  const meant = nearest(id, [...new Set(instances.map(({ entry }) => entry.id))]);
  const hint = meant === undefined ? 'No operation or group has that id.' : `Did you mean “${meant}”?`;
  return `“${from}” needs “${id}”, which is not in the batch. ${hint}`;
}

function duplicateIds(members: readonly Member[]): readonly BatchProblem[] {
  const seen = new Map<string, BatchPlace>();
  const problems: BatchProblem[] = [];
  const walk = (all: readonly Member[]): void => {
    for (const member of all) {
      const first = member.id === undefined ? undefined : seen.get(member.id);
      if (first)
        problems.push({
          ...member.place,
          message: `The id “${member.id}” stands in line ${first.line}, too. Give each its own.`,
        });
      else if (member.id !== undefined) seen.set(member.id, member.place);
      if (member.kind !== 'operation') walk(member.members);
    }
  };
  walk(members);
  return problems;
}
