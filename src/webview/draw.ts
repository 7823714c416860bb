/** Draws a laid-out timeline as SVG, changes only what differs from the drawing before, and answers the mouse. */
import { outcomeText } from '../core/messages.js';
import type { OperationId, OperationState } from '../core/model.js';
import { elide, html, keyed, setAttribute, setStyle, setText, svg } from './dom.js';
import { iconPath, operationIcon } from './icons.js';
import {
  AXIS_HEIGHT,
  type Band,
  type Bar,
  type Hook,
  type Label,
  type Lane,
  type Tick,
  type TimelineLayout,
  type Wait,
} from './layout.js';

export interface TimelineEvents {
  /** The pointer is over an operation, or over none. `place` is in the coordinates of the window. */
  hover(operation: OperationState | undefined, place: { readonly x: number; readonly y: number }): void;
  select(operation: OperationId): void;
}

export interface Timeline {
  readonly element: HTMLElement;
  /** Shows a layout. `text` says in one sentence what the picture shows. */
  draw(layout: TimelineLayout, text: string): void;
  /** Moves what grows with the time of the run: bars and waits that last, and the line of now (absent when undefined). */
  moveNow(now: number | undefined, domainMs: number): void;
  mark(marks: { readonly selected?: OperationId | undefined; readonly hovered?: OperationId | undefined }): void;
}

/** A timeline without content. `domain` distinguishes the patterns of several timelines in one document. */
export function createTimeline(events: TimelineEvents, domain: string): Timeline {
  const layers = createLayers(domain);
  const operations = new Map<string, OperationState>();
  let layout: TimelineLayout | undefined;
  const hit = (event: Event): OperationState | undefined => {
    const target = event.target instanceof Element ? event.target.closest('[data-operation]') : null;
    return operations.get(target?.getAttribute('data-operation') ?? '');
  };
  layers.root.addEventListener('click', (event) => {
    const operation = hit(event);
    if (operation) events.select(operation.id);
  });
  layers.root.addEventListener('pointermove', (event) => events.hover(hit(event), { x: event.clientX, y: event.clientY }));
  layers.root.addEventListener('pointerleave', (event) => events.hover(undefined, { x: event.clientX, y: event.clientY }));
  return {
    element: html('div', 'timeline', layers.root),
    draw(next, text) {
      layout = next;
      operations.clear();
      for (const part of [...next.bars, ...next.waits, ...next.labels]) operations.set(part.operation.id, part.operation);
      paint(layers, next, domain);
      setAttribute(layers.root, 'aria-label', text);
    },
    moveNow(now, domainMs) {
      if (layout) moveNow(layers, layout, now, domainMs);
    },
    mark({ selected, hovered }) {
      for (const part of layers.root.querySelectorAll('[data-operation]')) {
        const id = part.getAttribute('data-operation');
        part.classList.toggle('selected', id === selected);
        part.classList.toggle('hovered', id === hovered);
      }
    },
  };
}

type Layers = ReturnType<typeof createLayers>;

function createLayers(domain: string) {
  const group = (name: string): SVGGElement => svg('g', { class: name });
  const groups = {
    lanes: group('lanes'),
    grid: group('grid'),
    bands: group('bands'),
    waits: group('waits'),
    hooks: group('hooks'),
    bars: group('bars'),
    links: group('links'),
    labels: group('labels'),
  };
  const now = svg('line', { class: 'now', y1: AXIS_HEIGHT - 6 });
  const root = svg('svg', { class: 'timeline-drawing', role: 'img' }, patterns(domain), ...Object.values(groups), now);
  return {
    root,
    now,
    groups,
    lanes: keyed(
      groups.lanes,
      (lane: Lane) => `${lane.kind} ${lane.number}`,
      createLane,
      () => {},
    ),
    ticks: keyed(
      groups.grid,
      (tick: Tick) => String(tick.ms),
      createTick,
      () => {},
    ),
    bands: keyed(
      groups.bands,
      (band: Band) => band.key,
      () => svg('path'),
      (path, band) => paintBand(path, band, domain),
    ),
    waits: keyed(
      groups.waits,
      (wait: Wait) => wait.key,
      (wait) => svg('rect', { 'data-operation': wait.operation.id }),
      (line, wait) => paintWait(line, wait, domain),
    ),
    hooks: keyed(
      groups.hooks,
      (hook: Hook) => hook.key,
      (hook) => svg('line', { 'data-operation': hook.operation.id }),
      paintHook,
    ),
    bars: keyed(groups.bars, (bar: Bar) => bar.key, createBar, paintBar),
    labels: keyed(groups.labels, (label: Label) => label.key, createLabel, paintLabel),
    links: keyed(
      groups.links,
      (link: TimelineLayout['links'][number]) => link.key,
      () => svg('path', { class: 'link' }),
      (path, link) => setAttribute(path, 'd', link.path),
    ),
  };
}

