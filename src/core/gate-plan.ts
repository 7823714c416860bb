/** From a request to what a run executes: scope to command lines, gates to operations, what is cached, parts, workers, and the plan. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Baseline } from './gate-baseline.js';
import { type Answers, answersOf, type Keyed } from './gate-cache.js';
import type { EngineContext, RunRequest } from './gate-run.js';
import { type GateOperation, gateOperation, operationOf } from './gates/operation.js';
import { type Git, installedGit, partlyStaged } from './git.js';
import type { Log } from './host.js';
import { planProblemText } from './messages.js';
import type {
  CommandInput,
  Failure,
  Folder,
  Gate,
  GateId,
  OperationId,
  OperationState,
  Part,
  Plan,
  RunState,
  SkipReason,
} from './model.js';
import { SHARD_PLACEHOLDER, SHARDS_PLACEHOLDER } from './model.js';
import { slashes } from './paths.js';
import { planBatch } from './plan.js';
import type { Settled } from './run.js';
import { argumentsInScope, type FilesInScope, resolveScope, type ScopedArguments } from './scope.js';
import { balanced, type Divisible, divide, expectedCost, learnCosts } from './shards.js';
import { spansOf } from './timing.js';
import { inserted, type Share, withWorkers } from './workers.js';

/** What is known of a run before its first operation starts. */
export interface Prepared {
  readonly plan: Plan;
  readonly operations: ReadonlyMap<OperationId, GateOperation>;
  /** The gate of each operation; several parts have one. */
  readonly gates: ReadonlyMap<OperationId, Gate>;
  /** Operations whose end is known already. */
  readonly settled: ReadonlyMap<OperationId, Settled>;
  /** Answers from the cache to which is not known yet what was there before. */
  readonly answered: ReadonlyMap<OperationId, Settled>;
  /** Operations that cannot be executed at all. */
  readonly failures: ReadonlyMap<OperationId, Failure>;
  /** Gates whose results are kept when the run has ended. */
  readonly keyed: readonly Keyed[];
  /** What tools are told of the machine. */
  readonly share: Share;
}

export interface Preparation {
  readonly slots: number;
  readonly signal: AbortSignal;
  /** In a run of new findings only. */
  readonly baseline?: Baseline | undefined;
}

/** Finds out all that decides what the run executes. Reads files and asks git; executes nothing of the workspace. */
export async function prepareRun(
  context: EngineContext,
  request: RunRequest,
  { slots, signal, baseline }: Preparation,
): Promise<Prepared> {
  const starts = await startsOf(context, request, signal, baseline);
  const whole = wholeOperations(request, starts);
  const { settled, failures, answered, keyed, going } = await decided(context, request, { starts, whole, baseline });
  const durations = await context.history.durations();
  const undivided = whole.filter(({ made }) => !answered.has(made.operation.id));
  const parts = await partsOf(context, { whole: undivided, going, durations, slots, request });
  const count = going.reduce((sum, gate) => sum + (parts.get(gate.id)?.length ?? 1), 0);
  const share: Share = { processors: context.processors, together: Math.min(slots, Math.max(count, 1)) };
  const all = whole.flatMap(({ gate, made }) => (parts.get(gate.id) ?? [made]).map((each) => ({ gate, made: each })));
  const told = all.map(({ gate, made }) => ({ gate, made: toldWorkers(gate, made, share) }));
  const operations = told.map(({ made }) => made.operation);
  const planned = planBatch(withPartNeeds(operations), durations, slots);
  // Detection gives every gate its own id and acyclic needs, so a problem here is a defect.
  if (planned.kind === 'problems') throw new Error(planned.problems.map(planProblemText).join(' '));
  return {
    plan: planned.plan,
    operations: new Map(told.map(({ made }) => [made.operation.id, made])),
    gates: new Map(told.map(({ gate, made }) => [made.operation.id, gate])),
    settled,
    answered,
    failures,
    keyed,
    share,
  };
}

interface Started {
  readonly starts: ReadonlyMap<Gate, Start>;
  readonly whole: readonly Whole[];
  readonly baseline: Baseline | undefined;
}

