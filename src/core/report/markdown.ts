/** Pure: a run or a verification as Markdown: for a pull request, an issue, or the summary of a job of GitHub Actions. */

import {
  countText,
  durationText,
  findingMessage,
  foretoldText,
  namesOf,
  outcomeReason,
  outcomeText,
  percentText,
  ratioText,
  slotMoveText,
} from '../messages.js';
import type { Finding, OperationState, RunState } from '../model.js';
import { didNotPass } from '../parts.js';
import { spansOf, timing } from '../timing.js';
import { verdictText } from '../verification-text.js';
import { relativeFile } from './files.js';
import { escapeMarkup } from './html.js';
import { codeSpan, escaped, fenced, tableText } from './markdown-text.js';
import { visible } from './plain-text.js';
import { nounOf, type ReportSubject, representative, titleOf } from './subject.js';
import { timingTreeText, verificationText } from './text.js';

export interface MarkdownOptions {
  /** Absolute, native. Files are shown relative to it. */
  readonly root: string;
  /** The address at which a file can be read; places of findings are links to it. `file` is absolute, native. */
  readonly linkTo?: (file: string, line: number) => string | undefined;
  /** Bytes of UTF-8 that it has at most. What does not fit is left out from the end, and said so. */
  readonly limitBytes?: number;
}

/** Of how many findings of an operation there is a row. */
const MOST_FINDINGS = 200;

/** The report. Whatever stands in the run is shown as text. */
export function markdownReport(subject: ReportSubject, options: MarkdownOptions): string {
  const blocks = subject.kind === 'run' ? runBlocks(subject, options) : verificationBlocks(subject, options);
  return within(blocks.map(visible), options.limitBytes ?? Number.POSITIVE_INFINITY);
}

function runBlocks({ state, measured }: ReportSubject & { kind: 'run' }, options: MarkdownOptions): readonly string[] {
  const account = timing(state);
  const bad = state.operations.filter(({ outcome }) => didNotPass(outcome)).length;
  const facts = [
    `**${escaped(state.outcome ?? 'running')}** in ${durationText(account.makespanMs)}`,
    countText(state.operations.length, nounOf(state)),
    ...(bad > 0 ? [`${bad} not passed`] : []),
    state.mode === 'sequential' ? 'one after another' : `up to ${countText(account.slots, 'slot')}`,
    ...(state.newOnly ? ['new findings only'] : []),
  ];
  const foretold = foretoldText(state, account.makespanMs);
  const estimate = `sum ÷ makespan ${ratioText(account.sumSpeedup)}, an estimate of the speedup`;
  return [
    `# ${escaped(state.label)}`,
    facts.join(' · '),
    ...(measured ? [escaped(`Measured: ${verdictText(measured)}`)] : []),
    operationTable(state),
    ...reasons(state),
    ...findingBlocks(state, options),
    '## Where the time went',
    [
      `- makespan ${durationText(account.makespanMs)}, sum of operations ${durationText(account.sumMs)}, lower bound ${durationText(account.lowerBoundMs)}`,
      ...(state.mode === 'sequential'
        ? []
        : [`- ${estimate}; efficiency ${percentText(account.efficiency)}, overlap ${percentText(account.overlap)}`]),
      ...(account.criticalPath.length === 0 ? [] : [`- critical path: ${pathText(state, account.criticalPath)}`]),
      ...(foretold === undefined ? [] : [`- ${escaped(foretold)}`]),
      ...state.slotMoves.map((move) => `- slots ${escaped(slotMoveText(move))}`),
    ].join('\n'),
    details('Timing tree', fenced(timingTreeText(state).trimEnd(), 'text')),
  ];
}

function pathText({ operations }: RunState, path: ReturnType<typeof timing>['criticalPath']): string {
  const names = new Map(operations.flatMap((each) => [each, ...(each.parts ?? [])]).map(({ id, name }) => [id, name]));
  return path.map(({ operation }) => escaped(names.get(operation) ?? operation)).join(' → ');
}

