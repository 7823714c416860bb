/** Checks of what a package publishes, depends on and says in its commits. */
import { bytesText } from '../../messages.js';
import type { Severity } from '../../model.js';
import type { Parsed, ParsedFinding, ParserInput, ParserTable } from '../parsed.js';
import {
  findJson,
  found,
  isMembers,
  lines,
  type Members,
  members,
  objects,
  place,
  plain,
  reported,
  stringOf,
  unreadable,
} from './text.js';

/** The parsers by the ids that presets name. */
export const nodePackageParsers: ParserTable = {
  commitlint: parseCommitlint,
  publint: parsePublint,
  attw: parseAttw,
  'size-limit': parseSizeLimit,
  'npm-audit': parseNpmAudit,
  'yarn-audit': parseYarnAudit,
};

/** What it says of each commit, below the commit's header: `✖   subject may not be empty [subject-empty]`. */
export function parseCommitlint(input: ParserInput): Parsed {
  let header = '';
  const findings = lines(plain(input.stdout)).flatMap((line): readonly ParsedFinding[] => {
    header = /^⧗\s+input: (.*)$/.exec(line)?.[1] ?? header;
    const match = /^(✖|⚠)\s+(.*) \[([\w/@-]+)\]$/.exec(line);
    if (!match) return [];
    const rule = match[3] ?? '';
    return [
      {
        ...place(1),
        severity: match[1] === '✖' ? 'error' : 'warning',
        message: `${header}: ${match[2]}`,
        source: 'commitlint',
        rule,
        // Rules of plugins are documented elsewhere.
        ...(rule.includes('/') ? {} : { ruleUrl: `https://commitlint.js.org/reference/rules.html#${rule}` }),
      },
    ];
  });
  return found(findings, input);
}

const PUBLINT_HEADINGS: Readonly<Record<string, Severity>> = {
  'Errors:': 'error',
  'Warnings:': 'warning',
  'Suggestions:': 'information',
};

/** Numbered lines below `Errors:`, `Warnings:` and `Suggestions:`, all about package.json. */
export function parsePublint(input: ParserInput): Parsed {
  let severity: Severity | undefined;
  const findings = lines(plain(`${input.stdout}\n${input.stderr}`)).flatMap((line): readonly ParsedFinding[] => {
    severity = PUBLINT_HEADINGS[line.trim()] ?? severity;
    const message = /^\s*\d+\. (.*)$/.exec(line)?.[1];
    return message === undefined || !severity ? [] : [{ ...place(1), severity, message, source: 'publint' }];
  });
  return found(findings, input);
}

/** Kinds of problems, and what they mean where types are resolved. */
const ATTW_PROBLEMS: Readonly<Record<string, string>> = {
  NoResolution: 'It is not found.',
  UntypedResolution: 'It leads to JavaScript without type declarations.',
  FalseCJS: 'The types say that it is CommonJS, and it is an ECMAScript module.',
  FalseESM: 'The types say that it is an ECMAScript module, and it is CommonJS.',
  CJSResolvesToESM: 'A require() leads to an ECMAScript module.',
  FallbackCondition: 'The types are only found by a condition that should have been passed over.',
  CJSOnlyExportsDefault: 'It is CommonJS with nothing but a default export.',
  NamedExports: 'The types name exports that Node.js does not see.',
  FalseExportDefault: 'The types have a default export, and it assigns module.exports.',
  MissingExportEquals: 'The types lack the export = that would describe it.',
  UnexpectedModuleSyntax: 'The syntax is not that of the kind of module that it counts as.',
  InternalResolutionError: 'An import inside of the types is not found.',
};

const ATTW_DOCUMENTATION = 'https://github.com/arethetypeswrong/arethetypeswrong.github.io/blob/main/docs/problems/';

/** `--format json`: the problems of each kind, one finding for each entry point of the package. */
export function parseAttw(input: ParserInput): Parsed {
  const document = findJson(input.stdout, (value): value is Members => isMembers(value) && 'analysis' in value);
  if (!document) return unreadable(input);
  // It lists also what its options tell it to ignore; where nothing is left, it passes.
  if (input.exitCode === 0) return reported([]);
  const name = stringOf(members(document['analysis'])['packageName']);
  const findings = Object.entries(members(document['problems'])).flatMap(([kind, problems]) => {
    const kinds = new Map<string, string[]>();
    for (const problem of objects(problems)) {
      const entry = stringOf(problem['entrypoint']).replace(/^\./, name) || stringOf(problem['fileName']) || name;
      const resolution = stringOf(problem['resolutionKind']);
      kinds.set(entry, [...(kinds.get(entry) ?? []), ...(resolution === '' ? [] : [resolution])]);
    }
    return [...kinds].map(
      ([entry, resolutions]): ParsedFinding => ({
        ...place(1),
        severity: 'error',
        message: `${entry}${resolutions.length === 0 ? '' : ` (${resolutions.join(', ')})`}: ${ATTW_PROBLEMS[kind] ?? kind}`,
        source: 'attw',
        rule: kind,
        ruleUrl: `${ATTW_DOCUMENTATION}${kind}.md`,
      }),
    );
  });
  return found(findings, input);
}

