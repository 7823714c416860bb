/** The tool Command of batches: one program, or one line for a shell, and what it wrote. */
import { statSync } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod/mini';
import { findOnPath } from '../gates/resolve.js';
import { failureText } from '../messages.js';
import type { CommandInput, Failure, Folder } from '../model.js';
import { type ProcessEnd, type ProcessOptions, readEnd, runProcess, sizeOf } from '../process.js';
import { shellWord } from '../shell-text.js';
import { environmentOf, OUTPUT_LIMIT_BYTES } from './command.js';
import { INTERRUPTED, type Tool, type ToolAccess, type ToolContext, type ToolResult, toolFailed } from './tool.js';

/** Of what a command wrote, at most this much is its text: the end. */
export const TEXT_LIMIT_BYTES = 1_000_000;
/** A larger document is not read as JSON. */
export const JSON_LIMIT_BYTES = 4_000_000;

const described = <T extends z.ZodMiniType>(description: string, schema: T): T => {
  z.globalRegistry.add(schema, { description });
  return schema;
};

const common = {
  cwd: z.optional(
    described(
      'Folder in which it runs, relative to the workspace folder and inside it. The workspace folder when left out.',
      z.string().check(z.minLength(1)),
    ),
  ),
  env: z.optional(
    described(
      'Added to its environment.',
      z.record(z.string().check(z.regex(/^[^=\0]+$/, 'A name without = is expected.')), z.string()),
    ),
  ),
  json: z.optional(
    described(
      'Its standard output is one JSON document, whatever it writes to standard error: the two are kept apart, so that later inputs can ' +
        'refer to the document, and the text is first the one, then the other. Not needed for a command that writes nothing else.',
      z.boolean(),
    ),
  ),
};

/** What the tool takes: `{argv}` or `{shell}`. */
export const commandInput = z.union([
  z.strictObject({
    argv: described(
      'Program and arguments, started without a shell: `["git", "log", "-1"]`.',
      z.array(z.string()).check(
        z.minLength(1),
        z.refine((argv) => (argv[0] ?? '') !== '', 'has to start with the name of a program.'),
      ),
    ),
    ...common,
  }),
  z.strictObject({
    shell: described('A line for a shell: `sort names | uniq -c`.', z.string().check(z.minLength(1))),
    ...common,
  }),
]);

export type BatchCommandInput = z.infer<typeof commandInput>;

/** Runs a command. What it touches is not concluded here: whoever infers that replaces `access`. */
export const batchCommand: Tool<BatchCommandInput> = {
  name: 'command',
  description: 'Runs a program, or a line for a shell, and answers what it wrote.',
  schema: commandInput,
  describe: (input) => commandLine(input),
  access: () => BARRIER,
  invoke,
};

const BARRIER: ToolAccess = { reads: [], writes: [], locks: [], barrier: { because: 'what it touches is not known' } };

async function invoke(input: BatchCommandInput, context: ToolContext): Promise<ToolResult> {
  if (!context.host.trusted()) return couldNot({ kind: 'untrusted workspace' });
  const cwd = await insideFolder(input.cwd ?? '.', context.folder);
  if (cwd.kind === 'refused') return toolFailed(cwd.message);
  const { stdout } = context.files;
  // One file keeps the order of writing, but then a warning on standard error would spoil a document on standard output.
  const stderr = input.json ? apart(context.files) : stdout;
  const argv = 'shell' in input ? [input.shell] : input.argv;
  const command = { argv, cwd: cwd.path, env: input.env ?? {}, shell: 'shell' in input };
  const end = await runProgram({ command, stdout, stderr, signal: context.signal }, context);
  if (end.kind === 'interrupted') return INTERRUPTED;
  const size = sizeOf(stdout);
  const isSilent = size === 0 && stderr === stdout;
  const { text, cutBytes } = isSilent ? SILENCE : await written(input.json ? [stdout, stderr] : [stdout]);
  const rest = {
    text,
    files: [],
    json: size === 0 ? null : await documentIn(stdout),
    ...(end.kind === 'exited' ? { exitCode: end.exitCode } : {}),
  };
  const cut = cutBytes > 0 ? { cutBytes } : {};
  if (end.kind === 'exited') {
    const kind = end.exitCode === 0 ? 'passed' : 'failed';
    return { ...rest, end: { kind }, answer: { summary: exitSummary(end.exitCode, text), ...cut } };
  }
  const failure = failureOf(end, argv[0] ?? '');
  return { ...rest, end: { kind: 'errored', failure }, answer: { summary: failureText(failure), ...cut } };
}

/** Of a program that wrote nothing. */
const SILENCE = { text: '', cutBytes: 0 };

/** A program to run in the environment of a run. `guard`: that of the context when left out. */
export type Program = Pick<ProcessOptions, 'command' | 'stdin' | 'stdout' | 'stderr' | 'signal'> & {
  readonly guard?: ProcessOptions['guard'];
};

