/** Runs a bundled mocha suite inside the extension host of a VS Code server, with a headless browser as its window. */
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import {
  type HostVersion,
  launchBrowser,
  remotePath,
  type Server,
  serverUrl,
  startServer,
  temporaryFolder,
} from '../../scripts/editor-host.mjs';
import { root, UserError } from '../../scripts/processes.mjs';
import { LINE_MARK, readResults, resultsEnvironment, type TestResults } from './results.js';

export interface SuiteOptions {
  readonly version: HostVersion;
  /** Absolute path of the module that exports `run()`. */
  readonly suite: string;
  /** Absolute paths of the folders of the extensions under development. */
  readonly extensions: readonly string[];
  /** .vsix files to install before. */
  readonly packages?: readonly string[];
  /** Absolute path of the workspace. */
  readonly folder: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly color?: boolean;
  readonly timeoutMs?: number;
}

/** Resolves with the results; what the suite writes to its console goes to the terminal as it comes. Rejects when there are none. */
export async function runSuiteInServer(options: SuiteOptions): Promise<TestResults> {
  const scratch = await temporaryFolder('volley-suite-');
  const resultsFile = path.join(scratch.folder, 'results.json');
  try {
    const { version, packages = [], settings = {} } = options;
    const env = {
      ...resultsEnvironment(resultsFile),
      VOLLEY_TEST_LINE_MARK: LINE_MARK,
      VOLLEY_TEST_COLOR: options.color ? '1' : '0',
    };
    const server = await startServer({ version, packages, settings, env, testDriver: true });
    try {
      const browser = await launchBrowser();
      try {
        const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
        await watch(page, server, options);
      } finally {
        await browser.close();
      }
    } finally {
      await server.stop();
    }
    const results = await readResults(resultsFile);
    if (!results)
      throw new UserError(
        `The suite ended without results: one of its files could not be loaded. See test-results/suite-${version.vscode}.log.`,
      );
    return results;
  } finally {
    await scratch.remove();
  }
}

/** Opens the workbench and waits for the suite to end. */
async function watch(page: Page, server: Server, options: SuiteOptions): Promise<void> {
  try {
    await page.exposeFunction('codeAutomationLog', await openLog(options.version));
    const ended = suiteEnd(page, server, options.timeoutMs ?? 300_000);
    await Promise.all([ended, page.goto(serverUrl(server, options.folder, payloadOf(server, options)))]);
  } catch (error) {
    await keepPicture(page, options.version);
    throw error;
  }
}

/** Resolves when the extension host reports the end of the suite; rejects when it no longer can. */
function suiteEnd(page: Page, server: Server, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const give = (why: string) => reject(new Error(`${why}\nThe server wrote:\n${server.output()}`));
    const timer = setTimeout(() => give(`The suite did not end within ${timeoutMs / 1000} s.`), timeoutMs);
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    page.on('crash', () => give('The page of the workbench crashed.'));
    void server.ended.then(() => give('The VS Code server ended before the suite.'));
    page.exposeFunction('codeAutomationExit', end).catch(reject);
  });
}

function payloadOf(server: Server, options: SuiteOptions): [string, string][] {
  return [
    ...options.extensions.map((folder): [string, string] => ['extensionDevelopmentPath', remotePath(server, folder)]),
    ['extensionTestsPath', remotePath(server, options.suite)],
  ];
}

/** Sorts out what the window says: lines of the suite go to the terminal, all others only into a file. */
async function openLog(version: HostVersion) {
  const file = path.join(root, 'test-results', `suite-${version.vscode}.log`);
  await mkdir(path.dirname(file), { recursive: true });
  const stream = createWriteStream(file);
  return (type: string, args: readonly unknown[]) => {
    const [first = '', ...more] = args.map((arg) => (typeof arg === 'string' ? arg : JSON.stringify(arg)));
    if (first.startsWith(LINE_MARK)) process.stdout.write(`${[first.slice(LINE_MARK.length), ...more].join(' ')}\n`);
    else stream.write(`[${type}] ${[first, ...more].join(' ')}\n`);
  };
}

async function keepPicture(page: Page, version: HostVersion): Promise<void> {
  const file = path.join(root, 'test-results', `suite-${version.vscode}.png`);
  await mkdir(path.dirname(file), { recursive: true });
  await page.screenshot({ path: file }).then(
    () => process.stderr.write(`The window at that moment: ${file}\n`),
    () => {},
  );
}
