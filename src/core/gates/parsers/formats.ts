/** Formats that many tools can write, by the ids that presets and volley.jsonc name. */
import type { FindingTag, Severity } from '../../model.js';
import type { Parsed, ParsedFinding, ParsedLocation, ParserInput, ParserTable } from '../parsed.js';
import { parseWithMatchers } from '../problem-matcher.js';
import {
  comparedValues,
  decodedUri,
  differenceOf,
  findJson,
  isMembers,
  lines,
  type Members,
  members,
  objects,
  pathOf,
  place,
  plain,
  reported,
  sameFile,
  stringOf,
  unreadable,
  valuesOf,
} from './text.js';
import { elementsNamed, readXml, type XmlElement } from './xml.js';

export const formatParsers: ParserTable = {
  'problem-matcher': parseWithMatchers,
  sarif: (input) => parseSarif(input),
  junit: (input) => parseJunit(input),
  checkstyle: (input) => parseCheckstyle(input),
  tap: (input) => parseTap(input),
};

/** What a tool wrote for machines: its report, or else what it printed. */
export function documentOf({ report, stdout }: ParserInput): string {
  return report ?? stdout;
}

// --------------------------------------------------------------------------------------------------------------- SARIF

/** SARIF 2.1.0. Columns count as its runs say; an end column is the one after the last character there, too. */
export function parseSarif(input: ParserInput, source?: string): Parsed {
  const document = findJson(documentOf(input), (value): value is Members => isMembers(value) && Array.isArray(value['runs']));
  if (!document) return unreadable(input);
  const broken = objects(document['runs']).flatMap(sarifFailure);
  const findings = objects(document['runs']).flatMap((run) => {
    const driver = members(members(run['tool'])['driver']);
    const rules = objects(driver['rules']);
    const bases = members(run['originalUriBaseIds']);
    const name = source ?? stringOf(driver['name']).toLowerCase();
    const characters = run['columnKind'] === 'unicodeCodePoints' ? ({ columnsOf: 'characters' } as const) : {};
    return objects(run['results'])
      .filter(
        (result) =>
          !['pass', 'notApplicable', 'open'].includes(stringOf(result['kind'])) && !isSuppressed(objects(result['suppressions'])),
      )
      .map((result) => ({ ...sarifFinding(result, rules, bases, name), ...characters }));
  });
  const [failure] = broken;
  return findings.length === 0 && failure !== undefined
    ? { kind: 'unreadable', detail: failure }
    : { kind: 'findings', findings };
}

/** What a tool says that could not do its work. */
function sarifFailure(run: Members): readonly string[] {
  return objects(run['invocations'])
    .filter((invocation) => invocation['executionSuccessful'] === false)
    .map((invocation) => {
      const notes = ['toolExecutionNotifications', 'toolConfigurationNotifications'].flatMap((key) => objects(invocation[key]));
      const said = notes.filter(({ level }) => level === 'error').map((note) => stringOf(members(note['message'])['text']));
      return said.find((text) => text !== '') ?? 'its report says that it could not be executed';
    });
}

/** By 3.27.23 of SARIF: someone suppressed it, and nobody rejected that or has still to decide. */
function isSuppressed(suppressions: readonly Members[]): boolean {
  return suppressions.length > 0 && suppressions.every(({ status }) => status === undefined || status === 'accepted');
}

function sarifFinding(result: Members, rules: readonly Members[], bases: Members, source: string): ParsedFinding {
  const id = stringOf(result['ruleId']) || stringOf(members(result['rule'])['id']);
  const index = result['ruleIndex'] ?? members(result['rule'])['index'];
  const rule = rules.find((each) => each['id'] === id) ?? (typeof index === 'number' ? rules[index] : undefined);
  const level = stringOf(result['level']) || stringOf(members(rule?.['defaultConfiguration'])['level']) || 'warning';
  const [first] = objects(result['locations']);
  const related = objects(result['relatedLocations']).map((location) => ({
    ...sarifPlace(location, bases),
    message: stringOf(members(location['message'])['text']),
  }));
  const url = stringOf(rule?.['helpUri']);
  return {
    ...sarifPlace(first, bases),
    severity: sarifSeverity(level),
    message: sarifMessage(members(result['message']), rule) || id,
    source,
    ...(id === '' ? {} : { rule: id }),
    ...(url === '' ? {} : { ruleUrl: url }),
    ...(related.length === 0 ? {} : { related }),
  };
}

