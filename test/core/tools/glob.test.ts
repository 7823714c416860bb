import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import fc from 'fast-check';
import fastGlob from 'fast-glob';
import { type GlobInput, globTogether, globTool } from '../../../src/core/tools/glob.js';
import { messageOf, type ToolFolder, toolFolder } from '../../support/tool-folder.js';

const FILES = {
  'a.ts': '',
  'b.js': '',
  '.hidden.ts': '',
  'src/a.ts': '',
  'src/deep/b.ts': '',
  'src/[id].ts': '',
  'src/-dash.ts': '',
  'src/with space.ts': '',
  'src/new\nline.ts': '',
  'dist/out.ts': '',
  'src/deep/kept.log': '',
  'src/deep/left.log': '',
  'build/inner/x.ts': '',
  'build/.gitignore': '!inner\n',
  '.gitignore': 'dist\n*.log\n/build/\n',
  'src/deep/.gitignore': '!kept.log\n',
  'node_modules/m/index.ts': '',
  'src/node_modules/m/index.ts': '',
  '.git/x.ts': '',
};

/** Of patterns over the folder of these tests. */
const SEGMENTS = ['**', '*', 'src', 'deep', '*.ts', '{src,dist}', '[a-b].*', '@(a|b).ts', '!(a).ts'] as const;

