/** What operations really write: the folder before and after each of them, while they run one after another. */
import { escapeGlob } from '../glob-match.js';
import { globsMayMeet } from '../globs.js';
import type { Access, Folder, Operation } from '../model.js';
import { slashes } from '../paths.js';
import { changesBetween, type Snapshot, takeSnapshot } from './snapshot.js';

/** What an operation did, seen from outside. Paths are relative to the folder, with `/`. */
export interface Seen {
  /** What changed while it ran, sorted; a new directory stands for all in it. */
  readonly wrote: readonly string[];
  /** What of it the access of the operation does not name. */
  readonly undeclared: readonly string[];
  /** How long the looking took, in milliseconds. */
  readonly lookedMs: number;
}

/** One run whose operations run one after another. */
export interface Observer {
  /** Does the work, and tells what was seen; undefined for a tool whose access is exact, and where there is too much to look at. */
  around<Result>(operation: Operation, work: () => Promise<Result>): Promise<{ readonly result: Result; readonly seen?: Seen }>;
}

export interface ObserverOptions {
  readonly folder: Folder;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Something other than operations may change files between them: groups that are put back. */
  readonly changesBetween: boolean;
}

export function createObserver({ folder, now, changesBetween: isChanged }: ObserverOptions): Observer {
  /** As the operation before has left it; undefined when nobody looked. */
  let before: Snapshot | undefined;
  let tooMuch = false;
  return {
    async around(operation, work) {
      if (tooMuch || !isWatched(operation)) {
        before = undefined;
        return { result: await work() };
      }
      const begun = now();
      const first = before ?? (await takeSnapshot(folder.path));
      const started = now();
      const result = await work();
      const ended = now();
      const after = await takeSnapshot(folder.path);
      before = isChanged ? undefined : after;
      tooMuch = after === undefined || first === undefined;
      if (!first || !after) return { result };
      const changed = changesBetween(first, after);
      const undeclared = changed.filter((name) => !isNamed(name, operation.access, folder));
      const seen = { wrote: summarized(changed, after), undeclared: withinNew(undeclared, changed, after) };
      return { result, seen: { ...seen, lookedMs: started - begun + (now() - ended) } };
    },
  };
}

/** Without what lies in a new directory that is among them, all of whose contents are. */
function withinNew(names: readonly string[], changed: readonly string[], after: Snapshot): readonly string[] {
  const chosen = new Set(names);
  const partly = new Set(changed.filter((name) => !chosen.has(name)).flatMap(directoriesAbove));
  // A directory some of whose contents are named is made by whoever makes these.
  return summarized(
    names.filter((name) => !partly.has(name)),
    after,
  );
}

function summarized(names: readonly string[], after: Snapshot): readonly string[] {
  const directories = new Set(names.filter((name) => after.get(name) === 'directory' || !after.has(name)));
  return names.filter((name) => !directoriesAbove(name).some((directory) => directories.has(directory)));
}

function directoriesAbove(name: string): readonly string[] {
  const parts = name.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** What the others touch follows from their input. */
function isWatched({ tool }: Operation): boolean {
  return tool === 'command' || tool === 'agent';
}

/** By the same rule by which operations are kept apart: what no glob may mean, nobody waits for. */
function isNamed(name: string, { writes, barrier, seen = [] }: Access, folder: Folder): boolean {
  // Whatever a barrier writes is news until it was seen once.
  if (barrier) return seen.some((each) => globsMayMeet(each, `${slashes(folder.path)}/${escapeGlob(name)}`));
  const glob = `${slashes(folder.path)}/${escapeGlob(name)}`;
  return writes.some((each) => globsMayMeet(each, glob));
}

/** So many paths are kept one by one. */
const MOST = 30;

/** Paths as globs to be remembered: each by itself, or the directories that hold them all where they are many. */
export function globsOf(names: readonly string[]): readonly string[] {
  if (names.length <= MOST) return names.map(escapeGlob);
  const parents = [...new Set(names.map((name) => name.slice(0, Math.max(0, name.lastIndexOf('/')))))];
  if (parents.length === names.length || parents.includes('')) return ['**'];
  return globsOf(parents.filter((parent) => !parents.some((other) => parent.startsWith(`${other}/`))));
}
