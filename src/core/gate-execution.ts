/** Executes the operation of a gate: its command lines one after another, and what their output says. */
import { appendFile } from 'node:fs/promises';
import type { Baseline } from './gate-baseline.js';
import type { Copies } from './gate-copies.js';
import type { Gate } from './gate-model.js';
import type { EngineContext } from './gate-run.js';
import { combine, type GateOperation, type Judgement, judge, type Ran, together } from './gates/operation.js';
import { withoutRepository } from './git.js';
import type { Guard } from './guard.js';
import type { IdleParts } from './idle-parts.js';
import type { CommandInput, Finding, Outcome, Part } from './model.js';
import { sizeOf } from './process.js';
import { type Attempt, type Execution, LONGEST_TIMER_MS, type Settled } from './run.js';
import {
  type CommandFiles,
  type CommandOutput,
  clearFiles,
  commandFiles,
  type OutputSizes,
  PARSED_LIMIT_BYTES,
  runCommand,
  TAIL_BYTES,
} from './tools/command.js';
import { type Share, withWorkers } from './workers.js';

export interface Place {
  readonly guard: Guard;
  /** Where outputs are kept. */
  readonly directory: string;
  /** In a run of new findings only: what was there before. */
  readonly baseline?: Baseline | undefined;
  /** Absent where no gate runs in one. */
  readonly copies?: Copies | undefined;
  readonly share: Share;
  readonly idleParts: IdleParts;
}

/**
 * Runs the commands of `operation` for `gate`, up to one that errored, and in a run of new findings only sets apart what they found.
 * `answer` takes the place of what they would find. Resolves when no process of them is left.
 */
export async function executeGate(
  context: EngineContext,
  gate: Gate,
  { operation, commands }: GateOperation,
  place: Place,
  attempt: Attempt,
  answer?: Settled,
): Promise<Execution> {
  const ran = answer ? ranBefore(answer) : await runGate(context, gate, { operation, commands }, place, attempt);
  const { judgement, interrupted, exitCode, outputBytes } = ran;
  const { outcome, findings } = judgement;
  const result = { findings, outputBytes, ...(exitCode === undefined ? {} : { exitCode }) };
  if (interrupted) return { kind: 'interrupted', result };
  const conclusive = outcome.kind === 'passed' || outcome.kind === 'failed';
  if (!place.baseline || !conclusive) return { kind: 'ended', outcome, result };
  const { kind: was } = outcome;
  attempt.stopClock();
  const set = await place.baseline.setApart(gate, { was, findings }, (there, own) =>
    runAtBase(context, there, { own, timeoutMs: operation.timeoutMs }, place, attempt),
  );
  if (set.kind === 'interrupted') return { kind: 'interrupted', result };
  const compared = { ...result, whole: was, ...(set.ms > 0 ? { baseMs: set.ms } : {}) };
  const ended = set.kind === 'unknown' ? undefined : set.apart;
  const own = ended?.outcome ?? {
    kind: was,
    base: { kind: 'unknown' as const, detail: set.kind === 'unknown' ? set.detail : '' },
  };
  return {
    kind: 'ended',
    outcome: answer ? ({ ...answer.outcome, ...own, kind: 'cached', was: own.kind } as Outcome) : own,
    result: ended ? { ...compared, findings: ended.findings, known: ended.known } : compared,
  };
}

/** Where the gate runs: here, or in a copy. */
function runGate(
  context: EngineContext,
  gate: Gate,
  { operation: { id, part }, commands }: GateOperation,
  place: Place,
  attempt: Attempt,
): Promise<Ran> {
  const { inCopy } = gate;
  if (!inCopy || !place.copies) return runCommands(context, gate, { id, commands, ...(part ? { part } : {}) }, place, attempt);
  return place.copies.run({ ...gate, inCopy }, commands, (there, own) =>
    runCommands(inWorktree(context), there, { id, commands: own }, place, attempt),
  );
}

