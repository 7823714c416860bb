/** The files that a batch writes: each in one step, its before-image kept first; atomic groups put back as they were, all together. */
import { lstat, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Log } from '../host.js';
import type { Journal, Link, OpenChange, Undone } from '../journal.js';
import type { OperationId } from '../model.js';
import { isInside } from '../paths.js';
import { isSamePlace, realPlace } from '../real-place.js';
import { Refusal } from '../tools/tool.js';

export interface Changes {
  /** Keeps the file as it is and puts the content in place. `file`: where it really lies; rejects with a `Refusal` when that is no longer so. */
  write(operation: OperationId, file: string, content: Uint8Array): Promise<void>;
  /** Keeps files and symbolic links as they are that somebody else is about to change for an operation. */
  keep(operation: OperationId, files: readonly string[], links: readonly Link[]): Promise<void>;
  /** Files and directories that have come into being for an operation. */
  created(operation: OperationId, files: readonly string[], directories: readonly string[]): Promise<void>;
  /**
   * An operation is about to let somebody else write in places (absolute; what lies below one, too). Call the result when it has ended: what is
   * there then stays, whichever other group is put back; of an atomic group, once that is whole.
   */
  watching(operation: OperationId, places: readonly string[]): () => Promise<void>;
  /** Ends the changes of an atomic group: from now on they are whole, and undone on request only. */
  commit(group: string): Promise<void>;
  /** Puts back what the atomic group has changed so far. */
  rollBack(group: string): Promise<Undone>;
  /** Ends all changes. Resolves with the files that differ from before, sorted, and by what they can be undone, in this order. */
  end(): Promise<{ readonly files: readonly string[]; readonly undo: readonly string[] }>;
}

export interface ChangesContext {
  readonly journal: Journal;
  /** For people: `Batch rename.batch.jsonc`. */
  readonly label: string;
  readonly date: () => Date;
  readonly log: Log;
  /** The atomic group of an operation. */
  readonly groupOf: (operation: OperationId) => string | undefined;
}

export function openChanges({ journal, label, date, groupOf, log }: ChangesContext): Changes {
  // One for each atomic group, and one for everything else.
  const changes = new Map<string, Promise<OpenChange>>();
  /** By group, over all times that it was rolled back. */
  const restored = new Map<string, Set<string>>();
  /** Which change holds the content from before the batch of a file that several have changed. */
  const owners = new Map<string, string>();
  /** What has ended, the newest first. */
  const ended: { readonly id: string; readonly files: readonly string[] }[] = [];
  const directories = sharedDirectories();
  /** Where members of atomic groups let others write, by the group. */
  const watched = new Map<string, readonly string[]>();
  const release = async (group: string, stays: boolean) => {
    const places = watched.get(group) ?? [];
    watched.delete(group);
    await directories.release(places, stays);
  };
  /** One group is put back after another: each has to know which directories those before it have made. */
  let rollingBack: Promise<unknown> = Promise.resolve();
  const at = date();
  const changeOf = (group: string | undefined) => {
    const key = group ?? '';
    const known =
      changes.get(key) ??
      journal.begin(group === undefined ? label : `${label}, ${group}`, [], at, { atomic: group !== undefined });
    changes.set(key, known);
    // Later there may be room for it.
    known.catch(() => changes.get(key) === known && changes.delete(key));
    return known;
  };
  const own = (group: string | undefined, files: readonly string[]) => {
    for (const file of files) if (!owners.has(file)) owners.set(file, group ?? '');
    if (group === undefined) directories.stay(files);
  };
  const endOf = async (key: string) => {
    await release(key, true);
    const change = await changes.get(key);
    if (!change) return;
    changes.delete(key);
    const own = [...owners].flatMap(([file, owner]) => (owner === key ? [file] : []));
    directories.stay(own);
    const files = await change.end([], { elsewhere: (file) => owners.get(file) !== key }).catch((error: unknown) => {
      // All before-images are kept already, so that it can be undone as one that a crash left.
      log.warn(`That the changes of ${label} have ended could not be written down: ${String(error)}. They can be undone.`);
      return own.sort();
    });
    for (const [file, owner] of owners) if (owner === key) owners.delete(file);
    if (files.length > 0) ended.unshift({ id: change.id, files });
  };
  return {
    async write(operation, file, content) {
      await checkPlace(file);
      own(groupOf(operation), [file]);
      const change = await changeOf(groupOf(operation));
      await change.writing(file, content);
      const mode = await stat(file).then(
        (stats) => stats.mode & 0o7777,
        () => undefined,
      );
      await putInPlace(file, change.temporaryName(file), content, mode);
    },
    async keep(operation, files, links) {
      own(groupOf(operation), files);
      const change = await changeOf(groupOf(operation));
      await change.add(files);
      await change.addLinks(links);
    },
    async created(operation, files, directories) {
      own(groupOf(operation), files);
      await (await changeOf(groupOf(operation))).created(files, directories);
    },
    watching(operation, places) {
      const group = groupOf(operation);
      directories.take(places);
      if (group === undefined) return () => directories.release(places, true);
      watched.set(group, [...(watched.get(group) ?? []), ...places]);
      return async () => {};
    },
    commit: endOf,
    async rollBack(group) {
      const change = await changes.get(group);
      const restoring = rollingBack.then(async () => {
        await release(group, false);
        return change?.restore(directories.leftOver());
      });
      rollingBack = restoring.catch(() => undefined);
      const undone = await restoring;
      directories.putBack(undone?.made ?? []);
      const known = restored.get(group) ?? new Set<string>();
      for (const file of undone?.restored ?? []) known.add(file);
      restored.set(group, known);
      return { restored: [...known].sort(), conflicts: undone?.conflicts ?? [], failed: undone?.failed ?? [] };
    },
    async end() {
      // What belongs to no group may have changed files after any of them.
      for (const key of [...changes.keys()].filter((each) => each !== '')) await endOf(key);
      await endOf('');
      return { files: [...new Set(ended.flatMap(({ files }) => files))].sort(), undo: ended.map(({ id }) => id) };
    },
  };
}

