/** Formats that many tools can write, by the ids that presets name. */
import type { ParserTable } from '../parsed.js';
import { parseWithMatchers } from '../problem-matcher.js';

export const formatParsers: ParserTable = { 'problem-matcher': parseWithMatchers };
