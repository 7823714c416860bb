/** `volley report`: a past run or verification from the history in any format, or a past tuning. */
import { formatByName } from '../core/report/format-table.js';
import { noSuchOverview, type OverviewSubject } from '../core/report/overview.js';
import type { ReportSubject } from '../core/report/subject.js';
import { type Context, isFolder, notAFolder, unable } from './actions.js';
import { EXIT } from './exit.js';
import { noFormatText, tellOverview } from './overviews.js';
import { namedRecord } from './past-runs.js';
import { reportText, sendReport, writeReport } from './reports.js';

/** Prints it, writes it, or sends it. */
export async function reportPastRun(context: Context): Promise<number> {
  const { folder, io, options } = context;
  if (!(await isFolder(folder))) return unable(notAFolder(folder), io, options);
  const subject = await pastSubject(context);
  if (typeof subject === 'string') return unable(subject, io, options);
  if (subject.kind === 'tuning') {
    if (options.otlp === undefined) return tellOverview(context, subject);
    return unable(noSuchOverview(subject, 'otlp'), io, options);
  }
  const { output, otlp } = options;
  if (output !== undefined) {
    const format = options.format ?? formatByName(output);
    if (format === undefined) return unable(noFormatText(output), io, options);
    if (!(await writeReport(context, subject, format, output))) return EXIT.unable;
  } else if (otlp === undefined || options.format !== undefined) {
    const text = await reportText({ ...context, options: { ...options, quiet: true } }, subject, options.format ?? 'text');
    if (text !== '') io.print(text.replace(/\n$/, ''));
  }
  return otlp === undefined || (await sendReport({ ...context, options: { ...options, quiet: true } }, subject))
    ? EXIT.passed
    : EXIT.unable;
}

/** The newest, or that which is named. Of a trial that is not named itself, the whole verification. A sentence when there is none. */
async function pastSubject({
  engine,
  gates: [wanted = 'latest'],
}: Context): Promise<ReportSubject | Extract<OverviewSubject, { kind: 'tuning' }> | string> {
  const [entries, tunings] = await Promise.all([engine.history(), engine.tunings()]);
  if (entries.length + tunings.length === 0) return 'Nothing has run in this folder yet, so there is nothing to report.';
  const record = namedRecord(wanted, { entries, tunings });
  if (typeof record === 'string' || record.kind === 'tuning') return record;
  const loaded = record.kind === 'verification' ? await engine.loadVerification(record.id) : undefined;
  if (loaded) return { kind: 'verification', ...loaded };
  // A trial of a verification that was cut short is a run.
  const { run } = record.entry;
  const state = await engine.loadRun(run);
  if (!state) return `The run ${run} is no longer kept.`;
  const measured = await engine.measured(state);
  return { kind: 'run', state, ...(measured ? { measured } : {}) };
}
