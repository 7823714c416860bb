/**
 * Pure: how much time running at once has saved so far. Two figures that are never added: one from measured speedups, and estimates.
 * Counted are runs in parallel that passed or failed with at least two operations executed; trials of a verification are not, since they
 * run to measure.
 */
import type { Verification } from './measured.js';
import type { OperationId, RunId } from './model.js';
import { isSound } from './speedup.js';
import type { OperationFigures, RunFigures, TimeSaved } from './trend-model.js';

/** A verification, and what it measured. */
export interface Measurement {
  readonly verification: Verification;
  readonly operations: readonly OperationId[];
}

/** Of these runs; a verification stands for a run of the same operations, kind of scope and slots in which all of them were executed. */
export function timeSaved(runs: readonly RunFigures[], measurements: readonly Measurement[]): TimeSaved {
  const usable = measurements.filter(({ verification }) => isSound(verification));
  const byWork = new Map<string, Measurement[]>();
  for (const each of usable) {
    const work = workOf(each.operations);
    byWork.set(work, [...(byWork.get(work) ?? []), each]);
  }
  const measured = { runs: 0, ms: 0, lowMs: 0, highMs: 0 };
  const estimated = { runs: 0, ms: 0 };
  const counted = runs.filter(isCounted);
  for (const run of counted) {
    const whole = run.operations.length > 0 && run.operations.every(({ ms }) => ms !== undefined);
    const verification =
      whole && !run.newOnly ? standsFor(run, byWork.get(workOf(run.operations.map(({ id }) => id))) ?? []) : undefined;
    if (verification?.ratio !== undefined) {
      const { ratio, interval = { low: ratio, high: ratio } } = verification;
      measured.runs += 1;
      measured.ms += run.makespanMs * (ratio - 1);
      measured.lowMs += run.makespanMs * (interval.low - 1);
      measured.highMs += run.makespanMs * (interval.high - 1);
    } else {
      estimated.runs += 1;
      estimated.ms += run.sumMs - run.makespanMs;
    }
  }
  const [first] = counted.map(({ startedAt }) => startedAt).sort();
  return { measured, estimated, answered: answeredOf(runs), ...(first === undefined ? {} : { since: first }) };
}

function isCounted({ mode, outcome, verification, operations }: RunFigures): boolean {
  if (mode !== 'parallel' || verification !== undefined || (outcome !== 'passed' && outcome !== 'failed')) return false;
  // Of a large batch its operations are not kept.
  return operations.length === 0 || operations.filter(({ ms }) => ms !== undefined).length > 1;
}

/** The newest that was measured before the run, else the first after it. */
function standsFor(run: RunFigures, measurements: readonly Measurement[]): Verification | undefined {
  const same = measurements
    .map(({ verification }) => verification)
    .filter(({ scope, slots, mostSlots }) => {
      return scope === run.scope && mostSlots === run.mostSlots && (mostSlots !== undefined || slots === run.slots);
    })
    .sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
  return same.findLast(({ startedAt }) => startedAt <= run.startedAt) ?? same[0];
}

function workOf(operations: readonly OperationId[]): string {
  return JSON.stringify([...operations].sort());
}

function answeredOf(runs: readonly RunFigures[]): TimeSaved['answered'] {
  const byRun = new Map<RunId, RunFigures>(runs.map((run) => [run.run, run]));
  const lengths = runs.flatMap(({ operations }) =>
    operations.flatMap(({ id, answeredBy }) => {
      const answering: OperationFigures | undefined =
        answeredBy === undefined ? undefined : byRun.get(answeredBy)?.operations.find((each) => each.id === id);
      return answering?.ms ?? [];
    }),
  );
  return { gates: lengths.length, ms: lengths.reduce((sum, ms) => sum + ms, 0) };
}
