import assert from 'node:assert/strict';
import path from 'node:path';
import { argumentsInScope } from '../../../src/core/scope.js';
import { detected } from '../../support/detected.js';

/** Packages of a workspace by name, with what they depend on, each with a check that looks at everything. */
async function gatesOf(packages: Readonly<Record<string, readonly string[]>>) {
  const manifest = (name: string, needs: readonly string[]) =>
    JSON.stringify({
      name: `@x/${name}`,
      scripts: { types: 'tsc --noEmit' },
      dependencies: Object.fromEntries(needs.map((need) => [`@x/${need}`, 'workspace:*'])),
    });
  return detected({
    'package.json': JSON.stringify({ workspaces: ['packages/*'], devDependencies: { typescript: '*' } }),
    ...Object.fromEntries(
      Object.entries(packages).map(([name, needs]) => [`packages/${name}/package.json`, manifest(name, needs)]),
    ),
    ...Object.fromEntries(Object.keys(packages).map((name) => [`packages/${name}/tsconfig.json`, '{}'])),
  });
}

describe('A gate of a package', () => {
  const check = async (packages: Readonly<Record<string, readonly string[]>>, file: string, expected: readonly string[]) => {
    const gates = await gatesOf(packages);
    const concerned = gates.filter((gate) => {
      const files = [path.join(gate.folder.path, ...file.split('/'))];
      return argumentsInScope(gate, { kind: 'files', files }).kind === 'run';
    });
    assert.deepEqual(concerned.map(({ command, folder }) => path.relative(folder.path, command.cwd)).sort(), expected);
  };

  it('is concerned by what changes in packages that its own depends on, over any number of steps', async () => {
    const packages = { app: ['ui'], ui: ['lib', 'ui'], lib: ['ui'], other: [] };
    const dependent = ['app', 'lib', 'ui'].map((name) => path.join('packages', name));
    await check(packages, 'packages/lib/src/a.ts', dependent);
    await check(packages, 'packages/other/src/a.ts', [path.join('packages', 'other')]);
    await check(packages, 'packages/app/src/a.ts', [path.join('packages', 'app')]);
    await check(packages, 'packages/lib/README.md', []);
  });
});
