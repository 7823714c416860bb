import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { RunState } from '../../../src/core/model.js';
import { leavesOf } from '../../../src/core/parts.js';
import type { ReportSubject } from '../../../src/core/report/subject.js';
import { spansOf, timing } from '../../../src/core/timing.js';
import { anyRun, anySchedule, rareRun, SHOP_RUN, shopVerification } from '../../support/reports.js';
import { checked, type Trace } from '../../support/trace.js';

const run = (state: RunState): ReportSubject => ({ kind: 'run', state });
const counter = ({ traceEvents }: Trace, name: string) =>
  traceEvents
    .filter((event) => event.ph === 'C' && event.name === name)
    .map(({ ts, args }) => [ts, ...Object.values(args ?? {})]);

describe('A trace', () => {
  it('is sound: slices of a slot do not overlap, phases lie inside of their operation, nothing is negative', () => {
    for (const subject of [SHOP_RUN, shopVerification(), run(rareRun())]) checked(subject);
    fc.assert(
      fc.property(fc.oneof(anyRun, anySchedule), (state) => void checked(run(state))),
      { numRuns: 60 },
    );
  });

  it('accounts for the time of each operation in each phase, to the microsecond', () => {
    fc.assert(
      fc.property(anySchedule, (state) => {
        const { traceEvents } = checked(run(state));
        for (const operation of leavesOf(state.operations)) {
          const track = traceEvents.find(({ ph, args }) => ph === 'b' && args?.['id'] === operation.id);
          const spans = spansOf(operation, state.at);
          for (const phase of ['blocked', 'locked', 'queued', 'running'] as const) {
            const own = traceEvents.filter(({ cat, id, name }) => cat === 'operation' && id === track?.id && name === phase);
            const total = own.reduce((sum, { ph, ts = 0 }) => sum + (ph === 'e' ? ts : -ts), 0);
            assert.ok(Math.abs(total - spans[phase] * 1000) <= operation.segments.length);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it('has slots as threads, and an attempt on the slot on which it ran', () => {
    const { traceEvents } = checked(run(rareRun()));
    const names = traceEvents.filter(({ name }) => name === 'thread_name').map(({ tid, args }) => [tid, args?.['name']]);
    assert.deepEqual(names, [
      [1001, 'Slot 1'],
      [1002, 'Slot 2'],
      [1003, 'Slot 3'],
    ]);
    const slices = traceEvents.filter(({ ph }) => ph === 'X').map(({ name, tid, ts, dur }) => [name, tid, ts, dur]);
    assert.deepEqual(slices, [
      ['flaky', 1001, 200, 9800],
      ['one and 1 more in one pass', 1001, 13000, 7001],
      ['flaky (attempt 2)', 1003, 14000, 16000],
      ['test.1', 1002, 1400, 19600],
      ['test.2', 1002, 21100, 9900],
    ]);
  });

  it('puts an attempt of a run that was stored before slots were kept with each segment on its last slot', () => {
    const state = rareRun();
    const older = {
      ...state,
      operations: state.operations.map((each) => ({ ...each, segments: each.segments.map(({ lane: _, ...rest }) => rest) })),
    };
    const flaky = checked(run(older)).traceEvents.filter(({ ph, name }) => ph === 'X' && name.startsWith('flaky'));
    assert.deepEqual(
      flaky.map(({ tid }) => tid),
      [1003, 1003],
    );
  });

  it('counts what runs and what waits, slots and memory', () => {
    const trace = checked(run(rareRun()));
    assert.deepEqual(counter(trace, 'slots'), [
      [0, 2],
      [12_000, 3],
    ]);
    assert.deepEqual(counter(trace, 'memory'), [
      [0, 4e9, 0],
      [22_000, 5e9, 7e8],
    ]);
    const counts = trace.traceEvents.filter(({ ph, name }) => ph === 'C' && name === 'operations');
    assert.deepEqual(counts.find(({ ts }) => ts === 14_000)?.args, { blocked: 0, locked: 1, queued: 0, running: 4 });
    assert.deepEqual(counts.at(-1)?.args, { blocked: 0, locked: 0, queued: 0, running: 0 });
  });

  it('never counts more at once than there were slots, and ends at none', () => {
    fc.assert(
      fc.property(anySchedule, (state) => {
        const counts = checked(run(state)).traceEvents.filter(({ ph, name }) => ph === 'C' && name === 'operations');
        const running = counts.map(({ args }) => Number(args?.['running']));
        assert.ok(Math.max(0, ...running) <= timing(state).slots);
        assert.equal(running.at(-1) ?? 0, 0);
      }),
      { numRuns: 30 },
    );
  });

  it('has each trial of a verification as a process of its own, one after another', () => {
    const subject = shopVerification();
    const { traceEvents, otherData } = checked(subject);
    const processes = traceEvents.filter(({ name }) => name === 'process_name').map(({ pid, args }) => [pid, args?.['name']]);
    assert.deepEqual(processes.slice(0, 2), [
      [1, 'Verify Speedup, pair 1, sequential (one after another, failed)'],
      [2, 'Verify Speedup, pair 1, parallel (in parallel, failed)'],
    ]);
    assert.equal(processes.length, 6);
    const spans = processes.map(([pid]) => traceEvents.filter((event) => event.pid === pid && event.ph === 'X'));
    for (const [index, slices] of spans.entries()) {
      const end = Math.max(...slices.map(({ ts = 0, dur = 0 }) => ts + dur));
      assert.ok(Math.min(...(spans[index + 1] ?? [{ ts: end }]).map(({ ts = 0 }) => ts)) >= end);
    }
    assert.deepEqual([otherData['producer'], otherData['title']], ['Volley 1.2.3', 'Verify Speedup']);
  });

  it('draws the critical path as arrows', () => {
    const { traceEvents } = checked(SHOP_RUN);
    const arrows = traceEvents.filter(({ ph }) => ph === 'f').map(({ args }) => args?.['because']);
    assert.deepEqual(arrows, ['slot', 'lock']);
  });
});
