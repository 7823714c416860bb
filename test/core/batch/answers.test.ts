import assert from 'node:assert/strict';
import fc from 'fast-check';
import { evenShare, withinBudget } from '../../../src/core/batch/answers.js';

const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index + 1}`).join('\n');

describe('Answers within a budget', () => {
  const within = (texts: readonly string[], tokens: number) =>
    withinBudget(
      texts.map((text, index) => ({ id: `o${index}`, head: '', text })),
      { tokens, tokensOf: (id) => texts[Number(id.slice(1))]?.length ?? 0, wholeOf: (id) => `/out/${id}` },
    ).map(({ text }) => text);

  it('are whole where the budget is enough', () => {
    assert.deepEqual(within(['a', lines(100)], 10_000), ['a', lines(100)]);
  });

  it('are cut in the middle where they are longest, and say how much is left out and where it stands', () => {
    const [short, long = ''] = within(['a short one', lines(1000)], 311);
    assert.equal(short, 'a short one');
    const cut = long.split('\n');
    assert.deepEqual([cut[0], cut.at(-1)], ['line 1', 'line 1000']);
    const left = 1000 - (cut.length - 1);
    assert.ok(cut.includes(`[${left} of 1000 lines left out for the budget; all of them: /out/o1]`), long);
    assert.ok(long.length <= 300);
  });

  it('share it evenly among those that are too long', () => {
    assert.equal(evenShare([10, 1000, 500, 20], 430), 200);
    assert.equal(evenShare([10, 20], 30), Number.POSITIVE_INFINITY);
    assert.equal(evenShare([], 0), Number.POSITIVE_INFINITY);
    fc.assert(
      fc.property(fc.array(fc.nat(1000)), fc.nat(5000), (sizes, total) => {
        const share = evenShare(sizes, total);
        const given = sizes.reduce((sum, size) => sum + Math.min(size, share), 0);
        assert.ok(given <= total + 1e-6 && (share === Number.POSITIVE_INFINITY || Math.abs(given - total) < 1e-6));
      }),
    );
  });
});
