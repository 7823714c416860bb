/** How many files git calls changed and staged, from the editor's own Git extension, where that is running. */
import * as vscode from 'vscode';
import type { ScopeKind } from '../core/model.js';

export interface GitCounts extends vscode.Disposable {
  /** Starts to follow the Git extension. Never starts that extension itself. */
  connect(): void;
  /** Undefined where git does not know, or the scope has nothing to do with git. */
  count(scope: ScopeKind): number | undefined;
}

/** What is used of the API of `vscode.git`. */
interface GitApi {
  readonly repositories: readonly Repository[];
  readonly onDidOpenRepository: vscode.Event<Repository>;
  readonly onDidCloseRepository: vscode.Event<Repository>;
}
interface Repository {
  readonly rootUri: vscode.Uri;
  readonly state: {
    readonly indexChanges: readonly { readonly uri: vscode.Uri }[];
    readonly workingTreeChanges: readonly { readonly uri: vscode.Uri }[];
    readonly mergeChanges: readonly { readonly uri: vscode.Uri }[];
    readonly untrackedChanges?: readonly { readonly uri: vscode.Uri }[];
    readonly onDidChange: vscode.Event<void>;
  };
}

export function createGitCounts(onChange: () => void): GitCounts {
  const subscriptions: vscode.Disposable[] = [];
  let api: GitApi | undefined;
  const follow = (repository: Repository) => {
    subscriptions.push(repository.state.onDidChange(onChange));
  };
  return {
    connect() {
      if (api) return;
      api = gitApi();
      if (!api) return;
      for (const repository of api.repositories) follow(repository);
      const onOpen = (repository: Repository) => {
        follow(repository);
        onChange();
      };
      subscriptions.push(api.onDidOpenRepository(onOpen), api.onDidCloseRepository(onChange));
    },
    count(scope) {
      if (!api || api.repositories.length === 0) return undefined;
      if (scope === 'staged') return distinct(api.repositories.flatMap(({ state }) => state.indexChanges));
      if (scope !== 'changed') return undefined;
      return distinct(
        api.repositories.flatMap(({ state }) => [
          ...state.indexChanges,
          ...state.workingTreeChanges,
          ...state.mergeChanges,
          ...(state.untrackedChanges ?? []),
        ]),
      );
    },
    dispose: () => vscode.Disposable.from(...subscriptions).dispose(),
  };
}

function gitApi(): GitApi | undefined {
  const extension = vscode.extensions.getExtension<{ readonly enabled: boolean; getAPI(version: 1): GitApi }>('vscode.git');
  return extension?.isActive && extension.exports.enabled ? extension.exports.getAPI(1) : undefined;
}

function distinct(changes: readonly { readonly uri: vscode.Uri }[]): number {
  const inWorkspace = changes.filter(({ uri }) => vscode.workspace.getWorkspaceFolder(uri));
  return new Set(inWorkspace.map(({ uri }) => uri.fsPath)).size;
}
