/** Well-known actions for tools of one language, and those that run several tools. Pure. */
import { type Inputs, lines, orElse, words } from './action-inputs.js';

type Command = (inputs: Inputs) => readonly string[] | undefined;

/** By name in lower case: the command that does the same. */
export const LANGUAGE_ACTIONS: Readonly<Record<string, Command>> = {
  // Rust
  'actions-rs/audit-check': () => ['cargo', 'audit'],
  'actions-rust-lang/audit': () => ['cargo', 'audit'],
  'clechasseur/rs-cargo': ({ command, args }) => (command === undefined ? undefined : ['cargo', command, ...words(args)]),
  'clechasseur/rs-fmt-check': () => ['cargo', 'fmt', '--all', '--check'],
  'clechasseur/rs-clippy-check': ({ args }) => ['cargo', 'clippy', ...words(args)],
  'auguwu/clippy-action': ({ args }) => ['cargo', 'clippy', ...words(args)],
  'bnjbvr/cargo-machete': ({ args }) => ['cargo', 'machete', ...words(args)],
  'pyo3/maturin-action': ({ command = 'build', target, args }) => maturin(command, target, args),
  'messense/maturin-action': ({ command = 'build', target, args }) => maturin(command, target, args),
  // Java and Kotlin
  'gradle/gradle-build-action': ({ arguments: args }) => gradle(args),
  'gradle/actions/setup-gradle': ({ arguments: args }) => gradle(args),
  'burrunan/gradle-cache-action': ({ arguments: args }) => gradle(args),
  'eskatos/gradle-command-action': ({ arguments: args }) => gradle(args),
  'scacap/action-ktlint': () => ['ktlint'],
  'musichin/ktlint-check': ({ patterns }) => ['ktlint', ...lines(patterns)],
  'axel-op/googlejavaformat-action': ({ args, 'skip-commit': kept }) =>
    kept === 'true' ? ['google-java-format', ...orElse(words(args), ['--set-exit-if-changed'])] : undefined,
  // PHP
  'psalm/psalm-github-actions': () => ['psalm'],
  'vimeo/psalm-github-actions': () => ['psalm'],
  'oskarstark/php-cs-fixer-ga': ({ args }) => ['php-cs-fixer', 'fix', ...orElse(words(args), ['--dry-run', '--diff'])],
  'oskarstark/phpstan-ga': ({ args }) => ['phpstan', 'analyse', ...words(args).filter((word) => !/^analy[sz]e$/.test(word))],
  'php-actions/phpstan': ({ path, level, configuration }) => [
    ...['phpstan', 'analyse', ...(level === undefined ? [] : ['--level', level])],
    ...(configuration === undefined ? [] : ['-c', configuration]),
    ...words(path),
  ],
  'php-actions/phpunit': ({ args, configuration }) => [
    'phpunit',
    ...(configuration === undefined ? [] : ['-c', configuration]),
    ...words(args),
  ],
  // C and Swift
  'doozyx/clang-format-lint-action': () => ['clang-format', '--dry-run', '-Werror'],
  'jidicula/clang-format-action': () => ['clang-format', '--dry-run', '-Werror'],
  'norio-nomura/action-swiftlint': ({ args }) => ['swiftlint', ...words(args)],
  'cirruslabs/swiftlint-action': ({ args }) => ['swiftlint', ...words(args)],
  // Haskell
  'haskell-actions/hlint-run': ({ path }) => ['hlint', ...orElse(words(path), ['.'])],
  'haskell/actions/hlint-run': ({ path }) => ['hlint', ...orElse(words(path), ['.'])],
  'rwe/actions-hlint-run': ({ path }) => ['hlint', ...orElse(words(path), ['.'])],
  'haskell-actions/run-fourmolu': () => ['fourmolu', '--mode', 'check', '.'],
  'fourmolu/fourmolu-action': () => ['fourmolu', '--mode', 'check', '.'],
  'haskell-actions/run-ormolu': () => ['ormolu', '--mode', 'check', '.'],
  'mrkkrp/ormolu-action': () => ['ormolu', '--mode', 'check', '.'],
  // Lua, Crystal, Dart, Julia
  'lunarmodules/luacheck': ({ args }) => ['luacheck', ...orElse(words(args), ['.'])],
  'nebularg/actions-luacheck': ({ path }) => ['luacheck', ...orElse(words(path), ['.'])],
  'ntbbloodbath/selene-action': ({ args }) => ['selene', ...orElse(words(args), ['.'])],
  'crystal-ameba/github-action': () => ['ameba'],
  'invertase/github-action-dart-analyzer': () => ['dart', 'analyze'],
  'fredrikekre/runic-action': () => ['runic', '--check', '.'],
  // Python
  'lgeiger/black-action': ({ args }) => ['black', ...orElse(words(args), ['.', '--check'])],
  'rickstaa/action-black': ({ black_args: args }) => ['black', ...orElse(words(args), ['.']), '--check'],
  'citation-file-format/cffconvert-github-action': ({ args }) => ['cffconvert', ...orElse(words(args), ['--validate'])],
  // JavaScript
  'actionsx/prettier': ({ args }) => ['prettier', ...words(args)],
  'creyd/prettier_action': ({ dry, prettier_options: options }) =>
    /^true$/i.test(dry ?? '') ? ['prettier', ...orElse(words(options), ['--check', '.'])] : undefined,
  'mongolyy/reviewdog-action-biome': () => ['biome', 'ci'],
  // Prose
  'vale-cli/vale-action': ({ files }) => ['vale', ...orElse(words(files), ['.'])],
  'errata-ai/vale-action': ({ files }) => ['vale', ...orElse(words(files), ['.'])],
  'gaurav-nelson/github-action-markdown-link-check': () => ['markdown-link-check', '.'],
  'tcort/github-action-markdown-link-check': () => ['markdown-link-check', '.'],
  'umbrelladocs/action-linkspector': () => ['linkspector', 'check'],
  'nosborn/github-action-markdown-cli': ({ files, config_file: config }) => markdownlint(files, config),
  'articulate/actions-markdownlint': ({ files, config }) => markdownlint(files, config),
  'avto-dev/markdown-lint': ({ args, config }) => markdownlint(args, config),
  // Shells, workflows, licences, infrastructure
  'azohra/shell-linter': () => ['shellcheck'],
  'bewuethr/shellcheck-action': () => ['shellcheck'],
  'koalaman/shellcheck': ({ args }) => ['shellcheck', ...words(args)],
  'devops-actions/actionlint': () => ['actionlint'],
  'eifinger/actionlint-action': () => ['actionlint'],
  'trunk-io/trunk-action': ({ arguments: args }) => ['trunk', 'check', '--ci', ...words(args)],
  'apache/skywalking-eyes': ({ mode }) =>
    mode === undefined || mode === 'check' ? ['license-eye', 'header', 'check'] : undefined,
  'apache/skywalking-eyes/header': ({ mode }) =>
    mode === undefined || mode === 'check' ? ['license-eye', 'header', 'check'] : undefined,
  'apache/skywalking-eyes/dependency': () => ['license-eye', 'dependency', 'check'],
  'ansible-community/ansible-lint-action': ({ args }) => ['ansible-lint', ...words(args)],
  'aquasecurity/tfsec-action': ({ working_directory: place }) => ['tfsec', ...orElse(words(place), ['.'])],
  ...reviewed({
    eslint: ['eslint', '.'],
    stylelint: ['stylelint', '**/*.css'],
    shellcheck: ['shellcheck'],
    shfmt: ['shfmt', '-d', '.'],
    'golangci-lint': ['golangci-lint', 'run'],
    staticcheck: ['staticcheck', './...'],
    misspell: ['misspell', '-error', '.'],
    typos: ['typos'],
    markdownlint: ['markdownlint', '.'],
    hadolint: ['hadolint', 'Dockerfile'],
    actionlint: ['actionlint'],
    yamllint: ['yamllint', '.'],
    vale: ['vale', '.'],
    rubocop: ['rubocop'],
    flake8: ['flake8', '.'],
    pyright: ['pyright'],
    black: ['black', '--check', '.'],
    tflint: ['tflint'],
    ansiblelint: ['ansible-lint'],
    'detect-secrets': ['detect-secrets-hook', '--baseline', '.secrets.baseline'],
  }),
};

