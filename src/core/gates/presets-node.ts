/** The tools of the JavaScript world: rows of the table in presets.ts. */
import { REPORT_PLACEHOLDER } from '../model.js';
import { given, without } from './options.js';
import type { Preset } from './preset.js';

const SCRIPT = 'js,mjs,cjs,jsx,ts,mts,cts,tsx';
/** What a test run or a type check may depend on. */
const SOURCES = [`**/*.{${SCRIPT},json,vue,svelte,astro}`];
const HELP = ['--help', '-h', '--version', '-v', '-V'];
/** Mocha and others exit with the number of failures, up to the largest exit code there is. */
const ANY_FAILURE = Array.from({ length: 255 }, (_, index) => index + 1);

const install = (packages: string) => `npm install --save-dev ${packages}`;
const variants = (stem: string, endings: string) => endings.split(',').map((ending) => `${stem}.${ending}`);

const prettier: Preset = {
  id: 'prettier',
  tool: 'Prettier',
  category: 'format',
  ecosystem: 'node',
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
  subcommands: [],
  defaultOptions: [],
  defaultTargets: ['.'],
  targetKeys: [],
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
  exitCodes: { passed: [0], failed: [1, 2] },
  parser: 'prettier',
  caches: [],
  install: install('prettier'),
};

const biome: Preset = {
  id: 'biome',
  tool: 'Biome',
  category: 'lint',
  ecosystem: 'node',
  programs: ['biome'],
  packages: ['@biomejs/biome'],
  configFiles: ['biome.json', 'biome.jsonc', '.biome.json', '.biome.jsonc'],
  configKeys: [],
  detectedBy: 'configuration',
  isCheck: (args) =>
    ['check', 'lint', 'format', 'ci'].includes(args[0] ?? '') &&
    !given(args, '--write', '--fix', '--apply', '--apply-unsafe', '--suppress', '--stdin-file-path', ...HELP),
  subcommands: ['check', 'lint', 'format', 'ci', 'init', 'start', 'stop', 'rage', 'migrate', 'explain', 'search', 'version'],
  defaultOptions: ['check'],
  defaultTargets: ['.'],
  targetKeys: [],
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
  // Of its formats with exact ranges, the only one that all versions since 1.8 share.
  machineReadable: (options) => [
    ...without(options, {
      values: ['--reporter', '--reporter-file', '--max-diagnostics', '--colors'],
      flags: ['--json', '--verbose', '--no-errors-on-unmatched'],
    }),
    ...['--reporter=github', '--max-diagnostics=none', '--colors=off', '--no-errors-on-unmatched'],
  ],
  takes: [`**/*.{${SCRIPT},json,jsonc,css,graphql,gql,html,vue,svelte,astro}`],
  inputs: SOURCES,
  exitCodes: { passed: [0], failed: [1] },
  parser: 'biome',
  caches: [],
  install: install('--save-exact @biomejs/biome'),
};

const eslint: Preset = {
  id: 'eslint',
  tool: 'ESLint',
  category: 'lint',
  ecosystem: 'node',
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
  subcommands: [],
  defaultOptions: [],
  defaultTargets: ['.'],
  targetKeys: [],
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
  inputs: SOURCES,
  // 2 is a configuration or a rule that crashed; the parser says which from what it printed.
  exitCodes: { passed: [0], failed: [1, 2] },
  parser: 'eslint',
  caches: [],
  install: install('eslint'),
};

const xo: Preset = {
  id: 'xo',
  tool: 'XO',
  category: 'lint',
  ecosystem: 'node',
  programs: ['xo'],
  packages: ['xo'],
  configFiles: [...variants('xo.config', 'js,mjs,cjs,ts,mts,cts'), '.xo-config', ...variants('.xo-config', 'js,cjs,json')],
  configKeys: [{ file: 'package.json', key: ['xo'] }],
  detectedBy: 'dependency or configuration',
  isCheck: (args) => !given(args, '--fix', '--print-config', '--stdin', '--open', ...HELP),
  subcommands: [],
  defaultOptions: [],
  defaultTargets: [],
  targetKeys: [],
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
  exitCodes: { passed: [0], failed: [1] },
  parser: 'eslint',
  caches: ['node_modules/.cache/xo-linter'],
  install: install('xo'),
};

