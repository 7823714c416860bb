/** Formats that many tools can write, by the ids that presets name. */
import type { ParserTable } from '../parsed.js';

export const formatParsers: ParserTable = {};
