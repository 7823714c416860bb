/**
 * What a search answers. Matches come in any order, since ripgrep searches files in threads; the answer holds the first ones by path and
 * line, so that the same search always has the same answer, and memory does not grow with what is found.
 */
import { counted, cutMarker } from './files.js';
import { type ScannedFile, type ScannedLine, textOf } from './ripgrep.js';
import type { ToolResult } from './tool.js';

export const SEARCH_MODES = ['content', 'files', 'count'] as const;

/** The part of a search that says what is answered of all that is found. */
export interface SearchLimits {
  readonly mode?: (typeof SEARCH_MODES)[number] | undefined;
  readonly context?: number | undefined;
  readonly most?: number | undefined;
}

/** How much text one search answers, in bytes. */
export const GREP_TEXT_BYTES = 1_000_000;
const MOST = 2000;
/** What is shown of one line, in characters. */
const LINE_LENGTH = 4000;

// ---------------------------------------------------------------------------------------------------------- what is found

interface Match {
  readonly path: string;
  readonly line: number;
  /** In UTF-16 units, as editors count. */
  readonly column: number;
  readonly text: string;
  readonly before?: readonly string[];
  readonly after?: readonly string[];
}

interface FileMatch {
  readonly match: Match;
  /** How many lines it spans. */
  readonly height: number;
  readonly bytes: number;
  /** Of its lines, in bytes, what is not shown. */
  readonly cutBytes: number;
}

interface FileMatches {
  readonly path: string;
  readonly matches: readonly FileMatch[];
  readonly texts: ReadonlyMap<number, string>;
  readonly capped: boolean;
}

/** Takes what a search finds, in any order, and keeps as much as is answered. */
export interface Collector {
  /** In mode `content`. */
  addFile(file: ScannedFile): void;
  /** In the other modes. A path that comes twice counts once. */
  addCount(path: string, count: number): void;
  /** `unreadable`: what could not be read, for people. */
  result(unreadable: readonly string[]): ToolResult;
}

/** The collector for a search. */
export function collectorOf(input: SearchLimits): Collector {
  const content = contentCollector(input);
  const counts = new Map<string, number>();
  return {
    addFile: content.add,
    addCount(path, count) {
      if (count > 0 && !counts.has(path)) counts.set(path, count);
    },
    result(unreadable) {
      const mode = input.mode ?? 'content';
      switch (mode) {
        case 'content':
          return content.result(unreadable);
        case 'files':
        case 'count':
          return countResult(input, mode, counts, unreadable);
        default:
          return mode satisfies never;
      }
    },
  };
}

/** How many matches a line that was scanned counts for. */
export function countOf(file: ScannedFile, multiline: boolean): number {
  return file.lines.reduce((sum, { matched }) => sum + (matched ? (multiline ? matched.count : 1) : 0), 0);
}

// ------------------------------------------------------------------------------------------------------------------ content

function contentCollector(input: SearchLimits) {
  const most = input.most ?? MOST;
  const around = input.context ?? 0;
  const seen = new Set<string>();
  let files: FileMatches[] = [];
  let kept = 0;
  let keptBytes = 0;
  const left: Left = { matches: 0, files: 0, bytes: 0, more: false };
  const leaveOut = (file: FileMatches, from: number) => {
    const rest = file.matches.slice(from);
    left.matches += rest.length;
    left.files += 1;
    left.bytes += rest.reduce((sum, { bytes }) => sum + bytes, 0);
    left.more ||= file.capped;
  };
  // What comes after the last match that is answered will never be answered, whatever else is found.
  const prune = () => {
    files.sort((a, b) => (a.path < b.path ? -1 : 1));
    let matches = 0;
    let bytes = 0;
    const needed = files.findIndex((file) => {
      const full = matches >= most || bytes > GREP_TEXT_BYTES;
      matches += file.matches.length;
      for (const match of file.matches) bytes += match.bytes;
      return full;
    });
    if (needed < 0) return;
    for (const file of files.slice(needed)) leaveOut(file, 0);
    files = files.slice(0, needed);
    kept = files.reduce((sum, file) => sum + file.matches.length, 0);
    keptBytes = files.reduce((sum, file) => sum + file.matches.reduce((all, { bytes: each }) => all + each, 0), 0);
  };
  return {
    add(file: ScannedFile) {
      if (seen.has(file.path)) return;
      const found = matchesOf(file, around);
      if (found.matches.length === 0) return;
      seen.add(file.path);
      files.push(found);
      kept += found.matches.length;
      for (const { bytes } of found.matches) keptBytes += bytes;
      if (kept > 2 * most + 1000 || keptBytes > 4 * GREP_TEXT_BYTES) prune();
    },
    result(unreadable: readonly string[]): ToolResult {
      prune();
      return contentResult(takeFirst(files, most, leaveOut), around, left, unreadable);
    },
  };
}

