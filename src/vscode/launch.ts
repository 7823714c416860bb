/** Starts what the user asked for: asks what has to be asked first, never runs two things at once, and says how it ended. */
import * as vscode from 'vscode';
import type { Fixed, PlannedBatch } from '../core/engine.js';
import type { Detection, Gate } from '../core/gate-model.js';
import type { Log } from '../core/host.js';
import { countText, outcomeReason } from '../core/messages.js';
import type { FailureMode, RunOutcome, Scope } from '../core/model.js';
import { effectiveKind } from '../core/parts.js';
import type { FileTool } from '../core/tuning-model.js';
import { recommendationText } from '../core/tuning-text.js';
import { verdictText } from '../core/verification-text.js';
import { tellBatchEnd } from './batch-end.js';
import { batchLabel, SCOPE_LABELS } from './names.js';
import type { Activity, ActivityEnd, Session } from './session.js';
import { readSettings } from './settings.js';
import type { TimingPanel } from './timing-panel.js';
import { tuneLabel, tuneRequest } from './tuning.js';
import { isConfiguration } from './watch.js';
import { WATCH_LABEL } from './watching.js';

interface LaunchRequest {
  readonly gates: readonly Gate[];
  readonly scope: Scope;
}

/** In place of the settings. */
export interface RunChoices {
  readonly newOnly?: boolean;
  readonly cache?: boolean;
}

export interface Launcher extends vscode.Disposable {
  /** Resolves when it ended; undefined when it was not started. */
  run(request: LaunchRequest & { readonly label: string } & RunChoices): Promise<RunOutcome | undefined>;
  verify(request: LaunchRequest): Promise<RunOutcome | undefined>;
  /** Runs a batch, or measures it. `plan` is asked when nothing else runs any more. */
  batch(request: BatchLaunch): Promise<RunOutcome | undefined>;
  /** Measures how many gates or operations are best run at once, or handed over together. */
  tune(request: TuneLaunch): Promise<RunOutcome | undefined>;
  /** Inspects files and shows their table. Nothing is saved: files are inspected as the user sees them. */
  inspect(scope: Scope): Promise<RunOutcome | undefined>;
  /** Runs the fixers of the gates. Saves everything first: nothing is written behind the user's back. */
  fix(request: LaunchRequest): Promise<Fixed | undefined>;
}

export type TuneLaunch =
  | ({ readonly kind: 'gates' } & LaunchRequest)
  | ({ readonly kind: 'batch' } & Omit<BatchLaunch, 'measure'>)
  | { readonly kind: 'files'; readonly tool: FileTool };

export interface BatchLaunch {
  /** Of the batch, as the editor names it: relative to the workspace. */
  readonly file: string;
  readonly measure: boolean;
  /** In place of the setting; what is measured never stops at a failure. */
  readonly failure?: FailureMode;
  /** Undefined when it cannot run, which was said. */
  plan(): Promise<PlannedBatch | undefined>;
}

export interface LauncherOptions {
  readonly session: Session;
  readonly panel: Pick<TimingPanel, 'visible' | 'show'>;
  readonly log: Pick<Log, 'error'>;
}

/** Starts nothing by itself; tells the end of whatever the session runs. */
export function createLauncher(options: LauncherOptions): Launcher {
  const { session, panel } = options;
  const subscription = session.onDidFinish((end) => void tell(end, panel));
  return {
    run: (request) => launchRun(options, request),
    verify: (request) => launchVerification(options, request),
    batch: (request) => launchBatch(options, request),
    tune: (request) => launchTuning(options, request),
    inspect: (scope) => launchInspection(options, scope),
    fix: (request) => launchFix(session, request),
    dispose: () => subscription.dispose(),
  };
}

/**
 * What `attempt` starts once nothing else runs; it is asked again when something else was quicker. Undefined when the user would rather
 * leave it at what runs, when `attempt` gives up, and when the window closes.
 */
async function startWhenFree(
  session: Session,
  label: string,
  attempt: () => Promise<Activity | undefined | 'given up'>,
): Promise<Activity | undefined> {
  while (await whenFree(session, label)) {
    const activity = await attempt();
    if (activity === 'given up') return undefined;
    // Not free, and yet nothing runs: the window closes.
    if (activity || !session.activity) return activity;
  }
  return undefined;
}

/** Of gates as they are detected once everything is saved. */
async function startGates(
  session: Session,
  label: string,
  { gates, scope }: LaunchRequest,
  start: (gates: readonly Gate[]) => Activity | undefined,
): Promise<Activity | undefined> {
  if (!mayExecute('gates') || !(await hasFiles(scope))) return undefined;
  let chosen = gates;
  return startWhenFree(session, label, async () => {
    if (await saveFiles()) chosen = asDetected(chosen, await session.refresh());
    if (chosen.length > 0) return start(chosen);
    void vscode.window.showInformationMessage(`After saving, no gate of "${label}" is there any more, so nothing runs.`);
    return 'given up';
  });
}

