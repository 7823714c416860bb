/**
 * The picture of one series: a line of durations, bars of findings below, changes as vertical lines. It is a slider over its runs: arrows
 * move from run to run, and what stands under the cursor is said in words; Enter or a click opens the run.
 */

import { durationText } from '../core/messages.js';
import type { TrendPoint, TrendSeries } from '../core/trend-model.js';
import { changeText, pointText } from '../core/trend-texts.js';
import { html, setAttribute, setText, svg } from './dom.js';
import { type Chart, layoutChart, nearestPoint } from './trend-layout.js';

const HEIGHT = 64;
const FINDINGS_HEIGHT = 14;
const PAGE = 10;

export interface TrendChart {
  readonly element: HTMLElement;
  update(series: TrendSeries, name: string): void;
  /** Draws for the width that it has now. */
  resize(): void;
}

/** An empty chart. `open` is called with a run that is still kept; without it nothing can be opened. */
export function createTrendChart(open?: (point: TrendPoint) => void): TrendChart {
  let series: TrendSeries | undefined;
  let chart: Chart | undefined;
  let at = 0;
  let pointed: number | undefined;
  const drawing = svg('svg', { class: 'trend-drawing', 'aria-hidden': 'true', height: HEIGHT + FINDINGS_HEIGHT });
  const slider = html('div', 'trend-slider', drawing);
  slider.tabIndex = 0;
  setAttribute(slider, 'role', 'slider');
  setAttribute(slider, 'aria-orientation', 'horizontal');
  const top = html('span', 'trend-top');
  const words = html('p', 'trend-words');
  const element = html('div', 'trend-chart', top, slider, words);

  const move = (to: number) => {
    const last = (series?.points.length ?? 1) - 1;
    at = Math.min(Math.max(to, 0), last);
    pointed = undefined;
    say();
  };
  slider.addEventListener('keydown', (event) => {
    const target = targetOf(event.key, at);
    if (target !== undefined) move(target);
    else if (event.key === 'Enter') openAt(at);
    else return;
    event.preventDefault();
  });
  const under = (event: MouseEvent) => chart && nearestPoint(chart, event.clientX - drawing.getBoundingClientRect().left);
  slider.addEventListener('pointermove', (event) => {
    pointed = under(event);
    say();
  });
  slider.addEventListener('pointerleave', () => {
    pointed = undefined;
    say();
  });
  slider.addEventListener('focus', say);
  slider.addEventListener('blur', say);
  slider.addEventListener('click', (event) => {
    const index = under(event);
    if (index === undefined) return;
    move(index);
    openAt(index);
  });

  function openAt(index: number): void {
    const point = series?.points[index];
    if (point && opens(point)) open?.(point);
  }

  function opens({ kept }: TrendPoint): boolean {
    return open !== undefined && kept;
  }

  /** The words and the cursor of the run that is looked at. */
  function say(): void {
    const index = pointed ?? at;
    const point = series?.points[index];
    if (!series || !point) return;
    const changed = series.changes.filter((change) => change.index === index).map(changeText);
    const text = [pointText(point), ...changed, ...(point.kept || !open ? [] : ['Its details are no longer kept.'])].join(' ');
    setText(words, text);
    setAttribute(slider, 'aria-valuenow', index + 1);
    setAttribute(slider, 'aria-valuetext', `${text}${opens(point) ? ' Enter opens it.' : ''}`);
    slider.classList.toggle('opens', pointed !== undefined && opens(point));
    drawCursor(pointed ?? (document.activeElement === slider ? at : undefined));
  }

  function drawCursor(index: number | undefined): void {
    drawing.querySelector('.trend-cursor')?.remove();
    const point = index === undefined ? undefined : chart?.points[index];
    if (point)
      drawing.append(svg('line', { class: 'trend-cursor', x1: point.x, x2: point.x, y1: 0, y2: HEIGHT + FINDINGS_HEIGHT }));
  }

  function draw(): void {
    const width = slider.clientWidth;
    if (!series || width === 0) return;
    setAttribute(drawing, 'width', width);
    chart = layoutChart(series, { width, height: HEIGHT, findingsHeight: FINDINGS_HEIGHT });
    drawing.replaceChildren(...shapesOf(chart));
    setText(top, durationText(chart.topMs));
    say();
  }

  return {
    element,
    update(next, name) {
      series = next;
      at = next.points.length - 1;
      pointed = undefined;
      setAttribute(slider, 'aria-label', `Runs of ${name}`);
      setAttribute(slider, 'aria-valuemin', 1);
      setAttribute(slider, 'aria-valuemax', next.points.length);
      draw();
      say();
    },
    resize: draw,
  };
}

/** Where a key of a slider leads from here; may lie beyond an end. */
function targetOf(key: string, at: number): number | undefined {
  const targets: Readonly<Record<string, number>> = {
    ArrowLeft: at - 1,
    ArrowDown: at - 1,
    ArrowRight: at + 1,
    ArrowUp: at + 1,
    PageDown: at - PAGE,
    PageUp: at + PAGE,
    Home: 0,
    End: Number.MAX_SAFE_INTEGER,
  };
  return targets[key];
}

function shapesOf({ points, changes, levels }: Chart): readonly SVGElement[] {
  const line = points.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');
  const bars = points.filter(({ findings }) => findings > 0);
  return [
    svg('line', { class: 'trend-ground', x1: 0, x2: '100%', y1: HEIGHT - 0.5, y2: HEIGHT - 0.5 }),
    ...changes.map(({ x, measure }) =>
      svg('line', { class: `trend-change trend-change-${measure}`, x1: x, x2: x, y1: 0, y2: HEIGHT + FINDINGS_HEIGHT }),
    ),
    ...levels.map(({ from, to, y }) => svg('line', { class: 'trend-level', x1: from, x2: to, y1: y, y2: y })),
    svg('path', { class: 'trend-line', d: line }),
    ...bars.map(({ x, findings }) =>
      svg('rect', { class: 'trend-findings', x: x - 1.5, y: HEIGHT + FINDINGS_HEIGHT - findings, width: 3, height: findings }),
    ),
    ...points.map(({ x, y, passed, beyond }) => {
      if (!passed) return svg('path', { class: 'trend-failed', d: `M${x - 3} ${y - 3}l6 6m0 -6l-6 6` });
      if (beyond) return svg('path', { class: 'trend-beyond', d: `M${x} ${y - 4}l3.5 6h-7Z` });
      return svg('circle', { class: 'trend-passed', cx: x, cy: y, r: 1.8 });
    }),
  ];
}
