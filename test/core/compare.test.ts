import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compareRuns } from '../../src/core/compare.js';
import type { Finding, RunState } from '../../src/core/model.js';
import { finding, type Job, many, SHOP, simulate } from '../webview/runs.js';

const job = (id: string, ms: number, more: Partial<Job> = {}): Job => ({
  id,
  name: id.toUpperCase(),
  group: 'lint',
  ms,
  ...more,
});
const run = (jobs: readonly Job[], name = 'after', slots = 2): RunState => simulate(jobs, { slots, run: name });
const failing = (...findings: readonly Finding[]) => ({ outcome: { kind: 'failed' } as const, findings });
const near = (actual: number, expected: number) => assert.ok(Math.abs(actual - expected) < 1e-6, `${actual} is not ${expected}`);

describe('Two runs compared', () => {
  it('differ in nothing when they are one', () => {
    const shop = run(SHOP);
    const same = compareRuns(shop, shop);
    assert.deepEqual([same.makespan.difference, same.shares, same.unlike, same.onlyBefore, same.onlyAfter], [0, [], [], [], []]);
    assert.equal(same.operations.length, SHOP.length);
    for (const { outcomes, findings, phases } of same.operations) {
      assert.equal(outcomes.changed, false);
      assert.deepEqual([findings.gained, findings.lost], [[], []]);
      assert.ok(Object.values(phases).every(({ difference }) => difference === 0));
    }
  });

  it('tell of each operation its outcome, each phase, its start, and whether it is in one only', () => {
    const before = run([job('a', 100), job('b', 200), job('c', 50), job('gone', 10)], 'before');
    const after = run([job('a', 100), job('b', 500, failing(finding('x.ts', 1, 'No.'))), job('c', 50), job('new', 5)]);
    const found = compareRuns(before, after);
    const b = found.operations.find(({ id }) => id === ('b' as string));
    assert.deepEqual(b?.outcomes, { before: 'passed', after: 'failed', changed: true });
    assert.deepEqual(b?.phases.running, { before: 200, after: 500, difference: 300 });
    assert.deepEqual(found.operations.find(({ id }) => id === ('c' as string))?.start, {
      before: 100,
      after: 100,
      difference: 0,
    });
    assert.deepEqual(
      found.onlyBefore.map(({ name }) => name),
      ['GONE'],
    );
    assert.deepEqual(found.onlyAfter, [{ id: 'new', name: 'NEW', outcome: 'passed', ms: 5 }]);
  });

  const findings: readonly (readonly [string, readonly Finding[], readonly Finding[], readonly string[], readonly string[]])[] = [
    ['gained and lost', [finding('a.ts', 1, 'Old.')], [finding('a.ts', 1, 'New.')], ['New.'], ['Old.']],
    ['that moved are neither', [finding('a.ts', 1, 'Same.')], [finding('a.ts', 90, 'Same.')], [], []],
    ['in another file are other ones', [finding('a.ts', 1, 'Same.')], [finding('b.ts', 1, 'Same.')], ['Same.'], ['Same.']],
    [
      'that say the same are counted',
      [finding('a.ts', 1, 'Twice.')],
      [finding('a.ts', 1, 'Twice.'), finding('a.ts', 9, 'Twice.')],
      ['Twice.'],
      [],
    ],
    [
      'that are ends of outputs say no more than that',
      [finding('a.ts', 1, '12:00 failed', { output: true })],
      [finding('a.ts', 1, '12:01 failed', { output: true })],
      [],
      [],
    ],
  ];
  for (const [title, before, after, gained, lost] of findings)
    it(`tell findings ${title}`, () => {
      const [operation] = compareRuns(
        run([job('a', 10, failing(...before))], 'before'),
        run([job('a', 10, failing(...after))]),
      ).operations;
      assert.deepEqual(
        operation?.findings.gained.map(({ message }) => message),
        gained,
      );
      assert.deepEqual(
        operation?.findings.lost.map(({ message }) => message),
        lost,
      );
    });

  it('say which of two equal findings is the new one', () => {
    const before = run([job('a', 10, failing(finding('a.ts', 7, 'Twice.')))], 'before');
    const after = run([job('a', 10, failing(finding('a.ts', 3, 'Twice.'), finding('a.ts', 7, 'Twice.')))]);
    assert.deepEqual(
      compareRuns(before, after).operations[0]?.findings.gained.map(({ line }) => line),
      [3],
    );
  });

  it('attribute the makespan to what is on the critical paths', () => {
    const before = run([job('a', 100), job('b', 200, { needs: ['a'] })], 'before');
    const after = run([job('a', 150), job('b', 500, { needs: ['a'] })]);
    assert.deepEqual(
      compareRuns(before, after).shares.map(({ name, what, difference }) => [name, what, difference]),
      [
        ['B', 'running', 300],
        ['A', 'running', 50],
      ],
    );
  });

  it('say why they are not quite alike', () => {
    const before = simulate([job('a', 1)], { slots: 2, mode: 'sequential', run: 'before' });
    const after = { ...run([job('a', 1)]), scope: 'changed' as const, outcome: 'cancelled' as const };
    const [mode, scope, cancelled] = compareRuns(before, after).unlike;
    assert.match(mode ?? '', /one after another.*in parallel/);
    assert.match(scope ?? '', /changed/);
    assert.equal(cancelled, 'The second was cancelled.');
  });

  it('attribute all of the difference, and are each other’s opposite (property)', () => {
    const jobs = fc
      .array(fc.tuple(fc.integer({ min: 0, max: 500 }), fc.boolean(), fc.option(fc.nat(5), { nil: undefined })), {
        maxLength: 12,
      })
      .map((all) =>
        all.map(([ms, locked, need], index) =>
          job(`op-${index}`, ms, {
            ...(locked ? { lock: 'x' } : {}),
            ...(need === undefined || need >= index ? {} : { needs: [`op-${need}`] }),
          }),
        ),
      );
    fc.assert(
      fc.property(jobs, jobs, fc.integer({ min: 1, max: 4 }), (one, other, slots) => {
        const [before, after] = [run(one, 'before', slots), run(other, 'after', slots)];
        const there = compareRuns(before, after);
        const back = compareRuns(after, before);
        near(
          there.shares.reduce((sum, { difference }) => sum + difference, 0),
          there.makespan.difference,
        );
        near(there.makespan.difference, -back.makespan.difference);
        assert.equal(there.operations.length + there.onlyAfter.length, other.length);
        assert.equal(there.operations.length + there.onlyBefore.length, one.length);
        for (const { phases, id } of there.operations) {
          const opposite = back.operations.find((each) => each.id === id);
          for (const phase of ['blocked', 'locked', 'queued', 'running'] as const)
            near(phases[phase].difference, -(opposite?.phases[phase].difference ?? Number.NaN));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('of a thousand operations are compared in one go', () => {
    const found = compareRuns(run(many(1000), 'before', 8), run(many(1000), 'after', 4));
    assert.equal(found.operations.length, 1000);
    assert.match(found.unlike.join(), /8 at once, the second with 4/);
  });
});
