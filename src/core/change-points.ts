/**
 * Pure: where a series of measured values changed for good, or for a while. One odd value, or a few in a row, never is a change.
 *
 * The statistic is the largest sum of centred ranks over any stretch: the two-sided form, for changes that go away again (Levin & Kline
 * 1985, "The CUSUM test of homogeneity", Statistics in Medicine 4:469), of Pettitt's (1979, "A non-parametric approach to the change-point
 * problem", Applied Statistics 28:126). It knows ranks only, so no value counts more for being extreme. Its p-value comes from
 * permutations (Besag & Clifford 1991, "Sequential Monte Carlo p-values", Biometrika 78:301), which holds for ties as well. Runs
 * that follow each other are alike where the machine was busy for a while, which permutations do not know: so the statistic is narrowed
 * by the root of the integrated autocorrelation time of the ranks (C. J. Geyer 1992, "Practical Markov chain Monte Carlo", Statistical
 * Science 7:473; each correlation corrected for the bias of short series, Kendall 1954, once for each side), as Hamed & Rao 1998 do for the Mann–Kendall test.
 * All sides of a change are searched again (binary segmentation; Scott & Knott 1974), each at half the level of the whole.
 *
 * How often a change is found where there is none is measured by `bench/trends.ts`; ARCHITECTURE.md has the figures.
 */
import { atOnce } from './slices.js';
import { ascending, median, seededRandom } from './statistics.js';

/** On each side of a change there are at least so many values: fewer are no sustained change, whatever they are. */
export const LEAST_SIDE = 5;
/** What went away again has lasted for so many values: a machine is often busy for a few runs. */
const LEAST_STRETCH = 10;
/** The most permutations of one test. */
const MOST_PERMUTATIONS = 19_999;
/** A p-value is known well enough when so many permutations reached the statistic. */
const ENOUGH_REACHED = 20;
const ROUNDS_OF_STEP = 200;

/** A sustained change of a series. */
export interface Change {
  /** Of the first value after it. */
  readonly index: number;
  /** Medians of the values from the change before it, and up to the change after it. */
  readonly before: number;
  readonly after: number;
  /** The probability of as large a statistic without a change; not corrected for how many series were looked at. */
  readonly p: number;
}

export interface ChangeSearch {
  /** Share of series without any change in which one may be found. Whoever looks at many series divides it by their number. */
  readonly level: number;
  /** The same seed gives the same answer on every machine. */
  readonly seed: number;
  /** Whether medians that differ so are worth naming. */
  readonly isLarge: (before: number, after: number) => boolean;
}

/** Every sustained change, in order. Values have to be finite. */
export function changePoints(values: readonly number[], search: ChangeSearch): readonly Change[] {
  return atOnce(searchChanges(values, search));
}

/** As `changePoints`, in steps of about a millisecond each, between which whoever takes them may let others go on. */
export function* searchChanges(values: readonly number[], search: ChangeSearch): Generator<void, readonly Change[]> {
  const random = seededRandom(search.seed);
  const found: { readonly index: number; readonly p: number }[] = [];
  const open = [{ from: 0, to: values.length, level: search.level }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { from, to, level } = next;
    const part = values.slice(from, to);
    const stretch = largestStretch(centredRanks(part));
    if (!stretch) continue;
    const p = yield* pValue(stretch, level, random);
    if (p > level || !differ(part, stretch, search)) continue;
    const inner = [stretch.from, stretch.to].filter((index) => index > 0 && index < part.length);
    found.push(...inner.map((index) => ({ index: from + index, p })));
    const ends = [0, ...inner, part.length];
    for (const [place, end] of ends.slice(1).entries())
      open.push({ from: from + (ends[place] ?? 0), to: from + end, level: level / 2 });
  }
  return settled(
    values,
    found.sort((a, b) => a.index - b.index),
    search,
  );
}

/** A change has to hold against its neighbours, not only against all that came before or after: the least of those that do not goes. */
function settled(
  values: readonly number[],
  found: readonly { readonly index: number; readonly p: number }[],
  search: ChangeSearch,
): readonly Change[] {
  const changes = found.map(({ index, p }, place) => {
    const before = median(values.slice(found[place - 1]?.index ?? 0, index)) ?? 0;
    const after = median(values.slice(index, found[place + 1]?.index ?? values.length)) ?? 0;
    return { index, before, after, p };
  });
  const weak = changes.filter(({ before, after }) => !search.isLarge(before, after));
  const [weakest] = [...weak].sort((a, b) => b.p - a.p || a.index - b.index);
  if (!weakest) return changes;
  return settled(
    values,
    found.filter(({ index }) => index !== weakest.index),
    search,
  );
}

function differ(part: readonly number[], { from, to }: Stretch, { isLarge }: ChangeSearch): boolean {
  return isLarge(median([...part.slice(0, from), ...part.slice(to)]) ?? 0, median(part.slice(from, to)) ?? 0);
}

/** Values that lie apart from those before and after them; one of both may be missing. */
interface Stretch {
  /** Of its first value; of the first after it. */
  readonly from: number;
  readonly to: number;
  readonly statistic: number;
  readonly ranks: readonly number[];
}

/** Undefined when there are too few values, or all are equal. All ranks add up to zero, so what begins a series says what ends it, too. */
function largestStretch(ranks: readonly number[]): Stretch | undefined {
  const sums = sumsOf(ranks);
  const at = (place: number) => sums[place] ?? 0;
  let best: Stretch = { from: 0, to: 0, statistic: 0, ranks };
  let [low, high] = [LEAST_SIDE, LEAST_SIDE];
  for (let to = LEAST_SIDE; to <= ranks.length - LEAST_SIDE; to += 1) {
    const from = to - LEAST_STRETCH;
    if (from >= LEAST_SIDE && at(from) < at(low)) low = from;
    if (from >= LEAST_SIDE && at(from) > at(high)) high = from;
    for (const begin of from >= LEAST_SIDE ? [0, low, high] : [0]) {
      const statistic = Math.abs(at(to) - at(begin));
      if (statistic > best.statistic) best = { from: begin, to, statistic, ranks };
    }
  }
  return best.statistic < TIE ? undefined : best;
}

