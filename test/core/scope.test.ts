import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import type { FileArguments, Gate, ParserId } from '../../src/core/gate-model.js';
import type { Git } from '../../src/core/git.js';
import { globMatcher } from '../../src/core/glob-match.js';
import type { Scope } from '../../src/core/model.js';
import { argumentsInScope, argumentsOf, resolveScope } from '../../src/core/scope.js';
import { type TemporaryFolder, temporaryFolder } from '../support/folder.js';

const AWKWARD = [
  'with space.ts',
  `quo"te's.ts`,
  'new\nline.ts',
  '-dash.ts',
  'ümläut 日本.ts',
  '[id].ts',
  'st*r.ts',
  '!bang.ts',
  '$HOME.ts',
  '{a,b}.ts',
  'back`tick.ts',
];

const gateOf = (files: FileArguments, cwd: string) => ({ files, command: { argv: ['tool'], cwd } }) as unknown as Gate;

describe('the files of a scope', () => {
  let folder: TemporaryFolder;
  let outside: TemporaryFolder;

  beforeEach(async () => {
    folder = await temporaryFolder();
    outside = await temporaryFolder();
  });
  afterEach(() => Promise.all([folder.dispose(), outside.dispose()]));

  // Whatever git is told by the machine's own configuration stays away.
  const git: Git = (args, cwd) =>
    new Promise((resolve) => {
      const env = {
        PATH: process.env['PATH'],
        HOME: outside.path,
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CEILING_DIRECTORIES: path.dirname(folder.path),
      };
      execFile('git', [...args], { cwd, env }, (error, stdout) => resolve({ ok: error === null, stdout }));
    });
  const run = async (...args: string[]) => {
    const identity = ['-c', 'user.name=a', '-c', 'user.email=a@example.com'];
    assert.ok((await git([...identity, ...args], folder.path)).ok, args.join(' '));
  };
  const repository = async (files: Readonly<Record<string, string>>) => {
    await folder.write(files);
    await run('init', '-q', '-b', 'main');
    await run('add', '-A');
    await run('commit', '-q', '-m', 'first');
  };
  const files = async (scope: Scope, below = '.') => {
    const found = await resolveScope(scope, { name: 'x', path: path.join(folder.path, below) }, git);
    assert.equal(found.kind, 'files');
    return found.kind === 'files' ? found.files.map((file) => path.relative(folder.path, file)) : [];
  };

  it('are all for the workspace', async () => {
    assert.deepEqual(await resolveScope({ kind: 'workspace' }, { name: 'x', path: folder.path }, git), { kind: 'all' });
  });

  it('are those changed, staged, unknown to git and not ignored, under their new names', async () => {
    await repository({
      'a.ts': '1',
      'b.ts': '1',
      'c.ts': '1',
      'd.ts': 'a long text that git could recognise',
      'same.ts': '',
      '.gitignore': 'out\n',
    });
    await folder.write({ 'a.ts': '2', 'b.ts': '2', 'new.ts': '', 'out/x.ts': '' });
    await run('add', 'b.ts');
    await rm(path.join(folder.path, 'c.ts'));
    await run('mv', 'd.ts', 'renamed.ts');
    assert.deepEqual(await files({ kind: 'changed' }), ['a.ts', 'b.ts', 'new.ts', 'renamed.ts']);
    assert.deepEqual(await files({ kind: 'staged' }), ['b.ts', 'renamed.ts']);
  });

  it('include what the branch committed since it left the default branch', async () => {
    await repository({ 'a.ts': '1', 'gone.ts': '' });
    await run('checkout', '-q', '-b', 'topic');
    await folder.write({ 'b.ts': '1', 'brief.ts': '' });
    await run('rm', '-q', 'gone.ts');
    await run('add', '-A');
    await run('commit', '-q', '-m', 'second');
    await run('checkout', '-q', 'main');
    await folder.write({ 'main.ts': '1' });
    await run('add', '-A');
    await run('commit', '-q', '-m', 'third');
    await run('checkout', '-q', 'topic');
    await rm(path.join(folder.path, 'brief.ts'));
    await folder.write({ 'c.ts': '1' });
    assert.deepEqual(await files({ kind: 'changed' }), ['b.ts', 'c.ts']);
    await run('checkout', '-q', '-f', 'main');
    assert.deepEqual(await files({ kind: 'changed' }), ['c.ts']);
    await run('checkout', '-q', '--detach', 'topic');
    assert.deepEqual(await files({ kind: 'changed' }), ['b.ts', 'brief.ts', 'c.ts']);
  });

  it('are told apart from those that were deleted, in whichever way', async () => {
    const gone = async (scope: Scope) => {
      const found = await resolveScope(scope, { name: 'x', path: folder.path }, git);
      return found.kind === 'files' ? (found.gone ?? []).map((file) => path.relative(folder.path, file)) : [];
    };
    await repository({ 'a.ts': '1', 'b.ts': '', 'c.ts': '', 'd.ts': '', 'kept.ts': '' });
    await run('checkout', '-q', '-b', 'topic');
    await run('rm', '-q', 'a.ts');
    await run('commit', '-q', '-m', 'second');
    await run('rm', '-q', 'b.ts');
    await run('rm', '-q', '--cached', 'kept.ts');
    await rm(path.join(folder.path, 'c.ts'));
    await run('mv', 'd.ts', 'e.ts');
    assert.deepEqual(await gone({ kind: 'changed' }), ['a.ts', 'b.ts', 'c.ts', 'd.ts']);
    assert.deepEqual(await gone({ kind: 'staged' }), ['b.ts', 'd.ts']);
    assert.deepEqual(await gone({ kind: 'selected', files: [path.join(folder.path, 'c.ts'), path.join(outside.path, 'x')] }), [
      'c.ts',
    ]);
    assert.deepEqual(await files({ kind: 'staged' }), ['e.ts']);
  });

  it('say which of them no tool can be given, since their names are not UTF-8', async function () {
    await repository({ 'a.ts': '1' });
    try {
      await writeFile(Buffer.concat([Buffer.from(`${folder.path}/`), Buffer.from([0xff]), Buffer.from('.ts')]), '');
    } catch {
      // Not every file system takes such a name.
      return this.skip();
    }
    const found = await resolveScope({ kind: 'changed' }, { name: 'x', path: folder.path }, git);
    const unnamed = [path.join(folder.path, '\ufffd.ts')];
    assert.deepEqual(found, { kind: 'files', files: [], unnamed });
    const whole = gateOf({ kind: 'whole', inputs: ['**/*.ts'] }, folder.path);
    assert.equal(found.kind === 'files' && argumentsInScope(whole, found).kind, 'run');
  });

  it('say which of them are symbolic links', async () => {
    await repository({ 'a.ts': '1' });
    await symlink('a.ts', path.join(folder.path, 'b.ts'));
    const found = await resolveScope({ kind: 'changed' }, { name: 'x', path: folder.path }, git);
    const link = path.join(folder.path, 'b.ts');
    assert.deepEqual(found, { kind: 'files', files: [link], links: [link] });
  });

  it('take the default branch from the remote where it says which', async () => {
    await repository({ 'a.ts': '1' });
    await run('update-ref', 'refs/remotes/origin/trunk', 'HEAD');
    await run('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/trunk');
    await folder.write({ 'b.ts': '1' });
    await run('add', '-A');
    await run('commit', '-q', '-m', 'second');
    assert.deepEqual(await files({ kind: 'changed' }), ['b.ts'], 'main is not the default branch here');
    await run('branch', '-q', '-m', 'trunk');
    assert.deepEqual(await files({ kind: 'changed' }), []);
  });

  it('are those below the folder only, when the repository is larger', async () => {
    await repository({ 'a.ts': '', 'sub/b.ts': '1' });
    await folder.write({ 'a.ts': '2', 'sub/b.ts': '2', 'sub/c.ts': '', 'd.ts': '' });
    assert.deepEqual(await files({ kind: 'changed' }, 'sub'), ['sub/b.ts', 'sub/c.ts']);
    await run('add', '-A');
    assert.deepEqual(await files({ kind: 'staged' }, 'sub'), ['sub/b.ts', 'sub/c.ts']);
  });

  it('are all that git would know for a tool that looks at nothing by itself, unless its call names some', async () => {
    await folder.write({ '.gitignore': 'build\n', 'build/made.sh': '', 'bin/-run me.sh': '', 'a.sh': '', 'a.txt': '' });
    const gate = (targets: readonly string[], needsFiles = true) =>
      ({
        tool: 'Tool',
        parser: 'shellcheck',
        files: { kind: 'files', takes: ['**/*.sh'], targets, ...(needsFiles ? { needsFiles } : {}) },
        folder: { name: 'x', path: folder.path },
        command: { argv: ['tool'], cwd: folder.path },
      }) as unknown as Gate;
    const all = { kind: 'all' } as const;
    assert.deepEqual(await argumentsOf(gate([]), all), { kind: 'run', argv: [['tool', 'a.sh', 'bin/-run me.sh']] });
    assert.deepEqual(await argumentsOf(gate(['lib.sh']), all), { kind: 'run', argv: [['tool', 'lib.sh']] });
    assert.deepEqual(await argumentsOf(gate([], false), all), { kind: 'run', argv: [['tool']] });
    await rm(path.join(folder.path, 'bin'), { recursive: true });
    await rm(path.join(folder.path, 'a.sh'));
    assert.deepEqual(await argumentsOf(gate([]), all), { kind: 'skip', inputs: ['**/*.sh'] });
  });

  it('are all before the first commit', async () => {
    await folder.write({ 'a.ts': '', 'b.ts': '' });
    await run('init', '-q');
    await run('add', 'a.ts');
    assert.deepEqual(await files({ kind: 'changed' }), ['a.ts', 'b.ts']);
    assert.deepEqual(await files({ kind: 'staged' }), ['a.ts']);
  });

  it('may have any name', async () => {
    await repository({ 'a.ts': '' });
    await folder.write(Object.fromEntries(AWKWARD.map((name) => [name, ''])));
    assert.deepEqual(await files({ kind: 'changed' }), [...AWKWARD].sort());
    await run('add', '-A');
    assert.deepEqual(await files({ kind: 'staged' }), [...AWKWARD].sort());
    const chosen = AWKWARD.map((name) => path.join(folder.path, name));
    assert.deepEqual(await files({ kind: 'selected', files: chosen }), [...AWKWARD].sort());
  });

  it('cannot be told without a repository', async () => {
    for (const kind of ['changed', 'staged'] as const) {
      const found = await resolveScope({ kind }, { name: 'x', path: folder.path }, git);
      assert.equal(found.kind, 'problem');
      assert.match(found.kind === 'problem' ? found.message : '', /git could not tell.+Choose another scope/);
    }
    const missing = await resolveScope({ kind: 'changed' }, { name: 'x', path: folder.path }, async () => ({
      ok: false,
      stdout: '',
    }));
    assert.equal(missing.kind, 'problem');
  });

  it('are the chosen ones, folders standing for what git would know below them', async () => {
    await folder.write({
      '.gitignore': '*.log\n/dist\n',
      'a.ts': '', 'a.log': '', 'dist/x.ts': '', 'src/b.ts': '', 'src/b.log': '', 'src/deep/c.ts': '', 'src/deep/keep.log': '', 'src/deep/.gitignore': '!keep.log\n/d.ts\n',
      'src/deep/d.ts': '', 'src/node_modules/m/i.js': '', 'src/[x]/e.ts': '', 'src/.hidden': '', 'node_modules/y.js': '', '.git/config': '',
    }); // biome-ignore format: a list of files
    const inside = (...names: string[]) => names.map((name) => path.join(folder.path, name));
    assert.deepEqual(await files({ kind: 'selected', files: inside('src') }), [
      'src/.hidden',
      'src/[x]/e.ts',
      'src/b.ts',
      'src/deep/.gitignore',
      'src/deep/c.ts',
      'src/deep/keep.log',
    ]);
    assert.deepEqual(await files({ kind: 'selected', files: inside('src/[x]', 'src/[x]/e.ts') }), ['src/[x]/e.ts']);
    assert.deepEqual(await files({ kind: 'open', files: inside('a.log', 'missing.ts', 'a.ts', 'a.ts') }), ['a.log', 'a.ts']);
    assert.deepEqual(await files({ kind: 'selected', files: [outside.path, ...inside('a.ts')] }, 'src'), []);
    assert.deepEqual(await files({ kind: 'selected', files: [folder.path] }, 'src/deep'), [
      'src/deep/.gitignore',
      'src/deep/c.ts',
      'src/deep/keep.log',
    ]);
  });
});

