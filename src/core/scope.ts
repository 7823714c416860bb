/** From a scope to files, and from files to the command lines of a gate. */
import { lstat, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import fastGlob from 'fast-glob';
import type { Gate, ParserId } from './gate-model.js';
import { changedFiles, deletedFiles, type Git, NO_DEFAULT_BRANCH, stagedFiles } from './git.js';
import { escapeGlob, globMatcher, hasGlob } from './glob-match.js';
import { ignoreTest, NEVER_WALKED, readIgnores } from './ignored.js';
import type { Folder, Scope } from './model.js';
import { isInside, slashes, upwards } from './paths.js';

/** The files that a run is about: everything, or absolute native paths of files that exist, without repetition, sorted. */
export type FilesInScope =
  | { readonly kind: 'all' }
  | {
      readonly kind: 'files';
      readonly files: readonly string[];
      /** As far as they can be shown: files whose names are not UTF-8, which can be an argument of no tool. */
      readonly unnamed?: readonly string[];
      /** Those of them that are symbolic links. */
      readonly links?: readonly string[];
      /** Absolute: what was deleted. No gate can be given it, but what looks at everything may miss it. */
      readonly gone?: readonly string[];
    };

/** `message` is a sentence for the user. */
export type ResolvedScope = FilesInScope | { readonly kind: 'problem'; readonly message: string };

/** What a gate runs in a scope: one or more whole command lines, or nothing because no file of the scope concerns it. */
export type ScopedArguments =
  /** `files`, absolute: those that it is limited to; absent when it checks all that it knows of. */
  | { readonly kind: 'run'; readonly argv: readonly (readonly string[])[]; readonly files?: readonly string[] }
  /** `inputs`: globs of the files that would concern the gate. */
  | { readonly kind: 'skip'; readonly inputs: readonly string[] };

/**
 * Finds the files of `scope` that lie in `folder`. *Changed* is what differs from the last commit, what git does not know and does
 * not ignore, and what was committed since the branch left the default branch. Deleted files are told apart, renamed ones have their
 * new name, too. Chosen folders stand for the files below them without node_modules, .git and what .gitignore files leave out; a file
 * that was chosen by itself is always meant.
 */
export async function resolveScope(scope: Scope, folder: Folder, git: Git): Promise<ResolvedScope> {
  switch (scope.kind) {
    case 'workspace':
      return { kind: 'all' };
    case 'changed':
      return gitFiles({ folder, scope: 'changed', git }, await changedFiles(folder, git));
    case 'staged':
      return gitFiles({ folder, scope: 'staged', git }, await stagedFiles(folder, git));
    case 'open':
    case 'selected':
      return expandFolders(scope.files, folder);
    default:
      return scope satisfies never;
  }
}

/**
 * The command lines of `gate` for the files in scope. File names become arguments, never text for a shell, and cannot be taken for
 * options. More files than one command line can hold are split over several.
 */
export function argumentsInScope(gate: Gate, scope: FilesInScope, platform: NodeJS.Platform = process.platform): ScopedArguments {
  const { files: limit, command } = gate;
  if (limit.kind === 'whole') {
    const runs =
      scope.kind === 'all' ||
      concerns(
        [gate.command.cwd, ...(limit.beside ?? [])],
        [...scope.files, ...(scope.gone ?? []), ...(scope.unnamed ?? [])],
        limit.inputs,
      );
    return runs ? { kind: 'run', argv: [wholeCommand(gate)] } : { kind: 'skip', inputs: limit.inputs };
  }
  if (scope.kind === 'all') return { kind: 'run', argv: [[...command.argv, ...shellTargets(gate, limit.targets)]] };
  const takes = globMatcher(limit.takes);
  const targeted = underTargets(negations(limit.targets, gate), command.cwd);
  const links = new Set(REFUSES_LINKS.has(gate.tool) ? scope.links : []);
  const chosen = scope.files
    .filter((file) => !links.has(file))
    .map((file) => slashes(path.relative(command.cwd, file)))
    .filter((file) => !path.isAbsolute(file) && takes(file.replace(/^(?:\.\.\/)+/, '')) && targeted(file));
  if (chosen.length === 0) return { kind: 'skip', inputs: limit.takes.filter((glob) => !glob.startsWith('!')) };
  return {
    kind: 'run',
    argv: split(
      [...command.argv, ...(limit.fileOptions ?? [])],
      chosen.map((file) => asArgument(file, gate, platform)),
      platform,
    ),
    files: chosen.map((file) => path.resolve(command.cwd, file)),
  };
}

/**
 * As `argumentsInScope`. A tool that looks at nothing by itself, and whose call names nothing that is known before it runs, is given all
 * files below its folder that it takes and git would know.
 */
export async function argumentsOf(gate: Gate, scope: FilesInScope): Promise<ScopedArguments> {
  const { files, command, folder } = gate;
  if (scope.kind !== 'all' || files.kind !== 'files' || !files.needsFiles || files.targets.length > 0)
    return argumentsInScope(gate, scope);
  const named = argumentsInScope(gate, await expandFolders([command.cwd], folder));
  // All that it knows of: nothing limits it.
  return named.kind === 'run' ? { kind: 'run', argv: named.argv } : named;
}

// ----------------------------------------------------------------------------------------------------------------- git

interface Asked {
  readonly folder: Folder;
  readonly scope: 'changed' | 'staged';
  readonly git: Git;
}

async function gitFiles(
  { folder, scope, git }: Asked,
  found: readonly string[] | 'no default branch' | undefined,
): Promise<ResolvedScope> {
  if (found === 'no default branch') {
    return {
      kind: 'problem',
      message: NO_DEFAULT_BRANCH,
    };
  }
  if (!found) {
    return {
      kind: 'problem',
      message: `Volley asks git for the ${scope} files, and git could not tell: ${folder.path} may not be in a git repository, or git is not installed. Choose another scope, such as the whole workspace.`,
    };
  }
  const absolute = (names: readonly string[]) => [...new Set(names)].map((name) => path.resolve(folder.path, name));
  const files = await existing(absolute(found));
  const deleted = absolute(await deletedFiles(folder, scope, git));
  const left = new Set((await existing(deleted)).map(({ file }) => file));
  const named = files.filter(({ kind }) => kind === 'file').map(({ file }) => file);
  const unnamed = absolute(found.filter((name) => name.includes('\ufffd'))).filter((file) => !named.includes(file));
  return {
    kind: 'files',
    files: named.sort(),
    ...(unnamed.length === 0 ? {} : { unnamed }),
    ...linksOf(files),
    ...goneOf(deleted.filter((file) => !left.has(file))),
  };
}

function goneOf(files: readonly string[]): { readonly gone?: readonly string[] } {
  return files.length === 0 ? {} : { gone: [...files].sort() };
}

// ------------------------------------------------------------------------------------------------------- chosen files

interface Existing {
  readonly file: string;
  readonly kind: 'file' | 'folder';
  readonly isLink: boolean;
}

function linksOf(files: readonly Existing[]): { readonly links?: readonly string[] } {
  const links = files.filter(({ kind, isLink }) => kind === 'file' && isLink).map(({ file }) => file);
  return links.length === 0 ? {} : { links };
}

/** Those of the paths that exist, in the same order. */
async function existing(paths: readonly string[]): Promise<readonly Existing[]> {
  const found = await Promise.all(
    paths.map(async (file): Promise<Existing | undefined> => {
      const [stats, own] = await Promise.all([stat(file), lstat(file)].map((each) => each.catch(() => undefined)));
      const isLink = own?.isSymbolicLink() ?? false;
      if (stats?.isFile()) return { file, kind: 'file', isLink };
      return stats?.isDirectory() ? { file, kind: 'folder', isLink } : undefined;
    }),
  );
  return found.filter((entry) => entry !== undefined);
}

async function expandFolders(paths: readonly string[], folder: Folder): Promise<FilesInScope> {
  const files = new Set<string>();
  const chosen = await Promise.all(paths.map((each) => asOpened(path.resolve(each), folder)));
  const there = await existing(chosen);
  for (const { file, kind } of there) {
    if (!isInside(folder.path, file)) {
      // A chosen folder above this workspace folder holds all of it.
      if (kind === 'folder' && isInside(file, folder.path))
        for (const inner of await filesBelow(folder.path, folder)) files.add(inner);
    } else if (kind === 'file') {
      files.add(file);
    } else {
      for (const inner of await filesBelow(file, folder)) files.add(inner);
    }
  }
  const found = new Set(there.map(({ file }) => file));
  return {
    kind: 'files',
    files: [...files].sort(),
    ...linksOf(there),
    ...goneOf(chosen.filter((file) => !found.has(file) && isInside(folder.path, file))),
  };
}

/** The path as seen through the folder that was opened, when one of the two leads through a symbolic link. */
async function asOpened(file: string, folder: Folder): Promise<string> {
  if (isInside(folder.path, file)) return file;
  const [realFile, realFolder] = await Promise.all([file, folder.path].map((each) => realpath(each).catch(() => each)));
  return realFile && realFolder && isInside(realFolder, realFile)
    ? path.join(folder.path, path.relative(realFolder, realFile))
    : file;
}

/** All files of the folder, absolute, whether or not git ignores them, but for git's own and those of installed packages. */
export async function everyFile(directory: string): Promise<readonly string[]> {
  const options = { cwd: directory, dot: true, ignore: [...NEVER_WALKED], followSymbolicLinks: false, suppressErrors: true };
  return (await fastGlob('**/*', options)).map((name) => path.resolve(directory, name));
}

/** Those of `everyFile` that git does not ignore. */
export async function filesBelow(directory: string, folder: Folder): Promise<readonly string[]> {
  const found = await everyFile(directory);
  const above = upwards(directory, folder.path).map((ancestor) => path.join(ancestor, '.gitignore'));
  const ignores = await readIgnores([...above, ...found.filter((file) => path.basename(file) === '.gitignore')]);
  const isLeftOut = ignoreTest(ignores);
  return found.filter((file) => !isLeftOut(file));
}

// ----------------------------------------------------------------------------------------------------------- arguments

/** Whether one of the files lies in one of the places and is one of the inputs there. */
function concerns(places: readonly string[], files: readonly string[], inputs: readonly string[]): boolean {
  const matches = inputs.length === 0 ? () => true : globMatcher(inputs);
  return places.some((place) => files.some((file) => isInside(place, file) && matches(slashes(path.relative(place, file)))));
}

/** Whether a path relative to `cwd` lies under one of the targets; without any target, whether it lies in `cwd`. */
function underTargets(targets: readonly string[], cwd: string): (file: string) => boolean {
  const globs = targets.flatMap((target) => {
    const negated = target.startsWith('!');
    return targetGlobs(negated ? target.slice(1) : target, cwd).map((glob) => (negated ? `!${glob}` : glob));
  });
  const isOutside = (glob: string) => glob.replace('!', '').startsWith('..');
  const matcher = (chosen: readonly string[]) =>
    globMatcher(chosen.every((glob) => glob.startsWith('!')) ? ['**', ...chosen] : chosen);
  const inside = globs.filter((glob) => !isOutside(glob));
  // Without a target of its own, what lies outside is not meant; and targets outside do not mean all that lies inside.
  const matchesInside = globs.length > 0 && inside.length === 0 ? () => false : matcher(inside);
  const matchesOutside = globMatcher(globs.filter(isOutside));
  return (file) => (file.startsWith('../') ? matchesOutside(file) : matchesInside(file));
}

function targetGlobs(target: string, cwd: string): readonly string[] {
  // pytest names a test in a file as `file::test`.
  const [place = ''] = slashes(target).split('::');
  const relative = path.isAbsolute(place) ? slashes(path.relative(cwd, place)) : path.posix.normalize(place).replace(/\/$/, '');
  if (relative === '' || relative === '.') return ['**'];
  if (relative === '..' || relative.endsWith('/..')) return [`${relative}/**`];
  if (hasGlob(relative)) return [relative, `${relative}/**`];
  return [escapeGlob(relative), `${escapeGlob(relative)}/**`];
}

// These read an argument as a path only; in the project's script a shell would have put the files in place of the glob.
const WITHOUT_GLOBS: ReadonlySet<ParserId> = new Set([
  ...[
    'pytest',
    'mypy',
    'flake8',
    'black',
    'isort',
    'pylint',
    'bandit',
    'ruff',
    'ruff-format',
    'vulture',
    'codespell',
    'yamllint',
    'semgrep',
  ],
  ...['shellcheck', 'shfmt', 'hadolint', 'cppcheck', 'clang-lines', 'gofmt', 'biome', 'node-test', 'none'],
]);

function shellTargets(gate: Gate, targets: readonly string[]): readonly string[] {
  if (!WITHOUT_GLOBS.has(gate.parser)) return targets;
  return targets.flatMap((target) => (hasGlob(target) ? filesFor(target, gate) : [target]));
}

/** The command of a gate that always checks everything; only what looks like a glob of files is looked up. */
function wholeCommand(gate: Gate): readonly string[] {
  const { argv } = gate.command;
  if (!WITHOUT_GLOBS.has(gate.parser) || gate.parser === 'none') return argv;
  const isFiles = (arg: string) => !arg.startsWith('-') && /\*[^\s*]*(?:\.\w+|\/\*+|\})$/.test(arg);
  return argv.flatMap((arg, index) => (index > 0 && isFiles(arg) ? filesFor(arg, gate) : [arg]));
}

