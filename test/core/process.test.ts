import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startGuard } from '../../src/core/guard.js';
import type { Log } from '../../src/core/host.js';
import { launcherProgram } from '../../src/core/launcher.js';
import { type ProcessEnd, readEnd, runProcess } from '../../src/core/process.js';
import { eventually, inTemporaryDirectory, lives, pidsIn, STUBBORN } from '../support/processes.js';

const log: Log = { debug() {}, info() {}, warn() {}, error() {} };

interface Started {
  readonly directory: string;
  readonly stdout: string;
  readonly pids: string;
  readonly abort: () => void;
  readonly end: Promise<ProcessEnd>;
  readonly guard: ReturnType<typeof startGuard>;
}

type Run = (script: string, pids?: string) => Promise<ProcessEnd>;
type Launcher = Parameters<typeof startGuard>[3];

interface More {
  readonly limitBytes?: number;
  readonly onOutput?: (tail: string, bytes: number) => void;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: string;
}

async function runningProcess(
  launcher: Launcher,
  argv: readonly string[],
  use: (started: Started) => Promise<void>,
  more: More = {},
): Promise<void> {
  await inTemporaryDirectory(async (directory) => {
    const guard = startGuard(`test-${path.basename(directory)}`, process.env, log, launcher);
    const controller = new AbortController();
    const stdout = path.join(directory, 'stdout');
    const pids = path.join(directory, 'pids');
    const end = runProcess({
      command: {
        argv: argv.map((argument) => argument.replace('$PIDS', pids)),
        cwd: more.cwd ?? directory,
        env: {},
        shell: false,
      },
      env: { ...process.env, ...more.env, ...guard.env },
      ...(more.stdin === undefined ? {} : { stdin: more.stdin }),
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

for (const [who, launcher] of [
  ['a launcher', { launcher: launcherProgram() }],
  ['the host itself', {}],
] as const) {
  const withProcess = (argv: readonly string[], use: (started: Started) => Promise<void>, more?: More) =>
    runningProcess(launcher, argv, use, more);

  describe(`A child process, started by ${who},`, () => {
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

    it('gets its environment as it is, also where that of another one differs', async () => {
      await inTemporaryDirectory(async (directory) => {
        const guard = startGuard(`test-${path.basename(directory)}`, process.env, log, launcher);
        const environmentOf = async (env: Readonly<Record<string, string | undefined>>, file: string) => {
          const stdout = path.join(directory, file);
          const command = { argv: ['node', '-p', 'JSON.stringify(process.env)'], cwd: directory, env: {}, shell: false };
          const rest = { command, stdout, stderr: stdout, signal: new AbortController().signal, limitBytes: 1e6, guard };
          assert.deepEqual(await runProcess({ ...rest, env }), { kind: 'exited', exitCode: 0 });
          return JSON.parse(await readFile(stdout, 'utf8')) as unknown;
        };
        const { PATH } = process.env;
        const first = { PATH, A: 'a\nb=c', EMPTY: '', 'ä b': '€' };
        const second = { PATH, A: 'other', C: 'c', D: undefined };
        assert.deepEqual(await environmentOf(first, '1'), first);
        assert.deepEqual(await environmentOf(second, '2'), { PATH, A: 'other', C: 'c' });
        assert.deepEqual(await environmentOf(first, '3'), first);
        await guard.close();
      });
    });

    it('reads the file that is its standard input, and nothing without one', async () => {
      await inTemporaryDirectory(async (directory) => {
        const stdin = path.join(directory, 'input');
        await writeFile(stdin, 'the input');
        await withProcess(
          ['cat'],
          async ({ end, stdout }) => {
            assert.deepEqual(await end, { kind: 'exited', exitCode: 0 });
            assert.equal(await readFile(stdout, 'utf8'), 'the input');
          },
          { stdin },
        );
      });
      await withProcess(['cat'], async ({ end }) => assert.deepEqual(await end, { kind: 'exited', exitCode: 0 }));
    });

    it('whose files cannot be opened, or whose folder is not there, does not start', async () => {
      await withProcess(['cat'], async ({ end }) => assert.deepEqual(await end, { kind: 'could not start', code: 'ENOENT' }), {
        stdin: '/no/such/file',
      });
      await withProcess(['true'], async ({ end }) => assert.deepEqual(await end, { kind: 'could not start', code: 'ENOENT' }), {
        cwd: '/no/such/folder',
      });
    });

    it('is ended by each of the signals that a program is ended by when it does nothing about them', async () => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGPIPE', 'SIGCHLD'] as const) {
        const expected = signal === 'SIGCHLD' ? { kind: 'exited', exitCode: 0 } : { kind: 'died', signal };
        await withProcess(['node', '-e', `process.kill(process.pid, '${signal}'); setTimeout(() => {}, 50)`], async ({ end }) =>
          assert.deepEqual(await end, signal === 'SIGPIPE' ? { kind: 'exited', exitCode: 0 } : expected),
        );
        await withProcess(['sh', '-c', `kill -${signal.slice(3)} $$; exit 0`], async ({ end }) =>
          assert.deepEqual(await end, expected),
        );
      }
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

  describe(`The guard, where processes are started by ${who},`, () => {
    it('stops what moved out of its process group, when the run ends', async () => {
      await withProcess(shell(STUBBORN.escapingAndLeaving), async ({ end, pids, guard }) => {
        await end;
        const escaped = await pidsIn(pids, 1);
        await guard.close();
        assert.ok(await noneLives(escaped));
      });
    });

    it('does not touch a process that has only heard of the run', async () => {
      await inTemporaryDirectory(async (directory) => {
        const guard = startGuard('a-run-of-this-test', process.env, log, launcher);
        const env = { ...process.env, PWD: '/runs/a-run-of-this-test', VOLLEY_RUN: 'another:a-run-of-this-test-2' };
        const other = spawn('sleep', ['600'], { env, stdio: 'ignore' });
        const stdout = path.join(directory, 'out');
        const command = { argv: ['true'], cwd: directory, env: {}, shell: false };
        const rest = { command, stdout, stderr: stdout, signal: new AbortController().signal, limitBytes: 1e6, guard };
        await runProcess({ ...rest, env: { ...process.env, ...guard.env } });
        await guard.close();
        assert.ok(await lives(other.pid ?? 0));
        other.kill('SIGKILL');
      });
    });

    it('lets nothing wait for ever that is not over when it is closed, and starts nothing afterwards', async () => {
      await withProcess(shell(STUBBORN.plain), async ({ end, pids, guard }) => {
        await pidsIn(pids, 1);
        await guard.close();
        assert.equal((await end).kind, 'died');
        const stdout = `${pids}-out`;
        const command = { argv: ['true'], cwd: '/', env: {}, shell: false };
        const rest = { command, stdout, stderr: stdout, signal: new AbortController().signal, limitBytes: 1e6, guard };
        assert.deepEqual(await runProcess({ ...rest, env: {} }), { kind: 'could not start', code: 'ABORT_ERR' });
      });
    });

    it('does not touch the processes of another run', async () => {
      await withProcess(shell(STUBBORN.plain), async ({ pids, end, abort }) => {
        const [other] = await pidsIn(pids, 1);
        await startGuard('another-run', process.env, log, launcher).close();
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
            const host = spawn(
              process.execPath,
              ['--import', 'tsx', program, String(Object.values(launcher)[0]), directory, 'sh', '-c', STUBBORN[name], 'sh', pids],
              {
                stdio: 'inherit',
              },
            );
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
}

describe('A launcher', () => {
  const started = async (
    launcher: Launcher,
    use: (guard: ReturnType<typeof startGuard>, run: Run, added: readonly number[]) => Promise<void>,
    told = log,
  ) =>
    inTemporaryDirectory(async (directory) => {
      const guard = startGuard(`test-${path.basename(directory)}`, process.env, told, launcher);
      const added: number[] = [];
      const run: Run = (script, pids = path.join(directory, 'pids')) =>
        runProcess({
          command: { argv: ['sh', '-c', script, 'sh', pids], cwd: directory, env: {}, shell: false },
          env: { ...process.env, ...guard.env },
          stdout: path.join(directory, 'out'),
          stderr: path.join(directory, 'out'),
          signal: new AbortController().signal,
          limitBytes: 1e6,
          guard: { ...guard, add: (group) => void added.push(group) },
        });
      try {
        await use(guard, run, added);
      } finally {
        await guard.close();
      }
    });

  it('that is killed takes what it started with it, says so, and the rest is started without it', async () => {
    const told: string[] = [];
    const telling: Log = { ...log, error: (message) => void told.push(message) };
    await inTemporaryDirectory(async (outside) => {
      const pids = path.join(outside, 'pids');
      await started(
        { launcher: launcherProgram() },
        async (guard, run, added) => {
          const end = run(STUBBORN.plain, pids);
          const children = await pidsIn(pids, 1);
          await eventually('the host knows what was started', () => added.length === 1);
          process.kill(guard.group?.() ?? 0, 'SIGKILL');
          assert.deepEqual(await end, { kind: 'died', signal: 'SIGKILL' });
          await eventually('what it had started is gone', () => noneLives(children));
          assert.deepEqual(await run('exit 3'), { kind: 'exited', exitCode: 3 });
        },
        telling,
      );
    });
    assert.match(told.join(), /^The helper that starts processes ended unexpectedly\./);
  });

  for (const program of ['/bin/false', '/no/such/perl']) {
    it(`that ${program} cannot be leaves nothing unstarted`, async () => {
      await started({ launcher: program }, async (_guard, run) => {
        const ends = await Promise.all([run('exit 0'), run('exit 4')]);
        assert.deepEqual(ends, [
          { kind: 'exited', exitCode: 0 },
          { kind: 'exited', exitCode: 4 },
        ]);
      });
    });
  }

  it('keeps hundreds apart that run at once', async () => {
    await started({ launcher: launcherProgram() }, async (_guard, run) => {
      const codes = Array.from({ length: 200 }, (_, index) => index);
      const ends = await Promise.all(codes.map((code) => run(`exit ${code}`)));
      assert.deepEqual(
        ends,
        codes.map((exitCode) => ({ kind: 'exited', exitCode })),
      );
    });
  });
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
