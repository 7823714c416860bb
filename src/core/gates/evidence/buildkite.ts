/** Buildkite: the commands of its steps. Pure. */
import type { EvidenceFile } from '../evidence.js';
import type { Mention } from '../mention.js';
import { literals } from './environment.js';
import { commandsAt, pipelineMentions } from './pipeline.js';
import { readYaml, type YamlNode } from './yaml.js';

/** Groups in groups. */
const DEEPEST = 5;

/** A mention a command of each step, those of groups included. */
export function readBuildkite(input: EvidenceFile): readonly Mention[] {
  const root = readYaml(input);
  const env = literals(root?.get('env')?.strings() ?? {});
  // A file may be nothing but its steps.
  const steps = root?.get('steps')?.items() ?? root?.items() ?? [];
  return steps.flatMap((step) => stepMentions(step, env, input.file));
}

function stepMentions(step: YamlNode, env: Readonly<Record<string, string>>, file: string, depth = 0): readonly Mention[] {
  if (step.get('group') !== undefined && depth < DEEPEST)
    return (step.get('steps')?.items() ?? []).flatMap((each) => stepMentions(each, env, file, depth + 1));
  const title = plainLabel(step.get('label')?.text() ?? step.get('name')?.text());
  const branches = step.get('branches')?.text() ?? '';
  const condition = step.get('if')?.text() ?? '';
  const taken = branches !== '' || /\bbuild\.(?:tag|branch)\b/.test(condition);
  return pipelineMentions({
    ...{ file, title, line: step.line, job: step.get('key')?.text() ?? title ?? 'step' },
    commands: commandsAt(step.get('command') ?? step.get('commands')).map((lines) =>
      lines.map(({ text, line }) => ({ text: text.replace(MATRIX, '$EXPRESSION'), line })),
    ),
    env: { ...env, ...literals(step.get('env')?.strings() ?? {}) },
    runs: taken ? 'after push' : 'for review',
    aside: step.get('soft_fail') !== undefined && step.get('soft_fail')?.text() !== 'false',
  });
}

/** What the service puts in for each job of a matrix. */
const MATRIX = /\{\{\s*matrix[\w.]*\s*\}\}/g;

/** `:go: Lint` without its pictures. */
function plainLabel(label: string | undefined): string | undefined {
  const plain = label
    ?.replace(/:[\w+-]+:/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return plain === '' ? undefined : plain;
}
