import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { globsMayMeet } from '../../../src/core/globs.js';
import { editTool } from '../../../src/core/tools/edit.js';
import { globTool } from '../../../src/core/tools/glob.js';
import { grepTool } from '../../../src/core/tools/grep.js';
import { listTool } from '../../../src/core/tools/list.js';
import { findPlace, findWritable, placeOf } from '../../../src/core/tools/place.js';
import { readTool } from '../../../src/core/tools/read.js';
import { writeTool } from '../../../src/core/tools/write.js';
import { type ToolFolder, toolFolder } from '../../support/tool-folder.js';

const FOLDER = { name: 'w', path: '/some/space' };
const PLACE = { folder: FOLDER };

describe('the place of a path', () => {
  it('is inside of the folder, whether the path is relative or absolute', () => {
    const check = (given: string, expected: string | RegExp) => {
      const place = placeOf(given, FOLDER, path.posix);
      if (typeof expected === 'string')
        assert.deepEqual(place, { kind: 'placed', file: path.posix.join(FOLDER.path, expected), path: expected });
      else assert.match(place.kind === 'refused' ? place.message : place.path, expected);
    };
    check('src/a.ts', 'src/a.ts');
    check('./src//a.ts', 'src/a.ts');
    check('/some/space/a b.ts', 'a b.ts');
    check('..a/..', '');
    check('..hidden', '..hidden');
    check('a\\b', 'a\\b');
    check('', /^The path is empty\./);
    check('a\0b', /holds a null byte/);
    check('../other', /^\.\.\/other lies outside of the workspace folder \/some\/space,.*Name a path inside/);
    check('/some/spaces/a', /lies outside/);
    check('/etc/passwd', /lies outside/);
    check('src/../../x', /lies outside/);
  });

  it('is understood on Windows', () => {
    const folder = { name: 'w', path: 'C:\\work' };
    const check = (given: string, expected: string | RegExp) => {
      const place = placeOf(given, folder, path.win32);
      if (typeof expected === 'string') assert.equal(place.kind === 'placed' ? place.path : place.message, expected);
      else assert.match(place.kind === 'refused' ? place.message : place.path, expected);
    };
    check('src\\a.ts', 'src/a.ts');
    check('src/a.ts', 'src/a.ts');
    check('c:\\WORK\\a.ts', 'a.ts');
    check('C:a.ts', /relative to a drive/);
    check('D:\\a.ts', /lies outside/);
    check('\\\\server\\share\\a', /lies outside/);
    check('..\\x', /lies outside/);
    check('src\\NUL.txt', /takes for something else/);
    check('a.ts:stream', /takes for something else/);
  });

  it('never throws, and never leaves the folder', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('.', '/', '\\', 'a', ':', '\0', '~') })), (given) => {
        for (const paths of [path.posix, path.win32]) {
          const folder = paths === path.posix ? FOLDER : { name: 'w', path: 'C:\\work' };
          const place = placeOf(given, folder, paths);
          if (place.kind === 'placed') assert.ok(place.file === folder.path || place.file.startsWith(folder.path + paths.sep));
          else assert.match(place.message, /\.$/);
        }
      }),
    );
  });
});

