/**
 * Reads output by VS Code's problem matchers, as its tasks do: of all matchers the one that fits most lines wins, a line belongs to
 * one problem, and the last pattern of several may go on line after line. Pure.
 */

import type { ProblemMatcher, ProblemPattern } from '../gate-model.js';
import type { Severity } from '../model.js';
import type { Parsed, ParsedFinding, ParserInput } from './parsed.js';
import { lines, type Place, place } from './parsers/text.js';

/** What stands behind this in a line is not looked at: the time of a careless regular expression grows with the line. */
const LONGEST_LINE = 10_000;

/**
 * The findings that `input.matchers` see in standard output, standard error and the report, each read by itself. A pattern whose
 * regular expression does not compile matches nothing. Output without a match is no defect: the exit code says what it means.
 */
export function parseWithMatchers(input: ParserInput): Parsed {
  const matchers = (input.matchers ?? []).flatMap(compile);
  const texts = [input.stdout, input.stderr, input.report ?? ''].filter((text) => text !== '');
  return { kind: 'findings', findings: distinct(texts.flatMap((text) => read(text, matchers))) };
}

/** As in VS Code, what is told twice in the same words at the same place is one problem: a header is compiled again and again. */
function distinct(findings: readonly ParsedFinding[]): readonly ParsedFinding[] {
  return [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()];
}

interface CompiledPattern extends ProblemPattern {
  readonly expression: RegExp;
}

interface Compiled {
  readonly matcher: ProblemMatcher;
  readonly patterns: readonly [CompiledPattern, ...CompiledPattern[]];
  readonly last: CompiledPattern;
}

function compile(matcher: ProblemMatcher): readonly Compiled[] {
  try {
    const [first, ...others] = matcher.patterns.map((pattern) => ({ ...pattern, expression: new RegExp(pattern.regexp) }));
    return first === undefined ? [] : [{ matcher, patterns: [first, ...others], last: others.at(-1) ?? first }];
  } catch {
    return [];
  }
}

/** What the groups of the lines so far hold. The first line that says something of a property counts; messages are joined. */
type Captured = Readonly<Partial<Record<Property, string>>>;
type Property = (typeof PROPERTIES)[number] | 'message';
const PROPERTIES = ['file', 'location', 'line', 'column', 'endLine', 'endColumn', 'severity', 'code'] as const;

function read(text: string, matchers: readonly Compiled[]): readonly ParsedFinding[] {
  const findings: ParsedFinding[] = [];
  const longest = Math.max(0, ...matchers.map(({ patterns }) => patterns.length));
  let recent: string[] = [];
  let looping: { readonly compiled: Compiled; readonly before: Captured } | undefined;
  for (const line of lines(text)) {
    const shown = line.slice(0, LONGEST_LINE);
    if (looping) {
      const { compiled, before } = looping;
      const captured = capture(compiled.last, shown, before);
      const finding = captured && findingOf(compiled, captured);
      if (finding) {
        findings.push(finding);
        continue;
      }
      looping = undefined;
      recent = [];
    }
    recent.push(shown);
    if (recent.length > longest) recent.shift();
    const match = matchEnd(recent, matchers);
    if (!match) continue;
    findings.push(match.finding);
    recent = [];
    if (match.compiled.last.loop) looping = match;
  }
  return findings;
}

interface Match {
  readonly compiled: Compiled;
  readonly finding: ParsedFinding;
  /** What was captured before the last pattern: where a loop goes on from. */
  readonly before: Captured;
}

/** The match of the matcher with the most patterns whose last line is the newest one; among equals the first. */
function matchEnd(recent: readonly string[], matchers: readonly Compiled[]): Match | undefined {
  for (let length = recent.length; length > 0; length -= 1) {
    for (const compiled of matchers) {
      if (compiled.patterns.length !== length) continue;
      const match = matchLines(compiled, recent.slice(recent.length - length));
      if (match) return match;
    }
  }
  return undefined;
}

