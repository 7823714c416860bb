import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { type Journal, openJournal } from '../../src/core/journal.js';
import { inTemporaryDirectory } from '../support/processes.js';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const date = new Date('2026-01-01T00:00:00.000Z');

async function withJournal(use: (setup: { journal: Journal; folder: string; storage: string }) => Promise<void>): Promise<void> {
  await inTemporaryDirectory(async (directory) => {
    const folder = path.join(directory, 'folder');
    await mkdir(folder);
    const storage = path.join(directory, 'fixes');
    await use({ journal: openJournal(storage, silent), folder, storage });
  });
}

/** Contents by name; the whole folder. */
async function contents(folder: string): Promise<Readonly<Record<string, string>>> {
  const names = (await readdir(folder)).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(path.join(folder, name), 'utf8')])),
  );
}

async function put(folder: string, files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text);
  return Object.keys(files).map((name) => path.join(folder, name));
}

/** As if another process made the change. */
async function ownedBy(storage: string, id: string, owner: object): Promise<void> {
  const file = path.join(storage, id, 'journal.json');
  await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), owner }));
}

describe('The journal', () => {
  it('undoes whatever a program did to the files, in one step', async () => {
    const names = fc.constantFrom('a', 'b', 'c', 'd');
    const state = fc.dictionary(names, fc.string());
    await fc.assert(
      fc.asyncProperty(state, state, async (before, after) => {
        await withJournal(async ({ journal, folder, storage }) => {
          const change = await journal.begin('Fix', await put(folder, before), date);
          await rm(folder, { recursive: true });
          await mkdir(folder);
          const changed = await change.end(await put(folder, after));
          const different = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
            (name) => before[name] !== after[name],
          );
          assert.deepEqual(
            changed.map((file) => path.basename(file)),
            different.sort(),
          );
          assert.equal((await journal.changes()).length, different.length > 0 ? 1 : 0);
          if (different.length > 0) assert.deepEqual((await journal.undo(change.id))?.conflicts, []);
          assert.deepEqual(await contents(folder), { ...before });
          assert.deepEqual(await readdir(storage), []);
        });
      }),
      { numRuns: 40 },
    );
  });

  it('leaves what was changed again, and says so', async () => {
    await withJournal(async ({ journal, folder }) => {
      const files = await put(folder, { a: 'old', b: 'old' });
      const change = await journal.begin('Fix', files, date);
      await put(folder, { a: 'fixed', b: 'fixed' });
      await change.end([]);
      await put(folder, { b: 'by hand' });
      assert.deepEqual(await journal.undo(change.id), {
        restored: [path.join(folder, 'a')],
        conflicts: [path.join(folder, 'b')],
        failed: [],
      });
      assert.deepEqual(await contents(folder), { a: 'old', b: 'by hand' });
      assert.equal(await journal.undo(change.id), undefined);
    });
  });

  it('undoes a change whose program died before it ended', async () => {
    await withJournal(async ({ journal, folder, storage }) => {
      await journal.begin('Fix', await put(folder, { a: 'old', b: 'old' }), date);
      await put(folder, { a: 'half' });
      const [open] = await openJournal(storage, silent).changes();
      assert.deepEqual([open?.files, open?.cutShort], [[path.join(folder, 'a')], true]);
      await openJournal(storage, silent).undo(open?.id ?? '');
      assert.deepEqual(await contents(folder), { a: 'old', b: 'old' });
    });
  });

  it('leaves what was changed after the program of a fix had died, and says so', async () => {
    await withJournal(async ({ journal, folder, storage }) => {
      const files = await put(folder, { a: 'old', b: 'old' });
      const { id } = await journal.begin('Fix', files, date, { entries: true });
      await put(folder, { a: 'half' });
      const alive = path.join(storage, id, 'alive');
      while (!(await stat(alive).catch(() => undefined))) await setImmediate();
      const long = new Date(Date.now() - 60 * 60_000);
      await utimes(alive, long, long);
      await put(folder, { b: 'hours of work' });
      const undone = await openJournal(storage, silent).undo(id);
      assert.deepEqual([undone?.restored, undone?.conflicts.toSorted()], [[], files.toSorted()]);
      assert.deepEqual(await contents(folder), { a: 'half', b: 'hours of work' });
    });
  });

  it('puts back what the fix had changed by then', async () => {
    await withJournal(async ({ journal, folder, storage }) => {
      const { id } = await journal.begin('Fix', await put(folder, { a: 'old' }), date, { entries: true });
      await put(folder, { a: 'half' });
      await openJournal(storage, silent).undo(id);
      assert.deepEqual(await contents(folder), { a: 'old' });
    });
  });

  it('leaves what somebody saved while the change was ending, whenever that was', async () => {
    await withJournal(async ({ journal, folder, storage }) => {
      for (let turns = 0; turns < 80; turns += 1) {
        const files = await put(folder, { a: 'old', b: 'old' });
        const change = await journal.begin('Fix', files, date, { entries: true });
        const isAlone = turns >= 40;
        await put(folder, { ...(isAlone ? {} : { a: 'fixed' }), b: 'fixed' });
        const ending = change.end([]);
        for (let turn = 0; turn < turns % 40; turn += 1) await setImmediate();
        await put(folder, { b: 'saved' });
        await change.keepAsTheyAre([path.join(folder, 'b')]);
        await ending;
        const again = openJournal(storage, silent);
        assert.ok((await again.changes()).every(({ cutShort }) => !cutShort));
        await again.undo(change.id);
        assert.deepEqual(await contents(folder), { a: 'old', b: 'saved' }, `after ${turns} turns`);
      }
    });
  });

  it('does not undo what still goes on', async () => {
    await withJournal(async ({ journal, folder }) => {
      const change = await journal.begin('Fix', await put(folder, { a: 'old' }), date);
      await put(folder, { a: 'half' });
      assert.deepEqual(
        (await journal.changes()).map(({ id, goesOn }) => [id, goesOn]),
        [[change.id, true]],
      );
      assert.equal(await journal.undo(change.id), undefined);
      await put(folder, { a: 'whole' });
      assert.deepEqual(await change.end([]), [path.join(folder, 'a')]);
      await journal.undo(change.id);
      assert.deepEqual(await contents(folder), { a: 'old' });
    });
  });

  it('keeps the permissions of files', async function () {
    if (process.platform === 'win32') this.skip();
    await withJournal(async ({ journal, folder }) => {
      const [file = ''] = await put(folder, { 'run.sh': 'old' });
      await chmod(file, 0o750);
      const change = await journal.begin('Fix', [file], date);
      await rm(file);
      await writeFile(file, 'new');
      await change.end([]);
      await journal.undo(change.id);
      assert.equal((await stat(file)).mode & 0o777, 0o750);
    });
  });

  it('keeps the last ten changes', async () => {
    await withJournal(async ({ journal, folder }) => {
      for (let day = 1; day <= 12; day += 1) {
        const change = await journal.begin(`Fix ${day}`, await put(folder, { a: `${day}` }), new Date(Date.UTC(2026, 0, day)));
        await put(folder, { a: `${day} fixed` });
        await change.end([]);
      }
      assert.deepEqual(
        (await journal.changes()).map(({ label }) => label),
        Array.from({ length: 10 }, (_, index) => `Fix ${12 - index}`),
      );
    });
  });

  it('removes what a dead process has left beside the files, only of its own changes, and never of a living one', async () => {
    await withJournal(async ({ journal, folder, storage }) => {
      const [file = ''] = await put(folder, {
        'a.txt': 'old',
        '.a.txt.volley-mine.tmp': 'by hand',
        '.a.txt.volley-0123456789abcdef-01234567.tmp': 'x',
      });
      const dead = await journal.begin('Dead', [file], date);
      const living = await journal.begin('Living', [file], date);
      const left = dead.temporaryName(file);
      for (const each of [left, living.temporaryName(file)]) await writeFile(each, 'half');
      assert.deepEqual(await journal.sweep(), [], 'both may still be written');
      await ownedBy(storage, dead.id, { process: process.pid, started: '1' });
      assert.deepEqual(await openJournal(storage, silent).sweep(), process.platform === 'linux' ? [left] : []);
      await ownedBy(storage, dead.id, { process: 2 ** 30 });
      await journal.sweep();
      const names = Object.keys(await contents(folder));
      assert.equal(names.length, 4, names.join());
      assert.ok(!names.includes(path.basename(left)));
    });
  });

  it('takes a process that was given the number of a dead one for another one', async function () {
    if (process.platform !== 'linux') this.skip();
    await withJournal(async ({ journal, folder, storage }) => {
      const change = await journal.begin('Group', await put(folder, { a: 'old' }), date, { atomic: true });
      assert.deepEqual(await journal.interrupted(), []);
      await ownedBy(storage, change.id, { process: process.pid, started: '1' });
      assert.deepEqual(
        (await journal.interrupted()).map(({ id }) => id),
        [change.id],
      );
      await writeFile(path.join(folder, 'a'), 'half');
      await journal.keep(change.id);
      assert.deepEqual(await journal.interrupted(), [], 'taken for whole as it is');
      assert.deepEqual(
        (await journal.changes()).map(({ id }) => id),
        [change.id],
        'and it can be undone all the same',
      );
    });
  });

  it('does not forget a change that goes on, however many come after it', async () => {
    await withJournal(async ({ journal, folder }) => {
      const first = await journal.begin('First', await put(folder, { a: 'old' }), new Date(Date.UTC(2026, 0, 1)));
      await put(folder, { a: 'new' });
      for (let day = 2; day <= 14; day += 1) {
        const change = await journal.begin('Later', await put(folder, { b: `${day}` }), new Date(Date.UTC(2026, 0, day)));
        await put(folder, { b: `${day} fixed` });
        await change.end([]);
      }
      assert.deepEqual(await first.end([]), [path.join(folder, 'a')]);
    });
  });

  it('goes on after a write that found no room', async () => {
    await withJournal(async ({ journal, folder, storage }) => {
      const [file = ''] = await put(folder, { a: 'old' });
      const change = await journal.begin('Batch', [], date);
      const record = path.join(storage, change.id, 'journal.json.tmp');
      await mkdir(record);
      await assert.rejects(change.writing(file, Buffer.from('new')));
      await rm(record, { recursive: true, force: true });
      await change.writing(file, Buffer.from('new'));
      await put(folder, { a: 'new' });
      assert.deepEqual(await change.end([]), [file]);
      await journal.undo(change.id);
      assert.deepEqual(await contents(folder), { a: 'old' });
    });
  });
});
