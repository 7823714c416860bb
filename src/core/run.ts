/**
 * Executes a plan: dependencies, then locks, then a slot, then attempts; emits the events of the run.
 *
 * The life of an operation (the names are the phases of its state):
 *
 *            ┌───────────► skipped, cancelled ──────────────┐
 *            │                                              ▼
 *   pending ─┴► blocked ─► locked ─► queued ─► running ─► finished
 *                  ▲  (each may be passed over)  ▲   │
 *                  │                             └───┤ retrying
 *                  └─────────────────────────────────┘ put aside until it can run alone, or waiting for its next attempt
 *
 * Locks and places in groups are taken all at once and before a slot; whoever runs waits for nobody. So no two operations can wait for each other.
 */
import pLimit from 'p-limit';
import { createHoldings } from './holdings.js';
import type {
  CancelCause,
  FailureMode,
  Interference,
  MemoryUse,
  Mode,
  Operation,
  OperationId,
  OperationResult,
  OperationSummary,
  Outcome,
  Plan,
  Prediction,
  RunEvent,
  RunId,
  RunOutcome,
  ScopeKind,
  VerificationId,
} from './model.js';
import { LARGEST_PASS } from './model.js';
import { didNotPass, effectiveKind, runOutcome } from './parts.js';
import { predecessors } from './plan.js';
import { turnsOf } from './priorities.js';
import { readyQueue } from './ready.js';
import { limitsOf, type SlotLimit, type SlotRange } from './slots.js';

/** How an attempt ended. `interrupted`: it stopped because its signal was aborted. */
export type Execution =
  | {
      readonly kind: 'ended';
      readonly outcome: Outcome;
      readonly result: OperationResult;
      /** It did not pass for a reason that company can cause; completes "It failed at first, because …". */
      readonly contention?: string;
    }
  | { readonly kind: 'interrupted'; readonly result: OperationResult };

/** An end without an execution. */
export interface Settled {
  readonly outcome: Outcome & { readonly kind: 'skipped' | 'cached' };
  readonly result: OperationResult;
}

export interface Attempt {
  /** From 1. */
  readonly attempt: number;
  /** The operations that are done in the same pass, itself among them, the same array for all of them; absent when it is done by itself. */
  readonly together?: readonly Operation[];
  /** Aborted on cancel and timeout. The execution ends only when nothing of it is left. */
  readonly signal: AbortSignal;
  /** What follows does not count against the operation's time limit. */
  stopClock(): void;
  output(tail: string, bytes: number): void;
  /** How an operation has ended; undefined while it has not. */
  outcomeOf(operation: OperationId): Outcome | undefined;
  /** Whether this operation would be tried again if its attempt ended so. */
  again(outcome: Outcome, contention: string | undefined): boolean;
  /** Says of operations that have passed that what they changed was put back because of another one. */
  rolledBack(operations: readonly OperationId[], because: OperationId): void;
}

export interface RunOptions {
  readonly plan: Plan;
  readonly run: RunId;
  readonly label: string;
  readonly mode: Mode;
  readonly scope: ScopeKind;
  readonly slots: number;
  /** Somebody else moves the slots up to this number, by `limitSlots('machine', …)`. */
  readonly mostSlots?: number;
  readonly failure: FailureMode;
  /** What timed out beside others is tried again alone. What fails for want of something that others hold always is. */
  readonly aloneAfterTimeout?: boolean;
  /** Wall clock, ISO 8601. */
  readonly startedAt: string;
  readonly verification?: VerificationId;
  readonly newOnly?: true;
  readonly batch?: true;
  /** Nothing is done in one pass: what each operation leaves is looked at before the next one starts. */
  readonly apart?: boolean;
  readonly inspection?: true;
  readonly predicted?: Prediction;
  /** Operations whose end is known beforehand: they are not executed. */
  readonly settled: ReadonlyMap<OperationId, Settled>;
  /**
   * Locks beyond this run: resolves with how to free them, undefined when aborted before. `onWait` is called when somebody else holds one.
   * Absent: only this run counts.
   */
  readonly outside?: (
    locks: readonly string[],
    signal: AbortSignal,
    onWait: () => void,
  ) => Promise<(() => Promise<void>) | undefined>;
  /** Does the work of one attempt. It knows the tools; the run does not. */
  execute(operation: Operation, attempt: Attempt): Promise<Execution>;
  /** When all operations have ended, before the run has. Never rejects. */
  settle?(all: Pick<Attempt, 'outcomeOf' | 'rolledBack'>): Promise<void>;
  /** Monotonic milliseconds. */
  now(): number;
  emit(event: RunEvent): void;
}

