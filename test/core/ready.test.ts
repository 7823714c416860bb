import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readyQueue } from '../../src/core/ready.js';

describe('A queue of what is ready', () => {
  it('has at each moment what a sorted list would have', () => {
    const step = fc.record({ adds: fc.boolean(), number: fc.nat(30) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const queue = readyQueue<number>((a, b) => a - b);
        const items = new Set<number>();
        for (const { adds, number } of steps) {
          if (adds && !items.has(number)) queue.add(number);
          if (adds) items.add(number);
          else {
            queue.delete(number);
            items.delete(number);
          }
          const sorted = [...items].sort((a, b) => a - b);
          assert.equal(queue.first(), sorted[0]);
          assert.deepEqual(
            queue.filter((each) => each % 2 === 0),
            sorted.filter((each) => each % 2 === 0),
          );
          assert.deepEqual(
            queue.filter((each) => each % 2 === 0, number),
            sorted.filter((each) => each % 2 === 0).slice(0, number),
          );
        }
      }),
    );
  });
});
