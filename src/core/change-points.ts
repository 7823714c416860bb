/**
 * Pure: where a series of measured values changed for good, or for a while. One odd value, or a few in a row, never is a change.
 *
 * The statistic is the largest sum of centred ranks before any cut (Pettitt 1979, "A non-parametric approach to the change-point problem",
 * Applied Statistics 28:126) or, for what went away again, over any stretch (Levin & Kline 1985, "The CUSUM test of homogeneity",
 * Statistics in Medicine 4:469). It knows ranks only, so no value counts more for being extreme. Its p-value comes from permutations of
 * blocks of neighbours, not of single values (moving blocks: Künsch 1989, Annals of Statistics 17:1217; for changes: Kirch 2007, "Block
 * permutation principles for the change analysis of dependent data", Journal of Statistical Planning and Inference 137:2453): runs
 * that follow each other are alike where the machine was busy for a while, and blocks keep that. They are as long as the level allows, since
 * few blocks have few orders. The number of permutations is sequential (Besag & Clifford 1991, "Sequential Monte Carlo p-values",
 * Biometrika 78:301). Significance is not enough: the values after a change have to lie on one side of those before it mostly (the
 * probability of superiority, McGraw & Wong 1992, Psychological Bulletin 111:361; the sum of ranks says it: Mann & Whitney 1947).
 * All sides of a change are searched again (binary segmentation; Scott & Knott 1974), each at half the level of the whole.
 *
 * How often a change is found where there is none, and where there is one, is measured by `bench/trends.ts`; ARCHITECTURE.md has the figures.
 */
import { atOnce } from './slices.js';
import { ascending, median, seededRandom } from './statistics.js';

/** On each side of a change there are at least so many values: fewer are no sustained change, whatever they are. */
export const LEAST_SIDE = 5;
/** What went away again has lasted for so many values: a few alike in a row are no state of their own. */
export const LEAST_STRETCH = 20;
/** Of the level, what cuts are given; the rest is for what went away again. */
const SHARE_OF_CUTS = 0.75;
/** The most permutations of one test. */
const MOST_PERMUTATIONS = 19_999;
/** A p-value is known well enough when so many permutations reached the statistic. */
const ENOUGH_REACHED = 20;
const ROUNDS_OF_STEP = 200;
/** More blocks make no test finer than its permutations. */
const MOST_BLOCKS = 40;

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

/** What makes a difference a change, beside its p-value. */
export interface ChangeRules {
  /** Whether medians that differ so are worth naming; `values`: how many there are on the shorter side. */
  readonly isLarge: (before: number, after: number, values: number) => boolean;
  /** What else has to hold of the values from `from` to `at`, and from there to `to`: that they lasted, say. */
  readonly holds?: (side: { readonly from: number; readonly at: number; readonly to: number }) => boolean;
  /** On each side, at least `LEAST_SIDE`. */
  readonly leastSide?: number;
  /** For what went away again, at least `LEAST_STRETCH`. */
  readonly leastStretch?: number;
  /** How probable it is at least that of two values, one of each side, the one of the higher side is higher; from 0.5 to 1. */
  readonly superiority?: number;
}

export interface ChangeSearch extends ChangeRules {
  /** Share of series without any change in which one may be found. Whoever looks at many series divides it by their number. */
  readonly level: number;
  /** The same seed gives the same answer on every machine. */
  readonly seed: number;
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
    const change = yield* strongest(values, { from, to }, { ...search, level }, random);
    if (!change || change.p > level) continue;
    found.push(...change.inner.map((index) => ({ index, p: change.p })));
    const ends = [from, ...change.inner, to];
    for (const [place, end] of ends.slice(1).entries()) open.push({ from: ends[place] ?? from, to: end, level: level / 2 });
  }
  return settled(
    values,
    found.sort((a, b) => a.index - b.index),
    search,
  );
}

/**
 * The p-value of the strongest change of a whole series, 1 where none is large, clear and lasting enough: what a correction for many series
 * needs of each. In steps, like the search; `level` says how fine it has to be.
 */
export function* strongestChange(values: readonly number[], search: ChangeSearch): Generator<void, number> {
  const change = yield* strongest(values, { from: 0, to: values.length }, search, seededRandom(search.seed));
  return change?.p ?? 1;
}

