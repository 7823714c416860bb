import assert from 'node:assert/strict';
import { CI, detected, gatesOf, run, workflow } from '../../support/detected.js';

describe('a build whose output nothing names', () => {
  it('is found whatever the main file of the package is called', async () => {
    for (const main of ['./index.js', '.././lib/a.js', '/a/b.js', './dist/index.js', '..', './/x.js', '.']) {
      const files = { 'package.json': JSON.stringify({ main, scripts: { build: 'rollup -c', test: 'npm run build && mocha' } }) };
      assert.deepEqual(
        (await detected(files)).map(({ id }) => id),
        ['build:rollup', 'mocha'],
        main,
      );
    }
  });

  it('writes into the folder of the main file, where git ignores that', async () => {
    const scripts = { build: 'rollup -c', test: 'npm run build && mocha' };
    const files = { 'package.json': JSON.stringify({ main: './made/index.js', scripts }), '.gitignore': 'made\n' };
    const [build] = await detected(files);
    assert.match(build?.access.writes.join() ?? '', /\/made\/\*\*$/);
  });
});

describe('an audit by a package manager', () => {
  it('is a gate beside a script in one piece that starts others with the same manager', async () => {
    const scripts = { 'test:browser': 'pnpm build && node serve.mjs & pnpm start | cat' };
    assert.deepEqual(
      await gatesOf({ 'package.json': JSON.stringify({ scripts }), 'pnpm-lock.yaml': '', [CI]: workflow('run: pnpm audit') }),
      ['pnpm-audit: pnpm audit --json', 'script:test-browser: pnpm run test:browser'],
    );
  });
});

describe('a workflow for building and releasing', () => {
  const file = '.github/workflows/build-release.yml';
  const jobs = (on: string) =>
    `on: ${on}\njobs:\n  build:\n    steps:\n      - run: python -m build\n      - run: python -m twine check dist/*\n  publish:\n    steps:\n      - run: flake8\n`;

  it('checks in its other jobs, where it runs for what is proposed', async () => {
    const found = ['build:build', 'twine'];
    const idsOf = async (on: string, name = file) => (await detected({ [name]: jobs(on) })).map(({ id }) => id);
    for (const on of [
      'pull_request',
      '[push, pull_request]',
      '{ push: , pull_request: }',
      '{ pull_request: { types: [opened] } }',
    ])
      assert.deepEqual(await idsOf(on), found, on);
    for (const on of ['push', '{ release: { types: [published] } }', '{ pull_request: { types: [closed] } }'])
      assert.deepEqual(await idsOf(on), [], on);
    // Its job is called a build, and runs for what is proposed, whatever the file is called.
    assert.deepEqual(await idsOf('pull_request', '.github/workflows/release.yml'), found);
    assert.deepEqual(await idsOf('push', '.github/workflows/release.yml'), []);
  });
});

describe('an environment of tox for tests of documentation', () => {
  it('is a check of them', async () => {
    const files = { 'tox.ini': '[testenv:docs-tests]\nchangedir = docs\ncommands = pytest\n', 'docs/index.rst': '' };
    assert.deepEqual(
      (await detected(files)).map(({ id }) => id),
      ['docs/pytest'],
    );
  });
});

