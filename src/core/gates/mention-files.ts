/** Which words of a command are files of the repository. Executes nothing. */
import path from 'node:path';
import type { Mention } from './mention.js';
import type { Disk } from './resolve.js';
import { callsIn } from './script-words.js';

/** A step of CI with its words that are files. Asks the disk only for words that may be some. */
export async function withFiles(mention: Mention, directory: string, disk: Disk): Promise<Mention> {
  const { role, step, command, cwd } = mention;
  if (role !== 'workflow' || step === undefined || mention.reviewed !== true) return mention;
  const words = command.kind === 'argv' ? command.argv : FILE.test(command.text) ? callsIn(command.text).flat() : [];
  const files: string[] = [];
  for (const word of new Set(words.filter((each) => WORD.test(each)).slice(0, MOST))) {
    const place = path.resolve(directory, cwd, word);
    const isInside = !path.relative(directory, place).startsWith('..');
    if (isInside && (await disk.list(path.dirname(place))).includes(path.basename(place))) files.push(word);
  }
  return files.length === 0 ? mention : { ...mention, files };
}

/** Words of one command at most. */
const MOST = 50;
/** Most lines name no file, and parsing takes time. */
const FILE = /\w\/\w|\.\/|\w\.\w/;
const WORD = /^(?:\.\/)?[\w@.-]+(?:\/[\w@.-]+)*$/;
