/** The header of a run: its outcome, its figures and what can be done now. */

import type { Timing, Verification } from '../core/measured.js';
import {
  contextFigure,
  contextText,
  countText,
  durationText,
  foretoldText,
  outcomeText,
  percentText,
  ratioText,
  scopeText,
  slotMoveText,
} from '../core/messages.js';
import type { RunState } from '../core/model.js';
import { didNotPass } from '../core/parts.js';
import type { PanelView } from '../protocol.js';
import { button, html, setAttribute, setText } from './dom.js';
import { capitalized } from './format.js';
import { icon, paintIcon, runIcon } from './icons.js';
import type { Surface } from './surface.js';

export interface Header {
  readonly element: HTMLElement;
  /** `left`: how long it still takes, in words that say that it is an estimate; undefined when nobody knows. */
  update(view: PanelView & { readonly kind: 'run' }, timing: Timing, left: string | undefined): void;
}

/** The header without figures. */
export function createHeader(surface: Surface): Header {
  const drawing = icon('running');
  const outcome = html('h1', 'outcome-word');
  const progress = html('span', 'outcome-note');
  const remaining = html('span', 'outcome-note remaining');
  remaining.title = 'From how long operations took before and how the rest would be scheduled';
  const makespan = figure('Makespan', 'From the start of the run to its end');
  const sum = figure('Sum of operations', 'All running times added up');
  const speedup = figure('Speedup', 'How many times as fast as one after another');
  const workers = figure('Workers', 'How many operations may run at once');
  const efficiency = figure('Efficiency', 'Speedup ÷ workers');
  const context = figure('Context', '');
  const list = html('dl', 'figures', ...[makespan, sum, speedup, workers, efficiency].map((each) => each.element));
  const quiet = html('p', 'quiet-line');
  const moves = createMoves();
  const actions = createActions(surface);
  const element = html(
    'header',
    'run-header',
    html(
      'div',
      'headline',
      html('div', 'outcome-block', drawing, html('div', '', outcome, progress, remaining)),
      list,
      actions.element,
    ),
    quiet,
    moves.element,
  );
  return {
    element,
    update({ state, measured, answers }, timing, left) {
      const running = state.outcome === undefined;
      paintIcon(drawing, runIcon(state.outcome));
      setText(outcome, running ? 'Running' : capitalized(outcomeText(state.outcome ?? 'passed')));
      setText(progress, progressText(state));
      remaining.hidden = !running || left === undefined;
      setText(remaining, remaining.hidden ? '' : (left ?? ''));
      makespan.set(durationText(timing.makespanMs), running ? 'so far' : '');
      sum.set(durationText(timing.sumMs), '');
      const estimate = speedupFigure(timing, measured);
      speedup.set(estimate.value, estimate.note);
      setAttribute(speedup.element, 'title', estimate.hint);
      workers.set(workersText(state), workersNote(state));
      moves.update(state);
      const share = efficiencyFigure(state, timing, measured);
      efficiency.set(share.value, share.note);
      setAttribute(efficiency.element, 'title', share.hint);
      if (!answers?.context) context.element.remove();
      else {
        const { value, note } = contextFigure(answers.context);
        context.set(value, note);
        setAttribute(context.element, 'title', contextText(answers.context));
        list.append(context.element);
      }
      setText(quiet, quietText(state, timing));
      actions.update(running, state, answers !== undefined);
    },
  };
}

/** Now, while it goes on; of a run that ended the fewest and the most, since the last number says little. */
function workersText({ mode, outcome, slots, slotMoves }: RunState): string {
  if (mode === 'sequential' || outcome === undefined || slotMoves.length === 0) return String(slots);
  const numbers = slotMoves.flatMap(({ from, to }) => [from, to]);
  return `${Math.min(...numbers)}–${Math.max(...numbers)}`;
}

function workersNote({ mode, mostSlots, slotMoves }: RunState): string {
  if (mode === 'sequential') return 'one after another';
  if (slotMoves.length > 0) return `changed ${countText(slotMoves.length, 'time')}`;
  return mostSlots === undefined ? '' : `chosen, up to ${mostSlots}`;
}

/** When and why the number of workers changed, to be opened. */
function createMoves() {
  const title = html('summary', 'quiet-line');
  const list = html('ol', 'moves');
  const element = html('details', 'moves-block', title, list);
  let shown: RunState['slotMoves'] | undefined;
  element.hidden = true;
  return {
    element,
    update({ mode, slotMoves }: RunState): void {
      if (slotMoves === shown) return;
      shown = slotMoves;
      const count = mode === 'sequential' ? 0 : slotMoves.length;
      element.hidden = count === 0;
      setText(title, `Workers changed ${countText(count, 'time')}: when and why`);
      list.replaceChildren(...slotMoves.map((move) => html('li', '', slotMoveText(move))));
    },
  };
}

interface Figure {
  readonly element: HTMLElement;
  set(value: string, note: string): void;
}

function figure(name: string, hint: string): Figure {
  const value = html('dd', 'figure-value');
  const note = html('dd', 'figure-note');
  const element = html('div', 'figure', html('dt', '', name), value, note);
  element.title = hint;
  return {
    element,
    set(text, small) {
      setText(value, text);
      setText(note, small);
    },
  };
}

