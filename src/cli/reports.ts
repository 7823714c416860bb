/** What a run or a verification is written to besides the terminal: files in any format, an endpoint, and GitHub where it runs there. */
import { realpathSync } from 'node:fs';
import { appendFile, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { version } from '../../package.json';
import type { Engine } from '../core/engine.js';
import { otlpTarget, sendSpans } from '../core/otlp-client.js';
import { relativeFile } from '../core/report/files.js';
import { type FormatId, formatOf, type ReportTarget } from '../core/report/format-table.js';
import { type ReportInput, renderReport } from '../core/report/formats.js';
import { otlpSpans } from '../core/report/otlp.js';
import { type ReportSubject, runsOf } from '../core/report/subject.js';
import { type Context, isForGitHub, type Options } from './actions.js';

/** How much of each operation's output a report in HTML carries. */
const OUTPUT_BYTES = 50_000;
/** What GitHub takes of the summary of a step, from all that write to it. */
const SUMMARY_BYTES = 1_000_000;
/** With less room there is no use in a report. */
const LEAST_BYTES = 1000;

/**
 * Does all that the options ask for. False, and said so, when something of it could not be done; the rest is done all the same. Notes go
 * where they disturb no document.
 */
export async function writeReports(context: Context, subject: ReportSubject): Promise<boolean> {
  const { options } = context;
  const done: boolean[] = [];
  for (const { format, file } of reportsIn(options)) done.push(await writeReport(context, subject, format, file));
  if (options.otlp !== undefined) done.push(await sendReport(context, subject));
  if (isForGitHub(context)) done.push(await tellGitHub(context, subject));
  return done.every(Boolean);
}

function reportsIn({ html, report }: Options): readonly ReportTarget[] {
  const named = typeof report === 'string' ? [] : (report ?? []);
  return [...(html === undefined ? [] : [{ format: 'html' as const, file: html }]), ...named];
}

/** Whether it could be written to the file, which is replaced; a name counts from where the user typed it. */
export async function writeReport(context: Context, subject: ReportSubject, format: FormatId, name: string): Promise<boolean> {
  return writeText(context, format, name, () => reportText(context, subject, format));
}

/** Whether what is made could be written to the file; said either way. */
export async function writeText(context: Context, format: FormatId, name: string, make: () => Promise<string>): Promise<boolean> {
  const target = path.resolve(name);
  try {
    await writeFile(target, await make());
  } catch (error) {
    // The document of the run stands there already.
    context.io.error(`The report could not be written to ${target}: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
  note(context, `Report written to ${target}${format === 'html' ? '' : ` (${formatOf(format).name})`}`);
  return true;
}

/** The report in a format. */
export async function reportText(context: Context, subject: ReportSubject, format: FormatId): Promise<string> {
  const { engine, folder, host } = context;
  const { env } = host;
  const input: ReportInput = {
    ...{ subject, root: folder, version, checkout: checkoutOf(context) },
    linkTo: linksOf(env),
    source: env['OTEL_SERVICE_NAME'] ? { service: env['OTEL_SERVICE_NAME'] } : {},
  };
  if (formatOf(format).needs !== 'panel') return renderReport(format, input);
  const [assets, outputs] = await Promise.all([panelAssets(), outputsOf(engine, subject)]);
  return renderReport(format, { ...input, panel: { assets, outputs } });
}

/** The panel's script and style stand beside this program. */
export async function panelAssets() {
  const directory = path.dirname(realpathSync(process.argv[1] ?? ''));
  const [script = '', style = ''] = await Promise.all(
    ['webview.js', 'webview-style.css'].map((name) => readFile(path.join(directory, name), 'utf8')),
  );
  return { script, style };
}

/** Of an operation in several runs, the newest. */
async function outputsOf(engine: Engine, subject: ReportSubject) {
  const outputs: Record<string, { text: string; omittedBytes: number }> = {};
  for (const { run, operations } of [...runsOf(subject)].reverse()) {
    for (const { id } of operations) {
      if (outputs[id]) continue;
      const output = await engine.output(run, id, OUTPUT_BYTES);
      if (output) outputs[id] = { text: output.text, omittedBytes: output.omittedBytes };
    }
  }
  return outputs;
}

/** Whether the spans arrived where `--otlp` or the environment says. */
export async function sendReport(context: Context, subject: ReportSubject): Promise<boolean> {
  const { options, host, io } = context;
  const target = otlpTarget(typeof options.otlp === 'string' ? options.otlp : undefined, host.env);
  const sent = target.kind === 'target' ? await sendSpans(otlpSpans(subject), target, { version }) : target;
  if (sent.kind === 'problem') {
    io.error(sent.message);
    return false;
  }
  note(context, `${sent.spans} spans sent to ${sent.endpoint}${sent.note === undefined ? '' : `. ${sent.note}`}`);
  return true;
}

/** Annotations are read from the output of a step, whichever; the summary is a file that each of its programs appends to. */
async function tellGitHub(context: Context, subject: ReportSubject): Promise<boolean> {
  const { host, folder } = context;
  const annotations = renderReport('github', { subject, root: folder, version, checkout: checkoutOf(context) });
  if (annotations !== '') note(context, annotations.replace(/\n$/, ''));
  const file = host.env['GITHUB_STEP_SUMMARY'];
  if (!file) return true;
  try {
    const before = await stat(file).then(
      ({ size }) => size,
      () => 0,
    );
    const { markdownReport } = await import('../core/report/markdown.js');
    const limitBytes = SUMMARY_BYTES - before;
    if (limitBytes < LEAST_BYTES) {
      context.io.error(
        'The summary of the job is full, so the report was not added. GitHub takes about a megabyte of each step.',
      );
      return true;
    }
    await appendFile(file, markdownReport(subject, { root: folder, linkTo: linksOf(host.env), limitBytes }));
    return true;
  } catch (error) {
    context.io.error(
      `The summary of the job could not be written to ${file}: ${error instanceof Error ? error.message : String(error)}`,
    );
    return false;
  }
}

/** What GitHub takes paths to be relative to: the checkout, where the workspace lies in it by its name. */
function checkoutOf({ host, folder }: Context): string {
  const checkout = host.env['GITHUB_WORKSPACE'];
  return checkout && relativeFile(checkout, folder) !== folder ? checkout : folder;
}

/** Where GitHub shows a file of the commit that its workflow runs on; undefined for what lies elsewhere, and elsewhere. */
function linksOf(env: Readonly<Record<string, string | undefined>>): NonNullable<ReportInput['linkTo']> {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_SHA: commit, GITHUB_WORKSPACE: checkout } = env;
  return (file, line) => {
    if (!server || !repository || !commit || !checkout) return undefined;
    const relative = relativeFile(checkout, file);
    if (path.isAbsolute(relative) || relative.includes('\\')) return undefined;
    const place = Buffer.from(relative).toString().split('/').map(encodeURIComponent).join('/');
    return `${server}/${repository}/blob/${commit}/${place}#L${line}`;
  };
}

/** Said on standard output, unless that holds a document and nothing else. */
function note({ io, options }: Context, text: string): void {
  if (options.json || options.combined || options.quiet) io.error(text);
  else io.print(text);
}
