import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { linePattern } from '../../../src/core/tools/line-pattern.js';
import { findRipgrep } from '../../../src/core/tools/ripgrep.js';

describe('a pattern for lines', () => {
  it('is one that means the same to ripgrep and to JavaScript', () => {
    const check = (pattern: string, understood: boolean, syntax = {}) =>
      assert.equal(linePattern(pattern, syntax) !== undefined, understood, pattern);
    for (const pattern of [
      'TODO: remove',
      'fetch[A-Z]\\w+\\(7\\d,',
      '^export .*Widget1\\d\\b',
      '^\\s*$',
      'a|b|',
      '(?:ab)+',
      '(foo|bar){1,3}?',
      '[^a-z_-]',
      '[-+]?\\d{2,}',
      'x.y\\.z',
      '\\/\\*',
      'a\\tb',
    ])
      check(pattern, true);
    for (const pattern of [
      'grün',
      '(?i)a',
      '(?P<n>a)',
      '(?=a)',
      'a**',
      'a++',
      '^*',
      '\\b{start}a',
      '\\<a',
      '\\x41',
      '\\p{L}',
      '\\1',
      '\\Aa',
      '[[:alpha:]]',
      '[a&&b]',
      '[a--b]',
      '[A-z]',
      '[z-a]',
      '[\\w-a]',
      '[]a]',
      '[]',
      'a{,3}',
      'a{3',
      'a{300}',
      '(?:(?:a{50}){50}){50}',
      'a'.repeat(2000),
      '('.repeat(900),
      '{',
      ']',
      ')',
      '(',
      'a\\',
    ])
      check(pattern, false);
    check('(', true, { fixed: true });
    check('a{,3}', true, { fixed: true, ignoreCase: true });
    check('[^a]', false, { ignoreCase: true });
    check('\\W', false, { ignoreCase: true });
  });

  it('is looked for in lines only that it cannot take long for', () => {
    const check = (pattern: string, least: number, most: number) => {
      const { longest } = linePattern(pattern, {}) ?? { longest: 0 };
      assert.ok(longest >= least && longest <= most, `${pattern}: ${longest}`);
    };
    check('plain', Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
    check('pla[i]n', 10_000, 1_000_000);
    check('\\w+x', 200, 400);
    check('a.*b.*c', 30, 60);
    check('.*.*.*.*x', 1, 20);
    // In these the ways grow too fast to be tried at all.
    check('(?:a|b)+', 0, 0);
    check('(a*)*', 0, 0);
    check('(?:a?){40}', 0, 0);
    check('(?:(?:a|a){9}){9}', 0, 0);
  });

  it('finds where ripgrep finds', async function () {
    this.timeout(120_000);
    const program = await findRipgrep({ host: { env: process.env } as never, folder: { name: '', path: '/nowhere' } });
    assert.ok(program);
    const { pattern } = fc.letrec((tie) => ({
      atom: fc.oneof(
        {
          weight: 6,
          arbitrary: fc.constantFrom(
            ...'aAbk_0 -',
            '\\d',
            '\\w',
            '\\s',
            '.',
            '[a-c]',
            '[^a0]',
            '[\\w.-]',
            '\\.',
            '\\b',
            '^',
            '$',
          ),
        },
        { weight: 2, arbitrary: fc.constantFrom('\\D', '\\W', '\\S', '\\B', '\\t', '[^\\s]', '[A-C-]', '\\(', '-') },
        { weight: 1, arbitrary: fc.constantFrom('{', '}', ']', '\\z', '[a-]', '[', '?', '\\<', '&&') },
        { weight: 2, arbitrary: tie('pattern').map((inner) => `(${inner})`) },
        { weight: 2, arbitrary: tie('pattern').map((inner) => `(?:${inner})`) },
      ),
      part: fc
        .tuple(tie('atom'), fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,}', '{0,2}', '*?', '+?', '??'))
        .map((both) => both.join('')),
      pattern: fc.oneof(
        { depthSize: 'small', maxDepth: 3 },
        fc.array(tie('part'), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')),
        fc.array(tie('part'), { minLength: 1, maxLength: 2 }).map((parts) => parts.join('|')),
      ),
    }));
    const line = fc.string({ unit: fc.constantFrom(...'aAbBcCkK0_ -.(\t\r', '\x1c', '\x0b', '\x7f', 'sS'), maxLength: 12 });
    const syntax = fc.record({ fixed: fc.boolean(), ignoreCase: fc.boolean() });
    let compared = 0;
    fc.assert(
      fc.property(pattern, fc.array(line, { minLength: 1, maxLength: 25 }), syntax, (searched, lines, how) => {
        const own = linePattern(String(searched), how);
        if (!own) return;
        const args = [
          '--no-config',
          '--json',
          '--text',
          '--encoding=none',
          how.ignoreCase ? '--ignore-case' : '--case-sensitive',
        ];
        const run = spawnSync(program, [...args, ...(how.fixed ? ['--fixed-strings'] : []), '-e', String(searched), '-'], {
          input: lines.map((each) => `${each}\n`).join(''),
          encoding: 'utf8',
        });
        // The pass with all patterns would have failed before anybody looked at lines.
        if (run.status === 2) return;
        const expected = lines.map(() => -1);
        for (const message of run.stdout.split('\n').filter((each) => each.startsWith('{"type":"match"'))) {
          const { line_number: number, submatches } = JSON.parse(message).data;
          expected[number - 1] = submatches[0]?.start ?? lines[number - 1]?.length;
        }
        assert.deepEqual(
          lines.map((each) => (each.length <= own.longest ? own.find(each) : 'left')),
          lines.map((each, index) => (each.length <= own.longest ? expected[index] : 'left')),
        );
        compared += 1;
      }),
      { numRuns: 600 },
    );
    assert.ok(compared > 100, `${compared} were compared`);
  });
});
