/** Pure: what a tuning measured → points, bars and lines in pixels. The number stands on a logarithmic scale, the speed from zero up. */
import { AUTOMATIC, type Curve, type TuningTrial } from '../core/tuning-model.js';
import { lawMs } from '../core/tuning-text.js';

export interface CurveLayout {
  readonly points: readonly {
    readonly number: number;
    readonly x: number;
    readonly y: number;
    /** Of the interval; absent where nothing was repeated. */
    readonly bar?: { readonly top: number; readonly bottom: number };
  }[];
  /** Every single trial. */
  readonly trials: readonly { readonly x: number; readonly y: number }[];
  /** The law as a line through these; empty without one. */
  readonly law: readonly { readonly x: number; readonly y: number }[];
  /** What is not more than the tolerance slower than the best lies above it. */
  readonly limit?: number;
  /** Volley's own choice. */
  readonly automatic?: number;
  /** Shares of the speed of the best number. */
  readonly scale: readonly { readonly y: number; readonly text: string }[];
}

/** The frame that the curve is drawn in, in pixels. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Of the line of the law. */
const LAW_STEPS = 60;

/** Empty without points. `tolerance` as a share. */
export function layoutCurve(curve: Curve, trials: readonly TuningTrial[], frame: Frame, tolerance: number): CurveLayout {
  const { points, law, automatic } = curve;
  const numbers = points.map(({ number }) => number);
  const best = Math.min(...points.map(({ medianMs }) => medianMs));
  const fastest = Math.min(best, ...trials.map(({ ms }) => ms), ...points.map(({ interval }) => interval?.low ?? best));
  const [from, to] = [Math.log(Math.min(...numbers)), Math.log(Math.max(...numbers))];
  const across = frame.width - frame.left - frame.right;
  const x = (number: number) => frame.left + (to === from ? 0.5 : (Math.log(number) - from) / (to - from)) * across;
  // The speed as a share of that of the best; an outlier must not press the rest together.
  const most = Math.min(best / fastest, 1.5);
  const y = (ms: number) =>
    frame.height - frame.bottom - (Math.min(best / ms, most) / most) * (frame.height - frame.top - frame.bottom);
  if (points.length === 0) return { points: [], trials: [], law: [], scale: [] };
  return {
    points: points.map(({ number, medianMs, interval }) => ({
      number,
      x: x(number),
      y: y(medianMs),
      ...(interval ? { bar: { top: y(interval.low), bottom: y(interval.high) } } : {}),
    })),
    trials: trials.filter(({ number }) => number !== AUTOMATIC).map(({ number, ms }) => ({ x: x(number), y: y(ms) })),
    law: law
      ? Array.from({ length: LAW_STEPS + 1 }, (_, step) => {
          const number = Math.exp(from + ((to - from) * step) / LAW_STEPS);
          return { x: x(number), y: y(lawMs(law, number)) };
        })
      : [],
    limit: y(best * (1 + tolerance)),
    ...(automatic ? { automatic: y(automatic.medianMs) } : {}),
    scale: [0, 0.25, 0.5, 0.75, 1].map((share) => ({
      y: share === 0 ? frame.height - frame.bottom : y(best / share),
      text: `${Math.round(share * 100)} %`,
    })),
  };
}
