import assert from 'node:assert/strict';
import path from 'node:path';
import { compareRuns } from '../../src/core/compare.js';
import type { OperationId, RunId } from '../../src/core/model.js';
import { atOnce } from '../../src/core/slices.js';
import type { Contradiction, GateTrend, TrendPoint, Trends } from '../../src/core/trend-model.js';
import { trendsOf, withChanges } from '../../src/core/trends.js';
import { layoutChart, nearestPoint } from '../../src/webview/trend-layout.js';
import { figuresOfOperation, figuresOfRun } from '../support/figures.js';
import { openReport, type Panel, type PanelOptions, panelsOfSuite } from './harness.js';
import { finding, type Job, ROOT, SHOP, simulate } from './runs.js';
import { THEMES, type ThemeName } from './themes.js';

const PICTURES = path.join(import.meta.dirname, '../../test-results/screenshots');

const CONTRADICTION: Contradiction = {
  kind: 'runs',
  because: 'same key',
  what: 'outcome',
  runs: ['20260301T101500000-aaaaaa', '20260302T101500000-bbbbbb'] as unknown as readonly [RunId, RunId],
  outcomes: ['passed', 'failed'],
  findings: [0, 1],
};

/** A shop over sixty runs: one gate became slower, one flaky, one found more; a batch besides. */
function shopTrends(): Trends {
  const runs = Array.from({ length: 60 }, (_, index) =>
    figuresOfRun(
      [
        figuresOfOperation('lint:eslint', {
          name: 'ESLint',
          ms: (index < 35 ? 1200 : 1950) + 70 * ((index * 7) % 5),
          ...(index < 20 ? {} : { outcome: 'failed', findings: 3 + (index % 2), digest: 'x' }),
        }),
        figuresOfOperation('test:vitest', {
          name: 'Vitest',
          group: 'test',
          ms: index === 30 ? 60_000 : 5000 + 250 * ((index * 5) % 7),
        }),
        figuresOfOperation('types:tsc', { name: 'TypeScript', group: 'types', ms: 3300 + 40 * ((index * 3) % 4) }),
      ],
      index % 12 === 11 ? { mode: 'sequential' } : {},
    ),
  );
  const batch = figuresOfRun([figuresOfOperation('read', { name: 'read' })], { batch: true, label: 'Batch docs.batch.jsonc' });
  const kept = new Set(runs.slice(20).map(({ run }) => run));
  const gates = atOnce(trendsOf([...runs, batch], kept)).map((gate): GateTrend => {
    const value = atOnce(withChanges(gate, 0.001));
    if (value.id !== ('test:vitest' as OperationId)) return value;
    return { ...value, flakiness: { kind: 'flaky', comparable: 8, unlike: 1, contradictions: [CONTRADICTION] } };
  });
  const saved = {
    measured: { runs: 34, ms: 742_000, lowMs: 600_000, highMs: 901_000 },
    estimated: { runs: 12, ms: 95_000 },
    answered: { gates: 40, ms: 81_000 },
    since: '2026-01-01T00:00:00.000Z',
  };
  return { gates, saved, runs: 61, level: 0.001, tests: 50 };
}

