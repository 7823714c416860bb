/** One run, whatever it executes: from the request through its preparation and its events to the history. */
import { randomBytes } from 'node:crypto';
import type { Duration } from './durations.js';
import { type Forecast, forecastOf } from './forecast.js';
import { type Guard, startGuard } from './guard.js';
import type { History } from './history.js';
import type { Host } from './host.js';
import { readMachine, readMemory } from './machine.js';
import type { Usage } from './measured.js';
import { watchMemory } from './memory-watch.js';
import { faultText } from './messages.js';
import type {
  CancelCause,
  FailureMode,
  Mode,
  Operation,
  OperationId,
  OperationSummary,
  Plan,
  Remaining,
  RunEvent,
  RunId,
  RunState,
  ScopeKind,
  VerificationId,
} from './model.js';
import { type Attempt, type Execution, type RunHandle, type Settled, startRun } from './run.js';
import type { SlotsFrom } from './schedule.js';
import { keepSlots } from './slot-keeper.js';
import type { KnownWork, SlotMemory } from './slot-memory.js';
import { type SlotLimit, type SlotRange, slotRange } from './slots.js';
import { reduce, replay } from './state.js';
import { watchUsage } from './usage.js';
import type { WorkspaceLocks } from './workspace-locks.js';

/** A run that goes on. It never rejects: whatever happens is in its state. */
export interface ActiveRun {
  readonly id: RunId;
  /** As of now, with all events so far; another object after each event. */
  state(): RunState;
  /** The run's clock: milliseconds since it started. */
  now(): number;
  /** Called after each event, in order; `state` includes it then. Returns how to stop listening. */
  onEvent(listener: (event: RunEvent) => void): () => void;
  /** When it is expected to end; undefined while a duration is unknown, before its plan is known and after its end. */
  remaining(): Remaining | undefined;
  /** Stops everything, or one operation. Resolves when no process of it is left. */
  cancel(operation?: OperationId): Promise<void>;
  /** What a user asks for while it goes on. */
  setSlots(range: SlotRange): void;
  /** Allows at most so many slots, whatever the user has asked for; `because` is a sentence. */
  limitSlots(by: SlotLimit, slots: number, because: string): void;
  /** Starts nothing new; what runs goes on. */
  startNothing(cause: CancelCause): void;
  /** What it took of the machine; known of a trial that is finished, where the machine can tell. */
  usage(): Usage | undefined;
  /** Resolves after the last process is gone and the run is in the history. */
  readonly finished: Promise<RunState>;
}

/** Something that an engine has to end before it ends itself. */
export interface ActiveWork {
  stop(cause: CancelCause): Promise<void>;
  /** Of a run. */
  readonly state?: () => RunState;
}

/** What a run needs of its engine. */
export interface WorkContext {
  readonly host: Host;
  readonly history: History;
  readonly active: Set<ActiveWork>;
  /** Locks that hold across windows and terminals. */
  readonly locks: WorkspaceLocks;
  /** What runs of the same work came to; absent where each begins anew. */
  readonly slotMemory?: SlotMemory;
  /** In place of a guard process, where nothing is started that could be left. */
  readonly startGuard?: typeof startGuard;
}

/** What is executed, and how it is found out. */
export interface Work {
  /** For the Runs view. */
  readonly label: string;
  readonly mode: Mode;
  readonly scope: ScopeKind;
  /** How many operations run at once; 1 in a sequential run. */
  readonly slots: number;
  /** Volley moves the number of slots between 1 and this. Absent: it stays. */
  readonly mostSlots?: number;
  readonly failure: FailureMode;
  /** What timed out beside others is tried again alone. */
  readonly aloneAfterTimeout?: boolean;
  /** Nothing is done in one pass. */
  readonly apart?: boolean;
  readonly verification?: VerificationId;
  readonly newOnly?: boolean;
  readonly batch?: boolean;
  readonly inspection?: boolean;
  /** False: nothing of it is kept when it has ended. Default: it stands in the history. */
  readonly recorded?: boolean;
  /** What views show until the plan is known. */
  readonly pending: readonly OperationSummary[];
  /** Finds out what is executed. `signal` is aborted when the run is cancelled meanwhile. */
  prepare(signal: AbortSignal): Promise<PreparedWork>;
}

