/** GitHub workflows: which checks count, and with which arguments. Pure. */
import type { EvidenceFile } from '../evidence.js';
import type { Mention } from '../mention.js';
import { comparisonIn } from '../mention-alternative.js';
import { isBuildFolder } from '../native-builds.js';
import { buildsProject } from '../script-of-job.js';
import { commandsOfAction, comparesAfterwards, isNamedAfterTool } from './actions.js';
import { commandsOf, relativeDirectory, shellMention } from './commands.js';
import { isNeverForReview } from './conditions.js';
import { literals, machineOf } from './environment.js';
import { programsToldBy, resolvedIn, settingsOf, withoutExpressions, withPrograms, withToxEnvironment } from './expressions.js';
import { imageOfAction } from './image-actions.js';
import { type EarlierStep, inlineMention } from './inline.js';
import { isForReleases, isOfAnother } from './jobs.js';
import { type Matrix, matrixOf, variableOf } from './matrix.js';
import { expanded, MOST_VALUES } from './matrix-commands.js';
import { type Runs, textsAt } from './pipeline.js';
import { checkOfPowerShell, isPowerShell, plainCalls } from './power-shell.js';
import { withVariables } from './variables.js';
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
  if (root === undefined || (isCalled && input.read !== undefined) || isAskedFor(events)) return [];
  const isScheduled = events.includes('schedule') && events.every((event) => /^(?:schedule|workflow_dispatch)$/.test(event));
  const found = await jobsMentions(root, { input, file: input.file, runs: runsFor(on), inputs: {}, depth: 0 });
  return isScheduled ? found.map((mention) => ({ ...mention, scheduled: true as const })) : found;
}

/** Whether a workflow does what somebody asks of it in a comment. */
function isAskedFor(events: readonly string[]): boolean {
  const byComment = events.filter((event) => /^(?:issues|issue_comment|discussion|discussion_comment)$/.test(event));
  return byComment.length > 0 && events.every((event) => byComment.includes(event) || event === 'workflow_dispatch');
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
  const flagsOf = (isAfter: boolean) => ({
    ...(runs === 'otherwise' ? {} : isAfter || runs === 'after push' ? { pushed: true as const } : { reviewed: true as const }),
    ...(via ? { via } : {}),
  });
  const defaultOf = (node: YamlNode) => node.get('defaults')?.get('run')?.get('working-directory')?.text();
  const found: Mention[] = [];
  for (const [name, job] of root.get('jobs')?.entries() ?? []) {
    if (isOff(job) || analyses(job, `${file} ${name} ${job.get('name')?.text() ?? ''}`) || isOfAnother(job) || isForReleases(job))
      continue;
    const steps = job.get('steps')?.items() ?? [];
    const isAfter = isNeverForReview(job.get('if')?.text() ?? '');
    const surroundings = {
      ...{ file, name, env: { ...env, ...resolvedIn(env, job.get('env')?.strings() ?? {}) } },
      programs: programsToldBy(steps),
      matrix: matrixOf(job.get('strategy')?.get('matrix')),
      directory: defaultOf(job) ?? defaultOf(root),
      checkout: checkoutOf(steps),
      shell: shellOf(job) ?? shellOf(root) ?? (isOnWindows(job) ? 'pwsh' : undefined),
      served: job.get('services') !== undefined,
    };
    const below = await calledMentions(job, surroundings, called);
    found.push(...(below ?? borrowedMentions(job, surroundings)).map((mention) => ({ ...flagsOf(isAfter), ...mention })));
    for (const mention of stepsIn(beforeOwnAction(steps), surroundings))
      found.push({ ...mention, ...flagsOf(isAfter || mention.pushed === true) });
  }
  return found;
}

function shellOf(node: YamlNode): string | undefined {
  return node.get('defaults')?.get('run')?.get('shell')?.text();
}

function isOnWindows(job: YamlNode): boolean {
  return /^windows-[\w.-]+$/.test(job.get('runs-on')?.text() ?? '');
}

