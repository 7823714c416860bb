import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Limit, TrialNote, Verification } from '../../src/core/measured.js';
import type { OperationId } from '../../src/core/model.js';
import {
  accountText,
  blockText,
  differenceText,
  equalityText,
  limitText,
  noteText,
  verdictText,
} from '../../src/core/verification-text.js';

const ids = (...names: string[]) => names as OperationId[];
const base = {
  ...{ ratios: [2, 2, 2, 2, 2, 2], ratio: 2, target: 1.67, sequentialMs: 4000, parallelMs: 2000, ended: 'narrow' },
  ...{ interval: { low: 1.9, high: 2.1, level: 0.95 }, probability: 0.03125, differences: [], trials: [] },
} as unknown as Verification;
const times = 'One after another 4.00 s, in parallel 2.00 s (medians of 6 pairs of runs).';

describe('The account of a makespan as text', () => {
  const account = (parts: readonly number[]) => {
    const [workMs = 0, blockedMs = 0, lockedMs = 0, queuedMs = 0, unusedMs = 0, startUpMs = 0, overheadMs = 0] = parts;
    const makespanMs = parts.reduce((sum, each) => sum + each, 0);
    return { makespanMs, workMs, blockedMs, lockedMs, queuedMs, unusedMs, startUpMs, overheadMs };
  };

  it('is in the unit of the whole', () => {
    assert.equal(
      accountText(account([4200, 0, 0, 300.4, 595, 2, 2.6])),
      '5.10 s = work 4.20 s + blocked 0.00 s + locked 0.00 s + queued 0.30 s + nothing left to start 0.60 s + start-up 0.00 s + overhead 0.00 s',
    );
  });

  it('adds up as it is shown, whatever was rounded', () => {
    const part = fc.double({ min: 0, max: 8000, noNaN: true });
    fc.assert(
      fc.property(fc.array(part, { minLength: 7, maxLength: 7 }), (parts) => {
        const [whole = '', ...shown] = [...accountText(account(parts)).matchAll(/([\d.]+) (?:ms|s)\b/g)].map(
          ([, figure]) => figure,
        );
        const sum = shown.reduce((total, each) => total + Number(each), 0);
        assert.ok(Math.abs(sum - Number(whole)) < 1e-9, `${whole} and ${sum}`);
      }),
    );
  });
});

describe('A verdict in words', () => {
  const check = (what: string, verification: Partial<Verification>, expected: string) =>
    it(what, () => assert.equal(verdictText({ ...base, ...verification }), expected));
  check(
    'says that all of the interval reaches the target, and why it is not more',
    { verdict: 'validated', account: { limit: { kind: 'slots', slots: 2, share: 0.97 } } as Verification['account'] & object },
    `Validated: in parallel it is 2.00× as fast, 1.90× to 2.10× with 95 % certainty, all of which reaches the target of 1.67×. ${times} The 2 slots work 97 % of the time: it takes more slots to be faster.`,
  );
  check(
    'says that a gain is less than the target',
    { verdict: 'not validated', target: 3 },
    `Not validated: in parallel it is 2.00× as fast, 1.90× to 2.10× with 95 % certainty, which is a gain, but less than the target of 3.00×. ${times}`,
  );
  check(
    'says that a loss is one',
    { verdict: 'slower', ratio: 0.5, interval: { low: 0.4, high: 0.6, level: 0.95 } },
    `Slower: in parallel it takes 2.00× as long, a ratio of 0.40× to 0.60× with 95 % certainty. ${times}`,
  );
  check(
    'says what would make it conclusive',
    { verdict: 'inconclusive', ratio: 1.7, interval: { low: 1.5, high: 1.9, level: 0.95 }, ended: 'pairs' },
    `Inconclusive: a ratio of 1.70×, 1.50× to 1.90× with 95 % certainty, and the target of 1.67× lies within. A gain is certain, how large a one is not. More pairs make the interval narrower. ${times}`,
  );
  check(
    'says that a trial was disturbed, and not that more pairs would help',
    { verdict: 'inconclusive', disturbed: true },
    `Inconclusive: a ratio of 2.00×, 1.90× to 2.10× with 95 % certainty, but a trial was cancelled, or an operation could not do its work in it. ${times}`,
  );
  it('says that files were not compared, and why', () => {
    const text = equalityText({
      ...base,
      trials: [{}, {}] as never,
      filesNotCompared: 'there are too many',
      verdict: 'validated',
    });
    assert.match(
      text,
      /^Outcomes, exit codes, findings and answers were the same .* Files left behind were not compared, since there are too many\.$/,
    );
  });
  it('says that nothing was measured', () => {
    const { ratio: _, interval: __, sequentialMs: ___, parallelMs: ____, ...nothing } = base;
    assert.equal(
      verdictText({ ...nothing, ratios: [], verdict: 'inconclusive' }),
      'Inconclusive: no pair of trials was completed.',
    );
  });
  it('tells flaky results from those that differ in parallel only', () => {
    const difference = {
      what: 'outcome',
      operation: 'a' as OperationId,
      expected: 'passed',
      actual: 'failed',
      trial: 2,
    } as const;
    const text = (cause: 'flaky' | 'parallel' | 'undecided') =>
      verdictText({ ...base, verdict: 'results differ', differences: [{ ...difference, cause }] });
    assert.match(text('flaky'), /in 1 place.*flaky, and no matter of running in parallel/);
    assert.match(text('parallel'), /only in parallel: operations disturb each other/);
    assert.match(
      text('undecided'),
      /Some differ in parallel trials only, but in so few that they may also be flaky\. More pairs/,
    );
    assert.equal(
      differenceText({ ...difference, cause: 'parallel', seen: { parallel: 5, differing: 4, sequential: 5 } }),
      'a, outcome: the first has passed; trial 2 has failed. Only in parallel: 4 of 5 parallel trials differ, all 5 sequential ones agree.',
    );
    assert.equal(
      differenceText({ ...difference, cause: 'undecided', seen: { parallel: 6, differing: 1, sequential: 6 } }),
      'a, outcome: the first has passed; trial 2 has failed. Flaky or disturbed in parallel: 1 of 6 parallel trials differ, all 6 sequential ones agree, which is too few to tell.',
    );
  });

  it('names what could not do its work beside others before the trials', () => {
    const difference = {
      what: 'outcome',
      operation: 'a' as OperationId,
      expected: 'passed',
      actual: 'errored',
      trial: 0,
    } as const;
    assert.match(
      verdictText({ ...base, verdict: 'results differ', differences: [difference] }),
      /^Results differ between the runs before the trials in 1 place.*A lock or a need keeps them apart\.$/,
    );
    assert.equal(
      differenceText(difference),
      'a, outcome: before the trials it ended as errored beside others, and right after as passed with nothing beside it. No trial shows it again.',
    );
  });
});

