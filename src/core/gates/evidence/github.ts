/** GitHub workflows: which checks count, and with which arguments. Pure. */
import type { EvidenceFile } from '../evidence.js';
import type { Mention } from '../mention.js';
import { buildsProject } from '../script-of-job.js';
import { runsByName } from '../script-unknown.js';
import { callsIn } from '../script-words.js';
import { commandsOfAction, comparesAfterwards, isNamedAfterTool } from './actions.js';
import { commandsOf, relativeDirectory, type ScriptCommand, shellMention } from './commands.js';
import { literals } from './environment.js';
import { type EarlierStep, inlineMention } from './inline.js';
import { withKnownVariables } from './known-variables.js';
import { type Runs, textsAt } from './pipeline.js';
import { isPowerShell, partsOfPowerShell } from './powershell.js';
import { readYaml, type YamlNode } from './yaml.js';

/** Workflows that call workflows: as many as the service lets them. */
const DEEPEST = 4;

/**
 * A mention a command of each step, and for well-known actions what they run. A workflow of the repository that a job calls is read in its
 * place, with the inputs that it is given; one that is only there to be called says nothing by itself.
 */
export async function readWorkflow(input: EvidenceFile): Promise<readonly Mention[]> {
  const root = readYaml(input);
  const on = root?.get('on');
  const events = [...textsAt(on), ...(on?.entries() ?? []).map(([event]) => event)];
  const isCalled = events.includes('workflow_call') && !events.some((event) => !/^workflow_(?:call|dispatch)$/.test(event));
  if (root === undefined || (isCalled && input.read !== undefined)) return [];
  const isScheduled = events.includes('schedule') && events.every((event) => /^(?:schedule|workflow_dispatch)$/.test(event));
  const found = await jobsMentions(root, { input, file: input.file, runs: runsFor(on), inputs: {}, depth: 0 });
  return isScheduled ? found.map((mention) => ({ ...mention, scheduled: true as const })) : found;
}

interface Called {
  readonly input: EvidenceFile;
  readonly file: string;
  readonly runs: Runs;
  /** As `inputs.name`, beside the environment. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly depth: number;
  /** The job that calls it. */
  readonly via?: Mention;
}

async function jobsMentions(root: YamlNode, called: Called): Promise<readonly Mention[]> {
  const { file, runs, inputs, via } = called;
  const env = { ...root.get('env')?.strings(), ...inputs };
  const flags = {
    ...(runs === 'for review' ? { reviewed: true as const } : runs === 'after push' ? { pushed: true as const } : {}),
    ...(via ? { via } : {}),
  };
  const defaultOf = (node: YamlNode) => node.get('defaults')?.get('run')?.get('working-directory')?.text();
  const found: Mention[] = [];
  for (const [name, job] of root.get('jobs')?.entries() ?? []) {
    if (isOff(job) || analyses(job) || isOfAnother(job)) continue;
    const steps = job.get('steps')?.items() ?? [];
    const surroundings = {
      ...{ file, name, env: { ...env, ...resolvedIn(env, job.get('env')?.strings() ?? {}) } },
      programs: programsToldBy(steps),
      matrix: matrixOf(job.get('strategy')?.get('matrix')),
      directory: defaultOf(job) ?? defaultOf(root),
      checkout: checkoutOf(steps),
      served: job.get('services') !== undefined,
    };
    const below = await calledMentions(job, surroundings, called);
    found.push(...(below ?? borrowedMentions(job, surroundings)).map((mention) => ({ ...flags, ...mention })));
    found.push(...stepsIn(beforeOwnAction(steps), surroundings).map((mention) => ({ ...mention, ...flags })));
  }
  return found;
}

/** What is built for the service to analyse it, it does not check. */
function analyses(job: YamlNode): boolean {
  return (job.get('steps')?.items() ?? []).some((step) =>
    /^github\/codeql-action\/(?:init|analyze)@/.test(step.get('uses')?.text() ?? ''),
  );
}

