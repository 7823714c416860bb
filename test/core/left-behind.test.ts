import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type LeftBehind, watchFolder, watchFolders } from '../../src/core/left-behind.js';
import { inTemporaryDirectory } from '../support/processes.js';

async function namesOf(watched: LeftBehind): Promise<readonly string[]> {
  const left = await watched.end();
  return left.kind === 'files' ? [...left.files.keys()] : assert.fail(left.because);
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
      const watched = watchFolder(folder, path.join(folder, '.storage'));
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
});
