/** Words of a command line as a program would get them. Pure. */
import type { Word as ShellWord, WordPart } from 'unbash';
import type { Word } from './script-runners.js';

/** What readers of workflows and of tox put in place of values that nobody knows; in quotes it would pass for text. */
const PLACEHOLDER = /\$(?:MATRIX_\w|EXPRESSION\b|TOX\b)/;

/** The word as a program would get it; undefined when that is only known while the script runs. */
export function literal(word: ShellWord): Word | undefined {
  if (word.text.startsWith('~') || PLACEHOLDER.test(word.text)) return undefined;
  const parts = word.parts ?? [];
  if (parts.some(isExpansion)) return undefined;
  return { value: word.value, glob: parts.some((part) => part.type === 'Glob' || part.type === 'ExtendedGlob') };
}

function isExpansion(part: WordPart): boolean {
  switch (part.type) {
    case 'Literal':
    case 'Glob':
    case 'SingleQuoted':
    case 'AnsiCQuoted':
    case 'ExtendedGlob':
    // The shell that npm uses leaves braces to the tools.
    case 'BraceExpansion':
      return false;
    case 'DoubleQuoted':
    case 'LocaleString':
      return part.parts.some(isExpansion);
    case 'SimpleExpansion':
    case 'ParameterExpansion':
    case 'CommandExpansion':
    case 'ArithmeticExpansion':
    case 'ProcessSubstitution':
      return true;
    default:
      return part satisfies never;
  }
}

/** The text as one word of a command line. */
export function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
