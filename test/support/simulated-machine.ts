/** A machine that exists in numbers only: operations share its processors and its memory, and somebody moves the slots. */
import { firstMemory, nextSlots, type Reading, type SlotMemory } from '../../src/core/slots.js';

/** What an operation does: so long of a processor, then so long of nothing, again and again; all the time it holds memory. */
export interface Work {
  readonly turns: number;
  readonly computesMs: number;
  readonly waitsMs: number;
  readonly megabytes: number;
}

export interface Machine {
  readonly processors: number;
  readonly megabytes: number;
  /** Processors that others use all the time. */
  readonly others?: number;
}

/** Milliseconds of a processor that the start of a process takes. */
const STARTS_MS = 50;
const STEP_MS = 2;
const LOOK_MS = 100;

interface Going {
  readonly work: Work;
  turn: number;
  /** Of a processor, then of nothing. */
  computes: number;
  waits: number;
}

/** How long the works take with a fixed number of slots, or with those that Volley chooses from `slots` up to `most`. */
export function simulate(
  machine: Machine,
  works: readonly Work[],
  slots: number,
  most?: number,
): { ms: number; moves: string[] } {
  const { processors, megabytes, others = 0 } = machine;
  const waiting = [...works];
  let going: Going[] = [];
  let [at, busyMs, ownMs, stalledMs] = [0, 0, 0, 0];
  const moves: string[] = [];
  const reading = (): Reading => ({
    ...{ at, processors, busyMs, ownMs, stalledMs, slots, paces: [], running: going.length, waiting: waiting.length },
    memory: { freeBytes: (megabytes - held(going)) * 2 ** 20, totalBytes: megabytes * 2 ** 20 },
  });
  let memory: SlotMemory | undefined = most === undefined ? undefined : firstMemory(most, reading());
  while (waiting.length > 0 || going.length > 0) {
    while (going.length < slots) {
      const work = waiting.shift();
      if (!work) break;
      going.push({ work, turn: 0, computes: STARTS_MS + work.computesMs, waits: work.waitsMs });
    }
    const computing = going.filter(({ computes }) => computes > 0);
    // What others use they share as one more of the same kind each.
    const wanted = computing.length + others;
    const share = wanted === 0 ? 0 : Math.min(1, processors / wanted);
    // Beyond the memory that there is, most of the time goes into fetching what was put away.
    const thrashes = held(going) > megabytes;
    for (const each of going) progress(each, share * (thrashes ? 0.1 : 1));
    going = going.filter(({ turn, work }) => turn < work.turns);
    at += STEP_MS;
    ownMs += computing.length * share * STEP_MS;
    busyMs += Math.min(processors, wanted) * STEP_MS;
    if (thrashes) stalledMs += STEP_MS * 0.9;
    if (memory && at % LOOK_MS === 0) {
      const next = nextSlots(memory, reading());
      memory = next.memory;
      if (next.change) {
        moves.push(`at ${at} ms ${slots} → ${next.change.slots}: ${next.change.because}`);
        slots = next.change.slots;
      }
    }
  }
  return { ms: at, moves };
}

function held(going: readonly Going[]): number {
  return going.reduce((sum, { work }) => sum + work.megabytes, 0);
}

function progress(each: Going, share: number): void {
  if (each.computes > 0) each.computes -= share * STEP_MS;
  else each.waits -= STEP_MS;
  if (each.computes > 0 || each.waits > 0) return;
  each.turn += 1;
  each.computes = each.work.computesMs;
  each.waits = each.work.waitsMs;
}
