import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { RunId } from '../../src/core/model.js';
import {
  answeredRun,
  copyCombinedAnswer,
  openCombinedAnswer,
  registerAnswerDocuments,
} from '../../src/vscode/combined-answer.js';
import { ANSWER_SCHEME } from '../../src/vscode/names.js';
import { createRunsProvider } from '../../src/vscode/runs-view.js';
import { openSession, type SessionRig } from '../support/editor-session.js';

describe('The combined answer of a batch', () => {
  let rig: SessionRig;
  let told: string[];
  const restore: (() => void)[] = [];

  beforeEach(async () => {
    rig = await openSession();
    told = [];
    for (const method of ['showInformationMessage', 'showWarningMessage'] as const) {
      const original = vscode.window[method];
      Object.assign(vscode.window, { [method]: async (text: string) => void told.push(text) });
      restore.push(() => Object.assign(vscode.window, { [method]: original }));
    }
    await writeFile(path.join(rig.folder, 'a.txt'), 'the content of a\n');
  });
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    for (const undo of restore.splice(0)) undo();
    await rig.dispose();
  });

  async function runBatch(countTokens: boolean): Promise<RunId> {
    const operations = [
      { id: 'read', tool: 'read', input: { path: 'a.txt' } },
      { id: 'count', tool: 'command', input: { argv: ['wc', '-l', 'a.txt'] } },
    ];
    const planned = await rig.engine.planBatch(JSON.stringify({ operations }), { slots: 2 });
    assert.ok(planned.kind === 'batch');
    const label = 'Batch deep/in/own.batch.jsonc';
    const activity = rig.session.startBatch({
      ...{ batch: planned.batch, mode: 'parallel', slots: 2, failure: 'continue', label, countTokens, keepAnswers: true },
    });
    await activity?.finished;
    return rig.session.run?.run ?? assert.fail('nothing ran');
  }

  it('is copied, with what it saves where tokens were counted; without a row that of the newest batch', async () => {
    await runBatch(true);
    await copyCombinedAnswer(rig.session, answeredRun(undefined));
    assert.equal(await vscode.env.clipboard.readText(), '=== read\nthe content of a\n=== count\n1 a.txt');
    assert.match(told.join(), /^The combined answer of own\.batch\.jsonc was copied\. Context: \d+ tokens for the batch/);
  });

  it('opens from a row of the Runs view, read-only, also in a window opened later', async () => {
    const first = await runBatch(false);
    await writeFile(path.join(rig.folder, 'a.txt'), 'something newer\n');
    await runBatch(false);
    const later = rig.reloaded();
    const documents = registerAnswerDocuments(later);
    const provider = createRunsProvider(later);
    const rows = (await provider.getChildren()) ?? [];
    const row = rows.find((each) => each.kind === 'run' && each.entry.run === first) ?? assert.fail('no row');
    assert.equal((await provider.getTreeItem(row)).contextValue, 'run batch');
    await openCombinedAnswer(later, answeredRun(row));
    const document = vscode.window.activeTextEditor?.document;
    assert.equal(document?.uri.scheme, ANSWER_SCHEME);
    assert.match(document.uri.path, /own\.batch\.jsonc\.answer\.txt$/);
    assert.match(document.getText(), /^=== read\nthe content of a\n=== count\n/);
    vscode.Disposable.from(documents, provider).dispose();
  });

  it('is told to be missing where nothing was kept, and no link leads out of the storage', async () => {
    await copyCombinedAnswer(rig.session, undefined);
    await openCombinedAnswer(rig.session, 'of-a-gate' as RunId);
    assert.equal(told.length, 2);
    for (const text of told) assert.match(text, /^No answers are kept: run a batch first/);
    const documents = registerAnswerDocuments(rig.session);
    const uri = vscode.Uri.from({ scheme: ANSWER_SCHEME, path: '/x.txt', query: '../../x' });
    assert.equal((await vscode.workspace.openTextDocument(uri)).getText(), 'These answers are no longer kept.\n');
    documents.dispose();
  });
});
