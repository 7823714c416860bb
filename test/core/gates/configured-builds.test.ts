import assert from 'node:assert/strict';
import path from 'node:path';
import { configureCall } from '../../../src/core/gates/native-configures.js';
import { CI, detected, run, workflow } from '../../support/detected.js';

const reviewed = (text: string) => `on: pull_request\n${text}`;
const SOURCES = { 'CMakeLists.txt': 'project(a)\n' };

/** The gates, each as its id and what it runs or would have to. */
const builds = async (files: Readonly<Record<string, string>>) =>
  new Map(
    (await detected(files)).map(({ id, command, availability }) => [
      String(id),
      [...command.argv.slice(-1), availability.kind === 'unavailable' ? availability.install : ''].join('\n'),
    ]),
  );

describe('a call that configures a build', () => {
  const told = (line: string, cwd = '') =>
    configureCall(
      line.split(' ').map((word) => (word.includes('$') ? undefined : word)),
      cwd,
    )?.argv.join(' ');

  it('is told of the folders of the sources and of the build, however it says them', () => {
    for (const line of [
      'cmake -S . -B build',
      'cmake -Bbuild -H.',
      'cmake . -B build',
      'cmake -B build',
      'cmake -G Ninja -B build',
    ])
      assert.equal(told(line), 'cmake -S . -B build', line);
    assert.equal(told('cmake ..', 'build'), 'cmake -S . -B build');
    assert.equal(told('cmake .', 'out'), 'cmake -S . -B out');
    assert.equal(told('meson setup build'), 'meson setup build');
    assert.equal(told('meson build -Dtests=true'), 'meson setup build -Dtests=true');
  });

  it('keeps what the project is told, and leaves to the machine what is about compilers, and what nobody knows', () => {
    assert.equal(
      told('cmake -B build -DA_TESTS=ON -D B=1 -DCMAKE_CXX_COMPILER=clang++ -DC=$X -DCMAKE_BUILD_TYPE=Debug $MORE'),
      'cmake -S . -B build -DA_TESTS=ON -DB=1 -DCMAKE_BUILD_TYPE=Debug',
    );
    for (const option of ['--toolchain cmake/tc.cmake', '--log-level VERBOSE', '--install-prefix /usr', '-U A*'])
      assert.equal(told(`cmake -B build -S . ${option}`), 'cmake -S . -B build', option);
    assert.equal(told('cmake -B build -DA_COMPILER_WARNINGS=ON'), 'cmake -S . -B build -DA_COMPILER_WARNINGS=ON');
    // A variable of the shell of Windows.
    assert.equal(told('cmake -B build -DA_TESTS=%A_TESTS% -DB=1'), 'cmake -S . -B build -DB=1');
  });

  it('is no call that builds, installs, tests, or works outside of the repository', () => {
    for (const line of [
      'cmake --build build',
      'cmake -E make_directory build',
      'cmake ..',
      'cmake -B ../build',
      'meson test -C build',
      'cmake',
    ])
      assert.equal(told(line), undefined, line);
  });
});

