import assert from 'node:assert/strict';
import fc from 'fast-check';
import { blocksFor, type ChangeSearch, changePoints, LEAST_SIDE, strongestChange } from '../../src/core/change-points.js';
import { atOnce } from '../../src/core/slices.js';
import { normalQuantile, seededRandom } from '../../src/core/statistics.js';

/** As trends name changes of durations: by a tenth at least. */
const search = (more: Partial<ChangeSearch> = {}): ChangeSearch => ({
  level: 0.05,
  seed: 1,
  isLarge: (before, after) => Math.abs(after - before) >= 0.1 * Math.min(before, after),
  ...more,
});

/** `count` durations around `middle`, by a seed. */
function around(middle: number, count: number, seed = 1, spread = 0.05): number[] {
  const random = seededRandom(seed);
  return Array.from(
    { length: count },
    () => middle * (1 + spread * normalQuantile(Math.min(Math.max(random(), 1e-9), 1 - 1e-9))),
  );
}

const places = (values: readonly number[], more?: Partial<ChangeSearch>) =>
  changePoints(values, search(more)).map(({ index }) => index);

describe('A change point', () => {
  const cases: readonly (readonly [string, readonly number[], readonly number[]])[] = [
    ['is none of no values', [], []],
    ['is none where all are equal', Array(40).fill(100), []],
    ['is none among fewer than twice five values', [1, 1, 1, 1, 9, 9, 9, 9, 9], []],
    ['is where a step is', [...Array(10).fill(100), ...Array(10).fill(200)], [10]],
    ['is where a step down is', [...Array(12).fill(200), ...Array(9).fill(100)], [12]],
    ['is each of several', [...Array(15).fill(100), ...Array(15).fill(300), ...Array(15).fill(150)], [15, 30]],
    [
      'is both ends of a stretch that went away again',
      [...Array(15).fill(100), ...Array(20).fill(300), ...Array(15).fill(100)],
      [15, 35],
    ],
    [
      'is none of nine slow runs that went away again',
      [...Array(15).fill(100), ...Array(9).fill(300), ...Array(15).fill(100)],
      [],
    ],
    ['is found in noise', [...around(1000, 20), ...around(1500, 20, 2)], [20]],
    ['is none where the difference is not worth naming', [...around(1000, 50, 1, 0.01), ...around(1050, 50, 2, 0.01)], []],
    ['is none of four slow runs in a row', [...around(100, 20), 900, 900, 900, 900, ...around(100, 20, 2)], []],
    ['is none of a slow run at the very end', [...around(100, 30), 10_000], []],
    ['is none of a drift that only follows itself for a while', around(100, 40, 7), []],
  ];
  for (const [title, values, expected] of cases)
    it(title, () => {
      assert.deepEqual(places(values), expected);
    });

  it('tells the medians of both sides, up to the neighbouring changes, and its p-value', () => {
    const [first, second, ...others] = changePoints(
      [...Array(15).fill(100), ...Array(15).fill(300), ...Array(15).fill(150)],
      search(),
    );
    assert.deepEqual([first?.before, first?.after, second?.before, second?.after], [100, 300, 300, 150]);
    assert.ok(first && first.p > 0 && first.p <= 0.05);
    assert.deepEqual(others, []);
  });

  it('needs more runs the more series are looked at', () => {
    const values = [...around(100, 7), ...around(200, 7, 2)];
    assert.deepEqual(places(values, { level: 0.05 }), [7]);
    assert.deepEqual(places(values, { level: 0.05 / 1000 }), []);
  });

  it('is none that is not clear: as many runs on both sides have to lie apart as is asked for', () => {
    const values = [...around(100, 40, 3, 0.3), ...around(130, 40, 4, 0.3)];
    assert.equal(places(values).length, 1);
    assert.deepEqual(places(values, { superiority: 0.95 }), []);
  });

  it('is none where something else does not hold of its sides', () => {
    const values = [...Array(12).fill(100), ...Array(12).fill(200)];
    const asked: unknown[] = [];
    const holds: ChangeSearch['holds'] = (side) => asked.push(side) < 0;
    assert.deepEqual(places(values, { holds }), []);
    assert.deepEqual(asked, [{ from: 0, at: 12, to: 24 }]);
  });

  it('is none yet where one side is shorter than asked, and not moved until it is long enough', () => {
    const values = [...around(100, 30), ...around(200, 7, 2)];
    assert.deepEqual([places(values, { level: 0.2, leastSide: 7 }), places(values, { level: 0.2, leastSide: 8 })], [[30], []]);
  });

  it('has a p-value for the whole series, 1 where there is none at all', () => {
    const p = (values: readonly number[]) => atOnce(strongestChange(values, search()));
    assert.equal(p(Array(30).fill(100)), 1);
    assert.equal(p(around(100, 30)), 1, 'none that is large');
    assert.ok(p([...around(100, 20), ...around(200, 20, 2)]) < 0.01);
  });

  it('is tested with blocks as long as the level allows', () => {
    assert.deepEqual([blocksFor(0.5), blocksFor(0.05), blocksFor(0.05 / 20), blocksFor(0.05 / 1000)], [6, 9, 15, 21]);
    assert.ok(blocksFor(0) <= 40);
  });

  it('is the same on each look', () => {
    const values = [...around(100, 25, 3, 0.3), ...around(125, 25, 4, 0.3)];
    assert.deepEqual(changePoints(values, search()), changePoints(values, search()));
  });

  it('is never one odd run, whatever it took and wherever it stands (property)', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.97, max: 1.03, noNaN: true }), { minLength: 2 * LEAST_SIDE, maxLength: 60 }),
        fc.nat(),
        fc.double({ min: 0, max: 1e9, noNaN: true }),
        (shares, place, odd) => {
          const values = shares.map((share) => 1000 * share);
          values[place % values.length] = odd;
          assert.deepEqual(places(values, { level: 0.5 }), []);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('is never closer than five runs to an end or to another, and its medians differ enough (property)', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 80 }), fc.nat(), (values, seed) => {
        const found = changePoints(values, search({ level: 0.5, seed }));
        const ends = [0, ...found.map(({ index }) => index), values.length];
        for (const [index, end] of ends.slice(1).entries())
          if (found.length > 0) assert.ok(end - (ends[index] ?? 0) >= LEAST_SIDE);
        for (const { before, after, p } of found) {
          assert.ok(search().isLarge(before, after, LEAST_SIDE));
          assert.ok(p > 0 && p <= 0.5);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('depends on the order of sizes only, so that no unit and no extreme value matters (property)', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1000 }), { maxLength: 60 }), (values) => {
        const always = { isLarge: () => true };
        assert.deepEqual(
          places(
            values.map((value) => Math.exp(value / 100)),
            always,
          ),
          places(values, always),
        );
      }),
      { numRuns: 100 },
    );
  });

  it('is found in few series without one, also with heavy tails and with neighbours that are alike', () => {
    const random = seededRandom(5);
    const normal = () => normalQuantile(Math.min(Math.max(random(), 1e-9), 1 - 1e-9));
    let last = 0;
    const noises: readonly (readonly [() => number, number])[] = [
      [normal, 0.08],
      [() => Math.tan(Math.PI * (random() - 0.5)), 0.08],
      [
        () => {
          last = 0.3 * last + normal();
          return last;
        },
        0.1,
      ],
    ];
    for (const [noise, most] of noises) {
      const found = Array.from({ length: 300 }, (_, seed) =>
        changePoints(Array.from({ length: 40 }, noise), search({ seed, isLarge: () => true })),
      ).filter((changes) => changes.length > 0);
      assert.ok(found.length / 300 <= most, String(found.length / 300));
    }
  });
});
