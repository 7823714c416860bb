/** What a tool is: its input, what it touches, how it is invoked, and the one shape of what it answers. */
import type * as z from 'zod/mini';
import type { Agents } from '../agents.js';
import type { Guard } from '../guard.js';
import type { Host } from '../host.js';
import type { Threads } from '../inspect/threads.js';
import { quotable } from '../messages.js';
import type { Access, Answer, Failure, Folder, ShownFile, ToolName } from '../model.js';

/** A tool of the registry. Its functions may be called any number of times at once. */
export interface Tool<Input> {
  readonly name: ToolName;
  /** One sentence, for people and for language models. */
  readonly description: string;
  /** Checks an input, and is what the editor completes and validates it by. Each property has a description. */
  readonly schema: z.ZodMiniType<Input>;
  /** In a few words, for lists: `read src/a.ts 1–20`. */
  describe(input: Input): string;
  /** Pure: what it touches. May be too much, never too little. */
  access(input: Input, place: AccessPlace): ToolAccess;
  /** Does it. Never rejects for what a file system, a server or a program can do; resolves when nothing of it is left. */
  invoke(input: Input, context: ToolContext): Promise<ToolResult>;
}

/** Where paths of an input start. */
export interface AccessPlace {
  /** Of the workspace. Absolute paths of an access have `/`. */
  readonly folder: Folder;
  /** Absent: scripts of packages are not known. */
  readonly packageOf?: PackageOf;
}

/** A package.json of the workspace, as far as its scripts are concerned. */
export interface PackageScripts {
  /** Where it stands: absolute, native. Its scripts run there. */
  readonly directory: string;
  /** By name. */
  readonly scripts: Readonly<Record<string, string>>;
}

/** The nearest package at a directory (absolute, native) or above it, in the workspace; undefined when there is none that can be read. */
export type PackageOf = (directory: string) => PackageScripts | undefined;

/** What an invocation touches, and why that is believed. */
export interface ToolAccess extends Access {
  /** Nobody said it; it was concluded from a command line. */
  readonly inferred?: true;
  /** It is what such programs touch by custom: one in it runs the project's own code, or is told by it what to do. */
  readonly customary?: true;
  /** Files whose text it was concluded from, absolute with `/`: it holds while nobody changes them. */
  readonly concludedFrom?: readonly string[];
}

export interface ToolContext {
  readonly host: Host;
  readonly folder: Folder;
  /** Aborted on cancel and timeout. */
  readonly signal: AbortSignal;
  readonly guard: Guard;
  /** Where agents at work are told of. */
  readonly agents?: Agents;
  /** Empty files of its own, in the directory of the run, for the output of processes. */
  readonly files: { readonly stdout: string; readonly stderr: string; readonly report: string };
  /** Threads that look at files. Absent: this is done in place, a few files in each turn of the event loop. */
  readonly threads?: Threads;
  /** The newest text, at most a screenful, and how many bytes there are so far. */
  output(tail: string, bytes: number): void;
  /** Puts a file in place in one step, its directories made, after its before-image was kept. Rejects with a `Refusal` where that must not be. */
  writeFile(file: string, content: Uint8Array): Promise<void>;
}

/** What a tool answers. */
export interface ToolResult {
  /** `failed`: a command that ended with another exit code than 0, an assertion that does not hold. `errored`: it could not do its work. */
  readonly end:
    | { readonly kind: 'passed' }
    | { readonly kind: 'failed' }
    | { readonly kind: 'errored'; readonly failure: Failure }
    | { readonly kind: 'interrupted' };
  /** What it answers as text: `${id.output}`. Bounded; what was cut is marked in it. */
  readonly text: string;
  /** Paths relative to the folder with `/` that the answer is about: `${id.files}`. */
  readonly files: readonly string[];
  /** The answer as data: `${id.json.…}`. */
  readonly json: unknown;
  readonly exitCode?: number;
  /** Where the text is that of files. */
  readonly shows?: readonly ShownFile[];
  readonly answer: Answer;
}

/** Why a file is not written; `message` is a sentence that says what to do. */
export class Refusal extends Error {}

/** The result of a tool that could not do its work. */
export function toolFailed(said: string, more: Partial<ToolResult> = {}): ToolResult {
  const message = quotable(said);
  return {
    end: { kind: 'errored', failure: { kind: 'tool failed', message } },
    text: '',
    files: [],
    json: null,
    answer: { summary: message },
    ...more,
  };
}

/** The result of a tool that stopped because it was told to. */
export const INTERRUPTED: ToolResult = { end: { kind: 'interrupted' }, text: '', files: [], json: null, answer: { summary: '' } };
