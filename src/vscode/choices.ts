/** What the user chose and Volley remembers for the workspace: checked gates, the scope, the files, the last quick pick. */
import { stat } from 'node:fs/promises';
import * as vscode from 'vscode';
import { type GateId, SCOPES, type Scope, type ScopeKind } from '../core/model.js';

/** A file or folder of the scope *selected*. */
export interface ChosenFile {
  /** Absolute, native. */
  readonly path: string;
  readonly kind: 'file' | 'folder';
  readonly checked: boolean;
}

export interface Choices extends vscode.Disposable {
  /** Gates are checked until the user unchecks them, new ones too. */
  isChecked(id: GateId): boolean;
  check(ids: readonly GateId[], checked: boolean): void;
  readonly scope: ScopeKind;
  setScope(scope: ScopeKind): void;
  /** In the order of adding. */
  readonly files: readonly ChosenFile[];
  /** Adds what exists on disk and is not there yet, and makes *selected* the scope. Returns what could not be added. */
  addFiles(uris: readonly vscode.Uri[]): Promise<readonly vscode.Uri[]>;
  checkFile(path: string, checked: boolean): void;
  removeFiles(paths: readonly string[]): void;
  /** What was picked last in Run Gates…. */
  readonly picked: readonly GateId[] | undefined;
  setPicked(ids: readonly GateId[]): void;
  readonly onDidChange: vscode.Event<'gates' | 'files'>;
}

const KEYS = { unchecked: 'volley.unchecked', scope: 'volley.scope', files: 'volley.files', picked: 'volley.picked' } as const;

export function createChoices(memory: vscode.Memento): Choices {
  const changes = new vscode.EventEmitter<'gates' | 'files'>();
  const unchecked = new Set(memory.get<GateId[]>(KEYS.unchecked, []));
  let scope = SCOPES.find((kind) => kind === memory.get(KEYS.scope)) ?? 'workspace';
  let files: readonly ChosenFile[] = memory.get<ChosenFile[]>(KEYS.files, []);
  let picked = memory.get<GateId[]>(KEYS.picked);
  const keep = (key: string, value: unknown, what: 'gates' | 'files') => {
    void memory.update(key, value);
    changes.fire(what);
  };
  const setFiles = (next: readonly ChosenFile[]) => {
    files = next;
    keep(KEYS.files, files, 'files');
  };
  const setScope = (next: ScopeKind) => {
    scope = next;
    keep(KEYS.scope, scope, 'files');
  };
  return {
    isChecked: (id) => !unchecked.has(id),
    check(ids, checked) {
      for (const id of ids) checked ? unchecked.delete(id) : unchecked.add(id);
      keep(KEYS.unchecked, [...unchecked], 'gates');
    },
    get scope() {
      return scope;
    },
    setScope,
    get files() {
      return files;
    },
    async addFiles(uris) {
      const found = await Promise.all(uris.map(describe));
      const known = new Set(files.map((file) => file.path));
      const added = found.filter((file) => file !== undefined).filter((file) => !known.has(file.path) && known.add(file.path));
      if (added.length > 0) setFiles([...files, ...added]);
      if (found.some((file) => file !== undefined)) setScope('selected');
      return uris.filter((_, index) => found[index] === undefined);
    },
    checkFile: (path, checked) => setFiles(files.map((file) => (file.path === path ? { ...file, checked } : file))),
    removeFiles(paths) {
      setFiles(files.filter((file) => !paths.includes(file.path)));
      if (files.length === 0 && scope === 'selected') setScope('workspace');
    },
    get picked() {
      return picked;
    },
    setPicked(ids) {
      picked = [...ids];
      void memory.update(KEYS.picked, picked);
    },
    onDidChange: changes.event,
    dispose: () => changes.dispose(),
  };
}

async function describe(uri: vscode.Uri): Promise<ChosenFile | undefined> {
  if (uri.scheme !== 'file' || !vscode.workspace.getWorkspaceFolder(uri)) return undefined;
  const stats = await stat(uri.fsPath).catch(() => undefined);
  return stats && { path: uri.fsPath, kind: stats.isDirectory() ? 'folder' : 'file', checked: true };
}

/** The scope of this kind as it is now. */
export function scopeOf(kind: ScopeKind, choices: Pick<Choices, 'files'>): Scope {
  switch (kind) {
    case 'workspace':
      return { kind };
    case 'changed':
    case 'staged':
      return { kind };
    case 'open':
      return { kind, files: openFiles() };
    case 'selected':
      return { kind, files: choices.files.filter((file) => file.checked).map((file) => file.path) };
    default:
      return kind satisfies never;
  }
}

/** Absolute native paths of the files on disk that have a tab, each once. */
export function openFiles(): readonly string[] {
  const uris = vscode.window.tabGroups.all.flatMap((group) => group.tabs).flatMap((tab) => uriOf(tab.input) ?? []);
  return [
    ...new Set(uris.filter((uri) => uri.scheme === 'file' && vscode.workspace.getWorkspaceFolder(uri)).map((uri) => uri.fsPath)),
  ];
}

function uriOf(input: unknown): vscode.Uri | undefined {
  if (input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom || input instanceof vscode.TabInputNotebook)
    return input.uri;
  return input instanceof vscode.TabInputTextDiff ? input.modified : undefined;
}
