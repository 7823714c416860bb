/**
 * Takes scripts of a package.json apart into the checks and builds they consist of, to any depth. Pure: reads text, runs nothing.
 * Whatever cannot be understood with certainty makes the script that holds it one piece: a wrong guess would check less than the
 * project does.
 */
import { type AndOr, type Command, type PipelineNode, parse, type Statement } from 'unbash';
import { shellWord } from '../shell-text.js';
import type { Ecosystem, Preset } from './preset.js';
import { changesInLine, changesThings } from './script-changes.js';
import { containedCall } from './script-containers.js';
import { isDocumentationBuild } from './script-documentation.js';
import { knownCheckOf, type ToolTable, toolTable } from './script-lookup.js';
import { mavenCalls } from './script-maven.js';
import { isBuildName, isCheckName, isExcludedName, isToolName } from './script-names.js';
import {
  asItStands,
  CARGO_DOC,
  COVERAGE,
  isBuildCall,
  isEndless,
  isPreparer,
  moduleCall,
  RUNTIMES,
  SAYERS,
  underCoverage,
} from './script-programs.js';
import { followScripts, matchingScripts, type RunnerCall, runnerCall, type Stage, type Word } from './script-runners.js';
import { settled } from './script-settle.js';
import { calledTasks, type Task, taskAtPath } from './script-tasks.js';
import { isProcess, isSelfContained, spokenCheck } from './script-unknown.js';
import { callsIn, holeFor, isHole, LONGEST, literal, withoutFiles, withoutHoles } from './script-words.js';
import { isInstall, lineForShell, unwrapped } from './script-wrappers.js';

/** A call of a program in a script. */
export interface Call {
  readonly program: string;
  /** It is called as `python -m program`. */
  readonly asModule: boolean;
  readonly args: readonly string[];
  /** What assignments before it and cross-env set. */
  readonly env: Readonly<Record<string, string>>;
  /** What Volley knows of the program; a build may be by an unknown one. */
  readonly preset?: Preset;
  /** Some of its arguments are only known while it runs, and were left out. */
  readonly vague?: true;
  /** Nobody knows what it does. None is left where a script was taken apart. */
  readonly unknown?: true;
}

/** A call that mends what the preset's check finds. */
export interface FixCall extends Call {
  readonly preset: Preset;
}

/** A part of a script. `script` is the innermost script in which it stands. Parts of a list follow each other. */
export type Step =
  /** `first`: what follows needs what it makes. `last`: it waits for the tests and builds before it, whose traces it may look at. */
  | {
      readonly kind: 'check';
      readonly script: string;
      readonly call: Call & { readonly preset: Preset };
      readonly first?: true;
      readonly last?: true;
    }
  | { readonly kind: 'build'; readonly script: string; readonly call: Call; readonly last?: true }
  /** A script that stays one piece. */
  | {
      readonly kind: 'script';
      readonly script: string;
      readonly role: 'check' | 'build';
      readonly args: readonly string[];
      readonly env: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'parallel'; readonly branches: readonly (readonly Step[])[] };

export type TakenApart =
  | { readonly kind: 'steps'; readonly steps: readonly Step[] }
  | { readonly kind: 'not understood' }
  /** Scripts that call each other without end, in the order in which they do. */
  | { readonly kind: 'cycle'; readonly scripts: readonly string[] };

export interface ScriptContext {
  readonly scripts: ReadonlyMap<string, string>;
  readonly presets: readonly Preset[];
  /** Whether the TypeScript compiler, called with these arguments, writes what it compiles. */
  readonly emits: (args: readonly string[]) => boolean;
  /** What can be run by name besides scripts: targets of make and their kin. */
  readonly tasks?: readonly Task[];
  /** The text stands in a shell script, which may prepare what unknown programs in it need. */
  readonly inShellScript?: boolean;
  /** Is told of each call that mends, wherever it stands. */
  readonly onFix?: (call: FixCall, script: string) => void;
}

/**
 * Takes the script `name` apart, with its pre and post scripts. Never throws; ends for scripts that call each other. Steps that
 * change nothing about what is checked (`echo`, fixers) are left out.
 */