/** As in a shell, a glob without a match is left for the tool to complain about; but no file is taken for an option. */
function filesFor(glob: string, gate: Gate): readonly string[] {
  const found = fastGlob.sync(glob.replace(/^(?:\.\/)+/, ''), {
    cwd: gate.command.cwd,
    onlyFiles: false,
    ignore: ['**/node_modules/**'],
    followSymbolicLinks: false,
    suppressErrors: true,
  });
  return found.length > 0 ? found.sort().map((file) => (file.startsWith('-') ? `./${file}` : file)) : [glob];
}

// These read each argument as a glob even where a file of that name exists.
const ALWAYS_GLOBS: ReadonlySet<string> = new Set(['AVA', 'XO']);

/** A file as an argument that is neither taken for an option, a response file or a negation, nor for a glob. */
function asArgument(file: string, gate: Gate, platform: NodeJS.Platform): string {
  const plain = /^[-!@+~#]/.test(file) ? `./${file}` : file;
  return ALWAYS_GLOBS.has(gate.tool) && platform !== 'win32' ? plain.replace(/[\\*?[\]{}()!]/g, '\\$&') : plain;
}

// This one passes over symbolic links by itself, and ends with an error for one that is named.
const REFUSES_LINKS: ReadonlySet<string> = new Set(['Prettier']);

/** Targets in which `!` stands before what is taken away: this tool understands another sign, too, since that is easier in a shell. */
function negations(targets: readonly string[], { tool }: Gate): readonly string[] {
  return tool === 'markdownlint-cli2' ? targets.map((target) => target.replace(/^#/, '!')) : targets;
}

// One command line may have 32,767 characters on Windows. On POSIX the whole limit is shared with the environment; the smallest
// one in use is 256 KiB (macOS 1 MiB, Linux 2 MiB with at most 128 KiB for one argument).
const WINDOWS_CHARACTERS = 30_000;
const POSIX_BYTES = 128 * 1024;

function split(argv: readonly string[], files: readonly string[], platform: NodeJS.Platform): readonly (readonly string[])[] {
  const windows = platform === 'win32';
  // On Windows an argument may gain quotes and backslashes; on POSIX each has a terminator and a pointer.
  const cost = (text: string) => (windows ? text.length + 3 + (text.match(/["\\]/g)?.length ?? 0) : Buffer.byteLength(text) + 9);
  const limit = windows ? WINDOWS_CHARACTERS : POSIX_BYTES;
  const base = argv.reduce((sum, text) => sum + cost(text), 0);
  const lines: string[][] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const file of files) {
    if (used + cost(file) > limit) {
      lines.push([...argv]);
      used = base;
    }
    lines.at(-1)?.push(file);
    used += cost(file);
  }
  return lines;
}
