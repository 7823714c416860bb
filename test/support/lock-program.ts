/**
 * Takes locks as another window would: `DIRECTORY hold NAME…` says `held` and waits for the end of its input; `DIRECTORY count FILE TIMES
 * DIE NAME…` adds one to the number in a file so many times, each time under the locks, and with DIE > 0 dies holding them that often.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { openWorkspaceLocks } from '../../src/core/workspace-locks.js';

const [directory = '', what, ...rest] = process.argv.slice(2);
const log = { debug() {}, info() {}, warn: (text: string) => process.stdout.write(`${text}\n`), error() {} };
const locks = openWorkspaceLocks(directory, log);
const never = new AbortController().signal;

if (what === 'hold') {
  const free = await locks.take(rest, never, () => process.stdout.write('waits\n'));
  process.stdout.write('held\n');
  for await (const _ of process.stdin);
  await free?.();
} else {
  const [file = '', times = '0', die = '0', ...names] = rest;
  for (let left = Number(times); left > 0; left -= 1) {
    const free = await locks.take(names, never, () => {});
    const before = Number(readFileSync(file, 'utf8'));
    for (let turns = 0; turns < 3; turns += 1) await turn();
    writeFileSync(file, String(before + 1));
    if (left === 1 && die === '1') process.kill(process.pid, 'SIGKILL');
    await free?.();
  }
}
