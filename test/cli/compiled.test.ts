import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

const PROGRAM = path.join(import.meta.dirname, '../support/compiled-program.ts');

describe('Compiled code that is kept', () => {
  let folder: string;
  let cache: string;
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(path.join(os.tmpdir(), 'volley-compiled-')));
    cache = path.join(folder, 'cache');
    await mkdir(path.join(folder, 'program'));
    // Two files that require each other, and one of Node.
    await write(
      'main.cjs',
      "exports.early = 1;\nconst other = require('./other.cjs');\nexports.sum = () => 0;\nexports.told = other.tell();\n",
    );
    await write(
      'other.cjs',
      "const main = require('./main.cjs');\nconst { sep } = require('node:path');\nexports.tell = () => [main.early, sep, __filename.endsWith('other.cjs')];\n",
    );
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const write = (name: string, text: string) => writeFile(path.join(folder, 'program', name), text);
  const load = () => {
    const argv = ['--import', 'tsx', PROGRAM, path.join(folder, 'program', 'main.cjs'), cache];
    const { stdout, stderr, status } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout);
  };
  const kept = async () => {
    const names = await readdir(cache, { recursive: true });
    return names
      .filter((name) => /\.cjs-/.test(name))
      .map((name) => path.join(cache, name))
      .sort();
  };
  const EXPECTED = { early: 1, told: [1, path.sep, true] };

  it('is kept by the first process and taken by the next, which exports the same', async () => {
    assert.deepEqual(load(), EXPECTED);
    const files = await kept();
    assert.equal(files.length, 2);
    const before = await Promise.all(files.map(async (file) => (await stat(file)).ino));
    assert.deepEqual(load(), EXPECTED);
    const after = await Promise.all((await kept()).map(async (file) => (await stat(file)).ino));
    assert.deepEqual(after, before, 'nothing was compiled and kept again');
  });

  it('is made again where it is damaged', async () => {
    load();
    const [file = ''] = await kept();
    const whole = await readFile(file);
    await writeFile(file, whole.subarray(0, whole.length / 2));
    assert.deepEqual(load(), EXPECTED);
    assert.equal((await readFile(file)).length, whole.length);
  });

  it('is not taken for a file that has changed, and goes with it', async () => {
    load();
    await write('other.cjs', "exports.tell = () => 'changed';\n");
    assert.deepEqual(load(), { early: 1, told: 'changed' });
    assert.equal((await kept()).length, 2);
    await write('main.cjs', 'exports.alone = true;\n');
    await rm(path.join(folder, 'program', 'other.cjs'));
    assert.deepEqual(load(), { alone: true });
    assert.equal((await kept()).length, 1);
  });

  it('is not taken when a byte of it has changed, nor for another file of the same length and time', async () => {
    load();
    const [file = ''] = await kept();
    const content = await readFile(file);
    content[content.length - 9] = (content[content.length - 9] ?? 0) ^ 1;
    await writeFile(file, content);
    assert.deepEqual(load(), EXPECTED);
    const main = path.join(folder, 'program', 'other.cjs');
    const { atime, mtime } = await stat(main);
    const text = await readFile(main, 'utf8');
    await write('other.cjs', text.replace("endsWith('other.cjs')", "endsWith('0ther.cjs')"));
    await utimes(main, atime, mtime);
    assert.deepEqual(load(), { ...EXPECTED, told: [1, path.sep, false] });
  });

  it('is not taken from a directory in which others can write', async () => {
    load();
    const [file = ''] = await kept();
    await chmod(path.dirname(file), 0o777);
    const before = (await stat(file)).mtimeMs;
    await write('other.cjs', "exports.tell = () => 'changed';\n");
    assert.deepEqual(load(), { early: 1, told: 'changed' });
    assert.equal((await kept()).length, 2, 'nothing was added');
    assert.equal((await stat(file)).mtimeMs, before);
  });

  it('is done without where nothing can be kept', async () => {
    await writeFile(cache, 'a file in the place of the directory');
    assert.deepEqual(load(), EXPECTED);
    assert.deepEqual(load(), EXPECTED);
  });

  it('hands on what a file throws', async () => {
    await write('main.cjs', "throw new Error('from the file');\n");
    const argv = ['--import', 'tsx', PROGRAM, path.join(folder, 'program', 'main.cjs'), cache];
    const { stderr, status } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
    assert.notEqual(status, 0);
    assert.match(stderr, /program\/main\.cjs:1[\s\S]*from the file/);
  });
});
