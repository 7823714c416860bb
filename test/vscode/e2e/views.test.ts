import assert from 'node:assert/strict';
import { type Editor, openEditor } from '../../support/editor.js';
import { copySample, type WorkspaceCopy } from '../../support/sample.js';

describe('The Volley container', () => {
  let workspace: WorkspaceCopy;
  let editor: Editor;

  before(async () => {
    workspace = await copySample();
    editor = await openEditor({ folder: workspace.folder });
  });

  after(async () => {
    await editor?.close();
    await workspace?.remove();
  });

  it('shows the views Gates, Files and Runs', async () => {
    await editor.showContainer('Volley');
    const headers = editor.page.locator('.sidebar .pane-header h3.title');
    await headers.nth(2).waitFor();
    assert.deepEqual(await headers.allTextContents(), ['Gates', 'Files', 'Runs']);
  });
});
