/**
 * A commit of a repository checked out for a while beside it, with the installed dependencies of the workspace in place, so that gates
 * can run there as they run here. Nothing that runs there can write into the workspace's dependencies except deep inside a package.
 */
import { randomBytes } from 'node:crypto';
import { constants, type Dirent } from 'node:fs';
import { copyFile, cp, mkdir, readdir, readFile, readlink, realpath, rm, stat, symlink } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import fastGlob from 'fast-glob';
import { type Git, line, names } from './git.js';
import type { Log } from './host.js';
import type { Folder } from './model.js';
import { identityOf, processLives } from './process.js';

export interface Worktree {
  /** Absolute, native: the workspace folder as of the commit. It need not exist there. */
  readonly folder: string;
  /** Absolute, native: the top of the worktree, where that of the repository is elsewhere. */
  readonly top: string;
  /** What children need besides, so that they find the code of the commit where the workspace's own is installed. */
  readonly env: Readonly<Record<string, string>>;
  /** A text in which paths of the workspace lead into the worktree. */
  into(text: string): string;
  /** The other way round. */
  back(text: string): string;
  /** Removes it. Never rejects. */
  close(): Promise<void>;
}

export interface WorktreeOptions {
  readonly folder: Folder;
  readonly commit: string;
  /** Directory that holds nothing but worktrees. */
  readonly storage: string;
  /** Asked to make it; it may be stopped. */
  readonly git: Git;
  /** Asked to remove it. */
  readonly cleanUp: Git;
  /** Absolute: environments of Python that gates may run in, besides those of the workspace. */
  readonly environments: readonly string[];
  readonly log: Log;
}

/** Undefined when git could not make it. Neither `git` may be told of another repository, as hooks are: it would write there. */
export async function openWorktree(options: WorktreeOptions): Promise<Worktree | undefined> {
  const { folder, commit, storage, git, cleanUp, log } = options;
  const root = await line(git, folder, ['rev-parse', '--show-toplevel']);
  if (root === undefined) return undefined;
  const prefix = (await line(git, folder, ['rev-parse', '--show-prefix'])) ?? '';
  await mkdir(storage, { recursive: true });
  const directory = path.join(await realpath(storage), await ownName());
  const realRoot = await realpath(root);
  const made: CheckedOut[] = [];
  const close = () =>
    remove(directory, made, cleanUp).catch((error: unknown) =>
      log.warn(`The temporary worktree ${directory} could not be removed: ${String(error)}.`),
    );
  if (!(await checkOut({ repository: realRoot, directory }, commit, git, made))) {
    await close();
    return undefined;
  }
  const own = path.join(directory, prefix);
  const real = await realpath(folder.path).catch(() => folder.path);
  const there = mover(PATH_END, [
    [folder.path, own],
    [real, own],
    [realRoot, directory],
  ]);
  const back = mover(TEXT_END, [
    [own, folder.path],
    [directory, realRoot],
  ]);
  const env = await linkDependencies({ root: realRoot, directory, git, into: there, environments: options.environments, log });
  return { folder: own, top: directory, env, into: there, back, close };
}

interface CheckedOut {
  readonly repository: string;
  readonly directory: string;
}

/** Checks the commit out, and of its submodules those that the repository has, each as the commit wants it. False when git could not. */
async function checkOut(place: CheckedOut, commit: string, git: Git, made: CheckedOut[]): Promise<boolean> {
  const { repository, directory } = place;
  made.push(place);
  // Hooks of the project are for people who check something out.
  const quiet = ['-c', `core.hooksPath=${os.devNull}`, '-c', 'core.fsmonitor=false'];
  const { ok } = await git([...quiet, 'worktree', 'add', '--detach', '--quiet', directory, commit], repository);
  if (!ok) return false;
  if (!(await isThere(path.join(directory, '.gitmodules')))) return true;
  const tree = (await names(git, { name: '', path: repository }, ['ls-tree', '-r', '-z', '--full-tree', commit])) ?? [];
  for (const entry of tree) {
    const [, wanted, name] = /^160000 commit (\w+)\t(.*)$/s.exec(entry) ?? [];
    if (wanted === undefined || name === undefined || !(await isThere(path.join(repository, name, '.git')))) continue;
    const inner = { repository: path.join(repository, name), directory: path.join(directory, name) };
    if (!(await checkOut(inner, wanted, git, made))) return false;
  }
  return true;
}

