/** The face of the core: gates, run, verify, history. Reads like the data flow: detect → plan → run → state → timing. */
import type { Host } from './host.js';
import type {
  Detection, Gate, Mode, OperationId, RunEvent, RunId, RunState, Scope, Verification, VerificationId,
} from './model.js';

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

export interface VerifyRequest {
  readonly gates: readonly Gate[];
  readonly scope: Scope;
  readonly slots: number;
  /** How many pairs of one sequential and one parallel run; the order alternates. */
  readonly pairs: number;
}

export interface VerificationProgress {
  readonly verification: Verification;
  /** States of the trials that ended, in order, then of the one that goes on. */
  readonly runs: readonly RunState[];
  /** From 1. */
  readonly trial: number;
  readonly of: number;
}

export interface ActiveVerification {
  readonly id: VerificationId;
  progress(): VerificationProgress;
  /** Called when a trial starts or ends, and after each event of the trial that goes on. */
  onProgress(listener: (progress: VerificationProgress) => void): () => void;
  cancel(): Promise<void>;
  readonly finished: Promise<Verification>;
}

/** One line of the Runs view. */
export interface HistoryEntry {
  readonly run: RunId;
  readonly label: string;
  readonly startedAt: string;
  readonly mode: Mode;
  readonly outcome: RunState['outcome'];
  readonly makespanMs: number;
  readonly operations: number;
  readonly findings: number;
  readonly verification?: VerificationId;
}

export interface OutputText {
  readonly text: string;
  /** Bytes before `text` that were left out because of the limit. */
  readonly omittedBytes: number;
}

export interface Engine {
  /** Reads the workspace anew; executes nothing. Safe in an untrusted workspace. */
  detect(): Promise<Detection>;
  /** Starts at once. In an untrusted workspace nothing is executed and every gate errored. */
  run(request: RunRequest): ActiveRun;
  verify(request: VerifyRequest): ActiveVerification;
  /** Newest first. */
  history(): Promise<readonly HistoryEntry[]>;
  /** The full state of a past run, replayed from its events. */
  loadRun(run: RunId): Promise<RunState | undefined>;
  loadVerification(id: VerificationId): Promise<{ readonly verification: Verification; readonly runs: readonly RunState[] } | undefined>;
  /** The newest verification of exactly these gates, if any. */
  measured(gates: readonly OperationId[]): Promise<Verification | undefined>;
  /** The end of an operation's output, decoded, at most `limitBytes`. Undefined when it is no longer kept. */
  output(run: RunId, operation: OperationId, limitBytes: number): Promise<OutputText | undefined>;
  /** Native paths of the files that hold the whole output: standard output, then standard error. */
  outputFiles(run: RunId, operation: OperationId): readonly string[];
  /** Cancels whatever runs and resolves when no process is left. */
  dispose(): Promise<void>;
}

export declare function createEngine(host: Host): Engine;
