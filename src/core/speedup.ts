/** Pure: trials of a verification to a speedup, an interval and a verdict. Everything here is measured; no trial is left out. */

import { accountOfSpeedup } from './account.js';
import { equalityOf } from './equality.js';
import type {
  ContextUse,
  Difference,
  FilesLeft,
  Interval,
  Trial,
  TrialNote,
  Undeclared,
  Verdict,
  Verification,
  VerificationLimits,
} from './measured.js';
import type { Mode, OperationId, OutcomeKind, RunState, ScopeKind, VerificationId } from './model.js';
import { median, medianInterval, outliers, seededRandom, signTest, trendTest } from './statistics.js';

/** At least 40 % less time. */
export const DEFAULT_TARGET = 1.67;
export const DEFAULT_LIMITS = { mostPairs: 30, mostMs: 600_000 } as const;

/** A gain or loss smaller than this share is not called one. */
const WORTH_NAMING = 0.05;
/** Half of an interval that is narrow enough, as a share of the speedup. */
const NARROW = 0.05;
/** The fewest pairs after which a narrow interval ends the trials. */
const LEAST_PAIRS = 6;
/** Of the interval where the number of pairs is fixed. */
const LEVEL = 0.95;
/**
 * Of the interval where it may end the trials: whoever stops at the first narrow interval stops at too narrow ones. With this nominal level
 * what is then covered is 95 % (bench/calibration.ts).
 */
const LEVEL_WHILE_WATCHED = 0.97;

/** An operation that could not do its work beside others before the trials, though right after it could alone. */
export interface Collision {
  readonly operation: OperationId;
  readonly beside: OutcomeKind;
  readonly alone: OutcomeKind;
}

export interface Trials {
  readonly id: VerificationId;
  /** Wall clock, ISO 8601. */
  readonly startedAt: string;
  readonly limits: VerificationLimits;
  readonly ended?: Verification['ended'];
  readonly seed: number;
  readonly target: number;
  readonly slots: number;
  readonly mostSlots?: number | undefined;
  readonly scope: ScopeKind;
  /** Makespan of the run before the trials, or of both, once they ended. */
  readonly warmUpMs?: number | undefined;
  readonly collided?: readonly Collision[];
  readonly caches?: readonly string[];
  readonly undeclared?: readonly Undeclared[];
  readonly context?: ContextUse | undefined;
  /** In the order in which they ran; the states are those of the trials, in the same order. */
  readonly trials: readonly Trial[];
  readonly runs: readonly RunState[];
  /** What each run left behind, in the order of `runs`. */
  readonly left?: readonly (FilesLeft | undefined)[];
}

/** Which mode runs first in a pair (from 1), decided by the seed for each pair by itself: a machine that grows slower favours neither. */
export function orderOfPair(seed: number, pair: number): readonly [Mode, Mode] {
  const random = seededRandom(seed);
  for (let before = 1; before < pair; before += 1) random();
  return random() < 0.5 ? ['sequential', 'parallel'] : ['parallel', 'sequential'];
}

/** The verification that these trials amount to so far. */
export function verify(all: Trials): Verification {
  const { runs, left, trials, undeclared, warmUpMs, context, caches, ended, mostSlots, collided = [], ...head } = all;
  const ratios = ratiosOf(trials);
  const estimate = estimateOf(ratios, head.limits);
  const [sequentialMs, parallelMs] = (['sequential', 'parallel'] as const).map((mode) => median(makespans(trials, mode)));
  const {
    differences: ofTrials,
    varying,
    normalised,
    bySize,
    filesNotCompared,
  } = equalityOf(runs.map((state, index) => ({ state, ...(left?.[index] ? { left: left[index] } : {}) })));
  const differences = [...ofTrials, ...beforeTrials(collided, ofTrials)];
  const disturbed = trials.length < runs.length || runs.some(({ outcome }) => outcome === 'cancelled' || outcome === 'errored');
  const account = estimate && accountOfSpeedup(trials, runs, estimate.ratio);
  return {
    ...head,
    ...(ended === undefined ? {} : { ended }),
    ...(mostSlots === undefined ? {} : { mostSlots }),
    ...(warmUpMs === undefined ? {} : { warmUpMs }),
    ...some('caches', caches),
    ...some('undeclared', undeclared),
    trials,
    ratios,
    ...estimate,
    ...(sequentialMs === undefined ? {} : { sequentialMs }),
    ...(parallelMs === undefined ? {} : { parallelMs }),
    differences,
    ...some('normalised', normalised),
    ...some('varying', varying),
    ...some('comparedBySize', bySize),
    ...(filesNotCompared === undefined ? {} : { filesNotCompared }),
    ...(disturbed ? { disturbed: true } : {}),
    ...some('notes', notesOf(trials)),
    ...(account ? { account } : {}),
    ...(context === undefined ? {} : { context }),
    verdict: verdictOf({ interval: estimate?.interval, target: head.target, differences, disturbed }),
  };
}

/** What trials have shown as well needs no second line. */
function beforeTrials(collided: readonly Collision[], known: readonly Difference[]): readonly Difference[] {
  return collided
    .filter(({ operation }) => known.every((difference) => difference.operation !== operation))
    .map(({ operation, beside, alone }) => ({ what: 'outcome', operation, expected: alone, actual: beside, trial: 0 }));
}

function some<Key extends string, Item>(key: Key, items: readonly Item[] | undefined) {
  return items === undefined || items.length === 0 ? {} : ({ [key]: items } as Record<Key, readonly Item[]>);
}

