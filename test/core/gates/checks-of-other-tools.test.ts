import assert from 'node:assert/strict';
import { CI, detected, gatesOf, workflow } from '../../support/detected.js';

const said = (...steps: readonly string[]) => ({ [CI]: `on: [pull_request]\n${workflow(...steps)}` });

describe('actions that a tool runs in', () => {
  it('scan what a project needs where they fail for it, and leave images to those who make them', async () => {
    const scan = (...inputs: readonly string[]) =>
      said(`uses: anchore/scan-action@v7\nwith:\n${inputs.map((input) => `  ${input}`).join('\n')}`);
    assert.deepEqual(await gatesOf(scan('path: "."', 'severity-cutoff: critical', 'only-fixed: true')), [
      'grype: grype dir:. --fail-on critical --only-fixed',
    ]);
    assert.deepEqual(await gatesOf(scan('fail-build: false')), []);
    assert.deepEqual(await gatesOf(scan('image: app:latest')), []);
  });

  it('look at pages that were built', async () => {
    assert.deepEqual(await gatesOf(said('uses: wjdp/htmltest-action@v1\nwith:\n  path: public\n  config: htmltest.yml')), [
      'htmltest: htmltest public -c htmltest.yml',
    ]);
  });

  it('configure a build of Meson and test it', async () => {
    const meson = (action: string) => `uses: BSFishy/meson-build@v1\nwith:\n  action: ${action}`;
    const [gate, ...others] = await gatesOf({ ...said(meson('build'), meson('test')), 'meson.build': '' });
    assert.match(gate ?? '', /^meson-test: .*meson test -C build$/);
    assert.deepEqual(others, []);
  });
});

describe('a tool that Go fetches', () => {
  it('is another one than what else Go runs in a task', async () => {
    const taskfile = `version: 3
tasks:
  test:
    cmds:
      - go test {{.OPTIONS}} ./...
  licenses:
    cmds:
      - go run github.com/google/go-licenses/v2@latest check ./...
  ci:
    cmds:
      - task: test
`;
    const found = await gatesOf({
      ...said('run: task test $MORE', 'run: task licenses'),
      'Taskfile.yml': taskfile,
      'go.mod': '',
    });
    assert.deepEqual(
      found.map((gate) => gate.replace(/\S*\/go /, 'go ')),
      ['go-licenses: go run github.com/google/go-licenses/v2@latest check ./...', 'go-test: go test -json ./...'],
    );
  });
});

describe('a loop of a shell script that changes the directory', () => {
  it('runs in each place, and comes back', async () => {
    const script = `#!/bin/sh
for dialect in sqlite mysql; do
  if [ "$DIALECT" = "$dialect" ]; then
    DIALECT=$dialect go test -race ./...
    if [ -d tests ]; then
      cd tests
      DIALECT=$dialect go test -race ./...
      cd ..
    fi
  fi
done
`;
    const found = await detected({ ...said('run: ./all.sh'), 'all.sh': script, 'go.mod': '', 'tests/go.mod': '' });
    assert.deepEqual(
      found.map(({ id }) => id),
      ['go-test', 'tests/go-test'],
    );
  });
});

describe('a call that only makes something ready', () => {
  it('is no check: a cache that is filled, files that tests are compared with', async () => {
    assert.deepEqual(await gatesOf(said('run: phpunit --warm-coverage-cache')), []);
    assert.deepEqual(await gatesOf(said('run: go test ./... -update')), []);
  });
});

describe('a script by which a program asks a linter', () => {
  it('is none beside the linter that CI runs', async () => {
    const scripts = { lint: 'eslint .', 'test:rules': 'eslint index.js --config rules.js --format json' };
    const files = { 'package.json': JSON.stringify({ scripts }) };
    const idsOf = async (more: Readonly<Record<string, string>>) => (await detected({ ...files, ...more })).map(({ id }) => id);
    assert.deepEqual(await idsOf(said('run: npm run lint')), ['eslint']);
    assert.deepEqual(await idsOf(said('run: npm run lint', 'run: npm run test:rules')), ['eslint', 'eslint:test-rules']);
  });
});

describe('a workflow that releases', () => {
  it('checks what will be released, where a job that is called after that calls it', async () => {
    const release = `on:
  push: { tags: ["v*"] }
  workflow_call:
    inputs: { args: { type: string } }
jobs:
  release:
    steps:
      - uses: goreleaser/goreleaser-action@v6
        with: { args: 'release \${{ inputs.args }}' }
`;
    const calls = (name: string) => ({
      [CI]: `on: [pull_request]\njobs:\n  ${name}:\n    uses: own/app/.github/workflows/release.yml@main\n    with: { args: --snapshot }\n`,
      '.github/workflows/release.yml': release,
    });
    assert.deepEqual(await gatesOf(calls('release-check')), ['build:goreleaser: goreleaser release --snapshot']);
    assert.deepEqual(await gatesOf(calls('release-it')), []);
  });
});

describe('the program that builds and tests a project', () => {
  it('does so whatever letters its name has, so that a solution beside it says no more', async () => {
    const files = { 'App.sln': '', 'Build.ps1': 'dotnet test -c Release\n' };
    const step = 'name: Build and test\nrun: ./Build.ps1\nshell: pwsh';
    assert.deepEqual(await gatesOf({ ...said(step), ...files }), ['build: pwsh ./Build.ps1']);
  });
});

describe('a tool that is told which files git lists', () => {
  it('is started by a shell that asks git, where nobody knows what it finds by itself', async () => {
    const [gate, ...others] = await gatesOf(said(`run: RUST_LOG=warn taplo fmt --check $(git ls-files '*.toml')`));
    assert.match(gate ?? '', /^taplo: \S*sh -c taplo fmt --check \$\(git ls-files '\*\.toml'\)$/);
    assert.deepEqual(others, []);
    assert.deepEqual(await gatesOf(said('run: taplo fmt --check $(cat list)')), []);
    assert.deepEqual(await gatesOf(said(`run: taplo fmt $(git ls-files '*.toml')`)), []);
  });
});

describe('the target of CMake that starts CTest', () => {
  it('is no check beside CTest itself', async () => {
    const files = { 'CMakeLists.txt': '' };
    const build = ['run: cmake -S . -B build', 'run: cmake --build build'];
    const idsOf = async (...steps: readonly string[]) =>
      (await detected({ ...said(...build, ...steps), ...files })).map(({ id }): string => id);
    assert.deepEqual(await idsOf('run: ctest --test-dir build', 'run: cmake --build build --target test'), [
      'build:cmake',
      'ctest',
    ]);
    assert.ok((await idsOf('run: cmake --build build --target test')).includes('test'));
  });
});