function verificationBlocks(subject: ReportSubject & { kind: 'verification' }, options: MarkdownOptions): readonly string[] {
  const { verification, runs } = subject;
  const shown = representative(subject);
  const trees = (['sequential', 'parallel'] as const).flatMap((mode) => {
    const newest = runs.findLast((run) => run.mode === mode);
    return newest ? [details(`Timing tree of ${newest.label}`, fenced(timingTreeText(newest).trimEnd(), 'text'))] : [];
  });
  return [
    `# ${escaped(titleOf(subject))}`,
    `**${escaped(verification.verdict)}** · ${escaped(verdictText(verification))}`,
    fenced(verificationText(verification, runs).trimEnd(), 'text'),
    ...(shown ? [`## ${escaped(shown.label)}`, operationTable(shown), ...reasons(shown), ...findingBlocks(shown, options)] : []),
    ...trees,
  ];
}

function operationTable(state: RunState): string {
  const rows = state.operations.map((operation) => {
    const { blocked, locked, queued, running } = spansOf(operation, state.at);
    const waited = blocked + locked + queued;
    return [
      `${signOf(operation)} ${operation.outcome ? escaped(outcomeText(operation.outcome)) : 'running'}`,
      escaped(operation.name),
      escaped(operation.group),
      running > 0 ? durationText(running) : '',
      waited >= 1 ? durationText(waited) : '',
      operation.findings.length > 0 ? String(operation.findings.length) : '',
    ];
  });
  const columns = [
    { title: 'Outcome' },
    { title: state.batch ? 'Operation' : 'Gate' },
    { title: 'Group' },
    { title: 'Ran', numeric: true },
    { title: 'Waited', numeric: true },
    { title: 'Findings', numeric: true },
  ];
  return tableText(columns, rows);
}

/** Beside a word, never the only sign. */
function signOf({ outcome }: OperationState): string {
  if (didNotPass(outcome)) return '❌';
  return outcome?.kind === 'passed' || outcome?.kind === 'cached' ? '✅' : '⚪';
}

/** Why operations ended so, where there is more to say than the outcome. */
function reasons({ operations }: RunState): readonly string[] {
  const nameOf = namesOf(operations);
  const lines = operations.flatMap(({ name, outcome }) => {
    const reason = outcome && outcomeReason(outcome, nameOf);
    return reason === undefined ? [] : [`- **${escaped(name)}**: ${escaped(reason)}`];
  });
  return lines.length === 0 ? [] : [lines.join('\n')];
}

function findingBlocks({ operations, newOnly }: RunState, options: MarkdownOptions): readonly string[] {
  const found = operations.filter(({ findings }) => findings.length > 0);
  if (found.length === 0) return [];
  return [
    newOnly ? '## New findings' : '## Findings',
    ...found.flatMap(({ name, findings }) => {
      const placed = findings.filter(({ output }) => !output);
      const more = placed.length - MOST_FINDINGS;
      return [
        `### ${escaped(name)}: ${countText(findings.length, 'finding')}`,
        ...findings.filter(({ output }) => output).map(({ message }) => fenced(message, 'text')),
        ...(placed.length === 0 ? [] : [findingTable(placed.slice(0, MOST_FINDINGS), options)]),
        ...(more > 0 ? [`and ${countText(more, 'more finding')}`] : []),
      ];
    }),
  ];
}

function findingTable(findings: readonly Finding[], { root, linkTo }: MarkdownOptions): string {
  const rows = findings.map((finding) => {
    const { file, line, column, severity, rule = '' } = finding;
    const place = codeSpan(`${relativeFile(root, file)}:${line}:${column}`, true);
    const link = linkTo?.(file, line);
    return [
      link === undefined ? place : `[${place}](<${link}>)`,
      severity,
      // Line ends end a row; a break stands for each.
      findingMessage(finding)
        .split(/\r\n|\r|\n/)
        .map(escaped)
        .join('<br>'),
      codeSpan(rule, true),
    ];
  });
  return tableText([{ title: 'Place' }, { title: 'Severity' }, { title: 'Message' }, { title: 'Rule' }], rows);
}

function details(summary: string, inside: string): string {
  return `<details><summary>${escapeMarkup(summary.replace(/\s+/g, ' '))}</summary>\n\n${inside}\n\n</details>`;
}

function within(blocks: readonly string[], limitBytes: number): string {
  const left = '\n\nThe rest does not fit here. A report in another format has it.\n';
  const bytes = (text: string) => new TextEncoder().encode(text).length;
  const all = `${blocks.join('\n\n')}\n`;
  if (bytes(all) <= limitBytes) return all;
  const room = limitBytes - bytes(left);
  let used = 0;
  const kept = blocks.filter((block) => {
    used += bytes(block) + 2;
    return used <= room;
  });
  return `${kept.join('\n\n')}${left}`;
}
