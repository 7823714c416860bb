import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { type EditInput, editTool, replaceAll } from '../../../src/core/tools/edit.js';
import { Refusal } from '../../../src/core/tools/tool.js';
import { writeTool } from '../../../src/core/tools/write.js';
import { messageOf, type ToolFolder, toolFolder } from '../../support/tool-folder.js';

describe('a write', () => {
  let folder: ToolFolder;
  beforeEach(async () => {
    folder = await toolFolder({ 'a.txt': 'old', '.git/config': 'x' });
  });
  afterEach(() => folder.dispose());
  const write = (path: string, content = 'new', options = {}) => folder.invoke(writeTool, { path, content }, options);
  const text = (name: string) => readFile(folder.at(name), 'utf8');

  it('creates a file with its directories, or replaces it, and says which', async () => {
    const created = await write('deep/er/b.txt', 'grün');
    assert.equal(created.text, 'created deep/er/b.txt, 5 bytes\n');
    assert.deepEqual(created.json, { path: 'deep/er/b.txt', created: true, bytes: 5 });
    assert.equal(await text('deep/er/b.txt'), 'grün');
    assert.equal((await write('a.txt', '')).text, 'replaced a.txt, 0 bytes\n');
    assert.equal(await text('a.txt'), '');
  });

  it('takes any name', async () => {
    for (const name of ['-dash', 'new\nline', '*', '[id].ts', ' ', '..x', "quo'te", '$(touch x)']) {
      assert.equal((await write(name, name)).end.kind, 'passed', name);
      assert.equal(await text(name), name);
    }
  });

  it('is refused with a reason, and leaves everything as it was', async () => {
    await writeFile(path.join(folder.outside, 'secret'), 'secret');
    await symlink(path.join(folder.outside, 'secret'), folder.at('leak'));
    await symlink(folder.outside, folder.at('out'));
    await mkdir(folder.at('dir'));
    const check = async (given: string, expected: RegExp, options = {}) =>
      assert.match(messageOf(await write(given, 'new', options)) ?? 'written', expected, given);
    await check('.git/config', /belongs to git/);
    await check('.git/hooks/pre-commit', /belongs to git/);
    await check('leak', /leads through a symbolic link/);
    await check('out/x', /leads through a symbolic link/);
    await check('../x', /lies outside/);
    await check('dir', /is a directory/);
    await check('a.txt/b', /a part of its path is a file/);
    await check('a.txt', /has unsaved changes/, { unsaved: { 'a.txt': 'mine' } });
    await check('x'.repeat(300), /too long for a name/);
    assert.equal(await text('a.txt'), 'old');
    assert.equal(await text('.git/config'), 'x');
    assert.equal(await readFile(path.join(folder.outside, 'secret'), 'utf8'), 'secret');
  });

  it('goes through a link that stays inside', async () => {
    await symlink('a.txt', folder.at('link'));
    await symlink('deep/new.txt', folder.at('to-new'));
    await mkdir(folder.at('deep'));
    await write('link', 'through');
    await write('to-new', 'fresh');
    assert.deepEqual([await text('a.txt'), await text('link'), await text('deep/new.txt')], ['through', 'through', 'fresh']);
  });

  it('says what the disk or the journal has against it', async () => {
    const against = async (error: unknown) => {
      const context = { ...(await folder.context()), writeFile: () => Promise.reject(error) };
      return messageOf(await writeTool.invoke({ path: 'a.txt', content: 'x' }, context));
    };
    assert.match(
      (await against(Object.assign(new Error(), { code: 'ENOSPC' }))) ?? '',
      /the disk is full \(ENOSPC\)\. Free some space/,
    );
    assert.equal(await against(new Refusal('Somebody changed it. Look at it.')), 'Somebody changed it. Look at it.');
    assert.match((await against(Object.assign(new Error(), { code: 'EIO' }))) ?? '', /could not be accessed: EIO/);
  });

  it('says that a directory is read-only', async function () {
    await mkdir(folder.at('locked'));
    await chmod(folder.at('locked'), 0o555);
    // Root may write anywhere.
    const may = await writeFile(folder.at('locked/probe'), '').then(
      () => true,
      () => false,
    );
    if (may) this.skip();
    assert.match(messageOf(await write('locked/x')) ?? '', /may not be accessed \(EACCES\)/);
  });
});

