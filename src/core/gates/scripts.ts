/**
 * Takes scripts of a package.json apart into the checks and builds they consist of, to any depth. Pure: reads text, runs nothing.
 * Whatever cannot be understood with certainty makes the script that holds it one piece: a wrong guess would check less than the
 * project does.
 */
import { type AndOr, type Command, type PipelineNode, parse, type Statement } from 'unbash';
import { shellWord } from '../shell-text.js';
import { isInBuildFolder, isNativeBuild } from './native-builds.js';
import { changesInLine, changesThings } from './script-changes.js';
import { containedCall } from './script-containers.js';
import { startsBuilds } from './script-delegation.js';
import { setByEnv } from './script-environment.js';
import { bakedTargets, imageBuild } from './script-images.js';
import { knownCheckOf } from './script-lookup.js';
import { type MavenCall, mavenCalls, withoutInstalling } from './script-maven.js';
import { isMeasuring, measuredCheck } from './script-measured.js';
import {
  categoryOfName,
  isBuildName,
  isCheckName,
  isExcludedName,
  isTestOfSurface,
  isToolName,
  withoutCoverage,
} from './script-names.js';
import { makesPages } from './script-pages.js';
import { PLAIN_PRESETS } from './script-plain-checks.js';
import { isBuildCall, SAYERS } from './script-programs.js';
import { makesSourcesAnew, onlyBringsIn } from './script-readying.js';
import { followScripts, matchingScripts, type RunnerCall, runnerCall, type Stage, type Word } from './script-runners.js';
import { settled } from './script-settle.js';
import { summedTests } from './script-started-tools.js';
import {
  atOnce,
  type Context,
  inOrder,
  isBuild,
  NOT_UNDERSTOOD,
  NOTHING,
  newContext,
  type Place,
  type ScriptContext,
  type Step,
  standsInScript,
  type TakenApart,
} from './script-steps.js';
import { isCheckOfCi, isPreparing, needsSetUp } from './script-targets.js';
import { calledTasks, type Task, taskAtPath } from './script-tasks.js';
import { programOf, spokenSteps, toolSteps } from './script-tools.js';
import { newPreset, spokenCheck } from './script-unknown.js';
import { callsIn, holeFor, isHole, LONGEST, literal, takesValue, withoutFiles, withoutHoles } from './script-words.js';
import { isInstall, lineForShell, unwrapped } from './script-wrappers.js';

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
  if (needsSetUp(task, context.tasks ?? [])) return NOT_UNDERSTOOD;
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

const DEEPEST = 50;

interface Reference {
  readonly name: string;
  readonly args: readonly string[];
  readonly hooks: boolean;
}

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
      if (onlyBringsIn(text, context.scripts)) return NOTHING;
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
  const own = inOrder(task.lines, ({ command, env, manyPlaces }) => {
    // Where it runs, only the task knows.
    if (manyPlaces) return NOT_UNDERSTOOD;
    const at = { ...inner, env: { ...inner.env, ...env } };
    return command.kind === 'argv' ? callSteps(plainWords(command.argv), context, at) : lineSteps(command.text, context, at);
  });
  return own.kind === 'steps' ? { kind: 'steps', steps: [...before.steps, ...own.steps] } : own;
}

function calledTaskSteps(task: Task, context: Context, place: Place): TakenApart {
  // What its tools need beside them, only the task starts.
  if (needsSetUp(task, context.tasks ?? [])) return wholeStep(task.key, 'check', [], place);
  const taken = settled(taskSteps(task, context, place), context);
  const built = context.mode === 'fragments' && isBuildName(task.name) ? wholeBuild(task, taken, context, place) : undefined;
  if (built) return built;
  if (taken.kind !== 'not understood') return taken;
  const spoken = context.mode === 'task' && task.lines.length === 1 ? spokenCall(task, context, place) : undefined;
  if (spoken) return spoken;
  if (task.lines.some(({ command }) => changesInLine(command))) return context.mode === 'fragments' ? NOTHING : taken;
  const before = context.mode === 'fragments' ? checksBefore(task, context, place) : [];
  if (before.length > 0) {
    const own = calledTaskSteps({ ...task, needs: [] }, context, place);
    return own.kind === 'steps' ? { kind: 'steps', steps: [...before, ...own.steps] } : own;
  }
  const role = isCheckName(task.name) ? 'check' : isBuildName(task.name) ? 'build' : undefined;
  if (role === undefined) {
    // It brings in what others need, or only says something.
    if (isPreparing(task)) return NOTHING;
    if (context.mode !== 'fragments') return taken;
    const checks = knownCheckOf(task, context.presets) !== undefined || isCheckOfCi(task);
    if (!isExcludedName(task.name) && checks) return wholeStep(task.key, 'check', [], place);
    return spokenTask(task, context, place);
  }
  return { kind: 'steps', steps: [{ kind: 'script', script: task.key, role, args: [], env: place.env }] };
}

