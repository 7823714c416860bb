/**
 * A launcher starts the processes of a run in place of the host, and guards them (see `guard.ts`). To start a process a system copies
 * the tables of the memory of whoever starts it: some milliseconds from an extension host, half a one from something small, and the
 * event loop of the host stands still meanwhile. So this is a script for Perl, which Linux and macOS come with: about 6 MB and 2 ms to
 * start. What is to be started reaches it as data, never as text of a program or of a shell.
 *
 * Requests: a length in decimal digits, a newline, and so many bytes: fields, a NUL between two. Answers: a line each. That a process has
 * started is told some milliseconds later, since of most that end soon both are told at once.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import os from 'node:os';
import { getSystemErrorName } from 'node:util';
import { argvOf, type Child, type ChildEnd, type ChildOptions, type ChildStarter, NOT_STARTED, notStarted } from './child.js';
import { LAUNCHER_SCRIPT } from './launcher-script.js';

/** Where the systems that come with Perl have it. Nothing on PATH is taken for it: that may be a workspace's own. */
const PERL = '/usr/bin/perl';

/** The program that a launcher is a script for; undefined where there is none. */
export function launcherProgram(): string | undefined {
  return process.platform !== 'win32' && existsSync(PERL) ? PERL : undefined;
}

export interface LauncherOptions {
  /** Absolute path of Perl. */
  readonly program: string;
  /** The environment variable whose value holds `mark` in every process of the run, and in no other. */
  readonly variable: string;
  readonly mark: string;
  /**
   * It ended without being told to. What it had started is stopped and ends as killed; the result starts everything from now on, and what
   * was asked for before the helper was ready. `told`: groups that it was told of. Called at most once.
   */
  lost(told: readonly number[]): ChildStarter;
}

export interface Launcher {
  /** Its own process, which is a group by itself: the time of its children is counted there when they have ended. */
  readonly group: number | undefined;
  readonly start: ChildStarter;
  /** A process group that the host has started by itself. */
  add(group: number): void;
  remove(group: number): void;
  /** Stops what is left of the run. Resolves when it has ended. */
  close(): Promise<void>;
}

/** Starts a launcher. */
export function startLauncher({ program, variable, mark, lost }: LauncherOptions): Launcher {
  const helper = spawnHelper(program, variable, mark);
  const { send, end } = requestsTo(helper);
  const requests = openRequests();
  const changesOf = environmentChanges((pairs) => send(['environment', ...pairs]));
  /** What the host has started by itself, or was left by what has ended: the helper goes on to watch it until it is told that it is gone. */
  const told = new Set<number>();
  let isReady = false;
  let isClosing = false;
  let instead: ChildStarter | undefined;
  onLines(helper, (line) => {
    const [kind, id = '', value, left] = line.split(' ');
    if (kind === 'ready') isReady = true;
    if (kind === 'started') requests.started(id, Number(value));
    if (kind === 'failed') requests.ended(id, couldNotStart(Number(value)), true);
    if (kind !== 'ended') return;
    const pid = requests.ended(id, endOf(Number(value)), left === '0');
    if (left !== '0' && pid !== undefined) told.add(pid);
  });
  const gone = ended(helper).then(() => {
    if (isClosing) requests.closeAll();
    else {
      const starter = lost([...told]);
      instead = starter;
      if (isReady) requests.stopAll();
      else requests.handAll(starter);
    }
  });
  return {
    group: helper.pid,
    start(options) {
      if (instead) return instead(options);
      if (options.signal.aborted || isClosing) return notStarted(NOT_STARTED);
      const fields = [...filesOf(options), ...counted(argvOf(options.command))];
      const changes = fields.some(holdsNul) ? undefined : changesOf(options.env);
      if (changes === undefined) return notStarted({ kind: 'could not start', code: 'ERR_INVALID_ARG_VALUE' });
      const { id, child } = requests.open(options);
      send(['start', id, ...fields, ...changes]);
      return child;
    },
    add(group) {
      if (requests.isOwn(group)) return;
      told.add(group);
      send(['add', String(group)]);
    },
    remove(group) {
      requests.forget(group);
      if (told.delete(group)) send(['remove', String(group)]);
    },
    close() {
      isClosing = true;
      end();
      return gone;
    },
  };
}

// ------------------------------------------------------------------------------------------------------------ what was asked for

interface Request {
  readonly options: ChildOptions;
  started(pid: number | undefined): void;
  ended(end: ChildEnd): void;
  pid?: number;
  leftNothing: boolean;
}

/** What has been asked for and has not ended. */
function openRequests() {
  const open = new Map<string, Request>();
  /** Groups of what was started, until they are forgotten. */
  const own = new Set<number>();
  let last = 0;
  const each = (settle: (request: Request) => void) => {
    for (const request of open.values()) settle(request);
    open.clear();
  };
  return {
    open(options: ChildOptions): { readonly id: string; readonly child: Child } {
      last += 1;
      const id = String(last);
      return { id, child: newChild(options, (request) => open.set(id, request)) };
    },
    started(id: string, pid: number): void {
      const request = open.get(id);
      if (!request) return;
      request.pid = pid;
      own.add(pid);
      request.started(pid);
    },
    /** Its process, where it was started. */
    ended(id: string, end: ChildEnd, leftNothing: boolean): number | undefined {
      const request = open.get(id);
      if (!request) return undefined;
      open.delete(id);
      request.leftNothing = leftNothing;
      if (end.kind === 'could not start') request.started(undefined);
      request.ended(end);
      return request.pid;
    },
    isOwn: (group: number) => own.has(group),
    forget: (group: number) => own.delete(group),
    /** They were stopped by the end of the helper. */
    closeAll: () => each(endKilled),
    /** Nobody can tell any more how they would have ended. */
    stopAll: () => each(stopLost),
    handAll: (starter: ChildStarter) => each((request) => hand(request, starter)),
  };
}

