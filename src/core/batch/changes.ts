/** The files that a batch writes: each in one step, its before-image kept first; atomic groups put back as they were, all together. */
import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Journal, OpenChange } from '../journal.js';
import type { OperationId } from '../model.js';

export interface Changes {
  /** Keeps the file as it is and puts the content in place. */
  write(operation: OperationId, file: string, content: Uint8Array): Promise<void>;
  /** Keeps files as they are that somebody else is about to change for an operation. */
  keep(operation: OperationId, files: readonly string[]): Promise<void>;
  /** Files that have come into being for an operation. */
  created(operation: OperationId, files: readonly string[]): Promise<void>;
  /** Puts back what the atomic group has changed so far. `conflicts`: changed by somebody else meanwhile, left as they are. */
  rollBack(group: string): Promise<{ readonly restored: readonly string[]; readonly conflicts: readonly string[] }>;
  /** Ends all changes. Resolves with the files that differ from before, sorted, and by what they can be undone. */
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
  const changeOf = (group: string | undefined) => {
    const key = group ?? '';
    const known =
      changes.get(key) ??
      journal.begin(group === undefined ? label : `${label}, ${group}`, [], date(), { atomic: group !== undefined });
    changes.set(key, known);
    return known;
  };
  return {
    async write(operation, file, content) {
      await (await changeOf(groupOf(operation))).writing(file, content);
      const mode = await stat(file).then(
        (stats) => stats.mode & 0o7777,
        () => undefined,
      );
      await putInPlace(file, content, mode);
    },
    async keep(operation, files) {
      await (await changeOf(groupOf(operation))).add(files);
    },
    async created(operation, files) {
      await (await changeOf(groupOf(operation))).created(files);
    },
    async rollBack(group) {
      const undone = await (await changes.get(group))?.restore();
      const known = restored.get(group) ?? new Set<string>();
      for (const file of undone?.restored ?? []) known.add(file);
      restored.set(group, known);
      return { restored: [...known].sort(), conflicts: undone?.conflicts ?? [] };
    },
    async end() {
      const all = await Promise.all(changes.values());
      const ended = await Promise.all(all.map(async (change) => ({ id: change.id, files: await change.end([]) })));
      const changed = ended.filter(({ files }) => files.length > 0);
      return { files: [...new Set(changed.flatMap(({ files }) => files))].sort(), undo: changed.map(({ id }) => id) };
    },
  };
}

/** Puts a file in place in one step: a temporary file beside it, to the disk, then its name. */
async function putInPlace(file: string, content: Uint8Array, mode: number | undefined): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const name = createHash('sha256').update(`${file}${process.hrtime.bigint()}`).digest('hex').slice(0, 8);
  const temporary = path.join(path.dirname(file), `.${path.basename(file).slice(0, 100)}.volley-${name}.tmp`);
  try {
    const handle = await open(temporary, 'wx');
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
