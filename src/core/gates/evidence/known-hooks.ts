/** Hooks of pre-commit that are known by their names, and the check that each is. Pure. */

/**
 * The check that a hook is, with what the project adds to it; undefined for a hook that nobody knows. What mends is left out, since the
 * check is the same without. `args` take the place of the hook's own, which for some hold the command: `reuse` with `annotate` is no
 * longer `reuse lint`.
 */
export function checkOfHook(id: string, args: readonly string[]): readonly string[] | undefined {
  const known = Object.hasOwn(HOOKS, id) ? HOOKS[id] : undefined;
  if (!known) return undefined;
  const [program = ''] = known;
  const isReplaced = TOLD_BY_ARGS.has(program) && /^[a-z][a-z-]*$/.test(args[0] ?? '');
  const base = isReplaced ? [program] : known;
  const added = args.filter((arg) => !isMendingHook(arg) && !SHORT[program]?.includes(arg) && !OF_HOOKS.test(arg));
  // An option given twice is an error to many tools.
  return [...base.filter((word) => !word.startsWith('-') || !added.includes(word)), ...added];
}

/** Whether a hook mends what it finds, by its name or by what it is told. */
export function mendsAsHook(id: string, args: readonly string[]): boolean {
  const known = Object.hasOwn(HOOKS, id) ? HOOKS[id] : undefined;
  const [program = ''] = known ?? [];
  const says = (words: readonly string[]) => words.some((word) => LOOKS_ONLY.test(word));
  const isTold = args.some((arg) => isMendingHook(arg) || SHORT[program]?.includes(arg));
  return isTold || (known !== undefined && says(known) && !says(args) && !/(?:^|-)check$/.test(id));
}

/** As what the table adds to the call of a program that would mend, or what a project tells it. */
const LOOKS_ONLY = /^(?:-{1,2}check(?:-only)?|--dry-run|--diff|--list-different|-d|-lint|-l)$/;

/** Whether a hook of this name is in the table. */
export function isKnownHook(id: string): boolean {
  return Object.hasOwn(HOOKS, id);
}

/** Whether an argument of a hook has it mend what it finds. */
export function isMendingHook(arg: string): boolean {
  return CHANGES.has(arg.replace(/=.*$/, ''));
}

/** Their hooks start the bare program: the command stands in `args`, where those of the project take its place. */
const TOLD_BY_ARGS = new Set(['reuse', 'semgrep', 'proselint', 'gitleaks', 'commitlint', 'taplo', 'biome', 'poetry', 'uv']);

/** For the script of the hook, not for the tool. */
const OF_HOOKS = /^--(?:args|hook-config|tf-init-args|env-vars)=/;

/** Hooks may repair what they find; the check is the same without. */
const CHANGES = new Set([
  '--fix',
  '--write',
  '--in-place',
  '--exit-non-zero-on-fix',
  '--autofix',
  '--write-changes',
  '--auto-correct',
  '--autocorrect',
  '--auto-correct-all',
  '--autocorrect-all',
  '--fix-layout',
  '--fix-only',
  '--unsafe-fixes',
  '--overwrite-in-place',
]);
/** The same in short, which means something else to other tools. */
const SHORT: Readonly<Record<string, readonly string[]>> = {
  shfmt: ['-w'],
  codespell: ['-w'],
  gofmt: ['-w'],
  'clang-format': ['-i'],
  rubocop: ['-a', '-A', '-x'],
  typos: ['-w'],
  docformatter: ['-i'],
  autoflake: ['-i'],
  markdownlint: ['-f'],
  gersemi: ['-i'],
  yamlfmt: ['-w'],
};

