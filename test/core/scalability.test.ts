import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  curveOf,
  isNarrow,
  leastSquares,
  numbersUpTo,
  type Parameters,
  peakOf,
  shuffled,
  sizesUpTo,
  throughput,
} from '../../src/core/scalability.js';
import { normalQuantile, seededRandom } from '../../src/core/statistics.js';
import { type Curve, type Sample, TOLERANCE } from '../../src/core/tuning-model.js';

const NUMBERS = [1, 2, 3, 4, 6, 8, 12, 16];

/** Samples of a law; each time is off by a share of about `noise`. */
function samplesOf(law: Parameters, { rounds = 5, noise = 0, seed = 1, numbers = NUMBERS } = {}): readonly Sample[] {
  const random = seededRandom(seed);
  return Array.from({ length: rounds }, () =>
    numbers.map((number) => ({ number, ms: Math.exp(noise * normalQuantile(random() || 0.5)) / throughput(law, number) })),
  ).flat();
}

/** Each number with its times. */
function samples(times: Readonly<Record<number, readonly number[]>>): readonly Sample[] {
  return Object.entries(times).flatMap(([number, all]) => all.map((ms) => ({ number: Number(number), ms })));
}

function check(
  times: Readonly<Record<number, readonly number[]>>,
  expected: { readonly [name in keyof Curve]?: Curve[name] | undefined },
): void {
  const curve = curveOf(samples(times), { seed: 1, law: true });
  for (const [name, value] of Object.entries(expected)) assert.deepEqual(curve[name as keyof Curve], value, name);
}

const laws = fc.record({
  lambda: fc.double({ min: 0.0001, max: 1, noNaN: true }),
  sigma: fc.double({ min: 0.01, max: 0.6, noNaN: true }),
  kappa: fc.double({ min: 0.0005, max: 0.05, noNaN: true }),
});

describe('The law of scalability', () => {
  it('is found again where nothing is off, whatever its parameters are', () => {
    fc.assert(
      fc.property(laws, (law) => {
        const groups = NUMBERS.map((number) => ({ number, logs: [0], mean: -Math.log(throughput(law, number)) }));
        const found = leastSquares(groups);
        for (const name of ['lambda', 'sigma', 'kappa'] as const)
          assert.ok(Math.abs(found[name] - law[name]) < 1e-4 * (law[name] + 0.01), `${name}: ${found[name]} for ${law[name]}`);
      }),
    );
  });

  it('is found again near enough where times are off by a few percent, within what it could be', () => {
    fc.assert(
      fc.property(laws, fc.integer(), (law, seed) => {
        const curve = curveOf(samplesOf(law, { noise: 0.02, seed }), { seed, law: true });
        assert.ok(curve.law);
        assert.ok(Math.abs(curve.law.sigma.value - law.sigma) < 0.15 * (1 + law.sigma), JSON.stringify(curve.law));
        assert.ok(curve.law.sigma.value >= 0 && curve.law.sigma.value <= 1 && curve.law.kappa.value >= 0);
      }),
      { numRuns: 40 },
    );
  });

  it('has its peak where its throughput is highest, and none without coherence', () => {
    const law = { lambda: 1, sigma: 0.1, kappa: 0.01 };
    assert.equal(Math.round(peakOf(law) * 10) / 10, 9.5);
    assert.ok(throughput(law, peakOf(law)) > throughput(law, peakOf(law) + 0.5));
    assert.ok(throughput(law, peakOf(law)) > throughput(law, peakOf(law) - 0.5));
    assert.equal(peakOf({ sigma: 0.1, kappa: 0 }), Number.POSITIVE_INFINITY);
    assert.equal(curveOf(samplesOf({ ...law, kappa: 0 }), { seed: 1, law: true }).law?.peak, undefined);
  });

  it('stays with contention and coherence of at least zero, also where more is better than it allows', () => {
    const { law } = curveOf(samples({ 1: [100], 2: [40], 3: [25], 4: [15], 8: [6] }), { seed: 1, law: true });
    assert.equal(law?.sigma.value, 0);
    assert.equal(law?.kappa.value, 0);
    assert.equal(law?.fits, false);
  });

  it('says how much it explains, and that it does not fit a plateau that comes from too few operations', () => {
    const good = curveOf(samplesOf({ lambda: 0.001, sigma: 0.05, kappa: 0.002 }, { noise: 0.01 }), { seed: 1, law: true });
    assert.ok(good.law?.fits && good.law.explained > 0.99, JSON.stringify(good.law));
    const three = (ms: number) => [ms * 0.999, ms, ms * 1.001];
    const plateau = { 1: three(1200), 2: three(600), 3: three(400), 4: three(400), 6: three(400), 8: three(400) };
    const { law } = curveOf(samples(plateau), { seed: 1, law: true });
    assert.equal(law?.fits, false);
    check(plateau, { smallest: 3, certain: true });
  });

  it('is not fitted to three numbers, which any law with three parameters fits, nor where it cannot hold', () => {
    check({ 1: [10], 2: [6], 3: [5] }, { law: undefined, smallest: 3 });
    assert.equal(curveOf(samplesOf({ lambda: 1, sigma: 0.1, kappa: 0 }), { seed: 1, law: false }).law, undefined);
  });
});

