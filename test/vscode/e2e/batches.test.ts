import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Editor, openEditor, type Theme } from '../../support/editor.js';
import { closesAfterwards } from '../../support/end-to-end.js';
import { eventually } from '../../support/processes.js';
import { makeWorkspace, type WorkspaceCopy } from '../../support/sample.js';

const NOTES = `# Notes

Volley runs what is independent at the same time.
TODO: say what a hazard is.
`;

/** Of every kind something: quick and slow, one pass for several, results handed on, a group, a failure. */
const BATCH = `{
  // What a release needs to know.
  "operations": [
    { "id": "notes", "tool": "read", "input": { "path": "notes/first.md" } },
    { "id": "both", "tool": "read", "input": { "path": ["notes/first.md", "notes/second.md"] } },
    { "id": "open-points", "tool": "grep", "input": { "pattern": "TODO", "paths": "notes" } },
    { "id": "sources", "tool": "glob", "input": { "patterns": "src/**/*.ts" } },
    { "id": "count", "tool": "command", "input": { "shell": "sleep 0.4; wc -l notes/*.md" }, "writes": [] },
    { "id": "a-rather-long-name-of-an-operation-that-somebody-generated-from-a-path-src-deep-below-module", "tool": "read", "input": { "path": "src/deep/below/module.ts" } },
    { "id": "report", "tool": "write", "input": { "path": "out/report.md", "content": "\${count.output}" } },
    { "id": "written", "tool": "read", "input": { "path": "out/report.md" } },
    { "id": "missing", "tool": "read", "input": { "path": "nowhere.md" } },
    { "id": "checks", "parallel": [
      { "id": "lines", "tool": "command", "input": { "shell": "sleep 0.2; grep -c . notes/first.md" }, "writes": [] },
      { "id": "words", "tool": "command", "input": { "shell": "sleep 0.3; wc -w < notes/first.md" }, "writes": [] }
    ] }
  ]
}
`;

const FILES: Readonly<Record<string, string>> = {
  'notes/first.md': NOTES,
  'notes/second.md': '# Second\n\nNothing yet.\n',
  'src/deep/below/module.ts': 'export const answer = 42;\n',
  'src/main.ts': "import { answer } from './deep/below/module.js';\nconsole.log(answer);\n",
  'release.batch.jsonc': BATCH,
  'draft.batch.jsonc': '{\n  "operations": [\n    { "id": "one", "tool":  }\n  ]\n}\n',
};

