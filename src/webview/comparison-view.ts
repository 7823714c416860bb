/** The view of two runs compared: why the makespans differ, each operation with its spans in both runs, findings gained and lost. */
import { durationText } from '../core/messages.js';
import { PHASES } from '../core/model.js';
import type { Both, ComparedOperation, ComparedRun, Comparison, MakespanShare } from '../core/trend-model.js';
import {
  comparisonText,
  differenceText,
  findingLine,
  findingsChangeText,
  outcomesText,
  shareText,
  whenText,
} from '../core/trend-texts.js';
import { button, html, setAttribute, setStyle, svg } from './dom.js';
import { capitalized, relativePath } from './format.js';
import { icon, runIcon } from './icons.js';
import type { View } from './run-view.js';
import type { Surface } from './surface.js';

/** Differences below are those of any two runs. */
const WORTH_TELLING_MS = 1;

/** Fills `container` with two runs. */
export function createComparisonView(container: HTMLElement, surface: Surface): View {
  const page = html('div', 'comparison-view');
  container.append(page);
  return {
    receive(message) {
      if (message.type !== 'show' || message.view.kind !== 'comparison') return;
      const { comparison } = message.view;
      const { run: _, verification: __, inspection: ___, selected: ____, ...memory } = surface.memory();
      surface.remember({ ...memory, comparison: { before: comparison.before.run, after: comparison.after.run } });
      page.replaceChildren(
        headOf(comparison, surface),
        section('Why the makespans differ', sharesOf(comparison)),
        section('Operations', operationsOf(comparison)),
        section('Findings', findingsOf(comparison, message.root, surface)),
        ...onlyOf(comparison),
      );
    },
    dispose: () => page.remove(),
  };
}

function section(title: string, ...children: readonly Node[]): HTMLElement {
  const element = html('section', 'comparison-section', html('h2', '', title), ...children);
  setAttribute(element, 'aria-label', title);
  return element;
}

function headOf(comparison: Comparison, surface: Surface): HTMLElement {
  const runs = (
    [
      ['First', comparison.before],
      ['Second', comparison.after],
    ] as const
  ).map(([name, run]) => runOf(name, run, surface));
  return html(
    'header',
    'run-header',
    html('h1', 'outcome-word', 'Two runs compared'),
    html('div', 'comparison-runs', ...runs),
    html('p', 'comparison-sum', comparisonText(comparison)),
    ...comparison.unlike.map((text) => html('p', 'comparison-unlike', icon('warning'), text)),
  );
}

function runOf(name: string, run: ComparedRun, surface: Surface): HTMLElement {
  const mode = run.mode === 'sequential' ? 'one after another' : `in parallel, ${run.slots} at once`;
  const show = button('Show Timing', 'secondary', () => surface.post({ type: 'show timing', run: run.run }));
  setAttribute(show, 'aria-label', `Show timing of the ${name.toLowerCase()} run`);
  return html(
    'div',
    'comparison-run',
    html('h2', '', `${name}: ${run.label}`),
    html('p', '', icon(runIcon(run.outcome)), `${run.outcome ?? 'did not end'} in ${durationText(run.makespanMs)}`),
    html('p', 'note', `${whenText(run.startedAt)} · ${mode}`),
    ...(surface.editor ? [show] : []),
  );
}

// -------------------------------------------------------------------------------------------------------------- makespan

function sharesOf({ shares, makespan }: Comparison): HTMLElement {
  const told = shares.filter(({ difference }) => Math.abs(difference) >= WORTH_TELLING_MS);
  if (told.length === 0) return html('p', 'note', 'They do not differ by a millisecond.');
  const most = Math.max(...told.map(({ difference }) => Math.abs(difference)));
  const rest = makespan.difference - told.reduce((sum, { difference }) => sum + difference, 0);
  const rows = told.map((share) => shareRow(share, most));
  const small = Math.abs(rest) < WORTH_TELLING_MS ? [] : [row('', differenceText(rest), 'smaller differences')];
  const sum = row('comparison-total', differenceText(makespan.difference), 'in all');
  const table = html('table', 'plain-table comparison-shares', html('tbody', '', ...rows, ...small, sum));
  setAttribute(table, 'aria-label', 'Shares of the difference');
  return table;
}

function row(className: string, amount: string, text: string): HTMLElement {
  return html('tr', className, html('td', 'numeric', amount), html('td', ''), html('td', '', text));
}

function shareRow(share: MakespanShare, most: number): HTMLElement {
  const bar = html('span', share.difference > 0 ? 'cause-bar longer' : 'cause-bar shorter');
  setStyle(bar, 'width', `${Math.max(2, (Math.abs(share.difference) / most) * 100)}px`);
  setAttribute(bar, 'aria-hidden', 'true');
  return html(
    'tr',
    '',
    html('td', 'numeric', differenceText(share.difference)),
    html('td', 'cause-cell', bar),
    html('td', '', shareText(share)),
  );
}

