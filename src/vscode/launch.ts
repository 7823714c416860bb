/** Starts what the user asked for: asks what has to be asked first, never runs two things at once, and says how it ended. */
import * as vscode from 'vscode';
import { countText, outcomeReason, verdictText } from '../core/messages.js';
import type { Gate, RunOutcome, Scope } from '../core/model.js';
import { SCOPE_LABELS } from './names.js';
import type { Activity, ActivityEnd, Session } from './session.js';
import { readSettings } from './settings.js';
import type { TimingPanel } from './timing-panel.js';

export interface Launcher extends vscode.Disposable {
  /** Resolves when it ended; undefined when it was not started. */
  run(request: {
    readonly gates: readonly Gate[];
    readonly scope: Scope;
    readonly label: string;
  }): Promise<RunOutcome | undefined>;
  verify(request: { readonly gates: readonly Gate[]; readonly scope: Scope }): Promise<RunOutcome | undefined>;
}

export interface LauncherOptions {
  readonly session: Session;
  readonly panel: Pick<TimingPanel, 'visible' | 'show'>;
}

export function createLauncher({ session, panel }: LauncherOptions): Launcher {
  const launch = async (label: string, scope: Scope, start: () => Activity | undefined): Promise<ActivityEnd | undefined> => {
    if (!(await mayExecute()) || !(await hasFiles(scope))) return undefined;
    let activity: Activity | undefined;
    while (!activity) {
      if (!(await whenFree(session, label))) return undefined;
      if (readSettings().saveBeforeRun) await vscode.workspace.saveAll(false);
      activity = start();
    }
    return activity.finished;
  };
  const subscription = session.onDidFinish((end) => void tell(end, panel));
  return {
    async run({ gates, scope, label }) {
      const start = () => {
        const { slots, failFast, timeoutMs, showPanelOnRun } = readSettings();
        const limits = timeoutMs === undefined ? {} : { timeoutMs };
        const activity = session.start({ gates, scope, label, slots, failFast, mode: 'parallel', ...limits });
        if (activity && showPanelOnRun === 'onRun') void panel.show({ kind: 'latest' }, true);
        return activity;
      };
      return (await launch(label, scope, start))?.outcome;
    },
    async verify({ gates, scope }) {
      const start = () => {
        const { slots, pairs, timeoutMs } = readSettings();
        const activity = session.verify({ gates, scope, slots, pairs, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
        // Its result is the two timelines, so it is shown.
        if (activity) void panel.show({ kind: 'latest' }, true);
        return activity;
      };
      return (await launch('Verify Speedup', scope, start))?.outcome;
    },
    dispose: () => subscription.dispose(),
  };
}

/** Restricted Mode executes nothing, whatever called the command. */
async function mayExecute(): Promise<boolean> {
  if (vscode.workspace.isTrusted) return true;
  const manage = 'Manage Workspace Trust';
  const text = 'Volley does not run gates in Restricted Mode, since they execute code of the workspace.';
  void vscode.window
    .showWarningMessage(text, manage)
    .then((choice) => choice === manage && vscode.commands.executeCommand('workbench.trust.manage'));
  return false;
}

async function hasFiles(scope: Scope): Promise<boolean> {
  if (!('files' in scope) || scope.files.length > 0) return true;
  const text =
    scope.kind === 'open'
      ? 'No file of the workspace is open in an editor, so there is nothing to check.'
      : 'No file is selected. Select files in the Explorer, or check some in the Files view of Volley.';
  void vscode.window.showInformationMessage(text);
  return false;
}

/** Resolves with true when nothing runs, with false when the user would rather leave it at what runs. */
async function whenFree(session: Session, label: string): Promise<boolean> {
  const { activity } = session;
  if (!activity) return true;
  if (activity.cancelling) {
    await activity.finished;
    return true;
  }
  const restart = 'Cancel It and Start';
  const wait = 'Start After It';
  const text = `"${activity.label}" still runs. Two runs at once would disturb each other, so "${label}" has not started.`;
  const choice = await vscode.window.showInformationMessage(text, restart, wait);
  if (choice === undefined) return false;
  if (choice === restart && session.activity === activity) await session.cancel();
  else await activity.finished;
  return true;
}

/** A success is quiet; a failure is told once, unless the user sees it in the panel already. */
async function tell(end: ActivityEnd, panel: LauncherOptions['panel']): Promise<void> {
  const text =
    end.verification && end.outcome !== 'cancelled' ? `Verify Speedup: ${verdictText(end.verification)}` : failureSummary(end);
  if (text === undefined) return;
  if (!end.verification && readSettings().showPanelOnRun === 'onFailure') await panel.show({ kind: 'latest' }, true);
  if (panel.visible) return;
  const show = 'Show Timing Panel';
  const problems = 'Show Problems';
  const message = end.verification ? vscode.window.showInformationMessage : vscode.window.showWarningMessage;
  const choice = await message(text, show, ...(end.verification ? [] : [problems]));
  if (choice === show) await panel.show({ kind: 'latest' });
  else if (choice === problems) await vscode.commands.executeCommand('workbench.actions.view.problems');
}

/** One sentence about a run that failed or errored; undefined for every other. */
export function failureSummary({ outcome, state }: ActivityEnd): string | undefined {
  if (outcome === 'passed' || outcome === 'cancelled') return undefined;
  const operations = state?.operations ?? [];
  const failed = operations.filter((operation) => operation.outcome?.kind === 'failed');
  const broken = operations.filter(
    (operation) => operation.outcome?.kind === 'errored' || operation.outcome?.kind === 'timed out',
  );
  const findings = failed.reduce((sum, operation) => sum + operation.findings.length, 0);
  const parts = [
    ...(failed.length > 0
      ? [`${failed.length} of ${countText(operations.length, 'gate')} failed with ${countText(findings, 'finding')}.`]
      : []),
    ...(broken.length > 0
      ? [`${countText(broken.length, 'gate')} could not do ${broken.length === 1 ? 'its' : 'their'} work.`]
      : []),
  ];
  const [only] = broken;
  const reason = broken.length === 1 && only?.outcome ? outcomeReason(only.outcome) : undefined;
  if (only && reason !== undefined) parts.push(`${only.name}: ${reason}`);
  return parts.length > 0 ? `Volley: ${parts.join(' ')}` : 'Volley: the run could not be carried out. The log says why.';
}

/** `Run All Gates`, with the scope when it is not the whole workspace. */
export function labelOf(what: string, scope: Scope): string {
  return scope.kind === 'workspace' ? what : `${what} (${SCOPE_LABELS[scope.kind]})`;
}
