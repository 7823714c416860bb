/** Linters and formatters of the JavaScript world: rows of the table in presets.ts. */
import { REPORT_PLACEHOLDER } from '../../model.js';
import { given, valuesOf, without } from '../options.js';
import { definePreset, EVERY_FILE, type Preset, RAYON } from '../preset.js';
import { HELP, install, SCRIPT, SOURCES, variants } from './node-shared.js';

const prettier = definePreset({
  id: 'prettier',
  tool: 'Prettier',
  category: 'format',
  ecosystem: 'node',
  documentation: 'https://prettier.io/docs/',
  programs: ['prettier'],
  packages: ['prettier'],
  configFiles: [
    '.prettierrc',
    ...variants('.prettierrc', 'json,json5,yml,yaml,toml,js,mjs,cjs,ts,mts,cts'),
    ...variants('prettier.config', 'js,mjs,cjs,ts,mts,cts'),
  ],
  configKeys: [{ file: 'package.json', key: ['prettier'] }],
  detectedBy: 'configuration',
  isCheck: (args) =>
    given(args, '--check', '-c', '--list-different', '-l') &&
    !given(args, '--write', '-w', '--stdin-filepath', '--find-config-path', '--file-info', '--support-info', ...HELP),
  defaultTargets: ['.'],
  valueOptions: [
    ...[
      '--config',
      '--config-precedence',
      '--ignore-path',
      '--plugin',
      '--parser',
      '--print-width',
      '--tab-width',
      '--end-of-line',
    ],
    ...['--trailing-comma', '--quote-props', '--arrow-parens', '--prose-wrap', '--html-whitespace-sensitivity', '--object-wrap'],
    ...['--embedded-language-formatting', '--experimental-operator-position', '--log-level', '--loglevel', '--cache-location'],
    ...[
      '--cache-strategy',
      '--stdin-filepath',
      '--find-config-path',
      '--file-info',
      '--range-start',
      '--range-end',
      '--cursor-offset',
      '--plugin-search-dir',
    ],
  ],
  // The list of names stands alone on standard output; with --check, names and warnings look the same.
  machineReadable: (options) => [
    ...without(options, { flags: ['--check', '-c', '--list-different', '-l', '--color'], values: ['--log-level', '--loglevel'] }),
    '--list-different',
    ...(given(options, '--ignore-unknown', '-u') ? [] : ['--ignore-unknown']),
  ],
  takes: [`**/*.{${SCRIPT},json,jsonc,json5,css,scss,less,html,vue,md,mdx,yml,yaml,graphql,gql,hbs,svelte,astro}`],
  inputs: SOURCES,
  // It also ends with 2 when one file cannot be parsed; the parser tells that from a configuration that cannot be read.
  isFix: (args) => given(args, '--write', '-w'),
  fix: (options) => [...without(options, { flags: ['--check', '-c', '--list-different', '-l'] }), '--write'],
  // Its own lists of ignored files hold for files that are named, too.
  // It takes more kinds of files than anybody lists, and plugins bring others.
  reads: [EVERY_FILE, '**/.{prettierrc,prettierrc.*,editorconfig,prettierignore,gitignore}', '**/prettier.config.*'],
  sharding: { kind: 'files' },
  exitCodes: { passed: [0], failed: [1, 2] },
  parser: 'prettier',
  install: install('prettier'),
});

const biome = definePreset({
  id: 'biome',
  tool: 'Biome',
  category: 'lint',
  ecosystem: 'node',
  documentation: 'https://biomejs.dev/',
  programs: ['biome'],
  packages: ['@biomejs/biome'],
  configFiles: ['biome.json', 'biome.jsonc', '.biome.json', '.biome.jsonc'],
  detectedBy: 'configuration',
  isCheck: (args) =>
    ['check', 'lint', 'format', 'ci'].includes(args[0] ?? '') &&
    !given(args, '--write', '--fix', '--apply', '--apply-unsafe', '--suppress', '--stdin-file-path', ...HELP),
  subcommands: ['check', 'lint', 'format', 'ci', 'init', 'start', 'stop', 'rage', 'migrate', 'explain', 'search', 'version'],
  defaultOptions: ['check'],
  defaultTargets: ['.'],
  valueOptions: [
    ...[
      '--config-path',
      '--max-diagnostics',
      '--diagnostic-level',
      '--reporter',
      '--reporter-file',
      '--only',
      '--skip',
      '--since',
    ],
    ...['--colors', '--log-file', '--log-level', '--log-kind', '--vcs-root', '--vcs-client-kind', '--vcs-default-branch'],
    ...['--indent-style', '--indent-width', '--line-width', '--line-ending', '--stdin-file-path', '--threads'],
  ],
  // It has an option for nearly every setting of its configuration.
  flagOptions: [
    ...[
      '--help',
      '--version',
      '--write',
      '--fix',
      '--apply',
      '--apply-unsafe',
      '--unsafe',
      '--suppress',
      '--staged',
      '--changed',
    ],
    ...['--no-errors-on-unmatched', '--error-on-warnings', '--skip-errors', '--skip-parse-errors', '--use-server', '--verbose'],
    ...['--json', '--json-pretty', '--profile-rules', '--watch'],
  ],
  // Of its formats with exact ranges, the only one that all versions since 1.8 share, as is the largest number of findings.
  machineReadable: (options) => [
    ...without(options, {
      values: ['--reporter', '--reporter-file', '--max-diagnostics', '--colors'],
      flags: ['--json', '--verbose', '--no-errors-on-unmatched'],
    }),
    ...['--reporter=github', '--max-diagnostics=65535', '--colors=off', '--no-errors-on-unmatched'],
  ],
  takes: [`**/*.{${SCRIPT},json,jsonc,css,graphql,gql,html,vue,svelte,astro}`],
  inputs: SOURCES,
  isFix: (args) => given(args, '--write', '--fix', '--apply', '--apply-unsafe'),
  fix: (options) => (options[0] === 'ci' ? ['check', ...options.slice(1), '--write'] : [...options, '--write']),
  // Only `biome ci` has an option for it, and only since version 2.
  workers: { own: 'processors', options: [], env: RAYON, saidBy: ['--threads'] },
  // It uses all processors from one process, so parts would gain nothing.
  sharding: { kind: 'never', reason: 'it uses all processors by itself' },
  exitCodes: { passed: [0], failed: [1], tolerated: ['warning', 'information'] },
  parser: 'biome',
  install: install('--save-exact @biomejs/biome'),
});

