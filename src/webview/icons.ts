/** The icons of the panel: an outcome or phase as a 16 × 16 drawing. Always beside a word; never the only sign. */

import type { Verdict } from '../core/measured.js';
import type { OperationState, RunOutcome, Severity } from '../core/model.js';
import { effectiveKind } from '../core/parts.js';
import { setAttribute, svg } from './dom.js';

export type IconName =
  | 'passed'
  | 'failed'
  | 'errored'
  | 'timed out'
  | 'cancelled'
  | 'skipped'
  | 'rolled back'
  | 'running'
  | 'waiting'
  | 'pending'
  | 'warning'
  | 'information'
  | 'close'
  | 'chevron'
  | 'equal';

const PATHS: Readonly<Record<IconName, string>> = {
  passed: 'M3.2 8.6 6.4 11.8 12.8 4.6',
  failed: 'M4 4 12 12M12 4 4 12',
  errored: 'M8 1.8 14.5 13.6H1.5ZM8 6V9.6M8 11.2V12.2',
  'timed out': 'M8 2A6 6 0 1 1 8 14A6 6 0 1 1 8 2ZM8 4.8V8.2L10.4 9.8',
  cancelled: 'M8 2A6 6 0 1 1 8 14A6 6 0 1 1 8 2ZM5.8 5.8H10.2V10.2H5.8Z',
  skipped: 'M8 2A6 6 0 1 1 8 14A6 6 0 1 1 8 2ZM3.8 12.2 12.2 3.8',
  'rolled back': 'M6 3 2.5 6.5 6 10M3 6.5H10A3.5 3.5 0 1 1 10 13.5H6',
  running: 'M8 2A6 6 0 1 1 2.6 5.4',
  waiting: 'M4.5 2H11.5M4.5 14H11.5M5 2V4.6L8 8 5 11.4V14M11 2V4.6L8 8 11 11.4V14',
  pending: 'M8 3.5A4.5 4.5 0 1 1 8 12.5A4.5 4.5 0 1 1 8 3.5Z',
  warning: 'M8 1.8 14.5 13.6H1.5ZM8 6V9.6M8 11.2V12.2',
  information: 'M8 2A6 6 0 1 1 8 14A6 6 0 1 1 8 2ZM8 7.2V11.2M8 4.8V5.8',
  close: 'M4 4 12 12M12 4 4 12',
  chevron: 'M5.5 3.5 10.5 8 5.5 12.5',
  equal: 'M3 6H13M3 10H13',
};

/** A new icon; `paintIcon` changes it. */
export function icon(name: IconName): SVGSVGElement {
  const drawing = svg('svg', { viewBox: '0 0 16 16', 'aria-hidden': 'true' }, svg('path', {}));
  paintIcon(drawing, name);
  return drawing;
}

/** Makes an existing icon show something else; does nothing when it does already. */
export function paintIcon(drawing: SVGSVGElement, name: IconName): void {
  setAttribute(drawing, 'class', `icon icon-${name.replace(' ', '-')}`);
  if (drawing.firstElementChild) setAttribute(drawing.firstElementChild, 'd', PATHS[name]);
}

/** The path of an icon, to be part of another drawing. */
export function iconPath(name: IconName): string {
  return PATHS[name];
}

/** The icon of what an operation does or how it ended. */
export function operationIcon(operation: OperationState): IconName {
  if (operation.outcome) return effectiveKind(operation.outcome);
  switch (operation.phase) {
    case 'running':
      return 'running';
    case 'blocked':
    case 'locked':
    case 'queued':
      return 'waiting';
    case 'pending':
    case 'finished':
      return 'pending';
    default:
      return operation.phase satisfies never;
  }
}

/** The icon of a run, which goes on when it has no outcome. */
export function runIcon(outcome: RunOutcome | undefined): IconName {
  return outcome ?? 'running';
}

/** The icon of a severity. */
export function severityIcon(severity: Severity): IconName {
  switch (severity) {
    case 'error':
      return 'failed';
    case 'warning':
      return 'warning';
    case 'information':
    case 'hint':
      return 'information';
    default:
      return severity satisfies never;
  }
}

/** The icon of a verdict. */
export function verdictIcon(verdict: Verdict): IconName {
  switch (verdict) {
    case 'validated':
      return 'passed';
    case 'not validated':
      return 'information';
    case 'no gain':
      return 'equal';
    case 'slower':
    case 'results differ':
      return 'warning';
    case 'inconclusive':
      return 'information';
    default:
      return verdict satisfies never;
  }
}
