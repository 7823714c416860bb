/** Node's test runner, from its reporter `tap`: TAP 13 with nested tests and a YAML block below each result. */
import type { Parsed, ParsedFinding, ParserInput } from '../parsed.js';
import { type Frame, frames, lines, pathOf, place, sameFile, testMessage, testPlace, unreadable, valuesOf } from './text.js';

/** Reads the report. A test whose only fault is a failed test inside of it is left out. */
export function parseNodeTest(input: ParserInput): Parsed {
  const text = input.report ?? input.stdout;
  if (!/^TAP version \d+$/m.test(text.replaceAll('\r', ''))) return unreadable(input);
  return { kind: 'findings', findings: results(lines(text)).flatMap(finding) };
}

/** One failed result, the titles of the tests around it, and what was printed before it. */
interface Result {
  readonly titles: readonly string[];
  readonly fields: ReadonlyMap<string, string>;
  readonly comments: readonly string[];
}

const POINT = /^( *)(ok|not ok) \d+(?: - (.*))?$/;

function results(all: readonly string[]): readonly Result[] {
  const failed: Result[] = [];
  const titles: string[] = [];
  let comments: string[] = [];
  for (let index = 0; index < all.length; index += 1) {
    const line = all[index] ?? '';
    const opened = /^( *)# Subtest: (.*)$/.exec(line);
    const point = POINT.exec(line);
    if (opened !== null) titles.splice(depth(opened[1]), Number.POSITIVE_INFINITY, unescaped(opened[2] ?? ''));
    else if (/^# /.test(line)) comments.push(line.slice(2));
    if (point === null) continue;
    const block = yamlBlock(all, index + 1);
    index = block.end - 1;
    const [title, directive] = splitDirective(point[3] ?? '');
    if (point[2] === 'not ok' && directive === undefined) {
      const around = titles.slice(0, depth(point[1]));
      failed.push({ titles: [...around, title], fields: block.fields, comments });
    }
    if (depth(point[1]) === 0) comments = [];
  }
  return failed;
}

function depth(indentation: string | undefined): number {
  return Math.floor((indentation ?? '').length / 4);
}

function splitDirective(text: string): readonly [string, string | undefined] {
  const match = /^(.*?)\s+# (SKIP|TODO)\b.*$/i.exec(text);
  return match === null ? [unescaped(text), undefined] : [unescaped(match[1] ?? ''), match[2]];
}

/** A title as it was written: the runner escapes line ends, backslashes and number signs. */
function unescaped(title: string): string {
  return title.replace(/\\([\\#])/g, '$1').replace(/\\n/g, ' ');
}

/** The fields of the block that starts in line `start`; `end` is the line after it. Values of several lines keep their lines. */
function yamlBlock(
  all: readonly string[],
  start: number,
): { readonly fields: ReadonlyMap<string, string>; readonly end: number } {
  const fields = new Map<string, string>();
  const indentation = /^( *)---$/.exec(all[start] ?? '')?.[1];
  if (indentation === undefined) return { fields, end: start };
  let index = start + 1;
  let key = '';
  for (; index < all.length && all[index] !== `${indentation}...`; index += 1) {
    const line = (all[index] ?? '').slice(indentation.length);
    const field = /^(\w+):(?: (.*))?$/.exec(line);
    if (field !== null) {
      key = field[1] ?? '';
      fields.set(key, /^[|>][+-]?\d?$/.test(field[2] ?? '') ? '' : unquoted(field[2] ?? ''));
    } else {
      const before = fields.get(key) ?? '';
      fields.set(key, before === '' ? line.slice(2) : `${before}\n${line.slice(2)}`);
    }
  }
  return { fields, end: index + 1 };
}

function unquoted(value: string): string {
  if (value.length < 2 || !value.startsWith("'") || !value.endsWith("'")) return value;
  return value
    .slice(1, -1)
    .replace(/''|\\'/g, "'")
    .replace(/\\\\/g, '\\');
}

function finding({ titles, fields, comments }: Result): readonly ParsedFinding[] {
  if (fields.get('failureType') === 'subtestsFailed') return [];
  const location = /^(.+):(\d+):(\d+)$/.exec(fields.get('location') ?? '');
  const file = pathOf(location?.[1] ?? '');
  const own: Frame | undefined = location === null ? undefined : { file, line: Number(location[2]), column: Number(location[3]) };
  if (file !== '' && sameFile(titles.at(-1) ?? '', file)) return [fileFinding(file, fields, comments)];
  const stack = fields.get('stack') ?? '';
  const shown = titles.filter((title, index) => index === titles.length - 1 || file === '' || !sameFile(title, file));
  return [
    {
      ...(file === '' ? place(1) : testPlace(file, stack, own)),
      severity: 'error',
      message: testMessage(shown, fields.get('error') ?? ''),
      source: 'node:test',
      ...valuesOf(fields.get('expected'), fields.get('actual')),
    },
  ];
}

/** A whole file that ended with an error: the runner only says so, but the file has printed why. */
function fileFinding(file: string, fields: ReadonlyMap<string, string>, comments: readonly string[]): ParsedFinding {
  const printed = comments.map((line) => line.replace(/\\([\\#])/g, '$1'));
  const why = printed.find((line) => /^(?:Uncaught )?\w*(?:Error|Exception)(?: \[\w+\])?: /.test(line));
  const shown = printed
    .map((line) => /^(.+):(\d+)$/.exec(line))
    .find((match) => match !== null && sameFile(match[1] ?? '', file));
  const frame = frames(printed.join('\n')).find((candidate) => sameFile(candidate.file, file));
  return {
    file,
    ...(frame === undefined ? place(shown?.[2]) : place(frame.line, frame.column)),
    severity: 'error',
    message:
      why ?? `The file ended with ${fields.get('exitCode') === undefined ? 'an error' : `exit code ${fields.get('exitCode')}`}.`,
    source: 'node:test',
  };
}
