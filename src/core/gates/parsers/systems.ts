/** The parsers of the tools in presets/systems.ts, by the ids that presets name. */
import type { Severity } from '../../model.js';
import type { Parsed, ParsedFinding, ParsedLocation, ParserInput, ParserTable } from '../parsed.js';
import { parseCtest } from './ctest.js';
import { tagsOf } from './formats.js';
import {
  comparedValues,
  found,
  isMembers,
  lines,
  type Members,
  members,
  objects,
  pathOf,
  place,
  plain,
  stringOf,
  unreadable,
} from './text.js';
import { elementsNamed, readXml } from './xml.js';

export const systemParsers: ParserTable = {
  'cargo-messages': parseCargoMessages,
  'cargo-fmt': parseCargoFmt,
  'cargo-deny': parseCargoDeny,
  'cargo-test': parseCargoTest,
  'cargo-nextest': parseNextest,
  'go-vet': parseGoVet,
  'go-test': parseGoTest,
  gofmt: parseGofmt,
  'go-lines': (input) => parseGoLines(input, 'golangci-lint'),
  staticcheck: (input) => parseGoLines(input, 'staticcheck'),
  'clang-lines': parseClang,
  cppcheck: parseCppcheck,
  ctest: parseCtest,
};

/** Values of lines that are JSON, one a line. */
function jsonLines(text: string): readonly Members[] {
  return lines(text).flatMap((line) => {
    if (!line.startsWith('{')) return [];
    try {
      const value: unknown = JSON.parse(line);
      return isMembers(value) ? [value] : [];
    } catch {
      return [];
    }
  });
}

// ---------------------------------------------------------------------------------------------------------------- Rust

/** What the Rust compiler and Clippy say with --message-format=json. A message is told once, for however many targets. */
export function parseCargoMessages(input: ParserInput): Parsed {
  const all = jsonLines(input.stdout);
  if (all.length === 0 && input.exitCode !== 0) return unreadable(input);
  const findings = rustFindings(all);
  const broke =
    all.length === 0 || !all.some((each) => each['reason'] === 'build-finished' || each['reason'] === 'compiler-message');
  return findings.length === 0 && input.exitCode !== 0 && broke ? unreadable(input) : { kind: 'findings', findings };
}

function rustFindings(all: readonly Members[]): readonly ParsedFinding[] {
  const seen = new Set<string>();
  return all
    .filter((each) => each['reason'] === 'compiler-message')
    .flatMap((each) => rustFinding(members(each['message']), stringOf(each['manifest_path'])))
    .filter((finding) => {
      const key = JSON.stringify(finding);
      return !seen.has(key) && seen.add(key);
    });
}

function rustFinding(message: Members, manifest: string): readonly ParsedFinding[] {
  const spans = objects(message['spans']);
  const primary = spans.find((span) => span['is_primary'] === true);
  // Without a place it sums up, such as "2 warnings emitted".
  if (!primary) return [];
  const rule = stringOf(members(message['code'])['code']);
  const children = objects(message['children']);
  const url = children
    .map((child) => /https:\/\/\S+/.exec(stringOf(child['message']))?.[0])
    .find((address) => address !== undefined);
  const others: readonly ParsedLocation[] = [
    ...spans
      .filter((span) => span !== primary && stringOf(span['label']) !== '')
      .map((span) => ({ ...rustPlace(span, manifest), message: stringOf(span['label']) })),
    ...children
      .filter((child) => child['level'] === 'note')
      .flatMap((child) =>
        objects(child['spans']).map((span) => ({ ...rustPlace(span, manifest), message: stringOf(child['message']) })),
      ),
  ];
  const help = children
    .filter((child) => child['level'] === 'help' && !stringOf(child['message']).includes('http'))
    .map((child) => `help: ${stringOf(child['message'])}`);
  const code = url ?? (/^E\d{4}$/.test(rule) ? `https://doc.rust-lang.org/error_codes/${rule}.html` : undefined);
  return [
    {
      ...rustPlace(primary, manifest),
      severity: rustSeverity(stringOf(message['level'])),
      message: [stringOf(message['message']), ...help].join('\n'),
      source: rule.startsWith('clippy::') ? 'clippy' : 'rustc',
      ...(rule === '' ? {} : { rule }),
      ...(code === undefined ? {} : { ruleUrl: code }),
      ...tagsOf(rule),
      ...(others.length === 0 ? {} : { related: others }),
    },
  ];
}

