/** The Runs view: what goes on and past runs and verifications, newest first, each expandable to its timing tree. */
import * as vscode from 'vscode';
import type { VerificationProgress } from '../core/engine.js';
import type { HistoryEntry, TimingNode, Verification } from '../core/measured.js';
import { againstPredictionText, countText, durationText, outcomeText, ratioText } from '../core/messages.js';
import { PHASES, type RunId, type RunState, type VerificationId } from '../core/model.js';
import { timing } from '../core/timing.js';
import type { Tuning, TuningId } from '../core/tuning-model.js';
import { numberText, recommendationText } from '../core/tuning-text.js';
import { verdictText } from '../core/verification-text.js';
import { operationIcon, outcomeIcon } from './icons.js';
import { batchFileOf, batchLabel, VIEWS } from './names.js';
import type { Change, Session } from './session.js';
import { followTimeSaved } from './time-saved.js';
import { tuneLabel } from './tuning.js';

export type RunsNode =
  | { readonly kind: 'live' }
  /** `counted` is false for a run of a verification that is none of its trials: it warmed up, or was cancelled. */
  | { readonly kind: 'run'; readonly entry: HistoryEntry; readonly counted: boolean }
  /** `runs` in the order in which they ran. */
  | { readonly kind: 'verification'; readonly id: VerificationId; readonly runs: readonly HistoryEntry[] }
  | { readonly kind: 'tuning'; readonly tuning: Tuning }
  | { readonly kind: 'timing'; readonly run: RunId; readonly node: TimingNode };

export interface RunsProvider extends vscode.TreeDataProvider<RunsNode>, vscode.Disposable {}

export function createRunsProvider(session: Session): RunsProvider {
  const changed = new vscode.EventEmitter<RunsNode | undefined>();
  const live: RunsNode = { kind: 'live' };
  const onChange = (change: Change) => {
    if (change.activity || change.history) changed.fire(undefined);
    else if (change.operations.size > 0 && session.activity) changed.fire(live);
  };
  const subscriptions = [
    session.onDidChange(onChange),
    vscode.workspace.onDidGrantWorkspaceTrust(() => changed.fire(undefined)),
    vscode.workspace.onDidChangeWorkspaceFolders(() => changed.fire(undefined)),
  ];
  const lookUp = createLookUp(session);
  const roots = async (): Promise<RunsNode[]> => {
    if (!vscode.workspace.isTrusted || !vscode.workspace.workspaceFolders?.length) return [];
    const entries = await session.history();
    const { activity } = session;
    const past = nodesOf(entries, activity?.progress()?.verification.id, activity?.state()?.run);
    const tunings = await session.engine.tunings();
    return [...(activity ? [live] : []), ...byTime(past, tunings)];
  };
  return {
    onDidChangeTreeData: changed.event,
    getChildren: (node) => (node ? childrenOf(node, session, lookUp) : roots()),
    getTreeItem: (node) => itemOf(node, session, lookUp),
    dispose: () => vscode.Disposable.from(changed, ...subscriptions).dispose(),
  };
}

export function registerRunsView(provider: RunsProvider, session: Session): vscode.Disposable {
  const view = vscode.window.createTreeView<RunsNode>(VIEWS.runs, {
    treeDataProvider: provider,
    showCollapseAll: true,
    canSelectMany: true,
  });
  return vscode.Disposable.from(view, followTimeSaved(view, session));
}

type LookUp = (id: VerificationId) => Promise<Verification | undefined>;

/** Reads each verification when its row is drawn, and keeps it: once it is over it never changes. */
function createLookUp(session: Session): LookUp {
  const known = new Map<VerificationId, Verification>();
  return async (id) => {
    // One that cannot be read must not cost the view its other rows.
    const verification = known.get(id) ?? (await session.engine.verification(id).catch(() => undefined));
    if (verification) known.set(id, verification);
    return verification;
  };
}

/** Trials of a verification become one row, in the place of the newest of them. What goes on has its own row. */
function nodesOf(
  entries: readonly HistoryEntry[],
  liveVerification: VerificationId | undefined,
  liveRun: RunId | undefined,
): readonly RunsNode[] {
  const nodes: RunsNode[] = [];
  const seen = new Set<VerificationId>();
  for (const entry of entries) {
    const id = entry.verification;
    if (id === undefined) {
      if (entry.run !== liveRun) nodes.push({ kind: 'run', entry, counted: true });
    } else if (id !== liveVerification && !seen.has(id)) {
      seen.add(id);
      nodes.push({ kind: 'verification', id, runs: entries.filter((other) => other.verification === id).reverse() });
    }
  }
  return nodes;
}

