/** .pre-commit-config.yaml: which checks its hooks are. Pure. */
import { OTHER_HOOKS } from '../drafts.js';
import type { EvidenceFile } from '../evidence.js';
import type { Mention } from '../mention.js';
import { wordsOf } from '../script-names.js';
import { readYaml, type YamlNode } from './yaml.js';

/** A mention a hook whose tool is known or stands in the file, one of pre-commit itself, and one of all hooks that only look. */
export function readPreCommit(input: EvidenceFile): readonly Mention[] {
  const root = readYaml(input);
  const repositories = root?.get('repos')?.items() ?? [];
  const hooks = repositories.flatMap((repository) => {
    const from = repository.get('repo')?.text() ?? '';
    return (repository.get('hooks')?.items() ?? []).flatMap((hook) => hookMention(input.file, hook, from));
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
  return [...hooks, whole, ...otherHooks(input.file, repositories, root?.get('ci'))];
}

/** One of all hooks together that only look: pre-commit runs them, and is told to skip whatever may change files. */
function otherHooks(file: string, repositories: readonly YamlNode[], service: YamlNode | undefined): readonly Mention[] {
  const notThere = new Set((service?.get('skip')?.items() ?? []).map((item) => item.text()));
  const all = repositories.flatMap((repository) => {
    const from = repository.get('repo')?.text() ?? '';
    const own = LOOKING.find(({ repository: of }) => of.test(from));
    return (repository.get('hooks')?.items() ?? []).map((hook) => {
      const id = hook.get('id')?.text() ?? '';
      // With a command of the project's own it is another hook.
      const plain = hook.get('entry') === undefined && !isManual(hook) && !notThere.has(id);
      const looks = plain && (own ? own.looks(id, argsOf(hook)) : saysThatItLooks(id, from, argsOf(hook)));
      return { id, looks, line: hook.line };
    });
  });
  const skipped = new Set(all.filter(({ looks }) => !looks).map(({ id }) => id));
  const [first] = all.filter(({ id }) => !skipped.has(id));
  // What cannot be named cannot be skipped.
  if (!first || ![...skipped].every((id) => /^[\w.-]+$/.test(id))) return [];
  const env: Mention['env'] = skipped.size > 0 ? { SKIP: [...skipped].join(',') } : {};
  // The option tells it from a call of the task that runs all of them.
  const command = { kind: 'argv', argv: ['pre-commit', 'run', '--all-files', '--color=never'] } as const;
  // What stands under `ci` is for the service that runs all hooks for each change.
  const reviewed = service === undefined ? {} : ({ reviewed: true } as const);
  return [
    { file, line: first.line, text: `id: ${first.id}`, command, cwd: '', env, role: 'task', name: OTHER_HOOKS, ...reviewed },
  ];
}

/** Hooks that never change a file, by the repository that they are of. */
const LOOKING: readonly { readonly repository: RegExp; readonly looks: (id: string, args: readonly string[]) => boolean }[] = [
  {
    repository: /[/:]pre-commit\/pre-commit-hooks(?:\.git)?\/?$/,
    looks: (id, args) =>
      LOOKING_IDS.has(id) ||
      (id === 'pretty-format-json' && !args.includes('--autofix')) ||
      (id === 'mixed-line-ending' && args.join('=').includes('--fix=no')),
  },
  { repository: /\/check-jsonschema(?:\.git)?\/?$/, looks: (id) => /^check-[\w-]+$/.test(id) },
];

/** Whether the name of a hook that nobody knows says that it only looks: `cython-lint`. */
function saysThatItLooks(id: string, from: string, args: readonly string[]): boolean {
  const words = wordsOf(id);
  const checks = words.some((word) => /^(?:lint(?:er)?|check(?:er)?|validat(?:e|or))$/.test(word));
  const changes = words.some((word) => /^(?:format(?:ter)?|fmt|fix(?:er)?|autofix|update|sort(?:er)?|generate)$/.test(word));
  return checks && !changes && from !== 'local' && !Object.hasOwn(HOOKS, id) && !args.some(isChange);
}

const LOOKING_IDS = new Set(
  (
    'check-added-large-files check-ast check-builtin-literals check-byte-order-marker check-case-conflict check-docstring-first ' +
    'check-executables-have-shebangs check-illegal-windows-names check-json check-merge-conflict check-symlinks check-toml check-xml ' +
    'check-shebang-scripts-are-executable check-vcs-permalinks check-yaml debug-statements destroyed-symlinks detect-private-key ' +
    'name-tests-test'
  ).split(' '),
);

function argsOf(hook: YamlNode): readonly string[] {
  return (hook.get('args')?.items() ?? []).flatMap((item) => item.text() ?? []);
}

/** Whether it runs only when it is asked for. */
function isManual(hook: YamlNode): boolean {
  const stages = (hook.get('stages')?.items() ?? []).flatMap((item) => item.text() ?? []);
  return stages.length > 0 && stages.every((stage) => stage === 'manual');
}

function hookMention(file: string, hook: YamlNode, repository: string): readonly Mention[] {
  const id = hook.get('id')?.text() ?? '';
  const args = argsOf(hook);
  if (id === '' || isManual(hook)) return [];
  const common = { file, line: hook.line, text: `id: ${id}`, cwd: '', env: {}, role: 'hook', name: id } as const;
  if (repository === 'local') {
    // Not commands, but patterns and words.
    if (['pygrep', 'fail'].includes(hook.get('language')?.text() ?? '')) return [];
    const entry = hook.get('entry')?.text();
    const text = [entry ?? '', ...args].join(' ').trim();
    return text === '' ? [] : [{ ...common, command: { kind: 'shell', text } }];
  }
  // Another tool has the same name.
  if (id === 'yamlfmt' && !/\/google\/yamlfmt(?:\.git)?\/?$/.test(repository)) return [];
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
