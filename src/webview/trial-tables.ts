/** The tables of a verification: every trial, whether results were equal, and the pair shown operation by operation. */
import { durationText, ratioText, undeclaredText } from '../core/messages.js';
import type { OperationId, OperationState, RunState } from '../core/model.js';
import { spansOf } from '../core/timing.js';
import { differenceText, equalityText } from '../core/verification-text.js';
import { button, html, keyed, setAttribute, setText } from './dom.js';
import { statusText } from './format.js';
import { icon, paintIcon } from './icons.js';
import { type Pair, ratioOfPair, stoppedTrials, type TrialRun, trialRuns, type VerificationPanel } from './pairs.js';

export interface TrialTables {
  readonly element: HTMLElement;
  update(panel: VerificationPanel, pair: Pair | undefined, now: number): void;
}

/** Empty tables. `select` is called when the reader wants the details of an operation. */
export function createTrialTables(select: (operation: OperationId) => void): TrialTables {
  const trials = createTable('Trials', ['#Trial', '#Pair', 'Order', 'Mode', '#Makespan', '#Ratio of the pair', 'Outcome']);
  const operations = createTable('Operations of this pair', [
    'Operation',
    'Outcome',
    '#Start, sequential',
    '#Running, sequential',
    '#Start, parallel',
    '#Running, parallel',
    '#Change of running time',
  ]);
  const equality = createEquality();
  const operationsTitle = html('h2', '');
  const warmUp = html('p', 'note warm-up');
  const stopped = html('p', 'note');
  const openers = new Map<string, HTMLButtonElement>();
  const opener = (id: OperationId, name: string): HTMLButtonElement => {
    const known = openers.get(id) ?? button('', 'link-button', () => select(id));
    openers.set(id, known);
    setText(known, name);
    return known;
  };
  return {
    element: html(
      'div',
      'trial-tables',
      html('h2', '', 'Trials'),
      warmUp,
      trials.element,
      stopped,
      html('h2', '', 'Results'),
      equality.element,
      operationsTitle,
      operations.element,
    ),
    update(panel, pair, now) {
      const rows = trialRuns(panel);
      paintNote(warmUp, warmUpText(panel));
      paintNote(stopped, stoppedText(panel));
      trials.element.hidden = rows.length === 0;
      trials.update(rows.map((row) => trialRow(panel, row, now)));
      equality.update(panel);
      setText(
        operationsTitle,
        pair?.number === 0 ? 'Operations of the warm-up' : pair ? `Operations of pair ${pair.number}` : '',
      );
      operations.element.hidden = pair === undefined;
      const ids = pair?.parallel?.operations ?? pair?.sequential?.operations ?? [];
      operations.update(
        ids.map(({ id, name }) => {
          const find = (state: RunState | undefined): OperationState | undefined =>
            state?.operations.find((each) => each.id === id);
          return operationRow(opener(id, name), id, find(pair?.sequential), find(pair?.parallel), now);
        }),
      );
    },
  };
}

interface TextRow {
  readonly key: string;
  readonly cells: readonly (string | HTMLElement)[];
}

/** A plain table; titles with `#` before them head columns of numbers. */
function createTable(label: string, titles: readonly string[]) {
  const numeric = titles.map((title) => title.startsWith('#'));
  const headings = titles.map((title, index) => {
    const cell = html('th', numeric[index] ? 'numeric' : '', title.replace('#', ''));
    cell.scope = 'col';
    return cell;
  });
  const body = html('tbody');
  const table = html('table', 'plain-table', html('thead', '', html('tr', '', ...headings)), body);
  setAttribute(table, 'aria-label', label);
  const rows = keyed(
    body,
    (row: TextRow) => row.key,
    () => html('tr', '', ...numeric.map((each) => html('td', each ? 'numeric' : ''))),
    (element, row) => {
      row.cells.forEach((content, index) => {
        const cell = element.children[index];
        if (!cell) return;
        if (typeof content === 'string') setText(cell, content);
        else if (cell.firstElementChild !== content) cell.replaceChildren(content);
      });
    },
  );
  return { element: table, update: rows.update };
}

function paintNote(element: HTMLElement, text: string): void {
  setText(element, text);
  element.hidden = text === '';
}

function warmUpText({ verification, progress }: VerificationPanel): string {
  const { warmUpMs } = verification;
  if (warmUpMs !== undefined) return `Warm-up, not counted: ${durationText(warmUpMs)}`;
  return progress?.trial === 0 ? 'The warm-up goes on; the first trial follows.' : '';
}

function stoppedText(panel: VerificationPanel): string {
  const stopped = stoppedTrials(panel);
  if (stopped.length === 0) return '';
  return `Stopped before its end, not counted: ${stopped.map((ms) => `a trial after ${durationText(ms)}`).join(', ')}`;
}

function trialRow({ verification }: VerificationPanel, { number, pair, state, makespanMs }: TrialRun, now: number): TextRow {
  const first = verification.trials.find((trial) => trial.pair === pair)?.run ?? state.run;
  const ratio = ratioOfPair(verification, pair);
  const makespan =
    makespanMs !== undefined
      ? durationText(makespanMs)
      : state.outcome
        ? durationText(state.at)
        : `${durationText(Math.max(state.at, now))} so far`;
  return {
    key: state.run,
    cells: [
      String(number),
      String(pair),
      first === state.run ? 'first' : 'second',
      state.mode,
      makespan,
      ratio === undefined ? '' : ratioText(ratio),
      state.outcome ?? 'running',
    ],
  };
}

function operationRow(
  name: HTMLElement,
  id: OperationId,
  sequential: OperationState | undefined,
  parallel: OperationState | undefined,
  now: number,
): TextRow {
  const outcomes = [...new Set([sequential, parallel].filter((each) => each !== undefined).map(statusText))].join(' / ');
  const before = sequential && spansOf(sequential, now).running;
  const after = parallel && spansOf(parallel, now).running;
  const done = sequential?.outcome && parallel?.outcome;
  const change = done && before && after !== undefined ? Math.round((after / before - 1) * 100) : undefined;
  const start = (operation: OperationState | undefined): string => {
    const from = operation?.segments.find((segment) => segment.phase === 'running')?.from;
    return from === undefined ? '' : durationText(from);
  };
  const length = (ms: number | undefined): string => (ms ? durationText(ms) : '');
  const changed = change === undefined ? '' : `${change > 0 ? '+' : change < 0 ? '−' : ''}${Math.abs(change)} %`;
  return { key: id, cells: [name, outcomes, start(sequential), length(before), start(parallel), length(after), changed] };
}

function createEquality() {
  const drawing = icon('passed');
  const sentence = html('span');
  const list = html('ul', 'differences');
  return {
    element: html('div', 'equality', html('p', '', drawing, sentence), list),
    update({ verification, runs }: VerificationPanel): void {
      const { differences, undeclared = [], trials } = verification;
      const equal = differences.length === 0;
      paintIcon(drawing, !equal ? 'warning' : trials.length < 2 ? 'pending' : 'passed');
      const names = new Map((runs[0]?.operations ?? []).map((operation) => [operation.id, operation.name]));
      const nameOf = (operation: OperationId) => names.get(operation) ?? operation;
      setText(sentence, equalityText(verification));
      list.replaceChildren(
        ...differences.map((difference) => html('li', '', differenceText(difference, nameOf))),
        ...undeclared.map(({ operation, paths }) => html('li', '', undeclaredText(nameOf(operation), paths))),
      );
    },
  };
}
