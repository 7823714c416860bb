import assert from 'node:assert/strict';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type BatchCommandInput, batchCommand, commandInput, TEXT_LIMIT_BYTES } from '../../../src/core/tools/batch-command.js';
import { eventually, lives, pidsIn, STUBBORN } from '../../support/processes.js';
import { malformed, type Place, withTool } from '../../support/tool-place.js';

const run = (place: Place, input: BatchCommandInput) => batchCommand.invoke(input, place.context);
const check = (input: BatchCommandInput, use: (result: Awaited<ReturnType<typeof run>>, place: Place) => Promise<void> | void) =>
  withTool(async (place) => use(await run(place, input), place));

describe('The tool Command', () => {
  it('passes with exit code 0 and fails with any other, and answers what was written in the order of writing', async () => {
    await check({ argv: ['sh', '-c', 'echo 1; echo 2 >&2; echo 3'] }, (result) => {
      assert.deepEqual(result.end, { kind: 'passed' });
      assert.equal(result.text, '1\n2\n3\n');
      assert.equal(result.exitCode, 0);
      assert.equal(result.answer.summary, '3 lines');
    });
    await check({ shell: 'echo bad >&2; exit 7' }, (result) => {
      assert.deepEqual(result.end, { kind: 'failed' });
      assert.equal(result.exitCode, 7);
      assert.equal(result.answer.summary, 'exit code 7: bad');
    });
  });

  it('gives arguments as they are, and a line to a shell only where one was written for it', async () => {
    await check({ argv: ['printf', '%s|', '$HOME', '{report}', `\${a.output}`, '; ls', ''] }, (result) =>
      assert.equal(result.text, `$HOME|{report}|\${a.output}|; ls||`),
    );
    await check({ shell: 'printf "b\\na\\n" | sort' }, (result) => assert.equal(result.text, 'a\nb\n'));
  });

  it('runs in the folder, or in one inside it, with what is added to its environment', async () => {
    await withTool(async (place) => {
      await mkdir(path.join(place.folder, 'in side'));
      assert.equal((await run(place, { argv: ['pwd'] })).text, `${place.folder}\n`);
    });
    await withTool(async (place) => {
      await mkdir(path.join(place.folder, 'in side'));
      const result = await run(place, { shell: 'pwd; echo $GIVEN $NO_COLOR', cwd: 'in side', env: { GIVEN: 'yes' } });
      assert.equal(result.text, `${place.folder}/in side\nyes 1\n`);
    });
  });

  it('does not run outside the folder, nor through a link that leads out, nor where there is no folder', async () => {
    await withTool(async (place) => {
      await symlink('/', path.join(place.folder, 'out'));
      await writeFile(path.join(place.folder, 'file'), '');
      for (const [cwd, says] of [
        ['..', /outside/],
        ['/', /outside/],
        ['out', /outside/],
        ['a/../../x', /outside/],
        ['none', /no folder/],
        ['file', /no folder/],
        ['a\0b', /no folder/],
      ] as const) {
        const result = await run(place, { argv: ['touch', 'ran'], cwd });
        assert.equal(result.end.kind, 'errored', cwd);
        assert.match(result.answer.summary, says);
      }
    });
  });

  it('keeps the end of a long output behind a marker of what was left out, and the whole on disk', async () => {
    await check({ shell: 'yes 0123456789abcdef | head -n 100000' }, async ({ text, answer }, { context }) => {
      const [marker, first] = text.split('\n');
      assert.equal(marker, `[… ${answer.cutBytes} bytes left out …]`);
      assert.equal(first, '0123456789abcdef');
      const whole = await readFile(context.files.stdout, 'utf8');
      assert.equal(whole.length, 1_700_000);
      assert.equal(text.length - `${marker}\n`.length + (answer.cutBytes ?? 0), whole.length);
      assert.ok(text.length <= TEXT_LIMIT_BYTES + 100);
    });
  });

  it('answers the document where the output is one, and keeps it apart from warnings where that was asked for', async () => {
    const script = `echo '{"a":[1]}'; echo warning >&2`;
    await check({ shell: `echo '{"a":[1]}'` }, ({ json }) => assert.deepEqual(json, { a: [1] }));
    await check({ shell: script }, ({ json, text }) => {
      assert.equal(json, null);
      assert.equal(text, '{"a":[1]}\nwarning\n');
    });
    await check({ shell: script, json: true }, ({ json, text }) => {
      assert.deepEqual(json, { a: [1] });
      assert.equal(text, '{"a":[1]}\nwarning\n');
    });
    await check({ shell: 'echo {', json: true }, ({ json }) => assert.equal(json, null));
    await check({ argv: ['true'] }, ({ json, text, answer }) =>
      assert.deepEqual([json, text, answer.summary], [null, '', 'no output']),
    );
    const long = 'console.log(JSON.stringify("x".repeat(+process.argv[1])))';
    await check({ argv: ['node', '-e', long, '3000000'] }, ({ json }) => assert.equal((json as string).length, 3_000_000));
    await check({ argv: ['node', '-e', long, '5000000'] }, ({ json }) => assert.equal(json, null));
  });

  it('keeps the end of both streams within one limit', async () => {
    const shell = 'yes 0123456789abcdef | head -n 50000; yes error | head -n 50000 >&2';
    await check({ shell, json: true }, ({ text, answer }) => {
      assert.ok(text.endsWith('error\n'));
      assert.match(text, /^\[… 15\d{4} bytes left out …\]\n0123456789abcdef\n/);
      assert.equal(text.length - (text.indexOf('\n') + 1) + (answer.cutBytes ?? 0), 50_000 * 23);
    });
  });

  it('errors where a program cannot be started or dies', async () => {
    await check({ argv: ['no-such-program'] }, ({ end, answer }) => {
      assert.deepEqual(end, {
        kind: 'errored',
        failure: { kind: 'could not start', program: 'no-such-program', code: 'ENOENT' },
      });
      assert.match(answer.summary, /"no-such-program" was not found/);
    });
    await check({ shell: 'echo before; kill -SEGV $$' }, ({ end, text }) => {
      assert.deepEqual(end, { kind: 'errored', failure: { kind: 'died', signal: 'SIGSEGV' } });
      assert.equal(text, 'before\n');
    });
  });

  it('leaves nothing of itself when it is cancelled, nor in the background', async () => {
    await withTool(async (place) => {
      const pids = path.join(place.folder, 'pids');
      const ended = run(place, { argv: ['sh', '-c', STUBBORN.deaf, 'sh', pids] });
      const started = await pidsIn(pids, 2);
      place.abort();
      assert.deepEqual((await ended).end, { kind: 'interrupted' });
      for (const pid of started) assert.equal(await lives(pid), false);
    });
    await withTool(async (place) => {
      const pids = path.join(place.folder, 'pids');
      const result = await run(place, { argv: ['sh', '-c', STUBBORN.leaving, 'sh', pids] });
      assert.deepEqual(result.end, { kind: 'passed' });
      for (const pid of await pidsIn(pids, 1)) assert.equal(await lives(pid), false);
    });
  });

  it('tells its newest output while it runs', async () => {
    await withTool(async (place) => {
      const ended = run(place, { shell: 'echo first; while [ ! -e go ]; do sleep 0.01; done' });
      await eventually('the first line is told', () => place.outputs.includes('first\n'));
      await writeFile(path.join(place.folder, 'go'), '');
      assert.deepEqual((await ended).end, { kind: 'passed' });
    });
  });

  it('runs nothing in a workspace that is not trusted', async () => {
    await withTool(
      async (place) => {
        const result = await run(place, { shell: 'touch ran' });
        assert.deepEqual(result.end, { kind: 'errored', failure: { kind: 'untrusted workspace' } });
        await assert.rejects(readFile(path.join(place.folder, 'ran')));
      },
      { trusted: () => false },
    );
  });

  it('is a barrier, and is described by its line', () => {
    const access = batchCommand.access({ argv: ['ls'] }, { folder: { name: 'w', path: '/w' } });
    assert.equal(access.barrier?.because, 'what it touches is not known');
    assert.equal(
      batchCommand.describe({ argv: ['git', 'log', '--format=%h %s', "it's"] }),
      `git log '--format=%h %s' 'it'\\''s'`,
    );
    assert.equal(batchCommand.describe({ shell: 'first\nsecond' }), 'first…');
  });

  it('takes what its schema describes and answers 10,000 malformed inputs with a clear error', () => {
    assert.ok(commandInput.safeParse({ argv: ['a', ''], cwd: 'x', env: { A: '' } }).success);
    malformed(commandInput, [{ argv: ['ls'], cwd: 'a', env: { A: 'b' }, json: true }, { shell: 'ls' }]);
  });
});
