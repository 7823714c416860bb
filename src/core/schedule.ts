/**
 * A run as it would be: operations are started as a run does it and take what they are said to take. A projection: nothing slows anything
 * down in it. Pure.
 */
import { createHoldings, type Holder } from './holdings.js';
import { LARGEST_PASS, type Mode, type OperationId, type Plan } from './model.js';
import { inOrder, remainingPaths, remainingWork, turnsOf } from './priorities.js';
import { readyQueue } from './ready.js';

/** What is scheduled: operations in an order in which all edges point forward; everything by their index in it. */
export interface Schedulable {
  readonly holders: readonly Holder[];
  /** Of each those that wait for it. */
  readonly out: readonly (readonly number[])[];
  /** The place of each in the order in which ready ones are started, the first to start least. */
  readonly turns: readonly number[];
  /** Operations with the same key that are ready at the same time are done in one pass. */
  readonly fusions?: readonly (string | undefined)[];
}

/** A number of slots from a moment on. */
export interface SlotsFrom {
  readonly at: number;
  readonly slots: number;
}

/** What has happened of a run until now. */
export interface Progress {
  /** In the unit of the durations. */
  readonly now: number;
  readonly ended: ReadonlySet<number>;
  /** Passes that run: their operations, each with how long it will still run. */
  readonly running: readonly (readonly { readonly at: number; readonly left: number }[])[];
}

/** When, counted from the start, the last operation ends. `slots`: ascending by their moments. */
export interface ScheduleRequest {
  readonly durationOf: (at: number) => number;
  readonly slots: number | readonly SlotsFrom[];
  readonly progress?: Progress;
  /** Told of each operation, by its index, when it takes a slot. */
  readonly started?: (at: number, now: number) => void;
}

/** As a run of the plan would be scheduled. */
export function schedulable(plan: Pick<Plan, 'operations' | 'edges' | 'priorities' | 'durations'>, mode: Mode): Schedulable {
  const index = new Map<OperationId, number>(plan.operations.map(({ id }, at) => [id, at]));
  const out: number[][] = plan.operations.map(() => []);
  for (const { from, to } of plan.edges) out[index.get(from) ?? 0]?.push(index.get(to) ?? 0);
  const sequential = mode === 'sequential';
  return {
    holders: plan.operations,
    out,
    turns: turnsOf(plan, mode),
    ...(sequential ? {} : { fusions: plan.operations.map(({ fusion }) => fusion) }),
  };
}

/**
 * The end of the last operation, counted from the start of the run: dependencies, then locks and places, all at once, then a slot for
 * whichever is the most urgent. Infinite where there are no slots for what waits.
 */
export function makespanOf(work: Schedulable, { durationOf, slots, progress, started }: ScheduleRequest): number {
  const profile = typeof slots === 'number' ? [{ at: 0, slots }] : slots;
  const machine = createMachine(work);
  const { ready, running } = machine;
  let now = progress?.now ?? 0;
  machine.begin(progress ?? NOTHING_YET);
  for (;;) {
    const allowed = slotsAt(profile, now);
    for (let first = ready.first(); first !== undefined && machine.busy() < allowed; first = ready.first()) {
      const members = passOf(first, ready, work.fusions);
      for (const at of members) {
        ready.delete(at);
        started?.(at, now);
      }
      machine.start(
        now,
        members.map((at) => ({ at, left: durationOf(at) })),
      );
    }
    const next = running.first();
    const change = ready.first() === undefined ? undefined : profile.find(({ at }) => at > now);
    if (change && (!next || change.at < next.end)) now = change.at;
    else if (next) {
      now = next.end;
      machine.endAll(now);
    } else return ready.first() === undefined ? now : Number.POSITIVE_INFINITY;
  }
}

const NOTHING_YET: Progress = { now: 0, ended: new Set(), running: [] };

