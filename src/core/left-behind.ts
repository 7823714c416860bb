/**
 * What runs leave behind in a folder: which files came, changed or went, and by what their contents are known. All of it happens before a
 * run begins or after it has ended, in pieces between which the event loop goes on: no makespan holds any of it.
 */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { changesBetween, type Snapshot, takeSnapshot } from './batch/snapshot.js';
import { type Content, contentOf } from './file-content.js';
import type { FilesLeft, Normalised } from './measured.js';
import type { Folder } from './model.js';
import { slashes } from './paths.js';

export interface LeftBehind {
  /** Before a run. */
  begin(): Promise<void>;
  /** After a run, before anything is put back: what has changed since `begin`. Takes nothing of the run's measured time. */
  end(): Promise<FilesLeft>;
}

/** What reading large files after one run may cost; what is beyond it is known by its size. */
export interface ReadingBudget {
  readonly bytes: number;
  readonly ms: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** A file larger than this counts against the budget. */
const LARGE_BYTES = 16_000_000;
/** A gigabyte in two seconds is what a hash on one processor comes to; sixty trials of it take two minutes. */
const DEFAULT_BUDGET: ReadingBudget = { bytes: 1_000_000_000, ms: 2000, now: () => performance.now() };
/** More changed files than this are nothing that a check or a batch would leave. */
const MOST_FILES = 2000;

const TOO_LARGE = 'the folder has too many files to be looked at after every run';
const TOO_MANY = `a run changed more than ${MOST_FILES} files`;

export interface WatchOptions {
  /** A directory in which Volley itself writes meanwhile; what lies in it is not looked at. Absolute, native. */
  readonly own?: string;
  /** Each folder has it for itself. */
  readonly budget?: ReadingBudget;
}

/** All folders of a workspace; the names of files in several begin with that of their folder. */
export function watchFolders(folders: readonly Folder[], options: WatchOptions = {}): LeftBehind {
  const watched = folders.map((folder) => ({
    prefix: folders.length > 1 ? `${folder.name}/` : '',
    look: watchFolder(folder.path, options),
  }));
  return {
    async begin() {
      for (const { look } of watched) await look.begin();
    },
    async end() {
      const files = new Map<string, string>();
      const without = new Set<Normalised>();
      const large = new Map<string, number>();
      const bySize: string[] = [];
      for (const { prefix, look } of watched) {
        const left = await look.end();
        if (left.kind === 'unknown') return left;
        for (const [name, digest] of left.files) files.set(`${prefix}${name}`, digest);
        for (const what of left.without) without.add(what);
        for (const [name, size] of left.large ?? []) large.set(`${prefix}${name}`, size);
        bySize.push(...(left.bySize ?? []).map((name) => `${prefix}${name}`));
      }
      return { kind: 'files', files, without: [...without], large, bySize };
    },
  };
}

/** As `watchFolders`, of one folder: names are relative to it. */
export function watchFolder(folder: string, { own, budget = DEFAULT_BUDGET }: WatchOptions = {}): LeftBehind {
  const ownName = own === undefined ? '' : slashes(path.relative(folder, own));
  const isOwn = (name: string) => ownName !== '' && (name === ownName || name.startsWith(`${ownName}/`));
  let before: Snapshot | undefined;
  /** What the budget was too small for once is not begun again: it would be compared by its size all the same. */
  const beyond = new Set<string>();
  return {
    async begin() {
      before = await takeSnapshot(folder);
    },
    async end() {
      const after = before && (await takeSnapshot(folder));
      if (!before || !after) return { kind: 'unknown', because: TOO_LARGE };
      const isFile = (name: string) => (after.get(name) ?? before?.get(name)) !== 'directory';
      const changed = changesBetween(before, after).filter((name) => isFile(name) && !isOwn(name));
      if (changed.length > MOST_FILES) return { kind: 'unknown', because: TOO_MANY };
      const gone = changed.filter((name) => !after.has(name));
      return contentsOf(folder, changed, { gone: new Set(gone), beyond, budget });
    },
  };
}

interface Reading {
  readonly gone: ReadonlySet<string>;
  readonly beyond: Set<string>;
  readonly budget: ReadingBudget;
}

async function contentsOf(folder: string, names: readonly string[], { gone, beyond, budget }: Reading): Promise<FilesLeft> {
  const files = new Map<string, string>();
  const without = new Set<Normalised>();
  const large = new Map<string, number>();
  const keep = (name: string, content: Content) => {
    files.set(name, content.digest);
    for (const what of content.without) without.add(what);
  };
  for (const name of names) {
    const found = gone.has(name) ? plain('gone') : await readSmall(path.join(folder, name));
    if (typeof found === 'number') large.set(name, found);
    keep(name, typeof found === 'number' ? plain(sizeText(found)) : found);
  }
  const bySize: string[] = [];
  const since = budget.now();
  let bytes = budget.bytes;
  // The smallest first, so that as many as possible are compared by their content.
  for (const [name, size] of [...large].sort(([, a], [, b]) => a - b)) {
    const isWithin = !beyond.has(name) && size <= bytes;
    const content = isWithin
      ? await readLarge(path.join(folder, name), size, () => budget.now() - since <= budget.ms)
      : undefined;
    if (content) keep(name, content);
    else {
      bySize.push(name);
      beyond.add(name);
    }
    if (isWithin) bytes -= size;
  }
  return { kind: 'files', files, without: [...without], large, bySize: bySize.sort() };
}

/** The key of a file that is known by its size. */
export function sizeText(bytes: number): string {
  return `${bytes} bytes`;
}

function plain(digest: string): Content {
  return { digest, without: [] };
}

/** The size of what is too large to be read without asking what that costs. */
async function readSmall(file: string): Promise<Content | number> {
  try {
    const stats = await stat(file);
    if (!stats.isFile()) return plain('no file');
    if (stats.size > LARGE_BYTES) return stats.size;
    return (await contentOf(file, stats.size)) ?? UNREADABLE;
  } catch {
    return UNREADABLE;
  }
}

/** Undefined when `goOn` said no before its end. */
async function readLarge(file: string, size: number, goOn: () => boolean): Promise<Content | undefined> {
  try {
    return await contentOf(file, size, goOn);
  } catch {
    return UNREADABLE;
  }
}

/** It may not be read, or a process that is not waited for has just taken it away. */
const UNREADABLE: Content = plain('unreadable');
