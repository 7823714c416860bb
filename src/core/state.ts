/** Pure reducer from the events of a run to the state that every view shows. Replaying stored events gives the same state. */
import type {
  OperationId,
  OperationResult,
  OperationState,
  OperationSummary,
  Phase,
  RunEvent,
  RunState,
  Segment,
} from './model.js';
import { asWhole } from './parts.js';

/**
 * The state after `event`. The first event of a run is `run started` and takes no state; every other one needs the state before it.
 * Never changes its argument. Operations that an event does not concern keep their identity, so that views can compare by `===`.
 */
export function reduce(state: RunState | undefined, event: RunEvent): RunState {
  return next(state, event, copied);
}

/** The state after all of `events`, one after another, from `state` on; undefined when there is neither. Costs less than one by one. */
export function replay(events: readonly RunEvent[], state?: RunState): RunState | undefined {
  const own = copiedOnce();
  return events.reduce<RunState | undefined>((before, event) => next(before, event, own), state);
}

/** Operations that may be changed in place: nobody else has seen them. */
type Own = (operations: readonly OperationState[]) => OperationState[];

const copied: Own = (operations) => operations.slice();

/** Most runs have many operations, and each event concerns one: of a state that nobody sees no copy is made. */
function copiedOnce(): Own {
  let own: OperationState[] | undefined;
  return (operations) => {
    if (own === undefined || operations !== own) own = operations.slice();
    return own;
  };
}

function next(state: RunState | undefined, event: RunEvent, own: Own): RunState {
  if (event.kind === 'run started') return begin(event);
  if (!state) throw new Error(`The event "${event.kind}" came before its run started.`);
  const at = event.at;
  const change = (id: OperationId, update: (operation: OperationState) => OperationState) =>
    changed(state, { at, id, update, own });
  switch (event.kind) {
    case 'blocked':
    case 'locked':
      return change(event.operation, (operation) => enter(operation, event.kind, at, { by: event.by }));
    case 'queued':
      return change(event.operation, (operation) => enter(operation, 'queued', at));
    case 'started':
      return change(event.operation, (operation) => ({
        ...enter(operation, 'running', at, { lane: event.lane }),
        attempts: event.attempt,
        lane: event.lane,
      }));
    case 'output':
      return change(event.operation, (operation) => ({ ...operation, tail: event.tail, outputBytes: event.bytes }));
    case 'retrying':
      return change(event.operation, (operation) => ({ ...operation, tail: '' }));
    case 'finished':
      return change(event.operation, (operation) => ({
        ...operation,
        phase: 'finished',
        segments: close(operation.segments, at),
        outcome: event.outcome,
        findings: event.result.findings,
        outputBytes: event.result.outputBytes,
        tail: '',
        ...compared(event.result),
        ...(event.result.answer === undefined ? {} : { answer: event.result.answer }),
        ...(event.result.exitCode === undefined ? {} : { exitCode: event.result.exitCode }),
      }));
    case 'rolled back':
      return change(event.operation, (operation) => ({
        ...operation,
        outcome: { kind: 'rolled back', because: event.because },
      }));
    case 'slots changed':
      return moved(state, event);
    case 'memory': {
      const { usedBytes, totalBytes, ownBytes } = event;
      const sample = { at, usedBytes, totalBytes, ...(ownBytes === undefined ? {} : { ownBytes }) };
      return { ...state, at, memory: [...(state.memory ?? []), sample] };
    }
    case 'run finished':
      return { ...state, at, outcome: event.outcome };
    default:
      event satisfies never;
      // Stored by a newer version: what it does not know, it leaves as it is.
      return state;
  }
}

function moved(state: RunState, { at, slots, because }: RunEvent & { kind: 'slots changed' }): RunState {
  const move = { at, from: state.slots, to: slots, ...(because === undefined ? {} : { because }) };
  return { ...state, at, slots, slotMoves: [...state.slotMoves, move] };
}

