/** The view of a tuning: what to use, the measured curve with the law that fits, and the same as a table. */
import { countText, durationText, ratioText } from '../core/messages.js';
import { AUTOMATIC, TOLERANCE, type Tuning } from '../core/tuning-model.js';
import {
  endText,
  intervalText,
  lawMs,
  lawText,
  numberText,
  numberTitle,
  recommendationText,
  subjectText,
  tuningTitle,
} from '../core/tuning-text.js';
import { differenceText } from '../core/verification-text.js';
import type { PanelView, ToWebview } from '../protocol.js';
import { type CurveLayout, layoutCurve } from './curve.js';
import { button, html, setAttribute, setText, svg } from './dom.js';
import { icon, paintIcon } from './icons.js';
import type { View } from './run-view.js';
import type { Surface } from './surface.js';

type TuningPanel = Extract<PanelView, { kind: 'tuning' }>;

const HEIGHT = 260;
const MARGIN = { left: 56, right: 24, top: 16, bottom: 44 } as const;

/** Fills `container` with a tuning. `announce` tells screen readers. */
export function createTuningView(container: HTMLElement, surface: Surface, announce: (text: string) => void): View {
  let panel: TuningPanel | undefined;
  const head = createHead(surface, () => panel?.tuning);
  const picture = html('section', 'picture tuning-picture');
  setAttribute(picture, 'aria-label', 'Curve');
  const table = html('div', 'tuning-table');
  const notes = html('div', 'tuning-notes');
  const page = html('div', 'run-view tuning-view', head.element, picture, html('div', 'table-scroll', table, notes));
  container.append(page);
  const draw = () => {
    if (panel) drawCurve(picture, panel.tuning);
  };
  const observer = new ResizeObserver(draw);
  observer.observe(picture);

  function set(next: TuningPanel): void {
    const before = panel;
    panel = next;
    const { tuning } = next;
    const { run: _, verification: __, inspection: ___, selected: ____, ...memory } = surface.memory();
    if (memory.tuning !== tuning.id) surface.remember({ ...memory, tuning: tuning.id });
    head.update(next);
    table.replaceChildren(...(tuning.curve.points.length > 0 ? [tableOf(tuning)] : []));
    notes.replaceChildren(...notesOf(tuning).map((text) => html('p', 'note', text)));
    draw();
    if (before?.progress && !next.progress) announce(recommendationText(tuning));
  }

  return {
    receive(message: ToWebview) {
      if (message.type === 'show' && message.view.kind === 'tuning') set(message.view);
    },
    dispose() {
      observer.disconnect();
      page.remove();
    },
  };
}

function createHead(surface: Surface, shown: () => Tuning | undefined) {
  const drawing = icon('running');
  const word = html('h1', 'outcome-word');
  const step = html('span', 'outcome-note');
  const bar = html('progress', 'trial-progress');
  setAttribute(bar, 'aria-label', 'Trials done, of the most there will be');
  const sentence = html('p', 'verdict-sentence');
  const setting = html('p', 'note');
  const post = (type: 'tune again' | 'use slots') => {
    const tuning = shown();
    if (tuning) surface.post({ type, tuning: tuning.id });
  };
  const cancel = button('Cancel', 'secondary', () => surface.post({ type: 'cancel' }));
  const use = button('', 'primary', () => post('use slots'));
  const again = button('Tune Again', 'secondary', () => post('tune again'));
  const actions = html('div', 'actions', cancel, use, again);
  actions.hidden = !surface.editor;
  const block = html('div', 'outcome-block', drawing, html('div', '', word, step));
  const element = html('header', 'run-header', html('div', 'headline', block, actions), bar, sentence, setting);
  return {
    element,
    update({ tuning, progress, slots }: TuningPanel): void {
      const { subject, recommended, trials, end } = tuning;
      paintIcon(drawing, progress ? 'running' : recommended === undefined ? 'skipped' : 'passed');
      const title = `${tuningTitle(subject)}: ${tuning.operations > 0 || progress === undefined ? subjectText(tuning) : 'warm-up'}`;
      setText(word, progress ? 'Measuring' : recommended === undefined ? 'No recommendation' : numberText(subject, recommended));
      setText(step, progress ? `${title}${progressText(tuning, progress)}` : title);
      bar.hidden = !progress;
      if (progress) {
        bar.max = Math.max(1, progress.of);
        bar.value = trials.length;
      }
      setText(sentence, progress ? goingText(tuning) : recommendationText(tuning));
      cancel.hidden = !progress;
      again.hidden = progress !== undefined;
      const usable = !progress && recommended !== undefined && subject.kind !== 'files';
      use.hidden = !usable || slots === recommended;
      setText(use, usable ? `Use ${countText(recommended, 'Slot')} in This Workspace` : '');
      setting.hidden = !usable || slots === undefined || end === undefined;
      setText(setting, slots === undefined ? '' : settingText(slots, slots === recommended));
    },
  };
}

