import assert from 'node:assert/strict';
import { chmod, lstat, mkdir, open, readFile, rename, rm, stat, symlink, unlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { openFingerprints } from '../../src/core/fingerprint.js';
import type { Gate, Reads } from '../../src/core/gate-model.js';
import type { CommandInput } from '../../src/core/model.js';
import { plainGate } from '../support/plain-gate.js';
import { inTemporaryDirectory } from '../support/processes.js';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

interface Setup {
  readonly folder: string;
  readonly storage: string;
  readonly outside: string;
  gate(reads?: Partial<Reads>, more?: Partial<Gate>): Gate;
  /** By a new look each time, with contents remembered. */
  key(
    gate: Gate,
    more?: { readonly commands?: readonly CommandInput[]; readonly env?: Record<string, string> },
  ): Promise<string | undefined>;
}

async function withFolder(use: (setup: Setup) => Promise<void>): Promise<void> {
  await inTemporaryDirectory(async (directory) => {
    const folder = path.join(directory, 'folder');
    const storage = path.join(directory, 'storage');
    const outside = path.join(directory, 'outside');
    for (const place of [folder, outside]) await mkdir(place);
    const command: CommandInput = { argv: ['tool', '.'], cwd: folder, env: { A: '1' }, shell: false };
    const gate: Setup['gate'] = (reads = {}, more = {}) =>
      plainGate(folder, { command, reads: { files: ['**'], also: [], env: [], ...reads }, ...more });
    const key: Setup['key'] = async (wanted, { commands = [wanted.command], env = {} } = {}) => {
      const look = openFingerprints({ storage, env, caches: [path.join(folder, 'own')], log: silent });
      const found = await look.of(wanted, commands);
      await look.close();
      return found;
    };
    await use({ folder, storage, outside, gate, key });
  });
}

/** Makes a file look as if it had not been touched for an hour, so that its content may be remembered. */
async function age(file: string): Promise<void> {
  const then = new Date(Date.now() - 3_600_000);
  await utimes(file, then, then);
}

const NAMES = ['a.ts', 'b.ts', 'src/c.ts', 'src/d.txt', '.env'];

/** Each changes something that decides the result. */
const MUTATIONS: Readonly<Record<string, (folder: string, name: string) => Promise<void>>> = {
  edit: async (folder, name) => writeFile(path.join(folder, name), 'something else'),
  'edit that keeps size and time': async (folder, name) => {
    const file = path.join(folder, name);
    const { atime, mtime } = await stat(file);
    const text = await readFile(file, 'utf8');
    await writeFile(file, text === '' ? 'x' : (text[0] === 'x' ? 'y' : 'x') + text.slice(1));
    await utimes(file, atime, mtime);
  },
  rename: async (folder, name) => rename(path.join(folder, name), path.join(folder, `${name}.moved`)),
  delete: async (folder, name) => rm(path.join(folder, name)),
  add: async (folder, name) => writeFile(path.join(folder, `${name}.new`), ''),
  'make it a program': async (folder, name) => chmod(path.join(folder, name), 0o755),
  'replace by a link': async (folder, name) => {
    await unlink(path.join(folder, name));
    await symlink('a.ts', path.join(folder, name));
  },
  'edit what a link leads to': async (folder) => writeFile(path.join(folder, '../outside/file.ts'), 'something else'),
  'edit what lies behind a linked directory': async (folder) => writeFile(path.join(folder, '../outside/dir/a.ts'), 'other'),
  'add what lies behind a linked directory': async (folder) => writeFile(path.join(folder, '../outside/dir/new.ts'), ''),
  'remove what a link leads to': async (folder) => rm(path.join(folder, '../outside/file.ts')),
  'lead a link elsewhere': async (folder) => {
    await unlink(path.join(folder, 'link.ts'));
    await symlink('../outside/dir/a.ts', path.join(folder, 'link.ts'));
  },
  'edit a package that is linked': async (folder) => writeFile(path.join(folder, '../outside/linked/index.ts'), 'other'),
  'let git ignore it': async (folder, name) => writeFile(path.join(folder, '.gitignore'), `${name}\n`),
};

describe('A fingerprint', () => {
  it('is the same for the same state, however it was looked at, and another after any change', async () => {
    const contents = fc.array(fc.string({ maxLength: 20 }), { minLength: NAMES.length, maxLength: NAMES.length });
    const mutation = fc.constantFrom(...Object.keys(MUTATIONS));
    await fc.assert(
      fc.asyncProperty(contents, mutation, fc.constantFrom(...NAMES), fc.boolean(), async (texts, kind, name, settled) => {
        await withFolder(async ({ folder, storage, outside, gate, key }) => {
          await mkdir(path.join(folder, 'src'));
          await mkdir(path.join(folder, 'node_modules'));
          await writeFile(path.join(folder, 'node_modules/.package-lock.json'), '{}');
          for (const name of ['dir', 'linked']) await mkdir(path.join(outside, name));
          for (const name of ['file.ts', 'dir/a.ts', 'linked/index.ts']) await writeFile(path.join(outside, name), 'outside');
          await symlink('../outside/file.ts', path.join(folder, 'link.ts'));
          await symlink('../outside/dir', path.join(folder, 'behind'));
          await symlink('../../outside/linked', path.join(folder, 'node_modules/linked'));
          for (const [index, each] of NAMES.entries()) {
            await writeFile(path.join(folder, each), texts[index] ?? '');
            if (settled) await age(path.join(folder, each));
          }
          const before = await key(gate());
          assert.ok(before);
          assert.equal(await key(gate()), before, 'again');
          await rm(storage, { recursive: true, force: true });
          assert.equal(await key(gate()), before, 'from nothing');
          await MUTATIONS[kind]?.(folder, name);
          assert.notEqual(await key(gate()), before, kind);
        });
      }),
      { numRuns: 160 },
    );
  });

  it('holds the command, the environment, the parser and what else decides', async () => {
    await withFolder(async ({ outside, gate, key }) => {
      const lock = path.join(outside, 'lock.json');
      await writeFile(lock, '1');
      const reads = { also: [lock, path.join(outside, 'absent')], env: ['MODE'] };
      const base = gate(reads);
      const known = new Set([await key(base)]);
      const differs = async (what: string, made: Promise<string | undefined>) => {
        const found = await made;
        assert.ok(found !== undefined && !known.has(found), what);
        known.add(found);
      };
      const { command } = base;
      await differs('argv', key(base, { commands: [{ ...command, argv: ['tool', './'] }] }));
      await differs('argv that runs together', key(base, { commands: [{ ...command, argv: ['tool.', ''] }] }));
      await differs('env of the command', key(base, { commands: [{ ...command, env: { A: '2' } }] }));
      await differs('one command more', key(base, { commands: [command, command] }));
      await differs('variable', key(base, { env: { MODE: 'x' } }));
      await differs('PATH', key(base, { env: { PATH: '/bin' } }));
      await differs('parser', key(gate(reads, { parser: 'eslint' })));
      await differs('exit codes', key(gate(reads, { exitCodes: { passed: [0, 1], failed: [] } })));
      assert.ok(known.has(await key(base, { env: { OTHER: 'x' } })), 'a variable that decides nothing');
      await writeFile(path.join(outside, 'absent'), '');
      await differs('a file that came into being', key(base));
      await writeFile(lock, '2');
      await differs('a lock file', key(base));
    });
  });

  it('leaves out what the gate does not read: other files, what is installed, caches', async () => {
    await withFolder(async ({ folder, gate, key }) => {
      for (const name of ['node_modules', '.git', '.mypy_cache', 'own', 'dist', 'src']) await mkdir(path.join(folder, name));
      await writeFile(path.join(folder, '.gitignore'), 'dist/\nown/\n.mypy_cache\n*.log\n!keep.log\n');
      await writeFile(path.join(folder, 'src/a.ts'), '1');
      await writeFile(path.join(folder, 'node_modules/.package-lock.json'), '{}');
      const typescript = gate({ files: ['**/*.ts'] });
      const [all, some] = [await key(gate()), await key(typescript)];
      for (const name of ['node_modules/x', '.git/x', 'own/x', '.mypy_cache/x', 'src/x.log'])
        await writeFile(path.join(folder, name), 'x');
      assert.equal(await key(gate()), all);
      await writeFile(path.join(folder, 'dist/made.js'), 'x');
      assert.notEqual(await key(gate()), all, 'a test may read what a build has made');
      await writeFile(path.join(folder, 'src/b.css'), 'x');
      assert.notEqual(await key(gate()), all);
      assert.equal(await key(typescript), some);
      await writeFile(path.join(folder, 'keep.log'), 'x');
      assert.notEqual(await key(gate()), all);
      // A configuration above the package of the gate counts, too.
      const inner = gate({ files: ['**/.rc'] }, { command: { ...typescript.command, cwd: path.join(folder, 'src') } });
      const before = await key(inner);
      await writeFile(path.join(folder, '.rc'), 'x');
      assert.notEqual(await key(inner), before);
    });
  });

  it('holds what links lead to, packages that are linked from elsewhere, and those that belong to the repository', async () => {
    await withFolder(async ({ folder, outside, gate, key }) => {
      const packages = path.join(folder, 'node_modules');
      for (const place of [path.join(outside, 'dir/deep'), path.join(outside, 'linked'), packages, path.join(folder, 'conf')])
        await mkdir(place, { recursive: true });
      await mkdir(path.join(folder, 'test/node_modules/fixture'), { recursive: true });
      await writeFile(path.join(packages, '.package-lock.json'), '{}');
      const files = {
        file: path.join(outside, 'file.ts'),
        'file of a directory': path.join(outside, 'dir/deep/a.ts'),
        'linked package': path.join(outside, 'linked/index.ts'),
        'file of another name': path.join(folder, 'conf/text'),
        fixture: path.join(folder, 'test/node_modules/fixture/index.ts'),
      };
      for (const file of Object.values(files)) await writeFile(file, 'before');
      await symlink(files.file, path.join(folder, 'link.ts'));
      await symlink('../outside/dir', path.join(folder, 'dir'));
      await symlink(path.join(outside, 'linked'), path.join(packages, 'linked'));
      await symlink('conf/text', path.join(folder, 'text.ts'));
      await symlink('.', path.join(folder, 'round'));
      await symlink('nowhere', path.join(folder, 'broken.ts'));
      for (const globs of [['**'], ['**/*.ts']]) {
        for (const [what, file] of Object.entries(files)) {
          const before = await key(gate({ files: globs }));
          assert.ok(before);
          assert.equal(await key(gate({ files: globs })), before);
          await writeFile(file, `${await readFile(file, 'utf8')} after`);
          assert.notEqual(await key(gate({ files: globs })), before, `${what} of ${globs}`);
        }
      }
      // What is large is known by what the file system says of it: it is not read, however large.
      const large = path.join(outside, 'dir/large.ts');
      const handle = await open(large, 'w');
      await handle.truncate(3_000_000_000);
      await handle.close();
      const before = await key(gate());
      assert.ok(before);
      await utimes(large, new Date(), new Date());
      assert.notEqual(await key(gate()), before);
      await symlink(path.dirname(path.dirname(folder)), path.join(folder, 'above'));
      assert.equal(await key(gate()), undefined, 'a link to everything around');
    });
  });

  it('holds what git ignores for a tool that does not go by it, and files that are named', async () => {
    await withFolder(async ({ folder, outside, gate, key }) => {
      await writeFile(path.join(folder, '.gitignore'), 'made.ts\n');
      const made = path.join(folder, 'made.ts');
      const elsewhere = path.join(outside, 'x.ts');
      const tool = gate({ files: ['**/*.ts'] });
      const byGit = gate({ files: ['**/*.ts', '**/.gitignore'] });
      const command = { ...tool.command, argv: ['tool', 'made.ts', elsewhere] };
      const keys = async () => [await key(tool), await key(byGit), await key(byGit, { commands: [command] })];
      const state = async (file: string, text: string) => {
        await writeFile(file, text);
        return keys();
      };
      const first = await state(made, 'one');
      const second = await state(made, 'other');
      assert.deepEqual(
        second.map((each, index) => each === first[index]),
        [false, true, false],
      );
      const third = await state(elsewhere, 'one');
      assert.notEqual(third[2], second[2]);
      assert.notEqual((await state(elsewhere, 'other'))[2], third[2]);
      const every = [gate({ files: ['**/*'] }), gate({ files: ['**/*', '**/.gitignore'] })] as const;
      const before = [await key(every[0]), await key(every[1])];
      await writeFile(made, 'a third');
      assert.deepEqual([(await key(every[0])) === before[0], (await key(every[1])) === before[1]], [false, true]);
    });
  });

  it('holds the repository around the folder for a gate that may read anything', async () => {
    await withFolder(async ({ folder, gate, key }) => {
      const above = path.dirname(folder);
      await mkdir(path.join(above, '.git'));
      const before = await key(gate());
      const typescript = await key(gate({ files: ['**/*.ts'] }));
      await writeFile(path.join(above, 'tsconfig.base.json'), '{}');
      assert.notEqual(await key(gate()), before);
      assert.equal(await key(gate({ files: ['**/*.ts'] })), typescript);
    });
  });

  it('holds variables by the start of their names, or all but those of a terminal', async () => {
    await withFolder(async ({ gate, key }) => {
      const tool = gate({ env: ['ESLINT_*'] });
      const none = await key(tool);
      assert.notEqual(await key(tool, { env: { ESLINT_FLAGS: 'x' } }), none);
      assert.equal(await key(tool, { env: { DATABASE: 'x' } }), none);
      const test = gate({ env: ['*'] });
      const bare = await key(test);
      assert.notEqual(await key(test, { env: { DATABASE: 'x' } }), bare);
      assert.equal(await key(test, { env: { TERM: 'x', SHLVL: '3', VSCODE_PID: '7', npm_lifecycle_event: 'test' } }), bare);
      for (const name of ['CHROME_BIN', 'DISPLAY', 'ELECTRON_OVERRIDE_DIST_PATH', 'npm_config_registry'])
        assert.notEqual(await key(test, { env: { [name]: 'x' } }), bare, name);
    });
  });

  it('tells when a file was touched last, also one that is as it was', async () => {
    await withFolder(async ({ folder, storage, gate }) => {
      const touched = async (globs: readonly string[]) => {
        const look = openFingerprints({ storage, env: {}, caches: [], log: silent });
        return look.touched(gate({ files: globs }));
      };
      await writeFile(path.join(folder, 'a.ts'), 'one');
      const { ctimeMs } = await stat(path.join(folder, 'a.ts'));
      assert.equal(await touched(['**/*.ts']), Math.floor(ctimeMs));
      assert.equal(await touched(['**/*.py']), 0);
    });
  });

  it('is not known of a gate that does not say what it reads, nor when something cannot be read', async () => {
    await withFolder(async ({ folder, gate, key }) => {
      const { reads: _reads, ...unknown } = gate();
      assert.equal(await key(unknown), undefined);
      assert.equal(await key({ ...gate(), folder: { name: 'w', path: path.join(folder, 'gone') } }), undefined);
    });
  });

  it('reads a file again that changed just before it was read', async () => {
    await withFolder(async ({ folder, gate, key }) => {
      const file = path.join(folder, 'a.ts');
      await writeFile(file, 'one');
      const first = await key(gate());
      const { atime, mtime, ino } = await stat(file);
      await writeFile(file, 'two');
      await utimes(file, atime, mtime);
      assert.equal((await lstat(file)).ino, ino);
      assert.notEqual(await key(gate()), first);
    });
  });
});
