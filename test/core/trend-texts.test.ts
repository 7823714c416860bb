import assert from 'node:assert/strict';
import type { OperationId, RunId } from '../../src/core/model.js';
import type { RunKind, TimeSaved, TrendChange } from '../../src/core/trend-model.js';
import {
  changeText,
  contradictionText,
  differenceText,
  flakinessText,
  kindText,
  methodText,
  savedText,
  savedTexts,
  shareText,
  whenText,
} from '../../src/core/trend-texts.js';

const AT = new Date(2026, 10, 30, 9, 5).toISOString();
const change = (more: Partial<TrendChange>): TrendChange => ({
  ...{ measure: 'duration', index: 5, run: 'r' as RunId, startedAt: AT, before: 1000, after: 1500, p: 0.0002 },
  ...more,
});
const saved = (more: Partial<TimeSaved>): TimeSaved => ({
  measured: { runs: 0, ms: 0, lowMs: 0, highMs: 0 },
  estimated: { runs: 0, ms: 0 },
  answered: { gates: 0, ms: 0 },
  since: AT,
  ...more,
});
const kind: RunKind = { mode: 'parallel', scope: 'workspace', part: 'run', company: 'with others' };

describe('The words of trends', () => {
  const cases: readonly (readonly [string, string])[] = [
    [whenText(AT), '2026-11-30 09:05'],
    [changeText(change({})), 'Since 2026-11-30 09:05 it takes 1.50 s instead of 1.00 s (+50 %): medians, p less than 0.001.'],
    [
      changeText(change({ after: 500, p: 0.0123 })),
      'Since 2026-11-30 09:05 it takes 500 ms instead of 1.00 s (−50 %): medians, p 0.012.',
    ],
    [
      changeText(change({ measure: 'findings', before: 1, after: 2.5 })),
      'Since 2026-11-30 09:05 it has 2.5 findings instead of 1 finding: medians, p less than 0.001.',
    ],
    [
      changeText(change({ measure: 'outcome', before: 1, after: 0 })),
      'Since 2026-11-30 09:05 it ends as passed instead of not passed: medians, p less than 0.001.',
    ],
    [
      changeText(change({ shared: { others: 4, likewise: 3 } })),
      'Since 2026-11-30 09:05 it takes 1.50 s instead of 1.00 s (+50 %): medians, p less than 0.001. So did 3 of 4 others in the same runs: suspect the machine, or what they share.',
    ],
    [kindText(kind), 'in parallel, with others · files of the workspace'],
    [
      kindText({ ...kind, mode: 'sequential', part: 'trial', files: 'x', parts: 3, newOnly: true }),
      'one after another · files of the workspace · the same files · in 3 parts · new findings only · trials of verifications',
    ],
    [
      flakinessText({ kind: 'flaky', comparable: 8, unlike: 1, contradictions: [] }),
      'Flaky: 1 of 8 runs with the same to check did not end as the others.',
    ],
    [
      flakinessText({ kind: 'unknown' }),
      'Whether it is flaky is not known: no two of its runs are known to have had the same to check. Verify Speedup would tell.',
    ],
    [flakinessText({ kind: 'steady', comparable: 1 }), 'In 1 run with the same to check as another it ended alike.'],
    [contradictionText({ kind: 'attempts', run: 'r' as RunId, attempts: 2 }), 'In the run r it passed only at attempt 2.'],
    [
      contradictionText({
        ...{ kind: 'runs', because: 'same files', what: 'outcome', findings: [0, 1] },
        ...{ runs: ['r', 's'] as unknown as readonly [RunId, RunId], outcomes: ['passed', 'failed'] },
      }),
      'It ended as passed in the run r, and as failed in s. No file of the workspace had changed within the hour; what else decides its result is not known.',
    ],
    [savedText(saved({})), 'nothing yet'],
    [savedText(saved({ estimated: { runs: 2, ms: 3000 } })), 'about 3.00 s saved, estimated'],
    [
      savedText(saved({ measured: { runs: 2, ms: -3000, lowMs: -4000, highMs: -10 }, estimated: { runs: 9, ms: 9 } })),
      '3.00 s lost, measured',
    ],
    [savedText(saved({ measured: { runs: 2, ms: 3000, lowMs: 2000, highMs: 4000 } })), '3.00 s saved, measured'],
    [savedText(saved({ measured: { runs: 2, ms: 3000, lowMs: -4000, highMs: 9000 } })), '−4.00 s to 9.00 s saved, measured'],
    [differenceText(0.2), '±0 ms'],
    [differenceText(-1500), '−1.50 s'],
    [
      methodText({ runs: 3, tests: 0, level: 0.05 }),
      '3 runs. A change is looked for once a gate has ended ten times in runs of one kind.',
    ],
  ];
  for (const [text, expected] of cases)
    it(expected, () => {
      assert.equal(text, expected);
    });

  it('say how changes were looked for, and first what all gates have in common', () => {
    const plain = methodText({ runs: 90, tests: 20, level: 0.0025 });
    assert.match(
      plain,
      /^90 runs, 20 tests for sustained changes, each at the level 0\.0025: of those that are named at most 5 %/,
    );
    const machine = [{ run: 'r' as RunId, startedAt: new Date(2026, 0, 2, 3, 4).toISOString(), ratio: 1.5, p: 0.0001 }];
    assert.equal(
      methodText({ runs: 90, tests: 20, level: 0.0025, machine }),
      `Since 2026-01-02 03:04 all gates take 1.50× as long, p less than 0.001: suspect the machine, or what they share. ${plain}`,
    );
  });

  it('never add what is measured to what is estimated, and say what each is made of', () => {
    const [measured, estimated, answered, since] = savedTexts(
      saved({
        measured: { runs: 1, ms: 1000, lowMs: -10, highMs: 2000 },
        estimated: { runs: 1, ms: 500 },
        answered: { gates: 2, ms: 700 },
      }),
    );
    assert.match(measured ?? '', /^Measured: 1\.00 s saved in 1 run \(−10 ms to 2\.00 s by the intervals of the ratios\)\./);
    assert.match(estimated ?? '', /^Estimated: 500 ms saved in 1 run that no verification stands for\./);
    assert.match(answered ?? '', /^Estimated: 2 gates answered from the cache did not work for 700 ms/);
    assert.equal(since, 'Runs since 2026-11-30 09:05.');
    const { since: _, ...none } = saved({});
    assert.deepEqual(savedTexts(none), ['No run in parallel of at least two gates has ended yet.']);
  });

  it('say what a share of a difference is', () => {
    const share = (what: 'running' | 'waiting' | 'rest', before: number, after: number) =>
      shareText({ operation: 'a' as OperationId, name: 'A', what, before, after, difference: after - before });
    assert.deepEqual(
      [share('running', 1, 2), share('running', 2, 1), share('running', 0, 1), share('running', 1, 0), share('waiting', 1, 2)],
      ['A ran longer', 'A ran shorter', 'A came onto the critical path', 'A left the critical path', 'A waited longer'],
    );
    assert.match(share('waiting', 0, 1), /^A was waited for/);
    assert.equal(share('waiting', 1, 0), 'A did not wait any more');
    assert.equal(share('rest', 1, 2), 'after the last operation had ended');
  });
});
