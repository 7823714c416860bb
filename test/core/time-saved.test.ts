import assert from 'node:assert/strict';
import type { Verification } from '../../src/core/measured.js';
import type { OperationId } from '../../src/core/model.js';
import { type Measurement, timeSaved } from '../../src/core/time-saved.js';
import type { RunFigures } from '../../src/core/trend-model.js';
import { figuresOfOperation as gate, figuresOfRun as run } from '../support/figures.js';

const measured = (operations: readonly string[], more: Partial<Verification> = {}): Measurement => ({
  operations: operations as OperationId[],
  verification: {
    startedAt: '2026-01-01T00:00:00.000Z',
    slots: 4,
    scope: 'workspace',
    ratios: [1.5, 2, 3],
    ratio: 2,
    interval: { low: 1.5, high: 3, level: 0.95 },
    target: 4,
    verdict: 'not validated',
    ...more,
  } as Verification,
});
/** Without an interval. */
function unsure({ operations, verification: { interval: _, ...verification } }: Measurement): Measurement {
  return { operations, verification: { ...verification, verdict: 'inconclusive' } };
}

const both = [gate('a', { ms: 300 }), gate('b', { ms: 200 })];

describe('Time saved', () => {
  it('is nothing without a run', () => {
    const nothing = { runs: 0, ms: 0 };
    assert.deepEqual(timeSaved([], []), {
      measured: { ...nothing, lowMs: 0, highMs: 0 },
      estimated: nothing,
      answered: { gates: 0, ms: 0 },
    });
  });

  it('is the makespan times the measured ratio less one, for runs of the same work, with what the pairs leave open', () => {
    const saved = timeSaved([run(both), run(both)], [measured(['b', 'a'])]);
    assert.deepEqual(saved.measured, { runs: 2, ms: 600, lowMs: 300, highMs: 1200 });
    assert.deepEqual(saved.estimated, { runs: 0, ms: 0 });
    assert.match(saved.since ?? '', /^20\d\d-/);
  });

  it('is measured, too, where only the target was in doubt', () => {
    const doubtful = measured(['a', 'b'], { verdict: 'inconclusive', target: 2 });
    assert.equal(timeSaved([run(both)], [doubtful]).measured.ms, 300);
  });

  it('counts a loss as a loss', () => {
    const slower = measured(['a', 'b'], { ratio: 0.5, ratios: [0.5, 0.5] });
    assert.equal(timeSaved([run(both)], [slower]).measured.ms, -150);
  });

  const estimates: readonly (readonly [string, RunFigures, Measurement])[] = [
    ['other operations', run(both), measured(['a'])],
    ['another scope', run(both, { scope: 'changed' }), measured(['a', 'b'])],
    ['other slots', run(both, { slots: 2 }), measured(['a', 'b'])],
    ['results that differ', run(both), measured(['a', 'b'], { verdict: 'results differ' })],
    ['a trial that was disturbed', run(both), measured(['a', 'b'], { verdict: 'inconclusive', disturbed: true })],
    ['too few pairs', run(both), unsure(measured(['a', 'b']))],
    ['another kind of slots', run(both, { mostSlots: 10 }), measured(['a', 'b'])],
  ];
  for (const [title, figures, measurement] of estimates)
    it(`is an estimate, sum less makespan, where a verification has ${title}`, () => {
      const saved = timeSaved([figures], [measurement]);
      assert.deepEqual([saved.measured.runs, saved.estimated], [0, { runs: 1, ms: 200 }]);
    });

  it('is an estimate where something came from the cache, and what that would have taken is told by itself', () => {
    const first = run(both);
    const second = run([gate('a', { ms: 300 }), gate('c', { ms: 100 }), { ...gate('b'), answeredBy: first.run }].map(withoutMs));
    const saved = timeSaved([first, second], [measured(['a', 'b', 'c'])]);
    assert.deepEqual(saved.measured.runs, 0);
    assert.deepEqual(saved.estimated, { runs: 2, ms: 200 + 100 });
    assert.deepEqual(saved.answered, { gates: 1, ms: 200 });
  });

  it('takes the newest verification before the run, else the first after it', () => {
    const [early, late] = [
      measured(['a', 'b']),
      measured(['a', 'b'], { startedAt: '2099-01-01T00:00:00.000Z', ratio: 11, ratios: [11] }),
    ];
    assert.equal(timeSaved([run(both)], [late, early]).measured.ms, 300);
    assert.equal(timeSaved([run(both)], [late]).measured.ms, 3000);
  });

  it('leaves out trials, runs one after another, runs of one gate, and runs that were cancelled or errored', () => {
    const left = [
      run(both, { verification: 'v' }),
      run(both, { mode: 'sequential' }),
      run([gate('a')]),
      run(both, { outcome: 'cancelled' }),
      run(both, { outcome: 'errored' }),
    ];
    const saved = timeSaved(left, [measured(['a', 'b'])]);
    assert.deepEqual([saved.measured.runs, saved.estimated.runs, saved.since], [0, 0, undefined]);
  });
});

/** What was answered was not executed. */
function withoutMs<Operation extends { readonly answeredBy?: string; readonly ms?: number }>(operation: Operation): Operation {
  if (operation.answeredBy === undefined) return operation;
  const { ms: _, ...rest } = operation;
  return rest as Operation;
}