export interface PreparedWork {
  readonly plan: Plan;
  /** What is known of the durations of its operations; absent: nothing is predicted. */
  readonly expected?: ReadonlyMap<OperationId, Duration>;
  /** How the slots of such a run moved before, up to this number. */
  readonly learnedSlots?: (most: number) => readonly SlotsFrom[] | undefined;
  /** Operations whose end is known already. */
  readonly settled: ReadonlyMap<OperationId, Settled>;
  execute(operation: Operation, attempt: Attempt, place: WorkPlace): Promise<Execution>;
  /** When all operations have ended, before the run has; it may roll some back. */
  settle?(all: Pick<Attempt, 'outcomeOf' | 'rolledBack'>): Promise<void>;
  /** When no operation runs any more, also after a failure. */
  close?(): Promise<void>;
  /** When the run stands in the history. */
  after?(state: RunState): Promise<void>;
}

export interface WorkPlace {
  readonly guard: Guard;
  /** Where outputs are kept. */
  readonly directory: string;
}

/** `20261121T103900123-4f2a9c`: sorts by time, unique across processes. */
export function newId<Id extends string>(date: Date): Id {
  return `${date.toISOString().replace(/[-:.Z]/g, '')}-${randomBytes(3).toString('hex')}` as Id;
}

/** Starts at once; what has to be found out first happens behind the first, pending state. */
export function startWork(context: WorkContext, work: Work): ActiveRun {
  const { host, history, active } = context;
  const id = newId<RunId>(host.date());
  const startedAt = host.date().toISOString();
  const events: RunEvent[] = [];
  const listeners = new Set<(event: RunEvent) => void>();
  const { state, ends } = stateOf(pendingState(id, work, startedAt), events);
  let handle: RunHandle | undefined;
  let cancelled: CancelCause | undefined;
  const cancelledEarly = new Set<OperationId>();
  const preparing = new AbortController();
  const emit = (event: RunEvent) => {
    events.push(event);
    for (const listener of listeners) {
      // A view that fails must not take the run with it.
      try {
        listener(event);
      } catch (error) {
        host.log.error(`A view failed on the event "${event.kind}": ${faultText(error)}`);
      }
    }
  };
  const onEvent = (listener: (event: RunEvent) => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  const groups = new Set<number>();
  let durations: Plan['durations'] = new Map();
  let forecast: Forecast | undefined;
  let stopKeeping: (() => void) | undefined;
  let stopWatching: (() => void) | undefined;
  let freeAtFirst: number | undefined;
  let usage: Usage | undefined;
  let known: KnownWork | undefined;
  const keepWithin = ({ mostSlots }: SlotRange) => {
    stopKeeping?.();
    stopKeeping = undefined;
    const running = handle;
    if (mostSlots === undefined || running === undefined || work.mode === 'sequential' || state().outcome !== undefined) return;
    const limitSlots = (slots: number, because: string) => running.limitSlots('machine', slots, because);
    const run = { state, onEvent, limitSlots };
    stopKeeping = keepSlots({ run, most: mostSlots, durations, freeAtFirst, read: () => readMachine(groups) });
  };
  const go = async (): Promise<RunState> => {
    const prepared = await work.prepare(preparing.signal);
    const going = prepared.plan.operations.filter(({ id: operation }) => !prepared.settled.has(operation));
    const starts = going.length > 0;
    const guard = noted((context.startGuard ?? startGuard)(id, host.env, host.log), groups);
    if (going.some(({ tool }) => tool === 'command')) guard.prepare?.();
    let used: ReturnType<typeof watchUsage> | undefined;
    const end = async () => {
      usage ??= used?.(state().memory ?? []);
      stopKeeping?.();
      stopWatching?.();
      await guard.close();
      await prepared.close?.();
    };
    try {
      const directory = await history.prepare(id);
      const machine = starts && work.mode === 'parallel' ? readMachine(groups) : undefined;
      freeAtFirst = machine?.memory.freeBytes;
      known = machine && (await context.slotMemory?.known(prepared.plan.operations, work, machine));
      forecast = forecastOf({ ...prepared, ...work }, host.now);
      // Just before its clock starts. Of a trial that is not kept, as those of tunings, nobody asks.
      if (work.verification !== undefined && work.recorded !== false) used = watchUsage(groups);
      handle = startRun({
        plan: prepared.plan,
        ...(forecast?.predicted === undefined ? {} : { predicted: forecast.predicted }),
        settled: prepared.settled,
        ...headOf(id, work, startedAt),
        failure: work.failure,
        aloneAfterTimeout: work.aloneAfterTimeout ?? false,
        apart: work.apart ?? false,
        now: host.now,
        outside: context.locks.take,
        emit,
        ...(prepared.settle ? { settle: prepared.settle } : {}),
        execute: (operation, attempt) => prepared.execute(operation, attempt, { guard, directory }),
      });
      durations = prepared.plan.durations;
      // In the turn in which it begins, so that nothing has started yet; and so that the trace tells of it.
      if (known?.first !== undefined)
        handle.limitSlots('machine', known.first, `The same work came to ${known.first} at once when it ran before.`);
      if (starts) {
        const { tellMemory } = handle;
        keepWithin(work);
        stopWatching = watchMemory({ read: () => readMemory(groups), tell: tellMemory });
      }
      if (cancelled) handle.cancel(cancelled);
      for (const operation of cancelledEarly) handle.cancel({ kind: 'user' }, operation);
      await handle.finished;
    } catch (error) {
      await end();
      throw error;
    }
    // The guard looks through all processes of the machine meanwhile.
    await Promise.all([
      end(),
      work.recorded === false ? undefined : history.addRun(state(), events),
      isTrial(work) ? undefined : known?.remember(state()),
    ]);
    await prepared.after?.(state());
    if (work.recorded === false) await history.forget(id);
    return state();
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
      const over = () => {
        const { outcome, operations } = state();
        return outcome !== undefined || operations.some((each) => each.id === operation && each.outcome);
      };
      const check = () => {
        if (!over()) return;
        listeners.delete(check);
        resolve();
      };
      listeners.add(check);
      check();
    });
  const self: ActiveWork = { stop, state };
  active.add(self);
  const finished = go()
    .catch((error: unknown) => {
      host.log.error(`The run ${id} could not be carried out: ${faultText(error)}`);
      ends('errored');
      return state();
    })
    .finally(() => active.delete(self));
  return {
    id,
    state,
    now: () => handle?.now() ?? 0,
    remaining: () => (handle ? forecast?.remaining(state(), handle.now()) : undefined),
    onEvent,
    cancel: (operation) => stop({ kind: 'user' }, operation),
    setSlots(asked) {
      handle?.setSlots(slotRange(asked));
      keepWithin(slotRange(asked));
    },
    limitSlots: (by, slots, because) => handle?.limitSlots(by, slots, because),
    startNothing: (cause) => handle?.startNothing(cause),
    usage: () => usage,
    finished,
  };
}

