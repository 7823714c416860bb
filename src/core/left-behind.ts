/** What runs leave behind in a folder: which files came, changed or went, and by what their contents are known. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { changesBetween, type Snapshot, takeSnapshot } from './batch/snapshot.js';
import type { FilesLeft, Normalised } from './measured.js';
import type { Folder } from './model.js';
import { normalise } from './normalise.js';
import { slashes } from './paths.js';

export interface LeftBehind {
  /** Before a run. */
  begin(): Promise<void>;
  /** After a run, before anything is put back: what has changed since `begin`. */
  end(): Promise<FilesLeft>;
}

/** A file larger than this is known by its size: reading it would take longer than what is measured. */
const MOST_BYTES = 16_000_000;
/** More changed files than this are nothing that a check or a batch would leave. */
const MOST_FILES = 2000;

const TOO_LARGE = 'the folder has too many files to be looked at after every run';
const TOO_MANY = `a run changed more than ${MOST_FILES} files`;

/** All folders of a workspace; the names of files in several begin with that of their folder. `own` as for `watchFolder`. */
export function watchFolders(folders: readonly Folder[], own?: string): LeftBehind {
  const watched = folders.map((folder) => ({
    prefix: folders.length > 1 ? `${folder.name}/` : '',
    look: watchFolder(folder.path, own),
  }));
  return {
    async begin() {
      for (const { look } of watched) await look.begin();
    },
    async end() {
      const files = new Map<string, string>();
      const without = new Set<Normalised>();
      for (const { prefix, look } of watched) {
        const left = await look.end();
        if (left.kind === 'unknown') return left;
        for (const [name, digest] of left.files) files.set(`${prefix}${name}`, digest);
        for (const what of left.without) without.add(what);
      }
      return { kind: 'files', files, without: [...without] };
    },
  };
}

/** `own`: a directory in which Volley itself writes meanwhile; what lies in it is not looked at. Absolute, native. */
export function watchFolder(folder: string, own?: string): LeftBehind {
  const ownName = own === undefined ? '' : slashes(path.relative(folder, own));
  const isOwn = (name: string) => ownName !== '' && (name === ownName || name.startsWith(`${ownName}/`));
  let before: Snapshot | undefined;
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
      const files = new Map<string, string>();
      const without = new Set<Normalised>();
      for (const name of changed) {
        const content = after.has(name) ? await contentOf(path.join(folder, name)) : { digest: 'gone', without: [] };
        files.set(name, content.digest);
        for (const what of content.without) without.add(what);
      }
      return { kind: 'files', files, without: [...without] };
    },
  };
}

interface Content {
  readonly digest: string;
  readonly without: readonly Normalised[];
}

/** Of a text without times and the like; of anything else as it is. */
async function contentOf(file: string): Promise<Content> {
  try {
    const stats = await stat(file);
    if (!stats.isFile()) return { digest: 'no file', without: [] };
    if (stats.size > MOST_BYTES) return { digest: `${stats.size} bytes`, without: [] };
    const content = await readFile(file);
    const { text, without } = content.includes(0) ? { text: content, without: [] } : normalise(content.toString('utf8'));
    return { digest: createHash('sha256').update(text).digest('hex'), without };
  } catch {
    // It may not be read, or a process that is not waited for has just taken it away.
    return { digest: 'unreadable', without: [] };
  }
}