describe('a place on disk', () => {
  let folder: ToolFolder;
  beforeEach(async () => {
    folder = await toolFolder({ 'src/a.ts': 'a', '.git/config': 'x' });
    await writeFile(path.join(folder.outside, 'secret'), 's');
    await symlink(folder.outside, folder.at('out'));
    await symlink(path.join(folder.outside, 'secret'), folder.at('secret'));
    await symlink(path.join(folder.outside, 'new'), folder.at('dangling'));
    await symlink('src', folder.at('inner'));
    await symlink('loop', folder.at('loop'));
    await symlink('.git/config', folder.at('git-link'));
  });
  afterEach(() => folder.dispose());

  const check = async (given: string, expected: string | RegExp) => {
    const place = await findPlace(given, { name: 'f', path: folder.path });
    if (typeof expected === 'string') assert.equal(place.kind === 'placed' ? place.path : place.message, expected);
    else assert.match(place.kind === 'refused' ? place.message : place.path, expected);
  };

  it('is refused when a symbolic link leads out, also one to what does not exist', async () => {
    await check('out/secret', /^out\/secret leads through a symbolic link to .*secret, which lies outside/);
    await check('out/not/there', /leads through a symbolic link/);
    await check('secret', /leads through a symbolic link/);
    await check('dangling', /leads through a symbolic link/);
    await check('loop', /leads to itself/);
    await check('loop/x', /leads to itself/);
  });

  it('is found behind a link that stays inside, and where nothing exists yet', async () => {
    await check('inner/a.ts', 'inner/a.ts');
    await check('new/deep/file', 'new/deep/file');
    await check('.', '');
  });

  it('is where a workspace folder is itself opened through a link', async () => {
    const link = path.join(folder.outside, 'opened');
    await symlink(folder.path, link);
    const place = await findPlace('src/a.ts', { name: 'f', path: link });
    assert.equal(place.kind === 'placed' && place.file, path.join(link, 'src/a.ts'));
  });

  it('is not written in git, over a directory, or while the editor has unsaved changes', async () => {
    const refusal = async (given: string, unsaved = {}) => {
      const place = await findWritable(given, await folder.context({ unsaved }));
      return place.kind === 'refused' ? place.message : 'written';
    };
    assert.equal(await refusal('src/a.ts'), 'written');
    assert.equal(await refusal('.gitignore'), 'written');
    for (const name of ['.git/config', '.git', 'src/.git/x', '.GIT/x', '.git./x', 'GIT~1/x', 'git-link', '.g\u200cit/x'])
      assert.match(await refusal(name), /belongs to git/, name);
    assert.match(await refusal('src'), /is a directory/);
    assert.match(await refusal('.'), /itself is no file/);
    assert.match(await refusal('src/new/'), /ends like a directory/);
    assert.match(await refusal('src/a.ts', { 'src/a.ts': 'b' }), /has unsaved changes in the editor/);
    assert.match(await refusal('inner/a.ts', { 'src/a.ts': 'b' }), /has unsaved changes in the editor/);
  });
});