describe('a build of CI', () => {
  it('is configured with the options that its job gives, where nobody has configured it yet', async () => {
    const jobs = `jobs:
  release-notes:
    steps:
      - run: cmake -B build -DDOC=ON
  check:
    steps:
      - run: cmake -B build -DA_BUILD_TESTS=ON
      - run: cmake --build build
      - run: ctest --test-dir build
`;
    const found = await builds({ ...SOURCES, [CI]: reviewed(jobs) });
    assert.deepEqual([...found.keys()], ['build:cmake', 'ctest']);
    assert.match(found.get('build:cmake') ?? '', /cmake -S \. -B build -DA_BUILD_TESTS=ON && \S*cmake --build build/);
  });

  it('is left as it is where the folder is configured', async () => {
    const steps = workflow('run: cmake -B build -DA=ON', 'run: cmake --build build');
    const isToldOf = async (file: string) =>
      ((await builds({ ...SOURCES, [file]: '', [CI]: reviewed(steps) })).get('build:cmake') ?? '').includes('-DA=ON');
    assert.ok(!(await isToldOf('build/Makefile')) && !(await isToldOf('build/build.ninja')));
    // Where that failed before its end, it has to be done again.
    assert.ok(await isToldOf('build/CMakeCache.txt'));
  });

  it('is in the checkout where CI builds beside it', async () => {
    const place = 'working-directory: ${{runner.workspace}}/build';
    const steps = workflow(
      `run: cmake -DA=ON $GITHUB_WORKSPACE\n${place}`,
      `run: cmake --build .\n${place}`,
      `run: ctest\n${place}`,
    );
    const found = await builds({ ...SOURCES, [CI]: reviewed(steps) });
    assert.match(found.get('build:cmake') ?? '', /cmake -S \. -B build -DA=ON && \S*cmake --build build/);
    const meson = workflow(
      'run: meson setup ${{runner.workspace}}/build-m',
      'run: meson test\nworking-directory: ${{runner.workspace}}/build-m',
    );
    const tests = await builds({ 'meson.build': '', [CI]: reviewed(meson) });
    assert.match(tests.get('meson-test') ?? '', /meson setup build-m && \S*meson test -C build-m/);
  });

  it('has all that jobs of a matrix build besides, and nothing by which it would be another one', async () => {
    const matrix = `jobs:
  check:
    strategy:
      matrix:
        include:
          - { name: a, options: -DA_BUILD_EXAMPLES=ON }
          - { name: b, options: -DA_BUILD_TESTS=ON -DA_SANITIZE_TESTS=ON }
          - { name: c, options: -DBUILD_SHARED_LIBS=ON }
          - { name: d, shared: -DA_STATIC=ON }
    steps:
      - run: cmake -B build \${{ matrix.options }} \${{ matrix.shared }}
      - run: cmake --build build
`;
    const found = await builds({ ...SOURCES, [CI]: reviewed(matrix) });
    assert.match(found.get('build:cmake') ?? '', /-B build -DA_BUILD_EXAMPLES=ON -DA_BUILD_TESTS=ON && /);
  });

  it('shares its folder with no other at the same time', async () => {
    const targets = workflow(
      run('cmake -B build -DA_CI=ON', 'cmake --build build --target check_a', 'cmake --build build --target check_b'),
    );
    const found = await detected({ ...SOURCES, [CI]: reviewed(targets) });
    assert.equal(found.length, 2);
    for (const { access, folder } of found)
      assert.ok(access.locks.includes(path.join(folder.path, 'build')), access.locks.join());
  });
});

describe('a build by a system that builds all it needs', () => {
  it('is one, in whatever mode, and none beside tests of the same targets', async () => {
    const ids = async (...steps: readonly string[]) =>
      (await detected({ [CI]: reviewed(workflow(...steps)) })).map(({ command }) => command.argv.join(' '));
    assert.deepEqual(await ids('run: bazel build :all', 'run: bazel build --enable_bzlmod :all', 'run: bazel test test'), [
      'bazel build :all',
      'bazel test test',
    ]);
    assert.deepEqual(await ids('run: bazel build //...', 'run: bazel test //...'), ['bazel test //...']);
    assert.deepEqual(await ids('run: conan create . -tf test_package'), ['conan create . -tf test_package']);
  });

  it('of wheels is one where it does not only say what it would build', async () => {
    const ids = async (step: string) =>
      (await detected({ [CI]: reviewed(workflow(step)) })).map(({ command }) => command.argv.join(' '));
    assert.deepEqual(await ids('uses: pypa/cibuildwheel@v3'), ['cibuildwheel']);
    assert.deepEqual(await ids('run: cibuildwheel --print-build-identifiers'), []);
    const [gate] = await detected({ [CI]: reviewed(workflow('uses: pypa/cibuildwheel@v3\nenv:\n  CIBW_BUILD: cp313-*')) });
    assert.equal(gate?.command.env['CIBW_BUILD'], 'cp313-*');
  });
});

describe('presets of CMake', () => {
  const presets = { ...SOURCES, 'CMakePresets.json': '{}' };

  it('are configured before they are built, and built before they are tested', async () => {
    const steps = workflow('run: cmake --preset a -DB=ON', 'run: cmake --build --preset a', 'run: ctest --preset a');
    const found = await detected({ ...presets, [CI]: reviewed(steps) });
    assert.deepEqual(
      found.map(({ id, needs }) => [String(id), needs.map(String)]),
      [
        ['build:cmake', []],
        ['ctest', ['build:cmake']],
      ],
    );
    assert.match(
      (await builds({ ...presets, [CI]: reviewed(steps) })).get('build:cmake') ?? '',
      /cmake --preset a -DB=ON && \S*cmake --build --preset a/,
    );
  });

  it('that a matrix names are one, for this system', async () => {
    const matrix = `jobs:\n  check:\n    strategy:\n      matrix:\n        preset: [windows-msvc, linux-gcc, linux-clang]\n    steps:\n      - run: cmake --workflow --preset \${{ matrix.preset }}\n`;
    const found = await detected({ ...presets, [CI]: reviewed(matrix) });
    assert.deepEqual(
      found.map(({ command }) => command.argv.join(' ')),
      ['cmake --workflow --preset linux-gcc'],
    );
  });
});
