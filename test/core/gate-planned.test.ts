import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import type { GatePlanRequest } from '../../src/core/engine.js';
import type { Gate } from '../../src/core/gate-model.js';
import type { GateId, OperationId } from '../../src/core/model.js';
import { explainGatesText, gatePlanDocument } from '../../src/core/report/explain-gates.js';
import { withEngine } from '../support/engine.js';

/** Puts runs into the history in which gates took these milliseconds, the oldest first. */
async function remember(storage: string, ...runs: readonly Readonly<Record<string, number>>[]): Promise<void> {
  await mkdir(storage, { recursive: true });
  const lines = runs.map((durations, index) => {
    const entry = { run: `2026010${index + 1}T000000000-000000`, label: 'Before', mode: 'parallel' };
    // Since the machine started, so that all but the first were warm.
    const startedAt = new Date(Date.now() - 1000 + index).toISOString();
    return JSON.stringify({ version: 1, kind: 'run', entry: { ...entry, startedAt }, outputBytes: 0, durations });
  });
  await writeFile(path.join(storage, 'history.jsonl'), `${lines.join('\n')}\n`);
}

const asked = (gates: readonly Gate[], more: Partial<GatePlanRequest> = {}): GatePlanRequest => ({
  ...{ gates, scope: { kind: 'workspace' }, mode: 'parallel', slots: 2 },
  ...more,
});
const READS = { files: ['**'], also: [], env: [] };

