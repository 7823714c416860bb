/** Pure: the time account of a run → rectangles of a timeline. Knows neither the DOM nor a clock; lengths are CSS pixels. */

import type { PathStep } from '../core/measured.js';
import type { OperationId, OperationState, Phase } from '../core/model.js';

export interface TimelineInput {
  readonly operations: readonly OperationState[];
  readonly slots: number;
  readonly criticalPath: readonly PathStep[];
  /** Where segments that last end, in milliseconds of the run. */
  readonly now: number;
  /** The time at the right edge, in milliseconds; at least `now`. */
  readonly domainMs: number;
  /** Width of the whole picture, lane labels included. */
  readonly width: number;
  /** Whether waiting is drawn. A sequential run waits by design, which says nothing. */
  readonly waits: boolean;
  /** Its waits are drawn even where a lane sums them up. */
  readonly spotlight?: OperationId;
}

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Lane {
  /** A worker by its number from 1, more of what one of them does in the same pass, or the place of operations that wait to run or, when none of them does any more, did not. */
  readonly kind: 'worker' | 'same pass' | 'waiting' | 'not run';
  readonly number: number;
  readonly y: number;
  readonly height: number;
  /** How many waited at once for this lane, when that is summed up; otherwise 0. */
  readonly peak: number;
}

/** One attempt of an operation. Bars of one lane never overlap. */
export interface Bar extends Rectangle {
  readonly key: string;
  readonly operation: OperationState;
  readonly lane: number;
  readonly from: number;
  readonly to: number;
  readonly live: boolean;
  readonly critical: boolean;
  /** False for an attempt after which another followed. */
  readonly last: boolean;
}

/** A stretch of waiting, as a thin line below the bar that it led to, or above the name of what never ran. */
export interface Wait extends Rectangle {
  readonly key: string;
  readonly operation: OperationState;
  readonly phase: Waiting;
  readonly live: boolean;
}

/** Leads from the end of a wait up to the bar that it led to. */
export interface Hook {
  readonly key: string;
  readonly operation: OperationState;
  readonly x: number;
  readonly top: number;
  readonly bottom: number;
}

