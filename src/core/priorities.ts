/**
 * Pure: which of several operations that could run is started first. The longest remaining path comes first, and what others wait for
 * because it holds something they need counts what is behind it. Priorities decide who starts earlier, never what may overlap.
 */
import type { Holder } from './holdings.js';
import type { Mode, Plan } from './model.js';
import { ascending, quantileOfSorted } from './statistics.js';

/** Operations in an order in which all edges point forward; everything by their index in it. */
export interface Weighed {
  /** Of each those that wait for it. */
  readonly out: readonly (readonly number[])[];
  /** What each holds while it runs. */
  readonly holders: readonly Pick<Holder, 'access' | 'limits'>[];
  /** Running times in any unit. */
  readonly durations: readonly number[];
}

/** Of each its own duration and the longest chain after it. */
export function remainingPaths({ out, durations }: Pick<Weighed, 'out' | 'durations'>): readonly number[] {
  return fromTheEnd(out, durations, () => 0);
}

/**
 * Of each how long the run goes on at least once it has started, by the longest of: its own path, and the work of those that wait for a
 * lock or a place in a group behind it. Of holders of one lock the one with the longest path after it goes first (Jackson's rule, which is
 * best for one machine with tails), so that each counts itself and all behind it; where a group has several places, its work is shared
 * among them.
 */
export function remainingWork(weighed: Weighed): readonly number[] {
  const { out, durations, holders } = weighed;
  const paths = remainingPaths(weighed);
  const behind = durations.map(() => 0);
  for (const { most, members } of contended(holders)) {
    const after = (at: number) => (paths[at] ?? 0) - (durations[at] ?? 0);
    let following = 0;
    for (const at of members.sort((a, b) => after(a) - after(b) || b - a)) {
      following = (durations[at] ?? 0) / most + Math.max(after(at), following);
      behind[at] = Math.max(behind[at] ?? 0, following);
    }
  }
  return fromTheEnd(out, durations, (at) => behind[at] ?? 0);
}

function fromTheEnd(out: Weighed['out'], durations: readonly number[], atLeast: (at: number) => number): readonly number[] {
  const remaining = durations.map(() => 0);
  for (let at = durations.length - 1; at >= 0; at -= 1) {
    const longest = (out[at] ?? []).reduce((most, next) => Math.max(most, remaining[next] ?? 0), 0);
    remaining[at] = Math.max((durations[at] ?? 0) + longest, atLeast(at));
  }
  return remaining;
}

interface Contended {
  /** How many may hold it at the same time. */
  readonly most: number;
  readonly members: number[];
}

/** Locks and groups that more operations want than may hold them. */
function contended(holders: Weighed['holders']): readonly Contended[] {
  const named = new Map<string, Contended>();
  const add = (key: string, most: number, at: number) => {
    const known = named.get(key);
    if (known) known.members.push(at);
    else named.set(key, { most, members: [at] });
  };
  holders.forEach(({ access, limits = [] }, at) => {
    for (const lock of new Set(access.locks)) add(`lock ${lock}`, 1, at);
    for (const { name, most } of limits) add(`group ${name}`, most, at);
  });
  return [...named.values()].filter(({ most, members }) => members.length > most);
}

/** What an unknown duration weighs beside these known ones, from 0 to 1 of them: as much as those that are longer than most. */
const UNKNOWN_AS_LONG_AS = 0.9;

/**
 * What stands for a duration that is not known where operations are put in order: it is taken for a long one, since starting a long one
 * late costs more than starting a short one early. It is never shown, and nothing is predicted from it. Where nothing is known all weigh 1,
 * so that the longest chain comes first by the number of its operations.
 */
export function weightOfUnknown(known: Iterable<number>): number {
  return quantileOfSorted([...known].sort(ascending), UNKNOWN_AS_LONG_AS) ?? 1;
}

/** From so many unknown durations on. A handful starts as it is listed: people watch it, and little is gained. */
const LONG_LIST = 16;

/**
 * The turn of each operation of a plan, by its index: among those that are ready the one with the least is started first. In a sequential
 * run turns are the order of the plan. Of equal priority those of unknown duration come first, then what stands first in the list. A long
 * list of unknown ones is begun at both of its ends: lists are often sorted, and the longest of a sorted list stands at one of its ends; in
 * lists that are not sorted this is as good as any order.
 */
export function turnsOf(plan: Pick<Plan, 'operations' | 'priorities' | 'durations'>, mode: Mode): readonly number[] {
  const { operations, priorities, durations } = plan;
  if (mode === 'sequential') return operations.map((_, index) => index);
  const known = operations.map(({ id }) => durations.has(id));
  const count = operations.length;
  const isLong = known.filter((isKnown) => !isKnown).length >= LONG_LIST;
  const keys = operations.map(({ id }, index) => ({
    priority: priorities.get(id) ?? 0,
    isKnown: Number(known[index]),
    place: isLong && !known[index] ? Math.min(2 * index, 2 * (count - index) - 1) : index,
  }));
  return inOrder(count, (a, b) => {
    const [first, second] = [keys[a], keys[b]];
    if (!first || !second) return a - b;
    return second.priority - first.priority || first.isKnown - second.isKnown || first.place - second.place || a - b;
  });
}

/** The place of each of `count` items in the order that `compare` puts their indices into. */
export function inOrder(count: number, compare: (a: number, b: number) => number): readonly number[] {
  const places: number[] = new Array(count).fill(0);
  const order = Array.from({ length: count }, (_, index) => index).sort(compare);
  for (const [place, index] of order.entries()) places[index] = place;
  return places;
}
