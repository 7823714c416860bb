/**
 * Pure: from the figures of runs to the trend of each gate. Only runs of one kind stand in one series: the same mode, kind of scope and
 * files, alone or beside others, ordinary or a trial. Answers from the cache are counted and never measured.
 */

import { type ChangeSearch, LEAST_SIDE, searchChanges, strongestChange } from './change-points.js';
import { type CommonFactor, commonFactor, type Lengths, NOTHING_COMMON } from './common-factor.js';
import { type Executed, flakinessOf } from './flaky.js';
import { workLabel } from './messages.js';
import type { RunId } from './model.js';
import { falseDiscoveries, median } from './statistics.js';
import {
  type GateTrend,
  type MachineChange,
  MEASURES,
  type Measure,
  type OperationFigures,
  type RunFigures,
  type RunKind,
  type TrendChange,
  type TrendPoint,
  type TrendSeries,
} from './trend-model.js';

/** The newest points of a series that are told and tested. */
const MOST_POINTS = 200;
/** Runs on changed files are of another kind with each change; those with the most runs are told. */
const MOST_SERIES = 12;
/** Of the series in which a change is named, the share that may have none; where no series has one, the share of histories with any. */
export const FALSE_DISCOVERIES = 0.05;
/** Changes of durations that are smaller are not named, whatever their test says. */
const LEAST_CHANGE_MS = 20;
/**
 * Nor are changes by a smaller share, by the runs on the shorter side: with few, a busy machine makes as much for as long
 * (`bench/trends.ts`). The first row that has enough counts.
 */
const LEAST_SHARES: readonly { readonly runs: number; readonly share: number }[] = [
  { runs: 60, share: 0.1 },
  { runs: 40, share: 0.15 },
  { runs: 0, share: 0.25 },
];
/** On each side of a change of durations there are at least so many runs; of findings and outcomes five. */
const LEAST_RUNS = 8;
/** Of two runs, one of each side, the one of the slower side is the slower one with this probability at least. */
const SUPERIORITY = 0.85;
/** What went away again is told of durations after so many runs: shorter ones are what busy hours look like. */
const LEAST_STRETCH = 40;
/**
 * In so many different hours each side of a change has runs, and its first and last lie so far apart: longer than a working day. What is
 * over sooner is a busy machine, or somebody at work on it.
 */
const LEAST_HOURS = 3;
const LEAST_SPAN_HOURS = 16;
const SEED = 20_241;

/** The file in the label of a run of a batch, also in that of a trial; the label itself when it names none. */
export function batchOfLabel(label: string): string {
  const work = workLabel(label);
  return /^(?:Batch|Verify) (.+)$/.exec(work)?.[1] ?? work;
}

/**
 * Trends without their changes, which `withChanges` finds: gates first, in the order of their groups and names, then batches. In short
 * steps, between which others may go on.
 */
export function* trendsOf(runs: readonly RunFigures[], kept: ReadonlySet<RunId>): Generator<void, readonly GateTrend[]> {
  const gates: GateTrend[] = [];
  for (const gate of yield* executionsOf(runs)) {
    const { batch, executed, answered, newest } = gate;
    if (executed.length + answered === 0) continue;
    const series = yield* seriesOf(executed, kept);
    gates.push({
      ...{ id: newest.id, name: newest.name, group: newest.group },
      ...(batch === undefined ? {} : { batch }),
      executed: executed.length,
      answered,
      series,
      flakiness: flakinessOf(executed),
    });
    yield;
  }
  return gates.sort(byPlace);
}

/** So many runs, or executions of a gate, are a step. */
const STEP = 100;

interface Executions {
  readonly batch?: string;
  readonly executed: Executed[];
  answered: number;
  newest: OperationFigures;
}

function* executionsOf(runs: readonly RunFigures[]): Generator<void, Iterable<Executions>> {
  const gates = new Map<string, Executions>();
  for (const [index, run] of runs.entries()) {
    if (index % STEP === STEP - 1) yield;
    const batch = run.batch ? batchOfLabel(run.label) : undefined;
    for (const operation of run.operations) {
      const key = `${batch ?? ''}\0${operation.id}`;
      const gate = gates.get(key) ?? { ...(batch === undefined ? {} : { batch }), executed: [], answered: 0, newest: operation };
      gates.set(key, gate);
      gate.newest = operation;
      if (operation.answeredBy !== undefined) gate.answered += 1;
      if (operation.ms !== undefined) gate.executed.push({ run, operation });
    }
  }
  return gates.values();
}

