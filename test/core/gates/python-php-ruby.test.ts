import assert from 'node:assert/strict';
import { CI, gatesOf, run, workflow } from '../../support/detected.js';

/** A workflow that runs for what is proposed. */
const proposed = (...steps: readonly string[]) => `on: [pull_request]\n${workflow(...steps)}`;
const idsOf = async (text: string, files: Readonly<Record<string, string>> = {}) =>
  (await gatesOf({ [CI]: text, ...files })).map((each) => each.replace(/: .*/s, ''));

describe('towncrier', () => {
  it('checks where it looks for news, or shows what can be made of them', async () => {
    const lines = async (line: string) => (await gatesOf({ [CI]: proposed(run(line)) })).map((each) => each.replace(/^\S+ /, ''));
    assert.deepEqual(await lines('towncrier build --version main --draft'), ['towncrier build --version main --draft']);
    assert.deepEqual(await lines('if ! pipx run towncrier check --compare-with origin/$BASE; then\n    false\n  fi'), [
      'towncrier check',
    ]);
    assert.deepEqual(await lines('towncrier build --yes'), []);
  });
});

describe('a program of Python that only imports', () => {
  it('is a check that what was installed can be imported', async () => {
    const ids = (line: string, name = '') => idsOf(proposed(`${name === '' ? '' : `name: ${name}\n`}${run(line)}`));
    assert.deepEqual(await idsOf(proposed(run("python -Ic 'import a.b; from c import d'")).replace('check:', 'test:')), [
      'python-import',
    ]);
    const beside = (line: string) => idsOf(proposed(run(line)).replace('check:', 'docs:'));
    assert.deepEqual(await beside("uv run python -c 'import docs.plugins'"), ['python-import']);
    assert.deepEqual(await beside('uv run python tools/docs.py'), []);
    assert.deepEqual(await ids("python -c 'import a; print(a.__version__)'", 'Ensure it can be imported'), ['python-import']);
    assert.deepEqual(await ids("python -c 'import a; print(a.__version__)'"), []);
    assert.deepEqual(await ids("python -c 'import a; a.run()'", 'Check the import'), []);
    assert.deepEqual(await ids("python -c 'import a'", 'Install tools'), []);
  });
});

describe('the action of maturin', () => {
  const action = (told: string) => proposed(`uses: PyO3/maturin-action@v1\nwith: { ${told} }`);
  it('builds, as far as it is told without a matrix', async () => {
    const argv = async (told: string) => (await gatesOf({ [CI]: action(told) })).map((each) => each.replace(/^\S+ /, ''));
    assert.deepEqual(await argv('command: sdist, args: --out dist'), ['maturin sdist --out dist']);
    assert.deepEqual(await argv('target: "${{ matrix.t }}", args: "--release --interpreter ${{ matrix.p || 3 }}"'), [
      'maturin build --release',
    ]);
    assert.deepEqual(await argv('command: upload'), []);
  });

  it('builds the same, wherever it puts it', async () => {
    const text = proposed(run('maturin build --release --out dist'), run('maturin build --release -o other -i 3.12'));
    assert.deepEqual(await idsOf(text), ['build:maturin']);
  });
});

