import assert from 'node:assert/strict';
import { CI, detected, gatesOf, run, workflow } from '../../support/detected.js';

/** The gates of a folder without the machine-readable options that Volley adds. */
async function commands(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  return (await gatesOf(files)).map((each) => each.replace(/^[^:]+(?::\S+)?: /, ''));
}

describe('a call of CI', () => {
  it('checks whatever values of its options only a shell knows', async () => {
    const of = (line: string) => commands({ [CI]: workflow(`run: ${line}`) });
    assert.deepEqual(await of('ty check --color=always --python="$(which python)"'), ['ty check --color=always']);
    assert.deepEqual(await of('typos --config "$CONFIG"'), ['typos']);
    // Of what nobody knows, no more is known with less.
    assert.deepEqual(await of('ty "$COMMAND"'), []);
    assert.deepEqual(await of('own-check --mode="$MODE"'), await of('own-check --mode="$MODE"'));
  });

  it('may name its command after options with values', async () => {
    const files = { 'Cargo.toml': '[package]\nname = "a"\n' };
    const line = 'cargo hack --no-private --exclude a-macros check-external-types --all-features';
    assert.ok((await commands({ ...files, [CI]: workflow(`run: ${line}`) })).includes(line));
  });

  it('of cargo doc is another for each package that it names', async () => {
    const files = {
      'Cargo.toml': '[workspace]\nmembers = ["a", "b"]\n',
      [CI]: workflow(
        ...['a', 'b', 'a'].map((name) => `run: cargo doc --package ${name} --no-deps\nenv: { RUSTDOCFLAGS: "-D warnings" }`),
      ),
    };
    assert.deepEqual(
      (await commands(files)).filter((each) => each.startsWith('cargo doc')),
      ['cargo doc --package a --no-deps', 'cargo doc --package b --no-deps'],
    );
  });

  it('of cargo is another for each manifest that a matrix names', async () => {
    const text = `jobs:
  check:
    strategy: { matrix: { workspace: [".", examples], toolchain: [stable, beta] } }
    steps:
      - run: cargo fmt --all --check --manifest-path \${{ matrix.workspace }}/Cargo.toml
`;
    const manifest = '[package]\nname = "a"\n';
    const said = await commands({ 'Cargo.toml': manifest, 'examples/Cargo.toml': manifest, [CI]: text });
    assert.deepEqual(
      said.filter((each) => each.includes('fmt')),
      ['./Cargo.toml', 'examples/Cargo.toml'].map((each) => `cargo fmt --all --check --manifest-path ${each}`),
    );
  });

  it('with other tags than those of a target is of other code', async () => {
    const makefile = 'test:\n\tgo test ./...\ntest-integration:\n\tgo test -tags=integration ./...\n';
    const files = { 'go.mod': 'module a\n', Makefile: makefile, [CI]: workflow('run: go test -v ./...') };
    assert.deepEqual(
      (await detected(files)).map(({ id }) => id),
      ['go-test', 'go-test:make-test-integration'],
    );
  });

  it('of Gradle that leaves out what another does, stands beside it', async () => {
    const files = {
      'build.gradle': '',
      [CI]: workflow('run: ./gradlew check -x test', 'run: ./gradlew test', 'run: ./gradlew test'),
    };
    assert.deepEqual(
      (await detected({ ...files, gradlew: '' })).map(({ command }) => command.argv.slice(1, -1).join(' ')),
      ['check -x test', 'test'],
    );
  });

  it('of Gradle may build beside what it checks', async () => {
    const said = await commands({
      'build.gradle': '',
      gradlew: '',
      [CI]: workflow('run: ./gradlew app:lint app:assembleRelease'),
    });
    assert.ok(
      said.some((each) => each.endsWith('gradlew app:lint app:assembleRelease')),
      said.join('\n'),
    );
    assert.ok(
      !(await commands({ gradlew: '', [CI]: workflow('run: ./gradlew app:assembleRelease') })).join().includes('assemble'),
    );
  });

  it('of Vitest in another root is of other tests', async () => {
    const scripts = { test: 'vitest run', integration: 'vitest run --root=./integrations' };
    const files = {
      'package.json': JSON.stringify({ scripts }),
      [CI]: workflow('run: npm test', 'run: npm run integration'),
    };
    assert.equal((await commands(files)).filter((each) => each.startsWith('vitest')).length, 2);
  });
});

