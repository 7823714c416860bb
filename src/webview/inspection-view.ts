/** The view of an inspection: what was found in a line, a filter, the table and the details of a file. */
import {
  FILTERS,
  filteredRows,
  INSPECTION_COLUMNS,
  isColumn,
  type Row,
  type Sorting,
  sortedRows,
} from '../core/inspect/columns.js';
import { type FileProblems, type InspectedFile, type InspectionSummary, type Place, summarize } from '../core/inspect/row.js';
import { bytesText, countText, durationText } from '../core/messages.js';
import type { RunId } from '../core/model.js';
import { EXPORTS, type Export, type PanelView, type ToWebview } from '../protocol.js';
import { button, html, setAttribute, setText } from './dom.js';
import { createFileDetails } from './inspection-details.js';
import { createGrid } from './inspection-table.js';
import type { View } from './run-view.js';
import type { Surface } from './surface.js';

type InspectionPanel = Extract<PanelView, { kind: 'inspection' }>;

const BY_PATH: Sorting = { column: 'path', descending: false };

/** Fills `container` with an inspection. `announce` tells screen readers. */
export function createInspectionView(container: HTMLElement, surface: Surface, announce: (text: string) => void): View {
  let panel: InspectionPanel | undefined;
  let files: InspectedFile[] = [];
  /** The rows of what has ended, until all are there: meanwhile those stay that it had while it went on. */
  let coming: InspectedFile[] | undefined;
  let problems = new Map<number, FileProblems>();
  let rows: readonly Row[] = [];
  let order: readonly number[] = [];
  let selected: number | undefined;
  let scheduled = 0;
  let waiting = 0;
  let arrangedAt = 0;
  let cost = 0;

  const memory = () => surface.memory().inspection;
  const sortOf = (): Sorting => {
    const { column = 'path', descending = false } = memory()?.sort ?? {};
    return isColumn(column) ? { column, descending } : BY_PATH;
  };
  let sort = sortOf();
  const remember = (change: { readonly filter?: string; readonly sort?: Sorting }): void => {
    if (!panel) return;
    const { run: _, verification: __, selected: ___, tuning: ____, inspection, ...rest } = surface.memory();
    const before = inspection?.run === panel.run ? inspection : { filter: '', sort: BY_PATH };
    surface.remember({ ...rest, inspection: { ...before, ...change, run: panel.run } });
    arrange();
  };

  const header = createHeader(surface, {
    run: () => panel?.run,
    rows: () => order,
    filter(text) {
      filter.value = text;
      remember({ filter: text });
    },
  });
  const filter = html('input', 'filter-input');
  filter.type = 'search';
  filter.placeholder = 'Filter by name, language, author, text of a marker …';
  setAttribute(filter, 'aria-label', 'Filter');
  filter.title = `Words that a row has to hold. ${Object.keys(FILTERS)
    .map((name) => `is:${name}`)
    .join(', ')} ask for what a file has.`;
  filter.addEventListener('input', () => remember({ filter: filter.value }));
  filter.addEventListener('keydown', (event) => {
    if (event.key !== 'ArrowDown' && event.key !== 'Enter') return;
    event.preventDefault();
    grid.focus();
  });
  const shown = html('span', 'note filter-count');
  const grid = createGrid({
    sort(next) {
      sort = next;
      remember({ sort: next });
      const title = INSPECTION_COLUMNS.find(({ id }) => id === next.column)?.title ?? '';
      announce(`Sorted by ${title}, ${next.descending ? 'descending' : 'ascending'}.`);
    },
    open: (row, column) => openAt(row, INSPECTION_COLUMNS.find(({ id }) => id === column)?.place?.(rows[row] ?? NO_ROW)),
    details: (row) => select(selected === row ? undefined : row, true),
    activate(row) {
      if (selected !== undefined) select(row, false);
    },
    leave: () => select(undefined, false),
  });
  const details = createFileDetails(
    (place) => selected !== undefined && openAt(selected, place),
    () => {
      select(undefined, false);
      grid.focus();
    },
  );
  const lower = html('div', 'lower', grid.element, details.element);
  const page = html('div', 'inspection-view', header.element, html('div', 'filter-row', filter, shown), lower);
  container.append(page);

  function openAt(row: number, place: Place | undefined): void {
    // Rows that are about to be replaced have other places in what has ended.
    if (!panel || coming || files[row]?.kind === 'unread') return;
    const at = place ? { line: place.line, column: place.column } : {};
    surface.post({ type: 'open file', run: panel.run, row, ...at });
  }

  function select(row: number | undefined, byKey: boolean): void {
    selected = row;
    paint();
    // Where there is room for one pane only, the table is hidden now.
    if (row !== undefined && byKey && grid.element.offsetParent === null) details.focus();
  }

  /** Rows that arrive before the next picture are drawn once; sorting many again and again takes a tenth of the time at most. */
  function schedule(): void {
    if (scheduled !== 0 || waiting !== 0) return;
    waiting = window.setTimeout(
      () => {
        waiting = 0;
        scheduled = requestAnimationFrame(arrange);
      },
      panel?.state.kind === 'running' ? arrangedAt + 9 * cost - performance.now() : 0,
    );
  }

  function arrange(): void {
    cancelAnimationFrame(scheduled);
    clearTimeout(waiting);
    scheduled = waiting = 0;
    const begun = performance.now();
    rows = files.map((file, index): Row => {
      const known = problems.get(index);
      const row = rows[index];
      return row?.file === file && row.problems === known ? row : { file, ...(known ? { problems: known } : {}) };
    });
    const indexes = new Map(rows.map((row, index) => [row, index]));
    const wanted = sortedRows(filteredRows(rows, memory()?.filter ?? ''), sort);
    order = wanted.map((row) => indexes.get(row) ?? 0);
    paint();
    arrangedAt = performance.now();
    cost = arrangedAt - begun;
  }

  function paint(): void {
    if (!panel) return;
    const ended = panel.state.kind === 'ended' ? panel.state : undefined;
    header.update(panel, ended && !coming ? summarize(files) : undefined, problems.size);
    const all = ended?.files ?? files.length;
    const count = order.length === all ? countText(all, 'file') : `${order.length} of ${countText(all, 'file')}`;
    setText(shown, ended ? count : all === 0 ? '' : `${count} so far`);
    page.classList.toggle('with-details', selected !== undefined);
    grid.update({ rows, order, sort, selected, commits: ended?.head.commits ?? false });
    details.update(selected === undefined ? undefined : rows[selected]);
  }

  /** Takes rows of what has ended; they take the place of the others together, with the same file selected. */
  function replace(more: readonly InspectedFile[]): void {
    if (!coming || panel?.state.kind !== 'ended') return;
    coming.push(...more);
    if (coming.length < panel.state.files) {
      paint();
      return;
    }
    const path = selected === undefined ? undefined : files[selected]?.path;
    files = coming;
    coming = undefined;
    const found = files.findIndex((file) => file.path === path);
    selected = found < 0 ? undefined : found;
    arrange();
  }

  function show(view: InspectionPanel): void {
    const other = panel?.run !== view.run;
    const ends = !other && panel?.state.kind === 'running' && view.state.kind === 'ended';
    const goesOn = !other && panel?.state.kind === 'running' && view.state.kind === 'running';
    panel = view;
    if (goesOn) {
      paint();
      return;
    }
    coming = ends ? [] : undefined;
    if (!ends) files = [];
    problems = new Map();
    if (other) {
      selected = undefined;
      const known = memory();
      sort = known?.run === view.run ? sortOf() : BY_PATH;
      filter.value = known?.run === view.run ? known.filter : '';
      remember({});
    } else if (ends) replace([]);
    else arrange();
    if (ends && view.state.kind === 'ended') announce(`${view.label}: done in ${durationText(view.state.head.tookMs)}.`);
  }

  return {
    receive(message: ToWebview) {
      switch (message.type) {
        case 'show':
          if (message.view.kind === 'inspection') show(message.view);
          return;
        case 'inspected':
          if (message.run !== panel?.run || message.from !== (coming ?? files).length) return;
          if (coming) return replace(message.files);
          files.push(...message.files);
          schedule();
          return;
        case 'problems':
          if (message.run !== panel?.run) return;
          for (const [index, known] of message.files) known ? problems.set(index, known) : problems.delete(index);
          schedule();
          return;
        case 'update':
        case 'output':
          return;
        default:
          message satisfies never;
      }
    },
    dispose() {
      cancelAnimationFrame(scheduled);
      clearTimeout(waiting);
      grid.dispose();
      page.remove();
    },
  };
}