const tsc: Preset = {
  id: 'tsc',
  tool: 'TypeScript',
  category: 'types',
  ecosystem: 'node',
  programs: ['tsc'],
  packages: ['typescript'],
  configFiles: ['tsconfig.json'],
  configKeys: [],
  detectedBy: 'configuration',
  isCheck: (args) =>
    !given(args, '--watch', '-w', '--init', '--showConfig', '--listFilesOnly', '--clean', '--lsp', '--all', ...HELP),
  subcommands: [],
  defaultOptions: ['--noEmit'],
  defaultTargets: [],
  targetKeys: [],
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
  takes: [],
  inputs: [`**/*.{${SCRIPT},json}`],
  // 1 and 2 differ in whether output was written; 3 and 4 come from projects that refer to each other in a wrong way.
  exitCodes: { passed: [0], failed: [1, 2, 3, 4] },
  parser: 'tsc',
  caches: [],
  install: install('typescript'),
};

const tsd: Preset = {
  id: 'tsd',
  tool: 'tsd',
  category: 'types',
  ecosystem: 'node',
  programs: ['tsd'],
  packages: ['tsd'],
  configFiles: [],
  configKeys: [{ file: 'package.json', key: ['tsd'] }],
  detectedBy: 'dependency or configuration',
  isCheck: (args) => !given(args, ...HELP),
  subcommands: [],
  defaultOptions: [],
  defaultTargets: [],
  targetKeys: [],
  valueOptions: ['-t', '--typings', '-f', '--files'],
  machineReadable: (options) => options,
  takes: [],
  inputs: [`**/*.{${SCRIPT},json}`],
  exitCodes: { passed: [0], failed: [1] },
  parser: 'tsd',
  caches: [],
  install: install('tsd'),
};

const mocha: Preset = {
  id: 'mocha',
  tool: 'Mocha',
  category: 'test',
  ecosystem: 'node',
  programs: ['mocha', '_mocha'],
  packages: ['mocha'],
  configFiles: variants('.mocharc', 'js,cjs,mjs,json,jsonc,yml,yaml'),
  configKeys: [{ file: 'package.json', key: ['mocha'] }],
  detectedBy: 'configuration',
  isCheck: (args) =>
    args[0] !== 'init' &&
    args[0] !== 'inspect' &&
    !given(
      args,
      '--watch',
      '-w',
      '--dry-run',
      '--list-interfaces',
      '--list-reporters',
      'inspect',
      '--inspect',
      '--inspect-brk',
      ...HELP,
    ),
  subcommands: ['init', 'inspect'],
  defaultOptions: [],
  defaultTargets: [],
  targetKeys: [],
  valueOptions: [
    ...[
      '--extension',
      '--file',
      '--global',
      '--globals',
      '--ignore',
      '--exclude',
      '-n',
      '--node-option',
      '-O',
      '--reporter-option',
    ],
    ...[
      '--reporter-options',
      '-r',
      '--require',
      '--import',
      '--loader',
      '--watch-files',
      '--watch-ignore',
      '--retries',
      '-j',
      '--jobs',
    ],
    ...[
      '--config',
      '-f',
      '--fgrep',
      '-g',
      '--grep',
      '--package',
      '-R',
      '--reporter',
      '-u',
      '--ui',
      '-s',
      '--slow',
      '-t',
      '--timeout',
    ],
    ...['--timeouts', '--conditions', '--env-file', '--experimental-loader'],
  ],
  machineReadable: (options) => [
    ...without(options, {
      values: ['-R', '--reporter', '-O', '--reporter-option', '--reporter-options'],
      flags: ['--color', '--colors', '-c', '--no-color', '--no-colors', '--inline-diffs'],
    }),
    ...['--reporter', 'json', '--reporter-option', `output=${REPORT_PLACEHOLDER}`],
  ],
  takes: [],
  inputs: SOURCES,
  exitCodes: { passed: [0], failed: ANY_FAILURE },
  parser: 'mocha',
  caches: [],
  install: install('mocha'),
};

