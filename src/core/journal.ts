/**
 * Before-images of files that are about to be changed by somebody else's program, so that all of it can be undone in one step, without
 * git, also after a crash or in another window. One directory a change: `before/` holds copies, `journal.json` says of what.
 */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Log } from './host.js';
import { processLives } from './process.js';

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
  /** Hashes of contents that were about to be written: the file has one of them while nobody else has changed it. */
  readonly writing?: readonly string[];
  /** Directories above it that were not there either, absolute. */
  readonly made?: readonly string[];
}

interface JournalRecord {
  readonly version: 1;
  readonly label: string;
  /** Wall clock, ISO 8601. */
  readonly at: string;
  /** `open`: the change had not ended when this was written, so what it left is not known. */
  readonly state: 'open' | 'done' | 'undone';
  /** All of it or nothing: left open, it has to be undone. The process that makes the change. */
  readonly atomic?: { readonly process: number };
  readonly files: readonly JournalFile[];
  /** Directories that have come into being, absolute. */
  readonly made?: readonly string[];
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
  begin(label: string, files: readonly string[], date: Date, options?: { readonly atomic?: boolean }): Promise<OpenChange>;
  /** Changes that had to be whole and whose process died before they were. */
  interrupted(): Promise<readonly Undoable[]>;
  /** What can be undone, newest first. */
  changes(): Promise<readonly Undoable[]>;
  /** Puts back what the change found, except where a file was changed again. Undefined when it is no longer kept. */
  undo(id: string): Promise<Undone | undefined>;
}

