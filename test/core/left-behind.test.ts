import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { watchFolder } from '../../src/core/left-behind.js';
import { inTemporaryDirectory } from '../support/processes.js';

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
      assert.ok(first && second);
      assert.deepEqual([...first.keys()], ['changes.txt', 'goes.txt', 'new/picture', 'new/report.xml']);
      assert.equal(first.get('goes.txt'), 'gone');
      assert.equal(first.get('changes.txt'), second.get('changes.txt'), 'times do not count');
      assert.notEqual(first.get('new/picture'), second.get('new/picture'), 'what is no text is compared as it is');
    });
  });

  it('leaves out what Volley itself writes', async () => {
    await inTemporaryDirectory(async (folder) => {
      const watched = watchFolder(folder, path.join(folder, '.storage'));
      await watched.begin();
      await mkdir(path.join(folder, '.storage'));
      await writeFile(path.join(folder, '.storage', 'history.jsonl'), '');
      await writeFile(path.join(folder, '.storage-not'), '');
      assert.deepEqual([...((await watched.end()) ?? []).keys()], ['.storage-not']);
    });
  });

  it('is nothing where nothing changed, and unknown before anybody looked', async () => {
    await inTemporaryDirectory(async (folder) => {
      const watched = watchFolder(folder);
      assert.equal(await watched.end(), undefined);
      await watched.begin();
      assert.deepEqual([...((await watched.end()) ?? [])], []);
    });
  });
});
