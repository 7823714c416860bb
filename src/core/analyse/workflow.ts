/** Jobs of a GitHub workflow: what their steps run, in order, where and with what. Pure; runs nothing. */

import { commandsOfAction } from '../gates/evidence/actions.js';
import { relativeDirectory } from '../gates/evidence/commands.js';
import { variableOf } from '../gates/evidence/matrix.js';
import { readYaml, type YamlNode } from '../gates/evidence/yaml.js';
import { shellWord } from '../shell-text.js';
import { type Combination, combinationsOf, differingIn, MOST_COMBINATIONS } from './matrix.js';
import { addCommand, addShell } from './package-scripts.js';
import { type Sequence, SequenceBuilder, type SourceChoice, type SourceText } from './sequence.js';
import { FRESH_SHELL, wholePart } from './shell-parts.js';

/** Whether a text is a workflow: it has jobs. */
export function isWorkflow(text: string): boolean {
  return (
    (
      readYaml({ file: '', text, warn() {} })
        ?.get('jobs')
        ?.entries() ?? []
    ).length > 0
  );
}

/** Its jobs, in their order. */
export function workflowChoices({ file, text }: SourceText): readonly SourceChoice[] {
  return (
    readYaml({ file, text, warn() {} })
      ?.get('jobs')
      ?.entries() ?? []
  ).map(([name, job]) => {
    const steps = job.get('steps')?.items() ?? [];
    const runs = steps.filter((step) => step.get('run')).length;
    const needs = needsOf(job);
    const title = job.get('name')?.text();
    return {
      name,
      summary: [
        ...(title === undefined || title === name ? [] : [title]),
        `${runs} of ${steps.length} steps run commands`,
        ...(needs.length > 0 ? [`after ${needs.join(', ')}`] : []),
      ].join(' · '),
    };
  });
}

/** What the job runs, with those that it needs before it; all jobs when none is named. */
export function readWorkflowJobs(source: SourceText, name: string | undefined): Sequence {
  const builder = new SequenceBuilder();
  const warn = (message: string, place?: { readonly line: number }) =>
    builder.problems.push({
      file: source.file,
      ...(place ? { line: place.line } : {}),
      message: `${message} Mend it: nothing of the file could be read.`,
    });
  const root = readYaml({ file: source.file, text: source.text, warn });
  const jobs = new Map(root?.get('jobs')?.entries() ?? []);
  const workflow: Workflow = {
    source,
    jobs,
    builder,
    env: root?.get('env')?.strings() ?? {},
    directory: directoryOf(root),
    done: new Map(),
  };
  for (const each of name === undefined ? jobs.keys() : [name]) addJob(each, workflow, []);
  if (jobs.size > 1 && builder.operations.length > 0)
    builder.notes.add(
      'Each job has a machine of its own there, and jobs that do not need each other run at the same time already. In the batch all of them share this workspace: what two jobs prepare alike is prepared twice, one after the other.',
    );
  return builder.result();
}

interface Workflow {
  readonly source: SourceText;
  readonly jobs: ReadonlyMap<string, YamlNode>;
  readonly builder: SequenceBuilder;
  readonly env: Readonly<Record<string, string>>;
  readonly directory: string | undefined;
  readonly done: Map<string, readonly number[]>;
}

function addJob(name: string, workflow: Workflow, trail: readonly string[]): readonly number[] {
  const { jobs, builder, source, done } = workflow;
  const known = done.get(name);
  const job = jobs.get(name);
  if (known || !job || trail.includes(name)) return known ?? [];
  const needed = [...new Set(needsOf(job).flatMap((need) => addJob(need, workflow, [...trail, name])))];
  const at = { file: source.file, line: job.line };
  const left = job.get('uses') ? 'it is a workflow of its own, which runs only on GitHub' : leftOut(job.get('if')?.text());
  if (left !== undefined) {
    builder.notTaken.push({ ...at, what: `job ${name}`, because: left });
    done.set(name, needed);
    return needed;
  }
  if (job.get('services'))
    builder.notes.add(
      `The job ${name} has services there (${(job.get('services')?.entries() ?? []).map(([each]) => each).join(', ')}), which the batch does not start.`,
    );
  const passed = combinationsIn(job, workflow, name).flatMap((matrix) => {
    const state: Steps = {
      ...workflow,
      ...{ name, matrix, needed, passed: [] },
      jobEnv: job.get('env')?.strings() ?? {},
      directory: directoryOf(job) ?? workflow.directory,
    };
    for (const [index, step] of (job.get('steps')?.items() ?? []).entries()) addStep(step, index, state);
    return state.passed;
  });
  const all = [...new Set([...needed, ...passed])];
  done.set(name, all);
  return all;
}

