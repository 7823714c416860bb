import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { root, run } from '../../../scripts/processes.mjs';
import { type Editor, openEditor, type Theme } from '../../support/editor.js';
import { closesAfterwards } from '../../support/end-to-end.js';
import { eventually } from '../../support/processes.js';
import { copySample, type WorkspaceCopy } from '../../support/sample.js';

interface Expected {
  readonly outcome: string;
  readonly findings: readonly {
    readonly file: string;
    readonly line: number;
    readonly column: number;
    readonly severity: string;
  }[];
}

/** What the Gates view calls the gates of the sample. */
const NAMES: Readonly<Record<string, string>> = {
  prettier: 'Prettier',
  eslint: 'ESLint',
  tsc: 'TypeScript',
  mocha: 'Mocha',
  'node-test': 'Node.js test runner',
  black: 'Black',
  flake8: 'flake8',
  mypy: 'mypy',
  pytest: 'pytest',
};

describe('A user with the sample workspace', () => {
  let workspace: WorkspaceCopy;
  let editor: Editor;
  /** Of the gates whose tools are installed on this machine, by name. */
  const expected = new Map<string, Expected>();

  before(async () => {
    workspace = await copySample();
    const settings = { 'volley.verify.pairs': 1, 'volley.slots': 2 };
    editor = await openEditor({ folder: workspace.folder, settings, size: { width: 1280, height: 800 } });
  });

  closesAfterwards('sample', () => ({ editor, workspace }));

  const gate = (name: string, text: string | RegExp = '') => editor.treeRow(name, 'Gates').filter({ hasText: text });
  const status = (text: RegExp) => editor.page.locator('.statusbar-item', { hasText: text });
  const panelRow = (name: string) => editor.panelFrame().locator('tr.row-operation', { hasText: name });
  const details = () => editor.panelFrame().getByLabel('Details of the operation');
  const findings = () => [...expected.values()].flatMap((each) => each.findings);
  const problemCount = (count: number) =>
    eventually(`${count} problems`, async () => {
      const texts = (await editor.page.locator('#status\\.problems').textContent())?.match(/\d+/g) ?? [];
      return texts.map(Number).reduce((sum, each) => sum + each, 0) === count;
    });

  it('finds the views Gates, Files and Runs, and in Gates what can run here', async () => {
    await editor.showContainer('Volley');
    const headers = editor.page.locator('.sidebar .pane-header h3.title');
    await headers.nth(2).waitFor();
    assert.deepEqual(await headers.allTextContents(), ['Gates', 'Files', 'Runs']);
    await gate('ESLint').waitFor();
    const file = path.join(root, 'test', 'fixtures', 'sample', 'expected-findings.json');
    const { gates } = JSON.parse(await readFile(file, 'utf8')) as { gates: Record<string, Expected> };
    const rows = (await editor.treeRows('Gates')).filter(({ level }) => level === 2);
    for (const [id, each] of Object.entries(gates)) {
      const name = NAMES[id] ?? id;
      const row = rows.find(({ label }) => label === name);
      assert.ok(row, `${name} is not among ${rows.map(({ label }) => label).join(', ')}`);
      if (!row.description.startsWith('not installed')) expected.set(name, each);
    }
    assert.equal(rows.length, Object.keys(gates).length);
  });

  it('runs all gates from the palette: rows are live, the status bar counts, the panel opens from it', async () => {
    const { size } = expected;
    await editor.palette('Volley: Run All Gates');
    await status(new RegExp(`Volley \\d/${size} · .*\\d+s`)).waitFor();
    await editor.treeRows('Gates');
    await editor.page
      .locator('.sidebar')
      .getByText(/^running \d+/)
      .first()
      .waitFor();
    await status(/Volley \d\/\d/).click();
    await editor.panelFrame().locator('.run-header h1', { hasText: 'Running' }).waitFor();
    await panelRow('ESLint').waitFor();
    for (const [name, { outcome, findings }] of expected) {
      const count = findings.length === 0 ? '' : findings.length === 1 ? '1 finding' : `${findings.length} findings`;
      await gate(name, new RegExp(`${outcome} · \\d[^·]*s${count && ` · ${count}`}`)).waitFor({ timeout: 120_000 });
    }
    const failed = [...expected.values()].filter(({ outcome }) => outcome === 'failed').length;
    await status(new RegExp(`Volley ${failed} failed`)).waitFor();
    await editor.panelFrame().locator('.run-header h1', { hasText: 'Failed' }).waitFor();
    assert.equal(await editor.panelFrame().locator('.timeline .bars [data-operation]').count(), size);
  });

  it('finds in Problems exactly what the gates found', async () => {
    await problemCount(findings().length);
    const rows = await editor.problems();
    await editor.palette('View: Toggle Maximized Panel');
    const files = new Set(findings().map(({ file }) => file)).size;
    await rows.nth(findings().length + files - 1).waitFor();
    const labels = await rows.evaluateAll((all) => all.map((row) => row.getAttribute('aria-label') ?? ''));
    const places = labels.flatMap((label) => /at line (\d+) and character (\d+)/.exec(label)?.slice(1).join(':') ?? []);
    assert.deepEqual(
      places.sort(),
      findings()
        .map(({ line, column }) => `${line}:${column}`)
        .sort(),
    );
    const warnings = labels.filter((label) => /^Warning: /.test(label)).length;
    assert.equal(warnings, findings().filter(({ severity }) => severity === 'warning').length);
    await editor.palette('View: Toggle Maximized Panel');
    await editor.palette('View: Toggle Panel Visibility');
  });

  it('reads the command, the findings and the output of an operation, and opens a finding at its line', async () => {
    await panelRow('ESLint').click();
    await details().locator('.command', { hasText: 'eslint' }).waitFor();
    assert.equal(await details().locator('button.finding').count(), 3);
    await details().locator('button.finding', { hasText: 'src/reminder.ts:11:12' }).click();
    await editor.page.locator('.statusbar-item', { hasText: 'Ln 11, Col 12' }).waitFor();
    await editor.tab('reminder.ts').waitFor();
    await editor.tab('Volley Timing').click();
    await editor.panelFrame().locator('.timeline .bars [data-operation]').first().click();
    await panelRow('Mocha').click();
    await details().getByText('Expected values to be strictly equal').first().waitFor();
  });

  it('runs the checked gates on the one file that is selected in the Explorer', async () => {
    await editor.showContainer('Volley');
    for (const group of ['Tests', 'Lint', 'Types']) await editor.setChecked(group, false, 'Gates');
    await editor.showContainer('Explorer');
    await editor.contextMenu(editor.explorerRow('src'), 'Run Gates on Selected Files');
    await editor.showContainer('Volley');
    await editor
      .treeRow('Run Gates (Selected Files)', 'Runs')
      .filter({ hasText: /failed · \d/ })
      .waitFor();
    await panelRow('Prettier').click();
    const command = details().locator('.command');
    await eventually('the files in the command', async () => /prettier.* src\/\w+\.ts/.test((await command.textContent()) ?? ''));
    assert.doesNotMatch((await command.textContent()) ?? '', /test\//);
  });

  it('sees findings go when a gate runs again after they were mended, and those of other gates stay', async () => {
    const prettier = path.join(workspace.folder, 'node_modules', 'prettier', 'bin', 'prettier.cjs');
    const { exitCode } = await run([process.execPath, prettier, '--write', 'src/csv.ts'], {
      cwd: workspace.folder,
      capture: true,
    });
    assert.equal(exitCode, 0);
    await editor.rowAction('Prettier', 'Run Gate', 'Gates');
    await gate('Prettier', /passed · \d/).waitFor();
    await problemCount(findings().length - (expected.get('Prettier')?.findings.length ?? 0));
  });

  it('has the panel as it was after it was hidden, moved to another group, and after a reload of the window', async () => {
    const asBefore = async () => {
      await details().getByRole('heading', { name: 'Mocha' }).waitFor();
      await editor.panelFrame().locator('.run-header', { hasText: 'Run All Gates' }).waitFor();
      await editor.panelFrame().locator('.timeline .bars [data-operation]').first().waitFor();
    };
    await editor.treeRow('Run All Gates', 'Runs').click();
    await editor.panelFrame().locator('.run-header', { hasText: 'Run All Gates' }).waitFor();
    await panelRow('Mocha').click();
    await asBefore();
    await editor.tab('reminder.ts').click();
    await editor.panelFrame().locator('.run-header').waitFor({ state: 'detached' });
    await editor.tab('Volley Timing').click();
    await asBefore();
    await editor.palette('View: Move Editor into Right Group');
    await editor.page.locator('.editor-group-container').nth(1).waitFor();
    await asBefore();
    await editor.reload();
    await asBefore();
    assert.deepEqual(await editor.tabs(), ['reminder.ts', 'Volley Timing']);
    await editor.palette('View: Move Editor into Left Group');
    await editor.page.locator('.editor-group-container').nth(1).waitFor({ state: 'detached' });
  });

  it('verifies the speedup of the checked gates', async () => {
    await editor.palette('Volley: Verify Speedup');
    const panel = editor.panelFrame();
    await panel.locator('.verification-view h1', { hasText: 'Verifying speedup' }).waitFor();
    await panel
      .locator('.verification-view h1', { hasText: /^(Validated|Not validated|No gain|Slower|Inconclusive)/i })
      .waitFor({ timeout: 60_000 });
    assert.equal((await panel.locator('.track-label').allTextContents()).length, 2);
  });

  const themes: readonly Theme[] = ['Dark Modern', 'Light Modern', 'Dark High Contrast'];
  for (const theme of themes) {
    it(`looks right in ${theme}`, async () => {
      const name = theme.toLowerCase().replaceAll(' ', '-');
      await editor.setTheme(theme);
      await editor.treeRow('Verify Speedup', 'Runs').click();
      await editor.panelFrame().locator('.verification-view').waitFor();
      await fits(editor);
      await editor.screenshot(`sample-verification-${name}`);
      await editor.treeRow('Run All Gates', 'Runs').click();
      await editor.panelFrame().locator('.run-header', { hasText: 'Run All Gates' }).waitFor();
      await fits(editor);
      await editor.screenshot(`sample-panel-${name}`);
      await editor.problems();
      await editor.screenshot(`sample-gates-${name}`);
      await editor.palette('View: Toggle Panel Visibility');
      for (const group of ['Lint', 'Types']) await editor.setChecked(group, true, 'Gates');
      await editor.palette('Volley: Run Checked Gates');
      await editor.panelFrame().locator('.run-header h1', { hasText: 'Running' }).waitFor();
      await editor.panelFrame().locator('tr.row-operation', { hasText: 'running' }).first().waitFor();
      await editor.screenshot(`sample-running-${name}`);
      await editor.palette('Volley: Cancel Run');
      await editor.panelFrame().locator('.run-header h1', { hasText: 'Cancelled' }).waitFor();
    });
  }
});

/** Nothing of the panel is cut off at its right edge. */
async function fits(editor: Editor): Promise<void> {
  const widths = await editor
    .panelFrame()
    .locator('body')
    .evaluate((body) => [body.scrollWidth, body.clientWidth]);
  assert.equal(widths[0], widths[1]);
}
