import assert from 'node:assert/strict';
import fc from 'fast-check';
import { combinedAnswer, type PartialAnswer, separateTexts } from '../../../src/core/batch/combined.js';

const answer = (id: string, text: string): PartialAnswer => ({ id, head: '', text });
const [LINES, PLACES, SHOWN, NAMES, VERBATIM] = [
  '[= id 3-10]: lines 3 to 10 of the answer of id.',
  ':12 and -12: lines of the file named above them.',
  ':12=: as the file reads in another answer.',
  '[/ dir/ a b]: dir/a and dir/b.',
  'After "| " nothing is a mark.',
];
const CODE = Array.from({ length: 8 }, (_, index) => `export const value${index} = compute(${index * 7}, options);`);

describe('A combined answer', () => {
  const cases: readonly (readonly [string, readonly PartialAnswer[], readonly string[]])[] = [
    ['has each answer under its id', [answer('a', 'one\ntwo\n'), answer('b', '')], ['=== a', 'one', 'two', '=== b']],
    [
      'says what did not simply pass',
      [{ id: 'a', head: 'failed, exit code 1', text: 'no' }],
      ['=== a: failed, exit code 1', 'no'],
    ],
    [
      'gives once what two operations answered alike',
      [answer('a', CODE.join('\n')), answer('b', CODE.join('\n'))],
      [LINES, '=== a', ...CODE, '=== b', '[= a]'],
    ],
    [
      'refers to the longer answer for a part of it, wherever it stands',
      [answer('part', `before\n${CODE.slice(2, 6).join('\n')}`), answer('all', CODE.join('\n'))],
      [LINES, '=== part', 'before', '[= all 3-6]', '=== all', ...CODE],
    ],
    [
      'repeats what is too short to be looked up',
      [answer('a', 'x = 1'), answer('b', 'x = 1')],
      ['=== a', 'x = 1', '=== b', 'x = 1'],
    ],
    [
      'has a path once above its lines',
      [answer('a', 'src/a.ts:1:one\nsrc/a.ts-2-two\n--\nsrc/b.ts:3:three')],
      [PLACES, '=== a', 'src/a.ts', ':1:one', '-2-two', '--', 'src/b.ts:3:three'],
    ],
    [
      'leaves out the text of a line of a file that another answer shows, if it is the same there',
      [
        answer(
          'found',
          'src/a.ts:4:export const value1 = compute(7, options);\nsrc/a.ts-5-something else\nsrc/a.ts:6:short\nsrc/b.ts:1:a text of some length',
        ),
        { ...answer('read', `head\n${CODE.join('\n')}`), shows: [{ path: 'src/a.ts', from: 3, at: 1, count: 8 }] },
      ],
      [
        `${PLACES} ${SHOWN}`,
        '=== found',
        'src/a.ts',
        ':4=',
        '-5-something else',
        ':6:short',
        'src/b.ts:1:a text of some length',
        '=== read',
        'head',
        ...CODE,
      ],
    ],
    [
      'has a directory once before the names in it',
      [answer('a', 'src/core/a.ts\nsrc/core/b.ts\nsrc/core/c.ts\nsrc/d.ts')],
      [NAMES, '=== a', '[/ src/core/ a.ts b.ts c.ts]', 'src/d.ts'],
    ],
    [
      'marks the lines of an answer in which a mark stands by itself',
      [answer('a', 'see\n[= a 1-2]')],
      [VERBATIM, '=== a', '| see', '| [= a 1-2]'],
    ],
  ];
  for (const [title, answers, expected] of cases)
    it(title, () => {
      const combined = combinedAnswer(answers);
      assert.deepEqual(combined.split('\n'), expected);
      for (const { id, text } of answers) assert.equal(separateTexts(combined, answers).get(id), text.replace(/\n$/, ''));
    });

  const line = fc.oneof(
    fc.constantFrom(
      ...CODE,
      '',
      '--',
      '=== a',
      '[= a 1-3]',
      '| x',
      ':1:x',
      'src/a.ts:1:x',
      'src/a.ts-2-y',
      `src/a.ts:1:${CODE[0]}`,
      `src/a.ts-2-${CODE[1]}`,
      `src/a.ts:3:${CODE[1]}`,
      'src/x/a.ts',
      'src/x/b.ts',
    ),
    fc.constantFrom('C:\\a:1:x', 'a b/c.ts:3:z', 'src/x/[id].ts', '[/ src/ a]', LINES, 'x:1', '-5', 'é/ü.ts:7:ö'),
    fc.string(),
  );
  const text = fc.array(line, { maxLength: 25 }).map((lines) => lines.filter((each) => !/[\n\r]/.test(each)).join('\n'));

  it('refers to a file only where all answers that show it agree, and never from one that shows files', () => {
    const [before = '', after = ''] = ['const value = 1;', 'const value = 2;'];
    const shows = [{ path: 'src/a.ts', from: 1, at: 0, count: 1 }];
    const answers = [
      { ...answer('first', before), shows },
      answer('found', `src/a.ts:1:${before}`),
      { ...answer('second', after), shows },
    ];
    assert.ok(!combinedAnswer(answers).includes(':1='));
    const own = [{ ...answer('odd', `src/a.ts:1:${before}`), shows }];
    assert.equal(separateTexts(combinedAnswer(own), own).get('odd'), `src/a.ts:1:${before}`);
  });

  it('gives back the text of each, whatever they hold', () => {
    let referred = 0;
    const shown = { ...answer('file', CODE.join('\n')), shows: [{ path: 'src/a.ts', from: 1, at: 0, count: CODE.length }] };
    const ids = fc.uniqueArray(fc.constantFrom('a', 'b', 'c[src/x.ts]', 'd: e', 'f'), { minLength: 1 });
    fc.assert(
      fc.property(ids, fc.array(text, { minLength: 5, maxLength: 5 }), fc.boolean(), (chosen, texts, withFile) => {
        const others = chosen.map((id, index) => answer(id, texts[index] ?? ''));
        const answers = withFile ? [...others, shown] : others;
        const combined = combinedAnswer(answers);
        if (/^[:-]\d+=$/m.test(combined)) referred += 1;
        const separate = separateTexts(combined, answers);
        for (const { id, text: own } of answers) assert.equal(separate.get(id), own.replace(/\n$/, ''));
      }),
      { numRuns: 2000 },
    );
    assert.ok(referred > 0, 'some lines stand in another answer');
  });
});
