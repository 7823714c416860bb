/** GitHub workflows: which checks count, and with which arguments. Pure. */
import type { EvidenceFile } from '../evidence.js';
import type { Mention } from '../mention.js';
import { runsByName } from '../script-unknown.js';
import { callsIn } from '../script-words.js';
import { commandsOfAction, comparesAfterwards, isNamedAfterTool } from './actions.js';
import { commandsOf, relativeDirectory, type ScriptCommand, shellMention } from './commands.js';
import { readYaml, type YamlNode } from './yaml.js';

/** A mention a command of each step, and for well-known actions what they run. */
export function readWorkflow(input: EvidenceFile): readonly Mention[] {
  const root = readYaml(input);
  const env = root?.get('env')?.strings() ?? {};
  const reviewed = isForReview(root?.get('on')) ? ({ reviewed: true } as const) : {};
  const defaultOf = (node: YamlNode | undefined) => node?.get('defaults')?.get('run')?.get('working-directory')?.text();
  return (root?.get('jobs')?.entries() ?? []).flatMap(([name, job]) => {
    if (isOff(job)) return [];
    const steps = job.get('steps')?.items() ?? [];
    const surroundings = {
      file: input.file,
      name,
      env: { ...env, ...resolvedIn(env, job.get('env')?.strings() ?? {}) },
      programs: programsToldBy(steps),
      matrix: matrixOf(job.get('strategy')?.get('matrix')),
      directory: defaultOf(job) ?? defaultOf(root),
      checkout: checkoutOf(steps),
    };
    const mentions = [...borrowedMentions(job, surroundings), ...steps.flatMap((step) => placedMentions(step, surroundings))];
    return mentions.map((mention) => ({ ...mention, ...reviewed }));
  });
}

/** Whether a workflow runs for changes that are proposed, not only once they were taken in or labelled. */
function isForReview(on: YamlNode | undefined): boolean {
  if (on === undefined) return false;
  if ([on.text(), ...on.items().map((item) => item.text())].includes('pull_request')) return true;
  const entry = on.entries().find(([event]) => event === 'pull_request');
  const types = entry?.[1].get('types');
  const named = types === undefined ? [] : [types.text(), ...types.items().map((item) => item.text())];
  return entry !== undefined && (types === undefined || named.some((type) => type === 'opened' || type === 'synchronize'));
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
  const steps = readYaml(input)?.get('runs')?.get('steps')?.items() ?? [];
  const surroundings = {
    file: input.file,
    name: caller.name,
    env: caller.env,
    programs: programsToldBy(steps),
    matrix: matrixOf(undefined),
    directory: undefined,
    checkout: undefined,
  };
  return steps
    .flatMap((step) => stepMentions(step, surroundings))
    .map((mention) => ({
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

/** The step once for each folder in which a matrix runs it. */
function placedMentions(step: YamlNode, surroundings: Surroundings, left = MOST_VALUES): readonly Mention[] {
  const { matrix } = surroundings;
  const place = directoryOf(step) ?? surroundings.directory ?? '';
  const moves = [...(step.get('run')?.text() ?? '').matchAll(/(?:^|[\s;&(])(?:cd|pushd)[ \t]+([^\n;&|]*)/g)].map(
    ([, to = '']) => to,
  );
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
  { file, name, env: outer, programs, matrix, directory, checkout }: Surroundings,
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
  const secret = isSecret ? ({ secret: true } as const) : {};
  const below = said === undefined && relativeDirectory(checkout);
  const above = below ? { checkout: below } : {};
  const told = { env: literals(env), settings: settingsOf(own, matrix) };
  const common = { file, name, role: 'workflow', cwd, ...told, ...secret, ...above } as const;
  const part = findsOut(step) ? { step: { ...nameOf(step), ...conditionOf(step), line: step.line } } : {};
  const shell = step.get('shell')?.text();
  if (run && (shell === undefined || /^(?:bash|sh)\b/.test(shell))) {
    const lines = run.lines();
    const toxenv = withoutExpressions(env['TOXENV'] ?? '', env, matrix).trim();
    const named = { ...programs, ...env };
    const plain = (text: string) => withToxEnvironment(withPrograms(withoutExpressions(text, env, matrix), named), toxenv);
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
    return [{ ...at, cwd: '', action: used.slice(2).replace(/\/$/, ''), command: { kind: 'argv', argv: [] } }];
  if (comparesAfterwards(used)) return [{ ...at, compares: true, command: { kind: 'argv', argv: [] } }];
  const inputs = step.get('with')?.strings() ?? {};
  const commands = commandsOfAction(used, inputs);
  if (commands === undefined && part.step !== undefined && isNamedAfterTool(used, inputs))
    return [{ ...at, borrowed: used.replace(/@.*$/, ''), command: { kind: 'argv', argv: [] } }];
  return (commands ?? []).map((argv) => ({ ...at, command: { kind: 'argv', argv } }));
}

/** Whether a step is there for its result: none that tells others something, may fail, or runs once something has failed. */
function findsOut(step: YamlNode): boolean {
  const condition = step.get('if')?.text() ?? '';
  const mayFail = step.get('continue-on-error')?.text() ?? 'false';
  return step.get('id') === undefined && mayFail === 'false' && !/\b(?:failure|cancelled|always)\s*\(/.test(condition);
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
    const variable = /^env\.(\w+)$/.exec(expression)?.[1] ?? '';
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

/** Commands of one line at most. */
const MOST_COMMANDS = 100;

/**
 * The command once for each value of the matrix that names what runs. What is assigned to a variable is another variant of one check: the
 * first stands for all.
 */
function expanded(command: ScriptCommand, matrix: Matrix, left = MOST_COMMANDS): readonly ScriptCommand[] {
  const [, key] = BY_NAME.test(command.text) ? (/\$MATRIX_(\w+)/.exec(command.text) ?? []) : [];
  const all = key === undefined ? undefined : matrix.values.get(key);
  if (key === undefined || all === undefined || all.length > MOST_VALUES) return [command];
  const isAssigned = command.text.split(/\s+/).some((word) => /^[A-Za-z_]\w*=/.test(word) && word.includes(`$MATRIX_${key}`));
  const values = all.slice(0, isAssigned ? 1 : left);
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
  const named = /\$\{\{\s*env\.(\w+)\s*\}\}/g;
  return Object.fromEntries(
    Object.entries(own).map(([name, value]) => [
      name,
      value.replace(named, (whole, variable: string) => (Object.hasOwn(outer, variable) ? (outer[variable] ?? whole) : whole)),
    ]),
  );
}

/** What is only known while the workflow runs, is not. */
function literals(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(env).filter(([name, value]) => !value.includes('${{') && KEPT.test(name)));
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

/** Of the environment of a CI job what decides what tools find; tokens, places and switches of the service are not for a user's machine. */
const KEPT =
  /^(?:RUSTFLAGS|RUSTDOCFLAGS|MIRIFLAGS|GOFLAGS|GOEXPERIMENT|NODE_OPTIONS|NODE_ENV|DJANGO_SETTINGS_MODULE|RAILS_ENV|TZ)$/;
