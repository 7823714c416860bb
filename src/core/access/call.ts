/** A program that is started, as the tables of programs see it, and what they say of it. Pure. */
import type { PackageOf } from '../tools/tool.js';
import { type Argument, literal } from './argument.js';
import type { Directories, Footprint } from './footprint.js';

/** Variables that are known, by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A call of a program. */
export interface Call {
  readonly args: readonly Argument[];
  /** Where it may stand. */
  readonly cwd: Directories;
  readonly footprint: Footprint;
  readonly env: Environment;
  /** Names of variables that a command line sets, so that the program may see another value than `env` has. */
  readonly changed: ReadonlySet<string>;
  /** Absent: scripts of packages are not known. */
  readonly packageOf: PackageOf | undefined;
  /** What comes in are names of files in the folder. */
  readonly fed: boolean;
  /** Follows another program that this one starts. */
  start(words: readonly Argument[], cwd?: Directories): void;
  /** Follows a line that it hands to a shell. */
  shell(line: string, cwd?: Directories): void;
}

/** Says what a program touches. */
export type Row = (call: Call) => void;

/** By name of the program. */
export type Table = Readonly<Record<string, Row>>;

export function reads(call: Call, ...args: readonly Argument[]): void {
  for (const argument of args) call.footprint.read(argument, call.cwd);
}

export function writes(call: Call, ...args: readonly Argument[]): void {
  for (const argument of args) call.footprint.write(argument, call.cwd);
}

/** As `reads`, for globs relative to where the program stands. */
export function readsAt(call: Call, ...globs: readonly string[]): void {
  reads(call, ...globs.map((glob) => ({ glob })));
}

export function writesAt(call: Call, ...globs: readonly string[]): void {
  writes(call, ...globs.map((glob) => ({ glob })));
}

/** It reads the project that it stands in. */
export function readsWhole(call: Call): void {
  for (const glob of call.footprint.whole(call.cwd)) call.footprint.reads.add(glob);
}

export function writesWhole(call: Call): void {
  for (const glob of call.footprint.whole(call.cwd)) call.footprint.writes.add(glob);
}

/** A cache of its own, relative to where it stands: named as gates name theirs. */
export function locks(call: Call, ...caches: readonly string[]): void {
  for (const cache of caches) {
    for (const directory of call.cwd ?? [call.footprint.folder]) call.footprint.locks.add(`${directory}/${cache}`);
  }
}

/** What runs the project's own code, or is configured by it: said by custom only. */
export function infers(call: Call): void {
  call.footprint.customary = true;
}

/** The directory that an argument names. */
export function directory(call: Call, argument: Argument): Directories {
  return call.footprint.directories(argument, call.cwd);
}

export function words(...texts: readonly string[]): readonly Argument[] {
  return texts.map(literal);
}

/** The values of these options, of those that have one. */
export function valuesOf(
  given: ReadonlyMap<string, readonly (Argument | undefined)[]>,
  ...options: readonly string[]
): readonly Argument[] {
  return options.flatMap((option) => (given.get(option) ?? []).filter((value) => value !== undefined));
}

export function hasAny(given: ReadonlyMap<string, unknown>, ...options: readonly string[]): boolean {
  return options.some((option) => given.has(option));
}
