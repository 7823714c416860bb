/** What goes on in a session: runs, verifications and tunings behind one face, whose many events become few changes. */
import type * as vscode from 'vscode';
import type {
  ActiveBatch,
  ActiveInspection,
  ActiveRun,
  ActiveTuning,
  ActiveVerification,
  BatchChanges,
  InspectedSoFar,
  TuningProgress,
  VerificationProgress,
} from '../core/engine.js';
import type { Log } from '../core/host.js';
import type { Verification } from '../core/measured.js';
import { faultText } from '../core/messages.js';
import type { GateId, OperationId, OperationState, Remaining, RunId, RunOutcome, RunState } from '../core/model.js';
import type { SlotRange } from '../core/slots.js';
import type { Tuning } from '../core/tuning-model.js';
import { isConclusive, type LastResult, resultOf } from './last-results.js';

/** Views are told of changes at most this often, so that hundreds of operations do not hold the editor. */
const COALESCE_MS = 100;
/** How often views are told that time passed while something runs. */
const TICK_MS = 1000;
/** What goes on: a run, or a verification or tuning with its trials. */
export interface Activity {
  readonly kind: 'run' | 'verification' | 'tuning';
  readonly label: string;
  readonly cancelling: boolean;
  /** Of the run, or of the newest trial. */
  state(): RunState | undefined;
  /** The clock of that run, in milliseconds. */
  now(): number;
  /** When the run is expected to end, by its clock; never of a verification. */
  remaining(): Remaining | undefined;
  /** Of a verification only. */
  progress(): VerificationProgress | undefined;
  /** Of a tuning only. */
  tuning(): TuningProgress | undefined;
  /** Milliseconds since the start of the whole. */
  elapsedMs(): number;
  setSlots(slots: SlotRange): void;
  /** Of an inspection: what was told of files so far. */
  readonly inspected?: InspectedSoFar;
  /** Resolves when nothing of it runs any more and the session is free. */
  readonly finished: Promise<ActivityEnd>;
}

/** How an activity ended. */
export interface ActivityEnd {
  readonly kind: Activity['kind'];
  readonly label: string;
  readonly outcome: RunOutcome;
  readonly state?: RunState;
  readonly verification?: Verification;
  readonly tuning?: Tuning;
  /** Of a batch. */
  readonly changed?: BatchChanges;
}

/** A run or a verification behind one face. */
export interface Opened {
  readonly kind: Activity['kind'];
  readonly label: string;
  /** In order; the last one is the current. */
  states(): readonly RunState[];
  now(): number;
  remaining(): Remaining | undefined;
  progress(): VerificationProgress | undefined;
  tuning?(): TuningProgress;
  onEvent(listener: () => void): () => void;
  cancel(operation?: OperationId): Promise<void>;
  setSlots(slots: SlotRange): void;
  readonly inspected?: InspectedSoFar;
  readonly ended: Promise<ActivityEnd>;
}

/** A run. */
export function openRun(active: ActiveRun, label: string): Opened {
  return {
    kind: 'run',
    label,
    states: () => [active.state()],
    now: () => active.now(),
    remaining: () => active.remaining(),
    progress: () => undefined,
    onEvent: (listener) => active.onEvent(listener),
    cancel: (operation) => active.cancel(operation),
    setSlots: (slots) => active.setSlots(slots),
    ended: active.finished.then((state) => ({ kind: 'run', label, outcome: state.outcome ?? 'errored', state })),
  };
}

/** A run of a batch, whose end has what it changed. */
export function openBatch(active: ActiveBatch, label: string): Opened {
  const run = openRun(active, label);
  return { ...run, ended: run.ended.then((end) => ({ ...end, changed: active.changed() })) };
}

/** A run of an inspection, which tells of files while it goes on. */
export function openInspection(active: ActiveInspection, label: string): Opened {
  return { ...openRun(active, label), inspected: active.soFar };
}

/** A verification: its state is that of the newest trial. */
export function openVerification(active: ActiveVerification, label: string): Opened {
  const states = () => active.progress().runs;
  return {
    kind: 'verification',
    label,
    states,
    // Between two trials no clock goes.
    now: () => Math.max(active.now(), states().at(-1)?.at ?? 0),
    remaining: () => undefined,
    progress: () => active.progress(),
    onEvent: (listener) => active.onProgress(listener),
    // Without one of its gates a trial would measure other work than the trials before: it ends as a whole or not at all.
    cancel: async (operation) => (operation === undefined ? active.cancel() : undefined),
    // All trials of a verification have to have the same number of slots.
    setSlots() {},
    ended: active.finished.then((verification): ActivityEnd => {
      const state = states().at(-1);
      return { kind: 'verification', label, outcome: state?.outcome ?? 'errored', verification, ...(state ? { state } : {}) };
    }),
  };
}

