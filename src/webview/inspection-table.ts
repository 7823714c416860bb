/**
 * The table of an inspection: any number of rows, of which only those in sight are in the document. The focus stays on the grid itself, which
 * names its active cell, so that it is never lost with a row that leaves.
 */
import { type ColumnId, INSPECTION_COLUMNS, type InspectionColumn, type Row, type Sorting } from '../core/inspect/columns.js';
import { html, setAttribute, setStyle, setText } from './dom.js';
import { icon } from './icons.js';

export interface GridEvents {
  sort(sort: Sorting): void;
  /** Opens the file of a row at what the column tells of. */
  open(row: number, column: ColumnId): void;
  /** Shows the details of a row, or closes them when they are shown. */
  details(row: number): void;
  /** Another row became the active one. */
  activate(row: number): void;
  /** Escape was pressed. */
  leave(): void;
}

export interface GridInput {
  /** All rows, and the indexes of those that are shown, in order. */
  readonly rows: readonly Row[];
  readonly order: readonly number[];
  readonly sort: Sorting;
  /** The row whose details are shown. */
  readonly selected: number | undefined;
  readonly commits: boolean;
}

export interface Grid {
  readonly element: HTMLElement;
  update(input: GridInput): void;
  focus(): void;
  dispose(): void;
}

/** Height of a row in pixels, as the style sheet has it. */
const ROW = 22;
/** Rows above and below of what is in sight. */
const MARGIN = 10;

/** Widths of columns in pixels; that of the files takes what is left, and at least this. */
const WIDTHS: Readonly<Record<ColumnId, number>> = {
  path: 240,
  lines: 66,
  bytes: 82,
  language: 106,
  encoding: 82,
  lineEndings: 74,
  longestLine: 74,
  markers: 74,
  trailingWhitespace: 74,
  mixedIndentation: 66,
  conflicts: 82,
  secrets: 74,
  commit: 172,
  problems: 132,
};
/** Where there is no room for all, these make place when no row has anything of them. Not problems, which come and go while one looks. */
const MAY_GO: ReadonlySet<ColumnId> = new Set(['markers', 'trailingWhitespace', 'mixedIndentation', 'conflicts', 'secrets']);

/** The columns that are shown in a room of `width` pixels. */
function columnsFor({ rows, commits }: GridInput, width: number): readonly InspectionColumn[] {
  const all = INSPECTION_COLUMNS.filter(({ id }) => id !== 'commit' || commits);
  if (widthOf(all) <= width) return all;
  return all.filter(({ id, text }) => !MAY_GO.has(id) || rows.some((row) => text(row) !== ''));
}

function widthOf(columns: readonly InspectionColumn[]): number {
  return columns.reduce((sum, { id }) => sum + WIDTHS[id], 0);
}

