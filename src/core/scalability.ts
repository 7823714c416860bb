/**
 * Pure: from times measured with several numbers to a curve. The Universal Scalability Law (N. J. Gunther, "Guerrilla Capacity Planning",
 * 2007, chapters 4 and 5) is fitted to it for explanation; the number to use follows from the measured medians alone, so that it is right
 * also where the law does not hold, as when there are fewer operations than slots.
 */
import { ascending, median, normalShareBelow, quantileOfSorted, seededRandom, studentQuantile } from './statistics.js';
import {
  AUTOMATIC,
  type Curve,
  type CurvePoint,
  type Estimate,
  type Interval,
  type Law,
  type Sample,
  type Standing,
  TOLERANCE,
} from './tuning-model.js';

/** Of the bootstrap. More would hold the event loop longer than 50 ms where many numbers are tried; intervals hardly change. */
const DRAWS = 500;
/** With as many numbers as parameters any law fits. */
const LEAST_NUMBERS = 4;
const CONFIDENCE = 0.95;

export interface CurveOptions {
  /** The same seed gives the same intervals. Absent: there are none, which takes a hundredth of the time. */
  readonly seed?: number;
  /** Whether the law can hold: it is one of how many work at once. */
  readonly law: boolean;
}

/** σ and κ, and λ in works a millisecond. */
export interface Parameters {
  readonly lambda: number;
  readonly sigma: number;
  readonly kappa: number;
}

/** What the samples amount to. Times are above 0; the order of the samples does not matter. */
export function curveOf(samples: readonly Sample[], { seed, law }: CurveOptions): Curve {
  const all = groupsOf(samples);
  const groups = all.filter(({ number }) => number !== AUTOMATIC);
  const automatic = all.find(({ number }) => number === AUTOMATIC);
  const [first, ...others] = groups;
  if (!first) return { points: [], certain: false };
  const best = others.reduce((one, other) => (other.centre < one.centre ? other : one), first);
  const drawn = seed === undefined ? undefined : draw(all, seed);
  const points = groups.map((group): CurvePoint => pointOf(group, best, drawn));
  const smallest = points.find(({ ratio }) => ratio <= 1 + TOLERANCE);
  const chosen = groups.find(({ number }) => number === smallest?.number);
  const certain = groups.every((other, index) => {
    if (!chosen) return false;
    if (other.number < chosen.number) return points[index]?.standing === 'outside';
    return standingTo(chosen, other, drawn) === 'within';
  });
  return {
    points,
    best: best.number,
    ...(law && groups.length >= LEAST_NUMBERS ? { law: lawOf(groups, points, drawn) } : {}),
    ...(smallest ? { smallest: smallest.number } : {}),
    certain,
    ...(automatic && chosen ? { automatic: pointOf(automatic, chosen, drawn) } : {}),
  };
}

/** Whether more samples would hardly say anything else: the choice is certain, or every ratio known within the tolerance. */
export function isNarrow({ points, certain }: Curve): boolean {
  const width = ({ ratioInterval }: CurvePoint) =>
    ratioInterval ? ratioInterval.high - ratioInterval.low : Number.POSITIVE_INFINITY;
  return certain || points.every((point) => point.ratio === 1 || width(point) <= TOLERANCE);
}

/** Works a millisecond with `number` at once. */
export function throughput({ lambda, sigma, kappa }: Parameters, number: number): number {
  return (lambda * number) / slowdown(sigma, kappa, number);
}

/** N* = √((1−σ)÷κ) (Gunther 2007, 4.33), at least 1; infinite without κ. */
export function peakOf({ sigma, kappa }: Pick<Parameters, 'sigma' | 'kappa'>): number {
  return kappa === 0 ? Number.POSITIVE_INFINITY : Math.max(1, Math.sqrt((1 - sigma) / kappa));
}