/** Those of the matrix that make a difference to what the job runs here; one without values where there is none. */
function combinationsIn(job: YamlNode, { builder }: Workflow, name: string): readonly Combination[] {
  const all = combinationsOf(job.get('strategy')?.get('matrix'));
  if (all.length < 2) return [all[0] ?? new Map()];
  const used = new Set<string>();
  const look = (text: string | undefined) => {
    for (const [, inner = ''] of text?.matchAll(EXPRESSION) ?? [])
      for (const [, key = ''] of inner.matchAll(/\bmatrix\.([\w.-]+)/g)) used.add(variableOf(key));
  };
  const lookIn = (node: YamlNode | undefined) => {
    for (const value of Object.values(node?.strings() ?? {})) look(value);
  };
  lookIn(job.get('env'));
  look(directoryOf(job));
  for (const step of job.get('steps')?.items() ?? []) {
    if (!step.get('run') && !commandsOfAction(step.get('uses')?.text() ?? '', {})) continue;
    for (const key of ['run', 'working-directory']) look(step.get(key)?.text());
    for (const key of ['env', 'with']) lookIn(step.get(key));
  }
  const differing = differingIn(all, used);
  const chosen = differing.slice(0, MOST_COMBINATIONS);
  const shown = ([...used] as readonly string[]).filter((key) => all.some((each) => each.has(key)));
  const many = all.length > MOST_COMBINATIONS ? `more than ${MOST_COMBINATIONS}` : String(all.length);
  builder.notes.add(
    chosen.length === 1
      ? `The job ${name} runs there for ${many} combinations of its matrix. What its commands are is the same for all of them, so the batch has them once.`
      : `The job ${name} runs there for ${many} combinations of its matrix; the batch has its commands for ${chosen.length}, which is how many differ in ${shown.join(', ')}${differing.length > chosen.length || all.length > MOST_COMBINATIONS ? ', as far as they were looked at' : ''}.`,
  );
  return chosen;
}

interface Steps extends Workflow {
  readonly name: string;
  readonly matrix: Combination;
  readonly jobEnv: Readonly<Record<string, string>>;
  readonly needed: readonly number[];
  /** Steps before that have to pass. */
  readonly passed: number[];
}

function addStep(step: YamlNode, index: number, steps: Steps): void {
  const { builder, source, name } = steps;
  const run = step.get('run');
  const title = step.get('name')?.text() ?? step.get('uses')?.text() ?? run?.text()?.trim().split('\n')[0] ?? `step ${index + 1}`;
  const read = readStep(step, steps);
  if (read.kind === 'left out') {
    const left = { file: source.file, line: step.line, what: `${name}: ${title}`, because: read.because };
    // Of the other combinations of a matrix it is told already.
    if (!builder.notTaken.some((each) => each.line === left.line && each.because === left.because)) builder.notTaken.push(left);
    return;
  }
  const { text, cwd, env } = read;
  const always = /always\(\)|!\s*cancelled\(\)/.test(step.get('if')?.text() ?? '');
  const forgiving = step.get('continue-on-error')?.text() === 'true';
  const place = {
    ...{ file: source.file, line: (run?.lines()[0] ?? step).line, source },
    requires: always ? [] : [...steps.needed, ...steps.passed],
    state: { ...FRESH_SHELL, cwd, env, strict: true },
    ...(forgiving ? { onFailure: 'continue' as const } : {}),
  };
  const { broken, operations } = addShell(text, place, builder);
  if (broken && !builder.problems.some(({ line }) => line === place.line + broken.line))
    builder.problems.push({
      ...{ file: source.file, line: place.line + broken.line },
      message: `“${title}” is no script that a shell understands: ${broken.message}. It is one operation as it stands; mend it to have it taken apart.`,
    });
  const whole = wholePart(text, { cwd, quoted: text.trim() });
  const added = broken ? addCommand(whole, place, builder) : operations;
  if (!forgiving) steps.passed.push(...added);
}

type ReadStep =
  | { readonly kind: 'runs'; readonly text: string; readonly cwd: string; readonly env: Readonly<Record<string, string>> }
  | { readonly kind: 'left out'; readonly because: string };

