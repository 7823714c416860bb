/** Pure: a plan explained: its layers, why each operation waits for which, the critical path, and what would make it faster. */
import { countText, durationText, predictionText, unwrittenText } from '../messages.js';
import type { Edge, EdgeReason, Operation, OperationId, Plan, Prediction } from '../model.js';
import { layersOf, lockTimes } from '../plan.js';
import { JSON_VERSION, predictionOf } from './json.js';
import { PLAIN, type Style } from './text.js';

/** What is explained. */
export interface Explained {
  readonly plan: Plan;
  readonly slots: number;
  /** Remembered running times in milliseconds. */
  readonly durations: ReadonlyMap<OperationId, number>;
  /** Absent while a duration is unknown. */
  readonly predicted?: Prediction | undefined;
  /** Paths are shown relative to it; absolute, with `/`. */
  readonly folder: string;
  /** Declared writes that nobody has seen happen; `waits`: how many edges are there because of one. */
  readonly unwritten?: readonly {
    readonly operation: OperationId;
    readonly glob: string;
    readonly looks: number;
    readonly waits: number;
  }[];
}

/** Why an edge is there, as the end of a sentence: `which reads what it writes (src/a.ts)`. */
export function edgeText(reason: EdgeReason, folder = ''): string {
  const shown = (path: string) => (folder !== '' && path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path);
  switch (reason.kind) {
    case 'needs':
      return 'it needs its result';
    case 'barrier':
      return `“${reason.operation}” may touch anything`;
    case 'atomic':
      return `until then what the group “${reason.group}” changed may be put back`;
    case 'hazard':
      return `${HAZARDS[reason.hazard]} (${shown(reason.path)})`;
    default:
      return reason satisfies never;
  }
}

const HAZARDS = {
  'read after write': 'it reads what that one writes',
  'write after read': 'it writes what that one reads',
  'write after write': 'both write the same',
} as const;

/** Shorter ones are not worth dividing. */
const WORTH_DIVIDING_MS = 100;

/** What would have to change to go faster: sentences, the most worthwhile first. Times are projections from remembered durations. */
export function adviceOf({ plan, slots, durations, folder, unwritten = [] }: Explained): readonly string[] {
  const { operations, edges } = plan;
  const advice: string[] = [];
  const unknown = operations.filter(({ id }) => !durations.has(id));
  if (unknown.length > 0)
    advice.push(
      `${countText(unknown.length, 'operation')} ${unknown.length === 1 ? 'has' : 'have'} not run yet, so nothing is known of the time. Run the batch once.`,
    );
  for (const { id, access } of operations) {
    const { barrier } = access;
    const concerned = barrier ? edges.filter(({ reason }) => reason.kind === 'barrier' && reason.operation === id) : [];
    if (!barrier || concerned.length === 0) continue;
    const seen = access.seen?.map((glob) => relativeGlob(glob, folder)).join(', ');
    advice.push(
      `“${id}” is a barrier, because ${barrier.because}: ${countText(concerned.length, 'other operation')} cannot run beside it. Say what it touches with "reads" and "writes".${seen === undefined ? '' : ` When it ran alone it wrote ${seen}.`}`,
    );
  }
  const onPath = edges.filter(({ from, to, reason }) => reason.kind === 'hazard' && follows(plan, from, to));
  for (const { from, to, reason } of onPath)
    advice.push(
      `“${to}” waits for “${from}” on the critical path: ${edgeText(reason, folder)}. Let them touch different files to have both at once.`,
    );
  for (const each of unwritten)
    if (each.waits > 0) advice.push(`${unwrittenText(each)} ${countText(each.waits, 'wait')} would go with it.`);
  advice.push(...timeAdvice({ plan, slots, durations, what: 'batch' }));
  return advice;
}

/** What limits the time of a plan of which all durations are known: sentences. Nothing while one is unknown. */
export function timeAdvice({
  plan,
  slots,
  durations,
  what,
  nameOf = (id) => id,
}: Pick<Explained, 'plan' | 'slots' | 'durations'> & {
  readonly what: 'batch' | 'run';
  readonly nameOf?: (id: OperationId) => string;
}): readonly string[] {
  const { operations, criticalPath } = plan;
  if (operations.some(({ id }) => !durations.has(id))) return [];
  const ms = (id: OperationId) => durations.get(id) ?? 0;
  const path = criticalPath.reduce((sum, id) => sum + ms(id), 0);
  const work = operations.reduce((sum, { id }) => sum + ms(id), 0);
  const advice: string[] = [];
  const [longest] = [...criticalPath].sort((a, b) => ms(b) - ms(a));
  if (longest !== undefined && ms(longest) > Math.max(WORTH_DIVIDING_MS, path / 2))
    advice.push(
      `“${nameOf(longest)}” alone takes ${durationText(ms(longest))} of the ${durationText(path)} of the critical path. ${what === 'batch' ? 'Divide it.' : 'No run is shorter than that, unless it can be divided.'}`,
    );
  for (const [lock, held] of lockTimes(operations, ms))
    if (held > Math.max(path, work / slots))
      advice.push(
        `The lock “${lock}” is held for ${durationText(held)} in all, and whoever holds it runs alone: it decides how long the ${what} takes.`,
      );
  if (path > 0 && work / slots > path * 1.1)
    advice.push(`${countText(slots, 'slot')} bound the time. Up to ${Math.ceil(work / path)} would help.`);
  return advice;
}

