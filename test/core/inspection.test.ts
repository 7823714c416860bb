import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createEngine } from '../../src/core/engine.js';
import { nodeHost } from '../../src/core/host.js';
import type { Scope } from '../../src/core/model.js';
import { type Setup, withEngine } from '../support/engine.js';
import { withRepository } from '../support/repository.js';

async function write(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
}

const plan = ({ engine }: Pick<Setup, 'engine'>, scope: Scope, slots = 4) => engine.planInspection({ scope, slots });

async function inspect(setup: Pick<Setup, 'engine'>, scope: Scope, slots = 4) {
  const planned = await plan(setup, scope, slots);
  assert.ok(planned.kind === 'inspection', JSON.stringify(planned));
  const active = planned.start();
  const state = await active.finished;
  const inspection = active.inspection();
  assert.ok(inspection);
  return { planned, state, inspection, paths: inspection.files.map((file) => file.path) };
}

describe('an inspection', () => {
  it('is a run with a table that is kept with it', async () => {
    await withEngine(async (setup) => {
      const { engine, folder, storage } = setup;
      await write(folder, { 'a.ts': 'TODO\n', 'src/b.ts': '' });
      const { state, inspection } = await inspect(setup, { kind: 'workspace' });
      assert.equal(state.label, 'Inspect 2 files');
      assert.equal(state.outcome, 'passed');
      assert.equal(state.inspection, true);
      assert.deepEqual(
        inspection.files.map((file) => [file.path, file.kind]),
        [
          ['a.ts', 'text'],
          ['src/b.ts', 'text'],
        ],
      );
      assert.deepEqual(inspection.selection, ['.']);
      assert.ok((await engine.history()).some(({ run, inspection: is }) => run === state.run && is === true));
      assert.equal((await engine.loadRun(state.run))?.inspection, true, 'also in a run that is replayed');
      const other = createEngine(nodeHost({ folder, storage }));
      assert.deepEqual(await other.inspection(state.run), inspection, 'as after a reload');
      assert.equal(await other.inspection('nothing' as typeof state.run), undefined);
      await other.dispose();
    });
  });

  it('is about the files of its scope', async () => {
    await withRepository({ 'src/a.ts': '', 'src/b.ts': '', 'c.ts': '' }, async (repository) => {
      const { folder, write: change, git } = repository;
      const paths = async (scope: Scope) => (await inspect(repository, scope)).paths;
      const at = (name: string) => path.join(folder, name);
      assert.deepEqual(await paths({ kind: 'selected', files: [at('src'), at('c.ts')] }), ['c.ts', 'src/a.ts', 'src/b.ts']);
      assert.deepEqual(await paths({ kind: 'open', files: [at('src/b.ts')] }), ['src/b.ts']);
      await change({ 'src/b.ts': 'changed', 'new.ts': '' });
      assert.deepEqual(await paths({ kind: 'changed' }), ['new.ts', 'src/b.ts']);
      await git('add', 'new.ts');
      assert.deepEqual(await paths({ kind: 'staged' }), ['new.ts']);
    });
  });

  it('has the last commit of each file, in an operation of its own', async () => {
    await withRepository({ 'a.ts': '' }, async (repository) => {
      await repository.write({ 'new.ts': '' });
      const { state, inspection } = await inspect(repository, { kind: 'workspace' });
      assert.deepEqual(
        state.operations.map(({ id }) => id),
        ['commits', 'files-1'],
      );
      assert.equal(inspection.commits, true);
      assert.deepEqual(
        inspection.files.map((file) => [file.path, file.commit?.subject ?? file.commit]),
        [
          ['.gitignore', 'change'],
          ['a.ts', 'change'],
          ['new.ts', null],
        ],
      );
    });
  });

  it('has no column of commits without git, and says so', async () => {
    await withEngine(
      async (setup) => {
        await write(setup.folder, { 'a.ts': '' });
        const { inspection, state } = await inspect(setup, { kind: 'workspace' });
        assert.equal(state.outcome, 'passed');
        assert.equal(inspection.commits, false);
        assert.equal(inspection.files[0]?.commit, undefined);
        assert.match(inspection.notes.join(), /git was not found/);
      },
      { env: { PATH: '/nowhere' } },
    );
  });

  it('asks git nothing in an untrusted workspace', async () => {
    await withRepository(
      { 'a.ts': '' },
      async (repository) => {
        const { inspection } = await inspect(repository, { kind: 'workspace' });
        assert.equal(inspection.commits, false);
        assert.deepEqual(
          inspection.files.map((file) => file.path),
          ['.gitignore', 'a.ts'],
        );
        const changed = await plan(repository, { kind: 'changed' });
        assert.ok(changed.kind === 'nothing');
        assert.match(changed.message, /Restricted Mode/);
      },
      { trusted: () => false },
    );
  });

  it('divides many files into pieces that fill the slots and hold none for long', async () => {
    await withEngine(async (setup) => {
      await write(setup.folder, Object.fromEntries(Array.from({ length: 260 }, (_, index) => [`f${index}.ts`, 'x\n'])));
      const pieces = async (slots: number) => {
        const { planned, paths } = await inspect(setup, { kind: 'workspace' }, slots);
        assert.equal(new Set(paths).size, 260);
        return planned.batch.operations.length - 1;
      };
      assert.equal(await pieces(1), 4);
      assert.equal(await pieces(8), 11);
    });
  });

  it('spans several folders of the workspace, and reads nothing beside them', async () => {
    await withEngine(async ({ folder, storage }) => {
      await write(folder, { 'one/a.ts': '', 'two/b.ts': '', 'three/c.ts': '' });
      const folders = ['one', 'two'].map((name) => ({ name, path: path.join(folder, name) }));
      const engine = createEngine({ ...nodeHost({ folder, storage }), folders: () => folders });
      const { inspection, paths } = await inspect({ engine }, { kind: 'workspace' });
      assert.equal(inspection.folder, folder);
      assert.deepEqual(paths, ['one/a.ts', 'two/b.ts']);
      const outside = await plan({ engine }, { kind: 'selected', files: [path.join(folder, 'three/c.ts')] });
      assert.ok(outside.kind === 'nothing');
      assert.match(outside.message, /does not lie in the workspace/);
      await engine.dispose();
    });
  });

  it('says why there is nothing to inspect', async () => {
    await withEngine(async (setup) => {
      const check = async (scope: Scope, pattern: RegExp) => {
        const planned = await plan(setup, scope);
        assert.ok(planned.kind === 'nothing');
        assert.match(planned.message, pattern);
      };
      await check({ kind: 'selected', files: [] }, /No file is selected/);
      await check({ kind: 'open', files: [] }, /No file of the workspace is open/);
      await check({ kind: 'workspace' }, /hold no files/);
    });
  });

  it('tells rows while it goes on, as its pieces end, and at its end of all', async () => {
    await withEngine(async (setup) => {
      const names = Array.from({ length: 120 }, (_, index) => `f${index}.ts`);
      await write(setup.folder, Object.fromEntries(names.map((name) => [name, 'x\n'])));
      const planned = await plan(setup, { kind: 'workspace' }, 1);
      assert.ok(planned.kind === 'inspection');
      const active = planned.start();
      const { folder, files } = active.soFar;
      const told: number[] = [];
      active.onEvent((event) => {
        if (event.kind === 'finished' && event.operation.startsWith('files-')) told.push(files.length);
      });
      await active.finished;
      assert.equal(folder, setup.folder);
      assert.ok(told.length > 2 && told.every((count, index) => count > (told[index - 1] ?? 0)), String(told));
      assert.deepEqual(files.map((file) => file.path).sort(), [...names].sort());
    });
  });

  it('keeps what was found so far when it is cancelled', async () => {
    await withEngine(async (setup) => {
      await write(setup.folder, Object.fromEntries(Array.from({ length: 120 }, (_, index) => [`f${index}.ts`, 'x\n'])));
      const planned = await plan(setup, { kind: 'workspace' }, 1);
      assert.ok(planned.kind === 'inspection');
      const active = planned.start();
      active.onEvent((event) => {
        if (event.kind === 'finished' && event.operation === 'files-1') void active.cancel();
      });
      const state = await active.finished;
      assert.equal(state.outcome, 'cancelled');
      const inspection = active.inspection();
      assert.ok(inspection && inspection.files.length >= 25 && inspection.files.length < 120);
      assert.match(inspection.notes.join(), /ended before all files were looked at/);
    });
  });
});
