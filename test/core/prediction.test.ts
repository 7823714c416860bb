import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Duration } from '../../src/core/durations.js';
import { forecastOf } from '../../src/core/forecast.js';
import type { Operation, OperationId, Prediction } from '../../src/core/model.js';
import { planBatch } from '../../src/core/plan.js';
import { predict, remainingOf } from '../../src/core/prediction.js';
import { seededRandom } from '../../src/core/statistics.js';
import { operation, startRig } from '../support/rig.js';

/** What operations took in earlier runs, the newest first. */
type Known = Readonly<Record<string, readonly number[]>>;

function expectedFrom(known: Known): ReadonlyMap<OperationId, Duration> {
  return new Map(
    Object.entries(known).map(([id, all]) => {
      const values = all.map((ms, age) => ({ ms, run: -age, weight: 0.8 ** age }));
      const middle = [...all].sort((a, b) => a - b)[Math.floor((all.length - 1) / 2)] ?? 0;
      return [id as OperationId, { ms: middle, values, basis: 'measured' }];
    }),
  );
}

function planOf(operations: readonly Operation[], known: Known, slots: number) {
  const expected = expectedFrom(known);
  const planned = planBatch(operations, new Map([...expected].map(([id, { ms }]) => [id, ms])), slots);
  assert.ok(planned.kind === 'plan');
  return { plan: planned.plan, expected, mode: 'parallel' as const, slots };
}

const named = (...ids: string[]) => ids.map((id) => operation(id));

function check(operations: readonly Operation[], known: Known, slots: number, expected: Prediction | undefined): void {
  assert.deepEqual(predict(planOf(operations, known, slots)), expected);
}

describe('A prediction', () => {
  it('is the makespan of what is known, scheduled on the slots that there will be', () => {
    check(named('a', 'b', 'c'), { a: [30], b: [20], c: [10] }, 1, { ms: 60, runs: 1 });
    check(named('a', 'b', 'c'), { a: [30], b: [20], c: [10] }, 2, { ms: 30, runs: 1 });
    check([operation('a'), operation('b', { needs: ['a'] })], { a: [30], b: [20] }, 2, { ms: 50, runs: 1 });
    const locked = ['a', 'b'].map((id) => operation(id, { access: { locks: ['cache'] } }));
    check(locked, { a: [30], b: [20] }, 2, { ms: 50, runs: 1 });
  });

  it('is not made where a duration is unknown', () => {
    check(named('a', 'b'), { a: [30] }, 2, undefined);
  });

  it('counts nothing for what is not executed', () => {
    const settled = new Set(['b' as OperationId]);
    assert.deepEqual(predict({ ...planOf(named('a', 'b'), { a: [30] }, 1), settled }), { ms: 30, runs: 1 });
  });

  it('has an interval from three remembered runs on, in which slow runs are slow for all', () => {
    check(named('a', 'b'), { a: [10, 12], b: [10, 12] }, 1, { ms: 20, runs: 2 });
    const predicted = predict(planOf(named('a', 'b'), { a: [10, 20, 30], b: [10, 20, 30] }, 1));
    assert.deepEqual([predicted?.ms, predicted?.runs], [40, 3]);
    // All remembered runs lie between 20 and 60; of three the next may lie beyond. 20 is their standard deviation, 1.886 the t of two.
    assert.ok(Math.abs((predicted?.highMs ?? 0) - (40 + 20 * 1.886 * Math.sqrt(4 / 3))) < 1);
    assert.equal(predicted?.lowMs, 0, 'no run takes less than nothing');
  });

  it('has an interval that about four of five runs come to lie in, however many are remembered', () => {
    const random = seededRandom(5);
    const noise = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    // Each run has a pace of its own, and each operation something of its own besides.
    const oneRun = () => {
      const pace = 1 + 0.1 * noise();
      return [100, 70, 50, 40, 30, 20].map((ms) => Math.max(1, ms * pace * (1 + 0.1 * noise())));
    };
    for (const remembered of [3, 5, 10]) {
      let inside = 0;
      for (let trial = 0; trial < 300; trial += 1) {
        const runs = Array.from({ length: remembered + 1 }, oneRun);
        const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
        const known = Object.fromEntries(ids.map((id, at) => [id, runs.slice(1).map((all) => all[at] ?? 0)]));
        const { lowMs = 0, highMs = 0 } = predict(planOf(named(...ids), known, 2)) ?? {};
        const came = predict(planOf(named(...ids), Object.fromEntries(ids.map((id, at) => [id, [runs[0]?.[at] ?? 0]])), 2));
        if (came && lowMs <= came.ms && came.ms <= highMs) inside += 1;
      }
      assert.ok(inside > 0.7 * 300 && inside < 0.92 * 300, `${remembered} remembered: ${inside} of 300`);
    }
  });

  it('lies between its low and its high, and these between the shortest and the longest that could come', () => {
    const known = fc.dictionary(
      fc.constantFrom('a', 'b', 'c', 'd'),
      fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 6 }),
      {
        minKeys: 1,
      },
    );
    fc.assert(
      fc.property(known, fc.integer({ min: 1, max: 3 }), (all, slots) => {
        const { ms, lowMs = 0, highMs = 0 } = predict(planOf(named(...Object.keys(all)), all, slots)) ?? { ms: 0 };
        const sum = (pick: (values: readonly number[]) => number) =>
          Object.values(all).reduce((total, each) => total + pick(each), 0);
        assert.ok(ms > 0 && ms <= sum((each) => Math.max(...each)) && ms >= sum((each) => Math.min(...each)) / slots);
        if (highMs > 0) assert.ok(lowMs <= ms && ms <= highMs);
      }),
    );
  });
});