describe('an edit', () => {
  let folder: ToolFolder;
  beforeEach(async () => {
    folder = await toolFolder({ 'a.txt': 'one two two three\n', 'crlf.txt': 'one\r\ntwo\r\n' });
  });
  afterEach(() => folder.dispose());
  const edit = (path: string, replacements: EditInput['replacements'], options = {}) =>
    folder.invoke(editTool, { path, replacements }, options);
  const text = (name: string) => readFile(folder.at(name), 'utf8');

  it('replaces what occurs once, and everything with `all`, in order', async () => {
    const result = await edit('a.txt', [
      { old: 'one', new: 'two' },
      { old: 'two', new: '2', all: true },
      { old: '2 2 2', new: '$& $1' },
    ]);
    assert.equal(await text('a.txt'), '$& $1 three\n');
    assert.deepEqual(result.json, { path: 'a.txt', replacements: 5, bytes: 12 });
    assert.equal(result.text, '5 replacements in a.txt\n');
  });

  it('writes nothing when one does not fit, and says which and how often it occurs', async () => {
    const check = async (replacements: EditInput['replacements'], expected: RegExp) => {
      assert.match(messageOf(await edit('a.txt', replacements)) ?? 'written', expected);
      assert.equal(await text('a.txt'), 'one two two three\n');
    };
    await check(
      [{ old: 'two', new: '2' }],
      /^The text to replace, "two", occurs 2 times in a\.txt, so nothing was written\. Give more/,
    );
    await check([{ old: 'four', new: '4', all: true }], /does not occur in a\.txt/);
    await check(
      [
        { old: 'one', new: '1' },
        { old: 'one', new: '1' },
      ],
      /^The text of replacement 2 of 2, "one", does not occur in a\.txt after those before it/,
    );
    assert.deepEqual(replaceAll('aaa', [{ old: 'aa', new: 'b' }]), { kind: 'does not fit', index: 0, old: 'aa', times: 2 });
  });

  it('keeps line endings and the byte order mark', async () => {
    await edit('crlf.txt', [{ old: 'one\ntwo', new: '1\n2\n3' }]);
    assert.equal(await text('crlf.txt'), '1\r\n2\r\n3\r\n');
    await edit('a.txt', [{ old: 'three\r\n', new: '3\r\n4\r\n' }]);
    assert.equal(await text('a.txt'), 'one two two 3\n4\n');
    await writeFile(folder.at('mixed.txt'), 'a\r\nb\nc');
    await edit('mixed.txt', [{ old: 'a\r\nb', new: 'x\ny' }]);
    assert.equal(await text('mixed.txt'), 'x\ny\nc');
    await writeFile(folder.at('bom.txt'), '\ufeffgrün');
    await edit('bom.txt', [{ old: 'grün', new: 'blau' }]);
    assert.equal(await text('bom.txt'), '\ufeffblau');
  });

  it('is refused where something could get lost', async () => {
    await writeFile(folder.at('latin'), Buffer.from('grün', 'latin1'));
    await writeFile(folder.at('utf16'), Buffer.from('\ufeffgrün', 'utf16le'));
    await writeFile(folder.at('bin'), 'a\0');
    const check = async (given: string, expected: RegExp, options = {}) =>
      assert.match(messageOf(await edit(given, [{ old: 'a', new: 'b' }], options)) ?? 'written', expected);
    await check('latin', /is encoded as latin-1, and only UTF-8 is edited/);
    await check('utf16', /is encoded as utf-16le/);
    await check('bin', /is a binary file/);
    await check('gone', /gone does not exist/);
    await check('a.txt', /has unsaved changes/, { unsaved: { 'a.txt': 'a' } });
    await check('.git/x', /belongs to git/);
  });

  it('does as one text replacement after the other would', () => {
    const short = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 12 });
    const replacement = fc.record({
      old: fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 2 }),
      new: short,
      all: fc.boolean(),
    });
    fc.assert(
      fc.property(short, fc.array(replacement, { minLength: 1, maxLength: 3 }), (before, replacements) => {
        const result = replaceAll(before, replacements);
        let expected: string | undefined = before;
        for (const { old, new: by, all } of replacements) {
          if (expected === undefined || !expected.includes(old)) expected = undefined;
          else if (all) expected = expected.replaceAll(old, () => by);
          else expected = expected.indexOf(old) === expected.lastIndexOf(old) ? expected.replace(old, () => by) : undefined;
        }
        assert.equal(result.kind === 'edited' ? result.text : undefined, expected);
      }),
    );
  });
});
