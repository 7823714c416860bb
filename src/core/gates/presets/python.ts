/** The tools of the Python world: rows of the table in presets.ts. */
import { REPORT_PLACEHOLDER } from '../../model.js';
import { given, valuesOf, without } from '../options.js';
import { definePreset, EVERY_FILE, type Preset } from '../preset.js';

const SOURCES = ['**/*.{py,pyi}'];
const HELP = ['--help', '-h', '--version', '-V'];

/** What Black leaves out where a project does not say it. */
const BLACK_EXCLUDES =
  '/(\\.direnv|\\.eggs|\\.git|\\.hg|\\.ipynb_checkpoints|\\.mypy_cache|\\.nox|\\.pytest_cache|\\.ruff_cache|\\.tox|\\.svn|\\.venv|\\.vscode|__pypackages__|_build|buck-out|build|dist|venv)/';

/** Files that are named are left out by this option alone. Each pattern has lines of its own, since one may end with a comment. */
function forceExclude(options: readonly string[], setting: (file: string, key: readonly string[]) => unknown): readonly string[] {
  const said = (name: string) => valuesOf(options, [`--${name}`]).at(-1) ?? setting('pyproject.toml', ['tool', 'black', name]);
  const patterns = [said('exclude') ?? BLACK_EXCLUDES, said('extend-exclude'), said('force-exclude')].filter(
    (pattern) => typeof pattern === 'string' && pattern !== '',
  );
  // Where nothing is configured here, a configuration above may say it, and would be overruled.
  const isConfigured =
    setting('pyproject.toml', ['tool', 'black']) !== undefined || given(options, '--exclude', '--extend-exclude');
  if (patterns.length === 0 || !isConfigured) return [];
  // One with a line break in it is read without its spaces and comments; then all of them are.
  const verbose = (pattern: string) => (pattern.includes('\n') ? pattern : pattern.replace(/(?<!\\)[ #]/g, '\\$&'));
  return ['--force-exclude', patterns.map((pattern) => `(?:${verbose(String(pattern))}\n)`).join('|')];
}

const black = definePreset({
  id: 'black',
  tool: 'Black',
  category: 'format',
  ecosystem: 'python',
  documentation: 'https://black.readthedocs.io/',
  programs: ['black'],
  packages: ['black'],
  configKeys: [{ file: 'pyproject.toml', key: ['tool', 'black'] }],
  detectedBy: 'dependency or configuration',
  isCheck: (args) => given(args, '--check') && !given(args, '-c', '--code', ...HELP),
  defaultOptions: ['--check'],
  defaultTargets: ['.'],
  valueOptions: [
    ...[
      '-c',
      '--code',
      '-l',
      '--line-length',
      '-t',
      '--target-version',
      '--enable-unstable-feature',
      '--line-ranges',
      '--required-version',
    ],
    ...['--exclude', '--extend-exclude', '--force-exclude', '--include', '--stdin-filename', '-W', '--workers', '--config'],
    '--python-cell-magics',
  ],
  machineReadable: (options) => [...without(options, { flags: ['-q', '--quiet', '--color', '--no-color'] }), '--no-color'],
  takes: SOURCES,
  fileOptionsOf: forceExclude,
  inputs: SOURCES,
  // 123 is also the end of a run that met a file it could not parse.
  isFix: (args) => !given(args, '--check', '--diff', '-c', '--code', ...HELP),
  fix: (options) => without(options, { flags: ['--check', '--diff'] }),
  // Notebooks, where it is installed for them, and what its settings include.
  reads: [EVERY_FILE, '**/{pyproject.toml,.gitignore}'],
  workers: { own: 'processors', options: ['--workers={workers}'], env: {}, saidBy: ['-W', '--workers'] },
  sharding: { kind: 'files', heedsGitignore: true },
  exitCodes: { passed: [0], failed: [1, 123] },
  parser: 'black',
  install: 'pip install black',
});

const flake8 = definePreset({
  id: 'flake8',
  tool: 'flake8',
  category: 'lint',
  ecosystem: 'python',
  documentation: 'https://flake8.pycqa.org/',
  programs: ['flake8'],
  packages: ['flake8'],
  configFiles: ['.flake8'],
  configKeys: [
    { file: 'setup.cfg', key: ['flake8'] },
    { file: 'tox.ini', key: ['flake8'] },
  ],
  detectedBy: 'dependency or configuration',
  isCheck: (args) => !given(args, '--bug-report', '--install-hook', ...HELP),
  valueOptions: ['-j'],
  // Plugins add many more, nearly all with a value.
  flagOptions: [
    ...['--help', '--version', '--verbose', '--quiet', '--count', '--statistics', '--show-source', '--no-show-source', '--tee'],
    ...['--exit-zero', '--disable-noqa', '--doctests', '--hang-closing', '--isolated', '--benchmark', '--bug-report', '--diff'],
    ...['--install-hook', '--show-pep8'],
  ],
  machineReadable: (options) => [
    ...without(options, {
      values: ['--format', '--output-file', '--color'],
      flags: ['-q', '--quiet', '--tee', '--show-source', '--count', '--statistics', '--benchmark'],
    }),
    '--format=default',
  ],
  takes: ['**/*.py'],
  passesOver: {
    options: ['--exclude', '--extend-exclude'],
    keys: ['exclude', 'extend-exclude', 'extend_exclude'].flatMap((key) => [
      { file: '.flake8', key: ['flake8', key] },
      { file: 'setup.cfg', key: ['flake8', key] },
      { file: 'tox.ini', key: ['flake8', key] },
    ]),
  },
  inputs: SOURCES,
  workers: { own: 'processors', options: ['--jobs={workers}'], env: {}, saidBy: ['-j', '--jobs'], configured: /\bjobs\b/ },
  // Its plugins see one file at a time.
  sharding: { kind: 'files' },
  exitCodes: { passed: [0], failed: [1] },
  parser: 'flake8',
  install: 'pip install flake8',
});

const mypy = definePreset({
  id: 'mypy',
  tool: 'mypy',
  category: 'types',
  ecosystem: 'python',
  documentation: 'https://mypy.readthedocs.io/',
  programs: ['mypy'],
  packages: ['mypy'],
  configFiles: ['mypy.ini', '.mypy.ini'],
  configKeys: [
    { file: 'pyproject.toml', key: ['tool', 'mypy'] },
    { file: 'setup.cfg', key: ['mypy'] },
  ],
  detectedBy: 'dependency or configuration',
  isCheck: (args) => !given(args, '--install-types', ...HELP),
  defaultTargets: ['.'],
  targetKeys: ['files', 'packages', 'modules'].flatMap((key) => [
    { file: 'pyproject.toml', key: ['tool', 'mypy', key] },
    { file: 'mypy.ini', key: ['mypy', key] },
    { file: '.mypy.ini', key: ['mypy', key] },
    { file: 'setup.cfg', key: ['mypy', key] },
  ]),
  valueOptions: [
    ...['-m', '--module', '-p', '--package', '-c', '--command', '--config-file', '--python-version', '--platform', '--exclude'],
    ...['--cache-dir', '--python-executable', '--enable-error-code', '--disable-error-code', '--follow-imports', '--junit-xml'],
    ...[
      '-O',
      '--output',
      '--custom-typeshed-dir',
      '--custom-typing-module',
      '--always-true',
      '--always-false',
      '--any-exprs-report',
    ],
    ...[
      '--html-report',
      '--txt-report',
      '--xml-report',
      '--cobertura-xml-report',
      '--lineprecision-report',
      '--untyped-calls-exclude',
    ],
    ...['--enable-incomplete-feature', '--soft-error-limit', '--package-root', '-n', '--num-workers'],
  ],
  // Only options that are as old as 0.9: no --output json, no --show-error-end (read where the project asks for it).
  machineReadable: (options) => [
    ...without(options, {
      values: ['-O', '--output'],
      flags: [
        '--pretty',
        '--no-pretty',
        '--color-output',
        '--no-color-output',
        '--error-summary',
        '--no-error-summary',
        '--hide-column-numbers',
        '--hide-error-codes',
        '--show-column-numbers',
        '--show-error-codes',
      ],
    }),
    ...['--show-column-numbers', '--show-error-codes', '--no-pretty', '--no-color-output', '--no-error-summary'],
  ],
  inputs: SOURCES,
  // 2 stands for files that cannot be parsed as well as for a wrong call; the parser tells them apart.
  sharding: { kind: 'never', reason: 'a program is checked as a whole' },
  exitCodes: { passed: [0], failed: [1, 2], tolerated: ['information'] },
  parser: 'mypy',
  caches: ['.mypy_cache'],
  install: 'pip install mypy',
});

/** Where pytest finds options beside those of its command line. */
const ADDED_OPTIONS = [
  { file: 'pyproject.toml', key: ['tool', 'pytest', 'ini_options', 'addopts'] },
  { file: 'pyproject.toml', key: ['tool', 'pytest', 'addopts'] },
  { file: 'pytest.ini', key: ['pytest', 'addopts'] },
  { file: 'tox.ini', key: ['pytest', 'addopts'] },
  { file: 'setup.cfg', key: ['tool:pytest', 'addopts'] },
];

const pytest = definePreset({
  id: 'pytest',
  tool: 'pytest',
  category: 'test',
  ecosystem: 'python',
  documentation: 'https://docs.pytest.org/',
  programs: ['pytest', 'py.test'],
  packages: ['pytest'],
  configFiles: ['pytest.ini', '.pytest.ini', 'pytest.toml', '.pytest.toml', 'conftest.py'],
  configKeys: [
    { file: 'pyproject.toml', key: ['tool', 'pytest'] },
    { file: 'tox.ini', key: ['pytest'] },
    { file: 'setup.cfg', key: ['tool:pytest'] },
  ],
  detectedBy: 'dependency or configuration',
  isCheck: (args) =>
    !given(
      args,
      // What failed before, run again.
      '--lf',
      '--last-failed',
      '--collect-only',
      '--co',
      '--fixtures',
      '--funcargs',
      '--fixtures-per-test',
      '--markers',
      '--setup-plan',
      ...HELP,
    ) && !given(args, '--setup-only', '--pdb', '--trace', '--cache-show', '-f', '--looponfail'),
  valueOptions: [
    ...[
      '-k',
      '-m',
      '-p',
      '-c',
      '--config-file',
      '-o',
      '--override-ini',
      '--rootdir',
      '--confcutdir',
      '--basetemp',
      '--maxfail',
      '-W',
    ],
    ...[
      '--pythonwarnings',
      '--tb',
      '--color',
      '--code-highlight',
      '--junitxml',
      '--junit-xml',
      '--junit-prefix',
      '--junitprefix',
    ],
    ...[
      '--import-mode',
      '--ignore',
      '--ignore-glob',
      '--deselect',
      '--durations',
      '--durations-min',
      '-r',
      '--capture',
      '--show-capture',
    ],
    ...['--log-level', '--log-file', '--log-format', '--verbosity', '--cov-report', '--cov-config', '--cov-fail-under', '-n'],
    ...[
      '--numprocesses',
      '--dist',
      '--timeout',
      '--lfnf',
      '--last-failed-no-failures',
      '--pastebin',
      '--doctest-glob',
      '--assert',
    ],
  ],
  machineReadable: (options) => [
    ...without(options, { values: ['--junitxml', '--junit-xml', '--junit-prefix', '--junitprefix', '--color'] }),
    // The family xunit1 is the one that says in which file and line a test stands.
    ...[`--junitxml=${REPORT_PLACEHOLDER}`, '-o', 'junit_family=xunit1', '--color=no'],
  ],
  inputs: [...SOURCES, '**/{pyproject.toml,pytest.ini,tox.ini,setup.cfg}'],
  // What xdist starts; a number that the project names is its own.
  workers: {
    own: 'processors',
    options: [],
    env: { PYTEST_XDIST_AUTO_NUM_WORKERS: '{workers}' },
    saidBy: [],
    asked: { by: /(?:^|\s)(?:-n|--numprocesses)[\s=]?(?:auto|logical)\b/, keys: ADDED_OPTIONS },
  },
  // Two runs of xdist would number their workers alike, and what tests name after a worker (a database, a port) would be one. It gets more
  // workers instead when it takes long.
  sharding: { kind: 'never', reason: 'its fixtures may live as long as the whole run; xdist divides it by itself' },
  // 2 is what it ends with when a file of tests cannot be imported.
  exitCodes: { passed: [0], failed: [1, 2] },
  parser: 'pytest',
  caches: ['.pytest_cache'],
  install: 'pip install pytest',
});

/** In the order of presets.ts. */
export const pythonPresets: readonly Preset[] = [black, flake8, mypy, pytest];
