/** What tools write, read as findings. Pure; nothing here throws, whatever a tool wrote. */
import type { ParserId } from '../model.js';
import type { Parsed, ParsedFinding, ParserInput } from './parsed.js';
import { parseBiome, parseBlack, parseEslint, parseFlake8, parsePrettier } from './parsers/lint.js';
import { parseNodeTest } from './parsers/node-test.js';
import { parsePytest } from './parsers/pytest.js';
import { parseAva, parseMocha, parseVitest } from './parsers/tests.js';
import { parseMypy, parseTsc, parseTsd } from './parsers/types.js';

export type { Parsed, ParsedFinding, ParserInput } from './parsed.js';

/**
 * The findings in a tool's output by file, line and column: some tools write them in another order each time. Tolerates noise around reports, colours, CRLF and Windows paths. A
 * tool that ended as failed without a word that this parser understands is unreadable: it did not get to its work.
 */
export function parse(parser: ParserId, input: ParserInput): Parsed {
  const parsed = read(parser, input);
  return parsed.kind === 'findings' ? { kind: 'findings', findings: [...parsed.findings].sort(byPlace) } : parsed;
}

function byPlace(a: ParsedFinding, b: ParsedFinding): number {
  const [x, y] = [a.file ?? '', b.file ?? ''];
  return x < y ? -1 : x > y ? 1 : a.line - b.line || a.column - b.column;
}

function read(parser: ParserId, input: ParserInput): Parsed {
  switch (parser) {
    case 'eslint':
      return parseEslint(input);
    case 'biome':
      return parseBiome(input);
    case 'prettier':
      return parsePrettier(input);
    case 'black':
      return parseBlack(input);
    case 'flake8':
      return parseFlake8(input);
    case 'tsc':
      return parseTsc(input);
    case 'tsd':
      return parseTsd(input);
    case 'mypy':
      return parseMypy(input);
    case 'mocha':
      return parseMocha(input);
    case 'vitest':
      return parseVitest(input);
    case 'ava':
      return parseAva(input);
    case 'node-test':
      return parseNodeTest(input);
    case 'pytest':
      return parsePytest(input);
    case 'none':
      return { kind: 'findings', findings: [] };
    default:
      return parser satisfies never;
  }
}
