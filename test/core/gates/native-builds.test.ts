import assert from 'node:assert/strict';
import { isNativeBuild } from '../../../src/core/gates/native-builds.js';

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
