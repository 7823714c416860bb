/**
 * Pure: turns a batch in sequential order into a plan. Access sets become hazards, hazards and needs become edges; everything
 * without an edge may overlap. Running the operations in the order given is always a legal schedule of the plan.
 */

import { globIndex, globsMayMeet } from './globs.js';
import type { Edge, EdgeReason, Hazard, Operation, OperationId, Plan, PlanProblem } from './model.js';
import { remainingWork, weightOfUnknown } from './priorities.js';

/** What a batch comes to: a plan, or all problems found in it. */
export type Planned =
  | { readonly kind: 'plan'; readonly plan: Plan }
  | { readonly kind: 'problems'; readonly problems: readonly PlanProblem[] };

/**
 * Plans `batch`, given in sequential order; where an operation needs a later one, that one comes first in the plan. `durations` are
 * remembered running times in milliseconds.
 */
export function planBatch(batch: readonly Operation[], durations: ReadonlyMap<OperationId, number>, slots: number): Planned {
  const problems = [...duplicates(batch), ...unknownNeeds(batch)];
  if (problems.length > 0) return { kind: 'problems', problems };
  const needs = needEdges(batch);
  const cycle = findCycle(batch, needs);
  if (cycle) return { kind: 'problems', problems: [{ kind: 'cycle', operations: cycle }] };
  const operations = topological(batch, needs);
  // All edges point forward in this one order, so together they have no cycle either.
  const hazards = hazardEdges(operations, needs);
  const edges = hazards && wholeGroups(operations, [...needs, ...hazards]);
  if (!edges) return { kind: 'problems', problems: [{ kind: 'too many edges', most: MOST_EDGES }] };
  const known = (id: OperationId) => durations.get(id) ?? 0;
  const allKnown = operations.every((operation) => durations.has(operation.id));
  const path = longestPath(operations, edges, known);
  const work = operations.reduce((sum, operation) => sum + known(operation.id), 0);
  return {
    kind: 'plan',
    plan: {
      operations,
      edges,
      priorities: prioritiesOf(operations, edges, durations),
      criticalPath: path.operations,
      durations,
      ...(allKnown ? { lowerBoundMs: Math.max(path.ms, work / slots, ...lockTimes(operations, known).values()) } : {}),
    },
  };
}

function prioritiesOf(
  operations: readonly Operation[],
  edges: readonly Edge[],
  durations: ReadonlyMap<OperationId, number>,
): Plan['priorities'] {
  const index = new Map(operations.map(({ id }, at) => [id, at]));
  const out: number[][] = operations.map(() => []);
  for (const { from, to } of edges) out[index.get(from) ?? 0]?.push(index.get(to) ?? 0);
  const unknown = weightOfUnknown(operations.flatMap(({ id }) => durations.get(id) ?? []));
  const weights = operations.map(({ id }) => durations.get(id) ?? unknown);
  const work = remainingWork({ out, holders: operations, durations: weights });
  return new Map(operations.map(({ id }, at) => [id, work[at] ?? 0]));
}

/** How long each lock is held in all, in milliseconds: its holders run one after another, in whatever order. */
export function lockTimes(operations: readonly Operation[], msOf: (id: OperationId) => number): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const { id, access } of operations) for (const lock of access.locks) times.set(lock, (times.get(lock) ?? 0) + msOf(id));
  return times;
}

/** Operations that need each other in a circle, in the order in which they wait; undefined when there are none. Unknown needs are left out. */
export function cycleOf(operations: readonly Pick<Operation, 'id' | 'needs'>[]): readonly OperationId[] | undefined {
  const ids = new Set(operations.map(({ id }) => id));
  return findCycle(
    operations,
    needEdges(operations).filter(({ from }) => ids.has(from)),
  );
}