function sarifMessage(message: Members, rule: Members | undefined): string {
  const text = stringOf(message['text']) || stringOf(members(members(rule?.['messageStrings'])[stringOf(message['id'])])['text']);
  const values = Array.isArray(message['arguments']) ? message['arguments'] : [];
  return text.replace(/\{(\d+)\}/g, (whole, index) => stringOf(values[Number(index)]) || whole).trim();
}

function sarifPlace(location: Members | undefined, bases: Members): Omit<ParsedLocation, 'message'> {
  const physical = members(location?.['physicalLocation']);
  const artifact = members(physical['artifactLocation']);
  const region = members(physical['region']);
  const file = sarifFile(stringOf(artifact['uri']), stringOf(artifact['uriBaseId']), bases);
  const { startLine, startColumn, endLine, endColumn } = region;
  return { ...(file === '' ? {} : { file }), ...place(startLine, startColumn, endLine ?? startLine, endColumn) };
}

/** A base may itself be relative to another one. What is a URI is decoded once, whole. */
function sarifFile(uri: string, baseId: string, bases: Members): string {
  let whole = uri;
  const seen = new Set<string>();
  for (let id = baseId; id !== '' && !seen.has(id) && !/^[a-z][a-z+.-]*:/i.test(whole); ) {
    seen.add(id);
    const base = members(bases[id]);
    whole = stringOf(base['uri']) + whole;
    id = stringOf(base['uriBaseId']);
  }
  return whole.startsWith('file://') ? pathOf(whole) : decodedUri(whole);
}

function sarifSeverity(level: string): Severity {
  return level === 'error' ? 'error' : level === 'note' || level === 'none' ? 'information' : 'warning';
}

// --------------------------------------------------------------------------------------------------------------- JUnit

/** JUnit XML in its many dialects: failures and errors, at the place that the test case names or that their text shows. */
export function parseJunit(input: ParserInput, source = 'test'): Parsed {
  const root = readXml(documentOf(input));
  if (!root || !/^testsuites?$|^testcase$/.test(root.name)) return unreadable(input);
  const findings = casesIn(root, root).flatMap(({ suite, test }) =>
    test.children
      .filter(({ name }) => name === 'failure' || name === 'error')
      .map((problem) => junitFinding(suite, test, problem, source)),
  );
  return reported(findings);
}

interface JunitCase {
  /** The innermost element that holds the test. */
  readonly suite: XmlElement;
  readonly test: XmlElement;
}

/** All test cases at any depth, with a suite around them or without; what was skipped does not fail, even where it says how it would. */
function casesIn(element: XmlElement, suite: XmlElement): readonly JunitCase[] {
  if (element.name !== 'testcase') return element.children.flatMap((child) => casesIn(child, element));
  return element.children.some(({ name }) => name === 'skipped') ? [] : [{ suite, test: element }];
}