function newChild(options: ChildOptions, made: (request: Request) => void): Child {
  const request: Request = { options, started() {}, ended() {}, leftNothing: false };
  const child = {
    pid: new Promise<number | undefined>((resolve) => {
      request.started = resolve;
    }),
    ended: new Promise<ChildEnd>((resolve) => {
      request.ended = resolve;
    }),
    leftNothing: () => request.leftNothing,
  };
  made(request);
  return child;
}

function stopLost(request: Request): void {
  if (request.pid !== undefined) {
    try {
      process.kill(-request.pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
  endKilled(request);
}

function endKilled({ pid, started, ended }: Request): void {
  started(pid);
  ended({ kind: 'died', signal: 'SIGKILL' });
}

function hand({ options, started, ended }: Request, starter: ChildStarter): void {
  const child = starter(options);
  void child.pid.then(started);
  void child.ended.then(ended);
}

// ------------------------------------------------------------------------------------------------------------ requests

/** Those of one turn of the event loop are sent in one piece. */
function requestsTo({ stdin }: ChildProcess) {
  let unsent = '';
  const flush = () => {
    if (unsent !== '') stdin?.write(unsent);
    unsent = '';
  };
  return {
    send(fields: readonly string[]): void {
      const text = fields.join('\0');
      if (unsent === '') process.nextTick(flush);
      unsent += `${Buffer.byteLength(text)}\n${text}`;
    },
    end(): void {
      flush();
      stdin?.end();
    },
  };
}

/** Folder, standard input, output and error; the last one empty when it is the same as the output. */
function filesOf({ command, stdin, stdout, stderr }: ChildOptions): readonly string[] {
  return [command.cwd, stdin ?? '/dev/null', stdout, stderr === stdout ? '' : stderr];
}

function holdsNul(field: string): boolean {
  return field.includes('\0');
}

function counted(fields: readonly string[]): readonly string[] {
  return [String(fields.length), ...fields];
}

/**
 * The first environment is told whole, by `tell`, as names and values in turn. The result says of each one how it differs from it: how
 * many names it lacks, these, and names and values in turn; undefined of one that holds a NUL. Of the same object it is asked once.
 */
function environmentChanges(tell: (pairs: readonly string[]) => void) {
  let first: ReadonlyMap<string, string> | undefined;
  const compared = new WeakMap<ChildOptions['env'], readonly string[] | undefined>();
  const compare = (env: ChildOptions['env']): readonly string[] | undefined => {
    const entries = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
    if (entries.flat().some(holdsNul)) return undefined;
    const values = first;
    if (!values) {
      first = new Map(entries);
      tell(entries.flat());
      return ['0'];
    }
    const lacking = [...values.keys()].filter((name) => env[name] === undefined);
    return [...counted(lacking), ...entries.filter(([name, value]) => values.get(name) !== value).flat()];
  };
  return (env: ChildOptions['env']): readonly string[] | undefined => {
    if (!compared.has(env)) compared.set(env, compare(env));
    return compared.get(env);
  };
}

// ------------------------------------------------------------------------------------------------------------ answers

function onLines({ stdout }: ChildProcess, tell: (line: string) => void): void {
  let rest = '';
  stdout?.setEncoding('latin1').on('data', (data: string) => {
    const lines = (rest + data).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) tell(line);
  });
}

function ended(helper: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    helper.once('close', () => resolve());
    helper.once('error', () => resolve());
  });
}

function couldNotStart(errorNumber: number): ChildEnd {
  return { kind: 'could not start', code: getSystemErrorName(-errorNumber) };
}

/** Of two names for one number the first, which is the usual one. */
const SIGNALS = new Map(
  Object.entries(os.constants.signals)
    .map(([name, number]) => [number, name] as const)
    .reverse(),
);

/** By the status that `waitpid` gives: the number of a signal in the lowest seven bits, an exit code above eight. */
function endOf(status: number): ChildEnd {
  const signal = status & 0x7f;
  return signal === 0
    ? { kind: 'exited', exitCode: status >> 8 }
    : { kind: 'died', signal: SIGNALS.get(signal) ?? `signal ${signal}` };
}

// ------------------------------------------------------------------------------------------------------------ the helper

function spawnHelper(program: string, variable: string, mark: string): ChildProcess {
  const helper = spawn(program, ['-e', LAUNCHER_SCRIPT, variable, mark], {
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
    // Nothing of the user's that would change what Perl does, and no mark: an outer run must not stop what cleans up the inner one.
    env: {},
    cwd: '/',
  });
  // Its pipe breaks when it is killed from outside.
  helper.stdin?.on('error', () => {});
  return helper;
}
