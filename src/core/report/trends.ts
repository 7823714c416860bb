/** Pure: trends, comparisons and the list of runs as text for a terminal, and as the documents of `--json`. */
import type { HistoryEntry } from '../measured.js';
import { againstPredictionText, countText, durationText, outcomeText, workLabel } from '../messages.js';
import { PHASES } from '../model.js';
import type { ComparedOperation, Comparison, GateTrend, TrendPoint, TrendSeries, Trends } from '../trend-model.js';
import {
  changeText,
  comparisonText,
  contradictionText,
  differenceText,
  findingLine,
  findingsChangeText,
  flakinessText,
  flakyMark,
  kindText,
  methodText,
  outcomesText,
  savedTexts,
  shareText,
  whenText,
} from '../trend-texts.js';
import type { Tuning } from '../tuning-model.js';
import { numberText, tuningTitle } from '../tuning-text.js';
import { relativeFile } from './files.js';
import { JSON_VERSION } from './json.js';
import { PLAIN, type Style } from './text.js';

/** The newest runs that a drawn line shows. */
const DRAWN = 40;
const LEVELS = '▁▂▃▄▅▆▇█';
/** Differences of durations below are those of any two runs. */
const WORTH_TELLING_MS = 1;

/** Each gate with a drawn line of its durations, its changes, and whether it is flaky; then the time saved. */
export function trendsText(trends: Trends, style: Style = PLAIN): string {
  const gates = trends.gates.map((gate) => gateText(gate, style));
  return [
    ...(gates.length === 0 ? ['Nothing has run yet.'] : gates),
    style.bold('Time saved so far'),
    ...savedTexts(trends.saved).map((text) => `  ${text}`),
    '',
    style.dim(methodText(trends)),
  ].join('\n');
}

function gateText(gate: GateTrend, style: Style): string {
  const mark = flakyMark(gate.flakiness);
  const count = [
    `${countText(gate.executed, 'run')}`,
    ...(gate.answered > 0 ? [`${countText(gate.answered, 'answer')} from the cache`] : []),
  ].join(', ');
  const contradictions =
    gate.flakiness.kind === 'flaky' || gate.flakiness.kind === 'by mode' ? gate.flakiness.contradictions : [];
  const name = gate.batch === undefined ? gate.name : `${gate.name} (${gate.batch})`;
  return [
    `${style.bold(name)}  ${style.dim(gate.id)}  ${count}${mark === undefined ? '' : `  ${style.yellow(mark)}`}`,
    ...gate.series.slice(0, 1).flatMap((series) => seriesText(series, style)),
    ...gate.series.slice(1).flatMap((series) => (series.changes.length > 0 ? seriesText(series, style) : [])),
    ...(gate.flakiness.kind === 'unknown' ? [] : [`  ${flakinessText(gate.flakiness)}`]),
    ...contradictions.map((each) => style.dim(`    ${contradictionText(each)}`)),
    '',
  ].join('\n');
}

function seriesText({ kind, points, changes }: TrendSeries, style: Style): readonly string[] {
  const shown = points.slice(-DRAWN);
  const newest = points.at(-1);
  if (!newest) return [];
  return [
    `  ${style.cyan(drawn(shown))}  ${durationText(newest.ms)}, ${newest.outcome}${newest.findings > 0 ? `, ${countText(newest.findings, 'finding')}` : ''}  ${style.dim(kindText(kind))}`,
    ...changes.map((change) => `  ${style.yellow('▲')} ${changeText(change)}`),
  ];
}

/** Durations as heights, from nothing to the longest. */
function drawn(points: readonly TrendPoint[]): string {
  const most = Math.max(...points.map(({ ms }) => ms), 1);
  return points.map(({ ms }) => LEVELS[Math.min(LEVELS.length - 1, Math.floor((ms / most) * LEVELS.length))]).join('');
}

/** `volley trends --json`. Times are milliseconds. */
export function trendsDocument(trends: Trends) {
  return { version: JSON_VERSION, ...trends };
}

// ------------------------------------------------------------------------------------------------------------ comparison

/** Two runs: why the makespans differ, then each operation. */
export function comparisonReport(comparison: Comparison, root: string, style: Style = PLAIN): string {
  const { before, after, unlike, shares, operations, onlyBefore, onlyAfter } = comparison;
  const run = (name: string, { label, startedAt, outcome, run: id }: Comparison['before']) =>
    `${name}  ${whenText(startedAt)}  ${label}  ${outcome ?? 'did not end'}  ${style.dim(id)}`;
  const names = Math.max(...operations.map(({ name }) => name.length), 0);
  const only = (name: string, all: Comparison['onlyBefore']) =>
    all.map((each) => `  ${each.name}  only in the ${name}: ${each.outcome}, ${durationText(each.ms)}`);
  const told = shares.filter(({ difference }) => Math.abs(difference) >= WORTH_TELLING_MS);
  return [
    run('first ', before),
    run('second', after),
    ...unlike.map((text) => style.yellow(text)),
    '',
    style.bold(comparisonText(comparison)),
    ...told.map((share) => `  ${differenceText(share.difference).padStart(10)}  ${shareText(share)}`),
    '',
    ...operations.flatMap((operation) => operationLines(operation, names, root, style)),
    ...only('first', onlyBefore),
    ...only('second', onlyAfter),
  ].join('\n');
}

