/** Tunes a number by measurement: a warm-up, then rounds in which each number is tried once, in an order at random. */

import { type ActiveWork, newId, type WorkContext } from './active-run.js';
import { equalityOf } from './equality.js';
import type { Difference } from './measured.js';
import { outcomeReason } from './messages.js';
import type { RunState } from './model.js';
import { curveOf, isNarrow, shuffled } from './scalability.js';
import { seededRandom } from './statistics.js';
import { openSequence, type TrialSequence } from './trial-sequence.js';
import {
  AUTOMATIC,
  type Curve,
  type Tuning,
  type TuningEnd,
  type TuningId,
  type TuningLimits,
  type TuningSubject,
  type TuningTrial,
} from './tuning-model.js';

/** Before these nothing is said to be certain. */
const LEAST_ROUNDS = 3;

export interface TuningProgress {
  readonly tuning: Tuning;
  /** Of the run that goes on. */
  readonly run: RunState | undefined;
  /** From 1; 0 during the warm-up. */
  readonly trial: number;
  /** The most trials there will be, by the limit of rounds; 0 during the warm-up. */
  readonly of: number;
  /** What is tried now; absent during the warm-up. */
  readonly number?: number;
}

export interface ActiveTuning {
  readonly id: TuningId;
  progress(): TuningProgress;
  /** The clock of the run that goes on: milliseconds since it started. */
  now(): number;
  /** Called when a trial starts or ends, and after each event of the run that goes on. */
  onProgress(listener: (progress: TuningProgress) => void): () => void;
  /** Resolves when nothing of it runs any more. */
  cancel(): Promise<void>;
  /** Resolves when it stands in the history. */
  readonly finished: Promise<Tuning>;
}

/** One trial. */
export interface Tried {
  readonly ms: number;
  /** Of all runs that it took, in order. */
  readonly runs: readonly RunState[];
}

/** What is tuned. */
export interface TuningWork {
  readonly subject: TuningSubject;
  readonly limits: TuningLimits;
  readonly seed: number;
  /** Whether the number is one of how many work at once, so that the law of scalability may hold. */
  readonly law: boolean;
  /** Runs the work once, so that no trial pays for cold caches, and says which numbers make sense. */
  warmUp(
    sequence: TrialSequence,
    id: TuningId,
  ): Promise<Tried & { readonly operations: number; readonly numbers: readonly number[] }>;
  /** Whether AUTOMATIC is tried beside the numbers. */
  readonly automatic: boolean;
  attempt(sequence: TrialSequence, number: number, id: TuningId): Promise<Tried>;
}

/** What is known so far. */
interface Standing {
  tuning: Tuning;
  /** From 1; 0 during the warm-up. */
  trial: number;
  number?: number | undefined;
}

