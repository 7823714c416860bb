import assert from 'node:assert/strict';
import { saysThatItChecks } from '../../../src/core/gates/script-of-job.js';
import { asksForItself } from '../../../src/core/gates/script-unknown.js';
import { CI, gatesOf, run, workflow } from '../../support/detected.js';

/** A workflow that runs for what is proposed, with one job of this name. */
function proposed(job: string, ...steps: readonly string[]): string {
  return `on: [pull_request]\n${workflow(...steps).replace('  check:', `  ${job}:`)}`;
}

async function check(
  job: string,
  steps: readonly string[],
  files: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  return gatesOf({ [CI]: proposed(job, ...steps), ...files });
}

const named = (name: string, ...lines: readonly string[]) => `name: ${name}\n${run(...lines)}`;

describe('a step of CI of which nothing is known to check', () => {
  const files = { 'ci/forbid': '', 'tools/rules.py': '', 'notes.txt': '' };

  it('is a gate where it is called a check: the last that it runs', async () => {
    assert.deepEqual(await check('linux', [named('Run the tests', 'frobnicate --all')]), ['frobnicate: frobnicate --all']);
    assert.deepEqual(await check('linux', [named('Check style', 'frob --a', 'grok src')]), ['grok: grok src']);
    assert.deepEqual(await check('linux', [named('Validate rules', 'python3 tools/rules.py --strict')], files), [
      'rules: python3 tools/rules.py --strict',
    ]);
  });

  it('is one in a job for checks where it starts a program of the repository', async () => {
    assert.deepEqual(await check('lint', ['run: ./ci/forbid', 'run: frobnicate'], files), ['forbid: ./ci/forbid']);
    assert.deepEqual(await check('lint', ['run: tools/rules.py'], files), ['rules: tools/rules.py']);
    assert.deepEqual(await check('linux', ['run: ./ci/forbid'], files), []);
    assert.deepEqual(await check('lint', ['run: ./ci/elsewhere', 'run: ./../ci/forbid'], files), []);
  });

  it('is none where its name says that it prepares, tells or looks something up', async () => {
    for (const name of ['Install test tools', 'Check if docs changed', 'Report test results', 'Upload lint report', 'Build'])
      assert.deepEqual(await check('lint', [named(name, './ci/forbid')], files), [], name);
    assert.deepEqual(await check('lint', ['run: ./ci/forbid install', 'run: ./setup.sh'], { ...files, 'setup.sh': '' }), []);
  });

  it('is none where its program says nothing, or only what it is', async () => {
    for (const line of [
      'gpg --import key.asc',
      'git status',
      'frobnicate --version',
      'break',
      'make out/a.txt',
      'tail -1 notes.txt',
    ])
      assert.deepEqual(await check('test', [named('Run tests', line)], files), [], line);
  });

  it('is none where nobody waits for its result, or it is given secrets', async () => {
    const step = named('Run tests', './ci/forbid');
    for (const more of ['id: a', 'continue-on-error: true', `if: \${{ failure() }}`, `env:\n  A: \${{ secrets.A }}`])
      assert.deepEqual(await check('test', [`${step}\n${more}`], files), [], more);
  });

  it('is none in jobs for something else, or that run only for what was taken in', async () => {
    const step = named('Run tests', 'frobnicate');
    assert.deepEqual(await check('deploy', [step]), []);
    assert.deepEqual(await gatesOf({ [CI]: workflow(step) }), []);
  });

  it('is none where something in it is known', async () => {
    assert.deepEqual(await check('test', [named('Run tests', 'ruff check .', 'frobnicate')]), [
      'ruff: ruff check --output-format=json',
    ]);
    const script = { 'ci/all.sh': '#!/bin/sh\nruff check .\nfrobnicate\n' };
    assert.deepEqual(await check('test', [named('Run tests', 'ci/all.sh --fast')], script), [
      'ruff: ruff check --output-format=json',
    ]);
  });

  it('is evidence where another way to start the same program is a gate', async () => {
    const steps = ['run: python tools/check_rules.py', named('Check rules', './tools/tty.py ./tools/check_rules.py')];
    const own = { 'tools/check_rules.py': '', 'tools/tty.py': '' };
    assert.deepEqual(await check('linux', steps, own), ['tools-check-rules: python tools/check_rules.py']);
  });

  it('is told by its name, and that by its words', () => {
    const checks = ['Run tests', 'Lint', 'Check formatting', 'Ensure types are exported', 'Verify', 'unit-tests', 'typecheck'];
    const others = [
      'Install',
      'Set up test database',
      'Check if changed',
      'Check out',
      'Build',
      'Publish',
      'Test coverage report',
      '',
    ];
    for (const name of checks) assert.equal(saysThatItChecks(name), true, name);
    for (const name of others) assert.equal(saysThatItChecks(name), false, name);
    for (const args of [['--version'], ['-V'], ['--help']]) assert.equal(asksForItself(args), true);
    for (const args of [[], ['--version', 'x'], ['version-check']]) assert.equal(asksForItself(args), false);
  });
});

