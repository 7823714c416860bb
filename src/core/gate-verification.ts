/** Verifies a speedup: a warm-up, then pairs of one sequential and one parallel run of the same work. */

import { type ActiveRun, type ActiveWork, newId, type WorkContext } from './active-run.js';
import type { Gate } from './gate-model.js';
import { type EngineContext, startGateRun } from './gate-run.js';
import { trialKeys } from './gate-trial-keys.js';
import { operationOf } from './gates/operation.js';
import { type LeftBehind, watchFolders } from './left-behind.js';
import type { ContextUse, FilesLeft, Trial, Verification } from './measured.js';
import type { Mode, OperationId, RunId, RunState, Scope, ScopeKind, VerificationId } from './model.js';
import { type SlotRange, slotRange } from './slots.js';
import {
  type Collision,
  DEFAULT_LIMITS,
  DEFAULT_TARGET,
  isNarrow,
  orderOfPair,
  type Trials as SpeedupTrials,
  verify,
} from './speedup.js';
import { timing } from './timing.js';
import type { CacheUser } from './tool-caches.js';
import { openSequence } from './trial-sequence.js';

/** How a verification is measured; what is left out is as by default. */
export interface MeasureOptions {
  /** The most pairs of one sequential and one parallel run. */
  readonly pairs?: number | undefined;
  /** After which no further pair begins, in milliseconds since the start. */
  readonly mostMs?: number | undefined;
  /** The speedup to be validated. */
  readonly target?: number | undefined;
  /** Decides the order within pairs. At random when left out. */
  readonly seed?: number | undefined;
}

export interface VerifyRequest extends SlotRange, MeasureOptions {
  readonly gates: readonly Gate[];
  readonly scope: Scope;
  /** Replaces every gate's own limit. */
  readonly timeoutMs?: number;
}

