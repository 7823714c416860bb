import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { RunRequest } from '../../src/core/engine.js';
import type { Gate, Sharding } from '../../src/core/gate-model.js';
import type { Host } from '../../src/core/host.js';
import { outcomeReason } from '../../src/core/messages.js';
import type { GateId, OperationId, RunId, RunState } from '../../src/core/model.js';
import { withEngine } from '../support/engine.js';
import { eventually, lives, pidsIn, STUBBORN } from '../support/processes.js';

const git = promisify(execFile);
/** What flake8 prints, so that a line of shell can stand for a tool with findings. */
const FINDING = 'a.py:3:7: E999 wrong';

/** Puts durations in milliseconds into the history, as if gates had run before. */
async function remember(storage: string, durations: Readonly<Record<string, number>>): Promise<void> {
  await mkdir(storage, { recursive: true });
  const entry = { run: '20260101T000000000-000000', label: 'Before', startedAt: '2026-01-01T00:00:00.000Z', mode: 'parallel' };
  const record = { version: 1, kind: 'run', entry, outputBytes: 0, durations };
  await writeFile(path.join(storage, 'history.jsonl'), `${JSON.stringify(record)}\n`);
}

const outcomes = (state: RunState) => Object.fromEntries(state.operations.map(({ id, outcome }) => [id, outcome?.kind]));
const only = (state: RunState) => {
  const [operation] = state.operations;
  assert.ok(operation);
  return operation;
};

