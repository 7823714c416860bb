import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Editor, openEditor, type Theme } from '../../support/editor.js';
import { closesAfterwards } from '../../support/end-to-end.js';
import { eventually } from '../../support/processes.js';
import { makeWorkspace, type WorkspaceCopy } from '../../support/sample.js';

const FILES: Readonly<Record<string, string>> = {
  'src/price.ts': `${'const price = 1;\n'.repeat(30)}// TODO: round half to even\nconst rest = 2; \n`,
  'src/stock.ts': 'export const stock = 3;\r\n',
  'notes.md': '# Notes\n',
  'merge.txt': 'a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> topic\n',
  'broken.json': '{ "a": }\n',
  'unselected.md': '# Not this one\n',
};

describe('A user who inspects files', () => {
  let workspace: WorkspaceCopy;
  let editor: Editor;

  before(async () => {
    workspace = await makeWorkspace(FILES);
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=a@example.org', ...args], { cwd: workspace.folder });
    git('init', '-q');
    git('add', 'src');
    git('commit', '-qm', 'Begin');
    editor = await openEditor({ folder: workspace.folder, size: { width: 1700, height: 900 } });
    // Menus have nothing of an extension before its container is there.
    await editor.showContainer('Volley');
  });
  closesAfterwards('inspect', () => ({ editor, workspace }));

  const panel = () => editor.panelFrame();
  const names = () => panel().locator('td.grid-path .file-name').allTextContents();
  const row = (name: string) => panel().getByRole('row', { name: new RegExp(name.replaceAll('.', '\\.')) });
  const cell = (name: string, column: string) => row(name).locator(`td.grid-${column}`);
  const title = (text: string) => panel().locator('.inspection-view h1', { hasText: text });
  const shows = (expected: readonly string[]) =>
    eventually(`a table of ${expected.join(', ')}`, async () => (await names()).join() === expected.join());
  const cursor = (place: string) => editor.statusBarItem(place).first().waitFor();

  it('selects files and a folder in the Explorer and sees a table of what they hold', async () => {
    await editor.showContainer('Explorer');
    await editor.explorerRow('src').click();
    // It opens, and what was selected before its files are there is forgotten.
    await editor.explorerRow('stock.ts').waitFor();
    await eventually('three selected', async () => {
      const isSelected = async (name: string) => (await editor.explorerRow(name).getAttribute('aria-selected')) === 'true';
      for (const name of ['src', 'merge.txt', 'notes.md'])
        if (!(await isSelected(name))) await editor.explorerRow(name).click({ modifiers: ['Control'] });
      return (await Promise.all(['src', 'merge.txt', 'notes.md'].map(isSelected))).every(Boolean);
    });
    await editor.contextMenu(editor.explorerRow('notes.md'), 'Inspect Selected Files');
    await title('Inspected 4 files').waitFor();
    await shows(['merge.txt', 'notes.md', 'price.ts', 'stock.ts']);
    assert.equal(await cell('price.ts', 'lines').textContent(), '32');
    assert.match((await cell('price.ts', 'commit').textContent()) ?? '', /Ada$/);
    assert.equal(await cell('notes.md', 'commit').textContent(), '', 'nobody has committed it');
    assert.equal(await cell('stock.ts', 'lineEndings').textContent(), 'CRLF');
    assert.equal(await cell('merge.txt', 'conflicts').textContent(), '1');
    await editor.screenshot('inspection');
  });

  it('sorts and filters it', async () => {
    await panel().getByRole('columnheader', { name: 'Lines' }).getByRole('button').click();
    await shows(['price.ts', 'merge.txt', 'notes.md', 'stock.ts']);
    await panel().getByRole('button', { name: '1 with TODO, FIXME or BUG' }).click();
    await shows(['price.ts']);
    await panel().getByRole('searchbox').fill('.md');
    await shows(['notes.md']);
    await panel().getByRole('searchbox').fill('');
  });

  it('reads the details of a file and opens it at what was found', async () => {
    await row('price.ts').locator('.twisty').click();
    const details = panel().getByLabel('Details of the file');
    await details.getByText('TODO: round half to even').waitFor();
    await details.getByText('1 line with trailing whitespace').click();
    await editor.tab('price.ts').waitFor();
    await cursor('Ln 32, Col 1');
    await cell('merge.txt', 'conflicts').click();
    await editor.tab('merge.txt').waitFor();
    await cursor('Ln 2, Col 1');
    await cell('price.ts', 'markers').click();
    await cursor('Ln 31, Col 4');
    await details.getByRole('button', { name: 'Close details' }).click();
  });

  it('exports what it shows', async () => {
    await panel().getByRole('searchbox').fill('typescript');
    await shows(['price.ts', 'stock.ts']);
    await panel().getByRole('button', { name: 'Export as CSV' }).click();
    const file = path.join(workspace.folder, 'inspection.csv');
    await editor.saved(async () => (existsSync(file) ? file : undefined));
    await eventually('its rows', async () => (await readFile(file, 'utf8')).split('\r\n').length === 4);
    assert.match(await readFile(file, 'utf8'), /\r\nsrc\/price\.ts,text,32,.*\r\nsrc\/stock\.ts,text,1,/);
    await panel().getByRole('searchbox').fill('');
  });

  it('goes to the timing tree and back', async () => {
    await panel().getByRole('button', { name: 'Timing' }).click();
    await panel().locator('tr.row-operation', { hasText: 'commits' }).waitFor();
    await panel().getByRole('button', { name: 'Show Table' }).click();
    await title('Inspected 4 files').waitFor();
  });

  it('inspects what is chosen in the Files view, and sees problems come and go', async () => {
    await editor.showContainer('Explorer');
    // Only what is open has problems. The Explorer is still until the export is in it.
    await editor.openFile('broken.json');
    await editor.explorerRow('inspection.csv').waitFor();
    await editor.contextMenu(editor.explorerRow('broken.json'), 'Add to Selected Files');
    await editor.showContainer('Volley');
    await editor.treeRow('broken.json', 'Files').waitFor();
    await editor.treeRow('Inspect 4 files', 'Runs').waitFor();
    await editor.rowAction('Selected Files', 'Inspect These Files', 'Files');
    await title('Inspected 1 file').waitFor();
    await shows(['broken.json']);
    await eventually('a problem', async () => /error/.test((await cell('broken.json', 'problems').textContent()) ?? ''));
    await cell('broken.json', 'problems').click();
    await cursor('Ln 1, Col 8');
    await editor.page.keyboard.type('1 ');
    await eventually('no problem', async () => (await cell('broken.json', 'problems').textContent()) === '');
    await editor.palette('File: Save');
  });

  it('opens the table of an earlier inspection from the Runs view, also after a reload', async () => {
    await editor.reload();
    await title('Inspected 1 file').waitFor();
    await editor.showContainer('Volley');
    await editor.treeRow('Inspect 4 files', 'Runs').click();
    await title('Inspected 4 files').waitFor();
    await shows(['merge.txt', 'notes.md', 'price.ts', 'stock.ts']);
  });

  it('is asked from the palette what to inspect', async () => {
    await editor.choose('Volley: Inspect Selected Files', 'Workspace');
    await title('Inspected 7 files').waitFor();
  });

  const themes: readonly Theme[] = ['Dark Modern', 'Light Modern', 'Dark High Contrast'];
  for (const theme of themes) {
    it(`sees it in ${theme}`, async () => {
      await editor.setTheme(theme);
      await editor.tab('Volley Timing').click();
      await row('merge.txt').locator('.twisty').click();
      await editor.screenshot(`inspection-${theme.toLowerCase().replaceAll(' ', '-')}`);
      await panel().getByRole('button', { name: 'Close details' }).click();
    });
  }
});
