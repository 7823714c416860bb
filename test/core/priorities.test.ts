import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Limit, OperationId } from '../../src/core/model.js';
import { remainingPaths, remainingWork, turnsOf, weightOfUnknown } from '../../src/core/priorities.js';
import { operation } from '../support/rig.js';

interface Sketch {
  readonly ms: number;
  readonly out?: readonly number[];
  readonly locks?: readonly string[];
  readonly limits?: readonly Limit[];
}

function weighed(sketches: readonly Sketch[]) {
  return {
    out: sketches.map(({ out = [] }) => out),
    durations: sketches.map(({ ms }) => ms),
    holders: sketches.map(({ locks = [], limits }) => ({ access: { locks }, ...(limits ? { limits } : {}) })),
  };
}

function check(sketches: readonly Sketch[], expected: readonly number[]): void {
  assert.deepEqual(remainingWork(weighed(sketches)), expected);
}

const place = (most: number): readonly Limit[] => [{ name: 'fan-out', most }];

describe('What remains after an operation', () => {
  it('is the longest chain of edges that begins with it', () => {
    check([{ ms: 10, out: [2] }, { ms: 3, out: [2, 3] }, { ms: 5 }, { ms: 9 }], [15, 12, 5, 9]);
  });

  it('is at least the work of all that wait for the same lock', () => {
    check([{ ms: 20, locks: ['a'] }, { ms: 20, locks: ['a'] }, { ms: 20, locks: ['a'] }, { ms: 50 }], [60, 40, 20, 50]);
  });

  it('lets the holder go first that has the longest path behind it', () => {
    check([{ ms: 10, locks: ['a'] }, { ms: 10, locks: ['a'], out: [2] }, { ms: 100 }], [10, 110, 100]);
    check([{ ms: 10, locks: ['a'], out: [2] }, { ms: 10, locks: ['a'], out: [3] }, { ms: 7 }, { ms: 100 }], [17, 110, 7, 100]);
  });

  it('counts the work behind a lock also in what comes before its holders', () => {
    check(
      [
        { ms: 1, out: [1] },
        { ms: 20, locks: ['a'] },
        { ms: 20, locks: ['a'] },
      ],
      [41, 40, 20],
    );
  });

  it('shares the work of a group among its places', () => {
    const limits = place(2);
    check(
      [10, 10, 10, 10].map((ms) => ({ ms, limits })),
      [20, 15, 10, 10],
    );
    check(
      [10, 10].map((ms) => ({ ms, limits })),
      [10, 10],
    );
  });

  it('is never less than the path, and falls along each edge by at least what the first of the two takes', () => {
    const sketches = fc
      .array(
        fc.record({
          ms: fc.nat(50),
          out: fc.array(fc.nat(9), { maxLength: 3 }),
          locks: fc.subarray(['a', 'b']),
          limited: fc.boolean(),
        }),
        { maxLength: 10 },
      )
      .map((all) =>
        all.map(({ ms, out, locks, limited }, at) => ({
          ...{ ms, locks },
          out: [...new Set(out.filter((next) => next > at && next < all.length))],
          ...(limited ? { limits: place(2) } : {}),
        })),
      );
    fc.assert(
      fc.property(sketches, (all) => {
        const paths = remainingPaths(weighed(all));
        const work = remainingWork(weighed(all));
        all.forEach(({ ms, out }, at) => {
          assert.ok((work[at] ?? 0) >= (paths[at] ?? 0));
          for (const next of out) assert.ok((work[at] ?? 0) >= ms + (work[next] ?? 0));
        });
      }),
    );
  });
});

describe('A duration that is not known', () => {
  it('weighs as much as a long one, and one where nothing is known', () => {
    assert.equal(weightOfUnknown([]), 1);
    assert.equal(weightOfUnknown([70]), 70);
    assert.equal(weightOfUnknown(Array.from({ length: 11 }, (_, index) => index)), 9);
  });
});

describe('The turns of a plan', () => {
  const turns = (count: number, known: Readonly<Record<string, number>> = {}, mode: 'parallel' | 'sequential' = 'parallel') => {
    const operations = Array.from({ length: count }, (_, index) => operation(String(index)));
    const durations = new Map(Object.entries(known)) as Map<OperationId, number>;
    const priorities = new Map(operations.map(({ id }) => [id, durations.get(id) ?? weightOfUnknown(durations.values())]));
    return turnsOf({ operations, priorities, durations }, mode);
  };

  it('are the order of the list where nothing is known of a few', () => {
    assert.deepEqual(turns(4), [0, 1, 2, 3]);
  });

  it('begin a long list of which nothing is known at both of its ends', () => {
    const all = turns(24);
    assert.deepEqual(
      [0, 23, 1, 22].map((index) => all[index]),
      [0, 1, 2, 3],
    );
    assert.deepEqual(
      [...all].sort((a, b) => a - b),
      Array.from({ length: 24 }, (_, index) => index),
    );
  });

  it('put what is longest first, and what is unknown before what is known to be as long', () => {
    assert.deepEqual(
      turns(3, { 0: 10, 2: 30 }),
      [2, 1, 0].map((_, index) => [2, 1, 0][index]),
    );
    assert.deepEqual(turns(2, { 0: 10 }), [1, 0]);
  });

  it('are the order of the plan in a sequential run', () => {
    assert.deepEqual(
      turns(20, { 3: 100 }, 'sequential'),
      Array.from({ length: 20 }, (_, index) => index),
    );
  });
});
