/**
 * Pure: with how many slots a run begins of which nobody has fixed them. What the last run of the same work came to saves the time in which
 * the next would find it out again; without one, or in doubt, it is the processors.
 */
import type { Operation, RunState } from './model.js';
import type { SlotRange } from './slots.js';

/** What a run came to. */
export interface CameTo {
  readonly slots: number;
  /** Free memory in bytes before anything of it ran. */
  readonly freeBytes: number;
  /** How many runs in a row came to this or less. */
  readonly runs: number;
}

/** Of the machine, what decides how many operations it can run at once. */
export interface MachineShape {
  readonly processors: number;
  readonly totalBytes: number;
}

/** A run that took less time has not found out anything. */
const FOUND_OUT_MS = 500;
/** With less of the memory that was free then, more than the processors is found out anew. */
const MEMORY_AS_THEN = 0.8;
/** Fewer than usual may have been somebody else's doing: so many runs in a row have to say so. */
const TO_BEGIN_LOW = 2;
const GIGABYTE = 2 ** 30;

/** The same for the same operations, whatever their order, on machines of the same shape with the same limit. */
export function workKey(
  operations: readonly Pick<Operation, 'id' | 'remember'>[],
  { processors, totalBytes }: MachineShape,
  mostSlots: number,
): string {
  const memory = Math.round(totalBytes / GIGABYTE);
  return JSON.stringify([processors, memory, mostSlots, ...operations.map(({ id, remember }) => remember ?? id).sort()]);
}

/**
 * The number of slots that a run had for the most of its time. Undefined where that says nothing: it did not come to its end, was too short, had
 * a fixed number, a user changed it, or operations got in each other's way.
 */
export function slotsOfMostTime(state: RunState): number | undefined {
  const { mode, mostSlots, outcome, at, slotMoves, slots, operations } = state;
  if (mode === 'sequential' || mostSlots === undefined || at < FOUND_OUT_MS) return undefined;
  if (outcome !== 'passed' && outcome !== 'failed') return undefined;
  if (slotMoves.some(({ because }) => because === undefined)) return undefined;
  if (operations.some((each) => each.outcome?.kind === 'passed' && each.outcome.interference)) return undefined;
  const times = new Map<number, number>();
  let since = 0;
  for (const move of [...slotMoves.map(({ at: until, from }) => ({ until, had: from })), { until: at, had: slots }]) {
    times.set(move.had, (times.get(move.had) ?? 0) + move.until - since);
    since = move.until;
  }
  return [...times].reduce((most, each) => (each[1] > most[1] ? each : most))[0];
}

/** What is known after a run. */
export function afterRun(before: CameTo | undefined, slots: number, freeBytes: number): CameTo {
  return { slots, freeBytes, runs: before !== undefined && slots <= before.slots ? before.runs + 1 : 1 };
}

/** The slots to begin with: at least 1, and never more than the range allows. */
export function slotsToBeginWith({ slots, mostSlots }: SlotRange, known: CameTo | undefined, freeBytes: number): number {
  if (mostSlots === undefined || known === undefined) return slots;
  const learned = Math.max(1, Math.min(mostSlots, Math.floor(known.slots)));
  if (learned < slots) return known.runs >= TO_BEGIN_LOW ? learned : slots;
  return freeBytes < known.freeBytes * MEMORY_AS_THEN ? slots : learned;
}