/**
 * Directories that several changes stand in. Who made one may be put back while another change still has files below it, or makes it again
 * without knowing that it was new: whoever is put back last takes it away, unless something that stays has come to lie in it.
 */
function sharedDirectories() {
  const made = new Set<string>();
  const needed = new Set<string>();
  /** Where somebody is writing whose work stays. */
  const taken: string[] = [];
  const needFrom = (directory: string) => {
    for (let at = directory; at !== path.dirname(at) && !needed.has(at); at = path.dirname(at)) needed.add(at);
  };
  const isTaken = (directory: string) => taken.some((place) => isInside(place, directory) || isInside(directory, place));
  return {
    /** Files that nobody will put back. */
    stay(files: readonly string[]): void {
      for (const file of files) needFrom(path.dirname(file));
    },
    take(places: readonly string[]): void {
      taken.push(...places);
    },
    async release(places: readonly string[], stays: boolean): Promise<void> {
      for (const place of places) {
        const found = stays ? [place, ...[...made].filter((directory) => isInside(place, directory))] : [];
        for (const each of found) {
          const stats = await lstat(each).catch(() => undefined);
          if (stats) needFrom(stats.isDirectory() ? each : path.dirname(each));
        }
        taken.splice(taken.indexOf(place), 1);
      }
    },
    /** What a change that was put back had made. */
    putBack(directories: readonly string[]): void {
      for (const directory of directories) made.add(directory);
    },
    leftOver: (): readonly string[] => [...made].filter((directory) => !needed.has(directory) && !isTaken(directory)),
  };
}

/** Rejects when a directory above the file is a symbolic link: it was none when the file was looked for. */
async function checkPlace(file: string): Promise<void> {
  const directory = path.dirname(file);
  if (isSamePlace(await realPlace(directory), directory)) return;
  throw new Refusal(
    `A directory above ${file} became a symbolic link while it was to be written, so nothing was written. Look at who changed it, and try again.`,
  );
}

/** Puts a file in place in one step: a temporary file beside it, to the disk, then its name. */
async function putInPlace(file: string, temporary: string, content: Uint8Array, mode: number | undefined): Promise<void> {
  try {
    const handle = await opened(temporary);
    try {
      // What it is called now is where it was made, unless somebody has moved a directory in between.
      await checkPlace(temporary);
      await handle.writeFile(content);
      if (mode !== undefined) await handle.chmod(mode);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** A new file and its directories, which an atomic group that made them may just be taking away: also while they are made. */
async function opened(file: string, attempt = 0): ReturnType<typeof open> {
  try {
    await mkdir(path.dirname(file), { recursive: true });
    return await open(file, 'wx');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempt >= MOST_ATTEMPTS) throw error;
    // Whoever takes it away is given the time to end.
    await setTimeout(attempt);
    return opened(file, attempt + 1);
  }
}

/** Little more than a second. */
const MOST_ATTEMPTS = 50;
