// Installs what the checkout needs and builds it. Built-ins only: in a fresh clone this runs first.
// @ts-check
import { createHash } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { excerpt, npm, npmEnvironment, root, run, UserError } from './processes.mjs';

/** The workspace with real tools and known defects on which Volley is shown and tested. */
export const sample = path.join(root, 'test', 'fixtures', 'sample');

const oldestNode = [20, 19];

/**
 * Installs the packages of the checkout and of its sample workspace, where they are missing or not those of the lock file.
 * Takes milliseconds when there is nothing to do.
 */
export async function ensureDependencies() {
  checkNode();
  await ensureInstalled(root, 'Volley');
  await ensureInstalled(sample, 'the sample workspace');
}

/**
 * Builds dist/ anew.
 *
 * @param {{ tests?: boolean, minify?: boolean }} [options]
 */
export async function build(options = {}) {
  const flags = [...(options.tests ? ['--tests'] : []), ...(options.minify ? ['--minify'] : [])];
  const { exitCode, output } = await run([process.execPath, 'esbuild.mjs', ...flags], { capture: true });
  if (exitCode !== 0) throw new UserError(`The build failed (node esbuild.mjs ${flags.join(' ')}):\n${excerpt(output, 60)}`);
  process.stderr.write(output);
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [needMajor = 0, needMinor = 0] = oldestNode;
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return;
  throw new UserError(
    `Volley is built and tested with Node ${oldestNode.join('.')} or newer; this is Node ${process.versions.node}.`,
    'Install a newer Node from https://nodejs.org, or with your version manager, and try again.',
  );
}

/**
 * @param {string} folder
 * @param {string} what
 */
async function ensureInstalled(folder, what) {
  const lockFile = path.join(folder, 'package-lock.json');
  const lock = await readFile(lockFile, 'utf8').catch(() => undefined);
  if (lock === undefined) return;
  const stamp = path.join(folder, 'node_modules', '.volley-installed');
  const hash = createHash('sha256').update(lock).digest('hex');
  if ((await readFile(stamp, 'utf8').catch(() => '')) === hash) return;
  if (!(await isInstalled(folder, lock))) {
    process.stdout.write(`Installing the packages of ${what} (npm ci) … `);
    const startedAt = performance.now();
    const { exitCode, output } = await run(npm('ci', '--no-audit', '--no-fund'), {
      cwd: folder,
      env: npmEnvironment(),
      capture: true,
    });
    if (exitCode !== 0) {
      throw new UserError(
        `npm ci failed in ${folder}:\n${excerpt(output)}`,
        'Check that the npm registry can be reached (npm ping) and that the disk is not full, then run the same command again.',
      );
    }
    process.stdout.write(`${seconds(performance.now() - startedAt)}\n`);
  }
  if (await stat(path.dirname(stamp)).catch(() => undefined)) await writeFile(stamp, hash);
}

/**
 * Whether node_modules already holds exactly what the lock file says: somebody ran `npm ci` or `npm install` by hand, and
 * doing it again would only take time.
 *
 * @param {string} folder
 * @param {string} lock
 */
async function isInstalled(folder, lock) {
  const hidden = await readFile(path.join(folder, 'node_modules', '.package-lock.json'), 'utf8').catch(() => undefined);
  if (hidden === undefined) return false;
  try {
    const wanted = packagesOf(lock);
    const present = packagesOf(hidden);
    const missing = Object.keys(wanted).filter((place) => place !== '' && !present[place] && !isOptional(wanted[place]));
    const wrong = Object.keys(present).filter((place) => present[place]?.version !== wanted[place]?.version);
    return missing.length === 0 && wrong.length === 0;
  } catch {
    return false;
  }
}

/** @typedef {{ version?: string, optional?: boolean, devOptional?: boolean, peer?: boolean }} LockedPackage */

/**
 * @param {string} lock
 * @returns {Record<string, LockedPackage>}
 */
function packagesOf(lock) {
  return JSON.parse(lock).packages ?? {};
}

/** @param {LockedPackage | undefined} entry */
function isOptional(entry) {
  return entry?.optional === true || entry?.devOptional === true || entry?.peer === true;
}

/** @param {number} milliseconds */
export function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
