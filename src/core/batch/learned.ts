/** What operations were seen to write though nothing says so: a file in the storage, so that every later plan counts it. */
import path from 'node:path';
import type { Log } from '../host.js';
import { openRemembered } from './remembered.js';

/** Globs relative to the folder of the workspace, by what is remembered of an operation. */
export type LearnedWrites = ReadonlyMap<string, readonly string[]>;

export interface Learned {
  writes(): Promise<LearnedWrites>;
  /** Adds to what is known of an operation. */
  remember(operation: string, globs: readonly string[]): Promise<void>;
}

/** So many globs are kept of one operation. */
const MOST_EACH = 100;

export function openLearned(storage: string, log: Log): Learned {
  const remembered = openRemembered(path.join(storage, 'observed-writes.json'), isEntry, log);
  return {
    writes: async () => new Map(await remembered.read()),
    remember: (operation, globs) =>
      remembered.update((entries) => {
        const known = new Map(entries);
        const before = known.get(operation) ?? [];
        const added = globs.filter((glob) => !before.includes(glob));
        if (added.length === 0) return undefined;
        known.delete(operation);
        const all = [...before, ...added];
        // What writes another name each time may write any in the folder.
        return [...known, [operation, all.length > MOST_EACH ? ['**'] : all]];
      }, `What “${operation}” writes`),
  };
}

function isEntry(value: unknown): value is readonly [string, readonly string[]] {
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    typeof value[0] === 'string' &&
    Array.isArray(value[1]) &&
    value[1].every((each) => typeof each === 'string')
  );
}
