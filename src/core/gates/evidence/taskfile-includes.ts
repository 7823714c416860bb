/** A Taskfile with those that it includes: each task by the name by which it is called from the root. Asks for their texts, runs nothing. */
import path from 'node:path';
import type { EvidenceFile } from '../evidence.js';
import { type Values, valuesIn, withValues } from './taskfile-values.js';
import { readYaml, type YamlNode } from './yaml.js';

/** A task, and what it sees. */
export interface PlacedTask {
  readonly file: string;
  /** From the root: `web:lint`. */
  readonly name: string;
  /** What names in its file begin with; empty for the root. */
  readonly prefix: string;
  readonly node: YamlNode;
  /** Where it runs unless it says so itself, relative to the package's folder with `/`. */
  readonly folder: string;
  readonly variables: Values;
  /** Only other tasks may call it. */
  readonly internal: boolean;
}

/** What a task is called besides. */
export interface TaskAlias {
  readonly file: string;
  readonly line: number;
  readonly name: string;
  readonly task: string;
}

export interface Taskfiles {
  readonly tasks: ReadonlyMap<string, PlacedTask>;
  readonly aliases: readonly TaskAlias[];
}

/** Of one repository; one that includes itself has no end. */
const MOST_FILES = 50;
const MOST_ALIASES = 500;

const NAMES = ['Taskfile', 'taskfile', 'Taskfile.dist', 'taskfile.dist'].flatMap((name) => [`${name}.yml`, `${name}.yaml`]);

interface Place {
  readonly prefix: string;
  readonly folder: string;
  /** Of those that include it. */
  readonly variables: Values;
  /** What is said where it is included, which counts more than what it says itself. */
  readonly given: Values;
  readonly excluded: ReadonlySet<string>;
  readonly internal: boolean;
}

/** All tasks of the file and of those that it includes as far as they lie in the package; what is missing is left out. */
export async function readTaskfiles(input: EvidenceFile): Promise<Taskfiles> {
  const tasks = new Map<string, PlacedTask>();
  const aliases: TaskAlias[] = [];
  const seen = new Set<string>();
  const add = async (own: EvidenceFile, place: Place): Promise<void> => {
    const key = `${place.prefix} ${own.file}`;
    if (seen.has(key) || seen.size >= MOST_FILES) return;
    seen.add(key);
    const root = readYaml(own);
    const variables = { ...place.variables, ...valuesIn(root?.get('vars')), ...place.given };
    for (const [name, node] of root?.get('tasks')?.entries() ?? []) {
      const full = place.prefix + name;
      if (place.excluded.has(name) || tasks.has(full)) continue;
      const internal = place.internal || node.get('internal')?.text() === 'true';
      const { prefix, folder } = place;
      tasks.set(full, { file: own.file, name: full, prefix, node, folder, variables, internal });
      for (const other of textsIn(node.get('aliases')))
        aliases.push({ file: own.file, line: node.line, name: place.prefix + other, task: full });
    }
    for (const [name, node] of root?.get('includes')?.entries() ?? []) {
      const included = await includedFile(node, own, variables);
      const folder = folderOf(node, own.file, place.folder, variables);
      if (included === undefined || folder === undefined) continue;
      const before = new Set(tasks.keys());
      const prefix = node.get('flatten')?.text() === 'true' ? place.prefix : `${place.prefix}${name}:`;
      const given = filledIn(valuesIn(node.get('vars')), variables);
      const internal = place.internal || node.get('internal')?.text() === 'true';
      await add(included, { prefix, folder, variables, given, internal, excluded: new Set(textsIn(node.get('excludes'))) });
      for (const other of textsIn(node.get('aliases')))
        for (const each of tasks.keys())
          if (!before.has(each) && each.startsWith(prefix) && aliases.length < MOST_ALIASES) {
            const called = `${place.prefix}${other}:${each.slice(prefix.length)}`;
            aliases.push({ file: own.file, line: node.line, name: called, task: each });
          }
    }
  };
  await add(input, { prefix: '', folder: '', variables: {}, given: {}, excluded: new Set(), internal: false });
  return { tasks, aliases };
}

function textsIn(node: YamlNode | undefined): readonly string[] {
  return (node?.items() ?? []).flatMap((item) => item.text() ?? []);
}

function filledIn(values: Values, variables: Values): Values {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, withValues(value, variables)]));
}

/** The file that is meant, or the Taskfile of the folder that is. One from elsewhere, or for another system, is not read. */
async function includedFile(node: YamlNode, from: EvidenceFile, variables: Values): Promise<EvidenceFile | undefined> {
  const said = withValues(node.text() ?? node.get('taskfile')?.text() ?? '', variables);
  const place = path.posix.join(path.posix.dirname(from.file), said).replace(/\/$/, '');
  if (said === '' || /[$:]|^\//.test(said) || place.startsWith('..')) return undefined;
  const files = /\.ya?ml$/.test(place) ? [place] : NAMES.map((name) => (place === '.' ? name : `${place}/${name}`));
  for (const file of files) {
    const text = await from.read?.(file);
    if (text !== undefined) return { ...from, file, text };
  }
  return undefined;
}

/** Where tasks of an included file run: where the include says, seen from the file that includes it, else as those of that file. */
function folderOf(node: YamlNode, file: string, outer: string, variables: Values): string | undefined {
  const said = node.get('dir')?.text();
  if (said === undefined) return outer;
  const place = path.posix.join(path.posix.dirname(file), withValues(said, variables)).replace(/\/$/, '');
  if (/[$]/.test(place) || place.startsWith('..') || said.startsWith('/')) return undefined;
  return place === '.' ? '' : place;
}
