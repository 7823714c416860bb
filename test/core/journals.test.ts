import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Journal, openJournal } from '../../src/core/journal.js';
import { type Journals, openJournals } from '../../src/core/journals.js';
import { inTemporaryDirectory } from '../support/processes.js';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
/** No process has this number. */
const DEAD = { process: 2 ** 31 - 1 };

interface Side {
  readonly journal: Journal;
  readonly journals: Journals;
  /** A group that writes a file of the folder and whose process dies before it is whole. Resolves with its id. */
  cutShort(file: string): Promise<string>;
}

describe('Journals of one folder', () => {
  async function withSides(
    use: (sides: {
      readonly editor: Side;
      readonly terminal: Side;
      readonly folder: string;
      readonly directory: string;
    }) => Promise<void>,
  ): Promise<void> {
    await inTemporaryDirectory(async (temporary) => {
      const directory = await realpath(temporary);
      const folder = path.join(directory, 'work');
      await mkdir(folder);
      const side = (name: string, seen = folder): Side => {
        const own = path.join(directory, name, 'fixes');
        const journal = openJournal(own, silent);
        const journals = openJournals({
          ...{ own: journal, directory: own, folders: () => [seen], log: silent },
          meetingPlace: () => path.join(directory, 'meeting'),
        });
        const cutShort = async (file: string) => {
          await journals.announce(folder);
          const change = await journal.begin('Batch x', [], new Date(), { atomic: true });
          await change.add([file]);
          await writeFile(file, 'half');
          const record = path.join(own, change.id, 'journal.json');
          await writeFile(record, JSON.stringify({ ...JSON.parse(await readFile(record, 'utf8')), owner: DEAD }));
          return change.id;
        };
        return { journal, journals, cutShort };
      };
      await use({ editor: side('editor'), terminal: side('terminal'), folder, directory });
    });
  }

  it('are all looked into for what was cut short, and the file is put back from whichever has it', async () => {
    await withSides(async ({ editor, terminal, folder }) => {
      const file = path.join(folder, 'a.txt');
      await writeFile(file, 'whole');
      const id = await editor.cutShort(file);
      for (const { journals } of [editor, terminal])
        assert.deepEqual(
          (await journals.interrupted()).map((each) => [each.id, each.files]),
          [[id, [file]]],
        );
      assert.deepEqual((await terminal.journals.undo(id))?.restored, [file]);
      assert.equal(await readFile(file, 'utf8'), 'whole');
      assert.deepEqual(await editor.journals.interrupted(), []);
      assert.equal(await editor.journals.undo(id), undefined, 'once');
    });
  });

  it('let one alone put a group back when several want to at the same time', async () => {
    await withSides(async ({ editor, terminal, folder }) => {
      const file = path.join(folder, 'a.txt');
      await writeFile(file, 'whole');
      const id = await editor.cutShort(file);
      const undone = await Promise.all([editor, terminal, editor, terminal].map(({ journals }) => journals.undo(id)));
      assert.equal(undone.filter((each) => each !== undefined).length, 1);
      assert.equal(await readFile(file, 'utf8'), 'whole');
    });
  });

  it('keep for all what one of them was told to keep', async () => {
    await withSides(async ({ editor, terminal, folder }) => {
      const id = await terminal.cutShort(path.join(folder, 'a.txt'));
      await editor.journals.keep(id);
      assert.deepEqual(await terminal.journals.interrupted(), []);
      assert.equal(await readFile(path.join(folder, 'a.txt'), 'utf8'), 'half');
    });
  });

  it('have nothing to say of a group whose process lives, or of one of another folder', async () => {
    await withSides(async ({ editor, terminal, folder, directory }) => {
      await editor.journals.announce(folder);
      await editor.journal.begin('Batch x', [path.join(folder, 'a.txt')], new Date(), { atomic: true });
      await editor.cutShort(path.join(directory, 'elsewhere.txt'));
      assert.deepEqual(await terminal.journals.interrupted(), []);
      assert.equal((await editor.journals.interrupted()).length, 1, 'its own are all told of');
    });
  });

  it('forget the one whose storage is gone, and believe nobody else', async () => {
    await withSides(async ({ editor, terminal, folder, directory }) => {
      const id = await editor.cutShort(path.join(folder, 'a.txt'));
      const markers = path.join(directory, 'meeting', 'journals');
      const [marker = ''] = await readdir(markers);
      if (process.platform !== 'win32') {
        await chmod(path.join(directory, 'editor', 'fixes'), 0o777);
        assert.deepEqual(await terminal.journals.interrupted(), [], 'anybody may have written there');
        await chmod(path.join(directory, 'editor', 'fixes'), 0o755);
      }
      assert.equal((await terminal.journals.interrupted())[0]?.id, id);
      const text = await readFile(path.join(markers, marker), 'utf8');
      await rm(path.join(markers, marker));
      await writeFile(path.join(directory, 'true.json'), text);
      await symlink(path.join(directory, 'true.json'), path.join(markers, marker));
      await writeFile(path.join(markers, 'half.json'), '{"version":1,"dire');
      await writeFile(path.join(markers, 'relative.json'), '{"version":1,"directory":"fixes"}');
      assert.deepEqual(await terminal.journals.interrupted(), [], 'a link is no marker');
      await rm(path.join(markers, marker));
      await writeFile(path.join(markers, marker), text);
      await rm(path.join(directory, 'editor'), { recursive: true });
      assert.deepEqual(await terminal.journals.interrupted(), []);
      assert.deepEqual((await readdir(markers)).sort(), ['half.json', 'relative.json']);
      assert.equal(await terminal.journals.undo('../../work'), undefined);
    });
  });

  it('are made known before anything is changed, and where that cannot be, work goes on', async () => {
    await withSides(async ({ editor, directory, folder }) => {
      await writeFile(path.join(directory, 'meeting'), 'a file');
      await editor.journals.announce(folder);
      assert.deepEqual(await editor.journals.interrupted(), []);
    });
  });
});
