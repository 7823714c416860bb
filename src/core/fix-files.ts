/**
 * What fixers may change, and what they have changed: all files of their folders, since tools take more than anybody lists, those that they take
 * also where git ignores them, and what links lead to. What cannot be kept is looked at before and after, so that nothing changes without being told.
 */
import { accessSync, constants, lstatSync, realpathSync, type Stats, statSync } from 'node:fs';
import path from 'node:path';
import { changesBetween, type Snapshot, takeSnapshot } from './batch/snapshot.js';
import type { Gate } from './gate-model.js';
import { globMatcher } from './glob-match.js';
import { ignoredFiles } from './ignored.js';
import type { Folder } from './model.js';
import { isInside, slashes } from './paths.js';
import { resolveScope } from './scope.js';
import { slices } from './slices.js';

/** Of files that git ignores or no fixer takes the smallest are kept, until they are so large together; a larger one is none that somebody has written. */
const BESIDES = { bytesOfFile: 5_000_000, bytes: 100_000_000 } as const;

/** The folders of some fixers at one moment. */
export interface FixLook {
  /** Absolute, native, sorted: what the fixers may change. Links are told as links, and what they lead to besides. */
  readonly files: readonly string[];
  /** Those that one of the fixers takes: what comes into being among them is of a fixer. Absolute, native. */
  readonly taken: ReadonlySet<string>;
  /** What they may change besides and cannot be kept: what nobody may read, and what git ignores and is too large. Absolute, native. */
  readonly notKept: ReadonlySet<string>;
  /** By folder; undefined of one that is too large to be looked at. */
  readonly snapshots: ReadonlyMap<string, FolderLook | undefined>;
}

interface FolderLook {
  readonly entries: Snapshot;
  readonly isIgnored: (file: string) => boolean;
}

/** Looks at no content. `own`: absolute, a directory of Volley itself, which may lie in a folder and is not looked at. */
export async function lookForFixers(fixers: readonly Gate[], own: string): Promise<FixLook> {
  const folders = new Map<string, Folder>(fixers.map(({ folder }) => [folder.path, folder]));
  const files = new Set<string>();
  const taken = new Set<string>();
  const notKept = new Set<string>();
  const snapshots = new Map<string, FolderLook | undefined>();
  for (const folder of folders.values()) {
    const isIgnored = await ignoredFiles(folder);
    const everything = await takeSnapshot(folder.path);
    const snapshot = everything && new Map([...everything].filter(([name]) => !isInside(own, path.join(folder.path, name))));
    snapshots.set(folder.path, snapshot && { entries: snapshot, isIgnored });
    const isTaken = takenBy(fixers.filter((each) => each.folder.path === folder.path));
    const scope = await resolveScope({ kind: 'selected', files: [folder.path] }, folder, async () => ({ ok: false, stdout: '' }));
    const known = scope.kind === 'files' ? scope.files : [];
    const others = [...(snapshot ?? [])]
      .filter(([, state]) => state !== 'directory')
      .map(([name]) => path.join(folder.path, name));
    const all = [...new Set([...known, ...others])].filter((file) => !isInside(own, file));
    for (const file of all) if (isTaken(file)) taken.add(file);
    for (const file of await kept(all, { isTaken, isIgnored, notKept })) files.add(file);
  }
  return { files: [...files].sort(), taken, notKept, snapshots };
}

/** Whether one of the fixers takes a file, or depends on it where it takes none. */
function takenBy(fixers: readonly Gate[]): (file: string) => boolean {
  const tests = fixers.map(({ files, command }) => {
    const matches = globMatcher(files.kind === 'files' ? files.takes : files.inputs);
    return (file: string) => isInside(command.cwd, file) && matches(slashes(path.relative(command.cwd, file)));
  });
  return (file) => tests.some((test) => test(file));
}

interface KeptOptions {
  readonly isTaken: (file: string) => boolean;
  readonly isIgnored: (file: string) => boolean;
  /** Is given what cannot be kept. */
  readonly notKept: Set<string>;
}

