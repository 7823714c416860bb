/** What the timing panel (extension host) and its webview say to each other: two unions and nothing else. */

import type { Verification } from './core/measured.js';
import type { OperationId, OperationState, RunId, RunOutcome, RunState } from './core/model.js';

/** What the panel shows. */
export type PanelView =
  | { readonly kind: 'empty'; readonly trusted: boolean }
  /** `measured` is the newest verification of the same gates, when there is one. */
  | { readonly kind: 'run'; readonly state: RunState; readonly now: number; readonly measured?: Verification }
  /** `runs` holds the state of every trial so far; `progress` is present while it goes on. */
  | {
      readonly kind: 'verification';
      readonly verification: Verification;
      readonly runs: readonly RunState[];
      readonly progress?: { readonly trial: number; readonly of: number };
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
    };

export type FromWebview =
  | { readonly type: 'ready' }
  | { readonly type: 'open finding'; readonly file: string; readonly line: number; readonly column: number }
  | { readonly type: 'request output'; readonly run: RunId; readonly operation: OperationId }
  /** Open the whole output in an editor. */
  | { readonly type: 'open output'; readonly run: RunId; readonly operation: OperationId }
  | { readonly type: 'run again'; readonly operation: OperationId }
  | { readonly type: 'run all' }
  | { readonly type: 'verify' }
  | { readonly type: 'cancel' };

/** What the webview keeps through hiding and reloading (`vscode.setState`); a panel is restored from it. */
export interface PanelMemory {
  readonly version: 1;
  readonly run?: RunId;
  readonly verification?: string;
  readonly selected?: OperationId;
  readonly collapsed: readonly string[];
  readonly sort: { readonly column: string; readonly descending: boolean };
}
