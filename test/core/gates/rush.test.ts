import assert from 'node:assert/strict';
import { CI, detected, workflow } from '../../support/detected.js';

/** The gates of a repository of Rush in which CI runs these lines, each as its id. */
async function ids(...lines: readonly string[]): Promise<readonly string[]> {
  const gates = await detected({
    'rush.json': `{
  // The projects.
  "rushVersion": "5.150.0",
  "projects": [
    { "packageName": "@org/a", "projectFolder": "libraries/node/a" },
    { "packageName": "@org/b", "projectFolder": "apps/b" },
    { "packageName": "@org/gone", "projectFolder": "apps/gone" },
  ]
}`,
    'common/config/rush/command-line.json': `{
  "commands": [
    { "commandKind": "bulk", "name": "lint", "summary": "x" },
    { "commandKind": "global", "name": "style", "summary": "x", "shellCommand": "prettier --check ." },
    { "commandKind": "global", "name": "spell-check", "summary": "x", "shellCommand": "node common/tools/spell.js \${FILES}" },
  ]
}`,
    'libraries/node/a/package.json': '{ "name": "@org/a", "scripts": { "lint": "eslint .", "test": "vitest run" } }',
    'apps/b/package.json': '{ "name": "@org/b", "scripts": { "lint": "eslint .", "build": "tsc -b" } }',
    [CI]: workflow(...lines.map((line) => `run: ${line}`)),
  });
  return gates.map(({ id }) => id);
}

describe('Rush', () => {
  it('runs scripts of its projects, however deep they lie', async () => {
    const found = await ids('rush lint --verbose', 'node common/scripts/install-run-rush.js test');
    assert.deepEqual(
      found.filter((id) => id.includes('/')),
      ['apps/b/eslint', 'libraries/node/a/eslint', 'libraries/node/a/vitest'],
    );
    assert.ok(!found.some((id) => /^rush-(?:lint|test)/.test(id)));
  });

  it('runs them in some projects where it is told to', async () => {
    assert.ok(!(await ids('rush test', 'rush lint --only @org/b')).includes('rush-lint'));
  });

  it('has commands of its own, which run in the folder of the repository', async () => {
    assert.ok((await ids('rush install', 'rush style')).includes('prettier'));
  });

  it('is called as CI calls it where nobody knows what for', async () => {
    assert.ok((await ids('rush verify-all')).includes('rush-verify-all'));
  });
});
