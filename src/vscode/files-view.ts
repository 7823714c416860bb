/** The Files view: what the next run is about, and for *selected* the files and folders themselves. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { countText } from '../core/messages.js';
import { SCOPES, type ScopeKind } from '../core/model.js';
import { type Choices, type ChosenFile, openFiles } from './choices.js';
import { createGitCounts } from './git-counts.js';
import { SCOPE_LABELS, VIEWS } from './names.js';

export type FilesNode =
  | { readonly kind: 'scope'; readonly scope: ScopeKind }
  | { readonly kind: 'file'; readonly file: ChosenFile };

export interface FilesProvider
  extends vscode.TreeDataProvider<FilesNode>,
    vscode.TreeDragAndDropController<FilesNode>,
    vscode.Disposable {
  /** What the user did to checkboxes. */
  check(items: readonly (readonly [FilesNode, vscode.TreeItemCheckboxState])[]): void;
}

const URI_LIST = 'text/uri-list';

export function createFilesProvider(choices: Choices): FilesProvider {
  const changed = new vscode.EventEmitter<undefined>();
  const counts = createGitCounts(() => changed.fire(undefined));
  const subscriptions = [
    choices.onDidChange((what) => what === 'files' && changed.fire(undefined)),
    vscode.window.tabGroups.onDidChangeTabs(
      ({ opened, closed }) => (opened.length > 0 || closed.length > 0) && changed.fire(undefined),
    ),
    vscode.workspace.onDidGrantWorkspaceTrust(() => changed.fire(undefined)),
    vscode.workspace.onDidChangeWorkspaceFolders(() => changed.fire(undefined)),
  ];
  return {
    onDidChangeTreeData: changed.event,
    getChildren(node) {
      if (node)
        return node.kind === 'scope' && node.scope === 'selected' ? choices.files.map((file) => ({ kind: 'file', file })) : [];
      if (!vscode.workspace.isTrusted || !vscode.workspace.workspaceFolders?.length) return [];
      counts.connect();
      return SCOPES.map((scope) => ({ kind: 'scope', scope }));
    },
    getTreeItem: (node) =>
      node.kind === 'scope' ? scopeItem(node.scope, choices, counts.count(node.scope)) : fileItem(node.file),
    check(items) {
      for (const [node, state] of items) {
        if (node.kind === 'file') choices.checkFile(node.file.path, state === vscode.TreeItemCheckboxState.Checked);
      }
    },
    dropMimeTypes: [URI_LIST],
    dragMimeTypes: [],
    async handleDrop(_target, data) {
      const list = await data.get(URI_LIST)?.asString();
      if (list) await addWithMessage(choices, urisIn(list));
    },
    dispose: () => vscode.Disposable.from(changed, counts, ...subscriptions).dispose(),
  };
}

export function registerFilesView(provider: FilesProvider): vscode.Disposable {
  const view = vscode.window.createTreeView<FilesNode>(VIEWS.files, {
    treeDataProvider: provider,
    dragAndDropController: provider,
    manageCheckboxStateManually: true,
    canSelectMany: true,
  });
  return vscode.Disposable.from(
    view,
    view.onDidChangeCheckboxState(({ items }) => provider.check(items)),
  );
}

/** Adds files to *selected*; says which of them cannot be added. */
export async function addWithMessage(choices: Choices, uris: readonly vscode.Uri[]): Promise<void> {
  const [refused, ...more] = await choices.addFiles(uris);
  if (!refused) return;
  const others = more.length > 0 ? ` and ${countText(more.length, 'other')}` : '';
  void vscode.window.showWarningMessage(
    `"${path.basename(refused.fsPath)}"${others} could not be added. Only files on disk, inside the open folders, can be checked.`,
  );
}

/** The format of `text/uri-list`: a URI a line, comments after `#`. */
function urisIn(list: string): readonly vscode.Uri[] {
  const lines = list.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'));
  return lines.map((line) => vscode.Uri.parse(line.trim())).map(local);
}

/** In a remote window, what is dropped from the editor names the remote machine: the one this extension runs on. */
function local(uri: vscode.Uri): vscode.Uri {
  return uri.scheme === 'vscode-remote' ? uri.with({ scheme: 'file', authority: '' }) : uri;
}

function scopeItem(scope: ScopeKind, choices: Choices, gitCount: number | undefined): vscode.TreeItem {
  const current = choices.scope === scope;
  const expandable = scope === 'selected' && choices.files.length > 0;
  const item = new vscode.TreeItem(
    SCOPE_LABELS[scope],
    expandable ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.None,
  );
  // The id changes with what the row can do: the editor does not expand a row again that it knows as a leaf.
  item.id = `scope:${scope}:${expandable}`;
  item.iconPath = new vscode.ThemeIcon(
    current ? 'circle-filled' : 'circle-large-outline',
    current ? new vscode.ThemeColor('charts.blue') : undefined,
  );
  const counted = countOf(scope, choices, gitCount);
  item.description = [...(counted === undefined ? [] : [counted]), ...(current ? ['next run'] : [])].join(' · ');
  item.tooltip = SCOPE_TOOLTIPS[scope];
  item.contextValue = current ? `scope ${scope} current` : `scope ${scope}`;
  item.command = { command: 'volley.setScope', title: 'Use for the Next Run', arguments: [scope] };
  item.accessibilityInformation = { label: `${SCOPE_LABELS[scope]}, ${item.description}` };
  return item;
}

const SCOPE_TOOLTIPS: Readonly<Record<ScopeKind, string>> = {
  workspace: 'Gates check everything.',
  changed:
    'Gates check the files that differ from the last commit or, on a branch, from where it left the default branch; new ones too.',
  staged: 'Gates check the files that are staged for the next commit.',
  open: 'Gates check the files that have a tab.',
  selected: 'Gates check the files and folders listed here. Add some from the Explorer or an editor, or drop them here.',
};

function countOf(scope: ScopeKind, choices: Choices, gitCount: number | undefined): string | undefined {
  switch (scope) {
    case 'workspace':
      return undefined;
    case 'changed':
      // Git's view in the editor knows nothing of what a branch committed, which a run also counts as changed.
      return gitCount === undefined ? undefined : `${gitCount} uncommitted`;
    case 'staged':
      return gitCount === undefined ? undefined : countText(gitCount, 'file');
    case 'open':
      return countText(openFiles().length, 'file');
    case 'selected': {
      const checked = choices.files.filter((file) => file.checked);
      const folders = checked.filter((file) => file.kind === 'folder').length;
      const files = checked.length - folders;
      const parts = [
        ...(folders > 0 ? [countText(folders, 'folder')] : []),
        ...(files > 0 || folders === 0 ? [countText(files, 'file')] : []),
      ];
      return parts.join(', ');
    }
    default:
      return scope satisfies never;
  }
}

function fileItem({ path: file, kind, checked }: ChosenFile): vscode.TreeItem {
  const uri = vscode.Uri.file(file);
  const item = new vscode.TreeItem(uri);
  const folder = path.dirname(vscode.workspace.asRelativePath(uri));
  item.id = `file:${file}`;
  item.iconPath = kind === 'folder' ? vscode.ThemeIcon.Folder : vscode.ThemeIcon.File;
  item.description = existsSync(file) ? (folder === '.' ? '' : folder) : 'no longer there';
  item.checkboxState = checked ? vscode.TreeItemCheckboxState.Checked : vscode.TreeItemCheckboxState.Unchecked;
  item.contextValue = 'chosen';
  item.tooltip = file;
  if (kind === 'file') item.command = { command: 'vscode.open', title: 'Open', arguments: [uri] };
  return item;
}
