/** The Gates view: gates by category, each with a checkbox, its last result, and what it does while it runs. */
import path from 'node:path';
import * as vscode from 'vscode';
import { CATEGORIES, type Category, type Gate } from '../core/gate-model.js';
import { countText, durationText, outcomeReason, outcomeText } from '../core/messages.js';
import { type GateId, type OperationState, REPORT_PLACEHOLDER, type RunId } from '../core/model.js';
import { didNotPass, effectiveKind } from '../core/parts.js';
import type { Choices } from './choices.js';
import { CATEGORY_LABELS, operationIcon, unavailableIcon, unsetIcon } from './icons.js';
import { GATE_SCHEME, VIEWS } from './names.js';
import { type Change, type LastResult, operationOf, type Session, wasExecuted } from './session.js';

export interface CategoryNode {
  readonly kind: 'category';
  readonly category: Category;
  readonly gates: readonly GateNode[];
}
export interface GateNode {
  readonly kind: 'gate';
  readonly gate: Gate;
  readonly category: Category;
}
export type GatesNode = CategoryNode | GateNode;

export interface GatesProvider extends vscode.TreeDataProvider<GatesNode>, vscode.Disposable {
  /** What the user did to checkboxes. */
  check(items: readonly (readonly [GatesNode, vscode.TreeItemCheckboxState])[]): void;
}

export interface GatesOptions {
  readonly session: Session;
  readonly choices: Choices;
}

/** Above this many changed rows the whole tree is drawn again, which is cheaper. */
const MANY_ROWS = 40;

/** The rows of the Gates view. Detects when it is first asked for rows, which the editor does when the view is visible. */
export function createGatesProvider({ session, choices }: GatesOptions): GatesProvider {
  const changed = new vscode.EventEmitter<GatesNode | GatesNode[] | undefined>();
  const descriptions = new Map<Category, string>();
  let categories: readonly CategoryNode[] = [];
  const onChange = (change: Change) => {
    if (change.detection) return changed.fire(undefined);
    const rows = categories.flatMap((node) => rowsToDraw(node, change));
    if (rows.length > MANY_ROWS) changed.fire(undefined);
    else if (rows.length > 0) changed.fire(rows);
  };
  /** A group is drawn with all its gates, so only when it says something else itself. */
  const rowsToDraw = (node: CategoryNode, change: Change): GatesNode[] => {
    const gates = node.gates.filter(({ gate }) => change.operations.has(operationOf(gate.id)));
    if (gates.length === 0) return [];
    const description = categoryDescription(node, session, choices);
    if (descriptions.get(node.category) === description) return gates;
    descriptions.set(node.category, description);
    return [node];
  };
  const subscriptions = [
    session.onDidChange(onChange),
    choices.onDidChange((what) => what === 'gates' && changed.fire(undefined)),
    vscode.workspace.onDidGrantWorkspaceTrust(() => changed.fire(undefined)),
    vscode.workspace.onDidChangeWorkspaceFolders(() => changed.fire(undefined)),
  ];
  return {
    onDidChangeTreeData: changed.event,
    async getChildren(node) {
      if (node) return node.kind === 'category' ? [...node.gates] : [];
      // Both have their own welcome content.
      if (!vscode.workspace.isTrusted || !vscode.workspace.workspaceFolders?.length) return [];
      categories = categoriesOf((await session.detect()).gates);
      for (const node of categories) descriptions.set(node.category, categoryDescription(node, session, choices));
      return [...categories];
    },
    getParent: (node) => (node.kind === 'gate' ? categories.find(({ category }) => category === node.category) : undefined),
    getTreeItem: (node) =>
      node.kind === 'category' ? categoryItem(node, session, choices) : gateItem(node.gate, session, choices),
    resolveTreeItem(item, node) {
      if (node.kind === 'gate') item.tooltip = tooltip(node.gate, session.last(node.gate.id));
      return item;
    },
    check(items) {
      for (const [node, state] of items) {
        const gates = node.kind === 'category' ? node.gates.map(({ gate }) => gate) : [node.gate];
        choices.check(
          gates.filter(isAvailable).map(({ id }) => id),
          state === vscode.TreeItemCheckboxState.Checked,
        );
      }
    },
    dispose: () => vscode.Disposable.from(changed, ...subscriptions).dispose(),
  };
}

