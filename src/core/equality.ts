/** Pure: where trials did not give the same, and whether that is a matter of running in parallel. */

import { type Difference, type FilesLeft, NORMALISED, type Normalised } from './measured.js';
import type { Finding, Mode, OperationId, OperationState, RunState } from './model.js';
import { normalise } from './normalise.js';

/** A trial as it is compared. */
export interface ComparedTrial {
  readonly state: RunState;
  /** Absent when nobody looked. */
  readonly left?: FilesLeft;
}

export interface Equality {
  readonly differences: readonly Difference[];
  /** Files that differ between sequential trials already, or of which a single sequential trial cannot tell. */
  readonly varying: readonly string[];
  readonly normalised: readonly Normalised[];
  /** Files of which only the size is known in at least one trial: in all of them no more than that is compared. */
  readonly bySize: readonly string[];
  /** Why files were not compared. */
  readonly filesNotCompared?: string;
}

/** One thing that is compared, in each trial. */
interface Compared {
  readonly what: Difference['what'];
  readonly operation?: OperationId;
  readonly file?: string;
  /** By trial: equal keys are equal results; `shown` is for people. Undefined where a trial does not have it. */
  readonly values: readonly (Value | undefined)[];
}

interface Value {
  readonly key: string;
  readonly shown: string;
  /** What `key` is made of, where a difference is one of members. */
  readonly members?: readonly string[];
}

/** Compares all trials that were not cancelled with the first sequential one. Trials count from 1, as they are given. */
export function equalityOf(trials: readonly ComparedTrial[]): Equality {
  const seen = new Set<Normalised>();
  const counted = trials.flatMap((trial, index) =>
    trial.state.outcome === undefined || trial.state.outcome === 'cancelled' ? [] : [{ ...trial, number: index + 1 }],
  );
  const modes = counted.map(({ state }) => state.mode);
  const numbers = counted.map(({ number }) => number);
  const operations = [...new Set(counted.flatMap(({ state }) => state.operations.map(({ id }) => id)))];
  const unknown = counted.map(({ left }) => left).find((left) => left?.kind === 'unknown');
  const all = [
    ...operations.flatMap((operation) =>
      ofOperation(
        operation,
        counted.map(({ state }) => state.operations.find(({ id }) => id === operation)),
        seen,
      ),
    ),
    ...(unknown ? [] : filesOf(counted, seen)),
  ];
  const bySize = new Set(unknown ? [] : counted.flatMap(({ left }) => (left?.kind === 'files' ? (left.bySize ?? []) : [])));
  const unequal = withCauses(
    all.flatMap((each) => differenceOf(each, modes, numbers)),
    modes,
  );
  return {
    differences: unequal.filter((each) => each.what !== 'file' || isOnlyInParallel(each)),
    varying: unequal.flatMap((each) => (each.file !== undefined && !isOnlyInParallel(each) ? [each.file] : [])),
    normalised: NORMALISED.filter((what) => seen.has(what)),
    bySize: [...bySize].sort(),
    ...(unknown ? { filesNotCompared: unknown.because } : {}),
  };
}

/** Of what says the same thing only the first counts: another outcome has another exit code, and other findings. */
function ofOperation(
  operation: OperationId,
  states: readonly (OperationState | undefined)[],
  seen: Set<Normalised>,
): readonly Compared[] {
  const of = (what: Difference['what'], value: (state: OperationState) => Value | undefined): Compared => ({
    ...{ what, operation },
    values: states.map((state) => state && value(state)),
  });
  const all: readonly Compared[] = [
    of('outcome', ({ outcome }) => plain(outcome?.kind ?? 'none')),
    of('exit code', ({ exitCode }) => (exitCode === undefined ? undefined : plain(String(exitCode)))),
    of('answer', ({ answer }) => {
      for (const what of answer?.normalised ?? []) seen.add(what);
      return answer?.digest === undefined ? undefined : { key: answer.digest, shown: answer.summary };
    }),
    of('findings', (state) => findingsOf(state, seen)),
  ];
  const differs = all.find(({ values }) => new Set(present(values).map(({ key }) => key)).size > 1);
  return differs ? [differs] : [];
}

function plain(text: string): Value {
  return { key: text, shown: text };
}

/** Findings of a state never change, and each is compared again after every trial. */
const compared = new WeakMap<OperationState, { readonly value: Value; readonly without: readonly Normalised[] }>();

/** As a set: place, rule, severity and message. The end of an output is no finding to compare. */
function findingsOf(state: OperationState, seen: Set<Normalised>): Value {
  const known = compared.get(state) ?? comparedFindings(state);
  compared.set(state, known);
  for (const what of known.without) seen.add(what);
  return known.value;
}

function comparedFindings({ findings }: OperationState): { readonly value: Value; readonly without: readonly Normalised[] } {
  const without = new Set<Normalised>();
  const members = findings
    .filter((finding) => finding.output === undefined)
    .map((finding) => findingKey(finding, without))
    .sort();
  return { value: { key: members.join('\n'), shown: `${members.length} in all`, members }, without: [...without] };
}

