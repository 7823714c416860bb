import assert from 'node:assert/strict';
import { CI, detected, gatesOf, run, workflow } from '../../support/detected.js';

const idsOf = async (files: Readonly<Record<string, string>>) => (await detected(files)).map(({ id }) => id);

describe('a command that a shell or an environment is given as text', () => {
  it('is what it says', async () => {
    const justfile = `lint:
    nix-shell --cores 0 --pure --run 'cargo-fmt --all --check'
    nix-shell --pure --run 'cargo clippy --all-targets -- -Dwarnings'
    nix-shell --command 'mandoc -Tlint -- man/a.1'
`;
    assert.deepEqual(await idsOf({ justfile, [CI]: workflow('run: just lint') }), ['cargo-fmt', 'cargo-clippy', 'mandoc']);
    const lines = ['bash -ec "flake8 src && mypy src"', 'nix develop .#ci --command codespell', "sh -c 'rm -rf /'"];
    assert.deepEqual(await idsOf({ [CI]: workflow(...lines.map((line) => `run: ${line}`)) }), ['flake8', 'codespell', 'mypy']);
  });
});

describe('a module that Python is told to run', () => {
  it('is the same with options of the interpreter before it', async () => {
    for (const line of [
      'python -b -E -s -m pytest -q',
      'python -Im pytest -q',
      'python3 -W error -X dev -m pytest -q',
      'python -bb -I -Werror -m pytest -q',
    ])
      assert.match(
        (await gatesOf({ [CI]: workflow(`run: ${line}`) })).join(),
        /^pytest: \S*python\S* -m pytest -q --junitxml/,
        line,
      );
  });

  it('is Sphinx, too', async () => {
    assert.deepEqual(
      await gatesOf({
        'tox.ini':
          '[testenv:links]\nchangedir = {toxinidir}/docs\ncommands =\n  -git fetch --tags\n  {envpython} -m sphinx \\\n    -b linkcheck \\\n    . "{posargs:{envdir}/out}"\n',
        'docs/conf.py': '',
      }),
      ['docs/sphinx-linkcheck: python -m sphinx -b linkcheck . .tox/links/out'],
    );
  });
});

describe('what a section of tox.ini takes from another one', () => {
  it('is put in, where it is one line', async () => {
    const ini = `[options]
strict = -bb
both = {[options]strict} -E
[testenv]
commands =
  {envpython} {[options]both} -m pytest {posargs:tests}
[testenv:dist]
commands =
  {envpython} {[options]strict} -m build
  {envpython} {[options]strict} -m twine check dist/*
[testenv:endless]
commands = {[endless]a}
[endless]
a = {[endless]b}
b = {[endless]a}
`;
    assert.deepEqual(await idsOf({ 'tox.ini': ini }), ['build:build', 'twine', 'pytest']);
  });
});

describe('documentation that make builds', () => {
  it('is a check where Sphinx is told that warnings fail', async () => {
    const line = (options: string) => ({ Makefile: `doc:\n\tmake -C docs html ${options}\n` });
    assert.deepEqual(await gatesOf(line('SPHINXOPTS="-W --keep-going -n"')), [
      'make-html: make -C docs html SPHINXOPTS=-W --keep-going -n',
    ]);
    assert.deepEqual(await idsOf(line('SPHINXOPTS="-n"')), []);
  });
});

describe('hooks of pre-commit that nobody knows', () => {
  it('are among those that only look, where their names say that they check', async () => {
    const config = `ci: { autofix_prs: false }
repos:
- repo: https://example.org/cython-lint
  hooks: [{ id: cython-lint }, { id: double-quote-cython-strings }]
- repo: https://example.org/other
  hooks: [{ id: any-lint, args: [--fix] }, { id: rst-linter }, { id: format-check-things }, { id: flake8 }]
`;
    const found = await detected({ '.pre-commit-config.yaml': config });
    assert.deepEqual(
      found.map(({ id, command }) => [id, command.env['SKIP']]),
      [
        ['pre-commit', 'double-quote-cython-strings,any-lint,format-check-things,flake8'],
        ['flake8', undefined],
        ['double-quote-cython-strings', undefined],
        ['any-lint', undefined],
        ['format-check-things', undefined],
      ],
    );
  });
});

