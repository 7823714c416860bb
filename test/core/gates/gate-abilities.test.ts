import assert from 'node:assert/strict';
import { type Called, workersOf } from '../../../src/core/gates/gate-abilities.js';
import { PRESETS } from '../../../src/core/gates/presets.js';
import { globMatcher } from '../../../src/core/glob-match.js';
import { detected } from '../../support/detected.js';

/** The gate of a tool in a project with this script, these versions and these files besides. */
async function gateOf(
  preset: string,
  script: string,
  files: Readonly<Record<string, string>> = {},
  versions: Readonly<Record<string, string>> = {},
) {
  const manifest = { scripts: { test: script }, devDependencies: { [preset]: '*', ...versions } };
  const found = await detected({ 'package.json': JSON.stringify(manifest), 'a.test.js': '', ...files });
  const gate = found.find((each) => each.preset === preset);
  assert.ok(gate, script);
  return gate;
}

const vitestConfig = (text: string) => ({ 'vitest.config.ts': `export default { test: { ${text} } };` });

describe('How many workers a tool may start', () => {
  const isTold = async (preset: string, script: string, files = {}, versions = {}) =>
    (await gateOf(preset, script, files, versions)).workers?.limit !== undefined;

  it('is what it is told, with what its versions need not to contradict themselves', async () => {
    const { workers } = await gateOf('vitest', 'vitest run');
    assert.deepEqual(workers?.limit?.args, ['--maxWorkers={workers}']);
    assert.deepEqual(workers?.limit?.env, { VITEST_MIN_THREADS: '1', VITEST_MIN_FORKS: '1' });
    assert.equal(await isTold('vitest', 'vitest run', {}, { vitest: '^1.6.0' }), true);
    assert.equal(await isTold('vitest', 'vitest run', {}, { vitest: '^0.34.6' }), false);
    const typescript = { 'tsconfig.json': '{}' };
    for (const [version, told] of Object.entries({ '~5.9.3': false, latest: false, '7.0.2': true, '^10.1.0': true })) {
      assert.equal(await isTold('tsc', 'tsc --noEmit', typescript, { typescript: version }), told, version);
    }
  });

  it('is what the project says, in its command or in its configuration, never more', async () => {
    for (const text of ['fileParallelism: false', 'maxWorkers: 1', 'poolOptions: { forks: { singleFork: true } }']) {
      assert.equal(await isTold('vitest', 'vitest run', vitestConfig(text)), false, text);
      const vite = { 'vite.config.mts': `export default { test: { ${text} } };` };
      assert.equal(await isTold('vitest', 'vitest run', vite), false, text);
      const named = { 'ci/v.ts': `export default { test: { ${text} } };` };
      assert.equal(await isTold('vitest', 'vitest run --config ci/v.ts', named), false, text);
    }
    const shared = {
      'vitest.config.ts':
        "import { mergeConfig } from 'vitest/config';\nimport base from './base/shared';\nexport default mergeConfig(base, {});",
      'base/shared.ts': "import rest from '../rest.mjs';\nexport default { test: { ...rest } };",
    };
    assert.equal(await isTold('vitest', 'vitest run', { ...shared, 'rest.mjs': 'export default { maxWorkers: 1 };' }), false);
    assert.equal(await isTold('vitest', 'vitest run', { ...shared, 'rest.mjs': 'export default {};' }), true);
    assert.equal(await isTold('vitest', 'vitest run', vitestConfig('globals: true')), true);
    assert.equal(await isTold('jest', 'jest', { 'jest.config.js': 'module.exports = {};' }), true);
    assert.equal(await isTold('jest', 'jest', { 'jest.config.js': 'module.exports = { maxWorkers: 1 };' }), false);
    const rust = { 'Cargo.toml': '[package]\nname = "a"\n', Makefile: 'test:\n\tcargo test\n' };
    assert.equal(await isTold('cargo-test', 'true', rust), true);
    const config = '[env]\nRUST_TEST_THREADS = "1"\n';
    assert.equal(await isTold('cargo-test', 'true', { ...rust, '.cargo/config.toml': config }), false);
    const playwright = { '@playwright/test': '*' };
    const browser = (text: string) => ({ 'playwright.config.ts': `export default { ${text} };` });
    assert.equal(await isTold('playwright', 'playwright test', browser('workers: 1'), playwright), false);
    assert.equal(await isTold('playwright', 'playwright test', browser('retries: 1'), playwright), true);
    const onCi = browser('retries: process.env.CI ? 2 : 0,\n  workers: process.env.CI ? 1 : undefined,');
    assert.equal(await isTold('playwright', 'playwright test', onCi, playwright), true);
    const everywhere = browser('workers: process.env.CI ? undefined : 1,');
    assert.equal(await isTold('playwright', 'playwright test', everywhere, playwright), false);
  });

  it('is what the environment says', () => {
    const preset = PRESETS.find(({ id }) => id === 'ruff');
    assert.ok(preset);
    const command = {
      kind: 'program',
      program: 'ruff',
      asModule: false,
      options: ['check'],
      written: ['check'],
      given: [],
      env: {},
    };
    const called = { command, programLength: 1, asked: [], configured: '', version: undefined };
    const limitIn = (env: Readonly<Record<string, string>>) => workersOf(preset, { ...called, env } as unknown as Called)?.limit;
    assert.ok(limitIn({}));
    assert.equal(limitIn({ RAYON_NUM_THREADS: '1' }), undefined);
  });
});

