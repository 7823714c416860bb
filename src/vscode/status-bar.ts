/** The status bar item: what goes on, or how the gates stand. It opens the timing panel. */
import * as vscode from 'vscode';
import type { AgentInstance } from '../core/engine.js';
import { countText, durationText, outcomeText, remainingText } from '../core/messages.js';
import { didNotPass, effectiveKind } from '../core/parts.js';
import { failedGates, isAvailable } from './gates-view.js';
import { trialText } from './runs-view.js';
import type { Activity, Session } from './session.js';
import type { Watching } from './watching.js';

/** What the item shows; absent while there is nothing to say. */
export interface StatusText {
  readonly text: string;
  readonly tooltip: string;
  readonly background?: 'error' | 'warning';
}

/** Hidden until gates were detected or something ran. */
export function createStatusBar(session: Session, watching: Watching): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('volley.status', vscode.StatusBarAlignment.Left, 50);
  item.name = 'Volley';
  item.command = 'volley.showTimingPanel';
  const update = () => {
    const status = statusOf(session, watching.active);
    if (!status) return item.hide();
    item.text = status.text;
    item.tooltip = status.tooltip;
    item.backgroundColor = status.background && new vscode.ThemeColor(`statusBarItem.${status.background}Background`);
    item.accessibilityInformation = { label: status.tooltip.replaceAll('\n', '. '), role: 'button' };
    item.show();
  };
  return vscode.Disposable.from(item, session.onDidChange(update), watching.onDidChange(update));
}

/** The text for the session as it is. */
export function statusOf(session: Session, watching = false): StatusText | undefined {
  const status = standing(session);
  if (!watching || !status) return status;
  return { ...status, text: `${status.text} $(eye)`, tooltip: `Watching: gates run again when files change\n${status.tooltip}` };
}

function standing(session: Session): StatusText | undefined {
  if (session.activity) return activeText(session.activity, session.engine.agents());
  const available = session.detection?.gates.filter(isAvailable) ?? [];
  if (available.length === 0) return undefined;
  const failed = failedGates(session);
  const kinds = available
    .map(({ id }) => session.last(id)?.operation.outcome)
    .map((outcome) => outcome && effectiveKind(outcome));
  const passed = kinds.filter((kind) => kind === 'passed').length;
  const tooltip = `Volley: ${countText(available.length, 'gate')}, ${passed} passed, ${failed.length} did not pass\nClick for the timing panel`;
  if (failed.length > 0) {
    const found = kinds.filter((kind) => kind === 'failed').length;
    const late = kinds.filter((kind) => kind === 'timed out').length;
    const broken = failed.length - found - late;
    const parts = [
      ...(found > 0 ? [`${found} failed`] : []),
      ...(broken > 0 ? [`${broken} errored`] : []),
      ...(late > 0 ? [`${late} timed out`] : []),
    ];
    return { text: `$(error) Volley ${parts.join(' · ')}`, tooltip, background: found > 0 ? 'error' : 'warning' };
  }
  if (passed === available.length) return { text: `$(pass) Volley ${passed} passed`, tooltip };
  return { text: `$(checklist) Volley ${countText(available.length, 'gate')}`, tooltip };
}

function activeText(activity: Activity, agents: readonly AgentInstance[]): StatusText {
  const state = activity.state();
  const operations = state?.operations ?? [];
  const noun = state?.batch ? 'operation' : 'gate';
  const done = operations.filter(({ outcome }) => outcome).length;
  const failed = operations.filter(({ outcome }) => didNotPass(outcome)).length;
  const elapsed = elapsedText(activity.elapsedMs());
  if (activity.cancelling) return { text: '$(sync~spin) Volley cancelling…', tooltip: `Volley: cancelling ${activity.label}` };
  const progress = activity.progress();
  const tuning = activity.tuning();
  const what = tuning
    ? `tune ${tuning.trial === 0 ? 'warm-up' : `${tuning.trial}/${tuning.of}`}`
    : progress
      ? `verify ${progress.trial === 0 ? 'warm-up' : `${progress.trial}/${progress.of}`}`
      : `${done}/${operations.length}`;
  const remaining = activity.remaining();
  const left = remaining && remainingText(remaining, activity.now());
  const parts = [
    `$(sync~spin) Volley ${what}`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    elapsed,
    // What it is, an estimate, the tooltip says.
    ...(left === undefined ? [] : [left.replace(' (estimate)', '')]),
  ];
  const running = operations.filter(({ phase }) => phase === 'running').map(({ name }) => name);
  const ended = operations
    .filter(({ outcome }) => outcome)
    .map(({ name, outcome }) => `${name}: ${outcome ? outcomeText(outcome) : ''}`);
  const lines = [
    `Volley: ${[activity.label, ...((progress ?? tuning) ? [trialText(progress ?? tuning ?? { trial: 0, of: 0 })] : [])].join(', ')}, ${done} of ${countText(operations.length, noun)} done, ${failed} failed`,
    ...(left === undefined ? [] : [`Running time so far ${elapsed}, ${left}`]),
    ...(running.length > 0 ? [`Running: ${firstFew(running)}`] : []),
    ...(ended.length > 0 ? [firstFew(ended)] : []),
    ...(agents.length > 0 ? [`Agents: ${firstFew(agents.map(agentText))}`] : []),
    'Click for the timing panel',
  ];
  return { text: parts.join(' · '), tooltip: lines.join('\n') };
}

/** `claude running`, `editor (gpt-5) done, 1,200 tokens`. */
function agentText({ name, status, tokens }: AgentInstance): string {
  return `${name} ${status}${tokens === undefined ? '' : `, ${countText(tokens, 'token')}`}`;
}

/** `12s`, and from a minute on `2 min 05 s`. */
function elapsedText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return seconds < 60 ? `${seconds}s` : durationText(seconds * 1000);
}

function firstFew(names: readonly string[]): string {
  return names.length <= 6 ? names.join(', ') : `${names.slice(0, 6).join(', ')} and ${names.length - 6} more`;
}
