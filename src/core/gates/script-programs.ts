/** Programs that scripts call and that have no row of their own in the table of presets. Pure. */
import type { Category } from '../model.js';
import { definePreset, type Preset } from './preset.js';

/** Start any program: only what they start could tell whether a call is a check. */
export const RUNTIMES: ReadonlySet<string> = new Set(['node', 'tsx', 'ts-node', 'bun', 'deno', 'python', 'python3', 'py']);

/** Say something or nothing; leaving them out changes no result. */
export const SAYERS: ReadonlySet<string> = new Set(['echo', 'printf', 'true', ':', 'exit', 'sleep', 'figlet', 'set']);

/** Measure how much code a test run covers; they end as the test run does. */
export const COVERAGE: ReadonlySet<string> = new Set(['c8', 'nyc']);

/** Produce files for the steps after them. */
const BUILDERS = new Set([
  ...[
    'esbuild',
    'rollup',
    'webpack',
    'tsup',
    'tsdown',
    'unbuild',
    'microbundle',
    'pkgroll',
    'swc',
    'babel',
    'bunchee',
    'browserify',
  ],
  ...[
    'vite build',
    'next build',
    'astro build',
    'rspack build',
    'rslib build',
    'rsbuild build',
    'ng build',
    'nuxt build',
    'parcel build',
  ],
  ...[
    'uv build',
    'hatch build',
    'poetry build',
    'flit build',
    'pdm build',
    'cargo build',
    'go build',
    'cmake --build',
    'dotnet build',
  ],
  ...['ncc build', 'svelte-kit sync', 'svelte-package', 'prisma generate', 'graphql-codegen', 'node-gyp rebuild', 'vsce package'],
]);

/** Put files and directories in place, or away. */
const PREPARERS = new Set([
  ...[
    'rimraf',
    'rm',
    'mkdir',
    'mkdirp',
    'make-dir',
    'cp',
    'mv',
    'touch',
    'shx',
    'del',
    'del-cli',
    'cpy',
    'cpx',
    'copyfiles',
    'ncp',
  ],
]);

const ENDLESS = new Set(['--watch', '-w', '--serve', '--serve-dev', '--dev-server']);

/** Whether the call goes on for ever. */
export function isEndless(args: readonly string[]): boolean {
  return args.some((arg) => ENDLESS.has(arg) || arg.startsWith('--watch=') || arg.startsWith('--serve='));
}

/** Whether the call only produces files, and ends. */
export function isBuildCall(program: string, args: readonly string[]): boolean {
  if (isEndless(args)) return false;
  return BUILDERS.has(program) || BUILDERS.has(`${program} ${args[0] ?? ''}`) || isPreparation(program, args);
}

/** Whether the program puts files in place or away, whichever. */
export function isPreparer(program: string): boolean {
  return PREPARERS.has(program);
}

/** Whether the call only puts files in place or away; not when what it puts away is what all checks stand on. */
export function isPreparation(program: string, args: readonly string[]): boolean {
  return (
    PREPARERS.has(program) &&
    !args.some((arg) => /^(?:\.{0,2}\/?|\*+|~|\/)$/.test(arg) || arg.includes('node_modules') || arg.startsWith('../'))
  );
}

interface PlainCheck {
  readonly program: string;
  readonly tool: string;
  readonly category: Category;
  readonly ecosystem?: Preset['ecosystem'];
  /** Arguments without which it does not check, one of them at least. */
  readonly only?: readonly string[];
  /** Name of its package where that is not the program's. */
  readonly install?: string;
  /** Files of its own that are enough to make a gate: without arguments it checks what they say. */
  readonly configFiles?: readonly string[];
}

