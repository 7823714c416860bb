import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { fusionKey, type GrepInput, grepTogether, grepTool } from '../../../src/core/tools/grep.js';
import {
  FILE_LINES,
  findRipgrep,
  lineReader,
  runRipgrep,
  type ScannedFile,
  splitOutput,
} from '../../../src/core/tools/ripgrep.js';
import { NO_GUARD } from '../../support/no-guard.js';
import { messageOf, type ToolFolder, toolFolder } from '../../support/tool-folder.js';

const FILES = {
  'a.ts': 'foo\nbar\nfoo bar\n',
  'src/b.ts': 'export const foo = 1;\n// grün foo\n',
  'src/c.js': 'nothing\r\nfoo\r\n',
  'src/deep/d.ts': 'no newline foo',
  'left.log': 'foo\n',
  'src/kept.log': 'foo\n',
  'dist/x.ts': 'foo\n',
  '.gitignore': 'dist\n*.log\n',
  'src/.gitignore': '!kept.log\n',
  'node_modules/m/i.js': 'foo\n',
  '.git/x': 'foo\n',
  '.hidden': 'foo\n',
};

interface Found {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

describe('a search', () => {
  let folder: ToolFolder;
  beforeEach(async () => {
    folder = await toolFolder(FILES);
  });
  afterEach(() => folder.dispose());
  const grep = (input: GrepInput, options = {}) => folder.invoke(grepTool, input, options);
  const found = async (input: GrepInput, options = {}) => (await grep(input, options)).files;

  it('gives lines with their places, sorted by path', async () => {
    const result = await grep({ pattern: 'foo' });
    assert.equal(
      result.text,
      [
        '.hidden:1:foo',
        'a.ts:1:foo',
        'a.ts:3:foo bar',
        'src/b.ts:1:export const foo = 1;',
        'src/b.ts:2:// grün foo',
        'src/c.js:2:foo',
        'src/deep/d.ts:1:no newline foo',
        'src/kept.log:1:foo',
        '',
      ].join('\n'),
    );
    const { matches, cut } = result.json as { matches: readonly Found[]; cut: boolean };
    assert.deepEqual(matches[4], { path: 'src/b.ts', line: 2, column: 9, text: '// grün foo' });
    assert.equal(cut, false);
    assert.deepEqual(result.files, ['.hidden', 'a.ts', 'src/b.ts', 'src/c.js', 'src/deep/d.ts', 'src/kept.log']);
    assert.equal(result.answer.summary, '8 matches in 6 files');
  });

  it('gives names or counts of files', async () => {
    const files = await grep({ pattern: 'foo', mode: 'files', paths: ['a.ts', 'src'] });
    assert.equal(files.text, 'a.ts\nsrc/b.ts\nsrc/c.js\nsrc/deep/d.ts\nsrc/kept.log\n');
    assert.deepEqual(files.json, { files: files.files, cut: false });
    const counts = await grep({ pattern: 'foo', mode: 'count', glob: '*.ts' });
    assert.equal(counts.text, 'a.ts:2\nsrc/b.ts:2\nsrc/deep/d.ts:1\n');
    assert.deepEqual((counts.json as { total: number }).total, 5);
  });

  it('shows lines around matches as grep does', async () => {
    await writeFile(folder.at('ctx'), '1\n2\nhit\n4\nhit\n6\n7\n8\n9\n10\nhit\n');
    const result = await grep({ pattern: 'hit', paths: 'ctx', context: 1 });
    assert.equal(result.text, 'ctx-2-2\nctx:3:hit\nctx-4-4\nctx:5:hit\nctx-6-6\n--\nctx-10-10\nctx:11:hit\n');
    const { matches } = result.json as { matches: readonly unknown[] };
    assert.deepEqual(matches[1], { path: 'ctx', line: 5, column: 1, text: 'hit', before: ['4'], after: ['6'] });
  });

  it('passes with nothing where nothing matches', async () => {
    for (const mode of ['content', 'files', 'count'] as const) {
      const result = await grep({ pattern: 'nowhere', mode });
      assert.deepEqual([result.end.kind, result.text, result.files], ['passed', '', []]);
    }
    assert.equal((await grep({ pattern: 'foo', paths: [] })).text, '');
  });

  it('looks where it is told to', async () => {
    assert.deepEqual(await found({ pattern: 'foo', glob: '*.ts' }), ['a.ts', 'src/b.ts', 'src/deep/d.ts']);
    assert.deepEqual(await found({ pattern: 'foo', glob: '/*.ts' }), ['a.ts']);
    assert.deepEqual(await found({ pattern: 'foo', glob: ['*.{ts,js}', '!deep'] }), ['a.ts', 'src/b.ts', 'src/c.js']);
    assert.deepEqual(await found({ pattern: 'foo', glob: 'src/**' }), ['src/b.ts', 'src/c.js', 'src/deep/d.ts', 'src/kept.log']);
    assert.deepEqual(await found({ pattern: 'foo', glob: '!*.ts', paths: 'src' }), ['src/c.js', 'src/kept.log']);
    assert.deepEqual(await found({ pattern: 'foo', paths: ['a.ts', 'src/deep'], glob: '*.js' }), []);
    assert.deepEqual(await found({ pattern: 'foo', paths: folder.at('src/deep') }), ['src/deep/d.ts']);
    // What is named is meant.
    assert.deepEqual(await found({ pattern: 'foo', paths: ['dist', 'left.log', 'node_modules/m'] }), [
      'dist/x.ts',
      'left.log',
      'node_modules/m/i.js',
    ]);
  });

  it('keeps to the .gitignore files above a directory that is searched', async () => {
    await folder.write({ 'src/deep/x.log': 'foo', 'src/deep/dist/y.ts': 'foo', 'src/deep/kept.log': 'foo' });
    assert.deepEqual(await found({ pattern: 'foo', paths: 'src/deep' }), ['src/deep/d.ts', 'src/deep/kept.log']);
    assert.deepEqual(await found({ pattern: 'foo', paths: ['src/deep', '.'], glob: '*.log' }), [
      'src/deep/kept.log',
      'src/kept.log',
    ]);
  });

  it('understands its options', async () => {
    assert.deepEqual(await found({ pattern: 'FOO' }), []);
    assert.deepEqual(await found({ pattern: 'FOO', ignoreCase: true, paths: 'a.ts' }), ['a.ts']);
    await writeFile(folder.at('dots'), 'a.c\nabc\n');
    assert.equal((await grep({ pattern: 'a.c', fixed: true, paths: 'dots' })).text, 'dots:1:a.c\n');
    const across = await grep({ pattern: 'foo\\nbar', multiline: true });
    assert.equal(across.text, 'a.ts:1:foo\nbar\n');
    const context = await grep({ pattern: 'bar\\nfoo', multiline: true, context: 1, paths: 'a.ts' });
    assert.equal(context.text, 'a.ts-1-foo\na.ts:2:bar\na.ts:3:foo bar\n');
  });

  it('takes a pattern or a path that starts with a dash, and names of any kind', async () => {
    const names = ['-dash', 'with space', 'new\nline', '[id]', '*', '{a,b}', '!bang', '$HOME', 'ünï', '#hash', '-'];
    await folder.write(Object.fromEntries(names.map((name) => [name, '--files -e foo\n'])));
    assert.deepEqual(await found({ pattern: '--files', mode: 'files' }), [...names].sort());
    assert.deepEqual(await found({ pattern: '-e foo', mode: 'count', paths: names }), [...names].sort());
    for (const name of names) assert.deepEqual(await found({ pattern: '-e', paths: name }), [name]);
  });

  it('shows names and lines that are no UTF-8 as well as it can', async function () {
    if (process.platform !== 'linux') this.skip();
    await writeFile(Buffer.concat([Buffer.from(folder.at('x')), Buffer.from([0xff])]), Buffer.from('h\xffit foo\n', 'latin1'));
    const result = await grep({ pattern: 'it foo' });
    assert.equal(result.text, 'x\ufffd:1:h\ufffdit foo\n');
    assert.equal((result.json as { matches: readonly Found[] }).matches[0]?.column, 3);
  });

  it('gives ripgrep’s own words about a pattern it does not understand', async () => {
    for (const mode of ['content', 'files', 'count'] as const)
      assert.match(messageOf(await grep({ pattern: '(', mode })) ?? '', /regex parse error[\s\S]*unclosed group/);
    assert.match(messageOf(await grep({ pattern: 'x', glob: '[' })) ?? 'passed', /passed|glob/);
    assert.match(messageOf(await grep({ pattern: 'a\nb' })) ?? '', /not allowed in a regex/);
  });

  it('says what is wrong with a path', async () => {
    await symlink(folder.outside, folder.at('out'));
    await symlink('loop', folder.at('loop'));
    const check = async (paths: string, expected: RegExp) =>
      assert.match(messageOf(await grep({ pattern: 'x', paths })) ?? '', expected);
    await check('gone', /gone does not exist/);
    await check('out', /leads through a symbolic link/);
    await check('loop', /leads to itself/);
    await check('..', /lies outside/);
    if (process.platform !== 'win32') {
      execFileSync('mkfifo', [folder.at('pipe')]);
      await check('pipe', /neither a file nor a directory/);
    }
  });

  it('does not follow links on its way, nor stumble over loops and binary files', async () => {
    await symlink('..', folder.at('src/up'));
    await symlink(folder.outside, folder.at('out'));
    await writeFile(path.join(folder.outside, 'secret'), 'foo');
    await writeFile(folder.at('bin'), 'foo\n\0\nfoo\n');
    assert.deepEqual(
      await found({ pattern: 'foo' }),
      Object.keys(FILES)
        .filter((name) => !/left|dist|ignore|node_|^\.git\//.test(name))
        .sort(),
    );
  });

  it('answers the first matches when there are more than it may, and says so', async () => {
    await folder.write(
      Object.fromEntries(
        Array.from({ length: 40 }, (_, index) => [`many/${String(index).padStart(2, '0')}`, 'hit\n'.repeat(100)]),
      ),
    );
    const result = await grep({ pattern: 'hit' });
    const { matches, cut } = result.json as { matches: readonly Found[]; cut: boolean };
    assert.deepEqual([matches.length, cut, matches.at(-1)?.path], [2000, true, 'many/19']);
    assert.match(result.text, /\n\[… 2000 more matches in 20 files left out …\]\n$/);
    assert.ok((result.answer.cutBytes ?? 0) > 0);
    assert.equal(
      (await grep({ pattern: 'hit', most: 3 })).text,
      'many/00:1:hit\nmany/00:2:hit\nmany/00:3:hit\n[… 3997 more matches in 40 files left out …]\n',
    );
    assert.equal((await grep({ pattern: 'hit', most: 1, mode: 'files' })).text, 'many/00\n[… 39 more files left out …]\n');
    await writeFile(folder.at('huge'), 'hit\n'.repeat(30_000));
    assert.match((await grep({ pattern: 'hit', paths: 'huge', most: 1 })).text, /more than 9999 more matches in 1 file/);
  });

  it('keeps an answer small where lines are long', async () => {
    await writeFile(folder.at('min.js'), `${'é'.repeat(20_000)}hit\n`.repeat(3));
    const result = await grep({ pattern: 'hit', paths: 'min.js' });
    assert.ok(Buffer.byteLength(result.text) < 30_000);
    assert.match(result.text, /é\[… 32003 bytes left out …\]\n/);
    const text = 'x'.repeat(3900);
    await writeFile(folder.at('wide'), `${text}\n`.repeat(1000));
    const wide = await grep({ pattern: '^x', paths: 'wide' });
    assert.ok(Buffer.byteLength(wide.text) < 1_010_000);
    assert.match(wide.text, /more matches in 1 file left out/);
  });

  it('searches unsaved files as the user sees them', async () => {
    const unsaved = {
      'a.ts': 'x\nnew foo',
      'src/untitled.ts': 'foo',
      'dist/x.ts': 'new foo',
      'left.log': 'new foo',
      'src/b.ts': '',
    };
    const options = { unsaved };
    assert.equal((await grep({ pattern: 'new foo' }, options)).text, 'a.ts:2:new foo\n');
    assert.deepEqual(await found({ pattern: 'foo', mode: 'files', glob: '*.ts' }, options), [
      'a.ts',
      'src/deep/d.ts',
      'src/untitled.ts',
    ]);
    assert.equal(
      (await grep({ pattern: 'foo', mode: 'count', paths: ['left.log', 'src/untitled.ts'] }, options)).text,
      'left.log:1\nsrc/untitled.ts:1\n',
    );
    assert.deepEqual(await found({ pattern: 'foo', paths: 'src/deep' }, options), ['src/deep/d.ts']);
  });

  it('answers for files that vanish while it searches', async () => {
    const names = Array.from({ length: 400 }, (_, index) => `v/${index}`);
    await folder.write(Object.fromEntries(names.map((name) => [name, 'foo'])));
    const searching = grep({ pattern: 'foo', paths: 'v' });
    await rm(folder.at('v'), { recursive: true });
    const result = await searching;
    assert.ok(result.end.kind === 'passed' || /v does not exist/.test(messageOf(result) ?? ''));
  });

  it('takes more paths than one command line holds', async () => {
    const names = Array.from({ length: 1500 }, (_, index) => `many/${'n'.repeat(100)}${index}`);
    await folder.write(Object.fromEntries(names.map((name) => [name, 'foo'])));
    assert.equal((await found({ pattern: 'foo', mode: 'files', paths: names, most: 5000 })).length, 1500);
  });
});

describe('several searches in one pass', () => {
  let folder: ToolFolder;
  before(async () => {
    folder = await toolFolder({
      ...FILES,
      'words.txt': 'foo FOO bar\r\nΣίγμα ΣΊΓΜΑ\n\naab\n  indented\nfoo',
      'empty.txt': '',
      'half.txt': 'bar\nfoo bar\r',
      'mixed/a.b': 'a.b\naxb\na|b\n^foo$\n\\bfoo\n',
    });
    await writeFile(folder.at('latin.txt'), Buffer.from('gr\xfcn foo\nbar \xff foo\n', 'latin1'));
    await writeFile(folder.at('bom.txt'), '\ufefffoo at the start\nbar\n');
    await writeFile(folder.at('utf16.txt'), Buffer.from('\ufefffoo grün\nbar\n', 'utf16le'));
    await writeFile(folder.at('picture'), 'bar\n\0\nfoo\n');
  });
  after(() => folder.dispose());

  const equal = async (inputs: readonly GrepInput[], options = {}) => {
    const context = await folder.context(options);
    const alone = [];
    for (const input of inputs) alone.push(await grepTool.invoke(input, context));
    assert.deepEqual(await grepTogether(inputs, context), alone);
  };

  const PATTERNS = [
    'foo',
    'bar',
    'fo+',
    '^foo',
    'foo$',
    '^$',
    '',
    'x*',
    '\\bfoo\\b',
    '(?i)FOO',
    '(?:a|b)+',
    '\\p{Greek}+',
    'σ',
    'a.b',
    'a|b',
    '[^a-z\\s]',
    'o(?P<n>o)',
    '\\s$',
    '\\xff',
    '(?-u:\\xff)',
    '\\Afoo',
    'foo\\z',
    '(',
    'a\\nb',
    'grün',
    'nowhere',
    '.',
    'fo{1,2}\\b',
    '(foo|bar) ?b?',
    '^[^f]*o',
    '\\w+ \\w+',
    'r\\s*$',
    '[A-Z]+',
  ];

  it('agree on an empty match behind the last character of a file', async () => {
    await equal([{ pattern: '$f?' }, { pattern: 'foo' }]);
    const { json } = await folder.invoke(grepTool, { pattern: '$f?', paths: ['src/deep/d.ts'] });
    assert.equal((json as { matches: readonly Found[] }).matches[0]?.column, 'no newline foo'.length + 1);
  });

  it('have the results of each alone, whatever the patterns and the way of searching', async () => {
    const pattern = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...PATTERNS).filter((each) => each !== '') },
      {
        weight: 1,
        arbitrary: fc.string({
          unit: fc.constantFrom('f', 'o', 'a', 'b', '.', '*', '+', '|', '^', '$', '?', '\\w', '\\b', ' '),
          minLength: 1,
          maxLength: 5,
        }),
      },
    );
    const options = fc.record(
      {
        mode: fc.constantFrom('content' as const, 'files' as const, 'count' as const),
        context: fc.integer({ min: 0, max: 2 }),
        fixed: fc.boolean(),
        ignoreCase: fc.boolean(),
        most: fc.integer({ min: 1, max: 6 }),
        glob: fc.constantFrom('*.ts', '!*.txt', ['*.txt', '/src/**']),
        paths: fc.constantFrom('src', ['src', 'words.txt', 'latin.txt'], ['src/deep', 'src'], 'picture', 'gone'),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(pattern, { minLength: 2, maxLength: 4 }), options, async (patterns, how) => {
        await equal(
          patterns.map((each) => ({ pattern: each, ...how })),
          { unsaved: { 'a.ts': 'unsaved foo\nbar', 'src/new.ts': 'foo' } },
        );
      }),
      { numRuns: 60 },
    );
  }).timeout(120_000);

