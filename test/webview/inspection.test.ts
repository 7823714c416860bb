import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { InspectedFile, Inspection } from '../../src/core/inspect/row.js';
import type { RunId } from '../../src/core/model.js';
import { frames, type Panel, type PanelOptions, panelsOfSuite } from './harness.js';
import { ROOT } from './runs.js';
import { THEMES, type ThemeName } from './themes.js';

const RUN = 'inspection-1' as RunId;
const PICTURES = path.join(import.meta.dirname, '..', '..', 'test-results');

function textFile(name: string, change: Partial<Extract<InspectedFile, { kind: 'text' }>> = {}): InspectedFile {
  return {
    kind: 'text',
    path: name,
    bytes: 1200,
    language: 'TypeScript',
    encoding: 'utf-8',
    lines: 40,
    lineEndings: 'lf',
    longestLine: { line: 7, length: 98 },
    markers: [],
    moreMarkers: 0,
    trailingWhitespace: null,
    mixedIndentation: null,
    conflicts: null,
    secrets: [],
    moreSecrets: 0,
    commit: { hash: 'c0ffee1234567890', date: '2026-03-01T10:00:00+00:00', author: 'Ada', subject: 'Begin' },
    ...change,
  };
}

const FILES: readonly InspectedFile[] = [
  textFile('src/shop/price.ts', {
    lines: 320,
    bytes: 14_200,
    markers: [
      { kind: 'TODO', line: 12, column: 4, text: 'TODO: round half to even' },
      { kind: 'BUG', line: 80, column: 6, text: 'BUG negative totals' },
    ],
  }),
  textFile('src/config/keys.ts', { secrets: [{ rule: 'GitHub token', line: 3, column: 15 }], lineEndings: 'crlf' }),
  textFile('src/merge.ts', {
    conflicts: { count: 1, line: 22 },
    trailingWhitespace: { count: 4, line: 9 },
    lineEndings: 'mixed',
  }),
  textFile('Makefile', { language: 'Makefile', mixedIndentation: { count: 2, line: 5 }, unsaved: true, commit: null }),
  { kind: 'binary', path: 'media/logo.png', bytes: 48_000, commit: null },
  { kind: 'unread', path: 'gone.ts', message: 'gone.ts does not exist. Check the path, or list its directory.' },
];

const HEAD: Omit<Inspection, 'files'> = {
  folder: ROOT,
  selection: ['.'],
  startedAt: '2026-03-02T09:30:00.000Z',
  tookMs: 420,
  commits: true,
  notes: [],
};

