/**
 * ripgrep: where it is, one run of it, and its `--json` messages as they arrive. It is never the copy inside an editor, and never a
 * program of the workspace.
 */
import { isUtf8 } from 'node:buffer';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isInside, slashes } from '../paths.js';
import { environmentOf } from './command.js';
import type { ToolContext } from './tool.js';

/** What is said when there is no ripgrep. */
export const NO_RIPGREP =
  'Searching needs ripgrep, and none was found: neither the one that comes with Volley for this platform, nor `rg` on PATH. Install it (https://github.com/BurntSushi/ripgrep#installation) and try again.';

export type RipgrepEnd =
  /** 0: something was found. 1: nothing. 2: there was an error, though something may have been found. */
  | { readonly kind: 'exited'; readonly exitCode: number; readonly stderr: string }
  | { readonly kind: 'interrupted' }
  /** `message` is a sentence for the user. */
  | { readonly kind: 'could not start'; readonly message: string };

/** Reads what a run prints. */
export interface OutputReader {
  /** Called with it as it comes. */
  take(chunk: Buffer): void;
  /** Called when nothing more comes. */
  end?(): void;
}

export interface RipgrepRun {
  readonly args: readonly string[];
  /** Given to its standard input; it ends when this ends. */
  readonly input?: Readable;
  /** Called with its standard output as it comes. */
  onOutput(chunk: Buffer): void;
}

const STDERR_LIMIT = 64 * 1024;

/** The context's part that a run needs. */
export type RipgrepContext = Pick<ToolContext, 'host' | 'folder' | 'signal' | 'guard'>;

/** Runs ripgrep in the folder; resolves when it has ended and all of its output was handed over. */
export async function runRipgrep(run: RipgrepRun, context: RipgrepContext): Promise<RipgrepEnd> {
  const program = await findRipgrep(context);
  if (program === undefined) return { kind: 'could not start', message: NO_RIPGREP };
  await ownTurn();
  if (context.signal.aborted) return { kind: 'interrupted' };
  const child = start(program, run, context);
  if (child instanceof Error || child.pid === undefined) return couldNotStart(child);
  const { pid } = child;
  context.guard.add(pid);
  const kill = () => child.kill('SIGKILL');
  context.signal.addEventListener('abort', kill, { once: true });
  if (context.signal.aborted) kill();
  const errors: Buffer[] = [];
  let errorBytes = 0;
  child.stdout?.on('data', (chunk: Buffer) => run.onOutput(chunk));
  child.stderr?.on('data', (chunk: Buffer) => {
    if (errorBytes < STDERR_LIMIT) errors.push(chunk);
    errorBytes += chunk.length;
  });
  // It may end before it has read all of its input.
  child.stdin?.on('error', () => {});
  if (child.stdin) run.input?.pipe(child.stdin);
  const [exitCode, died] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  context.signal.removeEventListener('abort', kill);
  context.guard.remove(pid);
  if (context.signal.aborted) return { kind: 'interrupted' };
  if (exitCode === null) return { kind: 'could not start', message: `ripgrep was stopped by ${died}. Try again.` };
  return { kind: 'exited', exitCode, stderr: Buffer.concat(errors).toString() };
}

let turn: Promise<unknown> = Promise.resolve();

/** Starting a process holds the event loop for some milliseconds: one a turn. */
function ownTurn(): Promise<unknown> {
  turn = turn.then(() => nextTurn());
  return turn;
}

