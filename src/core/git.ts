/** What git knows of a folder. Only asked in a trusted workspace, since git may run programs that a repository configures. */
import { spawn } from 'node:child_process';
import type { Folder } from './model.js';

/** Runs git in `cwd`. `ok` is false when git is missing or said no. */
export type Git = (args: readonly string[], cwd: string) => Promise<{ readonly ok: boolean; readonly stdout: string }>;

/** The git that is installed; with what it started, it is stopped when `signal` is aborted. */
export function installedGit(signal?: AbortSignal, env: Environment = process.env): Git {
  return (args, cwd) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve({ ok: false, stdout: '' });
      // A group of its own, so that filters and helpers that it starts end with it.
      const grouped = process.platform !== 'win32';
      const child = spawn('git', args, { cwd, env, stdio: ['ignore', 'pipe', 'ignore'], detached: grouped, windowsHide: true });
      const parts: Buffer[] = [];
      let bytes = 0;
      const stop = () => {
        if (child.pid === undefined || child.exitCode !== null) return;
        try {
          if (grouped) process.kill(-child.pid, 'SIGTERM');
          else child.kill();
        } catch {
          // It has just ended.
        }
      };
      const end = (ok: boolean) => {
        signal?.removeEventListener('abort', stop);
        resolve({ ok, stdout: Buffer.concat(parts).toString('utf8') });
      };
      signal?.addEventListener('abort', stop, { once: true });
      child.stdout.on('data', (part: Buffer) => {
        bytes += part.length;
        if (bytes > MOST_BYTES) stop();
        else parts.push(part);
      });
      child.on('error', () => end(false));
      child.on('close', (code) => end(code === 0 && bytes <= MOST_BYTES));
    });
}

const MOST_BYTES = 64_000_000;

type Environment = Readonly<Record<string, string | undefined>>;

/** What git tells its hooks of the repository that calls them; any other repository has to be looked for where it is. */
const OF_REPOSITORY = new Set(
  'GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_COMMON_DIR GIT_DIR GIT_GRAFT_FILE GIT_IMPLICIT_WORK_TREE GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_PREFIX GIT_QUARANTINE_PATH GIT_SHALLOW_FILE GIT_WORK_TREE'.split(
    ' ',
  ),
);

/** For git and whatever calls it in another working tree: with the index of a hook it would write into the commit that is being made. */
export function withoutRepository(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !OF_REPOSITORY.has(name)));
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

/** Files that git would name as changed or staged if they were still there, relative to the folder with `/`; none where git cannot tell. */
export async function deletedFiles(folder: Folder, scope: 'changed' | 'staged', git: Git): Promise<readonly string[]> {
  const deleted = DIFF.map((option) => (option === '--diff-filter=d' ? '--diff-filter=D' : option));
  if (scope === 'staged') return (await names(git, folder, [...deleted, '--cached'])) ?? [];
  const fork = await forkOf(folder, git);
  // What was deleted since the branch began, and what is only in it and gone again: the working tree against both ends.
  const ends = fork.kind === 'commit' ? [fork.commit, 'HEAD'] : ['HEAD'];
  const found = await Promise.all(ends.map((end) => names(git, folder, [...deleted, end])));
  return found.flatMap((each) => each ?? []);
}

/** Files whose staged content is not what lies on disk, relative to the folder with `/`. */
export async function partlyStaged(folder: Folder, git: Git): Promise<readonly string[]> {
  const unstaged = new Set(
    await names(
      git,
      folder,
      DIFF.filter((option) => option !== '--diff-filter=d'),
    ),
  );
  return ((await stagedFiles(folder, git)) ?? []).filter((name) => unstaged.has(name));
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

/** Files of these names anywhere in the repository that are not as they were in the commit, relative to its root with `/`. */
export async function changedSince(
  commit: string,
  baseNames: readonly string[],
  folder: Folder,
  git: Git,
): Promise<readonly string[]> {
  const places = baseNames.map((name) => `:(top,glob)**/${name}`);
  return (
    (await names(git, folder, ['diff', '--name-only', '-z', '--no-renames', '--no-ext-diff', commit, '--', ...places])) ?? []
  );
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
  return (await text(git, folder, args))?.split('\0').filter((name) => name !== '');
}

export async function line(git: Git, folder: Folder, args: readonly string[]): Promise<string | undefined> {
  return (await text(git, folder, args))?.trim() || undefined;
}

/**
 * What git prints; undefined when it said no. Without optional locks: reading must not get into the way of the git commands of gates and
 * of the user.
 */
export async function text(git: Git, folder: Folder, args: readonly string[]): Promise<string | undefined> {
  const { ok, stdout } = await git(['--no-optional-locks', '-c', 'core.fsmonitor=false', ...args], folder.path);
  return ok ? stdout : undefined;
}