/** Files as cargo names them, relative to the root of its workspace, which only the manifest of the package tells. */
function rustFile(file: string, manifest: string): string {
  if (/^(?:\/|[A-Za-z]:|\\)/.test(file) || manifest === '') return file;
  const parts = file.split(/[\\/]/);
  const directory = manifest.split(/[\\/]/).slice(0, -1);
  for (let count = parts.length - 1; count > 0; count -= 1) {
    const own = directory.slice(-count);
    if (own.length === count && own.every((part, index) => part === parts[index]))
      return [...directory.slice(0, -count), ...parts].join('/');
  }
  return [...directory, ...parts].join('/');
}

function rustPlace(span: Members, manifest: string): ParsedLocation & { readonly file: string } {
  return {
    file: rustFile(stringOf(span['file_name']), manifest),
    ...place(span['line_start'], span['column_start'], span['line_end'], span['column_end']),
    message: '',
  };
}

function rustSeverity(level: string): Severity {
  return level.startsWith('error') ? 'error' : level === 'warning' ? 'warning' : 'information';
}

/** The differences that rustfmt prints, each as a finding. */
export function parseCargoFmt(input: ParserInput): Parsed {
  const findings = lines(input.stdout).flatMap((line): readonly ParsedFinding[] => {
    const match = /^Diff in (.+?)(?: at line |:)(\d+):$/.exec(line);
    if (!match) return [];
    return [
      {
        file: match[1] ?? '',
        ...place(match[2]),
        severity: 'error',
        message: 'rustfmt would format this differently.',
        source: 'rustfmt',
      },
    ];
  });
  // It names no difference in line ends, and nothing where the source cannot be parsed.
  return found(findings, input);
}

/** Failed tests at the line that panicked, and what the compiler said where the tests could not be built. */
export function parseCargoTest(input: ParserInput): Parsed {
  const text = plain(input.stdout);
  const compiler = rustFindings(jsonLines(input.stdout));
  const failed = [...text.matchAll(/^---- (.+?) stdout ----\n([\s\S]*?)(?=^---- .+? stdout ----$|^failures:$|(?![\s\S]))/gm)].map(
    (match) => panicFinding(match[1] ?? '', match[2] ?? ''),
  );
  const findings = [...compiler.filter(({ severity }) => severity === 'error' || failed.length === 0), ...failed];
  const ran = /^test result: /m.test(text);
  return findings.length > 0 || input.exitCode === 0 || ran ? { kind: 'findings', findings } : unreadable(input);
}

/** Statuses of tests as nextest prints them, each with what the test wrote below it; and errors of the compiler for people. */
export function parseNextest(input: ParserInput): Parsed {
  const text = `${plain(input.stderr)}\n${plain(input.stdout)}`;
  const blocks = text.split(/^ *(?=[A-Z][A-Z0-9+ -]* \[ *[\d.>]+s\] )/m).slice(1);
  const failed = new Map<string, ParsedFinding>();
  for (const block of blocks) {
    const [head = '', ...rest] = block.split('\n');
    const match = /^(?:TRY \d+ )?([A-Z-]+)(?: \+ \w+| \d+\/\d+)? \[.*?\] (?:\([^)]*\) )?\s*(.+)$/.exec(head);
    const name = (match?.[2] ?? '').trim();
    // It passed when it was tried again.
    if (match && ['PASS', 'FLAKY'].includes(match[1] ?? '')) failed.delete(name);
    if (!match || !/^(?:FAIL|ABORT|TIMEOUT|TMT|SIG[A-Z]+|LEAK-FAIL)$/.test(match[1] ?? '')) continue;
    const output = rest.map((line) => line.replace(/^ {4}/, '')).join('\n');
    // The summary at the end names it again, without its output.
    if (!failed.has(name) || output.includes('panicked at'))
      failed.set(name, panicFinding(name, panicOf(output), 'cargo nextest'));
  }
  const compiler = [...text.matchAll(/^error(?:\[(E\d+)\])?: (.*)\n +--> (.+?):(\d+):(\d+)$/gm)].map(
    ([, rule, message = '', file = '', line, column]): ParsedFinding => ({
      file,
      ...place(line, column),
      severity: 'error',
      message,
      source: 'rustc',
      ...(rule === undefined ? {} : { rule, ruleUrl: `https://doc.rust-lang.org/error_codes/${rule}.html` }),
    }),
  );
  return found([...compiler, ...failed.values()], input);
}

