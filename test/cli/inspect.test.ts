import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { commandLine, validated } from '../support/cli.js';
import { type Workspace, withWorkspace } from '../support/workspaces.js';

const volley = (workspace: Workspace, ...args: string[]) =>
  commandLine(workspace, ['inspect', ...args], { env: { GIT_CEILING_DIRECTORIES: path.dirname(workspace.folder) } });

const FILES = {
  'src/a.ts': 'one\n// TODO two \n',
  'src/b.py': 'x = 1\r\n',
  'logo.png': 'PNG\0',
  'out/skipped.js': '',
  '.gitignore': 'out\n',
};

describe('volley inspect', () => {
  it('prints a table of what git does not ignore, and what stands out', async () => {
    await withWorkspace(FILES, async (workspace) => {
      const { stdout, stderr, code } = await volley(workspace);
      assert.equal(code, 0, stderr);
      const lines = stdout.split('\n');
      assert.match(lines[0] ?? '', /^File {8}Lines/);
      assert.deepEqual(
        lines.slice(1, 5).map((line) => line.split(' ')[0]),
        ['.gitignore', 'logo.png', 'src/a.ts', 'src/b.py'],
      );
      assert.match(stdout, /\n4 files, 4 lines, .* · 1 with TODO, FIXME or BUG · 1 with trailing whitespace · 1 binary · /);
      assert.match(stderr, /git was not found, or these files are in no repository/);
    });
  });

  it('prints one document that fits its schema, with commits, and exits with 1 where a file could not be read', async () => {
    await withWorkspace(FILES, async (workspace) => {
      const git = (...args: string[]) =>
        execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=a@example.org', ...args], { cwd: workspace.folder });
      git('init', '-q');
      git('add', 'src');
      git('commit', '-qm', 'Begin');
      const { stdout, code } = await volley(workspace, 'src', 'out/skipped.js', 'gone.ts', '--json', '-j', '2');
      const document = await validated('inspection', stdout);
      assert.equal(code, 1);
      assert.deepEqual(
        document.files.map((file: { path: string; kind: string }) => [file.path, file.kind]),
        [
          ['gone.ts', 'unread'],
          ['out/skipped.js', 'text'],
          ['src/a.ts', 'text'],
          ['src/b.py', 'text'],
        ],
      );
      assert.equal(document.files[2].commit.subject, 'Begin');
      assert.equal(document.files[1].commit, null);
      assert.deepEqual(document.files[2].trailingWhitespace, { count: 1, line: 2 });
    });
  });

  it('prints comma-separated values', async () => {
    await withWorkspace({ '=1+1.ts': 'a\n', 'b.ts': 'b\n' }, async (workspace) => {
      const { stdout, code } = await volley(workspace, '--csv', '--jobs', '1');
      assert.equal(code, 0);
      const lines = stdout.split('\r\n');
      assert.match(lines[0] ?? '', /^File,Kind,Lines/);
      assert.match(lines[1] ?? '', /^"'=1\+1\.ts",text,1,2,TypeScript/);
    });
  });

  it('says why nothing was inspected', async () => {
    await withWorkspace({}, async (workspace) => {
      const { stdout, stderr, code } = await volley(workspace, '--json');
      assert.equal(code, 2);
      assert.match(stderr, /hold no files/);
      assert.match((await validated('error', stdout)).error, /hold no files/);
      const outside = await volley(workspace, '..');
      assert.equal(outside.code, 2);
      assert.match(outside.stderr, /does not lie in the workspace/);
    });
  });
});
