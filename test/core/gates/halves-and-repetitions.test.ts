import assert from 'node:assert/strict';
import fc from 'fast-check';
import { globCovers } from '../../../src/core/gates/within-globs.js';
import { CI, detected, gatesOf, workflow } from '../../support/detected.js';

const json = (value: unknown) => JSON.stringify(value);
const reviewed = (...steps: readonly string[]) => `on: pull_request\n${workflow(...steps)}`;
const inPlaces = async (files: Readonly<Record<string, string>>) =>
  (await detected(files)).map(({ id, command }) => `${id}: ${command.argv.slice(1).join(' ')}`).sort();

describe('calls of cargo in CI', () => {
  const CRATE = '[package]\nname = "a"\nversion = "1.0.0"\n';
  const SPACE = '[workspace]\nmembers = ["a"]\n';

  it('format all files where a shell would have listed them', async () => {
    const files = { 'Cargo.toml': CRATE, [CI]: reviewed('run: cargo fmt --all -- {a,b}/**/*.rs --check') };
    assert.ok((await gatesOf(files)).includes('cargo-fmt: cargo fmt --all -- --check'));
  });

  it('count in a job called after the nightly compiler, where that runs for what is proposed', async () => {
    const nightly = (on: string) => `on: ${on}\n${workflow('run: cargo test').replace('check:', 'test-nightly:')}`;
    const files = { 'a/Cargo.toml': CRATE, 'Cargo.toml': SPACE };
    const said = (text: string) => text.replace('run: cargo test', 'run: cd a && cargo test --features b');
    assert.ok(
      (await inPlaces({ ...files, [CI]: said(nightly('pull_request')) })).includes(
        'a/cargo-test: test --message-format=json --features b',
      ),
    );
    assert.ok(!(await inPlaces({ ...files, [CI]: said(nightly('schedule')) })).some((gate) => gate.startsWith('a/')));
  });

  it('are a build of its own where only something that does not link looks at the same', async () => {
    const files = { 'a/b/c/Cargo.toml': `${CRATE}[workspace]\n` };
    const both = reviewed('run: cd a/b/c && cargo build', 'run: cd a/b/c && cargo clippy');
    assert.deepEqual(await inPlaces({ ...files, [CI]: both }), [
      'a/b/c/build:cargo: build',
      'a/b/c/cargo-clippy: clippy --message-format=json',
    ]);
    const tested = reviewed('run: cd a/b/c && cargo build', 'run: cd a/b/c && cargo test');
    assert.deepEqual(await inPlaces({ ...files, [CI]: tested }), ['a/b/c/cargo-test: test --message-format=json']);
  });

  it('are another check with a condition of the compiler that a step sets', async () => {
    const conditional = `run: cargo check\nenv:\n  RUSTFLAGS: --cfg exhaustive \${{ env.RUSTFLAGS }}`;
    const said = `env:\n  RUSTFLAGS: -Dwarnings\n${reviewed('run: cargo clippy', conditional)}`;
    const found = await detected({ 'Cargo.toml': CRATE, [CI]: said });
    const check = found.find(({ id }) => id === 'cargo-check');
    assert.equal(check?.command.env['RUSTFLAGS'], '--cfg exhaustive -Dwarnings');
  });

  it('are none where their job has chosen the lowest versions before, which nobody wants in his own lock file', async () => {
    const said = reviewed(
      'run: cargo test',
      'run: cargo generate-lockfile -Z minimal-versions',
      'run: cargo check --locked --workspace',
    );
    assert.deepEqual(await inPlaces({ 'Cargo.toml': CRATE, [CI]: said }), ['cargo-test: test --message-format=json']);
    const plain = said.replace(' -Z minimal-versions', '');
    assert.equal((await inPlaces({ 'Cargo.toml': CRATE, [CI]: plain })).length, 2);
  });

  it('are one where a build is told the same as a check', async () => {
    const said = reviewed(
      'run: cargo test',
      'run: cargo build --no-default-features',
      'run: cargo check --no-default-features --locked',
    );
    const found = await detected({ 'Cargo.toml': CRATE, [CI]: said });
    assert.deepEqual(found.map(({ id }) => id).sort(), ['build:cargo', 'cargo-test']);
    assert.ok(found.find(({ id }) => id === 'build:cargo')?.evidence.some(({ text }) => text.startsWith('cargo check')));
    const other = said.replace('check --no-default-features', 'check --features a');
    assert.equal((await inPlaces({ 'Cargo.toml': CRATE, [CI]: other })).length, 3);
  });
});

