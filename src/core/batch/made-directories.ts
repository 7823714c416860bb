/**
 * Directories that come into being in a batch. The file tools make the directories of what they write; a program that writes there fails
 * when nobody has made them yet. So where a directory may be missing, the order of the two matters, though they touch different files. Pure.
 */
import type { Operation } from '../model.js';

/** A name below the directory that stands for its being there. Nobody writes it. */
const BEING_THERE = '.is-there';

/** The operations with what they touch of directories that may be missing. `folder` and what is asked for are absolute with `/`. */
export function withMadeDirectories(
  operations: readonly Operation[],
  folder: string,
  exists: (directory: string) => boolean,
): readonly Operation[] {
  const changed = operations.filter(isProgram).flatMap(({ access }) => access.writes.map(plainStart));
  const known = new Map<string, boolean>();
  const isThere = (directory: string) => {
    const there = known.get(directory) ?? (!changed.some((each) => isAtOrBelow(directory, each)) && exists(directory));
    known.set(directory, there);
    return there;
  };
  return operations.map((operation) => {
    const missing = new Set(operation.access.writes.flatMap((glob) => firstMissing(plainStart(glob), folder, isThere) ?? []));
    if (missing.size === 0) return operation;
    const marks = [...missing].map((directory) => `${directory}/${BEING_THERE}`);
    const { access } = operation;
    // Those that make what is missing may do so in any order.
    return {
      ...operation,
      access: isProgram(operation)
        ? { ...access, writes: [...access.writes, ...marks] }
        : { ...access, reads: [...access.reads, ...marks] },
    };
  });
}

function isProgram({ tool }: Operation): boolean {
  return tool === 'command' || tool === 'agent';
}

/** The topmost directory above a path, in the folder, that may be missing. */
function firstMissing(file: string, folder: string, isThere: (directory: string) => boolean): string | undefined {
  if (!file.startsWith(`${folder}/`)) return undefined;
  for (let end = file.indexOf('/', folder.length + 1); end >= 0; end = file.indexOf('/', end + 1))
    if (!isThere(file.slice(0, end))) return file.slice(0, end);
  return undefined;
}

/** A glob up to its first part that is no plain name. */
function plainStart(glob: string): string {
  const names = glob.split('/');
  const end = names.findIndex((name) => /[*?[\]{}()!\\]/.test(name));
  return end < 0 ? glob : names.slice(0, end + 1).join('/');
}

function isAtOrBelow(directory: string, other: string): boolean {
  return directory === other || directory.startsWith(`${other}/`);
}
