/** Pure: trends, comparisons and the list of runs as text for a terminal, and as the documents of `--json`. */
import type { HistoryEntry } from '../measured.js';
import { countText, durationText, outcomeText } from '../messages.js';
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

/** The runs that can be compared, newest first, with the number by which each can be named. */
export function runsText(entries: readonly HistoryEntry[], style: Style = PLAIN): string {
  if (entries.length === 0) return 'Nothing has run yet.';
  const width = String(entries.length).length;
  const labels = Math.max(...entries.map(({ label }) => label.length));
  return entries
    .map(({ run, label, startedAt, outcome, makespanMs, findings }, index) =>
      [
        String(index + 1).padStart(width),
        whenText(startedAt),
        label.padEnd(labels),
        (outcome === undefined ? 'errored' : outcomeText(outcome)).padEnd(9),
        durationText(makespanMs).padStart(10),
        countText(findings, 'finding').padStart(12),
        style.dim(run),
      ].join('  '),
    )
    .join('\n');
}

/** `volley runs --json`. */
export function runsDocument(entries: readonly HistoryEntry[]) {
  return { version: JSON_VERSION, runs: entries };
}
