/** The quick picks: which gates to run, whose output to show, which scope to use. */
import * as vscode from 'vscode';
import { CATEGORIES, type Gate } from '../core/gate-model.js';
import { outcomeText } from '../core/messages.js';
import { type GateId, SCOPES, type ScopeKind } from '../core/model.js';
import type { FileTool } from '../core/tuning-model.js';
import type { Choices } from './choices.js';
import { folderPart, outputOf } from './gates-view.js';
import { CATEGORY_LABELS } from './icons.js';
import { SCOPE_LABELS } from './names.js';
import type { Session } from './session.js';

interface GateItem extends vscode.QuickPickItem {
  readonly gate?: Gate;
}

/** Several gates, by category; picked at first is what was picked last, else what is checked. Undefined when dismissed. */
export async function pickGates(gates: readonly Gate[], choices: Choices): Promise<readonly Gate[] | undefined> {
  const last = choices.picked;
  const isPicked = (id: GateId) => (last ? last.includes(id) : choices.isChecked(id));
  const items = itemsOf(gates, (gate) => ({
    label: gate.name,
    description: descriptionOf(gate, gates),
    picked: isPicked(gate.id),
    gate,
  }));
  const chosen = await vscode.window.showQuickPick(items, {
    canPickMany: true,
    matchOnDescription: true,
    title: 'Volley: Run Gates',
    placeHolder: 'Gates to run',
  });
  const picked = chosen?.flatMap(({ gate }) => gate ?? []);
  if (picked && picked.length > 0) choices.setPicked(picked.map(({ id }) => id));
  return picked;
}

/** One gate that has run. */
export async function pickGateThatRan(session: Session): Promise<Gate | undefined> {
  await session.restored();
  const all = session.detection?.gates ?? [];
  const gates = all.filter(({ id }) => outputOf(session, id));
  if (gates.length === 0) {
    void vscode.window.showInformationMessage('No gate of this workspace has run yet, so there is no output to show.');
    return undefined;
  }
  const items = itemsOf(gates, (gate) => {
    const operation = outputOf(session, gate.id)?.operation;
    const state = operation?.outcome ? outcomeText(operation.outcome) : (operation?.phase ?? '');
    return { label: gate.name, description: [...folderPart(gate, all), state].join(' · '), gate };
  });
  const chosen = await vscode.window.showQuickPick(items, { title: 'Volley: Show Output of Gate', placeHolder: 'Gate' });
  return chosen?.gate;
}

/** Which operations on files are to be measured. */
export async function pickFileTool(): Promise<FileTool | undefined> {
  const items = [
    { label: 'Reads', description: 'of single files', tool: 'read' },
    { label: 'Searches', description: 'through the whole workspace', tool: 'grep' },
  ] as const;
  const title = 'Volley: Tune File Operations in One Batch';
  return (await vscode.window.showQuickPick(items, { title, placeHolder: 'How many are best handed over together' }))?.tool;
}

export async function pickScope(current: ScopeKind): Promise<ScopeKind | undefined> {
  const items = SCOPES.map((scope) => ({ label: SCOPE_LABELS[scope], description: scope === current ? 'current' : '', scope }));
  return (await vscode.window.showQuickPick(items, { title: 'Volley: Choose Scope', placeHolder: 'What the next run is about' }))
    ?.scope;
}

function itemsOf(gates: readonly Gate[], item: (gate: Gate) => GateItem): GateItem[] {
  return CATEGORIES.flatMap((category): GateItem[] => {
    const own = gates.filter((gate) => gate.category === category);
    if (own.length === 0) return [];
    return [{ label: CATEGORY_LABELS[category], kind: vscode.QuickPickItemKind.Separator }, ...own.map(item)];
  });
}

function descriptionOf(gate: Gate, gates: readonly Gate[]): string {
  return [...folderPart(gate, gates), ...(gate.name === gate.tool ? [] : [gate.tool])].join(' · ');
}