function operationLines(operation: ComparedOperation, width: number, root: string, style: Style): readonly string[] {
  const { name, outcomes, phases, findings, start } = operation;
  const differences = PHASES.map((phase) => [phase, phases[phase].difference] as const)
    .filter(([, difference]) => Math.abs(difference) >= WORTH_TELLING_MS)
    .map(([phase, difference]) => `${phase} ${differenceText(difference)}`);
  const started = start && Math.abs(start.difference) >= WORTH_TELLING_MS ? [`started ${differenceText(start.difference)}`] : [];
  const outcome = outcomes.changed ? style.yellow(outcomesText(outcomes)) : outcomes.after;
  const parts = [outcome, ...differences, ...started, findingsChangeText(findings)].filter((part) => part !== '');
  return [
    `  ${name.padEnd(width)}  ${parts.join(' · ')}`,
    ...findings.gained.map((each) => style.red(`      + ${findingLine(each, relativeFile(root, each.file))}`)),
    ...findings.lost.map((each) => style.green(`      − ${findingLine(each, relativeFile(root, each.file))}`)),
  ];
}

/** `volley compare --json`. Times are milliseconds; files are relative to the workspace. */
export function comparisonDocument(comparison: Comparison, root: string) {
  const relative = (findings: ComparedOperation['findings']['gained']) =>
    findings.map((each) => ({ ...each, file: relativeFile(root, each.file) }));
  return {
    version: JSON_VERSION,
    ...comparison,
    operations: comparison.operations.map((operation) => ({
      ...operation,
      findings: { ...operation.findings, gained: relative(operation.findings.gained), lost: relative(operation.findings.lost) },
    })),
  };
}

// ------------------------------------------------------------------------------------------------------------------ runs

/**
 * What is kept, newest first: runs with the number by which each can be named and what was predicted of them, verifications above their
 * trials, tunings.
 */
export function runsText(entries: readonly HistoryEntry[], tunings: readonly Tuning[], style: Style = PLAIN): string {
  if (entries.length + tunings.length === 0) return 'Nothing has run yet.';
  const rows = rowsOf(entries, tunings);
  const widthOf = (column: (row: Row) => string) => Math.max(...rows.map((row) => column(row).length));
  const [numbers, labels, facts] = [widthOf(({ number }) => number), widthOf(({ label }) => label), widthOf((row) => row.facts)];
  return rows
    .map(({ number, startedAt, label, facts: text, id }) =>
      [number.padStart(numbers), whenText(startedAt), label.padEnd(labels), text.padEnd(facts), style.dim(id)].join('  '),
    )
    .join('\n');
}

interface Row {
  /** Empty where there is none. */
  readonly number: string;
  readonly startedAt: string;
  readonly label: string;
  readonly facts: string;
  readonly id: string;
}

function rowsOf(entries: readonly HistoryEntry[], tunings: readonly Tuning[]): readonly Row[] {
  const rows: Row[] = [];
  const left = [...tunings];
  let verification: string | undefined;
  const addTunings = (after: string) => {
    while (left[0] && left[0].startedAt > after) rows.push(...left.splice(0, 1).map(tuningRow));
  };
  for (const [index, entry] of entries.entries()) {
    addTunings(entry.startedAt);
    const { verification: id, startedAt, label } = entry;
    if (id !== undefined && id !== verification)
      rows.push({ number: '', startedAt, label: workLabel(label), facts: 'verification', id });
    verification = id;
    rows.push(runRow(entry, index + 1));
  }
  addTunings('');
  return rows;
}

function runRow(entry: HistoryEntry, number: number): Row {
  const { run, label, startedAt, outcome, makespanMs, findings } = entry;
  const predicted = againstPredictionText(entry);
  const facts = [
    (outcome === undefined ? 'errored' : outcomeText(outcome)).padEnd(9),
    durationText(makespanMs).padStart(10),
    countText(findings, 'finding').padStart(12),
    ...(predicted === undefined ? [] : [predicted]),
  ].join('  ');
  return { number: String(number), startedAt, label: `${entry.verification === undefined ? '' : '  '}${label}`, facts, id: run };
}

function tuningRow(tuning: Tuning): Row {
  const { startedAt, subject, recommended, id } = tuning;
  const found = recommended === undefined ? 'no recommendation' : `use ${numberText(subject, recommended)}`;
  return { number: '', startedAt, label: `Tune ${tuningTitle(subject)}`, facts: `tuning     ${found}`, id };
}

/** `volley runs --json`. */
export function runsDocument(entries: readonly HistoryEntry[], tunings: readonly Tuning[]) {
  const told = tunings.map(({ id, startedAt, subject, operations, trials, recommended }) => ({
    ...{ id, startedAt, subject, operations, trials: trials.length },
    ...(recommended === undefined ? {} : { recommended }),
  }));
  return { version: JSON_VERSION, runs: entries, tunings: told };
}
