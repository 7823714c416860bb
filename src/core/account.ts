/** Pure: where the time of runs went, as milliseconds that add up, and what kept a parallel run from being faster. */

import type { Account, Company, Limit, PathStep, SpeedupAccount, Trial, Usage } from './measured.js';
import type { OperationId, OperationState, RunState, Segment } from './model.js';
import { leavesOf } from './parts.js';
import { median } from './statistics.js';
import { longestChain, slotsAt, spansOf, timing } from './timing.js';

/** Divides each instant of a run by what its slots did. The parts add up to the makespan. */
export function accountOf(state: RunState): Account {
  const leaves = leavesOf(state.operations);
  const end = state.at;
  const running = leaves.flatMap(({ segments }) => segments.filter(({ phase }) => phase === 'running'));
  const first = Math.min(end, ...running.map(({ from }) => from));
  const last = Math.max(first, ...running.map(({ to = end }) => to));
  const parts = { workMs: 0, blockedMs: 0, lockedMs: 0, queuedMs: 0, unusedMs: 0 };
  let overheadMs = end - last;
  for (const { from, to, counts } of stretchesOf(leaves, state, first, last)) {
    const slots = state.mode === 'sequential' ? 1 : Math.max(1, slotsAt(state, from));
    const working = Math.min(1, counts.running / slots);
    parts.workMs += working * (to - from);
    const free = (1 - working) * (to - from);
    if (counts.running + counts.queued + counts.locked + counts.blocked === 0) overheadMs += free;
    else parts[freeBecause(counts)] += free;
  }
  return { makespanMs: end, ...parts, startUpMs: first, overheadMs };
}

type Counts = Record<Segment['phase'], number>;

function freeBecause({ queued, locked, blocked }: Counts): 'queuedMs' | 'lockedMs' | 'blockedMs' | 'unusedMs' {
  if (queued > 0) return 'queuedMs';
  if (locked > 0) return 'lockedMs';
  return blocked > 0 ? 'blockedMs' : 'unusedMs';
}

interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly counts: Counts;
}

/** Between two neighbouring ends of segments or moves of slots nothing changes. What several do in one pass is done in one lane. */
function stretchesOf(leaves: readonly OperationState[], state: RunState, first: number, last: number): readonly Stretch[] {
  const changes = leaves.flatMap(({ lane, segments }) =>
    segments.flatMap(({ phase, from, to = state.at }) => [
      { at: from, phase, lane, by: 1 },
      { at: to, phase, lane, by: -1 },
    ]),
  );
  const moves = state.slotMoves.map(({ at }) => ({ at, phase: undefined, lane: undefined, by: 0 }));
  const sorted = [...changes, ...moves].sort((a, b) => a.at - b.at);
  const counts: Counts = { blocked: 0, locked: 0, queued: 0, running: 0 };
  const lanes = new Map<number | undefined, number>();
  const stretches: Stretch[] = [];
  let from = first;
  for (const { at, phase, lane, by } of sorted) {
    const to = Math.min(Math.max(at, first), last);
    if (to > from) stretches.push({ from, to, counts: { ...counts } });
    from = Math.max(from, to);
    if (phase === undefined) continue;
    if (phase !== 'running') counts[phase] += by;
    else {
      const before = lanes.get(lane) ?? 0;
      lanes.set(lane, before + by);
      if (lane === undefined) counts.running += by;
      else if (before === 0 || before + by === 0) counts.running += by;
    }
  }
  return stretches;
}

/**
 * What a speedup is made of: the account of its most typical pair, and what all trials say of operations and the machine. How long an operation
 * takes alone is the median of all sequential trials, so that path, bound and ceiling hang on no single one.
 */
