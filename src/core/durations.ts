/**
 * Pure: how long operations take, learned from earlier runs. Each running time is remembered with what it was about: how many files the
 * operation was limited to, whether it ran cold, and beside others or one after another. What nothing is known of stays unknown.
 */
import type { Mode, OperationId, Part } from './model.js';
import type { SlotsFrom } from './schedule.js';
import { ascending, median } from './statistics.js';

/** What a run left behind of the time it took. */
export interface MeasuredRun {
  /** Wall clock, ISO 8601. */
  readonly startedAt: string;
  readonly mode: Mode;
  /** Of a trial of a verification, or of the warm-up before its trials. */
  readonly verification?: string;
  /** How long the machine had been up when the run ended, in milliseconds; absent in old storages. */
  readonly uptimeMs?: number;
  /** Running times in milliseconds by what operations are remembered under. */
  readonly durations: Readonly<Record<string, number>>;
  /** To how many files each was limited; what is not named was about all that it knows of. */
  readonly files?: Readonly<Record<string, number>>;
  /** Where Volley itself moved the slots: up to which number, and how many there were from when on. */
  readonly slots?: { readonly most: number; readonly moves: readonly SlotsFrom[] };
}

/** One measured running time. */
export interface Sample {
  /** In milliseconds. */
  readonly ms: number;
  /** In which run, from 0 for the oldest that is kept. */
  readonly run: number;
  readonly mode: Mode;
  /** Nothing of its like had run before since the machine started, as far as is known: caches were empty. */
  readonly cold: boolean;
  readonly files?: number;
}

/** What a run is about to do with an operation. */
export interface Situation {
  readonly mode: Mode;
  /** To how many files it is limited; absent when it is about all that it knows of. */
  readonly files?: number;
  /** Absent: as it would be now. */
  readonly cold?: boolean;
}

/** A remembered time, in milliseconds, and how much it counts. */
export interface Weighted {
  readonly ms: number;
  /** Greater than 0; the newest counts most. */
  readonly weight: number;
  /** Of which run it is. */
  readonly run: number;
}

/** How long an operation takes as far as is known. */
export interface Duration {
  /** The middle of `values`, in milliseconds. */
  readonly ms: number;
  /** How far the values usually lie from it: their weighted median deviation in milliseconds. Absent where there is one only. */
  readonly spreadMs?: number;
  /** At least one, the newest first. */
  readonly values: readonly Weighted[];
  /** `line`: no run with about as many files is known, so it follows from those with more and with less. */
  readonly basis: 'measured' | 'line';
}

/** What is known of durations. */
export interface Durations {
  /** By what the operation is remembered under; undefined while nothing is known of its like. */
  of(key: string, situation: Situation): Duration | undefined;
  /** Milliseconds of all that is known, each as it ran as a whole, or else as it ran last. */
  medians(mode: Mode): ReadonlyMap<OperationId, number>;
  /** How the slots of the newest such run moved, when Volley could move them up to the same number. */
  slotsOf(keys: readonly string[], most: number): readonly SlotsFrom[] | undefined;
}

/** What nothing is known of. */
export const NO_DURATIONS: Durations = { of: () => undefined, medians: () => new Map(), slotsOf: () => undefined };

/** So many of the newest like samples count. */
const WINDOW = 10;
/** Each counts so much of what the next newer one does. */
const FADING = 0.8;
/** Up to this ratio of their numbers of files, runs are about as large as each other. */
const ABOUT_AS_LARGE = 1.25;
/** A line needs so many different sizes, and says nothing of what is this much smaller or larger than all of them. */
const SIZES_OF_A_LINE = 3;
const BEYOND_A_LINE = 2;

/** From runs, the oldest first. `bootedAt`: when the machine started, in milliseconds since 1970. */
export function durationsOf(runs: readonly MeasuredRun[], bootedAt: number): Durations {
  const samples = samplesOf(runs);
  const newest = runs.at(-1);
  const coldNow = newest !== undefined && Date.parse(newest.startedAt) < bootedAt;
  const of = (key: string, situation: Situation) => expected(samples.get(key) ?? [], { cold: coldNow, ...situation });
  return {
    of,
    medians(mode) {
      const known = new Map<OperationId, number>();
      for (const [key, all] of samples) {
        const whole = all.some(({ files }) => files === undefined);
        const files = whole ? undefined : all[0]?.files;
        const duration = of(key, files === undefined ? { mode } : { mode, files });
        if (duration) known.set(key as OperationId, duration.ms);
      }
      return known;
    },
    slotsOf(keys, most) {
      const like = runs.findLast(({ slots, durations }) => slots?.most === most && isLike(keys, durations));
      return like?.slots?.moves;
    },
  };
}

/** More than half of what there is was there. */
function isLike(keys: readonly string[], durations: MeasuredRun['durations']): boolean {
  const same = keys.filter((key) => Object.hasOwn(durations, key)).length;
  return 2 * same > Math.max(keys.length, Object.keys(durations).length);
}

