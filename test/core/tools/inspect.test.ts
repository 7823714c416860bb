import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { InspectedFile } from '../../../src/core/inspect/row.js';
import {
  commonDirectory,
  type InspectedCommits,
  type InspectedContent,
  type InspectInput,
  inspectTool,
} from '../../../src/core/tools/inspect.js';
import { messageOf, type ToolFolder, toolFolder } from '../../support/tool-folder.js';

describe('an inspection by the tool', () => {
  let folder: ToolFolder;
  beforeEach(async () => {
    folder = await toolFolder({
      'src/a.ts': 'one\n// TODO two\n',
      'src/b.py': 'x = 1\r\n',
      'src/skipped.log': 'log\n',
      '.gitignore': '*.log\n',
      'out.log': 'log\n',
    });
  });
  afterEach(() => folder.dispose());

  const inspect = async (input: InspectInput, options = {}) => folder.invoke(inspectTool, input, options);
  const rows = async (input: InspectInput, options = {}) => ((await inspect(input, options)).json as InspectedContent).files;
  const only = async (name: string, options = {}): Promise<InspectedFile> => {
    const [row] = await rows({ paths: name }, options);
    assert.ok(row);
    return row;
  };

  it('tells of files by their names, as data and as a table', async () => {
    const result = await inspect({ paths: ['src/a.ts', 'src/b.py'] });
    assert.equal(result.end.kind, 'passed');
    assert.deepEqual(result.files, ['src/a.ts', 'src/b.py']);
    assert.equal(result.answer.summary, '2 files');
    const { files, leftOut } = result.json as InspectedContent;
    assert.equal(leftOut, 0);
    assert.deepEqual(
      files.map((file) => file.kind === 'text' && [file.path, file.lines, file.language, file.lineEndings, file.markers.length]),
      [
        ['src/a.ts', 2, 'TypeScript', 'lf', 1],
        ['src/b.py', 1, 'Python', 'crlf', 0],
      ],
    );
    assert.match(result.text, /^File {6}Lines .*\nsrc\/a\.ts {6}2 /);
  });

  it('takes directories and globs without what git ignores, and ignored files that are named', async () => {
    const paths = async (input: InspectInput) => (await rows(input)).map((row) => row.path);
    assert.deepEqual(await paths({ paths: 'src' }), ['src/a.ts', 'src/b.py']);
    assert.deepEqual(await paths({ paths: '.' }), ['.gitignore', 'src/a.ts', 'src/b.py']);
    assert.deepEqual(await paths({ glob: '**/*.py' }), ['src/b.py']);
    assert.deepEqual(await paths({ paths: ['out.log', 'src'], glob: 'src/*.ts' }), ['out.log', 'src/a.ts', 'src/b.py']);
    assert.deepEqual(await paths({ paths: [] }), []);
  });

  it('has a row for what cannot be read, which says why', async () => {
    const check = async (name: string, pattern: RegExp) => {
      const row = await only(name);
      assert.ok(row.kind === 'unread', name);
      assert.match(row.message, pattern);
    };
    await check('nowhere.ts', /does not exist/);
    await check('../beside.ts', /lies outside/);
    await writeFile(path.join(folder.outside, 'secret.txt'), 'x');
    await symlink(path.join(folder.outside, 'secret.txt'), folder.at('link'));
    await check('link', /symbolic link.*outside/);
    await symlink(folder.outside, folder.at('elsewhere'));
    await check('elsewhere/secret.txt', /symbolic link.*outside/);
    await symlink('src/a.ts', folder.at('inner'));
    assert.equal((await only('inner')).kind, 'text');
    execFileSync('mkfifo', [folder.at('pipe')]);
    await check('pipe', /neither a file nor a directory/);
    const result = await inspect({ paths: ['src/a.ts', 'nowhere.ts'] });
    assert.equal(result.answer.summary, '2 files, 1 not read');
    assert.deepEqual(result.files, ['src/a.ts']);
  });

  it('looks at large files whole, and not at huge ones', async () => {
    await writeFile(folder.at('large.txt'), `${'line of text\n'.repeat(40_000)}FIXME\n`);
    const large = await only('large.txt');
    assert.ok(large.kind === 'text');
    assert.deepEqual([large.lines, large.markers[0]?.line], [40_001, 40_001]);
    await writeFile(folder.at('huge.txt'), `${'x'.repeat(200_000)}\n`);
    await truncate(folder.at('huge.txt'), 40_000_000);
    const huge = await only('huge.txt');
    assert.ok(huge.kind === 'unread');
    assert.match(huge.message, /huge\.txt has 40 MB\. Only texts of up to 32 MB/);
    await writeFile(folder.at('huge.bin'), '\0');
    await truncate(folder.at('huge.bin'), 40_000_000);
    assert.deepEqual(await only('huge.bin'), { path: 'huge.bin', kind: 'binary', bytes: 40_000_000 });
    await writeFile(folder.at('empty'), '');
    assert.equal((await only('empty')).kind, 'text');
  });

  it('sees files as the user does, with what is not saved, also those that are not on disk yet', async () => {
    const unsaved = { 'src/a.ts': 'BUG\n', 'src/new.ts': 'x\n' };
    const found = await rows({ paths: 'src' }, { unsaved });
    assert.deepEqual(
      found.map((row) => [row.path, row.unsaved, row.kind === 'text' && row.markers.map(({ kind }) => kind)]),
      [
        ['src/a.ts', true, ['BUG']],
        ['src/b.py', undefined, []],
        ['src/new.ts', true, []],
      ],
    );
  });

  it('tells last commits, also of a repository below the folder', async () => {
    await mkdir(folder.at('inner/src'), { recursive: true });
    await writeFile(folder.at('inner/src/c.ts'), '');
    await writeFile(folder.at('inner/src/new.ts'), '');
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=a@example.org', ...args], { cwd: folder.at('inner') });
    git('init', '-q');
    git('add', 'src/c.ts');
    const token = `${'gh'}p_${'aZ3bY7cX1dW9eV5fU2gT8hS4iR6jQ0kP3lN7'}`;
    git('commit', '-qm', `Begin with ${token}`);
    const result = await inspect({ paths: ['inner/src/c.ts', 'inner/src/new.ts'], what: 'commits' });
    const { commits, notes } = result.json as InspectedCommits;
    assert.deepEqual(
      commits.map(({ path: name, commit }) => [name, commit?.subject]),
      [
        ['inner/src/c.ts', 'Begin with …'],
        ['inner/src/new.ts', undefined],
      ],
    );
    assert.deepEqual(notes, []);
    assert.equal(result.answer.summary, 'last commits of 1 file');
    const none = await inspect(
      { paths: 'src/a.ts', what: 'commits' },
      { env: { ...process.env, GIT_CEILING_DIRECTORIES: folder.path, PATH: '' } },
    );
    assert.deepEqual((none.json as InspectedCommits).commits, []);
    assert.match((none.json as InspectedCommits).notes[0] ?? '', /git was not found/);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    stop.abort();
    assert.equal((await inspect({ paths: 'src' }, { signal: stop.signal })).end.kind, 'interrupted');
  });

  it('reads exactly what it names, and what decides which files are found', () => {
    const reads = (input: InspectInput) => inspectTool.access(input, { folder: { name: 'w', path: '/w' } }).reads;
    const rules = ['/w/.gitignore', '/w/**/.gitignore'];
    assert.deepEqual(reads({ paths: ['src', 'a[1].ts'] }), ['/w/src', '/w/a\\[1\\].ts', ...rules]);
    assert.deepEqual(reads({ glob: ['lib/*.ts', '!lib/x.ts'] }), ['/w/lib/*.ts', ...rules]);
    assert.deepEqual(reads({ paths: 'a', what: 'commits' }), ['/w/a', ...rules, '/w/.git']);
    assert.deepEqual(reads({ paths: `$\{x.files}` }), ['/w/**']);
  });

  it('refuses patterns that lead out', async () => {
    assert.match(messageOf(await inspect({ glob: '../**' })) ?? '', /may lead out/);
  });
});

describe('the common directory', () => {
  it('holds all paths, and is no deeper than the shallowest', () => {
    const check = (paths: readonly string[], expected: string) => assert.equal(commonDirectory(paths), expected);
    check([], '');
    check(['a'], '');
    check(['a/b/c.ts'], 'a/b');
    check(['a/b/c.ts', 'a/b/d/e.ts'], 'a/b');
    check(['a/b/d/e.ts', 'a/b.ts'], 'a');
    check(['a/b', 'ab/c'], '');
  });
});
