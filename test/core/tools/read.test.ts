import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, open, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { READ_LIMITS, type ReadInput, readTogether, readTool } from '../../../src/core/tools/read.js';
import { messageOf, type ToolFolder, toolFolder } from '../../support/tool-folder.js';

describe('a read', () => {
  let folder: ToolFolder;
  beforeEach(async () => {
    folder = await toolFolder({ 'a.txt': 'one\ntwo\r\nthree', 'empty.txt': '' });
  });
  afterEach(() => folder.dispose());
  const read = (input: ReadInput, options = {}) => folder.invoke(readTool, input, options);

  it('gives a file as it is, with what is known of it', async () => {
    const result = await read({ path: 'a.txt' });
    assert.equal(result.text, 'one\ntwo\r\nthree');
    assert.deepEqual(result.json, { path: 'a.txt', encoding: 'utf-8', bytes: 14, lines: 3, binary: false, cut: false });
    assert.deepEqual(result.files, ['a.txt']);
    assert.equal(result.answer.summary, '3 lines of a.txt');
    assert.equal((await read({ path: 'empty.txt' })).text, '');
    assert.equal((await read({ path: './a.txt' })).text, 'one\ntwo\r\nthree');
    assert.equal((await read({ path: folder.at('a.txt') })).text, 'one\ntwo\r\nthree');
  });

  it('gives a range of lines', async () => {
    const check = async (range: ReadInput['range'], expected: string) =>
      assert.equal((await read({ path: 'a.txt', range })).text, expected);
    await check({ from: 2, to: 2 }, 'two\r\n');
    await check({ from: 2 }, 'two\r\nthree');
    await check({ to: 1 }, 'one\n');
    await check({ from: 3, to: 9 }, 'three');
    await check({ from: 4 }, '');
    await check({}, 'one\ntwo\r\nthree');
  });

  it('understands encodings and never changes a character', async () => {
    const text = 'grün\n日本 💡\n';
    const utf16 = Buffer.from(text, 'utf16le');
    const check = async (bytes: Uint8Array, encoding: string, expected = text) => {
      await writeFile(folder.at('x'), bytes);
      const result = await read({ path: 'x' });
      assert.equal(result.text, expected);
      assert.deepEqual(result.json, {
        path: 'x',
        encoding,
        bytes: bytes.length,
        lines: expected.split('\n').length - 1,
        binary: false,
        cut: false,
      });
    };
    await check(Buffer.from(text), 'utf-8');
    await check(Buffer.from(`\ufeff${text}`), 'utf-8-bom');
    await check(Buffer.concat([Buffer.from([0xff, 0xfe]), utf16]), 'utf-16le');
    await check(Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(utf16).swap16()]), 'utf-16be');
    await check(Buffer.from('grün\n', 'latin1'), 'latin-1', 'grün\n');
    assert.equal((await read({ path: 'x', range: { from: 1, to: 1 } })).text, 'grün\n');
  });

  it('gives the same whether a file can be read in a few steps or needs a closer look', async () => {
    const context = await folder.context();
    const piece = fc.oneof(
      fc.constantFrom('one\n', 'grün\r\n', '💡', '\ufeff', '\ufffd', '\0', 'x'.repeat(9000), '').map((text) => Buffer.from(text)),
      fc.constantFrom('ff', 'fffe', 'feff', 'efbbbf', 'efbb', 'c3', 'eda080', 'f09f92').map((bytes) => Buffer.from(bytes, 'hex')),
    );
    const line = fc.integer({ min: 1, max: 4 });
    const range = fc.option(fc.record({ from: line }), { nil: undefined });
    const limits = fc.record({ fileBytes: fc.integer({ min: 0, max: 20_000 }), totalBytes: fc.integer({ min: 0, max: 20_000 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 5 }), range, limits, async (pieces, lines, most) => {
        await writeFile(folder.at('x'), Buffer.concat(pieces));
        // A path that is not in its plainest form is looked up first.
        const inputs = ['x', './x'].map((name): ReadInput => ({ path: name, ...(lines ? { range: lines } : {}) }));
        const [quick, thorough] = await readTogether(inputs, context, most);
        assert.deepEqual(quick, thorough);
      }),
      { numRuns: 300 },
    );
  });

  it('says which lines of the answer are those of a file', async () => {
    await folder.write({ 'b.txt': 'x\n\ny' });
    await writeFile(folder.at('bin'), 'a\0');
    const paths = ['a.txt', 'bin', 'gone', 'b.txt', 'empty.txt'];
    const check = async (input: ReadInput, limits = READ_LIMITS) => {
      const [result] = await readTogether([input], await folder.context(), limits);
      const lines = (result?.text ?? '').split(/(?<=\n)/);
      for (const { path: name, from, at, count } of result?.shows ?? []) {
        const whole = await read({ path: name, range: { from, to: from + Math.max(count, 1) - 1 } });
        const said = lines.slice(at, at + count).join('');
        assert.ok(
          whole.text.startsWith(said.replace(/\n$/, '')) && (count > 0 || said === ''),
          `${name}: ${JSON.stringify(said)}`,
        );
      }
      return result?.shows?.map(({ path: name, at, count }) => [name, at, count]);
    };
    assert.deepEqual(await check({ path: 'a.txt' }), [['a.txt', 0, 3]]);
    assert.deepEqual(await check({ path: 'a.txt', range: { from: 2 } }), [['a.txt', 0, 2]]);
    assert.deepEqual(await check({ path: paths }), [
      ['a.txt', 1, 3],
      ['b.txt', 12, 3],
      ['empty.txt', 17, 0],
    ]);
    assert.deepEqual(await check({ path: paths }, { fileBytes: 5, totalBytes: 100 }), [
      ['a.txt', 1, 2],
      ['b.txt', 12, 3],
      ['empty.txt', 17, 0],
    ]);
  });

  it('answers a binary file by a sentence', async () => {
    await writeFile(folder.at('x.png'), Buffer.from('\x89PNG\r\n\x1a\n\0\0\0', 'latin1'));
    const result = await read({ path: 'x.png' });
    assert.equal(result.end.kind, 'passed');
    assert.equal(result.text, 'x.png is a binary file of 11 bytes.\n');
    assert.deepEqual(result.json, { path: 'x.png', encoding: null, bytes: 11, lines: null, binary: true, cut: false });
  });

  it('gives several files under headings, and the others when one is missing', async () => {
    const several = await read({ path: ['a.txt', 'empty.txt'] });
    assert.equal(several.text, '==> a.txt <==\none\ntwo\r\nthree\n\n==> empty.txt <==\n');
    assert.ok(Array.isArray(several.json) && several.json.length === 2);
    const missing = await read({ path: ['gone.txt', 'a.txt', '../x'] });
    assert.equal(
      messageOf(missing),
      'gone.txt does not exist. Check the path, or list its directory. 1 more path could not be read, as the text says.',
    );
    assert.match(missing.text, /^==> gone\.txt <==\n\[gone\.txt does not exist\..*\]\n\n==> a\.txt <==\none/);
    assert.deepEqual(missing.files, ['a.txt']);
    assert.equal((await read({ path: [] })).end.kind, 'passed');
    assert.equal((await read({ path: ['a.txt'] })).text.startsWith('==> '), true);
  });

  it('gives what the editor has not saved in place of the disk, also where there is no file yet', async () => {
    const unsaved = { 'a.txt': 'new\n', 'untitled.txt': 'x' };
    assert.equal((await read({ path: 'a.txt' }, { unsaved })).text, 'new\n');
    assert.equal((await read({ path: 'untitled.txt' }, { unsaved })).text, 'x');
  });

  it('asks the editor once for all files of a turn, and again after each wait', async () => {
    const context = await folder.context();
    const texts = new Map<string, string>();
    let asked = 0;
    const unsaved = (file: string) => {
      asked += 1;
      return texts.get(file);
    };
    const host = { ...context.host, unsaved, unsavedFiles: () => [...texts.keys()] };
    await folder.write(Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`many/${index}.txt`, 'x'])));
    const names = Array.from({ length: 50 }, (_, index) => `many/${index}.txt`);
    await readTogether([{ path: names }], { ...context, host });
    assert.ok(asked === 0 || process.platform === 'win32', `asked ${asked} times`);
    // The first one is looked up on the disk, and meanwhile somebody types.
    const reading = readTogether([{ path: './a.txt' }, { path: 'many/0.txt' }], { ...context, host });
    texts.set(folder.at('many/0.txt'), 'typed');
    assert.equal((await reading)[1]?.text, 'typed');
  });

  it('cuts what is too long between characters, and says how much is left out', async () => {
    await writeFile(folder.at('long.txt'), 'ä'.repeat(60));
    const limits = { fileBytes: 101, totalBytes: 1_000_000 };
    const [result] = await readTogether([{ path: 'long.txt' }], await folder.context(), limits);
    assert.equal(result?.text, `${'ä'.repeat(50)}\n[… 20 bytes left out …]\n`);
    assert.equal(result?.answer.cutBytes, 20);
    const total = { fileBytes: 1000, totalBytes: 100 };
    const [both] = await readTogether([{ path: ['long.txt', 'a.txt'] }], await folder.context(), total);
    assert.match(both?.text ?? '', /20 bytes left out.*a\.txt/s);
  });

  it('takes a moment for a huge file, whichever part of it is asked for', async () => {
    await writeFile(folder.at('huge.bin'), 'x');
    await truncate(folder.at('huge.bin'), 20_000_000_000);
    assert.equal((await read({ path: 'huge.bin' })).text, 'huge.bin is a binary file of 20000000000 bytes.\n');
    const file = await open(folder.at('huge.txt'), 'w');
    const block = Array.from({ length: 10_000 }, (_, index) => `line ${index} ${'x'.repeat(90)}`).join('\n');
    for (let index = 0; index < 3; index += 1) await file.write(`${block}\n`);
    await file.close();
    const whole = await read({ path: 'huge.txt' });
    const bytes = 3 * (block.length + 1);
    assert.equal(whole.answer.cutBytes, bytes - 1_000_000);
    assert.deepEqual(whole.json, { path: 'huge.txt', encoding: 'utf-8', bytes, lines: null, binary: false, cut: true });
    const range = await read({ path: 'huge.txt', range: { from: 20_001, to: 20_002 } });
    assert.equal(range.text, `${block.split('\n').slice(0, 2).join('\n')}\n`);
    const end = await read({ path: 'huge.txt', range: { from: 30_000 } });
    assert.equal(end.text, `${block.split('\n').at(-1)}\n`);
    assert.equal((end.json as { lines: number }).lines, 30_000);
    assert.equal((await read({ path: 'huge.txt', range: { from: 40_000 } })).text, '');
  });

  it('reads a range of a large file as it does of a small one, in every encoding', async () => {
    const context = await folder.context();
    const encoded = {
      'utf-8': (text: string) => Buffer.from(text),
      'utf-16le': (text: string) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]),
      'utf-16be': (text: string) => Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(text, 'utf16le').swap16()]),
    };
    const lines = Array.from(
      { length: 9000 },
      (_, index) => `${index} ਊ ĊĊ grün ${'y'.repeat(index % 60)}${index % 3 ? '\n' : '\r\n'}`,
    );
    for (const [encoding, encode] of Object.entries(encoded)) {
      await writeFile(folder.at(encoding), encode(lines.join('')));
      for (const [from, to] of [
        [1, 3],
        [4500, 4510],
        [8999, 9000],
      ] as const) {
        const limits = { fileBytes: 20_000, totalBytes: 1_000_000 };
        const [result] = await readTogether([{ path: encoding, range: { from, to } }], context, limits);
        assert.equal(result?.text, lines.slice(from - 1, to).join(''), `${encoding} ${from}`);
      }
    }
  });

  it('says what is wrong with what is no file', async () => {
    const check = async (given: string, expected: RegExp) => {
      const result = await read({ path: given });
      assert.match(messageOf(result) ?? 'none', expected);
      assert.equal(result.text, '');
    };
    await mkdir(folder.at('dir'));
    await writeFile(path.join(folder.outside, 'secret'), 'secret');
    await symlink(path.join(folder.outside, 'secret'), folder.at('leak'));
    await symlink(folder.outside, folder.at('out'));
    await symlink('loop', folder.at('loop'));
    await check('dir', /^dir is a directory\. Name a file inside of it, or list it\.$/);
    await check('.', /is a directory/);
    await check('a.txt/x', /a part of its path is a file/);
    await check('leak', /leads through a symbolic link/);
    await check('out/secret', /leads through a symbolic link/);
    await check('loop', /leads to itself/);
    await check('a\0', /null byte/);
    await check('x'.repeat(5000), /too long for a name/);
    if (process.platform !== 'win32') {
      execFileSync('mkfifo', [folder.at('pipe')]);
      await check('pipe', /neither a file nor a directory/);
    }
  });

  it('reads files of any name, and links that stay inside', async () => {
    const names = ['-dash', 'with space', 'new\nline', '[id]', '*', '{a,b}', '..dots', '~', '$HOME', 'ünï'];
    await folder.write(Object.fromEntries(names.map((name) => [name, name])));
    await symlink('with space', folder.at('link'));
    for (const name of names) assert.equal((await read({ path: name })).text, name);
    assert.equal((await read({ path: 'link' })).text, 'with space');
  });

  it('stops when it is told to', async () => {
    assert.equal((await read({ path: 'a.txt' }, { signal: AbortSignal.abort() })).end.kind, 'interrupted');
  });

  it('answers for files that vanish while it reads', async () => {
    const names = Array.from({ length: 300 }, (_, index) => `v/${index}`);
    await folder.write(Object.fromEntries(names.map((name) => [name, name])));
    const reading = readTogether(
      names.map((name) => ({ path: name })),
      await folder.context(),
    );
    await rm(folder.at('v'), { recursive: true });
    for (const result of await reading) assert.ok(result.end.kind === 'passed' || /does not exist/.test(messageOf(result) ?? ''));
  });

  it('gives the same together as alone, and does not hold the event loop', async () => {
    await folder.write({ 'b/c.txt': 'x\n'.repeat(500), 'b/d': 'ö' });
    await writeFile(folder.at('bin'), 'a\0');
    const line = fc.integer({ min: 1, max: 5 });
    const input = fc.record(
      {
        path: fc.oneof(
          fc.constantFrom('a.txt', 'b/c.txt', 'b/d', 'bin', 'gone', 'b', '../x', './a.txt', ''),
          fc.array(fc.constantFrom('a.txt', 'b/d', 'bin', 'gone'), { maxLength: 3 }),
        ),
        range: fc.tuple(line, line).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) })),
      },
      { requiredKeys: ['path'] },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(input, { maxLength: 12 }), async (inputs) => {
        const context = await folder.context({ unsaved: { 'b/d': 'unsaved' } });
        const alone = [];
        for (const each of inputs) alone.push(await readTool.invoke(each, context));
        assert.deepEqual(await readTogether(inputs, context), alone);
      }),
      { numRuns: 150 },
    );
  });
});