const NO_ROW: Row = { file: { kind: 'unread', path: '', message: '' } };

// --------------------------------------------------------------------------------------------------------------- header

interface HeaderEvents {
  readonly run: () => RunId | undefined;
  /** Indexes of the rows that are shown, in order. */
  readonly rows: () => readonly number[];
  filter(text: string): void;
}

const FORMATS: Readonly<Record<Export, string>> = { csv: 'CSV', json: 'JSON', markdown: 'Markdown' };

function createHeader(surface: Surface, events: HeaderEvents) {
  const title = html('h1', 'outcome-word');
  const facts = html('p', 'outcome-note');
  const chips = html('div', 'chips');
  setAttribute(chips, 'role', 'group');
  setAttribute(chips, 'aria-label', 'Show only files with');
  const notes = html('ul', 'inspection-notes');
  const post = (send: (run: RunId) => void) => () => {
    const run = events.run();
    if (run !== undefined) send(run);
  };
  const cancel = button('Cancel', 'secondary', () => surface.post({ type: 'cancel' }));
  const again = button(
    'Inspect Again',
    'primary',
    post((run) => surface.post({ type: 'inspect again', run })),
  );
  const timing = button(
    'Timing',
    'secondary',
    post((run) => surface.post({ type: 'show timing', run })),
  );
  timing.title = 'Where the time of this inspection went';
  const exports = EXPORTS.map((format) => {
    const press = button(
      FORMATS[format],
      'secondary',
      post((run) => surface.post({ type: 'export', run, format, rows: events.rows() })),
    );
    press.title = `Export the rows that are shown as ${FORMATS[format]}`;
    setAttribute(press, 'aria-label', `Export as ${FORMATS[format]}`);
    return press;
  });
  const actions = html('div', 'actions', cancel, again, timing, html('span', 'note export-label', 'Export'), ...exports);
  const element = html(
    'header',
    'run-header',
    html('div', 'headline', html('div', 'inspection-title', title, facts), actions),
    chips,
    notes,
  );
  const ofEnded = [again, ...exports];
  return {
    element,
    update(panel: InspectionPanel, summary: InspectionSummary | undefined, withProblems: number): void {
      const { state } = panel;
      setText(title, panel.label);
      setText(
        facts,
        state.kind === 'running' ? `${state.done} of ${countText(state.of, 'operation')} done` : factsText(state, summary),
      );
      cancel.hidden = state.kind === 'ended';
      for (const each of ofEnded) each.hidden = state.kind === 'running';
      const complete = state.kind === 'ended' && summary?.files === state.files;
      drawChips(chips, complete ? chipsOf(summary, withProblems) : [], events);
      const texts = state.kind === 'ended' ? state.head.notes : [];
      notes.hidden = texts.length === 0;
      notes.replaceChildren(...texts.map((text) => html('li', 'note', text)));
    },
  };
}

