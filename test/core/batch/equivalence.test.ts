/** Any parallel schedule of a batch ends in the files and the results of running it one after another. */
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import type { OperationId } from '../../../src/core/model.js';
import { type BatchWorld, batchWorld, type RanBatch, type Tree } from '../../support/batch-world.js';

const CASES = Number(process.env['VOLLEY_CASES'] ?? (process.env['CI'] ? 10_000 : 300));

const FILES = ['a.txt', 'b.txt', 'c.md', 'd/a.txt', 'd/b.txt', 'd/e/f.txt', 'g/h.txt'] as const;
const DIRECTORIES = ['.', 'd', 'd/e', 'g'] as const;
const GLOBS = ['**', '*.txt', 'd/**', '**/*.md', '**/a.txt', '*/*.txt'] as const;

type Json = Readonly<Record<string, unknown>>;

const file = fc.constantFrom(...FILES);
const directory = fc.constantFrom(...DIRECTORIES);
const content = fc.constantFrom('x\n', 'y\n', 'x\ny\n', 'z\n', '');
const tree: fc.Arbitrary<Tree> = fc
  .uniqueArray(fc.tuple(file, fc.constantFrom('x\n', 'y\n', 'x\ny\n', 'z\n')), { selector: ([name]) => name, maxLength: 6 })
  .map((entries) => Object.fromEntries(entries));

const shell = fc.oneof(
  file.map((a) => `cat ${a}`),
  fc.tuple(file, file).map(([a, b]) => `cp ${a} ${b}`),
  fc.tuple(file, content).map(([a, text]) => `printf '${text.trim() || 'n'}' > ${a}`),
  fc.tuple(file, content).map(([a, text]) => `echo '${text.trim() || 'n'}' >> ${a}`),
  fc.tuple(file, file).map(([a, b]) => `cat ${a} > ${b}`),
  fc.tuple(file, file).map(([a, b]) => `echo 'k' > ${a} && cat ${b}`),
  fc.tuple(file, fc.constantFrom('rm', 'rm -f')).map(([a, program]) => `${program} ${a}`),
  fc.tuple(file, file).map(([a, b]) => `cat ${a} && rm ${b} && false`),
  directory.map((a) => `mkdir -p ${a}/n`),
);

/** `%` in a text stands for a reference to something before it. */
const operation: fc.Arbitrary<Json> = fc.oneof(
  { weight: 3, arbitrary: file.map((path): Json => ({ tool: 'read', input: { path } })) },
  { weight: 1, arbitrary: fc.constant<Json>({ tool: 'read', input: { path: ['%files'] } }) },
  { weight: 1, arbitrary: directory.map((path): Json => ({ tool: 'list', input: { path } })) },
  { weight: 1, arbitrary: fc.constantFrom(...GLOBS).map((patterns): Json => ({ tool: 'glob', input: { patterns } })) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('x', 'y'), fc.constantFrom<string>(...DIRECTORIES, ...FILES))
      .map(([pattern, paths]): Json => ({ tool: 'grep', input: { pattern, paths } })),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(file, fc.oneof(content, fc.constantFrom('%output', '[%output]\n', '%exitCode')))
      .map(([path, text]): Json => ({ tool: 'write', input: { path, content: text } })),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(file, fc.constantFrom('x', 'y', 'z'), fc.constantFrom('x', 'y', 'w', '%output'), fc.boolean())
      .map(([path, old, to, all]): Json => ({ tool: 'edit', input: { path, replacements: [{ old, new: to, all }] } })),
  },
  { weight: 5, arbitrary: shell.map((line): Json => ({ tool: 'command', input: { shell: line } })) },
);

/** Once in so many times, else null. */
const rarely = <Value>(value: fc.Arbitrary<Value>, times: number) =>
  fc.oneof({ weight: times - 1, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: value });

const decorated: fc.Arbitrary<Json> = fc
  .tuple(
    operation,
    fc.record({
      onFailure: rarely(fc.constant('continue'), 5),
      retries: rarely(fc.constant(1), 8),
      needs: rarely(fc.constant(['%']), 5),
      matrix: rarely(fc.uniqueArray(file, { minLength: 1, maxLength: 3 }), 8),
      atomic: rarely(fc.constant(true), 10),
    }),
  )
  .map(([own, { matrix, ...more }]) => {
    const kept = Object.fromEntries(Object.entries(more).filter(([, value]) => value !== null));
    if (matrix === null || own['tool'] === 'command') return { ...own, ...kept };
    const input = own['input'] as Json;
    return 'path' in input
      ? { ...own, ...kept, input: { ...input, path: '${matrix.f}' }, matrix: { f: matrix } }
      : { ...own, ...kept };
  });

