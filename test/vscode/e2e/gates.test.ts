import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { type Editor, openEditor } from '../../support/editor.js';
import { closesAfterwards } from '../../support/end-to-end.js';
import { allGone, type HeldWorkspace, heldWorkspace } from '../../support/held-gates.js';
import { eventually } from '../../support/processes.js';

/** What the rows of the Gates view are called in this workspace. */
const QUICK = 'npm run check:quick';
const OTHER = 'npm run check:other';
const SLOW = 'npm run test:slow';
const DEAF = 'npm run test:deaf';

describe('A user with gates that take their time', () => {
  let workspace: HeldWorkspace;
  let editor: Editor;

  before(async () => {
    workspace = await heldWorkspace(
      { 'check:quick': 'held quick', 'check:other': 'held other', 'test:slow': 'held slow', 'test:deaf': 'deaf deaf' },
      { 'src/one.txt': 'one\n', 'src/two.txt': 'two\n' },
    );
    editor = await openEditor({
      folder: workspace.folder,
      settings: { 'volley.verify.pairs': 1, 'volley.slots': 4 },
      size: { width: 1400, height: 1400 },
    });
    await editor.showContainer('Volley');
    await gate(QUICK).waitFor();
  });

  closesAfterwards('gates', () => ({ editor, workspace }));

  const gate = (name: string, text?: string | RegExp): Locator => {
    const row = editor.treeRow(name, 'Gates');
    return text === undefined ? row : row.filter({ hasText: text });
  };
  const status = (text: RegExp) => editor.page.locator('.statusbar-item', { hasText: text });
  const isOffered = async (title: string) => (await editor.paletteTitles(`Volley: ${title}`)).includes(`Volley: ${title}`);
  const isChecked = (name: string) => editor.checkbox(name, 'Gates').getAttribute('aria-checked');
  const runRow = (label: string, text: RegExp) => editor.treeRow(label, 'Runs').filter({ hasText: text }).first();

  it('finds the commands in the palette, but none that needs a row of a tree or has nothing to work on', async () => {
    const shown = [
      ...['Run All Gates', 'Run Gates…', 'Run Checked Gates', 'Run Gates on Selected Files', 'Run Gates on Changed Files'],
      ...['Verify Speedup', 'Show Timing Panel', 'Refresh Gates', 'Choose Scope…', 'Add to Selected Files', 'Show Log'],
    ];
    for (const title of shown) await eventually(title, () => isOffered(title));
    const hidden = [
      'Run Gate',
      'Cancel Gate',
      'Remove from Selected Files',
      'Show in Timing Panel',
      'Cancel Run',
      'Re-run Failed Gates',
    ];
    for (const title of hidden) await eventually(`no ${title}`, async () => !(await isOffered(title)));
  });

  it('unchecks a group and its gates follow, checks its gates and the group follows', async () => {
    await editor.setChecked('Tests', false, 'Gates');
    await eventually('unchecked gates', async () => (await isChecked(SLOW)) === 'false' && (await isChecked(DEAF)) === 'false');
    assert.equal(await isChecked(QUICK), 'true');
    await editor.setChecked(SLOW, true, 'Gates');
    assert.equal(await isChecked('Tests'), 'false');
    await editor.setChecked(DEAF, true, 'Gates');
    await eventually('a checked group', async () => (await isChecked('Tests')) === 'true');
    await editor.setChecked('Tests', false, 'Gates');
    await eventually('an unchecked group', async () => (await isChecked(DEAF)) === 'false');
  });

  it('picks gates to run, sees them run and end, in the view and in the status bar', async () => {
    await editor.palette('Volley: Run Gates…');
    await editor.quickPick.row(QUICK).waitFor();
    for (const name of [QUICK, SLOW]) await editor.quickPick.check(name, true);
    for (const name of [OTHER, DEAF]) await editor.quickPick.check(name, false);
    await editor.quickPick.accept();
    await gate(QUICK, /running/).waitFor();
    await gate(SLOW, /running/).waitFor();
    await status(/Volley 0\/2 · \d+s/).waitFor();
    await workspace.release('quick', 3);
    await gate(QUICK, /failed · \d/).waitFor();
    await status(/Volley 1\/2 · 1 failed · \d+s/).waitFor();
    assert.match((await gate(SLOW).textContent()) ?? '', /running/);
    await workspace.release('slow');
    await gate(SLOW, /passed · \d/).waitFor();
    await status(/Volley 1 failed/).waitFor();
    assert.deepEqual([...(await workspace.started())].sort(), ['quick', 'slow']);
  });

  it('finds the last choice picked again', async () => {
    await editor.palette('Volley: Run Gates…');
    await editor.quickPick.row(QUICK).waitFor();
    for (const [name, picked] of [
      [QUICK, true],
      [SLOW, true],
      [OTHER, false],
      [DEAF, false],
    ] as const)
      assert.equal(await editor.quickPick.isChecked(name), picked, name);
    await editor.page.keyboard.press('Escape');
  });

  it('runs again what failed, and only that', async () => {
    await workspace.release('quick');
    await editor.palette('Volley: Re-run Failed Gates');
    await gate(QUICK, /passed · \d/).waitFor();
    assert.equal((await workspace.pids('quick', 2)).length, 2);
    assert.equal((await workspace.pids('slow')).length, 1);
    await runRow('Re-run Failed Gates', /passed/).waitFor();
    await eventually('nothing to run again', async () => !(await isOffered('Re-run Failed Gates')));
  });

  it('cancels gates that do not listen, at once and with all their processes', async () => {
    await workspace.hold('slow');
    await editor.rowAction('Tests', 'Run Gate', 'Gates');
    await gate(DEAF, /running/).waitFor();
    const pids = [...(await workspace.pids('deaf', 2)), ...(await workspace.pids('slow', 2)).slice(1)];
    await editor.palette('Volley: Cancel Run');
    await gate(DEAF, /cancelled/).waitFor();
    // What was cancelled keeps the result that it had.
    await gate(SLOW, /passed/).waitFor();
    await allGone(pids);
    await runRow('Run Gates', /cancelled/).waitFor();
  });

  it('runs and cancels one gate, and reads its output, from its row', async () => {
    await editor.rowAction(OTHER, 'Run Gate', 'Gates');
    await gate(OTHER, /running/).waitFor();
    const pids = await workspace.pids('other');
    await editor.rowAction(OTHER, 'Cancel Gate', 'Gates');
    await gate(OTHER, /cancelled/).waitFor();
    await allGone(pids);
    await editor.rowAction(OTHER, 'Show Output of Gate', 'Gates');
    await editor.page.locator('.editor-instance .view-line', { hasText: 'other has begun' }).waitFor();
  });

  it('is told that something runs already, and starts the next run in its place', async () => {
    await editor.rowAction(OTHER, 'Run Gate', 'Gates');
    await gate(OTHER, /running/).waitFor();
    await editor.rowAction(QUICK, 'Run Gate', 'Gates');
    const question = editor.notifications().filter({ hasText: `"${OTHER}" still runs` });
    await question.getByText('Cancel It and Start').click();
    await gate(OTHER, /cancelled/).waitFor();
    await gate(QUICK, /passed/).waitFor();
    await eventually('three starts', async () => (await workspace.pids('quick', 3)).length === 3);
  });

  it('chooses the scope in the Files view, and files from the Explorer', async () => {
    const scope = (label: string, text: string) => editor.treeRow(label, 'Files').filter({ hasText: text });
    await scope('Workspace', 'next run').waitFor();
    await editor.treeRow('Open Editors', 'Files').click();
    await scope('Open Editors', 'next run').waitFor();
    await editor.showContainer('Explorer');
    await editor.explorerRow('src').click();
    await editor.explorerRow('one.txt').click();
    await editor.explorerRow('two.txt').click({ modifiers: ['Control'] });
    await editor.contextMenu(editor.explorerRow('two.txt'), 'Add to Selected Files');
    await editor.showContainer('Volley');
    await scope('Selected Files', '2 files · next run').waitFor();
    // The editor drops a click that meets a refresh of the tree; a user clicks again.
    await eventually('one file is left', async () => {
      await editor.setChecked('one.txt', false, 'Files');
      return scope('Selected Files', '1 file · next run').isVisible();
    });
    await editor.rowAction('two.txt', 'Remove from Selected Files', 'Files');
    await scope('Selected Files', '0 files · next run').waitFor();
    await editor.palette('Volley: Clear Selected Files');
    await scope('Workspace', 'next run').waitFor();
  });

  it('runs the checked gates on files that are selected in the Explorer', async () => {
    await workspace.release('other');
    await editor.showContainer('Explorer');
    await editor.explorerRow('one.txt').click();
    await editor.explorerRow('two.txt').click({ modifiers: ['Control'] });
    await editor.contextMenu(editor.explorerRow('two.txt'), 'Run Gates on Selected Files');
    await editor.showContainer('Volley');
    await runRow('Run Gates (Selected Files)', /passed/).waitFor();
    await gate(OTHER, /passed/).waitFor();
  });

  it('expands a past run to its timing tree and opens it in the panel', async () => {
    await editor.expand('Run Gates (Selected Files)', 'Runs');
    await runRow(QUICK, /passed · \d/).waitFor();
    await editor.treeRow('Re-run Failed Gates', 'Runs').click();
    await editor.panelFrame().locator('.run-header', { hasText: 'Re-run Failed Gates' }).waitFor();
    await editor.panelFrame().locator('tr[data-node]', { hasText: QUICK }).waitFor();
    assert.equal(await editor.panelFrame().locator('tr[data-node]', { hasText: OTHER }).count(), 0);
  });

  it('verifies the speedup of the checked gates and reads a verdict below two timelines', async () => {
    await editor.palette('Volley: Verify Speedup');
    const panel = editor.panelFrame();
    await panel
      .locator('.verification-view h1', { hasText: /^(Validated|Not validated|No gain|Slower|Inconclusive)/i })
      .waitFor();
    const labels = await panel.locator('.track-label').allTextContents();
    assert.match(labels.join('\n'), /^One after another: \d.*\nIn parallel: \d.*, 4 workers$/);
    assert.equal(await panel.locator('.track svg .bars [data-operation]').count(), 4);
    await panel.locator('.verdict-sentence', { hasText: /1 pair|one pair/ }).waitFor();
    await runRow('Verify Speedup', /\d×/).waitFor();
  });

  it('works in the panel by keyboard alone', async () => {
    const { keyboard } = editor.page;
    const panel = editor.panelFrame();
    await editor.palette('Volley: Run Checked Gates');
    await runRow('Run Checked Gates', /passed/).waitFor();
    await keyboard.press('F1');
    await editor.page.locator('.quick-input-widget input').waitFor();
    await keyboard.type('Volley: Show Timing Panel');
    await keyboard.press('Enter');
    await panel.locator('.run-header', { hasText: 'Run Checked Gates' }).waitFor();
    const focused = panel.locator('tr[data-node]:focus');
    await eventually('the focus on the table', async () => {
      await keyboard.press('Tab');
      return (await focused.count()) === 1;
    });
    await keyboard.press('Home');
    await keyboard.press('ArrowDown');
    await keyboard.press('ArrowDown');
    await panel.locator('tr[data-node]:focus', { hasText: QUICK }).waitFor();
    await keyboard.press('Enter');
    await panel.getByLabel('Details of the operation').getByText('quick has begun').waitFor();
    await keyboard.press('Escape');
    await panel.getByLabel('Details of the operation').waitFor({ state: 'hidden' });
    await panel.locator('tr[data-node]:focus', { hasText: QUICK }).waitFor();
  });

  it('finds checkboxes, results and the panel as they were after a reload of the window', async () => {
    assert.equal(await isChecked(DEAF), 'false');
    await editor.reload();
    await editor.showContainer('Volley');
    await gate(QUICK, /passed · \d/).waitFor();
    await gate(DEAF, /cancelled/).waitFor();
    assert.deepEqual(await Promise.all([QUICK, OTHER, SLOW, DEAF].map(isChecked)), ['true', 'true', 'false', 'false']);
    await editor.panelFrame().locator('.run-header', { hasText: 'Run Checked Gates' }).waitFor();
  });
});
