import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { VolleyApi } from '../../../src/vscode/extension.js';

describe('The packaged extension', () => {
  const extension = vscode.extensions.getExtension('volley.volley');

  it('is installed, not loaded from the checkout', () => {
    assert.ok(extension, 'VS Code does not know volley.volley');
    assert.match(path.basename(extension.extensionPath), /^volley\.volley-\d/);
  });

  it('brings no dependencies and no sources', async () => {
    assert.ok(extension);
    const names = await readdir(extension.extensionPath);
    assert.deepEqual(
      names.filter((name) => ['node_modules', 'src', 'test', 'scripts', 'bench'].includes(name)),
      [],
    );
  });

  it('activates', async () => {
    assert.ok(extension);
    await extension.activate();
    assert.equal(extension.isActive, true);
  });

  it('runs the gates of the sample and shows what they find', async () => {
    const found = diagnosticsFrom('eslint');
    await vscode.commands.executeCommand('volley.runAll');
    assert.notEqual((await found).length, 0);
  });

  it('inspects files in the threads that it brings', async () => {
    const source = vscode.Uri.joinPath(vscode.workspace.workspaceFolders?.[0]?.uri ?? assert.fail('no folder'), 'src');
    const { session } = (await (extension ?? assert.fail('not installed')).activate()) as Pick<VolleyApi, 'session'>;
    while (session.activity) await session.activity.finished;
    assert.equal(await vscode.commands.executeCommand('volley.inspectSelected', source), 'passed');
  });
});

/** Resolves as soon as some file has findings of this tool, with them. */
function diagnosticsFrom(source: string): Promise<readonly vscode.Diagnostic[]> {
  return new Promise((resolve) => {
    const subscription = vscode.languages.onDidChangeDiagnostics(({ uris }) => {
      const found = uris
        .flatMap((uri) => vscode.languages.getDiagnostics(uri))
        .filter((diagnostic) => diagnostic.source === source);
      if (found.length === 0) return;
      subscription.dispose();
      resolve(found);
    });
  });
}
