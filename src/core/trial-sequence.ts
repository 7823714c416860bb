/** Runs of one work, one after another: what is measured again and again. Whoever measures says what runs next and what it is worth. */
import type { ActiveRun } from './active-run.js';
import type { RunState } from './model.js';

export interface TrialSequence {
  /** Starts a run and resolves when it has ended. Nothing may be started beside it. */
  run(start: () => ActiveRun): Promise<RunState>;
  /** Of the run that goes on. */
  current(): RunState | undefined;
  /** The clock of the run that goes on; 0 between two runs. */
  now(): number;
  /** Somebody has stopped it: nothing is to be started any more. */
  readonly cancelled: boolean;
  /** Stops what runs. Resolves when no process of it is left. */
  cancel(): Promise<void>;
}

/** Nothing runs at first. `tell` is called after each event of what runs. */
export function openSequence(tell: () => void): TrialSequence {
  let current: ActiveRun | undefined;
  let cancelled = false;
  return {
    async run(start) {
      current = start();
      current.onEvent(tell);
      // Stopped while it was found out what is to run.
      if (cancelled) void current.cancel();
      const state = await current.finished;
      current = undefined;
      cancelled ||= state.outcome === 'cancelled';
      return state;
    },
    current: () => current?.state(),
    now: () => current?.now() ?? 0,
    get cancelled() {
      return cancelled;
    },
    async cancel() {
      cancelled = true;
      await current?.cancel();
    },
  };
}
