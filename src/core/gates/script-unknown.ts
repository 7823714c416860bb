/** Programs that no row of the table knows: what their own words say that they do. Pure. */
import type { Category } from '../gate-model.js';
import { checkingTarget, isInBuildFolder } from './native-builds.js';
import { definePreset, type Ecosystem, EVERY_FAILURE, type Preset } from './preset.js';
import { categoryOfName, isBuildName, isExcludedName, wordsOf } from './script-names.js';
import { targetsOfRunner } from './script-started-tools.js';
import { takesValue } from './script-words.js';

/** What programs, their subcommands and their files are called that check something. */
const CHECKING =
  /^(?:checks?|checkers?|checking|lints?|linters?|linting|tests?|testing|verify|validate|validators?|validation|doctests?|audit|vet|cmp|linkcheck|spell(?:ing|check)|detekt|checkstyle|specs?|typecheck|analy[sz]e|[a-z]{2,}(?:check(?:er)?|lint(?:er)?)|(?:unit|integration|smoke|system|functional|self|acc)tests?|sanity|smoke)$/;
const CHECKING_OPTION = /^--(?:check|lint|verify|validate)(?:-[\w-]+)?$/;

/** They move files, fetch, start others or are the shell's own: with what words ever, they say nothing about the repository. */
const EVERYDAY = new Set([
  ...['git', 'gh', 'docker', 'podman', 'docker-compose', 'kubectl', 'helmfile', 'aws', 'az', 'gcloud', 'curl', 'wget', 'ssh', 'scp', 'rsync'],
  ...['sudo', 'apt', 'apt-get', 'apk', 'brew', 'choco', 'winget', 'yum', 'dnf', 'pacman', 'snap', 'rustup', 'sdkmanager', 'adb'],
  ...['npm', 'pnpm', 'yarn', 'bun', 'npx', 'corepack', 'pip', 'pip3', 'conda', 'mamba', 'poetry', 'uv', 'pdm', 'hatch', 'pipenv', 'gem', 'bundle'],
  ...['find', 'xargs', 'grep', 'egrep', 'sed', 'awk', 'cat', 'ls', 'tee', 'diff', 'cmp', 'jq', 'yq', 'tar', 'unzip', 'tree', 'which', 'timeout'],
  ...['gcc', 'g++', 'cc', 'clang', 'clang++', 'javac', 'rustc', 'cmake', 'open', 'code', 'codecov', 'coveralls', 'nohup', 'chmod', 'chown', 'rm', 'rimraf', 'psql', 'mysql', 'redis-cli', 'mongo', 'mongosh', 'lint-staged', 'nano-staged', 'husky'],
]); // biome-ignore format: a table is read by rows

/** They run a file: its name says what it is for. */
const INTERPRETERS = /^(?:node|tsx|ts-node|bun|deno|python[\d.]*|py|ruby|perl|php|bash|sh|zsh)$/;
/** Their subcommands may be programs with commands of their own: `cargo miri test`. */
const HOSTS = new Set([
  'cargo',
  'go',
  'dotnet',
  'zig',
  'mix',
  'swift',
  'dart',
  'flutter',
  'cabal',
  'stack',
  'dune',
  'gleam',
  'rebar3',
  'crystal',
  'nimble',
  'lein',
  'nix',
  'spago',
  'v',
]);
/** Commands of hosts that measure or build, with the same checks in them as without. */
const REPEATING = new Set(['llvm-cov', 'tarpaulin', 'build', 'install', 'doc', 'new', 'add', 'tool', 'generate', 'mod', 'get']);

/** Where programs are looked for that belong to an ecosystem whoever calls them. */
const ECOSYSTEM_OF: ReadonlyMap<string, Ecosystem> = new Map([
  ...(['gradle', 'gradlew', 'mvn', 'mvnw'] as const).map((program) => [program, 'jvm'] as const),
  ...([
    ['cargo', 'rust'],
    ['go', 'go'],
    ['dotnet', 'dotnet'],
    ['tox', 'python'],
    ['nox', 'python'],
    ['rake', 'ruby'],
    ['bake', 'ruby'],
  ] as const),
]);

