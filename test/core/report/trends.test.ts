import assert from 'node:assert/strict';
import { compareRuns } from '../../../src/core/compare.js';
import type { HistoryEntry } from '../../../src/core/measured.js';
import { comparisonDocument, comparisonReport, runsText, trendsText } from '../../../src/core/report/trends.js';
import { atOnce } from '../../../src/core/slices.js';
import type { Trends } from '../../../src/core/trend-model.js';
import { trendsOf, withChanges } from '../../../src/core/trends.js';
import type { Tuning } from '../../../src/core/tuning-model.js';
import { figuresOfOperation as gate, figuresOfRun as run } from '../../support/figures.js';
import { finding, ROOT, SHOP, simulate } from '../../webview/runs.js';

const NOTHING = {
  measured: { runs: 0, ms: 0, lowMs: 0, highMs: 0 },
  estimated: { runs: 0, ms: 0 },
  answered: { gates: 0, ms: 0 },
};
const trends = (gates: Trends['gates']): Trends => ({ gates, saved: NOTHING, runs: 30, level: 0.01, tests: 5 });

describe('Trends as text', () => {
  it('have a line for each gate, drawn from its newest runs, and its changes', () => {
    const runs = Array.from({ length: 30 }, (_, index) =>
      run([gate('a', { name: 'ESLint', ms: index < 15 ? 1000 : 2000 }), gate('b')]),
    );
    const text = trendsText(trends(atOnce(trendsOf(runs, new Set())).map((each) => atOnce(withChanges(each, 0.01)))));
    const [title, line, change] = text.split('\n');
    assert.equal(title, 'ESLint  a  30 runs');
    assert.equal(line, `  ${'▅'.repeat(15)}${'█'.repeat(15)}  2.00 s, passed  in parallel, with others · files of the workspace`);
    assert.match(change ?? '', /^ {2}▲ Since .* it takes 2\.00 s instead of 1\.00 s \(\+100 %\)/);
    assert.match(text, /Time saved so far\n {2}No run in parallel/);
  });

  it('mark a flaky gate, and tell which runs say so', () => {
    const [one, two] = [run([gate('a')], { keys: { a: 'k' } }), run([gate('a', { outcome: 'failed' })], { keys: { a: 'k' } })];
    const text = trendsText(trends(atOnce(trendsOf([one, two], new Set()))));
    assert.match(text, /^a {2}a {2}2 runs {2}flaky\n/);
    assert.match(
      text,
      new RegExp(`It ended as passed in the run ${one.run}, and as failed in ${two.run}\\. Nothing that is known`),
    );
  });
});

describe('Two runs as text', () => {
  const later = SHOP.map((job) =>
    job.id === 'lint:flake8'
      ? {
          ...job,
          ms: 3000,
          outcome: { kind: 'failed' } as const,
          findings: [finding('tools/build.py', 4, 'E501\nlong', { rule: 'E501' })],
        }
      : job,
  );
  const comparison = compareRuns(simulate(SHOP, { slots: 4, run: 'one' }), simulate(later, { slots: 4, run: 'two' }));

  it('say what makes the difference, and of each operation what changed', () => {
    const text = comparisonReport(comparison, ROOT);
    assert.match(text, /^first {3}2025-03-01 \d\d:15 {2}Run All Gates {2}failed {2}one\nsecond {2}/);
    assert.match(text, /flake8 .* passed → failed · running \+1\.90 s.* · 1 gained\n {6}\+ tools\/build\.py:4 E501 \(E501\)/);
  });

  it('are a document with files relative to the workspace', () => {
    const operation = comparisonDocument(comparison, ROOT).operations.find(({ name }) => name === 'flake8');
    assert.deepEqual(
      operation?.findings.gained.map(({ file }) => file),
      ['tools/build.py'],
    );
  });
});

describe('Runs as text', () => {
  it('are numbered, the newest first', () => {
    const entry = {
      run: 'x',
      label: 'Run All Gates',
      startedAt: new Date(2026, 0, 2, 3, 4).toISOString(),
      outcome: 'passed',
      makespanMs: 1234,
      findings: 1,
    };
    assert.equal(
      runsText([entry, entry] as unknown as readonly HistoryEntry[], []).split('\n')[1],
      '2  2026-01-02 03:04  Run All Gates  passed         1.23 s     1 finding  x',
    );
    assert.equal(runsText([], []), 'Nothing has run yet.');
  });

  it('stand below their verification and among tunings, which have no number, each with what was predicted', () => {
    const at = (minute: number) => new Date(2026, 0, 2, 3, minute).toISOString();
    const entry = (run: string, minute: number, more: object) => ({
      ...{ run, label: 'Run All Gates', startedAt: at(minute), outcome: 'passed', makespanMs: 1100, findings: 0 },
      ...more,
    });
    const entries = [
      entry('c', 9, { predictedMs: 1000 }),
      entry('b', 6, { label: 'Verify Speedup, pair 1, parallel', verification: 'v' }),
      entry('a', 5, { label: 'Verify Speedup, pair 1, sequential', verification: 'v' }),
    ] as unknown as readonly HistoryEntry[];
    const tuning = (id: string, minute: number, recommended?: number) =>
      ({ id, startedAt: at(minute), subject: { kind: 'gates' }, recommended }) as unknown as Tuning;
    assert.deepEqual(
      runsText(entries, [tuning('t2', 8, 4), tuning('t1', 1)])
        .split('\n')
        .map((line) => line.replace(/ +/g, ' ').trim()),
      [
        '1 2026-01-02 03:09 Run All Gates passed 1.10 s 0 findings predicted about 1.00 s, took 10 % longer c',
        '2026-01-02 03:08 Tune Concurrency tuning use 4 slots t2',
        '2026-01-02 03:06 Verify Speedup verification v',
        '2 2026-01-02 03:06 Verify Speedup, pair 1, parallel passed 1.10 s 0 findings b',
        '3 2026-01-02 03:05 Verify Speedup, pair 1, sequential passed 1.10 s 0 findings a',
        '2026-01-02 03:01 Tune Concurrency tuning no recommendation t1',
      ],
    );
  });
});
