/** The tools of Rust, Go, C and C++: rows of the table in presets.ts. */
import { REPORT_PLACEHOLDER } from '../../model.js';
import { given, without } from '../options.js';
import { definePreset, GO_PROCESSORS, type Preset, type PresetWorkers } from '../preset.js';

const HELP = ['--help', '-h', '--version', '-V'];
const RUST = ['**/*.rs', '**/Cargo.toml', '**/Cargo.lock', '**/{rustfmt,.rustfmt,clippy,.clippy}.toml', '.cargo/**'];
const GO = ['**/*.go', '**/go.{mod,sum,work}'];
const C = ['**/*.{c,cc,cpp,cxx,h,hh,hpp,hxx,m,mm}'];

/** `args` with options right after the tool's own command, before anything that is for other programs. */
function afterCommand(args: readonly string[], ...added: readonly string[]): readonly string[] {
  return [...args.slice(0, 1), ...added.filter((option) => !args.includes(option)), ...args.slice(1)];
}

// ---------------------------------------------------------------------------------------------------------------- Rust

/** There a project sets variables, which those of the environment overrule. */
const CARGO_CONFIG = ['.cargo/config.toml', '.cargo/config'];
const CARGO_WORKERS: PresetWorkers = {
  own: 'processors',
  options: [],
  env: { CARGO_BUILD_JOBS: '{workers}' },
  saidBy: ['-j', '--jobs'],
};
const CARGO_VALUES = [
  ...['-p', '--package', '--exclude', '--features', '-F', '--target', '--target-dir', '--manifest-path', '--profile'],
  ...['--message-format', '--color', '--test', '--bin', '--example', '--bench', '-j', '--jobs', '--config', '-Z'],
];
const NEVER_RUST = { kind: 'never', reason: 'the compiler sees a crate as a whole' } as const;

function cargo(
  command: string,
  rest: Omit<Parameters<typeof definePreset>[0], 'programs' | 'ecosystem' | 'isCalledBy' | 'subcommands'>,
): Preset {
  return definePreset({
    programs: ['cargo'],
    ecosystem: 'rust',
    isCalledBy: (args) => args[0] === command,
    subcommands: [command],
    inputs: RUST,
    // A build script may read anything.
    caches: ['target'],
    exitCodes: { passed: [0], failed: [101] },
    ...rest,
  });
}

const cargoFmt = cargo('fmt', {
  id: 'cargo-fmt',
  tool: 'rustfmt',
  category: 'format',
  documentation: 'https://rust-lang.github.io/rustfmt/',
  configFiles: ['rustfmt.toml', '.rustfmt.toml'],
  detectedBy: 'configuration',
  isCheck: (args) => given(args, '--check') && !given(args, ...HELP),
  isFix: (args) => !given(args, '--check', ...HELP),
  defaultOptions: ['fmt', '--check'],
  valueOptions: CARGO_VALUES,
  fix: (options) => without(options, { flags: ['--check'] }),
  reads: RUST,
  caches: [],
  sharding: { kind: 'never', reason: 'it follows the modules of a crate' },
  exitCodes: { passed: [0], failed: [1] },
  parser: 'cargo-fmt',
  install: 'rustup component add rustfmt',
});

const cargoClippy = cargo('clippy', {
  id: 'cargo-clippy',
  tool: 'Clippy',
  category: 'lint',
  documentation: 'https://doc.rust-lang.org/clippy/',
  configFiles: ['clippy.toml', '.clippy.toml'],
  configKeys: [{ file: 'Cargo.toml', key: ['lints', 'clippy'] }],
  detectedBy: 'configuration',
  isCheck: (args) => !given(args, '--fix', ...HELP),
  isFix: (args) => given(args, '--fix'),
  defaultOptions: ['clippy'],
  valueOptions: CARGO_VALUES,
  machineReadable: (options) => afterCommand(without(options, { values: ['--message-format'] }), '--message-format=json'),
  fix: (options) => afterCommand(options, '--fix', '--allow-dirty', '--allow-staged'),
  workers: CARGO_WORKERS,
  sharding: NEVER_RUST,
  parser: 'cargo-messages',
  install: 'rustup component add clippy',
});

const cargoCheck = cargo('check', {
  id: 'cargo-check',
  tool: 'cargo check',
  category: 'types',
  documentation: 'https://doc.rust-lang.org/cargo/commands/cargo-check.html',
  detectedBy: 'command only',
  isCheck: (args) => !given(args, ...HELP),
  defaultOptions: ['check'],
  valueOptions: CARGO_VALUES,
  machineReadable: (options) => afterCommand(without(options, { values: ['--message-format'] }), '--message-format=json'),
  workers: CARGO_WORKERS,
  sharding: NEVER_RUST,
  parser: 'cargo-messages',
  install: 'Install Rust from https://rustup.rs',
});

