import assert from 'node:assert/strict';
import path from 'node:path';
import { findSources } from '../../../src/core/analyse/find-sources.js';
import { withWorkspace } from '../../support/workspaces.js';

describe('The sources of a workspace', () => {
  it('are scripts, targets, jobs, tasks and transcripts, those at the top first', async () => {
    const files = {
      'package.json': { scripts: { a: 'ls' } },
      Makefile: 'all:\n\tls\n',
      '.github/workflows/ci.yml': 'jobs:\n  a:\n    steps: []\n',
      '.github/workflows/broken.yml': 'jobs: [',
      '.vscode/tasks.json': { tasks: [{ label: 'x', type: 'shell', command: 'ls' }] },
      'packages/a/package.json': { scripts: { b: 'ls' } },
      'empty/package.json': {},
      'node_modules/x/package.json': { scripts: { c: 'ls' } },
      'session.jsonl': '{"type":"summary"}\n{"role":"user","content":"x"}\n',
      'data.jsonl': '{"id":1,"name":"x"}\n',
    };
    await withWorkspace(files, async ({ folder }) => {
      const found = await findSources([{ name: 'w', path: folder }]);
      assert.deepEqual(
        found.map(({ name, kind, choices }) => [name, kind, choices.map((choice) => choice.name).join()]),
        [
          ['Makefile', 'makefile', 'all'],
          ['package.json', 'package script', 'a'],
          ['session.jsonl', 'transcript', ''],
          ['.vscode/tasks.json', 'editor tasks', 'x'],
          ['.github/workflows/ci.yml', 'workflow', 'a'],
          ['packages/a/package.json', 'package script', 'b'],
        ],
      );
      assert.equal(found[0]?.file, path.join(folder, 'Makefile'));
    });
  });
});
