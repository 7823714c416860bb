/** Calls of runners of projects (nx, moon, lage): what tells two of them apart is which targets they start. Pure. */
import type { Preset } from './preset.js';
import { targetsOfRunner } from './script-started-tools.js';
import { spokenCheck } from './script-unknown.js';
import { callsIn } from './script-words.js';

const RUNNERS = /^(?:nx|moon|lage)$/;

/** Whether a check is a call of such a runner, known by the names of its targets alone. */
export function isSpokenOfTargets({ documentation, programs }: Preset): boolean {
  return documentation === '' && programs.some((program) => RUNNERS.test(program));
}

/** Whether a script starts just the targets by the runner that the check does. */
export function startsTargets({ id, ecosystem }: Preset, script: string): boolean {
  return callsOfRunners(script).some(([program = '', ...args]) => spokenCheck(program, args, ecosystem)?.id === id);
}

/** The targets that a line starts by a runner of projects; undefined where it does something else, too. */
export function onlyTargets(line: string): readonly string[] | undefined {
  const calls = callsIn(line);
  const started = callsOfRunners(line);
  const targets = started.map(([program = '', ...args]) => targetsOfRunner(program, args));
  return started.length === 0 || started.length < calls.length || targets.some((each) => each.length === 0)
    ? undefined
    : targets.flat();
}

/** Each from the runner on. */
function callsOfRunners(line: string): readonly (readonly string[])[] {
  return callsIn(line).flatMap((words) => {
    const at = words.findIndex((word) => RUNNERS.test(word));
    const before = words.slice(0, Math.max(at, 0));
    return at < 0 || !before.every((word) => /^(?:npx|pnpm|yarn|bunx?|npm|exec|run|x|dlx|--|-y)$/.test(word))
      ? []
      : [words.slice(at)];
  });
}
