/** Tunes how many gates, or operations of a batch, run at once: each trial is one run with a fixed number of slots. */
import type { ActiveRun } from './active-run.js';
import type { PlannedBatch } from './batch/planned.js';
import { type BatchContext, startBatchRun } from './batch/run.js';
import type { Gate } from './gate-model.js';
import { type EngineContext, startGateRun } from './gate-run.js';
import type { RunState, Scope } from './model.js';
import { leavesOf } from './parts.js';
import { numbersUpTo } from './scalability.js';
import { automaticSlots, DEFAULT_MOST_SLOTS, type SlotRange } from './slots.js';
import { timing } from './timing.js';
import { type ActiveTuning, startTuning, type Tried, type TuningWork } from './tune.js';
import { AUTOMATIC, type TuningId, type TuningLimits, type TuningSubject } from './tuning-model.js';
import { numberText } from './tuning-text.js';

/** What every tuning is asked. */
export interface TuneOptions {
  readonly limits: TuningLimits;
  readonly seed: number;
}

export interface TuneGatesRequest extends TuneOptions {
  readonly gates: readonly Gate[];
  readonly scope: Scope;
  /** No more slots are tried than this; as many as make sense when left out. */
  readonly mostSlots?: number;
  /** Replaces every gate's own limit. */
  readonly timeoutMs?: number;
}

export interface TuneBatchRequest extends TuneOptions {
  readonly batch: PlannedBatch;
  /** Of the batch, for people. */
  readonly label: string;
  readonly mostSlots?: number;
}

/** More operations at once than this share a processor so much that nothing but waiting overlaps. */
const MOST_FOR_EACH_PROCESSOR = 4;

/** Starts at once. */
export function tuneGates(context: EngineContext, request: TuneGatesRequest): ActiveTuning {
  const { gates, scope, timeoutMs, seed, limits } = request;
  const limit = timeoutMs === undefined ? {} : { timeoutMs };
  const run = (slots: SlotRange, label: string, id: TuningId) =>
    startGateRun(context, {
      ...{ gates, scope, ...slots, label, verification: id, recorded: false, ...limit },
      ...{ mode: 'parallel', failure: 'continue' },
    });
  return startTuning(context, {
    limits,
    seed,
    ...slotWork({ kind: 'gates', scope: scope.kind }, rangesOf(context, request), run),
  });
}

/** Starts at once. Files are put back after each trial. */
export function tuneBatch(context: BatchContext & Pick<EngineContext, 'processors'>, request: TuneBatchRequest): ActiveTuning {
  const { batch, seed, limits } = request;
  const run = (slots: SlotRange, label: string, id: TuningId) =>
    startBatchRun(context, {
      ...{ batch, ...slots, label, verification: id, recorded: false },
      ...{ mode: 'parallel', failure: 'continue' },
    });
  return startTuning(context, {
    limits,
    seed,
    ...slotWork({ kind: 'batch', label: request.label }, rangesOf(context, request), run),
  });
}

interface Ranges {
  /** The most slots that are tried. */
  readonly most: number;
  /** With which a run begins that nobody has tuned. */
  readonly automatic: SlotRange;
}

function rangesOf({ processors }: Pick<EngineContext, 'processors'>, { mostSlots }: { readonly mostSlots?: number }): Ranges {
  const most = mostSlots ?? Math.max(DEFAULT_MOST_SLOTS, MOST_FOR_EACH_PROCESSOR * processors);
  return { most: Math.max(1, Math.floor(most)), automatic: automaticSlots(processors, mostSlots) };
}

function slotWork(
  subject: TuningSubject,
  { most, automatic }: Ranges,
  start: (slots: SlotRange, label: string, id: TuningId) => ActiveRun,
): Pick<TuningWork, 'subject' | 'law' | 'automatic' | 'warmUp' | 'attempt'> {
  const label = subject.kind === 'batch' ? `Tune ${subject.label}` : 'Tune Concurrency';
  return {
    subject,
    ...{ law: true, automatic: true },
    async warmUp(sequence, id) {
      const state = await sequence.run(() => start(automatic, `${label}, warm-up`, id));
      const operations = lanesOf(state);
      return { ...triedBy(state), operations, numbers: numbersUpTo(Math.min(most, Math.max(1, operations))) };
    },
    attempt: async (sequence, number, id) => {
      const slots = number === AUTOMATIC ? automatic : { slots: number };
      return triedBy(await sequence.run(() => start(slots, `${label}, ${numberText(subject, number)}`, id)));
    },
  };
}

function triedBy(state: RunState): Tried {
  return { ms: timing(state).makespanMs, runs: [state] };
}

/** How many slots could be of use at all: one for each operation or part that ran, and one for each pass of several. */
function lanesOf(state: RunState): number {
  const ran = leavesOf(state.operations).filter(({ segments }) => segments.some(({ phase }) => phase === 'running'));
  return Math.round(ran.reduce((sum, { answer }) => sum + 1 / (1 + (answer?.fusedWith?.length ?? 0)), 0));
}
