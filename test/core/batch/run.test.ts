import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ActiveBatch, BatchRequest, Engine } from '../../../src/core/engine.js';
import type { Host } from '../../../src/core/host.js';
import type { OperationId, RunState } from '../../../src/core/model.js';
import { answersText, batchSummary } from '../../../src/core/report/batch.js';
import { withEngine } from '../../support/engine.js';
import { eventually, lives, pidsIn } from '../../support/processes.js';

interface Ran {
  readonly state: RunState;
  readonly run: ActiveBatch;
  /** `id: outcome` of each, in sequential order. */
  readonly outcomes: readonly string[];
  text(id: string): string | undefined;
}

async function start(engine: Engine, operations: readonly unknown[], more: Partial<BatchRequest> = {}): Promise<ActiveBatch> {
  const planned = await engine.planBatch(JSON.stringify({ operations }), { slots: 4 });
  assert.ok(planned.kind === 'batch', JSON.stringify(planned));
  return engine.runBatch({
    batch: planned.batch,
    mode: 'parallel',
    slots: 4,
    failure: 'continue',
    label: 'Test',
    ...more,
  });
}

async function ran(engine: Engine, operations: readonly unknown[], more: Partial<BatchRequest> = {}): Promise<Ran> {
  const run = await start(engine, operations, more);
  const state = await run.finished;
  return {
    state,
    run,
    outcomes: state.operations.map(({ id, outcome }) => `${id}: ${outcome?.kind}`),
    text: (id) => run.results.get(id as OperationId)?.text,
  };
}

const write = (id: string, file: string, content: string, more: object = {}) => ({
  ...{ id, tool: 'write', input: { path: file, content } },
  ...more,
});
const read = (id: string, file: string, more: object = {}) => ({ id, tool: 'read', input: { path: file }, ...more });
const sh = (id: string, shell: string, more: object = {}) => ({ id, tool: 'command', input: { shell }, ...more });

async function problems(engine: Engine, operations: readonly unknown[]): Promise<readonly string[]> {
  const planned = await engine.planBatch(JSON.stringify({ operations }), { slots: 4 });
  return planned.kind === 'problems' ? planned.problems.map(({ message }) => message) : [];
}

