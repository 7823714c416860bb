/** Further linters and checks of packages of the JavaScript world: rows of the table in presets.ts. */
import { given, without } from '../options.js';
import { definePreset, type Preset } from '../preset.js';
import { HELP, install, node, type Row, SCRIPT, SOURCES, variants } from './node-shared.js';

const STYLES = ['**/*.{css,scss,sass,less,pcss,vue,svelte,html}'];
const MARKDOWN = ['**/*.{md,markdown}'];
const WHOLE = { kind: 'never', reason: 'it looks for what no file uses' } as const;

const stylelint = node({
  id: 'stylelint',
  tool: 'Stylelint',
  category: 'lint',
  documentation: 'https://stylelint.io/',
  programs: ['stylelint'],
  configFiles: [
    ...variants('stylelint.config', 'js,cjs,mjs,ts'),
    '.stylelintrc',
    ...variants('.stylelintrc', 'json,yml,yaml,js,cjs,mjs'),
  ],
  configKeys: [{ file: 'package.json', key: ['stylelint'] }],
  detectedBy: 'configuration',
  isCheck: (args) => !given(args, '--fix', '--suppress', '--print-config', '--stdin', ...HELP),
  isFix: (args) => given(args, '--fix'),
  defaultTargets: ['**/*.{css,scss,sass,less}'],
  valueOptions: [
    '-c',
    '--config',
    '--config-basedir',
    '--custom-syntax',
    '-f',
    '--formatter',
    '--custom-formatter',
    '-i',
    '--ignore-path',
    '--ip',
    '--ignore-pattern',
    '--mw',
    '--max-warnings',
    '-o',
    '--output-file',
    '--cache-location',
    ...['--cache-strategy', '--globby-options', '--go', '--stdin-filename', '--suppress', '--suppress-location'],
  ],
  machineReadable: (options) => [
    ...without(options, {
      values: ['-f', '--formatter', '--custom-formatter', '-o', '--output-file'],
      flags: ['--color', '--no-color'],
    }),
    ...['--formatter', 'json'],
  ],
  fix: (options) => [...options, '--fix'],
  takes: STYLES,
  passesOver: { hidden: true },
  fileOptions: ['--allow-empty-input'],
  sharding: { kind: 'files' },
  exitCodes: { passed: [0], failed: [2], tolerated: ['warning'] },
  parser: 'stylelint',
});

const oxlint = node({
  id: 'oxlint',
  tool: 'Oxlint',
  category: 'lint',
  documentation: 'https://oxc.rs/docs/guide/usage/linter.html',
  programs: ['oxlint'],
  configFiles: ['.oxlintrc.json', 'oxlint.config.ts'],
  detectedBy: 'configuration',
  isCheck: (args) =>
    !given(args, '--fix', '--fix-suggestions', '--fix-dangerously', '--init', '--rules', '--print-config', ...HELP),
  isFix: (args) => given(args, '--fix', '--fix-suggestions', '--fix-dangerously'),
  valueOptions: [
    '-c',
    '--config',
    '--tsconfig',
    '-A',
    '--allow',
    '-D',
    '--deny',
    '-W',
    '--warn',
    '--ignore-path',
    '--ignore-pattern',
    '--max-warnings',
    '-f',
    '--format',
    '--threads',
    '--report-unused-disable-directives-severity',
  ],
  machineReadable: (options) => [...without(options, { values: ['-f', '--format'] }), '--format=json'],
  fix: (options) => [...options, '--fix'],
  takes: [`**/*.{${SCRIPT},vue,svelte,astro}`],
  fileOptions: ['--no-error-on-unmatched-pattern'],
  workers: { own: 'processors', options: ['--threads={workers}'], env: {}, saidBy: ['--threads'] },
  exitCodes: { passed: [0], failed: [1], tolerated: ['warning'] },
  sharding: { kind: 'never', reason: 'it uses all processors by itself' },
  parser: 'oxlint',
});

const standard = node({
  id: 'standard',
  tool: 'Standard',
  category: 'lint',
  documentation: 'https://standardjs.com/',
  programs: ['standard'],
  configKeys: [{ file: 'package.json', key: ['standard'] }],
  detectedBy: 'dependency or configuration',
  isCheck: (args) => !given(args, '--fix', '--stdin', ...HELP),
  isFix: (args) => given(args, '--fix'),
  valueOptions: ['--ext', '--env', '--global', '--globals', '--parser', '--plugin'],
  machineReadable: (options) => without(options, { flags: ['-v', '--verbose'] }).concat('--verbose'),
  fix: (options) => [...options, '--fix'],
  takes: ['**/*.{js,jsx,mjs,cjs}'],
  passesOver: { hidden: true },
  // It always keeps one.
  sharding: { kind: 'never', reason: 'its parts would fight over its cache' },
  parser: 'standard',
});

