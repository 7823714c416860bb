/** What is measured of runs, as types: timings, verifications, and the lines of the history. Speaks the vocabulary of `model.ts`. */
import type { Mode, OperationId, OperationState, Phase, RunId, RunState, ScopeKind, VerificationId } from './model.js';

// -------------------------------------------------------------------------------------------------------------- timing

/** How long an operation spent in each phase, in milliseconds. */
export type Spans = Readonly<Record<Phase, number>>;

/** Why a step of the critical path could not start earlier. */
export type PathReason = 'start' | 'needs' | 'hazard' | 'barrier' | 'lock' | 'slot';

export interface PathStep {
  readonly operation: OperationId;
  readonly reason: PathReason;
  readonly from: number;
  readonly to: number;
}

/** A node of the timing tree. The root is the run, below it groups, below them operations, below these their parts. */
export interface TimingNode {
  /** `part`: below an operation that ran in parts. */
  readonly kind: 'run' | 'group' | 'operation' | 'part';
  /** `run`, `group:<name>`, or the operation's id. */
  readonly id: string;
  readonly label: string;
  readonly from: number;
  readonly to: number;
  /** Sums over the children for run and group. */
  readonly spans: Spans;
  readonly findings: number;
  readonly critical: boolean;
  readonly operation?: OperationState;
  readonly children: readonly TimingNode[];
}

/** Where the time of a run went. Every figure is measured; `sumSpeedup` is an estimate and is labelled as one. */
export interface Timing {
  readonly tree: TimingNode;
  /** From the start of the run to its end, or to now. */
  readonly makespanMs: number;
  /** Sum of the running times of all operations; a pass in which several were done counts once. */
  readonly sumMs: number;
  /** sumMs ÷ makespanMs: what running one after another would have cost if company slowed nothing down. An estimate. */
  readonly sumSpeedup: number;
  /** The most that there were at once. */
  readonly slots: number;
  /** sumMs ÷ the time of all slots together: 1 when none of them was ever free. */
  readonly efficiency: number;
  /** Pairs of operations that ran at the same time ÷ all pairs of operations that ran; 0 when there is no pair. */
  readonly overlap: number;
  /** The larger of the longest chain of edges and sumMs ÷ slots, by the durations of this run. */
  readonly lowerBoundMs: number;
  /** The chain of operations, each of which could only start when the one before ended, that ends with the run. */
  readonly criticalPath: readonly PathStep[];
}

// -------------------------------------------------------------------------------------------------------- verification

/** One measured run of a verification. */
export interface Trial {
  readonly pair: number;
  readonly mode: Mode;
  readonly run: RunId;
  readonly makespanMs: number;
}

export type Verdict =
  | 'faster'
  | 'no gain'
  | 'slower'
  /** Outcomes or findings were not the same in all trials: the times compare different work. */
  | 'results differ'
  /** Fewer than two pairs, or a trial was cancelled or errored. */
  | 'inconclusive';

/** A place where two trials did not give the same. */
export interface Difference {
  readonly operation: OperationId;
  readonly what: 'outcome' | 'findings' | 'answer';
  /** Where the first trial that showed it stands against the very first trial. */
  readonly expected: string;
  readonly actual: string;
  readonly trial: number;
}

/** Paths, relative to the folder with `/`, that an operation wrote though its access does not name them. */
export interface Undeclared {
  readonly operation: OperationId;
  readonly paths: readonly string[];
}

/** A measured verdict on a speedup. No trial is left out. */
export interface Verification {
  readonly id: VerificationId;
  readonly startedAt: string;
  readonly pairs: number;
  /** With which each parallel trial began. */
  readonly slots: number;
  /** Up to which number Volley itself moved them during a trial; absent when they were fixed. */
  readonly mostSlots?: number;
  readonly scope: ScopeKind;
  /** The parallel run before the trials that fills the caches of the tools, so that no trial pays for it. Not counted. */
  readonly warmUpMs?: number;
  /** Of a batch: what operations were seen to write in the warm-up though nothing says so. */
  readonly undeclared?: readonly Undeclared[];
  /** In the order in which they ran. */
  readonly trials: readonly Trial[];
  /** T_sequential ÷ T_parallel of each complete pair. */
  readonly ratios: readonly number[];
  /** Median of `ratios`; absent without a complete pair. */
  readonly ratio?: number;
  readonly sequentialMs?: number;
  readonly parallelMs?: number;
  readonly differences: readonly Difference[];
  readonly verdict: Verdict;
}

// -------------------------------------------------------------------------------------------------------------- context

/** Tokens that a batch and its combined answer take of a language model's context, and those of one call and answer an operation. */
export interface ContextUse {
  /** The batch as it was handed over, without its comments. */
  readonly batchTokens: number;
  readonly combinedTokens: number;
  /** All calls one by one, with the inputs that they ran with: where a batch has a reference, a caller writes what it stands for. */
  readonly callsTokens: number;
  readonly answersTokens: number;
  /** How many operations answered. */
  readonly results: number;
}

// -------------------------------------------------------------------------------------------------------------- history

/** One line of the Runs view. */
export interface HistoryEntry {
  readonly run: RunId;
  readonly label: string;
  readonly startedAt: string;
  readonly mode: Mode;
  readonly outcome: RunState['outcome'];
  readonly makespanMs: number;
  /** What was predicted before it began; absent while a duration was unknown. */
  readonly predictedMs?: number;
  readonly operations: number;
  readonly findings: number;
  readonly newOnly?: true;
  /** Of a batch, not of gates. */
  readonly batch?: true;
  /** It inspected files: there is a table of it. */
  readonly inspection?: true;
  readonly verification?: VerificationId;
}

export interface OutputText {
  readonly text: string;
  /** Bytes before `text` that were left out because of the limit. */
  readonly omittedBytes: number;
  /** Native paths of the files that hold the whole. */
  readonly files: readonly string[];
}
