/** Pure: what a run of gates would do, explained: order, parts, locks, what is answered by the cache, and the predicted time. */

import type { PlannedGate, PlannedGates } from '../gate-model.js';
import { ageText, countText, durationText, namesOf, outcomeReason, outcomeText, predictionText, scopeText } from '../messages.js';
import type { Edge, Operation, OperationId, Outcome } from '../model.js';
import { layersOf } from '../plan.js';
import { SHORTEST_DIVIDED_MS } from '../shards.js';
import { edgeText, timeAdvice } from './explain.js';
import { JSON_VERSION, predictionOf } from './json.js';
import { PLAIN, type Style } from './text.js';

/** Of a gate that waits for many, these are told. */
const MOST_EDGES = 8;
/** Of durations that are not known, so many gates are named. */
const MOST_UNKNOWN = 3;

/** `folder`: absolute, with `/`; paths are shown relative to it. */
export interface ExplainedGates {
  readonly planned: PlannedGates;
  readonly folder: string;
}

/** For people. */
export function explainGatesText({ planned, folder }: ExplainedGates, style: Style = PLAIN): string {
  const { gates, plan, order } = planned;
  const going = gates.filter(({ end }) => end.kind === 'runs');
  const operations = new Map(plan.operations.map((operation) => [operation.id, operation]));
  const into = new Map<OperationId, Edge[]>();
  for (const edge of plan.edges) into.set(edge.to, [...(into.get(edge.to) ?? []), edge]);
  const nameOf = namesOf(plan.operations);
  const isTimed = order.length > 0 && order.every(({ startsMs }) => startsMs !== undefined);
  const starts = order.flatMap(({ operation: id, startsMs }, index) => {
    const operation = operations.get(id);
    if (!operation) return [];
    const when = (startsMs === undefined ? `${index + 1}.` : durationText(startsMs)).padStart(9);
    const edges = into.get(id) ?? [];
    return startLines(operation, { when, edges, ms: plan.durations.get(id), folder, style, nameOf });
  });
  const when = isTimed ? 'when each would start, a projection from earlier runs' : 'in the order in which they would start';
  return [
    style.bold(titleOf(planned)),
    ...(starts.length > 0 ? ['', style.bold(`${countText(going.length, 'gate')} would run: ${when}`), ...starts] : []),
    ...endedLines(planned, style),
    '',
    ...factLines(planned, nameOf),
    ...adviceOf(planned).map((sentence, index) => `${index === 0 ? '\nWhat limits the time:\n' : ''}  - ${sentence}`),
    '',
  ].join('\n');
}

function titleOf({ gates, scope, mode }: PlannedGates): string {
  const how = mode === 'sequential' ? 'one after another' : 'in parallel';
  return `Plan of ${countText(gates.length, 'gate')} · ${scopeText(scope)} · ${how}`;
}

interface Start {
  readonly when: string;
  readonly edges: readonly Edge[];
  readonly ms: number | undefined;
  readonly folder: string;
  readonly style: Style;
  readonly nameOf: (id: OperationId) => string;
}

function startLines({ name, part, access }: Operation, start: Start): readonly string[] {
  const { when, edges, ms, folder, style, nameOf } = start;
  const note = (text: string) => style.dim(`${' '.repeat(11)}${text}`);
  const shown = edges.slice(0, MOST_EDGES).map(({ from, reason }) => note(`after ${nameOf(from)}: ${edgeText(reason, folder)}`));
  return [
    `${when}  ${part === undefined ? name : `${part.name}, part ${part.index} of ${part.count}`}  ${style.dim(ms === undefined ? 'not known how long it takes' : `about ${durationText(ms)}`)}`,
    ...shown,
    ...(edges.length > MOST_EDGES ? [note(`and after ${edges.length - MOST_EDGES} more`)] : []),
    ...(access.locks.length === 0 ? [] : [note(`locks ${access.locks.map((lock) => relative(lock, folder)).join(', ')}`)]),
    ...(access.barrier ? [note(`nothing runs beside it, because ${access.barrier.because}`)] : []),
  ];
}

function relative(path: string, folder: string): string {
  return path.replaceAll('\\', '/').startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path;
}

/** Those that would not run: answered by the cache, skipped, or unable. */
function endedLines({ gates }: PlannedGates, style: Style): readonly string[] {
  const lines = (title: string, wanted: (each: PlannedGate) => boolean): readonly string[] => {
    const those = gates.filter(wanted);
    if (those.length === 0) return [];
    return ['', style.bold(title), ...those.map((each) => `           ${endText(each, nameIn(gates), style)}`)];
  };
  const isAnswered = ({ end }: PlannedGate) => end.kind === 'ended' && end.outcome.kind === 'cached';
  return [
    ...lines('Answered by the cache', isAnswered),
    ...lines('Would not run', (each) => each.end.kind === 'ended' && !isAnswered(each)),
  ];
}

/** What people call the gate that an operation is of. */
function nameIn(gates: readonly PlannedGate[]): (id: OperationId) => string {
  return (id) => gates.find(({ operations }) => operations.includes(id))?.gate.name ?? id;
}

