/** Lines of CI that look for files and hand them to what looks at each. Pure. */
import { type Command, parse } from 'unbash';
import type { Mention } from './mention.js';
import { wordsOf } from './script-names.js';
import { saysThatItChecks } from './script-of-job.js';
import { isAnotherPurpose } from './script-unknown.js';
import { LONGEST } from './script-words.js';

/**
 * The line as one program, where its step is called a check and files that were only looked for are handed on: `find … | xargs php -l`,
 * `git ls-files | parallel tool {}`. Undefined where something in it is only known while it runs, or may change what it finds.
 */
export function pipedCheck({ command, step }: Mention): readonly string[] | undefined {
  if (command.kind !== 'shell' || command.text.length > LONGEST || /[$`]/.test(command.text)) return undefined;
  if (!saysThatItChecks(step?.name ?? '')) return undefined;
  const { commands, errors = [] } = parse(command.text);
  const [only, ...others] = commands;
  if (errors.length > 0 || others.length > 0 || only?.command.type !== 'Pipeline') return undefined;
  const parts = only.command.commands.map((each) => (each.type === 'Command' ? wordsIn(each) : []));
  const last = parts.at(-1) ?? [];
  const looks = parts.slice(0, -1).every(([program = '', ...args]) => LOOKS.test(program) && !args.some(isActing));
  const handsOn = /^(?:xargs|parallel)$/.test(last[0] ?? '') && last.length > 1;
  const changes = last.slice(1).some((word) => CHANGES.test(word) || wordsOf(word).some(isAnotherPurpose));
  return parts.length > 1 && looks && handsOn && !changes ? ['bash', '-o', 'pipefail', '-c', command.text] : undefined;
}

const LOOKS = /^(?:find|git|fd|grep|egrep|sort|uniq|head|tail|sed|awk|tr|cut|cat|ls)$/;
const CHANGES = /^(?:rm|mv|cp|chmod|chown|touch|sed|kill|wget|curl|-i|--fix|--write|--in-place)$/;

/** Of `find` and `git`. */
function isActing(arg: string): boolean {
  return /^-(?:exec(?:dir)?|delete|ok|i)$/.test(arg);
}

function wordsIn({ name, args }: Command): readonly string[] {
  return [name, ...args].flatMap((word) => (word?.type === 'Word' ? [word.value] : []));
}