function begin(event: RunEvent & { kind: 'run started' }): RunState {
  return {
    run: event.run,
    label: event.label,
    mode: event.mode,
    scope: event.scope,
    slots: event.slots,
    slotMoves: [],
    ...(event.mostSlots === undefined ? {} : { mostSlots: event.mostSlots }),
    startedAt: event.startedAt,
    operations: wholes(event.operations),
    edges: event.edges,
    at: event.at,
    ...(event.verification === undefined ? {} : { verification: event.verification }),
    ...(event.newOnly ? { newOnly: true } : {}),
    ...(event.batch ? { batch: true } : {}),
    ...(event.inspection ? { inspection: true } : {}),
    ...(event.predicted === undefined ? {} : { predicted: event.predicted }),
  };
}

/** Operations before anything happened to them; parts under the operation that they are parts of, at the place of the first. */
function wholes(summaries: readonly OperationSummary[]): readonly OperationState[] {
  const places = new Map<OperationId, readonly OperationSummary[]>();
  for (const summary of summaries) {
    const id = summary.part?.of ?? summary.id;
    places.set(id, [...(places.get(id) ?? []), summary]);
  }
  return [...places].flatMap(([id, members]) => {
    const [first] = members;
    if (!first?.part) return members.map(untouched);
    const { part, files: _files, ...rest } = first;
    const files = members.flatMap((member) => member.files ?? []);
    const whole = untouched({ ...rest, id, name: part.name, ...(files.length === 0 ? {} : { files }) });
    return [asWhole(whole, members.map(untouched))];
  });
}

function compared({ known, whole, baseMs }: OperationResult): Pick<OperationResult, 'known' | 'whole' | 'baseMs'> {
  return {
    ...(known === undefined ? {} : { known }),
    ...(whole === undefined ? {} : { whole }),
    ...(baseMs === undefined ? {} : { baseMs }),
  };
}

function untouched(summary: OperationSummary): OperationState {
  return { ...summary, phase: 'pending', segments: [], attempts: 0, findings: [], outputBytes: 0, tail: '' };
}

interface Change {
  /** In milliseconds of the run's clock. */
  readonly at: number;
  readonly id: OperationId;
  readonly own: Own;
  update(operation: OperationState): OperationState;
}

/** With one operation replaced. */
function changed(state: RunState, { at, id, update, own }: Change): RunState {
  const index = placeOf(state, id);
  const found = index === undefined ? undefined : state.operations[index];
  if (index === undefined || !found) return { ...state, at };
  const operations = own(state.operations);
  operations[index] =
    found.id === id || !found.parts
      ? update(found)
      : asWhole(
          found,
          found.parts.map((part) => (part.id === id ? update(part) : part)),
        );
  return { ...state, at, operations };
}

/** By the edges of a run, which are the same object from its first event to its last; another run may happen to share them. */
const places = new WeakMap<RunState['edges'], ReadonlyMap<OperationId, number>>();

/** The operation of this id, or the one of which it is a part; undefined when there is none. Does not look through all of them. */
export function operationIn(state: RunState, id: OperationId): OperationState | undefined {
  const place = placeOf(state, id);
  return place === undefined ? undefined : state.operations[place];
}

/** Where an operation or one of its parts stands: the places never change. */
function placeOf({ edges, operations }: RunState, id: OperationId): number | undefined {
  const last = places.get(edges);
  const at = last?.get(id);
  if (at !== undefined && isAt(operations[at], id)) return at;
  const known = new Map(
    operations.flatMap((operation, index) => [operation, ...(operation.parts ?? [])].map((each) => [each.id, index])),
  );
  places.set(edges, known);
  return known.get(id);
}

function isAt(operation: OperationState | undefined, id: OperationId): boolean {
  return operation?.id === id || operation?.parts?.some((part) => part.id === id) === true;
}

function enter(operation: OperationState, phase: Phase, at: number, more: Pick<Segment, 'by' | 'lane'> = {}): OperationState {
  const segment: Segment = { phase, from: at, ...more };
  return { ...operation, phase, segments: [...close(operation.segments, at), segment] };
}

function close(segments: readonly Segment[], at: number): readonly Segment[] {
  const last = segments.at(-1);
  return last === undefined || last.to !== undefined ? segments : [...segments.slice(0, -1), { ...last, to: at }];
}