/** Puts the provider into the editor; the badge counts failed gates. */
export function registerGatesView(provider: GatesProvider, session: Session): vscode.Disposable {
  const view = vscode.window.createTreeView<GatesNode>(VIEWS.gates, {
    treeDataProvider: provider,
    manageCheckboxStateManually: true,
    showCollapseAll: true,
  });
  const update = (change: Change) => {
    const failed = failedGates(session).length;
    view.badge = failed > 0 ? { value: failed, tooltip: `${countText(failed, 'gate')} did not pass` } : undefined;
    if (!change.detection) return;
    const warnings = session.detection?.warnings.length ?? 0;
    view.message =
      warnings > 0 ? `${countText(warnings, 'configuration problem')}; see Problems. All other gates are listed.` : '';
  };
  return vscode.Disposable.from(
    view,
    view.onDidChangeCheckboxState(({ items }) => provider.check(items)),
    session.onDidChange(update),
    vscode.window.registerFileDecorationProvider({
      // Not installed: greyed. A row has no other way to a colour.
      provideFileDecoration: (uri) =>
        uri.scheme === GATE_SCHEME ? { color: new vscode.ThemeColor('disabledForeground') } : undefined,
    }),
  );
}

export function isAvailable(gate: Gate): boolean {
  return gate.availability.kind === 'available';
}

/** Detected gates that are available and whose last outcome was failed, errored or timed out. */
export function failedGates(session: Session): readonly Gate[] {
  const gates = session.detection?.gates.filter(isAvailable) ?? [];
  return gates.filter(({ id }) => didNotPass(session.last(id)?.operation.outcome));
}

/** The newest execution of a gate, going on or ended: what has output to show. */
export function outputOf(session: Session, id: GateId): { readonly run: RunId; readonly operation: OperationState } | undefined {
  const live = session.live(id);
  const run = live && wasExecuted(live) && session.activity?.kind !== 'tuning' ? session.run?.run : undefined;
  if (live && run !== undefined) return { run, operation: live };
  const last = session.last(id);
  const outcome = last?.operation.outcome;
  if (last && outcome?.kind === 'cached') return { run: outcome.run, operation: last.operation };
  return last && wasExecuted(last.operation) ? last : undefined;
}

/** The folder of the workspace, where gates are of more than one. */
export function folderPart(gate: Gate, gates: readonly Gate[]): string[] {
  return gates.some(({ folder }) => folder.path !== gate.folder.path) ? [gate.folder.name] : [];
}

function categoriesOf(gates: readonly Gate[]): readonly CategoryNode[] {
  return CATEGORIES.map((category): CategoryNode => {
    const own = gates.filter((gate) => gate.category === category);
    return { kind: 'category', category, gates: own.map((gate): GateNode => ({ kind: 'gate', gate, category })) };
  }).filter((node) => node.gates.length > 0);
}

function categoryItem(node: CategoryNode, session: Session, choices: Choices): vscode.TreeItem {
  const item = new vscode.TreeItem(CATEGORY_LABELS[node.category], vscode.TreeItemCollapsibleState.Expanded);
  const available = node.gates.map(({ gate }) => gate).filter(isAvailable);
  item.id = `category:${node.category}`;
  item.contextValue = available.length > 0 ? 'category available' : 'category';
  if (available.length > 0) item.checkboxState = checkbox(available.every(({ id }) => choices.isChecked(id)));
  item.description = categoryDescription(node, session, choices);
  return item;
}

function categoryDescription({ gates }: CategoryNode, session: Session, choices: Choices): string {
  const available = gates.map(({ gate }) => gate).filter(isAvailable);
  const ended = available.map(({ id }) => session.last(id)?.operation.outcome).filter((outcome) => outcome !== undefined);
  if (ended.length > 0)
    return `${ended.filter((outcome) => effectiveKind(outcome) === 'passed').length} of ${available.length} passed`;
  return `${available.filter(({ id }) => choices.isChecked(id)).length} of ${available.length} checked`;
}

