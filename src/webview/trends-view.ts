/** The view of trends: time saved so far, then a card for each gate with its picture, its changes, and whether it is flaky. */
import { countText, durationText } from '../core/messages.js';
import type { RunId } from '../core/model.js';
import type { GateTrend, TrendPoint, TrendSeries, Trends } from '../core/trend-model.js';
import {
  changeText,
  contradictionText,
  flakinessText,
  flakyMark,
  kindText,
  methodText,
  savedRangeText,
  savedTexts,
  whenText,
} from '../core/trend-texts.js';
import { button, html, setAttribute, setText } from './dom.js';
import { capitalized } from './format.js';
import { icon } from './icons.js';
import type { View } from './run-view.js';
import type { Surface } from './surface.js';
import { createTrendChart, type TrendChart } from './trend-chart.js';

/** Fills `container` with trends. */
export function createTrendsView(container: HTMLElement, surface: Surface): View {
  let trends: Trends | undefined;
  let batch: string | undefined;
  let notableOnly = false;
  let charts: readonly TrendChart[] = [];
  const head = createHead(surface.editor);
  const choice = html('select', 'trend-choice');
  setAttribute(choice, 'aria-label', 'What is shown');
  const notable = html('input');
  notable.type = 'checkbox';
  const count = html('span', 'note');
  setAttribute(count, 'role', 'status');
  const tools = html(
    'div',
    'filter-row trend-tools',
    choice,
    html('label', '', notable, ' Only what changed or is flaky'),
    count,
  );
  const cards = html('div', 'trend-cards');
  const method = html('p', 'note trend-method');
  const page = html('div', 'trends-view', head.element, tools, cards, method);
  container.append(page);
  choice.addEventListener('change', () => {
    batch = choice.value === '' ? undefined : choice.value;
    paint();
  });
  notable.addEventListener('change', () => {
    notableOnly = notable.checked;
    paint();
  });
  const observer = new ResizeObserver(() => {
    for (const chart of charts) chart.resize();
  });
  observer.observe(cards);
  // A page by itself has no other one to go to.
  const actions: CardActions = surface.editor
    ? {
        open: ({ run }) => surface.post({ type: 'show timing', run }),
        compare: (before, after) => surface.post({ type: 'compare', before, after }),
      }
    : {};

  function paint(): void {
    if (!trends) return;
    const of = trends.gates.filter((gate) => gate.batch === batch);
    const shown = notableOnly ? of.filter(isNotable) : of;
    const made = shown.map((gate) => createCard(gate, actions));
    charts = made.flatMap((card) => card.charts);
    cards.replaceChildren(...made.map((card) => card.element));
    // Only what is in the document has a width.
    for (const chart of charts) chart.resize();
    setText(count, countOf(of, batch));
    cards.classList.toggle('none', shown.length === 0);
    if (shown.length === 0) cards.append(html('p', 'note', noneText(of.length)));
  }

  function show(next: Trends): void {
    trends = next;
    const batches = [...new Set(next.gates.flatMap((gate) => gate.batch ?? []))];
    if (batch === undefined && !next.gates.some((gate) => gate.batch === undefined)) batch = batches[0];
    choice.replaceChildren(option('', 'Gates'), ...batches.map((file) => option(file, `Batch ${file}`)));
    choice.value = batch ?? '';
    choice.hidden = batches.length === 0;
    head.update(next);
    setText(method, methodText(next));
    const { run: _, verification: __, inspection: ___, selected: ____, ...memory } = surface.memory();
    surface.remember({ ...memory, trends: true });
    paint();
  }

  return {
    receive(message) {
      if (message.type === 'show' && message.view.kind === 'trends') show(message.view.trends);
    },
    dispose() {
      observer.disconnect();
      page.remove();
    },
  };
}

function option(value: string, text: string): HTMLOptionElement {
  const element = html('option', '', text);
  element.value = value;
  return element;
}

function isNotable({ series, flakiness }: GateTrend): boolean {
  return flakyMark(flakiness) !== undefined || series.some(({ changes }) => changes.length > 0);
}