/** Samples by what operations are remembered under, the newest first. */
export function samplesOf(runs: readonly MeasuredRun[]): ReadonlyMap<string, readonly Sample[]> {
  const samples = new Map<string, Sample[]>();
  const verifications = new Set<string>();
  /** How often the machine has started so far, and in which of these times each was run last. */
  let starts = 0;
  const lastStart = new Map<string, number>();
  let before = Number.NEGATIVE_INFINITY;
  for (const [run, { startedAt, mode, verification, uptimeMs, durations, files = {} }] of runs.entries()) {
    const at = Date.parse(startedAt);
    const warmsUp = verification !== undefined && !verifications.has(verification);
    if (verification !== undefined) verifications.add(verification);
    // Up for less long than the run before is ago.
    if (uptimeMs !== undefined && run > 0 && at - uptimeMs > before) starts += 1;
    before = at;
    for (const [key, ms] of Object.entries(durations)) {
      const known = samples.get(key) ?? [];
      const cold = warmsUp || lastStart.get(key) !== starts;
      lastStart.set(key, starts);
      const limited = Object.hasOwn(files, key) ? files[key] : undefined;
      known.unshift({ ms, run, mode, cold, ...(limited === undefined ? {} : { files: limited }) });
      samples.set(key, known);
    }
  }
  return samples;
}

/**
 * How long what these samples (the newest first) are of takes. Samples that are more like the situation go before those that are less:
 * as many files first, then as cold, then in the same mode; only the most alike count.
 */
export function expected(samples: readonly Sample[], situation: Situation): Duration | undefined {
  const { files } = situation;
  const sized = samples.filter((sample) => (sample.files === undefined) === (files === undefined));
  const near = files === undefined ? sized : sized.filter((sample) => isNear(sample.files ?? 0, files));
  const alike = mostAlike(near, situation);
  if (alike.length > 0) return durationFrom(alike, 'measured');
  return files === undefined ? undefined : onLine(mostAlike(sized, situation, SIZES_OF_A_LINE), files);
}

function isNear(a: number, b: number): boolean {
  return Math.max(a, b) <= Math.max(1, Math.min(a, b)) * ABOUT_AS_LARGE;
}

/** The newest of the most alike of which there are enough; none when there are not. */
function mostAlike(samples: readonly Sample[], { mode, cold = false }: Situation, sizes = 1): readonly Sample[] {
  const kinds = [
    samples.filter((sample) => sample.cold === cold && sample.mode === mode),
    samples.filter((sample) => sample.cold === cold),
    samples.filter((sample) => sample.mode === mode),
    samples,
  ];
  const enough = kinds.find((all) => new Set(sizes === 1 ? all.map(() => 0) : all.map(({ files }) => files)).size >= sizes);
  return (enough ?? []).slice(0, WINDOW);
}

function durationFrom(samples: readonly Pick<Sample, 'ms' | 'run'>[], basis: Duration['basis']): Duration | undefined {
  const values = samples.map(({ ms, run }, age) => ({ ms, run, weight: FADING ** age }));
  const ms = weightedQuantile(values, 0.5);
  if (ms === undefined) return undefined;
  const distances = values.map((value) => ({ ...value, ms: Math.abs(value.ms - ms) }));
  const spreadMs = values.length < 2 ? undefined : weightedQuantile(distances, 0.5);
  return { ms, values, basis, ...(spreadMs === undefined ? {} : { spreadMs }) };
}

/**
 * On the line through the samples by their numbers of files that outliers do not move (Theil 1950, Sen 1968: the median of the slopes of
 * all pairs); each sample keeps its distance from it. Undefined far from where anything is known.
 */
function onLine(samples: readonly Sample[], files: number): Duration | undefined {
  const points = samples.map((sample) => ({ ...sample, x: sample.files ?? 0 }));
  const sizes = points.map(({ x }) => x).sort(ascending);
  const [least = 0] = sizes;
  const most = sizes.at(-1) ?? 0;
  if (points.length === 0 || files * BEYOND_A_LINE < least || files > most * BEYOND_A_LINE) return undefined;
  const slopes = points.flatMap((a, at) =>
    points.slice(at + 1).flatMap((b) => (a.x === b.x ? [] : [(b.ms - a.ms) / (b.x - a.x)])),
  );
  // More files never take less.
  const slope = Math.max(0, median(slopes) ?? 0);
  const shortest = Math.min(...points.map(({ ms }) => ms)) / BEYOND_A_LINE;
  const moved = points.map(({ ms, run, x }) => ({ run, ms: Math.max(shortest, ms + slope * (files - x)) }));
  return durationFrom(moved, 'line');
}

/** The least value at which at least this share (0 to 1) of all weight is reached; undefined for no values. */
export function weightedQuantile(values: readonly Pick<Weighted, 'ms' | 'weight'>[], share: number): number | undefined {
  const sorted = [...values].sort((a, b) => a.ms - b.ms);
  const total = sorted.reduce((sum, { weight }) => sum + weight, 0);
  let reached = 0;
  for (const { ms, weight } of sorted) {
    reached += weight;
    if (reached >= total * share - 1e-12) return ms;
  }
  return undefined;
}

/** What of an operation its duration is remembered by. */
export interface Timed {
  readonly id: OperationId;
  readonly remember?: string;
  readonly files?: readonly string[];
  readonly part?: Part;
}

/** Under what the duration of an operation is remembered. */
export function keyOf({ id, remember }: Pick<Timed, 'id' | 'remember'>): string {
  return remember ?? id;
}

/** What is known of each of these operations, in a run of this mode; what is unknown is left out. */
export function expectedOf(known: Durations, operations: readonly Timed[], mode: Mode): ReadonlyMap<OperationId, Duration> {
  return new Map(
    operations.flatMap((operation) => {
      const { files } = operation;
      const duration = known.of(keyOf(operation), files === undefined ? { mode } : { mode, files: files.length });
      return duration === undefined ? [] : [[operation.id, duration] as const];
    }),
  );
}

/** The middles alone, in milliseconds. */
export function mediansOf(expected: ReadonlyMap<OperationId, Duration>): ReadonlyMap<OperationId, number> {
  return new Map([...expected].map(([id, { ms }]) => [id, ms]));
}
