import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { type Editor, openEditor, type Theme } from '../../support/editor.js';
import { closesAfterwards } from '../../support/end-to-end.js';
import { makeWorkspace, type WorkspaceCopy } from '../../support/sample.js';

const PACKAGE = {
  name: 'shop',
  private: true,
  scripts: { 'test:words': 'echo fine | cat', 'lint:words': "echo 'oops, no' | cat; exit 1" },
};

describe('A user who exports reports', () => {
  let workspace: WorkspaceCopy;
  let editor: Editor;

  before(async () => {
    workspace = await makeWorkspace({ 'package.json': JSON.stringify(PACKAGE) });
    editor = await openEditor({ folder: workspace.folder, size: { width: 1500, height: 900 } });
    await editor.showContainer('Volley');
    await editor.treeRow('npm run test:words', 'Gates').waitFor();
    await editor.palette('Volley: Run All Gates');
    await run().waitFor();
  });
  closesAfterwards('export', () => ({ editor, workspace }));

  const run = () =>
    editor
      .treeRow('Run All Gates', 'Runs')
      .filter({ hasText: /failed/ })
      .first();
  /** The text of the report with this ending, once its dialog was accepted. */
  async function saved(ending: string): Promise<string> {
    const text = await editor.saved(async () => {
      const name = (await readdir(workspace.folder)).find((each) => each.startsWith('run-') && each.endsWith(`.${ending}`));
      return name && path.join(workspace.folder, name);
    });
    await editor.page.locator('.quick-input-widget:visible').waitFor({ state: 'hidden' });
    return text;
  }

  it('chooses a format in the palette, and writes the newest run to a file', async () => {
    await editor.palette('Volley: Export Report…');
    await editor.quickPick.row('Markdown').waitFor();
    await editor.screenshot('export-formats');
    await editor.quickPick.row('Markdown').click();
    await editor.quickPick.row('Save to File…').click();
    assert.match(await saved('md'), /^# Run All Gates\n/);
  });

  it('exports the run of a row of the Runs view', async () => {
    await editor.contextMenu(run(), 'Export Report…');
    await editor.quickPick.row('Chrome trace events').click();
    const { traceEvents } = JSON.parse(await saved('trace.json'));
    assert.ok(traceEvents.length > 5);
  });

  it('exports what the panel shows, from its title', async () => {
    await run().click();
    await editor.panelFrame().locator('tr.row-operation').first().waitFor();
    await editor.page.locator('.title .action-label[aria-label="Export Report…"]').click();
    await editor.quickPick.row('HTML').click();
    assert.match(await saved('html'), /^<!DOCTYPE html>/);
  });

  it('exports what the panel shows, from its menu', async () => {
    await editor.contextMenu(editor.panelFrame().locator('h1').first(), 'Export Report…');
    await editor.quickPick.row('JUnit XML').click();
    assert.match(await saved('xml'), /<failure message=/);
  });

  const themes: readonly Theme[] = ['Dark Modern', 'Light Modern', 'Dark High Contrast'];
  for (const theme of themes) {
    it(`sees the action of the panel in ${theme}`, async () => {
      await editor.setTheme(theme);
      await editor.tab('Volley Timing').click();
      await editor.page.locator('.title .action-label[aria-label="Export Report…"]').hover();
      await editor.screenshot(`export-${theme.toLowerCase().replaceAll(' ', '-')}`);
    });
  }
});
