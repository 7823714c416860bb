/** Pure: where the time of a run went. Takes the state of a run, finished or not, and measures; it never guesses. */

import type { PathReason, PathStep, Spans, Timing, TimingNode } from './measured.js';
import type { Edge, OperationId, OperationState, Phase, RunState, Segment } from './model.js';
import { PHASES } from './model.js';
import { leavesOf } from './parts.js';

/** Waits shorter than this (ms) are the hand-over itself, not a reason for a late start. */
const HAND_OVER_MS = 1;

/** The time account of a run. `now` is the run's clock while it goes on; after its end it is ignored. */
export function timing(state: RunState, now: number = state.at): Timing {
  if (state.outcome === undefined) return timingAt(state, Math.max(now, state.at));
  const account = finished.get(state) ?? timingAt(state, state.at);
  finished.set(state, account);
  return account;
}

/** Of runs that have ended: several who show or keep one ask for the same account. */
const finished = new WeakMap<RunState, Timing>();

function timingAt(state: RunState, end: number): Timing {
  const leaves = leavesOf(state.operations);
  const ran = leaves.map((operation) => ({ operation, interval: runningInterval(operation, end) })).filter(hasInterval);
  const path = criticalPath(state, ran);
  const critical = new Set(path.map((step) => step.operation));
  const durations = new Map(leaves.map((operation) => [operation.id, spansOf(operation, end).running]));
  // What several operations did in one pass was done once.
  const sumMs = sum(leaves.map(({ id, answer }) => (durations.get(id) ?? 0) / (1 + (answer?.fusedWith?.length ?? 0))));
  const sumSpeedup = end > 0 ? sumMs / end : 0;
  const slots = mostSlots(state);
  return {
    tree: tree(state, end, critical),
    makespanMs: end,
    sumMs,
    sumSpeedup,
    slots,
    efficiency: end > 0 ? sumMs / slotMs(state, end) : 0,
    overlap: overlapOf(ran.map(({ interval }) => interval)),
    lowerBoundMs: Math.max(longestChain(leaves, state.edges, durations), sumMs / slots),
    criticalPath: path,
  };
}

/** How many slots a run began with: what it was asked for. */
export function firstSlots({ slots, slotMoves }: RunState): number {
  return slotMoves[0]?.from ?? slots;
}

/** How many slots a run had at a moment (ms). */
export function slotsAt({ slots, slotMoves }: RunState, at: number): number {
  return slotMoves.find((move) => move.at > at)?.from ?? slots;
}

function mostSlots({ slots, slotMoves }: RunState): number {
  return Math.max(slots, ...slotMoves.map(({ from }) => from));
}

/** The time of all slots together: each number of slots times how long there were so many, in milliseconds. */
function slotMs({ slots, slotMoves }: RunState, end: number): number {
  const stretches = [...slotMoves.map(({ at, from }) => ({ until: at, slots: from })), { until: end, slots }];
  return sum(stretches.map(({ until, slots: many }, index) => (until - (stretches[index - 1]?.until ?? 0)) * many));
}

/** Milliseconds that an operation spent in each phase up to `end`. */
export function spansOf(operation: OperationState, end: number): Spans {
  const spans: Record<Phase, number> = { blocked: 0, locked: 0, queued: 0, running: 0 };
  for (const segment of operation.segments) spans[segment.phase] += (segment.to ?? end) - segment.from;
  return spans;
}

interface Interval {
  readonly from: number;
  readonly to: number;
}
interface Ran {
  readonly operation: OperationState;
  readonly interval: Interval;
}

function hasInterval(entry: { operation: OperationState; interval: Interval | undefined }): entry is Ran {
  return entry.interval !== undefined;
}

/** From the start of its first attempt to the end of its last. */
function runningInterval(operation: OperationState, end: number): Interval | undefined {
  const running = operation.segments.filter((segment) => segment.phase === 'running');
  const first = running[0];
  const last = running.at(-1);
  return first && last && { from: first.from, to: last.to ?? end };
}

function tree(state: RunState, end: number, critical: ReadonlySet<OperationId>): TimingNode {
  const groups = new Map<string, TimingNode[]>();
  for (const operation of state.operations) {
    const node = operationNode(operation, end, critical);
    const members = groups.get(operation.group);
    if (members) members.push(node);
    else groups.set(operation.group, [node]);
  }
  const children = [...groups].map(([label, members]) => parent('group', `group:${label}`, label, members));
  return { ...parent('run', 'run', state.label, children), from: 0, to: end };
}

function operationNode(operation: OperationState, end: number, critical: ReadonlySet<OperationId>): TimingNode {
  const children = (operation.parts ?? []).map((part) => operationNode(part, end, critical));
  const from = operation.segments[0]?.from ?? end;
  const last = operation.segments.at(-1);
  return {
    kind: operation.part ? 'part' : 'operation',
    id: operation.id,
    label: operation.name,
    from,
    to: last ? (last.to ?? end) : end,
    spans: spansOf(operation, end),
    findings: operation.findings.length,
    critical: critical.has(operation.id) || children.some((child) => child.critical),
    operation,
    children,
  };
}

