import assert from 'node:assert/strict';
import { symlink } from 'node:fs/promises';
import path from 'node:path';
import { packagesLike } from '../../../src/core/gates/workspace-globs.js';
import { slashes } from '../../../src/core/paths.js';
import { type TemporaryFolder, temporaryFolder } from '../../support/folder.js';

describe('The packages that globs of a manifest name', () => {
  let folder: TemporaryFolder;
  const long = `${'a'.repeat(60)}b`;
  before(async () => {
    folder = await temporaryFolder();
    const places = [
      '',
      'apps/web',
      'packages/a',
      'packages/b',
      'packages/b/nested',
      'packages/b/node_modules/x',
      'packages/.hidden',
      'tools',
    ];
    await folder.write(
      Object.fromEntries(
        [...places, `packages/${long}`, '1/2/3/4/5', '1/2/3/4/5/6'].map((place) => [`${place}/package.json`, '{}']),
      ),
    );
    await folder.write({ 'packages/no-package/index.js': '' });
    await symlink(folder.path, path.join(folder.path, 'packages/loop'));
    await symlink(path.join(folder.path, 'packages/a'), path.join(folder.path, 'linked'));
  });
  after(() => folder.dispose());

  const found = async (...globs: readonly string[]) =>
    (await packagesLike(folder.path, globs)).map((directory) => slashes(path.relative(folder.path, directory)));

  const cases: readonly (readonly [readonly string[], readonly string[]])[] = [
    [['packages/*'], ['packages/a', `packages/${long}`, 'packages/b']],
    [['./packages/*/'], ['packages/a', `packages/${long}`, 'packages/b']],
    [
      ['packages/**', '!**/a*'],
      ['packages/b', 'packages/b/nested'],
    ],
    [['!packages/b', 'packages/?'], ['packages/a']],
    [
      ['{apps,packages}/{web,a}', 'tools'],
      ['apps/web', 'packages/a', 'tools'],
    ],
    [['{apps/*,packages/a}'], ['apps/web', 'packages/a']],
    [['**'], ['', '1/2/3/4/5', 'apps/web', 'packages/a', `packages/${long}`, 'packages/b', 'packages/b/nested', 'tools']],
    [['1/2/3/4/5/6'], []],
    [
      ['packages/.hidden', 'linked'],
      ['linked', 'packages/.hidden'],
    ],
    [['not-there/*', 'packages/[', '', '.'], ['']],
    [[], []],
  ];
  for (const [globs, expected] of cases) {
    it(`are found for ${JSON.stringify(globs)}`, async () => {
      assert.deepEqual([...(await found(...globs))].sort(), [...expected].sort());
    });
  }

  it('are found whatever the globs are: none holds the walk', async () => {
    const hostile = [
      `packages/${'*a'.repeat(40)}c`,
      `packages/${'{a,b}'.repeat(40)}`,
      'packages/+(a|aa)c',
      'packages/{1..100000000}',
      '{'.repeat(10_000),
    ];
    assert.deepEqual(await found(...hostile, 'packages/a'), ['packages/a']);
  });
});
