import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { figuresLine } from '../../src/core/figures.js';
import { type Setup, withEngine } from '../support/engine.js';
import { figuresOfOperation, figuresOfRun } from '../support/figures.js';
import { eventually } from '../support/processes.js';
import { countPieces } from '../support/work.js';

/** Fails when the file named "broken" says so, which it does not declare to read; the cache knows only `a.txt`. */
const FLAKY = 'if [ -e ../broken ]; then echo "a.py:1:1: E1 No."; exit 1; fi';
const reads = { files: ['*.txt'], also: [], env: [] };

describe('Trends of an engine', () => {
  it('are told of every gate that ran, with runs that can be opened, and time saved as an estimate', async () => {
    await withEngine(async ({ engine, gate, run }) => {
      const gates = [gate('one', 'exit 0'), gate('two', 'echo "a.py:1:1: E1 No."; exit 1')];
      const first = await run(gates);
      const second = await run(gates);
      const trends = await engine.trends();
      assert.deepEqual(
        trends.gates.map(({ id, executed }) => [id, executed]),
        [
          ['one', 2],
          ['two', 2],
        ],
      );
      const [series] = trends.gates[1]?.series ?? [];
      assert.deepEqual(
        series?.points.map((point) => [point.run, point.outcome, point.findings, point.kept]),
        [
          [first.run, 'failed', 1, true],
          [second.run, 'failed', 1, true],
        ],
      );
      assert.equal(trends.runs, 2);
      assert.deepEqual([trends.saved.measured.runs, trends.saved.estimated.runs], [0, 2]);
      assert.deepEqual(await engine.timeSaved(), trends.saved);
    });
  });

  it('call time saved measured once a verification measured the same work', async () => {
    await withEngine(async ({ engine, gate, run }) => {
      const gates = [gate('one', 'sleep 0.05'), gate('two', 'sleep 0.05')];
      await engine.verify({ gates, scope: { kind: 'workspace' }, slots: 4, pairs: 2 }).finished;
      await run(gates);
      const { measured, estimated } = await engine.timeSaved();
      const [verification] = (await engine.history()).flatMap((entry) => entry.verification ?? []).slice(0, 1);
      const { verdict } = (verification && (await engine.verification(verification))) ?? {};
      // On a busy machine the pairs may say nothing.
      if (verdict === 'inconclusive') assert.equal(estimated.runs, 1);
      else assert.deepEqual([measured.runs, estimated.runs], [1, 0]);
    });
  });

  it('reach back to runs of a version that kept no figures, and read these once', async () => {
    await withEngine(async ({ engine, gate, run, storage }) => {
      await run([gate('one', 'exit 0')]);
      await engine.trends();
      const file = path.join(storage, 'figures.jsonl');
      const before = await readFile(file, 'utf8');
      await rm(file);
      assert.equal((await engine.trends()).gates[0]?.executed, 1);
      assert.equal(await readFile(file, 'utf8'), before);
      await engine.trends();
      assert.equal(await readFile(file, 'utf8'), before);
    });
  });

  it('call a gate flaky that ended otherwise though nothing that decides its result changed', async () => {
    await withEngine(async ({ engine, gate, run, folder }: Setup) => {
      await writeFile(path.join(folder, 'a.txt'), '');
      const gates = [gate('odd', FLAKY, { reads }), gate('even', 'exit 0', { reads })];
      await run(gates, { cache: true });
      await writeFile(path.join(folder, '..', 'broken'), '');
      await run(gates, { cache: false });
      // Keys are written down behind the run.
      await eventually('a verdict on both', async () => {
        const { gates: trends } = await engine.trends();
        return trends.map(({ id, flakiness }) => `${id} ${flakiness.kind}`).join() === 'even steady,odd flaky';
      });
    });
  });

  it('call a gate flaky that could not do its work once, and could the next time, though the cache is asked each time', async () => {
    await withEngine(async ({ engine, gate, run, folder }) => {
      await writeFile(path.join(folder, 'a.txt'), '');
      await writeFile(path.join(folder, '..', 'broken'), '');
      const crashes = 'if [ -e ../broken ]; then exit 9; fi';
      const gates = [gate('odd', crashes, { reads })];
      assert.equal((await run(gates, { cache: true })).outcome, 'errored');
      await rm(path.join(folder, '..', 'broken'));
      assert.equal((await run(gates, { cache: true })).outcome, 'passed');
      await eventually('a verdict', async () => (await engine.trends()).gates[0]?.flakiness.kind === 'flaky');
      const [odd] = (await engine.trends()).gates;
      const [told] = odd?.flakiness.kind === 'flaky' ? odd.flakiness.contradictions : [];
      assert.deepEqual(told?.kind === 'runs' && [told.because, told.outcomes], ['same key', ['errored', 'passed']]);
    });
  });

  it('compare trials of a verification with runs under the same keys, before and after it', async () => {
    await withEngine(async ({ engine, gate, run, folder }) => {
      await writeFile(path.join(folder, 'a.txt'), '');
      const gates = [gate('odd', FLAKY, { reads }), gate('even', 'exit 0', { reads })];
      await run(gates, { cache: true });
      await writeFile(path.join(folder, '..', 'broken'), '');
      await engine.verify({ gates, scope: { kind: 'workspace' }, slots: 2, pairs: 1 }).finished;
      const kinds = async () => (await engine.trends()).gates.map(({ id, flakiness }) => `${id} ${flakiness.kind}`).join();
      await eventually('a verdict on both', async () => (await kinds()) === 'even steady,odd flaky');
      const [even] = (await engine.trends()).gates;
      // The run, the warm-up, and two trials.
      assert.equal(even?.flakiness.kind === 'steady' && even.flakiness.comparable, 4);
    });
  });

  it('compare runs of a script of which nobody knows what it reads, where no file differs from one to the next', async () => {
    await withEngine(async ({ engine, gate, run, folder }) => {
      await writeFile(path.join(folder, 'a.txt'), '');
      // One gate reads everything, so that all files are looked at anyway.
      const all = gate('all', 'exit 0', { reads: { files: ['**'], also: [], env: [] } });
      const script = gate('script', FLAKY);
      const audit = gate('audit', FLAKY, { category: 'security' });
      const kinds = async () => (await engine.trends()).gates.map(({ id, flakiness }) => `${id} ${flakiness.kind}`).join();
      await run([all, script, audit], { cache: true });
      await run([all, script, audit], { cache: true });
      await eventually('a verdict on the script', async () => /script steady/.test(await kinds()));
      await writeFile(path.join(folder, '..', 'broken'), '');
      const state = await run([all, script, audit], { cache: true });
      assert.deepEqual(
        state.operations.map(({ outcome }) => outcome?.kind),
        ['cached', 'failed', 'failed'],
        'a script always runs',
      );
      await eventually('another verdict', async () => /script flaky/.test(await kinds()));
      assert.match(await kinds(), /audit unknown/, 'what depends on more than files by its nature');
      const { flakiness } = (await engine.trends()).gates.find(({ id }) => (id as string) === 'script') ?? assert.fail();
      const [told] = flakiness.kind === 'flaky' ? flakiness.contradictions : [];
      assert.equal(told?.kind === 'runs' && told.because, 'same files');
    });
  });

  it('know nothing of a script where no other gate looks at all files', async () => {
    await withEngine(async ({ engine, gate, run, folder }) => {
      await writeFile(path.join(folder, 'a.txt'), '');
      const gates = [gate('some', 'exit 0', { reads }), gate('script', 'exit 0')];
      for (let time = 0; time < 2; time += 1) await run(gates, { cache: false });
      await engine.dispose();
      const kinds = (await engine.trends()).gates.map(({ id, flakiness }) => `${id} ${flakiness.kind}`);
      assert.deepEqual(kinds.sort(), ['script unknown', 'some steady']);
    });
  });

  it('do not compare trials of a verification with others when a file changed meanwhile', async () => {
    await withEngine(async ({ engine, gate, run, folder }) => {
      await writeFile(path.join(folder, 'a.txt'), '');
      const gates = [gate('writes', 'echo x >> a.txt', { reads })];
      await run(gates, { cache: true });
      await engine.verify({ gates, scope: { kind: 'workspace' }, slots: 2, pairs: 1 }).finished;
      await engine.dispose();
      const [flakiness] = (await engine.trends()).gates.map((each) => each.flakiness);
      assert.deepEqual(flakiness, { kind: 'steady', comparable: 2 }, 'its two trials alone');
    });
  });

  it('compare two runs, and say so when one is no longer kept', async () => {
    await withEngine(async ({ engine, gate, run }) => {
      const first = await run([gate('one', 'exit 0')]);
      const second = await run([gate('one', 'echo "a.py:1:1: E1 No."; exit 1'), gate('two', 'exit 0')]);
      const comparison = await engine.compare(first.run, second.run);
      assert.deepEqual(comparison?.operations[0]?.outcomes, { before: 'passed', after: 'failed', changed: true });
      assert.deepEqual(
        comparison?.onlyAfter.map(({ id }) => id),
        ['two'],
      );
      assert.equal(await engine.compare(first.run, 'gone' as never), undefined);
    });
  });

  it('of many runs are made in pieces, between which the event loop has its turn', async () => {
    await withEngine(async ({ engine, folder, storage }) => {
      await mkdir(storage, { recursive: true });
      await writeFile(path.join(storage, 'figures.jsonl'), manyRuns());
      const { runs, gates } = await engine.trends();
      assert.deepEqual([runs, gates.length], [MANY, 20]);
      assert.equal(gates[1]?.series[0]?.changes.length, 1);
      const counted = { module: 'test/support/engine.ts', name: 'readTrends', calls: [[{ folder, storage }]] };
      const { pieces, mostSteps } = await countPieces(counted);
      // It is 286,000 here and with 3,000 runs; a million take some 20 ms.
      assert.ok(mostSteps < 500_000, `${mostSteps} steps in one piece`);
      assert.ok(pieces > MANY, `${pieces} pieces`);
    });
  }).timeout(120_000);
});

const MANY = 500;

/** Of twenty gates, every second of which became slower. */
function manyRuns(): string {
  const lines = Array.from({ length: MANY }, (_, run) => {
    const gates = Array.from({ length: 20 }, (_each, gate) =>
      figuresOfOperation(`gate-${gate}`, {
        ms: 1000 + 37 * ((run * (gate + 3)) % 17) + (run > MANY - 100 && gate % 2 === 1 ? 900 : 0),
      }),
    );
    const keys = Object.fromEntries(gates.map(({ id }) => [id, `key-${Math.floor(run / 3)}`]));
    return figuresLine({ ...figuresOfRun(gates), keys });
  });
  return lines.join('');
}
