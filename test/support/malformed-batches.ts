/** Batch files that are wrong in every way that can be thought of, by chance, and a few that are right. */
import fc from 'fast-check';
import { BATCH_TEMPLATES } from '../../src/core/batch/templates.js';

/** Odd characters, and pieces of the format where they do not belong. */
const PIECES: readonly string[] = [
  ...'{}[],:"\'\\/*#\n\r\t-+.e0'.split(''),
  ...['\0', '\uFEFF', '\u2028', '\u0085', '\ud800', '\udfff', '\u202e', '😀', 'é', '\u0001', '\r\n', '\\u0000', '\\ud800', '\\x'],
  ...['//x\n', '/*', '*/', '/* x */', '"//"', 'true', 'null', '-0', '1e999', '-1e999', '9007199254740993', '0x10', '1_000', '01'],
  ...[
    '"operations"',
    '"parallel"',
    '"sequence"',
    '"pipeline"',
    '"over"',
    '"matrix"',
    '"glob"',
    '"tool"',
    '"read"',
    '"input"',
    '"id"',
  ],
  ...['"needs"', '"__proto__"', '"constructor"', '"${a.output}"', '"${item}"', '"${', '$${', '"limit"', '"retries"', '"budget"'],
];

const piece = fc.constantFrom(...PIECES);
const TOKENS = /"(?:\\.|[^"\\\n])*"|\/\/[^\n]*|[{}[\],:]|[^\s{}[\],:"]+|\s+/g;

/** Changes a text; the numbers say where, as shares of its length. */
type Change = (text: string, at: number, to: number, piece: string) => string;

const swap = (all: readonly string[], one: number, other: number): string =>
  all.map((each, index) => (index === one ? all[other] : index === other ? all[one] : each)).join('');
const tokensOf = (text: string): readonly string[] => text.match(TOKENS) ?? [];
const place = (share: number, length: number) => Math.min(length, Math.floor(share * length));

const CHANGES: readonly Change[] = [
  // Of characters.
  (text, at) => text.slice(0, place(at, text.length)) + text.slice(place(at, text.length) + 1),
  (text, at, _, inserted) => text.slice(0, place(at, text.length)) + inserted + text.slice(place(at, text.length)),
  (text, at, to) => swap([...text], place(at, text.length), place(to, text.length)),
  (text, at) => text.slice(0, place(at, text.length)),
  (text, at) => text.slice(place(at, text.length)),
  // Of tokens.
  (text, at) => tokensOf(text).filter((_, index, all) => index !== place(at, all.length)).join(''),
  (text, at) => tokensOf(text).flatMap((each, index, all) => (index === place(at, all.length) ? [each, each] : [each])).join(''),
  (text, at, to) => swap(tokensOf(text), place(at, tokensOf(text).length), place(to, tokensOf(text).length)),
  (text, at, _, other) => tokensOf(text).map((each, index, all) => (index === place(at, all.length) ? other : each)).join(''),
  (text, at, to) => {
    const [start, end] = [place(Math.min(at, to), text.length), place(Math.max(at, to), text.length)];
    return text.slice(0, end) + text.slice(start, end) + text.slice(end);
  },
  // Of the whole.
  (text) => `\uFEFF${text}`,
  (text) => text.replaceAll('\n', '\r\n'),
  (text, at) => '{"operations":['.repeat(Math.floor(at * 400)) + text,
  (text, at) => `{"operations":${'[{"parallel":'.repeat(Math.floor(at * 300))}${text}${'}]'.repeat(Math.floor(at * 300))}}`,
  (text) => text.replace(/\d+/g, '99999999999999999999'),
  (text) => text.replaceAll('"id": ', '"id": "same", "x": '),
]; // biome-ignore format: a table is read by rows

const valid = JSON.stringify({
  name: 'A batch',
  budget: { tokens: 1000 },
  operations: [
    { id: 'a', tool: 'read', input: { path: 'a.txt', most: 3 }, retries: { times: 1, backoff: 0.5 } },
    { parallel: [{ tool: 'write', input: { path: 'b', content: '${a.output}' } }], limit: 2, atomic: true },
    { pipeline: [{ tool: 'command', input: { shell: 'echo ${item}' }, reads: [], writes: [] }], over: ['x', 1, true] },
    { tool: 'grep', input: { pattern: 'x', paths: ['${a.files}'] }, matrix: { m: { glob: '*.txt' } }, needs: ['a'] },
  ],
}); // biome-ignore format: short

/** A text that somebody has spoilt. */
export const spoiltText: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom(valid, JSON.stringify(JSON.parse(valid), null, 2), ...BATCH_TEMPLATES.map(({ text }) => text)),
    fc.array(fc.tuple(fc.constantFrom(...CHANGES), share(), share(), piece), { minLength: 1, maxLength: 6 }),
  )
  .map(([text, changes]) =>
    changes.reduce((now, [change, at, to, inserted]) => (now.length > 100_000 ? now : change(now, at, to, inserted)), text),
  );

function share(): fc.Arbitrary<number> {
  return fc.double({ min: 0, max: 1, noNaN: true });
}

