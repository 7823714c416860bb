/** Runs gates: resolves the scope, turns gates into operations, plans them, executes the plan, and puts the run into the history. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import { combine, type GateOperation, gateOperation, type Judgement, judge, operationOf } from './gates/operation.js';
import { type Guard, startGuard } from './guard.js';
import type { History } from './history.js';
import type { Host } from './host.js';
import { planProblemText } from './messages.js';
import type {
  CancelCause,
  Failure,
  Finding,
  Folder,
  Gate,
  Mode,
  Operation,
  OperationId,
  Plan,
  RunEvent,
  RunId,
  RunState,
  Scope,
  ScopeKind,
  SkipReason,
  VerificationId,
} from './model.js';
import { planBatch } from './plan.js';
import { type ProcessRunner, sizeOf } from './process.js';
import { type Attempt, type Execution, type RunHandle, startRun, summary } from './run.js';
import { argumentsInScope, resolveScope } from './scope.js';
import { reduce } from './state.js';
import {
  type CommandFiles,
  type CommandOutput,
  clearFiles,
  commandFiles,
  PARSED_LIMIT_BYTES,
  runCommand,
  TAIL_BYTES,
} from './tools/command.js';

export interface RunRequest {
  /** In sequential order. Gates that are not available are skipped, with their reason. */
  readonly gates: readonly Gate[];
  readonly scope: Scope;
  readonly mode: Mode;
  /** How many operations run at once; ignored by a sequential run. */
  readonly slots: number;
  /** Cancel the rest as soon as one gate failed. */
  readonly failFast: boolean;
  /** What the user asked for, for the Runs view: `Run All Gates`. */
  readonly label: string;
  /** Replaces every gate's own limit. */
  readonly timeoutMs?: number;
  /** Marks the run as a trial. */
  readonly verification?: VerificationId;
}

/** A run that goes on. It never rejects: whatever happens is in its state. */
export interface ActiveRun {
  readonly id: RunId;
  /** As of now; a new object after each event. */
  state(): RunState;
  /** The run's clock: milliseconds since it started. */
  now(): number;
  /** Called after each event, in order, with the state that includes it. Returns how to stop listening. */
  onEvent(listener: (event: RunEvent, state: RunState) => void): () => void;
  /** Stops everything, or one operation. Resolves when no process of it is left. */
  cancel(operation?: OperationId): Promise<void>;
  setSlots(slots: number): void;
  /** Resolves after the last process is gone and the run is in the history. */
  readonly finished: Promise<RunState>;
}

/** What all runs of an engine share. */
export interface EngineContext {
  readonly host: Host;
  readonly history: History;
  readonly runProcess: ProcessRunner;
  readonly active: Set<{ stop(cause: CancelCause): Promise<void> }>;
}

/** `20261121T103900123-4f2a9c`: sorts by time, unique across processes. */
export function newId<Id extends string>(date: Date): Id {
  return `${date.toISOString().replace(/[-:.Z]/g, '')}-${randomBytes(3).toString('hex')}` as Id;
}

/** What is known of a run before its first operation starts. */
interface Prepared {
  readonly plan: Plan;
  readonly operations: ReadonlyMap<OperationId, GateOperation>;
  readonly skipped: ReadonlyMap<OperationId, SkipReason>;
  /** Operations that cannot be executed at all. */
  readonly failures: ReadonlyMap<OperationId, Failure>;
}

