/** What can be run by name besides the scripts of a package.json: targets of make, recipes of just, environments of tox. Pure. */
import type { Evidence } from '../gate-model.js';
import type { Mention } from './mention.js';
import { isHole } from './script-words.js';
import { withoutWrapperOptions } from './script-wrapper-options.js';

/** Something that a user can run by name. */
export interface Task {
  /** Its command line: `make lint`. Unique within a package. */
  readonly key: string;
  readonly name: string;
  readonly runner: { readonly program: string; readonly args: readonly string[] };
  /** In the order in which they run. */
  readonly lines: readonly Mention[];
  /** Keys of the tasks that run before it. */
  readonly needs: readonly string[];
  /** When its runner runs it though it is not told its name. */
  readonly chosen?: Mention['chosen'];
}

/** The tasks among `mentions`, in the order in which they were found. */
export function tasksOf(mentions: readonly Mention[]): readonly Task[] {
  const lines = new Map<string, Mention[]>();
  const keys = new Map<string, string>();
  for (const mention of mentions) {
    if (mention.role !== 'task' || !mention.runner) continue;
    const key = [mention.runner.program, ...mention.runner.args].join(' ');
    lines.set(key, [...(lines.get(key) ?? []), mention]);
    // What a runner does by itself is another name of one of its tasks.
    if (mention.runner.args.length === 0) continue;
    keys.set(JSON.stringify([mention.file, mention.name]), key);
    // A Makefile names targets of those that it includes.
    const anywhere = JSON.stringify([mention.runner.program, mention.name]);
    if (!keys.has(anywhere)) keys.set(anywhere, key);
  }
  return [...lines].flatMap(([key, own]) => {
    const [first] = own;
    const runner = first?.runner;
    if (!runner) return [];
    const needs = own
      .flatMap((line) => line.needs ?? [])
      .flatMap((name) => keys.get(JSON.stringify([first.file, name])) ?? keys.get(JSON.stringify([runner.program, name])) ?? []);
    // A task that only names others has one line without a command.
    const commands = own.filter(({ command }) =>
      command.kind === 'shell' ? command.text.trim() !== '' : command.argv.length > 0,
    );
    const { name, chosen } = first;
    return [{ key, name, runner, lines: commands, needs: [...new Set(needs)], ...(chosen ? { chosen } : {}) }];
  });
}

/** Whether `script` is a task of the runner that runs `task`, too: by its name, with nothing that only a caller says. */
export function isTaskBeside(script: string, { runner }: Task, tasks: readonly Task[]): boolean {
  return tasks.some(({ key, runner: own }) => key === script && own.program === runner.program);
}

/** Where a task or a line of it stands. */
export function evidenceOfMention(mention: Mention, prefix: string): Evidence {
  const { file, text, line } = mention;
  return { file: prefix === '' ? file : `${prefix}/${file}`, text, ...(line === undefined ? {} : { line }) };
}

/** Options of runners that change nothing about what runs; those with a value in the second list. */
const HARMLESS =
  /^(?:-s|--silent|--quiet|-q|-k|--keep-going|-j\d*|--jobs(?:=\d+)?|--no-print-directory|-B|--verbose|-v|-p|-r|--)$/;
const ELSEWHERE = /^(?:-C|-f|--directory|--file|--taskfile|--justfile|-d|-t|-c)(?:=|$)/;

/** Options of Task about what it shows, and how much at once. */
const TOLD_TASK = /^(?:--output|-o|--output-group-(?:begin|end)|--concurrency)$/;

/** Runners that are told values of variables beside what they run. */
const SETS_VARIABLES = new Set(['make', 'just', 'task']);