/**
 * Runs a program with the environment of all tools; resolves when nothing of it is left. Unlike `runCommand` it replaces nothing in
 * arguments: those of a batch are what its author, or an earlier operation, wrote.
 */
export async function runProgram(program: Program, context: ToolContext): Promise<ProcessEnd> {
  const env = environmentOf(context, program.command.env);
  return runProcess({
    guard: context.guard,
    ...program,
    command: await startable(program.command, env, context.folder.path),
    env,
    limitBytes: OUTPUT_LIMIT_BYTES,
    onOutput: context.output,
  });
}

/** On Windows a name without an extension may be that of a batch file, which only what it would start can stand for. */
async function startable(command: CommandInput, env: ProcessOptions['env'], folder: string): Promise<CommandInput> {
  const [name = '', ...args] = command.argv;
  if (process.platform !== 'win32' || command.shell || /[\\/]/.test(name)) return command;
  const found = await findOnPath(name, { cwd: command.cwd, folder, env });
  return found ? { ...command, argv: [...found.argv, ...args] } : command;
}

/** The folder in which a program is to run: it exists and lies in the workspace folder, also when links are followed. */
export async function insideFolder(
  cwd: string,
  folder: Folder,
): Promise<{ readonly kind: 'folder'; readonly path: string } | { readonly kind: 'refused'; readonly message: string }> {
  const absolute = path.resolve(folder.path, cwd);
  const outside = {
    kind: 'refused' as const,
    message: `"${cwd}" lies outside the workspace folder. Give a folder inside it as cwd.`,
  };
  if (!contains(folder.path, absolute)) return outside;
  // The folder itself: there are no links below it to follow.
  if (absolute === path.resolve(folder.path) && isDirectory(absolute)) return { kind: 'folder', path: absolute };
  const missing = { kind: 'refused' as const, message: `There is no folder "${cwd}" in the workspace folder. Check cwd.` };
  try {
    // The folder itself is where it is, whatever links lead there.
    const isFolder = absolute === path.resolve(folder.path);
    if (!isFolder && !contains(await realpath(folder.path), await realpath(absolute))) return outside;
    return (await stat(absolute)).isDirectory() ? { kind: 'folder', path: absolute } : missing;
  } catch {
    return missing;
  }
}

function isDirectory(place: string): boolean {
  try {
    return statSync(place, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch {
    return false;
  }
}

function contains(folder: string, file: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

/** Why a process that did not exit by itself did not do its work. */
export function failureOf(end: Exclude<ProcessEnd, { kind: 'interrupted' | 'exited' }>, program: string): Failure {
  switch (end.kind) {
    case 'could not start':
      return { kind: 'could not start', program, code: end.code };
    case 'died':
      return { kind: 'died', signal: end.signal };
    case 'too much output':
      return { kind: 'too much output', limitBytes: OUTPUT_LIMIT_BYTES };
    default:
      return end satisfies never;
  }
}

/** A result without an answer. */
export function couldNot(failure: Failure): ToolResult {
  return { ...toolFailed(failureText(failure)), end: { kind: 'errored', failure } };
}

/** A file for standard error that is not the one for standard output. */
export function apart(files: ToolContext['files']): string {
  return files.stderr === files.stdout ? `${files.stdout}.err` : files.stderr;
}

/** The end of what stands in files, one after another, as `TEXT_LIMIT_BYTES` at most behind a marker of what was left out. */
export async function written(files: readonly string[]): Promise<{ readonly text: string; readonly cutBytes: number }> {
  let left = TEXT_LIMIT_BYTES;
  let text = '';
  let cutBytes = 0;
  // What was written last matters most.
  for (const file of [...files].reverse()) {
    // Most of what runs says nothing.
    const end = sizeOf(file) === 0 ? undefined : await readEnd(file, left);
    if (!end) continue;
    text = end.text + text;
    cutBytes += end.omittedBytes;
    left = Math.max(0, left - Buffer.byteLength(end.text));
  }
  return { text: cutBytes > 0 ? `[… ${cutBytes} bytes left out …]\n${text}` : text, cutBytes };
}

/** The JSON document that a file is, or null. */
export async function documentIn(file: string): Promise<unknown> {
  const size = sizeOf(file);
  if (size === 0 || size > JSON_LIMIT_BYTES) return null;
  return parsed((await readEnd(file, JSON_LIMIT_BYTES))?.text ?? '');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return null;
  }
}

function exitSummary(exitCode: number, text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (exitCode !== 0) return [`exit code ${exitCode}`, (lines.at(-1) ?? '').trim().slice(0, 200)].filter(Boolean).join(': ');
  return lines.length === 0 ? 'no output' : lines.length === 1 ? '1 line' : `${lines.length} lines`;
}

function commandLine(input: BatchCommandInput): string {
  const line = 'shell' in input ? input.shell : input.argv.map(shellWord).join(' ');
  const [first = ''] = line.split('\n');
  return first.length < line.length || first.length > 100 ? `${first.slice(0, 100)}…` : first;
}
