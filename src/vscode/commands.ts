/** Every command: a table from its name to what it does. What is in no table does not exist. */
import * as vscode from 'vscode';
import type { Gate } from '../core/gate-model.js';
import { faultText } from '../core/messages.js';
import type { FailureMode, GateId, OperationId, RunId, RunOutcome, Scope, VerificationId } from '../core/model.js';
import { SCOPES, type ScopeKind } from '../core/model.js';
import { FILE_TOOLS, type TuningId } from '../core/tuning-model.js';
import type { Analyses } from './analyses.js';
import type { Batches } from './batches.js';
import { type Choices, scopeOf } from './choices.js';
import { answeredRun, copyCombinedAnswer, openCombinedAnswer } from './combined-answer.js';
import { runsToCompare } from './compare-runs.js';
import { createConfiguration } from './configuration.js';
import { exportReport, type ReportExport } from './export-report.js';
import { chooseFailureMode, pickFailureMode } from './failure-mode.js';
import { addWithMessage, type FilesNode } from './files-view.js';
import { fixGates, undoFix } from './fix.js';
import type { GatePlans } from './gate-plans.js';
import { failedGates, type GatesNode, isAvailable, outputOf } from './gates-view.js';
import { askScope, scopeOfSelection } from './inspect.js';
import { detectToRun, type Launcher, labelOf, type RunChoices } from './launch.js';
import { COMMANDS, type CommandId } from './names.js';
import { newBatch } from './new-batch.js';
import type { OutputDocuments } from './output-document.js';
import { pickFileTool, pickGates, pickGateThatRan, pickScope } from './pick.js';
import type { RunsNode } from './runs-view.js';
import type { Session } from './session.js';
import type { TimingPanel } from './timing-panel.js';
import type { Watching } from './watching.js';

export interface CommandOptions {
  readonly session: Session;
  readonly choices: Choices;
  readonly launcher: Launcher;
  readonly watching: Watching;
  readonly batches: Batches;
  readonly plans: GatePlans;
  readonly analyses: Analyses;
  readonly panel: TimingPanel;
  readonly outputs: OutputDocuments;
  readonly reports: ReportExport;
  readonly log: vscode.LogOutputChannel;
}

/** Arguments come from menus, key bindings and other extensions: each handler checks its own. */
export type Handler = (...args: unknown[]) => unknown;

/** Registers all commands. A defect in one is logged and shown, never lost. */
export function registerCommands(options: CommandOptions): vscode.Disposable {
  const { log } = options;
  const handlers = handlersOf(options);
  const guarded = (id: CommandId): Handler => {
    return async (...args) => {
      try {
        return await handlers[id](...args);
      } catch (error) {
        log.error(`${id}: ${faultText(error)}`);
        const message = `Volley failed at this: ${error instanceof Error ? error.message : String(error)}`;
        void vscode.window.showErrorMessage(message, 'Show Log').then((choice) => choice && log.show());
        return undefined;
      }
    };
  };
  return vscode.Disposable.from(...COMMANDS.map((id) => vscode.commands.registerCommand(id, guarded(id))));
}

/** What each command does. */
export function handlersOf(options: CommandOptions): Readonly<Record<CommandId, Handler>> {
  return {
    ...runHandlers(options),
    ...planHandlers(options),
    ...changeHandlers(options),
    ...batchHandlers(options),
    ...analysisHandlers(options),
    ...fileHandlers(options),
    ...showHandlers(options),
  };
}

type RunCommand =
  | 'volley.runAll'
  | 'volley.runGates'
  | 'volley.runChecked'
  | 'volley.runSelected'
  | 'volley.runChanged'
  | 'volley.runNew'
  | 'volley.rerunFailed'
  | 'volley.runGate'
  | 'volley.runGateAnyway'
  | 'volley.verify'
  | 'volley.tune'
  | 'volley.cancel'
  | 'volley.cancelGate'
  | 'volley.refresh';

