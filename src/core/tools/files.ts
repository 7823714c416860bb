/** What the tools of files share: words of their answers, turns of the event loop, unsaved files. */
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

/** How long one slice of work may hold the event loop, in milliseconds. */
const SLICE_MS = 8;

/** Hands out turns: `await turn()` waits for the next turn of the event loop where the last one has lasted long enough. */
export function slices(): { due(): boolean; next(): Promise<void> } {
  let since = performance.now();
  return {
    due: () => performance.now() - since > SLICE_MS,
    async next() {
      await new Promise((resolve) => setImmediate(resolve));
      since = performance.now();
    },
  };
}

/** The files with unsaved changes inside of the folder, relative with `/`, whether they are on disk or not. */
export function unsavedFiles(host: Host, folder: Folder): readonly string[] {
  const inside = (host.unsavedFiles?.() ?? []).filter((file) => isInside(folder.path, file) && file !== folder.path);
  return [...new Set(inside.map((file) => slashes(path.relative(folder.path, file))))].sort();
}