interface Part {
  readonly from: number;
  readonly to: number;
}

/** A change of a part, or a stretch of it that went away again, which is two. */
interface Strongest {
  /** Of all values, in order. */
  readonly inner: readonly number[];
  readonly p: number;
}

function* strongest(
  values: readonly number[],
  { from, to }: Part,
  search: ChangeSearch,
  random: () => number,
): Generator<void, Strongest | undefined> {
  const part = values.slice(from, to);
  const ranks = centredRanks(part);
  let best: Strongest | undefined;
  for (const kind of ['cut', 'stretch'] as const) {
    const bounds: Bounds = {
      ...{ kind, least: Math.max(LEAST_SIDE, search.leastSide ?? 0) },
      leastStretch: Math.max(LEAST_STRETCH, search.leastStretch ?? 0),
    };
    const stretch = largestStretch(ranks, bounds);
    if (!stretch || (kind === 'cut' && isSurpassed(ranks, stretch.statistic, bounds.least))) continue;
    const inner = [from + stretch.from, from + stretch.to].filter((index) => index > from && index < to);
    const ends = [from, ...inner, to];
    const stand = inner.every((_, place) =>
      stands(values, { from: ends[place] ?? 0, at: ends[place + 1] ?? 0, to: ends[place + 2] ?? 0 }, search),
    );
    if (!stand) continue;
    const share = kind === 'cut' ? SHARE_OF_CUTS : 1 - SHARE_OF_CUTS;
    const p = Math.min(1, (yield* pValue(ranks, stretch.statistic, { ...bounds, level: search.level * share }, random)) / share);
    if (!best || p < best.p) best = { inner, p };
  }
  return best;
}

/** A change has to hold against its neighbours, not only against all that came before or after: the least of those that do not goes. */
function settled(
  values: readonly number[],
  found: readonly { readonly index: number; readonly p: number }[],
  rules: ChangeRules,
): readonly Change[] {
  const places = found.map(({ index, p }, place) => ({
    ...{ from: found[place - 1]?.index ?? 0, at: index, to: found[place + 1]?.index ?? values.length, p },
  }));
  const [weakest] = places.filter((place) => !stands(values, place, rules)).sort((a, b) => b.p - a.p || a.at - b.at);
  if (!weakest)
    return places.map(({ from, at, to, p }) => ({
      ...{ index: at, p },
      before: median(values.slice(from, at)) ?? 0,
      after: median(values.slice(at, to)) ?? 0,
    }));
  return settled(
    values,
    found.filter(({ index }) => index !== weakest.at),
    rules,
  );
}

/** Whether the values before `at` and those from it on differ enough, and clearly, for long enough. */
function stands(
  values: readonly number[],
  { from, at, to }: { readonly from: number; readonly at: number; readonly to: number },
  { isLarge, holds, superiority = 0.5 }: ChangeRules,
): boolean {
  const [before, after] = [values.slice(from, at), values.slice(at, to)];
  if (holds && !holds({ from, at, to })) return false;
  if (!isLarge(median(before) ?? 0, median(after) ?? 0, Math.min(before.length, after.length))) return false;
  const sum = centredRanks(values.slice(from, to))
    .slice(0, before.length)
    .reduce((all, rank) => all + rank, 0);
  // Mann and Whitney's U over the number of pairs, as the sum of centred ranks has it.
  return 0.5 + Math.abs(sum) / (before.length * after.length) >= superiority;
}

interface Bounds {
  /** `cut`: everything before it. `stretch`: something with values before and after it. */
  readonly kind: 'cut' | 'stretch';
  readonly least: number;
  readonly leastStretch: number;
}

/** Values that lie apart from those before and after them; for a cut there are none before. */
interface Stretch {
  /** Of its first value; of the first after it. */
  readonly from: number;
  readonly to: number;
  readonly statistic: number;
}

