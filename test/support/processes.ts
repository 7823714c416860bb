/** Real child processes for tests, and a look at which of them still live. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A directory that is removed when `use` has ended. */
export async function inTemporaryDirectory<Result>(use: (directory: string) => Promise<Result>): Promise<Result> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'volley-test-'));
  try {
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Whether the process lives; a dead one that nobody has waited for does not. */
export async function lives(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return !/\) [ZX] /.test(stat);
}

/** Resolves when `condition` holds; fails with `what` after ten seconds. */
export async function eventually(what: string, condition: () => Promise<boolean> | boolean): Promise<void> {
  for (let waited = 0; waited < 10_000; waited += 20) {
    if (await condition()) return;
    await delay(20);
  }
  throw new Error(`It did not happen: ${what}`);
}

/** The process ids that a command of `stubborn` has written, once there are `count` of them. */
export async function pidsIn(file: string, count: number): Promise<readonly number[]> {
  let pids: readonly number[] = [];
  await eventually(`${count} process ids in ${file}`, async () => {
    const text = await readFile(file, 'utf8').catch(() => '');
    pids = text.split('\n').filter(Boolean).map(Number);
    return pids.length >= count;
  });
  return pids;
}

/** Shell scripts that write their own process ids and those of what they start into the file `$1`, and then do not end. */
export const STUBBORN = {
  /** Ends on the first signal. */
  plain: 'echo $$ >> "$1"; exec sleep 600',
  /** Ignores every signal that can be ignored, and so does its child. */
  deaf: 'trap "" INT TERM HUP; echo $$ >> "$1"; (echo "$(exec sh -c \'echo $PPID\')" >> "$1"; while :; do sleep 600; done) & while :; do sleep 600; done',
  /** Leaves a child in the background and ends. */
  leaving: 'sleep 600 & echo $! >> "$1"',
  /** Moves a grandchild into a session of its own, out of its process group. */
  escaping:
    'setsid sh -c \'echo $$ >> "$1"; trap "" INT TERM HUP; while :; do sleep 600; done\' sh "$1" & while [ ! -s "$1" ]; do sleep 0.01; done; exec sleep 600',
  /** As `escaping`, but ends by itself. */
  escapingAndLeaving: 'setsid sh -c \'echo $$ >> "$1"; exec sleep 600\' sh "$1" & while [ ! -s "$1" ]; do sleep 0.01; done',
} as const;
