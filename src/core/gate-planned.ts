/** What a run of gates would do: the same preparation as that of the run, of which nothing is executed. */
import { forecastOf } from './forecast.js';
import type { PlannedEnd, PlannedGate, PlannedGates } from './gate-model.js';
import { type Prepared, prepareRun } from './gate-plan.js';
import type { EngineContext, RunRequest } from './gate-run.js';
import { readMachine } from './machine.js';
import type { Mode, OperationId, Plan } from './model.js';
import { effectiveKind } from './parts.js';
import { planBatch } from './plan.js';
import { weightOfUnknown } from './priorities.js';
import { makespanOf, type SlotsFrom, schedulable } from './schedule.js';
import { type SlotRange, slotRange } from './slots.js';

/** What is asked of a plan: a run that neither sets anything apart nor is kept. */
export type GatePlanRequest = Pick<
  RunRequest,
  'gates' | 'scope' | 'mode' | 'slots' | 'mostSlots' | 'cache' | 'timeoutMs' | 'exact'
>;

/**
 * Reads files, asks git and the cache, and executes nothing of the workspace. Of an untrusted workspace not even that: all of its gates
 * have ended as errored.
 */
export async function planGates(context: EngineContext, request: GatePlanRequest): Promise<PlannedGates> {
  const { mode, scope } = request;
  const range = slotRange(request);
  const { slots, mostSlots } = range;
  const asked: RunRequest = { ...request, failure: 'continue', label: '', recorded: false };
  const prepared = await prepareRun(context, asked, { slots, signal: new AbortController().signal });
  const ends = endsOf(prepared);
  const going = new Set([...ends].flatMap(([id, end]) => (end.kind === 'runs' ? [id] : [])));
  const plan = planOfGoing(prepared, going, slots);
  const settled = { has: (id: OperationId) => !going.has(id) };
  const predicted = forecastOf({ ...prepared, settled, mode, ...range }, () => 0)?.predicted;
  const learned = mostSlots === undefined || mode === 'sequential' ? undefined : prepared.learnedSlots(mostSlots);
  return {
    ...{ mode, scope: scope.kind, slots: await firstSlotsOf(context, prepared, range) },
    ...(mostSlots === undefined ? {} : { mostSlots }),
    gates: gatesOf(request, prepared, ends),
    plan,
    order: orderOf(prepared.plan, { mode, slots: learned ?? slots, going }),
    ...(predicted === undefined || going.size === 0 ? {} : { predicted }),
  };
}

/** With how many a run begins: those that the last run of the same work came to, where that is known. */
async function firstSlotsOf({ slotMemory }: EngineContext, { plan }: Prepared, range: SlotRange): Promise<number> {
  if (range.mostSlots === undefined || plan.operations.length === 0) return range.slots;
  const known = await slotMemory?.known(plan.operations, range, readMachine(new Set()));
  return known?.first ?? range.slots;
}

function gatesOf({ gates }: GatePlanRequest, prepared: Prepared, ends: Ends): readonly PlannedGate[] {
  return gates.map((gate) => {
    const operations = [...prepared.gates].flatMap(([id, of]) => (of === gate ? [id] : []));
    const [first] = operations;
    return { gate, operations, end: (first === undefined ? undefined : ends.get(first)) ?? { kind: 'runs' } };
  });
}

type Ends = ReadonlyMap<OperationId, PlannedEnd>;

/** As the run would end them: what is known before it begins, and what needs something that will not pass. */
function endsOf({ plan, settled, failures }: Prepared): Ends {
  const ends = new Map<OperationId, PlannedEnd>();
  const didNotPass = (id: OperationId) => {
    const end = ends.get(id);
    return end?.kind === 'ended' && effectiveKind(end.outcome) !== 'passed' ? effectiveKind(end.outcome) : undefined;
  };
  // What is needed stands before what needs it.
  for (const { id, needs } of plan.operations) {
    const failure = failures.get(id);
    const known = settled.get(id)?.outcome;
    const need = needs.find((each) => didNotPass(each) !== undefined);
    const outcome = need === undefined ? undefined : didNotPass(need);
    if (known) ends.set(id, { kind: 'ended', outcome: known });
    else if (need !== undefined && outcome !== undefined)
      ends.set(id, { kind: 'ended', outcome: { kind: 'skipped', reason: { kind: 'need did not pass', need, outcome } } });
    else ends.set(id, failure ? { kind: 'ended', outcome: { kind: 'errored', failure } } : { kind: 'runs' });
  }
  return ends;
}

/** Bound and critical path are those of what is executed. */
function planOfGoing({ plan }: Prepared, going: ReadonlySet<OperationId>, slots: number): Plan {
  if (going.size === plan.operations.length) return plan;
  const operations = plan.operations
    .filter(({ id }) => going.has(id))
    .map((operation) => ({ ...operation, needs: operation.needs.filter((need) => going.has(need)) }));
  const durations = new Map([...plan.durations].filter(([id]) => going.has(id)));
  const planned = planBatch(operations, durations, slots);
  // A part of a plan without problems has none.
  if (planned.kind === 'problems') throw new Error('A part of a plan could not be planned.');
  return planned.plan;
}

/** As the run would be scheduled. What is not executed takes no time; of what is not known the order is that of the run, and no time is told. */
function orderOf(
  plan: Plan,
  {
    mode,
    slots,
    going,
  }: { readonly mode: Mode; readonly slots: number | readonly SlotsFrom[]; readonly going: ReadonlySet<OperationId> },
): PlannedGates['order'] {
  const { operations, durations } = plan;
  const unknown = weightOfUnknown(durations.values());
  const isKnown = operations.every(({ id }) => !going.has(id) || durations.has(id));
  const idOf = (at: number) => operations[at]?.id as OperationId;
  const order: { operation: OperationId; startsMs?: number }[] = [];
  makespanOf(schedulable(plan, mode), {
    slots,
    durationOf: (at) => (going.has(idOf(at)) ? (durations.get(idOf(at)) ?? unknown) : 0),
    started(at, now) {
      if (going.has(idOf(at))) order.push({ operation: idOf(at), ...(isKnown ? { startsMs: now } : {}) });
    },
  });
  return order;
}
