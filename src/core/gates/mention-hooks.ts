/** Hooks of pre-commit whose command is the project's own. Pure. */
import { splitArguments } from './drafts.js';
import { isLimited } from './hook-places.js';
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

/**
 * The step as pre-commit runs it, where nothing else calls the tool (`isCalled`) and pre-commit knows better for which files it is: the tool
 * has to be told some, or would look at others. Its gate stays that of the tool. `said`: what the tool's own configuration says.
 */
export function asAimedHook(step: PlainStep, { aimed, role }: Mention, { isCalled, areToldBy, said }: AimedHook): PlainStep {
  if (role !== 'hook' || aimed === undefined || step.kind !== 'check') return step;
  const { preset, args } = step.call;
  if (!isKnown(preset) || isCalled(preset)) return step;
  if (!(needsFiles(preset, args) && !areToldBy(preset)) && !isLimited(aimed.limits, preset, said(preset))) return step;
  const own = ['run', aimed.id, '--all-files', '--color=never'];
  const call = { program: aimed.program, asModule: false, args: own, env: {}, preset: presetOfAimed(preset, aimed) };
  return { ...step, call };
}

/** What decides whether a hook is run by pre-commit, by the tool. */
export interface AimedHook {
  readonly isCalled: (preset: Preset) => boolean;
  readonly areToldBy: (preset: Preset) => boolean;
  readonly said: (preset: Preset) => string;
}

/** Whether a tool that finds no files by itself is told none. */
function needsFiles(preset: Preset, args: readonly string[]): boolean {
  const isTold =
    splitArguments(args, preset).targets.length > 0 ||
    args.some((arg) => /^(?:-[mpc]|--(?:module|package|command)(?:=.*)?)$/.test(arg));
  return !isTold && (TAKES_NO_FOLDER.has(preset.id) || (preset.takes.length === 0 && preset.defaultTargets.length > 0));
}

/** They are told files one by one, and do nothing, or wait for one to be typed, without. */
const TAKES_NO_FOLDER = new Set(['clang-format', 'clang-tidy', 'cppcheck']);

/** The tool as pre-commit starts it: in a copy where it mends. */
function presetOfAimed(preset: Preset, { program, id, mends }: NonNullable<Mention['aimed']>): Preset {
  const inCopy = mends || preset.category === 'format';
  const { fix: _fix, inCopy: _inCopy, ...row } = asItStands(preset, program);
  const whole = presetOfHook(program, id);
  const { ecosystem, exitCodes, parser, isCheck, isFix, isCalledBy, inputs, reads, install, packages, sharding } = whole;
  return {
    ...row,
    ...{ ecosystem, exitCodes, parser, isCheck, isFix, isCalledBy, inputs, reads, install, packages },
    asksGit: true,
    subcommands: [],
    fileOptions: [],
    defaultOptions: [],
    sharding: inCopy ? sharding : { kind: 'never', reason: 'pre-commit tells it its files' },
    ...(inCopy ? { inCopy: 'mends' as const, fix: (given: readonly string[]) => given } : {}),
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
    inCopy: 'mends',
    fix: (given) => given,
    install: `pip install ${program}`,
  });
}

const FORMATS = /^(?:format\w*|fmt|pretty|black\w*|whitespace|endings?|fixer|sort\w*|reorder|trailing|indent\w*|autopep\d*)$/;
