import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { RunState } from '../../src/core/model.js';
import { reduce, replay } from '../../src/core/state.js';
import { overlapOf, spansOf, timing } from '../../src/core/timing.js';
import { operation, type Rig, type RigOptions, startRig } from '../support/rig.js';

/** Runs a script of releases, each after some milliseconds on the rig's clock. */
async function run(
  operations: Parameters<typeof startRig>[0],
  script: readonly [string, number][],
  options: RigOptions = {},
): Promise<Rig> {
  const rig = await startRig(operations, options);
  for (const [id, ms] of script) {
    rig.tick(ms);
    await rig.release(id);
  }
  return rig;
}

const path = (rig: Rig) =>
  timing(rig.state()).criticalPath.map(({ operation: id, reason, from, to }) => `${id} ${reason} ${from}–${to}`);

describe('The timing of a run', () => {
  it('gives makespan, sum, speedup, efficiency, overlap and lower bound of what was measured', async () => {
    const rig = await run(
      [operation('a'), operation('b'), operation('c')],
      [
        ['a', 100],
        ['b', 100],
        ['c', 100],
      ],
      { slots: 2 },
    );
    const { makespanMs, sumMs, sumSpeedup, efficiency, overlap, lowerBoundMs } = timing(rig.state());
    // a: 0–100, b: 0–200, c: 100–300
    assert.deepEqual(
      { makespanMs, sumMs, sumSpeedup, efficiency, overlap, lowerBoundMs },
      { makespanMs: 300, sumMs: 500, sumSpeedup: 500 / 300, efficiency: 500 / 600, overlap: 2 / 3, lowerBoundMs: 250 },
    );
  });

  it('counts a pass in which several operations were done once', async () => {
    const rig = await run(
      [operation('a', { fusion: 'k' }), operation('b', { fusion: 'k' }), operation('c')],
      [
        ['a', 100],
        ['b', 0],
        ['c', 0],
      ],
      { slots: 2 },
    );
    const state = rig.state();
    const operations = state.operations.map((each) => {
      const fusedWith = state.operations.filter(({ id, lane }) => id !== each.id && lane === each.lane).map(({ id }) => id);
      return fusedWith.length === 0 ? each : { ...each, answer: { summary: '', fusedWith } };
    });
    const { sumMs, efficiency, lowerBoundMs } = timing({ ...state, operations });
    assert.deepEqual({ sumMs, efficiency, lowerBoundMs }, { sumMs: 200, efficiency: 1, lowerBoundMs: 100 });
  });

  it('splits the time of each operation into blocked, locked, queued and running without a gap', async () => {
    const rig = await run(
      [
        operation('first'),
        operation('second', { needs: ['first'], access: { locks: ['l'] } }),
        operation('holder', { access: { locks: ['l'] } }),
        operation('long'),
      ],
      [
        ['first', 10],
        ['holder', 20],
        ['long', 5],
        ['second', 30],
      ],
      { slots: 2, durations: { first: 4, holder: 3, long: 2, second: 1 } },
    );
    const spans = (id: string) => {
      const found = rig.state().operations.find((each) => each.id === id);
      return found && spansOf(found, rig.state().at);
    };
    assert.deepEqual(spans('second'), { blocked: 10, locked: 20, queued: 0, running: 35 });
    assert.deepEqual(spans('long'), { blocked: 0, locked: 0, queued: 10, running: 25 });
  });

  it('follows the critical path back through needs, locks and slots', async () => {
    const needs = await run(
      [operation('a'), operation('b', { needs: ['a'] }), operation('c')],
      [
        ['a', 10],
        ['c', 5],
        ['b', 20],
      ],
      { slots: 3 },
    );
    assert.deepEqual(path(needs), ['a start 0–10', 'b needs 10–35']);
    const lock = await run(
      ['a', 'b'].map((id) => operation(id, { access: { locks: ['x'] } })),
      [
        ['a', 10],
        ['b', 20],
      ],
      { slots: 2 },
    );
    assert.deepEqual(path(lock), ['a start 0–10', 'b lock 10–30']);
    const slot = await run(
      ['a', 'b', 'c'].map((id) => operation(id)),
      [
        ['a', 10],
        ['b', 1],
        ['c', 20],
      ],
      { slots: 2 },
    );
    assert.deepEqual(path(slot), ['a start 0–10', 'c slot 10–31']);
    const hazard = await run(
      [operation('w', { access: { writes: ['/x'] } }), operation('r', { access: { reads: ['/x'] } })],
      [
        ['w', 10],
        ['r', 5],
      ],
    );
    assert.deepEqual(path(hazard), ['w start 0–10', 'r hazard 10–15']);
  });

  it('counts to now while the run goes on', async () => {
    const rig = await run([operation('a'), operation('b')], [['a', 10]]);
    const account = timing(rig.state(), 25);
    assert.equal(account.makespanMs, 25);
    assert.equal(account.sumMs, 35);
  });

  it('has a tree with a group for each category, and is all zero for a run of nothing', async () => {
    const rig = await run(
      [operation('a', { group: 'lint' }), operation('b', { group: 'test' }), operation('c', { group: 'lint' })],
      [],
    );
    assert.deepEqual(
      timing(rig.state()).tree.children.map(({ id, children }) => [id, children.map((child) => child.id)]),
      [
        ['group:lint', ['a', 'c']],
        ['group:test', ['b']],
      ],
    );
    const empty = timing((await startRig([])).state());
    assert.deepEqual([empty.makespanMs, empty.sumMs, empty.overlap, empty.lowerBoundMs, empty.criticalPath], [0, 0, 0, 0, []]);
  });

  it('counts the pairs that overlap without looking at each', () => {
    const interval = fc.tuple(fc.nat(12), fc.nat(4)).map(([from, length]) => ({ from, to: from + length }));
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 12 }), (intervals) => {
        const pairs = intervals.flatMap((a, index) => intervals.slice(index + 1).map((b) => a.from < b.to && b.from < a.to));
        assert.equal(overlapOf(intervals), pairs.length === 0 ? 0 : pairs.filter(Boolean).length / pairs.length);
      }),
    );
  });

  it('of any run: spans add up to the end, the bound is not above the makespan, the critical path is one chain to the end', async () => {
    const batch = fc.array(fc.record({ needs: fc.array(fc.nat(7), { maxLength: 2 }), locks: fc.subarray(['x', 'y']) }), {
      minLength: 1,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(
        batch,
        fc.integer({ min: 1, max: 3 }),
        fc.infiniteStream(fc.integer({ min: 2, max: 50 })),
        async (entries, slots, ms) => {
          const operations = entries.map(({ needs, locks }, index) =>
            operation(String(index), { needs: needs.filter((need) => need < index).map(String), access: { locks } }),
          );
          const rig = await startRig(operations, { slots });
          while (rig.running().length > 0) {
            rig.tick(ms.next().value ?? 2);
            await rig.release(rig.running()[(ms.next().value ?? 0) % rig.running().length] ?? '');
          }
          const state = rig.state();
          const account = timing(state);
          for (const each of state.operations) {
            const spans = spansOf(each, state.at);
            assert.equal(spans.blocked + spans.locked + spans.queued + spans.running, each.segments.at(-1)?.to);
          }
          assert.ok(account.lowerBoundMs <= account.makespanMs + 1e-9);
          assert.ok(account.efficiency <= 1 + 1e-9);
          const steps = account.criticalPath;
          assert.equal(steps[0]?.reason, 'start');
          assert.equal(steps[0]?.from, 0);
          assert.equal(steps.at(-1)?.to, account.makespanMs);
          assert.deepEqual(
            steps.slice(1).map((step) => step.from),
            steps.slice(0, -1).map((step) => step.to),
          );
          assert.deepEqual(replay(JSON.parse(JSON.stringify(rig.events))), state, 'a stored run replays into the same state');
          const until = rig.events.slice(0, 1 + ((ms.next().value ?? 0) % rig.events.length));
          const before = until.reduce<RunState | undefined>(reduce, undefined);
          const kept = structuredClone(before);
          assert.deepEqual(replay(rig.events.slice(until.length), before), state, 'and from any state on');
          assert.deepEqual(before, kept, 'which stays as it was');
        },
      ),
      { numRuns: 60 },
    );
  });
});
