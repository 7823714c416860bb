/** The parsers of the tools in presets/node-style.ts, by the ids that presets name. */
import type { ParserTable } from '../parsed.js';
import { parseBiome, parseEslint, parsePrettier } from './lint.js';

export const nodeStyleParsers: ParserTable = { eslint: parseEslint, biome: parseBiome, prettier: parsePrettier };
