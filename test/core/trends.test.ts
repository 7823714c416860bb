import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { RunId } from '../../src/core/model.js';
import { atOnce } from '../../src/core/slices.js';
import type { GateTrend, RunFigures } from '../../src/core/trend-model.js';
import {
  batchOfLabel,
  changesOfAll,
  trendsOf as gathering,
  withChanges as searching,
  testsOf,
  withShared,
} from '../../src/core/trends.js';
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

  it('tell whether the others changed with a gate, where they are too few to say what all have in common', () => {
    const shared = (others: (slow: boolean) => number) => {
      const runs = Array.from({ length: 30 }, (_, index) =>
        run([gate('a', { ms: index < 15 ? 1000 : 2000 }), ...['b', 'c'].map((id) => gate(id, { ms: others(index >= 15) }))]),
      );
      const gates = withShared(trendsOf(runs, NONE).map((each) => withChanges(each, 0.01)));
      return of(gates).series[0]?.changes[0]?.shared;
    };
    assert.deepEqual(
      shared((slow) => (slow ? 900 : 500)),
      { others: 2, likewise: 2 },
    );
    assert.deepEqual(
      shared((slow) => (slow ? 520 : 500)),
      { others: 2, likewise: 0 },
    );
    assert.deepEqual(
      shared((slow) => (slow ? 100 : 500)),
      { others: 2, likewise: 0 },
      'the other direction',
    );
  });

  it('name no change of durations below a quarter or below 20 ms, and with more runs on each side none below a tenth', () => {
    const changes = (before: number, after: number, each?: number) =>
      withChanges(of(trendsOf(steps(before, after, each), NONE)), 0.05).series[0]?.changes.length;
    assert.deepEqual([changes(10_000, 12_000), changes(10_000, 13_000), changes(10, 25), changes(100, 150)], [0, 1, 0, 1]);
    assert.deepEqual([changes(10_000, 11_200, 40), changes(10_000, 11_800, 40)], [0, 1]);
    assert.deepEqual([changes(10_000, 10_700, 60), changes(10_000, 11_200, 60)], [0, 1]);
  });

  it('name no change of durations with seven runs on a side, and none whose runs took place within a working day', () => {
    const changes = (after: number, hours: number) => {
      const runs = [...Array(20).fill(1000), ...Array(after).fill(2000)].map((ms: number, index) =>
        withOthers(ms + (index % 3), {
          startedAt: new Date(index < 20 ? index * 3_600_000 : 1e9 + index * hours * 3_600_000).toISOString(),
        }),
      );
      return withChanges(of(trendsOf(runs, NONE)), 0.05).series[0]?.changes.length;
    };
    assert.deepEqual([changes(7, 3), changes(8, 3), changes(8, 1), changes(40, 0.1)], [0, 1, 0, 0]);
  });

  it('name no change of durations where most runs of both sides take alike', () => {
    const noise = [1, 1.6, 0.9, 1.4, 1.1, 2, 0.8, 1.2, 1.7, 1];
    const changes = (factor: number) => {
      const runs = Array.from({ length: 60 }, (_, index) =>
        withOthers(1000 * (noise[(index * 7) % 10] ?? 1) * (index < 30 ? 1 : factor)),
      );
      return withChanges(of(trendsOf(runs, NONE)), 0.05).series[0]?.changes.length;
    };
    assert.deepEqual([changes(1.25), changes(2.5)], [0, 1]);
  });

  it('do not take what all gates of a run have in common for a change of any, and tell it once', () => {
    const ids = ['a', 'b', 'c', 'd', 'e'];
    const changed = (factor: (id: string, later: boolean) => number) => {
      const runs = Array.from({ length: 60 }, (_, index) =>
        run(
          ids.map((id, place) => gate(id, { ms: (500 + 100 * place + ((index * (place + 3)) % 7)) * factor(id, index >= 30) })),
        ),
      );
      const { gates, machine } = atOnce(changesOfAll(trendsOf(runs, NONE)));
      const named = gates.flatMap(({ id, series }) => series.flatMap(({ changes }) => changes.map(() => id as string)));
      return [named, machine.map(({ ratio }) => Math.round(ratio * 10) / 10)];
    };
    assert.deepEqual(
      changed((_, later) => (later ? 2 : 1)),
      [[], [2]],
      'the machine',
    );
    assert.deepEqual(
      changed((id, later) => (later && id === 'b' ? 2 : 1)),
      [['b'], []],
      'one gate',
    );
    assert.deepEqual(
      changed((id, later) => (later ? (id === 'b' ? 4 : 2) : 1)),
      [['b'], [2]],
      'both',
    );
    assert.deepEqual(
      changed((id, later) => (later && id !== 'b' ? 0.5 : 1)),
      [[], [0.5]],
      'one that did not become faster with the rest',
    );
  });

  it('look closer the more series have a change: the rate of false discoveries counts, not their number', () => {
    const ids = Array.from({ length: 12 }, (_, index) => `g${index}`);
    const level = (changed: number) => {
      const runs = Array.from({ length: 40 }, (_, index) =>
        run(
          ids.map((id, place) =>
            gate(id, { ms: 500 + ((index * (place + 3)) % 7) + (index >= 20 && place < changed ? 500 : 0) }),
          ),
        ),
      );
      const found = atOnce(changesOfAll(trendsOf(runs, NONE)));
      return Math.round((found.level * found.count) / 0.05);
    };
    assert.deepEqual([level(0), level(1), level(5)], [1, 1, 5]);
  });

  it('say of a series that cannot change that it was looked at, once it has runs enough', () => {
    const tested = (runs: number) =>
      atOnce(
        changesOfAll(
          trendsOf(
            Array.from({ length: runs }, () => withOthers(100)),
            NONE,
          ),
        ),
      ).gates[0]?.series[0]?.tested;
    assert.deepEqual([tested(9), tested(12)], [false, true]);
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