function factsText(state: Extract<InspectionPanel['state'], { kind: 'ended' }>, summary: InspectionSummary | undefined): string {
  const started = new Date(state.head.startedAt);
  const figures = summary
    ? [`${summary.lines.toLocaleString()} ${summary.lines === 1 ? 'line' : 'lines'}`, bytesText(summary.bytes)]
    : [];
  return [
    ...figures,
    `took ${durationText(state.head.tookMs)}`,
    started.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' }),
  ].join('  ·  ');
}

type Chip = readonly [count: number, text: string, filter: string];

/** What stands out most first. */
function chipsOf(summary: InspectionSummary, withProblems: number): readonly Chip[] {
  const chips: readonly Chip[] = [
    [summary.secrets, 'with possible secrets', 'is:secrets'],
    [summary.conflicts, 'with conflict markers', 'is:conflicts'],
    [withProblems, 'with problems', 'is:problems'],
    [summary.markers, 'with TODO, FIXME or BUG', 'is:markers'],
    [summary.trailingWhitespace, 'with trailing whitespace', 'is:trailing'],
    [summary.mixedIndentation, 'with mixed indentation', 'is:mixed'],
    [summary.mixedLineEndings, 'with mixed line endings', 'is:endings'],
    [summary.binary, 'binary', 'is:binary'],
    [summary.unread, 'not read', 'is:unread'],
  ];
  return chips.filter(([count]) => count > 0);
}

/** Redrawn only when a figure changed, so that the focus stays. */
function drawChips(parent: HTMLElement, chips: readonly Chip[], events: HeaderEvents): void {
  const key = JSON.stringify(chips);
  if (parent.dataset['key'] === key) return;
  parent.dataset['key'] = key;
  parent.hidden = chips.length === 0;
  parent.replaceChildren(
    ...chips.map(([count, text, filter]) => {
      const press = button('', 'chip', () => events.filter(filter));
      press.append(html('b', '', String(count)), ` ${text}`);
      press.title = `Show only these: ${filter}`;
      return press;
    }),
  );
}