interface Left {
  matches: number;
  files: number;
  bytes: number;
  more: boolean;
}

/** The first matches, within the limits. */
function takeFirst(
  files: readonly FileMatches[],
  most: number,
  leaveOut: (file: FileMatches, from: number) => void,
): readonly FileMatches[] {
  const taken: FileMatches[] = [];
  let matches = 0;
  let bytes = 0;
  let full = false;
  for (const file of files) {
    let count = 0;
    for (const match of file.matches) {
      full ||= matches >= most || (matches > 0 && bytes + match.bytes > GREP_TEXT_BYTES);
      if (full) break;
      matches += 1;
      bytes += match.bytes;
      count += 1;
    }
    if (count > 0) taken.push({ ...file, matches: file.matches.slice(0, count) });
    if (count < file.matches.length || file.capped) leaveOut(file, count);
  }
  return taken;
}

function matchesOf(file: ScannedFile, around: number): FileMatches {
  const texts = new Map<number, string>();
  const matches: FileMatch[] = [];
  const matched: { readonly line: ScannedLine; readonly height: number; readonly shown: Shown }[] = [];
  for (const line of file.lines) {
    const whole = withoutBreak(textOf(line.raw));
    const parts = whole.includes('\n') ? whole.split('\n') : [whole];
    // Lines of their own are only looked up where some are shown around a match.
    for (const [index, part] of around > 0 ? parts.entries() : [])
      texts.set(line.number + index, shorten(part.replace(/\r$/, '')).text);
    if (line.matched) matched.push({ line, height: parts.length, shown: shorten(whole) });
  }
  const near = (from: number, to: number) => {
    const found: string[] = [];
    for (let number = from; number < to; number += 1) {
      const text = texts.get(number);
      if (text !== undefined) found.push(text);
    }
    return found;
  };
  const pathBytes = sizeIn(file.path);
  for (const { line, height, shown } of matched) {
    const after = line.number + height;
    const context =
      around > 0 ? { before: near(line.number - around, line.number), after: near(after, after + around) } : undefined;
    const match = { path: file.path, line: line.number, column: columnOf(line), text: shown.text, ...context };
    let bytes = pathBytes + sizeIn(shown.text);
    for (const text of context?.before ?? []) bytes += sizeIn(text);
    for (const text of context?.after ?? []) bytes += sizeIn(text);
    matches.push({ match, height, bytes, cutBytes: shown.cutBytes });
  }
  return { path: file.path, matches, texts, capped: file.capped };
}

/** What a text takes of an answer, with what stands beside it. */
function sizeIn(text: string): number {
  return Buffer.byteLength(text) + 4;
}

/** The last line of a file may have half of a line break, or none. */
function withoutBreak(text: string): string {
  const end = text.endsWith('\n') ? text.length - 1 : text.length;
  return text.slice(0, text[end - 1] === '\r' ? end - 1 : end);
}

function columnOf({ raw, matched }: ScannedLine): number {
  const start = matched?.start ?? 0;
  if (start === 0) return 1;
  if ('text' in raw && Buffer.byteLength(raw.text) === raw.text.length) return start + 1;
  const bytes = 'text' in raw ? Buffer.from(raw.text) : Buffer.from(raw.bytes, 'base64');
  return bytes.toString('utf8', 0, start).length + 1;
}

interface Shown {
  readonly text: string;
  readonly cutBytes: number;
}

/** A line of a minified file would be all of an answer. */
function shorten(text: string): Shown {
  if (text.length <= LINE_LENGTH) return { text, cutBytes: 0 };
  // Not between the halves of a pair.
  const end = /[\ud800-\udbff]/.test(text[LINE_LENGTH - 1] ?? '') ? LINE_LENGTH - 1 : LINE_LENGTH;
  const cutBytes = Buffer.byteLength(text.slice(end));
  return { text: `${text.slice(0, end)}${cutMarker(cutBytes)}`, cutBytes };
}

