/** Finding the programs of every ecosystem that a preset may belong to. Executes nothing. */
import path from 'node:path';
import { nativeBuild } from './native-builds.js';
import type { Ecosystem } from './preset.js';
import {
  type FoundProgram,
  findNodeProgram,
  findOnPath,
  findPythonModule,
  findPythonProgram,
  launchFile,
  type ResolveOptions,
} from './resolve.js';

/** `reason` completes "… is not available: ". */
export type ToolProgram = FoundProgram | { readonly place: 'none'; readonly reason?: string; readonly install?: string };

export interface ToolCall {
  readonly program: string;
  readonly asModule: boolean;
  readonly args: readonly string[];
  /** What has to be configured or built before it runs, will be. */
  readonly isMade?: boolean;
}

/**
 * Finds what `call` starts: for node and python with the project before PATH, for ruby in bin/, through bundler or on PATH, for php in
 * vendor/bin, for jvm the wrapper in the project or above it, for rust and go on PATH and where their installers put programs. A
 * subcommand that is a program of its own (`cargo clippy` is cargo-clippy) has to be there too.
 */
export async function findTool(ecosystem: Ecosystem, call: ToolCall, options: ResolveOptions): Promise<ToolProgram> {
  const { program, asModule } = call;
  switch (ecosystem) {
    case 'node':
      // A build that no row of the table knows.
      if (program === 'cmake') return builtProgram(call, options);
      return (await findNodeProgram(program, options)) ?? NONE;
    case 'python':
      return (await (asModule ? findPythonModule(program, options) : findPythonProgram(program, program, options))) ?? NONE;
    case 'rust':
      return rustProgram(call, options);
    case 'go':
      return (await onPathOrAt(program, options, [environment(options, 'GOBIN'), home(options, 'go', 'bin')])) ?? NONE;
    case 'ruby':
      return rubyProgram(program, options);
    case 'php':
      return (
        (await inProject([`vendor/bin/${program}`, `tools/${program}`, program], options)) ??
        (await findOnPath(program, options)) ??
        NONE
      );
    case 'jvm':
      return jvmProgram(program, options);
    case 'dotnet':
      return (await onPathOrAt(program, options, [environment(options, 'DOTNET_ROOT'), home(options, '.dotnet')])) ?? NONE;
    case 'system':
      if (program === 'ctest') return builtProgram(call, options);
      if (nativeBuild(program, call.args)?.directory !== undefined) return inBuildFolder(call, options);
      if (program.includes('/')) return ownFile(program, options);
      return (await findOnPath(program, options)) ?? NONE;
    default:
      return ecosystem satisfies never;
  }
}

const NONE: ToolProgram = { place: 'none' };

/** A file of the repository that is a program. */
async function ownFile(program: string, options: ResolveOptions): Promise<ToolProgram> {
  const argv = await launchFile(path.resolve(options.cwd, program), options);
  return argv
    ? { argv, place: 'project' }
    : { place: 'none', reason: `${program} cannot be executed.`, install: `chmod +x ${program}` };
}

/** Subcommands that are part of cargo itself; every other one is a program cargo-<name>. */
const OWN_OF_CARGO = new Set([
  'test',
  'check',
  'build',
  'doc',
  'run',
  'bench',
  'tree',
  'metadata',
  'publish',
  'package',
  'verify-project',
]);
/** Those that rustup installs, with the name of its component. */
const COMPONENTS: Readonly<Record<string, string>> = { clippy: 'clippy', fmt: 'rustfmt', miri: 'miri' };

async function rustProgram({ program, args }: ToolCall, options: ResolveOptions): Promise<ToolProgram> {
  const places = [environment(options, 'CARGO_HOME', 'bin'), home(options, '.cargo', 'bin')];
  const found = await onPathOrAt(program, options, places);
  if (!found) return { place: 'none', install: RUST_INSTALL };
  const [subcommand] = args;
  if (program !== 'cargo' || subcommand === undefined || subcommand.startsWith('-') || OWN_OF_CARGO.has(subcommand)) return found;
  if (await onPathOrAt(`cargo-${subcommand}`, options, places)) return found;
  const component = COMPONENTS[subcommand];
  return {
    place: 'none',
    reason: `cargo ${subcommand} needs the program cargo-${subcommand}, which was not found.`,
    install: component === undefined ? `cargo install cargo-${subcommand}` : `rustup component add ${component}`,
  };
}

const RUST_INSTALL = 'Install Rust from https://rustup.rs';

async function rubyProgram(program: string, options: ResolveOptions): Promise<ToolProgram> {
  const own = await inProject([`bin/${program}`], options);
  if (own) return own;
  const bundle = await findOnPath('bundle', options);
  if (bundle && (await locksGem(program, options))) return { argv: [...bundle.argv, 'exec', program], place: 'project' };
  return (await findOnPath(program, options)) ?? NONE;
}

