/** pytest, from its JUnit report of the family `xunit1`, which says in which file and line a test stands. */
import type { Parsed, ParsedFinding, ParserInput } from '../parsed.js';
import { lines, place, plain, sameFile, unreadable } from './text.js';

/** One finding a failure or error, at the innermost line of the test's own file. */
export function parsePytest(input: ParserInput): Parsed {
  const report = plain(input.report ?? '');
  if (!/<testsuites?[\s>]/.test(report)) return unreadable(input);
  const findings = elements(report, 'testcase').flatMap(({ attributes, body }) =>
    ['failure', 'error'].flatMap((kind) => elements(body, kind).map((problem) => finding(attributes, problem))),
  );
  // 2 is also what it ends with when it was interrupted.
  return findings.length === 0 && input.exitCode > 1 ? unreadable(input) : { kind: 'findings', findings };
}

type Attributes = ReadonlyMap<string, string>;

interface XmlElement {
  readonly attributes: Attributes;
  /** What stands between its tags, still escaped. */
  readonly body: string;
}

/** The elements with this name, which pytest never nests in themselves. What is not closed is left out. */
function elements(xml: string, name: string): readonly XmlElement[] {
  const found: XmlElement[] = [];
  const opening = new RegExp(`<${name}((?:\\s+[\\w:.-]+\\s*=\\s*(?:"[^"]*"|'[^']*'))*)\\s*(/?)>`, 'g');
  for (let match = opening.exec(xml); match !== null; match = opening.exec(xml)) {
    const attributes = attributesOf(match[1] ?? '');
    if (match[2] === '/') {
      found.push({ attributes, body: '' });
      continue;
    }
    const end = xml.indexOf(`</${name}>`, opening.lastIndex);
    if (end < 0) break;
    found.push({ attributes, body: xml.slice(opening.lastIndex, end) });
    opening.lastIndex = end;
  }
  return found;
}

function attributesOf(text: string): Attributes {
  const pairs = [...text.matchAll(/([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)];
  return new Map(pairs.map((pair) => [pair[1] ?? '', unescaped(pair[2] ?? pair[3] ?? '')]));
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(lt|gt|amp|quot|apos));/g,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return ENTITIES[name] ?? whole;
      const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}

function finding(test: Attributes, problem: XmlElement): ParsedFinding {
  const text = plain(unescaped(problem.body.replace(/^<!\[CDATA\[([\s\S]*)\]\]>$/, '$1')));
  const file = test.get('file');
  const line = file === undefined ? undefined : (lineIn(text, file) ?? Number(test.get('line')) + 1);
  return {
    ...(file === undefined ? {} : { file }),
    ...place(line),
    severity: 'error',
    message: `${title(test)}: ${message(problem.attributes.get('message') ?? '', text)}`,
    source: 'pytest',
  };
}

/** The last line of `file` that a traceback names, in pytest's own styles or in Python's. */
function lineIn(traceback: string, file: string): number | undefined {
  const named = lines(traceback).flatMap((line) => {
    const match = /^(\S.*?):(\d+): /.exec(`${line} `) ?? /^(?:E)?\s*File "(.+)", line (\d+)/.exec(line);
    return match !== null && sameFile(match[1] ?? '', file) ? [Number(match[2])] : [];
  });
  return named.at(-1);
}

/** As pytest itself names a test, without the file: `TestRounding::test_rounds`. A file that cannot be imported is its own title. */
function title(test: Attributes): string {
  const name = test.get('name') ?? '';
  const file = test.get('file') ?? '';
  const module = file.replace(/\.pyi?$/, '').replace(/[\\/]/g, '.');
  if (name === module || name === '') return file || 'pytest';
  const className = test.get('classname') ?? '';
  const classes = className.startsWith(`${module}.`) ? className.slice(module.length + 1).split('.') : [];
  return [...classes, name].join('::');
}

/** The message, or where that only says that something failed, the end of the traceback. */
function message(told: string, traceback: string): string {
  const last = lines(traceback)
    .filter((line) => /^E {3}/.test(line))
    .at(-1)
    ?.replace(/^E\s+/, '');
  const text = /^(?:collection failure|test setup failure|test teardown failure)?$/.test(told.trim()) ? (last ?? told) : told;
  return text.trim() || 'failed';
}
