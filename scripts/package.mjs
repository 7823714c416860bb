// `npm run package`: makes volley-<version>.vsix, with nothing in it but what a user of the extension needs.
// @ts-check
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { excerpt, main, root, run, UserError } from './processes.mjs';
import { build, ensureDependencies } from './setup.mjs';

/**
 * Builds and packages.
 *
 * @param {{ file?: string, tests?: boolean }} [options] `file`: where to, beside package.json when left out; `tests`: builds
 *   the tests, too, which do not go into the package
 * @returns {Promise<string>} the absolute path of the .vsix
 */
export async function makePackage(options = {}) {
  const { name, version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  const target = options.file ?? path.join(root, `${name}-${version}.vsix`);
  await build({ minify: true, tests: options.tests ?? false });
  const vsce = path.join(root, 'node_modules', '@vscode', 'vsce', 'vsce');
  // All dependencies are in the bundles, and what the README links to is in the package.
  const args = ['package', '--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links', '--out', target];
  const { exitCode, output } = await run([process.execPath, vsce, ...args], { capture: true });
  if (exitCode !== 0) throw new UserError(`vsce package failed (exit code ${exitCode}):\n${excerpt(output)}`);
  return target;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(async () => {
    await ensureDependencies();
    const file = await makePackage();
    const { size } = await stat(file);
    process.stdout.write(`${path.relative(process.cwd(), file)} (${Math.round(size / 1024)} kB)\n`);
    return 0;
  });
}
