import assert from 'node:assert/strict';
import { commandsOfAction } from '../../../src/core/gates/evidence/actions.js';
import { setByEnv } from '../../../src/core/gates/script-environment.js';
import { CI, detected, gatesOf, workflow } from '../../support/detected.js';

const reviewed = (...steps: readonly string[]) => ({ [CI]: `on: pull_request\n${workflow(...steps)}` });
const lines = async (files: Readonly<Record<string, string>>) =>
  (await detected(files)).map(({ id, command }) => `${id}: ${command.argv.slice(1).join(' ')}`);

describe('what env is told', () => {
  it('ends where the program begins', () => {
    const start = (line: string) => setByEnv(line.split(' '))?.start;
    assert.equal(start('A=1 tool'), 1);
    assert.equal(start('-u A --unset=B C=2 tool -u x'), 4);
    assert.equal(start('-i -- tool'), 2);
    assert.equal(start('-C sub tool'), undefined);
    assert.deepEqual([...(setByEnv(['-u', 'A', 'tool'])?.without ?? [])], ['A']);
    assert.equal(setByEnv(['-S', 'tool --check'])?.line, 'tool --check');
  });

  it('leaves a check what it is told itself, with the same types for several machines as one', async () => {
    const tox = `[testenv:lint]
commands =
    env -u A mypy --platform linux src
    env -u A mypy --platform windows src
    env -u A mypy --platform linux --python-version 3.13 src
`;
    const found = await lines({ 'tox.ini': tox, ...reviewed('run: tox -e lint') });
    assert.equal(found.length, 1);
    assert.match(found[0] ?? '', /^mypy: --platform linux src /);
  });
});

describe('tests that are a module of a package', () => {
  it('are a gate, with the options of Python, also where tox runs them beside the sources', async () => {
    const tox =
      '[testenv]\nchangedir = {toxworkdir}\ncommands =\n    python -bb -m a.test {posargs:}\n    full: python -O -m a.test\n';
    const found = await lines({ 'tox.ini': tox, ...reviewed('run: tox -e py313') });
    assert.deepEqual(found, ['python-tests: -bb -m a.test']);
  });

  it('are none where the module is called something else', async () => {
    assert.deepEqual(await gatesOf(reviewed('run: python -m a.server')), []);
  });
});

describe('tests of documentation', () => {
  it('are checks of a job for documentation', async () => {
    const tox = `[testenv:docs]
commands =
    sphinx-build -W -b html docs docs/_build/html
    sphinx-build -W -b doctest docs docs/_build/doctest
`;
    const found = await lines({
      'tox.ini': tox,
      [CI]: `on: pull_request\njobs:\n  docs:\n    steps:\n      - run: tox -e docs\n`,
    });
    assert.deepEqual(
      found.map((gate) => gate.split(':')[0]),
      ['sphinx', 'sphinx-build'],
    );
  });
});

describe('an action', () => {
  it('is told options of its tool by its inputs', () => {
    const command = (uses: string, inputs: Readonly<Record<string, string>>) =>
      commandsOfAction(`${uses}@v1`, inputs)?.[0]?.join(' ');
    assert.equal(
      command('zizmorcore/zizmor-action', { persona: 'pedantic', 'min-severity': 'medium', 'online-audits': 'false' }),
      'zizmor --persona=pedantic --min-severity=medium --no-online-audits .',
    );
    assert.equal(
      command('codespell-project/actions-codespell', { skip: 'a,b', check_hidden: 'true', path: 'src' }),
      'codespell --check-hidden --skip a,b src',
    );
    assert.equal(
      command('jakebailey/pyright-action', { project: 'a.json', warnings: 'true' }),
      'pyright --project a.json --warnings',
    );
    assert.equal(command('dominikh/staticcheck-action', { 'build-tags': 'e2e' }), 'staticcheck -tags e2e ./...');
    assert.equal(
      command('hadolint/hadolint-action', { ignore: 'DL3008', dockerfile: 'a/Dockerfile' }),
      'hadolint --ignore DL3008 a/Dockerfile',
    );
    assert.equal(command('py-actions/flake8', { 'max-line-length': '100', path: 'src' }), 'flake8 --max-line-length=100 src');
  });

  it('of which the workflow says an expression is not told of that', () => {
    assert.deepEqual(commandsOfAction('zizmorcore/zizmor-action@v1', { persona: '${{ inputs.p }}' })?.[0], ['zizmor', '.']);
  });

  it('that is an image is the program after which that is called, from whatever registry', async () => {
    const found = await lines(reviewed("uses: docker://mirror.example/rhysd/actionlint:1.7\nwith:\n  args: -ignore 'a b'"));
    assert.deepEqual(found, ['actionlint: -ignore a b -format {{json .}}']);
  });

  it('of another repository that is a whole job is told as well', async () => {
    const job = `on: pull_request\njobs:\n  a:\n    uses: b/.github/.github/workflows/zizmor.yml@v1\n    with:\n      persona: pedantic\n`;
    assert.deepEqual(await lines({ [CI]: job }), ['zizmor: --persona=pedantic .']);
  });
});

