/** Tools of shells, containers, infrastructure and other languages: rows of the table in presets.ts. */
import { REPORT_PLACEHOLDER } from '../../model.js';
import { given, without } from '../options.js';
import { definePreset, EVERY_FILE, type Preset } from '../preset.js';
import { mavenGoals, runsTests } from '../script-maven.js';

const HELP = ['--help', '-h', '--version'];
const SHELL = ['**/*.{sh,bash,dash,ksh,bats}'];
const RUBY = ['**/*.{rb,rake,gemspec,ru}', '**/{Gemfile,Rakefile}'];
const PHP = ['**/*.php'];

const shellcheck = definePreset({
  id: 'shellcheck',
  tool: 'ShellCheck',
  category: 'lint',
  ecosystem: 'system',
  documentation: 'https://www.shellcheck.net/wiki/',
  programs: ['shellcheck'],
  detectedBy: 'command only',
  isCheck: (args) => !given(args, '--list-optional', ...HELP),
  valueOptions: [
    '-e',
    '--exclude',
    '-i',
    '--include',
    '-f',
    '--format',
    '-s',
    '--shell',
    '-S',
    '--severity',
    '-o',
    '--enable',
    '-P',
    '--source-path',
    '--rcfile',
    '-W',
  ],
  machineReadable: (options) => [...without(options, { values: ['-f', '--format', '-C', '--color'] }), '--format=json1'],
  takes: SHELL,
  needsFiles: true,
  // A script that it is not given as well is not followed else.
  fileOptions: ['--external-sources'],
  inputs: SHELL,
  sharding: { kind: 'never', reason: 'it reads a script together with what that sources' },
  exitCodes: { passed: [0], failed: [1, 2] },
  parser: 'shellcheck',
  install: 'apt install shellcheck',
});

const shfmt = definePreset({
  id: 'shfmt',
  tool: 'shfmt',
  category: 'format',
  ecosystem: 'system',
  documentation: 'https://github.com/mvdan/sh#shfmt',
  programs: ['shfmt'],
  detectedBy: 'command only',
  isCheck: (args) => given(args, '-d', '--diff', '-l', '--list') && !given(args, '-w', '--write', ...HELP),
  isFix: (args) => given(args, '-w', '--write'),
  defaultOptions: ['-d'],
  defaultTargets: ['.'],
  valueOptions: ['-i', '--indent', '-ln', '--language-dialect', '--filename'],
  machineReadable: (options) => [...without(options, { flags: ['-d', '--diff', '-l', '--list'] }), '-d'],
  fix: (options) => [...without(options, { flags: ['-d', '--diff', '-l', '--list'] }), '-w'],
  takes: SHELL,
  // It knows scripts by their first line, too.
  reads: [EVERY_FILE, '**/.editorconfig'],
  sharding: { kind: 'files' },
  parser: 'shfmt',
  install: 'apt install shfmt',
});

const hadolint = definePreset({
  id: 'hadolint',
  tool: 'hadolint',
  category: 'lint',
  ecosystem: 'system',
  documentation: 'https://github.com/hadolint/hadolint#readme',
  programs: ['hadolint'],
  configFiles: ['.hadolint.{yaml,yml}'],
  detectedBy: 'configuration',
  isCheck: (args) => !given(args, ...HELP),
  defaultTargets: ['Dockerfile'],
  valueOptions: [
    '-c',
    '--config',
    '-f',
    '--format',
    '--ignore',
    '--trusted-registry',
    '-t',
    '--failure-threshold',
    '--error',
    '--warning',
    '--info',
    '--style',
    '--require-label',
    '--file-path-in-report',
  ],
  machineReadable: (options) => [...without(options, { values: ['-f', '--format'], flags: ['--no-color'] }), '--format', 'json'],
  takes: ['**/{Dockerfile,Containerfile}*', '**/*.{dockerfile,Dockerfile}'],
  reads: ['**/{Dockerfile,Containerfile}*', '**/*.{dockerfile,Dockerfile}', '**/.hadolint.{yaml,yml}'],
  sharding: { kind: 'files' },
  parser: 'hadolint',
  install: 'See https://github.com/hadolint/hadolint#install',
  testedOn: 'documentation',
});

