import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import path from 'node:path';
import { type Editor, openEditor } from '../../support/editor.js';
import { closesAfterwards } from '../../support/end-to-end.js';
import { eventually } from '../../support/processes.js';
import { makeWorkspace, type WorkspaceCopy } from '../../support/sample.js';

/** Each of these would leave a file behind if it was executed. */
const TRAPS: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({ name: 'trap', scripts: { test: 'node trap.cjs', lint: 'eslint .' } }),
  'trap.cjs': "require('node:fs').writeFileSync(__dirname + '/executed', '');",
  'eslint.config.cjs': "require('./trap.cjs'); module.exports = [];",
  'node_modules/.bin/eslint': '#!/bin/sh\ntouch "$(dirname "$0")/../../executed"\n',
};

describe('A folder in Restricted Mode', () => {
  let workspace: WorkspaceCopy;
  let editor: Editor;

  before(async () => {
    workspace = await makeWorkspace(TRAPS);
    await chmod(path.join(workspace.folder, 'node_modules', '.bin', 'eslint'), 0o755);
    editor = await openEditor({
      folder: workspace.folder,
      settings: { 'security.workspace.trust.enabled': true, 'security.workspace.trust.startupPrompt': 'never' },
    });
    await editor.showContainer('Volley');
  });

  closesAfterwards('trust', () => ({ editor, workspace }));

  it('has views that say why they are empty and what to do', async () => {
    const welcome = editor.page.locator('.sidebar .welcome-view-content');
    await welcome.getByText('Volley neither detects nor runs any until you trust it').waitFor();
    await welcome.getByText('In Restricted Mode no gates run, so there is nothing to choose files for').waitFor();
    await welcome.getByText('In Restricted Mode no gates run.', { exact: true }).waitFor();
    assert.equal(await welcome.getByText('Manage Workspace Trust').count(), 3);
  });

  it('has no commands that execute anything', async () => {
    let titles: readonly string[] = [];
    await eventually('the commands in the palette', async () => {
      titles = await editor.paletteTitles('Volley: ');
      return titles.includes('Volley: Show Log');
    });
    for (const title of [
      'Run All Gates',
      'Run Gates…',
      'Run Checked Gates',
      'Verify Speedup',
      'Tune Concurrency',
      'Refresh Gates',
    ])
      assert.ok(!titles.includes(`Volley: ${title}`), title);
  });

  it('has a timing panel that says it, too', async () => {
    await editor.palette('Volley: Show Timing Panel');
    await editor.panelFrame().getByRole('heading', { name: 'This workspace is not trusted' }).waitFor();
    assert.equal(await editor.panelFrame().getByRole('button').count(), 0);
  });

  it('is analysed all the same, since that only reads; its batch is written nowhere', async () => {
    await editor.choose('Volley: Analyse for Parallelism…', 'lint');
    await editor.panelFrame().getByRole('heading', { name: 'Optimisation report: package.json, script lint' }).waitFor();
    await editor.palette('Volley: Open Batch of Analysis');
    await editor.page.locator('.tab', { hasText: 'Untitled-1' }).first().waitFor();
    assert.equal(existsSync(path.join(workspace.folder, 'lint.batch.jsonc')), false);
    assert.equal(existsSync(path.join(workspace.folder, 'executed')), false);
  });

  it('has had nothing executed, until the user trusts it and runs its gates', async () => {
    assert.equal(existsSync(path.join(workspace.folder, 'executed')), false);
    await editor.palette('Workspaces: Manage Workspace Trust');
    await editor.page
      .locator('.workspace-trust-editor')
      .getByRole('button', { name: /^Trust/ })
      .first()
      .click();
    // A newer VS Code shows this editor over all others, until it is closed.
    const overlay = editor.page.locator('.monaco-modal-editor-block');
    await eventually('the end of the trust editor', async () => {
      if ((await overlay.count()) === 0) return true;
      await overlay
        .getByRole('button', { name: /^Close/ })
        .first()
        .click({ timeout: 1_000 })
        .catch(() => {});
      return false;
    });
    const gate = editor.treeRow('ESLint', 'Gates');
    await gate.waitFor();
    assert.equal(existsSync(path.join(workspace.folder, 'executed')), false, 'detecting executes nothing');
    await editor.tab('Volley Timing').click();
    await editor.panelFrame().getByRole('heading', { name: 'No run yet' }).waitFor();
    await editor.panelFrame().getByRole('button', { name: 'Run All Gates' }).click();
    await editor.panelFrame().locator('tr.row-operation', { hasText: 'ESLint' }).waitFor();
  });
});
