/**
 * The current run: the one owner of what goes on, of what was detected and of every gate's last result. All views read from here, and
 * all of them learn of changes by one event, at most ten times a second however much happens.
 */
import * as vscode from 'vscode';
import type {
  ActiveFix,
  BatchRequest,
  Engine,
  FixRequest,
  PlannedBatch,
  PlannedInspection,
  RunRequest,
  TuneRequest,
  VerifyRequest,
} from '../core/engine.js';
import type { Detection } from '../core/gate-model.js';
import type { Log } from '../core/host.js';
import type { HistoryEntry, Verification } from '../core/measured.js';
import { faultText } from '../core/messages.js';
import type { GateId, OperationId, OperationState, RunState } from '../core/model.js';
import type { Tuning } from '../core/tuning-model.js';
import {
  type Activity,
  type ActivityEnd,
  type Current,
  follow,
  type Opened,
  openBatch,
  openInspection,
  openRun,
  openTuning,
  openVerification,
} from './activity.js';
import { createDetector } from './detector.js';
import { createLastResults, type LastResult } from './last-results.js';

export type { Activity, ActivityEnd, LastResult };

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
  const last = createLastResults();
  let current: Current | undefined;
  /** A fix copies files before anything of it runs. */
  let preparing = false;
  let run: RunState | undefined;
  let verified: Session['verification'];
  let tuned: Tuning | undefined;
  let hasRun: boolean | undefined;
  let closed = false;

  const noticeHistory = (entries: readonly HistoryEntry[]) => {
    const found = entries.length > 0;
    if (hasRun || hasRun === found) return;
    hasRun = found;
    changes.fire({ ...NOTHING, history: found });
  };
  const restore = async () => {
    const restored = await last.restore(theEngine, detector.gates());
    if (!restored) return;
    noticeHistory(restored.entries);
    if (restored.news) changes.fire({ ...NOTHING, operations: restored.operations });
  };
  let restoring: Promise<void> = Promise.resolve();
  const detector = createDetector({
    detect: async () => theEngine().detect(),
    log,
    onDetected() {
      restoring = restoring
        .then(restore)
        .catch((error: unknown) => log.error(`The last results could not be read: ${faultText(error)}`));
      changes.fire({ ...NOTHING, detection: true });
    },
  });
  const currentRun = () => (current?.activity.kind === 'tuning' ? undefined : current?.activity.state());
  const notice = (operations: ReadonlySet<OperationId>, activity: boolean) => {
    run = currentRun() ?? run;
    changes.fire({ ...NOTHING, operations, activity });
  };
  const begin = (open: () => Opened): Activity | undefined => {
    if (current || closed || preparing) return undefined;
    const started = follow(open(), { now, results: last.results, notice, log });
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
  /** Of what takes a while before anything of it runs; undefined when something runs already. */
  const prepared = async <Active>(prepare: () => Promise<Active>): Promise<Active | undefined> => {
    if (current || closed || preparing) return undefined;
    preparing = true;
    return prepare().finally(() => {
      preparing = false;
    });
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
      return last.known();
    },
    live: (id) => (current?.activity.state()?.batch ? undefined : current?.live(operationOf(id))),
    last: (id) => last.results.get(id),
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
      const active = await prepared(() => theEngine().tune(request));
      return active && begin(() => openTuning(active, label));
    },
    async fix(request) {
      const active = await prepared(() => theEngine().fix(request));
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
