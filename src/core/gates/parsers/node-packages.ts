/** The parsers of the tools in presets/node-packages.ts, by the ids that presets name. */
import type { ParserTable } from '../parsed.js';

export const nodePackageParsers: ParserTable = {};
