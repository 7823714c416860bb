import assert from 'node:assert/strict';
import fc from 'fast-check';
import { median, medianDeviation, normalQuantile, normalShareBelow, quantile, seededRandom } from '../../src/core/statistics.js';

describe('statistics', () => {
  it('takes the middle value, or the mean of the two middle ones', () => {
    const cases: readonly (readonly [readonly number[], number | undefined])[] = [
      [[], undefined],
      [[7], 7],
      [[3, 1, 2], 2],
      [[3, 1, 10, 2], 2.5],
      [[1, 1, 1, 9], 1],
    ];
    for (const [values, expected] of cases) assert.equal(median(values), expected);
  });

  it('interpolates quantiles between neighbours', () => {
    assert.equal(quantile([1, 2, 3], 0.25), 1.5);
    assert.equal(quantile([3, 1, 2], 1), 3);
    assert.equal(quantile([3, 1, 2], 0), 1);
    assert.equal(quantile([], 0.5), undefined);
  });

  it('measures spread by the median distance from the median', () => {
    assert.equal(medianDeviation([1, 1, 2, 2, 4, 6, 9]), 1);
    assert.equal(medianDeviation([]), undefined);
  });

  it('knows the normal distribution to twelve places', () => {
    // Values of the tables in Abramowitz & Stegun, chapter 26.
    for (const [z, below] of [
      [0, 0.5],
      [1, 0.841344746069],
      [1.959963984540054, 0.975],
      [-3, 0.001349898032],
      [4.5, 0.999996602327],
    ] as const)
      assert.ok(Math.abs(normalShareBelow(z) - below) < 1e-11, `${z}`);
    fc.assert(
      fc.property(fc.double({ min: 0.0001, max: 0.9999, noNaN: true }), (share) => {
        assert.ok(Math.abs(normalShareBelow(normalQuantile(share)) - share) < 1e-12);
      }),
    );
    assert.equal(normalQuantile(0), Number.NEGATIVE_INFINITY);
    assert.equal(normalQuantile(1), Number.POSITIVE_INFINITY);
  });

  it('draws the same numbers for the same seed, evenly', () => {
    const [one, same, other] = [seededRandom(5), seededRandom(5), seededRandom(6)];
    const drawn = Array.from({ length: 20_000 }, one);
    assert.deepEqual(drawn.slice(0, 50), Array.from({ length: 50 }, same));
    assert.notDeepEqual(drawn.slice(0, 50), Array.from({ length: 50 }, other));
    assert.ok(drawn.every((value) => value >= 0 && value < 1));
    for (let tenth = 0; tenth < 10; tenth += 1) {
      const within = drawn.filter((value) => Math.floor(value * 10) === tenth).length;
      assert.ok(Math.abs(within - 2000) < 200, `${tenth}: ${within}`);
    }
  });
});
