/** The clock of a run that goes on: the time of the last message, carried on by this window's own clock. */

export interface LiveClock {
  /** Milliseconds of the run, now. */
  now(): number;
  /** Sets the clock. While `running`, frames are called for as long as the document is visible. */
  set(now: number, running: boolean): void;
  stop(): void;
}

/** With reduced motion the picture moves in steps of this length. */
const STEP_MS = 1_000;

/** A clock that stands still until it is set. `frame` is called for each picture while it goes. */
export function createLiveClock(frame: (now: number) => void): LiveClock {
  const calm = window.matchMedia('(prefers-reduced-motion: reduce)');
  let base = 0;
  let since = 0;
  let running = false;
  let request = 0;
  let timer = 0;
  const now = (): number => (running ? base + performance.now() - since : base);
  const halt = (): void => {
    cancelAnimationFrame(request);
    clearTimeout(timer);
    request = 0;
    timer = 0;
  };
  const next = (): void => {
    halt();
    if (!running || document.hidden) return;
    const turn = (): void => {
      frame(now());
      next();
    };
    if (calm.matches) timer = window.setTimeout(turn, STEP_MS);
    else request = requestAnimationFrame(turn);
  };
  const wake = (): void => next();
  document.addEventListener('visibilitychange', wake);
  return {
    now,
    set(time, goesOn) {
      base = time;
      since = performance.now();
      const started = goesOn && !running;
      running = goesOn;
      if (!goesOn) halt();
      else if (started || (request === 0 && timer === 0)) next();
    },
    stop() {
      running = false;
      halt();
      document.removeEventListener('visibilitychange', wake);
    },
  };
}
