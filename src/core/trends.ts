/**
 * Pure: from the figures of runs to the trend of each gate. Only runs of one kind stand in one series: the same mode, kind of scope and
 * files, alone or beside others, ordinary or a trial. Answers from the cache are counted and never measured.
 */

import { type ChangeSearch, LEAST_SIDE, searchChanges } from './change-points.js';
import { type Executed, flakinessOf } from './flaky.js';
import { workLabel } from './messages.js';
import type { RunId } from './model.js';
import { median } from './statistics.js';
import {
  type GateTrend,
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
/** In a history without any change, the share of cases in which one is found anywhere. */
export const FAMILY_LEVEL = 0.05;
/** Changes of durations that are smaller are not named, whatever their test says. */
const LEAST_CHANGE = { share: 0.1, ms: 20 } as const;
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

/** What can be tested of a series: a constant cannot change, so it takes no share of the level (Tarone 1990). */
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

/** How many tests share the level. */
export function testsOf(gates: readonly GateTrend[]): number {
  return gates.reduce((sum, { series }) => sum + series.reduce((own, each) => own + testable(each).length, 0), 0);
}

/** The gate with the changes of its series, each tested at `level`; in short steps, between which others may go on. */
export function* withChanges(gate: GateTrend, level: number): Generator<void, GateTrend> {
  const series: TrendSeries[] = [];
  for (const each of gate.series) series.push({ ...each, ...(yield* changesOf(each, level)) });
  return { ...gate, series };
}

function* changesOf(series: TrendSeries, level: number): Generator<void, Pick<TrendSeries, 'changes' | 'tested'>> {
  const changes: TrendChange[] = [];
  for (const { measure, values, indexes } of testable(series)) {
    const search: ChangeSearch = { level, seed: SEED, isLarge: (before, after) => isLarge(measure, before, after) };
    for (const { index: at, before, after, p } of yield* searchChanges(values, search)) {
      const index = indexes[at] ?? 0;
      const { run, startedAt } = series.points[index] as TrendPoint;
      changes.push({ measure, index, run, startedAt, before, after, p });
    }
    yield;
  }
  return { changes: changes.sort((a, b) => a.index - b.index), tested: series.points.length >= 2 * LEAST_SIDE };
}

function isLarge(measure: Measure, before: number, after: number): boolean {
  const difference = Math.abs(after - before);
  if (measure !== 'duration') return difference >= 1;
  return difference >= LEAST_CHANGE.ms && difference >= LEAST_CHANGE.share * Math.min(before, after);
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