async function launchRun(
  { session, panel }: LauncherOptions,
  { label, newOnly, cache, ...request }: Parameters<Launcher['run']>[0],
): Promise<RunOutcome | undefined> {
  const activity = await startGates(session, label, request, (gates) => {
    const { showPanelOnRun, ...settings } = readSettings();
    const { slots, failure, timeoutMs } = settings;
    const started = session.start({
      ...{ gates, scope: request.scope, label, ...slots, failure, mode: 'parallel' },
      cache: cache ?? settings.cache,
      newOnly: newOnly ?? settings.newOnly,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
    if (started && showPanelOnRun === 'onRun') void panel.show({ kind: 'latest' }, true);
    return started;
  });
  return (await activity?.finished)?.outcome;
}

async function launchVerification({ session, panel }: LauncherOptions, request: LaunchRequest): Promise<RunOutcome | undefined> {
  const activity = await startGates(session, 'Verify Speedup', request, (gates) => {
    const { slots, measure, timeoutMs } = readSettings();
    const started = session.verify({
      ...{ gates, scope: request.scope, ...slots, ...measure },
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
    // Its result is the two timelines, so it is shown.
    if (started) void panel.show({ kind: 'latest' }, true);
    return started;
  });
  return (await activity?.finished)?.outcome;
}

async function launchBatch(
  { session, panel, log }: LauncherOptions,
  { file, measure, plan, ...chosen }: BatchLaunch,
): Promise<RunOutcome | undefined> {
  const label = batchLabel(file, measure);
  if (!mayExecute('batches')) return undefined;
  const activity = await startWhenFree(session, label, async () => {
    const batch = await plan();
    if (!batch) return 'given up';
    const { slots, failure, countTokens, ...settings } = readSettings();
    if (measure) return session.verifyBatch(batch, { ...slots, ...settings.measure, label });
    return session.startBatch({
      ...{ batch, ...slots, label, countTokens, mode: 'parallel', keepAnswers: true },
      failure: chosen.failure ?? failure,
    });
  });
  if (!activity) return undefined;
  // What it answers stands in the panel.
  void panel.show({ kind: 'latest' }, true);
  return endOfBatch(activity, log);
}

async function launchTuning({ session, panel }: LauncherOptions, request: TuneLaunch): Promise<RunOutcome | undefined> {
  if (!mayExecute(request.kind === 'batch' ? 'batches' : 'gates')) return undefined;
  if (request.kind === 'gates' && !(await hasFiles(request.scope))) return undefined;
  const label = tuneLabel(request);
  const activity = await startWhenFree(session, label, async () => {
    const current =
      request.kind === 'gates' && (await saveFiles())
        ? { ...request, gates: asDetected(request.gates, await session.refresh()) }
        : request;
    const wanted = await tuneRequest(current);
    return wanted ? session.tune(wanted, label) : 'given up';
  });
  if (activity) void panel.show({ kind: 'latest' }, true);
  return (await activity?.finished)?.outcome;
}

async function launchInspection({ session, panel, log }: LauncherOptions, scope: Scope): Promise<RunOutcome | undefined> {
  if (!mayExecute('inspections')) return undefined;
  const activity = await startWhenFree(session, 'Inspect Selected Files', async () => {
    const planned = await planInspection(session, scope);
    if (planned.kind !== 'nothing') return session.startInspection(planned);
    void vscode.window.showInformationMessage(planned.message);
    return 'given up';
  });
  if (!activity) return undefined;
  const run = activity.state()?.run;
  if (run !== undefined) void panel.show({ kind: 'inspection', run }, true);
  return endOfBatch(activity, log);
}

/** Whoever waits for a batch does not wait until its end was answered. */
async function endOfBatch(activity: Activity, log: LauncherOptions['log']): Promise<RunOutcome> {
  const end = await activity.finished;
  tellBatchEnd(end).catch((error: unknown) => log.error(`The end of a batch could not be told: ${String(error)}`));
  return end.outcome;
}

async function launchFix(session: Session, { gates, scope }: LaunchRequest): Promise<Fixed | undefined> {
  if (!mayExecute('gates') || !(await hasFiles(scope))) return undefined;
  if (!(await whenFree(session, 'Fix'))) return undefined;
  if (!(await vscode.workspace.saveAll(false))) {
    void vscode.window.showWarningMessage('Not all files could be saved, so nothing was fixed: fixers change files on disk.');
    return undefined;
  }
  const { slots, timeoutMs } = readSettings();
  const onWait = () =>
    void vscode.window.showInformationMessage(
      'Another window or terminal is fixing this folder; this fix begins when that has ended.',
    );
  // What is saved meanwhile is the user's, and no fixer's: an undo must not take it away. Also while the fix is being prepared.
  const early: string[] = [];
  let edited = (file: string): void => void early.push(file);
  const saves = vscode.workspace.onDidSaveTextDocument(({ uri }) => {
    if (uri.scheme === 'file') edited(uri.fsPath);
  });
  try {
    const active = await session.fix({ gates, scope, onWait, ...slots, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
    if (active) {
      edited = (file) => active.edited(file);
      for (const file of early) active.edited(file);
    }
    const fixed = await active?.finished;
    saves.dispose();
    // The session is free once it has seen the end of the run, too.
    await session.activity?.finished;
    return fixed;
  } finally {
    saves.dispose();
  }
}

/**
 * The gates as they are when something is to run: of the files as they are in the editor, and again when the tool of one was missing,
 * since it may have been installed where nobody watches.
 */
export async function detectToRun(session: Session, { save }: { readonly save: boolean }): Promise<Detection> {
  const changed = save && (await saveFiles());
  const known = session.detection;
  const incomplete = known?.gates.some(({ availability }) => availability.kind === 'unavailable') ?? false;
  return changed || incomplete ? session.refresh() : session.detect();
}

/** Saves what is to be saved before a run. Whether a file was among it from which gates are detected. */
async function saveFiles(): Promise<boolean> {
  if (!readSettings().saveBeforeRun) return false;
  const changed = vscode.workspace.textDocuments.some(({ isDirty, uri }) => isDirty && isConfiguration(uri.path));
  await vscode.workspace.saveAll(false);
  return changed;
}

/** The same gates as they are detected now, without those that are gone. */
function asDetected(gates: readonly Gate[], detection: Detection): readonly Gate[] {
  return gates.flatMap(({ id }) => detection.gates.find((gate) => gate.id === id) ?? []);
}

/** Of a large folder the files take a while to be found. */
async function planInspection(session: Session, scope: Scope) {
  const options = { location: vscode.ProgressLocation.Window, title: 'Looking for files to inspect…' };
  return vscode.window.withProgress(options, () => session.engine.planInspection({ scope, slots: readSettings().slots.slots }));
}

/** Restricted Mode executes nothing, whatever called the command. */
function mayExecute(what: 'gates' | 'batches' | 'inspections'): boolean {
  if (vscode.workspace.isTrusted) return true;
  const manage = 'Manage Workspace Trust';
  const why = what === 'inspections' ? 'since git, which they ask, may run programs' : 'since they execute code';
  const text = `Volley does not run ${what} in Restricted Mode, ${why} of the workspace.`;
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
  const text = endText(end);
  if (text === undefined || end.state?.label === WATCH_LABEL) return;
  const measured = end.kind !== 'run';
  if (!measured && readSettings().showPanelOnRun === 'onFailure') await panel.show({ kind: 'latest' }, true);
  if (panel.visible) return;
  const show = 'Show Timing Panel';
  const problems = 'Show Problems';
  const message = measured ? vscode.window.showInformationMessage : vscode.window.showWarningMessage;
  const choice = await message(text, show, ...(measured || end.state?.batch ? [] : [problems]));
  if (choice === show) await panel.show({ kind: 'latest' });
  else if (choice === problems) await vscode.commands.executeCommand('workbench.actions.view.problems');
}

/** What is told about the end; undefined where there is nothing to tell. */
function endText(end: ActivityEnd): string | undefined {
  const { verification, tuning, label, outcome } = end;
  if (tuning) return outcome === 'cancelled' ? undefined : `${label}: ${recommendationText(tuning)}`;
  return verification && outcome !== 'cancelled' ? `${label}: ${verdictText(verification)}` : failureSummary(end);
}

/** One sentence about a run that failed or errored; undefined for every other. */
export function failureSummary({ outcome, state }: ActivityEnd): string | undefined {
  if (outcome === 'passed' || outcome === 'cancelled') return undefined;
  const operations = state?.operations ?? [];
  const noun = state?.batch ? 'operation' : 'gate';
  const failed = operations.filter(({ outcome }) => outcome && effectiveKind(outcome) === 'failed');
  const broken = operations.filter(
    (operation) => operation.outcome?.kind === 'errored' || operation.outcome?.kind === 'timed out',
  );
  const findings = failed.reduce((sum, operation) => sum + operation.findings.length, 0);
  const parts = [
    ...(failed.length > 0
      ? [
          `${failed.length} of ${countText(operations.length, noun)} failed${state?.batch ? '' : ` with ${countText(findings, 'finding')}`}.`,
        ]
      : []),
    ...(broken.length > 0
      ? [`${countText(broken.length, noun)} could not do ${broken.length === 1 ? 'its' : 'their'} work.`]
      : []),
  ];
  const [only] = broken;
  const reason = broken.length === 1 && only?.outcome ? outcomeReason(only.outcome) : undefined;
  if (only && reason !== undefined) parts.push(`${only.name}: ${reason}`);
  return parts.length > 0
    ? `${state?.batch ? state.label : 'Volley'}: ${parts.join(' ')}`
    : 'Volley: the run could not be carried out. The log says why.';
}

/** `Run All Gates`, with the scope when it is not the whole workspace. */
export function labelOf(what: string, scope: Scope): string {
  return scope.kind === 'workspace' ? what : `${what} (${SCOPE_LABELS[scope.kind]})`;
}
