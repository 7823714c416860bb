import assert from 'node:assert/strict';
import {
  type Disk,
  findNodeProgram,
  findOnPath,
  findPythonModule,
  findPythonProgram,
  projectPath,
  realDisk,
} from '../../../src/core/gates/resolve.js';
import { findTool } from '../../../src/core/gates/resolve-tools.js';
import { temporaryFolder } from '../../support/folder.js';

/** A disk of nothing but these files; their texts matter for launchers only. */
function diskOf(files: Readonly<Record<string, string>>): Disk {
  const windows = Object.keys(files).some((file) => file.includes('\\'));
  const same = (a: string, b: string) => (windows ? a.toLowerCase() === b.toLowerCase() : a === b);
  const separator = windows ? '\\' : '/';
  return {
    isProgram: async (file) => Object.keys(files).some((name) => same(name, file)),
    readText: async (file) => Object.entries(files).find(([name]) => same(name, file))?.[1],
    list: async (directory) => {
      const inside = Object.keys(files).filter((name) => name.startsWith(directory + separator));
      return [...new Set(inside.map((name) => name.slice(directory.length + 1).split(separator)[0] ?? ''))];
    },
  };
}

describe('finding programs', () => {
  const posix = (files: readonly string[], env: Record<string, string> = {}) => ({
    cwd: '/home/me/repo/packages/a',
    folder: '/home/me/repo',
    env: { PATH: '/usr/local/bin:relative::/usr/bin', ...env },
    platform: 'linux' as const,
    disk: diskOf(Object.fromEntries(files.map((file) => [file, '']))),
  });

  it('takes the nearest node_modules/.bin, up to beyond the workspace folder, before PATH', async () => {
    const all = [
      '/home/me/repo/packages/a/node_modules/.bin/eslint',
      '/home/me/repo/node_modules/.bin/eslint',
      '/home/node_modules/.bin/eslint',
      '/usr/bin/eslint',
    ];
    for (const [index, expected] of all.entries()) {
      const found = await findNodeProgram('eslint', posix(all.slice(index)));
      assert.deepEqual(found, { argv: [expected], place: expected.startsWith('/usr') ? 'path' : 'project' });
    }
    assert.equal(await findNodeProgram('eslint', posix([])), undefined);
  });

  it('takes node from PATH, whatever node_modules hold, and never from a relative entry of PATH', async () => {
    const found = await findNodeProgram(
      'node',
      posix(['/home/me/repo/node_modules/.bin/node', 'relative/node', '/usr/bin/node']),
    );
    assert.deepEqual(found, { argv: ['/usr/bin/node'], place: 'path' });
  });

  it('takes python programs from .venv, venv, the active environment and PATH, in this order', async () => {
    const all = [
      '/home/me/repo/packages/a/.venv/bin/mypy',
      '/home/me/repo/.venv/bin/mypy',
      '/home/me/repo/venv/bin/mypy',
      '/envs/x/bin/mypy',
      '/usr/bin/mypy',
    ];
    for (const [index, expected] of all.entries()) {
      const found = await findPythonProgram('mypy', 'mypy', posix(all.slice(index), { VIRTUAL_ENV: '/envs/x' }));
      assert.deepEqual(found?.argv, [expected]);
    }
    const above = posix(['/home/me/.venv/bin/mypy']);
    assert.equal(
      await findPythonProgram('mypy', 'mypy', above),
      undefined,
      'an environment above the folder is not the project’s',
    );
  });

  it('runs a module where an environment has it without a program', async () => {
    const files = [
      '/home/me/repo/.venv/bin/python',
      '/home/me/repo/.venv/lib/python3.11/site-packages/mypy/__init__.py',
      '/usr/bin/mypy',
    ];
    assert.deepEqual((await findPythonProgram('mypy', 'mypy', posix(files)))?.argv, [
      '/home/me/repo/.venv/bin/python',
      '-m',
      'mypy',
    ]);
    assert.deepEqual((await findPythonProgram('black', 'black', posix(files)))?.argv, undefined);
    assert.deepEqual((await findPythonModule('mypy', posix(files)))?.argv, ['/home/me/repo/.venv/bin/python', '-m', 'mypy']);
    assert.deepEqual((await findPythonModule('black', posix([...files, '/usr/bin/python3'])))?.argv, [
      '/usr/bin/python3',
      '-m',
      'black',
    ]);
  });

  it('gives tools the PATH that an npm script would have', () => {
    const { PATH } = projectPath(posix([]));
    assert.ok(
      PATH?.startsWith(
        '/home/me/repo/packages/a/node_modules/.bin:/home/me/repo/packages/node_modules/.bin:/home/me/repo/node_modules/.bin:',
      ),
    );
    assert.ok(PATH?.endsWith('/node_modules/.bin:/usr/local/bin:relative::/usr/bin'));
  });

  it('does not take a file that may not be executed, nor a directory', async () => {
    const folder = await temporaryFolder({
      'node_modules/.bin/good': '',
      'node_modules/.bin/directory/x': '',
      'node_modules/.bin/plain/../../x': '',
    });
    await folder.write({ 'bin/tool': '', 'other/tool': '' });
    try {
      const env = { PATH: `${folder.path}/other:${folder.path}/bin` };
      const options = { cwd: folder.path, folder: folder.path, env, disk: realDisk('linux'), platform: 'linux' as const };
      assert.deepEqual((await findNodeProgram('good', options))?.argv, [`${folder.path}/node_modules/.bin/good`]);
      assert.equal(await findNodeProgram('directory', options), undefined);
      assert.deepEqual((await findOnPath('tool', options))?.argv, [`${folder.path}/bin/tool`]);
    } finally {
      await folder.dispose();
    }
  });
});