function runHandlers({ session, choices, launcher }: CommandOptions): Readonly<Record<RunCommand, Handler>> {
  const currentScope = () => scopeOf(choices.scope, choices);
  const available = (save = true) => availableGates(session, save);
  const checked = async () => (await available())?.filter(({ id }) => choices.isChecked(id));
  const run = async (
    gates: readonly Gate[] | undefined,
    scope: Scope,
    label: string,
    none: string,
    choice: RunChoices = {},
  ): Promise<RunOutcome | undefined> => {
    if (!gates) return undefined;
    if (gates.length > 0) return launcher.run({ gates, scope, label: labelOf(label, scope), ...choice });
    void vscode.window.showInformationMessage(none);
    return undefined;
  };
  const runRow = async (row: unknown, choice?: RunChoices) => {
    const gates = gatesOf(row, (await available()) ?? []);
    const label = gates.length === 1 ? (gates[0]?.name ?? '') : 'Run Gates';
    return run(gates, currentScope(), label, 'This gate is not available. Refresh the gates, or install its tool.', choice);
  };
  return {
    'volley.runAll': async () => run(await available(), currentScope(), 'Run All Gates', NO_GATES),
    'volley.runGates': async () => {
      // Whoever dismisses the pick did not want anything saved.
      const gates = await available(false);
      if (!gates || gates.length === 0) return run(gates, currentScope(), 'Run Gates', NO_GATES);
      const picked = await pickGates(gates, choices);
      return run(
        picked,
        currentScope(),
        picked?.length === 1 ? (picked[0]?.name ?? '') : 'Run Gates',
        'No gate was picked, so nothing runs.',
      );
    },
    'volley.runChecked': async () => run(await checked(), currentScope(), 'Run Checked Gates', NONE_CHECKED),
    'volley.runSelected': async (clicked, selected) =>
      run(await checked(), selectedScope(clicked, selected, choices), 'Run Gates', NONE_CHECKED),
    'volley.runChanged': async () => run(await checked(), { kind: 'changed' }, 'Run Gates', NONE_CHECKED),
    'volley.runNew': async () => run(await checked(), currentScope(), 'Run Gates', NONE_CHECKED, { newOnly: true }),
    'volley.rerunFailed': async () => {
      if (!(await available())) return undefined;
      await session.restored();
      // Whoever asks for it again does not want to be told what is known: it may pass this time.
      return run(failedGates(session), currentScope(), 'Re-run Failed Gates', 'No gate failed in its last run.', {
        cache: false,
      });
    },
    'volley.runGate': (row) => runRow(row),
    'volley.runGateAnyway': (row) => runRow(row, { cache: false }),
    'volley.verify': async () => {
      const gates = await checked();
      if (gates && gates.length > 0) return launcher.verify({ gates, scope: currentScope() });
      return run(gates, currentScope(), 'Verify Speedup', NONE_CHECKED);
    },
    'volley.tune': async () => {
      const gates = await checked();
      if (gates && gates.length > 0) return launcher.tune({ kind: 'gates', gates, scope: currentScope() });
      return run(gates, currentScope(), 'Tune Concurrency', NONE_CHECKED);
    },
    'volley.cancel': () => session.cancel(),
    'volley.cancelGate': (row) => {
      const id = gateId(row);
      if (id === undefined) return undefined;
      const { activity } = session;
      if (!activity || activity.kind === 'run') return session.cancel(id);
      void vscode.window.showInformationMessage(
        `${activity.label} measures all its gates together. Cancel Run stops it as a whole.`,
      );
      return undefined;
    },
    'volley.refresh': () => (vscode.workspace.isTrusted ? session.refresh().then(() => undefined) : undefined),
  };
}

