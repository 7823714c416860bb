/**
 * Pure: how long a run will take, and how long one that goes on still takes, by scheduling what is known of its operations as the run
 * would. Estimates, to be labelled as such; none where a duration is unknown.
 */
import { type Duration, type Weighted, weightedQuantile } from './durations.js';
import type { Mode, OperationId, OperationState, Plan, Prediction, Remaining, RunState } from './model.js';
import { leavesOf } from './parts.js';
import { makespanOf, type Progress, type SlotsFrom, schedulable } from './schedule.js';
import { studentQuantile } from './statistics.js';

/** What is predicted. */
export interface Predicted {
  readonly plan: Pick<Plan, 'operations' | 'edges' | 'priorities' | 'durations'>;
  readonly expected: ReadonlyMap<OperationId, Duration>;
  readonly mode: Mode;
  /** How many there will be from when on. */
  readonly slots: number | readonly SlotsFrom[];
  /** Operations that are not executed. */
  readonly settled?: { has(id: OperationId): boolean };
}

/** Four of five such runs lie between `lowMs` and `highMs` of a prediction: all but this share above and below. */
const BEYOND = 0.1;
/** An interval needs so many remembered runs. */
const RUNS_OF_AN_INTERVAL = 3;

/**
 * The middle of how long the run would take if its operations took what they took in each of the remembered runs: what was slow in the same
 * run is slow together. And between what four of five such runs lie, as far as so few tell: the prediction interval of the normal
 * distribution, by Student's t. Undefined while a duration is unknown.
 */
export function predict({ plan, expected, mode, slots, settled }: Predicted): Prediction | undefined {
  const known = durationsIn(plan, expected, settled);
  if (!known) return undefined;
  const work = schedulable(plan, mode);
  const end = (durationOf: (at: number) => number) => makespanOf(work, { durationOf, slots });
  const makespans = runsOf(known, Math.floor(MOST_SCHEDULED / effortOf(plan))).map(({ run, weight }) => {
    // What did not run then takes what it usually takes.
    const lengths = known.map(({ values, ms }) => values.find((value) => value.run === run)?.ms ?? ms);
    return { ms: end((at) => lengths[at] ?? 0), weight };
  });
  const ms = weightedQuantile(makespans, 0.5) ?? end((at) => known[at]?.ms ?? 0);
  const runs = makespans.length || runsOf(known, Number.POSITIVE_INFINITY).length;
  if (makespans.length < RUNS_OF_AN_INTERVAL) return { ms, runs };
  const usual = deviation(makespans.map((each) => each.ms));
  const half = usual * studentQuantile(1 - BEYOND, makespans.length - 1) * Math.sqrt(1 + 1 / makespans.length);
  return { ms, lowMs: Math.max(0, ms - half), highMs: ms + half, runs };
}

/** The standard deviation of what these were drawn from. At least two values. */
function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}

const TAKES_NOTHING: Duration = { ms: 0, values: [], basis: 'measured' };

/** By the place in the plan; undefined when one is unknown. */
function durationsIn(
  { operations }: Predicted['plan'],
  expected: Predicted['expected'],
  settled: Predicted['settled'],
): readonly Duration[] | undefined {
  const known = operations.map(({ id }) => (settled?.has(id) ? TAKES_NOTHING : expected.get(id)));
  return known.every((each) => each !== undefined) ? known : undefined;
}

/** The newest remembered runs that any of the durations comes from, each once, with the most that it counts: at most so many. */
function runsOf(durations: readonly Duration[], most: number): readonly Weighted[] {
  const runs = new Map<number, Weighted>();
  for (const { values } of durations)
    for (const value of values) if (value.weight > (runs.get(value.run)?.weight ?? 0)) runs.set(value.run, value);
  return [...runs.values()].sort((a, b) => b.run - a.run).slice(0, most);
}

/** Operations are scheduled at most so often for a prediction, which nobody should have to wait for. */
const MOST_SCHEDULED = 6_000;

/** What scheduling a plan once costs, in operations: what waits for a lock or place is looked at whenever one gets free. */
function effortOf({ operations }: Predicted['plan']): number {
  const waiting = operations.filter(({ access, limits = [] }) => access.locks.length + limits.length > 0).length;
  return Math.max(1, operations.length + waiting ** 2 / 50);
}

// ---------------------------------------------------------------------------------------------------- while it goes on

/** An operation that runs this many times as long as the longest that is remembered of it is late. */
const LATE = 1.1;

/**
 * Says of any state of a run when it will end. Of what runs, only durations count that are longer than it has run already. Undefined while
 * a duration of something that has not ended is unknown, and for a run that has ended.
 */
export function remainingOf({
  plan,
  expected,
  mode,
  slots,
}: Omit<Predicted, 'settled'>): (state: RunState, now: number) => Remaining | undefined {
  const work = schedulable(plan, mode);
  const indexOf = new Map(plan.operations.map(({ id }, at) => [id, at]));
  const lengths = plan.operations.map(({ id }) => expected.get(id));
  return (state, now) => {
    if (state.outcome !== undefined) return undefined;
    const progress = progressOf(leavesOf(state.operations), { indexOf, lengths, now });
    if (!progress) return undefined;
    const durationOf = (at: number) => lengths[at]?.ms ?? 0;
    const endsAt = makespanOf(work, { durationOf, slots: slotsFrom(state, now, slots), progress });
    if (!Number.isFinite(endsAt)) return undefined;
    return { endsAt, ...(progress.late ? { late: true as const } : {}) };
  };
}

/** As many as there are now, until such a run had another number. */
function slotsFrom({ slots: current, mostSlots }: RunState, now: number, learned: Predicted['slots']): readonly SlotsFrom[] {
  const later = typeof learned === 'number' || mostSlots === undefined ? [] : learned.filter(({ at }) => at > now);
  return [{ at: 0, slots: current }, ...later];
}

interface Looked {
  readonly indexOf: ReadonlyMap<OperationId, number>;
  readonly lengths: readonly (Duration | undefined)[];
  readonly now: number;
}

function progressOf(
  operations: readonly OperationState[],
  { indexOf, lengths, now }: Looked,
): (Progress & { readonly late: boolean }) | undefined {
  const ended = new Set<number>();
  const lanes = new Map<number, { at: number; left: number }[]>();
  let late = false;
  for (const { id, phase, lane = 0, segments } of operations) {
    const at = indexOf.get(id);
    if (at === undefined) continue;
    if (phase === 'finished') {
      ended.add(at);
      continue;
    }
    const duration = lengths[at];
    if (!duration) return undefined;
    if (phase !== 'running') continue;
    const elapsed = Math.max(0, now - (segments.at(-1)?.from ?? now));
    const left = leftOf(duration, elapsed);
    late ||= left === undefined;
    const pass = lanes.get(lane) ?? [];
    pass.push({ at, left: left ?? 0 });
    lanes.set(lane, pass);
  }
  return { now, ended, running: [...lanes.values()], late };
}

/** How long what has run for `elapsed` milliseconds goes on; undefined when it has never taken that long. */
function leftOf({ values }: Duration, elapsed: number): number | undefined {
  const longer = values.filter(({ ms }) => ms > elapsed);
  const ms = weightedQuantile(longer, 0.5);
  if (ms !== undefined) return ms - elapsed;
  const longest = values.reduce((most, value) => Math.max(most, value.ms), 0);
  return elapsed > longest * LATE ? undefined : 0;
}
