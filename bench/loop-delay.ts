/** How long the host's event loop is held while 500 operations run, with a listener as the views have one. */
import { timing } from '../src/core/timing.js';
import { watchLoop } from '../test/support/loop.js';
import { commandGate, withEngine } from './support.js';

const OPERATIONS = 500;
const SLOTS = 8;

export interface LoopDelay {
  /** The longest time between two turns of the loop, in milliseconds; counts waiting for a processor too. */
  readonly longestMs: number;
  /** The most processor time that the host used between two turns, in milliseconds. */
  readonly busiestMs: number;
  readonly makespanMs: number;
}

/** Runs 500 times `true`, 8 at once, and samples the loop every millisecond. */
export async function measureLoopDelay(): Promise<LoopDelay> {
  return withEngine(async (engine) => {
    const gates = Array.from({ length: OPERATIONS }, (_, index) => commandGate(`gate-${index}`, ['true']));
    const loop = watchLoop();
    const run = engine.run({
      gates,
      scope: { kind: 'workspace' },
      mode: 'parallel',
      slots: SLOTS,
      failure: 'continue',
      label: 'Bench',
    });
    run.onEvent(() => {});
    const state = await run.finished;
    return { ...loop.stop(), makespanMs: timing(state).makespanMs };
  });
}
