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
  /** Absent where the machine cannot tell. */
  readonly usage?: Usage;
}

/** What a run took of the machine. */
export interface Usage {
  /** Time of processors that the run and what it started worked, in milliseconds; what nobody waited for is not in it. */
  readonly processorMs: number;
  /** Time of processors that others worked meanwhile, in milliseconds. */
  readonly othersMs: number;
  readonly processors: number;
  /** The most resident memory of all processes that it had started, as seen when its memory was looked at. Absent when none was seen. */
  readonly peakBytes?: number;
}

/** What the interval of a verification says of its target. */
export type Verdict =
  /** All of it lies at the target or above. */
  | 'validated'
  /** All of it lies below the target; a gain is certain. */
  | 'not validated'
  /** All of it lies below the target, and no gain worth the name is certain. */
  | 'no gain'
  /** All of it lies below 1, by a loss worth the name. */
  | 'slower'
  /** Results were not the same in all trials: the times compare different work. */
  | 'results differ'
  /** The target lies inside, or there is no interval: too few pairs, or a trial that was cancelled or errored. */
  | 'inconclusive';

/** A place where two trials did not give the same. */
export interface Difference {
  readonly what: 'outcome' | 'exit code' | 'findings' | 'answer' | 'file';
  /** Absent of a file. */
  readonly operation?: OperationId;
  /** Relative to the folder with `/`; only of a file that a run left behind. */
  readonly file?: string;
  /** What the first sequential trial has; of 0 what the run one after another before the trials had. */
  readonly expected: string;
  readonly actual: string;
  /** The first trial that has it, from 1. 0: no trial, but the parallel run before them, in which the operation could not do its work. */
  readonly trial: number;
  /**
   * `flaky`: two sequential trials differ already. `parallel`: only parallel ones do, and so many of them that chance hardly explains it.
   * `undecided`: only parallel ones do, but so few that it may be flaky, too. Absent: a single sequential trial cannot tell.
   */
  readonly cause?: 'flaky' | 'parallel' | 'undecided';
  /** Of `parallel` and `undecided`: how many parallel trials there were, how many of them differ, and how many sequential ones do not. */
  readonly seen?: { readonly parallel: number; readonly differing: number; readonly sequential: number };
}

/** What is left out of texts before they are compared, since it differs from run to run by its nature. */
export const NORMALISED = ['times', 'dates', 'temporary paths', 'process ids'] as const;
export type Normalised = (typeof NORMALISED)[number];

/** What a run left behind. */
export type FilesLeft =
  | {
      readonly kind: 'files';
      /** By which the content of each file that changed is known (`gone`: it was removed), by its path relative to the folder with `/`. */
      readonly files: ReadonlyMap<string, string>;
      /** What the texts among them are known without. */
      readonly without: readonly Normalised[];
      /** The size in bytes of each large file among them. Absent: none is large. */
      readonly large?: ReadonlyMap<string, number>;
      /** Those of the large ones that are known by their size only: reading them was beyond the budget. */
      readonly bySize?: readonly string[];
    }
  /** Nobody could look; `because` completes "not compared, since …". */
  | { readonly kind: 'unknown'; readonly because: string };

/** Paths, relative to the folder with `/`, that an operation wrote though its access does not name them. */
export interface Undeclared {
  readonly operation: OperationId;
  readonly paths: readonly string[];
}

/** When a verification ends: at the first that is reached. */
export interface VerificationLimits {
  readonly mostPairs: number;
  /** For warm-up and trials together, in milliseconds. A pair that was begun is not cut short. Absent of one that an earlier version measured. */
  readonly mostMs?: number;
}

/** Something about the trials that a reader has to know. No trial is left out for it. */
export type TrialNote =
  /** Trials of this mode became slower (above 1) or faster, from first to last, by this ratio. */
  | { readonly kind: 'drift'; readonly mode: Mode; readonly ratio: number }
  /** Far from the others of its mode. Trials count from 1. */
  | { readonly kind: 'outlier'; readonly trial: number; readonly medianMs: number }
  /** Others worked on the machine, by this share of its processors, in the median trial. */
  | { readonly kind: 'others'; readonly share: number };

