/** The command tool: runs one command line to its end, output into files, and hands back what a parser needs. */
import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { decodeReport } from '../encodings.js';
import type { Guard } from '../guard.js';
import type { Host } from '../host.js';
import type { CommandInput } from '../model.js';
import { REPORT_PLACEHOLDER } from '../model.js';
import { type ProcessEnd, readEnd, readPart, runProcess, sizeOf } from '../process.js';

/** A gate that writes more than this is stopped: a runaway must not fill the disk. */
export const OUTPUT_LIMIT_BYTES = 2_000_000_000;
/** What a parser is given of each stream; a larger machine-readable document is not read. */
export const PARSED_LIMIT_BYTES = 32_000_000;
/** What is read of output that is for people only: enough to tell whether two are the same. */
export const TAIL_BYTES = 1_000_000;

export interface CommandFiles {
  readonly stdout: string;
  /** The same file as `stdout` when nobody reads the two apart, so that people see them in the order of writing. */
  readonly stderr: string;
  readonly report: string;
}

export interface CommandContext {
  readonly host: Host;
  readonly guard: Guard;
  readonly signal: AbortSignal;
  /** How much of the end of each stream is read back. */
  readonly readBytes: number;
  /** How many bytes stand in the files already, where that is known. */
  readonly before?: OutputSizes;
  output(tail: string, bytes: number): void;
}

/** Where the output of an operation is kept, in the directory of its run. */
export function commandFiles(directory: string, operation: string, separate: boolean): CommandFiles {
  // A readable start, and a hash so that no two operations share a file: ids may be long, or differ in case only.
  const hash = createHash('sha256').update(operation).digest('hex').slice(0, 12);
  const name = `${operation.replace(/[^A-Za-z0-9_-]+/g, '-').slice(0, 60)}-${hash}`;
  const stdout = path.join(directory, `${name}.out`);
  return {
    stdout,
    stderr: separate ? path.join(directory, `${name}.err`) : stdout,
    report: path.join(directory, `${name}.report`),
  };
}

/** Empties the files of an earlier attempt. */
export async function clearFiles(files: CommandFiles): Promise<void> {
  const written = [...new Set([files.stdout, files.stderr])].filter((file) => sizeOf(file) > 0);
  if (written.length > 0) await Promise.all(written.map((file) => writeFile(file, '')));
}

/** Bytes of the files of an operation. Where both streams go to one file, `stderr` is that of the same file. */
export interface OutputSizes {
  readonly stdout: number;
  readonly stderr: number;
}

export interface CommandOutput {
  readonly end: ProcessEnd;
  readonly stdout: string;
  readonly stderr: string;
  /** What the tool wrote into its report; absent when it wrote none. */
  readonly report?: string;
  /** A stream was larger than what was read back. */
  readonly truncated: boolean;
  /** Of the files now. */
  readonly sizes: OutputSizes;
}

/** Runs the command; resolves when no process of it is left. The report file is removed again, the output stays. */
export async function runCommand(input: CommandInput, files: CommandFiles, context: CommandContext): Promise<CommandOutput> {
  const before = context.before ?? { stdout: sizeOf(files.stdout), stderr: sizeOf(files.stderr) };
  const end = await runProcess({
    command: { ...input, argv: input.argv.map((argument) => argument.replaceAll(REPORT_PLACEHOLDER, files.report)) },
    env: environmentOf(context, input.env),
    stdout: files.stdout,
    stderr: files.stderr,
    signal: context.signal,
    limitBytes: OUTPUT_LIMIT_BYTES,
    guard: context.guard,
    onOutput: context.output,
  });
  const stdout = await readFrom(files.stdout, before.stdout, context.readBytes);
  const separate = files.stderr !== files.stdout;
  const stderr = separate
    ? await readFrom(files.stderr, before.stderr, context.readBytes)
    : { text: '', truncated: false, size: stdout.size };
  const reported = input.argv.some((argument) => argument.includes(REPORT_PLACEHOLDER));
  const report = reported ? await takeReport(files.report) : {};
  return {
    ...{ end, stdout: stdout.text, stderr: stderr.text, sizes: { stdout: stdout.size, stderr: stderr.size } },
    truncated: stdout.truncated || stderr.truncated || (report.tooLarge ?? false),
    ...(report.text === undefined ? {} : { report: report.text }),
  };
}

/** What a tool wrote into its report; the file is removed. */
async function takeReport(file: string): Promise<{ readonly text?: string; readonly tooLarge?: true }> {
  const readable = sizeOf(file) <= PARSED_LIMIT_BYTES;
  const bytes = readable ? await readFile(file).catch(() => undefined) : undefined;
  const text = bytes && decodeReport(bytes);
  await rm(file, { force: true });
  return { ...(text === undefined ? {} : { text }), ...(readable ? {} : { tooLarge: true }) };
}

async function readFrom(
  file: string,
  from: number,
  limit: number,
): Promise<{ readonly text: string; readonly truncated: boolean; readonly size: number }> {
  const size = sizeOf(file);
  const written = size - from;
  if (written <= 0) return { text: '', truncated: false, size };
  // From exactly where this command began to write; only what is too long loses its start.
  const text = written > limit ? ((await readEnd(file, limit))?.text ?? '') : await readPart(file, from, size);
  return { text, truncated: written > limit, size };
}

/**
 * The environment of what a run starts, with what it has of its own. For the same run and the same few own variables the same object,
 * since most of what a run starts has the same: whoever compares environments can tell at once.
 */
export function environmentOf(
  { host, guard }: Pick<CommandContext, 'host' | 'guard'>,
  own: CommandInput['env'] = {},
): Readonly<Record<string, string | undefined>> {
  const ofRun = environments.get(guard) ?? new WeakMap<object, Environments>();
  environments.set(guard, ofRun);
  const known: Environments = ofRun.get(host.env) ?? {
    common: { ...childEnvironment(host.env), ...guard.env },
    byOwn: new Map(),
  };
  ofRun.set(host.env, known);
  const { common, byOwn } = known;
  if (Object.keys(own).length === 0) return common;
  const key = JSON.stringify(Object.entries(own));
  const made = byOwn.get(key) ?? { ...common, ...own, ...guard.env };
  if (key.length <= LONGEST_KEPT && byOwn.size < MOST_KEPT) byOwn.set(key, made);
  return made;
}

/** What a run is given again and again is short and little; results of operations in variables are neither, and each another. */
const LONGEST_KEPT = 4096;
const MOST_KEPT = 64;

interface Environments {
  readonly common: Readonly<Record<string, string | undefined>>;
  /** By the own variables as text. */
  readonly byOwn: Map<string, Readonly<Record<string, string | undefined>>>;
}

/** By guard, which each run has one of, and the environment of the host. */
const environments = new WeakMap<Guard, WeakMap<object, Environments>>();

/**
 * The host's environment without what an editor put there for itself, and with what makes the text of tools the same everywhere: no
 * colours, no terminal, UTF-8, English.
 */
export function childEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  const kept = Object.entries(env).filter(
    ([name]) => !/^(VSCODE_|ELECTRON_|FORCE_COLOR$|LC_|LANG$|LANGUAGE$|CLICOLOR)/.test(name),
  );
  return {
    ...Object.fromEntries(kept),
    NO_COLOR: '1',
    TERM: 'dumb',
    LC_ALL: process.platform === 'darwin' ? 'en_US.UTF-8' : 'C.UTF-8',
    PY_COLORS: '0',
    PYTHONUTF8: '1',
  };
}
