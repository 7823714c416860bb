/** Batch files in the editor: problems in place, what can be done with one above its operations, its plan as a document. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { BatchProblem, PlannedBatch } from '../core/engine.js';
import type { Log } from '../core/host.js';
import { explainText } from '../core/report/explain.js';
import { batchFileOf, PLAN_SCHEME } from './names.js';
import type { Session } from './session.js';
import { readSettings } from './settings.js';

/** Which documents are batches. */
export const BATCH_FILES: vscode.DocumentSelector = { scheme: 'file', pattern: '**/*.batch.{json,jsonc}' };
/** How long nothing is typed before a batch is looked at again. */
const CHECK_MS = 300;

export interface Batches extends vscode.Disposable {
  /** The batch as it stands in the editor; undefined, and said so, when it cannot run. */
  planToRun(uri: vscode.Uri): Promise<PlannedBatch | undefined>;
  /** Shows why each operation waits for which. */
  explain(uri: vscode.Uri): Promise<void>;
}

export function createBatches(session: Session, log: Pick<Log, 'error'>): Batches {
  const problems = vscode.languages.createDiagnosticCollection('volley batch');
  const timers = new Map<string, NodeJS.Timeout>();
  const plans = new vscode.EventEmitter<vscode.Uri>();
  const texts = new Map<string, string>();
  const lenses = new vscode.EventEmitter<void>();
  const planned = async (document: vscode.TextDocument) => {
    const { slots } = readSettings();
    const { version } = document;
    const result = await session.engine.planBatch(document.getText(), { file: document.uri.fsPath, ...slots });
    // What was typed meanwhile is looked at by itself.
    if (document.isClosed || document.version !== version) return result;
    if (result.kind === 'batch') problems.delete(document.uri);
    else
      problems.set(
        document.uri,
        result.problems.map((problem) => diagnosticOf(problem, document)),
      );
    return result;
  };
  const checkSoon = (document: vscode.TextDocument) => {
    if (!isBatch(document) || !vscode.workspace.isTrusted) return;
    const key = document.uri.toString();
    clearTimeout(timers.get(key));
    timers.set(
      key,
      setTimeout(() => {
        timers.delete(key);
        planned(document).catch((error: unknown) => log.error(`A batch could not be looked at: ${String(error)}`));
      }, CHECK_MS),
    );
  };
  const checkAll = () => {
    for (const document of vscode.workspace.textDocuments) checkSoon(document);
  };
  checkAll();
  const subscriptions = [
    problems,
    plans,
    lenses,
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      lenses.fire();
      checkAll();
    }),
    vscode.workspace.onDidOpenTextDocument(checkSoon),
    vscode.workspace.onDidChangeTextDocument(({ document }) => checkSoon(document)),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => {
      clearTimeout(timers.get(uri.toString()));
      timers.delete(uri.toString());
      problems.delete(uri);
      texts.delete(uri.toString());
    }),
    vscode.languages.registerCodeLensProvider(BATCH_FILES, { onDidChangeCodeLenses: lenses.event, provideCodeLenses }),
    vscode.workspace.registerTextDocumentContentProvider(PLAN_SCHEME, {
      onDidChange: plans.event,
      provideTextDocumentContent: (uri) => texts.get(uri.toString()) ?? '',
    }),
  ];
  return {
    async planToRun(uri) {
      const result = await planned(await vscode.workspace.openTextDocument(uri));
      if (result.kind === 'batch') return result.batch;
      tellProblems(result.problems.length);
      return undefined;
    },
    async explain(uri) {
      if (!vscode.workspace.isTrusted) {
        void vscode.window.showWarningMessage('Volley does not read batches in Restricted Mode. Trust the workspace first.');
        return;
      }
      const result = await planned(await vscode.workspace.openTextDocument(uri));
      if (result.kind === 'problems') return tellProblems(result.problems.length);
      const { plan, slots, durations, folder, unwritten } = result.batch;
      const shown = vscode.Uri.from({ scheme: PLAN_SCHEME, path: `${uri.path}.plan.txt` });
      const predicted = session.engine.predict(result.batch, readSettings().slots);
      texts.set(
        shown.toString(),
        explainText({ plan, slots, durations, predicted, unwritten, folder: folder.path.split(path.sep).join('/') }),
      );
      plans.fire(shown);
      await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(shown), {
        viewColumn: vscode.ViewColumn.Beside,
      });
    },
    dispose() {
      for (const timer of timers.values()) clearTimeout(timer);
      vscode.Disposable.from(...subscriptions).dispose();
    },
  };
}

/** The file of the batch that was run under this label; undefined when it is no longer there. */
export async function batchUriOf(label: string): Promise<vscode.Uri | undefined> {
  const name = batchFileOf(label);
  if (name === undefined) return undefined;
  const folders = vscode.workspace.workspaceFolders ?? [];
  const candidates = [
    ...folders.map(({ uri }) => vscode.Uri.joinPath(uri, name)),
    // Among several folders, a name begins with that of its folder.
    ...folders.flatMap((folder) =>
      name.startsWith(`${folder.name}/`) ? [vscode.Uri.joinPath(folder.uri, name.slice(folder.name.length + 1))] : [],
    ),
    ...(path.isAbsolute(name) ? [vscode.Uri.file(name)] : []),
  ];
  for (const uri of candidates) {
    const found = await vscode.workspace.fs.stat(uri).then(
      () => true,
      () => false,
    );
    if (found && vscode.workspace.asRelativePath(uri) === name) return uri;
  }
  return undefined;
}

/** Says that a batch cannot run as it is; what is wrong stands in Problems. */
function tellProblems(count: number): void {
  const what = count === 1 ? 'a problem' : `${count} problems`;
  void vscode.window
    .showErrorMessage(`The batch has ${what}, so nothing of it runs.`, 'Show Problems')
    .then((choice) => choice && vscode.commands.executeCommand('workbench.actions.view.problems'));
}

function isBatch({ uri }: vscode.TextDocument): boolean {
  return uri.scheme === 'file' && /\.batch\.jsonc?$/.test(uri.path);
}

/** Above the operations, or at the start where there are none yet. None in Restricted Mode, in which nothing runs. */
function provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
  if (!vscode.workspace.isTrusted) return [];
  const offset = document.getText().search(/"operations"\s*:/);
  const { line } = document.positionAt(Math.max(offset, 0));
  const range = new vscode.Range(line, 0, line, 0);
  const lens = (title: string, command: string, tooltip: string) =>
    new vscode.CodeLens(range, { title, command, tooltip, arguments: [document.uri] });
  return [
    lens('$(run-all) Run', 'volley.runBatch', 'Run its operations, out of order only where that cannot change their result'),
    lens('$(dashboard) Verify', 'volley.verifyBatch', 'Measure it one after another and in parallel'),
    lens('$(settings) Tune', 'volley.tuneBatch', 'Measure how many of its operations are best run at once'),
    lens('$(list-tree) Explain Plan', 'volley.explainBatch', 'Why each operation waits for which, and what would make it faster'),
  ];
}

function diagnosticOf({ line, column, message }: BatchProblem, document: vscode.TextDocument): vscode.Diagnostic {
  const start = document.validatePosition(new vscode.Position(line - 1, column - 1));
  const word = document.getWordRangeAtPosition(start) ?? document.lineAt(start.line).range.with(start);
  const diagnostic = new vscode.Diagnostic(word, message, vscode.DiagnosticSeverity.Error);
  diagnostic.source = 'volley';
  return diagnostic;
}
