/**
 * Measures a batch as a user would: planned, then verified by the engine. What the suite takes from a verification is taken here and nowhere else.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { ActiveVerification, PlannedBatch } from '../../src/core/engine.js';
import type { Verification } from '../../src/core/measured.js';
import type { RunState } from '../../src/core/model.js';
import { type Bound, boundOf, ratioInterval } from './bounds.js';
import { type Fact, type Figure, fact, type Interval } from './claim.js';
import { MADE, type Place } from './place.js';
import { waitOf } from './stand-ins.js';

/** A batch whose waits are known. */
export interface WaitingBatch {
  readonly name: string;
  readonly operations: readonly object[];
  readonly waits: ReadonlyMap<string, number>;
  readonly slots: number;
  /** It ran once before, so that durations are remembered and what takes long starts first. */
  readonly ranBefore?: boolean;
  /** How many pairs of trials; those of the place when left out. */
  readonly pairs?: number;
}

/** One pair of trials. */
export interface Pair {
  readonly sequential: RunState;
  readonly parallel: RunState;
}

export interface Measurement {
  readonly name: string;
  /** T_sequential ÷ T_parallel: the median over the pairs. */
  readonly ratio: number;
  readonly ratios: readonly number[];
  readonly interval: Interval | undefined;
  /** Medians. */
  readonly sequentialMs: number;
  readonly parallelMs: number;
  readonly verdict: string;
  readonly bound: Bound;
  readonly batch: PlannedBatch;
  readonly pairs: readonly Pair[];
  /** Places where two trials did not give the same. */
  readonly differences: Verification['differences'];
  /** Outcomes, answers and files of all trials are equal. */
  readonly equal: Fact;
}

/** Plans a batch; throws what is wrong with it. */
export async function planned(
  { engine }: Pick<Place, 'engine'>,
  operations: readonly object[],
  slots: number,
): Promise<PlannedBatch> {
  const result = await engine.planBatch(JSON.stringify({ operations }), { slots });
  if (result.kind === 'batch') return result.batch;
  throw new Error(result.problems.map(({ line, message }) => `line ${line}: ${message}`).join(' '));
}

/** A warm-up, then pairs of one sequential and one parallel trial. */
export async function measure(place: Place, waiting: WaitingBatch): Promise<Measurement> {
  const { engine, folder } = place;
  const { name, operations, waits, slots, ranBefore, pairs = place.pairs } = waiting;
  empty(folder);
  if (ranBefore) {
    const batch = await planned(place, operations, slots);
    await engine.runBatch({ batch, mode: 'parallel', slots, failure: 'continue', label: name }).finished;
  }
  const batch = await planned(place, operations, slots);
  const active = engine.verifyBatch(batch, { slots, pairs, label: name });
  const files = filesAfterEach(active, folder);
  const verification = await active.finished;
  const loaded = await engine.loadVerification(verification.id);
  const { ratio, sequentialMs, parallelMs } = verification;
  if (ratio === undefined || sequentialMs === undefined || parallelMs === undefined)
    throw new Error(`The batch “${name}” could not be measured: ${verification.verdict}.`);
  const bound = boundOf(
    batch.plan.operations.map(({ id, access: { locks }, limits = [] }) => ({ id, ms: waitOf(waits, id), locks, limits })),
    batch.plan.edges,
    slots,
  );
  return {
    ...{ name, ratio, sequentialMs, parallelMs, bound, batch },
    ratios: verification.ratios,
    interval: intervalOf(verification),
    verdict: verification.verdict,
    differences: verification.differences,
    pairs: pairsOf(verification, loaded?.runs ?? []),
    equal: equality(verification, loaded?.runs ?? [], files),
  };
}

/** That of the verification where it has one that is sure enough, which takes six pairs; else calculated from its ratios. */
function intervalOf({ interval, ratios }: Verification): Interval | undefined {
  return interval && interval.level >= 0.95 ? { low: interval.low, high: interval.high } : ratioInterval(ratios);
}

