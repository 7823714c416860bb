import assert from 'node:assert/strict';
import { makesPages } from '../../../src/core/gates/script-pages.js';
import { makesSourcesAnew, onlyBringsIn } from '../../../src/core/gates/script-readying.js';
import { CI, detected, gatesOf, run, workflow } from '../../support/detected.js';

const manifest = (scripts: Readonly<Record<string, string>>) => JSON.stringify({ scripts });
const ci = (...lines: readonly string[]) =>
  workflow(...lines.map((line) => run(line))).replace('jobs:', 'on: [pull_request]\njobs:');
const idsOf = async (scripts: Readonly<Record<string, string>>, ...lines: readonly string[]) =>
  (await gatesOf({ 'package.json': manifest(scripts), ...(lines.length > 0 ? { [CI]: ci(...lines) } : {}) }))
    .map((each) => each.replace(/: .*/, ''))
    .sort();

describe('a script in one piece', () => {
  const parts = {
    'data-tests': 'rm -rf spec/data/*.js && node scripts/data',
    'format:check': 'prettier --check .',
    lint: 'eslint .',
    specs: 'mocha spec/**/*.spec.js',
    cov: 'nyc npm run specs',
  };

  it('is no gate beside those that it consists of, whatever else it makes ready for them', async () => {
    const all = { ...parts, test: 'npm run data-tests && npm run format:check && npm run lint && npm link && npm run cov' };
    assert.deepEqual(await idsOf(all), ['eslint', 'mocha', 'prettier']);
    assert.deepEqual(await idsOf({ ...all, ci: 'FULL=true npm test' }, 'npm run ci'), ['eslint', 'mocha', 'prettier']);
  });

  it('stays where something in it is no other gate, or where its parts are told more', async () => {
    assert.ok((await idsOf({ ...parts, test: 'npm run lint && npm link && node other && npm run cov' })).includes('script:test'));
    assert.ok((await idsOf({ ...parts, test: 'npm run lint | tee a && npm link && npm run cov' })).includes('script:test'));
  });

  it('is known by what CI runs, as are its parts', async () => {
    const gates = await detected({
      'package.json': manifest({ ...parts, test: 'npm run lint && npm link && npm run cov' }),
      [CI]: ci('npm test'),
    });
    for (const { evidence } of gates.filter(({ id }) => id === 'eslint' || id === 'mocha'))
      assert.ok(evidence.some(({ file }) => file === CI));
  });
});

describe('tests that CI does not run', () => {
  it('are no gate where it runs them all by a glob', async () => {
    const scripts = { specs: 'mocha "spec/**/*.spec.{ts,js}" -R dot', one: 'nyc cross-env A=b mocha spec/one.spec.ts -R spec' };
    assert.deepEqual(await idsOf({ 'test-specs': scripts.specs, 'test-one': scripts.one }, 'npm run test-specs'), ['mocha']);
    const other = { 'test-specs': scripts.specs, 'test-one': 'mocha other/one.spec.ts' };
    assert.equal((await idsOf(other, 'npm run test-specs')).length, 2);
  });

  it('are no gate where it runs each of their parts by a configuration of its own', async () => {
    const scripts = { test: 'jest', 'test:unit': 'jest -c unit.js', 'test:integration': 'jest -c integration.js' };
    assert.equal((await idsOf(scripts, 'npm run test:unit', 'npm run test:integration')).length, 2);
    assert.equal((await idsOf(scripts, 'npm run test:unit')).length, 3);
  });
});

describe('a script that runs before another', () => {
  it('is no build where it only brings in what installing brings in', async () => {
    const scripts = { prepare: 'node generate', submodules: 'git submodule update --init', test: 'mocha' };
    const ids = (pretest: string) => idsOf({ ...scripts, pretest });
    assert.deepEqual(await ids('npm run prepare && npm run submodules'), ['mocha']);
    assert.deepEqual(await ids('npm run other'), ['build:pretest', 'mocha']);
  });

  it('brings something in by whatever script', () => {
    const scripts = new Map([
      ['deps', 'npm ci && git submodule update --init'],
      ['round', 'npm run round'],
      ['newest', 'git submodule update --remote'],
    ]);
    assert.ok(onlyBringsIn('npm run deps', scripts));
    for (const text of ['npm run round', 'npm run newest', 'node a', 'echo a', '']) assert.ok(!onlyBringsIn(text, scripts), text);
  });

  it('makes sources anew where it takes them away first', () => {
    assert.ok(makesSourcesAnew('rm -rf spec/data/*.js && node scripts/data'));
    for (const text of ['rm -rf coverage && node test/run.js', 'node scripts/data', 'rm -rf a/*.js && mocha', 'rm -rf a/*.js'])
      assert.ok(!makesSourcesAnew(text), text);
  });
});