/** Operations that may run at the same time as far as edges go: each layer waits for something in the one before. */
export function layersOf({ operations, edges }: Pick<Plan, 'operations' | 'edges'>): readonly (readonly Operation[])[] {
  const into = predecessors(edges);
  const levels = new Map<OperationId, number>();
  // All edges point forward in the order of the plan.
  for (const { id } of operations)
    levels.set(id, 1 + (into.get(id) ?? []).reduce((most, { from }) => Math.max(most, levels.get(from) ?? 0), -1));
  const layers: Operation[][] = [];
  for (const operation of operations) {
    const level = levels.get(operation.id) ?? 0;
    const layer = layers[level];
    if (layer) layer.push(operation);
    else layers[level] = [operation];
  }
  return layers;
}

/** Edges into each operation: what has to end before it starts. */
export function predecessors(edges: readonly Edge[]): ReadonlyMap<OperationId, readonly Edge[]> {
  return group(edges, (edge) => edge.to);
}

function duplicates(operations: readonly Operation[]): PlanProblem[] {
  const seen = new Set<OperationId>();
  const twice = new Set<OperationId>();
  for (const { id } of operations) (seen.has(id) ? twice : seen).add(id);
  return [...twice].map((operation) => ({ kind: 'duplicate id', operation }));
}

function unknownNeeds(operations: readonly Operation[]): PlanProblem[] {
  const ids = new Set(operations.map((operation) => operation.id));
  return operations.flatMap((operation) =>
    operation.needs
      .filter((need) => !ids.has(need))
      .map((need) => ({ kind: 'unknown need' as const, operation: operation.id, need })),
  );
}

function needEdges(operations: readonly Pick<Operation, 'id' | 'needs'>[]): Edge[] {
  return operations.flatMap((operation) =>
    [...new Set(operation.needs)].map((need) => ({ from: need, to: operation.id, reason: { kind: 'needs' as const } })),
  );
}

/** More would take the memory of whoever plans; so many have a thousand operations that all conflict with each other. */
const MOST_EDGES = 500_000;

/**
 * One edge, forward, for each conflicting pair that the needs leave unordered; the first hazard found names it. Undefined when there are
 * too many.
 */
function hazardEdges(operations: readonly Operation[], needs: readonly Edge[]): Edge[] | undefined {
  const before = ancestors(operations, needs);
  const edges: Edge[] = [];
  const candidatesOf = conflictCandidates(operations);
  for (const [index, first] of operations.entries()) {
    const candidates = candidatesOf(index);
    for (const at of candidates) {
      if (before.has(at, index)) continue;
      const second = operations[at] as Operation;
      const reason = barrierBetween(first, second) ?? hazardBetween(first, second);
      if (reason) edges.push({ from: first.id, to: second.id, reason });
      if (edges.length > MOST_EDGES) return undefined;
    }
  }
  return edges;
}

/** Of an operation, by its index, the sorted indices of those behind it that it may conflict with: few of all the pairs there are. */
function conflictCandidates(operations: readonly Operation[]): (index: number) => readonly number[] {
  const [readers, writers] = [globIndex<number>(), globIndex<number>()];
  operations.forEach(({ access }, index) => {
    for (const glob of access.reads) readers.add(glob, index);
    for (const glob of access.writes) writers.add(glob, index);
  });
  const touching = operations.flatMap((each, index) => (touchesAnything(each) ? [index] : []));
  const barriers = touching.filter((index) => operations[index]?.access.barrier);
  return (index) => {
    const operation = operations[index] as Operation;
    const { access } = operation;
    if (access.barrier) return touching.filter((each) => each > index);
    const found = new Set<number>();
    const add = (other: number) => {
      if (other > index) found.add(other);
    };
    for (const glob of access.writes) {
      readers.meeting(glob, add);
      writers.meeting(glob, add);
    }
    for (const glob of access.reads) writers.meeting(glob, add);
    if (touchesAnything(operation)) barriers.forEach(add);
    return [...found].sort((a, b) => a - b);
  };
}

/**
 * Whoever waits for a member of an atomic group from outside waits for all of it: until then its files may be put back. Undefined when
 * there are too many edges.
 */
