import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import type { Warning } from '../../../src/core/gate-model.js';
import { readCircle } from '../../../src/core/gates/evidence/circleci.js';
import { readWorkflow } from '../../../src/core/gates/evidence/github.js';
import { readGitlab } from '../../../src/core/gates/evidence/gitlab.js';
import { readHusky, readLefthook, readLintStaged } from '../../../src/core/gates/evidence/hooks.js';
import { readComposer, readDeno, readEditorTasks, readManifestHooks } from '../../../src/core/gates/evidence/json.js';
import { readJustfile } from '../../../src/core/gates/evidence/just.js';
import { readMakefile } from '../../../src/core/gates/evidence/make.js';
import { readNoxfile } from '../../../src/core/gates/evidence/nox.js';
import { readPreCommit } from '../../../src/core/gates/evidence/pre-commit.js';
import { readTaskfile } from '../../../src/core/gates/evidence/taskfile.js';
import { readPyprojectTox, readTox, readToxToml } from '../../../src/core/gates/evidence/tox.js';
import { type EvidenceReader, readMentions } from '../../../src/core/gates/evidence.js';
import type { Mention } from '../../../src/core/gates/mention.js';
import { inTemporaryDirectory } from '../../support/processes.js';

const words = ({ command }: Mention) => (command.kind === 'shell' ? command.text : command.argv.join(' '));
const runner = ({ runner }: Mention) => (runner ? ` = ${runner.program} ${runner.args.join(' ')}`.trimEnd() : '');

/** `line name(cwd): command = runner` of each mention, and the warnings as `line:column message`. */
async function check(
  read: EvidenceReader,
  file: string,
  text: string,
  expected: readonly string[],
  complaints: readonly RegExp[] = [],
) {
  const warned: string[] = [];
  const found = await read({ file, text, warn: (message, at) => warned.push(`${at?.line}:${at?.column} ${message}`) });
  assert.deepEqual(
    found.map((each) => `${each.line} ${each.name}${each.cwd === '' ? '' : `(${each.cwd})`}: ${words(each)}${runner(each)}`),
    expected,
  );
  assert.equal(warned.length, complaints.length, warned.join('\n'));
  for (const [index, complaint] of complaints.entries()) assert.match(warned[index] ?? '', complaint);
}