/** Whether a job puts another repository in the place of its own, whose checks it runs. */
function isOfAnother(job: YamlNode): boolean {
  const checkouts = (job.get('steps')?.items() ?? []).filter((step) =>
    /^actions\/checkout(?:@|$)/.test(step.get('uses')?.text() ?? ''),
  );
  const named = checkouts.map((step) => step.get('with'));
  const isElsewhere = (told: YamlNode | undefined) => /^[\w.-]+\/[\w.-]+$/.test(told?.get('repository')?.text() ?? '');
  return named.length > 0 && named.every(isElsewhere) && named.some((told) => told?.get('path') === undefined);
}

/** What comes after the repository has run itself as an action checks what that did on the machine of the service. */
function beforeOwnAction(steps: readonly YamlNode[]): readonly YamlNode[] {
  const at = steps.findIndex((step) => /^\.\/?$/.test(step.get('uses')?.text() ?? ''));
  return at < 0 ? steps : steps.slice(0, at);
}

/** What a workflow of the repository runs that a job calls; undefined where it calls none that can be read. */
async function calledMentions(
  job: YamlNode,
  { name, env, matrix }: Surroundings,
  caller: Called,
): Promise<readonly Mention[] | undefined> {
  const uses = job.get('uses');
  const file = /^(?:\.\/|[\w.-]+\/[\w.-]+\/)(\.github\/workflows\/[\w.-]+\.ya?ml)(?:@|$)/.exec(uses?.text() ?? '')?.[1];
  if (uses === undefined || file === undefined || caller.depth >= DEEPEST) return undefined;
  const text = await caller.input.read?.(file);
  const root = text === undefined ? undefined : readYaml({ ...caller.input, file, text, warn: () => {} });
  const call = root?.get('on')?.get('workflow_call');
  const isForCalls = call !== undefined || textsAt(root?.get('on')).includes('workflow_call');
  if (root === undefined || !isForCalls) return undefined;
  const given = Object.entries(job.get('with')?.strings() ?? {}).map(
    ([key, value]) => [`inputs.${key}`, withoutExpressions(value, env, matrix)] as const,
  );
  const at = { file: caller.file, line: uses.line, name, text: `uses: ${uses.text()}` } as const;
  const via: Mention = caller.via ?? { ...at, role: 'workflow', cwd: '', env: {}, command: { kind: 'argv', argv: [] } };
  const inputs = { ...defaultInputs(call), ...Object.fromEntries(given) };
  return jobsMentions(root, { ...caller, file, inputs, via, depth: caller.depth + 1 });
}

/** The inputs of a workflow or an action as nobody says anything else. */
function defaultInputs(node: YamlNode | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (node?.get('inputs')?.entries() ?? []).flatMap(([name, input]) => {
      const value = input.get('default')?.text();
      return value === undefined ? [] : [[`inputs.${name}`, value] as const];
    }),
  );
}

/** For which changes a workflow runs. Those that are only labelled are not proposed by that. */
function runsFor(on: YamlNode | undefined): Runs {
  if (on === undefined) return 'otherwise';
  const events = new Map(on.entries());
  const named = [...textsAt(on), ...events.keys()];
  const types = textsAt(events.get('pull_request')?.get('types'));
  const proposed = types.length === 0 || types.some((type) => type === 'opened' || type === 'synchronize');
  if (named.includes('pull_request') && proposed) return 'for review';
  const push = events.get('push');
  const onlyTags = push?.get('tags') !== undefined && push.get('branches') === undefined;
  return named.includes('push') && !onlyTags ? 'after push' : 'otherwise';
}