function wholeGroups(operations: readonly Operation[], edges: readonly Edge[]): readonly Edge[] | undefined {
  const index = new Map(operations.map(({ id }, at) => [id, at]));
  const groups = new Map<string, OperationId[]>();
  const groupOf = new Map<OperationId, string>();
  for (const { id, atomic } of operations) {
    if (atomic === undefined) continue;
    const members = groups.get(atomic);
    if (members) members.push(id);
    else groups.set(atomic, [id]);
    groupOf.set(id, atomic);
  }
  if (groups.size === 0) return edges;
  const keyOf = (from: OperationId, to: OperationId) => (index.get(from) ?? 0) * operations.length + (index.get(to) ?? 0);
  const known = new Set(edges.map(({ from, to }) => keyOf(from, to)));
  const all = [...edges];
  for (const { from, to } of edges) {
    const name = groupOf.get(from);
    if (name === undefined || name === groupOf.get(to)) continue;
    for (const member of groups.get(name) ?? []) {
      const key = keyOf(member, to);
      if (known.has(key) || (index.get(member) ?? 0) >= (index.get(to) ?? 0)) continue;
      known.add(key);
      all.push({ from: member, to, reason: { kind: 'atomic', group: name } });
      if (all.length > MOST_EDGES) return undefined;
    }
  }
  return all;
}

function touchesAnything({ access }: Operation): boolean {
  return access.reads.length + access.writes.length + access.locks.length > 0 || access.barrier !== undefined;
}

function barrierBetween(first: Operation, second: Operation): EdgeReason | undefined {
  const barrier = [first, second].find(({ access }) => access.barrier);
  return barrier && touchesAnything(first) && touchesAnything(second) ? { kind: 'barrier', operation: barrier.id } : undefined;
}

function hazardBetween(first: Operation, second: Operation): EdgeReason | undefined {
  const hazard = (kind: Hazard, path: string): EdgeReason => ({ kind: 'hazard', hazard: kind, path });
  const meeting = (left: readonly string[], right: readonly string[]) => left.find((a) => right.some((b) => globsMayMeet(a, b)));
  const raw = meeting(first.access.writes, second.access.reads);
  if (raw !== undefined) return hazard('read after write', raw);
  const waw = meeting(first.access.writes, second.access.writes);
  if (waw !== undefined) return hazard('write after write', waw);
  const war = meeting(second.access.writes, first.access.reads);
  if (war !== undefined) return hazard('write after read', war);
  return undefined;
}

interface Ancestors {
  /** Whether the operation at `ancestor` has ended whenever the one at `index` runs. */
  has(index: number, ancestor: number): boolean;
}

/**
 * Of operations in an order that the needs allow, which have ended whenever one of them runs, by its needs. Not by way of one that need not
 * pass: when that is skipped, it does not wait for those before it. One bit for each pair: thousands may stand in one row.
 */
function ancestors(operations: readonly Operation[], needs: readonly Edge[]): Ancestors {
  const into = predecessors(needs);
  const indices = new Map(operations.map(({ id }, index) => [id, index]));
  const rows: Uint32Array[] = [];
  for (const [index, { id }] of operations.entries()) {
    // What ended before it stands before it.
    const own = new Uint32Array((index + 31) >>> 5);
    for (const { from } of into.get(id) ?? []) {
      const at = indices.get(from) ?? 0;
      own[at >>> 5] = (own[at >>> 5] ?? 0) | (1 << (at & 31));
      if (operations[at]?.onFailure !== 'continue')
        rows[at]?.forEach((bits, word) => {
          own[word] = (own[word] ?? 0) | bits;
        });
    }
    rows.push(own);
  }
  return { has: (index, ancestor) => ((rows[index]?.[ancestor >>> 5] ?? 0) & (1 << (ancestor & 31))) !== 0 };
}

/** The members of one cycle in the order in which they wait for each other, or undefined. */
function findCycle(operations: readonly Pick<Operation, 'id'>[], edges: readonly Edge[]): readonly OperationId[] | undefined {
  const sorted = new Set(topological(operations, edges).map((operation) => operation.id));
  const into = predecessors(edges);
  const walk: OperationId[] = [];
  let id = operations.find((operation) => !sorted.has(operation.id))?.id;
  while (id !== undefined) {
    const seen = walk.indexOf(id);
    if (seen >= 0) return walk.slice(seen);
    walk.push(id);
    // Every unsorted operation waits for another unsorted one, so this walk stays among them until it meets itself.
    id = into.get(id)?.find((edge) => !sorted.has(edge.from))?.from;
  }
  return undefined;
}

