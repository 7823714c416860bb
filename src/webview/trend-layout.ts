/** Pure: from a series of runs to the places of a chart. Lengths are pixels; y counts down. */
import { quantile } from '../core/statistics.js';
import type { TrendChange, TrendPoint, TrendSeries } from '../core/trend-model.js';

export interface ChartSize {
  readonly width: number;
  /** Of the durations; findings stand below. */
  readonly height: number;
  readonly findingsHeight: number;
}

export interface ChartPoint {
  readonly x: number;
  readonly y: number;
  /** It took longer than the chart is high: it stands at the top. */
  readonly beyond: boolean;
  readonly passed: boolean;
  readonly kept: boolean;
  /** Height of its bar of findings; 0 without any. */
  readonly findings: number;
}

export interface ChartChange {
  readonly x: number;
  readonly measure: TrendChange['measure'];
}

/** The median of durations between two changes. */
export interface ChartLevel {
  readonly from: number;
  readonly to: number;
  readonly y: number;
}

export interface Chart {
  readonly points: readonly ChartPoint[];
  readonly changes: readonly ChartChange[];
  readonly levels: readonly ChartLevel[];
  /** What the top of the chart stands for, in milliseconds. */
  readonly topMs: number;
}

/** Room on the left and right for half a mark. */
const MARGIN = 6;
/** A few slow runs must not press all others to the ground. */
const ROOM_ABOVE = 2.5;

/** Runs stand evenly, oldest left; durations begin at zero. */
export function layoutChart({ points, changes }: Pick<TrendSeries, 'points' | 'changes'>, size: ChartSize): Chart {
  const lengths = points.map(({ ms }) => ms);
  const topMs = Math.max(1, Math.min(Math.max(...lengths, 0), ROOM_ABOVE * (quantile(lengths, 0.9) ?? 1)));
  const most = Math.max(...points.map(({ findings }) => findings), 1);
  const step = points.length > 1 ? (size.width - 2 * MARGIN) / (points.length - 1) : 0;
  const x = (index: number) => (points.length > 1 ? MARGIN + index * step : size.width / 2);
  const y = (ms: number) => MARGIN + (1 - Math.min(1, ms / topMs)) * (size.height - 2 * MARGIN);
  return {
    topMs,
    points: points.map((point, index) => pointOf(point, x(index), y(point.ms), topMs, most, size)),
    changes: changes.map(({ index, measure }) => ({ x: (x(index - 1) + x(index)) / 2, measure })),
    levels: levelsOf(
      changes.filter(({ measure }) => measure === 'duration'),
      (index) => (index <= 0 ? x(0) : index >= points.length ? x(points.length - 1) : (x(index - 1) + x(index)) / 2),
      y,
      points.length,
    ),
  };
}

function pointOf(point: TrendPoint, x: number, y: number, topMs: number, most: number, size: ChartSize): ChartPoint {
  const { ms, outcome, kept, findings } = point;
  const height = findings === 0 ? 0 : Math.max(2, (findings / most) * size.findingsHeight);
  return { x, y, beyond: ms > topMs, passed: outcome === 'passed', kept, findings: height };
}

function levelsOf(
  changes: readonly TrendChange[],
  x: (index: number) => number,
  y: (ms: number) => number,
  count: number,
): readonly ChartLevel[] {
  const [first] = changes;
  if (!first) return [];
  const starts = [{ index: 0, ms: first.before }, ...changes.map(({ index, after }) => ({ index, ms: after }))];
  return starts.map(({ index, ms }, place) => ({ from: x(index), to: x(starts[place + 1]?.index ?? count), y: y(ms) }));
}

/** The run nearest to a place of the chart; undefined without runs. */
export function nearestPoint({ points }: Chart, x: number): number | undefined {
  let nearest: number | undefined;
  points.forEach((point, index) => {
    if (nearest === undefined || Math.abs(point.x - x) < Math.abs((points[nearest]?.x ?? 0) - x)) nearest = index;
  });
  return nearest;
}
