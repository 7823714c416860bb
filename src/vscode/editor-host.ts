/** What the editor supplies to the engine. */
import { performance } from 'node:perf_hooks';
import * as vscode from 'vscode';
import type { Host } from '../core/host.js';

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
    env: process.env,
  };
}

/** Folders on a disk; a virtual folder has no path on which a tool could work. */
export function localFolders(): { readonly name: string; readonly path: string }[] {
  return (vscode.workspace.workspaceFolders ?? [])
    .filter((folder) => folder.uri.scheme === 'file')
    .map((folder) => ({ name: folder.name, path: folder.uri.fsPath }));
}
