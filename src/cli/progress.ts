/** Live progress on a terminal: what runs and for how long, what ended, how long all took. */
import { countText, durationText, remainingText } from '../core/messages.js';
import type { Remaining, RunState } from '../core/model.js';
import { didNotPass } from '../core/parts.js';
import { finishedLine, type Style } from '../core/report/text.js';
import { spansOf } from '../core/timing.js';
import type { Terminal } from './terminal.js';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;

/** A moment of a run. */
export interface Moment {
  readonly state: RunState;
  /** By the run's clock, in milliseconds. */
  readonly now: number;
  /** What else there is to say of it. */
  readonly note?: string;
  /** When the run is expected to end. */
  readonly remaining?: Remaining | undefined;
}

export interface LiveProgress {
  /** Removes the lines. */
  close(): void;
}

/** Draws what `moment` returns ten times a second. Undefined when standard error is no terminal. */
export function liveProgress(io: Terminal, moment: () => Moment | undefined): LiveProgress | undefined {
  const { live } = io;
  if (!live) return undefined;
  let frame = 0;
  const draw = () => {
    const shown = moment();
    if (!shown) return;
    frame += 1;
    const { state, remaining } = shown;
    const now = state.outcome ? state.at : shown.now;
    const note = [shown.note, remaining && remainingText(remaining, now)].filter((part) => part !== undefined).join(' · ');
    live.draw(progressLines(state, now, FRAMES[frame % FRAMES.length] ?? '', note, live.style));
  };
  const timer = setInterval(draw, FRAME_MS);
  return {
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
    ...ended.map((operation) => finishedLine(operation, state, now, style)),
    ...running.map(
      (operation) =>
        `${style.cyan(spinner)} running   ${operation.name}  ${style.dim(durationText(spansOf(operation, now).running))}`,
    ),
    style.dim(`${countText(running.length, 'gate')} running · `) + summary.join(style.dim(' · ')),
  ];
}