/** Undefined when there are too few values, or all are equal. All ranks add up to zero, so what begins a series says what ends it, too. */
function largestStretch(ranks: readonly number[], { kind, least, leastStretch }: Bounds): Stretch | undefined {
  const sums = sumsOf(ranks);
  const at = (place: number) => sums[place] ?? 0;
  let best: Stretch = { from: 0, to: 0, statistic: 0 };
  let [low, high] = [least, least];
  for (let to = least; to <= ranks.length - least; to += 1) {
    const from = to - leastStretch;
    if (from >= least && at(from) < at(low)) low = from;
    if (from >= least && at(from) > at(high)) high = from;
    for (const begin of kind === 'cut' ? [0] : from >= least ? [low, high] : []) {
      const statistic = Math.abs(at(to) - at(begin));
      if (statistic > best.statistic) best = { from: begin, to, statistic };
    }
  }
  return best.statistic < TIE ? undefined : best;
}

/** Whether a cut closer to an end parts the values better: then what is there is not long enough yet, and no cut nearby stands for it. */
function isSurpassed(ranks: readonly number[], statistic: number, least: number): boolean {
  return sumsOf(ranks).some((sum, place) => (place < least || place > ranks.length - least) && Math.abs(sum) > statistic + TIE);
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

/**
 * How many blocks a series has at least for a test at `level`: a change after a third of them has to be rarer than half the level among all
 * orders of the blocks, twice, since it may go up or down.
 */
export function blocksFor(level: number): number {
  for (let blocks = 3; blocks < MOST_BLOCKS; blocks += 1)
    if (2 / combinations(blocks, Math.floor(blocks / 3)) <= level / 2) return blocks;
  return MOST_BLOCKS;
}

function combinations(of: number, chosen: number): number {
  let result = 1;
  for (let place = 1; place <= chosen; place += 1) result *= (of - chosen + place) / place;
  return result;
}

function* pValue(
  ranks: readonly number[],
  statistic: number,
  { level, ...bounds }: Bounds & { readonly level: number },
  random: () => number,
): Generator<void, number> {
  const permutations = Math.min(Math.max(Math.ceil(4 / level), 1000) - 1, MOST_PERMUTATIONS);
  const original = Float64Array.from(ranks);
  const shuffled = new Float64Array(ranks.length);
  const sums = new Float64Array(ranks.length + 1);
  const length = Math.max(1, Math.floor(ranks.length / blocksFor(level)));
  let reached = 0;
  for (let round = 1; round <= permutations; round += 1) {
    shuffleBlocks(original, shuffled, length, random);
    if (reaches(shuffled, sums, statistic - TIE, bounds)) reached += 1;
    if (round % ROUNDS_OF_STEP === 0) yield;
    if (reached === ENOUGH_REACHED) return reached / round;
  }
  return (reached + 1) / (permutations + 1);
}

/** The values in blocks of `length`, cut at places at random, in an order at random (Fisher and Yates). What is left at the ends is a block. */
function shuffleBlocks(from: Float64Array, to: Float64Array, length: number, random: () => number): void {
  const first = length === 1 ? 0 : Math.floor(random() * length);
  const starts: number[] = first > 0 ? [0] : [];
  for (let start = first; start < from.length; start += length) starts.push(start);
  for (let place = starts.length - 1; place > 0; place -= 1) {
    const other = Math.floor(random() * (place + 1));
    const kept = starts[place] ?? 0;
    starts[place] = starts[other] ?? 0;
    starts[other] = kept;
  }
  let at = 0;
  for (const start of starts) {
    const end = start === 0 && first > 0 ? first : Math.min(from.length, start + length);
    for (let place = start; place < end; place += 1) to[at++] = from[place] ?? 0;
  }
}

/** Whether any cut or stretch has a sum as large. */
function reaches(ranks: Float64Array, sums: Float64Array, wanted: number, { kind, least, leastStretch }: Bounds): boolean {
  const last = ranks.length - least;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let sum = 0;
  for (let to = 1; to <= last; to += 1) {
    sum += ranks[to - 1] ?? 0;
    sums[to] = sum;
    if (to < least) continue;
    if (kind === 'cut') {
      if (sum >= wanted || -sum >= wanted) return true;
      continue;
    }
    const from = to - leastStretch;
    if (from < least) continue;
    const before = sums[from] ?? 0;
    if (before < low) low = before;
    if (before > high) high = before;
    if (sum - low >= wanted || high - sum >= wanted) return true;
  }
  return false;
}
