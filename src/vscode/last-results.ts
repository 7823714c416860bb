/** How every gate ended last, in this window or an earlier one. */
import type { Engine } from '../core/engine.js';
import type { Gate } from '../core/gate-model.js';
import type { HistoryEntry } from '../core/measured.js';
import type { GateId, OperationId, OperationState, RunId, RunState } from '../core/model.js';
import { spansOf } from '../core/timing.js';

/** How many past runs are searched for a gate's last result. */
const REMEMBERED_RUNS = 10;

/** How a gate ended last. Being skipped or cancelled says nothing about it, so that is here only while nothing better is known. */
export interface LastResult {
  readonly run: RunId;
  readonly operation: OperationState;
  /** Running time in milliseconds. */
  readonly durationMs: number;
  /** It comes from an earlier window: its findings were of that time. */
  readonly restored: boolean;
}

/** What looking up results of earlier windows has brought. */
export interface Restored {
  /** Of the history, newest first. */
  readonly entries: readonly HistoryEntry[];
  /** Operations whose last result is another now. */
  readonly operations: ReadonlySet<OperationId>;
  /** Whether anything is known now that was not. */
  readonly news: boolean;
}

export interface LastResults {
  /** Filled as gates end. */
  readonly results: Map<GateId, LastResult>;
  /** Whether results of earlier windows have been looked up, so that a gate without one has none. */
  known(): boolean;
  /** Looks up those of gates without a conclusive one, each gate once; undefined when there is none. Rejects when the history cannot be read. */
  restore(engine: () => Engine, gates: readonly Gate[]): Promise<Restored | undefined>;
}

/** None, and nothing looked up yet. */
export function createLastResults(): LastResults {
  const results = new Map<GateId, LastResult>();
  const searched = new Set<GateId>();
  let known = false;
  return {
    results,
    known: () => known,
    async restore(engine, gates) {
      // Gates that come back, say after a damaged package.json was repaired, are not searched for again.
      const missing = gates.filter(({ id }) => !searched.has(id) && !isConclusive(results.get(id)));
      if (missing.length === 0 && known) return undefined;
      for (const { id } of missing) searched.add(id);
      const restored = await restoreResults(engine(), missing);
      const fresh = [...restored.results].filter(([id, result]) => outranks(result, results.get(id)));
      for (const [id, result] of fresh) results.set(id, result);
      const news = !known || fresh.length > 0;
      known = true;
      return { entries: restored.entries, operations: new Set(fresh.map(([, result]) => result.operation.id)), news };
    },
  };
}

/** The last result of each of these gates, from the newest runs of the history. */
async function restoreResults(engine: Engine, gates: readonly Gate[]) {
  const entries = await engine.history();
  const found = new Map<GateId, LastResult>();
  for (const entry of entries.slice(0, REMEMBERED_RUNS)) {
    const missing = gates.filter((gate) => !isConclusive(found.get(gate.id)));
    if (missing.length === 0) break;
    const state = entry.batch ? undefined : await engine.loadRun(entry.run);
    for (const gate of missing) {
      const operation = state?.operations.find((candidate) => candidate.id === (gate.id as string) && candidate.outcome);
      if (!state || !operation) continue;
      const result = resultOf(state, operation, true);
      if (!found.has(gate.id) || isConclusive(result)) found.set(gate.id, result);
    }
  }
  return { entries, results: found };
}

/** Whether the gate got to a result of its own: it was neither skipped nor cancelled. */
export function isConclusive(result: LastResult | undefined): boolean {
  const kind = result?.operation.outcome?.kind;
  return kind !== undefined && kind !== 'skipped' && kind !== 'cancelled';
}

/** Whether a result of an earlier window is worth more than what is known. */
function outranks(restored: LastResult, known: LastResult | undefined): boolean {
  return known === undefined || (!isConclusive(known) && isConclusive(restored));
}

/** The result of an operation that ended in this state of a run. */
export function resultOf(state: RunState, operation: OperationState, restored: boolean): LastResult {
  return { run: state.run, operation, durationMs: spansOf(operation, state.at).running, restored };
}
