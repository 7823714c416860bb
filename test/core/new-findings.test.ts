import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { appendFile, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Gate } from '../../src/core/gate-model.js';
import { outcomeReason } from '../../src/core/messages.js';
import { type Setup, withEngine } from '../support/engine.js';
import { eventually, lives, pidsIn } from '../support/processes.js';
import { told, withRepository } from '../support/repository.js';

const execute = promisify(execFile);

/** Results are kept behind the end of a run. */
function untilCached(run: Setup['run'], gate: Gate): Promise<void> {
  return eventually('an answer with all that was found', async () => {
    const [answer] = told(await run([gate], { cache: true }));
    return JSON.stringify(answer) === JSON.stringify(['cached failed', [1], []]);
  });
}

describe('a run of new findings only', () => {
  it('sets apart what is there where the branch left the default branch, and fails for the rest', async () => {
    await withRepository({ 'src/a.py': 'one\nBAD\n' }, async ({ run, lint, write, commit, ran }) => {
      await write({ 'src/a.py': 'zero\none\nBAD\n' });
      const moved = await run([lint], { newOnly: true });
      assert.deepEqual(told(moved), [['passed', [], [3]]]);
      assert.equal(moved.outcome, 'passed');
      const [operation] = moved.operations;
      const reason = operation?.outcome && outcomeReason(operation.outcome);
      assert.equal(reason, '1 finding was there where the branch left the default branch.');
      assert.deepEqual(await ran(), ['here', 'there']);
      await write({ 'src/b.py': 'two\nBAD too\n' });
      await commit();
      const added = await run([lint], { newOnly: true });
      assert.deepEqual(told(added), [['failed', [2], [3]]]);
      assert.equal(added.outcome, 'failed');
      assert.deepEqual(await ran(), ['here', 'there', 'here'], 'what was found there is remembered');
    });
  });

  it('compares with that commit, not with what the default branch has become', async () => {
    await withRepository({ 'src/a.py': 'BAD\n' }, async ({ run, lint, git, write, commit }) => {
      await git('switch', '-q', 'main');
      await write({ 'src/a.py': 'good\n' });
      await commit();
      await git('switch', '-q', 'feature');
      assert.deepEqual(told(await run([lint], { newOnly: true })), [['passed', [], [1]]]);
    });
  });

  it('compares with the last commit on the default branch itself', async () => {
    await withRepository({ 'src/a.py': 'BAD\n' }, async ({ run, lint, git, write }) => {
      await git('switch', '-q', 'main');
      await write({ 'src/b.py': 'BAD too\n' });
      assert.deepEqual(told(await run([lint], { newOnly: true })), [['failed', [1], [1]]]);
    });
  });

  it('runs nothing there when nothing is found here', async () => {
    await withRepository({ 'src/a.py': 'BAD\n' }, async ({ run, lint, write, ran }) => {
      await write({ 'src/a.py': 'good\n' });
      assert.deepEqual(told(await run([lint], { newOnly: true })), [['passed', [], []]]);
      assert.deepEqual(await ran(), ['here']);
    });
  });

  it('follows renamed files, whether git was told of it or not', async () => {
    const text = 'one\ntwo\nBAD\nthree\nfour\nfive\nsix\n';
    await withRepository({ 'src/a.py': text, 'src/b.py': text.replace('BAD', 'BAD too') }, async ({ run, lint, git, folder }) => {
      await git('mv', 'src/a.py', 'src/c.py');
      await rename(path.join(folder, 'src/b.py'), path.join(folder, 'src/d.py'));
      assert.deepEqual(told(await run([lint], { newOnly: true })), [['passed', [], [3, 3]]]);
    });
  });

  it('shows everything as new before the first commit, and says so when there is no git', async () => {
    await withEngine(async ({ folder, gate, run }) => {
      const lint = gate('lint', 'echo "a.py:1:1: E999 bad"; exit 1');
      const without = await run([lint], { newOnly: true });
      assert.equal(without.outcome, 'errored');
      assert.match(outcomeReason(without.operations[0]?.outcome ?? { kind: 'failed' }) ?? '', /may not be in a git repository/);
      await execute('git', ['init', '-q', '-b', 'main'], { cwd: folder });
      assert.deepEqual(told(await run([lint], { newOnly: true })), [['failed', [1], []]]);
    });
  });

  it('keeps failing when the gate passed there: what it fails for is new, listed or not', async () => {
    await withRepository({ 'src/a.py': 'BAD\n' }, async ({ run, gate, write }) => {
      const lenient = gate('lenient', 'echo "src/a.py:1:1: W1 warned"; [ ! -e broken ]');
      await write({ broken: '' });
      const { operations } = await run([lenient], { newOnly: true });
      assert.equal(operations[0]?.outcome?.kind, 'failed');
      assert.match(
        outcomeReason(operations[0]?.outcome ?? { kind: 'failed' }) ?? '',
        /something else that it does not list is new/,
      );
    });
  });

  it('sets nothing apart where the gate could not do its work, and says so', async () => {
    await withRepository({ 'src/a.py': 'BAD\n' }, async ({ run, gate, write }) => {
      const needy = gate('needy', '[ -e setup ] || exit 3; echo "src/a.py:1:1: E999 bad"; exit 1');
      await write({ setup: '' });
      const { operations } = await run([needy], { newOnly: true });
      assert.deepEqual(operations[0]?.findings.length, 1);
      assert.match(
        outcomeReason(operations[0]?.outcome ?? { kind: 'passed' }) ?? '',
        /could not be compared .* could not do its work there/,
      );
    });
  });

  it('answers from the cache, and never keeps there what it set apart as if that were all', async () => {
    await withRepository({ 'src/a.py': 'BAD\n' }, async ({ run, lint, ran }) => {
      const kept = { ...lint, reads: { files: ['src/**'], also: [], env: [] } };
      assert.deepEqual(told(await run([kept], { cache: true, newOnly: true })), [['passed', [], [1]]]);
      await untilCached(run, kept);
      const before = (await ran()).length;
      assert.deepEqual(told(await run([kept], { cache: true, newOnly: true })), [['cached passed', [], [1]]]);
      assert.equal((await ran()).length, before, 'nothing ran');
    });
  });

  it('runs only there when the answer for here is in the cache', async () => {
    await withRepository({ 'src/a.py': 'BAD\n' }, async ({ run, lint, ran }) => {
      const kept = { ...lint, reads: { files: ['src/**'], also: [], env: [] } };
      await untilCached(run, kept);
      const before = (await ran()).length;
      assert.deepEqual(told(await run([kept], { cache: true, newOnly: true })), [['cached passed', [], [1]]]);
      assert.deepEqual((await ran()).slice(before), ['there']);
    });
  });

  it('has the installed packages there, those of the workspace as of that commit', async () => {
    const first = { 'packages/own/value.txt': 'old', 'src/a.py': 'BAD\n' };
    await withRepository(first, async ({ run, gate, write, folder, places }) => {
      await write({ 'node_modules/tool/value.txt': 'tool', 'node_modules/.cache/kept': '', 'packages/own/value.txt': 'new' });
      await mkdir(path.join(folder, 'node_modules/@scope'), { recursive: true });
      await symlink('../../packages/own', path.join(folder, 'node_modules/@scope/own'));
      const script = `cat node_modules/tool/value.txt node_modules/@scope/own/value.txt >> '${places}'; echo >> '${places}'
        mkdir -p node_modules/.cache; touch node_modules/.cache/$(cat node_modules/@scope/own/value.txt)
        echo "$PWD/src/a.py:1:1: E999 in $PWD"; exit 1`;
      assert.deepEqual(told(await run([gate('lint', script)], { newOnly: true })), [['passed', [], [1]]]);
      assert.equal(await readFile(places, 'utf8'), 'toolnew\ntoolold\n');
      assert.deepEqual((await readdir(path.join(folder, 'node_modules/.cache'))).sort(), ['kept', 'new']);
    });
  });

  it('finds the sources of that commit for what is installed to be edited', async () => {
    await withRepository(
      { 'src/own.py': 'old', 'src/a.py': 'BAD\n', '.gitignore': '.venv\n' },
      async ({ run, gate, write, folder, places }) => {
        const info = { url: `file://${folder.replaceAll(' ', '%20')}`, dir_info: { editable: true } };
        await write({ '.venv/lib/python3.11/site-packages/own-1.dist-info/direct_url.json': JSON.stringify(info) });
        const script = `echo "$PYTHONPATH" >> '${places}'; echo "src/a.py:1:1: E999 bad"; exit 1`;
        assert.deepEqual(told(await run([gate('lint', script)], { newOnly: true })), [['passed', [], [1]]]);
        const [here, there = ''] = (await readFile(places, 'utf8')).split('\n');
        assert.equal(here, process.env['PYTHONPATH'] ?? '');
        assert.match(there, /worktrees\/[^:]*\/src:.*worktrees\/[^:/]*$/);
      },
    );
  });

  it('runs no hook of the project, and removes the worktree of a process that died', async () => {
    await withRepository({ 'src/a.py': 'BAD\n' }, async ({ run, lint, git, folder, storage, places }) => {
      const hook = path.join(folder, '.git/hooks/post-checkout');
      await writeFile(hook, `#!/bin/sh\necho hook >> '${places}'\n`, { mode: 0o755 });
      const stale = path.join(storage, 'worktrees', `${2 ** 22 + 1}-dead`);
      await git('-c', 'core.hooksPath=/dev/null', 'worktree', 'add', '--detach', '-q', stale, 'HEAD');
      await run([lint], { newOnly: true });
      assert.ok(!(await readFile(places, 'utf8')).includes('hook'));
      await rm(hook);
    });
  });

  it('leaves nothing when it is cancelled while the gate runs there', async () => {
    await withRepository({ 'src/a.py': 'BAD\n' }, async ({ gate, write, places, start }) => {
      await write({ here: '' });
      const script = `echo "src/a.py:1:1: E999 bad"; [ -e here ] && exit 1; echo $$ > '${places}'; exec sleep 600`;
      const active = start([gate('lint', script)], { slots: 2, newOnly: true });
      const [pid = 0] = await pidsIn(places, 1);
      await active.cancel();
      assert.equal((await active.finished).outcome, 'cancelled');
      assert.ok(!(await lives(pid)));
    });
  });

  it('builds there what the gate needs first, each once, and says so when that fails', async () => {
    const first = { 'src/a.py': 'BAD\n', '.gitignore': 'made\n' };
    await withRepository(first, async ({ run, gate, write, ran, places }) => {
      const build = gate('build', `pwd >> '${places}'; [ ! -e broken ] && echo 1 > made`, { parser: 'none', category: 'build' });
      const needs = [build.id];
      const script = '[ -e made ] || exit 3; echo "src/a.py:1:1: E999 bad"; exit 1';
      const gates = [build, gate('one', script, { needs }), gate('two', script, { needs })];
      assert.deepEqual(told(await run(gates, { newOnly: true })).slice(1), [
        ['passed', [], [1]],
        ['passed', [], [1]],
      ]);
      assert.deepEqual(await ran(), ['here', 'there']);
      await write({ 'src/b.py': '' });
    });
    await withRepository({ ...first, broken: '' }, async ({ run, gate, folder }) => {
      await rm(path.join(folder, 'broken'));
      const build = gate('build', '[ ! -e broken ]', { parser: 'none', category: 'build' });
      const lint = gate('lint', 'echo "src/a.py:1:1: E999 bad"; exit 1', { needs: [build.id] });
      const { operations } = await run([build, lint], { newOnly: true });
      assert.match(outcomeReason(operations[1]?.outcome ?? { kind: 'passed' }) ?? '', /what it needs could not be built there/);
    });
  });

  it('learns no durations from what ran there', async () => {
    await withRepository({ 'src/a.py': 'BAD\n' }, async ({ run, lint, storage }) => {
      const { operations, run: id } = await run([lint], { newOnly: true });
      const lines = (await readFile(path.join(storage, 'history.jsonl'), 'utf8')).trim().split('\n');
      const record = lines.map((line) => JSON.parse(line)).find((each) => each.entry?.run === id);
      const [operation] = operations;
      const running = operation?.segments.find(({ phase }) => phase === 'running');
      assert.ok(operation?.baseMs);
      assert.equal(record.durations.lint, (running?.to ?? 0) - (running?.from ?? 0) - operation.baseMs);
    });
  });

  it('gives parts of one gate the same base, found once', async () => {
    const first = { 'src/a.py': 'BAD\n', 'src/b.py': 'BAD too\n' };
    await withRepository(first, async ({ run, gate, storage, ran, places }) => {
      const script = `pwd >> '${places}'; grep -nH BAD "$@" | sed 's/^\\([^:]*:[0-9]*\\):.*/\\1:1: E999 bad/'; exit 1`;
      const divided = gate('lint', script, {
        files: { kind: 'files', takes: ['**/*.py'], targets: ['src/a.py', 'src/b.py'] },
        sharding: { kind: 'files' },
      });
      await mkdir(storage, { recursive: true });
      const entry = { run: 'r', label: '', startedAt: '', mode: 'parallel', makespanMs: 0, operations: 1, findings: 0 };
      const record = { version: 1, kind: 'run', entry, outputBytes: 0, durations: { lint: 60_000 } };
      await appendFile(path.join(storage, 'history.jsonl'), `${JSON.stringify(record)}\n`);
      const state = await run([divided], { newOnly: true });
      assert.equal(state.operations[0]?.parts?.length, 2);
      assert.deepEqual(told(state), [['passed', [], [1, 1]]]);
      assert.equal((await ran()).filter((place) => place === 'there').length, 1);
    });
  });
});
