import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Workers } from '../../src/core/gate-model.js';
import type { CommandInput, OperationId } from '../../src/core/model.js';
import { allowance, portions, withWorkers } from '../../src/core/workers.js';

const command: CommandInput = { argv: ['vitest', 'run', 'a.test.ts'], cwd: '/w', env: { A: '1' }, shell: false };
const limit = { args: ['--maxWorkers={workers}'], at: 2, env: { JOBS: '{workers}' } };

function check(
  workers: Workers | undefined,
  processors: number,
  together: number,
  expected: readonly string[] | undefined,
): void {
  const told = withWorkers(command, workers, { processors, together });
  assert.deepEqual(told.command.argv, expected ?? command.argv);
  assert.equal(told.workers === undefined, expected === undefined);
}

describe('Workers', () => {
  it('are an equal share of the processors, at least one', () => {
    assert.deepEqual(
      [
        [8, 1],
        [8, 4],
        [8, 3],
        [2, 4],
        [1, 1],
        [4, 0],
      ].map(([processors = 0, together = 0]) => allowance({ processors, together })),
      [8, 2, 2, 1, 1, 4],
    );
  });

  it('are told to a tool that would start more than its share', () => {
    check({ own: 'processors', limit }, 8, 4, ['vitest', 'run', '--maxWorkers=2', 'a.test.ts']);
    check({ own: 'processors', limit }, 2, 2, ['vitest', 'run', '--maxWorkers=1', 'a.test.ts']);
    check({ own: 4, limit }, 8, 4, ['vitest', 'run', '--maxWorkers=2', 'a.test.ts']);
    assert.deepEqual(withWorkers(command, { own: 'processors', limit }, { processors: 8, together: 4 }).command.env, {
      A: '1',
      JOBS: '2',
    });
  });

  /** How many workers each may start, by seconds; undefined: not known. */
  function share(seconds: readonly (number | undefined)[], processors: number, together: number): readonly number[] {
    const lengths = new Map(seconds.map((each, index) => [String(index) as OperationId, each]));
    return [...portions(lengths, together).values()].map((portion) => allowance({ processors, together, portion }));
  }

  it('go to what takes longest, as far as one is left for everything else', () => {
    assert.deepEqual(share([100, 5, 5, 5], 8, 4), [4, 1, 1, 1]);
    assert.deepEqual(share([100], 8, 4), [5]);
    assert.deepEqual(share([100, 100], 8, 2), [4, 4]);
    assert.deepEqual(share([10, 10, 10, 10, 10, 10, 10, 10], 8, 4), [2, 2, 2, 2, 2, 2, 2, 2]);
    assert.deepEqual(share([100, undefined], 8, 2), [4, 4], 'nobody knows which is longer');
    assert.deepEqual(share([100, 1], 2, 2), [1, 1]);
    assert.deepEqual(share([100, 1], 2, 4), [1, 1]);
  });

  it('are never more than there are processors, whichever operations run at the same time', () => {
    const seconds = fc.array(fc.option(fc.integer({ min: 1, max: 1000 }), { nil: undefined }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(seconds, fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 20 }), (lengths, processors, together) => {
        const most = [...share(lengths, processors, together)].sort((a, b) => b - a).slice(0, together);
        const others = together - most.length;
        const sum = most.reduce((total, each) => total + each, others);
        assert.ok(sum <= Math.max(processors, together), `${sum} of ${processors}`);
      }),
    );
  });

  it('are left alone when nothing else runs, when they are few, and when the project itself or nobody can say', () => {
    check({ own: 'processors', limit }, 8, 1, undefined);
    check({ own: 2, limit }, 8, 4, undefined);
    check({ own: 'processors' }, 8, 4, undefined);
    check(undefined, 8, 4, undefined);
  });
});
