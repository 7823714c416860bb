/** A gate as an operation of a batch, and what the end of its commands means for it. */
import { createHash } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Gate } from '../gate-model.js';
import type { CommandInput, CommandOperation, Finding, OperationId, Outcome } from '../model.js';
import { upwards } from '../paths.js';
import type { ProcessEnd } from '../process.js';
import { type CommandOutput, OUTPUT_LIMIT_BYTES } from '../tools/command.js';
import { type CountedFinding, inEditorColumns } from './columns.js';
import { goPackageOf } from './go-packages.js';
import { lastingOutput } from './lasting-output.js';
import { lookedUp } from './looked-up.js';
import { valuesOf } from './options.js';
import type { ParsedFinding } from './parsed.js';
import { plain } from './parsers/text.js';
import { readOutput } from './read-output.js';

/** The operation of a gate, and all its command lines: more than one when its files do not fit into one. */
export interface GateOperation {
  readonly operation: CommandOperation;
  readonly commands: readonly CommandInput[];
}

/** A gate has no retries: a check that gives another result when asked again is not better for it. */
export function gateOperation(
  gate: Gate,
  argvs: readonly (readonly string[])[],
  timeoutMs: number,
  files?: readonly string[],
): GateOperation {
  const commands = argvs.map((argv) => ({ ...gate.command, argv }));
  return {
    commands,
    operation: {
      id: operationOf(gate),
      name: gate.name,
      tool: 'command',
      input: commands[0] ?? gate.command,
      access: gate.access,
      needs: gate.needs.map((need) => need as string as OperationId),
      timeoutMs,
      retries: 0,
      group: gate.category,
      ...(files === undefined ? {} : { files }),
    },
  };
}

/** The operation of a gate has the gate's id. */
export function operationOf(gate: Gate): OperationId {
  return gate.id as string as OperationId;
}

export interface Judgement {
  readonly outcome: Outcome;
  readonly findings: readonly Finding[];
}

/** What the commands of a gate left behind. `interrupted`: they stopped because they were told to. */
export interface Ran {
  readonly judgement: Judgement;
  readonly exitCode?: number;
  readonly outputBytes: number;
  readonly interrupted: boolean;
}

/** What one ended command of a gate says: the exit code decides, findings come from its output. */
export async function judge(
  gate: Gate,
  end: Exclude<ProcessEnd, { kind: 'interrupted' }>,
  output: CommandOutput,
  parserWorker?: string,
): Promise<Judgement> {
  switch (end.kind) {
    case 'could not start':
      return errored(await notStarted(gate, end.code));
    case 'died':
      return errored({ kind: 'died', signal: end.signal });
    case 'too much output':
      return errored({ kind: 'too much output', limitBytes: OUTPUT_LIMIT_BYTES });
    case 'exited':
      return judgeExit(gate, output, end.exitCode, parserWorker);
    default:
      return end satisfies never;
  }
}

/** The worse outcome of two commands of the same gate, and the findings of both. */
export function combine(a: Judgement, b: Judgement): Judgement {
  const rank = (outcome: Outcome) => ['passed', 'failed'].indexOf(outcome.kind) + 1 || 3;
  return { outcome: rank(b.outcome) > rank(a.outcome) ? b.outcome : a.outcome, findings: [...a.findings, ...b.findings] };
}

async function judgeExit(gate: Gate, output: CommandOutput, exitCode: number, parserWorker?: string): Promise<Judgement> {
  const ended = gate.exitCodes.passed.includes(exitCode);
  const { stdout, stderr, report } = output;
  const goPackage = gate.parser === 'go-test' ? await goPackageOf(gate.command.cwd, gate.folder.path) : undefined;
  const parsed =
    output.truncated && gate.parser !== 'none'
      ? ({ kind: 'unreadable', detail: 'it is too large' } as const)
      : await readOutput(
          gate.parser,
          {
            stdout,
            stderr,
            exitCode,
            ...(report === undefined ? {} : { report }),
            ...(goPackage === undefined ? {} : { goPackage }),
            ...(gate.matchers === undefined ? {} : { matchers: gate.matchers }),
          },
          parserWorker,
        );
  const found = parsed.kind === 'findings' ? await lookedUp(parsed.findings) : [];
  const findings = found.length === 0 ? [] : await inEditorColumns(gate.parser, found.map(placer(gate)));
  const ignoredOnly =
    parsed.kind === 'findings' && parsed.countsIgnored === true && exitCode === 1 && isTolerated(gate, findings);
  const passed = (ended || ignoredOnly) && !(gate.exitCodes.findingsFail && findings.length > 0);
  if (!ended && !gate.exitCodes.failed.includes(exitCode)) {
    return { outcome: { kind: 'errored', failure: { kind: 'unexpected exit', exitCode, lastLine: lastLine(output) } }, findings };
  }
  if (parsed.kind === 'unreadable') return errored({ kind: 'unreadable output', tool: gate.tool, detail: parsed.detail });
  if (passed) return { outcome: { kind: 'passed' }, findings };
  const all = [...findings, ...coverageFindings(gate, output)];
  return { outcome: { kind: 'failed' }, findings: all.length > 0 ? all : await outputFinding(gate, output) };
}

/** Whether these are nothing to fail for, by what the command says of warnings. */
function isTolerated(gate: Gate, findings: readonly Finding[]): boolean {
  const most = mostWarnings(gate);
  return most !== undefined && findings.every(({ severity }) => severity !== 'error') && findings.length <= most;
}

