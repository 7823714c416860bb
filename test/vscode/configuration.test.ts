import assert from 'node:assert/strict';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import * as vscode from 'vscode';

describe('volley.jsonc in VS Code', () => {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? assert.fail('no folder is open');
  const file = vscode.Uri.joinPath(folder, 'volley.jsonc');
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await vscode.workspace.fs.delete(file);
  });

  async function opened(text: string): Promise<vscode.TextDocument> {
    await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(text));
    const document = await vscode.workspace.openTextDocument(file);
    await vscode.window.showTextDocument(document);
    // The editor may still know a file of this name that was there before, and read this one while its text is being replaced.
    for (let left = 20; left > 0 && document.getText() !== text; left -= 1) {
      const edit = new vscode.WorkspaceEdit();
      edit.replace(file, document.validateRange(new vscode.Range(0, 0, Number.MAX_SAFE_INTEGER, 0)), text);
      await vscode.workspace.applyEdit(edit);
    }
    assert.equal(document.getText(), text);
    await document.save();
    return document;
  }

  /** Resolves when diagnostics of the file fulfil the condition: asked again and again, since their event may come before they can be seen. */
  async function diagnostics(fulfil: (all: readonly vscode.Diagnostic[]) => boolean): Promise<readonly vscode.Diagnostic[]> {
    const told = (all: readonly vscode.Diagnostic[]) =>
      all.map(({ range, message }) => `${range.start.line}: ${message}`).join('\n');
    for (let left = 400; ; left -= 1) {
      const now = vscode.languages.getDiagnostics(file);
      if (fulfil(now)) return now;
      assert.ok(left > 0, told(now));
      await setTimeout(50);
    }
  }

  it('is written from what was detected, and opened', async () => {
    await vscode.commands.executeCommand('volley.createConfiguration');
    const document = vscode.window.activeTextEditor?.document;
    assert.equal(path.basename(document?.fileName ?? ''), 'volley.jsonc');
    assert.equal(document?.languageId, 'jsonc');
    assert.match(document?.getText() ?? '', /\/\/ "eslint": \{/);
  });

  it('is validated by its schema, and by Volley, which names the same place', async () => {
    await opened('{\n  "gates": {\n    "eslint": { "timout": 3 }\n  }\n}\n');
    // The editor tells of the text before for a moment.
    const isAboutThis = ({ message }: vscode.Diagnostic) => /timout/.test(message);
    const shown = await diagnostics(
      (all) => all.length >= 2 && all.every(isAboutThis) && all.some(({ source }) => source === 'Volley'),
    );
    const places = shown.map(({ range, message }) => [range.start.line, range.start.character, /timout/.test(message)]);
    assert.deepEqual(places, [
      [2, 16, true],
      [2, 16, true],
    ]);
  });

  it('is completed: names of settings, of parsers and of problem matchers', async () => {
    const text = '{ "gates": { "a": { "command": ["x"], "parser": "", "problemMatcher": "",  } } }';
    await opened(text);
    const offered = async (behind: string, more = 0) => {
      const at = new vscode.Position(0, text.indexOf(behind) + behind.length + more);
      const list = await vscode.commands.executeCommand<vscode.CompletionList>('vscode.executeCompletionItemProvider', file, at);
      return list.items.map(({ label }) => (typeof label === 'string' ? label : label.label).replaceAll('"', ''));
    };
    assert.ok((await offered('"parser": "')).includes('sarif'));
    assert.ok((await offered('"problemMatcher": "')).includes('$tsc-watch'));
    assert.ok((await offered('"problemMatcher": "", ')).includes('timeout'));
  });
});
