/** Runs the suite inside VS Code: `node --import tsx test/vscode/run.ts [package]`. On the desktop where that is possible. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { temporaryFolder } from '../../scripts/editor-host.mjs';
import { hostVersions, serverIsSupported } from '../../scripts/install-host.mjs';
import { makePackage } from '../../scripts/package.mjs';
import { main, root, UserError } from '../../scripts/processes.mjs';
import { noResults, readResults, reportResults, resultsEnvironment, sumResults, type TestResults } from '../support/results.js';
import { copySample } from '../support/sample.js';
import { runSuiteInServer } from '../support/suite-host.js';

const SUITES = path.join(root, 'dist', 'test', 'vscode');
const COLOR = process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined;

await main(async () => {
  const results = process.argv[2] === 'package' ? await testPackage() : await testSource();
  const total = sumResults(results);
  await reportResults(total);
  return total.failed > 0 ? 1 : 0;
});

/** The extension as it lies in the checkout. */
async function testSource(): Promise<readonly TestResults[]> {
  const results: TestResults[] = [];
  const desktop = await desktopVersions();
  for (const version of desktop) {
    results.push(await inCopy(`VS Code ${version} (desktop)`, (folder) => runOnDesktop(version, folder)));
  }
  for (const version of desktop.length > 0 ? [] : hostVersions) {
    const suite = path.join(SUITES, 'index.cjs');
    const run = (folder: string) => runSuiteInServer({ version, suite, extensions: [root], folder, color: COLOR });
    results.push(await inCopy(`VS Code ${version.vscode} (server, Node ${version.node})`, run));
  }
  return results;
}

/** The extension as a user installs it. VS Code runs tests for an extension under development only, so an empty one stands in. */
async function testPackage(): Promise<readonly TestResults[]> {
  const scratch = await temporaryFolder('volley-package-');
  try {
    const extension = path.join(scratch.folder, 'stand-in');
    await mkdir(extension);
    const manifest = { publisher: 'volley', name: 'stand-in', version: '0.0.0', engines: { vscode: '^1.105.0' } };
    await writeFile(path.join(extension, 'package.json'), JSON.stringify(manifest));
    const file = await makePackage({ file: path.join(scratch.folder, 'volley.vsix'), tests: true });
    const results: TestResults[] = [];
    for (const version of hostVersions) {
      const suite = path.join(SUITES, 'package', 'index.cjs');
      const run = (folder: string) =>
        runSuiteInServer({ version, suite, extensions: [extension], packages: [file], folder, color: COLOR });
      results.push(await inCopy(`The package in VS Code ${version.vscode} (server, Node ${version.node})`, run));
    }
    return results;
  } finally {
    await scratch.remove();
  }
}

/** Runs on a fresh copy of the sample, and says how it went. */
async function inCopy(name: string, run: (folder: string) => Promise<TestResults>): Promise<TestResults> {
  process.stdout.write(`\n${name}\n`);
  const workspace = await copySample();
  try {
    const results = await run(workspace.folder);
    process.stdout.write(`${name}: ${results.passed} passed, ${results.failed} failed\n`);
    return results;
  } finally {
    await workspace.remove();
  }
}

/** Which desktop VS Code to run on; empty for the server. A path, or versions to download. */
async function desktopVersions(): Promise<readonly string[]> {
  const named = process.env['VOLLEY_VSCODE'];
  if (named) return [named];
  const versions = [hostVersions[0].vscode, 'stable'];
  if (process.env['VOLLEY_VSCODE_DOWNLOAD'] === '1') return versions;
  const hasDisplay = process.platform !== 'linux' || process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY'];
  if (hasDisplay && process.env['VOLLEY_VSCODE_DOWNLOAD'] !== '0' && (await canDownload())) return versions;
  if (serverIsSupported()) return [];
  throw new UserError('There is no VS Code to test in: none can be downloaded.', 'Name the executable of one in VOLLEY_VSCODE.');
}

async function canDownload(): Promise<boolean> {
  const address = 'https://update.code.visualstudio.com/api/releases/stable';
  return fetch(address, { signal: AbortSignal.timeout(3_000) }).then(
    (response) => response.ok,
    () => false,
  );
}

/** `version`: a number, `stable`, or the path of an executable. */
async function runOnDesktop(version: string, folder: string): Promise<TestResults> {
  const { runTests } = await import('@vscode/test-electron');
  const scratch = await temporaryFolder('volley-desktop-');
  try {
    const file = path.join(scratch.folder, 'results.json');
    const settings = [
      '--user-data-dir',
      path.join(scratch.folder, 'data'),
      '--extensions-dir',
      path.join(scratch.folder, 'extensions'),
    ];
    const ended = await runTests({
      ...(path.isAbsolute(version) ? { vscodeExecutablePath: version } : { version }),
      cachePath: path.join(root, '.vscode-test'),
      extensionDevelopmentPath: root,
      extensionTestsPath: path.join(SUITES, 'index.cjs'),
      extensionTestsEnv: { ...resultsEnvironment(file), VOLLEY_TEST_COLOR: COLOR ? '1' : '0' },
      launchArgs: [folder, ...settings, '--disable-workspace-trust', '--disable-updates', '--skip-welcome'],
    }).catch((error: unknown) => error);
    const results = await readResults(file);
    if (results) return results;
    process.stderr.write(`${ended}\n`);
    return { ...noResults, failed: 1 };
  } finally {
    await scratch.remove();
  }
}
