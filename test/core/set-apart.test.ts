import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Finding, Severity } from '../../src/core/model.js';
import { marksOf, recognised, setApart } from '../../src/core/set-apart.js';

const FILE = '/folder/a.ts';
const OTHER = '/folder/b.ts';
const LINT = { category: 'lint' } as const;
const NONE: ReadonlyMap<string, string> = new Map();
const GATE = { exitCodes: { passed: [0], failed: [1] }, command: { argv: ['lint'], cwd: '/folder', env: {}, shell: false } };

function finding(line: number, message = 'Bad.', file = FILE): Finding {
  return { file, line, column: 1, message, severity: 'error', source: 'lint', rule: 'bad' };
}

/** What is known of `found` in the text `now`, when `known` was found in the text `then`; undefined: nobody can read the file. */
function known(
  now: readonly string[] | undefined,
  found: readonly Finding[],
  then: readonly string[] | undefined,
  before: readonly Finding[],
  renamed = NONE,
): readonly boolean[] {
  return recognised(
    marksOf(found, () => now, LINT),
    marksOf(before, () => then, LINT),
    renamed,
  );
}

const texts = fc.array(fc.constantFrom('a', 'b', '}', ''), { minLength: 1, maxLength: 12 });
const every = (lines: readonly string[]) => lines.map((_, index) => finding(index + 1));

describe('setting new findings apart', () => {
  it('knows every finding of an unchanged tree', () => {
    fc.assert(fc.property(texts, (lines) => assert.ok(known(lines, every(lines), lines, every(lines)).every(Boolean))));
  });

  it('knows old findings wherever lines are inserted', () => {
    fc.assert(
      fc.property(texts, fc.nat(12), texts, (lines, where, added) => {
        const at = Math.min(where, lines.length);
        const now = [...lines.slice(0, at), ...added, ...lines.slice(at)];
        const moved = lines.map((_, index) => finding(index < at ? index + 1 : index + 1 + added.length));
        assert.ok(known(now, moved, lines, every(lines)).every(Boolean));
      }),
    );
  });

  it('never knows what was added to all that was there, unless nothing tells the two apart', () => {
    const distinct = fc.uniqueArray(fc.string({ unit: fc.constantFrom('p', 'q', 'r', 's'), minLength: 2, maxLength: 6 }), {
      minLength: 2,
      maxLength: 12,
    });
    fc.assert(
      fc.property(distinct, fc.nat(12), (lines, where) => {
        const at = Math.min(where, lines.length);
        const now = [...lines.slice(0, at), 'added', ...lines.slice(at)];
        const found = now.map((_, index) => finding(index + 1));
        assert.deepEqual(
          known(now, found, lines, every(lines)),
          now.map((_, index) => index !== at),
        );
      }),
    );
  });

  it('excuses no more findings than there were', () => {
    const lines = ['x', 'x', 'x'];
    assert.equal(known(lines, every(lines), lines, [finding(1), finding(2)]).filter(Boolean).length, 2);
  });

  it('excuses no more than there were, whatever the texts', () => {
    fc.assert(
      fc.property(texts, texts, fc.nat(12), (now, then, count) => {
        const before = every(then).slice(0, count);
        assert.ok(known(now, every(now), then, before).filter(Boolean).length <= before.length);
      }),
    );
  });

  const block = ['function f() {', '  first();', '  second();', '  third();', '  fourth();', '  fifth();', '}'];
  const table: readonly [string, readonly boolean[], boolean[]][] = [
    ['a finding with another message is new', known(['x'], [finding(1, 'Other.')], ['x'], [finding(1)]), [false]],
    ['numbers in messages may move', known(['x'], [finding(1, 'See line 9.')], ['x'], [finding(1, 'See line 3.')]), [true]],
    [
      'but not where the line is another',
      known(['a', 'y', 'b'], [finding(2, '9 of 3.')], ['a', 'x', 'b'], [finding(2, '8 of 3.')]),
      [false],
    ],
    ['a path in a message counts', known(['x'], [finding(1, 'No "./b".')], ['x'], [finding(1, 'No "./c".')]), [false]],
    [
      'an edited line between the same lines is known',
      known(['a', 'y', 'b'], [finding(2)], ['a', 'x', 'b'], [finding(2)]),
      [true],
    ],
    ['an edited line between other lines is new', known(['c', 'y', 'd'], [finding(2)], ['a', 'x', 'b'], [finding(2)]), [false]],
    ['an edited line between brackets is new', known(['{', 'y', '}'], [finding(2)], ['{', 'x', '}', 'z'], [finding(2)]), [false]],
    ['a bracket elsewhere is new', known(['c', '}', 'd'], [finding(2)], ['a', '}', 'b'], [finding(2)]), [false]],
    [
      'a finding follows its renamed file',
      known(['x'], [finding(1, 'Bad.', OTHER)], ['x'], [finding(1)], new Map([[FILE, OTHER]])),
      [true],
    ],
    ['the same line in another file is new', known(['x'], [finding(1, 'Bad.', OTHER)], ['x'], [finding(1)]), [false]],
    [
      'a block that moved to another file is known',
      known(['', ...block], [finding(5, 'Bad.', OTHER)], block, [finding(4)]),
      [true],
    ],
    ['without text the place is known by its file', known(undefined, [finding(7)], undefined, [finding(3)]), [true]],
    ['a text that is gone is not an empty one', known([''], [finding(1)], undefined, [finding(1)]), [false]],
    [
      'the end of an output is known by the whole output',
      known(
        ['x'],
        [{ ...finding(1, 'end'), output: true, digest: 'a' }],
        ['y'],
        [{ ...finding(1, 'end'), output: true, digest: 'a' }],
      ),
      [true],
    ],
    [
      'an output that ends alike is another one',
      known(
        ['x'],
        [{ ...finding(1, 'end'), output: true, digest: 'b' }],
        ['x'],
        [{ ...finding(1, 'end'), output: true, digest: 'a' }],
      ),
      [false],
    ],
    [
      'an output that was not read whole is never known',
      known(['x'], [{ ...finding(1, 'end'), output: true }], ['x'], [{ ...finding(1, 'end'), output: true }]),
      [false],
    ],
    [
      'a number in a name is part of the name',
      known(['x'], [finding(1, "'h1' is unused.")], ['x'], [finding(1, "'h2' is unused.")]),
      [false],
    ],
    [
      'the same after a bracket in another function is new',
      known(
        ['a() {', 'first();', '}', '', 'fresh() {', 'fresh();', '}', ''],
        [finding(8)],
        ['a() {', 'first();', '}', '', 'b() {'],
        [finding(4)],
      ),
      [false],
    ],
    [
      'a coverage that is missed by another number is known',
      known(undefined, [{ ...finding(1, 'coverage 70% of 80%'), rule: 'coverage' }], undefined, [
        { ...finding(1, 'coverage 71% of 80%'), rule: 'coverage' },
      ]),
      [true],
    ],
  ];
  for (const [title, actual, expected] of table) it(title, () => assert.deepEqual(actual, expected));

  it('compares titles of tests to the letter', () => {
    const marks = (message: string) => marksOf([finding(1, message)], () => ['x'], { category: 'test' });
    assert.deepEqual(recognised(marks('case 3 fails'), marks('case 1 fails'), NONE), [false]);
    assert.deepEqual(recognised(marks('case 3 fails'), marks('case 3 fails'), NONE), [true]);
  });
});

