/** Pure: what is no run, in the formats that suit it: trends of many runs, two of them compared, a tuning. */

import type { Comparison, Trends } from '../trend-model.js';
import type { Tuning } from '../tuning-model.js';
import { tuningTitle } from '../tuning-text.js';
import { FORMAT_IDS, type FormatId, isOverviewFormat, OVERVIEW_FORMATS, type OverviewFormat } from './format-table.js';
import { type HtmlAssets, renderHtml } from './html.js';
import { plainJson, visible } from './plain-text.js';
import { PLAIN, type Style } from './text.js';
import { comparisonDocument, comparisonReport, trendsDocument, trendsText } from './trends.js';
import { tuneDocument, tuningText } from './tuning.js';

/** As the panel shows it. */
export type OverviewSubject =
  | { readonly kind: 'trends'; readonly trends: Trends }
  | { readonly kind: 'comparison'; readonly comparison: Comparison }
  | { readonly kind: 'tuning'; readonly tuning: Tuning };

/** What it is called: the heading of a page. */
export function overviewTitle(subject: OverviewSubject): string {
  switch (subject.kind) {
    case 'trends':
      return 'Trends';
    case 'comparison':
      return 'Two runs compared';
    case 'tuning':
      return `Tune ${tuningTitle(subject.tuning.subject)}`;
    default:
      return subject satisfies never;
  }
}

/** Why it cannot be had in a format, as a sentence. */
export function noSuchOverview(subject: OverviewSubject, format: FormatId): string {
  const others = FORMAT_IDS.filter((id) => !isOverviewFormat(id)).join(', ');
  const formats = OVERVIEW_FORMATS.join(', ');
  return `"${overviewTitle(subject)}" is no run, so there is no report of it as ${format}: that is for runs and verifications (${others}). Choose one of ${formats}.`;
}

export interface OverviewInput {
  readonly subject: OverviewSubject;
  /** Absolute, native: files are shown relative to it. */
  readonly root: string;
  /** For HTML. */
  readonly assets?: HtmlAssets;
  /** Of text on a terminal; without it the text is plain, and what could move a cursor is replaced. */
  readonly style?: Style;
}

/** The report in a format. Throws when it needs the panel's bundle and there is none. */
export function renderOverview(format: OverviewFormat, input: OverviewInput): string {
  const { subject, root } = input;
  switch (format) {
    case 'text':
      return input.style ? textOf(input) : visible(textOf(input));
    case 'json':
      return plainJson(documentOf(input), 2);
    case 'html': {
      if (!input.assets) throw new Error('A report in HTML needs the panel.');
      const name = root.split(/[\\/]/).findLast((part) => part !== '') ?? '';
      const title = `Volley: ${name === '' ? '' : `${name}, `}${overviewTitle(subject)}`;
      return renderHtml({ title, view: subject, root, outputs: {} }, input.assets);
    }
    default:
      return format satisfies never;
  }
}

function textOf({ subject, root, style = PLAIN }: OverviewInput): string {
  switch (subject.kind) {
    case 'trends':
      return `${trendsText(subject.trends, style)}\n`;
    case 'comparison':
      return `${comparisonReport(subject.comparison, root, style)}\n`;
    case 'tuning':
      return tuningText(subject.tuning, style);
    default:
      return subject satisfies never;
  }
}

function documentOf({ subject, root }: OverviewInput): unknown {
  switch (subject.kind) {
    case 'trends':
      return trendsDocument(subject.trends);
    case 'comparison':
      return comparisonDocument(subject.comparison, root);
    case 'tuning':
      return tuneDocument(subject.tuning);
    default:
      return subject satisfies never;
  }
}