describe('a job of CI', () => {
  const checkout = (told: string) => `uses: actions/checkout@v4\nwith: { ${told} }`;

  it('that puts another repository in the place of its own says nothing of it', async () => {
    const tests = run('pytest tests');
    assert.deepEqual(await idsOf(proposed(checkout('repository: other/project'), checkout('path: own'), tests)), []);
    assert.deepEqual(await idsOf(proposed(run('git clone --depth=1 https://x.org/other .'), checkout('path: own'), tests)), []);
    assert.deepEqual(await idsOf(proposed(checkout('repository: other/data, path: data'), checkout('fetch-depth: 0'), tests)), [
      'pytest',
    ]);
  });

  it('that runs for what is released alone is none for checks', async () => {
    const job = (condition: string) => proposed(run('python -m build')).replace('    steps:', `    if: ${condition}\n    steps:`);
    assert.deepEqual(await idsOf(job("startsWith(github.ref, 'refs/tags/')")), []);
    assert.deepEqual(await idsOf(job("github.event_name == 'release'")), []);
    assert.deepEqual(await idsOf(job('"!startsWith(github.ref, \'refs/tags/\')"')), ['build:build']);
    assert.deepEqual(await idsOf(job("startsWith(github.ref, 'refs/tags/') || github.event_name == 'push'")), ['build:build']);
  });

  it('of which a matrix names the file of the repository that is run, runs each', async () => {
    const text = proposed('run: bash script/${{ matrix.file }}').replace(
      '    steps:',
      '    strategy: { matrix: { include: [{ file: fmt }, { file: docs }] } }\n    steps:',
    );
    const files = {
      'script/fmt': '#!/bin/sh\nbundle exec rubocop -D\n',
      'script/docs': '#!/bin/sh\nPLACE=$PWD/docs\njekyll build -s $PLACE\n',
    };
    assert.deepEqual(await idsOf(text, files), ['rubocop', 'build:bash']);
  });
});

describe('tests of PHP', () => {
  it('are others for each group, and none where they are only brought in', async () => {
    const text = proposed(run('./phpunit install'), run('./phpunit --group a -v'), run('./phpunit --group b -v'));
    assert.deepEqual(await idsOf(text, { phpunit: '', 'phpunit.xml.dist': '<phpunit/>' }), ['phpunit', 'phpunit:check']);
  });
});

describe('tests of Python', () => {
  it('that leave some out are no others beside all of them', async () => {
    const ids = (...lines: readonly string[]) => idsOf(proposed(...lines.map((line) => run(line))));
    assert.deepEqual(await ids('pytest tests -v', 'pytest tests -m "not syntax"'), ['pytest']);
    assert.deepEqual(await ids('pytest tests -m "not syntax"', 'pytest tests/ -v'), ['pytest']);
    assert.equal((await ids('pytest tests -v', 'pytest tests -m slow')).length, 2);
    assert.equal((await ids('pytest tests -m slow', 'pytest tests -m "not slow"')).length, 2);
  });
});

describe('the configuration of Pyright', () => {
  it('is that of the call which looks at the types of a package', async () => {
    const files = { 'pyproject.toml': '[tool.pyright]\ninclude = ["src"]\n' };
    assert.deepEqual(await idsOf(proposed(run('pyright --verifytypes a')), files), ['pyright-verifytypes']);
    assert.deepEqual((await idsOf(proposed(run('pyright --verifytypes a'), run('pyright')), files)).sort(), [
      'pyright',
      'pyright-verifytypes',
    ]);
  });
});

describe('files that are only looked for and handed on', () => {
  it('are checked as the line stands, where its step is called a check', async () => {
    const step = (line: string, name = 'Lint') => idsOf(proposed(`name: ${name}\n${run(line)}`));
    assert.deepEqual(await step("find src -name '*.php' | grep -v Tests | parallel -j 4 php -l {}"), ['lint']);
    assert.deepEqual(await step('git ls-files | xargs frob'), ['lint']);
    assert.deepEqual(await step('git ls-files | xargs frob', 'Prepare'), []);
    assert.deepEqual(await step('git ls-files | xargs rm'), []);
    assert.deepEqual(await step('find . -delete | xargs frob'), []);
    assert.deepEqual(await step('find $PLACE | xargs frob'), []);
  });
});

describe('a table of settings that tools share a file for', () => {
  const table = '[tool.ruff]\ntarget-version = "py39"\n';
  const dependency = '[project]\nname = "a"\nversion = "1"\noptional-dependencies = { dev = ["ruff"] }\n';
  it('makes no gate where CI checks something, nothing calls the tool, and it is no dependency', async () => {
    const ci = proposed(run('black --check src'));
    assert.deepEqual(await idsOf(ci, { 'pyproject.toml': table }), ['black']);
    assert.deepEqual((await idsOf(ci, { 'pyproject.toml': `${dependency}${table}` })).sort(), ['black', 'ruff']);
    assert.deepEqual(await idsOf(proposed(run('true')), { 'pyproject.toml': table }), ['ruff']);
  });
});
