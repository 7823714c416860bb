import assert from 'node:assert/strict';
import fc from 'fast-check';
import { globIndex, globsMayMeet } from '../../src/core/globs.js';
import type { OperationId } from '../../src/core/model.js';
import { planBatch } from '../../src/core/plan.js';
import { operation } from '../support/rig.js';

const durations = (entries: Record<string, number> = {}) => new Map(Object.entries(entries)) as Map<OperationId, number>;

function check(operations: Parameters<typeof planBatch>[0], expected: readonly string[], known: Record<string, number> = {}) {
  const planned = planBatch(operations, durations(known), 2);
  assert.ok(planned.kind === 'plan', JSON.stringify(planned));
  const edges = planned.plan.edges.map(
    ({ from, to, reason }) =>
      `${from} → ${to}: ${reason.kind === 'hazard' ? `${reason.hazard} ${reason.path}` : reason.kind === 'barrier' ? `barrier ${reason.operation}` : 'needs'}`,
  );
  assert.deepEqual(edges, expected);
  return planned.plan;
}

function problems(operations: Parameters<typeof planBatch>[0], expected: readonly object[]) {
  const planned = planBatch(operations, durations(), 2);
  assert.deepEqual(planned, { kind: 'problems', problems: expected });
}

describe('A plan', () => {
  it('lets readers of the same files overlap', () => {
    check([operation('a', { access: { reads: ['/w/**'] } }), operation('b', { access: { reads: ['/w/**'] } })], []);
  });

  it('lets nothing that touches anything run beside what may touch anything', () => {
    const barrier = operation('b', { access: { barrier: { because: 'nobody knows it' } } });
    const reader = (id: string) => operation(id, { access: { reads: ['/w/a'] } });
    check(
      [reader('r'), barrier, operation('n'), operation('l', { access: { locks: ['port'] } }), reader('s')],
      ['r → b: barrier b', 'b → l: barrier b', 'b → s: barrier b'],
    );
  });

  it('has an edge, with its reason, for each hazard', () => {
    check(
      [operation('build', { access: { writes: ['/w/dist/**'] } }), operation('test', { access: { reads: ['/w/**'] } })],
      ['build → test: read after write /w/dist/**'],
    );
    check(
      [operation('test', { access: { reads: ['/w/**'] } }), operation('build', { access: { writes: ['/w/dist/**'] } })],
      ['test → build: write after read /w/dist/**'],
    );
    check(
      [operation('a', { access: { writes: ['/w/x'] } }), operation('b', { access: { writes: ['/w/x'] } })],
      ['a → b: write after write /w/x'],
    );
    check([operation('a', { access: { writes: ['/w/x'] } }), operation('b', { access: { writes: ['/w/y'] } })], []);
  });

  it('lets needs decide the order of a pair against which their place in the batch would speak', () => {
    check(
      [operation('use', { needs: ['make'], access: { reads: ['/w/**'] } }), operation('make', { access: { writes: ['/w/x'] } })],
      ['make → use: needs'],
    );
  });

  it('lists all problems of a batch together', () => {
    problems(
      [operation('a'), operation('a'), operation('b', { needs: ['c', 'a'] })],
      [
        { kind: 'duplicate id', operation: 'a' },
        { kind: 'unknown need', operation: 'b', need: 'c' },
      ],
    );
  });

  it('names the members of a cycle in the order in which they wait', () => {
    const batch = [
      operation('after', { needs: ['a'] }),
      operation('a', { needs: ['b'] }),
      operation('b', { needs: ['c'] }),
      operation('c', { needs: ['a'] }),
    ];
    problems(batch, [{ kind: 'cycle', operations: ['a', 'b', 'c'] }]);
    problems([operation('a', { needs: ['a'] })], [{ kind: 'cycle', operations: ['a'] }]);
  });

  it('gives each operation the longest remaining path as its priority', () => {
    const plan = check([operation('a'), operation('b', { needs: ['a'] }), operation('c')], ['a → b: needs'], {
      a: 10,
      b: 5,
      c: 12,
    });
    assert.deepEqual(Object.fromEntries(plan.priorities), { a: 15, b: 5, c: 12 });
    assert.deepEqual(plan.criticalPath, ['a', 'b']);
    assert.equal(plan.lowerBoundMs, 15);
  });

  it('claims no lower bound while a duration is unknown', () => {
    const plan = check([operation('a'), operation('b')], [], { a: 10 });
    assert.equal(plan.lowerBoundMs, undefined);
  });

  it('is the sum over the slots when that is more than the critical path', () => {
    assert.equal(check([operation('a'), operation('b'), operation('c')], [], { a: 10, b: 10, c: 10 }).lowerBoundMs, 15);
  });

  it('orders every conflicting pair and has no cycle, whatever the access sets and needs', () => {
    const paths = fc.subarray(['/w/a', '/w/b', '/w/dir/**', '/w/**', '/w/dir/x.ts', '/w/*.ts']);
    const batch = fc.array(fc.record({ reads: paths, writes: paths, needs: fc.array(fc.nat(7), { maxLength: 2 }) }), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(batch, (entries) => {
        const operations = entries.map(({ reads, writes, needs }, index) =>
          // Needs point to either side, but without a cycle: even ones may only need odd ones.
          operation(String(index), {
            access: { reads, writes },
            needs: index % 2 === 0 ? needs.filter((need) => need % 2 === 1 && need < entries.length).map(String) : [],
          }),
        );
        const planned = planBatch(operations, durations(), 2);
        assert.ok(planned.kind === 'plan');
        const { edges, priorities } = planned.plan;
        assert.equal(priorities.size, operations.length, 'every operation has a place in a topological order of the edges');
        const reach = new Map<string, Set<string>>();
        const from = (id: string): Set<string> => {
          const known = reach.get(id);
          if (known) return known;
          const all = new Set<string>();
          reach.set(id, all);
          for (const edge of edges) {
            if (edge.from !== id) continue;
            all.add(edge.to);
            for (const further of from(edge.to)) all.add(further);
          }
          return all;
        };
        for (const a of operations) {
          for (const b of operations) {
            if (a === b) continue;
            const conflict = a.access.writes.some((glob) =>
              [...b.access.reads, ...b.access.writes].some((other) => globsMayMeet(glob, other)),
            );
            if (conflict) assert.ok(from(a.id).has(b.id) || from(b.id).has(a.id), `${a.id} and ${b.id} are ordered`);
          }
        }
      }),
    );
  });
});