describe('the command lines of a gate', () => {
  const cwd = path.resolve('/repo/app');
  const gateWith = (
    files: FileArguments,
    more: { parser?: ParserId; tool?: string; argv?: readonly string[]; cwd?: string } = {},
  ) =>
    ({
      tool: more.tool ?? 'Tool',
      parser: more.parser ?? 'eslint',
      files,
      command: { argv: more.argv ?? ['tool', '--option'], cwd: more.cwd ?? cwd },
    }) as unknown as Gate;
  const takesScripts = (...targets: string[]): FileArguments => ({ kind: 'files', takes: ['**/*.{js,ts}'], targets });
  const scopeOf = (...names: string[]) => ({ kind: 'files' as const, files: names.map((name) => path.resolve(cwd, name)) });
  /** The files that the gate is run on, or undefined when it is skipped. */
  const check = (gate: Gate, names: readonly string[], expected: readonly string[] | undefined) => {
    const found = argumentsInScope(gate, scopeOf(...names), 'linux');
    if (!expected) {
      assert.equal(found.kind, 'skip');
      return;
    }
    const files = gate.files.kind === 'files' ? { files: expected.map((name) => path.resolve(cwd, name)) } : {};
    assert.deepEqual(found, { kind: 'run', argv: [['tool', '--option', ...expected]], ...files });
  };

  it('name the targets for the whole workspace', () => {
    assert.deepEqual(argumentsInScope(gateWith(takesScripts('src', '*.js')), { kind: 'all' }), {
      kind: 'run',
      argv: [['tool', '--option', 'src', '*.js']],
    });
    assert.deepEqual(argumentsInScope(gateWith({ kind: 'whole', inputs: [] }), { kind: 'all' }), {
      kind: 'run',
      argv: [['tool', '--option']],
    });
  });

  it('name the files in scope that the tool takes and that lie under its targets', () => {
    check(gateWith(takesScripts()), ['a.ts', 'b.md', 'c/d.js'], ['a.ts', 'c/d.js']);
    check(gateWith(takesScripts('.')), ['a.ts', 'c/d.js', '../other/x.ts'], ['a.ts', 'c/d.js']);
    check(gateWith(takesScripts('src')), ['src/a.ts', 'srcs/a.ts', 'src.ts', 'test/a.ts'], ['src/a.ts']);
    check(gateWith(takesScripts('./src/')), ['src/a.ts'], ['src/a.ts']);
    check(gateWith(takesScripts(path.join(cwd, 'src'))), ['src/a.ts', 'b.ts'], ['src/a.ts']);
    check(
      gateWith(takesScripts('src/**/*.ts', 'test/*.js')),
      ['src/a.ts', 'src/b/c.ts', 'src/a.js', 'test/a.js', 'test/b/c.js'],
      ['src/a.ts', 'src/b/c.ts', 'test/a.js'],
    );
    check(gateWith(takesScripts('.', '!src/generated')), ['a.ts', 'src/generated/b.ts'], ['a.ts']);
    check(gateWith(takesScripts('../shared')), ['../shared/a.ts', 'b.ts', '../c.ts'], ['../shared/a.ts']);
    check(gateWith(takesScripts('..')), ['../shared/a.ts'], ['../shared/a.ts']);
    check(gateWith(takesScripts('a.ts')), ['a.ts', 'b.ts'], ['a.ts']);
    check(gateWith(takesScripts('src/[id]')), ['src/i/a.ts'], ['src/i/a.ts']);
    check(gateWith(takesScripts('src')), ['test/a.ts'], undefined);
    check(gateWith(takesScripts()), ['b.md'], undefined);
    check(gateWith(takesScripts()), [], undefined);
  });

  it('run what looks at everything for a file that was deleted, which no gate is given', () => {
    const scope = { kind: 'files' as const, files: [], gone: [path.resolve(cwd, 'a.ts')] };
    assert.equal(argumentsInScope(gateWith({ kind: 'whole', inputs: ['**/*.ts'] }), scope).kind, 'run');
    assert.equal(argumentsInScope(gateWith({ kind: 'whole', inputs: ['**/*.py'] }), scope).kind, 'skip');
    assert.equal(argumentsInScope(gateWith(takesScripts()), scope).kind, 'skip');
  });

  it('leave out what the tool would not look at by itself', () => {
    const links = [path.resolve(cwd, 'l.ts')];
    const files = [path.resolve(cwd, 'a.ts'), ...links];
    const scope = { kind: 'files' as const, files, links };
    const named = (tool: string) => {
      const found = argumentsInScope(gateWith(takesScripts(), { tool }), scope, 'linux');
      return found.kind === 'run' ? found.argv[0]?.slice(2) : [];
    };
    assert.deepEqual(named('Prettier'), ['a.ts']);
    assert.deepEqual(named('ESLint'), ['a.ts', 'l.ts']);
    const gate = (tool: string) => gateWith(takesScripts('**/*.ts', '#gen'), { tool });
    check(gate('markdownlint-cli2'), ['a.ts', 'gen/b.ts'], ['a.ts']);
    const visible = ['**/*.ts', '!**/.*', '!**/.*/**'];
    check(gateWith({ kind: 'files', takes: visible, targets: [] }), ['a.ts', '.b/c.ts', 'd/.e.ts'], ['a.ts']);
    const skipped = argumentsInScope(gateWith({ kind: 'files', takes: visible, targets: [] }), scopeOf('a.py'));
    assert.deepEqual(skipped, { kind: 'skip', inputs: ['**/*.ts'] });
  });

  it('have the options for named files right before the files, and not before targets', () => {
    const gate = gateWith({ kind: 'files', takes: ['**/*.py'], targets: ['src'], fileOptions: ['--force-exclude'] });
    assert.deepEqual(argumentsInScope(gate, { kind: 'all' }), { kind: 'run', argv: [['tool', '--option', 'src']] });
    assert.deepEqual(argumentsInScope(gate, scopeOf('src/a.py', 'b.py'), 'linux'), {
      kind: 'run',
      argv: [['tool', '--option', '--force-exclude', 'src/a.py']],
      files: [path.resolve(cwd, 'src/a.py')],
    });
  });

  it('run a gate that checks everything when one of its inputs is in scope', () => {
    const whole: FileArguments = { kind: 'whole', inputs: ['**/*.ts', 'tsconfig.json'] };
    check(gateWith(whole), ['b.md', 'src/a.ts'], []);
    check(gateWith(whole), ['b.md'], undefined);
    check(gateWith(whole), ['../a.ts'], undefined);
    check(gateWith({ kind: 'whole', inputs: ['**'] }), ['b.md'], []);
  });

  it('hold file names that could be taken for something else', () => {
    const found = argumentsInScope(gateWith(takesScripts()), scopeOf(...AWKWARD), 'linux');
    const expected = AWKWARD.map((name) => (/^[-!]/.test(name) ? `./${name}` : name));
    const files = AWKWARD.map((name) => path.resolve(cwd, name));
    assert.deepEqual(found, { kind: 'run', argv: [['tool', '--option', ...expected]], files });
    const globbing = argumentsInScope(gateWith(takesScripts(), { tool: 'XO' }), scopeOf('src/[id].ts', 'a (b).ts'), 'linux');
    assert.deepEqual(globbing.kind === 'run' && globbing.argv, [['tool', '--option', 'src/\\[id\\].ts', 'a \\(b\\).ts']]);
  });

  it('are split below the limit of the platform, without losing or repeating a file', () => {
    const names = Array.from({ length: 9000 }, (_, index) => `src/${'directory-'.repeat(3)}/file number ${index}.ts`);
    for (const [platform, limit] of [
      ['linux', 128 * 1024],
      ['win32', 30_000],
    ] as const) {
      const found = argumentsInScope(gateWith(takesScripts()), scopeOf(...names), platform);
      assert.equal(found.kind, 'run');
      if (found.kind !== 'run') return;
      assert.ok(found.argv.length > 1);
      assert.deepEqual(
        found.argv.flatMap((argv) => argv.slice(2)),
        names,
      );
      for (const argv of found.argv) {
        assert.deepEqual(argv.slice(0, 2), ['tool', '--option']);
        assert.ok(Buffer.byteLength(argv.join('   ')) <= limit, platform);
      }
    }
  });

  it('have the files in place of globs where the tool would need a shell for that', async () => {
    const folder = await temporaryFolder({ 'test/b.test.js': '', 'test/a.test.js': '', 'test/deep/c.test.js': '' });
    try {
      const test = (argv: readonly string[], parser: ParserId) =>
        argumentsInScope(gateWith({ kind: 'whole', inputs: [] }, { parser, argv, cwd: folder.path }), { kind: 'all' });
      const expected = (...argv: string[]) => ({ kind: 'run', argv: [argv] });
      assert.deepEqual(
        test(['node', '--test', './test/*.test.js'], 'node-test'),
        expected('node', '--test', 'test/a.test.js', 'test/b.test.js'),
      );
      assert.deepEqual(test(['node', '--test', 'none/*.js'], 'node-test'), expected('node', '--test', 'none/*.js'));
      await folder.write({ '-e.js': '' });
      assert.deepEqual(test(['node', '--test', '*.js'], 'node-test'), expected('node', '--test', './-e.js'));
      assert.deepEqual(test(['mocha', 'test/*.js'], 'mocha'), expected('mocha', 'test/*.js'));
      const black = gateWith(
        { kind: 'files', takes: ['**/*.js'], targets: ['test/*.js', 'x'] },
        { parser: 'black', cwd: folder.path },
      );
      assert.deepEqual(
        argumentsInScope(black, { kind: 'all' }),
        expected('tool', '--option', 'test/a.test.js', 'test/b.test.js', 'x'),
      );
    } finally {
      await folder.dispose();
    }
  });
});

