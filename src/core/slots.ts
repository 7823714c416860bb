/**
 * Pure: how many operations run at once, when Volley decides it. From readings of the machine, taken a few times a second, to moves:
 * down when what runs slows itself down or memory runs short, up when there is room.
 */

/** How many operations run at once at first, and up to which number Volley moves that by itself. */
export interface SlotRange {
  /** At least 1. */
  readonly slots: number;
  /** Absent when the number is fixed. */
  readonly mostSlots?: number;
}

/** The range that is asked for; a sequential run has one slot. */
export function slotRange(asked: SlotRange & { readonly mode?: 'parallel' | 'sequential' }): SlotRange {
  const whole = (number: number) => Math.max(1, Math.floor(number));
  if (asked.mode === 'sequential') return { slots: 1 };
  const slots = whole(asked.slots);
  return asked.mostSlots === undefined ? { slots } : { slots, mostSlots: Math.max(slots, whole(asked.mostSlots)) };
}

/** How many slots there are at most when nobody says another number. */
export const DEFAULT_MOST_SLOTS = 10;

/** The range of a run of which nobody has fixed the slots: it begins with the processors. */
export function automaticSlots(processors: number, mostSlots: number = DEFAULT_MOST_SLOTS): SlotRange {
  return { slots: Math.max(1, Math.min(processors, mostSlots)), mostSlots };
}

/** What can allow less slots than a user has asked for. */
export type SlotLimit = 'machine' | 'budget' | 'interference';

/** How many slots each of those who have a say allows. */
export function limitsOf({ slots, mostSlots }: SlotRange): Map<SlotLimit | 'asked', number> {
  return new Map(
    mostSlots === undefined
      ? [['asked', slots]]
      : [
          ['asked', mostSlots],
          ['machine', slots],
        ],
  );
}

/** What the machine and the run look like at one moment. Times are sums since some moment before, in milliseconds. */
export interface Reading {
  /** Monotonic. */
  readonly at: number;
  readonly processors: number;
  /** Time that all processors together have worked, for anybody. */
  readonly busyMs: number;
  /** The part of it that was for this run and the process that it runs in; absent where nobody can tell. */
  readonly ownMs?: number;
  /** Time in which something waited for memory; absent where nobody can tell. */
  readonly stalledMs?: number;
  readonly memory: { readonly freeBytes: number; readonly totalBytes: number };
  /** Operations that run, a pass counted once. */
  readonly running: number;
  /** Operations that only wait for a slot. */
  readonly waiting: number;
  readonly slots: number;
  /** Of operations that have ended since the number of slots changed last, how many times longer than remembered they ran. */
  readonly paces: readonly number[];
}

/** What is known besides the readings. */
export interface SlotMemory {
  readonly most: number;
  /** Free memory when nothing of the run ran yet. */
  readonly freeAtFirst: number;
  /** The most bytes that one operation was seen to take, as an average of those that ran: what has just started has not taken its own yet. */
  readonly eachBytes: number;
  /** The readings since the last move, oldest first. */
  readonly readings: readonly Reading[];
  /** Nothing more is started before this moment. */
  readonly holdUntil: number;
  /** How often the number went down because the processors were busy. */
  readonly retreats: number;
}

export interface SlotChange {
  readonly slots: number;
  /** A sentence. */
  readonly because: string;
}

/** So long something has to be seen before it counts, in milliseconds: that operations wait, that there is room, that there is none. */
const WAITS_FOR_MS = 90;
const ROOM_FOR_MS = 190;
const SATURATED_FOR_MS = 900;
/** The share of memory that stays free. */
const MEMORY_RESERVE = 0.1;
/** The share of time in which something waits for memory, from which on less is faster. */
const STALLED = 0.1;
/** The share of the processors' time above which they are saturated, and below which there is room. */
const SATURATED = 0.98;
const ROOM = 0.97;
/** So many operations a processor are left where these are saturated: while one waits for a file, another one computes. */
const LEFT = 3;
/** Of one processor: what takes less mostly waits for something else. */
const MOSTLY_WAITS = 0.05;
const MEMORY_HOLD_MS = 2000;
const PACE_HOLD_MS = 5000;
const RETREAT_HOLD_MS = 1000;
/** What one operation takes of memory below this is not told from noise. */
const NOTICEABLE_BYTES = 32 * 2 ** 20;

