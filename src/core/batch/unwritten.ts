/**
 * Writes that a batch declares and that nobody has seen happen. Counted for what users are told, never for a plan: that something was not
 * seen does not show that it never happens. A file in the storage.
 */
import path from 'node:path';
import { escapeGlob } from '../glob-match.js';
import { globsMayMeet } from '../globs.js';
import type { Log } from '../host.js';
import { isLeftover, NAMES_NEVER_WALKED } from '../ignored.js';
import type { Folder } from '../model.js';
import { isInside, slashes } from '../paths.js';
import { globOf } from './operations.js';
import { openRemembered } from './remembered.js';

/** After so many looks something is said. */
export const LOOKS_UNTIL_TOLD = 3;

/** A declared write, as the batch says it, and whether it was seen when its operation ran alone. */
export interface LookedAt {
  readonly glob: string;
  readonly seen: boolean;
}

/** A declared write that was not seen in so many runs. */
export interface Unwritten {
  readonly glob: string;
  readonly looks: number;
}

export interface WritesLookedAt {
  /** Of operations, by what is remembered of them: what was looked for at least `LOOKS_UNTIL_TOLD` times and never seen. */
  unwritten(): Promise<ReadonlyMap<string, readonly Unwritten[]>>;
  /** Counts one look. */
  remember(operation: string, looked: readonly LookedAt[]): Promise<void>;
}

type Count = readonly [glob: string, looks: number, seen: number];

export function openWritesLookedAt(storage: string, log: Log): WritesLookedAt {
  const remembered = openRemembered(path.join(storage, 'declared-writes.json'), isEntry, log);
  return {
    async unwritten() {
      const entries = await remembered.read();
      return new Map(
        entries.map(([operation, counts]) => [
          operation,
          counts.flatMap(([glob, looks, seen]) => (seen === 0 && looks >= LOOKS_UNTIL_TOLD ? [{ glob, looks }] : [])),
        ]),
      );
    },
    remember: (operation, looked) =>
      remembered.update((entries) => {
        if (looked.length === 0) return undefined;
        const known = new Map(entries);
        const before = new Map(known.get(operation)?.map((count) => [count[0], count]));
        known.delete(operation);
        // What is no longer declared is forgotten.
        const counts = looked.map(({ glob, seen }): Count => {
          const [, looks = 0, times = 0] = before.get(glob) ?? [];
          return [glob, looks + 1, times + (seen ? 1 : 0)];
        });
        return [...known, [operation, counts] as const];
      }, `What “${operation}” was not seen to write`),
  };
}

/**
 * Which of the declared writes were seen, by what changed in the folder (relative, with `/`; a new directory stands for all in it). Only those
 * that can be seen: not outside of the folder, nor where nobody looks. In doubt it was seen.
 */
export function lookFor(declared: readonly string[], wrote: readonly string[], folder: Folder): readonly LookedAt[] {
  const base = slashes(folder.path);
  return declared.flatMap((glob) => {
    const absolute = globOf(glob, folder);
    const names = absolute.slice(base.length).split('/');
    if (!isInside(base, absolute) || names.some((name) => NAMES_NEVER_WALKED.has(name) || isLeftover(name))) return [];
    return [{ glob, seen: wrote.some((name) => globsMayMeet(absolute, `${base}/${escapeGlob(name)}`)) }];
  });
}

function isEntry(value: unknown): value is readonly [string, readonly Count[]] {
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    typeof value[0] === 'string' &&
    Array.isArray(value[1]) &&
    value[1].every(
      (each) => Array.isArray(each) && typeof each[0] === 'string' && Number.isInteger(each[1]) && Number.isInteger(each[2]),
    )
  );
}
