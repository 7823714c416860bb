/** What tools write, read as findings. Pure; nothing here throws, whatever a tool wrote. */
import type { ParserId } from '../gate-model.js';
import type { Parsed, ParsedFinding, ParserInput, ParserTable } from './parsed.js';
import { formatParsers } from './parsers/formats.js';
import {
  parseCspell,
  parseDepcheck,
  parseHtmlhint,
  parseJest,
  parseKnip,
  parseMadge,
  parseMarkdownlint,
  parseOxlint,
  parsePlaywright,
  parseStandard,
  parseStylelint,
  parseSvelteCheck,
} from './parsers/node-checks.js';
import { nodePackageParsers } from './parsers/node-packages.js';
import { nodeStyleParsers } from './parsers/node-style.js';
import { nodeTestParsers } from './parsers/node-tests.js';
import { nodeTypeParsers } from './parsers/node-types.js';
import { otherParsers } from './parsers/others.js';
import { pythonParsers } from './parsers/python.js';
import { systemParsers } from './parsers/systems.js';

export type { Parsed, ParsedFinding, ParserInput } from './parsed.js';

/** All parsers by id. */
export const PARSERS: ParserTable = {
  none: () => ({ kind: 'findings', findings: [] }),
  ...formatParsers,
  ...nodeStyleParsers,
  stylelint: parseStylelint,
  oxlint: parseOxlint,
  standard: parseStandard,
  markdownlint: parseMarkdownlint,
  cspell: parseCspell,
  htmlhint: parseHtmlhint,
  knip: parseKnip,
  madge: parseMadge,
  depcheck: parseDepcheck,
  jest: parseJest,
  playwright: parsePlaywright,
  'svelte-check': parseSvelteCheck,
  ...nodePackageParsers,
  ...nodeTypeParsers,
  ...nodeTestParsers,
  ...pythonParsers,
  ...systemParsers,
  ...otherParsers,
};

/**
 * The findings in a tool's output by file, line and column: some tools write them in another order each time. Tolerates noise around
 * reports, colours, CRLF and Windows paths. A tool that ended as failed without a word that this parser understands is unreadable: it
 * did not get to its work.
 */
export function parse(parser: ParserId, input: ParserInput): Parsed {
  const read = Object.hasOwn(PARSERS, parser) ? PARSERS[parser] : undefined;
  if (!read) return { kind: 'unreadable', detail: `there is no parser "${parser}"` };
  const parsed = read(input);
  return parsed.kind === 'findings' ? { ...parsed, findings: [...parsed.findings].sort(byPlace) } : parsed;
}

function byPlace(a: ParsedFinding, b: ParsedFinding): number {
  const [x, y] = [a.file ?? '', b.file ?? ''];
  return x < y ? -1 : x > y ? 1 : a.line - b.line || a.column - b.column;
}