/** The state of a run whose events are added to `events`, made when somebody asks: nobody looks at it after each event. */
function stateOf(first: RunState, events: readonly RunEvent[]) {
  let known = first;
  let count = 0;
  const state = (): RunState => {
    if (count < events.length) known = replay(events.slice(count), known) ?? known;
    count = events.length;
    return known;
  };
  return {
    state,
    ends(outcome: RunState['outcome']): void {
      known = { ...state(), ...(outcome === undefined ? {} : { outcome }) };
    },
  };
}

/** All trials of a verification begin alike. */
function isTrial({ verification }: Work): boolean {
  return verification !== undefined;
}

/** The same guard; the process groups that it knows are noted as well, its own among them. */
function noted(guard: Guard, groups: Set<number>): Guard {
  return {
    ...guard,
    add(group) {
      groups.add(group);
      guard.add(group);
      const own = guard.group?.();
      if (own !== undefined) groups.add(own);
    },
    remove(group) {
      groups.delete(group);
      guard.remove(group);
    },
  };
}

/** What the views show while the scope and the plan are being found out. */
function pendingState(run: RunId, work: Work, startedAt: string): RunState {
  return reduce(undefined, {
    kind: 'run started',
    sequence: 0,
    at: 0,
    ...headOf(run, work, startedAt),
    operations: work.pending,
    edges: [],
  });
}

function headOf(
  run: RunId,
  { label, mode, scope, slots, mostSlots, verification, newOnly, batch, inspection }: Work,
  startedAt: string,
) {
  return {
    run,
    label,
    mode,
    scope,
    slots,
    startedAt,
    ...(mostSlots === undefined ? {} : { mostSlots }),
    ...(verification === undefined ? {} : { verification }),
    ...(newOnly ? { newOnly: true as const } : {}),
    ...(batch ? { batch: true as const } : {}),
    ...(inspection ? { inspection: true as const } : {}),
  };
}
