import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { openKeptApart } from '../../../src/core/batch/kept-apart.js';
import { openLearned } from '../../../src/core/batch/learned.js';
import { openRemembered } from '../../../src/core/batch/remembered.js';
import { openWorkspaceLocks } from '../../../src/core/workspace-locks.js';
import { inTemporaryDirectory } from '../../support/processes.js';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const isText = (value: unknown): value is string => typeof value === 'string';

describe('A list that is remembered', () => {
  it('loses nothing when several windows and terminals add to it at the same time', async () => {
    await inTemporaryDirectory(async (storage) => {
      // As in processes of their own: they share nothing but the files.
      const windows = Array.from({ length: 4 }, () => ({
        apart: openKeptApart(storage, silent),
        learned: openLearned(storage, silent),
      }));
      await Promise.all(
        windows.flatMap(({ apart, learned }, window) =>
          Array.from({ length: 10 }, async (_, index) => {
            await apart.remember([`a${window}`, `b${index}`]);
            await learned.remember('one', [`${window}/${index}`]);
          }),
        ),
      );
      const [first] = windows;
      assert.equal((await first?.apart.pairs())?.length, 40);
      assert.equal((await first?.learned.writes())?.get('one')?.length, 40);
      assert.deepEqual(await readdir(path.join(storage, 'locks')), []);
    });
  });

  it('is not waited for for ever when somebody who holds it hangs', async () => {
    await inTemporaryDirectory(async (storage) => {
      const locks = openWorkspaceLocks(path.join(storage, 'locks'), silent);
      const free = await locks.take(['list.json'], new AbortController().signal, () => {});
      const list = openRemembered(path.join(storage, 'list.json'), isText, silent, 1);
      await list.update((entries) => [...entries, 'x'], 'It');
      assert.deepEqual(await list.read(), ['x']);
      await free?.();
    });
  });

  it('keeps the newest, leaves out what it does not understand, and starts anew where all is damaged', async () => {
    await inTemporaryDirectory(async (storage) => {
      const file = path.join(storage, 'list.json');
      const list = openRemembered(file, isText, silent);
      await writeFile(file, '["a", 1, "b"]');
      assert.deepEqual(await list.read(), ['a', 'b']);
      await list.update(() => undefined, 'It');
      assert.equal(await readFile(file, 'utf8'), '["a", 1, "b"]', 'left as it is');
      await writeFile(file, '["a"');
      await list.update((entries) => [...entries, ...Array.from({ length: 501 }, (_, index) => String(index))], 'It');
      const kept = await list.read();
      assert.deepEqual([kept.length, kept[0], kept.at(-1)], [500, '1', '500']);
    });
  });

  it('is logged when it cannot be written, and the next one is tried all the same', async () => {
    await inTemporaryDirectory(async (storage) => {
      const said: string[] = [];
      const file = path.join(storage, 'file');
      await writeFile(file, '');
      const list = openRemembered(path.join(file, 'list.json'), isText, { ...silent, warn: (text) => said.push(text) });
      await list.update(() => ['x'], 'What was learned');
      await list.update(() => ['y'], 'What was learned');
      assert.equal(said.filter((text) => text.startsWith('What was learned could not be written')).length, 2);
    });
  });
});