/** Those that can be kept, with what links lead to. What git ignores and no fixer takes is nobody's work. */
async function kept(files: readonly string[], { isTaken, isIgnored, notKept }: KeptOptions): Promise<readonly string[]> {
  const result: string[] = [];
  const besides: { readonly file: string; readonly size: number }[] = [];
  const turns = slices();
  for (const file of files) {
    const stats = statsOf(file);
    const [taken, ignored] = [isTaken(file), isIgnored(file)];
    if (turns.due()) await turns.next();
    if (ignored && !taken) continue;
    if (stats?.isSymbolicLink()) {
      result.push(file);
      // A link may lead to data of any size.
      if (taken) besides.push(...behind(file));
    } else if (stats?.isFile() && !isReadable(file)) notKept.add(file);
    else if (stats?.isFile() && (ignored || !taken)) besides.push({ file, size: stats.size });
    else if (stats?.isFile()) result.push(file);
  }
  let bytes = 0;
  for (const { file, size } of besides.sort((a, b) => a.size - b.size)) {
    bytes += size;
    if (size > BESIDES.bytesOfFile || bytes > BESIDES.bytes) notKept.add(file);
    else result.push(file);
  }
  return result;
}

function statsOf(file: string): Stats | undefined {
  try {
    return lstatSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function isReadable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** The file that a link leads to, wherever that is: who writes into the link writes there. */
function behind(link: string): readonly { readonly file: string; readonly size: number }[] {
  try {
    const stats = statSync(link);
    return stats.isFile() && isReadable(link) ? [{ file: realpathSync(link), size: stats.size }] : [];
  } catch {
    return [];
  }
}

export interface FixDifference {
  /** Files that fixers take and that were not there before, absolute, native. */
  readonly created: readonly string[];
  /** Directories above them that were not there before, absolute, native. */
  readonly made: readonly string[];
  /** Files that no fixer takes and that were changed or made: nothing is known of who did it, and nothing was kept of them. */
  readonly notKept: readonly string[];
  /** Whether nobody has touched a file between the two looks, for certain. */
  untouched(file: string): boolean;
}

/** What came of the fixers. What git ignores is left out where it is new or no fixer takes it: whoever builds something makes such files. */
export function differenceOf(before: FixLook, after: FixLook): FixDifference {
  const known = new Set(before.files);
  const takenNow = after.taken;
  const created: string[] = [];
  const directories = new Set<string>();
  const notKept: string[] = [];
  const changed = new Set<string>();
  for (const [folder, then] of before.snapshots) {
    const now = after.snapshots.get(folder);
    if (!then || !now) continue;
    const wasFile = (name: string) => then.entries.has(name) && then.entries.get(name) !== 'directory';
    for (const name of changesBetween(then.entries, now.entries)) {
      const file = path.join(folder, name);
      changed.add(file);
      if (now.entries.get(name) === 'directory') directories.add(file);
      const isNew = now.entries.has(name) && now.entries.get(name) !== 'directory' && !wasFile(name);
      if (now.isIgnored(file) && (isNew || !before.notKept.has(file))) continue;
      if (isNew && takenNow.has(file)) created.push(file);
      else if (isNew || (wasFile(name) && !known.has(file))) notKept.push(file);
    }
  }
  // A folder that is too large to be looked at as a whole tells only of what its fixers take.
  const unseen = [...before.snapshots].flatMap(([folder, look]) => (look && after.snapshots.get(folder) ? [] : [folder]));
  created.push(...[...after.taken].filter((file) => !known.has(file) && unseen.some((folder) => isInside(folder, file))));
  const seen = (file: string): boolean => {
    for (const [folder, look] of before.snapshots) {
      if (unseen.includes(folder) || !look || !isInside(folder, file)) continue;
      const state = look.entries.get(slashes(path.relative(folder, file)));
      if (state !== undefined && state !== 'directory') return true;
    }
    return false;
  };
  return {
    created: created.sort(),
    made: [...directories].filter((directory) => created.some((file) => isInside(directory, file))),
    notKept: notKept.sort(),
    untouched: (file) => seen(file) && !changed.has(file),
  };
}
