/** Writes rows of an inspection where the user wants them. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { Inspection } from '../core/engine.js';
import type { Row } from '../core/inspect/columns.js';
import { countText } from '../core/messages.js';
import { inspectionCsv, inspectionDocument, inspectionMarkdown } from '../core/report/inspection.js';
import type { Export } from '../protocol.js';

const KINDS: Readonly<Record<Export, { readonly name: string; readonly ending: string }>> = {
  csv: { name: 'CSV', ending: 'csv' },
  json: { name: 'JSON', ending: 'json' },
  markdown: { name: 'Markdown', ending: 'md' },
};

/** Asks where to, and says where it was written. Resolves with the place; undefined when the user thought better of it. */
export async function exportInspection(
  inspection: Inspection,
  rows: readonly Row[],
  format: Export,
): Promise<vscode.Uri | undefined> {
  const { name, ending } = KINDS[format];
  const target = await vscode.window.showSaveDialog({
    title: `Export ${countText(rows.length, 'row')} as ${name}`,
    defaultUri: vscode.Uri.file(path.join(inspection.folder, `inspection.${ending}`)),
    filters: { [name]: [ending] },
  });
  if (!target) return undefined;
  await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(exportText(inspection, rows, format)));
  const open = 'Open';
  void vscode.window
    .showInformationMessage(`${countText(rows.length, 'row')} exported to ${path.basename(target.fsPath)}.`, open)
    .then((choice) => choice === open && vscode.commands.executeCommand('vscode.open', target));
  return target;
}

/** The rows in a format, as they stand in the file. */
export function exportText(inspection: Inspection, rows: readonly Row[], format: Export): string {
  switch (format) {
    case 'csv':
      // A mark tells spreadsheets that it is UTF-8.
      return `\ufeff${inspectionCsv(rows)}`;
    case 'json':
      return `${JSON.stringify(inspectionDocument(inspection, rows), null, 2)}\n`;
    case 'markdown':
      return inspectionMarkdown(inspection, rows);
    default:
      return format satisfies never;
  }
}
