/** `Volley: Analyse for Parallelism…`: what is analysed, the report as a document, and what can be done with it. Executes nothing. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { AnalyseRequest, Analysis, FoundSource } from '../core/engine.js';
import type { Log } from '../core/host.js';
import type { ReportOptions } from '../core/report/optimisation.js';
import { optimisationHtml } from '../core/report/optimisation-html.js';
import { optimisationMarkdown } from '../core/report/optimisation-markdown.js';
import { ANALYSIS_SCHEME, batchFileOf } from './names.js';
import { freeName } from './new-batch.js';
import type { Session } from './session.js';
import { readSettings } from './settings.js';

export interface Analyses extends vscode.Disposable {
  /** Asks what to analyse unless a file is given, and shows the report. */
  analyse(clicked?: unknown): Promise<void>;
  /** Writes the equivalent batch of the newest analysis, never over another file, and opens it; where nothing may be written it is untitled. */
  openBatch(): Promise<void>;
  /** Asks where the report of the newest analysis goes, as Markdown or HTML, and writes it. */
  saveReport(): Promise<void>;
}

/** An analysis that is shown. */
interface Shown {
  readonly analysis: Analysis;
  /** What it was asked for. */
  readonly wanted: Wanted;
  /** Where its batch file belongs. */
  readonly folder: vscode.Uri | undefined;
  readonly uri: vscode.Uri;
  readonly report: ReportOptions;
}

/** What is asked of the engine, but for the slots. */
type Wanted = Omit<AnalyseRequest, 'slots'>;

const OPEN = 'Open Batch File';
const SAVE = 'Save Report…';

export function createAnalyses(session: Session, log: Pick<Log, 'error'>): Analyses {
  const texts = new Map<string, string>();
  const changed = new vscode.EventEmitter<vscode.Uri>();
  let newest: Shown | undefined;
  const update = (shown: Shown) => {
    newest = shown;
    texts.set(shown.uri.toString(), optimisationMarkdown(shown.analysis, shown.report));
    changed.fire(shown.uri);
  };
  const show = async (analysis: Analysis, wanted: Wanted) => {
    const uri = vscode.Uri.from({ scheme: ANALYSIS_SCHEME, path: `/${analysis.title.replace(/[\\/:*?"<>|\p{Cc}]+/gu, ' ')}.md` });
    const report = { batchFile: `${nameOf(analysis)}.batch.jsonc`, written: false };
    // The one choice of a source is named from now on, so that nobody is asked again.
    const named = analysis.choice === undefined ? wanted : { ...wanted, choice: analysis.choice };
    update({ analysis, wanted: named, uri, folder: folderOf(wanted.file), report });
    await preview(uri);
  };
  const shown = (): Shown | undefined => {
    if (!newest)
      void vscode.window.showInformationMessage('Nothing was analysed yet. Use Volley: Analyse for Parallelism… first.');
    return newest;
  };
  const openBatch = async () => {
    const current = shown();
    if (!current) return;
    const { analysis, folder, report } = current;
    if (!folder || !vscode.workspace.isTrusted) {
      const document = await vscode.workspace.openTextDocument({ language: 'jsonc', content: analysis.batch });
      await vscode.window.showTextDocument(document);
      return;
    }
    const uri = await freeName(folder, report.batchFile);
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(analysis.batch));
    await vscode.window.showTextDocument(uri);
    update({ ...current, report: { batchFile: path.posix.basename(uri.path), written: true } });
  };
  const saveReport = async () => {
    const current = shown();
    if (!current) return;
    const { analysis, folder, report } = current;
    const name = `${nameOf(analysis)}-report.md`;
    const target = await vscode.window.showSaveDialog({
      ...(folder ? { defaultUri: vscode.Uri.joinPath(folder, name) } : {}),
      filters: { Markdown: ['md'], HTML: ['html'] },
      title: 'Save Optimisation Report',
    });
    if (!target) return;
    const text = target.path.endsWith('.html') ? optimisationHtml(analysis, report) : optimisationMarkdown(analysis, report);
    await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(text));
    await vscode.window.showTextDocument(target, { preview: true });
  };
  const analyse = async (clicked: unknown) => {
    const wanted =
      clicked instanceof vscode.Uri ? { file: clicked.fsPath, text: await textOf(clicked) } : await pickSource(session);
    const analysis = wanted && (await analysed(session, wanted));
    if (!analysis) return;
    await show(analysis, wanted);
    const { parallel, operations } = analysis;
    const said = `${parallel.length} of ${operations.length} operations of ${analysis.title} can run beside another.`;
    // Whoever reads the report answers when they have read it.
    void vscode.window.showInformationMessage(said, OPEN, SAVE).then(async (choice) => {
      if (choice === OPEN) await openBatch();
      else if (choice === SAVE) await saveReport();
    });
  };
  /** What its batch took, and what was measured, belongs into the report. */
  const refresh = async (label: string) => {
    const current = newest;
    if (!current?.report.written || path.posix.basename(batchFileOf(label) ?? '') !== current.report.batchFile) return;
    const result = await session.engine.analyse({ ...current.wanted, slots: readSettings().slots.slots });
    if (result.kind === 'analysed' && newest === current) update({ ...current, analysis: result.analysis });
  };
  const followed = session.onDidFinish(({ label }) => {
    refresh(label).catch((error: unknown) => log.error(`A report could not be renewed: ${String(error)}`));
  });
  const provider = vscode.workspace.registerTextDocumentContentProvider(ANALYSIS_SCHEME, {
    onDidChange: changed.event,
    provideTextDocumentContent: (uri) => texts.get(uri.toString()),
  });
  return { analyse, openBatch, saveReport, dispose: () => vscode.Disposable.from(changed, provider, followed).dispose() };
}

