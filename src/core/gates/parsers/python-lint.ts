/** Linters and scanners of the Python world that write JSON or one finding a line. */
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
  place,
  plain,
  reported,
  stringOf,
  unreadable,
} from './text.js';

function arrayIn(input: ParserInput): readonly Members[] | undefined {
  return findJson(input.stdout, (value): value is Members[] => Array.isArray(value) && value.every(isMembers));
}

function jsonWith(input: ParserInput, key: string): Members | undefined {
  return findJson(input.stdout, (value): value is Members => isMembers(value) && key in value);
}

/** `--output-format=json`; its end column is the one after the last character. */
export function parseRuff(input: ParserInput): Parsed {
  const all = arrayIn(input);
  if (!all) return unreadable(input);
  const findings = all.map((each): ParsedFinding => {
    const [start, end] = [members(each['location']), members(each['end_location'])];
    const rule = stringOf(each['code']);
    const url = stringOf(each['url']);
    const unused = /^(?:F401|F811|F841|ARG\d+|ERA001|RUF059)$/.test(rule);
    return {
      file: stringOf(each['filename']),
      ...place(start['row'], start['column'], end['row'], end['column']),
      // What cannot be parsed has no code, or the name of this as one.
      severity: rule === '' || /^(?:E9|F|invalid-syntax$)/.test(rule) ? 'error' : 'warning',
      ...(rule === '' ? {} : { rule }),
      ...(url === '' ? {} : { ruleUrl: url }),
      message: stringOf(each['message']),
      source: 'ruff',
      ...(unused ? { tags: ['unused'] as const } : {}),
    };
  });
  return found(findings, input);
}

/**
 * The files that `ruff format --check` names, and what it cannot parse: newer versions give a line each in the format `concise`,
 * `file:1:2: kind: message`, older ones names on standard output and errors on the other one.
 */
export function parseRuffFormat(input: ParserInput): Parsed {
  const unformatted = (file: string, line?: string): ParsedFinding => {
    return { file, ...place(line ?? 1), severity: 'error', message: 'Ruff would format this file differently.', source: 'ruff' };
  };
  const formatted = lines(input.stdout).flatMap((line): readonly ParsedFinding[] => {
    const file = /^Would reformat: (.+)$/.exec(line)?.[1];
    if (file !== undefined) return [unformatted(file)];
    const match = /^(.+?):(\d+):(\d+): ([\w-]+): (.*)$/.exec(line);
    if (!match) return [];
    const [, name = '', row, column, kind = '', message = ''] = match;
    if (kind === 'unformatted') return [unformatted(name, row)];
    return [{ file: name, ...place(row, column), severity: 'error', rule: kind, message, source: 'ruff' }];
  });
  const broken = lines(input.stderr).flatMap((line): readonly ParsedFinding[] => {
    const match = /^error: Failed to parse (.+?):(\d+):(\d+): (.*)$/.exec(line);
    return match
      ? [{ file: match[1] ?? '', ...place(match[2], match[3]), severity: 'error', message: match[4] ?? '', source: 'ruff' }]
      : [];
  });
  return found([...formatted, ...broken], input);
}

const PYLINT: Readonly<Record<string, Severity>> = {
  error: 'error',
  fatal: 'error',
  warning: 'warning',
  refactor: 'information',
  convention: 'information',
  info: 'information',
};

/** `--output-format=json`. Its columns count from 0. */
export function parsePylint(input: ParserInput): Parsed {
  const all = arrayIn(input);
  if (!all) return unreadable(input);
  const one = (value: unknown): number | undefined => (typeof value === 'number' ? value + 1 : undefined);
  const findings = all.map((each): ParsedFinding => {
    const rule = stringOf(each['symbol']);
    const kind = stringOf(each['type']);
    return {
      file: stringOf(each['path']),
      ...place(each['line'], one(each['column']), each['endLine'], one(each['endColumn'])),
      severity: PYLINT[kind] ?? 'warning',
      rule,
      ruleUrl: `https://pylint.readthedocs.io/en/stable/user_guide/messages/${kind}/${rule}.html`,
      message: stringOf(each['message']),
      source: 'pylint',
      ...tagsOf(rule),
    };
  });
  return found(findings, input);
}

