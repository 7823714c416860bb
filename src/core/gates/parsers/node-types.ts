/** The parsers of the tools in presets/node-types.ts, by the ids that presets name. */
import type { ParserTable } from '../parsed.js';
import { parseTsc, parseTsd } from './types.js';

export const nodeTypeParsers: ParserTable = { tsc: parseTsc, tsd: parseTsd };
