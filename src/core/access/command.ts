/**
 * What a command touches, concluded from its text alone. Pure and total: any input gives an answer quickly. It may say too much and
 * must not say too little: what is not understood is a barrier, with its reason.
 */
import type { PackageOf } from '../tools/tool.js';
import { type Argument, escapeGlob, literal } from './argument.js';
import type { Environment } from './call.js';
import { type CommandAccess, Footprint, resolveGlob } from './footprint.js';
import { followProgram, type ProgramContext } from './programs.js';
import { followLine, LONGEST_LINE } from './shell.js';
import type { State } from './shell-state.js';
import { isForeignVariable } from './variables.js';

export type { CommandAccess };

/** A program with its arguments, or a line for a shell. */
export type CommandText = { readonly argv: readonly string[] } | { readonly shell: string };

export interface CommandPlace {
  /** Of the workspace. Absolute, native. It is taken to hold the whole repository. */
  readonly folder: string;
  /** Where the command starts. Absolute, native. */
  readonly cwd: string;
  /** Variables that the command sees, as far as they are known. */
  readonly env: Environment;
  /** Without it a script of a package is a barrier. */
  readonly packageOf?: PackageOf | undefined;
}

/** What `command` touches. Never throws. The globs are absolute, with `/`; characters of a path that globs give a meaning have a backslash. */
export function commandAccess(command: CommandText, place: CommandPlace): CommandAccess {
  const footprint = new Footprint(absolute(place.folder));
  const foreign = Object.keys(place.env).find((name) => place.env[name] !== undefined && isForeignVariable(name));
  if (foreign !== undefined) footprint.barrier(`the environment has ${foreign}`);
  follow(command, place, { footprint, env: place.env, packageOf: place.packageOf });
  return footprint.access();
}

/** A program that a command starts. */
export interface StartedProgram {
  /** As it stands there; words of which it is not known what they are, are left out. */
  readonly argv: readonly string[];
  /** Where it may stand: globs as of `commandAccess`. Empty when nobody knows. */
  readonly directories: readonly string[];
}

/**
 * The programs that `command` is known to start, also behind what is not understood, and the caches of those of which it is known what they
 * touch, as globs. It may start others.
 */
export function startedPrograms(
  command: CommandText,
  place: CommandPlace,
): { readonly programs: readonly StartedProgram[]; readonly caches: readonly string[] } {
  const footprint = new Footprint(absolute(place.folder), true);
  const programs: StartedProgram[] = [];
  const starts = (words: readonly Argument[], cwd: readonly string[] | undefined) => {
    programs.push({ argv: words.flatMap(({ text }) => (text === undefined ? [] : [text])), directories: cwd ?? [] });
  };
  follow(command, place, { footprint, env: place.env, packageOf: place.packageOf, starts });
  return { programs, caches: [...footprint.locks] };
}

function follow(command: CommandText, place: CommandPlace, context: ProgramContext): void {
  const { footprint, env } = context;
  const cwd = absolute(place.cwd);
  const start = cwd === '' ? '' : (resolveGlob(cwd, [footprint.folder], footprint.folder)[0] ?? footprint.folder);
  const state: State = { cwd: [start], variables: new Map(), strict: false };
  try {
    if ('shell' in command) {
      followLine(command.shell, state, { footprint, env, start: (words, at) => followProgram(words, at, context) });
    } else if (command.argv.length === 0) footprint.barrier('it names no program');
    else if (command.argv.length > 5000 || command.argv.reduce((sum, word) => sum + word.length, 0) > LONGEST_LINE * 5)
      footprint.end('it is too long to be followed');
    else followProgram(command.argv.map(literal), state, context);
  } catch {
    // A stack that overflows on hostile input, at worst.
    footprint.end('it is not understood');
  }
}

/** A native directory as a glob with `/`, without one at its end: the root is empty. */
function absolute(directory: string): string {
  const slashed = /^[A-Za-z]:[\\/]|^\\\\/.test(directory) ? directory.replaceAll('\\', '/') : directory;
  return escapeGlob(slashed).replace(/\/+$/, '');
}
