/** Test runners of the JavaScript world: rows of the table in presets.ts. */
import { REPORT_PLACEHOLDER } from '../../model.js';
import { given, operandAt, without } from '../options.js';
import { definePreset, type Preset } from '../preset.js';
import { ANY_FAILURE, HELP, install, node, SOURCES, variants } from './node-shared.js';

const mocha = definePreset({
  id: 'mocha',
  tool: 'Mocha',
  category: 'test',
  ecosystem: 'node',
  documentation: 'https://mochajs.org/',
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
  inputs: SOURCES,
  workers: {
    own: 'processors',
    options: ['--jobs={workers}'],
    env: {},
    saidBy: ['-j', '--jobs'],
    asked: { by: /(?:^|\s)(?:-p|--parallel)(?:\s|$)/, keys: [] },
    configured: /\bjobs\b/,
  },
  sharding: { kind: 'never', reason: 'test files may share hooks and state in one process' },
  exitCodes: { passed: [0], failed: ANY_FAILURE },
  parser: 'mocha',
  install: install('mocha'),
});

const VITEST_VALUES = [
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
];

/** Its command may stand behind options: `vitest --coverage run`. */
function vitestCommand(args: readonly string[]): { readonly command: string | undefined; readonly rest: readonly string[] } {
  const at = operandAt(args, VITEST_VALUES);
  const command = args[at];
  const known =
    command !== undefined && ['run', 'related', 'watch', 'dev', 'bench', 'init', 'list', 'complete'].includes(command);
  return known ? { command, rest: args.filter((_, index) => index !== at) } : { command: undefined, rest: args };
}

/** What Vitest and Jest say of nothing to do, in their reports. */
const NO_SUITES = /"numTotalTestSuites":0,/;
const PASSES_WITHOUT = /pass-?with-?no-?tests/i;
const MEASURES_COVERAGE = /(?:^|\s)--(?:collectC|c)overage(?!\w|=false|\sfalse)/;
const NO_COVERAGE = /(?:^|\s)--(?:no-coverage(?=\s|$)|coverage(?:\.enabled)?[=\s]false\b)/;
const ONE_AT_A_TIME = 'its files are not to run at the same time';
const SET_UP_ONCE = 'what it sets up for all tests could not be there twice';

