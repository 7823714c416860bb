/**
 * The last commit of each of many files by one walk through the history, newest first, that stops as soon as all are found. Only asked in
 * a trusted workspace, since git may run programs that a repository configures.
 */
import { spawn } from 'node:child_process';
import type { LastCommit } from './inspect/row.js';

export interface LastCommits {
  /** By path as it was asked for. Without those of which no commit was found. */
  readonly found: ReadonlyMap<string, LastCommit>;
  /** How many files are in the newest commit, and yet no commit within reach changed them. */
  readonly beyond: number;
  /** How many commits were looked at. */
  readonly walked: number;
}

export interface CommitWalk {
  /** Absolute, native: a directory of the work tree. */
  readonly cwd: string;
  /** Files relative to `cwd` with `/`. */
  readonly paths: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** How many commits are looked at. */
  readonly most?: number;
}

/** A file that so many commits did not touch has not changed for years; walking on costs seconds. */
export const MOST_COMMITS = 20_000;
/** Up to so many files, and characters of their names, git is told to look at nothing else. */
const FEW = { files: 200, characters: 20_000 };

/** Undefined where there is no git, no repository, no commit, or it was cancelled. */
export async function lastCommits(walk: CommitWalk): Promise<LastCommits | undefined> {
  const { paths, most = MOST_COMMITS } = walk;
  const few = paths.length <= FEW.files && paths.reduce((sum, name) => sum + name.length, 0) <= FEW.characters;
  const places = few ? paths : ['.'];
  const wanted = new Set(paths);
  const committed = new Set<string>();
  // What is in no commit would be looked for to the end of the history.
  const listed = await stream(['ls-tree', '-r', '-z', '--name-only', 'HEAD', '--', ...places], walk, (name) => {
    if (wanted.has(name)) committed.add(name);
    return true;
  });
  if (listed === undefined || walk.signal.aborted) return undefined;
  const found = new Map<string, LastCommit>();
  let walked = 0;
  let commit: LastCommit | undefined;
  const missing = new Set(committed);
  if (missing.size > 0) {
    const log = ['log', '-z', '--name-only', '--no-renames', '--relative', '--no-show-signature', '-c', FORMAT];
    await stream([...log, `--max-count=${most}`, '--', ...places], walk, (field) => {
      const head = headOf(field);
      if (head) {
        commit = head;
        walked += 1;
      }
      // A line break stands between a commit and the first of its files.
      const name = head || walked === 0 ? undefined : field.replace(/^\n/, '');
      if (name !== undefined && commit && missing.delete(name)) found.set(name, commit);
      return missing.size > 0;
    });
  }
  return walk.signal.aborted ? undefined : { found, beyond: missing.size, walked };
}

// No field of a commit and no name of a file begins with this character by accident.
const MARK = '\u0001';
const FORMAT = `--format=${['%H', '%aI', '%an', '%s'].map((field) => `%x01${field}`).join('')}`;

function headOf(field: string): LastCommit | undefined {
  if (!field.startsWith(MARK)) return undefined;
  const [, hash = '', date = '', author = '', ...subject] = field.split(MARK);
  return { hash, date, author, subject: subject.join(' ').slice(0, 200) };
}

/** Some failures to start are thrown (a directory that is none), others come as an event. */
function started<Child>(start: () => Child): Child | undefined {
  try {
    return start();
  } catch {
    return undefined;
  }
}

/**
 * Runs git and hands over what it prints between NUL characters, until `take` says no. Resolves when git has ended: with undefined when it
 * could not start, or said no before it was stopped.
 */
function stream(
  args: readonly string[],
  { cwd, env, signal }: CommitWalk,
  take: (field: string) => boolean,
): Promise<'whole' | 'stopped' | undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(undefined);
    const grouped = process.platform !== 'win32';
    const options = ['--no-optional-locks', '--literal-pathspecs', '-c', 'core.fsmonitor=false', '-c', 'core.quotePath=false'];
    const child = started(() =>
      spawn('git', [...options, ...args], {
        ...{ cwd, env, stdio: ['ignore', 'pipe', 'ignore'] as const, windowsHide: true },
        // A group of its own, so that what git starts ends with it.
        detached: grouped,
      }),
    );
    if (!child) return resolve(undefined);
    let stopped = false;
    let rest = '';
    const stop = () => {
      stopped = true;
      child.stdout.destroy();
      if (child.pid === undefined || child.exitCode !== null) return;
      try {
        if (grouped) process.kill(-child.pid, 'SIGTERM');
        else child.kill();
      } catch {
        // It has just ended.
      }
    };
    signal.addEventListener('abort', stop, { once: true });
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (text: string) => {
      const fields = (rest + text).split('\0');
      rest = fields.pop() ?? '';
      for (const field of fields) if (!stopped && !take(field)) stop();
    });
    child.on('error', () => {
      signal.removeEventListener('abort', stop);
      resolve(undefined);
    });
    child.on('close', (code) => {
      signal.removeEventListener('abort', stop);
      if (!stopped && rest !== '') take(rest);
      resolve(stopped ? 'stopped' : code === 0 ? 'whole' : undefined);
    });
  });
}
