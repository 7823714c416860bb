/** Linters and formatters: ESLint (and XO, which writes the same), Biome, Prettier. */
import type { Severity } from '../../model.js';
import type { Parsed, ParsedFinding, ParserInput } from '../parsed.js';
import { tagsOf } from './formats.js';
import {
  findJson,
  found,
  isMembers,
  lines,
  type Members,
  members,
  objects,
  pathOf,
  place,
  stringOf,
  unreadable,
} from './text.js';

// -------------------------------------------------------------------------------------------------------------- ESLint

/** Reads the formats `json` and `json-with-metadata`, from the report or from standard output. */
export function parseEslint(input: ParserInput): Parsed {
  const output = [input.report ?? '', input.stdout]
    .map((text) => findJson(text, isEslintOutput))
    .find((value) => value !== undefined);
  if (output === undefined) return unreadable(input);
  const rules = isMembers(output) ? members(members(output['metadata'])['rulesMeta']) : {};
  const results = eslintResults(output);
  const countsIgnored = results.some((result) => objects(result['messages']).some(isIgnored));
  return {
    kind: 'findings',
    findings: results.flatMap((result) => eslintFindings(result, rules)),
    ...(countsIgnored ? { countsIgnored } : {}),
  };
}

type EslintOutput = readonly unknown[] | Members;

function isEslintOutput(value: unknown): value is EslintOutput {
  const results = Array.isArray(value) ? value : isMembers(value) ? value['results'] : undefined;
  return Array.isArray(results) && results.every((result) => isMembers(result) && Array.isArray(result['messages']));
}

function eslintResults(output: EslintOutput): readonly Members[] {
  return objects(isMembers(output) ? output['results'] : output);
}

/** A chosen file that the configuration ignores is not a finding: nobody who runs the whole gate would see it. */
function isIgnored(message: Members): boolean {
  return stringOf(message['ruleId']) === '' && stringOf(message['message']).startsWith('File ignored');
}

function eslintFindings(result: Members, rules: Members): readonly ParsedFinding[] {
  return objects(result['messages']).flatMap((message) => {
    const text = stringOf(message['message']);
    const rule = stringOf(message['ruleId']);
    if (isIgnored(message)) return [];
    const url = stringOf(members(members(rules[rule])['docs'])['url']) || eslintRuleUrl(rule);
    return {
      ...placeOf(stringOf(result['filePath'])),
      ...place(message['line'], message['column'], message['endLine'], message['endColumn']),
      severity: message['severity'] === 1 ? 'warning' : 'error',
      ...(rule === '' ? {} : { rule }),
      ...(url === '' ? {} : { ruleUrl: url }),
      message: text,
      source: 'eslint',
      ...tagsOf(rule),
    } satisfies ParsedFinding;
  });
}

/** Where well-known plugins document their rules, for output that does not say it. */
const RULE_PAGES: Readonly<Record<string, (rule: string) => string>> = {
  '@typescript-eslint': (rule) => `https://typescript-eslint.io/rules/${rule}`,
  '@stylistic': (rule) => `https://eslint.style/rules/${rule}`,
  unicorn: (rule) => `https://github.com/sindresorhus/eslint-plugin-unicorn/blob/main/docs/rules/${rule}.md`,
  n: (rule) => `https://github.com/eslint-community/eslint-plugin-n/blob/HEAD/docs/rules/${rule}.md`,
  import: (rule) => `https://github.com/import-js/eslint-plugin-import/blob/main/docs/rules/${rule}.md`,
  'import-x': (rule) => `https://github.com/un-ts/eslint-plugin-import-x/blob/master/docs/rules/${rule}.md`,
  promise: (rule) => `https://github.com/eslint-community/eslint-plugin-promise/blob/main/docs/rules/${rule}.md`,
  '@eslint-community/eslint-comments': (rule) =>
    `https://eslint-community.github.io/eslint-plugin-eslint-comments/rules/${rule}.html`,
};

