import assert from 'node:assert/strict';
import { detectGates } from '../../../src/core/gates/detect.js';
import { CI, detected, gatesOf, run, workflow } from '../../support/detected.js';
import { temporaryFolder } from '../../support/folder.js';

describe('what CI says', () => {
  it('in a composite action of the repository counts, with the step that uses it as evidence', async () => {
    const action = `runs:\n  using: composite\n  steps:\n    - run: npx eslint src\n      shell: bash\n    - uses: ./.github/actions/inner\n`;
    const files = {
      [CI]: workflow('uses: ./.github/actions/lint', 'uses: $/.github/actions/lint', 'uses: ./nowhere', 'uses: ./../outside'),
      '.github/actions/lint/action.yml': action,
      '.github/actions/inner/action.yaml': 'runs:\n  steps:\n    - run: ruff check .\n    - run: "broken',
    };
    const folder = await temporaryFolder(files);
    try {
      const { gates, warnings } = await detectGates({ folders: [{ name: 'app', path: folder.path }], env: {} });
      assert.deepEqual(
        gates.map(({ id, evidence }) => [id, evidence.map(({ file, line }) => `${file}:${line}`)]),
        [['eslint', ['.github/actions/lint/action.yml:4', `${CI}:4`]]],
      );
      assert.deepEqual(
        warnings.map(({ file, line }) => [file.slice(folder.path.length + 1), line]),
        [['.github/actions/inner/action.yaml', 4]],
      );
    } finally {
      await folder.dispose();
    }
  });

  it('of modules that are tidied and compared counts, by the call that changes nothing', async () => {
    const said = (then: string) => ({ [CI]: workflow(run('go mod tidy', then)) });
    assert.deepEqual(await gatesOf(said('git diff --exit-code go.mod go.sum')), ['go-mod-tidy: go mod tidy -diff']);
    assert.deepEqual(await gatesOf(said('git status')), []);
  });

  it('by a workflow of another repository counts as far as that is called like a tool', async () => {
    const said = `jobs:\n  a:\n    uses: x/actions/.github/workflows/rust-clippy.yml@1\n  b:\n    uses: x/y/.github/workflows/phpstan.yaml@main\n  c:\n    uses: x/y/.github/workflows/checks.yml@v1\n  d:\n    uses: ./.github/workflows/pytest.yml\n`;
    assert.deepEqual(
      (await detected({ [CI]: said })).map(({ id }) => id),
      ['cargo-clippy', 'phpstan'],
    );
  });

  it('in shell scripts counts in the folder that they change to, under the conditions that they set', async () => {
    const script = `#!/usr/bin/env bash
cd "$(dirname "$0")/../core"
export RUSTFLAGS="\${RUSTFLAGS:-} --cfg loom" OTHER=1
case "$1" in
  a) cargo test --features loom 2>&1 | tee log ;;
esac
cargo careful test
`;
    const other = `#!/bin/sh
ROOT=$(git rev-parse --show-toplevel)
HERE="$(cd "$(dirname "\${BASH_SOURCE[0]}")" >/dev/null 2>&1 && pwd)"
cd "$ROOT" && ruff check .
cd "$HERE" && rustfmt --check $(git ls-files '*.rs')
`;
    const gates = await detected({
      [CI]: workflow('run: ci/loom.sh a', 'run: ./ci/other.sh'),
      'ci/loom.sh': script,
      'ci/other.sh': other,
      'core/Cargo.toml': '[package]\nname = "core"\n',
    });
    assert.deepEqual(
      gates.map(({ id, command: { env } }) => [id, env['RUSTFLAGS']]),
      [
        ['ruff', undefined],
        ['ci/cargo-fmt', undefined],
        ['core/cargo-test', '--cfg loom'],
        ['core/cargo-careful-test', '--cfg loom'],
      ],
    );
  });

  it('runs where a checkout has put the repository', async () => {
    const at = `\${{ github.workspace }}/src/app`;
    const said = workflow(
      `uses: actions/checkout@v4\nwith:\n  path: ${at}`,
      `run: ruff check .\nworking-directory: ${at}`,
      `run: mypy .\nworking-directory: src/app/py`,
    );
    const found = await detected({ [CI]: said, 'py/pyproject.toml': '' });
    assert.deepEqual(
      found.map(({ id }) => id),
      ['ruff', 'py/mypy'],
    );
  });

  it('of GitLab in files of the repository that a pipeline includes counts, where it does not override them', async () => {
    const files = {
      '.gitlab-ci.yml':
        'include:\n  - local: /ci/base.yml\n  - template: Security.yml\n  - local: ../outside.yml\nlint:\n  extends: .python\n',
      'ci/base.yml':
        'include: ci/more.yaml\n.python:\n  script: [ruff check .]\nlint:\n  script: [black --check .]\nunit:\n  script: [pytest]\n',
      'ci/more.yaml': 'include: ci/base.yml\nunit:\n  script: [mypy .]\ntypes:\n  script: [pyright]\n',
      'mypy.ini': '',
    };
    const gates = await detected({ ...files, 'pyproject.toml': '[tool.mypy]\n[tool.flake8]\n', '.flake8': '' });
    assert.deepEqual(
      gates.map(({ id, evidence }) => [id, evidence.map(({ file, line }) => `${file}:${line ?? 0}`)]),
      [
        ['flake8', ['.flake8:0']],
        ['black', ['ci/base.yml:5', '.gitlab-ci.yml:2']],
        ['pyright', ['ci/more.yaml:5', '.gitlab-ci.yml:2']],
        ['mypy', ['mypy.ini:0', 'pyproject.toml:1']],
        ['pytest', ['ci/base.yml:7', '.gitlab-ci.yml:2']],
      ],
    );
  });

  it('runs in each folder that a matrix names, with what stands beside it there', async () => {
    const job = (matrix: string, ...steps: readonly string[]) => ({
      [CI]: workflow(...steps).replace('steps:', `strategy: { matrix: ${matrix} }\n    steps:`),
      'a/pyproject.toml': '',
      'b/package.json': '{ "scripts": { "test": "a | b" } }',
    });
    const idsOf = async (files: Readonly<Record<string, string>>) => (await detected(files)).map(({ id }) => id);
    const both = ['a/pytest', 'b/pytest', 'b/script:test'];
    const dir = `\${{ matrix.dir }}`;
    const of = '{ dir: [a, b], python: ["3.9", "3.10"] }';
    assert.deepEqual((await idsOf(job(of, `run: pytest -q\nworking-directory: ./${dir}`))).sort(), both);
    assert.deepEqual((await idsOf(job(of, `run: |\n  cd "${dir}"\n  pytest -q`))).sort(), both);
    const paired = '{ include: [{ dir: a, cmd: ruff check . }, { dir: b, cmd: npm test }] }';
    assert.deepEqual(await idsOf(job(paired, `run: \${{ matrix.cmd }}\nworking-directory: ${dir}`)), ['a/ruff', 'b/script:test']);
    assert.deepEqual(await idsOf(job(of, `uses: golangci/golangci-lint-action@v6\nwith:\n  working-directory: ${dir}`)), [
      'a/golangci-lint',
      'b/golangci-lint',
      'b/script:test',
    ]);
    const many = `{ dir: [a, ${Array.from({ length: 25 }, (_, index) => `x${index}`)}] }`;
    assert.deepEqual(await idsOf(job(many, `run: pytest\nworking-directory: ${dir}`)), ['b/script:test']);
    assert.deepEqual(await idsOf(job(`{ dir: "\${{ fromJson(x) }}" }`, `run: pytest\nworking-directory: ${dir}`)), [
      'b/script:test',
    ]);
  });

  it('runs where a line changes to after a checkout into a folder, and back', async () => {
    const checkout = 'uses: actions/checkout@v4\nwith:\n  path: repo';
    const found = async (...steps: readonly string[]) =>
      (await detected({ [CI]: workflow(...steps), 'a/pyproject.toml': '' })).map(({ id }) => id);
    assert.deepEqual(await found(checkout, 'run: cd repo && ruff check .', 'run: cd ./repo/a/ && pytest'), ['ruff', 'a/pytest']);
    assert.deepEqual(await found(checkout, `run: |\n  cd repo\n  cd a\n  pytest\n  cd -\n  ruff check .`), ['ruff', 'a/pytest']);
    assert.deepEqual(await found(checkout, 'uses: actions/checkout@v4', 'run: cd repo && ruff check .'), []);
    assert.deepEqual(await found('run: |\n  cd a\n  pytest\n  cd -\n  ruff check .\n  cd -\n  mypy .'), [
      'ruff',
      'a/mypy',
      'a/pytest',
    ]);
    const at = `\${{ env.GOPATH }}/src/\${{ github.repository }}`;
    assert.deepEqual(
      await found(`uses: actions/checkout@v4\nwith:\n  path: ${at}`, `run: ruff check .\nworking-directory: ${at}/a`),
      ['a/ruff'],
    );
    assert.deepEqual(await found('run: cd - && ruff check .', 'run: cd ../repo && ruff check .'), []);
  });

  it('of a matrix in the value of a variable is one check', async () => {
    const said = `jobs:\n  a:\n    strategy: { matrix: { mode: [plain, wide], task: [lint, test] } }\n    steps:\n      - run: make \${{ matrix.task }} MODE=\${{ matrix.mode }}\n`;
    assert.deepEqual(await gatesOf({ [CI]: said }), ['make-lint: make lint MODE=plain', 'make-test: make test MODE=plain']);
  });

  it('of what a job that releases calls, too, counts for the job that tests', async () => {
    const said = 'jobs:\n  publish:\n    steps:\n      - run: scripts/all\n  test:\n    steps:\n      - run: scripts/all\n';
    assert.deepEqual(await gatesOf({ [CI]: said, 'scripts/all': '#!/bin/sh\npython setup.py sdist\ntwine check dist/*\n' }), [
      'build:python: python setup.py sdist',
      'twine: twine check dist/*',
    ]);
  });

  it('of tests chosen by their marks is a check of each choice', async () => {
    const argv = (
      await gatesOf({ [CI]: workflow(run('pytest -m "not slow" -q', 'pytest -m slow', 'pytest -m slow -x tests')) })
    ).map((gate) => gate.replace(/^.*: pytest (.*?) --junitxml.*$/, '$1'));
    assert.deepEqual(argv, ['-m not slow -q', '-m slow']);
  });

  it('of packages of Rust is a check of each, unless another one is of all', async () => {
    const said = [
      'cargo test -p a',
      'cargo test -p b',
      'cargo test --manifest-path other/Cargo.toml',
      'cargo test -p a --release',
    ];
    const argv = async (...lines: readonly string[]) =>
      (await gatesOf({ [CI]: workflow(run(...lines)) })).map((gate) =>
        gate.replace(/^.*: cargo test --message-format=json ?/, ''),
      );
    assert.deepEqual(await argv(...said), ['-p a', '-p b', '--manifest-path other/Cargo.toml']);
    assert.deepEqual(await argv(...said, 'cargo test --workspace'), ['--manifest-path other/Cargo.toml', '--workspace']);
  });

  it('of what a step alone is told counts, of what is for a service does not, nor where a user runs the same script', async () => {
    const env = `MODE: \${{ matrix.mode }}\n          API_TOKEN: a\n          DATABASE_URL: b\n          FORCE_COLOR: 1\n          SWITCH: special`;
    const step = (line: string) => `      - run: ${line}\n        env:\n          ${env}\n`;
    const said = `jobs:\n  a:\n    env: { OTHER: 1 }\n    strategy: { matrix: { mode: [fast, slow] } }\n    steps:\n${step('pytest')}${step('npm test')}${step('npm run ci:unit')}`;
    const scripts = { test: 'tape a.js', 'ci:unit': 'tape b.js' };
    const gates = await detected({ [CI]: said, 'package.json': JSON.stringify({ scripts }) });
    assert.deepEqual(
      gates.map(({ command: { argv, env } }) => [argv.slice(0, 2).join(' '), env['MODE'], env['SWITCH'], env['API_TOKEN']]),
      [
        ['tape a.js', undefined, undefined, undefined],
        ['pytest --junitxml={report}', 'fast', 'special', undefined],
        ['tape b.js', 'fast', 'special', undefined],
      ],
    );
  });

  it('in loops, and in conditions that change the folder, counts where it is certain', async () => {
    const makefile = 'test:\n\tgo test ./...\n\t@if [ -n "$(NEW)" ]; then cd ./exp/simd && GOEXPERIMENT=simd go test ./; fi\n';
    const files = {
      [CI]: workflow(
        run('for os in a b; do', '  GOOS=$os go vet ./... || fail=1', '  unknown check $os', 'done'),
        'run: make test',
      ),
      Makefile: makefile,
      'go.mod': 'module a\n',
      'exp/simd/go.mod': 'module b\n',
    };
    assert.deepEqual(
      (await detected(files)).map(({ id, command: { env } }) => [id, env['GOEXPERIMENT']]),
      [
        ['go-vet', undefined],
        ['go-test', undefined],
        ['exp/simd/go-test', 'simd'],
      ],
    );
  });

  it('runs in the folder that the workflow or the job names for all of it', async () => {
    const said =
      'defaults: { run: { working-directory: lib } }\njobs:\n  a:\n    steps:\n      - run: ruff check .\n  b:\n    defaults: { run: { working-directory: app } }\n    steps:\n      - run: mypy .\n';
    assert.deepEqual(
      (await detected({ [CI]: said, 'lib/a.py': '', 'app/a.py': '' })).map(({ id }) => id),
      ['app/mypy', 'lib/ruff'],
    );
  });

  it('of the same tool with another configuration is another check, in whichever order', async () => {
    const lines = ['vitest run --config e2e.config.ts', 'vitest run', 'mocha', 'mocha --config .mocharc.e2e.json'];
    const argv = (await detected({ [CI]: workflow(run(...lines.map((line) => `npx ${line}`))) })).map(({ command }) =>
      command.argv.slice(0, 4),
    );
    assert.deepEqual(
      argv.map((words) => words.join(' ').replace(/ --report.*$/, '')),
      ['vitest run --config e2e.config.ts', 'vitest run', 'mocha', 'mocha --config .mocharc.e2e.json'],
    );
  });

  it('that changes what it looks at is no check', async () => {
    const lines = [
      ...[
        'typos --write-changes',
        'ktlint -F',
        'erb_lint --lint-all --autocorrect',
        'standardrb --fix-unsafely',
        'zizmor --fix=all .',
      ],
      ...[
        'swiftlint autocorrect',
        'psalm --alter --issues=all',
        'srb tc -a',
        'haml-lint -a .',
        'api-extractor run --local',
        'vale sync',
      ],
      ...[
        'reek --todo',
        'psalm --set-baseline=b.xml',
        'cmake-format --check -i a',
        'bundle-audit update',
        'cypress run --record',
      ],
      ...['jasmine init', 'api-extractor run --local=true'],
    ];
    assert.deepEqual(await gatesOf({ [CI]: workflow(run(...lines)) }), []);
    const hooks =
      'repos:\n  - repo: x\n    hooks:\n      - id: typos\n        args: [--write-changes]\n      - id: zizmor\n        args: [--fix=all]\n';
    assert.deepEqual(await gatesOf({ '.pre-commit-config.yaml': hooks }), ['typos: typos', 'zizmor: zizmor .']);
  });

  it('outside of the repository is not read, and with a secret given to an action does not count by its words alone', async () => {
    const said = `jobs:\n  a:\n    steps:\n      - uses: ./.github/actions/a\n        env: { T: "\${{ secrets.X }}" }\n      - uses: ./../outside\n`;
    const action = 'runs:\n  steps:\n    - run: smoke-test prod\n    - run: npx eslint .\n';
    assert.deepEqual(
      (await detected({ [CI]: said, '.github/actions/a/action.yml': action })).map(({ id }) => id),
      ['eslint'],
    );
  });

  it('in a script is under conditions until they are taken back', async () => {
    const script = '#!/bin/sh\nexport RUSTFLAGS="--cfg loom"\ncargo test --test loom\nunset RUSTFLAGS\ncargo test\n';
    assert.deepEqual(
      (await detected({ [CI]: workflow('run: ci/all.sh'), 'ci/all.sh': script })).map(({ command }) => command.env['RUSTFLAGS']),
      ['--cfg loom', undefined],
    );
  });

  it('below the root says nothing of the root where it only builds', async () => {
    const said = 'jobs:\n  a:\n    steps:\n      - run: npm run build\n        working-directory: site\n';
    const files = { 'package.json': '{"devDependencies":{"prettier":"3"}}', '.prettierrc': '{}', 'site/package.json': '{}' };
    assert.deepEqual(
      (await detected({ ...files, [CI]: said })).map(({ id }) => id),
      ['prettier'],
    );
  });

  it('in a script runs where the script is called', async () => {
    const said = 'jobs:\n  a:\n    steps:\n      - run: ./ci.sh\n        working-directory: app\n';
    const script =
      '#!/bin/sh\nruff check .\n(cd "$(git rev-parse --show-toplevel)" && black --check .)\ncd "$(dirname "$0")/lib" && mypy .\n';
    const files = { [CI]: said, 'app/ci.sh': script, 'app/lib/a.py': '' };
    assert.deepEqual(
      (await detected(files)).map(({ id }) => id),
      ['black', 'app/ruff', 'app/lib/mypy'],
    );
  });

  it('of what was built is one check, of several environments one, and of what formats none', async () => {
    const said = workflow(
      'uses: hynek/build-and-inspect-python-package@v2',
      run('twine check dist/*', 'hatch run +py=3.12 test:pytest -q'),
    );
    const files = { [CI]: said, 'package.json': JSON.stringify({ scripts: { lint: 'pretty-quick --staged' } }) };
    assert.deepEqual(
      (await detected(files)).map(({ id }) => id),
      ['build:build', 'check-wheel-contents', 'twine', 'pytest'],
    );
  });

  it('is switched off does not count', async () => {
    const said = `jobs:\n  a:\n    if: false\n    steps:\n      - run: ruff check .\n  b:\n    steps:\n      - run: mypy src\n        if: \${{ false }}\n      - run: pytest\n        if: always()\n`;
    assert.deepEqual(await gatesOf({ [CI]: said }), ['pytest: pytest --junitxml={report} -o junit_family=xunit1 --color=no']);
  });

  it('of a package that was built waits for the build, wherever that stands', async () => {
    const said = workflow(
      'run: npx @arethetypeswrong/cli@0.18 ./package.tgz',
      run('yarn pack', 'python -m build', 'twine check dist/*'),
    );
    const gates = await detected({ [CI]: said });
    assert.deepEqual(
      gates.map(({ id, command, needs }) => [id, command.argv.join(' '), needs]),
      [
        ['build:yarn', 'yarn pack', []],
        ['attw', 'attw ./package.tgz --format json', ['build:yarn']],
        ['build:build', 'python -m build', []],
        ['twine', 'twine check dist/*', ['build:build']],
      ],
    );
  });

  it('of other features, tags and conditions is another check, in another environment, of other versions or shown in other ways it is not', async () => {
    const said = workflow(
      run('cargo test', 'cargo test --all-features', 'cargo test --features a,b', 'cargo test --features "b a" -q'),
      'run: cargo test\nenv: { RUSTFLAGS: --cfg loom }',
      run('go test -bench . ./...', 'go test -tags netgo ./...', 'go test -run=^$ -bench . ./...', 'go test -v ./...'),
      run('npm run test-serve', 'npm run test-build', 'FORCE_COLOR=1 npm run test-build'),
    );
    const scripts = { 'test-serve': 'vitest run', 'test-build': 'TEST_BUILD=1 vitest run', debug: 'X=1 vitest run' };
    const gates = await detected({ [CI]: said, 'package.json': JSON.stringify({ scripts }) });
    assert.deepEqual(
      gates.map(({ command: { argv, env } }) => {
        const { TEST_BUILD, RUSTFLAGS } = env;
        return [...argv, TEST_BUILD, RUSTFLAGS]
          .filter((word) => word !== undefined && !/^-.*(?:json|report)/.test(word))
          .join(' ');
      }),
      [
        'cargo test',
        'cargo test --all-features',
        'cargo test --features a,b',
        'cargo test --cfg loom',
        'go test ./...',
        'go test -tags netgo ./...',
        'vitest run',
      ],
    );
  });

  it('makes needless what a script of the same family checks less of, or only collects', async () => {
    const scripts = {
      test: 'vitest run',
      'test:fast': 'vitest run --bail 1 src',
      'test:other': 'vitest run -c other.ts',
      lint: 'eslint .',
      all: 'npm run lint; npm run test',
      'check-all': 'npm run lint; npm run test; ./deploy',
    };
    const local = {
      lint: 'node l.js | cat',
      unit: 'node t.js | cat',
      validate: 'npm run lint && npm run unit && ./licenses.sh | cat',
    };
    assert.deepEqual(
      (await detected({ 'package.json': JSON.stringify({ scripts: local }) })).map(({ id }) => id),
      ['script:lint', 'script:unit', 'script:validate'],
    );
    const files = { [CI]: workflow('run: npm test', 'run: npm run lint'), 'package.json': JSON.stringify({ scripts }) };
    assert.deepEqual(
      (await detected(files)).map(({ id }) => id),
      ['eslint', 'vitest', 'vitest:test-other'],
    );
  });

  it('of programs that nobody knows counts where their own words say that they check', async () => {
    const said = workflow(
      run('cargo miri test', 'tinygo test -tags safe ./...', 'editorconfig-checker', 'bundle exec bake test:external'),
      run('git diff --check', 'docker run test', 'test -f a', 'unset TEST', 'curl x/test', 'make build'),
    );
    assert.deepEqual(await gatesOf({ [CI]: said }), [
      'editorconfig-checker: editorconfig-checker',
      'cargo-miri-test: cargo miri test',
      'tinygo-test: tinygo test -tags safe ./...',
      'bake-test-external: bake test:external',
    ]);
  });

  it('of a script counts though neither its name nor what it calls is known', async () => {
    const scripts = { eclints: 'links-checker $(ls)', other: 'something $(ls)' };
    const files = { [CI]: workflow('run: npm run eclints', 'run: npm run other'), 'package.json': JSON.stringify({ scripts }) };
    assert.deepEqual(await gatesOf(files), ['script:eclints: npm run eclints']);
  });

  it('of targets that a pattern of make stands for covers the tools of the same kind', async () => {
    const files = {
      [CI]: workflow('run: make test', 'run: make vet'),
      Makefile: '%:\n\tgo run build.go $*\n',
      'go.mod': 'module a\n',
    };
    assert.deepEqual(await gatesOf(files), ['make-vet: make vet', 'make-test: make test']);
  });

  it('of values counts as far as the workflow says them', async () => {
    const said = `env: { FEATURES: --all-features }
${workflow(`run: cargo clippy \${{ env.FEATURES }} \${{ matrix.other }}`, `run: npm run \${{ matrix.task }}\nshell: bash`)}    strategy:
      matrix: { task: [lint, types] }
`;
    const scripts = { lint: 'eslint .', types: 'tsc --noEmit', more: 'mocha' };
    const found = await detected({ [CI]: said, 'package.json': JSON.stringify({ scripts }) });
    const inCi = found.filter(({ evidence }) => evidence.some(({ file }) => file === CI)).map(({ id }) => id);
    assert.deepEqual([...inCi].sort(), ['cargo-clippy', 'eslint', 'tsc']);
  });

  it('of the environment of a step is kept where tools go by it, and makes another check of another condition', async () => {
    const said = workflow(
      'run: cargo test',
      'run: cargo test --lib\nenv: { RUSTFLAGS: --cfg loom, TOKEN: secret }',
      'run: cargo doc --no-deps\nenv: { RUSTDOCFLAGS: -D warnings }',
      'run: cargo doc --no-deps',
    );
    const found = await detected({ [CI]: said, 'Cargo.toml': '[package]\nname = "a"\n' });
    assert.deepEqual(
      found
        .filter(({ id }) => /doc|test/.test(id))
        .map(({ command }) => [command.argv.join(' '), command.env['RUSTFLAGS'], command.env['TOKEN']]),
      [
        ['cargo doc --no-deps', undefined, undefined],
        ['cargo test --message-format=json', undefined, undefined],
        ['cargo test --message-format=json --lib', '--cfg loom', undefined],
      ],
    );
  });

  it('of a directory that a step has changed to holds for what follows; CTest is told of it', async () => {
    const said = workflow(
      run('mkdir build && cd build', 'cmake ..', 'make', 'ctest -j2 --output-on-failure'),
      `run: ctest -C Debug\nworking-directory: \${{ runner.temp }}/b`,
    );
    const found = await detected({ [CI]: said, 'CMakeLists.txt': '' });
    // What was built before may be older than the sources.
    assert.deepEqual(
      found.map(({ id, needs }) => [id, needs]),
      [
        ['build:cmake', []],
        ['ctest', ['build:cmake']],
      ],
    );
    const [build, ctest] = found;
    assert.equal(build?.command.argv.join(' '), 'cmake --build build');
    assert.match(ctest?.command.argv.join(' ') ?? '', /^ctest --test-dir build -j2 .*--output-junit/);
    assert.equal(ctest?.availability.kind, 'unavailable');
  });

  it('of what a tool prints counts where that decides', async () => {
    const forms = [
      'test -z "$(gofmt -l .)"',
      'diff -u <(echo -n) <(gofmt -d ./)',
      'if [[ -n "$(gofmt -l .)" ]]; then exit 1; fi',
      'if [ "$(gofmt -s -l . | wc -l)" -gt 0 ]; then exit 1; fi',
      'out=$(gofmt -l .)',
    ];
    for (const form of forms) {
      const found = await detected({ [CI]: workflow(run(form)) });
      assert.deepEqual(
        found.map(({ id }) => id),
        ['gofmt'],
        form,
      );
    }
    assert.deepEqual(await gatesOf({ [CI]: workflow(run('echo "$(checker --all) $(ls)"')) }), []);
  });

  it('of a part of the tests gives way to all of them', async () => {
    const said = workflow('run: cargo test --verbose --test integration', 'run: cargo test --verbose', 'run: cargo test --lib');
    const found = await gatesOf({ [CI]: said });
    assert.deepEqual(found, ['cargo-test: cargo test --message-format=json --verbose']);
  });

  it('of subshells, pushd and popd holds where a shell would have it', async () => {
    const said = workflow(run('(cd api && pytest -q)', 'mypy --strict .', 'pushd tools; flake8 .; popd', 'codespell .'));
    const found = await detected({ [CI]: said, 'api/a.py': '', 'tools/b.py': '' });
    const root = found.find(({ id }) => id === 'mypy')?.command.cwd ?? '';
    assert.deepEqual(
      found.map(({ id, command }) => [id, command.cwd.slice(root.length + 1)]),
      [
        ['codespell', ''],
        ['mypy', ''],
        ['api/pytest', 'api'],
        ['tools/flake8', 'tools'],
      ],
    );
  });

  it('keeps the arguments that are known beside those that only CI knows', async () => {
    const said = `jobs:
  check:
    strategy:
      matrix: { python: ['3.11'], os: [a, b] }
    steps:
      - run: mypy --strict --python-version \${{ matrix.python }} src
      - run: go test -race -tags "\${{ matrix.os }}" ./...
      - run: pytest -q -m "not slow" -k \${{ matrix.os }} tests/unit
      - run: black --check \${{ matrix.os }}
`;
    const found = await detected({ [CI]: said });
    const of = (id: string) => {
      const gate = found.find((each) => each.id === id);
      return [...(gate?.command.argv.slice(1) ?? []), ...(gate?.files.kind === 'files' ? gate.files.targets : [])].join(' ');
    };
    assert.match(of('mypy'), /^--strict --python-version 3\.11 src /);
    assert.equal(of('go-test'), 'test -json -race ./...');
    assert.match(of('pytest'), /^-q -m not slow .*tests\/unit/);
    assert.match(of('black'), /--check/);
  });

  it('of what prepares a database, or is given a secret, is no check by its words', async () => {
    const said = workflow(
      run('createuser test_user', 'createdb check-db', 'if [ "$A" = b ]; then', '  dropdb check_db', '  checker --all', 'fi'),
      `run: python scripts/check_remote.py --post\nenv: { TOKEN: "\${{ secrets.TOKEN }}" }`,
    );
    assert.deepEqual(await gatesOf({ [CI]: said }), []);
  });

  it('of what mends counts where a later step looks at whether anything has changed', async () => {
    const mends = "find . -name '*.c' | xargs clang-format-21 -i";
    assert.deepEqual(await gatesOf({ [CI]: workflow(run(mends)) }), []);
    assert.deepEqual(
      (await gatesOf({ [CI]: workflow(run(mends, 'git diff --exit-code')) })).map((gate) => gate.split(':')[0]),
      ['clang-format'],
    );
  });

  it('of scripts that it calls by their path counts for what is in them', async () => {
    const files = {
      [CI]: workflow('run: scripts/check'),
      'scripts/check': '#!/bin/sh -e\nset -x\nmypy src\n',
      'requirements.txt': 'black\n',
    };
    const found = await detected(files);
    // What is only listed among the requirements, CI does not run.
    assert.deepEqual(
      found.map(({ id, evidence }) => [id, evidence.map(({ file }) => file)]),
      [['mypy', ['scripts/check', CI]]],
    );
  });

  it('of a script in one piece counts beside gates of the same kind, unless one of them is what it calls', async () => {
    const script = (text: string) => `#!/bin/sh\n${text}\n`;
    const files = {
      [CI]: workflow(
        'run: ./scripts/check-names.sh',
        'run: ./scripts/lint-go.sh',
        'run: ./scripts/check-base.sh "$BASE"',
        'run: eslint .',
      ),
      'scripts/check-names.sh': script('for name in *; do test -f "$name"; done'),
      'scripts/lint-go.sh': script('for place in a b; do (cd $place && golangci-lint run); done'),
      'scripts/check-base.sh': script('for commit in $(git log $1); do echo; done'),
      '.golangci.yml': '',
    };
    const found = await detected(files);
    assert.deepEqual(found.map(({ id }) => id).sort(), ['eslint', 'golangci-lint', 'script:sh-scripts-check-names-sh']);
    assert.ok(found.find(({ id }) => id === 'golangci-lint')?.evidence.some(({ file }) => file === 'scripts/lint-go.sh'));
  });

  it('of a shell script that prepares what its own checks need counts as one piece', async () => {
    const files = {
      [CI]: workflow('run: ./test.sh'),
      'test.sh': '#!/bin/sh\nset -e\nnpm pack && mv a-*.tgz /tmp\nsh test/1_first.sh\nsh test/2_second.sh\n',
    };
    assert.deepEqual(await gatesOf(files), ['script:sh-test-sh: sh test.sh']);
  });

  it('of documentation counts for what reads prose only', async () => {
    const files = { '.github/workflows/docs.yml': workflow('uses: DavidAnson/markdownlint-cli2-action@v1', 'run: pytest docs') };
    assert.deepEqual(
      (await gatesOf(files)).map((gate) => gate.split(':')[0]),
      ['markdownlint-cli2'],
    );
  });
});