/** Which gates have an end already, cannot be executed at all, or have an answer in the cache; `going` are those that are executed. */
async function decided(context: EngineContext, request: RunRequest, { starts, whole, baseline }: Started) {
  const settled = new Map<OperationId, Settled>();
  const failures = new Map<OperationId, Failure>();
  for (const [gate, start] of starts) {
    const id = operationOf(gate);
    if (start.kind === 'skip') settled.set(id, { outcome: { kind: 'skipped', reason: start.reason }, result: NOTHING });
    if (start.kind === 'fail') failures.set(id, start.failure);
  }
  const runs = (gate: Gate) => !settled.has(operationOf(gate)) && !failures.has(operationOf(gate));
  const asked = whole.filter(({ gate }) => runs(gate));
  const answers = request.cache ? await answersOf(context, asked) : NO_ANSWERS;
  const answered = new Map<OperationId, Settled>();
  for (const gate of request.gates) {
    const answer = answers.settled.get(gate.id);
    if (!answer) continue;
    const compared = baseline ? await comparedAnswer(baseline, gate, answer) : answer;
    if (compared) settled.set(operationOf(gate), compared);
    else answered.set(operationOf(gate), answer);
  }
  return { settled, failures, answered, keyed: answers.keyed, going: request.gates.filter(runs) };
}

/** The answer with what was there before set apart; undefined when that is not known without running something. */
async function comparedAnswer(baseline: Baseline, gate: Gate, answer: Settled): Promise<Settled | undefined> {
  const { outcome, result } = answer;
  if (outcome.kind !== 'cached') return answer;
  const apart = await baseline.remembered(gate, { was: outcome.was, findings: result.findings });
  if (!apart) return undefined;
  const { kind: was, ...compared } = apart.outcome;
  return {
    outcome: { ...outcome, ...compared, was },
    result: { ...result, findings: apart.findings, known: apart.known, whole: outcome.was },
  };
}

const NOTHING = { findings: [], outputBytes: 0 } as const;
const NO_ANSWERS: Answers = { settled: new Map(), keyed: [] };

// --------------------------------------------------------------------------------------------------------------- scope

/** What a gate runs, or why it does not. */
type Start =
  | (ScopedArguments & { readonly kind: 'run' })
  | { readonly kind: 'skip'; readonly reason: SkipReason }
  | { readonly kind: 'fail'; readonly failure: Failure };

/** Gates read what lies on disk: what is staged otherwise, they do not see. */
async function warnOfPartlyStaged(folder: Folder, git: Git, log: Log): Promise<void> {
  const [first, ...others] = await partlyStaged(folder, git);
  if (first === undefined) return;
  const which = others.length === 0 ? first : `${first} and ${others.length} more`;
  log.warn(
    `What is staged of ${which} is not what lies on disk, and gates read what lies on disk. Stage the rest, or put it aside with "git stash --keep-index".`,
  );
}

async function startsOf(
  context: EngineContext,
  request: RunRequest,
  signal: AbortSignal,
  baseline: Baseline | undefined,
): Promise<ReadonlyMap<Gate, Start>> {
  const git = installedGit(signal);
  const scopes = new Map<string, ReturnType<typeof resolveScope>>();
  const warnings: Promise<void>[] = [];
  const scopeIn = (folder: Folder) => {
    const known = scopes.get(folder.path) ?? resolveScope(request.scope, folder, git);
    if (request.scope.kind === 'staged' && !scopes.has(folder.path))
      warnings.push(warnOfPartlyStaged(folder, git, context.host.log));
    scopes.set(folder.path, known);
    return known;
  };
  const starts = new Map<Gate, Start>();
  for (const gate of request.gates) starts.set(gate, await startOf(gate));
  await Promise.all(warnings);
  return starts;

  async function startOf(gate: Gate): Promise<Start> {
    if (!context.host.trusted()) return { kind: 'fail', failure: { kind: 'untrusted workspace' } };
    if (gate.availability.kind === 'unavailable') return { kind: 'skip', reason: gate.availability };
    const { kind: scope } = request.scope;
    if (gate.scopes && !gate.scopes.includes(scope)) return { kind: 'skip', reason: { kind: 'left out of scope', scope } };
    const incomparable = await baseline?.problem(gate.folder);
    if (incomparable !== undefined) return { kind: 'fail', failure: { kind: 'unknown scope', message: incomparable } };
    const resolved = await scopeIn(gate.folder);
    if (resolved.kind === 'problem') return { kind: 'fail', failure: { kind: 'unknown scope', message: resolved.message } };
    const inScope = argumentsInScope(gate, resolved);
    if (inScope.kind === 'run') {
      return request.exact && gate.sharding?.kind !== 'files' ? wholeOf(gate) : inScope;
    }
    return { kind: 'skip', reason: { kind: 'no files in scope', scope, inputs: inScope.inputs } };
  }
}

function wholeOf(gate: Gate): Start {
  const whole = argumentsInScope(gate, { kind: 'all' });
  return whole.kind === 'run' ? whole : { kind: 'run', argv: [gate.command.argv] };
}

