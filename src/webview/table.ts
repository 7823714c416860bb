/** The timing tree as a treegrid: sortable, collapsible, usable by keyboard alone; only cells that differ are touched. */

import type { Timing, TimingNode } from '../core/measured.js';
import { percentText } from '../core/messages.js';
import type { OperationId, OperationState, Phase, RunState } from '../core/model.js';
import { didNotPass, leavesOf } from '../core/parts.js';
import type { PanelMemory } from '../protocol.js';
import { arrange, html, setAttribute, setStyle, setText } from './dom.js';
import { spanText, statusReason, statusText } from './format.js';
import { icon, operationIcon, paintIcon } from './icons.js';

export interface TableEvents {
  /** `byKey`: the reader has no pointer on it and follows to the details. */
  select(operation: OperationId, byKey: boolean): void;
  hover(operation: OperationId | undefined): void;
  collapse(node: string, collapsed: boolean): void;
  sort(sort: PanelMemory['sort']): void;
  /** Escape was pressed. */
  leave(): void;
}

export interface TableInput {
  readonly state: RunState;
  readonly timing: Timing;
  /** The time at the right edge of the pictures in its rows. */
  readonly scaleMs: number;
  readonly selected: OperationId | undefined;
  readonly collapsed: readonly string[];
  readonly sort: PanelMemory['sort'];
}

export interface TimingTable {
  readonly element: HTMLElement;
  update(input: TableInput): void;
  /** Moves the focus to an operation's row. */
  focus(operation: OperationId): void;
  highlight(operation: OperationId | undefined): void;
}

interface Column {
  readonly id: string;
  readonly title: string;
  readonly hint: string;
  readonly numeric: boolean;
  readonly value: (node: TimingNode) => number | string;
}

const phaseColumn = (phase: Phase, title: string, hint: string): Column => ({
  id: phase,
  title,
  hint,
  numeric: true,
  value: (node) => node.spans[phase],
});

const COLUMNS: readonly Column[] = [
  { id: 'name', title: 'Operation', hint: 'Name', numeric: false, value: (node) => node.label.toLowerCase() },
  {
    id: 'outcome',
    title: 'Outcome',
    hint: 'How it ended, and why',
    numeric: false,
    value: (node) => (node.operation ? statusText(node.operation) : ''),
  },
  { id: 'findings', title: 'Findings', hint: 'What it found', numeric: true, value: (node) => node.findings },
  phaseColumn('blocked', 'Blocked', 'Waited for operations it depends on'),
  phaseColumn('locked', 'Locked', 'Waited for a lock'),
  phaseColumn('queued', 'Queued', 'Waited for a free worker'),
  phaseColumn('running', 'Running', 'Ran'),
  {
    id: 'start',
    title: 'Start',
    hint: 'When it began to run, from the start of the run',
    numeric: true,
    value: (node) => startOf(node) ?? Number.POSITIVE_INFINITY,
  },
  {
    id: 'end',
    title: 'End',
    hint: 'When it ended, from the start of the run',
    numeric: true,
    value: (node) => endOf(node) ?? Number.POSITIVE_INFINITY,
  },
  {
    id: 'share',
    title: 'Share',
    hint: 'Its part of all running time, and where in the run it was',
    numeric: true,
    value: (node) => node.spans.running,
  },
];

