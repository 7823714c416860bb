/** Taskfile.yml and what it includes: what tasks run. Asks for the texts of files, runs nothing. */
import path from 'node:path';
import { shellWord } from '../../shell-text.js';
import type { EvidenceFile } from '../evidence.js';
import type { Mention } from '../mention.js';
import { commandsOf, relativeDirectory, shellMention } from './commands.js';
import { type PlacedTask, readTaskfiles, type Taskfiles } from './taskfile-includes.js';
import { setIn, type Values, valuesIn, withValues } from './taskfile-values.js';
import type { YamlNode } from './yaml.js';

/** Tasks that others run with values of their own, each in the place where it is run. */
const DEEPEST = 6;
/** Nobody writes more of them, but each may call each. */
const MOST_TAKEN = 2000;

/** A mention a command of each task; a call of another task is `task name`, with values of its own the commands of that. */
export async function readTaskfile(input: EvidenceFile): Promise<readonly Mention[]> {
  const files = await readTaskfiles(input);
  const budget = { left: MOST_TAKEN };
  const all = [...files.tasks.values()].filter(({ name, internal }) => !name.includes('*') && !internal);
  return [
    ...all.flatMap((task) => taskMentions(task, files, budget)),
    ...files.aliases.map(({ file, line, name, task }) => otherName({ file, line, name }, [name], task)),
    ...all.filter(({ name }) => /(?:^|:)default$/.test(name)).map(habitMention),
  ];
}

/** What a task that only has another name runs. */
function otherName(
  at: Pick<Mention, 'file' | 'name'> & { readonly line: number },
  args: readonly string[],
  task: string,
): Mention {
  const { line, ...rest } = at;
  return shellMention({ text: '', line }, { ...rest, role: 'task', runner: { program: 'task', args }, needs: [task] });
}

/** `task` alone runs the default, `task web` that of the namespace. */
function habitMention({ file, name, node }: PlacedTask): Mention {
  const namespace = name.replace(/:?default$/, '');
  const own = { file, line: node.line, name: namespace === '' ? name : namespace };
  return otherName(own, namespace === '' ? [] : [namespace], name);
}

interface Calling {
  readonly files: Taskfiles;
  readonly common: Pick<Mention, 'file' | 'name' | 'role' | 'runner' | 'needs'>;
  /** What the task is told by who calls it. */
  readonly given: Values;
  readonly depth: number;
  /** So many tasks are still taken into others. */
  readonly budget: { left: number };
}

function taskMentions(task: PlacedTask, files: Taskfiles, budget: Calling['budget']): readonly Mention[] {
  const { file, name, node } = task;
  const called = calledBefore(task);
  const isPlain = ({ name: other, given }: Reference) =>
    other !== undefined && Object.keys(given).length === 0 && files.tasks.get(other)?.internal !== true;
  const needs = called.filter(isPlain).flatMap((need) => need.name ?? []);
  const runner = { program: 'task', args: [name] };
  const common = { file, name, role: 'task', runner, ...(needs.length > 0 ? { needs } : {}) } as const;
  const calling = { files, common, given: {}, depth: 0, budget };
  const told = called.filter((need) => !isPlain(need)).flatMap((need) => referenceMentions(need, node.line, calling, common));
  const own = bodyMentions(task, calling);
  // What only names others is a task, too.
  const named = needs.length > 0 && own.length === 0 ? [shellMention({ text: '', line: node.line }, common)] : [];
  return [...told, ...named, ...own];
}

/** Another task as one calls it. */
interface Reference {
  readonly name: string | undefined;
  readonly given: Values;
}

function calledBefore(task: PlacedTask): readonly Reference[] {
  return (task.node.get('deps')?.items() ?? []).map((need) => ({
    name: fullName(need.text() ?? need.get('task')?.text(), task),
    given: valuesIn(need.get('vars')),
  }));
}

/** The call of a task; what that runs, where nothing else calls it like that, or may call it at all. */
function referenceMentions(
  { name, given }: Reference,
  line: number,
  calling: Calling,
  common: Parameters<typeof shellMention>[1],
): readonly Mention[] {
  const task = calling.files.tasks.get(name ?? '');
  const isTold = Object.keys(given).length > 0;
  if (task !== undefined && (isTold || task.internal)) return calledMentions(task, { ...calling, given });
  const values = Object.entries(given).map(
    ([key, value]) => ` ${key}=${/^\$EXPRESSION$/.test(value) ? value : shellWord(value)}`,
  );
  return name === undefined ? [] : [shellMention({ text: `task ${name}${values.join('')}`, line }, common)];
}