const vitest: Preset = {
  id: 'vitest',
  tool: 'Vitest',
  category: 'test',
  ecosystem: 'node',
  programs: ['vitest'],
  packages: ['vitest'],
  configFiles: [...variants('vitest.config', 'ts,mts,cts,js,mjs,cjs'), ...variants('vitest.workspace', 'ts,mts,js,mjs,json')],
  configKeys: [],
  detectedBy: 'dependency or configuration',
  isCheck: (args) =>
    !['watch', 'dev', 'bench', 'init', 'list', 'complete'].includes(args[0] ?? '') &&
    (!given(args, '--watch', '-w') || given(args, '--watch=false')) &&
    !given(args, '--ui', '--standalone', '-u', '--update', '--clearCache', '--listTags', '--mergeReports', '--open', ...HELP) &&
    !given(args, '--inspect', '--inspectBrk', '--inspect-brk'),
  subcommands: ['run', 'related', 'watch', 'dev', 'bench', 'init', 'list', 'complete'],
  defaultOptions: ['run'],
  defaultTargets: [],
  targetKeys: [],
  valueOptions: [
    ...['-r', '--root', '-c', '--config', '-t', '--testNamePattern', '--dir', '--reporter', '--outputFile', '--mode', '--pool'],
    ...[
      '--environment',
      '--maxWorkers',
      '--minWorkers',
      '--maxConcurrency',
      '--project',
      '--exclude',
      '--testTimeout',
      '--hookTimeout',
    ],
    ...[
      '--teardownTimeout',
      '--slowTestThreshold',
      '--bail',
      '--retry',
      '--shard',
      '--execArgv',
      '--vmMemoryLimit',
      '--attachmentsDir',
    ],
    ...['--configLoader', '--tagsFilter', '--diff', '--sequence', '--poolOptions'],
  ],
  machineReadable: (options) => {
    const kept = without(options, { values: ['--reporter', '--outputFile'], flags: ['--run', '--color', '--no-color'] });
    return [
      ...(kept[0] === 'run' || kept[0] === 'related' ? kept : ['run', ...kept]),
      ...(kept[0] === 'related' ? ['--run'] : []),
      ...['--reporter=default', '--reporter=json', `--outputFile.json=${REPORT_PLACEHOLDER}`],
    ];
  },
  takes: [],
  inputs: SOURCES,
  exitCodes: { passed: [0], failed: [1] },
  parser: 'vitest',
  caches: ['node_modules/.vite'],
  install: install('vitest'),
};

const nodeTest: Preset = {
  id: 'node-test',
  tool: 'Node.js test runner',
  category: 'test',
  ecosystem: 'node',
  programs: ['node', 'tsx'],
  packages: [],
  configFiles: [],
  configKeys: [],
  detectedBy: 'script only',
  isCheck: (args) =>
    given(args, '--test') &&
    !given(args, '--watch', '--inspect', '--inspect-brk', '--test-update-snapshots', '-e', '--eval', '-p', '--print', ...HELP),
  subcommands: [],
  defaultOptions: ['--test'],
  defaultTargets: [],
  targetKeys: [],
  valueOptions: [
    ...[
      '--import',
      '-r',
      '--require',
      '--loader',
      '--experimental-loader',
      '-C',
      '--conditions',
      '--env-file',
      '--env-file-if-exists',
    ],
    ...['--test-name-pattern', '--test-skip-pattern', '--test-concurrency', '--test-timeout', '--test-shard', '--test-reporter'],
    ...[
      '--test-reporter-destination',
      '--test-coverage-include',
      '--test-coverage-exclude',
      '--test-isolation',
      '--test-global-setup',
    ],
    ...['--tsconfig', '--watch-path', '--max-old-space-size', '--experimental-test-isolation'],
  ],
  machineReadable: (options) => [
    ...without(options, { values: ['--test-reporter', '--test-reporter-destination'] }),
    ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
    ...['--test-reporter=tap', `--test-reporter-destination=${REPORT_PLACEHOLDER}`],
  ],
  takes: [],
  inputs: SOURCES,
  exitCodes: { passed: [0], failed: [1] },
  parser: 'node-test',
  caches: [],
  install: 'Install Node.js from https://nodejs.org',
};

const ava: Preset = {
  id: 'ava',
  tool: 'AVA',
  category: 'test',
  ecosystem: 'node',
  programs: ['ava'],
  packages: ['ava'],
  configFiles: variants('ava.config', 'js,cjs,mjs'),
  configKeys: [{ file: 'package.json', key: ['ava'] }],
  detectedBy: 'dependency or configuration',
  isCheck: (args) =>
    args[0] !== 'debug' &&
    args[0] !== 'reset-cache' &&
    !given(args, '--watch', '-w', '--update-snapshots', '-u', '--reset-cache', '--help', '--version'),
  subcommands: ['debug', 'reset-cache'],
  defaultOptions: [],
  defaultTargets: [],
  targetKeys: [],
  valueOptions: ['--config', '-c', '--concurrency', '-m', '--match', '--node-arguments', '-T', '--timeout'],
  // Not --tap: that names the line of an assertion only inside of AVA itself.
  machineReadable: (options) => without(options, { flags: ['--tap', '-t', '--verbose', '-v', '--color'] }),
  takes: [],
  inputs: SOURCES,
  exitCodes: { passed: [0], failed: [1] },
  parser: 'ava',
  caches: ['node_modules/.cache/ava'],
  install: install('ava'),
};

/** In the order of presets.ts. */
export const nodePresets: readonly Preset[] = [prettier, biome, eslint, xo, tsc, tsd, mocha, vitest, nodeTest, ava];
