import assert from 'node:assert/strict';
import {
  bytesText,
  countText,
  durationText,
  failureText,
  outcomeReason,
  percentText,
  planProblemText,
  ratioText,
} from '../../src/core/messages.js';
import type { Failure, OperationId, Outcome } from '../../src/core/model.js';

function check<Input>(name: string, text: (input: Input) => string | undefined, cases: readonly [Input, string | undefined][]) {
  describe(name, () => {
    for (const [input, expected] of cases) {
      it(`of ${JSON.stringify(input)} reads "${expected}"`, () => assert.equal(text(input), expected));
    }
  });
}

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
