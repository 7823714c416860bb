import assert from 'node:assert/strict';
import path from 'node:path';
import type { Workers } from '../../../src/core/gate-model.js';
import { detectGates } from '../../../src/core/gates/detect.js';
import { detected } from '../../support/detected.js';
import { temporaryFolder } from '../../support/folder.js';

/** What the gate of this preset knows of its workers, in a package whose one script is `call`. */
async function workersOf(
  preset: string,
  call: string,
  files: Readonly<Record<string, string>> = {},
): Promise<Workers | undefined> {
  const { 'package.json': manifest = '{}', ...others } = files;
  const text = JSON.stringify({ scripts: { test: call }, ...JSON.parse(manifest) });
  const gates = await detected({ 'package.json': text, ...others });
  return gates.find((gate) => gate.preset === preset)?.workers;
}

describe('Workers of a tool', () => {
  it('are not told where the configuration of the project says how many, since what is told counts for more', async () => {
    const said: readonly (readonly [string, string, Readonly<Record<string, string>>])[] = [
      ['jest', 'jest', { 'package.json': '{"jest":{"maxWorkers":1}}' }],
      ['jest', 'jest --config other/jest.js', { 'other/jest.js': 'module.exports = { maxWorkers: 1 };' }],
      ['jest', 'jest -c=other/jest.js', { 'other/jest.js': 'module.exports = { maxWorkers: 1 };' }],
      ['ava', 'ava', { 'package.json': '{"ava":{"concurrency":1}}' }],
      ['ava', 'ava', { 'ava.config.js': 'export default { serial: true }' }],
      ['tap', 'tap', { '.taprc': 'reporter: tap\njobs: 1\n' }],
      ['cargo-nextest', 'cargo nextest run', { '.config/nextest.toml': '[profile.default]\ntest-threads = 1\n' }],
      ['gradle', 'gradle check', { 'gradle.properties': 'org.gradle.workers.max=1\n' }],
    ];
    for (const [preset, call, files] of said) {
      const workers = await workersOf(preset, call, files);
      assert.ok(workers, `${preset} was not found`);
      assert.equal(workers.limit, undefined, JSON.stringify([call, files]));
    }
  });

  it('are told where the configuration says nothing of them', async () => {
    const silent: readonly (readonly [string, string, Readonly<Record<string, string>>])[] = [
      ['playwright', 'playwright test', { 'playwright.config.ts': '// no more serviceWorkers: "block"\nexport default {}' }],
      ['tap', 'tap', { '.taprc': 'reporter: tap\n' }],
      ['cargo-test', 'cargo test', { 'Cargo.toml': '', '.cargo/config.toml': '[build]\nrustflags = []\n' }],
    ];
    for (const [preset, call, files] of silent)
      assert.ok((await workersOf(preset, call, files))?.limit, JSON.stringify([call, files]));
  });

  it('are those of the environment, where that says how many', async () => {
    const folder = await temporaryFolder({ 'Cargo.toml': '' });
    try {
      const told = async (env: Readonly<Record<string, string>>) => {
        const { gates } = await detectGates({ folders: [{ name: 'app', path: folder.path }], env });
        return gates.find(({ preset }) => preset === 'cargo-test')?.workers?.limit !== undefined;
      };
      assert.deepEqual([await told({}), await told({ RUST_TEST_THREADS: '1' })], [true, false]);
    } finally {
      await folder.dispose();
    }
  });

  it('are told to Mocha only where it starts any', async () => {
    assert.equal(await workersOf('mocha', 'mocha'), undefined);
    assert.deepEqual((await workersOf('mocha', 'mocha --parallel'))?.limit?.args, ['--jobs={workers}']);
    assert.equal((await workersOf('mocha', 'mocha --parallel', { '.mocharc.yml': 'jobs: 2\n' }))?.limit, undefined);
  });

  it('are half of the processors for Playwright, and told to programs of Go by their environment', async () => {
    assert.equal(
      (await workersOf('playwright', 'playwright test', { 'playwright.config.cts': '' }))?.own,
      'half of the processors',
    );
    for (const [preset, call] of [
      ['gofmt', 'gofmt -l .'],
      ['staticcheck', 'staticcheck ./...'],
    ] as const)
      assert.deepEqual((await workersOf(preset, call))?.limit?.env, { GOMAXPROCS: '{workers}' });
  });
});