/** Stripes of a different rhythm a phase, so that they can be told apart without colours. */
function patterns(domain: string): SVGDefsElement {
  const stripes = (phase: string, period: number, stripe: number): SVGPatternElement =>
    svg(
      'pattern',
      { id: `${domain}-${phase}`, width: period, height: 8, patternUnits: 'userSpaceOnUse' },
      svg('rect', { width: period, height: 8, class: `ground ${phase}` }),
      svg('rect', { width: stripe, height: 8, class: `stripe ${phase}` }),
    );
  return svg('defs', {}, stripes('blocked', 8, 6), stripes('locked', 4, 2), stripes('queued', 5, 1));
}

function paint(layers: Layers, layout: TimelineLayout, domain: string): void {
  setAttribute(layers.root, 'width', layout.width);
  setAttribute(layers.root, 'height', layout.height);
  setAttribute(layers.root, 'data-patterns', domain);
  layers.lanes.update(layout.lanes);
  for (const lane of layout.lanes) paintLane(layers, lane, layout);
  layers.ticks.update(layout.ticks);
  for (const tick of layout.ticks) paintTick(layers, tick, layout);
  layers.bands.update(layout.bands);
  layers.waits.update(layout.waits);
  layers.hooks.update(layout.hooks);
  layers.bars.update(layout.bars);
  layers.links.update(layout.links);
  layers.labels.update(layout.labels);
  setAttribute(layers.now, 'y2', layout.height);
}

function moveNow(layers: Layers, layout: TimelineLayout, now: number | undefined, domainMs: number): void {
  setAttribute(layers.now, 'visibility', now === undefined ? 'hidden' : 'visible');
  if (now === undefined) return;
  const x = layout.left + (Math.min(now, domainMs) / domainMs) * (layout.right - layout.left);
  setAttribute(layers.now, 'x1', x.toFixed(1));
  setAttribute(layers.now, 'x2', x.toFixed(1));
  for (const bar of layout.bars) {
    const element = bar.live ? layers.bars.get(bar.key) : undefined;
    if (element) setBarWidth(element, Math.max(bar.width, x - bar.x));
  }
  for (const wait of layout.waits) {
    const element = wait.live ? layers.waits.get(wait.key) : undefined;
    if (element) setAttribute(element, 'width', Math.max(0, x - wait.x).toFixed(1));
  }
}

function createLane(): SVGGElement {
  return svg(
    'g',
    {},
    svg('rect', { class: 'lane', x: 0 }),
    svg('text', { class: 'lane-name' }),
    svg('text', { class: 'lane-note' }),
  );
}

function paintLane(layers: Layers, lane: Lane, layout: TimelineLayout): void {
  const element = layers.lanes.get(`${lane.kind} ${lane.number}`);
  const [ground, name, note] = element?.children ?? [];
  if (!ground || !name || !note) return;
  const roomy = layout.left > 40;
  setAttribute(ground, 'y', lane.y);
  setAttribute(ground, 'width', layout.width);
  setAttribute(ground, 'height', lane.height);
  setAttribute(ground, 'class', lane.number % 2 === 0 ? 'lane even' : 'lane');
  setAttribute(name, 'y', lane.y + 18);
  setAttribute(name, 'x', roomy ? 16 : 8);
  setAttribute(note, 'x', roomy ? 16 : 4);
  setText(name, laneName(lane, roomy));
  setAttribute(note, 'y', lane.y + 18 + 16);
  setText(note, lane.peak > 0 ? (roomy ? `${lane.peak} waiting` : `${lane.peak}`) : '');
}

