/**
 * Gates that change files to tell what is wrong: hooks that rewrite them, and checks that make files anew to compare them. They run in a copy
 * of the repository as it is now, so that a check changes nothing of the user's; what they would change are their findings. One copy for
 * each folder, kind and run.
 */
import { chmod, copyFile, lstat, mkdir, readlink, realpath, rm, symlink } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { CopyKind, Gate } from './gate-model.js';
import { type RunThere, relocated } from './gate-relocated.js';
import type { EngineContext } from './gate-run.js';
import type { Ran } from './gates/operation.js';
import { type Git, installedGit, line, names, withoutRepository } from './git.js';
import type { CommandInput, Finding, Folder } from './model.js';
import { INSTALLED, openWorktree, removeStale, type Worktree } from './worktree.js';

export interface Copies {
  /**
   * Runs the commands of a gate that takes no files in the copy by `run`, with its findings at the places of the workspace. However it ends,
   * nothing of it is left there for the next one: call it for one gate of a folder and kind at a time.
   */
  run(gate: CopiedGate, commands: readonly CommandInput[], run: RunThere): Promise<Ran>;
  /** Removes the copies; nothing may run in them any more. Never rejects. */
  close(): Promise<void>;
}

/** A gate that runs in a copy. */
export type CopiedGate = Gate & { readonly inCopy: CopyKind };

/** Copies nothing before it is asked. `signal` stops git. */
export function openCopies({ host }: EngineContext, signal: AbortSignal): Copies {
  const env = withoutRepository(host.env);
  const git = withoutHooks(installedGit(signal, env));
  const cleanUp = withoutHooks(installedGit(undefined, env));
  const storage = path.join(host.storage, 'worktrees');
  const opened = new Map<string, Promise<Copy | undefined>>();
  const open = async (folder: Folder, kind: CopyKind): Promise<Copy | undefined> => {
    const head = await line(git, folder, ['rev-parse', '--verify', '--quiet', 'HEAD']);
    const root = await line(git, folder, ['rev-parse', '--show-toplevel']);
    if (head === undefined || root === undefined) return undefined;
    const options = { folder, commit: head, storage, git, cleanUp, environments: [], log: host.log };
    const worktree = await openWorktree(options);
    if (!worktree) return undefined;
    try {
      const tree = await broughtUpToDate({ root, top: worktree.top, kind, git });
      await mkdir(worktree.folder, { recursive: true });
      const commit = await line(git, { name: '', path: worktree.top }, ['rev-parse', 'HEAD']);
      if (tree !== undefined && commit !== undefined) return { worktree, tree, commit };
    } catch (error) {
      host.log.warn(`The copy of ${root} for checks that change files could not be made: ${String(error)}.`);
    }
    await worktree.close();
    return undefined;
  };
  const keyOf = ({ folder, inCopy }: CopiedGate) => JSON.stringify([folder.path, inCopy]);
  const copyOf = (gate: CopiedGate): Promise<Copy | undefined> => {
    const { folder, inCopy } = gate;
    const key = keyOf(gate);
    const known = opened.get(key) ?? open(folder, inCopy);
    opened.set(key, known);
    return known;
  };
  return {
    async run(gate, commands, run) {
      const copy = await copyOf(gate);
      if (!copy) return signal.aborted ? INTERRUPTED : NO_COPY;
      const there = await relocated(gate, copy.worktree, env);
      const moved = commands.map(({ argv }) => [there.command.argv[0] ?? '', ...argv.slice(1).map(copy.worktree.into)]);
      try {
        const ran = await run(
          there,
          moved.map((argv) => ({ ...there.command, argv })),
        );
        return ran.interrupted ? ran : { ...ran, judgement: await judgedByChanges(gate, ran, copy, git) };
      } finally {
        // A git that the gate started may have been killed at its work; the next gate gets another copy then.
        if (!(await putBack(copy, git))) {
          opened.delete(keyOf(gate));
          await copy.worktree.close();
        }
      }
    },
    async close() {
      for (const copy of await Promise.all(opened.values())) await copy?.worktree.close();
      await removeStale(storage, cleanUp);
    },
  };
}

