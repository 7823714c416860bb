/** What the timing panel (extension host) and its webview say to each other: two unions and nothing else. */

import type { FileProblems, InspectedFile, Inspection } from './core/inspect/row.js';
import type { ContextUse, Verification } from './core/measured.js';
import type { OperationId, OperationState, Remaining, RunId, RunOutcome, RunState } from './core/model.js';
import type { Comparison, Trends } from './core/trend-model.js';
import type { Tuning, TuningId } from './core/tuning-model.js';

/** What the panel shows. */
export type PanelView =
  | { readonly kind: 'empty'; readonly trusted: boolean }
  /**
   * `measured` is the newest verification of the same gates, when there is one. `answers` is there for a batch whose answers are kept, with
   * what they take of a context where that was counted.
   */
  | {
      readonly kind: 'run';
      readonly state: RunState;
      readonly now: number;
      readonly measured?: Verification;
      /** When a run that goes on is expected to end. */
      readonly remaining?: Remaining;
      readonly answers?: { readonly context?: ContextUse };
    }
  /** `runs` holds the state of every trial so far; `progress` is present while it goes on. */
  | {
      readonly kind: 'verification';
      readonly verification: Verification;
      readonly runs: readonly RunState[];
      readonly progress?: { readonly trial: number; readonly of: number };
    }
  /** `slots` is the setting of this workspace as it is, 0 for a number that Volley chooses; absent where there is no editor. */
  | {
      readonly kind: 'tuning';
      readonly tuning: Tuning;
      readonly progress?: { readonly trial: number; readonly of: number; readonly number?: number };
      readonly slots?: number;
    }
  /** All gates over all runs. */
  | { readonly kind: 'trends'; readonly trends: Trends }
  /** Two runs, span by span. */
  | { readonly kind: 'comparison'; readonly comparison: Comparison }
  /** The table of files. Its rows follow in messages of their own; while it goes on those that are known, and all of them anew when it has ended. */
  | {
      readonly kind: 'inspection';
      readonly run: RunId;
      readonly label: string;
      readonly state:
        | { readonly kind: 'running'; readonly done: number; readonly of: number }
        /** `files`: how many rows follow. */
        | { readonly kind: 'ended'; readonly head: Omit<Inspection, 'files'>; readonly files: number };
    };

export type ToWebview =
  | { readonly type: 'show'; readonly view: PanelView; readonly root: string }
  /** Only what changed since the last message about this run. `now` is the run's clock in milliseconds. */
  | {
      readonly type: 'update';
      readonly run: RunId;
      readonly now: number;
      readonly slots: number;
      readonly slotMoves: RunState['slotMoves'];
      /** When the run is expected to end; absent when nobody knows. */
      readonly remaining?: Remaining;
      readonly outcome?: RunOutcome;
      readonly operations: readonly OperationState[];
    }
  /** The end of an operation's output, read from disk. `omittedBytes` came before it. */
  | {
      readonly type: 'output';
      readonly run: RunId;
      readonly operation: OperationId;
      readonly text: string;
      readonly omittedBytes: number;
    }
  /** Rows of the inspection that is shown, in order from the row with this index. */
  | { readonly type: 'inspected'; readonly run: RunId; readonly from: number; readonly files: readonly InspectedFile[] }
  /** What the editor says now of these files of the inspection, by their index; null: nothing any more. */
  | {
      readonly type: 'problems';
      readonly run: RunId;
      readonly files: readonly (readonly [index: number, problems: FileProblems | null])[];
    };

export const EXPORTS = ['csv', 'json', 'markdown'] as const;
export type Export = (typeof EXPORTS)[number];

export type FromWebview =
  | { readonly type: 'ready' }
  | { readonly type: 'open finding'; readonly file: string; readonly line: number; readonly column: number }
  | { readonly type: 'request output'; readonly run: RunId; readonly operation: OperationId }
  /** Open the whole output in an editor. */
  | { readonly type: 'open output'; readonly run: RunId; readonly operation: OperationId }
  | { readonly type: 'run again'; readonly operation: OperationId }
  /** A file of the inspection by the index of its row, at a place in it or where it was last. */
  | { readonly type: 'open file'; readonly run: RunId; readonly row: number; readonly line?: number; readonly column?: number }
  /** Rows by their index, in the order in which they are shown. */
  | { readonly type: 'export'; readonly run: RunId; readonly format: Export; readonly rows: readonly number[] }
  | { readonly type: 'inspect again'; readonly run: RunId }
  /** From the table to the timing tree of its run, and back. */
  | { readonly type: 'show timing'; readonly run: RunId }
  | { readonly type: 'show inspection'; readonly run: RunId }
  /** All answers of a batch as one text, in an editor or in the clipboard. */
  | { readonly type: 'open answer'; readonly run: RunId }
  | { readonly type: 'copy answer'; readonly run: RunId }
  /** Two runs, the older one first. */
  | { readonly type: 'compare'; readonly before: RunId; readonly after: RunId }
  | { readonly type: 'run all' }
  | { readonly type: 'verify' }
  /** Measure the same again. */
  | { readonly type: 'tune again'; readonly tuning: TuningId }
  /** Use the recommended number of slots of this tuning in this workspace. */
  | { readonly type: 'use slots'; readonly tuning: TuningId }
  | { readonly type: 'cancel' };

/** What the webview keeps through hiding and reloading (`vscode.setState`); a panel is restored from it. */
export interface PanelMemory {
  readonly version: 1;
  readonly run?: RunId;
  readonly verification?: string;
  readonly tuning?: string;
  /** All gates over all runs. */
  readonly trends?: true;
  /** Two runs, span by span. */
  readonly comparison?: { readonly before: RunId; readonly after: RunId };
  /** The table of an inspection, how it is sorted and which rows are shown. */
  readonly inspection?: {
    readonly run: RunId;
    readonly filter: string;
    readonly sort: { readonly column: string; readonly descending: boolean };
  };
  readonly selected?: OperationId;
  readonly collapsed: readonly string[];
  readonly sort: { readonly column: string; readonly descending: boolean };
}