function progressText({ subject }: Tuning, { trial, of, number }: NonNullable<TuningPanel['progress']>): string {
  return trial === 0 || number === undefined ? '' : `, trial ${trial} of at most ${of}, ${numberText(subject, number)}`;
}

function goingText({ numbers, subject, limits }: Tuning): string {
  if (numbers.length === 0) return 'A first run fills the caches of the tools, so that no trial pays for it. It is not counted.';
  const unit = subject.kind === 'files' ? 'operations in one batch' : 'slots';
  return `Each round tries ${numbers.join(', ')} ${unit} once, in an order at random. It ends when the intervals are narrow enough, after ${countText(limits.rounds, 'round')}, or after ${durationText(limits.mostMs)}.`;
}

function settingText(slots: number, isUsed: boolean): string {
  const now = slots === 0 ? '0: Volley chooses the number itself and moves it while a run goes on' : String(slots);
  return isUsed ? `This workspace uses it: volley.slots is ${now}.` : `volley.slots is ${now}.`;
}

function notesOf(tuning: Tuning): readonly string[] {
  const law = lawText(tuning.curve);
  const differences = tuning.differences.map((difference) => differenceText(difference));
  return [...(tuning.trials.length > 0 ? [`${endText(tuning)}`] : []), ...(law ? [law] : []), ...differences];
}

// ----------------------------------------------------------------------------------------------------------------- table

function tableOf({ curve, subject, recommended }: Tuning): HTMLElement {
  const { law, points } = curve;
  const titles = [numberTitle(subject), 'Median', '95 %', '÷ best', 'Standing', ...(law ? ['Law'] : [])];
  const head = html('tr', '', ...titles.map((title) => column(title)));
  const bestMs = Math.min(...points.map(({ medianMs }) => medianMs));
  const rows = [...points, ...(curve.automatic ? [curve.automatic] : [])].map((point) => {
    const chosen = point.number === recommended;
    const cells = [
      point.number === AUTOMATIC ? 'chosen by Volley' : `${point.number}${chosen ? ' (use)' : ''}`,
      durationText(point.medianMs),
      intervalText(point.interval),
      ratioText(point.medianMs / bestMs),
      point.number === AUTOMATIC ? AGAINST_CHOSEN[point.standing] : STANDING[point.standing],
      ...(law ? [point.number === AUTOMATIC ? '' : durationText(lawMs(law, point.number))] : []),
    ];
    return html('tr', chosen ? 'chosen' : '', ...cells.map((cell, index) => html('td', index === 4 ? '' : 'numeric', cell)));
  });
  const table = html('table', 'plain-table', html('thead', '', head), html('tbody', '', ...rows));
  setAttribute(table, 'aria-label', 'What was measured with each number');
  return table;
}

function column(title: string): HTMLElement {
  const cell = html('th', title === 'Standing' ? '' : 'numeric', title);
  setAttribute(cell, 'scope', 'col');
  return cell;
}

/** Volley's own choice against the recommended number. */
const AGAINST_CHOSEN = {
  within: 'as fast as the recommended number',
  outside: 'slower than the recommended number',
  open: 'cannot be told',
} as const;

const STANDING = {
  within: 'within 3 % of the best',
  outside: 'slower',
  open: 'cannot be told',
} as const;

// ----------------------------------------------------------------------------------------------------------------- curve

