/** What can be said of a sequence and the plan of its batch: shares, waves, reasons, opportunities, projections. Pure. */
import type { Verification } from '../measured.js';
import type { Edge, EdgeReason, Operation, OperationId, Plan, ToolName } from '../model.js';
import { LARGEST_PASS } from '../model.js';
import { floorOf, longestChain, type Projected, projected, workOf } from '../schedule.js';
import type { NamedOperation } from './batch-text.js';
import { type Graph, graphOf } from './graph.js';
import type { NotTaken, SourceKind, SourceProblem } from './sequence.js';

/** Where it is known from how long an operation takes; milliseconds. */
export type Duration =
  /** Its median in the runs one after another of the newest verification: nothing ran beside it. */
  | { readonly kind: 'verification'; readonly ms: number }
  /** Its median in earlier runs by Volley, also in those in which others ran beside it. */
  | { readonly kind: 'history'; readonly ms: number }
  /** What the source recorded, from a call to its answer. */
  | { readonly kind: 'source'; readonly ms: number }
  | { readonly kind: 'unknown' };

export interface Opportunity {
  /**
   * `one pass`: searches, reads or globs that can be answered together. `identical`: they ask the same while nothing in between changes it.
   * `one message`: calls that were made one by one though they could have been handed over together. `order of failure`: it waits only so that
   * it does not run after something else has failed.
   */
  readonly kind: 'one pass' | 'identical' | 'one message' | 'order of failure';
  readonly operations: readonly OperationId[];
  /** A sentence. */
  readonly message: string;
}

export interface Barrier {
  readonly operation: OperationId;
  /** Completes "It is a barrier, because …". */
  readonly because: string;
  /** How many others cannot run beside it for this reason. */
  readonly holds: number;
}

export interface Projections {
  /** `operations`: the duration of some is unknown, so that each counts as one. */
  readonly unit: 'ms' | 'operations';
  /** One after another. */
  readonly sequential: number;
  /** By number of slots, ascending. */
  readonly runs: readonly Projected[];
  /** The run with the slots that were asked for. */
  readonly asked: Projected;
  /** The smallest number of slots with which a run is within 3 % of the best of `runs`. */
  readonly recommended: number;
  readonly criticalPath: readonly OperationId[];
  readonly criticalLength: number;
  readonly unknown: readonly OperationId[];
}

/** An analysed sequence. */
export interface Analysis {
  /** `package.json, script ci`. */
  readonly title: string;
  readonly kind: SourceKind;
  readonly file: string;
  /** Whether it lies in a file: not what was selected, copied or handed over. */
  readonly isFile: boolean;
  readonly choice?: string;
  /** In sequential order. */
  readonly operations: readonly NamedOperation[];
  readonly durations: ReadonlyMap<OperationId, Duration>;
  readonly notTaken: readonly NotTaken[];
  readonly problems: readonly SourceProblem[];
  readonly notes: readonly string[];
  /** Of the equivalent batch. Where two touch the same, that is the reason of their edge, also where the one needs the other. */
  readonly plan: Plan;
  /** Edges that follow from what operations touch alone. */
  readonly touching: readonly Edge[];
  readonly slots: number;
  /** Processors of this machine. */
  readonly processors: number;
  /** Absolute, with `/`. */
  readonly folder: string;
  readonly byTool: readonly { readonly tool: ToolName; readonly count: number }[];
  /** Operations with at least one other beside which they may run: neither waits for the other, and they share no lock. */
  readonly parallel: readonly OperationId[];
  /** How many of them start together with another already. */
  readonly together: number;
  readonly waves: readonly (readonly OperationId[])[];
  readonly edges: Readonly<Record<EdgeReason['kind'], number>>;
  /** The edges that no others imply, by what waits, in sequential order. */
  readonly direct: readonly Edge[];
  readonly barriers: readonly Barrier[];
  /** Locks that several operations take, with those that do. */
  readonly locks: readonly { readonly lock: string; readonly operations: readonly OperationId[] }[];
  readonly opportunities: readonly Opportunity[];
  readonly projections: Projections;
  readonly batch: string;
  /** The newest verification of the equivalent batch. */
  readonly verification?: Verification;
}

