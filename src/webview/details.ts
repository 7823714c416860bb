/** The details of one operation: command, outcome, phases, what it waited for, findings and output. */

import type { PathStep } from '../core/measured.js';
import { bytesText, countText, durationText, findingMessage } from '../core/messages.js';
import type { CommandInput, Finding, OperationId, OperationState, RunState } from '../core/model.js';
import { PHASES } from '../core/model.js';
import { leavesOf } from '../core/parts.js';
import { copyButton } from './copy.js';
import { createOutputSection, type Output } from './details-output.js';
import { arrange, button, html, setAttribute, setText } from './dom.js';
import {
  capitalized,
  commandLine,
  pathReasonText,
  phaseMeaning,
  relativePath,
  shortCommandLine,
  statusReason,
  statusText,
} from './format.js';
import { icon, operationIcon, paintIcon, severityIcon } from './icons.js';
import type { Surface } from './surface.js';

export interface DetailsInput {
  readonly state: RunState;
  readonly operation: OperationState;
  readonly criticalPath: readonly PathStep[];
  readonly now: number;
  readonly root: string;
}

export interface Details {
  readonly element: HTMLElement;
  update(input: DetailsInput | undefined): void;
  /** The output of an ended operation arrived. */
  showOutput(run: string, operation: OperationId, output: Output): void;
  focus(): void;
}

/** More findings than this are shown only on demand. */
const FIRST_FINDINGS = 200;
/** Of the files that an operation was limited to, this many are named. */
const NAMED_FILES = 20;

/** The section, hidden until it is given an operation. `close` is called by its button and by Escape; `lead` stands first. */
export function createDetails(surface: Surface, close: () => void, lead?: HTMLElement): Details {
  const parts = createParts(surface, close, () => shown);
  if (lead) parts.status.before(lead);
  let shown: DetailsInput | undefined;
  parts.root.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    close();
  });
  return {
    element: parts.root,
    update(input) {
      const other = input?.operation.id !== shown?.operation.id || input?.state.run !== shown?.state.run;
      if (other) {
        parts.output.reset();
        parts.findings.reset();
        parts.known.reset();
        parts.command.reset();
        parts.root.scrollTop = 0;
      }
      shown = input;
      parts.root.hidden = input === undefined;
      if (!input) return;
      paint(parts, input, surface.editor);
      parts.output.update({ run: input.state.run, operation: input.operation });
    },
    showOutput: parts.output.arrived,
    focus: () => parts.heading.focus(),
  };
}

type Parts = ReturnType<typeof createParts>;

function createParts(surface: Surface, close: () => void, shown: () => DetailsInput | undefined) {
  const drawing = icon('pending');
  const name = html('span', 'details-name');
  const heading = html('h2', '', drawing, name);
  heading.tabIndex = -1;
  const again = button('Run Again', 'quiet', () => {
    const input = shown();
    if (input) surface.post({ type: 'run again', operation: input.operation.id });
  });
  const closing = button('', 'quiet icon-button', close);
  closing.append(icon('close'));
  closing.title = 'Close details (Escape)';
  setAttribute(closing, 'aria-label', 'Close details');
  const status = html('p', 'details-status');
  const facts = html('dl', 'facts');
  const command = createCommand();
  const input = html('pre', 'tool-input');
  setAttribute(input, 'aria-label', 'Input');
  const inputSection = html('div', '', html('div', 'section-header', html('h3', '', 'Input')), input);
  const files = createFiles();
  const phases = html('tbody');
  const path = html('p', 'details-path');
  const findings = createFindings(surface, 'Findings');
  const known = createFindings(surface, 'Findings that were there before');
  const output = createOutputSection(surface);
  const root = html(
    'section',
    'details',
    html('header', 'details-header', heading, html('span', 'actions', again, closing)),
    status,
    command.element,
    inputSection,
    facts,
    files.element,
    phaseTable(phases),
    path,
    findings.element,
    known.element,
    ...output.elements,
  );
  setAttribute(root, 'aria-label', 'Details of the operation');
  root.hidden = true;
  return {
    ...{ root, heading, drawing, name, again, status, facts, command, input, inputSection },
    ...{ files, phases, path, findings, known, output },
  };
}

