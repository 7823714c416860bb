import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Gate } from '../../../src/core/gate-model.js';
import { CI, detected, run, workflow } from '../../support/detected.js';

const manifest = (scripts: Readonly<Record<string, string>>) =>
  JSON.stringify({ scripts, devDependencies: { typescript: '5', mocha: '9', jest: '29', eslint: '9', c8: '9' } });

/** Each gate comes after all that it needs. */
function assertInOrder(gates: readonly Gate[]): void {
  const before = new Set<string>();
  for (const { id, needs } of gates) {
    for (const need of needs) assert.ok(before.has(need), `${id} comes before ${need}`);
    before.add(id);
  }
}

describe('what gates need', () => {
  it('never goes round where one suite in several environments stands before and after the same steps', async () => {
    const zones = ['Pacific/Auckland', 'Europe/London', 'Europe/Paris'].map((zone) => `cross-env TZ=${zone} npm run test-tz`);
    const scripts = { test: [...zones, 'npm run test-tz', 'jest'].join(' && '), 'test-tz': 'node make.js && jest test/tz.test' };
    const gates = await detected({ 'package.json': manifest(scripts), [CI]: workflow('run: npm test') });
    assertInOrder(gates);
    assert.ok(gates.some(({ command }) => command.argv.includes('test/tz.test')));
  });

  it('is no program that only says something', async () => {
    const scripts = { test: 'date && uname -a && jest' };
    const gates = await detected({ 'package.json': manifest(scripts), [CI]: workflow('run: npm test') });
    assert.deepEqual(
      gates.map(({ id, needs }) => [id, needs.length]),
      [['jest', 0]],
    );
  });

  it('comes before it, whatever scripts call each other in whatever order', async () => {
    const names = ['build', 'test', 'lint', 'check', 'test-a', 'test:b', 'generate', 'ci'];
    const call = fc.oneof(
      fc.constantFrom(...names, 'zone', 'zone').map((name) => `npm run ${name}`),
      fc.constantFrom(
        ...[
          'tsc',
          'tsc -p b',
          'rm -rf dist',
          'node make.js',
          './prepare',
          'jest a',
          'jest',
          'mocha',
          'eslint .',
          'touch a.ts',
          'date',
        ],
        ...['c8 mocha', 'c8 report --check-coverage', 'node generate.js && git diff --exit-code', 'rollup -c'],
      ),
    );
    const placed = fc.tuple(fc.constantFrom('', 'cross-env A=1 ', 'cross-env A=2 '), call).map((words) => words.join(''));
    const script = fc.array(placed, { minLength: 1, maxLength: 5 }).map((calls) => calls.join(' && '));
    const scripts = fc.dictionary(fc.constantFrom(...names), script, { minKeys: 1, maxKeys: 6 });
    const steps = fc.array(fc.constantFrom(...names), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(scripts, steps, async (said, called) => {
        const lines = called.map((name) => run(`npm run ${name}`));
        const all = { zone: 'node make.js && jest a', ...said };
        const files = { 'package.json': manifest(all), ...(lines.length > 0 ? { [CI]: workflow(...lines) } : {}) };
        assertInOrder(await detected(files));
      }),
      { numRuns: 100 },
    );
  });
});