function laneName(lane: Lane, roomy: boolean): string {
  switch (lane.kind) {
    case 'worker':
      return roomy ? `Worker ${lane.number}` : String(lane.number);
    case 'same pass':
      return roomy ? 'In pass' : '=';
    case 'waiting':
      return roomy ? 'Waiting' : '…';
    case 'not run':
      return roomy ? 'Not run' : '–';
    default:
      return lane.kind satisfies never;
  }
}

function createTick(): SVGGElement {
  return svg(
    'g',
    {},
    svg('line', { class: 'tick', y1: AXIS_HEIGHT - 6 }),
    svg('text', { class: 'tick-label', y: AXIS_HEIGHT - 9 }),
  );
}

function paintTick(layers: Layers, tick: Tick, layout: TimelineLayout): void {
  const [line, text] = layers.ticks.get(String(tick.ms))?.children ?? [];
  if (!line || !text) return;
  const x = Math.round(tick.x) + 0.5;
  setAttribute(line, 'x1', x);
  setAttribute(line, 'x2', x);
  setAttribute(line, 'y2', layout.height);
  setAttribute(text, 'text-anchor', tick.x > layout.right - 14 ? 'end' : tick.ms === 0 ? 'start' : 'middle');
  setAttribute(text, 'x', tick.x > layout.right - 14 ? layout.right + 8 : x);
  setText(text, tick.label);
}

function paintBand(path: SVGPathElement, band: Band, domain: string): void {
  setAttribute(path, 'd', band.path);
  setAttribute(path, 'class', `band ${band.phase}`);
  setAttribute(path, 'fill', `url(#${domain}-${band.phase})`);
}

function paintWait(line: SVGRectElement, wait: Wait, domain: string): void {
  keepClass(line, `wait ${wait.phase}`);
  setAttribute(line, 'fill', `url(#${domain}-${wait.phase})`);
  setAttribute(line, 'x', wait.x.toFixed(1));
  setAttribute(line, 'y', wait.y);
  setAttribute(line, 'width', wait.width.toFixed(1));
  setAttribute(line, 'height', wait.height);
}

function paintHook(line: SVGLineElement, hook: Hook): void {
  keepClass(line, 'hook');
  const x = Math.round(hook.x) + 0.5;
  setAttribute(line, 'x1', x);
  setAttribute(line, 'x2', x);
  setAttribute(line, 'y1', hook.top);
  setAttribute(line, 'y2', hook.bottom);
}

function createBar(bar: Bar): SVGGElement {
  return svg(
    'g',
    { 'data-operation': bar.operation.id },
    svg('rect', { class: 'bar-fill', rx: 2 }),
    svg('path', { class: 'bar-icon' }),
    svg('text', { class: 'bar-name' }),
  );
}

function paintBar(element: SVGGElement, bar: Bar): void {
  const [fill, glyph, name] = element.children;
  if (!fill || !glyph || !name) return;
  const kind = bar.last ? operationIcon(bar.operation) : 'errored';
  keepClass(element, `bar bar-${kind.replace(' ', '-')}${bar.critical ? ' critical' : ''}${bar.last ? '' : ' earlier'}`);
  setAttribute(fill, 'y', bar.y + 0.5);
  setAttribute(fill, 'height', bar.height - 1);
  setAttribute(fill, 'x', (bar.width > 4 ? bar.x + 0.5 : bar.x).toFixed(1));
  setBarWidth(element, bar.width);
  const withIcon = bar.width > 20;
  setAttribute(glyph, 'd', withIcon ? iconPath(kind) : '');
  setAttribute(glyph, 'class', `bar-icon icon-${kind.replace(' ', '-')}`);
  setAttribute(glyph, 'transform', `translate(${(bar.x + 5).toFixed(1)} ${bar.y + 4.5}) scale(0.69)`);
  setAttribute(name, 'x', (bar.x + 20).toFixed(1));
  setAttribute(name, 'y', bar.y + bar.height / 2 + 4);
  setText(name, bar.width > 34 ? elide(bar.operation.name, bar.width - 25, measure) : '');
}

