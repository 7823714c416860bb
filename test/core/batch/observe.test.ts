import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { globsOf } from '../../../src/core/batch/observe.js';
import { changesBetween, takeSnapshot } from '../../../src/core/batch/snapshot.js';
import type { Engine, PlannedBatch } from '../../../src/core/engine.js';
import { explainText } from '../../../src/core/report/explain.js';
import { withEngine } from '../../support/engine.js';
import { inTemporaryDirectory } from '../../support/processes.js';

const sh = (id: string, shell: string, more: object = {}) => ({ id, tool: 'command', input: { shell }, ...more });

async function planned(engine: Engine, operations: readonly unknown[]): Promise<PlannedBatch> {
  const result = await engine.planBatch(JSON.stringify({ operations }), { slots: 2 });
  assert.ok(result.kind === 'batch', JSON.stringify(result));
  return result.batch;
}

async function runs(engine: Engine, operations: readonly unknown[], mode: 'sequential' | 'parallel' = 'sequential') {
  const batch = await planned(engine, operations);
  return engine.runBatch({ batch, mode, slots: 2, failure: 'continue', label: 'Test' }).finished;
}

function explained({ plan, slots, durations, folder }: PlannedBatch): string {
  return explainText({ plan, slots, durations, folder: folder.path });
}

describe('What changes between two looks at a folder', () => {
  const changes: readonly (readonly [string, (folder: string) => Promise<unknown>, readonly string[]])[] = [
    ['nothing', async () => {}, []],
    ['a new file', (folder) => writeFile(path.join(folder, 'new'), ''), ['new']],
    ['another content of the same length', (folder) => writeFile(path.join(folder, 'src/a'), 'b'), ['src/a']],
    ['another mode', (folder) => chmod(path.join(folder, 'src/a'), 0o755), ['src/a']],
    ['a file that goes', (folder) => rm(path.join(folder, 'src/a')), ['src/a']],
    ['a directory that goes, and all in it', (folder) => rm(path.join(folder, 'src'), { recursive: true }), ['src', 'src/a']],
    [
      'a new directory, and all in it',
      async (folder) => {
        await mkdir(path.join(folder, 'dist/deep'), { recursive: true });
        await writeFile(path.join(folder, 'dist/deep/x'), '');
      },
      ['dist', 'dist/deep', 'dist/deep/x'],
    ],
    ['nothing of what a tool keeps for its next run', (folder) => mkdir(path.join(folder, '.pytest_cache')), []],
    ['nothing of installed packages', (folder) => mkdir(path.join(folder, 'node_modules')), []],
  ];
  for (const [title, change, expected] of changes)
    it(`is ${title}`, () =>
      inTemporaryDirectory(async (folder) => {
        await mkdir(path.join(folder, 'src'));
        await writeFile(path.join(folder, 'src/a'), 'a');
        const before = await takeSnapshot(folder);
        await change(folder);
        const after = await takeSnapshot(folder);
        assert.ok(before && after);
        assert.deepEqual(changesBetween(before, after), expected);
      }));

  it('is remembered by the directories that hold it where it is many', () => {
    const many = Array.from({ length: 40 }, (_, index) => `dist/lib/${index}.js`);
    assert.deepEqual(globsOf(['a.txt', 'b[1].txt']), ['a.txt', 'b\\[1\\].txt']);
    assert.deepEqual(globsOf([...many, 'dist/lib/deep/x.js', 'other/y']), ['dist/lib', 'other']);
    assert.deepEqual(globsOf([...many, 'top']), ['**']);
  });
});

