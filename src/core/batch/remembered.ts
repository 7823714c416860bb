/** A list of what was learned, as a file in the storage, so that every window and terminal knows it. */
import { readFile } from 'node:fs/promises';
import type { Log } from '../host.js';
import { writeWhole } from '../whole-file.js';

/** What is kept; the oldest is forgotten first. */
const KEEP = 500;

export interface Remembered<Entry> {
  /** Nothing when there is no file or it cannot be understood; entries of another form are left out. */
  read(): Promise<readonly Entry[]>;
  /** The newest last. That it could not be written is logged: `what` begins the sentence. */
  write(entries: readonly Entry[], what: string): Promise<void>;
}

export function openRemembered<Entry>(file: string, isEntry: (value: unknown) => value is Entry, log: Log): Remembered<Entry> {
  return {
    async read() {
      const text = await readFile(file, 'utf8').catch(() => '[]');
      try {
        const value: unknown = JSON.parse(text);
        return Array.isArray(value) ? value.filter(isEntry) : [];
      } catch {
        return [];
      }
    },
    async write(entries, what) {
      try {
        await writeWhole(file, JSON.stringify(entries.slice(-KEEP)));
      } catch (error) {
        log.warn(`${what} could not be written to ${file}: ${String(error)}.`);
      }
    },
  };
}
