/**
 * Before-images of files that are about to be changed by somebody else's program, so that all of it can be undone in one step, without
 * git, also after a crash or in another window. One directory a change: `before/` holds copies, `journal.json` says of what.
 */
import { createHash, randomBytes } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { chmod, copyFile, lstat, mkdir, readdir, readlink, rename, rm, rmdir, stat, symlink } from 'node:fs/promises';
import path from 'node:path';
import type { Log } from './host.js';
import { isChangedAfter, keepSigns, lastSign } from './journal-life.js';
import { type JournalFile, type JournalRecord, type Link, readRecord, writeRecord } from './journal-record.js';
import { identityOf, processLives } from './process.js';

import { isSamePlace, realPlace } from './real-place.js';

export type { Link } from './journal-record.js';

/** How many changes can be undone, the newest first. */
const KEEP = 10;
/** Files looked at together. */
const TOGETHER = 16;

/** A change that can be undone. */
export interface Undoable {
  readonly id: string;
  readonly label: string;
  readonly at: string;
  /** Absolute, native. */
  readonly files: readonly string[];
  /** Somebody still makes it: it cannot be undone before it has ended. */
  readonly goesOn?: true;
  /** Its process died before it ended: which files had come into being by then is not known, and an undo leaves them. */
  readonly cutShort?: true;
}

export interface Undone {
  readonly restored: readonly string[];
  /** Changed again since, so they were left as they are. */
  readonly conflicts: readonly string[];
  /** Which the disk did not let us put back: what is kept of them stays, so that it can be tried again. */
  readonly failed: readonly string[];
}

export interface ChangeOptions {
  /** All of it or nothing. */
  readonly atomic?: boolean;
  /** Permissions and symbolic links are put back, too: a link is never followed. Not together with `writing` or `addLinks`. */
  readonly entries?: boolean;
}

export interface Journal {
  /** Copies the files as they are. `end` says which of them, and of `after`, were changed; without any the change is forgotten. */
  begin(label: string, files: readonly string[], date: Date, options?: ChangeOptions): Promise<OpenChange>;
  /** Changes that had to be whole and whose process died before they were. */
  interrupted(): Promise<readonly Undoable[]>;
  /** Takes an interrupted change for whole as it is: nobody is asked of it again, and it can still be undone. */
  keep(id: string): Promise<void>;
  /** Removes what changes whose process has died have left beside their files: only files that these changes have named. Resolves with them. */
  sweep(): Promise<readonly string[]>;
  /** What can be undone, newest first. */
  changes(): Promise<readonly Undoable[]>;
  /** Puts back what the change found, except where a file was changed again. Undefined when it is no longer kept, or still goes on. */
  undo(id: string): Promise<Undone | undefined>;
}

export interface OpenChange {
  readonly id: string;
  /** A name of its own, beside the file, under which it may be written before it is put in place; each time another one. */
  temporaryName(file: string): string;
  /** Copies more files as they are, before somebody else changes them to what is not known; those that are known are left as they are kept. */
  add(files: readonly string[]): Promise<void>;
  /** As `add`, of symbolic links, which are put back as links. */
  addLinks(links: readonly Link[]): Promise<void>;
  /** Files and directories that were not there before and have come into being. */
  created(files: readonly string[], directories?: readonly string[]): Promise<void>;
  /**
   * Puts back all that is kept so far; it stays open. Of `directories`, absolute, those that are empty then are taken away, too.
   * `made`: the directories that the change had made, whether or not they could be taken away.
   */
  restore(directories?: readonly string[]): Promise<Undone & { readonly made: readonly string[] }>;
  /** As `add`, of one file that is about to get this content. */
  writing(file: string, content: Uint8Array): Promise<void>;
  /** Somebody else has just changed these, and not for the change: what they hold now is what an undo goes back to. */
  keepAsTheyAre(files: readonly string[]): Promise<void>;
  /** `after`: files that may have come into being. Resolves with the files that differ from before, sorted. */
  end(after: readonly string[], options?: EndOptions): Promise<readonly string[]>;
}