/** Some failures to start are thrown (a command line that is too long), others come as an event. */
function start(program: string, run: RipgrepRun, { host, folder, guard }: RipgrepContext): ChildProcess | Error {
  try {
    return spawn(program, run.args, {
      cwd: folder.path,
      env: environmentOf({ host, guard }) as NodeJS.ProcessEnv,
      stdio: [run.input ? 'pipe' : 'ignore', 'pipe', 'pipe'],
      // A group of its own, as the guard stops groups.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

async function couldNotStart(child: ChildProcess | Error): Promise<RipgrepEnd> {
  const error =
    child instanceof Error ? child : ((await once(child, 'error').catch((reason: unknown) => [reason])) as [Error])[0];
  const code = (error as NodeJS.ErrnoException).code ?? error.message;
  return { kind: 'could not start', message: `ripgrep could not be started (${code}). Check that the workspace folder exists.` };
}

// ------------------------------------------------------------------------------------------------------------- where it is

/** Absolute path of the ripgrep to use: the one that comes with Volley, else `rg` on PATH; undefined when there is none. */
export async function findRipgrep(
  { host, folder }: Pick<RipgrepContext, 'host' | 'folder'>,
  own: readonly string[] = ownRipgreps(),
): Promise<string | undefined> {
  return own.find(isUsable) ?? onPath(host.env, folder.path).find(isUsable);
}

function isUsable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const PROGRAM = process.platform === 'win32' ? 'rg.exe' : 'rg';

/** Beside the bundle, where `npm run package` puts it, and in node_modules. */
function ownRipgreps(): readonly string[] {
  if (known) return known;
  const here = typeof __filename === 'string' ? __filename : fileURLToPath(import.meta.url);
  const packaged = path.join(path.dirname(here), 'bin', PROGRAM);
  try {
    known = [packaged, createRequire(here).resolve(`@vscode/ripgrep-${process.platform}-${process.arch}/bin/${PROGRAM}`)];
  } catch {
    known = [packaged];
  }
  return known;
}

/** Where the own ones would be does not change. */
let known: readonly string[] | undefined;

/** Not what a workspace brings along: in one that is not trusted nothing of it is executed, and its PATH entries may be relative. */
function onPath(env: Readonly<Record<string, string | undefined>>, folder: string): readonly string[] {
  const name = Object.keys(env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  return (env[name] ?? '')
    .split(path.delimiter)
    .filter((directory) => path.isAbsolute(directory) && !isInside(folder, directory))
    .map((directory) => path.join(directory, PROGRAM));
}

// ---------------------------------------------------------------------------------------------------------------- messages

/** A text of ripgrep: base64 where it is not UTF-8. */
export type RipgrepText = { readonly text: string } | { readonly bytes: string };

export interface RipgrepLine {
  readonly lines: RipgrepText;
  /** From 1: of the first line, when there are several. */
  readonly line_number: number;
  /** In bytes from the start of the lines. */
  readonly submatches: readonly { readonly start: number; readonly end: number }[];
}

/** What `--json` prints, in order: for each file a begin, its lines in order, an end. */
export type RipgrepMessage =
  | { readonly type: 'begin'; readonly data: { readonly path: RipgrepText } }
  | { readonly type: 'match' | 'context'; readonly data: RipgrepLine }
  | { readonly type: 'end'; readonly data: { readonly path: RipgrepText; readonly binary_offset: number | null } }
  | { readonly type: 'summary' };

/** A message longer than this is not kept: one line of a file would take that much memory several times. */
const MESSAGE_LIMIT = 32 * 1024 * 1024;

/** Takes apart what ends with `separator`. Returns what to call with each chunk; an element that is too long is handed over as undefined. */
export function splitOutput(separator: number, onElement: (element: Buffer | undefined) => void): (chunk: Buffer) => void {
  let rest: Buffer[] = [];
  let restBytes = 0;
  return (chunk) => {
    let start = 0;
    for (let end = chunk.indexOf(separator); end >= 0; end = chunk.indexOf(separator, start)) {
      const piece = chunk.subarray(start, end);
      const long = restBytes + piece.length > MESSAGE_LIMIT;
      onElement(long ? undefined : restBytes === 0 ? piece : Buffer.concat([...rest, piece]));
      rest = [];
      restBytes = 0;
      start = end + 1;
    }
    if (start === chunk.length) return;
    restBytes += chunk.length - start;
    // Copied by nobody: the chunk is not used again.
    if (restBytes > MESSAGE_LIMIT) rest = [];
    else rest.push(chunk.subarray(start));
  };
}

/** The bytes of a text of ripgrep. */
export function bytesOf(text: RipgrepText): Buffer {
  return 'text' in text ? Buffer.from(text.text) : Buffer.from(text.bytes, 'base64');
}

/** A text of ripgrep for people: what is not UTF-8 becomes the sign for that. */
export function textOf(text: RipgrepText): string {
  return 'text' in text ? text.text : Buffer.from(text.bytes, 'base64').toString();
}

// -------------------------------------------------------------------------------------------------------- what is found

/** A line of a file, with what of it matched. Offsets are in bytes. */
export interface ScannedLine {
  /** From 1. */
  readonly number: number;
  /** Its text with its line break; several lines when a match spans them. */
  readonly raw: RipgrepText;
  /** Absent: it is there for the sake of lines near it. */
  readonly matched?: { readonly start: number; readonly count: number };
}

/** What was found in one file. */
export interface ScannedFile {
  /** Relative to the folder with `/`. */
  readonly path: string;
  /** In order. */
  readonly lines: readonly ScannedLine[];
  /** There were more than are looked at in one file. */
  readonly capped: boolean;
}

/** What of a line matched. An empty match behind the last character of a file is none to ripgrep, though the line is told. */
export function matchIn(
  raw: RipgrepText,
  submatches: readonly { readonly start: number }[],
): NonNullable<ScannedLine['matched']> {
  const [first] = submatches;
  return first ? { start: first.start, count: submatches.length } : { start: bytesOf(raw).length, count: 1 };
}

const LETTER_T = 0x74;
const LETTER_B = 0x62;

/** More lines are not looked at in one file. */
export const FILE_LINES = 10_000;

/** Reads the messages of `--json`; each file with its lines is handed over when its end has come. Binary files are told, too. */
export function fileReader(onFile: (file: ScannedFile & { readonly binary: boolean }) => void): (chunk: Buffer) => void {
  let lines: ScannedLine[] = [];
  let matched = 0;
  return splitOutput(0x0a, (bytes) => {
    // Of a begin and the summary nothing is needed: `{"type":"begin"`, `{"data":`.
    if (bytes === undefined || bytes[2] !== LETTER_T || bytes[9] === LETTER_B) return;
    const message = JSON.parse(bytes.toString()) as RipgrepMessage;
    switch (message.type) {
      case 'begin':
      case 'summary':
        return;
      case 'match': {
        matched += 1;
        const { lines: raw, line_number: number, submatches } = message.data;
        lines.push({ number, raw, matched: matchIn(raw, submatches) });
        return;
      }
      case 'context':
        lines.push({ number: message.data.line_number, raw: message.data.lines });
        return;
      case 'end': {
        const path = plainPath(textOf(message.data.path));
        onFile({ path, lines, capped: matched >= FILE_LINES, binary: message.data.binary_offset !== null });
        lines = [];
        matched = 0;
        return;
      }
      default:
        message satisfies never;
    }
  });
}

/** For what `lineReader` reads. */
export const PLAIN_LINES = [
  '--null',
  '--with-filename',
  '--no-heading',
  '--line-number',
  '--no-column',
  `--max-count=${FILE_LINES}`,
] as const;

/** A line that was told without saying where it matched. */
const SOMEWHERE = { start: 0, count: 1 } as const;

/**
 * Reads `path NUL number : line LF`, a fraction of what `--json` says: neither where a line matches nor whether a file is binary. Each
 * file with its lines, without line breaks, is handed over when that of another one comes, or the end. `onOdd` is called for anything
 * else: what is said of a binary file, a name that holds a line break, a line too long to be kept.
 */
export function lineReader(onFile: (file: ScannedFile) => void, onOdd: () => void): OutputReader {
  let path: string | undefined;
  let lines: ScannedLine[] = [];
  const end = () => {
    if (path !== undefined) onFile({ path: plainPath(path), lines, capped: lines.length >= FILE_LINES });
    path = undefined;
    lines = [];
  };
  const take = splitOutput(0x0a, (bytes) => {
    const nameEnd = bytes?.indexOf(0) ?? -1;
    if (!bytes || nameEnd < 0) return onOdd();
    const name = bytes.toString('utf8', 0, nameEnd);
    let number = 0;
    let at = nameEnd + 1;
    for (let digit = bytes[at]; digit !== undefined && digit !== COLON; digit = bytes[++at])
      number = number * 10 + digit - DIGIT_0;
    // A file may be searched twice, where one target lies in another one.
    if (name !== path || number <= (lines.at(-1)?.number ?? 0)) end();
    path = name;
    lines.push({ number, raw: ripgrepText(bytes, at + 1), matched: SOMEWHERE });
  });
  return { take, end };
}

const COLON = 0x3a;
const DIGIT_0 = 0x30;

/** What `--json` says of the bytes from `start` on. */
function ripgrepText(bytes: Buffer, start: number): RipgrepText {
  const text = bytes.toString('utf8', start);
  // What is no UTF-8 has been replaced by that character.
  if (!text.includes('\ufffd')) return { text };
  const rest = bytes.subarray(start);
  return isUtf8(rest) ? { text } : { bytes: rest.toString('base64') };
}

function plainPath(path: string): string {
  return slashes(path).replace(/^\.\//, '');
}

/** Reads `path NUL` or `path NUL count LF`. */
export function countReader(namesOnly: boolean, onCount: (path: string, count: number) => void): (chunk: Buffer) => void {
  let path: string | undefined;
  if (namesOnly) return splitOutput(0, (bytes) => bytes && onCount(plainPath(bytes.toString()), 1));
  // A name may hold a line break, so the two kinds of ends are told apart by turns.
  let separator = 0;
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = rest.indexOf(separator); end >= 0; end = rest.indexOf(separator, start)) {
      const text = rest.toString('utf8', start, end);
      if (path === undefined) path = plainPath(text);
      else {
        onCount(path, Number(text));
        path = undefined;
      }
      separator = path === undefined ? 0 : 0x0a;
      start = end + 1;
    }
    rest = rest.subarray(start);
  };
}
