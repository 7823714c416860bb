/** Further linters, checks of packages and test runners of the JavaScript world. */
import type { Severity } from '../../model.js';
import type { Parsed, ParsedFinding, ParserInput } from '../parsed.js';
import { tagsOf } from './formats.js';
import {
  expectedValues,
  findJson,
  found,
  isMembers,
  lines,
  type Members,
  members,
  objects,
  pathOf,
  place,
  plain,
  reported,
  stringOf,
  testPlace,
  unreadable,
} from './text.js';

function severityOf(text: string): Severity {
  return text === 'error' ? 'error' : text === 'info' || text === 'advice' ? 'information' : 'warning';
}

function arrayIn(text: string): readonly Members[] | undefined {
  return findJson(text, (value): value is Members[] => Array.isArray(value) && value.every(isMembers));
}

function withKey(input: ParserInput, key: string): Members | undefined {
  return findJson(input.report ?? input.stdout, (value): value is Members => isMembers(value) && key in value);
}

/** `--formatter json`, which newer versions write to standard error. */
export function parseStylelint(input: ParserInput): Parsed {
  const isReport = (value: unknown): value is Members[] =>
    Array.isArray(value) && value.every((each) => isMembers(each) && 'warnings' in each);
  const all = findJson(input.report ?? input.stdout, isReport) ?? findJson(input.stderr, isReport);
  if (!all) return unreadable(input);
  const findings = all.flatMap((file) => [
    ...objects(file['warnings']).map((each) => stylelintFinding(stringOf(file['source']), each)),
    ...objects(file['parseErrors']).map((each) => stylelintFinding(stringOf(file['source']), { severity: 'error', ...each })),
  ]);
  // They are about the configuration, and said again of each file.
  const said = (key: string) => [
    ...new Map(all.flatMap((file) => objects(file[key]).map((each) => [stringOf(each['text']), each] as const))),
  ];
  const invalid = said('invalidOptionWarnings').map(
    ([message]): ParsedFinding => ({ ...place(1), severity: 'error', message, source: 'stylelint' }),
  );
  const deprecated = said('deprecations').map(([message, { reference }]): ParsedFinding => {
    const url = typeof reference === 'string' ? { ruleUrl: reference } : {};
    return { ...place(1), severity: 'information', message, source: 'stylelint', ...url, tags: ['deprecated'] };
  });
  return found([...findings, ...invalid, ...deprecated], input);
}

function stylelintFinding(file: string, each: Members): ParsedFinding {
  const rule = stringOf(each['rule']);
  const own = /^[a-z][a-z-]*$/.test(rule) && rule !== 'CssSyntaxError';
  return {
    file,
    ...place(each['line'], each['column'], each['endLine'], each['endColumn']),
    severity: severityOf(stringOf(each['severity'])),
    message: stringOf(each['text']).replace(` (${rule})`, ''),
    source: 'stylelint',
    ...(rule === '' ? {} : { rule }),
    ...(own ? { ruleUrl: `https://stylelint.io/user-guide/rules/${rule}` } : {}),
  };
}

/**
 * `--format=json`; the length of a span counts bytes, so that only those on one line of plain text have an end. Before version 1 it is a
 * list, whose places are bytes of a file alone.
 */
export function parseOxlint(input: ParserInput): Parsed {
  const all = withKey(input, 'diagnostics')?.['diagnostics'] ?? arrayIn(input.stdout);
  if (!Array.isArray(all)) return unreadable(input);
  const findings = objects(all).map((each): ParsedFinding => {
    const [first, ...others] = objects(each['labels']);
    const span = members(first?.['span']);
    const rule = stringOf(each['code']);
    const help = stringOf(each['help']);
    const url = stringOf(each['url']);
    const file = stringOf(each['filename']);
    const related = others.map((label) => ({ ...spanPlace(members(label['span'])), message: stringOf(label['label']) }));
    return {
      ...(file === '' ? {} : { file }),
      ...spanPlace(span),
      severity: severityOf(stringOf(each['severity'])),
      message: stringOf(each['message']) + (help === '' ? '' : `\nhelp: ${help}`),
      source: 'oxlint',
      ...(rule === '' ? {} : { rule }),
      ...(url === '' ? {} : { ruleUrl: url }),
      ...tagsOf(rule),
      ...(related.length === 0 ? {} : { related }),
    };
  });
  return found(findings, input);
}

function spanPlace(span: Members) {
  return place(span['line'], span['column']);
}