/** What is known before the first move. `freeAtFirst`: free memory in bytes before anything ran, when `first` was read later. */
export function firstMemory(most: number, first: Reading, freeAtFirst = first.memory.freeBytes): SlotMemory {
  return { most, freeAtFirst, eachBytes: 0, readings: [first], holdUntil: 0, retreats: 0 };
}

/** The next number of slots, when it is another one, and what to know at the next reading. */
export function nextSlots(memory: SlotMemory, reading: Reading): { readonly memory: SlotMemory; readonly change?: SlotChange } {
  // What ran while more ran than is allowed now says nothing of what is allowed.
  const recent = memory.readings.filter(
    ({ at, slots, running }) => reading.at - at <= 2 * SATURATED_FOR_MS && slots === reading.slots && running <= slots,
  );
  const each = (memory.freeAtFirst - reading.memory.freeBytes) / Math.max(1, reading.running);
  const kept: SlotMemory = { ...memory, eachBytes: Math.max(memory.eachBytes, each), readings: [...recent, reading] };
  const over = (ms: number) => windowOf(recent, reading, ms);
  const move =
    lessForMemory(kept, over(WAITS_FOR_MS)) ??
    lessForPace(over(WAITS_FOR_MS)) ??
    lessForProcessors(kept, over(SATURATED_FOR_MS)) ??
    moreForWaiting(kept, over(WAITS_FOR_MS)) ??
    moreForRoom(kept, over(ROOM_FOR_MS));
  if (!move) return { memory: kept };
  const { change, ...rest } = move;
  // What follows the move is measured from now on.
  return { memory: { ...kept, ...rest, readings: [{ ...reading, slots: change.slots }] }, change };
}

interface Move extends Partial<Pick<SlotMemory, 'holdUntil' | 'retreats'>> {
  readonly change: SlotChange;
}

/** What happened from a reading until now. */
interface Window {
  readonly now: Reading;
  /** How many processors were at work, for anybody and for this run. */
  readonly busy: number;
  readonly own?: number;
  /** The share of the time in which something waited for memory. */
  readonly stalled: number;
  /** The least that ran at once, and the least that waited for a slot, at the readings after the first. */
  readonly running: number;
  readonly waiting: number;
}

/** The shortest window that lasts so long; undefined while there is none. */
function windowOf(before: readonly Reading[], now: Reading, atLeastMs: number): Window | undefined {
  const from = before.findLastIndex(({ at }) => now.at - at >= atLeastMs);
  const first = before[from];
  if (!first) return undefined;
  const after = [...before.slice(from + 1), now];
  const lastsMs = now.at - first.at;
  const rate = (from: number, to: number) => Math.max(0, to - from) / lastsMs;
  const { ownMs } = now;
  return {
    now,
    busy: Math.min(now.processors, rate(first.busyMs, now.busyMs)),
    ...(ownMs === undefined || first.ownMs === undefined ? {} : { own: rate(first.ownMs, ownMs) }),
    stalled: rate(first.stalledMs ?? 0, now.stalledMs ?? 0),
    running: Math.min(...after.map(({ running }) => running)),
    waiting: Math.min(...after.map(({ waiting }) => waiting)),
  };
}

/** To as many as fit by what those that run have taken; to half where that does not explain it. Not while more run than the last move allows. */
function lessForMemory({ freeAtFirst }: SlotMemory, window: Window | undefined): Move | undefined {
  if (!window) return undefined;
  const { now, stalled, running } = window;
  const { freeBytes, totalBytes } = now.memory;
  const free = Math.max(0, freeBytes) / totalBytes;
  if (now.slots <= 1 || running <= 1 || now.running > now.slots) return undefined;
  if (free >= MEMORY_RESERVE && stalled < STALLED) return undefined;
  const fit = Math.floor((freeAtFirst - totalBytes * MEMORY_RESERVE) / ((freeAtFirst - freeBytes) / now.running));
  const slots = fit >= 1 && fit < now.slots ? fit : halved(Math.min(now.slots, running));
  const because =
    free < MEMORY_RESERVE
      ? `Memory is short: ${percent(free)} of it is free.`
      : `Memory is short: ${percent(stalled)} of the time something waited for it.`;
  return { change: { slots, because }, holdUntil: now.at + MEMORY_HOLD_MS };
}

