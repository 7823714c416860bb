import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Gate } from '../../src/core/gate-model.js';
import { outcomeReason } from '../../src/core/messages.js';
import type { RunState } from '../../src/core/model.js';
import { eventually, lives, pidsIn } from '../support/processes.js';
import { told, withRepository } from '../support/repository.js';

const execute = promisify(execFile);

/** What is said of how the only operation ended. */
function reason({ operations }: RunState): string {
  const [operation] = operations;
  return (operation?.outcome && outcomeReason(operation.outcome)) ?? '';
}

/** Its output is all that it finds. */
const PLAIN = { parser: 'none', exitCodes: { passed: [0], failed: [1] } } as const satisfies Partial<Gate>;

describe('where the branch left the default branch', () => {
  it('nothing is written into the index of a hook, nor do gates see its repository', async () => {
    const env: Record<string, string | undefined> = { ...process.env };
    const first = { 'src/a.py': 'BAD\n' };
    await withRepository(
      first,
      async ({ run, gate, folder, write, git, places }) => {
        const index = path.join(folder, '.git/index.hook');
        await write({ 'src/added.py': 'good\n' });
        await git('add', '.');
        await copyFile(path.join(folder, '.git/index'), index);
        Object.assign(env, { GIT_INDEX_FILE: index, GIT_DIR: path.join(folder, '.git'), GIT_WORK_TREE: folder });
        const script = `git rev-parse --show-toplevel >> '${places}'; echo "src/a.py:1:1: E999 bad"; exit 1`;
        assert.deepEqual(told(await run([gate('lint', script)], { newOnly: true })), [['passed', [], [1]]]);
        const { stdout } = await execute('git', ['ls-files'], { cwd: folder, env: { ...process.env, GIT_INDEX_FILE: index } });
        assert.deepEqual(stdout.trim().split('\n'), ['.gitignore', 'src/a.py', 'src/added.py']);
        const [here, there = ''] = (await readFile(places, 'utf8')).trim().split('\n');
        assert.equal(here, folder);
        assert.match(there, /worktrees/);
        await rm(index);
      },
      { env },
    );
  });

  it('the code of the commit counts also for what is installed to be edited outside of the workspace', async () => {
    const env: Record<string, string | undefined> = { ...process.env };
    await withRepository(
      { 'src/own.py': 'old', 'src/a.py': 'BAD\n' },
      async ({ run, gate, folder, places }) => {
        const environment = path.join(path.dirname(folder), 'elsewhere');
        const site = path.join(environment, 'lib/python3.11/site-packages');
        await mkdir(site, { recursive: true });
        await writeFile(path.join(site, 'own.pth'), `import os\n${folder}/src\n/usr/share\n`);
        env['VIRTUAL_ENV'] = environment;
        const script = `echo "$PYTHONPATH" >> '${places}'; echo "src/a.py:1:1: E999 bad"; exit 1`;
        await run([gate('lint', script)], { newOnly: true });
        const [, there = ''] = (await readFile(places, 'utf8')).split('\n');
        assert.match(there.split(':')[0] ?? '', /worktrees\/[^:]*\/src$/);
        assert.ok(!there.includes('/usr/share'));
      },
      { env },
    );
  });

  it('an output is known by all of it and by its numbers, whatever time it took', async () => {
    const numbers = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}`).join('\n');
    await withRepository({ 'src/a.txt': numbers(12), took: '1.25s' }, async ({ run, gate, write }) => {
      const todo = gate('todo', 'cat src/*; echo; echo "in $(cat took) at $PWD"; exit 1', PLAIN);
      await write({ took: '17 ms' });
      assert.equal((await run([todo], { newOnly: true })).outcome, 'passed');
      await write({ 'src/0.txt': 'brand new\n' });
      assert.equal((await run([todo], { newOnly: true })).outcome, 'failed');
      const counts = gate('counts', 'ls src | wc -l; exit 1', PLAIN);
      assert.equal((await run([counts], { newOnly: true })).outcome, 'failed');
    });
  });

  it('a coverage that newly is too low is a finding', async () => {
    await withRepository({ 'src/a.py': 'BAD\n' }, async ({ run, gate, write }) => {
      const line = 'ERROR: Coverage for lines (25.92%) does not meet global threshold (80%)';
      const script = `echo "src/a.py:1:1: E999 bad"; [ -e low ] && echo "${line}" >&2; exit 1`;
      const test = gate('test', script, { category: 'test' });
      assert.equal((await run([test], { newOnly: true })).outcome, 'passed');
      await write({ low: '' });
      const { outcome, operations } = await run([test], { newOnly: true });
      assert.equal(outcome, 'failed');
      assert.deepEqual(
        operations[0]?.findings.map(({ rule, message }) => [rule, message]),
        [['coverage', 'Coverage for lines (25.92%) does not meet global threshold (80%)']],
      );
    });
  });

  it('other dependencies leave it open what types and tests found, but not what a linter did', async () => {
    const manifest = (version: string, script: string) =>
      JSON.stringify({ scripts: { test: script }, dependencies: { dep: version } });
    await withRepository({ 'src/a.py': 'BAD\n', 'package.json': manifest('1', 'a') }, async ({ run, gate, write, lint }) => {
      const types = gate('types', 'echo "src/a.py:1:1: E999 bad"; exit 1', { category: 'types' });
      await write({ 'package.json': manifest('1', 'b') });
      assert.deepEqual(told(await run([types], { newOnly: true, cache: false })), [['passed', [], [1]]]);
      await write({ 'package.json': manifest('2', 'b') });
      const state = await run([types], { newOnly: true, cache: false });
      assert.deepEqual(told(state), [['failed', [1], []]]);
      assert.match(reason(state), /package\.json has changed since, so what is installed is not what it had there/);
      assert.deepEqual(told(await run([lint], { newOnly: true })), [['passed', [], [1]]]);
    });
  });

  it('submodules are there as that commit wants them', async () => {
    await withRepository({ 'src/a.py': 'BAD\n' }, async ({ run, gate, git, folder, places }) => {
      const inner = path.join(path.dirname(folder), 'inner');
      const inside = (...args: string[]) =>
        execute('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { cwd: inner });
      await mkdir(inner);
      await inside('init', '-q', '-b', 'main');
      await writeFile(path.join(inner, 'value'), 'old');
      await inside('add', '.');
      await inside('commit', '-qm', 'old');
      await git('switch', '-q', 'main');
      await git('-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', inner, 'lib');
      await git('commit', '-qm', 'lib');
      await git('switch', '-q', 'feature');
      await git('merge', '-q', 'main');
      await writeFile(path.join(folder, 'lib/value'), 'new');
      const script = `cat lib/value >> '${places}'; echo "src/a.py:1:1: E999 bad"; exit 1`;
      assert.deepEqual(told(await run([gate('lint', script)], { newOnly: true })), [['passed', [], [1]]]);
      assert.equal(await readFile(places, 'utf8'), 'newold');
      const { stdout } = await execute('git', ['worktree', 'list'], { cwd: path.join(folder, 'lib') });
      assert.equal(stdout.trim().split('\n').length, 1);
    });
  });

  it('what a build writes into a hidden directory of the packages stays there', async () => {
    const first = { 'src/a.py': 'BAD\n', schema: 'old' };
    await withRepository(first, async ({ run, gate, write, folder }) => {
      await write({ schema: 'new', 'node_modules/.client/made': 'before' });
      const build = gate('build', 'cp schema node_modules/.client/made', { parser: 'none', category: 'build' });
      const check = gate('check', 'echo "src/a.py:1:1: E999 $(cat node_modules/.client/made)"; exit 1', { needs: [build.id] });
      assert.deepEqual(told(await run([build, check], { newOnly: true }))[1], ['failed', [1], []]);
      assert.equal(await readFile(path.join(folder, 'node_modules/.client/made'), 'utf8'), 'new');
    });
  });

  it('a workspace that is opened by a link is the same one', async () => {
    await withRepository({ 'src/a.py': 'BAD\n' }, async ({ run, lint, folder }) => {
      const linked = path.join(path.dirname(folder), 'linked');
      await symlink(folder, linked);
      const opened: Gate = {
        ...lint,
        folder: { name: 'w', path: linked },
        command: { ...lint.command, cwd: linked },
      };
      assert.deepEqual(told(await run([opened], { newOnly: true })), [['passed', [], [1]]]);
    });
  });

  it('packages that are a link to others are there, too', async () => {
    await withRepository({ 'src/a.py': 'BAD\n', '.gitignore': '' }, async ({ run, gate, folder }) => {
      const shared = path.join(path.dirname(folder), 'shared');
      await mkdir(path.join(shared, 'tool'), { recursive: true });
      await symlink(shared, path.join(folder, 'node_modules'));
      const lint = gate('lint', '[ -d node_modules/tool ] || exit 3; echo "src/a.py:1:1: E999 bad"; exit 1');
      assert.deepEqual(told(await run([lint], { newOnly: true })), [['passed', [], [1]]]);
    });
  });

  it('a gate has its time limit again', async () => {
    await withRepository({ 'src/a.py': 'BAD\n' }, async ({ run, gate, write }) => {
      await write({ here: '' });
      const script = 'echo "src/a.py:1:1: E999 bad"; [ -e here ] || sleep 600; exit 1';
      const state = await run([gate('lint', script, { timeoutMs: 1500 })], { newOnly: true });
      assert.deepEqual(told(state), [['failed', [1], []]]);
      assert.match(reason(state), /it could not do its work there/);
    });
  });

  it('is looked at again where no cache is to be believed', async () => {
    await withRepository({ 'src/a.py': 'BAD\n' }, async ({ run, lint, ran }) => {
      await run([lint], { newOnly: true });
      await run([lint], { newOnly: true });
      await run([lint], { newOnly: true, cache: false });
      assert.deepEqual(await ran(), ['here', 'there', 'here', 'here', 'there']);
    });
  });

  it('leaves no process of git when it is cancelled while git checks it out', async () => {
    await withRepository({ 'src/a.py': 'BAD\n' }, async ({ engine, lint, git, write, commit, folder }) => {
      const mark = path.join(path.dirname(folder), 'filtering');
      await git('switch', '-q', 'main');
      await write({ '.gitattributes': '*.slow filter=slow\n', 'x.slow': 'x' });
      await commit();
      await git('switch', '-q', 'feature');
      await git('merge', '-q', 'main');
      await git('config', 'filter.slow.smudge', `sh -c 'echo $$ > "${mark}"; exec sleep 600'`);
      const active = engine.run({
        ...{ gates: [lint], scope: { kind: 'workspace' }, mode: 'parallel', slots: 2, failure: 'continue', label: 'Test' },
        newOnly: true,
      });
      const [pid = 0] = await pidsIn(mark, 1);
      await active.cancel();
      assert.equal((await active.finished).outcome, 'cancelled');
      await eventually('the filter has ended', async () => !(await lives(pid)));
      await git('config', '--unset', 'filter.slow.smudge');
    });
  });

  it('is removed also when its making was cut short', async () => {
    await withRepository({ 'src/a.py': 'BAD\n' }, async ({ run, lint, git, storage }) => {
      const stale = path.join(storage, 'worktrees', `${2 ** 22 + 1}-dead`);
      await git('-c', 'core.hooksPath=/dev/null', 'worktree', 'add', '--lock', '--detach', '-q', stale, 'HEAD');
      await run([lint], { newOnly: true });
      assert.deepEqual(await readdir(path.join(storage, 'worktrees')), []);
    });
  });

  it('finds what was there in the text as it was found, whatever is edited meanwhile', async () => {
    const text = 'one\ntwo\nBAD\n';
    await withRepository({ 'src/a.py': text }, async ({ run, gate, write, folder, places }) => {
      await write({ here: '', 'src/a.py': `zero\n${text}` });
      // Named by a file, since a path in the command itself would lead into the worktree.
      await writeFile(places, path.join(folder, 'src/a.py'));
      const edit = `printf 'a\\nb\\nc\\nd\\n' > "$(cat '${places}')"`;
      const script = `grep -nH BAD src/a.py | sed 's/^\\([^:]*:[0-9]*\\):.*/\\1:1: E999 bad/'; [ -e here ] || ${edit}; exit 1`;
      assert.deepEqual(told(await run([gate('lint', script)], { newOnly: true })), [['passed', [], [4]]]);
    });
  });

  it('an argument that only begins like the workspace leads where it did', async () => {
    await withRepository({ 'src/a.py': 'BAD\n' }, async ({ run, gate, folder }) => {
      const beside = `${folder} + more`;
      await mkdir(beside);
      await writeFile(path.join(beside, 'set'), '');
      const lint = gate('lint', '[ -e "$1" ] && echo "src/a.py:1:1: E999 bad"; exit 1');
      const command = { ...lint.command, argv: [...lint.command.argv, path.join(beside, 'set')] };
      assert.deepEqual(told(await run([{ ...lint, command }], { newOnly: true })), [['passed', [], [1]]]);
    });
  });
});