export function accountOfSpeedup(trials: readonly Trial[], runs: readonly RunState[], ratio: number): SpeedupAccount | undefined {
  const states = new Map(runs.map((run) => [run.run, run]));
  const pair = typicalPair(trials, ratio);
  const find = (mode: RunState['mode']) => {
    const trial = trials.find((each) => each.pair === pair && each.mode === mode);
    return trial && states.get(trial.run);
  };
  const [sequential, parallel] = [find('sequential'), find('parallel')];
  if (pair === undefined || !sequential || !parallel) return undefined;
  const of = (mode: RunState['mode']) => runs.filter((run) => run.mode === mode && run.outcome !== 'cancelled');
  const medians = durationsOf(of('sequential'));
  const alone = new Map(
    leavesOf(sequential.operations).map((each) => [each.id, medians.get(each.id) ?? spansOf(each, sequential.at).running]),
  );
  const sumMs = [...alone.values()].reduce((sum, ms) => sum + ms, 0);
  const measured = timing(parallel);
  const account = accountOf(parallel);
  const chainMs = longestChain(sequential.operations, sequential.edges, alone);
  const usage = usageOf(trials);
  // In a parallel run gates may be divided; what both have in common are whole operations.
  const company = companyOf(of('sequential'), of('parallel'));
  const together = median(of('parallel').map((run) => timing(run).sumMs)) ?? measured.sumMs;
  const slowdown = together > 0 && sumMs > 0 ? together / sumMs : 1;
  const speedup = ratio;
  const { slots } = measured;
  return {
    pair,
    sequential: accountOf(sequential),
    parallel: account,
    contentionMs: account.workMs * (1 - 1 / slowdown),
    sumMs,
    criticalPathMs: chainMs,
    lowerBoundMs: Math.max(chainMs, sumMs / slots),
    efficiency: measured.efficiency,
    overlap: measured.overlap,
    pairs: pairsOf(parallel, measured.overlap),
    errors: { sequential: errorShare(of('sequential')), parallel: errorShare(of('parallel')) },
    ceiling: chainMs > 0 ? sumMs / chainMs : 1,
    ...(slots > 1 ? { serialFraction: (1 / speedup - 1 / slots) / (1 - 1 / slots) } : {}),
    ...(usage === undefined ? {} : { usage }),
    company,
    ...limitOf({ state: parallel, account, path: measured.criticalPath, slowdown, usage: usage?.parallel, slots }),
  };
}

/** The pair whose ratio is nearest to the speedup. */
function typicalPair(trials: readonly Trial[], ratio: number): number | undefined {
  const distances = [...new Set(trials.map(({ pair }) => pair))].flatMap((pair) => {
    const ms = (mode: Trial['mode']) => trials.find((trial) => trial.pair === pair && trial.mode === mode)?.makespanMs;
    const [sequential, parallel] = [ms('sequential'), ms('parallel')];
    return sequential !== undefined && parallel ? [{ pair, distance: Math.abs(Math.log(sequential / parallel / ratio)) }] : [];
  });
  return distances.sort((a, b) => a.distance - b.distance)[0]?.pair;
}

function pairsOf(state: RunState, overlap: number): SpeedupAccount['pairs'] {
  const ran = leavesOf(state.operations).filter(({ segments }) => segments.some(({ phase }) => phase === 'running')).length;
  const all = (ran * (ran - 1)) / 2;
  return { together: Math.round(overlap * all), all };
}

function errorShare(runs: readonly RunState[]): number {
  const outcomes = runs.flatMap(({ operations }) => operations.map(({ outcome }) => outcome?.kind));
  const errors = outcomes.filter((kind) => kind === 'errored' || kind === 'timed out' || kind === 'cancelled').length;
  return outcomes.length === 0 ? 0 : errors / outcomes.length;
}

function usageOf(trials: readonly Trial[]): SpeedupAccount['usage'] {
  const [sequential, parallel] = (['sequential', 'parallel'] as const).map((mode) => medianUsage(trials, mode));
  return sequential && parallel ? { sequential, parallel } : undefined;
}

function medianUsage(trials: readonly Trial[], mode: Trial['mode']): Usage | undefined {
  const all = trials.flatMap((trial) => (trial.mode === mode && trial.usage ? [trial.usage] : []));
  const [one] = all;
  const processorMs = median(all.map((usage) => usage.processorMs));
  const othersMs = median(all.map((usage) => usage.othersMs));
  const peakBytes = median(all.flatMap((usage) => usage.peakBytes ?? []));
  if (!one || processorMs === undefined || othersMs === undefined) return undefined;
  return { processorMs, othersMs, processors: one.processors, ...(peakBytes === undefined ? {} : { peakBytes }) };
}

