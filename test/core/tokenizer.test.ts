import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { countTokens as whole } from 'gpt-tokenizer/encoding/o200k_base';
import { countTokens } from '../../src/core/tokenizer.js';

describe('Tokens of a text', () => {
  it('are as many as of the text in one piece, for code and prose', async () => {
    const root = path.join(import.meta.dirname, '../..');
    for (const file of ['src/core/run.ts', 'README.md', 'package.json', 'src/webview/style.css', 'CHANGELOG.md']) {
      const text = await readFile(path.join(root, file), 'utf8');
      assert.equal(await countTokens(text), whole(text), file);
    }
  });

  it('are as many as of the text in one piece, wherever it could be divided', async () => {
    const word = fc.constantFrom(
      'foo',
      ' bar',
      '(',
      ');',
      '\n',
      '\n\n',
      '  ',
      '\t',
      '\r\n',
      '12345',
      'é',
      '漢字',
      '🙂',
      ' // ',
      '"',
      '.',
      "it's",
    );
    await fc.assert(
      fc.asyncProperty(fc.array(word, { minLength: 400, maxLength: 900 }), async (words) => {
        const text = words.join('');
        assert.equal(await countTokens(text), whole(text));
      }),
      { numRuns: 100 },
    );
  });

  it('are counted before anybody gives up, where a text has no place to divide it', async () => {
    // In one piece these take most of a minute: the work grows with the square of their length.
    for (const text of ['a'.repeat(100_000), ' '.repeat(100_000), '漢字'.repeat(50_000), '🙂'.repeat(30_000)]) {
      const tokens = await countTokens(text);
      assert.ok(tokens > 0 && tokens <= text.length, `${tokens}`);
    }
  });
});
