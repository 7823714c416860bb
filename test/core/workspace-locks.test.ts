import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { openWorkspaceLocks, type WorkspaceLocks } from '../../src/core/workspace-locks.js';
import { eventually, inTemporaryDirectory } from '../support/processes.js';

const PROGRAM = path.resolve('test/support/lock-program.ts');
const LOG = { debug() {}, info() {}, warn: (text: string) => assert.fail(text), error() {} };

/** No process has such a number. */
const DEAD = 2 ** 22 + 1;

interface Place {
  /** Of the locks. */
  readonly directory: string;
  readonly locks: WorkspaceLocks;
  /** Another process. `said` is what it has written so far. */
  start(...args: readonly string[]): { readonly child: ChildProcess; readonly closed: Promise<unknown>; said(): string };
}

async function withLocks(use: (place: Place) => Promise<void>): Promise<void> {
  await inTemporaryDirectory(async (temporary) => {
    const directory = path.join(temporary, 'locks');
    const children: ChildProcess[] = [];
    const start: Place['start'] = (...args) => {
      const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, directory, ...args], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      children.push(child);
      let text = '';
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk;
      });
      return { child, closed: once(child, 'close'), said: () => text };
    };
    try {
      await use({ directory, locks: openWorkspaceLocks(directory, LOG), start });
    } finally {
      for (const child of children) child.kill('SIGKILL');
    }
  });
}

const never = () => new AbortController().signal;

describe('Locks across processes', function () {
  this.timeout(60_000);

  it('are held by one process at a time, and who waits is told once', async () => {
    await withLocks(async ({ locks, start }) => {
      const other = start('hold', 'a', 'b');
      await eventually('it holds them', () => other.said() === 'held\n');
      let waits = 0;
      let got = false;
      const taking = locks
        .take(['b', 'c'], never(), () => {
          waits += 1;
        })
        .then((free) => {
          got = true;
          return free;
        });
      await eventually('it waits', () => waits === 1);
      // Nothing is held for longer than it takes to see that something is missing.
      const third = await locks.take(['c'], never(), () => {});
      await third?.();
      assert.equal(got, false);
      other.child.stdin?.end();
      await (await taking)?.();
      assert.equal(waits, 1);
    });
  });

  it('of a process that was killed are free, and nothing of them is left', async () => {
    await withLocks(async ({ directory, locks, start }) => {
      const other = start('hold', 'a', 'b');
      await eventually('it holds them', () => other.said() === 'held\n');
      other.child.kill('SIGKILL');
      await other.closed;
      const free = await locks.take(['a', 'b'], never(), () => {});
      assert.equal((await readdir(directory)).length, 2);
      await free?.();
      assert.deepEqual(await readdir(directory), []);
    });
  });

  it('of a process whose number another one has now are free', async () => {
    await withLocks(async ({ directory, locks }) => {
      const free = await locks.take(['a'], never(), () => {});
      const [name = ''] = await readdir(directory);
      await writeFile(path.join(directory, name), JSON.stringify({ process: process.pid, started: '1', token: 'x' }));
      await free?.();
      const again = await locks.take(['a'], never(), () => {});
      assert.ok(again);
      await again();
      assert.deepEqual(await readdir(directory), []);
    });
  });

  it('are not waited for any more after a cancel, and none is kept', async () => {
    await withLocks(async ({ directory, locks }) => {
      const free = await locks.take(['b'], never(), () => {});
      const controller = new AbortController();
      const waiting = locks.take(['a', 'b', 'c'], controller.signal, () => controller.abort());
      assert.equal(await waiting, undefined);
      assert.equal((await readdir(directory)).length, 1);
      await free?.();
      assert.equal(await locks.take(['a'], AbortSignal.abort(), () => {}), undefined);
      assert.deepEqual(await readdir(directory), []);
    });
  });

  it('protect a counter from several processes, some of which die holding them', async () => {
    await withLocks(async ({ directory, start }) => {
      const file = `${directory}-counter`;
      await writeFile(file, '0');
      const others = [0, 1, 2, 3].map((index) =>
        start('count', file, '25', index < 2 ? '1' : '0', ...(index % 2 === 0 ? ['x', 'y'] : ['y', 'z'])),
      );
      await Promise.all(others.map(({ closed }) => closed));
      assert.equal(await readFile(file, 'utf8'), '100');
    });
  });

  it('that somebody else has just taken from a dead process stay with them', async () => {
    await withLocks(async ({ directory, locks }) => {
      const free = await locks.take(['a'], never(), () => {});
      const [name = ''] = await readdir(directory);
      const file = path.join(directory, name);
      const living = await readFile(file, 'utf8');
      await writeFile(file, JSON.stringify({ process: DEAD, token: 'dead' }));
      const { kill } = process;
      // Between the look at the holder and what follows from it.
      process.kill = (pid, signal) => {
        if (pid === DEAD) writeFileSync(file, living);
        return kill.call(process, pid, signal);
      };
      try {
        const controller = new AbortController();
        assert.equal(await locks.take(['a'], controller.signal, () => controller.abort()), undefined);
      } finally {
        process.kill = kill;
      }
      assert.equal(await readFile(file, 'utf8'), living);
      await free?.();
      assert.deepEqual(await readdir(directory), []);
    });
  });

  it('of the dead go to one of all that find them at once', async () => {
    await withLocks(async ({ directory, locks }) => {
      const first = await locks.take(['a'], never(), () => {});
      const [name = ''] = await readdir(directory);
      await first?.();
      for (let round = 0; round < 40; round += 1) {
        await writeFile(path.join(directory, name), JSON.stringify({ process: DEAD, token: `dead${round}` }));
        let holders = 0;
        const turns = Array.from({ length: 6 }, async () => {
          // Each as if in a window of its own.
          const free = await openWorkspaceLocks(directory, LOG, 1).take(['a'], never(), () => {});
          holders += 1;
          assert.equal(holders, 1, `round ${round}`);
          await new Promise((resolve) => setImmediate(resolve));
          holders -= 1;
          await free?.();
        });
        await Promise.all(turns);
        assert.deepEqual(await readdir(directory), [], 'nothing is left');
      }
    });
  });
});
