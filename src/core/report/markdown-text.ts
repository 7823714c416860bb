/** Pure: text as Markdown that shows it as text: it makes no markup, link, image or formula. */

/** Every character that could mean something in Markdown, in its extensions and in formulas, in one line. */
export function escaped(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_{}[\]<>#|!~$&]/g, '\\$&')
    .replace(/^(\s*)([-+])/, '$1\\$2')
    .replace(/^(\s*\d+)([.)])(?=\s|$)/, '$1\\$2')
    .replaceAll('://', '\\://');
}

/** As code inside a line; empty for nothing but space. `inCell`: in a table, where a bar would end the cell. */
export function codeSpan(text: string, inCell: boolean): string {
  const plain = text.replace(/\s+/g, ' ');
  if (plain.trim() === '') return '';
  const ticks = '`'.repeat(longestTicks(plain) + 1);
  const space = /^`|`$/.test(plain) ? ' ' : '';
  return `${ticks}${space}${inCell ? plain.replaceAll('|', '\\|') : plain}${space}${ticks}`;
}

/** A block of code that no text in it ends. */
export function fenced(text: string, language: string): string {
  const fence = '`'.repeat(Math.max(3, longestTicks(text) + 1));
  return `${fence}${language}\n${text}\n${fence}`;
}

/** A table. Titles are text, cells Markdown without line ends. */
export function tableText(
  columns: readonly { readonly title: string; readonly numeric?: boolean }[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(columns.map(({ title }) => escaped(title))),
    line(columns.map(({ numeric = false }) => (numeric ? '---:' : '---'))),
    ...rows.map(line),
  ].join('\n');
}

function longestTicks(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
}