/** From the panic on: before it stands what the test itself printed. */
function panicOf(output: string): string {
  const start = output.search(/^thread '.*panicked at /m);
  return start < 0 ? '' : (output.slice(start).split(/\n\n|\n[─-]{3,}/)[0] ?? '');
}

function panicFinding(name: string, output: string, source = 'cargo test'): ParsedFinding {
  // Rust 1.73 put the message on the next line.
  const fresh = /panicked at ([^'\n]+?):(\d+):(\d+):\n([\s\S]*)/.exec(output);
  const old = /panicked at '([\s\S]*?)', ([^\n]+?):(\d+):(\d+)/.exec(output);
  const message = (fresh?.[4] ?? old?.[1] ?? output).split(/\nstack backtrace:|\nnote: run with/)[0]?.trim() ?? '';
  const left = /^\s*left: `?([\s\S]*?)`?,?$/m.exec(message)?.[1];
  const right = /^\s*right: `?([\s\S]*?)`?(?::.*)?$/m.exec(message)?.[1];
  // Newer versions say where a test stands that should have panicked.
  const calm = /^note: test did not panic as expected at ([^\n]+?):(\d+):(\d+)$/m.exec(output);
  const file = fresh?.[1] ?? old?.[2] ?? calm?.[1];
  return {
    ...(file === undefined ? {} : { file }),
    ...place(fresh?.[2] ?? old?.[3] ?? calm?.[2], fresh?.[3] ?? old?.[4] ?? calm?.[3]),
    severity: 'error',
    message: `${name}: ${message || 'failed'}`,
    source,
    ...(left === undefined || right === undefined ? {} : { actual: left, expected: right }),
  };
}

// ------------------------------------------------------------------------------------------------------------------ Go

/** `file.go:12:3: message` on either stream, as Go's tools print what is wrong. */
function goPlaces(text: string, source: string, severity: Severity): readonly ParsedFinding[] {
  return lines(text).flatMap((line): readonly ParsedFinding[] => {
    const match = /^(?:vet: )?((?:[A-Za-z]:)?[^\s:][^:]*\.go):(\d+)(?::(\d+))?: (.*)$/.exec(line);
    if (!match) return [];
    const [, file = '', , , message = ''] = match;
    return [{ file, ...place(match[2], match[3]), severity, message, source }];
  });
}

/** What `go vet` prints; a package that cannot be compiled is an error. */
export function parseGoVet(input: ParserInput): Parsed {
  const findings = goPlaces(input.stderr, 'go vet', 'warning').map((finding) => ({
    ...finding,
    ...(/\bdeclared (?:but|and) not used|^undefined: /.test(finding.message) ? { severity: 'error' as const } : {}),
  }));
  return found(findings, input);
}

/** Events of `go test -json`: failed tests without those that only hold failed ones, and packages that failed otherwise. */
export function parseGoTest(input: ParserInput): Parsed {
  const events = jsonLines(input.stdout);
  const build = goPlaces(
    `${input.stderr}\n${events.map((event) => (event['Action'] === 'build-output' ? stringOf(event['Output']) : '')).join('')}`,
    'go test',
    'error',
  );
  const outputs = new Map<string, string>();
  for (const event of events)
    if (event['Action'] === 'output')
      outputs.set(testKey(event), (outputs.get(testKey(event)) ?? '') + stringOf(event['Output']));
  const failed = events.filter((event) => event['Action'] === 'fail');
  const tests = failed.filter((event) => stringOf(event['Test']) !== '');
  const own = tests.filter((event) => !tests.some((other) => testKey(other).startsWith(`${testKey(event)}/`)));
  const directories = packageDirectories(events, input.goPackage);
  const finding = (event: Members, name: string) =>
    goTestFinding(name, outputs.get(testKey(event)) ?? '', directories.get(stringOf(event['Package'])) ?? '');
  // What ends a package before or between its tests is told of the package.
  const packages = failed.filter((event) => {
    const name = stringOf(event['Package']);
    const isTold =
      tests.some((other) => other['Package'] === name) || /\[(?:build|setup) failed\]/.test(outputs.get(`${name} `) ?? '');
    return stringOf(event['Test']) === '' && name !== '' && !isTold;
  });
  const findings = [
    ...build,
    ...own.map((event) => finding(event, stringOf(event['Test']).replaceAll('/', ' › '))),
    ...packages.map((event) => finding(event, stringOf(event['Package']))),
  ];
  return found(findings, input);
}

function testKey(event: Members): string {
  return `${stringOf(event['Package'])} ${stringOf(event['Test'])}`;
}

/**
 * The directory of each package relative to where the tests ran: what follows the import path of that place, or, where that is not
 * known, what the longest common start of all names leaves.
 */
function packageDirectories(events: readonly Members[], own: string | undefined): ReadonlyMap<string, string> {
  const names = [...new Set(events.map((event) => stringOf(event['Package'])).filter(Boolean))];
  const split = names.map((name) => name.split('/'));
  let common = split[0]?.length ?? 0;
  for (const parts of split)
    while (common > 0 && parts.slice(0, common).join('/') !== split[0]?.slice(0, common).join('/')) common -= 1;
  const inside = (name: string) => own !== undefined && (name === own || name.startsWith(`${own}/`));
  return new Map(
    names.map((name) => [name, inside(name) ? name.slice((own?.length ?? 0) + 1) : name.split('/').slice(common).join('/')]),
  );
}

function goTestFinding(name: string, output: string, directory: string): ParsedFinding {
  const all = lines(output).filter((line) => !/^\s*(?:=== |--- |PASS|FAIL|ok\b)/.test(line));
  const told = all.map((line) => /^\s*([\w.-]+\.go):(\d+): (.*)$/.exec(line)).find((match) => match !== null);
  const panicked = /panic: (.*?)(?: \[recovered\])?\n/.exec(output)?.[1];
  const frames = [...output.matchAll(/^\t((?:[A-Za-z]:)?\S+\.go):(\d+)/gm)].filter(
    ([, file = '']) => !/\/src\/(?:runtime|testing)\//.test(file),
  );
  const frame = frames.find(([, file = '']) => file.endsWith('_test.go')) ?? frames[0];
  const at = panicked === undefined ? told : undefined;
  const file = at ? [directory, at[1] ?? ''].filter(Boolean).join('/') : frame?.[1];
  const start = at ? all.findIndex((line) => line.includes(at[0].trim())) : -1;
  const message =
    panicked !== undefined
      ? `panic: ${panicked}`
      : [at?.[3] ?? '', ...all.slice(start + 1).filter(() => at !== undefined)].join('\n').trim();
  return {
    ...(file === undefined ? {} : { file }),
    ...place(at?.[2] ?? frame?.[2]),
    severity: 'error',
    message: `${name}: ${message || all.join('\n').trim() || 'failed'}`,
    source: 'go test',
    ...comparedValues(message),
  };
}

/** Files that `gofmt -l` names, and sources that it cannot parse. */
export function parseGofmt(input: ParserInput): Parsed {
  const files = lines(input.stdout).filter((line) => line.endsWith('.go'));
  const findings = [
    ...files.map(
      (file): ParsedFinding => ({
        file,
        ...place(1),
        severity: 'error',
        message: 'gofmt would format this file differently.',
        source: 'gofmt',
      }),
    ),
    ...goPlaces(input.stderr, 'gofmt', 'error'),
  ];
  return found(findings, input);
}

/** `file.go:1:2: message (linter)` of golangci-lint and staticcheck in their usual form. */
export function parseGoLines(input: ParserInput, source: string): Parsed {
  const findings = goPlaces(input.stdout, source, 'warning').map((finding): ParsedFinding => {
    const rule = /\(([\w-]+)\)$/.exec(finding.message)?.[1];
    const url =
      source === 'staticcheck' && rule
        ? `https://staticcheck.dev/docs/checks/#${rule}`
        : rule && `https://golangci-lint.run/usage/linters/#${rule}`;
    return {
      ...finding,
      severity: rule === 'typecheck' || rule === 'compile' ? 'error' : 'warning',
      message: rule === undefined ? finding.message : finding.message.slice(0, -(rule.length + 3)),
      ...(rule === undefined ? {} : { rule }),
      ...(url ? { ruleUrl: url } : {}),
      ...tagsOf(rule ?? ''),
    };
  });
  return found(findings, input);
}

// ------------------------------------------------------------------------------------------------------------- C and C++

/** `file:1:2: warning: message [rule]` of clang's tools, with the notes that follow as related places. */
export function parseClang(input: ParserInput): Parsed {
  const findings: (ParsedFinding & { related?: ParsedLocation[] })[] = [];
  for (const line of lines(`${plain(input.stdout)}\n${plain(input.stderr)}`)) {
    const match =
      /^((?:[A-Za-z]:)?[^:\n]+):(\d+):(\d+): (error|warning|note|remark|fatal error): (.*?)(?: \[([\w.,+-]+)\])?$/.exec(line);
    if (!match) continue;
    const [, file = '', , , level = '', message = '', rule] = match;
    const at = { file, ...place(match[2], match[3]) };
    const last = findings.at(-1);
    if (level === 'note') {
      if (last) last.related = [...(last.related ?? []), { ...at, message }];
      continue;
    }
    const check = rule?.split(',')[0];
    const source = check === '-Wclang-format-violations' ? 'clang-format' : 'clang-tidy';
    findings.push({
      ...at,
      severity: level.endsWith('error') ? 'error' : 'warning',
      message: source === 'clang-format' ? 'clang-format would format this differently.' : message,
      source,
      ...(check === undefined ? {} : { rule: check.replace(/^-W/, '') }),
      ...tidyUrl(check),
      ...tagsOf(check ?? ''),
    });
  }
  return found(findings, input);
}

function tidyUrl(check: string | undefined): { readonly ruleUrl?: string } {
  const match =
    /^(abseil|altera|android|boost|bugprone|cert|clang-analyzer|concurrency|cppcoreguidelines|darwin|fuchsia|google|hicpp|linuxkernel|llvm|llvmlibc|misc|modernize|mpi|objc|openmp|performance|portability|readability|zircon)-(.+)$/.exec(
      check ?? '',
    );
  return match ? { ruleUrl: `https://clang.llvm.org/extra/clang-tidy/checks/${match[1]}/${match[2]}.html` } : {};
}

/** The XML of cppcheck, which it prints on standard error. */
export function parseCppcheck(input: ParserInput): Parsed {
  const root = readXml(input.stderr);
  if (root?.name !== 'results') return unreadable(input);
  const findings = elementsNamed(root, 'error').flatMap((error): readonly ParsedFinding[] => {
    const { id = '', severity = '', msg = '', verbose = '' } = error.attributes;
    const [first, ...others] = elementsNamed(error, 'location');
    // About the call, not about the code.
    if (!first || /^(?:missingInclude|checkersReport|toomanyconfigs|normalCheckLevel)/.test(id)) return [];
    const related = others.map(({ attributes }) => ({
      file: attributes['file'] ?? '',
      ...place(attributes['line'], attributes['column']),
      message: attributes['info'] ?? msg,
    }));
    return [
      {
        file: first.attributes['file'] ?? '',
        ...place(first.attributes['line'], first.attributes['column']),
        severity: severity === 'error' ? 'error' : severity === 'information' || severity === 'debug' ? 'information' : 'warning',
        message: verbose || msg,
        source: 'cppcheck',
        rule: id,
        ...tagsOf(id),
        ...(related.length === 0 ? {} : { related }),
      },
    ];
  });
  return { kind: 'findings', findings };
}

/** What cargo-deny says of crates: `error[banned]: …`, with a place below it when it is about one. */
export function parseCargoDeny(input: ParserInput): Parsed {
  const blocks = plain(`${input.stderr}\n${input.stdout}`).split(/^(?=(?:error|warning|note|help)(?:\[[\w-]+\])?: )/m);
  const findings = blocks.flatMap((block): readonly ParsedFinding[] => {
    const head = /^(error|warning|note|help)\[([\w-]+)\]: (.*)/.exec(block);
    if (!head) return [];
    const at = /^\s*┌─ (.+):(\d+):(\d+)$/m.exec(block);
    const severity = head[1] === 'error' || head[1] === 'warning' ? head[1] : 'information';
    return [
      {
        ...(at ? { file: pathOf(at[1] ?? ''), ...place(at[2], at[3]) } : place(1)),
        severity,
        message: head[3] ?? '',
        source: 'cargo-deny',
        rule: head[2] ?? '',
      },
    ];
  });
  return found(findings, input);
}
