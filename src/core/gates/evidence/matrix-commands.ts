/** Commands that run once for each value of a matrix: where the value names what runs. Pure. */
import type { ScriptCommand } from './commands.js';
import { inWholeFolder, keyOfPlace, type Matrix, withValue } from './matrix.js';
import { valuesWithFallback } from './matrix-fallback.js';

/** So many values of a matrix are names of checks; more are versions or machines. */
export const MOST_VALUES = 25;
const MOST_NAMES = 100;
/** What runs something by name. Elsewhere the values of a matrix are variants of one check. */
const BY_NAME =
  /^(?:[^|;]*&&\s*)?(?:npm|npx|yarn|pnpm|bun|make|just|task|tox|nox|composer|rake|bundle exec rake|hatch run|pdm run|poe|uv run (?:.*\s)?(?:tox|nox)|uvx (?:.*\s)?(?:tox|nox)|python[\d.]* -I?m (?:tox|nox)|turbo|nx|sbt|mage|inv|invoke|deno task|pixi run|melos run)\s/;

/** A step that runs nothing but a value. */
const BY_VALUE = /^\$MATRIX_(\w+)$/;

/** Which file of the repository is run. */
const NAMES_FILE = /^(?:(?:ba|da|z)?sh\s+|\.\/)["']?[\w./-]*\$MATRIX_\w+["']?(?:\s|$)/;

/** Which configuration a tool is told of is another check. */
const BY_CONFIGURATION = /\s(?:--config(?:uration|-file)?|--manifest-path|--project|-c)[= ]["']?[^\s"'$]*\$MATRIX_(\w+)/;

/** As is which target of a build. */
const BY_TARGET = /^cmake\s+--build\s(?:.*\s)?(?:--target|-t)[= ]["']?[^\s"'$]*\$MATRIX_(\w+)/;

/** Versions of a language or a compiler, which are no names of checks. */
const VERSION = /^v?\d[\d.]*$/;

/**
 * With the options of all values in place of a word of a matrix by which CMake is told to build more: tests, examples. They change nothing
 * about what is built without, so that one build has all.
 */
function withAddedTargets(text: string, matrix: Matrix): string {
  if (!/^cmake\s/.test(text) || /\s--(?:build|install|preset)\b/.test(text)) return text;
  return text.replace(/(?<=\s)\$MATRIX_(\w+)(?=\s|$)/g, (whole, key: string) => {
    const words = (matrix.values.get(key) ?? []).flatMap((value) => value.split(/\s+/)).filter((word) => ADDS_TARGETS.test(word));
    return words.length > 0 ? [...new Set(words)].join(' ') : whole;
  });
}

/** With one of the presets of CMake that a matrix names, which are compilers and machines: the first that is not for another system. */
function withPreset(text: string, matrix: Matrix): string {
  return text.replace(/(?<=^(?:cmake|ctest)\s(?:.*\s)?--preset[= ]["']?)\$MATRIX_(\w+)(?=["'\s]|$)/g, (whole, key: string) => {
    const values = matrix.values.get(key) ?? [];
    return values.find((value) => !OF_OTHER_SYSTEMS.test(value)) ?? values[0] ?? whole;
  });
}

const OF_OTHER_SYSTEMS = /(?:^|[-_])(?:win\w*|msvc\w*|vs\d*|mac\w*|osx|darwin|xcode|ios|android|mingw|clang-?cl)(?:[-_]|$)/i;

/** Called after what it builds besides; not after how. */
const ADDS_TARGETS =
  /^-D(?!\w*(?:SHARED|STATIC|SANITI|ASAN|TSAN|MSAN|UBSAN|COVERAGE|TYPE|ONLY|SYSTEM|NO_|WITHOUT))\w*(?:BUILD|TEST|EXAMPLE|BENCHMARK|DEMO|TOOL)\w*(?::BOOL)?=(?:ON|1|TRUE|YES)$/i;

/** Commands of one line at most. */
const MOST_COMMANDS = 100;

/**
 * The command once for each value of the matrix that names what runs. What is assigned to a variable is another variant of one check: the
 * first stands for all.
 */
export function expanded(said: ScriptCommand, matrix: Matrix, left = MOST_COMMANDS): readonly ScriptCommand[] {
  const command = { ...said, text: withPreset(withAddedTargets(said.text, matrix), matrix) };
  const isNamed = BY_NAME.test(command.text) || NAMES_FILE.test(command.text);
  const target = BY_TARGET.exec(command.text);
  const pattern = BY_VALUE.test(command.text) ? BY_VALUE : isNamed ? /\$MATRIX_(\w+)/ : BY_CONFIGURATION;
  const [, named] = target ?? pattern.exec(command.text) ?? [];
  const key = named ?? keyOfPlace(command.text);
  const whole = key !== undefined && matrix.isOpen(key) ? withoutNames(command.text, key) : undefined;
  if (whole !== undefined) return [{ ...command, text: whole }];
  const all = key === undefined ? undefined : valuesWithFallback(key, matrix.values);
  if (key !== undefined && all === undefined) return [{ ...command, text: inWholeFolder(command.text) }];
  // Environments and sessions are named.
  const most = /(?:^|\s)(?:tox|nox)\s/.test(command.text) ? MOST_NAMES : MOST_VALUES;
  if (key === undefined || all === undefined || all.length > most) return [command];
  const isAssigned = command.text.split(/\s+/).some((word) => /^[A-Za-z_]\w*=/.test(word) && word.includes(`$MATRIX_${key}`));
  const values = all.slice(0, isAssigned || (target !== null && all.every((value) => VERSION.test(value))) ? 1 : left);
  const rest = Math.max(1, Math.floor(left / values.length));
  return values.flatMap((value) =>
    expanded({ ...command, text: withValue(command.text, `$MATRIX_${key}`, value) }, matrix, rest),
  );
}

/** Runners of tests that a workflow asks which names there are: of all that they have they run by themselves what they list. */
const CHOOSES = /(?:^|\s)(?:nox|tox)\s/;

/** The command as it runs all by itself, where nothing but the name of what runs is the variable; undefined for any other. */
function withoutNames(text: string, key: string): string | undefined {
  const named = new RegExp(`\\s(?:-s|-e|--sessions?)[= ]["']?\\$MATRIX_${key}["']?(?=\\s|$)`);
  return CHOOSES.test(text) && named.test(text) ? text.replace(named, '') : undefined;
}
