/** What two outputs that say the same have in common, though they were written at other times, at other places, of code that moved. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';

export interface OutputOf {
  /** Without control sequences. */
  readonly lines: readonly string[];
  /** Absolute: where the workspace lies, by all of its names. */
  readonly places: readonly string[];
  /** Absolute: where the command ran. */
  readonly cwd: string;
}

/**
 * The output without times, temporary places, the workspace's own place and what npm says of itself. Where it names a line of a file, the
 * text of that line stands in place of its number.
 */
export async function lastingOutput({ lines, places, cwd }: OutputOf): Promise<string> {
  const own = [...new Set(places)].sort((a, b) => b.length - a.length);
  const kept = lines.filter((line) => !/^(?:npm (?:notice|warn)\b|> \S+@\S+ )/i.test(line));
  const textAt = await textsNamedIn(kept, cwd);
  return kept
    .map((line) => line.replace(PLACE, (found, file: string, at: string) => named(file, textAt(file, Number(at))) ?? found))
    .map((line) =>
      own
        .reduce((text, place) => text.replaceAll(place, '.'), line)
        .replace(/(?:\/private)?(?:\/tmp|\/var\/folders)\/[\w.+/-]+/g, '/tmp')
        .replace(/\b\d{4}-\d{2}-\d{2}\b/g, 'date')
        .replace(/\b\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\b/g, 'time')
        .replace(/\b\d+(?:[.,]\d+)?\s?(?:[mµun]?s|secs?|seconds?|min|minutes?)\b/g, 'time')
        .replace(/\b0x[\da-f]+\b/gi, 'address'),
    )
    .join('\n');
}

/** `src/a.ts:3:7`, `src/a.ts(3,7)`: a file, a line, perhaps a column. It begins where a word does, and no path is longer. */
const PLACE = /(?<![^\s:()"'`,;])((?:[A-Za-z]:)?[^\s:()"'`,;]{1,1000}\.\w{1,40})[:(](\d{1,7})(?:[:,]\d{1,7})?\)?/g;

function named(file: string, text: string | undefined): string | undefined {
  return text === undefined ? undefined : `${file}:${JSON.stringify(text)}`;
}

const MOST_FILES = 200;
const MOST_BYTES = 2_000_000;

/** The lines of the files that are named, read once; of others it knows nothing. */
async function textsNamedIn(lines: readonly string[], cwd: string): Promise<(file: string, line: number) => string | undefined> {
  const files = new Set(lines.flatMap((line) => [...line.matchAll(PLACE)].map(([, file = '']) => file)));
  const texts = new Map<string, readonly string[]>();
  for (const file of [...files].slice(0, MOST_FILES)) {
    const absolute = path.resolve(cwd, file);
    const stats = await stat(absolute).catch(() => undefined);
    if (!stats?.isFile() || stats.size > MOST_BYTES) continue;
    const text = await readFile(absolute, 'utf8').catch(() => undefined);
    if (text !== undefined) texts.set(file, text.split(/\r\n|\n|\r/));
  }
  return (file, line) => texts.get(file)?.[line - 1]?.trim();
}