function makespans(trials: readonly Trial[], mode: Mode): readonly number[] {
  return trials.filter((trial) => trial.mode === mode).map(({ makespanMs }) => makespanMs);
}

/** T_sequential ÷ T_parallel of each pair of which both trials ended. */
function ratiosOf(trials: readonly Trial[]): readonly number[] {
  const ratios: number[] = [];
  for (const sequential of trials.filter((trial) => trial.mode === 'sequential')) {
    const parallel = trials.find((trial) => trial.mode === 'parallel' && trial.pair === sequential.pair);
    if (parallel && parallel.makespanMs > 0) ratios.push(sequential.makespanMs / parallel.makespanMs);
  }
  return ratios;
}

/**
 * The speedup of these pairs: the median of the logarithms of their ratios, an interval from the same signs that the test counts, and that
 * test's probability. Undefined without a pair.
 */
export function estimateOf(
  ratios: readonly number[],
  { mostPairs }: Pick<VerificationLimits, 'mostPairs'>,
): { readonly ratio: number; readonly interval?: Interval; readonly probability?: number } | undefined {
  const logarithms = ratios.map(Math.log);
  const middle = median(logarithms);
  if (middle === undefined) return undefined;
  const watched = mostPairs > LEAST_PAIRS;
  const found = medianInterval(logarithms, watched ? LEVEL_WHILE_WATCHED : LEVEL);
  const level = found && Math.min(LEVEL, found.level);
  return {
    ratio: Math.exp(middle),
    ...(found && level !== undefined ? { interval: { low: Math.exp(found.low), high: Math.exp(found.high), level } } : {}),
    ...(found ? { probability: signTest(logarithms, 0) } : {}),
  };
}

/** Whether more trials would say nothing that is worth their time. */
export function isNarrow({ ratios, interval }: Pick<Verification, 'ratios' | 'interval'>): boolean {
  if (!interval || ratios.length < LEAST_PAIRS) return false;
  return Math.log(interval.high / interval.low) / 2 <= Math.log(1 + NARROW);
}

/** What an interval says of a target. */
export function verdictOf(of: {
  readonly interval: Interval | undefined;
  readonly target: number;
  readonly differences: readonly Difference[];
  /** A trial was cancelled, or an operation could not do its work in it. */
  readonly disturbed: boolean;
}): Verdict {
  const { interval, target, differences, disturbed } = of;
  if (differences.length > 0) return 'results differ';
  if (disturbed || !interval) return 'inconclusive';
  if (interval.high <= 1 / (1 + WORTH_NAMING)) return 'slower';
  if (interval.low >= target && interval.low > 1) return 'validated';
  if (interval.high >= target) return 'inconclusive';
  return interval.low >= 1 + WORTH_NAMING ? 'not validated' : 'no gain';
}

/** How probable chance has to be at most for a drift to be told of. */
const DRIFT_PROBABILITY = 0.05;
/** A drift smaller than this is not worth a word. */
const DRIFT_SHARE = 0.05;
/** From this share of the processors on what others do is told of. */
const OTHERS_SHARE = 0.15;

function notesOf(trials: readonly Trial[]): readonly TrialNote[] {
  const modes = ['sequential', 'parallel'] as const;
  const drifts = modes.flatMap((mode): TrialNote[] => {
    const values = makespans(trials, mode);
    const third = Math.max(1, Math.floor(values.length / 3));
    const [first, last] = [median(values.slice(0, third)), median(values.slice(-third))];
    if (values.length < 5 || !first || last === undefined || trendTest(values).probability > DRIFT_PROBABILITY) return [];
    const ratio = last / first;
    return Math.abs(Math.log(ratio)) < Math.log(1 + DRIFT_SHARE) ? [] : [{ kind: 'drift', mode, ratio }];
  });
  const far = modes.flatMap((mode): TrialNote[] => {
    const own = trials.flatMap((trial, index) => (trial.mode === mode ? [{ number: index + 1, ms: trial.makespanMs }] : []));
    const values = own.map(({ ms }) => ms);
    return outliers(values).map((index) => ({
      ...{ kind: 'outlier', medianMs: median(values) ?? 0 },
      trial: own[index]?.number ?? 0,
    }));
  });
  const share = median(
    trials.flatMap(({ usage, makespanMs }) =>
      usage && makespanMs > 0 ? [usage.othersMs / (usage.processors * makespanMs)] : [],
    ),
  );
  const others: TrialNote[] = share === undefined || share < OTHERS_SHARE ? [] : [{ kind: 'others', share: Math.min(1, share) }];
  return [...drifts, ...far, ...others];
}

/** Whether its interval stands, whatever that decides about the target. */
export function isSound({ interval, verdict, disturbed }: Verification): boolean {
  return interval !== undefined && verdict !== 'results differ' && !disturbed;
}

/** A verification as an earlier version kept it, judged as one of now. Anything else as it is. */
export function upgraded(kept: Verification): Verification {
  if (kept.target !== undefined) return kept;
  const { pairs, ...old } = kept as Verification & { readonly pairs?: number };
  const limits = { mostPairs: pairs ?? kept.ratios.length };
  const estimate = estimateOf(kept.ratios, limits);
  const { differences } = kept;
  const disturbed = (kept.verdict as string) === 'inconclusive';
  return {
    ...old,
    ...{ limits, target: DEFAULT_TARGET, filesNotCompared: 'an earlier version of Volley did not look at them' },
    ...(disturbed ? { disturbed: true } : {}),
    ...estimate,
    verdict: verdictOf({ interval: estimate?.interval, target: DEFAULT_TARGET, differences, disturbed }),
  };
}
