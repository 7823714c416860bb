import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readJustfile } from '../../../src/core/gates/evidence/just.js';
import { evaluated, interpolated } from '../../../src/core/gates/evidence/just-values.js';
import { CI, detected, gatesOf, workflow } from '../../support/detected.js';

/** The gates of a folder with these files, each as its id. */
async function ids(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  return (await detected(files)).map(({ id }) => id);
}

describe('A justfile', () => {
  it('has modules, by their names or where it says, whose recipes run in their folders', async () => {
    const files = {
      justfile: "mod web\nmod? docs 'documentation'\nmod? missing\nci: web::lint docs::check\n",
      'web/mod.just': 'lint:\n  eslint src\n',
      'web/package.json': '{}',
      'documentation/justfile': 'check:\n  ruff check\n',
      [CI]: workflow('run: just ci'),
    };
    assert.deepEqual(await ids(files), ['documentation/ruff', 'web/eslint']);
    for (const call of ['just web lint', 'just web::lint', 'just web'])
      assert.deepEqual(await ids({ ...files, [CI]: workflow(`run: ${call}`) }), ['documentation/ruff', 'web/eslint'], call);
  });

  it('that is a module and of a package of its own, is found once', async () => {
    const files = {
      justfile: 'mod web\n',
      'web/justfile': 'lint:\n  eslint src\n',
      'web/package.json': '{ "devDependencies": { "eslint": "9" } }',
      [CI]: workflow('run: just web::lint'),
    };
    assert.deepEqual(await ids(files), ['web/eslint']);
  });

  it('has the recipes and variables of what it imports, its own before those', async () => {
    const files = {
      justfile: 'import "ci.just"\nimport? "local.just"\npackages := "src"\ntest:\n  pytest\n',
      'ci.just': 'types:\n  mypy {{packages}}\ntest:\n  echo no\n',
      [CI]: workflow('run: just types test'),
    };
    assert.deepEqual(await ids(files), ['mypy', 'pytest']);
  });

  it('calls recipes by other names, and the first, or the one it says, by none', async () => {
    const files = {
      justfile:
        "alias l := lint\n[group('quality')]\n[private]\nlint:\n  ruff check\n[default]\nall: types\ntypes:\n  mypy src\n",
    };
    assert.deepEqual(await ids({ ...files, [CI]: workflow('run: just l') }), ['ruff', 'mypy']);
    assert.deepEqual(await ids({ ...files, [CI]: workflow('run: just') }), ['ruff', 'mypy']);
  });

  it('tells recipes arguments, of which what is not given is as it is by itself', async () => {
    const files = {
      justfile: `root := "packages"
lint: (check root / "core" "--strict") && (style "core")
check folder *flags:
  mypy {{flags}} {{folder}}
style name where=("packages/" + name):
  ruff check {{where}}
`,
      [CI]: workflow('run: just lint'),
    };
    assert.deepEqual(await ids(files), ['mypy', 'ruff']);
    const found = await detected(files);
    assert.match(found[0]?.command.argv.join(' ') ?? '', /^mypy --strict packages\/core /);
    assert.deepEqual(found[1]?.files.kind === 'files' ? found[1].files.targets : [], ['packages/core']);
  });

  it('runs scripts of a shell whole, and none of other languages, of other systems, or that ask first', async () => {
    const files = {
      justfile: `lint:
  #!/usr/bin/env bash
  set -euo pipefail
  ruff check
[script("python3")]
test:
  pytest
[windows]
types:
  mypy src
[confirm]
style:
  flake8
`,
    };
    assert.deepEqual(await ids(files), ['ruff']);
    assert.deepEqual(await ids({ justfile: 'set shell := ["nu", "-c"]\nlint:\n  ruff check\n' }), []);
    assert.deepEqual(await ids({ justfile: 'set shell := ["bash", "-uc"]\nlint:\n  ruff check\n' }), ['ruff']);
  });

  it('runs where it says', async () => {
    const files = {
      justfile: "[working-directory: 'web']\nlint:\n  eslint src\n",
      'web/package.json': '{}',
    };
    assert.deepEqual(await ids(files), ['web/eslint']);
  });

  it('that calls a recipe that nobody can read is called as CI calls it', async () => {
    const files = { justfile: 'lint target:\n  lint.py {{target}}\n', [CI]: workflow('run: just lint core') };
    assert.deepEqual(await gatesOf(files), ['just-lint: just lint core']);
  });
});

describe('What a justfile works out', () => {
  const variables = new Map([['a', 'x']]);

  it('is texts, names, sums, paths and what a variable is that nobody sets', () => {
    const table: readonly (readonly [string, string | undefined])[] = [
      ['"a\\"b"', 'a"b'],
      ["'a' + a", 'ax'],
      ['a / "b"', 'x/b'],
      ['(a + "-") + a # why', 'x-x'],
      ['env("CI_DIR", "out")', 'out'],
      ['justfile_directory() / "src"', './src'],
      ['unknown', undefined],
      ['`git rev-parse HEAD`', undefined],
      ['if a == "" { "b" } else { "c" }', undefined],
      ['', undefined],
    ];
    for (const [text, value] of table) assert.equal(evaluated(text, variables), value, text);
    assert.equal(interpolated('x {{a}} {{ b }} {{{{c}}', variables), 'x x $EXPRESSION {{c}}');
  });

  it('never throws, and files that include each other end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.constantFrom(
            'mod a',
            'import "b"',
            'x:',
            ' y',
            '(x "',
            '"',
            '{{',
            '}}',
            '\n',
            'alias t := x',
            ' \\',
            '[a',
            ':=',
            '&&',
          ),
          { maxLength: 30 },
        ),
        async (pieces) => {
          const text = pieces.join('');
          const mentions = await readJustfile({ file: 'justfile', text, warn: () => {}, read: async () => text });
          assert.ok(mentions.length < 5000);
        },
      ),
    );
  });
});
