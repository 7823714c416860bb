/** Both timelines of a pair, one above the other on one scale. */

import type { Timing } from '../core/measured.js';
import { countText, durationText } from '../core/messages.js';
import type { Mode, OperationId, RunState } from '../core/model.js';
import { leavesOf } from '../core/parts.js';
import { timing as measure } from '../core/timing.js';
import { html, setText } from './dom.js';
import { createTimeline } from './draw.js';
import { pictureText } from './format.js';
import { domainFor, layoutTimeline } from './layout.js';
import type { Pair } from './pairs.js';
import { createTooltip } from './tooltip.js';

export interface TracksEvents {
  /** Milliseconds of the run that goes on, now. */
  now(): number;
  select(mode: Mode, operation: OperationId): void;
}

export interface Tracks {
  readonly elements: readonly HTMLElement[];
  /** Lies above everything, so it goes to the end of the page. */
  readonly tooltip: HTMLElement;
  /** Draws the trials of a pair for the width that there is; pair 0 is the warm-up. */
  draw(pair: Pair | undefined, selected: OperationId | undefined): void;
  /** Another pair begins with a scale of its own. */
  forget(): void;
}

const MODES = ['sequential', 'parallel'] as const;

/** How a mode is called in the panel. */
export function modeText(mode: Mode): string {
  return mode === 'sequential' ? 'One after another' : 'In parallel';
}

/** How far the clock of a run is: what ended stands still. */
export function nowOf(state: RunState, now: number): number {
  return state.outcome === undefined ? Math.max(state.at, now) : state.at;
}

/** Two timelines without operations. */
export function createTracks({ now, select }: TracksEvents): Tracks {
  let domainMs: number | undefined;
  let selected: OperationId | undefined;
  let hovered: OperationId | undefined;
  const tooltip = createTooltip();
  const mark = (): void => {
    for (const { timeline } of tracks) timeline.mark({ selected, hovered });
  };
  const tracks = MODES.map((mode) => {
    const label = html('h3', 'track-label');
    const timeline = createTimeline(
      {
        hover(operation, place) {
          tooltip.show(operation, place, now());
          if (operation?.id === hovered) return;
          hovered = operation?.id;
          mark();
        },
        select: (operation) => select(mode, operation),
      },
      mode,
    );
    return { mode, label, timeline, element: html('div', 'track', label, timeline.element) };
  });

  function drawTrack({ label, timeline, element, mode }: (typeof tracks)[number], state: RunState | undefined, name: string) {
    const at = state && nowOf(state, now());
    const account = state && measure(state, at ?? 0);
    setText(label, trackText(name, account, state));
    element.classList.toggle('absent', state === undefined);
    if (!state || !account || at === undefined || domainMs === undefined) return;
    const layout = layoutTimeline({
      operations: leavesOf(state.operations),
      slots: mode === 'sequential' ? 1 : state.slots,
      criticalPath: mode === 'sequential' ? [] : account.criticalPath,
      now: at,
      domainMs,
      width: timeline.element.clientWidth,
      waits: false,
    });
    timeline.draw(layout, pictureText(state, account.makespanMs));
    timeline.moveNow(state.outcome === undefined ? at : undefined, domainMs);
  }

  return {
    elements: tracks.map(({ element }) => element),
    tooltip: tooltip.element,
    draw(pair, nextSelected) {
      selected = nextSelected;
      const states = MODES.map((mode) => pair?.[mode]).filter((state) => state !== undefined);
      const running = states.some((state) => state.outcome === undefined);
      domainMs = domainFor(Math.max(1, ...states.map((state) => nowOf(state, now()))), running, domainMs);
      const warmUp = pair?.number === 0;
      for (const track of tracks) {
        track.element.hidden = warmUp && track.mode === 'sequential';
        drawTrack(track, pair?.[track.mode], warmUp ? 'Warm-up' : modeText(track.mode));
      }
      mark();
    },
    forget() {
      domainMs = undefined;
    },
  };
}

function trackText(name: string, account: Timing | undefined, state: RunState | undefined): string {
  if (!account || !state) return `${name}: not yet measured`;
  return `${name}: ${durationText(account.makespanMs)}${state.outcome === undefined ? ' so far' : ''}${state.mode === 'parallel' ? `, ${countText(state.slots, 'worker')}` : ''}`;
}
