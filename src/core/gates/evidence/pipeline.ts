/** Steps of CI services as mentions: what all services have in common. Pure. */
import type { Mention } from '../mention.js';
import { commandsOf, movesOf, shellMention } from './commands.js';
import { inlineMention } from './inline.js';
import type { YamlNode } from './yaml.js';

/** A step of a job: its commands run in one shell, one after another. */
export interface PipelineStep {
  readonly file: string;
  /** What its job is called. */
  readonly job: string;
  /** What it is called itself; absent where it has no name. */
  readonly title?: string | undefined;
  readonly line: number;
  /** Each command, or several lines in one. */
  readonly commands: readonly Lines[];
  /** Where it runs, relative to the package's folder with `/`; the folder itself where nothing is said. */
  readonly cwd?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
  readonly runs: Runs;
  /** It is given a secret. */
  readonly secret?: boolean;
  /** It may fail, or runs for what it does to others. */
  readonly aside?: boolean;
}

/** For which changes a pipeline runs: for those that are proposed, for those that were taken in, or by request, by time or for releases. */
export type Runs = 'for review' | 'after push' | 'otherwise';

type Lines = readonly { readonly text: string; readonly line: number }[];

/** A mention a command, and one for all of them where the step itself is the check. */
export function pipelineMentions(step: PipelineStep): readonly Mention[] {
  const { file, job, title, line, cwd = '', env = {}, runs, secret = false, aside = false } = step;
  const common = { file, name: job, role: 'workflow', cwd, env } as const;
  const flags = {
    ...(runs === 'for review' ? { reviewed: true as const } : {}),
    ...(runs === 'after push' ? { pushed: true as const } : {}),
    ...(secret ? { secret: true as const } : {}),
    ...(aside ? {} : { step: { ...(title === undefined ? {} : { name: title }), line } }),
  };
  let moved = '';
  const all = step.commands.flatMap((lines) => {
    const found = commandsOf(lines, moved).map((each) => ({ ...shellMention(each, common), ...flags }));
    moved += movesOf(lines);
    return found;
  });
  const [first] = all;
  if (first === undefined || aside) return all;
  const whole = step.commands.map((lines) => lines.map(({ text }) => text).join('\n')).join('\n');
  const inline = inlineMention(whole, { ...first, cwd, line });
  return inline ? [...all, inline] : all;
}

/** Commands of a node that is a text or a list of texts. */
export function commandsAt(node: YamlNode | undefined): readonly Lines[] {
  if (node === undefined) return [];
  const own = node.items().length > 0 ? node.items() : [node];
  return own.map((item) => item.lines()).filter((lines) => lines.length > 0);
}

/** The texts of a node that is one or a list of them. */
export function textsAt(node: YamlNode | undefined): readonly string[] {
  return [node, ...(node?.items() ?? [])].flatMap((each) => each?.text() ?? []);
}
