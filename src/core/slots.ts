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

/** A window must be so long before it says something, in milliseconds. */
const SHORTEST_WINDOW_MS = 90;
/** Readings older than this say nothing of now. */
export const LONGEST_WINDOW_MS = 500;
/** To give up what runs already takes more patience than to begin. */
const PATIENCE_MS = 400;
/** The share of memory that stays free. */
const MEMORY_RESERVE = 0.1;
/** The share of time in which something waits for memory, from which on less is faster. */
const STALLED = 0.1;
/** The share of the processors' time above which they are saturated, and below which there is room. */
const SATURATED = 0.98;
const ROOM = 0.9;
/** Of one processor: what takes less mostly waits for something else. */
const MOSTLY_WAITS = 0.05;
const MEMORY_HOLD_MS = 5000;
const RETREAT_HOLD_MS = 1000;
/** What one operation takes of memory below this is not told from noise. */
const NOTICEABLE_BYTES = 32 * 2 ** 20;

export function firstMemory(most: number, first: Reading): SlotMemory {
  return { most, freeAtFirst: first.memory.freeBytes, readings: [first], holdUntil: 0, retreats: 0 };
}

/** The next number of slots, when it is another one, and what to know at the next reading. */
export function nextSlots(memory: SlotMemory, reading: Reading): { readonly memory: SlotMemory; readonly change?: SlotChange } {
  const recent = memory.readings.filter(({ at, slots }) => reading.at - at <= LONGEST_WINDOW_MS && slots === reading.slots);
  const kept: SlotMemory = { ...memory, readings: [...recent, reading] };
  const window = windowOf(recent, reading);
  const move = window && (less(kept, window) ?? more(kept, window));
  if (!move) return { memory: kept };
  const { change, ...rest } = move;
  return { memory: { ...kept, ...rest, readings: [reading] }, change };
}

interface Move extends Partial<Pick<SlotMemory, 'holdUntil' | 'retreats'>> {
  readonly change: SlotChange;
}

/** What happened between the oldest reading that counts and now. */
interface Window {
  readonly now: Reading;
  readonly lastsMs: number;
  /** How many processors were at work, for anybody and for this run. */
  readonly busy: number;
  readonly own?: number;
  /** The share of the time in which something waited for memory. */
  readonly stalled: number;
  /** The least that ran at once, and the least that waited for a slot. */
  readonly running: number;
  readonly waiting: number;
}

function windowOf(before: readonly Reading[], now: Reading): Window | undefined {
  const [first] = before;
  const lastsMs = first === undefined ? 0 : now.at - first.at;
  if (first === undefined || lastsMs < SHORTEST_WINDOW_MS) return undefined;
  const all = [...before, now];
  const rate = (from: number, to: number) => Math.max(0, to - from) / lastsMs;
  const { ownMs } = now;
  return {
    now,
    lastsMs,
    busy: Math.min(now.processors, rate(first.busyMs, now.busyMs)),
    ...(ownMs === undefined || first.ownMs === undefined ? {} : { own: rate(first.ownMs, ownMs) }),
    stalled: rate(first.stalledMs ?? 0, now.stalledMs ?? 0),
    running: Math.min(...all.map(({ running }) => running)),
    waiting: Math.min(...all.map(({ waiting }) => waiting)),
  };
}

function less(memory: SlotMemory, window: Window): Move | undefined {
  const { slots } = window.now;
  if (slots <= 1) return undefined;
  return lessForMemory(window) ?? lessForPace(window) ?? lessForProcessors(memory, window);
}

function lessForMemory({ now, stalled, running }: Window): Move | undefined {
  const free = now.memory.freeBytes / now.memory.totalBytes;
  if (running <= 1 || (free >= MEMORY_RESERVE && stalled < STALLED)) return undefined;
  const because =
    free < MEMORY_RESERVE
      ? `Memory is short: ${percent(free)} of it is free.`
      : `Memory is short: ${percent(stalled)} of the time something waited for it.`;
  return { change: { slots: halved(Math.min(now.slots, running)), because }, holdUntil: now.at + MEMORY_HOLD_MS };
}

/** With n at once, each n times as long as by itself is no faster than one after another. */
function lessForPace({ now, running }: Window): Move | undefined {
  const { paces, slots } = now;
  if (running < slots || paces.length < Math.max(3, slots)) return undefined;
  const pace = [...paces].sort((a, b) => a - b)[Math.floor((paces.length - 1) / 2)] ?? 0;
  if (pace < slots) return undefined;
  const because = `With ${slots} at once each operation takes ${pace.toFixed(1)} times as long as it is remembered, so nothing is gained.`;
  return { change: { slots: halved(slots), because }, holdUntil: now.at + MEMORY_HOLD_MS };
}

/** Beyond the processors, what runs and is never idle only takes turns. */
function lessForProcessors({ retreats }: SlotMemory, { now, lastsMs, busy, own, running }: Window): Move | undefined {
  const surplus = now.slots - now.processors;
  const mine = own === undefined || own >= now.processors / 2;
  if (surplus <= 0 || running <= now.processors || lastsMs < PATIENCE_MS) return undefined;
  if (busy < now.processors * SATURATED || !mine) return undefined;
  return {
    change: {
      slots: now.slots - Math.ceil(surplus / 2),
      because: 'All processors are busy, so more at once would only take turns.',
    },
    holdUntil: now.at + RETREAT_HOLD_MS * 2 ** retreats,
    retreats: retreats + 1,
  };
}

/** So many more as the free processors and the free memory have room for, by what those that run take. */
function more(memory: SlotMemory, window: Window): Move | undefined {
  const { now, running, waiting, busy, own } = window;
  const { slots, processors } = now;
  if (running < slots || waiting < 1 || slots >= memory.most || now.at < memory.holdUntil) return undefined;
  const each = (own ?? busy) / running;
  const idle = processors * ROOM - busy;
  const waits = own !== undefined && each < MOSTLY_WAITS;
  if (idle <= 0 && !waits) return undefined;
  const room = waits ? memory.most : Math.max(1, Math.floor(idle / Math.max(each, MOSTLY_WAITS)));
  const added = Math.min(room, memoryRoom(memory, window), memory.most - slots, waiting);
  if (added < 1) return undefined;
  const because = waits
    ? `What runs mostly waits: it takes ${percent(each)} of a processor each.`
    : `There is room: ${percent(1 - busy / processors)} of the processors are idle.`;
  return { change: { slots: slots + added, because } };
}

function memoryRoom({ freeAtFirst }: SlotMemory, { now, running }: Window): number {
  const { freeBytes, totalBytes } = now.memory;
  const each = (freeAtFirst - freeBytes) / running;
  const left = freeBytes - totalBytes * MEMORY_RESERVE;
  if (left <= 0) return 0;
  return each < NOTICEABLE_BYTES ? Number.POSITIVE_INFINITY : Math.floor(left / each);
}

function halved(slots: number): number {
  return Math.max(1, Math.floor(slots / 2));
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
