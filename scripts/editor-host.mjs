// Starts a real VS Code: the server, with extensions loaded, and a browser to look at it. For `npm start` and for the tests.
// @ts-check
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { installBrowser, installServer } from './install-host.mjs';
import { onExit, UserError } from './processes.mjs';

/** @typedef {import('./install-host.mjs').HostVersion} HostVersion */

/**
 * Settings that keep quiet what has nothing to do with the extension: welcome page, chat, galleries, experiments, telemetry.
 *
 * @type {Readonly<Record<string, unknown>>}
 */
export const quietSettings = {
  'chat.agentHost.enabled': false,
  'chat.commandCenter.enabled': false,
  'chat.disableAIFeatures': true,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.gallery.enabled': false,
  'extensions.ignoreRecommendations': true,
  'git.openRepositoryInParentFolders': 'never',
  'npm.autoDetect': 'off',
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'typescript.disableAutomaticTypeAcquisition': true,
  'update.mode': 'none',
  'update.showReleaseNotes': false,
  'window.restoreWindows': 'none',
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
};

/**
 * @typedef {object} ServerOptions
 * @property {HostVersion} version
 * @property {readonly string[]} [extensions] folders of unpacked extensions, loaded as if they were installed
 * @property {readonly string[]} [packages] .vsix files to install
 * @property {Readonly<Record<string, unknown>>} [settings] user settings, over `quietSettings`
 * @property {Readonly<Record<string, string>>} [env] added to the environment of the extension host
 * @property {boolean} [testDriver] lets an address carry `extensionDevelopmentPath` and `extensionTestsPath`; hides notifications
 * @property {number} [port] a free one unless given
 */

/**
 * @typedef {object} Server
 * @property {string} authority host and port
 * @property {string} dataFolder everything it writes is in here and goes with it
 * @property {() => string} output what it wrote to its terminal
 * @property {Promise<void>} ended resolves when it has ended, by itself or by `stop`
 * @property {() => Promise<void>} stop ends it with all its processes and removes its data; also done when this process ends
 */

/**
 * Installs a VS Code server where needed and starts it, on this machine's loopback address only.
 *
 * @param {ServerOptions} options
 * @returns {Promise<Server>}
 */