const actionlint = definePreset({
  id: 'actionlint',
  tool: 'actionlint',
  category: 'lint',
  ecosystem: 'system',
  documentation: 'https://github.com/rhysd/actionlint/blob/main/docs/usage.md',
  programs: ['actionlint'],
  configFiles: ['.github/actionlint.{yml,yaml}'],
  detectedBy: 'configuration',
  isCheck: (args) => !given(args, '-init-config', '-help', ...HELP),
  valueOptions: ['-ignore', '-format', '-shellcheck', '-pyflakes', '-config-file', '-stdin-filename'],
  machineReadable: (options) => [
    ...without(options, { values: ['-format'], flags: ['-color', '-no-color', '-oneline'] }),
    '-format',
    '{{json .}}',
  ],
  inputs: ['.github/**'],
  reads: ['.github/**', '**/action.{yml,yaml}', '**/*.sh', '**/.shellcheckrc'],
  sharding: { kind: 'never', reason: 'workflows call each other' },
  parser: 'actionlint',
  install: 'go install github.com/rhysd/actionlint/cmd/actionlint@latest',
  testedOn: 'documentation',
});

const gitleaks = definePreset({
  id: 'gitleaks',
  tool: 'gitleaks',
  category: 'security',
  ecosystem: 'system',
  documentation: 'https://github.com/gitleaks/gitleaks#readme',
  programs: ['gitleaks'],
  configFiles: ['.gitleaks.toml'],
  detectedBy: 'configuration',
  isCheck: (args) => ['dir', 'git', 'detect', 'protect'].includes(args[0] ?? '') && !given(args, ...HELP),
  subcommands: ['dir', 'git', 'detect', 'protect', 'stdin'],
  defaultOptions: ['dir', '.'],
  machineReadable: (options) => [
    ...without(options, { values: ['-f', '--report-format', '-r', '--report-path'], flags: ['--no-banner'] }),
    ...['--no-banner', '--report-format=json', `--report-path=${REPORT_PLACEHOLDER}`],
  ],
  inputs: ['**'],
  // Commits may hold what no file does any more.
  asksGit: true,
  sharding: { kind: 'never', reason: 'it looks at the history as a whole' },
  exitCodeOption: '--exit-code',
  parser: 'gitleaks',
  install: 'See https://github.com/gitleaks/gitleaks#installing',
  testedOn: 'documentation',
});

const semgrep = definePreset({
  id: 'semgrep',
  tool: 'Semgrep',
  category: 'security',
  ecosystem: 'system',
  documentation: 'https://semgrep.dev/docs/',
  programs: ['semgrep', 'opengrep'],
  configFiles: ['.semgrep.{yml,yaml}', '.semgrep'],
  detectedBy: 'configuration',
  isCheck: (args) =>
    ['scan', 'ci'].includes(args[0] ?? 'scan') && !given(args, '--autofix', '-a', '--validate', '--test', ...HELP),
  isFix: (args) => given(args, '--autofix', '-a'),
  subcommands: ['scan', 'ci', 'login', 'publish', 'install-semgrep-pro'],
  defaultOptions: ['scan', '--error', '--config', '.semgrep.yml'],
  valueOptions: [
    '-c',
    '--config',
    '-e',
    '--pattern',
    '-l',
    '--lang',
    '--exclude',
    '--include',
    '--severity',
    '-j',
    '--jobs',
    '--timeout',
    '-o',
    '--output',
  ],
  machineReadable: (options) => [
    ...without(options, {
      flags: ['--json', '--sarif', '--text', '--junit-xml', '--emacs', '--vim', '-q', '--quiet'],
      values: ['-o', '--output'],
    }),
    ...['--sarif', '--quiet'],
  ],
  fix: (options) => [...options, '--autofix'],
  inputs: ['**'],
  workers: { own: 'processors', options: ['--jobs={workers}'], env: {}, saidBy: ['-j', '--jobs'] },
  sharding: { kind: 'never', reason: 'its rules may look across files' },
  parser: 'semgrep',
  install: 'pip install semgrep',
  testedOn: 'documentation',
});

