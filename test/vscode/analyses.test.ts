import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { type Analyses, createAnalyses } from '../../src/vscode/analyses.js';
import { ANALYSIS_SCHEME } from '../../src/vscode/names.js';
import { openSession, type SessionRig } from '../support/editor-session.js';
import { eventually } from '../support/processes.js';

const SCRIPTS = { scripts: { lint: 'eslint src', types: 'tsc --noEmit', ci: 'npm run lint && npm run types' } };

describe('Analyse for Parallelism', () => {
  let rig: SessionRig;
  let analyses: Analyses;
  let offered: readonly vscode.QuickPickItem[];
  let told: string[];
  let answer: (text: string) => string | undefined;
  const restore: (() => void)[] = [];
  const pick = (label: string | undefined) =>
    replace(vscode.window, 'showQuickPick', async (items: Thenable<readonly vscode.QuickPickItem[]>) => {
      offered = await items;
      return offered.find((item) => item.label === label && item.kind !== vscode.QuickPickItemKind.Separator);
    });

  function replace(target: object, name: string, value: unknown): void {
    const own = Object.getOwnPropertyDescriptor(target, name);
    Object.defineProperty(target, name, { value, configurable: true, writable: true });
    restore.push(() => own && Object.defineProperty(target, name, own));
  }

  beforeEach(async () => {
    rig = await openSession();
    analyses = createAnalyses(rig.session, { error: assert.fail });
    told = [];
    offered = [];
    answer = () => undefined;
    for (const method of ['showInformationMessage', 'showErrorMessage'] as const)
      replace(vscode.window, method, async (text: string) => {
        told.push(text);
        return answer(text);
      });
    await writeFile(path.join(rig.folder, 'package.json'), JSON.stringify(SCRIPTS, null, 2));
    await vscode.env.clipboard.writeText('');
  });

  afterEach(async () => {
    for (const undo of restore.splice(0).reverse()) undo();
    analyses.dispose();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await rig.dispose();
  });

  /** The preview alone does not keep the document open. */
  const shownText = async (title: string) =>
    (await vscode.workspace.openTextDocument(vscode.Uri.from({ scheme: ANALYSIS_SCHEME, path: `/${title}.md` }))).getText();

  it('offers what lies in the workspace and shows the report of what is chosen, without running anything', async () => {
    pick('ci');
    await analyses.analyse();
    const labels = offered.map(({ label }) => label);
    assert.deepEqual(labels.slice(-5), ['lint', 'types', 'ci', 'elsewhere', 'Commands from the clipboard']);
    assert.match(await shownText('package.json, script ci'), /^# Optimisation report: package\.json, script ci\n/);
    assert.match(await shownText('package.json, script ci'), /2 of 2 operations \(100 %\) can run beside at least one other/);
    assert.match(await shownText('package.json, script ci'), /nothing is said of seconds/);
    assert.match(told.join('\n'), /2 of 2 operations of package\.json, script ci can run beside another\./);
    assert.deepEqual(await readdir(rig.folder), ['gate.mjs', 'package.json']);
  });

  it('analyses what is selected in an editor, and what is on the clipboard', async () => {
    const document = await vscode.workspace.openTextDocument({
      language: 'plaintext',
      content: 'cat a.txt\ncat b.txt\nnot this (',
    });
    const editor = await vscode.window.showTextDocument(document);
    editor.selection = new vscode.Selection(0, 0, 2, 0);
    pick('Commands in the selection');
    await analyses.analyse();
    assert.match(await shownText('the selection'), /^# Optimisation report: the selection\n/);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await vscode.env.clipboard.writeText('wc -l a.txt\n');
    pick('Commands from the clipboard');
    await analyses.analyse();
    const shown = offered.map(({ label, description }) => `${label} ${description}`).join();
    assert.ok(!shown.includes('wc -l'), 'what stands on the clipboard is not shown');
    assert.match(await shownText('the clipboard'), /^# Optimisation report: the clipboard\n/);
  });

  it('opens the equivalent batch as a file that can be run, never over another, and says its name in the report', async () => {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
    const source = path.join(folder, 'analysed');
    await mkdir(source);
    await writeFile(path.join(source, 'package.json'), JSON.stringify(SCRIPTS));
    replace(vscode.window, 'showQuickPick', async (items: readonly vscode.QuickPickItem[]) =>
      items.find(({ label }) => label === 'ci'),
    );
    const files = ['ci.batch.jsonc', 'ci-2.batch.jsonc'].map((name) => path.join(folder, name));
    try {
      await analyses.analyse(vscode.Uri.file(path.join(source, 'package.json')));
      for (const file of files) {
        await analyses.openBatch();
        assert.equal(vscode.window.activeTextEditor?.document.uri.fsPath, file);
        assert.match(await readFile(file, 'utf8'), /"id": "lint-eslint-src"/);
      }
      await eventually('the name of the file', async () =>
        /volley verify ci-2\.batch\.jsonc/.test(await shownText('package.json, script ci')),
      );
    } finally {
      for (const file of [...files, source]) await rm(file, { force: true, recursive: true });
    }
  });

  it('writes the report as Markdown or as HTML, by the name that is chosen', async () => {
    pick('ci');
    await analyses.analyse();
    for (const [name, start] of [
      ['report.md', /^# Optimisation report/],
      ['report.html', /^<!DOCTYPE html>/],
    ] as const) {
      const file = path.join(rig.folder, name);
      replace(vscode.window, 'showSaveDialog', async () => vscode.Uri.file(file));
      await analyses.saveReport();
      assert.match(await readFile(file, 'utf8'), start);
    }
  });

  it('says what is wrong, and what to do before anything was analysed', async () => {
    await analyses.openBatch();
    await analyses.saveReport();
    assert.deepEqual(new Set(told), new Set(['Nothing was analysed yet. Use Volley: Analyse for Parallelism… first.']));
    const file = path.join(rig.folder, 'broken.jsonl');
    await writeFile(file, 'no json\n');
    await analyses.analyse(vscode.Uri.file(file));
    assert.match(told.at(-1) ?? '', /^Line 1 of broken\.jsonl is no JSON/);
  });
});