/** The name of an operation that has not run. */
export interface Label {
  readonly key: string;
  readonly operation: OperationState;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** How many operations waited, over time, where there are too many to draw each: one stacked area a phase. */
export interface Band {
  readonly key: string;
  readonly phase: Waiting;
  /** Path data of an SVG path. */
  readonly path: string;
}

/** Joins two steps of the critical path. */
export interface Link {
  readonly key: string;
  readonly path: string;
}

export interface Tick {
  readonly ms: number;
  readonly x: number;
  readonly label: string;
}

export interface TimelineLayout {
  readonly width: number;
  readonly height: number;
  /** Where time 0 and `domainMs` are. */
  readonly left: number;
  readonly right: number;
  readonly ticks: readonly Tick[];
  readonly lanes: readonly Lane[];
  readonly bars: readonly Bar[];
  readonly waits: readonly Wait[];
  readonly hooks: readonly Hook[];
  readonly labels: readonly Label[];
  readonly bands: readonly Band[];
  readonly links: readonly Link[];
}

export type Waiting = Exclude<Phase, 'running'>;
const WAITING: readonly Waiting[] = ['blocked', 'locked', 'queued'];

export const AXIS_HEIGHT = 22;
const BAR_HEIGHT = 20;
const LANE_PADDING = 4;
const WAIT_HEIGHT = 4;
const WAIT_PITCH = 6;
const LABEL_PITCH = 22;
const BAND_HEIGHT = 24;
/** More rows of waits than this are summed up in a band. */
const MAX_WAIT_ROWS = 6;
const MAX_LABEL_ROWS = 8;
const MIN_BAR = 2;
/** A wait that is drawn shorter than this tells nothing. */
const MIN_WAIT = 1.5;
const RIGHT_MARGIN = 12;

/**
 * Lays out the timeline of a run: one lane a worker with a bar for each attempt, below each lane the waits that led to its bars,
 * and one lane for what has not run. Everything lies within `width`; bars are at least 2 px wide where a lane has room for that.
 */
export function layoutTimeline(input: TimelineInput): TimelineLayout {
  const left = gutterWidth(input.width);
  const right = Math.max(left + 1, input.width - RIGHT_MARGIN);
  const scale = (ms: number): number => left + (clamp(ms, 0, input.domainMs) / Math.max(input.domainMs, 1)) * (right - left);
  const frame: Frame = { input, left, right, scale };
  const attempts = placeAttempts(input.operations, input.now, Math.min(input.slots, input.operations.length));
  const workers = workerCount(attempts, input);
  const critical = new Set(input.criticalPath.map((step) => step.operation));
  const drawing: Drawing = { lanes: [], bars: [], waits: [], hooks: [], labels: [], bands: [] };
  let y = AXIS_HEIGHT;
  for (let lane = 0; lane < workers; lane += 1) {
    const mine = attempts.filter((attempt) => attempt.lane === lane);
    drawing.bars.push(...barsOf(frame, mine, y + LANE_PADDING, critical));
    y += layWorker(frame, drawing, mine, lane, y);
  }
  const waiting = input.operations.filter((operation) => !operation.segments.some((segment) => segment.phase === 'running'));
  if (waiting.length > 0 && input.waits) y += layWaiting(frame, drawing, waiting, workers, y);
  return {
    ...drawing,
    width: input.width,
    height: y + 2,
    left,
    right,
    ticks: ticks(input.domainMs, right - left).map((tick) => ({ ...tick, x: scale(tick.ms) })),
    links: linksOf(input.criticalPath, drawing.bars),
  };
}

/** Room for the names of the lanes, left of time 0. */
export function gutterWidth(width: number): number {
  return width >= 560 ? 76 : 28;
}

/**
 * The time at the right edge. A finished run ends there; one that goes on has room to grow, and the scale stays as it was
 * (`previous`) until that room is used up, so that the picture does not creep.
 */
export function domainFor(elapsedMs: number, running: boolean, previous: number | undefined): number {
  if (!running) return Math.max(elapsedMs, 1);
  if (previous !== undefined && elapsedMs <= previous * 0.97) return previous;
  return Math.max(4_000, elapsedMs * 1.4);
}

const STEPS_MS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000,
  1_800_000, 3_600_000,
];

/** Round times that divide `domainMs`, about 80 px or more from each other, from 0 on. */
export function ticks(domainMs: number, widthPx: number): readonly { readonly ms: number; readonly label: string }[] {
  const wanted = (domainMs / Math.max(widthPx, 1)) * 80;
  const step = STEPS_MS.find((candidate) => candidate >= wanted) ?? Math.ceil(wanted / 3_600_000) * 3_600_000;
  const count = Math.floor(domainMs / step + 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => ({ ms: index * step, label: tickLabel(index * step, step) }));
}

function tickLabel(ms: number, step: number): string {
  if (ms === 0) return '0';
  if (step >= 60_000) return `${ms / 60_000} min`;
  if (ms >= 60_000) return `${Math.floor(ms / 60_000)}:${String(Math.round((ms % 60_000) / 1000)).padStart(2, '0')} min`;
  if (step >= 1_000) return `${ms / 1000} s`;
  if (ms >= 1_000) return `${(ms / 1000).toFixed(step >= 100 ? 1 : step >= 10 ? 2 : 3)} s`;
  return `${ms} ms`;
}

interface Frame {
  readonly input: TimelineInput;
  readonly left: number;
  readonly right: number;
  readonly scale: (ms: number) => number;
}

interface Drawing {
  readonly lanes: Lane[];
  readonly bars: Bar[];
  readonly waits: Wait[];
  readonly hooks: Hook[];
  readonly labels: Label[];
  readonly bands: Band[];
}

/** One running segment with the lane that it is drawn in. */
interface Attempt {
  readonly operation: OperationState;
  readonly index: number;
  readonly last: boolean;
  readonly live: boolean;
  readonly from: number;
  readonly to: number;
  readonly lane: number;
}

