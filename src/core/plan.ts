/**
 * Pure: turns a batch in sequential order into a plan. Access sets become hazards, hazards and needs become edges; everything
 * without an edge may overlap. Running the operations in the order given is always a legal schedule of the plan.
 */

import { globsMayMeet } from './globs.js';
import type { Edge, EdgeReason, Hazard, Operation, OperationId, Plan, PlanProblem } from './model.js';

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
  const edges = wholeGroups(operations, [...needs, ...hazardEdges(operations, needs)]);
  const known = (id: OperationId) => durations.get(id) ?? 0;
  const allKnown = operations.every((operation) => durations.has(operation.id));
  const path = longestPath(operations, edges, known);
  const work = operations.reduce((sum, operation) => sum + known(operation.id), 0);
  return {
    kind: 'plan',
    plan: {
      operations,
      edges,
      priorities: remainingPaths(operations, edges, (id) => durations.get(id) ?? Number.POSITIVE_INFINITY),
      criticalPath: path.operations,
      durations,
      ...(allKnown ? { lowerBoundMs: Math.max(path.ms, work / slots) } : {}),
    },
  };
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

function needEdges(operations: readonly Operation[]): Edge[] {
  return operations.flatMap((operation) =>
    [...new Set(operation.needs)].map((need) => ({ from: need, to: operation.id, reason: { kind: 'needs' as const } })),
  );
}

/** One edge, forward, for each conflicting pair that the needs leave unordered; the first hazard found names it. */
function hazardEdges(operations: readonly Operation[], needs: readonly Edge[]): Edge[] {
  const before = ancestors(operations, needs);
  const edges: Edge[] = [];
  operations.forEach((first, index) => {
    for (const second of operations.slice(index + 1)) {
      // Readers among themselves, by far the most pairs, need no closer look.
      if (onlyReads(first) && onlyReads(second)) continue;
      if (before.get(second.id)?.has(first.id)) continue;
      const reason = barrierBetween(first, second) ?? hazardBetween(first, second);
      if (reason) edges.push({ from: first.id, to: second.id, reason });
    }
  });
  return edges;
}

/** Whoever waits for a member of an atomic group from outside waits for all of it: until then its files may be put back. */
function wholeGroups(operations: readonly Operation[], edges: readonly Edge[]): readonly Edge[] {
  const index = new Map(operations.map(({ id }, at) => [id, at]));
  const groups = new Map<string, OperationId[]>();
  const groupOf = new Map<OperationId, string>();
  for (const { id, atomic } of operations) {
    if (atomic === undefined) continue;
    groups.set(atomic, [...(groups.get(atomic) ?? []), id]);
    groupOf.set(id, atomic);
  }
  if (groups.size === 0) return edges;
  const known = new Set(edges.map(({ from, to }) => JSON.stringify([from, to])));
  const added = edges.flatMap(({ from, to }) => {
    const group = groupOf.get(from);
    if (group === undefined || group === groupOf.get(to)) return [];
    return (groups.get(group) ?? []).flatMap((member): readonly Edge[] => {
      const key = JSON.stringify([member, to]);
      if (known.has(key) || (index.get(member) ?? 0) >= (index.get(to) ?? 0)) return [];
      known.add(key);
      return [{ from: member, to, reason: { kind: 'atomic', group } }];
    });
  });
  return [...edges, ...added];
}

function onlyReads({ access }: Operation): boolean {
  return access.writes.length === 0 && access.barrier === undefined;
}

function barrierBetween(first: Operation, second: Operation): EdgeReason | undefined {
  const touches = ({ access }: Operation) =>
    access.reads.length + access.writes.length + access.locks.length > 0 || access.barrier;
  const barrier = [first, second].find(({ access }) => access.barrier);
  return barrier && touches(first) && touches(second) ? { kind: 'barrier', operation: barrier.id } : undefined;
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

/**
 * For each operation, given in an order that the needs allow, all those that have ended whenever it runs, by its needs. Not by way of one that
 * need not pass: when that is skipped, it does not wait for those before it.
 */
function ancestors(operations: readonly Operation[], needs: readonly Edge[]): ReadonlyMap<OperationId, ReadonlySet<OperationId>> {
  const into = predecessors(needs);
  const result = new Map<OperationId, Set<OperationId>>();
  const goesOn = new Set(operations.filter(({ onFailure }) => onFailure === 'continue').map(({ id }) => id));
  for (const { id } of operations) {
    const all = new Set<OperationId>();
    for (const { from } of into.get(id) ?? []) {
      all.add(from);
      if (!goesOn.has(from)) for (const ancestor of result.get(from) ?? []) all.add(ancestor);
    }
    result.set(id, all);
  }
  return result;
}

/** The members of one cycle in the order in which they wait for each other, or undefined. */
function findCycle(operations: readonly Operation[], edges: readonly Edge[]): readonly OperationId[] | undefined {
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
function topological(operations: readonly Operation[], edges: readonly Edge[]): readonly Operation[] {
  const into = predecessors(edges);
  const left = new Set(operations);
  const placed = new Set<OperationId>();
  const free = (operation: Operation) => (into.get(operation.id) ?? []).every((edge) => placed.has(edge.from));
  const order: Operation[] = [];
  for (let next = first(left, free); next; next = first(left, free)) {
    left.delete(next);
    placed.add(next.id);
    order.push(next);
  }
  return order;
}

function first<Item>(items: Iterable<Item>, holds: (item: Item) => boolean): Item | undefined {
  for (const item of items) if (holds(item)) return item;
  return undefined;
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
