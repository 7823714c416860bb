/** The view of one run: header, timeline, timing tree and details, kept up to date while the run goes on. */

import { countText, durationText, outcomeText, remainingText } from '../core/messages.js';
import type { OperationId, OperationState, RunId, RunState } from '../core/model.js';
import { leavesOf } from '../core/parts.js';
import { timing as measure } from '../core/timing.js';
import type { PanelView, ToWebview } from '../protocol.js';
import { createDetails } from './details.js';
import { html } from './dom.js';
import { createHeader } from './header.js';
import { createLiveClock } from './live-clock.js';
import { createRedraw } from './redraw.js';
import { createRunTimeline } from './run-timeline.js';
import type { Surface } from './surface.js';
import { createTable } from './table.js';

type RunPanel = Extract<PanelView, { kind: 'run' }>;

/** One of the panel's views, in the document until it is disposed. */
export interface View {
  receive(message: ToWebview): void;
  dispose(): void;
}

/** While a run goes on, figures and rows follow the clock this often. */
const FIGURES_MS = 150;

/** Fills `container` with a run. `announce` tells screen readers. */
export function createRunView(container: HTMLElement, surface: Surface, announce: (text: string) => void): View {
  let panel: RunPanel | undefined;
  let root = '';
  let drawnFor = 0;

  const header = createHeader(surface);
  const timeline = createRunTimeline({ hover: (operation) => table.highlight(operation), select, now: () => clock.now() });
  const table = createTable({
    select(operation, byKey) {
      select(operation);
      // Where there is room for one pane only, the row that had the focus is hidden now.
      if (byKey || tableScroll.offsetParent === null) details.focus();
    },
    hover: timeline.highlight,
    collapse(node, collapsed) {
      const memory = surface.memory();
      const others = memory.collapsed.filter((id) => id !== node);
      surface.remember({ ...memory, collapsed: collapsed ? [...others, node] : others });
      redraw.now();
    },
    sort(sort) {
      surface.remember({ ...surface.memory(), sort });
      redraw.now();
    },
    leave: close,
  });
  const details = createDetails(surface, close);
  const tableScroll = html('div', 'table-scroll', table.element);
  const lower = html('div', 'lower', tableScroll, details.element);
  const page = html('div', 'run-view', header.element, timeline.element, lower, timeline.tooltip);
  container.append(page);
  const redraw = createRedraw(draw);
  const clock = createLiveClock((now) => {
    if (timeline.isOutgrown(now) || now - drawnFor > Math.max(FIGURES_MS, redraw.pauseMs())) redraw.now();
    else timeline.moveNow(now);
  });

  function select(operation: OperationId | undefined): void {
    const { selected: _, ...memory } = surface.memory();
    surface.remember(operation === undefined ? memory : { ...memory, selected: operation });
    redraw.now();
  }

  function close(): void {
    const { selected } = surface.memory();
    if (selected === undefined) return;
    select(undefined);
    table.focus(selected);
  }

  function draw(): void {
    if (!panel) return;
    const { state, remaining } = panel;
    const now = clock.now();
    drawnFor = now;
    const account = measure(state, now);
    const scaleMs = timeline.reach(account.makespanMs, state.outcome === undefined);
    const { selected: wanted, collapsed, sort } = surface.memory();
    const operation = [...state.operations, ...leavesOf(state.operations)].find((each) => each.id === wanted);
    page.classList.toggle('with-details', operation !== undefined);
    header.update(panel, account, remaining && remainingText(remaining, now));
    table.update({ state, timing: account, scaleMs, selected: operation?.id, collapsed, sort });
    details.update(operation && { state, operation, criticalPath: account.criticalPath, now, root });
    timeline.update({ state, account, selected: wanted });
  }

  function set(next: RunPanel, now: number): void {
    const same = panel?.state.run === next.state.run;
    const ended = same && panel?.state.outcome === undefined && next.state.outcome !== undefined;
    if (!same) {
      timeline.forget();
      recall(surface, next.state.run);
    }
    panel = next;
    clock.set(now, next.state.outcome === undefined);
    if (!same || ended) redraw.now();
    else redraw.soon(true);
    if (ended) announce(endText(next.state));
  }

  return {
    receive(message) {
      switch (message.type) {
        case 'show':
          root = message.root;
          if (message.view.kind === 'run') set(message.view, message.view.now);
          return;
        case 'update':
          if (panel && message.run === panel.state.run) set(updated(panel, message), message.now);
          return;
        case 'output':
          details.showOutput(message.run, message.operation, message);
          return;
        case 'inspected':
        case 'problems':
          return;
        default:
          message satisfies never;
      }
    },
    dispose() {
      timeline.dispose();
      clock.stop();
      redraw.stop();
      page.remove();
    },
  };
}

/** What was remembered about another run, or another view, is forgotten. */
function recall(surface: Surface, shown: RunId): void {
  const { selected: _, run, verification: __, inspection: ___, tuning: ____, ...memory } = surface.memory();
  if (run !== shown) surface.remember({ ...memory, run: shown });
}

function updated({ remaining: _, ...panel }: RunPanel, update: Extract<ToWebview, { type: 'update' }>): RunPanel {
  const { remaining } = update;
  return { ...panel, state: merge(panel.state, update), ...(remaining === undefined ? {} : { remaining }) };
}

/** The state after an update: operations it names are replaced, all others keep their identity. */
export function merge(state: RunState, update: Extract<ToWebview, { type: 'update' }>): RunState {
  const changed = new Map<OperationId, OperationState>(update.operations.map((operation) => [operation.id, operation]));
  const { outcome } = update;
  return {
    ...state,
    at: Math.max(state.at, update.now),
    slots: update.slots,
    slotMoves: update.slotMoves,
    operations:
      changed.size === 0 ? state.operations : state.operations.map((operation) => changed.get(operation.id) ?? operation),
    ...(outcome === undefined ? {} : { outcome }),
  };
}

function endText(state: RunState): string {
  const counts = new Map<string, number>();
  for (const { outcome } of state.operations) {
    if (outcome) counts.set(outcomeText(outcome), (counts.get(outcomeText(outcome)) ?? 0) + 1);
  }
  const parts = [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ');
  return `Run ${state.outcome ? outcomeText(state.outcome) : 'ended'} after ${durationText(state.at)}: ${countText(state.operations.length, 'operation')}, ${parts}.`;
}
