import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { contentOf } from '../../src/core/file-content.js';
import { inTemporaryDirectory } from '../support/processes.js';

async function digests(contents: readonly (string | Buffer)[]): Promise<readonly (string | undefined)[]> {
  const found: (string | undefined)[] = [];
  await inTemporaryDirectory(async (folder) => {
    for (const content of contents) {
      const file = path.join(folder, 'file');
      await writeFile(file, content);
      found.push((await contentOf(file, Buffer.byteLength(content)))?.digest);
    }
  });
  return found;
}

describe('The content of a file', () => {
  const equal: readonly (readonly [string, boolean, string | Buffer, string | Buffer])[] = [
    ['of texts that differ in times is the same', true, 'took 12 ms\n', 'took 3.5 s\n'],
    ['of texts that differ otherwise is not', false, 'found 12\n', 'found 13\n'],
    ['of what is no text is taken as it is', false, '\0 took 12 ms', '\0 took 3.5 s'],
    ['of nothing is that of nothing', true, '', ''],
    ['of bytes that are no UTF-8 is taken as it is', false, Buffer.from([0xff, 0x61]), Buffer.from([0xfe, 0x61])],
    [
      'of a text of many pieces is the same where a time stands in any line',
      true,
      `${'line of a log\n'.repeat(60_000)}took 12 ms\n${'more\n'.repeat(90_000)}`,
      `${'line of a log\n'.repeat(60_000)}took 8 ms\n${'more\n'.repeat(90_000)}`,
    ],
    [
      'of a line of many pieces is read whole, in characters of several bytes too',
      false,
      `${'ä'.repeat(600_000)}b`,
      `${'ä'.repeat(600_000)}c`,
    ],
  ];
  for (const [title, expected, one, other] of equal)
    it(title, async () => {
      const [first, second] = await digests([one, other]);
      assert.equal(first === second, expected);
    });

  it('says what a text is known without', async () => {
    await inTemporaryDirectory(async (folder) => {
      const file = path.join(folder, 'file');
      await writeFile(file, 'took 12 ms');
      assert.deepEqual((await contentOf(file, 10))?.without, ['times']);
    });
  });

  it('leaves the event loop to others between pieces', async () => {
    await inTemporaryDirectory(async (folder) => {
      const file = path.join(folder, 'file');
      const content = 'a line\n'.repeat(1_000_000);
      await writeFile(file, content);
      let turns = 0;
      let over = false;
      const turn = () => {
        turns += 1;
        if (!over) setImmediate(turn);
      };
      setImmediate(turn);
      await contentOf(file, content.length);
      over = true;
      assert.ok(turns > content.length / (256 * 1024), String(turns));
    });
  });

  it('is given up as soon as it may not go on', async () => {
    await inTemporaryDirectory(async (folder) => {
      const file = path.join(folder, 'file');
      await writeFile(file, 'x'.repeat(2_000_000));
      let asked = 0;
      assert.equal(await contentOf(file, 2_000_000, () => ++asked < 3), undefined);
      assert.equal(asked, 3);
    });
  });
});