describe('Tests of a tool', () => {
  const shardings = async (files: Readonly<Record<string, string>>) =>
    (await detected(files)).map(({ id, sharding }) => [id, sharding?.kind === 'never' ? sharding.reason : sharding?.kind]);
  const script = (test: string, more = {}) => ({ 'package.json': JSON.stringify({ scripts: { test }, ...more }) });

  it('are not divided by an installed version without an option for it, whatever package.json asks for', async () => {
    const installed = (version: string) => ({ 'node_modules/jest/package.json': JSON.stringify({ name: 'jest', version }) });
    const tooOld = 'it cannot divide its tests before version 28';
    const asking = (version: string) => script('jest', { devDependencies: { jest: version } });
    assert.deepEqual(await shardings({ ...asking('*'), ...installed('28.1.3') }), [['jest', 'option']]);
    assert.deepEqual(await shardings({ ...asking('*'), ...installed('27.5.1') }), [['jest', tooOld]]);
    assert.deepEqual(await shardings({ ...asking('>=27'), ...installed('29.7.0') }), [['jest', 'option']]);
  });

  it('are not divided where a key or an option sets something up once, or takes it down', async () => {
    const once = 'what it sets up for all tests could not be there twice';
    assert.deepEqual(await shardings(script('jest', { jest: { globalTeardown: './stop.js' } })), [['jest', once]]);
    assert.deepEqual(await shardings(script('node --test --test-global-setup=a.js')), [['node-test', once]]);
  });

  it('are not divided where their coverage is measured, also when it is written nowhere, unless the command takes that back', async () => {
    const whole = 'its coverage is measured as a whole';
    assert.deepEqual(await shardings(script('node --test --experimental-test-coverage')), [['node-test', whole]]);
    assert.deepEqual(await shardings(script('vitest run --coverage.provider=v8')), [['vitest', whole]]);
    assert.deepEqual(await shardings(script('jest --no-coverage', { jest: { collectCoverage: true } })), [['jest', 'option']]);
  });
});

describe('Coverage of a tool', () => {
  it('is written by one run at a time, in the directory that its options name', async () => {
    const locksOf = async (
      test: string,
      more: Readonly<Record<string, unknown>> = {},
      files: Readonly<Record<string, string>> = {},
    ) => {
      const [gate] = await detected({ 'package.json': JSON.stringify({ scripts: { test }, ...more }), ...files });
      return gate?.access.locks.map((lock) => path.basename(lock));
    };
    assert.deepEqual(await locksOf('jest'), []);
    assert.deepEqual(await locksOf('jest --coverage'), ['coverage']);
    assert.deepEqual(await locksOf('jest --coverage --coverageDirectory=reports'), ['reports']);
    assert.deepEqual(await locksOf('jest --coverage --coverageDirectory reports'), ['reports']);
    assert.deepEqual(await locksOf('jest --coverage --coverageDirectory=.'), ['coverage']);
    assert.deepEqual(await locksOf('jest', { jest: { collectCoverage: true } }), ['coverage']);
    assert.deepEqual(await locksOf('jest', {}, { 'jest.config.js': 'module.exports = { collectCoverage: true }' }), ['coverage']);
    assert.deepEqual(await locksOf('jest --no-coverage', { jest: { collectCoverage: true } }), []);
    assert.deepEqual(await locksOf('vitest run --coverage.provider=v8'), ['coverage']);
    const config = 'export default { test: { coverage: { enabled: true } } }';
    assert.deepEqual(await locksOf('vitest run', {}, { 'vitest.config.ts': config }), ['coverage']);
    assert.deepEqual(await locksOf('vitest run', {}, { 'vite.config.ts': config }), ['coverage']);
    assert.deepEqual(await locksOf('node --test --experimental-test-coverage'), []);
  });
});