export async function startServer(options) {
  const host = await installServer(options.version);
  const { folder: dataFolder, remove } = await temporaryFolder('volley-host-');
  try {
    const extensionsFolder = await prepareData(host, dataFolder, options);
    const started = await spawnServer(host, dataFolder, extensionsFolder, options);
    return {
      ...started,
      dataFolder,
      stop: async () => {
        await started.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/**
 * The address of a workbench.
 *
 * @param {Server} server
 * @param {string} folder the workspace
 * @param {readonly (readonly [string, string])[]} [payload] understood by a server with `testDriver`
 */
export function serverUrl(server, folder, payload) {
  const url = new URL(`http://${server.authority}/`);
  url.searchParams.set('folder', folder);
  if (payload) url.searchParams.set('payload', JSON.stringify(payload));
  return url.href;
}

/**
 * Names a file of this machine to the workbench in the browser.
 *
 * @param {Server} server
 * @param {string} file
 */
export function remotePath(server, file) {
  return `vscode-remote://${server.authority}${file}`;
}

/** Starts a headless browser; installs one where needed. Close it with `close()`; it also ends with this process. */
export async function launchBrowser() {
  const executablePath = await installBrowser();
  const { chromium } = await import('playwright-core');
  const args = [
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-extensions',
    '--disable-gpu',
    '--disable-quic',
    '--disable-sync',
    '--no-first-run',
    // Chromium's sandbox refuses to work for root, as which containers run.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ];
  // Chromium leaves files behind when it is killed.
  const { folder, remove } = await temporaryFolder('volley-browser-');
  const env = { ...process.env, TMPDIR: folder };
  try {
    const browser = await chromium.launch({ executablePath, args, env, headless: true });
    browser.once('disconnected', () => void remove());
    return browser;
  } catch (error) {
    await remove();
    throw error;
  }
}

/**
 * Fills the data folder: settings, and the extensions.
 *
 * @param {string} host
 * @param {string} dataFolder
 * @param {ServerOptions} options
 */
async function prepareData(host, dataFolder, options) {
  const user = path.join(dataFolder, 'data', 'User');
  const extensionsFolder = path.join(dataFolder, 'extensions');
  await mkdir(user, { recursive: true });
  await mkdir(extensionsFolder);
  await writeFile(path.join(user, 'settings.json'), JSON.stringify({ ...quietSettings, ...options.settings }, null, 2));
  for (const folder of options.extensions ?? []) {
    const { publisher, name, version } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
    await symlink(path.resolve(folder), path.join(extensionsFolder, `${publisher}.${name}-${version}`), 'dir');
  }
  for (const file of options.packages ?? []) await installPackage(host, dataFolder, extensionsFolder, file);
  return extensionsFolder;
}

/**
 * @param {string} host
 * @param {string} dataFolder
 * @param {string} extensionsFolder
 * @param {string} file
 */
async function installPackage(host, dataFolder, extensionsFolder, file) {
  const child = spawnHost(
    host,
    ['--server-data-dir', dataFolder, '--extensions-dir', extensionsFolder, '--install-extension', file],
    {},
  );
  const exitCode = await new Promise((resolve) => {
    child.process.once('close', resolve).once('error', () => resolve(127));
  });
  if (exitCode !== 0) throw new UserError(`VS Code could not install ${file} (exit code ${exitCode}):\n${child.output()}`);
}

/**
 * @param {string} host
 * @param {string} dataFolder
 * @param {string} extensionsFolder
 * @param {ServerOptions} options
 */
async function spawnServer(host, dataFolder, extensionsFolder, options) {
  const args = [
    ...['--host', '127.0.0.1', '--port', String(options.port ?? 0), '--without-connection-token'],
    ...['--server-data-dir', dataFolder, '--extensions-dir', extensionsFolder],
    '--accept-server-license-terms',
    '--disable-experiments',
    '--disable-getting-started-override',
    '--disable-telemetry',
    '--disable-update-check',
    // How long an extension host outlives its window.
    ...['--reconnection-grace-time', '5'],
    ...(options.testDriver ? ['--enable-smoke-test-driver'] : []),
  ];
  // Where its sockets and its extensions' temporary files go, which it would leave behind. The names of sockets get too long on a Mac.
  const places = process.platform === 'linux' ? { XDG_RUNTIME_DIR: dataFolder, TMPDIR: dataFolder } : {};
  const child = spawnHost(host, args, { ...places, ...options.env });
  /** @type {Promise<void>} */
  const ended = new Promise((resolve) => child.process.once('close', () => resolve()));
  const kill = (/** @type {NodeJS.Signals} */ signal) => killGroup(child.process.pid, signal);
  const forget = onExit(() => kill('SIGKILL'));
  const stop = async () => {
    kill('SIGTERM');
    const timer = setTimeout(() => kill('SIGKILL'), 5_000);
    await ended;
    clearTimeout(timer);
    kill('SIGKILL');
    forget();
  };
  try {
    return { authority: `127.0.0.1:${await listening(child)}`, output: child.output, ended, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Waits for the port on which the server listens.
 *
 * @param {ReturnType<typeof spawnHost>} child
 * @returns {Promise<string>}
 */
function listening(child) {
  return new Promise((resolve, reject) => {
    const fail = (/** @type {string} */ why) => reject(new UserError(`The VS Code server ${why}. It wrote:\n${child.output()}`));
    const timer = setTimeout(() => fail('did not start within 60 s'), 60_000);
    child.process.once('close', (exitCode) => fail(`ended with exit code ${exitCode}`));
    child.process.once('error', (error) => fail(`could not be started: ${error.message}`));
    const look = () => {
      const port = /Extension host agent listening on (\d+)/.exec(child.output())?.[1];
      if (!port) return;
      clearTimeout(timer);
      child.process.stdout.off('data', look);
      resolve(port);
    };
    child.process.stdout.on('data', look);
  });
}

/**
 * Starts the server's program in a process group of its own.
 *
 * @param {string} host
 * @param {readonly string[]} args
 * @param {Readonly<Record<string, string>>} env
 */
function spawnHost(host, args, env) {
  // What an editor around this terminal set would reach into the one that is started here.
  const inherited = Object.entries(process.env).filter(([name]) => !/^(VSCODE_|ELECTRON_|NODE_OPTIONS$)/.test(name));
  const child = spawn(path.join(host, 'node', 'bin', 'node'), [path.join(host, 'vscode', 'out', 'server-main.js'), ...args], {
    cwd: host,
    env: { ...Object.fromEntries(inherited), EXTENSIONS_GALLERY: 'null', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output = (output + text).slice(-100_000);
    });
  }
  return { process: child, output: () => output };
}

/**
 * @param {number | undefined} pid
 * @param {NodeJS.Signals} signal
 */
function killGroup(pid, signal) {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody of the group is left.
  }
}

/**
 * Makes an empty folder for temporary files. It goes when this process ends, or earlier with `remove`.
 *
 * @param {string} prefix
 */
export async function temporaryFolder(prefix) {
  // The real path: VS Code compares paths, and the temporary folder of macOS is behind a link.
  const folder = await realpath(await mkdtemp(path.join(os.tmpdir(), prefix)));
  const forget = onExit(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return {
    folder,
    remove: async () => {
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
      forget();
    },
  };
}
