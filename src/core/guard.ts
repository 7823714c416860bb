/**
 * A guard starts the processes of a run, outlives whoever asked for them and cleans up after it. It is a tiny process that knows the
 * process groups of the run; when its standard input ends — because the run ended or because the host died, by whatever signal — it
 * stops every group that is left and every process that carries the run's mark in its environment, wherever it moved itself, and ends.
 *
 * Where there is Perl it is a launcher, which starts the processes as well. Else the host starts them itself, and the guard is a shell
 * script (about 1 MB and 1 ms, against 40 MB and 40 ms of a Node process), or on Windows a Node script.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { type ChildStarter, createChildStarter, NOT_STARTED, notStarted } from './child.js';
import type { Log } from './host.js';
import { type LauncherOptions, launcherProgram, startLauncher } from './launcher.js';

/** Environment variable that marks the processes of a run. Nested runs append theirs, so that the outer one finds them too. */
export const MARK = 'VOLLEY_RUN';

export interface Guard {
  /** Environment that every child of the run has to be given. */
  readonly env: Readonly<Record<string, string>>;
  /** Its own process group, where the processes of the run are its children. */
  readonly group?: () => number | undefined;
  /** A process will be started soon: begins what does that, so that the first one need not wait for it. */
  readonly prepare?: () => void;
  /** Starts a process; whoever asked for it adds it. */
  readonly start: ChildStarter;
  /** A process group was started. Call it in the same turn as the start, or as the answer of `start`. */
  add(group: number): void;
  /** The group is gone. */
  remove(group: number): void;
  /** Stops what is left of the run. Resolves when the guard has ended. */
  close(): Promise<void>;
}

/**
 * A guard for what is marked with `mark`, a name that no other run has. Its process begins when it is prepared, or else with the first
 * one that it starts or is told of. `launcher`: the program of a launcher; undefined: without one.
 */
export function startGuard(
  mark: string,
  env: Readonly<Record<string, string | undefined>>,
  log: Log,
  { launcher }: { readonly launcher?: string | undefined } = { launcher: launcherProgram() },
): Guard {
  const { [MARK]: outer } = env;
  const begin = () => {
    const watch = () => startWatcher(mark, env, log);
    return launcher === undefined ? watch() : launchOrWatch({ program: launcher, variable: MARK, mark }, watch, log);
  };
  let begun: Watcher | undefined;
  let isClosed = false;
  const own = () => {
    begun ??= begin();
    return begun;
  };
  return {
    env: { [MARK]: outer ? `${outer}:${mark}` : mark },
    group: () => begun?.group?.(),
    prepare: () => void own(),
    start: (options) => (isClosed ? notStarted(NOT_STARTED) : own().start(options)),
    add: (group) => own().add(group),
    remove: (group) => begun?.remove(group),
    async close() {
      isClosed = true;
      await begun?.close();
    },
  };
}

/** A launcher, and what takes its place should it be lost. */
function launchOrWatch(options: Omit<LauncherOptions, 'lost'>, watch: () => Watcher, log: Log): Watcher {
  let watcher: Watcher | undefined;
  const launcher = startLauncher({
    ...options,
    lost(told) {
      log.error(
        'The helper that starts processes ended unexpectedly. What it had started was stopped; the rest is started without it.',
      );
      watcher = watch();
      for (const group of told) watcher.add(group);
      return watcher.start;
    },
  });
  return {
    group: () => launcher.group,
    start: launcher.start,
    add: (group) => (watcher ?? launcher).add(group),
    remove: (group) => (watcher ?? launcher).remove(group),
    close: async () => void (await Promise.all([launcher.close(), watcher?.close()])),
  };
}

type Watcher = Omit<Guard, 'env' | 'prepare'>;

/** Cleans up behind what the host starts itself. */
function startWatcher(mark: string, env: Readonly<Record<string, string | undefined>>, log: Log): Watcher {
  // Without the outer mark: an outer run that cleans up must not stop the guard that cleans up the inner one.
  const { [MARK]: _outer, ...rest } = env;
  const child = process.platform === 'win32' ? startWindowsGuard(rest) : startShellGuard(mark, rest);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', (error) => {
      log.error(
        `The guard that cleans up after this run could not be started: ${error.message}. If the editor dies, processes may be left.`,
      );
      resolve();
    });
  });
  // Its pipe breaks when it is killed from outside; the run itself goes on.
  child.stdin?.on('error', () => {});
  return {
    start: createChildStarter(),
    add: (group) => child.stdin?.write(`+ ${group}\n`),
    remove: (group) => child.stdin?.write(`- ${group}\n`),
    close() {
      child.stdin?.end();
      return ended;
    },
  };
}

const SHELL_GUARD = `
trap '' INT TERM HUP
mark=$1
groups=
while read -r change group; do
  kept=
  for g in $groups; do [ "$g" = "$group" ] || kept="$kept $g"; done
  groups=$kept
  [ "$change" = + ] && groups="$groups $group"
done
marked() {
  if [ -r /proc/self/environ ]; then
    for f in $(grep -lsF -- "$mark" /proc/[0-9]*/environ 2>/dev/null); do
      tr '\\0' '\\n' < "$f" 2>/dev/null | sed -n 's/^${MARK}=//p' | tr : '\\n' | grep -qxF -- "$mark" && f=\${f#/proc/} && echo "\${f%/environ}"
    done
  else
    ps -Aww -E -o pid= -o command= 2>/dev/null | awk -v mark="$mark" 'index($0, "${MARK}=") && index($0, mark) && !/awk -v mark=/ { print $1 }'
  fi
}
signal() {
  found=
  for g in $groups; do kill -"$1" -"$g" 2>/dev/null && found=1; done
  for p in $(marked); do kill -"$1" "$p" 2>/dev/null && found=1; done
  [ -n "$found" ]
}
signal TERM || exit 0
for wait in 1 2 3 4 5 6; do sleep 0.05; signal 0 || exit 0; done
for wait in 1 2 3 4 5 6 7 8; do signal KILL || exit 0; sleep 0.05; done
`;

function startShellGuard(mark: string, env: NodeJS.ProcessEnv): ChildProcess {
  return spawn('/bin/sh', ['-c', SHELL_GUARD, 'volley-guard', mark], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    env,
    cwd: '/',
  });
}

/** Windows has no groups and no marks that can be read: the trees below the started processes are stopped by taskkill. */
const WINDOWS_GUARD = `
const groups = new Set();
let rest = '';
process.stdin.on('data', (data) => {
  const lines = (rest + data).split('\\n');
  rest = lines.pop();
  for (const line of lines) { const [change, group] = line.split(' '); if (change === '+') groups.add(group); else groups.delete(group); }
});
process.stdin.on('end', () => {
  for (const group of groups) require('node:child_process').spawnSync('taskkill', ['/pid', group, '/T', '/F'], { stdio: 'ignore', windowsHide: true });
});
`;

function startWindowsGuard(env: NodeJS.ProcessEnv): ChildProcess {
  return spawn(process.execPath, ['-e', WINDOWS_GUARD], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    windowsHide: true,
    env: { ...env, ELECTRON_RUN_AS_NODE: '1' },
  });
}
