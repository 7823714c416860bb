import assert from 'node:assert/strict';
import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Gate } from '../../src/core/gate-model.js';
import { outcomeReason } from '../../src/core/messages.js';
import { withEngine } from '../support/engine.js';
import { type Repository, withRepository } from '../support/repository.js';

/** Takes spaces from the ends of lines of all files that git tracks, and fails where there were any, as hooks do. */
const TRIMS = `changed=0
for file in $(git ls-files '*.txt'); do
  [ -f "$file" ] && [ ! -L "$file" ] && grep -q ' $' "$file" && sed -i.bak 's/ *$//' "$file" && rm "$file.bak" && changed=1
done
exit $changed`;

const trimmer = ({ gate, folder }: Pick<Repository, 'gate' | 'folder'>, id = 'trim', script = TRIMS): Gate =>
  gate(id, script, {
    tool: id,
    inCopy: 'mends',
    parser: 'none',
    access: { reads: [`${folder}/**`], writes: [], locks: [path.join(folder, '.git', 'copy')] },
  });

describe('a gate that tells what is wrong by mending it', () => {
  it('finds what it would change, as git tracks it and as it is now, and changes nothing', async () => {
    await withRepository({ 'a.txt': 'one\n', 'gone.txt': 'x \n', 'kept.txt': 'x \n', 'sub/b.txt': 'b\n' }, async (repository) => {
      const { folder, write, git, run } = repository;
      await write({ 'a.txt': 'one\ntwo \n', 'new.txt': 'new \n', 'untracked.txt': 'x \n', 'sub/b.txt': 'b \n' });
      await git('add', 'new.txt', 'sub/b.txt');
      await write({ 'sub/b.txt': 'b\nc \n' });
      await rm(path.join(folder, 'gone.txt'));
      await symlink('a.txt', path.join(folder, 'link.txt'));
      await git('add', 'link.txt');
      const before = await git('status', '--porcelain');
      const { operations } = await run([trimmer(repository)]);
      const [operation] = operations;
      assert.equal(operation?.outcome?.kind, 'failed');
      assert.deepEqual(
        operation.findings.map(({ file, line, message }) => [path.relative(folder, file), line, message]),
        [
          ['a.txt', 2, 'trim would change this file.'],
          ['kept.txt', 1, 'trim would change this file.'],
          ['new.txt', 1, 'trim would change this file.'],
          ['sub/b.txt', 2, 'trim would change this file.'],
        ],
      );
      assert.equal(await git('status', '--porcelain'), before);
      assert.equal(await readFile(path.join(folder, 'a.txt'), 'utf8'), 'one\ntwo \n');
    });
  });

  it('passes where it would change nothing, and sees nothing of what another one did', async () => {
    await withRepository({ 'a.txt': 'one \n' }, async (repository) => {
      const breaks = trimmer(repository, 'breaks', 'printf "x \\n" > a.txt; exit 1');
      const looks = trimmer(repository, 'looks', '[ "$(cat a.txt)" = "one " ]');
      const { operations } = await repository.run([breaks, looks, trimmer(repository, 'later', '[ "$(cat a.txt)" = "one " ]')]);
      assert.deepEqual(
        operations.map(({ outcome }) => outcome?.kind),
        ['failed', 'passed', 'passed'],
      );
    });
  });

  it('fails for what it says of unchanged files, too, at the places of the workspace', async () => {
    await withRepository({ 'a.txt': 'one\n' }, async (repository) => {
      const says = { ...trimmer(repository, 'says', 'echo "$PWD/a.txt:1:2: E1 wrong"; exit 1'), parser: 'flake8' };
      const { operations } = await repository.run([says]);
      const [found] = operations[0]?.findings ?? [];
      assert.deepEqual([found?.file, found?.line, found?.column], [path.join(repository.folder, 'a.txt'), 1, 2]);
    });
  });

  it('leaves nothing for the next one, whatever it made, put into the index, or was stopped at', async () => {
    await withRepository({ 'a.txt': 'one \n' }, async (repository) => {
      const { run, start } = repository;
      const looks = trimmer(repository, 'looks', '[ "$(cat a.txt)" = "one " ] && [ ! -e made ]');
      const kinds = ({ operations }: Awaited<ReturnType<typeof run>>) => operations.map(({ outcome }) => outcome?.kind);
      const staged = trimmer(repository, 'staged', 'echo x > a.txt; echo x > made; git add a.txt made');
      assert.deepEqual(kinds(await run([staged, looks])), ['failed', 'passed']);
      const late = { ...trimmer(repository, 'late', 'echo x > a.txt; echo x > made; sleep 600'), timeoutMs: 400 };
      assert.deepEqual(kinds(await run([late, looks])), ['timed out', 'passed']);
      const going = start([trimmer(repository, 'waits', 'echo x > a.txt; echo x > made; sleep 600'), looks]);
      await new Promise<void>((resolve) => {
        going.onEvent(({ kind }) => kind === 'started' && resolve());
      });
      const [waits] = going.state().operations;
      assert.ok(waits);
      await going.cancel(waits.id);
      assert.deepEqual(kinds(await going.finished), ['cancelled', 'passed']);
    });
  });

  it('leaves neither what git ignores nor a repository of its own for the next one', async () => {
    await withRepository({ 'a.txt': 'one\n', '.gitignore': '*.made\n' }, async (repository) => {
      const makes = trimmer(repository, 'makes', 'touch x.made; mkdir inner; git init -q inner; touch inner/file');
      const looks = trimmer(repository, 'looks', '! test -e x.made && ! test -e inner');
      const { operations } = await repository.run([makes, looks], { mode: 'sequential' });
      assert.deepEqual(
        operations.map(({ outcome }) => outcome?.kind),
        ['passed', 'passed'],
      );
    });
  });

  it('gives the next one another copy where what one left cannot be put back', async () => {
    await withRepository({ 'a.txt': 'one \n' }, async (repository) => {
      const { folder, git, run } = repository;
      const locked = trimmer(repository, 'locked', 'echo x > a.txt; touch "$(git rev-parse --git-path index.lock)"; exit 1');
      const commits = trimmer(repository, 'commits', 'git -c user.name=a -c user.email=a@b commit --quiet --allow-empty -m x');
      const looks = trimmer(repository, 'looks', '[ "$(cat a.txt)" = "one " ] && [ "$(git rev-list --count HEAD)" = 1 ]');
      const { operations } = await run([locked, looks, commits, { ...looks, id: 'again' as Gate['id'] }]);
      assert.deepEqual(
        operations.map(({ outcome }) => outcome?.kind),
        ['failed', 'passed', 'passed', 'passed'],
      );
      assert.equal((await git('worktree', 'list')).trim().split('\n').length, 1, folder);
    });
  });

  it('calls no hooks of the repository', async () => {
    await withRepository({ 'a.txt': 'one\n' }, async (repository) => {
      const { folder, run, write } = repository;
      const told = path.join(folder, '..', 'told');
      const hook = path.join(folder, '.git/hooks/reference-transaction');
      await mkdir(path.dirname(hook), { recursive: true });
      await writeFile(hook, `#!/bin/sh\necho called >> '${told}'\n`, { mode: 0o755 });
      await write({ 'new.txt': 'x\n' });
      await run([{ ...trimmer(repository, 'looks', 'true'), inCopy: 'compares' }]);
      await assert.rejects(readFile(told, 'utf8'));
    });
  });

  it('keeps installed packages in the copy, also where git does not ignore them', async () => {
    await withRepository({ 'a.txt': 'one\n' }, async (repository) => {
      const { folder, write, run } = repository;
      await write({ '.gitignore': '', 'node_modules/tool/index.js': 'x\n' });
      const looks = (id: string) => trimmer(repository, id, 'cat node_modules/tool/index.js; echo y > a.txt; exit 1');
      const { operations } = await run([looks('first'), looks('second')]);
      for (const { findings } of operations)
        assert.deepEqual(
          findings.map(({ file }) => path.relative(folder, file)),
          ['a.txt'],
        );
    });
  });

  it('touches nothing behind links, and follows directories that became files, links or new folders', async () => {
    await withRepository({ 'a/b.txt': 'x \n', 'd/e.txt': 'x\n', 'f.txt': 'x\n' }, async (repository) => {
      const { folder, git, write, run } = repository;
      const outside = path.join(path.dirname(folder), 'outside');
      await mkdir(outside);
      await writeFile(path.join(outside, 'b.txt'), 'precious \n');
      await rm(path.join(folder, 'a'), { recursive: true });
      await symlink(outside, path.join(folder, 'a'));
      await rm(path.join(folder, 'd'), { recursive: true });
      await rename(path.join(folder, 'f.txt'), path.join(folder, 'd'));
      await write({ 'f.txt/g.txt': 'g \n', 'new/h.txt': 'h\n' });
      await git('add', '--all');
      const own = trimmer(repository);
      const inside = { ...own, id: 'inside' as Gate['id'], command: { ...own.command, cwd: path.join(folder, 'new') } };
      const { operations } = await run([own, inside]);
      assert.deepEqual(
        operations.map(({ outcome, findings }) => [outcome?.kind, findings.map(({ file }) => path.relative(folder, file))]),
        [
          ['failed', ['f.txt/g.txt']],
          ['passed', []],
        ],
      );
      assert.equal(await readFile(path.join(outside, 'b.txt'), 'utf8'), 'precious \n');
    });
  });

  it('mends when it is asked to, which can be undone', async () => {
    await withRepository({ 'a.txt': 'one \n' }, async (repository) => {
      const { engine, folder } = repository;
      const own = trimmer(repository);
      const gate: Gate = { ...own, fix: { command: own.command, files: own.files } };
      const active = await engine.fix({ gates: [gate], scope: { kind: 'workspace' }, slots: 2 });
      await active?.finished;
      const file = path.join(folder, 'a.txt');
      assert.equal(await readFile(file, 'utf8'), 'one\n');
      const [change] = await engine.fixes();
      assert.ok(change);
      await engine.undoFix(change.id);
      assert.equal(await readFile(file, 'utf8'), 'one \n');
    });
  });

  it('cannot say what was there before, since it is not run there', async () => {
    await withRepository({ 'a.txt': 'one \n' }, async (repository) => {
      const { operations } = await repository.run([trimmer(repository)], { newOnly: true });
      const outcome = operations[0]?.outcome;
      assert.ok(outcome?.kind === 'failed' && outcome.base?.kind === 'unknown', JSON.stringify(outcome));
      assert.match(outcome.base.detail, /changes files/);
    });
  });

  it('says what it needs where there is no commit', async () => {
    await withEngine(async ({ folder, gate, run }) => {
      const { operations } = await run([trimmer({ folder, gate })]);
      const outcome = operations[0]?.outcome;
      assert.ok(outcome?.kind === 'errored');
      assert.match(outcomeReason(outcome) ?? '', /repository with at least one commit/);
    });
  });

  it('leaves nothing when it is cancelled', async () => {
    await withRepository({ 'a.txt': 'one \n' }, async (repository) => {
      const run = repository.start([trimmer(repository, 'waits', 'echo x > a.txt; sleep 600')]);
      await new Promise<void>((resolve) => {
        run.onEvent(({ kind }) => kind === 'started' && resolve());
      });
      await run.cancel();
      assert.equal(run.state().operations[0]?.outcome?.kind, 'cancelled');
      assert.equal(await readFile(path.join(repository.folder, 'a.txt'), 'utf8'), 'one \n');
    });
  });
});

