/** The view of an inspection: what was found in a line, a filter, the table and the details of a file. */
import { FILTERS, INSPECTION_COLUMNS, isColumn, type Row, type Sorting } from '../core/inspect/columns.js';
import { type InspectedFile, type Place, summarize } from '../core/inspect/row.js';
import { countText, durationText } from '../core/messages.js';
import type { ToWebview } from '../protocol.js';
import { html, setAttribute, setText } from './dom.js';
import { createFileDetails } from './inspection-details.js';
import { createInspectionHeader, type InspectionPanel } from './inspection-header.js';
import { createInspectionRows } from './inspection-rows.js';
import { createGrid } from './inspection-table.js';
import { createRedraw } from './redraw.js';
import type { View } from './run-view.js';
import type { Surface } from './surface.js';

const BY_PATH: Sorting = { column: 'path', descending: false };

/** Fills `container` with an inspection. `announce` tells screen readers. */
export function createInspectionView(container: HTMLElement, surface: Surface, announce: (text: string) => void): View {
  let panel: InspectionPanel | undefined;
  let order: readonly number[] = [];
  let selected: number | undefined;
  let sort = sortOf(surface);
  const known = createInspectionRows();
  const remember = (change: { readonly filter?: string; readonly sort?: Sorting }): void => {
    if (!panel) return;
    const { run: _, verification: __, selected: ___, tuning: ____, inspection, ...rest } = surface.memory();
    const before = inspection?.run === panel.run ? inspection : { filter: '', sort: BY_PATH };
    surface.remember({ ...rest, inspection: { ...before, ...change, run: panel.run } });
    redraw.now();
  };

  const header = createInspectionHeader(surface, {
    run: () => panel?.run,
    rows: () => order,
    filter(text) {
      filter.set(text);
      remember({ filter: text });
    },
  });
  const filter = createFilter(
    (text) => remember({ filter: text }),
    () => grid.focus(),
  );
  const grid = createGrid({
    sort(next) {
      sort = next;
      remember({ sort: next });
      const title = INSPECTION_COLUMNS.find(({ id }) => id === next.column)?.title ?? '';
      announce(`Sorted by ${title}, ${next.descending ? 'descending' : 'ascending'}.`);
    },
    open: (row, column) => openAt(row, INSPECTION_COLUMNS.find(({ id }) => id === column)?.place?.(known.rows()[row] ?? NO_ROW)),
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
  const page = html('div', 'inspection-view', header.element, filter.element, lower);
  container.append(page);
  // While rows arrive, sorting many again and again takes a tenth of the time at most.
  const redraw = createRedraw(() => {
    order = known.arrange(surface.memory().inspection?.filter ?? '', sort);
    paint();
  });
  const redrawSoon = (): void => redraw.soon(panel?.state.kind === 'running');

  function openAt(row: number, place: Place | undefined): void {
    // Rows that are about to be replaced have other places in what has ended.
    if (!panel || known.isReplacing() || known.files()[row]?.kind === 'unread') return;
    const at = place ? { line: place.line, column: place.column } : {};
    surface.post({ type: 'open file', run: panel.run, row, ...at });
  }

  function select(row: number | undefined, byKey: boolean): void {
    selected = row;
    paint();
    // Where there is room for one pane only, the table is hidden now.
    if (row !== undefined && byKey && grid.element.offsetParent === null) details.focus();
  }

  function paint(): void {
    if (!panel) return;
    const ended = panel.state.kind === 'ended' ? panel.state : undefined;
    const files = known.files();
    const rows = known.rows();
    header.update(panel, ended && !known.isReplacing() ? summarize(files) : undefined, known.withProblems());
    const all = ended?.files ?? files.length;
    const count = order.length === all ? countText(all, 'file') : `${order.length} of ${countText(all, 'file')}`;
    filter.tell(ended ? count : all === 0 ? '' : `${count} so far`);
    page.classList.toggle('with-details', selected !== undefined);
    grid.update({ rows, order, sort, selected, commits: ended?.head.commits ?? false });
    details.update(selected === undefined ? undefined : rows[selected]);
  }

  /** The rows of what has ended take the place of the others together, with the same file selected. */
  function take(from: number, more: readonly InspectedFile[]): void {
    const path = selected === undefined ? undefined : known.files()[selected]?.path;
    const taken = known.add(from, more, panel?.state.kind === 'ended' ? panel.state.files : undefined);
    switch (taken) {
      case 'ignored':
        return;
      case 'added':
        redrawSoon();
        return;
      case 'replacing':
        paint();
        return;
      case 'replaced': {
        const found = known.files().findIndex((file) => file.path === path);
        selected = found < 0 ? undefined : found;
        redraw.now();
        return;
      }
      default:
        taken satisfies never;
    }
  }

  function show(view: InspectionPanel): void {
    const other = panel?.run !== view.run;
    const wasRunning = !other && panel?.state.kind === 'running';
    panel = view;
    if (wasRunning && view.state.kind === 'running') {
      paint();
      return;
    }
    known.restart(wasRunning);
    if (other) {
      selected = undefined;
      const remembered = surface.memory().inspection;
      const same = remembered?.run === view.run ? remembered : undefined;
      sort = same ? sortOf(surface) : BY_PATH;
      filter.set(same?.filter ?? '');
      remember({});
    } else if (wasRunning) take(0, []);
    else redraw.now();
    if (wasRunning && view.state.kind === 'ended') announce(`${view.label}: done in ${durationText(view.state.head.tookMs)}.`);
  }

  return {
    receive(message: ToWebview) {
      switch (message.type) {
        case 'show':
          if (message.view.kind === 'inspection') show(message.view);
          return;
        case 'inspected':
          if (message.run === panel?.run) take(message.from, message.files);
          return;
        case 'problems':
          if (message.run !== panel?.run) return;
          known.setProblems(message.files);
          redrawSoon();
          return;
        case 'update':
        case 'output':
          return;
        default:
          message satisfies never;
      }
    },
    dispose() {
      redraw.stop();
      grid.dispose();
      page.remove();
    },
  };
}

const NO_ROW: Row = { file: { kind: 'unread', path: '', message: '' } };

function sortOf(surface: Surface): Sorting {
  const { column = 'path', descending = false } = surface.memory().inspection?.sort ?? {};
  return isColumn(column) ? { column, descending } : BY_PATH;
}

/** What rows have to hold, and how many do. `leave` goes on to the table. */
function createFilter(change: (text: string) => void, leave: () => void) {
  const input = html('input', 'filter-input');
  input.type = 'search';
  input.placeholder = 'Filter by name, language, author, text of a marker …';
  setAttribute(input, 'aria-label', 'Filter');
  const names = Object.keys(FILTERS).map((name) => `is:${name}`);
  input.title = `Words that a row has to hold. ${names.join(', ')} ask for what a file has.`;
  input.addEventListener('input', () => change(input.value));
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'ArrowDown' && event.key !== 'Enter') return;
    event.preventDefault();
    leave();
  });
  const count = html('span', 'note filter-count');
  return {
    element: html('div', 'filter-row', input, count),
    set(text: string): void {
      input.value = text;
    },
    tell: (text: string): void => setText(count, text),
  };
}
