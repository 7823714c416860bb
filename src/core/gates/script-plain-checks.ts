/** Checks that scripts and CI call and of which only the exit code is read: a table. Pure. */
import type { Category } from '../gate-model.js';
import { definePreset, type Preset } from './preset.js';
import { DOCUMENTATION_CHECKS } from './script-documentation.js';

interface PlainCheck {
  readonly program: string;
  readonly tool: string;
  readonly category: Category;
  readonly ecosystem?: Preset['ecosystem'];
  /** The first argument by which the program is this tool. */
  readonly subcommand?: string;
  /** Arguments without which it does not check, one of them at least. */
  readonly only?: readonly string[];
  /** Arguments with which it changes what it would check. */
  readonly never?: readonly string[];
  /** Name of its package where that is not the program's. */
  readonly install?: string;
  /** Files of its own that are enough to make a gate: without arguments it checks what they say. */
  readonly configFiles?: readonly string[];
}

// biome-ignore format: a table is read by rows
const PLAIN_CHECKS: readonly PlainCheck[] = [
  // Node.js
  { program: 'depcruise', tool: 'dependency-cruiser', category: 'lint' },
  { program: 'installed-check', tool: 'installed-check', category: 'lint' },
  { program: 'lockfile-lint', tool: 'lockfile-lint', category: 'security' },
  { program: 'tape', tool: 'tape', category: 'test' },
  { program: 'jasmine', tool: 'Jasmine', category: 'test', never: ['init'] },
  { program: 'qunit', tool: 'QUnit', category: 'test' },
  { program: 'borp', tool: 'borp', category: 'test' },
  { program: 'tstyche', tool: 'TSTyche', category: 'types' },
  { program: 'wtr', tool: 'Web Test Runner', category: 'test', install: '@web/test-runner' },
  { program: 'web-test-runner', tool: 'Web Test Runner', category: 'test', install: '@web/test-runner' },
  { program: 'wdio', tool: 'WebdriverIO', category: 'test', only: ['run'], install: '@wdio/cli' },
  { program: 'karma', tool: 'Karma', category: 'test', only: ['--single-run'] },
  { program: 'cypress', tool: 'Cypress', category: 'test', only: ['run'], never: ['--record'] },
  { program: 'cucumber-js', tool: 'Cucumber', category: 'test', install: '@cucumber/cucumber' },
  { program: 'testcafe', tool: 'TestCafe', category: 'test' },
  { program: 'bun', tool: 'Bun test runner', category: 'test', subcommand: 'test', install: 'bun' },
  { program: 'bnt', tool: 'better-node-test', category: 'test', install: 'better-node-test' },
  { program: 'check-dts', tool: 'check-dts', category: 'types' },
  { program: 'astro', tool: 'Astro check', category: 'types', subcommand: 'check', install: '@astrojs/check' },
  { program: 'sherif', tool: 'Sherif', category: 'lint' },
  { program: 'syncpack', tool: 'Syncpack', category: 'lint', only: ['lint', 'list-mismatches'] },
  { program: 'manypkg', tool: 'Manypkg', category: 'lint', only: ['check'], install: '@manypkg/cli' },
  { program: 'api-extractor', tool: 'API Extractor', category: 'types', only: ['run'], never: ['--local', '-l'], install: '@microsoft/api-extractor' },
  { program: 'eclint', tool: 'ECLint', category: 'format', only: ['check'] },
  { program: 'type-coverage', tool: 'type-coverage', category: 'types' },
  { program: 'tsd-lite', tool: 'tsd-lite', category: 'types' },
  { program: 'dprint', tool: 'dprint', category: 'format', only: ['check'] },
  { program: 'pretty-quick', tool: 'pretty-quick', category: 'format', only: ['--check'] },
  { program: 'oxfmt', tool: 'Oxfmt', category: 'format', only: ['--check', '-c', '--list-different'] },
  { program: 'sort-package-json', tool: 'sort-package-json', category: 'format', only: ['--check', '-c'] },
  { program: 'ls-lint', tool: 'ls-lint', category: 'lint', install: '@ls-lint/ls-lint' },
  { program: 'textlint', tool: 'textlint', category: 'lint' },
  { program: 'remark', tool: 'remark', category: 'lint', only: ['--frail', '-f'], install: 'remark-cli' },
  { program: 'alex', tool: 'alex', category: 'lint' },
  { program: 'markdown-link-check', tool: 'markdown-link-check', category: 'lint' },
  { program: 'linkinator', tool: 'linkinator', category: 'lint' },
  { program: 'es-check', tool: 'ES Check', category: 'lint' },
  { program: 'filesize', tool: 'filesize', category: 'lint', install: '@ampproject/filesize' },
  { program: 'bundlewatch', tool: 'bundlewatch', category: 'lint' },
  { program: 'spectral', tool: 'Spectral', category: 'lint', only: ['lint'], install: '@stoplight/spectral-cli' },
  { program: 'redocly', tool: 'Redocly CLI', category: 'lint', only: ['lint'], install: '@redocly/cli' },
  { program: 'secretlint', tool: 'secretlint', category: 'security' },
  { program: 'ts-unused-exports', tool: 'ts-unused-exports', category: 'lint' },
  { program: 'ajv', tool: 'Ajv', category: 'lint', only: ['validate', 'test', '--spec', '-d', '--data'], install: 'ajv-cli' },
  { program: 'jsr', tool: 'jsr publish --dry-run', category: 'lint', subcommand: 'publish', only: ['--dry-run'] },
  { program: 'deno', tool: 'deno publish --dry-run', category: 'lint', subcommand: 'publish', only: ['--dry-run'], ecosystem: 'system', install: 'Deno' },
  // Python
  { program: 'pyproject-fmt', tool: 'pyproject-fmt', category: 'format', ecosystem: 'python', only: ['--check'] },
  { program: 'autoflake', tool: 'autoflake', category: 'lint', ecosystem: 'python', only: ['--check', '-c', '--check-diff', '-cd'], never: ['-i', '--in-place'] },
  { program: 'deptry', tool: 'deptry', category: 'lint', ecosystem: 'python' },
  { program: 'ty', tool: 'ty', category: 'types', ecosystem: 'python', only: ['check'] },
  { program: 'pyrefly', tool: 'Pyrefly', category: 'types', ecosystem: 'python', only: ['check'] },
  { program: 'zizmor', tool: 'zizmor', category: 'security', ecosystem: 'python' },
  { program: 'pyspelling', tool: 'PySpelling', category: 'lint', ecosystem: 'python' },
  { program: 'interrogate', tool: 'interrogate', category: 'lint', ecosystem: 'python' },
  { program: 'doc8', tool: 'doc8', category: 'lint', ecosystem: 'python' },
  { program: 'pydocstyle', tool: 'pydocstyle', category: 'lint', ecosystem: 'python' },
  { program: 'pyroma', tool: 'Pyroma', category: 'lint', ecosystem: 'python' },
  { program: 'cpplint', tool: 'cpplint', category: 'lint', ecosystem: 'python' },
  { program: 'reuse', tool: 'REUSE', category: 'lint', ecosystem: 'python', only: ['lint', 'lint-file'] },
  { program: 'docformatter', tool: 'docformatter', category: 'format', ecosystem: 'python', only: ['--check', '-c'] },
  { program: 'mdformat', tool: 'mdformat', category: 'format', ecosystem: 'python', only: ['--check'] },
  { program: 'rstcheck', tool: 'rstcheck', category: 'lint', ecosystem: 'python' },
  { program: 'proselint', tool: 'proselint', category: 'lint', ecosystem: 'python', never: ['version', 'dump-config'] },
  { program: 'check-sdist', tool: 'check-sdist', category: 'lint', ecosystem: 'python' },
  { program: 'vermin', tool: 'Vermin', category: 'lint', ecosystem: 'python' },
  { program: 'lint-imports', tool: 'Import Linter', category: 'lint', ecosystem: 'python', install: 'import-linter' },
  { program: 'djlint', tool: 'djLint', category: 'lint', ecosystem: 'python', only: ['--lint', '--check'], never: ['--reformat'] },
  { program: 'sqlfluff', tool: 'SQLFluff', category: 'lint', ecosystem: 'python', only: ['lint'] },
  { program: 'ansible-lint', tool: 'ansible-lint', category: 'lint', ecosystem: 'python' },
  { program: 'gersemi', tool: 'gersemi', category: 'format', ecosystem: 'python', only: ['--check', '-c'] },
  { program: 'cmake-format', tool: 'cmake-format', category: 'format', ecosystem: 'python', only: ['--check'], install: 'cmakelang', never: ['-i', '--in-place'] },
  { program: 'uv', tool: 'uv lock', category: 'lint', ecosystem: 'python', subcommand: 'lock', only: ['--check', '--locked', '--check-exists'] },
  { program: 'poetry', tool: 'Poetry', category: 'lint', ecosystem: 'python', subcommand: 'check' },
  { program: 'pdm', tool: 'PDM', category: 'lint', ecosystem: 'python', subcommand: 'lock', only: ['--check'] },
  // PHP and Ruby
  { program: 'phpcs', tool: 'PHP_CodeSniffer', category: 'lint', ecosystem: 'php', install: 'squizlabs/php_codesniffer', configFiles: ['phpcs.xml', 'phpcs.xml.dist', '.phpcs.xml', '.phpcs.xml.dist'] },
  { program: 'php-cs-fixer', tool: 'PHP CS Fixer', category: 'format', ecosystem: 'php', only: ['--dry-run', 'check'], install: 'friendsofphp/php-cs-fixer' },
  { program: 'composer', tool: 'composer-normalize', category: 'format', ecosystem: 'php', subcommand: 'normalize', only: ['--dry-run'], install: 'ergebnis/composer-normalize' },
  { program: 'composer', tool: 'Composer', category: 'lint', ecosystem: 'php', subcommand: 'validate', install: 'composer' },
  { program: 'pint', tool: 'Pint', category: 'format', ecosystem: 'php', only: ['--test'], install: 'laravel/pint' },
  { program: 'psalm', tool: 'Psalm', category: 'types', ecosystem: 'php', install: 'vimeo/psalm', configFiles: ['psalm.xml', 'psalm.xml.dist'], never: ['--set-baseline', '--update-baseline', '--alter'] },
  { program: 'pest', tool: 'Pest', category: 'test', ecosystem: 'php', install: 'pestphp/pest' },
  { program: 'rector', tool: 'Rector', category: 'lint', ecosystem: 'php', only: ['--dry-run'], install: 'rector/rector' },
  { program: 'phpmd', tool: 'PHPMD', category: 'lint', ecosystem: 'php', install: 'phpmd/phpmd', never: ['--generate-baseline', '--update-baseline'] },
  { program: 'phan', tool: 'Phan', category: 'types', ecosystem: 'php', install: 'phan/phan' },
  { program: 'behat', tool: 'Behat', category: 'test', ecosystem: 'php', install: 'behat/behat' },
  { program: 'standardrb', tool: 'Standard Ruby', category: 'lint', ecosystem: 'ruby', install: 'standard', never: ['--generate-todo'] },
  { program: 'brakeman', tool: 'Brakeman', category: 'security', ecosystem: 'ruby', never: ['-I', '--interactive-ignore'] },
  { program: 'mdl', tool: 'mdl', category: 'lint', ecosystem: 'ruby' },
  { program: 'yard-junk', tool: 'YARD-Junk', category: 'lint', ecosystem: 'ruby' },
  { program: 'reek', tool: 'Reek', category: 'lint', ecosystem: 'ruby', never: ['--todo'] },
  { program: 'erb_lint', tool: 'ERB Lint', category: 'lint', ecosystem: 'ruby', never: ['-a'] },
  { program: 'erblint', tool: 'ERB Lint', category: 'lint', ecosystem: 'ruby', install: 'erb_lint', never: ['-a'] },
  { program: 'haml-lint', tool: 'HAML-Lint', category: 'lint', ecosystem: 'ruby', never: ['-a', '-A', '--auto-gen-config'] },
  { program: 'slim-lint', tool: 'Slim-Lint', category: 'lint', ecosystem: 'ruby' },
  { program: 'bundle-audit', tool: 'bundler-audit', category: 'security', ecosystem: 'ruby', install: 'bundler-audit', never: ['update', 'download'] },
  { program: 'bundler-audit', tool: 'bundler-audit', category: 'security', ecosystem: 'ruby', never: ['update', 'download'] },
  { program: 'steep', tool: 'Steep', category: 'types', ecosystem: 'ruby', only: ['check'] },
  { program: 'srb', tool: 'Sorbet', category: 'types', ecosystem: 'ruby', only: ['tc'], install: 'sorbet', never: ['-a'] },
  // Rust and Go
  { program: 'typos', tool: 'typos', category: 'lint', ecosystem: 'rust' },
  { program: 'lychee', tool: 'lychee', category: 'lint', ecosystem: 'rust' },
  { program: 'taplo', tool: 'Taplo', category: 'format', ecosystem: 'rust', only: ['--check', 'lint', 'check'] },
  { program: 'cargo', tool: 'cargo outdated', category: 'security', ecosystem: 'rust', subcommand: 'outdated', only: ['--exit-code'], install: 'cargo-outdated' },
  { program: 'cargo', tool: 'cargo publish --dry-run', category: 'lint', ecosystem: 'rust', subcommand: 'publish', only: ['--dry-run'], install: 'cargo' },
  { program: 'cargo', tool: 'cargo machete', category: 'lint', ecosystem: 'rust', subcommand: 'machete', install: 'cargo-machete' },
  { program: 'cargo', tool: 'cargo udeps', category: 'lint', ecosystem: 'rust', subcommand: 'udeps', install: 'cargo-udeps' },
  { program: 'cargo', tool: 'cargo shear', category: 'lint', ecosystem: 'rust', subcommand: 'shear', install: 'cargo-shear' },
  { program: 'yamlfmt', tool: 'yamlfmt', category: 'format', ecosystem: 'go', only: ['-lint', '--lint'], install: 'github.com/google/yamlfmt/cmd/yamlfmt@latest' },
  { program: 'govulncheck', tool: 'govulncheck', category: 'security', ecosystem: 'go', install: 'golang.org/x/vuln/cmd/govulncheck@latest' },
  { program: 'gosec', tool: 'gosec', category: 'security', ecosystem: 'go', install: 'github.com/securego/gosec/v2/cmd/gosec@latest' },
  { program: 'revive', tool: 'revive', category: 'lint', ecosystem: 'go', install: 'github.com/mgechev/revive@latest' },
  { program: 'misspell', tool: 'misspell', category: 'lint', ecosystem: 'go', install: 'github.com/client9/misspell/cmd/misspell@latest' },
  { program: 'ineffassign', tool: 'ineffassign', category: 'lint', ecosystem: 'go', install: 'github.com/gordonklaus/ineffassign@latest' },
  { program: 'addlicense', tool: 'addlicense', category: 'lint', ecosystem: 'go', only: ['-check', '--check'], install: 'github.com/google/addlicense@latest' },
  { program: 'errcheck', tool: 'errcheck', category: 'lint', ecosystem: 'go', install: 'github.com/kisielk/errcheck@latest' },
  // Any other
  { program: 'mandoc', tool: 'mandoc', category: 'lint', ecosystem: 'system', only: ['-Tlint'] },
  { program: 'tflint', tool: 'TFLint', category: 'lint', ecosystem: 'system' },
  { program: 'vale', tool: 'Vale', category: 'lint', ecosystem: 'system', never: ['sync'] },
  { program: 'buf', tool: 'Buf', category: 'lint', ecosystem: 'system', only: ['lint'] },
  { program: 'stylua', tool: 'StyLua', category: 'format', ecosystem: 'system', only: ['--check'] },
  { program: 'luacheck', tool: 'Luacheck', category: 'lint', ecosystem: 'system' },
  { program: 'selene', tool: 'selene', category: 'lint', ecosystem: 'system' },
  { program: 'swiftlint', tool: 'SwiftLint', category: 'lint', ecosystem: 'system', never: ['autocorrect'] },
  { program: 'swiftformat', tool: 'SwiftFormat', category: 'format', ecosystem: 'system', only: ['--lint'] },
  { program: 'ktlint', tool: 'ktlint', category: 'lint', ecosystem: 'system', never: ['-F', '--format'] },
  { program: 'bearer', tool: 'Bearer', category: 'security', ecosystem: 'system', only: ['scan'] },
  { program: 'trivy', tool: 'Trivy', category: 'security', ecosystem: 'system', only: ['fs', 'config'] },
  { program: 'checkov', tool: 'Checkov', category: 'security', ecosystem: 'python', never: ['--create-config'] },
  { program: 'nixfmt', tool: 'nixfmt', category: 'format', ecosystem: 'system', only: ['--check', '-c'] },
  { program: 'alejandra', tool: 'Alejandra', category: 'format', ecosystem: 'system', only: ['--check', '-c'] },
  { program: 'statix', tool: 'statix', category: 'lint', ecosystem: 'system', only: ['check'] },
  { program: 'deadnix', tool: 'deadnix', category: 'lint', ecosystem: 'system', only: ['--fail'] },
];

