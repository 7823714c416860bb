/** Calls of make, ninja, CMake and Meson: what they build, and where. Pure. */

/** What a call is told to make, and the folder of the build; without targets it makes everything. */
export interface NativeBuild {
  readonly directory: string | undefined;
  readonly targets: readonly string[];
}

/** Undefined for what is no call of such a program, or does something else than to make targets. */
export function nativeBuild(program: string, args: readonly string[]): NativeBuild | undefined {
  switch (program) {
    case 'make':
    case 'gmake':
    case 'ninja':
    case 'samu':
      return built(args, /^-C$|^--directory$/);
    case 'cmake':
      return args[0] === '--build' ? { ...built(args.slice(2), /^$/), directory: args[1] } : undefined;
    case 'meson':
      return args[0] === 'compile' || args[0] === 'test' ? built(args, /^-C$/) : undefined;
    default:
      return undefined;
  }
}

/** Whether the call builds all there is, whatever in detail: it says that the sources can be compiled. */
export function isNativeBuild(program: string, args: readonly string[]): boolean {
  const build = nativeBuild(program, args);
  if (build === undefined || args.some((arg) => doesNothing(program, arg))) return false;
  const targets = program === 'meson' ? build.targets.slice(1) : build.targets;
  return (program !== 'meson' || args[0] === 'compile') && targets.every((target) => target === 'all');
}

/**
 * The target of `cmake --build` that runs checks, or that a project has made for its CI, whatever that runs there; one that is only called
 * after tests makes a program of them.
 */
export function checkingTarget(args: readonly string[]): string | undefined {
  return nativeBuild('cmake', args)?.targets.find(
    (target) => CHECKS.test(target) || (OF_CI.test(target) && !FOR_OTHERS.test(target)),
  );
}

const OF_CI = /^ci[-_]\w/i;

/** What CI has targets for besides checks. */
const FOR_OTHERS =
  /(?:^|[-_])(?:clean|install|package|pack|dist|upload|deploy|release|publish|bench(?:mark)?s?|setup|prepare|deps|dependencies)(?:[-_]|$)/i;

const CHECKS =
  /^(?:(?:run[-_])?(?:all[-_])?(?:unit[-_])?(?:check|tests?|lint)(?:[-_]all)?|RUN_TESTS|(?:check|lint|verify|validate)[-_][\w-]+|[\w-]+[-_](?:check|lint)|clang-(?:tidy|format)|cppcheck|tidy)$/;

/** Whether the call runs all tests that a build has, which it makes before. */
export function runsAllTests(program: string, args: readonly string[]): boolean {
  return nativeBuild(program, args)?.targets.some((target) => ALL_TESTS.test(target)) ?? false;
}

const ALL_TESTS = /^(?:check|tests?|distcheck|RUN_TESTS)$/;

/** Whether it is only told what would be done, asked for its version, or reading another file. The same letters mean something else to each. */
function doesNothing(program: string, arg: string): boolean {
  switch (program) {
    case 'make':
    case 'gmake':
      return /^(?:-n|--dry-run|-q|--question|-p|--print-data-base|-v|--version|-h|--help|-t|--touch|-f.*|--file.*)$/.test(arg);
    case 'ninja':
    case 'samu':
      return /^(?:-n|--version|-h|--help|-t|-f.*)$/.test(arg);
    default:
      return /^(?:--version|-h|--help)$/.test(arg);
  }
}

/** Options whose value is the next word. */
const VALUED =
  /^(?:-[CfIojlktdw]|--(?:directory|file|jobs|load-average|config|target|parallel|preset|suite|num-processes|timeout-multiplier|wrap|test-args|logbase|repeat|setup))$/;

function built(args: readonly string[], directories: RegExp): NativeBuild {
  let directory: string | undefined;
  const targets: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? '';
    const next = args[index + 1];
    if (arg === '--') break;
    if (directories.test(arg)) directory = next;
    else if (/^-C./.test(arg) && directories.test('-C')) directory = arg.slice(2);
    else if (/^(?:--target|-t)$/.test(arg) && next !== undefined) targets.push(next);
    else if (arg.startsWith('--target=')) targets.push(arg.slice('--target='.length));
    else if (!arg.startsWith('-') && !/^\w+\??=/.test(arg)) targets.push(arg);
    // How many jobs may be left out.
    if (VALUED.test(arg) && next !== undefined && !(/^-[jkl]$|^--(?:jobs|parallel)$/.test(arg) && !/^\d/.test(next))) index += 1;
  }
  return { directory, targets };
}

/** Whether two folders of builds are of the same sources: beside them, and not below some folder of other sources. */
export function isOfSameSources(a: string | undefined, b: string | undefined): boolean {
  const [first, second] = [sourcesOf(a), sourcesOf(b)];
  return first === second;
}

/** The folder of the sources that are built in a folder, as far as the names of the folders say it. */
function sourcesOf(directory: string | undefined): string {
  const parts = (directory ?? '.').replace(/^\.\//, '').split('/');
  const build = parts.findIndex((part) => isMadeByBuild(part) || part === '..' || part === '');
  return build < 0 ? (parts.length > 1 ? parts.slice(0, -1).join('/') : '') : parts.slice(0, build).join('/');
}

/** Whether a folder is one that a build makes, by the names on the way to it. */
export function isBuildFolder(directory: string): boolean {
  return directory.split('/').some(isMadeByBuild);
}

/** Whether a program is called from a folder that a build makes: `./build/tests/unit`. */
export function isInBuildFolder(program: string): boolean {
  const [first = '', ...rest] = program.replace(/^(?:\.{1,2}\/)+/, '').split('/');
  const name = rest.pop();
  if (name === undefined || !/^[\w+-]+(?:\.exe)?$/i.test(name)) return false;
  return [first, ...rest].every((part) => /^[\w.+-]+$/.test(part)) && isMadeByBuild(first) && !KEPT.test(first);
}

function isMadeByBuild(part: string): boolean {
  return BUILD_FOLDER.test(part);
}

/** Names by which builds call the folders that they make; a name that is not known may be any. */
const BUILD_FOLDER = /build|^(?:zig-)?out\b|^(?:bin|cmake|obj|objdir|dist|target|debug|release|tmp|artifacts)\b|[$*]/i;

/** Of these, the folders in which repositories keep programs of their own, too. */
const KEPT = /^(?:bin|cmake|dist|tmp|artifacts)$/i;