describe('a linter that mends what it can', () => {
  it('is a check where CI runs it by the name of one, since it fails for what is left', async () => {
    const scripts = { lint: 'eslint --fix --max-warnings 0', tidy: 'eslint --fix', format: 'prettier --write .' };
    const manifest = { 'package.json': JSON.stringify({ scripts }) };
    const found = await gatesOf({ ...manifest, [CI]: workflow('run: npm run lint', 'run: npm run format') });
    assert.deepEqual(
      found.map((each) => each.replace(/ .*/, '')),
      ['eslint:'],
    );
    const named = 'jobs:\n  lint:\n    steps:\n      - run: npm run lint\n';
    assert.deepEqual(await idsOf({ ...manifest, [CI]: named }), ['eslint']);
    assert.deepEqual(await idsOf({ ...manifest, [CI]: workflow('run: npm run tidy') }), []);
  });
});

describe('a place below the root', () => {
  const root = { 'package.json': JSON.stringify({ workspaces: ['packages/*'] }) };

  it('has the build that CI runs there', async () => {
    const files = {
      ...root,
      'packages/a/package.json': JSON.stringify({ name: 'a', scripts: { build: 'tsdown', test: 'vitest' } }),
    };
    const said = workflow('run: npm --workspace=a run build', 'run: npm --workspace=a test');
    assert.deepEqual(await idsOf({ ...files, [CI]: said }), ['packages/a/build:tsdown', 'packages/a/vitest']);
  });

  it('that is neither a package nor a project of its own has only what is run there', async () => {
    const example = { name: 'x', scripts: { test: 'vitest run', lint: 'eslint .', 'format:check': 'prettier --check .' } };
    const files = { ...root, 'examples/deep/one/package.json': JSON.stringify(example) };
    const said = workflow('run: npm test\nworking-directory: examples/deep/one');
    assert.deepEqual(await idsOf({ ...files, [CI]: said }), ['examples/deep/one/vitest']);
  });
});

describe('a build for several machines', () => {
  it('is one', async () => {
    const said = workflow(run('GOOS=linux go build ./cmd', 'GOOS=windows go build ./cmd', 'GOOS=js GOARCH=wasm go build ./web'));
    assert.deepEqual(await gatesOf({ [CI]: said }), ['build:go: go build ./cmd', 'build:go-2: go build ./web']);
  });
});

describe('a job for documentation whose name says what it checks', () => {
  it('checks that', async () => {
    const said =
      'jobs:\n  typecheck:\n    steps:\n      - run: npx astro check\n  site:\n    steps:\n      - run: npx vitest run\n';
    assert.deepEqual(await idsOf({ '.github/workflows/ci-docs.yml': said }), ['astro-check']);
  });
});

describe('a workflow of another repository', () => {
  it('runs the scanner that it is named after', async () => {
    const said = 'jobs:\n  scan:\n    uses: zizmorcore/workflow/.github/workflows/reusable-zizmor.yml@v1\n';
    assert.deepEqual(await gatesOf({ [CI]: said }), ['zizmor: zizmor .']);
  });
});

describe('an action that is given a line of arguments', () => {
  it('runs its tool with them as a shell would give them, without what only CI knows', async () => {
    const step = `uses: lycheeverse/lychee-action@v2\nwith:\n  args: --offline --root-dir "$(pwd)" --base=$X './a b/*.md'`;
    const [lychee] = await detected({ [CI]: workflow(step) });
    assert.deepEqual(lychee?.command.argv, ['lychee', '--offline', './a b/*.md']);
  });

  it('is known for tools of which it is the usual action', async () => {
    const uses = ['dprint/check@v2', 'py-actions/flake8@v2', 'ludeeus/action-shellcheck@master'];
    assert.deepEqual(await idsOf({ [CI]: workflow(...uses.map((name) => `uses: ${name}`)) }), ['flake8', 'shellcheck', 'dprint']);
  });
});