export interface RunHandle {
  /** Milliseconds since the run started. */
  now(): number;
  /** Stops everything, or one operation with all its parts. What runs is aborted; what waits is cancelled without having run. */
  cancel(cause: CancelCause, operation?: OperationId): void;
  /** Starts nothing new; what runs goes on. */
  startNothing(cause: CancelCause): void;
  /** What a user asks for: from now on so many, or so many for the time being and up to `mostSlots`. */
  setSlots(range: SlotRange): void;
  /** The least of all limits counts; `because` is a sentence. */
  limitSlots(by: SlotLimit, slots: number, because: string): void;
  /** What somebody has read; nothing after the last operation has ended. */
  tellMemory(use: MemoryUse): void;
  /** Resolves with the last event. Never rejects. */
  readonly finished: Promise<RunOutcome>;
}

interface Entry {
  readonly operation: Operation;
  /** Place in sequential order. */
  readonly index: number;
  /** Of those that are ready the one with the least starts first. */
  turn: number;
  readonly waitsFor: Set<OperationId>;
  attempts: number;
  state: 'pending' | 'waiting' | 'queued' | 'running' | 'deferred' | 'finished';
  holdsLocks: boolean;
  /** When its present or last attempt started, and when the last that has ended did: counted in starts and ends. 0 before the first. */
  started: number;
  ended: number;
  /** Why it is tried again alone. */
  interference?: Interference;
  outcome?: Outcome;
  abort?: ((stop: Stop) => void) | undefined;
  /** Frees what it holds beyond this run. */
  free?: (() => Promise<void>) | undefined;
}

/** Why a running operation is stopped: what its outcome will be. */
type Stop = Outcome & { kind: 'cancelled' | 'timed out' };

/** An event before it gets its place and time. */
type Unstamped = RunEvent extends infer Event ? (Event extends RunEvent ? Omit<Event, 'sequence' | 'at'> : never) : never;

/** What a timer can count to; about 25 days. A longer one would fire at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** So often operations may get in each other's way before the rest of a run is sequential. */
const TROUBLES = 2;

const NOTHING: OperationResult = { findings: [], outputBytes: 0 };