/** A job that is a workflow of another repository: nobody here knows what that runs, but its name may be that of a tool. */
function borrowedMentions(job: YamlNode, { file, name, env, matrix }: Surroundings): readonly Mention[] {
  const uses = job.get('uses');
  const borrowed = /^[\w.-]+\/[\w./-]+\/([\w.-]+)\.ya?ml@/.exec(uses?.text() ?? '')?.[1];
  if (uses === undefined || borrowed === undefined) return [];
  const text = `uses: ${uses.text()}`;
  const toxenv = withoutExpressions(job.get('with')?.get('toxenv')?.text() ?? '', env, matrix).trim();
  if (toxenv !== '') {
    const line = { text: `tox -e ${toxenv}`, line: uses.line };
    return expanded(line, matrix).map((each) => ({ ...shellMention(each, { file, name, role: 'workflow' }), text }));
  }
  const named = borrowed.toLowerCase().split(/[^a-z]+/);
  const scan =
    SCANS.find(([program = '']) => named.includes(program)) ??
    (named.some((word) => /^tests?$/.test(word))
      ? TESTS.find(([language = '']) => named.includes(language))?.slice(1)
      : undefined);
  const command = { kind: 'argv', argv: scan ?? [] } as const;
  const by = scan ? {} : { borrowed };
  return [{ file, line: uses.line, name, role: 'workflow', cwd: '', env: {}, text, ...by, command }];
}

/** What workflows do that are named after them. */
const SCANS: readonly (readonly string[])[] = [
  ['zizmor', '.'],
  ['typos'],
  ['govulncheck', './...'],
  ['gosec', './...'],
  ['reuse', 'lint'],
];

/** How tests of a language are run, after whose name a workflow is called: `swift_package_test`. */
const TESTS: readonly (readonly string[])[] = [
  ['swift', 'swift', 'test'],
  ['rust', 'cargo', 'test'],
  ['go', 'go', 'test', './...'],
  ['dart', 'dart', 'test'],
  ['flutter', 'flutter', 'test'],
  ['elixir', 'mix', 'test'],
  ['haskell', 'cabal', 'test'],
  ['scala', 'sbt', 'test'],
];

/** What the steps of a composite action of the repository run, for the step of a workflow that uses it. */
export function readAction(input: EvidenceFile, caller: Mention): readonly Mention[] {
  const root = readYaml(input);
  const steps = root?.get('runs')?.get('steps')?.items() ?? [];
  const surroundings = {
    file: input.file,
    name: caller.name,
    env: { ...caller.env, ...defaultInputs(root), ...caller.given },
    programs: programsToldBy(steps),
    matrix: matrixOf(undefined),
    directory: undefined,
    checkout: undefined,
    served: caller.served === true,
  };
  return stepsIn(steps, surroundings).map((mention) => ({
    ...mention,
    via: caller.via ?? caller,
    ...(caller.secret ? { secret: true as const } : {}),
    ...(caller.reviewed ? { reviewed: true as const } : {}),
  }));
}

/** Whether a job or a step never runs. */
function isOff(node: YamlNode): boolean {
  return /^(?:false|\$\{\{\s*false\s*\}\})$/.test(node.get('if')?.text() ?? '');
}

interface Surroundings {
  readonly file: string;
  /** Of the job. */
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  /** What programs steps of the job are told of by variables. */
  readonly programs: Readonly<Record<string, string>>;
  readonly matrix: Matrix;
  /** Where steps run that say nothing of it. */
  readonly directory: string | undefined;
  /** Where the repository is put, as the workflow says it; undefined for where steps run. */
  readonly checkout: string | undefined;
  /** The service starts databases and their like for it. */
  readonly served: boolean;
}

/** Where steps put the repository of the workflow, seen from where steps run, as it stands there; undefined for there. */
function checkoutOf(steps: readonly YamlNode[]): string | undefined {
  const own = steps.filter(
    (step) => /^actions\/checkout(?:@|$)/.test(step.get('uses')?.text() ?? '') && !step.get('with')?.get('repository'),
  );
  const places = own.map((step) => inWorkspace(step.get('with')?.get('path')?.text() ?? ''));
  return places.every((place) => place !== '' && place !== '.') ? places[0] : undefined;
}

function inWorkspace(text: string): string {
  return text.replace(/^\$\{\{\s*github\.workspace\s*\}\}(?:\/|$)/, '').replace(/^\.\/|\/$/g, '');
}

/** A directory of a step seen from the repository. */
function fromCheckout(directory: string | undefined, checkout: string | undefined): string | undefined {
  if (directory === undefined || checkout === undefined) return directory;
  const place = inWorkspace(directory);
  return place === checkout ? '' : place.startsWith(`${checkout}/`) ? place.slice(checkout.length + 1) : directory;
}

