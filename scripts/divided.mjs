// How the command line is bundled: in parts, so that a command compiles only what it needs. Used by esbuild.mjs.
// @ts-check
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import esbuild from 'esbuild';

/**
 * Packages of which many runs need nothing. Their code is loaded by the first call of a function: of one of those that are named, or
 * of what they export as default with all its members. Another name cannot be imported, so that the build fails where somebody tries.
 *
 * @type {Readonly<Record<string, { readonly default?: true, readonly named?: readonly string[] }>>}
 */
const LATER = {
  'fast-glob': { default: true },
  'log-update': { named: ['createLogUpdate'] },
  'smol-toml': { named: ['parse'] },
  unbash: { named: ['parse', 'forEachChild'] },
};

/**
 * Puts functions in the place of the packages above that load them, in a module of their own each.
 *
 * @returns {esbuild.Plugin}
 */
function loadedLater() {
  return {
    name: 'loaded-later',
    setup(build) {
      build.onResolve({ filter: new RegExp(`^(?:${Object.keys(LATER).join('|')})$`) }, ({ path: name, kind }) => {
        if (kind === 'entry-point') return undefined;
        return { path: name, namespace: 'later', sideEffects: false };
      });
      build.onResolve({ filter: /^\.\/package-/, namespace: 'later' }, ({ path: name }) => ({ path: name, external: true }));
      build.onLoad({ filter: /.*/, namespace: 'later' }, ({ path: name }) => {
        const { default: exported, named = [] } = LATER[name] ?? {};
        const lines = [`let loaded;\nconst whole = () => (loaded ??= require('./package-${name}.cjs'));`];
        for (const member of named) lines.push(`export const ${member} = (...args) => whole().${member}(...args);`);
        if (exported) lines.push('export default new Proxy((...args) => whole()(...args), { get: (_, name) => whole()[name] });');
        return { contents: lines.join('\n'), loader: 'js' };
      });
    },
  };
}

/**
 * The build of a program in parts. What is imported by `import()` and what parts share becomes a file of its own. esbuild divides
 * modules only as ES modules, which Node starts more slowly and cannot keep from loading all at once; so each part is then made
 * CommonJS.
 *
 * @param {esbuild.BuildOptions} options
 * @returns {readonly esbuild.BuildOptions[]}
 */
export function divided(options) {
  const packages = Object.keys(LATER);
  return [
    {
      ...options,
      format: 'esm',
      splitting: true,
      write: false,
      outExtension: { '.js': '.cjs' },
      chunkNames: '[name]-[hash]',
      sourcemap: options.sourcemap ? 'inline' : false,
      plugins: [loadedLater(), asCommonJs(options)],
    },
    {
      ...options,
      entryPoints: Object.fromEntries(packages.map((name) => [`package-${name}`, name])),
      format: 'cjs',
      outExtension: { '.js': '.cjs' },
    },
  ];
}

/**
 * @param {esbuild.BuildOptions} options
 * @returns {esbuild.Plugin}
 */
function asCommonJs({ target, sourcemap, minify }) {
  /** @type {esbuild.TransformOptions} */
  const transform = {
    format: 'cjs',
    platform: 'node',
    ...(target === undefined ? {} : { target }),
    // Else `import()` would stay, for which Node loads all that it needs for ES modules.
    supported: { 'dynamic-import': false },
    legalComments: 'none',
    minify: minify ?? false,
    sourcemap: sourcemap ? 'external' : false,
  };
  return {
    name: 'as-commonjs',
    setup(build) {
      build.onEnd(async ({ outputFiles = [] }) => {
        await Promise.all(
          outputFiles.map(async ({ path: file, text }) => {
            const { code, map } = await esbuild.transform(text, { ...transform, sourcefile: path.basename(file) });
            await mkdir(path.dirname(file), { recursive: true });
            const link = map ? `//# sourceMappingURL=${path.basename(file)}.map\n` : '';
            await Promise.all([writeFile(file, code + link), ...(map ? [writeFile(`${file}.map`, map)] : [])]);
          }),
        );
      });
    },
  };
}
