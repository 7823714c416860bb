import assert from 'node:assert/strict';
import fc from 'fast-check';
import { normalise } from '../../src/core/normalise.js';

describe('A text to be compared', () => {
  const check = (text: string, expected: string) =>
    it(`“${text}” is “${expected}”`, () => assert.equal(normalise(text).text, expected));
  check('12 passing (35ms)', '12 passing (<time>)');
  check('took 12 µs', 'took <time>');
  check('Finished in 0.04 seconds', 'Finished in <time>');
  check('Done in 2.31s.', 'Done in <time>.');
  check('Ran all test suites in 1 m 3 s', 'Ran all test suites in <time> <time>');
  check('2026-11-30T12:38:42.120Z started', '<date> started');
  check('at 12:38:42 it', 'at <date> it');
  check('wrote /tmp/pytest-of-me/pytest-17/x.txt', 'wrote /tmp/pytest-of-me/<temporary>/x.txt');
  check('see /var/folders/ab/xy12_z/T/jest_a1B2c3/out', 'see /var/folders/ab/xy12_z/T/<temporary>/out');
  check('pid 4711 and process=88', 'pid <process> and process=<process>');
  // What only looks alike stays.
  check('src/a.ts:12:5 3 errors', 'src/a.ts:12:5 3 errors');
  check('expected 5 to equal 6', 'expected 5 to equal 6');
  check('100 members, 3 sets', '100 members, 3 sets');
  check('/tmp/cache/a.ts', '/tmp/cache/a.ts');
  check('port 8080m2', 'port 8080m2');

  it('says what was left out', () => {
    assert.deepEqual(normalise('pid 1, 3 ms, 2026-01-01').without, ['times', 'dates', 'process ids']);
    assert.deepEqual(normalise('nothing').without, []);
  });

  it('is the same when it is normalised once more', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom('12 ms', '/tmp/abc123D/x', '2026-01-01', 'pid 12', '10:00:00'))),
        (parts) => {
          const once = normalise(parts.join(' ')).text;
          assert.equal(normalise(once).text, once);
        },
      ),
    );
  });
});
