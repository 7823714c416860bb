import { openEditor } from '../../support/editor.js';
import { copySample } from '../../support/sample.js';
const ws = await copySample();
const editor = await openEditor({ folder: ws.folder, size: { width: 1280, height: 800 } });
try {
  await editor.showContainer('Volley');
  await editor.palette('Volley: Run All Gates');
  await editor.statusBarItem('Volley').waitFor();
  console.log(await editor.statusBarItem('Volley').allTextContents());
  await editor.statusBarItem('Volley').click();
  await editor.panelFrame().locator('.run-header').waitFor();
  await editor.screenshot('x-mid');
  await editor.page.locator('.statusbar-item', { hasText: /\d failed$/ }).waitFor();
  console.log(await editor.statusBarItem('Volley').allTextContents());
  await editor.problems();
  console.log(await editor.treeRows('Gates'));
  await editor.screenshot('x-after');
  console.log(await editor.paletteTitles('Volley:'));
  console.log(await editor.treeRows('Files'), await editor.treeRows('Runs'));
  await editor.palette('View: Toggle Panel Visibility');
  await editor.screenshot('x-panel');
  await editor.panelFrame().locator('tr[data-node]', {hasText:'ESLint'}).click();
  await editor.screenshot('x-details');
} finally { await editor.close(); await ws.remove(); }
