/** Programs that scripts call and that have no row of their own in the table of presets. Pure. */
import type { Category } from '../model.js';
import { definePreset, type Preset } from './preset.js';

/** Start any program: only what they start could tell whether a call is a check. */
export const RUNTIMES: ReadonlySet<string> = new Set(['node', 'tsx', 'ts-node', 'bun', 'deno', 'python', 'python3', 'py']);

/** Say something or nothing; leaving them out changes no result. */
export const SAYERS: ReadonlySet<string> = new Set(['echo', 'printf', 'true', ':', 'exit', 'sleep', 'figlet']);

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

/** Whether the call only produces files, and ends. */
export function isBuildCall(program: string, args: readonly string[]): boolean {
  if (args.some((arg) => ENDLESS.has(arg) || arg.startsWith('--watch=') || arg.startsWith('--serve='))) return false;
  return BUILDERS.has(program) || BUILDERS.has(`${program} ${args[0] ?? ''}`) || isPreparation(program, args);
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
}

const PLAIN_CHECKS: readonly PlainCheck[] = [
  { program: 'stylelint', tool: 'Stylelint', category: 'lint' },
  { program: 'oxlint', tool: 'Oxlint', category: 'lint' },
  { program: 'standard', tool: 'standard', category: 'lint' },
  { program: 'markdownlint', tool: 'markdownlint', category: 'lint' },
  { program: 'markdownlint-cli2', tool: 'markdownlint', category: 'lint' },
  { program: 'cspell', tool: 'CSpell', category: 'lint' },
  { program: 'knip', tool: 'Knip', category: 'lint' },
  { program: 'depcheck', tool: 'depcheck', category: 'lint' },
  { program: 'depcruise', tool: 'dependency-cruiser', category: 'lint' },
  { program: 'publint', tool: 'publint', category: 'lint' },
  { program: 'installed-check', tool: 'installed-check', category: 'lint' },
  { program: 'lockfile-lint', tool: 'lockfile-lint', category: 'security' },
  { program: 'jest', tool: 'Jest', category: 'test' },
  { program: 'tape', tool: 'tape', category: 'test' },
  { program: 'uvu', tool: 'uvu', category: 'test' },
  { program: 'jasmine', tool: 'Jasmine', category: 'test' },
  { program: 'qunit', tool: 'QUnit', category: 'test' },
  { program: 'vue-tsc', tool: 'vue-tsc', category: 'types', only: ['--noEmit'] },
  { program: 'svelte-check', tool: 'svelte-check', category: 'types' },
  { program: 'type-coverage', tool: 'type-coverage', category: 'types' },
  { program: 'tsd-lite', tool: 'tsd-lite', category: 'types' },
  { program: 'dprint', tool: 'dprint', category: 'format', only: ['check'] },
  { program: 'sort-package-json', tool: 'sort-package-json', category: 'format', only: ['--check', '-c'] },
  { program: 'ruff', tool: 'Ruff', category: 'lint', ecosystem: 'python', only: ['check', '--check'] },
  { program: 'isort', tool: 'isort', category: 'format', ecosystem: 'python', only: ['--check', '--check-only', '-c'] },
  { program: 'pylint', tool: 'Pylint', category: 'lint', ecosystem: 'python' },
  { program: 'pyright', tool: 'Pyright', category: 'types', ecosystem: 'python' },
  { program: 'bandit', tool: 'Bandit', category: 'security', ecosystem: 'python' },
];

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
export const PLAIN_PRESETS: readonly Preset[] = PLAIN_CHECKS.map(({ program, tool, category, ecosystem = 'node', only }) =>
  definePreset({
    id: program,
    tool,
    category,
    ecosystem,
    documentation: '',
    programs: [program],
    packages: [program],
    detectedBy: 'command only',
    isCheck: (args) =>
      !args.some((arg) => CHANGES.includes(arg)) && (only === undefined || args.some((arg) => only.includes(arg))),
    exitCodes: { passed: [0], failed: [1, 2] },
    parser: 'none',
    install: ecosystem === 'python' ? `pip install ${program}` : `npm install --save-dev ${program}`,
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