export interface EndOptions {
  /** Kept by another change. */
  readonly elsewhere?: (file: string) => boolean;
  /** Nobody has touched it since it was kept, which spares reading it. */
  readonly untouched?: (file: string) => boolean;
  /** Directories that have come into being, absolute. */
  readonly made?: readonly string[];
}

export function openJournal(directory: string, log: Log): Journal {
  const place = (id: string) => path.join(directory, id);
  const write = (id: string, record: JournalRecord) => writeRecord(place(id), record);
  const read = (id: string) => readRecord(place(id));
  /** Those of this process that have not ended. */
  const going = new Set<string>();
  const isGoing = async (id: string, { state, owner }: JournalRecord): Promise<boolean> =>
    state === 'open' && (owner.process === process.pid ? going.has(id) : await processLives(owner));
  const ids = async () => (await readdir(directory).catch(() => [])).sort().reverse();
  const prune = async () => {
    // All changes of one moment belong together.
    const moments = new Set<string>();
    for (const id of await ids()) {
      moments.add(momentOf(id));
      if (moments.size <= KEEP) continue;
      const record = await read(id);
      const goesOn = record?.state === 'open' && (record.atomic || (await processLives(record.owner)));
      if (!goesOn) await rm(place(id), { recursive: true, force: true });
    }
  };
  return {
    async begin(label, files, date, { atomic = false, entries = false } = {}) {
      const id = `${date.toISOString().replace(/[-:.Z]/g, '')}-${randomBytes(8).toString('hex')}`;
      const copies = path.join(place(id), 'before');
      await mkdir(copies, { recursive: true });
      const kind = { owner: await identityOf(), ...(atomic ? { atomic } : {}), ...(entries ? { entries } : {}) };
      let record: JournalRecord = { version: 1, label, at: date.toISOString(), state: 'open', ...kind, files: [] };
      let adding: Promise<void> = Promise.resolve();
      let isOver = false;
      // One after another, so that no two write the record at a time. What fails is told to who asked for it and holds up nobody else.
      const next = (work: () => Promise<void>): Promise<void> => {
        const done = adding.then(work);
        adding = done.catch(() => undefined);
        return done;
      };
      const save = async (wanted: JournalRecord) => {
        await write(id, wanted);
        record = wanted;
      };
      const add = (more: readonly string[]) =>
        next(async () => {
          const known = new Set(record.files.map(({ file }) => file));
          const fresh = [...new Set(more)].filter((file) => !known.has(file));
          const given = new Set(more);
          const written = record.files.some(({ file, writing }) => writing !== undefined && given.has(file));
          if (fresh.length === 0 && known.size > 0 && !written) return;
          const start = record.files.length;
          const before = await eachOf(fresh, (file, index) => copied(file, String(start + index), copies, entries));
          await save({ ...record, files: [...(written ? anyContent(record.files, more) : record.files), ...before] });
        });
      const writing = async (file: string, content: Uint8Array) => {
        if (!record.files.some((entry) => entry.file === file)) await add([file]);
        const hash = createHash('sha256').update(content).digest('hex');
        await next(async () => {
          const files = await eachOf(record.files, async (entry): Promise<JournalFile> => {
            if (entry.file !== file) return entry;
            // What a program has left there is of this change, too.
            const left = entry.writing ?? [await hashOf(file)].filter((now) => now !== undefined && now !== entry.before);
            return { ...entry, writing: [...(left as readonly string[]), hash] };
          });
          await save({ ...record, files });
        });
      };
      await add(files);
      going.add(id);
      const stopSigns = entries ? keepSigns(place(id)) : undefined;
      return {
        id,
        temporaryName: (file) => temporaryName(file, id),
        add,
        addLinks: (links) =>
          next(async () => {
            const known = new Set(record.links?.map(({ file }) => file));
            const fresh = links.filter(({ file }) => !known.has(file));
            if (fresh.length > 0) await save({ ...record, links: [...(record.links ?? []), ...fresh] });
          }),
        writing,
        created(more, directories = []) {
          return next(async () => {
            if (more.length + directories.length === 0) return;
            const known = new Set(record.files.map(({ file }) => file));
            const fresh = await eachOf(
              more.filter((file) => !known.has(file)),
              (file) => placed(file),
            );
            const made = [...(record.made ?? []), ...directories];
            const files = [...anyContent(record.files, more), ...fresh];
            await save({ ...record, files, ...(made.length > 0 ? { made } : {}) });
          });
        },
        async restore(directories = []) {
          await adding;
          const made = madeBy(record);
          return { ...(await restoreAll(record, id, copies, log, directories)), made };
        },
        keepAsTheyAre: (changed) =>
          next(async () => {
            const given = new Set(changed);
            const others = record.files.filter(({ file }) => !given.has(file));
            // What it held for the change is not known any more: no undo touches it.
            if (isOver) return record.files.length === 0 ? undefined : save({ ...record, files: others });
            const name = randomBytes(8).toString('hex');
            const kept = await eachOf([...given], (file, index) => copied(file, `${name}-${index}`, copies, entries));
            await save({ ...record, files: [...others, ...kept] });
          }),
        async end(after, options = {}) {
          try {
            await next(async () => {
              const { done, unchanged } = await ended(record, after, options);
              await save(done);
              isOver = true;
              if (done.files.length === 0) await rm(place(id), { recursive: true, force: true });
              else await eachOf(unchanged, (copy) => rm(path.join(copies, copy), { force: true }));
            });
            await prune();
            return record.files.map(({ file }) => file).sort();
          } finally {
            going.delete(id);
            stopSigns?.();
          }
        },
      };
    },
    async interrupted() {
      const found: Undoable[] = [];
      for (const id of await ids()) {
        const record = await read(id);
        if (record?.state !== 'open' || !record.atomic || (await processLives(record.owner))) continue;
        found.push({ id, label: record.label, at: record.at, files: record.files.map(({ file }) => file) });
      }
      return found;
    },
    async keep(id) {
      const { atomic: _, ...record } = (await read(id)) ?? {};
      if ('version' in record) await write(id, record as JournalRecord);
    },
    async sweep() {
      const removed: string[] = [];
      for (const id of await ids()) {
        const record = await read(id);
        if (record?.state === 'open' && !(await processLives(record.owner))) removed.push(...(await removeTemporary(record, id)));
      }
      if (removed.length > 0) log.info(`Left by a run that was cut short, and removed: ${removed.join(', ')}.`);
      return removed;
    },
    async changes() {
      const found: Undoable[] = [];
      for (const id of await ids()) {
        const record = await read(id);
        if (!record || record.state === 'undone') continue;
        const files = record.state === 'open' ? await stillDifferent(record) : record.files.map(({ file }) => file);
        const how = howItStands(record, await isGoing(id, record));
        if (files.length > 0) found.push({ id, label: record.label, at: record.at, files, ...how });
      }
      return found;
    },
    async undo(id) {
      const record = await read(id);
      if (!record || record.state === 'undone' || (await isGoing(id, record))) return undefined;
      await removeTemporary(record, id);
      const undone = await restoreAll(record, id, path.join(place(id), 'before'), log);
      const { restored, conflicts, failed } = undone;
      log.info(
        `${record.label} was undone: ${restored.length} files restored, ${conflicts.length} left because they were changed again.`,
      );
      // What was left can still be undone by hand from the copies.
      if (failed.length > 0) return undone;
      if (conflicts.length === 0) await rm(place(id), { recursive: true, force: true });
      else await write(id, { ...record, state: 'undone' });
      return undone;
    },
  };
}