/** The command line; one of hundreds of arguments is shortened until the reader asks for all. Copy always takes all. */
function createCommand() {
  let shown: CommandInput | undefined;
  let whole = false;
  const text = html('code', 'command');
  const rest = button('', 'quiet command-rest', () => {
    whole = true;
    fill();
    copy.element.focus();
  });
  const fill = (): void => {
    if (!shown) return;
    const short = whole ? { text: commandLine(shown), omitted: 0 } : shortCommandLine(shown);
    setText(text, short.text);
    setText(rest, `… show ${countText(short.omitted, 'more argument')}`);
    rest.hidden = short.omitted === 0;
  };
  const select = () => {
    whole = true;
    fill();
    return text;
  };
  const copy = copyButton('Copy the command', () => (shown ? commandLine(shown) : ''), select);
  const element = html('div', 'command-line', html('div', 'command-text', text, rest), copy.element);
  return {
    element,
    reset(): void {
      whole = false;
      copy.reset();
    },
    update(command: CommandInput | undefined): void {
      shown = command;
      element.hidden = command === undefined;
      fill();
    },
  };
}

/** The files that an operation was limited to; hidden for one that checks all that it knows of. */
function createFiles() {
  const title = html('p', 'files-title');
  const list = html('ul', 'files');
  const element = html('div', 'files-section', title, list);
  let signature = '';
  return {
    element,
    update(files: readonly string[] | undefined, root: string): void {
      element.hidden = files === undefined;
      if (!files) return;
      setText(title, `Limited to ${countText(files.length, 'file')}`);
      const names = files.slice(0, NAMED_FILES).map((file) => relativePath(file, root));
      const left = files.length - names.length;
      const lines = left > 0 ? [...names, `and ${left} more`] : names;
      if (signature === JSON.stringify(lines)) return;
      signature = JSON.stringify(lines);
      arrange(
        list,
        lines.map((line, index) => html('li', index < names.length ? 'file' : 'note', line)),
      );
    },
  };
}

function phaseTable(body: HTMLElement): HTMLElement {
  const head = html(
    'thead',
    '',
    html(
      'tr',
      '',
      ...['Phase', 'From', 'To', 'ms', 'Waited for'].map((text) =>
        html('th', text === 'ms' || text === 'From' || text === 'To' ? 'numeric' : '', text),
      ),
    ),
  );
  const table = html('table', 'phases', head, body);
  setAttribute(table, 'aria-label', 'Phases');
  return table;
}

function paint(parts: Parts, input: DetailsInput, editor: boolean): void {
  const { operation, state } = input;
  const names = new Map([...state.operations, ...leavesOf(state.operations)].map((each) => [each.id, each.name]));
  const nameOf = (id: OperationId): string => names.get(id) ?? id;
  paintIcon(parts.drawing, operationIcon(operation));
  setText(parts.name, operation.name);
  const reason = statusReason(operation, nameOf);
  setText(parts.status, `${capitalized(statusText(operation))}${reason ? `. ${reason}` : ''}`);
  parts.command.update(operation.command);
  parts.inputSection.hidden = operation.invocation === undefined;
  setText(parts.input, operation.invocation === undefined ? '' : JSON.stringify(operation.invocation.input, null, 2));
  parts.files.update(operation.files, input.root);
  // By itself an operation of a batch would be other work than what the batch says.
  parts.again.hidden = !editor || state.batch === true;
  parts.again.disabled = state.outcome === undefined;
  paintFacts(parts.facts, input, nameOf);
  paintPhases(parts.phases, input, nameOf);
  const step = input.criticalPath.findIndex((each) => each.operation === operation.id);
  const before = input.criticalPath[step - 1];
  const stepReason = input.criticalPath[step]?.reason;
  setText(
    parts.path,
    stepReason ? `On the critical path. ${pathReasonText(stepReason, before && nameOf(before.operation))}` : '',
  );
  // Operations of a batch answer; they find nothing.
  parts.findings.element.hidden = state.batch === true;
  parts.findings.update(operation.findings, input.root, operation.outcome !== undefined);
  parts.known.update(operation.known ?? [], input.root, true);
  parts.known.element.hidden = !operation.known?.length;
}

