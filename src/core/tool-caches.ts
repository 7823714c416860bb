/**
 * Which caches of tools exist: what gates and commands of batches lock, and what the tools that they start keep by custom, found by what the
 * tools are. The same for both. Looks at names on disk; reads scripts of packages, executes nothing.
 */
import { existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fastGlob from 'fast-glob';
import { plainText } from './access/argument.js';
import { type StartedProgram, startedPrograms } from './access/command.js';
import { packageLookup } from './batch/package-scripts.js';
import { KEPT_CACHES } from './gates/kept-caches.js';
import type { Preset } from './gates/preset.js';
import { PRESETS } from './gates/presets.js';
import { toolTable } from './gates/script-lookup.js';
import type { CommandInput, Folder } from './model.js';
import { isInside, slashes } from './paths.js';

/** Something that is executed. */
export interface CacheUser {
  /** Absent of a tool of Volley's own. */
  readonly command?: CommandInput;
  /** Paths and names that it holds for itself; only absolute paths may be caches. */
  readonly locks: readonly string[];
  readonly folder: Folder;
}

/** Those that exist now, as people see them: relative to the first folder, `~/…` in the user's home. Sorted, each once. */
export async function existingCaches(
  users: readonly CacheUser[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly string[]> {
  const found = new Set<string>();
  const looked = new Set<string>();
  const look = async (globs: readonly string[], cwd: string) => {
    const key = [cwd, ...globs].join('\0');
    // Many operations start the same tool in the same place.
    if (looked.has(key)) return;
    looked.add(key);
    for (const each of await matching(globs, cwd)) found.add(each);
  };
  const lookups = new Map<string, ReturnType<typeof packageLookup>>();
  for (const { command, locks, folder } of users) {
    for (const lock of locks) {
      const file = [lock, plainText(lock)].find((each) => each !== undefined && path.isAbsolute(each) && existsSync(each));
      if (file !== undefined) found.add(path.normalize(file));
    }
    if (!command) continue;
    const packageOf = lookups.get(folder.path) ?? packageLookup(folder);
    lookups.set(folder.path, packageOf);
    const text = command.shell ? { shell: command.argv[0] ?? '' } : { argv: command.argv };
    const started = startedPrograms(text, { folder: folder.path, cwd: command.cwd, env: { ...env, ...command.env }, packageOf });
    for (const cache of started.caches) await look([cache], '/');
    for (const program of started.programs) {
      const preset = presetOf(program.argv);
      if (preset) await lookForKept(preset, program, { ...env, ...command.env }, look);
    }
  }
  const root = users[0]?.folder.path ?? '';
  return [...found].map((file) => shown(file, root)).sort();
}

async function lookForKept(
  preset: Preset,
  { directories }: StartedProgram,
  env: Readonly<Record<string, string | undefined>>,
  look: (globs: readonly string[], cwd: string) => Promise<void>,
): Promise<void> {
  const { here = [], user = [], temporary = [], variable } = KEPT_CACHES[preset.id] ?? {};
  const own = variable === undefined ? undefined : env[variable];
  const places = directories.flatMap((directory) => plainText(directory) ?? []);
  for (const place of places) {
    if (own) await look([fastGlob.escapePath(own)], place);
    await look([...preset.caches, ...(own ? [] : here)], place);
  }
  if (!own) await look(user, userCaches(env));
  await look(temporary, os.tmpdir());
}

/** Absolute, native. */
async function matching(globs: readonly string[], cwd: string): Promise<readonly string[]> {
  if (globs.length === 0) return [];
  const options = { cwd, dot: true, onlyFiles: false, absolute: true, followSymbolicLinks: false, suppressErrors: true };
  return (await fastGlob([...globs], options)).map((file) => path.normalize(file));
}

/** The preset of a tool that is started by its name, by its file in an installed package, or as a module of Python. */
function presetOf([program = '', ...args]: readonly string[]): Preset | undefined {
  const tools = toolTable(PRESETS);
  const name = nameOf(program);
  if (name === 'node') {
    const script = args.findIndex((arg) => !arg.startsWith('-'));
    const inside = slashes(args[script] ?? '');
    return inside.includes('node_modules/') ? tools.of(nameOf(inside), args.slice(script + 1)) : tools.of(name, args);
  }
  const isPython = /^(?:python[\d.]*|py)$/.test(name) && args[0] === '-m';
  return isPython ? tools.ofModule(args[1] ?? '', args.slice(2)) : tools.of(name, args);
}

/** `eslint` of `/w/node_modules/.bin/eslint`, `/w/node_modules/eslint/bin/eslint.js` and `C:\tools\eslint.cmd`. */
function nameOf(program: string): string {
  const file = slashes(program);
  const [, inside] = /.*node_modules\/(?!\.bin\/)((?:@[^/]+\/)?[^/]+)\//.exec(file) ?? [];
  if (inside !== undefined) return toolTable(PRESETS).programOf(inside) ?? inside;
  return path.posix.basename(file).replace(/\.(?:exe|cmd|bat)$/i, '');
}

/** As the tools find it: XDG Base Directory Specification; on macOS and Windows where these systems have theirs. */
function userCaches(env: Readonly<Record<string, string | undefined>>): string {
  if (process.platform === 'win32') return env['LOCALAPPDATA'] ?? path.join(os.homedir(), 'AppData', 'Local');
  if (env['XDG_CACHE_HOME']) return env['XDG_CACHE_HOME'];
  return process.platform === 'darwin' ? path.join(os.homedir(), 'Library', 'Caches') : path.join(os.homedir(), '.cache');
}

function shown(file: string, root: string): string {
  if (root !== '' && isInside(root, file)) return slashes(path.relative(root, file));
  const home = os.homedir();
  return isInside(home, file) ? `~/${slashes(path.relative(home, file))}` : slashes(file);
}