/** A measured verdict on a speedup. No trial is left out. */
export interface Verification {
  readonly id: VerificationId;
  readonly startedAt: string;
  readonly limits: VerificationLimits;
  /** Which limit ended it, that its interval was narrow enough, or that an operation could not do its work beside nothing else. Absent while it goes on and when it was cancelled. */
  readonly ended?: 'narrow' | 'pairs' | 'time' | 'errored';
  /** From which the order within pairs follows. Absent of one that an earlier version measured. */
  readonly seed?: number;
  /** The speedup that was asked for. */
  readonly target: number;
  /** With which each parallel trial began. */
  readonly slots: number;
  /** Up to which number Volley itself moved them during a trial; absent when they were fixed. */
  readonly mostSlots?: number;
  readonly scope: ScopeKind;
  /**
   * The run before the trials that fills the caches of the tools, so that no trial pays for it. Not counted. Where an operation could not
   * do its work in it beside others, a second one follows, one after another; then both together.
   */
  readonly warmUpMs?: number;
  /** Caches of tools that are known to exist, relative to the first folder or `~/…`: they stay as the warm-up left them. */
  readonly caches?: readonly string[];
  /** Of a batch: what operations were seen to write in the warm-up though nothing says so. */
  readonly undeclared?: readonly Undeclared[];
  /** In the order in which they ran. */
  readonly trials: readonly Trial[];
  /** T_sequential ÷ T_parallel of each complete pair. */
  readonly ratios: readonly number[];
  /** The speedup: the exponential of the median of the logarithms of `ratios`. Absent without a complete pair. */
  readonly ratio?: number;
  /** In which the true speedup lies with the certainty `level`. Absent with less than five pairs. */
  readonly interval?: Interval;
  /** How probable signs as uneven would be if neither mode were faster: the exact sign test. */
  readonly probability?: number;
  readonly sequentialMs?: number;
  readonly parallelMs?: number;
  readonly differences: readonly Difference[];
  /** What texts were compared without, where there was any of it. */
  readonly normalised?: readonly Normalised[];
  /** Files that differ from one sequential trial to the next by themselves, or of which a single one cannot tell. Relative, with `/`. */
  readonly varying?: readonly string[];
  /** Large files that were compared by their size only, since reading them was beyond the budget in at least one trial. Relative, with `/`. */
  readonly comparedBySize?: readonly string[];
  /** Why files left behind were not compared; absent when they were. */
  readonly filesNotCompared?: string;
  readonly notes?: readonly TrialNote[];
  /** A trial was cancelled, or an operation could not do its work in one. */
  readonly disturbed?: true;
  /** Where the time of the pair went whose ratio is nearest to the speedup. Absent without a complete pair. */
  readonly account?: SpeedupAccount;
  /** Of a batch: what it takes of a language model's context, as its warm-up did; counted after the trials. */
  readonly context?: ContextUse;
  readonly verdict: Verdict;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
  /** 0 to 1. */
  readonly level: number;
}

/**
 * Where the time of a run went: milliseconds that add up to its makespan. Each instant is divided by what its slots did: working, or free
 * because of what was waited for.
 */
export interface Account {
  readonly makespanMs: number;
  readonly workMs: number;
  /** Free slots while operations waited for others to end. */
  readonly blockedMs: number;
  /** Free slots while operations waited for a lock. */
  readonly lockedMs: number;
  /** Free slots while operations waited for one: the hand-over. */
  readonly queuedMs: number;
  /** Free slots with nothing left to start. */
  readonly unusedMs: number;
  /** Until the first operation started. */
  readonly startUpMs: number;
  /** After the last operation had ended, and while none ran or waited. */
  readonly overheadMs: number;
}

/** What kept a parallel run from being faster. */
export type Limit =
  /** One operation takes most of the time. */
  | { readonly kind: 'operation'; readonly operation: OperationId; readonly ms: number }
  /** Operations that have to follow each other. */
  | { readonly kind: 'chain'; readonly operations: readonly OperationId[]; readonly ms: number }
  /** Operations that share a lock. */
  | { readonly kind: 'lock'; readonly operations: readonly OperationId[]; readonly ms: number }
  /** All slots work nearly all the time. */
  | { readonly kind: 'slots'; readonly slots: number; readonly share: number }
  /** Operations take longer in company; `busy`: the share of the processors that worked, where known. */
  | { readonly kind: 'machine'; readonly slowdown: number; readonly busy?: number }
  /** Slots that were free since fewer operations were left than slots, in milliseconds. */
  | { readonly kind: 'uneven'; readonly ms: number }
  /** Starting, handing over and ending take this share: the operations are short. */
  | { readonly kind: 'overhead'; readonly share: number };

/** How long one operation ran by itself and in company: medians over the trials. */
export interface Company {
  readonly operation: OperationId;
  readonly aloneMs: number;
  readonly companyMs: number;
}

export interface SpeedupAccount {
  readonly pair: number;
  readonly sequential: Account;
  readonly parallel: Account;
  /** Of the parallel work, how much more it was than the same work one after another. Below 0: less. */
  readonly contentionMs: number;
  /** Sum of the running times of the sequential trial. */
  readonly sumMs: number;
  readonly criticalPathMs: number;
  /** The least makespan with these slots, by the durations of the sequential trial. */
  readonly lowerBoundMs: number;
  readonly efficiency: number;
  readonly overlap: number;
  /** Share of all pairs that ran at the same time, as counts. */
  readonly pairs: { readonly together: number; readonly all: number };
  /** Share of operations that errored, timed out or were cancelled, over all trials of a mode. */
  readonly errors: { readonly sequential: number; readonly parallel: number };
  /** Sequential sum ÷ critical path: what no number of slots exceeds (Amdahl 1967, with the critical path as what cannot be divided). */
  readonly ceiling: number;
  /** The experimentally determined serial fraction (Karp & Flatt 1990). Absent with one slot. */
  readonly serialFraction?: number;
  /** Medians over the trials of a mode; absent where the machine cannot tell. */
  readonly usage?: { readonly sequential: Usage; readonly parallel: Usage };
  /** Those that ran in both modes, the most slowed down first. */
  readonly company: readonly Company[];
  readonly limit?: Limit;
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
  /** Between these lie four of five runs like it; absent while too few were remembered. */
  readonly predictedBetweenMs?: readonly [number, number];
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
