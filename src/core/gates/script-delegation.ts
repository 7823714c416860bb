/** Command lines by which a package manager or a task runner runs something in other packages of a workspace. Pure. */

import { rushCall, startedByRushFile } from './script-rush.js';

/** What a command line hands on. */
export interface Delegation {
  readonly where: /** Relative to where the command runs, with `/`. */
    | { readonly kind: 'directory'; readonly directory: string }
    /** Packages by name, glob of names, or path; those with `!` are left out. Empty: all of them. */
    | {
        readonly kind: 'packages';
        readonly selectors: readonly string[];
        /** A name without a scope that no package has means the one package that has it in some scope. */
        readonly anyScope?: true;
      };
  /** What runs there. */
  readonly calls: readonly Call[];
  /** A file of the runner says what each script waits for. */
  readonly byPipeline?: true;
  /** What no package has, the runner may know itself. */
  readonly orItself?: true;
}

export interface Call {
  /** It runs only where this script exists; undefined for a program. */
  readonly script?: string;
  /** What runs where no package has the script: a program of that name. */
  readonly program?: readonly string[];
  readonly words: readonly string[];
}

/** What `words` hand on to other packages; undefined for what they run where they are, or when it is not certain what they run. */
export function delegationOf(words: readonly string[]): Delegation | undefined {
  const [program = '', ...rest] = startedByRushFile(words) ?? words;
  const started = /^(?:npm|pnpm|yarn|bun|npx|pnpx|bunx)$/.test(program) ? startedRunner(rest) : undefined;
  if (started) return delegationOf(started);
  switch (program) {
    case 'npm':
      return npm(rest);
    case 'pnpm':
    case 'bun':
      return manager(program, rest);
    case 'yarn':
    case 'yarnpkg':
      return yarn(rest);
    case 'lerna':
      return rest[0] === 'run' ? lerna(rest.slice(1)) : undefined;
    case 'turbo':
      return turbo(rest);
    case 'rush': {
      const found = rushCall(rest);
      const delegation = found && toPackages(found.selectors, [found.call], true);
      return delegation && { ...delegation, byPipeline: true, orItself: true };
    }
    case 'make': {
      const at = rest.indexOf('-C');
      const directory = rest[at + 1];
      return at < 0 || directory === undefined
        ? undefined
        : toDirectory(directory, [{ words: ['make', ...rest.filter((_, index) => index !== at && index !== at + 1)] }]);
    }
    default:
      return undefined;
  }
}

/** `npx turbo lint`, `pnpm exec lerna run test`: what is left from the runner on. */
function startedRunner(words: readonly string[]): readonly string[] | undefined {
  const start = words.findIndex((word) => !/^(?:exec|run|x|dlx|--|-y|--yes)$/.test(word));
  const name = /^(turbo|lerna)(?:@[\w.^~-]+)?$/.exec(words[start] ?? '')?.[1];
  return name === undefined ? undefined : [name, ...words.slice(start + 1)];
}

/** Before a word that is only known while it runs, as it is spelled. */
export const UNKNOWN = '\u0000';

/** Options of package managers and of lerna, long and short, and whether a value follows. */
const SELECTS = new Set(['--filter', '-F', '--scope', '-w', '--workspace', '--include']);
const DIRECTORIES = new Set(['-C', '--dir', '--cwd', '--prefix']);
const EVERYWHERE = new Set(['-r', '--recursive', '-ws', '--workspaces', '-A', '--all']);
/** They change how it runs or what is shown, not what is checked. */
const HARMLESS =
  /^(?:-[ptivj]+|--if-present|--stream|--parallel|--silent|-s|--aggregate-output|--no-bail|--color|--no-color|--reporter(?:=.*)?|--loglevel(?:=.*)?|--topological(?:-dev)?|--interlaced|--verbose|--sort|--no-sort|--no-prefix|--report-summary|--quiet|-q|--workspace-concurrency=(?!1$)\d+|--fail-if-no-match|--offline|--frozen-lockfile|--elide-lines(?:=.*)?)$/;

interface Options {
  readonly everywhere: boolean;
  readonly selectors: readonly string[];
  readonly directory: string | undefined;
  /** What is no option, and everything after the first of `stop` words of it. */
  readonly rest: readonly string[];
}

/** Undefined for an option of which nobody knows what it selects. `mixed`: options may also stand behind the script's name. */
function optionsOf(words: readonly string[], short: ReadonlySet<string>, mixed: boolean): Options | undefined {
  const selectors: string[] = [];
  const rest: string[] = [];
  let everywhere = false;
  let directory: string | undefined;
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    const [name = '', ...values] = word.split('=');
    const value = values.length > 0 ? values.join('=') : words[index + 1];
    const valued = word.startsWith('-') && ((SELECTS.has(name) && !short.has(name)) || DIRECTORIES.has(name));
    const named = rest.filter((each) => each !== 'run' && each !== 'run-script').length > 0;
    if (word.startsWith(UNKNOWN) && (mixed || !named)) return undefined;
    if (word === '--' || (named && !mixed) || !word.startsWith('-')) {
      if (word === '--') {
        rest.push(...words.slice(index));
        break;
      }
      rest.push(word);
    } else if (valued) {
      if (value === undefined) return undefined;
      if (DIRECTORIES.has(name)) directory = value;
      else selectors.push(value);
      if (values.length === 0) index += 1;
    } else if (EVERYWHERE.has(word) || /^-[ptivj]*A[ptivj]*$/.test(word)) everywhere = true;
    else if (!HARMLESS.test(word)) return undefined;
  }
  return { everywhere, selectors, directory, rest };
}

