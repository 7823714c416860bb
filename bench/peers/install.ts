/** Brings runners onto the machine: npm packages into a directory of their own that is kept, Debian packages where that is allowed. */
import { createHash } from 'node:crypto';
import { access, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { npm, npmEnvironment, run, UserError } from '../../scripts/processes.mjs';
import type { Runner } from './runner.js';

/** A runner that can be called. */
export interface Present {
  readonly runner: Runner;
  readonly version: string;
}

/** A runner that cannot, and why: a whole sentence. */
export interface Absent {
  readonly runner: Runner;
  readonly because: string;
}

export interface Installed {
  readonly present: readonly Present[];
  readonly absent: readonly Absent[];
  /** The `node_modules` of the npm packages. */
  readonly modules: string;
}

/**
 * Installs what is missing of those whose ids are wanted. Packages of npm come all at once, so that they are the same whoever is
 * wanted. Rejects only when this checkout itself cannot be measured.
 */
export async function installRunners(
  all: readonly Runner[],
  wanted: readonly string[],
  say: (line: string) => void,
): Promise<Installed> {
  const runners = all.filter(({ id }) => wanted.includes(id));
  const { modules, problem } = await npmPackages(all, say);
  await debianPackages(runners, say);
  const present: Present[] = [];
  const absent: Absent[] = [];
  for (const runner of runners) {
    const version = await versionOf(runner, modules);
    if (version !== undefined) present.push({ runner, version });
    else if (runner.source.kind === 'debian')
      absent.push({
        runner,
        because: `The Debian package ${runner.source.packageName} is not installed, and was not to be had.`,
      });
    else absent.push({ runner, because: problem ?? 'Its package holds no version.' });
  }
  return { present, absent, modules };
}

/** One directory for each list of packages, so that another list does not change what was measured. */
async function npmPackages(runners: readonly Runner[], say: (line: string) => void) {
  const dependencies = Object.fromEntries(
    runners.flatMap(({ source }) => (source.kind === 'npm' ? [[source.packageName, source.version]] : [])),
  );
  const manifest = JSON.stringify({ name: 'peers', private: true, dependencies }, null, 2);
  const key = createHash('sha256').update(`${manifest}${process.version}${process.arch}`).digest('hex').slice(0, 12);
  const directory = path.join(cacheDirectory(), `peers-${key}`);
  const modules = path.join(directory, 'node_modules');
  if (await exists(modules)) return { modules };
  const unfinished = `${directory}.${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  try {
    await writeFile(path.join(unfinished, 'package.json'), manifest);
    say(`Installing ${Object.keys(dependencies).length} packages from npm into ${directory}`);
    const options = ['--no-audit', '--no-fund', '--loglevel=error'];
    const env = npmEnvironment();
    const { exitCode, output } = await run([...npm('install'), ...options], { cwd: unfinished, env, capture: true });
    if (exitCode !== 0) return { modules, problem: `npm could not install it: ${output.trim().split('\n').at(-1)}` };
    await rename(unfinished, directory);
    return { modules };
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

function cacheDirectory(): string {
  const own = process.env['VOLLEY_BENCH_CACHE'];
  return own ? path.resolve(own) : path.join(process.env['XDG_CACHE_HOME'] ?? path.join(os.homedir(), '.cache'), 'volley-bench');
}

async function debianPackages(runners: readonly Runner[], say: (line: string) => void): Promise<void> {
  const missing: string[] = [];
  for (const { source } of runners)
    if (source.kind === 'debian' && !(await isProgram(source.program))) missing.push(source.packageName);
  if (missing.length === 0 || process.getuid?.() !== 0 || !(await isProgram('apt-get'))) return;
  say(`Installing ${missing.join(', ')} from Debian`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run(['apt-get', 'update'], { env, capture: true });
  // One by one: what cannot be had keeps nothing else away.
  for (const name of missing) await run(['apt-get', 'install', '-y', '--no-install-recommends', name], { env, capture: true });
}

async function versionOf({ source }: Runner, modules: string): Promise<string | undefined> {
  switch (source.kind) {
    case 'built':
      return builtVersion();
    case 'npm':
      return readFile(path.join(modules, source.packageName, 'package.json'), 'utf8').then(
        (text) => JSON.parse(text).version as string,
        () => undefined,
      );
    case 'debian': {
      const { exitCode, output } = await run([source.program, source.versionOption], { capture: true });
      return exitCode === 0 ? /\d+(?:\.\d+)*/.exec(output)?.[0] : undefined;
    }
    default:
      return source satisfies never;
  }
}

async function builtVersion(): Promise<string> {
  const { exitCode, output } = await run([process.execPath, 'dist/cli.cjs', '--version'], { capture: true });
  if (exitCode !== 0) throw new UserError(`The built command line does not start:\n${output}`, 'Build it: node esbuild.mjs');
  const head = await run(['git', 'rev-parse', '--short', 'HEAD'], { capture: true });
  return head.exitCode === 0 ? `${output.trim()} at ${head.output.trim()}` : output.trim();
}

async function isProgram(name: string): Promise<boolean> {
  const directories = (process.env['PATH'] ?? '').split(path.delimiter);
  const found = await Promise.all(directories.map((directory) => exists(path.join(directory, name))));
  return found.includes(true);
}

function exists(place: string): Promise<boolean> {
  return access(place).then(
    () => true,
    () => false,
  );
}
