import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Editor, openEditor } from '../../support/editor.js';
import { closesAfterwards } from '../../support/end-to-end.js';
import { eventually } from '../../support/processes.js';
import { makeWorkspace, type WorkspaceCopy } from '../../support/sample.js';

const scripts = { lint: 'node -e 0', test: 'node -e 0' };
const operations = ['a', 'b'].map((id) => ({ id, tool: 'command', input: { argv: ['true'] }, reads: [], writes: [] }));

describe('A user who tunes the concurrency', () => {
  let workspace: WorkspaceCopy;
  let editor: Editor;

  before(async () => {
    workspace = await makeWorkspace({
      'package.json': JSON.stringify({ name: 'tuned', private: true, scripts }, null, 2),
      'two.batch.jsonc': JSON.stringify({ operations }, null, 2),
      '.vscode/settings.json': '{\n  // mine\n  "volley.tune.rounds": 1\n}\n',
    });
    editor = await openEditor({ folder: workspace.folder });
    await editor.showContainer('Volley');
    await editor.treeRow('npm run lint', 'Gates').waitFor();
  });

  closesAfterwards('tuning', () => ({ editor, workspace }));

  it('gets a number and the curve, and uses the number in this workspace', async () => {
    await editor.palette('Volley: Tune Concurrency');
    const panel = editor.panelFrame();
    await panel.getByRole('button', { name: 'Tune Again' }).waitFor({ timeout: 120_000 });
    const heading = await panel.getByRole('heading', { name: /^[12] slots?$/ }).textContent();
    const slots = Number.parseInt(heading ?? '', 10);
    await panel.getByRole('img', { name: /^Speed with 2 numbers of slots/ }).waitFor();
    assert.equal(await panel.getByRole('table').getByRole('row').count(), 4);
    await editor.screenshot('tuning');
    await panel.getByRole('button', { name: `Use ${slots} Slot` }).click();
    await editor
      .notifications()
      .filter({ hasText: `volley.slots is ${slots} in this workspace now` })
      .filter({ hasText: 'It was a number that Volley chose itself (0).' })
      .waitFor();
    const settings = () => readFile(path.join(workspace.folder, '.vscode/settings.json'), 'utf8');
    await eventually('the setting', async () => (await settings()).includes(`"volley.slots": ${slots}`));
    assert.match(await settings(), /\/\/ mine/);
    await panel.getByText(`This workspace uses it: volley.slots is ${slots}.`).waitFor();
    await editor.treeRow('Tune Concurrency', 'Runs').waitFor();
  });

  it('exports the curve from its row as one page', async () => {
    await editor.contextMenu(editor.treeRow('Tune Concurrency', 'Runs'), 'Export Report…');
    await editor.quickPick.row('HTML').waitFor();
    await editor.screenshot('tuning-export');
    await editor.quickPick.row('HTML').click();
    const text = await editor.saved(async () => {
      const page = (await readdir(workspace.folder)).find((name) => /^tuning-\d{8}-\d{6}\.html$/.test(name));
      return page && path.join(workspace.folder, page);
    });
    assert.match(text, /<title>Volley: \S+, Tune Concurrency<\/title>/);
  });

  it('tunes a batch from the line above its operations', async () => {
    await editor.openFile('two.batch.jsonc');
    await editor.page.locator('.codelens-decoration a', { hasText: 'Tune' }).click();
    await editor
      .treeRow('Tune two.batch.jsonc', 'Runs')
      .filter({ hasText: /slots? ·/ })
      .waitFor({ timeout: 120_000 });
    await editor.panelFrame().getByText('Concurrency: two.batch.jsonc, 2 operations').waitFor();
  });
});
