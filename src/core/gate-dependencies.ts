/** What gates find installed beside the code: whether the branch has changed it, and what tells one state of it from another. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { parse as parseToml } from 'smol-toml';
import type { Gate } from './gate-model.js';
import { changedSince, type Git, text } from './git.js';
import type { Folder } from './model.js';

/** They name every installed package with its version. */
const LOCKS = [
  ...['package-lock.json', 'npm-shrinkwrap.json', 'yarn.lock', 'pnpm-lock.yaml', 'bun.lock', 'bun.lockb'],
  ...['poetry.lock', 'uv.lock', 'pdm.lock', 'Pipfile.lock', 'requirements*.txt', 'composer.lock', 'Gemfile.lock'],
];
/** They say much besides. */
const MANIFESTS = ['package.json', 'pyproject.toml'];

/** Files of the repository by which something else has to be installed than the commit needed. Never rejects. */
export async function changedDependencies(commit: string, folder: Folder, git: Git): Promise<readonly string[]> {
  const changed = await changedSince(commit, [...LOCKS, ...MANIFESTS], folder, git);
  if (changed.length === 0) return [];
  const root = (await text(git, folder, ['rev-parse', '--show-toplevel']))?.trim() ?? folder.path;
  const differs = await Promise.all(
    changed.map(async (name) => {
      if (!MANIFESTS.includes(path.posix.basename(name))) return true;
      const then = (await text(git, folder, ['show', `${commit}:${name}`])) ?? '';
      const now = await readFile(path.join(root, name), 'utf8').catch(() => '');
      return dependenciesIn(name, then) !== dependenciesIn(name, now);
    }),
  );
  return changed.filter((_, index) => differs[index]);
}

/** The parts of a manifest that say what is to be installed, as one text; all of it where it cannot be read. */
function dependenciesIn(name: string, manifest: string): string {
  try {
    const value = (name.endsWith('.json') ? JSON.parse(manifest || '{}') : parseToml(manifest)) as Tree;
    const { project, tool } = value;
    return JSON.stringify([
      ...['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'].map((key) => value[key]),
      ...[value['overrides'], value['resolutions'], value['dependency-groups'], project?.['dependencies']],
      ...[project?.['optional-dependencies'], tool?.['poetry'], tool?.['uv'], tool?.['pdm']],
    ]);
  } catch {
    return manifest;
  }
}

interface Tree {
  readonly [key: string]: Tree | undefined;
}

/** What package managers write when they have installed something. */
const TRACES = [
  ...['node_modules', 'node_modules/.package-lock.json', 'node_modules/.yarn-integrity', 'node_modules/.yarn-state.yml'],
  ...['node_modules/.modules.yaml', '.pnp.cjs', '.venv/pyvenv.cfg', 'vendor/composer/installed.json', 'Gemfile.lock'],
];

/** As of what has been installed for the gate last: equal texts, nothing was installed between. */
export async function installedState({ folder, command }: Gate): Promise<string> {
  const places = [...new Set([folder.path, command.cwd])].flatMap((place) => TRACES.map((trace) => path.join(place, trace)));
  const states = await Promise.all(
    places.map(async (place) => {
      const state = await stat(place).catch(() => undefined);
      return state === undefined ? '' : `${state.mtimeMs} ${state.size}`;
    }),
  );
  return states.join('\n');
}

/** Environments of Python in which gates may run: those of their programs, of the user's shell, and of the user. */
export function environmentsOf(gates: readonly Gate[], env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const programs = gates.map(({ command }) => command.argv[0] ?? '').filter((program) => path.isAbsolute(program));
  const own = programs.map((program) => path.dirname(path.dirname(program)));
  const home = env['HOME'] ?? env['USERPROFILE'];
  const others = [env['VIRTUAL_ENV'], env['CONDA_PREFIX'], home && path.join(home, '.local'), '/usr/local'];
  return [...new Set([...own, ...others])].filter((place) => place !== undefined && path.isAbsolute(place)) as string[];
}
