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
