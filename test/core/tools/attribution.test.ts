import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { type AskRipgrep, attribute } from '../../../src/core/tools/attribution.js';
import type { ScannedFile } from '../../../src/core/tools/ripgrep.js';

function fileOf(path: string, ...texts: string[]): ScannedFile {
  const lines = texts.map((text, index) => ({ number: index + 1, raw: { text }, matched: { start: 0, count: 1 } }));
  return { path, lines, capped: false };
}

/** Attributes the lines of files; `ask` answers with the lines that hold what stands between the marks of a pattern. */
async function attributed(
  patterns: readonly string[],
  files: readonly ScannedFile[],
  options: { readonly fails?: boolean } = {},
) {
  const asked: [string, string][] = [];
  const ask: AskRipgrep = async (pattern, lines) => {
    const text = (await buffer(lines)).toString();
    asked.push([pattern, text]);
    if (options.fails) return undefined;
    const sought = pattern.replaceAll('(?-u:)', '').replace('.*', '');
    const found = text.split('\n').map((line) => line.indexOf(sought));
    return new Map(found.flatMap((start, index) => (start < 0 ? [] : [[index, { start, count: 1 }]])));
  };
  const matches: string[] = [];
  const whose = attribute(
    patterns,
    {},
    {
      ask,
      onMatches: (pattern, { path }, lines) =>
        matches.push(`${pattern} in ${path}: ${lines.map(({ number, matched }) => `${number}@${matched?.start}`).join(' ')}`),
    },
  );
  whose.begin();
  for (const file of files) whose.add(file);
  return { whole: await whose.end(), asked, matches };
}

describe('lines of one pass', () => {
  it('are told apart in place where patterns are plain', async () => {
    const files = [fileOf('a', 'one two\n', 'two\n'), fileOf('b', 'three one')];
    const { whole, asked, matches } = await attributed(['one', 'tw[o]', 'four'], files);
    assert.equal(whole, true);
    assert.deepEqual(asked, []);
    assert.deepEqual(matches, ['one in a: 1@0', 'tw[o] in a: 1@4 2@0', 'one in b: 1@6']);
  });

  it('are left to ripgrep where they are not of ASCII or longer than may be looked through, and keep their order', async () => {
    const long = `${'x'.repeat(2000)}one`;
    const { asked, matches } = await attributed(
      ['one.*', 'grün'],
      [fileOf('a', 'one', 'grün one', 'one', long), fileOf('b', 'one')],
    );
    assert.deepEqual(asked, [
      ['one.*', `grün one\n${long}\n`],
      ['grün', `one\ngrün one\none\n${long}\none\n`],
    ]);
    assert.deepEqual(matches, ['one.* in b: 1@0', 'one.* in a: 1@0 2@5 3@0 4@2000', 'grün in a: 2@0']);
  });

  it('are looked through for a text whatever they hold', async () => {
    const { asked, matches } = await attributed(['one'], [fileOf('a', 'grün one')]);
    assert.deepEqual([asked, matches], [[], ['one in a: 1@6']]);
  });

  it('are asked about by any number of patterns', async () => {
    const patterns = Array.from({ length: 9 }, (_, index) => `(?-u:)${index}`);
    const { whole, asked, matches } = await attributed(patterns, [fileOf('a', '7 8', '0')]);
    assert.deepEqual([whole, asked.length], [true, 9]);
    assert.deepEqual(matches, ['(?-u:)0 in a: 2@0', '(?-u:)7 in a: 1@0', '(?-u:)8 in a: 1@2']);
  });

  it('are not told apart where ripgrep cannot say', async () => {
    const { whole } = await attributed(['(?-u:)x', 'one'], [fileOf('a', 'one')], { fails: true });
    assert.equal(whole, false);
  });
});