describe('what new findings make of a gate', () => {
  const OLD = finding(1, 'Old.');
  const apart = (
    was: 'passed' | 'failed',
    findings: readonly Finding[],
    before: { was: 'passed' | 'failed'; findings: readonly Finding[] },
    more: { argv?: readonly string[]; tolerated?: readonly Severity[] } = {},
  ) => {
    const gate = {
      command: { ...GATE.command, argv: more.argv ?? ['lint'] },
      exitCodes: { ...GATE.exitCodes, ...(more.tolerated ? { tolerated: more.tolerated } : {}) },
    };
    const marks = (list: readonly Finding[]) => marksOf(list, () => ['x'], LINT);
    return setApart(gate, { was, findings, marks: marks(findings) }, { was: before.was, marks: marks(before.findings) }, NONE);
  };
  const warning = { ...finding(1, 'Warned.'), severity: 'warning' as const };

  it('passes when all that it found was there before, and says how much', () => {
    const { outcome, findings, known } = apart('failed', [OLD], { was: 'failed', findings: [OLD] });
    assert.deepEqual(outcome, { kind: 'passed', known: 1 });
    assert.deepEqual(findings, []);
    assert.deepEqual(known, [{ ...OLD, known: true }]);
  });

  it('fails for what is new', () => {
    const { outcome, findings } = apart('failed', [OLD, finding(1, 'New.')], { was: 'failed', findings: [OLD] });
    assert.deepEqual(outcome, { kind: 'failed', known: 1 });
    assert.deepEqual(
      findings.map(({ message }) => message),
      ['New.'],
    );
  });

  it('fails when it passed before with the same findings: what it fails for is not among them', () => {
    assert.deepEqual(apart('failed', [warning], { was: 'passed', findings: [warning] }).outcome, {
      kind: 'failed',
      known: 1,
      base: { kind: 'passed' },
    });
  });

  it('stays passed, whatever was found', () => {
    assert.deepEqual(apart('passed', [warning], { was: 'passed', findings: [] }).outcome, { kind: 'passed' });
  });

  it('does not fail for a new warning where its tool would not, unless its options say so', () => {
    const before = { was: 'failed' as const, findings: [OLD] };
    const tolerated = ['warning'] as const;
    assert.equal(apart('failed', [OLD, warning], before, { tolerated }).outcome.kind, 'passed');
    assert.equal(apart('failed', [OLD, warning], before).outcome.kind, 'failed');
    for (const argv of [
      ['lint', '--max-warnings=0'],
      ['lint', '--mw', '0'],
    ]) {
      assert.equal(apart('failed', [OLD, warning], before, { tolerated, argv }).outcome.kind, 'failed');
    }
  });
});
