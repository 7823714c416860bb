import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Analysis, analysisOf, type Duration } from '../../../src/core/analyse/analysis.js';
import { graphOf } from '../../../src/core/analyse/graph.js';
import type { Access, Operation, OperationId, ToolName } from '../../../src/core/model.js';
import { planBatch } from '../../../src/core/plan.js';
import { longestChain, projected, workOf } from '../../../src/core/schedule.js';

interface Sketch {
  readonly id: string;
  readonly tool?: ToolName;
  readonly reads?: readonly string[];
  readonly writes?: readonly string[];
  readonly locks?: readonly string[];
  readonly barrier?: string;
  readonly needs?: readonly string[];
  readonly ms?: number;
  readonly fusion?: string;
  readonly remember?: string;
  readonly together?: string;
}

function operationOf({
  id,
  tool = 'command',
  reads = [],
  writes = [],
  locks = [],
  barrier,
  needs = [],
  fusion,
  remember,
}: Sketch): Operation {
  const access: Access = { reads, writes, locks, ...(barrier === undefined ? {} : { barrier: { because: barrier } }) };
  const invocation =
    tool === 'command' ? { tool, input: { argv: ['x'], cwd: '/w', env: {}, shell: false } } : { tool, input: {} };
  return {
    ...invocation,
    id: id as OperationId,
    name: id,
    access,
    needs: needs as readonly OperationId[],
    timeoutMs: 1,
    retries: 0,
    group: 'x',
    ...(fusion === undefined ? {} : { fusion }),
    ...(remember === undefined ? {} : { remember }),
  } as Operation;
}

function analyse(sketches: readonly Sketch[], slots = 2, kind: Analysis['kind'] = 'commands'): Analysis {
  const planned = planBatch(sketches.map(operationOf), new Map(), slots);
  assert.ok(planned.kind === 'plan');
  const durations = new Map(
    sketches.map(({ id, ms }): readonly [OperationId, Duration] => [
      id as OperationId,
      ms === undefined ? { kind: 'unknown' } : { kind: 'source', ms },
    ]),
  );
  return analysisOf({
    ...{
      title: 'x',
      kind,
      file: 'x',
      isFile: true,
      durations,
      notTaken: [],
      problems: [],
      notes: [],
      plan: planned.plan,
      slots,
      processors: 2,
      folder: '/w',
      batch: '',
    },
    touching: planned.plan.edges.filter(({ reason }) => reason.kind !== 'needs'),
    operations: sketches.map(({ id, tool = 'command', together }) => ({
      id,
      name: id,
      tool,
      input: {},
      text: id,
      file: 'x',
      requires: [],
      ...(together === undefined ? {} : { together }),
    })),
  });
}

const look = (id: string, ms: number, more: Partial<Sketch> = {}): Sketch => ({ id, ms, reads: ['/w/**'], ...more });