/** A target that is called a build, and only names others that do something nobody knows, is the whole build beside the checks among them. */
function wholeBuild(task: Task, taken: TakenApart, { tasks = [] }: Context, place: Place): TakenApart | undefined {
  const { name, needs, lines } = task;
  const onlyNames = needs.length > 0 && lines.every(({ text }) => text.startsWith(`${name}:`));
  const needed = tasks.filter(({ key }) => needs.includes(key));
  // A program that only the runner knows may be one that starts containers.
  const isPlain = ({ command }: Task['lines'][number]) => command.kind === 'shell' && /^[\w./-]+(?:\s|$)/.test(command.text);
  const works = needed.some((each) => !isPreparing(each) && each.lines.length > 0 && each.lines.every(isPlain));
  if (!onlyNames || taken.kind !== 'steps' || !works) return undefined;
  const whole = { kind: 'script', script: task.key, role: 'build', args: [], env: place.env } as const;
  return { kind: 'steps', steps: [...taken.steps.filter((step) => !isBuild(step)), whole] };
}

/** The checks that run before a task of which nobody knows what it does itself. */
function checksBefore(task: Task, context: Context, place: Place): readonly Step[] {
  if (place.trail.includes(task.key) || place.trail.length >= DEEPEST) return [];
  const inner: Place = { ...place, script: task.key, trail: [...place.trail, task.key] };
  const needed = (context.tasks ?? []).filter(({ key }) => task.needs.includes(key));
  const taken = inOrder(needed, (need) => calledTaskSteps(need, context, inner));
  return taken.kind === 'steps' ? taken.steps.filter((step) => !isBuild(step)) : [];
}

/** The one call of a task, where its own words say that it checks, and all of them are known. */
function spokenCall(task: Task, context: Context, place: Place): TakenApart | undefined {
  const taken = taskSteps(task, { ...context, mode: 'fragments' }, place);
  const [step, ...others] = taken.kind === 'steps' ? taken.steps : [];
  return step?.kind === 'check' && others.length === 0 && !step.call.vague ? taken : undefined;
}

/** A task of which nothing is understood but what its name says: `make linkcheck`. */
function spokenTask({ key, runner }: Task, context: Context, place: Place): TakenApart {
  return spokenSteps({ ...runner, asModule: false, env: place.env }, context, { ...place, script: key }) ?? NOTHING;
}

/** A script that another one calls: what it consists of, or itself as one piece when its name says what it is for. */
function referenceSteps(reference: Reference, context: Context, place: Place): TakenApart {
  const { name, args: given } = reference;
  // Of what nobody knows here nothing can be passed on.
  const args = withoutHoles(given);
  const taken = settled(scriptSteps(reference, context, place), context);
  const whole = (role: 'check' | 'build') => wholeStep(name, role, args, place);
  switch (taken.kind) {
    case 'steps':
      // Several steps that only produce something need no gates of their own.
      return taken.steps.length > 1 && taken.steps.every(isBuild) ? whole('build') : taken;
    case 'not understood':
      if (changesThings(name, context.scripts)) return taken;
      if (makesSourcesAnew(context.scripts.get(name) ?? '')) return whole('build');
      if (isCheckName(name)) return whole('check');
      if (isBuildName(name) || (context.mode === 'fragments' && makesPages(name, context.scripts))) return whole('build');
      if (context.mode === 'fragments' && startsBuilds(callsIn(context.scripts.get(name) ?? ''), isBuildName))
        return whole('build');
      // CI runs it for what it measures, or tests by it what it has started.
      if (context.mode === 'fragments' && (isCheckName(withoutCoverage(name)) || isTestOfSurface(name))) return whole('check');
      if (context.mode === 'fragments' && args.length > 0 && !isExcludedName(name))
        return spokenWithMore(reference, context, place) ?? (speaksOfCheck(name, context) ? whole('check') : taken);
      return context.mode === 'fragments' && !isExcludedName(name) && speaksOfCheck(name, context) ? whole('check') : taken;
    case 'cycle':
      return taken;
    default:
      return taken satisfies never;
  }
}