/** `--json`: sizes in bytes and times in seconds, each with its limit. */
export function parseSizeLimit(input: ParserInput): Parsed {
  const isReport = (value: unknown): value is Members[] =>
    Array.isArray(value) && value.every((each) => isMembers(each) && 'name' in each);
  const all = findJson(input.stdout, isReport);
  if (!all) return unreadable(input);
  const findings = all.flatMap((each): readonly ParsedFinding[] => {
    if (each['passed'] !== false) return [];
    const [size, limit, time, longest] = [each['size'], each['sizeLimit'], each['total'], each['timeLimit']];
    const over = typeof size === 'number' && typeof limit === 'number' ? `${bytesText(size)} of at most ${bytesText(limit)}` : '';
    const late = typeof time === 'number' && typeof longest === 'number' ? `${time} s of at most ${longest} s` : '';
    const message = `${stringOf(each['name'])}: ${[over, late].filter(Boolean).join(', ') || 'over its limit'}`;
    return [{ ...place(1), severity: 'error', message, source: 'size-limit' }];
  });
  return found(findings, input);
}

// -------------------------------------------------------------------------------------------------------------- audits

/** `npm audit --json` and `pnpm audit --json`: packages with known vulnerabilities. */
export function parseNpmAudit(input: ParserInput): Parsed {
  const document = findJson(
    input.stdout,
    (value): value is Members => isMembers(value) && ('vulnerabilities' in value || 'advisories' in value),
  );
  if (!document) return unreadable(withWords(input, auditError(input)));
  const newer = Object.values(members(document['vulnerabilities']))
    .filter(isMembers)
    .flatMap((each) =>
      objects(each['via']).map(
        (via): ParsedFinding => ({
          file: 'package.json',
          ...place(1),
          severity: auditSeverity(stringOf(via['severity'])),
          rule: /GHSA-[\w-]+/.exec(stringOf(via['url']))?.[0] ?? String(via['source']),
          ruleUrl: stringOf(via['url']),
          message: `${stringOf(each['name'])} ${stringOf(via['range'])}: ${stringOf(via['title'])}`,
          source: 'audit',
        }),
      ),
    );
  const older = Object.values(members(document['advisories']))
    .filter(isMembers)
    .map(
      (each): ParsedFinding => ({
        file: 'package.json',
        ...place(1),
        severity: auditSeverity(stringOf(each['severity'])),
        rule: stringOf(each['github_advisory_id']) || String(each['id']),
        ruleUrl: stringOf(each['url']),
        message: `${stringOf(each['module_name'])} ${stringOf(each['vulnerable_versions'])}: ${stringOf(each['title'])}`,
        source: 'audit',
      }),
    );
  return found([...newer, ...older], input);
}

/** Why there is no report, as it says in place of one; empty when it does not. */
function auditError({ stdout }: ParserInput): string {
  const document = findJson(stdout, (value): value is Members => isMembers(value) && 'error' in value);
  const { message, summary } = members(document?.['error']);
  return stringOf(message) || stringOf(summary) || stringOf(document?.['message']);
}

/** With these as the only words that may tell why it ended; as it was when there are none. */
function withWords(input: ParserInput, words: string): ParserInput {
  return words === '' ? input : { ...input, stderr: words };
}

function auditSeverity(text: string): Severity {
  return ['critical', 'high'].includes(text) ? 'error' : text === 'moderate' ? 'warning' : 'information';
}

/** `--json`: of Yarn 1 an advisory a line for each place of a package, of Yarn 3 as npm once had it, of Yarn 4 a package a line. */
export function parseYarnAudit(input: ParserInput): Parsed {
  if (/^\{.*"advisories":/m.test(plain(input.stdout))) return parseNpmAudit(input);
  const documents = documentsOf(input.stdout);
  const told = new Set<string>();
  const findings = documents.flatMap((document): readonly ParsedFinding[] => {
    const advisory = members(members(document['data'])['advisory']);
    const children = members(document['children']);
    const one =
      document['type'] === 'auditAdvisory'
        ? {
            name: advisory['module_name'],
            range: advisory['vulnerable_versions'],
            title: advisory['title'],
            url: advisory['url'],
            severity: advisory['severity'],
            id: advisory['github_advisory_id'] ?? advisory['id'],
          }
        : {
            name: document['value'],
            range: children['Vulnerable Versions'],
            title: children['Issue'],
            url: children['URL'],
            severity: children['Severity'],
            id: children['ID'],
          };
    const url = stringOf(one.url);
    const finding: ParsedFinding = {
      file: 'package.json',
      ...place(1),
      severity: auditSeverity(stringOf(one.severity)),
      rule: /GHSA-[\w-]+/.exec(url)?.[0] ?? String(one.id),
      ...(url === '' ? {} : { ruleUrl: url }),
      message: `${stringOf(one.name)} ${stringOf(one.range)}: ${stringOf(one.title)}`,
      source: 'audit',
    };
    if (one.name === undefined || one.title === undefined || told.has(finding.message)) return [];
    told.add(finding.message);
    return [finding];
  });
  return found(findings, withWords(input, yarnError(input)));
}

/** Of a JSON document a line. */
function documentsOf(text: string): readonly Members[] {
  return lines(text).flatMap((line): readonly Members[] => {
    const document = line.startsWith('{') ? findJson(line, isMembers) : undefined;
    return document ? [document] : [];
  });
}

/** The first error of Yarn 1, `{"type":"error","data":"…"}`, or all lines with a code of a later one: `➤ YN0035: Not found`. */
function yarnError({ stdout, stderr }: ParserInput): string {
  const error = documentsOf(stderr).find(({ type }) => type === 'error');
  const coded = lines(stdout).flatMap((line) => /^➤ YN\d+: (.*)$/.exec(line)?.[1]?.trim() ?? []);
  return error === undefined ? coded.join(', ') : stringOf(error['data']);
}