describe('finding programs on Windows', () => {
  const shim = (target: string) =>
    `@ECHO off\r\nSETLOCAL\r\nIF EXIST "%dp0%\\node.exe" (\r\n  SET "_prog=%dp0%\\node.exe"\r\n)\r\n"%_prog%"  "%dp0%\\${target}" %*\r\n`;
  const windows = (files: Readonly<Record<string, string>>, env: Record<string, string> = {}) => ({
    cwd: 'C:\\repo\\packages\\a',
    folder: 'C:\\repo',
    env: { Path: 'C:\\Tools;"C:\\Program Files\\nodejs"', PathExt: '.COM;.EXE;.BAT;.CMD', ...env },
    platform: 'win32' as const,
    disk: diskOf(files),
  });
  const node = { 'C:\\Program Files\\nodejs\\node.exe': '' };

  it('starts the script behind a launcher with node, never a batch file', async () => {
    const files = {
      'C:\\repo\\node_modules\\.bin\\eslint': '#!/bin/sh',
      'C:\\repo\\node_modules\\.bin\\eslint.cmd': shim('..\\eslint\\bin\\eslint.js'),
      'C:\\repo\\node_modules\\eslint\\bin\\eslint.js': '',
      'C:\\Tools\\node.exe': '',
    };
    const found = await findNodeProgram('eslint', windows(files));
    assert.deepEqual(found, {
      argv: ['C:\\Tools\\node.exe', 'C:\\repo\\node_modules\\eslint\\bin\\eslint.js'],
      place: 'project',
    });
  });

  it('understands launchers of packages whose script has no extension', async () => {
    const files = {
      'C:\\repo\\node_modules\\.bin\\_mocha.cmd': shim('..\\mocha\\bin\\_mocha'),
      'C:\\repo\\node_modules\\mocha\\bin\\_mocha': '',
      'C:\\Tools\\node.exe': '',
    };
    assert.deepEqual((await findNodeProgram('_mocha', windows(files)))?.argv, [
      'C:\\Tools\\node.exe',
      'C:\\repo\\node_modules\\mocha\\bin\\_mocha',
    ]);
  });

  it('starts npm by its script, next to the node that belongs to it', async () => {
    const npm =
      'SET "NODE_EXE=%~dp0\\node.exe"\r\nSET "NPM_CLI_JS=%~dp0\\node_modules\\npm\\bin\\npm-cli.js"\r\n"%NODE_EXE%" "%NPM_CLI_JS%" %*\r\n';
    const files = {
      ...node,
      'C:\\Program Files\\nodejs\\npm.cmd': npm,
      'C:\\Program Files\\nodejs\\node_modules\\npm\\bin\\npm-cli.js': '',
    };
    assert.deepEqual((await findOnPath('npm', windows(files)))?.argv, [
      'C:\\Program Files\\nodejs\\node.exe',
      'C:\\Program Files\\nodejs\\node_modules\\npm\\bin\\npm-cli.js',
    ]);
  });

  it('finds programs by PATHEXT and not without it', async () => {
    assert.deepEqual((await findOnPath('node', windows(node)))?.argv, ['C:\\Program Files\\nodejs\\node.exe']);
    assert.deepEqual((await findOnPath('node.exe', windows(node)))?.argv, ['C:\\Program Files\\nodejs\\node.exe']);
    assert.equal(await findOnPath('node', windows({ 'C:\\Tools\\node': '' })), undefined);
    assert.equal(await findOnPath('node', windows(node, { PathExt: '.CMD' })), undefined);
  });

  it('says that a batch file which starts something else cannot be found', async () => {
    assert.equal(await findOnPath('tool', windows({ ...node, 'C:\\Tools\\tool.cmd': '@echo off\r\nset X=1\r\n' })), undefined);
  });

  it('takes python programs from Scripts', async () => {
    const files = {
      'C:\\repo\\.venv\\Scripts\\mypy.exe': '',
      'C:\\repo\\.venv\\Scripts\\python.exe': '',
      'C:\\repo\\.venv\\Lib\\site-packages\\black\\x.py': '',
    };
    assert.deepEqual((await findPythonProgram('mypy', 'mypy', windows(files)))?.argv, ['C:\\repo\\.venv\\Scripts\\mypy.exe']);
    assert.deepEqual((await findPythonProgram('black', 'black', windows(files)))?.argv, [
      'C:\\repo\\.venv\\Scripts\\python.exe',
      '-m',
      'black',
    ]);
  });

  it('sets PATH under the name that it has', () => {
    assert.deepEqual(Object.keys(projectPath(windows({}))), ['Path']);
  });
});

