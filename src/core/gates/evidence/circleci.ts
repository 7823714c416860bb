/** CircleCI: the commands of its jobs. Pure. */
import type { EvidenceFile } from '../evidence.js';
import type { Mention } from '../mention.js';
import { commandsOf, relativeDirectory, shellMention } from './commands.js';
import { readYaml, type YamlNode } from './yaml.js';

/** A mention a command of each `run` step. */
export function readCircle(input: EvidenceFile): readonly Mention[] {
  return (readYaml(input)?.get('jobs')?.entries() ?? []).flatMap(([name, job]) =>
    (job.get('steps')?.items() ?? []).flatMap((step) => {
      const run = step.get('run');
      const cwd = relativeDirectory(run?.get('working_directory')?.text());
      const command: YamlNode | undefined = run?.get('command') ?? run;
      if (!command || cwd === undefined) return [];
      return commandsOf(command.lines())
        .filter(({ text }) => !text.includes('<<'))
        .map((line) => shellMention(line, { file: input.file, name, role: 'workflow', cwd }));
    }),
  );
}