describe('a command of CI', () => {
  it('whose globs a shell expands is started by one', async () => {
    const files = { 'docs/check_schema.py': '' };
    assert.deepEqual(
      await check('docs-tests', ['run: python3 check_schema.py manual/**/*.yml\nworking-directory: docs'], files),
      ['docs/check-schema: sh -c python3 check_schema.py manual/**/*.yml'],
    );
    assert.deepEqual(await check('test', ['run: check-schema "$DIR"/*.yml']), []);
  });

  it('is what a variable names that a step before has set, or that is called after it', async () => {
    const set = run('echo "CABAL=$HOME/.ghcup/bin/cabal-3.16.0.0 -v1" >> "$GITHUB_ENV"');
    assert.deepEqual(await check('linux', [set, 'run: $CABAL v2-test $FLAGS all', 'run: $MAKE lint', 'run: $OTHER test']), [
      'make-lint: make lint',
      'cabal-test-all: cabal test all',
    ]);
  });

  it('says what it does by the names of tasks, though not all of its words are known', async () => {
    const step = run(`sbt 'project \${{ matrix.project }}' headerCheckAll scalafmtCheckAll`);
    assert.deepEqual(await check('build', [step]), ['sbt-header-check-all-scalafmt: sbt headerCheckAll scalafmtCheckAll']);
  });

  it('is expanded where a matrix names what a runner of tasks runs', async () => {
    const job = proposed('build', run(`sbt -v '\${{ matrix.command }}'`)).replace(
      'steps:',
      'strategy: { matrix: { include: [{ command: +validateA }, { command: +validateB }] } }\n    steps:',
    );
    assert.deepEqual(await gatesOf({ [CI]: job }), ['sbt-validate-a: sbt -v +validateA', 'sbt-validate-b: sbt -v +validateB']);
  });

  it('that starts a program of the repository by its path is told by its name', async () => {
    const files = { 'misc/output_test.py': '', 'misc/gen.py': '' };
    assert.deepEqual(await check('linux', [run('pytest', './misc/output_test.py', './misc/gen.py')], files), [
      'pytest: pytest --junitxml={report} -o junit_family=xunit1 --color=no',
      'misc-output-test: ./misc/output_test.py',
    ]);
  });

  it('is found behind what sets up its surroundings', async () => {
    const lines = [
      'pixi run -e lint ruff check .',
      'opam exec -- dune runtest',
      'timeout 5m make smoke-test',
      'sudo -E make lint',
      'sudo apt-get install x',
    ];
    assert.deepEqual(
      await check(
        'linux',
        lines.map((line) => `run: ${line}`),
      ),
      [
        'ruff: ruff check --output-format=json',
        'make-lint: make lint',
        'dune-runtest: dune runtest',
        'make-smoke-test: make smoke-test',
      ],
    );
  });

  it('that is to fail is none', async () => {
    assert.deepEqual(await check('test', ["run: '! pytest broken'", "run: '! gofmt -l . | grep .'"]), ['gofmt: gofmt -l']);
  });

  it('that brings in what a check needs is none', async () => {
    const lines = [
      'mix deps.get --only test',
      'stack test --dependencies-only',
      'dart pub global activate lint_check',
      'cmake-lint --version',
      'gitlint install-hook',
    ];
    assert.deepEqual(
      await check(
        'test',
        lines.map((line) => `run: ${line}`),
      ),
      [],
    );
    assert.deepEqual(await check('test', ['run: dart pub global run repo --validate']), [
      'dart-pub-global: dart pub global run repo --validate',
    ]);
  });

  it('of a program that is no more, where its folder is, is none', async () => {
    const steps = ['run: ruby test/old_test.rb', 'run: ruby test/new_test.rb', 'run: node out/test.js'];
    assert.deepEqual(await check('linux', steps, { 'test/new_test.rb': '', 'out/a.js': '' }), [
      'test-new: ruby test/new_test.rb',
      'out-test: node out/test.js',
    ]);
  });

  it('is no gate of its own where another does the same for all', async () => {
    const all = ['dune runtest', 'dune runtest http', 'bats test', 'bats -T test', 'gosec ./...', 'gosec -exclude-dir a ./...'];
    const expected = ['dune-runtest: dune runtest', 'bats: bats test', 'gosec: gosec ./...'];
    assert.deepEqual(
      (
        await check(
          'linux',
          all.map((line) => `run: ${line}`),
        )
      ).toSorted(),
      expected.toSorted(),
    );
    assert.deepEqual(
      (
        await check(
          'linux',
          all.toReversed().map((line) => `run: ${line}`),
        )
      ).length,
      expected.length,
    );
  });
});

