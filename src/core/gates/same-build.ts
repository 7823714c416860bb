/** Builds that differ in nothing that matters to whether the sources build, and which of two calls of a build tool does more. Pure. */
import type { Draft } from './drafts.js';
import { isOfSameSources, nativeBuild } from './native-builds.js';
import { isSameImage } from './script-images.js';

/** Whether both build the same: for other machines, in another directory or configuration, with more workers, by a script with more arguments. */
export function isSameBuild({ command: a }: Draft, { command: b }: Draft): boolean {
  if (a.kind === 'script' && b.kind === 'script')
    return a.script === b.script && JSON.stringify(toldWhat(a.args)) === JSON.stringify(toldWhat(b.args));
  if (a.kind !== 'program' || b.kind !== 'program') return false;
  if (a.program === 'go' && b.program === 'go') return saidOfGo(a) === saidOfGo(b);
  if (a.program === 'docker' && b.program === 'docker') return isSameImage(a.given, b.given);
  if (isBazel(a.program) && isBazel(b.program)) return targetsOfBazel(a.given) === targetsOfBazel(b.given);
  if (a.program === 'maturin' && b.program === 'maturin') return saidOfMaturin(a.given) === saidOfMaturin(b.given);
  const packed = packageBuiltBy(a);
  if (packed !== undefined) return packed === packageBuiltBy(b);
  const [mine, its] = [nativeBuild(a.program, a.given), nativeBuild(b.program, b.given)];
  if (!mine || !its) return false;
  // CMake makes files for make and ninja in the folder of the build.
  const isMade = (build: typeof mine) => build.directory !== undefined && build.directory !== '.';
  if ((a.program === 'cmake') !== (b.program === 'cmake') && !(isMade(mine) && isMade(its))) return false;
  const targets = (build: typeof mine) => JSON.stringify(build.targets.filter((target) => target !== 'all'));
  // Of a build of everything one of a part says no more.
  const isPart = [mine, its].some((build) => targets(build) === '[]');
  return (isPart || targets(mine) === targets(its)) && isOfSameSources(mine.directory, its.directory);
}

/**
 * Which package of Python a call builds: with what frontend ever, its own backend does it. Where it is put and which of both formats is made
 * does not matter. Undefined for any other build.
 */
function packageBuiltBy({ program, asModule, given }: Extract<Draft['command'], { kind: 'program' }>): string | undefined {
  const isFrontend = asModule ? program === 'build' : program === 'pyproject-build';
  if (!isFrontend && !(/^(?:uv|hatch|poetry|pdm|flit|rye)$/.test(program) && given[0] === 'build')) return undefined;
  const args = isFrontend ? given : given.slice(1);
  const isAside = (index: number) =>
    /^(?:-o|--out-?dir|-d|--dest|--output|--installer|-[PCpt]|--python|--target|--format|-f)$/.test(args[index] ?? '');
  const operands = args.filter((arg, index) => !arg.startsWith('-') && !isAside(index - 1) && args[index - 1] !== '--package');
  const named = args.flatMap((arg, index) =>
    args[index - 1] === '--package' ? [arg] : (/^--package=(.*)/.exec(arg)?.slice(1) ?? []),
  );
  return JSON.stringify([
    operands[0]?.replace(/\/$/, '') ?? '.',
    named,
    args.includes('--all-packages') || args.includes('--all'),
  ]);
}

function isBazel(program: string): boolean {
  return program === 'bazel' || program === 'bazelisk';
}

/** In which mode and for which machine, does not matter to what is built. */
function targetsOfBazel(given: readonly string[]): string {
  return given
    .filter((arg) => !arg.startsWith('-'))
    .sort()
    .join(' ');
}

/** Where it puts wheels, and for which Pythons, does not matter to whether it builds. */
function saidOfMaturin(given: readonly string[]): string {
  const aside = /^(?:--out|-o|--interpreter|-i)$/;
  return given.filter((arg, index) => !aside.test(arg.replace(/=.*$/, '')) && !aside.test(given[index - 1] ?? '')).join(' ');
}