const rubocop = definePreset({
  id: 'rubocop',
  tool: 'RuboCop',
  category: 'lint',
  ecosystem: 'ruby',
  documentation: 'https://docs.rubocop.org/rubocop/',
  programs: ['rubocop'],
  packages: ['rubocop'],
  configFiles: ['.rubocop.yml', '.rubocop_todo.yml'],
  detectedBy: 'configuration',
  isCheck: (args) =>
    !given(
      args,
      '-a',
      '-A',
      '-x',
      '--autocorrect',
      '--autocorrect-all',
      '--auto-correct',
      '--auto-correct-all',
      '--init',
      '--auto-gen-config',
      '--lsp',
      '--show-cops',
      ...HELP,
    ),
  isFix: (args) => given(args, '-a', '-A', '-x', '--autocorrect', '--autocorrect-all', '--auto-correct', '--auto-correct-all'),
  valueOptions: [
    '-c',
    '--config',
    '-f',
    '--format',
    '-o',
    '--out',
    '-r',
    '--require',
    '--only',
    '--except',
    '--fail-level',
    '--cache',
    '--cache-root',
    '--plugin',
    ...['-C', '-s', '--stdin', '--exclude-limit'],
  ],
  machineReadable: (options) => [
    ...without(options, {
      values: ['-f', '--format', '-o', '--out'],
      flags: ['--color', '--no-color', '-D', '--display-cop-names'],
    }),
    ...['--format', 'json', '--out', REPORT_PLACEHOLDER],
  ],
  // Called --autocorrect or --auto-correct, by its version.
  fix: (options) => [...options, '-a'],
  takes: RUBY,
  fileOptions: ['--force-exclusion'],
  // Its configuration may inherit from anywhere and load code.
  sharding: { kind: 'files' },
  workers: { own: 'processors', options: [], env: { PARALLEL_PROCESSOR_COUNT: '{workers}' }, saidBy: [] },
  exitCodes: { passed: [0], failed: [1] },
  parser: 'rubocop',
  install: 'gem install rubocop',
});

const rspec = definePreset({
  id: 'rspec',
  tool: 'RSpec',
  category: 'test',
  ecosystem: 'ruby',
  documentation: 'https://rspec.info/documentation/',
  programs: ['rspec'],
  packages: ['rspec', 'rspec-core', 'rspec-rails'],
  configFiles: ['.rspec', 'spec/spec_helper.rb'],
  configText: { 'spec/spec_helper.rb': /rspec/i },
  detectedBy: 'configuration',
  isCheck: (args) => !given(args, '--init', '--dry-run', '--bisect', ...HELP),
  valueOptions: [
    '-f',
    '--format',
    '-o',
    '--out',
    '-r',
    '--require',
    '-I',
    '-e',
    '--example',
    '-t',
    '--tag',
    '-P',
    '--pattern',
    '--seed',
    '--order',
    '-O',
    '--options',
  ],
  machineReadable: (options) => [
    ...without(options, { values: ['-f', '--format', '-o', '--out'], flags: ['--color', '--force-color', '-c'] }),
    ...['--format', 'json', '--out', REPORT_PLACEHOLDER, '--format', 'progress', '--no-color'],
  ],
  inputs: [...RUBY, 'spec/**'],
  sharding: { kind: 'never', reason: 'examples may depend on what others have loaded' },
  // 2 and 3 are of SimpleCov: too little is covered, or less than before.
  exitCodes: { passed: [0], failed: [1, 2, 3] },
  exitCodeOption: '--failure-exit-code',
  parser: 'rspec',
  install: 'gem install rspec',
});

