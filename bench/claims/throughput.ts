/** Many short operations: claims 5 and 10. */
import type { RunState } from '../../src/core/model.js';
import { type Check, type Claim, type Figure, fact } from './claim.js';
import { type Measurement, measure, speedup, timesText } from './measure.js';
import type { Place } from './place.js';
import { standIns } from './stand-ins.js';

const SLOTS = 4;
const CALLS = 24;
/** With fewer a verification has no verdict. */
const VERDICT_PAIRS = 6;

/** From 110 ms to 294 ms, 202 ms on average. */
const LENGTHS = Array.from({ length: CALLS }, (_, index) => 110 + 8 * index);

/** Pairs that must not overlap and did, and attempts that had to be repeated. */
function conflictsIn({ operations, edges }: RunState): number {
  const running = new Map(
    operations.map(({ id, segments }) => {
      const spans = segments.filter(({ phase }) => phase === 'running');
      return [id, { from: spans[0]?.from ?? 0, to: spans.at(-1)?.to ?? 0 }];
    }),
  );
  const overlapping = edges.filter(({ from, to }) => (running.get(from)?.to ?? 0) > (running.get(to)?.from ?? 0));
  return overlapping.length + operations.filter(({ attempts }) => attempts > 1).length;
}

function efficiency({ ratio, interval, bound }: Measurement): Figure {
  return {
    ...{ kind: 'figure', name: 'efficiency', unit: '%', ours: ratio / SLOTS, limit: bound.limit / SLOTS },
    target: { kind: 'at least', value: 0.97 },
    ...(interval ? { interval: { low: interval.low / SLOTS, high: interval.high / SLOTS } } : {}),
  };
}

const TOOL_CALLS: Claim<Place> = {
  number: 5,
  title: 'tool calls of 202 ms on average, 4 slots',
  theirs: '121 ms a call on average (40 % less), throughput 3.3×, efficiency 85 %, conflicts 5 % → 0',
  standIn:
    '24 calls from 110 ms to 294 ms: 22 requests to a server that answers late, and 2 commands that add a line to the same file, which must not overlap.',
  async check(place) {
    const make = standIns(place);
    const operations = LENGTHS.map((ms, index) =>
      index < 2 ? make.append(`append-${index}`, ms, 'shared.log') : make.fetch(`call-${index}`, ms),
    );
    const measurement = await measure(place, { name: '24 calls', operations, waits: make.waits, slots: SLOTS, ranBefore: true });
    const conflicts = measurement.pairs.reduce((sum, { parallel }) => sum + conflictsIn(parallel), 0);
    const hazards = measurement.batch.plan.edges.filter(({ reason }) => reason.kind === 'hazard').length;
    return [
      { ...speedup(measurement, 3.9), name: 'throughput' },
      efficiency(measurement),
      fact(
        'no conflict, where one was possible',
        conflicts === 0 && hazards === 1,
        `${conflicts} conflicts in ${measurement.pairs.length} parallel trials, ${hazards} pair kept in order`,
      ),
      measurement.equal,
      {
        kind: 'note',
        text: `${timesText(measurement)}; a call every ${(measurement.parallelMs / CALLS).toFixed(1)} ms instead of ${(measurement.sequentialMs / CALLS).toFixed(1)} ms`,
      },
    ];
  },
};

const SHORT: Claim<Place> = {
  number: 10,
  title: 'very short tasks (10 ms)',
  theirs: '0.99×: “too fast to show a benefit”',
  standIn:
    '100 requests in this process to a server that answers after 10 ms; and 40 of them of which each needs the one before, so that nothing can be gained.',
  async check(place) {
    const make = standIns(place);
    const many = Array.from({ length: 100 }, (_, index) => make.fetch(`short-${index}`, 10));
    const measurement = await measure(place, { name: '100 tasks', operations: many, waits: make.waits, slots: SLOTS });
    const chained = standIns(place);
    const chain = Array.from({ length: 40 }, (_, index) =>
      chained.fetch(`link-${index}`, 10, index === 0 ? {} : { needs: [`link-${index - 1}`] }),
    );
    const chainMeasured = await measure(place, {
      name: 'a chain of 40',
      operations: chain,
      waits: chained.waits,
      slots: SLOTS,
      pairs: VERDICT_PAIRS,
    });
    return [
      speedup(measurement, 0.8 * SLOTS),
      measurement.equal,
      fact(
        'a plain “no gain” where there is none',
        chainMeasured.verdict === 'no gain',
        `verdict “${chainMeasured.verdict}”, ${chainMeasured.ratio.toFixed(3)}×`,
      ),
      { kind: 'note', text: timesText(measurement) },
    ] satisfies Check[];
  },
};

export const THROUGHPUT: readonly Claim<Place>[] = [TOOL_CALLS, SHORT];