/** It executes nothing. */
function planHandlers({ session, choices, plans }: CommandOptions): Readonly<Record<'volley.explainGates', Handler>> {
  return {
    'volley.explainGates': async () => {
      if (!isTrusted('Volley plans no gates in Restricted Mode. Trust the workspace first.')) return;
      // With those that cannot run: the plan says why.
      const { gates } = await detectToRun(session, { save: false });
      const wanted = gates.filter(({ id }) => choices.isChecked(id));
      if (wanted.length > 0) await plans.explain(wanted, scopeOf(choices.scope, choices));
      else void vscode.window.showInformationMessage(gates.length > 0 ? NONE_CHECKED : NO_GATES);
    },
  };
}

type ChangeCommand =
  | 'volley.watch'
  | 'volley.stopWatching'
  | 'volley.fix'
  | 'volley.fixGate'
  | 'volley.undoFix'
  | 'volley.createConfiguration';

function changeHandlers({ session, choices, launcher, watching }: CommandOptions): Readonly<Record<ChangeCommand, Handler>> {
  const checked = async () => (await availableGates(session, true))?.filter(({ id }) => choices.isChecked(id));
  const fix = async (gates: readonly Gate[] | undefined) => {
    if (gates) await fixGates(session, launcher, gates, scopeOf(choices.scope, choices));
  };
  return {
    'volley.watch': async () => {
      const gates = await checked();
      if (gates && gates.length > 0) await watching.start(gates);
      else if (gates) void vscode.window.showInformationMessage(NONE_CHECKED);
    },
    'volley.stopWatching': () => watching.stop(),
    'volley.createConfiguration': async () => {
      if (await availableGates(session, false)) await createConfiguration(session);
    },
    'volley.fix': async () => fix(await checked()),
    'volley.fixGate': async (row) => fix(gatesOf(row, (await availableGates(session, true)) ?? [])),
    'volley.undoFix': async () => {
      if (isTrusted('In Restricted Mode no fixers run, so there is nothing to undo.')) await undoFix(session, new Date());
    },
  };
}

type BatchCommand =
  | 'volley.newBatch'
  | 'volley.runBatch'
  | 'volley.runBatchWith'
  | 'volley.verifyBatch'
  | 'volley.tuneBatch'
  | 'volley.tuneFiles'
  | 'volley.explainBatch'
  | 'volley.openCombinedAnswer'
  | 'volley.copyCombinedAnswer'
  | 'volley.chooseFailureMode';

function batchHandlers({ session, launcher, batches }: CommandOptions): Readonly<Record<BatchCommand, Handler>> {
  const batchIn = async (clicked: unknown): Promise<vscode.Uri | undefined> => {
    const uri = clicked instanceof vscode.Uri ? clicked : activeFile();
    if (uri && /\.batch\.jsonc?$/.test(uri.path)) return uri;
    void vscode.window.showInformationMessage('Open a batch file first: its name ends with .batch.jsonc.');
    return undefined;
  };
  const launch = async (clicked: unknown, measure: boolean, failure?: FailureMode) => {
    const uri = await batchIn(clicked);
    if (!uri) return undefined;
    const chosen = failure === undefined ? {} : { failure };
    return launcher.batch({ file: vscode.workspace.asRelativePath(uri), measure, ...chosen, plan: () => batches.planToRun(uri) });
  };
  return {
    'volley.newBatch': async (template) => {
      if (isTrusted('Volley writes no files in Restricted Mode. Trust the workspace first.')) await newBatch(session, template);
    },
    'volley.runBatch': (clicked) => launch(clicked, false),
    'volley.runBatchWith': async (clicked) => {
      const uri = await batchIn(clicked);
      const failure = uri && (await pickFailureMode('Volley: Run Batch'));
      return failure && launch(uri, false, failure);
    },
    'volley.openCombinedAnswer': (target) => openCombinedAnswer(session, answeredRun(target)),
    'volley.copyCombinedAnswer': (target) => copyCombinedAnswer(session, answeredRun(target)),
    'volley.chooseFailureMode': () => chooseFailureMode(),
    'volley.verifyBatch': (clicked) => launch(clicked, true),
    'volley.tuneBatch': async (clicked) => {
      const uri = await batchIn(clicked);
      if (!uri) return undefined;
      return launcher.tune({ kind: 'batch', file: vscode.workspace.asRelativePath(uri), plan: () => batches.planToRun(uri) });
    },
    'volley.tuneFiles': async (wanted) => {
      const tool = FILE_TOOLS.find((each) => each === wanted) ?? (await pickFileTool());
      return tool && launcher.tune({ kind: 'files', tool });
    },
    'volley.explainBatch': async (clicked) => {
      const uri = await batchIn(clicked);
      if (uri) await batches.explain(uri);
    },
  };
}

