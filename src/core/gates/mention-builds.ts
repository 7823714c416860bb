/** Steps that run in a folder which only a build makes: they are told of the folder from outside of it. Executes nothing. */
import path from 'node:path';
import { parse } from 'unbash';
import type { Mentioned } from './mentioned.js';
import { isBuildFolder } from './native-builds.js';
import type { Disk } from './resolve.js';
import { LONGEST } from './script-words.js';

/** What runs in `cwd`, seen from the folder in which the sources are; as it is where something can run there before anything is built. */
export async function fromOutside(each: Mentioned, directory: string, disk: Disk): Promise<Mentioned> {
  const { mention } = each;
  const { cwd, command, role } = mention;
  if (
    !isBuildFolder(cwd) ||
    cwd.startsWith('..') ||
    role !== 'workflow' ||
    command.kind === 'argv' ||
    command.text.length > LONGEST
  )
    return each;
  const program = /^\s*(?:\w+=\S*\s+)*(\S+)/.exec(command.text)?.[1] ?? '';
  const told = TOLD[program];
  if (told === undefined && !/^\.\/[\w./-]+$/.test(program)) return each;
  const entries = await disk.list(path.join(directory, cwd));
  if (told === undefined ? entries.length > 0 : entries.some((entry) => told.runsWith.test(entry))) return each;
  const text = seenFromOutside(command.text, cwd);
  return text === undefined ? each : { ...each, mention: { ...mention, cwd: '', command: { kind: 'shell', text } } };
}

interface Told {
  /** What in the folder shows that it can run there. */
  readonly runsWith: RegExp;
  /** Its words behind the program, for a folder that is given. */
  readonly words: (cwd: string, words: readonly string[]) => readonly string[] | undefined;
}

const inFolder = (cwd: string, words: readonly string[]) => (words.includes('-C') ? undefined : ['-C', cwd, ...words]);

const TOLD: Readonly<Record<string, Told>> = {
  make: { runsWith: /^(?:GNUm|[Mm])akefile$/, words: inFolder },
  gmake: { runsWith: /^(?:GNUm|[Mm])akefile$/, words: inFolder },
  ninja: { runsWith: /^build\.ninja$/, words: inFolder },
  'run-clang-tidy': {
    runsWith: /^compile_commands\.json$/,
    words: (cwd, words) => (words.includes('-p') ? undefined : ['-p', cwd, ...words]),
  },
  meson: {
    runsWith: /^meson\.build$/,
    words: (cwd, [first = '', ...rest]) =>
      /^(?:test|compile)$/.test(first) && !rest.includes('-C') ? [first, '-C', cwd, ...rest] : undefined,
  },
  cmake: {
    runsWith: /^CMakeCache\.txt$/,
    words: (cwd, words) => {
      const [first, second, ...rest] = words;
      if (first === '--build') return /^\.\/?$/.test(second ?? '') ? [first, cwd, ...rest] : undefined;
      // The checkout is where the folder lies, or is told by its own place.
      const isConfigured = /^\.{1,2}\/?$/.test(words.at(-1) ?? '') && !words.some((word) => /^-[BSE]/.test(word));
      return isConfigured ? ['-S', '.', '-B', cwd, ...words.slice(0, -1)] : undefined;
    },
  },
};

/** Undefined for more than one command, or for one that cannot be told. */
function seenFromOutside(text: string, cwd: string): string | undefined {
  const [statement, ...others] = parse(text).commands;
  const command = statement?.command;
  if (others.length > 0 || command?.type !== 'Command' || command.name === undefined) return undefined;
  const before = text.slice(command.pos, command.name.pos);
  const words = command.args.map((word) => text.slice(word.pos, word.end));
  const program = command.name.value;
  if (program.startsWith('./')) return [`${before}./${path.posix.join(cwd, program)}`, ...words].join(' ');
  const told = TOLD[program]?.words(cwd, words);
  return told && [before + program, ...told].join(' ');
}