/** The mentions of each step, and of those whose own shell checks what they or the steps before have made. */
function stepsIn(steps: readonly YamlNode[], surroundings: Surroundings): readonly Mention[] {
  const earlier: EarlierStep[] = [];
  return steps.flatMap((step) => {
    const found = placedMentions(step, surroundings);
    const run = step.get('run');
    const [first] = found;
    if (run === undefined || first === undefined) return found;
    const text = withoutExpressions(run.text() ?? '', surroundings.env, surroundings.matrix);
    const like = wholeStep(step, first, surroundings);
    const inline = like && inlineMention(text, like, earlier);
    earlier.push({ text, line: step.line, cwd: first.cwd, sometimes: step.get('if') !== undefined });
    return inline ? [...found, inline] : found;
  });
}

/** What is said of the step as a whole; undefined where its result counts for nothing, or others read more of it than its end. */
function wholeStep(
  step: YamlNode,
  first: Mention,
  { file, name, env, matrix, directory, checkout }: Surroundings,
): Mention | undefined {
  const said = fromCheckout(directoryOf(step) ?? directory, checkout);
  const cwd = relativeDirectory(withoutExpressions(said ?? '', env, matrix));
  const told = /GITHUB_(?:OUTPUT|ENV|PATH|STEP_SUMMARY)/.test(step.get('run')?.text() ?? '');
  if (cwd === undefined || told || !endsCount(step) || first.command.kind !== 'shell') return undefined;
  const { settings: _, files: _files, ...rest } = first;
  const own = literals({ ...env, ...(step.get('env')?.strings() ?? {}) });
  return { ...rest, file, name, cwd, line: step.line, env: own, step: { ...nameOf(step), line: step.line } };
}

/** The step once for each folder in which a matrix runs it. */
function placedMentions(step: YamlNode, surroundings: Surroundings, left = MOST_VALUES): readonly Mention[] {
  const { matrix } = surroundings;
  const place = directoryOf(step) ?? surroundings.directory ?? '';
  const moves = [
    ...(step.get('run')?.text() ?? '').matchAll(
      /(?:^|[\s;&(])(?:cd|pushd|--manifest-path|--cwd|--prefix)[ \t=]+(\$\{\{[^}\n]*\}\}|[^\n;&|]*)/g,
    ),
  ].map(([, to = '']) => to);
  const keys = [place, ...moves].flatMap((text) => [...text.matchAll(MATRIX_KEY)].map(([, key = '']) => variableOf(key)));
  const key = keys.find((each) => (matrix.values.get(each)?.length ?? 0) > 1);
  const values = key === undefined ? [] : (matrix.values.get(key) ?? []);
  if (key === undefined || values.length > left) return stepMentions(step, surroundings);
  const rest = Math.floor(left / values.length);
  return values.flatMap((value) => placedMentions(step, { ...surroundings, matrix: matrix.with(key, value) }, rest));
}

const MATRIX_KEY = /\$\{\{\s*matrix\.([\w.-]+)\s*\}\}/g;

/** Where a step says that it runs, or tells its action to. */
function directoryOf(step: YamlNode): string | undefined {
  return (step.get('working-directory') ?? step.get('with')?.get('working-directory'))?.text();
}

