/** What a step of CI runs whose words say nothing of it: its name, or that of its job, says that it checks. Pure. */
import type { Ecosystem, Preset } from './preset.js';
import { slugOf, wordsOf } from './script-names.js';
import { importCheck } from './script-python-checks.js';
import {
  asksForItself,
  categoryOf,
  isCheckingWord,
  isEveryday,
  isProcess,
  newPreset,
  preparesOnly,
  runsByName,
} from './script-unknown.js';

/** A step of a job for checks. */
export interface JobStep {
  /** What it is called; empty where it has no name. */
  readonly title: string;
  /** What its job is called. */
  readonly job: string;
  /** It runs one command. */
  readonly single: boolean;
}

/** A call in such a step: its program, and the file of the repository that this runs, if it does. */
export interface JobCall {
  readonly program: string;
  readonly args: readonly string[];
  readonly file: string | undefined;
}

/**
 * The check that a call is because CI runs it in a step for checks; undefined where it only prepares something, or nobody says what it
 * is for. Of any program where the step's own name says so; where only the job's name does, of the repository's own programs, since
 * those of others bring in what the job needs.
 */
export function jobCheck(call: JobCall, step: JobStep, ecosystem: Ecosystem): Preset | undefined {
  const { program, args, file } = call;
  const imports = importCheck(program, args, step.title);
  if (imports) return imports;
  if (!isProcess(program) || (isEveryday(program) && file === undefined) || SAYS_NOTHING.test(program)) return undefined;
  if (asksForItself(args) || preparesOnly(args) || (file === undefined && args.length === 1 && args[0] === '-v'))
    return undefined;
  // The program that builds the whole project, where its step says that it tests, too: what else it does is what comes after that.
  const builds = file !== undefined && buildsProject(file) && /\btests?\b/i.test(step.title);
  const titled = builds || saysThatItChecks(step.title);
  if (!titled && (step.title !== '' || file === undefined || !saysThatItChecks(step.job))) return undefined;
  const told = file === undefined ? args : args.slice(args.indexOf(file) + 1);
  const [operand = ''] = told.filter((arg) => !arg.startsWith('-'));
  // A file that it makes, or whatever it does when it is told nothing.
  if (runsByName(program) && (operand === '' || (MAKES.test(program) && /[./]/.test(operand)))) return undefined;
  const name = file === undefined ? program : nameOf(file);
  const said = [name, ...(/^[a-z][\w:-]*$/i.test(operand) ? [operand] : [])].flatMap(wordsOf);
  // Of a step that does nothing else its name says more.
  const another = titled && step.single ? SENDS : PREPARES;
  if (said.some((word) => another.test(word))) return undefined;
  const tool = operand === '' || file !== undefined ? name : `${name} ${operand}`;
  const category = categoryOf([...wordsOf(titled ? step.title : step.job), ...said]);
  return newPreset(slugOf(name), { program, name: tool }, category, ecosystem);
}

/** The check that a whole step is, by its exit code. `makes`: it makes files of the repository anew. */
export function stepPreset(title: string, program: string, makes: boolean): Preset {
  const words = wordsOf(title);
  const preset = newPreset(slugOf(title), { program, name: title }, categoryOf(words.length > 0 ? words : ['check']), 'system');
  return makes ? { ...preset, inCopy: 'compares', asksGit: true } : preset;
}

/** Whether a name of a step or of a job says that something is checked there, and not only looked up, prepared or told. */
export function saysThatItChecks(name: string): boolean {
  if (LOOKS_UP.test(name) && !ASSERTS.test(name)) return false;
  const words = wordsOf(name);
  return words.some((word) => isCheckingWord(word) || CHECKING_IN_NAMES.test(word)) && !words.some((word) => PREPARES.test(word));
}

/** Whether a name of a step says that it does what comes before or after a check. */
export function saysThatItPrepares(name: string): boolean {
  return wordsOf(name).some((word) => PREPARES.test(word));
}

/** `Check if docs have changed` decides what others do. */
const LOOKS_UP =
  /\b(?:if|whether|changed|changes|changelog|labels?|versions?|environment|disk|space|permissions?|status|out|secrets?|available|tokens?|membership|title|without)\b|\bw\/o\b/i;

