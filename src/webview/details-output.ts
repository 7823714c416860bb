/** What an operation wrote: its newest lines while it runs, and what the editor reads of its output once it has ended. */

import { bytesText, countText } from '../core/messages.js';
import type { OperationId, OperationState, RunId } from '../core/model.js';
import { button, html, setAttribute, setText } from './dom.js';
import { withoutEscapes } from './format.js';
import type { Surface } from './surface.js';

export interface Output {
  readonly text: string;
  readonly omittedBytes: number;
}

interface Shown {
  readonly run: RunId;
  readonly operation: OperationState;
}

export interface OutputSection {
  readonly elements: readonly HTMLElement[];
  /** Shows the output of an operation; asks for it when it has ended and was not asked for yet. */
  update(shown: Shown): void;
  /** The output of an ended operation arrived. */
  arrived(run: string, operation: OperationId, output: Output): void;
  /** Another operation comes next. */
  reset(): void;
}

/** So many outputs are kept for when one comes back to them. */
const KEPT = 9;

/** A section without output. */
export function createOutputSection(surface: Surface): OutputSection {
  let shown: Shown | undefined;
  let requested = '';
  let outputs = new Map<string, Output>();
  const title = html('h3', '', 'Output');
  const note = html('span', 'note');
  const full = button('Open Full Output', 'quiet', () => {
    if (shown) surface.post({ type: 'open output', run: shown.run, operation: shown.operation.id });
  });
  full.hidden = !surface.editor;
  const omitted = html('p', 'omitted');
  const lines = html('pre', 'output');
  lines.tabIndex = 0;
  setAttribute(lines, 'aria-label', 'Output');

  function paint({ run, operation }: Shown): void {
    const ended = operation.outcome !== undefined;
    const key = `${run} ${operation.id}`;
    if (ended && requested !== key) {
      requested = key;
      lines.textContent = '';
      if (operation.outputBytes > 0 || !surface.editor) surface.post({ type: 'request output', run, operation: operation.id });
    }
    if (!ended) requested = '';
    setText(title, operation.invocation ? 'Answer' : 'Output');
    setText(note, noteText(operation));
    full.hidden = !surface.editor || operation.outputBytes === 0;
    paintText(operation, ended ? outputs.get(key) : { text: operation.tail, omittedBytes: 0 });
  }

  function paintText(operation: OperationState, output: Output | undefined): void {
    const bytes = output?.omittedBytes ?? 0;
    const size = bytes < 1000 ? countText(bytes, 'byte') : bytesText(bytes);
    omitted.hidden = bytes === 0;
    setText(omitted, `${size} before this are ${surface.editor ? 'in the full output' : 'not part of this report'}.`);
    const loading = output === undefined && operation.outputBytes > 0;
    const text = loading ? 'Reading the output…' : withoutEscapes(output?.text ?? '');
    lines.hidden = text === '';
    if (lines.textContent === text) return;
    const atEnd = lines.scrollTop + lines.clientHeight >= lines.scrollHeight - 4;
    lines.textContent = text;
    if (atEnd) lines.scrollTop = lines.scrollHeight;
  }

  return {
    elements: [html('div', 'section-header', title, note, full), omitted, lines],
    update(next) {
      shown = next;
      paint(next);
    },
    arrived(run, operation, output) {
      outputs = new Map([...[...outputs].slice(1 - KEPT), [`${run} ${operation}`, output]]);
      if (shown) paint(shown);
    },
    reset() {
      shown = undefined;
      lines.textContent = '';
      requested = '';
    },
  };
}

function noteText({ outcome, outputBytes }: OperationState): string {
  const size = outputBytes > 0 ? bytesText(outputBytes) : '';
  if (outcome !== undefined) return size || 'none';
  return size ? `${size} so far, the newest lines below` : 'none so far';
}
