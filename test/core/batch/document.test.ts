import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as z from 'zod/mini';
import { readBatch } from '../../../src/core/batch/document.js';
import { expandBatch } from '../../../src/core/batch/expand.js';

const SCHEMAS = {
  read: z.strictObject({ path: z.union([z.string(), z.array(z.string())]), most: z.optional(z.int()) }),
  command: z.strictObject({ argv: z.array(z.string()).check(z.minLength(1)) }),
} as const;
const schemas = (tool: string): z.ZodMiniType<unknown> =>
  (SCHEMAS as Readonly<Record<string, z.ZodMiniType<unknown>>>)[tool] ?? z.record(z.string(), z.unknown());

const files = (globs: readonly string[]) => ({
  kind: 'files' as const,
  files: globs.includes('src/*.ts') ? ['src/a.ts', 'src/b.ts'] : [],
});

function expanded(batch: unknown) {
  const { document, problems } = readBatch(typeof batch === 'string' ? batch : JSON.stringify(batch), schemas);
  const { operations, problems: others } = expandBatch(document, files);
  return { operations, problems: [...problems, ...others].map(({ line, column, message }) => `${line}:${column} ${message}`) };
}

/** Each operation as `id <- needs`. */
function needsOf(batch: unknown): readonly string[] {
  const { operations, problems } = expanded(batch);
  assert.deepEqual(problems, []);
  return operations.map(({ id, needs }) => (needs.length === 0 ? id : `${id} <- ${needs.join(' ')}`));
}

const read = (id: string, more: object = {}) => ({ id, tool: 'read', input: { path: 'a' }, ...more });