/** `ERROR: file Imports are incorrectly sorted and/or formatted.` on standard error. */
export function parseIsort(input: ParserInput): Parsed {
  const findings = lines(`${plain(input.stdout)}\n${plain(input.stderr)}`).flatMap((line): readonly ParsedFinding[] => {
    const match = /^ERROR: (.+?\.pyi?) (Imports are .*)$/.exec(line);
    return match ? [{ file: match[1] ?? '', ...place(1), severity: 'error', message: match[2] ?? '', source: 'isort' }] : [];
  });
  return found(findings, input);
}

/** `--outputjson`; its positions count from 0. */
export function parsePyright(input: ParserInput): Parsed {
  const document = jsonWith(input, 'generalDiagnostics');
  if (!document) return unreadable(input);
  const one = (value: unknown): number | undefined => (typeof value === 'number' ? value + 1 : undefined);
  const findings = objects(document['generalDiagnostics']).map((each): ParsedFinding => {
    const range = members(each['range']);
    const [start, end] = [members(range['start']), members(range['end'])];
    const rule = stringOf(each['rule']);
    const severity = stringOf(each['severity']);
    return {
      file: stringOf(each['file']),
      ...place(one(start['line']), one(start['character']), one(end['line']), one(end['character'])),
      severity: severity === 'error' ? 'error' : severity === 'warning' ? 'warning' : 'information',
      ...(rule === '' ? {} : { rule, ruleUrl: `https://microsoft.github.io/pyright/#/configuration?id=${rule}` }),
      message: stringOf(each['message']),
      source: 'pyright',
      ...tagsOf(rule),
    };
  });
  return found(findings, input);
}

/** `-f json`. Its columns count from 0. */
export function parseBandit(input: ParserInput): Parsed {
  const document = jsonWith(input, 'results');
  if (!document) return unreadable(input);
  const results = objects(document['results']).map((each): ParsedFinding => {
    const severity = stringOf(each['issue_severity']);
    const column = typeof each['col_offset'] === 'number' ? each['col_offset'] + 1 : undefined;
    return {
      file: stringOf(each['filename']),
      ...place(each['line_number'], column),
      severity: severity === 'HIGH' ? 'error' : severity === 'MEDIUM' ? 'warning' : 'information',
      rule: stringOf(each['test_id']),
      ruleUrl: stringOf(each['more_info']),
      message: stringOf(each['issue_text']),
      source: 'bandit',
    };
  });
  const errors = objects(document['errors']).map(
    (each): ParsedFinding => ({
      file: stringOf(each['filename']),
      ...place(1),
      severity: 'error',
      message: stringOf(each['reason']),
      source: 'bandit',
    }),
  );
  return found([...results, ...errors], input);
}

/** `file:4: unused function 'f' (60% confidence)`. */
export function parseVulture(input: ParserInput): Parsed {
  const findings = lines(`${plain(input.stdout)}\n${plain(input.stderr)}`).flatMap((line): readonly ParsedFinding[] => {
    const match = /^(.+?):(\d+): ((?:unused|unreachable|unsatisfiable|redundant) .*|invalid .*)$/.exec(line);
    return match
      ? [
          {
            file: match[1] ?? '',
            ...place(match[2]),
            severity: 'warning',
            message: match[3] ?? '',
            source: 'vulture',
            tags: ['unused'],
          },
        ]
      : [];
  });
  return found(findings, input);
}

/** `file:1: teh ==> the`. */
export function parseCodespell(input: ParserInput): Parsed {
  const findings = lines(input.stdout).flatMap((line): readonly ParsedFinding[] => {
    const match = /^(.+?):(\d+): (\S+ ==> .*)$/.exec(line);
    return match
      ? [{ file: match[1] ?? '', ...place(match[2]), severity: 'warning', message: match[3] ?? '', source: 'codespell' }]
      : [];
  });
  return found(findings, input);
}

