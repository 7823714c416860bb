/** `Volley: Create Configuration`: a volley.jsonc from what was detected, open in an editor. */
import * as vscode from 'vscode';
import type { Session } from './session.js';

/** Writes the file and opens it; opens the one that is there. */
export async function createConfiguration(session: Session): Promise<void> {
  const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
  const folder = folders.length > 1 ? await vscode.window.showWorkspaceFolderPick() : folders[0];
  if (!folder) return;
  const { gates } = await session.detect();
  const { file, text } = await session.engine.configuration(folder.uri.fsPath, gates);
  const uri = vscode.Uri.file(file);
  const exists = await vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
  if (!exists) await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  await vscode.window.showTextDocument(uri);
}