const vitest = definePreset({
  id: 'vitest',
  tool: 'Vitest',
  category: 'test',
  ecosystem: 'node',
  documentation: 'https://vitest.dev/',
  programs: ['vitest'],
  packages: ['vitest'],
  configFiles: [...variants('vitest.config', 'ts,mts,cts,js,mjs,cjs'), ...variants('vitest.workspace', 'ts,mts,js,mjs,json')],
  detectedBy: 'dependency or configuration',
  isCheck: (args) =>
    ['run', 'related', undefined].includes(vitestCommand(args).command) &&
    (!given(args, '--watch', '-w') || given(args, '--watch=false')) &&
    !given(args, '--ui', '--standalone', '-u', '--update', '--clearCache', '--listTags', '--mergeReports', '--open', ...HELP) &&
    !given(args, '--inspect', '--inspectBrk', '--inspect-brk'),
  subcommands: ['run', 'related', 'watch', 'dev', 'bench', 'init', 'list', 'complete'],
  defaultOptions: ['run'],
  valueOptions: VITEST_VALUES,
  machineReadable: (options) => {
    const kept = without(options, { values: ['--reporter', '--outputFile'], flags: ['--run', '--color', '--no-color'] });
    const { command = 'run', rest } = vitestCommand(kept);
    return [
      command,
      ...rest,
      ...(command === 'related' ? ['--run'] : []),
      ...['--reporter=default', '--reporter=json', `--outputFile.json=${REPORT_PLACEHOLDER}`],
    ];
  },
  inputs: SOURCES,
  configuredIn: variants('vite.config', 'ts,mts,cts,js,mjs,cjs'),
  // Before 3.2 it starts as many as there are processors at least, and ends with an error where that is more than it may start at most.
  workers: {
    own: 'processors',
    options: ['--maxWorkers={workers}'],
    env: { VITEST_MIN_THREADS: '1', VITEST_MIN_FORKS: '1' },
    saidBy: ['--maxWorkers', '--no-file-parallelism'],
    configured: /\b(?:max|min)-?(?:workers|threads|forks)\b|file-?parallelism|single-?(?:thread|fork)\b|poolOptions/i,
    unknownTo: /^\D*0\./,
  },
  sharding: {
    kind: 'option',
    args: ['--shard={shard}/{shards}', '--passWithNoTests'],
    nothing: NO_SUITES,
    nothingPasses: PASSES_WITHOUT,
    unless: [
      {
        said: /file-?parallelism['"]?\s*[:=\s]\s*false|--no-file-?parallelism|single-?(?:thread|fork)\b(?!['"]?\s*[:=]\s*false)|max-?(?:workers|threads|forks)['"]?[\s:=]+['"]?1\b/i,
        reason: ONE_AT_A_TIME,
      },
      { said: /\bglobalSetup\b/, reason: SET_UP_ONCE },
    ],
  },
  exitCodes: { passed: [0], failed: [1] },
  coverage: {
    said: [MEASURES_COVERAGE, /\bcoverage['"]?\s*:\s*\{[\s\S]{0,2000}?\benabled['"]?\s*:(?!\s*false)/],
    unsaid: NO_COVERAGE,
    directories: ['--coverage.reportsDirectory'],
  },
  parser: 'vitest',
  install: install('vitest'),
});

const nodeTest = definePreset({
  id: 'node-test',
  tool: 'Node.js test runner',
  category: 'test',
  ecosystem: 'node',
  documentation: 'https://nodejs.org/api/test.html',
  programs: ['node', 'tsx'],
  detectedBy: 'command only',
  isCheck: (args) =>
    given(args, '--test') &&
    !given(args, '--watch', '--inspect', '--inspect-brk', '--test-update-snapshots', '-e', '--eval', '-p', '--print', ...HELP),
  defaultOptions: ['--test'],
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
  inputs: SOURCES,
  workers: {
    own: 'processors',
    options: ['--test-concurrency={workers}'],
    env: {},
    saidBy: ['--test-concurrency', '--test-isolation'],
  },
  sharding: {
    kind: 'option',
    args: ['--test-shard={shard}/{shards}'],
    unless: [
      { said: /--test-concurrency[=\s]1\b|--(?:experimental-)?test-isolation[=\s]none\b/, reason: ONE_AT_A_TIME },
      { said: /--test-global-setup\b/, reason: SET_UP_ONCE },
    ],
  },
  exitCodes: { passed: [0], failed: [1] },
  coverage: { said: [/--experimental-test-coverage\b|--test-coverage-(?:lines|branches|functions)\b/] },
  parser: 'node-test',
  install: 'Install Node.js from https://nodejs.org',
});

const ava = definePreset({
  id: 'ava',
  tool: 'AVA',
  category: 'test',
  ecosystem: 'node',
  documentation: 'https://github.com/avajs/ava#readme',
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
  valueOptions: ['--config', '-c', '--concurrency', '-m', '--match', '--node-arguments', '-T', '--timeout'],
  // Not --tap: that names the line of an assertion only inside of AVA itself.
  machineReadable: (options) => without(options, { flags: ['--tap', '-t', '--verbose', '-v', '--color'] }),
  inputs: SOURCES,
  workers: {
    own: 'processors',
    options: ['--concurrency={workers}'],
    env: {},
    saidBy: ['-c', '--concurrency', '--serial', '-s'],
    configured: /\bconcurrency\b|\bserial\b/,
  },
  sharding: { kind: 'never', reason: 'it divides by the environment of a CI service only' },
  exitCodes: { passed: [0], failed: [1] },
  parser: 'ava',
  caches: ['node_modules/.cache/ava'],
  install: install('ava'),
});

const jest = node({
  id: 'jest',
  tool: 'Jest',
  category: 'test',
  documentation: 'https://jestjs.io/docs/cli',
  programs: ['jest'],
  configFiles: variants('jest.config', 'js,cjs,mjs,ts,cts,mts,json'),
  configKeys: [{ file: 'package.json', key: ['jest'] }],
  detectedBy: 'configuration',
  isCheck: (args) =>
    (!given(args, '--watch', '--watchAll') || given(args, '--watchAll=false', '--watch=false')) &&
    !given(args, '-u', '--updateSnapshot', '--init', '--listTests', '--showConfig', '--clearCache', '--help', '-h', '--version'),
  valueOptions: [
    '-c',
    '--config',
    '-t',
    '--testNamePattern',
    '--testPathPattern',
    '--testPathPatterns',
    '-w',
    '--maxWorkers',
    '--reporters',
    '--rootDir',
    '--selectProjects',
    '--shard',
    '--outputFile',
    '--env',
    '--coverageDirectory',
    '--testTimeout',
  ],
  machineReadable: (options) => [
    ...without(options, { values: ['--outputFile'], flags: ['--json', '--color', '--colors', '--verbose', '--silent'] }),
    ...['--json', `--outputFile=${REPORT_PLACEHOLDER}`],
  ],
  inputs: SOURCES,
  workers: {
    own: 'processors',
    options: ['--maxWorkers={workers}'],
    env: {},
    saidBy: ['-w', '--maxWorkers', '-i', '--runInBand'],
    configured: /\bmax-?workers\b|\brun-?in-?band\b/i,
  },
  sharding: {
    kind: 'option',
    args: ['--shard={shard}/{shards}', '--passWithNoTests'],
    nothing: NO_SUITES,
    nothingPasses: PASSES_WITHOUT,
    unless: [
      { version: /^\D*(?:1?\d|2[0-7])(?:\.|$)/, reason: 'it cannot divide its tests before version 28' },
      {
        said: /(?:^|\s)(?:-i|--run-?in-?band)(?=\s|$)|(?:(?:^|\s)-w|max-?workers)['"]?[\s:=]*['"]?1(?![\d%])/i,
        reason: ONE_AT_A_TIME,
      },
      { said: /\bglobal(?:Setup|Teardown)\b/, reason: SET_UP_ONCE },
    ],
  },
  coverage: {
    said: [MEASURES_COVERAGE, /\bcollectCoverage['"]?\s*:(?!\s*false)/],
    unsaid: NO_COVERAGE,
    directories: ['--coverageDirectory'],
  },
  parser: 'jest',
});

const playwright = node({
  id: 'playwright',
  tool: 'Playwright Test',
  category: 'test',
  documentation: 'https://playwright.dev/docs/test-cli',
  programs: ['playwright'],
  packages: ['@playwright/test'],
  configFiles: variants('playwright.config', 'ts,js,mts,mjs,cts,cjs'),
  detectedBy: 'configuration',
  isCheck: (args) =>
    args[0] === 'test' && !given(args, '--ui', '--debug', '--headed', '--list', '-u', '--update-snapshots', ...HELP),
  subcommands: ['test', 'show-report', 'install', 'codegen', 'merge-reports', 'show-trace'],
  defaultOptions: ['test'],
  valueOptions: [
    '-c',
    '--config',
    '-g',
    '--grep',
    '--grep-invert',
    '-j',
    '--workers',
    '--project',
    '--reporter',
    '--retries',
    '--shard',
    '--timeout',
    '--output',
    '--max-failures',
    '--repeat-each',
    '--trace',
  ],
  machineReadable: (options) => [...without(options, { values: ['--reporter'] }), '--reporter=json'],
  env: { PLAYWRIGHT_HTML_OPEN: 'never' },
  inputs: SOURCES,
  caches: ['test-results'],
  workers: {
    own: 'half of the processors',
    options: ['--workers={workers}'],
    env: {},
    saidBy: ['-j', '--workers'],
    configured: /\bworkers\b(?!['"]?\s*:\s*undefined\b)/,
  },
  // Two runs beside each other would empty the directory of each other's results, and want the port of the same server.
  sharding: {
    kind: 'never',
    reason: 'its parts would share one server and one place for results; it divides its tests among its workers',
  },
  parser: 'playwright',
  install: install('@playwright/test'),
});

const tap = node({
  id: 'tap',
  tool: 'node-tap',
  category: 'test',
  documentation: 'https://node-tap.org/',
  programs: ['tap'],
  packages: ['tap'],
  configFiles: ['.taprc'],
  configKeys: [{ file: 'package.json', key: ['tap'] }],
  detectedBy: 'configuration',
  isCheck: (args) =>
    !['repl', 'list', 'report', 'build', 'plugin', 'replay', 'config', 'help'].includes(args[0] ?? '') &&
    !given(args, '--watch', '-w', '--snapshot', '-S', ...HELP),
  subcommands: ['run'],
  valueOptions: ['-R', '--reporter', '-j', '--jobs', '-t', '--timeout', '-g', '--grep'],
  machineReadable: (options) => [
    ...without(options, { values: ['-R', '--reporter'], flags: ['--color', '-c', '-C', '--no-color'] }),
    '--reporter=tap',
  ],
  inputs: SOURCES,
  caches: ['.tap'],
  workers: { own: 'processors', options: ['--jobs={workers}'], env: {}, saidBy: ['-j', '--jobs'], configured: /\bjobs\b/ },
  sharding: { kind: 'never', reason: 'its coverage is of all files together' },
  parser: 'tap',
});

const uvu = node({
  id: 'uvu',
  tool: 'uvu',
  category: 'test',
  documentation: 'https://github.com/lukeed/uvu#readme',
  programs: ['uvu'],
  detectedBy: 'command only',
  isCheck: (args) => !given(args, ...HELP),
  valueOptions: ['-r', '--require', '-C', '--cwd', '-i', '--ignore'],
  inputs: SOURCES,
  sharding: { kind: 'never', reason: 'its suites share one process' },
  parser: 'uvu',
});

/** In the order of presets.ts. */
export const nodeTestPresets: readonly Preset[] = [mocha, vitest, nodeTest, ava, jest, playwright, tap, uvu];
