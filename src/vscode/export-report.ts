/** Writes, copies or sends a report of a run or a verification, or of what else the panel shows, in the format that the user chooses. */
import path from 'node:path';
import process from 'node:process';
import { Worker } from 'node:worker_threads';
import * as vscode from 'vscode';
import type { RunId, RunState, VerificationId } from '../core/model.js';
import { type OtlpTarget, otlpTarget, sendSpans } from '../core/otlp-client.js';
import { isOverviewFormat, overviewFormats, REPORT_FORMATS, type ReportFormat } from '../core/report/format-table.js';
import { type ReportInput, type ReportWork, renderWork } from '../core/report/formats.js';
import { otlpSpans } from '../core/report/otlp.js';
import type { OverviewSubject } from '../core/report/overview.js';
import { type ReportSubject, runsOf } from '../core/report/subject.js';
import { localFolders } from './editor-host.js';
import type { RunsNode } from './runs-view.js';
import type { Session } from './session.js';
import { readSettings } from './settings.js';
import { commonRoot, type TimingPanel } from './timing-panel.js';

/** How much of each operation's output a report in HTML carries. */
const OUTPUT_BYTES = 50_000;

export interface ReportExport {
  readonly session: Session;
  readonly panel: Pick<TimingPanel, 'shown' | 'visible'>;
  readonly extensionUri: vscode.Uri;
  readonly version: string;
  readonly copy: (text: string) => PromiseLike<void>;
}

/** What exports need of the extension. */
export function createReportExport(
  { extension, extensionUri }: Pick<vscode.ExtensionContext, 'extension' | 'extensionUri'>,
  session: Session,
  panel: ReportExport['panel'],
): ReportExport {
  const version = String(extension.packageJSON.version);
  return { session, panel, extensionUri, version, copy: (text) => vscode.env.clipboard.writeText(text) };
}

/**
 * Of the row of the Runs view that was clicked, else of what the panel shows, else of the newest run. Asks for format and place; resolves
 * when it is done, or the user thought better of it.
 */
export async function exportReport(options: ReportExport, row: unknown): Promise<void> {
  const subject = await subjectOf(options, row);
  if (typeof subject === 'string') {
    void vscode.window.showInformationMessage(subject);
    return;
  }
  const format = await pickFormat(isOverview(subject) ? overviewFormats() : REPORT_FORMATS);
  const way = format && (await pickWay(format));
  if (!format || !way) return;
  switch (way) {
    case 'send':
      return isOverview(subject) ? undefined : send(options, subject);
    case 'copy': {
      await options.copy(await render(options, subject, format));
      void vscode.window.showInformationMessage(`The report was copied as ${format.name}.`);
      return;
    }
    case 'save':
      return save(options, subject, format);
    default:
      return way satisfies never;
  }
}

const GOES_ON = 'This run still goes on. It can be exported when it has ended.';
const TUNING_GOES_ON = 'This tuning still goes on. It can be exported when it has ended.';
const NOT_KEPT = 'This run is no longer kept, so there is nothing to export.';
const CUT_SHORT =
  'This verification ended before its last trial, so there is nothing measured to export. Its runs can be exported one by one.';

/** What the panel can show and a report can be about. */
type Subject = ReportSubject | OverviewSubject;

/** A sentence when there is none. */
async function subjectOf({ session, panel }: ReportExport, row: unknown): Promise<Subject | string> {
  const node = row as RunsNode | undefined;
  if (node?.kind === 'run') return runSubject(session, node.entry.run);
  if (node?.kind === 'verification') return verificationSubject(session, node.id);
  if (node?.kind === 'tuning') return node;
  if (node?.kind === 'live') return GOES_ON;
  const view = panel.shown();
  switch (view?.kind) {
    case 'run':
      return view.state.outcome === undefined ? GOES_ON : withMeasured(session, view.state);
    case 'verification':
      return view.progress ? GOES_ON : { kind: 'verification', verification: view.verification, runs: view.runs };
    case 'inspection':
      return view.state.kind === 'running' ? GOES_ON : runSubject(session, view.run);
    case 'tuning':
      return view.progress ? TUNING_GOES_ON : { kind: 'tuning', tuning: view.tuning };
    case 'trends':
    case 'comparison':
      return view;
    case 'empty':
    case undefined:
      return newestSubject(session);
    default:
      return view satisfies never;
  }
}