  it('have the results of each alone where names hold line breaks or are no UTF-8', async function () {
    if (process.platform !== 'linux') this.skip();
    const odd = Buffer.concat([Buffer.from(folder.at('x')), Buffer.from([0xff])]);
    await writeFile(odd, 'foo\nba\n');
    await equal([{ pattern: 'foo' }, { pattern: 'ba+' }]);
    await folder.write({ 'two\nlines': 'foo\nba\n' });
    await equal([{ pattern: 'foo' }, { pattern: 'ba+' }]);
    await rm(odd);
    await rm(folder.at('two\nlines'));
  });

  it('have the results of each alone where searches differ in more than the pattern', () =>
    equal([
      { pattern: 'foo' },
      { pattern: 'bar', mode: 'count' },
      { pattern: 'bar' },
      { pattern: 'foo' },
      { pattern: 'o\\nb', multiline: true },
      { pattern: '(' },
    ]));

  it('have the results of each alone where there is more than one pass can hold', async () => {
    await writeFile(folder.at('huge'), 'foo bar\n'.repeat(12_000));
    await equal([
      { pattern: 'foo', most: 2 },
      { pattern: 'ba[r]', most: 2 },
    ]);
    await rm(folder.at('huge'));
  });

  it('say which they are', () => {
    const key = (input: GrepInput) => fusionKey('grep', input);
    assert.equal(key({ pattern: 'a' }), key({ pattern: 'b.*c', mode: 'content', fixed: false }));
    assert.equal(key({ pattern: 'a', paths: 'x' }), key({ pattern: 'b', paths: ['x'] }));
    assert.notEqual(key({ pattern: 'a' }), key({ pattern: 'a', paths: 'x' }));
    assert.notEqual(key({ pattern: 'a' }), key({ pattern: 'a', ignoreCase: true }));
    for (const pattern of ['\\Aa', 'a\\z', '(?s)a', '(?m)^a', '(?-u)a', 'a\nb'])
      assert.equal(key({ pattern }), undefined, pattern);
    assert.equal(key({ pattern: 'a', multiline: true }), undefined);
    assert.equal(fusionKey('read', { path: 'a' }), fusionKey('read', { path: ['b'], range: { from: 2 } }));
    assert.notEqual(fusionKey('glob', { patterns: '*' }), fusionKey('glob', { patterns: '*', ignored: true }));
    assert.equal(fusionKey('write', { path: 'a', content: '' }), undefined);
  });
});

