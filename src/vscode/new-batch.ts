/** `Volley: New Batch from Template…`: a batch file from a template, open in an editor. */
import * as vscode from 'vscode';
import type { BatchTemplate } from '../core/engine.js';
import type { Session } from './session.js';

type Template = BatchTemplate & { readonly file: string };

/** Asks for a template unless `id` names one, writes its file, never over another, and opens it; without a folder it is untitled. */
export async function newBatch(session: Session, id: unknown): Promise<void> {
  const templates = await session.engine.templates();
  const template = templates.find((each) => each.id === id) ?? (await pickTemplate(templates));
  if (!template) return;
  const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
  if (folders.length === 0) {
    const document = await vscode.workspace.openTextDocument({ language: 'jsonc', content: template.text });
    await vscode.window.showTextDocument(document);
    return;
  }
  const folder = folders.length > 1 ? await vscode.window.showWorkspaceFolderPick() : folders[0];
  if (!folder) return;
  const uri = await freeName(folder.uri, template.file);
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(template.text));
  await vscode.window.showTextDocument(uri);
}

async function pickTemplate(templates: readonly Template[]): Promise<Template | undefined> {
  const items = templates.map((template) => ({ label: template.title, detail: template.description, template }));
  const options = { title: 'Volley: New Batch from Template', placeHolder: 'Template', matchOnDetail: true };
  return (await vscode.window.showQuickPick(items, options))?.template;
}

/** A name in the folder that no file has: `tdd.batch.jsonc`, else `tdd-2.batch.jsonc`, and so on. */
export async function freeName(folder: vscode.Uri, file: string): Promise<vscode.Uri> {
  for (let count = 1; ; count += 1) {
    const uri = vscode.Uri.joinPath(folder, count === 1 ? file : file.replace(/(?=\.batch\.jsonc?$)/, `-${count}`));
    const taken = await vscode.workspace.fs.stat(uri).then(
      () => true,
      () => false,
    );
    if (!taken) return uri;
  }
}
