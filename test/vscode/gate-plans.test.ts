import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { createGatePlans, type GatePlans } from '../../src/vscode/gate-plans.js';
import { GATE_PLAN_SCHEME } from '../../src/vscode/names.js';
import { openSession, type SessionRig } from '../support/editor-session.js';

describe('Explain Plan of Gates', () => {
  let rig: SessionRig;
  let plans: GatePlans;
  beforeEach(async () => {
    rig = await openSession();
    plans = createGatePlans(rig.session);
  });
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    plans.dispose();
    await rig.dispose();
  });

  it('shows what a run would do now, before and after it is known how long gates take, and runs nothing', async () => {
    const missing = { kind: 'unavailable', reason: 'No.', install: 'npm i b' } as const;
    const gates = [rig.gate('a'), { ...rig.gate('b'), availability: missing }];
    await plans.explain(gates, { kind: 'workspace' });
    const document = vscode.window.activeTextEditor?.document ?? assert.fail('nothing is shown');
    assert.equal(document.uri.scheme, GATE_PLAN_SCHEME);
    assert.match(document.getText(), /^Plan of 2 gates · .*\n\n1 gate would run: .*\n +1\. {2}a {2}not known/);
    assert.match(document.getText(), /Would not run\n +b {2}skipped: .*npm i b/);
    assert.equal(rig.session.run, undefined);
    await rig.runToEnd(rig.gate('a'));
    const changed = new Promise<string>((resolve) => {
      vscode.workspace.onDidChangeTextDocument(({ document: changedDocument }) => {
        if (changedDocument === document) resolve(changedDocument.getText());
      });
    });
    await plans.explain(gates, { kind: 'workspace' });
    assert.match(await changed, / {5}0 ms {2}a {2}about (.|\n)*Predicted {7}about .*; from 1 earlier run\. An estimate/);
  });
});
