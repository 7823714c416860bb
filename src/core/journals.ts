/**
 * What one window or terminal has left half done is found by the next, whichever it is. Each keeps its journal in a storage of its own;
 * where all of one folder meet stands which journals there are, so that everybody looks into all of them.
 */
import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { chmod, lstat, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Log } from './host.js';
import { type Journal, openJournal, type Undoable, type Undone } from './journal.js';
import { isInside } from './paths.js';
import { realPlace } from './real-place.js';
import { writeWhole } from './whole-file.js';
import { openWorkspaceLocks } from './workspace-locks.js';

export interface Journals {
  /** Makes known that what is changed in a folder is kept in the own journal; before anything is. Never rejects. */
  announce(folder: string): Promise<void>;
  /** Changes of this folder, in whatever journal, that had to be whole and whose process died before they were; the newest first. */
  interrupted(): Promise<readonly Undoable[]>;
  /** Takes an interrupted change for whole as it is. */
  keep(id: string): Promise<void>;
  /** Puts back what the change found. Of several that want it at the same time one does; undefined for the others, as for an unknown one. */
  undo(id: string): Promise<Undone | undefined>;
}

export interface JournalsOptions {
  readonly own: Journal;
  /** Where the own journal lies, absolute. */
  readonly directory: string;
  /** Of the workspace, absolute, as they are now. */
  readonly folders: () => readonly string[];
  /** Where all that work on a folder meet, absolute. */
  readonly meetingPlace: (folder: string) => string;
  readonly log: Log;
}

interface Known {
  readonly journal: Journal;
  readonly directory: string;
}

/** Below a meeting place: a file a journal. */
const MARKERS = 'journals';
const VERSION = 1;
const UNDO_LOCK = 'undo';

export function openJournals({ own, directory, folders, meetingPlace, log }: JournalsOptions): Journals {
  const announced = new Set<string>();
  const self: Known = { journal: own, directory };
  const all = async (): Promise<readonly Known[]> => {
    const found = await Promise.all(folders().map((folder) => markedIn(path.join(meetingPlace(folder), MARKERS))));
    const others = new Set(found.flat().filter((each) => each !== directory));
    return [self, ...[...others].map((each) => ({ journal: openJournal(each, log), directory: each }))];
  };
  const holding = async (id: string) => {
    // Ids come from menus and arguments, too: nothing that means something in a path.
    if (!/^[\w-]+$/.test(id)) return undefined;
    for (const known of await all()) if (await isThere(path.join(known.directory, id))) return known;
    return undefined;
  };
  return {
    async announce(folder) {
      if (announced.has(folder)) return;
      const markers = path.join(meetingPlace(folder), MARKERS);
      try {
        // A marker of a directory that is not there is taken away by whoever finds it.
        await mkdir(directory, { recursive: true });
        await mkdir(markers, { recursive: true });
        // Whoever may write here decides what is put back.
        if (process.platform !== 'win32') await chmod(markers, 0o700);
        await writeWhole(path.join(markers, markerName(directory)), JSON.stringify({ version: VERSION, directory }));
        announced.add(folder);
      } catch (error) {
        log.warn(
          `Where ${directory} lies could not be made known in ${markers}: ${String(error)}. What is cut short here is found only by who uses the same storage.`,
        );
      }
    },
    async interrupted() {
      // What is written is named by where it really lies.
      const within = [...folders(), ...(await Promise.all(folders().map(realPlace)))];
      const found = await Promise.all(
        (await all()).map(async ({ journal, directory: place }) => {
          const groups = await journal.interrupted();
          // A journal of a window with several folders has groups of others, too.
          return place === directory ? groups : groups.filter(({ files }) => files.every((file) => liesIn(file, within)));
        }),
      );
      return found.flat().sort((a, b) => (a.id < b.id ? 1 : -1));
    },
    async keep(id) {
      await (await holding(id))?.journal.keep(id);
    },
    async undo(id) {
      const known = await holding(id);
      if (!known) return undefined;
      const locks = openWorkspaceLocks(`${known.directory}.locks`, log);
      const free = await locks.take([UNDO_LOCK], new AbortController().signal, () => {});
      try {
        return await known.journal.undo(id);
      } finally {
        await free?.();
      }
    },
  };
}

function markerName(directory: string): string {
  return `${createHash('sha256').update(directory).digest('hex').slice(0, 24)}.json`;
}

function liesIn(file: string, folders: readonly string[]): boolean {
  return folders.some((folder) => isInside(folder, file));
}

/** Directories of journals that are made known here, and are ours. A marker of one that is gone goes, too. */
async function markedIn(markers: string): Promise<readonly string[]> {
  const names = await readdir(markers).catch(() => []);
  const found = await Promise.all(
    names
      .filter((name) => name.endsWith('.json'))
      .map(async (name) => {
        const marker = path.join(markers, name);
        const place = await directoryIn(marker);
        if (place === undefined) return [];
        const stats = await stat(place).catch((error: NodeJS.ErrnoException) => error.code);
        if (stats === 'ENOENT') await rm(marker, { force: true });
        return typeof stats === 'object' && stats.isDirectory() && isOurs(stats) ? [place] : [];
      }),
  );
  return found.flat();
}

/** What stands in a marker; undefined where it is none, or may be somebody else's word. */
async function directoryIn(marker: string): Promise<string | undefined> {
  try {
    const stats = await lstat(marker);
    if (!stats.isFile() || !isOurs(stats)) return undefined;
    const { version, directory } = JSON.parse(await readFile(marker, 'utf8')) as { version?: unknown; directory?: unknown };
    return version === VERSION && typeof directory === 'string' && path.isAbsolute(directory) ? directory : undefined;
  } catch {
    return undefined;
  }
}

/** A journal says what is written where: only what nobody else may have written is believed. */
function isOurs({ uid, mode }: Stats): boolean {
  return process.getuid === undefined || (uid === process.getuid() && (mode & 0o002) === 0);
}

function isThere(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  );
}
