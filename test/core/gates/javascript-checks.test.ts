import assert from 'node:assert/strict';
import { CI, detected, gatesOf, workflow } from '../../support/detected.js';

type Texts = Readonly<Record<string, string>>;

const manifest = (scripts: Texts, more: Readonly<Record<string, unknown>> = {}) => JSON.stringify({ scripts, ...more });
const reviewed = (...steps: readonly string[]) => `on: pull_request\n${workflow(...steps)}`;
const idsOf = async (files: Texts) => (await detected(files)).map(({ id }) => id).sort();

describe('a script that the root of a workspace starts in all packages, in one piece', () => {
  const packages = (lint: string): Texts => ({
    'turbo.json': '{ "tasks": { "lint": { "dependsOn": ["^build"] } } }',
    'pnpm-workspace.yaml': 'packages: [packages/*]\n',
    'package.json': manifest({ lint: 'turbo lint' }),
    'packages/a/package.json': manifest({ lint }, { name: 'a' }),
    'packages/b/package.json': manifest({ lint, build: 'tsup' }, { name: 'b', devDependencies: { eslint: '9' } }),
  });

  it('makes no gate in each of them where CI starts it in the same way', async () => {
    for (const [lint, line] of [
      ['eslint src', 'pnpm turbo lint -- --fix'],
      ['eslint', 'pnpm turbo lint'],
      ['tsc', 'pnpm turbo run lint'],
    ] as const)
      assert.deepEqual(await idsOf({ ...packages(lint), [CI]: reviewed(`run: ${line}`) }), ['script:lint'], lint);
  });

  it('makes one where CI starts it in one of them', async () => {
    const found = await idsOf({ ...packages('eslint src'), [CI]: reviewed('run: pnpm --filter a lint') });
    assert.deepEqual(found, ['packages/a/eslint', 'script:lint']);
  });
});

describe('a script that is called a test against a server', () => {
  const scripts = {
    'test:dev': "start-server-and-test 'tsx src/server' 3000 'tsx src/client'",
    'test:ui': 'playwright test --ui | cat',
    dev: 'vite | cat',
    'test:watch': 'node watch.js | cat',
  };

  it('is a check where CI runs it', async () => {
    const steps = ['run: npm run test:dev', 'run: npm run dev', 'run: npm run test:watch'];
    assert.deepEqual(await gatesOf({ 'package.json': manifest(scripts), [CI]: reviewed(...steps) }), [
      'script:test-dev: npm run test:dev',
    ]);
  });

  it('is none where only people do', async () => {
    assert.deepEqual(await idsOf({ 'package.json': manifest(scripts) }), []);
  });
});
