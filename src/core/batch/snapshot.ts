/** What lies in a folder at one moment, and what is other at a later one. Looks at names and what the file system says of them, at no content. */
import { type Dirent, lstatSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { isLeftover, NAMES_NEVER_WALKED } from '../ignored.js';
import { slices } from '../slices.js';

/** What is known of each file and directory, by its path relative to the folder with `/`. */
export type Snapshot = ReadonlyMap<string, string>;

/** More than this is not looked at again and again. */
const MOST = 200_000;

/**
 * Everything below the folder but what git and packages keep for themselves and what tools leave behind for their next run. Undefined when
 * that is too much to be looked at after every operation.
 */
export async function takeSnapshot(folder: string): Promise<Snapshot | undefined> {
  const found = new Map<string, string>();
  const waiting = [''];
  const turns = slices();
  for (let directory = waiting.pop(); directory !== undefined; directory = waiting.pop()) {
    // What vanishes meanwhile is not there.
    const entries = await readdir(path.join(folder, directory), { withFileTypes: true }).catch((): Dirent[] => []);
    for (const entry of entries) {
      if (NAMES_NEVER_WALKED.has(entry.name) || isLeftover(entry.name)) continue;
      const name = directory === '' ? entry.name : `${directory}/${entry.name}`;
      if (entry.isDirectory()) waiting.push(name);
      found.set(name, entry.isDirectory() ? 'directory' : stateOf(path.join(folder, name)));
      if (turns.due()) await turns.next();
    }
    if (found.size > MOST) return undefined;
  }
  return found;
}

/** What came, changed or went between two moments, sorted. */
export function changesBetween(before: Snapshot, after: Snapshot): readonly string[] {
  return [
    ...[...after].filter(([name, state]) => before.get(name) !== state).map(([name]) => name),
    ...[...before.keys()].filter((name) => !after.has(name)),
  ].sort();
}

function stateOf(file: string): string {
  try {
    const stats = lstatSync(file, { bigint: true });
    return `${stats.size} ${stats.mtimeNs} ${stats.ctimeNs} ${stats.ino}`;
  } catch {
    // It has just gone, or may not be looked at: then nothing is said of it.
    return 'unknown';
  }
}
