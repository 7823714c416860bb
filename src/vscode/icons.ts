/** Icons for outcomes and phases, the same in every view, in colours of the theme. */
import * as vscode from 'vscode';
import type { Category } from '../core/gate-model.js';
import type { OperationState, OutcomeKind, RunOutcome } from '../core/model.js';
import { effectiveKind } from '../core/parts.js';

export function outcomeIcon(outcome: Exclude<OutcomeKind, 'cached'> | RunOutcome): vscode.ThemeIcon {
  switch (outcome) {
    case 'passed':
      return icon('pass', 'testing.iconPassed');
    case 'failed':
      return icon('error', 'testing.iconFailed');
    case 'errored':
      return icon('warning', 'testing.iconErrored');
    case 'timed out':
      return icon('watch', 'testing.iconErrored');
    case 'cancelled':
      return icon('circle-slash', 'testing.iconSkipped');
    case 'skipped':
      return icon('debug-step-over', 'testing.iconSkipped');
    case 'rolled back':
      return icon('discard', 'testing.iconSkipped');
    default:
      return outcome satisfies never;
  }
}

/** The icon of an operation as it is: its outcome, or what it does or waits for. */
export function operationIcon(operation: Pick<OperationState, 'phase' | 'outcome'>): vscode.ThemeIcon {
  const { phase, outcome } = operation;
  if (outcome) return outcomeIcon(effectiveKind(outcome));
  switch (phase) {
    case 'running':
      return icon('loading~spin', 'charts.blue');
    case 'locked':
      return icon('lock', 'testing.iconQueued');
    case 'blocked':
      return icon('debug-pause', 'testing.iconQueued');
    case 'queued':
    case 'pending':
    case 'finished':
      return icon('clock', 'testing.iconQueued');
    default:
      return phase satisfies never;
  }
}

/** A gate that has not run. */
export const unsetIcon = (): vscode.ThemeIcon => icon('circle-large-outline', 'testing.iconUnset');

/** A gate whose tool is not installed. */
export const unavailableIcon = (): vscode.ThemeIcon => icon('circle-slash', 'disabledForeground');

export const CATEGORY_LABELS: Readonly<Record<Category, string>> = {
  test: 'Tests',
  lint: 'Lint',
  types: 'Types',
  format: 'Format',
  security: 'Security',
  build: 'Build',
};

function icon(id: string, color: string): vscode.ThemeIcon {
  return new vscode.ThemeIcon(id, new vscode.ThemeColor(color));
}
