/** Woodpecker and Drone: the commands of their steps. Pure. */
import type { EvidenceFile } from '../evidence.js';
import type { Mention } from '../mention.js';
import { relativeDirectory } from './commands.js';
import { literals } from './environment.js';
import { commandsAt, pipelineMentions, type Runs, textsAt } from './pipeline.js';
import { readYamlDocuments, type YamlNode } from './yaml.js';

/** A mention a command of each step that runs for changes. A file of Drone may hold several pipelines. */
export function readWoodpecker(input: EvidenceFile): readonly Mention[] {
  return readYamlDocuments(input).flatMap((root) => {
    const whole = runsWhen(root.get('when') ?? root.get('trigger'));
    if (whole === 'otherwise') return [];
    const steps = root.get('steps') ?? root.get('pipeline');
    const named = steps?.entries() ?? [];
    const listed = (steps?.items() ?? []).map((step) => [step.get('name')?.text() ?? 'step', step] as const);
    return [...named, ...listed].flatMap(([name, step]) => stepMentions(name, step, whole, input.file));
  });
}

function stepMentions(name: string, step: YamlNode, whole: Runs, file: string): readonly Mention[] {
  const runs = step.get('when') ? runsWhen(step.get('when')) : whole;
  if (runs === 'otherwise') return [];
  const environment = step.get('environment');
  const listed = (environment?.items() ?? []).flatMap((item) => {
    const [key = '', ...value] = (item.text() ?? '').split('=');
    return value.length > 0 ? [[key, value.join('=')] as const] : [];
  });
  const env = literals({ ...environment?.strings(), ...Object.fromEntries(listed) });
  const secret =
    step.get('secrets') !== undefined ||
    (environment?.entries() ?? []).some(([, value]) => value.get('from_secret') !== undefined);
  const cwd = relativeDirectory(step.get('directory')?.text());
  const commands = commandsAt(step.get('commands'));
  if (cwd === undefined) return [];
  if (commands.length === 0) return pluginMentions(name, step, runs, file);
  return pipelineMentions({
    ...{ file, job: name, line: step.line, env, runs, secret, cwd, commands },
    aside: step.get('failure')?.text() === 'ignore',
  });
}

/** A plugin that is called after a tool runs it. */
function pluginMentions(name: string, step: YamlNode, runs: Runs, file: string): readonly Mention[] {
  const image = step.get('image');
  const plugin = /(?:^|\/)([\w.-]+\/plugin-[\w-]+)(?:[:@]|$)/.exec(image?.text() ?? '')?.[1];
  if (image === undefined || plugin === undefined) return [];
  const flags = runs === 'for review' ? { reviewed: true as const } : { pushed: true as const };
  const at = { file, name, line: image.line, text: `image: ${image.text()}`, cwd: '', env: {} } as const;
  return [{ ...at, ...flags, role: 'workflow', borrowed: plugin, command: { kind: 'argv', argv: [] } }];
}

/** A list of conditions runs where one of them does. */
function runsWhen(when: YamlNode | undefined): Runs {
  if (when === undefined) return 'for review';
  const all = when.items().length > 0 ? when.items() : [when];
  const runs = all.map((condition): Runs => {
    const status = textsAt(condition.get('status'));
    if (status.length > 0 && !status.includes('success')) return 'otherwise';
    if (status.includes('failure')) return 'otherwise';
    const event = condition.get('event');
    const events = [...textsAt(event), ...textsAt(event?.get('include'))];
    if (events.length === 0 || events.includes('pull_request')) return 'for review';
    return events.includes('push') ? 'after push' : 'otherwise';
  });
  return runs.find((each) => each === 'for review') ?? runs.find((each) => each === 'after push') ?? 'otherwise';
}
