/** What tools write, read as findings. Pure; nothing here throws, whatever a tool wrote. */
import type { Finding, ParserId } from '../model.js';
import { parseBiome, parseBlack, parseEslint, parseFlake8, parsePrettier } from './parsers/lint.js';
import { parseNodeTest } from './parsers/node-test.js';
import { parsePytest } from './parsers/pytest.js';
import { parseAva, parseMocha, parseVitest } from './parsers/tests.js';
import { parseMypy, parseTsc, parseTsd } from './parsers/types.js';

export interface ParserInput {
  readonly stdout: string;
  readonly stderr: string;
  /** What the tool wrote into the file that `REPORT_PLACEHOLDER` stood for; absent when it wrote none. */
  readonly report?: string;
  readonly exitCode: number;
}

/** A finding as the tool tells it: its file may be relative to where the tool ran, and is absent when it has no place. */
export type ParsedFinding = Omit<Finding, 'file'> & { readonly file?: string };

export type Parsed =
  | { readonly kind: 'findings'; readonly findings: readonly ParsedFinding[] }
  /** Not what the tool writes when it could do its work. `detail` completes "It gave output that cannot be read: …". */
  | { readonly kind: 'unreadable'; readonly detail: string };

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
