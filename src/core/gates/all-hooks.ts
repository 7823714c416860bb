/** Which hooks of pre-commit count because all of them are run. Pure. */
import { OTHER_HOOKS } from './drafts.js';
import type { Mention } from './mention.js';
import type { Mentioned } from './mentioned.js';
import { isCheckName } from './script-names.js';
import { calledTasks, type Task } from './script-tasks.js';
import { callsIn } from './script-words.js';

/**
 * The mentions, with those of hooks which only look, or of which nothing is known: a line of CI that runs all hooks leads to them. Without
 * them where CI runs single hooks by their names alone, and no service of its own runs all.
 */
export function withOtherHooks(mentions: readonly Mentioned[], tasks: readonly Task[]): readonly Mentioned[] {
  if (!mentions.some((each) => isOfOtherHooks(each) || each.mention.wholeHook !== undefined)) return mentions;
  // A task that was looked at for one line is not looked at again: it did not run them.
  const surroundings = { tasks, runners: new Set(tasks.map(({ runner }) => runner.program)), seen: new Set<Task>() };
  const caller = mentions.find(({ mention }) => mention.role === 'workflow' && runsAllHooks(mention, surroundings))?.mention;
  // A service that needs no file runs all hooks, too, and so does whoever commits; but CI that names single hooks says which count.
  const namesSome =
    !caller && mentions.some(({ mention }) => mention.role === 'workflow' && callsOfMention(mention).some(isOfPreCommit));
  const known = new Set<Task>();
  const named = new Set(
    mentions.flatMap(({ mention }) =>
      mention.role === 'workflow' ? hooksNamedIn(mention, { ...surroundings, seen: known }) : [],
    ),
  );
  const byHand = caller ?? (namesSome ? undefined : mentions.find(({ mention }) => runsItself(mention))?.mention);
  return mentions.flatMap((each) => {
    // Whoever commits runs those of the whole repository.
    const areRun = byHand !== undefined || (!namesSome && each.from === '');
    if (each.mention.wholeHook) return settledHook(each, { byHand, caller, areRun, tasks, named });
    if (!isOfOtherHooks(each)) return [each];
    if (!areRun) return each.mention.reviewed ? [each] : [];
    return [{ ...each, mention: caller ? ledTo(each.mention, caller) : each.mention }];
  });
}

/** What is known of the hook itself, and whether it counts as a whole because all hooks are run. */
function settledHook(
  each: Mentioned,
  {
    byHand,
    caller,
    areRun,
    tasks,
    named,
  }: {
    readonly byHand: Mention | undefined;
    readonly caller: Mention | undefined;
    readonly areRun: boolean;
    readonly tasks: readonly Task[];
    readonly named: ReadonlySet<string>;
  },
): readonly Mentioned[] {
  const { wholeHook, ...mention } = each.mention;
  const isKnown = mention.command.kind === 'shell' || mention.command.argv.length > 0;
  const isSkipped = wholeHook !== undefined && byHand !== undefined && skippedBy(byHand).has(wholeHook.id);
  // What the service leaves out does not count because whoever commits runs it.
  const isNamed = wholeHook !== undefined && named.has(wholeHook.id);
  const isRun = isNamed || byHand !== undefined || (areRun && !wholeHook?.left) || wholeHook?.service === true;
  // A task that is called a check speaks for itself.
  const speaks = callsOfMention(mention).some((words) => calledTasks(words, tasks)?.some(({ name }) => isCheckName(name)));
  if (!wholeHook || (isSkipped && !isNamed) || speaks || !isRun) return isKnown ? [{ ...each, mention }] : [];
  const via = caller && { via: caller.via ?? caller };
  const own = !isKnown && via ? via : {};
  return [{ ...each, mention: { ...mention, ...own, wholeHook: { ...wholeHook, counts: true } } }];
}