/** Starts at once; the first events are emitted before it returns. */
export function startRun(options: RunOptions): RunHandle {
  const { plan } = options;
  const started = options.now();
  const now = () => options.now() - started;
  const limit = pLimit(options.slots);
  const limits = limitsOf(options);
  const before = predecessors(plan.edges);
  const turns = turnsOf(plan, options.mode);
  const entries = new Map<OperationId, Entry>(
    plan.operations.map((operation, index) => [
      operation.id,
      {
        operation,
        index,
        turn: turns[index] ?? index,
        waitsFor: new Set((before.get(operation.id) ?? []).map((edge) => edge.from)),
        attempts: 0,
        state: 'pending',
        holdsLocks: false,
        started: 0,
        ended: 0,
      },
    ]),
  );
  /** And who held the locks when it last tried. */
  const waitingForLocks = new Map<Entry, readonly OperationId[]>();
  const holdings = createHoldings();
  const deferred: Entry[] = [];
  let deferredInAll = 0;
  const freeing: Promise<void>[] = [];
  let startsAndEnds = 0;
  const busyLanes = new Set<number>();
  const after = new Map<OperationId, Entry[]>();
  for (const { from, to } of plan.edges) {
    const dependent = entries.get(to);
    if (dependent) after.set(from, [...(after.get(from) ?? []), dependent]);
  }
  for (const dependents of after.values()) dependents.sort((a, b) => a.index - b.index);
  let sequence = 0;
  let unfinished = entries.size;
  let stopping: CancelCause | undefined;
  let done: (outcome: RunOutcome) => void;
  const finished = new Promise<RunOutcome>((resolve) => {
    done = resolve;
  });

  const emit = (event: Unstamped) => {
    options.emit({ ...event, sequence: sequence++, at: now() } as RunEvent);
  };

  const urgent = (a: Entry, b: Entry) => a.turn - b.turn || a.index - b.index;
  const ready = readyQueue(urgent);

  /** An operation whose dependencies have ended takes all its locks and places in groups, or waits until it can. */
  function takeLocks(entry: Entry): void {
    const { id, access } = entry.operation;
    const { names, by } = holdings.obstacles(entry.operation);
    if (by.length > 0) {
      // Told again when a lock went to somebody else, so that the wait is always explained by who holds it now.
      if (String(waitingForLocks.get(entry)) !== String(by)) {
        emit({ kind: 'locked', operation: id, locks: names, by });
      }
      waitingForLocks.set(entry, by);
      for (const holder of by) hasten(entries.get(holder), entry);
      return;
    }
    waitingForLocks.delete(entry);
    holdings.take(entry.operation);
    entry.holdsLocks = true;
    if (options.outside && access.locks.length > 0) void takeOutside(entry, options.outside);
    else enqueue(entry);
  }

  /** What holds something without running yet goes as soon as what waits for it would. */
  function hasten(holder: Entry | undefined, waiter: Entry): void {
    if (holder === undefined || holder.turn <= waiter.turn) return;
    const isReady = ready.delete(holder);
    holder.turn = waiter.turn;
    if (isReady) ready.add(holder);
  }

  /** What other windows hold is waited for after what this run holds: it is freed by their ends, not by ours. */
  async function takeOutside(entry: Entry, outside: NonNullable<RunOptions['outside']>): Promise<void> {
    const { id, access } = entry.operation;
    const controller = new AbortController();
    entry.abort = () => controller.abort();
    const free = await outside(access.locks, controller.signal, () =>
      emit({ kind: 'locked', operation: id, locks: access.locks, by: [] }),
    );
    entry.abort = undefined;
    if (entry.state === 'finished') await free?.();
    else {
      entry.free = free;
      enqueue(entry);
    }
  }

  function enqueue(entry: Entry): void {
    entry.state = 'queued';
    ready.add(entry);
    emit({ kind: 'queued', operation: entry.operation.id });
    // The slot does not belong to this operation: whichever is most urgent when it frees takes it.
    void limit(async () => {
      const next = ready.first();
      if (next) await runPass(next);
    });
  }

  /** What is done in one pass takes one slot. */
  async function runPass(first: Entry): Promise<void> {
    const { fusion } = first.operation;
    // Alone is alone.
    const alone = fusion === undefined || first.interference !== undefined || options.mode === 'sequential';
    const apart = alone || options.apart === true;
    const mates = apart ? [] : ready.filter(({ operation }) => operation.fusion === fusion, LARGEST_PASS);
    if (mates.length < 2) return runAttempt(first, firstFree(busyLanes));
    const lane = firstFree(busyLanes);
    const together = mates.map(({ operation }) => operation);
    await Promise.all(mates.map((entry) => runAttempt(entry, lane, together)));
  }

  async function runAttempt(entry: Entry, lane: number, together?: readonly Operation[]): Promise<void> {
    const { operation } = entry;
    const controller = new AbortController();
    let stop: Stop | undefined;
    entry.abort = (cause) => {
      stop ??= cause;
      controller.abort();
    };
    ready.delete(entry);
    busyLanes.add(lane);
    entry.state = 'running';
    entry.attempts += 1;
    entry.started = ++startsAndEnds;
    emit({ kind: 'started', operation: operation.id, attempt: entry.attempts, lane });
    const { timeoutMs } = operation;
    const timer = setTimeout(
      () => entry.abort?.({ kind: 'timed out', afterMs: timeoutMs }),
      Math.min(timeoutMs, LONGEST_TIMER_MS),
    );
    // What runs keeps the host alive; the limit alone must not.
    timer.unref();
    const execution = await execute(operation, {
      attempt: entry.attempts,
      ...(together === undefined ? {} : { together }),
      signal: controller.signal,
      stopClock: () => clearTimeout(timer),
      output: (tail, bytes) => emit({ kind: 'output', operation: operation.id, tail, bytes }),
      outcomeOf: (id) => entries.get(id)?.outcome,
      again: (outcome, contention) => mayRetry(entry, outcome) || (contention !== undefined && mayTryAlone(entry, outcome)),
      rolledBack,
    });
    clearTimeout(timer);
    entry.ended = ++startsAndEnds;
    busyLanes.delete(lane);
    const outcome =
      execution.kind === 'interrupted' ? (stop ?? { kind: 'cancelled', cause: { kind: 'user' } }) : execution.outcome;
    const slow = outcome.kind === 'timed out' && options.aloneAfterTimeout ? 'it took too long' : undefined;
    const contention = execution.kind === 'ended' ? execution.contention : slow;
    if (mayRetry(entry, outcome)) {
      emit({ kind: 'retrying', operation: operation.id, attempt: entry.attempts + 1, because: outcome });
      tryAgain(entry);
    } else if (contention !== undefined && mayTryAlone(entry, outcome)) {
      defer(entry, outcome, contention);
    } else {
      finish(entry, outcome, execution.result);
    }
  }

  /** What ran beside its present or last attempt. Asked for only when something fails, so that nothing is noted of what passes. */
  function besideOf(entry: Entry): readonly OperationId[] {
    const others = [...entries.values()].filter((other) => other !== entry && other.started > 0);
    return others.filter(({ started, ended }) => started > ended || ended > entry.started).map(({ operation }) => operation.id);
  }

  function tryAgain(entry: Entry): void {
    const { id, backoffMs = 0 } = entry.operation;
    if (backoffMs <= 0) {
      enqueue(entry);
      return;
    }
    entry.state = 'waiting';
    emit({ kind: 'blocked', operation: id, by: [] });
    const timer = setTimeout(
      () => {
        entry.abort = undefined;
        enqueue(entry);
      },
      Math.min(backoffMs * 2 ** (entry.attempts - 1), LONGEST_TIMER_MS),
    );
    entry.abort = () => clearTimeout(timer);
  }

  function mayTryAlone(entry: Entry, outcome: Outcome): boolean {
    return didNotPass(outcome) && entry.interference === undefined && besideOf(entry).length > 0 && stopping === undefined;
  }

  /** Puts it aside until nothing else runs or can run. */
  function defer(entry: Entry, outcome: Outcome, because: string): void {
    const { id } = entry.operation;
    entry.state = 'deferred';
    const beside = besideOf(entry);
    entry.interference = { beside, because };
    emit({ kind: 'retrying', operation: id, attempt: entry.attempts + 1, because: outcome });
    emit({ kind: 'blocked', operation: id, by: beside });
    deferred.push(entry);
    releaseLocks(entry);
    if (deferredInAll++ === TROUBLES)
      limitSlots('interference', 1, 'Operations got in each other’s way several times, so the rest runs one after another.');
    runDeferred();
  }

  /** What was put aside runs when nothing else does, one after another. */
  function runDeferred(): void {
    const [next] = deferred;
    if (!next) return;
    const busy = [...entries.values()].some(
      ({ state, abort }) => state === 'running' || state === 'queued' || (state === 'waiting' && abort),
    );
    if (busy) return;
    deferred.shift();
    next.state = 'waiting';
    takeLocks(next);
  }

  function rolledBack(operations: readonly OperationId[], because: OperationId): void {
    for (const id of operations) {
      const entry = entries.get(id);
      if (entry?.outcome?.kind !== 'passed') continue;
      entry.outcome = { kind: 'rolled back', because };
      emit({ kind: 'rolled back', operation: id, because });
    }
  }

  function execute(operation: Operation, attempt: Attempt): Promise<Execution> {
    return options
      .execute(operation, attempt)
      .catch((error: unknown) => ({ kind: 'ended', outcome: defect(error), result: NOTHING }));
  }

  function mayRetry(entry: Entry, outcome: Outcome): boolean {
    const again = entry.operation.retryFailed === true && outcome.kind === 'failed';
    const worthIt = outcome.kind === 'errored' || outcome.kind === 'timed out' || again;
    return worthIt && entry.attempts <= entry.operation.retries && stopping === undefined;
  }

  function finish(entry: Entry, outcome: Outcome, result: OperationResult = NOTHING): void {
    entry.state = 'finished';
    entry.outcome = outcome;
    ready.delete(entry);
    waitingForLocks.delete(entry);
    const told = outcome.kind === 'passed' && entry.interference ? { ...outcome, interference: entry.interference } : outcome;
    emit({ kind: 'finished', operation: entry.operation.id, outcome: told, result });
    unfinished -= 1;
    if (options.failure !== 'continue' && !stopping && didNotPass(outcome))
      cancel({ kind: 'fail fast', because: entry.operation.id }, undefined, options.failure === 'stop');
    releaseLocks(entry);
    releaseDependents(entry, outcome);
    runDeferred();
    if (unfinished === 0) end();
  }

  function releaseLocks(entry: Entry): void {
    if (!entry.holdsLocks) return;
    holdings.free(entry.operation);
    entry.holdsLocks = false;
    // The run ends when nobody outside waits for it any more.
    if (entry.free) freeing.push(entry.free());
    entry.free = undefined;
    for (const waiting of [...waitingForLocks.keys()].sort(urgent)) takeLocks(waiting);
  }

  function releaseDependents(entry: Entry, outcome: Outcome): void {
    const { id } = entry.operation;
    for (const dependent of after.get(id) ?? []) {
      // What is known beforehand stands, whatever becomes of what it needs.
      const hasEnded = dependent.state === 'finished' || options.settled.has(dependent.operation.id);
      if (!dependent.waitsFor.delete(id) || hasEnded) continue;
      const missing = effectiveKind(outcome) !== 'passed' && isNeed(entry, dependent) ? entry : rolledBackNeed(dependent);
      if (missing) {
        const need = missing.operation.part?.of ?? missing.operation.id;
        const kind = effectiveKind(missing.outcome ?? outcome);
        finish(dependent, { kind: 'skipped', reason: { kind: 'need did not pass', need, outcome: kind } });
      } else if (dependent.waitsFor.size === 0 && dependent.state === 'waiting') {
        takeLocks(dependent);
      }
    }
  }

  function isNeed({ operation }: Entry, dependent: Entry): boolean {
    return dependent.operation.needs.includes(operation.id) && operation.onFailure !== 'continue';
  }

  /** A need that had passed, and was put back before everything else that is waited for had ended. */
  function rolledBackNeed(dependent: Entry): Entry | undefined {
    if (dependent.waitsFor.size > 0) return undefined;
    return dependent.operation.needs
      .flatMap((need) => entries.get(need) ?? [])
      .find((need) => need.outcome?.kind === 'rolled back' && isNeed(need, dependent));
  }

  /** With `goesOn` what runs is left to end. */
  function cancel(cause: CancelCause, only?: OperationId, goesOn = false): void {
    if (only === undefined) stopping ??= cause;
    const outcome: Stop = { kind: 'cancelled', cause };
    for (const entry of entries.values()) {
      if (only !== undefined && entry.operation.id !== only && entry.operation.part?.of !== only) continue;
      if (entry.state === 'running') {
        if (!goesOn) entry.abort?.(outcome);
      } else if (entry.state !== 'finished') {
        // It may wait for its next attempt.
        entry.abort?.(outcome);
        finish(entry, outcome);
      }
    }
  }

  function setSlots(range: SlotRange): void {
    for (const by of ['asked', 'machine'] as const) limits.delete(by);
    for (const [by, most] of limitsOf(range)) limits.set(by, most);
    changeSlots();
  }

  function limitSlots(by: SlotLimit, slots: number, because: string): void {
    const before = limit.concurrency;
    limits.set(by, slots);
    // What a budget or a failure asks for is told also when something else allowed no more before.
    if (by !== 'machine' || Math.min(...limits.values()) !== before) changeSlots(because);
  }

  function changeSlots(because?: string): void {
    // Its last event was told.
    if (unfinished < 0) return;
    const slots = Math.min(...limits.values());
    limit.concurrency = slots;
    emit({ kind: 'slots changed', slots, ...(because === undefined ? {} : { because }) });
  }

  function end(): void {
    unfinished = -1;
    if (!options.settle) conclude();
    else void options.settle({ outcomeOf: (id) => entries.get(id)?.outcome, rolledBack }).finally(conclude);
  }

  function conclude(): void {
    const outcome = runOutcome([...entries.values()].map((entry) => entry.outcome));
    emit({ kind: 'run finished', outcome });
    void Promise.allSettled(freeing).then(() => done(outcome));
  }

  function begin(): void {
    emit({
      kind: 'run started',
      run: options.run,
      label: options.label,
      mode: options.mode,
      scope: options.scope,
      slots: options.slots,
      ...(options.mostSlots === undefined ? {} : { mostSlots: options.mostSlots }),
      startedAt: options.startedAt,
      operations: plan.operations.map(summary),
      edges: plan.edges,
      ...(options.verification === undefined ? {} : { verification: options.verification }),
      ...(options.newOnly ? { newOnly: true } : {}),
      ...(options.batch ? { batch: true } : {}),
      ...(options.inspection ? { inspection: true } : {}),
      ...(options.predicted === undefined ? {} : { predicted: options.predicted }),
    });
    for (const [id, { outcome, result }] of options.settled) {
      const entry = entries.get(id);
      if (entry && entry.state !== 'finished') finish(entry, outcome, result);
    }
    const waiting = [...entries.values()].filter((entry) => entry.state === 'pending');
    for (const entry of waiting) entry.state = 'waiting';
    for (const entry of waiting.filter(({ waitsFor }) => waitsFor.size > 0)) {
      emit({ kind: 'blocked', operation: entry.operation.id, by: [...entry.waitsFor] });
    }
    for (const entry of waiting.filter(({ waitsFor }) => waitsFor.size === 0).sort(urgent)) takeLocks(entry);
    if (unfinished === 0) end();
  }

  begin();
  return {
    now,
    cancel,
    startNothing: (cause) => cancel(cause, undefined, true),
    setSlots,
    limitSlots,
    tellMemory: (use) => unfinished > 0 && emit({ kind: 'memory', ...use }),
    finished,
  };
}

/** What views are told of an operation before anything happened to it. */
export function summary(operation: Operation): OperationSummary {
  const { id, name, group, needs, files, part, workers, remember } = operation;
  return {
    id,
    name,
    group,
    ...(operation.tool === 'command'
      ? { command: operation.input }
      : { invocation: { tool: operation.tool, input: operation.input } }),
    needs,
    ...(files === undefined ? {} : { files }),
    ...(part === undefined ? {} : { part }),
    ...(workers === undefined ? {} : { workers }),
    ...(remember === undefined ? {} : { remember }),
  };
}

function defect(error: unknown): Outcome {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return { kind: 'errored', failure: { kind: 'defect', message, stack: stack ?? '' } };
}

function firstFree(busy: ReadonlySet<number>): number {
  let lane = 0;
  while (busy.has(lane)) lane += 1;
  return lane;
}
