import assert from 'node:assert/strict';
import { CI, detected, gatesOf, run, workflow } from '../../support/detected.js';

const proposed = (text: string) => `on: pull_request\n${text}`;
const ofCi = async (...steps: readonly string[]) => [...(await gatesOf({ [CI]: proposed(workflow(...steps)) }))].sort();
const commandsOf = async (files: Readonly<Record<string, string>>) =>
  (await detected(files)).map(({ command }) => command.argv.join(' ').replace(/^\S*\//, '')).sort();
/** As `cargo` is told it. */
const toldToCargo = async (text: string) =>
  (await detected({ [CI]: text, 'Cargo.toml': '[package]\nname = "a"\n' }))
    .map(({ command }) =>
      command.argv
        .slice(1)
        .filter((word) => word !== '--message-format=json')
        .join(' '),
    )
    .sort();
const cargoOf = (...steps: readonly string[]) => toldToCargo(proposed(workflow(...steps)));

describe('a target that CMake builds', () => {
  it('is a check where the project has made it for its CI', async () => {
    assert.deepEqual(await ofCi('run: cmake --build build --target ci_infer', 'run: cmake --build build -t ci-cuda-example'), [
      'ci-cuda-example: cmake --build build -t ci-cuda-example',
      'ci-infer: cmake --build build --target ci_infer',
    ]);
  });

  it('is one with whichever compiler and standard', async () => {
    const targets = ['ci_test_gcc', 'ci_test_clang', 'ci_test_compiler_g++-4.8', 'ci_test_clang_cxx17', 'ci_clang_tidy'];
    assert.deepEqual(await ofCi(...targets.map((target) => `run: cmake --build build --target ${target}`)), [
      'ci-clang-tidy: cmake --build build --target ci_clang_tidy',
      'ci-test: cmake --build build --target ci_test_gcc',
    ]);
  });

  it('is none where CI only cleans, packs, measures or installs by it', async () => {
    for (const target of ['ci_clean', 'ci-package', 'ci_benchmarks', 'ci_install', 'cipher']) {
      const found = await detected({ [CI]: proposed(workflow(`run: cmake --build build --target ${target}`)) });
      assert.ok(
        found.every(({ category }) => category === 'build'),
        target,
      );
    }
  });

  it('is one for each name in a matrix, and one for all versions of a language', async () => {
    const jobs = (values: string, target: string) =>
      `on: pull_request\njobs:\n  check:\n    strategy:\n      matrix:\n        it: ${values}\n    steps:\n      - run: cmake --build build --target ${target}\n`;
    assert.deepEqual(await commandsOf({ [CI]: jobs('[ci_infer, ci_cppcheck]', '${{ matrix.it }}') }), [
      'cmake --build build --target ci_cppcheck',
      'cmake --build build --target ci_infer',
    ]);
    assert.deepEqual(await commandsOf({ [CI]: jobs('[11, 14, 17]', 'ci_test_cxx${{ matrix.it }}') }), [
      'cmake --build build --target ci_test_cxx11',
    ]);
  });
});

describe('a variable that a workflow sets', () => {
  const withEnv = (line: string, env = 'FEATURES: full,util') =>
    toldToCargo(`on: pull_request\nenv:\n  ${env}\n${workflow(line)}`);

  it('is known in its commands', async () => {
    for (const written of ['$FEATURES', '"${FEATURES}"', '${FEATURES}'])
      assert.deepEqual(await withEnv(`run: cargo test --features ${written}`), ['test --features full,util'], written);
  });

  it('is not where the step sets it anew, or only the service knows it', async () => {
    assert.deepEqual(await withEnv(run('FEATURES=none', 'cargo test --features $FEATURES')), ['test']);
    assert.deepEqual(await withEnv(run('FEATURES=none cargo test --features $FEATURES')), ['test']);
    assert.deepEqual(await withEnv('run: cargo test --features $FEATURES', 'FEATURES: ${{ github.sha }}'), ['test']);
  });
});

describe('calls of cargo', () => {
  it('are two checks where one runs tests that are left out else', async () => {
    assert.deepEqual(
      await cargoOf('run: cargo test', 'run: cargo test --test a -- --ignored', 'run: cargo test --test b -- --ignored'),
      ['test', 'test --test a -- --ignored', 'test --test b -- --ignored'],
    );
  });

  it('are one where one runs some of the tests of the other', async () => {
    assert.deepEqual(await cargoOf('run: cargo test', 'run: cargo test --lib', 'run: cargo test --test a'), ['test']);
    assert.deepEqual(await cargoOf('run: cargo test --test a', 'run: cargo test'), ['test']);
  });

  it('are two where they run other kinds of tests, by whatever command', async () => {
    assert.deepEqual(await cargoOf('run: cargo test --lib', 'run: cargo test --doc'), ['test --doc', 'test --lib']);
    const miri = ['miri nextest run --lib', "miri nextest run --test '*'"];
    const found = await cargoOf(...miri.map((line) => `name: Test it\nrun: cargo ${line}`));
    assert.deepEqual(
      found.filter((line) => line !== 'test'),
      miri.map((line) => line.replaceAll("'", '')),
    );
  });

  it('are two where one is for all packages here, and the other for a part on another machine', async () => {
    const lines = ['hack check -p a --feature-powerset --target x86_64-unknown-haiku', 'hack check --all --feature-powerset'];
    assert.deepEqual(
      (await cargoOf(...lines.map((line) => `run: cargo ${line}`))).filter((line) => line !== 'test'),
      [...lines].sort(),
    );
  });
});

describe('a program that starts what a build has made', () => {
  it('checks each program', async () => {
    const lines = ['valgrind --error-exitcode=1 ./target/debug/a', 'valgrind --error-exitcode=1 ./target/debug/b'];
    assert.deepEqual(
      await commandsOf({ [CI]: proposed(workflow(...lines.map((line) => `name: Test memory\nrun: ${line}`))) }),
      lines,
    );
  });
});

describe('tests of Go', () => {
  const go = async (...steps: readonly string[]) =>
    (await detected({ [CI]: proposed(workflow(...steps)), 'go.mod': 'module a\n' })).map(({ command }) =>
      command.argv.slice(1).join(' '),
    );

  it('are fuzzed as a check of its own where that ends', async () => {
    assert.deepEqual(await go('run: go test ./...', 'run: go test -fuzz=FuzzA -fuzztime=5s ./a'), [
      'test -json ./...',
      'test -json -fuzz=FuzzA -fuzztime=5s ./a',
    ]);
    assert.deepEqual(await go('run: go test ./...', 'run: go test -fuzz=FuzzA ./a'), ['test -json ./...']);
  });

  it('are the same by whichever program shows them', async () => {
    for (const line of [
      'gotestsum -- -race ./...',
      'gotestsum --format short --junitfile a.xml -- -race ./...',
      'gotestsum --packages="./..." -- -race',
    ])
      assert.deepEqual(await go(`run: ${line}`), ['test -json -race ./...'], line);
    assert.deepEqual(await go('run: gotestsum --rerun-fails --packages=./...'), ['--rerun-fails --packages=./...']);
  });

  it('are all where CI runs all, and a target those that are short', async () => {
    const Makefile = 'short:\n\tgo test -short ./...\nall-tests:\n\tgo test ./...\n';
    const files = { Makefile, 'go.mod': 'module a\n', [CI]: proposed(workflow('run: make all-tests')) };
    assert.deepEqual(
      (await commandsOf(files)).filter((line) => line.startsWith('go test')),
      ['go test -json ./...'],
    );
  });
});

describe('a Makefile that includes one of a folder above', () => {
  const files = {
    'common.mk': 'lint:\n\tyamllint .\n',
    'app/go.mod': 'module a\n',
    'app/Makefile': 'include ../common.mk\n',
    [CI]: proposed(workflow('run: make -C app lint')),
  };
  const inApp = async (all: Readonly<Record<string, string>>) => (await detected(all)).some(({ id }) => id === 'app/yamllint');

  it('has its targets, where both are of one repository', async () => {
    assert.equal(await inApp({ ...files, '.git/HEAD': '' }), true);
  });

  it('has none of those where nothing says so', async () => {
    assert.equal(await inApp(files), false);
  });
});

describe('a step of PowerShell', () => {
  const step = (name: string, id: string, ...lines: readonly string[]) => `name: ${name}\n${id}shell: pwsh\n${run(...lines)}`;

  it('is read where any shell would understand it', async () => {
    assert.deepEqual(await ofCi(step('Check', '', 'dotnet test App.sln')), ['dotnet-test: dotnet test App.sln --nologo']);
    assert.deepEqual(await ofCi(step('Check', '', '$a = 1', 'dotnet test $a')), []);
  });

  it('is a check where it looks for faults in scripts, and fails for them', async () => {
    const lines = ['$found = Invoke-ScriptAnalyzer -Path ${env:GITHUB_WORKSPACE} -Recurse', 'if ($found.Count -gt 0) { exit 1 }'];
    const [gate = '', ...others] = await ofCi(step('Lint scripts', '', ...lines));
    assert.match(gate, /^lint-scripts: pwsh -NoProfile -NonInteractive -Command \$found = Invoke-ScriptAnalyzer -Path \. /);
    assert.deepEqual(others, []);
    assert.deepEqual(await ofCi(step('Lint scripts', '', lines[0] ?? '')), []);
    assert.deepEqual(await ofCi(step('Lint scripts', '', ...lines, 'Write-Output $env:GITHUB_SHA')), []);
  });

  it('that starts what builds and tests the project is one, whatever others learn from it', async () => {
    const files = (name: string) => ({
      'build.ps1': 'exit 0\n',
      [CI]: proposed(workflow(step(name, 'id: build\n', './build.ps1'))),
    });
    assert.deepEqual(await gatesOf(files('Build, test and package')), ['build: pwsh ./build.ps1']);
    assert.deepEqual(await gatesOf(files('Package')), []);
  });
});

describe('the program that builds and tests a project', () => {
  it('runs the tests of its solution', async () => {
    const step = 'name: Build and test\nshell: pwsh\nrun: ./build.ps1';
    const files = { 'build.ps1': 'exit 0\n', 'App.slnx': '<Solution />\n', [CI]: proposed(workflow(step)) };
    assert.deepEqual(await gatesOf(files), ['build: pwsh ./build.ps1']);
  });
});

describe('a script with a switch that CI sets for it', () => {
  it('is the same script', async () => {
    const scripts = { test: 'node run.js | cat', lint: 'node lint.js | cat' };
    const files = { 'package.json': JSON.stringify({ scripts }), [CI]: proposed(workflow('run: CI=true npm run test')) };
    assert.deepEqual(
      (await detected(files)).filter(({ evidence }) => evidence.some(({ file }) => file === CI)).map(({ id }) => id),
      ['script:test'],
    );
  });
});

describe('what make makes', () => {
  it('is compared, where the job looks at whether anything has changed', async () => {
    assert.deepEqual(await ofCi('run: make -C mixin', 'run: git diff --exit-code'), [
      'check: bash -e -c make -C mixin\ngit diff --exit-code',
    ]);
  });
});

describe('the action of cargo-semver-checks', () => {
  it('compares the packages that it is told of', async () => {
    const told = 'with:\n  package: a, b\n  release-type: minor\n  feature-group: only-explicit-features\n  features: full, util';
    const found = await cargoOf(`uses: obi1kenobi/cargo-semver-checks-action@v2\n${told}`);
    const features = '--only-explicit-features --features full,util';
    assert.ok(found.includes(`semver-checks --package a --package b --release-type=minor ${features}`), found.join());
  });
});

describe('an environment of Nix', () => {
  it('is made as a check where nothing runs in it', async () => {
    assert.deepEqual(await ofCi('run: nix develop --impure'), ['build:nix: nix develop --impure']);
    assert.deepEqual(await ofCi('run: nix develop -c echo a'), []);
  });
});

describe('Valgrind', () => {
  it('checks where errors have an exit code', async () => {
    assert.deepEqual(await ofCi('name: Run it\nrun: valgrind --error-exitcode=1 ./target/release/a'), [
      'valgrind: valgrind --error-exitcode=1 ./target/release/a',
    ]);
    assert.deepEqual(await ofCi('name: Run it\nrun: valgrind --tool=massif ./target/release/a'), []);
  });
});

describe('actions that run Buf', () => {
  it('look where they are told to, and compare with what they are told', async () => {
    const told = "with:\n  input: protos\n  against: 'https://example.org/a.git#branch=main'";
    assert.deepEqual(
      await ofCi('uses: bufbuild/buf-lint-action@v1\nwith:\n  input: protos', `uses: bufbuild/buf-breaking-action@v1\n${told}`),
      ['buf-breaking: buf breaking protos --against https://example.org/a.git#branch=main', 'buf-lint: buf lint protos'],
    );
  });
});

describe('a recipe that makes a name of its target', () => {
  it('is known, since the target is', async () => {
    const Makefile = 'OPTIONS_small = --no-default-features\ncheck-small:\n\tcargo check $(OPTIONS_$(@:check-%=%))\n';
    const files = { Makefile, 'Cargo.toml': '[package]\nname = "a"\n', [CI]: proposed(workflow('run: make check-small')) };
    assert.ok((await commandsOf(files)).some((line) => line.endsWith('--no-default-features')));
  });
});

describe('a target called a build that only names others', () => {
  const files = (Makefile: string) => ({ Makefile, 'go.mod': 'module a\n', [CI]: proposed(workflow('run: make build')) });

  it('is the whole build, where one of them does something nobody knows', async () => {
    const found = await gatesOf(
      files('build: assets all-of-it\nassets:\n\tcd ui && pnpm run build\nall-of-it:\n\tpromu build\n'),
    );
    assert.ok(found.includes('build:make-build: make build'), found.join());
  });

  it('is none, where they only bring in what others need', async () => {
    const found = await gatesOf(files('build: deps\ndeps:\n\tgo mod download\n'));
    assert.ok(!found.some((gate) => gate.includes('make build')), found.join());
  });
});
