import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Limit, Mode, OperationId } from '../../src/core/model.js';
import { planBatch } from '../../src/core/plan.js';
import { makespanOf, type Progress, schedulable } from '../../src/core/schedule.js';
import { operation, type Rig, startRig } from '../support/rig.js';

interface Sketch {
  readonly ms: number;
  /** Whether the plan knows how long it takes. */
  readonly known: boolean;
  readonly needs: readonly number[];
  readonly locks: readonly string[];
  readonly limited: boolean;
  readonly fused: boolean;
}

const sketches = fc.array(
  fc.record<Sketch>({
    ms: fc.integer({ min: 1, max: 40 }),
    known: fc.boolean(),
    needs: fc.array(fc.nat(11), { maxLength: 2 }),
    locks: fc.subarray(['a', 'b']),
    limited: fc.boolean(),
    fused: fc.boolean(),
  }),
  { minLength: 1, maxLength: 12 },
);

const LIMIT: readonly Limit[] = [{ name: 'fan-out', most: 2 }];

/** Lengths of which no two sums are equal, so that no two operations end at the same moment by chance. */
const lengthOf = (all: readonly Sketch[], id: string) => (all[Number(id)]?.ms ?? 0) + 2 ** Number(id) / 10_000;

function operationsOf(all: readonly Sketch[]) {
  return all.map(({ needs, locks, limited, fused }, index) =>
    operation(String(index), {
      access: { locks },
      needs: [...new Set(needs.filter((need) => need < index).map(String))],
      ...(limited ? { limits: LIMIT } : {}),
      ...(fused ? { fusion: 'k' } : {}),
    }),
  );
}

function knownOf(all: readonly Sketch[]): Record<string, number> {
  return Object.fromEntries(all.flatMap(({ known }, index) => (known ? [[index, lengthOf(all, String(index))]] : [])));
}

/** Runs it for real, by a clock that goes from end to end; `each` sees every moment at which something has just ended. */
async function run(all: readonly Sketch[], slots: number, mode: Mode, each: (rig: Rig, now: number) => void): Promise<number> {
  const rig = await startRig(operationsOf(all), { slots, mode, durations: knownOf(all) });
  let now = 0;
  const started = new Map<string, number>();
  for (;;) {
    for (const id of rig.running()) if (!started.has(id)) started.set(id, now);
    each(rig, now);
    const ends = rig.running().map((id) => [id, (started.get(id) ?? 0) + lengthOf(all, id)] as const);
    const [first] = ends.sort((a, b) => a[1] - b[1] || Number(a[0]) - Number(b[0]));
    if (!first) return now;
    rig.tick(first[1] - now);
    [, now] = first;
    await rig.release(first[0]);
  }
}

function progressOf(all: readonly Sketch[], rig: Rig, now: number): Progress {
  const lanes = new Map<number, { at: number; left: number }[]>();
  const ended = new Set<number>();
  for (const { id, phase, lane = 0, segments } of rig.state().operations) {
    const at = Number(id);
    if (phase === 'finished') ended.add(at);
    if (phase !== 'running') continue;
    const left = (segments.at(-1)?.from ?? 0) + lengthOf(all, id) - now;
    lanes.set(lane, [...(lanes.get(lane) ?? []), { at, left }]);
  }
  return { now, ended, running: [...lanes.values()] };
}

describe('A run as it would be', () => {
  for (const mode of ['parallel', 'sequential'] as const)
    it(`ends when a ${mode} run does whose operations take what they are said to take, seen from each of its moments`, async () => {
      await fc.assert(
        fc.asyncProperty(sketches, fc.integer({ min: 1, max: 4 }), async (all, asked) => {
          const slots = mode === 'sequential' ? 1 : asked;
          const planned = planBatch(operationsOf(all), new Map(Object.entries(knownOf(all)) as [OperationId, number][]), slots);
          assert.ok(planned.kind === 'plan');
          const work = schedulable(planned.plan, mode);
          const durationOf = (at: number) => lengthOf(all, planned.plan.operations[at]?.id ?? '');
          const expected: number[] = [];
          const came = await run(all, slots, mode, (rig, now) => {
            expected.push(makespanOf(work, { durationOf, slots, progress: progressOf(all, rig, now) }));
          });
          assert.ok(Math.abs(makespanOf(work, { durationOf, slots }) - came) < 1e-6);
          // What holds a lock and waits for a slot is not told apart from what waits for both.
          if (all.every(({ locks, limited }) => locks.length === 0 && !limited))
            for (const each of expected) assert.ok(Math.abs(each - came) < 1e-6, `${each} ${came}`);
        }),
        { numRuns: 150 },
      );
    });

  it('has the slots of each moment', () => {
    const planned = planBatch(
      Array.from({ length: 4 }, (_, index) => operation(String(index))),
      new Map(),
      2,
    );
    assert.ok(planned.kind === 'plan');
    const work = schedulable(planned.plan, 'parallel');
    const end = (slots: Parameters<typeof makespanOf>[1]['slots']) => makespanOf(work, { durationOf: () => 10, slots });
    assert.equal(end(2), 20);
    assert.equal(
      end([
        { at: 0, slots: 1 },
        { at: 5, slots: 3 },
      ]),
      20,
      'the first of four ends at 10, two of the others at 15',
    );
    assert.equal(
      end([
        { at: 0, slots: 1 },
        { at: 5, slots: 4 },
      ]),
      15,
    );
    assert.equal(
      end([
        { at: 0, slots: 4 },
        { at: 5, slots: 1 },
      ]),
      10,
      'what runs goes on',
    );
    assert.equal(end(0), Number.POSITIVE_INFINITY);
  });
});
