/** Tasks in pyproject.toml and pixi.toml: those of poe, PDM, Rye, taskipy and pixi. Pure. */
import type { EvidenceFile } from '../evidence.js';
import type { Mention } from '../mention.js';
import { record, relativeDirectory } from './commands.js';
import { pixiTables } from './pixi.js';
import { readToml } from './toml.js';

/** A runner of tasks: where its tasks stand, and how one is run. */
interface Runner {
  readonly program: string;
  readonly before: readonly string[];
  /** What a plain text is where several run one after another: the name of another task, or either. */
  readonly listsNames?: true;
}

const RUNNERS: readonly (Runner & { readonly table: readonly string[] })[] = [
  { table: ['tool', 'poe', 'tasks'], program: 'poe', before: [], listsNames: true },
  { table: ['tool', 'pdm', 'scripts'], program: 'pdm', before: ['run'] },
  { table: ['tool', 'rye', 'scripts'], program: 'rye', before: ['run'] },
  { table: ['tool', 'taskipy', 'tasks'], program: 'task', before: [] },
];

/** A mention a command of each task; what runs before it is named as what it needs. A broken file is complained about by whoever reads the package. */
export function readPythonTasks({ file, text }: EvidenceFile): readonly Mention[] {
  const isPixi = file.endsWith('pixi.toml');
  if (!isPixi && !/\btool\.(?:poe|pdm|rye|taskipy|pixi)\b/.test(text)) return [];
  const root = readToml(text);
  if (root === undefined) return [];
  const pixi = isPixi ? root : record(record(root['tool'])['pixi']);
  const all = [
    ...(isPixi
      ? []
      : RUNNERS.map((runner) => ({ runner, tasks: runner.table.reduce<unknown>((value, key) => record(value)[key], root) }))),
    ...pixiTables(pixi).map(({ tasks, environment }) => ({
      runner: { program: 'pixi', before: ['run', ...environment] },
      tasks,
    })),
  ];
  return all.flatMap(({ runner, tasks }) => {
    const names = new Set(Object.keys(record(tasks)));
    return Object.entries(record(tasks)).flatMap(([name, value]) => {
      // Options for all tasks.
      if (name === '_') return [];
      // What begins with a line is there for others.
      const offered = name.startsWith('_') ? ({ offered: true } as const) : {};
      const common = { file, line: lineOf(text, name), cwd: '', env: {}, role: 'task', name, ...offered } as const;
      return taskMentions(value, { runner, names, common });
    });
  });
}

interface Surroundings {
  readonly runner: Runner;
  readonly names: ReadonlySet<string>;
  readonly common: Pick<Mention, 'file' | 'line' | 'cwd' | 'env' | 'role' | 'name' | 'offered'>;
}

function taskMentions(value: unknown, { runner, names, common }: Surroundings): readonly Mention[] {
  const { name } = common;
  const started = { program: runner.program, args: [...runner.before, name] };
  const options = record(value);
  const cwd = relativeDirectory(stringOf(options['cwd']));
  if (cwd === undefined) return [];
  const needs = [
    ...[options['deps'], options['depends-on'], options['depends_on']].flatMap(namesIn),
    ...[`pre_${name}`].filter((each) => names.has(each)),
  ];
  const lines = commandsOfTask(value, runner, names);
  const env = Object.fromEntries(
    Object.entries(record(options['env'])).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
  const mention = (line: string): Mention => ({
    ...common,
    text: `${name} = ${JSON.stringify(line)}`,
    command: { kind: 'shell', text: line },
    cwd,
    env,
    runner: started,
    ...(needs.length > 0 ? { needs } : {}),
  });
  // What only names others has one line without a command.
  return lines.length === 0 && needs.length > 0 ? [mention('')] : lines.map(mention);
}

/** The commands of a task in their order, those that are calls of functions left out. */
function commandsOfTask(value: unknown, runner: Runner, names: ReadonlySet<string>): readonly string[] {
  const run = (name: string) => [runner.program, ...runner.before, name].join(' ');
  const listed = (item: unknown): readonly string[] => {
    if (typeof item !== 'string') return commandsOfTask(item, runner, names);
    const [first = ''] = item.trim().split(/\s+/);
    return [runner.listsNames || names.has(first) ? run(item.trim()) : item];
  };
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(listed);
  const task = record(value);
  const command = task['cmd'] ?? task['shell'];
  if (typeof command === 'string') return [command];
  if (Array.isArray(command)) return [command.filter((word) => typeof word === 'string').join(' ')];
  if (typeof task['ref'] === 'string') return [run(task['ref'])];
  const list = task['sequence'] ?? task['composite'] ?? task['chain'] ?? task['parallel'];
  return Array.isArray(list) ? list.flatMap(listed) : [];
}

/** Names of tasks; of each the name alone. */
function namesIn(value: unknown): readonly string[] {
  return [value].flat().flatMap((item) => {
    const name = typeof item === 'string' ? item : stringOf(record(item)['task']);
    return name === undefined ? [] : (name.trim().split(/\s+/)[0] ?? []);
  });
}

function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function lineOf(text: string, name: string): number {
  const lines = text.split('\n').map((line) => line.replace(/["']/g, '').trimStart());
  const index = lines.findIndex(
    (line) => line.startsWith(`${name} =`) || line.startsWith(`${name}=`) || line.startsWith(`${name}.`),
  );
  return index < 0 ? 1 : index + 1;
}
