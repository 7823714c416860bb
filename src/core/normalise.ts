/** Pure: texts without what differs from run to run by its nature, so that what is left can be compared. */

import { NORMALISED, type Normalised } from './measured.js';

/** What stands for each; the order is that in which they are looked for. */
const PATTERNS: readonly { readonly what: Normalised; readonly pattern: RegExp; readonly instead: string }[] = [
  {
    what: 'dates',
    pattern: /\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?|\b\d\d?:\d\d:\d\d(?:[.,]\d+)?\b/g,
    instead: '<date>',
  },
  {
    what: 'times',
    pattern:
      /\b\d+(?:[.,]\d+)?\s?(?:ns|µs|us|ms|s|secs?|seconds?|m|mins?|minutes?)(?![\p{L}\d_])|\b(?:duration_ms|time)(["']?[ :=]+["']?)\d+(?:\.\d+)?/gu,
    instead: '<time>',
  },
  {
    what: 'temporary paths',
    // The first name below a directory for temporary files that looks as if it were made at random, at most one level down.
    pattern:
      /((?:\/private)?\/(?:var\/)?tmp\/|\/var\/folders\/[^/\s]+\/[^/\s]+\/T\/|\\Temp\\)((?![^\s/\\'":]*[\dA-Z])[^\s/\\'":]+[\\/])?(?=[^\s/\\'":]*[\dA-Z])[^\s/\\'":]{6,}/g,
    instead: '$1$2<temporary>',
  },
  { what: 'process ids', pattern: /\b(pid|process)([ :=#]+)\d+\b/gi, instead: '$1$2<process>' },
];

export interface NormalText {
  readonly text: string;
  /** What was in it, in the order of `NORMALISED`. */
  readonly without: readonly Normalised[];
}

/** The same for two texts that differ in nothing but times, dates, names of temporary files, and ids of processes. */
export function normalise(text: string): NormalText {
  const found = new Set<Normalised>();
  let normal = text;
  for (const { what, pattern, instead } of PATTERNS) {
    const next = normal.replace(pattern, instead);
    if (next !== normal) found.add(what);
    normal = next;
  }
  return { text: normal, without: NORMALISED.filter((what) => found.has(what)) };
}
