/** Paths as globs and reports want them, and the directories above one. Pure. */
import path from 'node:path';

/** A native path with `/`, as globs have it. On POSIX a backslash is part of a name and stays. */
export function slashes(file: string): string {
  return path.sep === '\\' ? file.replaceAll('\\', '/') : file;
}

/** `start` and all directories above it, up to `last` if it is one of them, innermost first. */
export function upwards(start: string, last?: string, paths: path.PlatformPath = path): readonly string[] {
  const result: string[] = [];
  for (let directory = paths.resolve(start); ; directory = paths.dirname(directory)) {
    result.push(directory);
    if (directory === last || paths.dirname(directory) === directory) return result;
  }
}

/** Whether `file` lies below `directory` or is it. */
export function isInside(directory: string, file: string, paths: path.PlatformPath = path): boolean {
  const relative = paths.relative(directory, file);
  return relative !== '..' && !relative.startsWith(`..${paths.sep}`) && !paths.isAbsolute(relative);
}
