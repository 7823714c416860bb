/** Which files a search looks into: checked paths, globs as in .gitignore, the rules of .gitignore files, and what the editor has not saved. */
import { type Stats, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import nativePath from 'node:path';
import { escapeGlob, globMatcher } from '../glob-match.js';
import { ignoreTest, readIgnores } from '../ignored.js';
import type { Folder } from '../model.js';
import { slashes, upwards } from '../paths.js';
import { slices } from '../slices.js';
import { unsavedFiles } from './files.js';
import { asList, diskMessage, findPlace } from './place.js';
import type { ToolContext } from './tool.js';

/** Where a search looks, checked. */
export interface Where {
  /** Directories and files that ripgrep walks, as its arguments. */
  readonly targets: readonly string[];
  /** Files with unsaved text among those that are searched. */
  readonly unsaved: readonly { readonly path: string; readonly text: string }[];
  /** Whether what ripgrep found in a file counts. */
  accepts(path: string): boolean;
  /** Rules as in .gitignore, weaker than those of .gitignore files: what `glob` leaves out, and what rules above a directory do. */
  readonly rules: string;
}

/** The part of a search that says where. */
export interface SearchPlaces {
  readonly paths?: string | readonly string[] | undefined;
  readonly glob?: string | readonly string[] | undefined;
  readonly pattern?: string | undefined;
}

/** Resolves and checks it. */
export async function findWhere(
  input: SearchPlaces,
  context: ToolContext,
): Promise<Where | { readonly kind: 'refused'; readonly message: string }> {
  const { folder, host } = context;
  const globs = asList(input.glob);
  if (input.pattern?.includes('\0'))
    return { kind: 'refused', message: 'The pattern holds a null byte, which no argument of a program can. Write it as \\x00.' };
  const odd = globs.find((glob) => /[\0\r\n]/.test(glob));
  if (odd !== undefined) return { kind: 'refused', message: `The glob ${JSON.stringify(odd)} holds a line break. Take it out.` };
  const chosen = chooser(globs);
  const targets: { readonly path: string; readonly isDirectory: boolean }[] = [];
  const isUnsaved = (path: string) => host.unsaved?.(join(folder, path)) !== undefined;
  const turns = slices();
  for (const given of input.paths === undefined ? ['.'] : asList(input.paths)) {
    if (turns.due()) await turns.next();
    const place = await findPlace(given, folder);
    if (place.kind === 'refused') return place;
    const stats = statNow(place.file);
    const isDirectory = !(stats instanceof Error) && stats.isDirectory();
    if (stats instanceof Error && !isUnsaved(place.path)) return { kind: 'refused', message: diskMessage(stats, place.path) };
    if (!(stats instanceof Error) && !isDirectory && !stats.isFile())
      return { kind: 'refused', message: `${place.path} is neither a file nor a directory, and is not searched. Name a file.` };
    targets.push({ path: place.path, isDirectory });
  }
  const files = targets.filter(({ isDirectory }) => !isDirectory).map(({ path }) => path);
  const directories = targets.filter(({ isDirectory }) => isDirectory).map(({ path }) => path);
  const unsaved = await unsavedIn(files, directories, chosen, context);
  const left = new Set(unsaved.map(({ path }) => path));
  const walked = [...directories, ...files.filter((path) => !left.has(path) && chosen(path))];
  return {
    targets: [...new Set(walked)].map((path) => `./${path}`),
    unsaved,
    accepts: (path) => !left.has(path) && chosen(path),
    rules: [...globRules(globs), ...(await rulesAbove(directories, folder))].map((rule) => `${rule}\n`).join(''),
  };
}

function statNow(file: string): Stats | Error {
  try {
    return statSync(file);
  } catch (error) {
    return error as Error;
  }
}

function join(folder: Folder, path: string): string {
  return nativePath.join(folder.path, path);
}

/** What of the unsaved files a search looks into: those that are named, and those that a walk would come to. */
async function unsavedIn(
  files: readonly string[],
  directories: readonly string[],
  chosen: (path: string) => boolean,
  { host, folder }: ToolContext,
): Promise<Where['unsaved']> {
  const named = new Set(files);
  const open = unsavedFiles(host, folder).filter((path) => !named.has(path));
  const above = open.flatMap((path) => upwards(nativePath.dirname(join(folder, path)), folder.path));
  const isLeftOut = ignoreTest(await readIgnores(above.map((directory) => nativePath.join(directory, '.gitignore'))));
  const isWalked = (path: string) =>
    directories.some((directory) => {
      if (directory !== '' && !path.startsWith(`${directory}/`)) return false;
      const below = path.slice(directory === '' ? 0 : directory.length + 1);
      return !/(?:^|\/)(?:node_modules|\.git)(?:\/|$)/.test(below) && !isLeftOut(join(folder, path));
    });
  return [...named, ...open.filter(isWalked)].filter(chosen).flatMap((path) => {
    const text = host.unsaved?.(join(folder, path));
    return text === undefined ? [] : [{ path, text }];
  });
}

/** Whether a path is among those that globs as in .gitignore mean: the last one that fits decides. */
function chooser(globs: readonly string[]): (path: string) => boolean {
  const all = globs.some((glob) => !glob.startsWith('!')) ? [] : ['**'];
  const matches = globMatcher([
    ...all,
    ...globs.map((glob) => (glob.startsWith('!') ? `!${anchored(glob.slice(1))}` : anchored(glob))),
  ]);
  // A directory that is left out takes with it what is below.
  const below = globs.filter((glob) => glob.startsWith('!')).map((glob) => `${anchored(glob.slice(1))}/**`);
  const isBelow = globMatcher(below);
  return (path) => matches(path) && !isBelow(path);
}

/** The globs as rules of what is left out. */
function globRules(globs: readonly string[]): readonly string[] {
  const closed = globs.some((glob) => !glob.startsWith('!')) ? ['*', '!*/'] : [];
  const escaped = (glob: string) => glob.replace(/^#/, '\\#').replace(/ $/, '\\ ');
  return [...closed, ...globs.map((glob) => (glob.startsWith('!') ? escaped(glob.slice(1)) : `!${escaped(glob)}`))];
}

/** What .gitignore files above searched directories say, as rules from the folder: ripgrep reads those below only. */
async function rulesAbove(directories: readonly string[], folder: Folder): Promise<readonly string[]> {
  const above = new Set<string>();
  for (const directory of directories) {
    for (const each of directory === '' ? [] : upwards(nativePath.dirname(join(folder, directory)), folder.path)) above.add(each);
  }
  const rules: string[] = [];
  for (const directory of [...above].sort((a, b) => a.length - b.length)) {
    const text = await readFile(nativePath.join(directory, '.gitignore'), 'utf8').catch(() => '');
    const start = slashes(nativePath.relative(folder.path, directory)).split('/').map(escapeGlob).join('/');
    for (const line of text.split(/\r?\n/)) {
      if (line === '' || line.startsWith('#')) continue;
      const [, not = '', glob = ''] = /^(!?)(.*)$/.exec(line) ?? [];
      if (start === '') rules.push(line);
      else rules.push(`${not}/${start}/${glob.replace(/\/+\s*$/, '').includes('/') ? glob.replace(/^\//, '') : `**/${glob}`}`);
    }
  }
  return rules;
}

/** A glob as .gitignore has it, as one from the folder: without a `/` before its end it matches at any depth. */
export function anchored(glob: string): string {
  const plain = glob.replace(/\/+$/, '');
  return plain.includes('/') ? plain.replace(/^\/+/, '') : `**/${plain}`;
}
