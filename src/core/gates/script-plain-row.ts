/** A row of the table of checks of which only the exit code is read. Pure. */
import type { Category } from '../gate-model.js';
import { definePreset, type Preset } from './preset.js';

/** A tool of which only the exit code is read. */
export interface PlainCheck {
  readonly program: string;
  readonly tool: string;
  readonly category: Category;
  readonly ecosystem?: Preset['ecosystem'];
  /** The first arguments by which the program is this tool. */
  readonly subcommand?: string;
  /** Arguments without which it does not check, one of them at least. */
  readonly only?: readonly string[];
  /** Arguments with which it changes what it would check. */
  readonly never?: readonly string[];
  /** Name of its package where that is not the program's. */
  readonly install?: string;
  /** It expands globs itself. */
  readonly globs?: true;
  /** Files of its own that are enough to make a gate: without arguments it checks what they say. */
  readonly configFiles?: readonly string[];
}

const INSTALL: Readonly<Partial<Record<Preset['ecosystem'], string>>> = {
  python: 'pip install',
  php: 'composer require --dev',
  ruby: 'gem install',
  rust: 'cargo install',
  go: 'go install',
  system: 'Install',
};

/** A program that is only asked for its version or its manual finds nothing. */
const ITSELF = /^(?:-v|-V|-h|--version|--help|version|help)$/;

/** Options by which tools write what they would have found, in the spellings that are in use. */
const CHANGES =
  /^(?:-w|-u|--watchAll|--?(?:fix|write|update|auto-?correct|auto-?fix|alter|in-?place|init|help|version|watch)(?:$|[-=A-Z].*))$/;

/** Of them those that mend; the first two are commands of some tools. */
const MENDS = /^(?:fix|fmt|-w|--?(?:fix|write|auto-?correct|auto-?fix|in-?place)(?:$|=.*))$/;

/** Whether an argument has such a tool mend what it finds. */
export function isMending(arg: string): boolean {
  return MENDS.test(arg);
}

/** The preset of a row. */
export function plainPreset(row: PlainCheck): Preset {
  const { program, tool, category, ecosystem = 'node', subcommand, only, never = [], install = program, configFiles = [] } = row;
  const own = subcommand?.split(' ') ?? [];
  return definePreset({
    id: [program, ...own].join('-').toLowerCase(),
    tool,
    category,
    ecosystem,
    documentation: '',
    programs: [program],
    packages: [install],
    configFiles,
    ...(subcommand === undefined ? {} : { isCalledBy: (args) => own.every((word, index) => args[index] === word) }),
    defaultOptions: [...own, ...(only?.slice(0, 1) ?? [])],
    ...(row.globs ? { expandsGlobs: true } : {}),
    detectedBy: configFiles.length > 0 ? 'configuration' : 'command only',
    isCheck: (args) =>
      !(args.length > 0 && args.every((arg) => ITSELF.test(arg))) &&
      !args.some((arg) => CHANGES.test(arg) || never.includes(arg.replace(/=.*$/, ''))) &&
      (only === undefined || args.some((arg) => isOneOf(arg, only))),
    // A formatter that is told nothing writes.
    isFix: (args) =>
      !args.some((arg) => ITSELF.test(arg)) &&
      (args.some((arg) => MENDS.test(arg)) ||
        (category === 'format' && only !== undefined && !args.some((arg) => isOneOf(arg, only)))),
    exitCodes: { passed: [0], failed: [1, 2] },
    parser: 'none',
    install: `${INSTALL[ecosystem] ?? 'npm install --save-dev'} ${install}`,
  });
}

function isOneOf(arg: string, only: readonly string[]): boolean {
  return only.includes(arg) || (arg.startsWith('--') && only.includes(arg.replace(/=.*$/, '')));
}
