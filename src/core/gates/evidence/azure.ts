/** Azure Pipelines: the commands of their steps, those of templates of the repository included. Reads nothing but what it is given. */
import path from 'node:path';
import type { EvidenceFile } from '../evidence.js';
import type { Mention } from '../mention.js';
import { relativeDirectory } from './commands.js';
import { literals } from './environment.js';
import { pipelineMentions, type Runs } from './pipeline.js';
import { plainCalls } from './power-shell.js';
import { readYaml, type YamlNode } from './yaml.js';

/** Templates of templates, and conditions in conditions. */
const DEEPEST = 8;
/** Steps of one pipeline, those of templates each time that one is used. */
const MOST_STEPS = 2000;

type Values = Readonly<Record<string, string>>;

/** What is the same for all steps of a pipeline. */
interface Pipeline {
  readonly input: EvidenceFile;
  readonly runs: Runs;
  readonly templates: Map<string, YamlNode | undefined>;
  left: number;
}

/** Where something stands, and what it is told. */
interface Scope {
  readonly file: string;
  /** In the pipeline: where it uses the template; undefined in the pipeline itself. */
  readonly via: Mention | undefined;
  readonly parameters: Values;
  readonly variables: Values;
  readonly job: string;
}

/** A mention a command of each step; of a task of the service that runs a known tool, what it runs. */
export async function readAzure(input: EvidenceFile): Promise<readonly Mention[]> {
  const root = readYaml(input);
  // Without a trigger and with parameters it is there for others.
  if (
    root === undefined ||
    (root.get('parameters') !== undefined && !root.get('trigger') && !root.get('pr') && !root.get('stages'))
  )
    return [];
  const pipeline: Pipeline = { input, runs: runsFor(root), templates: new Map(), left: MOST_STEPS };
  if (pipeline.runs === 'otherwise') return [];
  const scope: Scope = { file: input.file, via: undefined, parameters: parametersOf(root, {}), variables: {}, job: 'pipeline' };
  return holderMentions(root, scope, pipeline, 0);
}

/** Without a word of it the service builds each change, and what is proposed. */
function runsFor(root: YamlNode): Runs {
  if (root.get('pr')?.text() !== 'none') return 'for review';
  return root.get('trigger')?.text() === 'none' ? 'otherwise' : 'after push';
}

/** Of what holds stages, jobs or steps. */
async function holderMentions(holder: YamlNode, outer: Scope, pipeline: Pipeline, depth: number): Promise<readonly Mention[]> {
  const scope = { ...outer, variables: { ...outer.variables, ...variablesOf(holder) } };
  const found: Mention[] = [];
  const extended = holder.get('extends');
  if (extended) found.push(...(await templateMentions(extended, scope, pipeline, depth)));
  for (const key of ['stages', 'jobs', 'steps'])
    for (const item of flattened(holder.get(key)?.items() ?? []))
      found.push(...(await itemMentions(item, scope, pipeline, depth)));
  return found;
}

/** Without what conditions put around it: whether they hold, nobody knows here. */
function flattened(items: readonly YamlNode[], depth = 0): readonly YamlNode[] {
  return items.flatMap((item) => {
    const conditional = item.entries().filter(([key]) => key.startsWith('${{'));
    if (conditional.length === 0 || depth > DEEPEST) return [item];
    return conditional.flatMap(([, inner]) => flattened(inner.items(), depth + 1));
  });
}

async function itemMentions(item: YamlNode, scope: Scope, pipeline: Pipeline, depth: number): Promise<readonly Mention[]> {
  if (item.get('template')) return templateMentions(item, scope, pipeline, depth);
  const job = item.get('job')?.text() ?? item.get('stage')?.text();
  if (job !== undefined || item.get('steps') || item.get('jobs')) {
    const matrix = (item.get('strategy')?.get('matrix')?.entries() ?? []).map(([, values]) => values.strings());
    // Each leg is another machine or version: the first stands for all.
    const inner = { ...scope, job: titleOf(item, scope) ?? job ?? scope.job, variables: { ...scope.variables, ...matrix[0] } };
    return holderMentions(item, inner, pipeline, depth);
  }
  pipeline.left -= 1;
  return pipeline.left < 0 ? [] : stepMentions(item, scope, pipeline);
}

/** What stands in a template of the repository, with the parameters that it is given. */
async function templateMentions(item: YamlNode, scope: Scope, pipeline: Pipeline, depth: number): Promise<readonly Mention[]> {
  const said = item.get('template')?.text() ?? '';
  if (depth >= DEEPEST || !/^[\w./-]+\.ya?ml$/.test(said)) return [];
  const file = said.startsWith('/') ? said.slice(1) : path.posix.join(path.posix.dirname(scope.file), said);
  if (file.startsWith('..')) return [];
  if (!pipeline.templates.has(file)) {
    const text = await pipeline.input.read?.(file);
    pipeline.templates.set(file, text === undefined ? undefined : readYaml({ ...pipeline.input, file, text, warn: () => {} }));
  }
  const root = pipeline.templates.get(file);
  if (root === undefined) return [];
  const given = item.get('parameters')?.strings() ?? {};
  const at = { file: pipeline.input.file, line: item.line, text: `template: ${said}`, name: scope.job } as const;
  const via: Mention = scope.via ?? { ...at, role: 'workflow', cwd: '', env: {}, command: { kind: 'argv', argv: [] } };
  const plain = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, filled(value, scope)]));
  return holderMentions(root, { ...scope, file, via, parameters: parametersOf(root, plain) }, pipeline, depth + 1);
}

