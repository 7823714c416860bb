/** From a request to what a run executes: scope to command lines, gates to operations, what is cached, parts, workers, and the plan. */

import path from 'node:path';
import { type Duration, expectedOf, mediansOf } from './durations.js';
import { learnedSlotsOf } from './forecast.js';
import type { Baseline } from './gate-baseline.js';
import { type Answers, answersOf, type Keyed, keysOf } from './gate-cache.js';
import type { Gate } from './gate-model.js';
import { partsOf } from './gate-parts.js';
import type { EngineContext, RunRequest } from './gate-run.js';
import { type GateOperation, gateOperation, operationOf } from './gates/operation.js';
import { type Git, installedGit, partlyStaged } from './git.js';
import type { Log } from './host.js';
import { planProblemText } from './messages.js';
import type { Failure, Folder, Operation, OperationId, Plan, SkipReason } from './model.js';
import { effectiveKind } from './parts.js';
import { planBatch } from './plan.js';
import type { Settled } from './run.js';
import { argumentsOf, type ResolvedScope, resolveScope, type ScopedArguments } from './scope.js';
import { portions, type Share, takesWorkers, withWorkers } from './workers.js';

/** What is known of a run before its first operation starts. */
export interface Prepared {
  readonly plan: Plan;
  /** What is known of the durations of its operations. */
  readonly expected: ReadonlyMap<OperationId, Duration>;
  readonly learnedSlots: ReturnType<typeof learnedSlotsOf>;
  readonly operations: ReadonlyMap<OperationId, GateOperation>;
  /** The gate of each operation; several parts have one. */
  readonly gates: ReadonlyMap<OperationId, Gate>;
  /** Operations whose end is known already. */
  readonly settled: ReadonlyMap<OperationId, Settled>;
  /** Answers from the cache to which is not known yet what was there before. */
  readonly answered: ReadonlyMap<OperationId, Settled>;
  /** Operations that cannot be executed at all. */
  readonly failures: ReadonlyMap<OperationId, Failure>;
  /** Gates whose results are known by a key, and are kept when the run has ended if it may use the cache. */
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
  const known = await context.history.durations();
  const { mode } = request;
  const durations = known.medians(mode);
  const undivided = whole.filter(({ made }) => !answered.has(made.operation.id));
  const parts = await partsOf(context, { whole: undivided, going, durations, slots, request });
  const count = going.reduce((sum, gate) => sum + (parts.get(gate.id)?.length ?? 1), 0);
  const share: Share = { processors: context.processors, together: Math.min(slots, Math.max(count, 1)) };
  const all = whole.flatMap(({ gate, made }) => (parts.get(gate.id) ?? [made]).map((each) => ({ gate, made: each })));
  const expected = expectedOf(
    known,
    all.map(({ made }) => made.operation),
    mode,
  );
  const lengths = all
    .filter(({ gate }) => going.includes(gate) && takesWorkers(gate.workers))
    .map(({ made: { operation } }) => [operation.id, expected.get(operation.id)?.ms ?? lengthOf(operation, durations)] as const);
  const portionOf = portions(new Map(lengths), share.together);
  const told = all.map(({ gate, made }) => {
    const portion = portionOf.get(made.operation.id);
    return { gate, made: toldWorkers(gate, made, portion === undefined ? share : { ...share, portion }) };
  });
  const operations = told.map(({ made }) => made.operation);
  const planned = planBatch(withPartNeeds(operations), mediansOf(expected), slots);
  // Detection gives every gate its own id and acyclic needs, so a problem here is a defect.
  if (planned.kind === 'problems') throw new Error(planned.problems.map(planProblemText).join(' '));
  return {
    plan: planned.plan,
    expected,
    learnedSlots: learnedSlotsOf(known, operations),
    operations: new Map(told.map(({ made }) => [made.operation.id, made])),
    gates: new Map(told.map(({ gate, made }) => [made.operation.id, gate])),
    settled,
    answered,
    failures,
    keyed,
    share,
  };
}

/** The keys of what these gates would run now, as far as they are known. Executes nothing. */
export async function keysNow(context: EngineContext, request: RunRequest, signal: AbortSignal): Promise<readonly Keyed[]> {
  const starts = await startsOf(context, request, signal, undefined);
  return keysOf(
    context,
    wholeOperations(request, starts).filter(({ start }) => start.kind === 'run'),
  );
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
  const keyed = request.cache || request.verification !== undefined ? answers.keyed : await keysOf(context, asked);
  const answered = new Map<OperationId, Settled>();
  for (const gate of request.gates) {
    const answer = answers.settled.get(gate.id);
    if (!answer) continue;
    const compared = baseline ? await comparedAnswer(baseline, gate, answer) : answer;
    if (compared) settled.set(operationOf(gate), compared);
    else answered.set(operationOf(gate), answer);
  }
  settleByNeeds(whole, settled);
  return { settled, failures, answered, keyed, going: request.gates.filter(runs) };
}

/** What needs something that has ended and did not pass has an end, too: which of several it is put down to, plan and run say alike. */
function settleByNeeds(whole: readonly Whole[], settled: Map<OperationId, Settled>): void {
  let before: number;
  do {
    before = settled.size;
    for (const { made } of whole) {
      const { id, needs } = made.operation;
      if (settled.has(id)) continue;
      for (const need of needs) {
        const outcome = settled.get(need)?.outcome;
        const kind = outcome && effectiveKind(outcome);
        if (kind === undefined || kind === 'passed') continue;
        settled.set(id, {
          outcome: { kind: 'skipped', reason: { kind: 'need did not pass', need, outcome: kind } },
          result: NOTHING,
        });
        break;
      }
    }
  } while (settled.size > before);
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
export type Start =
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

function warnOfUnnamed(resolved: ResolvedScope, folder: Folder, log: Log): void {
  const [first, ...others] = resolved.kind === 'files' ? (resolved.unnamed ?? []) : [];
  if (first === undefined) return;
  const which = `${path.relative(folder.path, first)}${others.length === 0 ? '' : ` and ${others.length} more`}`;
  log.warn(
    `Names that are not UTF-8 cannot be given to a tool, so gates that take files leave out ${which}. Rename what you can.`,
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
  const warned = new Set<string>();
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
    if (!warned.has(gate.folder.path)) warnOfUnnamed(resolved, gate.folder, context.host.log);
    warned.add(gate.folder.path);
    if (resolved.kind === 'problem') return { kind: 'fail', failure: { kind: 'unknown scope', message: resolved.message } };
    const inScope = await argumentsOf(gate, resolved);
    if (inScope.kind === 'run') {
      return request.exact && gate.sharding?.kind !== 'files' ? wholeOf(gate) : inScope;
    }
    return { kind: 'skip', reason: { kind: 'no files in scope', scope, inputs: inScope.inputs } };
  }
}

async function wholeOf(gate: Gate): Promise<Start> {
  const whole = await argumentsOf(gate, { kind: 'all' });
  return whole.kind === 'run' ? whole : { kind: 'run', argv: [gate.command.argv] };
}

// ---------------------------------------------------------------------------------------------------------- operations

/** A gate with what it runs when it is not divided. */
export interface Whole {
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

/** Of a part whose own length is not known an even part of the whole, in milliseconds. */
function lengthOf({ part }: Operation, durations: ReadonlyMap<OperationId, number>): number | undefined {
  const whole = part && durations.get(part.of);
  return whole === undefined ? undefined : whole / (part?.count ?? 1);
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