/** Starts at once; what has to be found out first happens behind the first, pending state. */
export function startGateRun(context: EngineContext, request: RunRequest): ActiveRun {
  const { host, history, active } = context;
  const id = newId<RunId>(host.date());
  const startedAt = host.date().toISOString();
  const slots = request.mode === 'sequential' ? 1 : Math.max(1, Math.floor(request.slots));
  const events: RunEvent[] = [];
  const listeners = new Set<(event: RunEvent, state: RunState) => void>();
  let state = pendingState(id, request, slots, startedAt);
  let handle: RunHandle | undefined;
  let cancelled: CancelCause | undefined;
  const cancelledEarly = new Set<OperationId>();
  const preparing = new AbortController();
  const emit = (event: RunEvent) => {
    events.push(event);
    state = reduce(state, event);
    for (const listener of listeners) {
      // A view that fails must not take the run with it.
      try {
        listener(event, state);
      } catch (error) {
        host.log.error(`A view failed on the event "${event.kind}": ${error instanceof Error ? error.stack : String(error)}`);
      }
    }
  };
  const go = async (): Promise<RunState> => {
    const prepared = await prepare(context, request, slots, preparing.signal);
    const guard = startGuard(id, host.env, host.log);
    try {
      const directory = await history.prepare(id);
      handle = startRun({
        ...prepared,
        run: id,
        label: request.label,
        mode: request.mode,
        scope: request.scope.kind,
        slots,
        failFast: request.failFast,
        startedAt,
        ...(request.verification === undefined ? {} : { verification: request.verification }),
        now: host.now,
        emit,
        execute: (operation, attempt) => executeGate(context, prepared, request.gates, { guard, directory }, operation, attempt),
      });
      if (cancelled) handle.cancel(cancelled);
      for (const operation of cancelledEarly) handle.cancel({ kind: 'user' }, operation);
      await handle.finished;
    } finally {
      await guard.close();
    }
    await history.addRun(state, events);
    return state;
  };
  const stop = async (cause: CancelCause, operation?: OperationId) => {
    if (operation === undefined) {
      cancelled ??= cause;
      preparing.abort();
    } else if (!handle) {
      cancelledEarly.add(operation);
    }
    handle?.cancel(cause, operation);
    if (operation === undefined) await finished;
    else await Promise.race([ended(operation), finished]);
  };
  const ended = (operation: OperationId) =>
    new Promise<void>((resolve) => {
      const over = () => state.outcome !== undefined || state.operations.some((each) => each.id === operation && each.outcome);
      const check = () => {
        if (!over()) return;
        listeners.delete(check);
        resolve();
      };
      listeners.add(check);
      check();
    });
  const self = { stop };
  active.add(self);
  const finished = go()
    .catch((error: unknown) => {
      host.log.error(
        `The run ${id} could not be carried out: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
      state = { ...state, outcome: 'errored' };
      return state;
    })
    .finally(() => active.delete(self));
  return {
    id,
    state: () => state,
    now: () => handle?.now() ?? 0,
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    cancel: (operation) => stop({ kind: 'user' }, operation),
    setSlots: (wanted) => handle?.setSlots(Math.max(1, Math.floor(wanted))),
    finished,
  };
}

/** What the views show while the scope and the plan are being found out. */
function pendingState(run: RunId, request: RunRequest, slots: number, startedAt: string): RunState {
  const operations = request.gates.map((gate) => {
    return summary(gateOperation(gate, [gate.command.argv], gate.timeoutMs).operation);
  });
  const { label, mode, scope, verification } = request;
  return reduce(undefined, {
    kind: 'run started',
    sequence: 0,
    at: 0,
    run,
    label,
    mode,
    scope: scope.kind,
    slots,
    startedAt,
    operations,
    edges: [],
    ...(verification === undefined ? {} : { verification }),
  });
}

/** Scope to arguments, gates to operations, operations to a plan. */
async function prepare(context: EngineContext, request: RunRequest, slots: number, signal: AbortSignal): Promise<Prepared> {
  const operations = new Map<OperationId, GateOperation>();
  const skipped = new Map<OperationId, SkipReason>();
  const failures = new Map<OperationId, Failure>();
  const chosen = new Set(request.gates.map((gate) => gate.id));
  const scopes = new Map<string, ReturnType<typeof resolveScope>>();
  const scopeIn = (folder: Folder) => {
    const known = scopes.get(folder.path) ?? resolveScope(request.scope, folder, (args, cwd) => git(args, cwd, signal));
    scopes.set(folder.path, known);
    return known;
  };
  for (const gate of request.gates) {
    const id = operationOf(gate);
    const start = await startOf(gate, request.scope.kind, context.host, scopeIn);
    if (start.kind === 'skip') skipped.set(id, start.reason);
    if (start.kind === 'fail') failures.set(id, start.failure);
    // A need that the user did not choose is taken as met: a chosen gate runs on what is there.
    const wanted = { ...gate, needs: gate.needs.filter((need) => chosen.has(need)) };
    const { argv, files } = start.kind === 'run' ? start : { argv: [gate.command.argv], files: undefined };
    operations.set(id, gateOperation(wanted, argv, request.timeoutMs ?? gate.timeoutMs, files));
  }
  const batch = [...operations.values()].map(({ operation }) => operation);
  const planned = planBatch(batch, await context.history.durations(), slots);
  // Detection gives every gate its own id and acyclic needs, so a problem here is a defect.
  if (planned.kind === 'problems') throw new Error(planned.problems.map(planProblemText).join(' '));
  return { plan: planned.plan, operations, skipped, failures };
}

/** What a gate runs, or why it does not. */
type Start =
  | { readonly kind: 'run'; readonly argv: readonly (readonly string[])[]; readonly files?: readonly string[] }
  | { readonly kind: 'skip'; readonly reason: SkipReason }
  | { readonly kind: 'fail'; readonly failure: Failure };

async function startOf(
  gate: Gate,
  scope: ScopeKind,
  host: Host,
  scopeIn: (folder: Folder) => ReturnType<typeof resolveScope>,
): Promise<Start> {
  if (!host.trusted()) return { kind: 'fail', failure: { kind: 'untrusted workspace' } };
  if (gate.availability.kind === 'unavailable') return { kind: 'skip', reason: gate.availability };
  const resolved = await scopeIn(gate.folder);
  if (resolved.kind === 'problem') return { kind: 'fail', failure: { kind: 'unknown scope', message: resolved.message } };
  const inScope = argumentsInScope(gate, resolved);
  return inScope.kind === 'run'
    ? inScope
    : { kind: 'skip', reason: { kind: 'no files in scope', scope, inputs: inScope.inputs } };
}

/** Reads what git knows. Only called in a trusted workspace, since git may run programs that a repository configures. */
function git(
  args: readonly string[],
  cwd: string,
  signal: AbortSignal,
): Promise<{ readonly ok: boolean; readonly stdout: string }> {
  return new Promise((resolve) => {
    execFile('git', [...args], { cwd, signal, maxBuffer: 64_000_000, windowsHide: true }, (error, stdout) =>
      resolve({ ok: error === null, stdout }),
    );
  });
}

async function executeGate(
  context: EngineContext,
  prepared: Prepared,
  gates: readonly Gate[],
  { guard, directory }: { readonly guard: Guard; readonly directory: string },
  operation: Operation,
  attempt: Attempt,
): Promise<Execution> {
  const failure = prepared.failures.get(operation.id);
  if (failure) return { kind: 'ended', outcome: { kind: 'errored', failure }, result: { findings: [], outputBytes: 0 } };
  const gate = gates.find((candidate) => operationOf(candidate) === operation.id);
  const commands = prepared.operations.get(operation.id)?.commands;
  if (!gate || !commands) throw new Error(`No gate has the id "${operation.id}".`);
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