describe('the table of an inspection in a browser', function () {
  this.timeout(120_000);
  const panels = panelsOfSuite();
  before(() => mkdir(PICTURES, { recursive: true }));

  async function showing(files: readonly InspectedFile[], options: PanelOptions = {}): Promise<Panel> {
    const opened = await panels.open({ width: 1400, ...options });
    const state = { kind: 'ended', head: HEAD, files: files.length } as const;
    const view = { kind: 'inspection', run: RUN, label: `Inspected ${files.length} files`, state } as const;
    await opened.send({ type: 'show', root: HEAD.folder, view });
    for (let from = 0; from < files.length; from += 500)
      await opened.send({ type: 'inspected', run: RUN, from, files: files.slice(from, from + 500) });
    await frames(opened.page);
    return opened;
  }

  const names = ({ page }: Panel) => page.locator('td.grid-path .file-name').allTextContents();
  const header = ({ page }: Panel, title: string) => page.getByRole('columnheader', { name: title }).getByRole('button');
  const last = async (panel: Panel) => (await panel.sent()).at(-1);

  it('lists every file with what is worth to know, and says above what stands out', async () => {
    const opened = await showing(FILES);
    assert.deepEqual(await names(opened), ['Makefile', 'gone.ts', 'logo.png', 'keys.ts', 'merge.ts', 'price.ts']);
    assert.deepEqual(await opened.page.locator('.chip').allTextContents(), [
      '1 with possible secrets',
      '1 with conflict markers',
      '1 with TODO, FIXME or BUG',
      '1 with trailing whitespace',
      '1 with mixed indentation',
      '1 with mixed line endings',
      '1 binary',
      '1 not read',
    ]);
    assert.match((await opened.page.locator('.outcome-note').textContent()) ?? '', /440 lines.*took 420 ms/);
    const row = opened.page.getByRole('row', { name: /price\.ts/ });
    assert.deepEqual((await row.locator('td').allTextContents()).slice(1, 8), [
      '320',
      '14 KB',
      'TypeScript',
      'utf-8',
      'LF',
      '98',
      '2',
    ]);
  });

  it('sorts by a heading, says so to screen readers, and keeps both through a reload', async () => {
    const opened = await showing(FILES);
    await header(opened, 'Lines').click();
    assert.equal((await names(opened))[0], 'price.ts');
    assert.equal(await opened.page.locator('th.grid-lines').getAttribute('aria-sort'), 'descending');
    assert.equal(await opened.page.getByRole('status').textContent(), 'Sorted by Lines, descending.');
    await header(opened, 'Lines').click();
    assert.equal((await names(opened)).at(-3), 'price.ts', 'what has no lines comes last in either direction');
    await opened.page.getByRole('searchbox').fill('typescript');
    const memory = await opened.memory();
    assert.deepEqual(memory?.inspection, { run: RUN, filter: 'typescript', sort: { column: 'lines', descending: false } });
    const again = await showing(FILES, { memory });
    assert.deepEqual(await names(again), ['keys.ts', 'merge.ts', 'price.ts']);
  });

  it('filters by words and by what a file has', async () => {
    const opened = await showing(FILES);
    const box = opened.page.getByRole('searchbox');
    await box.fill('half even');
    assert.deepEqual(await names(opened), ['price.ts']);
    assert.equal(await opened.page.locator('.filter-count').textContent(), '1 of 6 files');
    await opened.page.getByRole('button', { name: '1 with possible secrets' }).click();
    assert.equal(await box.inputValue(), 'is:secrets');
    assert.deepEqual(await names(opened), ['keys.ts']);
    await box.fill('nothing has this');
    assert.deepEqual(await names(opened), []);
  });

  it('opens a file where the cell that was clicked says', async () => {
    const opened = await showing(FILES);
    const cell = (row: RegExp, column: string) => opened.page.getByRole('row', { name: row }).locator(`td.grid-${column}`);
    await cell(/price\.ts/, 'markers').click();
    assert.deepEqual(await last(opened), { type: 'open file', run: RUN, row: 0, line: 12, column: 4 });
    await cell(/keys\.ts/, 'secrets').click();
    assert.deepEqual(await last(opened), { type: 'open file', run: RUN, row: 1, line: 3, column: 15 });
    await cell(/merge\.ts/, 'path').click();
    assert.deepEqual(await last(opened), { type: 'open file', run: RUN, row: 2 });
    const before = (await opened.sent()).length;
    await cell(/gone\.ts/, 'path').click();
    assert.equal((await opened.sent()).length, before, 'what is not there is not opened');
  });

  it('is used by the keyboard alone', async () => {
    const opened = await showing(FILES);
    await opened.page.getByRole('searchbox').focus();
    await opened.page.keyboard.press('ArrowDown');
    assert.equal(await opened.page.evaluate(() => document.activeElement?.getAttribute('role')), 'grid');
    for (const key of ['End', 'ArrowLeft', 'ArrowLeft', 'Control+End', 'Enter']) await opened.page.keyboard.press(key);
    assert.deepEqual(await last(opened), { type: 'open file', run: RUN, row: 0 });
    await opened.page.keyboard.press(' ');
    assert.equal(await opened.page.locator('.details .details-name').textContent(), 'src/shop/price.ts');
    assert.deepEqual(await opened.page.locator('.details .finding-text').allTextContents(), [
      'TODO: round half to even',
      'BUG negative totals',
      'Longest line: 98 characters',
    ]);
    await opened.page.keyboard.press('ArrowUp');
    assert.equal(await opened.page.locator('.details .details-name').textContent(), 'src/merge.ts');
    await opened.page.keyboard.press('Escape');
    assert.equal(await opened.page.locator('.details').isVisible(), false);
  });

  it('shows the problems that the editor knows now', async () => {
    const opened = await showing(FILES);
    const problems = { errors: 2, warnings: 1, others: 0, place: { line: 5, column: 2 } };
    await opened.send({ type: 'problems', run: RUN, files: [[2, problems]] });
    await frames(opened.page);
    const cell = opened.page.getByRole('row', { name: /merge\.ts/ }).locator('td.grid-problems');
    assert.equal(await cell.textContent(), '2 errors, 1 warning');
    await cell.click();
    assert.deepEqual(await last(opened), { type: 'open file', run: RUN, row: 2, line: 5, column: 2 });
    await opened.send({ type: 'problems', run: RUN, files: [[2, null]] });
    await frames(opened.page);
    assert.equal(await cell.textContent(), '');
  });

  it('exports the rows that are shown, in their order', async () => {
    const opened = await showing(FILES);
    await header(opened, 'Size').click();
    await opened.page.getByRole('searchbox').fill('.ts');
    await opened.page.getByRole('button', { name: 'Export as CSV' }).click();
    assert.deepEqual(await last(opened), { type: 'export', run: RUN, format: 'csv', rows: [0, 1, 2, 5] });
    await opened.page.getByRole('button', { name: 'Timing' }).click();
    assert.deepEqual(await last(opened), { type: 'show timing', run: RUN });
  });

  it('says how far it is while it goes on, and can be cancelled', async () => {
    const opened = await panels.open();
    const state = { kind: 'running', done: 3, of: 21 } as const;
    await opened.send({ type: 'show', root: '/', view: { kind: 'inspection', run: RUN, label: 'Inspect 5000 files', state } });
    assert.equal(await opened.page.locator('.outcome-note').textContent(), '3 of 21 operations done');
    assert.equal(await opened.page.getByRole('button', { name: 'Export as CSV' }).isVisible(), false);
    await opened.page.getByRole('button', { name: 'Cancel' }).click();
    assert.deepEqual(await last(opened), { type: 'cancel' });
  });

  it('shows rows while it goes on, and all of them in their place when it has ended, with the same file selected', async () => {
    const opened = await panels.open();
    const view = { kind: 'inspection', run: RUN, label: 'Inspect 3 files' } as const;
    const going = (done: number) =>
      opened.send({ type: 'show', root: '/', view: { ...view, state: { kind: 'running', done, of: 3 } } });
    const rows = () => opened.page.locator('tr[data-at] td:first-child').allTextContents();
    const send = (from: number, ...names: readonly string[]) =>
      opened.send({ type: 'inspected', run: RUN, from, files: names.map((name) => textFile(name)) });
    await going(1);
    await send(0, 'b.ts');
    await going(2);
    await send(1, 'c.ts');
    await opened.page.getByText('2 files so far').waitFor();
    assert.equal((await rows()).length, 2);
    await opened.page.locator('tr[data-at]', { hasText: 'c.ts' }).dblclick();
    assert.deepEqual(await last(opened), { type: 'open file', run: RUN, row: 1 });
    const head = { folder: '/', selection: ['.'], startedAt: '', tookMs: 5, commits: false, notes: [] };
    await opened.send({ type: 'show', root: '/', view: { ...view, state: { kind: 'ended', head, files: 3 } } });
    await send(0, 'a.ts', 'b.ts');
    assert.equal((await rows()).length, 2, 'until all are there those stay that it had');
    await send(2, 'c.ts');
    await opened.page.getByText('3 files', { exact: true }).waitFor();
    assert.equal((await rows()).length, 3);
    await opened.page.locator('tr[data-at]', { hasText: 'c.ts' }).dblclick();
    assert.deepEqual(await last(opened), { type: 'open file', run: RUN, row: 2 });
  });

  it('has only the rows in sight in the document, however many there are, and comes to the last one', async () => {
    const many = Array.from({ length: 5000 }, (_, index) =>
      textFile(`package${index % 70}/module-${String(index).padStart(4, '0')}.ts`, { lines: index }),
    );
    const opened = await showing(many);
    assert.ok((await opened.page.locator('tr[data-at]').count()) < 100);
    assert.equal(await opened.page.getByRole('grid').getAttribute('aria-rowcount'), '5001');
    await header(opened, 'Lines').click();
    await opened.page.getByRole('grid').focus();
    await opened.page.keyboard.press('Control+End');
    assert.match((await opened.page.locator('td.active').textContent()) ?? '', /module-0000/);
    assert.equal(await opened.page.locator('td.active').isVisible(), true);
    await opened.page.keyboard.press('PageUp');
    await opened.page.screenshot({ path: path.join(PICTURES, 'inspection-many.png') });
  });

  it('leaves out columns without anything to tell where there is no room for all', async () => {
    const files = [textFile('a.ts'), textFile('b.ts', { conflicts: { count: 1, line: 2 } })];
    const headings = ({ page }: Panel) => page.locator('.inspection-table th .sort-name').allTextContents();
    const wide = await showing(files, { width: 1600 });
    assert.equal((await headings(wide)).length, 14);
    const narrow = await showing(files, { width: 900 });
    assert.deepEqual(await headings(narrow), [
      ...['File', 'Lines', 'Size', 'Language', 'Encoding', 'Endings', 'Longest', 'Conflicts', 'Last Commit', 'Problems'],
    ]);
  });

  it('draws text as text, whatever names and commits hold', async () => {
    const name = '<img src=x onerror=alert(1)>.ts';
    const opened = await showing([textFile(name, { markers: [{ kind: 'TODO', line: 1, column: 1, text: 'TODO <b>x</b>' }] })]);
    assert.equal(await opened.page.locator('td.grid-path .file-name').textContent(), name);
    assert.equal(await opened.page.locator('td img').count(), 0);
  });

  for (const theme of Object.keys(THEMES) as ThemeName[]) {
    for (const width of [1400, 560]) {
      it(`is readable in the ${theme} theme at ${width} pixels`, async () => {
        const opened = await showing(FILES, { theme, width, height: 800 });
        const problems = { errors: 2, warnings: 1, others: 0, place: { line: 5, column: 2 } };
        await opened.send({ type: 'problems', run: RUN, files: [[2, problems]] });
        await opened.page.getByRole('grid').focus();
        if (width > 1000) for (const key of ['ArrowDown', 'End', ' ']) await opened.page.keyboard.press(key);
        await opened.page.screenshot({ path: path.join(PICTURES, `inspection-${theme}-${width}.png`) });
        const overflow = await opened.page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        assert.equal(overflow, 0, 'the page itself is not moved sideways');
      });
    }
  }
});