/** What is built for the service to analyse it, it does not check; where names say nothing of that, it is the build of the project besides. */
function analyses(job: YamlNode, names: string): boolean {
  if (!/codeql|analy[sz]|scan|security|sast/i.test(names)) return false;
  return (job.get('steps')?.items() ?? []).some((step) =>
    /^github\/codeql-action\/(?:init|analyze)@/.test(step.get('uses')?.text() ?? ''),
  );
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
  const told = job.get('with')?.strings() ?? {};
  const scan =
    scanNamedBy(named, told) ??
    (named.some((word) => /^tests?$/.test(word))
      ? TESTS.find(([language = '']) => named.includes(language))?.slice(1)
      : undefined);
  const command = { kind: 'argv', argv: scan ?? [] } as const;
  const by = scan ? {} : { borrowed };
  return [{ file, line: uses.line, name, role: 'workflow', cwd: '', env: {}, text, ...by, command }];
}

/** What a workflow does that is named after a scanner, told as the action of that would be. */
function scanNamedBy(words: readonly string[], told: Readonly<Record<string, string>>): readonly string[] | undefined {
  const name = Object.keys(SCANS).find((each) => words.includes(each));
  return name === undefined ? undefined : commandsOfAction(SCANS[name] ?? '', told)?.[0];
}

/** Scanners, and their actions. */
const SCANS: Readonly<Record<string, string>> = {
  zizmor: 'zizmorcore/zizmor-action',
  typos: 'crate-ci/typos',
  govulncheck: 'golang/govulncheck-action',
  gosec: 'securego/gosec',
  reuse: 'fsfe/reuse-action',
};

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
    shell: undefined,
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
  /** What steps run in that name none; undefined for a shell of POSIX. */
  readonly shell: string | undefined;
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
  return besideCheckout(text)
    .replace(/^\$\{\{\s*github\.workspace\s*\}\}(?:\/|$)/, '')
    .replace(/^\.\/|\/$/g, '');
}

/** The folder above the checkout, which the service gives to its job alone: what CI builds there, a user builds in the checkout. */
function besideCheckout(text: string): string {
  const place = /^\$\{\{\s*runner\.(?:workspace|temp)\s*\}\}(?:\/(.*))?$/.exec(text.trim());
  return place === null ? text : place[1] === undefined ? '' : isBuildFolder(place[1]) ? place[1] : text;
}

/** A directory of a step seen from the repository. */
function fromCheckout(said: string | undefined, checkout: string | undefined): string | undefined {
  const directory = said === undefined ? undefined : besideCheckout(said);
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
    earlier.push({ text, line: step.line, first, sometimes: isOnlySometimes(step) });
    return inline ? [...found, inline] : found;
  });
}

/** Whether a step has a condition that may hold for none of the jobs of a matrix. */
function isOnlySometimes(step: YamlNode): boolean {
  const condition = (step.get('if')?.text() ?? '').replace(/^\$\{\{|\}\}$/g, '').trim();
  return condition !== '' && !condition.split('&&').every((part) => /^\s*matrix\.[\w.-]+\s*==\s*'[^']*'\s*$/.test(part));
}

