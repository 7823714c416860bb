import assert from 'node:assert/strict';
import { type Executed, flakinessOf } from '../../src/core/flaky.js';
import type { OperationFigures, RunFigures } from '../../src/core/trend-model.js';
import { figuresOfOperation, figuresOfRun } from '../support/figures.js';

type How = Partial<OperationFigures> & {
  readonly key?: string;
  readonly verification?: string;
  readonly mode?: RunFigures['mode'];
};

const executions = (...all: readonly How[]): readonly Executed[] =>
  all.map(({ key, verification, mode, ...more }) => {
    const operation = figuresOfOperation('a', more);
    const run = figuresOfRun([operation], {
      ...(key === undefined ? {} : { keys: { a: key } }),
      ...(verification === undefined ? {} : { verification }),
      ...(mode === undefined ? {} : { mode }),
    });
    return { run, operation };
  });

const failed = { outcome: 'failed', findings: 1, digest: 'x' } as const;

describe('A gate', () => {
  const cases: readonly (readonly [string, readonly How[], string, number | undefined])[] = [
    ['that never ran with the same to check is unknown', [{}, failed, {}], 'unknown', undefined],
    ['that ran under other keys only is unknown', [{ key: '1' }, { key: '2', ...failed }], 'unknown', undefined],
    ['that ended alike under the same key is steady', [{ key: '1' }, { key: '1' }, { key: '2', ...failed }], 'steady', 2],
    ['that ended otherwise under the same key is flaky', [{ key: '1' }, { key: '1', ...failed }, { key: '1' }], 'flaky', 3],
    [
      'that found something else under the same key is flaky',
      [
        { key: '1', ...failed },
        { key: '1', ...failed, digest: 'y' },
      ],
      'flaky',
      2,
    ],
    ['that errored under the same key is flaky', [{ key: '1' }, { key: '1', outcome: 'errored' }], 'flaky', 2],
    ['that was cancelled says nothing', [{ key: '1' }, { key: '1', outcome: 'cancelled' }], 'unknown', undefined],
    [
      'that ended otherwise in a trial of a verification is flaky',
      [{ verification: 'v' }, { verification: 'v', ...failed }],
      'flaky',
      2,
    ],
    ['that passed only when it was tried again is flaky', [{ attempts: 2 }], 'flaky', 1],
    ['that failed although it was tried again is not', [{ attempts: 3, outcome: 'errored' }], 'unknown', undefined],
  ];
  for (const [title, how, kind, comparable] of cases)
    it(title, () => {
      const found = flakinessOf(executions(...how));
      assert.equal(found.kind, kind);
      assert.equal(found.kind === 'unknown' ? undefined : found.comparable, comparable);
    });

  it('whose files alone are known to be the same is compared within the hour only', () => {
    const at = (minutes: number) => new Date(Date.UTC(2026, 0, 1, 0, minutes)).toISOString();
    const told = (...runs: readonly (readonly [minutes: number, how: How])[]) =>
      flakinessOf(
        executions(...runs.map(([, how]) => ({ ...how, key: 'files:1' }))).map(({ run, operation }, index) => ({
          run: { ...run, startedAt: at(runs[index]?.[0] ?? 0) },
          operation,
        })),
      );
    const soon = told([0, {}], [50, {}], [100, failed]);
    assert.ok(soon.kind === 'flaky');
    assert.equal(soon.contradictions[0]?.kind === 'runs' && soon.contradictions[0].because, 'same files');
    assert.equal(soon.comparable, 3, 'each within the hour after the one before');
    assert.equal(told([0, {}], [70, failed]).kind, 'unknown');
    assert.deepEqual(told([0, {}], [10, {}], [80, failed]), { kind: 'steady', comparable: 2 });
  });

  it('tells which runs contradict each other, and how many are unlike most', () => {
    const all = executions({ key: '1' }, { key: '1' }, { key: '1', ...failed }, { key: '1' });
    const found = flakinessOf(all);
    assert.ok(found.kind === 'flaky');
    assert.equal(found.unlike, 1);
    assert.deepEqual(found.contradictions, [
      {
        kind: 'runs',
        because: 'same key',
        what: 'outcome',
        runs: [all[2]?.run.run, all[3]?.run.run],
        outcomes: ['failed', 'passed'],
        findings: [1, 0],
      },
    ]);
  });

  it('that always fails beside others and never alone is told apart from a flaky one', () => {
    const parallel = { verification: 'v', mode: 'parallel', ...failed } as const;
    const sequential = { verification: 'v', mode: 'sequential' } as const;
    assert.equal(flakinessOf(executions(sequential, parallel, parallel, sequential)).kind, 'by mode');
    assert.equal(flakinessOf(executions(sequential, parallel, parallel, { ...sequential, ...failed })).kind, 'flaky');
    assert.equal(flakinessOf(executions(sequential, parallel)).kind, 'flaky', 'one of each says nothing about the mode');
    const keyed = [sequential, parallel, parallel, sequential].map((each) => ({ ...each, key: '1' }));
    const byMode = flakinessOf(executions(...keyed));
    assert.ok(byMode.kind === 'by mode');
    assert.deepEqual(
      byMode.contradictions.map(({ kind, ...more }) => 'because' in more && [kind, more.because]),
      [['runs', 'same key']],
      'what is known in two ways is told once',
    );
    const usual = { mode: 'parallel', key: '1', ...failed } as const;
    assert.equal(flakinessOf(executions(...keyed, usual)).kind, 'by mode', 'also with a run that was no trial');
    assert.equal(flakinessOf(executions(...keyed, { ...usual, outcome: 'passed' })).kind, 'flaky');
  });
});
