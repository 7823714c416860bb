import assert from 'node:assert/strict';
import { CI, detected, gatesOf, run, workflow } from '../../support/detected.js';

const HOOKS = '.pre-commit-config.yaml';
const config = (hooks: string, before = '') =>
  `${before}repos:\n- repo: https://github.com/pre-commit/pre-commit-hooks\n  hooks: [${hooks}]\n- repo: local\n  hooks: [{ id: mine, entry: ./tidy.sh, language: script }, { id: types, entry: make lint, language: system }]\n`;
const ALL = workflow(run('pre-commit run --all-files'));
const gatesWith = async (hooks: string, ci = ALL, before = '') => {
  const found = await gatesOf({ [HOOKS]: config(hooks, before), [CI]: ci, Makefile: 'lint:\n\truff check .\n' });
  return found.flatMap((each) => (each.includes('pre-commit') ? each.replace(/: .*?pre-commit/, ':') : []));
};

describe('a hook that changes files', () => {
  it('is a gate of its own, since it fails for what it changes, but not where CI runs single hooks by name', async () => {
    const each = (id: string) => `${id}: run ${id} --all-files --color=never`;
    assert.deepEqual(await gatesWith('{ id: trailing-whitespace }'), [each('mine'), each('trailing-whitespace')]);
    assert.deepEqual(await gatesWith('{ id: trailing-whitespace }', workflow(run('true'))), [
      each('mine'),
      each('trailing-whitespace'),
    ]);
    assert.deepEqual(await gatesWith('{ id: trailing-whitespace }', workflow(run('pre-commit run ruff -a'))), []);
  });

  it('is none where it is left out, asked for by hand, or looks at commits', async () => {
    const ids = async (hooks: string, ci = ALL, before = '') =>
      (await gatesWith(hooks, ci, before)).map((each) => each.replace(/:.*/, '')).filter((id) => id !== 'mine');
    assert.deepEqual(await ids('{ id: trailing-whitespace, stages: [manual] }, { id: no-commit-to-branch }'), []);
    assert.deepEqual(await ids('{ id: trailing-whitespace, stages: [pre-push] }'), []);
    assert.deepEqual(await ids('{ id: trailing-whitespace }', ALL, 'default_stages: [pre-push]\n'), []);
    const skips = workflow(run('SKIP=trailing-whitespace,mine pre-commit run --all-files'));
    assert.deepEqual(await ids('{ id: trailing-whitespace }, { id: end-of-file-fixer }', skips), ['end-of-file-fixer']);
    const told = 'env: { SKIP: end-of-file-fixer }\nrun: pre-commit run --all-files';
    assert.deepEqual(await ids('{ id: trailing-whitespace }, { id: end-of-file-fixer }', workflow(told)), [
      'trailing-whitespace',
    ]);
    const service = 'ci: { skip: [end-of-file-fixer] }\n';
    const both = '{ id: trailing-whitespace }, { id: end-of-file-fixer }';
    assert.deepEqual(await ids(both, workflow(run('true')), service), ['trailing-whitespace']);
  });

  it('runs in a copy, one of them after another, is never answered from the cache, and mends on request', async () => {
    const found = await detected({ [HOOKS]: config('{ id: trailing-whitespace }'), [CI]: ALL });
    const gate = found.find(({ id }) => id === 'trailing-whitespace');
    assert.equal(gate?.category, 'format');
    assert.deepEqual([gate?.inCopy, gate?.access.writes, gate?.access.locks.length, gate?.reads], ['mends', [], 1, undefined]);
    assert.deepEqual(gate?.fix?.command.argv.slice(1), ['run', 'trailing-whitespace', '--all-files', '--color=never']);
  });
});