/** `  file:1:5: message. (rule)` of standard. */
export function parseStandard(input: ParserInput): Parsed {
  const findings = lines(input.stdout).flatMap((line): readonly ParsedFinding[] => {
    const match = /^ {2}(.+?):(\d+):(\d+): (.*?)(?: \(([\w@/-]+)\))?( \(warning\))?$/.exec(line);
    if (!match) return [];
    // What cannot be parsed has no rule.
    const rule = match[5] === 'null' ? undefined : match[5];
    return [
      {
        file: match[1] ?? '',
        ...place(match[2], match[3]),
        severity: match[6] ? 'warning' : 'error',
        message: match[4] ?? '',
        source: 'standard',
        ...(rule === undefined ? {} : { rule }),
        ...(rule !== undefined && !rule.includes('/') ? { ruleUrl: `https://eslint.org/docs/latest/rules/${rule}` } : {}),
        ...tagsOf(rule ?? ''),
      },
    ];
  });
  return found(findings, input);
}

/** `file:1:5 error MD022/blanks-around-headings What is wrong [detail]` of both programs, on standard error. */
export function parseMarkdownlint(input: ParserInput): Parsed {
  const findings = lines(`${plain(input.stderr)}\n${plain(input.stdout)}`).flatMap((line): readonly ParsedFinding[] => {
    const match = /^(.+?):(\d+)(?::(\d+))? (?:(error|warning) )?((MD\d+|[\w-]+)(?:\/[\w-]+)+) (.*)$/.exec(line);
    if (!match) return [];
    const rule = match[6] ?? '';
    return [
      {
        file: match[1] ?? '',
        ...place(match[2], match[3]),
        severity: match[4] === 'warning' ? 'warning' : 'error',
        rule: match[5] ?? '',
        ...(/^MD\d+$/.test(rule)
          ? { ruleUrl: `https://github.com/DavidAnson/markdownlint/blob/main/doc/${rule.toLowerCase()}.md` }
          : {}),
        message: match[7] ?? '',
        source: 'markdownlint',
      },
    ];
  });
  return found(findings, input);
}

/** `file:1:5 - Unknown word (teh)`. */
export function parseCspell(input: ParserInput): Parsed {
  const findings = lines(input.stdout).flatMap((line): readonly ParsedFinding[] => {
    const match = /^(.+?):(\d+):(\d+)\s+- ((?:Unknown|Forbidden|Misspelled) word \((.*?)\).*)$/.exec(line);
    if (!match) return [];
    const column = Number(match[3]);
    return [
      {
        file: match[1] ?? '',
        ...place(match[2], column, match[2], column + (match[5] ?? '').length),
        severity: match[4]?.startsWith('Forbidden') ? 'error' : 'warning',
        message: match[4] ?? '',
        source: 'cspell',
      },
    ];
  });
  return found(findings, input);
}

/** `--format json`. */
export function parseHtmlhint(input: ParserInput): Parsed {
  const all = arrayIn(input.stdout);
  if (!all) return unreadable(input);
  const findings = all.flatMap((file) =>
    objects(file['messages']).map((each): ParsedFinding => {
      const rule = members(each['rule']);
      const url = stringOf(rule['link']);
      return {
        file: stringOf(file['file']),
        ...place(each['line'], each['col']),
        severity: severityOf(stringOf(each['type'])),
        rule: stringOf(rule['id']),
        ...(url === '' ? {} : { ruleUrl: url }),
        message: stringOf(each['message']),
        source: 'htmlhint',
      };
    }),
  );
  return found(findings, input);
}

const KNIP: Readonly<Record<string, string>> = {
  files: 'Nothing uses this file',
  dependencies: 'Nothing uses the dependency',
  devDependencies: 'Nothing uses the development dependency',
  optionalPeerDependencies: 'The optional peer dependency is referenced',
  unlisted: 'package.json does not list the dependency',
  binaries: 'package.json lists nothing that brings the program',
  unresolved: 'Nothing is found under the import',
  exports: 'Nothing uses the export',
  nsExports: 'Nothing uses the export of a namespace',
  types: 'Nothing uses the exported type',
  nsTypes: 'Nothing uses the exported type of a namespace',
  enumMembers: 'Nothing uses the member of the enumeration',
  namespaceMembers: 'Nothing uses the member of the namespace',
  classMembers: 'Nothing uses the member of the class',
  duplicates: 'It is exported more than once',
  catalog: 'Nothing uses the entry of the catalog',
  catalogReferences: 'The catalog has no entry',
};

const KNIP_UNUSED =
  /^(?:files|dependencies|devDependencies|exports|nsExports|types|nsTypes|enumMembers|namespaceMembers|classMembers)$/;

