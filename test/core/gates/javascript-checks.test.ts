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

  it('makes none where another script calls the same tool, which nobody runs', async () => {
    const files = { ...packages('eslint src'), 'packages/c/package.json': manifest({ style: 'eslint fixtures' }, { name: 'c' }) };
    assert.deepEqual(await idsOf({ ...files, [CI]: reviewed('run: pnpm lint') }), ['script:lint']);
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

  it('is none where CI leaves it in the background', async () => {
    const steps = ['run: npm run test:dev & npm run build', 'run: npx serve . &'];
    assert.deepEqual(await idsOf({ 'package.json': manifest(scripts), [CI]: reviewed(...steps) }), []);
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
    const step = "cp a/*.node dist/ && npm run ${{ matrix.command || 'test:only' }}";
    const found = await detected({
      'package.json': scripts,
      [CI]: job("        include: [{ node: 24, command: 'test:all' }]", step),
    });
    const inCi = found.filter(({ evidence }) => evidence.some(({ file }) => file === CI)).map(({ id }) => id);
    assert.deepEqual(inCi.sort(), ['mocha', 'script:test-all']);
  });

  it('is read where a step is nothing but a value', async () => {
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

describe('a script that CI runs and that names several targets', () => {
  const scripts = {
    'test:pr': 'nx affected --targets=test:lib,test:docs,build',
    'test:lib': 'nx affected --target=test:lib --exclude=examples/**',
    'test:docs': 'node docs.js | cat',
    'build:all': 'nx run-many --target=build --exclude=examples/**',
  };

  it('is each of them, by the script that is called after it, or else by itself', async () => {
    const found = await detected({ 'package.json': manifest(scripts), [CI]: reviewed('run: npm run test:pr') });
    const said = found.map(({ id, command }) => `${id}: ${command.argv.slice(-2).join(' ')}`).sort();
    assert.deepEqual(said, [
      'build:nx: affected --targets=build',
      'script:test-docs: run test:docs',
      'script:test-lib: run test:lib',
    ]);
    assert.ok(found.every(({ evidence }) => evidence.some(({ file }) => file === CI)));
  });

  it('is told the same way as it was', async () => {
    for (const [all, one] of [
      ['nx run-many -t test:lib test:docs lint --parallel=3', 'nx run-many --targets=lint --parallel=3'],
      ['turbo run test:lib test:docs lint --filter=./packages/*', 'turbo run lint --filter=./packages/*'],
    ] as const) {
      const found = await gatesOf({
        'package.json': manifest({ ...scripts, 'test:pr': all }),
        [CI]: reviewed('run: npm run test:pr'),
      });
      assert.ok(
        found.some((each) => each.endsWith(`: ${one}`)),
        found.join('\n'),
      );
    }
  });

  it('adds nothing where CI does not run it', async () => {
    assert.deepEqual(await idsOf({ 'package.json': manifest(scripts), [CI]: reviewed('run: npm run test:lib') }), [
      'script:test-docs',
      'script:test-lib',
    ]);
  });
});

describe('a script that starts builds of packages', () => {
  it('is a build where CI runs it, whatever it is called', async () => {
    const scripts = { monotest: "turbo --filter='@monotest/*' build", examples: 'turbo --filter=./examples/* dev' };
    const files = { 'package.json': manifest(scripts), [CI]: reviewed('run: npm run monotest', 'run: npm run examples') };
    assert.deepEqual(await idsOf(files), ['build:monotest']);
  });
});

describe('a step of CI that checks in a way of its own', () => {
  it('waits for what starts, and ends as its test does', async () => {
    const line = 'npx start-server-and-test "node a.js" http://127.0.0.1:8000 "node b.js"';
    assert.deepEqual(await gatesOf({ [CI]: reviewed(`run: ${line}`) }), [
      'start-server-and-test: start-server-and-test node a.js http://127.0.0.1:8000 node b.js',
    ]);
  });

  it('looks whether enough was covered by the tests before it', async () => {
    const scripts = {
      test: 'c8 mocha ./test/*.mjs',
      coverage: 'c8 report --check-coverage',
      report: 'c8 report --reporter=lcov',
    };
    const found = await detected({
      'package.json': manifest(scripts),
      [CI]: reviewed('run: npm test', 'run: npm run coverage', 'run: npm run report'),
    });
    assert.deepEqual(
      found.map(({ id, needs }) => [id, needs.length]),
      [
        ['script:test', 0],
        ['coverage-threshold', 1],
      ],
    );
    assert.deepEqual(await idsOf({ [CI]: reviewed('run: npx c8 report --check-coverage') }), []);
  });

  it('may say that something has not changed', async () => {
    const files = { 'scripts/same.js': '', [CI]: reviewed('name: Ensure no files changed\nrun: node ./scripts/same.js') };
    assert.equal((await idsOf(files)).length, 1);
    const asked = { 'scripts/same.js': '', [CI]: reviewed('name: Check if docs have changed\nrun: node ./scripts/same.js') };
    assert.deepEqual(await idsOf(asked), []);
  });

  it('may name an option in its title', async () => {
    const step = 'name: "`--debug-x` flag"\nrun: node bin/a.cjs --debug-x 2>&1 >/dev/null | grep "Latency avg" || exit 1';
    assert.equal((await idsOf({ 'bin/a.cjs': '', [CI]: reviewed(step) })).length, 1);
  });

  it('begins with the files as they were committed, and builds what it compares', async () => {
    const lines = ['git restore .', 'npm run build:ast', 'git diff HEAD --exit-code'];
    const found = await gatesOf({
      'package.json': manifest({ 'build:ast': 'node ast.js | cat' }),
      [CI]: reviewed(`name: Generated Code\nrun: |\n  ${lines.join('\n  ')}`),
    });
    assert.equal(found.length, 1);
    assert.match(found[0] ?? '', /^generated-code: \S*bash -e -c npm run build:ast\ngit diff HEAD --exit-code$/);
  });
});

describe('a script that starts another in a folder', () => {
  const scripts = {
    'test:kit:dev': 'pnpm run --dir packages/kit test:dev',
    'test:kit:build': 'pnpm run --dir packages/kit test:build',
    'test:ecosystem': 'pnpm --dir packages/kit test',
    'test:other': 'pnpm --dir packages/other test',
  };
  const files = { 'pnpm-lock.yaml': '', 'package.json': manifest(scripts) };

  it('is left out where CI runs two that start what is called after that', async () => {
    const steps = ['run: pnpm test:kit:dev', 'run: pnpm test:kit:build'];
    const found = await idsOf({ ...files, [CI]: reviewed(...steps) });
    assert.deepEqual(found, ['script:test-kit-build', 'script:test-kit-dev', 'script:test-other']);
  });

  it('stays where CI runs one of them', async () => {
    assert.ok((await idsOf({ ...files, [CI]: reviewed('run: pnpm test:kit:build') })).join().includes('script:test-ecosystem'));
  });
});

describe('a workflow that reports on performance', () => {
  it('builds nothing for checks', async () => {
    const file = `on: pull_request\njobs:\n  artefacts:\n    steps:\n      - run: npm run build:all\n`;
    const manifestOf = { 'package.json': manifest({ 'build:all': 'node build.js | cat' }) };
    assert.deepEqual(await idsOf({ ...manifestOf, '.github/workflows/performance-report.yml': file }), []);
    assert.deepEqual(await idsOf({ ...manifestOf, '.github/workflows/checks.yml': file }), ['build:build-all']);
  });
});

describe('a build of a package', () => {
  const files = (root: Texts): Texts => ({
    'pnpm-lock.yaml': '',
    'pnpm-workspace.yaml': 'packages: [packages/*]\n',
    'package.json': manifest(root),
    'packages/a/package.json': manifest(
      { build: 'node build.js | cat', prepublishOnly: 'pnpm build', check: 'tsc' },
      { name: 'a' },
    ),
  });
  const steps = ['run: pnpm run check', 'run: cd packages/a && pnpm prepublishOnly'];

  it('needs no gate where a check of the root makes it in all packages', async () => {
    const root = { check: 'pnpm -r prepublishOnly && pnpm -r check' };
    assert.deepEqual(await idsOf({ ...files(root), [CI]: reviewed(...steps) }), ['script:check']);
  });

  it('has one where nothing else makes it', async () => {
    assert.ok(
      (await idsOf({ ...files({ check: 'node x.js | cat' }), [CI]: reviewed(...steps) })).join().includes('packages/a/build'),
    );
  });
});

describe('a workflow that runs for comments', () => {
  it('does what somebody asks of it, and checks nothing', async () => {
    const found = (on: string) => idsOf({ [CI]: `on: ${on}\n${workflow('run: npx eslint .')}` });
    assert.deepEqual(await found('{ issue_comment: { types: [created] }, workflow_dispatch: }'), []);
    assert.deepEqual(await found('[issue_comment, pull_request]'), ['eslint']);
    assert.deepEqual(await found('workflow_dispatch'), ['eslint']);
  });
});
