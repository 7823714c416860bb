/**
 * The current run: the one owner of what goes on, of what was detected and of every gate's last result. All views read from here, and
 * all of them learn of changes by one event, at most ten times a second however much happens.
 */
import * as vscode from 'vscode';
import type {
  ActiveBatch,
  ActiveFix,
  ActiveInspection,
  ActiveRun,
  ActiveTuning,
  ActiveVerification,
  BatchChanges,
  BatchRequest,
  Engine,
  FixRequest,
  InspectedSoFar,
  PlannedBatch,
  PlannedInspection,
  RunRequest,
  TuneRequest,
  TuningProgress,
  VerificationProgress,
  VerifyRequest,
} from '../core/engine.js';
import type { Detection, Gate } from '../core/gate-model.js';
import type { Log } from '../core/host.js';
import type { HistoryEntry, Verification } from '../core/measured.js';
import type { GateId, OperationId, OperationState, Remaining, RunId, RunOutcome, RunState } from '../core/model.js';
import type { SlotRange } from '../core/slots.js';
import { spansOf } from '../core/timing.js';
import type { Tuning } from '../core/tuning-model.js';

/** Views are told of changes at most this often, so that hundreds of operations do not hold the editor. */
const COALESCE_MS = 100;
/** How often views are told that time passed while something runs. */
const TICK_MS = 1000;
/** How many past runs are searched for a gate's last result. */
const REMEMBERED_RUNS = 10;

/** How a gate ended last. Being skipped or cancelled says nothing about it, so that is here only while nothing better is known. */
export interface LastResult {
  readonly run: RunId;
  readonly operation: OperationState;
  /** Running time in milliseconds. */
  readonly durationMs: number;
  /** It comes from an earlier window: its findings were of that time. */
  readonly restored: boolean;
}

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

/** What is other than before. */
export interface Change {
  /** The gates, or the warnings about them. */
  readonly detection: boolean;
  /** Something started, ended or is being cancelled. */
  readonly activity: boolean;
  /** Operations whose state or last result changed, and those that run while time passes. */
  readonly operations: ReadonlySet<OperationId>;
  /** Runs were added to the history. */
  readonly history: boolean;
}

export interface Session extends vscode.Disposable {
  /** Created when first read. */
  readonly engine: Engine;
  /** What was detected last; absent until somebody asked. */
  readonly detection: Detection | undefined;
  readonly activity: Activity | undefined;
  /** The newest run of this window, going on or ended. Trials of a tuning are none: nothing of them is kept. */
  readonly run: RunState | undefined;
  /** The newest verification of this window that ended, when nothing ran after it. */
  readonly verification: { readonly verification: Verification; readonly runs: readonly RunState[] } | undefined;
  /** The newest tuning of this window that ended, when nothing ran after it. */
  readonly tuning: Tuning | undefined;
  /** Whether there is any run, of this window or before; undefined until somebody read the history. */
  readonly hasRun: boolean | undefined;
  /** Whether the last results of earlier windows have been looked up, so that a gate without one has none. */
  readonly resultsKnown: boolean;
  /** State of a gate in what goes on. */
  live(id: GateId): OperationState | undefined;
  last(id: GateId): LastResult | undefined;
  /** Detects unless that was done before. */
  detect(): Promise<Detection>;
  /** Detects anew. */
  refresh(): Promise<Detection>;
  /** Detects unless that was done before, and resolves when the last results of earlier windows are known, too. */
  restored(): Promise<void>;
  /** Newest first. */
  history(): Promise<readonly HistoryEntry[]>;
  /** Undefined when something runs already: there are never two runs at once. */
  start(request: RunRequest): Activity | undefined;
  verify(request: VerifyRequest): Activity | undefined;
  startBatch(request: BatchRequest): Activity | undefined;
  startInspection(planned: PlannedInspection): Activity | undefined;
  verifyBatch(batch: PlannedBatch, options: Parameters<Engine['verifyBatch']>[1]): Activity | undefined;
  /** Undefined when something runs already. */
  tune(request: TuneRequest, label: string): Promise<Activity | undefined>;
  /** Undefined when something runs already or none of the gates has a fixer. Its activity has ended when `finished` resolves. */
  fix(request: FixRequest): Promise<ActiveFix | undefined>;
  /** Stops everything, or one gate of a run. Resolves when no process of it is left. */
  cancel(id?: GateId): Promise<void>;
  readonly onDidChange: vscode.Event<Change>;
  readonly onDidFinish: vscode.Event<ActivityEnd>;
  /** Cancels and resolves when no process is left. */
  close(): Promise<void>;
}

export interface SessionOptions {
  readonly createEngine: () => Engine;
  readonly log: Log;
  readonly now: () => number;
}