/** Kahn's algorithm, each time with the first operation that is free. Members of a cycle, and what follows one, are left out. */
function topological<Each extends Pick<Operation, 'id'>>(operations: readonly Each[], edges: readonly Edge[]): readonly Each[] {
  const indices = new Map(operations.map(({ id }, index) => [id, index]));
  const out = group(edges, (edge) => edge.from);
  const missing = operations.map(() => 0);
  for (const { to } of edges) missing[indices.get(to) ?? 0] = (missing[indices.get(to) ?? 0] ?? 0) + 1;
  const free = missing.flatMap((count, index) => (count === 0 ? [index] : []));
  const order: Each[] = [];
  for (let next = takeLeast(free); next !== undefined; next = takeLeast(free)) {
    const operation = operations[next] as Each;
    order.push(operation);
    for (const { to } of out.get(operation.id) ?? []) {
      const index = indices.get(to) ?? 0;
      missing[index] = (missing[index] ?? 0) - 1;
      if (missing[index] === 0) insert(free, index);
    }
  }
  return order;
}

/** Takes the least number out of a binary heap. */
function takeLeast(heap: number[]): number | undefined {
  const [least] = heap;
  const last = heap.pop();
  if (least === undefined || last === undefined || heap.length === 0) return least;
  let at = 0;
  for (;;) {
    const [left, right] = [2 * at + 1, 2 * at + 2];
    const child = (heap[right] ?? Number.POSITIVE_INFINITY) < (heap[left] ?? Number.POSITIVE_INFINITY) ? right : left;
    if ((heap[child] ?? Number.POSITIVE_INFINITY) >= last) break;
    heap[at] = heap[child] as number;
    at = child;
  }
  heap[at] = last;
  return least;
}

function insert(heap: number[], value: number): void {
  let at = heap.push(value) - 1;
  for (let above = (at - 1) >> 1; at > 0 && (heap[above] as number) > value; above = (at - 1) >> 1) {
    heap[at] = heap[above] as number;
    at = above;
  }
  heap[at] = value;
}

/** For each operation its own duration and the longest chain after it. Operations in an order in which all edges point forward. */
function remainingPaths(
  operations: readonly Operation[],
  edges: readonly Edge[],
  duration: (id: OperationId) => number,
): ReadonlyMap<OperationId, number> {
  const out = group(edges, (edge) => edge.from);
  const remaining = new Map<OperationId, number>();
  for (const { id } of [...operations].reverse()) {
    const after = (out.get(id) ?? []).map((edge) => remaining.get(edge.to) ?? 0);
    remaining.set(id, duration(id) + Math.max(0, ...after));
  }
  return remaining;
}

function longestPath(operations: readonly Operation[], edges: readonly Edge[], duration: (id: OperationId) => number) {
  const remaining = remainingPaths(operations, edges, duration);
  const out = group(edges, (edge) => edge.from);
  const into = predecessors(edges);
  const longest = (ids: readonly OperationId[]) =>
    ids.reduce<OperationId | undefined>(
      (best, id) => (best !== undefined && (remaining.get(best) ?? 0) >= (remaining.get(id) ?? 0) ? best : id),
      undefined,
    );
  const path: OperationId[] = [];
  let id = longest(operations.map((operation) => operation.id).filter((candidate) => !into.has(candidate)));
  const ms = id === undefined ? 0 : (remaining.get(id) ?? 0);
  while (id !== undefined) {
    path.push(id);
    id = longest((out.get(id) ?? []).map((edge) => edge.to));
  }
  return { operations: path, ms };
}

function group<Key>(edges: readonly Edge[], key: (edge: Edge) => Key): ReadonlyMap<Key, readonly Edge[]> {
  const groups = new Map<Key, Edge[]>();
  for (const edge of edges) {
    const members = groups.get(key(edge));
    if (members) members.push(edge);
    else groups.set(key(edge), [edge]);
  }
  return groups;
}
