/** Calls of CI that look at other versions of what the project needs, which the same job has chosen before. Pure. */
import type { Mention } from './mention.js';
import type { Mentioned } from './mentioned.js';
import { callsIn } from './script-words.js';

/**
 * Whether a call of cargo in CI comes after one in its job that writes the lock file for the lowest versions. By itself it would look at other
 * versions, or fail for the lack of the file; together they would change the versions that all other gates, and the user, work with.
 */
export function isOfOtherVersions(mention: Mention, mentions: readonly Mentioned[]): boolean {
  if (mention.role !== 'workflow' || !speaksOf(mention, 'cargo')) return false;
  const at = mentions.findIndex((each) => each.mention === mention);
  const isBefore = ({ mention: { file, name } }: Mentioned) => file === mention.file && name === mention.name;
  // Few lines are taken apart: most do not say the word.
  const chosen = mentions
    .slice(0, Math.max(at, 0))
    .filter((each) => isBefore(each) && speaksOf(each.mention, 'minimal-versions'));
  return chosen.some((each) => callsOf(each.mention).some(choosesLowest)) && callsOf(mention).some(isCargo);
}

function speaksOf({ command }: Mention, word: string): boolean {
  return command.kind === 'argv' ? command.argv.includes(word) : command.text.includes(word);
}

function choosesLowest(call: readonly string[]): boolean {
  return isCargo(call) && call.some((word) => WRITES.test(word)) && call.some((word) => LOWEST.test(word));
}

const WRITES = /^(?:generate-lockfile|update)$/;
const LOWEST = /^(?:-Z)?(?:direct-)?minimal-versions$/;

function isCargo([program = '']: readonly string[]): boolean {
  return program === 'cargo';
}

function callsOf({ command }: Mention): readonly (readonly string[])[] {
  return command.kind === 'argv' ? [command.argv] : callsIn(command.text);
}