describe('a step that runs whatever has failed before', () => {
  it('counts as any other', async () => {
    for (const condition of ['success() || failure()', '${{ !cancelled() }}'])
      assert.deepEqual(
        await gatesOf({
          ...reviewed(`name: Check headers\nrun: ./headers.sh\nif: ${condition}`),
          'headers.sh': 'true',
        }),
        ['headers: ./headers.sh'],
        condition,
      );
  });
});

describe('what only Windows starts', () => {
  it('is no gate', async () => {
    assert.deepEqual(await gatesOf(reviewed('name: Test\nrun: .\\tools\\test.bat')), []);
  });
});

describe('a build of Maven that puts what it made among what the user has', () => {
  it('is checked without that, with what else it makes', async () => {
    const files = { 'pom.xml': '<project/>' };
    assert.deepEqual(await lines({ ...files, ...reviewed('run: mvn clean install site') }), ['maven: clean verify site -B -ntp']);
    assert.deepEqual(await lines({ ...files, ...reviewed('run: mvn verify install') }), ['maven: verify -B -ntp']);
  });

  it('counts where the same job is analysed, unless that is what the job is for', async () => {
    const job = (name: string) =>
      `on: pull_request\njobs:\n  ${name}:\n    steps:\n      - uses: github/codeql-action/init@v3\n      - run: mvn install -Pa\n`;
    assert.deepEqual(await lines({ 'pom.xml': '<project/>', [CI]: job('build') }), ['maven: verify -Pa -B -ntp']);
    assert.deepEqual(await lines({ 'pom.xml': '<project/>', [CI]: job('codeql') }), ['maven: verify -B -ntp']);
  });
});

describe('specs that CI runs by a task of Rake', () => {
  it('are none of RSpec besides, which only its configuration names', async () => {
    const files = { '.rspec': '--require spec_helper\n', 'spec/spec_helper.rb': '' };
    assert.deepEqual(
      (await lines({ ...files, ...reviewed('run: bundle exec rake all_specs') })).map((gate) => gate.split(':')[0]),
      ['rake-all-specs'],
    );
    assert.deepEqual(
      (await lines({ ...files, ...reviewed('run: bundle exec rake spec') })).map((gate) => gate.split(':')[0]),
      ['rspec'],
    );
  });
});

describe('a target that compares by its name', () => {
  const MAKE = { Makefile: '%:\n\tgo run build.go $*\n' };

  it('is a check of what the job has made anew before, on the machine on which it does', async () => {
    const steps = ["run: make generate\nif: matrix.os == 'linux'", 'run: make diffcheck'];
    const [gate, ...others] = await detected({ ...MAKE, ...reviewed(...steps) });
    assert.equal(others.length, 0);
    assert.equal(gate?.command.argv.at(-1), 'make generate\nmake diffcheck');
    assert.equal(gate?.inCopy, 'compares');
  });

  it('is none where nothing was made, or where that is not certain', async () => {
    assert.deepEqual(await gatesOf({ ...MAKE, ...reviewed('run: make diffcheck') }), []);
    assert.deepEqual(await gatesOf({ ...MAKE, ...reviewed('run: make generate\nif: inputs.all', 'run: make check-diff') }), []);
  });
});

describe('tests of single packages of Rust', () => {
  it('are no build of all', async () => {
    const files = { 'Cargo.toml': '[workspace]\nmembers = ["a", "b"]\n' };
    const found = await lines({ ...files, ...reviewed('run: cargo check', 'run: cargo test -p a', 'run: cargo test -p b') });
    assert.ok(
      found.some((gate) => gate.startsWith('cargo-check')),
      found.join('\n'),
    );
    const all = await lines({ ...files, ...reviewed('run: cargo check', 'run: cargo test') });
    assert.deepEqual(
      all.map((gate) => gate.split(':')[0]),
      ['cargo-test'],
    );
  });
});

describe('targets of images', () => {
  it('that are called checks are checks, and the linter that one of them runs is no other', async () => {
    const files = { '.golangci.yml': 'version: "2"\n', 'go.mod': 'module a\n', Makefile: 'lint:\n\tdocker buildx bake lint\n' };
    const steps = [
      'run: make lint',
      'uses: docker/bake-action@v7\nwith:\n  targets: test',
      'uses: docker/bake-action@v7\nwith:\n  targets: binary',
    ];
    const found = await lines({ ...files, ...reviewed(...steps) });
    assert.deepEqual(
      found.filter((gate) => !gate.startsWith('go-')),
      ['bake-lint: buildx bake lint', 'bake-test: buildx bake test'],
    );
  });

  it('that are sent to others are none', async () => {
    for (const input of ['push: true', 'set: "*.output=type=registry"'])
      assert.deepEqual(await gatesOf(reviewed(`uses: docker/bake-action@v7\nwith:\n  targets: test\n  ${input}`)), []);
    assert.deepEqual(await gatesOf(reviewed('run: docker buildx bake --push test')), []);
  });
});
