/** When a view is drawn anew. */

/** Drawing everything may take a tenth of the time: large views are drawn less often, not less smoothly. */
const PAUSE = 9;

export interface Redraw {
  /** Draws at once, in place of what was asked for before. */
  now(): void;
  /** Draws once with one of the next pictures, however often it is asked for until then. `paced`: not before the pause is over. */
  soon(paced: boolean): void;
  /** How long the last drawing asks to be left alone, in milliseconds. */
  pauseMs(): number;
  stop(): void;
}

/** Draws nothing until it is asked to. Whoever makes it stops it. */
export function createRedraw(draw: () => void): Redraw {
  let waiting = 0;
  let scheduled = 0;
  let drawnAt = 0;
  let costMs = 0;
  const stop = (): void => {
    cancelAnimationFrame(scheduled);
    clearTimeout(waiting);
    scheduled = waiting = 0;
  };
  const now = (): void => {
    stop();
    const begun = performance.now();
    draw();
    drawnAt = performance.now();
    costMs = drawnAt - begun;
  };
  const pauseMs = (): number => PAUSE * costMs;
  return {
    now,
    soon(paced) {
      if (waiting !== 0 || scheduled !== 0) return;
      const wait = paced ? drawnAt + pauseMs() - performance.now() : 0;
      waiting = window.setTimeout(() => {
        waiting = 0;
        scheduled = requestAnimationFrame(now);
      }, wait);
    },
    pauseMs,
    stop,
  };
}
