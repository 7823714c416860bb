/** Type checkers of the Python world: mypy, Pyright. */
import type { Parsed, ParsedFinding, ParserInput } from '../parsed.js';
import { tagsOf } from './formats.js';
import { found, lines, place } from './text.js';

const MYPY = /^(.+?):(\d+)(?::(\d+))?(?::(\d+):(\d+))?: (error|warning|note): (.*?)(?: {2}\[([\w-]+)\])?$/;

/**
 * Reads `file:line:column: error: message  [code]`, with the end where the project has asked for it (the column of its last
 * character). Notes right after an error at the same place belong to it.
 */
export function parseMypy(input: ParserInput): Parsed {
  const findings: ParsedFinding[] = [];
  for (const line of lines(input.stdout)) {
    const match = MYPY.exec(line);
    if (match === null) continue;
    const [, file = '', from, column, endLine, endColumn, kind, message = '', rule] = match;
    const at = place(from, column, endLine, endColumn === undefined ? undefined : Number(endColumn) + 1);
    const last = findings.at(-1);
    const samePlace = last !== undefined && last.file === file && last.line === at.line && last.column === at.column;
    if (kind === 'note' && samePlace && last.severity !== 'information') {
      findings[findings.length - 1] = { ...last, message: `${last.message}\n${message}` };
      continue;
    }
    findings.push({
      file,
      ...at,
      severity: kind === 'error' ? 'error' : kind === 'warning' ? 'warning' : 'information',
      ...(rule === undefined ? {} : { rule, ruleUrl: `https://mypy.readthedocs.io/en/stable/_refs.html#code-${rule}` }),
      message,
      source: 'mypy',
      ...tagsOf(rule ?? ''),
    });
  }
  return found(findings, input);
}