describe('finding the programs of each ecosystem', () => {
  const home = '/home/me';
  const find = (ecosystem: Parameters<typeof findTool>[0], line: string, files: Readonly<Record<string, string>>) => {
    const [program = '', ...args] = line.split(' ');
    return findTool(
      ecosystem,
      { program, asModule: false, args },
      {
        cwd: '/home/me/repo/app',
        folder: '/home/me/repo',
        env: { PATH: '/usr/bin', HOME: home },
        platform: 'linux',
        disk: diskOf(files),
      },
    );
  };
  const at = (...files: string[]) => Object.fromEntries(files.map((file) => [file, '']));

  it('takes rust and go from PATH, and from where their installers put programs', async () => {
    assert.deepEqual(await find('rust', 'cargo test', at('/home/me/.cargo/bin/cargo')), {
      argv: ['/home/me/.cargo/bin/cargo'],
      place: 'path',
    });
    assert.deepEqual(await find('go', 'staticcheck', at('/home/me/go/bin/staticcheck')), {
      argv: ['/home/me/go/bin/staticcheck'],
      place: 'path',
    });
    assert.deepEqual(await find('go', 'go vet', at('/usr/bin/go', '/home/me/go/bin/go')), {
      argv: ['/usr/bin/go'],
      place: 'path',
    });
  });

  it('takes a subcommand of cargo only with its program', async () => {
    const cargo = '/home/me/.cargo/bin/cargo';
    assert.deepEqual(await find('rust', 'cargo clippy', at(cargo)), {
      place: 'none',
      reason: 'cargo clippy needs the program cargo-clippy, which was not found.',
      install: 'rustup component add clippy',
    });
    const deny = await find('rust', 'cargo deny check', at(cargo));
    assert.equal(deny.place === 'none' && deny.install, 'cargo install cargo-deny');
    assert.equal((await find('rust', 'cargo clippy', at(cargo, `${cargo}-clippy`))).place, 'path');
  });

  it('takes ruby from bin, then through bundler if the gem is locked, then from PATH', async () => {
    const lock = { '/home/me/repo/Gemfile.lock': 'GEM\n  specs:\n    rspec-core (3.13.0)\n    rubocop (1.60.0)\n' };
    const all = { ...lock, ...at('/usr/bin/bundle', '/usr/bin/rubocop', '/home/me/repo/bin/rubocop') };
    assert.deepEqual(await find('ruby', 'rubocop', all), { argv: ['/home/me/repo/bin/rubocop'], place: 'project' });
    const without = { ...lock, ...at('/usr/bin/bundle', '/usr/bin/rubocop') };
    assert.deepEqual(await find('ruby', 'rubocop', without), { argv: ['/usr/bin/bundle', 'exec', 'rubocop'], place: 'project' });
    assert.deepEqual(await find('ruby', 'rspec', without), { argv: ['/usr/bin/bundle', 'exec', 'rspec'], place: 'project' });
    assert.deepEqual(await find('ruby', 'rubocop', at('/usr/bin/bundle', '/usr/bin/rubocop')), {
      argv: ['/usr/bin/rubocop'],
      place: 'path',
    });
    assert.deepEqual(await find('ruby', 'standardrb', without), { place: 'none' });
  });

  it('takes php from vendor/bin and jvm tools from their wrapper before PATH', async () => {
    const php = at('/home/me/repo/vendor/bin/phpunit', '/usr/bin/phpunit');
    assert.deepEqual(await find('php', 'phpunit', php), { argv: ['/home/me/repo/vendor/bin/phpunit'], place: 'project' });
    const jvm = at('/home/me/repo/gradlew', '/usr/bin/gradle', '/usr/bin/mvn');
    assert.deepEqual(await find('jvm', 'gradle check', jvm), { argv: ['/home/me/repo/gradlew'], place: 'project' });
    assert.deepEqual(await find('jvm', 'mvnw verify', jvm), { argv: ['/usr/bin/mvn'], place: 'path' });
    assert.deepEqual(await find('system', 'shellcheck', jvm), { place: 'none' });
  });
});