/** Of operations that passed or failed in both modes, at least a millisecond long. */
function companyOf(sequential: readonly RunState[], parallel: readonly RunState[]): readonly Company[] {
  const alone = durationsOf(sequential);
  const together = durationsOf(parallel);
  return [...alone]
    .flatMap(([operation, aloneMs]): Company[] => {
      const companyMs = together.get(operation);
      return companyMs === undefined || aloneMs < 1 ? [] : [{ operation, aloneMs, companyMs }];
    })
    .sort((a, b) => b.companyMs / b.aloneMs - a.companyMs / a.aloneMs);
}

function durationsOf(runs: readonly RunState[]): ReadonlyMap<OperationId, number> {
  const all = new Map<OperationId, number[]>();
  for (const run of runs) {
    for (const operation of run.operations) {
      // One in parts has no time of its own that could be compared.
      if (operation.parts || (operation.outcome?.kind !== 'passed' && operation.outcome?.kind !== 'failed')) continue;
      const known = all.get(operation.id) ?? [];
      all.set(operation.id, [...known, spansOf(operation, run.at).running]);
    }
  }
  return new Map([...all].map(([id, values]) => [id, median(values) ?? 0]));
}

interface Limiting {
  readonly state: RunState;
  readonly account: Account;
  readonly path: readonly PathStep[];
  readonly slowdown: number;
  readonly usage: Usage | undefined;
  readonly slots: number;
}

/** From this share of a makespan on something counts as what limits it. */
const MOST = 0.6;
/** From this share on overhead or company is what limits. */
const MUCH = 0.25;

/** What weighs most, in this order: company, overhead, one operation, a lock, a chain, the slots; else what weighs most. */
function limitOf({ account, path, slowdown, usage, slots }: Limiting): { readonly limit?: Limit } {
  if (account.makespanMs <= 0) return {};
  const { makespanMs, workMs } = account;
  const overhead = (account.startUpMs + account.overheadMs + account.queuedMs) / makespanMs;
  const busy = usage && (usage.processorMs + usage.othersMs) / (usage.processors * makespanMs);
  if (slowdown > 1 + MUCH)
    return { limit: { kind: 'machine', slowdown, ...(busy === undefined ? {} : { busy: Math.min(1, busy) }) } };
  if (overhead > MUCH) return { limit: { kind: 'overhead', share: overhead } };
  const longest = path.reduce<PathStep | undefined>(
    (best, step) => (best && lengthOf(best) >= lengthOf(step) ? best : step),
    undefined,
  );
  if (longest && lengthOf(longest) > MOST * makespanMs)
    return { limit: { kind: 'operation', operation: longest.operation, ms: lengthOf(longest) } };
  const locked = linked(path, (reason) => reason === 'lock');
  if (locked.ms > MOST * makespanMs) return { limit: { kind: 'lock', ...locked } };
  const chained = linked(path, (reason) => reason !== 'slot' && reason !== 'start');
  if (chained.ms > MOST * makespanMs) return { limit: { kind: 'chain', ...chained } };
  const atWork: Limit = { kind: 'slots', slots, share: workMs / makespanMs };
  if (workMs > MOST * makespanMs) return { limit: atWork };
  // Nothing stands out: what weighs most.
  const { blockedMs, lockedMs, unusedMs } = account;
  const largest = Math.max(workMs, blockedMs, lockedMs, unusedMs);
  if (largest === unusedMs) return { limit: { kind: 'uneven', ms: unusedMs } };
  if (largest === lockedMs && locked.ms > 0) return { limit: { kind: 'lock', ...locked } };
  return { limit: largest === blockedMs && chained.ms > 0 ? { kind: 'chain', ...chained } : atWork };
}

function lengthOf({ from, to }: PathStep): number {
  return to - from;
}

/** The longest stretch of a path whose steps are linked by such reasons. */
function linked(path: readonly PathStep[], isLink: (reason: PathStep['reason']) => boolean) {
  let best: { readonly operations: readonly OperationId[]; readonly ms: number } = { operations: [], ms: 0 };
  let current: PathStep[] = [];
  for (const step of path) {
    current = isLink(step.reason) ? [...current, step] : [step];
    const ms = current.reduce((sum, each) => sum + lengthOf(each), 0);
    if (current.length > 1 && ms > best.ms) best = { operations: current.map(({ operation }) => operation), ms };
  }
  return best;
}