/** How many warnings the command allows, where it says so. */
function mostWarnings({ command: { argv } }: Gate): number | undefined {
  const most = Number(valuesOf(argv, ['--max-warnings', '--mw'])[0] || Number.NaN);
  return most >= 0 ? most : undefined;
}

/** What all command lines of a gate come to: each has counted only its own warnings. */
export function together(gate: Gate, { outcome, findings }: Judgement): Judgement {
  const most = mostWarnings(gate);
  const warnings = findings.filter(({ severity }) => severity === 'warning').length;
  const isTooMuch = outcome.kind === 'passed' && most !== undefined && warnings > most;
  return { outcome: isTooMuch ? { kind: 'failed' } : outcome, findings };
}

/** What becomes of a gate that was divided, when none of its parts had anything to do. */
export function foundNoTests(gate: Gate): Judgement {
  const message = 'No tests were found. Look at the patterns of its configuration, and at what its command names.';
  return { outcome: { kind: 'failed' }, findings: [{ ...evidencePlace(gate), severity: 'error', message, source: gate.tool }] };
}

/** What is missing is the program, or the folder in which it would run: the system says the same of both. */
async function notStarted({ command: { argv, cwd } }: Gate, code: string): Promise<(Outcome & { kind: 'errored' })['failure']> {
  const isThere = await stat(cwd).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return isThere ? { kind: 'could not start', program: argv[0] ?? '', code } : { kind: 'no folder', folder: cwd };
}

function errored(failure: (Outcome & { kind: 'errored' })['failure']): Judgement {
  return { outcome: { kind: 'errored', failure }, findings: [] };
}

/**
 * Files as tools name them: relative to where they ran, or, where nothing of that name is there, to a directory above it as far as the
 * folder (golangci-lint names them from its configuration); or through the real path of a folder that was opened by a link.
 */
function placer(gate: Gate): (finding: ParsedFinding) => CountedFinding {
  const opened = gate.folder.path;
  const real = realPath(opened);
  const bases = upwards(gate.command.cwd, opened);
  const named = new Map<string, string>();
  const find = (file: string): string => {
    const candidates = path.isAbsolute(file) || bases.length === 1 ? [] : bases.map((base) => path.resolve(base, file));
    return candidates.find((candidate) => existsSync(candidate)) ?? path.resolve(gate.command.cwd, file);
  };
  const place = (file: string): string => {
    const absolute = named.get(file) ?? find(file);
    named.set(file, absolute);
    const below = path.relative(real, absolute);
    const inside = real !== opened && !below.startsWith('..') && !path.isAbsolute(below);
    return inside ? path.join(opened, below) : absolute;
  };
  return ({ file, related, ...rest }) => {
    const own = file === undefined ? evidencePlace(gate, rest.line) : { file: place(file) };
    const others = related?.map((other) => ({ ...other, file: other.file === undefined ? own.file : place(other.file) }));
    return { ...rest, ...own, ...(others === undefined ? {} : { related: others }) };
  };
}

/** What has no place of its own stands where the gate does. */
function evidencePlace(gate: Gate, line = 1): { readonly file: string; readonly line: number; readonly column: number } {
  const [evidence] = gate.evidence;
  return { file: path.join(gate.folder.path, evidence?.file ?? ''), line: evidence?.line ?? line, column: 1 };
}

function realPath(folder: string): string {
  try {
    return realpathSync.native(folder);
  } catch {
    return folder;
  }
}

/** What failed and named no place shows the end of what it wrote, where the gate stands. */
async function outputFinding(gate: Gate, { stdout, stderr, truncated }: CommandOutput): Promise<readonly Finding[]> {
  const lines = plain(`${stdout.trimEnd()}\n${stderr.trimEnd()}`)
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
  const message = lines.slice(-OUTPUT_LINES).join('\n').slice(-2000) || 'It failed without a word.';
  const places = [gate.folder.path, realPath(gate.folder.path)];
  const lasting = truncated ? undefined : await lastingOutput({ lines, places, cwd: gate.command.cwd });
  const digest = lasting === undefined ? {} : { digest: createHash('sha256').update(lasting).digest('hex').slice(0, 24) };
  return [{ ...evidencePlace(gate), severity: 'error', message, source: gate.tool, output: true, ...digest }];
}

/** A test run that fails for how little it covers lists no test for that; its runner says it in a line of its own. */
function coverageFindings(gate: Gate, { stdout, stderr }: CommandOutput): readonly Finding[] {
  if (gate.category !== 'test') return [];
  const said = plain(`${stdout}\n${stderr}`)
    .split(/\r?\n/)
    .filter((line) => line.length < 300 && COVERAGE_TOO_LOW.test(line));
  return [...new Set(said)].map((line) => {
    const message = line.replace(/^[\s#]*(?:(?:ERROR|FAIL|Error):?\s+)?/, '');
    return { ...evidencePlace(gate), severity: 'error', rule: 'coverage', message, source: gate.tool };
  });
}

/** As Jest, Vitest, c8 and nyc, the runner of Node.js, pytest-cov and SimpleCov put it. */
const COVERAGE_TOO_LOW =
  /\bcoverage\b.*(?:does not meet .*threshold|threshold .*not met|not reached|less than fail-under|is below the (?:expected )?minimum)/i;

const OUTPUT_LINES = 10;

/** The last line that says something: of standard error when there is any, else of standard output. */
function lastLine({ stdout, stderr }: CommandOutput): string {
  const line = (text: string) => text.trimEnd().split('\n').at(-1)?.trim() ?? '';
  return (line(stderr) || line(stdout)).slice(0, 300);
}