/**
 * Gives every attempt a lane in which nothing else runs at that time. Only the lane of the last attempt is known; earlier ones
 * keep it where it was free, or take the first that was. What is done in one pass shares a worker: all but one of it stand below the
 * workers, in lanes of their own.
 */
function placeAttempts(operations: readonly OperationState[], now: number, workers: number): readonly Attempt[] {
  const all = operations.flatMap((operation) => {
    const running = operation.segments.filter((segment) => segment.phase === 'running');
    return running.map((segment, index) => ({
      operation,
      index,
      last: index === running.length - 1,
      live: segment.to === undefined,
      from: segment.from,
      to: Math.max(segment.from, segment.to ?? now),
    }));
  });
  const occupied: Attempt[][] = [];
  const order = [...all].sort((a, b) => Number(b.last) - Number(a.last) || a.from - b.from);
  return order.map((attempt) => {
    const free = (lane: number): boolean =>
      !(occupied[lane] ?? []).some((other) => other.from < attempt.to && attempt.from < other.to);
    let lane = attempt.operation.lane ?? 0;
    // Before it has answered, nobody knows with whom it is in a pass, but only they share a lane at a time.
    if (!free(lane)) for (lane = attempt.last ? workers : 0; !free(lane); lane += 1);
    const placed = { ...attempt, lane };
    const fellows = occupied[lane];
    if (fellows) fellows.push(placed);
    else occupied[lane] = [placed];
    return placed;
  });
}

/** As many lanes as workers, but no more idle ones than there are operations to fill them. */
function workerCount(attempts: readonly Attempt[], input: TimelineInput): number {
  const used = attempts.reduce((most, attempt) => Math.max(most, attempt.lane + 1), 0);
  return Math.max(1, used, Math.min(input.slots, input.operations.length));
}

/**
 * Bars in order of time. Each is at least `MIN_BAR` wide, or an equal share of the lane where it has no room for that, so short ones
 * may be shifted by a few pixels: first to the right, past the one before, then back to the left, off the edge.
 */
function barsOf(frame: Frame, attempts: readonly Attempt[], y: number, critical: ReadonlySet<OperationId>): readonly Bar[] {
  const sorted = [...attempts].sort((a, b) => a.from - b.from || a.to - b.to);
  const least = Math.min(MIN_BAR, (frame.right - frame.left) / Math.max(sorted.length, 1));
  const spans: { start: number; end: number }[] = [];
  let edge = frame.left;
  for (const attempt of sorted) {
    const start = Math.max(edge, frame.scale(attempt.from));
    edge = Math.max(start + least, frame.scale(attempt.to));
    spans.push({ start, end: edge });
  }
  let limit = frame.right;
  for (const span of spans.toReversed()) {
    if (span.end > limit) span.end = limit;
    span.start = Math.max(frame.left, Math.min(span.start, span.end - least));
    limit = span.start;
  }
  return sorted.map((attempt, index) => {
    const { start, end } = spans[index] ?? { start: frame.left, end: frame.left };
    return {
      key: `${attempt.operation.id}#${attempt.index}`,
      operation: attempt.operation,
      lane: attempt.lane,
      from: attempt.from,
      to: attempt.to,
      live: attempt.live,
      last: attempt.last,
      critical: critical.has(attempt.operation.id),
      x: start,
      y,
      width: end - start,
      height: BAR_HEIGHT,
    };
  });
}

/** The waits without a gap between them that led to one attempt. */
interface Approach {
  readonly operation: OperationState;
  readonly segments: readonly { readonly phase: Waiting; readonly from: number; readonly to: number; readonly live: boolean }[];
  readonly from: number;
  readonly to: number;
}

