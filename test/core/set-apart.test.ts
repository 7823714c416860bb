import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Finding } from '../../src/core/model.js';
import { setApart } from '../../src/core/set-apart.js';

const FILE = '/folder/a.ts';
const NONE: ReadonlyMap<string, string> = new Map();

function finding(line: number, message = 'Bad.', file = FILE): Finding {
  return { file, line, column: 1, message, severity: 'error', source: 'lint', rule: 'bad' } as Finding;
}

function marks(
  now: readonly string[],
  found: readonly Finding[],
  then: readonly string[],
  known: readonly Finding[],
  renamed = NONE,
) {
  return setApart(found, known, { found: () => now, known: () => then, renamed }).map((each) => each.known === true);
}

const texts = fc.array(fc.constantFrom('a', 'b', '}', ''), { minLength: 1, maxLength: 12 });
const every = (lines: readonly string[]) => lines.map((_, index) => finding(index + 1));

describe('setting new findings apart', () => {
  it('knows every finding of an unchanged tree', () => {
    fc.assert(fc.property(texts, (lines) => assert.ok(marks(lines, every(lines), lines, every(lines)).every(Boolean))));
  });

  it('knows old findings wherever lines are inserted', () => {
    fc.assert(
      fc.property(texts, fc.nat(12), texts, (lines, where, added) => {
        const at = Math.min(where, lines.length);
        const now = [...lines.slice(0, at), ...added, ...lines.slice(at)];
        const moved = lines.map((_, index) => finding(index < at ? index + 1 : index + 1 + added.length));
        assert.ok(marks(now, moved, lines, every(lines)).every(Boolean));
      }),
    );
  });

  it('excuses no more findings than there were', () => {
    const lines = ['x', 'x', 'x'];
    const result = marks(lines, every(lines), lines, [finding(1), finding(2)]);
    assert.equal(result.filter(Boolean).length, 2);
  });

  const table: readonly [string, boolean[], boolean[]][] = [
    ['a finding with another message is new', marks(['x'], [finding(1, 'Other.')], ['x'], [finding(1)]), [false]],
    ['numbers in messages may move', marks(['x'], [finding(1, 'See line 9.')], ['x'], [finding(1, 'See line 3.')]), [true]],
    [
      'an edited line between the same lines is known',
      marks(['a', 'y', 'b'], [finding(2)], ['a', 'x', 'b'], [finding(2)]),
      [true],
    ],
    ['an edited line between other lines is new', marks(['c', 'y', 'd'], [finding(2)], ['a', 'x', 'b'], [finding(2)]), [false]],
    [
      'a finding follows its renamed file',
      marks(['x'], [finding(1, 'Bad.', '/folder/b.ts')], ['x'], [finding(1)], new Map([[FILE, '/folder/b.ts']])),
      [true],
    ],
  ];
  for (const [title, actual, expected] of table) it(title, () => assert.deepEqual(actual, expected));
});
