import assert from 'node:assert/strict';
import fc from 'fast-check';
import { concluded, conflicts, measureBatches, measureCommands, measureWorkspaces, readCorpus } from '../../../bench/access.js';
import { commandAccess } from '../../../src/core/access/command.js';
import { globsMayMeet } from '../../../src/core/globs.js';
import type { ToolAccess } from '../../../src/core/tools/tool.js';
import { countSteps } from '../../support/work.js';

const PLACE = { folder: '/ws', cwd: '/ws', env: { HOME: '/home/u' } };

/** Writes of a line, relative to the folder; of a barrier, the word. */
function writes(shell: string): readonly string[] | 'barrier' {
  const access = commandAccess({ shell }, PLACE);
  return access.barrier ? 'barrier' : access.writes.map((glob) => glob.replace(/^\/ws\//, '')).sort();
}

function reads(shell: string): readonly string[] | 'barrier' {
  const access = commandAccess({ shell }, PLACE);
  return access.barrier ? 'barrier' : access.reads.map((glob) => glob.replace(/^\/ws\//, '')).sort();
}

describe('The access of a command', () => {
  it('has what each form of a shell line writes', () => {
    const cases: readonly (readonly [string, readonly string[] | 'barrier'])[] = [
      ['cat a > b', ['b']],
      ['cat a >> "b c" 2> d', ['b c', 'd']],
      ['cat a &> b', ['b']],
      ['cat a 2>&1', []],
      ['cat a > /dev/null', []],
      ['cat <<E > f\n$(rm g)\nE', ['f', 'g']],
      ["cat <<'E' > f\n$(rm g)\nE", ['f']],
      ['echo "$(touch a)" `touch b`', ['a', 'b']],
      ['diff <(sort -o x a) <(sort b)', ['x']],
      ['cat a | tee b | tee c > d', ['b', 'c', 'd']],
      ['touch a & touch b', ['a', 'b']],
      ['(cd d && touch a); touch b', ['b', 'd/a']],
      ['cd d && touch a', ['d/a']],
      ['cd d; touch a', ['a', 'd/a']],
      ['cd d || exit 1; touch a', ['d/a']],
      ['cd "$D" && touch a', ['/**']],
      ['cd d && cd .. && touch a', ['a']],
      ['if test -f a; then touch b; else touch c; fi', ['b', 'c']],
      ['for f in a b; do touch $f.x; done', ['a.x', 'b.x']],
      ['for f in src/*.ts; do rm "$f"; done', ['src/*.ts']],
      ['while read f; do rm "$f"; done < list', ['/**']],
      ['X=a; touch $X', ['a']],
      ['X=a; while test -f s; do touch $X; X=b; done', ['/**']],
      ['touch {a,b}{1..2}', ['a1', 'a2', 'b1', 'b2']],
      ['touch "{a,b}"', ['\\{a,b\\}']],
      ['rm ~/x', ['/home/u/x']],
      ['rm $UNKNOWN', ['/**']],
      ['rm "src/$UNKNOWN.ts"', ['**']],
      ['case $1 in a) touch a;; *) touch b;; esac', ['a', 'b']],
      ['f() { rm a; }; f', 'barrier'],
      ['source x', 'barrier'],
      ['eval "touch a"', ['a']],
      ['eval "$X"', 'barrier'],
      ['$X a', 'barrier'],
      ['if then', 'barrier'],
      ['PATH=. cat a', 'barrier'],
      ['touch ./a//b/../c/', ['a/c']],
      ['rm -rf /ws/dist', ['dist']],
    ];
    for (const [line, expected] of cases)
      assert.deepEqual(writes(line), expected === 'barrier' ? expected : [...expected].sort(), line);
  });

  it('has what programs write by their operands and options', () => {
    const cases: readonly (readonly [string, readonly string[] | 'barrier'])[] = [
      ['cp a b', ['b']],
      ['cp -t d a b', ['d']],
      ['cp --target d a b', 'barrier'],
      ['mv a b', ['a', 'b']],
      ['sed -n 1p a', []],
      ['sed -i s/a/b/ a', ['a']],
      ['sed -i.bak s/a/b/ a', ['a', 'a.bak']],
      ['sed "s/a/b/w c" a', ['c']],
      ['sed "s/a/b/e" a', 'barrier'],
      ['sort -o a b', ['a']],
      ['sort --outp=a b', 'barrier'],
      ["awk '{print $1}' a", []],
      ['awk \'{print > "x"}\' a', 'barrier'],
      ['tar czf a.tgz b', ['a.tgz']],
      ['tar cfz a b', ['a']],
      ['tar xf a -C d', ['d']],
      ['find d -delete', ['d']],
      ['find d -exec rm {} +', ['d/**']],
      ['find d -fprint e', ['e']],
      ['ls | xargs rm', ['/**']],
      ['curl -so a http://x', ['a']],
      ['curl -d x http://x', 'barrier'],
      ['sudo -u u tee a', ['a']],
      ['timeout 5 tee a', ['a']],
      ['nice -n 5 env A=1 tee a', ['a']],
      ["sh -c 'cd d && tee a'", ['d/a']],
      ['bash script.sh', 'barrier'],
      ['git log', []],
      ['git fetch', ['.git']],
      ['git checkout -- a', ['.git', 'a']],
      ['npx prettier --write a', ['a']],
      ['npx tsc --noEmit', []],
      ['npx tsc --outDir d', ['d']],
      ['npx something', 'barrier'],
      ['./cat a', 'barrier'],
      ['npm test', 'barrier'],
      ['make', 'barrier'],
    ];
    for (const [line, expected] of cases)
      assert.deepEqual(writes(line), expected === 'barrier' ? expected : [...expected].sort(), line);
  });

  it('has what programs read', () => {
    assert.deepEqual(reads('cat a b/c'), ['a', 'b/c']);
    assert.deepEqual(reads('grep -f p x y'), ['p', 'x', 'y']);
    assert.deepEqual(reads('grep x y'), ['y']);
    assert.deepEqual(reads('jq --slurpfile a b . c'), ['b', 'c']);
    assert.deepEqual(reads('[ -f a ] && [ b = c ]'), ['a']);
    assert.deepEqual(reads('echo a b'), []);
    assert.deepEqual(reads('date -r a'), ['a']);
    assert.deepEqual(reads('echo *.txt "*.md"'), ['*.txt']);
    assert.deepEqual(reads('cat src/**/*.ts'), ['src/**/*.ts']);
    assert.deepEqual(reads('for f in a/*; do echo $f; done'), ['a/*']);
  });

  it('takes the words of a program without a shell as they are', () => {
    assert.deepEqual(commandAccess({ argv: ['touch', '$HOME', 'a b', '*'] }, PLACE).writes, ['/ws/$HOME', '/ws/a b', '/ws/\\*']);
    assert.ok(commandAccess({ argv: [] }, PLACE).barrier);
  });

  it('follows scripts when it is told them, with what stands before and after', () => {
    const scripts = {
      build: 'tsc --outDir lib',
      prebuild: 'rm -rf lib',
      all: 'npm run build && npm run all',
      odd: 'make',
      fmt: 'prettier --write',
    };
    const packageOf = (at: string) => (at === '/ws' ? { directory: '/ws', scripts } : undefined);
    const of = (shell: string) => commandAccess({ shell }, { ...PLACE, packageOf });
    assert.deepEqual(of('npm run build').writes, ['/ws/lib']);
    assert.deepEqual(of('npm run fmt -- src').writes, ['/ws/src']);
    assert.ok(of('npm run all').barrier);
    assert.ok(of('npm run odd').barrier);
    assert.ok(of('npm run missing').barrier);
    assert.ok(of('cd packages/a && npm run build').barrier);
  });

  it('names a lock as a gate does, by the path of the cache', () => {
    assert.deepEqual(commandAccess({ shell: 'mypy src' }, PLACE).locks, ['/ws/.mypy_cache']);
    assert.deepEqual(commandAccess({ shell: 'cd a && pytest' }, PLACE).locks, ['/ws/a/.pytest_cache']);
  });

  it('says which accesses are only a custom', () => {
    assert.equal(commandAccess({ shell: 'npx vitest run' }, PLACE).customary, true);
    assert.equal(commandAccess({ shell: 'cat a' }, PLACE).customary, undefined);
  });

  it('is a barrier where the environment of the host moves what programs touch', () => {
    assert.ok(commandAccess({ shell: 'git status' }, { ...PLACE, env: { GIT_DIR: '/x' } }).barrier);
  });

  it('understands folders of Windows', () => {
    const place = { folder: 'C:\\ws', cwd: 'C:\\ws\\a', env: {} };
    assert.deepEqual(commandAccess({ argv: ['touch', 'b/../c'] }, place).writes, ['C:/ws/a/c']);
  });

  it('misses no conflict of the corpus and finds at least 98 of 100 pairs right', async () => {
    const { commands, batches, workspaces } = await readCorpus();
    assert.ok(commands.length >= 300 && batches.length >= 100);
    for (const figures of [measureCommands(commands), measureBatches(batches), measureWorkspaces(workspaces)]) {
      assert.deepEqual(figures.missed, []);
      assert.ok(figures.right / figures.pairs >= 0.98, `${figures.right} of ${figures.pairs}`);
    }
  });
});

describe('Properties of the access of a command', () => {
  const word = fc.constantFrom(
    'a',
    'b/c',
    '"d e"',
    "'f'",
    '$X',
    '*.ts',
    '{g,h}',
    '-i',
    '-o',
    '--',
    '~',
    '`ls`',
    '$(cat i)',
    '<(j)',
    '../k',
  );
  const program = fc.constantFrom(
    'cat',
    'rm',
    'cp',
    'sed -i s/a/b/',
    'git add',
    'touch',
    'tee',
    'npx eslint',
    'unknown',
    'cd',
    'find',
    'xargs rm',
    'echo',
  );
  const simple = fc.tuple(program, fc.array(word, { maxLength: 4 })).map(([name, args]) => [name, ...args].join(' '));
  const line = fc
    .tuple(simple, fc.array(fc.tuple(fc.constantFrom('&&', '||', ';', '|', '&', '\n'), simple), { maxLength: 3 }))
    .map(([first, rest]) => [first, ...rest.flat()].join(' '));

  it('never throws, and answers any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (shell) => checkShape(commandAccess({ shell }, PLACE))),
      { numRuns: 300 },
    );
    const pieces = fc.array(
      fc.constantFrom(
        '(',
        ')',
        '{',
        '}',
        '$(',
        '`',
        '"',
        "'",
        '<<E',
        '\n',
        ';',
        '&&',
        'if',
        'then',
        'fi',
        'for',
        'in',
        'do',
        'done',
        'case',
        'esac',
        '$((',
        '))',
        '${',
        '[[',
        ']]',
        'cat',
        '>',
        'a',
        ' ',
      ),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(pieces, (all) => checkShape(commandAccess({ shell: all.join(' ') }, PLACE))),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.array(fc.string()), (argv) => checkShape(commandAccess({ argv }, PLACE))),
      { numRuns: 300 },
    );
  });

  it('takes work in proportion to the length of a hostile text, whatever is repeated in it', async () => {
    const repeated = [
      '(',
      '$(',
      '{a,',
      '{a,b}',
      '`',
      '"$(',
      '${x:-',
      '[[ ! ',
      'if ',
      'for i in a;do ',
      'a;',
      'a|',
      'a&&',
      '*',
      '**/',
      '<(',
      '((',
      '$((',
      '\\',
      'cat <<E\n',
      '../',
      'for i in 1 2 3 4 5 6 7 8;do ',
      'x=$x$x;',
      'sh -c "',
      "eval '",
      'while :;do ',
    ];
    const texts = repeated.flatMap((piece) => {
      const shell = piece.repeat(Math.floor(20_000 / piece.length)).slice(0, 20_000);
      return [shell, `cat ${shell}`, `${shell.slice(0, 10_000)}${'done;'.repeat(2000)}`];
    });
    for (const shell of texts) checkShape(commandAccess({ shell }, PLACE));
    const calls = texts.map((shell) => [{ shell }, PLACE]);
    const steps = await countSteps({ module: 'src/core/access/command.ts', name: 'commandAccess', calls });
    assert.equal(steps.length, texts.length);
    steps.forEach((count, index) => {
      const { length } = texts[index] ?? '';
      // The most is 56 a character; what grows with the square of the length takes thousands.
      assert.ok(count <= 200 * length, `${texts[index]?.slice(0, 40)}: ${count} steps`);
    });
    assert.ok(Math.max(...steps) > 20_000, 'something was counted');
  }).timeout(60_000);

  it('has each path that a redirection writes', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9_.-]{0,8}(?:\/[a-z]{1,4}){0,2}$/);
    fc.assert(
      fc.property(simple, fc.constantFrom('>', '>>', '2>', '&>', '>|', '<>'), name, (command, operator, file) => {
        const access = commandAccess({ shell: `${command} ${operator} ${file}` }, PLACE);
        assert.ok(access.barrier || access.writes.some((glob) => globsMayMeet(glob, `/ws/${file}`)));
      }),
    );
  });

  it('never shrinks when a line is wrapped', () => {
    const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
    fc.assert(
      fc.property(line, (shell) => {
        const inner = commandAccess({ shell }, PLACE);
        for (const wrapped of [
          `(${shell}\n)`,
          `sh -c ${quoted(shell)}`,
          `{ ${shell}\n}`,
          `time sh -c ${quoted(shell)}`,
          `env A=1 sh -c ${quoted(shell)}`,
        ])
          covers(commandAccess({ shell: wrapped }, PLACE), inner, wrapped);
      }),
    );
    fc.assert(
      fc.property(simple, (shell) => {
        const inner = commandAccess({ shell }, PLACE);
        // What a shell does itself stays within a wrapper, or is nothing that it can start.
        if (!shell.startsWith('cd'))
          for (const wrapped of [`time ${shell}`, `env A=1 ${shell}`])
            covers(commandAccess({ shell: wrapped }, PLACE), inner, wrapped);
      }),
    );
  });

  function checkShape(access: ToolAccess): void {
    for (const glob of [...access.reads, ...access.writes]) assert.ok(glob.startsWith('/'), glob);
    if (access.barrier) assert.ok(access.barrier.because.length > 0);
  }

  function covers(outer: ToolAccess, inner: ToolAccess, text: string): void {
    if (outer.barrier) return;
    assert.ok(!inner.barrier, text);
    const isIn = (all: readonly string[], glob: string) =>
      all.includes(glob) || all.includes('/**') || (all.includes('/ws/**') && glob.startsWith('/ws'));
    for (const glob of inner.reads) assert.ok(isIn(outer.reads, glob), `${text} reads ${glob}`);
    for (const glob of inner.writes) assert.ok(isIn(outer.writes, glob), `${text} writes ${glob}`);
    for (const lock of inner.locks) assert.ok(outer.locks.includes(lock), `${text} locks ${lock}`);
  }
});

describe('Two commands of a batch', () => {
  it('may overlap where they share no file', () => {
    assert.equal(conflicts(concluded('cat a'), concluded('touch b')), false);
    assert.equal(conflicts(concluded('npx eslint .'), concluded('npx tsc --noEmit')), false);
  });

  it('must not overlap where one writes what the other touches, in another spelling too', () => {
    assert.equal(conflicts(concluded('cat A.txt'), concluded('touch ./x/../a.TXT')), true);
    assert.equal(conflicts(concluded('rm -r d'), concluded('cat d/e')), true);
    assert.equal(conflicts(concluded('ls ..'), concluded('touch a')), true);
  });
});
