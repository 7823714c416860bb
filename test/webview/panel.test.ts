import assert from 'node:assert/strict';
import type { OperationId, OperationState, RunState } from '../../src/core/model.js';
import { timing } from '../../src/core/timing.js';
import { frames, openReport, type Panel, type PanelOptions, panelsOfSuite } from './harness.js';
import { finding, many, ROOT, SHOP, simulate, verification } from './runs.js';
import { THEMES, type ThemeName } from './themes.js';

describe('the timing panel in a browser', function () {
  this.timeout(120_000);
  const panels = panelsOfSuite();
  const panel = panels.open;

  async function showing(state: RunState, options?: PanelOptions): Promise<Panel> {
    const opened = await panel(options);
    await opened.send({ type: 'show', root: ROOT, view: { kind: 'run', state, now: state.at } });
    return opened;
  }

  const shop = simulate(SHOP, { slots: 4 });
  const texts = ({ page }: Panel, selector: string): Promise<string[]> => page.locator(selector).allTextContents();
  const focused = ({ page }: Panel): Promise<string> =>
    page.evaluate(() => document.activeElement?.getAttribute('data-node') ?? document.activeElement?.textContent ?? '');

  it('says that it is ready, and what to do when there is no run', async () => {
    const opened = await panel();
    assert.deepEqual(await opened.sent(), [{ type: 'ready' }]);
    await opened.send({ type: 'show', root: ROOT, view: { kind: 'empty', trusted: true } });
    await opened.page.getByRole('button', { name: 'Run All Gates' }).click();
    assert.deepEqual((await opened.sent()).at(-1), { type: 'run all' });
    await opened.send({ type: 'show', root: ROOT, view: { kind: 'empty', trusted: false } });
    assert.match((await texts(opened, '.empty-view p'))[0] ?? '', /runs nothing until the workspace is trusted/);
    assert.equal(await opened.page.locator('button').count(), 0);
  });

  it('shows header, timeline and timing tree of a run', async () => {
    const opened = await showing(shop);
    assert.deepEqual(await texts(opened, '.outcome-word'), ['Failed']);
    assert.deepEqual(await texts(opened, '.figure dt'), ['Makespan', 'Sum of operations', 'Speedup', 'Workers', 'Efficiency']);
    assert.deepEqual((await texts(opened, '.figure-note')).filter(Boolean), ['estimated: sum ÷ makespan', 'estimated']);
    assert.equal(await opened.page.locator('.bars > .bar').count(), 9);
    assert.equal(await opened.page.locator('tr.row-operation').count(), SHOP.length);
    assert.match(
      (await opened.page.getByRole('img').getAttribute('aria-label')) ?? '',
      /^Timeline of 11 operations on 4 workers over 7\.40 s\./,
    );
    assert.ok((await texts(opened, 'tr[data-node="format:black"] .critical-mark')).includes('critical'));
    assert.match((await texts(opened, 'tr[data-node="build:docs"] .outcome-cell'))[0] ?? '', /^skippedIt needs/);
  });

  it('calls a speedup measured only when it was', async () => {
    const opened = await panel();
    const { verification: measured } = verification();
    await opened.send({ type: 'show', root: ROOT, view: { kind: 'run', state: shop, now: shop.at, measured } });
    assert.deepEqual((await texts(opened, '.figure-note')).filter(Boolean), ['measured in 3 pairs, inconclusive', 'measured']);
    assert.equal((await texts(opened, '.figure-value'))[2], '2.83×');
  });

  it('shows between which ratios a measured speedup lies, where that is known', async () => {
    const opened = await panel();
    const sure = { ...verification().verification, interval: { low: 2.7, high: 2.95, level: 0.95 } };
    await opened.send({ type: 'show', root: ROOT, view: { kind: 'run', state: shop, now: shop.at, measured: sure } });
    assert.deepEqual((await texts(opened, '.figure-note')).filter(Boolean), ['measured: 2.70× to 2.95×', 'measured']);
  });

  it('divides a measured speedup by the workers it was measured with', async () => {
    const opened = await panel();
    const measured = { ...verification().verification, slots: 8 };
    await opened.send({ type: 'show', root: ROOT, view: { kind: 'run', state: shop, now: shop.at, measured } });
    assert.deepEqual((await texts(opened, '.figure-value')).slice(2), ['2.83×', '4', '35 %']);
    assert.deepEqual((await texts(opened, '.figure-note')).filter(Boolean), [
      'measured in 3 pairs, inconclusive',
      'measured on 8 workers',
    ]);
    const { ratio: _, ...unmeasured } = measured;
    await opened.send({ type: 'show', root: ROOT, view: { kind: 'run', state: shop, now: shop.at, measured: unmeasured } });
    await opened.page.getByText('estimated: sum ÷ makespan').waitFor();
    assert.deepEqual((await texts(opened, '.figure-note')).filter(Boolean), ['estimated: sum ÷ makespan', 'estimated']);
  });

  it('says how many tokens the answers of a batch take, where they were counted', async () => {
    const answered = shop.operations.map((operation, index) => ({ ...operation, answer: { summary: 'x', tokens: index } }));
    const opened = await showing({ ...shop, batch: true, operations: answered });
    assert.match((await texts(opened, '.quiet-line'))[0] ?? '', /answers of 55 tokens/);
    const plain = await showing(shop);
    assert.doesNotMatch((await texts(plain, '.quiet-line'))[0] ?? '', /token/);
  });

  it('says what one combined answer of a batch saves, where that was counted, and offers the answer', async () => {
    const context = { batchTokens: 100, combinedTokens: 500, callsTokens: 400, answersTokens: 800, results: 11 };
    const state = { ...shop, batch: true as const };
    const opened = await panel();
    await opened.send({ type: 'show', root: ROOT, view: { kind: 'run', state, now: state.at } });
    assert.equal((await texts(opened, '.figure dt')).includes('Context'), false);
    assert.equal(await opened.page.getByRole('button', { name: 'Combined Answer' }).count(), 0);
    await opened.send({ type: 'show', root: ROOT, view: { kind: 'run', state, now: state.at, answers: { context } } });
    await opened.page.getByText('counted: 50 % less than apart').waitFor();
    assert.deepEqual((await texts(opened, '.figure dt')).at(-1), 'Context');
    assert.deepEqual((await texts(opened, '.figure-value')).at(-1), '600 tokens');
    await opened.page.getByRole('button', { name: 'Combined Answer' }).click();
    await opened.page.getByRole('button', { name: 'Copy', exact: true }).click();
    assert.deepEqual((await opened.sent()).slice(-2), [
      { type: 'open answer', run: shop.run },
      { type: 'copy answer', run: shop.run },
    ]);
    await opened.send({ type: 'show', root: ROOT, view: { kind: 'run', state, now: state.at, answers: {} } });
    await opened.page.getByText('counted: 50 % less than apart').waitFor({ state: 'detached' });
    assert.equal(await opened.page.getByRole('button', { name: 'Combined Answer' }).count(), 1);
  });

  it('tells when and why the number of workers changed', async () => {
    const slotMoves = [
      { at: 500, from: 2, to: 4, because: 'There is room: 51 % of the processors are idle.' },
      { at: 6100, from: 4, to: 3 },
    ];
    const opened = await showing({ ...shop, mostSlots: 10, slotMoves });
    assert.ok((await texts(opened, '.figure-note')).includes('changed 2 times'));
    assert.ok((await texts(opened, '.figure-value')).includes('2–4'), 'as many as it had at different times');
    await opened.page.getByText('Workers changed 2 times: when and why').click();
    assert.deepEqual(await texts(opened, '.moves li'), [
      'at 500 ms  2 → 4  There is room: 51 % of the processors are idle.',
      'at 6.10 s  4 → 3  A user asked for it.',
    ]);
  });

  it('names the files that an operation was limited to, and shortens a command of hundreds of arguments', async () => {
    const files = Array.from({ length: 300 }, (_, index) => `src/module ${index}.ts`);
    const argv = ['node_modules/.bin/eslint', '--format', 'json', ...files];
    const jobs = SHOP.map((job) => (job.id === 'lint:eslint' ? { ...job, argv, files } : job));
    const opened = await showing(simulate(jobs, { slots: 4 }));
    await opened.page.evaluate(() => {
      Object.defineProperty(navigator, 'clipboard', {
        configurable: true,
        value: {
          async writeText(text: string) {
            Object.assign(window, { copied: text });
          },
        },
      });
    });
    await opened.page.locator('tr[data-node="lint:eslint"]').click();
    assert.deepEqual(await texts(opened, '.files-title'), ['Limited to 300 files']);
    assert.equal(await opened.page.locator('.files .file').count(), 20);
    assert.deepEqual((await texts(opened, '.files li')).slice(-2), ['src/module 19.ts', 'and 280 more']);
    const short = (await texts(opened, '.command'))[0] ?? '';
    assert.ok(short.startsWith("node_modules/.bin/eslint --format json 'src/module 0.ts'") && short.length < 600, short);
    await opened.page.getByRole('button', { name: 'Copy the command' }).click();
    const copied = await opened.page.evaluate(() => (window as unknown as { copied: string }).copied);
    assert.equal(copied, `node_modules/.bin/eslint --format json ${files.map((file) => `'${file}'`).join(' ')}`);
    await opened.page.getByRole('button', { name: /show \d+ more arguments/ }).click();
    assert.deepEqual(await texts(opened, '.command'), [copied]);
    await opened.page.locator('tr[data-node="lint:flake8"]').click();
    assert.equal(await opened.page.locator('.files-section').isVisible(), false);
    await opened.page.locator('tr[data-node="lint:eslint"]').click();
    assert.deepEqual(await texts(opened, '.command'), [short]);
  });

  it('selects the whole command where the clipboard is out of reach', async () => {
    const argv = ['tool', ...Array.from({ length: 100 }, (_, index) => `file-${index}.ts`)];
    const opened = await showing(simulate([{ id: 'a', name: 'A', group: 'lint', ms: 10, argv }], { slots: 1 }));
    await opened.page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { configurable: true, value: undefined }));
    await opened.page.locator('tr[data-node="a"]').click();
    await opened.page.getByRole('button', { name: 'Copy the command' }).click();
    assert.equal(await opened.page.evaluate(() => getSelection()?.toString()), argv.join(' '));
  });

  it('is usable by keyboard alone: rows, groups, details and back', async () => {
    const opened = await showing(shop);
    const { keyboard } = opened.page;
    await opened.page.getByRole('columnheader', { name: 'Operation' }).getByRole('button').focus();
    await keyboard.press('Tab');
    assert.equal(await focused(opened), 'run');
    await keyboard.press('ArrowDown');
    assert.equal(await focused(opened), 'group:test');
    await keyboard.press('ArrowLeft');
    assert.equal(await opened.page.locator('tr[data-node="group:test"]').getAttribute('aria-expanded'), 'false');
    await keyboard.press('ArrowDown');
    assert.equal(await focused(opened), 'group:lint');
    await keyboard.press('ArrowRight');
    assert.equal(await focused(opened), 'lint:eslint');
    await keyboard.press('End');
    assert.equal(await focused(opened), 'security:audit');
    await keyboard.press('Home');
    assert.equal(await focused(opened), 'run');
    for (let step = 0; step < 3; step += 1) await keyboard.press('ArrowDown');
    await keyboard.press('Enter');
    assert.equal(await focused(opened), 'ESLint');
    assert.equal(await opened.page.locator('tr[data-node="lint:eslint"]').getAttribute('aria-selected'), 'true');
    for (let step = 0; step < 4; step += 1) await keyboard.press('Tab');
    await keyboard.press('Enter');
    assert.deepEqual((await opened.sent()).at(-1), {
      type: 'open finding',
      file: `${ROOT}/src/cart/total.ts`,
      line: 12,
      column: 7,
    });
    await keyboard.press('Escape');
    assert.equal(await opened.page.locator('.details').isVisible(), false);
    assert.equal(await focused(opened), 'lint:eslint');
    assert.equal(await opened.page.locator('tr[tabindex="0"]').count(), 1);
  });

  it('sorts within groups by any column, and back to the order of the batch', async () => {
    const opened = await showing(shop);
    const names = async (): Promise<string[]> => (await texts(opened, 'tr.row-operation .name')).slice(4, 7);
    const running = opened.page.getByRole('columnheader', { name: 'Running' });
    assert.deepEqual(await names(), ['TypeScript', 'TypeScript (tsconfig.test.json)', 'mypy']);
    await running.getByRole('button').click();
    assert.equal(await running.getAttribute('aria-sort'), 'descending');
    assert.deepEqual(await names(), ['TypeScript', 'mypy', 'TypeScript (tsconfig.test.json)']);
    await running.getByRole('button').click();
    assert.deepEqual(await names(), ['TypeScript (tsconfig.test.json)', 'mypy', 'TypeScript']);
    await running.getByRole('button').click();
    assert.equal(await running.getAttribute('aria-sort'), 'none');
    for (const header of await opened.page.getByRole('columnheader').all()) {
      await header.getByRole('button').click();
      assert.notEqual(await header.getAttribute('aria-sort'), 'none');
    }
  });

  it('shows the details of the operation whose bar was clicked, and asks for its output once', async () => {
    const opened = await showing(shop);
    await opened.page.locator('.bar[data-operation="lint:eslint"]').click();
    await opened.send({
      type: 'output',
      run: shop.run,
      operation: 'lint:eslint' as OperationId,
      text: '\u001b[31mred\u001b[0m <b>',
      omittedBytes: 12,
    });
    await opened.send({ type: 'show', root: ROOT, view: { kind: 'run', state: shop, now: shop.at } });
    const requests = (await opened.sent()).filter((message) => message.type === 'request output');
    assert.deepEqual(requests, [{ type: 'request output', run: shop.run, operation: 'lint:eslint' }]);
    assert.deepEqual(await texts(opened, '.output'), ['red <b>']);
    assert.deepEqual(await texts(opened, '.omitted'), ['12 bytes before this are in the full output.']);
    assert.match((await texts(opened, '.command'))[0] ?? '', /src 'test with spaces'$/);
    assert.deepEqual(await texts(opened, '.finding-place'), [
      'src/cart/total.ts:12:7',
      'src/cart/total.ts:31:7',
      'src/index.ts:3:7',
    ]);
    await opened.page.getByRole('button', { name: 'Open Full Output' }).click();
    await opened.page.getByRole('button', { name: 'Run Again', exact: true }).click();
    assert.deepEqual((await opened.sent()).slice(-2), [
      { type: 'open output', run: shop.run, operation: 'lint:eslint' },
      { type: 'run again', operation: 'lint:eslint' },
    ]);
  });

  it('shows apart what was there before, in a run of new findings only', async () => {
    const old = finding('src/old.ts', 8, 'Was there.');
    const lint = { id: 'lint:eslint', name: 'ESLint', group: 'lint', ms: 900, known: [old] };
    const outcome = { kind: 'passed', known: 1 } as const;
    const state = simulate(
      [
        { ...lint, outcome },
        { ...lint, id: 'lint:other', name: 'Other', known: [] },
      ],
      { slots: 2 },
    );
    const opened = await showing({ ...state, newOnly: true });
    assert.match((await texts(opened, '.quiet-line'))[0] ?? '', /new findings only/);
    await opened.page.locator('tr[data-node="lint:eslint"]').click();
    assert.match((await texts(opened, '.details-status'))[0] ?? '', /^Passed\. 1 finding was there where the branch left/);
    const known = opened.page.locator('.findings-section', { hasText: 'Findings that were there before' });
    assert.deepEqual(await known.locator('.finding-place').allTextContents(), ['src/old.ts:8:7']);
    assert.match((await texts(opened, '.facts')).join(), /At the merge base400 ms/);
    await opened.page.locator('tr[data-node="lint:other"]').click();
    assert.equal(await known.isVisible(), false);
  });

  it('names what an operation waited for', async () => {
    const opened = await showing(shop);
    await opened.page.locator('tr[data-node="format:black"]').click();
    assert.match((await texts(opened, '.phases tbody tr')).join('|'), /locked3\.90 s6\.70 s2800mypy/);
    assert.match((await texts(opened, '.details-path'))[0] ?? '', /^On the critical path\. It waited for a lock held by mypy\./);
  });

  it('shows text of the workspace as text, whatever it holds', async () => {
    const evil = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';
    const jobs = SHOP.map((job) => ({
      ...job,
      name: `${job.name}${evil}`,
      group: `${job.group}${evil}`,
      argv: [evil],
      findings: [finding(evil, 1, evil, { rule: evil })],
    }));
    const state = simulate(jobs, { slots: 4, label: evil });
    const opened = await showing(state);
    await opened.page.locator('tr[data-node="lint:eslint"]').click();
    await opened.send({ type: 'output', run: state.run, operation: 'lint:eslint' as OperationId, text: evil, omittedBytes: 0 });
    await opened.page.locator('.bar[data-operation="lint:eslint"]').hover();
    assert.deepEqual(await texts(opened, '.tooltip-name'), [`ESLint${evil}`]);
    assert.equal(await opened.page.evaluate(() => 'hacked' in window), false);
    assert.equal(await opened.page.locator('main img, main script').count(), 0);
    assert.deepEqual(await texts(opened, '.output'), [evil]);
  });

  it('follows a run: rows and bars change in place, the end is announced', async () => {
    const early = simulate(SHOP, { slots: 4, until: 2_000 });
    const opened = await showing(early);
    await opened.page.evaluate(() => document.querySelector('tr[data-node="lint:flake8"]')?.setAttribute('data-mark', 'kept'));
    assert.deepEqual(await texts(opened, '.outcome-word'), ['Running']);
    assert.equal(await opened.page.getByRole('button', { name: 'Cancel' }).isVisible(), true);
    assert.equal(await opened.page.getByRole('button', { name: 'Run All Again' }).isVisible(), false);
    assert.equal(await opened.page.locator('.now').getAttribute('visibility'), 'visible');
    await opened.page.locator('tr[data-node="types:tsc"]').click();
    assert.deepEqual(await texts(opened, '.output'), ['> TypeScript\nchecking files…\n']);
    await opened.page.getByRole('button', { name: 'Cancel' }).click();
    assert.deepEqual((await opened.sent()).at(-1), { type: 'cancel' });
    const changed = shop.operations.filter((operation: OperationState, index) => operation !== early.operations[index]);
    await opened.send({
      type: 'update',
      run: shop.run,
      now: shop.at,
      slots: 4,
      slotMoves: [],
      outcome: 'failed',
      operations: changed,
    });
    assert.deepEqual(await texts(opened, '.outcome-word'), ['Failed']);
    assert.equal(await opened.page.locator('.now').getAttribute('visibility'), 'hidden');
    assert.equal(await opened.page.locator('tr[data-mark="kept"]').count(), 1);
    assert.deepEqual(await texts(opened, '[role="status"]'), [
      'Run failed after 7.40 s: 11 operations, 7 passed, 2 failed, 2 skipped.',
    ]);
    assert.equal((await opened.sent()).filter((message) => message.type === 'request output').length, 1);
  });

  it('says how long a run still takes as far as anybody knows, goes on by its own clock, and calls it an estimate', async () => {
    const running = simulate(SHOP, { slots: 4, until: 2000 });
    const opened = await panel();
    const remaining = { endsAt: 62_500 };
    await opened.send({ type: 'show', root: ROOT, view: { kind: 'run', state: running, now: 2000, remaining } });
    assert.match((await texts(opened, '.remaining'))[0] ?? '', /^≈ (1 min 0\d s|5\d s) left \(estimate\)$/);
    assert.equal(await opened.page.locator('.remaining').isVisible(), true);
    const update = { type: 'update', run: running.run, slots: 4, slotMoves: [], operations: [] } as const;
    await opened.send({ ...update, now: 62_500, remaining: { endsAt: 62_500, late: true } });
    await opened.page.getByText('longer than ever before').waitFor();
    await opened.send({ ...update, now: 62_600 });
    await opened.page.locator('.remaining').waitFor({ state: 'hidden' });
    const ended = { ...shop, predicted: { ms: 7000, lowMs: 6500, highMs: 8000 } };
    await opened.send({ type: 'show', root: ROOT, view: { kind: 'run', state: ended, now: shop.at } });
    assert.equal(await opened.page.locator('.remaining').isVisible(), false);
    const [quiet = ''] = await texts(opened, '.quiet-line');
    assert.match(quiet, /predicted about 7\.00 s; four of five such runs take 6\.50 s to 8\.00 s/);
  });

  it('ignores an update about another run', async () => {
    const opened = await showing(shop);
    await opened.send({
      type: 'update',
      run: 'other' as RunState['run'],
      now: 1,
      slots: 1,
      slotMoves: [],
      outcome: 'cancelled',
      operations: [],
    });
    assert.deepEqual(await texts(opened, '.outcome-word'), ['Failed']);
  });

  it('remembers selection, groups and order through a reload, but not the selection of another run', async () => {
    const first = await showing(shop);
    await first.page.locator('tr[data-node="group:types"]').click();
    await first.page.getByRole('columnheader', { name: 'Running' }).getByRole('button').click();
    await first.page.locator('tr[data-node="lint:eslint"]').click();
    const memory = await first.memory();
    assert.deepEqual(memory, {
      version: 1,
      run: shop.run,
      collapsed: ['group:types'],
      sort: { column: 'running', descending: true },
      selected: 'lint:eslint',
    });
    const second = await showing(shop, { memory });
    assert.equal(await second.page.locator('tr[data-node="types:tsc"]').isVisible(), false);
    assert.equal(await second.page.getByRole('columnheader', { name: 'Running' }).getAttribute('aria-sort'), 'descending');
    assert.deepEqual(await texts(second, '.details-name'), ['ESLint']);
    const third = await showing(simulate(SHOP, { slots: 4, run: 'another' }), { memory });
    assert.equal(await third.page.locator('.details').isVisible(), false);
    assert.deepEqual((await third.memory())?.collapsed, ['group:types']);
  });

  it('starts afresh from memory that it does not understand', async () => {
    const opened = await showing(shop, { memory: { version: 99, collapsed: 'no' } });
    assert.equal(await opened.page.locator('tr.row-operation:visible').count(), SHOP.length);
  });

  it('shows 500 operations, and leaves the rows of ended ones alone while others go on', async () => {
    // Minutes long, so that no pause of this machine makes the picture change its scale.
    const jobs = many(500).map((job) => ({ ...job, ms: job.ms * 100 }));
    const early = simulate(jobs, { slots: 8, until: 300_000 });
    const later = simulate(jobs, { slots: 8, until: 330_000 });
    const opened = await showing(early);
    assert.equal(await opened.page.locator('tr.row-operation').count(), 500);
    await opened.page.evaluate(() => {
      const touched = new Set<string>();
      Object.assign(window, { touched });
      new MutationObserver((records) => {
        for (const { target } of records) {
          const element = target instanceof Element ? target : target.parentElement;
          touched.add(element?.closest('tbody tr')?.getAttribute('data-node') ?? '');
        }
      }).observe(document.querySelector('.timing-table') ?? document.body, {
        subtree: true,
        childList: true,
        characterData: true,
        attributes: true,
      });
    });
    const changed = later.operations.filter(
      (operation, index) =>
        operation.segments.length !== early.operations[index]?.segments.length ||
        operation.phase !== early.operations[index]?.phase,
    );
    await opened.send({ type: 'update', run: early.run, now: 330_000, slots: 8, slotMoves: [], operations: changed });
    await opened.page.waitForFunction(
      (id) => (window as unknown as { touched: Set<string> }).touched.has(id),
      changed[0]?.id ?? '',
    );
    const touched = await opened.page.evaluate(() => [...(window as unknown as { touched: Set<string> }).touched]);
    const ended = new Set<string>(early.operations.filter((operation) => operation.outcome).map((operation) => operation.id));
    assert.ok(changed.length > 5 && ended.size > 50, `${changed.length} changed, ${ended.size} ended before`);
    const path = new Set<string>([early, later].flatMap((state) => timing(state).criticalPath.map((step) => step.operation)));
    assert.deepEqual(
      touched.filter((id) => ended.has(id) && !path.has(id)),
      [],
    );
  });

  it('fits any width without scrolling the page sideways', async () => {
    const opened = await showing(shop);
    for (const width of [320, 380, 700, 1200, 3000]) {
      await opened.page.setViewportSize({ width, height: 800 });
      await frames(opened.page);
      const sizes = await opened.page.evaluate(() => ({
        page: document.documentElement.scrollWidth,
        window: window.innerWidth,
        drawing: document.querySelector('.timeline-drawing')?.getBoundingClientRect().width ?? 0,
        timeline: document.querySelector('.timeline')?.clientWidth ?? 0,
      }));
      assert.ok(sizes.page <= sizes.window, `${sizes.page} in ${width}`);
      assert.equal(sizes.drawing, sizes.timeline);
    }
  });

  it('cuts off no column of the timing tree where a panel is 1000 to 1600 pixels wide', async () => {
    const free = simulate(
      SHOP.map(({ lock: _, needs: __, ...job }) => job),
      { slots: 4 },
    );
    const long = SHOP.map((job) => ({ ...job, ms: 20 * job.ms }));
    const longFree = long.map(({ lock: _, needs: __, ...job }) => job);
    for (const state of [shop, free, simulate(long, { slots: 4 }), simulate(longFree, { slots: 4 })]) {
      const opened = await showing(state);
      for (const selected of [false, true]) {
        if (selected) await opened.page.locator('tr[data-node="lint:eslint"]').click();
        for (const width of [1000, 1059, 1061, 1200, 1300, 1400, 1500, 1600]) {
          await opened.page.setViewportSize({ width, height: 900 });
          await frames(opened.page);
          const { room, table, name, cut } = await opened.page.evaluate(() => ({
            room: document.querySelector('.table-scroll')?.clientWidth ?? 0,
            table: document.querySelector('.table-scroll')?.scrollWidth ?? 0,
            name: document.querySelector('th.column-name')?.clientWidth ?? 0,
            cut: [...document.querySelectorAll('.timing-table :is(th, td.numeric)')]
              .filter((cell) => cell.scrollWidth > cell.clientWidth)
              .map((cell) => cell.textContent),
          }));
          const where = `${width} px, details ${selected ? 'open' : 'closed'}`;
          assert.ok(table <= room, `${where}: a table of ${table} in ${room}`);
          assert.ok(name >= 150, `${where}: names have ${name}`);
          assert.deepEqual(cut, [], where);
        }
      }
    }
  });

  it('shows the warm-up of a verification as what it is: a run that is not counted', async () => {
    const opened = await panel();
    const warmUp = simulate(SHOP, { slots: 4, run: 'warm-up', until: 3_000 });
    const before = verification(0).verification;
    await opened.send({
      type: 'show',
      root: ROOT,
      view: { kind: 'verification', verification: before, runs: [warmUp], progress: { trial: 0, of: 6 } },
    });
    assert.deepEqual(await texts(opened, '.outcome-note'), ['warm-up']);
    assert.match((await texts(opened, '.track-label:visible')).join('|'), /^Warm-up: 3\.\d+ s so far, 4 workers$/);
    assert.equal(await opened.page.locator('.pair:visible').count(), 0);
    assert.equal(await opened.page.locator('table[aria-label="Trials"] tbody tr').count(), 0);
    await opened.page.getByRole('button', { name: 'ESLint' }).press('Enter');
    assert.deepEqual(await texts(opened, '.details-name'), ['ESLint']);
    assert.equal(await opened.page.locator('.mode-switch').isVisible(), false);
    const first = simulate(SHOP, { slots: 4, run: 'trial-1', mode: 'sequential', until: 1_000 });
    const after = { ...before, warmUpMs: 9_100 };
    await opened.send({
      type: 'show',
      root: ROOT,
      view: { kind: 'verification', verification: after, runs: [first], progress: { trial: 1, of: 6 } },
    });
    assert.deepEqual(await texts(opened, '.outcome-note'), ['trial 1 of at most 6']);
    assert.deepEqual(await texts(opened, '.pairs .pair'), ['Pair 1']);
    assert.deepEqual(await texts(opened, '.warm-up'), ['Warm-up, not counted: 9.10 s']);
    assert.match(
      (await texts(opened, '.track-label:visible')).join('|'),
      /^One after another: 1\.\d+ s so far\|In parallel: not yet/,
    );
  });

  it('leads by keyboard to the details of both trials of a pair', async () => {
    const opened = await panel();
    await opened.send({ type: 'show', root: ROOT, view: { kind: 'verification', ...verification() } });
    const { keyboard } = opened.page;
    const pressed = (): Promise<string[]> => texts(opened, '.mode-switch [aria-pressed="true"]');
    const workers = async (): Promise<string> => (await texts(opened, '.facts')).join();
    await opened.page.getByRole('button', { name: 'ESLint' }).focus();
    await keyboard.press('Enter');
    assert.deepEqual(await pressed(), ['In parallel']);
    assert.match(await workers(), /Worker3/);
    for (let step = 0; step < 3; step += 1) await keyboard.press('Tab');
    assert.equal(await focused(opened), 'One after another');
    await keyboard.press('Enter');
    assert.deepEqual(await pressed(), ['One after another']);
    assert.match(await workers(), /Worker1/);
    await opened.page.getByRole('button', { name: /^Pair 1/ }).press('Enter');
    assert.deepEqual(await texts(opened, '.mode-switch .note'), ['Pair 1']);
    assert.deepEqual(await pressed(), ['One after another']);
    await opened.page.locator('.details').press('Escape');
    assert.equal(await focused(opened), 'ESLint');
  });

  it('shows a verification: verdict, both timelines on one scale, all trials, equality', async () => {
    const opened = await panel();
    const measured = verification();
    await opened.send({ type: 'show', root: ROOT, view: { kind: 'verification', ...measured } });
    assert.deepEqual(await texts(opened, '.outcome-word'), ['Inconclusive']);
    assert.match((await texts(opened, '.verdict-sentence'))[0] ?? '', /^Inconclusive: a ratio of 2\.83× from 3 pairs/);
    assert.deepEqual(await texts(opened, '.pair[aria-pressed="true"]'), ['Pair 3 · 2.83×']);
    const scales = await opened.page.evaluate(() =>
      [...document.querySelectorAll('.timeline-drawing')].map((drawing) =>
        [...drawing.querySelectorAll('.tick-label')].map((label) => `${label.textContent} ${label.getAttribute('x')}`),
      ),
    );
    assert.deepEqual(scales[0], scales[1]);
    assert.equal(await opened.page.locator('table[aria-label="Trials"] tbody tr').count(), 6);
    assert.deepEqual(await texts(opened, '.equality span'), [
      'Outcomes, exit codes, findings, answers and files left behind (but logs, caches and node_modules) were the same in all trials.',
    ]);
    await opened.page.getByRole('button', { name: /^Pair 1/ }).click();
    assert.match((await texts(opened, '.track-label')).join(), /One after another: 24\.9 s/);
    await opened.page.getByRole('button', { name: 'ESLint' }).press('Enter');
    assert.deepEqual(await texts(opened, '.details-name'), ['ESLint']);
  });

  it('shows the block of a verification to copy, and where the time went, as bars that add up and as a table', async () => {
    const opened = await panel();
    await opened.send({ type: 'show', root: ROOT, view: { kind: 'verification', ...verification(6) } });
    const names = await texts(opened, '.speedup-account > .measured-lines dt');
    assert.deepEqual(names, [
      'tool executed',
      'sequential time',
      'parallel time',
      'improvement ratio',
      'interval',
      'context efficiency',
      'state',
    ]);
    await opened.page.getByRole('button', { name: 'Copy the verification block' }).press('Enter');
    assert.match(
      (await texts(opened, '.speedup-account .section-header button')).join(),
      /^Copied$|^Selected: copy it by keyboard$/,
    );
    const rows = await opened.page.locator('table[aria-label="Where the time went"] tbody tr').allInnerTexts();
    assert.deepEqual(
      rows.map((row) => row.split('\t')[0]?.trim()),
      ['work', 'blocked', 'locked', 'queued', 'nothing left to start', 'start-up', 'overhead', 'makespan'],
    );
    const pictures = await opened.page.locator('.account-bar').evaluateAll((bars) =>
      bars.map((bar) => ({
        label: bar.getAttribute('aria-label'),
        width: [...bar.children].reduce((sum, part) => sum + Number.parseFloat((part as HTMLElement).style.width), 0),
      })),
    );
    assert.match(pictures[0]?.label ?? '', /^One after another: [\d.]+ s = work /);
    assert.ok(Math.abs((pictures[0]?.width ?? 0) - 100) < 0.1, 'the longer of the two is as wide as there is room');
    assert.ok((pictures[1]?.width ?? 0) < 60);
    assert.match((await texts(opened, '.loss'))[0] ?? '', /^With all slots at work all the time/);
  });

  it('shows where the results of trials differ, and the progress while they go on', async () => {
    const opened = await panel();
    await opened.send({
      type: 'show',
      root: ROOT,
      view: { kind: 'verification', ...verification(3), progress: { trial: 4, of: 6 } },
    });
    assert.deepEqual(await texts(opened, '.outcome-note'), ['trial 4 of at most 6']);
    assert.deepEqual(await texts(opened, '.pair[aria-pressed="true"]'), ['Pair 2']);
    assert.match((await texts(opened, '.track-label'))[0] ?? '', /not yet measured/);
    await opened.send({ type: 'show', root: ROOT, view: { kind: 'verification', ...verification(6, false) } });
    assert.deepEqual(await texts(opened, '.outcome-word'), ['Results differ']);
    assert.deepEqual(await texts(opened, '.differences li'), [
      'flake8, outcome: the first has passed; trial 4 has failed. Flaky: two sequential trials differ.',
    ]);
    assert.match((await texts(opened, '[role="status"]'))[0] ?? '', /^Results differ between trials/);
  });

  it('tells phases apart without colour, and keeps bars readable, in every theme', async () => {
    for (const theme of Object.keys(THEMES) as ThemeName[]) {
      const opened = await showing(shop, { theme });
      const fills = await opened.page.evaluate(() => [
        ...new Set([...document.querySelectorAll('.waits .wait')].map((wait) => wait.getAttribute('fill'))),
      ]);
      assert.ok(fills.length >= 3, `${theme}: ${fills.join()}`);
      const colours = await opened.page.evaluate(() => {
        const canvas = document.createElement('canvas').getContext('2d');
        return [...document.querySelectorAll('.bars > .bar')].map((bar) =>
          ['.bar-fill', '.bar-name'].map((part) => {
            if (!canvas) return [];
            canvas.fillStyle = getComputedStyle(bar.querySelector(part) ?? bar).fill;
            canvas.fillRect(0, 0, 1, 1);
            return [...canvas.getImageData(0, 0, 1, 1).data];
          }),
        );
      });
      const contrast = colours.map((pair) => {
        const [a = 0, b = 0] = pair.map(luminance);
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      });
      assert.ok(Math.min(...contrast) >= 4.5, `${theme}: ${contrast.join()}`);
    }
  });

  it('is a report of its own without an editor: the same view, no commands, the kept outputs', async () => {
    const report = {
      title: 'Volley: run',
      view: { kind: 'run', state: shop, now: shop.at },
      root: ROOT,
      outputs: { 'lint:eslint': { text: '</script> kept', omittedBytes: 5 } },
    } as const;
    const { page, problems } = await openReport(panels.browser(), report, panels.assets());
    assert.equal(await page.title(), 'Volley: run');
    assert.equal(await page.locator('.actions button:visible').count(), 0);
    await page.locator('tr[data-node="lint:eslint"]').click();
    await frames(page);
    assert.deepEqual(await page.locator('.output').allTextContents(), ['</script> kept']);
    assert.deepEqual(await page.locator('.omitted').allTextContents(), ['5 bytes before this are not part of this report.']);
    assert.equal(await page.getByRole('button', { name: 'Open Full Output' }).count(), 0);
    assert.equal(await page.locator('button.finding').count(), 0);
    assert.deepEqual(problems, []);
    await page.close();
  });
});

/** Relative luminance of an sRGB colour, as WCAG 2 defines it. */
function luminance([red = 0, green = 0, blue = 0]: readonly number[]): number {
  const linear = (value: number): number =>
    value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}
