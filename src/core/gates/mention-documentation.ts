/** Tasks of which nobody knows what is in them, and which CI starts for what they are called, or for what its step is called. Pure. */
import type { Mention } from './mention.js';
import { changesInLine } from './script-changes.js';
import { wordsOf } from './script-names.js';
import { saysThatItChecks, saysThatItPrepares } from './script-of-job.js';
import { isPreparing } from './script-targets.js';
import { calledTasks, type Task } from './script-tasks.js';
import { isAnotherPurpose } from './script-unknown.js';
import { callsIn } from './script-words.js';

/** Tasks called after documentation that a mention calls by their names: `python -m nox -s docs`. */
export function documentationTasks({ command }: Mention, tasks: readonly Task[]): readonly Task[] {
  return startedTasks(command, tasks).filter(
    ({ name }) => wordsOf(name).some((word) => DOCUMENTATION.test(word)) && !wordsOf(name).some((word) => OTHERS.test(word)),
  );
}

/** Tasks that a step of CI which is called a check starts, and nothing else: what they are for, the step says. */
export function tasksOfStep({ command, step }: Mention, tasks: readonly Task[]): readonly Task[] {
  const calls = command.kind === 'shell' ? callsIn(command.text).filter(([program = '']) => !LOOKS_UP.test(program)) : [];
  if (!saysThatItChecks(step?.name ?? '') || (command.kind === 'shell' && calls.length !== 1)) return [];
  return startedTasks(command, tasks).filter(
    (task) =>
      !isPreparing(task) &&
      !wordsOf(task.name).some(isAnotherPurpose) &&
      !task.lines.some(({ command: line }) => changesInLine(line)),
  );
}

/**
 * What a mention starts of a runner that is there for checks, nox or tox, and that says neither by its name nor by what it runs that it
 * serves something else.
 */
export function sessionsOf({ command, step }: Mention, tasks: readonly Task[]): readonly Task[] {
  if (saysThatItPrepares(step?.name ?? '')) return [];
  return startedTasks(command, tasks).filter(
    (task) =>
      /^(?:nox|tox)$/.test(task.runner.program) &&
      !isPreparing(task) &&
      !wordsOf(task.name).some(
        (word) => (isAnotherPurpose(word) && word !== 'compile') || OTHERS.test(word) || RENEWS.test(word),
      ) &&
      !task.lines.some(({ command: line }) => changesInLine(line)),
  );
}

/** They write down what others install, or leave somebody in an environment. */
const RENEWS = /^(?:shell|lock|pin|pins|bootstrap|upgrade)$/;

/** They say something to what is started. */
const LOOKS_UP = /^(?:find|ls|cat|echo|pwd|nproc|head|date)$/;

function startedTasks(command: Mention['command'], tasks: readonly Task[]): readonly Task[] {
  const runners = new Set(tasks.map(({ runner }) => runner.program));
  const calls = command.kind === 'argv' ? [command.argv] : callsIn(command.text);
  return calls.flatMap((call) => {
    // Which program starts the runner is not what runs.
    const found = call.findIndex((word) => runners.has(word));
    // What installs a runner starts nothing.
    const start = call.slice(0, found).some((word) => /^(?:install|add|inject)$/.test(word)) ? -1 : found;
    const called = start < 0 ? undefined : calledTasks(call.slice(start), tasks);
    return called ?? [];
  });
}

const DOCUMENTATION = /^(?:docs?|documentation|html|apidocs?)$/;
/** They show it to somebody, or put it somewhere. */
const OTHERS =
  /^(?:serve|server|watch|live|deploy|publish|upload|push|open|clean|install|update|release|preview|dev|requirements|generate|gen|regenerate)$/;
