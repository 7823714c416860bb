/** A Makefile with those that it includes in the place of the line that includes them, as make reads it. Asks for their texts, runs nothing. */
import path from 'node:path';
import type { EvidenceFile } from '../evidence.js';
import { parseMakefile } from './make-parse.js';
import { expandedWords, UNKNOWN } from './make-values.js';

export interface IncludedMakefile {
  readonly text: string;
  /** Where a line of the text stands; lines from 1. */
  readonly placeOf: (line: number) => { readonly file: string; readonly line: number };
}

const INCLUDE = /^\s*(?:-include|sinclude|include)\s+(.*)$/;
/** Of one Makefile; one that includes itself has no end. */
const MOST_FILES = 30;
const MOST_LINES = 20_000;

interface Line {
  readonly text: string;
  readonly file: string;
  readonly line: number;
}

/** With what lies in the repository and is named by the text alone. */
export async function withIncluded(file: string, text: string, read: EvidenceFile['read']): Promise<IncludedMakefile> {
  const lines: Line[] = [];
  const seen = new Set([file]);
  const add = async (name: string, content: string): Promise<void> => {
    for (const [index, each] of content.split(/\r?\n/).entries()) {
      if (lines.length >= MOST_LINES) return;
      const names = read === undefined ? undefined : INCLUDE.exec(each)?.[1];
      if (names === undefined) lines.push({ text: each, file: name, line: index + 1 });
      else for (const other of namedFiles(names, name, lines)) await include(other);
    }
  };
  const include = async (name: string): Promise<void> => {
    if (seen.has(name) || seen.size >= MOST_FILES) return;
    seen.add(name);
    const content = await read?.(name);
    if (content !== undefined) await add(name, content);
  };
  await add(file, text);
  return {
    text: lines.map((each) => each.text).join('\n'),
    placeOf: (line) => lines[line - 1] ?? { file, line },
  };
}

/** The files that a line includes, relative to the package's folder, as far as the lines before it say. */
function namedFiles(names: string, file: string, before: readonly Line[]): readonly string[] {
  const plain = names.replace(/(^|\s)#.*$/, '');
  const variables = new Map(plain.includes('$') ? parseMakefile(before.map(({ text }) => text).join('\n')).variables : []);
  variables.set('MAKEFILE_LIST', file);
  return expandedWords(plain, { variables }).flatMap((word) => {
    const place = path.posix.normalize(word);
    return word.includes(UNKNOWN) || /^\/|^(?:\.\.\/)*\.\.$|[*?[]/.test(place) ? [] : [place];
  });
}