export function takeApart(name: string, context: ScriptContext): TakenApart {
  const taken = scriptSteps({ name, args: [], hooks: true }, newContext(context, 'script'), { script: name, trail: [], env: {} });
  return settled(taken, context);
}

/** As `takeApart`, for a task with those that run before it. */
export function takeTaskApart(task: Task, context: ScriptContext): TakenApart {
  return settled(taskSteps(task, newContext(context, 'task'), { script: task.key, trail: [], env: {} }), context);
}

/** The words that stand in a script and in those it may call: all programs that running it may start are among them. */
export function mentionedWords(name: string, scripts: ReadonlyMap<string, string>): ReadonlySet<string> {
  const words = new Set<string>();
  followScripts(name, scripts, (text) =>
    text.split(/[^\w@.:*/-]+/).flatMap((word) => {
      words.add(word.slice(word.lastIndexOf('/') + 1));
      return matchingScripts(word.replace(/^npm:/, ''), scripts);
    }),
  );
  return words;
}

/** So many calls at most in one script; scripts that double from level to level would have no end otherwise. */
const LARGEST = 1000;
const DEEPEST = 50;

/** What is the same for all of a text that is taken apart. */
export interface Context extends ScriptContext {
  readonly budget: { left: number };
  readonly tools: ToolTable;
  /** `script`: of a package.json. `task`: what installs is left out. `fragments`: also arguments that are not known. */
  readonly mode: 'script' | 'task' | 'fragments';
}

export function newContext(context: ScriptContext, mode: Context['mode']): Context {
  return { ...context, tools: toolTable(context.presets), budget: { left: LARGEST }, mode };
}

/** Where in the scripts a text stands. */
export interface Place {
  readonly script: string;
  readonly trail: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Some words are only known while it runs, or only such that are options with their values. */
  readonly vague?: true | 'options';
  /** Where a program that nobody knows is looked for: a wrapper has said so. */
  readonly ecosystem?: Ecosystem;
}

interface Reference {
  readonly name: string;
  readonly args: readonly string[];
  readonly hooks: boolean;
}

const NOT_UNDERSTOOD: TakenApart = { kind: 'not understood' };
const NOTHING: TakenApart = { kind: 'steps', steps: [] };

function scriptSteps({ name, args, hooks }: Reference, context: Context, place: Place): TakenApart {
  const again = place.trail.indexOf(name);
  if (again >= 0) return { kind: 'cycle', scripts: place.trail.slice(again) };
  if (place.trail.length >= DEEPEST) return NOT_UNDERSTOOD;
  const names = hooks ? [`pre${name}`, name, `post${name}`] : [name];
  return inOrder(
    names.filter((part) => context.scripts.has(part)),
    (part) => {
      const text = context.scripts.get(part) ?? '';
      const whole = part === name ? [text, ...args.map(shellWord)].join(' ') : text;
      const taken = lineSteps(whole, context, { ...place, script: part, trail: [...place.trail, part] });
      if (part !== `pre${name}`) return taken;
      // What has to run before a script, whatever it is, is a build of what follows.
      const before = settled(taken, context);
      return before.kind === 'not understood' ? wholeStep(part, 'build', [], place) : before;
    },
  );
}

function taskSteps(task: Task, context: Context, place: Place): TakenApart {
  const again = place.trail.indexOf(task.key);
  if (again >= 0) return { kind: 'cycle', scripts: place.trail.slice(again) };
  if (place.trail.length >= DEEPEST) return NOT_UNDERSTOOD;
  const inner: Place = { ...place, script: task.key, trail: [...place.trail, task.key] };
  const needed = (context.tasks ?? []).filter((other) => task.needs.includes(other.key));
  const before = inOrder(needed, (need) => calledTaskSteps(need, context, inner));
  if (before.kind !== 'steps') return before;
  const own = inOrder(task.lines, ({ command, env }) => {
    const at = { ...inner, env: { ...inner.env, ...env } };
    return command.kind === 'argv' ? callSteps(plainWords(command.argv), context, at) : lineSteps(command.text, context, at);
  });
  return own.kind === 'steps' ? { kind: 'steps', steps: [...before.steps, ...own.steps] } : own;
}

