import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startGuard } from '../../src/core/guard.js';
import { createProcessRunner, type ProcessEnd, readEnd } from '../../src/core/process.js';
import { eventually, inTemporaryDirectory, lives, pidsIn, STUBBORN } from '../support/processes.js';

const log = { debug() {}, info() {}, warn() {}, error() {} };

interface Started {
  readonly directory: string;
  readonly stdout: string;
  readonly pids: string;
  readonly abort: () => void;
  readonly end: Promise<ProcessEnd>;
  readonly guard: ReturnType<typeof startGuard>;
}

async function withProcess(
  argv: readonly string[],
  use: (started: Started) => Promise<void>,
  more: { limitBytes?: number; onOutput?: (tail: string, bytes: number) => void; cwd?: string } = {},
): Promise<void> {
  await inTemporaryDirectory(async (directory) => {
    const guard = startGuard(`test-${path.basename(directory)}`, process.env, log);
    const controller = new AbortController();
    const stdout = path.join(directory, 'stdout');
    const pids = path.join(directory, 'pids');
    const end = createProcessRunner()({
      command: {
        argv: argv.map((argument) => argument.replace('$PIDS', pids)),
        cwd: more.cwd ?? directory,
        env: {},
        shell: false,
      },
      env: { ...process.env, ...guard.env },
      stdout,
      stderr: path.join(directory, 'stderr'),
      signal: controller.signal,
      limitBytes: more.limitBytes ?? 1e9,
      guard,
      ...(more.onOutput ? { onOutput: more.onOutput } : {}),
    });
    try {
      await use({ directory, stdout, pids, abort: () => controller.abort(), end, guard });
    } finally {
      controller.abort();
      await end;
      await guard.close();
    }
  });
}

const shell = (script: string) => ['sh', '-c', script, 'sh', '$PIDS'];
const noneLives = async (pids: readonly number[]) => (await Promise.all(pids.map(lives))).every((alive) => !alive);

describe('A child process', () => {
  it('ends with its exit code, its two streams whole in their files', async () => {
    await withProcess(['sh', '-c', 'echo out; echo err >&2; exit 3'], async ({ end, stdout, directory }) => {
      assert.deepEqual(await end, { kind: 'exited', exitCode: 3 });
      assert.equal(await readFile(stdout, 'utf8'), 'out\n');
      assert.equal(await readFile(path.join(directory, 'stderr'), 'utf8'), 'err\n');
    });
  });

  it('gets its arguments as they are, whatever characters they hold', async () => {
    const names = ['a b', '"', "'", '$HOME', '`id`', '*', '-x', 'ä\n€', ';', '&&', ''];
    await withProcess(
      ['node', '-e', 'console.log(JSON.stringify(process.argv.slice(1)))', '--', ...names],
      async ({ end, stdout }) => {
        await end;
        assert.deepEqual(JSON.parse(await readFile(stdout, 'utf8')), names);
      },
    );
  });

  it('that does not exist, or is no program, is a value and not a throw', async () => {
    await withProcess(['volley-no-such-program'], async ({ end }) =>
      assert.deepEqual(await end, { kind: 'could not start', code: 'ENOENT' }),
    );
    await inTemporaryDirectory(async (directory) => {
      const file = path.join(directory, 'no-program');
      await writeFile(file, '', { mode: 0o600 });
      await withProcess([file], async ({ end }) => assert.deepEqual(await end, { kind: 'could not start', code: 'EACCES' }));
    });
    await withProcess(['sh', 'a\0b'], async ({ end }) =>
      assert.deepEqual(await end, { kind: 'could not start', code: 'ERR_INVALID_ARG_VALUE' }),
    );
    await withProcess(['true', 'x'.repeat(5_000_000)], async ({ end }) =>
      assert.deepEqual(await end, { kind: 'could not start', code: 'E2BIG' }),
    );
  });

  it('that is ended by a signal from elsewhere says by which', async () => {
    await withProcess(['sh', '-c', 'kill -SEGV $$'], async ({ end }) =>
      assert.deepEqual(await end, { kind: 'died', signal: 'SIGSEGV' }),
    );
  });

  it('tells its newest output while it runs', async () => {
    const tails: string[] = [];
    const script = 'echo first; while [ ! -e go ]; do sleep 0.01; done; echo second';
    await withProcess(
      ['sh', '-c', script],
      async ({ end, directory }) => {
        await eventually('the first line is told', () => tails.includes('first\n'));
        await writeFile(path.join(directory, 'go'), '');
        assert.deepEqual(await end, { kind: 'exited', exitCode: 0 });
      },
      { onOutput: (tail) => tails.push(tail) },
    );
  });

  it('that floods its output is stopped at the limit', async () => {
    await withProcess(['yes'], async ({ end }) => assert.deepEqual(await end, { kind: 'too much output' }), {
      limitBytes: 1_000_000,
    });
  });

  it('is not started when it was cancelled before', async () => {
    await withProcess(shell(STUBBORN.plain), async ({ abort, end }) => {
      abort();
      assert.deepEqual(await end, { kind: 'interrupted' });
    });
  });

  for (const [name, count] of [
    ['plain', 1],
    ['deaf', 2],
  ] as const) {
    it(`that is ${name} leaves nothing behind when it is cancelled`, async () => {
      await withProcess(shell(STUBBORN[name]), async ({ abort, end, pids }) => {
        const started = await pidsIn(pids, count);
        abort();
        assert.deepEqual(await end, { kind: 'interrupted' });
        assert.ok(await noneLives(started));
      });
    });
  }

  it('takes what it left in the background with it when it ends', async () => {
    await withProcess(shell(STUBBORN.leaving), async ({ end, pids }) => {
      assert.deepEqual(await end, { kind: 'exited', exitCode: 0 });
      assert.ok(await noneLives(await pidsIn(pids, 1)));
    });
  });
});

