import assert from 'node:assert/strict';
import { CI, detected, gatesOf, run, workflow } from '../../support/detected.js';

const reviewed = (...steps: readonly string[]) => `on: pull_request\n${workflow(...steps)}`;
const json = (value: unknown) => JSON.stringify(value);
const commands = async (files: Readonly<Record<string, string>>) =>
  (await gatesOf(files)).map((gate) => gate.replace(/^\S+ /, ''));

describe('calls of one tool', () => {
  it('for several packages of Rust document each of them', async () => {
    const docs = ['a', 'b'].map((name) => `cargo doc --package ${name} --no-deps`);
    const ci = `env:\n  RUSTDOCFLAGS: -D warnings\n${reviewed(run(...docs))}`;
    assert.deepEqual(
      (await commands({ 'Cargo.toml': '[workspace]', [CI]: ci })).filter((each) => each.startsWith('cargo doc')),
      docs,
    );
  });

  it('that leave out what another runs are two gates, and one where the other runs all of it', async () => {
    const gradle = async (...lines: readonly string[]) =>
      (await commands({ 'build.gradle': '', gradlew: '', [CI]: reviewed(...lines.map((line) => `run: ./gradlew ${line}`)) })).map(
        (each) => each.replace(' --console=plain', ''),
      );
    assert.deepEqual(await gradle('check -x test -x allTests', 'test allTests'), [
      'gradlew check -x test -x allTests',
      'gradlew test allTests',
    ]);
    assert.deepEqual(await gradle('check -x test', 'check'), ['gradlew check']);
  });

  it('of another root look at other tests', async () => {
    const scripts = { test: 'vitest run', 'test:integrations': 'vitest --root=./integrations' };
    const files = { 'package.json': json({ scripts, devDependencies: { vitest: '3' } }) };
    const ci = reviewed('run: npm test', 'run: npm run test:integrations');
    const found = await commands({ ...files, [CI]: ci });
    assert.deepEqual(
      found.map((each) => each.replace(/ --reporter.*/, '')),
      ['vitest run', 'vitest run --root=./integrations'],
    );
  });

  it('that only leave out tests with marks are done by whoever runs all', async () => {
    const tox = [
      '[env_run_base]',
      'commands = [["pytest", { replace = "posargs", default = ["tests", "--run-integration"], extend = true }]]',
      '[env.fast]',
      'commands = [["pytest", "-m", "not slow and not integration", "tests"]]',
    ].join('\n');
    const found = await commands({ 'tox.toml': tox });
    assert.deepEqual(
      found.map((each) => each.replace(/ --junitxml.*/, '')),
      ['pytest tests --run-integration'],
    );
  });

  it('with a place that only tox knows are told of nothing there', async () => {
    const tox = [
      '[env.test]',
      'commands = [["pytest", "--cov", "{env_site_packages_dir}/a", "-n", { replace = "env", name = "N", default = "auto" }, "tests"]]',
    ].join('\n');
    const found = await commands({ 'tox.toml': tox });
    assert.deepEqual(
      found.map((each) => each.replace(/ --junitxml.*/, '')),
      ['pytest -n auto tests'],
    );
  });
});

describe('what CI says in words', () => {
  it('counts more than the name of an action', async () => {
    const scan = (more: string) => `uses: aquasecurity/trivy-action@v1\nwith:\n  scan-type: fs\n  scan-ref: .${more}`;
    assert.deepEqual(await commands({ [CI]: reviewed(scan(''), scan('\n  exit-code: "1"')) }), ['trivy fs --exit-code 1 .']);
  });

  it('names all packages of Go where only the shell knows which', async () => {
    const make = 'FOLDERS := $(shell go list ./...)\nTAGS ?= ""\ntest:\n\tfor d in $(FOLDERS); do go test $(TAGS) -v $$d; done\n';
    const found = await commands({ Makefile: make, 'go.mod': 'module a', [CI]: reviewed('run: make test') });
    assert.deepEqual(found, ['go test -json -v ./...']);
  });

  it('of another repository is no gate of this one', async () => {
    const ci = (repository: string) => reviewed(`uses: actions/checkout@v4\nwith:\n  ${repository}`, 'run: bundle exec rspec');
    assert.deepEqual(await commands({ [CI]: ci('repository: a/other') }), []);
    assert.equal((await commands({ [CI]: ci('fetch-depth: 0') })).length, 1);
    const expression = ci('repository: $' + '{{ github.event.pull_request.head.repo.full_name }}');
    assert.equal((await commands({ [CI]: expression })).length, 1);
  });

  it('of the machine it runs on is none', async () => {
    const step = 'name: Verify KVM\nrun: |\n  sudo apt-get install -y cpu-checker\n  kvm-ok || exit 1';
    assert.deepEqual(await commands({ [CI]: reviewed(step) }), []);
  });

  it('in a browser is followed into packages, though by hand it opens a window', async () => {
    const files = {
      'package.json': json({ scripts: { 'test:ui': 'pnpm run --filter=a test:ui && pnpm run --filter=b test:ui' } }),
      'pnpm-workspace.yaml': 'packages: [packages/*]',
      'packages/a/package.json': json({ name: 'a', scripts: { 'test:ui': 'playwright test' } }),
      'packages/b/package.json': json({ name: 'b', scripts: { 'test:ui': 'playwright test' } }),
    };
    const ci = reviewed('run: npm run test:ui');
    assert.deepEqual(
      (await gatesOf({ ...files, [CI]: ci })).map((gate) => gate.split(':')[0]),
      ['packages/a/playwright', 'packages/b/playwright'],
    );
    assert.deepEqual(await gatesOf(files), []);
  });

  it('starts in all packages at once needs no gate in each', async () => {
    const files = (lint: string) => ({
      'package.json': json({ scripts: { lint }, devDependencies: { prettier: '3', turbo: '2' } }),
      'pnpm-workspace.yaml': 'packages: [packages/*]',
      'turbo.json': '{"tasks":{"lint":{}}}',
      'packages/a/package.json': json({ name: 'a', scripts: { lint: 'tsc --noEmit' } }),
      'packages/a/tsconfig.json': '{}',
      [CI]: reviewed('run: npm run lint'),
    });
    assert.deepEqual(
      (await gatesOf(files('prettier --check . && turbo lint'))).map((gate) => gate.split(':')[0]),
      ['prettier', 'turbo-lint'],
    );
    assert.ok((await gatesOf(files('prettier --check .'))).some((gate) => gate.startsWith('packages/a/tsc')));
  });
});

