/** Tasks in mise.toml, and scripts in devbox.json. Pure. */
import { getNodeValue, parseTree } from 'jsonc-parser';
import type { EvidenceFile } from '../evidence.js';
import type { Mention } from '../mention.js';
import { commandsOf, record, relativeDirectory, shellMention } from './commands.js';
import { readToml, tomlAsJson } from './toml.js';

/** A mention a command of each task; what runs before it is named as what it needs. */
export function readMise(input: EvidenceFile): readonly Mention[] {
  const { text, file } = input;
  if (!/^\s*\[?tasks\b/m.test(text)) return [];
  const root = record(readToml(text) ?? JSON.parse(tomlAsJson(input)));
  return tasksIn(record(root['tasks']), { file, text });
}

/** The mentions of a table of tasks. */
export function tasksIn(
  tasks: Readonly<Record<string, unknown>>,
  { file, text }: Pick<EvidenceFile, 'file' | 'text'>,
): readonly Mention[] {
  return Object.entries(tasks).flatMap(([name, task]) => {
    const options = optionsOf(task);
    if (options === undefined) return [];
    const run = typeof task === 'string' || Array.isArray(task) ? task : record(task)['run'];
    const told = { file, name, line: lineOf(text, name), program: 'mise', ...options };
    return [...taskMentions([run].flat(), told), ...aliasMentions(options.aliases, told)];
  });
}

/** What is said of a task besides what it runs. */
export interface TaskOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Names of tasks that run before it. */
  readonly needs: readonly string[];
  readonly aliases: readonly string[];
}

/** Undefined for a task that wants a user, or runs elsewhere. */
export function optionsOf(task: unknown): TaskOptions | undefined {
  const options = record(task);
  const cwd = relativeDirectory(textOf(options['dir'])?.replace(/^\{\{\s*config_root\s*\}\}\/?/, ''));
  if (cwd === undefined || options['raw'] === true || options['interactive'] === true) return undefined;
  const env = Object.fromEntries(
    Object.entries(record(options['env'])).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
  const needs = [options['depends']]
    .flat()
    .flatMap((need) => textOf(need)?.split(/\s+/)[0] ?? textOf(record(need)['task']) ?? []);
  const aliases = [options['alias'], options['aliases']].flat().flatMap((alias) => textOf(alias) ?? []);
  return { cwd, env, needs, aliases };
}

/** Other names of a task run it. */
export function aliasMentions(
  aliases: readonly string[],
  { file, line, name }: Pick<Told, 'file' | 'line' | 'name'>,
): readonly Mention[] {
  return aliases.map((alias) => {
    const runner = { program: 'mise', args: ['run', alias] };
    return shellMention({ text: '', line }, { file, name: alias, role: 'task', runner, needs: [name] });
  });
}

/** A mention a command of each script. */
export function readDevbox({ text, file }: EvidenceFile): readonly Mention[] {
  const root = parseTree(text);
  const scripts = record(record(root ? getNodeValue(root) : undefined)['shell'])['scripts'];
  return Object.entries(record(scripts)).flatMap(([name, script]) => {
    const line = text.slice(0, Math.max(text.indexOf(`"${name}"`), 0)).split('\n').length;
    return taskMentions([script].flat(), { file, name, line, program: 'devbox', cwd: '', env: {}, needs: [] });
  });
}

interface Told {
  readonly file: string;
  readonly name: string;
  readonly line: number;
  readonly program: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly needs: readonly string[];
}

function taskMentions(items: readonly unknown[], { line, program, needs, file, name, cwd, env }: Told): readonly Mention[] {
  const common = {
    ...{ file, name, cwd, env },
    role: 'task',
    runner: { program, args: ['run', name] },
    ...(needs.length > 0 ? { needs } : {}),
  } as const;
  const found = items.flatMap((item): readonly Mention[] => {
    const other = textOf(record(item)['task']);
    const others = [other, ...[record(item)['tasks']].flat().map(textOf)].filter((each) => each !== undefined);
    if (others.length > 0) return others.map((each) => shellMention({ text: `${program} run ${each}`, line }, common));
    const text = textOf(item);
    // Another language, which says so in its first line.
    if (text === undefined || /^\s*#!(?!.*\b(?:ba|da|k|z)?sh\b)/.test(text)) return [];
    // What the runner works out by itself is known to it alone.
    const lines = text.split('\n').map((each) => ({ text: each.replace(/\{\{.*?\}\}/g, '$EXPRESSION'), line }));
    return commandsOf(lines).map((command) => shellMention({ ...command, line }, common));
  });
  // What only names others has one line without a command.
  return found.length === 0 && needs.length > 0 ? [shellMention({ text: '', line }, common)] : found;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function lineOf(text: string, name: string): number {
  const lines = text.split('\n').map((line) => line.replace(/["'\s]/g, ''));
  const index = lines.findIndex(
    (line) => line === `[tasks.${name}]` || line.startsWith(`${name}=`) || line.startsWith(`${name}.`),
  );
  return index < 0 ? 1 : index + 1;
}
