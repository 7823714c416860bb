/** .pre-commit-config.yaml: which checks its hooks are. Pure. */
import type { EvidenceFile } from '../evidence.js';
import type { Mention } from '../mention.js';
import { readYaml, type YamlNode } from './yaml.js';

/** A mention a hook whose tool is known or stands in the file, and one of pre-commit itself. */
export function readPreCommit(input: EvidenceFile): readonly Mention[] {
  const root = readYaml(input);
  const repositories = root?.get('repos')?.items() ?? [];
  const hooks = repositories.flatMap((repository) => {
    const local = repository.get('repo')?.text() === 'local';
    return (repository.get('hooks')?.items() ?? []).flatMap((hook) => hookMention(input.file, hook, local));
  });
  if (repositories.length === 0) return hooks;
  const args = ['run', '--all-files'];
  const whole: Mention = {
    file: input.file,
    line: root?.get('repos')?.line ?? 1,
    text: 'repos:',
    command: { kind: 'argv', argv: ['pre-commit', ...args] },
    cwd: '',
    env: {},
    role: 'task',
    name: 'pre-commit',
    runner: { program: 'pre-commit', args },
  };
  return [...hooks, whole];
}

function hookMention(file: string, hook: YamlNode, local: boolean): readonly Mention[] {
  const id = hook.get('id')?.text() ?? '';
  const args = (hook.get('args')?.items() ?? []).flatMap((item) => item.text() ?? []);
  const stages = (hook.get('stages')?.items() ?? []).flatMap((item) => item.text() ?? []);
  if (id === '' || (stages.length > 0 && stages.every((stage) => stage === 'manual'))) return [];
  const common = { file, line: hook.line, text: `id: ${id}`, cwd: '', env: {}, role: 'hook', name: id } as const;
  if (local) {
    // Not commands, but patterns and words.
    if (['pygrep', 'fail'].includes(hook.get('language')?.text() ?? '')) return [];
    const entry = hook.get('entry')?.text();
    const text = [entry ?? '', ...args].join(' ').trim();
    return text === '' ? [] : [{ ...common, command: { kind: 'shell', text } }];
  }
  const known = Object.hasOwn(HOOKS, id) ? HOOKS[id] : undefined;
  if (!known) return [];
  return [
    {
      ...common,
      command: {
        kind: 'argv',
        argv: [...known, ...args.filter((arg) => !isChange(arg) && arg !== SHORT[known[0] ?? ''] && !arg.startsWith('--args='))],
      },
    },
  ];
}

function isChange(arg: string): boolean {
  return CHANGES.has(arg.replace(/=.*$/, ''));
}

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
]);
/** The same in short, which means something else to other tools. */
const SHORT: Readonly<Record<string, string>> = {
  shfmt: '-w',
  codespell: '-w',
  gofmt: '-w',
  'clang-format': '-i',
  rubocop: '-a',
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
};
