/** Test runners of JavaScript with reports of their own: Mocha, Vitest, AVA. */
import type { Parsed, ParsedFinding, ParserInput } from '../parsed.js';
import {
  differenceOf,
  expectedValues,
  findJson,
  found,
  frames,
  isMembers,
  type Members,
  members,
  objects,
  pathOf,
  place,
  plain,
  sameFile,
  stringOf,
  testMessage,
  testPlace,
  unreadable,
  valuesOf,
} from './text.js';

// --------------------------------------------------------------------------------------------------------------- Mocha

/** Reads the reporter `json`. */
export function parseMocha(input: ParserInput): Parsed {
  const report = findJson(
    input.report ?? input.stdout,
    (value): value is Members => isMembers(value) && isMembers(value['stats']),
  );
  if (report === undefined) return unreadable(input);
  return { kind: 'findings', findings: objects(report['failures']).map(mochaFinding) };
}

function mochaFinding(test: Members): ParsedFinding {
  const error = members(test['err']);
  const stack = stringOf(error['stack']);
  const file = pathOf(stringOf(test['file'])) || frames(stack).at(-1)?.file;
  const title = stringOf(test['fullTitle']) || stringOf(test['title']);
  return {
    ...(file === undefined ? place(1) : testPlace(file, stack)),
    severity: 'error',
    message: testMessage([title], stringOf(error['message'])),
    source: 'mocha',
    ...valuesOf(error['expected'], error['actual']),
  };
}

// -------------------------------------------------------------------------------------------------------------- Vitest

/** Reads the reporter `json`, and from the output for people what that leaves out: errors outside of tests, and some messages. */
export function parseVitest(input: ParserInput): Parsed {
  const isReport = (value: unknown): value is Members => isMembers(value) && Array.isArray(value['testResults']);
  const report = findJson(input.report ?? input.stdout, isReport);
  if (report === undefined) return unreadable(input);
  const output = plain(input.stderr);
  const failed = objects(report['testResults']).flatMap((file) => vitestFile(file, output));
  return { kind: 'findings', findings: [...failed, ...vitestUnhandled(output)] };
}

function vitestFile(result: Members, output: string): readonly ParsedFinding[] {
  const file = pathOf(stringOf(result['name']));
  const tests = objects(result['assertionResults']).filter((test) => test['status'] === 'failed');
  const findings = tests.map((test) => vitestTest(file, test, output));
  if (findings.length > 0 || result['status'] !== 'failed') return findings;
  // The heading of a file, unlike that of a test, names it twice: `a.test.ts [ a.test.ts ]`.
  const told = vitestBlock(output, (heading) => heading.endsWith(' ]') && sameFile(heading.split(' [ ')[0] ?? '', file));
  const message = stringOf(result['message']) || (told?.message ?? 'The file could not be run.');
  return [{ ...testPlace(file, told?.stack ?? ''), severity: 'error', message: plain(message).trim(), source: 'vitest' }];
}

function vitestTest(file: string, test: Members, output: string): ParsedFinding {
  const ancestors = Array.isArray(test['ancestorTitles'])
    ? test['ancestorTitles'].map(stringOf).filter((title) => title !== '')
    : [];
  const titles = [...ancestors, stringOf(test['title'])];
  const failure = plain(Array.isArray(test['failureMessages']) ? stringOf(test['failureMessages'][0]) : '');
  const [message, stack] = splitStack(failure);
  const told = vitestBlock(output, (heading) => heading.endsWith(titles.join(' > ')));
  return {
    // The report of version 1 has no stack.
    ...testPlace(file, stack || (told?.stack ?? '')),
    severity: 'error',
    // The report gives a placeholder for the message of a test that timed out.
    message: testMessage(titles, message.includes('STACK_TRACE_ERROR') ? (told?.message ?? message) : message),
    source: 'vitest',
    ...expectedValues(told?.message ?? ''),
  };
}

