import assert from 'node:assert/strict';
import { CI, gatesOf, workflow } from '../../support/detected.js';

const manifest = (scripts: Readonly<Record<string, string>>, more: Readonly<Record<string, unknown>> = {}) =>
  JSON.stringify({ scripts, ...more });
const reviewed = (...steps: readonly string[]) => `on: pull_request\n${workflow(...steps)}`;
const own = async (files: Readonly<Record<string, string>>) =>
  (await gatesOf(files)).map((gate) => gate.replace(/^\S+ /, '')).sort();

describe('a command that a script is', () => {
  it('is one gate with it, whoever runs the command', async () => {
    const scripts = manifest({ 'test:fuzz': 'node Makefile.js fuzz', 'check-focus': 'node ./scripts/check-focus.js' });
    const files = { 'Makefile.js': '', 'scripts/check-focus.js': '', '.lintstagedrc': '{"*.js": "node scripts/check-focus.js"}' };
    const steps = ['name: Test on Node\nrun: node Makefile fuzz', 'run: npm run check-focus'];
    assert.deepEqual(await own({ ...files, 'package.json': scripts, [CI]: reviewed(...steps) }), [
      'npm run check-focus',
      'npm run test:fuzz',
    ]);
  });

  it('stays where it is told something else, or where the script does more', async () => {
    const scripts = manifest({ 'test:fuzz': 'node Makefile.js fuzz --all', 'test:two': 'node Makefile.js two && node other.js' });
    const steps = ['name: Test on Node\nrun: node Makefile fuzz', 'name: Test two\nrun: node Makefile two'];
    const found = await own({ 'Makefile.js': '', 'package.json': scripts, [CI]: reviewed(...steps) });
    assert.ok(found.includes('node Makefile fuzz') && found.includes('node Makefile two'), found.join());
  });
});

describe('scripts of which CI runs others', () => {
  const unit = { 'test:unit': 'node unit.js | tee a', 'test:e2e': 'node e2e.js | tee b' };
  const steps = ['run: npm run test:unit', 'run: npm run test:e2e'];

  it('are left out where CI runs two that are called after them', async () => {
    const files = { 'package.json': manifest({ test: 'node all.js | tee c', ...unit }), [CI]: reviewed(...steps) };
    assert.deepEqual(await own(files), ['npm run test:e2e', 'npm run test:unit']);
  });

  it('stay where CI runs them, or only one of the others', async () => {
    const scripts = manifest({ test: 'node all.js | tee c', ...unit });
    for (const said of [['run: npm test', ...steps], ['run: npm run test:unit']])
      assert.ok((await own({ 'package.json': scripts, [CI]: reviewed(...said) })).includes('npm run test'), said.join());
  });

  it('are left out where they only write a report, unless nothing says what counts', async () => {
    const scripts = manifest({
      'test:unit': 'node unit.js | tee a',
      'types:why': 'node why.js > why.txt',
      'test:all': 'node b.js > /dev/null',
    });
    assert.deepEqual(await own({ 'package.json': scripts, [CI]: reviewed('run: npm run test:unit') }), [
      'npm run test:all',
      'npm run test:unit',
    ]);
    assert.ok((await own({ 'package.json': scripts })).includes('npm run types:why'));
  });

  it('are left out where others call them with settings', async () => {
    const Makefile = [
      'test:',
      '\t./hack/test.sh',
      'unit:',
      '\tMODE=unit ./hack/test.sh',
      'integration:',
      '\tMODE=all ./hack/test.sh',
      '',
    ].join('\n');
    const found = await own({ Makefile, 'hack/test.sh': '#!/bin/sh\n./own "$MODE"\n' });
    assert.deepEqual(found, ['sh hack/test.sh', 'sh hack/test.sh']);
  });

  it('are left out where others only call them with more arguments', async () => {
    const scripts = {
      'test-run': 'cross-env A=1 nyc node bin/own.js --forbid-only',
      'test:unit': 'npm run -s test-run -- test/unit',
      'test:jsapi': 'npm run -s test-run -- test/jsapi',
    };
    assert.deepEqual(await own({ 'package.json': manifest(scripts), 'bin/own.js': '' }), [
      'npm run test-run -- test/jsapi',
      'npm run test-run -- test/unit',
    ]);
  });

  it('are one gate, where only somebody else sets an environment for them', async () => {
    const scripts = { 'test:ci': 'node all.js | tee a', 'test:ecosystem': 'ECOSYSTEM=1 npm run test:ci' };
    const files = { 'package.json': manifest(scripts), [CI]: reviewed('run: npm run test:ci') };
    assert.deepEqual(await own(files), ['npm run test:ci']);
  });
});

