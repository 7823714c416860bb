/** Pure: the timing tree, the findings and a verification as text for a terminal, a log or a file. */

import type { SpeedupAccount, TimingNode, Verification } from '../measured.js';
import {
  bytesText,
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
  undeclaredText,
} from '../messages.js';
import type { Finding, OperationId, OperationState, Outcome, RunState } from '../model.js';
import { leavesOf } from '../parts.js';
import { spansOf, timing } from '../timing.js';
import {
  accountText,
  blockText,
  companyText,
  differenceText,
  equalityText,
  executedText,
  figureLines,
  lossText,
  measuringText,
  noteText,
  verdictText,
} from '../verification-text.js';
import { relativeFile } from './files.js';

/** How words are set off; each function returns its argument with or without colour. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

const same = (text: string) => text;
export const PLAIN: Style = { bold: same, dim: same, red: same, green: same, yellow: same, cyan: same };

/** Characters of the drawn timeline. */
const BAR_WIDTH = 32;

/** Heading, tree with a drawn timeline, and the figures of a run. `*` marks the critical path. */
export function timingTreeText(state: RunState, style: Style = PLAIN): string {
  const account = timing(state);
  const rows = treeRows(account.tree);
  const names = Math.max(...rows.map((row) => row.name.length), 0);
  const nameOf = namesOf([...leavesOf(state.operations), ...state.operations]);
  const lines = rows.map((row) => treeLine(row, { width: names, makespan: account.makespanMs, style, nameOf }));
  const nothing = state.outcome === 'passed' && !state.operations.some((operation) => ran(operation) || isAnswered(operation));
  const outcome = nothing ? 'nothing ran' : (state.outcome ?? 'running');
  const foretold = foretoldText(state, account.makespanMs);
  return [
    `${style.bold(state.label)}${state.newOnly ? ' · new findings only' : ''} · ${colourOf(outcome, style)(outcome)} · ${durationText(account.makespanMs)}`,
    ...lines,
    '',
    `${' '.repeat(2)}makespan ${durationText(account.makespanMs)} · sum of operations ${durationText(account.sumMs)} · lower bound ${durationText(account.lowerBoundMs)}`,
    state.mode === 'sequential'
      ? '  one after another'
      : `  sum ÷ makespan ${ratioText(account.sumSpeedup)} (an estimate of the speedup) · ${countText(account.slots, 'slot')} · efficiency ${percentText(account.efficiency)} · overlap ${percentText(account.overlap)}`,
    ...(foretold === undefined ? [] : [`  ${foretold}`]),
    ...(state.mode === 'sequential' ? [] : state.slotMoves.map((move) => style.dim(`  slots ${slotMoveText(move)}`))),
    `  ${style.dim(`timeline: ─ waiting  █ running  * on the critical path`)}`,
    '',
  ].join('\n');
}

interface Row {
  readonly name: string;
  readonly node: TimingNode;
}

function treeRows(root: TimingNode): readonly Row[] {
  return root.children.flatMap((group, index) => {
    const lastGroup = index === root.children.length - 1;
    return [
      { name: `${lastGroup ? '└─' : '├─'} ${group.label}`, node: group },
      ...branches(group.children, lastGroup ? '   ' : '│  '),
    ];
  });
}

/** Operations, and below each its parts. */
function branches(nodes: readonly TimingNode[], before: string): readonly Row[] {
  return nodes.flatMap((node, index) => {
    const last = index === nodes.length - 1;
    return [
      { name: `${before}${last ? '└─' : '├─'} ${node.label}${node.critical ? ' *' : ''}`, node },
      ...branches(node.children, `${before}${last ? '   ' : '│  '}`),
    ];
  });
}

interface TreeLayout {
  readonly width: number;
  readonly makespan: number;
  readonly style: Style;
  nameOf(id: OperationId): string;
}

function treeLine({ name, node }: Row, { width, makespan, style, nameOf }: TreeLayout): string {
  const { operation } = node;
  const label = name.padEnd(width);
  if (!operation) return style.dim(name);
  const outcome = operation.outcome ? outcomeText(operation.outcome) : operation.phase;
  const time = ran(operation) ? durationText(node.spans.running) : '';
  const findings = operation.findings.length > 0 ? countText(operation.findings.length, 'finding') : '';
  const columns = [colourOf(outcome, style)(outcome.padEnd(9)), time.padStart(8), bar(operation, makespan, style), findings];
  const reason = reasonWorthALine(operation.outcome, nameOf);
  const line = `${label}  ${columns.join('  ')}`.trimEnd();
  return reason ? `${line}\n${style.dim(`${' '.repeat(8)}${reason}`)}` : line;
}

/** Whoever cancelled a run knows why its operations did not end. */
function reasonWorthALine(outcome: Outcome | undefined, nameOf: (id: OperationId) => string): string | undefined {
  if (!outcome || (outcome.kind === 'cancelled' && outcome.cause.kind === 'user')) return undefined;
  return outcomeReason(outcome, nameOf);
}

/** Whether it was started at all. */
export function ran(operation: OperationState): boolean {
  return operation.segments.some((segment) => segment.phase === 'running');
}

/** Whether its result is an earlier one that still holds. */
export function isAnswered({ outcome }: OperationState): boolean {
  return outcome?.kind === 'cached';
}

