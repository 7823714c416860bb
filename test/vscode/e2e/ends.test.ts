import assert from 'node:assert/strict';
import { type Editor, openEditor } from '../../support/editor.js';
import { closesAfterwards } from '../../support/end-to-end.js';
import { allGone, type HeldWorkspace, heldWorkspace } from '../../support/held-gates.js';

const GATE = 'npm run test:deaf';

describe('Processes of gates that ignore every signal', () => {
  let workspace: HeldWorkspace;
  let editor: Editor;

  before(async () => {
    workspace = await heldWorkspace({ 'test:deaf': 'deaf deaf', 'check:quick': 'held quick' });
    await workspace.release('quick');
    editor = await openEditor({ folder: workspace.folder });
    await editor.showContainer('Volley');
  });

  closesAfterwards('ends', () => ({ editor, workspace }));

  const running = () => editor.treeRow(GATE, 'Gates').filter({ hasText: 'running' });

  it('do not survive a reload of the window, which finds the gates as they ended before', async () => {
    await editor.palette('Volley: Run All Gates');
    await running().waitFor();
    const pids = await workspace.pids('deaf', 2);
    await editor.reload();
    await allGone(pids);
    await editor.showContainer('Volley');
    await editor.treeRow(GATE, 'Gates').waitFor();
    assert.equal(await running().count(), 0);
  });

  it('do not survive SIGKILL of the extension host, after which gates can be run again', async () => {
    await editor.palette('Volley: Run All Gates');
    await running().waitFor();
    const pids = (await workspace.pids('deaf', 4)).slice(2);
    const hosts = await editor.extensionHosts();
    assert.notEqual(hosts.length, 0);
    for (const host of hosts) process.kill(host, 'SIGKILL');
    await allGone(pids);
    await editor.treeRow(GATE, 'Gates').filter({ hasNotText: 'running' }).waitFor();
    await editor.rowAction('npm run check:quick', 'Run Gate', 'Gates');
    await editor
      .treeRow('npm run check:quick', 'Gates')
      .filter({ hasText: /passed · \d/ })
      .waitFor();
  });
});
