/** What is told of batches beside their panel: groups that were put back, the rest of one whose budget was used up, one that was cut short. */
import * as vscode from 'vscode';
import type { Engine } from '../core/engine.js';
import { countText } from '../core/messages.js';
import { rolledBackTexts } from '../core/report/batch.js';
import type { ActivityEnd } from './session.js';

/** Says what the panel does not show. Resolves when nothing more is asked. */
export async function tellBatchEnd({ label, state, changed }: ActivityEnd): Promise<void> {
  if (!state || !changed) return;
  const root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
  const rolledBack = rolledBackTexts({ state, changed, root }, 'use Volley: Undo Fix');
  if (rolledBack.length > 0) void vscode.window.showWarningMessage(rolledBack.join(' '));
  if (changed.handoff === undefined) return;
  const text = `${label}: the context budget was used up. What is left stands in a batch file of its own.`;
  const choice = await vscode.window.showWarningMessage(text, 'Open the Rest');
  if (choice) await vscode.window.showTextDocument(vscode.Uri.file(changed.handoff));
}

/** Asks what becomes of atomic groups whose process died before they were whole. Nothing is put back by itself: somebody may have gone on. */
export async function askAboutInterrupted(engine: Engine): Promise<void> {
  for (const { id, label, files } of await engine.interrupted()) {
    const what = `${label} was cut short before it was whole. ${countText(files.length, 'file')} can be put back as before.`;
    const choice = await vscode.window.showWarningMessage(what, 'Put Back', 'Keep as It Is');
    if (choice === 'Keep as It Is') await engine.keepInterrupted(id);
    if (choice !== 'Put Back') continue;
    const undone = await engine.undoFix(id);
    if (!undone) {
      void vscode.window.showInformationMessage(`${label}: another window or a terminal has put it back already.`);
      continue;
    }
    const left = [...undone.conflicts, ...undone.failed].map((file) => vscode.workspace.asRelativePath(file));
    const rest = left.length === 0 ? '' : ` Not put back, since changed again or the disk does not allow it: ${left.join(', ')}.`;
    void vscode.window.showInformationMessage(`${countText(undone.restored.length, 'file')} put back.${rest}`);
  }
}