describe('gates of one tool', () => {
  const namesOf = async (files: Readonly<Record<string, string>>) => (await detected(files)).map(({ name }) => name);

  it('are called after the targets that run them, where these run the same script', async () => {
    const Makefile = 'verify-a:\n\tPASSES=a ./scripts/test.sh\nverify-b:\n\tPASSES=b ./scripts/test.sh\n';
    const files = {
      Makefile,
      'scripts/test.sh': '#!/bin/sh\n./own\n',
      [CI]: reviewed('run: make verify-a', 'run: make verify-b'),
    };
    assert.deepEqual(await namesOf(files), ['sh scripts/test.sh (make verify-a)', 'sh scripts/test.sh (make verify-b)']);
  });

  it('are called after what tells them apart: the environment, or words that are too many for a name', async () => {
    const ci = reviewed('run: npx jest', 'run: npx jest\nenv:\n  TEST_E2E: "1"');
    const files = { 'package.json': json({ devDependencies: { jest: '30' } }), [CI]: ci };
    assert.deepEqual(await namesOf(files), ['Jest (check)', 'Jest (check, TEST_E2E=1)']);
    const long = ['a', 'b'].map(
      (name) => `cargo check --locked --verbose --lib --no-default-features --workspace --features ${name}`,
    );
    const names = await namesOf({ 'Cargo.toml': '[workspace]', [CI]: reviewed(run(...long)) });
    assert.equal(new Set(names).size, names.length, names.join());
    assert.ok(
      names.some((name) => name.endsWith('--no-default-features … a)')),
      names.join(),
    );
  });

  it('of which each version is looked at by a step are none', async () => {
    const step = 'name: Validate Node.js\nrun: node -v | grep "v0.10.48" || exit 1';
    assert.deepEqual(await namesOf({ [CI]: reviewed(step) }), []);
  });
});

describe('a matrix of CI', () => {
  const matrix = (...steps: readonly string[]) =>
    reviewed(...steps).replace('    steps:', '    strategy:\n      matrix:\n        workspace: [".", examples]\n    steps:');

  it('that names manifests is a gate for each', async () => {
    const files = { 'Cargo.toml': '[workspace]', 'examples/Cargo.toml': '[workspace]' };
    const step = 'run: cargo fmt --all --check --manifest-path $' + '{{ matrix.workspace }}/Cargo.toml';
    assert.deepEqual(
      (await commands({ ...files, [CI]: matrix(step) })).filter((each) => each.includes(' fmt ')),
      ['cargo fmt --all --check --manifest-path ./Cargo.toml', 'cargo fmt --all --check --manifest-path examples/Cargo.toml'],
    );
  });

  it('may leave the file of a tool to options of many names', async () => {
    const ci = reviewed(
      'run: typos -c .github/typos.toml',
      'run: typos --config ./.github/typos.toml',
      'run: typos --config b.toml',
    );
    assert.deepEqual(await commands({ [CI]: ci }), ['typos -c .github/typos.toml', 'typos --config b.toml']);
  });
});

describe('a build that CI makes at some hour', () => {
  it('is no check of what is proposed', async () => {
    const files = { 'package.json': json({ scripts: { 'build:readme': 'node tools/readme.js' } }), 'tools/readme.js': '' };
    const at = (on: string) => `on: ${on}\n${workflow('run: npm run build:readme')}`;
    assert.deepEqual(await gatesOf({ ...files, [CI]: at('{ schedule: [{ cron: "0 8 * * *" }] }') }), []);
    assert.equal((await gatesOf({ ...files, [CI]: at('pull_request') })).length, 1);
  });
});
