/** Pure: what a tuning found, in sentences. All views say the same. */
import { countText, durationText, percentText, ratioText } from './messages.js';
import {
  AUTOMATIC,
  type Curve,
  type Estimate,
  type Interval,
  type Law,
  type Tuning,
  type TuningSubject,
} from './tuning-model.js';

/** `1 slot`, `4 slots`, `slots chosen by Volley`; of files `batches of 20`. */
export function numberText({ kind }: TuningSubject, number: number): string {
  if (number === AUTOMATIC) return 'slots chosen by Volley';
  return kind === 'files' ? `batches of ${number}` : countText(number, 'slot');
}

/** What stands above a column of the numbers. */
export function numberTitle({ kind }: TuningSubject): string {
  return kind === 'files' ? 'Operations a batch' : 'Slots';
}

/** What was measured: `12 gates`, `release.batch.jsonc, 8 operations`, `200 reads`. */
export function subjectText({ subject, operations }: Pick<Tuning, 'subject' | 'operations'>): string {
  switch (subject.kind) {
    case 'gates':
      return countText(operations, 'gate');
    case 'batch':
      return `${subject.label}, ${countText(operations, 'operation')}`;
    case 'files':
      return countText(operations, subject.tool === 'read' ? 'read' : 'search').replace('searchs', 'searches');
    default:
      return subject satisfies never;
  }
}

/** What a tuning is called. */
export function tuningTitle({ kind }: TuningSubject): string {
  return kind === 'files' ? 'Operations in One Batch' : 'Concurrency';
}

/** What to use, how sure that is, and against what; or why nothing can be recommended. */
export function recommendationText(tuning: Tuning): string {
  const { recommended, curve, subject, end } = tuning;
  if (!end) return 'Measuring. The number to use follows from all of it.';
  if (recommended === undefined) return noRecommendation(tuning);
  const chosen = curve.points.find(({ number }) => number === recommended);
  const best = curve.points.find(({ number }) => number === curve.best);
  const one = curve.points.find(({ number }) => number === 1);
  if (!chosen || !best) return noRecommendation(tuning);
  const what = numberText(subject, recommended);
  const gain =
    one && one !== chosen ? `, ${ratioText(one.medianMs / chosen.medianMs)} as fast as with ${numberText(subject, 1)}` : '';
  const against =
    chosen === best
      ? 'No number was faster.'
      : `${capital(numberText(subject, best.number))} took ${durationText(best.medianMs)}, which is less than 3 % faster.`;
  return `Use ${what}: ${durationText(chosen.medianMs)} (median of ${chosen.samples})${gain}. ${[against, certaintyText(curve, subject), automaticText(curve)].filter((text) => text !== '').join(' ')}`;
}