async function newestSubject(session: Session): Promise<ReportSubject | string> {
  if (session.activity) return GOES_ON;
  const [newest] = await session.history();
  if (!newest) return 'Nothing has run in this folder yet, so there is nothing to export.';
  if (newest.verification === undefined) return runSubject(session, newest.run);
  const verified = await verificationSubject(session, newest.verification);
  return typeof verified === 'string' ? runSubject(session, newest.run) : verified;
}

async function runSubject(session: Session, run: RunId): Promise<ReportSubject | string> {
  const state = await session.engine.loadRun(run);
  return state ? withMeasured(session, state) : NOT_KEPT;
}

async function withMeasured({ engine }: Session, state: RunState): Promise<ReportSubject> {
  const measured = await engine.measured(state);
  return { kind: 'run', state, ...(measured ? { measured } : {}) };
}

async function verificationSubject({ engine }: Session, id: VerificationId): Promise<ReportSubject | string> {
  const loaded = await engine.loadVerification(id);
  return loaded ? { kind: 'verification', ...loaded } : CUT_SHORT;
}

function isOverview(subject: Subject): subject is OverviewSubject {
  return subject.kind !== 'run' && subject.kind !== 'verification';
}

async function pickFormat(among: readonly ReportFormat[]): Promise<ReportFormat | undefined> {
  const items = among.map((format) => ({
    label: format.name,
    description: format.purpose,
    format,
  }));
  const options = { title: 'Volley: Export Report', placeHolder: 'Format', matchOnDescription: true };
  return (await vscode.window.showQuickPick(items, options))?.format;
}

type Way = 'save' | 'copy' | 'send';

const WAYS: Readonly<Record<Way, { readonly label: string; readonly icon: string }>> = {
  save: { label: 'Save to File…', icon: 'save' },
  copy: { label: 'Copy to Clipboard', icon: 'copy' },
  send: { label: 'Send to Endpoint…', icon: 'cloud-upload' },
};

/** Text is pasted as often as it is kept; spans are mostly sent. */
async function pickWay({ name, mediaType, needs }: ReportFormat): Promise<Way | undefined> {
  const isText = needs === 'nothing' && mediaType.startsWith('text/');
  const ways: readonly Way[] = needs === 'endpoint' ? ['send', 'save'] : isText ? ['save', 'copy'] : ['save'];
  if (ways.length === 1) return 'save';
  const items = ways.map((way) => ({ way, label: WAYS[way].label, iconPath: new vscode.ThemeIcon(WAYS[way].icon) }));
  return (await vscode.window.showQuickPick(items, { title: `Volley: Export Report as ${name}`, placeHolder: 'Where to' }))?.way;
}

async function save(options: ReportExport, subject: Subject, format: ReportFormat): Promise<void> {
  const [ending = 'txt'] = format.endings;
  const folder = localFolders()[0]?.path;
  const name = `${[subject.kind, ...stampOf(subject)].join('-')}.${ending}`;
  const target = await vscode.window.showSaveDialog({
    title: `Export Report as ${format.name}`,
    ...(folder === undefined ? {} : { defaultUri: vscode.Uri.file(path.join(folder, name)) }),
    // A dialog knows the last part of an ending only.
    filters: { [format.name]: [path.extname(`.${ending}`).slice(1) || ending] },
  });
  if (!target) return;
  await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(await render(options, subject, format)));
  // A browser is where the user is, which need not be where the file is.
  const inBrowser = format.id === 'html' && vscode.env.remoteName === undefined;
  const open = inBrowser ? 'Open in Browser' : 'Open';
  void vscode.window.showInformationMessage(`The report was written to ${path.basename(target.fsPath)}.`, open).then((choice) => {
    if (choice !== open) return;
    if (inBrowser) void vscode.env.openExternal(target);
    else void vscode.commands.executeCommand('vscode.open', target);
  });
}

/** `20261130-131032`: when it started, by its id, which begins so. Nothing of what is about several runs. */
function stampOf(subject: Subject): readonly string[] {
  const stamp = (id: string) => [id.replace(/^(\d{8})T(\d{6}).*$/, '$1-$2').replace(/[^\w-]+/g, '-')];
  switch (subject.kind) {
    case 'run':
      return stamp(subject.state.run);
    case 'verification':
      return stamp(subject.verification.id);
    case 'tuning':
      return stamp(subject.tuning.id);
    case 'trends':
    case 'comparison':
      return [];
    default:
      return subject satisfies never;
  }
}