/** `--reporter json`: what is wrong by file and kind. Before version 6, files that nothing uses are a list of their own. */
export function parseKnip(input: ParserInput): Parsed {
  const document = withKey(input, 'issues');
  if (!document) return unreadable(input);
  const files = Array.isArray(document['files']) ? document['files'].map(stringOf) : [];
  const unused = files.map((file) => knipFinding(file, 'files', {}));
  const findings = objects(document['issues']).flatMap((file) =>
    // A kind that a newer version has found is better told by its name than not at all.
    [...new Set([...Object.keys(KNIP), ...Object.keys(file).filter((key) => key !== 'owners')])].flatMap((kind) =>
      issuesOf(file[kind]).map((each) => knipFinding(stringOf(file['file']), kind, each)),
    ),
  );
  return found([...unused, ...findings], input);
}

/** A list, a list of lists (what is the same in several places), or, of members, lists by what they are members of. */
function issuesOf(value: unknown): readonly Members[] {
  const lists = Array.isArray(value) ? value : isMembers(value) ? Object.values(value) : [];
  return objects(lists.flat());
}

function knipFinding(file: string, kind: string, issue: Members): ParsedFinding {
  const text = Object.hasOwn(KNIP, kind) ? KNIP[kind] : `Knip lists under "${kind}"`;
  const name = stringOf(issue['name']);
  return {
    file,
    ...place(issue['line'], issue['col']),
    severity: 'error',
    rule: kind,
    message: kind === 'files' || name === '' ? `${text}.` : `${text} "${name}".`,
    source: 'knip',
    ...(KNIP_UNUSED.test(kind) ? { tags: ['unused'] as const } : {}),
  };
}

/** `--circular --json`: lists of files that import each other in a circle. */
export function parseMadge(input: ParserInput): Parsed {
  const circles = findJson(input.stdout, (value): value is string[][] => Array.isArray(value) && value.every(Array.isArray));
  if (!circles) return unreadable(input);
  const findings = circles.map((circle): ParsedFinding => {
    const [first = ''] = circle;
    return {
      ...place(1),
      severity: 'error',
      message: `These files import each other: ${[...circle, first].join(' → ')}`,
      source: 'madge',
    };
  });
  return found(findings, input);
}

/** `--json`: dependencies that nothing uses, and those that are missing. */
export function parseDepcheck(input: ParserInput): Parsed {
  const document = withKey(input, 'dependencies');
  if (!document) return unreadable(input);
  const names = (key: string) => (Array.isArray(document[key]) ? document[key].map(stringOf) : []);
  const unused = [...names('dependencies'), ...names('devDependencies')].map(
    (name): ParsedFinding => ({
      file: 'package.json',
      ...place(1),
      severity: 'error',
      rule: 'unused',
      message: `Nothing uses the dependency "${name}".`,
      source: 'depcheck',
      tags: ['unused'],
    }),
  );
  const missing = Object.entries(members(document['missing'])).flatMap(([name, files]) =>
    (Array.isArray(files) ? files.map(stringOf) : []).map(
      (file): ParsedFinding => ({
        file,
        ...place(1),
        severity: 'error',
        rule: 'missing',
        message: `package.json does not list the dependency "${name}".`,
        source: 'depcheck',
      }),
    ),
  );
  return found([...unused, ...missing], input);
}

/** The report of `--json`: failed tests at the innermost line of their own file. */
export function parseJest(input: ParserInput): Parsed {
  const document = withKey(input, 'testResults');
  if (!document) return unreadable(input);
  return reported(objects(document['testResults']).flatMap((result) => jestFile(result)));
}

function jestFile(result: Members): readonly ParsedFinding[] {
  const file = pathOf(stringOf(result['name']));
  const failed = objects(result['assertionResults']).filter((test) => test['status'] === 'failed');
  if (failed.length > 0) return failed.map((test) => jestTest(file, test));
  const message = plain(stringOf(result['message'])).trim();
  if (result['status'] !== 'failed' || message === '') return [];
  const [text = ''] = message.split(/\n\s+at /);
  return [
    {
      ...testPlace(file, message),
      severity: 'error',
      message: text
        .replace(/^\s*● .*\n+/, '')
        .trim()
        .slice(0, 2000),
      source: 'jest',
    },
  ];
}

