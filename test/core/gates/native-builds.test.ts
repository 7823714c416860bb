import assert from 'node:assert/strict';
import { isBuildFolder, isInBuildFolder, isNativeBuild } from '../../../src/core/gates/native-builds.js';

describe('a call of a build system', () => {
  const told = (line: string) => {
    const [program = '', ...args] = line.split(' ');
    return isNativeBuild(program, args);
  };

  it('builds all there is, whatever else it is told', () => {
    for (const line of [
      'make',
      'make -j4 all',
      'ninja -C build -v',
      'cmake --build build -v',
      'cmake --build build -t all',
      'meson compile -C build -v',
    ])
      assert.equal(told(line), true, line);
  });

  it('builds nothing where it only tells, and not everything where it is told what', () => {
    for (const line of ['make -n', 'make -v', 'ninja -C build -n', 'ninja -t clean', 'cmake --build build -t docs', 'make docs'])
      assert.equal(told(line), false, line);
  });
});

describe('a folder that a build makes', () => {
  it('is told by the names on the way to it, and so are the programs in it', () => {
    for (const folder of ['build', 'build-asan', 'out', 'zig-out', 'cmake-build-debug', 'obj', 'target', 'Release']) {
      assert.equal(isBuildFolder(`${folder}/tests`), true, folder);
      assert.equal(isInBuildFolder(`./${folder}/tests/unit`), true, folder);
    }
    for (const folder of ['src', 'tests', 'tools']) {
      assert.equal(isBuildFolder(folder), false, folder);
      assert.equal(isInBuildFolder(`./${folder}/unit`), false, folder);
    }
  });

  it('may hold programs of the repository, where it is called like a folder of those', () => {
    for (const program of ['bin/lint', './dist/check', 'build/check.sh', 'build'])
      assert.equal(isInBuildFolder(program), false, program);
    for (const folder of ['bin', 'dist']) assert.equal(isBuildFolder(folder), true, folder);
  });
});
