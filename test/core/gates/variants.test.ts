import assert from 'node:assert/strict';
import fc from 'fast-check';
import { comparisonIn } from '../../../src/core/gates/mention-alternative.js';
import { choosesTests } from '../../../src/core/gates/suite-settings.js';
import { CI, detected, gatesOf, run, workflow } from '../../support/detected.js';

const json = (value: unknown) => JSON.stringify(value);
const reviewed = (...steps: readonly string[]) => `on: pull_request\n${workflow(...steps)}`;
const own = async (files: Readonly<Record<string, string>>) =>
  (await gatesOf(files)).map((gate) => gate.replace(/^\S+ /, '').replace(/ --(?:reporter|junitxml).*$/, '')).sort();

describe('the same tests', () => {
  const scripts = {
    'test:default': 'mocha --bail --exit',
    'test:uws': 'WS=uws mocha --exit',
    'test:v3': 'CLIENT=3 mocha --exit',
  };
  const steps = ['run: npm run test:default', 'run: npm run test:uws', 'run: npm run test:v3'];
  const manifest = { scripts, devDependencies: { mocha: '11' } };

  it('in other environments are one gate: the plain one, with all of CI as its evidence', async () => {
    const [gate, ...others] = await detected({ 'package.json': json(manifest), [CI]: reviewed(...steps) });
    assert.deepEqual(others, []);
    assert.equal(gate?.command.env['WS'] ?? gate?.command.env['CLIENT'], undefined);
    const said = gate?.evidence.map(({ text }) => text) ?? [];
    for (const step of steps) assert.ok(said.includes(step.replace('run: ', '')), step);
  });

  it('are two where the environment chooses among them', async () => {
    const chosen = { ...manifest, scripts: { 'test:a': 'TEST_SUITE=a mocha', 'test:b': 'INTEGRATION=1 mocha', test: 'mocha' } };
    const ci = reviewed('run: npm test', 'run: npm run test:a', 'run: npm run test:b');
    assert.equal((await own({ 'package.json': json(chosen), [CI]: ci })).length, 3);
  });

  it('are those of a script in one piece that starts them without a setting', async () => {
    const pieces = {
      test: 'if test "$BROWSERS" = 1 ; then npm run test:browser ; else npm run test:node ; fi',
      'test:node': 'mocha test/index.js',
      'test:node-fetch': 'FETCH=1 npm run test:node',
    };
    const ci = reviewed('run: npm test', 'run: npm run test:node-fetch');
    assert.deepEqual(await own({ 'package.json': json({ ...manifest, scripts: pieces }), [CI]: ci }), ['npm run test']);
  });

  it('with other versions of what they need are one gate', async () => {
    const tox = [
      '[env.type]',
      'commands = [["ty", "check", "."]]',
      '[env.type-min]',
      'commands = [["ty", "check", "--python-version", "3.10", "src"]]',
    ].join('\n');
    const ci = reviewed('run: tox -e type', 'run: tox -e type-min');
    assert.deepEqual(await own({ 'tox.toml': tox, [CI]: ci }), ['ty check .']);
    const slow = { scripts: {}, 'tox.toml': tox.replaceAll('ty', 'pytest').replace('--python-version", "3.10', '-m", "slow') };
    assert.equal((await own({ 'tox.toml': slow['tox.toml'], [CI]: ci.replaceAll('type', 'ppytestpe') })).length, 2);
  });

  it('on Windows alone are those that the job runs elsewhere', async () => {
    const ci = (windows: string) =>
      reviewed(
        "name: Check\nif: matrix.os != 'windows-latest'\nrun: mage -v check",
        `name: Test\nif: matrix.os == '${windows}'\nrun: mage -v test`,
      );
    const files = { 'go.mod': 'module a\n', 'magefile.go': '' };
    assert.deepEqual(await own({ ...files, [CI]: ci('windows-latest') }), ['mage -v check']);
    assert.deepEqual(await own({ ...files, [CI]: ci('ubuntu-latest') }), ['mage -v check', 'mage -v test']);
  });

  it('that a job runs by another runner of the project are the same', async () => {
    const plain = { ...manifest, scripts: { 'test:cli': 'mocha' } };
    const files = { 'Makefile.js': '', 'package.json': json(plain) };
    assert.deepEqual(await own({ ...files, [CI]: reviewed('name: Test\nrun: node Makefile mocha') }), ['node Makefile mocha']);
    assert.deepEqual(await own(files), ['mocha']);
  });
});