function jestTest(file: string, test: Members): ParsedFinding {
  const ancestors = Array.isArray(test['ancestorTitles']) ? test['ancestorTitles'].map(stringOf) : [];
  const failure = plain(Array.isArray(test['failureMessages']) ? stringOf(test['failureMessages'][0]) : '');
  const stack = failure.search(/^\s+at /m);
  const message = (stack < 0 ? failure : failure.slice(0, stack)).trim();
  const values = expectedValues(message);
  return {
    ...testPlace(file, stack < 0 ? '' : failure.slice(stack)),
    severity: 'error',
    message: `${[...ancestors, stringOf(test['title'])].join(' › ')}: ${(values ? message.split('\n\n')[0] : message) || 'failed'}`,
    source: 'jest',
    ...values,
  };
}

/** `--reporter=json`: tests that did not end as expected, at the line of their error. */
export function parsePlaywright(input: ParserInput): Parsed {
  const document = withKey(input, 'suites');
  if (!document) return unreadable(input);
  const root = stringOf(members(document['config'])['rootDir']);
  const tests = objects(document['suites']).flatMap((suite) => playwrightSuite(suite, [], root));
  const errors = objects(document['errors']).map((error): ParsedFinding => {
    const location = members(error['location']);
    const file = stringOf(location['file']);
    return {
      ...(file === '' ? {} : { file }),
      ...place(location['line'], location['column']),
      severity: 'error',
      message: plain(stringOf(error['message'])).trim(),
      source: 'playwright',
    };
  });
  return reported([...tests, ...errors]);
}

function playwrightSuite(suite: Members, titles: readonly string[], root: string): readonly ParsedFinding[] {
  const own = stringOf(suite['title']);
  // The outermost suite is named after its file.
  const path = own === stringOf(suite['file']) ? titles : [...titles, own];
  const specs = objects(suite['specs']).flatMap((spec) => {
    if (spec['ok'] === true) return [];
    const results = objects(spec['tests']).flatMap((test) => objects(test['results']));
    const result = members(results.findLast((each) => isMembers(each['error'])));
    const error = members(result['error']);
    // Older versions tell the place beside the error.
    const location = members(error['location'] ?? result['errorLocation']);
    const file = stringOf(location['file']) || `${root === '' ? '' : `${root}/`}${stringOf(spec['file'])}`;
    const message =
      plain(stringOf(error['message']))
        .trim()
        .split(/\n\s+at /)[0] ?? '';
    const values = expectedValues(message);
    return [
      {
        file,
        ...place(location['line'] ?? spec['line'], location['column'] ?? spec['column']),
        severity: 'error',
        message: `${[...path, stringOf(spec['title'])].filter(Boolean).join(' › ')}: ${(values ? message.split('\n\n')[0] : message) || 'failed'}`,
        source: 'playwright',
        ...values,
      } satisfies ParsedFinding,
    ];
  });
  return [...specs, ...objects(suite['suites']).flatMap((inner) => playwrightSuite(inner, path, root))];
}

/** `--output machine-verbose`: a time and a JSON object a line, positions from 0; of older versions a line of words, from 1. */
export function parseSvelteCheck(input: ParserInput): Parsed {
  const findings = lines(input.stdout).flatMap((line): readonly ParsedFinding[] => {
    const object = /^\d+ (\{.*\})$/.exec(line)?.[1];
    const said = object === undefined ? undefined : findJson(object, isMembers);
    if (said) return [svelteFinding(said)];
    const match = /^\d+ (ERROR|WARNING) "(.*?)" (\d+):(\d+) "(.*)"$/.exec(line);
    if (!match) return [];
    return [
      {
        file: match[2] ?? '',
        ...place(match[3], match[4]),
        severity: match[1] === 'ERROR' ? 'error' : 'warning',
        message: (match[5] ?? '').replaceAll('\\n', '\n').replaceAll('\\"', '"'),
        source: 'svelte-check',
      },
    ];
  });
  return found(findings, input);
}

function svelteFinding(said: Members): ParsedFinding {
  const [start, end] = [members(said['start']), members(said['end'])];
  const after = (value: unknown) => (typeof value === 'number' ? value + 1 : undefined);
  const { code, source } = said;
  const rule = typeof code === 'number' ? `TS${code}` : stringOf(code);
  const url = stringOf(members(said['codeDescription'])['href']);
  return {
    file: stringOf(said['filename']),
    ...place(after(start['line']), after(start['character']), after(end['line']), after(end['character'])),
    severity: said['type'] === 'ERROR' ? 'error' : 'warning',
    // The address of the rule stands below the message, too.
    message: stringOf(said['message']).replace(/\nhttps:\/\/svelte\.dev\/e\/\S+$/, ''),
    source: stringOf(source) === 'ts' ? 'ts' : 'svelte-check',
    ...(rule === '' ? {} : { rule }),
    ...(url === '' ? {} : { ruleUrl: url }),
    ...tagsOf(rule),
  };
}
