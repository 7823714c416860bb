/** The parsers of the tools in presets/node-tests.ts, by the ids that presets name. */
import type { ParserTable } from '../parsed.js';
import { parseNodeTest } from './node-test.js';
import { parseAva, parseMocha, parseUvu, parseVitest } from './tests.js';

export const nodeTestParsers: ParserTable = {
  mocha: parseMocha,
  vitest: parseVitest,
  ava: parseAva,
  uvu: parseUvu,
  'node-test': parseNodeTest,
};