export interface VerificationProgress {
  readonly verification: Verification;
  /** States of the trials that ended, in order, then of the one that goes on. */
  readonly runs: readonly RunState[];
  /** From 1; 0 during the warm-up. */
  readonly trial: number;
  /** How many trials there are at most. */
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
export interface Trials extends SlotRange, MeasureOptions {
  readonly scope: ScopeKind;
  /** By which the verification is found again. */
  readonly operations: readonly OperationId[];
  /** How the run before the trials runs; parallel when nothing is said. */
  readonly warmUp?: Mode;
  /** What is executed: caches of it that exist after the warm-up are named. */
  readonly executed: readonly CacheUser[];
  start(mode: Mode, trial: TrialName, verification: VerificationId): StartedTrial;
  /** Told before anything runs, and of all runs when nothing is measured any more. */
  readonly beside?: { before(): Promise<void>; after(runs: readonly RunId[]): Promise<void> };
}

export interface StartedTrial {
  readonly run: ActiveRun;
  /** What it took of a language model's context. Asked for when it is finished and nothing is measured any more. */
  readonly context?: () => Promise<ContextUse | undefined>;
}

/** Which of the runs of a verification one is. */
export interface TrialName {
  /** `pair 2, parallel`. */
  readonly text: string;
  /** It comes before the trials and is not counted. */
  readonly warmsUp: boolean;
  /** To be called when its last operation has ended, before its files are put back. */
  readonly ended: () => Promise<void>;
}

/** Starts at once. */
export function startVerification(context: EngineContext, request: VerifyRequest): ActiveVerification {
  const { gates, scope, timeoutMs, pairs, mostMs, target, seed } = request;
  const limit = timeoutMs === undefined ? {} : { timeoutMs };
  const slots = slotRange(request);
  const asRun = { gates, scope, mode: 'parallel', ...slots, failure: 'continue', label: 'Verify Speedup', ...limit } as const;
  return startTrials(context, {
    beside: trialKeys(context, asRun),
    ...{ ...slots, pairs, mostMs, target, seed, scope: scope.kind, operations: gates.map(operationOf) },
    executed: gates.map(({ command, access, folder }) => ({ command, locks: access.locks, folder })),
    start: (mode, { text }, verification) => ({
      run: startGateRun(context, {
        gates,
        scope,
        mode,
        ...slots,
        failure: 'continue',
        label: `Verify Speedup, ${text}`,
        verification,
        ...limit,
      }),
    }),
  });
}

/** Starts at once. */
export function startTrials(context: WorkContext, request: Trials): ActiveVerification {
  const { host, history, active } = context;
  const id = newId<VerificationId>(host.date());
  const measuring = createMeasuring(id, host.date(), request);
  const listeners = new Set<(progress: VerificationProgress) => void>();
  const startedMs = host.now();
  const tell = () => {
    for (const listener of listeners) listener(progress());
  };
  const sequence = openSequence(tell);
  const progress = (): VerificationProgress => measuring.progress(sequence.current);
  const ran: RunId[] = [];
  const runOnce = runner({ request, id, sequence, folders: watchFolders(host.folders(), { own: host.storage }), ran });
  const isOver = () => sequence.cancelled || measuring.isOver();
  const pair = async (number: number) => {
    for (const mode of orderOfPair(measuring.seed, number)) {
      if (isOver()) return;
      measuring.trial(number, mode, await runOnce(mode, `pair ${number}, ${mode}`, false));
      tell();
    }
  };
  const go = async () => {
    await request.beside?.before();
    const warmUp = await runOnce(request.warmUp ?? 'parallel', 'warm-up', true);
    // Whether an operation cannot do its work at all, or only beside others, is told by running it beside none.
    const asks = warmUp.state.outcome === 'errored' && warmUp.state.mode === 'parallel' && !sequence.cancelled;
    const alone = asks ? await runOnce('sequential', 'warm-up', true) : undefined;
    const { existingCaches } = await import('./tool-caches.js');
    measuring.warmedUp({ warmUp, alone }, await existingCaches(request.executed, host.env));
    tell();
    for (let number = 1; !isOver(); number += 1) {
      await pair(number);
      if (!isOver()) measuring.pairEnded(number, host.now() - startedMs);
    }
    if (!sequence.cancelled) measuring.counted(await warmUp.context?.());
    const verification = measuring.verification();
    await history.addVerification(verification, request.operations);
    behind(active, request.beside?.after(ran));
    return verification;
  };
  const finished = go().finally(() => active.delete(self));
  const cancel = async () => {
    await sequence.cancel();
    await finished;
  };
  const self: ActiveWork = { stop: cancel };
  active.add(self);
  return {
    id,
    progress,
    now: sequence.now,
    onProgress(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    cancel,
    finished,
  };
}

interface Runner {
  readonly request: Trials;
  readonly id: VerificationId;
  readonly sequence: ReturnType<typeof openSequence>;
  readonly folders: ReturnType<typeof watchFolders>;
  /** Filled with what ran. */
  readonly ran: RunId[];
}

/** Runs one trial, and looks at what it leaves behind. */
function runner({ request, id, sequence, folders, ran }: Runner) {
  return async (mode: Mode, text: string, warmsUp: boolean): Promise<Ended> => {
    // What the warm-up leaves behind is compared with nothing.
    const look = warmsUp ? NO_LOOK : looking(folders);
    await look.begin();
    let started: StartedTrial | undefined;
    const state = await sequence.run(() => {
      started = request.start(mode, { text, warmsUp, ended: look.end }, id);
      return started.run;
    });
    await look.end();
    ran.push(state.run);
    return { state, usage: started?.run.usage(), context: started?.context, left: look.left() };
  };
}

/** Nobody waits for it but the end of the engine. */
function behind(active: Set<ActiveWork>, going: Promise<void> = Promise.resolve()): void {
  const work: ActiveWork = { stop: () => going };
  active.add(work);
  void going.finally(() => active.delete(work));
}

interface Ended {
  readonly state: RunState;
  readonly usage?: Trial['usage'];
  readonly context?: StartedTrial['context'];
  readonly left?: FilesLeft | undefined;
}

/** What the runs so far amount to. */
function createMeasuring(id: VerificationId, startedAt: Date, request: Trials) {
  const limits = {
    mostPairs: Math.max(1, Math.floor(request.pairs ?? DEFAULT_LIMITS.mostPairs)),
    mostMs: request.mostMs ?? DEFAULT_LIMITS.mostMs,
  };
  const seed = request.seed ?? startedAt.getTime() % 2 ** 32;
  const { slots, mostSlots, scope } = request;
  const trials: Trial[] = [];
  const runs: RunState[] = [];
  const left: (FilesLeft | undefined)[] = [];
  let warmUp: Pick<SpeedupTrials, 'warmUpMs' | 'undeclared' | 'caches' | 'collided'> | undefined;
  let used: ContextUse | undefined;
  let ended: Verification['ended'];
  const measure = (): Verification =>
    verify({
      ...{ id, startedAt: startedAt.toISOString(), limits, seed, slots, mostSlots, scope, ...warmUp },
      ...{ target: request.target ?? DEFAULT_TARGET, context: used },
      ...(ended === undefined ? {} : { ended }),
      ...{ trials: [...trials], runs: [...runs], left: [...left] },
    });
  let verification = measure();
  return {
    seed,
    verification: () => verification,
    progress: (going: () => RunState | undefined): VerificationProgress => ({
      verification,
      // Whoever is told of each event seldom looks at it.
      get runs() {
        const state = going();
        return state ? [...runs, state] : [...runs];
      },
      trial: warmUp === undefined ? 0 : Math.min(runs.length + 1, 2 * limits.mostPairs),
      of: 2 * limits.mostPairs,
    }),
    warmedUp({ warmUp: { state: first }, alone }: WarmUp, caches: readonly string[]) {
      const undeclared = first.operations.flatMap((operation) =>
        operation.answer?.undeclared ? [{ operation: operation.id, paths: operation.answer.undeclared }] : [],
      );
      const last = alone?.state ?? first;
      const warmUpMs = timing(first).makespanMs + (alone ? timing(alone.state).makespanMs : 0);
      const collided = alone && !isLost(last) ? collisions(first, last) : [];
      warmUp = { warmUpMs, undeclared, caches, collided };
      // Shows what was stopped or could not do its work; a warm-up that ended well is not among the trials.
      if (isLost(last)) runs.push(last);
      if (last.outcome === 'errored') ended = 'errored';
      verification = measure();
    },
    counted(context: ContextUse | undefined) {
      used = context;
      verification = measure();
    },
    trial(pair: number, mode: Mode, { state, usage, left: files }: Ended) {
      runs.push(state);
      left.push(files);
      // What it lacks beside nothing else can no longer be had: more trials would say nothing. What it lacks in company is measured.
      if (state.outcome === 'errored' && mode === 'sequential') ended = 'errored';
      if (state.outcome !== 'cancelled')
        trials.push({ pair, mode, run: state.run, makespanMs: timing(state).makespanMs, ...(usage ? { usage } : {}) });
      verification = measure();
    },
    isOver: () => ended !== undefined,
    /** A further pair takes as long as those so far. */
    pairEnded(pair: number, elapsedMs: number): void {
      const next = (elapsedMs * (pair + 1)) / pair;
      ended = isNarrow(verification) ? 'narrow' : pair >= limits.mostPairs ? 'pairs' : next > limits.mostMs ? 'time' : undefined;
      if (ended !== undefined) verification = measure();
    },
  };
}

/** The run before the trials, and where that could not do its work beside others the same once more, one after another. */
interface WarmUp {
  readonly warmUp: Ended;
  readonly alone: Ended | undefined;
}

/** Operations that errored beside others and not by themselves, each with how it ended by itself. */
function collisions(beside: RunState, alone: RunState): readonly Collision[] {
  return beside.operations.flatMap(({ id, outcome }) => {
    const other = alone.operations.find((each) => each.id === id)?.outcome;
    return outcome?.kind === 'errored' && other ? [{ operation: id, beside: outcome.kind, alone: other.kind }] : [];
  });
}

/** What it was to show cannot be had of it. */
function isLost({ outcome }: RunState): boolean {
  return outcome === 'cancelled' || outcome === 'errored';
}

interface Look {
  begin(): Promise<void>;
  end(): Promise<void>;
  left(): FilesLeft | undefined;
}

const NO_LOOK: Look = { begin: async () => {}, end: async () => {}, left: () => undefined };

/** One look at the files before a run and one after it, whoever asks for the second first. */
function looking(leftBehind: LeftBehind): Look {
  let looked: Promise<FilesLeft> | undefined;
  let left: FilesLeft | undefined;
  return {
    begin: () => leftBehind.begin(),
    async end() {
      looked ??= leftBehind.end();
      left = await looked;
    },
    left: () => left,
  };
}