function byPlace(a: GateTrend, b: GateTrend): number {
  const place = ({ batch, group, name, id }: GateTrend) => [batch ?? '', group, name, id].join('\0');
  return place(a) < place(b) ? -1 : 1;
}

/** In what kind of run it was executed. */
export function kindOf({ run, operation }: Executed): RunKind {
  return {
    mode: run.mode,
    scope: run.scope,
    part: run.verification === undefined ? 'run' : run.warmUp ? 'warm-up' : 'trial',
    company: hasCompany(run) ? 'with others' : 'alone',
    ...(run.newOnly ? { newOnly: true } : {}),
    ...(operation.parts === undefined ? {} : { parts: operation.parts }),
    ...(operation.files === undefined ? {} : { files: operation.files }),
  };
}

/** Whether more than one operation was executed; stops at the second. */
function hasCompany({ operations }: RunFigures): boolean {
  const first = operations.findIndex(({ ms }) => ms !== undefined);
  return operations.findLastIndex(({ ms }) => ms !== undefined) > first;
}

function* seriesOf(executed: readonly Executed[], kept: ReadonlySet<RunId>): Generator<void, readonly TrendSeries[]> {
  const series = new Map<string, { readonly kind: RunKind; readonly points: TrendPoint[] }>();
  for (const [index, each] of executed.entries()) {
    if (index % STEP === STEP - 1) yield;
    const { run, operation } = each;
    if (!hasEnded(operation.outcome) || operation.ms === undefined) continue;
    const kind = kindOf(each);
    const key = JSON.stringify(kind);
    const known = series.get(key) ?? { kind, points: [] };
    series.set(key, known);
    known.points.push({
      run: run.run,
      startedAt: run.startedAt,
      outcome: operation.outcome,
      ms: operation.ms,
      findings: operation.findings ?? 0,
      kept: kept.has(run.run),
    });
  }
  const newest = ({ points }: TrendSeries) => points.at(-1)?.run ?? '';
  return [...series.values()]
    .map(({ kind, points }) => ({ kind, points: points.slice(-MOST_POINTS), changes: [], tested: false }))
    .sort((a, b) => b.points.length - a.points.length || (newest(b) < newest(a) ? -1 : 1))
    .slice(0, MOST_SERIES);
}

/** Something was found out by it; being cancelled or put back says nothing of the gate. */
function hasEnded(outcome: TrendPoint['outcome']): boolean {
  return outcome === 'passed' || outcome === 'failed' || outcome === 'errored' || outcome === 'timed out';
}

// --------------------------------------------------------------------------------------------------------------- changes

/** Values of a series by one measure, each with the index of its point; fewer where a point says nothing about it. */
interface Values {
  readonly measure: Measure;
  readonly values: readonly number[];
  readonly indexes: readonly number[];
}

/** What can be tested of a series: a constant cannot change, so it is none of the tests (Tarone 1990). */
function testable({ points, kind }: TrendSeries): readonly Values[] {
  // Trials of a verification are some thirty runs of the same minutes: what they have in common is no change of the gate.
  if (kind.part !== 'run') return [];
  return MEASURES.map((measure): Values => {
    // How long one took that was stopped or could not do its work is no duration of the gate.
    const indexes = [...points.keys()].filter((index) => {
      const { outcome } = points[index] as TrendPoint;
      return measure === 'outcome' || outcome === 'passed' || outcome === 'failed';
    });
    return { measure, indexes, values: indexes.map((index) => amountOf(points[index] as TrendPoint, measure)) };
  }).filter(({ values }) => values.length >= 2 * LEAST_SIDE && new Set(values).size > 1);
}

/** A point as its measure counts. */
export function amountOf({ ms, findings, outcome }: TrendPoint, measure: Measure): number {
  switch (measure) {
    case 'duration':
      return ms;
    case 'findings':
      return findings;
    case 'outcome':
      return outcome === 'passed' ? 0 : 1;
    default:
      return measure satisfies never;
  }
}

/** How changes were looked for. */
export interface Tests {
  /** How many series of measures were tested. */
  readonly count: number;
  /** The level of each. */
  readonly level: number;
}

/** Trends with their changes. */
export interface Changed extends Tests {
  readonly gates: readonly GateTrend[];
  /** When all that is executed took longer or shorter from then on: the machine, or what all of it shares. */
  readonly machine: readonly MachineChange[];
}

/**
 * The changes of all series: of durations those that are left when what all gates of a run have in common is taken out, and that itself.
 * Each series is tested once; how many are looked at more closely, and at which level, says the rate of false discoveries among all.
 * In short steps, between which others may go on.
 */
