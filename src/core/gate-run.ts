/** Runs gates: prepares what is executed, executes the plan, and puts the run into the history. */
import { randomBytes } from 'node:crypto';
import type { Cache, CachedResult } from './cache.js';
import type { Costs } from './costs.js';
import { type CachedBase, openBaseline } from './gate-baseline.js';
import { keepResults } from './gate-cache.js';
import { executeGate, type Place } from './gate-execution.js';
import { learnFromParts } from './gate-parts.js';
import { type Prepared, prepareRun } from './gate-plan.js';
import { gateOperation } from './gates/operation.js';
import { startGuard } from './guard.js';
import type { History } from './history.js';
import type { Host } from './host.js';
import type { Journal } from './journal.js';
import type {
  CancelCause,
  Gate,
  Mode,
  Operation,
  OperationId,
  RunEvent,
  RunId,
  RunState,
  Scope,
  VerificationId,
} from './model.js';
import type { ProcessRunner } from './process.js';
import { type Attempt, type Execution, type RunHandle, startRun, summary } from './run.js';
import { reduce } from './state.js';

export interface RunRequest {
  /** In sequential order. Gates that are not available are skipped, with their reason. */
  readonly gates: readonly Gate[];
  readonly scope: Scope;
  readonly mode: Mode;
  /** How many operations run at once; ignored by a sequential run. */
  readonly slots: number;
  /** Cancel the rest as soon as one gate failed. */
  readonly failFast: boolean;
  /** What the user asked for, for the Runs view: `Run All Gates`. */
  readonly label: string;
  /** Replaces every gate's own limit. */
  readonly timeoutMs?: number;
  /** With files named one by one: gates whose files cannot be checked apart run whole, so that every outcome is that of the whole. */
  readonly exact?: boolean;
  /** Answer gates from the cache whose result nothing has changed since. A trial never does. */
  readonly cache?: boolean;
  /** Set apart what was found where the branch left the default branch, and fail for what is new only. */
  readonly newOnly?: boolean;
  /** Marks the run as a trial. */
  readonly verification?: VerificationId;
}

/** A run that goes on. It never rejects: whatever happens is in its state. */
export interface ActiveRun {
  readonly id: RunId;
  /** As of now; a new object after each event. */
  state(): RunState;
  /** The run's clock: milliseconds since it started. */
  now(): number;
  /** Called after each event, in order, with the state that includes it. Returns how to stop listening. */
  onEvent(listener: (event: RunEvent, state: RunState) => void): () => void;
  /** Stops everything, or one operation. Resolves when no process of it is left. */
  cancel(operation?: OperationId): Promise<void>;
  setSlots(slots: number): void;
  /** Resolves after the last process is gone and the run is in the history. */
  readonly finished: Promise<RunState>;
}

/** Something that an engine has to end before it ends itself. */
export interface ActiveWork {
  stop(cause: CancelCause): Promise<void>;
  /** Of a run. */
  readonly state?: () => RunState;
}

/** What all runs of an engine share. */
export interface EngineContext {
  readonly host: Host;
  readonly history: History;
  readonly costs: Costs;
  readonly cache: Cache<CachedResult>;
  /** What gates found at commits. */
  readonly bases: Cache<CachedBase>;
  readonly journal: Journal;
  readonly runProcess: ProcessRunner;
  /** How many processors the machine has for us. */
  readonly processors: number;
  readonly active: Set<ActiveWork>;
}

/** `20261121T103900123-4f2a9c`: sorts by time, unique across processes. */
export function newId<Id extends string>(date: Date): Id {
  return `${date.toISOString().replace(/[-:.Z]/g, '')}-${randomBytes(3).toString('hex')}` as Id;
}

