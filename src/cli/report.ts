/** `volley report`: a past run or verification from the history, in any format. */
import { durationText } from '../core/messages.js';
import { formatByName } from '../core/report/format-table.js';
import type { ReportSubject } from '../core/report/subject.js';
import { type Context, isFolder, notAFolder, unable } from './actions.js';
import { EXIT } from './exit.js';
import { namedRun } from './past-runs.js';
import { reportText, sendReport, writeReport } from './reports.js';

/** Prints it, writes it, sends it, or lists what there is. */
export async function reportPastRun(context: Context): Promise<number> {
  const { folder, io, options } = context;
  if (!(await isFolder(folder))) return unable(notAFolder(folder), io, options);
  if (options.list) return listRuns(context);
  const subject = await pastSubject(context);
  if (typeof subject === 'string') return unable(subject, io, options);
  const { output, otlp } = options;
  if (output !== undefined) {
    const format = options.format ?? formatByName(output);
    if (format === undefined)
      return unable(
        `Nothing tells which format "${output}" has. Say so with --format, or end its name as the format wants it.`,
        io,
        options,
      );
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
async function pastSubject({ engine, gates: [wanted = 'latest'] }: Context): Promise<ReportSubject | string> {
  const entries = await engine.history();
  if (entries.length === 0) return 'Nothing has run in this folder yet, so there is nothing to report.';
  const entry = namedRun(wanted, entries, { verifications: true });
  if (typeof entry === 'string') return entry;
  const { run, verification } = entry;
  const loaded = verification === undefined || run.startsWith(wanted) ? undefined : await engine.loadVerification(verification);
  if (loaded) return { kind: 'verification', ...loaded };
  // A trial of a verification that was cut short is a run.
  const state = await engine.loadRun(run);
  if (!state) return `The run ${run} is no longer kept.`;
  const measured = await engine.measured(state);
  return { kind: 'run', state, ...(measured ? { measured } : {}) };
}

/** A line a run, newest first; trials below their verification. */
async function listRuns({ engine, io }: Context): Promise<number> {
  const entries = await engine.history();
  if (entries.length === 0) io.print('Nothing has run in this folder yet.');
  let verification: string | undefined;
  for (const entry of entries) {
    if (entry.verification !== undefined && entry.verification !== verification)
      io.print(`${entry.verification}  ${io.style.bold('verification')}`);
    verification = entry.verification;
    const facts = [entry.startedAt, entry.outcome ?? 'errored', durationText(entry.makespanMs), entry.label].join('  ');
    io.print(`${entry.verification === undefined ? '' : '  '}${entry.run}  ${facts}`);
  }
  return EXIT.passed;
}