const known = new Map<string, Preset>();

/**
 * The check that a call is by its own words: `cargo miri test`, `editorconfig-checker`, `tinygo test ./...`. Only its exit code is read.
 * Undefined where its words do not say so.
 */
export function spokenCheck(program: string, args: readonly string[], ecosystem: Ecosystem): Preset | undefined {
  const target = program === 'cmake' ? checkingTarget(args) : undefined;
  if (target !== undefined) return builtBy(target, ecosystem);
  // It configures, builds and tests.
  if (program === 'cmake' && args[0] === '--workflow' && args.some((arg) => arg.startsWith('--preset')))
    return newPreset('cmake-workflow', { program, name: 'cmake --workflow' }, 'test', 'system');
  const isFile = program === 'bun' && /\.[cm]?[jt]sx?$/.test(args[0] ?? '');
  if ((EVERYDAY.has(program) && !isFile) || !isProcess(program) || asksForItself(args)) return undefined;
  if (preparesOnly(args) || comparesByName(program, args)) return undefined;
  // A file that is a program is one that its own interpreter runs.
  const isOwn = program.includes('/');
  const runs = isOwn || INTERPRETERS.test(program);
  const targets = targetsOfRunner(program, args);
  // Zig runs everything through its build; make may do so in another directory.
  const operands = args.filter(
    (arg, index) =>
      !arg.startsWith('-') &&
      !(program === 'zig' && arg === 'build') &&
      !(STARTING[program]?.test(arg) && args.slice(0, index).every((each) => each.startsWith('-'))) &&
      !(program === 'make' && args[index - 1] === '-C') &&
      // `cargo hack --exclude a check-external-types`
      !(program === 'cargo' && takesValue(args[index - 1] ?? '')),
  );
  const said = runs
    ? [(isInBuildFolder(program) ? program.split('/').at(-1) : fileOf(isOwn ? [program] : args)) ?? '']
    : targets.length > 0
      ? [program, ...notOnlyBuilt(targets)]
      : [
          program,
          ...(SEVERAL.test(program) ? checkingOf(operands) : operands)
            .slice(0, mostOperands(program))
            .filter((arg) => isSubcommand(program, arg)),
        ];
  const words = said.flatMap(wordsOf);
  // `ci/test.sh download x`: what the repository's own program is told first.
  const told = isOwn && /^[a-z][\w-]*$/i.test(args[0] ?? '') ? wordsOf(args[0] ?? '') : [];
  if (!runs && SETS_UP.test(operands[0] ?? '')) return undefined;
  const speaks = words.some((word) => CHECKING.test(word)) || (!runs && args.some((arg) => CHECKING_OPTION.test(arg)));
  if (!speaks || [...words, ...told].some(isAnotherPurpose) || said.slice(1).some((word) => REPEATING.has(word)))
    return undefined;
  const id = [...new Set(words)].join('-') || 'check';
  const own = ECOSYSTEM_OF.get(program) ?? ecosystem;
  const key = JSON.stringify([id, program, own]);
  const name = isOwn ? program : runs ? `${program} ${said[0]}` : said.join(' ');
  const preset = known.get(key) ?? newPreset(id, { program, name }, categoryOf(words), own);
  known.set(key, preset);
  return preset;
}

/**
 * Whether a call runs by name what only looks at whether anything has changed since the commit: `make diffcheck`. By itself it says nothing of
 * the sources.
 */
export function comparesByName(program: string, args: readonly string[]): boolean {
  const operands = args.filter((arg) => !arg.startsWith('-'));
  return runsByName(program) && operands.length === 1 && COMPARES.test(operands[0] ?? '');
}

const COMPARES =
  /^(?:(?:check|verify|ensure|assert|validate|test)[-_:]?(?:git[-_]?)?(?:no[-_])?(?:diffs?|dirty|clean|changes|uncommitted(?:[-_]changes)?)|(?:git[-_]?)?(?:diff|dirty|clean|porcelain)[-_:]?check|git[-_]diff)$/;