function setBarWidth(element: SVGGElement, width: number): void {
  const fill = element.firstElementChild;
  if (fill) setAttribute(fill, 'width', (width > 4 ? width - 1 : width).toFixed(1));
}

function createLabel(label: Label): SVGGElement {
  return svg(
    'g',
    { 'data-operation': label.operation.id },
    svg('rect', { class: 'label-ground' }),
    svg('path', { class: 'bar-icon' }),
    svg('text', {}),
  );
}

function paintLabel(element: SVGGElement, label: Label): void {
  const [ground, glyph, text] = element.children;
  if (!ground || !glyph || !text) return;
  const kind = operationIcon(label.operation);
  keepClass(element, 'label');
  setAttribute(ground, 'x', label.x);
  setAttribute(ground, 'y', label.y);
  setAttribute(ground, 'width', Math.max(0, label.width));
  setAttribute(ground, 'height', 16);
  setAttribute(glyph, 'd', iconPath(kind));
  setAttribute(glyph, 'class', `bar-icon icon-${kind.replace(' ', '-')}`);
  setAttribute(glyph, 'transform', `translate(${(label.x + 1).toFixed(1)} ${label.y + 1}) scale(0.69)`);
  setAttribute(text, 'x', (label.x + 16).toFixed(1));
  setAttribute(text, 'y', label.y + 10.5);
  const { name, outcome, phase } = label.operation;
  setText(text, elide(`${name} · ${outcome ? outcomeText(outcome) : phase}`, label.width - 18, measure));
}

/** Sets the classes of a part but keeps its marks. */
function keepClass(element: Element, className: string): void {
  const marks = ['selected', 'hovered'].filter((mark) => element.classList.contains(mark));
  setAttribute(element, 'class', [className, ...marks].join(' '));
}

const widths = new Map<string, number>();
let canvas: CanvasRenderingContext2D | null | undefined;

/** Width of a bar's text; measured once for each text. */
function measure(text: string): number {
  const known = widths.get(text);
  if (known !== undefined) return known;
  if (canvas === undefined) {
    canvas = document.createElement('canvas').getContext('2d');
    if (canvas) canvas.font = `11px ${getComputedStyle(document.body).fontFamily}`;
  }
  const width = canvas ? canvas.measureText(text).width : text.length * 6.5;
  if (widths.size > 5_000) widths.clear();
  widths.set(text, width);
  return width;
}

/** What the lines and bars mean, in words beside samples; without `waits`, only the bars. */
export function createLegend(waits: boolean): HTMLElement {
  const sample = (name: string, ...parts: readonly SVGElement[]): HTMLElement =>
    html(
      'span',
      'legend-item',
      svg('svg', { class: 'legend-sample', width: 22, height: 12, 'aria-hidden': 'true' }, ...parts),
      name,
    );
  const line = (phase: string, pattern: string): HTMLElement =>
    sample(phase, svg('rect', { class: `wait ${phase}`, x: 0, y: 4, width: 22, height: 4, fill: `url(#${pattern}-${phase})` }));
  const bar = (name: string, className: string): HTMLElement =>
    sample(name, svg('g', { class: className }, svg('rect', { class: 'bar-fill', x: 1, y: 1, width: 20, height: 10, rx: 2 })));
  const legend = html('div', 'legend', ...(waits ? ['blocked', 'locked', 'queued'] : []).map((phase) => line(phase, 'legend')));
  legend.append(
    bar('ran', 'bar bar-passed'),
    bar('running', 'bar bar-running'),
    bar('failed', 'bar bar-failed'),
    bar('critical path', 'bar critical'),
  );
  legend.prepend(svg('svg', { width: 0, height: 0, class: 'definitions', 'aria-hidden': 'true' }, patterns('legend')));
  return legend;
}

/** Places a floating element near the pointer, inside the window. */
export function placeNear(element: HTMLElement, place: { readonly x: number; readonly y: number }): void {
  const { width, height } = element.getBoundingClientRect();
  const x = Math.max(4, Math.min(place.x + 12, window.innerWidth - width - 8));
  const y = place.y + 16 + height > window.innerHeight ? Math.max(4, place.y - height - 12) : place.y + 16;
  setStyle(element, 'left', `${x}px`);
  setStyle(element, 'top', `${y}px`);
}
