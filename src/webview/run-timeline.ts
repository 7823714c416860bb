/** The timeline of a run with its legend and its tooltip, on a scale that grows with the run. */

import type { Timing } from '../core/measured.js';
import type { OperationId, RunState } from '../core/model.js';
import { leavesOf } from '../core/parts.js';
import { html, setAttribute } from './dom.js';
import { createLegend, createTimeline } from './draw.js';
import { pictureText } from './format.js';
import { domainFor, layoutTimeline } from './layout.js';
import { createTooltip } from './tooltip.js';

export interface RunTimelineEvents {
  /** Another operation is under the pointer, or none. */
  hover(operation: OperationId | undefined): void;
  select(operation: OperationId): void;
  /** Milliseconds of the run, now. */
  now(): number;
}

export interface RunTimelineInput {
  readonly state: RunState;
  readonly account: Timing;
  readonly selected: OperationId | undefined;
}

export interface RunTimeline {
  readonly element: HTMLElement;
  /** Lies above everything, so it goes to the end of the page. */
  readonly tooltip: HTMLElement;
  /** Makes the scale long enough for a makespan; answers its length in milliseconds. */
  reach(makespanMs: number, running: boolean): number;
  /** Whether the scale is too short for this time. */
  isOutgrown(now: number): boolean;
  update(input: RunTimelineInput): void;
  highlight(operation: OperationId | undefined): void;
  /** Moves only what marks the present. */
  moveNow(now: number): void;
  /** Another run begins with a scale of its own. */
  forget(): void;
  dispose(): void;
}

/** A timeline without operations. */
export function createRunTimeline(events: RunTimelineEvents): RunTimeline {
  let input: RunTimelineInput | undefined;
  let hovered: OperationId | undefined;
  let domainMs: number | undefined;
  let width = 0;
  const tooltip = createTooltip();
  const highlight = (operation: OperationId | undefined): void => {
    if (operation === hovered) return;
    hovered = operation;
    events.hover(operation);
    draw();
  };
  const timeline = createTimeline(
    {
      hover(operation, place) {
        tooltip.show(operation, place, events.now());
        highlight(operation?.id);
      },
      select: events.select,
    },
    'run',
  );
  const element = html('section', 'picture', createLegend(true), html('div', 'picture-scroll', timeline.element));
  setAttribute(element, 'aria-label', 'Timeline');
  const observer = new ResizeObserver(() => {
    const next = timeline.element.clientWidth;
    if (next === width) return;
    width = next;
    draw();
  });
  observer.observe(timeline.element);

  function reach(makespanMs: number, running: boolean): number {
    domainMs = domainFor(makespanMs, running, domainMs);
    return domainMs;
  }

  function draw(): void {
    if (!input || width === 0) return;
    const { state, account, selected } = input;
    const running = state.outcome === undefined;
    const now = running ? events.now() : state.at;
    const domain = reach(now, running);
    const spotlight = hovered ?? selected;
    const layout = layoutTimeline({
      operations: leavesOf(state.operations),
      slots: state.mode === 'sequential' ? 1 : state.slots,
      criticalPath: account.criticalPath,
      now,
      domainMs: domain,
      width,
      waits: true,
      ...(spotlight === undefined ? {} : { spotlight }),
    });
    timeline.draw(layout, pictureText(state, account.makespanMs));
    timeline.mark({ selected, hovered });
    timeline.moveNow(running ? now : undefined, domain);
  }

  return {
    element,
    tooltip: tooltip.element,
    reach,
    isOutgrown: (now) => domainFor(now, true, domainMs) !== domainMs,
    update(next) {
      input = next;
      draw();
    },
    highlight,
    moveNow(now) {
      if (domainMs !== undefined) timeline.moveNow(now, domainMs);
    },
    forget() {
      domainMs = undefined;
    },
    dispose: () => observer.disconnect(),
  };
}