const INSTALL: Readonly<Partial<Record<Preset['ecosystem'], string>>> = {
  python: 'pip install',
  php: 'composer require --dev',
  ruby: 'gem install',
  rust: 'cargo install',
  go: 'go install',
  system: 'Install',
};

/** Options by which tools write what they would have found, in the spellings that are in use. */
const CHANGES =
  /^(?:-w|-u|--watchAll|--?(?:fix|write|update|auto-?correct|auto-?fix|alter|in-?place|init|help|version|watch)(?:$|[-=A-Z].*))$/;

const TABLE: readonly Preset[] = PLAIN_CHECKS.map((row) => {
  const { program, tool, category, ecosystem = 'node', subcommand, only, never = [], install = program, configFiles = [] } = row;
  return definePreset({
    id: subcommand === undefined ? program : `${program}-${subcommand}`,
    tool,
    category,
    ecosystem,
    documentation: '',
    programs: [program],
    packages: [install],
    configFiles,
    ...(subcommand === undefined ? {} : { isCalledBy: (args) => args[0] === subcommand }),
    detectedBy: configFiles.length > 0 ? 'configuration' : 'command only',
    isCheck: (args) =>
      !args.some((arg) => CHANGES.test(arg) || never.includes(arg.replace(/=.*$/, ''))) &&
      (only === undefined || args.some((arg) => isOneOf(arg, only))),
    exitCodes: { passed: [0], failed: [1, 2] },
    parser: 'none',
    install: `${INSTALL[ecosystem] ?? 'npm install --save-dev'} ${install}`,
  });
});