const PLAIN_CHECKS: readonly PlainCheck[] = [
  { program: 'depcruise', tool: 'dependency-cruiser', category: 'lint' },
  { program: 'installed-check', tool: 'installed-check', category: 'lint' },
  { program: 'lockfile-lint', tool: 'lockfile-lint', category: 'security' },
  { program: 'tape', tool: 'tape', category: 'test' },
  { program: 'jasmine', tool: 'Jasmine', category: 'test' },
  { program: 'qunit', tool: 'QUnit', category: 'test' },
  { program: 'borp', tool: 'borp', category: 'test' },
  { program: 'tstyche', tool: 'TSTyche', category: 'types' },
  { program: 'wtr', tool: 'Web Test Runner', category: 'test', install: '@web/test-runner' },
  { program: 'web-test-runner', tool: 'Web Test Runner', category: 'test', install: '@web/test-runner' },
  { program: 'wdio', tool: 'WebdriverIO', category: 'test', only: ['run'], install: '@wdio/cli' },
  { program: 'karma', tool: 'Karma', category: 'test', only: ['--single-run'] },
  { program: 'cypress', tool: 'Cypress', category: 'test', only: ['run'] },
  { program: 'cucumber-js', tool: 'Cucumber', category: 'test', install: '@cucumber/cucumber' },
  { program: 'testcafe', tool: 'TestCafe', category: 'test' },
  { program: 'sherif', tool: 'Sherif', category: 'lint' },
  { program: 'syncpack', tool: 'Syncpack', category: 'lint', only: ['lint', 'list-mismatches'] },
  { program: 'api-extractor', tool: 'API Extractor', category: 'types', only: ['run'], install: '@microsoft/api-extractor' },
  { program: 'eclint', tool: 'ECLint', category: 'format', only: ['check'] },
  { program: 'type-coverage', tool: 'type-coverage', category: 'types' },
  { program: 'tsd-lite', tool: 'tsd-lite', category: 'types' },
  { program: 'dprint', tool: 'dprint', category: 'format', only: ['check'] },
  { program: 'oxfmt', tool: 'Oxfmt', category: 'format', only: ['--check', '-c', '--list-different'] },
  { program: 'sort-package-json', tool: 'sort-package-json', category: 'format', only: ['--check', '-c'] },
  { program: 'deptry', tool: 'deptry', category: 'lint', ecosystem: 'python' },
  { program: 'ty', tool: 'ty', category: 'types', ecosystem: 'python', only: ['check'] },
  { program: 'pyrefly', tool: 'Pyrefly', category: 'types', ecosystem: 'python', only: ['check'] },
  {
    program: 'phpcs',
    tool: 'PHP_CodeSniffer',
    category: 'lint',
    ecosystem: 'php',
    install: 'squizlabs/php_codesniffer',
    configFiles: ['phpcs.xml', 'phpcs.xml.dist', '.phpcs.xml', '.phpcs.xml.dist'],
  },
  {
    program: 'php-cs-fixer',
    tool: 'PHP CS Fixer',
    category: 'format',
    ecosystem: 'php',
    only: ['--dry-run', 'check'],
    install: 'friendsofphp/php-cs-fixer',
  },
  { program: 'pint', tool: 'Pint', category: 'format', ecosystem: 'php', only: ['--test'], install: 'laravel/pint' },
  {
    program: 'psalm',
    tool: 'Psalm',
    category: 'types',
    ecosystem: 'php',
    install: 'vimeo/psalm',
    configFiles: ['psalm.xml', 'psalm.xml.dist'],
  },
  { program: 'pest', tool: 'Pest', category: 'test', ecosystem: 'php', install: 'pestphp/pest' },
  { program: 'rector', tool: 'Rector', category: 'lint', ecosystem: 'php', only: ['--dry-run'], install: 'rector/rector' },
  { program: 'standardrb', tool: 'Standard Ruby', category: 'lint', ecosystem: 'ruby', install: 'standard' },
  { program: 'brakeman', tool: 'Brakeman', category: 'security', ecosystem: 'ruby' },
  { program: 'typos', tool: 'typos', category: 'lint', ecosystem: 'rust' },
  { program: 'lychee', tool: 'lychee', category: 'lint', ecosystem: 'rust' },
  { program: 'zizmor', tool: 'zizmor', category: 'security', ecosystem: 'python' },
  { program: 'pyspelling', tool: 'PySpelling', category: 'lint', ecosystem: 'python' },
  { program: 'interrogate', tool: 'interrogate', category: 'lint', ecosystem: 'python' },
  { program: 'doc8', tool: 'doc8', category: 'lint', ecosystem: 'python' },
  { program: 'check-wheel-contents', tool: 'check-wheel-contents', category: 'lint', ecosystem: 'python' },
  { program: 'pydocstyle', tool: 'pydocstyle', category: 'lint', ecosystem: 'python' },
  { program: 'pyroma', tool: 'Pyroma', category: 'lint', ecosystem: 'python' },
  { program: 'cpplint', tool: 'cpplint', category: 'lint', ecosystem: 'python' },
  { program: 'reuse', tool: 'REUSE', category: 'lint', ecosystem: 'python', only: ['lint', 'lint-file'] },
  {
    program: 'sphinx-build',
    tool: 'Sphinx doctest',
    category: 'test',
    ecosystem: 'python',
    only: ['doctest'],
    install: 'sphinx',
  },
  { program: 'yard-junk', tool: 'YARD-Junk', category: 'lint', ecosystem: 'ruby' },
  { program: 'reek', tool: 'Reek', category: 'lint', ecosystem: 'ruby' },
  { program: 'phpmd', tool: 'PHPMD', category: 'lint', ecosystem: 'php', install: 'phpmd/phpmd' },
  { program: 'phan', tool: 'Phan', category: 'types', ecosystem: 'php', install: 'phan/phan' },
  { program: 'behat', tool: 'Behat', category: 'test', ecosystem: 'php', install: 'behat/behat' },
  { program: 'tflint', tool: 'TFLint', category: 'lint', ecosystem: 'system' },
  { program: 'vale', tool: 'Vale', category: 'lint', ecosystem: 'system' },
  {
    program: 'goimports',
    tool: 'goimports',
    category: 'format',
    ecosystem: 'go',
    only: ['-l', '-d'],
    install: 'golang.org/x/tools/cmd/goimports@latest',
  },
  {
    program: 'govulncheck',
    tool: 'govulncheck',
    category: 'security',
    ecosystem: 'go',
    install: 'golang.org/x/vuln/cmd/govulncheck@latest',
  },
  {
    program: 'gosec',
    tool: 'gosec',
    category: 'security',
    ecosystem: 'go',
    install: 'github.com/securego/gosec/v2/cmd/gosec@latest',
  },
  { program: 'revive', tool: 'revive', category: 'lint', ecosystem: 'go', install: 'github.com/mgechev/revive@latest' },
  {
    program: 'misspell',
    tool: 'misspell',
    category: 'lint',
    ecosystem: 'go',
    install: 'github.com/client9/misspell/cmd/misspell@latest',
  },
  {
    program: 'ineffassign',
    tool: 'ineffassign',
    category: 'lint',
    ecosystem: 'go',
    install: 'github.com/gordonklaus/ineffassign@latest',
  },
  { program: 'errcheck', tool: 'errcheck', category: 'lint', ecosystem: 'go', install: 'github.com/kisielk/errcheck@latest' },
  { program: 'taplo', tool: 'Taplo', category: 'format', ecosystem: 'rust', only: ['--check', 'lint', 'check'] },
];

