/**
 * A commit of a repository checked out for a while beside it, with the installed dependencies of the workspace in place, so that gates
 * can run there as they run here. Nothing that runs there can write into the workspace's dependencies except deep inside a package.
 */
import { randomBytes } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, readlink, realpath, rm, stat, symlink } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import fastGlob from 'fast-glob';
import { type Git, line, names } from './git.js';
import type { Log } from './host.js';
import type { Folder } from './model.js';

export interface Worktree {
  /** Absolute, native: the workspace folder as of the commit. It need not exist there. */
  readonly folder: string;
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
  readonly log: Log;
}

/** Undefined when git could not make it. Removes what processes that died have left. */
export async function openWorktree({
  folder,
  commit,
  storage,
  git,
  cleanUp,
  log,
}: WorktreeOptions): Promise<Worktree | undefined> {
  await removeStale(storage, cleanUp);
  const root = await line(git, folder, ['rev-parse', '--show-toplevel']);
  if (root === undefined) return undefined;
  const prefix = (await line(git, folder, ['rev-parse', '--show-prefix'])) ?? '';
  await mkdir(storage, { recursive: true });
  const directory = path.join(await realpath(storage), `${process.pid}-${randomBytes(4).toString('hex')}`);
  const close = () =>
    remove(directory, folder.path, cleanUp).catch((error: unknown) =>
      log.warn(`The temporary worktree ${directory} could not be removed: ${String(error)}.`),
    );
  // Hooks of the project are for people who check something out.
  const made = await git(
    [
      '-c',
      `core.hooksPath=${os.devNull}`,
      '-c',
      'core.fsmonitor=false',
      'worktree',
      'add',
      '--detach',
      '--quiet',
      directory,
      commit,
    ],
    folder.path,
  );
  if (!made.ok) {
    await close();
    return undefined;
  }
  const realRoot = await realpath(root);
  const own = path.join(directory, prefix);
  const real = await realpath(folder.path).catch(() => folder.path);
  const there = mover([
    [folder.path, own],
    [real, own],
    [realRoot, directory],
  ]);
  const back = mover([
    [own, folder.path],
    [directory, realRoot],
  ]);
  const env = await linkDependencies(realRoot, directory, git, there, log);
  return { folder: own, env, into: there, back, close };
}

/** Texts with paths below the first of a pair lead below the second instead; the longest first of pairs counts. */
function mover(pairs: readonly (readonly [from: string, to: string])[]): (text: string) => string {
  const targets = new Map(pairs.map(([from, to]) => [from.replace(/[\\/]+$/, ''), to.replace(/[\\/]+$/, '')]));
  const sources = [...targets.keys()]
    .sort((a, b) => b.length - a.length)
    .map((from) => from.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = new RegExp(`(?<![\\w.-])(${sources.join('|')})(?![\\w-]|\\.\\w)`, 'g');
  return (text) => text.replace(pattern, (found) => targets.get(found) ?? found);
}

// -------------------------------------------------------------------------------------------------------- dependencies

const INSTALLED = new Set(['node_modules', '.venv', 'venv', 'vendor', 'bower_components', '.bundle']);
/** In these lie packages or programs of their own, whose links and places count, too. */
const DEEPER = /^(?:@.*|bin|composer)$/;

async function linkDependencies(
  root: string,
  directory: string,
  git: Git,
  into: (text: string) => string,
  log: Log,
): Promise<Readonly<Record<string, string>>> {
  const untracked = await names(git, { name: '', path: root }, ['ls-files', '--others', '--directory', '-z']);
  const installed = (untracked ?? []).flatMap((name) => {
    const bare = name.replace(/\/$/, '');
    return bare !== name && INSTALLED.has(path.posix.basename(bare)) ? [bare] : [];
  });
  const search: string[] = [];
  for (const name of installed) {
    const from = path.join(root, name);
    const to = path.join(directory, name);
    // Where the commit has no such place, nothing there can ask for it.
    if (!(await stat(path.dirname(to)).catch(() => undefined))?.isDirectory()) continue;
    try {
      if (/venv$/.test(path.basename(from))) {
        await link(from, to, true);
        search.push(...(await editableProjects(from)).map(into));
      } else {
        await mirror(from, to, into);
      }
    } catch (error) {
      log.warn(`${from} could not be linked for the check of an earlier commit: ${String(error)}.`);
    }
  }
  return search.length === 0 ? {} : { PYTHONPATH: [...new Set(search)].join(path.delimiter) };
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
    const directory = (await stat(source).catch(() => undefined))?.isDirectory() ?? false;
    await link(installed ? pointed : into(pointed), target, directory);
  } else if (entry.isDirectory()) {
    // What tools keep for themselves is not shared: two of them would fight over it.
    if (/^\.(?:cache|vite|vitest|tmp)/.test(entry.name)) return;
    if (DEEPER.test(entry.name)) await mirror(source, target, into);
    else await link(source, target, true);
  } else if (entry.isFile()) {
    await copyFile(source, target);
  }
}

function link(source: string, target: string, directory: boolean): Promise<void> {
  return symlink(source, target, directory ? 'junction' : 'file');
}

/** Places of the projects that are installed in a virtual environment so that their sources are used as they are. */
async function editableProjects(environment: string): Promise<readonly string[]> {
  const pattern = '{lib/python*,Lib}/site-packages/*.dist-info/direct_url.json';
  const found = await fastGlob(pattern, { cwd: environment, absolute: true, suppressErrors: true });
  const projects = await Promise.all(
    found.map(async (file) => {
      try {
        const { url, dir_info } = JSON.parse(await readFile(file, 'utf8')) as { url?: string; dir_info?: { editable?: boolean } };
        if (!dir_info?.editable || !url?.startsWith('file:')) return [];
        const project = fileURLToPath(url);
        const source = path.join(project, 'src');
        return (await stat(source).catch(() => undefined))?.isDirectory() ? [source, project] : [project];
      } catch {
        return [];
      }
    }),
  );
  return projects.flat();
}

// ------------------------------------------------------------------------------------------------------------- removal

/** Links are removed, not what they lead to. */
async function remove(directory: string, repository: string, git: Git): Promise<void> {
  await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  await git(['worktree', 'remove', '--force', directory], repository);
}

async function removeStale(storage: string, git: Git): Promise<void> {
  for (const name of await readdir(storage).catch(() => [])) {
    const owner = Number.parseInt(name, 10);
    if (Number.isNaN(owner) || lives(owner)) continue;
    const directory = path.join(await realpath(storage), name);
    // Which repository it is of, it says itself.
    const said = await readFile(path.join(directory, '.git'), 'utf8').catch(() => '');
    const repository = /^gitdir: (.+)[\\/]worktrees[\\/][^\\/]+\s*$/.exec(said)?.[1];
    await remove(directory, repository ?? storage, git).catch(() => undefined);
  }
}

function lives(process_: number): boolean {
  try {
    process.kill(process_, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
