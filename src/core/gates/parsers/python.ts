/** The parsers of the tools in presets/python.ts, by the ids that presets name. */
import type { ParserTable } from '../parsed.js';
import { parsePytest } from './pytest.js';
import { parseBlack, parseFlake8 } from './python-style.js';
import { parseMypy } from './python-types.js';

export const pythonParsers: ParserTable = { black: parseBlack, flake8: parseFlake8, mypy: parseMypy, pytest: parsePytest };
