import assert from 'node:assert/strict';
import fc from 'fast-check';
import { factsOf, MOST_MARKERS } from '../../../src/core/inspect/facts.js';
import type { TextFacts } from '../../../src/core/inspect/row.js';

describe('the facts of a file', () => {
  const facts = (content: string | Uint8Array, path = 'a.ts'): TextFacts => {
    const found = factsOf(Buffer.from(content as string), path);
    assert.ok(found.kind === 'text');
    return found;
  };

  it('count lines and name their endings', () => {
    const check = (text: string, lines: number, lineEndings: TextFacts['lineEndings']) => {
      const found = facts(text);
      assert.deepEqual([found.lines, found.lineEndings], [lines, lineEndings], JSON.stringify(text));
    };
    check('', 0, 'none');
    check('a', 1, 'none');
    check('a\n', 1, 'lf');
    check('a\nb', 2, 'lf');
    check('a\r\nb\r\n', 2, 'crlf');
    check('a\rb\r', 2, 'cr');
    check('a\r\nb\n', 2, 'mixed');
    check('a\rb\r\n', 2, 'mixed');
    check('\n\n\n', 3, 'lf');
    check('\r\n\r', 2, 'mixed');
  });

  it('name the encoding, or that it is binary', () => {
    const text = 'grün 💡 FIXME\n';
    const utf16 = Buffer.from(text, 'utf16le');
    const check = (bytes: Buffer, encoding: string) => {
      const found = facts(bytes);
      assert.equal(found.encoding, encoding);
      assert.equal(found.bytes, bytes.length);
      assert.deepEqual(
        found.markers.map(({ line, column }) => [line, column]),
        [[1, encoding === 'latin-1' ? 6 : 9]],
      );
    };
    check(Buffer.from(text), 'utf-8');
    check(Buffer.from(`\ufeff${text}`), 'utf-8-bom');
    check(Buffer.concat([Buffer.from([0xff, 0xfe]), utf16]), 'utf-16le');
    check(Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(utf16).swap16()]), 'utf-16be');
    check(Buffer.from('grün FIXME\n', 'latin1'), 'latin-1');
    assert.deepEqual(factsOf(Buffer.from('PNG\0\0'), 'a.png'), { kind: 'binary', bytes: 5 });
    assert.equal(factsOf(Buffer.from('a\0b'), 'a.ts', 'utf-8').kind, 'text', 'a text of the editor is a text');
  });

  it('find the longest line, without its line break', () => {
    assert.deepEqual(facts('a\nlong\r\nbcde\n').longestLine, { line: 2, length: 4 });
    assert.deepEqual(facts('💡\n').longestLine, { line: 1, length: 2 }, 'in UTF-16 units');
    assert.deepEqual(facts('\n').longestLine, { line: 1, length: 0 });
    assert.equal(facts('').longestLine, null);
  });

  it('find markers as words in capitals, with their text to the end of the line', () => {
    const check = (text: string, ...expected: readonly (readonly [string, number, number])[]) =>
      assert.deepEqual(
        facts(text).markers.map(({ kind, line, column }) => [kind, line, column]),
        expected,
        text,
      );
    check('// TODO: one\nx // FIXME two\r\n\tBUG', ['TODO', 1, 4], ['FIXME', 2, 6], ['BUG', 3, 2]);
    check('TODO-17 (TODO) @TODO', ['TODO', 1, 1], ['TODO', 1, 10], ['TODO', 1, 17]);
    check('todo DEBUG TODOS myTODO TODO_LIST BUGS $TODO x-TODO');
    assert.deepEqual(facts('a // TODO: round it   \r\nb').markers[0]?.text, 'TODO: round it');
    const many = facts('TODO\n'.repeat(MOST_MARKERS + 7));
    assert.deepEqual([many.markers.length, many.moreMarkers], [MOST_MARKERS, 7]);
    assert.ok((facts(`TODO ${'x'.repeat(9000)}`).markers[0]?.text.length ?? 0) < 200);
  });

  it('never show a secret in the text of a marker', () => {
    const token = `${'gh'}p_${'aZ3bY7cX1dW9eV5fU2gT8hS4iR6jQ0kP3lN7'}`;
    const found = facts(`// TODO: take out ${token} before the release\n`);
    assert.equal(found.markers[0]?.text, 'TODO: take out … before the release');
    assert.deepEqual(found.secrets, [{ rule: 'GitHub token', line: 1, column: 19 }]);
    assert.ok(!JSON.stringify(found).includes(token.slice(6)));
  });

  it('count lines that end with whitespace', () => {
    assert.deepEqual(facts('a\nb \n\t\nc\t\r\n').trailingWhitespace, { count: 3, line: 2 });
    assert.equal(facts('a\n b\n').trailingWhitespace, null);
    assert.deepEqual(facts('a ').trailingWhitespace, { count: 1, line: 1 });
  });

  it('tell mixed indentation from alignment and from one style', () => {
    const check = (text: string, expected: TextFacts['mixedIndentation']) =>
      assert.deepEqual(facts(text).mixedIndentation, expected, JSON.stringify(text));
    check('a\n\tb\n\tc\n  d\n', { count: 1, line: 4 });
    check('a\n  b\n  c\n\td\n', { count: 1, line: 4 });
    check('a\n \tb\n', { count: 1, line: 2 });
    check('/*\n * a\n */\n\tb\n', null);
    check('\ta\n\t  b\n', null);
    check('a\n  b\n\t\n', null);
    check('  a\n    b\n', null);
  });

  it('find conflicts that a merge left, and nothing that only looks so', () => {
    const check = (text: string, expected: TextFacts['conflicts']) => assert.deepEqual(facts(text).conflicts, expected, text);
    check('a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> topic\n', { count: 1, line: 2 });
    check('<<<<<<< HEAD\r\nb\r\n||||||| base\r\nx\r\n=======\r\nc\r\n>>>>>>> topic\r\n', { count: 1, line: 1 });
    check('<<<<<<< a\n1\n=======\n2\n>>>>>>> b\nx\n<<<<<<< a\n3\n=======\n4\n>>>>>>> b\n', { count: 2, line: 1 });
    check('x\n<<<<<<< HEAD\nthe rest was taken out by hand\n', { count: 1, line: 2 });
    check('x\n=======\ny\n>>>>>>> topic\n', { count: 1, line: 2 });
    check('Heading\n=======\n\ntext\n', null);
    check('Heading\n========\n>>>>>>> quoted seven times\n', null);
    check('  <<<<<<< HEAD\n  =======\n  >>>>>>> b\n', null);
    check('<<<<<<<<<< ten\n>>>>>>>\n', null);
  });

  it('name the language by name, ending or first line', () => {
    const check = (path: string, expected: string | null, text = '') => assert.equal(facts(text, path).language, expected, path);
    check('a.ts', 'TypeScript');
    check('a.tsx', 'TSX');
    check('src/a.test.mts', 'TypeScript');
    check('a.h', 'C');
    check('a.md', 'Markdown');
    check('A.MD', 'Markdown');
    check('a.sql', 'SQL');
    check('a.json', 'JSON');
    check('tsconfig.json', 'JSON with Comments');
    check('a.yml', 'YAML');
    check('a.m', 'Objective-C');
    check('a.pl', 'Perl');
    check('a.rs', 'Rust');
    check('a.cs', 'C#');
    check('a.txt', 'Text');
    check('Makefile', 'Makefile');
    check('deep/Dockerfile', 'Dockerfile');
    check('.gitignore', 'Ignore List');
    check('run', 'Shell', '#!/bin/sh\n');
    check('run', 'JavaScript', '#!/usr/bin/env -S node --test\n');
    check('run', 'Python', '#!/usr/bin/python3.12\n');
    check('run', null, 'echo');
    check('strange.qqqq', null);
    check('constructor', null);
    check('a.__proto__', null);
  });

  it('agree with a plain reading of any text', () => {
    const piece = fc.constantFrom('a', ' ', '\t', '\n', '\r\n', '\r', 'TODO', '=======', '<<<<<<< x', '>>>>>>> y', 'ä', '💡');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const text = pieces.join('');
        const found = facts(text);
        const lines = text.split(/\r\n|\r|\n/);
        if (lines.at(-1) === '') lines.pop();
        assert.equal(found.lines, lines.length);
        assert.equal(found.longestLine?.length ?? -1, Math.max(-1, ...lines.map((line) => line.length)));
        const trailing = lines.flatMap((line, index) => (/[ \t]$/.test(line) ? [index + 1] : []));
        assert.deepEqual(
          found.trailingWhitespace,
          trailing[0] === undefined ? null : { count: trailing.length, line: trailing[0] },
        );
        for (const { line, column, kind } of found.markers) assert.ok(lines[line - 1]?.startsWith(kind, column - 1));
      }),
    );
  });

  it('are told of any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const found = factsOf(Buffer.from(bytes), 'x');
        assert.equal(found.bytes, bytes.length);
        assert.deepEqual(JSON.parse(JSON.stringify(found)), found, 'it can be kept as JSON');
      }),
    );
  });
});