const INSTALL: Readonly<Partial<Record<Preset['ecosystem'], string>>> = {
  python: 'pip install',
  php: 'composer require --dev',
  ruby: 'gem install',
  rust: 'cargo install',
  go: 'go install',
  system: 'Install',
};

const CHANGES = [
  '--fix',
  '--write',
  '--watch',
  '-w',
  '--watchAll',
  '--update',
  '-u',
  '--updateSnapshot',
  '--init',
  '--help',
  '--version',
];

/** For checks of which Volley reads the exit code only. They are known from scripts alone. */
export const PLAIN_PRESETS: readonly Preset[] = PLAIN_CHECKS.map(
  ({ program, tool, category, ecosystem = 'node', only, install = program, configFiles = [] }) =>
    definePreset({
      id: program,
      tool,
      category,
      ecosystem,
      documentation: '',
      programs: [program],
      packages: [program],
      configFiles,
      detectedBy: configFiles.length > 0 ? 'configuration' : 'command only',
      isCheck: (args) =>
        !args.some((arg) => CHANGES.includes(arg)) && (only === undefined || args.some((arg) => only.includes(arg))),
      exitCodes: { passed: [0], failed: [1, 2] },
      parser: 'none',
      install: `${INSTALL[ecosystem] ?? 'npm install --save-dev'} ${install}`,
    }),
);