/** A grid without rows. */
export function createGrid(events: GridEvents): Grid {
  let input: GridInput | undefined;
  let columns: readonly InspectionColumn[] = INSPECTION_COLUMNS;
  let active = { at: 0, column: 0 };
  let frame = 0;
  const head = html('tr');
  const body = html('tbody');
  const table = html('table', 'inspection-table', html('thead', '', head), body);
  table.tabIndex = 0;
  setAttribute(table, 'role', 'grid');
  setAttribute(table, 'aria-label', 'Inspected files');
  const element = html('div', 'grid-scroll', table);
  const above = spacer();
  const below = spacer();

  /** Which columns there is room for, and their headings. */
  const layOut = (): void => {
    if (!input) return;
    columns = columnsFor(input, element.clientWidth);
    setStyle(table, 'min-width', `${widthOf(columns)}px`);
    setAttribute(table, 'aria-colcount', columns.length);
    drawHead(head, columns, input.sort, events);
    active = { ...active, column: Math.min(active.column, columns.length - 1) };
  };
  const rowAt = (at: number): number | undefined => input?.order[at];
  const draw = (): void => {
    cancelAnimationFrame(frame);
    frame = 0;
    if (!input) return;
    const { order } = input;
    const first = Math.max(0, Math.floor(element.scrollTop / ROW) - MARGIN);
    const last = Math.min(order.length, Math.ceil((element.scrollTop + element.clientHeight) / ROW) + MARGIN);
    const shown = input;
    const rows = order.slice(first, last).map((row, index) => drawRow(first + index, row, shown));
    setStyle(above, 'height', `${first * ROW}px`);
    setStyle(below, 'height', `${Math.max(0, order.length - last) * ROW}px`);
    above.hidden = first === 0;
    below.hidden = last >= order.length;
    body.replaceChildren(above, ...rows, below);
    setAttribute(table, 'aria-rowcount', order.length + 1);
    setAttribute(table, 'aria-activedescendant', order.length > 0 ? cellId(active) : undefined);
  };
  const drawRow = (at: number, row: number, { rows, selected }: GridInput): HTMLElement => {
    const content = rows[row];
    const element = html('tr');
    if (!content) return element;
    setAttribute(element, 'aria-rowindex', at + 2);
    setAttribute(element, 'data-at', at);
    if (row === selected) setAttribute(element, 'aria-selected', 'true');
    for (const [index, column] of columns.entries()) {
      const cell = cellOf(column, content, row === selected);
      cell.id = cellId({ at, column: index });
      if (at === active.at && index === active.column) cell.classList.add('active');
      element.append(cell);
    }
    return element;
  };
  const schedule = (): void => {
    if (frame === 0) frame = requestAnimationFrame(draw);
  };
  const move = (at: number, column: number): void => {
    const count = input?.order.length ?? 0;
    if (count === 0) return;
    active = { at: Math.min(Math.max(at, 0), count - 1), column: Math.min(Math.max(column, 0), columns.length - 1) };
    const top = active.at * ROW;
    const room = element.clientHeight - (table.tHead?.offsetHeight ?? 0);
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + ROW > element.scrollTop + room) element.scrollTop = top + ROW - room;
    draw();
    document.getElementById(cellId(active))?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    const row = rowAt(active.at);
    if (row !== undefined) events.activate(row);
  };
  const placeOf = (target: EventTarget | null): { readonly at: number; readonly column: number } | undefined => {
    const cell = target instanceof Element ? target.closest('td') : null;
    const at = cell?.closest('tr')?.getAttribute('data-at');
    if (!cell || at === null || at === undefined) return undefined;
    return { at: Number(at), column: cell.cellIndex };
  };
  body.addEventListener('click', (event) => {
    const place = placeOf(event.target);
    if (!place) return;
    const twisty = event.target instanceof Element && event.target.closest('.twisty') !== null;
    active = place;
    draw();
    const row = rowAt(place.at);
    const column = columns[place.column];
    if (row === undefined || !column) return;
    if (twisty) events.details(row);
    else events.open(row, column.id);
  });
  table.addEventListener('keydown', (event) => {
    if (event.target !== table || event.altKey) return;
    const jump = event.ctrlKey || event.metaKey;
    if (act(event.key, jump)) event.preventDefault();
  });
  element.addEventListener('scroll', schedule, { passive: true });
  const observer = new ResizeObserver(() => {
    layOut();
    schedule();
  });
  observer.observe(element);

  /** What a key does; false when nothing. */
  function act(key: string, jump: boolean): boolean {
    const page = Math.max(1, Math.floor(element.clientHeight / ROW) - 2);
    const target = targetOf(key, { ...active, page, lastColumn: columns.length - 1, jump });
    const row = rowAt(active.at);
    if (target) move(target.at, target.column);
    else if (key === 'Escape') events.leave();
    else if (key !== 'Enter' && key !== ' ') return false;
    else if (row !== undefined && key === ' ') events.details(row);
    else if (row !== undefined) events.open(row, columns[active.column]?.id ?? 'path');
    return true;
  }

  return {
    element,
    update(next) {
      const before = input;
      const kept = rowAt(active.at);
      input = next;
      if (before?.commits !== next.commits || before.sort !== next.sort || before.rows !== next.rows) layOut();
      // The active cell goes with its row, or to the top when that is no longer shown.
      const found = before?.order === next.order || kept === undefined ? active.at : next.order.indexOf(kept);
      active = { ...active, at: Math.max(0, found) };
      if (before?.order !== next.order && found < 0) element.scrollTop = 0;
      draw();
    },
    focus: () => table.focus(),
    dispose() {
      observer.disconnect();
      cancelAnimationFrame(frame);
    },
  };
}

interface From {
  readonly at: number;
  readonly column: number;
  /** Rows of a page. */
  readonly page: number;
  readonly lastColumn: number;
  /** Whether Ctrl or Cmd is held, by which Home and End lead through the rows. */
  readonly jump: boolean;
}