/** A table without rows. */
export function createTable(events: TableEvents): TimingTable {
  const rows = new Map<string, Row>();
  const body = html('tbody');
  const header = createHeader((column) => {
    if (input) events.sort(nextSort(input.sort, column));
  });
  const table = html('table', 'timing-table', header.element, body);
  setAttribute(table, 'role', 'treegrid');
  setAttribute(table, 'aria-label', 'Timing tree');
  let input: TableInput | undefined;
  let order: readonly TimingNode[] = [];
  let active = 'run';

  const visible = (): readonly string[] => order.map((node) => node.id).filter((id) => rows.get(id)?.element.hidden === false);
  const activate = (id: string, focus: boolean): void => {
    const row = rows.get(id);
    if (!row) return;
    const before = rows.get(active);
    if (before) before.element.tabIndex = -1;
    active = id;
    row.element.tabIndex = 0;
    if (focus) {
      row.element.focus();
      row.element.scrollIntoView({ block: 'nearest' });
    }
  };
  const choose = (node: TimingNode, byKey: boolean): void => {
    if (node.operation) events.select(node.operation.id, byKey);
    else events.collapse(node.id, !input?.collapsed.includes(node.id));
  };
  const nodeOf = (target: EventTarget | null): TimingNode | undefined => {
    const id = target instanceof Element ? target.closest('tr')?.getAttribute('data-node') : undefined;
    return order.find((node) => node.id === id);
  };
  body.addEventListener('click', (event) => {
    const node = nodeOf(event.target);
    if (!node) return;
    activate(node.id, true);
    choose(node, false);
  });
  body.addEventListener('focusin', (event) => {
    const node = nodeOf(event.target);
    if (node) activate(node.id, false);
  });
  body.addEventListener('pointerover', (event) => events.hover(nodeOf(event.target)?.operation?.id));
  body.addEventListener('pointerleave', () => events.hover(undefined));
  body.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const node = nodeOf(event.target);
    if (!node || !input) return;
    if (act(event.key, node, input)) event.preventDefault();
  });

  /** What a key does on a row; false when nothing. */
  function act(key: string, node: TimingNode, shown: TableInput): boolean {
    const isParent = node.children.length > 0;
    const collapsed = isParent && shown.collapsed.includes(node.id);
    if (key === 'Enter' || key === ' ') choose(node, true);
    else if (key === 'Escape') events.leave();
    else if (key === 'ArrowRight' && collapsed) events.collapse(node.id, false);
    else if (key === 'ArrowLeft' && isParent && !collapsed) events.collapse(node.id, true);
    else if (key === 'ArrowLeft') activate(parentOf(node, shown.timing.tree)?.id ?? node.id, true);
    else {
      const ids = visible();
      const index = ids.indexOf(node.id);
      const target = targetOf(key, { index, last: ids.length - 1, isParent });
      if (target === undefined) return false;
      activate(ids[target] ?? node.id, true);
    }
    return true;
  }

  return {
    element: table,
    update(next) {
      input = next;
      header.update(next.sort);
      // Where there is little room, columns without a figure make place.
      for (const phase of ['blocked', 'locked'] as const)
        table.classList.toggle(`nothing-${phase}`, next.timing.tree.spans[phase] < 0.5);
      table.classList.toggle('of-batch', next.state.batch === true);
      table.classList.toggle('of-minutes', hasMinutes(next.timing));
      order = flatten(next.timing.tree, next);
      const context = rowContext(next);
      for (const node of order) {
        const row = rows.get(node.id) ?? createRow(node);
        rows.set(node.id, row);
        paintRow(row, node, context);
      }
      keepOnly(rows, order);
      arrange(
        body,
        order.map((node) => rows.get(node.id)?.element).filter((element) => element !== undefined),
      );
      if (rows.get(active)?.element.hidden !== false) activate(order[0]?.id ?? 'run', false);
      else activate(active, false);
    },
    focus: (operation) => activate(operation, true),
    highlight(operation) {
      for (const [id, row] of rows) row.element.classList.toggle('hovered', id === operation);
    },
  };
}

/** Whether any figure is of minutes: none is longer than the sums, or than the whole run. */
function hasMinutes({ tree, makespanMs }: Timing): boolean {
  return Math.max(makespanMs, ...Object.values(tree.spans)) >= 59_950;
}

/** Which row a key leads to, where it leads to another; may lie beyond an end. */
function targetOf(key: string, from: { readonly index: number; readonly last: number; readonly isParent: boolean }) {
  const { index, last, isParent } = from;
  switch (key) {
    case 'ArrowDown':
      return index + 1;
    case 'ArrowUp':
      return index - 1;
    case 'PageDown':
      return Math.min(index + 10, last);
    case 'PageUp':
      return Math.max(index - 10, 0);
    case 'Home':
      return 0;
    case 'End':
      return last;
    case 'ArrowRight':
      // Into what is shown of it.
      return isParent ? index + 1 : index;
    default:
      return undefined;
  }
}