function countOf(gates: readonly GateTrend[], batch: string | undefined): string {
  const changed = gates.filter(({ series }) => series.some(({ changes }) => changes.length > 0)).length;
  const flaky = gates.filter(({ flakiness }) => flakiness.kind === 'flaky').length;
  return `${countText(gates.length, batch === undefined ? 'gate' : 'operation')}, ${changed} changed, ${flaky} flaky`;
}

function noneText(others: number): string {
  return others > 0
    ? 'None of them changed for good, and none is known to be flaky.'
    : 'Nothing has run yet. Run gates, and their trends are shown here.';
}

function createHead(editor: boolean) {
  const note = html('span', 'outcome-note', 'time saved so far');
  const figures = html('dl', 'figures');
  const texts = html('ul', 'trend-saved');
  const more = html('details', 'quiet-line', html('summary', '', 'What the figures mean'), texts);
  const title = html('div', 'outcome-block', html('div', '', html('h1', 'outcome-word', 'Trends'), note));
  return {
    element: html('header', 'run-header', html('div', 'headline', title, figures), more),
    update({ saved, gates }: Trends): void {
      const { measured, estimated, answered } = saved;
      const newest = newestOf(gates);
      if (!editor && newest !== undefined) setText(note, `time saved until ${whenText(newest)}`);
      figures.replaceChildren(
        figure(
          'Saved, measured',
          measured.runs > 0 ? signedDuration(measured.ms) : '–',
          measured.runs > 0 ? `in ${countText(measured.runs, 'run')}: ${savedRangeText(measured)}` : 'no verified run yet',
        ),
        figure(
          'Saved, estimated',
          estimated.runs > 0 ? signedDuration(estimated.ms) : '–',
          estimated.runs > 0 ? `in ${countText(estimated.runs, measured.runs > 0 ? 'other run' : 'run')}` : 'no other run',
        ),
        figure(
          'From the cache, estimated',
          answered.gates > 0 ? signedDuration(answered.ms) : '–',
          answered.gates > 0 ? `${countText(answered.gates, 'answer')}: work, not waiting` : 'no answer yet',
        ),
      );
      texts.replaceChildren(...savedTexts(saved).map((text) => html('li', '', text)));
    },
  };
}

/** When the newest run started that anything is told of: in a page that is read much later it says of when it is. */
function newestOf(gates: readonly GateTrend[]): string | undefined {
  const last = gates.flatMap(({ series }) => series.map(({ points }) => points.at(-1)?.startedAt ?? ''));
  return last.sort().at(-1) || undefined;
}

function figure(title: string, value: string, note: string): HTMLElement {
  return html('div', 'figure', html('dt', '', title), html('dd', 'figure-value', value), html('dd', 'figure-note', note));
}

function signedDuration(ms: number): string {
  return `${ms < 0 ? '−' : ''}${durationText(Math.abs(ms))}`;
}

// ----------------------------------------------------------------------------------------------------------------- cards

/** What can be done from a card; each absent where it cannot. */
interface CardActions {
  readonly open?: (point: TrendPoint) => void;
  readonly compare?: (before: RunId, after: RunId) => void;
}

function createCard(gate: GateTrend, actions: CardActions) {
  const { open } = actions;
  const mark = flakyMark(gate.flakiness);
  const title = html('h2', '', gate.name);
  const badge = mark === undefined ? [] : [html('span', 'trend-flaky', icon('warning'), capitalized(mark))];
  const counts = [
    countText(gate.executed, 'run'),
    ...(gate.answered > 0 ? [`${countText(gate.answered, 'answer')} from the cache`] : []),
  ];
  const element = html(
    'section',
    'trend-card',
    html('div', 'trend-title', title, ...badge, html('span', 'note', counts.join(', '))),
  );
  setAttribute(element, 'aria-label', gate.name);
  const [first] = gate.series;
  if (!first) {
    element.append(html('p', 'note', 'It was only answered from the cache, so there is nothing measured.'));
    return { element, charts: [] };
  }
  const chart = createTrendChart(open);
  const changes = html('ul', 'trend-changes');
  const table = createRunTable(open);
  const paint = (series: TrendSeries) => {
    chart.update(series, gate.name);
    changes.replaceChildren(...series.changes.map((change) => html('li', `trend-note-${change.measure}`, changeText(change))));
    if (!series.tested)
      changes.append(
        html(
          'li',
          'note',
          `A change is looked for from ten runs on; there ${series.points.length === 1 ? 'is' : 'are'} ${series.points.length}.`,
        ),
      );
    table.update(series);
  };
  element.append(kindChoice(gate, paint), chart.element, changes, flakyPart(gate, actions.compare), table.element);
  paint(first);
  return { element, charts: [chart] };
}

