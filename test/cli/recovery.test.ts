/** A batch of an editor that was killed, and what the command line does about it, which has another storage. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, realpath, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { commandLine } from '../support/cli.js';
import { eventually, inTemporaryDirectory } from '../support/processes.js';
import { type Workspace, withWorkspace } from '../support/workspaces.js';

const GROUP = {
  atomic: true,
  sequence: [
    { id: 'one', tool: 'write', input: { path: 'a.txt', content: 'half' } },
    { id: 'two', tool: 'write', input: { path: 'new/b.txt', content: 'half' } },
    { id: 'long', tool: 'command', input: { argv: ['sleep', '600'] }, writes: [] },
  ],
};
const FILES = { 'a.txt': 'whole', 'package.json': '{"name":"x","scripts":{"test:a":"grep whole a.txt"}}' };

describe('What a killed editor left half done', function () {
  this.timeout(120_000);

  async function withHalf(use: (workspace: Workspace, half: () => boolean) => Promise<void>): Promise<void> {
    await inTemporaryDirectory((directory) =>
      withWorkspace(FILES, async (workspace) => {
        const program = path.join(directory, 'program.mjs');
        const banner = "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);";
        await build({
          ...{ entryPoints: ['test/support/batch-program.ts'], outfile: program, bundle: true, platform: 'node' },
          ...{ format: 'esm', mainFields: ['module', 'main'], logLevel: 'silent', banner: { js: banner } },
        });
        const batch = path.join(directory, 'x.batch.jsonc');
        await writeFile(batch, JSON.stringify({ operations: [GROUP] }));
        const args = [program, await realpath(workspace.folder), path.join(directory, 'editor'), batch];
        const env = { ...process.env, VOLLEY_HOME: workspace.outside };
        const editor = spawn(process.execPath, args, { stdio: 'ignore', env });
        const half = () => existsSync(path.join(workspace.folder, 'new/b.txt'));
        await eventually('half of the group', async () => half());
        editor.kill('SIGKILL');
        await once(editor, 'exit');
        await use(workspace, half);
      }),
    );
  }

  it('is put back by a command that runs something, before it does', async () => {
    await withHalf(async (workspace, half) => {
      const { code, stdout, stderr } = await commandLine(workspace, ['run']);
      assert.match(stderr, /^Test, .* was interrupted before it was whole: 2 files put back\.$/m);
      assert.equal(code, 0, stdout);
      assert.equal(await readFile(path.join(workspace.folder, 'a.txt'), 'utf8'), 'whole');
      assert.equal(half(), false);
      assert.doesNotMatch((await commandLine(workspace, ['run'])).stderr, /interrupted/);
    });
  });

  it('is told of by a command that only reads, which changes nothing', async () => {
    await withHalf(async (workspace, half) => {
      const { code, stderr } = await commandLine(workspace, ['list']);
      assert.equal(code, 0);
      assert.match(stderr, /was interrupted before it was whole: 2 files may be half changed\. The next command that runs/);
      assert.equal(half(), true);
      assert.match((await commandLine(workspace, ['init'])).stderr, /2 files put back/);
      assert.equal(half(), false);
    });
  });
});