/** A text that has only its characters in common with a batch. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.array(piece, { maxLength: 60 }).map((all) => all.join('')),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.json({ maxDepth: 4 }),
);

// -------------------------------------------------------------------------------------------------------------- structure

const ODD_TEXTS = [
  ...['', ' ', '.', '..', '/', '../x', '/etc/passwd', 'C:\\x', '\\\\server\\x', 'a\0b', 'a\nb', '\ud800', '-rf', 'a/.', 'x'.repeat(5000)],
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '0', '1a', 'a b', 'é', '\u202e', '**', '*', '{a,b}', '!x'],
  ...['${a.output}', '${b.json.x.y}', '${item}', '${matrix.x}', '${index}', '${a.what}', '$${a.output}', '${', '${g.files}', '${${a.output}}'],
  ...['{a,b}'.repeat(30), '{1..99999999}', '**/'.repeat(50), `${'a/'.repeat(3000)}b`, '*'.repeat(200), '@('.repeat(60), '['],
] as const; // biome-ignore format: a table is read by rows

const oddText = fc.constantFrom<string>(...ODD_TEXTS);
const oddNumber = fc.constantFrom(0, -1, 1, 2, 0.5, 1e308, -1e308, 1e21, 2 ** 53, 86_401, 99, 20, 21, 1000, 1001);
const anything: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: oddText },
  { weight: 2, arbitrary: oddNumber },
  fc.constantFrom<unknown>(null, true, false, [], {}, [[]], [null], { a: {} }, [1, 'a', null]),
  fc.jsonValue({ maxDepth: 3 }),
);

const NAMES = ['a', 'b', 'c', 'g', 'h', 'read-1', 'constructor', 'toString', '__proto__', 'a-b', '_'] as const;
const name = fc.oneof({ weight: 6, arbitrary: fc.constantFrom<string>(...NAMES) }, { weight: 1, arbitrary: oddText });
const tool = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom('read', 'list', 'glob', 'grep', 'command', 'write', 'edit', 'fetch', 'agent') },
  { weight: 1, arbitrary: anything },
);

/** What most often is `usual`, and else anything. */
const mostly = (usual: fc.Arbitrary<unknown>, times = 8): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: times, arbitrary: usual }, { weight: 1, arbitrary: anything });

const some = fc.oneof(name, fc.constantFrom('${a.output}', '${g.files}', '${item}', '${matrix.x}', 'src/*.ts'));
const list = fc.array(mostly(some), { maxLength: 4 });
const many = fc.integer({ min: 0, max: 10_001 }).map((length) => Array.from({ length }, (_, index) => index));
const values = fc.oneof(
  { weight: 6, arbitrary: fc.array(mostly(fc.constantFrom<unknown>('x', 'y', 1, true)), { maxLength: 4 }) },
  { weight: 1, arbitrary: many },
  { weight: 2, arbitrary: mostly(oddText).map((glob) => ({ glob })) },
  { weight: 1, arbitrary: anything },
);
const matrix = fc.dictionary(fc.oneof(fc.constantFrom('x', 'y', 'z', 'constructor', 'a-b'), oddText), values, { maxKeys: 3 });

const input = fc.oneof(
  { weight: 4, arbitrary: mostly(some).map((path) => ({ path })) },
  { weight: 2, arbitrary: fc.tuple(mostly(some), mostly(some)).map(([path, content]) => ({ path, content })) },
  { weight: 2, arbitrary: fc.tuple(mostly(some), list).map(([pattern, paths]) => ({ pattern, paths })) },
  { weight: 1, arbitrary: list.map((patterns) => ({ patterns })) },
  { weight: 2, arbitrary: mostly(some).map((shell) => ({ shell })) },
  { weight: 1, arbitrary: list.map((argv) => ({ argv })) },
  { weight: 1, arbitrary: mostly(some).map((url) => ({ url })) },
  { weight: 1, arbitrary: anything },
);

/** Any of these, each of them seldom. */
const seldom = (fields: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<Readonly<Record<string, unknown>>> =>
  fc.uniqueArray(fc.constantFrom(...Object.keys(fields)), { maxLength: 3 }).chain((chosen) =>
    fc.record(Object.fromEntries(chosen.map((each) => [each, fields[each] ?? fc.constant(null)]))),
  ); // biome-ignore format: short

const common = {
  id: mostly(name),
  needs: mostly(list),
  matrix: mostly(matrix),
  atomic: mostly(fc.boolean()),
  [`x${1}`]: anything,
};
const operation = fc
  .tuple(
    fc.record({ tool, input }),
    seldom({
      ...common,
      reads: mostly(list),
      writes: mostly(list),
      locks: mostly(list),
      timeout: mostly(oddNumber),
      retries: mostly(oddNumber),
      onFailure: mostly(fc.constantFrom('stop', 'continue')),
      tool: anything,
      input: anything,
    }),
  )
  .map(([own, more]) => ({ ...own, ...more }));

const { member } = fc.letrec<{ member: unknown; group: unknown }>((tie) => ({
  group: fc
    .tuple(
      fc.constantFrom('parallel', 'sequence', 'pipeline'),
      mostly(fc.array(tie('member'), { maxLength: 4 })),
      seldom({ ...common, limit: mostly(oddNumber), over: mostly(values), parallel: anything }),
      values,
    )
    .map(([kind, members, more, over]) => ({ [kind]: members, ...(kind === 'pipeline' ? { over } : {}), ...more })),
  member: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    { weight: 6, arbitrary: operation },
    { weight: 3, arbitrary: tie('group') },
    { weight: 1, arbitrary: anything },
  ),
}));

/** A value of any kind where the format wants something, as JSON. */
export const wrongStructure: fc.Arbitrary<string> = fc
  .tuple(
    mostly(fc.array(member, { maxLength: 6 }), 20),
    seldom({ name: mostly(oddText), description: anything, budget: mostly(fc.record({ tokens: oddNumber })), more: anything }),
  )
  .map(([operations, more]) => JSON.stringify({ operations, ...more }));

/** All of these. */
export const malformedBatch: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: spoiltText },
  { weight: 5, arbitrary: wrongStructure },
  { weight: 1, arbitrary: anyText },
);