/** As a page where the editor has its Markdown preview, else as text. */
async function preview(uri: vscode.Uri): Promise<void> {
  const document = await vscode.workspace.openTextDocument(uri);
  try {
    // Nobody knows of the command before it is called for the first time.
    await vscode.commands.executeCommand('markdown.showPreview', uri);
  } catch {
    await vscode.window.showTextDocument(document);
  }
}

/** Undefined, and said so, when there is nothing in it that could be analysed. */
async function analysed(session: Session, wanted: Wanted): Promise<Analysis | undefined> {
  const progress = { location: vscode.ProgressLocation.Window, title: 'Volley: analysing' };
  const result = await vscode.window.withProgress(progress, () =>
    session.engine.analyse({ ...wanted, slots: readSettings().slots.slots }),
  );
  switch (result.kind) {
    case 'analysed':
      return result.analysis;
    case 'problems': {
      const [first] = result.problems;
      void vscode.window.showErrorMessage(first?.message ?? 'There is nothing in it that could be analysed.');
      return undefined;
    }
    case 'choices': {
      const items = result.choices.map(({ name, summary }) => ({ label: name, description: summary }));
      const options = { title: 'Volley: Analyse for Parallelism', placeHolder: `Which ${result.option}` };
      const choice = (await vscode.window.showQuickPick(items, options))?.label;
      return choice === undefined ? undefined : analysed(session, { ...wanted, choice });
    }
    default:
      return result satisfies never;
  }
}

interface SourceItem extends vscode.QuickPickItem {
  readonly wanted?: () => Promise<Wanted>;
}

async function pickSource(session: Session): Promise<Wanted | undefined> {
  const items = session.engine
    .sources()
    .then((sources) => [
      ...editorItems(),
      ...sources.flatMap(sourceItems),
      { label: 'elsewhere', kind: vscode.QuickPickItemKind.Separator },
      CLIPBOARD,
    ]);
  const options = {
    title: 'Volley: Analyse for Parallelism',
    placeHolder: 'What runs one after another now',
    matchOnDescription: true,
  };
  return (await vscode.window.showQuickPick(items, options))?.wanted?.();
}

/** Read when it is chosen: nobody else has to know what stands there, and a browser asks whether it may be read. */
const CLIPBOARD: SourceItem = {
  label: 'Commands from the clipboard',
  description: 'one a line',
  wanted: async () => ({ text: await vscode.env.clipboard.readText(), label: 'the clipboard', kind: 'commands' }),
};

/** The choices of a file under its name. */
function sourceItems({ file, kind, choices }: FoundSource): readonly SourceItem[] {
  const uri = vscode.Uri.file(file);
  const wanted = (choice?: string) => async (): Promise<Wanted> => ({
    file,
    kind,
    text: await textOf(uri),
    ...(choice === undefined ? {} : { choice }),
  });
  const whole = kind === 'transcript' ? 'Transcript' : 'All jobs';
  const all =
    kind === 'transcript' || (kind === 'workflow' && choices.length > 1)
      ? [{ label: whole, description: path.basename(file), wanted: wanted() }]
      : [];
  return [
    { label: vscode.workspace.asRelativePath(uri), kind: vscode.QuickPickItemKind.Separator },
    ...all,
    ...choices.map(({ name, summary }) => ({ label: name, description: summary, wanted: wanted(name) })),
  ];
}

/** What is selected, and what stands in the active editor where that may be a list of commands or a transcript. */
function editorItems(): readonly SourceItem[] {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return [];
  const { document, selection } = editor;
  const selected = document.getText(selection);
  const name = path.posix.basename(document.uri.path);
  const items: SourceItem[] = [];
  if (selected.trim() !== '')
    items.push({
      label: 'Commands in the selection',
      description: shortened(selected),
      wanted: async () => ({ text: selected, label: 'the selection', kind: 'commands' }),
    });
  const isText = document.languageId === 'plaintext' || document.languageId === 'shellscript' || /\.(?:jsonl|ndjson)$/.test(name);
  const file = document.uri.scheme === 'file' ? { file: document.uri.fsPath } : { label: name };
  if (isText && document.getText().trim() !== '')
    items.push({ label: 'The open file', description: name, wanted: async () => ({ ...file, text: document.getText() }) });
  return items;
}

function shortened(text: string): string {
  const line = text.trim().replace(/\s+/g, ' ');
  return line.length <= 60 ? line : `${line.slice(0, 59)}…`;
}

/** With what was typed and not saved. */
async function textOf(uri: vscode.Uri): Promise<string> {
  const open = vscode.workspace.textDocuments.find(
    (document) => document.uri.toString() === uri.toString() && !document.isClosed,
  );
  return open ? open.getText() : new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
}

function folderOf(file: string | undefined): vscode.Uri | undefined {
  const own = file === undefined ? undefined : vscode.workspace.getWorkspaceFolder(vscode.Uri.file(file));
  return (own ?? vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file'))?.uri;
}

/** As a file of it is called: `ci` of the script ci. */
function nameOf({ choice, file }: Analysis): string {
  const base = choice ?? path.posix.basename(file).replace(/\.\w+$/, '');
  return base.replace(/[^\w.-]+/g, '-').replace(/^[-.]+|-+$/g, '') || 'analysis';
}
