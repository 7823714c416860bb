/**
 * Gates that tell what is wrong by mending it: hooks that rewrite files. They run in a copy of what git tracks, as it is now, so that a check
 * changes nothing of the user's; what they would change are their findings. One copy for each folder and run.
 */
import { chmod, copyFile, lstat, mkdir, readlink, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import type { Gate } from './gate-model.js';
import { relocated } from './gate-relocated.js';
import type { EngineContext } from './gate-run.js';
import type { Ran } from './gates/operation.js';
import { type Git, installedGit, line, names, withoutRepository } from './git.js';
import type { CommandInput, Finding, Folder } from './model.js';
import { openWorktree, removeStale, type Worktree } from './worktree.js';

export interface Copies {
  /**
   * Runs the commands of a gate in the copy by `run`, with its findings at the places of the workspace. Nothing of it is left there for the
   * next one: call it for one gate of a folder at a time.
   */
  run(gate: Gate, commands: readonly CommandInput[], run: RunThere): Promise<Ran>;
  /** Removes the copies; nothing may run in them any more. Never rejects. */
  close(): Promise<void>;
}

/** Runs commands for a gate, both relocated. */
export type RunThere = (there: Gate, commands: readonly CommandInput[]) => Promise<Ran>;

/** Copies nothing before it is asked. `signal` stops git. */
export function openCopies({ host }: EngineContext, signal: AbortSignal): Copies {
  const env = { ...withoutRepository(host.env), GIT_LFS_SKIP_SMUDGE: '1' };
  const git = installedGit(signal, env);
  const cleanUp = installedGit(undefined, env);
  const storage = path.join(host.storage, 'worktrees');
  const opened = new Map<string, Promise<Copy | undefined>>();
  const open = async (folder: Folder): Promise<Copy | undefined> => {
    const head = await line(git, folder, ['rev-parse', '--verify', '--quiet', 'HEAD']);
    const root = await line(git, folder, ['rev-parse', '--show-toplevel']);
    if (head === undefined || root === undefined) return undefined;
    const options = { folder, commit: head, storage, git, cleanUp, environments: [], log: host.log };
    const worktree = await openWorktree(options);
    const there = worktree && (await line(git, { name: '', path: worktree.folder }, ['rev-parse', '--show-toplevel']));
    if (!worktree || there === undefined) return undefined;
    const copy = { worktree, root, there };
    if (await isBroughtUpToDate(copy, git)) return copy;
    await worktree.close();
    return undefined;
  };
  const copyOf = (folder: Folder): Promise<Copy | undefined> => {
    const known = opened.get(folder.path) ?? open(folder);
    opened.set(folder.path, known);
    return known;
  };
  return {
    async run(gate, commands, run) {
      const copy = await copyOf(gate.folder);
      if (!copy) return signal.aborted ? INTERRUPTED : NO_COPY;
      const there = await relocated(gate, copy.worktree, env);
      const moved = commands.map(({ argv }) => [there.command.argv[0] ?? '', ...argv.slice(1).map(copy.worktree.into)]);
      const ran = await run(
        there,
        moved.map((argv) => ({ ...there.command, argv })),
      );
      if (ran.interrupted) return ran;
      return { ...ran, judgement: await judgedByChanges(gate, ran, copy, git) };
    },
    async close() {
      for (const copy of await Promise.all(opened.values())) await copy?.worktree.close();
      await removeStale(storage, cleanUp);
    },
  };
}

interface Copy {
  readonly worktree: Worktree;
  /** Top of the repository, and of its copy. Absolute, native. */
  readonly root: string;
  readonly there: string;
}

const INTERRUPTED: Ran = { judgement: { outcome: { kind: 'passed' }, findings: [] }, outputBytes: 0, interrupted: true };

const NO_COPY: Ran = {
  judgement: {
    outcome: {
      kind: 'errored',
      failure: {
        kind: 'tool failed',
        message:
          'It changes files, so it runs in a copy of the repository, and git could not make one. It needs a repository with at least one commit.',
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

/** What differs from the commit, as it lies on the disk, also in the index of the copy. */
async function isBroughtUpToDate({ root, there }: Copy, git: Git): Promise<boolean> {
  const changed = await names(git, { name: '', path: root }, ['diff', '--name-only', '-z', ...QUIET, 'HEAD']);
  if (!changed) return false;
  for (const name of changed) await copyEntry(path.join(root, name), path.join(there, name));
  for (let at = 0; at < changed.length; at += TOGETHER) {
    const some = changed.slice(at, at + TOGETHER);
    const { ok } = await git(['--literal-pathspecs', 'add', '--all', '--force', '--', ...some], there);
    if (!ok) return false;
  }
  return true;
}

/** A file or a link as it is; nothing where there is none. */
async function copyEntry(from: string, to: string): Promise<void> {
  const stats = await lstat(from).catch(() => undefined);
  await rm(to, { recursive: true, force: true });
  if (!stats || stats.isDirectory()) return;
  await mkdir(path.dirname(to), { recursive: true });
  if (stats.isSymbolicLink()) await symlink(await readlink(from), to);
  else {
    await copyFile(from, to);
    await chmod(to, stats.mode & 0o777);
  }
}

/** What was found, and what was changed, in which the copy is put back as it was. */
async function judgedByChanges(gate: Gate, ran: Ran, { worktree, there }: Copy, git: Git): Promise<Ran['judgement']> {
  const place = { name: '', path: there };
  const changed = (await names(git, place, ['diff', '--name-only', '-z', ...QUIET])) ?? [];
  const found: Finding[] = [];
  for (const [at, name] of changed.entries()) {
    const first = at < MOST_PLACES ? await firstChange(name, there, git) : 1;
    const file = worktree.back(path.join(there, name));
    const message = `${gate.tool} would change this file.`;
    found.push({ file, line: first, column: 1, severity: 'error', message, rule: gate.tool, source: gate.tool });
  }
  if (changed.length > 0) await git(['checkout-index', '--force', '--all'], there);
  const { outcome, findings } = ran.judgement;
  const placed = findings.map((each) => ({ ...each, file: worktree.back(each.file), message: worktree.back(each.message) }));
  // That it has failed, the changes say better.
  const says = ({ output, message }: Finding) => output || /^- files were modified by this hook$/m.test(message);
  const own = found.length === 0 ? placed : placed.filter((each) => !says(each));
  const isFailed = outcome.kind === 'passed' && found.length > 0;
  return { outcome: isFailed ? { kind: 'failed' } : outcome, findings: [...found, ...own] };
}

/** The line of the first change, from 1, as the file is now. */
async function firstChange(name: string, there: string, git: Git): Promise<number> {
  const { stdout } = await git(['--literal-pathspecs', 'diff', '-U0', '--no-color', ...QUIET, '--', name], there);
  return Math.max(1, Number(/^@@ -(\d+)/m.exec(stdout)?.[1] ?? 1));
}
