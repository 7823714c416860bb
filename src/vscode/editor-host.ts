/** What the editor supplies to the engine. */
import { performance } from 'node:perf_hooks';
import * as vscode from 'vscode';
import type { Host } from '../core/host.js';
import { editorModel } from './language-model.js';

/** A host for the open workspace. Reads nothing: everything is asked when the engine needs it. */
export function editorHost(
  context: Pick<vscode.ExtensionContext, 'storageUri' | 'globalStorageUri' | 'asAbsolutePath'>,
  log: vscode.LogOutputChannel,
): Host {
  return {
    now: () => performance.now(),
    date: () => new Date(),
    log,
    folders: localFolders,
    trusted: () => vscode.workspace.isTrusted,
    storage: (context.storageUri ?? context.globalStorageUri).fsPath,
    parserWorker: context.asAbsolutePath('dist/parse-worker.cjs'),
    scanWorker: context.asAbsolutePath('dist/scan-worker.cjs'),
    unsaved: unsavedText,
    unsavedFiles: () => unsavedDocuments().map(({ uri }) => uri.fsPath),
    languageModel: editorModel((selector) => vscode.lm.selectChatModels(selector)),
    env: process.env,
  };
}

/** Documents of files that are not on disk as the user sees them. */
function unsavedDocuments(): readonly vscode.TextDocument[] {
  return vscode.workspace.textDocuments.filter(({ isDirty, isClosed, uri }) => isDirty && !isClosed && uri.scheme === 'file');
}

function unsavedText(file: string): string | undefined {
  // The editor spells drives of Windows in lower case.
  const { fsPath } = vscode.Uri.file(file);
  return unsavedDocuments()
    .find(({ uri }) => uri.fsPath === fsPath)
    ?.getText();
}

/** Folders on a disk; a virtual folder has no path on which a tool could work. */
export function localFolders(): { readonly name: string; readonly path: string }[] {
  return (vscode.workspace.workspaceFolders ?? [])
    .filter((folder) => folder.uri.scheme === 'file')
    .map((folder) => ({ name: folder.name, path: folder.uri.fsPath }));
}