/** `"nx": "nx"`, which CI tells what to do: the one program of a script, as what it is told besides says that it checks. */
function spokenWithMore({ name, args }: Reference, context: Context, place: Place): TakenApart | undefined {
  const [[program, ...own] = [], ...others] = callsIn(context.scripts.get(name) ?? '');
  if (program === undefined || others.length > 0) return undefined;
  return spokenSteps(
    { program, asModule: false, args: [...own, ...args].filter((arg) => !isHole(arg)), env: place.env },
    context,
    {
      ...place,
      script: name,
    },
  );
}

/** Whether the name of a script that CI runs, or its first program says that it checks, though the rest of it is not understood. */
function speaksOfCheck(name: string, { scripts }: Context): boolean {
  const calls = callsIn(scripts.get(name) ?? '');
  const [[program = '', ...args] = []] = calls;
  return isToolName(name) || isNamedAfterCheck(name, calls.flat()) || spokenCheck(program, args, 'node') !== undefined;
}

/** `api-extractor:ci`, which starts the tool in a way of the project's own: of what it tells the tool itself, its words decide. */
function isNamedAfterCheck(name: string, words: readonly string[]): boolean {
  const [first = ''] = name.split(':');
  const isTool = PLAIN_PRESETS.some(({ programs, ecosystem }) => ecosystem === 'node' && programs.includes(first));
  return first.includes('-') && isTool && !words.includes(first);
}

/** A script as one piece. */
function wholeStep(script: string, role: 'check' | 'build', args: readonly string[], place: Place): TakenApart {
  return { kind: 'steps', steps: [{ kind: 'script', script, role, args, env: place.env }] };
}

// --------------------------------------------------------------------------------------------------------------- syntax

function lineSteps(line: string, context: Context, place: Place): TakenApart {
  if (line.length > LONGEST) return NOT_UNDERSTOOD;
  const script = parse(line);
  if (script.errors !== undefined && script.errors.length > 0) return NOT_UNDERSTOOD;
  return statementSteps(script.commands, context, place);
}

function statementSteps(statements: readonly Statement[], context: Context, place: Place): TakenApart {
  const [first, ...after] = statements;
  if (after.length > 0 && first && context.mode === 'fragments' && setsShell(first)) return statementSteps(after, context, place);
  // Several statements: the last alone decides, so what an earlier one found is no failure of the script.
  const [only, ...others] = statements;
  if (others.length > 0 || only?.background) return NOT_UNDERSTOOD;
  return inOrder(only ? [only] : [], (statement) => nodeSteps(statement.command, context, place));
}

