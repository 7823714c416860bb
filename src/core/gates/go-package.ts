/** Import paths of Go, by which its test runner names packages instead of directories. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { slashes } from '../paths.js';

/** The import path of a directory, by the nearest go.mod from there up to `folder`; undefined where there is none. */
export async function goPackageOf(directory: string, folder: string): Promise<string | undefined> {
  for (let place = directory; ; place = path.dirname(place)) {
    const text = await readFile(path.join(place, 'go.mod'), 'utf8').catch(() => undefined);
    const module = text === undefined ? undefined : /^module\s+(?:"([^"]+)"|(\S+))/m.exec(text);
    if (module) return [module[1] ?? module[2] ?? '', slashes(path.relative(place, directory))].filter(Boolean).join('/');
    if (place === folder || path.dirname(place) === place) return undefined;
  }
}
