/** Tasks of the editor (.vscode/tasks.json): what they and those that they depend on run. Pure; runs nothing. */
import { record, relativeDirectory } from '../gates/evidence/commands.js';
import { type JsonNode, plainValue, readJsonc } from '../jsonc.js';
import { shellWord } from '../shell-text.js';
import { addCommand, addScript, addShell, type CommandPlace } from './package-scripts.js';
import { type Sequence, SequenceBuilder, type SourceChoice, type SourceText } from './sequence.js';
import { FRESH_SHELL, nameOfCommand, wholePart } from './shell-parts.js';

interface EditorTask {
  readonly name: string;
  readonly line: number;
  readonly value: Readonly<Record<string, unknown>>;
  readonly dependsOn: readonly string[];
  readonly isSequence: boolean;
}

/** The tasks that have a name, in their order. */
export function taskChoices(source: SourceText): readonly SourceChoice[] {
  return tasksIn(source, () => {}).map(({ name, value, dependsOn, isSequence }) => {
    const command = shownCommand(value);
    const order = isSequence ? 'one after another' : 'at the same time';
    const summary = [
      ...(dependsOn.length > 0 ? [`after ${dependsOn.join(', ')}${dependsOn.length > 1 ? ` (${order})` : ''}`] : []),
      ...(command === '' ? [] : [command]),
    ];
    return { name, summary: summary.join(' · ') };
  });
}

/** What the task runs, after what it depends on. */
export function readEditorTask(source: SourceText, name: string): Sequence {
  const builder = new SequenceBuilder();
  const tasks = tasksIn(source, (line, message) => builder.problems.push({ file: source.file, line, message }));
  addTask(name, { source, tasks, builder, done: new Map() }, { requires: [], trail: [] });
  return builder.result();
}

interface Tasks {
  readonly source: SourceText;
  readonly tasks: readonly EditorTask[];
  readonly builder: SequenceBuilder;
  readonly done: Map<string, readonly number[]>;
}

interface Around {
  readonly requires: readonly number[];
  readonly trail: readonly string[];
  readonly together?: string;
}

function addTask(name: string, all: Tasks, { requires, trail, together }: Around): readonly number[] {
  const { tasks, done, source } = all;
  const known = done.get(name);
  const task = tasks.find((each) => each.name === name);
  if (known || !task || trail.includes(name)) return known ?? [];
  const needed: number[] = [];
  const group = task.isSequence || task.dependsOn.length < 2 ? together : `${source.file}:${task.name}`;
  for (const need of task.dependsOn) {
    const before = task.isSequence ? [...requires, ...needed] : requires;
    needed.push(
      ...addTask(need, all, { requires: before, trail: [...trail, name], ...(group === undefined ? {} : { together: group }) }),
    );
  }
  const own = addOwn(task, all, { requires: [...requires, ...needed], trail, ...(together === undefined ? {} : { together }) });
  const result = [...new Set([...needed, ...own])];
  done.set(name, result);
  return result;
}

function addOwn(task: EditorTask, { source, builder }: Tasks, around: Around): readonly number[] {
  const { name, line, value } = task;
  const leave = (because: string): readonly number[] => {
    builder.notTaken.push({ file: source.file, line, what: name, because });
    return [];
  };
  const options = record(value['options']);
  const said = options['cwd'] ?? (value['type'] === 'npm' ? value['path'] : undefined) ?? '';
  const where = plain(said);
  const cwd = where === undefined ? undefined : relativeDirectory(where);
  if (value['isBackground'] === true) return leave('it goes on in the background and never ends');
  if (cwd === undefined) return leave('where it runs is known only to the editor, or lies outside of the workspace');
  const { requires, together } = around;
  const place: CommandPlace = {
    ...{ file: source.file, line, source, requires, name },
    state: { ...FRESH_SHELL, cwd, env: knownValues(options['env']) },
    ...(together === undefined ? {} : { together }),
  };
  const type = value['type'] ?? 'shell';
  if (type === 'npm') return addNpm(plain(value['script']), place, builder) ?? leave('it names no script');
  if (value['command'] === undefined) return [];
  if (type !== 'shell' && type !== 'process')
    return leave(`only an extension knows what a task of the type ${String(type)} runs`);
  const words = [value['command'], ...(Array.isArray(value['args']) ? value['args'] : [])].map(plain);
  if (words.some((word) => word === undefined)) return leave('a variable of the editor stands in it');
  const argv = words.filter((word) => word !== undefined);
  return type === 'process' ? addProcess(argv, place, builder) : addLine(argv, place, builder);
}