/** Starts at once; what has to be found out first happens behind the first, pending state. */
export function startGateRun(context: EngineContext, request: RunRequest): ActiveRun {
  const { host, history, active } = context;
  const id = newId<RunId>(host.date());
  const startedAt = host.date().toISOString();
  const slots = request.mode === 'sequential' ? 1 : Math.max(1, Math.floor(request.slots));
  const events: RunEvent[] = [];
  const listeners = new Set<(event: RunEvent, state: RunState) => void>();
  let state = pendingState(id, request, slots, startedAt);
  let handle: RunHandle | undefined;
  let cancelled: CancelCause | undefined;
  const cancelledEarly = new Set<OperationId>();
  const preparing = new AbortController();
  const emit = (event: RunEvent) => {
    events.push(event);
    state = reduce(state, event);
    for (const listener of listeners) {
      // A view that fails must not take the run with it.
      try {
        listener(event, state);
      } catch (error) {
        host.log.error(`A view failed on the event "${event.kind}": ${error instanceof Error ? error.stack : String(error)}`);
      }
    }
  };
  const go = async (): Promise<RunState> => {
    const baseline = request.newOnly
      ? openBaseline(context, { gates: request.gates, cache: request.cache !== false, signal: preparing.signal })
      : undefined;
    const prepared = await prepareRun(context, request, { slots, signal: preparing.signal, baseline });
    const guard = startGuard(id, host.env, host.log);
    try {
      const directory = await history.prepare(id);
      handle = startRun({
        ...prepared,
        run: id,
        label: request.label,
        mode: request.mode,
        scope: request.scope.kind,
        slots,
        failFast: request.failFast,
        startedAt,
        ...(request.verification === undefined ? {} : { verification: request.verification }),
        ...(request.newOnly ? { newOnly: true } : {}),
        now: host.now,
        emit,
        execute: (operation, attempt) =>
          execute(context, prepared, { guard, directory, baseline, share: prepared.share }, operation, attempt),
      });
      if (cancelled) handle.cancel(cancelled);
      for (const operation of cancelledEarly) handle.cancel({ kind: 'user' }, operation);
      await handle.finished;
    } finally {
      await guard.close();
      await baseline?.close();
    }
    await history.addRun(state, events);
    await learnFromParts(context, request.gates, state);
    keepLater(context, prepared, state);
    return state;
  };
  const stop = async (cause: CancelCause, operation?: OperationId) => {
    if (operation === undefined) {
      cancelled ??= cause;
      preparing.abort();
    } else if (!handle) {
      cancelledEarly.add(operation);
    }
    handle?.cancel(cause, operation);
    if (operation === undefined) await finished;
    else await Promise.race([ended(operation), finished]);
  };
  const ended = (operation: OperationId) =>
    new Promise<void>((resolve) => {
      const over = () => state.outcome !== undefined || state.operations.some((each) => each.id === operation && each.outcome);
      const check = () => {
        if (!over()) return;
        listeners.delete(check);
        resolve();
      };
      listeners.add(check);
      check();
    });
  const self: ActiveWork = { stop, state: () => state };
  active.add(self);
  const finished = go()
    .catch((error: unknown) => {
      host.log.error(
        `The run ${id} could not be carried out: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
      state = { ...state, outcome: 'errored' };
      return state;
    })
    .finally(() => active.delete(self));
  return {
    id,
    state: () => state,
    now: () => handle?.now() ?? 0,
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    cancel: (operation) => stop({ kind: 'user' }, operation),
    setSlots: (wanted) => handle?.setSlots(Math.max(1, Math.floor(wanted))),
    finished,
  };
}

/** What the views show while the scope and the plan are being found out. */
function pendingState(run: RunId, request: RunRequest, slots: number, startedAt: string): RunState {
  const operations = request.gates.map((gate) => {
    return summary(gateOperation(gate, [gate.command.argv], gate.timeoutMs).operation);
  });
  const { label, mode, scope, verification, newOnly } = request;
  return reduce(undefined, {
    kind: 'run started',
    sequence: 0,
    at: 0,
    run,
    label,
    mode,
    scope: scope.kind,
    slots,
    startedAt,
    operations,
    edges: [],
    ...(verification === undefined ? {} : { verification }),
    ...(newOnly ? { newOnly: true } : {}),
  });
}

/** Nobody waits for it but the end of the engine. */
function keepLater(context: EngineContext, { keyed, gates }: Prepared, state: RunState): void {
  const { host, active } = context;
  const keeping = keepResults(context, keyed, [...new Set(gates.values())], state)
    .catch((error: unknown) => host.log.warn(`Results could not be kept for the cache: ${String(error)}.`))
    .finally(() => active.delete(work));
  const work: ActiveWork = { stop: () => keeping };
  active.add(work);
}

function execute(
  context: EngineContext,
  { failures, gates, operations, answered }: Prepared,
  place: Place,
  { id }: Operation,
  attempt: Attempt,
): Promise<Execution> {
  const failure = failures.get(id);
  if (failure) {
    return Promise.resolve({ kind: 'ended', outcome: { kind: 'errored', failure }, result: { findings: [], outputBytes: 0 } });
  }
  const gate = gates.get(id);
  const made = operations.get(id);
  if (!gate || !made) throw new Error(`No gate has the operation "${id}".`);
  return executeGate(context, gate, made, place, attempt, answered.get(id));
}