/** Also of a link to one. */
export async function isDirectory(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined))?.isDirectory() ?? false;
}

async function isThere(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}

/** What follows a path of the workspace in an argument; anything else belongs to a longer name. */
const PATH_END = '(?=[/\\\\:;,\'"=)\\]}>]|$)';
/** In a text for people a path also ends at a space or a full stop. No other path begins like that of a worktree. */
const TEXT_END = '(?![\\w-]|\\.\\w)';

/** Texts with paths below the first of a pair lead below the second instead; the longest first, of equal ones the earliest, counts. */
function mover(end: string, pairs: readonly (readonly [from: string, to: string])[]): (text: string) => string {
  const targets = new Map<string, string>();
  for (const [from, to] of pairs) {
    const bare = from.replace(/[\\/]+$/, '');
    if (!targets.has(bare)) targets.set(bare, to.replace(/[\\/]+$/, ''));
  }
  const sources = [...targets.keys()]
    .sort((a, b) => b.length - a.length)
    .map((from) => from.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = new RegExp(`(?<![\\w.-])(${sources.join('|')})${end}`, 'gm');
  return (text) => text.replace(pattern, (found) => targets.get(found) ?? found);
}

// -------------------------------------------------------------------------------------------------------- dependencies

/** Directories of installed packages, which a worktree is given links to. */
export const INSTALLED: ReadonlySet<string> = new Set(['node_modules', '.venv', 'venv', 'vendor', 'bower_components', '.bundle']);
/** In these lie packages or programs of their own, whose links and places count, too. */
const DEEPER = /^(?:@.*|bin|composer)$/;

interface Linking {
  readonly root: string;
  readonly directory: string;
  readonly git: Git;
  readonly into: (text: string) => string;
  readonly environments: readonly string[];
  readonly log: Log;
}

async function linkDependencies({
  root,
  directory,
  git,
  into,
  environments,
  log,
}: Linking): Promise<Readonly<Record<string, string>>> {
  const untracked = await names(git, { name: '', path: root }, ['ls-files', '--others', '--directory', '-z']);
  const installed = (untracked ?? []).flatMap((name) => {
    const bare = name.replace(/\/$/, '');
    return INSTALLED.has(path.posix.basename(bare)) ? [bare] : [];
  });
  const search: string[] = [];
  for (const environment of environments) search.push(...(await editableProjects(environment)));
  for (const name of installed) {
    const from = path.join(root, name);
    const to = path.join(directory, name);
    // Where the commit has no such place, nothing there can ask for it.
    if (!(await isDirectory(path.dirname(to))) || !(await isDirectory(from))) continue;
    try {
      if (/venv$/.test(path.basename(from))) {
        await link(from, to, true);
        search.push(...(await editableProjects(from)));
      } else {
        await mirror(from, to, into);
      }
    } catch (error) {
      log.warn(`${from} could not be linked for the check of an earlier commit: ${String(error)}.`);
    }
  }
  // What is installed from elsewhere is the same there.
  const moved = [...new Set(search)].filter((place) => into(place) !== place).map(into);
  return moved.length === 0 ? {} : { PYTHONPATH: moved.join(path.delimiter) };
}

/**
 * A directory of its own with links to what is in the other one. Links into the workspace, as package managers make for packages of the
 * workspace itself, lead to the same place in the worktree. Files are copied, since some find their neighbours by their real place.
 */
async function mirror(from: string, to: string, into: (text: string) => string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) await mirrorEntry(entry, from, to, into);
}

