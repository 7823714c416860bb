/** All answers of a batch that ended as one text: a read-only document, or in the clipboard. */
import * as vscode from 'vscode';
import { contextText } from '../core/messages.js';
import type { RunId } from '../core/model.js';
import { ANSWER_SCHEME, batchFileOf } from './names.js';
import type { RunsNode } from './runs-view.js';
import type { Session } from './session.js';

/** What the panel and a row of the Runs view hand over; undefined for anything else: then the newest batch is meant. */
export function answeredRun(target: unknown): RunId | undefined {
  if (typeof target === 'string') return target as RunId;
  const node = target as RunsNode | undefined;
  return node?.kind === 'run' ? node.entry.run : undefined;
}

/** Also for documents that the editor restores after a reload. */
export function registerAnswerDocuments(session: Session): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(ANSWER_SCHEME, {
    async provideTextDocumentContent(uri) {
      const run = uri.query;
      // The name of a run becomes that of a directory: a link from elsewhere must not lead out of the storage.
      const text = /^[\w-]+$/.test(run) ? await session.engine.combinedAnswer(run as RunId) : undefined;
      return text ?? 'These answers are no longer kept.\n';
    },
  });
}

/** Opens the answer beside what stands there. */
export async function openCombinedAnswer(session: Session, run: RunId | undefined): Promise<void> {
  const found = await answered(session, run);
  if (!found) return;
  const name = `${found.name.replace(/[\\/:*?"<>|\p{Cc}]/gu, ' ')}.answer.txt`;
  const uri = vscode.Uri.from({ scheme: ANSWER_SCHEME, path: `/${name}`, query: found.run });
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
}

/** Copies the answer, and says so with what it takes of a context where that was counted. */
export async function copyCombinedAnswer(session: Session, run: RunId | undefined): Promise<void> {
  const found = await answered(session, run);
  if (!found) return;
  const [text, kept] = await Promise.all([session.engine.combinedAnswer(found.run), session.engine.answers(found.run)]);
  if (text === undefined) return void tellNone();
  await vscode.env.clipboard.writeText(text);
  const counted = kept?.context ? ` ${contextText(kept.context)}` : '';
  void vscode.window.showInformationMessage(`The combined answer of ${found.name} was copied.${counted}`);
}

/** The run, or the newest of a batch that ended; undefined, and said so, where nothing is kept of it. */
async function answered(
  session: Session,
  run: RunId | undefined,
): Promise<{ readonly run: RunId; readonly name: string } | undefined> {
  if (!vscode.workspace.isTrusted) {
    void vscode.window.showWarningMessage(
      'In Restricted Mode no batches run, so there is no answer to show. Trust the workspace first.',
    );
    return undefined;
  }
  const entries = await session.history();
  const entry = entries.find((each) =>
    run === undefined ? each.batch && !each.inspection && each.verification === undefined : each.run === run,
  );
  if (!entry || !(await session.engine.answers(entry.run))) {
    tellNone();
    return undefined;
  }
  return { run: entry.run, name: (batchFileOf(entry.label) ?? entry.label).replace(/^.*\//, '') };
}

function tellNone(): void {
  void vscode.window.showInformationMessage(
    'No answers are kept: run a batch first. They are kept with its run, but not of what is measured.',
  );
}