interface Copy {
  readonly worktree: Worktree;
  /** What it holds, as it lay on the disk when the copy was made: the id of a tree. */
  readonly tree: string;
  /** The commit that it stands on. */
  readonly commit: string;
}

/** Hooks of the project are for what people do. */
function withoutHooks(git: Git): Git {
  return (args, cwd) => git(['-c', `core.hooksPath=${os.devNull}`, ...args], cwd);
}

const INTERRUPTED: Ran = { judgement: { outcome: { kind: 'passed' }, findings: [] }, outputBytes: 0, interrupted: true };

const NO_COPY: Ran = {
  judgement: {
    outcome: {
      kind: 'errored',
      failure: {
        kind: 'tool failed',
        message:
          'It changes files, so it runs in a copy of the repository, and git could not make one. It needs a repository with at least one commit; the log of Volley may say more.',
      },
    },
    findings: [],
  },
  outputBytes: 0,
  interrupted: false,
};

const QUIET = ['--no-renames', '--no-ext-diff', '--ignore-submodules=all'];
/** Of so many changed files the place of the first change is told. */
const MOST_PLACES = 200;
/** Names in one call of git. */
const TOGETHER = 200;

// ---------------------------------------------------------------------------------------------------------------- as it is now

interface Opening {
  readonly root: string;
  readonly top: string;
  readonly kind: CopyKind;
  readonly git: Git;
}

/**
 * What differs from the commit, as it lies on the disk, also in the index of the copy; where a gate compares, with new files and as a commit.
 * The id of its tree; undefined when git said no.
 */
async function broughtUpToDate({ root, top, kind, git }: Opening): Promise<string | undefined> {
  const words = await names(git, { name: '', path: root }, ['diff', '--raw', '-z', ...QUIET, 'HEAD']);
  if (!words) return undefined;
  const gone: string[] = [];
  const there: string[] = [];
  for (let at = 0; at + 1 < words.length; at += 2) {
    const [, mode = '', status = ''] = /^:\d+ (\d+) \S+ \S+ (\w)/.exec(words[at] ?? '') ?? [];
    const name = words[at + 1] ?? '';
    if (status === 'D') gone.push(name);
    else if (mode !== SUBMODULE) there.push(name);
  }
  if (kind === 'compares') there.push(...((await newFiles(root, git)) ?? []));
  // Where a file takes the place of a directory, or the other way round, what was there goes first.
  for (const name of gone) await removeEntry(path.join(top, name), top);
  for (const name of there) await copyEntry(path.join(root, name), path.join(top, name), top);
  const isIndexed =
    (await inGroups(gone, ['update-index', '--force-remove', '--'], top, git)) &&
    (await inGroups(there, ['update-index', '--add', '--remove', '--replace', '--'], top, git));
  const tree = isIndexed ? await line(git, { name: '', path: top }, ['write-tree']) : undefined;
  if (tree === undefined || kind === 'mends') return tree;
  return (await commitTree(tree, top, git)) ? tree : undefined;
}

/** Neither tracked nor ignored; not what is installed, nor other repositories. */
async function newFiles(root: string, git: Git): Promise<readonly string[] | undefined> {
  const found = await names(git, { name: '', path: root }, ['ls-files', '--others', '--exclude-standard', '-z']);
  return found?.filter((name) => !name.endsWith('/') && !name.split('/').some((part) => INSTALLED.has(part)));
}

/** Puts the copy on a commit of its own, which no branch knows. Whether git could. */
async function commitTree(tree: string, top: string, git: Git): Promise<boolean> {
  const place = { name: '', path: top };
  const identity = ['-c', 'user.name=Volley', '-c', 'user.email=volley@localhost'];
  const commit = await line(git, place, [...identity, 'commit-tree', tree, '-p', 'HEAD', '-m', 'As it is now']);
  return commit !== undefined && (await git(['update-ref', '--no-deref', 'HEAD', commit], top)).ok;
}

const SUBMODULE = '160000';

