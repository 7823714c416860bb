/** What is shown beside the pointer over a timeline. The table and the details say the same, so it is hidden from assistive tools. */
import { durationText } from '../core/messages.js';
import type { OperationState } from '../core/model.js';
import { PHASES } from '../core/model.js';
import { spansOf } from '../core/timing.js';
import { arrange, html, setAttribute } from './dom.js';
import { placeNear } from './draw.js';
import { statusText } from './format.js';
import { icon, operationIcon } from './icons.js';

export interface Tooltip {
  readonly element: HTMLElement;
  /** Shows an operation near a place of the window, or hides. */
  show(operation: OperationState | undefined, place: { readonly x: number; readonly y: number }, now: number): void;
}

/** A hidden tooltip. */
export function createTooltip(): Tooltip {
  const element = html('div', 'tooltip');
  setAttribute(element, 'aria-hidden', 'true');
  element.hidden = true;
  return {
    element,
    show(operation, place, now) {
      element.hidden = operation === undefined;
      if (!operation) return;
      const spans = spansOf(operation, now);
      const lines = PHASES.filter((phase) => spans[phase] >= 0.5).map((phase) =>
        html('div', 'tooltip-line', html('span', '', phase), html('span', 'numeric', durationText(spans[phase]))),
      );
      const findings = operation.findings.length;
      if (findings > 0)
        lines.push(html('div', 'tooltip-line', html('span', '', 'findings'), html('span', 'numeric', String(findings))));
      arrange(element, [
        html('div', 'tooltip-name', operation.name),
        html('div', 'tooltip-status', icon(operationIcon(operation)), statusText(operation)),
        ...lines,
      ]);
      placeNear(element, place);
    },
  };
}
