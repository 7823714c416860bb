/** What is possible at most, and how sure a measured value is. Pure: every figure of the suite that is not measured is calculated here. */
import type { Interval } from './claim.js';

/** An operation that waits so many milliseconds. */
export interface Waiting {
  readonly id: string;
  readonly ms: number;
  readonly locks?: readonly string[];
  /** Groups of which only some members run at the same time; `member`: the one that it belongs to, absent: itself. */
  readonly limits?: readonly { readonly name: string; readonly most: number; readonly member?: string }[];
}

export interface Bound {
  /** All waits, one after another. */
  readonly workMs: number;
  /** No schedule is shorter: the largest of the longest chain, work ÷ slots, and what each lock and each limited group takes. */
  readonly boundMs: number;
  /** workMs ÷ boundMs. */
  readonly limit: number;
}

/** The lower bound of the makespan. All edges point forward in the order of the operations. */
export function boundOf(
  operations: readonly Waiting[],
  edges: readonly { readonly from: string; readonly to: string }[],
  slots: number,
): Bound {
  const before = new Map<string, string[]>();
  for (const { from, to } of edges) before.set(to, [...(before.get(to) ?? []), from]);
  const ends = new Map<string, number>();
  for (const { id, ms } of operations)
    ends.set(id, ms + Math.max(0, ...(before.get(id) ?? []).map((each) => ends.get(each) ?? 0)));
  const workMs = sum(operations.map(({ ms }) => ms));
  const boundMs = Math.max(0, ...ends.values(), workMs / slots, ...heldMs(operations));
  return { workMs, boundMs, limit: workMs / boundMs };
}

/** For each lock the time of all who hold it; for each group that of its members, of each at least its longest operation, ÷ how many may run. */
function heldMs(operations: readonly Waiting[]): readonly number[] {
  const locks = new Map<string, number>();
  const groups = new Map<string, { readonly most: number; readonly members: Map<string, number> }>();
  for (const { id, ms, locks: wanted = [], limits = [] } of operations) {
    for (const lock of wanted) locks.set(lock, (locks.get(lock) ?? 0) + ms);
    for (const { name, most, member = id } of limits) {
      const group = groups.get(name) ?? { most, members: new Map() };
      group.members.set(member, Math.max(group.members.get(member) ?? 0, ms));
      groups.set(name, group);
    }
  }
  return [...locks.values(), ...[...groups.values()].map(({ most, members }) => sum([...members.values()]) / most)];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/**
 * The bound of a flow shop by its machines (Lageweg, Lenstra & Rinnooy Kan 1978): each stage has to do all its work, after the shortest way of an
 * item to it and before the shortest way from it. Exact when all items are alike. Milliseconds by item, then by stage.
 */
export function flowShopBound(items: readonly (readonly number[])[]): number {
  const stages = items[0]?.length ?? 0;
  const bounds = Array.from({ length: stages }, (_, stage) => {
    const head = Math.min(...items.map((item) => sum(item.slice(0, stage))));
    const tail = Math.min(...items.map((item) => sum(item.slice(stage + 1))));
    return head + sum(items.map((item) => item[stage] ?? 0)) + tail;
  });
  return Math.max(0, ...bounds, ...items.map(sum));
}

/** Student's t for 95 % in the middle, by degrees of freedom from 1; beyond the table that of its end, which is larger. */
const STUDENT = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131];

/** The 95 % interval of a mean by Student's t; undefined for fewer than two values. */
export function meanInterval(values: readonly number[]): Interval | undefined {
  const count = values.length;
  if (count < 2) return undefined;
  const mean = sum(values) / count;
  const variance = sum(values.map((value) => (value - mean) ** 2)) / (count - 1);
  const reach = (STUDENT[Math.min(count - 1, STUDENT.length) - 1] ?? 0) * Math.sqrt(variance / count);
  return { low: mean - reach, high: mean + reach };
}

/** The 95 % interval of ratios: that of the mean of their logarithms, so that 2 and 1/2 lie equally far from 1. Undefined for fewer than two. */
export function ratioInterval(ratios: readonly number[]): Interval | undefined {
  const logarithms = meanInterval(ratios.map(Math.log));
  return logarithms && { low: Math.exp(logarithms.low), high: Math.exp(logarithms.high) };
}

/** The same interval after a function that only falls, or only rises. */
export function mapInterval(interval: Interval | undefined, map: (value: number) => number): Interval | undefined {
  if (!interval) return undefined;
  const [one, other] = [map(interval.low), map(interval.high)];
  return { low: Math.min(one, other), high: Math.max(one, other) };
}
