/** From the bytes of one file to what an inspection tells of it. Pure. */
import { decode, type Encoding, looksBinary, markOf } from '../encodings.js';
import { languageOf } from './languages.js';
import type { BinaryFacts, LineEndings, Lines, Marker, MarkerKind, Place, Secret, TextFacts } from './row.js';
import { type FoundSecret, findSecrets, hideRanges } from './secrets.js';

/** Of each file at most so many are listed; the rest is counted. */
export const MOST_MARKERS = 100;
export const MOST_SECRETS = 20;
/** UTF-16 units of the text of a marker. */
const MARKER_TEXT = 160;

/** `known`: the encoding of bytes that somebody decoded already, as an editor did with an unsaved text. */
export function factsOf(bytes: Buffer, path: string, known?: Encoding): TextFacts | BinaryFacts {
  if (known === undefined && looksBinary(bytes)) return { kind: 'binary', bytes: bytes.length };
  const mark = markOf(bytes);
  const { text, encoding } = decode(mark ? bytes.subarray(mark.length) : bytes, mark?.encoding ?? known);
  const secrets = findSecrets(text, path);
  const scanned = scanLines(text);
  const placeOf = placer(scanned.starts);
  const markers = markersIn(text, scanned.starts, secrets, placeOf);
  const { starts: _, ...facts } = scanned;
  return {
    kind: 'text',
    bytes: bytes.length,
    language: languageOf(path, text),
    encoding,
    ...facts,
    ...markers,
    secrets: secrets.slice(0, MOST_SECRETS).map(({ rule, start }): Secret => ({ rule, ...placeOf(start) })),
    moreSecrets: Math.max(0, secrets.length - MOST_SECRETS),
  };
}

// ---------------------------------------------------------------------------------------------------------------- lines

type LineFacts = Pick<
  TextFacts,
  'lines' | 'lineEndings' | 'longestLine' | 'trailingWhitespace' | 'mixedIndentation' | 'conflicts'
> & {
  /** Offsets at which lines begin. */
  readonly starts: readonly number[];
};

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;

/** Goes through the text once. */
function scanLines(text: string): LineFacts {
  const starts: number[] = [];
  const endings = { lf: 0, crlf: 0, cr: 0 };
  const trailing = createLines();
  const indentation = createIndentation();
  const conflicts = createConflicts();
  let longest = { line: 0, length: -1 };
  let nextCr = text.indexOf('\r');
  let nextLf = text.indexOf('\n');
  for (let start = 0; start < text.length; ) {
    if (nextCr >= 0 && nextCr < start) nextCr = text.indexOf('\r', start);
    if (nextLf >= 0 && nextLf < start) nextLf = text.indexOf('\n', start);
    const end = firstOf(nextCr, nextLf, text.length);
    const line = starts.push(start);
    const length = end - start;
    if (length > longest.length) longest = { line, length };
    if (length > 0) {
      const last = text.charCodeAt(end - 1);
      if (last === SPACE || last === TAB) trailing.add(line);
      indentation.look(text, start, end, line);
      if (length >= 7) conflicts.look(text, start, end, line);
    }
    start = end + countEnding(text, end, endings);
  }
  return {
    starts,
    lines: starts.length,
    lineEndings: endingsOf(endings),
    longestLine: longest.length < 0 ? null : longest,
    trailingWhitespace: trailing.lines(),
    mixedIndentation: indentation.mixed(),
    conflicts: conflicts.lines(),
  };
}

function firstOf(cr: number, lf: number, end: number): number {
  if (cr < 0) return lf < 0 ? end : lf;
  return lf < 0 ? cr : Math.min(cr, lf);
}

/** Counts the line break at `at`; returns its length, 0 at the end of the text. */
function countEnding(text: string, at: number, endings: { lf: number; crlf: number; cr: number }): number {
  const code = text.charCodeAt(at);
  if (code === LF) {
    endings.lf += 1;
    return 1;
  }
  if (code !== CR) return 0;
  if (text.charCodeAt(at + 1) === LF) {
    endings.crlf += 1;
    return 2;
  }
  endings.cr += 1;
  return 1;
}