export function* changesOfAll(gates: readonly GateTrend[]): Generator<void, Changed> {
  const common = yield* commonOf(gates);
  const isTested = machineValues(common).length >= 2 * LEAST_SIDE;
  const count = testsOf(gates) + (isTested ? 1 : 0);
  const first = FALSE_DISCOVERIES / Math.max(1, count);
  const probabilities: number[] = [];
  for (const gate of gates)
    for (const series of gate.series)
      for (const each of testable(series)) {
        const { values, search } = searchOf({ gate, series, each, common }, first);
        probabilities.push(yield* strongestChange(values, search));
      }
  if (isTested) probabilities.push(yield* strongestChange(machineValues(common), machineSearch(common, first)));
  const level = first * Math.max(1, falseDiscoveries(probabilities, FALSE_DISCOVERIES));
  const changed: GateTrend[] = [];
  for (const gate of gates) changed.push(yield* withChanges(gate, level, common));
  return { gates: withShared(changed), machine: yield* machineChanges(common, level), count, level };
}

/** How many series of measures can be tested. */
export function testsOf(gates: readonly GateTrend[]): number {
  return gates.reduce((sum, { series }) => sum + series.reduce((own, each) => own + testable(each).length, 0), 0);
}

/** The gate with the changes of its series, each tested at `level`; in short steps, between which others may go on. */
export function* withChanges(gate: GateTrend, level: number, common: CommonFactor = NOTHING_COMMON): Generator<void, GateTrend> {
  const all: TrendSeries[] = [];
  for (const series of gate.series) {
    const changes: TrendChange[] = [];
    for (const each of testable(series)) changes.push(...(yield* changesOf({ gate, series, each, common }, level)));
    const tested = series.points.length >= 2 * LEAST_SIDE;
    all.push({ ...series, changes: changes.sort((a, b) => a.index - b.index), tested });
  }
  return { ...gate, series: all };
}

/** What all gates of a run have in common, of the series that can be tested. */
function commonOf(gates: readonly GateTrend[]): Generator<void, CommonFactor> {
  return commonFactor(lengthsOf(gates));
}

function* lengthsOf(gates: readonly GateTrend[]): Generator<Lengths> {
  for (const gate of gates)
    for (const { kind, points } of gate.series)
      if (kind.part === 'run')
        yield { gate: keyOf(gate), taken: points.filter(({ outcome }) => outcome === 'passed' || outcome === 'failed') };
}

function keyOf({ id, batch }: GateTrend): string {
  return `${batch ?? ''}\0${id}`;
}

interface Tested {
  readonly gate: GateTrend;
  readonly series: TrendSeries;
  readonly each: Values;
  readonly common: CommonFactor;
}

function* changesOf(tested: Tested, level: number): Generator<void, readonly TrendChange[]> {
  const { series, each } = tested;
  const { values, search } = searchOf(tested, level);
  const found = yield* searchChanges(values, search);
  const ends = [0, ...found.map(({ index }) => index), values.length];
  yield;
  return found.map(({ index: at, p }, place) => {
    const index = each.indexes[at] ?? 0;
    const { run, startedAt } = series.points[index] as TrendPoint;
    // Told are the durations themselves, with all that the machine did.
    const before = median(each.values.slice(ends[place], at)) ?? 0;
    const after = median(each.values.slice(at, ends[place + 2])) ?? 0;
    return { measure: each.measure, index, run, startedAt, before, after, p };
  });
}

/** What is tested, and by which rules. */
function searchOf(
  { gate, series, each, common }: Tested,
  level: number,
): { readonly values: readonly number[]; readonly search: ChangeSearch } {
  const { measure, indexes, values } = each;
  const points = indexes.map((index) => series.points[index] as TrendPoint);
  const lasted = lasting(points);
  const isLarge = (before: number, after: number, runs: number) => isLargeOf(measure, before, after, runs);
  if (measure !== 'duration')
    return {
      values,
      search: { ...{ level, seed: SEED, isLarge }, holds: ({ from, at, to }) => lasted(from, at) && lasted(at, to) },
    };
  const own = points.map(({ run, ms }) => ms / common.without(keyOf(gate), run));
  return {
    values: own,
    search: {
      ...{ level, seed: SEED, isLarge, leastSide: LEAST_RUNS, leastStretch: LEAST_STRETCH, superiority: SUPERIORITY },
      // Where the others became faster and this one did not, it has not become slower.
      holds({ from, at, to }) {
        const [before, after] = [median(values.slice(from, at)) ?? 0, median(values.slice(at, to)) ?? 0];
        const alike = (median(own.slice(at, to)) ?? 0) > (median(own.slice(from, at)) ?? 0) === after > before;
        return alike && isLarge(before, after, Math.min(at - from, to - at)) && lasted(from, at) && lasted(at, to);
      },
    },
  };
}

