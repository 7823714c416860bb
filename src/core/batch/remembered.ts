/** A list of what was learned, as a file in the storage, so that every window and terminal knows it. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Log } from '../host.js';
import { writeWhole } from '../whole-file.js';
import { openWorkspaceLocks } from '../workspace-locks.js';

/** What is kept; the oldest is forgotten first. */
const KEEP = 500;
/** Somebody who holds the list longer than this hangs: what is learned then may be lost, but nobody waits for ever. */
const PATIENCE_MS = 2000;
/** How often a list that somebody else is changing is asked for again. */
const POLL_MS = 5;

export interface Remembered<Entry> {
  /** Nothing when there is no file or it cannot be understood; entries of another form are left out. */
  read(): Promise<readonly Entry[]>;
  /**
   * Puts what `change` makes of the entries in their place, the newest last; undefined leaves them. No other window or terminal changes them
   * in between. That it could not be written is logged: `what` begins the sentence.
   */
  update(change: (entries: readonly Entry[]) => readonly Entry[] | undefined, what: string): Promise<void>;
}

/** `patienceMs`: how long somebody else may hold the list. */
export function openRemembered<Entry>(
  file: string,
  isEntry: (value: unknown) => value is Entry,
  log: Log,
  patienceMs = PATIENCE_MS,
): Remembered<Entry> {
  const locks = openWorkspaceLocks(path.join(path.dirname(file), 'locks'), log, POLL_MS);
  const read = async (): Promise<readonly Entry[]> => {
    const text = await readFile(file, 'utf8').catch(() => '[]');
    try {
      const value: unknown = JSON.parse(text);
      return Array.isArray(value) ? value.filter(isEntry) : [];
    } catch {
      return [];
    }
  };
  // Those of one process do not ask each other by files.
  let last: Promise<void> = Promise.resolve();
  return {
    read,
    update(change, what) {
      last = last.then(async () => {
        const free = await locks.take([path.basename(file)], AbortSignal.timeout(patienceMs), () => {});
        try {
          const entries = change(await read());
          if (entries) await writeWhole(file, JSON.stringify(entries.slice(-KEEP)));
        } catch (error) {
          log.warn(`${what} could not be written to ${file}: ${String(error)}.`);
        } finally {
          await free?.();
        }
      });
      return last;
    },
  };
}