export interface OpenChange {
  readonly id: string;
  /** Copies more files as they are, before somebody else changes them to what is not known; those that are known are left as they are kept. */
  add(files: readonly string[]): Promise<void>;
  /** Files and directories that were not there before and have come into being. */
  created(files: readonly string[], directories?: readonly string[]): Promise<void>;
  /** Puts back all that is kept so far; it stays open. */
  restore(): Promise<Undone>;
  /** As `add`, of one file that is about to get this content. */
  writing(file: string, content: Uint8Array): Promise<void>;
  /** `after`: files that may have come into being. Resolves with the files that differ from before, sorted. `elsewhere`: kept by another change. */
  end(after: readonly string[], elsewhere?: (file: string) => boolean): Promise<readonly string[]>;
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
    // All changes of one moment belong together.
    const moments = new Set<string>();
    for (const id of await ids()) {
      moments.add(momentOf(id));
      if (moments.size <= KEEP) continue;
      const record = await read(id);
      const goesOn = record?.state === 'open' && record.atomic !== undefined;
      if (!goesOn) await rm(place(id), { recursive: true, force: true });
    }
  };
  return {
    async begin(label, files, date, { atomic = false } = {}) {
      const id = `${date.toISOString().replace(/[-:.Z]/g, '')}-${createHash('sha256').update(`${label}${Math.random()}`).digest('hex').slice(0, 6)}`;
      const copies = path.join(place(id), 'before');
      await mkdir(copies, { recursive: true });
      const owner = atomic ? { atomic: { process: process.pid } } : {};
      let record: JournalRecord = { version: 1, label, at: date.toISOString(), state: 'open', ...owner, files: [] };
      let adding: Promise<void> = Promise.resolve();
      const add = (more: readonly string[]) => {
        // One after another, so that no two write the record at a time.
        adding = adding.then(async () => {
          const known = new Set(record.files.map(({ file }) => file));
          const fresh = [...new Set(more)].filter((file) => !known.has(file));
          const given = new Set(more);
          const written = record.files.some(({ file, writing }) => writing !== undefined && given.has(file));
          if (fresh.length === 0 && known.size > 0 && !written) return;
          const start = record.files.length;
          const before = await eachOf(fresh, (file, index) => copied(file, String(start + index), copies));
          record = { ...record, files: [...(written ? anyContent(record.files, more) : record.files), ...before] };
          await write(id, record);
        });
        return adding;
      };
      const writing = async (file: string, content: Uint8Array) => {
        if (!record.files.some((entry) => entry.file === file)) await add([file]);
        const hash = createHash('sha256').update(content).digest('hex');
        adding = adding.then(async () => {
          const files = await eachOf(record.files, async (entry): Promise<JournalFile> => {
            if (entry.file !== file) return entry;
            // What a program has left there is of this change, too.
            const left = entry.writing ?? [await hashOf(file)].filter((now) => now !== undefined && now !== entry.before);
            return { ...entry, writing: [...(left as readonly string[]), hash] };
          });
          record = { ...record, files };
          await write(id, record);
        });
        await adding;
      };
      await add(files);
      return {
        id,
        add,
        writing,
        created(more, directories = []) {
          if (more.length + directories.length === 0) return adding;
          adding = adding.then(async () => {
            const known = new Set(record.files.map(({ file }) => file));
            const fresh = more.filter((file) => !known.has(file)).map((file): JournalFile => ({ file }));
            const made = [...(record.made ?? []), ...directories];
            record = { ...record, files: [...anyContent(record.files, more), ...fresh], ...(made.length > 0 ? { made } : {}) };
            await write(id, record);
          });
          return adding;
        },
        async restore() {
          await adding;
          return restoreAll(record, copies);
        },
        async end(after, elsewhere = () => false) {
          await adding;
          const known = new Set(record.files.map(({ file }) => file));
          const added = after.filter((file) => !known.has(file)).map((file): JournalFile => ({ file }));
          const ended = await eachOf([...record.files, ...added], async (entry): Promise<JournalFile> => {
            const hash = await hashOf(entry.file);
            return { ...entry, ...(hash === undefined ? {} : { after: hash }) };
          });
          const changed = ended.filter((entry) => entry.before !== entry.after && !elsewhere(entry.file));
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
    async interrupted() {
      const found: Undoable[] = [];
      for (const id of await ids()) {
        const record = await read(id);
        if (record?.state !== 'open' || !record.atomic || processLives(record.atomic.process)) continue;
        found.push({ id, label: record.label, at: record.at, files: record.files.map(({ file }) => file) });
      }
      return found;
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
      if (record.state === 'open') await removeTemporary(record.files.map(({ file }) => file));
      const { restored, conflicts } = await restoreAll(record, path.join(place(id), 'before'));
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

/** Of changes with the same date it is the same. */
function momentOf(id: string): string {
  return id.slice(0, id.lastIndexOf('-'));
}

/** Somebody else changes these for the change: whatever they hold then is of it. */
function anyContent(files: readonly JournalFile[], changed: readonly string[]): readonly JournalFile[] {
  const given = new Set(changed);
  return files.map((entry) => {
    if (!given.has(entry.file)) return entry;
    const { writing: _, ...rest } = entry;
    return rest;
  });
}

/** Whether somebody else has changed the file, as far as that is known. */
function isForeign({ state }: JournalRecord, { after, writing }: JournalFile, now: string | undefined): boolean {
  if (state === 'done') return now !== after;
  return writing !== undefined && (now === undefined || !writing.includes(now));
}

/** The file as it is, kept under `copy`; without a copy when there is none. */
async function copied(file: string, copy: string, copies: string): Promise<JournalFile> {
  const hash = await hashOf(file);
  if (hash === undefined) {
    const made = await missingAbove(file);
    return made.length > 0 ? { file, made } : { file };
  }
  await copyFile(file, path.join(copies, copy), constants.COPYFILE_FICLONE);
  return { file, copy, before: hash, mode: (await stat(file)).mode & 0o7777 };
}

/** The directories above a file that are not there, the deepest first. */
async function missingAbove(file: string): Promise<readonly string[]> {
  const missing: string[] = [];
  for (let at = path.dirname(file); at !== path.dirname(at); at = path.dirname(at)) {
    if (await stat(at).catch(() => undefined)) break;
    missing.push(at);
  }
  return missing;
}

/** What is as the change left it, as it was before. */
async function restoreAll(record: JournalRecord, copies: string): Promise<Undone> {
  const restored: string[] = [];
  const conflicts: string[] = [];
  for (const entry of record.files) {
    const now = await hashOf(entry.file);
    if (now === entry.before) continue;
    if (isForeign(record, entry, now)) conflicts.push(entry.file);
    else {
      await restore(entry, copies);
      restored.push(entry.file);
    }
  }
  const made = new Set([...(record.made ?? []), ...record.files.flatMap((entry) => entry.made ?? [])]);
  // The deepest first; what holds something stays.
  for (const directory of [...made].sort((a, b) => b.length - a.length)) await rmdir(directory).catch(() => undefined);
  return { restored, conflicts };
}

async function stillDifferent(record: JournalRecord): Promise<readonly string[]> {
  const states = await eachOf(record.files, async ({ file, before }) => ((await hashOf(file)) === before ? undefined : file));
  return states.filter((file) => file !== undefined);
}

/** The name under which a file is written before it is put in place; `mark`: letters and digits. */
export function temporaryName(file: string, mark: string): string {
  return path.join(path.dirname(file), `${temporaryStart(file)}${mark}.tmp`);
}

function temporaryStart(file: string): string {
  return `.${path.basename(file).slice(0, 100)}.volley-`;
}

/** What a process that was killed has left beside the files. */
async function removeTemporary(files: readonly string[]): Promise<void> {
  const starts = new Map<string, string[]>();
  for (const file of files) starts.set(path.dirname(file), [...(starts.get(path.dirname(file)) ?? []), temporaryStart(file)]);
  for (const [directory, own] of starts) {
    const names = await readdir(directory).catch(() => []);
    const left = names.filter((name) =>
      own.some((start) => name.startsWith(start) && /^[0-9a-z]+\.tmp$/.test(name.slice(start.length))),
    );
    for (const name of left) await rm(path.join(directory, name), { force: true });
  }
}

/** The file as it was, put in place in one step. */
async function restore({ file, copy, mode }: JournalFile, copies: string): Promise<void> {
  if (copy === undefined) {
    await rm(file, { force: true });
    return;
  }
  const temporary = temporaryName(file, String(process.pid));
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