/** `-f parsable`: `file:1:5: [error] too many spaces after colon (colons)`. */
export function parseYamllint(input: ParserInput): Parsed {
  const findings = lines(input.stdout).flatMap((line): readonly ParsedFinding[] => {
    const match = /^(.+?):(\d+):(\d+): \[(error|warning)\] (.*?)(?: \(([\w-]+)\))?$/.exec(line);
    if (!match) return [];
    const rule = match[6];
    const known = rule !== undefined && rule !== 'syntax';
    return [
      {
        file: match[1] ?? '',
        ...place(match[2], match[3]),
        severity: match[4] === 'error' ? 'error' : 'warning',
        message: match[5] ?? '',
        source: 'yamllint',
        ...(rule === undefined ? {} : { rule }),
        ...(known
          ? { ruleUrl: `https://yamllint.readthedocs.io/en/stable/rules.html#module-yamllint.rules.${rule.replaceAll('-', '_')}` }
          : {}),
      },
    ];
  });
  return found(findings, input);
}

/** `--format=json`: dependencies with known vulnerabilities. They stand where the gate does. */
export function parsePipAudit(input: ParserInput): Parsed {
  const document = jsonWith(input, 'dependencies');
  if (!document) return unreadable(input);
  const findings = objects(document['dependencies']).flatMap((dependency) =>
    objects(dependency['vulns']).map((each): ParsedFinding => {
      const fixed = Array.isArray(each['fix_versions']) ? each['fix_versions'].map(stringOf).join(', ') : '';
      const id = stringOf(each['id']);
      return {
        ...place(1),
        severity: 'error',
        rule: id,
        ruleUrl: `https://osv.dev/vulnerability/${id}`,
        message: `${stringOf(dependency['name'])} ${stringOf(dependency['version'])} has a known vulnerability${fixed === '' ? '' : `, fixed in ${fixed}`}.`,
        source: 'pip-audit',
      };
    }),
  );
  return found(findings, input);
}

/** Failed hooks: each place that one names, else the start of what it wrote. */
export function parsePreCommit(input: ParserInput): Parsed {
  const text = plain(input.stdout);
  const broken = /^An error has occurred: (.*)[\s\S]*?(?:^=====> (.*))?$(?=\nCheck the log)/m.exec(text);
  if (broken) return { kind: 'unreadable', detail: [broken[1]?.trim(), broken[2]].filter(Boolean).join(' ') };
  const findings = [
    ...text.matchAll(
      /^(.+?)\.{3,}(?:\(.*\))?Failed\n- hook id: (\S+)\n([\s\S]*?)(?=^.+?\.{3,}.*(?:Passed|Failed|Skipped)$|(?![\s\S]))/gm,
    ),
  ].flatMap(([, name = '', hook = '', written = '']) => hookFindings(name, hook, written));
  return found(findings, input);
}

function hookFindings(name: string, hook: string, written: string): readonly ParsedFinding[] {
  const output = written.split('\n').filter((line) => line.trim() !== '' && !/^- (?:exit code|duration): /.test(line));
  const base = { severity: 'error', rule: hook, source: 'pre-commit' } as const;
  const placed = output.flatMap((line): readonly ParsedFinding[] => {
    const match = /^((?:[A-Za-z]:)?[^\s:][^:\n]*\.\w+):(\d+)(?::(\d+))?:? +(.+)$/.exec(line);
    return match ? [{ file: match[1] ?? '', ...place(match[2], match[3]), ...base, message: match[4] ?? '' }] : [];
  });
  if (placed.length > 0) return placed;
  const shown = output.slice(0, 12).join('\n');
  return [{ ...place(1), ...base, message: `${name} failed${shown === '' ? '.' : `:\n${shown}`}` }];
}