describe('a program that a variable names', () => {
  it('is the one that CI says', async () => {
    const said = `jobs:\n  build:\n    env: { BUILD: cargo, NOTHING: '' }\n    steps:\n      - run: $BUILD build --release --target=\${{ matrix.target }}\n      - run: |\n          "\${BUILD}" fmt --check && $BUILD test\n          $NOTHING clippy\n          $OTHER deny check\n`;
    assert.deepEqual(await gatesOf({ [CI]: said }), [
      'cargo-fmt: cargo fmt --check',
      'build:cargo: cargo build --release',
      'cargo-test: cargo test --message-format=json',
    ]);
  });

  it('of a build loses the option for a place that nobody knows', async () => {
    assert.deepEqual(await gatesOf({ [CI]: workflow('run: go build -o app-${{ github.sha }} -v ./cmd/app') }), [
      'build:go: go build -v ./cmd/app',
    ]);
  });

  it('is the one that a Makefile puts into a folder of its own, or looks for', async () => {
    const makefile = `BIN := $(shell pwd)/bin
STATICCHECK := $(BIN)/staticcheck
LINTER = $(shell command -v golangci-lint 2>/dev/null)
HERE = $(BIN)/x $(BIN)/y
lint: $(STATICCHECK)
\tGOFLAGS=-mod=mod $(STATICCHECK) ./... && $(LINTER) run
check:
\t@if [ "$(LINTER)" = "" ]; then echo missing; exit 1; fi
\t$(HERE) test
`;
    const ids = (await detected({ Makefile: makefile })).map(({ id, command }) => [id, command.argv.slice(0, 2).join(' ')]);
    assert.deepEqual(ids, [
      ['staticcheck', 'staticcheck ./...'],
      ['golangci-lint', 'golangci-lint run'],
    ]);
  });
});

describe('a target of make that CI runs', () => {
  it('is a gate in one piece where a known check is among lines that are not understood', async () => {
    const makefile = `RSTCHECK := $(shell command -v rstcheck)
RST_FILES = $(shell find . -name '*.rst')
prose: $(RST_FILES)
\t@if [ "$(RSTCHECK)" == "" ]; then echo "Need rstcheck."; exit 1; fi
\t$(RSTCHECK) --report-level warning $^
serve:
\t@if true; then rstcheck $^; fi
setup:
\t@for x in $(RST_FILES); do touch $$x; done
`;
    const [gate, ...others] = await detected({ Makefile: makefile, [CI]: workflow('run: make prose', 'run: make setup') });
    assert.deepEqual(others, []);
    assert.deepEqual([gate?.id, gate?.category, gate?.command.argv.slice(1)], ['script:make-prose', 'lint', ['prose']]);
  });
});

describe('what only goes with a check that is found', () => {
  const idsOf = async (files: Readonly<Record<string, string>>) => (await detected(files)).map(({ id }) => id);

  it('is a build for tests, whatever the name of its script begins with, unless CI runs it', async () => {
    const scripts = { 'test:page:build': 'rm -rf out.js && esbuild a.ts --outfile=out.js', lint: 'eslint .' };
    const manifest = { 'package.json': JSON.stringify({ scripts }) };
    assert.deepEqual(await idsOf(manifest), ['eslint']);
    assert.deepEqual(await idsOf({ ...manifest, [CI]: workflow('run: npm run test:page:build') }), [
      'eslint',
      'build:test-page-build',
    ]);
  });

  it('is the same command where CI sets less for it', async () => {
    const scripts = {
      test: 'node fix.js cross-env HOST=:: karma start karma.js --single-run',
      'test:firefox': 'node fix.js cross-env HOST=:: Browsers=Firefox karma start karma.js --single-run',
    };
    assert.deepEqual(await idsOf({ 'package.json': JSON.stringify({ scripts }), [CI]: workflow('run: npm test') }), [
      'script:test',
    ]);
  });

  it('is a project of a test runner, where CI runs all of them', async () => {
    const scripts = { test: 'vitest run', 'test:core': 'vitest run --project core' };
    const manifest = { 'package.json': JSON.stringify({ scripts }) };
    assert.deepEqual(await idsOf({ ...manifest, [CI]: workflow('run: npm test') }), ['vitest']);
    const each = workflow('run: npx vitest run --project a', 'run: npx vitest run --project b');
    assert.equal((await idsOf({ [CI]: each })).length, 2);
  });

  it('is a target that Sphinx puts into each Makefile, unless something calls it', async () => {
    const makefile =
      'SPHINXOPTS =\nSPHINXBUILD = sphinx-build\nBUILDDIR = _build\nALLSPHINXOPTS = $(SPHINXOPTS) .\nlinkcheck:\n\t$(SPHINXBUILD) -b linkcheck $(ALLSPHINXOPTS) $(BUILDDIR)/linkcheck\n\t@echo done\n';
    const files = { 'docs/Makefile': makefile, 'docs/conf.py': '', [CI]: workflow('run: flake8') };
    assert.deepEqual(await idsOf(files), ['flake8']);
    assert.equal((await idsOf({ ...files, [CI]: workflow('run: flake8', 'run: cd docs && make linkcheck') })).length, 2);
  });
});

