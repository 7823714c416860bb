/**
 * The vocabulary of Volley as types: what every other module speaks. Types and branded ids only; imports nothing.
 *
 * Times are milliseconds. `at`, `from` and `to` are measured on a monotonic clock and count from the start of the run.
 * Lines and columns count from 1. Absolute paths are native; globs and relative paths use `/`.
 */

declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** Names an operation within one batch. The operation of a gate has the gate's id. */
export type OperationId = Brand<string, 'OperationId'>;
/** Names a gate within a workspace; stable between detections, so that checkboxes and history stay attached to it. */
export type GateId = Brand<string, 'GateId'>;
/** Names a run; unique over all time, safe as a file name, sorts by start time. */
export type RunId = Brand<string, 'RunId'>;
/** Names a verification; unique over all time. */
export type VerificationId = Brand<string, 'VerificationId'>;

/** A folder of the workspace. `path` is absolute and native. */
export interface Folder {
  readonly name: string;
  readonly path: string;
}

// ---------------------------------------------------------------------------------------------------------- operations

/** What an operation touches. Its relations to the access of other operations decide which may overlap. */
export interface Access {
  /** Globs, absolute with `/`, of what it reads. */
  readonly reads: readonly string[];
  /** Globs, absolute with `/`, of what it writes and somebody else may read. A cache of its own is a lock instead. */
  readonly writes: readonly string[];
  /** Named resources of which one operation at a time may hold each (a port, a cache directory). */
  readonly locks: readonly string[];
  /** What of `writes` nobody said nor concluded: it was seen to be written when the operation ran alone. */
  readonly seen?: readonly string[];
  /** It may touch anything: nothing that touches anything runs beside it. `because` completes "It is a barrier, because …". */
  readonly barrier?: { readonly because: string };
}

/** One child process: a program and its arguments, never a line for a shell unless `shell` says a user wrote it as one. */
export interface CommandInput {
  /** Program and arguments. With `shell`, one element: the line that the user wrote for a shell. */
  readonly argv: readonly string[];
  /** Absolute, native. */
  readonly cwd: string;
  /** Added to the environment of the host. */
  readonly env: Readonly<Record<string, string>>;
  readonly shell: boolean;
}

/** Stands for the file, in an argument, into which a tool writes its machine-readable report. A new file for each attempt. */
export const REPORT_PLACEHOLDER = '{report}';

/** An operation that is one of several parts of a gate. */
export interface Part {
  /** The operation that the parts stand for; no operation of the run has this id. */
  readonly of: OperationId;
  readonly name: string;
  /** From 1. */
  readonly index: number;
  readonly count: number;
}

/** Operations of one pass start in one turn of the event loop, which more of them would hold too long. */
export const LARGEST_PASS = 50;

export const TOOLS = ['read', 'list', 'glob', 'grep', 'inspect', 'command', 'write', 'edit', 'fetch', 'agent'] as const;
export type ToolName = (typeof TOOLS)[number];

/** What a tool other than a command is given: JSON as it stands in a batch. */
export type ToolInput = Readonly<Record<string, unknown>>;

/** What can be invoked, with what. */
export type Invocation =
  | { readonly tool: 'command'; readonly input: CommandInput }
  | { readonly tool: Exclude<ToolName, 'command'>; readonly input: ToolInput };

/** Of the members of a group with this name, at most `most` run something at the same time: its fan-out. */
export interface Limit {
  readonly name: string;
  readonly most: number;
  /** The member that the operation belongs to, which counts once however much of it runs; absent: itself. */
  readonly member?: string;
}

/** One tool invocation. */
export type Operation = Invocation & OperationTraits;
/** The operation of a gate. */
export type CommandOperation = Operation & { readonly tool: 'command' };

export interface OperationTraits {
  readonly id: OperationId;
  readonly name: string;
  readonly access: Access;
  /** Operations that have to pass before this one starts. If one of them does not, this one is skipped. */
  readonly needs: readonly OperationId[];
  /** `continue`: what needs it starts also when it does not pass. Absent: its dependents are skipped. */
  readonly onFailure?: 'continue';
  readonly limits?: readonly Limit[];
  /** Under what its duration is remembered; absent: its id. */
  readonly remember?: string;
  /** The group with which it is all or nothing. */
  readonly atomic?: string;
  /** Operations with the same key that are ready at the same time are done in one pass, in one slot. */
  readonly fusion?: string;
  readonly timeoutMs: number;
  /** How many further attempts follow one that errored or timed out. A check that failed is not tried again. */
  readonly retries: number;
  /** Before the second attempt, in milliseconds; doubled before each further one. */
  readonly backoffMs?: number;
  /** An attempt that failed is followed by another, too. */
  readonly retryFailed?: true;
  /** Heading of the timing tree under which it is listed; for a gate its category. */
  readonly group: string;
  /** Absolute, native: the files that it was limited to; absent when it checks all that it knows of. */
  readonly files?: readonly string[];
  readonly part?: Part;
  /** How many workers its tool may start, when it was told. */
  readonly workers?: number;
}