describe('Two globs', () => {
  const meet = (left: string, right: string, expected: boolean) => {
    it(`${left} and ${right} ${expected ? 'may meet' : 'never meet'}`, () => {
      assert.equal(globsMayMeet(left, right), expected);
      assert.equal(globsMayMeet(right, left), expected);
    });
  };
  meet('/w/a', '/w/a', true);
  meet('/w/a', '/w/b', false);
  meet('/w/a', '/w/A', true);
  meet('/w/**', '/w/x/y/z.ts', true);
  meet('/w/**', '/v/x', false);
  meet('/w/dir', '/w/dir/file', true);
  meet('/w/*.ts', '/w/*.js', false);
  meet('/w/*.ts', '/w/a.*', true);
  meet('/w/a*', '/w/b*', false);
  meet('/w/**/x.ts', '/w/a/b/x.ts', true);
  meet('/w/**/x.ts', '/v/a/x.ts', false);
  meet('/w/{a,b}.ts', '/w/b.ts', true);
  meet('/w/{a/b,c}', '/w/c', true);
  meet('/w/+(a|b)', '/w/b', true);
  meet('/w/\\*', '/w/*', true);
  meet('**', '/anything', true);

  it('looks at the same pairs of globs as if it compared each with each', () => {
    const segment = fc.constantFrom('a', 'A', 'b', '*', '**', 'a*', '{a,b}', '{a', 'b}', '', '[ab]', '\\*');
    const glob = fc.array(segment, { minLength: 1, maxLength: 4 }).map((all) => `/${all.join('/')}`);
    fc.assert(
      fc.property(fc.array(glob, { maxLength: 8 }), glob, (all, wanted) => {
        const index = globIndex<string>();
        for (const each of all) index.add(each, each);
        const found = new Set<string>();
        index.meeting(wanted, (each) => found.add(each));
        assert.deepEqual([...found].sort(), [...new Set(all.filter((each) => globsMayMeet(each, wanted)))].sort());
      }),
      { numRuns: 3000 },
    );
  });

  it('has no more edges than memory holds, and says so', () => {
    const all = Array.from({ length: 1200 }, (_, at) => operation(`o${at}`, { access: { writes: ['/w/x'] } }));
    problems(all, [{ kind: 'too many edges', most: 500_000 }]);
  });

  it('bounds the time by the lock that is held longest, too', () => {
    const held = ['a', 'b', 'c'].map((id) => operation(id, { access: { locks: ['port'] } }));
    const durations = new Map(held.map(({ id }) => [id, 100]));
    const planned = planBatch([...held, operation('d')], new Map([...durations, ['d' as OperationId, 50]]), 4);
    assert.ok(planned.kind === 'plan');
    assert.equal(planned.plan.lowerBoundMs, 300);
  });
});
