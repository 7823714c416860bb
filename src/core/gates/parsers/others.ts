/** The parsers of the tools in presets/others.ts, by the ids that presets name. */
import type { Severity } from '../../model.js';
import type { Parsed, ParsedFinding, ParserInput, ParserTable } from '../parsed.js';
import { documentOf, parseJunit, parseSarif, tagsOf } from './formats.js';
import {
  comparedValues,
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
  valuesOf,
} from './text.js';

export const otherParsers: ParserTable = {
  shellcheck: parseShellcheck,
  shfmt: parseShfmt,
  hadolint: parseHadolint,
  actionlint: parseActionlint,
  gitleaks: parseGitleaks,
  semgrep: (input) => parseSarif(input, 'semgrep'),
  rubocop: parseRubocop,
  rspec: parseRspec,
  phpunit: (input) => parseJunit(input, 'phpunit'),
  phpstan: parsePhpstan,
  dotnet: parseDotnet,
  maven: parseMaven,
  gradle: parseGradle,
  'terraform-fmt': parseTerraformFmt,
  'terraform-validate': parseTerraformValidate,
};

function jsonWith(input: ParserInput, accepts: (value: Members) => boolean): Members | undefined {
  return findJson(documentOf(input), (value): value is Members => isMembers(value) && accepts(value));
}

function arrayIn(input: ParserInput): readonly Members[] | undefined {
  return findJson(documentOf(input), (value): value is Members[] => Array.isArray(value) && value.every(isMembers));
}

const SEVERITIES: Readonly<Record<string, Severity>> = {
  error: 'error',
  warning: 'warning',
  info: 'information',
  style: 'hint',
  ignore: 'hint',
};

// --------------------------------------------------------------------------------------------------------------- shells

/** `--format=json1`. Its columns count from 1, tabs as one. */
function parseShellcheck(input: ParserInput): Parsed {
  const document = jsonWith(input, (value) => Array.isArray(value['comments']));
  if (!document) return unreadable(input);
  const findings = objects(document['comments']).map((comment): ParsedFinding => {
    const rule = `SC${String(comment['code'])}`;
    return {
      file: stringOf(comment['file']),
      ...place(comment['line'], comment['column'], comment['endLine'], comment['endColumn']),
      severity: SEVERITIES[stringOf(comment['level'])] ?? 'warning',
      rule,
      ruleUrl: `https://www.shellcheck.net/wiki/${rule}`,
      message: stringOf(comment['message']),
      source: 'shellcheck',
      ...(rule === 'SC2034' ? { tags: ['unused'] as const } : {}),
    };
  });
  return found(findings, input);
}

/** The files of the differences that shfmt prints, and what it cannot parse. */
function parseShfmt(input: ParserInput): Parsed {
  const changed = lines(input.stdout).flatMap((line, index, all): readonly ParsedFinding[] => {
    const file = /^--- (.+?)(?:\.orig)?$/.exec(line)?.[1];
    if (file === undefined || !all[index + 1]?.startsWith('+++ ')) return [];
    const hunk = /^@@ -(\d+)/.exec(all[index + 2] ?? '')?.[1];
    return [{ file, ...place(hunk), severity: 'error', message: 'shfmt would format this differently.', source: 'shfmt' }];
  });
  const broken = lines(input.stderr).flatMap((line): readonly ParsedFinding[] => {
    const match = /^(.+?):(\d+):(\d+): (.*)$/.exec(line);
    return match
      ? [{ file: match[1] ?? '', ...place(match[2], match[3]), severity: 'error', message: match[4] ?? '', source: 'shfmt' }]
      : [];
  });
  return found([...changed, ...broken], input);
}

// ---------------------------------------------------------------------------------------------- containers, workflows

/** `--format json`. */
function parseHadolint(input: ParserInput): Parsed {
  const entries = arrayIn(input);
  if (!entries) return unreadable(input);
  const findings = entries.map((each): ParsedFinding => {
    const rule = stringOf(each['code']);
    const wiki = rule.startsWith('SC') ? 'https://www.shellcheck.net/wiki/' : 'https://github.com/hadolint/hadolint/wiki/';
    return {
      file: stringOf(each['file']),
      ...place(each['line'], each['column']),
      severity: SEVERITIES[stringOf(each['level'])] ?? 'warning',
      rule,
      ruleUrl: wiki + rule,
      message: stringOf(each['message']),
      source: 'hadolint',
    };
  });
  return found(findings, input);
}

