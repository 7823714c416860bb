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