async function mirrorEntry(entry: Dirent, from: string, to: string, into: (text: string) => string): Promise<void> {
  const source = path.join(from, entry.name);
  const target = path.join(to, entry.name);
  if (entry.isSymbolicLink()) {
    const pointed = path.resolve(from, await readlink(source));
    const installed = pointed.split(path.sep).some((part) => INSTALLED.has(part));
    await link(installed ? pointed : into(pointed), target, await isDirectory(source));
  } else if (entry.isDirectory()) {
    // What tools keep for themselves is not shared: two of them would fight over it.
    if (/^\.(?:cache|vite|vitest|tmp)/.test(entry.name)) return;
    if (DEEPER.test(entry.name)) await mirror(source, target, into);
    // Builds write what they generate into hidden directories; what package managers keep in them is read only.
    else if (entry.name.startsWith('.') && !MANAGED.has(entry.name)) await copyTree(source, target);
    else await link(source, target, true);
  } else if (entry.isFile()) {
    await copyFile(source, target);
  }
}

const MANAGED = new Set(['.bin', '.pnpm', '.store', '.aspect_rules_js']);

function copyTree(source: string, target: string): Promise<void> {
  return cp(source, target, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE });
}

function link(source: string, target: string, directory: boolean): Promise<void> {
  return symlink(source, target, directory ? 'junction' : 'file');
}

/** Places of the projects that are installed in an environment of Python so that their sources are used as they are. */
async function editableProjects(environment: string): Promise<readonly string[]> {
  const packages = '{lib/python*,Lib}/{site,dist}-packages';
  const options = { cwd: environment, absolute: true, suppressErrors: true };
  const found = await fastGlob([`${packages}/*.dist-info/direct_url.json`, `${packages}/*.pth`], options);
  const projects = await Promise.all(
    found.map(async (file) => {
      const text = await readFile(file, 'utf8').catch(() => '');
      return file.endsWith('.pth') ? text.split(/\r?\n/).filter((each) => path.isAbsolute(each)) : editableProject(text);
    }),
  );
  return projects.flat();
}

async function editableProject(text: string): Promise<readonly string[]> {
  try {
    const { url, dir_info } = JSON.parse(text) as { url?: string; dir_info?: { editable?: boolean } };
    if (!dir_info?.editable || !url?.startsWith('file:')) return [];
    const project = fileURLToPath(url);
    const source = path.join(project, 'src');
    return (await isDirectory(source)) ? [source, project] : [project];
  } catch {
    return [];
  }
}

// ------------------------------------------------------------------------------------------------------------- removal

/** Links are removed, not what they lead to. One whose making was cut short is locked, which takes a second `--force`. */
async function remove(directory: string, made: readonly CheckedOut[], git: Git): Promise<void> {
  await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  for (const each of made.toReversed()) await git(['worktree', 'remove', '--force', '--force', each.directory], each.repository);
}

/** A name that says which process it is of. */
async function ownName(): Promise<string> {
  const { process: pid, started } = await identityOf();
  return `${pid}${started === undefined ? '' : `.${started}`}-${randomBytes(4).toString('hex')}`;
}

/** Removes the worktrees that processes which died have left. Never rejects. */
export async function removeStale(storage: string, git: Git): Promise<void> {
  for (const name of await readdir(storage).catch(() => [])) {
    const [, pid, started] = /^(\d+)(?:\.(\d+))?-/.exec(name) ?? [];
    if (pid === undefined || (await processLives({ process: Number(pid), ...(started === undefined ? {} : { started }) })))
      continue;
    const directory = path.join(await realpath(storage), name);
    // Which repository it is of, it says itself; so do the submodules in it.
    const said = await fastGlob('**/.git', { cwd: directory, absolute: true, dot: true, deep: 6, followSymbolicLinks: false });
    const made = await Promise.all(
      said.map(async (file) => {
        const text = await readFile(file, 'utf8').catch(() => '');
        const repository = /^gitdir: (.+)[\\/]worktrees[\\/][^\\/]+\s*$/.exec(text)?.[1];
        return repository === undefined ? [] : [{ repository, directory: path.dirname(file) }];
      }),
    );
    await remove(directory, made.flat(), git).catch(() => undefined);
  }
}
