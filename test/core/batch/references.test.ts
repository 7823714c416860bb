import assert from 'node:assert/strict';
import fc from 'fast-check';
import { hasReference, inText, piecesOf, referencesIn, resolved, withParameters } from '../../../src/core/batch/references.js';

const known: Readonly<Record<string, unknown>> = {
  'a.output': 'text',
  'a.files': ['x', 'y z'],
  'b.json': { list: [1, { c: 'deep' }] },
  'a.exitCode': 3,
};

function check(value: unknown, expected: unknown): void {
  const result = resolved(value, ({ id, asked, path }) =>
    path.reduce<unknown>((data, name) => (data as Record<string, unknown> | undefined)?.[name], known[`${id}.${asked}`]),
  );
  assert.deepEqual(result, expected, JSON.stringify(value));
}

describe('References', () => {
  it('become what they stand for: a text alone the value itself, in a text its words', () => {
    check('${a.output}', 'text');
    check('say "${a.output}"!', 'say "text"!');
    check({ path: '${a.files}' }, { path: ['x', 'y z'] });
    check(['first', '${a.files}', 'last'], ['first', 'x', 'y z', 'last']);
    check('all: ${a.files}', 'all: x\ny z');
    check({ n: '${b.json.list.0}', deep: ['${b.json.list.1.c}'] }, { n: 1, deep: ['deep'] });
    check(['${b.json.list}'], [[1, { c: 'deep' }]]);
    check('code ${a.exitCode} ${b.json.list.1}', 'code 3 {"c":"deep"}');
    check('${b.json.nowhere.x}', undefined);
  });

  it('leave variables of a shell, other texts and escapes as they are meant', () => {
    check('${HOME} ${a} ${a.nothing} $a.output {a.output}', '${HOME} ${a} ${a.nothing} $a.output {a.output}');
    check('$${a.output}', '${a.output}');
    check('$${a.output} and ${a.output}', '${a.output} and text');
    check(7, 7);
    check(null, null);
    assert.deepEqual(referencesIn({ a: ['${x.output}', { b: '${y-1.json.k}' }], c: '${HOME}' }), [
      { kind: 'result', id: 'x', asked: 'output', path: [] },
      { kind: 'result', id: 'y-1', asked: 'json', path: ['k'] },
    ]);
    assert.ok(hasReference('${item}') && !hasReference('${HOME}') && !hasReference('${a.files.x}'));
  });

  it('take values of matrices before anything runs, which are never read as references themselves', () => {
    const values = new Map<string, string | number>([
      ['item', 'a ${x.output}'],
      ['matrix.n', 3],
    ]);
    const filled = withParameters(
      { p: '${item}', q: '<${item}>', n: '${matrix.n}', r: '${x.output}', s: '$${item}' },
      values,
      (id) => `${id}-1`,
    );
    assert.deepEqual(filled, { p: 'a ${x.output}', q: '<a $${x.output}>', n: 3, r: '${x-1.output}', s: '$${item}' });
  });

  it('of any text come to the text again when they are put together', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('$', '{', '}', 'a', '.output', '${a.output}', '$${', 'é', '\n')), (parts) => {
        const text = parts.join('');
        const again = piecesOf(text).map((piece) =>
          typeof piece === 'string' ? piece.replaceAll('${', () => '$${') : '${a.output}',
        );
        assert.deepEqual(piecesOf(again.join('')), piecesOf(text));
        assert.equal(typeof inText(text), 'string');
      }),
    );
  });
});