/** What stands below the heading ` FAIL  …` that `wanted` accepts. */
function vitestBlock(
  output: string,
  wanted: (heading: string) => boolean,
): { readonly message: string; readonly stack: string } | undefined {
  for (const block of output.split(/^ FAIL {2}/m).slice(1)) {
    const [heading = '', ...rest] = block.split(/^⎯{3,}/m)[0]?.split('\n') ?? [];
    if (!wanted(heading.replace(/^\|.*?\| /, '').trim())) continue;
    const text = rest.join('\n');
    const stack = text.search(/^ ❯ /m);
    return stack < 0 ? { message: text.trim(), stack: '' } : { message: text.slice(0, stack).trim(), stack: text.slice(stack) };
  }
  return undefined;
}

/** Errors that Vitest caught outside of any test: they fail a run in which every test passed. */
function vitestUnhandled(output: string): readonly ParsedFinding[] {
  return output
    .split(/^⎯+ (?:Unhandled Rejection|Uncaught Exception|Unhandled Error|Unhandled Source Errors?|Typecheck Error) ⎯+$/m)
    .slice(1)
    .map((block) => {
      const text = block.split(/^⎯{3,}/m)[0] ?? '';
      const stack = text.search(/^ ❯ /m);
      const [frame] = stack < 0 ? [] : frames(text.slice(stack));
      return {
        ...(frame === undefined ? place(1) : { file: frame.file, ...place(frame.line, frame.column) }),
        severity: 'error',
        message: `Outside of any test: ${(stack < 0 ? text : text.slice(0, stack)).trim()}`,
        source: 'vitest',
      };
    });
}

/** A message and the stack trace below it. */
function splitStack(text: string): readonly [string, string] {
  const index = text.search(/^\s+at /m);
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index)];
}

// ----------------------------------------------------------------------------------------------------------------- AVA

/** Reads AVA's output for people: its TAP output does not say in which line of a test an assertion stands. */
export function parseAva(input: ParserInput): Parsed {
  if (input.exitCode === 0) return { kind: 'findings', findings: [] };
  const output = `\n${plain(input.stdout)}\n`;
  const [log = '', ...sections] = output.split(/^ {2}─+ *$/m);
  const outside = avaOutsideTests(log);
  const tests = sections.flatMap((section) => section.split(/\n{4,}/)).flatMap(avaTest);
  return found([...outside, ...tests], input);
}

function avaOutsideTests(log: string): readonly ParsedFinding[] {
  const findings = log
    .split(/^ {2}(?=(?:Uncaught exception|Unhandled rejection) in )/m)
    .slice(1)
    .map((block): ParsedFinding => {
      const [heading = '', ...rest] = (block.split(/^ {2}[✘✖×] /m)[0] ?? '').split('\n');
      const file = heading.replace(/^.*? in /, '').trim();
      const body = rest.join('\n');
      const message = /^ {2}(.*\S)\s*$/m.exec(body.replace(/^ {2}\S+:\d+\n\n(?: +\d+: .*\n)+/m, ''))?.[1] ?? heading;
      return { ...avaPlace(body, file), severity: 'error', message: `Outside of any test: ${message}`, source: 'ava' };
    });
  const told = new Set(findings.map(({ file }) => file));
  const files = [
    ...log.matchAll(
      /^ {2}[✘✖×] ((?:No tests found in )?(\S.*?)(?: exited with a non-zero exit code: \d+| exited due to \w+)?)(?:, make sure.*)?$/gm,
    ),
  ];
  const silent = files.flatMap(([, text = '', name = '']): readonly ParsedFinding[] => {
    const about = /^No tests found in | exited (?:with|due)/.test(text);
    return about && !told.has(name) ? [{ file: name, ...place(1), severity: 'error', message: text, source: 'ava' }] : [];
  });
  return [...findings, ...silent];
}

function avaTest(block: string): readonly ParsedFinding[] {
  const text = block.replace(/^\n+/, '').trimEnd();
  const [first = '', ...rest] = text.split('\n');
  const body = rest.join('\n');
  const at = avaPlace(body);
  if (!first.startsWith('  ') || body.trim() === '' || at.file === undefined) return avaUnplaced(first, body);
  const [message = '', difference = ''] = avaMessage(body).split(/^Difference(?: \(- actual, \+ expected\))?:\n/m);
  const values = differenceOf(difference, { expected: '+', actual: '-' });
  const what = values ? message.trim() || 'Difference' : avaMessage(body);
  return [{ ...at, severity: 'error', message: testMessage(first.trim().split(' › '), what), source: 'ava', ...values }];
}