describe('The number to use', () => {
  it('is the smallest whose measured median is within 3 % of the best', () => {
    check({ 1: [100], 2: [52], 3: [51], 4: [50] }, { best: 4, smallest: 3, certain: false });
    check({ 1: [100], 2: [51.5], 3: [51], 4: [50] }, { best: 4, smallest: 2 });
    check({ 1: [50], 2: [52], 3: [60], 4: [70] }, { best: 1, smallest: 1 });
    check({ 1: [10, 11, 300], 2: [10, 10, 12] }, { best: 2, smallest: 2 });
    check({}, { points: [], smallest: undefined, certain: false });
  });

  it('is certain only where the intervals leave no other', () => {
    const around = (ms: number, share: number) => [
      ms * (1 - share),
      ms,
      ms * (1 + share),
      ms * (1 - share / 2),
      ms * (1 + share / 2),
    ];
    check({ 1: around(100, 0.005), 2: around(60, 0.005), 4: around(50, 0.005) }, { smallest: 4, certain: true });
    check({ 1: around(100, 0.2), 2: around(53, 0.2), 4: around(50, 0.2) }, { smallest: 4, certain: false });
    check({ 1: [100], 2: [60], 4: [50] }, { smallest: 4, certain: false });
  });

  it('is held against what Volley chooses itself, which is no number to recommend and none that the law is of', () => {
    const around = (ms: number) => [ms * 0.995, ms, ms * 1.005];
    const numbers = { 1: around(100), 2: around(60), 3: around(50), 4: around(49.5) };
    const without = curveOf(samples(numbers), { seed: 1, law: true });
    for (const [ms, standing] of [
      [60, 'outside'],
      [50, 'within'],
      [40, 'within'],
      [51.4, 'open'],
    ] as const) {
      const curve = curveOf(samples({ 0: around(ms), ...numbers }), { seed: 1, law: true });
      assert.equal(curve.automatic?.standing, standing, String(ms));
      assert.ok(Math.abs((curve.automatic?.ratio ?? 0) - ms / 50) < 1e-9);
      assert.deepEqual([curve.smallest, curve.best, curve.points.length], [3, 4, 4]);
      assert.equal(curve.law?.sigma.value, without.law?.sigma.value);
    }
  });

  it('was always measured, and no smaller one is within 3 % of the best', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.double({ min: 1, max: 1e6, noNaN: true })), { minLength: 1 }),
        (all) => {
          const curve = curveOf(
            all.map(([number, ms]) => ({ number, ms })),
            { seed: 7, law: true },
          );
          const { points, smallest = 0, best } = curve;
          assert.ok(all.some(([number]) => number === smallest));
          const fastest = Math.min(...points.map(({ medianMs }) => medianMs));
          assert.equal(points.find(({ number }) => number === best)?.medianMs, fastest);
          for (const { number, ratio } of points) {
            assert.ok(ratio >= 1 - 1e-12);
            if (number < smallest) assert.ok(ratio > 1 + TOLERANCE);
            if (number === smallest) assert.ok(ratio <= 1 + TOLERANCE);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('does not depend on the order of the samples, and intervals only on the seed', () => {
    const all = samplesOf({ lambda: 0.001, sigma: 0.1, kappa: 0.01 }, { noise: 0.05 });
    const curve = curveOf(all, { seed: 3, law: true });
    assert.deepEqual(curveOf(all, { seed: 3, law: true }), curve);
    const other = curveOf(shuffled(all, seededRandom(9)), { seed: 3, law: true });
    assert.deepEqual({ best: other.best, smallest: other.smallest }, { best: curve.best, smallest: curve.smallest });
    assert.deepEqual(
      other.points.map(({ medianMs }) => medianMs),
      curve.points.map(({ medianMs }) => medianMs),
    );
  });

  it('needs no more samples once it is certain or all ratios are known well', () => {
    const law = { lambda: 0.001, sigma: 0.1, kappa: 0.01 };
    assert.equal(isNarrow(curveOf(samplesOf(law, { rounds: 1 }), { seed: 1, law: true })), false);
    assert.equal(isNarrow(curveOf(samplesOf(law, { rounds: 3, noise: 0.2 }), { seed: 1, law: true })), false);
    assert.equal(isNarrow(curveOf(samplesOf(law, { rounds: 5, noise: 0.002 }), { seed: 1, law: true })), true);
  });
});

describe('The numbers to try', () => {
  it('grow by a third to a half, and end with the most', () => {
    assert.deepEqual(numbersUpTo(1), [1]);
    assert.deepEqual(numbersUpTo(2), [1, 2]);
    assert.deepEqual(numbersUpTo(5), [1, 2, 3, 4, 5]);
    assert.deepEqual(numbersUpTo(16), [1, 2, 3, 4, 6, 8, 12, 16]);
    assert.deepEqual(numbersUpTo(20), [1, 2, 3, 4, 6, 8, 12, 16, 20]);
    assert.deepEqual(sizesUpTo(1), [1]);
    assert.deepEqual(sizesUpTo(130), [1, 2, 5, 10, 20, 50, 100, 130]);
    assert.deepEqual(sizesUpTo(200), [1, 2, 5, 10, 20, 50, 100, 200]);
  });

  it('ascend without repeats and lie within what was asked for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), (most) => {
        for (const numbers of [numbersUpTo(most), sizesUpTo(most)]) {
          assert.deepEqual(
            [...new Set(numbers)].sort((a, b) => a - b),
            numbers,
          );
          assert.equal(numbers[0], 1);
          assert.equal(numbers.at(-1), most);
        }
      }),
    );
  });

  it('are tried in an order at random that follows from the seed', () => {
    const order = (seed: number) => shuffled(NUMBERS, seededRandom(seed));
    assert.deepEqual(order(1), order(1));
    assert.notDeepEqual(order(1), order(2));
    assert.deepEqual(
      [...order(1)].sort((a, b) => a - b),
      NUMBERS,
    );
  });
});