describe('a glob', () => {
  let folder: ToolFolder;
  beforeEach(async () => {
    folder = await toolFolder(FILES);
    await symlink('src', folder.at('linked'));
    await symlink(folder.outside, folder.at('out'));
    await symlink('..', folder.at('src/up'));
    await symlink('a.ts', folder.at('link.ts'));
  });
  afterEach(() => folder.dispose());
  const glob = async (patterns: GlobInput['patterns'], more: Partial<GlobInput> = {}, options = {}) =>
    (await folder.invoke(globTool, { patterns, ...more }, options)).files;

  it('finds files, sorted, hidden ones too, without node_modules and git’s own', async () => {
    const result = await folder.invoke(globTool, { patterns: '**/*.ts' });
    const files = [
      '.hidden.ts',
      'a.ts',
      'src/-dash.ts',
      'src/[id].ts',
      'src/a.ts',
      'src/deep/b.ts',
      'src/new\nline.ts',
      'src/with space.ts',
    ];
    assert.deepEqual(result.files, files);
    assert.deepEqual(result.json, files);
    assert.equal(result.answer.summary, '8 files');
    assert.deepEqual(await glob('*.ts'), ['.hidden.ts', 'a.ts']);
    assert.deepEqual(await glob(['src/**', '!**/*.ts', '!**/.gitignore']), ['src/deep/kept.log']);
    assert.deepEqual(await glob('src/\\[id\\].ts'), ['src/[id].ts']);
    assert.deepEqual(await glob(`${folder.path}/src/a.ts`), ['src/a.ts']);
    assert.deepEqual(await glob('./src/a.ts'), ['src/a.ts']);
    assert.deepEqual(await glob('nothing/*'), []);
  });

  it('leaves out what git would, where nothing below a directory that is left out comes back', async () => {
    assert.deepEqual(await glob('**/*.log'), ['src/deep/kept.log']);
    assert.deepEqual(await glob('build/**/*.ts'), []);
    assert.deepEqual(await glob('**/{out,left,x}.*', { ignored: true }), [
      'build/inner/x.ts',
      'dist/out.ts',
      'src/deep/left.log',
    ]);
    assert.deepEqual(await glob('node_modules/**', { ignored: true }), []);
    execFileSync('git', ['init', '-q'], {
      cwd: folder.path,
      env: { PATH: process.env['PATH'], GIT_CONFIG_NOSYSTEM: '1', HOME: folder.outside },
    });
    const known = execFileSync('git', ['ls-files', '--others', '--exclude-standard', '-z'], {
      cwd: folder.path,
      encoding: 'utf8',
    });
    const files = known.split('\0').filter((name) => /\.(?:ts|log)$/.test(name) && !/node_modules|^link|^out|up$/.test(name));
    assert.deepEqual(await glob('**/*.{ts,log}'), files.sort());
  });

  it('follows no link on its way, and starts behind none that leads out', async () => {
    assert.deepEqual(await glob('**/a.ts'), ['a.ts', 'src/a.ts']);
    assert.deepEqual(await glob('linked/a.ts'), ['linked/a.ts']);
    assert.match(messageOf(await folder.invoke(globTool, { patterns: 'out/*' })) ?? '', /leads through a symbolic link/);
  });

  it('is refused when it may lead out', async () => {
    for (const patterns of ['../*', 'src/../../*', '/etc/*', '{a,..}/*', '@(..|a)/*', 'C:/x/*', 'a\0', './']) {
      assert.match(messageOf(await folder.invoke(globTool, { patterns })) ?? 'found', /\.$/, patterns);
    }
  });

  it('finds files that are open and not yet saved', async () => {
    const unsaved = { 'src/untitled.ts': '', 'dist/untitled.ts': '', 'node_modules/u.ts': '' };
    assert.deepEqual(await glob('**/untitled.ts', {}, { unsaved }), ['src/untitled.ts']);
    assert.deepEqual(await glob('**/u*.ts', { ignored: true }, { unsaved }), ['dist/untitled.ts', 'src/untitled.ts']);
  });

  it('stops when it is told to', async () => {
    const result = await folder.invoke(globTool, { patterns: '**' }, { signal: AbortSignal.abort() });
    assert.equal(result.end.kind, 'interrupted');
  });

  it('never throws, whatever the pattern', async () => {
    const unit = fc.constantFrom(
      '*',
      '**',
      '/',
      '[',
      ']',
      '{',
      '}',
      ',',
      '(',
      ')',
      '!',
      '@',
      '+',
      '?',
      '\\',
      '.',
      'a',
      '|',
      '-',
      ' ',
      '^',
      '$',
    );
    await fc.assert(
      fc.asyncProperty(fc.string({ unit, minLength: 1, maxLength: 8 }), async (patterns) => {
        const result = await folder.invoke(globTool, { patterns });
        for (const file of result.files) assert.ok(!file.startsWith('..') && !file.startsWith('/'), file);
      }),
      { numRuns: 300 },
    );
  });

  it('finds what fast-glob finds', async () => {
    const segment = fc.constantFrom(...SEGMENTS, '*.{js,ts}', '.*', '?.ts', '{a,b/c}');
    await fc.assert(
      fc.asyncProperty(fc.array(segment, { minLength: 1, maxLength: 3 }), async (segments) => {
        const pattern = segments.join('/');
        const options = { cwd: folder.path, dot: true, followSymbolicLinks: false, ignore: ['**/node_modules/**', '**/.git/**'] };
        assert.deepEqual(await glob(pattern, { ignored: true }), (await fastGlob(pattern, options)).sort(), pattern);
      }),
      { numRuns: 100 },
    );
  });

  it('finds the same together as alone', async () => {
    const segment = fc.constantFrom(...SEGMENTS, 'linked', 'a.ts', 'build', 'link.ts', 'out');
    const pattern = fc
      .tuple(fc.constantFrom('', '', '', '!', './'), fc.array(segment, { minLength: 1, maxLength: 3 }))
      .map(([start, segments]) => start + segments.join('/'));
    const input = fc.record({ patterns: fc.array(pattern, { minLength: 1, maxLength: 3 }), ignored: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(input, { minLength: 2, maxLength: 5 }), async (inputs) => {
        const context = await folder.context({ unsaved: { 'src/untitled.ts': '', 'x.ts': '' } });
        const alone = [];
        for (const each of inputs) alone.push(await globTool.invoke(each, context));
        assert.deepEqual(await globTogether(inputs, context), alone);
      }),
      { numRuns: 100 },
    );
  });

  it('is refused with a path behind a link that leads out, whatever stands beside it, and finds one that stays inside', async () => {
    for (const patterns of [
      ['out/secret', 'a.ts'],
      ['out/*', '*.ts'],
      ['a.ts', 'out/secret'],
    ])
      assert.match(messageOf(await folder.invoke(globTool, { patterns })) ?? 'found', /symbolic link/, patterns.join());
    const context = await folder.context();
    const inputs = [{ patterns: ['**'] }, { patterns: ['linked/a.ts', 'a.ts'] }];
    const [, together] = await globTogether(inputs, context);
    assert.deepEqual(together, await globTool.invoke({ patterns: ['linked/a.ts', 'a.ts'] }, context));
    assert.deepEqual(together?.files, ['a.ts', 'linked/a.ts']);
  });
});