describe('The guard', () => {
  it('stops what moved out of its process group, when the run ends', async () => {
    await withProcess(shell(STUBBORN.escapingAndLeaving), async ({ end, pids, guard }) => {
      await end;
      const escaped = await pidsIn(pids, 1);
      await guard.close();
      assert.ok(await noneLives(escaped));
    });
  });

  it('does not touch the processes of another run', async () => {
    await withProcess(shell(STUBBORN.plain), async ({ pids, end, abort }) => {
      const [other] = await pidsIn(pids, 1);
      await startGuard('another-run', process.env, log).close();
      assert.ok(await lives(other ?? 0));
      abort();
      await end;
    });
  });

  for (const name of ['plain', 'deaf', 'escaping'] as const) {
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      it(`leaves nothing of a ${name} process when its host dies by ${signal}`, async () => {
        await inTemporaryDirectory(async (directory) => {
          const pids = path.join(directory, 'pids');
          const program = path.join(import.meta.dirname, '../support/host-program.ts');
          const host = spawn(process.execPath, ['--import', 'tsx', program, directory, 'sh', '-c', STUBBORN[name], 'sh', pids], {
            stdio: 'inherit',
          });
          const exit = once(host, 'exit');
          const started = await pidsIn(pids, name === 'deaf' ? 2 : 1);
          assert.ok((await Promise.all(started.map(lives))).every(Boolean));
          host.kill(signal);
          await exit;
          await eventually('all processes of the dead host are gone', () => noneLives(started));
        });
      });
    }
  }
});

describe('The end of a file', () => {
  const check = (content: string | Buffer, limit: number, expected: { text: string; omittedBytes: number }) =>
    inTemporaryDirectory(async (directory) => {
      const file = path.join(directory, 'file');
      await writeFile(file, content);
      assert.deepEqual(await readEnd(file, limit), expected);
    });
  it('is the whole file when that is short, and begins at a line when it is not', async () => {
    await check('one\ntwo\n', 100, { text: 'one\ntwo\n', omittedBytes: 0 });
    await check('one\ntwo\nthree\n', 8, { text: 'three\n', omittedBytes: 8 });
    await check('', 10, { text: '', omittedBytes: 0 });
  });
  it('never begins inside a character', async () => {
    await check('€€€', 4, { text: '€', omittedBytes: 6 });
  });
  it('of a file that does not exist is nothing', async () => {
    assert.equal(await readEnd('/no/such/file', 10), undefined);
  });
});
