/**
 * Pure: breaks the floor that the longest check puts under a run. A gate that alone sets the plan's bound while slots are free is
 * divided into parts, as even as its remembered cost allows.
 */
import type { Operation, OperationId, Plan } from './model.js';

/** A part costs the start of its tool once more; a shorter gate has nothing to gain. */
export const SHORTEST_DIVIDED_MS = 2000;

/** A gate that can be divided. */
export interface Divisible {
  readonly operation: Operation;
  /** Into how many parts at most: its files, or whatever its tool can take. */
  readonly most: number;
  /** How long the longest of its parts ran when it was divided last, by their number; what has been tried and was no better. */
  readonly tried?: { readonly parts: number; readonly longestMs: number };
}

/**
 * Into how many parts each gate is divided; gates that stay whole are left out. Divided are gates whose own duration is longer than what
 * the others would take on all slots: without them the run would be over earlier, so slots are free. A gate whose duration is not known
 * stays whole, and so does one whose parts took as long as the whole when that was tried.
 */
export function divide(
  plan: Plan,
  durations: ReadonlyMap<OperationId, number>,
  slots: number,
  divisible: readonly Divisible[],
): ReadonlyMap<OperationId, number> {
  const counts = new Map<OperationId, number>();
  if (slots < 2) return counts;
  const lengths = new Map(plan.operations.map(({ id }) => [id, durations.get(id) ?? 0]));
  const work = [...lengths.values()].reduce((sum, ms) => sum + ms, 0);
  // Two gates may both be longer than an even share.
  const byLength = [...divisible].sort((a, b) => (lengths.get(b.operation.id) ?? 0) - (lengths.get(a.operation.id) ?? 0));
  for (const { operation, most, tried } of byLength) {
    const own = lengths.get(operation.id) ?? 0;
    const even = work / slots;
    if (own < SHORTEST_DIVIDED_MS || own < even * WORTH_TRYING) break;
    const parts = Math.min(slots, most, Math.max(2, Math.ceil(own / Math.max(even, 1))));
    const inVain = tried !== undefined && tried.parts >= parts && tried.longestMs > own * WORTH_KEEPING;
    if (parts >= 2 && !inVain) counts.set(operation.id, parts);
  }
  return counts;
}

/** A gate has to be this much longer than an even share of the work. */
const WORTH_TRYING = 1.2;
/** The longest part has to be this much shorter than the whole. */
const WORTH_KEEPING = 0.9;

/**
 * `items` in `count` groups of about equal cost, none empty while there are enough items; the order within a group is that of `items`.
 * The most expensive first, each to the group that is lightest so far (longest processing time first: at most 4/3 of the best).
 */
export function balanced<Item>(
  items: readonly Item[],
  count: number,
  costOf: (item: Item) => number,
): readonly (readonly Item[])[] {
  const groups = Array.from({ length: Math.max(1, Math.min(count, items.length)) }, () => ({ cost: 0, members: [] as number[] }));
  const order = items
    .map((item, index) => ({ index, cost: Math.max(costOf(item), 0) }))
    .sort((a, b) => b.cost - a.cost || a.index - b.index);
  for (const { index, cost } of order) {
    const lightest = groups.reduce((best, group) =>
      group.cost < best.cost || (group.cost === best.cost && group.members.length < best.members.length) ? group : best,
    );
    lightest.cost += cost;
    lightest.members.push(index);
  }
  return groups.map(({ members }) => members.sort((a, b) => a - b).flatMap((index) => items.slice(index, index + 1)));
}

/** What is known of the cost of files in milliseconds, by path. */
export type FileCosts = Readonly<Record<string, number>>;

/**
 * The costs after a part with these files took `ms`: what was expected of the files is scaled to what they took together, and new
 * knowledge counts as much as old. A file of which nothing is known counts by `sizeOf`, in the unit of the known ones.
 */
export function learnCosts(known: FileCosts, files: readonly string[], ms: number, sizeOf: (file: string) => number): FileCosts {
  const expected = files.map((file) => expectedCost(known, file, sizeOf));
  const sum = expected.reduce((total, cost) => total + cost, 0);
  if (sum <= 0 || files.length === 0) return known;
  const learned = files.map((file, index) => {
    const share = ((expected[index] ?? 0) / sum) * ms;
    const before = known[file];
    return [file, before === undefined ? share : (before + share) / 2] as const;
  });
  return { ...known, ...Object.fromEntries(learned) };
}

/** What a file is expected to cost: what is remembered, or by its size at a rate of one millisecond a kilobyte, never nothing. */
export function expectedCost(known: FileCosts, file: string, sizeOf: (file: string) => number): number {
  return Math.max(Object.hasOwn(known, file) ? (known[file] ?? 0) : sizeOf(file) / 1000, 0.01);
}