const eslint = definePreset({
  id: 'eslint',
  tool: 'ESLint',
  category: 'lint',
  ecosystem: 'node',
  documentation: 'https://eslint.org/docs/latest/',
  programs: ['eslint'],
  packages: ['eslint'],
  configFiles: [
    ...variants('eslint.config', 'js,mjs,cjs,ts,mts,cts'),
    '.eslintrc',
    ...variants('.eslintrc', 'js,cjs,json,yml,yaml'),
  ],
  configKeys: [{ file: 'package.json', key: ['eslintConfig'] }],
  detectedBy: 'configuration',
  isCheck: (args) =>
    !given(args, '--fix', '--init', '--env-info', '--print-config', '--inspect-config', '--stdin', '--mcp', ...HELP) &&
    !given(args, '--suppress-all', '--suppress-rule', '--prune-suppressions'),
  defaultTargets: ['.'],
  valueOptions: [
    ...['-c', '--config', '--ext', '--global', '--env', '--parser', '--parser-options', '--plugin', '--rule', '--rulesdir'],
    ...['--resolve-plugins-relative-to', '--fix-type', '--ignore-path', '--ignore-pattern', '--stdin-filename', '--max-warnings'],
    ...[
      '-o',
      '--output-file',
      '-f',
      '--format',
      '--cache-file',
      '--cache-location',
      '--cache-strategy',
      '--flag',
      '--concurrency',
    ],
    ...[
      '--report-unused-disable-directives-severity',
      '--report-unused-inline-configs',
      '--suppressions-location',
      '--print-config',
    ],
  ],
  // To a file, because configurations and plugins may print; with metadata, because that holds the addresses of the rules.
  machineReadable: (options) => [
    ...without(options, { values: ['-f', '--format', '-o', '--output-file'], flags: ['--color', '--no-color'] }),
    ...['--format', 'json-with-metadata', '--output-file', REPORT_PLACEHOLDER],
  ],
  takes: [`**/*.{${SCRIPT},vue,svelte,astro}`],
  // With a flat configuration they are more than those that it looks for anyway.
  takesOf: (options, entries) => {
    const endings = valuesOf(options, ['--ext']).flatMap((list) => list.split(','));
    const isFlat = entries.some((entry) => /^eslint\.config\.[cm]?[jt]s$/.test(entry));
    return endings.length === 0 || isFlat ? undefined : endings.map((ending) => `**/*.${ending.replace(/^\.?/, '')}`);
  },
  inputs: SOURCES,
  // 2 is a configuration or a rule that crashed; the parser says which from what it printed.
  isFix: (args) => given(args, '--fix'),
  fix: (options) => [...options, '--fix'],
  sharding: { kind: 'files' },
  exitCodes: { passed: [0], failed: [1, 2], tolerated: ['warning'] },
  parser: 'eslint',
  install: install('eslint'),
});

const xo = definePreset({
  id: 'xo',
  tool: 'XO',
  category: 'lint',
  ecosystem: 'node',
  documentation: 'https://github.com/xojs/xo#readme',
  programs: ['xo'],
  packages: ['xo'],
  configFiles: [...variants('xo.config', 'js,mjs,cjs,ts,mts,cts'), '.xo-config', ...variants('.xo-config', 'js,cjs,json')],
  configKeys: [{ file: 'package.json', key: ['xo'] }],
  detectedBy: 'dependency or configuration',
  isCheck: (args) => !given(args, '--fix', '--print-config', '--stdin', '--open', ...HELP),
  valueOptions: [
    '--reporter',
    '--config',
    '--cwd',
    '--ignore',
    '--stdin-filename',
    '--env',
    '--global',
    '--plugin',
    '--extend',
    '--extension',
  ],
  machineReadable: (options) => [
    ...without(options, { values: ['--reporter'], flags: ['--color', '--no-color'] }),
    '--reporter=json',
  ],
  takes: [`**/*.{${SCRIPT},vue,svelte,astro}`],
  inputs: SOURCES,
  isFix: (args) => given(args, '--fix'),
  fix: (options) => [...options, '--fix'],
  sharding: { kind: 'files' },
  exitCodes: { passed: [0], failed: [1], tolerated: ['warning'] },
  parser: 'eslint',
  caches: ['node_modules/.cache/xo-linter'],
  install: install('xo'),
});

/** In the order of presets.ts. */
export const nodeStylePresets: readonly Preset[] = [prettier, biome, eslint, xo];