function paintFacts(list: HTMLElement, { operation, root }: DetailsInput, nameOf: (id: OperationId) => string): void {
  const { command, invocation, answer } = operation;
  const cwd = command && relativePath(command.cwd, root);
  const facts: readonly (readonly [string, string])[] = [
    ['Tool', invocation?.tool ?? ''],
    ['Answer', answer?.summary ?? ''],
    ['Tokens', answer?.tokens === undefined ? '' : String(answer.tokens)],
    ['Left out', answer?.cutBytes ? bytesText(answer.cutBytes) : ''],
    ['Wrote undeclared', (answer?.undeclared ?? []).join(', ')],
    ['In one pass with', (answer?.fusedWith ?? []).map(nameOf).join(', ')],
    ['Folder', cwd === '.' ? root : (cwd ?? '')],
    [
      'Environment',
      // PATH fills a screen and says nothing about the operation.
      Object.entries(command?.env ?? {})
        .filter(([name]) => name.toUpperCase() !== 'PATH')
        .map(([name, value]) => `${name}=${value}`)
        .join(' '),
    ],
    ['Exit code', operation.exitCode === undefined ? '' : String(operation.exitCode)],
    ['Attempts', operation.attempts === 0 ? '' : String(operation.attempts)],
    ['At the merge base', operation.baseMs === undefined ? '' : durationText(operation.baseMs)],
    ['Worker', operation.lane === undefined ? '' : String(operation.lane + 1)],
    ['Needs', operation.needs.map(nameOf).join(', ')],
  ];
  const wanted = facts.filter(([, value]) => value !== '');
  const signature = JSON.stringify(wanted);
  if (list.dataset['signature'] === signature) return;
  list.dataset['signature'] = signature;
  arrange(
    list,
    wanted.map(([term, value]) => html('div', 'fact', html('dt', '', term), html('dd', '', value))),
  );
}

function paintPhases(body: HTMLElement, { operation, now }: DetailsInput, nameOf: (id: OperationId) => string): void {
  const lasting = operation.segments.filter((segment) => segment.to === undefined || segment.to - segment.from >= 0.5);
  const rows = lasting.map((segment) => {
    const to = segment.to ?? now;
    const by = (segment.by ?? []).map(nameOf).join(', ');
    const why = by || (segment.phase === 'queued' ? 'a free worker' : '');
    return [
      segment.phase,
      durationText(segment.from),
      segment.to === undefined ? 'now' : durationText(to),
      (to - segment.from).toFixed(0),
      why,
    ];
  });
  while (body.children.length > rows.length) body.lastElementChild?.remove();
  rows.forEach((texts, index) => {
    const row = body.children[index] ?? body.appendChild(html('tr'));
    texts.forEach((text, column) => {
      const cell = row.children[column] ?? row.appendChild(html('td', column > 0 && column < 4 ? 'numeric' : ''));
      setText(cell, text);
    });
    const phase = PHASES.find((each) => each === texts[0]);
    if (phase) setAttribute(row, 'title', phaseMeaning(phase));
  });
  if (body.parentElement) body.parentElement.hidden = rows.length === 0;
}

function createFindings(surface: Surface, heading: string) {
  const title = html('h3', '', heading);
  const note = html('span', 'note');
  const list = html('ul', 'findings');
  let shown: readonly Finding[] | undefined;
  let limit = FIRST_FINDINGS;
  const fill = (root: string): void => {
    const findings = shown ?? [];
    const items = findings.slice(0, limit).map((finding) => html('li', '', findingElement(surface, finding, root)));
    const left = findings.length - limit;
    if (left > 0) {
      const more = button(`Show ${left} more`, 'quiet', () => {
        limit = Number.POSITIVE_INFINITY;
        fill(root);
      });
      items.push(html('li', '', more));
    }
    arrange(list, items);
  };
  return {
    element: html('div', 'findings-section', html('div', 'section-header', title, note), list),
    reset(): void {
      shown = undefined;
      limit = FIRST_FINDINGS;
    },
    update(findings: readonly Finding[], root: string, ended: boolean): void {
      setText(note, findings.length > 0 ? String(findings.length) : ended ? 'none' : 'not known before it ends');
      if (shown === findings) return;
      shown = findings;
      fill(root);
    },
  };
}

/** A finding as a button that opens its place, or as plain text in a report. */
function findingElement(surface: Surface, finding: Finding, root: string): HTMLElement {
  const content = [
    icon(severityIcon(finding.severity)),
    html(
      'span',
      'finding-text',
      html('span', 'visually-hidden', `${finding.severity}: `),
      html('span', 'finding-message', findingMessage(finding)),
      ...(finding.rule ? [html('span', 'finding-rule', finding.rule)] : []),
    ),
    html('span', 'finding-place', `${relativePath(finding.file, root)}:${finding.line}:${finding.column}`),
  ];
  if (!surface.editor) return html('div', 'finding', ...content);
  const element = button('', 'finding', () => {
    surface.post({ type: 'open finding', file: finding.file, line: finding.line, column: finding.column });
  });
  element.append(...content);
  return element;
}
