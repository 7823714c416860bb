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
    configured: {
      files: variants('.mocharc', 'js,cjs,mjs,json,jsonc,yml,yaml'),
      by: /\bjobs\b/,
      keys: [{ file: 'package.json', key: ['mocha', 'jobs'] }],
    },
  },
  sharding: { kind: 'never', reason: 'test files may share hooks and state in one process' },
  exitCodes: { passed: [0], failed: ANY_FAILURE },
  parser: 'mocha',
  install: install('mocha'),
});

/** Endings of modules that configure a tool. */
const MODULES = 'ts,mts,cts,js,mjs,cjs';

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
  workers: {
    own: 'processors',
    options: ['--maxWorkers={workers}'],
    // Before version 3 it has at least as many as it would start by itself, and ends with an error where it is told of fewer at most.
    env: { VITEST_MIN_THREADS: '1', VITEST_MIN_FORKS: '1' },
    saidBy: ['--maxWorkers', '--minWorkers', '--no-file-parallelism', '--fileParallelism', '--poolOptions'],
    configured: {
      files: [
        ...variants('vitest.config', MODULES),
        ...variants('vite.config', MODULES),
        ...variants('vitest.workspace', MODULES),
      ],
      by: /\b(?:(?:min|max)(?:Workers|Threads|Forks)|fileParallelism|single(?:Thread|Fork))\b/,
    },
  },
  sharding: { kind: 'option', args: ['--shard={shard}/{shards}'], setUp: { by: /\bglobalSetup\b/, options: ['--globalSetup'] } },
  coverage: { options: ['--coverage'], directories: ['--coverage.reportsDirectory'], by: /\bcoverage\b[\s\S]*\benabled\b/ },
  exitCodes: { passed: [0], failed: [1] },
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
  sharding: { kind: 'option', args: ['--test-shard={shard}/{shards}'], setUp: { options: ['--test-global-setup'] } },
  coverage: { options: ['--experimental-test-coverage'], directories: [] },
  exitCodes: { passed: [0], failed: [1] },
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
    configured: {
      files: variants('ava.config', 'js,cjs,mjs'),
      by: /\b(?:concurrency|serial)\b/,
      keys: ['concurrency', 'serial'].map((key) => ({ file: 'package.json', key: ['ava', key] })),
    },
  },
  sharding: { kind: 'never', reason: 'it divides by the environment of a CI service only' },
  exitCodes: { passed: [0], failed: [1] },
  parser: 'ava',
  caches: ['node_modules/.cache/ava'],
  install: install('ava'),
});

const JEST_SETUP = {
  by: /\bglobal(?:Setup|Teardown)\b/,
  keys: ['globalSetup', 'globalTeardown'].map((key) => ({ file: 'package.json', key: ['jest', key] })),
  options: ['--globalSetup', '--globalTeardown'],
};

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
    configured: {
      files: variants('jest.config', 'js,cjs,mjs,ts,cts,mts,json'),
      by: /\bmaxWorkers\b/,
      keys: [{ file: 'package.json', key: ['jest', 'maxWorkers'] }],
    },
  },
  sharding: { kind: 'option', args: ['--shard={shard}/{shards}'], since: 28, setUp: JEST_SETUP },
  coverage: {
    options: ['--coverage', '--collectCoverage'],
    directories: ['--coverageDirectory'],
    by: /\bcollectCoverage\b/,
    keys: [{ file: 'package.json', key: ['jest', 'collectCoverage'] }],
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
  configFiles: variants('playwright.config', 'ts,js,mts,mjs'),
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
    configured: { files: variants('playwright.config', 'ts,js,mts,mjs,cts,cjs'), by: /\bworkers\b/ },
  },
  sharding: { kind: 'option', args: ['--shard={shard}/{shards}'] },
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
  workers: {
    own: 'processors',
    options: ['--jobs={workers}'],
    env: {},
    saidBy: ['-j', '--jobs'],
    configured: { files: ['.taprc'], by: /^\s*jobs\b/m, keys: [{ file: 'package.json', key: ['tap', 'jobs'] }] },
  },
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
