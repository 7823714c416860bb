/**
 * `npm run pictures`: makes the pictures of the README from the extension in a real editor, on the sample workspace. `npm run pictures -- all`
 * puts beside them, in `test-results/pictures`, a verification, a tuning, the trends and a comparison, each in every theme, to look at.
 * Every figure in them was measured while they were made.
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { type Editor, openEditor, type Theme } from '../test/support/editor.js';
import { eventually } from '../test/support/processes.js';
import { copySample } from '../test/support/sample.js';
import { main, root, UserError } from './processes.mjs';
import { build, ensureDependencies } from './setup.mjs';

const MEDIA = path.join(root, 'media');
const OTHERS = path.join(root, 'test-results', 'pictures');
const THEMES: readonly Theme[] = ['Dark Modern', 'Light Modern', 'Dark High Contrast', 'Light High Contrast'];
/** A run, or a tuning, on a machine with other work to do. */
const LONG_MS = 600_000;

/** Pairs enough for an interval, workers so few that some operations wait, and no cache, with which a second run would execute nothing. */
const SETTINGS = {
  'volley.cache': false,
  'volley.slots': 3,
  'volley.verify.pairs': 5,
  'volley.tune.rounds': 1,
  'volley.tune.mostTime': 120,
};

/** How each view of the panel is reached; before what follows, which uses them at once. */
const VIEWS: Readonly<Record<string, (editor: Editor) => Promise<void>>> = {
  async run(editor) {
    await editor.treeRow('Run All Gates', 'Runs').first().click();
    await heading(editor, /^failed$/i);
  },
  async details(editor) {
    await editor.panelFrame().locator('tr.row-operation', { hasText: 'ESLint' }).click();
    await editor.panelFrame().locator('button.finding').first().waitFor();
  },
  async verification(editor) {
    await editor.treeRow('Verify Speedup', 'Runs').first().click();
    await editor.panelFrame().locator('.verification-view').waitFor();
  },
  async tuning(editor) {
    await editor.treeRow('Tune Concurrency', 'Runs').first().click();
    await editor.panelFrame().getByRole('button', { name: 'Tune Again' }).waitFor();
  },
  async trends(editor) {
    await editor.palette('Volley: Show Trends');
    await editor.panelFrame().getByRole('heading', { name: 'Trends', exact: true }).waitFor();
  },
  async comparison(editor) {
    const runs = editor.treeRow('Run All Gates', 'Runs');
    await runs.first().click();
    await runs.nth(1).click({ modifiers: ['Control'] });
    const selected = runs.and(editor.page.locator('[aria-selected=true]'));
    await eventually('two selected', async () => (await selected.count()) === 2);
    await editor.contextMenu(runs.first(), 'Compare Selected Runs');
    await editor.panelFrame().getByRole('heading', { name: 'Two runs compared', exact: true }).waitFor();
  },
};

await main(async () => {
  const [which, ...more] = process.argv.slice(2);
  if (more.length > 0 || (which !== undefined && which !== 'all'))
    throw new UserError(
      `There are no pictures named ${process.argv.slice(2).join(' ')}.`,
      'Name none for those of the README, or all.',
    );
  await ensureDependencies();
  await build();
  const workspace = await copySample();
  try {
    const editor = await openEditor({ folder: workspace.folder, settings: SETTINGS, size: { width: 1280, height: 800 } });
    try {
      await editor.showContainer('Volley');
      await editor.treeRow('ESLint', 'Gates').waitFor({ timeout: 60_000 });
      await editor.setTheme('Dark Modern');
      await pictures(editor);
      if (which === 'all') await allViews(editor);
    } finally {
      await editor.close();
    }
  } finally {
    await workspace.remove();
  }
  return 0;
});

/** Those of the README: after a verification, so that the speedup of the run is one that was measured. */
async function pictures(editor: Editor): Promise<void> {
  await editor.palette('Volley: Verify Speedup');
  await heading(editor, /^(validated|not validated|no gain|slower|inconclusive|results differ)$/i);
  await editor.palette('Volley: Run All Gates');
  await heading(editor, /^failed$/i);
  await editor.panelFrame().getByText('measured').first().waitFor();
  await take(editor, path.join(MEDIA, 'panel.png'));
  await editor.panelFrame().locator('tr.row-operation', { hasText: 'ESLint' }).click();
  await editor.panelFrame().locator('button.finding', { hasText: 'src/reminder.ts:11:12' }).click();
  await editor.tab('reminder.ts').waitFor();
  await (await editor.problems()).first().waitFor();
  await take(editor, path.join(MEDIA, 'gates.png'));
  await editor.palette('View: Toggle Panel Visibility');
}

/** One of each view in every theme. */
async function allViews(editor: Editor): Promise<void> {
  await editor.palette('Volley: Tune Concurrency');
  await editor.panelFrame().getByRole('button', { name: 'Tune Again' }).waitFor({ timeout: LONG_MS });
  await editor.palette('Volley: Run All Gates');
  await heading(editor, /^failed$/i);
  for (const theme of THEMES) {
    await editor.setTheme(theme);
    for (const [name, show] of Object.entries(VIEWS)) {
      await show(editor);
      await take(editor, path.join(OTHERS, `${name}-${theme.toLowerCase().replaceAll(' ', '-')}.png`));
    }
  }
}

async function heading(editor: Editor, text: RegExp): Promise<void> {
  await editor.panelFrame().locator('.outcome-word', { hasText: text }).waitFor({ timeout: LONG_MS });
}

/** Without what covers the window for a moment: the pointer, notifications. */
async function take(editor: Editor, file: string): Promise<void> {
  await editor.palette('Notifications: Clear All Notifications');
  await editor.page.locator('.notification-toast').first().waitFor({ state: 'detached' });
  await editor.page.mouse.move(0, 0);
  await mkdir(path.dirname(file), { recursive: true });
  await editor.page.screenshot({ path: file });
  console.log(path.relative(root, file));
}