describe('The engine', () => {
  it('runs gates to their outcomes, findings at absolute places, and remembers them', async () => {
    await withEngine(async ({ engine, folder, gate, run }) => {
      const state = await run([gate('passes', 'exit 0'), gate('finds', `echo "${FINDING}"; exit 1`)]);
      assert.equal(state.outcome, 'failed');
      assert.deepEqual(outcomes(state), { passes: 'passed', finds: 'failed' });
      const [found] = state.operations[1]?.findings ?? [];
      assert.deepEqual([found?.file, found?.line, found?.column, found?.rule], [path.join(folder, 'a.py'), 3, 7, 'E999']);
      assert.equal((await engine.output(state.run, 'finds' as OperationId, 1000))?.text, `${FINDING}\n`);
      assert.deepEqual(
        (await engine.history()).map((entry) => [entry.run, entry.findings]),
        [[state.run, 1]],
      );
      assert.deepEqual(await engine.loadRun(state.run), { ...state });
    });
  });

  it('calls a tool that crashes, dies or prints garbage errored, says why, and keeps its output', async () => {
    await withEngine(async ({ engine, gate, run }) => {
      const state = await run([
        gate('crashes', 'echo "cannot read config" >&2; exit 2'),
        gate('dies', 'kill -SEGV $$'),
        gate('babbles', 'echo "}{ not json"; exit 1', { parser: 'eslint' }),
        gate('missing', '', { command: { argv: ['volley-no-such-tool'], cwd: '/', env: {}, shell: false } }),
        gate('fine', 'true'),
      ]);
      assert.equal(state.outcome, 'errored');
      assert.deepEqual(outcomes(state), {
        crashes: 'errored',
        dies: 'errored',
        babbles: 'errored',
        missing: 'errored',
        fine: 'passed',
      });
      const reasons = state.operations.map(({ outcome }) => outcome && outcomeReason(outcome));
      assert.match(reasons[0] ?? '', /exit code 2.*cannot read config/);
      assert.match(reasons[1] ?? '', /SIGSEGV/);
      assert.match(reasons[2] ?? '', /Tool gave output that Volley cannot read/);
      assert.match(reasons[3] ?? '', /"volley-no-such-tool" was not found/);
      assert.match((await engine.output(state.run, 'babbles' as OperationId, 1000))?.text ?? '', /not json/);
    });
  });

  it('keeps 200 MB of output whole on disk and shows its end', async () => {
    await withEngine(async ({ engine, gate, run }) => {
      const state = await run([gate('floods', 'yes 0123456789 | head -c 200000000; echo; echo end', { parser: 'none' })]);
      assert.deepEqual(outcomes(state), { floods: 'passed' });
      assert.equal(only(state).outputBytes, 200_000_005);
      const output = await engine.output(state.run, 'floods' as OperationId, 1000);
      assert.ok(output?.text.endsWith('\nend\n'));
      assert.equal((output?.omittedBytes ?? 0) + Buffer.byteLength(output?.text ?? ''), 200_000_005);
    });
  });

  it('stops a tool that hangs at its time limit, with its output kept', async () => {
    await withEngine(async ({ engine, gate, run }) => {
      const state = await run([gate('hangs', 'echo started; exec sleep 600')], { timeoutMs: 300 });
      assert.deepEqual(outcomes(state), { hangs: 'timed out' });
      assert.equal((await engine.output(state.run, 'hangs' as OperationId, 1000))?.text, 'started\n');
    });
  });

  it('stops everything on cancel, what ignores signals too, and one gate alone on request', async () => {
    await withEngine(async ({ folder, gate, start }) => {
      const pids = path.join(folder, 'pids');
      const deaf = (id: string) =>
        gate(id, STUBBORN.deaf, {
          command: { argv: ['sh', '-c', STUBBORN.deaf, 'sh', pids], cwd: folder, env: {}, shell: false },
        });
      const run = start([deaf('a'), deaf('b')], { slots: 2 });
      const started = await pidsIn(pids, 4);
      await run.cancel('a' as OperationId);
      assert.deepEqual(outcomes(run.state()), { a: 'cancelled', b: undefined });
      await run.cancel();
      assert.deepEqual(outcomes(run.state()), { a: 'cancelled', b: 'cancelled' });
      assert.ok((await Promise.all(started.map(lives))).every((alive) => !alive));
    });
  });

  it('leaves no process behind when it is disposed while a run goes on', async () => {
    await withEngine(async ({ engine, folder, gate, start }) => {
      const pids = path.join(folder, 'pids');
      const escaping = gate('a', '', {
        command: { argv: ['sh', '-c', STUBBORN.escaping, 'sh', pids], cwd: folder, env: {}, shell: false },
      });
      const run = start([escaping], { slots: 2 });
      const started = await pidsIn(pids, 1);
      await engine.dispose();
      assert.equal(run.state().outcome, 'cancelled');
      await eventually('the escaped process is gone', async () =>
        (await Promise.all(started.map(lives))).every((alive) => !alive),
      );
    });
  });

  it('executes nothing of a workspace that is not trusted', async () => {
    await withEngine(
      async ({ folder, gate, run }) => {
        const state = await run([gate('a', 'touch executed')], { scope: { kind: 'changed' } });
        assert.match(only(state).outcome?.kind ?? '', /errored/);
        assert.deepEqual(await readdir(folder), []);
      },
      { trusted: () => false },
    );
  });

  it('skips a gate that is not installed, which fails no run, and runs a chosen gate whose need was not chosen', async () => {
    await withEngine(async ({ gate, run }) => {
      const absent = gate('absent', 'exit 1', {
        availability: { kind: 'unavailable', reason: 'Not installed.', install: 'npm install' },
      });
      const state = await run([absent, gate('needing', 'true', { needs: ['build' as GateId] })]);
      assert.equal(state.outcome, 'passed');
      assert.deepEqual(outcomes(state), { absent: 'skipped', needing: 'passed' });
    });
  });

  it('hands over exactly the files in scope, whatever their names', async () => {
    await withEngine(async ({ engine, folder, gate, start }) => {
      const names = ['a b.txt', '-x.txt', '"q".txt', "it's.txt", 'nl\nx.txt', 'ümlaut €.txt', '$HOME.txt', '[x].txt', '*.txt'];
      await Promise.all(names.map((name) => writeFile(path.join(folder, name), '')));
      await writeFile(path.join(folder, 'other.md'), '');
      const taking = gate('a', 'printf "%s\\0" "$@"', {
        parser: 'none',
        files: { kind: 'files', takes: ['**/*.txt'], targets: ['.'] },
      });
      const run = start([taking], { scope: { kind: 'selected', files: [folder] }, slots: 1 });
      const state = await run.finished;
      const output = (await engine.output(state.run, 'a' as OperationId, 10_000))?.text ?? '';
      const given = output
        .split('\0')
        .filter(Boolean)
        .map((name) => name.replace(/^\.\//, ''));
      assert.deepEqual(given.sort(), [...names].sort());
    });
  });

  it('limits a run to changed files by git, and says so when there is no repository', async () => {
    await withEngine(async ({ folder, gate, run }) => {
      const taking = gate('a', 'echo "$@"', { parser: 'none', files: { kind: 'files', takes: ['**/*.txt'], targets: ['.'] } });
      const without = only(await run([taking], { scope: { kind: 'changed' } })).outcome;
      assert.ok(without?.kind === 'errored' && without.failure.kind === 'unknown scope', JSON.stringify(without));
      const options = { cwd: folder };
      await git('git', ['init', '-q', '-b', 'main'], options);
      await writeFile(path.join(folder, 'old.txt'), 'old');
      await git('git', ['add', '.'], options);
      await git('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', 'commit', '-qm', 'first'], options);
      assert.deepEqual(only(await run([taking], { scope: { kind: 'changed' } })).outcome, {
        kind: 'skipped',
        reason: { kind: 'no files in scope', scope: 'changed', inputs: ['**/*.txt'] },
      });
      await writeFile(path.join(folder, 'new file.txt'), 'new');
      const state = await run([taking], { scope: { kind: 'changed' } });
      assert.deepEqual(only(state).command?.argv.slice(-1), ['new file.txt']);
    });
  });

  it('names files by the folder that was opened, even when that is a symbolic link', async () => {
    await withEngine(async ({ folder, gate, run }) => {
      const link = `${folder}-link`;
      await symlink(folder, link);
      const linked = gate('a', `echo "$(pwd -P)/${FINDING}"; exit 1`, {
        folder: { name: 'l', path: link },
        command: { argv: ['sh', '-c', `echo "$(pwd -P)/${FINDING}"; exit 1`], cwd: link, env: {}, shell: false },
      });
      assert.equal(only(await run([linked])).findings[0]?.file, path.join(link, 'a.py'));
    });
  });

  it('gives its children a plain environment: no colours, no terminal, nothing of the editor', async () => {
    await withEngine(
      async ({ engine, gate, run }) => {
        const state = await run([gate('a', 'env', { parser: 'none' })]);
        const text = (await engine.output(state.run, 'a' as OperationId, 100_000))?.text ?? '';
        for (const line of ['NO_COLOR=1', 'TERM=dumb', 'KEPT=yes']) assert.ok(text.includes(`${line}\n`), line);
        assert.doesNotMatch(text, /ELECTRON_RUN_AS_NODE|VSCODE_/);
      },
      { env: { PATH: process.env['PATH'], KEPT: 'yes', ELECTRON_RUN_AS_NODE: '1', VSCODE_PID: '1', FORCE_COLOR: '1' } },
    );
  });

  it('shows the end of the output of a gate that failed and named no place, where the gate stands', async () => {
    await withEngine(async ({ folder, gate, run }) => {
      const state = await run([
        gate('fails', 'for i in $(seq 30); do echo "line $i"; done; echo oops >&2; exit 1', { parser: 'none' }),
      ]);
      const [finding, ...others] = only(state).findings;
      assert.deepEqual(others, []);
      assert.equal(finding?.output, true);
      assert.deepEqual([finding?.file, finding?.line], [path.join(folder, 'package.json'), 2]);
      assert.deepEqual(finding?.message.split('\n').slice(-2), ['line 30', 'oops']);
    });
  });

  it('fixes with the fixers of gates, never two on one file at a time, and undoes all of it in one step', async () => {
    await withEngine(async ({ engine, folder, gate }) => {
      await writeFile(path.join(folder, 'a.txt'), 'one');
      await writeFile(path.join(folder, 'b.txt'), 'one');
      const fixer = (word: string) => ({
        command: {
          argv: ['sh', '-c', `for f in "$@"; do printf %s "$(cat "$f") ${word}" > "$f"; done; exit 1`, 'sh'],
          cwd: folder,
          env: {},
          shell: false,
        },
        files: { kind: 'files', takes: ['**/*.txt'], targets: ['a.txt', 'b.txt'] } as const,
      });
      const gates = [
        gate('first', 'true', { fix: fixer('two') }),
        gate('second', 'true', { fix: fixer('three') }),
        gate('none', 'true'),
      ];
      const active = await engine.fix({ gates, scope: { kind: 'workspace' }, slots: 4 });
      const fixed = await active?.finished;
      assert.equal(fixed?.run.outcome, 'passed');
      assert.deepEqual(
        fixed.run.operations.map(({ id }) => id),
        ['fix:first', 'fix:second'],
      );
      assert.deepEqual(
        fixed.run.edges.map(({ reason }) => reason.kind),
        ['hazard'],
      );
      const text = () => readFile(path.join(folder, 'a.txt'), 'utf8');
      assert.equal(await text(), 'one two three');
      assert.deepEqual(
        fixed.changed.map((file) => path.basename(file)),
        ['a.txt', 'b.txt'],
      );
      assert.deepEqual(
        (await engine.fixes()).map(({ id }) => id),
        [fixed.undo],
      );
      assert.deepEqual((await engine.undoFix(fixed.undo ?? ''))?.conflicts, []);
      assert.equal(await text(), 'one');
      assert.deepEqual(await engine.fixes(), []);
      assert.equal(await engine.fix({ gates: [gate('none', 'true')], scope: { kind: 'workspace' }, slots: 4 }), undefined);
    });
  });

  it('answers a gate from the cache while nothing that decides its result changes, and never a trial', async () => {
    await withEngine(async ({ engine, folder, storage, gate, run }) => {
      const source = path.join(folder, 'a.py');
      const runs = `${storage}-runs`;
      const count = async () => (await readFile(runs, 'utf8').catch(() => '')).length;
      await writeFile(source, 'one');
      const reads = { files: ['**'], also: [], env: [] };
      const finds = gate('finds', `printf x >> '${runs}'; echo "${FINDING}"; exit 1`, { reads });
      const cached = async () => {
        const state = await run([finds], { cache: true });
        // What was found is kept behind the end of the run.
        await eventually(
          'the result is kept',
          async () => (await run([finds], { cache: true })).operations[0]?.outcome?.kind === 'cached',
        );
        return state;
      };
      const first = await cached();
      assert.equal(first.operations[0]?.outcome?.kind, 'failed');
      const before = await count();
      const again = await run([finds], { cache: true });
      const outcome = only(again).outcome;
      assert.ok(outcome?.kind === 'cached');
      assert.deepEqual([outcome.was, again.outcome], ['failed', 'failed']);
      assert.deepEqual(only(again).findings, first.operations[0]?.findings);
      assert.ok((await engine.output(outcome.run, 'finds' as OperationId, 1000))?.text.includes('E999'));
      assert.equal(await count(), before, 'nothing ran');
      assert.equal(only(await run([finds])).outcome?.kind, 'failed', 'only when it is asked for');
      await writeFile(source, 'two');
      assert.equal(only(await run([finds], { cache: true })).outcome?.kind, 'failed', 'the source changed');
      const writer = gate('writer', 'true', { access: { reads: [], writes: [`${folder}/**`], locks: [] } });
      const second = await run([writer, finds], { cache: true });
      assert.equal(second.operations[1]?.outcome?.kind, 'failed', 'another gate of the run may change what it reads');
    });
  });

  it('does not keep a result when a file changed while the gate ran', async () => {
    await withEngine(async ({ folder, gate, run }) => {
      await writeFile(path.join(folder, 'a.py'), 'one');
      const reads = { files: ['*.py'], also: [], env: [] };
      const changes = gate('changes', 'date +%N > a.py', { reads });
      await run([changes], { cache: true });
      for (let time = 0; time < 3; time += 1) assert.equal(only(await run([changes], { cache: true })).outcome?.kind, 'passed');
    });
  });

  it('does not answer with what a run without the cache has just contradicted', async () => {
    await withEngine(async ({ folder, storage, gate, run }) => {
      await writeFile(path.join(folder, 'a.py'), 'one');
      const reads = { files: ['*.py'], also: [], env: [] };
      const undeclared = `${storage}-undeclared`;
      const depends = gate('depends', `test ! -e '${undeclared}' || { echo "${FINDING}"; exit 1; }`, { reads });
      const answer = async () => {
        const outcome = only(await run([depends], { cache: true })).outcome;
        return outcome?.kind === 'cached' ? outcome.was : outcome?.kind;
      };
      await run([depends], { cache: true });
      await eventually('the result is kept', async () => only(await run([depends], { cache: true })).outcome?.kind === 'cached');
      await writeFile(undeclared, '');
      assert.equal(await answer(), 'passed');
      assert.equal(only(await run([depends], { cache: false })).outcome?.kind, 'failed');
      await eventually('the new result counts', async () => (await answer()) === 'failed');
    });
  });

  it('does not keep a result when a file was changed and changed back while the gate ran', async () => {
    await withEngine(async ({ folder, gate, run }) => {
      await writeFile(path.join(folder, 'a.py'), 'one');
      const reads = { files: ['*.py'], also: [], env: [] };
      const sees = 'sleep 0.1; printf two > a.py; cat a.py; printf one > a.py';
      const changes = gate('changes', sees, { reads });
      await run([changes], { cache: true });
      for (let time = 0; time < 3; time += 1) assert.equal(only(await run([changes], { cache: true })).outcome?.kind, 'passed');
    });
  });

  it('runs a gate that sets the bound in parts, with the outcome, findings and output of the whole', async () => {
    await withEngine(async ({ engine, folder, storage, gate, run }) => {
      const names = ['a.txt', 'b.txt', 'c.txt', 'd.txt'];
      for (const name of names) await writeFile(path.join(folder, name), name);
      await remember(storage, { slow: 10_000, quick: 100 });
      const slow = gate('slow', 'for file in "$@"; do echo "$file:3:7: E999 wrong"; done; test "$1" != b.txt', {
        files: { kind: 'files', takes: ['**/*.txt'], targets: names },
        sharding: { kind: 'files' },
      });
      const gates = [slow, gate('quick', 'true'), gate('after', 'true', { needs: ['slow' as GateId] })];
      const parallel = await run(gates, { slots: 2 });
      const divided = parallel.operations[0];
      assert.deepEqual(
        divided?.parts?.map(({ id }) => id),
        ['slow#1/2', 'slow#2/2'],
      );
      assert.deepEqual(divided.parts?.flatMap(({ files = [] }) => files.map((file) => path.basename(file))).sort(), names);
      const sequential = await run(gates, { mode: 'sequential' });
      assert.equal(sequential.operations[0]?.parts, undefined);
      const places = (state: RunState) => state.operations[0]?.findings.map(({ file }) => path.basename(file)).sort();
      assert.deepEqual(places(parallel), names);
      assert.deepEqual(places(parallel), places(sequential));
      assert.deepEqual(
        parallel.operations.map(({ outcome }) => outcome?.kind),
        ['failed', 'passed', 'skipped'],
      );
      const output = await engine.output(parallel.run, 'slow' as OperationId, 10_000);
      for (const name of names) assert.ok(output?.text.includes(name));
      assert.deepEqual(await engine.loadRun(parallel.run), parallel);
    });
  });

  it('gives parts what git ignores, too, where the tool would look at it', async () => {
    await withEngine(async ({ folder, storage, gate, run }) => {
      for (const name of ['a.txt', 'b.txt', 'made/c.txt']) {
        await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
        await writeFile(path.join(folder, name), name);
      }
      await writeFile(path.join(folder, '.gitignore'), 'made\n');
      await remember(storage, { slow: 10_000 });
      const slow = gate('slow', 'true', { files: { kind: 'files', takes: ['**/*.txt'], targets: ['.'] } });
      const needing: Gate = { ...slow, files: { kind: 'files', takes: ['**/*.txt'], targets: [], needsFiles: true } };
      const given = async (sharding: Sharding, of = slow) => {
        const { parts = [] } = only(await run([{ ...of, sharding }], { slots: 2 }));
        return parts.flatMap(({ files = [] }) => files.map((file) => path.basename(file))).sort();
      };
      assert.deepEqual(await given({ kind: 'files' }), ['a.txt', 'b.txt', 'c.txt']);
      assert.deepEqual(await given({ kind: 'files', heedsGitignore: true }), ['a.txt', 'b.txt']);
      // It is given as much in one piece, since it finds nothing by itself.
      assert.deepEqual(await given({ kind: 'files' }, needing), ['a.txt', 'b.txt']);
    });
  });

  it('divides a gate by the option of its tool, and stops all its parts when it is cancelled', async () => {
    await withEngine(async ({ storage, gate, start }) => {
      await remember(storage, { slow: 10_000 });
      const slow = gate('slow', 'echo "$@"; sleep 60', {
        parser: 'none',
        sharding: { kind: 'option', args: ['--shard={shard}/{shards}'], at: 4 },
      });
      const active = start([slow], { slots: 2 });
      await eventually(
        'both parts have begun',
        () => active.state().operations[0]?.parts?.every(({ tail }) => tail.includes('--shard=')) === true,
      );
      const parts = active.state().operations[0]?.parts ?? [];
      assert.deepEqual(parts.map(({ tail }) => tail.trim()).sort(), ['--shard=1/2', '--shard=2/2']);
      await active.cancel('slow' as OperationId);
      const { operations } = await active.finished;
      assert.deepEqual(
        [operations[0], ...(operations[0]?.parts ?? [])].map((operation) => operation?.outcome?.kind),
        ['cancelled', 'cancelled', 'cancelled'],
      );
    });
  });

  it('passes a part that had nothing to do, but not a gate whose parts all had nothing to do', async () => {
    await withEngine(async ({ storage, gate, run }) => {
      await remember(storage, { slow: 10_000 });
      const sharding = { kind: 'option', args: ['{shard}'], at: 4, env: { NONE: 'pass' }, nothing: 'found none' } as const;
      const slow = (script: string) => gate('slow', script, { parser: 'none', sharding });
      const some = only(await run([slow('test "$NONE" = pass && test "$1" = 1 || echo "found none"')], { slots: 2 }));
      assert.equal(some.parts?.length, 2);
      assert.equal(some.outcome?.kind, 'passed');
      const none = only(await run([slow('echo "found none"')], { slots: 2 }));
      assert.equal(none.parts?.length, 2);
      assert.equal(none.outcome?.kind, 'failed');
      assert.deepEqual(
        none.findings.map(({ message }) => message),
        ['No tests were found. Look at the patterns of its configuration, and at what its command names.'],
      );
    });
  });

  it('divides tests of Go by packages, each tested in one part, and what cannot be told alone with what lies below it', async () => {
    await withEngine(async ({ engine, folder, storage, gate, run }) => {
      const files = ['a/a.go', 'b/b.go', 'c/c_windows.go', 'c/d/d.go'];
      await writeFile(path.join(folder, 'go.mod'), 'module example.org/all\n');
      for (const file of files) {
        await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
        await writeFile(path.join(folder, file), 'package x\n');
      }
      await remember(storage, { slow: 10_000 });
      const command = { argv: ['sh', '-c', 'echo "$@"', 'test', '-v', './...', '-x'], cwd: folder, env: {}, shell: false };
      const sharding = { kind: 'packages', patterns: ['./...'] } as const;
      const slow = gate('slow', '', { parser: 'none', command, sharding });
      const state = await run([slow], { slots: 2 });
      const { parts = [] } = only(state);
      const output = await engine.output(state.run, 'slow' as OperationId, 10_000);
      const told = output?.text.split('\n').filter((line) => line.startsWith('-v ')) ?? [];
      assert.equal(told.length, 2, output?.text);
      for (const line of told) assert.match(line, /^-v .* -x$/);
      assert.deepEqual(told.flatMap((line) => line.split(' ').slice(1, -1)).sort(), ['./a', './b', './c/...']);
      assert.deepEqual(parts.flatMap(({ files: of = [] }) => of.map((file) => path.relative(folder, file))).sort(), files);
      const undivided = only(await run([{ ...slow, sharding: { kind: 'packages', patterns: ['./nowhere/...'] } }], { slots: 2 }));
      assert.equal(undivided.parts, undefined);
    });
  });

  it('predicts the time of a run once all its durations are known, keeps that with the run, and says what remains', async () => {
    await withEngine(async ({ engine, gate, run }) => {
      const gates = [gate('a', 'true'), gate('b', `echo "${FINDING}"; exit 1`)];
      assert.equal((await run(gates)).predicted, undefined);
      const request: RunRequest = {
        ...{ gates, scope: { kind: 'workspace' }, mode: 'parallel', slots: 2, failure: 'continue', label: 'Again' },
      };
      const active = engine.run(request);
      const remaining: unknown[] = [];
      active.onEvent((event) => {
        if (event.kind === 'started') remaining.push(active.remaining()?.endsAt);
      });
      const state = await active.finished;
      assert.ok((state.predicted?.ms ?? 0) > 0);
      assert.ok(remaining.length === 2 && remaining.every((each) => typeof each === 'number'));
      assert.equal(active.remaining(), undefined, 'it has ended');
      assert.deepEqual((await engine.loadRun(state.run))?.predicted, state.predicted);
      assert.equal((await engine.history())[0]?.predictedMs, state.predicted?.ms);
      assert.equal((await run([...gates, gate('new', 'true')])).predicted, undefined);
    });
  });

  it('knows how long a command of a batch takes from another batch, under another name', async () => {
    await withEngine(async ({ engine }) => {
      const slots = { slots: 2 };
      const planned = async (id: string, argv: readonly string[]) => {
        const result = await engine.planBatch(JSON.stringify({ operations: [{ id, tool: 'command', input: { argv } }] }), slots);
        assert.ok(result.kind === 'batch');
        return result.batch;
      };
      const batch = await planned('one', ['sh', '-c', 'exit 0']);
      assert.equal(engine.predict(batch, slots), undefined);
      await engine.runBatch({ batch, mode: 'parallel', ...slots, failure: 'continue', label: 'One' }).finished;
      assert.ok((engine.predict(await planned('other', ['sh', '-c', 'exit 0']), slots)?.ms ?? 0) > 0);
      assert.equal(engine.predict(await planned('one', ['sh', '-c', 'exit 1']), slots), undefined);
    });
  });

  it('reads a large report in a thread of its own, with the same findings', async () => {
    const script = 'seq 1 30000 | sed "s/.*/a.py:&:1: E501 line too long/"; exit 1';
    const findings = async (host: Partial<Host>) => {
      let found: RunState['operations'][number]['findings'] = [];
      await withEngine(async ({ gate, run }) => {
        found = only(await run([gate('a', script)])).findings;
      }, host);
      return found.map(({ line, message, rule }) => ({ line, message, rule }));
    };
    const inThread = await findings({ parserWorker: path.join(import.meta.dirname, '../../dist/parse-worker.cjs') });
    assert.equal(inThread.length, 30_000);
    assert.deepEqual(inThread, await findings({}));
  });

  it('keeps the outputs of gates apart, however long, alike or foreign their names are', async () => {
    await withEngine(async ({ engine, gate, run }) => {
      const ids = [
        'x'.repeat(300),
        `${'x'.repeat(300)}y`,
        'packages/データ解析ライブラリ-a/test',
        'packages/データ解析ライブラリ-b/test',
        'A',
        'a',
        '../a',
      ];
      const state = await run(ids.map((id, index) => gate(id, `echo ${index}`, { parser: 'none' })));
      for (const [index, id] of ids.entries()) {
        assert.equal((await engine.output(state.run, id as OperationId, 1000))?.text, `${index}\n`, id);
      }
    });
  });

  it('shows the findings of a tool that wrote nothing for people, and a report that nobody could read as it is', async () => {
    await withEngine(async ({ engine, folder, gate, run }) => {
      const reporting = (id: string, report: string) =>
        gate(id, '', {
          parser: 'eslint',
          command: {
            argv: ['sh', '-c', `printf '%s' '${report}' > "$1"; exit 1`, 'sh', '{report}'],
            cwd: folder,
            env: {},
            shell: false,
          },
        });
      const results = [{ filePath: 'a.ts', messages: [{ ruleId: 'r', severity: 2, message: 'Wrong.', line: 1, column: 2 }] }];
      const state = await run([reporting('good', JSON.stringify({ results, metadata: {} })), reporting('garbage', '}{')]);
      const output = async (id: string) => (await engine.output(state.run, id as OperationId, 1000))?.text;
      assert.equal(await output('good'), `${path.join(folder, 'a.ts')}:1:2: error: Wrong. (r)\n`);
      assert.equal(await output('garbage'), '}{');
      assert.equal(state.operations[1]?.outcome?.kind, 'errored');
    });
  });

  it('has no output of a run that is not kept, and leaves a damaged run out', async () => {
    await withEngine(async ({ engine, gate, run, storage }) => {
      const state = await run([gate('a', 'true')]);
      assert.equal(await engine.output('other' as RunId, 'a' as OperationId, 10), undefined);
      await writeFile(
        path.join(storage, 'runs', state.run, 'events.jsonl'),
        '{"kind":"queued","operation":"a","sequence":1,"at":0}\n',
      );
      assert.equal(await engine.loadRun(state.run), undefined);
    });
  });

  it('does not run a gate that was cancelled while the run was being prepared', async () => {
    await withEngine(async ({ folder, gate, start }) => {
      const gates = [gate('a', 'touch executed'), gate('b', 'true')];
      const run = start(gates, { slots: 2 });
      await run.cancel('a' as OperationId);
      assert.deepEqual(outcomes(await run.finished), { a: 'cancelled', b: 'passed' });
      assert.deepEqual(await readdir(folder), []);
    });
  });

  it('reads every line of a gate that needs several command lines', async () => {
    await withEngine(async ({ folder, gate, run }) => {
      const names = Array.from({ length: 2500 }, (_, index) => `${'long-'.repeat(15)}${index}.txt`);
      await Promise.all(names.map((name) => writeFile(path.join(folder, name), '')));
      const taking = gate('a', 'for f; do echo "$f:1:1: E1 found"; done; exit 1', {
        files: { kind: 'files', takes: ['**/*.txt'], targets: ['.'] },
      });
      const state = await run([taking], { scope: { kind: 'selected', files: [folder] } });
      assert.equal(only(state).findings.length, 2500);
    });
  });

  it('tells with each operation the files that it was limited to', async () => {
    await withEngine(async ({ folder, gate, run }) => {
      await writeFile(path.join(folder, 'a.txt'), '');
      const taking = gate('a', 'true', { parser: 'none', files: { kind: 'files', takes: ['**/*.txt'], targets: ['.'] } });
      assert.deepEqual(only(await run([taking], { scope: { kind: 'selected', files: [folder] } })).files, [
        path.join(folder, 'a.txt'),
      ]);
      assert.equal(only(await run([taking])).files, undefined);
    });
  });

  it('survives a view that fails on an event', async () => {
    await withEngine(async ({ gate, start }) => {
      const run = start([gate('a', 'true')], { slots: 1 });
      run.onEvent(() => {
        throw new Error('view');
      });
      assert.equal((await run.finished).outcome, 'passed');
    });
  });

  it('leaves nothing but history, figures and outputs in its storage', async () => {
    await withEngine(async ({ gate, run, storage }) => {
      const state = await run([gate('a', 'echo "{report}" > name; echo x > "{report}"')]);
      assert.deepEqual((await readdir(storage)).sort(), ['figures.jsonl', 'history.jsonl', 'runs']);
      const kept = (await readdir(path.join(storage, 'runs', state.run))).map((name) => name.replace(/-[0-9a-f]{12}/, ''));
      assert.deepEqual(kept.sort(), ['a.err', 'a.out', 'events.jsonl']);
      assert.match(await readFile(path.join(storage, 'history.jsonl'), 'utf8'), /^\{"version":1/);
    });
  });
});
