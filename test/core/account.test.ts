import assert from 'node:assert/strict';
import fc from 'fast-check';
import { accountOf, accountOfSpeedup } from '../../src/core/account.js';
import type { Account, Trial } from '../../src/core/measured.js';
import type { Mode, RunState } from '../../src/core/model.js';
import { type Job, simulate } from '../webview/runs.js';

const job = (id: string, ms: number, more: Partial<Job> = {}): Job => ({ id, name: id, group: 'test', ms, ...more });

function sum({ makespanMs: _, ...parts }: Account): number {
  return Object.values(parts).reduce((total, ms) => total + ms, 0);
}

/** Two trials of the same jobs, the parallel one with operations `stretch` times as long. */
function speedup(jobs: readonly Job[], slots: number, stretch = 1) {
  const trials: Trial[] = [];
  const runs = (['sequential', 'parallel'] as const).map((mode: Mode): RunState => {
    const own = mode === 'parallel' ? jobs.map((each) => ({ ...each, ms: each.ms * stretch })) : jobs;
    const state = simulate(own, { slots, mode, run: mode });
    trials.push({ pair: 1, mode, run: state.run, makespanMs: state.at });
    return state;
  });
  const [before, after] = trials.map(({ makespanMs }) => makespanMs);
  const account = accountOfSpeedup(trials, runs, (before ?? 1) / (after ?? 1));
  assert.ok(account);
  return account;
}

describe('The account of a run', () => {
  it('is work alone when one operation runs in one slot', () => {
    const { makespanMs, workMs } = accountOf(simulate([job('a', 100)], { slots: 1 }));
    assert.deepEqual([makespanMs, workMs], [100, 100]);
  });

  it('tells what free slots waited for: others, a lock, or nothing any more', () => {
    const chain = accountOf(simulate([job('a', 100), job('b', 100, { needs: ['a'] })], { slots: 2 }));
    assert.deepEqual([chain.workMs, chain.blockedMs, chain.unusedMs], [100, 50, 50]);
    const locked = accountOf(simulate([job('a', 100, { lock: 'x' }), job('b', 100, { lock: 'x' })], { slots: 2 }));
    assert.deepEqual([locked.workMs, locked.lockedMs, locked.unusedMs], [100, 50, 50]);
    const uneven = accountOf(simulate([job('a', 100), job('b', 50)], { slots: 2 }));
    assert.deepEqual([uneven.workMs, uneven.unusedMs], [75, 25]);
  });

  it('adds up to the makespan, whatever ran', () => {
    const jobs = fc.array(
      fc.record({
        ms: fc.integer({ min: 0, max: 500 }),
        lock: fc.option(fc.constantFrom('x', 'y')),
        after: fc.option(fc.nat(5)),
      }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(jobs, fc.integer({ min: 1, max: 5 }), (all, slots) => {
        const list = all.map(({ ms, lock, after }, index) =>
          job(`j${index}`, ms, {
            ...(lock === null ? {} : { lock }),
            ...(after === null || after >= index ? {} : { needs: [`j${after}`] }),
          }),
        );
        const account = accountOf(simulate(list, { slots }));
        assert.ok(Math.abs(sum(account) - account.makespanMs) < 1e-6, JSON.stringify(account));
        assert.ok(Object.values(account).every((ms) => ms >= 0));
      }),
    );
  });

  it('counts slots as they were at each moment', () => {
    const state = simulate([job('a', 100), job('b', 100)], { slots: 2 });
    const moved = { ...state, slotMoves: [{ at: 50, from: 4, to: 2 }] };
    const { workMs, unusedMs } = accountOf(moved);
    assert.deepEqual([workMs, unusedMs], [75, 25]);
  });
});

describe('The account of a speedup', () => {
  const four = [job('a', 100), job('b', 100), job('c', 100), job('d', 100)];

  it('has the bound, the ceiling and the serial fraction', () => {
    const account = speedup(four, 2);
    assert.deepEqual(
      [account.sumMs, account.criticalPathMs, account.lowerBoundMs, account.ceiling, account.serialFraction],
      [400, 100, 200, 4, 0],
    );
    assert.deepEqual(account.pairs, { together: 2, all: 6 });
    assert.equal(speedup(four, 1).serialFraction, undefined);
  });

  it('says how much longer operations take in company, and what that costs', () => {
    const account = speedup(four, 2, 1.5);
    assert.ok(Math.abs(account.contentionMs - 100) < 1e-9);
    assert.deepEqual(
      account.company.map(({ aloneMs, companyMs }) => companyMs / aloneMs),
      [1.5, 1.5, 1.5, 1.5],
    );
  });

  const limit = (name: string, account: ReturnType<typeof speedup>, kind: string) =>
    it(`names what limits: ${name}`, () => assert.equal(account.limit?.kind, kind, JSON.stringify(account.limit)));
  limit('the longest operation', speedup([job('a', 1000), job('b', 100), job('c', 100)], 2), 'operation');
  limit('operations that follow each other', speedup([job('a', 100), job('b', 100, { needs: ['a'] }), job('c', 50)], 2), 'chain');
  limit('a lock', speedup([job('a', 100, { lock: 'x' }), job('b', 100, { lock: 'x' }), job('c', 50)], 2), 'lock');
  limit('the slots', speedup(four, 2), 'slots');
  limit('that fewer operations than slots are left', speedup([job('a', 100), job('b', 60), job('c', 60)], 6), 'operation');
  limit(
    'that nothing stands out',
    speedup(
      [
        job('a', 100),
        job('b', 90, { needs: ['a'] }),
        job('c', 90, { needs: ['a'] }),
        job('d', 90, { needs: ['b', 'c'] }),
        ...Array.from({ length: 3 }, (_, index) => job(`e${index}`, 95)),
      ],
      2,
    ),
    'slots',
  );
  limit('a machine without room', speedup(four, 2, 1.9), 'machine');

  it('is of the pair whose ratio is nearest to the speedup', () => {
    const trials: Trial[] = [];
    const runs = [1, 2, 3].flatMap((pair) =>
      (['sequential', 'parallel'] as const).map((mode) => {
        const state = simulate(
          four.map((each) => ({ ...each, ms: each.ms * (mode === 'sequential' ? pair : 1) })),
          { slots: 2, mode, run: `${pair}-${mode}` },
        );
        trials.push({ pair, mode, run: state.run, makespanMs: state.at });
        return state;
      }),
    );
    assert.equal(accountOfSpeedup(trials, runs, 4)?.pair, 2);
  });
});
