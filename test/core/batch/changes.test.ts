import assert from 'node:assert/strict';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
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