/** `-format '{{json .}}'`. */
function parseActionlint(input: ParserInput): Parsed {
  const entries = arrayIn(input);
  if (!entries) return unreadable(input);
  const findings = entries.map((each): ParsedFinding => {
    const column = Number(each['column']);
    const end = Number(each['end_column']);
    return {
      file: stringOf(each['filepath']),
      // Its end column is that of the last character.
      ...place(each['line'], column, each['line'], Number.isFinite(end) ? end + 1 : undefined),
      severity: 'error',
      rule: stringOf(each['kind']),
      message: stringOf(each['message']),
      source: 'actionlint',
    };
  });
  return found(findings, input);
}

/** Its JSON report. The secret itself is left out. */
function parseGitleaks(input: ParserInput): Parsed {
  const entries = arrayIn(input);
  if (!entries) return unreadable(input);
  const findings = entries.map(
    (each): ParsedFinding => ({
      file: stringOf(each['File']),
      ...place(Number(each['StartLine']) || 1, each['StartColumn'], each['EndLine'], Number(each['EndColumn']) + 1),
      severity: 'error',
      rule: stringOf(each['RuleID']),
      message: stringOf(each['Description']) || 'A secret.',
      source: 'gitleaks',
    }),
  );
  return found(findings, input);
}

// ---------------------------------------------------------------------------------------------------------------- Ruby

/** `--format json`. */
function parseRubocop(input: ParserInput): Parsed {
  const document = jsonWith(input, (value) => Array.isArray(value['files']));
  if (!document) return unreadable(input);
  const findings = objects(document['files']).flatMap((file) =>
    objects(file['offenses']).map((offense): ParsedFinding => {
      const location = members(offense['location']);
      const rule = stringOf(offense['cop_name']);
      const severity = stringOf(offense['severity']);
      return {
        file: stringOf(file['path']),
        ...place(location['start_line'], location['start_column'], location['last_line'], Number(location['last_column']) + 1),
        severity: severity === 'error' || severity === 'fatal' ? 'error' : severity === 'info' ? 'information' : 'warning',
        rule,
        ...copUrl(rule),
        message: withoutPrefix(stringOf(offense['message']), `${rule}: `),
        source: 'rubocop',
        ...tagsOf(rule.replace('/', '_')),
      };
    }),
  );
  return reported(findings);
}

function withoutPrefix(text: string, prefix: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : text;
}

function copUrl(rule: string): { readonly ruleUrl?: string } {
  const [department = '', name = ''] = rule.split('/');
  if (!/^(?:Bundler|Gemspec|Layout|Lint|Metrics|Migration|Naming|Security|Style)$/.test(department)) return {};
  return {
    ruleUrl: `https://docs.rubocop.org/rubocop/cops_${department.toLowerCase()}.html#${(department + name).toLowerCase()}`,
  };
}

