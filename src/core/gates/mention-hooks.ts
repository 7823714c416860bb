/** Hooks of pre-commit whose command is the project's own. Pure. */
import type { Mention } from './mention.js';
import type { PlainStep } from './mention-merge.js';
import { definePreset, type Preset } from './preset.js';
import { slugOf, wordsOf } from './script-names.js';
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
      preset: { ...asItStands(preset, hook.program), ecosystem: 'python', asksGit: true },
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

/**
 * The hook as pre-commit runs it, where all hooks are run and nothing else is known of it: it fails for what it changes. Undefined for any
 * other mention.
 */
export function stepOfWholeHook({ wholeHook, name }: Mention): PlainStep | undefined {
  if (!wholeHook?.counts) return undefined;
  const { program, id } = wholeHook;
  const args = ['run', id, '--all-files', '--color=never'];
  const call = { program, asModule: false, args, env: {}, preset: presetOfHook(program, id) };
  return { kind: 'check', script: name, call };
}

function presetOfHook(program: string, id: string): Preset {
  const formats = wordsOf(id).some((word) => FORMATS.test(word));
  return definePreset({
    id: slugOf(id),
    tool: id,
    category: formats ? 'format' : 'lint',
    ecosystem: 'python',
    documentation: '',
    programs: [program],
    packages: [program],
    detectedBy: 'command only',
    isCheck: () => true,
    inputs: ['**'],
    sharding: { kind: 'never', reason: 'it runs in a copy of all files' },
    exitCodes: { passed: [0], failed: [1] },
    parser: 'pre-commit',
    asksGit: true,
    inCopy: true,
    fix: (given) => given,
    install: `pip install ${program}`,
  });
}

const FORMATS = /^(?:format\w*|fmt|pretty|black\w*|whitespace|endings?|fixer|sort\w*|reorder|trailing|indent\w*|autopep\d*)$/;
