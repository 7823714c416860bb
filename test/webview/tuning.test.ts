import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { curveOf, throughput } from '../../src/core/scalability.js';
import { normalQuantile, seededRandom } from '../../src/core/statistics.js';
import { AUTOMATIC, TOLERANCE, type Tuning, type TuningId, type TuningTrial } from '../../src/core/tuning-model.js';
import type { PanelView } from '../../src/protocol.js';
import { layoutCurve } from '../../src/webview/curve.js';
import { frames, openReport, type Panel, type PanelOptions, panelsOfSuite } from './harness.js';
import { THEMES, type ThemeName } from './themes.js';

const PICTURES = path.join(import.meta.dirname, '../../test-results');
const NUMBERS = [1, 2, 3, 4, 6, 8, 12, 16];

/** Times of a known law with noise, as they could have been measured. */
function tuningOf({ noise = 0.03, rounds = 4, kind = 'gates' as 'gates' | 'files' } = {}): Tuning {
  const random = seededRandom(11);
  const law = { lambda: 1 / 12_000, sigma: 0.08, kappa: 0.006 };
  const trials: TuningTrial[] = Array.from({ length: rounds }, (_, round) =>
    [...NUMBERS, ...(kind === 'gates' ? [AUTOMATIC] : [])].map((number) => ({
      round: round + 1,
      number,
      ms: Math.exp(noise * normalQuantile(random() || 0.5)) / throughput(law, number === AUTOMATIC ? 7 : number),
    })),
  ).flat();
  const curve = curveOf(trials, { seed: 3, law: kind === 'gates' });
  return {
    ...{ id: 'tuning-1' as TuningId, startedAt: '2026-01-01T10:00:00.000Z', operations: 16, seed: 3 },
    subject: kind === 'gates' ? { kind, scope: 'workspace' } : { kind, tool: 'read' },
    limits: { rounds: 10, mostMs: 600_000 },
    ...{ numbers: NUMBERS, warmUpMs: 3_000, trials, curve, differences: [], end: { kind: 'narrow' } },
    ...(curve.smallest === undefined ? {} : { recommended: curve.smallest }),
  };
}

describe('The layout of a curve', () => {
  const frame = { width: 800, height: 260, left: 56, right: 24, top: 16, bottom: 44 };
  it('lies in its frame, ascends with the numbers, and has the best highest', () => {
    const tuning = tuningOf();
    const layout = layoutCurve(tuning.curve, tuning.trials, frame, TOLERANCE);
    const xs = layout.points.map(({ x }) => x);
    assert.deepEqual(
      [...xs].sort((a, b) => a - b),
      xs,
    );
    assert.deepEqual([xs[0], xs.at(-1)], [56, 776]);
    for (const { x, y } of [...layout.points, ...layout.trials, ...layout.law])
      assert.ok(x >= 55.9 && x <= 776.1 && y >= 15.9 && y <= 216.1, `${x} ${y}`);
    const highest = Math.min(...layout.points.map(({ y }) => y));
    assert.equal(layout.points.find(({ y }) => y === highest)?.number, tuning.curve.best);
    assert.ok((layout.limit ?? 0) > highest);
    for (const { y, bar } of layout.points) assert.ok(bar && bar.top <= y && bar.bottom >= y);
  });

  it('is empty without points, and has its only point in the middle', () => {
    assert.deepEqual(layoutCurve({ points: [], certain: false }, [], frame, TOLERANCE).points, []);
    const one = curveOf([{ number: 1, ms: 5 }], { law: true });
    assert.equal(layoutCurve(one, [], frame, TOLERANCE).points[0]?.x, 416);
  });
});