const markdownlint = (id: string, program: string, documentation: string, configFiles: readonly string[]): Preset =>
  node({
    id,
    tool: program,
    category: 'lint',
    documentation,
    programs: [program],
    packages: [id],
    configFiles,
    detectedBy: 'dependency or configuration',
    isCheck: (args) => !given(args, '--fix', '-f', '--stdin', '-s', ...HELP),
    isFix: (args) => given(args, '--fix', '-f'),
    defaultTargets: ['**/*.md', ...(program === 'markdownlint-cli2' ? ['#node_modules'] : [])],
    ...(program === 'markdownlint-cli2' ? { targetText: /^[\s{]*["']?globs["']?\s*[:=]/m, fileOptions: ['--no-globs'] } : {}),
    valueOptions: [
      '-c',
      '--config',
      '-i',
      '--ignore',
      '-p',
      '--ignore-path',
      '-o',
      '--output',
      '-r',
      '--rules',
      '--disable',
      '--enable',
      '--configPointer',
    ],
    machineReadable: (options) => without(options, { flags: ['-j', '--json', '-q', '--quiet'], values: ['-o', '--output'] }),
    fix: (options) => [...options, '--fix'],
    takes: MARKDOWN,
    ...(program === 'markdownlint' ? { passesOver: { hidden: true } } : {}),
    reads: ['**'],
    sharding: { kind: 'files' },
    parser: 'markdownlint',
    install: install(id),
  });

const markdownlintCli = markdownlint(
  'markdownlint-cli',
  'markdownlint',
  'https://github.com/igorshubovych/markdownlint-cli#readme',
  [...variants('.markdownlint', 'json,jsonc,yaml,yml'), '.markdownlintrc'],
);
const markdownlintCli2 = markdownlint(
  'markdownlint-cli2',
  'markdownlint-cli2',
  'https://github.com/DavidAnson/markdownlint-cli2#readme',
  [...variants('.markdownlint-cli2', 'jsonc,yaml,cjs,mjs')],
);

const cspell = node({
  id: 'cspell',
  tool: 'CSpell',
  category: 'lint',
  documentation: 'https://cspell.org/',
  programs: ['cspell', 'cspell-cli'],
  packages: ['cspell', 'cspell-cli'],
  configFiles: [
    ...variants('cspell', 'json,jsonc,yaml,yml'),
    ...variants('.cspell', 'json,jsonc,yaml,yml'),
    ...variants('cspell.config', 'js,cjs,mjs,ts,json,jsonc,yaml,yml,toml'),
    'cSpell.json',
  ],
  configKeys: [{ file: 'package.json', key: ['cspell'] }],
  detectedBy: 'configuration',
  isCheck: (args) =>
    !['trace', 'check', 'suggestions', 'init', 'link', 'dictionaries'].includes(args[0] ?? '') && !given(args, ...HELP),
  subcommands: ['lint', 'trace', 'check', 'suggestions', 'init', 'link', 'dictionaries'],
  defaultOptions: ['lint'],
  defaultTargets: ['.'],
  targetKeys: [{ file: 'package.json', key: ['cspell', 'files'] }],
  targetText: /^[\s{]*["']?files["']?\s*[:=]/m,
  valueOptions: [
    '-c',
    '--config',
    '-e',
    '--exclude',
    '--locale',
    '--language-id',
    '--file-list',
    '--reporter',
    '--issue-template',
    '--cache-location',
    '--dictionary',
    '--disable-dictionary',
    '-r',
    '--root',
    ...[
      '--cache-strategy',
      '--max-file-size',
      '--max-duplicate-problems',
      '--gitignore-root',
      '--stop-config-search-at',
      '--report',
    ],
  ],
  machineReadable: (options) => {
    const kept = without(options, {
      values: ['--reporter', '--issue-template'],
      flags: [
        '--no-progress',
        '--progress',
        '--no-summary',
        '--color',
        '--no-color',
        '--show-context',
        '--words-only',
        '--quiet',
        '--silent',
        '--show-suggestions',
      ],
    });
    return [...(kept[0] === 'lint' ? kept : ['lint', ...kept]), '--no-progress', '--no-summary', '--no-color'];
  },
  takes: ['**/*'],
  fileOptions: ['--no-must-find-files'],
  sharding: { kind: 'files' },
  parser: 'cspell',
});

const htmlhint = node({
  id: 'htmlhint',
  tool: 'HTMLHint',
  category: 'lint',
  documentation: 'https://htmlhint.com/',
  programs: ['htmlhint'],
  configFiles: ['.htmlhintrc'],
  detectedBy: 'configuration',
  isCheck: (args) => !given(args, '--init', '-l', '--list', ...HELP),
  defaultTargets: ['**/*.html'],
  valueOptions: ['-c', '--config', '-r', '--rules', '-R', '--rulesdir', '-f', '--format', '-i', '--ignore'],
  machineReadable: (options) => [
    ...without(options, { values: ['-f', '--format'], flags: ['--nocolor'] }),
    ...['--format', 'json'],
  ],
  takes: ['**/*.{html,htm}'],
  passesOver: { hidden: true, options: ['-i', '--ignore'] },
  sharding: { kind: 'files' },
  parser: 'htmlhint',
});

const commitlint = node({
  id: 'commitlint',
  tool: 'commitlint',
  category: 'lint',
  documentation: 'https://commitlint.js.org/',
  programs: ['commitlint'],
  packages: ['@commitlint/cli'],
  detectedBy: 'command only',
  isCheck: (args) =>
    given(args, '--from', '-f', '--last', '-l', '--to', '-t') && !given(args, '--edit', '-e', '--print-config', ...HELP),
  defaultOptions: ['--last'],
  valueOptions: ['-f', '--from', '-t', '--to', '-g', '--config', '-x', '--extends'],
  machineReadable: (options) => [...without(options, { flags: ['--color', '-c', '--no-color'] }), '--no-color'],
  inputs: ['**'],
  asksGit: true,
  sharding: { kind: 'never', reason: 'it looks at commits' },
  exitCodes: { passed: [0], failed: [1, 2, 3], tolerated: ['warning'] },
  parser: 'commitlint',
  install: install('@commitlint/cli'),
});

const knip = node({
  id: 'knip',
  tool: 'Knip',
  category: 'lint',
  documentation: 'https://knip.dev/',
  programs: ['knip'],
  configFiles: [...variants('knip', 'json,jsonc,ts,js'), ...variants('.knip', 'json,jsonc'), ...variants('knip.config', 'ts,js')],
  configKeys: [{ file: 'package.json', key: ['knip'] }],
  detectedBy: 'configuration',
  isCheck: (args) => !given(args, '--fix', '--watch', '--trace', '--performance', ...HELP),
  isFix: (args) => given(args, '--fix'),
  valueOptions: [
    '-c',
    '--config',
    '-t',
    '--tsConfig',
    '-W',
    '--workspace',
    '--directory',
    '--include',
    '--exclude',
    '--reporter',
    '--reporter-options',
    '--max-issues',
    '--tags',
    '--preprocessor',
  ],
  machineReadable: (options) => [
    ...without(options, { values: ['--reporter', '--reporter-options'], flags: ['--no-progress', '-n'] }),
    '--reporter=json',
    '--no-progress',
  ],
  fix: (options) => [...options, '--fix'],
  inputs: SOURCES,
  sharding: WHOLE,
  parser: 'knip',
});

const depcheck = node({
  id: 'depcheck',
  tool: 'depcheck',
  category: 'lint',
  documentation: 'https://github.com/depcheck/depcheck#readme',
  programs: ['depcheck'],
  configFiles: ['.depcheckrc', ...variants('.depcheckrc', 'json,yml,yaml')],
  detectedBy: 'configuration',
  isCheck: (args) => !given(args, ...HELP),
  valueOptions: ['--ignores', '--ignore-patterns', '--ignore-path', '--parsers', '--detectors', '--specials', '--config'],
  machineReadable: (options) => [...without(options, { flags: ['--json', '--oneline', '-q', '--quiet'] }), '--json'],
  inputs: SOURCES,
  sharding: WHOLE,
  // It ends with -1, which is a larger number on Windows.
  exitCodes: { passed: [0], failed: [255, 0xffff_ffff], findingsFail: true },
  parser: 'depcheck',
});

const madge = node({
  id: 'madge',
  tool: 'madge',
  category: 'lint',
  documentation: 'https://github.com/pahen/madge#readme',
  programs: ['madge'],
  detectedBy: 'command only',
  isCheck: (args) => given(args, '-c', '--circular') && !given(args, '-i', '--image', '-s', '--summary', ...HELP),
  defaultOptions: ['--circular'],
  defaultTargets: ['.'],
  valueOptions: ['-b', '--basedir', '-x', '--exclude', '--extensions', '--require-config', '--webpack-config', '--ts-config'],
  machineReadable: (options) => [
    ...without(options, { flags: ['-j', '--json', '--no-color', '--no-spinner', '--warning'] }),
    '--json',
    '--no-spinner',
  ],
  inputs: SOURCES,
  sharding: { kind: 'never', reason: 'it follows imports through all files' },
  parser: 'madge',
});

/** Checks of what a package publishes. */
const packageCheck = (
  id: string,
  tool: string,
  packages: readonly string[],
  documentation: string,
  only: Partial<Row> = {},
): Preset =>
  node({
    id,
    tool,
    category: 'lint',
    documentation,
    programs: [id],
    packages,
    detectedBy: 'command only',
    isCheck: (args) => !given(args, '--why', ...HELP),
    inputs: ['**'],
    sharding: { kind: 'never', reason: 'it looks at the package as a whole' },
    exitCodes: { passed: [0], failed: [1] },
    parser: id,
    install: install(packages[0] ?? id),
    ...only,
  });

/** What is packed for it, where it is not told to pack for itself. */
const isPacked: Preset['isMadeBy'] = (args, call) =>
  args.some((arg) => arg.endsWith('.tgz')) && /^(?:npm|pnpm|yarn) pack\b/.test(call);

const publint = packageCheck('publint', 'publint', ['publint'], 'https://publint.dev/docs/', {
  isMadeBy: isPacked,
  exitCodes: { passed: [0], failed: [1], tolerated: ['warning', 'information'] },
});
const attw = packageCheck(
  'attw',
  'Are the types wrong?',
  ['@arethetypeswrong/cli'],
  'https://github.com/arethetypeswrong/arethetypeswrong.github.io#readme',
  {
    isMadeBy: isPacked,
    isCheck: (args) => given(args, '--pack', '-P') || args.some((arg) => !arg.startsWith('-')),
    defaultOptions: ['--pack'],
    machineReadable: (options) => [
      ...without(options, { values: ['-f', '--format'], flags: ['-q', '--quiet'] }),
      ...['--format', 'json'],
    ],
  },
);
const sizeLimit = packageCheck('size-limit', 'Size Limit', ['size-limit'], 'https://github.com/ai/size-limit#readme', {
  configFiles: [...variants('.size-limit', 'json,js,cjs,ts')],
  configKeys: [{ file: 'package.json', key: ['size-limit'] }],
  machineReadable: (options) => [...without(options, { flags: ['--json', '--silent'] }), '--json'],
});

const audit = (manager: 'npm' | 'pnpm' | 'yarn', documentation: string): Preset =>
  definePreset({
    id: `${manager}-audit`,
    tool: `${manager} audit`,
    category: 'security',
    ecosystem: 'node',
    documentation,
    programs: [manager],
    isCalledBy: (args) => args[0] === 'audit' || (manager === 'yarn' && args[0] === 'npm' && args[1] === 'audit'),
    detectedBy: 'command only',
    isCheck: (args) => !args.includes('fix') && !args.includes('signatures') && !given(args, '--fix', ...HELP),
    isFix: (args) => args.includes('fix') || given(args, '--fix'),
    subcommands: ['audit'],
    defaultOptions: ['audit'],
    machineReadable: (options) => [...without(options, { flags: ['--json'] }), '--json'],
    ...(manager === 'npm' ? { fix: (options: readonly string[]) => [...options, 'fix'] } : {}),
    ...(manager === 'pnpm' ? { fix: (options: readonly string[]) => [...options, '--fix'] } : {}),
    inputs: ['**/{package.json,package-lock.json,pnpm-lock.yaml,yarn.lock}'],
    sharding: { kind: 'never', reason: 'it looks at all dependencies together' },
    exitCodes: { passed: [0], failed: manager === 'yarn' ? Array.from({ length: 31 }, (_, index) => index + 1) : [1] },
    parser: manager === 'yarn' ? 'yarn-audit' : 'npm-audit',
    install: manager === 'npm' ? 'Install Node.js from https://nodejs.org' : `corepack enable ${manager}`,
  });

/** In the order of presets.ts. */
export const nodeCheckPresets: readonly Preset[] = [
  ...[stylelint, oxlint, standard, htmlhint, markdownlintCli, markdownlintCli2, cspell, commitlint],
  ...[knip, depcheck, madge, publint, attw, sizeLimit],
  ...[
    audit('npm', 'https://docs.npmjs.com/cli/commands/npm-audit'),
    audit('pnpm', 'https://pnpm.io/cli/audit'),
    audit('yarn', 'https://yarnpkg.com/cli/npm/audit'),
  ],
];
