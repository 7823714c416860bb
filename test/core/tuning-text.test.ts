import assert from 'node:assert/strict';
import { tuningText } from '../../src/core/report/tuning.js';
import { curveOf } from '../../src/core/scalability.js';
import type { Tuning, TuningEnd, TuningId, TuningSubject } from '../../src/core/tuning-model.js';
import { endText, lawText, recommendationText, subjectText } from '../../src/core/tuning-text.js';

const GATES: TuningSubject = { kind: 'gates', scope: 'workspace' };
/** Three times each, as far apart as `spread` says. */
const around = (ms: number, spread = 0.002) => [ms * (1 - spread), ms, ms * (1 + spread)];

function tuningOf(
  times: Readonly<Record<number, readonly number[]>>,
  { subject = GATES, end = { kind: 'narrow' }, ...more }: { subject?: TuningSubject; end?: TuningEnd } & Partial<Tuning> = {},
): Tuning {
  const trials = Object.entries(times).flatMap(([number, all]) =>
    all.map((ms, index) => ({ round: index + 1, number: Number(number), ms })),
  );
  const curve = curveOf(trials, { seed: 1, law: subject.kind !== 'files' });
  const measured = end.kind === 'narrow' || end.kind === 'rounds' || end.kind === 'time';
  return {
    ...{ id: 't' as TuningId, startedAt: '2026-01-01T00:00:00.000Z', subject, operations: 4, seed: 9, end, trials, curve },
    ...{ limits: { rounds: 10, mostMs: 600_000 }, numbers: curve.points.map(({ number }) => number), differences: [] },
    ...(measured && curve.smallest !== undefined ? { recommended: curve.smallest } : {}),
    ...more,
  };
}

const SURE = { 1: around(4000), 2: around(2200), 3: around(2000) };

