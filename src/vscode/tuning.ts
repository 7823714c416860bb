/** What a tuning is asked for in the editor, and the setting that comes of it. */
import { randomInt } from 'node:crypto';
import * as vscode from 'vscode';
import type { TuneRequest } from '../core/engine.js';
import { countText } from '../core/messages.js';
import type { TuningSubject } from '../core/tuning-model.js';
import type { TuneLaunch } from './launch.js';
import { SETTING_DEFAULTS } from './names.js';
import { readSettings } from './settings.js';

/** What a tuning is called wherever it is named. */
export function tuneLabel(what: TuneLaunch | TuningSubject): string {
  switch (what.kind) {
    case 'gates':
      return 'Tune Concurrency';
    case 'batch':
      return `Tune ${'file' in what ? what.file : what.label}`;
    case 'files':
      return what.tool === 'read' ? 'Tune Reads in One Batch' : 'Tune Searches in One Batch';
    default:
      return what satisfies never;
  }
}

/** With the settings as they are; undefined when it cannot be measured, which was said. */
export async function tuneRequest(launch: TuneLaunch): Promise<TuneRequest | undefined> {
  const { slots, tuning: limits, timeoutMs } = readSettings();
  const common = { limits, seed: randomInt(2 ** 31), ...mostSlots() };
  switch (launch.kind) {
    case 'gates': {
      const { gates, scope } = launch;
      return { kind: 'gates', gates, scope, ...common, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
    }
    case 'batch': {
      const batch = await launch.plan();
      return batch && { kind: 'batch', batch, label: launch.file, ...common };
    }
    case 'files':
      return { kind: 'files', tool: launch.tool, limits, seed: common.seed, ...slots };
    default:
      return launch satisfies never;
  }
}

/** No more is tried than somebody has allowed; the default allows Volley's own choice and says nothing of the machine. */
function mostSlots(): { readonly mostSlots?: number } {
  const set = vscode.workspace.getConfiguration('volley').inspect<number>('mostSlots');
  const value = set?.workspaceFolderValue ?? set?.workspaceValue ?? set?.globalValue;
  return typeof value === 'number' && value >= 1 ? { mostSlots: Math.floor(value) } : {};
}

/** The setting as it is; 0 for a number that Volley chooses. */
export function slotsSetting(): number {
  const value: unknown = vscode.workspace.getConfiguration('volley').get('slots');
  return typeof value === 'number' ? value : SETTING_DEFAULTS.slots;
}

/** Writes the setting of this workspace and says what it was before. Rejects where it cannot be written. */
export async function useSlots(slots: number): Promise<void> {
  const before = slotsSetting();
  await vscode.workspace.getConfiguration('volley').update('slots', slots, vscode.ConfigurationTarget.Workspace);
  const was = before === 0 ? 'a number that Volley chose itself (0)' : String(before);
  const open = 'Open Settings';
  void vscode.window
    .showInformationMessage(`volley.slots is ${slots} in this workspace now: ${countText(slots, 'slot')}. It was ${was}.`, open)
    .then(
      (choice) => choice === open && vscode.commands.executeCommand('workbench.action.openWorkspaceSettings', 'volley.slots'),
    );
}

/** What is told where the setting could not be written. */
export function settingFailed(error: unknown): string {
  const why = error instanceof Error ? error.message : String(error);
  return `volley.slots could not be written into the settings of this workspace: ${why}`;
}
