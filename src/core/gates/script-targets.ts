/** Targets that CI runs and of whose commands nobody knows what they do: what they say by their names, and by how they end. Pure. */
import type { Category } from '../gate-model.js';
import type { Preset } from './preset.js';
import { categoryOfName, isBuildName, isCheckName, wordsOf } from './script-names.js';
import type { Task } from './script-tasks.js';
import { categoryOf } from './script-unknown.js';
import { verdictOf } from './script-verdict.js';
import { callsIn } from './script-words.js';

/**
 * Whether a target that CI runs checks, though its name is none that says so wherever it stands: `checkmetrics`, `code-style`; or because
 * its commands compare, or fail by themselves for what they find.
 */
export function isCheckOfCi({ name, lines }: Task): boolean {
  if (isBuildName(name) || wordsOf(name).some((word) => PREPARES.test(word))) return false;
  return (
    wordsOf(name).some((word) => SAYS_SO.test(word)) ||
    lines.some(({ command }) => command.kind === 'shell' && verdictOf(command.text) !== undefined)
  );
}

/** Whether a task only brings in what others need, or only says something, by its name alone. */
export function isPreparing({ name }: Task): boolean {
  return wordsOf(name).some((word) => BRINGS_IN.test(word));
}

/** Whether something has to be running for the time of a test, as the names of what comes before it say: only the task starts that. */
export function needsSetUp({ name, lines, needs }: Task, tasks: readonly Task[]): boolean {
  if (lines.length === 0 || needs.length === 0 || !isCheckName(name) || categoryOfName(name) !== 'test') return false;
  return tasks.some(
    (other) => needs.includes(other.key) && !isCheckName(other.name) && wordsOf(other.name).some((word) => SETS_UP.test(word)),
  );
}

const SETS_UP =
  /^(?:setup|up|start|run|running|cluster|kind|minikube|docker|compose|images?|containers?|db|database|services?|server|envtest|prepare)$/;

const BRINGS_IN = /^(?:install|tools?|deps|dependencies|download|venv|virtualenv|warn|print|show|list|help|info)$/;

/** What such a target is listed under. */
export function categoryOfTarget({ name }: Task): Category {
  const words = wordsOf(name);
  const telling = words.map((word) => /^(check|lint|test)/.exec(word)?.[1] ?? word);
  const said = categoryOf(telling);
  // What only compares has a name that says nothing.
  return said === 'lint' && categoryOfName(name) !== 'test' ? categoryOfName(name) : said;
}

/** `checkmetrics`, `linters-all`, `style`; a `checkout` and `testdata` are something else. */
const SAYS_SO =
  /^(?:check(?!out|point|sum|ed)[a-z]+|lint(?!ers?$)[a-z]+|tests?(?!ed|data|bed|util|help|env)[a-z]+|style|codestyle|license-?check|spell(?:check|ing)?|secure|security|typos|conformance|sanity)$/;

/** What comes before a check, or serves something else. */
const PREPARES =
  /^(?:install\w*|tools?|deps|dependencies|vendor|generate\w*|gen|proto\w*|format|fmt|docker|image|push|upload|download|help|all|release\w*|shell|env|venv|run|start|stop|up|down|skip\w*|clean\w*|fix\w*|update\w*|bench\w*|print\w*|list|show|warn|info|version)$/;

/** Whether a task builds, as its name says, and does no more than that: no images, no pages, nothing to hand out. */
export function isPlainBuild({ name }: Task): boolean {
  const [first = '', ...others] = wordsOf(name);
  return /^(?:build|compile)$/.test(first) && others.every((word) => BUILT.test(word));
}

/** What a whole build is called after, whatever it is a build of. */
const BUILT =
  /^(?:all|ci|local|dev|debug|libs?|library|bin|binary|binaries|apps?|cli|server|client|projects?|packages?|tests?|examples?|core|backend|frontend|web|race|src)$/;

/** Whether a task does something by itself: it does not only start others, something in a container, or what comes before a check. */
export function doesOwnWork({ key, lines }: Task, tasks: readonly Task[]): boolean {
  const texts = lines.map(({ command }) => (command.kind === 'shell' ? command.text : command.argv.join(' ')));
  const own = texts.filter(
    (text) => !wordsOf(/^\s*(?:\S*\/)?(\S+)/.exec(text)?.[1] ?? '').some((word) => BRINGS_IN.test(word) || word === 'echo'),
  );
  if (own.length === 0) return false;
  const words = new Set(own.flatMap((text) => text.split(/[^\w.-]+/)));
  const startsOther = tasks.some((other) => other.key !== key && words.has(other.runner.program) && words.has(other.name));
  return !startsOther && !own.some((text) => /\b(?:docker|podman|ssh|vagrant|kubectl|minikube)\b/i.test(text));
}

/** Whether a line of the task calls the tool by its name, or what starts it by habit. */
export function startsTool({ lines }: Task, { id, programs, isCalledBy }: Preset): boolean {
  const calls = lines.flatMap(({ command }) => (command.kind === 'argv' ? [command.argv] : callsIn(command.text)));
  return calls.some((words) =>
    words.some((word, index) => {
      const name = word.slice(word.lastIndexOf('/') + 1);
      if (name === 'gotestsum' || name === 'ginkgo') return id === 'go-test';
      return programs.includes(name) && isCalledBy(words.slice(index + 1));
    }),
  );
}