/** The record as it is when the change has ended: what differs from before. And which copies nobody needs any more. */
async function ended(
  record: JournalRecord,
  after: readonly string[],
  { elsewhere = () => false, untouched = () => false, made = [] }: EndOptions,
): Promise<{ readonly done: JournalRecord; readonly unchanged: readonly string[] }> {
  const known = new Set(record.files.map(({ file }) => file));
  const added = await eachOf(
    after.filter((file) => !known.has(file)),
    (file) => placed(file),
  );
  const all = await eachOf([...record.files, ...added], async (entry): Promise<JournalFile> => {
    const state = untouched(entry.file) ? entry.before : await stateOf(entry.file, record);
    return { ...entry, ...(state === undefined ? {} : { after: state }) };
  });
  const files = all.filter((entry) => entry.before !== entry.after && !elsewhere(entry.file));
  const kept = new Set(files.map(({ copy }) => copy));
  const unchanged = all.flatMap(({ copy }) => (copy === undefined || kept.has(copy) ? [] : [copy]));
  const directories = [...(record.made ?? []), ...made];
  return { done: { ...record, state: 'done', files, ...(directories.length > 0 ? { made: directories } : {}) }, unchanged };
}

function howItStands({ state }: JournalRecord, isGoing: boolean): Pick<Undoable, 'goesOn' | 'cutShort'> {
  return isGoing ? { goesOn: true } : state === 'open' ? { cutShort: true } : {};
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
async function copied(file: string, copy: string, copies: string, entries = false): Promise<JournalFile> {
  const before = entries ? await stateOfEntry(file) : await hashOf(file);
  const own = await placed(file);
  if (before === undefined) {
    const made = await missingAbove(file);
    return made.length > 0 ? { ...own, made } : own;
  }
  if (linkOf(before) !== undefined) return { ...own, before };
  const kept = path.join(copies, copy);
  try {
    await copyFile(file, kept, constants.COPYFILE_FICLONE);
  } catch (error) {
    await rm(kept, { force: true });
    throw error;
  }
  return { ...own, copy, before, mode: (await stat(file)).mode & 0o7777 };
}

/** A file that has come into being. */
async function placed(file: string): Promise<JournalFile> {
  const place = await realPlace(path.dirname(file));
  return isSamePlace(place, path.dirname(file)) ? { file } : { file, place };
}

/** Whether its directory is the one that it was. */
async function liesWhereItDid({ file, place }: JournalFile): Promise<boolean> {
  const directory = path.dirname(file);
  return isSamePlace(await realPlace(directory), place ?? directory);
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
async function restoreAll(
  record: JournalRecord,
  id: string,
  copies: string,
  log: Log,
  directories: readonly string[] = [],
): Promise<Undone> {
  const restored: string[] = [];
  const conflicts: string[] = [];
  const failed: string[] = [];
  const sign = record.state === 'open' && record.entries ? await lastSign(path.dirname(copies)) : undefined;
  const isLater = async (file: string) => sign !== undefined && (await isChangedAfter(file, sign));
  const putBack = async (entry: JournalFile) => {
    const inPlace = await liesWhereItDid(entry);
    // A link to nothing is something, too.
    const now = inPlace ? ((await stateOf(entry.file, record)) ?? ((await isLink(entry.file)) ? 'link' : undefined)) : undefined;
    if (inPlace && now === entry.before) return;
    if (!inPlace || isForeign(record, entry, now) || (await isLater(entry.file))) conflicts.push(entry.file);
    else
      await restore(entry, id, copies).then(
        () => restored.push(entry.file),
        (error: unknown) => {
          failed.push(entry.file);
          log.error(`${entry.file} could not be put back: ${String(error)}. The version before is kept.`);
        },
      );
  };
  // What is taken away first may be what the others need the room of, or the place.
  for (const entry of record.files) if (entry.before === undefined) await putBack(entry);
  await removeEmpty([...madeBy(record), ...directories]);
  for (const entry of record.files) if (entry.before !== undefined) await putBack(entry);
  // Who ended the change has seen to its links; somebody else may have made others of them since.
  if (record.state === 'open') for (const link of record.links ?? []) if (await restoreLink(link, id)) restored.push(link.file);
  await removeEmpty([...madeBy(record), ...directories]);
  return { restored, conflicts, failed };
}

/** The deepest first; what holds something stays. */
async function removeEmpty(directories: readonly string[]): Promise<void> {
  for (const directory of [...new Set(directories)].sort((a, b) => b.length - a.length))
    if (!(await isLink(directory))) await rmdir(directory).catch(() => undefined);
}

/** The directories that have come into being for a change, each once. */
function madeBy({ made = [], files }: JournalRecord): readonly string[] {
  return [...new Set([...made, ...files.flatMap((entry) => entry.made ?? [])])];
}

/** Whether the link was another one, or none. */
async function restoreLink({ file, target }: Link, id: string): Promise<boolean> {
  const directory = path.dirname(file);
  if ((await readlink(file).catch(() => undefined)) === target || !isSamePlace(await realPlace(directory), directory))
    return false;
  const temporary = temporaryName(file, id);
  try {
    await mkdir(directory, { recursive: true });
    await symlink(target, temporary);
    await rename(temporary, file);
    return true;
  } catch {
    // A directory has taken its place.
    await rm(temporary, { force: true });
    return false;
  }
}

async function isLink(file: string): Promise<boolean> {
  return lstat(file).then(
    (stats) => stats.isSymbolicLink(),
    () => false,
  );
}

async function stillDifferent(record: JournalRecord): Promise<readonly string[]> {
  const isSame = async ({ file, before }: JournalFile) => (await stateOf(file, record)) === before;
  const states = await eachOf(record.files, async (entry) => ((await isSame(entry)) ? undefined : entry.file));
  return states.filter((file) => file !== undefined);
}

/** The name under which a file is written before it is put in place: of one change alone, and each time another one. */
function temporaryName(file: string, id: string): string {
  return path.join(path.dirname(file), `${temporaryStart(file, id)}${randomBytes(4).toString('hex')}.tmp`);
}

function temporaryStart(file: string, id: string): string {
  return `.${[...path.basename(file)].slice(0, 50).join('')}.volley-${id.slice(id.lastIndexOf('-') + 1)}-`;
}

/** What a process that was killed has left beside the files of a change. */
async function removeTemporary({ files }: JournalRecord, id: string): Promise<readonly string[]> {
  const starts = new Map<string, string[]>();
  for (const { file } of files)
    starts.set(path.dirname(file), [...(starts.get(path.dirname(file)) ?? []), temporaryStart(file, id)]);
  const removed: string[] = [];
  for (const [directory, own] of starts) {
    const names = await readdir(directory).catch(() => []);
    const left = names.filter((name) =>
      own.some((start) => name.startsWith(start) && /^[0-9a-f]{8}\.tmp$/.test(name.slice(start.length))),
    );
    for (const name of left) {
      await rm(path.join(directory, name), { force: true });
      removed.push(path.join(directory, name));
    }
  }
  return removed;
}

/** The file as it was, put in place in one step. */
async function restore({ file, copy, mode, before }: JournalFile, id: string, copies: string): Promise<void> {
  const target = linkOf(before);
  if (copy === undefined && target === undefined) {
    await rm(file, { force: true });
    return;
  }
  const temporary = temporaryName(file, id);
  await mkdir(path.dirname(file), { recursive: true });
  try {
    if (target !== undefined) await symlink(target, temporary);
    else if (copy !== undefined) await copyFile(path.join(copies, copy), temporary);
    if (mode !== undefined) await chmod(temporary, mode);
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** By what a file is known in the record of a change; undefined where there is none. */
function stateOf(file: string, { entries }: Pick<JournalRecord, 'entries'>): Promise<string | undefined> {
  return entries ? stateOfEntry(file) : hashOf(file);
}

const LINK = 'link ';

/** What lies under a name, itself: a link with its target, or a file with its permissions and a hash of its content. */
async function stateOfEntry(file: string): Promise<string | undefined> {
  const stats = await lstat(file).catch(() => undefined);
  if (stats?.isSymbolicLink()) return `${LINK}${await readlink(file)}`;
  const hash = stats?.isFile() ? await hashOf(file) : undefined;
  return stats && hash !== undefined ? `file ${(stats.mode & 0o7777).toString(8)} ${hash}` : undefined;
}

/** The target, if a state is that of a link. */
function linkOf(state: string | undefined): string | undefined {
  return state?.startsWith(LINK) ? state.slice(LINK.length) : undefined;
}

/** Read piece by piece: a file may be larger than memory. */
async function hashOf(file: string): Promise<string | undefined> {
  try {
    const hash = createHash('sha256');
    for await (const piece of createReadStream(file, { highWaterMark: 256 * 1024 })) hash.update(piece as Buffer);
    return hash.digest('hex');
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
