/** What is not looked at in a workspace: what .gitignore files leave out, git's own files, installed packages. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import fastGlob from 'fast-glob';
import ignore, { type Ignore } from 'ignore';
import { globMatcher } from './glob-match.js';
import type { Folder } from './model.js';
import { isInside, slashes } from './paths.js';

/** Globs of what no walk goes into. */
export const NEVER_WALKED: readonly string[] = ['**/node_modules/**', '**/.git/**'];

/** The same as names. */
export const NAMES_NEVER_WALKED: ReadonlySet<string> = new Set(['.git', 'node_modules']);

/** Whether tools leave behind for themselves what has this name. It changes with every run and decides no result. */
export function isLeftover(name: string): boolean {
  return LEFTOVERS.test(name);
}

const LEFTOVERS =
  /^(?:__pycache__|\.(?:mypy|pytest|ruff|eslint|stylelint|parcel|swc|gradle|turbo|hypothesis)_?(?:cache)?|\.cache|\.nyc_output|coverage|htmlcov|\.coverage(?:\..*)?|\.tox|\.nox|\.venv|venv|\.vscode-test|\.DS_Store|.*\.(?:pyc|tsbuildinfo|log))$/;

/** Directories with their rules, the outermost first. */
export type Ignores = ReadonlyMap<string, Ignore>;

/** Whether a file, absolute, is not for gates: git ignores it, or it is git's own or an installed package's. As of now. */
export async function ignoredFiles(folder: Folder): Promise<(file: string) => boolean> {
  const options = { cwd: folder.path, dot: true, ignore: [...NEVER_WALKED], followSymbolicLinks: false, suppressErrors: true };
  const ignores = await readIgnores((await fastGlob('**/.gitignore', options)).map((name) => path.resolve(folder.path, name)));
  const own = globMatcher(NEVER_WALKED);
  // Remembered directories belong to these rules, which are never read again.
  const isLeftOut = ignoreTest(ignores);
  return (file) => isInside(folder.path, file) && (own(slashes(path.relative(folder.path, file))) || isLeftOut(file));
}

/** The rules of the .gitignore files among `files`, absolute, that can be read. */
export async function readIgnores(files: readonly string[]): Promise<Ignores> {
  const unique = [...new Set(files)].sort((a, b) => a.length - b.length);
  const rules = new Map<string, Ignore>();
  for (const file of unique) {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text !== undefined) rules.set(path.dirname(file), ignore().add(text));
  }
  return rules;
}

/**
 * Tests whether the rules leave out a file, absolute and native. As in git, inner rules have the last word, and nothing below a directory
 * that is left out comes back. Remembers directories: for one walk, not for ever.
 */
export function ignoreTest(ignores: Ignores): (file: string) => boolean {
  const directories = new Map<string, boolean>();
  const decide = (file: string, ending: '' | '/'): boolean => {
    for (let above = path.dirname(file); ; above = path.dirname(above)) {
      const result = ignores.get(above)?.test(slashes(path.relative(above, file)) + ending);
      if (result?.ignored || result?.unignored) return result.ignored;
      if (path.dirname(above) === above) return false;
    }
  };
  const isLeftOut = (directory: string): boolean => {
    const known = directories.get(directory);
    if (known !== undefined) return known;
    const above = path.dirname(directory);
    const result = above !== directory && (isLeftOut(above) || decide(directory, '/'));
    directories.set(directory, result);
    return result;
  };
  return ignores.size === 0 ? () => false : (file) => isLeftOut(path.dirname(file)) || decide(file, '');
}