/** `shopt -s globstar; tool **`: how the shell reads what follows. */
function setsShell({ command }: Statement): boolean {
  return command.type === 'Command' && /^(?:set|shopt)$/.test(command.name?.value ?? '');
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
      // The value of an option, in one word with it or after it.
      const isValue = /^--?[\w-]+=/.test(word.text) || takesValue(words.at(-2)?.value ?? '');
      vague = vague !== true && isValue ? 'options' : true;
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
  // Only the shell of Windows starts a batch file.
  if (/\.(?:bat|cmd)$/i.test(word)) return NOT_UNDERSTOOD;
  const program = programOf(word) ?? context.tools.programOf(word) ?? fetchedProgram(words, context) ?? ownProgram(word, context);
  if (context.budget.left < 0 || program === undefined) return NOT_UNDERSTOOD;
  if (SAYERS.has(program)) return NOTHING;
  const image =
    context.mode === 'fragments' && !standsInScript(place, context) ? imageBuild(words.map(({ value }) => value)) : undefined;
  if (image) return imageSteps(image, place);
  const baked = context.mode === 'fragments' && place.trail.length === 0 && !place.vague ? bakedSteps(words, place) : undefined;
  if (baked) return baked;
  // Which files is for the gate to say.
  if (program === 'rustfmt' && context.mode === 'fragments')
    return callSteps(plainWords(['cargo', 'fmt', ...withoutEdition(withoutFiles(words))]), context, place);
  // It is cargo in a container for another machine.
  if (program === 'cross' && context.mode === 'fragments')
    return callSteps([...plainWords(['cargo']), ...words.slice(1)], context, place);
  // It starts the other one to write what that finds.
  if (program === 'go' && words[1]?.value === 'fmt' && context.mode === 'fragments')
    return callSteps(plainWords(['gofmt', '-w', ...filesOfGo(words.slice(2))]), context, place);
  // It only colours what go says.
  if (program === 'richgo') return callSteps([...plainWords(['go']), ...words.slice(1)], context, place);
  const summed = program === 'gotestsum' ? summedTests(words.slice(1)) : undefined;
  if (summed) return callSteps([...plainWords(['go', 'test']), ...summed], context, place);
  const subcommand = /^cargo-(fmt|clippy)$/.exec(program)?.[1];
  if (subcommand !== undefined) return callSteps([...plainWords(['cargo', subcommand]), ...words.slice(1)], context, place);
  // Names of its commands from before there was one way to do things.
  const current = program === 'cabal' ? /^(?:v2|new)-([a-z]+)$/.exec(words[1]?.value ?? '')?.[1] : undefined;
  if (current !== undefined) return callSteps([...plainWords([program, current]), ...words.slice(2)], context, place);
  if (program === 'cross-env' || program === 'env') return assignedSteps(words.slice(1), context, place);
  const named: readonly Word[] = [{ value: program, glob: false }, ...words.slice(1)];
  const values = named.map((word) => word.value);
  const called = calledTasks(values, context.tasks ?? []);
  const tasks = called && inOrder(called, (task) => calledTaskSteps(task, context, place));
  // What makes everything and checks nothing builds.
  if (tasks && !(isNativeBuild(program, values.slice(1)) && tasks.kind === 'steps' && tasks.steps.length === 0)) return tasks;
  const line = lineForShell(values);
  if (line !== undefined) return lineSteps(line, context, place);
  const inner = unwrapped(named);
  if (inner) {
    const taken = callSteps(inner, context, { ...place, ...ecosystemOfWrapper(values) });
    return isMeasuring(values) ? measuredSteps(inner, taken, place) : taken;
  }
  if (context.mode !== 'script' && isInstall(program, values.slice(1)) && !isKnown(program, values.slice(1), context))
    return NOTHING;
  if (/^mvnw?$/.test(program) && values.includes('install') && context.mode === 'fragments' && !standsInScript(place, context)) {
    const checked = withoutInstalling(values.slice(1));
    if (!checked.includes('install')) return callSteps(plainWords([program, ...checked]), context, place);
  }
  const goals = /^mvnw?$/.test(program) ? mavenCalls(withoutHoles(values.slice(1)), isGoalThatChecks) : undefined;
  if (goals) return mavenSteps(program, goals, context, place);
  const runner = isBuildCall(program, values.slice(1))
    ? undefined
    : runnerCall(named, context.scripts, context.mode === 'fragments');
  const own = runner?.kind === 'unknown' ? context.tools.of(program, values.slice(1)) : undefined;
  return runner && !own ? runnerSteps(runner, context, place) : toolSteps(program, named.slice(1), context, place);
}