describe('An analysis', () => {
  it('counts as parallel what neither waits for another nor shares its lock', () => {
    const { parallel, waves, edges } = analyse([
      look('a', 1, { locks: ['cache'] }),
      look('b', 1, { locks: ['cache'] }),
      look('write', 1, { writes: ['/w/x'] }),
      look('after', 1),
    ]);
    assert.deepEqual(parallel, []);
    assert.deepEqual(waves, [['a', 'b'], ['write'], ['after']]);
    assert.deepEqual(edges, { needs: 0, hazard: 3, barrier: 0, atomic: 0 });
    assert.deepEqual(analyse([look('a', 1), look('b', 1), look('c', 1, { needs: ['a'] })]).parallel, ['a', 'b', 'c']);
  });

  it('says what a barrier holds back', () => {
    const { barriers } = analyse([
      look('a', 1),
      look('b', 1),
      { id: 'script', ms: 1, reads: ['/**'], writes: ['/**'], barrier: 'nobody knows it' },
      look('c', 1),
    ]);
    assert.deepEqual(barriers, [{ operation: 'script', because: 'nobody knows it', holds: 3 }]);
  });

  it('finds what one pass can answer, what is asked twice and what waits for nothing but a failure', () => {
    const { opportunities } = analyse([
      look('r1', 1, { tool: 'read', fusion: 'read', remember: 'read:1' }),
      look('r2', 1, { tool: 'read', fusion: 'read', remember: 'read:2' }),
      look('again', 1, { tool: 'read', fusion: 'read', remember: 'read:1' }),
      look('edit', 1, { writes: ['/w/x'] }),
      look('then', 1, { tool: 'read', fusion: 'read', remember: 'read:1' }),
      { id: 'push', ms: 1, reads: ['/elsewhere'], writes: ['/elsewhere'], needs: ['then'] },
    ]);
    assert.deepEqual(
      opportunities.map(({ kind, operations }) => [kind, operations]),
      [
        ['one pass', ['r1', 'r2', 'again']],
        ['identical', ['r1', 'again']],
        ['order of failure', ['push', 'then']],
      ],
    );
  });

  it('says of calls of an agent how many messages they came in', () => {
    const calls = [look('a', 1, { together: 'm' }), look('b', 1, { together: 'm' }), look('c', 1)];
    assert.match(
      analyse(calls, 2, 'transcript').opportunities[0]?.message ?? '',
      /^3 calls came in 2 messages; by what they read and write 1 wave is enough/,
    );
    assert.deepEqual(analyse(calls, 2, 'commands').opportunities, []);
  });

  it('projects the time for each number of slots and recommends the smallest near the best', () => {
    const { projections } = analyse([look('a', 400), look('b', 300), look('c', 200), look('d', 100, { needs: ['c'] })]);
    assert.equal(projections.unit, 'ms');
    assert.equal(projections.sequential, 1000);
    assert.deepEqual(projections.runs, [
      { slots: 1, makespan: 1000, bound: 1000 },
      { slots: 2, makespan: 600, bound: 500 },
      { slots: 3, makespan: 400, bound: 400 },
    ]);
    assert.equal(projections.recommended, 3);
    assert.deepEqual(projections.criticalPath, ['a']);
  });

  it('counts operations, never seconds, where a duration is not known', () => {
    const { projections } = analyse([look('a', 4000), { id: 'b', reads: ['/w/**'] }]);
    assert.deepEqual([projections.unit, projections.sequential, projections.unknown], ['operations', 2, ['b']]);
    assert.equal(projections.asked.makespan, 1);
  });

  it('keeps of the edges those that no others imply, and the order whole', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(12), { maxLength: 4 }), { minLength: 1, maxLength: 12 }), (needs) => {
        const operations = needs.map((own, index) =>
          operationOf({ id: `o${index}`, needs: [...new Set(own.filter((need) => need < index).map((need) => `o${need}`))] }),
        );
        const planned = planBatch(operations, new Map(), 1);
        assert.ok(planned.kind === 'plan');
        const { out, isBefore, ids } = graphOf(planned.plan);
        const reaches = (from: number, to: number, next: (at: number) => readonly number[]): boolean =>
          next(from).some((at) => at === to || reaches(at, to, next));
        const direct = (at: number) => planned.plan.edges.filter(({ from }) => from === ids[at]).map(({ to }) => ids.indexOf(to));
        ids.forEach((_, a) => {
          ids.forEach((_, b) => {
            const expected = reaches(a, b, direct);
            assert.deepEqual([isBefore(a, b), reaches(a, b, (at) => out[at] ?? [])], [expected, expected]);
            if (out[a]?.includes(b)) assert.ok(!out[a].some((at) => at !== b && isBefore(at, b)), 'no edge is implied');
          });
        });
      }),
    );
  });

  it('projects no run shorter than its bound, none longer than one after another, and none that breaks an order or a lock', () => {
    const sketches = fc.array(
      fc.record({
        needs: fc.array(fc.nat(20), { maxLength: 3 }),
        lock: fc.option(fc.constantFrom('x', 'y'), { nil: undefined }),
        ms: fc.integer({ min: 0, max: 50 }),
      }),
      { minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(sketches, fc.integer({ min: 1, max: 6 }), (all, slots) => {
        const operations = all.map(({ needs, lock }, index) =>
          operationOf({
            id: `o${index}`,
            reads: ['/w/**'],
            locks: lock === undefined ? [] : [lock],
            needs: [...new Set(needs.filter((need) => need < index).map((need) => `o${need}`))],
          }),
        );
        const planned = planBatch(operations, new Map(), slots);
        assert.ok(planned.kind === 'plan');
        const work = workOf(
          graphOf(planned.plan).out,
          planned.plan.operations.map(({ id }) => all[Number(id.slice(1))]?.ms ?? 0),
          planned.plan.operations.map(({ access }) => access.locks),
        );
        const run = projected(work, slots);
        const total = all.reduce((sum, each) => sum + each.ms, 0);
        assert.ok(run.makespan >= run.bound - 1e-9 && run.makespan <= total + 1e-9);
        assert.equal(projected(work, 1).makespan, total);
        const chain = longestChain(work).reduce((sum, at) => sum + (work.durations[at] ?? 0), 0);
        assert.equal(chain, Math.max(...work.paths));
      }),
    );
  });
});