function calledTaskSteps(task: Task, context: Context, place: Place): TakenApart {
  const taken = settled(taskSteps(task, context, place), context);
  if (taken.kind !== 'not understood') return taken;
  if (task.lines.some(({ command }) => changesInLine(command))) return context.mode === 'fragments' ? NOTHING : taken;
  const role = isCheckName(task.name) ? 'check' : isBuildName(task.name) ? 'build' : undefined;
  if (role === undefined) {
    if (context.mode !== 'fragments') return taken;
    if (!isExcludedName(task.name) && knownCheckOf(task, context.presets)) return wholeStep(task.key, 'check', [], place);
    return spokenTask(task, context, place);
  }
  return { kind: 'steps', steps: [{ kind: 'script', script: task.key, role, args: [], env: place.env }] };
}

/** A task of which nothing is understood but what its name says: `make linkcheck`. */
function spokenTask({ key, runner }: Task, context: Context, place: Place): TakenApart {
  return spokenSteps({ ...runner, asModule: false, env: place.env }, context, { ...place, script: key }) ?? NOTHING;
}

/** A script that another one calls: what it consists of, or itself as one piece when its name says what it is for. */
function referenceSteps(reference: Reference, context: Context, place: Place): TakenApart {
  const { name, args } = reference;
  const taken = settled(scriptSteps(reference, context, place), context);
  const whole = (role: 'check' | 'build') => wholeStep(name, role, args, place);
  switch (taken.kind) {
    case 'steps':
      // Several steps that only produce something need no gates of their own.
      return taken.steps.length > 1 && taken.steps.every(isBuild) ? whole('build') : taken;
    case 'not understood':
      if (changesThings(name, context.scripts)) return taken;
      if (isCheckName(name)) return whole('check');
      if (isBuildName(name)) return whole('build');
      return context.mode === 'fragments' && !isExcludedName(name) && speaksOfCheck(name, context) ? whole('check') : taken;
    case 'cycle':
      return taken;
    default:
      return taken satisfies never;
  }
}

/** Whether the name of a script that CI runs, or its first program says that it checks, though the rest of it is not understood. */
function speaksOfCheck(name: string, { scripts }: Context): boolean {
  const [[program = '', ...args] = []] = callsIn(scripts.get(name) ?? '');
  return isToolName(name) || spokenCheck(program, args, 'node') !== undefined;
}

/** A script as one piece. */
function wholeStep(script: string, role: 'check' | 'build', args: readonly string[], place: Place): TakenApart {
  return { kind: 'steps', steps: [{ kind: 'script', script, role, args, env: place.env }] };
}

function isBuild(step: Step): boolean {
  return step.kind === 'build' || (step.kind === 'script' && step.role === 'build');
}

/** All parts one after another; the first that is not understood decides for all. */
function inOrder<T>(parts: readonly T[], stepsOf: (part: T) => TakenApart): TakenApart {
  const steps: Step[] = [];
  for (const part of parts) {
    const taken = stepsOf(part);
    if (taken.kind !== 'steps') return taken;
    steps.push(...taken.steps);
  }
  return { kind: 'steps', steps };
}

function atOnce<T>(parts: readonly T[], stepsOf: (part: T) => TakenApart): TakenApart {
  const branches: (readonly Step[])[] = [];
  for (const part of parts) {
    const taken = stepsOf(part);
    if (taken.kind !== 'steps') return taken;
    if (taken.steps.length > 0) branches.push(taken.steps);
  }
  const [only, ...others] = branches;
  return { kind: 'steps', steps: others.length > 0 ? [{ kind: 'parallel', branches }] : (only ?? []) };
}

// --------------------------------------------------------------------------------------------------------------- syntax

function lineSteps(line: string, context: Context, place: Place): TakenApart {
  if (line.length > LONGEST) return NOT_UNDERSTOOD;
  const script = parse(line);
  if (script.errors !== undefined && script.errors.length > 0) return NOT_UNDERSTOOD;
  return statementSteps(script.commands, context, place);
}

function statementSteps(statements: readonly Statement[], context: Context, place: Place): TakenApart {
  // Several statements: the last alone decides, so what an earlier one found is no failure of the script.
  const [only, ...others] = statements;
  if (others.length > 0 || only?.background) return NOT_UNDERSTOOD;
  return inOrder(only ? [only] : [], (statement) => nodeSteps(statement.command, context, place));
}

