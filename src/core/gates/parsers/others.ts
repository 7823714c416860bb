/** The parsers of the tools in presets/others.ts, by the ids that presets name. */
import type { ParserTable } from '../parsed.js';

export const otherParsers: ParserTable = {};
