/** Reads what a Makefile includes: files of the workspace and no others, a bounded number of them. */
import { readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { isInside } from '../paths.js';
import { includedNames, isPlainName } from './makefile-includes.js';

const MOST_FILES = 50;
const MOST_BYTES = 1_000_000;

/**
 * Texts by the names under which they are included, also by what is included. Names start where make runs: in `directory`, relative to the
 * folder. What is not there, or leads out of the folder, is left out.
 */
export async function includedIn(text: string, directory: string, folder: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const root = await realpath(folder).catch(() => folder);
  const waiting = [...includedNames(text)];
  let looked = 0;
  for (let name = waiting.shift(); name !== undefined && looked < MOST_FILES; name = waiting.shift()) {
    if (found.has(name) || !isPlainName(name)) continue;
    looked += 1;
    const content = await textOf(path.resolve(folder, directory, name), root);
    if (content === undefined) continue;
    found.set(name, content);
    waiting.push(...includedNames(content));
  }
  return found;
}

async function textOf(file: string, root: string): Promise<string | undefined> {
  try {
    const real = await realpath(file);
    const stats = await stat(real);
    if (!isInside(root, real) || !stats.isFile() || stats.size > MOST_BYTES) return undefined;
    return (await readFile(real, 'utf8')).replace(/^\uFEFF/, '');
  } catch {
    return undefined;
  }
}