const cargoTest = cargo('test', {
  id: 'cargo-test',
  tool: 'cargo test',
  category: 'test',
  documentation: 'https://doc.rust-lang.org/cargo/commands/cargo-test.html',
  configFiles: ['Cargo.toml'],
  detectedBy: 'configuration',
  isCheck: (args) => !given(args, '--no-run', '--list', ...HELP),
  defaultOptions: ['test'],
  valueOptions: CARGO_VALUES,
  machineReadable: (options) => afterCommand(without(options, { values: ['--message-format'] }), '--message-format=json'),
  env: { RUST_BACKTRACE: '0' },
  workers: {
    ...CARGO_WORKERS,
    env: { CARGO_BUILD_JOBS: '{workers}', RUST_TEST_THREADS: '{workers}' },
    saidBy: ['-j', '--jobs', '--test-threads'],
    configured: /\bRUST_TEST_THREADS\b/,
  },
  configuredIn: CARGO_CONFIG,
  sharding: NEVER_RUST,
  parser: 'cargo-test',
  install: 'Install Rust from https://rustup.rs',
});

const cargoNextest = definePreset({
  id: 'cargo-nextest',
  tool: 'cargo-nextest',
  category: 'test',
  ecosystem: 'rust',
  documentation: 'https://nexte.st/',
  programs: ['cargo'],
  isCalledBy: (args) => args[0] === 'nextest',
  configFiles: ['.config/nextest.toml'],
  detectedBy: 'configuration',
  isCheck: (args) => args[1] === 'run' && !given(args, '--no-run', ...HELP),
  subcommands: ['nextest', 'run'],
  defaultOptions: ['nextest', 'run'],
  valueOptions: CARGO_VALUES,
  machineReadable: (options) => [...without(options, { values: ['--color'] }), '--color=never'],
  env: { RUST_BACKTRACE: '0' },
  inputs: RUST,
  workers: {
    own: 'processors',
    options: [],
    env: { CARGO_BUILD_JOBS: '{workers}', NEXTEST_TEST_THREADS: '{workers}' },
    saidBy: ['-j', '--jobs', '--test-threads'],
    configured: /\btest-threads\b|\bNEXTEST_TEST_THREADS\b/,
  },
  configuredIn: CARGO_CONFIG,
  // Each test has a process of its own; cargo itself lets only one of them build at a time.
  sharding: {
    kind: 'option',
    args: ['--partition=hash:{shard}/{shards}'],
    env: { NEXTEST_NO_TESTS: 'pass' },
    nothing: /\bStarting 0 tests\b/,
    nothingPasses: /--no-tests[=\s](?:pass|warn)|NEXTEST_NO_TESTS=(?:pass|warn)/,
    unless: [
      {
        said: /\btest-groups\b|\btest-threads\b['"]?[\s:=]+['"]?1\b|(?:^|\s)-j[=\s]?1\b|--jobs[=\s]1\b/,
        reason: 'some of its tests are not to run at the same time',
      },
      { said: /^\s*\[+scripts?\b/m, reason: 'what it sets up for all tests could not be there twice' },
    ],
  },
  exitCodes: { passed: [0], failed: [100, 101] },
  parser: 'cargo-nextest',
  install: 'cargo install cargo-nextest',
  testedOn: 'documentation',
});

const cargoDeny = cargo('deny', {
  id: 'cargo-deny',
  tool: 'cargo-deny',
  category: 'security',
  documentation: 'https://embarkstudios.github.io/cargo-deny/',
  configFiles: ['deny.toml'],
  detectedBy: 'configuration',
  isCheck: (args) => args.includes('check'),
  defaultOptions: ['deny', 'check'],
  inputs: ['**/Cargo.{toml,lock}', '**/deny.toml'],
  caches: [],
  sharding: { kind: 'never', reason: 'it looks at all dependencies together' },
  // A sum of bits, one for each kind of check.
  exitCodes: { passed: [0], failed: Array.from({ length: 15 }, (_, index) => index + 1) },
  parser: 'cargo-deny',
  install: 'cargo install cargo-deny',
  testedOn: 'documentation',
});

// ------------------------------------------------------------------------------------------------------------------ Go

const NEVER_GO = { kind: 'never', reason: 'only go knows which files make a package' } as const;
const GO_VALUES = [
  '-run',
  '-tags',
  '-timeout',
  '-count',
  '-p',
  '-parallel',
  '-bench',
  '-coverprofile',
  '-covermode',
  '-coverpkg',
  '-shuffle',
  '-C',
  '-mod',
  '-vet',
  '-fuzz',
  '-fuzztime',
  '-fuzzminimizetime',
];

/** Of programs that are written in Go and have no option for it. */
const GO_WORKERS: PresetWorkers = { own: 'processors', options: [], env: GO_PROCESSORS, saidBy: [] };

/** `-run=^$`, `-run NONE`: a pattern of tests that matches none, as benchmarks are run alone. */
function isNoTest(arg: string, index: number, args: readonly string[]): boolean {
  const pattern = /^--?run=(.*)$/.exec(arg)?.[1] ?? (/^--?run$/.test(args[index - 1] ?? '') ? arg : undefined);
  return (
    pattern !== undefined && /^(?:\^?\$|-|x+|none|nothing|\^?_+\$?|notest|\^benchmark.*)?$/i.test(pattern.replace(/["']/g, ''))
  );
}

const goVet = definePreset({
  id: 'go-vet',
  tool: 'go vet',
  category: 'lint',
  ecosystem: 'go',
  documentation: 'https://pkg.go.dev/cmd/vet',
  programs: ['go'],
  isCalledBy: (args) => args[0] === 'vet',
  configFiles: ['go.mod'],
  detectedBy: 'configuration',
  isCheck: (args) => !given(args, '-help', '-fix', ...HELP),
  subcommands: ['vet'],
  defaultOptions: ['vet'],
  defaultTargets: ['./...'],
  valueOptions: GO_VALUES,
  machineReadable: (options) => without(options, { flags: ['-json'] }),
  inputs: GO,
  workers: { own: 'processors', options: ['-p={workers}'], env: {}, saidBy: ['-p'] },
  sharding: NEVER_GO,
  exitCodes: { passed: [0], failed: [1, 2] },
  parser: 'go-vet',
  install: 'Install Go from https://go.dev/dl',
});

const goTest = definePreset({
  id: 'go-test',
  tool: 'go test',
  category: 'test',
  ecosystem: 'go',
  documentation: 'https://pkg.go.dev/cmd/go#hdr-Test_packages',
  programs: ['go'],
  isCalledBy: (args) => args[0] === 'test',
  configFiles: ['go.mod'],
  detectedBy: 'configuration',
  // Fuzzing ends where it is told how long it may take.
  isCheck: (args) =>
    !given(args, '-c', '-list', '-n', ...HELP) &&
    // By habit tests write by these what they would compare with.
    !args.some((arg) => /^--?update(?:-?golden)?(?:=true)?$/.test(arg)) &&
    (!given(args, '-fuzz') || given(args, '-fuzztime')) &&
    !(given(args, '-bench') && args.some(isNoTest)),
  subcommands: ['test'],
  defaultOptions: ['test'],
  defaultTargets: ['./...'],
  valueOptions: GO_VALUES,
  // What is measured on the way checks nothing.
  machineReadable: (options) =>
    afterCommand(
      without(options, { values: ['-bench', '-benchtime', '-cpuprofile', '-memprofile'], flags: ['-benchmem'] }),
      '-json',
    ),
  inputs: [...GO, '**/testdata/**'],
  workers: { own: 'processors', options: ['-p={workers}'], env: {}, saidBy: ['-p'] },
  // Profiles and -o are files that its parts would fight over; -p 1 says that packages share something.
  sharding: {
    kind: 'packages',
    beside:
      'asmflags count cover covermode gcflags json ldflags mod msan parallel race run short shuffle skip tags timeout trimpath v vet'.split(
        ' ',
      ),
  },
  exitCodes: { passed: [0], failed: [1, 2] },
  parser: 'go-test',
  install: 'Install Go from https://go.dev/dl',
});

const gofmt = definePreset({
  id: 'gofmt',
  tool: 'gofmt',
  category: 'format',
  ecosystem: 'go',
  documentation: 'https://pkg.go.dev/cmd/gofmt',
  programs: ['gofmt'],
  detectedBy: 'command only',
  isCheck: (args) => given(args, '-l', '-d') && !given(args, '-w', ...HELP),
  isFix: (args) => given(args, '-w'),
  defaultOptions: ['-l'],
  defaultTargets: ['.'],
  valueOptions: ['-r', '-cpuprofile'],
  machineReadable: (options) => [...without(options, { flags: ['-l', '-d'] }), '-l'],
  fix: (options) => [...without(options, { flags: ['-l', '-d'] }), '-w'],
  takes: ['**/*.go'],
  reads: ['**/*.go'],
  workers: GO_WORKERS,
  sharding: { kind: 'files' },
  exitCodes: { passed: [0], failed: [2], findingsFail: true },
  parser: 'gofmt',
  install: 'Install Go from https://go.dev/dl',
});

/** Reports that version 2 writes besides, and how its text looks. */
const GOLANGCI_OUTPUTS = [
  ...['text', 'json', 'tab', 'html', 'checkstyle', 'code-climate', 'junit-xml', 'teamcity', 'sarif'].map(
    (format) => `--output.${format}.path`,
  ),
  ...['print-linter-name', 'print-issued-lines', 'colors'].map((option) => `--output.text.${option}`),
];

const golangciLint = definePreset({
  id: 'golangci-lint',
  tool: 'golangci-lint',
  category: 'lint',
  ecosystem: 'go',
  documentation: 'https://golangci-lint.run/',
  programs: ['golangci-lint'],
  isCalledBy: (args) => args[0] !== 'config',
  configFiles: ['.golangci.{yml,yaml,toml,json}'],
  detectedBy: 'configuration',
  isCheck: (args) => args[0] === 'run' && !given(args, '--fix', ...HELP),
  isFix: (args) => args[0] === 'run' && given(args, '--fix'),
  subcommands: ['run', 'fmt', 'linters', 'help', 'cache', 'config', 'version'],
  defaultOptions: ['run'],
  valueOptions: [
    '-c',
    '--config',
    '--timeout',
    '-E',
    '--enable',
    '-D',
    '--disable',
    '-j',
    '--concurrency',
    '--build-tags',
    '--out-format',
    '--issues-exit-code',
    '--new-from-rev',
  ],
  machineReadable: (options) => [
    ...without(options, {
      values: ['--out-format', '--color', ...GOLANGCI_OUTPUTS],
      flags: ['--print-issued-lines', '--print-linter-name'],
    }),
    '--color=never',
  ],
  fix: (options) => [...options, '--fix'],
  inputs: [...GO, '.golangci.*'],
  workers: {
    own: 'processors',
    options: ['--concurrency={workers}'],
    env: {},
    saidBy: ['-j', '--concurrency'],
    configured: /\bconcurrency\b/,
  },
  sharding: NEVER_GO,
  exitCodeOption: '--issues-exit-code',
  parser: 'go-lines',
  install: 'See https://golangci-lint.run/welcome/install',
  testedOn: 'documentation',
});

const staticcheck = definePreset({
  id: 'staticcheck',
  tool: 'Staticcheck',
  category: 'lint',
  ecosystem: 'go',
  documentation: 'https://staticcheck.dev/',
  programs: ['staticcheck'],
  configFiles: ['staticcheck.conf'],
  detectedBy: 'configuration',
  isCheck: (args) => !given(args, '-explain', '-list-checks', '-debug.version', ...HELP),
  defaultTargets: ['./...'],
  valueOptions: ['-checks', '-f', '-fail', '-go', '-tags'],
  // Not as an option with an attached value: -fail is another one.
  machineReadable: (options) => options.filter((option, at) => !/^-f(?:=|$)/.test(option) && options[at - 1] !== '-f'),
  inputs: [...GO, '**/staticcheck.conf'],
  workers: GO_WORKERS,
  sharding: NEVER_GO,
  parser: 'staticcheck',
  install: 'go install honnef.co/go/tools/cmd/staticcheck@latest',
  testedOn: 'documentation',
});

// -------------------------------------------------------------------------------------------------------------- C, C++

const clangFormat = definePreset({
  id: 'clang-format',
  tool: 'clang-format',
  category: 'format',
  ecosystem: 'system',
  documentation: 'https://clang.llvm.org/docs/ClangFormat.html',
  programs: ['clang-format'],
  configFiles: ['.clang-format', '_clang-format'],
  detectedBy: 'command only',
  isCheck: (args) => given(args, '--dry-run', '-n') && !given(args, '-i', ...HELP),
  isFix: (args) => given(args, '-i'),
  defaultOptions: ['--dry-run', '-Werror'],
  valueOptions: [
    ...['--style', '-style', '--fallback-style', '-fallback-style', '--assume-filename', '--ferror-limit', '--files', '--lines'],
    ...['--length', '--offset', '--cursor', '--qualifier-alignment'],
  ],
  fix: (options) => [...without(options, { flags: ['--dry-run', '-n', '-Werror', '--Werror'] }), '-i'],
  takes: C,
  needsFiles: true,
  reads: [...C, '**/{.clang-format,_clang-format,.clang-format-ignore}'],
  sharding: { kind: 'files' },
  parser: 'clang-lines',
  install: 'apt install clang-format',
});

const clangTidy = definePreset({
  id: 'clang-tidy',
  tool: 'clang-tidy',
  category: 'lint',
  ecosystem: 'system',
  documentation: 'https://clang.llvm.org/extra/clang-tidy/',
  programs: ['clang-tidy'],
  configFiles: ['.clang-tidy'],
  detectedBy: 'command only',
  isCheck: (args) => !given(args, '--fix', '-fix', '--fix-errors', '--list-checks', '--dump-config', ...HELP),
  isFix: (args) => given(args, '--fix', '-fix', '--fix-errors'),
  valueOptions: ['-p'],
  fix: (options) => ['--fix', ...options],
  inputs: [...C, '**/.clang-tidy'],
  sharding: { kind: 'never', reason: 'which headers it reads is known only to the compiler' },
  parser: 'clang-lines',
  install: 'apt install clang-tidy',
});

const cppcheck = definePreset({
  id: 'cppcheck',
  tool: 'Cppcheck',
  category: 'lint',
  ecosystem: 'system',
  documentation: 'https://cppcheck.sourceforge.io/',
  programs: ['cppcheck'],
  detectedBy: 'command only',
  isCheck: (args) => !given(args, '--doc', '--errorlist', ...HELP),
  defaultTargets: ['.'],
  valueOptions: ['-D', '-U', '-I', '-i', '-j', '-l', '-x'],
  machineReadable: (options) => [
    ...without(options, { flags: ['--xml', '-q', '--quiet'], values: ['--template', '--output-file', '--xml-version'] }),
    '--xml',
    '--quiet',
  ],
  inputs: C,
  workers: { own: 1, options: [], env: {}, saidBy: ['-j'] },
  sharding: { kind: 'never', reason: 'it looks for what no file uses' },
  // Without --error-exitcode it ends with 0 whatever it found.
  exitCodes: { passed: [0], failed: [1] },
  exitCodeOption: '--error-exitcode',
  parser: 'cppcheck',
  install: 'apt install cppcheck',
});

const CTEST_SHOWN = ['--output-on-failure', '-V', '-VV', '--verbose', '--extra-verbose', '-Q', '--quiet', '--progress'];

const ctest = definePreset({
  id: 'ctest',
  tool: 'CTest',
  category: 'test',
  ecosystem: 'system',
  documentation: 'https://cmake.org/cmake/help/latest/manual/ctest.1.html',
  programs: ['ctest'],
  detectedBy: 'command only',
  isCheck: (args) =>
    !given(
      args,
      '-N',
      '--show-only',
      '-S',
      '-SP',
      '--script',
      '-D',
      '--dashboard',
      '-T',
      '--test-action',
      '--print-labels',
      '--help',
      '--version',
    ),
  defaultOptions: ['--test-dir', 'build'],
  valueOptions: [
    '-C',
    '-R',
    '-E',
    '-L',
    '-LE',
    '-I',
    '-j',
    '-O',
    '-T',
    '-M',
    '-A',
    '-FA',
    '-FS',
    '-FC',
    '--test-dir',
    '--timeout',
    '--preset',
  ],
  // Where the project does not say what it builds in, it is where most do. No test at all is a failure, since nothing was tested.
  machineReadable: (options) => [
    ...(given(options, '--test-dir', '--preset', '--build-and-test') ? [] : ['--test-dir', 'build']),
    ...without(options, { flags: [...CTEST_SHOWN, '--no-tests'], values: ['--output-junit'] }),
    ...['--output-on-failure', '--no-tests=error', '--output-junit', REPORT_PLACEHOLDER],
  ],
  inputs: [...C, '**/CMakeLists.txt', '**/*.cmake'],
  workers: { own: 1, options: [], env: {}, saidBy: ['-j', '--parallel'] },
  sharding: { kind: 'never', reason: 'its tests may depend on each other' },
  exitCodes: { passed: [0], failed: [8] },
  parser: 'ctest',
  install: 'apt install cmake',
});

/** In the order of presets.ts. */
export const systemPresets: readonly Preset[] = [
  ...[cargoFmt, cargoClippy, cargoCheck, cargoTest, cargoNextest, cargoDeny],
  ...[gofmt, goVet, golangciLint, staticcheck, goTest],
  ...[clangFormat, clangTidy, cppcheck, ctest],
];
