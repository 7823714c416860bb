/**
 * Where the file tools may reach: the workspace folder, and nothing outside of it, neither by a path nor behind a symbolic link. Each
 * refusal is a sentence that names the path, the reason and what to do.
 */
import { readlinkSync, realpathSync } from 'node:fs';
import { lstat, readlink, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod/mini';
import { escapeGlob } from '../glob-match.js';
import type { Folder } from '../model.js';
import { isInside, slashes } from '../paths.js';
import type { AccessPlace, ToolAccess, ToolContext } from './tool.js';

/** A place inside of the folder. */
export interface Placed {
  readonly kind: 'placed';
  /** Absolute, native, as seen through the folder that was opened. */
  readonly file: string;
  /** Relative to the folder with `/`; empty for the folder itself. */
  readonly path: string;
}

/** `message` is a sentence for the user. */
export interface Refused {
  readonly kind: 'refused';
  readonly message: string;
}

/** Adds the description that editors and language models are shown. */
export function described<T extends z.ZodMiniType>(description: string, schema: T): T {
  z.globalRegistry.add(schema, { ...z.globalRegistry.get(schema), description });
  return schema;
}

/** One text or a list of them; what a list takes the place of in an input. */
export function oneOrMore(description: string, least: 0 | 1) {
  const text = () => z.string().check(z.minLength(1));
  return described(description, z.union([text(), z.array(text()).check(z.minLength(least))]));
}

/** The elements of what `oneOrMore` accepts. */
export function asList(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}

/** A path as messages and lists show it. */
export function shown(relative: string): string {
  return relative === '' ? 'the workspace folder' : relative;
}

// --------------------------------------------------------------------------------------------------------------- places

/** Where `given`, relative to the folder or absolute inside of it, lies by its text alone. Reads nothing from the disk. */
export function placeOf(given: string, folder: Folder, paths: path.PlatformPath = path): Placed | Refused {
  if (given === '')
    return refused('The path is empty. Name a file or a directory of the workspace folder, or `.` for the folder.');
  if (given.includes('\0'))
    return refused(`The path ${JSON.stringify(given)} holds a null byte, which no name can. Take it out.`);
  if (given.length > LONGEST_PATH)
    return refused(
      `The path ${given.slice(0, 80)}… is longer than ${LONGEST_PATH} characters, which no path can be. Shorten it.`,
    );
  const windows = paths.sep === '\\';
  if (windows && /^[A-Za-z]:(?![\\/])/.test(given))
    return refused(`The path ${given} is relative to a drive. Write it relative to the workspace folder.`);
  const file = paths.resolve(folder.path, given);
  if (!isInside(folder.path, file, paths)) {
    return refused(
      `${given} lies outside of the workspace folder ${folder.path}, where Volley reads and writes nothing. Name a path inside of it, or open the folder that holds it.`,
    );
  }
  const relative = paths.relative(folder.path, file);
  const strange = windows ? relative.split('\\').find(isStrangeOnWindows) : undefined;
  if (strange !== undefined)
    return refused(
      `${given} holds the name ${strange}, which Windows takes for something else than a file. Choose another name.`,
    );
  return { kind: 'placed', file, path: windows ? relative.replaceAll('\\', '/') : relative };
}

/** The longest that some system allows is that of Windows. */
const LONGEST_PATH = 32_767;

function refused(message: string): Refused {
  return { kind: 'refused', message };
}

/** Names of devices, and streams of a file. */
function isStrangeOnWindows(name: string): boolean {
  return name.includes(':') || /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i.test(name);
}

/**
 * As `placeOf`, and refused too when a symbolic link leads out: the real path of the nearest ancestor that exists decides. What does
 * not exist is placed.
 */
export async function findPlace(given: string, folder: Folder): Promise<Placed | Refused> {
  const place = placeOf(given, folder);
  if (place.kind === 'refused') return place;
  const root = realPathNow(folder.path) ?? folder.path;
  const real = nearestReal(place.file, root);
  if (typeof real === 'string' && isInside(root, real)) return place;
  return refused(typeof real === 'string' ? leadsOut(given, real, folder) : endlessLink(given));
}

/** What is said of a path that a symbolic link leads out of the folder. */
export function leadsOut(given: string, real: string, folder: Folder): string {
  return `${given} leads through a symbolic link to ${real}, which lies outside of the workspace folder ${folder.path}, where Volley reads and writes nothing. Name the file itself in a workspace that holds it.`;
}

function endlessLink(given: string): string {
  return `${given} is a symbolic link that leads to itself. Name the file that is meant.`;
}

/**
 * The real path of `file`, or of its nearest ancestor that exists; a link to nothing counts as what it points to. Undefined where links
 * lead to themselves. Asked for at once: a file system answers in less time than it takes to wait for a thread.
 */
function nearestReal(file: string, root: string, hops = 0): string | undefined {
  if (hops > 40) return undefined;
  try {
    return realpathSync.native(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOOP') return undefined;
  }
  // A link to what does not exist yet would be written through.
  const target = linkTargetNow(file);
  const above = path.dirname(file);
  if (above === file) return file;
  const realAbove = nearestReal(above, root, hops + 1);
  if (target === undefined || realAbove === undefined) return realAbove;
  return nearestReal(path.resolve(realAbove, target), root, hops + 1);
}

function realPathNow(file: string): string | undefined {
  try {
    return realpathSync.native(file);
  } catch {
    return undefined;
  }
}

function linkTargetNow(file: string): string | undefined {
  try {
    return readlinkSync(file);
  } catch {
    return undefined;
  }
}

// --------------------------------------------------------------------------------------------------------------- writes

/** A file that may be written. */
export interface Writable extends Placed {
  /** Absolute, native: what is written, where `file` is a symbolic link its target. */
  readonly target: string;
  /** Whether there is a file already. */
  readonly exists: boolean;
}

/** A place that may be written: a file or nothing yet, not of git, without unsaved changes in the editor. */
export async function findWritable(given: string, context: Pick<ToolContext, 'folder' | 'host'>): Promise<Writable | Refused> {
  const { folder, host } = context;
  const place = await findPlace(given, folder);
  if (place.kind === 'refused') return place;
  if (/[\\/]$/.test(given) && given !== place.path) {
    const stats = await stat(place.file).catch(() => undefined);
    if (!stats?.isDirectory()) return refused(`${given} ends like a directory, and only files can be written. Name a file.`);
  }
  if (place.path === '') return refused('The workspace folder itself is no file. Name a file inside of it.');
  const target = await writtenThrough(place.file);
  const root = await realpath(folder.path).catch(() => folder.path);
  if ([place.path, path.relative(root, target)].some(isOfGit)) {
    return refused(`${place.path} belongs to git, whose own files Volley never writes. Use git to change them.`);
  }
  const stats = await stat(target).catch(() => undefined);
  if (stats?.isDirectory()) return refused(`${place.path} is a directory. Name a file inside of it.`);
  if (stats && !stats.isFile())
    return refused(`${place.path} is neither a file nor a directory, and is not written. Name a file.`);
  if ([place.file, target].some((file) => host.unsaved?.(file) !== undefined)) {
    return refused(`${place.path} has unsaved changes in the editor, which a write would lose. Save or revert it first.`);
  }
  return { ...place, target, exists: stats !== undefined };
}

/** Where a write through a symbolic link arrives: replacing the link itself would leave its target as it was. */
async function writtenThrough(file: string): Promise<string> {
  const real = await realpath(file).catch(() => undefined);
  if (real !== undefined) {
    const isLink = await lstat(file).then(
      (stats) => stats.isSymbolicLink(),
      () => false,
    );
    return isLink ? real : path.join(await realpath(path.dirname(file)), path.basename(file));
  }
  const target = await readlink(file).catch(() => undefined);
  if (target !== undefined) return writtenThrough(path.resolve(path.dirname(file), target));
  const above = await nearestExisting(path.dirname(file));
  return path.join(await realpath(above).catch(() => above), path.relative(above, file));
}

async function nearestExisting(directory: string): Promise<string> {
  const exists = await stat(directory).then(
    () => true,
    () => false,
  );
  return exists || path.dirname(directory) === directory ? directory : nearestExisting(path.dirname(directory));
}

/** Names that some file system takes for `.git`: other case, dots and spaces at the end, the short name of Windows, ignored characters. */
function isOfGit(relative: string): boolean {
  return relative.split(/[\\/]/).some((name) =>
    /^(?:\.git|git~1)$/i.test(
      name
        .replace(/[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g, '')
        .replace(/:.*$/, '')
        .replace(/[. ]+$/, ''),
    ),
  );
}

// --------------------------------------------------------------------------------------------------------------- errors

/** What an error of the file system means for `relative`, as a sentence that says what to do. The code stays in it. */
export function diskMessage(error: unknown, relative: string): string {
  const code = (error as NodeJS.ErrnoException).code ?? (error instanceof Error ? error.message : String(error));
  const name = shown(relative);
  const known: Readonly<Record<string, string>> = {
    ENOENT: `${name} does not exist. Check the path, or list its directory.`,
    ENOTDIR: `${name} does not exist: a part of its path is a file. Check the path.`,
    EEXIST: `${name} cannot be written: a part of its path is a file. Check the path.`,
    ENXIO: `${name} is neither a file nor a directory. Name a file.`,
    EISDIR: `${name} is a directory. Name a file inside of it, or list it.`,
    EACCES: `${name} may not be accessed (EACCES). Change its permissions, or leave it out.`,
    EPERM: `${name} may not be accessed (EPERM). Change its permissions, or leave it out.`,
    EROFS: `${name} lies on a file system that is read-only (EROFS). Choose another place.`,
    ENOSPC: `${name} could not be written: the disk is full (ENOSPC). Free some space and try again.`,
    EDQUOT: `${name} could not be written: the quota of the disk is used up (EDQUOT). Free some space and try again.`,
    EFBIG: `${name} could not be written: it would be larger than a file may be here (EFBIG). Divide it.`,
    EMFILE: `${name} could not be opened: too many open files (EMFILE). Try again with less at once.`,
    ENFILE: `${name} could not be opened: too many open files (ENFILE). Try again with less at once.`,
    ELOOP: `${name} is a symbolic link that leads to itself (ELOOP). Name the file that is meant.`,
    ENAMETOOLONG: `${name.slice(0, 100)}… is too long for a name of a file (ENAMETOOLONG). Choose a shorter one.`,
  };
  return known[code] ?? `${name} could not be accessed: ${code}. Check the file and try again.`;
}

// --------------------------------------------------------------------------------------------------------------- access

/** Whether a text still holds a reference such as `${id.output}`, so that what it will be is not known. */
export function hasReference(text: string): boolean {
  return /\$\{[^}]*\}/.test(text);
}

/** Glob, absolute with `/`, of everything in the folder. */
export function wholeFolder({ folder }: AccessPlace): string {
  return `${folderGlob(folder)}/**`;
}

/** The folder as the start of a glob. */
export function folderGlob(folder: Folder): string {
  return slashes(folder.path).replace(/\/+$/, '').split('/').map(escapeGlob).join('/');
}

/** Relative, without anything that means something in a path, in a glob or on Windows. */
const PLAIN_PATH = /^(?:[\w-][\w.-]*[\w-]\/|[\w-]\/){0,40}(?:[\w-][\w.-]*[\w-]|[\w-])$/;

/**
 * Globs of paths of an input, all of which stand for what is below them, too. What lies outside is refused when the tool is invoked,
 * before anything is touched, and so is left out.
 */
export function pathGlobs(given: readonly string[], place: AccessPlace): readonly string[] {
  if (given.some(hasReference)) return [wholeFolder(place)];
  const base = folderGlob(place.folder);
  const globs = given.flatMap((each) => {
    // Thousands of paths are asked about at once, and nearly all are plain.
    if (PLAIN_PATH.test(each)) return [`${base}/${each}`];
    const placed = placeOf(each, place.folder);
    if (placed.kind === 'refused') return [];
    return placed.path === '' ? [wholeFolder(place)] : [`${base}/${placed.path.split('/').map(escapeGlob).join('/')}`];
  });
  return [...new Set(globs)];
}

/**
 * A glob that matches whatever `glob`, relative to the folder, matches, and that the planner understands: a group, a class or a brace
 * before a `/` may hold one itself, so everything from there on is taken.
 */
export function globAccess(glob: string, place: AccessPlace): string {
  const segments = glob.replace(/^(?:\.\/)+/, '').split('/');
  const unclear = segments.findIndex((segment) => /[([{]/.test(segment));
  const clear = unclear < 0 || unclear === segments.length - 1 ? segments : [...segments.slice(0, unclear), '**'];
  return [folderGlob(place.folder), ...clear].join('/');
}

/** Globs of the files that decide what a walk leaves out. */
export function ignoreRules({ folder }: AccessPlace): readonly string[] {
  return [`${folderGlob(folder)}/.gitignore`, `${folderGlob(folder)}/**/.gitignore`];
}

/** An access without locks. */
export function access(reads: readonly string[], writes: readonly string[] = []): ToolAccess {
  return { reads, writes, locks: [] };
}