/** A session that does nothing until it is asked. */
export function createSession({ createEngine, log, now }: SessionOptions): Session {
  const changes = new vscode.EventEmitter<Change>();
  const finishes = new vscode.EventEmitter<ActivityEnd>();
  let engine: Engine | undefined;
  const theEngine = () => {
    engine ??= createEngine();
    return engine;
  };
  const results = new Map<GateId, LastResult>();
  let current: Current | undefined;
  /** A fix copies files before anything of it runs. */
  let preparing = false;
  let run: RunState | undefined;
  let verified: Session['verification'];
  let tuned: Tuning | undefined;
  let hasRun: boolean | undefined;
  let resultsKnown = false;
  let closed = false;

  const noticeHistory = (entries: readonly HistoryEntry[]) => {
    const found = entries.length > 0;
    if (hasRun || hasRun === found) return;
    hasRun = found;
    changes.fire({ ...NOTHING, history: found });
  };
  const searched = new Set<GateId>();
  const restore = async () => {
    // Gates that come back, say after a damaged package.json was repaired, are not searched for again.
    const missing = detector.gates().filter(({ id }) => !searched.has(id) && !isConclusive(results.get(id)));
    if (missing.length === 0 && resultsKnown) return;
    for (const { id } of missing) searched.add(id);
    const restored = await restoreResults(theEngine(), missing);
    noticeHistory(restored.entries);
    const fresh = [...restored.results].filter(([id, result]) => outranks(result, results.get(id)));
    for (const [id, result] of fresh) results.set(id, result);
    const news = !resultsKnown || fresh.length > 0;
    resultsKnown = true;
    if (news) changes.fire({ ...NOTHING, operations: new Set(fresh.map(([, result]) => result.operation.id)) });
  };
  let restoring: Promise<void> = Promise.resolve();
  const detector = createDetector({
    detect: async () => theEngine().detect(),
    log,
    onDetected() {
      restoring = restoring
        .then(restore)
        .catch((error: unknown) => log.error(`The last results could not be read: ${textOf(error)}`));
      changes.fire({ ...NOTHING, detection: true });
    },
  });
  const currentRun = () => (current?.activity.kind === 'tuning' ? undefined : current?.activity.state());
  const notice = (change: Change) => {
    run = currentRun() ?? run;
    changes.fire(change);
  };
  const begin = (open: () => Opened): Activity | undefined => {
    if (current || closed || preparing) return undefined;
    const started = follow(open(), { now, results, notice, log });
    current = started;
    hasRun = true;
    verified = tuned = undefined;
    run = currentRun() ?? run;
    void started.activity.finished.then((end) => {
      run = end.state ?? run;
      tuned = end.tuning;
      if (end.verification) verified = { verification: end.verification, runs: started.runs() };
      current = undefined;
      changes.fire({ ...NOTHING, activity: true, history: true });
      finishes.fire(end);
    });
    changes.fire({ ...NOTHING, activity: true, operations: new Set(run?.operations.map((operation) => operation.id)) });
    return started.activity;
  };
  const detect = async () => detector.current() ?? detector.working() ?? detector.refresh();
  return {
    get engine() {
      return theEngine();
    },
    get detection() {
      return detector.current();
    },
    get activity() {
      return current?.activity;
    },
    get run() {
      return currentRun() ?? run;
    },
    get verification() {
      return verified;
    },
    get tuning() {
      return tuned;
    },
    get hasRun() {
      return hasRun;
    },
    get resultsKnown() {
      return resultsKnown;
    },
    live: (id) => (current?.activity.state()?.batch ? undefined : current?.live(operationOf(id))),
    last: (id) => results.get(id),
    detect,
    refresh: () => detector.refresh(),
    async restored() {
      await detect();
      await restoring;
    },
    async history() {
      const entries = await theEngine().history();
      noticeHistory(entries);
      return entries;
    },
    start: (request) => begin(() => openRun(theEngine().run(request), request.label)),
    verify: (request) => begin(() => openVerification(theEngine().verify(request), 'Verify Speedup')),
    startBatch: (request) => begin(() => openBatch(theEngine().runBatch(request), request.label)),
    startInspection: (planned) => begin(() => openInspection(planned.start(), planned.label)),
    verifyBatch: (batch, options) => begin(() => openVerification(theEngine().verifyBatch(batch, options), options.label)),
    async tune(request, label) {
      if (current || closed || preparing) return undefined;
      preparing = true;
      const active = await theEngine()
        .tune(request)
        .finally(() => {
          preparing = false;
        });
      return begin(() => openTuning(active, label));
    },
    async fix(request) {
      if (current || closed || preparing) return undefined;
      preparing = true;
      const active = await theEngine()
        .fix(request)
        .finally(() => {
          preparing = false;
        });
      if (active) begin(() => openRun(active.run, 'Fix'));
      return active;
    },
    async cancel(id) {
      await current?.cancel(id === undefined ? undefined : operationOf(id));
    },
    onDidChange: changes.event,
    onDidFinish: finishes.event,
    async close() {
      closed = true;
      await engine?.dispose();
    },
    dispose() {
      closed = true;
      current?.dispose();
      changes.dispose();
      finishes.dispose();
    },
  };
}