/** A tuning: its state is that of the trial that goes on. */
export function openTuning(active: ActiveTuning, label: string): Opened {
  const run = () => active.progress().run;
  return {
    kind: 'tuning',
    label,
    states: () => [run()].filter((state) => state !== undefined),
    now: () => Math.max(active.now(), run()?.at ?? 0),
    remaining: () => undefined,
    progress: () => undefined,
    tuning: () => active.progress(),
    onEvent: (listener) => active.onProgress(listener),
    // Without one of its operations a trial would measure other work than the others: it ends as a whole or not at all.
    cancel: async (operation) => (operation === undefined ? active.cancel() : undefined),
    // The numbers of slots are what is measured.
    setSlots() {},
    ended: active.finished.then((tuning): ActivityEnd => {
      const kind = tuning.end?.kind;
      const outcome = kind === 'cancelled' || kind === 'errored' ? kind : 'passed';
      return { kind: 'tuning', label, outcome, tuning };
    }),
  };
}

/** An activity with what only the session may do with it. */
export interface Current extends vscode.Disposable {
  readonly activity: Activity;
  live(id: OperationId): OperationState | undefined;
  runs(): readonly RunState[];
  cancel(operation?: OperationId): Promise<void>;
}

export interface FollowOptions {
  readonly now: () => number;
  /** Filled as gates end. */
  readonly results: Map<GateId, LastResult>;
  /** Told of operations that changed, and of whether it is being cancelled. */
  readonly notice: (operations: ReadonlySet<OperationId>, activity: boolean) => void;
  readonly log: Log;
}

/** Watches what goes on and turns its events into few changes. */
export function follow(opened: Opened, { now, results, notice, log }: FollowOptions): Current {
  const startedAt = now();
  // Nothing of the trials of a tuning is kept, so that they are no results to come back to.
  const seen = createSeen(opened.kind === 'tuning' ? new Map() : results);
  let cancelling = false;
  let timer: NodeJS.Timeout | undefined;
  // Kept until they are looked at: a run of a verification that only warms up is forgotten as it ends.
  const newest = new Map<RunId, RunState>();
  const flush = (ticked: boolean) => {
    clearTimeout(timer);
    timer = undefined;
    const operations = seen.look([...newest.values()]);
    newest.clear();
    if (ticked) for (const id of seen.running()) operations.add(id);
    if (operations.size > 0 || ticked) notice(operations, false);
  };
  const remember = () => {
    const state = opened.states().at(-1);
    if (state) newest.set(state.run, state);
  };
  const stopListening = opened.onEvent(() => {
    remember();
    timer ??= setTimeout(flush, COALESCE_MS, false);
  });
  const ticker = setInterval(flush, TICK_MS, true);
  const dispose = () => {
    stopListening();
    clearTimeout(timer);
    clearInterval(ticker);
  };
  const finished = opened.ended
    .catch((error: unknown): ActivityEnd => {
      log.error(`${opened.label} could not be carried out: ${faultText(error)}`);
      return { kind: opened.kind, label: opened.label, outcome: 'errored' };
    })
    .then((end) => {
      remember();
      flush(false);
      dispose();
      return end;
    });
  seen.look(opened.states());
  const activity: Activity = {
    kind: opened.kind,
    label: opened.label,
    get cancelling() {
      return cancelling;
    },
    state: () => opened.states().at(-1),
    now: () => opened.now(),
    remaining: () => opened.remaining(),
    progress: () => opened.progress(),
    tuning: () => opened.tuning?.(),
    elapsedMs: () => now() - startedAt,
    setSlots: (slots) => opened.setSlots(slots),
    ...(opened.inspected ? { inspected: opened.inspected } : {}),
    finished,
  };
  return {
    activity,
    live: (id) => seen.operation(id),
    runs: () => opened.states(),
    async cancel(operation) {
      if (operation === undefined) {
        cancelling = true;
        notice(new Set(), true);
      }
      await opened.cancel(operation);
      if (operation === undefined) await finished;
    },
    dispose,
  };
}

/** Finds out what changed by identity, which the reducer keeps for operations that an event does not concern. */
function createSeen(results: Map<GateId, LastResult>) {
  let run: RunId | undefined;
  let operations = new Map<OperationId, OperationState>();
  const done = new Set<RunId>();
  const lookAt = (state: RunState, changed: Set<OperationId>) => {
    if (state.run !== run) operations = new Map();
    run = state.run;
    for (const operation of state.operations) {
      if (operations.get(operation.id) === operation) continue;
      operations.set(operation.id, operation);
      changed.add(operation.id);
      if (!operation.outcome || state.batch) continue;
      const id = operation.id as string as GateId;
      const result = resultOf(state, operation, false);
      if (isConclusive(result) || !isConclusive(results.get(id))) results.set(id, result);
    }
    if (state.outcome) done.add(state.run);
  };
  return {
    /** Operations that are other than at the last look. */
    look(states: readonly RunState[]): Set<OperationId> {
      const changed = new Set<OperationId>();
      for (const state of states) if (!done.has(state.run)) lookAt(state, changed);
      return changed;
    },
    operation: (id: OperationId) => operations.get(id),
    running: () => [...operations.values()].filter(({ phase }) => phase === 'running').map(({ id }) => id),
  };
}
