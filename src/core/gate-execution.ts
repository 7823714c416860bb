/** Executes the operation of a gate: its command lines one after another, and what their output says. */
import { appendFile } from 'node:fs/promises';
import type { EngineContext } from './gate-run.js';
import { combine, type GateOperation, type Judgement, judge } from './gates/operation.js';
import type { Guard } from './guard.js';
import type { Finding, Gate } from './model.js';
import { sizeOf } from './process.js';
import type { Attempt, Execution } from './run.js';
import {
  type CommandFiles,
  type CommandOutput,
  clearFiles,
  commandFiles,
  PARSED_LIMIT_BYTES,
  runCommand,
  TAIL_BYTES,
} from './tools/command.js';

export interface Place {
  readonly guard: Guard;
  /** Where outputs are kept. */
  readonly directory: string;
}

/** Runs the commands of `operation` for `gate`, up to one that errored. Resolves when no process of them is left. */
export async function executeGate(
  context: EngineContext,
  gate: Gate,
  { operation, commands }: GateOperation,
  { guard, directory }: Place,
  attempt: Attempt,
): Promise<Execution> {
  const files = commandFiles(directory, operation.id, gate.parser !== 'none');
  await clearFiles(files);
  let judgement: Judgement = { outcome: { kind: 'passed' }, findings: [] };
  let exitCode: number | undefined;
  let interrupted = false;
  for (const command of commands) {
    const output = await runCommand(command, files, {
      ...context,
      guard,
      signal: attempt.signal,
      readBytes: gate.parser === 'none' ? TAIL_BYTES : PARSED_LIMIT_BYTES,
      output: attempt.output,
    });
    const { end } = output;
    if (end.kind === 'interrupted') {
      interrupted = true;
      break;
    }
    if (end.kind === 'exited') exitCode = Math.max(exitCode ?? 0, end.exitCode);
    const judged = await judge(gate, end, output, context.host.parserWorker);
    await keepReport(files, output, judged);
    judgement = combine(judgement, judged);
    if (judgement.outcome.kind === 'errored') break;
  }
  const sizes = await Promise.all([...new Set([files.stdout, files.stderr])].map(sizeOf));
  const result = {
    findings: judgement.findings,
    outputBytes: sizes.reduce((sum, size) => sum + size, 0),
    ...(exitCode === undefined ? {} : { exitCode }),
  };
  return interrupted ? { kind: 'interrupted', result } : { kind: 'ended', outcome: judgement.outcome, result };
}

/**
 * A tool that writes its report for machines only, into a file, would leave its user nothing to look at: then its findings stand in
 * its output, or, when they could not be read, the report as it is.
 */
async function keepReport(files: CommandFiles, output: CommandOutput, { outcome, findings }: Judgement): Promise<void> {
  const unreadable = outcome.kind === 'errored' && outcome.failure.kind === 'unreadable output';
  if (output.report === undefined || (!unreadable && (output.stdout + output.stderr).trim() !== '')) return;
  const lines = findings.map(findingLine);
  await appendFile(files.stdout, unreadable ? output.report : lines.map((line) => `${line}\n`).join(''));
}

function findingLine({ file, line, column, severity, message, rule }: Finding): string {
  return `${file}:${line}:${column}: ${severity}: ${message}${rule === undefined ? '' : ` (${rule})`}`;
}
