import assert from 'node:assert/strict';
import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { newBatch } from '../../src/vscode/new-batch.js';
import { openSession, type SessionRig } from '../support/editor-session.js';

describe('A new batch', () => {
  let rig: SessionRig;
  const { showQuickPick, showWorkspaceFolderPick } = vscode.window;
  const pick = (label: string | undefined) =>
    Object.assign(vscode.window, {
      showQuickPick: async (items: readonly vscode.QuickPickItem[]) => {
        assert.ok(items.every((item) => item.label !== '' && (item.detail ?? '') !== ''));
        return items.find((item) => item.label === label);
      },
      showWorkspaceFolderPick: async () => vscode.workspace.workspaceFolders?.[0],
    });

  beforeEach(async () => {
    rig = await openSession();
  });
  afterEach(async () => {
    Object.assign(vscode.window, { showQuickPick, showWorkspaceFolderPick });
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await rig.dispose();
  });

  it('is the template that was picked, open in an editor, and never takes the place of another file', async () => {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
    const files = ['tdd.batch.jsonc', 'tdd-2.batch.jsonc'].map((name) => path.join(folder, name));
    pick('Test-driven cycle');
    try {
      for (const file of files) {
        await newBatch(rig.session, undefined);
        assert.equal(vscode.window.activeTextEditor?.document.uri.fsPath, file);
        assert.match(await readFile(file, 'utf8'), /^\/\/ A test-driven cycle/);
      }
    } finally {
      for (const file of files) await rm(file, { force: true });
    }
  });

  it('is not written when the pick is dismissed', async () => {
    pick(undefined);
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
    const before = await readdir(folder);
    await newBatch(rig.session, undefined);
    assert.deepEqual(await readdir(folder), before);
  });
});