describe('What limits a speedup', () => {
  const cases: readonly (readonly [Limit, RegExp])[] = [
    [
      { kind: 'operation', operation: 'a' as OperationId, ms: 1000 },
      /^“a” takes 1\.00 s beside the others, and nothing is faster/,
    ],
    [{ kind: 'chain', operations: ids('a', 'b'), ms: 1000 }, /^“a”, “b” have to follow each other and take 1\.00 s/],
    [{ kind: 'lock', operations: ids('a', 'b', 'c', 'd', 'e', 'f'), ms: 1000 }, /“d”, 2 more share a lock/],
    [{ kind: 'machine', slowdown: 1.5, busy: 0.97 }, /1\.50× as long in company as alone, with its processors 97 % busy/],
    [{ kind: 'uneven', ms: 400 }, /^Fewer operations than slots are left for part of the time: 400 ms/],
    [{ kind: 'overhead', share: 0.4 }, /takes 40 % of the time/],
  ];
  for (const [limit, expected] of cases) it(`is told for: ${limit.kind}`, () => assert.match(limitText(limit), expected));
});

describe('Notes on trials', () => {
  const cases: readonly (readonly [TrialNote, RegExp])[] = [
    [{ kind: 'drift', mode: 'parallel', ratio: 1.2 }, /^The parallel trials became slower from first to last, by 20 %/],
    [{ kind: 'outlier', trial: 3, medianMs: 100 }, /^Trial 3 lies far.*It counts like all/],
    [{ kind: 'others', share: 0.3 }, /^Others worked on the machine: 30 % of its processors/],
  ];
  for (const [note, expected] of cases) it(`are told for: ${note.kind}`, () => assert.match(noteText(note), expected));
});

describe('The verification block', () => {
  it('is a tree of the measured lines', () => {
    assert.deepEqual(blockText({ ...base, verdict: 'validated' }, '2 operations: a, b').split('\n'), [
      'Verification',
      '├─ tool executed       2 operations: a, b',
      '├─ sequential time     4.00 s (median)',
      '├─ parallel time       2.00 s (median)',
      '├─ improvement ratio   2.00× (50 % less time)',
      '├─ interval            1.90× to 2.10× with 95 % certainty, sign test p = 0.031',
      '├─ context efficiency  nothing was handed to a language model',
      '└─ state               validated (target 1.67×)',
    ]);
  });

  it('says of equality what was left out to compare', () => {
    const equal = {
      ...base,
      trials: [{}, {}] as unknown as Verification['trials'],
      normalised: ['times'],
      varying: ['a.log'],
    } as const;
    assert.equal(
      equalityText({ ...equal, verdict: 'validated' }),
      'Outcomes, exit codes, findings, answers and files left behind (but logs, caches and node_modules) were the same in all trials. Texts were compared without times. Not judged, since they differ from run to run by themselves: a.log.',
    );
    const sized = { ...equal, varying: [], comparedBySize: Array.from({ length: 10 }, (_, index) => `${index}.bin`) };
    assert.match(
      equalityText({ ...sized, verdict: 'validated' }),
      /Of 10 large files only the size was compared, since reading takes too long: 0\.bin, .*7\.bin, 2 more\.$/,
    );
  });
});
