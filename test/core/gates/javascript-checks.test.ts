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

describe('a build that CI runs for many machines', () => {
  it('is one, whatever else it is told of how', async () => {
    const scripts = manifest({ 'build:napi': 'napi build --platform | cat', 'build:wasm': 'wasm-pack build | cat' });
    const lines = [
      'npm run build:napi -- --release --target x86_64-unknown-linux-gnu',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: as it stands in a workflow
      "npm run build:napi -- --release --target=aarch64-apple-darwin ${{ matrix.cross && '-x' }} --",
      'npm run build:napi -- --arch arm64',
    ];
    const found = await gatesOf({ 'package.json': scripts, [CI]: reviewed(...lines.map((line) => `run: ${line}`)) });
    assert.equal(found.length, 1, found.join('\n'));
    assert.ok(!found.join().includes('\u0000'), 'what only CI knows is passed on to nothing');
  });

  it('is another one where it is told to make something else', async () => {
    const scripts = manifest({ build: 'node build.js | cat' });
    const steps = ['run: npm run build -- --target es2015', 'run: npm run build -- --target production'];
    assert.equal((await idsOf({ 'package.json': scripts, [CI]: reviewed(...steps) })).length, 2);
  });
});

describe('a matrix that names what runs', () => {
  const job = (values: string, step: string) =>
    `on: pull_request\njobs:\n  test:\n    strategy:\n      matrix:\n${values}\n    steps:\n      - run: ${step}\n`;
  const scripts = manifest({
    'test:only': 'mocha test/a.js',
    'test:all': 'node all.js | cat',
    'build:wasm': 'node wasm.js | cat',
  });

  it('is read with what the workflow says instead of a value', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as it stands in a workflow
    const step = "cp a/*.node dist/ && npm run ${{ matrix.command || 'test:only' }}";
    const found = await detected({
      'package.json': scripts,
      [CI]: job("        include: [{ node: 24, command: 'test:all' }]", step),
    });
    const inCi = found.filter(({ evidence }) => evidence.some(({ file }) => file === CI)).map(({ id }) => id);
    assert.deepEqual(inCi.sort(), ['mocha', 'script:test-all']);
  });

  it('is read where a step is nothing but a value', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as it stands in a workflow
    const step = '${{ matrix.settings.build }}';
    const values =
      '        settings:\n          - { host: linux, build: "npm run build:wasm" }\n          - { host: mac, build: "npm run test:only" }';
    assert.deepEqual(await idsOf({ 'package.json': scripts, [CI]: job(values, step) }), [
      'build:build-wasm',
      'mocha',
      'script:test-all',
    ]);
  });
});

describe('a script that says nothing beside those that CI runs', () => {
  const inCi = async (scripts: Texts, ...lines: readonly string[]) =>
    idsOf({ 'package.json': manifest(scripts), [CI]: reviewed(...lines.map((line) => `run: ${line}`)) });

  it('only mends what others find', async () => {
    const scripts = {
      'lint:rust': 'cd rust && cargo fmt && cargo clippy --fix',
      'lint:rust:nofix': 'cd rust && cargo fmt --check && cargo clippy',
      'check-audit': 'check-audit',
      'resolve-audit': 'resolve-audit',
    };
    assert.deepEqual(await inCi(scripts, 'npm run lint:rust:nofix', 'npm run check-audit'), [
      'script:check-audit',
      'script:lint-rust-nofix',
    ]);
  });

  it('is called by CI with more arguments', async () => {
    const scripts = {
      'test-react': 'cd packages/react && npx vitest --passWithNoTests',
      'test-vue': 'cd packages/vue && npx vitest --passWithNoTests',
      test: 'npm run test-react -- --run && echo done',
    };
    const found = await gatesOf({ 'package.json': manifest(scripts), [CI]: reviewed('run: npm test') });
    assert.deepEqual(found.toSorted(), ['script:test-react: npm run test-react -- --run', 'script:test-vue: npm run test-vue']);
  });

  it('differs from what CI runs in its environment, in coverage, or in when it stops', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as it stands in a manifest
    const scripts = {
      'pw-test': 'cross-env FRAMEWORK=${FRAMEWORK:-react} playwright test',
      'e2e-a': 'cross-env FRAMEWORK=a playwright test',
    };
    assert.deepEqual(await inCi(scripts, 'FRAMEWORK=a npx playwright test'), ['playwright']);
    const mocha = {
      'test:only': 'mocha test/a.js',
      'test:quick': 'mocha -b test/a.js',
      'ci:coverage': 'nyc --reporter lcovonly mocha',
    };
    assert.deepEqual(await inCi(mocha, 'npm run test:only', 'npm run ci:coverage'), ['mocha']);
  });

  it('brings in what others need, whatever it is called', async () => {
    const scripts = {
      'prepare:patch': 'patch-package',
      'build:copy': 'shx mkdir -p dist && shx cp a.node dist/',
      test: 'node --test',
    };
    assert.deepEqual(await inCi(scripts, 'npm run prepare:patch', 'npm run build:copy', 'npm test'), ['node-test']);
  });
});

describe('a folder that a script of the root enters', () => {
  const files = {
    'package.json': manifest({ 'lint:rust': 'cd rust && cargo fmt --check && cargo clippy | cat' }),
    'rust/Cargo.toml': '[package]\nname = "a"\n',
    'rust/rustfmt.toml': '',
  };

  it('has no gates beside it that only its manifest speaks for, where CI runs the script', async () => {
    assert.deepEqual(await idsOf({ ...files, [CI]: reviewed('run: npm run lint:rust') }), ['script:lint-rust']);
    assert.ok((await idsOf(files)).length > 1);
  });
});

describe('a step of CI that starts Playwright by npx', () => {
  it('runs its tests, unless it brings in browsers', async () => {
    const steps = ['run: npx playwright install --with-deps', 'run: npx playwright install-deps', 'run: npx playwright test'];
    assert.deepEqual(await idsOf({ [CI]: reviewed(...steps.slice(0, 2)) }), []);
    assert.deepEqual(await idsOf({ [CI]: reviewed(...steps) }), ['playwright']);
  });
});
