/** `Volley: Fix`: runs fixers, checks again, and offers to undo. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { Fixed } from '../core/engine.js';
import type { Gate } from '../core/gate-model.js';
import { ageText, CUT_SHORT, countText } from '../core/messages.js';
import type { Scope } from '../core/model.js';
import type { Launcher } from './launch.js';
import type { Session } from './session.js';

/** Runs the fixers of those gates that have one, then the gates again. */
export async function fixGates(session: Session, launcher: Launcher, gates: readonly Gate[], scope: Scope): Promise<void> {
  const fixable = gates.filter(({ fix }) => fix !== undefined);
  if (fixable.length === 0) {
    void vscode.window.showInformationMessage('None of these gates has a fixer, so there is nothing to fix with.');
    return;
  }
  const fixed = await launcher.fix({ gates: fixable, scope });
  if (!fixed) return;
  // The offer to undo must not wait for the check, nor the check for an answer.
  void tell(session, fixed);
  await launcher.run({ gates: fixable, scope, label: 'Check after Fix' });
}

/** Lets the user choose among the fixes that can be undone. */
export async function undoFix(session: Session, now: Date): Promise<void> {
  const fixes = await session.engine.fixes();
  if (fixes.some(({ goesOn }) => goesOn)) {
    void vscode.window.showInformationMessage('A fix still goes on. Undo it when it has ended.');
    return;
  }
  if (fixes.length === 0) {
    void vscode.window.showInformationMessage('There is no fix to undo.');
    return;
  }
  const items = fixes.map(({ id, at, files, cutShort = false }) => ({
    label: countText(files.length, 'file'),
    description: `${ageText(now.getTime() - new Date(at).getTime())} ago`,
    detail: files
      .slice(0, 5)
      .map((file) => vscode.workspace.asRelativePath(file))
      .join(', '),
    id,
    cutShort,
  }));
  const [only] = items;
  const chosen =
    items.length === 1 ? only : await vscode.window.showQuickPick(items, { title: 'Undo Fix', placeHolder: 'Which fix to undo' });
  if (chosen) await undo(session, chosen.id, chosen.cutShort);
}

async function tell(session: Session, { changed, notKept, undo: id, run }: Fixed): Promise<void> {
  if (notKept.length > 0) {
    const files = notKept.map((file) => vscode.workspace.asRelativePath(file)).join(', ');
    void vscode.window.showWarningMessage(
      `Files that no fixer takes were changed or made meanwhile, too; an undo leaves them as they are: ${files}.`,
    );
  }
  if (run.outcome === 'cancelled' && changed.length === 0) return;
  if (id === undefined) {
    void vscode.window.showInformationMessage('The fixers changed no file.');
    return;
  }
  const names = changed.slice(0, 3).map((file) => path.basename(file));
  const more = changed.length > names.length ? ` and ${changed.length - names.length} more` : '';
  const choice = await vscode.window.showInformationMessage(
    `The fixers changed ${countText(changed.length, 'file')}: ${names.join(', ')}${more}.`,
    'Undo',
  );
  if (choice === 'Undo') await undo(session, id);
}

async function undo(session: Session, id: string, cutShort = false): Promise<void> {
  const undone = await session.engine.undoFix(id);
  if (!undone) {
    void vscode.window.showInformationMessage('This fix was undone already.');
    return;
  }
  const { restored, conflicts, failed } = undone;
  const names = (files: readonly string[]) => files.map((file) => vscode.workspace.asRelativePath(file)).join(', ');
  const text = `${countText(restored.length, 'file')} put back as before the fix.`;
  const left = [
    ...(cutShort ? [CUT_SHORT] : []),
    ...(conflicts.length === 0 ? [] : [`Changed again since, so left as they are: ${names(conflicts)}.`]),
    ...(failed.length === 0 ? [] : [`The disk does not allow to put back ${names(failed)}: make room and undo it again.`]),
  ];
  if (left.length === 0) void vscode.window.showInformationMessage(text);
  else void vscode.window.showWarningMessage([text, ...left].join(' '));
}
