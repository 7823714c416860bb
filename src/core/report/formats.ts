/** Pure: a report in any of the formats of `format-table`. */

import type { RunState } from '../model.js';
import { jsonReport } from './document.js';
import type { FormatId, OverviewFormat } from './format-table.js';
import { githubAnnotations } from './github.js';
import { type HtmlAssets, renderHtml } from './html.js';
import { junitReport } from './junit.js';
import { type MarkdownOptions, markdownReport } from './markdown.js';
import { type OtlpSource, otlpReport } from './otlp.js';
import { type OverviewInput, renderOverview } from './overview.js';
import { visible } from './plain-text.js';
import { sarifReport } from './sarif.js';
import { withoutSecrets } from './secrets.js';
import { type ReportSubject, titleOf } from './subject.js';
import { findingsText, timingTreeText, verificationText } from './text.js';
import { traceReport } from './trace.js';

/** What GitHub takes of a step's summary. */
const SUMMARY_BYTES = 1_000_000;

export interface ReportInput {
  readonly subject: ReportSubject;
  /** Absolute, native: files are shown relative to it. */
  readonly root: string;
  /** Version of Volley. */
  readonly version: string;
  /** What paths in annotations are relative to; `root` when left out. */
  readonly checkout?: string;
  readonly linkTo?: MarkdownOptions['linkTo'];
  readonly source?: Omit<OtlpSource, 'version'>;
  /** For what needs the panel. */
  readonly panel?: {
    readonly assets: HtmlAssets;
    /** The end of the output of each operation, by its id. */
    readonly outputs: Readonly<Record<string, { readonly text: string; readonly omittedBytes: number }>>;
  };
}

/** A report as it can be handed to a thread. */
export type ReportWork =
  | { readonly kind: 'report'; readonly format: FormatId; readonly input: ReportInput }
  | { readonly kind: 'overview'; readonly format: OverviewFormat; readonly input: OverviewInput };

/** The report. Throws as those functions do that it calls. */
export function renderWork(work: ReportWork): string {
  return work.kind === 'overview' ? renderOverview(work.format, work.input) : renderReport(work.format, work.input);
}

/** The report in a format. Throws when it needs the panel and there is none. */
export function renderReport(format: FormatId, input: ReportInput): string {
  const { subject, root, version } = input;
  switch (format) {
    case 'text':
      return textReport(subject, root);
    case 'markdown':
      return markdownReport(subject, markdownOptions(input));
    case 'html':
      return htmlReport(input);
    case 'json':
      return jsonReport(subject, root, version);
    case 'trace':
      return traceReport(subject, version);
    case 'otlp':
      return otlpReport(subject, { ...input.source, version });
    case 'sarif':
      return sarifReport(subject, root, version);
    case 'junit':
      return junitReport(subject, root);
    case 'github':
      return githubAnnotations(subject, input.checkout ?? root);
    case 'summary':
      return markdownReport(subject, { ...markdownOptions(input), limitBytes: SUMMARY_BYTES });
    default:
      return format satisfies never;
  }
}

function markdownOptions({ root, linkTo }: ReportInput): MarkdownOptions {
  return { root, ...(linkTo ? { linkTo } : {}) };
}

function htmlReport({ subject, root, panel }: ReportInput): string {
  if (!panel) throw new Error('A report in HTML needs the panel.');
  const view =
    subject.kind === 'run'
      ? { ...subject, state: withoutSecrets(subject.state), now: subject.state.at }
      : { ...subject, runs: subject.runs.map(withoutSecrets) };
  const name = root.split(/[\\/]/).findLast((part) => part !== '') ?? '';
  const title = `Volley: ${name === '' ? titleOf(subject) : name}`;
  return renderHtml({ title, view, root, outputs: panel.outputs }, panel.assets);
}

function textReport(subject: ReportSubject, root: string): string {
  const texts =
    subject.kind === 'run'
      ? [timingTreeText(subject.state), findingsText(subject.state, root)]
      : [
          ...newestOfEachMode(subject.runs).map((run) => timingTreeText(run)),
          verificationText(subject.verification, subject.runs),
        ];
  return visible(`${texts.filter((text) => text !== '').join('\n')}`);
}

function newestOfEachMode(runs: readonly RunState[]): readonly RunState[] {
  return (['sequential', 'parallel'] as const).flatMap((mode) => runs.findLast((run) => run.mode === mode) ?? []);
}