describe('A batch file', () => {
  it('holds operations and groups to any depth', () => {
    const operations = [
      read('a'),
      { id: 'both', parallel: [read('b'), { sequence: [read('c'), read('d')] }], limit: 2 },
      read('e', { needs: ['both'] }),
    ];
    assert.deepEqual(needsOf({ operations }), ['a', 'b', 'c', 'd <- c', 'e <- b c d']);
    const limits = expanded({ operations }).operations.map(({ limits: own }) =>
      own.map(({ most, member }) => `${most} ${member}`),
    );
    assert.deepEqual(limits, [[], ['2 both/0'], ['2 both/1'], ['2 both/1'], []]);
  });

  it('makes a dependency of each reference, also to what stands later', () => {
    const operations = [read('a', { input: { path: '${b.files}' } }), read('b'), read('c', { input: { path: 'x-${a.output}' } })];
    assert.deepEqual(needsOf({ operations }), ['a <- b', 'b', 'c <- a']);
  });

  it('multiplies a matrix out, over values and over the files of a glob', () => {
    const operations = [
      read('a', { input: { path: '${matrix.file}' }, matrix: { file: { glob: 'src/*.ts' } } }),
      read('b', { matrix: { x: ['1', '2'], y: [true, 3] } }),
      read('c', { input: { path: '${a.files}' } }),
    ];
    assert.deepEqual(needsOf({ operations }), [
      ...['a[src/a.ts]', 'a[src/b.ts]', 'b[1,true]', 'b[1,3]', 'b[2,true]', 'b[2,3]'],
      'c <- a[src/a.ts] a[src/b.ts]',
    ]);
    assert.deepEqual(expanded({ operations }).operations[1]?.input, { path: 'src/b.ts' });
  });

  it('lets items flow through a pipeline, each stage seeing what the one before made of the same item', () => {
    const stages = [read('in', { input: { path: '${item}' } }), read('out', { input: { path: '${in.output}' } })];
    const operations = [
      { id: 'pipe', pipeline: stages, over: { glob: 'src/*.ts' } },
      read('all', { input: { path: '${out.files}' } }),
    ];
    assert.deepEqual(needsOf({ operations }), [
      ...['in[src/a.ts]', 'out[src/a.ts] <- in[src/a.ts]', 'in[src/b.ts]', 'out[src/b.ts] <- in[src/b.ts]'],
      'all <- out[src/a.ts] out[src/b.ts]',
    ]);
    assert.deepEqual(expanded({ operations }).operations[3]?.sources, new Map([['in', ['in[src/b.ts]']]]));
  });

  it('gives equal values ids of their own, and operations without an id one by their tool', () => {
    assert.deepEqual(
      needsOf({ operations: [read('a', { matrix: { v: ['x', 'x'] } }), { tool: 'read', input: { path: 'a' } }] }),
      [...['a[x]', 'a[x]#2', 'read-1']],
    );
  });

  it('counts each combination of a matrix as a member of its group', () => {
    const members = expanded({ operations: [{ id: 'p', parallel: [read('a', { matrix: { v: ['x', 'y'] } })] }] }).operations;
    assert.deepEqual(
      members.map(({ limits }) => limits),
      [[{ name: 'p', most: 4, member: 'p/0[x]' }], [{ name: 'p', most: 4, member: 'p/0[y]' }]],
    );
  });

  const wrong: readonly (readonly [string, readonly string[]])[] = [
    ['', ['1:1 A batch has to hold an object {"operations": […]}.']],
    ['[]', ['1:1 A batch has to hold an object {"operations": […]}.']],
    ['{"operations": [', ['1:17 The batch is not valid: a closing bracket ] is missing here.', '1:17 The batch is not valid: a closing brace } is missing here.']],
    ['{}', ['1:1 “operations” has to be an array […].']],
    ['{"operations": [1]}', ['1:17 “operations[0]” has to be an operation {"tool": …, "input": …} or a group {"parallel": […]}.']],
    ['{"operations": [{"tool": "raed", "input": {}}]}', ['1:26 “operations[0].tool” has to be "read" or "list" or "glob" or "grep" or "inspect" or "command" or "write" or "edit" or "fetch" or "agent".']],
    ['{"operations": [{"tool": "read", "input": {"pth": "a"}}]}', ['1:43 “operations[0].input.path” has to be a text in double quotes, or be an array […].', '1:44 “operations[0].input.pth” is not known here. Did you mean “path”?']],
    ['{"operations": [{"tool": "read", "input": {"path": "a"}, "retrys": 2}]}', ['1:58 “operations[0].retrys” is not known here. Did you mean “retries”?']],
    ['{"operations": [{"id": "a", "tool": "read", "input": {"path": "a"}, "needs": ["other"]}]}', ['1:17 “a” needs “other”, which is not in the batch. No operation or group has that id.']],
    ['{"operations": [{"id": "a", "tool": "read", "input": {"path": "${a.output}"}}]}', ['1:17 “a” asks for its own result.']],
    ['{"operations": [{"id": "a", "tool": "read", "input": {"path": "${item}"}}]}', ['1:17 “a” asks for ${item}, which has no value here.']],
    ['{"operations": [{"parallel": [], "limit": 0}]}', ['1:30 “operations[0].parallel” has to hold an element.', '1:43 “operations[0].limit” has to be at least 1.']],
    ['{"operations": [{"parallel": [1], "sequence": [1]}]}', ['1:17 “operations[0]” holds “parallel” and “sequence”. A group is one of them.']],
    ['{"operations": [{"id": "a", "tool": "read", "input": {"path": "a"}},\n{"id": "a", "tool": "read", "input": {"path": "a"}, "locks": ["x", "x"]}]}', ['2:1 The id “a” stands in line 1, too. Give each its own.', '2:1 “a” takes the lock “x” twice, which nobody could give it. Name it once.']],
  ]; // biome-ignore format: a table is read by rows
  for (const [text, expected] of wrong)
    it(`says what is wrong in ${text.slice(0, 70)}`, () => assert.deepEqual(expanded(text).problems, expected));

  it('checks what references give when it is known, and all else at once', () => {
    assert.deepEqual(
      expanded({ operations: [read('a'), read('b', { input: { path: 'x', most: '${a.json.n}' } })] }).problems,
      [],
    );
    assert.equal(expanded({ operations: [read('b', { input: { path: 'x', most: 'many' } })] }).problems.length, 1);
  });

  it('of any malformed text is told what is wrong, without a throw', () => {
    const piece = fc.constantFrom(
      ...'{}[],:"'.split(''),
      '"operations"',
      '"tool"',
      '"read"',
      '"input"',
      '"path"',
      '"parallel"',
      '"over"',
      '"matrix"',
      '1',
      'null',
      '//x\n',
      '"${a.output}"',
      '"pipeline"',
      '"id"',
      '"a"',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join('');
        const { operations, problems } = expanded(text);
        assert.ok(problems.length > 0 || operations.length >= 0);
        for (const problem of problems) assert.match(problem, /^\d+:\d+ .+\.$/s);
      }),
      { numRuns: 3000 },
    );
  });

  it('that comes to too many operations says so instead of taking all memory', () => {
    const values = Array.from({ length: 1000 }, (_, index) => index);
    const { operations, problems } = expanded({ operations: [read('a', { matrix: { x: values, y: values, z: values } })] });
    assert.ok(operations.length <= 10_000);
    assert.match(problems.join(), /more than 10000 operations/);
  });
});
