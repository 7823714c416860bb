import assert from 'node:assert/strict';
import { mkdir, open, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type LeftBehind, type ReadingBudget, watchFolder, watchFolders } from '../../src/core/left-behind.js';
import { inTemporaryDirectory } from '../support/processes.js';

async function namesOf(watched: LeftBehind): Promise<readonly string[]> {
  const left = await watched.end();
  return left.kind === 'files' ? [...left.files.keys()] : assert.fail(left.because);
}

/** A file of which only the last byte is not zero; nothing of the rest takes room. */
async function writeLarge(file: string, megabytes: number, last: string): Promise<void> {
  const handle = await open(file, 'w');
  await handle.write(last, megabytes * 1_000_000 - 1);
  await handle.close();
}

/** What three runs leave behind that write large files with these last bytes. */
async function leftOfLarge(lasts: readonly string[], budget?: ReadingBudget) {
  const left: Extract<Awaited<ReturnType<LeftBehind['end']>>, { kind: 'files' }>[] = [];
  await inTemporaryDirectory(async (folder) => {
    const watched = watchFolder(folder, budget ? { budget } : {});
    for (const last of lasts) {
      await watched.begin();
      await writeLarge(path.join(folder, 'b.bin'), 20, last);
      await writeLarge(path.join(folder, 'a.bin'), 30, last);
      await writeFile(path.join(folder, 'small.txt'), 'small');
      const each = await watched.end();
      left.push(each.kind === 'files' ? each : assert.fail(each.because));
    }
  });
  return left;
}

describe('What a run leaves behind', () => {
  it('is every file that came, changed or went, by its content without times', async () => {
    await inTemporaryDirectory(async (folder) => {
      const write = async (name: string, text: string) => {
        await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
        await writeFile(path.join(folder, name), text);
      };
      await write('stays.txt', 'a');
      await write('changes.txt', 'b');
      await write('goes.txt', 'c');
      const watched = watchFolder(folder);
      const look = async (time: string) => {
        await watched.begin();
        await write('changes.txt', `more ${time}`);
        await write('new/report.xml', `<suite time="${time}"/>`);
        await write('new/picture', `\0${time}`);
        await rm(path.join(folder, 'goes.txt'), { force: true });
        return watched.end();
      };
      const first = await look('12 ms');
      await write('goes.txt', 'c');
      const second = await look('3.5 s');
      assert.ok(first.kind === 'files' && second.kind === 'files');
      assert.deepEqual(first.without, ['times']);
      assert.deepEqual([...first.files.keys()], ['changes.txt', 'goes.txt', 'new/picture', 'new/report.xml']);
      assert.equal(first.files.get('goes.txt'), 'gone');
      assert.equal(first.files.get('changes.txt'), second.files.get('changes.txt'), 'times do not count');
      assert.notEqual(first.files.get('new/picture'), second.files.get('new/picture'), 'what is no text is compared as it is');
    });
  });

  it('leaves out what Volley itself writes', async () => {
    await inTemporaryDirectory(async (folder) => {
      const watched = watchFolder(folder, { own: path.join(folder, '.storage') });
      await watched.begin();
      await mkdir(path.join(folder, '.storage'));
      await writeFile(path.join(folder, '.storage', 'history.jsonl'), '');
      await writeFile(path.join(folder, '.storage-not'), '');
      assert.deepEqual(await namesOf(watched), ['.storage-not']);
    });
  });

  it('is looked for in all folders of a workspace', async () => {
    await inTemporaryDirectory(async (folder) => {
      const folders = ['one', 'two'].map((name) => ({ name, path: path.join(folder, name) }));
      for (const { path: each } of folders) await mkdir(each);
      const watched = watchFolders(folders);
      await watched.begin();
      for (const { path: each } of folders) await writeFile(path.join(each, 'a.txt'), 'a');
      assert.deepEqual(await namesOf(watched), ['one/a.txt', 'two/a.txt']);
    });
  });

  it('is nothing where nothing changed, and unknown before anybody looked', async () => {
    await inTemporaryDirectory(async (folder) => {
      const watched = watchFolder(folder);
      assert.equal((await watched.end()).kind, 'unknown');
      await watched.begin();
      assert.deepEqual(await namesOf(watched), []);
    });
  });

  it('of large files is compared by content as well', async () => {
    const [first, second, third] = await leftOfLarge(['x', 'y', 'x']);
    assert.deepEqual(first?.bySize, []);
    assert.deepEqual(
      [...(first?.large ?? [])],
      [
        ['a.bin', 30_000_000],
        ['b.bin', 20_000_000],
      ],
    );
    assert.notEqual(first?.files.get('a.bin'), second?.files.get('a.bin'), 'as large, and other in its last byte');
    assert.equal(first?.files.get('a.bin'), third?.files.get('a.bin'));
  });

  it('is known by its size where its content is beyond the bytes that may be read, the largest files first', async () => {
    const [left] = await leftOfLarge(['x'], { bytes: 25_000_000, ms: 1000, now: () => 0 });
    assert.deepEqual(left?.bySize, ['a.bin']);
    assert.deepEqual(left?.files.get('a.bin'), '30000000 bytes');
    assert.match(left?.files.get('b.bin') ?? '', /^[0-9a-f]{64}$/);
    assert.deepEqual([...(left?.files.keys() ?? [])], ['a.bin', 'b.bin', 'small.txt'], 'in the order of their names');
  });

  it('is known by its size where reading takes longer than it may, and then after each later run', async () => {
    let time = 0;
    let step = 1000;
    const now = () => {
      time += step;
      return time;
    };
    const left = await leftOfLarge(['x', 'y'], { bytes: 1e9, ms: 500, now });
    assert.deepEqual(
      left.map(({ bySize }) => bySize),
      [
        ['a.bin', 'b.bin'],
        ['a.bin', 'b.bin'],
      ],
    );
    step = 0;
    const [quick] = await leftOfLarge(['x'], { bytes: 1e9, ms: 500, now });
    assert.deepEqual(quick?.bySize, []);
  });
});