/** With n at once, each n times as long as by itself is no faster than one after another. */
function lessForPace(window: Window | undefined): Move | undefined {
  if (!window) return undefined;
  const { now, running } = window;
  const { paces, slots } = now;
  if (slots <= 1 || running < slots || paces.length < Math.max(3, slots)) return undefined;
  const pace = [...paces].sort((a, b) => a - b)[Math.floor((paces.length - 1) / 2)] ?? 0;
  if (pace < slots) return undefined;
  const because = `With ${slots} at once each operation takes ${pace.toFixed(1)} times as long as it is remembered, so nothing is gained.`;
  return { change: { slots: halved(slots), because }, holdUntil: now.at + PACE_HOLD_MS };
}

/** Far beyond the processors, what runs and is never idle only takes turns. */
function lessForProcessors({ retreats }: SlotMemory, window: Window | undefined): Move | undefined {
  if (!window) return undefined;
  const { now, busy, own, running } = window;
  const left = now.processors * LEFT;
  const mine = own === undefined || own >= now.processors / 2;
  if (now.slots <= left || running <= left || busy < now.processors * SATURATED || !mine) return undefined;
  const slots = now.slots - Math.ceil((now.slots - left) / 2);
  return {
    change: { slots, because: 'All processors are busy, so more at once would only take turns.' },
    holdUntil: now.at + RETREAT_HOLD_MS * 2 ** retreats,
    retreats: retreats + 1,
  };
}

/** What waits for other things than processors does not mind how busy these are. */
function moreForWaiting(memory: SlotMemory, window: Window | undefined): Move | undefined {
  if (!window || !wantsMore(memory, window)) return undefined;
  const each = (window.own ?? Number.POSITIVE_INFINITY) / window.running;
  if (each >= MOSTLY_WAITS) return undefined;
  return raised(memory, window, memory.most, `What runs mostly waits: it takes ${percent(each)} of a processor each.`);
}

/** More while processors are idle, by what those that run take. */
function moreForRoom(memory: SlotMemory, window: Window | undefined): Move | undefined {
  if (!window || !wantsMore(memory, window)) return undefined;
  const { now, running, busy, own } = window;
  const idle = now.processors * ROOM - busy;
  if (idle <= 0) return undefined;
  const each = Math.max((own ?? busy) / running, MOSTLY_WAITS);
  const because = `There is room: ${percent(1 - busy / now.processors)} of the processors are idle.`;
  // Twice as many as would fill them if none ever waited for another: some always do, and what is too much takes turns.
  return raised(memory, window, Math.max(1, Math.round((2 * idle) / each)), because);
}

function wantsMore({ most, holdUntil }: SlotMemory, { now, running, waiting }: Window): boolean {
  return running >= now.slots && waiting >= 1 && now.slots < most && now.at >= holdUntil;
}

function raised(memory: SlotMemory, window: Window, by: number, because: string): Move | undefined {
  const { slots } = window.now;
  const added = Math.min(by, memoryRoom(memory, window), memory.most - slots, window.waiting);
  return added < 1 ? undefined : { change: { slots: slots + added, because } };
}

/** So many more fit into the memory that was free at first, if each takes what the others took at most. */
function memoryRoom({ freeAtFirst, eachBytes }: SlotMemory, { now, running }: Window): number {
  const { freeBytes, totalBytes } = now.memory;
  const reserve = totalBytes * MEMORY_RESERVE;
  if (freeBytes <= reserve) return 0;
  return eachBytes < NOTICEABLE_BYTES ? Number.POSITIVE_INFINITY : Math.floor((freeAtFirst - reserve) / eachBytes) - running;
}

function halved(slots: number): number {
  return Math.max(1, Math.floor(slots / 2));
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
