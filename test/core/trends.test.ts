import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { RunId } from '../../src/core/model.js';
import { atOnce } from '../../src/core/slices.js';
import type { GateTrend, RunFigures } from '../../src/core/trend-model.js';
import { batchOfLabel, trendsOf as gathering, withChanges as searching, testsOf, withShared } from '../../src/core/trends.js';
import { figuresOfOperation as gate, figuresOfRun as run } from '../support/figures.js';

const NONE: ReadonlySet<RunId> = new Set();
const withOthers = (ms: number, more: Partial<RunFigures> = {}) => run([gate('a', { ms }), gate('b')], more as object);
const of = (trends: readonly GateTrend[], id = 'a'): GateTrend => {
  const found = trends.find((each) => each.id === id);
  assert.ok(found);
  return found;
};
const withChanges = (gate: GateTrend, level: number): GateTrend => atOnce(searching(gate, level));
const trendsOf = (runs: readonly RunFigures[], kept: ReadonlySet<RunId>) => atOnce(gathering(runs, kept));
const steps = (before: number, after: number, each = 12): readonly RunFigures[] =>
  [...Array(each).fill(before), ...Array(each).fill(after)].map((ms: number, index) => withOthers(ms + (index % 3)));

describe('Trends', () => {
  it('have a series for each kind of run, the longest first, and compare none of another kind', () => {
    const runs = [
      withOthers(100),
      withOthers(110),
      run([gate('a', { ms: 50 })]),
      withOthers(300, { mode: 'sequential' }),
      withOthers(10, { scope: 'changed' }),
      withOthers(20, { verification: 'v' as never }),
      withOthers(30, { verification: 'v' as never, warmUp: true }),
      withOthers(40, { newOnly: true }),
      run([gate('a', { ms: 60, parts: 2 }), gate('b')]),
      run([gate('a', { ms: 70, files: 'f' }), gate('b')], { scope: 'changed' }),
    ];
    const { series } = of(trendsOf(runs, NONE));
    assert.deepEqual(
      series.map(({ points }) => points.map(({ ms }) => ms)),
      [[100, 110], [70], [60], [40], [30], [20], [10], [300], [50]],
    );
    assert.deepEqual(series[0]?.kind, { mode: 'parallel', scope: 'workspace', part: 'run', company: 'with others' });
  });

  it('count answers from the cache, and take them for no execution', () => {
    const { ms: _, ...answer } = gate('a', { answeredBy: 'run-1' as RunId });
    const trend = of(trendsOf([withOthers(100), run([answer, gate('b')])], NONE));
    assert.deepEqual([trend.executed, trend.answered, trend.series[0]?.points.length], [1, 1, 1]);
  });

  it('leave out what was cancelled, and keep what could not do its work out of durations only', () => {
    const slow = Array.from({ length: 12 }, () => run([gate('a', { ms: 60_000, outcome: 'timed out' }), gate('b')]));
    const runs = [
      ...Array.from({ length: 12 }, () => withOthers(100)),
      run([gate('a', { outcome: 'cancelled' }), gate('b')]),
      ...slow,
    ];
    const [series] = withChanges(of(trendsOf(runs, NONE)), 0.05).series;
    assert.equal(series?.points.length, 24);
    assert.deepEqual(
      series?.changes.map(({ measure, index, before, after }) => [measure, index, before, after]),
      [['outcome', 12, 0, 1]],
    );
  });

  it('mark sustained changes of durations, findings and outcomes at the run where they begin', () => {
    const runs = [
      ...Array.from({ length: 15 }, () => withOthers(100)),
      ...Array.from({ length: 15 }, () => run([gate('a', { ms: 400, outcome: 'failed', findings: 7 }), gate('b')])),
    ];
    const trend = withChanges(of(trendsOf(runs, new Set([runs[15]?.run as RunId]))), 0.01);
    const [series] = trend.series;
    assert.deepEqual(
      series?.changes.map(({ measure, run: at, before, after }) => [measure, at, before, after]),
      [
        ['duration', runs[15]?.run, 100, 400],
        ['findings', runs[15]?.run, 0, 7],
        ['outcome', runs[15]?.run, 0, 1],
      ],
    );
    assert.deepEqual([series?.points[14]?.kept, series?.points[15]?.kept], [false, true]);
  });

  it('tell whether the others changed with a gate, as they do when the machine is busy', () => {
    const shared = (others: (slow: boolean) => number) => {
      const runs = Array.from({ length: 30 }, (_, index) =>
        run([gate('a', { ms: index < 15 ? 1000 : 2000 }), ...['b', 'c', 'd'].map((id) => gate(id, { ms: others(index >= 15) }))]),
      );
      const gates = withShared(trendsOf(runs, NONE).map((each) => withChanges(each, 0.01)));
      return of(gates).series[0]?.changes[0]?.shared;
    };
    assert.deepEqual(
      shared((slow) => (slow ? 900 : 500)),
      { others: 3, likewise: 3 },
    );
    assert.deepEqual(
      shared((slow) => (slow ? 520 : 500)),
      { others: 3, likewise: 0 },
    );
    assert.deepEqual(
      shared((slow) => (slow ? 100 : 500)),
      { others: 3, likewise: 0 },
      'the other direction',
    );
  });

  it('name no change of durations below a tenth or below 20 ms', () => {
    const changes = (before: number, after: number) =>
      withChanges(of(trendsOf(steps(before, after), NONE)), 0.05).series[0]?.changes.length;
    assert.deepEqual([changes(10_000, 10_500), changes(10_000, 12_000), changes(10, 25), changes(100, 150)], [0, 1, 0, 1]);
  });

  it('share the level among what can change at all', () => {
    assert.equal(
      testsOf(trendsOf(steps(100, 200), NONE)),
      1,
      'the durations of a: those of b, findings and outcomes are constant',
    );
    assert.equal(testsOf(trendsOf([withOthers(1), withOthers(2)], NONE)), 0, 'two runs are too few');
  });

  it('tell at most the newest two hundred runs of a series', () => {
    const runs = Array.from({ length: 250 }, (_, index) => withOthers(index));
    const points = of(trendsOf(runs, NONE)).series[0]?.points ?? [];
    assert.deepEqual([points.length, points.at(-1)?.ms], [200, 249]);
  });

  it('tell the kinds with the most runs, where each change of files makes another', () => {
    const changed = Array.from({ length: 50 }, (_, index) => run([gate('a', { files: `f-${index}` })], { scope: 'changed' }));
    const { series } = of(trendsOf([withOthers(1), withOthers(2), ...changed], NONE));
    assert.equal(series.length, 12);
    assert.deepEqual([series[0]?.points.length, series[1]?.kind.files], [2, 'f-49'], 'of equally many the newest');
  });

  it('keep operations of batches apart from gates and from those of other batches', () => {
    const runs = [
      run([gate('a')]),
      run([gate('a')], { batch: true, label: 'Batch x.batch.jsonc' }),
      run([gate('a')], { batch: true, label: 'Verify x.batch.jsonc, pair 1 of 3, parallel' }),
      run([gate('a')], { batch: true, label: 'Batch y/z.batch.jsonc' }),
    ];
    assert.deepEqual(
      trendsOf(runs, NONE).map(({ batch, executed }) => [batch, executed]),
      [
        [undefined, 1],
        ['x.batch.jsonc', 2],
        ['y/z.batch.jsonc', 1],
      ],
    );
    assert.equal(batchOfLabel('Fan out, warm-up'), 'Fan out');
  });

  it('hold every execution that ended once, in the order of the runs (property)', () => {
    const one = fc.record({
      mode: fc.constantFrom('parallel' as const, 'sequential' as const),
      scope: fc.constantFrom('workspace' as const, 'changed' as const),
      ids: fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1 }),
      outcome: fc.constantFrom('passed' as const, 'failed' as const, 'cancelled' as const),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 40 }), (all) => {
        const runs = all.map(({ mode, scope, ids, outcome }) =>
          run(
            ids.map((id) => gate(id, { outcome })),
            { mode, scope },
          ),
        );
        for (const trend of trendsOf(runs, NONE)) {
          const told = trend.series.flatMap(({ points }) => points.map((point) => point.run as string));
          const expected = runs.filter(({ operations }) =>
            operations.some(({ id, outcome }) => id === trend.id && outcome !== 'cancelled'),
          );
          assert.deepEqual([...told].sort(), expected.map((each) => each.run).sort());
          for (const { points } of trend.series)
            assert.deepEqual(
              points,
              [...points].sort((x, y) => (x.run < y.run ? -1 : 1)),
            );
        }
      }),
    );
  });
});