function stepMentions(
  step: YamlNode,
  { file, name, env: outer, programs, matrix, directory, checkout, served }: Surroundings,
): readonly Mention[] {
  if (isOff(step)) return [];
  const said = directoryOf(step) ?? directory;
  const own = step.get('env')?.strings() ?? {};
  const env = { ...outer, ...resolvedIn(outer, own) };
  const place = relativeDirectory(withoutExpressions(fromCheckout(said, checkout) ?? '', env, matrix));
  const run = step.get('run') ?? runOfAction(step);
  // Where CI builds is for CI to know; where a user does, the tool has to find.
  const cwd = place ?? (/^ctest\b/.test(run?.text() ?? '') ? '' : undefined);
  if (cwd === undefined) return [];
  const isSecret = [...Object.values(own), run?.text() ?? '', step.get('if')?.text() ?? ''].some((text) =>
    /\bsecrets\./.test(text),
  );
  // What is proposed, and by whom, only the service knows.
  const isToldOfEvent = Object.values(own).some((text) => /\bgithub\.(?:event\.|token\b|actor\b)/.test(text));
  const secret = isSecret || isToldOfEvent ? ({ secret: true } as const) : {};
  const below = said === undefined && relativeDirectory(checkout);
  const above = below ? { checkout: below } : {};
  const told = { env: literals(env), settings: settingsOf(own, matrix) };
  const beside = served ? ({ served: true } as const) : {};
  const common = { file, name, role: 'workflow', cwd, ...told, ...secret, ...above, ...beside } as const;
  const part = findsOut(step) ? { step: { ...nameOf(step), ...conditionOf(step), line: step.line } } : {};
  const shell = step.get('shell')?.text();
  const inPowerShell = run && isPowerShell(shell) ? partsOfPowerShell(run) : undefined;
  if (typeof inPowerShell === 'string') {
    const command = { kind: 'argv', argv: ['pwsh', '-NoProfile', '-NonInteractive', '-Command', inPowerShell] } as const;
    const [text = ''] = inPowerShell.split('\n');
    return secret.secret || part.step === undefined
      ? []
      : [{ ...common, ...part, line: run?.line ?? step.line, text, inline: 'looks', command }];
  }
  if (run && (shell === undefined || /^(?:bash|sh)\b/.test(shell) || inPowerShell)) {
    const lines = inPowerShell ?? run.lines();
    const toxenv = withoutExpressions(env['TOXENV'] ?? '', env, matrix).trim();
    const named = { ...programs, ...env };
    const filled = (text: string) => withKnownVariables(withoutExpressions(text, env, matrix), env);
    const plain = (text: string) => withToxEnvironment(withPrograms(filled(text), named), toxenv);
    return commandsOf(lines.map(({ text, line }) => ({ text: plain(text), line }))).flatMap((command) =>
      expanded(command, matrix).map((each) => ({
        ...shellMention(each, common),
        ...part,
        text: lines.find(({ line }) => line === command.line)?.text.trim() ?? command.text,
      })),
    );
  }
  const uses = step.get('uses');
  const used = uses?.text() ?? '';
  const at = { ...common, line: uses?.line ?? step.line, text: `uses: ${used}` };
  // Both ways to name the repository of the workflow itself.
  if (/^[.$]\/[\w@./-]+$/.test(used) && !used.split('/').includes('..'))
    return [
      {
        ...at,
        cwd: '',
        action: used.slice(2).replace(/\/$/, ''),
        ...givenTo(step, env, matrix),
        command: { kind: 'argv', argv: [] },
      },
    ];
  if (comparesAfterwards(used)) return [{ ...at, compares: true, command: { kind: 'argv', argv: [] } }];
  const inputs = filledInputs(step, env, matrix);
  const commands = commandsOfAction(used, inputs);
  if (commands === undefined && part.step !== undefined && isNamedAfterTool(used, inputs))
    return [{ ...at, borrowed: used.replace(/@.*$/, ''), command: { kind: 'argv', argv: [] } }];
  return (commands ?? []).map((argv) => ({ ...at, command: { kind: 'argv', argv } }));
}

/** What an action is told, as far as the workflow says it. */
function filledInputs(step: YamlNode, env: Readonly<Record<string, string>>, matrix: Matrix): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(step.get('with')?.strings() ?? {}).map(([name, value]) => {
      const filled = withoutExpressions(value, env, matrix);
      return [name, /\$(?:EXPRESSION\b|MATRIX_)/.test(filled) ? value : filled] as const;
    }),
  );
}

/** What a composite action of the repository is told. */
function givenTo(step: YamlNode, env: Readonly<Record<string, string>>, matrix: Matrix): Pick<Mention, 'given'> {
  const inputs = Object.entries(step.get('with')?.strings() ?? {});
  if (inputs.length === 0) return {};
  return { given: Object.fromEntries(inputs.map(([name, value]) => [`inputs.${name}`, withoutExpressions(value, env, matrix)])) };
}

