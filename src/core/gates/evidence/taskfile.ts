/** Taskfile.yml: what its tasks run. Pure. */
import type { EvidenceFile } from '../evidence.js';
import type { Mention } from '../mention.js';
import { commandsOf, relativeDirectory, shellMention } from './commands.js';
import { readYaml, type YamlNode } from './yaml.js';

/** A mention a command of each task; a call of another task is `task name`. */
export function readTaskfile(input: EvidenceFile): readonly Mention[] {
  const root = readYaml(input);
  const variables = root?.get('vars')?.strings() ?? {};
  return (root?.get('tasks')?.entries() ?? []).flatMap(([name, task]) => taskMentions(input.file, name, task, variables));
}

function taskMentions(file: string, name: string, task: YamlNode, outer: Readonly<Record<string, string>>): readonly Mention[] {
  const variables = { ...outer, ...task.get('vars')?.strings() };
  const cwd = relativeDirectory(task.get('dir')?.text());
  if (cwd === undefined || task.get('interactive')?.text() === 'true') return [];
  const needs = (task.get('deps')?.items() ?? []).flatMap((need) => need.text() ?? need.get('task')?.text() ?? []);
  const common = {
    file,
    name,
    role: 'task',
    cwd,
    env: task.get('env')?.strings() ?? {},
    runner: { program: 'task', args: [name] },
    ...(needs.length > 0 ? { needs } : {}),
  } as const;
  const listed = task.get('cmds')?.items() ?? [task.get('cmd') ?? task].filter((each) => each.text() !== undefined);
  return listed.flatMap((item) => {
    const other = item.get('task')?.text();
    if (other !== undefined) return [shellMention({ text: `task ${other}`, line: item.line }, common)];
    const command = item.get('cmd') ?? item;
    return commandsOf(command.lines()).map(({ text, quoted = text, line }) =>
      shellMention({ text: expanded(text, variables), quoted, line }, common),
    );
  });
}

/** Plain variables in their places; `CLI_ARGS` is what a user adds. */
function expanded(text: string, variables: Readonly<Record<string, string>>): string {
  return (
    text
      .replace(/\{\{\s*\.(\w+)\s*\}\}/g, (whole, name: string) => {
        if (name === 'CLI_ARGS') return '';
        return Object.hasOwn(variables, name) ? (variables[name] ?? whole) : whole;
      })
      // What a user may set is left as it is without.
      .replace(/\{\{-?\s*if\s+\.\w+\s*-?\}\}(?:(?!\{\{).)*\{\{-?\s*else\s*-?\}\}((?:(?!\{\{).)*)\{\{-?\s*end\s*-?\}\}/gs, '$1')
      .replace(
        /\{\{-?\s*(?:default\s+"([^"{}]*)"\s+\.\w+|\.\w+\s*\|\s*default\s+"([^"{}]*)")\s*-?\}\}/g,
        (_, a?: string, b?: string) => a ?? b ?? '',
      )
      // What Task works out by itself is known to it alone.
      .replace(/\{\{.*?\}\}/gs, '$EXPRESSION')
      .trim()
  );
}
