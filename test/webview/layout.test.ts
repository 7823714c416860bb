import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { PathStep } from '../../src/core/measured.js';
import type { OperationId, OperationState, RunState, Segment } from '../../src/core/model.js';
import { timing } from '../../src/core/timing.js';
import { elide } from '../../src/webview/dom.js';
import { domainFor, layoutTimeline, type TimelineInput, type TimelineLayout, ticks } from '../../src/webview/layout.js';
import { many, SHOP, simulate } from './runs.js';

function lay(state: RunState, rest: Partial<TimelineInput> = {}): TimelineLayout {
  return layoutTimeline({
    operations: state.operations,
    slots: state.slots,
    criticalPath: timing(state).criticalPath,
    now: state.at,
    domainMs: Math.max(state.at, 1),
    width: 800,
    waits: true,
    ...rest,
  });
}

function operation(id: string, segments: readonly Segment[], rest: Partial<OperationState> = {}): OperationState {
  return {
    id: id as OperationId,
    name: id,
    group: 'test',
    command: { argv: [id], cwd: '/', env: {}, shell: false },
    needs: [],
    phase: 'finished',
    segments,
    attempts: 1,
    findings: [],
    outputBytes: 0,
    tail: '',
    ...rest,
  };
}

describe('the layout of a timeline', () => {
  const shop = simulate(SHOP, { slots: 4 });

  it('gives each worker a lane and what did not run a lane of its own', () => {
    const layout = lay(shop);
    assert.deepEqual(
      layout.lanes.map((lane) => `${lane.kind} ${lane.number}`),
      ['worker 1', 'worker 2', 'worker 3', 'worker 4', 'not run 5'],
    );
    assert.deepEqual(
      layout.labels.map((label) => label.operation.name),
      ['npm run build:docs', 'npm audit'],
    );
  });

  it('draws no more idle workers than there are operations for them', () => {
    assert.equal(lay(simulate(SHOP.slice(0, 2), { slots: 32 })).lanes.length, 2);
  });

  it('places a bar where its operation ran', () => {
    const layout = lay(shop);
    const bar = layout.bars.find((each) => each.operation.id === 'types:tsc');
    const scale = (ms: number): number => layout.left + (ms / shop.at) * (layout.right - layout.left);
    assert.ok(bar);
    assert.ok(Math.abs(bar.x - scale(bar.from)) < 0.01 && Math.abs(bar.x + bar.width - scale(bar.to)) < 0.01);
    assert.equal(bar.lane, bar.operation.lane);
  });

  it('draws each phase of waiting, ending where the bar begins', () => {
    const layout = lay(shop);
    const waits = layout.waits.filter((wait) => wait.operation.id === 'format:black');
    const bar = layout.bars.find((each) => each.operation.id === 'format:black');
    assert.deepEqual(
      waits.map((wait) => wait.phase),
      ['queued', 'locked'],
    );
    assert.ok(bar);
    const last = waits.at(-1);
    assert.ok(last && Math.abs(last.x + last.width - bar.x) < 0.01);
    assert.ok(layout.hooks.some((hook) => hook.operation.id === 'format:black' && Math.abs(hook.x - bar.x) < 0.01));
  });

  it('keeps waits of one lane that overlap in time in rows of their own', () => {
    const { waits } = lay(simulate(many(20), { slots: 4 }));
    for (const a of waits)
      for (const b of waits) if (a !== b && a.y === b.y) assert.ok(a.x + a.width <= b.x + 0.01 || b.x + b.width <= a.x + 0.01);
  });

  it('sums waits up where a lane has too many, but still draws those of the operation in the spotlight', () => {
    const independent = many(200).map((job) => ({ ...job, needs: [] }));
    const state = simulate(independent, { slots: 4 });
    assert.equal(lay(state).waits.length, 0);
    assert.ok(lay(state).bands.length > 0);
    assert.ok(lay(state).lanes.every((lane) => lane.kind !== 'worker' || lane.peak > 10));
    const spotlight = 'op-150' as OperationId;
    assert.deepEqual([...new Set(lay(state, { spotlight }).waits.map((wait) => wait.operation.id))], [spotlight]);
  });

  it('joins the steps of the critical path and marks their bars', () => {
    const layout = lay(shop);
    const path = timing(shop).criticalPath;
    assert.equal(layout.links.length, path.length - 1);
    assert.deepEqual(
      new Set(layout.bars.filter((bar) => bar.critical).map((bar) => bar.operation.id)),
      new Set(path.map((step) => step.operation)),
    );
  });

  it('draws an earlier attempt in another lane when its own was taken then', () => {
    const layout = layoutTimeline({
      operations: [
        operation('first', [{ phase: 'running', from: 0, to: 100 }], { lane: 0 }),
        operation(
          'again',
          [
            { phase: 'running', from: 0, to: 50 },
            { phase: 'queued', from: 50, to: 100 },
            { phase: 'running', from: 100, to: 150 },
          ],
          { lane: 0, attempts: 2 },
        ),
      ],
      slots: 2,
      criticalPath: [],
      now: 150,
      domainMs: 150,
      width: 600,
      waits: true,
    });
    assert.deepEqual(
      layout.bars.map((bar) => [bar.key, bar.lane, bar.last]),
      [
        ['first#0', 0, true],
        ['again#1', 0, true],
        ['again#0', 1, false],
      ],
    );
  });

  it('is empty but whole when there is no operation', () => {
    const layout = layoutTimeline({ operations: [], slots: 4, criticalPath: [], now: 0, domainMs: 1, width: 320, waits: true });
    assert.equal(layout.bars.length, 0);
    assert.equal(layout.lanes.length, 1);
  });

  it('holds for any run and width: bars within bounds, wide enough to see, none over another of its lane', () => {
    fc.assert(
      fc.property(runs, fc.integer({ min: 320, max: 3000 }), ({ operations, slots, end }, width) => {
        const criticalPath: PathStep[] = [];
        const layout = layoutTimeline({ operations, slots, criticalPath, now: end, domainMs: end, width, waits: true });
        const lanes = new Map<number, typeof layout.bars>();
        for (const bar of layout.bars) lanes.set(bar.lane, [...(lanes.get(bar.lane) ?? []), bar]);
        for (const bars of lanes.values()) {
          const least = Math.min(2, (layout.right - layout.left) / bars.length);
          const sorted = [...bars].sort((a, b) => a.x - b.x);
          sorted.forEach((bar, index) => {
            assert.ok(bar.width >= least - 1e-6, `width ${bar.width}`);
            assert.ok(bar.x >= layout.left - 1e-6 && bar.x + bar.width <= layout.right + 1e-6, `bounds ${bar.x} ${bar.width}`);
            const next = sorted[index + 1];
            assert.ok(!next || bar.x + bar.width <= next.x + 1e-6, 'overlap');
          });
        }
        for (const part of [...layout.bars, ...layout.waits]) assert.ok(part.y >= 0 && part.y + part.height <= layout.height);
        for (const wait of layout.waits)
          assert.ok(wait.width >= 0 && wait.x >= layout.left && wait.x + wait.width <= layout.right + 1e-6);
      }),
      { numRuns: 150 },
    );
  });
});