/** `lint` in the file that is included as `web` is `web:lint`, `:lint` that of the root. */
function fullName(said: string | undefined, { prefix }: PlacedTask): string | undefined {
  return said?.startsWith(':') ? said.slice(1) : said === undefined ? undefined : prefix + said;
}

/** The commands of a task, with those of what runs before it, for the one that calls it. */
function calledMentions(task: PlacedTask, calling: Calling): readonly Mention[] {
  if (calling.depth >= DEEPEST || calling.budget.left <= 0) return [];
  calling.budget.left -= 1;
  const inner = { ...calling, depth: calling.depth + 1 };
  const at = { ...calling.common, file: task.file };
  const before = calledBefore(task).flatMap((need) => referenceMentions(need, task.node.line, inner, at));
  return [...before, ...bodyMentions(task, inner)];
}

function bodyMentions(task: PlacedTask, calling: Calling): readonly Mention[] {
  const { node, file } = task;
  const own = setIn(node.get('vars'), { ...task.variables, ...calling.given });
  const cwd = folderOf(task, own);
  if (cwd === undefined || asks(node) || isElsewhere(node)) return [];
  const up = (place: string) => path.posix.relative(cwd, place) || '.';
  const values = { ...own, ROOT_DIR: up('.'), TASKFILE_DIR: up(path.posix.dirname(file)), TASK: task.name };
  const common = { ...calling.common, file, cwd, env: node.get('env')?.strings() ?? {} } as const;
  const listed = node.get('cmds')?.items() ?? [node.get('cmd') ?? node].filter((each) => each.text() !== undefined);
  return listed
    .filter((item) => !isElsewhere(item))
    .flatMap((item) =>
      eachOf(item, values).flatMap((inner) => {
        const other = item.get('task')?.text();
        if (other === undefined) return commandMentions(item, inner, common);
        const name = fullName(withValues(other, inner), task) ?? '';
        const told = valuesIn(item.get('vars'));
        const given = Object.fromEntries(Object.entries(told).map(([key, value]) => [key, withValues(value, inner)]));
        return referenceMentions({ name, given }, item.line, calling, common);
      }),
    );
}

function commandMentions(item: YamlNode, values: Values, common: Parameters<typeof shellMention>[1]): readonly Mention[] {
  const command = item.get('cmd') ?? item;
  return commandsOf(command.lines()).map(({ text, quoted = text, line }) =>
    shellMention({ text: withValues(text, values), quoted, line }, common),
  );
}

/** A command once for each of the items that it names; where only Task knows them, once. */
function eachOf(item: YamlNode, values: Values): readonly Values[] {
  const items = (item.get('for')?.items() ?? []).flatMap((each) => each.text() ?? []);
  return items.length === 0
    ? [values]
    : items.slice(0, MOST_ITEMS).map((each) => ({ ...values, ITEM: withValues(each, values) }));
}

const MOST_ITEMS = 50;

/** Where a task runs, relative to the package's folder; undefined where it leads elsewhere. */
function folderOf({ node, folder, file }: PlacedTask, variables: Values): string | undefined {
  const said = node.get('dir')?.text();
  if (said === undefined) return folder;
  const from = path.posix.dirname(file);
  const places = { ROOT_DIR: ROOT, TASKFILE_DIR: from === '.' ? ROOT : `${ROOT}/${from}` };
  const place = withValues(said, { ...variables, ...places });
  return relativeDirectory(place.startsWith(ROOT) ? place.slice(ROOT.length).replace(/^\//, '') : path.posix.join(folder, place));
}

/** No folder of anybody. */
const ROOT = '/\u0000';

/** Whether it wants an answer from a user. */
function asks(node: YamlNode): boolean {
  return node.get('interactive')?.text() === 'true' || node.get('prompt') !== undefined;
}

/** Whether it is for other systems only. */
function isElsewhere(node: YamlNode): boolean {
  const platforms = (node.get('platforms')?.items() ?? []).flatMap((item) => item.text() ?? []);
  return platforms.length > 0 && platforms.every((platform) => platform.startsWith('windows'));
}