// ------------------------------------------------------------------------------------------------------------ operations

const SPANS_WIDTH = 160;

function operationsOf({ operations, before, after }: Comparison): HTMLElement {
  if (operations.length === 0) return html('p', 'note', 'No operation is in both.');
  const scale = SPANS_WIDTH / Math.max(before.makespanMs, after.makespanMs, 1);
  const titles = ['Operation', 'Outcome', 'Spans', 'Start', ...PHASES.map(capitalized), 'Critical path', 'Findings'];
  const heads = titles.map((title, index) => {
    const head = html('th', index > 2 && index < titles.length - 1 ? 'numeric' : '', title);
    head.scope = 'col';
    return head;
  });
  const rows = operations.map((operation) =>
    html(
      'tr',
      operation.outcomes.changed ? 'comparison-changed' : '',
      html('td', '', operation.name),
      html('td', '', outcomesText(operation.outcomes)),
      html('td', '', spansOf(operation, scale)),
      bothCell(operation.start),
      ...PHASES.map((phase) => bothCell(operation.phases[phase])),
      bothCell(operation.onPath),
      html('td', '', findingsChangeText(operation.findings)),
    ),
  );
  const table = html('table', 'plain-table', html('thead', '', html('tr', '', ...heads)), html('tbody', '', ...rows));
  setAttribute(table, 'aria-label', 'Operations in both runs');
  const place = html('div', 'table-scroll', table);
  // What is scrolled sideways has to be reached by key.
  place.tabIndex = 0;
  setAttribute(place, 'role', 'group');
  setAttribute(place, 'aria-label', 'Operations in both runs, scrollable');
  return html('div', '', place, html('p', 'note', 'Spans: outlined in the first run, filled in the second.'));
}

/** Both values where they differ: `1.20 s → 1.90 s`; one where they do not. */
function bothCell(both: Both | undefined): HTMLElement {
  const cell = html('td', 'numeric');
  if (!both || (both.before < 0.5 && both.after < 0.5)) return cell;
  cell.append(durationText(both.after));
  if (Math.abs(both.difference) < WORTH_TELLING_MS) return cell;
  cell.append(' ', html('span', both.difference > 0 ? 'longer' : 'shorter', differenceText(both.difference)));
  cell.title = `${durationText(both.before)}, then ${durationText(both.after)}`;
  return cell;
}

/** When it ran in the first run (above) and in the second; the columns beside it say the same. */
function spansOf({ start, phases }: ComparedOperation, scale: number): SVGElement {
  const drawing = svg('svg', { class: 'comparison-spans', width: SPANS_WIDTH, height: 15, 'aria-hidden': 'true' });
  if (!start) return drawing;
  const bar = (side: 'before' | 'after', y: number) =>
    svg('rect', {
      class: `span-${side}`,
      x: (start[side] * scale).toFixed(1),
      y,
      width: Math.max(1, phases.running[side] * scale).toFixed(1),
      height: 6,
    });
  drawing.append(bar('before', 1), bar('after', 8));
  return drawing;
}

// -------------------------------------------------------------------------------------------------------------- findings

function findingsOf({ operations }: Comparison, root: string, surface: Surface): HTMLElement {
  const changed = operations.filter(({ findings }) => findings.gained.length + findings.lost.length > 0);
  if (changed.length === 0) return html('p', 'note', 'The same findings; lines that only moved do not count.');
  return html(
    'div',
    '',
    ...changed.map(({ name, findings }) => {
      const gained = findings.gained.map((each) => {
        const { file, line, column } = each;
        const text = findingLine(each, relativePath(file, root));
        const place = surface.editor
          ? button(text, 'link-button', () => surface.post({ type: 'open finding', file, line, column }))
          : text;
        return html(
          'li',
          'finding-gained',
          html('span', 'finding-sign', '+ '),
          html('span', 'visually-hidden', 'gained: '),
          place,
        );
      });
      const lost = findings.lost.map((each) =>
        html(
          'li',
          'finding-lost',
          html('span', 'finding-sign', '− '),
          html('span', 'visually-hidden', 'lost: '),
          findingLine(each, relativePath(each.file, root)),
        ),
      );
      return html(
        'div',
        '',
        html('h3', '', `${name}: ${findingsChangeText(findings)}`),
        html('ul', 'comparison-findings', ...gained, ...lost),
      );
    }),
  );
}

function onlyOf({ onlyBefore, onlyAfter }: Comparison): readonly HTMLElement[] {
  const list = (title: string, all: Comparison['onlyBefore']) =>
    all.length === 0
      ? []
      : [
          section(
            title,
            html(
              'ul',
              'comparison-only',
              ...all.map(({ name, outcome, ms }) => html('li', '', `${name}: ${outcome}, ${durationText(ms)}`)),
            ),
          ),
        ];
  return [...list('Only in the first', onlyBefore), ...list('Only in the second', onlyAfter)];
}