describe('matching globs', () => {
  const check = (globs: string | readonly string[], matching: readonly string[], other: readonly string[]) => {
    const matches = globMatcher(typeof globs === 'string' ? [globs] : globs);
    for (const file of matching) assert.ok(matches(file), `${globs} should match ${file}`);
    for (const file of other) assert.ok(!matches(file), `${globs} should not match ${file}`);
  };

  it('follows the usual rules', () => {
    check('*.ts', ['a.ts', '.a.ts'], ['a/b.ts', 'a.tsx', 'ats']);
    check('**/*.{js,ts}', ['a.js', 'a/b/c.ts'], ['a.jsx']);
    check('src/**', ['src/a', 'src/a/b'], ['srcs/a', 'src']);
    check('**/test/**', ['test/a', 'a/test/b/c'], ['tests/a']);
    check('a?c', ['abc', 'a.c'], ['ac', 'a/c']);
    check('[!a-c].ts', ['d.ts'], ['a.ts', '/.ts']);
    check('**/!(*.test).ts', ['a.ts', 'b/a.ts'], ['a.test.ts']);
    check('**/*.?(c|m)[jt]s?(x)', ['a.js', 'a.mts', 'b/a.tsx'], ['a.json']);
    check('{a,b/{c,d}}', ['a', 'b/d'], ['b', 'd']);
    check(['**', '!*.md', 'README.md'], ['a.ts', 'README.md', 'x/a.md'], ['a.md']);
    check('\\[id\\]/\\*', ['[id]/*'], ['i/a']);
    check('new*line', ['new\nline'], []);
  });

  it('looks at both ends of a path first without another answer', () => {
    const piece = fc.constantFrom(
      'a',
      'b',
      '.',
      '/',
      '*',
      '**/',
      '**',
      '?',
      '[a]',
      '{a,b}',
      '@(a|b)',
      '!(a)',
      './',
      '\\a',
      '{',
      '!',
    );
    const word = fc.array(fc.constantFrom('a', 'b', '.', '/', './'), { maxLength: 6 }).map((parts) => parts.join(''));
    // A letter in brackets means the same, and leaves nothing to look at before the whole expression.
    const bracketed = (glob: string) => glob.replace(/^[ab](?=.)/, '[$&]').replace(/(?<=[ab./])[ab]$/, '[$&]');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), word, (pieces, file) => {
        const glob = pieces.join('');
        assert.equal(globMatcher([glob])(file), globMatcher([bracketed(glob)])(file), `${glob} ${file}`);
      }),
      { numRuns: 3000 },
    );
  });

  it('answers for globs that a regular expression would try for ever', () => {
    const long = `${'a'.repeat(200)}c.txt`;
    for (const part of ['*a', '+(a|aa)', '?(a)', '*(*a)', '**a', '{*,a}', '+(+(a))'])
      check(`${part.repeat(30)}b*.txt`, [`${'a'.repeat(30)}b.txt`], [long]);
    check(`${'**/'.repeat(60)}b.txt`, [`${'a/'.repeat(100)}b.txt`], [`${'a/'.repeat(100)}cb.txt`]);
  });

  it('takes a text that is no glob as it stands and never throws', () => {
    check(`${'@('.repeat(10_000)}a`, [`${'@('.repeat(10_000)}a`], ['a']);
    check('[a', ['[a'], ['a']);
    check('{a', ['{a'], ['a']);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (glob, file) => typeof globMatcher([glob])(file) === 'boolean'),
    );
  });
});