function contentResult(
  files: readonly FileMatches[],
  around: number,
  left: Readonly<Left>,
  unreadable: readonly string[],
): ToolResult {
  const all = files.flatMap((file) => file.matches);
  const cut = left.matches > 0 || left.more;
  const lines = files.map((file) => (around > 0 ? withContext(file, around) : plain(file))).join(around > 0 ? '--\n' : '');
  const what = `${left.more ? 'more than ' : ''}${counted(left.matches, 'more match', 'more matches')}`;
  const marker = cut ? `[… ${what} in ${counted(left.files, 'file')} left out …]\n` : '';
  const cutBytes = left.bytes + all.reduce((sum, match) => sum + match.cutBytes, 0);
  const found = `${counted(all.length, 'match', 'matches')} in ${counted(files.length, 'file')}`;
  return {
    end: { kind: 'passed' },
    text: `${lines}${marker}${unreadableNote(unreadable)}`,
    files: files.map((file) => file.path),
    json: {
      matches: all.map(({ match }) => match),
      files: files.length,
      cut,
      ...(unreadable.length > 0 ? { unreadable } : {}),
    },
    answer: { summary: cut ? `${found}, and ${what}` : found, ...(cutBytes > 0 ? { cutBytes } : {}) },
  };
}

function plain(file: FileMatches): string {
  return file.matches.map(({ match }) => `${file.path}:${match.line}:${match.text}\n`).join('');
}

/** As grep shows it: `:` after what matched, `-` after what is near, `--` where lines are missing. */
function withContext(file: FileMatches, around: number): string {
  const shown = new Map<number, boolean>();
  for (const { match, height } of file.matches) {
    for (let number = match.line - around; number < match.line + height + around; number += 1) {
      const isMatch = number >= match.line && number < match.line + height;
      if (file.texts.has(number)) shown.set(number, isMatch || (shown.get(number) ?? false));
    }
  }
  let text = '';
  let last: number | undefined;
  for (const [number, isMatch] of [...shown].sort(([a], [b]) => a - b)) {
    if (last !== undefined && number > last + 1) text += '--\n';
    const mark = isMatch ? ':' : '-';
    text += `${file.path}${mark}${number}${mark}${file.texts.get(number)}\n`;
    last = number;
  }
  return text;
}

// ------------------------------------------------------------------------------------------------------- files and counts

function countResult(
  input: SearchLimits,
  mode: 'files' | 'count',
  counts: ReadonlyMap<string, number>,
  unreadable: readonly string[],
): ToolResult {
  const most = input.most ?? MOST;
  const sorted = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = sorted.map(([path, count]) => (mode === 'files' ? `${path}\n` : `${path}:${count}\n`));
  let bytes = 0;
  const over = lines.findIndex((line, index) => {
    bytes += Buffer.byteLength(line);
    return index >= most || (index > 0 && bytes > GREP_TEXT_BYTES);
  });
  const end = over < 0 ? lines.length : over;
  const kept = sorted.slice(0, end);
  const rest = sorted.length - end;
  const cutBytes = lines.slice(end).reduce((sum, line) => sum + Buffer.byteLength(line), 0);
  const total = sorted.reduce((sum, [, count]) => sum + count, 0);
  const note = unreadable.length > 0 ? { unreadable } : {};
  const found =
    mode === 'files'
      ? counted(sorted.length, 'file')
      : `${counted(total, 'match', 'matches')} in ${counted(sorted.length, 'file')}`;
  return {
    end: { kind: 'passed' },
    text: `${lines.slice(0, end).join('')}${rest > 0 ? `[… ${counted(rest, 'more file')} left out …]\n` : ''}${unreadableNote(unreadable)}`,
    files: kept.map(([path]) => path),
    json:
      mode === 'files'
        ? { files: kept.map(([path]) => path), cut: rest > 0, ...note }
        : { counts: kept.map(([path, count]) => ({ path, count })), total, cut: rest > 0, ...note },
    answer: { summary: found, ...(cutBytes > 0 ? { cutBytes } : {}) },
  };
}

function unreadableNote(unreadable: readonly string[]): string {
  return unreadable.length === 0 ? '' : `[… not searched: ${unreadable.join('; ')} …]\n`;
}