function pairsOf({ trials }: Verification, runs: readonly RunState[]): readonly Pair[] {
  const find = (pair: number, mode: string) => {
    const trial = trials.find((each) => each.pair === pair && each.mode === mode);
    return runs.find(({ run }) => run === trial?.run);
  };
  const numbers = [...new Set(trials.map(({ pair }) => pair))];
  return numbers.flatMap((pair) => {
    const [sequential, parallel] = [find(pair, 'sequential'), find(pair, 'parallel')];
    return sequential && parallel ? [{ sequential, parallel }] : [];
  });
}

// ---------------------------------------------------------------------------------------------------------------- files

/** Contents by name, relative with `/`. */
type Files = Readonly<Record<string, string>>;

/**
 * The files of the workspace at the end of each run, by run. Read when the run has finished and its clock has stopped, before the engine puts back what it
 * wrote; what commands made is removed when the next one starts, before its first operation does, so that each trial finds the same.
 */
function filesAfterEach(active: ActiveVerification, folder: string): ReadonlyMap<string, Files> {
  const files = new Map<string, Files>();
  const started = new Set<string>();
  active.onProgress(({ runs }) => {
    const last = runs.at(-1);
    if (!last) return;
    if (!started.has(last.run)) empty(folder);
    started.add(last.run);
    if (last.outcome !== undefined && !files.has(last.run)) files.set(last.run, filesIn(folder));
  });
  return files;
}

/** Contents of all files of a folder, by name; `wanted` says of a name which of them are looked at. */
export function filesIn(folder: string, above = '', wanted: (name: string) => boolean = () => true): Files {
  const entries = readdirSync(path.join(folder, above), { withFileTypes: true }).filter(({ name }) => wanted(name));
  return Object.fromEntries(
    entries.flatMap((entry) => {
      const name = above === '' ? entry.name : `${above}/${entry.name}`;
      if (entry.isDirectory()) return Object.entries(filesIn(folder, name, wanted));
      return [[name, readFileSync(path.join(folder, name), 'utf8')] as const];
    }),
  );
}

/** Removes what commands made. */
export function empty(folder: string): void {
  for (const name of readdirSync(path.join(folder, MADE))) rmSync(path.join(folder, MADE, name), { recursive: true });
}

function equality({ trials, differences }: Verification, runs: readonly RunState[], files: ReadonlyMap<string, Files>): Fact {
  const name = 'outcomes, answers and files are equal';
  const [first, ...others] = trials.map(({ run }) => JSON.stringify(files.get(run)));
  const odd = runs.flatMap(({ operations }) => operations.filter(({ outcome }) => outcome?.kind !== 'passed'));
  const made = Object.keys(files.get(trials[0]?.run ?? '') ?? {}).filter((each) => each.startsWith(`${MADE}/`)).length;
  const [difference] = differences;
  const problems = [
    ...(difference
      ? [
          `“${difference.operation ?? difference.file}” has another ${difference.what}: ${difference.expected} against ${difference.actual}`,
        ]
      : []),
    ...(first === undefined || others.some((other) => other !== first) ? ['files differ'] : []),
    ...(odd[0] ? [`“${odd[0].id}” ended as ${odd[0].outcome?.kind}`] : []),
  ];
  const found = `${runs.length} trials, all passed, ${made} files made in each`;
  return fact(name, problems.length === 0, problems.length === 0 ? found : problems.join('; '));
}

// --------------------------------------------------------------------------------------------------------------- checks

/** The ratio has to be at least `atLeast`. */
export function speedup({ name, ratio, interval, bound }: Measurement, atLeast: number, named = false): Figure {
  return {
    ...{ kind: 'figure', name: named ? name : '', unit: '×', ours: ratio, limit: bound.limit },
    target: { kind: 'at least', value: atLeast },
    ...(interval ? { interval } : {}),
  };
}

/** The ratio has to be at least so large a share of the limit by the plan. */
export function shareOfLimit(measurement: Measurement, share: number): Figure {
  return speedup(measurement, share * measurement.bound.limit, true);
}

/** How close the parallel trials came to the lower bound itself, and how long both took. */
export function timesText({ name, sequentialMs, parallelMs, bound }: Measurement): string {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(3)} s`;
  return `${name}: one after another ${seconds(sequentialMs)}, in parallel ${seconds(parallelMs)}; no schedule is shorter than ${seconds(bound.boundMs)} (${((100 * bound.boundMs) / parallelMs).toFixed(1)} % of it)`;
}
