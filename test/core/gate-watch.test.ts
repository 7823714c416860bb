import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Gate } from '../../src/core/gate-model.js';
import { concernOf, scopeOf } from '../../src/core/gate-watch.js';
import { plainGate } from '../support/plain-gate.js';
import { inTemporaryDirectory } from '../support/processes.js';

const gate = (more: Partial<Gate>): Gate =>
  plainGate('/w', { files: { kind: 'files', takes: ['**/*.{js,ts,json}'], targets: ['.'] }, ...more });

const GATES: Readonly<Record<string, Gate>> = {
  prettier: gate({ preset: 'prettier', reads: { files: ['**/*', '**/.prettier*'], also: [], env: [] } }),
  eslint: gate({ preset: 'eslint', reads: { files: ['**'], also: [], env: [] } }),
  inner: gate({ preset: 'eslint', command: { argv: ['eslint'], cwd: '/w/packages/a', env: {}, shell: false } }),
  test: gate({
    category: 'test',
    preset: 'node-test',
    files: { kind: 'whole', inputs: ['**/*.js'] },
    reads: { files: ['**'], also: [], env: [] },
  }),
  black: gate({ preset: 'black', files: { kind: 'files', takes: ['**/*.py'], targets: ['.'] } }),
};

const CASES: readonly [file: string, concerns: string][] = [
  ['/w/a.js', 'prettier: files, eslint: files, test: files'],
  ['/w/README.md', ''],
  ['/w/.prettierrc', 'prettier: everything'],
  ['/w/.prettierignore', 'prettier: everything'],
  ['/w/eslint.config.js', 'prettier: files, eslint: everything, inner: everything, test: files'],
  ['/w/packages/b/eslint.config.js', 'prettier: files, eslint: everything, test: files'],
  ['/w/package-lock.json', 'prettier: everything, eslint: everything, inner: everything, test: everything'],
  ['/w/.env.local', 'test: everything'],
  ['/w/pyproject.toml', 'black: everything'],
  // Nothing is there any more: it may have been a folder.
  ['/w/src', 'prettier: files, eslint: files, test: files, black: files'],
];

describe('A change of a file', () => {
  for (const [file, expected] of CASES)
    it(`of ${file} concerns ${expected || 'no gate'}`, () => {
      const found = Object.entries(GATES).map(([name, each]) => [name, concernOf(each, [file])] as const);
      const concerned = found.filter(([, concern]) => concern !== 'nothing').map(([name, concern]) => `${name}: ${concern}`);
      assert.equal(concerned.join(', '), expected);
    });
});

describe('A run for changed files', () => {
  it('is about those that are there, and about everything where that leaves a gate nothing to check', async () => {
    await inTemporaryDirectory(async (folder) => {
      const here = path.join(folder, 'a.js');
      const gone = path.join(folder, 'gone.js');
      await writeFile(here, '');
      const command = { argv: ['eslint'], cwd: folder, env: {}, shell: false };
      const eslint = gate({ command, files: { kind: 'files', takes: ['**/*.js'], targets: ['.'] } });
      const types = gate({ command, files: { kind: 'whole', inputs: ['**/*.js'] } });
      const css = gate({ command, files: { kind: 'files', takes: ['**/*.css'], targets: ['.'] } });
      assert.deepEqual(scopeOf([eslint, types], [here, gone]), { kind: 'selected', files: [here] });
      assert.deepEqual(scopeOf([eslint], [gone]), { kind: 'workspace' });
      assert.deepEqual(scopeOf([types], [gone]), { kind: 'workspace' });
      assert.deepEqual(scopeOf([eslint, css], [here, path.join(folder, 'gone.css')]), { kind: 'workspace' });
      assert.deepEqual(scopeOf([eslint], undefined), { kind: 'workspace' });
    });
  });
});
