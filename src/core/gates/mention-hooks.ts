/** Hooks of pre-commit whose command is the project's own. Pure. */
import type { Mention } from './mention.js';
import type { PlainStep } from './mention-merge.js';
import type { Preset } from './preset.js';
import { PLAIN_PRESETS } from './script-plain-checks.js';
import { asItStands } from './script-programs.js';

/**
 * The step as pre-commit runs it, where a program that nobody knows is told by it which files it is for: without them it may do nothing,
 * or fail. Any other step as it is.
 */
export function asHook(step: PlainStep, { hook }: Mention): PlainStep {
  if (step.kind !== 'check' || hook === undefined) return step;
  const { preset } = step.call;
  if (isKnown(preset)) return step;
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

/** Whether lint-staged appends the files that are staged to a program that nobody knows: without them it may do nothing, or fail. */
export function needsStagedFiles(step: PlainStep, { role, name }: Mention): boolean {
  return role === 'hook' && name === 'lint-staged' && step.kind === 'check' && !isKnown(step.call.preset);
}

function isKnown(preset: Preset): boolean {
  return preset.documentation !== '' || PLAIN_PRESETS.some(({ id }) => id === preset.id);
}