/** `Ensure no files changed` fails where they have. */
const ASSERTS = /^(?:ensure|assert|verify|make sure)\b.*\b(?:no|not|nothing|never|unchanged|unmodified)\b/i;
/** Whether a file is the one that builds the whole project: by habit at the top of a repository, `build.ps1`, `build.sh`. */
export function buildsProject(file: string): boolean {
  return BUILDS_PROJECT.test(file);
}

const BUILDS_PROJECT = /^(?:\.\/)?(?:eng\/|scripts\/|build\/)?build\.(?:ps1|sh|py|fsx|cs|js|mjs)$/i;

const CHECKING_IN_NAMES =
  /^(?:ensure|assert|style|format|formatting|fmt|types|typing|conformance|compliance|consistency|forbid|quality|doctor|compat|compatibility|regression|e2e|examples|clippy|miri|rustfmt|gofmt|spotless|ktlint|phpstan|psalm|rubocop|mypy|pyright|eslint|stylelint|prettier|msrv)$/;

/** What comes before or after a check. */
const PREPARES =
  /^(?:install\w*|uninstall|setup|set|prepare|preparing|bootstrap|configure|config|autogen|autoreconf|init|initialize|download\w*|upload\w*|fetch|get|clone|checkout|cache\w*|restore|save|login|auth\w*|start|stop|wait|serve|server|watch|publish|deploy\w*|(?:mk)?release\w*|mk\w+|dist|push|tag|bump|notify|comment|post|report\w*|summar\w+|artifacts?|archive|pack|package|collect|coverage|codecov|coveralls|badge|bench\w*|perf|fix|patch\w*|write|update|upgrade|clean\w*|remove|delete|drop|create|import|cov|llvm|tarpaulin|generate|gen|regenerate|rewrite|sync|migrate|seed|translate|print|show|list|dump|debug|display|determine|compute|calculate|find|cat|enable|disable|activate|select|merge|combine|label\w*|triage|assign|changelog|docker|image|container|free)$/;

/** What it sends or changes for others, no step for checks does. */
const SENDS =
  /^(?:install\w*|publish|deploy\w*|(?:mk)?release|upload|push|login|fix|write|notify|comment|cov|llvm|tarpaulin|coverage)$/;

const MAKES = /^(?:make|gmake|ninja|just|task|rake)$/;

// biome-ignore format: a list is read by its kinds
/** They make, move or show something, whatever their words. */
const SAYS_NOTHING = new RegExp(`^(?:${[
  'file', 'strip', 'ldd', 'env', 'uname', 'date', 'hostname', 'whoami', 'id', 'df', 'du', 'ln', 'patch', 'touch', 'mkdir', 'cp', 'mv', 'dd', 'mktemp', 'install',
  'head', 'tail', 'wc', 'sort', 'uniq', 'tr', 'cut', 'paste', 'od', 'xxd', 'base64', '\\w*sums?', 'readlink', 'realpath', 'dirname', 'basename', 'stat', 'seq', 'comm', 'join', 'less', 'more', 'nl', 'column', 'printenv', 'ps', 'lsof', 'netstat', 'ss', 'ping', 'nc', 'dig',
  'gpg', 'openssl', 'keytool', 'codesign', 'security', 'defaults', 'xcrun', 'xcode-select', 'xattr', 'plutil', 'systemctl', 'service', 'sysctl', 'modprobe', 'mount', 'umount', 'ip', 'iptables', 'locale-gen', 'localedef', 'update-[\\w-]+', 'reg', 'icacls', 'fsutil',
  'ccache', 'sccache', 'autoreconf', 'autoconf', 'automake', 'aclocal', 'configure', 'meson', 'cmake', '(?:MSB|msb|xb)uild', 'createdb', 'initdb', 'pg_ctl', 'pg_isready', 'mysqladmin', 'vault', 'minikube', 'kind', 'tmux', 'screen', 'Xvfb', 'dbus-launch',
  'adduser', 'useradd', 'usermod', 'groupadd', 'passwd', 'su', 'runuser', 'pod', 'carthage', 'luarocks', 'opam', 'ghcup', 'cpanm?', 'cpm', 'rbenv', 'pyenv', 'nvm', 'fnm', 'volta', 'asdf', 'rosdep', 'vcpkg', 'conan', 'npm-install', 'ollama', 'envinfo', 'qemu-[\\w-]+', 'wine', 'kvm-ok', 'lscpu', 'free', 'nproc', 'nvidia-smi',
].join('|')})$`);

function nameOf(file: string): string {
  return (file.split('/').at(-1) ?? file).replace(/\.\w+$/, '');
}
