/**
 * What fixers may change, and what they have changed: files that they take, also those that git ignores, and what links among them lead to.
 * Everything else of the folders is looked at before and after, so that nothing changes without being told.
 */
import { lstatSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { changesBetween, type Snapshot, takeSnapshot } from './batch/snapshot.js';
import type { Gate } from './gate-model.js';
import { globMatcher } from './glob-match.js';
import { ignoredFiles } from './ignored.js';
import type { Folder } from './model.js';
import { isInside, slashes } from './paths.js';
import { resolveScope } from './scope.js';
import { slices } from './slices.js';

/** Of what git ignores the smallest files are kept, until they are so large together; a larger one is none that somebody has written. */
const IGNORED = { bytesOfFile: 5_000_000, bytes: 100_000_000 } as const;

/** The folders of some fixers at one moment. */
export interface FixLook {
  /** Absolute, native, sorted: what the fixers may change. Links are told as links, and what they lead to besides. */
  readonly files: readonly string[];
  /** By folder; undefined of one that is too large to be looked at. */
  readonly snapshots: ReadonlyMap<string, Snapshot | undefined>;
}

/** Looks at no content. */
export async function lookForFixers(fixers: readonly Gate[]): Promise<FixLook> {
  const folders = new Map<string, Folder>(fixers.map(({ folder }) => [folder.path, folder]));
  const files = new Set<string>();
  const snapshots = new Map<string, Snapshot | undefined>();
  for (const folder of folders.values()) {
    const snapshot = await takeSnapshot(folder.path);
    snapshots.set(folder.path, snapshot);
    const isTaken = takenBy(fixers.filter((each) => each.folder.path === folder.path));
    const scope = await resolveScope({ kind: 'selected', files: [folder.path] }, folder, async () => ({ ok: false, stdout: '' }));
    const known = scope.kind === 'files' ? scope.files : [];
    const others = [...(snapshot ?? [])]
      .filter(([, state]) => state !== 'directory')
      .map(([name]) => path.join(folder.path, name));
    const taken = [...new Set([...known, ...others])].filter(isTaken);
    for (const file of await kept(taken, await ignoredFiles(folder))) files.add(file);
  }
  return { files: [...files].sort(), snapshots };
}

/** Whether one of the fixers takes a file, or depends on it where it takes none. */
function takenBy(fixers: readonly Gate[]): (file: string) => boolean {
  const tests = fixers.map(({ files, command }) => {
    const matches = globMatcher(files.kind === 'files' ? files.takes : files.inputs);
    return (file: string) => isInside(command.cwd, file) && matches(slashes(path.relative(command.cwd, file)));
  });
  return (file) => tests.some((test) => test(file));
}

/** Those that can be kept, with what links lead to. */
async function kept(files: readonly string[], isIgnored: (file: string) => boolean): Promise<readonly string[]> {
  const result: string[] = [];
  const ignored: { readonly file: string; readonly size: number }[] = [];
  const turns = slices();
  for (const file of files) {
    const stats = lstatSync(file, { throwIfNoEntry: false });
    if (stats?.isSymbolicLink()) result.push(file, ...behind(file));
    else if (stats?.isFile() && isIgnored(file)) ignored.push({ file, size: stats.size });
    else if (stats?.isFile()) result.push(file);
    if (turns.due()) await turns.next();
  }
  let bytes = 0;
  for (const { file, size } of ignored.sort((a, b) => a.size - b.size)) {
    bytes += size;
    if (size > IGNORED.bytesOfFile || bytes > IGNORED.bytes) break;
    result.push(file);
  }
  return result;
}

/** The file that a link leads to, wherever that is: who writes into the link writes there. */
function behind(link: string): readonly string[] {
  try {
    return statSync(link).isFile() ? [realpathSync(link)] : [];
  } catch {
    return [];
  }
}

export interface FixDifference {
  /** Files that were not there before, absolute, native. */
  readonly created: readonly string[];
  /** Directories that were not there before, absolute, native. */
  readonly made: readonly string[];
  /** Files of which nothing was kept, and that are other than they were: they cannot be put back. */
  readonly notKept: readonly string[];
  /** Whether nobody has touched a file between the two looks, for certain. */
  untouched(file: string): boolean;
}

/** What came of the fixers. */
export function differenceOf(before: FixLook, after: FixLook): FixDifference {
  const known = new Set(before.files);
  const created = new Set(after.files.filter((file) => !known.has(file)));
  const made: string[] = [];
  const notKept: string[] = [];
  const changed = new Set<string>();
  const looked: string[] = [];
  for (const [folder, then] of before.snapshots) {
    const now = after.snapshots.get(folder);
    if (!then || !now) continue;
    looked.push(folder);
    for (const name of changesBetween(then, now)) {
      const file = path.join(folder, name);
      changed.add(file);
      const wasFile = then.has(name) && then.get(name) !== 'directory';
      if (now.get(name) === 'directory') made.push(file);
      else if (!wasFile && now.has(name)) created.add(file);
      if (wasFile && !known.has(file)) notKept.push(file);
    }
  }
  // What was there and is taken only now, as it is called otherwise, was there.
  const isNew = (file: string) => looked.every((folder) => !isInside(folder, file)) || changed.has(file);
  const seen = (file: string) => {
    const folder = looked.find((each) => isInside(each, file));
    const state = folder === undefined ? undefined : before.snapshots.get(folder)?.get(slashes(path.relative(folder, file)));
    return state !== undefined && state !== 'directory';
  };
  return {
    created: [...created].filter((file) => isNew(file) && !seen(file)).sort(),
    made,
    notKept: notKept.sort(),
    untouched: (file) => seen(file) && !changed.has(file),
  };
}