const phpunit = definePreset({
  id: 'phpunit',
  tool: 'PHPUnit',
  category: 'test',
  ecosystem: 'php',
  documentation: 'https://docs.phpunit.de/',
  programs: ['phpunit'],
  packages: ['phpunit/phpunit'],
  configFiles: ['phpunit.xml', 'phpunit.xml.dist', 'phpunit.dist.xml'],
  detectedBy: 'configuration',
  // What Symfony starts it by installs it first.
  isCheck: (args) =>
    args[0] !== 'install' &&
    !given(args, '--list-tests', '--list-groups', '--generate-configuration', '--migrate-configuration', ...HELP) &&
    // It fills a cache, and ends.
    !given(args, '--warm-coverage-cache'),
  valueOptions: [
    '-c',
    '--configuration',
    '--bootstrap',
    '--filter',
    '--group',
    '--exclude-group',
    '--testsuite',
    '--log-junit',
    '--coverage-clover',
    '--coverage-html',
    '--order-by',
    '-d',
  ],
  machineReadable: (options) => [
    ...without(options, { values: ['--log-junit'], flags: ['--colors', '--testdox', '--teamcity'] }),
    '--log-junit',
    REPORT_PLACEHOLDER,
  ],
  inputs: [...PHP, '**/phpunit*.xml*', '**/composer.*'],
  caches: ['.phpunit.result.cache', '.phpunit.cache'],
  sharding: { kind: 'never', reason: 'tests may depend on each other' },
  exitCodes: { passed: [0], failed: [1, 2] },
  parser: 'phpunit',
  install: 'composer require --dev phpunit/phpunit',
});

const phpstan = definePreset({
  id: 'phpstan',
  tool: 'PHPStan',
  category: 'types',
  ecosystem: 'php',
  documentation: 'https://phpstan.org/user-guide/getting-started',
  programs: ['phpstan'],
  packages: ['phpstan/phpstan', 'larastan/larastan'],
  configFiles: ['phpstan.neon', 'phpstan.neon.dist', 'phpstan.dist.neon'],
  detectedBy: 'configuration',
  isCheck: (args) =>
    // Without a command it analyses.
    (['analyse', 'analyze'].includes(args[0] ?? '') || args[0] === undefined || args[0].startsWith('-')) &&
    !given(args, '--generate-baseline', '-b', '--fix', '--pro', ...HELP),
  subcommands: ['analyse', 'analyze', 'clear-result-cache', 'dump-parameters', 'diagnose', 'worker'],
  defaultOptions: ['analyse'],
  valueOptions: ['-c', '--configuration', '-l', '--level', '--error-format', '-a', '--autoload-file', '--memory-limit'],
  machineReadable: (options) => [
    ...without(options, { values: ['--error-format'], flags: ['--no-progress', '--ansi', '--no-ansi'] }),
    ...['--error-format=json', '--no-progress', '--no-ansi'],
  ],
  inputs: [...PHP, '**/phpstan*.neon*', '**/composer.*'],
  // As many as it finds processors, told only by its configuration.
  workers: { own: 'processors', options: [], env: {}, saidBy: [] },
  sharding: { kind: 'never', reason: 'it sees all code together' },
  parser: 'phpstan',
  install: 'composer require --dev phpstan/phpstan',
  testedOn: 'documentation',
});

const DOTNET = [
  '**/*.{cs,fs,vb,csproj,fsproj,vbproj,sln,slnx,props,targets,razor,cshtml}',
  '**/{.editorconfig,global.json,nuget.config}',
];

