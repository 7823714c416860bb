/** The parsers of the tools in presets/python.ts, by the ids that presets name. */
import type { ParserTable } from '../parsed.js';
import { parseBlack, parseFlake8 } from './lint.js';
import { parsePytest } from './pytest.js';
import { parseMypy } from './types.js';

export const pythonParsers: ParserTable = { black: parseBlack, flake8: parseFlake8, mypy: parseMypy, pytest: parsePytest };