export interface AnalysisInput
  extends Pick<
    Analysis,
    | 'title'
    | 'kind'
    | 'file'
    | 'isFile'
    | 'choice'
    | 'operations'
    | 'durations'
    | 'notTaken'
    | 'problems'
    | 'notes'
    | 'plan'
    | 'touching'
    | 'slots'
    | 'processors'
    | 'folder'
    | 'batch'
    | 'verification'
  > {}

const CANDIDATES = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32] as const;
const NEAR_THE_BEST = 1.03;

/** The analysis of what was read and planned. */
export function analysisOf(input: AnalysisInput): Analysis {
  const { plan, operations, durations, slots } = input;
  const order = graphOf(plan);
  const waves = wavesOf(order);
  const counts = new Map<ToolName, number>();
  for (const { tool } of operations) counts.set(tool, (counts.get(tool) ?? 0) + 1);
  const edges = { needs: 0, hazard: 0, barrier: 0, atomic: 0 };
  for (const { reason } of plan.edges) edges[reason.kind] += 1;
  return {
    ...input,
    byTool: [...counts].map(([tool, count]) => ({ tool, count })).sort((a, b) => b.count - a.count),
    parallel: parallelOf(plan, order),
    together: operations.filter(({ together }) => together !== undefined).length,
    waves,
    edges,
    direct: order.direct,
    barriers: barriersOf(plan, input.touching),
    locks: locksOf(plan),
    opportunities: [...onePass(plan, waves), ...identical(plan, order), ...oneMessage(input, waves), ...orderOfFailure(plan)],
    projections: projectionsOf(plan, order, durations, slots),
  };
}

/** Operations by their level. */
function wavesOf({ ids, levels }: Graph): readonly (readonly OperationId[])[] {
  const waves: OperationId[][] = [];
  ids.forEach((id, at) => {
    const level = levels[at] ?? 0;
    const wave = waves[level];
    if (wave) wave.push(id);
    else waves[level] = [id];
  });
  return waves;
}

function parallelOf({ operations }: Plan, { isBefore }: Graph): readonly OperationId[] {
  const shareLock = (a: Operation, b: Operation) => a.access.locks.some((lock) => b.access.locks.includes(lock));
  return operations.flatMap((operation, a) =>
    operations.some((other, b) => a !== b && !isBefore(a, b) && !isBefore(b, a) && !shareLock(operation, other))
      ? [operation.id]
      : [],
  );
}

function barriersOf({ operations }: Plan, edges: readonly Edge[]): readonly Barrier[] {
  const holds = new Map<OperationId, number>();
  for (const { reason } of edges)
    if (reason.kind === 'barrier') holds.set(reason.operation, (holds.get(reason.operation) ?? 0) + 1);
  return operations
    .flatMap(({ id, access }) =>
      access.barrier ? [{ operation: id, because: access.barrier.because, holds: holds.get(id) ?? 0 }] : [],
    )
    .filter(({ holds }) => holds > 0)
    .sort((a, b) => b.holds - a.holds);
}

function locksOf({ operations }: Plan): Analysis['locks'] {
  const locks = new Map<string, OperationId[]>();
  for (const { id, access } of operations) for (const lock of access.locks) locks.set(lock, [...(locks.get(lock) ?? []), id]);
  return [...locks].filter(([, own]) => own.length > 1).map(([lock, own]) => ({ lock, operations: own }));
}

// ---------------------------------------------------------------------------------------------------------- opportunities

const PASSES: Readonly<Partial<Record<ToolName, string>>> = {
  read: 'reads',
  glob: 'globs',
  grep: 'searches over the same files',
};

/** Operations of one wave that a run does in one pass when they are ready at the same time. */
function onePass({ operations }: Plan, waves: Analysis['waves']): readonly Opportunity[] {
  const byId = new Map(operations.map((operation) => [operation.id, operation]));
  return waves.flatMap((ids, wave) => {
    const layer = ids.flatMap((id) => byId.get(id) ?? []);
    const groups = new Map<string, Operation[]>();
    for (const operation of layer)
      if (operation.fusion !== undefined) groups.set(operation.fusion, [...(groups.get(operation.fusion) ?? []), operation]);
    return [...groups.values()]
      .filter((group) => group.length > 1)
      .map((group): Opportunity => {
        const passes = Math.ceil(group.length / LARGEST_PASS);
        const what = PASSES[group[0]?.tool ?? 'read'] ?? 'operations';
        return {
          kind: 'one pass',
          operations: group.map(({ id }) => id),
          message: `${group.length} ${what} of wave ${wave + 1} can be done in ${passes === 1 ? 'one pass' : `${passes} passes`}. Volley does it by itself when they are ready at the same time.`,
        };
      });
  });
}

