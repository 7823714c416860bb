// Builds the bundles: extension (CommonJS, vscode external), command line in parts, webview. `--watch`, `--minify`, `--tests`.
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import esbuild from 'esbuild';
import { divided } from './scripts/divided.mjs';

const root = import.meta.dirname;
const { values } = parseArgs({
  options: { watch: { type: 'boolean' }, minify: { type: 'boolean' }, tests: { type: 'boolean' } },
});

/** @type {esbuild.BuildOptions} */
const common = {
  absWorkingDir: root,
  bundle: true,
  minify: values.minify ?? false,
  sourcemap: values.minify ? false : 'linked',
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
};
/** @type {esbuild.BuildOptions} */
// `module` first: the other build of jsonc-parser requires its parts in a way that no bundler follows.
const node = {
  ...common,
  platform: 'node',
  target: 'node20.19',
  mainFields: ['module', 'main'],
  // Bundles are CommonJS and have `__filename`; only what runs from source asks for this.
  define: { 'import.meta.url': 'undefined' },
};

/**
 * A module that is large and rarely needed, in a file of its own beside the bundle, which loads it when it is asked for.
 *
 * @param {string} name
 * @returns {esbuild.Plugin}
 */
function apart(name) {
  return {
    name: `apart: ${name}`,
    setup(build) {
      build.onResolve({ filter: new RegExp(`/${name}\\.js$`) }, () => ({ path: `./${name}.cjs`, external: true }));
    },
  };
}

/** @type {esbuild.BuildOptions[]} */
const bundles = [
  {
    ...common,
    entryPoints: { webview: 'src/webview/main.ts', 'webview-style': 'src/webview/style.css' },
    outdir: 'dist',
    platform: 'browser',
    target: 'es2023',
    format: 'iife',
  },
  {
    ...node,
    entryPoints: {
      extension: 'src/vscode/extension.ts',
      'parse-worker': 'src/core/gates/parse-worker.ts',
      'report-worker': 'src/vscode/report-worker.ts',
    },
    outdir: 'dist',
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    external: ['vscode'],
    plugins: [apart('tokenizer'), apart('scan-worker')],
  },
  {
    ...node,
    entryPoints: { tokenizer: 'src/core/tokenizer.ts', 'scan-worker': 'src/core/inspect/scan-worker.ts' },
    outdir: 'dist',
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    sourcemap: false,
    minify: true,
  },
  {
    ...node,
    entryPoints: { cli: 'src/cli/start.ts' },
    outdir: 'dist',
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    banner: { js: '#!/usr/bin/env node' },
    external: ['./cli/*'],
  },
  ...divided({ ...node, entryPoints: { main: 'src/cli/main.ts' }, outdir: 'dist/cli' }),
];

if (values.tests) {
  // What VS Code loads: the suite and its test files, and the same for the packaged extension. The rest drives from outside.
  const names = await readdir(path.join(root, 'test/vscode'), { recursive: true });
  bundles.push({
    ...node,
    entryPoints: names
      .filter((name) => /^(package[\\/])?(index|[^\\/]+\.test)\.ts$/.test(name))
      .map((name) => `test/vscode/${name}`),
    outdir: 'dist/test/vscode',
    outbase: 'test/vscode',
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    external: ['vscode', 'mocha'],
  });
}

if (values.watch) {
  for (const options of bundles) await (await esbuild.context(options)).watch();
} else {
  await rm(path.join(root, 'dist'), { recursive: true, force: true });
  await Promise.all(bundles.map((options) => esbuild.build(options)));
}