describe('documentation that is built', () => {
  const tox = (command: string) => ({ 'tox.ini': `[testenv:docs]\ncommands = ${command}\n` });
  const idsOf = async (files: Readonly<Record<string, string>>) => (await detected(files)).map(({ id }) => id);

  it('is a check where warnings fail, or where something is looked for in it', async () => {
    for (const [command, expected] of [
      ['sphinx-build -n -T -W -b html docs out', ['sphinx']],
      ['sphinx-build -nW docs out', ['sphinx']],
      ['sphinx-build --fail-on-warning docs out', ['sphinx']],
      ['sphinx-build -blinkcheck docs out', ['sphinx-linkcheck']],
      ['sphinx-build --builder=spelling docs out', ['sphinx-spelling']],
      ['sphinx-build -M doctest docs out', ['sphinx-build']],
      ['sphinx-build -b html docs out', []],
      ['mkdocs build --strict', ['mkdocs']],
      ['mkdocs build', []],
      ['mkdocs gh-deploy --strict', []],
    ] as const)
      assert.deepEqual(await idsOf(tox(command)), expected, command);
    const both = 'sphinx-build -W -b html docs out\n    sphinx-build -W -b linkcheck docs out';
    assert.deepEqual(await idsOf(tox(both)), ['sphinx', 'sphinx-linkcheck']);
  });

  it('is a build that CI checks, where it does so for what is proposed', async () => {
    const job = (on: string, line: string) => ({ [CI]: `on: ${on}\njobs:\n  docs:\n    steps:\n      - run: ${line}\n` });
    const files = tox('sphinx-build docs out');
    assert.deepEqual(await gatesOf({ ...files, ...job('pull_request', 'tox -e docs') }), [
      'build:sphinx-build: sphinx-build docs out',
    ]);
    assert.deepEqual(await gatesOf(job('pull_request', 'mkdocs build')), ['build:mkdocs: mkdocs build']);
    assert.deepEqual(await idsOf({ ...files, ...job('push', 'tox -e docs') }), []);
    const script = { 'scripts/build': '#!/bin/sh\n${PREFIX}mkdocs build\n' };
    assert.deepEqual(await idsOf({ ...script, ...job('pull_request', 'scripts/build') }), ['build:mkdocs']);
    const several = job('pull_request', 'sphinx-build docs a && sphinx-build -b latex docs b');
    assert.equal((await idsOf(several)).length, 1);
  });
});

describe('hooks of pre-commit that only look', () => {
  const hooks = (ci: string) =>
    `${ci}repos:\n- repo: https://github.com/pre-commit/pre-commit-hooks\n  hooks: [{ id: check-toml }, { id: check-yaml }, { id: end-of-file-fixer }]\n- repo: https://github.com/astral-sh/ruff-pre-commit\n  hooks: [{ id: ruff }]\n`;
  const found = async (ci: string) =>
    (await detected({ '.pre-commit-config.yaml': hooks(ci) })).map(({ id, command }) => [id, command.env['SKIP']]);

  it('are run by pre-commit.ci, and by whoever commits', async () => {
    for (const ci of ['', 'ci: { autoupdate_schedule: monthly }\n'])
      assert.deepEqual(await found(ci), [
        ['pre-commit', 'end-of-file-fixer,ruff'],
        ['ruff', undefined],
        ['end-of-file-fixer', undefined],
      ]);
    const skipping = 'ci: { skip: [check-toml, check-yaml] }\n';
    assert.deepEqual(await found(skipping), [
      ['ruff', undefined],
      ['end-of-file-fixer', undefined],
    ]);
  });
});

