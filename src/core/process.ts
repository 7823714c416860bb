/**
 * One child process, from its start to the moment when nothing of it is left. Its output goes from the child straight to files, not
 * through this process: whole on disk, no memory and no work of the host's event loop per byte, and a grandchild that keeps the
 * output open holds nothing up. The newest part is read back while it runs.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { open, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ChildEnd, ChildOptions } from './child.js';
import type { Guard } from './guard.js';

export type ProcessEnd = ChildEnd | { readonly kind: 'interrupted' } | { readonly kind: 'too much output' };

export interface ProcessOptions extends ChildOptions {
  /** Aborting it stops the process and everything it started. */
  readonly signal: AbortSignal;
  /** The process is stopped when its output grows past this. */
  readonly limitBytes: number;
  /** Starts it, and is told of each process group while it may hold processes. */
  readonly guard: Pick<Guard, 'start' | 'add' | 'remove'>;
  /** The newest output, at most a screenful, a few times a second while it grows. */
  onOutput?(tail: string, bytes: number): void;
}

/** How long a stopped process may take to end by itself, in milliseconds: after SIGINT, then after SIGTERM. Then it is killed. */
const GRACE = { interrupt: 400, terminate: 400, kill: 400 } as const;
const POLL_MS = 20;
const TAIL_INTERVAL_MS = 150;
const TAIL_BYTES = 8192;

/** Runs one process to its end, when nothing of it is left. Never rejects. */
export async function runProcess(options: ProcessOptions): Promise<ProcessEnd> {
  const child = options.guard.start(options);
  const pid = await child.pid;
  if (pid === undefined) return options.signal.aborted ? { kind: 'interrupted' } : child.ended;
  options.guard.add(pid);
  const exit = child.ended.then(() => undefined);
  let stopped: 'interrupted' | 'too much output' | undefined;
  let stopping: Promise<void> | undefined;
  const stop = (why: typeof stopped) => {
    stopped ??= why;
    stopping ??= stopTree(pid, exit, 'SIGINT');
  };
  const onAbort = () => stop('interrupted');
  options.signal.addEventListener('abort', onAbort, { once: true });
  if (options.signal.aborted) onAbort();
  const tail = followOutput(options, () => stop('too much output'));
  const end = await child.ended;
  options.signal.removeEventListener('abort', onAbort);
  // What the process left in the background is not part of its answer, and must not outlive it.
  await (stopping ?? (child.leftNothing?.() ? undefined : stopTree(pid, exit, 'SIGTERM')));
  await tail.close();
  options.guard.remove(pid);
  return stopped ? { kind: stopped } : end;
}

/** Stops the process and its group by ever stronger means. Resolves when nothing of the group is left. */
async function stopTree(pid: number, exited: Promise<void>, first: 'SIGINT' | 'SIGTERM'): Promise<void> {
  if (process.platform === 'win32') {
    // Without taskkill there is nothing stronger than ending the process itself.
    if (first === 'SIGINT') await endWindowsTree(pid).catch(() => process.kill(pid));
    return exited;
  }
  const steps = [
    ['SIGINT', GRACE.interrupt],
    ['SIGTERM', GRACE.terminate],
    ['SIGKILL', GRACE.kill],
  ] as const;
  for (const [signal, grace] of steps.slice(first === 'SIGINT' ? 0 : 1)) {
    if (!signalGroup(pid, signal)) break;
    const deadline = performance.now() + grace;
    while (performance.now() < deadline && (await groupLives(pid))) await delay(POLL_MS);
  }
  await exited;
}

/**
 * Whether the group holds a process that still runs. Where nobody collects orphans (a container without an init process), dead ones
 * keep the group's number in use for ever; those do not count.
 */