function junitFinding(suite: XmlElement, test: XmlElement, problem: XmlElement, source: string): ParsedFinding {
  const text = plain(problem.text).trim();
  const said = /^line (\d+), col(?:umn)? (\d+)/.exec(text);
  const { line = said?.[1], column = said?.[2] } = test.attributes;
  const file = fileOfCase(suite, test, line);
  const message = plain(problem.attributes['message'] ?? '').trim() || firstLines(text, test);
  const shown = said && file !== undefined ? undefined : placeInText(text, file);
  const at = shown ?? { ...(file === undefined ? {} : { file }), ...place(line, column) };
  const name = [test.attributes['classname'], test.attributes['name']].filter(Boolean).join(' › ');
  // PHPUnit lists among the errors what it only warns of.
  const severity = /\\(?:RiskyTestError|Warning)$/.test(problem.attributes['type'] ?? '') ? 'warning' : 'error';
  const values = comparedValues(text) ?? comparedValues(message);
  const what = values ? message.replace(/\n--- Expected\n[\s\S]*$/, '') : message;
  return { ...at, severity, message: `${name}: ${what || 'failed'}`, source, ...values };
}

/** Linters have a suite for each file, and name it so; a name without a line in it may be that of anything. */
function fileOfCase(suite: XmlElement, test: XmlElement, line: string | undefined): string | undefined {
  const own = [test, suite]
    .map(({ attributes }) => attributes['file'] ?? attributes['filepath'])
    .find((file) => file !== undefined);
  const name = suite.attributes['name'] ?? '';
  return own ?? (line !== undefined && /\.\w{1,6}$/.test(name) ? name : undefined);
}

/** What went wrong, without the name of the test and without places that stand alone. */
function firstLines(text: string, { attributes }: XmlElement): string {
  const name = `${attributes['classname'] ?? ''}::${attributes['name'] ?? ''}`;
  return text
    .split('\n')
    .filter((line) => line.trim() !== '' && line.trim() !== name && !/^\s*\S+:\d+$/.test(line))
    .slice(0, 5)
    .join('\n');
}