/** As a template says what they are, and what it is given. */
function parametersOf(root: YamlNode, given: Values): Values {
  const node = root.get('parameters');
  const listed = (node?.items() ?? []).flatMap((item) => {
    const [name, value] = [item.get('name')?.text(), item.get('default')?.text()];
    return name === undefined || value === undefined ? [] : [[name, value] as const];
  });
  return { ...node?.strings(), ...Object.fromEntries(listed), ...given };
}

function variablesOf(holder: YamlNode): Values {
  const node = holder.get('variables');
  const listed = (node?.items() ?? []).flatMap((item) => {
    const [name, value] = [item.get('name')?.text(), item.get('value')?.text()];
    return name === undefined || value === undefined ? [] : [[name, value] as const];
  });
  return { ...node?.strings(), ...Object.fromEntries(listed) };
}

function stepMentions(step: YamlNode, scope: Scope, { runs }: Pipeline): readonly Mention[] {
  const inputs = step.get('inputs');
  const task = step.get('task')?.text()?.toLowerCase().replace(/@.*$/, '');
  const script =
    step.get('script') ?? step.get('bash') ?? (task === 'bash' || task === 'cmdline' ? inputs?.get('script') : undefined);
  const power = step.get('pwsh') ?? step.get('powershell') ?? (task === 'powershell' ? inputs?.get('script') : undefined);
  const command = task === undefined ? undefined : commandOfTask(task, inputs?.strings() ?? {});
  const lines = script?.lines() ?? power?.lines() ?? (command === undefined ? [] : [{ text: command, line: step.line }]);
  const place = step.get('workingDirectory') ?? inputs?.get('workingDirectory') ?? inputs?.get('workingDir');
  const cwd = relativeDirectory(filled(place?.text() ?? '', scope).replace(/^\.\/?$/, ''));
  const title = titleOf(step, scope);
  const condition = step.get('condition')?.text() ?? '';
  // Once something has failed it tells somebody of it.
  const tells = /^\s*failed\(/.test(condition) || step.get('enabled')?.text() === 'false';
  if (lines.length === 0 || cwd === undefined || tells) return [];
  const env = step.get('env')?.strings() ?? {};
  const given = lines.map(({ text, line }) => ({ text: filled(text, scope), line }));
  const own = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, filled(value, scope)]));
  const found = pipelineMentions({
    ...{ file: scope.file, job: scope.job, title, line: step.line, cwd, runs },
    commands: [power === undefined ? given : plainCalls(given)],
    env: literals({ ...scope.variables, ...own }),
    secret: Object.values(env).some((value) => /token|secret|password|accesskey/i.test(value)),
    aside: /\b(?:failed|always|succeededOrFailed)\(/.test(condition) || step.get('continueOnError')?.text() === 'true',
  });
  return scope.via === undefined ? found : found.map((mention) => ({ ...mention, ...(scope.via ? { via: scope.via } : {}) }));
}

function titleOf(node: YamlNode, scope: Scope): string | undefined {
  const title = node.get('displayName')?.text();
  return title === undefined
    ? undefined
    : filled(title, scope)
        .replace(/\$EXPRESSION/g, '')
        .replace(/\s+/g, ' ')
        .trim();
}

/** With what the pipeline says of its parameters and variables; of all else a variable of the shell, whose value nobody knows here. */
function filled(text: string, { parameters, variables }: Scope): string {
  const known = (values: Values, name: string) => (Object.hasOwn(values, name) ? values[name] : undefined);
  const expression = (inner: string) => {
    const [, kind, name = ''] = /^\s*(parameters|variables)\.([\w.-]+)\s*$/.exec(inner) ?? [];
    return kind === undefined ? undefined : known(kind === 'parameters' ? parameters : variables, name);
  };
  return text
    .replace(/\$\{\{((?:(?!\}\}).)*)\}\}/g, (_, inner: string) => expression(inner) ?? '$EXPRESSION')
    .replace(/\$\((?:Build\.SourcesDirectory|Build\.Repository\.LocalPath|System\.DefaultWorkingDirectory)\)/gi, '.')
    .replace(
      /\$\(([A-Za-z_][\w.-]*)\)/g,
      (whole, name: string) =>
        known(variables, name) ??
        (/^(?:Build|System|Agent|Pipeline|Environment|Common)\.|\./i.test(name) ? '$EXPRESSION' : whole),
    );
}

/** What a task of the service runs that is there for a known tool; undefined for any other. */
function commandOfTask(task: string, inputs: Values): string | undefined {
  const { command = '', arguments: args = '' } = inputs;
  const said = (...words: readonly (string | undefined)[]) => words.filter((word) => word !== undefined && word !== '').join(' ');
  switch (task) {
    case 'npm':
      return command === 'custom'
        ? said('npm', inputs['customCommand'])
        : command === 'install' || command === 'ci'
          ? `npm ${command}`
          : undefined;
    case 'dotnetcorecli':
      return /^(?:build|test|pack|restore)$/.test(command)
        ? said('dotnet', command, wholeGlob(inputs['projects']), args)
        : command === 'custom'
          ? said('dotnet', inputs['custom'], args)
          : undefined;
    case 'gradle':
      return said('./gradlew', inputs['tasks'] ?? 'build', inputs['options']);
    case 'maven':
      return said('mvn', inputs['goals'] ?? 'package', inputs['options']);
    case 'go':
      return /^(?:build|test|vet)$/.test(command) ? said('go', command, args) : undefined;
    case 'cmake':
      return said('cmake', inputs['cmakeArgs']);
    default:
      return undefined;
  }
}

/** Which projects, where that is one. */
function wholeGlob(projects: string | undefined): string | undefined {
  return projects === undefined || /[*!\n]/.test(projects) ? undefined : projects;
}
