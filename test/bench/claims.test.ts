import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { boundOf, flowShopBound, mapInterval, meanInterval, ratioInterval } from '../../bench/claims/bounds.js';
import { type Check, type Checked, type Figure, isMet, isReached } from '../../bench/claims/claim.js';
import { CLAIMS } from '../../bench/claims/claims.js';
import { checkText, claimText, markdownOf, tableText, verdictText } from '../../bench/claims/report.js';
import { standIns, waitOf } from '../../bench/claims/stand-ins.js';

const wait = (id: string, ms: number, more: object = {}) => ({ id, ms, ...more });
const close = (actual: number | undefined, expected: number) =>
  assert.ok(actual !== undefined && Math.abs(actual - expected) < 1e-3, `${actual} is not ${expected}`);

describe('The bound of a claim', () => {
  const cases: readonly (readonly [string, Parameters<typeof boundOf>, number])[] = [
    ['is the longest operation when all may run at once', [[wait('a', 3), wait('b', 4), wait('c', 2), wait('d', 1)], [], 4], 4],
    ['is work ÷ slots when slots are few', [[wait('a', 3), wait('b', 3), wait('c', 3), wait('d', 3)], [], 2], 6],
    [
      'is the longest chain where operations wait for each other',
      [[wait('a', 3), wait('b', 4), wait('c', 5)], [{ from: 'a', to: 'b' }], 3],
      7,
    ],
    ['is what a lock takes', [[wait('a', 3, { locks: ['x'] }), wait('b', 4, { locks: ['x'] }), wait('c', 5)], [], 3], 7],
    [
      'is what a limited group takes',
      [['a', 'b', 'c', 'd'].map((id) => wait(id, 2, { limits: [{ name: 'g', most: 2 }] })), [], 4],
      4,
    ],
    [
      'counts a member that is a group once, by its longest operation',
      [['a', 'b', 'c', 'd'].map((id) => wait(id, 2, { limits: [{ name: 'g', most: 1, member: id < 'c' ? 'm' : 'n' }] })), [], 4],
      4,
    ],
    ['is nothing for nothing', [[], [], 4], 0],
  ];
  for (const [title, [operations, edges, slots], expected] of cases)
    it(title, () => assert.equal(boundOf(operations, edges, slots).boundMs, expected));

  it('gives the speedup that is possible', () => {
    assert.equal(boundOf([wait('a', 5), wait('b', 5), wait('c', 5)], [], 3).limit, 3);
    assert.equal(boundOf([wait('a', 3), wait('b', 4), wait('c', 2), wait('d', 1)], [], 4).limit, 2.5);
  });
});

describe('The bound of a flow shop', () => {
  it('is the work of the longest stage with the way to it and from it', () => {
    assert.equal(flowShopBound(Array.from({ length: 12 }, () => [150, 240, 90])), 150 + 12 * 240 + 90);
    assert.equal(
      flowShopBound([
        [1, 5],
        [3, 2],
      ]),
      8,
    );
    assert.equal(flowShopBound([]), 0);
  });

  it('is exact for items that are alike, and no longer than any order of others', () => {
    const times = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(times, { minLength: 1, maxLength: 6 }), (items) =>
        assert.ok(flowShopBound(items) <= makespanOf(items)),
      ),
    );
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 8 }), (item, count) => {
        const items = Array.from({ length: count }, () => item);
        assert.equal(flowShopBound(items), makespanOf(items));
      }),
    );
  });
});

/** Of a flow shop whose items go through in this order. */
function makespanOf(items: readonly (readonly number[])[]): number {
  const ends: number[] = [];
  for (const item of items)
    for (const [stage, ms] of item.entries()) ends[stage] = Math.max(ends[stage] ?? 0, ends[stage - 1] ?? 0) + ms;
  return ends.at(-1) ?? 0;
}

describe('The interval of a claim', () => {
  it('is that of Student', () => {
    const interval = meanInterval([2, 4, 4, 6]);
    close(interval?.low, 4 - (3.182 * Math.sqrt(8 / 3)) / 2);
    close(interval?.high, 4 + (3.182 * Math.sqrt(8 / 3)) / 2);
    assert.equal(meanInterval([1]), undefined);
    assert.deepEqual(meanInterval([3, 3, 3]), { low: 3, high: 3 });
  });

  it('of ratios lies evenly on both sides as a factor', () => {
    const interval = ratioInterval([2, 3, 4]);
    close((interval?.low ?? 0) * (interval?.high ?? 0), 24 ** (2 / 3));
    assert.deepEqual(
      mapInterval({ low: 2, high: 4 }, (ratio) => 1 - 1 / ratio),
      { low: 0.5, high: 0.75 },
    );
    assert.equal(
      mapInterval(undefined, (ratio) => ratio),
      undefined,
    );
  });
});

