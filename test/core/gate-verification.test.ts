import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import type { RunRequest } from '../../src/core/engine.js';
import { orderOfPair } from '../../src/core/speedup.js';
import { withEngine } from '../support/engine.js';
import { eventually } from '../support/processes.js';

const FINDING = 'a.py:3:7: E999 wrong';

/** Holds a directory for itself, as some tools hold their cache; whoever finds it taken cannot do its work. */
const EXCLUSIVE = 'mkdir held 2>/dev/null || exit 7; sleep 0.5; rmdir held';

describe('A verification by the engine', () => {
  it('verifies a speedup in pairs by a seed, all trials kept, and finds it again in the history', async () => {
    await withEngine(async ({ engine, gate, run }) => {
      const gates = [gate('a', 'sleep 0.15'), gate('b', `sleep 0.15; echo "${FINDING}"; exit 1`)];
      const active = engine.verify({ gates, scope: { kind: 'workspace' }, slots: 2, pairs: 2, seed: 4 });
      const verification = await active.finished;
      assert.deepEqual(
        verification.trials.map(({ pair, mode }) => `${pair} ${mode}`),
        [1, 2].flatMap((pair) => orderOfPair(4, pair).map((mode) => `${pair} ${mode}`)),
      );
      assert.deepEqual(verification.differences, []);
      const makespan = (pair: number, mode: string) =>
        verification.trials.find((trial) => trial.pair === pair && trial.mode === mode)?.makespanMs ?? 0;
      assert.deepEqual(
        verification.ratios,
        [1, 2].map((pair) => makespan(pair, 'sequential') / makespan(pair, 'parallel')),
        'what is called the speedup is what the trials took',
      );
      assert.deepEqual([verification.ended, verification.verdict], ['pairs', 'inconclusive'], 'two pairs have no interval');
      assert.ok(verification.account && verification.account.company.length === 2);
      const loaded = await engine.loadVerification(active.id);
      assert.deepEqual(loaded?.verification, verification);
      assert.equal(loaded?.runs.length, 4);
      const measured = async (more: Partial<RunRequest>) => (await engine.measured(await run(gates, { slots: 2, ...more })))?.id;
      assert.equal(await measured({}), active.id);
      assert.equal(await measured({ slots: 1 }), undefined, 'other slots are other work');
      assert.equal(await measured({ mode: 'sequential' }), undefined);
      assert.equal(await measured({ gates: gates.slice(1) }), undefined);
    });
  });

  it('tells a flaky gate from one that only fails in company, and from files that vary by themselves', async function () {
    this.timeout(60_000);
    await withEngine(async ({ engine, gate }) => {
      const gates = [
        // Passes at first and fails later, whoever runs beside it.
        gate(
          'flaky',
          `mkdir -p node_modules; n=$(cat node_modules/n 2>/dev/null || echo 0); echo $((n + 1)) > node_modules/n; test $n -lt 4 || { echo "${FINDING}"; exit 1; }`,
        ),
        // Fails where the other one runs at the same time.
        gate('victim', `sleep 0.2; test ! -e busy || { echo "${FINDING}"; exit 1; }`),
        gate('culprit', 'touch busy; sleep 0.4; rm busy; date +%s%N > log.txt; echo same > same.txt'),
      ];
      const { verdict, differences, varying } = await engine.verify({
        ...{ gates, scope: { kind: 'workspace' }, slots: 3, pairs: 3, seed: 1 },
      }).finished;
      assert.equal(verdict, 'results differ');
      assert.deepEqual(
        differences.map(({ operation, what, cause }) => [operation, what, cause]),
        [
          ['flaky', 'outcome', 'flaky'],
          ['victim', 'outcome', 'parallel'],
        ],
      );
      assert.deepEqual(varying, ['log.txt']);
    });
  });

  it('measures until the interval is narrow, and says what the machine did meanwhile', async function () {
    this.timeout(60_000);
    await withEngine(async ({ engine, gate }) => {
      const gates = ['a', 'b', 'c'].map((id) => gate(id, 'sleep 0.2'));
      const { verdict, ended, trials, account, ratio, interval } = await engine.verify({
        ...{ gates, scope: { kind: 'workspace' }, slots: 3, pairs: 7, seed: 1 },
      }).finished;
      assert.ok(ended === 'narrow' || ended === 'pairs');
      assert.ok(trials.length >= 12 && trials.length <= 14);
      assert.ok(ratio && interval && interval.low <= ratio && ratio <= interval.high, JSON.stringify(interval));
      assert.notEqual(verdict, 'results differ');
      assert.ok(account && account.pairs.together === 3);
      if (process.platform === 'linux') assert.ok(trials.every(({ usage }) => usage && usage.processors >= 1));
    });
  });

  it('begins no further pair when that would exceed the time', async () => {
    await withEngine(async ({ engine, gate }) => {
      const { ended, ratios, verdict } = await engine.verify({
        ...{ gates: [gate('a', 'sleep 0.05')], scope: { kind: 'workspace' }, slots: 2, mostMs: 1 },
      }).finished;
      assert.deepEqual([ended, ratios.length, verdict], ['time', 1, 'inconclusive']);
    });
  });

  it('ends a verification at once when it is cancelled, and calls it inconclusive', async () => {
    await withEngine(async ({ engine, folder, gate }) => {
      const active = engine.verify({
        gates: [gate('a', 'touch started; exec sleep 600')],
        scope: { kind: 'workspace' },
        slots: 2,
        pairs: 3,
      });
      await eventually('the first trial runs', async () => (await readdir(folder)).includes('started'));
      await active.cancel();
      const verification = await active.finished;
      assert.equal(verification.verdict, 'inconclusive');
      assert.deepEqual(verification.trials, []);
    });
  });

  it('ends a verification at the first run in which an operation cannot do its work', async () => {
    await withEngine(async ({ engine, gate }) => {
      const verify = (script: string) =>
        engine.verify({ gates: [gate('a', script)], scope: { kind: 'workspace' }, slots: 2, pairs: 5, seed: 1 }).finished;
      const never = await verify('exit 7');
      assert.deepEqual([never.ended, never.trials.length, never.disturbed, never.verdict], ['errored', 0, true, 'inconclusive']);
      const later = await verify('mkdir -p node_modules; test ! -e node_modules/x && touch node_modules/x || exit 7');
      assert.deepEqual(
        [later.ended, later.trials.length],
        ['errored', 2],
        'the sequential trial says that it is not for company',
      );
    });
  });

  it('measures operations that cannot do their work in company only, and names them', async function () {
    this.timeout(60_000);
    await withEngine(async ({ engine, gate }) => {
      const gates = ['a', 'b'].map((id) => gate(id, EXCLUSIVE));
      const { verdict, ended, trials, differences, ratios } = await engine.verify({
        ...{ gates, scope: { kind: 'workspace' }, slots: 2, pairs: 4, seed: 1 },
      }).finished;
      assert.deepEqual([verdict, ended, trials.length, ratios.length], ['results differ', 'pairs', 8, 4]);
      assert.ok(differences.length > 0);
      // Which of both loses is chance; one may lose in the warm-up and no more.
      assert.ok(differences.some(({ cause }) => cause === 'parallel'));
      for (const { operation, what, actual, cause, trial } of differences) {
        assert.ok(operation === 'a' || operation === 'b');
        assert.deepEqual([what, actual, cause ?? trial], ['outcome', 'errored', trial === 0 ? 0 : 'parallel']);
      }
    });
  });

  it('names what could not do its work beside others in the warm-up only', async function () {
    this.timeout(60_000);
    await withEngine(async ({ engine, gate }) => {
      // Whoever comes second waits, but for the first time.
      const once = EXCLUSIVE.replace('exit 7', '{ mkdir node_modules && exit 7; exit 0; }');
      const { verdict, ended, trials, differences } = await engine.verify({
        ...{ gates: ['a', 'b'].map((id) => gate(id, once)), scope: { kind: 'workspace' }, slots: 2, pairs: 1, seed: 1 },
      }).finished;
      assert.deepEqual([verdict, ended, trials.length], ['results differ', 'pairs', 2]);
      assert.deepEqual(
        differences.map(({ what, expected, actual, trial, cause }) => [what, expected, actual, trial, cause]),
        [['outcome', 'passed', 'errored', 0, undefined]],
      );
    });
  });

  it('ends when an operation errors alone, too, whatever else errors in company', async function () {
    this.timeout(60_000);
    await withEngine(async ({ engine, gate }) => {
      const gates = [gate('a', EXCLUSIVE), gate('b', EXCLUSIVE), gate('never', 'exit 7')];
      const active = engine.verify({ gates, scope: { kind: 'workspace' }, slots: 3, pairs: 2, seed: 1 });
      const { verdict, ended, trials } = await active.finished;
      assert.deepEqual([verdict, ended, trials], ['inconclusive', 'errored', []]);
      assert.deepEqual(
        active.progress().runs.map(({ mode, operations }) => [mode, ...operations.map(({ outcome }) => outcome?.kind)]),
        [['sequential', 'passed', 'passed', 'errored']],
      );
    });
  });

  it('measures a batch whose operations cannot do their work in company only', async function () {
    this.timeout(60_000);
    await withEngine(async ({ engine }) => {
      const shell = EXCLUSIVE.replace('exit 7', () => 'kill -9 $$');
      const text = JSON.stringify({
        operations: ['a', 'b'].map((id) => ({ id, tool: 'command', input: { shell }, reads: [], writes: [`out-${id}`] })),
      });
      const planned = await engine.planBatch(text, { slots: 2 });
      assert.ok(planned.kind === 'batch', JSON.stringify(planned));
      const { verdict, differences, trials } = await engine.verifyBatch(planned.batch, {
        slots: 2,
        pairs: 4,
        seed: 1,
        label: 'x',
      }).finished;
      assert.deepEqual([verdict, trials.length], ['results differ', 8]);
      assert.ok(
        differences.every(({ what, actual, cause }) => what === 'outcome' && actual === 'errored' && cause === 'parallel'),
      );
    });
  });

  it('names the caches of the tools that gates and commands of batches start', async () => {
    await withEngine(async ({ engine, gate }) => {
      const shell = 'mkdir -p .mypy_cache; true || mypy .';
      const ofGates = engine.verify({ gates: [gate('a', shell)], scope: { kind: 'workspace' }, slots: 2, pairs: 1, seed: 1 });
      assert.deepEqual((await ofGates.finished).caches, ['.mypy_cache']);
      const operations = [{ id: 'a', tool: 'command', input: { shell } }];
      const planned = await engine.planBatch(JSON.stringify({ operations }), { slots: 2 });
      assert.ok(planned.kind === 'batch');
      const ofBatch = engine.verifyBatch(planned.batch, { slots: 2, pairs: 1, seed: 1, label: 'x' });
      assert.deepEqual((await ofBatch.finished).caches, ['.mypy_cache']);
    });
  });

  it('starts no further trial when it is disposed between two', async () => {
    await withEngine(async ({ engine, folder, gate }) => {
      const active = engine.verify({ gates: [gate('a', 'echo x >> runs')], scope: { kind: 'workspace' }, slots: 2, pairs: 30 });
      await eventually('the warm-up ran', async () => (await readdir(folder)).includes('runs'));
      await engine.dispose();
      const { trials } = await active.finished;
      assert.ok(trials.length < 60, String(trials.length));
    });
  });

  it('takes the newest sound verification for what was measured', async () => {
    await withEngine(async ({ engine, gate, run }) => {
      const gates = [gate('a', 'sleep 0.05'), gate('b', 'sleep 0.05')];
      const verify = (pairs: number) => engine.verify({ gates, scope: { kind: 'workspace' }, slots: 2, pairs, seed: 1 }).finished;
      const sound = await verify(5);
      await verify(1);
      assert.equal((await engine.measured(await run(gates, { slots: 2 })))?.id, sound.id);
    });
  });

  it('starts nothing that would go on when a verification is cancelled before its first run', async () => {
    await withEngine(async ({ engine, gate }) => {
      const active = engine.verify({ gates: [gate('a', 'exec sleep 600')], scope: { kind: 'workspace' }, slots: 2 });
      await active.cancel();
      assert.equal((await active.finished).verdict, 'inconclusive');
    });
  });
});