const dotnetFormat = definePreset({
  id: 'dotnet-format',
  tool: 'dotnet format',
  category: 'format',
  ecosystem: 'dotnet',
  documentation: 'https://learn.microsoft.com/dotnet/core/tools/dotnet-format',
  programs: ['dotnet'],
  isCalledBy: (args) => args[0] === 'format',
  detectedBy: 'command only',
  isCheck: (args) => given(args, '--verify-no-changes', '--check') && !given(args, ...HELP),
  isFix: (args) => !given(args, '--verify-no-changes', '--check', ...HELP),
  subcommands: ['format'],
  defaultOptions: ['format', '--verify-no-changes'],
  fix: (options) => without(options, { flags: ['--verify-no-changes', '--check'] }),
  inputs: DOTNET,
  caches: ['obj'],
  sharding: { kind: 'never', reason: 'it loads a project as a whole' },
  exitCodes: { passed: [0], failed: [1, 2] },
  parser: 'dotnet',
  install: 'Install .NET from https://dotnet.microsoft.com/download',
  testedOn: 'documentation',
});

const dotnetTest = definePreset({
  id: 'dotnet-test',
  tool: 'dotnet test',
  category: 'test',
  ecosystem: 'dotnet',
  documentation: 'https://learn.microsoft.com/dotnet/core/tools/dotnet-test',
  programs: ['dotnet'],
  isCalledBy: (args) => args[0] === 'test',
  configFiles: ['*.{sln,slnx}', '*[Tt]est*.{csproj,fsproj}'],
  detectedBy: 'configuration',
  isCheck: (args) => !given(args, '-t', '--list-tests', ...HELP),
  subcommands: ['test'],
  defaultOptions: ['test'],
  machineReadable: (options) => [...without(options, { flags: ['--nologo', '-nologo'] }), '--nologo'],
  env: { DOTNET_CLI_UI_LANGUAGE: 'en', DOTNET_NOLOGO: '1', MSBUILDTERMINALLOGGER: 'off' },
  inputs: DOTNET,
  // As many as it finds processors; how it is told differs between VSTest and Microsoft.Testing.Platform.
  workers: { own: 'processors', options: [], env: {}, saidBy: [] },
  caches: ['bin', 'obj'],
  sharding: { kind: 'never', reason: 'only the test framework knows its tests' },
  // 2 is a failed test of Microsoft.Testing.Platform.
  exitCodes: { passed: [0], failed: [1, 2] },
  parser: 'dotnet',
  install: 'Install .NET from https://dotnet.microsoft.com/download',
  testedOn: 'documentation',
});

const JVM = ['**/*.{java,kt,kts,groovy,scala,gradle,xml,properties}'];

const maven = definePreset({
  id: 'maven',
  tool: 'Maven',
  category: 'test',
  ecosystem: 'jvm',
  documentation: 'https://maven.apache.org/surefire/maven-surefire-plugin/',
  programs: ['mvn', 'mvnw'],
  // Goals of plugins alone are checks of their own.
  isCalledBy: (args) => mavenGoals(args).length === 0 || mavenGoals(args).some((goal) => !goal.includes(':')),
  configFiles: ['pom.xml'],
  detectedBy: 'configuration',
  isCheck: (args) =>
    mavenGoals(args).some((goal) => /^(?:test|verify|integration-test)$/.test(goal) || (goal === 'package' && runsTests(args))) &&
    !mavenGoals(args).includes('deploy') &&
    !given(args, ...HELP),
  defaultOptions: ['verify'],
  machineReadable: (options) => [
    ...without(options, { flags: ['-B', '--batch-mode', '-ntp', '--no-transfer-progress'] }),
    ...['-B', '-ntp'],
  ],
  inputs: JVM,
  caches: ['target'],
  sharding: { kind: 'never', reason: 'its modules are built in order' },
  parser: 'maven',
  install: 'apt install maven',
});

/** Tasks that run tests; `build` runs all checks. */
const GRADLE_TESTS = /(?:^|:)(?:check|test|build|allTests|integrationTest)$/;

function isGradleTask(arg: string): boolean {
  return /^:?[\w.-]+(?::[\w.-]+)*$/.test(arg) && !arg.startsWith('-');
}