async function groupLives(group: number): Promise<boolean> {
  if (!signalGroup(group, 0)) return false;
  if (process.platform !== 'linux') return true;
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
  return stats.some((stat) => {
    // pid (name) state parent group …, where the name may hold anything.
    const [state, , itsGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return itsGroup === String(group) && state !== 'Z' && state !== 'X';
  });
}

async function endWindowsTree(pid: number): Promise<void> {
  await once(spawn('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true }), 'exit');
}

/** False when the group holds no process any more. */
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch (error) {
    // A process that became another user's is still there, but not ours to stop.
    return (error as NodeJS.ErrnoException).code === 'EPERM' && signal !== 0;
  }
}

function followOutput(options: ProcessOptions, onTooMuch: () => void) {
  const files = [...new Set([options.stdout, options.stderr])];
  let sizes = new Map<string, number>();
  let looking: Promise<void> | undefined;
  const look = async () => {
    const before = sizes;
    sizes = new Map(files.map((file) => [file, sizeOf(file)]));
    const bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    if (bytes > options.limitBytes) onTooMuch();
    const grown = files.find((file) => sizes.get(file) !== (before.get(file) ?? 0));
    if (grown !== undefined && options.onOutput) options.onOutput((await readEnd(grown, TAIL_BYTES))?.text ?? '', bytes);
  };
  const timer = setInterval(() => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
  }, TAIL_INTERVAL_MS);
  return {
    async close() {
      clearInterval(timer);
      await looking;
    },
  };
}

/**
 * Bytes of a file; 0 if there is none. At once: that takes some microseconds of this turn, and a thread's answer comes turns later, which
 * on a busy machine are milliseconds that the next operation waits for its slot.
 */
export function sizeOf(file: string): number {
  try {
    return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  } catch {
    return 0;
  }
}

/** The last `limitBytes` of a file as text, cut at a character and, when there is one near, at the start of a line. Undefined if there is no file. */
export async function readEnd(
  file: string,
  limitBytes: number,
): Promise<{ readonly text: string; readonly omittedBytes: number } | undefined> {
  const handle = await open(path.resolve(file), 'r').catch(() => undefined);
  if (!handle) return undefined;
  try {
    const { size } = await handle.stat();
    const from = Math.max(0, size - limitBytes);
    const buffer = Buffer.alloc(size - from);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, from);
    const kept = from === 0 ? buffer.subarray(0, bytesRead) : buffer.subarray(cleanStart(buffer), bytesRead);
    return { text: kept.toString('utf8'), omittedBytes: from === 0 ? 0 : size - kept.length };
  } finally {
    await handle.close();
  }
}

/** The bytes of a file between two offsets, as text. Empty if there is no file. */
export async function readPart(file: string, from: number, to: number): Promise<string> {
  if (to <= from) return '';
  const handle = await open(file, 'r').catch(() => undefined);
  if (!handle) return '';
  try {
    const buffer = Buffer.alloc(Math.max(0, to - from));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, from);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

function cleanStart(buffer: Buffer): number {
  const line = buffer.subarray(0, 512).indexOf(0x0a);
  if (line >= 0) return line + 1;
  let start = 0;
  // Continuation bytes of UTF-8 are 10xxxxxx.
  while (start < 4 && ((buffer[start] ?? 0) & 0xc0) === 0x80) start += 1;
  return start;
}

/** A process, told apart from a later one that was given the same number. */
export interface ProcessIdentity {
  readonly process: number;
  /** When it started, by the system's clock; absent where the system does not say (all but Linux). */
  readonly started?: string;
}

/** Of the process with this number now, or of this one. */
export async function identityOf(pid = process.pid): Promise<ProcessIdentity> {
  if (process.platform !== 'linux') return { process: pid };
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // pid (name) state …; the start is the twentieth field after the name, which may hold anything.
  const started = text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  return started === undefined ? { process: pid } : { process: pid, started };
}

/** Whether that very process runs, another user's too; where nobody knows when it started, whether one with its number does. */
export async function processLives(identity: ProcessIdentity): Promise<boolean> {
  try {
    process.kill(identity.process, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  if (identity.started === undefined) return true;
  const { started } = await identityOf(identity.process);
  return started === undefined || started === identity.started;
}
