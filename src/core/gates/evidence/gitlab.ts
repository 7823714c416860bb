/** GitLab pipelines: the commands of their jobs. Pure. */
import type { EvidenceFile } from '../evidence.js';
import type { Mention } from '../mention.js';
import { commandsOf, shellMention } from './commands.js';
import { readYaml, type YamlNode } from './yaml.js';

/** Keys at the top that are no jobs. */
const GLOBAL = new Set(
  'default include stages variables workflow image services before_script after_script cache pages spec'.split(' '),
);

/** A mention a command of `script` of each job. What is included from elsewhere is not read. */
export function readGitlab(input: EvidenceFile): readonly Mention[] {
  const root = readYaml(input);
  const env = root?.get('variables')?.strings() ?? {};
  return (root?.entries() ?? [])
    .filter(([name]) => !GLOBAL.has(name))
    .flatMap(([name, job]) => {
      const common = { file: input.file, name: name.replace(/^\./, ''), role: 'workflow' } as const;
      const own = literals({ ...env, ...job.get('variables')?.strings() });
      const script = job.get('script');
      return script === undefined
        ? []
        : scriptLines(script).flatMap((lines) => commandsOf(lines).map((line) => shellMention(line, { ...common, env: own })));
    });
}

/** Each entry is a script of its own, nested lists included. */
function scriptLines(script: YamlNode): readonly ReturnType<YamlNode['lines']>[] {
  // What stands elsewhere is not a command here.
  if (script.tag === '!reference') return [];
  const items = script.items();
  return items.length === 0 ? [script.lines()].filter((lines) => lines.length > 0) : items.flatMap(scriptLines);
}

function literals(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => /^[\w./:=, -]*$/.test(value)));
}