const HOUR_MS = 3_600_000;

/** Whether the runs between two of them took place in enough different hours, far enough apart. */
function lasting(runs: readonly { readonly startedAt: string }[]): (from: number, to: number) => boolean {
  const hours = runs.map(({ startedAt }) => Math.floor(Date.parse(startedAt) / HOUR_MS));
  return (from, to) => {
    const own = hours.slice(from, to);
    return new Set(own).size >= LEAST_HOURS && Math.max(...own) - Math.min(...own) >= LEAST_SPAN_HOURS;
  };
}

function isLargeOf(measure: Measure, before: number, after: number, runs: number): boolean {
  const difference = Math.abs(after - before);
  if (measure !== 'duration') return difference >= 1;
  return difference >= LEAST_CHANGE_MS && difference >= leastShare(runs) * Math.min(before, after);
}

function leastShare(runs: number): number {
  return LEAST_SHARES.find((row) => runs >= row.runs)?.share ?? 1;
}

// --------------------------------------------------------------------------------------------------------------- machine

function machineValues({ ofRuns }: CommonFactor): readonly number[] {
  return ofRuns.map(({ factor }) => factor);
}

function machineSearch({ ofRuns }: CommonFactor, level: number): ChangeSearch {
  const lasted = lasting(ofRuns);
  return {
    ...{ level, seed: SEED, leastSide: LEAST_RUNS, leastStretch: LEAST_STRETCH, superiority: SUPERIORITY },
    isLarge: (before, after, runs) => Math.abs(after - before) >= leastShare(runs) * Math.min(before, after),
    holds: ({ from, at, to }) => lasted(from, at) && lasted(at, to),
  };
}

function* machineChanges(common: CommonFactor, level: number): Generator<void, readonly MachineChange[]> {
  const found = yield* searchChanges(machineValues(common), machineSearch(common, level));
  return found.map(({ index, before, after, p }) => {
    const { run, startedAt } = common.ofRuns[index] as CommonFactor['ofRuns'][number];
    return { run, startedAt, ratio: after / before, p };
  });
}

// ---------------------------------------------------------------------------------------------------------------- shared

/** So many runs on each side of a change are looked at in other gates, and so few at least. */
const BESIDE = { most: 10, least: 3 } as const;

/**
 * With each change of a duration what the other gates did at that time: when the machine is busy, or something that all share got slower,
 * most of them change with it. Likewise: in the same direction, by half of it at least, as factors go.
 */
export function withShared(gates: readonly GateTrend[]): readonly GateTrend[] {
  const all = gates.flatMap(({ id, batch, series }) => series.map((each) => ({ id, batch, places: placesOf(each), each })));
  const shared = (gate: GateTrend, change: TrendChange): TrendChange => {
    if (change.measure !== 'duration' || change.before <= 0 || change.after <= 0) return change;
    const wanted = Math.log(change.after / change.before);
    const factors = all.flatMap(({ id, batch, places, each }) => {
      const at = id === gate.id || batch !== gate.batch ? undefined : places.get(change.run);
      return (at === undefined ? undefined : factorAt(each, at)) ?? [];
    });
    const likewise = factors.filter((factor) => factor * Math.sign(wanted) >= Math.abs(wanted) / 2).length;
    return { ...change, shared: { others: factors.length, likewise } };
  };
  return gates.map((gate) => ({
    ...gate,
    series: gate.series.map((each) => ({ ...each, changes: each.changes.map((change) => shared(gate, change)) })),
  }));
}

function placesOf({ points }: TrendSeries): ReadonlyMap<RunId, number> {
  return new Map(points.map(({ run }, index) => [run, index]));
}

/** Logarithm of how much longer it took from a run on than before it; undefined with too few runs. */
function factorAt({ points }: TrendSeries, at: number): number | undefined {
  const middle = (from: number, to: number) => {
    const lengths = points.slice(Math.max(0, from), to).map(({ ms }) => ms);
    return lengths.length < BESIDE.least ? undefined : median(lengths);
  };
  const [before, after] = [middle(at - BESIDE.most, at), middle(at, at + BESIDE.most)];
  return before && after ? Math.log(after / before) : undefined;
}