describe('A user with a batch file', () => {
  let workspace: WorkspaceCopy;
  let editor: Editor;

  before(async () => {
    workspace = await makeWorkspace(FILES);
    const settings = { 'volley.verify.pairs': 1, 'volley.slots': 4, 'volley.countTokens': true };
    editor = await openEditor({ folder: workspace.folder, settings, size: { width: 1500, height: 850 } });
  });

  closesAfterwards('batches', () => ({ editor, workspace }));

  const panel = () => editor.panelFrame();
  const lens = (text: string) => editor.page.locator('.codelens-decoration a', { hasText: text });
  const details = () => panel().getByLabel('Details of the operation');
  const row = (name: string) => panel().locator('tr.row-operation', { hasText: name });
  const closeDetails = () => details().getByRole('button', { name: 'Close details' }).click();
  const ended = () => panel().locator('.run-header h1', { hasText: /^(Passed|Failed|Errored)$/ });

  it('starts one from a template, and can run it at once', async () => {
    await editor.choose('Volley: New Batch from Template…', 'Search and investigation');
    await editor.tab('search.batch.jsonc').waitFor();
    for (const text of ['Run', 'Verify', 'Explain Plan']) await lens(text).waitFor();
    assert.match(await readFile(path.join(workspace.folder, 'search.batch.jsonc'), 'utf8'), /^\/\/ /);
    await editor.screenshot('batch-new');
    await editor.palette('View: Close All Editors');
  });

  it('is helped by the schema while typing, and by Problems', async () => {
    await editor.openFile('draft.batch.jsonc');
    const line = editor.page.locator('.editor-instance .view-line', { hasText: '"tool":' });
    await line.waitFor();
    const problems = await editor.problems();
    await problems.first().waitFor();
    await editor.palette('View: Toggle Panel Visibility');
    const suggestion = (text: string) => editor.page.locator('.suggest-widget .monaco-list-row', { hasText: text });
    await eventually('suggestions', async () => {
      await editor.page.keyboard.press('Escape');
      await line.click();
      await editor.page.keyboard.press('End');
      for (let key = 0; key < 2; key += 1) await editor.page.keyboard.press('ArrowLeft');
      await editor.page.keyboard.press('Control+Space');
      return suggestion('grep')
        .first()
        .waitFor({ timeout: 3_000 })
        .then(
          () => true,
          () => false,
        );
    });
    await editor.screenshot('batch-completion');
    await suggestion('read').first().click();
    await line.filter({ hasText: '"tool": "read"' }).waitFor();
    await editor.palette('File: Revert File');
  });

  it('reads what a tool takes where it stands', async () => {
    await editor.openFile('release.batch.jsonc');
    await lens('Run').waitFor();
    const hover = editor.page.locator('.monaco-hover:visible', { hasText: /pattern|regular expression/i }).first();
    await eventually('a description', async () => {
      await editor.page.mouse.move(10, 400);
      await editor.page
        .locator('.view-line span', { hasText: /^"pattern"$/ })
        .first()
        .hover();
      return hover.waitFor({ timeout: 3_000 }).then(
        () => true,
        () => false,
      );
    });
    await editor.screenshot('batch-hover');
    await editor.page.mouse.move(10, 400);
  });

  it('runs it by the command above its operations and sees where the time went, by tools and groups', async () => {
    await lens('Run').click();
    await ended().waitFor();
    await panel().locator('.run-header', { hasText: 'Batch release.batch.jsonc' }).waitFor();
    const groups = await panel().locator('tr.row-group').allTextContents();
    for (const name of ['read', 'grep', 'glob', 'command', 'write', 'checks'])
      assert.ok(
        groups.some((text) => text.includes(name)),
        `${name} in ${groups.join(', ')}`,
      );
    assert.equal(await panel().locator('.timeline .bars [data-operation]').count(), 11);
    assert.doesNotMatch((await panel().locator('body').textContent()) ?? '', /\bgates?\b/i);
    assert.match(await readFile(path.join(workspace.folder, 'out', 'report.md'), 'utf8'), /notes\/first\.md/);
    await editor
      .notifications()
      .filter({ hasText: /\bgates?\b/ })
      .waitFor({ state: 'detached' });
  });

  it('reads what an operation was given and what it answered, and runs none of them by itself', async () => {
    await row('notes').first().click();
    await details().locator('.tool-input', { hasText: '"path": "notes/first.md"' }).waitFor();
    await details().locator('.output', { hasText: 'TODO: say what a hazard is.' }).waitFor();
    await details().getByRole('heading', { name: 'Answer' }).waitFor();
    assert.equal(await details().locator('.command-line').isVisible(), false);
    assert.equal(await details().getByRole('button', { name: 'Run Again' }).isVisible(), false);
    assert.equal(await details().getByText('Findings').first().isVisible(), false);
    await details().getByRole('button', { name: 'Open Full Output' }).click();
    await editor.tab('notes.log').waitFor();
    await editor.tab('Volley Timing').click();
    await closeDetails();
    await row('missing').click();
    await details().locator('.output', { hasText: 'nowhere.md' }).waitFor();
    await closeDetails();
  });

  it('opens what all of them answered as one text, copies it, and sees what that saves', async () => {
    await panel()
      .locator('.figure', { hasText: 'Context' })
      .getByText(/^counted: \d+ % (less|more) than apart$/)
      .waitFor();
    await panel().getByRole('button', { name: 'Copy', exact: true }).click();
    await editor.notifications().filter({ hasText: 'The combined answer of release.batch.jsonc was copied.' }).waitFor();
    await panel().getByRole('button', { name: 'Combined Answer' }).click();
    await editor.tab('release.batch.jsonc.answer.txt').waitFor();
    await editor.page.locator('.editor-instance .view-line', { hasText: '=== notes' }).first().waitFor();
    await editor.screenshot('batch-combined-answer');
    await editor.tab('Volley Timing').click();
    await editor.palette('Volley: Open Combined Answer');
    await editor.page.locator('.editor-instance .view-line', { hasText: '=== notes' }).first().waitFor();
    await editor.tab('Volley Timing').click();
  });

  it('chooses what happens after a failure for one run', async () => {
    await editor.page.locator('.tab[data-resource-name="release.batch.jsonc"]').click();
    await editor.palette('Volley: Run Batch…');
    await editor.quickPick.row('Continue Independents').first().waitFor();
    await editor.screenshot('batch-failure-mode');
    await editor.page.keyboard.press('Escape');
    await editor.tab('Volley Timing').click();
  });

  it('runs it again from the panel', async () => {
    const runs = () => editor.treeRows('Runs');
    await editor.showContainer('Volley');
    await eventually('the first run', async () => (await runs()).length === 1);
    await panel().getByRole('button', { name: 'Run Batch Again' }).click();
    await eventually('the second run', async () => (await runs()).length === 2);
    for (const { label } of await runs()) assert.equal(label, 'Batch release.batch.jsonc');
    await ended().waitFor();
    await editor.tab('Volley Timing').click();
    await editor.palette('View: Move Editor into Left Group');
  });

  it('has its plan explained', async () => {
    await editor.page.locator('.tab[data-resource-name="release.batch.jsonc"]').click();
    await lens('Explain Plan').click();
    await editor.page.locator('.editor-instance .view-line', { hasText: 'report' }).first().waitFor();
    await editor.tab('release.batch.jsonc.plan.txt').waitFor();
    await editor.screenshot('batch-plan');
    await editor.palette('View: Close Editor');
  });

  const themes: readonly Theme[] = ['Dark Modern', 'Light Modern', 'Dark High Contrast'];
  for (const theme of themes) {
    it(`sees it all in ${theme}`, async () => {
      const name = theme.toLowerCase().replaceAll(' ', '-');
      await editor.setTheme(theme);
      await editor.tab('Volley Timing').click();
      await row('notes').first().click();
      await details().locator('.output', { hasText: 'TODO' }).waitFor();
      await editor.screenshot(`batch-read-${name}`);
      await closeDetails();
      await row('count').first().click();
      await details().locator('.command').waitFor();
      await editor.screenshot(`batch-command-${name}`);
      await closeDetails();
      await editor.screenshot(`batch-run-${name}`);
    });
  }

  it('measures it, and can run or measure it again', async () => {
    await editor.page.locator('.tab[data-resource-name="release.batch.jsonc"]').click();
    await lens('Verify').click();
    await panel()
      .locator('.verification-view h1', { hasText: /^(Validated|Not validated|No gain|Slower|Inconclusive|Results differ)/i })
      .waitFor({ timeout: 60_000 });
    await panel().getByRole('button', { name: 'Verify Again' }).waitFor();
    await panel().getByRole('button', { name: 'Run Batch', exact: true }).waitFor();
    assert.doesNotMatch((await panel().locator('body').textContent()) ?? '', /\bgates?\b/i);
    await editor.showContainer('Volley');
    await editor.treeRow('Verify release.batch.jsonc', 'Runs').waitFor();
    await editor.screenshot('batch-verification');
  });
});
