/** What a batch concludes of scripts: from the package.json that counts, as it will be when the script runs. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { packageLookup } from '../../../src/core/batch/package-scripts.js';
import { type BatchWorld, batchWorld } from '../../support/batch-world.js';
import { type TemporaryFolder, temporaryFolder } from '../../support/folder.js';

const PACKAGE = JSON.stringify({
  scripts: { test: 'mocha', lint: 'eslint .', build: 'tsc --outDir dist', fix: 'prettier --write .', own: 'node own.js', touch: 'touch touched' },
}); // biome-ignore format: short

describe('The scripts of a package', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await temporaryFolder({ 'package.json': PACKAGE, 'a/package.json': '{"scripts": {"x": "y", "odd": 3}}', 'a/src/deep/x.ts': '' });
  }); // biome-ignore format: short
  afterEach(() => folder.dispose());
  const at = (name: string) => {
    const found = packageLookup({ name: 'w', path: folder.path })(path.join(folder.path, name));
    return found && `${path.relative(folder.path, found.directory)}: ${Object.keys(found.scripts).join(' ')}`;
  };

  it('are those of the nearest package.json, within the workspace', () => {
    assert.equal(at('a/src/deep'), 'a: x');
    assert.equal(at('.'), ': test lint build fix own touch');
    mkdirSync(path.join(folder.path, 'b'));
    assert.equal(at('b'), ': test lint build fix own touch');
    assert.equal(at('nowhere'), undefined);
    assert.equal(at('..'), undefined);
  });

  it('are not known where the file is broken, large, a link or no file, or where another shell runs them', async () => {
    for (const text of ['{', '[]', 'null', '3', '{"scripts": 3}', `{"scripts": {}, "x": "${'x'.repeat(1_000_001)}"}`]) {
      await folder.write({ 'a/package.json': text });
      if (text !== '[]') assert.equal(at('a'), undefined, text.slice(0, 30));
    }
    await folder.write({ 'a/package.json': '\uFEFF{"scripts": {"x": "y", "__proto__": "z"}}' });
    assert.equal(at('a'), 'a: x __proto__');
    mkdirSync(path.join(folder.path, 'c/package.json'), { recursive: true });
    assert.equal(at('c'), undefined);
    mkdirSync(path.join(folder.path, 'd'));
    symlinkSync('../package.json', path.join(folder.path, 'd/package.json'));
    assert.equal(at('d'), undefined);
    symlinkSync('/etc', path.join(folder.path, 'out'));
    assert.equal(at('out'), undefined);
    mkdirSync(path.join(folder.path, 'e/node_modules'), { recursive: true });
    assert.equal(at('e'), undefined);
    writeFileSync(path.join(folder.path, '.npmrc'), 'script-shell = fish\n');
    assert.equal(at('.'), undefined);
  });
});

describe('A batch with scripts', () => {
  let world: BatchWorld;
  before(() => {
    world = batchWorld();
  });
  after(() => world.dispose());
  const sh = (id: string, shell: string, more: object = {}) => ({ id, tool: 'command', input: { shell }, ...more });

  /** Pairs that must not overlap, and which are barriers. */
  async function planned(operations: readonly unknown[], tree: Readonly<Record<string, string>> = { 'package.json': PACKAGE }) {
    const result = await world.plan(JSON.stringify({ operations }), tree);
    assert.ok(result.kind === 'batch', JSON.stringify(result));
    const { plan } = result.batch;
    return {
      edges: plan.edges.map(({ from, to }) => `${from} ${to}`),
      barriers: plan.operations.filter(({ access }) => access.barrier).map(({ id }) => id as string),
    };
  }

  it('runs those at the same time that share no file, and none of them while it is planned', async () => {
    const { edges, barriers } = await planned([sh('test', 'npm test'), sh('lint', 'npm run lint'), sh('touch', 'npm run touch')]);
    assert.deepEqual([edges, barriers], [['test touch', 'lint touch'], []]);
    assert.ok(!existsSync(path.join(world.folder, 'touched')));
    assert.equal(readFileSync(path.join(world.folder, 'package.json'), 'utf8'), PACKAGE);
  });

  it('runs alone what nobody knows', async () => {
    assert.deepEqual((await planned([sh('own', 'npm run own'), sh('none', 'npm run none'), sh('lint', 'npm run lint')])).barriers, [
      'own',
      'none',
      // Who knows what its scripts are by then.
      'lint',
    ]); // biome-ignore format: short
  });

  it('concludes nothing from a package.json that something before may change, and all from one that something behind changes', async () => {
    const change = { id: 'change', tool: 'write', input: { path: 'package.json', content: '{}' } };
    assert.deepEqual((await planned([change, sh('test', 'npm test')])).barriers, ['test']);
    assert.deepEqual(await planned([sh('test', 'npm test'), change]), { edges: ['test change'], barriers: [] });
    assert.deepEqual((await planned([sh('test', 'npm test', { needs: ['change'] }), change])).barriers, ['test']);
    assert.deepEqual((await planned([sh('sed', 'sed -i s/mocha/make/ package.json'), sh('test', 'npm test')])).barriers, [
      'test',
    ]);
    assert.deepEqual(
      (await planned([sh('fix', 'npm run fix'), sh('test', 'npm test'), sh('lint', 'npm run lint')])).barriers,
      [],
    );
  });
});