const { member } = fc.letrec<{ member: Json; group: Json }>((tie) => ({
  group: fc
    .record({
      kind: fc.constantFrom('parallel', 'sequence'),
      members: fc.array(tie('member'), { minLength: 1, maxLength: 4 }),
      atomic: fc.boolean(),
      limit: fc.integer({ min: 1, max: 3 }),
    })
    .map(({ kind, members, atomic, limit }) => ({
      [kind]: members,
      ...(atomic ? { atomic } : {}),
      ...(kind === 'parallel' ? { limit } : {}),
    })),
  member: fc.oneof(
    { maxDepth: 2, depthSize: 'small' },
    { weight: 4, arbitrary: decorated },
    { weight: 2, arbitrary: tie('group') },
  ),
}));

const members = fc.array(member, { minLength: 1, maxLength: 7 });

/** Gives ids, and references to what stands before. `choose` yields any number. */
function named(all: readonly Json[], choose: () => number): readonly Json[] {
  const ids: string[] = [];
  let count = 0;
  const before = () => ids[choose() % Math.max(1, ids.length)];
  const filled = (value: unknown): unknown => {
    if (typeof value === 'string')
      return value.replace(/%(\w+)/g, (_, asked: string) => (before() === undefined ? 'none' : `\${${before()}.${asked}}`));
    if (Array.isArray(value)) return value.map(filled);
    return typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, filled(inner)]))
      : value;
  };
  const walk = (each: Json): Json => {
    count += 1;
    const id = `o${count}`;
    const kind = ['parallel', 'sequence'].find((name) => name in each);
    const inner = kind === undefined ? {} : { [kind]: (each[kind] as readonly Json[]).map(walk) };
    const need = before();
    const { needs: wanted, ...rest } = each;
    const needs = wanted === undefined || need === undefined ? {} : { needs: [need] };
    const result = { id, ...(kind === undefined ? (filled(rest) as Json) : rest), ...inner, ...needs };
    ids.push(id);
    return result;
  };
  return all.map(walk);
}

/** What has to be the same. Of a broken atomic group nothing remains, so only that it is broken. */
function outcomeOf({ state, results, tree: files }: RanBatch, atomic: ReadonlyMap<string, string | undefined>): unknown {
  const kind = new Map(state.operations.map(({ id, outcome }) => [id as string, outcome?.kind]));
  const broken = new Set([...atomic].flatMap(([id, group]) => (group !== undefined && kind.get(id) !== 'passed' ? [group] : [])));
  return {
    files,
    operations: [...atomic].map(([id, group]) => {
      if (group !== undefined && broken.has(group)) return `${id}: broken`;
      const result = results.get(id as OperationId);
      const { text, files: about, json, exitCode } = result ?? {};
      return { id, kind: kind.get(id), text, about, json, exitCode };
    }),
  };
}

async function check(
  world: BatchWorld,
  operations: readonly Json[],
  files: Tree,
  slots: number,
  turns: () => number,
): Promise<boolean> {
  const planned = await world.plan(JSON.stringify({ operations }), files);
  if (planned.kind === 'problems') return false;
  const { batch } = planned;
  const atomic = new Map(batch.operations.map(({ id, atomic: group }) => [id, group]));
  const one = await world.run(batch, files, { mode: 'sequential', slots: 1, schedule: () => 0 });
  const many = await inTime(world.run(batch, files, { mode: 'parallel', slots, schedule: turns }), { operations, files, slots });
  assert.deepEqual([one.complaints, many.complaints], [[], []]);
  for (const { changed } of [one, many]) for (const { conflicts } of changed.rolledBack) assert.deepEqual(conflicts, []);
  const [is, should] = [outcomeOf(many, atomic), outcomeOf(one, atomic)];
  assert.deepEqual(is, should, isDeepStrictEqual(is, should) ? '' : JSON.stringify({ operations, files, slots, is, should }));
  return true;
}