/** Tunings among the runs, by when they started: ids begin with it. */
function byTime(past: readonly RunsNode[], tunings: readonly Tuning[]): readonly RunsNode[] {
  const rest = tunings.map((tuning): RunsNode => ({ kind: 'tuning', tuning }));
  const startOf = (node: RunsNode) =>
    node.kind === 'run' ? node.entry.startedAt : node.kind === 'verification' ? (node.runs[0]?.startedAt ?? '') : '';
  const nodes: RunsNode[] = [];
  for (const node of past) {
    while (rest[0]?.kind === 'tuning' && rest[0].tuning.startedAt > startOf(node)) nodes.push(...rest.splice(0, 1));
    nodes.push(node);
  }
  return [...nodes, ...rest];
}

async function childrenOf(node: RunsNode, session: Session, lookUp: LookUp): Promise<RunsNode[]> {
  switch (node.kind) {
    case 'live':
      return timingRows(session.activity?.state(), session.activity?.now());
    case 'run':
      return timingRows(await session.engine.loadRun(node.entry.run));
    case 'tuning':
      return [];
    case 'verification':
      return runsOf(node.runs, await lookUp(node.id));
    case 'timing':
      return node.node.children.map((child) => ({ kind: 'timing', run: node.run, node: child }));
    default:
      return node satisfies never;
  }
}

/** All runs of a verification: nothing is hidden, but only its trials are called so. */
function runsOf(runs: readonly HistoryEntry[], verification: Verification | undefined): RunsNode[] {
  const trials = verification && new Set(verification.trials.map(({ run }) => run));
  return runs.map((entry) => ({ kind: 'run', entry, counted: trials?.has(entry.run) ?? true }));
}

function timingRows(state: RunState | undefined, now?: number): RunsNode[] {
  return state ? timing(state, now).tree.children.map((node) => ({ kind: 'timing', run: state.run, node })) : [];
}

function itemOf(node: RunsNode, session: Session, lookUp: LookUp): vscode.TreeItem | Promise<vscode.TreeItem> {
  switch (node.kind) {
    case 'live':
      return liveItem(session);
    case 'run':
      return runItem(node.entry, node.counted);
    case 'tuning':
      return tuningItem(node.tuning);
    case 'verification':
      return lookUp(node.id).then((verification) => verificationItem(node.id, node.runs, verification));
    case 'timing':
      return timingItem(node.run, node.node);
    default:
      return node satisfies never;
  }
}

function liveItem({ activity }: Session): vscode.TreeItem {
  const item = new vscode.TreeItem(activity?.label ?? 'Run', vscode.TreeItemCollapsibleState.Collapsed);
  const operations = activity?.state()?.operations ?? [];
  const progress = activity?.progress();
  item.id = liveId(activity);
  item.iconPath = new vscode.ThemeIcon('loading~spin', new vscode.ThemeColor('charts.blue'));
  const done = `${operations.filter(({ outcome }) => outcome).length} of ${operations.length} done`;
  const trials = progress ?? activity?.tuning();
  item.description = activity?.cancelling ? 'cancelling…' : trials ? `${trialText(trials)} · ${done}` : done;
  item.contextValue = 'live';
  item.command = openCommand();
  return item;
}

/** The id that its row will have when it has ended, so that it stays expanded. */
function liveId(activity: Session['activity']): string {
  const verification = activity?.progress()?.verification.id;
  if (verification !== undefined) return `verification:${verification}`;
  const run = activity?.state()?.run;
  return run === undefined ? 'live' : `run:${run}`;
}

/** Where a verification is: `trial 2 of 6`. */
export function trialText({ trial, of }: Pick<VerificationProgress, 'trial' | 'of'>): string {
  return trial === 0 ? 'warm-up, not counted' : `trial ${trial} of ${of}`;
}

function runItem(entry: HistoryEntry, counted: boolean): vscode.TreeItem {
  const item = new vscode.TreeItem(entry.label, vscode.TreeItemCollapsibleState.Collapsed);
  const outcome = entry.outcome ?? 'errored';
  const predicted = againstPredictionText(entry);
  item.id = `run:${entry.run}`;
  item.iconPath = outcomeIcon(outcome);
  const parts = [
    ...(counted ? [] : ['not counted']),
    outcomeText(outcome),
    durationText(entry.makespanMs),
    ...(predicted === undefined ? [] : [`predicted about ${durationText(entry.predictedMs ?? 0)}`]),
    ...(entry.findings > 0 ? [countText(entry.findings, entry.newOnly ? 'new finding' : 'finding')] : []),
    ...(entry.newOnly ? ['new only'] : []),
    timeText(entry.startedAt),
  ];
  item.description = parts.join(' · ');
  const mode = entry.mode === 'sequential' ? 'one after another' : 'in parallel';
  const findings = entry.batch ? '' : `, ${countText(entry.findings, 'finding')}`;
  item.tooltip = `${entry.label}: ${outcomeText(outcome)}\n${countText(entry.operations, entry.batch ? 'operation' : 'gate')} ${mode} in ${durationText(entry.makespanMs)}${findings}${predictedLine(entry)}\n${new Date(entry.startedAt).toLocaleString()}`;
  item.contextValue = entry.inspection ? 'run inspection' : hasAnswers(entry) ? 'run batch' : 'run';
  item.command = openCommand(entry.inspection ? { inspection: entry.run } : { run: entry.run });
  return item;
}