/** The first place in a text that lies in the file; in any file where none is known. */
function placeInText(
  text: string,
  file: string | undefined,
): (Pick<ParsedFinding, 'line' | 'column'> & { readonly file: string }) | undefined {
  for (const line of text.split('\n')) {
    const match = /(?:^|[\s(["'])((?:[A-Za-z]:)?[^\s:()"']+\.\w{1,6}):(\d+)(?::(\d+))?/.exec(line.slice(0, 1000));
    if (!match || /node_modules|site-packages|\/usr\/|\.rb:.*gems/.test(line)) continue;
    const named = match[1] ?? '';
    const same = file === undefined || named.endsWith(file.replaceAll('\\', '/').split('/').at(-1) ?? file);
    if (same) return { file: file ?? named, ...place(match[2], match[3]) };
  }
  return undefined;
}

// ---------------------------------------------------------------------------------------------------------- checkstyle

/** Checkstyle XML, which linters of many languages write. */
export function parseCheckstyle(input: ParserInput, source = 'checkstyle'): Parsed {
  const root = readXml(documentOf(input));
  if (root?.name !== 'checkstyle') return unreadable(input);
  const findings = elementsNamed(root, 'file').flatMap((file) =>
    elementsNamed(file, 'error').map(({ attributes }): ParsedFinding => {
      const rule = attributes['source'];
      return {
        file: file.attributes['name'] ?? '',
        ...place(attributes['line'], attributes['column']),
        severity: checkstyleSeverity(attributes['severity']),
        message: attributes['message'] ?? '',
        source,
        ...(rule ? { rule } : {}),
      };
    }),
  );
  return { kind: 'findings', findings };
}

function checkstyleSeverity(text: string | undefined): Severity {
  return text === 'error' ? 'error' : text === 'warning' ? 'warning' : 'information';
}

// ----------------------------------------------------------------------------------------------------------------- TAP

/** TAP 12 to 14: tests that are not ok, at the place that their diagnostics name. Nested ones speak for what holds them. */
export function parseTap(input: ParserInput, source = 'tap'): Parsed {
  const all = lines(documentOf(input));
  const findings: ParsedFinding[] = [];
  let groups: readonly { readonly indentation: number; readonly title: string }[] = [];
  let understood = false;
  for (const [index, line] of all.entries()) {
    const group = /^(\s*)# Subtest: (.*?)\s*$/.exec(line);
    if (group) {
      const indentation = (group[1] ?? '').length;
      groups = [...groups.filter((outer) => outer.indentation < indentation), { indentation, title: group[2] ?? '' }];
    }
    understood ||= /^\s*(?:TAP version \d+|(?:not )?ok\b|1\.\.\d+)/.test(line);
    const bail = /^\s*Bail out!\s*(.*)$/.exec(line);
    if (bail) findings.push({ ...place(1), severity: 'error', message: bail[1] || 'The tests bailed out.', source });
    const test = /^(\s*)not ok\b\s*(\d+)?\s*(?:- )?(.*?)\s*$/.exec(line);
    if (!test || /(?:^|[^\\])#\s*(?:TODO|SKIP)\b/i.test(test[3] ?? '')) continue;
    const own = yamlBlock(all, index + 1, (test[1] ?? '').length);
    const diagnostics = own.size > 0 ? own : textBelow(all, index + 1);
    const before = findings.length > 0 && isBelow(all, index, (test[1] ?? '').length);
    const titles = groups.filter(({ indentation }) => indentation < (test[1] ?? '').length).map(({ title }) => title);
    if (!before) findings.push(tapFinding([...titles, (test[3] ?? '').replace(/ # time=[\d.]+m?s$/, '')], diagnostics, source));
  }
  return understood ? reported(findings) : unreadable(input);
}

/** Whether the line closes a group in which a test was not ok, which has been told already. */
function isBelow(all: readonly string[], index: number, indentation: number): boolean {
  for (let at = index - 1; at >= 0; at -= 1) {
    const line = all[at] ?? '';
    const own = /^\s*/.exec(line)?.[0].length ?? 0;
    if (/^\s*(?:not )?ok\b/.test(line) && own <= indentation) return false;
    if (own > indentation && /^\s*not ok\b/.test(line) && !/#\s*(?:TODO|SKIP)\b/i.test(line)) return true;
  }
  return false;
}

/** The keys of a diagnostic block, each with its text; what is indented below a key belongs to it. */
function yamlBlock(all: readonly string[], start: number, indentation: number): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  if (!/^\s+---\s*$/.test(all[start] ?? '')) return values;
  let key = '';
  let depth: number | undefined;
  for (const line of all.slice(start + 1)) {
    if (/^\s+\.\.\.\s*$/.test(line) || (line.trim() !== '' && (/^\s*/.exec(line)?.[0].length ?? 0) <= indentation)) break;
    const match = /^(\s*)([\w-]+):\s*(.*)$/.exec(line);
    if (match && (depth === undefined || (match[1] ?? '').length <= depth)) {
      depth ??= (match[1] ?? '').length;
      key = match[2] ?? '';
      values.set(key, (match[3] ?? '').replace(/^[|>][+\-\d]*$/, '').replace(/^(['"])(.*)\1$/, '$2'));
    } else if (key !== '') {
      // What a key holds stands two spaces deeper than the key, as all who write TAP do it.
      const own = line.slice(0, (depth ?? 0) + 2).trim() === '' ? line.slice((depth ?? 0) + 2).trimEnd() : line.trim();
      values.set(key, [values.get(key) ?? '', own].filter(Boolean).join('\n'));
    }
  }
  return values;
}

/**
 * The lines below a test that are no TAP of their own, in the words of a diagnostic block: older writers tell in plain text or in
 * comments what went wrong.
 */
function textBelow(all: readonly string[], start: number): ReadonlyMap<string, string> {
  const end = all.findIndex((line, index) => index >= start && (TAP_LINE.test(line) || index >= start + MOST_LINES));
  const text = all.slice(start, end < 0 ? undefined : end).map((line) => line.replace(/^\s*#/, '').trim());
  const first = text.findIndex((line) => /^at \S/.test(line));
  const message = text.slice(0, first < 0 ? 5 : Math.min(first, 5)).filter((line) => line !== '' && !/^Failed test\b/.test(line));
  const shown = placeOfPerl(text) ?? placeInText(text.join('\n'), undefined);
  const value = (name: string) => text.flatMap((line) => (line.startsWith(`${name}: `) ? [line.slice(name.length + 2)] : []))[0];
  const values = { message: message.join('\n') || undefined, ...shown, found: value('got'), wanted: value('expected') };
  return new Map(Object.entries(values).flatMap(([key, each]) => (each === undefined ? [] : [[key, String(each)]])));
}

/** `at t/a.t line 3.` */
function placeOfPerl(text: readonly string[]): { readonly file: string; readonly line: string } | undefined {
  for (const each of text) {
    const [, file, line] = /^at (.+) line (\d+)\.$/.exec(each) ?? [];
    if (file !== undefined && line !== undefined) return { file, line };
  }
  return undefined;
}

const TAP_LINE =
  /^\s*(?:(?:not )?ok\b|\d+\.\.\d+|TAP version \d|Bail out!|# (?:Subtest:|(?:tests|pass|fail|skip|todo|time)\b|Looks like ))/;
const MOST_LINES = 50;

function tapFinding(titles: readonly string[], diagnostics: ReadonlyMap<string, string>, source: string): ParsedFinding {
  const said = (key: string) => diagnostics.get(key) ?? '';
  const at = said('at') || said('location');
  const spot =
    /^((?:[A-Za-z]:[\\/]|file:\/\/|\.{0,2}\/)[^()'"]+?):(\d+)(?::(\d+))?$/.exec(at) ??
    /((?:[A-Za-z]:)?[^\s:()'"]+):(\d+)(?::(\d+))?/.exec(at);
  // Some writers have names for the parts of a place: there, of the test, or of what they call data.
  const named = [at, said('data'), ...['file', 'line', 'column'].map((key) => `${key}: ${said(key)}`)].join('\n');
  const part = (name: string) => new RegExp(`^[ \\t]*${name}:[ \\t]*"?([^"\\s][^"\\n]*)`, 'm').exec(named)?.[1];
  const object = { file: part('file(?:Name)?'), line: part('line(?:Number)?'), column: part('col(?:umn)?(?:Number)?') };
  const last = titles.at(-1) ?? '';
  const title = object.line !== undefined && /\.\w{1,6}$/.test(last) ? last : undefined;
  const file = object.file ?? (spot ? pathOf(spot[1] ?? '') : title);
  const message = diagnostics.get('message') ?? diagnostics.get('error') ?? diagnostics.get('operator');
  const given = [diagnostics.get('expected') ?? diagnostics.get('wanted'), diagnostics.get('actual') ?? diagnostics.get('found')];
  const difference = (diagnostics.get('diff') ?? '').replace(/^--- expected\n\+\+\+ actual\n(?:@@.*\n)?/, '');
  // What a difference has on both sides begins with one space, as what differs begins with one sign.
  const values =
    valuesOf(given[0], given[1]) ?? differenceOf(difference.replace(/^(.)/gm, '$1 '), { expected: '-', actual: '+' });
  const shown = titles.filter((each, index) => index === titles.length - 1 || file === undefined || !sameFile(each, file));
  return {
    ...(file === undefined ? {} : { file }),
    ...place(object.line ?? spot?.[2], object.column ?? spot?.[3]),
    severity: 'error',
    message: `${shown.join(' › ').replace(/\\#/g, '#') || 'A test'}: ${message || 'not ok'}`,
    source,
    ...values,
  };
}

/** Tags by the words of a rule's name. */
export function tagsOf(rule: string): { readonly tags?: readonly FindingTag[] } {
  if (/unused|unreachable|dead_?code|never_?used/i.test(rule)) return { tags: ['unused'] };
  return /deprecat/i.test(rule) ? { tags: ['deprecated'] } : {};
}
