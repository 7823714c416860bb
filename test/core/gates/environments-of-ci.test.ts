import assert from 'node:assert/strict';
import { readTox, readToxToml } from '../../../src/core/gates/evidence/tox.js';
import { calledTasks, tasksOf } from '../../../src/core/gates/script-tasks.js';
import { CI, detected, gatesOf, run, workflow } from '../../support/detected.js';

const reviewed = (...steps: readonly string[]) => `on: pull_request\n${workflow(...steps)}`;
const idsOf = async (files: Readonly<Record<string, string>>) => (await detected(files)).map(({ id }): string => id).sort();
const json = (value: unknown) => JSON.stringify(value);

describe('an environment of tox that CI runs', () => {
  const PROGRAMS = { 'scripts/crlf.py': '', 'scripts/headers.py': '', 'scripts/gen_maps.py': '' };
  const check = (name: string) =>
    `[testenv:${name}]\ncommands =\n  python scripts/crlf.py src\n  ruff check .\n  python scripts/headers.py -i a \\\n    -i b\n  python scripts/gone.py\n`;

  it('checks by all of its commands where it is called a check, programs of the project included', async () => {
    const found = await gatesOf({ ...PROGRAMS, 'tox.ini': check('check'), [CI]: reviewed('run: tox -e check') });
    const told = found.map((gate) => gate.replace(/: \S*\/python\d?(?=\s)/, ': python'));
    assert.ok(
      told.some((gate) => gate.endsWith('scripts/crlf.py src')),
      told.join('\n'),
    );
    assert.ok(
      told.some((gate) => gate.endsWith('scripts/headers.py -i a -i b')),
      told.join('\n'),
    );
    assert.ok(!told.some((gate) => gate.includes('gone')));
    assert.ok(told.some((gate) => gate.startsWith('ruff:')));
  });

  it('says nothing of programs that nobody knows where it is not called so, or CI does not run it', async () => {
    const other = await idsOf({ ...PROGRAMS, 'tox.ini': check('site'), [CI]: reviewed('run: tox -e site') });
    assert.ok(!other.some((id) => /crlf|headers/.test(id)), other.join(' '));
    const idle = await idsOf({ ...PROGRAMS, 'tox.ini': check('check'), [CI]: reviewed('run: pip install tox', 'run: pytest') });
    assert.ok(!idle.some((id) => /crlf|headers/.test(id)), idle.join(' '));
  });

  it('is found by its label, in either format', () => {
    const ini = `[tox]\nlabels =\n  check = types, py-{a,b}\n  other = docs\n[testenv:types]\ncommands = mypy\n[testenv:py-b]\ncommands = pytest\n[testenv:docs]\ncommands = sphinx-build a b\n`;
    const toml = `[labels]\ncheck = ["types"]\n[env.types]\ncommands = [["mypy"]]\n[env.own]\nlabels = ["check"]\ncommands = [["pytest"]]\n[env.docs]\ncommands = [["sphinx-build", "a", "b"]]\n`;
    const named = (mentions: ReturnType<typeof readTox>) =>
      calledTasks(['tox', 'run', '-m', 'check', '--', 'x'], tasksOf(mentions))?.map(({ name }) => name);
    assert.deepEqual(named(readTox({ file: 'tox.ini', text: ini, warn: () => {} })), ['types', 'py-b']);
    assert.deepEqual(named(readToxToml({ file: 'tox.toml', text: toml, warn: () => {} })), ['types', 'own']);
  });

  it('is not run by what installs its runner', async () => {
    const files = { 'tox.ini': '[testenv]\ncommands = unheard of\n', [CI]: reviewed('run: python -m pip install tox') };
    assert.deepEqual(await idsOf(files), []);
  });

  it('checks that what it compiles can be compiled', async () => {
    const files = {
      Makefile: 'catalogs:\n\tfor each in locale/*; do unheard $$each || exit 1; done\n',
      'tox.ini': '[testenv:compile-catalogs]\ncommands = make catalogs\n',
      [CI]: reviewed('run: tox\nenv:\n  TOXENV: compile-catalogs'),
    };
    assert.ok((await idsOf(files)).includes('script:tox-e-compile-catalogs'));
  });

  it('runs single hooks of pre-commit by their names, also those that a service leaves out', async () => {
    const hooks = (skip: string) =>
      `ci: { skip: [${skip}] }\nrepos:\n  - repo: https://example.com/a\n    rev: v1\n    hooks: [{ id: compile-pins }, { id: other-hook }]\n`;
    const files = {
      '.pre-commit-config.yaml': hooks('compile-pins, other-hook'),
      'tox.ini': '[testenv:pins]\ncommands = pre-commit run compile-pins --all-files\n',
      [CI]: reviewed('run: tox -e pins'),
    };
    const gates = await detected(files);
    assert.deepEqual(
      gates.filter(({ id }) => /pins|hook/.test(id)).map(({ id }) => id),
      ['compile-pins'],
    );
  });

  it('asks setuptools about the description, where that may fail', async () => {
    const files = (args: string) => ({
      'setup.py': '',
      'tox.ini': `[testenv:readme]\ncommands =\n  python setup.py check ${args}\n[testenv:linters]\ncommands =\n  {[testenv:readme]commands}\n`,
      [CI]: reviewed('run: tox -e linters'),
    });
    assert.deepEqual(await idsOf(files('-r -s')), ['setup-py-check']);
    assert.deepEqual(await idsOf(files('--strict')), ['setup-py-check']);
    assert.ok(!(await idsOf(files('-r'))).includes('setup-py-check'));
  });
});

