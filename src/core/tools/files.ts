/** What the tools of files share: words of their answers, unsaved files. */
import path from 'node:path';
import type { Host } from '../host.js';
import type { Folder } from '../model.js';
import { isInside, slashes } from '../paths.js';

/** What stands in a text where bytes were left out. */
export function cutMarker(bytes: number): string {
  return `[… ${bytes} bytes left out …]`;
}

/** `1 file`, `2 files`. */
export function counted(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** The files with unsaved changes inside of the folder, relative with `/`, whether they are on disk or not. */
export function unsavedFiles(host: Host, folder: Folder): readonly string[] {
  const inside = (host.unsavedFiles?.() ?? []).filter((file) => isInside(folder.path, file) && file !== folder.path);
  return [...new Set(inside.map((file) => slashes(path.relative(folder.path, file))))].sort();
}
