/** Live progress on a terminal: what runs and for how long, what ended, how long all took. */
import { countText, durationText, remainingText } from '../core/messages.js';
import type { Remaining, RunState } from '../core/model.js';
import { didNotPass } from '../core/parts.js';
import { finishedLine, type Style } from '../core/report/text.js';
import { spansOf } from '../core/timing.js';
import type { Terminal } from './terminal.js';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;

export interface LiveProgress {
  /** `now` is the run's clock. Redrawn at most ten times a second. */
  update(state: RunState, now: number, note?: string): void;
  /** What is asked at each redrawing for when the run is expected to end. */
  expect(remaining: () => Remaining | undefined): void;
  /** Removes the lines. */
  close(): void;
}

/** Undefined when standard error is no terminal. */
export function liveProgress(io: Terminal): LiveProgress | undefined {
  const { live } = io;
  if (!live) return undefined;
  let shown: { state: RunState; now: number; since: number; note: string | undefined } | undefined;
  let frame = 0;
  let remaining: (() => Remaining | undefined) | undefined;
  const draw = () => {
    if (!shown) return;
    frame += 1;
    const now = shown.state.outcome ? shown.now : shown.now + (performance.now() - shown.since);
    const left = remaining?.();
    const note = [shown.note, left && remainingText(left, now)].filter((part) => part !== undefined).join(' · ');
    live.draw(progressLines(shown.state, now, FRAMES[frame % FRAMES.length] ?? '', note, live.style));
  };
  const timer = setInterval(draw, FRAME_MS);
  return {
    update(state, now, note) {
      shown = { state, now, since: performance.now(), note };
    },
    expect(next) {
      remaining = next;
    },
    close() {
      clearInterval(timer);
      live.clear();
    },
  };
}

/** Pure: the lines for one moment of a run. What ended stands first, then what runs, then the summary. */
export function progressLines(
  state: RunState,
  now: number,
  spinner: string,
  note: string | undefined,
  style: Style,
): readonly string[] {
  const ended = state.operations.filter((operation) => operation.phase === 'finished');
  const running = state.operations.filter((operation) => operation.phase === 'running');
  const failed = ended.filter(({ outcome }) => didNotPass(outcome)).length;
  const waiting = state.operations.length - ended.length - running.length;
  const summary = [
    `${ended.length}/${state.operations.length} done`,
    ...(failed > 0 ? [style.red(`${failed} failed`)] : []),
    ...(waiting > 0 ? [`${waiting} waiting`] : []),
    durationText(now),
    ...(note ? [note] : []),
  ];
  return [
    ...ended.map((operation) => finishedLine(operation, spansOf(operation, now).running, style)),
    ...running.map(
      (operation) =>
        `${style.cyan(spinner)} running   ${operation.name}  ${style.dim(durationText(spansOf(operation, now).running))}`,
    ),
    style.dim(`${countText(running.length, 'gate')} running · `) + summary.join(style.dim(' · ')),
  ];
}
