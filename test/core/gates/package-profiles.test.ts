import assert from 'node:assert/strict';
import { CI, detected, gatesOf, workflow } from '../../support/detected.js';

const manifest = (scripts: Readonly<Record<string, string>>, devDependencies: Readonly<Record<string, string>> = {}) =>
  JSON.stringify({ scripts, devDependencies });
const idsOf = async (files: Readonly<Record<string, string>>) => (await detected(files)).map(({ id }) => id);
const reviewed = (...steps: readonly string[]) => `on: pull_request\n${workflow(...steps)}`;

describe('what mends in a job that sees to it that nothing is left to mend', () => {
  const scripts = manifest({ format: 'prettier --write .', 'lint-fix': 'turbo lint -- --fix' }, { prettier: '3' });

  it('is a check, also by a script', async () => {
    for (const after of [
      'uses: autofix-ci/action@v1',
      'uses: stefanzweifel/git-auto-commit-action@v5',
      'run: git diff --exit-code',
    ])
      assert.deepEqual(
        await idsOf({ 'package.json': scripts, [CI]: reviewed('run: npm run format', after) }),
        ['prettier'],
        after,
      );
    assert.deepEqual(await idsOf({ 'package.json': scripts, [CI]: reviewed('run: npm run format && git diff --exit-code') }), [
      'prettier',
    ]);
  });

  it('is none where nothing is looked at afterwards', async () => {
    for (const steps of [
      ['run: npm run format'],
      ['uses: autofix-ci/action@v1', 'run: npm run format'],
      ['run: npm run format', 'uses: other/action@v1'],
    ])
      assert.deepEqual(await idsOf({ 'package.json': scripts, [CI]: reviewed(...steps) }), [], steps.join());
  });

  it('keeps what a tool of which only the exit code is read is told to look at', async () => {
    const said = reviewed(
      'run: npx manypkg fix',
      'run: npx dprint fmt --config a.json',
      'run: npx oxfmt src',
      'uses: autofix-ci/action@v1',
    );
    assert.deepEqual(await gatesOf({ 'package.json': manifest({ lint: 'turbo lint' }), [CI]: said }), [
      'script:lint: npm run lint',
      'manypkg: manypkg check',
      'dprint: dprint check --config a.json',
      'oxfmt: oxfmt --check src',
    ]);
  });
});

describe('a script that CI runs with an environment of its own', () => {
  it('is the one that it calls, not the first of its tool', async () => {
    const scripts = {
      'test-unit': 'vitest run',
      'test-serve': 'vitest run -c vitest.config.e2e.ts',
      'test-build': 'E2E_BUILD=1 vitest run -c vitest.config.e2e.ts',
      test: 'npm run test-unit && npm run test-serve && npm run test-build',
    };
    const said = `env:\n  NODE_OPTIONS: --max-old-space-size=6144\n${reviewed('run: npm run test-unit', 'run: npm run test-serve', 'run: npm run test-build')}`;
    assert.deepEqual(await idsOf({ 'package.json': manifest(scripts, { vitest: '3' }), [CI]: said }), [
      'vitest',
      'vitest:test-serve',
      'vitest:test-build',
    ]);
  });
});