/** A failed test of which AVA only has frames of its own. */
function avaUnplaced(first: string, body: string): readonly ParsedFinding[] {
  if (!/^ {2}\S/.test(first) || !/\n\s+at /.test(`\n${body}`)) return [];
  return [{ ...place(1), severity: 'error', message: testMessage(first.trim().split(' › '), avaMessage(body)), source: 'ava' }];
}

/** What went wrong: without the source excerpt above it and the stack below it. */
function avaMessage(body: string): string {
  const stack = body.search(/^ {2}(?:› | {4}at )/m);
  const text = (stack < 0 ? body : body.slice(0, stack)).replace(/^\n+/, '').replace(/^ {2}\S.*:\d+\n\n(?: +\d+: .*\n)+/m, '');
  const paragraphs = text.split(/\n{2,}/).map((paragraph) => paragraph.replace(/^ {2}/gm, '').trimEnd());
  return paragraphs.filter((paragraph, index) => paragraph.trim() !== '' && paragraphs.indexOf(paragraph) === index).join('\n');
}

/** The line that AVA shows; the column, and what it does not show, from the outermost frame: that is the test itself. */
function avaPlace(body: string, otherwise?: string): { readonly file?: string; readonly line: number; readonly column: number } {
  const shown = /^ {2}(\S.*?):(\d+)$/m.exec(body);
  const frame = frames(
    body
      .split('\n')
      .filter((line) => /^\s+(?:›|at) /.test(line))
      .join('\n'),
  ).at(-1);
  if (shown !== null) {
    const line = Number(shown[2]);
    return { file: pathOf(shown[1] ?? ''), ...place(line, frame?.line === line ? frame.column : 1) };
  }
  if (frame !== undefined) return { file: frame.file, ...place(frame.line, frame.column) };
  return otherwise === undefined ? place(1) : { file: otherwise, ...place(1) };
}

// ----------------------------------------------------------------------------------------------------------------- uvu

/** Blocks of `FAIL suite "test"`: what went wrong, a difference with visible spaces, and a stack. */
export function parseUvu(input: ParserInput): Parsed {
  const findings = plain(input.stdout)
    .split(/^ {3}FAIL {2}/m)
    .slice(1)
    .map((block): ParsedFinding => {
      const [heading = '', ...rest] = block.split('\n');
      const [suite = '', test = ''] = heading.split(/"(.*)"$/);
      const body = rest.join('\n');
      const stack = body.search(/^ {4}at /m);
      const [frame] = frames(stack < 0 ? '' : body.slice(stack));
      const [message = '', ...difference] = (stack < 0 ? body : body.slice(0, stack)).trim().split('\n');
      const values = uvuValues(difference);
      const what = message.replace(/ {2}\(\w+\)$/, '').replace(/:$/, '');
      const told = values ? what : [what, ...difference].join('\n').trim();
      return {
        ...(frame === undefined ? place(1) : { file: frame.file, ...place(frame.line, frame.column) }),
        severity: 'error',
        message: testMessage([suite.trim(), test].filter(Boolean), told),
        source: 'uvu',
        ...values,
      };
    });
  // A file that cannot be loaded ends it with the error alone.
  return found(findings, input);
}

/** Lines of `++` are expected, of `--` are actual, of `··` both. */
function uvuValues(difference: readonly string[]) {
  const shown = difference.flatMap((line) => {
    const match = /^\s*(\+\+|--|··)(.*?)(?: {4}\((?:Expected|Actual)\))?$/.exec(line);
    const signs: Readonly<Record<string, string>> = { '++': '+ ', '--': '- ', '··': '  ' };
    return match ? [`${signs[match[1] ?? '']}${(match[2] ?? '').replaceAll('·', ' ').replaceAll('→', '\t')}`] : [];
  });
  return differenceOf(shown.join('\n'), { expected: '+', actual: '-' });
}