/** `--format json`: failed examples at the innermost line of their own file. */
function parseRspec(input: ParserInput): Parsed {
  const document = jsonWith(input, (value) => Array.isArray(value['examples']));
  if (!document) return unreadable(input);
  const failed = objects(document['examples']).filter((example) => example['status'] === 'failed');
  const findings = failed.map((example): ParsedFinding => {
    const exception = members(example['exception']);
    const file = stringOf(example['file_path']).replace(/^\.\//, '');
    const trace = Array.isArray(exception['backtrace']) ? exception['backtrace'].map(stringOf) : [];
    const own = trace.find((line) => line.replace(/^\.\//, '').split(':')[0]?.endsWith(file));
    const message = plain(stringOf(exception['message'])).trim();
    const expected = /^\s*expected: (.*)$/m.exec(message)?.[1];
    const actual = /^\s*got: (.*)$/m.exec(message)?.[1];
    return {
      file,
      ...place(/:(\d+)(?::|$)/.exec(own ?? '')?.[1] ?? example['line_number']),
      severity: 'error',
      message: `${stringOf(example['full_description'])}: ${message}`,
      source: 'rspec',
      ...(expected === undefined || actual === undefined ? {} : { expected, actual }),
    };
  });
  const outside = members(document['summary'])['errors_outside_of_examples_count'];
  if (findings.length === 0 && typeof outside === 'number' && outside > 0) {
    const messages = Array.isArray(document['messages']) ? document['messages'].map(stringOf) : [];
    return {
      kind: 'unreadable',
      detail: plain(messages.join('\n')).trim().split('\n').slice(0, 4).join(' ') || 'it could not load the examples',
    };
  }
  return reported(findings);
}

// ----------------------------------------------------------------------------------------------------------------- PHP

/** `--error-format=json`. */
function parsePhpstan(input: ParserInput): Parsed {
  const document = jsonWith(input, (value) => isMembers(value['totals']));
  if (!document) return unreadable(input);
  const inFiles = Object.entries(members(document['files'])).flatMap(([file, each]) =>
    objects(members(each)['messages']).map((message): ParsedFinding => {
      const rule = stringOf(message['identifier']);
      const tip = stringOf(message['tip']);
      return {
        // A trait is told with where it is used.
        file: file.replace(/ \(in context of .*\)$/, ''),
        ...place(message['line']),
        severity: 'error',
        message: stringOf(message['message']) + (tip === '' ? '' : `\n${tip}`),
        source: 'phpstan',
        ...(rule === '' ? {} : { rule, ruleUrl: `https://phpstan.org/error-identifiers/${rule}` }),
        ...tagsOf(rule),
      };
    }),
  );
  const general = Array.isArray(document['errors']) ? document['errors'].map(stringOf) : [];
  const others = general.map((message): ParsedFinding => ({ ...place(1), severity: 'error', message, source: 'phpstan' }));
  return found([...inFiles, ...others], input);
}

// --------------------------------------------------------------------------------------------------------- .NET and JVM

/** Where compiler, quality and style rules are documented. */
const DOTNET_PAGES: Readonly<Record<string, string>> = {
  CS: 'csharp/misc',
  CA: 'fundamentals/code-analysis/quality-rules',
  IDE: 'fundamentals/code-analysis/style-rules',
};

/** `file(12,3): error CS0103: message [project]` of MSBuild, and failed tests with the place of their stack trace. */
function parseDotnet(input: ParserInput): Parsed {
  const text = `${plain(input.stdout)}\n${plain(input.stderr)}`;
  const seen = new Set<string>();
  const built = lines(text).flatMap((line): readonly ParsedFinding[] => {
    const match = /^\s*(.+?)\((\d+),(\d+)(?:,(\d+),(\d+))?\): (error|warning) (\w+): (.*?)(?: \[[^\]]+\])?$/.exec(line);
    if (!match || seen.has(line.trim())) return [];
    seen.add(line.trim());
    const rule = match[7] ?? '';
    const page = DOTNET_PAGES[/^(CS|CA|IDE)\d+$/.exec(rule)?.[1] ?? ''];
    return [
      {
        file: match[1] ?? '',
        ...place(match[2], match[3], match[4], match[5]),
        severity: match[6] === 'error' ? 'error' : 'warning',
        rule,
        ...(page ? { ruleUrl: `https://learn.microsoft.com/dotnet/${page}/${rule.toLowerCase()}` } : {}),
        message: match[8] ?? '',
        source: 'dotnet',
        ...(rule === 'CS0618' || rule === 'CS0612' ? { tags: ['deprecated'] as const } : {}),
      },
    ];
  });
  const tests = [
    ...text.matchAll(
      /^[ \t]+Failed (\S.*?) \[[^\]]*\]\r?\n([\s\S]*?)(?=^[ \t]+(?:Failed|Passed|Skipped) \S|^(?:Failed|Passed)!|(?![\s\S]))/gm,
    ),
  ].map((match): ParsedFinding => {
    const body = match[2] ?? '';
    const at = / in (.+?):line (\d+)/.exec(body);
    const message = /Error Message:\s*\n([\s\S]*?)(?=\n\s*Stack Trace:|\n\s*Standard Output|(?![\s\S]))/.exec(body)?.[1] ?? '';
    const text = message
      .split('\n')
      .map((line) => line.trim())
      .join('\n')
      .trim();
    return {
      ...(at ? { file: at[1] ?? '' } : {}),
      ...place(at?.[2]),
      severity: 'error',
      message: `${match[1]}: ${text || 'failed'}`,
      source: 'dotnet test',
      ...comparedValues(text),
    };
  });
  return found([...built, ...tests], input);
}

/** `[ERROR] /path/File.java:[12,5] message` of the compiler, and failed tests as Surefire lists them. */
function parseMaven(input: ParserInput): Parsed {
  const all = lines(input.stdout);
  const seen = new Set<string>();
  const places = surefirePlaces(all);
  const findings = all.flatMap((line): readonly ParsedFinding[] => {
    const compiled = /^\[(ERROR|WARNING)\] (.+?\.\w+):\[(\d+),(\d+)\] (.*)$/.exec(line);
    const test = /^\[ERROR\]\s+([\w.$]+)\.([\w$]+):(\d+)(?:->[\w.$:]+)? ?(.*)$/.exec(line);
    if ((!compiled && !test) || seen.has(line)) return [];
    seen.add(line);
    if (compiled) {
      const severity = compiled[1] === 'ERROR' ? 'error' : 'warning';
      return [
        { file: compiled[2] ?? '', ...place(compiled[3], compiled[4]), severity, message: compiled[5] ?? '', source: 'maven' },
      ];
    }
    const [, type = '', method = '', at, message = ''] = test ?? [];
    const file = places.get(type.replace(/\$.*$/, '').split('.').at(-1) ?? '');
    const values = /^(.*?)expected: ?<(.*)> but was: ?<(.*)>$/.exec(message);
    const what = values ? values[1]?.replace(/ ==> $| $/, '') || 'not as expected' : message;
    return [
      {
        ...(file === undefined ? {} : { file }),
        ...place(at),
        severity: 'error',
        message: `${type}.${method}: ${what || 'failed'}`,
        source: 'maven',
        ...valuesOf(values?.[2], values?.[3]),
      },
    ];
  });
  return found(findings.length > 0 ? findings : mavenGoals(all), input);
}

/** A goal that failed as Maven understands it: it found what it looks for. Any other end of a goal is one that could not do its work. */
function mavenGoals(all: readonly string[]): readonly ParsedFinding[] {
  if (!all.some((line) => line.endsWith('/MojoFailureException'))) return [];
  return all.flatMap((line): readonly ParsedFinding[] => {
    const match =
      /^\[ERROR\] Failed to execute goal [\w.-]+:([\w.-]+):[\w.-]+:([\w-]+)(?: \(.*?\))? on project ([\w.-]+): (.*?)(?: -> \[Help \d+\])?$/.exec(
        line,
      );
    if (!match) return [];
    const [, plugin = '', goal = '', project = '', message = ''] = match;
    return [{ ...place(1), severity: 'error', rule: `${plugin}:${goal}`, message: `${project}: ${message}`, source: 'maven' }];
  });
}

const JVM_FOLDERS: Readonly<Record<string, string>> = { java: 'java', kt: 'kotlin', groovy: 'groovy', scala: 'scala' };

/** Where the classes of tests stand by Maven's layout, by their simple names: Surefire names them in full only where it runs them. */
function surefirePlaces(all: readonly string[]): ReadonlyMap<string, string> {
  const text = all.join('\n');
  const endings = new Map(
    [...text.matchAll(/^[ \t]+at ([\w.]+)\.[\w$<>]+\(\w+\.(java|kt|groovy|scala):\d+\)$/gm)].map(([, type = '', end = '']) => [
      type,
      end,
    ]),
  );
  const places = new Map<string, string>();
  let module = '';
  for (const line of all) {
    const from = /^\[INFO\]\s+from (?:(.+)[\\/])?pom\.xml$/.exec(line);
    if (from) module = from[1] === undefined ? '' : `${from[1]}/`;
    const type = /^\[INFO\] Running ([\w.]+)$/.exec(line)?.[1];
    if (type === undefined) continue;
    const end = endings.get(type) ?? 'java';
    places.set(type.split('.').at(-1) ?? '', `${module}src/test/${JVM_FOLDERS[end]}/${type.replaceAll('.', '/')}.${end}`);
  }
  return places;
}

/** `file.java:12: error: message`, `e: file.kt:12:5 message`, and failed tests with the first place below them. */
function parseGradle(input: ParserInput): Parsed {
  const all = lines(`${plain(input.stdout)}\n${plain(input.stderr)}`);
  let project = '';
  const findings = all.flatMap((line, index): readonly ParsedFinding[] => {
    const task = /^(?:> Task )?:((?:[\w.-]+:)*)\w+/.exec(line);
    if (task) project = (task[1] ?? '').replaceAll(':', '/');
    const java = /^(.+?\.(?:java|groovy|scala)):(\d+): (?:(error|warning): )?(.*)$/.exec(line);
    const kotlin = /^([ew]): (?:file:\/\/)?(.+?\.kts?):\(?(\d+)[:,] ?(\d+)\)?:? (.*)$/.exec(line);
    const test = /^(\S+)(?: > (.+))? > (.+?) FAILED$/.exec(line);
    if (java)
      return [
        {
          file: java[1] ?? '',
          ...place(java[2]),
          severity: java[3] === 'warning' ? 'warning' : 'error',
          message: java[4] ?? '',
          source: 'gradle',
        },
      ];
    if (kotlin)
      return [
        {
          file: kotlin[2] ?? '',
          ...place(kotlin[3], kotlin[4]),
          severity: kotlin[1] === 'e' ? 'error' : 'warning',
          message: kotlin[5] ?? '',
          source: 'gradle',
        },
      ];
    if (!test) return [];
    const below = all.slice(index + 1, index + 8);
    const at = below.map((each) => /(?:\(|at )(\w+\.(java|kt|groovy|scala)):(\d+)\)?/.exec(each)).find((match) => match !== null);
    const folder = (test[1] ?? '').split('.').slice(0, -1).join('/');
    const message = (below[0]?.trim() ?? '').replace(/ at \w+\.\w+:\d+$/, '');
    return [
      {
        // By the layout that Gradle takes over from Maven.
        ...(at ? { file: `${project}src/test/${JVM_FOLDERS[at[2] ?? '']}/${folder === '' ? '' : `${folder}/`}${at[1]}` } : {}),
        ...place(at?.[3]),
        severity: 'error',
        message: `${test[1]} › ${test[3]}: ${message || 'failed'}`,
        source: 'gradle',
        ...comparedValues(message),
      },
    ];
  });
  const wrong = [...all.join('\n').matchAll(/^\* What went wrong:\n(.+(?:\n.+){0,2})/gm)].map(([, text = '']) =>
    text.replace(/\s*\n[\s>]*/g, ' '),
  );
  if (findings.length > 0 || input.exitCode === 0 || wrong.length === 0) return found(findings, input);
  // A task that ran and failed is a check that found something; what else goes wrong keeps tasks from running.
  const tasks = wrong.flatMap((text): readonly ParsedFinding[] => {
    const [, task = '', message = ''] = /^Execution failed for task '(.+?)'(?: \(.*?\))?\. (.*)$/.exec(text) ?? [];
    return task === '' || message.startsWith('Could not resolve ')
      ? []
      : [{ ...place(1), severity: 'error', rule: task, message, source: 'gradle' }];
  });
  return tasks.length > 0 ? { kind: 'findings', findings: tasks } : { kind: 'unreadable', detail: wrong[0] ?? '' };
}

// ----------------------------------------------------------------------------------------------------------- Terraform

/** The files that `terraform fmt -check` names, and what it cannot parse. */
function parseTerraformFmt(input: ParserInput): Parsed {
  const findings = lines(input.stdout)
    .filter((line) => /\.(?:tf|tfvars|hcl)$/.test(line) || /\.tf(?:test|mock)?\.?\w*$/.test(line))
    .map(
      (file): ParsedFinding => ({
        file,
        ...place(1),
        severity: 'error',
        message: 'terraform fmt would format this file differently.',
        source: 'terraform',
      }),
    );
  const text = plain(input.stderr).replace(/^[│╷╵] ?/gm, '');
  const broken = [...text.matchAll(/^Error: (.+)\n\s*\n {2}on (.+?) line (\d+)(?:, in .*)?:\n(?: +\d+: .*\n)*\n?(.*)/gm)].map(
    ([, title = '', file = '', line, detail = '']): ParsedFinding => ({
      file,
      ...place(line),
      severity: 'error',
      message: detail === '' ? title : `${title}\n${detail}`,
      source: 'terraform',
    }),
  );
  return found([...findings, ...broken], input);
}

/** `terraform validate -json`. */
function parseTerraformValidate(input: ParserInput): Parsed {
  const document = jsonWith(input, (value) => typeof value['valid'] === 'boolean');
  if (!document) return unreadable(input);
  const findings = objects(document['diagnostics']).map((diagnostic): ParsedFinding => {
    const range = members(diagnostic['range']);
    const [start, end] = [members(range['start']), members(range['end'])];
    const file = stringOf(range['filename']);
    const detail = stringOf(diagnostic['detail']);
    return {
      ...(file === '' ? {} : { file }),
      ...place(start['line'], start['column'], end['line'], end['column']),
      severity: diagnostic['severity'] === 'warning' ? 'warning' : 'error',
      message: stringOf(diagnostic['summary']) + (detail === '' ? '' : `\n${detail}`),
      source: 'terraform',
    };
  });
  return found(findings, input);
}
