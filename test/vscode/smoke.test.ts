import assert from 'node:assert/strict';
import * as vscode from 'vscode';

describe('Volley in VS Code', () => {
  it('is found and activates', async () => {
    const extension = vscode.extensions.getExtension('volley.volley');
    assert.ok(extension, 'VS Code does not know volley.volley');
    await extension.activate();
    assert.equal(extension.isActive, true);
  });

  it('opens the copy of the sample workspace', () => {
    assert.deepEqual(
      vscode.workspace.workspaceFolders?.map((folder) => folder.name),
      ['sample'],
    );
  });
});