/** What holds what, what runs and what is ready. */
function createMachine({ holders, out, turns }: Schedulable) {
  const holdings = createHoldings();
  const turnOf = turns.slice();
  const urgent = (a: number, b: number) => (turnOf[a] ?? 0) - (turnOf[b] ?? 0) || a - b;
  const ready = readyQueue(urgent);
  const running = readyQueue<Running>((a, b) => a.end - b.end || a.at - b.at);
  const waiting = readyQueue(urgent);
  const missing = holders.map(() => 0);
  for (const all of out) for (const next of all) missing[next] = (missing[next] ?? 0) + 1;
  let busy = 0;
  const indexOf = new Map(holders.map(({ id }, at) => [id, at]));
  const hasten = (holder: number, waiter: number) => {
    const turn = turnOf[waiter] ?? 0;
    if ((turnOf[holder] ?? 0) <= turn) return;
    const isReady = ready.delete(holder);
    turnOf[holder] = turn;
    if (isReady) ready.add(holder);
  };
  const take = (at: number) => {
    const holder = holders[at];
    if (!holder) return;
    if (holdings.isFree(holder)) {
      waiting.delete(at);
      holdings.take(holder);
      ready.add(at);
      return;
    }
    const isNew = !waiting.delete(at);
    waiting.add(at);
    // Of what wants one thing only, whoever gets that meanwhile is more urgent already.
    if (isNew || wants(holder) > 1) for (const id of holdings.obstacles(holder).by) hasten(indexOf.get(id) ?? at, at);
  };
  const released = (at: number): readonly number[] =>
    (out[at] ?? []).filter((next) => {
      const count = (missing[next] ?? 0) - 1;
      missing[next] = count;
      return count === 0;
    });
  const start = (now: number, members: Progress['running'][number]) => {
    const pass = { open: members.length };
    busy += 1;
    for (const { at, left } of members) running.add({ at, end: now + Math.max(0, left), pass });
  };
  return {
    ready,
    running,
    busy: () => busy,
    start,
    begin({ now, ended, running: passes }: Progress) {
      const begun = new Set(ended);
      for (const pass of passes) {
        for (const { at } of pass) {
          const holder = holders[at];
          if (holder) holdings.take(holder);
          begun.add(at);
        }
        start(now, pass);
      }
      for (const at of ended) released(at);
      const free = missing.flatMap((count, at) => (count === 0 && !begun.has(at) ? [at] : []));
      for (const at of free.sort(urgent)) take(at);
    },
    /** As a run does it: what waits for a lock gets it before what only becomes ready now. */
    endAll(now: number) {
      const freed: number[] = [];
      let isFreed = false;
      for (let ending = running.first(); ending && ending.end <= now; ending = running.first()) {
        running.delete(ending);
        ending.pass.open -= 1;
        if (ending.pass.open === 0) busy -= 1;
        const holder = holders[ending.at];
        if (holder && wants(holder) > 0) {
          holdings.free(holder);
          isFreed = true;
        }
        freed.push(...released(ending.at));
      }
      const wanting = (at: number) => wants(holders[at] ?? NOBODY);
      for (const at of waiting.filter((each) => isFreed || wanting(each) > 1))
        if (wanting(at) > 1 || holdings.isFree(holders[at] ?? NOBODY)) take(at);
      for (const at of freed.sort((a, b) => a - b)) take(at);
    },
  };
}

const NOBODY: Holder = { id: '' as OperationId, access: { locks: [] } };

/** How many locks and places it needs. */
function wants({ access, limits = [] }: Holder): number {
  return access.locks.length + limits.length;
}

interface Running {
  readonly at: number;
  readonly end: number;
  readonly pass: { open: number };
}

function passOf(first: number, ready: ReturnType<typeof readyQueue<number>>, fusions: Schedulable['fusions']): readonly number[] {
  const key = fusions?.[first];
  return key === undefined ? [first] : ready.filter((at) => fusions?.[at] === key, LARGEST_PASS);
}

function slotsAt(profile: readonly SlotsFrom[], now: number): number {
  return (profile.findLast(({ at }) => at <= now) ?? profile[0])?.slots ?? 1;
}

// ---------------------------------------------------------------------------------------------------------- projections

/** A run with so many slots, and what no run can beat. */
export interface Projected {
  readonly slots: number;
  /** From the start to the end of the last operation, in the unit of the durations. */
  readonly makespan: number;
  /** No run with so many slots can be shorter: the longest chain, the work of all on all slots, the work of all that hold one lock. */
  readonly bound: number;
}

/** Operations with what they take; durations and locks by the indices of `out`. */
export interface Work {
  readonly durations: readonly number[];
  readonly locks: readonly (readonly string[])[];
  readonly out: readonly (readonly number[])[];
  /** Of each its own duration and the longest chain after it. */
  readonly paths: readonly number[];
}

/** The work of operations in an order in which all edges point forward. */
export function workOf(
  out: readonly (readonly number[])[],
  durations: readonly number[],
  locks: readonly (readonly string[])[],
): Work {
  return { out, durations, locks, paths: remainingPaths({ out, durations }) };
}

/** The run with so many slots, in which each operation takes a slot of its own. */
export function projected(work: Work, slots: number): Projected {
  const { out, durations, locks } = work;
  const holders = locks.map((own, at) => ({ id: String(at) as OperationId, access: { locks: own } }));
  const priorities = remainingWork({ out, durations, holders });
  const turns = inOrder(durations.length, (a, b) => (priorities[b] ?? 0) - (priorities[a] ?? 0) || a - b);
  const makespan = makespanOf({ holders, out, turns }, { durationOf: (at) => durations[at] ?? 0, slots });
  return { slots, makespan, bound: Math.max(floorOf(work), sum(durations) / slots) };
}

/** What no number of slots makes shorter: the longest chain, and the work of all that hold one lock. */
export function floorOf({ durations, locks, paths }: Work): number {
  const held = new Map<string, number>();
  locks.forEach((own, at) => {
    for (const lock of own) held.set(lock, (held.get(lock) ?? 0) + (durations[at] ?? 0));
  });
  return [...paths, ...held.values()].reduce((most, each) => Math.max(most, each), 0);
}

/** The longest chain of operations, in order. */
export function longestChain({ out, paths }: Pick<Work, 'out' | 'paths'>): readonly number[] {
  const longest = (all: readonly number[]) =>
    all.reduce<number | undefined>(
      (best, at) => (best !== undefined && (paths[best] ?? 0) >= (paths[at] ?? 0) ? best : at),
      undefined,
    );
  const later = new Set(out.flat());
  const chain: number[] = [];
  for (
    let at = longest(paths.map((_, index) => index).filter((index) => !later.has(index)));
    at !== undefined;
    at = longest(out[at] ?? [])
  )
    chain.push(at);
  return chain;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
