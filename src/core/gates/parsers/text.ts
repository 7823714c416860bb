/** What the parsers share: clean lines, JSON in the midst of noise, places, stack traces, and a tool's last words. Pure. */
import type { Parsed, ParsedFinding, ParserInput } from '../parsed.js';

/** Colours and other terminal controls, and links. */
const CONTROLS = /\u001b\[[0-9;:?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)/g;

/** `text` without a byte order mark and terminal controls, with `\n` as its only line end. */
export function plain(text: string): string {
  return text
    .replace(/^\uFEFF/, '')
    .replace(CONTROLS, '')
    .replace(/\r\n?/g, '\n');
}

/** The lines of `text`, clean and without the empty end. */
export function lines(text: string): readonly string[] {
  return plain(text).trimEnd().split('\n');
}

/**
 * The result of a tool that prints one finding a line. A tool that failed without a finding did not get to its work, unless
 * it had another reason to fail: what it said then tells why.
 */
export function found(findings: readonly ParsedFinding[], input: ParserInput): Parsed {
  return findings.length > 0 || input.exitCode === 0 ? { kind: 'findings', findings } : unreadable(input);
}

/**
 * The result of a tool whose report could be read: it did its work. Where it fails without a finding, coverage is too low, a warning counts
 * as a failure, or there is nothing to test: what it printed says so.
 */
export function reported(findings: readonly ParsedFinding[]): Parsed {
  return { kind: 'findings', findings };
}

/** The result of a tool that did not write the report that was asked for. */
export function unreadable(input: ParserInput): Parsed {
  const words = lastWords(input);
  return {
    kind: 'unreadable',
    detail: words === '' ? 'it has no findings and no message' : `it has no findings, but says “${words}”`,
  };
}

const ERROR_LINE =
  /^\s*(?:(?:Uncaught|Exception during run:|error:)\s+)*(?:[A-Za-z_][\w.]*)?(?:Error|Exception)(?: \[\w+\])?: \S/;
const CRITICAL_LINE = /^\s*(?:[×✖✘]|\[error\]|E {3}|error\b|fatal\b|mypy:)\s*\S/i;

/** The line by which a tool says why it did not get to its work; empty when it says nothing. */
export function lastWords({ stdout, stderr }: Pick<ParserInput, 'stdout' | 'stderr'>): string {
  for (const text of [stderr, stdout]) {
    const all = lines(text).filter((line) => /\w/.test(line) && !/^\s*at |^\s*File "|^Node\.js v/.test(line));
    const telling = [ERROR_LINE, CRITICAL_LINE]
      .map((pattern) => all.findIndex((line) => pattern.test(line)))
      .find((index) => index >= 0);
    const first = Math.max(telling ?? all.length - 1, 0);
    let end = first + 1;
    // A line that ends with a colon announces what is wrong.
    while (end < first + 3 && end < all.length && all[end - 1]?.trimEnd().endsWith(':')) end += 1;
    const words = all.slice(first, end).map((line) => line.replace(/^\s*(?:[×✖✘]|\[error\]|E {3})\s*/, '').trim());
    if (words.length > 0) return shortened(words.join(' ').replace(/:$/, ''), 300);
  }
  return '';
}

/** At most `length` characters; what was cut off is marked. */
export function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

// ---------------------------------------------------------------------------------------------------------------- JSON

/** The first JSON value in `output` that `accepts` takes; text before and after it is noise. */
export function findJson<T>(output: string, accepts: (value: unknown) => value is T): T | undefined {
  const whole = parseJson(output);
  if (accepts(whole)) return whole;
  const text = plain(output);
  const starts = /^[ \t]*[[{]/gm;
  for (let match = starts.exec(text), tries = 0; match !== null && tries < 200; match = starts.exec(text), tries += 1) {
    const start = starts.lastIndex - 1;
    const end = endOfValue(text, start);
    if (end === undefined) continue;
    const value = parseJson(text.slice(start, end));
    if (accepts(value)) return value;
  }
  return undefined;
}

/** Undefined when `text` is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The index after the bracket that closes the one at `start`. */
function endOfValue(text: string, start: number): number | undefined {
  let depth = 0;
  let quoted = false;
  for (let index = start; index < text.length; index += 1) {
    const character = text[index];
    if (quoted) {
      if (character === '\\') index += 1;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') {
      depth -= 1;
      if (depth === 0) return index + 1;
    }
  }
  return undefined;
}

/** A JSON object whose members nothing is known of. */
export type Members = Readonly<Record<string, unknown>>;

export function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The members of an object; none when it is no object. */
export function members(value: unknown): Members {
  return isMembers(value) ? value : {};
}

/** The elements of an array that are objects; none when it is no array. */
export function objects(value: unknown): readonly Members[] {
  return Array.isArray(value) ? value.filter(isMembers) : [];
}

export function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

// -------------------------------------------------------------------------------------------------------------- places

export interface Place {
  readonly line: number;
  readonly column: number;
  readonly endLine?: number;
  readonly endColumn?: number;
}

/** A place from what a tool said, in numbers from 1. What is no position becomes 1; an end that is not after the start is left out. */
export function place(line: unknown, column?: unknown, endLine?: unknown, endColumn?: unknown): Place {
  const start = { line: position(line) ?? 1, column: position(column) ?? 1 };
  const toLine = position(endLine);
  const toColumn = position(endColumn);
  if (toLine === undefined || toColumn === undefined) return start;
  const after = toLine > start.line || (toLine === start.line && toColumn > start.column);
  return after ? { ...start, endLine: toLine, endColumn: toColumn } : start;
}

function position(value: unknown): number | undefined {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 1 ? number : undefined;
}

/** A native path out of a path or a `file:` URL; `file://test/a.js`, as AVA writes it, is relative. */
export function pathOf(text: string): string {
  const url = /^file:\/\/(.*)$/.exec(text);
  if (url === null) return text;
  const decoded = decodedUri(url[1] ?? '');
  return /^\/[A-Za-z]:/.test(decoded) ? decoded.slice(1) : decoded;
}

/** A part of a URI as it was before it was encoded; as it is when it is none. */
export function decodedUri(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Whether two ways of naming a file may mean the same one: equal, or one is the end of the other. */
export function sameFile(a: string, b: string): boolean {
  const [x, y] = [a, b].map((file) => pathOf(file).replaceAll('\\', '/').replace(/^\.\//, ''));
  if (x === undefined || y === undefined || x === '' || y === '') return false;
  return x === y || x.endsWith(`/${y}`) || y.endsWith(`/${x}`);
}

// -------------------------------------------------------------------------------------------------------- stack traces

export interface Frame {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

const FRAME = /^\s*(?:(?:at|[›❯])\s+)?(?:(?:async )?(?:.*? )?\((?<inner>.+):(\d+):(\d+)\)|(?:async )?(?<bare>.+):(\d+):(\d+))$/;

/** The frames of a JavaScript stack trace that lie in the project: neither in Node.js nor in node_modules. Innermost first. */
export function frames(stack: string): readonly Frame[] {
  return lines(stack).flatMap((text) => {
    const match = FRAME.exec(shortened(text, 2000));
    if (match === null) return [];
    const file = pathOf(match.groups?.['inner'] ?? match.groups?.['bare'] ?? '');
    if (/^node:|[\\/]node_modules[\\/]/.test(file) || !/^(?:\/|[A-Za-z]:[\\/]|\.{0,2}[\w@.-]+[\\/.])/.test(file)) return [];
    return [{ file, line: Number(match[2] ?? match[5]), column: Number(match[3] ?? match[6]) }];
  });
}

/** What is wrong in a test: at the innermost frame of its own file, else where the test stands, else at the start of its file. */
export function testPlace(file: string, stack: string, otherwise?: Frame): { readonly file: string } & Place {
  const frame = frames(stack).find((candidate) => sameFile(candidate.file, file)) ?? otherwise;
  return { file, ...place(frame?.line, frame?.column) };
}

/** Titles from the outermost group to the test, then what went wrong. */
export function testMessage(titles: readonly string[], message: string): string {
  const what = plain(message).trim();
  return `${titles.join(' › ')}: ${what === '' ? 'failed' : what}`;
}

/** What a test expected and what it got. */
export interface Values {
  readonly expected: string;
  readonly actual: string;
}

/** Longer values are cut: what differs in them is in the output. */
const VALUE_LIMIT = 2000;

/** Both values as fields of a finding; nothing where the runner does not give both. */
export function valuesOf(expected: unknown, actual: unknown): Values | undefined {
  if (typeof expected !== 'string' || typeof actual !== 'string') return undefined;
  const cut = (value: string) => (value.length > VALUE_LIMIT ? `${value.slice(0, VALUE_LIMIT)}…` : value);
  return { expected: cut(expected), actual: cut(actual) };
}

/** What a message of `expect` says of its values: on a line each, or as a difference below `- Expected` and `+ Received`. */
export function expectedValues(message: string): Values | undefined {
  const [, difference] = message.split(/^- Expected.*\n\+ Received.*\n/m);
  if (difference !== undefined) return differenceOf(difference, { expected: '-', actual: '+' });
  const value = (name: string) => new RegExp(`^${name}(?: \\w+)?: +(.*)$`, 'm').exec(message)?.[1]?.trim();
  return valuesOf(value('Expected'), value('Received'));
}

/** Both values, in the ways in which frameworks of several languages put them; the first group is what was expected. */
const COMPARED: readonly RegExp[] = [
  // JUnit: `expected:<3> but was:<2>`; MSTest: `Expected:<3>. Actual:<2>.`
  /\bexpected: ?<(?<expected>.*?)> but was: ?<(?<actual>.*?)>(?:$|[\s.])/im,
  /\bExpected:<(?<expected>.*?)>\. Actual:<(?<actual>.*?)>\./,
  // PHPUnit, of values that stand on one line.
  /^Failed asserting that (?<actual>.+) (?:is identical to|matches expected) (?<expected>.+)\.$/m,
  // xUnit.net, NUnit; testify of Go.
  /^[ \t]*Expected: +(?<expected>.+)\n[ \t]*(?:Actual|But was): +(?<actual>.+)$/m,
  /^[ \t]*expected ?: (?<expected>.+)\n[ \t]*actual {0,2}: (?<actual>.+)$/m,
];

/** What a failure says of its values where its framework labels them; undefined where it does not. */
export function comparedValues(text: string): Values | undefined {
  const [, difference] = text.split(/^--- Expected\n\+\+\+ Actual\n(?:@@.*@@\n)?/m);
  // A line of it begins with one sign, or with one space where both sides are the same.
  const shown = difference?.split(/\n\n/)[0]?.replace(/^(.)/gm, '$1 ');
  const own = shown === undefined ? undefined : differenceOf(shown, { expected: '-', actual: '+' });
  if (own) return own;
  const match = COMPARED.map((pattern) => pattern.exec(text)).find((each) => each !== null);
  return valuesOf(match?.groups?.['expected']?.trim(), match?.groups?.['actual']?.trim());
}

/** Both sides of a difference whose lines begin with a sign and a space, or with two spaces where both are the same. */
export function differenceOf(text: string, signs: { readonly expected: string; readonly actual: string }): Values | undefined {
  const all = text.split('\n').filter((line) => line.trim() !== '');
  const side = (sign: string) => all.filter((line) => line.startsWith(sign) || line.startsWith(' '));
  const own = (sign: string) =>
    side(sign)
      .map((line) => line.slice(2).trimEnd())
      .join('\n');
  const complete = [signs.expected, signs.actual].every((sign) => all.some((line) => line.startsWith(sign)));
  return complete ? valuesOf(own(signs.expected), own(signs.actual)) : undefined;
}