/** Numbers from 1 up to `most`, each about a third to a half more than the one before: 1, 2, 3, 4, 6, 8, 12, 16 …, and `most`. */
export function numbersUpTo(most: number): readonly number[] {
  const numbers = [1];
  for (let power = 2; power <= most; power *= 2) numbers.push(power, power * 1.5);
  return [...new Set([...numbers.filter((number) => number <= most && Number.isInteger(number)), Math.max(1, Math.floor(most))])];
}

/** 1, 2, 5, 10, 20, 50 … up to `most`, and `most`. */
export function sizesUpTo(most: number): readonly number[] {
  const sizes: number[] = [];
  for (let power = 1; power <= most; power *= 10) sizes.push(power, 2 * power, 5 * power);
  return [...new Set([...sizes.filter((size) => size <= most), Math.max(1, Math.floor(most))])];
}

/** The values in an order at random (Fisher & Yates), by numbers from 0 to 1. */
export function shuffled<Value>(values: readonly Value[], random: () => number): readonly Value[] {
  const order = [...values];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other] as Value, order[last] as Value];
  }
  return order;
}

// -------------------------------------------------------------------------------------------------------------- points

/** Times with one number as logarithms, since noise of times is a share of them. */
interface Group {
  readonly number: number;
  readonly logs: readonly number[];
  readonly mean: number;
  /** Median. */
  readonly centre: number;
}

function groupsOf(samples: readonly Sample[]): readonly Group[] {
  const numbers = [...new Set(samples.map(({ number }) => number))].sort(ascending);
  return numbers.map((number) => {
    const logs = samples.filter((sample) => sample.number === number).map(({ ms }) => Math.log(ms));
    return { number, logs, mean: meanOf(logs), centre: median(logs) ?? 0 };
  });
}

interface Draws {
  /** For each draw the groups as they could have been. */
  readonly groups: readonly (readonly Group[])[];
  /** Shares at which the draws are cut to an interval. */
  readonly cut: Interval;
  /** So many standard deviations from a ratio the tolerance has to lie for its number to be surely within or outside. */
  readonly sure: number;
}

/**
 * The bootstrap (Efron 1979) of the repeats: for each number as many residuals as it has samples, drawn from those of all numbers, since few
 * repeats of one say little of its spread. Residuals are made larger by √(n÷(n−1)), and intervals wider as Student's distribution is than the
 * normal one (Hesterberg 2015, "What Teachers Should Know about the Bootstrap", expanded percentile interval): with few repeats they would
 * hold the truth too seldom. Undefined where nothing was repeated.
 */
function draw(groups: readonly Group[], seed: number): Draws | undefined {
  const residuals = groups.flatMap(({ logs, mean }) =>
    logs.length < 2 ? [] : logs.map((log) => (log - mean) * Math.sqrt(logs.length / (logs.length - 1))),
  );
  const freedom = groups.reduce((sum, { logs }) => sum + logs.length - 1, 0);
  if (freedom < 2) return undefined;
  const random = seededRandom(seed);
  const drawn = Array.from({ length: DRAWS }, () =>
    groups.map(({ number, logs, mean, centre }): Group => {
      const noise = logs.map(() => residuals[Math.floor(random() * residuals.length)] ?? 0);
      return { number, logs, mean: mean + meanOf(noise), centre: centre + (median(noise) ?? 0) };
    }),
  );
  const tail = normalShareBelow(-studentQuantile((1 + CONFIDENCE) / 2, freedom));
  // All others are compared with one, and one mistake among them makes the choice wrong (Bonferroni).
  const sure = studentQuantile(1 - (1 - CONFIDENCE) / 2 / Math.max(1, groups.length - 1), freedom);
  return { groups: drawn, cut: { low: tail, high: 1 - tail }, sure };
}

function intervalOf(values: readonly number[], { cut }: Draws): Interval {
  const sorted = [...values].sort(ascending);
  const at = (share: number) => quantileOfSorted(sorted, share) ?? Number.NaN;
  return { low: at(cut.low), high: at(cut.high) };
}

