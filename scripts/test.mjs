// `npm test`: everything, from types to the packaged extension in a real VS Code. `node scripts/test.mjs unit` runs one step.
// @ts-check
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { main, root, run, UserError } from './processes.mjs';
import { build, ensureDependencies, seconds } from './setup.mjs';

/**
 * @typedef {object} Step
 * @property {string} title
 * @property {boolean} needsBuild
 * @property {() => Promise<Counts>} run
 *
 * @typedef {{ passed: number, failed: number }} Counts what ran in a step; a check counts as nothing unless it fails
 */

const node = process.execPath;
const modules = path.join(root, 'node_modules');
const tsc = [node, path.join(modules, 'typescript', 'bin', 'tsc')];
// It colours its report even where nobody sees colours.
const colors = process.stdout.isTTY ? [] : ['--colors=off'];
const biome = [node, path.join(modules, '@biomejs', 'biome', 'bin', 'biome')];

/**
 * In the order in which they run: the quick ones, which fail for most reasons, first.
 *
 * @type {Readonly<Record<string, Step>>}
 */
const steps = {
  types: { title: 'Types', needsBuild: false, run: () => checks([...tsc, '-p', '.'], [...tsc, '-p', 'src/webview']) },
  lint: { title: 'Lint and format', needsBuild: false, run: () => checks([...biome, 'ci', ...colors, '.']) },
  unit: {
    title: 'Unit tests',
    needsBuild: true,
    run: async () => mocha([...(await testFiles('test', false)), ...(await unitTestFiles())], 20_000),
  },
  vscode: {
    title: 'Tests inside VS Code',
    needsBuild: true,
    run: async () => script(['test/vscode/run.ts'], await testFiles('test/vscode', false)),
  },
  e2e: {
    title: 'Tests of the user interface',
    needsBuild: true,
    run: async () => mocha(await testFiles('test/vscode/e2e', true), 180_000),
  },
  // Last, for it builds anew, without what the others need.
  package: {
    title: 'Tests of the package',
    needsBuild: false,
    run: async () => script(['test/vscode/run.ts', 'package'], await testFiles('test/vscode/package', true)),
  },
};

await main(async () => {
  const names = process.argv.slice(2);
  const unknown = names.filter((name) => !(name in steps));
  if (unknown.length > 0) {
    throw new UserError(`There is no test step named ${unknown.join(', ')}.`, `Steps are: ${Object.keys(steps).join(', ')}.`);
  }
  await ensureDependencies();
  const counts = await runSteps(
    names.length > 0 ? Object.keys(steps).filter((name) => names.includes(name)) : Object.keys(steps),
  );
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`);
  return counts.failed > 0 ? 1 : 0;
});

/**
 * Runs steps up to the first that fails.
 *
 * @param {readonly string[]} names
 * @returns {Promise<Counts>}
 */
async function runSteps(names) {
  const total = { passed: 0, failed: 0 };
  /** @type {string[]} */
  const times = [];
  let isBuilt = false;
  for (const [index, name] of names.entries()) {
    const step = /** @type {Step} */ (steps[name]);
    process.stdout.write(`\n── ${step.title}\n`);
    const startedAt = performance.now();
    if (step.needsBuild && !isBuilt) await build({ tests: true });
    isBuilt ||= step.needsBuild;
    const { passed, failed } = await step.run();
    total.passed += passed;
    total.failed += failed;
    times.push(`${step.title}: ${failed > 0 ? 'FAILED' : 'ok'}, ${seconds(performance.now() - startedAt)}`);
    if (failed > 0) {
      const rest = names.slice(index + 1).map((other) => steps[other]?.title);
      if (rest.length > 0) times.push(`Not run because of that: ${rest.join(', ')}`);
      times.push(`To repeat it alone: node scripts/test.mjs ${name}`);
      break;
    }
  }
  process.stdout.write(`\n${times.join('\n')}\n`);
  return total;
}

/**
 * Runs programs that check; all of them, for each may find something.
 *
 * @param {...(readonly string[])} commands
 */
async function checks(...commands) {
  const counts = { passed: 0, failed: 0 };
  for (const argv of commands) {
    const { exitCode } = await run(argv);
    if (exitCode !== 0) counts.failed++;
  }
  return counts;
}

/**
 * Runs test files with mocha, in this Node.
 *
 * @param {readonly string[]} files
 * @param {number} timeoutMs for each test
 */
function mocha(files, timeoutMs) {
  const program = path.join(modules, 'mocha', 'bin', 'mocha.js');
  const reporter = path.join(root, 'test', 'support', 'reporter.ts');
  const options = ['--no-config', '--forbid-only', '--timeout', String(timeoutMs), '--reporter', reporter];
  return script([program, ...options, ...files], files);
}

/**
 * Runs a program that records its results (test/support/results.ts), and makes sure that no test file was left out: a file
 * that cannot be loaded may otherwise go by unseen.
 *
 * @param {readonly string[]} argv a TypeScript or JavaScript file, and its arguments
 * @param {readonly string[]} files those of which each has to register a test
 * @returns {Promise<Counts>}
 */
async function script(argv, files) {
  if (files.length === 0) throw new UserError('This step has no test files: the checkout is not complete.');
  const folder = path.join(root, 'test-results');
  const resultsFile = path.join(folder, `results-${process.pid}.json`);
  await mkdir(folder, { recursive: true });
  const env = { ...process.env, VOLLEY_TEST_RESULTS: resultsFile };
  const { exitCode } = await run([node, '--import', 'tsx', ...argv], { env });
  const results = await readFile(resultsFile, 'utf8').then(JSON.parse, () => undefined);
  await rm(resultsFile, { force: true });
  if (!results) {
    process.stdout.write(`\nThe tests ended without results (exit code ${exitCode}): see above for what could not be loaded.\n`);
    return { passed: 0, failed: 1 };
  }
  const missing = files.filter((file) => !results.files.includes(file.replace(/\.ts$/, '')));
  for (const file of missing)
    process.stdout.write(`${file}: none of its tests ran. It registers none, or it could not be loaded.\n`);
  if (results.pending > 0) process.stdout.write(`${results.pending} skipped\n`);
  const failed = results.failed + missing.length;
  return { passed: results.passed, failed: failed === 0 && exitCode !== 0 ? 1 : failed };
}

async function unitTestFiles() {
  const folders = ['core', 'cli', 'webview', 'support', 'bench'].map((name) => testFiles(`test/${name}`, true));
  return (await Promise.all(folders)).flat();
}

/**
 * Test files of a folder, sorted, relative to the checkout, with `/`.
 *
 * @param {string} folder
 * @param {boolean} deep also in the folders below
 */
async function testFiles(folder, deep) {
  const names = await readdir(path.join(root, folder), { recursive: deep }).catch(() => /** @type {string[]} */ ([]));
  return names
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .sort();
}