/** Failures and errors of `python -m unittest`, at the innermost line of the test's own file. */
export function parseUnittest(input: ParserInput): Parsed {
  const text = `${plain(input.stderr)}\n${plain(input.stdout)}`;
  const findings = [...text.matchAll(/^={20,}\n(?:FAIL|ERROR): (.+)\n(?:.*\n)?-{20,}\n([\s\S]*?)(?=^={20,}$|^-{20,}$)/gm)].map(
    (match): ParsedFinding => {
      const body = match[2] ?? '';
      const frames = [...body.matchAll(/^ {2}File "(.+?)", line (\d+)/gm)].filter(
        (frame) => !/[\\/]lib[\\/]python|site-packages/.test(frame[1] ?? ''),
      );
      const [first] = frames;
      const own = frames.findLast((frame) => frame[1] === first?.[1]);
      const message =
        body
          .trimEnd()
          .split('\n\n')[0]
          ?.split('\n')
          .filter((line) => !/^(?: |Traceback)/.test(line))
          .join('\n') ?? '';
      const compared = /^AssertionError: (.+?) != (.+?)(?: : .*)?$/m.exec(message);
      return {
        ...(own ? { file: own[1] ?? '' } : {}),
        ...place(own?.[2]),
        severity: 'error',
        message: `${match[1]}: ${message || 'failed'}`,
        source: 'unittest',
        ...(compared ? { actual: compared[1] ?? '', expected: compared[2] ?? '' } : {}),
      };
    },
  );
  return found(findings, input);
}

/** Failed examples of `python -m doctest`. */
export function parseDoctest(input: ParserInput): Parsed {
  const text = plain(input.stdout);
  const findings = [
    ...text.matchAll(/^File "(.+?)", line (\d+), in (.+)\nFailed example:\n([\s\S]*?)(?=^\*{20,}$|(?![\s\S]))/gm),
  ].map((match): ParsedFinding => {
    const body = match[4] ?? '';
    const part = (name: string) =>
      new RegExp(`^${name}:\\n([\\s\\S]*?)(?=^\\S|(?![\\s\\S]))`, 'm').exec(body)?.[1]?.replace(/^ {4}/gm, '').trimEnd();
    const [expected, actual] = [part('Expected'), part('Got')];
    const raised = /^Exception raised:\n[\s\S]*\n {4}(\S.*)\n/m.exec(body)?.[1];
    const example = body.split('\n')[0]?.trim() ?? '';
    return {
      file: match[1] ?? '',
      ...place(match[2]),
      severity: 'error',
      message: `${match[3]}: ${example}${raised === undefined ? '' : ` raised ${raised}`}`,
      source: 'doctest',
      ...(expected === undefined || actual === undefined ? {} : { expected, actual }),
    };
  });
  return found(findings, input);
}

// -------------------------------------------------------------------------------------------------------------- Safety

/** `-> Vulnerability found in django version 2.2`, and what stands below it. */
export function parseSafety(input: ParserInput): Parsed {
  const findings = plain(input.stdout)
    .split(/^ *-> (?=Vulnerability found in )/m)
    .slice(1)
    .map((block): ParsedFinding => {
      const about = /^Vulnerability found in (\S+) version (\S+)/.exec(block);
      const part = (name: string) => new RegExp(`^ *${name}: *(.*)$`, 'm').exec(block)?.[1]?.trim();
      const [id, advisory] = [part('Vulnerability ID'), part('ADVISORY')];
      const url = /please visit (\S+)/.exec(block)?.[1];
      return {
        ...place(1),
        severity: 'error',
        message: `${about?.[1] ?? ''} ${about?.[2] ?? ''}: ${advisory || 'it has a known vulnerability'}`,
        source: 'safety',
        ...(id ? { rule: id } : {}),
        ...(url === undefined ? {} : { ruleUrl: url }),
      };
    });
  // The screen of `safety scan` is for people alone.
  return input.exitCode === 64 ? reported(findings) : found(findings, input);
}