// ------------------------------------------------------------------------------------------------------------ findings

export const SEVERITIES = ['error', 'warning', 'information', 'hint'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** `unused`: shown faded. `deprecated`: shown struck through. */
export type FindingTag = 'unused' | 'deprecated';

/** Another place that belongs to a finding. */
export interface RelatedLocation {
  /** Absolute, native. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine?: number;
  /** The column after the last character. */
  readonly endColumn?: number;
  readonly message: string;
}

/** Something a gate found at a place. */
export interface Finding {
  /** Absolute, native. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine?: number;
  /** The column after the last character. */
  readonly endColumn?: number;
  readonly severity: Severity;
  readonly rule?: string;
  /** Documentation of the rule. */
  readonly ruleUrl?: string;
  readonly message: string;
  /** The tool's name as the Problems view shows it: `eslint`. */
  readonly source: string;
  readonly tags?: readonly FindingTag[];
  readonly related?: readonly RelatedLocation[];
  /** What a failed test expected and what it got, as its runner prints them. */
  readonly expected?: string;
  readonly actual?: string;
  /** It was there already where the branch left the default branch. Only in runs of new findings only. */
  readonly known?: true;
  /** It failed and named no place: its message is the end of its output. */
  readonly output?: true;
  /** Of such a finding: what its whole output is recognised by. Absent when the output is too long to be read whole. */
  readonly digest?: string;
}

export const SCOPES = ['workspace', 'changed', 'staged', 'open', 'selected'] as const;
export type ScopeKind = (typeof SCOPES)[number];

/** Which files a run is about. Absolute native paths; folders stand for all files below them. */
export type Scope =
  | { readonly kind: 'workspace' }
  | { readonly kind: 'changed' | 'staged' }
  | { readonly kind: 'open' | 'selected'; readonly files: readonly string[] };

// ------------------------------------------------------------------------------------------------------------ outcomes

/** Why an operation could not do its work. `messages.ts` words it. */
export type Failure =
  | { readonly kind: 'could not start'; readonly program: string; readonly code: string }
  /** It would have run in a folder that is not there. Absolute. */
  | { readonly kind: 'no folder'; readonly folder: string }
  | { readonly kind: 'unexpected exit'; readonly exitCode: number; readonly lastLine: string }
  | { readonly kind: 'died'; readonly signal: string }
  | { readonly kind: 'unreadable output'; readonly tool: string; readonly detail: string }
  | { readonly kind: 'too much output'; readonly limitBytes: number }
  | { readonly kind: 'untrusted workspace' }
  /** A tool could not do what it was asked for; `message` is a sentence that says what to do. */
  | { readonly kind: 'tool failed'; readonly message: string }
  /** The files of the scope could not be found out; `message` is a sentence. */
  | { readonly kind: 'unknown scope'; readonly message: string }
  | { readonly kind: 'defect'; readonly message: string; readonly stack: string };

export type CancelCause =
  | { readonly kind: 'user' }
  | { readonly kind: 'fail fast'; readonly because: OperationId }
  /** The context budget of a batch was used up before it started. */
  | { readonly kind: 'budget' }
  | { readonly kind: 'shutdown' };

export type SkipReason =
  | { readonly kind: 'need did not pass'; readonly need: OperationId; readonly outcome: OutcomeKind }
  | { readonly kind: 'unavailable'; readonly reason: string; readonly install: string }
  /** The project's configuration leaves it out of runs on this scope. */
  | { readonly kind: 'left out of scope'; readonly scope: ScopeKind }
  /** `inputs`: globs of the files that would concern it. */
  | { readonly kind: 'no files in scope'; readonly scope: ScopeKind; readonly inputs: readonly string[] };

/** What a run of new findings only says besides. */
export interface Compared {
  /** How many findings were there already where the branch left the default branch. Absent when none was. */
  readonly known?: number;
  /**
   * How the gate ended there, where that keeps it from passing: it passed, so that what it failed for now is new even if it did not
   * list it; or it could not be run, so that nothing could be set apart. `detail` completes "It could not be compared: …".
   */
  readonly base?: { readonly kind: 'passed' } | { readonly kind: 'unknown'; readonly detail: string };
}

export interface Interference {
  /** The operations that ran beside it when it failed. */
  readonly beside: readonly OperationId[];
  /** What it wanted; completes "It failed at first, because …". */
  readonly because: string;
}

/** What happens to the rest of a run when an operation does not pass. */
export type FailureMode =
  /** What does not depend on it goes on. */
  | 'continue'
  /** Nothing new starts; what runs goes on. */
  | 'stop'
  /** What runs is stopped, too. */
  | 'kill';

export type Outcome =
  /** `interference`: it had failed for want of something that these held, and passed when it ran alone. */
  | ({ readonly kind: 'passed'; readonly interference?: Interference } & Compared)
  | ({ readonly kind: 'failed' } & Compared)
  | { readonly kind: 'errored'; readonly failure: Failure }
  | { readonly kind: 'timed out'; readonly afterMs: number }
  | { readonly kind: 'cancelled'; readonly cause: CancelCause }
  | { readonly kind: 'skipped'; readonly reason: SkipReason }
  /** It passed, and what it changed was put back because another operation of its atomic group did not pass. */
  | { readonly kind: 'rolled back'; readonly because: OperationId }
  /** Nothing that decides its result has changed since `run`, which found it `ageMs` milliseconds before. */
  | ({ readonly kind: 'cached'; readonly was: 'passed' | 'failed'; readonly run: RunId; readonly ageMs: number } & Compared);
export type OutcomeKind = Outcome['kind'];

/** The outcome of a whole run. Cancelled by the user or by shutdown outranks errored, errored outranks failed. */
export type RunOutcome = 'passed' | 'failed' | 'errored' | 'cancelled';

// ---------------------------------------------------------------------------------------------------------------- plan

export type Hazard = 'read after write' | 'write after read' | 'write after write';

export type EdgeReason =
  | { readonly kind: 'needs' }
  | { readonly kind: 'hazard'; readonly hazard: Hazard; readonly path: string }
  /** One of the two may touch anything. */
  | { readonly kind: 'barrier'; readonly operation: OperationId }
  /** It depends on another member of the atomic group, so on all of it. */
  | { readonly kind: 'atomic'; readonly group: string };

/** `to` starts after `from` has ended. */
export interface Edge {
  readonly from: OperationId;
  readonly to: OperationId;
  readonly reason: EdgeReason;
}

/** A batch after analysis. */
export interface Plan {
  /** In sequential order. */
  readonly operations: readonly Operation[];
  readonly edges: readonly Edge[];
  /** How long the run goes on at least once an operation has started, in milliseconds by remembered durations (`priorities.ts`). */
  readonly priorities: ReadonlyMap<OperationId, number>;
  /** The longest chain of edges by remembered durations; unknown durations count as 0. */
  readonly criticalPath: readonly OperationId[];
  /** Remembered running times in milliseconds, of those operations of which one is known. */
  readonly durations: ReadonlyMap<OperationId, number>;
  /** The larger of critical path and work ÷ slots, in milliseconds; absent while a duration is unknown. */
  readonly lowerBoundMs?: number;
}

/** How long a run is expected to take, by what its operations took before: an estimate. Milliseconds. */
export interface Prediction {
  readonly ms: number;
  /** Between these lie four of five runs like it; absent while too few are remembered. */
  readonly lowMs?: number;
  readonly highMs?: number;
  /** How many earlier runs it follows from; absent in runs of older versions. */
  readonly runs?: number;
}

/** When a run that goes on is expected to end: an estimate. */
export interface Remaining {
  /** Milliseconds since the run started. */
  readonly endsAt: number;
  /** Something runs longer than it ever did, so that nobody knows how long it still takes. */
  readonly late?: true;
}

export type PlanProblem =
  | { readonly kind: 'duplicate id'; readonly operation: OperationId }
  | { readonly kind: 'unknown need'; readonly operation: OperationId; readonly need: OperationId }
  | { readonly kind: 'cycle'; readonly operations: readonly OperationId[] }
  /** More pairs than `most` must not overlap. */
  | { readonly kind: 'too many edges'; readonly most: number };

// -------------------------------------------------------------------------------------------------------------- events

export type Mode = 'parallel' | 'sequential';

/** What a view needs to know of an operation before anything happened to it. */
export interface OperationSummary {
  readonly id: OperationId;
  readonly name: string;
  readonly group: string;
  /** Absent when its tool is no command. */
  readonly command?: CommandInput;
  /** Absent when its tool is a command. */
  readonly invocation?: { readonly tool: Exclude<ToolName, 'command'>; readonly input: ToolInput };
  readonly needs: readonly OperationId[];
  /** Absolute, native: the files that it was limited to; absent when it checks all that it knows of. */
  readonly files?: readonly string[];
  readonly part?: Part;
  /** How many workers its tool may start, when it was told. */
  readonly workers?: number;
  readonly remember?: string;
}

/** Lines of a file as they stand in a text. */
export interface ShownFile {
  /** Relative to the folder with `/`. */
  readonly path: string;
  /** The first of them in the file, from 1. */
  readonly from: number;
  /** The first of them in the text, from 0. */
  readonly at: number;
  readonly count: number;
}

/** What an operation of a batch answered. Its text is kept with the outputs of the run. */
export interface Answer {
  /** In a line, for people: `12 matches in 3 files`. */
  readonly summary: string;
  /** By which equal answers are known: of its text, files and data. Absent for what differs from time to time by its nature. */
  readonly digest?: string;
  /** What the text has of what differs from time to time, which the digest leaves out. */
  readonly normalised?: readonly ('times' | 'dates' | 'temporary paths' | 'process ids')[];
  /** Of its text as it is handed over, counted for a language model. Absent when nobody counted. */
  readonly tokens?: number;
  /** Bytes that were left out of its text because of a limit. */
  readonly cutBytes?: number;
  /** What it was seen to write though its access does not name it: paths relative to the folder, with `/`. */
  readonly undeclared?: readonly string[];
  /** How much of its running time it was looked at what it writes, in milliseconds. */
  readonly lookedMs?: number;
  /** The operations whose work was done in the same pass. */
  readonly fusedWith?: readonly OperationId[];
}

/** What an ended attempt left behind. */
export interface OperationResult {
  readonly answer?: Answer;
  readonly exitCode?: number;
  /** In a run of new findings only, the new ones. */
  readonly findings: readonly Finding[];
  /** In a run of new findings only, those that were there already where the branch left the default branch. */
  readonly known?: readonly Finding[];
  /** In a run of new findings only, how it ended with all that it found. */
  readonly whole?: 'passed' | 'failed';
  /** How much of its running time it was run where the branch left the default branch, in milliseconds. */
  readonly baseMs?: number;
  /** Bytes written to standard output and standard error, all of them kept on disk. */
  readonly outputBytes: number;
}

interface Stamped {
  /** One sequence without gaps over a run, from 0. */
  readonly sequence: number;
  /** Milliseconds since the run started, monotonic. */
  readonly at: number;
}

/** What of the memory was in use, in bytes. */
export interface MemoryUse {
  /** By anybody, on the machine or in the container where that has less. */
  readonly usedBytes: number;
  readonly totalBytes: number;
  /** Resident memory of the processes that the run has started; what they share counts for each. Absent where nobody can tell. */
  readonly ownBytes?: number;
}

/** What a run emits, in order. Replaying them gives every view of the run. */
export type RunEvent = Stamped &
  (
    | {
        readonly kind: 'run started';
        readonly run: RunId;
        readonly label: string;
        readonly mode: Mode;
        readonly scope: ScopeKind;
        readonly slots: number;
        /** Up to which number Volley itself moves the slots while the run goes on; absent when they are fixed. */
        readonly mostSlots?: number;
        /** Wall clock, ISO 8601, for people only. */
        readonly startedAt: string;
        readonly operations: readonly OperationSummary[];
        readonly edges: readonly Edge[];
        /** Present when the run is a trial of a verification. */
        readonly verification?: VerificationId;
        /** Findings that were there where the branch left the default branch are set apart. */
        readonly newOnly?: true;
        /** Its operations are those of a batch, not gates. */
        readonly batch?: true;
        /** It is a batch that inspects files, whose table is kept with it. */
        readonly inspection?: true;
        /** How long it was expected to take before it began; absent while a duration was unknown. */
        readonly predicted?: Prediction;
      }
    | { readonly kind: 'blocked'; readonly operation: OperationId; readonly by: readonly OperationId[] }
    | {
        readonly kind: 'locked';
        readonly operation: OperationId;
        readonly locks: readonly string[];
        readonly by: readonly OperationId[];
      }
    | { readonly kind: 'queued'; readonly operation: OperationId }
    /** `lane` is the worker, from 0, on which it runs; no two running operations share one. */
    | { readonly kind: 'started'; readonly operation: OperationId; readonly attempt: number; readonly lane: number }
    /** The newest output. `tail` is at most a screenful; `bytes` counts all so far. */
    | { readonly kind: 'output'; readonly operation: OperationId; readonly tail: string; readonly bytes: number }
    | { readonly kind: 'retrying'; readonly operation: OperationId; readonly attempt: number; readonly because: Outcome }
    | { readonly kind: 'finished'; readonly operation: OperationId; readonly outcome: Outcome; readonly result: OperationResult }
    /** Of operations that had passed. */
    | { readonly kind: 'rolled back'; readonly operation: OperationId; readonly because: OperationId }
    /** `because`: a sentence; absent when a user asked for it. */
    | { readonly kind: 'slots changed'; readonly slots: number; readonly because?: string }
    | ({ readonly kind: 'memory' } & MemoryUse)
    | { readonly kind: 'run finished'; readonly outcome: RunOutcome }
  );
export type RunEventKind = RunEvent['kind'];

// --------------------------------------------------------------------------------------------------------------- state

export const PHASES = ['blocked', 'locked', 'queued', 'running'] as const;
/** What an operation that has not ended is doing. */
export type Phase = (typeof PHASES)[number];

/** A stretch of an operation's time. `to` is absent while it lasts. */
export interface Segment {
  readonly phase: Phase;
  readonly from: number;
  readonly to?: number;
  /** What it waited for: operations that blocked it or held its lock. */
  readonly by?: readonly OperationId[];
  /** The worker on which it ran. */
  readonly lane?: number;
}

export interface OperationState extends OperationSummary {
  readonly answer?: Answer;
  readonly phase: Phase | 'finished' | 'pending';
  /** Without gaps from its first phase to its end. */
  readonly segments: readonly Segment[];
  readonly attempts: number;
  readonly lane?: number;
  readonly outcome?: Outcome;
  readonly findings: readonly Finding[];
  /** Set apart in a run of new findings only. */
  readonly known?: readonly Finding[];
  readonly whole?: 'passed' | 'failed';
  readonly baseMs?: number;
  readonly exitCode?: number;
  readonly outputBytes: number;
  /** Newest output while it runs; empty once it ended (the whole is read from disk). */
  readonly tail: string;
  /** The operations that were executed in its place; all else of it is a function of them. At least two. */
  readonly parts?: readonly OperationState[];
}

/** A change of the number of slots while a run went on. */
export interface SlotMove {
  /** Milliseconds since the run started. */
  readonly at: number;
  readonly from: number;
  readonly to: number;
  /** A sentence; absent when a user asked for it. */
  readonly because?: string;
}

/** What of the memory was in use at a moment of a run. */
export interface MemorySample extends MemoryUse {
  /** Milliseconds since the run started. */
  readonly at: number;
}

/** All that the views show of one run: a function of its events. */
export interface RunState {
  readonly run: RunId;
  readonly label: string;
  readonly mode: Mode;
  readonly scope: ScopeKind;
  /** As of now; `slotMoves` tells of those before. */
  readonly slots: number;
  /** Up to which number Volley itself moves the slots while the run goes on; absent when they are fixed. */
  readonly mostSlots?: number;
  /** Every change of the number of slots, in order. */
  readonly slotMoves: readonly SlotMove[];
  /** Read about once a second, in order; absent when nobody read it. */
  readonly memory?: readonly MemorySample[];
  readonly startedAt: string;
  readonly verification?: VerificationId;
  /** Findings that were there where the branch left the default branch are set apart. */
  readonly newOnly?: true;
  /** Its operations are those of a batch, not gates. */
  readonly batch?: true;
  /** It is a batch that inspects files, whose table is kept with it. */
  readonly inspection?: true;
  /** How long it was expected to take before it began; absent while a duration was unknown. */
  readonly predicted?: Prediction;
  /** In sequential order. */
  readonly operations: readonly OperationState[];
  readonly edges: readonly Edge[];
  /** Time of the newest event. */
  readonly at: number;
  /** Absent while the run goes on. */
  readonly outcome?: RunOutcome;
}