/** What a runner of projects is told besides builds, if anything: `-t lint test build` checks, whatever it builds. */
function notOnlyBuilt(targets: readonly string[]): readonly string[] {
  const others = targets.filter((target) => !isBuildName(target));
  return others.length > 0 ? others : targets;
}

/** By which word runners are told that a task follows: `mise run lint`. */
const STARTING: Readonly<Record<string, RegExp>> = {
  mise: /^(?:run|r)$/,
  devbox: /^run$/,
  composer: /^run(?:-script)?$/,
  melos: /^run$/,
  deno: /^task$/,
};

/** Of several targets those that do not only build, if there are any: `app:lint app:assembleRelease` lints. */
function checkingOf(targets: readonly string[]): readonly string[] {
  const others = targets.filter((target) => !/(?:^|:)(?:assemble|bundle|compile|package)\w*$/.test(target));
  return others.length > 0 ? others : targets;
}

/** A target that CMake builds and that checks: `cmake --build build --target check`. */
function builtBy(target: string, ecosystem: Ecosystem): Preset {
  // What only another compiler or standard tells apart, is one check.
  const plain = target.replace(COMPILER, '').replace(STANDARD, '');
  const words = wordsOf(/[_-]/.test(plain) ? plain : target);
  const key = JSON.stringify(['cmake', target, ecosystem]);
  const preset =
    known.get(key) ??
    newPreset(words.join('-') || 'check', { program: 'cmake', name: `cmake ${target}` }, categoryOf(words), ecosystem);
  known.set(key, preset);
  return preset;
}

const COMPILER =
  /[_-](?:compiler|gcc|g\+\+|clang(?:\+\+)?(?![_-](?:tidy|format|analy))|icpc|icc|msvc|default)(?:-?\d[\d.]*)?(?=[_-]|$)/g;
const STANDARD = /[_-](?:cxx|cpp|c\+\+|std)\d+(?=[_-]|$)/g;

function mostOperands(program: string): number {
  return SEVERAL.test(program) ? Number.POSITIVE_INFINITY : HOSTS.has(program) ? 2 : 1;
}

/** What most tools do for themselves by the name of a subcommand: `gitlint install-hook`. */
const SETS_UP = /^(?:install|uninstall|init|setup|update|upgrade|new|create|completions?|config)(?:-[a-z]+)*$/;

/** Whether a call says that nothing is run by it. */
export function preparesOnly(args: readonly string[]): boolean {
  return args.some((arg) => PREPARES_ONLY.test(arg));
}

/** With these nothing is run. */
const PREPARES_ONLY =
  /^(?:--(?:dependencies-only|only-dependencies|notest|no-run|collect-only|list-tests)|--?install(?:-(?:deps|dependencies|tools|only))?)$/;

/** Whether a program is only asked for its version or its manual: it finds nothing. */
export function asksForItself(args: readonly string[]): boolean {
  return args.length > 0 && args.every((arg) => /^(?:--?(?:version|help)|-V|version)$/.test(arg));
}

/** Whether it works alike wherever it is called, since it builds for itself what it needs. */
export function isSelfContained(program: string): boolean {
  return HOSTS.has(program);
}

/** Whether a call may be taken for a step of its own though nobody knows what it does: a process, not a command of the shell. */
export function isProcess(program: string): boolean {
  return !BUILTINS.has(program);
}

/** Whether a call only prepares what comes after it, as far as its words say: nothing that moves things about, or sends them. */
export function maySucceedAlone(program: string, args: readonly string[]): boolean {
  const operands = args.filter((arg) => !arg.startsWith('-')).slice(0, 2);
  const words = [program, ...operands].flatMap(wordsOf);
  return !EVERYDAY.has(program) && !words.some((word) => REACHING.test(word));
}