describe('a script that hands on to what nobody knows', () => {
  it('is a check in CI, where it has the name of a tool that checks', async () => {
    const scripts = { playwright: 'turbo playwright', publint: 'turbo publint', eslint: 'turbo format', graphs: 'turbo graphs' };
    const said = workflow('run: npm run playwright', 'run: npm run publint', 'run: npm run graphs');
    const gates = await detected({ 'package.json': JSON.stringify({ scripts }), [CI]: said });
    assert.deepEqual(
      gates.map(({ id, category }) => [id, category]),
      [
        ['script:publint', 'lint'],
        ['script:playwright', 'test'],
      ],
    );
  });

  it('is a check that is made whenever packages are installed', async () => {
    const scripts = { postinstall: 'manypkg check && preconstruct dev', test: 'vitest run' };
    assert.deepEqual(
      await gatesOf({ 'package.json': JSON.stringify({ scripts: { ...scripts, postinstall: 'patch-package' } }) }),
      ['vitest: vitest run --reporter=default --reporter=json --outputFile.json={report}'],
    );
    assert.deepEqual(
      (await detected({ 'package.json': JSON.stringify({ scripts }) })).map(({ id }) => id),
      ['manypkg', 'vitest'],
    );
  });
});

describe('a tool in a container', () => {
  it('is the tool, by the name of its image or the first word that it is given', async () => {
    for (const [line, expected] of [
      [
        "docker run -v $(pwd):/wrk -w /wrk ghcr.io/google/addlicense:v1.0 -c 'A B' -check .",
        ['addlicense: addlicense -c A B -check .'],
      ],
      ['docker run --rm -v "$PWD:/mnt" koalaman/shellcheck:stable /mnt/a.sh -x', ['shellcheck: shellcheck -x --format=json1']],
      ['docker run --rm -i hadolint/hadolint < Dockerfile', []],
      [
        'docker run --rm -v $(pwd):/app -w /app golangci/golangci-lint:v2 golangci-lint run',
        ['golangci-lint: golangci-lint run --color=never'],
      ],
      ['docker run --rm -v $(pwd)/docs:/docs -w /docs some/image make html', []],
      ['docker run --something else koalaman/shellcheck a.sh', []],
      ['docker run -d redis', []],
      ['docker run --rm -v "$PWD:/mnt" koalaman/shellcheck /other/a.sh', []],
    ] as const)
      assert.deepEqual(await gatesOf({ [CI]: workflow(run(line)) }), expected, line);
  });

  it('or an action of its own is a check', async () => {
    assert.deepEqual(await gatesOf({ [CI]: workflow('uses: docker://ergebnis/composer-normalize-action') }), [
      'composer-normalize: composer normalize --dry-run',
    ]);
  });
});

describe('a release that is only tried', () => {
  it('is a check of what would be released', async () => {
    const lines = [
      'npx jsr publish --allow-dirty --dry-run',
      'deno publish --dry-run',
      'cargo publish --dry-run',
      'cargo publish',
    ];
    assert.deepEqual(await gatesOf({ [CI]: workflow(...lines.map((line) => `run: ${line}`)) }), [
      'jsr-publish: jsr publish --allow-dirty --dry-run',
      'deno-publish: deno publish --dry-run',
      'cargo-publish: cargo publish --dry-run',
    ]);
  });
});

describe('what CI runs beside a script that hands on to what nobody knows', () => {
  const idsOf = async (said: string) => {
    const scripts = { lint: 'turbo lint', 'test:all': 'node scripts/test.mjs' };
    return (await detected({ 'package.json': JSON.stringify({ scripts }), [CI]: said })).map(({ id }) => id);
  };

  it('is a check of its own, since that script is another line of CI, or checks another thing', async () => {
    assert.deepEqual(await idsOf(workflow('run: npm run lint', 'run: npx knip', 'run: npx publint', 'run: npx eslint .')), [
      'script:lint',
      'knip',
      'publint',
      'eslint',
      'script:test-all',
    ]);
    assert.deepEqual(await idsOf(workflow('run: npx knip')), ['script:lint', 'knip', 'script:test-all']);
  });

  it('is that script, where CI calls the tool that it is known for itself', async () => {
    assert.deepEqual(await idsOf(workflow('run: npx eslint .')), ['script:lint', 'script:test-all']);
  });
});