describe('a step that compares', () => {
  it('takes with it the step before that says by its name that it makes files anew', async () => {
    const files = {
      'scripts/maps.py': '',
      'tox.ini': '[testenv:maps]\ncommands = python scripts/maps.py\n',
      [CI]: reviewed(
        'name: Regenerate maps\n  run: tox -e maps'.replace('\n  ', '\n'),
        `name: Fail if maps changed\n${run('if git ls-files -m | grep maps; then', '  exit 1', 'fi')}`,
      ),
    };
    const found = (await detected(files)).find(({ id }) => id === 'fail-if-maps-changed');
    assert.match(found?.command.argv.at(-1) ?? '', /^tox -e maps\nif git ls-files/);
    const alone = { ...files, [CI]: files[CI]?.replace('Regenerate', 'Look at') ?? '' };
    assert.ok(!(await idsOf(alone)).includes('fail-if-maps-changed'));
  });

  it('is none where only the steps before it have what it compares', async () => {
    const step = 'name: Verify that both are the same\nrun: diff -u made-a/list made-b/list';
    assert.deepEqual(await idsOf({ [CI]: reviewed(step) }), []);
    const there = await idsOf({ 'made-a/list': '', 'made-b/list': '', [CI]: reviewed(step) });
    assert.deepEqual(there, ['verify-that-both-are-the-same']);
  });
});

describe('scripts of a package', () => {
  const packageOf = (scripts: Readonly<Record<string, string>>, more = {}) =>
    json({ name: 'a', scripts, devDependencies: { vitest: '1', eslint: '1', mocha: '1' }, ...more });

  it('are started by nr and na as by the package manager', async () => {
    const scripts = { check: 'nr check:all', 'check:all': 'eslint src', style: 'eslint style' };
    const files = { 'package.json': packageOf(scripts), [CI]: reviewed('run: nr check', 'run: na run style') };
    const evidence = (await detected(files)).flatMap((gate) => gate.evidence.filter(({ file }) => file === CI));
    assert.deepEqual(evidence.map(({ text }) => text).sort(), ['na run style', 'nr check']);
  });

  it('make pages where they start the build of a folder that is called after pages', async () => {
    const root = (docs: string) => ({
      'package.json': json({ name: 'a', scripts: { build: 'rollup -c', docs }, devDependencies: { rollup: '1' } }),
      'pnpm-workspace.yaml': 'packages: [docs]\n',
      'docs/package.json': json({ name: 'docs', scripts: { build: 'unheard build', dev: 'unheard dev' } }),
      [CI]: reviewed('run: pnpm run docs'),
    });
    assert.ok((await idsOf(root('pnpm run build && pnpm --filter "./docs/**" build'))).includes('build:docs'));
    assert.ok(!(await idsOf(root('pnpm run build && pnpm --filter "./docs/**" dev'))).includes('build:docs'));
  });

  it('say nothing where they run projects that other gates run, also by a pattern of names', async () => {
    const scripts = {
      'test:unit': 'vitest run --project unit',
      'test:all': 'vitest run --project unit --project "web (a)" --project "web (b)"',
      'test:web': 'vitest run --project "web*"',
      'test:more': 'vitest run --project more',
    };
    const files = { 'package.json': packageOf(scripts), [CI]: reviewed('run: npm run test:all') };
    const gates = (await gatesOf(files)).filter((gate) => gate.startsWith('vitest')).map((gate) => gate.replace(/ --rep.*/, ''));
    assert.equal(gates.length, 2, gates.join('\n'));
    assert.ok(gates.some((gate) => gate.includes('web (b)')));
    assert.ok(gates.some((gate) => gate.endsWith('--project more')));
  });

  it('that put a load on something are looked at by hand, unless CI runs them', async () => {
    const scripts = { test: 'mocha test', 'stress:test': 'node scripts/up.js | node scripts/stress.js' };
    const ci = (...steps: readonly string[]) => ({
      'package.json': packageOf(scripts),
      [CI]: reviewed('run: npm test', ...steps),
    });
    assert.deepEqual(await idsOf(ci()), ['mocha']);
    assert.ok((await idsOf(ci('run: npm run stress:test'))).includes('script:stress-test'));
  });

  it('build nothing where they only install in another folder', async () => {
    const scripts = { prelint: 'cd sub && npm i', lint: 'eslint src' };
    const found = await idsOf({ 'package.json': packageOf(scripts), [CI]: reviewed('run: npm run lint') });
    assert.ok(found.includes('eslint') && !found.some((id) => id.startsWith('build')), found.join(' '));
  });
});

