import assert from 'node:assert/strict';
import fc from 'fast-check';
import { afterRun, type CameTo, slotsOfMostTime, slotsToBeginWith, workKey } from '../../src/core/first-slots.js';
import { readMachine } from '../../src/core/machine.js';
import type { OperationId, OperationState, RunState, SlotMove } from '../../src/core/model.js';
import { openSlotMemory } from '../../src/core/slot-memory.js';
import { withEngine } from '../support/engine.js';
import { inTemporaryDirectory } from '../support/processes.js';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const GIGABYTE = 2 ** 30;
const move = (at: number, from: number, to: number): SlotMove => ({ at, from, to, because: 'There is room.' });

/** A run that ended after two seconds. */
function ended(more: Partial<RunState> = {}): RunState {
  return {
    ...({ run: 'r', label: 'x', startedAt: '', scope: 'workspace', edges: [] } as unknown as RunState),
    ...{ mode: 'parallel', slots: 2, mostSlots: 10, slotMoves: [], at: 2000, outcome: 'passed', operations: [] },
    ...more,
  };
}

describe('What a run came to', () => {
  const cases: readonly (readonly [string, Partial<RunState>, number | undefined])[] = [
    ['is what it began with when nothing moved', {}, 2],
    ['is the number that it had for the most of its time', { slotMoves: [move(100, 2, 10)], slots: 10 }, 10],
    ['is not where it was for a moment at its end', { slotMoves: [move(100, 2, 6), move(1900, 6, 3)], slots: 3 }, 6],
    ['adds up what it had again and again', { slotMoves: [move(0, 2, 8), move(700, 8, 4), move(1300, 4, 8)], slots: 8 }, 8],
    ['is nothing of a short run', { at: 400 }, undefined],
    ['is nothing of one that was cancelled', { outcome: 'cancelled' }, undefined],
    ['is nothing of one after another', { mode: 'sequential' }, undefined],
    ['is nothing where a user changed it', { slotMoves: [{ at: 10, from: 2, to: 5 }], slots: 5 }, undefined],
    [
      'is nothing where operations got in each other’s way',
      {
        operations: [
          { outcome: { kind: 'passed', interference: { beside: [], because: 'it wanted a port' } } } as unknown as OperationState,
        ],
      },
      undefined,
    ],
  ];
  for (const [title, more, expected] of cases) it(title, () => assert.equal(slotsOfMostTime(ended(more)), expected));

  it('is nothing where the number was fixed', () => {
    const { mostSlots: _, ...fixed } = ended();
    assert.equal(slotsOfMostTime(fixed), undefined);
  });
});