describe('a step that only deletes', () => {
  it('is no gate, and what needed it needs what that needs', async () => {
    const scripts = { clean: 'rimraf dist', build: 'rollup -c', test: 'npm run clean && npm run build && mocha' };
    const files = { 'package.json': manifest(scripts, { devDependencies: { mocha: '10', rollup: '4', rimraf: '5' } }) };
    assert.deepEqual(
      (await gatesOf(files)).map((gate) => gate.split(':')[0]),
      ['build', 'mocha'],
    );
  });

  it('is none in a task either', async () => {
    const text = `python -c "import shutil; shutil.rmtree('build', ignore_errors=True)"`;
    const tox = `[testenv:docs]\ncommands =\n  ${text}\n  sphinx-build -W doc build\n`;
    assert.deepEqual(
      (await gatesOf({ 'tox.ini': tox })).map((gate) => gate.split(':')[0]),
      ['sphinx'],
    );
  });
});

describe('a build that CI sets up in its own way', () => {
  it('is the one that a script makes', async () => {
    const scripts = { build: 'rollup -c', test: 'npm run build && mocha' };
    const ci = reviewed('run: npm run build\nenv:\n  NODE_OPTIONS: --trace-warnings');
    const files = { 'package.json': manifest(scripts, { devDependencies: { mocha: '10', rollup: '4' } }), [CI]: ci };
    assert.equal((await gatesOf(files)).filter((gate) => gate.includes('rollup')).length, 1);
  });

  it('is one, whether its package is named by a folder or by its path', async () => {
    const ci = reviewed('run: go build -v ./cmd/app', 'run: go build -o out github.com/a/b/v3/cmd/app');
    assert.equal(
      (await gatesOf({ 'go.mod': 'module github.com/a/b/v3', [CI]: ci })).filter((gate) => gate.includes('go build')).length,
      1,
    );
  });

  it('is one, however it is linked', async () => {
    const ci = reviewed('run: go build -trimpath -ldflags="-w -s" -v', 'run: go build -trimpath -o out');
    assert.equal((await gatesOf({ 'go.mod': 'module a', [CI]: ci })).filter((gate) => gate.includes('go build')).length, 1);
  });
});

describe('a check of CI that is only set up in another way', () => {
  it('is one, with another compiler', async () => {
    const steps = [
      'run: python tools/sanity_checks.py',
      'run: python tools/sanity_checks.py\nenv:\n  CC: clang-cl\n  CXX: clang-cl',
    ];
    const files = { 'tools/sanity_checks.py': '', [CI]: reviewed(...steps) };
    assert.deepEqual(await own(files), ['python tools/sanity_checks.py']);
  });

  it('is one, for several versions of a language, of which the newest counts', async () => {
    const steps = ['2.12', '2.13', '3'].map((version) => `run: sbt 'project core' '++ ${version}' test`);
    assert.deepEqual(await own({ 'build.sbt': '', [CI]: reviewed(...steps) }), ['sbt project core ++ 3 test']);
  });

  it('is another where it is told something else', async () => {
    const steps = ['run: python tools/sanity_checks.py', 'run: python tools/sanity_checks.py\nenv:\n  CC: clang-cl\n  MODE: all'];
    assert.equal((await own({ 'tools/sanity_checks.py': '', [CI]: reviewed(...steps) })).length, 2);
  });
});

describe('a hook that mends', () => {
  it('is a check where nothing else says what counts, or where it fails for what it mends', async () => {
    const staged = { 'package.json': manifest({ test: 'node a.js | tee a' }, { 'lint-staged': { '*': 'prettier --write' } }) };
    assert.ok((await own(staged)).some((gate) => gate.startsWith('prettier')));
    const ci = { [CI]: reviewed('run: npm test') };
    assert.deepEqual(await own({ ...staged, ...ci }), ['npm run test']);
    const hooks = 'repos:\n  - repo: https://github.com/x/y\n    hooks:\n      - { id: ruff-format }\n';
    assert.ok((await own({ '.pre-commit-config.yaml': hooks, ...ci })).some((gate) => gate.startsWith('ruff format')));
  });
});

describe('scripts that only start others by a pattern', () => {
  it('are left out where two of these are gates of their own', async () => {
    const scripts = {
      'test-node': 'run-s clean test-node:* done',
      clean: 'rimraf out',
      'test-node:a': 'node a.js | tee a',
      'test-node:b': 'node b.js | tee b',
    };
    assert.deepEqual(await own({ 'package.json': manifest(scripts) }), ['npm run test-node:a', 'npm run test-node:b']);
  });
});

describe('a program that lint-staged gives its files', () => {
  it('is no gate without them, unless it is known', async () => {
    const staged = { '*.md': 'node tools/check-examples.js', '*.js': 'eslint' };
    const files = { 'package.json': manifest({}, { 'lint-staged': staged }), 'tools/check-examples.js': '' };
    assert.deepEqual(
      (await gatesOf(files)).map((gate) => gate.split(':')[0]),
      ['eslint'],
    );
  });
});
