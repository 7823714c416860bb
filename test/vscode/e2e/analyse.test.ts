import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Editor, openEditor } from '../../support/editor.js';
import { closesAfterwards } from '../../support/end-to-end.js';
import { eventually } from '../../support/processes.js';
import { makeWorkspace, type WorkspaceCopy } from '../../support/sample.js';

const FILES: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify(
    {
      name: 'shop',
      scripts: { words: 'wc -w notes/*.md', lines: 'wc -l notes/*.md', ci: 'npm run words && npm run lines && node trap.cjs' },
    },
    null,
    2,
  ),
  'trap.cjs': "require('node:fs').writeFileSync(__dirname + '/executed', '');",
  'notes/first.md': '# First\n\nTODO: all of it.\n',
  Makefile: 'all: one\none:\n\twc -l notes/first.md\n',
};

describe('A user who asks what could run at the same time', () => {
  let workspace: WorkspaceCopy;
  let editor: Editor;

  before(async () => {
    workspace = await makeWorkspace(FILES);
    editor = await openEditor({ folder: workspace.folder, settings: { 'volley.slots': 2 }, size: { width: 1400, height: 850 } });
  });

  closesAfterwards('analyse', () => ({ editor, workspace }));

  it('chooses a script from all that lies in the workspace and reads the report as a page', async () => {
    await editor.palette('Volley: Analyse for Parallelism…');
    await editor.quickPick.row('ci').waitFor();
    await editor.quickPick.row('all').waitFor();
    await editor.screenshot('analyse-choices');
    await editor.quickPick.row('ci').click();
    const page = editor.panelFrame();
    await page.getByRole('heading', { name: 'Optimisation report: package.json, script ci' }).waitFor();
    await page.getByText('2 of 3 operations (67 %) can run beside at least one other').waitFor();
    await page.getByText('because it runs a program of its own').first().waitFor();
    assert.equal(await page.getByRole('heading', { level: 2 }).count(), 7);
    await editor.screenshot('analyse-report');
    assert.equal(existsSync(path.join(workspace.folder, 'executed')), false, 'nothing is executed');
  });

  it('opens the equivalent batch from the message and finds what can be done with it above its operations', async () => {
    await editor.notifications().getByRole('button', { name: 'Open Batch File' }).click();
    const lens = (text: string) => editor.page.locator('.codelens-decoration a', { hasText: text });
    for (const text of ['Run', 'Verify', 'Explain Plan']) await lens(text).first().waitFor();
    assert.match(await readFile(path.join(workspace.folder, 'ci.batch.jsonc'), 'utf8'), /"id": "words-wc"/);
    await editor.screenshot('analyse-batch');
    await lens('Run').first().click();
    await editor.panelFrame().locator('.run-header h1', { hasText: 'Passed' }).waitFor();
    assert.equal(existsSync(path.join(workspace.folder, 'executed')), true, 'now it is');
  });

  it('finds in the report what the batch took, once it ran', async () => {
    await editor.tab('Preview package.json, script ci.md').click();
    // The timing panel is open, too.
    await eventually('the durations in the report', async () => {
      const texts = await Promise.all(
        editor.page.frames().map((frame) =>
          frame
            .locator('body')
            .innerText()
            .catch(() => ''),
        ),
      );
      return texts.some((text) => text.includes('All durations are known: 3 from earlier runs by Volley (medians'));
    });
    await editor.screenshot('analyse-after-run');
  });

  it('opens it again by a command of its own, beside the first', async () => {
    await editor.palette('Volley: Open Batch of Analysis');
    await editor.page.locator('.tab', { hasText: 'ci-2.batch.jsonc' }).first().waitFor();
  });
});
