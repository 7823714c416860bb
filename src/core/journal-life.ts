/** When the process of a change was last alive: what was changed after its death is somebody else's. */
import { lstat, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

const EVERY_MS = 2_000;
/** What a process had started may outlive it by a moment, and clocks of file systems are coarse. */
const GRACE_MS = 5_000;

/** Leaves a sign of life in the directory every other second, until it is stopped. Holds no process up. */
export function keepSigns(directory: string): () => void {
  // Where the disk is full there is no sign, and what came later than the last one counts as somebody else's.
  const leave = () => void writeFile(path.join(directory, 'alive'), '').catch(() => undefined);
  leave();
  const timer = setInterval(leave, EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** When the last sign was left there, in milliseconds since 1970; undefined where there is none. */
export async function lastSign(directory: string): Promise<number | undefined> {
  return (await stat(path.join(directory, 'alive')).catch(() => undefined))?.mtimeMs;
}

/** Whether an entry was changed when whoever left the last sign was no longer there. */
export async function isChangedAfter(file: string, sign: number): Promise<boolean> {
  const stats = await lstat(file).catch(() => undefined);
  return stats !== undefined && Math.max(stats.mtimeMs, stats.ctimeMs) > sign + GRACE_MS;
}
