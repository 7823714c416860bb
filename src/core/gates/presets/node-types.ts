/** Type checkers of the JavaScript world: rows of the table in presets.ts. */
import { given, without } from '../options.js';
import { definePreset, GO_PROCESSORS, type Preset } from '../preset.js';
import { HELP, install, node, SCRIPT } from './node-shared.js';

const tsc = definePreset({
  id: 'tsc',
  tool: 'TypeScript',
  category: 'types',
  ecosystem: 'node',
  documentation: 'https://www.typescriptlang.org/docs/',
  programs: ['tsc'],
  packages: ['typescript'],
  configFiles: ['tsconfig.json'],
  detectedBy: 'configuration',
  isCheck: (args) =>
    !given(args, '--watch', '-w', '--init', '--showConfig', '--listFilesOnly', '--clean', '--lsp', '--all', ...HELP),
  defaultOptions: ['--noEmit'],
  valueOptions: [
    ...[
      '-p',
      '--project',
      '-t',
      '--target',
      '-m',
      '--module',
      '--moduleResolution',
      '--outDir',
      '--outFile',
      '--rootDir',
      '--baseUrl',
    ],
    ...[
      '--lib',
      '--jsx',
      '--types',
      '--typeRoots',
      '--declarationDir',
      '--tsBuildInfoFile',
      '--moduleDetection',
      '--newLine',
      '--locale',
    ],
    ...[
      '--generateTrace',
      '--generateCpuProfile',
      '--ignoreDeprecations',
      '--pretty',
      '--incremental',
      '--checkers',
      '--builders',
    ],
  ],
  machineReadable: (options) => [...without(options, { values: ['--pretty'], flags: ['--diagnostics'] }), '--pretty', 'false'],
  inputs: [`**/*.{${SCRIPT},json}`],
  // 1 and 2 differ in whether output was written; 3 and 4 come from projects that refer to each other in a wrong way.
  // Since version 7 it is a program of Go that uses all processors; before, it has one thread.
  workers: {
    own: 'processors',
    options: [],
    env: GO_PROCESSORS,
    saidBy: ['--singleThreaded', '--checkers'],
    unknownTo: /^\D*(?:[0-6](?:\.|$)|$)/,
  },
  sharding: { kind: 'never', reason: 'a program is checked as a whole' },
  exitCodes: { passed: [0], failed: [1, 2, 3, 4] },
  parser: 'tsc',
  install: install('typescript'),
});

const tsd = definePreset({
  id: 'tsd',
  tool: 'tsd',
  category: 'types',
  ecosystem: 'node',
  documentation: 'https://github.com/tsdjs/tsd#readme',
  programs: ['tsd'],
  packages: ['tsd'],
  configKeys: [{ file: 'package.json', key: ['tsd'] }],
  detectedBy: 'dependency or configuration',
  isCheck: (args) => !given(args, ...HELP),
  valueOptions: ['-t', '--typings', '-f', '--files'],
  machineReadable: (options) => options,
  inputs: [`**/*.{${SCRIPT},json}`],
  sharding: { kind: 'never', reason: 'a program is checked as a whole' },
  exitCodes: { passed: [0], failed: [1] },
  parser: 'tsd',
  install: install('tsd'),
});

const vueTsc = node({
  id: 'vue-tsc',
  tool: 'vue-tsc',
  category: 'types',
  documentation: 'https://github.com/vuejs/language-tools/tree/master/packages/tsc',
  programs: ['vue-tsc'],
  detectedBy: 'command only',
  isCheck: (args) => (given(args, '--noEmit') || given(args, '-b', '--build')) && !given(args, '--watch', '-w', ...HELP),
  defaultOptions: ['--noEmit'],
  valueOptions: ['-p', '--project', '--module', '--target', '--pretty'],
  machineReadable: (options) => [...without(options, { values: ['--pretty'] }), '--pretty', 'false'],
  inputs: [`**/*.{${SCRIPT},vue,json}`],
  sharding: { kind: 'never', reason: 'a program is checked as a whole' },
  exitCodes: { passed: [0], failed: [1, 2] },
  parser: 'tsc',
});

const svelteCheck = node({
  id: 'svelte-check',
  tool: 'svelte-check',
  category: 'types',
  documentation: 'https://svelte.dev/docs/cli/sv-check',
  programs: ['svelte-check'],
  detectedBy: 'dependency or configuration',
  isCheck: (args) => !given(args, '--watch', ...HELP),
  valueOptions: [
    '--workspace',
    '--output',
    '--tsconfig',
    '--ignore',
    '--threshold',
    '--compiler-warnings',
    '--diagnostic-sources',
  ],
  machineReadable: (options) => [
    ...without(options, { values: ['--output'], flags: ['--color', '--no-color'] }),
    ...['--output', 'machine-verbose'],
  ],
  inputs: [`**/*.{${SCRIPT},svelte,json}`],
  sharding: { kind: 'never', reason: 'a program is checked as a whole' },
  exitCodes: { passed: [0], failed: [1], tolerated: ['warning'] },
  parser: 'svelte-check',
});

/** In the order of presets.ts. */
export const nodeTypePresets: readonly Preset[] = [tsc, tsd, vueTsc, svelteCheck];