function pointOf(group: Group, best: Group, drawn: Draws | undefined): CurvePoint {
  const { number, logs, centre } = group;
  const point = { number, samples: logs.length, medianMs: Math.exp(centre), ratio: Math.exp(centre - best.centre) };
  const standing = standingTo(group, best, drawn);
  if (!drawn) return { ...point, standing };
  const interval = intervalOf(centresOf(number, drawn).map(Math.exp), drawn);
  return { ...point, interval, ratioInterval: intervalOf(ratiosOf(group, best, drawn).map(Math.exp), drawn), standing };
}

function centresOf(number: number, { groups }: Draws): readonly number[] {
  const index = groups[0]?.findIndex((group) => group.number === number) ?? -1;
  return groups.map((each) => each[index]?.centre ?? Number.NaN);
}

/** Logarithms, in every draw. */
function ratiosOf({ number }: Group, other: Group, drawn: Draws): readonly number[] {
  const others = centresOf(other.number, drawn);
  return centresOf(number, drawn).map((log, index) => log - (others[index] ?? Number.NaN));
}

/** Whether one takes longer than another by no more than the tolerance. */
function standingTo(one: Group, other: Group, drawn: Draws | undefined): Standing {
  if (one.number === other.number) return 'within';
  if (!drawn) return 'open';
  const limit = Math.log(1 + TOLERANCE);
  const ratio = one.centre - other.centre;
  const margin = drawn.sure * deviationOf(ratiosOf(one, other, drawn));
  if (ratio + margin <= limit) return 'within';
  return ratio - margin > limit ? 'outside' : 'open';
}

function deviationOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)));
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

// ----------------------------------------------------------------------------------------------------------------- law

function isNumbered({ number }: Group): boolean {
  return number !== AUTOMATIC;
}

function lawOf(groups: readonly Group[], points: readonly CurvePoint[], drawn: Draws | undefined): Law {
  const fitted = leastSquares(groups);
  const draws = drawn?.groups.map((each) => leastSquares(each.filter(isNumbered), fitted));
  const estimate = (name: keyof Parameters, scale = 1): Estimate => ({
    value: fitted[name] * scale,
    ...(draws && drawn
      ? {
          interval: intervalOf(
            draws.map((each) => each[name] * scale),
            drawn,
          ),
        }
      : {}),
  });
  const peak = peakOf(fitted);
  const peaks = draws && drawn && intervalOf(draws.map(peakOf), drawn);
  const finite = (name: 'low' | 'high', value: number | undefined) =>
    value !== undefined && Number.isFinite(value) ? { [name]: value } : {};
  const off = points.map(({ number, medianMs }) => 1 / throughput(fitted, number) / medianMs - 1);
  return {
    lambda: estimate('lambda', 1000),
    sigma: estimate('sigma'),
    kappa: estimate('kappa'),
    ...(Number.isFinite(peak) ? { peak: { value: peak, ...finite('low', peaks?.low), ...finite('high', peaks?.high) } } : {}),
    explained: explainedBy(fitted, groups),
    deviation: Math.max(...off.map(Math.abs)),
    fits: points.every(({ number, interval }, index) => {
      const ms = 1 / throughput(fitted, number);
      return Math.abs(off[index] ?? 0) <= TOLERANCE || (interval !== undefined && ms >= interval.low && ms <= interval.high);
    }),
  };
}

/** By how much N at once slow each other down: 1 + σ(N−1) + κN(N−1). */
function slowdown(sigma: number, kappa: number, number: number): number {
  return 1 + sigma * (number - 1) + kappa * number * (number - 1);
}

/** R²; 1 where all are the same and the law says so. */
function explainedBy(parameters: Parameters, groups: readonly Group[]): number {
  const middle = meanOf(groups.map(({ mean }) => mean));
  const sum = (of: (group: Group) => number) => groups.reduce((total, group) => total + of(group) ** 2, 0);
  const left = sum(({ number, mean }) => -mean - Math.log(throughput(parameters, number)));
  const all = sum(({ mean }) => mean - middle);
  return all < 1e-18 ? 1 : 1 - left / all;
}

/** What is fitted: the mean of the logarithms of the times with a number. */
export type Measured = Pick<Group, 'number' | 'mean' | 'logs'>;