describe('A batch', () => {
  it('gives each operation what one after another would have given it', async () => {
    await withEngine(async ({ engine, folder }) => {
      await writeFile(path.join(folder, 'a.txt'), 'old');
      const { text, outcomes } = await ran(engine, [
        read('before', 'a.txt'),
        write('change', 'a.txt', 'new'),
        read('after', 'a.txt'),
        sh('command', 'cat a.txt; printf more >> a.txt'),
        read('last', 'a.txt'),
      ]);
      assert.deepEqual([text('before'), text('after'), text('command'), text('last')], ['old', 'new', 'new', 'newmore']);
      assert.ok(outcomes.every((outcome) => outcome.endsWith(': passed')));
    });
  });

  it('hands results on by references, to tools, to arguments and to a shell, where they are never read as its language', async () => {
    await withEngine(async ({ engine, folder }) => {
      const nasty = '$(touch pwned) `touch pwned`; touch pwned.txt';
      await mkdir(path.join(folder, 'in'));
      await writeFile(path.join(folder, 'in', nasty.replaceAll('/', '')), 'content');
      const { text, outcomes } = await ran(engine, [
        { id: 'find', tool: 'glob', input: { patterns: 'in/*' } },
        { id: 'all', tool: 'read', input: { path: '${find.files}' } },
        { id: 'cat', tool: 'command', input: { argv: ['cat', '${find.files}'] } },
        sh('shell', 'printf "%s" "${find.files}" > names; cat "${find.files}"'),
        { id: 'data', tool: 'command', input: { argv: ['echo', '{"n": [1, {"deep": "yes"}]}'] } },
        write('use', 'out.txt', '${data.json.n.1.deep} ${data.exitCode} ${all.output}'),
        read('used', 'out.txt'),
      ]);
      assert.ok(
        outcomes.every((outcome) => outcome.endsWith(': passed')),
        outcomes.join(),
      );
      assert.deepEqual([text('cat'), text('shell')], ['content', 'content']);
      assert.match(text('all') ?? '', /<==\ncontent\n$/);
      assert.match(text('used') ?? '', /^yes 0 ==> in/);
      assert.deepEqual((await readdir(folder)).sort(), ['in', 'names', 'out.txt']);
    });
  });

  it('skips what depends on a failure, says why, and disturbs nothing else', async () => {
    await withEngine(async ({ engine }) => {
      const { outcomes, text } = await ran(engine, [
        sh('fails', 'echo why; exit 3'),
        sh('needs', 'true', { needs: ['fails'] }),
        { id: 'uses', tool: 'command', input: { argv: ['echo', '${fails.output}'] } },
        sh('other', 'echo fine'),
        sh('allowed', 'exit 1', { onFailure: 'continue' }),
        sh('after', 'echo ${allowed.exitCode}'),
        read('missing', 'nowhere.txt'),
      ]);
      assert.deepEqual(outcomes, [
        ...['fails: failed', 'needs: skipped', 'uses: skipped', 'other: passed'],
        ...['allowed: failed', 'after: passed', 'missing: errored'],
      ]);
      assert.deepEqual([text('fails'), text('after')], ['why\n', '1\n']);
    });
  });

  it('tries again as often as it is asked to', async () => {
    await withEngine(async ({ engine }) => {
      const { state, outcomes } = await ran(engine, [
        sh('third', 'echo x >> tries; test $(wc -l < tries) -ge 3', { retries: { times: 3, backoff: 0.01 } }),
        sh('never', 'exit 1', { retries: 1 }),
      ]);
      assert.deepEqual(outcomes, ['third: passed', 'never: failed']);
      assert.deepEqual(
        state.operations.map(({ attempts }) => attempts),
        [3, 2],
      );
    });
  });

  it('does once what several ask for and what only reads, and what may differ each time for itself', async () => {
    await withEngine(async ({ engine, folder }) => {
      await writeFile(path.join(folder, 'a.txt'), 'one\n');
      const wc = (id: string) => ({ id, tool: 'command', input: { argv: ['wc', '-l', 'a.txt'] } });
      const list = (id: string, more: object = {}) => ({ id, tool: 'list', input: more });
      const date = (id: string) => ({ id, tool: 'command', input: { argv: ['date'] } });
      const random = (id: string) => ({ id, tool: 'command', input: { argv: ['sort', '-R', 'a.txt'] } });
      const said = (id: string, writes: string) => ({ ...wc(id), writes: [writes] });
      const pairs = [wc('w1'), wc('w2'), list('l1'), list('l2', { path: '.' }), date('d1'), date('d2')];
      const inspect = (id: string, input: object) => ({ id, tool: 'inspect', input });
      const looks = [inspect('i1', { paths: 'a.txt' }), inspect('i2', { paths: ['a.txt'], what: 'content' })];
      looks.push(inspect('i3', { paths: 'a.txt', what: 'commits' }));
      const others = [random('r1'), random('r2'), said('s1', 'x'), said('s2', 'y')];
      const { run, text } = await ran(engine, [...pairs, ...looks, ...others]);
      const fused = (id: string) => run.results.get(id as OperationId)?.answer.fusedWith;
      assert.deepEqual([text('w1'), text('w2'), text('l1'), text('l2')], ['1 a.txt\n', '1 a.txt\n', 'a.txt\n', 'a.txt\n']);
      assert.deepEqual([fused('w1'), fused('l2'), fused('i1')], [['w2'], ['l1'], ['i2']]);
      assert.equal(text('i1'), text('i2'));
      for (const id of ['d1', 'r1', 's1', 'i3']) assert.equal(fused(id), undefined, id);
      const outputs = await Promise.all(['w1', 'w2'].map((id) => engine.output(run.id, id as OperationId, 100)));
      assert.deepEqual(
        outputs.map((output) => output?.text),
        ['1 a.txt\n', '1 a.txt\n'],
      );
    });
  });

  it('answers in one pass what one pass can answer, each as if it were alone', async () => {
    await withEngine(async ({ engine, folder }) => {
      for (const name of ['a', 'b', 'c']) await writeFile(path.join(folder, `${name}.txt`), `one ${name}\ntwo\n`);
      const grep = (id: string, pattern: string) => ({ id, tool: 'grep', input: { pattern, paths: '.' } });
      const operations = [
        grep('one', 'one'),
        grep('two', 'two'),
        grep('none', 'three'),
        ...['a', 'b', 'c'].map((id) => read(id, `${id}.txt`)),
      ];
      const together = await ran(engine, operations);
      const alone = await ran(engine, operations, { mode: 'sequential' });
      for (const id of ['one', 'two', 'none', 'a', 'b', 'c']) {
        const [mine, its] = [together, alone].map(({ run }) => run.results.get(id as OperationId));
        assert.deepEqual({ ...mine, answer: undefined }, { ...its, answer: undefined }, id);
        assert.equal(mine?.answer.digest, its?.answer.digest);
      }
      assert.deepEqual(together.run.results.get('one' as OperationId)?.answer.fusedWith, ['two', 'none']);
      assert.equal(alone.run.results.get('one' as OperationId)?.answer.fusedWith, undefined);
    });
  });

  it('puts an atomic group back as it was as soon as something in it fails, before anybody else looks', async () => {
    await withEngine(async ({ engine, folder }) => {
      await writeFile(path.join(folder, 'a.txt'), 'a');
      const group = {
        id: 'group',
        atomic: true,
        sequence: [
          write('w1', 'a.txt', 'changed'),
          write('w2', 'new/b.txt', 'b'),
          sh('fails', 'echo x > c.txt; exit 1', { writes: ['c.txt'] }),
          write('w3', 'd.txt', 'd'),
        ],
      };
      const { outcomes, text, run, state } = await ran(engine, [group, read('later', 'a.txt'), write('own', 'e.txt', 'e')]);
      assert.deepEqual(outcomes, [
        'w1: rolled back',
        'w2: rolled back',
        'fails: failed',
        'w3: skipped',
        'later: passed',
        'own: passed',
      ]);
      assert.equal(text('later'), 'a');
      assert.deepEqual((await readdir(folder, { recursive: true })).filter((name) => name.includes('.')).sort(), [
        'a.txt',
        'e.txt',
      ]);
      const [rolled] = run.changed().rolledBack;
      assert.deepEqual(
        rolled?.restored.map((file) => path.relative(folder, file)),
        ['a.txt', 'c.txt', path.join('new', 'b.txt')],
      );
      assert.deepEqual(
        run.changed().files.map((file) => path.relative(folder, file)),
        ['e.txt'],
      );
      assert.deepEqual(await engine.loadRun(state.run), state, 'a stored run replays');
    });
  });

  it('keeps an atomic group that passes, and puts one back that is cancelled', async () => {
    await withEngine(async ({ engine, folder }) => {
      const passing = { atomic: true, parallel: [write('a', 'a.txt', '1'), write('b', 'b.txt', '2')] };
      assert.deepEqual((await ran(engine, [passing])).outcomes, ['a: passed', 'b: passed']);
      const run = await start(engine, [
        { atomic: true, sequence: [write('c', 'a.txt', '3'), sh('waits', 'sleep 60', { writes: [] })] },
      ]);
      await eventually('it waits', () => run.state().operations[1]?.phase === 'running');
      await run.cancel();
      assert.equal(await readFile(path.join(folder, 'a.txt'), 'utf8'), '1');
      const state = run.state();
      assert.deepEqual(
        state.operations.map(({ outcome }) => outcome?.kind),
        ['rolled back', 'cancelled'],
      );
      const report = { state, results: run.results, changed: run.changed(), root: folder };
      assert.match(answersText(report, false), /cancelled +waits +You cancelled it\. What it had changed was put back\./);
      assert.match(batchSummary(report), /was rolled back because “waits” was cancelled: 1 file put back\./);
      assert.deepEqual(await readFile(path.join(folder, 'b.txt'), 'utf8'), '2');
    });
  });

  it('can be undone as a whole', async () => {
    await withEngine(async ({ engine, folder }) => {
      await writeFile(path.join(folder, 'a.txt'), 'before');
      const { run } = await ran(engine, [write('a', 'a.txt', 'after'), write('b', 'b.txt', 'new')]);
      for (const id of run.changed().undo) await engine.undoFix(id);
      assert.deepEqual(await readdir(folder), ['a.txt']);
      assert.equal(await readFile(path.join(folder, 'a.txt'), 'utf8'), 'before');
    });
  });

  it('refuses what lies outside of the workspace, in .git, and an atomic group of which nobody knows what it writes', async () => {
    await withEngine(async ({ engine, folder }) => {
      await mkdir(path.join(folder, '.git'));
      const { outcomes } = await ran(engine, [
        write('out', '../x', ''),
        write('git', '.git/config', ''),
        read('root', '/etc/passwd'),
      ]);
      assert.deepEqual(outcomes, ['out: errored', 'git: errored', 'root: errored']);
      const [problem] = await problems(engine, [
        { atomic: true, sequence: [{ id: 'x', tool: 'command', input: { argv: ['./unknown'] } }] },
      ]);
      assert.match(problem ?? '', /“x” stands in an atomic group, and nobody knows what it writes/);
    });
  });

  it('executes nothing in a workspace that is not trusted', async () => {
    const host: Partial<Host> = { trusted: () => false };
    await withEngine(async ({ engine, folder }) => {
      const { outcomes } = await ran(engine, [
        sh('command', 'touch ran'),
        { id: 'fetch', tool: 'fetch', input: { url: 'http://127.0.0.1:9/' } },
      ]);
      assert.deepEqual(outcomes, ['command: errored', 'fetch: errored']);
      assert.deepEqual(await readdir(folder), []);
    }, host);
  });

  it('leaves no process when it is cancelled', async () => {
    await withEngine(async ({ engine, folder }) => {
      const run = await start(engine, [
        sh('a', 'echo $$ > pids; sleep 60 & echo $! >> pids; wait'),
        sh('b', 'sleep 60', { reads: [], writes: [] }),
      ]);
      const pids = await pidsIn(path.join(folder, 'pids'), 2);
      await run.cancel();
      assert.deepEqual(
        await Promise.all(pids.map(lives)),
        pids.map(() => false),
      );
      assert.deepEqual(
        run.state().operations.map(({ outcome }) => outcome?.kind),
        ['cancelled', 'cancelled'],
      );
    });
  });

  it('is measured with its files put back after each trial', async () => {
    await withEngine(async ({ engine, folder }) => {
      await writeFile(path.join(folder, 'a.txt'), 'one');
      const text = JSON.stringify({
        operations: [
          { id: 'e', tool: 'edit', input: { path: 'a.txt', replacements: [{ old: 'one', new: 'two' }] } },
          read('r', 'a.txt'),
        ],
      });
      const planned = await engine.planBatch(text, { slots: 2 });
      assert.ok(planned.kind === 'batch');
      const verification = await engine.verifyBatch(planned.batch, { slots: 2, pairs: 2, label: 'x' }).finished;
      assert.deepEqual(verification.differences, []);
      assert.equal(verification.ratios.length, 2);
      assert.equal(await readFile(path.join(folder, 'a.txt'), 'utf8'), 'one');
    });
  });

  it('starts less the more of its context budget is used, and hands over the rest, which ends in the same results', async () => {
    await withEngine(async ({ engine, folder }) => {
      const words = 'word '.repeat(30);
      for (let index = 0; index < 9; index += 1) await writeFile(path.join(folder, `${index}.txt`), words);
      const operations = [
        ...Array.from({ length: 9 }, (_, index) =>
          read(`r${index}`, `${index}.txt`, index === 0 ? {} : { needs: [`r${index - 1}`] }),
        ),
        write('sum', 'out.txt', '${r0.output}|${r8.output}|${r1.files}'),
      ];
      const text = JSON.stringify({ budget: { tokens: 100 + 100 }, operations });
      const planned = await engine.planBatch(text, { slots: 4 });
      assert.ok(planned.kind === 'batch');
      const events: string[] = [];
      const run = engine.runBatch({ batch: planned.batch, mode: 'parallel', slots: 4, failure: 'continue', label: 'x' });
      run.onEvent((event) => {
        if (event.kind === 'slots changed') events.push(`${event.slots} ${event.because?.replace(/^\d+/, 'n')}`);
      });
      const state = await run.finished;
      assert.deepEqual(
        events,
        [
          '2 n % of the budget of 200 tokens is used, so new operations take half of the slots.',
          '1 n % of the budget of 200 tokens is used, so new operations run one at a time.',
          '1 n % of the budget of 200 tokens is used, so nothing new starts.',
        ].slice(events.length === 2 ? 1 : 0),
      );
      assert.ok(state.operations.some(({ outcome }) => outcome?.kind === 'cancelled' && outcome.cause.kind === 'budget'));
      const { handoff } = run.changed();
      assert.ok(handoff);
      const rest = (await readFile(handoff, 'utf8')).replace('"tokens": 200', '"tokens": 100000');
      const again = await engine.planBatch(rest, { slots: 4 });
      assert.ok(again.kind === 'batch', JSON.stringify(again));
      const second = engine.runBatch({ batch: again.batch, mode: 'parallel', slots: 4, failure: 'continue', label: 'x' });
      assert.equal((await second.finished).outcome, 'passed');
      assert.equal(await readFile(path.join(folder, 'out.txt'), 'utf8'), `${words}|${words}|1.txt`);
    });
  });

  it('tells a circle of needs together with all else that is wrong', async () => {
    await withEngine(async ({ engine }) => {
      const found = await problems(engine, [
        read('a', 'x', { needs: ['b'] }),
        read('b', 'x', { needs: ['a'] }),
        read('c', 'x', { needs: ['nobody'] }),
      ]);
      assert.equal(found.length, 2, found.join('\n'));
      assert.match(found.join('\n'), /nobody/);
      assert.match(found.join('\n'), /“?a”?.*“?b”?/);
    });
  });

  it('is undone in one step, with all its atomic groups', async () => {
    await withEngine(async ({ engine, folder }) => {
      const group = (id: string) => ({ id, atomic: true, sequence: [write(`in-${id}`, `${id}.txt`, 'x')] });
      await ran(engine, [group('one'), group('two'), write('alone', 'alone.txt', 'x')]);
      const [all, ...others] = await engine.fixes();
      assert.deepEqual([all?.files.length, others.length], [3, 0]);
      const undone = await engine.undoFix(all?.id ?? '');
      assert.deepEqual([undone?.restored.length, await readdir(folder)], [3, []]);
      assert.equal(await engine.undoFix(all?.id ?? ''), undefined);
    });
  });

  it('runs no command that is known to write a file with unsaved changes', async () => {
    let folderOf = '';
    const unsaved: Partial<Host> = {
      unsaved: (file) => (path.basename(file) === 'a.txt' ? 'typed' : undefined),
      unsavedFiles: () => [path.join(folderOf, 'a.txt')],
    };
    await withEngine(async ({ engine, folder }) => {
      folderOf = folder;
      await writeFile(path.join(folder, 'a.txt'), 'disk');
      const { outcomes, state } = await ran(engine, [sh('over', 'echo x > a.txt'), sh('beside', 'echo x > b.txt')]);
      assert.deepEqual(outcomes, ['over: errored', 'beside: passed']);
      assert.match(JSON.stringify(state.operations[0]?.outcome), /may write a\.txt, which has changes in the editor/);
      assert.equal(await readFile(path.join(folder, 'a.txt'), 'utf8'), 'disk');
    }, unsaved);
  });

  it('goes by its budget also for what could be done in one pass, and has not passed when something was left out', async () => {
    await withEngine(async ({ engine, folder }) => {
      await writeFile(path.join(folder, 'words.txt'), 'word '.repeat(300));
      const operations = Array.from({ length: 30 }, (_, index) => read(`r${index}`, 'words.txt'));
      const planned = await engine.planBatch(JSON.stringify({ budget: { tokens: 1000 }, operations }), { slots: 4 });
      assert.ok(planned.kind === 'batch');
      const run = engine.runBatch({
        batch: planned.batch,
        mode: 'parallel',
        slots: 4,
        mostSlots: 10,
        failure: 'continue',
        label: 'x',
      });
      const state = await run.finished;
      const passed = state.operations.filter(({ outcome }) => outcome?.kind === 'passed').length;
      assert.ok(passed >= 4 && passed <= 7, `${passed} passed`);
      assert.equal(state.outcome, 'cancelled');
      assert.ok(run.changed().handoff !== undefined);
    });
  });

  it('counts tokens by itself where the model of the editor cannot be asked', async () => {
    const languageModel = { ask: () => Promise.reject(new Error('none')), count: () => Promise.reject(new Error('none')) };
    await withEngine(
      async ({ engine }) => {
        const planned = await engine.planBatch(
          JSON.stringify({ budget: { tokens: 1000 }, operations: [sh('one', 'echo some words')] }),
          { slots: 1 },
        );
        assert.ok(planned.kind === 'batch');
        const run = engine.runBatch({ batch: planned.batch, mode: 'parallel', slots: 1, failure: 'continue', label: 'x' });
        assert.equal((await run.finished).outcome, 'passed');
        assert.equal(run.results.get('one' as OperationId)?.answer.tokens, 3);
      },
      { languageModel },
    );
  });

  it('gets more slots than there are processors for what waits, when nobody has fixed their number', async () => {
    await withEngine(async ({ engine, folder }) => {
      const waits = (id: string) => sh(id, `: ${id}; until [ -e go ]; do sleep 1; done`, { reads: [], writes: [] });
      const run = await start(engine, ['a', 'b', 'c', 'd'].map(waits), { slots: 1, mostSlots: 4 });
      await eventually('four run', () => run.state().operations.filter(({ phase }) => phase === 'running').length === 4);
      await writeFile(path.join(folder, 'go'), '');
      const { outcome, slotMoves, slots } = await run.finished;
      assert.deepEqual([outcome, slots], ['passed', 4]);
      assert.match(slotMoves[0]?.because ?? '', /^(?:What runs mostly waits|There is room): /);
    });
  });

  it('starts at once what is known to wait for others', async () => {
    await withEngine(async ({ engine }) => {
      const pages = ['a', 'b', 'c'].map((id) => ({ id, tool: 'fetch', input: { url: 'http://127.0.0.1:9/' } }));
      const run = await start(engine, pages, { slots: 1, mostSlots: 10 });
      const first = run.state().slots;
      await run.finished;
      assert.equal(first, 4);
    });
  });

  it('hands over an atomic group whole when its budget ends within it, and nothing of what needs a failure', async () => {
    await withEngine(async ({ engine, folder }) => {
      await writeFile(path.join(folder, 'words.txt'), 'word '.repeat(300));
      const operations = [
        sh('fails', 'false'),
        { id: 'g', atomic: true, sequence: [write('one', 'a.txt', '1'), read('big', 'words.txt'), write('two', 'b.txt', '2')] },
        { sequence: [write('never', 'c.txt', '3', { needs: ['fails'] })] },
      ];
      const planned = await engine.planBatch(JSON.stringify({ budget: { tokens: 100 }, operations }), { slots: 4 });
      assert.ok(planned.kind === 'batch');
      const request = { mode: 'parallel', slots: 4, failure: 'continue', label: 'x' } as const;
      const run = engine.runBatch({ batch: planned.batch, ...request });
      const state = await run.finished;
      assert.deepEqual(
        // Which of the two comes first, the failure or the end of the budget, is chance.
        state.operations.map(({ id, outcome }) => `${id}: ${id === 'never' ? 'not run' : outcome?.kind}`),
        ['fails: failed', 'one: rolled back', 'big: rolled back', 'two: cancelled', 'never: not run'],
      );
      assert.deepEqual(await readdir(folder), ['words.txt']);
      const rest = (await readFile(run.changed().handoff ?? '', 'utf8')).replace('"tokens": 100', '"tokens": 100000');
      const again = await engine.planBatch(rest, { slots: 4 });
      assert.ok(again.kind === 'batch', JSON.stringify(again));
      assert.deepEqual(
        again.batch.operations.map(
          ({ id, atomic, needs }) => `${id} ${atomic === undefined ? 'alone' : 'atomic'} <- ${needs.join()}`,
        ),
        ['one atomic <- ', 'big atomic <- one', 'two atomic <- big'],
      );
      assert.equal((await engine.runBatch({ batch: again.batch, ...request }).finished).outcome, 'passed');
      assert.deepEqual((await readdir(folder)).sort(), ['a.txt', 'b.txt', 'words.txt']);
    });
  });

  it('puts symbolic links of an atomic group back as links, takes new ones away, and touches nothing behind them', async function () {
    if (process.platform === 'win32') this.skip();
    await withEngine(async ({ engine, folder }) => {
      await writeFile(path.join(folder, 'real.txt'), 'real');
      for (const [name, target] of [['gone', 'real.txt'], ['other', 'real.txt'], ['file', 'nowhere'], ['away', '/etc']] as const) await symlink(target, path.join(folder, name));
      const lines = 'rm gone; ln -sfn elsewhere other; rm file; echo x > file; ln -s nothing new; ln -s real.txt new2; rm away; mkdir -p d; ln -s /etc d/out; false';
      const writes = ['gone', 'other', 'file', 'new*', 'away', 'd/**'];
      const { outcomes } = await ran(engine, [{ atomic: true, sequence: [sh('all', lines, { writes })] }]);
      assert.deepEqual(outcomes, ['all: failed']);
      assert.deepEqual((await readdir(folder)).sort(), ['away', 'file', 'gone', 'other', 'real.txt']);
      const targets = await Promise.all(['gone', 'other', 'file', 'away'].map((name) => readlink(path.join(folder, name))));
      assert.deepEqual(targets, ['real.txt', 'real.txt', 'nowhere', '/etc']);
      assert.equal(await readFile(path.join(folder, 'real.txt'), 'utf8'), 'real');
    });
  }); // biome-ignore format: short

  it('takes nothing away behind a directory that a command has replaced by a link that leads out', async function () {
    if (process.platform === 'win32') this.skip();
    await withEngine(async ({ engine, folder, storage }) => {
      const outside = path.join(path.dirname(storage), 'outside');
      await mkdir(outside, { recursive: true });
      await writeFile(path.join(outside, 'kept.txt'), 'kept');
      await mkdir(path.join(folder, 'd'));
      await writeFile(path.join(folder, 'd/a.txt'), 'a');
      const line = `rm -r d; ln -s '${outside}' d; false`;
      await ran(engine, [{ atomic: true, sequence: [sh('swap', line, { writes: ['d/**'] })] }]);
      assert.deepEqual(await readdir(outside), ['kept.txt']);
      assert.equal(await readFile(path.join(outside, 'kept.txt'), 'utf8'), 'kept');
    });
  });
});
