import assert from 'node:assert/strict';
import fc from 'fast-check';
import { durationsOf, type MeasuredRun, type Situation, samplesOf, weightedQuantile } from '../../src/core/durations.js';

const MINUTE = 60_000;
const BEGIN = Date.parse('2026-01-01T00:00:00.000Z');

type Sketch = Partial<Omit<MeasuredRun, 'durations'>> & { readonly ms: number; readonly of?: number };

/** Runs of one operation `a`, a minute apart, the oldest first; `of`: limited to so many files. */
function runsOf(sketches: readonly (Sketch | number)[]): readonly MeasuredRun[] {
  return sketches.map((each, index) => {
    const { ms, of, ...more } = typeof each === 'number' ? { ms: each } : each;
    return {
      ...{ startedAt: new Date(BEGIN + index * MINUTE).toISOString(), mode: 'parallel' as const, durations: { a: ms } },
      ...(of === undefined ? {} : { files: { a: of } }),
      ...more,
    };
  });
}

function of(sketches: readonly (Sketch | number)[], situation: Partial<Situation> = {}, bootedAt = 0) {
  return durationsOf(runsOf(sketches), bootedAt).of('a', { mode: 'parallel', ...situation });
}

function check(sketches: readonly (Sketch | number)[], expectedMs: number | undefined, situation: Partial<Situation> = {}) {
  assert.equal(of(sketches, situation)?.ms, expectedMs);
}

describe('A remembered duration', () => {
  it('is not there while nothing is known', () => {
    check([], undefined);
    assert.equal(durationsOf(runsOf([5]), 0).of('b', { mode: 'parallel' }), undefined);
  });

  it('is the middle of the newest, of which newer ones count more', () => {
    check([100, 10, 10, 30, 30], 30);
    check([100, 10, 10, 10, 30], 10);
    check([7, ...Array.from({ length: 40 }, () => 900), ...Array.from({ length: 10 }, () => 20)], 20);
  });

  it('has a spread from two on', () => {
    assert.equal(of([100, 10])?.spreadMs, undefined);
    assert.equal(of([100, 10, 14])?.spreadMs, 0);
    assert.equal(of([100, 10, 30, 20])?.spreadMs, 10);
  });

  it('tells the first run of all from later ones, and takes it where there is nothing else', () => {
    check([1000], 1000);
    check([1000, 10], 10);
    check([1000, 10], 1000, { cold: true });
  });

  it('takes what runs for the first time after a start for cold, whatever else ran since', () => {
    const at = (minutes: number, durations: Record<string, number>, uptimeMs: number): MeasuredRun => ({
      ...{ startedAt: new Date(BEGIN + minutes * MINUTE).toISOString(), mode: 'parallel', durations, uptimeMs },
    });
    const runs = [
      at(0, { a: 9, b: 9 }, 60 * MINUTE),
      at(10, { a: 900 }, MINUTE),
      at(11, { b: 800 }, 2 * MINUTE),
      at(12, { b: 10 }, 3 * MINUTE),
    ];
    const cold = (samplesOf(runs).get('b') ?? []).map(({ ms, cold: isCold }) => [ms, isCold]);
    assert.deepEqual(cold, [
      [10, false],
      [800, true],
      [9, true],
    ]);
  });

  it('tells apart what ran as the first after the machine had started', () => {
    const restarted: Sketch = { ms: 500, uptimeMs: 30_000 };
    check([1000, { ms: 10, uptimeMs: 10 * MINUTE }, restarted, { ms: 12, uptimeMs: 2 * MINUTE }], 12);
    check([1000, 10, restarted, 12], 500, { cold: true });
    assert.equal(of([1000, 10, restarted, 12], {}, BEGIN + 3.5 * MINUTE)?.ms, 500, 'the machine has started since');
    assert.equal(of([1000, 10, restarted, 12], {}, BEGIN + MINUTE)?.ms, 12);
  });

  it('tells apart the warm-up of a verification', () => {
    const verification = 'v';
    check([1000, 10, { ms: 400, verification }, { ms: 11, verification }, { ms: 11, verification }], 11);
  });

  it('is that of the same mode where that is known', () => {
    const alone: Sketch = { ms: 5, mode: 'sequential' };
    check([1000, 10, alone], 10);
    check([1000, 10, alone], 5, { mode: 'sequential' });
    check([1000, 10], 10, { mode: 'sequential' });
  });

  it('of some files says nothing of the whole, nor the whole of some files', () => {
    check(
      [
        { ms: 1000, of: 3 },
        { ms: 10, of: 3 },
      ],
      undefined,
    );
    check([1000, 800], undefined, { files: 3 });
  });

  it('is that of about as many files', () => {
    const runs: Sketch[] = [
      { ms: 99, of: 1 },
      { ms: 10, of: 10 },
      { ms: 100, of: 100 },
      { ms: 110, of: 105 },
    ];
    check(runs, 110, { files: 100 });
    check(runs, 10, { files: 11 });
  });

  it('lies on a line through three sizes that one outlier does not move, and not far from where something is known', () => {
    const line = [10, 20, 40, 80, 160].map((files): Sketch => ({ ms: 50 + 2 * files, of: files }));
    const runs = [{ ms: 9999, of: 30 }, ...line];
    check(runs, 50 + 2 * 60, { files: 60 });
    assert.equal(of(runs, { files: 60 })?.basis, 'line');
    check(runs, undefined, { files: 400 });
    check(line.slice(0, 2), undefined, { files: 60 });
  });

  it('never falls with the number of files, and is never negative', () => {
    const runs = fc.array(fc.record({ ms: fc.integer({ min: 1, max: 500 }), of: fc.integer({ min: 1, max: 100 }) }), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(runs, fc.integer({ min: 1, max: 200 }), (all, files) => {
        const known = of(all, { files });
        if (!known) return;
        assert.ok(known.ms > 0 && known.values.length > 0 && known.values.every(({ ms, weight }) => ms > 0 && weight > 0));
        const more = of(all, { files: files + 1 });
        if (known.basis === 'line' && more?.basis === 'line') assert.ok(more.ms >= known.ms);
      }),
    );
  });

  it('of a part is that of its last size', () => {
    assert.deepEqual(
      [
        ...durationsOf(
          runsOf([
            { ms: 9, of: 4 },
            { ms: 20, of: 8 },
            { ms: 22, of: 8 },
          ]),
          0,
        ).medians('parallel'),
      ],
      [['a', 22]],
    );
  });
});

describe('The slots of such a run', () => {
  const moves = [
    { at: 0, slots: 2 },
    { at: 90, slots: 5 },
  ];

  it('are those of the newest run of mostly the same operations that could have as many', () => {
    const known = durationsOf(runsOf([{ ms: 1, slots: { most: 10, moves } }, 2]), 0);
    assert.deepEqual(known.slotsOf(['a'], 10), moves);
    assert.equal(known.slotsOf(['a'], 4), undefined);
    assert.equal(known.slotsOf(['a', 'b'], 10), undefined);
  });
});

describe('A weighted quantile', () => {
  it('is the least value that enough weight lies below', () => {
    const values = [
      { ms: 3, weight: 1 },
      { ms: 1, weight: 2 },
      { ms: 2, weight: 1 },
    ];
    assert.deepEqual(
      [0, 0.5, 0.75, 1].map((share) => weightedQuantile(values, share)),
      [1, 1, 2, 3],
    );
    assert.equal(weightedQuantile([], 0.5), undefined);
  });
});