/** Draws the waits that led to a lane's bars below them, and returns the lane's height. */
function layWorker(frame: Frame, drawing: Drawing, attempts: readonly Attempt[], lane: number, y: number): number {
  const top = y + LANE_PADDING + BAR_HEIGHT + 2;
  const approaches = frame.input.waits ? attempts.flatMap((attempt) => approachTo(attempt, frame)) : [];
  const rows = packRows(approaches);
  const summed = rows.length > MAX_WAIT_ROWS;
  const below = rows.length === 0 ? 0 : summed ? BAND_HEIGHT + 2 : rows.length * WAIT_PITCH;
  const peak = summed ? layBand(frame, drawing, approaches, `worker ${lane}`, top) : 0;
  rows.forEach((row, index) => {
    for (const approach of row) {
      if (summed && approach.operation.id !== frame.input.spotlight) continue;
      const rowY = summed ? top + 1 : top + index * WAIT_PITCH;
      layApproach(frame, drawing, approach, rowY);
      const x = frame.scale(approach.to);
      const key = `hook ${approach.operation.id} ${approach.to}`;
      drawing.hooks.push({
        key,
        operation: approach.operation,
        x,
        top: y + LANE_PADDING + BAR_HEIGHT,
        bottom: rowY + WAIT_HEIGHT,
      });
    }
  });
  const height = LANE_PADDING + BAR_HEIGHT + LANE_PADDING + below;
  const isPass = attempts.length > 0 && attempts.every(({ last, operation }) => last && (operation.lane ?? lane) !== lane);
  drawing.lanes.push({ kind: isPass ? 'same pass' : 'worker', number: lane + 1, y, height, peak });
  return height;
}

/** Draws what has not run: each with its name while they are few, otherwise summed up. Returns the lane's height. */
function layWaiting(frame: Frame, drawing: Drawing, operations: readonly OperationState[], lane: number, y: number): number {
  const approaches = operations.map((operation): Approach => {
    const segments = waitingSegments(operation, frame.input.now);
    return { operation, segments, from: segments[0]?.from ?? 0, to: segments.at(-1)?.to ?? 0 };
  });
  const summed = approaches.length > MAX_LABEL_ROWS;
  const top = y + LANE_PADDING;
  approaches.forEach((approach, index) => {
    const { operation } = approach;
    if (!summed) {
      const x = frame.scale(approach.from);
      drawing.labels.push({ key: `label ${operation.id}`, operation, x, y: top + index * LABEL_PITCH, width: frame.right - x });
      layApproach(frame, drawing, approach, top + index * LABEL_PITCH + LABEL_PITCH - WAIT_PITCH);
    } else if (operation.id === frame.input.spotlight) {
      layApproach(frame, drawing, approach, top + 1);
    }
  });
  const peak = summed ? Math.max(operations.length, layBand(frame, drawing, approaches, 'waiting', top)) : 0;
  const height = 2 * LANE_PADDING + (summed ? BAND_HEIGHT : operations.length * LABEL_PITCH);
  const kind = operations.some((operation) => operation.outcome === undefined) ? 'waiting' : 'not run';
  drawing.lanes.push({ kind, number: lane + 1, y, height, peak });
  return height;
}

function waitingSegments(operation: OperationState, now: number): Approach['segments'] {
  return operation.segments.flatMap((segment) =>
    segment.phase === 'running'
      ? []
      : [
          {
            phase: segment.phase,
            from: segment.from,
            to: Math.max(segment.from, segment.to ?? now),
            live: segment.to === undefined,
          },
        ],
  );
}

/** At most one: absent where it did not wait, or too shortly to be seen. */
function approachTo(attempt: Attempt, frame: Frame): readonly Approach[] {
  const { operation } = attempt;
  const running = operation.segments.filter((segment) => segment.phase === 'running');
  const after = running[attempt.index - 1]?.to ?? Number.NEGATIVE_INFINITY;
  const segments = waitingSegments(operation, frame.input.now).filter(({ from, to }) => from >= after && to <= attempt.from);
  const from = segments[0]?.from ?? attempt.from;
  if (frame.scale(attempt.from) - frame.scale(from) < MIN_WAIT) return [];
  return [{ operation, segments, from, to: attempt.from }];
}

/** Puts each approach into the first row in which nothing else waits at that time; early ends come first, nearest the bars. */
function packRows(approaches: readonly Approach[]): readonly (readonly Approach[])[] {
  const rows: Approach[][] = [];
  for (const approach of [...approaches].sort((a, b) => a.to - b.to)) {
    const row = rows.find((candidate) => (candidate.at(-1)?.to ?? 0) <= approach.from);
    if (row) row.push(approach);
    else rows.push([approach]);
  }
  return rows;
}