/** What is said of the step as a whole; undefined where its result counts for nothing, or others read more of it than its end. */
function wholeStep(
  step: YamlNode,
  first: Mention,
  { file, name, env, matrix, directory, checkout, shell }: Surroundings,
): Mention | undefined {
  if (isPowerShell(step.get('shell')?.text() ?? shell)) return undefined;
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
  const given = ['context', 'file', 'dockerfile'].map((name) => step.get('with')?.get(name)?.text() ?? '');
  const keys = [place, ...moves, ...given].flatMap((text) =>
    [...text.matchAll(MATRIX_KEY)].map(([, key = '']) => variableOf(key)),
  );
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
  { file, name, env: outer, programs, matrix, directory, checkout, shell: usual, served }: Surroundings,
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
  const after = isNeverForReview(step.get('if')?.text() ?? '') ? ({ pushed: true } as const) : {};
  const common = { file, name, role: 'workflow', cwd, ...told, ...secret, ...above, ...beside, ...after } as const;
  const part = findsOut(step) ? { step: { ...nameOf(step), ...conditionOf(step), line: step.line } } : {};
  const shell = step.get('shell')?.text() ?? usual;
  const whole = isPowerShell(shell) ? checkOfPowerShell(run?.text() ?? '') : undefined;
  if (whole !== undefined) {
    const command = { kind: 'argv', argv: ['pwsh', '-NoProfile', '-NonInteractive', '-Command', whole] } as const;
    const [text = ''] = whole.split('\n');
    return secret.secret || part.step === undefined
      ? []
      : [{ ...common, ...part, line: run?.line ?? step.line, text, inline: 'looks', command }];
  }
  if (run && (shell === undefined || /^(?:bash|sh|pwsh|powershell)\b/.test(shell)))
    return linesMentions(run.lines(), env, { programs, matrix, shell }, { common, part });
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
  const image = imageOfAction(used, inputs);
  // What is not sent to anybody is built to see that it builds, whatever its workflow is for.
  if (image !== undefined) return [{ ...at, tried: true, command: { kind: 'argv', argv: image } }];
  const commands = commandsOfAction(used, inputs);
  if (commands === undefined && part.step !== undefined && isNamedAfterTool(used, inputs))
    return [{ ...at, borrowed: used.replace(/@.*$/, ''), command: { kind: 'argv', argv: [] } }];
  return (commands ?? []).map((argv) => ({ ...at, command: { kind: 'argv', argv } }));
}

/** A mention a command of the lines that a step runs. */
function linesMentions(
  lines: ReturnType<YamlNode['lines']>,
  env: Readonly<Record<string, string>>,
  { programs, matrix, shell }: Pick<Surroundings, 'programs' | 'matrix' | 'shell'>,
  { common, part }: { readonly common: Omit<Mention, 'command' | 'text' | 'line'>; readonly part: Pick<Mention, 'step'> },
): readonly Mention[] {
  const values = Object.fromEntries(Object.entries(env).map(([key, value]) => [key, withoutExpressions(value, env, matrix)]));
  const toxenv = (values['TOXENV'] ?? '').trim();
  const named = { ...programs, ...env, ...values };
  // Options of several jobs at once may not go together.
  const adds = lines.some(({ text }) => /^\s*cmake\s+(?!--build\b|--install\b)/.test(text));
  const script = lines.map(({ text }) => withPrograms(withoutExpressions(text, env, matrix, adds), named)).join('\n');
  // Variables of PowerShell are others than those of the environment.
  const plain = (isPowerShell(shell) ? script : withVariables(script, values)).split('\n');
  const filled = lines.map(({ line }, index) => ({ text: withToxEnvironment(plain[index] ?? '', toxenv), line }));
  const understood = isPowerShell(shell) ? plainCalls(filled) : filled;
  const isWhole = understood.length >= filled.filter(({ text }) => text.trim() !== '').length;
  return commandsOf(understood).flatMap((command) =>
    expanded(command, matrix).map((each) => ({
      ...shellMention(each, { ...common, env: { ...common.env, ...machineOf(each.text, values) } }),
      ...(isPowerShell(shell) && !isWhole ? {} : part),
      text: lines.find(({ line }) => line === command.line)?.text.trim() ?? command.text,
    })),
  );
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
  // That what came before has failed, only makes it no longer run by itself.
  const plain = condition.replace(/success\(\)\s*\|\|\s*failure\(\)|failure\(\)\s*\|\|\s*success\(\)|!\s*cancelled\(\)/g, '');
  return mayFail === 'false' && !/\b(?:failure|cancelled|always)\s*\(/.test(plain);
}

function conditionOf(step: YamlNode): Pick<NonNullable<Mention['step']>, 'conditional' | 'compared'> {
  const condition = step.get('if');
  const compared = comparisonIn(condition?.text() ?? '');
  return condition === undefined ? {} : { conditional: true, ...(compared ? { compared } : {}) };
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
