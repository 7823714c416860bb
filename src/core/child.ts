/** Starting one process whose streams are files, from this process itself. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CommandInput } from './model.js';

/** What is started, and from and to which files its streams go. */
export interface ChildOptions {
  readonly command: CommandInput;
  /** The whole environment of the child. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Files that output is appended to. May be the same one. */
  readonly stdout: string;
  readonly stderr: string;
  /** File that the process reads as its standard input. Without it that is empty. */
  readonly stdin?: string;
  /** One that is aborted before the process was started keeps it from being started; whoever runs one later stops it himself. */
  readonly signal: AbortSignal;
}

export type ChildEnd =
  | { readonly kind: 'could not start'; readonly code: string }
  | { readonly kind: 'exited'; readonly exitCode: number }
  | { readonly kind: 'died'; readonly signal: string };

/** A process, the leader of a group of its own where there are groups. Neither promise rejects. */
export interface Child {
  /** Undefined when it could not be started. */
  readonly pid: Promise<number | undefined>;
  readonly ended: Promise<ChildEnd>;
  /** Known to have left nothing in its group when it ended. Absent: nobody has looked. */
  readonly leftNothing?: () => boolean;
}

/** Starts a process. */
export type ChildStarter = (options: ChildOptions) => Child;

/** The end of what was aborted before it was started. */
export const NOT_STARTED: ChildEnd = { kind: 'could not start', code: 'ABORT_ERR' };

/** What was not started, and why. */
export function notStarted(end: ChildEnd): Child {
  return { pid: Promise.resolve(undefined), ended: Promise.resolve(end) };
}

/** Starts processes from this one, each in a turn of the event loop of its own, since starting one holds the loop for some milliseconds. */
export function createChildStarter(): ChildStarter {
  let turn: Promise<unknown> = Promise.resolve();
  return (options) => {
    turn = turn.then(() => nextTurn());
    const started = turn.then(() => (options.signal.aborted ? NOT_STARTED : startChild(options)));
    return {
      pid: started.then((child) => ('kind' in child ? undefined : child.pid)),
      ended: started.then((child) => ('kind' in child ? child : endOf(child))),
    };
  };
}

/** Some failures to start are thrown (a command line that is too long), others come as an event. */
function startChild(options: ChildOptions): ChildProcess | ChildEnd {
  try {
    return spawnChild(options);
  } catch (error) {
    return couldNotStart(error);
  }
}

function couldNotStart(error: unknown): ChildEnd {
  const { code, message } = error as NodeJS.ErrnoException;
  return { kind: 'could not start', code: code ?? message };
}

function endOf(child: ChildProcess): Promise<ChildEnd> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(couldNotStart(error)));
    child.once('exit', (exitCode, signal) =>
      resolve(exitCode === null ? { kind: 'died', signal: signal ?? 'an unknown signal' } : { kind: 'exited', exitCode }),
    );
  });
}

function spawnChild({ command, env, stdin, stdout, stderr }: ChildOptions): ChildProcess {
  const opened: number[] = [];
  const opening = (file: string, flags: 'r' | 'a') => {
    const descriptor = openSync(file, flags);
    opened.push(descriptor);
    return descriptor;
  };
  try {
    const input = stdin === undefined ? 'ignore' : opening(stdin, 'r');
    const out = opening(stdout, 'a');
    const err = stderr === stdout ? out : opening(stderr, 'a');
    const [program = '', ...args] = argvOf(command);
    return spawn(program, args, {
      cwd: command.cwd,
      env: env as NodeJS.ProcessEnv,
      stdio: [input, out, err],
      // A group of its own, so that everything it starts can be stopped with it.
      detached: process.platform !== 'win32',
      windowsHide: true,
      windowsVerbatimArguments: command.shell && process.platform === 'win32',
    });
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
}

/** The program to start and its arguments: those of the command, or a shell with the line that a user wrote for one. */
export function argvOf({ argv, shell }: CommandInput): readonly string[] {
  if (!shell) return argv;
  const [line = ''] = argv;
  return process.platform === 'win32'
    ? [process.env['ComSpec'] ?? 'cmd.exe', '/d', '/s', '/c', `"${line}"`]
    : ['/bin/sh', '-c', line];
}
