/** Scripts that start by a runner of projects what CI starts by it in its own way. Pure. */
import { type Draft, isCheckedByCi } from './drafts.js';
import { isSpokenOfTargets, onlyTargets } from './script-projects.js';
import { targetsOfRunner } from './script-started-tools.js';

/**
 * Whether a script, which CI does not run, only starts targets all of which calls of CI start: `nx affected:lint` beside
 * `nx affected -t lint test`.
 */
export function isOfTargetsOfCi(draft: Draft, all: readonly Draft[]): boolean {
  const { command, origin, evidence } = draft;
  if (command.kind !== 'script' || origin !== 'script' || isCheckedByCi([draft])) return false;
  const started = new Set(
    all.flatMap(({ command: other, preset }) =>
      other.kind === 'program' && preset !== undefined && isSpokenOfTargets(preset)
        ? targetsOfRunner(other.program, [...other.given, ...other.targets]).map(plain)
        : [],
    ),
  );
  if (started.size === 0) return false;
  const text = /^"[^"]*":\s*"(.*)"$/.exec(evidence[0]?.text ?? '')?.[1] ?? '';
  return onlyTargets(text)?.every((target) => started.has(plain(target))) ?? false;
}

/** An older spelling: `nx affected:lint`. */
function plain(target: string): string {
  return target.replace(/^affected:/, '');
}
