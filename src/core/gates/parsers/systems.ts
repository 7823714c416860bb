/** The parsers of the tools in presets/systems.ts, by the ids that presets name. */
import type { ParserTable } from '../parsed.js';

export const systemParsers: ParserTable = {};