function parent(kind: 'run' | 'group', id: string, label: string, children: readonly TimingNode[]): TimingNode {
  const spans: Record<Phase, number> = { blocked: 0, locked: 0, queued: 0, running: 0 };
  for (const phase of PHASES) spans[phase] = sum(children.map((child) => child.spans[phase]));
  return {
    kind,
    id,
    label,
    from: Math.min(...children.map((child) => child.from)),
    to: Math.max(...children.map((child) => child.to)),
    spans,
    findings: sum(children.map((child) => child.findings)),
    critical: children.some((child) => child.critical),
    children,
  };
}

/**
 * Walks back from the operation that ended last: each step asks what its operation waited for until it started, and goes on with
 * that. What it waited for last counts: its dependencies, the holder of its lock, or the operation before it in its lane.
 */
function criticalPath(state: RunState, ran: readonly Ran[]): readonly PathStep[] {
  const byId = new Map(ran.map((entry) => [entry.operation.id, entry]));
  const steps: PathStep[] = [];
  const seen = new Set<OperationId>();
  let current = latest(ran);
  while (current && !seen.has(current.operation.id)) {
    seen.add(current.operation.id);
    const { operation, interval }: Ran = current;
    const release = releaseOf(operation, interval.from, state.edges, byId, ran);
    steps.push({ operation: operation.id, reason: release.reason, ...interval });
    current = release.by;
  }
  return steps.reverse();
}

interface Release {
  readonly reason: PathReason;
  readonly by: Ran | undefined;
}

function releaseOf(
  operation: OperationState,
  start: number,
  edges: readonly Edge[],
  byId: ReadonlyMap<OperationId, Ran>,
  ran: readonly Ran[],
): Release {
  const wait = operation.segments
    .filter((segment) => segment.phase !== 'running' && segment.to !== undefined && segment.to <= start)
    .findLast((segment) => (segment.to ?? 0) - segment.from > HAND_OVER_MS);
  const before = (entry: Ran | undefined): entry is Ran => entry !== undefined && entry.interval.to <= start + HAND_OVER_MS;
  if (!wait) return { reason: 'start', by: undefined };
  switch (wait.phase) {
    case 'running':
      return { reason: 'start', by: undefined };
    case 'queued':
      return {
        reason: 'slot',
        by: latest(
          ran.filter((entry) => entry.operation.lane === operation.lane && before(entry) && entry.operation !== operation),
        ),
      };
    case 'locked':
      return { reason: 'lock', by: latest(waitedFor(wait, byId).filter(before)) };
    case 'blocked': {
      const by = latest(waitedFor(wait, byId).filter(before));
      const edge = edges.find((candidate) => candidate.to === operation.id && candidate.from === by?.operation.id);
      const { kind = 'needs' } = edge?.reason ?? {};
      return { reason: kind === 'atomic' ? 'needs' : kind, by };
    }
    default:
      return wait.phase satisfies never;
  }
}

function waitedFor(segment: Segment, byId: ReadonlyMap<OperationId, Ran>): Ran[] {
  return (segment.by ?? []).map((id) => byId.get(id)).filter((entry) => entry !== undefined);
}

function latest(entries: readonly Ran[]): Ran | undefined {
  return entries.reduce<Ran | undefined>(
    (best, entry) => (best && best.interval.to >= entry.interval.to ? best : entry),
    undefined,
  );
}

/** Pairs of intervals that have a time in common, as a part of all pairs. Of thousands of intervals not every pair is looked at. */
export function overlapOf(intervals: readonly Interval[]): number {
  const pairs = (intervals.length * (intervals.length - 1)) / 2;
  if (pairs === 0) return 0;
  const starts = intervals.map(({ from }) => from).sort((a, b) => a - b);
  const ends = intervals.map(({ to }) => to).sort((a, b) => a - b);
  // For each interval those that had ended when it began.
  let apart = 0;
  let ended = 0;
  for (const start of starts) {
    while (ended < ends.length && (ends[ended] ?? 0) <= start) ended += 1;
    apart += ended;
  }
  // What takes no time has ended when it begins: it counted itself, and another one at the same moment twice.
  const moments = new Map<number, number>();
  for (const { from, to } of intervals) if (from === to) moments.set(from, (moments.get(from) ?? 0) + 1);
  for (const count of moments.values()) apart -= count + (count * (count - 1)) / 2;
  return (pairs - apart) / pairs;
}

/** The longest sum of running times along the edges, which have no cycle. */
export function longestChain(
  operations: readonly OperationState[],
  edges: readonly Edge[],
  durations: ReadonlyMap<OperationId, number>,
): number {
  const before = new Map<OperationId, OperationId[]>();
  for (const edge of edges) before.set(edge.to, [...(before.get(edge.to) ?? []), edge.from]);
  const ends = new Map<OperationId, number>();
  const endOf = (id: OperationId): number => {
    const known = ends.get(id);
    if (known !== undefined) return known;
    const starts = (before.get(id) ?? []).map(endOf);
    const end = Math.max(0, ...starts) + (durations.get(id) ?? 0);
    ends.set(id, end);
    return end;
  };
  return Math.max(0, ...operations.map((operation) => endOf(operation.id)));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
