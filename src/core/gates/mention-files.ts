/** Which words of a command are files of the repository. Executes nothing. */
import path from 'node:path';
import type { Mention } from './mention.js';
import type { Disk } from './resolve.js';
import { callsIn } from './script-words.js';

/** A step of CI, a hook or a line of tox with its words that are files. Asks the disk only for words that may be some. */
export async function withFiles(mention: Mention, directory: string, disk: Disk): Promise<Mention> {
  const { role, step, command, cwd, runner } = mention;
  const isStep = step !== undefined && (role === 'workflow' ? mention.reviewed === true : role === 'hook');
  if (!isStep && runner?.program !== 'tox') return mention;
  const words =
    mention.inline === 'looks'
      ? comparedFiles(mention)
      : command.kind === 'argv'
        ? command.argv
        : FILE.test(command.text)
          ? callsIn(command.text).flat()
          : [];
  const compared = new Set(comparedFiles(mention));
  const files: string[] = [];
  const gone: string[] = [];
  for (const word of new Set(words.filter((each) => WORD.test(each)).slice(0, MOST))) {
    const place = path.resolve(directory, cwd, word);
    if (path.relative(directory, place).startsWith('..')) continue;
    const entries = await disk.list(path.dirname(place));
    if (entries.includes(path.basename(place))) files.push(word);
    else if (entries.length > 0 ? namesProgram(word) && !MADE.test(word) : compared.has(word)) gone.push(word);
  }
  return { ...mention, ...(files.length > 0 ? { files } : {}), ...(gone.length > 0 ? { gone } : {}) };
}

/** The files that a step compares with each other, where it does nothing else: `diff a b`. */
export function comparedFiles({ command, text, inline }: Mention): readonly string[] {
  const said = inline === undefined ? command : ({ kind: 'shell', text } as const);
  const [call = [], ...others] = said.kind === 'argv' ? [said.argv] : callsIn(said.text);
  const [program = '', ...args] = call;
  return others.length === 0 && /^(?:diff|cmp)$/.test(program) ? args.filter((arg) => !arg.startsWith('-')) : [];
}

/** Whether a word names a program by its file. */
export function namesProgram(word: string): boolean {
  return PROGRAM.test(word);
}

const PROGRAM = /^\.{0,2}\/|\.(?:py|rb|pl|php|(?:ba|z|fi)?sh|[cm]?[jt]s|lua|jl|R|exs?|swift|tcl|go|ps1)$/;
/** What a build makes is not there before. */
const MADE = /(?:^|\/)(?:dist|build|out|lib|target|bin|output|generated|node_modules|vendor|\.\w+)\/|^[^/]+$/;

/** Words of one command at most. */
const MOST = 50;
/** Most lines name no file, and parsing takes time. */
const FILE = /\w\/\w|\.\/|\w\.\w/;
const WORD = /^(?:\.\/)?[\w@.-]+(?:\/[\w@.-]+)*$/;