const BUILTINS = new Set(
  'test [ [[ mapfile readarray cd export source . set unset eval exec trap ulimit umask alias read wait command type pushd popd shopt declare local builtin shift break continue return pwd hash jobs bg fg kill let times getopts'.split(
    ' ',
  ),
);

interface Named {
  readonly program: string;
  /** As people say it: `cargo miri test`. */
  readonly name: string;
}

/** A check of which nothing is known but its exit code. */
export function newPreset(id: string, { program, name }: Named, category: Category, ecosystem: Ecosystem): Preset {
  return definePreset({
    id,
    tool: name,
    category,
    ecosystem,
    documentation: '',
    programs: [program],
    detectedBy: 'command only',
    isCheck: () => true,
    exitCodes: { passed: [0], failed: EVERY_FAILURE },
    parser: 'none',
    // Phases before a goal write where those of any other call of Maven do.
    caches: /^mvnw?$/.test(program) ? ['target'] : [],
    install: ecosystem === 'python' ? `pip install ${program}` : `Install ${program}`,
  });
}

const TESTING = /^(?:(?:unit|integration|smoke|system|functional|self|acc|doc)?tests?|testing|specs?|smoke)$/;

/** What kind of check words speak of. */
export function categoryOf(words: readonly string[]): Category {
  if (words.some((word) => TESTING.test(word))) return 'test';
  const named = categoryOfName(words.join('-'));
  return named === 'test' ? 'lint' : named;
}

/** They run by name what a file of the project defines. */
const RUNNERS =
  /^(?:make|just|task|rake|bake|nox|tox|invoke|inv|ninja|meson|mise|poe|bazel|bazelisk|sbt|mill|ant|mage|scons|waf|doit|duty|(?:mvn|gradle)w?)$/;
/** Of them those that are told of several things in one call, by habit. */
const SEVERAL = /^(?:sbt|mill|ant|ninja|rake|gradlew?)$/;

/** Whether what is told by name in a call of it says what it does, whatever else it is told. */
export function runsByName(program: string): boolean {
  return HOSTS.has(program) || RUNNERS.test(program);
}

/** Whether a word speaks of checking. */
export function isCheckingWord(word: string): boolean {
  return CHECKING.test(word);
}

/** Whether a program says nothing about the repository, with what words ever it is called. */
export function isEveryday(program: string): boolean {
  return EVERYDAY.has(program);
}

/** Whether a word names what the program does: `test`, `test:external`; not `test_db`, which is what it does something to. */
function isSubcommand(program: string, word: string): boolean {
  // `sbt +test` is for all versions of the language.
  if (HOSTS.has(program) || RUNNERS.test(program)) return /^\+?[a-z][\w:@-]*$/i.test(word);
  const [first = ''] = wordsOf(word);
  return /^[a-z][a-z\d:-]*$/i.test(word) && CHECKING.test(first);
}

/** Whether a word says that something is changed, prepared or sent. */
export function isAnotherPurpose(word: string): boolean {
  return isExcludedName(word) || isBuildName(word) || OTHER_PURPOSES.test(word);
}

/** Reach beyond the files that a build makes. */
const REACHING =
  /^(?:drop\w*|delete|destroy|prune|clean|reset|upload|send|post|notify|migrate|seed|up|down|apply|push|remote|deploy|publish|release)$/;

const OTHER_PURPOSES =
  /^(?:fixtures?|helpers?|mocks?|free|cleanup|remove|prune|create\w*|drop\w*|delete|destroy|sync|copy|convert|upload|download|send|post|notify|wait|exe|migrate|seed|up|down|apply|push|remote)$/;

/** The file that an interpreter runs, or the module, without its ending; undefined for code on the command line. */
function fileOf(args: readonly string[]): string | undefined {
  if (args.some((arg) => /^(?:-c|-e|-p|-r|--eval|--print|--run)$/.test(arg))) return undefined;
  return args.find((arg) => !arg.startsWith('-') && arg !== 'run')?.replace(/\.\w+$/, '');
}
