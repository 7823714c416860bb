import assert from 'node:assert/strict';
import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { BATCH_TEMPLATES } from '../../src/core/batch/templates.js';
import { commandLine, PROGRAM } from '../support/cli.js';
import { type Workspace, withWorkspace } from '../support/workspaces.js';

const volley = (workspace: Workspace, args: readonly string[], cwd = workspace.folder) => commandLine(workspace, args, { cwd });

const textOf = (id: string) => BATCH_TEMPLATES.find((template) => template.id === id)?.text;

describe('volley new', () => {
  before(() => access(PROGRAM));

  it('lists the templates with a line each', async () => {
    await withWorkspace({}, async (workspace) => {
      const { code, stdout } = await volley(workspace, ['new']);
      assert.equal(code, 0);
      for (const { id, description } of BATCH_TEMPLATES)
        assert.ok(
          stdout.split('\n').some((line) => line.startsWith(`${id} `) && line.endsWith(description)),
          id,
        );
      assert.deepEqual(await readdir(workspace.folder), []);
    });
  });

  it('writes a batch that can be planned, under the name of the template or the one that is given', async () => {
    await withWorkspace({}, async (workspace) => {
      const { code, stdout } = await volley(workspace, ['new', 'tdd']);
      assert.equal(code, 0);
      assert.match(stdout, /^tdd\.batch\.jsonc written\./);
      assert.equal(await readFile(path.join(workspace.folder, 'tdd.batch.jsonc'), 'utf8'), textOf('tdd'));
      assert.equal((await volley(workspace, ['plan', 'tdd.batch.jsonc'])).code, 0);
      assert.equal((await volley(workspace, ['new', 'search', 'batches/where.batch.jsonc'])).code, 0);
      assert.equal(await readFile(path.join(workspace.folder, 'batches/where.batch.jsonc'), 'utf8'), textOf('search'));
    });
  });

  it('takes the default name in the workspace, and a given one where it was typed', async () => {
    await withWorkspace({}, async (workspace) => {
      const inner = path.join(workspace.folder, 'inner');
      await mkdir(inner);
      assert.equal((await volley(workspace, ['new', 'tdd', '-C', '..'], inner)).code, 0);
      assert.equal((await volley(workspace, ['new', 'tdd', 'own.batch.jsonc', '-C', '..'], inner)).code, 0);
      assert.deepEqual((await readdir(workspace.folder)).sort(), ['inner', 'tdd.batch.jsonc']);
      assert.deepEqual(await readdir(inner), ['own.batch.jsonc']);
    });
  });

  it('never overwrites a file', async () => {
    await withWorkspace({}, async (workspace) => {
      const file = path.join(workspace.folder, 'tdd.batch.jsonc');
      await writeFile(file, 'mine');
      const { code, stderr } = await volley(workspace, ['new', 'tdd']);
      assert.deepEqual([code, stderr], [2, 'tdd.batch.jsonc was not written: it is there already.\n']);
      assert.equal(await readFile(file, 'utf8'), 'mine');
    });
  });

  it('says what there is when a template is unknown, and refuses a name that is not one of a batch', async () => {
    await withWorkspace({}, async (workspace) => {
      const unknown = await volley(workspace, ['new', 'tddd']);
      assert.equal(unknown.code, 2);
      assert.match(unknown.stderr, /no template “tddd”\. There are: .*\btdd\b/);
      const named = await volley(workspace, ['new', 'tdd', 'cycle.json']);
      assert.equal(named.code, 2);
      assert.match(named.stderr, /^cycle\.json was not written: .*ends with \.batch\.jsonc/);
      assert.equal((await volley(workspace, ['new', 'tdd', '-C', 'nowhere'])).code, 2);
      assert.deepEqual(await readdir(workspace.folder), []);
    });
  });
});
