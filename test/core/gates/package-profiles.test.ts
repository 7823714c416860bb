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
      'run: cmake-format -i CMakeLists.txt',
      'uses: autofix-ci/action@v1',
    );
    assert.deepEqual(await gatesOf({ 'package.json': manifest({ lint: 'turbo lint' }), [CI]: said }), [
      'script:lint: npm run lint',
      'manypkg: manypkg check',
      'dprint: dprint check --config a.json',
      'oxfmt: oxfmt --check src',
      'cmake-format: cmake-format --check CMakeLists.txt',
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

describe('two steps of a job that call one tool', () => {
  const named = (name: string, line: string, more = '') => `name: ${name}\n${more}run: ${line}`;
  const prettier = manifest({}, { prettier: '3' });

  it('are two checks where both have names, and tell it to look at something else or in another way', async () => {
    const said = reviewed(
      named('Lint', 'npx prettier --check .'),
      named('Lint docs', 'npx prettier "{docs,site}/**/*.md" --check'),
    );
    assert.deepEqual(await idsOf({ 'package.json': prettier, [CI]: said }), ['prettier', 'prettier:check']);
  });

  it('are one where one of them runs under a condition, has no name, or only shows something else', async () => {
    for (const second of [
      named('Lint docs', 'npx prettier "docs/**/*.md" --check', 'if: matrix.docs\n'),
      'run: npx prettier "docs/**/*.md" --check',
      named('Lint again', 'npx prettier --check . --no-color'),
    ])
      assert.deepEqual(
        await idsOf({ 'package.json': prettier, [CI]: reviewed(named('Lint', 'npx prettier --check .'), second) }),
        ['prettier'],
        second,
      );
  });
});

describe('tests that are run by hand in other words than by CI', () => {
  it('are those of CI, where a task runs no others', async () => {
    const files = {
      Makefile: 'test:\n\tpytest -q\nvtest:\n\tpytest -v -m slow\n',
      'pyproject.toml': '[tool.pytest.ini_options]\n',
      [CI]: reviewed("run: pytest -n auto -m 'not slow'", 'run: pytest -m slow --cov', 'run: pytest --lf'),
    };
    assert.deepEqual(await idsOf(files), ['pytest', 'pytest:check']);
  });

  it('are those of CI, where that runs one project of them after another', async () => {
    const scripts = { test: 'vitest', 'test-unit': 'vitest --project unit*', 'test-e2e': 'vitest --project e2e' };
    const said = reviewed('run: npm run test-unit', 'run: npm run test-e2e');
    assert.deepEqual(
      (await detected({ 'package.json': manifest(scripts, { vitest: '3' }), [CI]: said })).map(({ command }) => command.argv[3]),
      ['unit*', 'e2e'],
    );
    const one = reviewed('run: npm run test-unit');
    assert.equal((await idsOf({ 'package.json': manifest(scripts, { vitest: '3' }), [CI]: one })).length, 3);
  });
});

describe('a command of a package manager itself', () => {
  it('is no program of that name', async () => {
    const said = reviewed('run: yarn dedupe --check', 'run: yarn dedupe', 'run: yarn constraints', 'run: pnpm dedupe --check');
    assert.deepEqual(await gatesOf({ 'package.json': '{}', [CI]: said }), [
      'yarn-dedupe: yarn dedupe --check',
      'yarn-constraints: yarn constraints',
      'pnpm-dedupe: pnpm dedupe --check',
    ]);
  });

  it('may name the package in which a program is', async () => {
    const said = reviewed('run: yarn dlx --package renovate@latest renovate-config-validator --strict');
    assert.deepEqual(
      await gatesOf({ 'package.json': manifest({ check: 'run-p "lint:*"' }), [CI]: said.replace('check:', 'lint:') }),
      ['script:check: npm run check', 'renovate-config-validator: renovate-config-validator --strict'],
    );
  });
});

describe('a script that measures coverage', () => {
  const scripts = { test: 'node test.js', 'test-coverage': 'npx c8 node test.js' };

  it('is the check that it measures, where CI runs it', async () => {
    const said = reviewed('run: npm run test-coverage');
    assert.deepEqual(await idsOf({ 'package.json': manifest(scripts), 'test.js': '', [CI]: said }), ['script:test']);
    assert.deepEqual(await idsOf({ 'package.json': manifest({ 'test-coverage': 'npx c8 node a.js' }), [CI]: said }), [
      'script:test-coverage',
    ]);
  });

  it('of which only reports are left checks nothing', async () => {
    const tox =
      '[testenv]\ncommands =\n  coverage run -m pytest\n  coverage combine\n  coverage xml\n  python -m coverage html\n';
    assert.deepEqual(await idsOf({ 'tox.ini': tox }), ['pytest']);
  });
});

describe('hooks that only look', () => {
  const hooks = 'repos:\n  - repo: https://github.com/pre-commit/pre-commit-hooks\n    hooks: [{ id: check-toml }]\n';

  it('are a gate though CI names none, but not where it names some', async () => {
    const files = { '.pre-commit-config.yaml': hooks, [CI]: reviewed('run: pytest') };
    assert.deepEqual(await idsOf(files), ['pre-commit', 'pytest']);
    assert.deepEqual(await idsOf({ ...files, Makefile: 'lint:\n\tpython -m pre_commit run --all-files\n' }), [
      'pre-commit',
      'pytest',
    ]);
    const some = await detected({ ...files, [CI]: reviewed('run: pre-commit run ruff --all-files') });
    assert.ok(!some.some(({ name }) => name.includes('other hooks')));
  });
});
