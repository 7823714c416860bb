import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Operation, Outcome, RunState } from '../../../src/core/model.js';
import type { ReportSubject } from '../../../src/core/report/subject.js';
import { rareRun, SHOP_RUN, shopVerification } from '../../support/reports.js';
import { operation, startRig } from '../../support/rig.js';
import { checked, grouped, type Trace } from '../../support/trace.js';

const ENDS: readonly Outcome[] = [
  { kind: 'passed' },
  { kind: 'failed' },
  { kind: 'errored', failure: { kind: 'internal', message: 'no' } } as unknown as Outcome,
  { kind: 'timed out', timeoutMs: 5 } as unknown as Outcome,
];

/** Work that is planned, with needs, locks, tries and passes; what needs something needs what stands before it. */
const work: fc.Arbitrary<readonly Operation[]> = fc
  .array(
    fc.record({
      needs: fc.array(fc.nat(20), { maxLength: 2 }),
      locks: fc.subarray(['cache', 'port']),
      retries: fc.nat(2),
      fusion: fc.option(fc.constantFrom('one pass', 'another'), { nil: undefined }),
      name: fc.constantFrom('lint', 'types', 'a\nb', '</script>', ''),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((all) =>
    all.map(({ needs, locks, retries, fusion, name }, index) =>
      operation(String(index), {
        ...{ name, retries, access: { locks: fusion === undefined ? locks : [] } },
        ...(fusion === undefined ? {} : { fusion }),
        needs: [...new Set(needs.filter((need) => need < index).map(String))],
      }),
    ),
  );

interface Acts {
  readonly slots: number;
  readonly sequential: boolean;
  /** What happens, as numbers that choose among what can. */
  readonly choices: readonly number[];
}
const acts: fc.Arbitrary<Acts> = fc.record({
  slots: fc.integer({ min: 1, max: 4 }),
  sequential: fc.boolean(),
  choices: fc.array(fc.nat(1000), { minLength: 20, maxLength: 60 }),
});

/** The run as the executor makes it, while operations end in any way and order, slots move, and somebody may stop it. */
async function executed(operations: readonly Operation[], { slots, sequential, choices }: Acts): Promise<RunState> {
  const rig = await startRig(operations, { slots, mode: sequential ? 'sequential' : 'parallel' });
  for (let turn = 0; rig.running().length > 0; turn += 1) {
    const choice = choices[turn % choices.length] ?? 0;
    rig.tick((choice % 7) * 1.37);
    const running = rig.running();
    if (choice % 17 === 16) await rig.setSlots(1 + (choice % 5));
    if (choice % 97 === 96) await rig.cancel();
    const [id] = running.slice(choice % running.length);
    if (id !== undefined && rig.running().includes(id)) await rig.release(id, ENDS[turn % 3 === 0 ? choice % ENDS.length : 0]);
  }
  await rig.finished;
  return rig.state();
}

/** What the engine behind the performance panel of Chrome's developer tools makes of a trace. */
interface Loaded {
  readonly Meta: { readonly traceIsGeneric: boolean };
  readonly Renderer: { readonly processes: ReadonlyMap<number, { readonly threads: ReadonlyMap<number, Thread> }> };
  readonly Flows: { readonly flows: readonly (readonly unknown[])[] };
}
interface Thread {
  readonly name: string | null;
  readonly entries: readonly { readonly name: string; readonly ts: number; readonly dur?: number }[];
  readonly tree?: { readonly roots: { readonly size: number } };
}

async function loaded({ traceEvents }: Trace): Promise<Loaded> {
  // Its types want a DOM.
  const place: string = '@paulirish/trace_engine/models/trace/trace.js';
  const { TraceModel, Types } = await import(place);
  const engine = TraceModel.Model.createWithAllHandlers(Types.Configuration.defaults());
  // It changes what it is given.
  await engine.parse(structuredClone(traceEvents), { metadata: {}, isFreshRecording: false });
  const parsed = engine.parsedTrace(0);
  return parsed.data ?? parsed;
}

/** Every slot is there with its name and its slices, none inside of another, and every arrow. */
async function loadsWhole(subject: ReportSubject): Promise<void> {
  const trace = checked(subject);
  const { Meta, Renderer, Flows } = await loaded(trace);
  assert.equal(Meta.traceIsGeneric, true);
  const slices = trace.traceEvents.filter(({ ph }) => ph === 'X');
  const ours = grouped(slices, ({ pid, tid }) => `${pid} ${tid}`);
  const theirs = new Map<string, Thread>(
    [...Renderer.processes].flatMap(([pid, { threads }]) =>
      [...threads].map(([tid, thread]) => [`${pid} ${tid}`, thread] as const),
    ),
  );
  for (const [thread, own] of ours) {
    const { name, entries, tree } = theirs.get(thread) ?? assert.fail(`the thread ${thread} is not there`);
    assert.match(name ?? '', /^Slot \d+$/);
    const told = (all: readonly { readonly name: string; readonly ts?: number; readonly dur?: number }[]) =>
      all.map((each) => [each.name, each.ts, each.dur]).sort();
    assert.deepEqual(told(entries.filter(({ name: event }) => event !== 'critical path')), told(own));
    // It takes what has no length for a part of what begins at the same moment.
    if (own.every(({ dur }) => dur !== 0)) assert.equal(tree?.roots.size, entries.length, 'nothing lies in anything else');
  }
  const arrows = trace.traceEvents.filter(({ ph }) => ph === 's');
  // What ends when it begins, and what began in a pass after others, has no slice that begins just then.
  if (trace.traceEvents.every(({ ph, dur, args }) => ph !== 'X' || (dur !== 0 && args?.['operations'] === undefined)))
    assert.equal(Flows.flows.length, arrows.length);
}

describe('A trace of any run', function () {
  this.timeout(60_000);

  it('is as the documentation of the format has it', async () => {
    await fc.assert(
      fc.asyncProperty(work, acts, async (operations, how) => {
        checked({ kind: 'run', state: await executed(operations, how) });
      }),
      { numRuns: Number(process.env['VOLLEY_CASES'] ?? 60) },
    );
  });

  it("is loaded whole by the engine of Chrome's developer tools", async () => {
    for (const subject of [SHOP_RUN, shopVerification(), { kind: 'run', state: rareRun() } as const]) await loadsWhole(subject);
    await fc.assert(
      fc.asyncProperty(work, acts, async (operations, how) =>
        loadsWhole({ kind: 'run', state: await executed(operations, how) }),
      ),
      { numRuns: 10 },
    );
  });
});
