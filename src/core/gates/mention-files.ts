/** Which words of a command are files of the repository. Executes nothing. */
import path from 'node:path';
import type { Mention } from './mention.js';
import type { Disk } from './resolve.js';
import { callsIn } from './script-words.js';

/** A step of CI or a hook with its words that are files. Asks the disk only for words that may be some. */
export async function withFiles(mention: Mention, directory: string, disk: Disk): Promise<Mention> {
  const { role, step, command, cwd } = mention;
  const isStep = role === 'workflow' ? mention.reviewed === true : role === 'hook';
  if (!isStep || step === undefined) return mention;
  const words = command.kind === 'argv' ? command.argv : FILE.test(command.text) ? callsIn(command.text).flat() : [];
  const files: string[] = [];
  const gone: string[] = [];
  for (const word of new Set(words.filter((each) => WORD.test(each)).slice(0, MOST))) {
    const place = path.resolve(directory, cwd, word);
    if (path.relative(directory, place).startsWith('..')) continue;
    const entries = await disk.list(path.dirname(place));
    if (entries.includes(path.basename(place))) files.push(word);
    else if (entries.length > 0 && namesProgram(word) && !MADE.test(word)) gone.push(word);
  }
  return { ...mention, ...(files.length > 0 ? { files } : {}), ...(gone.length > 0 ? { gone } : {}) };
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
