/** Cases that random batches, or a look at their rules, found: each was a defect. */
import assert from 'node:assert/strict';
import type { OperationId } from '../../../src/core/model.js';
import { type BatchWorld, batchWorld, type RanBatch, type Tree } from '../../support/batch-world.js';

type Json = Readonly<Record<string, unknown>>;

const write = (id: string, path: string, content: string, more: Json = {}): Json => ({
  id,
  tool: 'write',
  input: { path, content },
  ...more,
});
const sh = (id: string, shell: string, more: Json = {}): Json => ({ id, tool: 'command', input: { shell }, ...more });

describe('An atomic group', () => {
  let world: BatchWorld;
  before(() => {
    world = batchWorld();
  });
  after(() => world.dispose());

  async function ran(
    tree: Tree,
    operations: readonly Json[],
    slots = 4,
  ): Promise<RanBatch & { readonly kinds: readonly string[] }> {
    const planned = await world.plan(JSON.stringify({ operations }), tree);
    assert.ok(planned.kind === 'batch', JSON.stringify(planned));
    const done = await world.run(planned.batch, tree, { mode: 'parallel', slots, schedule: () => 0 });
    assert.deepEqual(done.complaints, []);
    return { ...done, kinds: done.state.operations.map(({ id, outcome }) => `${id}: ${outcome?.kind}`) };
  }

  it('that was put back never takes away what later operations write', async () => {
    const group = { atomic: true, sequence: [write('a', 'a.txt', 'same'), sh('b', 'echo b > b.txt && false')] };
    const { tree, changed } = await ran({ 'a.txt': 'old' }, [group, write('c', 'a.txt', 'same'), write('d', 'b.txt', 'kept')]);
    assert.deepEqual(tree, { 'a.txt': '644 same', 'b.txt': '644 kept' });
    assert.deepEqual(
      changed.rolledBack.map(({ because, conflicts }) => [because, conflicts]),
      [['b', []]],
    );
  });

  it('is put back whole where commands have changed what its file tools wrote, and the other way round', async () => {
    const group = {
      atomic: true,
      sequence: [
        write('a', 'a.txt', 'written\n'),
        sh('b', 'echo more >> a.txt && echo first > b.txt'),
        write('c', 'b.txt', 'second'),
        sh('d', 'rm c.txt && false'),
      ],
    };
    const before = { 'a.txt': 'old', 'b.txt': 'old', 'c.txt': 'old' };
    const { tree, changed } = await ran(before, [group]);
    assert.deepEqual(tree, { 'a.txt': '644 old', 'b.txt': '644 old', 'c.txt': '644 old' });
    assert.deepEqual(changed.rolledBack[0]?.conflicts, []);
  });

  it('leaves no directory that it has made', async () => {
    const group = { atomic: true, sequence: [write('a', 'x/y/a.txt', 'a'), sh('b', 'mkdir -p z/z'), sh('c', 'cat nowhere.txt')] };
    assert.deepEqual((await ran({}, [group])).tree, {});
  });

  it('is not broken by an attempt that is made again', async () => {
    const again = sh('b', 'cat b.txt && echo x >> c.txt && cat c.txt', { retries: 2 });
    const { kinds } = await ran({ 'b.txt': '1' }, [{ atomic: true, sequence: [write('a', 'a.txt', 'a'), again] }]);
    assert.deepEqual(kinds, ['a: passed', 'b: passed']);
    const failing = sh('b', 'cat nowhere.txt', { retries: 2 });
    const { state } = await ran({}, [{ atomic: true, sequence: [write('a', 'a.txt', 'a'), failing] }]);
    assert.deepEqual(
      state.operations.map(({ outcome, attempts }) => [outcome?.kind, attempts]),
      [
        ['rolled back', 1],
        ['failed', 3],
      ],
    );
  });

  it('gives nothing to what needs a member that was put back', async () => {
    const group = { atomic: true, sequence: [write('a', 'a.txt', 'a'), sh('b', 'false')] };
    const { kinds } = await ran({}, [group, write('c', 'c.txt', '${a.output}')], 1);
    assert.deepEqual(kinds, ['a: rolled back', 'b: failed', 'c: skipped']);
  });

  it('with a member that was skipped is put back before anybody looks', async () => {
    const group = { atomic: true, parallel: [write('a', 'a.txt', 'a'), write('b', 'b.txt', 'b', { needs: ['x'] })] };
    const { kinds, results, tree } = await ran({ 'a.txt': 'old' }, [
      sh('x', 'false'),
      group,
      { id: 'r', tool: 'read', input: { path: 'a.txt' } },
    ]);
    assert.deepEqual(kinds, ['x: failed', 'a: rolled back', 'b: skipped', 'r: passed']);
    assert.equal(results.get('r' as OperationId)?.text, 'old');
    assert.deepEqual(tree, { 'a.txt': '644 old' });
  });

  it('that is never complete is put back at the end, and its members that had passed are rolled back', async () => {
    const group = { atomic: true, parallel: [write('a', 'a.txt', 'a'), write('b', 'b.txt', 'b', { needs: ['x'] })] };
    const { kinds, tree, state, changed } = await ran({ 'a.txt': 'old' }, [sh('x', 'false'), group]);
    assert.deepEqual(kinds, ['x: failed', 'a: rolled back', 'b: skipped']);
    assert.equal(state.outcome, 'failed');
    assert.deepEqual(
      changed.rolledBack.map(({ because, members }) => [because, members]),
      [['b', ['a', 'b']]],
    );
    assert.deepEqual(tree, { 'a.txt': '644 old' });
  });

  it('is one of any number', async () => {
    const groups = Array.from({ length: 25 }, (_, index) => ({
      atomic: true,
      sequence: [write(`w${index}`, `f${index}.txt`, 'x')],
    }));
    const { changed, state } = await ran({}, groups);
    assert.equal(state.outcome, 'passed');
    assert.deepEqual([changed.files.length, changed.undo.length], [25, 25]);
    for (const id of changed.undo) assert.equal((await world.undo(id))?.restored.length, 1, id);
    assert.deepEqual(world.tree(), {});
  });

  it('is undone with what changed its files before and after it', async () => {
    const group = (id: string, content: string) => ({ atomic: true, sequence: [write(id, 'a.txt', content)] });
    const before = { 'a.txt': 'old' };
    for (const operations of [
      [write('x', 'x.txt', 'x'), group('g', 'g'), write('y', 'a.txt', 'y')],
      [write('x', 'a.txt', 'x'), group('g', 'g'), write('y', 'a.txt', 'y')],
      [group('g', 'g'), write('y', 'a.txt', 'y'), group('h', 'h')],
      [group('g', 'g'), group('h', 'h'), write('y', 'a.txt', 'y')],
    ]) {
      const { changed } = await ran(before, operations);
      for (const id of changed.undo) assert.deepEqual((await world.undo(id))?.conflicts, []);
      assert.deepEqual(world.tree(), { 'a.txt': '644 old' }, JSON.stringify(operations));
    }
  });
});
