/** The files that a batch writes: each in one step, its before-image kept first; atomic groups put back as they were, all together. */
import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Journal, type OpenChange, temporaryName } from '../journal.js';
import type { OperationId } from '../model.js';

export interface Changes {
  /** Keeps the file as it is and puts the content in place. */
  write(operation: OperationId, file: string, content: Uint8Array): Promise<void>;
  /** Keeps files as they are that somebody else is about to change for an operation. */
  keep(operation: OperationId, files: readonly string[]): Promise<void>;
  /** Files and directories that have come into being for an operation. */
  created(operation: OperationId, files: readonly string[], directories: readonly string[]): Promise<void>;
  /** Ends the changes of an atomic group: from now on they are whole, and undone on request only. */
  commit(group: string): Promise<void>;
  /** Puts back what the atomic group has changed so far. `conflicts`: changed by somebody else meanwhile, left as they are. */
  rollBack(group: string): Promise<{ readonly restored: readonly string[]; readonly conflicts: readonly string[] }>;
  /** Ends all changes. Resolves with the files that differ from before, sorted, and by what they can be undone, in this order. */
  end(): Promise<{ readonly files: readonly string[]; readonly undo: readonly string[] }>;
}

export interface ChangesContext {
  readonly journal: Journal;
  /** For people: `Batch rename.batch.jsonc`. */
  readonly label: string;
  readonly date: () => Date;
  /** The atomic group of an operation. */
  readonly groupOf: (operation: OperationId) => string | undefined;
}

export function openChanges({ journal, label, date, groupOf }: ChangesContext): Changes {
  // One for each atomic group, and one for everything else.
  const changes = new Map<string, Promise<OpenChange>>();
  /** By group, over all times that it was rolled back. */
  const restored = new Map<string, Set<string>>();
  /** Which change holds the content from before the batch of a file that several have changed. */
  const owners = new Map<string, string>();
  /** What has ended, the newest first. */
  const ended: { readonly id: string; readonly files: readonly string[] }[] = [];
  const at = date();
  const changeOf = (group: string | undefined) => {
    const key = group ?? '';
    const known =
      changes.get(key) ??
      journal.begin(group === undefined ? label : `${label}, ${group}`, [], at, { atomic: group !== undefined });
    changes.set(key, known);
    return known;
  };
  const own = (group: string | undefined, files: readonly string[]) => {
    for (const file of files) if (!owners.has(file)) owners.set(file, group ?? '');
  };
  const endOf = async (key: string) => {
    const change = await changes.get(key);
    if (!change) return;
    changes.delete(key);
    const files = await change.end([], (file) => owners.get(file) !== key);
    for (const [file, owner] of owners) if (owner === key) owners.delete(file);
    if (files.length > 0) ended.unshift({ id: change.id, files });
  };
  return {
    async write(operation, file, content) {
      own(groupOf(operation), [file]);
      await (await changeOf(groupOf(operation))).writing(file, content);
      const mode = await stat(file).then(
        (stats) => stats.mode & 0o7777,
        () => undefined,
      );
      await putInPlace(file, content, mode);
    },
    async keep(operation, files) {
      own(groupOf(operation), files);
      await (await changeOf(groupOf(operation))).add(files);
    },
    async created(operation, files, directories) {
      own(groupOf(operation), files);
      await (await changeOf(groupOf(operation))).created(files, directories);
    },
    commit: endOf,
    async rollBack(group) {
      const undone = await (await changes.get(group))?.restore();
      const known = restored.get(group) ?? new Set<string>();
      for (const file of undone?.restored ?? []) known.add(file);
      restored.set(group, known);
      return { restored: [...known].sort(), conflicts: undone?.conflicts ?? [] };
    },
    async end() {
      // What belongs to no group may have changed files after any of them.
      for (const key of [...changes.keys()].filter((each) => each !== '')) await endOf(key);
      await endOf('');
      return { files: [...new Set(ended.flatMap(({ files }) => files))].sort(), undo: ended.map(({ id }) => id) };
    },
  };
}

/** Puts a file in place in one step: a temporary file beside it, to the disk, then its name. */
async function putInPlace(file: string, content: Uint8Array, mode: number | undefined): Promise<void> {
  const name = createHash('sha256').update(`${file}${process.hrtime.bigint()}`).digest('hex').slice(0, 8);
  const temporary = temporaryName(file, name);
  try {
    const handle = await opened(temporary);
    try {
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

/** A new file and its directories, which an atomic group that made them may just be taking away. */
async function opened(file: string, attempts = 5): ReturnType<typeof open> {
  await mkdir(path.dirname(file), { recursive: true });
  try {
    return await open(file, 'wx');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempts <= 1) throw error;
    return opened(file, attempts - 1);
  }
}