function isOneOf(arg: string, only: readonly string[]): boolean {
  return only.includes(arg) || (arg.startsWith('--') && only.includes(arg.replace(/=.*$/, '')));
}

/** Builds what Python packages are made of. */
const BUILDS_PACKAGE =
  /^(?:(?:python -m )?build(?: |$)|(?:uv|hatch|poetry|flit|pdm) build\b|python[\d.]* setup\.py .*(?:sdist|bdist_wheel))/;

/** They look at what a build has put into `dist`. */
const PACKAGE_CHECKS: readonly Preset[] = [
  packageCheck('twine', 'Twine', (args) => args[0] === 'check'),
  packageCheck('check-wheel-contents', 'check-wheel-contents', () => true),
];

function packageCheck(program: string, tool: string, isCheck: Preset['isCheck']): Preset {
  return definePreset({
    id: program,
    tool,
    category: 'lint',
    ecosystem: 'python',
    documentation: '',
    programs: [program],
    packages: [program],
    detectedBy: 'command only',
    isCheck,
    isMadeBy: (_, call) => BUILDS_PACKAGE.test(call),
    expandsGlobs: true,
    exitCodes: { passed: [0], failed: [1, 2] },
    parser: 'none',
    install: `pip install ${program}`,
  });
}

/** Whether the modules that go.mod and go.sum list are those that the sources ask for; without `-diff` the files are changed. */
const GO_MOD_TIDY = definePreset({
  id: 'go-mod-tidy',
  tool: 'go mod tidy',
  category: 'lint',
  ecosystem: 'go',
  documentation: '',
  programs: ['go'],
  isCalledBy: (args) => args[0] === 'mod' && args[1] === 'tidy',
  detectedBy: 'command only',
  defaultOptions: ['mod', 'tidy', '-diff'],
  isCheck: (args) => args.includes('-diff'),
  isFix: (args) => !args.includes('-diff'),
  inputs: ['**/*.go', '**/go.mod', '**/go.sum'],
  exitCodes: { passed: [0], failed: [1] },
  parser: 'none',
  install: 'Install Go 1.23 or newer from https://go.dev/dl',
});

/** For checks of which Volley reads the exit code only. They are known from scripts alone. */
export const PLAIN_PRESETS: readonly Preset[] = [...TABLE, ...PACKAGE_CHECKS, ...DOCUMENTATION_CHECKS, GO_MOD_TIDY];
