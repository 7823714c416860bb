import assert from 'node:assert/strict';
import { mkdir, readdir, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { type Changes, openChanges } from '../../../src/core/batch/changes.js';
import { openJournal } from '../../../src/core/journal.js';
import type { OperationId } from '../../../src/core/model.js';
import { inTemporaryDirectory } from '../../support/processes.js';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const text = Buffer.from('x\n');
const [first, second, plain] = ['first', 'second', 'plain'] as unknown as readonly [OperationId, OperationId, OperationId];

/** Each operation is an atomic group of its name, except `plain`. */
async function withChanges(
  use: (changes: Changes, at: (file: string) => string, folder: string) => Promise<void>,
): Promise<void> {
  await inTemporaryDirectory(async (directory) => {
    const folder = path.join(directory, 'folder');
    await mkdir(folder);
    const journal = openJournal(path.join(directory, 'journal'), log);
    const groupOf = (operation: OperationId) => (operation === plain ? undefined : operation);
    const changes = openChanges({ journal, label: 'Test', date: () => new Date(0), log, groupOf });
    await use(changes, (file) => path.join(folder, file), folder);
    await changes.end();
  });
}

describe('Directories that several atomic groups of a batch stand in', () => {
  for (const order of [
    [first, second],
    [second, first],
  ])
    it(`are gone when all of these are put back, the ${order[0]} before the ${order[1]}`, async () => {
      await withChanges(async (changes, at, folder) => {
        await changes.write(first, at('d/a.txt'), text);
        await changes.write(second, at('d/e/f.txt'), text);
        for (const group of order) await changes.rollBack(group);
        assert.deepEqual(await readdir(folder), []);
      });
    });

  it('are gone when they are put back at the same time', async () => {
    await withChanges(async (changes, at, folder) => {
      await changes.write(first, at('d/a.txt'), text);
      await changes.write(second, at('d/e/f.txt'), text);
      await Promise.all([changes.rollBack(first), changes.rollBack(second)]);
      assert.deepEqual(await readdir(folder), []);
    });
  });

  it('take a new file though they are being taken away at that moment', async () => {
    await withChanges(async (changes, at) => {
      for (let index = 0; index < 60; index += 1) {
        const file = at(`d/${index}.txt`);
        let isWritten = false;
        const writing = changes.write(plain, file, text).finally(() => {
          isWritten = true;
        });
        // Less and less often, so that the write is through at last.
        const taking = (async () => {
          for (let turns = 1; !isWritten; turns += 1) {
            await rmdir(at('d')).catch(() => undefined);
            for (let turn = 0; turn < turns; turn += 1) await setImmediate();
          }
        })();
        await Promise.all([writing, taking]);
        await rm(file);
      }
    });
  });

  it('are gone when the second found them, the first was put back, and the second made them again', async () => {
    await withChanges(async (changes, at, folder) => {
      await changes.write(first, at('d/a.txt'), text);
      await changes.keep(second, [at('d/b.txt')], []);
      await changes.rollBack(first);
      await changes.write(second, at('d/b.txt'), text);
      await changes.rollBack(second);
      assert.deepEqual(await readdir(folder), []);
    });
  });

  it('stay where something came to lie that nobody puts back, even when it is gone again', async () => {
    await withChanges(async (changes, at, folder) => {
      await changes.write(first, at('d/a.txt'), text);
      await changes.write(plain, at('d/stays.txt'), text);
      await changes.write(second, at('d/e/f.txt'), text);
      await changes.rollBack(first);
      await rm(at('d/stays.txt'));
      await changes.rollBack(second);
      assert.deepEqual(await readdir(folder), ['d']);
      assert.deepEqual(await readdir(at('d')), []);
    });
  });

  it('stay where an operation of no group has made them anew, also while it still goes on', async () => {
    await withChanges(async (changes, at, folder) => {
      await changes.write(first, at('d/n/a.txt'), text);
      await changes.write(first, at('e/a.txt'), text);
      await changes.rollBack(first);
      const end = changes.watching(plain, [at('d/n')]);
      const wide = changes.watching(plain, [at('e')]);
      await mkdir(at('d/n'), { recursive: true });
      await mkdir(at('e'), { recursive: true });
      await changes.write(second, at('b.txt'), text);
      await changes.rollBack(second);
      assert.deepEqual((await readdir(folder)).sort(), ['d', 'e']);
      await end();
      await wide();
      await changes.write(second, at('b.txt'), text);
      await changes.rollBack(second);
      assert.deepEqual(await readdir(at('d')), ['n']);
      assert.deepEqual((await readdir(folder)).sort(), ['d', 'e']);
    });
  });

  it('stay where a group that is whole has made them anew, and go with one that is not', async () => {
    for (const isWhole of [true, false])
      await withChanges(async (changes, at, folder) => {
        const third = 'third' as OperationId;
        await changes.write(first, at('d/a.txt'), text);
        await changes.rollBack(first);
        changes.watching(third, [at('d')]);
        await mkdir(at('d'));
        await changes.write(second, at('b.txt'), text);
        await changes.rollBack(second);
        assert.deepEqual(await readdir(folder), ['d'], 'its group goes on');
        if (isWhole) await changes.commit(third);
        else await changes.rollBack(third);
        await changes.write(second, at('b.txt'), text);
        await changes.rollBack(second);
        assert.deepEqual(await readdir(folder), isWhole ? ['d'] : []);
      });
  });

  it('stay where a group that is whole has its files', async () => {
    await withChanges(async (changes, at) => {
      await changes.write(first, at('d/a.txt'), text);
      await changes.write(second, at('d/e/f.txt'), text);
      await changes.rollBack(first);
      await changes.commit(second);
      assert.deepEqual(await readdir(at('d/e')), ['f.txt']);
    });
  });
});