/** What a step runs, where and with what; else why it is not in the batch. */
function readStep(step: YamlNode, steps: Steps): ReadStep {
  const leave = (because: string): ReadStep => ({ kind: 'left out', because });
  const run = step.get('run');
  const uses = step.get('uses');
  const left = leftOut(step.get('if')?.text());
  if (left !== undefined) return leave(left);
  const action = uses ? commandsOfAction(uses.text() ?? '', step.get('with')?.strings() ?? {}) : undefined;
  if (!run && !action) return leave(actionText(uses?.text()));
  const shell = step.get('shell')?.text();
  if (shell !== undefined && !/^(?:bash|sh)\b/.test(shell)) return leave(`it is written for ${shell}, not for a shell of POSIX`);
  const env = environmentOf([steps.env, steps.jobEnv, step.get('env')?.strings() ?? {}], steps);
  const said = step.get('working-directory')?.text() ?? steps.directory ?? '';
  const directory = filled(said.replace(/^\$\{\{\s*github\.workspace\s*\}\}\/?/, ''), env, steps.matrix);
  const cwd = relativeDirectory(directory.text);
  if (cwd === undefined || directory.unknown !== undefined) return leave(`where it runs is known only there (${directory.text})`);
  const script = run?.text() ?? (action ?? []).map((argv) => argv.map(shellWord).join(' ')).join('\n');
  const { text, unknown } = filled(script, env, steps.matrix);
  return unknown === undefined ? { kind: 'runs', text, cwd, env } : leave(`only the service knows what stands for ${unknown}`);
}

/** Why a step that runs no command is not in the batch. */
function actionText(uses: string | undefined): string {
  if (uses === undefined) return 'it runs no command';
  return uses.startsWith('./')
    ? 'it is an action of the repository, which is not followed'
    : 'it is an action of GitHub, which runs only there';
}

/** Why a job or a step with this condition is not in the batch; undefined when it is. */
function leftOut(condition: string | undefined): string | undefined {
  const plain = condition?.replace(/^\$\{\{|\}\}$/g, '').trim();
  if (plain === undefined || /^(?:true|always\(\)|success\(\)|!\s*cancelled\(\))$/.test(plain)) return undefined;
  if (plain === 'false') return 'it is switched off (if: false)';
  if (/failure\(\)/.test(plain)) return 'it runs only after a failure';
  return `only the service knows whether it runs (if: ${plain})`;
}

function needsOf(job: YamlNode): readonly string[] {
  const needs = job.get('needs');
  const one = needs?.text();
  return one === undefined ? (needs?.items() ?? []).flatMap((item) => item.text() ?? []) : [one];
}

function directoryOf(node: YamlNode | undefined): string | undefined {
  return node?.get('defaults')?.get('run')?.get('working-directory')?.text();
}

/** Variables from the outermost to the innermost; those of which only the service knows the value are told and left to the environment. */
function environmentOf(
  maps: readonly Readonly<Record<string, string>>[],
  { matrix, builder, name }: Steps,
): Readonly<Record<string, string>> {
  let known: Readonly<Record<string, string>> = {};
  for (const map of maps) {
    for (const [key, value] of Object.entries(map)) {
      const { text, unknown } = filled(value, known, matrix);
      if (unknown === undefined) known = { ...known, [key]: text };
      else
        builder.notes.add(
          `The job ${name} sets ${key} to ${unknown}, which only the service knows. Set ${key} yourself if what runs needs it.`,
        );
    }
  }
  return known;
}

const EXPRESSION = /\$\{\{((?:(?!\}\}|\$\{\{).)*)\}\}/g;

/** With the values of expressions in their places; `unknown`: the first of which there is none. */
function filled(
  text: string,
  env: Readonly<Record<string, string>>,
  matrix: Combination,
): { readonly text: string; readonly unknown?: string } {
  let unknown: string | undefined;
  const result = text.replace(EXPRESSION, (whole, inner: string) => {
    const expression = inner.trim();
    const variable = /^env\.(\w+)$/.exec(expression)?.[1];
    const key = /^matrix\.([\w.-]+)$/.exec(expression)?.[1];
    const value =
      variable !== undefined && Object.hasOwn(env, variable)
        ? env[variable]
        : key === undefined
          ? undefined
          : matrix.get(variableOf(key));
    if (value === undefined && expression === 'github.workspace') return '.';
    unknown ??= value === undefined ? whole : undefined;
    return value ?? whole;
  });
  return { text: result, ...(unknown === undefined ? {} : { unknown }) };
}
