/** The output of a gate as a read-only document, whole up to a limit, growing while the gate runs. */
import * as vscode from 'vscode';
import type { Engine } from '../core/engine.js';
import { bytesText } from '../core/messages.js';
import type { OperationId, RunId } from '../core/model.js';
import { OUTPUT_SCHEME } from './names.js';
import type { Change, Session } from './session.js';

/** More than this the editor shows only the end of; the files on disk have all of it. */
const LIMIT_BYTES = 10_000_000;
/** How often a document of a running gate is read again. */
const REREAD_MS = 1000;

export interface OutputDocuments extends vscode.Disposable {
  /** Opens the output; `name` heads the tab. */
  open(run: RunId, operation: OperationId, name: string): Promise<vscode.TextEditor>;
}

export function createOutputDocuments(session: Session): OutputDocuments {
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const timers = new Map<string, NodeJS.Timeout>();
  const onChange = (change: Change) => {
    const run = session.run?.run;
    for (const { uri } of vscode.workspace.textDocuments) {
      const shown = uri.scheme === OUTPUT_SCHEME ? parse(uri) : undefined;
      if (!shown || shown.run !== run || !change.operations.has(shown.operation) || timers.has(uri.query)) continue;
      const reread = () => {
        timers.delete(uri.query);
        changed.fire(uri);
      };
      timers.set(uri.query, setTimeout(reread, REREAD_MS));
    }
  };
  const provider: vscode.TextDocumentContentProvider = {
    onDidChange: changed.event,
    async provideTextDocumentContent(uri) {
      const shown = parse(uri);
      return shown ? outputText(session.engine, shown.run, shown.operation) : '';
    },
  };
  const subscriptions = [
    vscode.workspace.registerTextDocumentContentProvider(OUTPUT_SCHEME, provider),
    session.onDidChange(onChange),
  ];
  return {
    async open(run, operation, name) {
      const uri = uriOf(run, operation, name);
      // The editor may still hold what it read before.
      changed.fire(uri);
      const document = await vscode.workspace.openTextDocument(uri);
      return vscode.window.showTextDocument(document, { preview: true });
    },
    dispose() {
      for (const timer of timers.values()) clearTimeout(timer);
      vscode.Disposable.from(changed, ...subscriptions).dispose();
    },
  };
}

/** The end of the output, with a first line that says what is left out and where all of it is. */
export async function outputText(
  engine: Engine,
  run: RunId,
  operation: OperationId,
  limitBytes: number = LIMIT_BYTES,
): Promise<string> {
  const output = await engine.output(run, operation, limitBytes);
  if (!output) return 'This output is no longer kept.\n';
  if (output.omittedBytes === 0) return output.text;
  const files = engine.outputFiles(run, operation).join(' and ');
  return `[Volley: ${bytesText(output.omittedBytes)} before this were left out. The whole output is in ${files}]\n${output.text}`;
}

/** The ending `.log` gives the document the editor's colours for logs. */
function uriOf(run: RunId, operation: OperationId, name: string): vscode.Uri {
  const file = `${name.replace(/[\\/:*?"<>|\p{Cc}]/gu, ' ')}.log`;
  return vscode.Uri.from({ scheme: OUTPUT_SCHEME, path: `/${file}`, query: JSON.stringify([run, operation]) });
}

function parse(uri: vscode.Uri): { readonly run: RunId; readonly operation: OperationId } | undefined {
  try {
    const [run, operation]: unknown[] = JSON.parse(uri.query);
    // The name of a run becomes that of a directory: a link from elsewhere must not lead out of the storage.
    if (typeof run !== 'string' || typeof operation !== 'string' || !/^[\w-]+$/.test(run)) return undefined;
    return { run: run as RunId, operation: operation as OperationId };
  } catch {
    return undefined;
  }
}
