import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Locator } from 'playwright-core';
import { type Editor, openEditor } from '../../support/editor.js';
import { closesAfterwards } from '../../support/end-to-end.js';
import { eventually } from '../../support/processes.js';
import { makeWorkspace, type WorkspaceCopy } from '../../support/sample.js';

/** A gate that says where a word is wrong, with a fixer. */
const CONFIGURATION = `{
  "gates": {
    "words": {
      "name": "Words",
      "command": ["sh", "words.sh"],
      "inputs": ["*.txt"],
      "fix": ["sh", "-c", "printf good > a.txt"],
      "problemMatcher": { "source": "words", "pattern": { "regexp": "^(.*):(\\\\d+): (.*)$", "file": 1, "line": 2, "message": 3 } }
    }
  }
}
`;
const WORDS = 'if grep -q bad a.txt; then echo "a.txt:1: This word is bad."; exit 1; fi\n';

describe('A user who changes files', () => {
  let workspace: WorkspaceCopy;
  let editor: Editor;

  before(async () => {
    workspace = await makeWorkspace({ 'a.txt': 'bad', 'words.sh': WORDS, 'volley.jsonc': CONFIGURATION });
    editor = await openEditor({ folder: workspace.folder });
    await editor.showContainer('Volley');
    await gate().waitFor();
  });

  closesAfterwards('change', () => ({ editor, workspace }));

  const gate = (text?: RegExp): Locator => {
    const row = editor.treeRow('Words', 'Gates');
    return text === undefined ? row : row.filter({ hasText: text });
  };
  const text = () => readFile(path.join(workspace.folder, 'a.txt'), 'utf8');
  const run = (label: string, outcome: RegExp) => editor.treeRow(label, 'Runs').filter({ hasText: outcome });

  it('runs a gate of volley.jsonc and finds what its problem matcher reads in Problems', async () => {
    await editor.palette('Volley: Run All Gates');
    await gate(/failed · \d/).waitFor();
    const problems = await editor.problems();
    await problems.filter({ hasText: 'This word is bad.' }).waitFor();
  });

  it('fixes, sees the gate pass, and undoes the fix from the notification', async () => {
    await editor.palette('Volley: Fix');
    const told = editor.notifications().filter({ hasText: 'The fixers changed 1 file: a.txt.' });
    await told.waitFor();
    await gate(/passed · \d/).waitFor();
    assert.equal(await text(), 'good');
    await run('Check after Fix', /passed/).waitFor();
    await told.getByRole('button', { name: 'Undo' }).click();
    await eventually('the file as before', async () => (await text()) === 'bad');
  });

  it('holds the line: what was there at the last commit fails no gate and is in no list', async () => {
    const git = (...args: string[]) => promisify(execFile)('git', args, { cwd: workspace.folder });
    await git('init', '-q', '-b', 'main');
    await git('add', '.');
    await git('-c', 'user.name=t', '-c', 'user.email=t@example.org', 'commit', '-qm', 'first');
    await editor.palette('Volley: Run Gates for New Findings Only');
    await gate(/passed.* there before/).waitFor();
    const problems = await editor.problems();
    await eventually('no problem', async () => (await problems.filter({ hasText: 'This word is bad.' }).count()) === 0);
    await editor.palette('Volley: Show Timing Panel');
    await editor.panelFrame().locator('tr.row-operation', { hasText: 'Words' }).click();
    await editor.panelFrame().getByText('Findings that were there before').waitFor();
    await editor.screenshot('new-findings');
  });

  it('watches: the gate runs again each time the file is saved, until the watch is stopped', async () => {
    await editor.palette('Volley: Watch');
    await gate(/failed/).waitFor();
    await editor.openFile('a.txt');
    await editor.page.locator('.editor-instance .view-line', { hasText: 'bad' }).click();
    await editor.page.keyboard.press('Control+A');
    await editor.page.keyboard.type('fine');
    await editor.page.keyboard.press('Control+S');
    await gate(/passed · \d/).waitFor();
    await editor.page.locator('.statusbar-item', { hasText: 'Volley' }).locator('.codicon-eye').waitFor();
    await editor.screenshot('watching');
    await editor.palette('Volley: Stop Watching');
    await eventually(
      'nothing to stop',
      async () => !(await editor.paletteTitles('Volley: Stop Watching')).includes('Volley: Stop Watching'),
    );
  });

  it('opens volley.jsonc, which the editor completes and validates', async () => {
    await editor.palette('Volley: Create Configuration');
    await editor.tab('volley.jsonc').waitFor();
    await editor.page.locator('.editor-instance .view-line', { hasText: '"gates"' }).click();
    await editor.page.keyboard.press('Control+Home');
    await editor.page.keyboard.press('End');
    await editor.page.keyboard.type('\n"gatez": 1,');
    await editor.page.keyboard.press('Control+S');
    const problems = await editor.problems();
    // Of the schema, and of what Volley read.
    await problems
      .filter({ hasText: /Property gatez is not allowed/ })
      .first()
      .waitFor();
    await problems
      .filter({ hasText: /gatez.*Volley/ })
      .first()
      .waitFor();
    await editor.screenshot('configuration');
  });
});
