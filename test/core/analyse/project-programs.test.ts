import assert from 'node:assert/strict';
import { projectPrograms } from '../../../src/core/analyse/project-programs.js';
import { withWorkspace } from '../../support/workspaces.js';

describe('The programs of a project', () => {
  it('are those that its packages bring, by what is installed and by what they depend on, there and in folders below', async () => {
    const files = {
      'package.json': { scripts: { lint: 'eslint' }, devDependencies: { typescript: '5', vitest: '3', node: '22' } },
      'node_modules/.bin/rimraf': '',
      'node_modules/.bin/node': '',
      'node_modules/eslint/package.json': { scripts: { lint: 'x' } },
      'web/package.json': { scripts: { build: 'vite build' }, dependencies: { vite: '7' } },
      'broken/package.json': '{ "scripts": { "a": "ls" }, ',
    };
    await withWorkspace(files, async ({ folder }) => {
      const { isLocal, scriptsIn } = await projectPrograms(folder);
      const local = (cwd: string) => ['rimraf', 'tsc', 'vitest', 'vite', 'node', 'ls'].filter((program) => isLocal(program, cwd));
      assert.deepEqual(local(''), ['rimraf', 'tsc', 'vitest']);
      assert.deepEqual(local('src/deep'), ['rimraf', 'tsc', 'vitest']);
      assert.deepEqual(local('web'), ['rimraf', 'tsc', 'vitest', 'vite']);
      assert.deepEqual([...scriptsIn('web')], [['build', 'vite build']]);
      assert.deepEqual([...scriptsIn('broken')], [['a', 'ls']]);
      assert.deepEqual([...scriptsIn('nowhere'), ...scriptsIn('node_modules/eslint')], []);
    });
  });
});