describe('what nothing runs', () => {
  const ci = reviewed('run: npm test');

  it('is no gate where its tool is not installed any more and CI checks', async () => {
    const scripts = { test: 'mocha', 'test:browser': 'zuul test/index.js' };
    const files = { 'package.json': json({ scripts, devDependencies: { mocha: '11' } }), '.eslintrc.json': '{}' };
    assert.deepEqual(await own({ ...files, [CI]: ci }), ['mocha']);
    assert.deepEqual(await own(files), [
      'eslint --format json-with-metadata --output-file {report}',
      'mocha',
      'npm run test:browser',
    ]);
  });

  it('is one where something installed is called after its tool', async () => {
    const devDependencies = { mocha: '11', '@x/eslint-config': '1', '@wdio/cli': '9' };
    const scripts = { test: 'mocha', 'test:browser': 'wdio run' };
    const files = { 'package.json': json({ scripts, devDependencies }), '.eslintrc.json': '{}', [CI]: ci };
    assert.deepEqual(await own(files), ['eslint --format json-with-metadata --output-file {report}', 'mocha', 'wdio run']);
  });

  it('is no gate where it only starts the script of another one, and cleans up', async () => {
    const scripts = {
      test: 'jest',
      'e2e:run': 'playwright test --config e2e.config.ts',
      'test:e2e': 'npm run e2e:run',
      'posttest:e2e': 'npm run clean:e2e',
      'clean:e2e': 'node clean.mjs',
      'other-ci:test': 'npm run e2e:run -- --project=chromium && npm run clean:e2e',
    };
    const files = { 'package.json': json({ scripts, devDependencies: { jest: '30', '@playwright/test': '1' } }), [CI]: ci };
    assert.deepEqual(await own(files), ['jest --json --outputFile={report}', 'playwright test --config e2e.config.ts']);
  });

  it('is no test where a task starts a program that nobody knows, and CI tests', async () => {
    const tox = '[testenv:unit]\ncommands = pytest\n[testenv:system]\ncommands = frob test\n';
    assert.deepEqual(await own({ 'tox.ini': tox, [CI]: reviewed('run: tox -e unit') }), ['pytest']);
  });
});

describe('tests with coverage', () => {
  it('are other ones than those of a script that goes to other packages', async () => {
    const scripts = {
      'test:ci': "pnpm -r --filter '@x/*' run test | cat",
      'test:ci:unit': 'pnpm --filter @x/unit run test | cat',
      'test:ci:coverage': 'pnpm --filter @x/coverage run test | cat',
      'test:ci:no-bail': "pnpm -r --no-bail --filter '@x/*' run test | cat",
    };
    const ci = reviewed('run: npm run test:ci:unit', 'run: npm run test:ci:coverage');
    const found = await own({ 'package.json': json({ scripts }), [CI]: ci });
    assert.deepEqual(found, ['npm run test:ci:coverage', 'npm run test:ci:unit']);
  });
});

describe('a call of CI', () => {
  it('speaks for the script that it calls with more arguments', async () => {
    const scripts = { test: 'vitest run', 'test:integrations': 'vitest --root=./integrations' };
    const gates = await detected({
      'package.json': json({ scripts, devDependencies: { vitest: '3' } }),
      [CI]: reviewed('run: npm test', 'run: npm run test:integrations ./integrations/a'),
    });
    const [plain, own] = gates.map(({ evidence }) => evidence.map(({ text }) => text).join());
    assert.ok(own?.includes('npm run test:integrations ./integrations/a') && !plain?.includes('integrations'), own);
  });

  it('builds a gate, though a script asks for the build, too', async () => {
    const scripts = { build: 'node build.js', ci: 'npm run build && npm test', test: 'node test.js | cat' };
    const ci = reviewed(run('npm run build', 'npm test'));
    assert.ok((await own({ 'package.json': json({ scripts }), [CI]: ci })).includes('npm run build'));
  });
});

describe('a setting', () => {
  it('chooses tests where it names a kind, files or a suite of them', () => {
    for (const [name, value] of [
      ['INTEGRATION', '1'],
      ['TEST_TYPE', 'a'],
      ['TESTS', 'a b'],
      ['MODE', 'e2e'],
      ['SPEC_DIR', 'spec/a'],
      ['PYTEST_ADDOPTS', '-m slow'],
      ['BROWSER', '1'],
    ] as const)
      assert.equal(choosesTests(name, value), true, name);
    for (const [name, value] of [
      ['EIO_WS_ENGINE', 'uws'],
      ['TEST_BACKEND', 'loopback'],
      ['DATABASE_URL', 'postgres://localhost/a'],
      ['BROWSER', 'firefox'],
      ['PYTEST_ADDOPTS', '-ra'],
    ] as const)
      assert.equal(choosesTests(name, value), false, name);
  });

  it('never throws, whatever it is', () => {
    fc.assert(fc.property(fc.string(), fc.string(), (name, value) => typeof choosesTests(name, value) === 'boolean'));
  });
});

describe('the condition of a step', () => {
  it('compares where it is one comparison with a text', () => {
    assert.deepEqual(comparisonIn("matrix.os == 'a'"), { of: 'matrix.os', value: 'a', equal: true });
    assert.deepEqual(comparisonIn("${{ runner.os != 'Windows' }}"), { of: 'runner.os', value: 'Windows', equal: false });
    for (const text of ['', "matrix.os == 'a' && b", "startsWith(matrix.os, 'a')"])
      assert.equal(comparisonIn(text), undefined, text);
  });
});