function createActions(surface: Surface) {
  const cancel = button('Cancel', 'secondary', () => surface.post({ type: 'cancel' }));
  const again = button('Run All Again', 'primary', () => surface.post({ type: 'run all' }));
  const verify = button('Verify Speedup', 'secondary', () => surface.post({ type: 'verify' }));
  let shown: RunState | undefined;
  const table = button('Show Table', 'primary', () => {
    if (shown) surface.post({ type: 'show inspection', run: shown.run });
  });
  table.title = 'What was found in the files';
  const open = button('Combined Answer', 'secondary', () => {
    if (shown) surface.post({ type: 'open answer', run: shown.run });
  });
  open.title = 'What all operations answered, as one text: what several answered alike is given once';
  const copy = button('Copy', 'secondary', () => {
    if (shown) surface.post({ type: 'copy answer', run: shown.run });
  });
  copy.title = 'Copy the combined answer';
  const element = html('div', 'actions', cancel, table, again, verify, open, copy);
  element.hidden = !surface.editor;
  return {
    element,
    update(running: boolean, state: RunState, answered: boolean): void {
      shown = state;
      const { batch = false, inspection = false } = state;
      setText(again, inspection ? 'Inspect Again' : batch ? 'Run Batch Again' : 'Run All Again');
      again.className = inspection ? 'secondary' : 'primary';
      const what = batch ? 'the batch' : 'the checked gates';
      setAttribute(verify, 'title', `Runs ${what} one after another and in parallel, in random order, and compares`);
      // A button that disappears under the focus would lose it to the document.
      const hadFocus = element.contains(document.activeElement);
      cancel.hidden = !running;
      table.hidden = running || !inspection;
      again.hidden = running;
      verify.hidden = running || inspection;
      open.hidden = copy.hidden = running || !answered;
      if (hadFocus && document.activeElement === document.body) (running ? cancel : again).focus();
    },
  };
}

function progressText(state: RunState): string {
  const total = state.operations.length;
  const ended = state.operations.filter((operation) => operation.outcome !== undefined).length;
  const bad = state.operations.filter(({ outcome }) => didNotPass(outcome)).length;
  const done = state.outcome === undefined ? `${ended} of ${total} done` : countText(total, 'operation');
  return bad > 0 ? `${done}, ${bad} not passed` : done;
}

/** The measured ratio when there is one, and otherwise the estimate, each labelled as what it is. */
function speedupFigure(timing: Timing, measured: Verification | undefined): { value: string; note: string; hint: string } {
  if (measured?.ratio !== undefined) {
    const { interval, ratios, verdict } = measured;
    // An interval says by itself how sure it is.
    const doubt = verdict === 'results differ' || (verdict === 'inconclusive' && !interval) ? `, ${verdict}` : '';
    const range = interval ? `measured: ${ratioText(interval.low)} to ${ratioText(interval.high)}` : '';
    return {
      value: ratioText(measured.ratio),
      note: `${range || `measured in ${countText(ratios.length, 'pair')}`}${doubt}`,
      hint: `Median of T sequential ÷ T parallel over ${countText(ratios.length, 'pair')} of the newest verification of the same operations${interval ? `, with the interval of ${percentText(interval.level)} certainty` : ''}`,
    };
  }
  return {
    value: `≈ ${timing.sumSpeedup.toFixed(1)}×`,
    note: 'estimated: sum ÷ makespan',
    hint: 'An estimate: sum of the operations ÷ makespan. Verify Speedup measures it.',
  };
}

/** The measured speedup is divided by the workers it was measured with, which need not be those of this run. */
function efficiencyFigure(
  state: RunState,
  timing: Timing,
  measured: Verification | undefined,
): { value: string; note: string; hint: string } {
  if (measured?.ratio === undefined)
    return { value: `≈ ${percentText(timing.efficiency)}`, note: 'estimated', hint: 'Estimated speedup ÷ workers' };
  // Where the number moved, the most of this run stand for it.
  const count = measured.mostSlots === undefined ? measured.slots : timing.slots;
  const workers = countText(count, 'worker');
  return {
    value: percentText(measured.ratio / count),
    note: measured.mostSlots !== undefined || count === state.slots ? 'measured' : `measured on ${workers}`,
    hint: `Measured speedup ÷ ${measured.mostSlots === undefined ? `the ${workers} of that verification` : `the ${workers} that this run had at most`}`,
  };
}

/** What all answers take of a model's context, where tokens were counted. */
function tokensText({ operations }: RunState): string {
  const counted = operations.flatMap(({ answer }) => answer?.tokens ?? []);
  return counted.length === 0 ? '' : `answers of ${countText(sumOf(counted), 'token')}`;
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function quietText(state: RunState, timing: Timing): string {
  const started = new Date(state.startedAt);
  const when = Number.isNaN(started.getTime())
    ? ''
    : started.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
  return [
    state.label,
    // A batch says itself what it is about.
    state.batch ? '' : scopeText(state.scope),
    state.newOnly ? 'new findings only' : '',
    `overlap ${percentText(timing.overlap)}`,
    foretoldText(state, timing.makespanMs) ?? '',
    tokensText(state),
    // Both are known only when the last duration is.
    ...(state.outcome === undefined
      ? []
      : [
          `lower bound ${durationText(timing.lowerBoundMs)}`,
          `critical path of ${countText(timing.criticalPath.length, 'operation')}`,
        ]),
    when,
  ]
    .filter(Boolean)
    .join('  ·  ');
}
