/** Pure: a tuning as text with a drawn curve, and as the document of `volley tune --json`. */
import { durationText, ratioText } from '../messages.js';
import { AUTOMATIC, type CurvePoint, type Tuning } from '../tuning-model.js';
import {
  endText,
  intervalText,
  lawMs,
  lawText,
  numberTitle,
  recommendationText,
  subjectText,
  tuningTitle,
} from '../tuning-text.js';
import { differenceText } from '../verification-text.js';
import { JSON_VERSION } from './json.js';
import { PLAIN, type Style } from './text.js';

const BAR_WIDTH = 40;

/** The curve as bars of the throughput, the fastest number the longest; then what follows from it. */
export function tuningText(tuning: Tuning, style: Style = PLAIN): string {
  const { curve, subject } = tuning;
  const law = lawText(curve);
  const differences = tuning.differences.map((difference) => `  ${differenceText(difference)}`);
  return [
    `${style.bold(`Tune ${tuningTitle(subject)}`)} · ${subjectText(tuning)}`,
    ...curveLines(tuning, style),
    style.dim(`  ${endText(tuning)}`),
    ...(law ? [`  ${law}`] : []),
    ...differences,
    '',
    style.bold(recommendationText(tuning)),
    '',
  ].join('\n');
}

function curveLines({ curve, subject, recommended }: Tuning, style: Style): readonly string[] {
  if (curve.points.length === 0) return [];
  const shown = [...curve.points, ...(curve.automatic ? [againstBest(curve.automatic, curve)] : [])];
  const rows = shown.map((point) => [
    point.number === AUTOMATIC ? 'automatic' : String(point.number),
    durationText(point.medianMs),
    intervalText(point.interval),
    ratioText(point.ratio),
  ]);
  const titles = [numberTitle(subject).toLowerCase(), 'median', '95 %', '÷ best'];
  const widths = titles.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const aligned = (cells: readonly string[]) => cells.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('  ');
  const fitted = curve.law ? ', ◆ the law' : '';
  return [
    `  ${style.dim(`${aligned(titles)}  works in the same time (█ measured${fitted})`)}`,
    ...shown.map((point, index) => {
      const mark = point.number === recommended ? style.green(' ← use') : '';
      return `  ${aligned(rows[index] ?? [])}  ${style.cyan(barOf(point, curve))}${mark}`;
    }),
  ];
}

/** As all others, not against the number to use. */
function againstBest(point: CurvePoint, { points, best }: Tuning['curve']): CurvePoint {
  const bestMs = points.find(({ number }) => number === best)?.medianMs ?? point.medianMs;
  return { ...point, ratio: point.medianMs / bestMs };
}

/** Throughput as a share of that of the best number. */
function barOf({ number, ratio, medianMs }: CurvePoint, { law }: Tuning['curve']): string {
  const length = Math.min(BAR_WIDTH, Math.max(1, Math.round(BAR_WIDTH / ratio)));
  const cells = Array.from({ length: BAR_WIDTH }, (_, cell): string => (cell < length ? '█' : ' '));
  if (law && number !== AUTOMATIC) {
    const bestMs = medianMs / ratio;
    const place = Math.min(BAR_WIDTH, Math.max(1, Math.round((BAR_WIDTH * bestMs) / lawMs(law, number)))) - 1;
    cells[place] = '◆';
  }
  return cells.join('');
}

/** `volley tune --json`. Times are milliseconds. */
export function tuneDocument(tuning: Tuning, applied?: Applied) {
  const { id, startedAt, subject, operations, seed, limits, numbers, warmUpMs, trials, curve, differences, end, recommended } =
    tuning;
  return {
    version: JSON_VERSION,
    id,
    startedAt,
    subject,
    operations,
    seed,
    limits,
    numbers,
    ...(warmUpMs === undefined ? {} : { warmUpMs }),
    trials,
    points: curve.points,
    ...(curve.best === undefined ? {} : { best: curve.best }),
    ...(curve.law ? { law: curve.law } : {}),
    ...(curve.automatic ? { automatic: curve.automatic } : {}),
    ...(end ? { end } : {}),
    differences,
    certain: curve.certain,
    ...(recommended === undefined ? {} : { recommended }),
    text: recommendationText(tuning),
    ...(applied ? { applied } : {}),
  };
}

/** A setting that was written. */
export interface Applied {
  /** Absolute, native. */
  readonly file: string;
  readonly setting: string;
  readonly value: number;
  /** Absent where it was not set. */
  readonly before?: unknown;
}
