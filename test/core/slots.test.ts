import assert from 'node:assert/strict';
import fc from 'fast-check';
import { automaticSlots, firstMemory, nextSlots, type Reading, type SlotMemory, slotRange } from '../../src/core/slots.js';
import { simulate, type Work } from '../support/simulated-machine.js';

const GIGABYTE = 2 ** 30;

/** A machine of two processors on which two of many operations run; `busy` and `own` are processors at work since the reading before. */
interface Moment {
  readonly after?: number;
  readonly busy?: number;
  readonly own?: number | undefined;
  readonly stalled?: number;
  readonly free?: number;
  readonly running?: number;
  readonly waiting?: number;
  readonly paces?: readonly number[];
  readonly processors?: number;
}

/** Plays moments one after another, each with the slots that the ones before led to; resolves to every move. */
function play(from: number, most: number, moments: readonly Moment[]): readonly string[] {
  let at = 0;
  let slots = from;
  let [busyMs, ownMs, stalledMs] = [0, 0, 0];
  const readingOf = (moment: Moment, lasted: number): Reading => {
    const { busy = 0, stalled = 0, free = 8, waiting = 20, paces = [], processors = 2 } = moment;
    const own = 'own' in moment ? moment.own : busy;
    at += lasted;
    busyMs += busy * lasted;
    ownMs += (own ?? 0) * lasted;
    stalledMs += stalled * lasted;
    return {
      at,
      processors,
      busyMs,
      ...(own === undefined ? {} : { ownMs }),
      stalledMs,
      memory: { freeBytes: free * GIGABYTE, totalBytes: 16 * GIGABYTE },
      running: moment.running ?? slots,
      waiting,
      slots,
      paces,
    };
  };
  let memory: SlotMemory = firstMemory(most, readingOf(moments[0] ?? {}, 0));
  const moves: string[] = [];
  for (const moment of moments) {
    const next = nextSlots(memory, readingOf(moment, moment.after ?? 100));
    memory = next.memory;
    if (!next.change) continue;
    moves.push(`${slots} → ${next.change.slots}: ${next.change.because}`);
    slots = next.change.slots;
  }
  return moves;
}

function times(count: number, moment: Moment): readonly Moment[] {
  return Array.from({ length: count }, () => moment);
}