async function render(options: ReportExport, subject: Subject, { id, needs }: ReportFormat): Promise<string> {
  const root = commonRoot(localFolders().map((folder) => folder.path));
  const { extensionUri, session, version } = options;
  const assets = needs === 'panel' ? await panelAssets(extensionUri) : undefined;
  if (isOverview(subject)) {
    if (!isOverviewFormat(id)) throw new Error(`What is no run is not written as ${id}.`);
    const input = { subject, root, ...(assets ? { assets } : {}) };
    return rendered({ kind: 'overview', format: id, input }, sizeOf(subject), extensionUri);
  }
  const operations = runsOf(subject).reduce((sum, run) => sum + run.operations.length, 0);
  const panel = assets && { assets, outputs: await outputsOf(session, subject) };
  const input: ReportInput = { subject, root, version, ...(panel ? { panel } : {}) };
  return rendered({ kind: 'report', format: id, input }, operations, extensionUri);
}

/** How many operations it tells of; of trends the points, of which a hundred cost what an operation does. */
function sizeOf(subject: OverviewSubject): number {
  switch (subject.kind) {
    case 'tuning':
      return 1;
    case 'comparison':
      return subject.comparison.operations.length;
    case 'trends':
      return subject.trends.gates.flatMap(({ series }) => series).reduce((sum, { points }) => sum + points.length / 100, 0);
    default:
      return subject satisfies never;
  }
}

/** Of more operations than this a report is made in a thread: 10,000 take up to a second of a processor, these some 30 ms. */
const LARGE = 500;

function rendered(work: ReportWork, size: number, extensionUri: vscode.Uri): Promise<string> | string {
  if (size <= LARGE) return renderWork(work);
  const file = vscode.Uri.joinPath(extensionUri, 'dist', 'report-worker.cjs').fsPath;
  return new Promise((resolve, reject) => {
    const worker = new Worker(file, { workerData: work });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('The thread that makes the report ended without one.')));
  });
}

async function panelAssets(extensionUri: vscode.Uri) {
  const read = async (name: string) =>
    new TextDecoder().decode(await vscode.workspace.fs.readFile(vscode.Uri.joinPath(extensionUri, 'dist', name)));
  const [script, style] = await Promise.all([read('webview.js'), read('webview-style.css')]);
  return { script, style };
}

/** Of an operation in several runs, the newest. */
async function outputsOf({ engine }: Session, subject: ReportSubject) {
  const outputs: Record<string, { text: string; omittedBytes: number }> = {};
  for (const { run, operations } of runsOf(subject)) {
    for (const { id } of operations) {
      const output = await engine.output(run, id, OUTPUT_BYTES);
      if (output) outputs[id] = { text: output.text, omittedBytes: output.omittedBytes };
    }
  }
  return outputs;
}

/** Nothing leaves the machine before the user has seen where it goes. */
async function send({ version }: ReportExport, subject: ReportSubject): Promise<void> {
  const known = readSettings().otlpEndpoint || endpointOfEnvironment();
  const typed = await vscode.window.showInputBox({
    title: 'Volley: Send OpenTelemetry Spans',
    prompt: 'The endpoint of a collector: OTLP over HTTP',
    placeHolder: 'http://localhost:4318',
    value: known,
    validateInput: (text) => {
      const target = otlpTarget(text.trim() || undefined, process.env);
      return target.kind === 'problem' ? target.message : undefined;
    },
  });
  if (typed === undefined) return;
  const target = otlpTarget(typed.trim() || undefined, process.env);
  if (target.kind === 'problem') return void vscode.window.showErrorMessage(target.message);
  await deliver(subject, target, version);
}

/** As it is used when nothing else is typed. */
function endpointOfEnvironment(): string {
  const found = otlpTarget(undefined, process.env);
  return found.kind === 'target' ? found.endpoint.href : '';
}

async function deliver(subject: ReportSubject, target: OtlpTarget, version: string): Promise<void> {
  const progress = { location: vscode.ProgressLocation.Window, title: 'Volley: sending spans' };
  const sent = await vscode.window.withProgress(progress, () => sendSpans(otlpSpans(subject), target, { version }));
  if (sent.kind === 'problem') {
    void vscode.window.showErrorMessage(sent.message);
    return;
  }
  const note = sent.note === undefined ? '' : ` ${sent.note}`;
  void vscode.window.showInformationMessage(`${sent.spans} spans sent to ${sent.endpoint}.${note}`);
}