function gateItem(gate: Gate, session: Session, choices: Choices): vscode.TreeItem {
  const item = new vscode.TreeItem(gate.name);
  const last = session.last(gate.id);
  const live = liveState(session, gate.id);
  const folder = folderPart(gate, session.detection?.gates ?? []);
  item.id = gate.id;
  if (!isAvailable(gate)) {
    item.description = [...folder, 'not installed', ...toolPart(gate)].join(' · ');
    item.iconPath = unavailableIcon();
    item.resourceUri = vscode.Uri.from({ scheme: GATE_SCHEME, path: `/${gate.id}` });
    item.contextValue = 'gate unavailable';
  } else {
    item.checkboxState = checkbox(choices.isChecked(gate.id));
    // In a narrow side bar only the first parts can be read.
    item.description = [...folder, ...statusParts(live, last, session), ...toolPart(gate), commandText(gate)].join(' · ');
    item.iconPath = live ? operationIcon(live) : last ? operationIcon(last.operation) : unsetIcon();
    // A measurement ends as a whole: no gate of it can be cancelled by itself.
    const active = session.activity?.kind === 'run' ? 'active' : 'measured';
    item.contextValue = [
      'gate',
      'available',
      live ? active : 'idle',
      ...(outputOf(session, gate.id) ? ['ran'] : []),
      ...(gate.fix ? ['fixable'] : []),
      ...(last?.operation.outcome?.kind === 'cached' ? ['cached'] : []),
    ].join(' ');
  }
  const label = [
    gate.name,
    gate.tool,
    CATEGORY_LABELS[gate.category],
    ...folder,
    ...(isAvailable(gate) ? statusParts(live, last, session) : ['not installed']),
  ];
  item.accessibilityInformation = { label: label.join(', ') };
  return item;
}

/** What the gate does now, when it takes part in what goes on and has not ended. */
function liveState(session: Session, id: GateId): OperationState | undefined {
  const state = session.live(id);
  return state && !state.outcome ? state : undefined;
}

function statusParts(live: OperationState | undefined, last: LastResult | undefined, session: Session): string[] {
  if (live) return [phaseText(live, session.activity?.now() ?? 0)];
  if (!last?.operation.outcome) return [];
  const { outcome, findings, known = [] } = last.operation;
  return [
    outcomeText(outcome),
    ...(last.durationMs > 0 ? [durationText(last.durationMs)] : []),
    ...(findings.length > 0 ? [countText(findings.length, 'finding')] : []),
    ...(known.length > 0 ? [`${known.length} there before`] : []),
  ];
}

function phaseText({ phase, segments }: OperationState, now: number): string {
  if (phase === 'pending' || phase === 'finished') return 'waiting';
  const since = segments.at(-1)?.from ?? now;
  // Whole seconds: the row is drawn once a second.
  return phase === 'running'
    ? `running ${durationText(Math.max(0, Math.round((now - since) / 1000)) * 1000).replace('0 ms', '0 s')}`
    : phase;
}

function toolPart(gate: Gate): string[] {
  return gate.name === gate.tool ? [] : [gate.tool];
}

/** The command line as a person would write it: the program without its folder. */
function commandText(gate: Gate): string {
  const [program = '', ...args] = wholeCommand(gate);
  return gate.command.shell ? program : [path.basename(program), ...args].join(' ');
}

/** What runs on the whole workspace: the targets stand apart, since files can take their place. */
function wholeCommand({ command, files }: Gate): readonly string[] {
  const words = files.kind === 'files' ? [...command.argv, ...files.targets] : command.argv;
  // Where the report goes is known only when it runs.
  return words.map((word) => word.replaceAll(REPORT_PLACEHOLDER, '…'));
}

function checkbox(checked: boolean): vscode.TreeItemCheckboxState {
  return checked ? vscode.TreeItemCheckboxState.Checked : vscode.TreeItemCheckboxState.Unchecked;
}

/** Text from the workspace is only ever appended as text or code, never as markup. */
function tooltip(gate: Gate, last: LastResult | undefined): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  text
    .appendMarkdown('**')
    .appendText(gate.name)
    .appendMarkdown('** ')
    .appendText(`(${gate.tool}, ${CATEGORY_LABELS[gate.category]})`);
  if (gate.availability.kind === 'unavailable') {
    text
      .appendMarkdown('\n\n')
      .appendText(`${gate.availability.reason} To install it:`)
      .appendCodeblock(gate.availability.install, 'shellscript');
  }
  text.appendCodeblock(wholeCommand(gate).join(' '), 'shellscript');
  text.appendText(`in ${gate.command.cwd}`);
  const outcome = last?.operation.outcome;
  if (last && outcome) {
    const { findings } = last.operation;
    const figures = [outcomeText(outcome), durationText(last.durationMs), countText(findings.length, 'finding')].join(', ');
    const reason = outcomeReason(outcome);
    text.appendMarkdown('\n\n').appendText(`Last: ${figures}${reason ? `. ${reason}` : ''}`);
  }
  if (gate.evidence.length > 0) text.appendMarkdown('\n\nDetected from:\n');
  for (const { file, line, text: quoted } of gate.evidence) {
    text.appendMarkdown('\n- ').appendText(`${file}${line === undefined ? '' : `:${line}`}: ${quoted}`);
  }
  return text;
}