// ---------------------------------------------------------------------------------------------------------- operations

interface Whole {
  readonly gate: Gate;
  readonly start: Start;
  readonly made: GateOperation;
}

function wholeOperations(request: RunRequest, starts: ReadonlyMap<Gate, Start>): readonly Whole[] {
  const chosen = new Set(request.gates.map((gate) => gate.id));
  return [...starts].map(([gate, start]) => {
    // A need that the user did not choose is taken as met: a chosen gate runs on what is there.
    const wanted = { ...gate, needs: gate.needs.filter((need) => chosen.has(need)) };
    const { argv, files } = start.kind === 'run' ? start : { argv: [gate.command.argv], files: undefined };
    return { gate, start, made: gateOperation(wanted, argv, request.timeoutMs ?? gate.timeoutMs, files) };
  });
}

function toldWorkers(gate: Gate, made: GateOperation, share: Share): GateOperation {
  const told = made.commands.map((command) => withWorkers(command, gate.workers, share));
  const [first] = told;
  if (first?.workers === undefined) return made;
  return {
    commands: told.map(({ command }) => command),
    operation: { ...made.operation, input: first.command, workers: first.workers },
  };
}

/** Who needs a gate that runs in parts, needs all of them. */
function withPartNeeds(operations: readonly GateOperation['operation'][]): readonly GateOperation['operation'][] {
  const members = new Map<OperationId, OperationId[]>();
  for (const { id, part } of operations) if (part) members.set(part.of, [...(members.get(part.of) ?? []), id]);
  if (members.size === 0) return operations;
  return operations.map((operation) => ({
    ...operation,
    needs: operation.needs.flatMap((need) => members.get(need) ?? [need]),
  }));
}

// --------------------------------------------------------------------------------------------------------------- parts

interface PartsRequest {
  readonly whole: readonly Whole[];
  /** Gates that will be executed. */
  readonly going: readonly Gate[];
  readonly durations: ReadonlyMap<OperationId, number>;
  readonly slots: number;
  readonly request: RunRequest;
}

/** The operations that take the place of gates which are divided. A sequential run is the baseline and divides nothing. */
async function partsOf(
  context: EngineContext,
  { whole, going, durations, slots, request }: PartsRequest,
): Promise<ReadonlyMap<GateId, readonly GateOperation[]>> {
  const result = new Map<GateId, readonly GateOperation[]>();
  if (request.mode === 'sequential' || slots < 2) return result;
  const candidates = whole.filter(
    ({ gate, start }) =>
      // What is remembered is how long all files take.
      start.kind === 'run' && start.files === undefined && going.includes(gate) && mayBeDivided(gate),
  );
  const long = candidates.filter(({ made }) => durations.has(made.operation.id));
  if (long.length === 0) return result;
  const planned = planBatch(
    whole.filter(({ gate }) => going.includes(gate)).map(({ made }) => withoutAbsentNeeds(made.operation, going)),
    durations,
    slots,
  );
  if (planned.kind === 'problems') return result;
  const files = new Map<GateId, readonly string[]>();
  const divisible: Divisible[] = [];
  for (const { gate, start, made } of long) {
    const named = gate.sharding?.kind === 'files' ? await filesOf(gate, start) : [];
    files.set(gate.id, named);
    const most = gate.sharding?.kind === 'files' ? named.length : slots;
    divisible.push({ operation: made.operation, most, ...tried(made.operation.id, durations) });
  }
  const counts = divide(planned.plan, durations, slots, divisible);
  for (const { gate, made } of long) {
    const count = counts.get(made.operation.id);
    if (count === undefined) continue;
    const divided =
      gate.sharding?.kind === 'option'
        ? optionParts(gate, made, count)
        : await fileParts(context, gate, made, files.get(gate.id) ?? [], count);
    if (divided.length > 1) result.set(gate.id, divided);
  }
  return result;
}

/** Parts that hold the same lock could only run one after another. */
function mayBeDivided(gate: Gate): boolean {
  const { sharding, access, files, command } = gate;
  // An option that counts over all files.
  if (command.argv.some((arg) => arg.startsWith('--max-warnings'))) return false;
  if (access.locks.length > 0 || access.writes.length > 0) return false;
  return sharding?.kind === 'option' || (sharding?.kind === 'files' && files.kind === 'files');
}

function withoutAbsentNeeds(operation: GateOperation['operation'], going: readonly Gate[]): GateOperation['operation'] {
  const ids = new Set(going.map(operationOf));
  return { ...operation, needs: operation.needs.filter((need) => ids.has(need)) };
}

