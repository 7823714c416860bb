/** Operations that a test releases by hand: what a scheduler does is seen in the order of events, not by the clock. */
import type {
  Access,
  CancelCause,
  FailureMode,
  Mode,
  Operation,
  OperationId,
  OperationResult,
  OperationTraits,
  Outcome,
  RunEvent,
  RunId,
  RunState,
  SkipReason,
} from '../../src/core/model.js';
import { planBatch } from '../../src/core/plan.js';
import { type Execution, startRun } from '../../src/core/run.js';
import type { SlotLimit } from '../../src/core/slots.js';
import { reduce } from '../../src/core/state.js';

/** An operation with little to say. */
export function operation(
  id: string,
  more: Partial<Omit<OperationTraits, 'access' | 'needs' | 'id'>> & { access?: Partial<Access>; needs?: readonly string[] } = {},
): Operation {
  return {
    name: id,
    tool: 'command',
    input: { argv: [id], cwd: '/', env: {}, shell: false },
    timeoutMs: 60_000,
    retries: 0,
    group: 'test',
    ...more,
    id: id as OperationId,
    access: { reads: [], writes: [], locks: [], ...more.access },
    needs: (more.needs ?? []) as OperationId[],
  };
}

export const NO_RESULT: OperationResult = { findings: [], outputBytes: 0 };

interface Held {
  readonly id: string;
  readonly signal: AbortSignal;
  readonly together: readonly Operation[];
  output(tail: string, bytes: number): void;
  end(execution: Execution): void;
  throw(error: Error): void;
}

export interface Rig {
  /** Ids of the operations that run now, in the order of their start. */
  running(): readonly string[];
  /** Ends a running operation; resolves when the scheduler has dealt with it. */
  release(id: string, outcome?: Outcome, contention?: string): Promise<void>;
  /** Ids of the operations that were started in one pass with a running one, itself among them. */
  together(id: string): readonly string[];
  crash(id: string, message: string): Promise<void>;
  output(id: string, text: string): void;
  cancel(cause?: CancelCause, only?: string): Promise<void>;
  setSlots(slots: number, mostSlots?: number): Promise<void>;
  limitSlots(by: SlotLimit, slots: number): Promise<void>;
  onEvent(listener: (event: RunEvent, state: RunState) => void): () => void;
  settle(): Promise<void>;
  tick(ms: number): void;
  readonly events: readonly RunEvent[];
  state(): RunState;
  /** `id: outcome` of every operation that ended, in the order of their ends. */
  ended(): readonly string[];
  finished: Promise<string>;
  /** The most operations that ever ran at one instant. */
  most(): number;
}

export interface RigOptions {
  readonly slots?: number;
  readonly mostSlots?: number;
  readonly mode?: Mode;
  readonly failure?: FailureMode;
  readonly durations?: Readonly<Record<string, number>>;
  readonly skipped?: Readonly<Record<string, SkipReason>>;
  /** Whether an aborted operation ends at once by itself (default) or only when it is released. */
  readonly obedient?: boolean;
}

/** Starts a run whose operations last until they are released. Its clock stands still except for `tick`. */
export async function startRig(operations: readonly Operation[], options: RigOptions = {}): Promise<Rig> {
  const { slots = 2, mode = 'parallel', failure = 'continue', durations = {}, skipped = {}, obedient = true } = options;
  const planned = planBatch(operations, new Map(Object.entries(durations)) as Map<OperationId, number>, slots);
  if (planned.kind === 'problems') throw new Error(JSON.stringify(planned.problems));
  const held = new Map<string, Held>();
  const events: RunEvent[] = [];
  const listeners = new Set<(event: RunEvent, state: RunState) => void>();
  let state: RunState | undefined;
  let now = 0;
  let most = 0;
  const handle = startRun({
    plan: planned.plan,
    run: 'run' as RunId,
    label: 'Rig',
    mode,
    scope: 'workspace',
    slots,
    ...(options.mostSlots === undefined ? {} : { mostSlots: options.mostSlots }),
    failure,
    startedAt: '2026-01-01T00:00:00.000Z',
    settled: new Map(
      Object.entries(skipped).map(([id, reason]) => [
        id as OperationId,
        { outcome: { kind: 'skipped', reason }, result: NO_RESULT } as const,
      ]),
    ),
    now: () => now,
    emit(event) {
      events.push(event);
      state = reduce(state, event);
      for (const listener of listeners) listener(event, state);
    },
    execute: ({ id }, { signal, output, together = [] }) =>
      new Promise<Execution>((resolve, reject) => {
        const end = (execution: Execution) => {
          held.delete(id);
          resolve(execution);
        };
        held.set(id, { id, signal, output, end, throw: reject, together });
        most = Math.max(most, held.size);
        if (obedient) signal.addEventListener('abort', () => end({ kind: 'interrupted', result: NO_RESULT }));
      }),
  });
  const find = (id: string): Held => {
    const operation = held.get(id);
    if (!operation) throw new Error(`"${id}" does not run; running: ${[...held.keys()].join(', ') || 'nothing'}`);
    return operation;
  };
  await settle();
  return {
    running: () => [...held.keys()],
    together: (id) => find(id).together.map((each) => each.id),
    async release(id, outcome = { kind: 'passed' }, contention) {
      const { signal, end } = find(id);
      end(
        signal.aborted
          ? { kind: 'interrupted', result: NO_RESULT }
          : { kind: 'ended', outcome, result: NO_RESULT, ...(contention === undefined ? {} : { contention }) },
      );
      await settle();
    },
    async crash(id, message) {
      const { throw: fail } = find(id);
      held.delete(id);
      fail(new Error(message));
      await settle();
    },
    output: (id, text) => find(id).output(text, text.length),
    async cancel(cause = { kind: 'user' }, only) {
      handle.cancel(cause, only as OperationId | undefined);
      await settle();
    },
    async setSlots(wanted, mostSlots) {
      handle.setSlots({ slots: wanted, ...(mostSlots === undefined ? {} : { mostSlots }) });
      await settle();
    },
    async limitSlots(by, wanted) {
      handle.limitSlots(by, wanted, `because of ${by}`);
      await settle();
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    settle,
    tick(ms) {
      now += ms;
    },
    events,
    state() {
      if (!state) throw new Error('No event was emitted.');
      return state;
    },
    ended: () => events.flatMap((event) => (event.kind === 'finished' ? [`${event.operation}: ${event.outcome.kind}`] : [])),
    finished: handle.finished,
    most: () => most,
  };
}

/** Lets everything that can go on without the outside go on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
