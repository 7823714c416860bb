import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { type Editor, openEditor, type Theme } from '../../support/editor.js';
import { closesAfterwards } from '../../support/end-to-end.js';
import { eventually } from '../../support/processes.js';
import { makeWorkspace, type WorkspaceCopy } from '../../support/sample.js';

const FILES: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({ name: 'x', scripts: { 'check:a': 'node a.mjs', 'check:b': 'node b.mjs' } }),
  'a.mjs': '',
  'b.mjs': 'setTimeout(() => {}, 100);\n',
};
const BROKEN = 'process.exitCode = 1;\n';

describe('A user who looks at several runs together', () => {
  let workspace: WorkspaceCopy;
  let editor: Editor;

  before(async () => {
    workspace = await makeWorkspace(FILES);
    editor = await openEditor({ folder: workspace.folder, size: { width: 1700, height: 1000 } });
    await editor.showContainer('Volley');
    await editor.treeRow('npm run check:a', 'Gates').waitFor({ timeout: 60_000 });
  });
  closesAfterwards('trends', () => ({ editor, workspace }));

  const panel = () => editor.panelFrame();
  const runs = (): Locator => editor.treeRow('Run All Gates', 'Runs');
  const ended = (outcome: RegExp) => runs().filter({ hasText: outcome }).first().waitFor({ timeout: 60_000 });
  const card = (name: string) => panel().getByRole('region', { name, exact: true });
  const heading = (text: string) => panel().getByRole('heading', { name: text, exact: true });

  it('runs gates twice, the second time with one that fails, and sees what was saved beside the title of the view', async () => {
    await editor.palette('Volley: Run All Gates');
    await ended(/passed/);
    await writeFile(path.join(workspace.folder, 'a.mjs'), BROKEN);
    await editor.palette('Volley: Run All Gates');
    await ended(/errored|failed/);
    await editor.page.locator('.pane-header', { hasText: /Runs/ }).filter({ hasText: 'estimated' }).waitFor();
  });

  it('selects two runs and compares them from the context menu', async () => {
    await runs().first().click();
    await runs()
      .nth(1)
      .click({ modifiers: ['Control'] });
    await eventually('two selected', async () => (await runs().and(editor.page.locator('[aria-selected=true]')).count()) === 2);
    await editor.contextMenu(runs().first(), 'Compare Selected Runs');
    await heading('Two runs compared').waitFor();
    const row = panel().getByRole('row', { name: /^npm run check:a/ });
    assert.match((await row.textContent()) ?? '', /passed → (errored|failed)/);
    assert.match(
      (await panel().locator('.comparison-run').first().textContent()) ?? '',
      /passed in/,
      'the older one is the first',
    );
    await editor.screenshot('comparison');
  });

  it('goes from the comparison to the timing of one of its runs', async () => {
    await panel().getByRole('button', { name: 'Show timing of the first run' }).click();
    await panel().locator('.outcome-word', { hasText: 'Passed' }).waitFor();
  });

  it('picks two runs from the palette', async () => {
    await editor.palette('Volley: Compare Selected Runs');
    await editor.quickPick.row('Run All Gates').first().click();
    await editor.page.locator('.quick-input-widget input[placeholder^="The run to compare"]').waitFor();
    await editor.quickPick.row('Run All Gates').first().click();
    await heading('Two runs compared').waitFor();
  });

  it('shows trends from the title of the Runs view, reads them by key, and opens a run from a picture', async () => {
    await editor.palette('Volley: Show Trends');
    await heading('Trends').waitFor();
    const slider = card('npm run check:a').getByRole('slider');
    await slider.focus();
    await eventually('the newest run', async () => /errored|failed/.test((await slider.getAttribute('aria-valuetext')) ?? ''));
    await editor.page.keyboard.press('ArrowLeft');
    await eventually('the run before', async () => /passed/.test((await slider.getAttribute('aria-valuetext')) ?? ''));
    await editor.screenshot('trends');
    await editor.page.keyboard.press('Enter');
    await panel().locator('.outcome-word', { hasText: 'Passed' }).waitFor();
  });

  it('opens a run with a click on its point', async () => {
    await editor.palette('Volley: Show Trends');
    const slider = card('npm run check:a').getByRole('slider');
    const box = await slider.boundingBox();
    assert.ok(box);
    await slider.click({ position: { x: box.width - 3, y: 20 } });
    await panel()
      .locator('.outcome-word', { hasText: /Errored|Failed/ })
      .waitFor();
  });

  it('finds trends again after a reload', async () => {
    await editor.palette('Volley: Show Trends');
    await heading('Trends').waitFor();
    await editor.reload();
    await heading('Trends').waitFor();
    assert.equal(await panel().locator('.trend-card').count(), 2);
  });

  const themes: readonly Theme[] = ['Dark Modern', 'Light Modern', 'Dark High Contrast'];
  for (const theme of themes) {
    it(`sees them in ${theme}`, async () => {
      await editor.setTheme(theme);
      await heading('Trends').waitFor();
      await editor.screenshot(`trends-${theme.toLowerCase().replaceAll(' ', '-')}`);
    });
  }
});
