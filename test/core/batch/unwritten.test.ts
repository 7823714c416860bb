import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { lookFor, openWritesLookedAt } from '../../../src/core/batch/unwritten.js';
import type { Engine, PlannedBatch } from '../../../src/core/engine.js';
import { explainText, planDocument } from '../../../src/core/report/explain.js';
import { withEngine } from '../../support/engine.js';
import { inTemporaryDirectory } from '../../support/processes.js';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

describe('A write that a batch declares', () => {
  const folder = { name: 'w', path: '/w' };
  const cases: readonly (readonly [title: string, glob: string, wrote: readonly string[], expected: boolean | undefined])[] = [
    ['is seen where a file below it changed', 'dist', ['dist/a.js'], true],
    ['is seen where a glob names it', 'dist/**/*.js', ['dist/deep/a.js'], true],
    ['is not seen where something else changed', 'dist/**', ['src/a.ts', 'distance'], false],
    ['is not seen where nothing changed', './out.txt', [], false],
    ['counts as seen where a new directory may hold it', 'new/deep/a.txt', ['new'], true],
    ['is not looked for among what packages keep', 'node_modules/.bin/x', [], undefined],
    ['is not looked for among what tools keep for their next run', 'app/.pytest_cache/**', [], undefined],
    ['is not looked for outside of the folder', '/elsewhere/x', [], undefined],
  ];
  for (const [title, glob, wrote, expected] of cases)
    it(title, () => {
      const seen = lookFor([glob], wrote, folder);
      assert.deepEqual(seen, expected === undefined ? [] : [{ glob, seen: expected }]);
    });

  it('is told of after several looks, and never again once it was seen', async () => {
    await inTemporaryDirectory(async (storage) => {
      const looked = openWritesLookedAt(storage, silent);
      const look = (seen: boolean) => looked.remember('one', [{ glob: 'dist', seen }]);
      const told = async () => (await looked.unwritten()).get('one');
      for (let looks = 1; looks <= 2; looks += 1) await look(false);
      assert.deepEqual(await told(), []);
      await look(false);
      assert.deepEqual(await told(), [{ glob: 'dist', looks: 3 }]);
      await look(true);
      for (let looks = 1; looks <= 5; looks += 1) await look(false);
      assert.deepEqual(await told(), []);
      await looked.remember('one', [{ glob: 'other', seen: false }]);
      for (let looks = 1; looks <= 3; looks += 1) await look(false);
      assert.deepEqual(await told(), [{ glob: 'dist', looks: 3 }], 'what is no longer declared is forgotten');
    });
  });
});

describe('A batch whose operation declares more than it was seen to write', () => {
  const operations = [
    { id: 'lint', tool: 'command', input: { argv: ['cat', 'a.txt'] }, reads: ['a.txt'], writes: ['dist/**', 'a.log.txt'] },
    { id: 'build', tool: 'command', input: { shell: 'mkdir -p dist; date +%N > dist/x' }, reads: [], writes: ['dist/**'] },
    { id: 'fails', tool: 'command', input: { shell: 'exit 1' }, reads: [], writes: ['never.txt'] },
  ];
  async function planned(engine: Engine): Promise<PlannedBatch> {
    const result = await engine.planBatch(JSON.stringify({ operations }), { slots: 2 });
    assert.ok(result.kind === 'batch', JSON.stringify(result));
    return result.batch;
  }
  const explained = ({ plan, slots, durations, unwritten, folder }: PlannedBatch) => ({
    ...{ plan, slots, durations, unwritten, folder: folder.path },
  });

  it('is told so with care after several runs one after another, and its plan stays as it was', async () => {
    await withEngine(async ({ engine, folder }) => {
      await writeFile(path.join(folder, 'a.txt'), 'a');
      await mkdir(path.join(folder, 'dist'));
      const before = await planned(engine);
      for (let runs = 0; runs < 3; runs += 1) {
        assert.deepEqual((await planned(engine)).unwritten, []);
        const batch = await planned(engine);
        await engine.runBatch({ batch, mode: 'sequential', slots: 1, failure: 'continue', label: 'Test' }).finished;
      }
      const after = await planned(engine);
      assert.deepEqual(after.unwritten, [
        { glob: 'dist/**', looks: 3, operation: 'lint', waits: 1 },
        { glob: 'a.log.txt', looks: 3, operation: 'lint', waits: 0 },
      ]);
      assert.deepEqual(after.plan.edges, before.plan.edges);
      assert.deepEqual(
        after.plan.operations.map(({ access }) => access),
        before.plan.operations.map(({ access }) => access),
      );
      const text = explainText(explained(after));
      assert.match(text, /writes dist\/\*\* by what the batch says; not seen in 3 runs one after another/);
      const advice = planDocument(explained(after)).advice.join('\n');
      assert.match(
        advice,
        /“lint” is said to write dist\/\*\*, and in 3 runs one after another nothing there was seen to change/,
      );
      assert.match(advice, /It may write there only now and then, .* so it still counts\..* 1 wait would go with it\./);
      assert.doesNotMatch(advice, /a\.log\.txt|“build” is said|“fails” is said/);
    });
  });
});