/** In which kind of runs it is looked at; a line of text when there is one kind only. */
function kindChoice({ name, series }: GateTrend, choose: (series: TrendSeries) => void): HTMLElement {
  const texts = series.map(({ kind, points, changes }) => {
    const changed = changes.length === 0 ? '' : `, ${countText(changes.length, 'change')}`;
    // Where there is no room for all of it, its end is cut.
    return `${countText(points.length, 'run')}${changed}: ${kindText(kind)}`;
  });
  if (series.length === 1) return html('p', 'note', texts[0] ?? '');
  const element = html('select', 'trend-kind', ...texts.map((text, index) => option(String(index), text)));
  setAttribute(element, 'aria-label', `Kind of runs of ${name}`);
  element.addEventListener('change', () => {
    const chosen = series[Number(element.value)];
    if (chosen) choose(chosen);
  });
  return element;
}

/** With a way to compare the two runs, where both are still kept. */
function flakyPart({ flakiness, series }: GateTrend, compare: CardActions['compare']): HTMLElement {
  const kept = new Set(series.flatMap(({ points }) => points.filter((point) => point.kept).map(({ run }) => run)));
  const told = flakiness.kind === 'flaky' || flakiness.kind === 'by mode' ? flakiness.contradictions : [];
  const list = told.map((each) => {
    const text = contradictionText(each);
    if (!compare || each.kind !== 'runs' || !each.runs.every((run) => kept.has(run))) return html('li', '', text);
    return html(
      'li',
      '',
      `${text} `,
      button('Compare These Runs', 'link-button trend-open', () => compare(...each.runs)),
    );
  });
  return html(
    'div',
    'trend-flakiness note',
    html('p', '', flakinessText(flakiness)),
    ...(list.length > 0 ? [html('ul', '', ...list)] : []),
  );
}

/** The same as the picture, as a table; made when it is opened. */
function createRunTable(open: CardActions['open']) {
  let series: TrendSeries | undefined;
  const place = html('div', 'table-scroll');
  const element = html('details', 'trend-table', html('summary', '', 'Runs as a table'), place);
  const paint = () => {
    if (!series || !element.open) return;
    const heads = ['When', 'Outcome', 'Duration', 'Findings', 'Change'].map((text, index) => {
      const head = html('th', index === 2 || index === 3 ? 'numeric' : '', text);
      head.scope = 'col';
      return head;
    });
    const rows = [...series.points.entries()].reverse().map(([index, point]) => runRow(point, changesAt(series, index), open));
    place.replaceChildren(html('table', 'plain-table', html('thead', '', html('tr', '', ...heads)), html('tbody', '', ...rows)));
  };
  element.addEventListener('toggle', paint);
  return {
    element,
    update(next: TrendSeries): void {
      series = next;
      paint();
    },
  };
}

function changesAt(series: TrendSeries | undefined, index: number): string {
  return (series?.changes ?? [])
    .filter((change) => change.index === index)
    .map(({ measure }) => measure)
    .join(', ');
}

function runRow(point: TrendPoint, changes: string, open: CardActions['open']): HTMLElement {
  const when = whenText(point.startedAt);
  const name = open && point.kept ? button(when, 'link-button trend-open', () => open(point)) : when;
  return html(
    'tr',
    '',
    html('td', '', name),
    html('td', '', point.outcome),
    html('td', 'numeric', durationText(point.ms)),
    html('td', 'numeric', point.findings === 0 ? '' : String(point.findings)),
    html('td', '', changes),
  );
}
