// `npm run claims`: from a fresh clone to claims about parallel execution, each measured with real waiting (bench/claims/README.md).
// @ts-check
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { main, root, UserError } from './processes.mjs';
import { build, ensureDependencies } from './setup.mjs';

await main(async () => {
  if (process.platform === 'win32')
    throw new UserError('What stands in for slow tools are programs of a Unix shell.', 'Run it on Linux or macOS.');
  await ensureDependencies();
  await build({ minify: true });
  const { runClaims } = await import(pathToFileURL(await bundle()).href);
  await runClaims(process.argv.slice(2));
  return Number(process.exitCode ?? 0);
});

/**
 * Bundles the suite with the engine, as the engine is shipped. From source it runs in a process with a compiler in it, and on Linux the start of
 * a child takes the longer, the more memory its parent has. Resolves with the file.
 */
async function bundle() {
  const esbuild = await import('esbuild');
  const outdir = path.join(root, 'dist', 'claims');
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: ['bench/claims/run.ts'],
    outdir,
    bundle: true,
    // Loads what is rarely needed only when it is asked for.
    splitting: true,
    format: 'esm',
    outExtension: { '.js': '.mjs' },
    platform: 'node',
    target: 'node20.19',
    packages: 'external',
    logLevel: 'warning',
    plugins: [inPlace()],
  });
  await esbuild.stop();
  return path.join(outdir, 'run.mjs');
}

/**
 * What stands beside a source file is found from the bundle, too.
 *
 * @returns {import('esbuild').Plugin}
 */
function inPlace() {
  return {
    name: 'in place',
    setup({ onLoad }) {
      onLoad({ filter: /[\\/](bench|scripts|src|test)[\\/].*\.(ts|mjs)$/ }, async ({ path: file }) => {
        const text = await readFile(file, 'utf8');
        const contents = text
          .replaceAll('import.meta.dirname', JSON.stringify(path.dirname(file)))
          .replaceAll('import.meta.filename', JSON.stringify(file));
        return { contents, loader: file.endsWith('.ts') ? 'ts' : 'js' };
      });
    },
  };
}