/** Fails when a run does not end. */
async function inTime(run: Promise<RanBatch>, what: object): Promise<RanBatch> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`It does not end: ${JSON.stringify(what)}`)), 10_000);
  });
  return Promise.race([run, late]).finally(() => clearTimeout(timer));
}

/** Reproducible numbers. */
function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 8;
  };
}

describe('A batch in any order that its plan allows', function () {
  this.timeout(600_000);
  let world: BatchWorld;
  before(() => {
    world = batchWorld();
  });
  after(() => world.dispose());

  it('keeps the order of what makes a directory and of a program that wants it', async () => {
    const late = { tool: 'command', input: { shell: "echo 'x' >> d/a.txt" }, needs: ['o2'], onFailure: 'continue' };
    const slow = { id: 'o2', tool: 'read', input: { path: 'b.txt' } };
    const makers: readonly Json[] = [
      { tool: 'command', input: { shell: 'mkdir -p d/n' } },
      { tool: 'write', input: { path: 'd/b.txt', content: '' } },
    ];
    for (const maker of makers) assert.ok(await check(world, [slow, late, maker], { 'b.txt': 'x' }, 4, () => 5));
    for (const maker of makers)
      assert.ok(await check(world, [slow, { ...maker, needs: ['o2'] }, late], { 'b.txt': 'x' }, 4, () => 5));
  });

  it('keeps the order of two operations between which one was skipped that need not pass', async () => {
    const operations: readonly Json[] = [
      { id: 'no', tool: 'command', input: { shell: 'false' } },
      {
        sequence: [
          { id: 'first', tool: 'command', input: { shell: "echo 'x' >> a.txt" } },
          { id: 'skipped', tool: 'read', input: { path: 'b.txt' }, needs: ['no'], onFailure: 'continue' },
          { id: 'second', tool: 'command', input: { shell: "echo 'y' >> a.txt" } },
        ],
      },
    ];
    const turns = [0, 9, 0, 60];
    assert.ok(await check(world, operations, { 'a.txt': '' }, 4, () => turns.shift() ?? 1));
    const planned = await world.plan(JSON.stringify({ operations }), {});
    assert.ok(planned.kind === 'batch');
    assert.ok(planned.batch.plan.edges.some(({ from, to }) => from === 'first' && to === 'second'));
  });

  it('gives nothing of a broken atomic group to those after it, whichever of its members ran', async () => {
    const operations: readonly Json[] = [
      {
        id: 'both',
        atomic: true,
        parallel: [
          { tool: 'read', input: { path: 'c.md' } },
          { id: 'written', tool: 'write', input: { path: 'b.txt', content: 'y' }, onFailure: 'continue' },
        ],
      },
      { tool: 'write', input: { path: 'a.txt', content: '${written.output}' }, needs: ['written'], onFailure: 'continue' },
    ];
    const turns = [9, 0];
    assert.ok(await check(world, operations, {}, 4, () => turns.shift() ?? 0));
  });

  it('ends where one of several reads in one pass must not start, as its atomic group is broken', async () => {
    const operations: readonly Json[] = [
      { id: 'long', tool: 'command', input: { shell: "echo 'x' >> a.txt" } },
      {
        atomic: true,
        parallel: [
          { tool: 'command', input: { shell: 'false' } },
          { tool: 'read', input: { path: 'a.txt' } },
        ],
      },
      { tool: 'read', input: { path: 'a.txt' } },
    ];
    assert.ok(await check(world, operations, { 'a.txt': '' }, 4, () => 20));
  });

  it(`ends as one operation after another does, in ${CASES} random cases`, async () => {
    let ran = 0;
    await fc.assert(
      fc.asyncProperty(tree, members, fc.integer({ min: 1, max: 6 }), fc.nat(), async (files, all, slots, seed) => {
        const next = numbers(seed);
        const most = [0, 3, 10, 30][next() % 4] ?? 0;
        if (await check(world, named(all, numbers(seed + 1)), files, slots, () => (most === 0 ? 0 : next() % most))) ran += 1;
      }),
      {
        numRuns: CASES,
        endOnFailure: process.env['VOLLEY_SHRINK'] === undefined,
        ...(process.env['VOLLEY_SEED'] ? { seed: Number(process.env['VOLLEY_SEED']) } : {}),
      },
    );
    assert.ok(ran > CASES * 0.5, `only ${ran} of ${CASES} could be planned`);
  });
});