/** With npm `-w` selects; options stand anywhere before `--`. */
function npm(words: readonly string[]): Delegation | undefined {
  const options = optionsOf(words, new Set(['-F']), true);
  return options && delegated(options, 'npm');
}

/** With pnpm `-w` is the root of the workspace. */
function manager(program: 'pnpm' | 'bun' | 'yarn', words: readonly string[]): Delegation | undefined {
  const options = optionsOf(words, new Set(['-w']), false);
  return options && delegated(options, program);
}

function delegated({ everywhere, selectors, directory, rest }: Options, program: string): Delegation | undefined {
  if (!everywhere && selectors.length === 0 && directory === undefined) return undefined;
  const call = callOf(rest);
  if (!call) return undefined;
  // In a folder the manager itself knows best what the words are.
  const calls = directory === undefined ? [call] : [{ words: [program, ...rest] }];
  if (directory !== undefined) return toDirectory(directory, calls);
  return toPackages(selectors, calls, program === 'pnpm');
}

/** Commands of the managers that run nothing of the project. */
const OWN =
  /^(?:add|audit|bin|build-scripts|ci|config|create|deploy|dlx|i|init|info|install|link|list|ls|outdated|pack|patch|pm|publish|rebuild|remove|store|unlink|up|update|upgrade|version|why|x|dedupe)$/;

function callOf(rest: readonly string[]): Call | undefined {
  const [command = '', ...args] = rest;
  if (command === 'run' || command === 'run-script')
    return args[0] === undefined ? undefined : scriptCall(args[0], args.slice(1));
  if (command === 'exec')
    return args.length > 0 ? { words: ['npx', ...args.filter((arg, at) => at > 0 || arg !== '--')] } : undefined;
  if (command === '' || OWN.test(command)) return undefined;
  return { ...scriptCall(command === 't' || command === 'tst' ? 'test' : command, args), program: ['npx', command, ...args] };
}

function scriptCall(script: string, args: readonly string[]): Call {
  const own = args[0] === '--' ? args.slice(1) : args;
  return { script, words: ['npm', 'run', script, ...(own.length > 0 ? ['--', ...own] : [])] };
}

/** `yarn workspace a run test`, `yarn workspaces foreach -A run test`, `yarn --cwd a test`. */
function yarn(words: readonly string[]): Delegation | undefined {
  const [command, ...rest] = words;
  if (command === 'workspace') {
    const [name, ...inner] = rest;
    const call = callOf(inner);
    return name === undefined || call === undefined ? undefined : toPackages([name], [call]);
  }
  if (command !== 'workspaces') return command?.startsWith('--cwd') ? manager('yarn', words) : undefined;
  const [how, ...inner] = rest;
  if (how !== 'run' && how !== 'foreach') return undefined;
  const options = optionsOf(inner, new Set(['-w', '-F']), false);
  const call = options && callOf(how === 'run' ? ['run', ...options.rest] : options.rest);
  return options && call && toPackages(options.selectors, [call]);
}

/** `lerna run lint --scope a --stream`: its options stand anywhere. */
function lerna(words: readonly string[]): Delegation | undefined {
  const end = words.indexOf('--');
  const options = optionsOf(end < 0 ? words : words.slice(0, end), new Set(['-w', '-F']), true);
  const given = end < 0 ? [] : words.slice(end + 1);
  const [names, ...others] = options?.rest ?? [];
  if (!options || names === undefined || others.length > 0) return undefined;
  return toPackages(
    options.selectors,
    names.split(',').map((name) => scriptCall(name, given)),
  );
}

/** `turbo run lint types --filter=a`, `turbo lint`. */
function turbo(words: readonly string[]): Delegation | undefined {
  const end = words.indexOf('--');
  const own = (end < 0 ? words : words.slice(0, end)).filter(
    (word) => !/^--(?:concurrency=(?!1$).*$|cache|output-logs|log-order|ui|env-mode|continue|force|summarize)\b/.test(word),
  );
  const options = optionsOf(own, new Set(['-w']), true);
  const names = options?.rest.filter((name, index) => index > 0 || name !== 'run') ?? [];
  const given = end < 0 ? [] : words.slice(end + 1);
  const found =
    options && names.length > 0
      ? toPackages(
          options.selectors,
          names.map((name) => scriptCall(name, given)),
          true,
        )
      : undefined;
  return found && { ...found, byPipeline: true };
}

function toPackages(selectors: readonly string[], calls: readonly Call[], anyScope = false): Delegation | undefined {
  // With what depends on a package or has changed, nobody knows here.
  const unclear = selectors.some((selector) => /\.\.\.|\^|\[|^\*?$|\$/.test(selector) && selector !== '*');
  return unclear ? undefined : { where: { kind: 'packages', selectors, ...(anyScope ? { anyScope } : {}) }, calls };
}

function toDirectory(directory: string, calls: readonly Call[]): Delegation | undefined {
  return /^(?:\/|~)|\$/.test(directory) ? undefined : { where: { kind: 'directory', directory }, calls };
}

/** Whether calls do nothing but start builds of packages, by scripts of whose names `isBuild` says so. */
export function startsBuilds(calls: readonly (readonly string[])[], isBuild: (script: string) => boolean): boolean {
  return (
    calls.length > 0 &&
    calls.every((words) => {
      const started = delegationOf(words)?.calls ?? [];
      return started.length > 0 && started.every(({ script }) => script !== undefined && isBuild(script));
    })
  );
}
