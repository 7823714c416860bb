/**
 * Watching: runs again, after files changed, just the gates that they concern. What runs on outdated files is cancelled; what they do
 * not concern goes on to its end, and the next run starts after it.
 */

import type { Gate } from './gate-model.js';
import type { GateId, OperationId, RunState } from './model.js';
import { didNotPass } from './parts.js';

/** What a watch has run. */
export interface WatchedRun {
  cancel(operation: OperationId): Promise<void>;
  readonly finished: Promise<Pick<RunState, 'operations'>>;
}

export interface WatchOptions {
  /** In sequential order. */
  readonly gates: readonly Gate[];
  /** Whether one of the files, absolute, can change the result of the gate: for these files alone, or for everything that it checks. */
  concerns(gate: Gate, files: readonly string[]): Concern;
  /**
   * Starts a run. With `files` gates whose files can be checked apart are limited to these; absent: everything is checked. Undefined
   * when nothing can be started now; then it is tried again with the next change.
   */
  start(gates: readonly Gate[], files: readonly string[] | undefined): WatchedRun | undefined;
  /** Calls `then` once no change has come for a moment; a new call takes the place of the one before. */
  settle(then: () => void): void;
}

export interface Watch {
  /** These files were written, added or removed. Absolute. None: what could not be started before is tried again. */
  changed(files: readonly string[]): void;
  /** Starts nothing any more. Resolves when what runs has been stopped. */
  stop(): Promise<void>;
}

/** What a change means for a gate: nothing, that it has to check the changed files, or that it has to check everything anew. */
export type Concern = 'nothing' | 'files' | 'everything';

/** Files to check, or everything. */
type Due = ReadonlySet<string> | 'everything';

/** Starts with a run of all gates. */
export function createWatch({ gates, concerns, start, settle }: WatchOptions): Watch {
  /** What has to be checked anew. */
  const due = new Map<GateId, Due>(gates.map(({ id }) => [id, 'everything']));
  /** Where each gate found something last; a gate that passes on these and on what changed passes on all. */
  const failing = new Map<GateId, Due>();
  let current: { readonly run: WatchedRun; readonly checks: ReadonlyMap<GateId, Due> } | undefined;
  let stopped = false;

  const add = (id: GateId, more: Due) => due.set(id, union(due.get(id), more));
  const launch = () => {
    if (current || stopped || due.size === 0) return;
    const wanted = gates.filter(({ id }) => due.has(id));
    for (const { id } of wanted) add(id, failing.get(id) ?? new Set());
    const checks = new Map(wanted.map(({ id }) => [id, due.get(id) ?? 'everything']));
    const all = [...checks.values()].reduce<Due>(union, new Set());
    const run = start(wanted, all === 'everything' ? undefined : [...all].sort());
    if (!run) return;
    due.clear();
    current = { run, checks };
    void run.finished.then(ended);
  };
  const ended = (state: Pick<RunState, 'operations'>) => {
    for (const [id, checked] of current?.checks ?? []) {
      const operation = state.operations.find((each) => (each.id as string) === id);
      const outcome = operation?.outcome;
      // What did not get to its end leaves open what it was to check.
      if (outcome === undefined || outcome.kind === 'cancelled' || outcome.kind === 'skipped') {
        failing.set(id, union(failing.get(id), checked));
      } else {
        const unplaced =
          outcome.kind !== 'passed' && didNotPass(outcome) && (operation?.findings ?? []).every(({ output }) => output);
        failing.set(id, unplaced ? 'everything' : new Set(operation?.findings.map(({ file }) => file)));
      }
    }
    current = undefined;
    if (due.size > 0) settle(launch);
  };
  launch();
  return {
    changed(files) {
      if (stopped) return;
      for (const gate of gates) {
        const concern = concerns(gate, files);
        if (concern === 'nothing') continue;
        add(gate.id, concern === 'everything' ? 'everything' : new Set(files));
        const outdated = current?.checks.get(gate.id);
        if (outdated === undefined) continue;
        add(gate.id, outdated);
        void current?.run.cancel(gate.id as string as OperationId);
      }
      if (due.size > 0) settle(launch);
    },
    async stop() {
      stopped = true;
      const ending = current;
      if (!ending) return;
      await Promise.all([...ending.checks.keys()].map((id) => ending.run.cancel(id as string as OperationId)));
      await ending.run.finished;
    },
  };
}

function union(a: Due | undefined, b: Due): Due {
  if (a === undefined) return b;
  return a === 'everything' || b === 'everything' ? 'everything' : new Set([...a, ...b]);
}
