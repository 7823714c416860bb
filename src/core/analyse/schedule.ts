/**
 * A run as it would be: operations are started as a run does it, the longest remaining path first, and take what they are said to take. A
 * projection: nothing slows anything down in it, and each operation takes a slot of its own. Pure.
 */
import type { Graph } from './graph.js';

export interface Projected {
  readonly slots: number;
  /** From the start to the end of the last operation, in the unit of the durations. */
  readonly makespan: number;
  /** No run with so many slots can be shorter: the longest chain, the work of all on all slots, the work of all that hold one lock. */
  readonly bound: number;
}

/** What is scheduled; durations and locks by the indices of the graph. */
export interface Work {
  readonly graph: Graph;
  readonly durations: readonly number[];
  readonly locks: readonly (readonly string[])[];
  /** Of each its own duration and the longest chain after it. */
  readonly paths: readonly number[];
}

/** The work of a plan. */
export function workOf(graph: Graph, durations: readonly number[], locks: readonly (readonly string[])[]): Work {
  const paths: number[] = durations.map(() => 0);
  // All edges point forward.
  for (let at = durations.length - 1; at >= 0; at -= 1)
    paths[at] = (durations[at] ?? 0) + (graph.out[at] ?? []).reduce((most, next) => Math.max(most, paths[next] ?? 0), 0);
  return { graph, durations, locks, paths };
}

/** The run with so many slots. */
export function projected(work: Work, slots: number): Projected {
  const { graph, durations, locks, paths } = work;
  const left = graph.ids.map(() => 0);
  for (const next of graph.out.flat()) left[next] = (left[next] ?? 0) + 1;
  const order = (a: number, b: number) => (paths[b] ?? 0) - (paths[a] ?? 0) || a - b;
  let ready = left.flatMap((count, at) => (count === 0 ? [at] : [])).sort(order);
  let running: { readonly at: number; readonly end: number }[] = [];
  const held = new Set<string>();
  let now = 0;
  while (ready.length > 0 || running.length > 0) {
    const waiting: number[] = [];
    for (const at of ready) {
      const own = locks[at] ?? [];
      if (running.length >= slots || own.some((lock) => held.has(lock))) waiting.push(at);
      else {
        for (const lock of own) held.add(lock);
        running.push({ at, end: now + (durations[at] ?? 0) });
      }
    }
    now = running.reduce((least, { end }) => Math.min(least, end), Number.POSITIVE_INFINITY);
    const freed: number[] = [];
    for (const { at } of running.filter(({ end }) => end <= now)) {
      for (const lock of locks[at] ?? []) held.delete(lock);
      for (const next of graph.out[at] ?? []) {
        const count = (left[next] ?? 0) - 1;
        left[next] = count;
        if (count === 0) freed.push(next);
      }
    }
    running = running.filter(({ end }) => end > now);
    ready = [...waiting, ...freed].sort(order);
  }
  return { slots, makespan: now, bound: Math.max(floorOf(work), sum(durations) / slots) };
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
export function longestChain({ graph, paths }: Work): readonly number[] {
  const longest = (all: readonly number[]) =>
    all.reduce<number | undefined>(
      (best, at) => (best !== undefined && (paths[best] ?? 0) >= (paths[at] ?? 0) ? best : at),
      undefined,
    );
  const later = new Set(graph.out.flat());
  const chain: number[] = [];
  for (
    let at = longest(graph.ids.map((_, index) => index).filter((index) => !later.has(index)));
    at !== undefined;
    at = longest(graph.out[at] ?? [])
  )
    chain.push(at);
  return chain;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
