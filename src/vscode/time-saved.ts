/** Beside the title of the Runs view: how much time running at once has saved so far, and whether that is measured. */
import * as vscode from 'vscode';
import { savedText } from '../core/trend-texts.js';
import type { Session } from './session.js';

/** Reads only while the view is in sight, and after runs were added. */
export function followTimeSaved(
  view: Pick<vscode.TreeView<unknown>, 'visible' | 'onDidChangeVisibility'> & { description?: string | undefined },
  session: Session,
): vscode.Disposable {
  let stale = true;
  let turn = 0;
  const update = async () => {
    if (!view.visible || !stale || !vscode.workspace.isTrusted || !vscode.workspace.workspaceFolders?.length) return;
    stale = false;
    turn += 1;
    const own = turn;
    // A figure that cannot be read is missing; the log of the history says why.
    const saved = await session.engine.timeSaved().catch(() => undefined);
    if (own === turn) view.description = saved?.since === undefined ? '' : savedText(saved);
  };
  void update();
  return vscode.Disposable.from(
    view.onDidChangeVisibility(() => void update()),
    session.onDidChange((change) => {
      stale ||= change.history;
      void update();
    }),
  );
}
