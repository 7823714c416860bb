/**
 * Before-images of files that are about to be changed by somebody else's program, so that all of it can be undone in one step, without
 * git, also after a crash or in another window. One directory a change: `before/` holds copies, `journal.json` says of what.
 */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Log } from './host.js';

/** How many changes can be undone, the newest first. */
const KEEP = 10;
/** Files looked at together. */
const TOGETHER = 16;

/** What happened to one file. Hashes are of contents; absent: there was no file. */
interface JournalFile {
  /** Absolute, native. */
  readonly file: string;
  /** Name of the copy in `before/`. */
  readonly copy?: string;
  readonly before?: string;
  readonly after?: string;
  readonly mode?: number;
}

interface JournalRecord {
  readonly version: 1;
  readonly label: string;
  /** Wall clock, ISO 8601. */
  readonly at: string;
  /** `open`: the change had not ended when this was written, so what it left is not known. */
  readonly state: 'open' | 'done' | 'undone';
  readonly files: readonly JournalFile[];
}

/** A change that can be undone. */
export interface Undoable {
  readonly id: string;
  readonly label: string;
  readonly at: string;
  /** Absolute, native. */
  readonly files: readonly string[];
}

export interface Undone {
  readonly restored: readonly string[];
  /** Changed again since, so they were left as they are. */
  readonly conflicts: readonly string[];
}

export interface Journal {
  /** Copies the files as they are. `end` says which of them, and of `after`, were changed; without any the change is forgotten. */
  begin(label: string, files: readonly string[], date: Date): Promise<OpenChange>;
  /** What can be undone, newest first. */
  changes(): Promise<readonly Undoable[]>;
  /** Puts back what the change found, except where a file was changed again. Undefined when it is no longer kept. */
  undo(id: string): Promise<Undone | undefined>;
}

export interface OpenChange {
  readonly id: string;
  /** `after`: files that may have come into being. Resolves with the files that differ from before, sorted. */
  end(after: readonly string[]): Promise<readonly string[]>;
}

export function openJournal(directory: string, log: Log): Journal {
  const place = (id: string) => path.join(directory, id);
  const write = async (id: string, record: JournalRecord) => {
    const file = path.join(place(id), 'journal.json');
    await writeFile(`${file}.tmp`, JSON.stringify(record));
    await rename(`${file}.tmp`, file);
  };
  const read = async (id: string): Promise<JournalRecord | undefined> => {
    try {
      const record = JSON.parse(await readFile(path.join(place(id), 'journal.json'), 'utf8')) as JournalRecord;
      return record.version === 1 ? record : undefined;
    } catch {
      return undefined;
    }
  };
  const ids = async () => (await readdir(directory).catch(() => [])).sort().reverse();
  const prune = async () => {
    for (const id of (await ids()).slice(KEEP)) await rm(place(id), { recursive: true, force: true });
  };
  return {
    async begin(label, files, date) {
      const id = `${date.toISOString().replace(/[-:.Z]/g, '')}-${createHash('sha256').update(`${label}${Math.random()}`).digest('hex').slice(0, 6)}`;
      const copies = path.join(place(id), 'before');
      await mkdir(copies, { recursive: true });
      const before = await eachOf(files, async (file, index): Promise<JournalFile | undefined> => {
        const copy = String(index);
        const hash = await hashOf(file);
        if (hash === undefined) return undefined;
        await copyFile(file, path.join(copies, copy), constants.COPYFILE_FICLONE);
        return { file, copy, before: hash, mode: (await stat(file)).mode & 0o7777 };
      });
      const record: JournalRecord = {
        version: 1,
        label,
        at: date.toISOString(),
        state: 'open',
        files: before.filter((entry) => entry !== undefined),
      };
      await write(id, record);
      return {
        id,
        async end(after) {
          const known = new Set(record.files.map(({ file }) => file));
          const added = after.filter((file) => !known.has(file)).map((file): JournalFile => ({ file }));
          const ended = await eachOf([...record.files, ...added], async (entry): Promise<JournalFile> => {
            const hash = await hashOf(entry.file);
            return { ...entry, ...(hash === undefined ? {} : { after: hash }) };
          });
          const changed = ended.filter((entry) => entry.before !== entry.after);
          const kept = new Set(changed.map(({ copy }) => copy));
          const unchanged = ended.filter(({ copy }) => copy !== undefined && !kept.has(copy));
          await write(id, { ...record, state: 'done', files: changed });
          if (changed.length === 0) await rm(place(id), { recursive: true, force: true });
          else await eachOf(unchanged, ({ copy = '' }) => rm(path.join(copies, copy), { force: true }));
          await prune();
          return changed.map(({ file }) => file).sort();
        },
      };
    },
    async changes() {
      const found: Undoable[] = [];
      for (const id of await ids()) {
        const record = await read(id);
        if (!record || record.state === 'undone') continue;
        const files = record.state === 'open' ? await stillDifferent(record) : record.files.map(({ file }) => file);
        if (files.length > 0) found.push({ id, label: record.label, at: record.at, files });
      }
      return found;
    },
    async undo(id) {
      const record = await read(id);
      if (!record || record.state === 'undone') return undefined;
      const restored: string[] = [];
      const conflicts: string[] = [];
      for (const entry of record.files) {
        const now = await hashOf(entry.file);
        if (now === entry.before) continue;
        if (record.state === 'done' && now !== entry.after) conflicts.push(entry.file);
        else {
          await restore(entry, path.join(place(id), 'before'));
          restored.push(entry.file);
        }
      }
      log.info(
        `${record.label} was undone: ${restored.length} files restored, ${conflicts.length} left because they were changed again.`,
      );
      // What was left can still be undone by hand from the copies.
      if (conflicts.length === 0) await rm(place(id), { recursive: true, force: true });
      else await write(id, { ...record, state: 'undone' });
      return { restored, conflicts };
    },
  };
}

async function stillDifferent(record: JournalRecord): Promise<readonly string[]> {
  const states = await eachOf(record.files, async ({ file, before }) => ((await hashOf(file)) === before ? undefined : file));
  return states.filter((file) => file !== undefined);
}

/** The file as it was, put in place in one step. */
async function restore({ file, copy, mode }: JournalFile, copies: string): Promise<void> {
  if (copy === undefined) {
    await rm(file, { force: true });
    return;
  }
  const temporary = `${file}.volley-${process.pid}.tmp`;
  await mkdir(path.dirname(file), { recursive: true });
  try {
    await copyFile(path.join(copies, copy), temporary);
    if (mode !== undefined) await chmod(temporary, mode);
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function hashOf(file: string): Promise<string | undefined> {
  try {
    return createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/** Results in the order of `items`; a bounded number at once. */
async function eachOf<Item, Result>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < items.length; start += TOGETHER) {
    const batch = items.slice(start, start + TOGETHER);
    results.push(...(await Promise.all(batch.map((item, index) => work(item, start + index)))));
  }
  return results;
}