describe('The slots that a run begins with', () => {
  const range = { slots: 4, mostSlots: 10 };
  const known = (slots: number, runs = 1): CameTo => ({ slots, freeBytes: 8 * GIGABYTE, runs });
  const cases: readonly (readonly [string, CameTo | undefined, number, number])[] = [
    ['are the usual ones without any run before', undefined, 8, 4],
    ['are those that the last run of the same work came to', known(9), 8, 9],
    ['are no more than there may be at most', known(30), 8, 10],
    ['are the usual ones when much less memory is free than then', known(9), 5, 4],
    ['are still those when a little less is', known(9), 7, 9],
    ['are the usual ones when one run alone came to fewer: others may have worked, too', known(2), 8, 4],
    ['are fewer when two runs in a row came to fewer', known(2, 2), 8, 2],
    ['are one at least', known(0, 2), 8, 1],
  ];
  for (const [title, before, freeGigabytes, expected] of cases)
    it(title, () => assert.equal(slotsToBeginWith(range, before, freeGigabytes * GIGABYTE), expected));

  it('are never touched where a number was asked for', () => {
    assert.equal(slotsToBeginWith({ slots: 3 }, known(9), 8 * GIGABYTE), 3);
  });

  it('stay within the limits, whatever was remembered', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 0, max: 20 }),
        fc.record({ slots: fc.double({ noNaN: true, min: -5, max: 50 }), freeBytes: fc.nat(), runs: fc.nat() }),
        fc.nat(),
        (slots, more, before, free) => {
          const first = slotsToBeginWith({ slots, mostSlots: slots + more }, before, free);
          assert.ok(Number.isInteger(first) && first >= 1 && first <= slots + more);
        },
      ),
    );
  });

  it('count the runs in a row that came to no more', () => {
    const first = afterRun(undefined, 6, 1);
    const second = afterRun(first, 2, 1);
    const third = afterRun(second, 3, 1);
    assert.deepEqual(
      [first, second, third].map(({ slots, runs }) => [slots, runs]),
      [
        [6, 1],
        [2, 2],
        [3, 1],
      ],
    );
  });

  it('are those of the same operations in any order, on a machine of the same shape', () => {
    const shape = { processors: 2, totalBytes: 16 * GIGABYTE };
    const of = (...ids: string[]) => ids.map((id) => ({ id: id as OperationId, remember: `m-${id}` }));
    const key = workKey(of('a', 'b'), shape, 10);
    assert.equal(workKey(of('b', 'a'), { ...shape, totalBytes: 16.2 * GIGABYTE }, 10), key);
    for (const other of [
      workKey(of('a'), shape, 10),
      workKey(of('a', 'b', 'b'), shape, 10),
      workKey(of('a', 'b'), { ...shape, processors: 4 }, 10),
      workKey(of('a', 'b'), { ...shape, totalBytes: 32 * GIGABYTE }, 10),
      workKey(of('a', 'b'), shape, 12),
    ])
      assert.notEqual(other, key);
  });
});

describe('The memory of slots', () => {
  const machine = { processors: 2, memory: { freeBytes: 8 * GIGABYTE, totalBytes: 16 * GIGABYTE } };
  const operations = [{ id: 'a' as OperationId }] as never;
  const range = { slots: 2, mostSlots: 10 };
  const ten = ended({ slotMoves: [move(100, 2, 10)], slots: 10 });

  it('is that of all windows, and knows nothing of fixed numbers', async () => {
    await inTemporaryDirectory(async (storage) => {
      const one = await openSlotMemory(storage, silent).known(operations, range, machine);
      assert.equal(one?.first, undefined);
      await one?.remember(ended({ outcome: 'cancelled' }));
      await one?.remember(ten);
      const other = openSlotMemory(storage, silent);
      assert.equal((await other.known(operations, range, machine))?.first, 10);
      assert.equal(await other.known(operations, { slots: 2 }, machine), undefined);
      assert.equal((await other.known([{ id: 'b' }] as never, range, machine))?.first, undefined);
    });
  });

  it('is what the next run of a batch begins with, which its trace tells', async () => {
    await withEngine(async ({ engine, storage }) => {
      const shell = Array.from({ length: 3 }, (_, index) => ({ id: `o${index}`, tool: 'command', input: { argv: ['true'] } }));
      const planned = await engine.planBatch(JSON.stringify({ operations: shell }), { slots: 2, mostSlots: 7 });
      assert.ok(planned.kind === 'batch');
      const seven = { slots: 2, mostSlots: 7 };
      const memory = await openSlotMemory(storage, silent).known(planned.batch.plan.operations, seven, readMachine(new Set()));
      await memory?.remember(ended({ slotMoves: [move(100, 2, 6)], slots: 6, mostSlots: 7 }));
      const request = { batch: planned.batch, failure: 'continue', label: 'Test' } as const;
      const state = await engine.runBatch({ ...request, mode: 'parallel', ...seven }).finished;
      const [first] = state.slotMoves;
      assert.deepEqual([first?.from, first?.to, first?.because], [2, 6, 'The same work came to 6 at once when it ran before.']);
      const fixed = await engine.runBatch({ ...request, mode: 'parallel', slots: 2 }).finished;
      assert.deepEqual(fixed.slotMoves, []);
      const after = await engine.runBatch({ ...request, mode: 'sequential', slots: 2 }).finished;
      assert.deepEqual(after.slotMoves, []);
    });
  });
});