/** The same question, asked again while nothing between the two changes the answer. */
function identical({ operations }: Plan, { isBefore }: Graph): readonly Opportunity[] {
  const groups: { readonly first: number; readonly members: OperationId[] }[] = [];
  const byMemory = new Map<string, (typeof groups)[number]>();
  operations.forEach(({ id, access, remember, tool }, at) => {
    if (remember === undefined || access.writes.length > 0 || access.barrier || access.reads.length === 0 || tool === 'agent')
      return;
    const known = byMemory.get(remember);
    if (known && !isBefore(known.first, at)) known.members.push(id);
    else {
      const group = { first: at, members: [id] };
      groups.push(group);
      byMemory.set(remember, group);
    }
  });
  return groups
    .filter(({ members }) => members.length > 1)
    .map(({ members }) => ({
      kind: 'identical' as const,
      operations: members,
      message: `“${members[0]}” is asked ${members.length} times while nothing in between changes what it reads. Once is enough: hand its result on with \${${members[0]}.output}.`,
    }));
}

/** Calls of one wave that came one by one. */
function oneMessage({ kind, operations }: AnalysisInput, waves: Analysis['waves']): readonly Opportunity[] {
  if (kind !== 'transcript' || operations.length < 2) return [];
  const messages = new Set(operations.map(({ together, id }) => together ?? id)).size;
  if (messages <= waves.length) return [];
  return [
    {
      kind: 'one message',
      operations: waves.filter((wave) => wave.length > 1).flat(),
      message: `${operations.length} calls came in ${messages} messages; by what they read and write ${waves.length} ${waves.length === 1 ? 'wave is' : 'waves are'} enough. What is known together can be handed over together, as one batch.`,
    },
  ];
}

/** Operations whose needs touch nothing that they touch. */
function orderOfFailure({ edges }: Plan): readonly Opportunity[] {
  const needs = new Map<OperationId, OperationId[]>();
  for (const { from, to, reason } of edges) if (reason.kind === 'needs') needs.set(to, [...(needs.get(to) ?? []), from]);
  return [...needs].map(([operation, all]) => ({
    kind: 'order of failure' as const,
    operations: [operation, ...all],
    message: `“${operation}” leaves something behind, so it waits for ${all
      .slice(0, 5)
      .map((id) => `“${id}”`)
      .join(
        ', ',
      )}${all.length > 5 ? ` and ${all.length - 5} more` : ''} only in order not to run after a failure: they touch nothing in common. Take them out of its “needs” to have it beside them.`,
  }));
}

// ------------------------------------------------------------------------------------------------------------ projections

function projectionsOf(
  { operations }: Plan,
  graph: Graph,
  durations: ReadonlyMap<OperationId, Duration>,
  slots: number,
): Projections {
  const unknown = operations.flatMap(({ id }) => ((durations.get(id) ?? { kind: 'unknown' }).kind === 'unknown' ? [id] : []));
  const unit = unknown.length === 0 ? 'ms' : 'operations';
  const lengths = operations.map(({ id }): number => {
    const known = durations.get(id);
    return unit === 'ms' && known && known.kind !== 'unknown' ? known.ms : 1;
  });
  const locks = operations.map(({ access }) => access.locks);
  const work = workOf(graph.out, lengths, locks);
  const floor = floorOf(work);
  const runs: Projected[] = [];
  for (const each of CANDIDATES) {
    if (each > operations.length && runs.length > 0) break;
    const run = projected(work, each);
    runs.push(run);
    // More slots cannot help where the longest chain or a lock decides.
    if (run.makespan <= floor) break;
  }
  const best = runs.reduce((least, { makespan }) => Math.min(least, makespan), Number.POSITIVE_INFINITY);
  const chain = longestChain(work);
  return {
    unit,
    sequential: lengths.reduce((total, length) => total + length, 0),
    runs,
    asked: runs.find((run) => run.slots === slots) ?? projected(work, slots),
    recommended: runs.find(({ makespan }) => makespan <= best * NEAR_THE_BEST)?.slots ?? 1,
    criticalPath: chain.flatMap((at) => graph.ids[at] ?? []),
    criticalLength: chain.reduce((total, at) => total + (lengths[at] ?? 0), 0),
    unknown,
  };
}