describe('the access of file tools', () => {
  it('is exact for paths and escapes what globs would read', () => {
    assert.deepEqual(readTool.access({ path: ['a b.ts', '/some/space/x/[id].ts'] }, PLACE).reads, [
      '/some/space/a b.ts',
      '/some/space/x/\\[id\\].ts',
    ]);
    assert.deepEqual(listTool.access({}, PLACE).reads, ['/some/space/*']);
    assert.deepEqual(listTool.access({ path: 'src' }, PLACE).reads, ['/some/space/src/*']);
    assert.deepEqual(writeTool.access({ path: 'a*', content: '' }, PLACE), {
      reads: [],
      writes: ['/some/space/a\\*'],
      locks: [],
    });
    const edit = editTool.access({ path: 'a', replacements: [{ old: 'a', new: 'b' }] }, PLACE);
    assert.deepEqual([edit.reads, edit.writes], [['/some/space/a'], ['/some/space/a']]);
    assert.deepEqual(globTool.access({ patterns: ['src/**/*.ts', '!x'], ignored: true }, PLACE).reads, [
      '/some/space/src/**/*.ts',
    ]);
    assert.deepEqual(grepTool.access({ pattern: 'x', glob: '*.ts' }, PLACE).reads[0], '/some/space/**/*.ts');
    assert.deepEqual(grepTool.access({ pattern: 'x', paths: 'src' }, PLACE).reads[0], '/some/space/src');
    assert.deepEqual(grepTool.access({ pattern: 'x' }, PLACE).reads[0], '/some/space/**');
  });

  it('holds nothing of what will be refused', () => {
    assert.deepEqual(readTool.access({ path: '../x' }, PLACE).reads, []);
    assert.deepEqual(writeTool.access({ path: '/etc/passwd', content: '' }, PLACE).writes, []);
    assert.deepEqual(globTool.access({ patterns: '../*', ignored: true }, PLACE).reads, []);
  });

  it('covers the whole folder while a path is not known yet', () => {
    const unknown = `$\{a.output}`;
    assert.deepEqual(readTool.access({ path: unknown }, PLACE).reads, ['/some/space/**']);
    assert.deepEqual(listTool.access({ path: `x/${unknown}` }, PLACE).reads, ['/some/space/**']);
    assert.deepEqual(globTool.access({ patterns: unknown }, PLACE).reads, ['/some/space/**']);
    assert.deepEqual(grepTool.access({ pattern: 'x', paths: unknown }, PLACE).reads, ['/some/space/**']);
    assert.deepEqual(writeTool.access({ path: unknown, content: '' }, PLACE).writes, ['/some/space/**']);
    const edit = editTool.access({ path: unknown, replacements: [{ old: 'a', new: 'b' }] }, PLACE);
    assert.deepEqual([edit.reads, edit.writes], [['/some/space/**'], ['/some/space/**']]);
  });

  it('meets every file that a glob finds', async () => {
    const names = ['a.ts', 'b.js', 'src/a.ts', 'src/(x)/c.ts', 'src/[id]/d.ts', 'lib/e.test.ts', 'lib/deep/f.ts'];
    const folder = await toolFolder(Object.fromEntries(names.map((name) => [name, ''])));
    try {
      const segment = fc.constantFrom(
        '**',
        '*',
        'src',
        'lib',
        '*.ts',
        '{src,lib}',
        '@(a|b).*',
        '[a-z]*',
        'deep',
        '{src/**,lib}',
        '@(lib|src)',
      );
      const pattern = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => segments.join('/'));
      await fc.assert(
        fc.asyncProperty(pattern, async (patterns) => {
          const { files } = await folder.invoke(globTool, { patterns });
          const reads = globTool.access({ patterns }, { folder: { name: 'f', path: folder.path } }).reads;
          for (const file of files)
            assert.ok(
              reads.some((glob) => globsMayMeet(glob, `${folder.path}/${file}`)),
              `${patterns} ${file}`,
            );
        }),
        { numRuns: 60 },
      );
    } finally {
      await folder.dispose();
    }
  });
});

describe('a list', () => {
  let folder: ToolFolder;
  beforeEach(async () => {
    folder = await toolFolder({ 'b.ts': '12', 'a/x': '', '.hidden': '', '-dash': '', 'new\nline': '' });
    await mkdir(folder.at('empty'));
    await symlink('a', folder.at('link'));
    await symlink('gone', folder.at('broken'));
  });
  afterEach(() => folder.dispose());

  it('has all names, sorted, directories with a slash', async () => {
    const result = await folder.invoke(listTool, {});
    assert.equal(result.text, '-dash\n.hidden\na/\nb.ts\nbroken\nempty/\nlink\nnew\nline\n');
    assert.deepEqual(result.json, [
      { name: '-dash', kind: 'file', bytes: 0 },
      { name: '.hidden', kind: 'file', bytes: 0 },
      { name: 'a', kind: 'directory', bytes: null },
      { name: 'b.ts', kind: 'file', bytes: 2 },
      { name: 'broken', kind: 'link', bytes: null, target: 'gone' },
      { name: 'empty', kind: 'directory', bytes: null },
      { name: 'link', kind: 'link', bytes: null, target: 'a' },
      { name: 'new\nline', kind: 'file', bytes: 0 },
    ]);
    assert.deepEqual((await folder.invoke(listTool, { path: 'a' })).files, ['a/x']);
    assert.equal((await folder.invoke(listTool, { path: 'empty' })).text, '');
  });

  it('says what is wrong with a path', async () => {
    const check = async (given: string, expected: RegExp) =>
      assert.match((await folder.invoke(listTool, { path: given })).answer.summary, expected);
    await check('gone', /gone does not exist/);
    await check('b.ts', /b\.ts is not a directory/);
    await check('..', /lies outside/);
  });
});