const gradle = definePreset({
  id: 'gradle',
  tool: 'Gradle',
  category: 'test',
  ecosystem: 'jvm',
  documentation: 'https://docs.gradle.org/current/userguide/java_testing.html',
  programs: ['gradle', 'gradlew'],
  // What checks but one thing, such as spotlessCheck, is a check of its own.
  isCalledBy: (args) => !args.some(isGradleTask) || args.some((arg) => GRADLE_TESTS.test(arg)),
  configFiles: ['build.gradle', 'build.gradle.kts', 'settings.gradle', 'settings.gradle.kts'],
  detectedBy: 'configuration',
  isCheck: (args) => args.some((arg) => GRADLE_TESTS.test(arg)) && !given(args, '-t', '--continuous', ...HELP),
  isFix: (args) => args.some((arg) => /(?:^|:)(?:spotlessApply|ktlintFormat)$/.test(arg)),
  defaultOptions: ['check'],
  valueOptions: ['-x', '--exclude-task', '-p', '--project-dir', '-b', '--build-file', '--tests', '--console'],
  machineReadable: (options) => [...without(options, { values: ['--console'] }), '--console=plain'],
  inputs: JVM,
  caches: ['build', '.gradle'],
  workers: {
    own: 'processors',
    options: ['--max-workers={workers}'],
    env: {},
    saidBy: ['--max-workers'],
    configured: /\borg\.gradle\.workers\.max\b/,
  },
  configuredIn: ['gradle.properties'],
  sharding: { kind: 'never', reason: 'its tasks depend on each other' },
  parser: 'gradle',
  install: 'See https://gradle.org/install',
});

const TERRAFORM = ['**/*.{tf,tfvars}', '**/*.tftest.hcl'];

const terraformFmt = definePreset({
  id: 'terraform-fmt',
  tool: 'terraform fmt',
  category: 'format',
  ecosystem: 'system',
  documentation: 'https://developer.hashicorp.com/terraform/cli/commands/fmt',
  programs: ['terraform', 'tofu'],
  isCalledBy: (args) => args[0] === 'fmt',
  detectedBy: 'command only',
  isCheck: (args) => given(args, '-check', '--check') && !given(args, ...HELP),
  isFix: (args) => !given(args, '-check', '--check', '-write=false', ...HELP),
  subcommands: ['fmt'],
  defaultOptions: ['fmt', '-check', '-recursive'],
  machineReadable: (options) => [...without(options, { flags: ['-diff', '--diff', '-no-color'] }), '-no-color'],
  fix: (options) => without(options, { flags: ['-check', '--check', '-diff', '--diff'] }),
  takes: TERRAFORM,
  reads: TERRAFORM,
  sharding: { kind: 'files' },
  exitCodes: { passed: [0], failed: [1, 2, 3] },
  parser: 'terraform-fmt',
  install: 'See https://developer.hashicorp.com/terraform/install',
  testedOn: 'documentation',
});

const terraformValidate = definePreset({
  id: 'terraform-validate',
  tool: 'terraform validate',
  category: 'types',
  ecosystem: 'system',
  documentation: 'https://developer.hashicorp.com/terraform/cli/commands/validate',
  programs: ['terraform', 'tofu'],
  isCalledBy: (args) => args[0] === 'validate',
  detectedBy: 'command only',
  isCheck: (args) => !given(args, ...HELP),
  subcommands: ['validate'],
  defaultOptions: ['validate'],
  machineReadable: (options) => [...without(options, { flags: ['-json', '-no-color'] }), '-json'],
  inputs: TERRAFORM,
  sharding: { kind: 'never', reason: 'a module is checked as a whole' },
  parser: 'terraform-validate',
  install: 'See https://developer.hashicorp.com/terraform/install',
  testedOn: 'documentation',
});

/** In the order of presets.ts. */
export const otherPresets: readonly Preset[] = [
  ...[shellcheck, shfmt, hadolint, actionlint, terraformFmt, terraformValidate],
  ...[rubocop, phpstan, dotnetFormat, semgrep, gitleaks],
  ...[rspec, phpunit, dotnetTest, maven, gradle],
];