/** The script of a shell that `word` starts by its path: `./scripts/check`. */
export function taskAtPath(word: string, tasks: readonly Task[]): Task | undefined {
  const file = word.replace(/^\.\//, '');
  return file.includes('/') || word !== file
    ? tasks.find(({ runner }) => /^(?:ba|da|k|z)?sh$/.test(runner.program) && runner.args.at(-1) === file)
    : undefined;
}

/**
 * The tasks that a command line runs: `make lint test`, `tox -e py`, `composer run-script test`; undefined when it runs none, or
 * one of them is not known.
 */
export function calledTasks(words: readonly string[], tasks: readonly Task[]): readonly Task[] | undefined {
  // In which environment it runs is not what it does.
  const whole = RUNS_TASKS.test(words[0] ?? '') ? withoutWrapperOptions(words) : words;
  const [first = '', ...given] = whole.filter((word) => !isHole(word));
  const program = first === 'inv' ? 'invoke' : first;
  // What follows is for what the task runs.
  const all =
    /^(?:nox|tox|task|hatch|composer)$/.test(program) && given.includes('--') ? given.slice(0, given.indexOf('--')) : given;
  // `hatch run +py=3.12 test` names variables of its environments.
  const args = program === 'hatch' ? all.filter((arg) => !arg.startsWith('+')) : all;
  const own = tasks.filter((task) => task.runner.program === program);
  // Another value of a variable is a variant of the same.
  const isAssigned = (arg: string) => SETS_VARIABLES.has(program) && /^[A-Za-z_]\w*\??=/.test(arg);
  const chosenSessions =
    program === 'nox' ? sessionsWithoutNames(args, own) : program === 'tox' ? environmentsWith(args, own) : undefined;
  if (chosenSessions) return chosenSessions;
  if (own.length === 0 || args.some((arg) => ELSEWHERE.test(arg))) return undefined;
  // `deno lint` is its own, `deno task lint` the project's.
  if (program === 'deno' && args[0] !== 'task') return undefined;
  const exact = own.find((task) => same(task.runner.args, args));
  if (exact) return [exact];
  // `composer test` is short for `composer run test`, `composer run-script test` the long form.
  // Of tox all else is about how, and may be given values.
  const chosen = program === 'tox' ? args[args.indexOf('-e') + 1] : undefined;
  const said = chosen !== undefined && args.includes('-e') ? [chosen] : args;
  const isValue = (index: number) =>
    (program === 'task' && TOLD_TASK.test(said[index - 1] ?? '')) ||
    (program === 'mise' && /^(?:-j|--jobs|-E|--env)$/.test(said[index - 1] ?? ''));
  const names = said.filter(
    (arg, index) =>
      !isValue(index) &&
      !TOLD_TASK.test(arg) &&
      !HARMLESS.test(arg) &&
      !isAssigned(arg) &&
      !(program === 'mise' && OF_MISE.test(arg)) &&
      !['run', 'run-script', '-e', '--session', 'test:run'].includes(arg) &&
      !(program === 'deno' && arg === 'task'),
  );
  // `just web lint` is `just web::lint`.
  const below =
    program === 'just' && names.length > 1 ? own.find(({ runner }) => runner.args[0] === names.join('::')) : undefined;
  if (below) return [below];
  // What follows the name is for what it runs.
  const told =
    ONE_TASK.has(program) && !args.includes(':::') ? own.find((task) => task.runner.args.at(-1) === names[0]) : undefined;
  if (told) return [told];
  if (names.length === 0) {
    const habit = args.every((arg) => arg.startsWith('-') || isAssigned(arg))
      ? own.find((task) => task.runner.args.length === 0)
      : undefined;
    return habit && [habit];
  }
  const base = program === 'tox' ? own.find((task) => task.runner.args.length === 0) : undefined;
  const called = (name: string) => own.find((task) => task.runner.args.at(-1) === name);
  // An environment of tox that has no commands of its own runs those of all.
  const found = names
    .flatMap((list) => (list.endsWith(')') ? [list] : list.split(',')))
    .map((name) => called(name) ?? (program === 'nox' ? called(name.replace(OF_SESSION, '')) : undefined) ?? base);
  return found.every((task) => task !== undefined) ? found : undefined;
}

/** The sessions that nox chooses when it is told no names: those with one of the tags that it is told, else all that it runs by habit. */
function sessionsWithoutNames(args: readonly string[], sessions: readonly Task[]): readonly Task[] | undefined {
  if (args.some((arg) => ASKS_NOX.test(arg))) return undefined;
  const at = args.findIndex((arg) => /^(?:-t|--tags?)$/.test(arg));
  const rest = at < 0 ? [] : args.slice(at + 1);
  const end = rest.findIndex((arg) => arg.startsWith('-'));
  const tags = new Set(end < 0 ? rest : rest.slice(0, end));
  const found = sessions.filter(({ chosen }) => (at < 0 ? chosen?.habit : chosen?.tags.some((tag) => tags.has(tag))));
  return found.length > 0 ? found : undefined;
}

/** The environments of tox that have a factor or a label which it is told: `tox run -f lint` runs `lint` and `py-lint`, `tox -m check` all that are called so. */
function environmentsWith(args: readonly string[], environments: readonly Task[]): readonly Task[] | undefined {
  const at = args.findIndex((arg) => /^(?:-f|--factor|-m)$/.test(arg));
  if (at < 0 || args.some((arg) => /^(?:-c|--conf|-x|-l|--showconfig|config|list)$/.test(arg))) return undefined;
  const rest = args.slice(at + 1);
  const end = rest.findIndex((arg) => arg.startsWith('-'));
  const wanted = end < 0 ? rest : rest.slice(0, end);
  const isCalled = ({ name, chosen }: Task) =>
    args[at] !== '-m'
      ? wanted.some((factors) => factors.split('-').every((factor) => name.split('-').includes(factor)))
      : chosen?.tags.some((label) => wanted.includes(label));
  const found = environments.filter((task) => task.runner.args.length > 0 && isCalled(task));
  return found.length > 0 ? found : undefined;
}

/** It is told names, a file somewhere else, or to show something. */
const ASKS_NOX =
  /^(?:(?:-s|-e|-k|-f|--sessions?|--keywords|--noxfile)(?:=|$)|-l$|--list|--json$|-h$|--help$|--version$|--install-only$)/;

/** A session of nox for one Python, or with some of its parameters: `test-3.12`, `browser(node)`. */
const OF_SESSION = /(?:-(?:python|pypy|cpython)?\d+(?:\.\d+)*t?)?(?:\([^()]*\))?$/;

/** Programs that start tasks by a command which starts any other program, too. */
const RUNS_TASKS = /^(?:pixi|pdm|rye|devbox)$/;

/** `mise r lint`, `mise tasks run lint`, `mise lint`, and several with `:::` between. */
const OF_MISE = /^(?:r|tasks?|:::)$/;

/** They run one task, and hand on to it what else they are told. */
const ONE_TASK = new Set(['poe', 'pdm', 'rye', 'pixi', 'cargo', 'devbox', 'mise', 'hatch']);

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each, index) => each === b[index]);
}