describe('What a tuning found, in words', () => {
  it('is the number, what it takes, what it gains, and how sure that is', () => {
    const check = (tuning: Tuning, expected: string) => assert.equal(recommendationText(tuning), expected);
    check(
      tuningOf(SURE),
      'Use 3 slots: 2.00 s (median of 3), 2.00× as fast as with 1 slot. No number was faster. The measurements leave no doubt about it.',
    );
    check(
      tuningOf({ 1: around(4000, 0.05), 2: around(2050, 0.05), 3: around(2000, 0.05) }),
      'Use 2 slots: 2.05 s (median of 3), 1.95× as fast as with 1 slot. 3 slots took 2.00 s, which is less than 3 % faster. It cannot be told apart from 3 slots by what was measured; more rounds could tell.',
    );
    check(
      tuningOf({ 1: around(2000), 2: around(2200) }),
      'Use 1 slot: 2.00 s (median of 3). No number was faster. The measurements leave no doubt about it.',
    );
    check(
      tuningOf({ 1: around(900), 10: around(100) }, { subject: { kind: 'files', tool: 'read' } }),
      'Use batches of 10: 100 ms (median of 3), 9.00× as fast as with batches of 1. No number was faster. The measurements leave no doubt about it.',
    );
  });

  it('says whether a fixed number is a gain over what Volley chooses itself', () => {
    const check = (own: readonly number[], expected: RegExp) =>
      assert.match(recommendationText(tuningOf({ 0: own, ...SURE })), expected);
    check(
      around(2600),
      /Where Volley chooses the slots itself it took 2\.60 s \(1\.\d+× to 1\.\d+× as long\): to fix the number is a gain\.$/,
    );
    check(around(2000), /it took 2\.00 s \(.*\): to fix the number gains nothing, so leave it to Volley\.$/);
    check(around(2060), /whether to fix the number is a gain was not to be told\.$/);
  });

  it('says why there is no number', () => {
    const check = (end: TuningEnd, expected: string, more: Partial<Tuning> = {}) => {
      const { recommended: _, ...tuning } = tuningOf(SURE, { end, ...more });
      assert.equal(recommendationText(tuning), `No recommendation: ${expected}`);
    };
    check({ kind: 'cancelled' }, 'it was cancelled.');
    check({ kind: 'errored', because: 'x could not do its work.' }, 'x could not do its work.');
    check({ kind: 'time' }, 'the time was over before every number was tried. Allow more time.');
    const difference = { operation: 'a', what: 'outcome', expected: 'passed', actual: 'failed', trial: 3 } as never;
    check({ kind: 'results differ' }, 'results differ between trials in 1 place, so the times compare different work.', {
      differences: [difference],
    });
  });

  it('tells how much was measured and why not more', () => {
    const check = (end: TuningEnd, expected: RegExp) => assert.match(endText(tuningOf(SURE, { end, warmUpMs: 1500 })), expected);
    const start =
      '^9 trials in 3 rounds, each in an order at random \\(seed 9\\) after a warm-up of 1\\.50 s that is not counted';
    check({ kind: 'narrow' }, new RegExp(`${start}\\. It ended when the intervals were narrow enough\\.$`));
    check({ kind: 'rounds' }, new RegExp(`${start}\\. It ended at the limit of 10 rounds\\.$`));
    check({ kind: 'time' }, new RegExp(`${start}\\. It ended at the limit of 10 min 00 s\\.$`));
    check({ kind: 'cancelled' }, new RegExp(`${start}; at most 10 rounds and 10 min 00 s\\.$`));
  });

  it('names the parameters of the law, its peak, and says where it does not fit', () => {
    assert.equal(lawText(tuningOf(SURE).curve), undefined);
    const retrograde = tuningOf({ 1: around(1000), 2: around(600), 4: around(450), 8: around(500), 16: around(750) });
    assert.match(
      lawText(retrograde.curve) ?? '',
      /^Universal Scalability Law: contention σ 0\.\d+ \(95 %: .* to .*\), coherence κ 0\.0\d+ \(95 %: .*\)\. Its peak is at N\* = \d\.\d \(95 %: \d\.\d to \d\.\d\)\. It explains \d+ % of the differences and is off by at most \d+ %\.$/,
    );
    const plateau = tuningOf({ 1: around(1200), 2: around(600), 3: around(400), 4: around(400), 8: around(400) });
    assert.match(
      lawText(plateau.curve) ?? '',
      /^The Universal Scalability Law does not fit what was measured .* medians alone\.$/,
    );
  });

  it('names what was measured', () => {
    const of = (subject: TuningSubject, operations: number) => subjectText({ subject, operations });
    assert.deepEqual(
      [of(GATES, 1), of({ kind: 'batch', label: 'x.batch.jsonc' }, 2), of({ kind: 'files', tool: 'read' }, 3)],
      ['1 gate', 'x.batch.jsonc, 2 operations', '3 reads'],
    );
    assert.deepEqual(
      [of({ kind: 'files', tool: 'grep' }, 1), of({ kind: 'files', tool: 'grep' }, 2)],
      ['1 search', '2 searches'],
    );
  });

  it('is drawn as bars of the throughput', () => {
    const lines = tuningText(tuningOf({ 0: around(4000), 1: around(4000), 2: around(2000) })).split('\n');
    assert.deepEqual(
      lines.slice(0, 5).map((line) =>
        line
          .replace(/ {2,}/g, '  ')
          .replace(/ {2}\S+ s to \S+ s {2}/, ' … ')
          .trimEnd(),
      ),
      [
        'Tune Concurrency · 4 gates',
        '  slots  median  95 %  ÷ best  works in the same time (█ measured)',
        `  1  4.00 s … 2.00×  ${'█'.repeat(20)}`,
        `  2  2.00 s … 1.00×  ${'█'.repeat(40)} ← use`,
        `  automatic  4.00 s … 2.00×  ${'█'.repeat(20)}`,
      ],
    );
  });
});