/** Actions that run more than one tool. */
export const SEVERAL_TOOLS: Readonly<Record<string, (inputs: Inputs) => readonly (readonly string[])[]>> = {
  'bufbuild/buf-action': ({ lint, format }) => [
    ...(lint === 'false' ? [] : [['buf', 'lint']]),
    ...(format === 'false' ? [] : [['buf', 'format', '--exit-code', '--diff']]),
  ],
  'luizm/action-sh-checker': ({ sh_checker_shfmt_disable: noFormat, sh_checker_shellcheck_disable: noLint }) => [
    ...(isOn(noFormat) ? [] : [['shfmt', '-d', '.']]),
    ...(isOn(noLint) ? [] : [['shellcheck']]),
  ],
  'bsfishy/meson-build': ({ action, directory = 'build', options, 'setup-options': setup }) => {
    const command = action === 'build' ? 'compile' : action;
    if ((command !== 'compile' && command !== 'test') || !/^[\w./-]+$/.test(directory)) return [];
    // It configures the folder before.
    return [
      ['meson', 'setup', directory, ...words(setup)],
      ['meson', command, '-C', directory, ...words(options)],
    ];
  },
  'wearerequired/lint-action': (inputs) => Object.entries(LINTERS).flatMap(([name, argv]) => (isOn(inputs[name]) ? [argv] : [])),
};