type AnalysisCommand = 'volley.analyse' | 'volley.openAnalysedBatch' | 'volley.saveReport';

/** They execute nothing, so that they work in Restricted Mode, too. */
function analysisHandlers({ analyses }: CommandOptions): Readonly<Record<AnalysisCommand, Handler>> {
  return {
    'volley.analyse': (clicked) => analyses.analyse(clicked),
    'volley.openAnalysedBatch': () => analyses.openBatch(),
    'volley.saveReport': () => analyses.saveReport(),
  };
}

const NO_GATES = 'Volley found no gate that can run here. The Gates view says what is missing.';
const NONE_CHECKED = 'No gate is checked. Check gates in the Gates view.';

/** Undefined where nothing may be executed; the launcher is not asked then, so that nothing is read either. */
async function availableGates(session: Session, save: boolean): Promise<readonly Gate[] | undefined> {
  if (!isTrusted('Volley does not run gates in Restricted Mode. Trust the workspace first.')) return undefined;
  if (!vscode.workspace.workspaceFolders?.length) {
    void vscode.window.showInformationMessage('Open a folder first: Volley runs the gates of a folder.');
    return undefined;
  }
  return (await detectToRun(session, { save })).gates.filter(isAvailable);
}

function isTrusted(otherwise: string): boolean {
  if (!vscode.workspace.isTrusted) void vscode.window.showWarningMessage(otherwise);
  return vscode.workspace.isTrusted;
}

type FileCommand =
  | 'volley.setScope'
  | 'volley.addFiles'
  | 'volley.clearFiles'
  | 'volley.removeFile'
  | 'volley.inspectSelected'
  | 'volley.inspectScope';

function fileHandlers({ choices, launcher }: CommandOptions): Readonly<Record<FileCommand, Handler>> {
  return {
    'volley.setScope': async (value) => {
      const scope = SCOPES.find((kind) => kind === value) ?? (value === undefined ? await pickScope(choices.scope) : undefined);
      if (scope !== undefined) choices.setScope(scope);
    },
    'volley.addFiles': async (clicked, selected) => {
      const uris = urisOf(clicked, selected);
      const active = activeFile();
      if (uris.length > 0) await addWithMessage(choices, uris);
      else if (active) await addWithMessage(choices, [active]);
      else void vscode.window.showInformationMessage('Open a file first, or add files from the Explorer.');
    },
    'volley.inspectSelected': async (clicked, selected) => {
      const scope = scopeOfSelection(clicked, selected, choices) ?? (await askScope(choices));
      return scope && launcher.inspect(scope);
    },
    // In the title of the view nothing is handed over: there it is about what the next run is about.
    'volley.inspectScope': (row) =>
      launcher.inspect(scopeOfSelection(row, undefined, choices) ?? scopeOf(choices.scope, choices)),
    'volley.clearFiles': () => choices.removeFiles(choices.files.map((file) => file.path)),
    'volley.removeFile': (row, rows) => {
      const nodes = (Array.isArray(rows) && rows.length > 0 ? rows : [row]) as (FilesNode | undefined)[];
      choices.removeFiles(nodes.flatMap((node) => (node?.kind === 'file' ? [node.file.path] : [])));
    },
  };
}

type ShowCommand =
  | 'volley.showTimingPanel'
  | 'volley.showTrends'
  | 'volley.compareRuns'
  | 'volley.showOutput'
  | 'volley.showLog'
  | 'volley.openRun'
  | 'volley.exportReport';

