/** What git knows of a folder. Only asked in a trusted workspace, since git may run programs that a repository configures. */
import { execFile } from 'node:child_process';
import type { Folder } from './model.js';

/** Runs git in `cwd`. `ok` is false when git is missing or said no. */
export type Git = (args: readonly string[], cwd: string) => Promise<{ readonly ok: boolean; readonly stdout: string }>;

/** The git that is installed; stopped when `signal` is aborted. */
export function installedGit(signal?: AbortSignal, env?: Readonly<Record<string, string | undefined>>): Git {
  return (args, cwd) =>
    new Promise((resolve) => {
      const options = {
        cwd,
        maxBuffer: 64_000_000,
        windowsHide: true,
        ...(env === undefined ? {} : { env }),
        ...(signal === undefined ? {} : { signal }),
      };
      execFile('git', [...args], options, (error, stdout) => resolve({ ok: error === null, stdout }));
    });
}

/** A sentence for the user. */
export const NO_DEFAULT_BRANCH =
  'Volley could not tell where this branch left the default branch: there is no origin/HEAD, main or master with which it shares history. Name it with "git remote set-head origin --auto", fetch the history if the clone is shallow, or choose another scope.';

// Names between NUL characters, so that none needs quoting; without rename detection a renamed file is a new one.
const DIFF = [
  'diff',
  '--name-only',
  '-z',
  '--relative',
  '--no-renames',
  '--no-ext-diff',
  '--ignore-submodules=all',
  '--diff-filter=d',
];

/** Names relative to the folder with `/`; undefined when git could not tell. */
export async function changedFiles(folder: Folder, git: Git): Promise<readonly string[] | 'no default branch' | undefined> {
  const untracked = await names(git, folder, ['ls-files', '--others', '--exclude-standard', '-z']);
  if (!untracked) return undefined;
  const head = await line(git, folder, ['rev-parse', '--verify', '--quiet', 'HEAD']);
  // Before the first commit everything is new.
  if (head === undefined) return [...untracked, ...((await names(git, folder, ['ls-files', '--cached', '-z'])) ?? [])];
  const fork = await forkOf(folder, git);
  if (fork.kind === 'unknown') return 'no default branch';
  const uncommitted = await names(git, folder, [...DIFF, 'HEAD']);
  const committed =
    fork.kind === 'default branch' || fork.commit === head ? [] : await names(git, folder, [...DIFF, fork.commit, 'HEAD']);
  return uncommitted && committed && [...untracked, ...uncommitted, ...committed];
}

/** As `changedFiles`: what the next commit would hold. */
export function stagedFiles(folder: Folder, git: Git): Promise<readonly string[] | undefined> {
  return names(git, folder, [...DIFF, '--cached']);
}

/** The commit that changes count from: where the current branch left the default branch, on that branch itself its last commit. */
export type MergeBase =
  | { readonly kind: 'commit'; readonly commit: string }
  /** Before the first commit everything is new. */
  | { readonly kind: 'no commit' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'no git' };

export async function mergeBase(folder: Folder, git: Git): Promise<MergeBase> {
  const inside = await line(git, folder, ['rev-parse', '--is-inside-work-tree']);
  if (inside !== 'true') return { kind: 'no git' };
  const head = await line(git, folder, ['rev-parse', '--verify', '--quiet', 'HEAD']);
  if (head === undefined) return { kind: 'no commit' };
  const fork = await forkOf(folder, git);
  return fork.kind === 'default branch' ? { kind: 'commit', commit: head } : fork;
}

/** Files of the folder that were renamed since the commit: from the old to the new name, relative to it with `/`. */
export async function renamedSince(commit: string, folder: Folder, git: Git): Promise<ReadonlyMap<string, string>> {
  const options = ['--name-status', '-z', '--relative', '--find-renames', '--diff-filter=R', '--no-ext-diff'];
  const words = (await names(git, folder, ['diff', ...options, '--ignore-submodules=all', commit])) ?? [];
  const renamed = new Map<string, string>();
  for (let at = 0; at + 2 < words.length; at += 3) renamed.set(words[at + 1] ?? '', words[at + 2] ?? '');
  return renamed;
}

/** Where the current branch left the default branch. */
type Fork =
  | { readonly kind: 'commit'; readonly commit: string }
  | { readonly kind: 'default branch' }
  | { readonly kind: 'unknown' };

async function forkOf(folder: Folder, git: Git): Promise<Fork> {
  const current = await line(git, folder, ['symbolic-ref', '--quiet', 'HEAD']);
  const remote = await line(git, folder, ['symbolic-ref', '--quiet', 'refs/remotes/origin/HEAD']);
  const guesses = ['refs/heads/main', 'refs/heads/master', 'refs/remotes/origin/main', 'refs/remotes/origin/master'];
  for (const branch of remote === undefined ? guesses : [remote]) {
    if (current === branch || current === branch.replace('refs/remotes/origin/', 'refs/heads/'))
      return { kind: 'default branch' };
    const exists = await line(git, folder, ['rev-parse', '--verify', '--quiet', `${branch}^{commit}`]);
    if (exists === undefined) continue;
    const commit = await line(git, folder, ['merge-base', 'HEAD', branch]);
    return commit === undefined ? { kind: 'unknown' } : { kind: 'commit', commit };
  }
  // The only branch there is, is the default one, whatever its name.
  const branches = (await line(git, folder, ['for-each-ref', '--format=%(refname)', 'refs/heads', 'refs/remotes'])) ?? '';
  return branches === current ? { kind: 'default branch' } : { kind: 'unknown' };
}

export async function names(git: Git, folder: Folder, args: readonly string[]): Promise<readonly string[] | undefined> {
  const { ok, stdout } = await run(git, folder, args);
  return ok ? stdout.split('\0').filter((name) => name !== '') : undefined;
}

export async function line(git: Git, folder: Folder, args: readonly string[]): Promise<string | undefined> {
  const { ok, stdout } = await run(git, folder, args);
  return ok ? stdout.trim() || undefined : undefined;
}

/** Without optional locks: reading must not get into the way of the git commands of gates and of the user. */
function run(git: Git, folder: Folder, args: readonly string[]): ReturnType<Git> {
  return git(['--no-optional-locks', '-c', 'core.fsmonitor=false', ...args], folder.path);
}
