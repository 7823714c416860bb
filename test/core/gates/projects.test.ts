import assert from 'node:assert/strict';
import { CI, detected, workflow } from '../../support/detected.js';

/** The commands of the gates of a workspace of nx with these scripts, in which CI runs these lines. */
async function found(scripts: Readonly<Record<string, string>>, ...lines: readonly string[]): Promise<readonly string[]> {
  const gates = await detected({
    'package.json': JSON.stringify({ scripts, devDependencies: { nx: '22' } }),
    'nx.json': '{}',
    'libs/a/project.json': '{ "name": "a", "targets": { "lint": { "executor": "@nx/eslint:lint" } } }',
    [CI]: workflow(...lines.map((line) => `run: ${line}`)),
  });
  return gates.map(({ command }) => command.argv.join(' ').replace(/^\S*\/(?=\w+ )/, ''));
}

describe('What CI starts by a runner of projects', () => {
  it('is a check as CI calls it, whatever it builds besides', async () => {
    assert.deepEqual(await found({}, 'npx nx run-many -t lint test build'), ['nx run-many -t lint test build']);
    assert.deepEqual(await found({}, 'yarn nx affected --base=$BASE -t lint,test,build --parallel 4'), [
      'nx affected -t lint,test,build --parallel 4',
    ]);
    assert.deepEqual(await found({}, 'npx nx affected --target=test --base=origin/main'), [
      'nx affected --target=test --base=origin/main',
    ]);
    assert.deepEqual(await found({}, 'npx nx affected -t deploy', 'npx nx run-many -t build serve'), []);
  });

  it('is not what a script does that starts other targets by it', async () => {
    assert.deepEqual(await found({ 'lint:docs': 'nx run docs:lint-prose' }, 'npx nx run-many -t lint test'), [
      'npm run lint:docs',
      'nx run-many -t lint test',
    ]);
  });

  it('stands for scripts that start no more than that', async () => {
    const scripts = {
      lint: 'nx run-many -t lint',
      'affected:test': 'nx affected:test',
      e2e: 'nx e2e',
      test: 'nx run-many -t test && ./more',
    };
    assert.deepEqual(await found(scripts, 'npx nx affected -t lint test'), [
      'npm run e2e',
      'npm run test',
      'nx affected -t lint test',
    ]);
  });

  it('may be told to a script that only names the runner', async () => {
    assert.deepEqual(
      await found({ nx: 'nx', affected: 'nx affected' }, 'yarn nx run-many -t test', 'npm run affected -- -t lint'),
      ['nx affected -t lint', 'nx run-many -t test'],
    );
  });
});