describe('Whether a tool divides its tests', () => {
  const whyNot = async (preset: string, script: string, files = {}, versions = {}) => {
    const { sharding } = await gateOf(preset, script, files, versions);
    return sharding?.kind === 'never' ? sharding.reason : undefined;
  };

  it('is left to it where each test stands for itself, also in a part without any', async () => {
    const { sharding } = await gateOf('vitest', 'vitest run', vitestConfig('globals: true, coverage: { enabled: false }'));
    assert.equal(sharding?.kind, 'option');
    if (sharding?.kind !== 'option') return;
    assert.deepEqual(sharding.args, ['--shard={shard}/{shards}', '--passWithNoTests']);
    assert.match('{"numTotalTestSuites":0,"num', new RegExp(sharding.nothing ?? '$^'));
    const lenient = (await gateOf('vitest', 'vitest run --passWithNoTests')).sharding;
    assert.equal(lenient?.kind === 'option' ? lenient.nothing : '', undefined);
  });

  it('is not asked where the whole is measured, set up once, or one after another', async () => {
    const coverage = 'its coverage is measured as a whole';
    const serial = 'its files are not to run at the same time';
    const setUp = 'what it sets up for all tests could not be there twice';
    assert.equal(await whyNot('vitest', 'vitest run --coverage'), coverage);
    assert.equal(await whyNot('vitest', 'vitest run --coverage=false'), undefined);
    assert.equal(
      await whyNot('vitest', 'vitest run', vitestConfig('coverage: { thresholds: { lines: 80 }, enabled: true }')),
      coverage,
    );
    assert.equal(await whyNot('vitest', 'vitest run --no-file-parallelism'), serial);
    assert.equal(await whyNot('vitest', 'vitest run', vitestConfig('fileParallelism: false')), serial);
    assert.equal(await whyNot('vitest', 'vitest run', vitestConfig('maxWorkers: 1')), serial);
    assert.equal(await whyNot('vitest', 'vitest run', vitestConfig('maxWorkers: 10')), undefined);
    assert.equal(await whyNot('vitest', 'vitest run', vitestConfig("globalSetup: './setup.ts'")), setUp);
    const jest = (text: string) => ({ 'jest.config.js': `module.exports = { ${text} };` });
    assert.equal(await whyNot('jest', 'jest --runInBand', jest('')), serial);
    assert.equal(await whyNot('jest', 'jest -i', jest('')), serial);
    assert.equal(await whyNot('jest', 'jest -w 1', jest('')), serial);
    assert.equal(await whyNot('jest', 'jest --maxWorkers=50%', jest('')), undefined);
    assert.equal(await whyNot('jest', 'jest', jest('collectCoverage: true')), coverage);
    assert.equal(await whyNot('jest', 'jest', jest('"globalSetup": "./a.js"')), setUp);
    assert.match((await whyNot('jest', 'jest', jest(''), { jest: '^27.5.1' })) ?? '', /version 28/);
    assert.equal(await whyNot('jest', 'jest', jest(''), { jest: '^29.0.0' }), undefined);
    assert.equal(await whyNot('node-test', 'node --test'), undefined);
    assert.equal(await whyNot('node-test', 'node --test --test-concurrency=1'), serial);
  });

  it('stays open for files whose findings are counted together only where one is too many', async () => {
    const config = { 'eslint.config.js': '' };
    assert.equal(await whyNot('eslint', 'eslint --max-warnings 0 .', config), undefined);
    assert.equal(await whyNot('eslint', 'eslint --max-warnings=0 .', config), undefined);
    assert.equal(await whyNot('eslint', 'eslint --max-warnings=10 .', config), '--max-warnings is about all of its files');
    assert.equal(await whyNot('eslint', 'eslint --cache .', config), 'its parts would fight over its cache');
  });
});

describe('What concerns tests', () => {
  it('is also what they expect and what code reads while it runs, but no prose', async () => {
    const { files } = await gateOf('vitest', 'vitest run');
    assert.equal(files.kind, 'whole');
    const concerns = globMatcher(files.kind === 'whole' ? files.inputs : []);
    const names = [
      'src/a.ts',
      'src/__snapshots__/a.test.ts.snap',
      'test/fixtures/a.md',
      'src/query.sql',
      '.env.test',
      'src/a.html',
    ];
    assert.deepEqual(names.filter(concerns), names);
    assert.deepEqual(['README.md', 'docs/a.rst', 'LICENSE', 'src/a.png'].filter(concerns), []);
  });
});