/** Whether the nearest Gemfile.lock lists the gem: an indented line with its name and version. */
async function locksGem(program: string, options: ResolveOptions): Promise<boolean> {
  const gem = GEM_OF_PROGRAM[program] ?? program;
  for (const directory of upToFolder(options)) {
    const text = await options.disk?.readText(path.join(directory, 'Gemfile.lock'));
    if (text !== undefined) return text.split(/\r?\n/).some((line) => line.trim() === gem || line.trim().startsWith(`${gem} (`));
  }
  return false;
}

const GEM_OF_PROGRAM: Readonly<Record<string, string>> = { rspec: 'rspec-core' };

/** Wrappers by the program that they stand for. */
const WRAPPERS: Readonly<Record<string, string>> = { mvn: 'mvnw', mvnw: 'mvnw', gradle: 'gradlew', gradlew: 'gradlew' };
const PLAIN: Readonly<Record<string, string>> = { mvnw: 'mvn', gradlew: 'gradle' };

async function jvmProgram(program: string, options: ResolveOptions): Promise<ToolProgram> {
  const wrapper = WRAPPERS[program];
  if (wrapper === undefined) return (await findOnPath(program, options)) ?? NONE;
  const own = await inProject([wrapper], options);
  const found = own ?? (await findOnPath(PLAIN[program] ?? program, options));
  if (found) return found;
  const windows = (options.platform ?? process.platform) === 'win32';
  const batch = wrapper === 'mvnw' ? 'mvnw.cmd' : 'gradlew.bat';
  for (const directory of windows ? upToFolder(options) : []) {
    if ((await options.disk?.list(directory))?.includes(batch)) {
      return { place: 'none', reason: `${batch} is a batch file, which only a shell could start.` };
    }
  }
  return NONE;
}

/** A build, and its tests, are where they were configured, which only the user can do. */
async function builtProgram({ program, args, isMade }: ToolCall, options: ResolveOptions): Promise<ToolProgram> {
  const found = await findOnPath(program, options);
  if (found && isMade) return found;
  const option = args.findIndex((arg) => arg === '--test-dir' || arg === '--build');
  const place = args[option + 1] ?? 'build';
  if (!found || args.includes('--preset')) return found ?? NONE;
  const wanted = program === 'ctest' ? 'CTestTestfile.cmake' : 'CMakeCache.txt';
  if ((await options.disk?.list(path.resolve(options.cwd, place)))?.includes(wanted)) return found;
  return {
    place: 'none',
    reason: `${place} holds no ${program === 'ctest' ? 'tests' : 'build'} of CMake.`,
    install: `cmake -S . -B ${place} && cmake --build ${place}`,
  };
}

/** Whether the folder in which a call builds was configured, by whoever: to its end, where what builds is written. */
export async function isConfigured(
  { program, given }: { readonly program: string; readonly given: readonly string[] },
  options: ResolveOptions,
): Promise<boolean> {
  const directory = nativeBuild(program, given)?.directory ?? '.';
  const entries = (await options.disk?.list(path.resolve(options.cwd, directory))) ?? [];
  return entries.some((entry) => /^(?:build\.ninja|Makefile)$|\.(?:slnx?|xcodeproj)$/.test(entry));
}

/** What runs in a folder that was configured before. */
async function inBuildFolder({ program, args, isMade }: ToolCall, options: ResolveOptions): Promise<ToolProgram> {
  const directory = nativeBuild(program, args)?.directory ?? '.';
  const found = await findOnPath(program, options);
  const entries = (await options.disk?.list(path.resolve(options.cwd, directory))) ?? [];
  if (!found || isMade || entries.length > 0) return found ?? NONE;
  return {
    place: 'none',
    reason: `${directory} is made by configuring a build, and is not there.`,
    install: `Configure the build in ${directory} as CI does, then build it`,
  };
}

/** Programs at these places in the directory of the call or one above it within the folder; the nearest wins. */
async function inProject(places: readonly string[], options: ResolveOptions): Promise<FoundProgram | undefined> {
  for (const directory of upToFolder(options)) {
    for (const place of places) {
      const argv = await launchFile(path.join(directory, place), options);
      if (argv) return { argv, place: 'project' };
    }
  }
  return undefined;
}

async function onPathOrAt(
  program: string,
  options: ResolveOptions,
  directories: readonly (string | undefined)[],
): Promise<FoundProgram | undefined> {
  const found = await findOnPath(program, options);
  if (found) return found;
  for (const directory of directories) {
    const argv = directory === undefined ? undefined : await launchFile(path.join(directory, program), options);
    if (argv) return { argv, place: 'path' };
  }
  return undefined;
}

function environment({ env }: ResolveOptions, name: string, ...below: readonly string[]): string | undefined {
  const value = env[name];
  return value !== undefined && path.isAbsolute(value) ? path.join(value, ...below) : undefined;
}

function home(options: ResolveOptions, ...below: readonly string[]): string | undefined {
  return environment(options, 'HOME', ...below) ?? environment(options, 'USERPROFILE', ...below);
}

function upToFolder({ cwd, folder }: ResolveOptions): readonly string[] {
  const result = [cwd];
  for (let directory = cwd; directory !== folder && path.dirname(directory) !== directory; ) {
    directory = path.dirname(directory);
    result.push(directory);
  }
  return result;
}
