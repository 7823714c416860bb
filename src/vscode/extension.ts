/** Puts the parts together: host → engine → session → views → commands. Reads nothing of the workspace. */
import { performance } from 'node:perf_hooks';
import * as vscode from 'vscode';
import { createEngine } from '../core/engine.js';
import type { Log } from '../core/host.js';
import { createAnalyses } from './analyses.js';
import { askAboutInterrupted } from './batch-end.js';
import { createBatches } from './batches.js';
import { type Choices, createChoices } from './choices.js';
import { registerAnswerDocuments } from './combined-answer.js';
import { registerCommands } from './commands.js';
import { followContext } from './context-keys.js';
import { editorHost } from './editor-host.js';
import { createReportExport } from './export-report.js';
import { createFilesProvider, type FilesProvider, registerFilesView } from './files-view.js';
import { createGatePlans } from './gate-plans.js';
import { createGatesProvider, type GatesProvider, registerGatesView } from './gates-view.js';
import { createLauncher } from './launch.js';
import { createOutputDocuments } from './output-document.js';
import { createProblems } from './problems.js';
import { createRunsProvider, type RunsProvider, registerRunsView } from './runs-view.js';
import { createSession, type Session } from './session.js';
import { readSettings } from './settings.js';
import { createStatusBar } from './status-bar.js';
import { createTimingPanel, type TimingPanel } from './timing-panel.js';
import { watchConfiguration } from './watch.js';
import { createWatching } from './watching.js';

/** What `activate` returns, for tests and benchmarks. */
export interface VolleyApi {
  readonly session: Session;
  readonly choices: Choices;
  readonly gates: GatesProvider;
  readonly files: FilesProvider;
  readonly runs: RunsProvider;
  readonly panel: TimingPanel;
  /** Milliseconds that `activate` took. */
  readonly activationMs: number;
}

let session: Session | undefined;

export function activate(context: vscode.ExtensionContext): VolleyApi {
  const startedAt = performance.now();
  const log = vscode.window.createOutputChannel('Volley', { log: true });
  const host = editorHost(context, log);
  const own = createSession({ createEngine: () => createEngine(host), log, now: host.now });
  session = own;
  const choices = createChoices(context.workspaceState);
  const outputs = createOutputDocuments(own);
  const panel = createTimingPanel({ session: own, outputs, extensionUri: context.extensionUri });
  const launcher = createLauncher({ session: own, panel, log });
  const watching = createWatching(own, log);
  const batches = createBatches(own, log);
  const plans = createGatePlans(own);
  const analyses = createAnalyses(own, log);
  const reports = createReportExport(context, own, panel);
  const gates = createGatesProvider({ session: own, choices });
  const files = createFilesProvider(choices);
  const runs = createRunsProvider(own);
  context.subscriptions.push(
    log,
    own,
    choices,
    outputs,
    panel,
    launcher,
    watching,
    batches,
    plans,
    analyses,
    gates,
    files,
    runs,
    registerGatesView(gates, own),
    registerFilesView(files),
    registerRunsView(runs, own),
    registerAnswerDocuments(own),
    createProblems(own),
    createStatusBar(own, watching),
    followContext(own, choices, watching),
    watchConfiguration(own),
    registerCommands({ session: own, choices, launcher, watching, batches, plans, analyses, panel, outputs, reports, log }),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (['slots', 'mostSlots'].some((key) => change.affectsConfiguration(`volley.${key}`)))
        own.activity?.setSlots(readSettings().slots);
    }),
  );
  // In a later turn: activation reads nothing.
  const asking = setTimeout(() => askSoon(own, log));
  context.subscriptions.push(
    { dispose: () => clearTimeout(asking) },
    vscode.workspace.onDidGrantWorkspaceTrust(() => askSoon(own, log)),
  );
  const activationMs = performance.now() - startedAt;
  log.debug(`Activated in ${activationMs.toFixed(1)} ms.`);
  return { session: own, choices, gates, files, runs, panel, activationMs };
}

/** What a killed editor left half done is asked about when it opens the folder again. */
function askSoon({ engine }: Session, log: Pick<Log, 'error'>): void {
  if (!vscode.workspace.isTrusted || !vscode.workspace.workspaceFolders?.length) return;
  askAboutInterrupted(engine).catch((error: unknown) =>
    log.error(`What was cut short could not be asked about: ${String(error)}`),
  );
}

/** Ends what runs. The editor waits up to five seconds for it. */
export async function deactivate(): Promise<void> {
  await session?.close();
}