describe('an action of others', () => {
  it('that is called like a linter runs it, unless it is told more or only sets it up', async () => {
    const uses = (name: string, more = '') => check('lint', [`uses: ${name}@v1${more}`]);
    assert.deepEqual(await uses('haskell/hlint-run'), ['hlint: hlint']);
    assert.deepEqual(await uses('acme/action-kube-linter'), ['kube-linter: kube-linter lint']);
    assert.deepEqual(await uses('haskell/setup-hlint-action'), []);
    assert.deepEqual(await uses('haskell/hlint-run', '\nwith:\n  path: src'), []);
    assert.deepEqual(await uses('acme/check-everything'), []);
  });
});

describe('tests of which only a manifest speaks', () => {
  const manifests = {
    'Package.swift': '',
    'Tests/a.swift': '',
  };

  it('are run as is the habit of its language', async () => {
    assert.deepEqual(await gatesOf(manifests), ['swift-test: swift test']);
    assert.deepEqual(await gatesOf({ 'pubspec.yaml': 'dependencies:\n  flutter:\n    sdk: flutter\n', 'test/a.dart': '' }), [
      'flutter-test: flutter test',
    ]);
    assert.deepEqual(await gatesOf({ 'a.cabal': 'name: a\n\ntest-suite spec\n' }), ['cabal-test: cabal test']);
    assert.deepEqual(await gatesOf({ 'a.cabal': 'name: a\n', 'Package.swift': '' }), []);
  });

  it('are none where something else tests', async () => {
    assert.deepEqual(await check('linux', ['run: ctest'], { ...manifests, 'CMakeLists.txt': '' }), [
      'build:cmake: cmake --build build',
      'ctest: ctest --test-dir build --output-on-failure --no-tests=error --output-junit {report}',
    ]);
    assert.deepEqual(
      (await gatesOf({ ...manifests, Makefile: 'test:\n\t./run | ./show\n' })).map((gate) => gate.split(':')[0]),
      ['script'],
    );
  });
});

describe('a target of make of whose words only make knows all', () => {
  const Makefile = `test:\n\tgo test $$(go list ./...)\ne2e:\n\tgo test $$(go list ./e2e/...)\n`;

  it('is a gate of its own where CI runs its tool by another name, too', async () => {
    const gates = await check('linux', ['run: make test', 'run: make e2e'], { Makefile, 'go.mod': 'module a\n' });
    assert.deepEqual(
      gates.map((gate) => gate.split(':').slice(-1)[0]?.trim()),
      ['go test -json ./...', 'make e2e'],
    );
  });

  it('runs whole where nobody else can say what is left of them', async () => {
    const docs =
      'SPHINXBUILD = sphinx-build\nSPHINXOPTS =\nALLSPHINXOPTS = -d build $(SPHINXOPTS) $(shell ls)\nlinkcheck:\n\t$(SPHINXBUILD) -b linkcheck $(ALLSPHINXOPTS) out\n\t@echo done\n';
    const gates = await check('linux', ['run: make -C docs linkcheck'], { 'docs/Makefile': docs, 'docs/conf.py': '' });
    assert.deepEqual(
      gates.map((gate) => gate.split(': ').at(-1)),
      ['make linkcheck'],
    );
  });
});

describe('tasks of Deno', () => {
  const tasks = {
    lint: 'deno lint && deno task lint:docs',
    'lint:docs': 'deno run -A tools/check_docs.ts',
    test: 'deno test -A',
    'test:unsafe': 'deno test --unstable',
    'test:types': 'git grep -l x | xargs deno check --config other.json',
  };
  const files = { 'deno.json': JSON.stringify({ tasks }), 'tools/check_docs.ts': '' };

  it('are told apart by their names where CI runs them, and from its own commands', async () => {
    const steps = ['lint', 'test', 'test:unsafe', 'test:types'].map((task) => `run: deno task ${task}`);
    assert.deepEqual(await check('test', [...steps, 'run: deno fmt --check'], files), [
      'deno-lint: deno lint',
      'tools-check-docs: deno run -A tools/check_docs.ts',
      'deno-fmt: deno fmt --check',
      'script:deno-task-test-types: deno task test:types',
      'deno-test: deno test -A',
      'deno-test:deno-task-test-unsafe: deno test --unstable',
    ]);
  });
});

describe('what nobody runs', () => {
  it('are workflows below the root, which came with somebody else’s sources', async () => {
    const files = {
      'lib/other/Cargo.toml': '',
      'lib/other/.github/workflows/ci.yml': proposed('test', 'run: cargo test --features a'),
    };
    assert.deepEqual(await gatesOf({ ...files, [CI]: proposed('test', 'run: ruff check .') }), [
      'ruff: ruff check --output-format=json',
      'lib/other/cargo-test: cargo test --message-format=json',
    ]);
  });

  it('are linters of Python that the project does not install, configured beside those that CI runs', async () => {
    const files = { '.pylintrc': '', 'pyproject.toml': '' };
    assert.deepEqual(await check('lint', ['run: ruff check .'], files), ['ruff: ruff check --output-format=json']);
    assert.equal((await check('lint', ['run: ruff check .'], { ...files, 'requirements.txt': 'pylint\n' })).length, 2);
  });
});