function matchLines(compiled: Compiled, shown: readonly string[]): Match | undefined {
  let before: Captured = {};
  let captured: Captured = {};
  for (const [index, pattern] of compiled.patterns.entries()) {
    const next = capture(pattern, shown[index] ?? '', captured);
    if (!next) return undefined;
    before = captured;
    captured = next;
  }
  const finding = findingOf(compiled, captured);
  return finding && { compiled, finding, before };
}

function capture(pattern: CompiledPattern, line: string, before: Captured): Captured | undefined {
  const match = pattern.expression.exec(line);
  if (!match) return undefined;
  const captured: Partial<Record<Property, string>> = { ...before };
  for (const property of PROPERTIES) {
    const group = pattern[property];
    const value = group === undefined ? undefined : match[group];
    if (value !== undefined) captured[property] ??= value.trim();
  }
  const message = pattern.message === undefined ? undefined : match[pattern.message]?.trim();
  if (message !== undefined) captured.message = captured.message === undefined ? message : `${captured.message}\n${message}`;
  return captured;
}

/** A problem needs a file, a place (unless it concerns all of the file) and a message. */
function findingOf({ matcher, patterns }: Compiled, captured: Captured): ParsedFinding | undefined {
  const { file, message, code, severity } = captured;
  const where = patterns[0].kind === 'file' ? place(1) : placeOf(captured);
  if (!file || !message || !where) return undefined;
  return {
    ...located(file, matcher.fileLocation),
    ...where,
    severity: severityOf(severity) ?? matcher.severity,
    ...(code ? { rule: code } : {}),
    message,
    source: matcher.source ?? 'problem matcher',
  };
}

function placeOf({ location, line, column, endLine, endColumn }: Captured): Place | undefined {
  if (location !== undefined) {
    const [first, second, third, fourth] = location.split(',').map(numberAt);
    return first === undefined ? undefined : place(first, second, third, fourth);
  }
  const start = numberAt(line);
  if (start === undefined) return undefined;
  const end = numberAt(endColumn);
  return place(start, numberAt(column), numberAt(endLine) ?? (end === undefined ? undefined : start), end);
}

/** The number with which a text starts, as VS Code reads it: a group may hold what stands behind the number, too. */
function numberAt(text: string | undefined): number | undefined {
  const number = Number.parseInt(text ?? '', 10);
  return Number.isNaN(number) ? undefined : number;
}

const SEVERITY_WORDS: ReadonlyMap<string, Severity> = new Map([
  ['error', 'error'],
  ['e', 'error'],
  ['fatal', 'error'],
  ['fatal error', 'error'],
  ['warning', 'warning'],
  ['warn', 'warning'],
  ['w', 'warning'],
  ['info', 'information'],
  ['information', 'information'],
  ['i', 'information'],
  ['note', 'information'],
  ['hint', 'hint'],
]);

/** Undefined for a word that says nothing of how severe it is. */
function severityOf(word: string | undefined): Severity | undefined {
  return word === undefined ? undefined : SEVERITY_WORDS.get(word.toLowerCase());
}

/** The file as its location says, or with its location where only the disk can say it. */
function located(file: string, location: ProblemMatcher['fileLocation']): Pick<ParsedFinding, 'file' | 'fileLocation'> {
  switch (location.kind) {
    case 'absolute':
      return { file };
    case 'relative':
      return { file: joinedPath(location.base, file) };
    case 'autoDetect':
    case 'search':
      return { file, fileLocation: location };
    default:
      return location satisfies never;
  }
}

/** In the way of writing of `base`, which is absolute and native. */
export function joinedPath(base: string, file: string): string {
  const windows = /^(?:[A-Za-z]:|\\\\)/.test(base);
  const separator = windows ? '\\' : '/';
  const start = base.replace(windows ? /[\\/]+$/ : /\/+$/, '');
  const rest = file.replace(windows ? /^(?:\.?[\\/])+/ : /^(?:\.?\/)+/, '');
  return `${start}${separator}${windows ? rest.replaceAll('/', '\\') : rest}`;
}