describe('ripgrep', () => {
  let folder: ToolFolder;
  beforeEach(async () => {
    folder = await toolFolder(FILES);
  });
  afterEach(() => folder.dispose());

  it('ends with the signal, and the guard knows it for as long', async () => {
    const stop = new AbortController();
    const events: string[] = [];
    let group = 0;
    const guard = {
      ...NO_GUARD,
      add(pid: number) {
        group = pid;
        events.push('add');
        stop.abort();
      },
      remove(pid: number) {
        assert.equal(pid, group);
        events.push('remove');
      },
    };
    // It waits for input that never ends.
    const run = { args: ['-e', 'x', '-'], input: new PassThrough(), onOutput() {} };
    assert.deepEqual(await runRipgrep(run, await folder.context({ signal: stop.signal, guard })), { kind: 'interrupted' });
    assert.deepEqual(events, ['add', 'remove']);
    assert.throws(() => process.kill(group, 0), { code: 'ESRCH' });
    assert.equal((await folder.invoke(grepTool, { pattern: 'x' }, { signal: stop.signal })).end.kind, 'interrupted');
    const together = await grepTogether([{ pattern: 'x' }, { pattern: 'y+' }], await folder.context({ signal: stop.signal }));
    assert.deepEqual(
      together.map(({ end }) => end.kind),
      ['interrupted', 'interrupted'],
    );
  });

  it('comes with Volley, else from PATH, never from the workspace', async () => {
    const own = await findRipgrep(await folder.context());
    assert.match(own ?? '', /@vscode[\\/]ripgrep-/);
    const elsewhere = path.join(folder.outside, 'programs');
    await mkdir(elsewhere);
    const name = process.platform === 'win32' ? 'rg.exe' : 'rg';
    for (const file of [path.join(elsewhere, name), folder.at(name)]) {
      await writeFile(file, '');
      await chmod(file, 0o755);
    }
    const onPath = async (...directories: string[]) =>
      findRipgrep(await folder.context({ env: { PATH: directories.join(path.delimiter) } }), []);
    assert.equal(await onPath(folder.path, '.', '', elsewhere), path.join(elsewhere, name));
    assert.equal(await onPath(folder.path, '.'), undefined);
  });

  it('has plain lines taken apart into files, and tells what is no line', () => {
    const check = (output: string | Buffer, expected: readonly string[], odd = 0) => {
      const files: ScannedFile[] = [];
      let odds = 0;
      const reader = lineReader(
        (file) => files.push(file),
        () => {
          odds += 1;
        },
      );
      for (const byte of Buffer.from(output)) reader.take(Buffer.from([byte]));
      reader.end?.();
      const shown = files.map(({ path: name, lines, capped }) =>
        [
          name,
          ...lines.map(({ number, raw }) => `${number} ${'text' in raw ? raw.text : raw.bytes}`),
          ...(capped ? ['capped'] : []),
        ].join('|'),
      );
      assert.deepEqual([shown, odds], [expected, odd]);
    };
    check('', []);
    check('./a.ts\x001:one\n./a.ts\x0012:two:\r\n./b\x007:\n', ['a.ts|1 one|12 two:\r', 'b|7 ']);
    // One target in another one: the file is told twice.
    check('./a\x001:x\n./a\x003:y\n./a\x001:x\n', ['a|1 x|3 y', 'a|1 x']);
    check(Buffer.from('./a\x001:gr\xfcn\n./a\x002:\xef\xbf\xbd\n', 'latin1'), ['a|1 Z3L8bg==|2 \ufffd']);
    check('./two\nlines\x001:x\n', ['lines|1 x'], 1);
    check('./a: binary file matches (found "\\0" byte around offset 4)\n', [], 1);
    const many = Array.from({ length: FILE_LINES }, (_, index) => `./a\0${index + 1}:x\n`).join('');
    assert.match(many, /10000:x\n$/);
    const files: ScannedFile[] = [];
    const reader = lineReader((file) => files.push(file), assert.fail);
    reader.take(Buffer.from(many));
    reader.end?.();
    assert.deepEqual(
      files.map(({ lines, capped }) => [lines.length, capped]),
      [[FILE_LINES, true]],
    );
  });

  it('has its output taken apart, however it is cut into pieces', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'ä') })),
        fc.array(fc.integer({ min: 1, max: 5 })),
        (lines, cuts) => {
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
          const got: string[] = [];
          const take = splitOutput(0x0a, (element) => got.push(element?.toString() ?? ''));
          let at = 0;
          for (const cut of cuts) {
            take(bytes.subarray(at, at + cut));
            at += cut;
          }
          take(bytes.subarray(at));
          assert.deepEqual(got, lines);
        },
      ),
    );
  });
});