function endText({ gate, end }: PlannedGate, nameOf: (id: OperationId) => string, style: Style): string {
  if (end.kind === 'runs') return gate.name;
  const { outcome } = end;
  if (outcome.kind === 'cached') return `${gate.name}  ${style.dim(`${outcome.was} ${ageText(outcome.ageMs)} ago`)}`;
  return `${gate.name}  ${style.dim(`${outcomeText(outcome)}: ${outcomeReason(outcome, nameOf) ?? ''}`)}`;
}

function factLines(planned: PlannedGates, nameOf: (id: OperationId) => string): readonly string[] {
  const { plan, slots, mostSlots, mode } = planned;
  if (plan.operations.length === 0) return ['Nothing would run.'];
  const slotsText =
    mode === 'sequential'
      ? '1, since gates run one after another'
      : `${slots}${mostSlots === undefined ? '' : ` at first; Volley moves them up to ${mostSlots} while the run goes on`}`;
  const bound =
    plan.lowerBoundMs === undefined ? 'not known' : `${durationText(plan.lowerBoundMs)}, a projection from remembered durations`;
  return [
    `Slots           ${slotsText}`,
    // By durations, so that without them it says nothing.
    ...(plan.lowerBoundMs === undefined ? [] : [`Critical path   ${plan.criticalPath.map(nameOf).join(' → ')}`]),
    `Lower bound     ${bound}`,
    `Predicted       ${predictedText(planned, nameOf)}`,
  ];
}

/** With names in place of ids; in a sequential run nothing but the work limits the time. */
function adviceOf({ gates, plan, slots, mostSlots = slots, mode }: PlannedGates): readonly string[] {
  if (mode === 'sequential') return [];
  const nameOf = namesOf(plan.operations);
  const { durations } = plan;
  return [
    ...timeAdvice({ plan, slots: mostSlots, durations, what: 'run', nameOf }),
    ...gates.flatMap((each) => undividedText(each, durations, mostSlots)),
  ];
}

/** Why a gate that is longer than an even share of the work on all slots runs in one piece all the same. */
function undividedText(
  { gate, operations: [own], end }: PlannedGate,
  durations: ReadonlyMap<OperationId, number>,
  slots: number,
): readonly string[] {
  const ms = own === undefined || end.kind !== 'runs' ? undefined : durations.get(own);
  const work = [...durations.values()].reduce((sum, each) => sum + each, 0);
  if (ms === undefined || ms < SHORTEST_DIVIDED_MS || slots < 2 || ms * slots <= work) return [];
  return gate.sharding?.kind === 'never' ? [`${gate.name} is never split: ${gate.sharding.reason}.`] : [];
}

function predictedText({ predicted, plan }: PlannedGates, nameOf: (id: OperationId) => string): string {
  if (predicted) return `${predictionText(predicted)}. An estimate, from how long gates took before`;
  const unknown = plan.operations.flatMap(({ id }) => (plan.durations.has(id) ? [] : [nameOf(id)]));
  const [first = 'each gate'] = unknown;
  const names = unknown.length <= MOST_UNKNOWN ? unknown.join(', ') || first : `${first} and ${unknown.length - 1} more`;
  return `nothing before ${names} ${unknown.length > 1 ? 'have' : 'has'} run`;
}

/** `volley plan [gate...] --json`. Times are milliseconds. */
export function gatePlanDocument({ planned, folder }: ExplainedGates) {
  const { mode, scope, slots, mostSlots, gates, plan, order, predicted } = planned;
  const shown = (path: string) => relative(path, folder);
  return {
    version: JSON_VERSION,
    of: 'gates' as const,
    ...{ mode, scope, slots },
    ...(mostSlots === undefined ? {} : { mostSlots }),
    gates: gates.map(({ gate, operations, end }) => ({
      ...{ id: gate.id, name: gate.name, category: gate.category, operations },
      ...(end.kind === 'runs' ? { end: 'runs' } : endOf(end.outcome, nameIn(gates))),
    })),
    operations: plan.operations.map(({ id, name, tool, access, needs, part }) => ({
      ...{ id, name, tool, needs },
      ...{ reads: access.reads.map(shown), writes: access.writes.map(shown), locks: access.locks.map(shown) },
      ...(part === undefined ? {} : { part: { of: part.of, index: part.index, count: part.count } }),
      ...(access.barrier ? { barrier: access.barrier.because } : {}),
      ...(plan.durations.has(id) ? { durationMs: plan.durations.get(id) } : {}),
    })),
    order,
    layers: layersOf(plan).map((layer) => layer.map(({ id }) => id)),
    edges: plan.edges.map(({ from, to, reason }) => ({ from, to, reason: reason.kind, because: edgeText(reason, folder) })),
    criticalPath: plan.criticalPath,
    ...(plan.lowerBoundMs === undefined ? {} : { lowerBoundMs: plan.lowerBoundMs }),
    ...predictionOf(predicted),
    advice: adviceOf(planned),
  };
}

function endOf(outcome: Outcome, nameOf: (id: OperationId) => string) {
  if (outcome.kind === 'cached') return { end: 'cached', was: outcome.was, run: outcome.run, ageMs: outcome.ageMs };
  const because = outcomeReason(outcome, nameOf);
  return { end: outcome.kind, ...(because === undefined ? {} : { because }) };
}