async function inGroups(all: readonly string[], command: readonly string[], cwd: string, git: Git): Promise<boolean> {
  for (let at = 0; at < all.length; at += TOGETHER) {
    const { ok } = await git([...command, ...all.slice(at, at + TOGETHER)], cwd);
    if (!ok) return false;
  }
  return true;
}

/** Whether a place lies in the copy whatever links lead there: nothing outside of it may be touched. */
async function isInside(file: string, top: string): Promise<boolean> {
  const real = await realpath(path.dirname(file)).catch(() => undefined);
  return real !== undefined && (real === top || real.startsWith(`${top}${path.sep}`));
}

async function removeEntry(file: string, top: string): Promise<void> {
  if (await isInside(file, top)) await rm(file, { recursive: true, force: true });
}

/** A file or a link as it is; nothing where there is none any more. */
async function copyEntry(from: string, to: string, top: string): Promise<void> {
  const stats = await lstat(from).catch(() => undefined);
  if (!stats?.isFile() && !stats?.isSymbolicLink()) return removeEntry(to, top);
  await mkdir(path.dirname(to), { recursive: true });
  if (!(await isInside(to, top))) return;
  await rm(to, { recursive: true, force: true });
  if (stats.isSymbolicLink()) await symlink(await readlink(from), to);
  else {
    await copyFile(from, to);
    await chmod(to, stats.mode & 0o777);
  }
}

// ---------------------------------------------------------------------------------------------------------------- what it changed

/** What was found, and what was changed: what compares says itself whether that is wrong. */
async function judgedByChanges(gate: CopiedGate, ran: Ran, copy: Copy, git: Git): Promise<Ran['judgement']> {
  const { worktree } = copy;
  const { outcome, findings } = ran.judgement;
  const placed = findings.map((each) => ({ ...each, file: worktree.back(each.file), message: worktree.back(each.message) }));
  if (gate.inCopy === 'compares') {
    // What it makes may end it, too, so its last lines stay.
    const changes = outcome.kind === 'failed' ? await changesOf(gate, copy, git) : [];
    return { outcome, findings: [...changes, ...placed] };
  }
  const found = await changesOf(gate, copy, git);
  // That it has failed, the changes say better.
  const says = ({ output, message }: Finding) => output || /^- files were modified by this hook$/m.test(message);
  const own = found.length === 0 ? placed : placed.filter((each) => !says(each));
  const isFailed = outcome.kind === 'passed' && found.length > 0;
  return { outcome: isFailed ? { kind: 'failed' } : outcome, findings: [...found, ...own] };
}

async function changesOf({ tool }: CopiedGate, { worktree, tree }: Copy, git: Git): Promise<readonly Finding[]> {
  const { top } = worktree;
  const changed = (await names(git, { name: '', path: top }, ['diff', '--name-only', '-z', ...QUIET, tree])) ?? [];
  const found: Finding[] = [];
  for (const [at, name] of changed.entries()) {
    const first = at < MOST_PLACES ? await firstChange(name, tree, top, git) : 1;
    const file = worktree.back(path.join(top, name));
    const message = `${tool} would change this file.`;
    found.push({ file, line: first, column: 1, severity: 'error', message, rule: tool, source: tool });
  }
  return found;
}

/** The line of the first change, from 1, as the file is now. */
async function firstChange(name: string, tree: string, top: string, git: Git): Promise<number> {
  const { stdout } = await git(['--literal-pathspecs', 'diff', '-U0', '--no-color', ...QUIET, tree, '--', name], top);
  return Math.max(1, Number(/^@@ -(\d+)/m.exec(stdout)?.[1] ?? 1));
}

/**
 * As it was made: also what a gate has put into the index, what it has committed, and what it has made, ignored or a repository of its own.
 * Installed packages stay. Whether git could.
 */
async function putBack({ worktree: { top }, tree, commit }: Copy, git: Git): Promise<boolean> {
  const kept = [...INSTALLED].flatMap((name) => ['--exclude', name]);
  for (const command of [
    ['update-ref', '--no-deref', 'HEAD', commit],
    ['read-tree', '--reset', '-u', tree],
    ['clean', '--force', '--force', '-d', '-x', '--quiet', ...kept],
  ])
    if (!(await git(command, top)).ok) return false;
  return true;
}