/** The check that `preset` does when its program runs under one of `COVERAGE`, which prints between its lines. */
export function underCoverage(preset: Preset, program: string): Preset {
  return {
    ...preset,
    programs: [program],
    packages: [program],
    machineReadable: (options) => options,
    takes: [],
    sharding: { kind: 'never', reason: 'its coverage is measured as a whole' },
    parser: 'none',
    ...(preset.workers ? { workers: { ...preset.workers, options: [], env: {} } } : {}),
    caches: [...preset.caches, 'coverage'],
    install: `npm install --save-dev ${program}`,
  };
}

const RAKE_TESTS = /^(?:test|tests|spec|specs|features|cucumber|minitest|ci)(?:$|:)/;
const RAKE_LINTS = /^(?:rubocop|standard|lint|style|check|reek|yard:check|rbs|steep)(?:$|:)/;

/** Tasks of Rake by their names, since a Rakefile is a program: with none it runs the default, by habit the tests. */
export const RAKE_PRESETS: readonly Preset[] = [
  rake('rake-test', 'test', (names) => names.every((name) => RAKE_TESTS.test(name))),
  rake('rake-lint', 'lint', (names) => names.length > 0 && names.every((name) => RAKE_LINTS.test(name))),
];

/** `cargo doc` where warnings are errors: links that lead nowhere are found. */
export const CARGO_DOC = definePreset({
  id: 'cargo-doc',
  tool: 'cargo doc',
  category: 'lint',
  ecosystem: 'rust',
  documentation: 'https://doc.rust-lang.org/rustdoc/lints.html',
  programs: ['cargo'],
  isCalledBy: (args) => args[0] === 'doc' || args[0] === 'rustdoc',
  detectedBy: 'command only',
  isCheck: (args) => !args.includes('--open'),
  exitCodes: { passed: [0], failed: [1, 101] },
  parser: 'none',
  caches: ['target'],
  install: 'Install Rust from https://rustup.rs',
});

/** `pyright --verifytypes package` says of a package how much of it has types. */
export const PYRIGHT_TYPES = definePreset({
  id: 'pyright-verifytypes',
  tool: 'Pyright',
  category: 'types',
  ecosystem: 'python',
  documentation: 'https://microsoft.github.io/pyright/#/typed-libraries?id=verifying-type-completeness',
  programs: ['pyright', 'basedpyright'],
  packages: ['pyright', 'basedpyright'],
  isCalledBy: (args) => args.includes('--verifytypes'),
  detectedBy: 'command only',
  isCheck: () => true,
  exitCodes: { passed: [0], failed: [1] },
  parser: 'none',
  install: 'pip install pyright',
});

function rake(id: string, category: Category, isMeant: (names: readonly string[]) => boolean): Preset {
  const names = (args: readonly string[]) => args.filter((arg) => !arg.startsWith('-') && !/^\w+=/.test(arg));
  return definePreset({
    id,
    tool: 'Rake',
    category,
    ecosystem: 'ruby',
    documentation: 'https://ruby.github.io/rake/',
    programs: ['rake'],
    isCalledBy: (args) => isMeant(names(args)),
    detectedBy: 'command only',
    isCheck: (args) => !names(args).some((name) => /fix|autocorrect|:update/.test(name)),
    inputs: ['**'],
    exitCodes: { passed: [0], failed: [1] },
    parser: 'none',
    install: 'gem install rake',
  });
}
