/** Pure: statistics of measured values. No function here draws from chance by itself: who needs numbers at random hands them in. */

/** Middle value, the mean of the two middle ones when there are as many above as below; undefined for no values. */
export function median(values: readonly number[]): number | undefined {
  return quantile(values, 0.5);
}

/** The value below which `share` (0 to 1) of the values lie, linear between neighbours (Hyndman & Fan 1996, type 7). */
export function quantile(values: readonly number[], share: number): number | undefined {
  return quantileOfSorted([...values].sort(ascending), share);
}

/** As `quantile`, of values that ascend. */
export function quantileOfSorted(sorted: readonly number[], share: number): number | undefined {
  const place = Math.min(Math.max(share, 0), 1) * (sorted.length - 1);
  const below = sorted[Math.floor(place)];
  const above = sorted[Math.ceil(place)];
  if (below === undefined || above === undefined) return undefined;
  return below === above ? below : below + (above - below) * (place - Math.floor(place));
}

export function ascending(a: number, b: number): number {
  return a - b;
}

/** Median of the distances from the median: how far values usually lie from their middle. Undefined for no values. */
export function medianDeviation(values: readonly number[]): number | undefined {
  const middle = median(values);
  return middle === undefined ? undefined : median(values.map((value) => Math.abs(value - middle)));
}

/**
 * Numbers from 0 (included) to 1 (excluded), the same for the same seed on every machine: sfc32 (Doty-Humphrey 2010, PractRand),
 * seeded by one 32-bit word.
 */
export function seededRandom(seed: number): () => number {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = seed >>> 0;
  let counter = 1;
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  // The first words depend on few bits of the seed.
  for (let round = 0; round < 12; round += 1) next();
  return next;
}

/** Share of a standard normal distribution below `z`, by the complementary error function; the error is below 1e-12. */
export function normalShareBelow(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const above = 0.5 * complementaryError(x);
  return z > 0 ? 1 - above : above;
}

/** erfc of x ≥ 0: Maclaurin series of erf below 2.5 (Abramowitz & Stegun 7.1.6), Lentz's continued fraction above (7.1.14). */
function complementaryError(x: number): number {
  if (x < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-17 * sum; n += 1) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
  }
  let fraction = 0;
  for (let n = 60; n >= 1; n -= 1) fraction = n / 2 / (x + fraction);
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + fraction);
}

