/** From what is selected to an inspection: in the Explorer, in the Files view, or by a question. */
import * as vscode from 'vscode';
import { countText } from '../core/messages.js';
import type { Scope, ScopeKind } from '../core/model.js';
import { type Choices, scopeOf } from './choices.js';
import type { FilesNode } from './files-view.js';
import { SCOPE_LABELS } from './names.js';

/** What was clicked or selected where a menu was opened; undefined when nothing was, as from the palette. */
export function scopeOfSelection(clicked: unknown, selected: unknown, choices: Choices): Scope | undefined {
  const all: readonly unknown[] = Array.isArray(selected) && selected.length > 0 ? selected : [clicked];
  const uris = all.filter((each) => each instanceof vscode.Uri).filter((uri) => uri.scheme === 'file');
  if (uris.length > 0) return { kind: 'selected', files: uris.map((uri) => uri.fsPath) };
  const nodes = all.filter(isNode);
  const scope = nodes.find((node) => node.kind === 'scope');
  if (scope?.kind === 'scope') return scopeOf(scope.scope, choices);
  const files = nodes.flatMap((node) => (node.kind === 'file' ? [node.file.path] : []));
  return files.length > 0 ? { kind: 'selected', files } : undefined;
}

function isNode(value: unknown): value is FilesNode {
  const kind = (value as { readonly kind?: unknown } | undefined)?.kind;
  return kind === 'scope' || kind === 'file';
}

/** Asks what to inspect; undefined when the user thought better of it. */
export async function askScope(choices: Choices): Promise<Scope | undefined> {
  const order: readonly ScopeKind[] = ['selected', 'open', 'changed', 'staged', 'workspace'];
  const items = order.flatMap((kind) => {
    const scope = scopeOf(kind, choices);
    if ('files' in scope && scope.files.length === 0) return [];
    const description = 'files' in scope ? countText(scope.files.length, kind === 'open' ? 'file' : 'path') : '';
    return [{ label: SCOPE_LABELS[kind], description, scope }];
  });
  const picked = await vscode.window.showQuickPick(items, {
    title: 'Inspect Selected Files',
    placeHolder: 'Nothing is selected. What is to be inspected?',
  });
  return picked?.scope;
}