function keepOnly(rows: Map<string, Row>, nodes: readonly TimingNode[]): void {
  if (rows.size === nodes.length) return;
  const ids = new Set(nodes.map((node) => node.id));
  for (const id of [...rows.keys()]) if (!ids.has(id)) rows.delete(id);
}

/** Ascending, descending (numbers the other way round), then the order of the batch again. */
function nextSort(sort: PanelMemory['sort'], column: Column): PanelMemory['sort'] {
  if (sort.column !== column.id)
    return { column: column.id, descending: column.numeric && column.id !== 'start' && column.id !== 'end' };
  const first = column.numeric && column.id !== 'start' && column.id !== 'end';
  return sort.descending === first ? { column: column.id, descending: !first } : { column: 'order', descending: false };
}

function createHeader(sort: (column: Column) => void) {
  const cells = COLUMNS.map((column) => {
    const button = html('button', 'sort', html('span', 'sort-title', column.title), html('span', 'sort-arrow'));
    button.type = 'button';
    button.title = `${column.hint}. Click to sort.`;
    button.addEventListener('click', () => sort(column));
    const cell = html('th', `column-${column.id}${column.numeric ? ' numeric' : ''}`, button);
    setAttribute(cell, 'role', 'columnheader');
    setAttribute(cell, 'scope', 'col');
    return { column, cell, button };
  });
  const row = html('tr', '', ...cells.map(({ cell }) => cell));
  setAttribute(row, 'role', 'row');
  rove(cells.map(({ button }) => button));
  return {
    element: html('thead', '', row),
    update(current: PanelMemory['sort']): void {
      for (const { column, cell, button } of cells) {
        const mine = column.id === current.column;
        setAttribute(cell, 'aria-sort', mine ? (current.descending ? 'descending' : 'ascending') : 'none');
        if (button.lastElementChild) setText(button.lastElementChild, mine ? (current.descending ? '↓' : '↑') : '');
      }
    },
  };
}

/** Makes buttons one stop of the Tab key, among which the arrow keys move. */
function rove(buttons: readonly HTMLButtonElement[]): void {
  buttons.forEach((button, index) => {
    button.tabIndex = index === 0 ? 0 : -1;
    button.addEventListener('keydown', (event) => {
      const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
      const next = step > 0 ? buttons.slice(index + 1) : buttons.slice(0, index).reverse();
      // Some columns are hidden where there is little room.
      const target = next.find(({ offsetParent }) => offsetParent !== null);
      if (step === 0 || !target) return;
      button.tabIndex = -1;
      target.tabIndex = 0;
      target.focus();
      event.preventDefault();
    });
  });
}

function parentOf(node: TimingNode, tree: TimingNode): TimingNode | undefined {
  if (tree.children.some((child) => child.id === node.id)) return tree;
  return tree.children.find((child) => parentOf(node, child) !== undefined);
}

/** All nodes, parents before children, sorted within each group. Rows of collapsed parents stay in the list but are hidden. */
function flatten(tree: TimingNode, input: TableInput): readonly TimingNode[] {
  const column = COLUMNS.find(({ id }) => id === input.sort.column);
  const sorted = (nodes: readonly TimingNode[]): readonly TimingNode[] => {
    if (!column || nodes[0]?.kind !== 'operation') return nodes;
    const sign = input.sort.descending ? -1 : 1;
    const keyed = nodes.map((node) => ({ node, value: column.value(node) }));
    return keyed.sort((a, b) => sign * compare(a.value, b.value)).map(({ node }) => node);
  };
  const walk = (node: TimingNode): TimingNode[] => [node, ...sorted(node.children).flatMap(walk)];
  return walk(tree);
}

function compare(a: number | string, b: number | string): number {
  if (typeof a === 'string' || typeof b === 'string') return String(a).localeCompare(String(b), 'en', { numeric: true });
  return a === b ? 0 : a < b ? -1 : 1;
}