/** A hook's own repository and index are not those of a worktree. */
function inWorktree(context: EngineContext): EngineContext {
  return { ...context, host: { ...context.host, env: withoutRepository(context.host.env) } };
}

/** Runs the commands of `there` where the branch left the default branch, with a time limit of their own. */
async function runAtBase(
  context: EngineContext,
  there: Gate,
  { own, timeoutMs }: { readonly own: readonly CommandInput[]; readonly timeoutMs: number },
  place: Place,
  attempt: Attempt,
): Promise<Ran> {
  const commands = own.map((command) => withWorkers(command, there.workers, place.share).command);
  const limit = AbortSignal.timeout(Math.min(timeoutMs, LONGEST_TIMER_MS));
  const signal = AbortSignal.any([attempt.signal, limit]);
  const ran = await runCommands(inWorktree(context), there, { id: `${there.id} at the merge base`, commands }, place, {
    ...attempt,
    signal,
  });
  if (!ran.interrupted || attempt.signal.aborted) return ran;
  return { ...ran, interrupted: false, judgement: { outcome: { kind: 'timed out', afterMs: timeoutMs }, findings: [] } };
}

function ranBefore({ outcome, result }: Settled): Ran {
  const { findings, exitCode } = result;
  const was = outcome.kind === 'cached' ? outcome.was : 'passed';
  return {
    judgement: { outcome: { kind: was }, findings },
    outputBytes: 0,
    interrupted: false,
    ...(exitCode === undefined ? {} : { exitCode }),
  };
}

async function runCommands(
  context: EngineContext,
  gate: Gate,
  { id, commands, part }: { readonly id: string; readonly commands: readonly CommandInput[]; readonly part?: Part },
  { guard, directory, idleParts }: Place,
  attempt: Attempt,
): Promise<Ran> {
  const files = commandFiles(directory, id, gate.parser !== 'none');
  // Before the first attempt there are none.
  if (attempt.attempt > 1) await clearFiles(files);
  let sizes: OutputSizes = { stdout: 0, stderr: 0 };
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
      before: sizes,
    });
    const { end } = output;
    sizes = output.sizes;
    if (end.kind === 'interrupted') {
      interrupted = true;
      break;
    }
    if (end.kind === 'exited') exitCode = Math.max(exitCode ?? 0, end.exitCode);
    const own = await judge(gate, end, output, context.host.parserWorker);
    const judged = part ? idleParts.judged(gate, part, own, output) : own;
    if (await keepReport(files, output, judged)) sizes = { ...sizes, stdout: sizeOf(files.stdout) };
    judgement = combine(judgement, judged);
    if (judgement.outcome.kind === 'errored') break;
  }
  if (commands.length > 1) judgement = together(gate, judgement);
  const outputBytes = files.stderr === files.stdout ? sizes.stdout : sizes.stdout + sizes.stderr;
  return { judgement, outputBytes, interrupted, ...(exitCode === undefined ? {} : { exitCode }) };
}

/**
 * A tool that writes its report for machines only, into a file, would leave its user nothing to look at: then its findings stand in
 * its output, or, when they could not be read, the report as it is. Says whether anything was written.
 */
async function keepReport(files: CommandFiles, output: CommandOutput, { outcome, findings }: Judgement): Promise<boolean> {
  const unreadable = outcome.kind === 'errored' && outcome.failure.kind === 'unreadable output';
  if (output.report === undefined || (!unreadable && (output.stdout + output.stderr).trim() !== '')) return false;
  const lines = findings.map(findingLine);
  await appendFile(files.stdout, unreadable ? output.report : lines.map((line) => `${line}\n`).join(''));
  return true;
}

function findingLine({ file, line, column, severity, message, rule }: Finding): string {
  return `${file}:${line}:${column}: ${severity}: ${message}${rule === undefined ? '' : ` (${rule})`}`;
}