function drawCurve(parent: HTMLElement, { curve, trials, subject, recommended }: Tuning): void {
  parent.hidden = curve.points.length === 0;
  const width = parent.clientWidth;
  if (parent.hidden || width === 0) {
    parent.replaceChildren();
    return;
  }
  const layout = layoutCurve(curve, trials, { ...MARGIN, width, height: HEIGHT }, TOLERANCE);
  const picture = svg(
    'svg',
    {
      class: 'curve',
      width,
      height: HEIGHT,
      role: 'img',
      'aria-label': pictureText(subject.kind === 'files', curve.points.length),
    },
    ...scaleOf(layout, width, numberTitle(subject)),
    ...trialsOf(layout),
    ...(layout.law.length > 0 ? [polyline('curve-law', layout.law)] : []),
    polyline('curve-line', layout.points),
    ...pointsOf(layout, recommended),
  );
  parent.replaceChildren(legendOf(layout), picture);
}

function pictureText(files: boolean, count: number): string {
  return `Speed with ${count} numbers of ${files ? 'operations in one batch' : 'slots'}, as a share of the fastest. The table below says the same in text.`;
}

function scaleOf({ scale, limit, points, automatic }: CurveLayout, width: number, title: string): readonly SVGElement[] {
  const right = width - MARGIN.right;
  const floor = HEIGHT - MARGIN.bottom;
  const text = (x: number, y: number, content: string, anchor: string) => {
    const label = svg('text', { class: 'curve-label', x, y, 'text-anchor': anchor });
    label.textContent = content;
    return label;
  };
  return [
    ...scale.flatMap(({ y, text: share }) => [
      svg('line', { class: 'curve-grid', x1: MARGIN.left, x2: right, y1: y, y2: y }),
      text(MARGIN.left - 8, y + 4, share, 'end'),
    ]),
    ...(limit === undefined ? [] : [svg('line', { class: 'curve-limit', x1: MARGIN.left, x2: right, y1: limit, y2: limit })]),
    ...(automatic === undefined
      ? []
      : [svg('line', { class: 'curve-automatic', x1: MARGIN.left, x2: right, y1: automatic, y2: automatic })]),
    ...points.map(({ number, x }) => text(x, floor + 18, String(number), 'middle')),
    text((MARGIN.left + right) / 2, HEIGHT - 6, title, 'middle'),
  ];
}

function trialsOf({ trials }: CurveLayout): readonly SVGElement[] {
  return trials.map(({ x, y }) => svg('circle', { class: 'curve-trial', cx: x, cy: y, r: 2 }));
}

function pointsOf({ points }: CurveLayout, recommended: number | undefined): readonly SVGElement[] {
  return points.flatMap(({ number, x, y, bar }) => [
    ...(bar
      ? [
          svg('line', { class: 'curve-bar', x1: x, x2: x, y1: bar.top, y2: bar.bottom }),
          svg('line', { class: 'curve-bar', x1: x - 4, x2: x + 4, y1: bar.top, y2: bar.top }),
          svg('line', { class: 'curve-bar', x1: x - 4, x2: x + 4, y1: bar.bottom, y2: bar.bottom }),
        ]
      : []),
    svg('circle', { class: 'curve-point', cx: x, cy: y, r: 4 }),
    ...(number === recommended ? [svg('circle', { class: 'curve-chosen', cx: x, cy: y, r: 9 })] : []),
  ]);
}

function polyline(kind: string, points: readonly { readonly x: number; readonly y: number }[]): SVGElement {
  return svg('polyline', { class: kind, points: points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ') });
}

/** Each entry with the mark itself. */
function legendOf({ law, points, automatic }: CurveLayout): HTMLElement {
  const entry = (text: string, ...marks: readonly SVGElement[]) =>
    html('span', 'legend-item', svg('svg', { class: 'swatch', width: 22, height: 12, 'aria-hidden': 'true' }, ...marks), text);
  const line = (kind: string) => svg('line', { class: kind, x1: 0, x2: 22, y1: 6, y2: 6 });
  const circle = (kind: string, r: number) => svg('circle', { class: kind, cx: 11, cy: 6, r });
  const repeated = points.some(({ bar }) => bar);
  return html(
    'div',
    'legend curve-legend',
    entry(repeated ? 'median with its 95 % interval' : 'median', line('curve-line'), circle('curve-point', 4)),
    entry('single trials', circle('curve-trial', 2)),
    entry('3 % slower than the fastest', line('curve-limit')),
    ...(automatic === undefined ? [] : [entry('slots chosen by Volley', line('curve-automatic'))]),
    ...(law.length > 0 ? [entry('Universal Scalability Law', line('curve-law'))] : []),
    entry('recommended', circle('curve-chosen', 5)),
  );
}
