/** Programs that a project runs to measure which lines they reach: what coverage is measured of are its tests, whatever they are called. Pure. */
import type { Preset } from './preset.js';
import { slugOf, wordsOf } from './script-names.js';
import { moduleCall } from './script-programs.js';
import type { Call } from './script-steps.js';
import { asksForItself, isAnotherPurpose, isCheckingWord, newPreset } from './script-unknown.js';
import { isHole } from './script-words.js';

/** Whether the words start coverage.py to run something. */
export function isMeasuring(words: readonly string[]): boolean {
  const own = /^python[\d.]*$/.test(words[0] ?? '') ? moduleCall(words.slice(1)) : words;
  return own[0] === 'coverage' && own[1] === 'run';
}

/**
 * The check that a measured call of Python is by that alone, its program first: `python scripts/fuzz.py`, `python -m app.selftest`. Only its
 * exit code is read. Undefined where its words say that it does something else, or nobody knows what is started.
 */
export function measuredCheck(
  [program = '', ...args]: readonly string[],
  env: Call['env'],
): (Call & { preset: Preset }) | undefined {
  const [started = '', ...rest] = args[0] === '-m' ? args.slice(1) : args;
  const told = rest.find((arg) => /^[a-z][\w-]*$/i.test(arg)) ?? '';
  const said = wordsOf(started.split('/').at(-1)?.replace(/\.py$/, '') ?? '');
  if (started === '' || args.some(isHole) || asksForItself(rest)) return undefined;
  // `release_tests.py` tests what releases.
  if ([...(said.some(isCheckingWord) ? [] : said), ...wordsOf(told)].some(isAnotherPurpose)) return undefined;
  // The installer of a package, or the door to all that an application does.
  if (/(?:^|\/)(?:setup|manage)\.py$/.test(started)) return undefined;
  const id = slugOf(said.join('-')) || 'measured';
  const key = JSON.stringify([id, args]);
  const preset = KNOWN.get(key) ?? newPreset(id, { program, name: `${program} ${started}` }, 'test', 'python');
  KNOWN.set(key, preset);
  return { program, asModule: false, args, env, preset };
}

/** Whether a check is one because coverage is measured of it: it ends, also where a job fuzzes. */
export function isMeasuredCheck(preset: Preset): boolean {
  return [...KNOWN.values()].includes(preset);
}

/** The same for the same call, so that all that speaks for it is of one tool. */
const KNOWN = new Map<string, Preset>();
