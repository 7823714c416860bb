import assert from 'node:assert/strict';
import type { CommandInput, Workers } from '../../src/core/model.js';
import { allowance, withWorkers } from '../../src/core/workers.js';

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

  it('are left alone when nothing else runs, when they are few, and when the project itself or nobody can say', () => {
    check({ own: 'processors', limit }, 8, 1, undefined);
    check({ own: 2, limit }, 8, 4, undefined);
    check({ own: 'processors' }, 8, 4, undefined);
    check(undefined, 8, 4, undefined);
  });
});