function showHandlers({ session, panel, outputs, reports, log }: CommandOptions): Readonly<Record<ShowCommand, Handler>> {
  return {
    'volley.showTimingPanel': () => panel.show(),
    'volley.showTrends': () => panel.show({ kind: 'trends' }),
    'volley.compareRuns': async (row, rows) => {
      const runs = await runsToCompare(session, row, rows);
      if (runs) await panel.show({ kind: 'comparison', ...runs });
    },
    'volley.showLog': () => log.show(),
    'volley.exportReport': async (row) => {
      if (isTrusted('In Restricted Mode no gates run, so there is no run to export. Trust the workspace first.'))
        await exportReport(reports, row);
    },
    'volley.openRun': (target) => {
      const { run, verification, inspection, tuning } = (target ?? {}) as {
        tuning?: TuningId;
        run?: RunId;
        verification?: VerificationId;
        inspection?: RunId;
      };
      if (inspection !== undefined) return panel.show({ kind: 'inspection', run: inspection });
      if (tuning !== undefined) return panel.show({ kind: 'tuning', tuning });
      if (run !== undefined) return panel.show({ kind: 'run', run });
      return panel.show(verification === undefined ? { kind: 'latest' } : { kind: 'verification', verification });
    },
    'volley.showOutput': async (row) => {
      if (!isTrusted('In Restricted Mode no gates run, so there is no output to show. Trust the workspace first.')) return;
      const past = pastOperation(row);
      if (past) return void (await outputs.open(past.run, past.operation, past.name));
      const id = gateId(row);
      const gate =
        id === undefined ? await pickGateThatRan(session) : session.detection?.gates.find((candidate) => candidate.id === id);
      if (!gate) return;
      const output = outputOf(session, gate.id);
      if (output) await outputs.open(output.run, output.operation.id, gate.name);
      else void vscode.window.showInformationMessage(`${gate.name} has not run yet, so it has no output.`);
    },
  };
}

/** The gates of a row of the Gates view, or the gate with that id. */
function gatesOf(row: unknown, available: readonly Gate[]): readonly Gate[] {
  const node = row as GatesNode | undefined;
  const ids = node?.kind === 'category' ? node.gates.map(({ gate }) => gate.id) : [gateId(row)];
  return available.filter((gate) => ids.includes(gate.id));
}

function gateId(row: unknown): GateId | undefined {
  if (typeof row === 'string') return row as GateId;
  const node = row as GatesNode | undefined;
  return node?.kind === 'gate' ? node.gate.id : undefined;
}

function pastOperation(
  row: unknown,
): { readonly run: RunId; readonly operation: OperationId; readonly name: string } | undefined {
  const node = row as RunsNode | undefined;
  if (node?.kind !== 'timing' || !node.node.operation) return undefined;
  return { run: node.run, operation: node.node.operation.id, name: node.node.label };
}

/** From the Explorer what was clicked, else what is selected in the Files view, else the file in the active editor. */
function selectedScope(clicked: unknown, selected: unknown, choices: Choices): Scope & { kind: ScopeKind } {
  const uris = urisOf(clicked, selected);
  if (uris.length > 0) return { kind: 'selected', files: uris.map((uri) => uri.fsPath) };
  const chosen = scopeOf('selected', choices);
  const active = activeFile();
  return 'files' in chosen && chosen.files.length === 0 && active ? { kind: 'selected', files: [active.fsPath] } : chosen;
}

/** Menus hand over the clicked resource, and all selected ones when it is one of them. */
function urisOf(clicked: unknown, selected: unknown): readonly vscode.Uri[] {
  const all: readonly unknown[] = Array.isArray(selected) && selected.length > 0 ? selected : [clicked];
  return all.filter((uri) => uri instanceof vscode.Uri).filter((uri) => uri.scheme === 'file');
}

function activeFile(): vscode.Uri | undefined {
  const uri = vscode.window.activeTextEditor?.document.uri;
  return uri?.scheme === 'file' ? uri : undefined;
}