/** Starts at once. */
export function startTuning(context: Pick<WorkContext, 'host' | 'history' | 'active'>, work: TuningWork): ActiveTuning {
  const { host, history, active } = context;
  const id = newId<TuningId>(host.date());
  const at: Standing = { trial: 0, tuning: nothingYet(id, host.date().toISOString(), work) };
  const listeners = new Set<(progress: TuningProgress) => void>();
  const tell = () => {
    for (const listener of listeners) listener(progress());
  };
  const sequence = openSequence(tell);
  const progress = (): TuningProgress => {
    const { tuning, trial, number } = at;
    const of = candidatesOf(tuning, work).length * tuning.limits.rounds;
    return {
      ...{ tuning, trial, of },
      // Whoever is told of each event seldom looks at it.
      get run() {
        return sequence.current();
      },
      ...(number === undefined ? {} : { number }),
    };
  };
  const cancel = async () => {
    await sequence.cancel();
    // Why it failed is told to whoever waits for it.
    await finished.catch(() => undefined);
  };
  const self: ActiveWork = { stop: cancel };
  active.add(self);
  const go = async () => {
    const end = await measure({ at, work, sequence, tell, now: host.now });
    at.number = undefined;
    at.tuning = ended({ ...at.tuning, curve: wholeCurve(at.tuning, work) }, end);
    await history.addTuning(at.tuning);
    tell();
    return at.tuning;
  };
  const finished = go().finally(() => active.delete(self));
  return {
    id,
    progress,
    now: () => sequence.now(),
    onProgress(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    cancel,
    finished,
  };
}

function nothingYet(id: TuningId, startedAt: string, { subject, seed, limits }: TuningWork): Tuning {
  return {
    ...{ id, startedAt, subject, operations: 0, seed },
    limits: { rounds: Math.max(1, Math.floor(limits.rounds)), mostMs: Math.max(0, limits.mostMs) },
    ...{ numbers: [], trials: [], curve: { points: [], certain: false }, differences: [] },
  };
}

interface Measuring {
  readonly at: Standing;
  readonly work: TuningWork;
  readonly sequence: TrialSequence;
  readonly tell: () => void;
  readonly now: () => number;
}

/** Warm-up and rounds, until there is a reason to stop. */
async function measure(measuring: Measuring): Promise<TuningEnd> {
  const { at, work, sequence, now } = measuring;
  const began = now();
  const cold = await warmUp(measuring);
  if (cold) return cold;
  const compare = comparer();
  const random = seededRandom(work.seed);
  const { limits } = at.tuning;
  const candidates = candidatesOf(at.tuning, work);
  for (let round = 1; round <= limits.rounds; round += 1) {
    for (const number of shuffled(candidates, random)) {
      if (sequence.cancelled) return { kind: 'cancelled' };
      if (now() - began >= limits.mostMs) return { kind: 'time' };
      const end = await attempt(measuring, round, number, compare);
      if (end) return end;
    }
    at.tuning = { ...at.tuning, curve: wholeCurve(at.tuning, work) };
    if (round >= LEAST_ROUNDS && isNarrow(at.tuning.curve)) return { kind: 'narrow' };
  }
  return { kind: 'rounds' };
}

async function warmUp({ at, work, sequence }: Measuring): Promise<TuningEnd | undefined> {
  const { ms, runs, operations, numbers } = await work.warmUp(sequence, at.tuning.id);
  if (sequence.cancelled) return { kind: 'cancelled' };
  at.tuning = { ...at.tuning, operations, numbers, warmUpMs: ms };
  const broken = brokenBy(runs);
  if (broken !== undefined) return { kind: 'errored', because: broken };
  return numbers.length < 2 ? { kind: 'nothing to tune', because: nothingText(work.subject, operations) } : undefined;
}

async function attempt(
  { at, work, sequence, tell }: Measuring,
  round: number,
  number: number,
  compare: (runs: readonly RunState[], trial: number) => readonly Difference[],
): Promise<TuningEnd | undefined> {
  at.trial += 1;
  at.number = number;
  tell();
  const { ms, runs } = await work.attempt(sequence, number, at.tuning.id);
  if (sequence.cancelled) return { kind: 'cancelled' };
  const broken = brokenBy(runs);
  if (broken !== undefined) return { kind: 'errored', because: broken };
  const trials: readonly TuningTrial[] = [...at.tuning.trials, { round, number, ms }];
  const differences = compare(runs, at.trial);
  // Until the first round is over there are no intervals to lose.
  const curve = round === 1 ? curveOf(trials, { law: false }) : at.tuning.curve;
  at.tuning = { ...at.tuning, trials, curve, differences };
  return differences.length > 0 ? { kind: 'results differ' } : undefined;
}

/** Compares the runs of each trial with those of the first one. */
function comparer(): (runs: readonly RunState[], trial: number) => readonly Difference[] {
  let expected: readonly RunState[] | undefined;
  return (runs, trial) => {
    expected ??= runs;
    const first = expected;
    return runs.flatMap((run, index) =>
      equalityOf([...first.slice(index, index + 1), run].map((state) => ({ state }))).differences.map((difference) => ({
        ...difference,
        trial,
      })),
    );
  };
}

/** What each round tries; nothing before the warm-up has ended. */
function candidatesOf({ numbers }: Tuning, { automatic }: TuningWork): readonly number[] {
  return automatic && numbers.length > 0 ? [...numbers, AUTOMATIC] : numbers;
}

function wholeCurve({ trials, seed }: Tuning, { law }: TuningWork): Curve {
  return curveOf(trials, { seed, law });
}

/** Nothing is recommended where times compare different work, or where a number was never tried. */
function ended(tuning: Tuning, end: TuningEnd): Tuning {
  const complete = tuning.curve.points.length === tuning.numbers.length;
  const { smallest } = tuning.curve;
  const measured = end.kind === 'narrow' || end.kind === 'rounds' || end.kind === 'time';
  return { ...tuning, end, ...(measured && complete && smallest !== undefined ? { recommended: smallest } : {}) };
}

/** Why a run was none that counts: a sentence. What failed has done its work. */
function brokenBy(runs: readonly RunState[]): string | undefined {
  const run = runs.find(({ outcome }) => outcome === 'errored');
  if (!run) return undefined;
  const operation = run.operations.find(({ outcome }) => outcome?.kind === 'errored' || outcome?.kind === 'timed out');
  const reason = operation?.outcome && outcomeReason(operation.outcome);
  if (!operation) return 'A run could not be carried out. The log says why.';
  return `${operation.name} could not do its work${reason === undefined ? '.' : `: ${reason}`}`;
}

function nothingText({ kind }: TuningSubject, operations: number): string {
  if (kind === 'files') return 'Fewer than two files of the workspace can be read, so there is nothing to choose.';
  const what = kind === 'gates' ? 'gate' : 'operation';
  return operations === 0
    ? `No ${what} ran, so there is nothing to measure.`
    : `Only one ${what} runs, so there is nothing to run at the same time.`;
}