describe('a variable that says how a terminal shows things', () => {
  it('makes no other check of the same command', async () => {
    const files = {
      Makefile: 'test:\n\tTERM=unknown COLUMNS=80 pytest tests\n',
      'tox.ini': '[testenv]\ncommands = pytest tests\n',
    };
    assert.equal((await idsOf(files)).length, 1);
  });
});

describe('environments of tox that CI names elsewhere than in the command', () => {
  const ini =
    '[testenv:docs]\ncommands = sphinx-build docs out\n[testenv:lint]\ncommands = flake8\n[testenv:dist]\ncommands = python -m build\n';
  const evidence = async (said: string) =>
    (await detected({ 'tox.ini': ini, [CI]: said })).flatMap(({ id, evidence }) =>
      evidence.some(({ file }) => file === CI) ? [id] : [],
    );

  it('are run by it, one for each value of a matrix', async () => {
    const job = (lines: string) => `on: pull_request\njobs:\n  qa:\n    strategy: { matrix: { toxenv: [docs, lint] } }\n${lines}`;
    const step =
      '    env: { TOXENV: "${{ matrix.toxenv }}" }\n    steps:\n      - run: tox --notest\n      - run: uvx --with tox-uv tox --skip-pkg-install\n';
    assert.deepEqual(await evidence(job(step)), ['flake8', 'build:sphinx-build']);
    const reused =
      '    uses: tox-dev/workflow/.github/workflows/reusable-tox.yml@v1\n    with: { toxenv: "${{ matrix.toxenv }}" }\n';
    assert.deepEqual(await evidence(job(reused)), ['flake8', 'build:sphinx-build']);
    assert.deepEqual(await evidence(workflow('run: tox -e lint\nenv: { TOXENV: docs }')), ['flake8']);
    assert.deepEqual(await evidence(workflow('run: tox\nenv: { TOXENV: dist }')), ['build:build']);
  });
});

describe('an action that runs what it is given', () => {
  it('is what that is', async () => {
    const xvfb = 'uses: coactions/setup-xvfb@v1\nwith:\n  run: npx vitest run --browser';
    const retry = 'uses: nick-fields/retry@v3\nwith:\n  command: |\n    flake8\n    echo done';
    assert.deepEqual(await idsOf({ [CI]: workflow(xvfb, retry) }), ['flake8', 'vitest']);
    const both = await idsOf({ [CI]: workflow('run: npx vitest run', xvfb, 'run: npx vitest run --browser.name=firefox') });
    assert.deepEqual(both, ['vitest', 'vitest:check']);
  });
});

describe('a file that is run from a folder of tests', () => {
  it('is a test, whatever runs it', async () => {
    assert.deepEqual(await gatesOf({ [CI]: workflow('run: bun ./scripts/test/zones.ts', 'run: bun ./scripts/make.ts') }), [
      'scripts-test-zones: bun ./scripts/test/zones.ts',
    ]);
    const files = {
      'scripts/test/zones.sh': '#!/bin/sh\nfor zone in A B; do TZ=$zone npx tsx a.ts; done\n',
      'test/setup.sh': '#!/bin/sh\nfor each in a b; do cp $each /tmp; done\n',
    };
    const said = workflow('run: ./scripts/test/zones.sh', 'run: ./test/setup.sh');
    assert.deepEqual(await gatesOf({ ...files, [CI]: said }), ['script:sh-scripts-test-zones-sh: sh scripts/test/zones.sh']);
  });
});

describe('a build of which some words are only known while it runs', () => {
  it('is none, since without them it is another one', async () => {
    assert.deepEqual(
      await idsOf({ [CI]: workflow('run: npx babel src --out-dir "$dir" --quiet', 'run: cargo build --target $X') }),
      ['build:cargo'],
    );
  });
});

describe('a default in tox.toml that holds a place', () => {
  it('is put in', async () => {
    const toml =
      '[env.docs]\ncommands = [["proselint", "check", "docs"], ["sphinx-build", "-W", "docs", "{env:OUT:{envtmpdir}}/html"]]\n';
    assert.deepEqual(await gatesOf({ 'tox.toml': toml }), [
      'proselint: proselint check docs',
      'sphinx: sphinx-build -W docs .tox/docs/tmp/html',
    ]);
  });
});