const figure = (ours: number, more: Partial<Figure> = {}): Figure => ({
  ...{ kind: 'figure', name: '', unit: '×', ours, target: { kind: 'at least', value: 2.95 } },
  ...more,
});
const checked = (checks: readonly Check[], more: Partial<Checked> = {}): Checked => ({
  claim: { number: 1, title: 'three reads', theirs: '2.5×', standIn: 'Three commands.', scale: '5 s → 1 s' },
  ...{ checks, seconds: 21 },
  ...more,
});

describe('A claim', () => {
  it('is reached when each figure and each fact is', () => {
    const fact = (holds: boolean): Check => ({ kind: 'fact', name: 'equal', holds, found: '8 trials' });
    assert.ok(isMet(figure(2.95)));
    assert.ok(!isMet(figure(2.94)));
    assert.ok(isMet(figure(1.05, { target: { kind: 'at most', value: 1.05 } })));
    assert.ok(!isMet(figure(1.06, { target: { kind: 'at most', value: 1.05 } })));
    assert.ok(isReached(checked([figure(3), fact(true)])));
    assert.ok(!isReached(checked([figure(3), fact(false)])));
    assert.ok(!isReached(checked([{ kind: 'note', text: 'nothing was checked' }])));
    assert.ok(!isReached(checked([figure(3)], { error: 'no server' })));
  });

  it('is told with theirs, ours, the limit and the target', () => {
    const interval = { low: 2.961, high: 2.989 };
    assert.equal(checkText(figure(2.9751, { limit: 3, interval })), 'reached  2.98× [2.96×, 2.99×], limit 3.00×, target ≥ 2.95×');
    assert.equal(
      checkText(figure(1.1081, { name: 'above start-up', unit: 's', target: { kind: 'at most', value: 1.02 } })),
      'MISSED   above start-up: 1.108 s, target ≤ 1.020 s',
    );
    assert.equal(
      claimText(checked([figure(2.5)], { error: 'no server' })),
      [
        ' 1  three reads: MISSED   (21.0 s)',
        '      theirs   2.5×',
        '      scaled   5 s → 1 s',
        '      MISSED   2.50×, target ≥ 2.95×',
        '      MISSED   It could not be checked: no server',
      ].join('\n'),
    );
  });

  it('comes to a sentence that says which to repeat', () => {
    assert.equal(verdictText([checked([figure(3)])]), 'All that were checked reach their target: 1 of 1.');
    const missed = '0 of 1 claims reach their target; missed: 1. Repeat them alone: npm run claims -- 1';
    assert.equal(verdictText([checked([figure(2)])]), missed);
  });

  it('stands in a table, and in Markdown with where it was measured', () => {
    const all = [checked([figure(3, { limit: 3 }), { kind: 'note', text: '3.1 s | 1.0 s' }])];
    assert.equal(
      tableText(all),
      '#  claim        theirs  ours   bound  target\n1  three reads  2.5×    3.00×  3.00×  ≥ 2.95×  reached',
    );
    const where = { machine: '2 × a processor', versions: 'Volley 1', date: '2026-01-01', pairs: 4, load: '0.10' };
    const text = markdownOf(all, where);
    assert.match(text, /\| 1 \| three reads \| 2\.5× \| 3\.00× \| 3\.00× \| ≥ 2\.95× \| reached \|/);
    assert.match(text, /2 × a processor; load before the first claim: 0\.10/);
    assert.match(text, /\*Scaled:\* 5 s → 1 s\n {2}- 3\.1 s \| 1\.0 s/);
  });
});

describe('The claims', () => {
  it('are the twenty of the README, in order', async () => {
    const text = await readFile(path.join(import.meta.dirname, '../../bench/claims/README.md'), 'utf8');
    const numbers = [...text.matchAll(/^\| (\d+) \|/gm)].map((match) => Number(match[1]));
    assert.deepEqual(
      CLAIMS.map(({ number }) => number),
      numbers,
    );
    assert.deepEqual(
      numbers,
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
  });
});

describe('Stand-ins', () => {
  it('note how long each waits, also for the instances of one', () => {
    const make = standIns({ server: 'http://127.0.0.1:1' });
    assert.deepEqual(make.command('a', 1200), { id: 'a', tool: 'command', input: { argv: ['sleep', '1.200'] } });
    make.fetch('b', 90);
    assert.deepEqual([waitOf(make.waits, 'a'), waitOf(make.waits, 'b[3]'), waitOf(make.waits, 'c')], [1200, 90, 0]);
  });
});