function layApproach(frame: Frame, drawing: Drawing, approach: Approach, y: number): void {
  approach.segments.forEach((segment, index) => {
    const x = frame.scale(segment.from);
    const width = frame.scale(segment.to) - x;
    if (width < MIN_WAIT && !segment.live) return;
    const { phase, live } = segment;
    const key = `wait ${approach.operation.id} ${approach.from} ${index}`;
    drawing.waits.push({ key, operation: approach.operation, phase, live, x, y, width, height: WAIT_HEIGHT });
  });
}

/** Draws how many waited over time, stacked by phase, and returns how many that were at most. */
function layBand(frame: Frame, drawing: Drawing, approaches: readonly Approach[], key: string, y: number): number {
  const steps = countSteps(approaches);
  const peak = steps.reduce((most, step) => Math.max(most, step.counts.blocked + step.counts.locked + step.counts.queued), 0);
  if (peak === 0) return 0;
  let under: readonly number[] = steps.map(() => 0);
  for (const phase of WAITING) {
    const over = steps.map((step, index) => (under[index] ?? 0) + step.counts[phase]);
    if (steps.some((step) => step.counts[phase] > 0)) {
      const level = (count: number): number => y + BAND_HEIGHT - (count / peak) * BAND_HEIGHT;
      drawing.bands.push({
        key: `${key} ${phase}`,
        phase,
        path: areaPath(
          steps.map(({ at }) => frame.scale(at)),
          over.map(level),
          under.map(level),
        ),
      });
    }
    under = over;
  }
  return peak;
}

interface CountStep {
  readonly at: number;
  readonly counts: Record<Waiting, number>;
}

/** How many operations are in each phase, from each time at which that changes. */
function countSteps(approaches: readonly Approach[]): readonly CountStep[] {
  const changes = approaches
    .flatMap(({ segments }) => segments)
    .flatMap(({ phase, from, to }) => [
      { at: from, phase, by: 1 },
      { at: to, phase, by: -1 },
    ])
    .sort((a, b) => a.at - b.at);
  const counts: Record<Waiting, number> = { blocked: 0, locked: 0, queued: 0 };
  const steps: CountStep[] = [];
  for (const change of changes) {
    counts[change.phase] += change.by;
    if (steps.at(-1)?.at === change.at) steps.pop();
    steps.push({ at: change.at, counts: { ...counts } });
  }
  return steps;
}

/** The area between two step functions that change at `xs`. */
function areaPath(xs: readonly number[], over: readonly number[], under: readonly number[]): string {
  const points: string[] = [];
  xs.forEach((x, index) => {
    if (index > 0) points.push(`H${round(x)}`);
    points.push(`${index === 0 ? `M${round(x)},` : 'V'}${round(over[index] ?? 0)}`);
  });
  for (let index = xs.length - 1; index > 0; index -= 1)
    points.push(`V${round(under[index - 1] ?? 0)}H${round(xs[index - 1] ?? 0)}`);
  return `${points.join('')}Z`;
}

/** From the end of each step's last attempt to the start of the next one's first, leaving and entering bars at their edges. */
function linksOf(path: readonly PathStep[], bars: readonly Bar[]): readonly Link[] {
  return path.slice(1).flatMap((step, index) => {
    const before = path[index];
    const from = bars.find((bar) => bar.last && bar.operation.id === before?.operation);
    const to = bars.find((bar) => bar.key === `${step.operation}#0`);
    if (!from || !to) return [];
    const start = { x: from.x + from.width, y: from.y + from.height / 2 };
    const end = { x: to.x, y: from.lane === to.lane ? start.y : to.y + (to.y > from.y ? 0 : to.height) };
    return [
      {
        key: `${before?.operation} → ${step.operation}`,
        path: `M${round(start.x)},${round(start.y)}H${round(end.x)}V${round(end.y)}`,
      },
    ];
  });
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