/** Everything but the machine. */
function saidOfGo({ options, env }: Extract<Draft['command'], { kind: 'program' }>): string {
  // How it is linked and where to does not matter to whether it compiles.
  const said = options
    .filter(
      (option, index) =>
        !/^--?(?:ldflags|gcflags|asmflags|trimpath|v|x|o)(?:=|$)/.test(option) &&
        !/^--?(?:ldflags|gcflags|asmflags|o)$/.test(options[index - 1] ?? ''),
    )
    // `./cmd/app` by the path of its module.
    .map((option, index) => (index === 0 && option === 'install' ? 'build' : option))
    .map((option) => option.replace(/^(?:github|gitlab)\.com\/[\w.-]+\/[\w.-]+(?:\/v\d+)?(?=\/)/, '.'));
  return JSON.stringify([said, Object.entries(env).filter(([name]) => !/^(?:GOOS|GOARCH|GOARM|CGO_ENABLED)$/.test(name))]);
}

/** What a script is told to build, whatever for which machine, in which configuration and how. */
function toldWhat(args: readonly string[]): readonly string[] {
  const isMachine = (index: number) => {
    const [name = '', value = args[index + 1] ?? ''] = (args[index] ?? '').split('=');
    return /^--?(?:target|arch|platform|t)$/.test(name) && MACHINE.test(value);
  };
  return args.filter((arg, index) => {
    const isValue = isMachine(index - 1) && !(args[index - 1] ?? '').includes('=');
    return !isValue && !isMachine(index) && !isAboutHow(arg) && !/^(?:--|--(?:release|debug))$/.test(arg);
  });
}

/** `aarch64-unknown-linux-gnu`, `x64`, `darwin-arm64`. */
const MACHINE =
  /^(?:(?:linux|darwin|win32|windows|macos|freebsd|android)[-_/])?(?:x86_64|x64|x86|ia32|amd64|i[3-6]86|aarch64|arm\w*|riscv\w*|powerpc\w*|ppc\w*|s390x|loongarch\w*|mips\w*|sparc\w*|wasm\w*|universal)(?:[-_]\w+)*$/;

function isAboutHow(arg: string): boolean {
  return /^--?(?:parallel|jobs|concurrency|verbose|quiet|silent|color|no-color|progress|max-workers)(?:=|$)|^-[jvq]\d*$/.test(
    arg,
  );
}

/** Whether one of two calls of Gradle leaves out just what the other does: `gradle check -x test`, `gradle test`. */
export function isDividedByGradle({ command: a }: Draft, { command: b }: Draft): boolean {
  if (a.kind !== 'program' || b.kind !== 'program') return false;
  const [mine, its] = [gradleTasks(a.given), gradleTasks(b.given)];
  return leavesTo(mine, its) || leavesTo(its, mine);
}

function leavesTo({ excluded }: GradleTasks, { tasks }: GradleTasks): boolean {
  return tasks.length > 0 && tasks.every((task) => excluded.includes(task));
}

/** Whether a call of Gradle leaves out nothing and does all that the other does. */
export function runsMore({ command: known }: Draft, { command: draft }: Draft): boolean {
  if (known.kind !== 'program' || draft.kind !== 'program') return false;
  const [before, after] = [gradleTasks(known.given), gradleTasks(draft.given)];
  if (after.excluded.length > 0 || leavesTo(before, after)) return false;
  // All checks are those of a build, tests are checks.
  const does = (task: string) =>
    [task, 'build', ...(/^(?:test|allTests)$/.test(task) ? ['check'] : [])].some((name) => after.tasks.includes(name));
  if (!before.tasks.every(does)) return false;
  return before.excluded.length > 0 || after.tasks.length > before.tasks.length;
}

interface GradleTasks {
  readonly tasks: readonly string[];
  readonly excluded: readonly string[];
}

function gradleTasks(given: readonly string[]): GradleTasks {
  const isExcluded = (index: number) => /^(?:-x|--exclude-task)$/.test(given[index - 1] ?? '');
  const words = given.filter((arg) => !arg.startsWith('-'));
  const excluded = given.filter((_, index) => isExcluded(index));
  return { tasks: words.filter((word) => !excluded.includes(word)), excluded };
}
