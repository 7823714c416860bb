/**
 * One pass with several patterns finds lines, and nobody says which of the patterns a line matches. Where a pattern means the same to
 * JavaScript this is decided in place while the pass goes on; about all else ripgrep is asked, which searches the lines once more.
 */
import { PassThrough, Readable } from 'node:stream';
import { type LinePattern, linePattern, type PatternSyntax } from './line-pattern.js';
import { bytesOf, type RipgrepText, type ScannedFile, type ScannedLine } from './ripgrep.js';

/** What of a line matched. How often is not said: only searches across lines count that, and these are done alone. */
export type Matched = NonNullable<ScannedLine['matched']>;

/** Searches lines for a pattern: what it matches by the index of the line among these; undefined when it could not be done. */
export type AskRipgrep = (pattern: string, lines: Readable) => Promise<ReadonlyMap<number, Matched> | undefined>;

/** Called once for each pattern and file in which it matches; `lines` are those that it matches, in order. Files come in any order. */
export type OnMatches = (pattern: string, file: ScannedFile, lines: readonly ScannedLine[]) => void;

export interface Attribution {
  /** To be called once the search has begun: starts what is asked about all lines, which is told them as they are found. */
  begin(): void;
  /** Takes a file that was found, with all of its lines. */
  add(file: ScannedFile): void;
  /** After the last file: when all is decided, or with false when ripgrep could not say. */
  end(): Promise<boolean>;
}

/** How many processes decide while the files are searched. */
const AT_ONCE = 4;

/** A write for each line would cost more than the search. */
const LINES_AT_ONCE = 2000;

/** How long lines are decided about in place, in milliseconds, in one pass: the event loop waits for that. */
const IN_PLACE_MS = 30;

/** For the patterns of one pass. */
export function attribute(
  patterns: readonly string[],
  syntax: PatternSyntax,
  { ask, onMatches }: { readonly ask: AskRipgrep; readonly onMatches: OnMatches },
): Attribution {
  const all = patterns.map((pattern) => decider(pattern, linePattern(pattern, syntax)));
  let asking = 0;
  const start = (each: Decider) => {
    if (each.stream || asking >= AT_ONCE) return;
    asking += 1;
    each.stream = new PassThrough();
    each.answer = ask(each.pattern, each.stream);
  };
  let spent = 0;
  const decideNow = (each: Decider, line: FoundLine): number | undefined => {
    if (!each.inPlace || spent > IN_PLACE_MS) return undefined;
    const since = performance.now();
    const at = findIn(each.inPlace, line);
    spent += performance.now() - since;
    return at;
  };
  return {
    begin() {
      for (const each of all) if (!each.inPlace) start(each);
    },
    add(file) {
      const lines = file.lines.filter(({ matched }) => matched).map(foundLine);
      for (const each of all) {
        const own: ScannedLine[] = [];
        let left = 0;
        for (const found of lines) {
          const at = decideNow(each, found);
          if (at === undefined) {
            leaveToRipgrep(each, own, found);
            left += 1;
          } else if (at >= 0) own.push(matchedAt(found.line, { start: at, count: 1 }));
        }
        if (left > 0) {
          each.undecided.push({ file, own });
          start(each);
        } else if (own.length > 0) onMatches(each.pattern, file, own);
      }
    },
    async end() {
      for (const each of all) flush(each)?.end();
      let whole = true;
      for (const each of all) {
        if (each.asked.length > 0 && !each.answer) each.answer = ask(each.pattern, Readable.from([Buffer.concat(each.waiting)]));
        const answer = each.answer ? await each.answer : NOTHING;
        if (answer) settle(each, answer, onMatches);
        else whole = false;
      }
      return whole;
    },
  };
}

const NOTHING: ReadonlyMap<number, Matched> = new Map();

interface Decider {
  readonly pattern: string;
  readonly inPlace: LinePattern | undefined;
  /** Files with lines that ripgrep is asked about. */
  readonly undecided: { readonly file: ScannedFile; readonly own: ScannedLine[] }[];
  /** These lines, in the order in which it is told them, and where they go when they match. */
  readonly asked: { readonly line: ScannedLine; readonly own: ScannedLine[] }[];
  /** Of these, what has not been handed over. */
  waiting: Uint8Array[];
  stream: PassThrough | undefined;
  answer: ReturnType<AskRipgrep> | undefined;
}

function decider(pattern: string, inPlace: LinePattern | undefined): Decider {
  return { pattern, inPlace, undecided: [], asked: [], waiting: [], stream: undefined, answer: undefined };
}

interface FoundLine {
  readonly line: ScannedLine;
  /** Without its line break, where it is of ASCII. */
  readonly text: string | undefined;
  /** As ripgrep is given it; made when the first pattern needs it. */
  input?: Uint8Array;
}

function foundLine(line: ScannedLine): FoundLine {
  const { raw } = line;
  if (!('text' in raw) || Buffer.byteLength(raw.text) !== raw.text.length) return { line, text: undefined };
  return { line, text: raw.text.endsWith('\n') ? raw.text.slice(0, -1) : raw.text };
}

/** The first match in a line, in bytes; -1: none; undefined: that is left to ripgrep. */
function findIn(pattern: LinePattern, { line, text }: FoundLine): number | undefined {
  if (text !== undefined) return text.length <= pattern.longest ? pattern.find(text) : undefined;
  return pattern.text === undefined ? undefined : bytesOf(line.raw).indexOf(pattern.text);
}

function matchedAt({ number, raw }: ScannedLine, matched: Matched): ScannedLine {
  return { number, raw, matched };
}

function leaveToRipgrep(each: Decider, own: ScannedLine[], found: FoundLine): void {
  found.input ??= asInput(found.line.raw);
  each.asked.push({ line: found.line, own });
  each.waiting.push(found.input);
  if (each.waiting.length >= LINES_AT_ONCE) flush(each);
}

/** Hands over what waits, where somebody takes it. */
function flush(each: Decider): PassThrough | undefined {
  if (!each.stream) return undefined;
  if (each.waiting.length > 0) each.stream.write(Buffer.concat(each.waiting));
  each.waiting = [];
  return each.stream;
}

/** A line as it is searched again. The last one of a file may have no line break. */
function asInput(line: RipgrepText): Uint8Array {
  if ('text' in line) return Buffer.from(line.text.endsWith('\n') ? line.text : `${line.text}\n`);
  const bytes = bytesOf(line);
  return bytes.at(-1) === 0x0a ? bytes : Buffer.concat([bytes, Buffer.from('\n')]);
}

/** Tells of the files that waited for what ripgrep says. */
function settle({ pattern, undecided, asked }: Decider, answer: ReadonlyMap<number, Matched>, onMatches: OnMatches): void {
  for (const [index, matched] of answer) {
    const about = asked[index];
    if (about) about.own.push(matchedAt(about.line, matched));
  }
  for (const { file, own } of undecided) {
    own.sort((a, b) => a.number - b.number);
    if (own.length > 0) onMatches(pattern, file, own);
  }
}