describe('a target of make that goes through modules', () => {
  const MODULES = { 'go.mod': 'module a\n', 'a_test.go': 'package a\n', 'b/go.mod': 'module b\n', 'b/b_test.go': 'package b\n' };
  const loop = (name: string, commands: string) => `${name}:\n\t@$(foreach dir,$(DIRS),(cd $(dir) && ${commands}) &&) true\n`;

  it('stands for its parts where it is a gate in one piece', async () => {
    const makefile = `DIRS = . ./b\n${loop('tidy-lint', 'go mod tidy && git diff --exit-code -- go.mod')}`;
    const found = await inPlaces({ ...MODULES, Makefile: makefile, [CI]: reviewed('run: make tidy-lint', 'run: go test ./...') });
    assert.ok(found.includes('script:make-tidy-lint: tidy-lint'));
    assert.ok(!found.some((gate) => gate.startsWith('b/go-mod-tidy')));
  });

  it('is none beside the calls that it makes, in the root and below', async () => {
    const cover = loop('cover', 'go test -race -coverprofile=c.out ./... && go tool cover -html=c.out');
    const makefile = `DIRS = . ./b\n${loop('test', 'go test -race ./...')}${cover}`;
    const found = await detected({ ...MODULES, Makefile: makefile, [CI]: reviewed('run: make cover') });
    assert.deepEqual(found.map(({ id }) => id).sort(), ['b/go-test', 'go-test']);
    for (const { evidence } of found)
      assert.ok(
        evidence.some(({ text }) => text === 'make cover'),
        JSON.stringify(evidence),
      );
  });
});

describe('a file that a gate is told of', () => {
  it('has to be there, where only the name of somebody else’s workflow speaks for the tool', async () => {
    const said = 'on: pull_request\njobs:\n  semgrep:\n    uses: acme/meta/.github/workflows/semgrep.yml@main\n';
    assert.deepEqual(await gatesOf({ [CI]: said }), []);
    assert.equal((await gatesOf({ [CI]: said, '.semgrep.yml': 'rules: []\n' })).length, 1);
  });

  it('is no gate for having a new time', async () => {
    const justfile = 'clippy:\n    touch src/main.rs\n    cargo clippy\n';
    const files = { 'Cargo.toml': '[package]\nname = "a"\n', justfile, [CI]: reviewed('run: just clippy', 'run: cargo test') };
    const found = await detected({ ...files, 'src/main.rs': '' });
    assert.deepEqual(found.map(({ id, needs }) => [id, needs]).sort(), [
      ['cargo-clippy', []],
      ['cargo-test', []],
    ]);
    assert.ok(
      (await inPlaces(files)).some((gate) => gate.startsWith('build:touch')),
      'a file that is not there is made',
    );
  });
});

describe('a script', () => {
  const scripted = (scripts: Readonly<Record<string, string>>, ...steps: readonly string[]) =>
    inPlaces({ 'package.json': json({ scripts }), [CI]: reviewed(...steps) });

  it('that CI runs to make what tests need is no build of the project', async () => {
    const scripts = { 'generate-pem': 'node scripts/pem.js', test: 'tape test/*.js', 'generate-build': 'node scripts/build.js' };
    const found = await scripted(scripts, 'run: npm run generate-pem', 'run: npm test');
    assert.ok(!found.some((gate) => gate.includes('generate-pem')));
    assert.ok((await scripted(scripts, 'run: npm run generate-build', 'run: npm test')).some((gate) => gate.includes('build')));
  });

  it('is none for tests that CI runs by a wider glob', async () => {
    const scripts = {
      'test:unit': 'borp --timeout 9 -p "test/*.js"',
      'test:h2': 'borp --timeout 9 -p "test/+(http2|h2)*.js"',
      'test:other': 'borp --timeout 9 -p "other/*.js"',
    };
    const found = await scripted(scripts, 'run: npm run test:unit');
    assert.ok(!found.some((gate) => gate.includes('h2')));
    assert.ok(found.some((gate) => gate.includes('other/*.js')));
    assert.ok((await scripted(scripts, 'run: npm run test:unit', 'run: npm run test:h2')).some((gate) => gate.includes('h2')));
  });

  it('is none that prints a size and knows no limit', async () => {
    const scripts = { test: 'tape test/*.js', build: 'tsup', 'test:size': 'yarn build && yarn import-size --report . a' };
    assert.ok(!(await scripted(scripts, 'run: npm test')).some((gate) => gate.includes('size')));
    const limited = { ...scripts, 'test:size': 'yarn build && size-limit | cat' };
    assert.ok((await scripted(limited, 'run: npm test')).some((gate) => gate.includes('size')));
  });
});

describe('a glob', () => {
  it('covers what is narrower in each part, and never what is wider', () => {
    assert.ok(globCovers('test/**/*.js', 'test/a/http*.js'));
    assert.ok(!globCovers('test/*.js', 'test/a/*.js'));
    assert.ok(!globCovers('test/http*.js', 'test/*.js'));
    assert.ok(!globCovers('test/*.js', 'test/**/*.js'));
  });

  it('covers each file in its folders that ends as it does', () => {
    const name = fc.stringMatching(/^[a-z]{1,6}$/);
    fc.assert(
      fc.property(fc.array(name, { maxLength: 3 }), name, name, (folders, file, ending) => {
        const place = [...folders, `${file}.${ending}`].join('/');
        assert.ok(globCovers([...folders, `*.${ending}`].join('/'), place));
        assert.ok(globCovers(`**/*.${ending}`, place));
        assert.ok(!globCovers([...folders, 'more', `*.${ending}`].join('/'), place));
      }),
    );
  });
});
