/** What a run of gates would do, as a read-only document. Nothing is executed for it, and nothing saved. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { Gate } from '../core/gate-model.js';
import type { Scope } from '../core/model.js';
import { explainGatesText } from '../core/report/explain-gates.js';
import { localFolders } from './editor-host.js';
import { GATE_PLAN_SCHEME } from './names.js';
import type { Session } from './session.js';
import { readSettings } from './settings.js';
import { commonRoot } from './timing-panel.js';

export interface GatePlans extends vscode.Disposable {
  /** Shows the plan of a run of these gates as it would be now, in the place of the one before. */
  explain(gates: readonly Gate[], scope: Scope): Promise<void>;
}

export function createGatePlans(session: Session): GatePlans {
  const changed = new vscode.EventEmitter<vscode.Uri>();
  let text = '';
  const provider = { onDidChange: changed.event, provideTextDocumentContent: () => text };
  const registration = vscode.workspace.registerTextDocumentContentProvider(GATE_PLAN_SCHEME, provider);
  const uri = vscode.Uri.from({ scheme: GATE_PLAN_SCHEME, path: '/gates.plan.txt' });
  return {
    async explain(gates, scope) {
      const { slots, cache, timeoutMs } = readSettings();
      const progress = { location: vscode.ProgressLocation.Window, title: 'Volley: planning gates' };
      const limit = timeoutMs === undefined ? {} : { timeoutMs };
      const planned = await vscode.window.withProgress(progress, () =>
        session.engine.planGates({ gates, scope, mode: 'parallel', ...slots, cache, ...limit }),
      );
      const folder = commonRoot(localFolders().map((each) => each.path))
        .split(path.sep)
        .join('/');
      text = explainGatesText({ planned, folder });
      changed.fire(uri);
      await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
    },
    dispose: () => vscode.Disposable.from(changed, registration).dispose(),
  };
}
