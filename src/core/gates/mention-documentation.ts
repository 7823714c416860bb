/** Tasks by which CI makes the documentation of what is proposed, where nobody knows what is in them. Pure. */
import type { Mention } from './mention.js';
import { wordsOf } from './script-names.js';
import { calledTasks, type Task } from './script-tasks.js';
import { callsIn } from './script-words.js';

/** Tasks called after documentation that a mention calls by their names: `python -m nox -s docs`. */
export function documentationTasks({ command }: Mention, tasks: readonly Task[]): readonly Task[] {
  const runners = new Set(tasks.map(({ runner }) => runner.program));
  const calls = command.kind === 'argv' ? [command.argv] : callsIn(command.text);
  return calls.flatMap((call) => {
    // Which program starts the runner is not what runs.
    const start = call.findIndex((word) => runners.has(word));
    const called = start < 0 ? undefined : calledTasks(call.slice(start), tasks);
    return (called ?? []).filter(
      ({ name }) => wordsOf(name).some((word) => DOCUMENTATION.test(word)) && !wordsOf(name).some((word) => OTHERS.test(word)),
    );
  });
}

const DOCUMENTATION = /^(?:docs?|documentation|html|apidocs?)$/;
/** They show it to somebody, or put it somewhere. */
const OTHERS =
  /^(?:serve|server|watch|live|deploy|publish|upload|push|open|clean|install|update|release|preview|dev|requirements|generate|gen|regenerate)$/;