/** Makes upper.txt of all other files and has git say whether it differs, as generated code is checked. */
const GENERATES = 'cat lower*.txt | tr a-z A-Z > upper.txt\ngit diff HEAD --exit-code -- upper.txt';

describe('a gate that makes files anew and compares them', () => {
  const generator = (repository: Repository, script = GENERATES): Gate => {
    const own = trimmer(repository, 'generated', `set -e\n${script}`);
    return { ...own, inCopy: 'compares', fix: { command: own.command, files: own.files } };
  };

  it('fails where what it makes differs from what lies there, at its place, and changes nothing', async () => {
    await withRepository({ 'lower.txt': 'a\nb\n', 'upper.txt': 'A\nX\n' }, async (repository) => {
      const { folder, git, run } = repository;
      const before = await git('status', '--porcelain');
      const { operations } = await run([generator(repository)]);
      assert.equal(operations[0]?.outcome?.kind, 'failed');
      const [finding] = operations[0].findings;
      assert.deepEqual(
        [finding?.file, finding?.line, finding?.message],
        [path.join(folder, 'upper.txt'), 2, 'generated would change this file.'],
      );
      assert.equal(await git('status', '--porcelain'), before);
      assert.equal(await readFile(path.join(folder, 'upper.txt'), 'utf8'), 'A\nX\n');
    });
  });

  it('passes on work that is not committed, also on new files, where what it makes is current', async () => {
    await withRepository({ 'lower.txt': 'a\n', 'upper.txt': 'A\n' }, async (repository) => {
      const { git, write, run } = repository;
      await write({ 'lower.txt': 'c\n', 'lower2.txt': 'd\n', 'upper.txt': 'C\nD\n', 'staged.txt': 'x\n' });
      await git('add', 'staged.txt');
      const head = await git('rev-parse', 'HEAD');
      const porcelain = generator(repository, 'cat lower*.txt | tr a-z A-Z > upper.txt\ntest -z "$(git status --porcelain)"');
      for (const gate of [generator(repository), porcelain]) {
        const { operations } = await run([gate]);
        assert.equal(operations[0]?.outcome?.kind, 'passed', JSON.stringify(operations[0]));
      }
      await write({ 'lower2.txt': 'e\n' });
      const { operations } = await run([porcelain]);
      assert.deepEqual([operations[0]?.outcome?.kind, operations[0]?.findings[0]?.line], ['failed', 2]);
      assert.equal(await git('rev-parse', 'HEAD'), head);
      assert.equal(await git('worktree', 'list').then((text) => text.trim().split('\n').length), 1);
    });
  });

  it('says why it ended where it made nothing, and passes where something else changed than it compares', async () => {
    await withRepository({ 'lower.txt': 'a\n', 'upper.txt': 'A\n', 'other.txt': 'x\n' }, async (repository) => {
      const breaks = {
        ...generator(repository, 'echo "no generator here" >&2\nexit 3'),
        exitCodes: { passed: [0], failed: [1, 3] },
      };
      const ended = await repository.run([breaks]);
      assert.deepEqual(
        ended.operations.map(({ outcome, findings }) => [
          outcome?.kind,
          findings.some(({ message }) => message.includes('no generator')),
        ]),
        [['failed', true]],
      );
      const beside = await repository.run([generator(repository, `echo y > other.txt\n${GENERATES}`)]);
      assert.deepEqual(
        beside.operations.map(({ outcome, findings }) => [outcome?.kind, findings.length]),
        [['passed', 0]],
      );
    });
  });

  it('makes what is current when it is asked to mend, which can be undone', async () => {
    await withRepository({ 'lower.txt': 'a\n', 'upper.txt': 'X\n' }, async (repository) => {
      const { engine, folder } = repository;
      const active = await engine.fix({ gates: [generator(repository)], scope: { kind: 'workspace' }, slots: 2 });
      const fixed = await active?.finished;
      const file = path.join(folder, 'upper.txt');
      assert.deepEqual([fixed?.run.operations[0]?.outcome?.kind, await readFile(file, 'utf8')], ['passed', 'A\n']);
      const [change] = await engine.fixes();
      assert.ok(change);
      await engine.undoFix(change.id);
      assert.equal(await readFile(file, 'utf8'), 'X\n');
    });
  });
});