/** What it is told to run by an input that is on. */
const LINTERS: Readonly<Record<string, readonly string[]>> = {
  eslint: ['eslint', '.'],
  prettier: ['prettier', '--check', '.'],
  stylelint: ['stylelint', '**/*.css'],
  xo: ['xo'],
  tsc: ['tsc', '--noEmit'],
  black: ['black', '--check', '.'],
  flake8: ['flake8', '.'],
  mypy: ['mypy', '.'],
  pylint: ['pylint', '.'],
  rubocop: ['rubocop'],
  erblint: ['erblint', '--lint-all'],
  gofmt: ['gofmt', '-l', '.'],
  swiftlint: ['swiftlint'],
  php_codesniffer: ['phpcs', '.'],
  clang_format: ['clang-format', '--dry-run', '-Werror'],
};

function isOn(input: string | undefined): boolean {
  return /^(?:true|1)$/i.test(input ?? '');
}

/** What it publishes is no check; what the matrix tells it is left out. */
function maturin(command: string, target: string | undefined, args: string | undefined): readonly string[] | undefined {
  if (!/^(?:build|sdist)$/.test(command)) return undefined;
  const isKnown = (text: string) => text !== '' && !/\$|\{\{/.test(text);
  const told = words((args ?? '').replace(/\s*--?[\w-]+[= ]+\$\{\{.*?\}\}/g, ''));
  return ['maturin', command, ...(target && isKnown(target) ? ['--target', target] : []), ...told.filter(isKnown)];
}

/** Called without tasks it only sets Gradle up. */
function gradle(args: string | undefined): readonly string[] | undefined {
  const told = words(args);
  return told.length === 0 ? undefined : ['gradlew', ...told];
}

function markdownlint(files: string | undefined, config: string | undefined): readonly string[] {
  return ['markdownlint', ...(config ? ['-c', config] : []), ...orElse(words(files), ['.'])];
}

/** The actions of reviewdog are called after the tools whose findings they tell of. */
function reviewed(tools: Readonly<Record<string, readonly string[]>>): Readonly<Record<string, Command>> {
  return Object.fromEntries(Object.entries(tools).map(([name, argv]) => [`reviewdog/action-${name}`, () => argv]));
}
