/** Text as words of a POSIX shell. Pure. */

/** One word that is nothing but this text, wherever it stands: no keyword, assignment or pattern. */
export function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The text as one word of a command line, as people write it: quoted only where that is needed. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : singleQuoted(text);
}
