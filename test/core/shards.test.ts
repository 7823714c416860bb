import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Operation, OperationId } from '../../src/core/model.js';
import { planBatch } from '../../src/core/plan.js';
import { balanced, type Divisible, divide, expectedCost, learnCosts } from '../../src/core/shards.js';

const operation = (id: string, needs: readonly string[] = []): Operation => ({
  id: id as OperationId,
  name: id,
  tool: 'command',
  input: { argv: [id], cwd: '/w', env: {}, shell: false },
  access: { reads: [], writes: [], locks: [] },
  needs: needs as readonly OperationId[],
  timeoutMs: 1000,
  retries: 0,
  group: 'lint',
});

/** How many parts each gate gets, from seconds of each; those in `most` can be divided. */
function check(
  seconds: Readonly<Record<string, number>>,
  slots: number,
  most: Readonly<Record<string, number>>,
  expected: Readonly<Record<string, number>>,
  tried: Readonly<Record<string, Divisible['tried']>> = {},
): void {
  const operations = Object.keys(seconds).map((id) => operation(id));
  const durations = new Map(Object.entries(seconds).map(([id, s]) => [id as OperationId, s * 1000]));
  const planned = planBatch(operations, durations, slots);
  assert.ok(planned.kind === 'plan');
  const divisible = operations
    .filter(({ id }) => id in most)
    .map((each): Divisible => {
      const before = tried[each.id];
      return { operation: each, most: most[each.id] ?? 0, ...(before === undefined ? {} : { tried: before }) };
    });
  assert.deepEqual(Object.fromEntries(divide(planned.plan, durations, slots, divisible)), expected);
}

describe('Dividing gates', () => {
  it('divides the gate that alone sets the bound, into as many parts as it is longer than an even share', () => {
    check({ tests: 30, lint: 5, types: 5 }, 4, { tests: 100 }, { tests: 3 });
    check({ tests: 30, lint: 1 }, 4, { tests: 100 }, { tests: 4 });
    check({ tests: 30 }, 2, { tests: 100 }, { tests: 2 });
  });

  it('leaves whole what cannot be divided, what is short, and what others keep busy long enough', () => {
    check({ tests: 30, lint: 5 }, 4, {}, {});
    check({ tests: 1.5, lint: 0.1 }, 4, { tests: 100 }, {});
    check({ tests: 10, lint: 10, types: 10, more: 10 }, 4, { tests: 100, lint: 100 }, {});
    check({ tests: 11, lint: 10 }, 2, { tests: 100 }, {});
    check({ tests: 30, lint: 5 }, 4, { tests: 1 }, {});
    check({ tests: 30, lint: 5 }, 1, { tests: 100 }, {});
  });

  it('divides the next one too when it is longer than an even share', () => {
    check({ tests: 30, lint: 28, types: 1 }, 8, { tests: 100, lint: 100 }, { tests: 5, lint: 4 });
  });

  it('does not repeat what was in vain', () => {
    const whole = { tests: { parts: 4, longestMs: 29_000 } };
    check({ tests: 30 }, 4, { tests: 100 }, {}, whole);
    check({ tests: 30 }, 4, { tests: 100 }, { tests: 4 }, { tests: { parts: 4, longestMs: 12_000 } });
    check({ tests: 30 }, 8, { tests: 100 }, { tests: 8 }, whole);
  });
});

describe('Balancing files', () => {
  it('gives every file to exactly one group, keeps their order, and leaves no group empty', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000)), fc.integer({ min: 1, max: 9 }), (costs, count) => {
        const items = costs.map((cost, index) => ({ cost, index }));
        const groups = balanced(items, count, ({ cost }) => cost);
        assert.deepEqual(
          groups.flat().sort((a, b) => a.index - b.index),
          items,
        );
        for (const group of groups) assert.ok(group.every((item, at) => at === 0 || (group[at - 1]?.index ?? -1) < item.index));
        if (items.length > 0) assert.ok(groups.every((group) => group.length > 0));
      }),
    );
  });

  it('makes no group heavier than an even share and one item', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1 }),
        fc.integer({ min: 1, max: 6 }),
        (costs, count) => {
          const groups = balanced(costs, count, (cost) => cost);
          const sum = (items: readonly number[]) => items.reduce((total, item) => total + item, 0);
          const heaviest = Math.max(...groups.map(sum));
          assert.ok(heaviest <= sum(costs) / groups.length + Math.max(...costs) * (1 - 1 / groups.length) + 1e-9);
        },
      ),
    );
  });

  it('learns what files cost from what their group took', () => {
    const size = (file: string) => (file === 'large' ? 3000 : 1000);
    const learned = learnCosts({}, ['large', 'small'], 400, size);
    assert.deepEqual(learned, { large: 300, small: 100 });
    const again = learnCosts(learned, ['large', 'small'], 800, size);
    assert.deepEqual(again, { large: 450, small: 150 });
    assert.equal(expectedCost(again, 'large', size), 450);
    assert.equal(
      expectedCost(again, 'new', () => 2000),
      2,
    );
    assert.deepEqual(learnCosts(again, [], 100, size), again);
  });
});
