import assert from 'node:assert/strict';
import { CI, detected, gatesOf, run, workflow } from '../../support/detected.js';

const HOOKS = '.pre-commit-config.yaml';
const config = (hooks: string, before = '') => `${before}repos:\n- repo: https://github.com/x/y\n  hooks: [${hooks}]\n`;
const commands = async (files: Readonly<Record<string, string>>) =>
  (await gatesOf(files)).map((each) => each.replace(/ --(?:show|output|format=|no-).*/, ''));
const byHook = (id: string, hook = id) => `${id}: pre-commit run ${hook} --all-files --color=never`;

describe('a hook of a tool that has to be told its files', () => {
  it('is run as pre-commit runs it, and stays the gate of the tool', async () => {
    const [gate, ...more] = await detected({ [HOOKS]: config('{ id: mypy, args: [] }') });
    assert.deepEqual(more, []);
    assert.deepEqual(
      [gate?.id, gate?.name, gate?.category, gate?.inCopy, gate?.fix],
      ['mypy', 'mypy', 'types', undefined, undefined],
    );
    assert.deepEqual(gate?.command.argv, ['pre-commit', 'run', 'mypy', '--all-files', '--color=never']);
    assert.equal(gate?.reads, undefined);
    const [ofPrek] = await detected({ 'prek.toml': '[[repos]]\nrepo = "https://github.com/x/y"\nhooks = [{ id = "mypy" }]\n' });
    assert.deepEqual(ofPrek?.command.argv.slice(0, 3), ['prek', 'run', 'mypy']);
    assert.deepEqual(await commands({ [HOOKS]: config('{ id: clang-format }') }), [byHook('clang-format')]);
  });

  it('is run as it is where its configuration or the hook tells them', async () => {
    const hooks = { [HOOKS]: config('{ id: mypy }') };
    assert.deepEqual(await commands({ ...hooks, 'pyproject.toml': '[tool.mypy]\nfiles = ["src"]\n' }), ['mypy: mypy']);
    assert.deepEqual(await commands({ [HOOKS]: config('{ id: mypy, args: [src], pass_filenames: false }') }), ['mypy: mypy src']);
  });
});

describe('a hook with files of its own', () => {
  const flake8 = { [HOOKS]: config('{ id: flake8, exclude: ^vendor/ }') };

  it('is run as pre-commit runs it, where nothing else calls its tool', async () => {
    assert.deepEqual(await commands(flake8), [byHook('flake8')]);
    assert.deepEqual(await commands({ [HOOKS]: config('{ id: flake8 }', 'exclude: ^(profiling/|tests/data/)\n') }), [
      byHook('flake8'),
    ]);
    const told = [{ 'tox.ini': '[testenv:lint]\ncommands = flake8 src\n' }, { [CI]: workflow(run('flake8 src')) }];
    for (const more of told) assert.deepEqual(await commands({ ...flake8, ...more }), ['flake8: flake8'], JSON.stringify(more));
  });

  it('is that of the bare tool where its configuration says the same, or the tool would not look at them', async () => {
    const ruff = { [HOOKS]: config('{ id: ruff-check }', "exclude: 'docs/|ext/'\n") };
    assert.deepEqual(await commands({ ...ruff, 'pyproject.toml': '[tool.ruff]\nexclude = ["docs/", "ext/"]\n' }), [
      'ruff: ruff check',
    ]);
    assert.deepEqual(
      await commands({ ...ruff, 'pyproject.toml': '[tool.ruff]\nextend-select = ["next"]\nexclude = ["docs"]\n' }),
      [byHook('ruff', 'ruff-check')],
    );
    assert.deepEqual(await commands({ ...flake8, '.flake8': '[flake8]\nexclude = vendor\n' }), ['flake8: flake8']);
    assert.deepEqual(await commands({ [HOOKS]: config('{ id: flake8, exclude: ^uv\\.lock$ }') }), ['flake8: flake8']);
    assert.deepEqual(await commands({ [HOOKS]: config('{ id: flake8, files: \\.py$ }') }), ['flake8: flake8']);
    assert.deepEqual(await commands({ [HOOKS]: config("{ id: prettier, files: '\\.(md|yml)$' }") }), [byHook('prettier')]);
  });

  it('runs in a copy where it mends, and mends on request', async () => {
    const gate = async (hook: string) => {
      const [found] = await detected({ [HOOKS]: config(hook) });
      return [found?.id, found?.category, found?.inCopy, found?.fix?.command.argv[2]];
    };
    assert.deepEqual(await gate('{ id: ruff, args: [--fix], files: ^src/ }'), ['ruff', 'lint', 'mends', 'ruff']);
    assert.deepEqual(await gate('{ id: ruff, files: ^src/ }'), ['ruff', 'lint', undefined, undefined]);
    assert.deepEqual(await gate('{ id: ruff-format, files: ^src/ }'), ['ruff-format', 'format', 'mends', 'ruff-format']);
    assert.deepEqual(await gate('{ id: isort, exclude: ^vendor/ }'), ['isort', 'format', 'mends', 'isort']);
  });
});