/** Whether a step is there for its result: none that tells others something, may fail, or runs once something has failed. */
function findsOut(step: YamlNode): boolean {
  // The program that builds and tests all does so, whatever else others learn from it.
  const tests = /\btests?\b/i.test(step.get('name')?.text() ?? '') && buildsProject(step.get('run')?.text()?.trim() ?? '');
  return (step.get('id') === undefined || tests) && endsCount(step);
}

/** Whether a job fails where the step does, and not only once something else has. */
function endsCount(step: YamlNode): boolean {
  const condition = step.get('if')?.text() ?? '';
  const mayFail = step.get('continue-on-error')?.text() ?? 'false';
  return mayFail === 'false' && !/\b(?:failure|cancelled|always)\s*\(/.test(condition);
}

function conditionOf(step: YamlNode): { readonly conditional?: true } {
  return step.get('if') === undefined ? {} : { conditional: true };
}

function nameOf(step: YamlNode): { readonly name?: string } {
  const name = step.get('name')?.text();
  return name === undefined ? {} : { name };
}

/** What a step gives to an action that does nothing but to run it: again, or with a display. */
function runOfAction(step: YamlNode): YamlNode | undefined {
  const name = (step.get('uses')?.text() ?? '').toLowerCase().replace(/@.*$/, '');
  const input = Object.hasOwn(RUNNING_ACTIONS, name) ? RUNNING_ACTIONS[name] : undefined;
  return input === undefined ? undefined : step.get('with')?.get(input);
}

const RUNNING_ACTIONS: Readonly<Record<string, string>> = {
  'coactions/setup-xvfb': 'run',
  'liskin/gh-problem-matcher-wrap': 'run',
  'gabrielbb/xvfb-action': 'run',
  'nick-fields/retry': 'command',
  'nick-invision/retry': 'command',
  'wandalen/wretry.action': 'command',
  'reactivecircus/android-emulator-runner': 'script',
};

const EXPRESSION = /\$\{\{((?:(?!\}\}|\$\{\{).)*)\}\}/g;

/** With what the workflow's own `env` says in its place; of all else a variable of the shell, whose value nobody knows here. */
function withoutExpressions(text: string, env: Readonly<Record<string, string>>, matrix: Matrix): string {
  return text.replace(/\$(?:GITHUB_WORKSPACE\b|\{GITHUB_WORKSPACE\})/g, '.').replace(EXPRESSION, (_, inner: string) => {
    const expression = inner.trim();
    const [, plain, input] = /^(?:env\.(\w+)|(inputs\.[\w-]+))$/.exec(expression) ?? [];
    const variable = plain ?? input ?? '';
    const value = Object.hasOwn(env, variable) ? env[variable] : undefined;
    if (value !== undefined && !value.includes('${{')) return value;
    if (expression === 'github.workspace') return '.';
    const key = /^matrix\.([\w.-]+)$/.exec(expression)?.[1];
    const [only, ...others] = (key === undefined ? undefined : matrix.values.get(variableOf(key))) ?? [];
    // A matrix of one value is a constant.
    if (only !== undefined && others.length === 0) return only;
    return key === undefined ? '$EXPRESSION' : `$MATRIX_${variableOf(key)}`;
  });
}

/** `$CARGO build`: a program that the environment names, or that the variable is called after, in its place. */
function withPrograms(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(PROGRAM_VARIABLE, (whole, before: string, name: string) => {
    const value = Object.hasOwn(env, name) ? (env[name] ?? '') : '';
    if (/^[\w./-]+$/.test(value)) return `${before}${value}`;
    const program = name.toLowerCase();
    return value === '' && runsByName(program) ? `${before}${program}` : whole;
  });
}

/** What steps write down for those after them: `echo "CABAL=$HOME/bin/cabal-3.16 -v1" >> "$GITHUB_ENV"` is a program with its options. */
function programsToldBy(steps: readonly YamlNode[]): Readonly<Record<string, string>> {
  const texts = steps.map((step) => step.get('run')?.text() ?? '').filter((text) => text.includes('GITHUB_ENV'));
  const said = texts.flatMap(callsIn).flatMap(([program, ...args]) => (program === 'echo' ? args : []));
  return Object.fromEntries(
    said.flatMap((text) => {
      const [, name = '', value = ''] = /^([A-Za-z_]\w*)=(\S+)/.exec(text) ?? [];
      const [program = ''] = /^[a-z][\w]*(?:-[a-z]+)*/.exec(value.split('/').at(-1) ?? '') ?? [];
      return name === '' || program === '' ? [] : [[name, program] as const];
    }),
  );
}

/** With the environments that tox takes from a variable where it is told of none. */
function withToxEnvironment(line: string, toxenv: string): string {
  const runs = /^\s*(?:(?:uvx|uv run|pipx run)\s(?:.*\s)?|python[\d.]*\s+-m\s+)?tox(?:\s|$)/.test(line);
  return runs && toxenv !== '' && !/\s(?:-e|-f|--notest|-l|--listenvs|config|devenv)(?:\s|$)|[|;&\\]/.test(line)
    ? `${line} -e ${toxenv}`
    : line;
}

/** A variable where a command begins. */
const PROGRAM_VARIABLE = /(^\s*|(?:&&|\|\||;)\s*)"?\$\{?([A-Za-z_]\w*)\}?"?(?=\s)/gm;

/** A key of a matrix as the name of a variable. */
export function variableOf(key: string): string {
  return key.replace(/[.-]/g, '_');
}

/** The values that a job is run with. */
export interface Matrix {
  /** That each key takes, keys of nested maps joined by `_`. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  /** What is left of it where a key has one of its values. */
  with(key: string, value: string): Matrix;
}

/** Maps in values of a matrix. */
const DEEPEST_VALUE = 3;

/** The matrix that stands at a node; one without values where there is none. */
export function matrixOf(node: YamlNode | undefined, fixed: ReadonlyMap<string, string> = new Map()): Matrix {
  const values = new Map<string, Set<string>>();
  const take = (found: ReadonlyMap<string, readonly string[]>) => {
    for (const [key, texts] of found) values.set(key, new Set([...(values.get(key) ?? []), ...texts]));
  };
  const isMeant = (found: ReadonlyMap<string, readonly string[]>) =>
    [...fixed].every(([key, value]) => found.get(key)?.includes(value) ?? true);
  for (const [key, list] of node?.entries() ?? []) {
    if (key === 'exclude') continue;
    for (const item of list.items()) {
      const found = new Map<string, string[]>();
      if (key === 'include') for (const [inner, value] of item.entries()) addValues(variableOf(inner), value, found);
      else addValues(variableOf(key), item, found);
      if (isMeant(found)) take(found);
    }
  }
  const narrower = new Map<string, Matrix>();
  return {
    values: new Map([...values].map(([key, found]) => [key, [...found]])),
    with: (key, value) => {
      const known = narrower.get(`${key}=${value}`) ?? matrixOf(node, new Map([...fixed, [key, value]]));
      narrower.set(`${key}=${value}`, known);
      return known;
    },
  };
}

function addValues(key: string, value: YamlNode, found: Map<string, string[]>, depth = 0): void {
  const text = value.text();
  if (text !== undefined && /^[\w@%+=:,./ -]+$/.test(text)) found.set(key, [...(found.get(key) ?? []), text]);
  if (depth < DEEPEST_VALUE)
    for (const [inner, each] of value.entries()) addValues(variableOf(`${key}_${inner}`), each, found, depth + 1);
}

/** So many values of a matrix are names of checks; more are versions or machines. */
const MOST_VALUES = 25;
/** What runs something by name. Elsewhere the values of a matrix are variants of one check. */
const BY_NAME =
  /^(?:npm|npx|yarn|pnpm|bun|make|just|task|tox|nox|composer|rake|bundle exec rake|hatch run|pdm run|poe|uv run (?:.*\s)?(?:tox|nox)|uvx (?:.*\s)?(?:tox|nox)|python[\d.]* -I?m (?:tox|nox)|turbo|nx|sbt|mage|inv|invoke|deno task|pixi run|melos run)\s/;

/** Which configuration a tool is told of is another check. */
const BY_CONFIGURATION = /\s(?:--config(?:uration|-file)?|--manifest-path|--project|-c)[= ]["']?[^\s"'$]*\$MATRIX_(\w+)/;

/** As is which target of a build. */
const BY_TARGET = /^cmake\s+--build\s(?:.*\s)?(?:--target|-t)[= ]["']?[^\s"'$]*\$MATRIX_(\w+)/;

/** Versions of a language or a compiler, which are no names of checks. */
const VERSION = /^v?\d[\d.]*$/;

/** Commands of one line at most. */
const MOST_COMMANDS = 100;

/**
 * The command once for each value of the matrix that names what runs. What is assigned to a variable is another variant of one check: the
 * first stands for all.
 */
function expanded(command: ScriptCommand, matrix: Matrix, left = MOST_COMMANDS): readonly ScriptCommand[] {
  const target = BY_TARGET.exec(command.text);
  const [, key] = target ?? (BY_NAME.test(command.text) ? /\$MATRIX_(\w+)/ : BY_CONFIGURATION).exec(command.text) ?? [];
  const all = key === undefined ? undefined : matrix.values.get(key);
  if (key === undefined || all === undefined || all.length > MOST_VALUES) return [command];
  const isAssigned = command.text.split(/\s+/).some((word) => /^[A-Za-z_]\w*=/.test(word) && word.includes(`$MATRIX_${key}`));
  const values = all.slice(0, isAssigned || (target !== null && all.every((value) => VERSION.test(value))) ? 1 : left);
  const rest = Math.max(1, Math.floor(left / values.length));
  return values.flatMap((value) =>
    expanded({ ...command, text: command.text.replaceAll(`$MATRIX_${key}`, value) }, matrix, rest),
  );
}

/** With what the environment around it says of the variables that it names. */
function resolvedIn(
  outer: Readonly<Record<string, string>>,
  own: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const named = /\$\{\{\s*(?:env\.(\w+)|(inputs\.[\w-]+))\s*\}\}/g;
  return Object.fromEntries(
    Object.entries(own).map(([name, value]) => [
      name,
      value.replace(named, (whole, plain: string | undefined, input: string | undefined) => {
        const variable = plain ?? input ?? '';
        return Object.hasOwn(outer, variable) ? (outer[variable] ?? whole) : whole;
      }),
    ]),
  );
}

/** What a step alone is told in its environment: the project's own switches. Of a matrix the first value stands for all. */
function settingsOf(own: Readonly<Record<string, string>>, matrix: Matrix): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(own).flatMap(([name, value]) => {
      const key = /^\$\{\{\s*matrix\.([\w.-]+)\s*\}\}$/.exec(value)?.[1];
      const known = key === undefined ? value : (matrix.values.get(variableOf(key))?.[0] ?? '');
      return known === '' || known.includes('${{') || known.includes('\n') || SERVICE.test(name) ? [] : [[name, known] as const];
    }),
  );
}

/** Names of settings that are for the service, for others that it talks to, or for how things are shown and kept. */
const SERVICE =
  /URL|URI|HOST|PORT|TOKEN|KEY|SECRET|PASS|USER|PATH|DIR|HOME|CACHE|COLOR|GITHUB|RUNNER|COV|DEBUG|LOG|DSN|MAIL|NAME|VERSION|REGISTRY|BROWSER|TIMEOUT|JOBS|WORKER|PARALLEL|RETR|^(?:CI|PYTHON\w*|PIP\w*|UV_\w+|TOX\w*|HUSKY|CARGO_\w+|RUST_\w+|npm_\w+|NPM_\w+|GH_\w+|COMPOSER_\w+|BUNDLE\w*|JAVA\w*|GRADLE\w*|MAVEN\w*|DOTNET\w*|PG\w+|MYSQL\w+)$/i;