describe('environments of tox that CI starts all at once', () => {
  const CALLS = workflow('run: python -m tox');
  const ini = (base: string, more = '') => ({
    [CI]: CALLS,
    'pyproject.toml': '[tool.pytest.ini_options]\ntestpaths = ["tests"]\n',
    'tox.ini': `[tox]\nenvlist = lint, docs, py{39,310}\n[testenv]\ncommands = ${base}\n[testenv:lint]\ncommands = ruff check\n${more}`,
  });

  it('are their checks, not a gate that runs them all again', async () => {
    for (const base of ['{envpython} -b -m coverage run -m pytest {posargs}', 'python -W error -m pytest'])
      assert.deepEqual(
        (await gatesOf(ini(base))).map((gate) => gate.split(' --junitxml')[0]),
        ['ruff: ruff check --output-format=json', 'pytest: python -m pytest'],
        base,
      );
  });

  it('keep examples in documents that pytest does not look at', async () => {
    const docs = '[testenv:docs]\ncommands = python -m doctest README.rst\n';
    assert.ok((await gatesOf({ ...ini('pytest', docs), 'README.rst': '' })).some((gate) => gate.startsWith('doctest: ')));
  });

  it('are told what their own environment sets', async () => {
    const types =
      '[testenv:types]\nset_env =\n    STRICT=1\n    TYPED=src tests\ncommands = mypy --strict {env:TYPED} {env:MORE:}\n';
    const mypy = (await gatesOf({ ...ini('pytest', types), 'tests/a.py': '' })).find((gate) => gate.startsWith('mypy'));
    assert.match(mypy ?? '', /^mypy: mypy --strict src tests --show/);
  });

  it('count with all the files that one of them names', async () => {
    const types = '[testenv:types]\ncommands = mypy typed\n[testenv:all-types]\ncommands = mypy src typed\n';
    const mypy = (await gatesOf(ini('pytest', types))).filter((gate) => gate.startsWith('mypy'));
    assert.deepEqual(
      mypy.map((gate) => gate.split(' --')[0]),
      ['mypy: mypy src typed'],
    );
  });
});

describe('what nobody would write', () => {
  it('ends soon: names of environments that stand for millions, and sums of sums', async () => {
    const names = readTox({ file: 'tox.ini', text: `[testenv:${'{a,b}'.repeat(40)}]\ncommands = pytest\n`, warn: () => {} });
    assert.equal(names.length, 1);
    const sums = Array.from({ length: 40 }, (_, index) => `A${index + 1} = A${index} + A${index}`);
    const noxfile = [
      'import nox',
      'A0 = ["a"]',
      ...sums,
      '@nox.session',
      'def tests(session):',
      '    session.run("pytest", *A40)',
    ];
    assert.ok((await gatesOf({ 'noxfile.py': noxfile.join('\n') })).length <= 1);
  });
});