function findingKey({ file, line, column, severity, rule, message }: Finding, seen: Set<Normalised>): string {
  const { text, without } = normalise(message);
  for (const what of without) seen.add(what);
  return `${file}:${line}:${column} ${severity} ${rule ?? ''} ${text}`;
}

/** What a trial did not touch is there as it was before. */
function filesOf(trials: readonly ComparedTrial[], seen: Set<Normalised>): readonly Compared[] {
  const all = trials.map(({ left }) => (left?.kind === 'files' ? left : undefined));
  for (const left of all) for (const what of left?.without ?? []) seen.add(what);
  const files = [...new Set(all.flatMap((left) => [...(left?.files.keys() ?? [])]))].sort();
  const sized = new Set(all.flatMap((left) => left?.bySize ?? []));
  return files.map((file) => ({
    what: 'file',
    file,
    values: all.map((left) => {
      if (!left) return undefined;
      const size = left.large?.get(file);
      if (sized.has(file) && size !== undefined) return plain(`${size} bytes`);
      const key = left.files.get(file) ?? 'as it was before';
      return { key, shown: key === 'gone' || key === 'as it was before' ? key : `content ${key.slice(0, 8)}` };
    }),
  }));
}

/** A difference whose cause is still to be told. */
interface Unequal {
  readonly difference: Difference;
  readonly isFlaky: boolean;
  /** Indices of the parallel trials that differ. */
  readonly differing: readonly number[];
}

function differenceOf({ values, ...of }: Compared, modes: readonly Mode[], numbers: readonly number[]): readonly Unequal[] {
  const indices = values.flatMap((value, index) => (value ? [index] : []));
  const sequential = indices.filter((index) => modes[index] === 'sequential');
  const first = sequential[0] ?? indices[0];
  const reference = first === undefined ? undefined : values[first];
  if (first === undefined || !reference) return [];
  const differing = indices.filter((index) => values[index]?.key !== reference.key);
  const flaky = differing.find((index) => modes[index] === 'sequential');
  const other = flaky ?? differing[0];
  const value = other === undefined ? undefined : values[other];
  if (other === undefined || !value) return [];
  const difference = {
    ...of,
    expected: describe(reference, value),
    actual: describe(value, reference),
    trial: numbers[other] ?? 0,
  };
  return [{ difference, isFlaky: flaky !== undefined, differing: differing.filter((index) => modes[index] === 'parallel') }];
}

/**
 * What differs only in parallel trials, but in too few of them by itself, is a matter of running in parallel also where all of that together
 * is in enough of them: of two that exclude each other, now one loses and now the other.
 */
function withCauses(unequal: readonly Unequal[], modes: readonly Mode[]): readonly Difference[] {
  const sequential = modes.filter((mode) => mode === 'sequential').length;
  const parallel = modes.length - sequential;
  const seenOf = (differing: readonly number[]) => ({ parallel, differing: differing.length, sequential });
  const isSeldom = ({ isFlaky, differing }: Unequal) => !isFlaky && causeOf(seenOf(differing)) === 'undecided';
  const together = new Set(unequal.filter(isSeldom).flatMap(({ differing }) => differing));
  const seldom = causeOf(seenOf([...together]));
  return unequal.map((each) => {
    const { difference, isFlaky, differing } = each;
    if (isFlaky) return { ...difference, cause: 'flaky' };
    if (sequential < 2) return difference;
    return { ...difference, cause: isSeldom(each) ? seldom : 'parallel', seen: seenOf(differing) };
  });
}

function isOnlyInParallel({ cause }: Difference): boolean {
  return cause === 'parallel' || cause === 'undecided';
}

/** Something that differs by itself would differ in parallel trials alone with at most this probability. */
const BY_CHANCE = 0.05;

/**
 * By Fisher's exact test (1922): how probable it is that all trials that differ happen to be parallel ones, if that had nothing to do with it:
 * C(parallel, differing) / C(parallel + sequential, differing).
 */
function causeOf({ parallel, differing, sequential }: NonNullable<Difference['seen']>): 'parallel' | 'undecided' {
  let probability = 1;
  for (let drawn = 0; drawn < differing; drawn += 1) probability *= (parallel - drawn) / (parallel + sequential - drawn);
  return probability <= BY_CHANCE ? 'parallel' : 'undecided';
}

function describe({ shown, members }: Value, other: Value): string {
  if (!members) return shown;
  const known = new Set(other.members);
  const only = members.filter((member) => !known.has(member));
  return `${shown}${only[0] === undefined ? '' : `, ${only.length} only here, such as ${only[0]}`}`;
}

function present<Item>(values: readonly (Item | undefined)[]): readonly Item[] {
  return values.filter((value) => value !== undefined);
}
