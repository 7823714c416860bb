import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
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
const PICTURES = path.join(import.meta.dirname, '../../../test-results/screenshots');
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
    await editor.choose('Volley: Compare Selected Runs', 'Run All Gates');
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

  it('has the plan of the checked gates explained, with the predicted time and from how many runs it follows', async () => {
    await editor.palette('Volley: Explain Plan of Gates');
    await editor.tab('gates.plan.txt').waitFor();
    const line = (text: string) => editor.page.locator('.editor-instance .view-line', { hasText: text }).first().waitFor();
    await line('Plan of 2 gates');
    await line('Predicted');
    await editor.screenshot('gates-plan');
    await editor.palette('View: Close Editor');
  });

  it('sees what was predicted of a run beside what came, in its row and in its tooltip', async () => {
    await editor.palette('Volley: Run All Gates');
    const row = runs()
      .first()
      .filter({ hasText: /predicted about/ });
    await row.waitFor({ timeout: 60_000 });
    await row.hover();
    // Under the pointer only what moves shows its tooltip.
    const box = (await row.boundingBox()) ?? assert.fail('no row');
    const hover = editor.page.locator('.monaco-hover:visible', { hasText: /Predicted about/ }).first();
    await eventually('the tooltip of the run', async () => {
      await editor.page.mouse.move(box.x + 60, box.y + 40);
      await editor.page.mouse.move(box.x + 70, box.y + 10, { steps: 5 });
      await hover.waitFor({ timeout: 3000 }).catch(() => undefined);
      return hover.isVisible();
    });
    assert.match((await hover.textContent()) ?? '', /took .* \(an estimate from earlier runs\)/);
    await editor.screenshot('runs-predicted');
  });

  it('exports trends from the title of the panel as one page, which a browser shows without the editor', async () => {
    await editor.palette('Volley: Show Trends');
    await heading('Trends').waitFor();
    await editor.page.locator('.title .action-label[aria-label="Export Report…"]').click();
    await editor.quickPick.row('HTML').click();
    const file = path.join(workspace.folder, 'trends.html');
    const text = await editor.saved(async () => (existsSync(file) ? file : undefined));
    const browser = editor.page.context().browser() ?? assert.fail('no browser');
    const page = await browser.newPage({ viewport: { width: 1300, height: 900 } });
    await page.setContent(text);
    await page.getByRole('heading', { name: 'Trends' }).waitFor();
    assert.equal(await page.locator('.trend-card').count(), 2);
    assert.equal(await page.getByRole('button', { name: /Compare|\d{4}-/ }).count(), 0, 'there is nothing to go to');
    await page.screenshot({ path: path.join(PICTURES, 'trends-page.png') });
    await page.close();
    await editor.page.locator('.title .action-label[aria-label="Export Report…"]').waitFor();
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
