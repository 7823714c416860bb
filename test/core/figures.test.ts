import assert from 'node:assert/strict';
import { appendFile, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { figuresLine, figuresOf, gathered, keysLine, parseFiguresLine } from '../../src/core/figures.js';
import { openFigures } from '../../src/core/figures-store.js';
import type { Outcome, RunId, RunState } from '../../src/core/model.js';
import { figuresOfOperation, figuresOfRun } from '../support/figures.js';
import { inTemporaryDirectory } from '../support/processes.js';
import { finding, many, SHOP, simulate } from '../webview/runs.js';

const shop = simulate(SHOP, { slots: 4 });
const warnings: string[] = [];
const log = { debug() {}, info() {}, warn: (message: string) => void warnings.push(message), error() {} };
const with1 = (state: RunState, id: string, more: object): RunState => ({
  ...state,
  operations: state.operations.map((each) => (each.id === id ? { ...each, ...more } : each)),
});
const of = (state: RunState, id: string) => figuresOf(state)?.operations.find((each) => each.id === id);

describe('Figures of a run', () => {
  it('tell of each operation how it ended, how long it ran, and what it found', () => {
    const figures = figuresOf(shop);
    assert.equal(figures?.operations.length, SHOP.length);
    assert.deepEqual([figures?.outcome, figures?.makespanMs, figures?.slots], ['failed', 7400, 4]);
    const { digest, ...eslint } = of(shop, 'lint:eslint') ?? {};
    assert.deepEqual(eslint, { id: 'lint:eslint', name: 'ESLint', group: 'lint', outcome: 'failed', ms: 4150, findings: 3 });
    assert.match(digest ?? '', /^[0-9a-f]{16}$/);
    assert.equal(of(shop, 'build:docs')?.ms, undefined, 'it was skipped');
  });

  it('know equal findings whatever their order, and no times in ends of outputs', () => {
    const [a, b] = [finding('a.ts', 1, 'A.'), finding('b.ts', 2, 'B.')];
    const digest = (findings: readonly object[]) => of(with1(shop, 'lint:eslint', { findings }), 'lint:eslint')?.digest;
    assert.equal(digest([a, b]), digest([b, a]));
    assert.notEqual(digest([a, b]), digest([a]));
    assert.equal(digest([{ ...a, message: '12:00', output: true }]), digest([{ ...a, message: '12:01', output: true }]));
  });

  it('take an answer from the cache for no execution', () => {
    const cached: Outcome = { kind: 'cached', was: 'failed', run: 'earlier' as RunId, ageMs: 1 };
    const { ms, outcome, answeredBy } = of(with1(shop, 'lint:flake8', { outcome: cached, segments: [] }), 'lint:flake8') ?? {};
    assert.deepEqual([ms, outcome, answeredBy], [undefined, 'failed', 'earlier']);
  });

  it('tell of second attempts, but not of one that others had disturbed', () => {
    const passed = (outcome: Outcome) => of(with1(shop, 'lint:flake8', { outcome, attempts: 2 }), 'lint:flake8')?.attempts;
    assert.equal(passed({ kind: 'passed' }), 2);
    assert.equal(passed({ kind: 'passed', interference: { beside: [], because: 'a port was taken' } }), undefined);
  });

  it('are none of a run that goes on or of an inspection, and of a large batch only those of the run', () => {
    assert.equal(figuresOf(simulate(SHOP, { slots: 4, until: 100 })), undefined);
    assert.equal(figuresOf({ ...shop, inspection: true }), undefined);
    assert.deepEqual(figuresOf(simulate(many(300), { slots: 8 }))?.operations, []);
  });

  it('come back from their lines as they were, with keys that became known later (property)', () => {
    const run = fc.record({ id: fc.string(), ms: fc.integer({ min: 0 }), key: fc.option(fc.string(), { nil: undefined }) });
    fc.assert(
      fc.property(fc.array(run, { maxLength: 10 }), (all) => {
        const runs = all.map(({ id, ms }) => figuresOfRun([figuresOfOperation(id, { ms })]));
        const lines = runs.flatMap((figures, index) => {
          const key = all[index]?.key;
          return [figuresLine(figures), ...(key === undefined ? [] : [keysLine(figures.run, { a: key })])];
        });
        const read = gathered(lines.flatMap((line) => parseFiguresLine(line) ?? []));
        assert.deepEqual(
          read,
          runs.map((figures, index) => (all[index]?.key === undefined ? figures : { ...figures, keys: { a: all[index].key } })),
        );
      }),
    );
  });

  it('lose no more than a damaged line', () => {
    for (const line of [
      '',
      '{',
      'null',
      '1',
      '{"version":2,"kind":"run"}',
      '{"version":1,"kind":"run","figures":{}}',
      '{"version":1}',
    ])
      assert.equal(parseFiguresLine(line), undefined, line);
  });
});

describe('The store of figures', () => {
  beforeEach(() => void warnings.splice(0));
  const add = (ms = 1) => figuresOfRun([figuresOfOperation('a', { ms })]);

  it('is empty, without a warning, before anything ran', async () => {
    await inTemporaryDirectory(async (directory) => {
      assert.deepEqual(await openFigures(() => path.join(directory, 'none'), log).runs(), []);
      assert.deepEqual(warnings, []);
    });
  });

  it('goes on after a line that was cut short', async () => {
    await inTemporaryDirectory(async (directory) => {
      const store = openFigures(() => directory, log);
      const runs = [add(), add()];
      await store.add(runs[0] ?? add());
      await appendFile(path.join(directory, 'figures.jsonl'), '{"version":1,"ki');
      await store.add(runs[1] ?? add());
      assert.deepEqual(await store.runs(), runs);
      assert.match(warnings.join(), /1 lines of .* damaged/);
    });
  });

  it('drops the oldest lines when it grows too large, whole ones only', async () => {
    await inTemporaryDirectory(async (directory) => {
      const store = openFigures(() => directory, log, { bytes: 5000, after: 3000 });
      const runs = Array.from({ length: 60 }, () => add());
      await Promise.all(runs.map((each) => store.add(each)));
      const kept = await store.runs();
      assert.deepEqual(kept, runs.slice(-kept.length));
      assert.ok(kept.length > 5 && kept.length < 30, String(kept.length));
      assert.ok((await stat(path.join(directory, 'figures.jsonl'))).size <= 5300);
      assert.deepEqual(warnings, []);
    });
  });

  it('drops what is said of trials first, their keys among it', async () => {
    await inTemporaryDirectory(async (directory) => {
      const store = openFigures(() => directory, log, { bytes: 8000, after: 5000 });
      const trial = figuresOfRun([figuresOfOperation('a')], { verification: 'v' as never });
      await store.add(trial);
      await store.addKeys(trial.run, { a: 'of a trial' });
      const runs = Array.from({ length: 25 }, () => add());
      for (const each of runs) {
        await store.add(each);
        await store.addKeys(each.run, { a: 'k' });
      }
      const text = await readFile(path.join(directory, 'figures.jsonl'), 'utf8');
      assert.doesNotMatch(text, /of a trial/);
      const kept = await store.runs();
      assert.ok(kept.length > 5 && kept.every(({ keys }) => keys?.['a'] === 'k'));
    });
  });

  it('says in the log, and does not throw, when it cannot be written', async () => {
    await inTemporaryDirectory(async (directory) => {
      await writeFile(path.join(directory, 'file'), '');
      await openFigures(() => path.join(directory, 'file'), log).add(add());
      assert.match(warnings.join(), /could not be written/);
      assert.equal(await readFile(path.join(directory, 'file'), 'utf8'), '');
    });
  });

  it('reads thousands of runs without holding the event loop', async () => {
    await inTemporaryDirectory(async (directory) => {
      const gates = Array.from({ length: 20 }, (_, index) => figuresOfOperation(`gate-${index}`, { ms: index }));
      const lines = Array.from({ length: 4000 }, () => figuresLine(figuresOfRun(gates))).join('');
      await writeFile(path.join(directory, 'figures.jsonl'), lines);
      let turns = 0;
      const counting = setInterval(() => {
        turns += 1;
      });
      const runs = await openFigures(() => directory, log).runs();
      clearInterval(counting);
      assert.equal(runs.length, 4000);
      assert.ok(turns > 5, `others had ${turns} turns`);
    });
  });
});