/** The operation of a gate has the gate's id. */
export function operationOf(id: GateId): OperationId {
  return id as string as OperationId;
}

/** Whether it was ever executed, so that it has output: not everything that ended was. */
export function wasExecuted({ segments }: OperationState): boolean {
  return segments.some(({ phase }) => phase === 'running');
}

const NOTHING: Change = { detection: false, activity: false, operations: new Set(), history: false };

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

// ----------------------------------------------------------------------------------------------------------- detection

interface DetectorOptions {
  readonly detect: () => Promise<Detection>;
  readonly log: Log;
  readonly onDetected: () => void;
}

/** At most one detection at a time; a wish during one is met by one more after it, since it may have read old files. */
function createDetector({ detect, log, onDetected }: DetectorOptions) {
  let current: Detection | undefined;
  let working: Promise<Detection> | undefined;
  let next: Promise<Detection> | undefined;
  const work = async () => {
    current = await detect().catch((error: unknown): Detection => {
      log.error(`Detecting gates failed: ${textOf(error)}`);
      return current ?? { gates: [], warnings: [] };
    });
    working = undefined;
    for (const warning of current.warnings) log.warn(`${warning.file}:${warning.line ?? 1}: ${warning.message}`);
    onDetected();
    return current;
  };
  const refresh = (): Promise<Detection> => {
    if (!working) {
      working = work();
      return working;
    }
    next ??= working.then(() => {
      next = undefined;
      return refresh();
    });
    return next;
  };
  return { current: () => current, working: () => working, gates: (): readonly Gate[] => current?.gates ?? [], refresh };
}

/** The last result of each of these gates, from the newest runs of the history. */
async function restoreResults(engine: Engine, gates: readonly Gate[]) {
  const entries = await engine.history();
  const found = new Map<GateId, LastResult>();
  for (const entry of entries.slice(0, REMEMBERED_RUNS)) {
    const missing = gates.filter((gate) => !isConclusive(found.get(gate.id)));
    if (missing.length === 0) break;
    const state = entry.batch ? undefined : await engine.loadRun(entry.run);
    for (const gate of missing) {
      const operation = state?.operations.find((candidate) => candidate.id === operationOf(gate.id) && candidate.outcome);
      if (!state || !operation) continue;
      const result = resultOf(state, operation, true);
      if (!found.has(gate.id) || isConclusive(result)) found.set(gate.id, result);
    }
  }
  return { entries, results: found };
}

/** Whether the gate got to a result of its own: it was neither skipped nor cancelled. */
function isConclusive(result: LastResult | undefined): boolean {
  const kind = result?.operation.outcome?.kind;
  return kind !== undefined && kind !== 'skipped' && kind !== 'cancelled';
}

/** Whether a result of an earlier window is worth more than what is known. */
function outranks(restored: LastResult, known: LastResult | undefined): boolean {
  return known === undefined || (!isConclusive(known) && isConclusive(restored));
}

function resultOf(state: RunState, operation: OperationState, restored: boolean): LastResult {
  return { run: state.run, operation, durationMs: spansOf(operation, state.at).running, restored };
}

// ------------------------------------------------------------------------------------------------------------ activity

/** A run or a verification behind one face. */
interface Opened {
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

function openRun(active: ActiveRun, label: string): Opened {
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

function openBatch(active: ActiveBatch, label: string): Opened {
  const run = openRun(active, label);
  return { ...run, ended: run.ended.then((end) => ({ ...end, changed: active.changed() })) };
}

function openInspection(active: ActiveInspection, label: string): Opened {
  return { ...openRun(active, label), inspected: active.soFar };
}

function openVerification(active: ActiveVerification, label: string): Opened {
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

function openTuning(active: ActiveTuning, label: string): Opened {
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

interface Current extends vscode.Disposable {
  readonly activity: Activity;
  live(id: OperationId): OperationState | undefined;
  runs(): readonly RunState[];
  cancel(operation?: OperationId): Promise<void>;
}

interface FollowOptions {
  readonly now: () => number;
  /** Filled as gates end. */
  readonly results: Map<GateId, LastResult>;
  readonly notice: (change: Change) => void;
  readonly log: Log;
}

/** Watches what goes on and turns its events into few changes. */
function follow(opened: Opened, { now, results, notice, log }: FollowOptions): Current {
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
    if (operations.size > 0 || ticked) notice({ ...NOTHING, operations });
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
      log.error(`${opened.label} could not be carried out: ${textOf(error)}`);
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
        notice({ ...NOTHING, activity: true });
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