/** Targets of images that are all called checks: what runs while they are made decides whether they can be. */
function bakedSteps(words: readonly Word[], { script, env }: Place): TakenApart | undefined {
  const [program = '', ...args] = words.map(({ value }) => value);
  const targets = bakedTargets([program, ...args]);
  if (!targets?.every((target) => isCheckName(target))) return undefined;
  const name = `docker buildx bake ${targets.join(' ')}`;
  const preset = newPreset(`bake-${targets.join('-')}`, { program, name }, categoryOfName(targets[0] ?? ''), 'system');
  return { kind: 'steps', steps: [{ kind: 'check', script, call: { program, asModule: false, args, env, preset } }] };
}

function imageSteps([program = '', ...args]: readonly string[], { script, env }: Place): TakenApart {
  return { kind: 'steps', steps: [{ kind: 'build', script, call: { program, asModule: false, args, env } }] };
}

/** What is measured, and known to check (`taken`), else whatever it is. */
function measuredSteps(words: readonly Word[], taken: TakenApart, { script, env, vague }: Place): TakenApart {
  const isKnownCheck = taken.kind === 'steps' && taken.steps.length > 0;
  const call =
    isKnownCheck || vague === true
      ? undefined
      : measuredCheck(
          words.map(({ value }) => value),
          env,
        );
  return call ? { kind: 'steps', steps: [{ kind: 'check', script, call }] } : taken;
}

/** Folders in place of what go calls packages in them. */
function filesOfGo(words: readonly Word[]): readonly string[] {
  return words.flatMap(({ value }) => (value.startsWith('-') || isHole(value) ? [] : value.replace(/\/?\.\.\.$/, '') || '.'));
}

/** The manifest says of which edition the sources are. */
function withoutEdition(options: readonly string[]): readonly string[] {
  return options.filter((option) => !/^--(?:edition|config-path|config|style-edition)(?:=|$)/.test(option));
}

function ecosystemOfWrapper([program = '']: readonly string[]): Pick<Place, 'ecosystem'> {
  if (program === 'bundle') return { ecosystem: 'ruby' };
  return /^(?:uv|uvx|pipx|poetry|pdm|hatch|pipenv|rye)$/.test(program) ? { ecosystem: 'python' } : {};
}

/** The goals of plugins work on what the phases before them have made. */
function mavenSteps(program: string, calls: readonly MavenCall[], context: Context, place: Place): TakenApart {
  const own: Place = { ...place, ecosystem: 'jvm' };
  return inOrder(calls, ({ args, goal }) => {
    // What nobody knows of it is left out: it comes in a call with others.
    if (goal !== undefined && !standsInScript(place, context)) {
      const spoken = spokenSteps({ program, asModule: false, args: [goal], env: place.env }, context, own);
      return spoken?.kind === 'steps' ? { kind: 'steps', steps: spoken.steps.map((step) => withArguments(step, args)) } : NOTHING;
    }
    const taken = toolSteps(program, plainWords(args), context, own);
    if (taken.kind !== 'steps' || goal !== undefined) return taken;
    return { kind: 'steps', steps: taken.steps.map((step) => (step.kind === 'check' ? { ...step, first: true } : step)) };
  });
}

function isGoalThatChecks(goal: string): boolean {
  return spokenCheck('mvn', [goal], 'jvm') !== undefined;
}

function withArguments(step: Step, args: readonly string[]): Step {
  return step.kind === 'check' ? { ...step, call: { ...step.call, args } } : step;
}

/** A file of the repository that CI starts. */
function ownProgram(word: string, context: Context): string | undefined {
  const { job, files } = context;
  // Nobody can look at what a build makes.
  if (context.mode === 'fragments' && isInBuildFolder(word)) return word;
  // What scripts of a shell do is read.
  const isRead = /(?:^|\/)[^./]+$|\.(?:ba|z|da|k)?sh$/.test(word);
  return (job !== undefined || !isRead) && files?.has(word) ? word : undefined;
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
  const call = setByEnv(words.map(({ value }) => value));
  if (call === undefined) return NOT_UNDERSTOOD;
  const kept = Object.entries(place.env).filter(([name]) => !call.without.has(name));
  const env = { ...Object.fromEntries(kept), ...call.set };
  const started = call.line === undefined ? [] : [...plainWords(callsIn(call.line)[0] ?? [])];
  return callSteps([...started, ...words.slice(call.start)], context, { ...place, env });
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
