/** Type checkers: TypeScript, tsd. */
import type { FindingTag, Severity } from '../../model.js';
import type { Parsed, ParsedFinding, ParserInput } from '../parsed.js';
import { found, lines, pathOf, place } from './text.js';

/** Codes of a call or a configuration that TypeScript cannot work with, as opposed to code that it checked. */
const NOT_ABOUT_CODE = /^TS(?:5\d|6\d|18)\d{2,3}$/;

/** Reads `file(line,column): error TS1: message` with its continuation lines, which are indented. */
export function parseTsc(input: ParserInput): Parsed {
  const findings: ParsedFinding[] = [];
  let continues = false;
  for (const line of lines(input.stdout)) {
    const finding = tscFinding(line);
    const last = findings.at(-1);
    if (finding !== undefined) findings.push(finding);
    else if (continues && last !== undefined && /^ +\S/.test(line)) {
      findings[findings.length - 1] = { ...last, message: `${last.message}\n${line}` };
      continue;
    }
    continues = finding !== undefined;
  }
  const worked = findings.some(({ file, rule }) => file !== undefined || !NOT_ABOUT_CODE.test(rule ?? ''));
  return worked ? { kind: 'findings', findings } : found([], input);
}

/** Codes of what is declared, imported or reached in vain, and of what should not be used any more. */
const UNUSED = new Set(['TS6133', 'TS6138', 'TS6192', 'TS6196', 'TS6198', 'TS6199', 'TS6205', 'TS7027', 'TS7028', 'TS2578']);
const DEPRECATED = new Set(['TS5101', 'TS5107', 'TS6385', 'TS6386', 'TS6387']);

function tscTags(rule: string): { readonly tags?: readonly FindingTag[] } {
  return UNUSED.has(rule) ? { tags: ['unused'] } : DEPRECATED.has(rule) ? { tags: ['deprecated'] } : {};
}

const TSC_SEVERITIES: Readonly<Record<string, Severity>> = { error: 'error', warning: 'warning', message: 'information' };

function tscFinding(line: string): ParsedFinding | undefined {
  const match = /^(?:(\S.*?)\((\d+),(\d+)\): )?(error|warning|message) (TS\d+): (.*)$/.exec(line);
  if (match === null) return undefined;
  return {
    ...(match[1] === undefined ? {} : { file: match[1] }),
    ...place(match[2], match[3]),
    severity: TSC_SEVERITIES[match[4] ?? ''] ?? 'error',
    rule: match[5] ?? '',
    message: match[6] ?? '',
    source: 'tsc',
    ...tscTags(match[5] ?? ''),
  };
}

/** Reads tsd's only output, meant for people: a heading with a file, then `✖ line:column message`. Its columns count from 0. */
export function parseTsd(input: ParserInput): Parsed {
  const findings: ParsedFinding[] = [];
  let file: string | undefined;
  for (const line of [...lines(input.stdout), ...lines(input.stderr)]) {
    const heading = /^ {2}(\S.*?):\d+:\d+\s*$/.exec(line);
    if (heading !== null) file = pathOf(heading[1] ?? '');
    const match = /^ {2}([✖×⚠‼])\s+(?:(\d+):(\d+)\s+)?(\S.*)$/.exec(line);
    if (match === null) continue;
    findings.push({
      ...(file === undefined ? {} : { file }),
      ...place(match[2], Number(match[3]) + 1),
      severity: /[✖×]/.test(match[1] ?? '') ? 'error' : 'warning',
      message: (match[4] ?? '').trimEnd(),
      source: 'tsd',
    });
  }
  return found(findings, input);
}