/** Sums of ranks are parted by rounding where they are equal. */
const TIE = 1e-6;

function sumsOf(ranks: readonly number[]): readonly number[] {
  let sum = 0;
  return [0, ...ranks.map((rank) => (sum += rank))];
}

function centredRanks(part: readonly number[]): readonly number[] {
  const places = new Map<number, { first: number; count: number }>();
  [...part].sort(ascending).forEach((value, place) => {
    const known = places.get(value);
    if (known) known.count += 1;
    else places.set(value, { first: place, count: 1 });
  });
  return part.map((value) => {
    const { first = 0, count = 1 } = places.get(value) ?? {};
    return first + (count - 1) / 2 - (part.length - 1) / 2;
  });
}

/** Likeness is looked for up to so many runs apart. */
const FARTHEST = 20;

/** A further change that leaves less of the squares is taken for one, and not for likeness. */
const EXPLAINED = 0.2;
/** Share of a series below which a stretch that went away again is a short one. */
const SHORT = 1 / 3;

/**
 * Values minus the mean of their side, so that changes themselves do not count as likeness: this one, and others that are plain. A short
 * stretch that went away again does count: it is how likeness looks.
 */
function sidesOf({ from, to, ranks }: Stretch): readonly (readonly number[])[] {
  if (from > 0 && to < ranks.length && to - from < SHORT * ranks.length) return [centred(ranks)];
  return [ranks.slice(0, from), ranks.slice(from, to), ranks.slice(to)].flatMap((side) => {
    const own = largestStretch(centredRanks(side));
    if (!own) return [centred(side)];
    const parts = [side.slice(0, own.from), side.slice(own.from, own.to), side.slice(own.to)].map(centred);
    const left = parts.reduce((sum, part) => sum + squaresOf(part), 0);
    return left > EXPLAINED * squaresOf(centred(side)) ? [centred(side)] : sidesOf({ ...own, ranks: side });
  });
}

function centred(side: readonly number[]): readonly number[] {
  const mean = side.reduce((sum, rank) => sum + rank, 0) / side.length;
  return side.map((rank) => rank - mean);
}

function squaresOf(side: readonly number[]): number {
  return side.reduce((sum, rank) => sum + rank ** 2, 0);
}

/** √(1 + 2 × the sum of the correlations of values 1, 2, … runs apart) while they stand out; at least what neighbours alone say. */
function wideningOf(stretch: Stretch): number {
  const sides = sidesOf(stretch);
  const { length } = stretch.ranks;
  const apart = (lag: number) => {
    let products = 0;
    for (const side of sides)
      for (let place = lag; place < side.length; place += 1) products += (side[place] ?? 0) * (side[place - lag] ?? 0);
    return products;
  };
  const squares = apart(0);
  if (squares === 0) return 1;
  const unbiased = (lag: number) => {
    const raw = apart(lag) / squares;
    return Math.min(raw + (sides.length + 4 * Math.max(raw, 0)) / length, 0.95);
  };
  let sum = 0;
  for (let lag = 1; lag <= Math.min(FARTHEST, length / 4); lag += 1) {
    const likeness = unbiased(lag);
    if (likeness <= 1 / Math.sqrt(length)) break;
    sum += likeness;
  }
  const nearest = Math.max(unbiased(1), 0);
  return Math.sqrt(Math.max(1 + 2 * sum, (1 + nearest) / (1 - nearest)));
}

function* pValue(stretch: Stretch, level: number, random: () => number): Generator<void, number> {
  const permutations = Math.min(Math.max(Math.ceil(4 / level), 1000) - 1, MOST_PERMUTATIONS);
  const shuffled = Float64Array.from(stretch.ranks);
  const sums = new Float64Array(shuffled.length + 1);
  const wanted = stretch.statistic / wideningOf(stretch) - TIE;
  let reached = 0;
  for (let round = 1; round <= permutations; round += 1) {
    shuffle(shuffled, random);
    if (reaches(shuffled, sums, wanted)) reached += 1;
    if (round % ROUNDS_OF_STEP === 0) yield;
    if (reached === ENOUGH_REACHED) return reached / round;
  }
  return (reached + 1) / (permutations + 1);
}

/** Fisher and Yates. */
function shuffle(values: Float64Array, random: () => number): void {
  for (let place = values.length - 1; place > 0; place -= 1) {
    const other = Math.floor(random() * (place + 1));
    const kept = values[place] ?? 0;
    values[place] = values[other] ?? 0;
    values[other] = kept;
  }
}

/** Whether any stretch has a sum as large. */
function reaches(ranks: Float64Array, sums: Float64Array, wanted: number): boolean {
  const last = ranks.length - LEAST_SIDE;
  let low = 0;
  let high = 0;
  let sum = 0;
  for (let to = 1; to <= last; to += 1) {
    sum += ranks[to - 1] ?? 0;
    sums[to] = sum;
    if (to < LEAST_SIDE) continue;
    const from = to - LEAST_STRETCH;
    if (from >= LEAST_SIDE) {
      const before = sums[from] ?? 0;
      if (before < low) low = before;
      else if (before > high) high = before;
    }
    if (sum - low >= wanted || high - sum >= wanted) return true;
  }
  return false;
}
