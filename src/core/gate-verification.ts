/** Verifies a speedup: a warm-up, then pairs of one sequential and one parallel run of the same work. */

import { type ActiveRun, newId, type WorkContext } from './active-run.js';
import type { Gate } from './gate-model.js';
import { type EngineContext, startGateRun } from './gate-run.js';
import { operationOf } from './gates/operation.js';
import type { Trial, Undeclared, Verification } from './measured.js';
import type { Mode, OperationId, RunState, Scope, ScopeKind, VerificationId } from './model.js';
import { slotRange } from './slots.js';
import { orderOfPair, verify } from './speedup.js';
import { timing } from './timing.js';

export interface VerifyRequest {
  readonly gates: readonly Gate[];
  readonly scope: Scope;
  readonly slots: number;
  readonly mostSlots?: number;
  /** How many pairs of one sequential and one parallel run; the order alternates. */
  readonly pairs: number;
  /** Replaces every gate's own limit. */
  readonly timeoutMs?: number;
}

export interface VerificationProgress {
  readonly verification: Verification;
  /** States of the trials that ended, in order, then of the one that goes on. */
  readonly runs: readonly RunState[];
  /** From 1; 0 during the warm-up. */
  readonly trial: number;
  readonly of: number;
}

export interface ActiveVerification {
  readonly id: VerificationId;
  progress(): VerificationProgress;
  /** The clock of the run that goes on: milliseconds since it started. */
  now(): number;
  /** Called when a trial starts or ends, and after each event of the trial that goes on. */
  onProgress(listener: (progress: VerificationProgress) => void): () => void;
  cancel(): Promise<void>;
  readonly finished: Promise<Verification>;
}

/** What is measured. */
export interface Trials {
  readonly scope: ScopeKind;
  readonly slots: number;
  readonly mostSlots?: number;
  readonly pairs: number;
  /** By which the verification is found again. */
  readonly operations: readonly OperationId[];
  /** How the run before the trials runs; parallel when nothing is said. */
  readonly warmUp?: Mode;
  start(mode: Mode, trial: TrialName, verification: VerificationId): ActiveRun;
}

/** Which of the runs of a verification one is. */
export interface TrialName {
  /** `pair 2 of 3, parallel`. */
  readonly text: string;
  /** It comes before the trials and is not counted. */
  readonly warmsUp: boolean;
}

/** Starts at once. */
export function startVerification(context: EngineContext, request: VerifyRequest): ActiveVerification {
  const { gates, scope, pairs, timeoutMs } = request;
  const limit = timeoutMs === undefined ? {} : { timeoutMs };
  const slots = slotRange(request);
  return startTrials(context, {
    ...{ ...slots, pairs, scope: scope.kind, operations: gates.map(operationOf) },
    start: (mode, { text }, verification) =>
      startGateRun(context, {
        gates,
        scope,
        mode,
        ...slots,
        failure: 'continue',
        label: `Verify Speedup, ${text}`,
        verification,
        ...limit,
      }),
  });
}

/** Starts at once. */
export function startTrials(context: WorkContext, request: Trials): ActiveVerification {
  const { host, history } = context;
  const id = newId<VerificationId>(host.date());
  const startedAt = host.date().toISOString();
  const { slots, mostSlots, scope } = request;
  const pairs = Math.max(1, Math.floor(request.pairs));
  const listeners = new Set<(progress: VerificationProgress) => void>();
  const trials: Trial[] = [];
  const ended: RunState[] = [];
  let current: ActiveRun | undefined;
  let cancelled = false;
  let warmUpMs: number | undefined;
  let undeclared: readonly Undeclared[] = [];
  const measure = () =>
    verify({ id, startedAt, pairs, slots, mostSlots, scope, warmUpMs, undeclared, trials: [...trials], runs: [...ended] });
  let verification = measure();
  const progress = (): VerificationProgress => ({
    verification,
    runs: current ? [...ended, current.state()] : [...ended],
    trial: warmUpMs === undefined ? 0 : Math.min(ended.length + 1, 2 * pairs),
    of: 2 * pairs,
  });
  const tell = () => {
    verification = measure();
    for (const listener of listeners) listener(progress());
  };
  const runOnce = async (mode: Mode, name: TrialName): Promise<RunState> => {
    current = request.start(mode, name, id);
    current.onEvent(() => {
      for (const listener of listeners) listener(progress());
    });
    const state = await current.finished;
    current = undefined;
    cancelled ||= state.outcome === 'cancelled';
    return state;
  };
  const warmUp = async () => {
    const state = await runOnce(request.warmUp ?? 'parallel', { text: 'warm-up', warmsUp: true });
    warmUpMs = timing(state).makespanMs;
    undeclared = state.operations.flatMap(({ id, answer }) =>
      answer?.undeclared ? [{ operation: id, paths: answer.undeclared }] : [],
    );
    // Shows what was stopped; a warm-up that ended is not among the trials.
    if (cancelled) ended.push(state);
    tell();
  };
  const trial = async (pair: number, mode: Mode) => {
    const state = await runOnce(mode, { text: `pair ${pair} of ${pairs}, ${mode}`, warmsUp: false });
    ended.push(state);
    if (state.outcome !== 'cancelled') trials.push({ pair, mode, run: state.run, makespanMs: timing(state).makespanMs });
    tell();
  };
  const go = async () => {
    await warmUp();
    for (let pair = 1; pair <= pairs; pair += 1) {
      for (const mode of orderOfPair(pair)) if (!cancelled) await trial(pair, mode);
    }
    await history.addVerification(verification, request.operations);
    return verification;
  };
  const finished = go();
  return {
    id,
    progress,
    now: () => current?.now() ?? 0,
    onProgress(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async cancel() {
      cancelled = true;
      await current?.cancel();
      await finished;
    },
    finished,
  };
}
