/** What the readers of sources ask of a folder: scripts of its package.json files, and which programs packages bring. Reads; runs nothing. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import fastGlob from 'fast-glob';
import { record } from '../gates/evidence/commands.js';
import { NEVER_WALKED } from '../ignored.js';
import { scriptsOf } from './package-scripts.js';
import type { SourceText } from './sequence.js';

/** More packages than this are not looked at. */
const MOST_PACKAGES = 200;

/** Scripts and programs as they are now, by directory relative to the folder with `/`. */
export async function projectPrograms(folder: string): Promise<Pick<SourceText, 'scriptsIn' | 'isLocal'>> {
  const manifests = await fastGlob('**/package.json', {
    cwd: folder,
    deep: 5,
    ignore: [...NEVER_WALKED],
    followSymbolicLinks: false,
    suppressErrors: true,
  });
  const scripts = new Map<string, ReadonlyMap<string, string>>();
  const programs = new Map<string, ReadonlySet<string>>();
  for (const file of manifests.sort((a, b) => a.length - b.length).slice(0, MOST_PACKAGES)) {
    const directory = file === 'package.json' ? '' : path.posix.dirname(file);
    const text = await readFile(path.join(folder, file), 'utf8').catch(() => '');
    scripts.set(directory, scriptsOf(text));
    programs.set(directory, new Set([...dependenciesIn(text), ...(await installedIn(path.join(folder, directory)))]));
  }
  const none = new Map<string, string>();
  return {
    scriptsIn: (cwd) => scripts.get(cwd) ?? none,
    isLocal: (program, cwd) =>
      !ALWAYS_THERE.has(program) && above(cwd).some((directory) => programs.get(directory)?.has(program)),
  };
}

/** Node and its package managers come with the machine, whatever a package brings. */
const ALWAYS_THERE = new Set(['node', 'npm', 'npx', 'corepack', 'yarn', 'pnpm', 'bun', 'git', 'sh', 'bash']);

async function installedIn(directory: string): Promise<readonly string[]> {
  const names = await readdir(path.join(directory, 'node_modules', '.bin')).catch(() => []);
  return names.map((name) => name.replace(/\.(?:cmd|ps1)$/, ''));
}

/** Before anything is installed: programs called like their package, and the few well-known ones that are not. */
function dependenciesIn(text: string): readonly string[] {
  let manifest: Readonly<Record<string, unknown>> = {};
  try {
    manifest = record(JSON.parse(text));
  } catch {
    return [];
  }
  const names = ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((kind) =>
    Object.keys(record(manifest[kind])),
  );
  return names.flatMap((name) => [name, ...(Object.hasOwn(PROGRAMS, name) ? (PROGRAMS[name] ?? []) : [])]);
}

const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  typescript: ['tsc'],
  '@biomejs/biome': ['biome'],
  '@playwright/test': ['playwright'],
  '@angular/cli': ['ng'],
  '@vscode/vsce': ['vsce'],
  '@changesets/cli': ['changeset'],
  '@commitlint/cli': ['commitlint'],
  '@arethetypeswrong/cli': ['attw'],
  'markdownlint-cli': ['markdownlint'],
  'npm-run-all': ['run-s', 'run-p'],
  'npm-run-all2': ['run-s', 'run-p', 'npm-run-all'],
  'react-scripts': ['react-scripts'],
  'ts-node': ['ts-node-esm'],
  'size-limit': ['size-limit'],
  tap: ['tap'],
};

/** The directory and those above it, up to the folder. */
function above(cwd: string): readonly string[] {
  const names = cwd === '' ? [] : cwd.split('/');
  return [...names.map((_, index) => names.slice(0, names.length - index).join('/')), ''];
}
