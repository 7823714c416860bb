/** Runs gates: prepares what is executed, executes the plan, and puts the run into the history. */
import { type ActiveRun, type ActiveWork, startWork, type WorkContext } from './active-run.js';
import type { Cache, CachedResult } from './cache.js';
import type { Costs } from './costs.js';
import type { CachedBase } from './gate-baseline.js';
import { keepResults } from './gate-cache.js';
import { executeGate, type Place } from './gate-execution.js';
import type { Gate } from './gate-model.js';
import { learnFromParts } from './gate-parts.js';
import { type Prepared, prepareRun } from './gate-plan.js';
import { gateOperation } from './gates/operation.js';
import { openIdleParts } from './idle-parts.js';
import type { Journal } from './journal.js';
import type { FailureMode, Mode, Operation, OperationSummary, RunState, Scope, VerificationId } from './model.js';
import { type Attempt, type Execution, summary } from './run.js';
import { slotRange } from './slots.js';

export interface RunRequest {
  /** In sequential order. Gates that are not available are skipped, with their reason. */
  readonly gates: readonly Gate[];
  readonly scope: Scope;
  readonly mode: Mode;
  /** How many operations run at once; ignored by a sequential run. */
  readonly slots: number;
  /** Volley moves the number of slots between 1 and this while the run goes on. Absent: it stays. */
  readonly mostSlots?: number;
  /** What happens to the rest when a gate does not pass. */
  readonly failure: FailureMode;
  /** What the user asked for, for the Runs view: `Run All Gates`. */
  readonly label: string;
  /** Replaces every gate's own limit. */
  readonly timeoutMs?: number;
  /** With files named one by one: gates whose files cannot be checked apart run whole, so that every outcome is that of the whole. */
  readonly exact?: boolean;
  /** Answer gates from the cache whose result nothing has changed since. A trial never does. */
  readonly cache?: boolean;
  /** Set apart what was found where the branch left the default branch, and fail for what is new only. */
  readonly newOnly?: boolean;
  /** Marks the run as a trial. */
  readonly verification?: VerificationId;
  /** False: nothing of it is kept when it has ended. */
  readonly recorded?: boolean;
}

/** What all runs of an engine share. */
export interface EngineContext extends WorkContext {
  readonly costs: Costs;
  readonly cache: Cache<CachedResult>;
  /** What gates found at commits. */
  readonly bases: Cache<CachedBase>;
  readonly journal: Journal;
  /** How many processors the machine has for us. */
  readonly processors: number;
}

/** Starts at once; what has to be found out first happens behind the first, pending state. */
export function startGateRun(context: EngineContext, request: RunRequest): ActiveRun {
  const { label, mode, scope, failure, verification, newOnly, recorded = true } = request;
  const range = slotRange(request);
  const { slots } = range;
  return startWork(context, {
    ...{
      label,
      mode,
      ...range,
      failure,
      recorded,
      scope: scope.kind,
      pending: request.gates.map(pendingSummary),
    },
    ...(verification === undefined ? {} : { verification }),
    ...(newOnly === undefined ? {} : { newOnly }),
    async prepare(signal) {
      const baseline = newOnly
        ? (await import('./gate-baseline.js')).openBaseline(context, {
            gates: request.gates,
            cache: request.cache !== false,
            signal,
          })
        : undefined;
      const prepared = await prepareRun(context, request, { slots, signal, baseline });
      const isCopied = [...prepared.gates.values()].some(({ inCopy }) => inCopy);
      const copies = isCopied ? (await import('./gate-copies.js')).openCopies(context, signal) : undefined;
      const idleParts = openIdleParts();
      return {
        plan: prepared.plan,
        expected: prepared.expected,
        learnedSlots: prepared.learnedSlots,
        settled: prepared.settled,
        execute: (operation, attempt, place) =>
          execute(context, prepared, { ...place, baseline, copies, share: prepared.share, idleParts }, operation, attempt),
        close: async () => void (await Promise.all([baseline?.close(), copies?.close()])),
        async after(state) {
          if (recorded) await learnFromParts(context, request.gates, state);
          keepLater(context, prepared, state, request.cache === true);
        },
      };
    },
  });
}

function pendingSummary(gate: Gate): OperationSummary {
  return summary(gateOperation(gate, [gate.command.argv], gate.timeoutMs).operation);
}

/** Nobody waits for it but the end of the engine. */
function keepLater(context: EngineContext, { keyed, gates }: Prepared, state: RunState, cache: boolean): void {
  const { host, active } = context;
  const keeping = keepResults(context, { keyed, cache }, [...new Set(gates.values())], state)
    .catch((error: unknown) => host.log.warn(`Results could not be kept for the cache: ${String(error)}.`))
    .finally(() => active.delete(work));
  const work: ActiveWork = { stop: () => keeping };
  active.add(work);
}

function execute(
  context: EngineContext,
  { failures, gates, operations, answered }: Prepared,
  place: Place,
  { id }: Operation,
  attempt: Attempt,
): Promise<Execution> {
  const failure = failures.get(id);
  if (failure) {
    return Promise.resolve({ kind: 'ended', outcome: { kind: 'errored', failure }, result: { findings: [], outputBytes: 0 } });
  }
  const gate = gates.get(id);
  const made = operations.get(id);
  if (!gate || !made) throw new Error(`No gate has the operation "${id}".`);
  return executeGate(context, gate, made, place, attempt, answered.get(id));
}
