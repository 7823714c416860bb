/** The parsers of the tools in presets/python.ts, by the ids that presets name. */
import type { ParserTable } from '../parsed.js';
import { parsePytest } from './pytest.js';
import {
  parseBandit,
  parseCodespell,
  parseDoctest,
  parseIsort,
  parsePipAudit,
  parsePreCommit,
  parsePylint,
  parsePyright,
  parseRuff,
  parseRuffFormat,
  parseSafety,
  parseUnittest,
  parseVulture,
  parseYamllint,
} from './python-lint.js';
import { parseBlack, parseFlake8 } from './python-style.js';
import { parseMypy } from './python-types.js';

export const pythonParsers: ParserTable = {
  black: parseBlack,
  flake8: parseFlake8,
  mypy: parseMypy,
  pytest: parsePytest,
  ruff: parseRuff,
  'ruff-format': parseRuffFormat,
  pylint: parsePylint,
  isort: parseIsort,
  pyright: parsePyright,
  bandit: parseBandit,
  safety: parseSafety,
  vulture: parseVulture,
  codespell: parseCodespell,
  yamllint: parseYamllint,
  'pip-audit': parsePipAudit,
  'pre-commit': parsePreCommit,
  unittest: parseUnittest,
  doctest: parseDoctest,
};