describe('Trends in the panel', function () {
  this.timeout(120_000);
  const panels = panelsOfSuite();
  const trends = shopTrends();
  const showing = async (shown: Trends = trends, options?: PanelOptions): Promise<Panel> => {
    const opened = await panels.open(options);
    await opened.send({ type: 'show', root: ROOT, view: { kind: 'trends', trends: shown } });
    return opened;
  };
  const texts = ({ page }: Panel, selector: string) => page.locator(selector).allTextContents();
  const slider = ({ page }: Panel, name: string) => page.getByRole('slider', { name: `Runs of ${name}` });
  const told = (panel: Panel, name: string) => slider(panel, name).getAttribute('aria-valuetext');
  const point = (name: string, index: number) =>
    trends.gates.find((gate) => gate.name === name)?.series[0]?.points.at(index) as TrendPoint;

  it('say how much time was saved, and which figure is measured', async () => {
    const opened = await showing();
    assert.deepEqual(await texts(opened, '.figure dt'), ['Saved, measured', 'Saved, estimated', 'From the cache, estimated']);
    assert.deepEqual(await texts(opened, '.figure-value'), ['12 min 22 s', '1 min 35 s', '1 min 21 s']);
    await opened.page.getByText('What the figures mean').click();
    assert.match(
      (await texts(opened, '.trend-saved li'))[0] ?? '',
      /^Measured: 12 min 22 s saved in 34 runs \(10 min 00 s to 15 min 01 s/,
    );
    assert.match((await texts(opened, '.trend-method'))[0] ?? '', /50 tests for sustained changes, each at the level 0\.0010/);
  });

  it('have a card for each gate with its changes in words and its flakiness', async () => {
    const opened = await showing();
    assert.deepEqual(await texts(opened, '.trend-card h2'), ['ESLint', 'Vitest', 'TypeScript']);
    const [duration, ...others] = await opened.page
      .getByRole('region', { name: 'ESLint' })
      .locator('.trend-changes li')
      .allTextContents();
    assert.match([duration, ...others].join(), /it takes 2\.\d\d s instead of 1\.\d\d s \(\+5\d %\)/);
    assert.match([duration, ...others].join(), /it ends as not passed instead of passed/);
    assert.equal(await opened.page.locator('.trend-change-duration').count(), 1);
    assert.deepEqual(await texts(opened, '.trend-flaky'), ['Flaky']);
    assert.match(
      (await texts(opened, '.trend-flakiness li'))[0] ?? '',
      /^It ended as passed in the run 20260301.*Nothing that is known to decide/,
    );
    assert.match((await texts(opened, '.trend-flakiness'))[0] ?? '', /not known/, 'what is not known is said');
    assert.deepEqual(await texts(opened, '.trend-tools .note'), ['3 gates, 1 changed, 1 flaky']);
    assert.equal(await opened.page.locator('.trend-beyond').count(), 1, 'one slow run is drawn, and is no change');
  });

  it('are read run by run with the arrow keys, and Enter opens the run', async () => {
    const opened = await showing();
    await slider(opened, 'TypeScript').focus();
    assert.match((await told(opened, 'TypeScript')) ?? '', /: passed in 3\.\d\d s Enter opens it\.$/);
    await opened.page.keyboard.press('ArrowLeft');
    await opened.page.keyboard.press('Enter');
    assert.deepEqual((await opened.sent()).at(-1), { type: 'show timing', run: point('TypeScript', -2).run });
    await opened.page.keyboard.press('Home');
    assert.equal(await slider(opened, 'TypeScript').getAttribute('aria-valuenow'), '1');
    assert.match((await told(opened, 'TypeScript')) ?? '', /no longer kept\.$/);
    const sent = (await opened.sent()).length;
    await opened.page.keyboard.press('Enter');
    assert.equal((await opened.sent()).length, sent, 'there is nothing to open');
  });

  it('open the run that is clicked in a picture', async () => {
    const opened = await showing();
    const box = await slider(opened, 'ESLint').boundingBox();
    assert.ok(box);
    await slider(opened, 'ESLint').click({ position: { x: box.width - 2, y: 20 } });
    assert.deepEqual((await opened.sent()).at(-1), { type: 'show timing', run: point('ESLint', -1).run });
  });

  it('lead from a contradiction to both runs, where both are kept', async () => {
    const [gate] = trends.gates.filter(({ name }) => name === 'Vitest');
    const runs = [point('Vitest', -2).run, point('Vitest', -1).run] as const;
    const contradictions = [{ ...CONTRADICTION, runs }, CONTRADICTION] as readonly Contradiction[];
    const flaky = gate && { ...gate, flakiness: { kind: 'flaky', comparable: 8, unlike: 1, contradictions } as const };
    const opened = await showing({ ...trends, gates: flaky ? [flaky] : [] });
    assert.equal(await opened.page.locator('.trend-flakiness li').count(), 2);
    await opened.page.getByRole('button', { name: 'Compare These Runs' }).click();
    assert.deepEqual((await opened.sent()).at(-1), { type: 'compare', before: runs[0], after: runs[1] });
  });

  it('say the same in a table, from which runs open too', async () => {
    const opened = await showing();
    const card = opened.page.getByRole('region', { name: 'ESLint' });
    await card.getByText('Runs as a table').click();
    await card.locator('tbody tr').nth(54).waitFor();
    assert.equal(await card.locator('tbody tr').count(), 55);
    assert.match((await card.locator('tbody tr').first().textContent()) ?? '', /failed.*s[34]/);
    assert.equal(await card.locator('tbody tr', { hasText: 'duration' }).count(), 1);
    await card.locator('tbody button').first().click();
    assert.deepEqual((await opened.sent()).at(-1), { type: 'show timing', run: point('ESLint', -1).run });
  });

  it('show another kind of runs, a batch, or only what changed', async () => {
    const opened = await showing();
    await opened.page.getByLabel('Kind of runs of ESLint').selectOption({ index: 1 });
    assert.equal(await slider(opened, 'ESLint').getAttribute('aria-valuemax'), '5');
    assert.match((await texts(opened, '.trend-changes li.note'))[0] ?? '', /from ten runs on; there are 5/);
    await opened.page.getByLabel('Only what changed or is flaky').check();
    assert.deepEqual(await texts(opened, '.trend-card h2'), ['ESLint', 'Vitest']);
    await opened.page.getByLabel('Only what changed or is flaky').uncheck();
    await opened.page.getByLabel('What is shown').selectOption('docs.batch.jsonc');
    assert.deepEqual(await texts(opened, '.trend-card h2'), ['read']);
  });

  it('are remembered for a reload, until something else is shown', async () => {
    const opened = await showing();
    assert.equal((await opened.memory())?.trends, true);
    const shop = simulate(SHOP, { slots: 4 });
    await opened.send({ type: 'show', root: ROOT, view: { kind: 'run', state: shop, now: shop.at } });
    assert.deepEqual([(await opened.memory())?.trends, (await opened.memory())?.run], [undefined, shop.run]);
  });

  it('say what to do where nothing has run', async () => {
    const nothing = {
      measured: { runs: 0, ms: 0, lowMs: 0, highMs: 0 },
      estimated: { runs: 0, ms: 0 },
      answered: { gates: 0, ms: 0 },
    };
    const opened = await showing({ gates: [], saved: nothing, runs: 0, level: 0.05, tests: 0 });
    assert.deepEqual(await texts(opened, '.trend-cards .note'), [
      'Nothing has run yet. Run gates, and their trends are shown here.',
    ]);
  });

  it('draw text as text', async () => {
    const name = '<img src=x onerror=alert(1)>';
    const [gate] = trends.gates;
    const opened = await showing({ ...trends, gates: gate ? [{ ...gate, name }] : [] });
    assert.deepEqual(await texts(opened, '.trend-card h2'), [name]);
    assert.equal(await opened.page.locator('.trend-card img').count(), 0);
  });

  for (const theme of Object.keys(THEMES) as ThemeName[])
    for (const width of [1300, 480])
      it(`are readable in the ${theme} theme at ${width} pixels`, async () => {
        const opened = await showing(trends, { theme, width, height: 900 });
        await slider(opened, 'ESLint').focus();
        await opened.page.screenshot({ path: path.join(PICTURES, `trends-${theme}-${width}.png`) });
        await noOverflow(opened);
      });
});

describe('Two runs in the panel', function () {
  this.timeout(120_000);
  const panels = panelsOfSuite();
  const slower: readonly Job[] = SHOP.filter(({ id }) => id !== 'format:black').map((job) => ({
    ...job,
    ms: job.id === 'lint:eslint' ? job.ms * 1.9 : job.ms,
    ...(job.id === 'lint:flake8'
      ? { outcome: { kind: 'failed' } as const, findings: [finding('tools/build.py', 4, 'E501 line too long')] }
      : {}),
    ...(job.id === 'test:pytest' ? { outcome: { kind: 'passed' } as const, findings: [] } : {}),
  }));
  const jobs = [...slower, { id: 'security:trivy', name: 'Trivy', group: 'security', ms: 800 }];
  const comparison = compareRuns(
    simulate(SHOP, { slots: 4, run: 'one' }),
    simulate(jobs, { slots: 3, run: 'two', label: 'Run Checked Gates' }),
  );
  const showing = async (options?: PanelOptions): Promise<Panel> => {
    const opened = await panels.open(options);
    await opened.send({ type: 'show', root: ROOT, view: { kind: 'comparison', comparison } });
    return opened;
  };

  it('are told with their difference, where it comes from, and each operation', async () => {
    const opened = await showing();
    const text = async (selector: string) => (await opened.page.locator(selector).allTextContents()).join('\n');
    assert.match(
      await text('.comparison-sum'),
      /^7\.40 s, then .* · 2 other outcomes · 1 finding gained, 1 lost · 1 only in the first · 1 only in the second$/,
    );
    assert.match(await text('.comparison-unlike'), /began with 4 at once, the second with 3/);
    assert.match(await text('.comparison-shares'), /ran longer|came onto the critical path/);
    assert.match(await text('.comparison-total'), /^[+−].* in all$|in all/);
    const row = opened.page.getByRole('row', { name: /^flake8/ });
    assert.match((await row.textContent()) ?? '', /passed → failed.*1 gained/);
    assert.match(await text('.comparison-only'), /Black: passed, 700 ms/);
    assert.match(await text('.comparison-only'), /Trivy: passed, 800 ms/);
  });

  it('open a gained finding, and each run', async () => {
    const opened = await showing();
    await opened.page.getByRole('button', { name: 'tools/build.py:4 E501 line too long' }).click();
    assert.deepEqual((await opened.sent()).at(-1), { type: 'open finding', file: `${ROOT}/tools/build.py`, line: 4, column: 7 });
    await opened.page.getByRole('button', { name: 'Show timing of the second run' }).click();
    assert.deepEqual((await opened.sent()).at(-1), { type: 'show timing', run: 'two' });
    assert.deepEqual((await opened.memory())?.comparison, { before: 'one', after: 'two' });
  });

  for (const theme of Object.keys(THEMES) as ThemeName[])
    for (const width of [1300, 480])
      it(`are readable in the ${theme} theme at ${width} pixels`, async () => {
        const opened = await showing({ theme, width, height: 1000 });
        await opened.page.screenshot({ path: path.join(PICTURES, `comparison-${theme}-${width}.png`) });
        await noOverflow(opened);
      });
});

describe('Trends and a comparison as one page', function () {
  this.timeout(120_000);
  const panels = panelsOfSuite();
  const comparison = compareRuns(simulate(SHOP, { slots: 4, run: 'one' }), simulate(SHOP, { slots: 3, run: 'two' }));

  it('say the same as the panel, and offer nothing that a page cannot do', async () => {
    const view = { kind: 'trends', trends: shopTrends() } as const;
    const report = { title: 'Volley: shop, Trends', view, root: ROOT, outputs: {} };
    const { page, problems } = await openReport(panels.browser(), report, panels.assets());
    assert.equal(await page.locator('.trend-card').count(), 3);
    assert.match((await page.locator('.outcome-note').textContent()) ?? '', /^time saved until \d{4}-/);
    const slider = page.getByRole('slider', { name: 'Runs of ESLint' });
    assert.doesNotMatch((await slider.getAttribute('aria-valuetext')) ?? '', /Enter opens it/);
    await slider.press('Enter');
    await page.getByText('Runs as a table').first().click();
    await page.locator('.trend-table[open] tbody tr').nth(10).waitFor();
    assert.equal(await page.getByRole('button').count(), 0);
    await page.getByLabel('What is shown').selectOption({ label: 'Batch docs.batch.jsonc' });
    assert.equal(await page.locator('.trend-card').count(), 1);
    await page.getByLabel('What is shown').selectOption({ label: 'Gates' });
    assert.deepEqual(problems, []);
    await page.screenshot({ path: path.join(PICTURES, 'trends-report.png') });
    await page.close();
  });

  it('show two runs', async () => {
    const report = { title: 'x', view: { kind: 'comparison', comparison } as const, root: ROOT, outputs: {} };
    const { page, problems } = await openReport(panels.browser(), report, panels.assets());
    assert.match((await page.locator('.comparison-sum').textContent()) ?? '', /the same outcomes/);
    assert.equal(await page.getByRole('button').count(), 0);
    assert.deepEqual(problems, []);
    await page.close();
  });
});

describe('The chart of a series', () => {
  const at = (ms: number): TrendPoint => ({ run: 'r' as RunId, startedAt: '', outcome: 'passed', ms, findings: 0, kept: true });
  const size = { width: 212, height: 64, findingsHeight: 14 };

  it('has durations from zero, runs evenly, and a mark for what is beyond', () => {
    const { points, topMs } = layoutChart({ points: [...Array(10).fill(100), 10_000].map(at), changes: [] }, size);
    assert.equal(topMs, 250);
    assert.deepEqual(
      points.map(({ x }) => x),
      Array.from({ length: 11 }, (_, index) => 6 + index * 20),
    );
    assert.deepEqual([points[0]?.beyond, points[10]?.beyond, points[10]?.y], [false, true, 6]);
  });

  it('draws a change between two runs, and the medians on both sides', () => {
    const change = { measure: 'duration', index: 5, run: 'r' as RunId, startedAt: '', before: 100, after: 200, p: 0.01 } as const;
    const { changes, levels } = layoutChart(
      { points: [...Array(5).fill(100), ...Array(6).fill(200)].map(at), changes: [change] },
      size,
    );
    assert.deepEqual(changes, [{ x: 96, measure: 'duration' }]);
    assert.deepEqual(
      levels.map(({ from, to }) => [from, to]),
      [
        [6, 96],
        [96, 206],
      ],
    );
    assert.ok((levels[0]?.y ?? 0) > (levels[1]?.y ?? 0));
  });

  it('knows the run nearest to a place, and none without runs', () => {
    const chart = layoutChart({ points: [1, 2, 3].map(at), changes: [] }, size);
    assert.deepEqual(
      [-50, 7, 100, 500].map((x) => nearestPoint(chart, x)),
      [0, 0, 1, 2],
    );
    assert.equal(nearestPoint(layoutChart({ points: [], changes: [] }, size), 0), undefined);
    assert.equal(layoutChart({ points: [at(5)], changes: [] }, size).points[0]?.x, 106);
  });
});

async function noOverflow({ page }: Panel): Promise<void> {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(overflow, 0, 'the page itself is not moved sideways');
}
