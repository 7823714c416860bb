import assert from 'node:assert/strict';
import type { RunState } from '../../src/core/model.js';
import { defaultPair, pairsOf, stoppedTrials, trialRuns, type VerificationPanel, warmUpRun } from '../../src/webview/pairs.js';
import { SHOP, simulate, verification } from './runs.js';

const warmUp = simulate(SHOP, { slots: 4, run: 'warm-up' });
const going = (mode: RunState['mode']): RunState => simulate(SHOP, { slots: 4, run: 'going', mode, until: 1_000 });
const cancelled = (run: string): RunState => ({ ...simulate(SHOP, { slots: 4, run, until: 2_000 }), outcome: 'cancelled' });

/** A verification with this many trials ended and these runs after them. */
function panelOf(ended: number, more: readonly RunState[] = [], trial?: number): VerificationPanel {
  const { verification: measured, runs } = verification(ended);
  return {
    kind: 'verification',
    verification: measured,
    runs: [...runs, ...more],
    ...(trial === undefined ? {} : { progress: { trial, of: 6 } }),
  };
}

describe('the pairs of a verification', () => {
  it('leave the warm-up out while it goes on and when it is kept among the runs', () => {
    const during = panelOf(0, [going('parallel')], 0);
    assert.equal(warmUpRun(during)?.run, 'going');
    assert.deepEqual(trialRuns(during), []);
    const full = panelOf(6);
    const kept = { ...full, runs: [warmUp, ...full.runs] };
    assert.equal(warmUpRun(kept), undefined);
    assert.deepEqual(
      trialRuns(kept).map(({ number, pair, state }) => [number, pair, state.run]),
      [1, 2, 3, 4, 5, 6].map((number) => [number, Math.ceil(number / 2), `trial-${number}`]),
    );
  });

  it('take up the trial that goes on, in the pair to which it belongs', () => {
    const second = pairsOf(panelOf(2, [going('parallel')], 3));
    assert.deepEqual(
      second.map(({ number, sequential, parallel }) => [number, sequential?.run, parallel?.run]),
      [
        [1, 'trial-1', 'trial-2'],
        [2, undefined, 'going'],
      ],
    );
    assert.equal(defaultPair(second, panelOf(2, [going('parallel')], 3))?.number, 2);
    assert.equal(second[1]?.ratio, undefined);
    assert.equal(pairsOf(panelOf(3, [going('sequential')], 4))[1]?.sequential?.run, 'going');
  });

  it('leave out a trial that was stopped, but do not keep quiet about it', () => {
    const stopped = panelOf(2, [cancelled('stopped')]);
    assert.equal(trialRuns(stopped).length, 2);
    assert.deepEqual(stoppedTrials(stopped), [2_000]);
    assert.deepEqual(stoppedTrials(panelOf(2, [going('parallel')], 3)), []);
    const early = panelOf(0, [cancelled('warm-up')]);
    assert.deepEqual(stoppedTrials({ ...early, verification: { ...early.verification, warmUpMs: 2_000 } }), []);
  });

  it('show the one nearest to the median once all are measured', () => {
    const panel = panelOf(6);
    const shown = defaultPair(pairsOf(panel), panel);
    assert.ok(Math.abs((shown?.ratio ?? 0) - (panel.verification.ratio ?? 0)) < 1e-12);
  });
});