/** The `z` below which `share` (0 to 1) of a standard normal distribution lies; the inverse of `normalShareBelow`, by bisection. */
export function normalQuantile(share: number): number {
  if (!(share > 0)) return Number.NEGATIVE_INFINITY;
  if (!(share < 1)) return Number.POSITIVE_INFINITY;
  let low = -40;
  let high = 40;
  for (let step = 0; step < 64; step += 1) {
    const middle = (low + high) / 2;
    if (normalShareBelow(middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * Below which `share` of Student's t distribution lies: Cornish and Fisher's expansion by the normal quantile (Abramowitz & Stegun
 * 26.7.5), within 2 % from two degrees of freedom on.
 */
export function studentQuantile(share: number, freedom: number): number {
  const z = normalQuantile(share);
  const terms = [
    z,
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
    (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92_160,
  ];
  return terms.reduce((sum, term, power) => sum + term / freedom ** power, 0);
}

/** The fewest values for which the smallest and the largest hold the median between them in 93 of 100 cases. */
export const LEAST_FOR_INTERVAL = 5;

/** Where the median of what the values are drawn from lies, with how much certainty (0 to 1). */
export interface MedianInterval {
  readonly low: number;
  readonly high: number;
  readonly level: number;
}

/**
 * An interval for the median of the distribution that the values come from, whatever its shape: the sign test turned around, between
 * order statistics, interpolated to the wanted level (Hettmansperger & Sheather 1986, Statistics & Probability Letters 4). With too few
 * values for the level it is from the smallest to the largest, and `level` is what that holds; undefined for less than five values.
 */
export function medianInterval(values: readonly number[], level: number): MedianInterval | undefined {
  const count = values.length;
  if (count < LEAST_FOR_INTERVAL) return undefined;
  const sorted = [...values].sort(ascending);
  const at = (rank: number) => sorted[rank - 1] ?? Number.NaN;
  /** How often the values of the ranks `rank` and `count + 1 − rank` hold the median between them. */
  const holds = (rank: number) => 1 - 2 * shareOfSigns(count, rank - 1);
  if (holds(1) <= level) return { low: at(1), high: at(count), level: holds(1) };
  let rank = 1;
  while (2 * (rank + 1) <= count && holds(rank + 1) >= level) rank += 1;
  const [wide, narrow] = [holds(rank), 2 * (rank + 1) <= count ? holds(rank + 1) : 0];
  const share = (wide - level) / (wide - narrow);
  const inner = ((count - rank) * share) / (rank + (count - 2 * rank) * share);
  const between = (outside: number, inside: number) => outside + inner * (inside - outside);
  return { low: between(at(rank), at(rank + 1)), high: between(at(count + 1 - rank), at(count - rank)), level };
}

/** The exact probability that at most `most` of `count` fair coins show heads. */
function shareOfSigns(count: number, most: number): number {
  let ways = 1;
  let sum = 0;
  for (let heads = 0; heads <= most; heads += 1) {
    sum += ways;
    ways = (ways * (count - heads)) / (heads + 1);
  }
  return sum / 2 ** count;
}

/**
 * How probable signs as uneven as these are where values above and below `middle` are equally likely: the exact two-sided sign test.
 * Values equal to `middle` say nothing. 1 where no other is left.
 */
export function signTest(values: readonly number[], middle: number): number {
  const above = values.filter((value) => value > middle).length;
  const below = values.filter((value) => value < middle).length;
  return Math.min(1, 2 * shareOfSigns(above + below, Math.min(above, below)));
}

/**
 * Whether values rise (above 0) or fall (below 0) in their order: Kendall's S, with the two-sided probability of one as large for values
 * without an order (Kendall 1938; exact up to 10 values without ties, else the normal approximation with corrections for ties and
 * continuity).
 */
export function trendTest(values: readonly number[]): { readonly score: number; readonly probability: number } {
  const count = values.length;
  let score = 0;
  for (const [index, value] of values.entries()) for (const later of values.slice(index + 1)) score += Math.sign(later - value);
  if (score === 0 || count < 3) return { score, probability: 1 };
  const ties = tieSizes(values);
  if (count <= 10 && ties.length === 0) return { score, probability: Math.min(1, 2 * shareOfOrders(count, Math.abs(score))) };
  const spread = (size: number) => size * (size - 1) * (2 * size + 5);
  const variance = (spread(count) - ties.reduce((sum, size) => sum + spread(size), 0)) / 18;
  return { score, probability: 2 * (1 - normalShareBelow((Math.abs(score) - 1) / Math.sqrt(variance))) };
}

function tieSizes(values: readonly number[]): readonly number[] {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts.values()].filter((size) => size > 1);
}

/** The share of all orders of `count` values whose Kendall's S is at least `score`: by the numbers of inversions (Mahonian numbers). */
function shareOfOrders(count: number, score: number): number {
  let ways = [1];
  for (let size = 2; size <= count; size += 1) {
    const next = new Array<number>(ways.length + size - 1).fill(0);
    for (const [inversions, number] of ways.entries())
      for (let more = 0; more < size; more += 1) next[inversions + more] = (next[inversions + more] ?? 0) + number;
    ways = next;
  }
  const most = (count * (count - 1)) / 2;
  const all = ways.reduce((sum, number) => sum + number, 0);
  // S is the number of all pairs less twice the inversions.
  return ways.filter((_, inversions) => most - 2 * inversions >= score).reduce((sum, number) => sum + number, 0) / all;
}

/**
 * Indices of values so far from the median that hardly any other explanation than a disturbance is left: more than 3.5 median deviations,
 * scaled to a standard deviation (Iglewicz & Hoaglin 1993). None below five values, or where half of them are equal.
 */
export function outliers(values: readonly number[]): readonly number[] {
  const middle = median(values);
  const deviation = medianDeviation(values);
  if (values.length < 5 || middle === undefined || !deviation) return [];
  return values.flatMap((value, index) => ((0.6745 * Math.abs(value - middle)) / deviation > 3.5 ? [index] : []));
}

/**
 * How many of the hypotheses with these p-values may be rejected so that of those rejected at most `rate` are expected to be true ones:
 * Benjamini & Hochberg 1995, "Controlling the false discovery rate", Journal of the Royal Statistical Society B 57:289. Where all are true,
 * any is rejected in at most `rate` of cases.
 */
export function falseDiscoveries(probabilities: readonly number[], rate: number): number {
  const sorted = [...probabilities].sort(ascending);
  const last = sorted.findLastIndex((probability, index) => probability <= (rate * (index + 1)) / sorted.length);
  return last + 1;
}