describe('A sequential run', () => {
  const wrong = [
    sh('make', 'echo 1 > made.txt', { reads: [], writes: [] }),
    sh('other', 'echo 2 > said.txt', { reads: [], writes: ['said.txt'] }),
    { id: 'look', tool: 'read', input: { path: 'made.txt' } },
  ];

  it('tells what an operation wrote though nothing says so', async () => {
    await withEngine(async ({ engine }) => {
      const state = await runs(engine, wrong);
      assert.deepEqual(
        state.operations.map(({ id, answer }) => [id, answer?.undeclared]),
        [
          ['make', ['made.txt']],
          ['other', undefined],
          ['look', undefined],
        ],
      );
    });
  });

  it('makes later plans wait for it', async () => {
    await withEngine(async ({ engine }) => {
      assert.deepEqual((await planned(engine, wrong)).plan.edges, []);
      await runs(engine, wrong);
      const batch = await planned(engine, wrong);
      assert.deepEqual(
        batch.plan.edges.map(({ from, to, reason }) => [from, to, reason.kind === 'hazard' && reason.hazard]),
        [['make', 'look', 'read after write']],
      );
      assert.match(explained(batch), /also writes made\.txt, as was seen when it ran alone/);
      const again = await runs(engine, wrong);
      assert.ok(
        again.operations.every(({ answer }) => answer?.undeclared === undefined),
        'it is news only once',
      );
    });
  });

  it('learns what a barrier writes, for whoever wants to say what it touches', async () => {
    await withEngine(async ({ engine, folder }) => {
      await writeFile(path.join(folder, 'unknown.sh'), 'echo 1 > made.txt\n');
      const operations = [
        sh('unknown', './unknown.sh || sh unknown.sh'),
        { id: 'look', tool: 'read', input: { path: 'other.txt' } },
      ];
      await writeFile(path.join(folder, 'other.txt'), '');
      const state = await runs(engine, operations);
      assert.equal(state.operations[0]?.answer?.undeclared, undefined, 'of a barrier it is known that it may write anything');
      const batch = await planned(engine, operations);
      assert.ok(batch.plan.operations[0]?.access.barrier);
      assert.match(explained(batch), /“unknown” is a barrier, .*When it ran alone it wrote made\.txt\./);
    });
  });

  it('is looked at in the warm-up of a verification, and the files are put back all the same', async () => {
    await withEngine(async ({ engine, folder, storage }) => {
      const batch = await planned(engine, [
        sh('make', 'echo 1 > made.txt', { reads: [], writes: [] }),
        { id: 'write', tool: 'write', input: { path: 'w.txt', content: 'x' } },
      ]);
      const verification = await engine.verifyBatch(batch, { slots: 2, pairs: 1, label: 'Verify' }).finished;
      assert.deepEqual(verification.undeclared, [{ operation: 'make', paths: ['made.txt'] }]);
      assert.deepEqual(await readdir(folder), ['made.txt'], 'what a tool wrote is put back');
      assert.match(await readFile(path.join(storage, 'observed-writes.json'), 'utf8'), /made\.txt/);
    });
  });

  it('tells a new directory for all in it, and single files where others in it are named', async () => {
    await withEngine(async ({ engine }) => {
      const state = await runs(engine, [
        sh('all', 'mkdir -p new/deep; touch new/a new/deep/b', { reads: [], writes: [] }),
        sh('some', 'mkdir out; touch out/said.txt out/secret.txt', { reads: [], writes: ['out/said.txt'] }),
      ]);
      assert.deepEqual(
        state.operations.map(({ answer }) => answer?.undeclared),
        [['new'], ['out/secret.txt']],
      );
    });
  });

  it('takes what a broken atomic group put back for the writing of nobody', async () => {
    await withEngine(async ({ engine }) => {
      const group = [
        { id: 'write', tool: 'write', input: { path: 'x.txt', content: 'x' } },
        sh('fails', 'false', { reads: [], writes: [] }),
      ];
      const state = await runs(engine, [{ atomic: true, sequence: group }, sh('after', 'true', { reads: [], writes: [] })]);
      assert.ok(state.operations.every(({ answer }) => answer?.undeclared === undefined));
    });
  });

  it('goes on where something cannot be looked at', async () => {
    await inTemporaryDirectory(async (folder) => {
      // Paths that are longer than any system takes in one go.
      const line = 'for level in $(seq 20); do mkdir "$1" && cd "$1" || exit 1; done; touch "$1"';
      execFileSync('sh', ['-c', line, 'sh', 'd'.repeat(200)], { cwd: folder });
      try {
        assert.ok(await takeSnapshot(folder));
      } finally {
        // Node cannot remove them.
        execFileSync('sh', ['-c', 'rm -r d*'], { cwd: folder });
      }
    });
  });

  it('does not look while operations run at the same time', async () => {
    await withEngine(async ({ engine }) => {
      const state = await runs(engine, wrong.slice(0, 2), 'parallel');
      assert.ok(state.operations.every(({ answer }) => answer?.lookedMs === undefined));
    });
  });
});
