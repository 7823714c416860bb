/**
 * Finding programs the way the project would, without executing anything. The result is always something that can be started
 * directly: where Windows has only a batch file, the script that it would start with node takes its place, so no shell is needed.
 */

import { constants } from 'node:fs';
import { access, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { upwards } from '../paths.js';

/** What resolving needs to see of the disk. Each answers for what does not exist instead of failing. */
export interface Disk {
  /** Whether it is a file, or a link to one, that may be executed where that is a property of files. */
  isProgram(file: string): Promise<boolean>;
  /** Names of the entries; empty when it is no directory. */
  list(directory: string): Promise<readonly string[]>;
  /** The start of a text file, enough for any launcher. */
  readText(file: string): Promise<string | undefined>;
}

export interface ResolveOptions {
  /** Where the program will run. Absolute. */
  readonly cwd: string;
  /** The workspace folder that `cwd` lies in. Absolute. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform?: NodeJS.Platform;
  readonly disk?: Disk;
}

/** `argv` starts with an absolute path. `place` is where it was found: with the project, or on PATH for everybody. */
export type FoundProgram = { readonly argv: readonly string[]; readonly place: 'project' | 'path' };

/** The disk of this machine, each question asked once for as long as the result lives. */
export function realDisk(platform: NodeJS.Platform = process.platform): Disk {
  const once = <T>(ask: (name: string) => Promise<T>): ((name: string) => Promise<T>) => {
    const answers = new Map<string, Promise<T>>();
    return (name) => {
      const known = answers.get(name) ?? ask(name);
      answers.set(name, known);
      return known;
    };
  };
  return {
    isProgram: once(async (file) => {
      const found = await stat(file).catch(() => undefined);
      if (!found?.isFile()) return false;
      if (platform === 'win32') return true;
      return access(file, constants.X_OK).then(
        () => true,
        () => false,
      );
    }),
    list: once((directory) => readdir(directory).catch(() => [])),
    readText: once((file) =>
      readFile(file, 'utf8').then(
        (text) => text.slice(0, 16_384),
        () => undefined,
      ),
    ),
  };
}

/**
 * Finds a program as npm scripts would: in node_modules/.bin of `cwd` and of each directory above it, then on PATH.
 * `node` itself is looked for on PATH only.
 */
export async function findNodeProgram(name: string, options: ResolveOptions): Promise<FoundProgram | undefined> {
  const context = contextOf(options);
  if (name === 'node') return findOnPath(name, options);
  for (const directory of binDirectories(options)) {
    const argv = await launch(context.path.join(directory, name), context);
    if (argv) return { argv, place: 'project' };
  }
  return findOnPath(name, options);
}

/**
 * Finds a Python program: in .venv and venv of `cwd` and of each directory above it within the folder, then in the environment that
 * VIRTUAL_ENV names, then on PATH. Where such an environment has the module but not the program, its interpreter runs the module.
 */
export async function findPythonProgram(
  name: string,
  module: string | undefined,
  options: ResolveOptions,
): Promise<FoundProgram | undefined> {
  const context = contextOf(options);
  for (const environment of pythonEnvironments(options)) {
    const argv = await launch(context.path.join(environment, context.windows ? 'Scripts' : 'bin', name), context);
    if (argv) return { argv, place: 'project' };
    const interpreter = module === undefined ? undefined : await interpreterWith(module, environment, context);
    if (interpreter) return { argv: [...interpreter, '-m', module ?? name], place: 'project' };
  }
  return findOnPath(name, options);
}

/**
 * Finds what `python -m module` would run. An environment that belongs to the project has to hold the module; of an interpreter on
 * PATH it cannot be told without running it, so it is believed.
 */
export async function findPythonModule(module: string, options: ResolveOptions): Promise<FoundProgram | undefined> {
  const context = contextOf(options);
  for (const environment of pythonEnvironments(options)) {
    const interpreter = await interpreterWith(module, environment, context);
    if (interpreter) return { argv: [...interpreter, '-m', module], place: 'project' };
  }
  for (const name of context.windows ? ['python', 'py'] : ['python3', 'python']) {
    const found = await findOnPath(name, options);
    if (found) return { argv: [...found.argv, '-m', module], place: 'path' };
  }
  return undefined;
}

/** Finds a program on PATH, on Windows with the extensions of PATHEXT. */
export async function findOnPath(name: string, options: ResolveOptions): Promise<FoundProgram | undefined> {
  const context = contextOf(options);
  const directories = (environmentValue(options.env, 'PATH', context.windows) ?? '').split(context.windows ? ';' : ':');
  for (const directory of directories.map((entry) => (context.windows ? entry.replace(/^"(.*)"$/, '$1') : entry))) {
    if (!context.path.isAbsolute(directory)) continue;
    const argv = await launch(context.path.join(directory, name), context);
    if (argv) return { argv, place: 'path' };
  }
  return undefined;
}

/**
 * PATH as npm would set it for a script that runs in `cwd`: the node_modules/.bin directories upwards first. For the tools that
 * start others by name. Under the name that the variable has in `env`.
 */
export function projectPath(options: ResolveOptions): Readonly<Record<string, string>> {
  const windows = contextOf(options).windows;
  const name = environmentName(options.env, 'PATH', windows) ?? 'PATH';
  const inherited = options.env[name];
  const all = [...binDirectories(options), ...(inherited === undefined || inherited === '' ? [] : [inherited])];
  return { [name]: all.join(windows ? ';' : ':') };
}

/** A file that starts a program, as the start of an argv; on Windows with the extensions of PATHEXT. */
export function launchFile(file: string, options: ResolveOptions): Promise<readonly string[] | undefined> {
  return launch(file, contextOf(options));
}

interface Context {
  readonly options: ResolveOptions;
  readonly windows: boolean;
  readonly path: path.PlatformPath;
  readonly disk: Disk;
}

function contextOf(options: ResolveOptions): Context {
  const platform = options.platform ?? process.platform;
  const windows = platform === 'win32';
  return { options, windows, path: windows ? path.win32 : path.posix, disk: options.disk ?? realDisk(platform) };
}

function binDirectories(options: ResolveOptions): readonly string[] {
  const { path: paths } = contextOf(options);
  return upwards(options.cwd, undefined, paths)
    .filter((directory) => paths.basename(directory) !== 'node_modules')
    .map((directory) => paths.join(directory, 'node_modules', '.bin'));
}

function pythonEnvironments(options: ResolveOptions): readonly string[] {
  const { path: paths, windows } = contextOf(options);
  const inProject = upwards(options.cwd, options.folder, paths).flatMap((directory) =>
    ['.venv', 'venv'].map((name) => paths.join(directory, name)),
  );
  const active = environmentValue(options.env, 'VIRTUAL_ENV', windows);
  return active !== undefined && paths.isAbsolute(active) ? [...inProject, active] : inProject;
}

/** The interpreter of a virtual environment that holds the module, as the start of an argv. */
async function interpreterWith(module: string, environment: string, context: Context): Promise<readonly string[] | undefined> {
  const { path: paths, disk, windows } = context;
  const libraries = windows
    ? [paths.join(environment, 'Lib', 'site-packages')]
    : (await disk.list(paths.join(environment, 'lib')))
        .filter((name) => name.startsWith('python'))
        .map((name) => paths.join(environment, 'lib', name, 'site-packages'));
  const [top = module] = module.split('.');
  for (const library of libraries) {
    const entries = await disk.list(library);
    if (entries.includes(top) || entries.includes(`${top}.py`)) {
      return launch(paths.join(environment, windows ? 'Scripts' : 'bin', 'python'), context);
    }
  }
  return undefined;
}

/** How to start what is called `file`, which on Windows has an extension more. */
async function launch(file: string, context: Context): Promise<readonly string[] | undefined> {
  const { disk, windows, path: paths, options } = context;
  if (!windows) return (await disk.isProgram(file)) ? [file] : undefined;
  const listed = (environmentValue(options.env, 'PATHEXT', true) ?? '.COM;.EXE;.BAT;.CMD')
    .split(';')
    .map((text) => text.toLowerCase());
  const own = paths.extname(file).toLowerCase();
  const extensions = listed.includes(own) ? ['', ...listed] : listed;
  for (const extension of extensions.filter((text, index) => text !== '' || index === 0)) {
    const candidate = file + extension;
    if (!(await disk.isProgram(candidate))) continue;
    const kind = paths.extname(candidate).toLowerCase();
    if (kind === '.exe' || kind === '.com') return [candidate];
    const script = kind === '.cmd' || kind === '.bat' ? await scriptOfShim(candidate, context) : undefined;
    const node = script === undefined ? undefined : await nodeOnWindows(candidate, context);
    if (script !== undefined && node !== undefined) return [node, script];
  }
  return undefined;
}

/**
 * The JavaScript file that a launcher of npm, pnpm, yarn or corepack starts. They are batch files which name it relative to their
 * own directory: `"%dp0%\..\eslint\bin\eslint.js"`, with `%~dp0` in older ones.
 */
async function scriptOfShim(shim: string, { disk, path: paths }: Context): Promise<string | undefined> {
  const text = await disk.readText(shim);
  const matches = [...(text ?? '').matchAll(/%(?:~dp0|dp0%)\\?([^"%\r\n]+?\.[cm]?js)(?=["\s]|$)/gi)];
  for (const match of matches) {
    const script = paths.join(paths.dirname(shim), match[1] ?? '');
    if (await disk.isProgram(script)) return script;
  }
  // npm names packages' scripts without an extension too: the line then ends in `"%dp0%\..\mocha\bin\_mocha" %*`.
  const last = /%(?:~dp0|dp0%)\\?([^"%\r\n]+)"\s+%\*/i.exec(text ?? '');
  const script = last?.[1] === undefined ? undefined : paths.join(paths.dirname(shim), last[1]);
  return script !== undefined && paths.extname(script) === '' && (await disk.isProgram(script)) ? script : undefined;
}

/** Next to the launcher, as it would look itself, else on PATH. */
async function nodeOnWindows(shim: string, context: Context): Promise<string | undefined> {
  const beside = context.path.join(context.path.dirname(shim), 'node.exe');
  if (await context.disk.isProgram(beside)) return beside;
  const { env } = context.options;
  for (const directory of (environmentValue(env, 'PATH', true) ?? '').split(';')) {
    const candidate = context.path.join(directory, 'node.exe');
    if (context.path.isAbsolute(directory) && (await context.disk.isProgram(candidate))) return candidate;
  }
  return undefined;
}

function environmentValue(env: ResolveOptions['env'], name: string, windows: boolean): string | undefined {
  const own = environmentName(env, name, windows);
  return own === undefined ? undefined : env[own];
}

/** Names of variables differ in case only on POSIX. */
function environmentName(env: ResolveOptions['env'], name: string, windows: boolean): string | undefined {
  if (!windows) return name in env ? name : undefined;
  return Object.keys(env).find((key) => key.toUpperCase() === name);
}
