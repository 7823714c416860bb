import assert from 'node:assert/strict';
import { mkdir, realpath, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { KEPT_CACHES } from '../../src/core/gates/kept-caches.js';
import { PRESETS } from '../../src/core/gates/presets.js';
import { existingCaches } from '../../src/core/tool-caches.js';
import { inTemporaryDirectory } from '../support/processes.js';

/** Which caches are named, of commands that are lines for a shell or program and arguments, where these paths exist. */
async function named(
  commands: readonly (string | readonly string[])[],
  exist: readonly string[],
  more: { readonly locks?: readonly string[]; readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } = {},
): Promise<readonly string[]> {
  let found: readonly string[] = [];
  await inTemporaryDirectory(async (directory) => {
    const root = path.join(await realpath(directory), 'work (space)');
    const user = path.join(root, '..', 'user');
    for (const each of exist) {
      const file = path.join(root, each);
      await mkdir(path.dirname(file), { recursive: true });
      if (each.endsWith('/')) await mkdir(file, { recursive: true });
      else await writeFile(file, each.endsWith('package.json') ? JSON.stringify({ scripts: { check: 'tsc -p .' } }) : '');
    }
    await mkdir(path.join(root, more.cwd ?? ''), { recursive: true });
    const folder = { name: 'w', path: root };
    const users = commands.map((command) => ({
      ...{ folder, locks: (more.locks ?? []).map((lock) => lock.replace('ROOT', root)) },
      command: {
        ...{ cwd: path.join(root, more.cwd ?? ''), env: {} },
        argv: (typeof command === 'string' ? [command] : command).map((word) => word.replace('ROOT', root)),
        shell: typeof command === 'string',
      },
    }));
    found = await existingCaches(users, { XDG_CACHE_HOME: user, ...more.env });
  });
  return found;
}

describe('Caches of tools', () => {
  const cases: readonly (readonly [string, Parameters<typeof named>, readonly string[]])[] = [
    ['are named where they exist', [['eslint src'], ['.eslintcache']], ['.eslintcache']],
    ['are not named where they do not', [['eslint src'], ['src/a.js']], []],
    ['are not named of tools that nothing starts', [['mocha'], ['.eslintcache', '.mypy_cache/']], []],
    [
      'are named of each program of a line, also behind one that nobody knows',
      [['unheard-of && npx tsc -p . | tee log && mypy .'], ['tsconfig.tsbuildinfo', 'other.tsbuildinfo', '.mypy_cache/']],
      ['.mypy_cache', 'other.tsbuildinfo', 'tsconfig.tsbuildinfo'],
    ],
    [
      'are named where the command stands',
      [['pytest'], ['.pytest_cache/', 'packages/a/.pytest_cache/'], { cwd: 'packages/a' }],
      ['packages/a/.pytest_cache'],
    ],
    [
      'are named where a line goes to',
      [['cd packages/a && ruff check .'], ['packages/a/.ruff_cache/']],
      ['packages/a/.ruff_cache'],
    ],
    [
      'are named of what a script of a package starts',
      [['npm run check'], ['package.json', 'tsconfig.tsbuildinfo']],
      ['tsconfig.tsbuildinfo'],
    ],
    [
      'are named of a tool that is started by its file',
      [
        [
          ['ROOT/node_modules/.bin/prettier', '--check', '.'],
          ['node', 'ROOT/node_modules/eslint/bin/eslint.js', '.'],
        ],
        ['node_modules/.cache/prettier/x', '.eslintcache'],
      ],
      ['.eslintcache', 'node_modules/.cache/prettier'],
    ],
    ['are named of a module of Python', [[['python3', '-m', 'mypy', '.']], ['.mypy_cache/']], ['.mypy_cache']],
    [
      'are named where a variable puts them',
      [['ruff check .'], ['elsewhere/x', '.ruff_cache/'], { env: { RUFF_CACHE_DIR: 'elsewhere' } }],
      ['elsewhere'],
    ],
    ['are named once, however many start the tool', [['eslint a', 'eslint b'], ['.eslintcache']], ['.eslintcache']],
    [
      'are what gates lock, which are paths, but no other lock',
      [['true'], ['target/x'], { locks: ['ROOT/target', 'database', '/not/there'] }],
      ['target'],
    ],
  ];
  for (const [title, given, expected] of cases)
    it(title, async () => {
      assert.deepEqual(await named(...given), expected);
    });

  it('outside of the workspace are named by their place', async () => {
    const [found, ...others] = await named(['go vet ./...'], ['../user/go-build/x']);
    assert.match(found ?? '', /\/user\/go-build$/);
    assert.deepEqual(others, []);
  });

  it('are known of presets that there are', () => {
    const ids = new Set(PRESETS.map(({ id }) => id));
    assert.deepEqual(
      Object.keys(KEPT_CACHES).filter((id) => !ids.has(id)),
      [],
    );
  });
});