interface RowContext {
  readonly input: TableInput;
  readonly hidden: ReadonlySet<string>;
  readonly nameOf: (id: OperationId) => string;
}

function rowContext(input: TableInput): RowContext {
  const collapsed = new Set(input.collapsed);
  const hidden = new Set<string>();
  const walk = (node: TimingNode, below: boolean): void => {
    if (below) hidden.add(node.id);
    for (const child of node.children) walk(child, below || collapsed.has(node.id));
  };
  walk(input.timing.tree, false);
  const { operations } = input.state;
  const names = new Map([...operations, ...leavesOf(operations)].map((operation) => [operation.id, operation.name]));
  return { input, hidden, nameOf: (id) => names.get(id) ?? id };
}

interface Row {
  readonly element: HTMLTableRowElement;
  readonly cells: ReadonlyMap<string, HTMLTableCellElement>;
  readonly name: HTMLElement;
  readonly critical: HTMLElement;
  readonly icon: SVGSVGElement;
  readonly outcome: HTMLElement;
  readonly reason: HTMLElement;
  readonly share: HTMLElement;
  readonly segments: HTMLElement;
}

const LEVEL: Readonly<Record<TimingNode['kind'], number>> = { run: 1, group: 2, operation: 3, part: 4 };

function createRow(node: TimingNode): Row {
  const element = html('tr', `row-${node.kind}`);
  setAttribute(element, 'role', 'row');
  setAttribute(element, 'data-node', node.id);
  setAttribute(element, 'aria-level', LEVEL[node.kind]);
  element.tabIndex = -1;
  element.hidden = false;
  const cells = new Map(
    COLUMNS.map((column) => {
      const cell = html('td', `column-${column.id}${column.numeric ? ' numeric' : ''}`);
      setAttribute(cell, 'role', 'gridcell');
      element.append(cell);
      return [column.id, cell];
    }),
  );
  const name = html('span', 'name');
  const critical = html('span', 'critical-mark');
  const outcome = html('span', 'outcome');
  const reason = html('span', 'reason');
  const share = html('span', 'share-text');
  const segments = html('span', 'share-bar');
  const drawing = icon('pending');
  cells.get('name')?.append(html('span', 'name-cell', node.operation ? html('span', 'indent') : icon('chevron'), name, critical));
  cells.get('outcome')?.append(html('span', 'outcome-cell', ...(node.operation ? [drawing, outcome, reason] : [outcome])));
  cells.get('share')?.append(html('span', 'share-cell', segments, share));
  return { element, cells, name, critical, icon: drawing, outcome, reason, share, segments };
}

function paintRow(row: Row, node: TimingNode, { input, hidden, nameOf }: RowContext): void {
  const { timing } = input;
  const isHidden = hidden.has(node.id);
  if (row.element.hidden !== isHidden) row.element.hidden = isHidden;
  if (isHidden) return;
  if (node.children.length > 0) setAttribute(row.element, 'aria-expanded', String(!input.collapsed.includes(node.id)));
  setAttribute(row.element, 'aria-selected', node.operation ? String(node.operation.id === input.selected) : undefined);
  setText(row.name, node.kind === 'run' ? 'All operations' : node.label);
  setAttribute(row.name, 'title', node.label);
  setText(row.critical, node.operation && node.critical ? 'critical' : '');
  const text = (column: string, value: string): void => {
    const cell = row.cells.get(column);
    if (cell) setText(cell, value);
  };
  if (node.operation) paintStatus(row, node.operation, nameOf);
  else {
    const outcomes = summary(node);
    setText(row.outcome, outcomes);
    // The end is cut where there is little room.
    setAttribute(row.outcome, 'title', outcomes);
  }
  text('findings', node.findings > 0 ? String(node.findings) : '');
  for (const phase of ['blocked', 'locked', 'queued', 'running'] as const) text(phase, spanText(node.spans[phase]));
  const start = startOf(node);
  const end = endOf(node);
  text('start', start === undefined ? '' : atText(start));
  text('end', end === undefined ? '' : atText(end));
  // A share of a sum that still grows would change in every row all the time and say nothing.
  setText(row.share, input.state.outcome === undefined ? '' : shareText(node.spans.running, timing.tree.spans.running));
  paintShare(row, node, input);
}