/** Hooks that whoever runs all of them leaves out: `SKIP: mypy,no-commit-to-branch`. */
function skippedBy({ env, settings, command }: Mention): ReadonlySet<string> {
  const said = command.kind === 'shell' ? (/(?:^|\s)SKIP=["']?([\w.,-]+)/.exec(command.text)?.[1] ?? '') : '';
  return new Set(`${env['SKIP'] ?? settings?.['SKIP'] ?? ''},${said}`.split(',').map((id) => id.trim()));
}

/** The mention as the line of CI leads to it: with the program that is there, since both read the same file. */
function ledTo(mention: Mention, caller: Mention): Mention {
  const { command } = mention;
  const isPrek = callsOfMention(caller).some((words) => isRunOfAll(words) && words.some((word) => /^prek(?:[@=]|$)/.test(word)));
  const own = isPrek && command.kind === 'argv' ? { ...command, argv: ['prek', ...command.argv.slice(1)] } : command;
  return { ...mention, command: own, via: caller.via ?? caller };
}

function isOfOtherHooks({ mention: { name, file } }: Mentioned): boolean {
  return name === OTHER_HOOKS && /^(?:\.pre-commit-config\.ya?ml|\.?prek\.toml)$/.test(file);
}

interface Surroundings {
  readonly tasks: readonly Task[];
  /** Programs that start tasks. */
  readonly runners: ReadonlySet<string>;
  readonly seen: Set<Task>;
}

/** Whether a task of the project, not the one of pre-commit itself, runs all hooks. */
function runsItself(mention: Mention): boolean {
  const { runner, role } = mention;
  if (role !== 'task' || runner === undefined || /^(?:pre-commit|prek)$/.test(runner.program)) return false;
  return callsOfMention(mention).some(isRunOfAll);
}

function callsOfMention({ command }: Mention): readonly (readonly string[])[] {
  return command.kind === 'argv' ? [command.argv] : callsIn(command.text);
}

/** It is called, whatever it runs. */
function isOfPreCommit(words: readonly string[]): boolean {
  return words.some((word, index) => PRE_COMMIT.test(word) && words[index + 1] === 'run');
}

const PRE_COMMIT = /^(?:pre-commit|pre_commit|prek)(?:[@=].*)?$/;

/** Itself, or by a task that it starts: `tox -e lint`. */
function runsAllHooks(mention: Mention, surroundings: Surroundings): boolean {
  const { tasks, runners, seen } = surroundings;
  return callsOfMention(mention).some((words) => {
    if (isRunOfAll(words)) return true;
    // A wrapper may stand before what starts tasks.
    const start = words.findIndex((word) => runners.has(word));
    const started = start < 0 ? undefined : calledTasks(words.slice(start), tasks);
    const fresh = (started ?? []).flatMap((task) => [task, ...tasks.filter(({ key }) => task.needs.includes(key))]);
    return fresh.some((task) => {
      if (seen.has(task)) return false;
      seen.add(task);
      return task.lines.some((line) => runsAllHooks(line, surroundings));
    });
  });
}

/** The hooks that a line of CI runs by their names, itself or by the environments that it starts: `pre-commit run pip-compile --all-files`. */
function hooksNamedIn({ command }: Pick<Mention, 'command'>, { tasks, runners, seen }: Surroundings): readonly string[] {
  return (command.kind === 'argv' ? [command.argv] : callsIn(command.text)).flatMap((words) => {
    const at = words.findLastIndex((word, index) => PRE_COMMIT.test(word) && words[index + 1] === 'run');
    const [id = ''] = at < 0 ? [] : words.slice(at + 2);
    if (/^[a-z][\w.-]*$/i.test(id) && words.some((word) => /^(?:-a|--all-files)$/.test(word))) return [id];
    const start = words.findIndex((word) => runners.has(word));
    const started = start < 0 ? [] : (calledTasks(words.slice(start), tasks) ?? []);
    const fresh = started.filter((task) => /^(?:tox|nox)$/.test(task.runner.program) && !seen.has(task));
    for (const task of fresh) seen.add(task);
    return fresh.flatMap((task) => task.lines.flatMap((line) => hooksNamedIn(line, { tasks, runners, seen })));
  });
}

/** `uvx pre-commit run -a`, `prek run --from-ref main --to-ref HEAD`, but not `pre-commit run mypy -a`. */
function isRunOfAll(words: readonly string[]): boolean {
  // An option before it may be told the same word: `uv run --group pre-commit pre-commit run`.
  const start = words.findLastIndex((word, index) => PRE_COMMIT.test(word) && STARTS.test(words[index + 1] ?? ''));
  const args = start < 0 ? [] : words.slice(words[start + 1] === 'run' ? start + 2 : start + 1);
  const isValue = (index: number) => VALUED.test(args[index - 1] ?? '');
  // What is only known while it runs may be left out: it is an option by habit.
  const named = args.some(
    (arg, index) => !arg.startsWith('-') && !arg.startsWith('$') && !/^\{.*\}$/.test(arg) && !isValue(index),
  );
  return !named && args.some((arg) => ON_ALL.test(arg));
}

/** `prek` alone runs them, too. */
const STARTS = /^(?:run$|-)/;
/** On all files, or on those that differ between two commits. */
const ON_ALL = /^(?:--all-files|-a|--files|--last-commit|--from-ref(?:=.*)?|--source(?:=.*)?|-s)$/;
const VALUED =
  /^(?:-c|--config|--color|--hook-stage|--stage|-C|--cd|--from-ref|--to-ref|--source|--origin|-s|-o|--hook-type|-t)$/;