function addNpm(script: string | undefined, place: CommandPlace, builder: SequenceBuilder): readonly number[] | undefined {
  const { source, state } = place;
  if (script === undefined) return undefined;
  if (source.scriptsIn(state.cwd).has(script)) return addScript(script, [], place, builder);
  return addCommand(wholePart(`npm run ${shellWord(script)}`, { cwd: state.cwd, quoted: `npm: ${script}` }), place, builder);
}

function addProcess(argv: readonly string[], place: CommandPlace, builder: SequenceBuilder): readonly number[] {
  const { file, line, requires, together, name, state } = place;
  const { cwd, env } = state;
  return builder.add({
    ...{ file, requires, tool: 'command', text: argv.join(' '), name: `${name} ${nameOfCommand(argv)}` },
    ...(line === undefined ? {} : { line }),
    input: { argv, ...(cwd === '' ? {} : { cwd }), ...(Object.keys(env).length === 0 ? {} : { env }) },
    ...(together === undefined ? {} : { together }),
  });
}

/** The command is a line already, its arguments are words. */
function addLine([command = '', ...args]: readonly string[], place: CommandPlace, builder: SequenceBuilder): readonly number[] {
  const text = [command, ...args.map(shellWord)].join(' ');
  const added = addShell(text, place, builder);
  return added.broken ? addCommand(wholePart(text, { cwd: place.state.cwd }), place, builder) : added.operations;
}

function knownValues(env: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(record(env)).flatMap(([key, text]) => {
      const value = plain(text);
      return value === undefined ? [] : [[key, value] as const];
    }),
  );
}

/** Without the folder of the workspace; undefined where something is left that is known only to the editor. */
function plain(value: unknown): string | undefined {
  const quoted = record(value)['value'];
  const text = typeof value === 'string' ? value : typeof quoted === 'string' ? quoted : undefined;
  const own = text?.replace(/\$\{workspace(?:Folder|Root)\}\/?/g, '');
  return own === undefined || /\$\{\w+(?::[^}]*)?\}/.test(own) ? undefined : own;
}

function shownCommand(value: Readonly<Record<string, unknown>>): string {
  if (value['type'] === 'npm') return `npm: ${String(value['script'] ?? '')}`;
  const args = Array.isArray(value['args']) ? value['args'] : [];
  return [value['command'] ?? '', ...args]
    .map((each) => (typeof each === 'string' ? each : String(record(each)['value'] ?? '')))
    .join(' ')
    .trim();
}

function tasksIn({ file, text }: SourceText, complain: (line: number, message: string) => void): readonly EditorTask[] {
  const { root, errors, locate } = readJsonc(text);
  for (const { offset, message } of errors.slice(0, 10))
    complain(locate(offset).line, `${file} is not valid JSON: ${message}. Mend it: what stands behind it may be missing here.`);
  const list = memberOf(root, 'tasks');
  const reading = { errors, complain() {} };
  return (list?.children ?? []).flatMap((node) => {
    const value = record(plainValue(node, reading));
    const type = value['type'];
    const name = String(value['label'] ?? value['taskName'] ?? (type === 'npm' ? `npm: ${String(value['script'] ?? '')}` : ''));
    const dependsOn = [value['dependsOn']]
      .flat()
      .flatMap((each) =>
        typeof each === 'string'
          ? [each]
          : typeof record(each)['script'] === 'string'
            ? [`npm: ${String(record(each)['script'])}`]
            : [],
      );
    return name === ''
      ? []
      : [{ name, line: locate(node.offset).line, value, dependsOn, isSequence: value['dependsOrder'] === 'sequence' }];
  });
}

function memberOf(node: JsonNode | undefined, name: string): JsonNode | undefined {
  return node?.children?.find(({ children }) => children?.[0]?.value === name)?.children?.[1];
}