/** Operations that run one after another in their lanes, each after some waiting; durations from nothing to long. */
const runs = fc
  .record({
    slots: fc.integer({ min: 1, max: 6 }),
    jobs: fc.array(
      fc.record({ gap: fc.integer({ min: 0, max: 50 }), ms: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 5_000 })) }),
      {
        minLength: 1,
        maxLength: 120,
      },
    ),
  })
  .map(({ slots, jobs }) => {
    const ends = Array.from({ length: slots }, () => 0);
    const operations = jobs.map(({ gap, ms }, index) => {
      const lane = index % slots;
      const from = (ends[lane] ?? 0) + gap;
      ends[lane] = from + ms;
      const segments: Segment[] = [
        { phase: 'blocked', from: 0, to: from / 2 },
        { phase: 'queued', from: from / 2, to: from },
        { phase: 'running', from, to: from + ms },
      ];
      return operation(`o${index}`, segments, { lane });
    });
    return { slots, operations, end: Math.max(1, ...ends) };
  });

describe('the ticks of the time axis', () => {
  function check(domainMs: number, width: number, expected: readonly string[]): void {
    assert.deepEqual(
      ticks(domainMs, width).map((tick) => tick.label),
      expected,
    );
  }
  it('are round and labelled in the unit of their step', () => {
    check(7_400, 800, ['0', '1 s', '2 s', '3 s', '4 s', '5 s', '6 s', '7 s']);
    check(1, 500, ['0', '1 ms']);
    check(900, 500, ['0', '200 ms', '400 ms', '600 ms', '800 ms']);
    check(2_000, 400, ['0', '500 ms', '1.0 s', '1.5 s', '2.0 s']);
    check(90_000, 320, ['0', '30 s', '1:00 min', '1:30 min']);
    check(600_000, 480, ['0', '2 min', '4 min', '6 min', '8 min', '10 min']);
  });
  it('stay at least about 80 px from each other, for any length of a run', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200_000_000 }), fc.integer({ min: 240, max: 3000 }), (domainMs, width) => {
        const all = ticks(domainMs, width);
        assert.ok(all.length >= 1 && (all.length - 1) * 79.9 <= width);
      }),
    );
  });
});

describe('the scale of a timeline', () => {
  it('ends with a run that is over', () => assert.equal(domainFor(7_400, false, 9_000), 7_400));
  it('stays as it is while a run has room to grow', () => assert.equal(domainFor(3_000, true, 4_000), 4_000));
  it('makes room once that is used up', () => assert.equal(domainFor(10_000, true, 10_100), 14_000));
});

describe('a name in a bar', () => {
  const measure = (text: string): number => [...text].length * 10;
  it('is whole where it fits, shortened where it does not, and absent where two letters do not fit', () => {
    assert.equal(elide('ESLint', 60, measure), 'ESLint');
    assert.equal(elide('ESLint', 50, measure), 'ESLi…');
    assert.equal(elide('ESLint', 20, measure), '');
    assert.equal(elide('😀😀😀😀', 30, measure), '😀😀…');
  });
});