function partId(of: OperationId, index: number, count: number): OperationId {
  return `${of}#${index}/${count}` as OperationId;
}

/** How it went when the gate was divided last: remembered durations of its parts, of the largest number that is known whole. */
function tried(id: OperationId, durations: ReadonlyMap<OperationId, number>): Pick<Divisible, 'tried'> {
  for (let count = 16; count >= 2; count -= 1) {
    const parts = Array.from({ length: count }, (_, index) => durations.get(partId(id, index + 1, count)));
    const known = parts.filter((ms) => ms !== undefined);
    if (known.length === count) return { tried: { parts: count, longestMs: Math.max(...known) } };
  }
  return {};
}

/** The files that the gate is given, or, where it finds them itself, those that it would be given one by one. */
async function filesOf(gate: Gate, start: Start): Promise<readonly string[]> {
  if (start.kind === 'run' && start.files !== undefined) return start.files;
  const all = await resolveScope({ kind: 'selected', files: [gate.folder.path] }, gate.folder, async () => ({
    ok: false,
    stdout: '',
  }));
  if (all.kind !== 'files') return [];
  const named = argumentsInScope(gate, all);
  return named.kind === 'run' ? (named.files ?? []) : [];
}

function optionParts(gate: Gate, made: GateOperation, count: number): readonly GateOperation[] {
  const { sharding } = gate;
  if (sharding?.kind !== 'option') return [];
  return Array.from({ length: count }, (_, index) => {
    const args = sharding.args.map((arg) =>
      arg.replaceAll(SHARD_PLACEHOLDER, String(index + 1)).replaceAll(SHARDS_PLACEHOLDER, String(count)),
    );
    const commands = made.commands.map((command) => ({ ...command, argv: inserted(command.argv, args, sharding.at) }));
    return partOperation(made, commands, { of: made.operation.id, name: made.operation.name, index: index + 1, count });
  });
}

async function fileParts(
  context: EngineContext,
  gate: Gate,
  made: GateOperation,
  files: readonly string[],
  count: number,
): Promise<readonly GateOperation[]> {
  const known = await context.costs.of(gate.id);
  const name = relativeTo(gate);
  const sizes = new Map(await Promise.all(files.map(async (file) => [file, await sizeOfFile(file)] as const)));
  const groups = balanced(files, count, (file) => expectedCost(known, name(file), () => sizes.get(file) ?? 0));
  return groups.flatMap((group, index) => {
    const scoped = argumentsInScope(gate, { kind: 'files', files: group } satisfies FilesInScope);
    if (scoped.kind !== 'run') return [];
    const commands = scoped.argv.map((argv) => ({ ...gate.command, argv }));
    const part = { of: made.operation.id, name: made.operation.name, index: index + 1, count: groups.length };
    return [partOperation(made, commands, part, group)];
  });
}

function partOperation(
  made: GateOperation,
  commands: readonly CommandInput[],
  part: Part,
  files?: readonly string[],
): GateOperation {
  return {
    commands,
    operation: {
      ...made.operation,
      id: partId(part.of, part.index, part.count),
      name: `${part.name} ${part.index}/${part.count}`,
      input: commands[0] ?? made.operation.input,
      part,
      ...(files === undefined ? {} : { files }),
    },
  };
}

function relativeTo(gate: Gate): (file: string) => string {
  return (file) => slashes(path.relative(gate.command.cwd, file));
}

async function sizeOfFile(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.size ?? 0;
}

/** Remembers what the files of parts cost, so that the next parts are more even. */
export async function learnFromParts(context: EngineContext, gates: readonly Gate[], state: RunState): Promise<void> {
  for (const gate of gates) {
    const whole = state.operations.find((operation) => operation.id === operationOf(gate));
    const parts = (whole?.parts ?? []).filter(isMeasured);
    if (parts.length === 0) continue;
    const name = relativeTo(gate);
    let costs = await context.costs.of(gate.id);
    for (const part of parts) {
      const sizes = new Map(
        await Promise.all((part.files ?? []).map(async (file) => [name(file), await sizeOfFile(file)] as const)),
      );
      costs = learnCosts(costs, [...sizes.keys()], spansOf(part, state.at).running, (file) => sizes.get(file) ?? 0);
    }
    await context.costs.remember(gate.id, costs);
  }
}

function isMeasured(part: OperationState): boolean {
  return part.files !== undefined && (part.outcome?.kind === 'passed' || part.outcome?.kind === 'failed');
}