describe('The slots that Volley chooses', () => {
  const cases: readonly (readonly [string, readonly [number, number, readonly Moment[]], readonly string[]])[] = [
    [
      'rise to the most at once when what runs only waits',
      [2, 10, [{ busy: 0.01 }]],
      ['2 → 10: What runs mostly waits: it takes 1 % of a processor each.'],
    ],
    [
      'rise for what waits on a machine that others keep busy',
      [2, 10, [{ busy: 2, own: 0.01 }]],
      ['2 → 10: What runs mostly waits: it takes 1 % of a processor each.'],
    ],
    ['stay when what runs keeps all processors busy', [2, 10, times(20, { busy: 2 })], []],
    [
      'rise by as many as the idle processors have room for',
      [2, 10, times(2, { busy: 0.6 })],
      ['2 → 10: There is room: 70 % of the processors are idle.'],
    ],
    [
      'rise by one where little is idle',
      [2, 10, times(2, { busy: 1.7 })],
      ['2 → 3: There is room: 15 % of the processors are idle.'],
    ],
    ['do not rise while slots are free', [2, 10, times(5, { busy: 0.2, running: 1 })], []],
    ['do not rise for nobody', [2, 10, times(5, { busy: 0.2, waiting: 0 })], []],
    [
      'rise only by those that wait',
      [2, 10, [{ busy: 0.01, waiting: 3 }]],
      ['2 → 5: What runs mostly waits: it takes 1 % of a processor each.'],
    ],
    [
      'rise only as far as memory has room, by what those that run have taken',
      [
        2,
        10,
        [
          { free: 8, running: 0 },
          { busy: 0.01, free: 6, after: 600 },
          { busy: 0.01, free: 6 },
        ],
      ],
      ['2 → 6: What runs mostly waits: it takes 1 % of a processor each.'],
    ],
    [
      'fall to as many as memory has room for, and rise no further',
      [8, 10, [{ free: 12, running: 0 }, { busy: 1, free: 1 }, ...times(30, { busy: 0.2, free: 2.5 })]],
      ['8 → 7: Memory is short: 6 % of it is free.'],
    ],
    [
      'fall to half where what they take does not explain it, and stay there for a while',
      [8, 10, [{ busy: 1, free: 1.5 }, ...times(15, { busy: 0.2, free: 6 })]],
      ['8 → 4: Memory is short: 9 % of it is free.'],
    ],
    [
      'wait for the end of what a move no longer allows',
      [8, 10, [{ busy: 1, free: 1 }, ...times(5, { busy: 1, free: 1, running: 8 })]],
      ['8 → 4: Memory is short: 6 % of it is free.'],
    ],
    [
      'fall when something waits for memory',
      [4, 10, [{ busy: 1, stalled: 0.25 }]],
      ['4 → 2: Memory is short: 25 % of the time something waited for it.'],
    ],
    [
      'give up half of what is far beyond the processors when these are saturated for a while',
      [10, 10, times(9, { busy: 2 })],
      ['10 → 8: All processors are busy, so more at once would only take turns.'],
    ],
    ['are not given up for what others do', [10, 10, times(20, { busy: 2, own: 0.5 })], []],
    ['are not given up up to three times the processors', [6, 10, times(40, { busy: 2 })], []],
    [
      'fall to half when each operation takes as many times as long as there are at once',
      [4, 10, [{ busy: 1.9, paces: [4.1, 4.3, 5, 3.9] }]],
      ['4 → 2: With 4 at once each operation takes 4.1 times as long as it is remembered, so nothing is gained.'],
    ],
    ['do not fall for a pace of few operations', [4, 10, [{ busy: 1.9, paces: [9, 9] }]], []],
    ['do not fall for a pace that still gains', [4, 10, [{ busy: 1.9, paces: [2, 3, 3, 2, 3] }]], []],
    [
      'are decided on the load alone where nobody can tell whose it is',
      [2, 10, times(2, { busy: 0.4, own: undefined })],
      ['2 → 10: There is room: 80 % of the processors are idle.'],
    ],
    ['say nothing after a moment that is too short', [2, 10, [{ busy: 0, after: 50 }]], []],
  ];
  for (const [title, [from, most, moments], expected] of cases)
    it(title, () => assert.deepEqual(play(from, most, moments), expected));

  it('rise again some time after they were given up', () => {
    const idleFor = (count: number) => play(10, 10, [...times(10, { busy: 2 }), ...times(count, { busy: 1 })]);
    assert.equal(idleFor(5).length, 1);
    assert.deepEqual(idleFor(15).slice(1), ['8 → 10: There is room: 50 % of the processors are idle.']);
  });

  const moment = fc.record({
    after: fc.integer({ min: 1, max: 1000 }),
    busy: fc.double({ min: 0, max: 2, noNaN: true }),
    own: fc.option(fc.double({ min: 0, max: 2, noNaN: true }), { nil: undefined }),
    stalled: fc.double({ min: 0, max: 1, noNaN: true }),
    free: fc.double({ min: 0, max: 16, noNaN: true }),
    running: fc.nat(12),
    waiting: fc.nat(12),
    paces: fc.array(fc.double({ min: 0.1, max: 20, noNaN: true }), { maxLength: 12 }),
    processors: fc.integer({ min: 1, max: 16 }),
  });

  it('are never fewer than one nor more than the most, and every move has its reason', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 10, max: 12 }), fc.array(moment), (from, most, moments) => {
        for (const move of play(from, most, moments)) {
          const [, before, after, because] = /^(\d+) → (\d+): (.+\.)$/.exec(move) ?? [];
          assert.ok(Number(after) >= 1 && Number(after) <= most && after !== before, move);
          assert.doesNotMatch(because ?? 'NaN', /NaN|Infinity|undefined/);
        }
      }),
    );
  });

  describe('on a simulated machine', () => {
    const works = (count: number, turns: number, computesMs: number, waitsMs: number, megabytes = 50): readonly Work[] =>
      Array.from({ length: count }, () => ({ turns, computesMs, waitsMs, megabytes }));
    const mixes: Readonly<Record<string, readonly Work[]>> = {
      'that computes': works(24, 20, 20, 0),
      'that waits': works(40, 20, 0, 50),
      'of which half computes': works(30, 20, 15, 15),
      'of which a third computes': works(30, 20, 10, 20),
      'of which little computes': works(30, 20, 5, 45),
      'of operations that wait, then of such that compute': [...works(16, 16, 0, 60), ...works(16, 16, 20, 0)],
      'that takes much memory': works(24, 20, 20, 30, 1700),
    };
    for (const processors of [1, 2, 4, 8])
      for (const [name, mix] of Object.entries(mixes))
        it(`are at most 5 % slower than the best fixed number for work ${name}, with ${processors} processors`, () => {
          const machine = { processors, megabytes: 16_000 };
          const fixed = Array.from({ length: 10 }, (_, index) => simulate(machine, mix, index + 1).ms);
          const { slots, mostSlots } = automaticSlots(processors);
          const chosen = simulate(machine, mix, slots, mostSlots);
          assert.ok(
            chosen.ms <= 1.05 * Math.min(...fixed),
            `${chosen.ms} ms against ${Math.min(...fixed)} ms\n${chosen.moves.join('\n')}`,
          );
        });
  });

  it('begin with the processors, and with the most where that is less', () => {
    assert.deepEqual(automaticSlots(4), { slots: 4, mostSlots: 10 });
    assert.deepEqual(automaticSlots(64), { slots: 10, mostSlots: 10 });
    assert.deepEqual(automaticSlots(64, 32), { slots: 32, mostSlots: 32 });
  });

  it('are a range in which the first number lies, and one slot in a sequential run', () => {
    assert.deepEqual(slotRange({ slots: 4.7 }), { slots: 4 });
    assert.deepEqual(slotRange({ slots: 0 }), { slots: 1 });
    assert.deepEqual(slotRange({ slots: 4, mostSlots: 2 }), { slots: 4, mostSlots: 4 });
    assert.deepEqual(slotRange({ slots: 4, mostSlots: 10, mode: 'sequential' }), { slots: 1 });
  });
});
