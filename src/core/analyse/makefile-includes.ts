/** A Makefile with what it includes in the place of the line that includes it, as make reads it, and where each line comes from. Pure. */

/** Where a line stands; lines from 1. */
export interface LineOrigin {
  readonly file: string;
  readonly line: number;
}

export interface InlinedMakefile {
  readonly text: string;
  /** By the index of the line in the text. */
  readonly origins: readonly LineOrigin[];
  /** What is included and was not followed. */
  readonly missing: readonly (LineOrigin & { readonly name: string })[];
}

const INCLUDE = /^(?:-include|sinclude|include)\s+(.*)$/;
/** Of one Makefile; one that includes itself has no end. */
const MOST_FILES = 50;
const MOST_LINES = 50_000;

/** The names that a text includes, as they are written; only make knows those with a variable or a pattern. */
export function includedNames(text: string): readonly string[] {
  return text.split(/\r?\n/).flatMap((line) => namesIn(line) ?? []);
}

function namesIn(line: string): readonly string[] | undefined {
  const names = INCLUDE.exec(line)?.[1];
  return names
    ?.replace(/(^|\s)#.*$/, '')
    .split(/\s+/)
    .filter((name) => name !== '');
}

/** Whether a name says by itself which file it is. */
export function isPlainName(name: string): boolean {
  return /^[\w@+./-]+$/.test(name);
}

/** `included`: texts by the names under which they are included. */
export function inlined(file: string, text: string, included: ReadonlyMap<string, string>): InlinedMakefile {
  const lines: string[] = [];
  const origins: LineOrigin[] = [];
  const missing: (LineOrigin & { readonly name: string })[] = [];
  let files = 0;
  const add = (name: string, content: string, trail: readonly string[]) => {
    for (const [index, line] of content.split(/\r?\n/).entries()) {
      if (lines.length >= MOST_LINES) return;
      const origin = { file: name, line: index + 1 };
      const names = namesIn(line);
      if (!names) {
        lines.push(line);
        origins.push(origin);
        continue;
      }
      for (const each of names) {
        const inner = included.get(each);
        files += 1;
        if (inner === undefined || trail.includes(each) || files > MOST_FILES) missing.push({ ...origin, name: each });
        else add(each, inner, [...trail, each]);
      }
    }
  };
  add(file, text, []);
  return { text: lines.join('\n'), origins, missing };
}
