/** The output of a gate as a read-only document, whole up to a limit, growing while the gate runs. */
import * as vscode from 'vscode';
import type { Engine } from '../core/engine.js';
import type { OutputText } from '../core/measured.js';
import { bytesText } from '../core/messages.js';
import type { OperationId, RunId } from '../core/model.js';
import { OUTPUT_SCHEME } from './names.js';
import type { Change, Session } from './session.js';

/** More than this the editor shows only the end of; the files on disk have all of it. */
const LIMIT_BYTES = 10_000_000;
/** While the gate runs, as it is read again and again. */
const LIVE_LIMIT_BYTES = 500_000;
/** How often a document of a running gate is read again. */
const REREAD_MS = 1000;

export interface OutputDocuments extends vscode.Disposable {
  /** Opens the output; `name` heads the tab. */
  open(run: RunId, operation: OperationId, name: string): Promise<vscode.TextEditor>;
}

export function createOutputDocuments(session: Session): OutputDocuments {
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const timers = new Map<string, NodeJS.Timeout>();
  /** Documents that were read before their gate ended: they have to be read once more after it. */
  const growing = new Set<string>();
  const onChange = (change: Change) => {
    for (const { uri } of vscode.workspace.textDocuments) {
      const shown = uri.scheme === OUTPUT_SCHEME && growing.has(uri.query) ? parse(uri) : undefined;
      if (!shown || timers.has(uri.query) || (isLive(session, shown) && !change.operations.has(shown.operation))) continue;
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
      if (!shown) return '';
      if (isLive(session, shown)) growing.add(uri.query);
      else growing.delete(uri.query);
      return documentText(session, shown);
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

interface Shown {
  readonly run: RunId;
  readonly operation: OperationId;
}

/** What the document shows now: while more may be written a small part, and nothing as long as there is none. */
export async function documentText(session: Session, shown: Shown): Promise<string> {
  const { run, operation } = shown;
  if (!isLive(session, shown)) return outputText(session.engine, run, operation);
  const output = await session.engine.output(run, operation, LIVE_LIMIT_BYTES);
  return output ? textOf(output) : '';
}

/** Whether more may be written. */
function isLive({ activity }: Session, { run, operation }: Shown): boolean {
  const state = activity?.state();
  return state?.run === run && state.operations.some(({ id, outcome }) => id === operation && !outcome);
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
  return textOf(output);
}

function textOf({ text, omittedBytes, files }: OutputText): string {
  if (omittedBytes === 0) return text;
  return `[Volley: ${bytesText(omittedBytes)} before this were left out. The whole output is in ${files.join(' and ')}]\n${text}`;
}

/** The ending `.log` gives the document the editor's colours for logs. */
function uriOf(run: RunId, operation: OperationId, name: string): vscode.Uri {
  const file = `${name.replace(/[\\/:*?"<>|\p{Cc}]/gu, ' ')}.log`;
  return vscode.Uri.from({ scheme: OUTPUT_SCHEME, path: `/${file}`, query: JSON.stringify([run, operation]) });
}

function parse(uri: vscode.Uri): Shown | undefined {
  try {
    const [run, operation]: unknown[] = JSON.parse(uri.query);
    // The name of a run becomes that of a directory: a link from elsewhere must not lead out of the storage.
    if (typeof run !== 'string' || typeof operation !== 'string' || !/^[\w-]+$/.test(run)) return undefined;
    return { run: run as RunId, operation: operation as OperationId };
  } catch {
    return undefined;
  }
}