function endingsOf(endings: { readonly lf: number; readonly crlf: number; readonly cr: number }): LineEndings {
  const used = (['lf', 'crlf', 'cr'] as const).filter((ending) => endings[ending] > 0);
  const [only = 'none'] = used;
  return used.length > 1 ? 'mixed' : only;
}

function createLines() {
  let count = 0;
  let first = 0;
  return {
    add(line: number) {
      if (count === 0) first = line;
      count += 1;
    },
    count: () => count,
    lines: (): Lines | null => (count === 0 ? null : { count, line: first }),
  };
}

/** Which lines begin with tabs, which with spaces, and which with spaces before a tab. */
function createIndentation() {
  const tabs = createLines();
  const spaces = createLines();
  const both = createLines();
  return {
    look(text: string, start: number, end: number, line: number) {
      const first = text.charCodeAt(start);
      if (first !== TAB && first !== SPACE) return;
      let at = start;
      let tabAfterSpace = false;
      let spaceSeen = false;
      for (; at < end; at += 1) {
        const code = text.charCodeAt(at);
        if (code === SPACE) spaceSeen = true;
        else if (code === TAB) tabAfterSpace ||= spaceSeen;
        else break;
      }
      // Nothing but white space is no indentation.
      if (at === end) return;
      if (tabAfterSpace) both.add(line);
      else if (first === TAB) tabs.add(line);
      // One space aligns the lines of a comment.
      else if (at - start > 1) spaces.add(line);
    },
    mixed(): Lines | null {
      const fewer = tabs.count() <= spaces.count() ? tabs : spaces;
      const other = fewer === tabs ? spaces : tabs;
      const odd = other.count() > 0 ? fewer.lines() : null;
      const torn = both.lines();
      if (!odd || !torn) return odd ?? torn;
      return { count: odd.count + torn.count, line: Math.min(odd.line, torn.line) };
    },
  };
}

/**
 * Conflicts as git writes them. A line of seven `=` alone underlines a heading; it counts only between the lines that begin and end a
 * conflict, or before one that ends it with a label.
 */
function createConflicts() {
  const found = createLines();
  let open = false;
  let separatedAt = 0;
  return {
    look(text: string, start: number, end: number, line: number) {
      const code = text.charCodeAt(start);
      if (code !== 60 && code !== 61 && code !== 62) return;
      const sign = String.fromCharCode(code).repeat(7);
      if (!text.startsWith(sign, start)) return;
      const alone = start + 7 === end;
      const labelled = !alone && text.charCodeAt(start + 7) === SPACE && text.slice(start + 7, end).trim() !== '';
      if (code === 60 && labelled) {
        found.add(line);
        open = true;
        separatedAt = 0;
      } else if (code === 61 && alone) separatedAt = line;
      else if (code === 62 && (labelled || (alone && open)) && separatedAt > 0) {
        if (!open) found.add(separatedAt);
        open = false;
        separatedAt = 0;
      }
    },
    lines: found.lines,
  };
}

// -------------------------------------------------------------------------------------------------------------- markers

/** In capitals and as a word of its own; a ticket may follow: `TODO-17`. */
const MARKER = /(?<![\w$-])(TODO|FIXME|BUG)(?![\w$])/g;

function markersIn(
  text: string,
  starts: readonly number[],
  secrets: readonly FoundSecret[],
  placeOf: (offset: number) => Place,
): Pick<TextFacts, 'markers' | 'moreMarkers'> {
  const markers: Marker[] = [];
  let moreMarkers = 0;
  for (const match of text.matchAll(MARKER)) {
    if (markers.length >= MOST_MARKERS) {
      moreMarkers += 1;
      continue;
    }
    const place = placeOf(match.index);
    const end = Math.min(starts[place.line] ?? text.length, match.index + 4 * MARKER_TEXT);
    const rest = hideRanges(text.slice(match.index, end), secrets, match.index).trim();
    const shortened = rest.length > MARKER_TEXT ? `${rest.slice(0, MARKER_TEXT).trimEnd()}…` : rest;
    markers.push({ kind: match[1] as MarkerKind, text: shortened, ...place });
  }
  return { markers, moreMarkers };
}

/** From offsets to places. */
function placer(starts: readonly number[]): (offset: number) => Place {
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}
