import assert from 'node:assert/strict';
import fc from 'fast-check';
import { eventually } from '../support/processes.js';
import { operation, startRig } from '../support/rig.js';

const failed = { kind: 'failed' } as const;
const crashed = { kind: 'errored', failure: { kind: 'died', signal: 'SIGSEGV' } } as const;

describe('A run', () => {
  it('never runs more operations at once than it has slots', async () => {
    const rig = await startRig(
      ['a', 'b', 'c', 'd'].map((id) => operation(id)),
      { slots: 2 },
    );
    assert.deepEqual(rig.running(), ['a', 'b']);
    await rig.release('a');
    assert.deepEqual(rig.running(), ['b', 'c']);
    await rig.release('c');
    await rig.release('b');
    await rig.release('d');
    assert.equal(await rig.finished, 'passed');
    assert.equal(rig.most(), 2);
  });

  it('gives a freed slot to the operation with the longest remaining path, decided when the slot frees', async () => {
    const rig = await startRig(
      [operation('first'), operation('short'), operation('late', { needs: ['gate'] }), operation('gate')],
      { slots: 2, durations: { first: 90, short: 10, gate: 50, late: 500 } },
    );
    assert.deepEqual(rig.running(), ['gate', 'first']);
    await rig.release('gate');
    assert.deepEqual(rig.running(), ['first', 'late'], 'late became ready after short was queued and still goes first');
    await rig.release('first');
    assert.deepEqual(rig.running(), ['late', 'short']);
  });

  it('starts operations of unknown duration before known ones', async () => {
    const rig = await startRig([operation('known'), operation('unknown')], { slots: 1, durations: { known: 1000 } });
    assert.deepEqual(rig.running(), ['unknown']);
  });

  it('starts what holds a lock before longer work, when more waits for the lock than that', async () => {
    const cached = (id: string) => operation(id, { access: { locks: ['cache'] } });
    const rig = await startRig([operation('long'), cached('a'), cached('b'), cached('c')], {
      slots: 1,
      durations: { long: 50, a: 20, b: 20, c: 20 },
    });
    assert.deepEqual(rig.running(), ['a'], '60 ms wait for the lock');
    await rig.release('a');
    assert.deepEqual(rig.running(), ['long'], '40 ms are left');
  });

  it('lets what holds a lock without running go before others as soon as something urgent waits for the lock', async () => {
    const rig = await startRig(
      [
        operation('first'),
        operation('other'),
        operation('middle'),
        operation('holder', { access: { locks: ['cache'] } }),
        operation('urgent', { needs: ['first'], access: { locks: ['cache'] } }),
        operation('after', { needs: ['urgent'] }),
      ],
      { slots: 2, durations: { first: 100, other: 60, middle: 50, holder: 1, urgent: 500, after: 10 } },
    );
    assert.deepEqual(rig.running(), ['first', 'other']);
    await rig.release('first');
    assert.deepEqual(rig.running(), ['other', 'holder'], 'holder queued behind middle, and holds what urgent waits for');
    await rig.release('holder');
    assert.deepEqual(rig.running(), ['other', 'urgent']);
  });

  it('runs in the given order, one at a time, when it is sequential', async () => {
    const rig = await startRig(
      ['a', 'b', 'c'].map((id) => operation(id)),
      { slots: 1, mode: 'sequential', durations: { a: 1, b: 2, c: 3 } },
    );
    for (const id of ['a', 'b', 'c']) {
      assert.deepEqual(rig.running(), [id]);
      await rig.release(id, failed);
    }
    assert.equal(await rig.finished, 'failed');
  });

  it('uses more slots, or fewer, as soon as their number is changed', async () => {
    const rig = await startRig(
      ['a', 'b', 'c', 'd', 'e'].map((id) => operation(id)),
      { slots: 1 },
    );
    await rig.setSlots(3);
    assert.deepEqual(rig.running(), ['a', 'b', 'c']);
    await rig.setSlots(1);
    await rig.release('a');
    await rig.release('b');
    assert.deepEqual(rig.running(), ['c']);
    await rig.release('c');
    assert.deepEqual(rig.running(), ['d']);
    assert.equal(rig.state().slots, 1);
  });

  it('skips what needs an operation that did not pass, names it, and disturbs nothing else', async () => {
    const rig = await startRig([
      operation('build'),
      operation('test', { needs: ['build'] }),
      operation('report', { needs: ['test'] }),
      operation('lint'),
    ]);
    await rig.release('build', failed);
    assert.deepEqual(rig.running(), ['lint']);
    await rig.release('lint');
    assert.deepEqual(rig.ended(), ['build: failed', 'test: skipped', 'report: skipped', 'lint: passed']);
    assert.deepEqual(rig.state().operations[1]?.outcome, {
      kind: 'skipped',
      reason: { kind: 'need did not pass', need: 'build', outcome: 'failed' },
    });
  });

  it('runs what only follows by a hazard even when the first one failed, as one after another would', async () => {
    const rig = await startRig([
      operation('write', { access: { writes: ['/w/dist/**'] } }),
      operation('read', { access: { reads: ['/w/**'] } }),
    ]);
    assert.deepEqual(rig.running(), ['write']);
    await rig.release('write', failed);
    assert.deepEqual(rig.running(), ['read']);
  });

  it('never runs two holders of a lock together, and says who held it', async () => {
    const rig = await startRig(
      ['a', 'b', 'c'].map((id) => operation(id, { access: { locks: id === 'c' ? [] : ['port'] } })),
      { slots: 3 },
    );
    assert.deepEqual(rig.running(), ['a', 'c']);
    assert.deepEqual(rig.state().operations[1]?.segments[0], { phase: 'locked', from: 0, by: ['a'] });
    await rig.release('a');
    assert.deepEqual(rig.running(), ['c', 'b']);
  });

  it('holds no lock while it waits for another one', async () => {
    const rig = await startRig(
      [
        operation('x', { access: { locks: ['1'] } }),
        operation('both', { access: { locks: ['1', '2'] } }),
        operation('y', { access: { locks: ['2'] } }),
      ],
      { slots: 3 },
    );
    assert.deepEqual(rig.running(), ['x', 'y']);
    await rig.release('y');
    assert.deepEqual(rig.running(), ['x']);
    await rig.release('x');
    assert.deepEqual(rig.running(), ['both']);
  });

  it('takes an execution that throws as a defect of that operation alone', async () => {
    const rig = await startRig([operation('a'), operation('b')]);
    await rig.crash('a', 'boom');
    await rig.release('b');
    assert.equal(await rig.finished, 'errored');
    const outcome = rig.state().operations[0]?.outcome;
    assert.equal(outcome?.kind === 'errored' && outcome.failure.kind === 'defect' && outcome.failure.message, 'boom');
  });

  it('tries again what errored, as often as it may, and never what failed', async () => {
    const rig = await startRig([operation('flaky', { retries: 1 }), operation('wrong', { retries: 1 })]);
    await rig.release('wrong', failed);
    await rig.release('flaky', crashed);
    assert.deepEqual(rig.running(), ['flaky']);
    await rig.release('flaky', crashed);
    assert.deepEqual(rig.ended(), ['wrong: failed', 'flaky: errored']);
    assert.equal(rig.state().operations[0]?.attempts, 2);
  });

  it('stops an operation that exceeds its time limit, and only that one', async () => {
    const rig = await startRig([operation('slow', { timeoutMs: 1 }), operation('other')]);
    while (rig.ended().length === 0) await rig.settle();
    assert.deepEqual(rig.ended(), ['slow: timed out']);
    assert.deepEqual(rig.running(), ['other']);
    await rig.release('other');
    assert.equal(await rig.finished, 'errored');
  });

  it('cancels what waits at once and waits for what runs to be gone', async () => {
    const rig = await startRig(
      ['a', 'b', 'c'].map((id) => operation(id)),
      { obedient: false },
    );
    await rig.cancel();
    assert.deepEqual(rig.ended(), ['c: cancelled']);
    await rig.release('a');
    await rig.release('b');
    assert.equal(await rig.finished, 'cancelled');
    assert.deepEqual(rig.state().operations[0]?.outcome, { kind: 'cancelled', cause: { kind: 'user' } });
  });

  it('keeps the outcome of an operation that ended just before it was cancelled', async () => {
    const rig = await startRig([operation('a'), operation('b')], { obedient: true });
    await rig.release('a', failed);
    await rig.cancel();
    assert.deepEqual(rig.ended(), ['a: failed', 'b: cancelled']);
  });

  it('cancels one operation without touching the others', async () => {
    const rig = await startRig(['a', 'b', 'c'].map((id) => operation(id)));
    await rig.cancel({ kind: 'user' }, 'a');
    assert.deepEqual(rig.running(), ['b', 'c']);
  });

  it('stops the rest at the first failure when it is asked to, and says because of which', async () => {
    const rig = await startRig(
      ['a', 'b', 'c'].map((id) => operation(id)),
      { failure: 'kill' },
    );
    await rig.release('b', failed);
    assert.equal(await rig.finished, 'failed');
    assert.deepEqual(rig.state().operations[2]?.outcome, { kind: 'cancelled', cause: { kind: 'fail fast', because: 'b' } });
  });

  it('ends at once when there is nothing to run', async () => {
    const rig = await startRig([operation('a')], { skipped: { a: { kind: 'no files in scope', scope: 'changed', inputs: [] } } });
    assert.equal(await rig.finished, 'passed');
    assert.equal(await (await startRig([])).finished, 'passed');
  });

  it('puts each running operation on a lane of its own', async () => {
    const rig = await startRig(
      ['a', 'b', 'c', 'd'].map((id) => operation(id)),
      { slots: 3 },
    );
    await rig.release('b');
    assert.deepEqual(
      rig.state().operations.map(({ lane }) => lane),
      [0, 1, 2, 1],
    );
  });

  it('reaches the end from any graph of needs and locks, whatever fails, within its slots, after what it waits for', async () => {
    const batch = fc
      .array(
        fc.record({ needs: fc.array(fc.nat(9), { maxLength: 3 }), locks: fc.subarray(['x', 'y', 'z']), fails: fc.boolean() }),
        { minLength: 1, maxLength: 10 },
      )
      .map((entries) =>
        entries.map(({ needs, locks, fails }, index) => ({
          fails,
          operation: operation(String(index), { needs: needs.filter((need) => need < index).map(String), access: { locks } }),
        })),
      );
    await fc.assert(
      fc.asyncProperty(batch, fc.integer({ min: 1, max: 4 }), fc.infiniteStream(fc.nat()), async (entries, slots, choices) => {
        const rig = await startRig(
          entries.map((entry) => entry.operation),
          { slots },
        );
        while (rig.running().length > 0) {
          const running = rig.running();
          const locks = running.flatMap((id) => entries[Number(id)]?.operation.access.locks ?? []);
          assert.equal(new Set(locks).size, locks.length, 'a lock has one holder');
          const id = running[(choices.next().value ?? 0) % running.length] ?? '';
          await rig.release(id, entries[Number(id)]?.fails ? failed : { kind: 'passed' });
        }
        assert.ok(rig.most() <= slots);
        assert.equal(rig.ended().length, entries.length);
        assert.deepEqual(
          rig.events.map((event) => event.sequence),
          rig.events.map((_, index) => index),
        );
        const outcomes = new Map(rig.state().operations.map((each) => [each.id as string, each.outcome?.kind]));
        for (const { operation: each, fails } of entries) {
          const expected = each.needs.some((need) => outcomes.get(need) !== 'passed') ? 'skipped' : fails ? 'failed' : 'passed';
          assert.equal(outcomes.get(each.id), expected);
        }
      }),
      { numRuns: 60 },
    );
  });

  describe('of a batch', () => {
    const limited = (id: string, name: string, most: number, member?: string) =>
      operation(id, { limits: [{ name, most, ...(member === undefined ? {} : { member }) }] });

    it('runs no more members of a group at once than its fan-out, and everything else beside', async () => {
      const rig = await startRig([...['a', 'b', 'c'].map((id) => limited(id, 'g', 2)), operation('x')], { slots: 8 });
      assert.deepEqual(rig.running(), ['a', 'b', 'x']);
      assert.deepEqual(rig.state().operations[2]?.segments.at(-1), { phase: 'locked', from: 0, by: ['a', 'b'] });
      await rig.release('b');
      assert.deepEqual(rig.running(), ['a', 'x', 'c']);
    });

    it('counts a member that is a group once, however much of it runs', async () => {
      const rig = await startRig([limited('a1', 'g', 1, 'a'), limited('a2', 'g', 1, 'a'), limited('b', 'g', 1, 'b')], {
        slots: 8,
      });
      assert.deepEqual(rig.running(), ['a1', 'a2']);
      await rig.release('a1');
      assert.deepEqual(rig.running(), ['a2']);
      await rig.release('a2');
      assert.deepEqual(rig.running(), ['b']);
    });

    it('goes on with what needs an operation that may fail', async () => {
      const rig = await startRig([operation('a', { onFailure: 'continue' }), operation('b', { needs: ['a'] })]);
      await rig.release('a', failed);
      assert.deepEqual(rig.running(), ['b']);
    });

    it('tries a failed operation again where it is asked for, after a while', async () => {
      const rig = await startRig([operation('a', { retries: 1, retryFailed: true, backoffMs: 1 })]);
      await rig.release('a', failed);
      await eventually('it runs again', () => rig.running().includes('a'));
      await rig.release('a', failed);
      assert.deepEqual(rig.ended(), ['a: failed']);
      assert.equal(rig.state().operations[0]?.attempts, 2);
    });

    it('can be cancelled while an operation waits for its next attempt', async () => {
      const rig = await startRig([operation('a', { retries: 1, backoffMs: 60_000 })]);
      await rig.release('a', crashed);
      await rig.cancel();
      assert.deepEqual(rig.ended(), ['a: cancelled']);
      assert.equal(await rig.finished, 'cancelled');
    });

    it('starts nothing new after a failure and lets go on what runs, where that is asked for', async () => {
      const rig = await startRig([operation('a'), operation('b'), operation('c')], { failure: 'stop' });
      await rig.release('a', failed);
      assert.deepEqual(rig.running(), ['b']);
      await rig.release('b');
      assert.deepEqual(rig.ended(), ['a: failed', 'c: cancelled', 'b: passed']);
      assert.equal(await rig.finished, 'failed');
    });

    it('does in one pass and in one slot what can be done so and is ready', async () => {
      const fused = (id: string, needs: readonly string[] = []) => operation(id, { fusion: 'k', needs });
      const rig = await startRig([fused('a'), operation('x'), fused('b'), fused('late', ['x'])], { slots: 2 });
      assert.deepEqual(rig.running(), ['x', 'a', 'b'], 'late waits for x, so x has the longer path');
      assert.deepEqual(rig.together('a'), ['a', 'b']);
      assert.deepEqual(
        rig.state().operations.map(({ lane }) => lane),
        [1, 0, 1, undefined],
      );
      await rig.release('x');
      assert.deepEqual(rig.together('late'), []);
      for (const id of ['b', 'a', 'late']) await rig.release(id, id === 'b' ? failed : undefined);
      assert.deepEqual(rig.ended(), ['x: passed', 'b: failed', 'a: passed', 'late: passed']);
    });

    it('tries again alone, when the rest is done, what failed for want of something that others held', async () => {
      const rig = await startRig([operation('a'), operation('b'), operation('c'), operation('d', { needs: ['a'] })], {
        slots: 3,
      });
      await rig.release('a', failed, 'the address was in use');
      assert.deepEqual(rig.running(), ['b', 'c']);
      await rig.release('b');
      assert.deepEqual(rig.running(), ['c']);
      await rig.release('c');
      assert.deepEqual(rig.running(), ['a']);
      await rig.release('a');
      assert.deepEqual(rig.state().operations[0]?.outcome, {
        kind: 'passed',
        interference: { beside: ['b', 'c'], because: 'the address was in use' },
      });
      await rig.release('d');
      assert.equal(await rig.finished, 'passed');
    });

    it('lets stand what fails alone, too, and what failed with nothing beside it', async () => {
      const rig = await startRig([operation('a'), operation('b', { needs: ['a'] })], { slots: 2 });
      await rig.release('a', failed, 'the address was in use');
      assert.deepEqual(rig.ended(), ['a: failed', 'b: skipped']);
      const other = await startRig([operation('a'), operation('b')], { slots: 2 });
      await other.release('a', failed, 'the address was in use');
      await other.release('b');
      await other.release('a', failed, 'the address was in use');
      assert.deepEqual(other.ended(), ['b: passed', 'a: failed']);
    });

    it('goes on one after another when operations get in each other’s way again and again', async () => {
      const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
      const rig = await startRig(
        ids.map((id) => operation(id)),
        { slots: 4 },
      );
      for (const id of ['a', 'b', 'c']) await rig.release(id, failed, 'there was no memory');
      assert.equal(rig.state().slots, 1);
      for (let guard = 0; guard < 20 && rig.running().length > 0; guard += 1) await rig.release(rig.running()[0] ?? '');
      assert.equal(await rig.finished, 'passed');
      assert.equal(rig.events.find((event) => event.kind === 'slots changed' && event.because)?.kind, 'slots changed');
    });
  });
});
