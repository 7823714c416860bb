/** CircleCI: the commands of its jobs, those of the pipeline's own commands included. Pure. */
import type { EvidenceFile } from '../evidence.js';
import type { Mention } from '../mention.js';
import { callOfOrb, inlineOrbs } from './circle-orbs.js';
import { relativeDirectory } from './commands.js';
import { literals } from './environment.js';
import { pipelineMentions, type Runs, textsAt } from './pipeline.js';
import { readYaml, type YamlNode } from './yaml.js';

/** Commands of commands, and conditions in conditions. */
const DEEPEST = 6;
/** Steps of one job, those of commands each time that one is used. */
const MOST_STEPS = 500;

type Values = Readonly<Record<string, string>>;

interface Job {
  readonly file: string;
  readonly name: string;
  readonly runs: Runs;
  readonly env: Values;
  readonly directory: string;
  readonly commands: ReadonlyMap<string, YamlNode>;
  readonly orbs: YamlNode | undefined;
  left: number;
}

/** A mention a command of each `run` step of the jobs that a workflow starts for changes; of all jobs where no workflow is said. */
export function readCircle(input: EvidenceFile): readonly Mention[] {
  const root = readYaml(input);
  const orbs = root?.get('orbs');
  const commands = new Map([...(root?.get('commands')?.entries() ?? []), ...inlineOrbs(orbs, 'commands')]);
  const started = startedJobs(root?.get('workflows'));
  const jobs = new Map([...(root?.get('jobs')?.entries() ?? []), ...inlineOrbs(orbs, 'jobs')]);
  const borrowed = [...(started ?? [])].flatMap(([name, job]) =>
    jobs.has(name)
      ? []
      : orbMentions(
          { job: name, name, told: job.values, line: job.line },
          { file: input.file, orbs, runs: job.runs, directory: '' },
        ),
  );
  const own = [...jobs].flatMap(([name, job]) => {
    const runs = started === undefined ? 'for review' : (started.get(name)?.runs ?? 'otherwise');
    const values = { ...defaultsOf(job), ...started?.get(name)?.values };
    const own: Job = {
      ...{ file: input.file, name, runs, commands, orbs },
      env: literals(job.get('environment')?.strings() ?? {}),
      directory: placeIn(job.get('working_directory')?.text()),
      left: MOST_STEPS,
    };
    return stepsMentions(job.get('steps')?.items() ?? [], values, own, 0);
  });
  return [...own, ...borrowed];
}

interface OrbPart {
  readonly job: string;
  /** `node/test`. */
  readonly name: string;
  readonly told: Values;
  readonly line: number;
}

/** What a job or a command of an orb runs that is known; nothing where nobody knows that. */
function orbMentions(
  { job, name, told, line }: OrbPart,
  { file, orbs, runs, directory }: Pick<Job, 'file' | 'orbs' | 'runs' | 'directory'>,
): readonly Mention[] {
  const call = callOfOrb(orbs, name, told);
  const cwd = call?.directory === undefined ? directory : placeIn(call.directory);
  const commands = (call?.commands ?? []).map((text) => text.split('\n').map((each) => ({ text: each, line })));
  return pipelineMentions({ file, job, line, cwd, runs, title: name, commands }).map((each) => ({ ...each, line, text: name }));
}

/** Where a job says that it runs is where it puts the repository. */
function placeIn(text: string | undefined): string {
  return relativeDirectory(text?.replace(/^~\/[^/]+\/?/, '')) ?? '';
}

interface Started {
  readonly runs: Runs;
  readonly values: Values;
  readonly line: number;
}

/** The jobs that workflows start, and what they are told; undefined where there are none. */
function startedJobs(workflows: YamlNode | undefined): ReadonlyMap<string, Started> | undefined {
  const lists = (workflows?.entries() ?? []).filter(([, workflow]) => workflow.get('jobs') !== undefined);
  if (lists.length === 0) return undefined;
  const started = new Map<string, Started>();
  for (const [, workflow] of lists) {
    const byTime = workflow.get('triggers') !== undefined;
    for (const item of workflow.get('jobs')?.items() ?? []) {
      const named = item.text();
      const { line } = item;
      const all = named === undefined ? item.entries() : [[named, undefined] as const];
      for (const [name, told] of all) {
        const runs = byTime ? 'otherwise' : runsOf(told);
        if (started.get(name)?.runs !== 'for review') started.set(name, { runs, values: told?.strings() ?? {}, line });
      }
    }
  }
  return started;
}

/** Which changes a job is started for. */
function runsOf(told: YamlNode | undefined): Runs {
  const only = told?.get('filters')?.get('branches')?.get('only');
  const ignoresAll = textsAt(told?.get('filters')?.get('branches')?.get('ignore')).some((text) => /^\/\.\*\/$/.test(text));
  if (ignoresAll) return 'otherwise';
  const isAny = only === undefined || textsAt(only).some((text) => /^\/\.[*+]\/$/.test(text));
  return isAny ? 'for review' : 'after push';
}

function defaultsOf(node: YamlNode): Values {
  return Object.fromEntries(
    (node.get('parameters')?.entries() ?? []).flatMap(([name, parameter]) => {
      const value = parameter.get('default')?.text();
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

function stepsMentions(steps: readonly YamlNode[], values: Values, job: Job, depth: number): readonly Mention[] {
  return steps.flatMap((step) => {
    job.left -= 1;
    if (job.left < 0 || depth > DEEPEST) return [];
    const run = step.get('run');
    if (run) return runMentions(step, run, values, job);
    const conditional = step.get('when') ?? step.get('unless');
    if (conditional) return stepsMentions(conditional.get('steps')?.items() ?? [], values, job, depth + 1);
    const [named = step.text() ?? '', told] = step.entries()[0] ?? [];
    const given = Object.fromEntries(Object.entries(told?.strings() ?? {}).map(([name, value]) => [name, filled(value, values)]));
    // In an orb its own names count first.
    const command = job.commands.get(`${job.name.replace(/\/.*$/, '')}/${named}`) ?? job.commands.get(named);
    if (command === undefined) return orbMentions({ job: job.name, name: named, told: given, line: step.line }, job);
    return stepsMentions(command.get('steps')?.items() ?? [], { ...defaultsOf(command), ...given }, job, depth + 1);
  });
}

function runMentions(step: YamlNode, run: YamlNode, values: Values, job: Job): readonly Mention[] {
  const command = run.get('command') ?? run;
  const said = filled(run.get('working_directory')?.text() ?? '', values);
  const cwd = said === '' ? job.directory : relativeDirectory(said);
  const tells = run.get('when')?.text() === 'on_fail' || run.get('background')?.text() === 'true';
  if (cwd === undefined || tells) return [];
  return pipelineMentions({
    ...{ file: job.file, job: job.name, line: step.line, cwd, runs: job.runs },
    title: run.get('name')?.text(),
    commands: [command.lines().map(({ text, line }) => ({ text: filled(text, values), line }))],
    env: { ...job.env, ...literals(run.get('environment')?.strings() ?? {}) },
  });
}

/** With what parameters stand for; of what only the service knows a variable of the shell, whose value nobody knows here. */
function filled(text: string, values: Values): string {
  return text.replace(/<<\s*([\w.-]+)\s*>>/g, (_, inner: string) => {
    const name = /^parameters\.([\w-]+)$/.exec(inner)?.[1];
    return name !== undefined && Object.hasOwn(values, name) ? (values[name] ?? '') : '$EXPRESSION';
  });
}