describe('a script of CI whose name says no check', () => {
  it('makes pages where it is called after them and starts what does', async () => {
    const scripts = {
      'api-docs': 'mkdir -p build && documentation build src/a.js -o build',
      'copy-site': 'rsync -a site/ build',
      site: 'npm run api-docs && npm run copy-site',
    };
    assert.deepEqual(await idsOf(scripts, 'npm run site'), ['build:site']);
    assert.deepEqual(await idsOf({ ...scripts, 'copy-site': 'rsync -a site/ host:/srv' }, 'npm run site'), []);
    const pages = (name: string, text: string) => makesPages(name, new Map([[name, text]]));
    assert.ok(pages('docs', 'typedoc src'));
    for (const [name, text] of [
      ['docs', 'node a'],
      ['docs', 'typedoc && http-server docs'],
      ['docs:dev', 'vitepress build'],
      ['other', 'typedoc'],
    ] as const)
      assert.ok(!pages(name, text), `${name}: ${text}`);
  });

  it('is one that is called after a tool for checks, and waits for what its job builds before it', async () => {
    const scripts = {
      build: 'rollup -c',
      'api-extractor:ci': 'node scripts/extract.js',
      'api-extractor': 'api-extractor run --local',
    };
    const gates = await detected({ 'package.json': manifest(scripts), [CI]: ci('npm run build', 'npm run api-extractor:ci') });
    const check = gates.find(({ id }) => id === 'script:api-extractor-ci');
    assert.deepEqual(check?.needs.map(String), ['build:rollup']);
    assert.deepEqual(await idsOf(scripts, 'npm run api-extractor'), []);
  });
});

describe('a build of which an action compares the size', () => {
  const action = (told = '') =>
    workflow(`uses: preactjs/compressed-size-action@v2${told}`).replace('jobs:', 'on: [pull_request]\njobs:');

  it('is a gate, with all that the script does after it, and what needs a piece of it needs the whole', async () => {
    const scripts = {
      build: 'npm run build:js',
      postbuild: 'node scripts/exports.js',
      'build:js': 'rollup -c',
      size: 'npm run build:js && bundlewatch',
    };
    const gates = await detected({ 'package.json': manifest(scripts), [CI]: action() });
    assert.deepEqual(gates.map(({ id, needs }) => [id, ...needs].join(' ')).sort(), ['build:build', 'bundlewatch build:build']);
  });

  it('is told what the action tells it', async () => {
    const files = {
      'package.json': manifest({ build: 'node build.js' }),
      [CI]: action('\nwith: { build-script: build --clean }'),
    };
    assert.match((await gatesOf(files)).join(), /^build:build: \S*npm run build -- --clean$/);
  });
});

describe('a script of hatch', () => {
  const hatch = (scripts: string) =>
    `[tool.hatch.envs.lint]\ndetached = true\ndependencies = ["codespell==2"]\n[tool.hatch.envs.lint.scripts]\n${scripts}\n`;

  it('that is no more is no gate', async () => {
    const text = hatch(
      'js = "npm exec --yes -- jshint src/"\nspelling = "codespell src"\ncheck = ["js", "css", "spelling", "codespell"]',
    );
    const ids = (await gatesOf({ 'pyproject.toml': text })).map((each) => each.replace(/: .*/, ''));
    assert.deepEqual(
      ids.filter((id) => !id.startsWith('codespell')),
      ['jshint'],
    );
  });

  it('mends with what it is told besides, and what compares afterwards is what it mends by', async () => {
    const text = hatch('check = ["isort --check-only src", "black --check src"]\nfix = ["isort src", "black src"]');
    const steps = ci('hatch run lint:fix --verbose', 'git diff --exit-code');
    const ids = (await gatesOf({ 'pyproject.toml': text, [CI]: steps })).map((each) => each.replace(/: .*/, ''));
    assert.deepEqual(ids.sort(), ['black', 'isort']);
  });
});

describe('a package of Python', () => {
  it('is built once, by whichever frontend, and looked at where that puts it', async () => {
    const steps = ci('uv build', 'uvx twine check --strict ./dist/*', 'python -m build --outdir out .', 'pyproject-build');
    const gates = await detected({ 'pyproject.toml': '[project]\nname = "a"\n', [CI]: steps });
    assert.deepEqual(gates.map(({ id, needs }) => [id, ...needs].join(' ')).sort(), ['build:uv', 'twine build:uv']);
  });

  it('is another one in another folder, or by its name', async () => {
    const files = (...lines: readonly string[]) => ({ 'pyproject.toml': '[project]\nname = "a"\n', [CI]: ci(...lines) });
    assert.equal((await gatesOf(files('uv build', 'python -m build packages/b'))).length, 2);
    assert.equal((await gatesOf(files('uv build --package a', 'uv build --package b'))).length, 2);
  });

  it('is not looked at where nothing is named', async () => {
    assert.deepEqual(await gatesOf({ [CI]: ci('twine check', 'twine check --strict') }), []);
  });
});