/** What was predicted before it began, and what came of it: an estimate, called one. Empty where nothing was predicted. */
function predictedLine(entry: HistoryEntry): string {
  const against = againstPredictionText(entry);
  if (against === undefined) return '';
  const [low, high] = entry.predictedBetweenMs ?? [];
  const between =
    low === undefined || high === undefined
      ? ''
      : `; four of five such runs were expected to take ${durationText(low)} to ${durationText(high)}`;
  return `\n${capital(against)}${between} (an estimate from earlier runs)`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Of a trial none are kept. */
function hasAnswers({ batch, inspection, verification }: HistoryEntry): boolean {
  return batch === true && inspection !== true && verification === undefined;
}

function verificationItem(
  id: VerificationId,
  runs: readonly HistoryEntry[],
  verification: Verification | undefined,
): vscode.TreeItem {
  const batch = runs[0]?.batch ? batchFileOf(runs[0].label) : undefined;
  const label = batch === undefined ? 'Verify Speedup' : batchLabel(batch, true);
  const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.Collapsed);
  const ratio = verification?.ratio === undefined ? [] : [ratioText(verification.ratio)];
  const started = verification?.startedAt ?? runs[0]?.startedAt;
  item.id = `verification:${id}`;
  item.iconPath = new vscode.ThemeIcon('beaker');
  item.description = [
    verification?.verdict ?? 'not completed',
    ...ratio,
    ...(started === undefined ? [] : [timeText(started)]),
  ].join(' · ');
  item.tooltip = verification ? verdictText(verification) : 'It ended before its last trial.';
  item.contextValue = 'verification';
  if (verification) item.command = openCommand({ verification: id });
  return item;
}

function tuningItem(tuning: Tuning): vscode.TreeItem {
  const { subject, recommended, id, startedAt } = tuning;
  const item = new vscode.TreeItem(tuneLabel(subject), vscode.TreeItemCollapsibleState.None);
  item.id = `tuning:${id}`;
  item.iconPath = new vscode.ThemeIcon('settings');
  const found = recommended === undefined ? 'no recommendation' : numberText(subject, recommended);
  item.description = [found, timeText(startedAt)].join(' · ');
  item.tooltip = recommendationText(tuning);
  item.contextValue = 'tuning';
  item.command = openCommand({ tuning: id });
  return item;
}

function timingItem(run: RunId, node: TimingNode): vscode.TreeItem {
  const { operation } = node;
  const item = new vscode.TreeItem(
    node.label,
    node.children.length > 0 ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.None,
  );
  item.id = `${run}:${node.id}`;
  const ran = node.spans.running > 0 ? [durationText(node.spans.running)] : [];
  const waits = PHASES.filter((phase) => phase !== 'running' && node.spans[phase] >= 1).map(
    (phase) => `${phase} ${durationText(node.spans[phase])}`,
  );
  const findings = node.findings > 0 ? [countText(node.findings, 'finding')] : [];
  if (!operation) {
    item.description = [...ran, ...findings].join(' · ');
    return item;
  }
  const outcome = operation.outcome ? [outcomeText(operation.outcome)] : [operation.phase];
  const critical = node.critical ? ['critical path'] : [];
  item.iconPath = operationIcon(operation);
  item.description = [...outcome, ...ran, ...waits, ...findings, ...critical].join(' · ');
  item.contextValue = operation.segments.some(({ phase }) => phase === 'running') ? 'operation ran' : 'operation';
  return item;
}

type Openable =
  | { readonly run: RunId }
  | { readonly verification: VerificationId }
  | { readonly inspection: RunId }
  | { readonly tuning: TuningId };

function openCommand(target?: Openable): vscode.Command {
  return { command: 'volley.openRun', title: 'Show in the Timing Panel', arguments: target ? [target] : [] };
}

/** The time of day for today, else the date with it. */
function timeText(iso: string): string {
  const date = new Date(iso);
  const time = date.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  return date.toDateString() === new Date().toDateString() ? time : `${date.toLocaleDateString()} ${time}`;
}
