import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type CommonFactor, commonFactor, type Lengths } from '../../src/core/common-factor.js';
import type { RunId } from '../../src/core/model.js';
import { atOnce } from '../../src/core/slices.js';

const run = (index: number) => `run-${String(index).padStart(3, '0')}` as RunId;
/** By gate, how long it took in each run; undefined where it was not executed. */
const factor = (gates: Readonly<Record<string, readonly (number | undefined)[]>>): CommonFactor =>
  atOnce(
    commonFactor(
      Object.entries(gates).map(
        ([gate, all]): Lengths => ({
          gate,
          taken: all.flatMap((ms, index) => (ms === undefined ? [] : [{ run: run(index), startedAt: `at ${index}`, ms }])),
        }),
      ),
    ),
  );
const rounded = (values: readonly number[]) => values.map((value) => Math.round(value * 1000) / 1000);
const FIVE = ['a', 'b', 'c', 'd', 'e'];

describe('What all gates of a run have in common', () => {
  it('is how many times as long as usual they took, however long each takes', () => {
    const { ofRuns, without } = factor(
      Object.fromEntries(FIVE.map((gate, place) => [gate, [1, 1, 2, 1].map((ms) => ms * 10 ** place)])),
    );
    assert.deepEqual(rounded(ofRuns.map((each) => each.factor)), [1, 1, 2, 1]);
    assert.deepEqual(
      ofRuns.map((each) => [each.run, each.startedAt]),
      [0, 1, 2, 3].map((index) => [run(index), `at ${index}`]),
    );
    assert.deepEqual(rounded([without('a', run(2)), without('a', run(3))]), [2, 1]);
  });

  it('is not what one of them did by itself', () => {
    const gates = Object.fromEntries(FIVE.map((gate) => [gate, gate === 'b' ? [100, 100, 700] : [100, 100, 100]]));
    const { ofRuns, without } = factor(gates);
    assert.deepEqual(rounded(ofRuns.map((each) => each.factor)), [1, 1, 1]);
    assert.deepEqual(rounded([without('b', run(2)), without('a', run(2))]), [1, 1]);
  });

  it('is told of a gate by the others alone', () => {
    const gates = { a: [100, 100, 800], b: [100, 100, 400], c: [100, 100, 100], d: [100, 100, 100] };
    assert.equal(Math.round(factor(gates).without('c', run(2)) * 10) / 10, 4, 'of a, b and d the middle one');
    assert.equal(factor(gates).without('a', run(2)), 1);
  });

  it('is unknown with fewer than three others', () => {
    const few = factor({ a: [100, 200], b: [100, 200], c: [100, 200], d: [100, undefined] });
    assert.equal(few.without('a', run(1)), 1);
    assert.deepEqual(
      few.ofRuns.map((each) => each.run),
      [run(0)],
    );
    assert.equal(few.without('z', run(0)), 1, 'of a gate that nobody knows');
  });

  it('is multiplied when all durations of a run are, and else the same (property)', () => {
    const lengths = fc.array(fc.double({ min: 1, max: 1e6, noNaN: true }), { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(
        fc.array(lengths, { minLength: 4, maxLength: 8 }),
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        (all, times) => {
          const gates = (by: number) => Object.fromEntries(all.map((own, gate) => [`g${gate}`, own.map((ms) => ms * by)]));
          const [plain, other] = [factor(gates(1)), factor(gates(times))];
          assert.equal(plain.ofRuns.length, all.length > 3 ? 5 : 0);
          for (const [index, { factor: before }] of plain.ofRuns.entries())
            assert.ok(Math.abs((other.ofRuns[index]?.factor ?? 0) / before - 1) < 1e-9, 'a faster machine is no change within');
        },
      ),
      { numRuns: 100 },
    );
  });
});
