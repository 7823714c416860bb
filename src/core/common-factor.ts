/**
 * Pure: what all gates of a run have in common. A machine that is busy makes all of them slower at once; a change of one gate is what is left
 * of its durations when that is taken out. The factor of a run is the median, over gates, of how much longer each took than it usually does
 * (a median polish of one step; Tukey 1977, "Exploratory Data Analysis", chapter 11), so that up to half of them may change by themselves.
 */
import type { RunId } from './model.js';
import { ascending, median, quantileOfSorted } from './statistics.js';

/** With fewer others in a run nothing is said of what they have in common. */
export const LEAST_OTHERS = 3;
/** So many runs are a step. */
const STEP = 50;

/** How long something took in one run; milliseconds, above 0. */
export interface Taken {
  readonly run: RunId;
  readonly startedAt: string;
  readonly ms: number;
}

/** Durations that may be compared with each other: those of one gate in runs of one kind. */
export interface Lengths {
  /** By which gate: it is no other to itself, in whatever kind of run. */
  readonly gate: string;
  readonly taken: readonly Taken[];
}

export interface CommonFactor {
  /** How many times as long as usual the others of a run took, as a median; 1 where there are too few of them. */
  without(gate: string, run: RunId): number;
  /** The same of all that were executed in it, by run, in the order of the runs; only those with at least one more than `LEAST_OTHERS`. */
  readonly ofRuns: readonly { readonly run: RunId; readonly startedAt: string; readonly factor: number }[];
}

/** Nothing is known of any run. */
export const NOTHING_COMMON: CommonFactor = { without: () => 1, ofRuns: [] };

/** In steps, between which others may go on. */
export function* commonFactor(all: Iterable<Lengths>): Generator<void, CommonFactor> {
  const runs = new Map<RunId, { readonly gate: string; readonly excess: number }[]>();
  const starts = new Map<RunId, string>();
  for (const { gate, taken } of all) {
    const logarithms = taken.filter(({ ms }) => ms > 0).map(({ ms, ...which }) => ({ ...which, logarithm: Math.log(ms) }));
    const usual = median(logarithms.map(({ logarithm }) => logarithm)) ?? 0;
    for (const { run, startedAt, logarithm } of logarithms) {
      starts.set(run, startedAt);
      const known = runs.get(run) ?? [];
      runs.set(run, known);
      known.push({ gate, excess: logarithm - usual });
    }
    yield;
  }
  const ofRuns: CommonFactor['ofRuns'][number][] = [];
  const without = new Map<RunId, ReadonlyMap<string, number>>();
  for (const [index, [run, gates]] of [...runs].entries()) {
    if (index % STEP === STEP - 1) yield;
    if (gates.length <= LEAST_OTHERS) continue;
    const sorted = gates.map(({ excess }) => excess).sort(ascending);
    ofRuns.push({ run, startedAt: starts.get(run) ?? '', factor: Math.exp(quantileOfSorted(sorted, 0.5) ?? 0) });
    without.set(run, new Map(gates.map(({ gate, excess }) => [gate, Math.exp(withoutOne(sorted, excess))])));
  }
  ofRuns.sort((a, b) => (a.run < b.run ? -1 : 1));
  return { without: (gate, run) => without.get(run)?.get(gate) ?? 1, ofRuns };
}

/** The median of the others. */
function withoutOne(sorted: readonly number[], value: number): number {
  const place = sorted.indexOf(value);
  const at = (index: number) => sorted[index < place ? index : index + 1] ?? 0;
  const middle = (sorted.length - 2) / 2;
  return (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2;
}
