/** Scripts that make ready what others need, whatever they are called: they bring in what is not there, or make sources anew. Pure. */
import { isPreparation, RUNTIMES, SAYERS } from './script-programs.js';
import { callsIn } from './script-words.js';
import { isInstall } from './script-wrappers.js';

/** Scripts that start scripts. */
const DEEPEST = 10;

/** Whether a text takes sources away before it starts a program of the repository, which makes them anew: `rm -rf spec/_json/*.js && node scripts/json`. */
export function makesSourcesAnew(text: string): boolean {
  const [first, ...others] = callsIn(text);
  if (first === undefined || others.length === 0) return false;
  const isOwn = ([program = '', file = '']: readonly string[]) => RUNTIMES.has(program) && !file.startsWith('-');
  return removesSources(first) && others.every((call) => isOwn(call) || isQuiet(call));
}

function removesSources([program = '', ...args]: readonly string[]): boolean {
  const files = args.filter((arg) => !arg.startsWith('-'));
  return REMOVES.test(program) && files.length > 0 && files.every((file) => SOURCES.test(file));
}

const REMOVES = /^(?:rm|rimraf|del|del-cli|trash)$/;
/** Files of a language, not folders of what is built. */
const SOURCES = /\*\.(?:[cm]?[jt]sx?|json|py|rb|go|rs)$/;

/**
 * Whether a script only brings in what installing brings in anyway: packages, submodules, and what package managers run by themselves once they
 * have installed.
 */
export function onlyBringsIn(text: string, scripts: ReadonlyMap<string, string>, depth = 0): boolean {
  // Where it installs is not what it does.
  const calls = callsIn(text).filter((call) => !isQuiet(call) && call[0] !== 'cd');
  if (calls.length === 0 || depth > DEEPEST) return false;
  return calls.every(([program = '', ...args]) => {
    if (isInstall(program, args)) return true;
    if (program === 'git')
      return args[0] === 'submodule' && /^(?:update|init|sync)$/.test(args[1] ?? '') && !args.includes('--remote');
    const name = /^(?:npm|pnpm|yarn|bun)$/.test(program) ? args.filter((arg) => arg !== 'run' && arg !== 'run-script') : [];
    const [script = '', ...more] = name;
    if (more.length > 0 || !scripts.has(script)) return false;
    return RUN_ONCE_INSTALLED.test(script) || onlyBringsIn(scripts.get(script) ?? '', scripts, depth + 1);
  });
}

const RUN_ONCE_INSTALLED = /^(?:(?:pre|post)?install|(?:pre|post)?prepare)$/;

function isQuiet([program = '', ...args]: readonly string[]): boolean {
  return SAYERS.has(program) || isPreparation(program, args);
}
