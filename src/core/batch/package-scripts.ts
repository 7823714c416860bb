/**
 * Scripts of the packages of a workspace, for concluding what `npm run …` touches. Reads each package.json once, a bounded number of them,
 * and executes nothing.
 */
import { lstatSync, readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Folder } from '../model.js';
import { isInside } from '../paths.js';
import type { PackageOf, PackageScripts } from '../tools/tool.js';

/** So many directories are looked at for one batch. */
const MOST = 500;
/** A larger package.json is none that somebody wrote. */
const LARGEST_BYTES = 1_000_000;

/** Looks packages up as they are on disk now, and remembers what it found. */
export function packageLookup({ path: folder }: Folder): PackageOf {
  const known = new Map<string, PackageScripts | undefined>();
  const root = real(folder);
  const packageOf: PackageOf = (given) => {
    const directory = path.resolve(given);
    if (known.has(directory)) return known.get(directory);
    if (known.size >= MOST || !isInside(folder, directory)) return undefined;
    const found = lookAt(directory, folder, root, packageOf);
    known.set(directory, found);
    return found;
  };
  return packageOf;
}

function lookAt(directory: string, folder: string, root: string | undefined, above: PackageOf): PackageScripts | undefined {
  const at = real(directory);
  // What lies behind a link that leads out is nobody's to read; a directory that is not there yet may become anything.
  if (root === undefined || at === undefined || !isInside(root, at)) return undefined;
  const file = path.join(directory, 'package.json');
  if (exists(file)) {
    const scripts = [directory, folder].some(hasOwnShell) ? undefined : scriptsIn(file);
    return scripts && { directory, scripts };
  }
  // Managers take a directory with dependencies for a package, too.
  if (directory === folder || exists(path.join(directory, 'node_modules'))) return undefined;
  return above(path.dirname(directory));
}

function scriptsIn(file: string): Readonly<Record<string, string>> | undefined {
  try {
    const stats = lstatSync(file);
    if (!stats.isFile() || stats.size > LARGEST_BYTES) return undefined;
    const value: unknown = JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
    if (typeof value !== 'object' || value === null) return undefined;
    const { scripts = {} } = value as { readonly scripts?: unknown };
    if (typeof scripts !== 'object' || scripts === null) return undefined;
    return Object.fromEntries(Object.entries(scripts).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch {
    return undefined;
  }
}

/** Whether scripts are run by something else than a shell that is understood here. */
function hasOwnShell(directory: string): boolean {
  try {
    const file = path.join(directory, '.npmrc');
    return statSync(file).size > LARGEST_BYTES || /^\s*(?:script-shell|shell-emulator)\s*=/m.test(readFileSync(file, 'utf8'));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}

function real(directory: string): string | undefined {
  try {
    return realpathSync.native(directory);
  } catch {
    return undefined;
  }
}

/** True, too, where nobody may look. */
function exists(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOTDIR';
  }
}