function bar(operation: OperationState, makespan: number, style: Style): string {
  const cells = Array.from({ length: BAR_WIDTH }, () => ' ');
  const edge = (at: number) => Math.round((at / Math.max(makespan, 1)) * BAR_WIDTH);
  for (const { phase, from, to = makespan } of operation.segments) {
    if (phase !== 'running') cells.fill('─', edge(from), edge(to));
  }
  // After the waits, so that even the shortest running time has a cell.
  for (const { phase, from, to = makespan } of operation.segments) {
    const first = Math.min(edge(from), BAR_WIDTH - 1);
    if (phase === 'running') cells.fill('█', first, Math.max(first + 1, edge(to)));
  }
  return `${style.dim('▕')}${style.cyan(cells.join(''))}${style.dim('▏')}`;
}

function colourOf(outcome: string, style: Style): (text: string) => string {
  switch (outcome as Outcome['kind'] | 'running') {
    case 'passed':
      return style.green;
    case 'failed':
    case 'errored':
    case 'timed out':
      return style.red;
    case 'running':
      return style.cyan;
    default:
      return style.yellow;
  }
}

/**
 * All findings, grouped by gate, each as `file:line:column severity message (rule)`, without those that are the end of an output. Empty
 * text when there is none.
 */
export function findingsText(state: RunState, root: string, style: Style = PLAIN): string {
  return state.operations
    .filter((operation) => operation.findings.some((finding) => !finding.output))
    .map((operation) => {
      const heading = `${style.bold(operation.name)} ${style.dim(countText(operation.findings.length, 'finding'))}`;
      return [heading, ...operation.findings.map((finding) => findingLine(finding, root, style)), ''].join('\n');
    })
    .join('\n');
}

function findingLine(finding: Finding, root: string, style: Style): string {
  const place = `${relativeFile(root, finding.file)}:${finding.line}:${finding.column}`;
  const severity =
    finding.severity === 'error'
      ? style.red('error')
      : finding.severity === 'warning'
        ? style.yellow('warning')
        : finding.severity;
  const rule = finding.rule ? ` ${style.dim(`(${finding.rule})`)}` : '';
  return `  ${style.cyan(place)} ${severity} ${findingMessage(finding).replaceAll('\n', '\n    ')}${rule}`;
}

/** One line for an operation of a run that ended: `failed   ESLint  1.23 s  4 findings`. `now`: how far the run's clock is, in milliseconds. */
export function finishedLine(operation: OperationState, { operations }: RunState, now: number, style: Style = PLAIN): string {
  const { outcome } = operation;
  const word = outcome ? outcomeText(outcome) : operation.phase;
  const reason = reasonWorthALine(outcome, namesOf(operations));
  const facts = [
    ...(ran(operation) ? [durationText(spansOf(operation, now).running)] : []),
    ...(operation.findings.length > 0 ? [countText(operation.findings.length, 'finding')] : []),
  ];
  return `${colourOf(word, style)(word.padEnd(9))} ${operation.name}${facts.map((fact) => `  ${style.dim(fact)}`).join('')}${reason ? `  ${reason}` : ''}`;
}

/** What a gate printed, under a heading; for gates that did not pass and have no findings to show instead. */
export function outputText(name: string, text: string, omittedBytes: number, style: Style = PLAIN): string {
  const omitted = omittedBytes > 0 ? [style.dim(`(${bytesText(omittedBytes)} before this left out)`)] : [];
  return [style.bold(name), ...omitted, text.trimEnd(), ''].join('\n');
}

/** Everything that was measured: the block, every trial, where the time went, equality, and the verdict. */
export function verificationText(verification: Verification, runs: readonly RunState[], style: Style = PLAIN): string {
  const operations = runs[0]?.operations ?? [];
  const nameOf = namesOf(operations);
  const { account } = verification;
  return [
    blockText(verification, executedText(operations)).replace('Verification', style.bold('Verification')),
    '',
    ...measuringText(verification).map((line) => `  ${line}`),
    ...(verification.notes ?? []).map((note) => style.yellow(`  ${noteText(note)}`)),
    '',
    ...trialLines(verification, style),
    ...(account ? ['', ...accountOfVerification(account, nameOf, style)] : []),
    '',
    `  ${equalityText(verification)}`,
    ...verification.differences.map((difference) => `  ${differenceText(difference, nameOf)}`),
    ...(verification.undeclared ?? []).map(({ operation, paths }) => `  ${undeclaredText(operation, paths)}`),
    '',
    verdictText(verification, nameOf),
    '',
  ].join('\n');
}

function trialLines({ warmUpMs, trials, ratios }: Verification, style: Style): readonly string[] {
  return [
    ...(warmUpMs === undefined ? [] : [style.dim(`  warm-up, not counted ${durationText(warmUpMs).padStart(8)}`)]),
    ...trials.map(
      ({ pair, mode, makespanMs }) =>
        `  pair ${String(pair).padStart(2)}  ${mode.padEnd(10)}  ${durationText(makespanMs).padStart(8)}`,
    ),
    ...(ratios.length > 0 ? [`  ratio of each pair  ${ratios.map(ratioText).join(', ')}`] : []),
  ];
}

function accountOfVerification(account: SpeedupAccount, nameOf: (id: OperationId) => string, style: Style): readonly string[] {
  const figures = figureLines(account);
  const width = Math.max(...figures.map(({ name }) => name.length));
  const company = companyText(account, nameOf);
  return [
    style.bold(`Where the time went`) + style.dim(` (pair ${account.pair}, the nearest to the median)`),
    `  in parallel        ${accountText(account.parallel)}`,
    `  one after another  ${accountText(account.sequential)}`,
    `  ${lossText(account)}`,
    ...figures.map(({ name, value }) => `  ${name.padEnd(width)}  ${value}`),
    ...(company === '' ? [] : [`  ${company}`]),
  ];
}