describe('a tuning in the panel', function () {
  this.timeout(120_000);
  const panels = panelsOfSuite();
  const texts = ({ page }: Panel, selector: string): Promise<string[]> => page.locator(selector).allTextContents();
  const showing = async (view: Partial<Extract<PanelView, { kind: 'tuning' }>> = {}, options?: PanelOptions) => {
    const opened = await panels.open(options);
    await opened.send({ type: 'show', root: '/w', view: { kind: 'tuning', tuning: tuningOf(), slots: 0, ...view } });
    await frames(opened.page);
    return opened;
  };

  it('says what to use, draws the curve, and says the same in a table', async () => {
    const tuning = tuningOf();
    const opened = await showing();
    assert.deepEqual(await texts(opened, '.outcome-word'), [`${tuning.recommended} slots`]);
    assert.match((await texts(opened, '.verdict-sentence'))[0] ?? '', /^Use \d+ slots: .* as fast as with 1 slot\./);
    assert.equal(await opened.page.locator('.tuning-picture > svg .curve-point').count(), NUMBERS.length);
    assert.equal(await opened.page.locator('.tuning-picture > svg .curve-chosen').count(), 1);
    assert.match(
      (await opened.page.getByRole('img').getAttribute('aria-label')) ?? '',
      /The table below says the same in text\.$/,
    );
    const rows = await texts(opened, '.tuning-table tbody tr');
    assert.equal(rows.length, NUMBERS.length + 1);
    assert.match(rows.at(-1) ?? '', /^chosen by Volley/);
    assert.match(rows[0] ?? '', /^1\d+\.\d s.* to .*×slower/);
    assert.match((await texts(opened, '.tuning-notes .note')).join('\n'), /seed 3[\s\S]*Universal Scalability Law/);
    assert.equal((await opened.memory())?.tuning, 'tuning-1');
  });

  it('offers to use the number in this workspace by keyboard, until it is used', async () => {
    const tuning = tuningOf();
    const opened = await showing();
    const use = opened.page.getByRole('button', { name: `Use ${tuning.recommended} Slots in This Workspace` });
    await use.focus();
    await opened.page.keyboard.press('Enter');
    assert.deepEqual((await opened.sent()).at(-1), { type: 'use slots', tuning: 'tuning-1' });
    await opened.send({ type: 'show', root: '/w', view: { kind: 'tuning', tuning, slots: tuning.recommended ?? 0 } });
    assert.equal(await use.isVisible(), false);
    assert.match((await texts(opened, '.run-header .note'))[0] ?? '', /^This workspace uses it: volley\.slots is \d+\.$/);
    await opened.page.getByRole('button', { name: 'Tune Again' }).click();
    assert.deepEqual((await opened.sent()).at(-1), { type: 'tune again', tuning: 'tuning-1' });
  });

  it('shows how far it is while it goes on, can be cancelled, and announces what came of it', async () => {
    const tuning = tuningOf();
    const { end: _, recommended: __, ...going } = tuning;
    const opened = await showing({ tuning: going, progress: { trial: 33, of: 80, number: 6 } });
    assert.deepEqual(await texts(opened, '.outcome-word'), ['Measuring']);
    assert.deepEqual(await texts(opened, '.outcome-note'), ['Concurrency: 16 gates, trial 33 of at most 80, 6 slots']);
    await opened.page.getByRole('button', { name: 'Cancel' }).click();
    assert.deepEqual((await opened.sent()).at(-1), { type: 'cancel' });
    await opened.send({ type: 'show', root: '/w', view: { kind: 'tuning', tuning, slots: 0 } });
    assert.match((await texts(opened, '[role="status"]'))[0] ?? '', /^Use \d+ slots/);
  });

  it('says why nothing is recommended, and offers nothing then', async () => {
    const { recommended: _, ...rest } = tuningOf();
    const tuning: Tuning = { ...rest, end: { kind: 'errored', because: 'ESLint could not do its work.' } };
    const opened = await showing({ tuning });
    assert.deepEqual(await texts(opened, '.verdict-sentence'), ['No recommendation: ESLint could not do its work.']);
    assert.equal(await opened.page.getByRole('button', { name: /^Use/ }).count(), 0);
  });

  it('has no law and no setting for operations in one batch', async () => {
    const opened = await showing({ tuning: tuningOf({ kind: 'files' }) });
    assert.match((await texts(opened, '.outcome-word'))[0] ?? '', /^batches of \d+$/);
    assert.equal(await opened.page.locator('.curve-law').count(), 0);
    assert.equal(await opened.page.getByRole('button', { name: /^Use/ }).count(), 0);
  });

  it('stands in a report of its own, in which nothing can be started', async () => {
    const report = { title: 'x', view: { kind: 'tuning', tuning: tuningOf() } as const, root: '/w', outputs: {} };
    const { page, problems } = await openReport(panels.browser(), report, panels.assets());
    assert.equal((await page.locator('.curve-point').count()) > 0, true);
    assert.equal(await page.getByRole('button').count(), 0);
    assert.deepEqual(problems, []);
    await page.close();
  });

  for (const theme of Object.keys(THEMES) as ThemeName[])
    for (const width of [1200, 420])
      it(`fits a width of ${width} in the theme ${theme}`, async () => {
        await mkdir(PICTURES, { recursive: true });
        const opened = await showing({}, { theme, width });
        const overflow = await opened.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        assert.ok(overflow <= 0, `${overflow}`);
        await opened.page.screenshot({ path: path.join(PICTURES, `tuning-${theme}-${width}.png`) });
      });
});
