/** Steps of a job of CI that stand for another one on other machines. Pure. */
import type { Comparison, Mention } from './mention.js';
import type { Mentioned } from './mentioned.js';
import { callsIn } from './script-words.js';

/** What a condition compares, where it is one comparison with a text and nothing else. */
export function comparisonIn(condition: string): Comparison | undefined {
  const plain = condition.replace(/^\s*\$\{\{(.*)\}\}\s*$/s, '$1').trim();
  const [, of = '', operator = '', value = ''] = /^([\w.-]{1,100})\s*(==|!=)\s*'([^']*)'$/.exec(plain) ?? [];
  return of === '' ? undefined : { of, value, equal: operator === '==' };
}

/**
 * Whether a step runs on Windows or macOS only, and on all other machines a step of the same job which starts the same program: one check,
 * done there as it can be.
 */
export function isAlternative(mention: Mention, mentions: readonly Mentioned[]): boolean {
  const own = mention.step?.compared;
  if (own?.equal !== true || !/^(?:windows|macos|darwin)/i.test(own.value)) return false;
  const programs = new Set(programsOf(mention));
  return mentions.some(({ mention: other }) => {
    const its = other.step?.compared;
    if (its?.equal !== false || its.of !== own.of || its.value !== own.value) return false;
    return other.file === mention.file && other.name === mention.name && programsOf(other).some((name) => programs.has(name));
  });
}

function programsOf({ command }: Mention): readonly string[] {
  const calls = command.kind === 'argv' ? [command.argv] : callsIn(command.text);
  return calls.flatMap(([program]) => (program === undefined || /^(?:echo|cd|set|export|rm)$/.test(program) ? [] : [program]));
}