function eslintRuleUrl(rule: string): string {
  const slash = rule.lastIndexOf('/');
  if (slash < 0) return /^[a-z][a-z-]*$/.test(rule) ? `https://eslint.org/docs/latest/rules/${rule}` : '';
  const plugin = rule.slice(0, slash);
  return Object.hasOwn(RULE_PAGES, plugin) ? (RULE_PAGES[plugin]?.(rule.slice(slash + 1)) ?? '') : '';
}

// --------------------------------------------------------------------------------------------------------------- Biome

const ANNOTATION = /^::(error|warning|notice|debug) (.*?)::(.*)$/;
const ANNOTATION_SEVERITIES: Readonly<Record<string, Severity>> = {
  error: 'error',
  warning: 'warning',
  notice: 'information',
  debug: 'hint',
};

/** Reads the reporter `github`: one workflow command a diagnostic. */
export function parseBiome(input: ParserInput): Parsed {
  const findings = lines(input.stdout).flatMap((line) => {
    const match = ANNOTATION.exec(line);
    if (match === null) return [];
    const properties = new Map((match[2] ?? '').split(',').map((pair) => splitAt(pair, '=')));
    const rule = unescaped(properties.get('title') ?? '');
    const message = unescaped(match[3] ?? '').trim();
    const unformatted = rule === 'format' && /would have printed|differs from formatting/.test(message);
    const url = biomeRuleUrl(rule);
    return {
      ...placeOf(unescaped(properties.get('file') ?? '')),
      ...(unformatted
        ? place(1)
        : place(properties.get('line'), properties.get('col'), properties.get('endLine'), properties.get('endColumn'))),
      severity: ANNOTATION_SEVERITIES[match[1] ?? ''] ?? 'error',
      ...(rule === '' ? {} : { rule }),
      ...(url === '' ? {} : { ruleUrl: url }),
      message: unformatted ? notFormatted('Biome') : message,
      source: 'biome',
      ...tagsOf(rule),
    } satisfies ParsedFinding;
  });
  return found(findings, input);
}

function splitAt(text: string, separator: string): [string, string] {
  const index = text.indexOf(separator);
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)];
}

/** Workflow commands escape what would end a line or a property. */
function unescaped(text: string): string {
  return text.replace(/%(0D|0A|3A|2C|25)/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

function biomeRuleUrl(rule: string): string {
  const match = /^(lint|assist)\/\w+\/(\w+)$/.exec(rule);
  if (match === null) return '';
  const page = (match[2] ?? '').replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
  return match[1] === 'lint' ? `https://biomejs.dev/linter/rules/${page}` : `https://biomejs.dev/assist/actions/${page}`;
}

// ------------------------------------------------------------------------------------------------------------ Prettier

/** Reads the names on standard output and the files that could not be parsed on standard error. */
export function parsePrettier(input: ParserInput): Parsed {
  const broken = lines(input.stderr).flatMap((line) => {
    const match = /^\[error\] (.+?): (\w*Error: .*?)(?: \((\d+):(\d+)\))?$/.exec(line);
    return match === null
      ? []
      : [{ ...placeOf(match[1] ?? ''), ...place(match[3], match[4]), ...wrong('prettier', match[2] ?? '') }];
  });
  const names = input.exitCode === 0 ? [] : lines(input.stdout).filter((line) => line.trim() !== '');
  const unformatted = names.map((file) => ({ file, ...place(1), ...wrong('prettier', notFormatted('Prettier')) }));
  return found([...broken, ...unformatted], input);
}

// -------------------------------------------------------------------------------------------------------------- shared

function placeOf(file: string): { readonly file?: string } {
  return file === '' ? {} : { file: pathOf(file) };
}

function notFormatted(tool: string): string {
  return `The file is not formatted the way ${tool} formats it.`;
}

function wrong(
  source: string,
  message: string,
): { readonly severity: Severity; readonly message: string; readonly source: string } {
  return { severity: 'error', message, source };
}
