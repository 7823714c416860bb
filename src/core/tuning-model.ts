/** What a tuning measures, as types: how one work fared with each number, the law that fits, and the number to use. */
import type { Difference } from './measured.js';
import type { ScopeKind, VerificationId } from './model.js';

/** Of a tuning; shares its form with the ids of verifications. */
export type TuningId = VerificationId;

/** What is tried with different numbers. */
export type TuningSubject =
  /** The slots of gates: how many run at once. */
  | { readonly kind: 'gates'; readonly scope: ScopeKind }
  /** The slots of a batch. */
  | { readonly kind: 'batch'; readonly label: string }
  /** How many operations on files are handed over in one batch. */
  | { readonly kind: 'files'; readonly tool: FileTool };

export const FILE_TOOLS = ['read', 'grep'] as const;
/** Operations on files whose number in a batch can be tuned. */
export type FileTool = (typeof FILE_TOOLS)[number];

/** An interval of 95 %. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** In place of a number: Volley chose the slots itself, and moved them while the trial went on. */
export const AUTOMATIC = 0;

/** One measured time with one number. */
export interface Sample {
  /** At least 1, or AUTOMATIC. */
  readonly number: number;
  readonly ms: number;
}

/** A sample with its place in the tuning. Rounds count from 1; samples stand in the order in which they were taken. */
export interface TuningTrial extends Sample {
  readonly round: number;
}

/** How a number stands to the best one: surely within the tolerance, surely outside (95 % for all numbers together), or not to be told apart yet. */
export type Standing = 'within' | 'outside' | 'open';

/** What was measured with one number. */
export interface CurvePoint {
  readonly number: number;
  readonly samples: number;
  readonly medianMs: number;
  /** Of the median, in milliseconds; absent where nothing was repeated. */
  readonly interval?: Interval;
  /** medianMs ÷ that of the best number. */
  readonly ratio: number;
  readonly ratioInterval?: Interval;
  readonly standing: Standing;
}

/** A value that was fitted. Without `interval` nothing was repeated. */
export interface Estimate {
  readonly value: number;
  readonly interval?: Interval;
}

/** The Universal Scalability Law, X(N) = λN ÷ (1 + σ(N−1) + κN(N−1)), as it fits what was measured. */
export interface Law {
  /** λ: works a second with one. */
  readonly lambda: Estimate;
  /** σ, contention: the share of the work that only one at a time can do. 0 to 1. */
  readonly sigma: Estimate;
  /** κ, coherence: what each pair costs by keeping up with each other. At least 0. */
  readonly kappa: Estimate;
  /** N* = √((1−σ)÷κ), with which throughput is highest; absent where the law has no peak. Without `high` there may be none. */
  readonly peak?: { readonly value: number; readonly low?: number; readonly high?: number };
  /** Share of the differences between the numbers that the law explains: R² of the logarithms of the throughputs. */
  readonly explained: number;
  /** The largest distance of the law from a measured median, as a share of it. */
  readonly deviation: number;
  /** At every number the law lies in the interval that was measured, or within the tolerance of its median. */
  readonly fits: boolean;
}

/** What the samples amount to. */
export interface Curve {
  /** In the order of the numbers. */
  readonly points: readonly CurvePoint[];
  /** The number with the smallest median; absent without samples. */
  readonly best?: number;
  /** Absent with fewer than four numbers, of which any law of three parameters fits three. */
  readonly law?: Law;
  /** The smallest number whose median is within the tolerance of the best; absent without samples. */
  readonly smallest?: number;
  /** Whether the intervals leave no doubt about `smallest`. */
  readonly certain: boolean;
  /** What Volley's own choice took; its ratio and standing are against `smallest`. Absent where that was not tried. */
  readonly automatic?: CurvePoint;
}

/** Why no more was measured. */
export type TuningEnd =
  /** The intervals are narrow enough. */
  | { readonly kind: 'narrow' }
  | { readonly kind: 'rounds' }
  | { readonly kind: 'time' }
  | { readonly kind: 'cancelled' }
  /** There is nothing to choose from; a sentence. */
  | { readonly kind: 'nothing to tune'; readonly because: string }
  /** An operation could not do its work; a sentence. */
  | { readonly kind: 'errored'; readonly because: string }
  /** Not all trials gave the same: the times compare different work. */
  | { readonly kind: 'results differ' };

/** Until when is measured. */
export interface TuningLimits {
  /** In each round every number is tried once. */
  readonly rounds: number;
  /** Of the whole, the warm-up included. No trial is started after it. */
  readonly mostMs: number;
}

/** When nobody says others. */
export const TUNING_LIMITS: TuningLimits = { rounds: 10, mostMs: 600_000 };

/** A measured answer to "how many?". No trial is left out. */
export interface Tuning {
  readonly id: TuningId;
  /** Wall clock, ISO 8601. */
  readonly startedAt: string;
  readonly subject: TuningSubject;
  /** What was tried: operations of the run, or files. Known after the warm-up. */
  readonly operations: number;
  /** From which the order within each round follows. */
  readonly seed: number;
  readonly limits: TuningLimits;
  /** Ascending, without AUTOMATIC; known after the warm-up. */
  readonly numbers: readonly number[];
  /** The run before the trials that fills caches. Not counted. */
  readonly warmUpMs?: number;
  readonly trials: readonly TuningTrial[];
  readonly curve: Curve;
  readonly differences: readonly Difference[];
  /** Absent while it goes on. */
  readonly end?: TuningEnd;
  /** The smallest number within 3 % of the best; absent where none can be recommended. */
  readonly recommended?: number;
}

/** What is not more than this share slower than the best counts as fast. */
export const TOLERANCE = 0.03;