describe('What remains of a run', () => {
  const known: Known = { a: [100], b: [60], c: [50] };
  const durations = { a: 100, b: 60, c: 50 };

  it('is what is left of what runs and all that waits, as it would be scheduled', async () => {
    const rig = await startRig(named('a', 'b', 'c'), { slots: 2, durations });
    const look = remainingOf(planOf(named('a', 'b', 'c'), known, 2));
    assert.deepEqual(look(rig.state(), 0), { endsAt: 110 });
    rig.tick(40);
    assert.deepEqual(look(rig.state(), 40), { endsAt: 110 }, 'all goes as expected');
    await rig.release('b');
    assert.deepEqual(look(rig.state(), 40), { endsAt: 100 }, 'b was faster, so c ends before a');
    rig.tick(60);
    await rig.release('a');
    assert.deepEqual(look(rig.state(), 95), { endsAt: 95 }, 'c is over its time by little');
    assert.deepEqual(look(rig.state(), 120), { endsAt: 120, late: true });
    await rig.release('c');
    assert.equal(look(rig.state(), 130), undefined);
  });

  it('counts only remembered durations that are longer than it has run already', async () => {
    const rig = await startRig(named('a'), { slots: 1 });
    const look = remainingOf(planOf(named('a'), { a: [10, 11, 12, 100] }, 1));
    assert.deepEqual(look(rig.state(), 0), { endsAt: 11 });
    assert.deepEqual(look(rig.state(), 20), { endsAt: 100 });
  });

  it('is unknown while something that has not ended is', async () => {
    const rig = await startRig(named('a', 'new'), { slots: 2 });
    const look = remainingOf(planOf(named('a', 'new'), { a: [100] }, 2));
    assert.equal(look(rig.state(), 0), undefined);
    await rig.release('new');
    assert.deepEqual(look(rig.state(), 0), { endsAt: 100 });
  });

  it('follows the number of slots', async () => {
    const rig = await startRig(named('a', 'b', 'c'), { slots: 1, durations });
    const look = remainingOf(planOf(named('a', 'b', 'c'), known, 1));
    assert.deepEqual(look(rig.state(), 0), { endsAt: 210 });
    await rig.setSlots(3);
    assert.deepEqual(look(rig.state(), 0), { endsAt: 100 });
  });

  it('is looked at anew only when that costs little of the time', async () => {
    const rig = await startRig(named('a', 'b'), { slots: 1, durations });
    let clock = 0;
    // Each look takes a millisecond.
    const forecast = forecastOf({ ...planOf(named('a', 'b'), known, 1), settled: new Set() }, () => clock++);
    assert.deepEqual(forecast?.predicted, { ms: 160, runs: 1 });
    assert.deepEqual(forecast?.remaining(rig.state(), 0), { endsAt: 160 });
    await rig.release('a');
    assert.deepEqual(forecast?.remaining(rig.state(), 0), { endsAt: 160 });
    clock += 30;
    assert.deepEqual(forecast?.remaining(rig.state(), 0), { endsAt: 60 });
  });
});