function nodeSteps(node: PipelineNode | AndOr, context: Context, place: Place): TakenApart {
  switch (node.type) {
    case 'AndOr':
      if (node.operators.some((operator) => operator !== '&&')) return NOT_UNDERSTOOD;
      return inOrder(node.commands, (command) => nodeSteps(command, context, place));
    case 'Subshell':
    case 'BraceGroup':
      return statementSteps(node.body.commands, context, place);
    case 'Command':
      return commandSteps(node, context, place);
    default:
      // Pipes, redirections, loops, conditions, functions.
      return NOT_UNDERSTOOD;
  }
}

/** What one command of a line does. */
export function commandSteps(command: Command, context: Context, place: Place): TakenApart {
  const loose = context.mode === 'fragments';
  if (command.name === undefined || (command.redirects.length > 0 && !loose)) return NOT_UNDERSTOOD;
  const env: Record<string, string> = { ...place.env };
  for (const prefix of command.prefix) {
    if (prefix.type !== 'Assignment' || prefix.append || prefix.index || prefix.value.type !== 'Word') return NOT_UNDERSTOOD;
    const value = literal(prefix.value);
    if (!value && !loose) return NOT_UNDERSTOOD;
    if (value) env[prefix.name] = value.value;
  }
  const contained = loose ? containedSteps(command, context, { ...place, env }) : undefined;
  if (contained) return contained;
  const words: Word[] = [];
  let vague: Place['vague'];
  for (const word of [command.name, ...command.args]) {
    const plain = word.type === 'Word' ? literal(word) : undefined;
    const versioned = loose ? /^["']?([\w-]+)(?:@|==)["']?\$/.exec(word.text)?.[1] : undefined;
    if (plain) words.push(plain);
    // `uvx "zizmor@$VERSION"`: which version is not what is checked.
    else if (versioned !== undefined) words.push({ value: versioned, glob: false });
    else if (!loose || word === command.name) return NOT_UNDERSTOOD;
    else {
      words.push(holeFor(word));
      vague = vague !== true && /^--?[\w-]+=/.test(word.text) ? 'options' : true;
    }
  }
  return callSteps(words, context, { ...place, env, ...(vague ? { vague } : {}) });
}

/** A known tool in a container: which container is not what is checked. */
function containedSteps(command: Command, context: Context, place: Place): TakenApart | undefined {
  const call = containedCall(command);
  if (!call) return undefined;
  const { image, words } = call;
  const named = [[{ value: image, glob: false }, ...words], words].find(([program, ...args]) =>
    isKnown(
      program?.value ?? '',
      args.map(({ value }) => value),
      context,
    ),
  );
  return named && callSteps(named, context, place);
}

/** Whether the call checks, or mends what a check would find. */
function isKnown(program: string, args: readonly string[], { tools }: Context): boolean {
  const preset = tools.of(program, args);
  return preset !== undefined && (preset.isCheck(args) || preset.isFix(args));
}

export function plainWords(argv: readonly string[]): readonly Word[] {
  return argv.map((value) => ({ value, glob: false }));
}

// ---------------------------------------------------------------------------------------------------------------- calls

/** What a call does, its program first. */
export function callSteps(words: readonly Word[], context: Context, place: Place): TakenApart {
  context.budget.left -= 1;
  const script = taskAtPath(words[0]?.value ?? '', context.tasks ?? []);
  // With arguments it may do something else.
  if (script && words.length === 1 && !place.vague) return calledTaskSteps(script, context, place);
  const [{ value: word = '' } = {}] = words;
  const program = programOf(word) ?? context.tools.programOf(word) ?? fetchedProgram(words, context);
  if (context.budget.left < 0 || program === undefined) return NOT_UNDERSTOOD;
  if (SAYERS.has(program)) return NOTHING;
  // Which files is for the gate to say.
  if (program === 'rustfmt' && context.mode === 'fragments')
    return callSteps(plainWords(['cargo', 'fmt', ...withoutFiles(words)]), context, place);
  const subcommand = /^cargo-(fmt|clippy)$/.exec(program)?.[1];
  if (subcommand !== undefined) return callSteps([...plainWords(['cargo', subcommand]), ...words.slice(1)], context, place);
  if (program === 'cross-env' || program === 'env') return assignedSteps(words.slice(1), context, place);
  const named: readonly Word[] = [{ value: program, glob: false }, ...words.slice(1)];
  const values = named.map((word) => word.value);
  const called = calledTasks(
    values.filter((value) => !isHole(value)),
    context.tasks ?? [],
  );
  if (called) return inOrder(called, (task) => calledTaskSteps(task, context, place));
  const line = lineForShell(values);
  if (line !== undefined) return lineSteps(line, context, place);
  const inner = unwrapped(named);
  if (inner) return callSteps(inner, context, { ...place, ...ecosystemOfWrapper(values) });
  if (context.mode !== 'script' && isInstall(program, values.slice(1)) && !isKnown(program, values.slice(1), context))
    return NOTHING;
  const goals = /^mvnw?$/.test(program) ? mavenCalls(withoutHoles(values.slice(1), [])) : undefined;
  if (goals) return mavenSteps(program, goals, context, place);
  const runner = isBuildCall(program, values.slice(1))
    ? undefined
    : runnerCall(named, context.scripts, context.mode === 'fragments');
  const own = runner?.kind === 'unknown' ? context.tools.of(program, values.slice(1)) : undefined;
  return runner && !own ? runnerSteps(runner, context, place) : toolSteps(program, named.slice(1), context, place);
}

function ecosystemOfWrapper([program = '']: readonly string[]): Pick<Place, 'ecosystem'> {
  if (program === 'bundle') return { ecosystem: 'ruby' };
  return /^(?:uv|uvx|pipx|poetry|pdm|hatch|pipenv|rye)$/.test(program) ? { ecosystem: 'python' } : {};
}

/** The goals of plugins work on what the phases before them have made. */
function mavenSteps(program: string, calls: readonly (readonly string[])[], context: Context, place: Place): TakenApart {
  const own: Place = { ...place, ecosystem: 'jvm' };
  return inOrder(calls, (args) => {
    const isPlugin = args.some((arg) => /^[\w.-]+:/.test(arg));
    // What nobody knows of it is left out: it comes in a call with others.
    if (isPlugin && !context.scripts.has(place.script))
      return spokenSteps({ program, asModule: false, args, env: place.env }, context, own) ?? NOTHING;
    const taken = toolSteps(program, plainWords(args), context, own);
    if (taken.kind !== 'steps' || isPlugin) return taken;
    return { kind: 'steps', steps: taken.steps.map((step) => (step.kind === 'check' ? { ...step, first: true } : step)) };
  });
}

/** The name of a program that is looked for by name, also where a script spells out the directory that its manager puts it into. */
function programOf(word: string): string | undefined {
  const name = word
    .replace(/^(?:\.\/)?(?:node_modules\/\.bin|vendor\/bin|bin|\.?venv\/bin)\//, '')
    .replace(/^\.\/(mvnw|gradlew)$/, '$1')
    .replace(/\.phar$/, '')
    .replace(/^(clang-(?:format|tidy))-\d+$/, '$1');
  return name === '' || name.includes('/') ? undefined : name;
}

/** A tool that a step of CI has put into the folder for itself, or the project into that of its tools: `./shfmt`, `tools/phpstan`. */
function fetchedProgram([first, ...rest]: readonly Word[], { mode, tools }: Context): string | undefined {
  const name = /^(?:\.\/(?:tools\/)?|tools\/)([\w-]+)(?:\.phar)?$/.exec(first?.value ?? '')?.[1];
  const known =
    name !== undefined &&
    tools.of(
      name,
      rest.map(({ value }) => value),
    ) !== undefined;
  return mode === 'fragments' && known ? name : undefined;
}

function assignedSteps(words: readonly Word[], context: Context, place: Place): TakenApart {
  const env: Record<string, string> = { ...place.env };
  let index = 0;
  for (; index < words.length; index += 1) {
    const assignment = /^([A-Za-z_]\w*)=(.*)$/s.exec(words[index]?.value ?? '');
    if (!assignment) break;
    env[assignment[1] ?? ''] = assignment[2] ?? '';
  }
  return callSteps(words.slice(index), context, { ...place, env });
}

function runnerSteps(runner: RunnerCall, context: Context, place: Place): TakenApart {
  switch (runner.kind) {
    case 'script':
      if (context.scripts.has(runner.name)) return referenceSteps(runner, context, place);
      return runner.optional ? NOTHING : NOT_UNDERSTOOD;
    case 'command':
      return callSteps(runner.words, context, { ...place, ecosystem: 'node' });
    case 'stages':
      return inOrder(runner.stages, (stage) => stageSteps(stage, context, place));
    case 'unknown':
      return NOT_UNDERSTOOD;
    default:
      return runner satisfies never;
  }
}

function stageSteps(stage: Stage, context: Context, place: Place): TakenApart {
  const references = (pattern: string, args: readonly string[]): readonly Reference[] =>
    matchingScripts(pattern, context.scripts).map((name) => ({ name, args, hooks: true }));
  const empty = stage.some((member) => member.kind === 'scripts' && references(member.pattern, []).length === 0);
  if (empty) return NOT_UNDERSTOOD;
  const [only, ...others] = stage;
  if (only?.kind === 'scripts' && others.length === 0) {
    // A pattern alone in its stage may stand for a sequence, and a sequence with a build in it must stay one.
    return inOrder(references(only.pattern, only.args), (reference) => referenceSteps(reference, context, place));
  }
  const parts = stage.flatMap((member): readonly (string | Reference)[] =>
    member.kind === 'line' ? [member.text] : references(member.pattern, member.args),
  );
  return atOnce(parts, (part) =>
    typeof part === 'string' ? lineSteps(part, context, place) : referenceSteps(part, context, place),
  );
}

function toolSteps(program: string, words: readonly Word[], context: Context, place: Place): TakenApart {
  const values = words.map((word) => word.value);
  const given = program === 'cargo' ? cargoArguments(values) : values;
  const known = given.filter((arg) => !isHole(arg));
  const globs = words.some((word) => word.glob);
  const { env, script } = place;
  const vague = place.vague || known.length < given.length ? ({ vague: true } as const) : {};
  const [name, ...own] = /^(?:python[\d.]*|py)$/.test(program) ? moduleCall(known) : [];
  if (name !== undefined) {
    const module = context.tools.ofModule(name, own);
    const made = { program: name, asModule: true, args: own, env };
    const builds = name === 'build' || isDocumentationBuild(name, own);
    if (!module) return builds ? { kind: 'steps', steps: [{ kind: 'build', script, call: made }] } : NOT_UNDERSTOOD;
    const rest = withoutHoles(moduleCall(given).slice(1), module.valueOptions);
    return presetSteps({ ...made, args: rest, preset: module, ...vague }, globs, context, script);
  }
  const started = program === 'node' ? startedByNode(words, context, place) : undefined;
  if (started) return started;
  const preset = context.tools.of(program, known) ?? denying(program, known, env);
  const args = withoutHoles(given, preset?.valueOptions ?? []);
  const call = { program, asModule: false, args, env };
  if (preset && (preset.isCheck(args) || !RUNTIMES.has(program)))
    return presetSteps({ ...call, preset, ...vague }, globs, context, script);
  if (COVERAGE.has(program)) return coverageSteps(program, words, context, place);
  // Without a shell nobody would expand its globs.
  if (globs) return NOT_UNDERSTOOD;
  const unsure = isSelfContained(program) ? {} : vague;
  if (isBuildCall(program, args)) return { kind: 'steps', steps: [{ kind: 'build', script, call: { ...call, ...unsure } }] };
  return unknownSteps(call, context, { ...place, ...vague });
}

/** `node --expose-gc ./node_modules/vitest/dist/cli.js run`: a tool that is started by its file, as it stands when node is given options. */
function startedByNode(words: readonly Word[], context: Context, place: Place): TakenApart | undefined {
  const file = words.findIndex(({ value }) => !value.startsWith('-'));
  const path = /^(?:\.\/)?node_modules\/(?:\.bin\/([\w.-]+)$|((?:@[\w.-]+\/)?[\w.-]+)\/)/.exec(words[file]?.value ?? '');
  const name = path?.[1] ?? (path?.[2] && (context.tools.programOf(path[2]) ?? path[2]));
  if (!name || name.includes('/')) return undefined;
  const rest = words.slice(file + 1);
  const preset = context.tools.of(
    name,
    rest.map(({ value }) => value),
  );
  if (!preset) return undefined;
  if (file === 0) return toolSteps(name, rest, context, place);
  const isCheck = preset.isCheck(rest.map(({ value }) => value)) && !words.some(({ glob, value }) => glob || isHole(value));
  const call = { program: 'node', asModule: false, args: words.map(({ value }) => value), env: place.env };
  return isCheck
    ? { kind: 'steps', steps: [{ kind: 'check', script: place.script, call: { ...call, preset: asItStands(preset, 'node') } }] }
    : NOTHING;
}

/** Documentation that is built so that warnings fail. */
function denying(program: string, args: readonly string[], env: Readonly<Record<string, string>>): Preset | undefined {
  const denies = /(?:^|\s)-D\s?(?:warnings|rustdoc)/.test(env['RUSTDOCFLAGS'] ?? '');
  return program === 'cargo' && denies && CARGO_DOC.isCalledBy(args) ? CARGO_DOC : undefined;
}

/** A program that no table knows. */
function unknownSteps(call: Call, context: Context, place: Place): TakenApart {
  const { script } = place;
  if (context.mode !== 'fragments' || context.scripts.has(script)) {
    if (!isProcess(call.program) || isPreparer(call.program) || isEndless(call.args) || place.vague) return NOT_UNDERSTOOD;
    return { kind: 'steps', steps: [{ kind: 'build', script, call: { ...call, unknown: true } }] };
  }
  return spokenSteps(call, context, place) ?? NOT_UNDERSTOOD;
}

/** The check that a call is by its own words; undefined where they do not say so, or do not count here. */
function spokenSteps(call: Call, context: Context, place: Place): TakenApart | undefined {
  if ((place.vague && place.vague !== 'options') || (context.inShellScript && !isSelfContained(call.program))) return undefined;
  // An environment that runs in another folder is found there.
  if (call.program === 'tox' && context.tasks?.some(({ runner }) => runner.program === 'tox')) return undefined;
  const preset = spokenCheck(call.program, call.args, place.ecosystem ?? 'system');
  return preset && { kind: 'steps', steps: [{ kind: 'check', script: place.script, call: { ...call, preset } }] };
}

/**
 * `cargo +nightly --locked test`: which toolchain CI has is not what is checked, and options before the command mean the same after it.
 */
function cargoArguments(args: readonly string[]): readonly string[] {
  const rest = args[0]?.startsWith('+') ? args.slice(1) : args;
  const command = rest.findIndex((arg) => !arg.startsWith('-'));
  return command <= 0 ? rest : [rest[command] ?? '', ...rest.slice(0, command), ...rest.slice(command + 1)];
}

function presetSteps(call: FixCall, globs: boolean, context: Context, script: string): TakenApart {
  const { preset, args } = call;
  if (preset.isFix(args)) context.onFix?.(call, script);
  if (!preset.isCheck(args)) return NOTHING;
  if (globs && !preset.expandsGlobs && (preset.parser === 'none' || preset.ecosystem === 'go')) return NOT_UNDERSTOOD;
  const builds = preset.id === 'tsc' && context.emits(args);
  return { kind: 'steps', steps: [builds ? { kind: 'build', script, call } : { kind: 'check', script, call }] };
}

/** `c8 --all mocha test`: the check that mocha does, with the command as it stands. */
function coverageSteps(program: string, words: readonly Word[], context: Context, place: Place): TakenApart {
  for (const [index, word] of words.entries()) {
    const inner = words.slice(index + 1);
    const preset = context.tools.of(
      programOf(word.value) ?? '',
      inner.map(({ value }) => value),
    );
    if (!preset) continue;
    const isTest = preset.category === 'test' && preset.isCheck(inner.map((argument) => argument.value));
    if (!isTest || inner.some((argument) => argument.glob)) return NOT_UNDERSTOOD;
    const call = {
      program,
      asModule: false,
      args: words.map(({ value }) => value),
      env: place.env,
      preset: underCoverage(preset, program),
    };
    return { kind: 'steps', steps: [{ kind: 'check', script: place.script, call }] };
  }
  return NOT_UNDERSTOOD;
}
