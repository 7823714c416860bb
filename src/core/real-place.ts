/** Where paths really lie: a directory that was one when somebody looked may be a symbolic link when it is used. */
import { realpath } from 'node:fs/promises';
import path from 'node:path';

/** The real path of a directory; of one that is not there yet that of the nearest one above it, and the rest of its names. */
export async function realPlace(directory: string): Promise<string> {
  try {
    return await realpath(directory);
  } catch {
    const above = path.dirname(directory);
    return above === directory ? directory : path.join(await realPlace(above), path.basename(directory));
  }
}

/** Whether two real paths are the same one: most file systems of macOS and Windows take names that differ in case for one. */
export function isSamePlace(one: string, other: string): boolean {
  const folds = process.platform === 'win32' || process.platform === 'darwin';
  return folds ? one.toLowerCase() === other.toLowerCase() : one === other;
}
