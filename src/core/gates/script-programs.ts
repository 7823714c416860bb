/** Programs that scripts call and that have no row of their own in the table of presets. Pure. */
import type { Category } from '../gate-model.js';
import { buildsModule } from './go-arguments.js';
import { checkingTarget, isNativeBuild } from './native-builds.js';
import { definePreset, type Preset } from './preset.js';
import { isDocumentationBuild } from './script-documentation.js';

/** Start any program: only what they start could tell whether a call is a check. */
export const RUNTIMES: ReadonlySet<string> = new Set(['node', 'tsx', 'ts-node', 'bun', 'deno', 'python', 'python3', 'py']);

/** Say something or nothing; leaving them out changes no result. */
export const SAYERS: ReadonlySet<string> = new Set([
  'echo',
  'printf',
  'true',
  ':',
  'exit',
  'sleep',
  'figlet',
  'set',
  'date',
  'pwd',
  'whoami',
  'hostname',
  'uname',
  'printenv',
  'nproc',
]);

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
    'maturin build',
    'maturin sdist',
  ],
  ...['npm pack', 'pnpm pack', 'yarn pack'],
  ...[
    'pyproject-build',
    'uv build',
    'hatch build',
    'poetry build',
    'flit build',
    'pdm build',
    'cargo build',
    'go build',
    'cmake --build',
    'flutter build',
    'wasm-pack build',
    'trunk build',
    'maturin build',
    'dotnet build',
  ],
  // They build for themselves all that a target, a package or a wheel needs.
  ...['bazel build', 'bazelisk build', 'buck2 build', 'conan create', 'cibuildwheel'],
  ...['ncc build', 'svelte-kit sync', 'svelte-package', 'prisma generate', 'graphql-codegen', 'node-gyp rebuild', 'vsce package'],
]);

/** The module that Python is told to run and what it is given, without options of the interpreter: `-bb -Im pytest -q`. */
export function moduleCall(args: readonly string[]): readonly string[] {
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? '';
    if (/^-[bBdEiIOPqsSuvx]*m$/.test(arg)) return args.slice(index + 1);
    if (/^-[WX]$/.test(arg)) index += 1;
    else if (!/^-(?:[bBdEIOPqsSuv]+|[WX].+)$/.test(arg)) return [];
  }
  return [];
}

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
  if (isEndless(args) && program !== 'make') return false;
  // It only says what it would build.
  if (args.includes('--print-build-identifiers')) return false;
  // `cmake --build build --target check` builds something that checks.
  if (program === 'cmake' && checkingTarget(args) !== undefined) return false;
  const packs =
    /^python[\d.]*$/.test(program) && args[0] === 'setup.py' && args.some((arg) => /^(?:sdist|bdist\w*|build\w*)$/.test(arg));
  const tries = program === 'goreleaser' && /^(?:build|release)$/.test(args[0] ?? '') && args.includes('--snapshot');
  return (
    packs ||
    tries ||
    buildsModule(program, args) ||
    isNativeBuild(program, args) ||
    isDocumentationBuild(program, args) ||
    BUILDERS.has(program) ||
    BUILDERS.has(`${program} ${args[0] ?? ''}`) ||
    isPreparation(program, args)
  );
}

/** Whether the call only shows, in whatever form, what tests have measured before; not where too little of it fails. */
export function isReportOfCoverage(program: string, args: readonly string[]): boolean {
  if (program !== 'coverage' || args.some((arg) => arg.startsWith('--fail-under'))) return false;
  return /^(?:annotate|combine|debug|erase|html|json|lcov|xml)$/.test(args[0] ?? '');
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

/** The check that `preset` does when its program runs under one of `COVERAGE`, which prints between its lines. */
export function underCoverage(preset: Preset, program: string): Preset {
  return {
    ...asItStands(preset, program),
    packages: [program],
    sharding: { kind: 'never', reason: 'its coverage is measured as a whole' },
    caches: [...preset.caches, 'coverage'],
    install: `npm install --save-dev ${program}`,
  };
}

/** The check that `preset` does when `program` starts it in a way of the project's own. */
export function asItStands(preset: Preset, program: string): Preset {
  return {
    ...preset,
    programs: [program],
    machineReadable: (options) => options,
    takes: [],
    sharding: { kind: 'never', reason: 'the project starts it in its own way' },
    parser: 'none',
    ...(preset.workers ? { workers: { ...preset.workers, options: [], env: {} } } : {}),
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
  subcommands: ['doc', 'rustdoc'],
  valueOptions: [
    '-p',
    '--package',
    '-F',
    '--features',
    '--exclude',
    '--target',
    '--manifest-path',
    '--color',
    '-j',
    '--jobs',
    '-Z',
  ],
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
