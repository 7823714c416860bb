import assert from 'node:assert/strict';
import { cp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createEngine } from '../../../src/core/engine.js';
import { nodeHost } from '../../../src/core/host.js';
import { inTemporaryDirectory } from '../../support/processes.js';

const fixtures = path.join(import.meta.dirname, '../../fixtures/analyse');

/** Sources as people have them, in a workspace as people have it, and the batch that each comes to: read it when it changes. */
const CASES: readonly { readonly name: string; readonly file: string; readonly choice?: string }[] = [
  { name: 'script-ci', file: 'package.json', choice: 'ci' },
  { name: 'script-release', file: 'package.json', choice: 'release' },
  { name: 'target-docker', file: 'Makefile', choice: 'docker' },
  { name: 'workflow', file: '.github/workflows/ci.yml' },
  { name: 'task-package', file: '.vscode/tasks.json', choice: 'Package' },
  { name: 'steps', file: 'steps.txt' },
  { name: 'claude', file: 'claude.jsonl' },
  { name: 'codex', file: 'codex.jsonl' },
];

/** `VOLLEY_ACCEPT=1` writes what comes out as what is expected. */
const accept = process.env['VOLLEY_ACCEPT'] === '1';

describe('The equivalent batch', () => {
  for (const { name, file, choice } of CASES) {
    it(`of ${choice === undefined ? file : `${choice} in ${file}`} is as it was read and found right`, async () => {
      await inTemporaryDirectory(async (directory) => {
        const folder = path.join(directory, 'shop');
        await cp(path.join(fixtures, 'shop'), folder, { recursive: true });
        const log = { debug() {}, info() {}, warn: assert.fail, error: assert.fail };
        const engine = createEngine(nodeHost({ folder, storage: path.join(directory, 'storage'), log }));
        const source = path.join(folder, file);
        const text = await readFile(source, 'utf8');
        const result = await engine.analyse({ text, file: source, slots: 4, ...(choice === undefined ? {} : { choice }) });
        await engine.dispose();
        assert.ok(result.kind === 'analysed', JSON.stringify(result));
        const expected = path.join(fixtures, `${name}.batch.jsonc`);
        if (accept) await writeFile(expected, result.analysis.batch);
        assert.equal(result.analysis.batch, await readFile(expected, 'utf8'));
      });
    });
  }
});
