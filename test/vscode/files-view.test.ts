import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { type Choices, createChoices, scopeOf } from '../../src/vscode/choices.js';
import { createFilesProvider, type FilesNode, type FilesProvider } from '../../src/vscode/files-view.js';
import { memento } from '../support/editor-session.js';

const { Checked, Unchecked } = vscode.TreeItemCheckboxState;
const token = new vscode.CancellationTokenSource().token;

describe('The Files view', () => {
  const root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
  const folder = path.join(root, 'files view');
  const one = vscode.Uri.file(path.join(folder, "it's #1 ü.ts"));
  const two = vscode.Uri.file(path.join(folder, '-two.ts'));
  let memory: vscode.Memento;
  let choices: Choices;
  let provider: FilesProvider;
  before(async () => {
    await mkdir(folder);
    for (const uri of [one, two]) await writeFile(uri.fsPath, 'export {};\n');
  });
  after(() => rm(folder, { recursive: true }));
  beforeEach(() => {
    memory = memento();
    choices = createChoices(memory);
    provider = createFilesProvider(choices);
  });
  afterEach(async () => {
    provider.dispose();
    choices.dispose();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  const children = async (node?: FilesNode) => (await provider.getChildren(node)) ?? [];
  const scopeRow = async (scope: string) => {
    const node = (await children()).find((each) => each.kind === 'scope' && each.scope === scope);
    assert.ok(node);
    return node;
  };
  const item = async (node: FilesNode) => provider.getTreeItem(node);
  const description = async (scope: string) => String((await item(await scopeRow(scope))).description);
  const fileRows = async () => children(await scopeRow('selected'));

  it('shows the scopes, of which exactly one is for the next run', async () => {
    const labels = (await Promise.all((await children()).map(item))).map(({ label }) => label);
    assert.deepEqual(labels, ['Workspace', 'Changed Files', 'Staged Files', 'Open Editors', 'Selected Files']);
    const marked = async () => {
      const items = await Promise.all((await children()).map(item));
      return items.filter(({ iconPath }) => (iconPath as vscode.ThemeIcon).id === 'circle-filled').map(({ label }) => label);
    };
    assert.deepEqual(await marked(), ['Workspace']);
    choices.setScope('staged');
    assert.deepEqual(await marked(), ['Staged Files']);
  });

  it('chooses a scope by a click on its row', async () => {
    const { command } = await item(await scopeRow('changed'));
    assert.deepEqual([command?.command, command?.arguments], ['volley.setScope', ['changed']]);
  });

  it('lists added files and folders once each, and makes them the scope', async () => {
    assert.deepEqual(await choices.addFiles([one, vscode.Uri.file(folder), one]), []);
    await choices.addFiles([one]);
    const items = await Promise.all((await fileRows()).map(item));
    assert.deepEqual(
      items.map(({ resourceUri }) => resourceUri?.fsPath),
      [one.fsPath, folder],
    );
    assert.ok(items.every(({ checkboxState, contextValue }) => checkboxState === Checked && contextValue === 'chosen'));
    assert.equal(choices.scope, 'selected');
    assert.equal(await description('selected'), '1 folder, 1 file · next run');
  });

  it('runs on checked files only', async () => {
    await choices.addFiles([one, two]);
    const [first] = await fileRows();
    assert.ok(first);
    provider.check([[first, Unchecked]]);
    assert.deepEqual(scopeOf('selected', choices), { kind: 'selected', files: [two.fsPath] });
    assert.equal(await description('selected'), '1 file · next run');
  });

  it('remembers scope, files and their checks', async () => {
    await choices.addFiles([one, two]);
    choices.checkFile(one.fsPath, false);
    const later = createChoices(memory);
    assert.equal(later.scope, 'selected');
    assert.deepEqual(
      later.files.map(({ path: file, checked }) => [file, checked]),
      [
        [one.fsPath, false],
        [two.fsPath, true],
      ],
    );
    later.dispose();
  });

  it('takes what is dropped, also several files at once', async () => {
    const data = new vscode.DataTransfer();
    data.set('text/uri-list', new vscode.DataTransferItem(`# a comment\r\n${one.toString()}\r\n${two.toString()}\r\n`));
    await provider.handleDrop?.(undefined, data, token);
    assert.deepEqual(
      choices.files.map((file) => file.path),
      [one.fsPath, two.fsPath],
    );
  });

  it('refuses what is outside the workspace or not there', async () => {
    const outside = vscode.Uri.file(path.join(root, '..', 'elsewhere.ts'));
    const missing = vscode.Uri.file(path.join(folder, 'missing.ts'));
    const untitled = vscode.Uri.parse('untitled:Untitled-1');
    assert.deepEqual(await choices.addFiles([outside, missing, untitled]), [outside, missing, untitled]);
    assert.deepEqual(choices.files, []);
    assert.equal(choices.scope, 'workspace');
  });

  it('goes back to the workspace when the last file is removed', async () => {
    await choices.addFiles([one, two]);
    choices.removeFiles([one.fsPath]);
    assert.equal(choices.scope, 'selected');
    choices.removeFiles([two.fsPath]);
    assert.equal(choices.scope, 'workspace');
    assert.equal((await item(await scopeRow('selected'))).collapsibleState, vscode.TreeItemCollapsibleState.None);
  });

  it('says of a file that was deleted that it is no longer there', async () => {
    const gone = path.join(folder, 'gone.ts');
    await writeFile(gone, '');
    await choices.addFiles([vscode.Uri.file(gone)]);
    await rm(gone);
    const [row] = await fileRows();
    assert.ok(row);
    assert.equal((await item(row)).description, 'no longer there');
  });

  it('counts the files that are open in editors, each once', async () => {
    assert.deepEqual(scopeOf('open', choices), { kind: 'open', files: [] });
    const changed = new Promise((resolve) => provider.onDidChangeTreeData?.(resolve));
    await vscode.window.showTextDocument(one, { preview: false });
    await vscode.window.showTextDocument(one, { preview: false, viewColumn: vscode.ViewColumn.Beside });
    await vscode.window.showTextDocument(two, { preview: false });
    await changed;
    assert.deepEqual(scopeOf('open', choices), { kind: 'open', files: [one.fsPath, two.fsPath] });
    assert.equal(await description('open'), '2 files');
  });
});
