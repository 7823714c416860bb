import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { inTemporaryDirectory } from '../support/processes.js';
import { copySample } from '../support/sample.js';

const root = path.join(import.meta.dirname, '../..');

interface Result {
  readonly outcome: string;
  readonly reason?: string;
  readonly findings: readonly Readonly<Record<string, unknown>>[];
}

/** Runs the built command line over a copy of the sample; what it printed, by gate. */
async function runSample(...args: string[]): Promise<ReadonlyMap<string, Result>> {
  const { folder, remove } = await copySample();
  try {
    return await inTemporaryDirectory(async (home) => {
      const stdout = await new Promise<string>((resolve, reject) => {
        const env = { ...process.env, VOLLEY_HOME: home };
        execFile(
          process.execPath,
          [path.join(root, 'dist/cli.cjs'), 'run', '--json', ...args],
          { cwd: folder, env },
          (error, text) =>
            // The sample has defects, so 1 is the right exit code.
            error && error.code !== 1 ? reject(error) : resolve(text),
        );
      });
      const { gates } = JSON.parse(stdout) as { gates: (Result & { id: string })[] };
      return new Map(gates.map(({ id, ...gate }) => [id, gate]));
    });
  } finally {
    await remove();
  }
}

describe('The sample workspace', () => {
  it('gives exactly the outcomes and findings that it was made with', async function () {
    this.timeout(120_000);
    const text = await readFile(path.join(root, 'test/fixtures/sample/expected-findings.json'), 'utf8');
    const { gates } = JSON.parse(text) as { gates: Record<string, Result> };
    const actual = await runSample();
    assert.deepEqual([...actual.keys()].sort(), Object.keys(gates).sort());
    let compared = 0;
    for (const [id, expected] of Object.entries(gates)) {
      const gate = actual.get(id);
      // A Python tool that this machine does not have is named with what to type, and fails nothing.
      if (gate?.outcome === 'skipped') {
        assert.match(gate.reason ?? '', /To install it: /, id);
        continue;
      }
      compared += 1;
      assert.equal(gate?.outcome, expected.outcome, id);
      assert.deepEqual(gate?.findings, expected.findings, id);
    }
    assert.ok(compared >= 5, 'the JavaScript gates are always there');
  });

  it('checks only the files it is given, and says which gates they do not concern', async function () {
    this.timeout(120_000);
    const actual = await runSample('--files', 'src/outbox.ts');
    assert.deepEqual([actual.get('eslint')?.findings.length, actual.get('eslint')?.outcome], [1, 'failed']);
    assert.equal(actual.get('prettier')?.outcome, 'passed');
    for (const id of ['mypy', 'pytest', 'flake8', 'black']) assert.equal(actual.get(id)?.outcome, 'skipped', id);
  });
});