describe('Evidence', () => {
  it('of GitHub workflows: each command of each step, with its directory', async () => {
    await check(
      readWorkflow,
      '.github/workflows/ci.yml',
      `on: [push]
env:
  RUSTFLAGS: -D warnings
  TOKEN: \${{ secrets.TOKEN }}
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: npm ci
      - name: All
        run: |
          # what counts
          npx eslint . && npx tsc --noEmit
          npm test -- --shard=\${{ matrix.shard }}/2
          cargo fmt --all \\
            -- --check
      - run: pytest -q
        working-directory: ./backend/
      - run: cd \${{ github.workspace }} && make
      - uses: golangci/golangci-lint-action@v6
        with: { args: --timeout=5m }
      - run: Get-ChildItem
        shell: pwsh
`,
      [
        '10 test: npm ci',
        '14 test: npx eslint . && npx tsc --noEmit',
        '15 test: npm test -- --shard=$MATRIX_shard/2',
        '16 test: cargo fmt --all \\\n  -- --check',
        '18 test(backend): pytest -q',
        '20 test: cd . && make',
        '21 test: golangci-lint run --timeout=5m',
      ],
    );
  });

  it('of GitHub workflows: what their expressions stand for, as far as the file says it', async () => {
    await check(
      readWorkflow,
      '.github/workflows/ci.yml',
      `env: { FEATURES: --all-features, EMPTY: '', SECRET: '\${{ secrets.X }}' }
jobs:
  check:
    strategy:
      matrix:
        script: [lint, types]
        rust: [stable, nightly]
        include:
          - script: docs:check
          - { rust: '1.80', extra: { task: deep } }
    steps:
      - run: npm run \${{ matrix.script }}
      - run: cargo +\${{ matrix.rust }} clippy \${{ env.FEATURES }} \${{ env.EMPTY }} \${{ env.SECRET }}
      - run: make \${{ matrix.extra.task }} V=\${{ matrix.unknown }}
      - uses: docker://rhysd/actionlint:1.7
      - uses: rojopolis/spellcheck-github-actions@v1
        with: { config_path: .spelling.yml }
`,
      [
        '12 check: npm run lint',
        '12 check: npm run types',
        '12 check: npm run docs:check',
        '13 check: cargo +$MATRIX_rust clippy --all-features  $EXPRESSION',
        '14 check: make deep V=$MATRIX_unknown',
        '15 check: actionlint',
        '16 check: pyspelling -c .spelling.yml',
      ],
    );
  });

  it('of GitLab and CircleCI pipelines: the scripts of their jobs', async () => {
    await check(
      readGitlab,
      '.gitlab-ci.yml',
      `stages: [test]
variables: { DJANGO_SETTINGS_MODULE: app.test }
.base: &base
  before_script: [pip install -r requirements.txt]
lint:
  <<: *base
  script:
    - flake8 src
    - |
      black --check .
      isort --check .
`,
      ['4 lint: pip install -r requirements.txt', '8 lint: flake8 src', '10 lint: black --check .', '11 lint: isort --check .'],
    );
    await check(
      readCircle,
      '.circleci/config.yml',
      `version: 2.1
jobs:
  build:
    docker: [{ image: cimg/node:20.0 }]
    steps:
      - checkout
      - run: yarn lint
      - run:
          name: Test
          command: yarn test
          working_directory: app
`,
      ['7 build: yarn lint', '10 build(app): yarn test'],
    );
  });

  it('of GitLab jobs: also of templates that they extend or refer to, without those that nobody starts', async () => {
    await check(
      readGitlab,
      '.gitlab-ci.yml',
      `default:
  before_script: [make setup]
.python:
  before_script: [pip install .]
  script: [pytest]
.never:
  rules: [{ if: $CI, when: never }]
.strict:
  extends: .python
  script:
    - cd app
    - !reference [.more, script]
.more:
  script: [mypy ., [ruff check .]]
unit:
  extends: .python
strict:
  extends: [.python, .strict]
own:
  extends: .strict
  before_script: []
  script: [black --check .]
plain:
  inherit: { default: [image] }
  script: flake8
usual:
  rules: [{ if: $TAG, when: never }, { if: $CI }]
  script: isort --check .
by-hand: { when: manual, script: [bandit -r .] }
asked: { script: [bandit -r a], rules: [{ if: $X, when: manual }, { when: never }] }
off: { script: [bandit -r b], rules: [!reference [.never, rules]] }
round: { extends: around }
around: { extends: round }
`,
      [
        '4 unit: pip install .',
        '5 unit: pytest',
        '4 strict: pip install .',
        '11 strict: cd app',
        '14 strict: cd app && mypy .',
        '14 strict: cd app && ruff check .',
        '22 own: black --check .',
        '25 plain: flake8',
        '2 usual: make setup',
        '28 usual: isort --check .',
      ],
    );
  });

  it('of Makefiles: recipes with plain variables, and what comes before', async () => {
    await check(
      readMakefile,
      'Makefile',
      `PYTHON ?= python3
SRC := src tests
.PHONY: lint test
all: lint test
lint: deps ## checks style
\t@$(PYTHON) -m ruff check $(SRC) $(ARGS)
\t-black --check \\
\t  $(SRC)
test:
\t$(PYTHON) -m pytest $$OPTIONS
\t$(shell which x) run
deps: ; pip install -e .
%.o: %.c
\tcc -c $<
`,
      [
        '4 all:  = make all',
        '6 lint: python3 -m ruff check src tests = make lint',
        '7 lint: black --check src tests = make lint',
        '10 test: python3 -m pytest $OPTIONS = make test',
        '11 test: x run = make test',
        '12 deps: pip install -e . = make deps',
        '4 all:  = make',
      ],
    );
    const [first] = await readMakefile({ file: 'Makefile', text: 'a: b c\n\tx\nb:\n\ty\n', warn() {} });
    assert.deepEqual(first?.needs, ['b']);
  });

  it('of justfiles and Taskfiles', async () => {
    await check(
      readJustfile,
      'justfile',
      `flags := "--workspace"
# style
lint: fmt
    @cargo clippy {{flags}} -- -D warnings
fmt:
    cargo fmt --check
run target:
    cargo run {{target}}
py:
    #!/usr/bin/env python3
    print("no shell")
test *args:
    {{ if args == "" { "cargo test" } else { \\
        "cargo test " + args \\
    } }}
    cargo doc {{args}}
`,
      [
        '3 lint:  = just lint',
        '4 lint: cargo clippy --workspace -- -D warnings = just lint',
        '6 fmt: cargo fmt --check = just fmt',
        '13 test: $EXPRESSION = just test',
        '16 test: cargo doc = just test',
        '3 lint:  = just',
      ],
    );
    await check(
      readTaskfile,
      'Taskfile.yml',
      `version: '3'
vars: { PKG: ./... }
tasks:
  lint: golangci-lint run {{.CLI_ARGS}}
  test:
    deps: [lint]
    dir: go
    cmds:
      - go vet {{.PKG}}
      - task: race
      - cmd: go test {{.PKG}}
        silent: true
`,
      [
        '4 lint: golangci-lint run = task lint',
        '9 test(go): go vet ./... = task test',
        '10 test(go): task race = task test',
        '11 test(go): go test ./... = task test',
      ],
    );
  });

  it('of tox in pyproject.toml, with what tox puts in left out', async () => {
    await check(
      readPyprojectTox,
      'pyproject.toml',
      `[tool.tox]
env_list = ["py3.14", "typing"]

[tool.tox.env_run_base]
commands = [["pytest", "-v", "--basetemp={env_tmp_dir}", { replace = "posargs", default = [], extend = true }]]

[tool.tox.env.typing]
commands = [["mypy"], ["{env_bin_dir}/pyright", "--verifytypes", "click"]]
`,
      [
        'undefined testenv: pytest -v = tox',
        '7 typing: mypy = tox -e typing',
        '7 typing: pyright --verifytypes click = tox -e typing',
      ],
    );
    const legacy = '[tool.tox]\nlegacy_tox_ini = """\n[testenv:a]\ncommands = ruff check\n"""\n';
    await check(readPyprojectTox, 'pyproject.toml', legacy, ['2 a: ruff check = tox -e a']);
    await check(readPyprojectTox, 'pyproject.toml', '[tool.tox\n', []);
    const own = '[env_run_base]\ncommands = [["pytest"]]\n[env.types]\ncommands = [["ty", "check"]]\n';
    await check(readToxToml, 'tox.toml', own, ['undefined testenv: pytest = tox', '3 types: ty check = tox -e types']);
  });

  it('of shell scripts that others call, with plain variables put in, each once for each job', async () => {
    await inTemporaryDirectory(async (directory) => {
      const write = async (name: string, text: string) => {
        await mkdir(path.dirname(path.join(directory, name)), { recursive: true });
        await writeFile(path.join(directory, name), text);
      };
      const runs = ['scripts/check', 'bash ./ci/more.sh -v', 'scripts/tool --all', '../other.sh', 'scripts/none'];
      const steps = runs.map((run) => `      - run: ${run}\n`).join('');
      await write('.github/workflows/ci.yml', `on: push\njobs:\n  ci:\n    steps:\n${steps}`);
      const check = ['#!/bin/sh -e', 'export PREFIX=""', 'if [ -d venv ]; then', '  export PREFIX="venv/bin/"', 'fi'];
      const calls = ['export FILES="app tests"', '$' + '{PREFIX}mypy $FILES "$@"', 'if true; then ci/more.sh; fi'];
      await write('scripts/check', `${[...check, ...calls].join('\n')}\n`);
      await write('scripts/tool', '#!/usr/bin/env python3\nprint("ruff check")\n');
      await write('ci/more.sh', `"$BIN"/never\n${'$'}{BIN}ruff check $(files)\nscripts/check\n`);
      const warned: Warning[] = [];
      const mentions = await readMentions(directory, await readdir(directory), (warning) => warned.push(warning));
      const told = mentions
        .filter(({ file }) => !file.endsWith('.yml'))
        .map((each) => `${each.file}:${each.line} ${each.role} ${each.name}: ${words(each)}`)
        .filter((line) => /mypy|ruff|never/.test(line));
      assert.deepEqual(told, [
        'scripts/check:7 task check: mypy app tests ',
        'ci/more.sh:1 workflow ci: "$BIN"/never',
        'ci/more.sh:2 workflow ci: ruff check $(files)',
        'ci/more.sh:1 workflow check: "$BIN"/never',
        'ci/more.sh:2 workflow check: ruff check $(files)',
      ]);
      assert.deepEqual(warned, []);
    });
  });

  it('of tox and nox, without executing Python', async () => {
    await check(
      readTox,
      'tox.ini',
      `[tox]
env_list = py311, lint
[testenv]
deps = pytest
commands =
    pytest {posargs:{env:MINE:tests}} \\
        --cov
    - coverage report
[testenv:lint]
commands = {envpython} -m flake8 src
[flake8]
max-line-length = 100
`,
      ['7 testenv: pytest tests --cov = tox', '10 lint: python -m flake8 src = tox -e lint'],
    );
    await check(
      readTox,
      'tox.ini',
      `[testenv:docs-{build,test}{,-old}]
commands =
    build: sphinx-build docs {envtmpdir}/html
    test-!old: sphinx-build -b doctest docs {env_tmp_dir}/{envname}
    linkcheck -v
`,
      [
        '3 docs-build: sphinx-build docs .tox/docs-build/tmp/html = tox -e docs-build',
        '4 docs-test: sphinx-build -b doctest docs .tox/docs-test/tmp/$TOX = tox -e docs-test',
        '5 docs-build: linkcheck -v = tox -e docs-build',
      ],
    );
    await check(
      readTox,
      'tox.ini',
      '[testenv]\nchange_dir = {toxinidir}/sub\ncommands = pytest tests\n[testenv:api]\ncommands = mypy .\nchangedir = api\n[testenv:tmp]\nchangedir = {envtmpdir}\ncommands = mypy .\n',
      ['3 testenv(sub): pytest tests = tox', '5 api(api): mypy . = tox -e api'],
    );
    await check(
      readNoxfile,
      'noxfile.py',
      `import nox

@nox.session(python=["3.11", "3.12"])
def tests(session):
    session.install("-e", ".")
    session.run("pytest", "-q", *session.posargs, env={"A": "1"})
    session.run(*something())

@nox.session(name="style")
def lint(session: nox.Session) -> None:
    for each in range(2):
        session.run("ruff", "check", "src", external=True)

def helper(session):
    session.run("never")
`,
      ['6 tests: pytest -q = nox -s tests', '12 style: ruff check src = nox -s style'],
    );
  });

  it('of hooks: pre-commit, lefthook, lint-staged, husky', async () => {
    await check(
      readPreCommit,
      '.pre-commit-config.yaml',
      `repos:
  - repo: https://github.com/astral-sh/ruff-pre-commit
    rev: v0.8.0
    hooks:
      - id: ruff
        args: [--fix, --select=E]
      - id: ruff-format
      - id: unheard-of
  - repo: local
    hooks:
      - id: types
        entry: mypy src
        language: system
      - id: by-hand
        entry: x
        stages: [manual]
`,
      [
        '5 ruff: ruff check --select=E',
        '7 ruff-format: ruff format --check',
        '8 unheard-of: ',
        '11 types: mypy src',
        '2 pre-commit: pre-commit run --all-files = pre-commit run --all-files',
      ],
    );
    await check(
      readLefthook,
      'lefthook.yml',
      `pre-commit:
  commands:
    lint: { run: "npx eslint {staged_files}", glob: "*.js" }
  jobs:
    - group:
        jobs:
          - run: cargo fmt --check
            root: core/
post-merge:
  commands: { x: { run: npm ci } }
`,
      ['3 pre-commit: npx eslint', '7 pre-commit(core): cargo fmt --check'],
    );
    await check(
      readManifestHooks,
      'package.json',
      '{\n  "name": "x",\n  "lint-staged": {\n    "*.js": ["eslint", "prettier --check"],\n    "*.css": "stylelint"\n  }\n}\n',
      ['4 lint-staged: eslint', '4 lint-staged: prettier --check', '5 lint-staged: stylelint'],
    );
    await check(readHusky, '.husky/pre-commit', '#!/bin/sh\n. "$(dirname "$0")/_/husky.sh"\n\nnpx lint-staged\nnpm test\n', [
      '4 pre-commit: npx lint-staged',
      '5 pre-commit: npm test',
    ]);
  });

  it('of tasks in JSON: Composer, Deno, the editor', async () => {
    await check(
      readComposer,
      'composer.json',
      '{ "scripts": {\n  "test": ["@phpstan", "phpunit --testdox"],\n  "phpstan": "phpstan analyse",\n  "post-install-cmd": "x" } }',
      [
        '2 test: composer run-script phpstan = composer run-script test',
        '2 test: phpunit --testdox = composer run-script test',
        '3 phpstan: phpstan analyse = composer run-script phpstan',
      ],
    );
    await check(readDeno, 'deno.jsonc', '{ // tasks\n "tasks": { "lint": "deno lint", "t": { "command": "deno test" } } }', [
      '2 lint: deno lint = deno task lint',
      '2 t: deno test = deno task t',
    ]);
    await check(
      readEditorTasks,
      '.vscode/tasks.json',
      `{ "version": "2.0.0", "tasks": [
  { "label": "lint", "type": "shell", "command": "npx eslint .", "options": { "cwd": "\${workspaceFolder}/web" } },
  { "label": "test", "type": "process", "command": "go", "args": ["test", "./..."] },
  { "label": "watch", "type": "npm", "script": "watch", "isBackground": true },
  { "label": "types", "type": "npm", "script": "types" },
  { "label": "file", "command": "check \${file}" }, ] }`,
      ['2 lint(web): npx eslint .', '3 test: go test ./...', '5 types: npm run types'],
    );
  });

  it('is not misled by names of the language, merge keys, references, conditions and options of other tools', async () => {
    await check(readWorkflow, 'a.yml', 'jobs: { t: { steps: [{ uses: constructor }, { uses: toString@v1 }] } }', []);
    await check(
      readGitlab,
      'a.yml',
      '.base: &base\n  script: [flake8]\nlint:\n  <<: *base\ntest:\n  script: [!reference [.setup, script], pytest]\n',
      ['2 lint: flake8', '6 test: pytest'],
    );
    await check(readMakefile, 'Makefile', 'lint:\nifdef CI\n\teslint .\nelse\n\teslint src\nendif\n\ttsc\n', [
      '3 lint: eslint . = make lint',
      '5 lint: eslint src = make lint',
      '7 lint: tsc = make lint',
      '1 lint:  = make',
    ]);
    await check(
      readPreCommit,
      'a.yaml',
      'repos:\n- repo: x\n  hooks: [{ id: shfmt, args: [-i, "4", -w] }]\n- repo: local\n  hooks: [{ id: no, language: pygrep, entry: TODO }]\n',
      [
        '3 shfmt: shfmt -d -i 4',
        '2 pre-commit: pre-commit run --all-files = pre-commit run --all-files',
        '5 other hooks: pre-commit run --all-files --color=never',
      ],
    );
  });

  it('ends for whatever is made to be large', async () => {
    const names = 'abcdefghijklmnop';
    const bomb = [...names]
      .map((name, at) => `${name}: &${name} [${at === 0 ? 'x, x' : `*${names[at - 1]}, `.repeat(9)}]`)
      .join('\n');
    const silently = { warn() {} };
    await readGitlab({ file: 'a.yml', text: `${bomb}\nlint:\n  script: *p\n`, ...silently });
    const doubling = Array.from(
      { length: 40 },
      (_, at) =>
        `.t${at}:\n  script: [!reference [.t${at + 1}, script], !reference [.t${at + 1}, script]]\n  extends: [.t${at + 1}, .t${at + 2}]\n`,
    );
    const many = Array.from({ length: 800 }, (_, at) => `j${at}: { extends: *all, script: [cd a] }`).join('\n');
    const all = `.all: &all [${Array.from({ length: 800 }, (_, at) => `j${at}`).join(', ')}]\n`;
    for (const text of [
      `${doubling.join('')}a:\n  extends: .t0\n`,
      all + many,
      `a:\n  script:\n${'    - cd a\n'.repeat(10_000)}`,
    ])
      await readGitlab({ file: 'a.yml', text, ...silently });
    const fan = Array.from({ length: 9 }, (_, at) => `X${at} = ${`$(X${at + 1}) `.repeat(10)}`).join('\n');
    await readMakefile({ file: 'Makefile', text: `${fan}\nX9 = y\nlint:\n\techo $(X0)\n`, ...silently });
    await readMakefile({ file: 'Makefile', text: `a${' '.repeat(300_000)}b\n`, ...silently });
  });

  it('that is broken is a warning with its place', async () => {
    await check(
      readWorkflow,
      '.github/workflows/ci.yml',
      'jobs:\n  a: [\n',
      [],
      [/^\d+:\d+ \.github\/workflows\/ci\.yml is not valid YAML: /],
    );
    await check(
      readComposer,
      'composer.json',
      '{ "scripts": { "a": "phpunit" ',
      ['1 a: phpunit = composer run-script a'],
      [/^1:\d+ composer\.json is not valid JSON: /],
    );
    await check(readLefthook, 'lefthook.toml', 'a = [', [], [/lefthook\.toml is not valid TOML/]);
  });

  it('never throws and stays in the file, whatever stands there', async () => {
    const readers: readonly (readonly [string, EvidenceReader])[] = [
      ['Makefile', readMakefile],
      ['justfile', readJustfile],
      ['Taskfile.yml', readTaskfile],
      ['tox.ini', readTox],
      ['noxfile.py', readNoxfile],
      ['.gitlab-ci.yml', readGitlab],
      ['.github/workflows/a.yml', readWorkflow],
      ['.circleci/config.yml', readCircle],
      ['.pre-commit-config.yaml', readPreCommit],
      ['lefthook.yml', readLefthook],
      ['.lintstagedrc', readLintStaged],
      ['.husky/pre-commit', readHusky],
      ['composer.json', readComposer],
      ['deno.json', readDeno],
      ['.vscode/tasks.json', readEditorTasks],
    ];
    const pieces = fc.constantFrom(
      'jobs:',
      'steps:',
      '- run: ',
      'a: ',
      '{',
      '}',
      '[',
      ']',
      '"',
      "'",
      '\n',
      '\n  ',
      '\t',
      '$(',
      '&a ',
      '*a',
      '<<: ',
      'scripts',
      'repos:',
      ':',
      '=',
      '\\\n',
      '|',
      '{{',
      'def x(',
      '@nox.session',
      'commands =',
      '[testenv]',
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(pieces, { maxLength: 40 }).map((all) => all.join('')),
    );
    await fc.assert(
      fc.asyncProperty(text, async (content) => {
        const lines = content.split('\n').length + 1;
        for (const [file, read] of readers) {
          const warn = (_: string, place?: { line: number }) => assert.ok((place?.line ?? 1) <= lines, file);
          for (const { line = 1 } of await read({ file, text: content, warn }))
            assert.ok(line >= 0 && line <= lines, `${file}:${line}`);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is read from the files of a folder, and an alias bomb ends', async () => {
    await inTemporaryDirectory(async (directory) => {
      const bomb = [
        'a: &a [x, x]',
        ...'bcdefghijklmnop'.split('').map((name, index) => `${name}: &${name} [${`*${'abcdefghijklmno'[index]}, `.repeat(9)}]`),
      ];
      await mkdir(path.join(directory, '.github/workflows'), { recursive: true });
      await writeFile(path.join(directory, '.github/workflows/a.yml'), 'jobs: { t: { steps: [{ run: npm test }] } }');
      await writeFile(path.join(directory, '.gitlab-ci.yml'), `${bomb.join('\n')}\nscript: *p\n`);
      await writeFile(path.join(directory, 'Makefile'), 'lint:\n\tnpx eslint .\n');
      await mkdir(path.join(directory, 'tox.ini'));
      const warnings: Warning[] = [];
      const found = await readMentions(directory, await readdir(directory), (warning) => warnings.push(warning));
      assert.deepEqual(found.map(words), ['npx eslint .', '', 'npm test']);
      assert.deepEqual(
        warnings.map(({ file }) => path.basename(file)),
        ['tox.ini'],
      );
    });
  });
});