/** Well-known hooks, and the check that each is. */
const HOOKS: Readonly<Record<string, readonly string[]>> = {
  ruff: ['ruff', 'check'],
  'ruff-check': ['ruff', 'check'],
  'ruff-format': ['ruff', 'format', '--check'],
  black: ['black', '--check'],
  'black-jupyter': ['black', '--check'],
  isort: ['isort', '--check-only'],
  flake8: ['flake8'],
  pylint: ['pylint'],
  mypy: ['mypy'],
  pyright: ['pyright'],
  bandit: ['bandit'],
  vulture: ['vulture'],
  codespell: ['codespell'],
  typos: ['typos'],
  yamllint: ['yamllint'],
  eslint: ['eslint'],
  prettier: ['prettier', '--check'],
  stylelint: ['stylelint'],
  'biome-check': ['biome', 'check'],
  'biome-ci': ['biome', 'ci'],
  'biome-lint': ['biome', 'lint'],
  'biome-format': ['biome', 'format'],
  markdownlint: ['markdownlint'],
  'markdownlint-cli2': ['markdownlint-cli2'],
  commitlint: ['commitlint'],
  shellcheck: ['shellcheck'],
  shfmt: ['shfmt', '-d'],
  hadolint: ['hadolint'],
  'hadolint-docker': ['hadolint'],
  actionlint: ['actionlint'],
  gitleaks: ['gitleaks', 'dir', '.'],
  'clang-format': ['clang-format', '--dry-run', '-Werror'],
  'clang-tidy': ['clang-tidy'],
  cppcheck: ['cppcheck'],
  fmt: ['cargo', 'fmt', '--check'],
  'cargo-check': ['cargo', 'check'],
  clippy: ['cargo', 'clippy'],
  'go-fmt': ['gofmt', '-l', '.'],
  'go-vet': ['go', 'vet', './...'],
  'golangci-lint': ['golangci-lint', 'run'],
  'golangci-lint-config-verify': ['golangci-lint', 'config', 'verify'],
  'golangci-lint-full': ['golangci-lint', 'run'],
  terraform_fmt: ['terraform', 'fmt', '-check', '-recursive'],
  terraform_validate: ['terraform', 'validate'],
  rubocop: ['rubocop'],
  semgrep: ['semgrep', 'scan', '--error'],
  interrogate: ['interrogate'],
  zizmor: ['zizmor', '.'],
  doc8: ['doc8'],
  pydocstyle: ['pydocstyle'],
  docformatter: ['docformatter', '--check', '--recursive', '.'],
  mdformat: ['mdformat', '--check', '.'],
  rstcheck: ['rstcheck', '--recursive', '.'],
  vermin: ['vermin', '.'],
  reuse: ['reuse', 'lint'],
  cpplint: ['cpplint', '--recursive', '.'],
  'gersemi-check': ['gersemi', '--check', '.'],
  'sqlfluff-lint': ['sqlfluff', 'lint', '.'],
  'djlint-django': ['djlint', '--lint', '.'],
  'djlint-jinja': ['djlint', '--lint', '.'],
  'ansible-lint': ['ansible-lint'],
  'taplo-format': ['taplo', 'format', '--check'],
  'taplo-lint': ['taplo', 'lint'],
  'validate-pyproject': ['validate-pyproject', 'pyproject.toml'],
  'check-manifest': ['check-manifest'],
  'check-sdist': ['check-sdist'],
  proselint: ['proselint', 'check', '.'],
  'sphinx-lint': ['sphinx-lint'],
  'editorconfig-checker': ['editorconfig-checker'],
  'pip-audit': ['pip-audit'],
  'uv-lock': ['uv', 'lock', '--check'],
  'poetry-check': ['poetry', 'check'],
  lychee: ['lychee', '.'],
  cspell: ['cspell', '.'],
  oxlint: ['oxlint'],
  tflint: ['tflint'],
  terraform_tflint: ['tflint'],
  stylua: ['stylua', '--check', '.'],
  'stylua-github': ['stylua', '--check', '.'],
  standard: ['standard'],
  yamlfmt: ['yamlfmt', '-lint', '.'],
  'pyproject-fmt': ['pyproject-fmt', '--check', 'pyproject.toml'],
  autoflake: ['autoflake', '--check', '--recursive', '.'],
};
