/** Hooks of pre-commit whose command is the project's own. Pure. */
import type { Mention } from './mention.js';
import type { PlainStep } from './mention-merge.js';
import { PLAIN_PRESETS } from './script-plain-checks.js';
import { asItStands } from './script-programs.js';

/**
 * The step as pre-commit runs it, where a program that nobody knows is told by it which files it is for: without them it may do nothing,
 * or fail. Any other step as it is.
 */
export function asHook(step: PlainStep, { hook }: Mention): PlainStep {
  if (step.kind !== 'check' || hook === undefined) return step;
  const { preset } = step.call;
  if (preset.documentation !== '' || PLAIN_PRESETS.some(({ id }) => id === preset.id)) return step;
  const args = ['run', hook.id, '--all-files'];
  return {
    ...step,
    call: {
      program: hook.program,
      asModule: false,
      args,
      env: {},
      preset: { ...asItStands(preset, hook.program), ecosystem: 'python' },
    },
  };
}
