// `npm run package`: makes volley-<version>.vsix, with nothing in it but what a user of the extension needs. It holds ripgrep for the
// platform it is made on, and is for that platform only.
// @ts-check
import { chmod, copyFile, mkdir, readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
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
  await addRipgrep();
  const vsce = path.join(root, 'node_modules', '@vscode', 'vsce', 'vsce');
  // All dependencies are in the bundles, and what the README links to is in the package.
  const args = [
    'package',
    '--no-dependencies',
    '--allow-missing-repository',
    '--no-rewrite-relative-links',
    '--target',
    platform(),
    '--out',
    target,
  ];
  const { exitCode, output } = await run([process.execPath, vsce, ...args], { capture: true });
  if (exitCode !== 0) throw new UserError(`vsce package failed (exit code ${exitCode}):\n${excerpt(output)}`);
  return target;
}

/** Puts ripgrep of this platform, with its licence, where the bundles look for it. */
async function addRipgrep() {
  const program = process.platform === 'win32' ? 'rg.exe' : 'rg';
  const name = `@vscode/ripgrep-${process.platform}-${process.arch}`;
  const directory = path.join(root, 'dist', 'bin');
  await mkdir(directory, { recursive: true });
  try {
    const { resolve } = createRequire(import.meta.url);
    await copyFile(resolve(`${name}/bin/${program}`), path.join(directory, program));
    await copyFile(path.join(root, 'node_modules', '@vscode', 'ripgrep', 'LICENSE'), path.join(directory, 'LICENSE'));
    await chmod(path.join(directory, program), 0o755);
  } catch (error) {
    throw new UserError(`ripgrep for this platform (${name}) is not installed: ${error}`, 'Run npm ci without --omit=optional.');
  }
}

/** This platform as the marketplace calls it. */
function platform() {
  return `${process.platform}-${process.arch === 'arm' ? 'armhf' : process.arch}`;
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