/** Where a key leads from a cell; may lie beyond an end. Undefined for a key that leads nowhere. */
function targetOf(key: string, { at, column, page, lastColumn, jump }: From): { at: number; column: number } | undefined {
  switch (key) {
    case 'ArrowDown':
      return { at: at + 1, column };
    case 'ArrowUp':
      return { at: at - 1, column };
    case 'ArrowRight':
      return { at, column: column + 1 };
    case 'ArrowLeft':
      return { at, column: column - 1 };
    case 'PageDown':
      return { at: at + page, column };
    case 'PageUp':
      return { at: at - page, column };
    case 'Home':
      return jump ? { at: 0, column } : { at, column: 0 };
    case 'End':
      return jump ? { at: Number.POSITIVE_INFINITY, column } : { at, column: lastColumn };
    default:
      return undefined;
  }
}

function cellId({ at, column }: { readonly at: number; readonly column: number }): string {
  return `cell-${at}-${column}`;
}

function spacer(): HTMLElement {
  const element = html('tr', 'spacer');
  setAttribute(element, 'aria-hidden', 'true');
  return element;
}

/** Headings as buttons. Those that are there already are kept, so that the focus stays on the one that was pressed. */
function drawHead(head: HTMLElement, columns: readonly InspectionColumn[], sort: Sorting, events: GridEvents): void {
  const key = columns.map(({ id }) => id).join(' ');
  if (head.dataset['columns'] !== key) {
    head.dataset['columns'] = key;
    const cells = columns.map(({ id, title, hint, numeric }) => {
      const press = html('button', 'sort', html('span', 'sort-name', title), html('span', 'sort-arrow'));
      press.type = 'button';
      press.title = hint;
      press.addEventListener('click', () => {
        const current = press.closest('th')?.getAttribute('aria-sort');
        // What there is most of is asked for first.
        const descending = current === null ? numeric : current === 'ascending';
        events.sort({ column: id, descending });
      });
      const cell = html('th', `grid-${id}${numeric ? ' numeric' : ''}`, press);
      setAttribute(cell, 'scope', 'col');
      // In a table of fixed layout what has no width takes what is left.
      if (id !== 'path') setStyle(cell, 'width', `${WIDTHS[id]}px`);
      return cell;
    });
    head.replaceChildren(...cells);
    setAttribute(head, 'aria-rowindex', 1);
  }
  for (const [index, { id }] of columns.entries()) {
    const cell = head.children[index];
    if (!cell) continue;
    const sorted = id === sort.column ? (sort.descending ? 'descending' : 'ascending') : undefined;
    setAttribute(cell, 'aria-sort', sorted);
    const arrow = cell.querySelector('.sort-arrow');
    if (arrow) setText(arrow, sorted === undefined ? '' : sorted === 'ascending' ? '↑' : '↓');
  }
}

function cellOf(column: InspectionColumn, row: Row, selected: boolean): HTMLTableCellElement {
  const text = column.text(row);
  const cell = html('td', `grid-${column.id}${column.numeric ? ' numeric' : ''}`);
  setAttribute(cell, 'role', 'gridcell');
  if (column.stands?.(row)) cell.classList.add('stands');
  if (column.id !== 'path') {
    cell.textContent = text;
    const more = hintOf(column, row);
    if (more !== undefined) cell.title = more;
    return cell;
  }
  const slash = text.lastIndexOf('/');
  const twisty = html('span', 'twisty', icon('chevron'));
  twisty.title = selected ? 'Close details (Space)' : 'Show details (Space)';
  cell.append(
    twisty,
    html('span', 'file-name', text.slice(slash + 1)),
    ...(slash < 0 ? [] : [html('span', 'file-directory', text.slice(0, slash))]),
  );
  if (row.file.unsaved) cell.append(html('span', 'file-note', 'unsaved'));
  cell.title = row.file.kind === 'unread' ? row.file.message : text;
  return cell;
}

/** What a cell means, where its figure does not say it. */
function hintOf({ id }: InspectionColumn, { file }: Row): string | undefined {
  if (id === 'commit') return file.commit ? `${file.commit.hash.slice(0, 10)} ${file.commit.subject}` : undefined;
  if (file.kind === 'unread') return file.message;
  if (file.kind !== 'text') return undefined;
  switch (id) {
    case 'longestLine':
      return file.longestLine ? `Line ${file.longestLine.line}` : undefined;
    case 'markers':
      return (
        file.markers
          .slice(0, 8)
          .map(({ line, text }) => `${line}: ${text}`)
          .join('\n') || undefined
      );
    case 'secrets':
      return file.secrets.map(({ line, rule }) => `${line}: ${rule}`).join('\n') || undefined;
    default:
      return undefined;
  }
}
