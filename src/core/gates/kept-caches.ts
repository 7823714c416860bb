/**
 * What tools keep for their next run beside what their presets call caches, which two runs would fight over: results, build information,
 * compiled files. By the id of the preset, as the documentation of each tool has it. Only named, never locked. Pure.
 */

/** Where it lies, as globs. */
export interface KeptCaches {
  /** Relative to where the tool stands. */
  readonly here?: readonly string[];
  /** Relative to the user's directory for caches (`~/.cache`, `~/Library/Caches`, `%LocalAppData%`). */
  readonly user?: readonly string[];
  /** Relative to the directory for temporary files. */
  readonly temporary?: readonly string[];
  /** A variable of the environment that names the place instead. */
  readonly variable?: string;
}

const BUILD_INFO: KeptCaches = { here: ['*.tsbuildinfo', 'node_modules/.tmp/*.tsbuildinfo'] };
const GO: KeptCaches = { user: ['go-build'], variable: 'GOCACHE' };
const CARGO: KeptCaches = { here: ['target'], variable: 'CARGO_TARGET_DIR' };
const RUFF: KeptCaches = { here: ['.ruff_cache'], variable: 'RUFF_CACHE_DIR' };

export const KEPT_CACHES: Readonly<Record<string, KeptCaches>> = {
  eslint: { here: ['.eslintcache', 'node_modules/.cache/eslint'] },
  prettier: { here: ['node_modules/.cache/prettier'] },
  stylelint: { here: ['.stylelintcache'] },
  standard: { here: ['node_modules/.cache/standard'], user: ['standard'] },
  cspell: { here: ['.cspellcache'] },
  knip: { here: ['node_modules/.cache/knip'] },
  tsc: BUILD_INFO,
  'vue-tsc': BUILD_INFO,
  vitest: { here: ['node_modules/.vite', 'node_modules/.vitest'] },
  jest: { temporary: ['jest_*'] },
  ruff: RUFF,
  'ruff-format': RUFF,
  pylint: { user: ['pylint'], variable: 'PYLINTHOME' },
  black: { user: ['black'], variable: 'BLACK_CACHE_DIR' },
  pytest: { here: ['.pytest_cache'] },
  mypy: { here: ['.mypy_cache'], variable: 'MYPY_CACHE_DIR' },
  'pre-commit': { user: ['pre-commit'], variable: 'PRE_COMMIT_HOME' },
  'cargo-nextest': CARGO,
  'cargo-clippy': CARGO,
  'cargo-check': CARGO,
  'cargo-test': CARGO,
  'go-vet': GO,
  'go-test': GO,
  staticcheck: { user: ['staticcheck', 'go-build'], variable: 'STATICCHECK_CACHE' },
  'golangci-lint': { user: ['golangci-lint', 'go-build'], variable: 'GOLANGCI_LINT_CACHE' },
  rubocop: { user: ['rubocop_cache'], variable: 'RUBOCOP_CACHE_ROOT' },
  phpstan: { temporary: ['phpstan'] },
  'terraform-validate': { here: ['.terraform'] },
};
