import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  falseDiscoveries,
  median,
  medianDeviation,
  medianInterval,
  normalQuantile,
  normalShareBelow,
  outliers,
  quantile,
  seededRandom,
  signTest,
  trendTest,
} from '../../src/core/statistics.js';

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

  it('gives an interval for the median only for five values, and says how certain that is', () => {
    assert.equal(medianInterval([1, 2, 3, 4], 0.95), undefined);
    assert.deepEqual(medianInterval([5, 1, 3, 2, 4], 0.95), { low: 1, high: 5, level: 0.9375 });
    const six = medianInterval([1, 2, 3, 4, 5, 6], 0.95);
    assert.equal(six?.level, 0.95);
    assert.ok(six && six.low > 1 && six.low < 2 && Math.abs(six.low + six.high - 7) < 1e-12);
  });

  it('widens the interval with the level, and keeps the median inside', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 5, maxLength: 40 }), (values) => {
        const [narrow, wide] = [medianInterval(values, 0.8), medianInterval(values, 0.97)];
        const middle = median(values);
        assert.ok(narrow && wide && middle !== undefined);
        const slack = 1e-9 * Math.max(...values.map(Math.abs));
        assert.ok(wide.low <= narrow.low + slack && narrow.low <= middle + slack);
        assert.ok(wide.high >= narrow.high - slack && narrow.high >= middle - slack);
      }),
    );
  });

  it('tells how probable uneven signs are by chance, exactly', () => {
    const cases: readonly (readonly [readonly number[], number])[] = [
      [[2, 3, 4, 5, 6], 0.0625],
      [[2, 3, 4, 5, 6, 7], 0.03125],
      [[0.5, 3, 4, 5, 6], 0.375],
      [[1, 1], 1],
      [[0.5, 2], 1],
    ];
    for (const [values, expected] of cases) assert.equal(signTest(values, 1), expected);
  });

  it('finds what rises or falls in order', () => {
    assert.deepEqual(trendTest([1, 2, 3, 4, 5]), { score: 10, probability: 2 / 120 });
    assert.deepEqual(trendTest([5, 4, 3, 2, 1]), { score: -10, probability: 2 / 120 });
    assert.equal(trendTest([1, 1, 1, 1]).probability, 1);
    assert.equal(trendTest([1, 2]).probability, 1);
    const long = trendTest(Array.from({ length: 20 }, (_, index) => index + (index % 3)));
    assert.ok(long.score > 0 && long.probability < 0.001);
    // Ties: the normal approximation.
    const { probability } = trendTest([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8]);
    assert.ok(probability > 0.05 && probability < 0.1, String(probability));
  });

  it('calls a value an outlier only far beyond the spread of the others', () => {
    assert.deepEqual(outliers([10, 11, 10.5, 9.5, 10.2, 30]), [5]);
    assert.deepEqual(outliers([10, 11, 10.5, 9.5, 10.2, 12]), []);
    assert.deepEqual(outliers([1, 100]), []);
  });
});

describe('False discoveries', () => {
  it('are counted as by Benjamini and Hochberg', () => {
    // The example of their paper: fifteen tests, of which four are rejected at 0.05, where Bonferroni rejects three.
    const paper = [
      0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1,
    ];
    assert.equal(falseDiscoveries(paper, 0.05), 4);
    assert.equal(falseDiscoveries([...paper].reverse(), 0.05), 4);
    assert.deepEqual([falseDiscoveries([], 0.05), falseDiscoveries([1, 1], 0.05), falseDiscoveries([0.05], 0.05)], [0, 0, 1]);
    assert.equal(falseDiscoveries([0.04, 0.05], 0.05), 2, 'the larger one is within its share, and so both are');
  });
});
