/** What runs leave behind in a folder: which files came, changed or went, and by what their contents are known. */
import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import { changesBetween, type Snapshot, takeSnapshot } from './batch/snapshot.js';
import { normalise } from './normalise.js';
import { slashes } from './paths.js';

export interface LeftBehind {
  /** Before a run. */
  begin(): Promise<void>;
  /**
   * After a run, before anything is put back: every file that has changed since `begin`, relative to the folder with `/`, with a digest of
   * its content, or `gone`. Undefined where the folder is too large to be looked at.
   */
  end(): Promise<ReadonlyMap<string, string> | undefined>;
}

/** A file larger than this is known by its size: reading it would take longer than what is measured. */
const MOST_BYTES = 16_000_000;
/** More changed files than this are nothing that a check or a batch would leave. */
const MOST_FILES = 2000;

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
      if (!before || !after) return undefined;
      const isFile = (name: string) => (after.get(name) ?? before?.get(name)) !== 'directory';
      const changed = changesBetween(before, after).filter((name) => isFile(name) && !isOwn(name));
      if (changed.length > MOST_FILES) return undefined;
      const left = new Map<string, string>();
      for (const name of changed) left.set(name, after.has(name) ? await digestOf(path.join(folder, name)) : 'gone');
      return left;
    },
  };
}

/** Of a text without times and the like; of anything else as it is. */
async function digestOf(file: string): Promise<string> {
  try {
    const stats = await stat(file);
    if (!stats.isFile()) return 'no file';
    if (stats.size > MOST_BYTES) return `${stats.size} bytes`;
    const handle = await open(file);
    try {
      const content = await handle.readFile();
      const text = content.includes(0) ? content : normalise(content.toString('latin1')).text;
      return createHash('sha256').update(text).digest('hex');
    } finally {
      await handle.close();
    }
  } catch {
    // It may not be read, or a process that is not waited for has just taken it away.
    return 'unreadable';
  }
}
