import assert from 'node:assert/strict';
import {
  againstPredictionText,
  bytesText,
  countText,
  durationText,
  failureText,
  foretoldText,
  outcomeReason,
  percentText,
  planProblemText,
  predictionText,
  ratioText,
  remainingText,
} from '../../src/core/messages.js';
import type { Failure, OperationId, Outcome, RunOutcome } from '../../src/core/model.js';

function check<Input>(name: string, text: (input: Input) => string | undefined, cases: readonly [Input, string | undefined][]) {
  describe(name, () => {
    for (const [input, expected] of cases) {
      it(`of ${JSON.stringify(input)} reads "${expected}"`, () => assert.equal(text(input), expected));
    }
  });
}

describe('What is expected of a run', () => {
  it('is worded as an estimate', () => {
    assert.equal(predictionText({ ms: 12_340 }), 'about 12.3 s');
    assert.equal(
      predictionText({ ms: 12_340, lowMs: 11_000, highMs: 14_000 }),
      'about 12.3 s; four of five such runs take 11.0 s to 14.0 s',
    );
    assert.equal(predictionText({ ms: 12_340, runs: 1 }), 'about 12.3 s; from 1 earlier run');
    assert.equal(remainingText({ endsAt: 20_000 }, 7_600), '≈ 12 s left (estimate)');
    assert.equal(remainingText({ endsAt: 200_000 }, 7_600), '≈ 3 min 12 s left (estimate)');
    assert.equal(remainingText({ endsAt: 20_000 }, 19_700), '< 1 s left (estimate)');
    assert.equal(remainingText({ endsAt: 20_000, late: true }, 15_000), '≈ 5 s left or more (estimate)');
    assert.equal(remainingText({ endsAt: 20_000, late: true }, 20_000), 'longer than ever before');
  });
});

describe('What was predicted of a run', () => {
  const against = (predictedMs: number | undefined, makespanMs: number, outcome: RunOutcome | undefined = 'passed') =>
    againstPredictionText({ predictedMs, makespanMs, outcome });

  it('stands beside what came', () => {
    assert.equal(against(10_000, 10_800), 'predicted about 10.0 s, took 8 % longer');
    assert.equal(against(10_000, 8_000, 'failed'), 'predicted about 10.0 s, took 20 % less');
    assert.equal(against(10_000, 10_040), 'predicted about 10.0 s, took as long');
    assert.equal(against(10, 45), 'predicted about 10 ms, took 4.5 times as long');
    assert.equal(
      foretoldText({ predicted: { ms: 10_000, lowMs: 9000, highMs: 11_000, runs: 7 }, outcome: 'passed' }, 12_000),
      'predicted about 10.0 s; four of five such runs take 9.00 s to 11.0 s; from 7 earlier runs; took 20 % longer',
    );
  });

  it('says nothing where nothing was predicted, or where no whole run came', () => {
    assert.equal(against(undefined, 10), undefined);
    assert.equal(against(10, 10, 'cancelled'), undefined);
    assert.equal(foretoldText({ predicted: { ms: 10 } }, 20), 'predicted about 10 ms');
  });
});

check('A duration', durationText, [
  [0, '0 ms'],
  [999.4, '999 ms'],
  [999.6, '1.00 s'],
  [1234, '1.23 s'],
  [9996, '10.0 s'],
  [59_940, '59.9 s'],
  [59_960, '1 min 00 s'],
  [125_000, '2 min 05 s'],
  [3_599_600, '1 h 00 min'],
  [3_720_000, '1 h 02 min'],
]);
check('A size', bytesText, [
  [0, '0 bytes'],
  [1, '1 byte'],
  [999, '999 bytes'],
  [1000, '1.0 KB'],
  [999_600, '1.0 MB'],
  [200_000_000, '200 MB'],
  [2_000_000_000, '2.0 GB'],
]);
check('A ratio', ratioText, [[1.934, '1.93×']]);
check('A share', percentText, [[0.876, '88 %']]);
check('A count', (count: number) => countText(count, 'finding'), [
  [0, '0 findings'],
  [1, '1 finding'],
  [2, '2 findings'],
]);
check<Failure>('A failure', failureText, [
  [
    { kind: 'no folder', folder: '/p/dist' },
    'It runs in the folder /p/dist, which is not there. Make the folder, or correct where it runs.',
  ],
  [{ kind: 'could not start', program: 'eslint', code: 'ENOENT' }, '"eslint" was not found. Install it, or check the command.'],
  [{ kind: 'could not start', program: 'x', code: 'EACCES' }, '"x" may not be executed. Check its permissions.'],
  [{ kind: 'could not start', program: 'x', code: 'E2BIG' }, '"x" could not be started (E2BIG).'],
  [
    { kind: 'unexpected exit', exitCode: 2, lastLine: 'No config' },
    'It ended with exit code 2, which does not mean passed or failed: No config',
  ],
  [
    { kind: 'unexpected exit', exitCode: 2, lastLine: '' },
    'It ended with exit code 2, which does not mean passed or failed. Its output may say why.',
  ],
  [{ kind: 'died', signal: 'SIGSEGV' }, 'It was ended by SIGSEGV from outside.'],
  [{ kind: 'too much output', limitBytes: 2_000_000_000 }, 'It was stopped after writing more than 2.0 GB.'],
]);
check<Outcome>('The reason of an outcome', outcomeReason, [
  [{ kind: 'passed' }, undefined],
  [
    { kind: 'timed out', afterMs: 60_000 },
    'It was stopped after its time limit of 1 min 00 s. Raise the limit if it needs longer.',
  ],
  [{ kind: 'cancelled', cause: { kind: 'user' } }, 'You cancelled it.'],
  [
    { kind: 'skipped', reason: { kind: 'need did not pass', need: 'build' as OperationId, outcome: 'failed' } },
    'It needs "build", which failed.',
  ],
  [
    { kind: 'skipped', reason: { kind: 'need did not pass', need: 'build' as OperationId, outcome: 'skipped' } },
    'It needs "build", which was skipped.',
  ],
  [
    { kind: 'skipped', reason: { kind: 'no files in scope', scope: 'changed', inputs: [] } },
    'None of the changed files concerns it.',
  ],
]);
check('A problem of a plan', planProblemText, [
  [{ kind: 'cycle', operations: ['a', 'b'] as OperationId[] }, 'These operations wait for each other: a → b → a.'],
  [
    { kind: 'unknown need', operation: 'a' as OperationId, need: 'z' as OperationId },
    '"a" needs "z", which is not in the batch.',
  ],
]);