const STEPS = 200;

/**
 * Least squares on the logarithm of the throughput, with 0 ≤ σ ≤ 1 and κ ≥ 0, by Levenberg and Marquardt's steps in the box. Not on
 * Gunther's linear form N ÷ X(N): there the noise of small numbers counts many times, and σ and κ come out shifted. λ falls out: with the
 * others given it is what makes the residuals sum to zero. Two unknowns are left, which is why this needs no library.
 */
export function leastSquares(groups: readonly Measured[], start: Partial<Parameters> = {}): Parameters {
  const weight = groups.reduce((sum, { logs }) => sum + logs.length, 0);
  const weighted = (of: (group: Measured) => number) => groups.reduce((sum, group) => sum + of(group) * group.logs.length, 0);
  /** log λ for these, and the sum of squares with it. */
  const look = (sigma: number, kappa: number) => {
    const rest = ({ number, mean }: Measured) => -mean - Math.log(number) + Math.log(slowdown(sigma, kappa, number));
    const level = weighted(rest) / weight;
    return { level, cost: weighted((group) => (rest(group) - level) ** 2), residual: (group: Measured) => rest(group) - level };
  };
  let sigma = start.sigma ?? 0.1;
  let kappa = start.kappa ?? 0.001;
  let now = look(sigma, kappa);
  let damping = 1e-3;
  for (let step = 0; step < STEPS && damping < 1e12; step += 1) {
    const [downSigma, downKappa] = stepFrom(groups, { sigma, kappa, residual: now.residual, weight, damping });
    const nextSigma = Math.min(1, Math.max(0, sigma + downSigma));
    const nextKappa = Math.max(0, kappa + downKappa);
    const next = look(nextSigma, nextKappa);
    if (!(next.cost < now.cost)) {
      damping *= 8;
      continue;
    }
    const gain = now.cost - next.cost;
    [sigma, kappa, now] = [nextSigma, nextKappa, next];
    damping = Math.max(1e-12, damping / 8);
    if (gain <= 1e-9 * now.cost + 1e-24) break;
  }
  return { lambda: Math.exp(now.level), sigma, kappa };
}

interface StepOptions {
  readonly sigma: number;
  readonly kappa: number;
  readonly residual: (group: Measured) => number;
  readonly weight: number;
  readonly damping: number;
}

/** A damped step of Gauss and Newton; a parameter at its bound that would leave it is held. */
function stepFrom(
  groups: readonly Measured[],
  { sigma, kappa, residual, weight, damping }: StepOptions,
): readonly [number, number] {
  const slopes = groups.map((group) => {
    const whole = slowdown(sigma, kappa, group.number);
    const count = group.logs.length;
    return { r: residual(group), s: (group.number - 1) / whole, k: (group.number * (group.number - 1)) / whole, count };
  });
  const mean = (name: 's' | 'k') => slopes.reduce((sum, slope) => sum + slope[name] * slope.count, 0) / weight;
  const [meanS, meanK] = [mean('s'), mean('k')];
  let [ss, sk, kk, gs, gk] = [0, 0, 0, 0, 0];
  for (const { r, s, k, count } of slopes) {
    ss += count * (s - meanS) ** 2;
    sk += count * (s - meanS) * (k - meanK);
    kk += count * (k - meanK) ** 2;
    gs -= count * r * (s - meanS);
    gk -= count * r * (k - meanK);
  }
  const heldS = (sigma === 0 && gs < 0) || (sigma === 1 && gs > 0);
  const heldK = kappa === 0 && gk < 0;
  const [a, c] = [ss * (1 + damping) + 1e-300, kk * (1 + damping) + 1e-300];
  if (heldS || heldK) return [heldS ? 0 : gs / a, heldK ? 0 : gk / c];
  const determinant = a * c - sk * sk;
  return determinant > 0 ? [(gs * c - gk * sk) / determinant, (gk * a - gs * sk) / determinant] : [gs / a, gk / c];
}