function paintStatus(row: Row, operation: OperationState, nameOf: (id: OperationId) => string): void {
  paintIcon(row.icon, operationIcon(operation));
  setText(row.outcome, statusText(operation));
  const reason = statusReason(operation, nameOf) ?? '';
  setText(row.reason, reason);
  setAttribute(row.reason, 'title', reason || undefined);
}

/** `3 passed, 1 failed`: outcomes in the order in which they first occur. */
function summary(node: TimingNode): string {
  const counts = new Map<string, number>();
  const walk = (each: TimingNode): void => {
    if (each.operation) {
      const status = statusText(each.operation);
      counts.set(status, (counts.get(status) ?? 0) + 1);
      return;
    }
    each.children.forEach(walk);
  };
  walk(node);
  return [...counts].map(([status, count]) => `${count} ${status}`).join(', ');
}

/** Where in the run it waited and ran, on the scale of the whole run. Groups and the run show where anything of them ran. */
function paintShare(row: Row, node: TimingNode, { timing, scaleMs }: TableInput): void {
  const segments = node.operation?.segments ?? runningOf(node);
  const total = Math.max(scaleMs, 1);
  const bad = didNotPass(node.operation?.outcome);
  while (row.segments.children.length > segments.length) row.segments.lastElementChild?.remove();
  segments.forEach((segment, index) => {
    const existing = row.segments.children[index];
    const element = existing instanceof HTMLElement ? existing : row.segments.appendChild(html('span'));
    setAttribute(element, 'class', `share-segment ${segment.phase}${bad ? ' bad' : ''}`);
    setStyle(element, 'left', `${((segment.from / total) * 100).toFixed(2)}%`);
    setStyle(element, 'width', `${((((segment.to ?? timing.makespanMs) - segment.from) / total) * 100).toFixed(2)}%`);
  });
}

/** The times at which anything below a node ran, joined where they touch. */
function runningOf(node: TimingNode): readonly { readonly phase: Phase; readonly from: number; readonly to?: number }[] {
  const all: { phase: Phase; from: number; to?: number }[] = [];
  const walk = (each: TimingNode): void => {
    for (const segment of each.operation?.segments ?? []) if (segment.phase === 'running') all.push({ ...segment });
    each.children.forEach(walk);
  };
  walk(node);
  const joined: { phase: Phase; from: number; to?: number }[] = [];
  for (const segment of all.sort((a, b) => a.from - b.from)) {
    const last = joined.at(-1);
    if (last && (last.to === undefined || segment.from <= last.to + 1)) {
      if (segment.to === undefined) delete last.to;
      else if (last.to !== undefined) last.to = Math.max(last.to, segment.to);
    } else {
      joined.push({ ...segment });
    }
  }
  return joined;
}

function startOf(node: TimingNode): number | undefined {
  if (node.operation) return node.operation.segments.find((segment) => segment.phase === 'running')?.from;
  const starts = node.children.map(startOf).filter((start) => start !== undefined);
  return starts.length > 0 ? Math.min(...starts) : undefined;
}

/** When the last of it ended; undefined while anything goes on, and for what never began. */
function endOf(node: TimingNode): number | undefined {
  if (node.operation) return node.operation.outcome ? node.operation.segments.at(-1)?.to : undefined;
  if (goesOn(node)) return undefined;
  const ends = node.children.map(endOf).filter((end) => end !== undefined);
  return ends.length > 0 ? Math.max(...ends) : undefined;
}

function goesOn(node: TimingNode): boolean {
  return node.operation ? node.operation.outcome === undefined : node.children.some(goesOn);
}

function shareText(ms: number, sumMs: number): string {
  if (ms <= 0) return '';
  return ms / sumMs < 0.005 ? '< 1 %' : percentText(ms / sumMs);
}

function atText(ms: number): string {
  return ms < 0.5 ? '0 ms' : spanText(ms);
}