describe('A plan of gates', () => {
  it('says in which order and when they would start, what holds them back, and how long it would take', async () => {
    await withEngine(async ({ engine, folder, storage, gate }) => {
      await remember(
        storage,
        { a: 900, b: 900, c: 900 },
        { a: 300, b: 200, c: 100 },
        { a: 300, b: 200, c: 100 },
        { a: 330, b: 220, c: 110 },
      );
      const locks = [`${folder}/.cache`];
      const gates = [
        gate('c', 'exit 9', { access: { reads: [], writes: [], locks } }),
        gate('a', 'exit 9'),
        gate('b', 'exit 9', { needs: ['c' as GateId], access: { reads: [], writes: [], locks } }),
      ];
      const planned = await engine.planGates(asked(gates));
      assert.deepEqual(
        planned.order.map(({ operation, startsMs }) => [operation, Math.round(startsMs ?? -1)]),
        [
          ['c', 0],
          ['a', 0],
          ['b', 100],
        ],
      );
      assert.equal(Math.round(planned.predicted?.ms ?? 0), 300);
      assert.equal(planned.predicted?.runs, 3);
      assert.deepEqual([planned.plan.criticalPath, planned.plan.lowerBoundMs], [['c', 'b'], 300]);
      const text = explainGatesText({ planned, folder });
      assert.match(
        text,
        /^Plan of 3 gates · files of the workspace · in parallel\n\n3 gates would run: when each would start, a projection/,
      );
      assert.match(text, /\n {3}100 ms {2}b {2}about 200 ms\n {11}after c: it needs its result\n {11}locks \.cache\n/);
      assert.match(text, /\nPredicted {7}about 300 ms; four of five such runs take .*; from 3 earlier runs\. An estimate, from/);
      assert.match(
        text,
        /\nWhat limits the time:\n {2}- “b” alone takes 200 ms of the 300 ms of the critical path\. No run is shorter/,
      );
      assert.deepEqual(explainGatesText({ planned: { ...planned, mode: 'sequential' }, folder }).match(/limits the time/), null);
      assert.equal((await engine.history()).length, 4, 'nothing was run');
    });
  });

  it('has the order and the prediction of the run that follows', async () => {
    await withEngine(async ({ engine, storage, gate }) => {
      await remember(storage, { a: 20, b: 50, c: 30, d: 10 });
      const gates = ['a', 'b', 'c', 'd'].map((id) => gate(id, 'true'));
      for (const mode of ['parallel', 'sequential'] as const) {
        const planned = await engine.planGates(asked(gates, { mode, slots: 1 }));
        const run = engine.run({ ...asked(gates, { mode, slots: 1 }), failure: 'continue', label: 'Test' });
        const started: OperationId[] = [];
        run.onEvent((event) => {
          if (event.kind === 'started') started.push(event.operation);
        });
        const { predicted } = await run.finished;
        assert.deepEqual(
          planned.order.map(({ operation }) => operation),
          started,
          mode,
        );
        assert.deepEqual(planned.predicted, predicted, mode);
        // What was learned now is not what was planned with.
        await remember(storage, { a: 20, b: 50, c: 30, d: 10 });
      }
    });
  });

  it('tells of no time while a duration is unknown, and which it is', async () => {
    await withEngine(async ({ engine, folder, storage, gate }) => {
      await remember(storage, { a: 300 });
      const planned = await engine.planGates(asked([gate('a', 'true'), gate('new', 'true')]));
      assert.deepEqual(planned.order, [{ operation: 'new' }, { operation: 'a' }]);
      assert.equal(planned.predicted, undefined);
      const text = explainGatesText({ planned, folder });
      assert.match(text, /in the order in which they would start\n {7}1\. {2}new {2}not known how long it takes/);
      assert.match(text, /\nLower bound {5}not known\nPredicted {7}nothing before new has run\n/);
      assert.doesNotMatch(text, /Critical path/);
    });
  });

  it('counts nothing for what the cache answers, and says what would not run and why', async () => {
    await withEngine(async ({ engine, folder, gate, run }) => {
      await writeFile(path.join(folder, 'a.py'), 'x = 1\n');
      const gates = [
        gate('kept', 'true', { reads: READS }),
        gate('again', 'true'),
        gate('missing', 'true', { availability: { kind: 'unavailable', reason: 'It is not there.', install: 'npm i tool' } }),
      ];
      await run(gates, { cache: true });
      await run(gates, { cache: true });
      const planned = await engine.planGates(asked(gates, { cache: true }));
      const ends = planned.gates.map(({ gate: { id }, end }) => [id, end.kind === 'ended' ? end.outcome.kind : end.kind]);
      assert.deepEqual(ends, [
        ['kept', 'cached'],
        ['again', 'runs'],
        ['missing', 'skipped'],
      ]);
      assert.deepEqual(
        planned.plan.operations.map(({ id }) => id),
        ['again'],
      );
      assert.equal(planned.predicted?.ms, planned.plan.durations.get('again' as OperationId));
      const text = explainGatesText({ planned, folder });
      assert.match(
        text,
        /\n\nAnswered by the cache\n {11}kept {2}passed \d+ seconds? ago\n\nWould not run\n {11}missing {2}skipped: .*npm i tool/,
      );
      const document = gatePlanDocument({ planned, folder });
      assert.deepEqual([document.gates[0]?.end, document.gates[2]?.end, document.order.length], ['cached', 'skipped', 1]);
      const uncached = await engine.planGates(asked(gates, { cache: false }));
      assert.equal(uncached.order.length, 2);
    });
  });

  it('says up to how many slots Volley would move them, where it chooses', async () => {
    await withEngine(async ({ engine, folder, gate }) => {
      const planned = await engine.planGates(asked([gate('a', 'true'), gate('b', 'true')], { slots: 2, mostSlots: 8 }));
      assert.deepEqual([planned.slots, planned.mostSlots], [2, 8]);
      assert.match(explainGatesText({ planned, folder }), /Slots {11}2 at first; Volley moves them up to 8/);
    });
  });

  it('is what the run does, whatever gates need, lock and lack', async () => {
    const any = fc.array(
      fc.record({
        needs: fc.array(fc.nat(5), { maxLength: 2 }),
        locks: fc.subarray(['/cache', '/port']),
        isMissing: fc.nat(5).map((one) => one === 0),
        ms: fc.option(fc.integer({ min: 1, max: 500 }), { nil: undefined }),
      }),
      { minLength: 1, maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(any, async (all) => {
        await withEngine(async ({ engine, storage, gate }) => {
          const known = all.flatMap(({ ms }, index) => (ms === undefined ? [] : [[`g${index}`, ms] as const]));
          if (known.length > 0) await remember(storage, Object.fromEntries(known));
          const gates = all.map(({ needs, locks, isMissing }, index) =>
            gate(`g${index}`, 'true', {
              needs: [...new Set(needs.filter((need) => need < index))].map((need) => `g${need}` as GateId),
              access: { reads: [], writes: [], locks },
              ...(isMissing ? { availability: { kind: 'unavailable', reason: 'It is not there.', install: 'npm i' } } : {}),
            }),
          );
          const planned = await engine.planGates(asked(gates, { slots: 1 }));
          const started: OperationId[] = [];
          const going = engine.run({ ...asked(gates, { slots: 1 }), failure: 'continue', label: 'Test' });
          going.onEvent((event) => {
            if (event.kind === 'started') started.push(event.operation);
          });
          const { operations } = await going.finished;
          const order = planned.order.map(({ operation }) => operation);
          // A lock that holds across windows takes a moment to get, in which what needs none may start.
          const isExact = all.every(({ locks }) => locks.length === 0);
          assert.deepEqual(isExact ? order : [...order].sort(), isExact ? started : [...started].sort());
          assert.deepEqual(
            planned.gates.map(({ end }) => (end.kind === 'ended' ? end.outcome : 'runs')),
            operations.map(({ outcome }) => (outcome?.kind === 'passed' ? 'runs' : outcome)),
          );
        });
      }),
      { numRuns: 30 },
    );
  }).timeout(60_000);

  it('skips what needs a gate that will not pass, as the run does', async () => {
    await withEngine(async ({ engine, folder, gate, run }) => {
      const availability = { kind: 'unavailable', reason: 'It is not there.', install: 'npm i tool' } as const;
      const gates = [
        gate('build', 'true', { name: 'Build', availability }),
        gate('test', 'true', { needs: ['build' as GateId] }),
        gate('after', 'true', { needs: ['test' as GateId] }),
        gate('missing', 'true', { needs: ['build' as GateId], availability }),
        gate('other', 'true'),
      ];
      const planned = await engine.planGates(asked(gates));
      const { operations } = await run(gates);
      assert.deepEqual(operations[3]?.outcome, { kind: 'skipped', reason: { ...availability } });
      assert.deepEqual(
        planned.gates.map(({ end }) => (end.kind === 'ended' ? end.outcome : 'runs')),
        operations.map(({ outcome }) => (outcome?.kind === 'passed' ? 'runs' : outcome)),
      );
      assert.match(explainGatesText({ planned, folder }), /\n {11}test {2}skipped: It needs "Build", which was skipped\./);
      assert.deepEqual(
        planned.order.map(({ operation }) => operation),
        ['other'],
      );
    });
  });

  it('shows the parts into which a gate would be divided', async () => {
    await withEngine(async ({ engine, folder, storage, gate }) => {
      for (const name of ['a.py', 'b.py']) await writeFile(path.join(folder, name), 'x = 1\n');
      await remember(storage, { slow: 10_000 });
      const slow = gate('slow', 'true', {
        files: { kind: 'files', takes: ['**/*.py'], targets: ['.'] },
        sharding: { kind: 'files' },
      });
      const planned = await engine.planGates(asked([slow]));
      assert.equal(planned.gates[0]?.operations.length, 2);
      assert.match(explainGatesText({ planned, folder }), /slow, part 1 of 2 /);
    });
  });

  it('says why a gate that sets the bound is not divided', async () => {
    await withEngine(async ({ engine, folder, storage, gate }) => {
      await remember(storage, { slow: 10_000, quick: 100 });
      const sharding = { kind: 'never', reason: 'a program is checked as a whole' } as const;
      const planned = await engine.planGates(asked([gate('slow', 'true', { sharding }), gate('quick', 'true', { sharding })]));
      const { advice } = gatePlanDocument({ planned, folder });
      assert.deepEqual(
        advice.filter((sentence) => sentence.includes('split')),
        ['slow is never split: a program is checked as a whole.'],
      );
    });
  });

  it('reads nothing of an untrusted workspace, and says so of each gate', async () => {
    await withEngine(
      async ({ engine, folder, gate }) => {
        const planned = await engine.planGates(asked([gate('a', 'true')], { scope: { kind: 'changed' } }));
        assert.deepEqual(planned.gates[0]?.end.kind, 'ended');
        assert.match(
          explainGatesText({ planned, folder }),
          /Would not run\n {11}a {2}errored: .*trust(.|\n)*Nothing would run\./i,
        );
      },
      { trusted: () => false },
    );
  });
});
