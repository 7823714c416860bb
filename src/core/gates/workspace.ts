/** A workspace of several packages: what its root says, moved to the packages that it is for. Reads manifests; executes nothing. */
import path from 'node:path';
import type { Category, Gate } from '../gate-model.js';
import { slashes } from '../paths.js';
import { handedOn, inPackages, type Member, mayDelegate } from './delegated.js';
import { record } from './evidence/commands.js';
import type { Mentioned } from './mentioned.js';
import { type Project, readRelaxedJson } from './project.js';
import { categoryOfName } from './script-names.js';

export interface Workspace {
  /** The root without the scripts that it only hands on. */
  readonly root: Project;
  /** What is said of commands, each where it runs. */
  readonly said: readonly Mentioned[];
  /** Kinds of checks that the root hands on to its packages. */
  readonly delegated: ReadonlySet<Category>;
  /** Whether the root hands on what the gate of a package checks. */
  readonly isHandedOn: (gate: Gate) => boolean;
}

/** What the root hands on to `packages`, absolute, moved to them. `said`: all that files of the root mention. */
export async function readWorkspace(root: Project, packages: readonly string[], said: readonly Mentioned[]): Promise<Workspace> {
  const texts = [...root.scripts.values()].map(({ script }) => script);
  if (![...texts, ...said.map(({ mention }) => mention.text)].some(mayDelegate))
    return { root, said, delegated: new Set(), isHandedOn: () => false };
  const workspace = {
    scripts: root.scripts,
    members: await membersOf(root, packages),
    waits: await pipelineOf(root, packages),
  };
  const moved = inPackages(said, workspace);
  const { scripts, mentions } = handedOn(workspace, moved);
  // What does nothing stands in their place, for scripts of the root that name them.
  const left = new Map([...root.scripts].map(([name, each]) => [name, scripts.has(name) ? { ...each, script: ':' } : each]));
  const quoted = new Set(mentions.map(({ mention }) => mention.text));
  return {
    root: { ...root, scripts: left },
    said: [...moved, ...mentions],
    delegated: new Set([...scripts].map(categoryOfName)),
    isHandedOn: ({ evidence }) => evidence.some(({ file, text }) => file === 'package.json' && quoted.has(text)),
  };
}

function membersOf(root: Project, packages: readonly string[]): Promise<readonly Member[]> {
  return Promise.all(
    packages.map(async (directory) => {
      const { name, scripts } = record(await readRelaxedJson(path.join(directory, 'package.json')));
      return {
        directory: slashes(path.relative(root.directory, directory)),
        ...(typeof name === 'string' ? { name } : {}),
        scripts: new Set(Object.keys(record(scripts))),
      };
    }),
  );
}

/** Whether a script waits for others, by what turbo.json says; for one of which it says nothing, yes. */
async function pipelineOf(root: Project, packages: readonly string[]): Promise<(script: string) => boolean> {
  if (!root.entries.includes('turbo.json')) return () => true;
  // A package may have a pipeline of its own.
  const own = await Promise.all(packages.map((directory) => readRelaxedJson(path.join(directory, 'turbo.json'))));
  if (own.some((pipeline) => pipeline !== undefined)) return () => true;
  const { tasks, pipeline } = record(await readRelaxedJson(path.join(root.directory, 'turbo.json')));
  const all = record(tasks ?? pipeline);
  return (script) => {
    const task = all[script];
    const { dependsOn = [] } = record(task);
    // A package may have a task of its own.
    if (Object.keys(all).some((name) => name.endsWith(`#${script}`))) return true;
    return task === undefined || !Array.isArray(dependsOn) || dependsOn.some((need) => need !== `^${script}`);
  };
}