function follows({ criticalPath }: Plan, from: OperationId, to: OperationId): boolean {
  const at = criticalPath.indexOf(from);
  return at >= 0 && criticalPath[at + 1] === to;
}

/** For people. */
export function explainText(explained: Explained, style: Style = PLAIN): string {
  const { plan, slots, durations, predicted, folder, unwritten = [] } = explained;
  const into = new Map<OperationId, Edge[]>();
  for (const edge of plan.edges) into.set(edge.to, [...(into.get(edge.to) ?? []), edge]);
  const lines: string[] = [];
  for (const [index, layer] of layersOf(plan).entries()) {
    lines.push(style.bold(`Layer ${index + 1}: ${countText(layer.length, 'operation')}`));
    for (const operation of layer)
      lines.push(...operationLines(operation, into.get(operation.id) ?? [], { durations, folder, style, unwritten }));
  }
  const bound =
    plan.lowerBoundMs === undefined
      ? 'not known before each operation has run'
      : `${durationText(plan.lowerBoundMs)} with at most ${countText(slots, 'slot')}, a projection from remembered durations`;
  return [
    ...lines,
    '',
    `Critical path   ${plan.criticalPath.join(' → ') || 'none'}`,
    `Lower bound     ${bound}`,
    `Predicted       ${predicted === undefined ? 'nothing before each operation has run' : `${predictionText(predicted)}. An estimate, from how long operations took before`}`,
    ...adviceOf(explained).map((sentence, index) => `${index === 0 ? '\nTo go faster:\n' : ''}  - ${sentence}`),
    '',
  ].join('\n');
}

interface Shown {
  readonly durations: ReadonlyMap<OperationId, number>;
  readonly folder: string;
  readonly style: Style;
  readonly unwritten: NonNullable<Explained['unwritten']>;
}

function operationLines(
  operation: Operation,
  edges: readonly Edge[],
  { durations, folder, style, unwritten }: Shown,
): readonly string[] {
  const { id, tool, access, fusion } = operation;
  const ms = durations.get(id);
  const facts = [
    tool,
    ...(ms === undefined ? [] : [durationText(ms)]),
    ...(fusion === undefined ? [] : ['may be done in one pass with its like']),
  ];
  const locks = access.locks.length === 0 ? [] : [style.dim(`      locks ${access.locks.join(', ')}`)];
  const shown = edges
    .slice(0, MOST_EDGES)
    .map(({ from, reason }) => style.dim(`      after ${from}: ${edgeText(reason, folder)}`));
  const rest = edges.length > MOST_EDGES ? [style.dim(`      and after ${edges.length - MOST_EDGES} more`)] : [];
  const seen =
    access.seen === undefined || access.barrier
      ? []
      : [
          style.dim(
            `      also writes ${access.seen.map((glob) => relativeGlob(glob, folder)).join(', ')}, as was seen when it ran alone`,
          ),
        ];
  const unseen = unwritten
    .filter(({ operation }) => operation === id)
    .map(({ glob, looks }) =>
      style.dim(`      writes ${glob} by what the batch says; not seen in ${countText(looks, 'run')} one after another`),
    );
  return [`  ${id}  ${style.dim(facts.join(' · '))}`, ...shown, ...rest, ...locks, ...seen, ...unseen];
}

function relativeGlob(glob: string, folder: string): string {
  return glob.startsWith(`${folder}/`) ? glob.slice(folder.length + 1) : glob;
}

const MOST_EDGES = 8;

/** `volley plan --json`. Times are milliseconds. */
export function planDocument(explained: Explained) {
  const { plan, slots, durations, predicted, folder } = explained;
  const relative = (glob: string) => relativeGlob(glob, folder);
  return {
    version: JSON_VERSION,
    slots,
    operations: plan.operations.map(({ id, tool, access, needs, fusion }) => ({
      id,
      tool,
      needs,
      reads: access.reads.map(relative),
      writes: access.writes.map(relative),
      locks: access.locks,
      ...(access.barrier ? { barrier: access.barrier.because } : {}),
      ...(fusion === undefined ? {} : { fusible: true }),
      ...(durations.has(id) ? { durationMs: durations.get(id) } : {}),
    })),
    layers: layersOf(plan).map((layer) => layer.map(({ id }) => id)),
    edges: plan.edges.map(({ from, to, reason }) => ({ from, to, reason: reason.kind, because: edgeText(reason, folder) })),
    criticalPath: plan.criticalPath,
    ...(plan.lowerBoundMs === undefined ? {} : { lowerBoundMs: plan.lowerBoundMs }),
    ...predictionOf(predicted),
    advice: adviceOf(explained),
  };
}