describe('a function of a shell', () => {
  it('runs what it is given, which checks as if it stood there', async () => {
    const lines = ['check() {', '  "$@" || FAILED=1', '}', 'check ruff check src', 'check mypy src', 'exit $FAILED'];
    assert.deepEqual(
      (await detected({ [CI]: workflow(run(...lines)) })).map(({ id }) => id),
      ['ruff', 'mypy'],
    );
    assert.deepEqual(await detected({ [CI]: workflow(run('check() {', '  echo "$1"', '}', 'check ruff check src')) }), []);
  });

  it('that looks for changes afterwards makes checks of what mends', async () => {
    const lines = [
      'same() {',
      '  "$@"',
      '  if ! diff="$(git diff --exit-code)"; then FAILED=1; fi',
      '}',
      'same go fmt ./...',
      'same go mod tidy',
    ];
    assert.deepEqual((await detected({ 'go.mod': 'module a\n', [CI]: workflow(run(...lines)) })).map(({ id }) => id).sort(), [
      'go-mod-tidy',
      'go-test',
      'gofmt',
    ]);
    assert.deepEqual(await detected({ [CI]: workflow(run('go fmt ./...')) }), []);
  });
});

describe('an action', () => {
  it('of GoReleaser checks its configuration, or builds what it would release', async () => {
    const of = (args: string) =>
      commands({ [CI]: `on: pull_request\n${workflow(`uses: goreleaser/goreleaser-action@v6\nwith: { args: ${args} }`)}` });
    assert.deepEqual(await of('check'), ['goreleaser check']);
    assert.deepEqual(await of('build --single-target --snapshot'), ['goreleaser build --single-target --snapshot']);
    assert.deepEqual(await of('release --clean'), []);
  });

  it('of Renovate validates the files that it is told of', async () => {
    const step = 'uses: rinchsan/renovate-config-validator@v0.2.0\nwith: { pattern: .github/renovate.json }';
    assert.deepEqual(await commands({ [CI]: workflow(step) }), ['renovate-config-validator .github/renovate.json']);
  });

  it('of a hook verifies how golangci-lint is set up', async () => {
    const hooks = 'repos:\n- repo: https://github.com/golangci/golangci-lint\n  hooks: [{ id: golangci-lint-config-verify }]\n';
    assert.deepEqual(await commands({ '.pre-commit-config.yaml': hooks }), ['golangci-lint config verify']);
  });
});

describe('a workflow for documentation', () => {
  it('checks by scripts that say so, after the pages that it builds', async () => {
    const scripts = { build: 'eleventy', 'lint:links': 'node tools/links.js', start: 'eleventy --serve' };
    const steps = ['build', 'lint:links'].map((name) => `run: npm run ${name}\nworking-directory: docs`);
    const files = {
      'package.json': '{}',
      'docs/package.json': JSON.stringify({ scripts }),
      '.github/workflows/docs-ci.yml': `on: pull_request\n${workflow(...steps)}`,
    };
    const [build, links, ...more] = await detected(files);
    assert.deepEqual([build?.id, links?.id, more], ['docs/build:build', 'docs/script:lint-links', []]);
    assert.deepEqual(links?.needs, [build?.id]);
  });
});

describe('a script that CI runs in packages', () => {
  it('may be called a user interface: it ends', async () => {
    const files = {
      'package.json': JSON.stringify({
        workspaces: ['packages/*'],
        scripts: { 'test:ui': 'pnpm run --filter=a test:ui && pnpm run --filter=b test:ui' },
      }),
      'pnpm-workspace.yaml': 'packages: ["packages/*"]\n',
      'packages/a/package.json': JSON.stringify({ name: 'a', scripts: { 'test:ui': 'playwright test' } }),
      'packages/b/package.json': JSON.stringify({ name: 'b', scripts: { 'test:ui': 'playwright test' } }),
    };
    assert.deepEqual((await detected({ ...files, [CI]: workflow('run: npm run test:ui') })).map(({ id }) => id).sort(), [
      'packages/a/playwright',
      'packages/b/playwright',
    ]);
    assert.deepEqual(await detected(files), []);
  });
});
