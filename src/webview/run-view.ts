/** The view of one run: header, timeline, timing tree and details, kept up to date while the run goes on. */

import type { Timing } from '../core/measured.js';
import { countText, durationText, outcomeText, remainingText } from '../core/messages.js';
import type { OperationId, OperationState, RunState } from '../core/model.js';
import { leavesOf } from '../core/parts.js';
import { timing as measure } from '../core/timing.js';
import type { PanelView, ToWebview } from '../protocol.js';
import { createDetails } from './details.js';
import { html } from './dom.js';
import { createLegend, createTimeline } from './draw.js';
import { pictureText } from './format.js';
import { createHeader } from './header.js';
import { domainFor, layoutTimeline } from './layout.js';
import { createLiveClock } from './live-clock.js';
import type { Surface } from './surface.js';
import { createTable } from './table.js';
import { createTooltip } from './tooltip.js';

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
  let width = 0;
  let domainMs: number | undefined;
  let hovered: OperationId | undefined;
  let account: Timing | undefined;
  let accountedAt = 0;
  let scheduled = 0;
  let waiting = 0;
  let refreshedAt = 0;
  let cost = 0;

  const header = createHeader(surface);
  const tooltip = createTooltip();
  const select = (operation: OperationId | undefined): void => {
    const { selected: _, ...memory } = surface.memory();
    surface.remember(operation === undefined ? memory : { ...memory, selected: operation });
    refresh();
  };
  const hover = (operation: OperationId | undefined): void => {
    if (operation === hovered) return;
    hovered = operation;
    table.highlight(operation);
    drawTimeline();
  };
  const timeline = createTimeline(
    {
      hover(operation, place) {
        tooltip.show(operation, place, clock.now());
        hover(operation?.id);
      },
      select,
    },
    'run',
  );
  const table = createTable({
    select(operation, byKey) {
      select(operation);
      // Where there is room for one pane only, the row that had the focus is hidden now.
      if (byKey || tableScroll.offsetParent === null) details.focus();
    },
    hover,
    collapse(node, collapsed) {
      const memory = surface.memory();
      const others = memory.collapsed.filter((id) => id !== node);
      surface.remember({ ...memory, collapsed: collapsed ? [...others, node] : others });
      refresh();
    },
    sort(sort) {
      surface.remember({ ...surface.memory(), sort });
      refresh();
    },
    leave: () => close(),
  });
  const details = createDetails(surface, () => close());
  const picture = html('section', 'picture', createLegend(true), html('div', 'picture-scroll', timeline.element));
  picture.setAttribute('aria-label', 'Timeline');
  const tableScroll = html('div', 'table-scroll', table.element);
  const lower = html('div', 'lower', tableScroll, details.element);
  const page = html('div', 'run-view', header.element, picture, lower, tooltip.element);
  container.append(page);

  const clock = createLiveClock(onFrame);
  const observer = new ResizeObserver(() => {
    const next = timeline.element.clientWidth;
    if (next === width) return;
    width = next;
    drawTimeline();
  });
  observer.observe(timeline.element);

  function close(): void {
    const { selected } = surface.memory();
    if (selected === undefined) return;
    select(undefined);
    table.focus(selected);
  }

  function onFrame(now: number): void {
    if (!panel) return;
    const grown = domainFor(now, true, domainMs) !== domainMs;
    if (grown || now - accountedAt > Math.max(FIGURES_MS, pause())) refresh();
    else if (domainMs !== undefined) timeline.moveNow(now, domainMs);
  }

  /** Drawing everything anew may take a tenth of the time; large runs are drawn less often, not less smoothly. */
  function pause(): number {
    return 9 * cost;
  }

  /** Messages that arrive before the next picture are drawn once. */
  function schedule(): void {
    if (waiting !== 0 || scheduled !== 0) return;
    waiting = window.setTimeout(
      () => {
        waiting = 0;
        scheduled = requestAnimationFrame(refresh);
      },
      refreshedAt + pause() - performance.now(),
    );
  }

  function refresh(): void {
    cancelAnimationFrame(scheduled);
    clearTimeout(waiting);
    scheduled = 0;
    waiting = 0;
    if (!panel) return;
    const begun = performance.now();
    const { state, remaining } = panel;
    const now = clock.now();
    accountedAt = now;
    account = measure(state, now);
    domainMs = domainFor(account.makespanMs, state.outcome === undefined, domainMs);
    const memory = surface.memory();
    const operation = [...state.operations, ...leavesOf(state.operations)].find((each) => each.id === memory.selected);
    page.classList.toggle('with-details', operation !== undefined);
    header.update(panel, account, remaining && remainingText(remaining, now));
    table.update({
      state,
      timing: account,
      scaleMs: domainMs,
      selected: operation?.id,
      collapsed: memory.collapsed,
      sort: memory.sort,
    });
    details.update(operation && { state, operation, criticalPath: account.criticalPath, now, root });
    drawTimeline();
    refreshedAt = performance.now();
    cost = refreshedAt - begun;
  }

  function drawTimeline(): void {
    if (!panel || !account || width === 0) return;
    const { state } = panel;
    const running = state.outcome === undefined;
    const now = running ? clock.now() : state.at;
    domainMs = domainFor(now, running, domainMs);
    const { selected } = surface.memory();
    const spotlight = hovered ?? selected;
    const layout = layoutTimeline({
      operations: leavesOf(state.operations),
      slots: state.mode === 'sequential' ? 1 : state.slots,
      criticalPath: account.criticalPath,
      now,
      domainMs,
      width,
      waits: true,
      ...(spotlight === undefined ? {} : { spotlight }),
    });
    timeline.draw(layout, pictureText(state, account.makespanMs));
    timeline.mark({ selected, hovered });
    timeline.moveNow(running ? now : undefined, domainMs);
  }

  function show(view: RunPanel, nextRoot: string): void {
    const same = panel?.state.run === view.state.run;
    root = nextRoot;
    if (!same) {
      domainMs = undefined;
      const { selected: _, run, verification: __, inspection: ___, tuning: ____, ...memory } = surface.memory();
      surface.remember(run === view.state.run ? surface.memory() : { ...memory, run: view.state.run });
    }
    setState(view, view.now);
  }

  function setState(next: RunPanel, now: number): void {
    const ended = panel?.state.run === next.state.run && panel.state.outcome === undefined && next.state.outcome !== undefined;
    const first = panel?.state.run !== next.state.run;
    panel = next;
    clock.set(now, next.state.outcome === undefined);
    if (first || ended) refresh();
    else schedule();
    if (ended) announce(endText(next.state));
  }

  return {
    receive(message) {
      switch (message.type) {
        case 'show':
          if (message.view.kind === 'run') show(message.view, message.root);
          return;
        case 'update':
          if (panel && message.run === panel.state.run) setState(updated(panel, message), message.now);
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
      observer.disconnect();
      clock.stop();
      cancelAnimationFrame(scheduled);
      clearTimeout(waiting);
      page.remove();
    },
  };
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
