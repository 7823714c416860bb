/** Formatters and linters of the Python world: Black, flake8. */
import type { Severity } from '../../model.js';
import type { Parsed, ParsedFinding, ParserInput } from '../parsed.js';
import { found, lines, place } from './text.js';

// -------------------------------------------------------------------------------------------------------------- flake8

/** Reads the format `default`: `file:line:column: code text`. */
export function parseFlake8(input: ParserInput): Parsed {
  const findings = lines(input.stdout).flatMap((line) => {
    const match = /^(.+?):(\d+):(\d+): ([A-Z]+\d+) (.*)$/.exec(line);
    if (match === null) return [];
    const rule = match[4] ?? '';
    return {
      file: match[1] ?? '',
      ...place(match[2], match[3]),
      // flake8 itself knows no severities; these are its letters as its users read them.
      severity: /^[EF]\d/.test(rule) ? 'error' : 'warning',
      rule,
      message: match[5] ?? '',
      source: 'flake8',
      // Imports, names and variables that nothing uses.
      ...(/^F(?:401|841|842|504|522)$/.test(rule) ? { tags: ['unused'] as const } : {}),
    } satisfies ParsedFinding;
  });
  return found(findings, input);
}

// --------------------------------------------------------------------------------------------------------------- Black

/** Reads what Black says on standard error. Its columns count from 0. */
export function parseBlack(input: ParserInput): Parsed {
  const findings = lines(input.stderr).flatMap((line): readonly ParsedFinding[] => {
    const reformat = /^would reformat (.+)$/.exec(line);
    if (reformat !== null) return [{ file: reformat[1] ?? '', ...place(1), ...wrong('black', notFormatted('Black')) }];
    const parse = /^error: cannot format (.+?): (Cannot parse[^:]*: (\d+):(\d+).*)$/.exec(line);
    if (parse !== null)
      return [{ file: parse[1] ?? '', ...place(parse[3], Number(parse[4]) + 1), ...wrong('black', parse[2] ?? '') }];
    const other = /^error: cannot format (.+?): (.*)$/.exec(line);
    return other === null ? [] : [{ file: other[1] ?? '', ...place(1), ...wrong('black', other[2] ?? '') }];
  });
  return found(findings, input);
}

/** What a formatter says of a file that it would change. */
function notFormatted(tool: string): string {
  return `The file is not formatted the way ${tool} formats it.`;
}

function wrong(
  source: string,
  message: string,
): { readonly severity: Severity; readonly message: string; readonly source: string } {
  return { severity: 'error', message, source };
}
