/** What happens to the rest of a run when something does not pass: asked for one run, or kept in the settings. */
import * as vscode from 'vscode';
import type { FailureMode } from '../core/model.js';
import { FAILURE_MODE_TEXTS, FAILURE_MODES } from './names.js';
import { readSettings } from './settings.js';

/** One of the three, the current one first so that Enter leaves it at that. Undefined when dismissed. */
export async function pickFailureMode(title: string): Promise<FailureMode | undefined> {
  const { failure } = readSettings();
  const items = [failure, ...FAILURE_MODES.filter((mode) => mode !== failure)].map((mode) => ({
    ...FAILURE_MODE_TEXTS[mode],
    description: mode === failure ? 'as set' : '',
    mode,
  }));
  return (await vscode.window.showQuickPick(items, { title, placeHolder: 'When a gate or an operation does not pass' }))?.mode;
}

/** Asks and keeps the answer where the setting stands already: in the workspace, else in the settings of the user. */
export async function chooseFailureMode(): Promise<void> {
  const mode = await pickFailureMode('Volley: Choose What Happens after a Failure');
  if (mode === undefined) return;
  const configuration = vscode.workspace.getConfiguration('volley');
  const set = (key: string) => configuration.inspect(key)?.workspaceValue !== undefined;
  const target = set('onFailure') || set('failFast') ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
  await configuration.update('onFailure', mode, target);
}
