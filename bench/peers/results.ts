/** What measurements say, as data: sections of tables, and targets with what was reached. And how figures are written. */
import { median, quantile } from '../../src/core/statistics.js';

export interface Section {
  readonly id: string;
  readonly title: string;
  /** What was done, for whoever wants to repeat or doubt it. Whole sentences. */
  readonly about: string;
  readonly tables: readonly Table[];
  readonly targets: readonly Target[];
  /** It could not be measured; `about` says why. */
  readonly failed?: true;
}

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface Target {
  /** The work. */
  readonly work: string;
  /** What was to be reached. */
  readonly goal: string;
  /** What was measured. */
  readonly measured: string;
  /** Undefined when it could not be measured. */
  readonly reached: boolean | undefined;
}

/** A target on one figure that is better the smaller it is. */
export function atMost(work: string, limit: number, value: number | undefined, write: (value: number) => string): Target {
  const known = value !== undefined && Number.isFinite(value);
  return {
    work,
    goal: `≤ ${write(limit)}`,
    measured: known ? write(value) : 'not measured',
    reached: known ? value <= limit : undefined,
  };
}

/** Median with the range of the middle half, where there are values enough to have one. */
export function spread(values: readonly number[], write: (value: number) => string): string {
  const middle = median(values);
  if (middle === undefined) return '–';
  if (values.length < 3) return write(middle);
  return `${write(middle)} (${write(quantile(values, 0.25) ?? middle)}–${write(quantile(values, 0.75) ?? middle)})`;
}

/** Median of the ratios of values that were measured in the same repeat. */
export function pairedRatio(values: readonly number[], reference: readonly number[]): number | undefined {
  return median(values.map((value, repeat) => value / (reference[repeat] ?? Number.NaN)).filter(Number.isFinite));
}

export const plain =
  (digits: number, unit = '') =>
  (value: number): string =>
    `${value.toFixed(digits)}${unit}`;

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(ms < 995 ? 3 : 2)} s`;
export const times = (ratio: number): string => `${ratio.toFixed(2)} ×`;
export const megabytes = (value: number): string => `${value.toFixed(0)} MB`;

/** `–` for what is not there. */
export function orDash(value: number | undefined, write: (value: number) => string): string {
  return value === undefined || !Number.isFinite(value) ? '–' : write(value);
}