/** Whether fixing a number gains anything over leaving it to Volley. */
export function automaticText({ automatic }: Curve): string {
  if (!automatic) return '';
  const took = `Where Volley chooses the slots itself it took ${durationText(automatic.medianMs)}`;
  const range = automatic.ratioInterval ? ` (${intervalText(automatic.ratioInterval, ratioText)} as long)` : '';
  switch (automatic.standing) {
    case 'outside':
      return `${took}${range}: to fix the number is a gain.`;
    case 'within':
      return `${took}${range}: to fix the number gains nothing, so leave it to Volley.`;
    case 'open':
      return `${took}${range}: whether to fix the number is a gain was not to be told.`;
    default:
      return automatic.standing satisfies never;
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function certaintyText({ certain, points, smallest }: Curve, subject: TuningSubject): string {
  if (certain) return 'The measurements leave no doubt about it.';
  const smaller = points.filter(({ number, standing }) => number < (smallest ?? 0) && standing === 'open');
  const larger = points.filter(({ number, standing }) => number > (smallest ?? 0) && standing !== 'outside');
  const open = [...smaller, ...larger].map(({ number }) => number).sort((a, b) => a - b);
  if (open.length === 0) return 'How far it is ahead of the others is not certain.';
  const also = `${open.join(', ')}${subject.kind === 'files' ? '' : open.length === 1 && open[0] === 1 ? ' slot' : ' slots'}`;
  return `It cannot be told apart from ${also} by what was measured; more rounds could tell.`;
}

function noRecommendation({ end, differences }: Tuning): string {
  switch (end?.kind) {
    case undefined:
      return '';
    case 'cancelled':
      return 'No recommendation: it was cancelled.';
    case 'nothing to tune':
    case 'errored':
      return `No recommendation: ${end.because}`;
    case 'results differ':
      return `No recommendation: results differ between trials in ${countText(differences.length, 'place')}, so the times compare different work.`;
    case 'time':
      return 'No recommendation: the time was over before every number was tried. Allow more time.';
    case 'narrow':
    case 'rounds':
      return 'No recommendation: nothing was measured.';
    default:
      return end satisfies never;
  }
}

/** How much was measured, and why not more; with the seed, by which the order can be had again. */
export function endText({ end, trials, seed, limits, warmUpMs }: Tuning): string {
  const rounds = Math.max(0, ...trials.map(({ round }) => round));
  const warm = warmUpMs === undefined ? '' : ` after a warm-up of ${durationText(warmUpMs)} that is not counted`;
  const measured = `${countText(trials.length, 'trial')} in ${countText(rounds, 'round')}, each in an order at random (seed ${seed})${warm}`;
  switch (end?.kind) {
    case 'narrow':
      return `${measured}. It ended when the intervals were narrow enough.`;
    case 'rounds':
      return `${measured}. It ended at the limit of ${countText(limits.rounds, 'round')}.`;
    case 'time':
      return `${measured}. It ended at the limit of ${durationText(limits.mostMs)}.`;
    default:
      return `${measured}; at most ${countText(limits.rounds, 'round')} and ${durationText(limits.mostMs)}.`;
  }
}

/** The law in one or two sentences: its parameters, its peak, and whether it fits at all. */
export function lawText({ points, law }: Curve): string | undefined {
  if (!law) return undefined;
  const most = points.at(-1)?.number ?? 1;
  const parameters = `contention σ ${estimateText(law.sigma)}, coherence κ ${estimateText(law.kappa)}`;
  const quality = `It explains ${percentText(law.explained)} of the differences and is off by at most ${percentText(law.deviation)}`;
  if (!law.fits)
    return `The Universal Scalability Law does not fit what was measured (${parameters}). ${quality}. The recommendation follows from the measured medians alone.`;
  return `Universal Scalability Law: ${parameters}. ${peakText(law, most)} ${quality}.`;
}

function peakText({ peak }: Law, most: number): string {
  if (!peak) return 'It has no peak: more slots never slow it down.';
  const range =
    peak.low === undefined
      ? ''
      : peak.high === undefined
        ? ` (95 %: at least ${peak.low.toFixed(1)})`
        : ` (95 %: ${peak.low.toFixed(1)} to ${peak.high.toFixed(1)})`;
  const beyond = peak.value > most ? ', beyond what was measured' : '';
  return `Its peak is at N* = ${peak.value.toFixed(1)}${range}${beyond}.`;
}

/** `0.123 (95 %: 0.101 to 0.140)`. */
export function estimateText({ value, interval }: Estimate): string {
  return `${figure(value)}${interval ? ` (95 %: ${figure(interval.low)} to ${figure(interval.high)})` : ''}`;
}

/** `1.20 s to 1.31 s`; empty where nothing was repeated. */
export function intervalText(interval: Interval | undefined, text: (value: number) => string = durationText): string {
  return interval ? `${text(interval.low)} to ${text(interval.high)}` : '';
}

function figure(value: number): string {
  return value === 0 ? '0' : Math.abs(value) < 0.001 ? value.toExponential(1) : value.toPrecision(3);
}

/** What the law says of a number, in milliseconds. */
export function lawMs({ lambda, sigma, kappa }: Law, number: number): number {
  return (1000 * (1 + sigma.value * (number - 1) + kappa.value * number * (number - 1))) / (lambda.value * number);
}
