/** Command lines that run other scripts or commands: package managers, npm-run-all, concurrently and their kin. Pure. */

/** A word of a command line after the shell has taken its quotes away. */
export interface Word {
  readonly value: string;
  /** It stood there without quotes and holds a glob, so a shell would put file names in its place. */
  readonly glob: boolean;
  /** Where it stands for files that git lists, what a shell makes of them: `$(git ls-files '*.toml')`. */
  readonly lists?: string;
}

/** What a member of a group runs: scripts by a pattern, or a line for a shell. */
export type Member =
  | { readonly kind: 'scripts'; readonly pattern: string; readonly args: readonly string[] }
  | { readonly kind: 'line'; readonly text: string };

/** Members of a stage run at the same time, stages one after another. */
export type Stage = readonly Member[];

export type RunnerCall =
  /** `hooks`: its pre and post scripts run too. `optional`: that the script does not exist is fine. */
  | {
      readonly kind: 'script';
      readonly name: string;
      readonly args: readonly string[];
      readonly hooks: boolean;
      readonly optional: boolean;
    }
  | { readonly kind: 'command'; readonly words: readonly Word[] }
  | { readonly kind: 'stages'; readonly stages: readonly Stage[] }
  /** It runs something, but what cannot be told. */
  | { readonly kind: 'unknown' };

/**
 * What a command line runs, when its program is one that runs others; undefined for any other program. `anyVersion`: that a tool is asked
 * for by its version says nothing about which one the project has.
 */
export function runnerCall(
  words: readonly Word[],
  scripts: ReadonlyMap<string, string>,
  anyVersion = false,
): RunnerCall | undefined {
  const [program, ...rest] = words;
  switch (program?.value) {
    case 'npm':
      return npm(rest, anyVersion);
    case 'yarn':
    case 'yarnpkg':
    case 'pnpm':
    case 'bun':
      // A file is for the runtime.
      if (program.value === 'bun' && /\.[cm]?[jt]sx?$/.test(rest[0]?.value ?? '')) return undefined;
      return otherManager(program.value, rest, scripts, anyVersion);
    case 'npx':
    case 'pnpx':
    case 'bunx':
      return packageRunner(rest, anyVersion);
    case 'nr':
      return runOrCommand(
        rest,
        scripts,
        rest.some(({ value }) => value === '--if-present'),
      );
    case 'na':
      return otherManager('pnpm', rest, scripts, anyVersion);
    case 'nlx':
      return packageRunner(rest, anyVersion);
    case 'corepack':
      return { kind: 'command', words: rest };
    case 'node':
      return rest[0]?.value === '--run' ? nodeRun(rest.slice(1)) : undefined;
    case 'npm-run-all':
    case 'npm-run-all2':
      return runAll(rest, 'sequence');
    case 'run-s':
      return runAll(rest, 'sequence');
    case 'run-p':
      return runAll(rest, 'parallel');
    case 'concurrently':
    case 'conc':
      return concurrently(rest);
    default:
      return undefined;
  }
}

/**
 * The names of scripts that an npm-run-all pattern means, in the order of the package.json: `lint:*` means those one level below,
 * `lint:**` all levels.
 */
export function matchingScripts(pattern: string, scripts: ReadonlyMap<string, string>): readonly string[] {
  const expressed = /^\/(.{1,100})\/$/.exec(pattern)?.[1];
  if (expressed !== undefined) return namesLike(expressed, scripts);
  if (!/[*?{}]/.test(pattern)) return scripts.has(pattern) ? [pattern] : [];
  const expression = pattern
    .replace(/[.+^$()|[\]\\]/g, '\\$&')
    .replace(/\{([^{}]*)\}/g, (_, inner: string) => `(?:${inner.split(',').join('|')})`)
    .replace(/\*\*|\*|\?(?!:)/g, (wild) => (wild === '**' ? '\u0000' : wild === '*' ? '[^:]*' : '[^:]'))
    .replaceAll('\u0000', '.*');
  return namesLike(`^${expression}$`, scripts);
}

/**
 * Shows `visit` the text of a script, of its pre and post scripts and of those that it follows from there, each once. `visit` gives the
 * names of the scripts to follow.
 */
export function followScripts(
  name: string,
  scripts: ReadonlyMap<string, string>,
  visit: (text: string) => readonly string[],
): void {
  const seen = new Set<string>();
  const waiting = [name];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    for (const script of [`pre${next}`, next, `post${next}`]) waiting.push(...visit(scripts.get(script) ?? ''));
  }
}

function namesLike(expression: string, scripts: ReadonlyMap<string, string>): readonly string[] {
  // Repetitions of repetitions may need for ever.
  if (expression.split('.*').length > 5 || /\)[+*{]/.test(expression)) return [];
  try {
    const test = new RegExp(expression, 'u');
    return [...scripts.keys()].filter((name) => test.test(name));
  } catch {
    return [];
  }
}

const UNKNOWN: RunnerCall = { kind: 'unknown' };
/** These make a package manager run something in another package. */
const ELSEWHERE =
  /^(?:-w|-ws|--workspaces?|--include-workspace-root|--prefix|-C|--dir|--cwd|-r|--recursive|-F|--filter|--workspace-root|-A|--all)(?:=|$)/;

function npm(words: readonly Word[], anyVersion: boolean): RunnerCall {
  const values = words.map((word) => word.value);
  const end = values.indexOf('--');
  const own = end < 0 ? values : values.slice(0, end);
  if (own.some((value) => ELSEWHERE.test(value))) return UNKNOWN;
  const [command, ...operands] = own.filter((value) => !value.startsWith('-'));
  const after = end < 0 ? [] : values.slice(end + 1);
  const optional = own.includes('--if-present');
  switch (command) {
    case 'run':
    case 'run-script':
    case 'rum':
    case 'urn': {
      const [name, ...args] = operands;
      return name === undefined ? UNKNOWN : { kind: 'script', name, args: [...args, ...after], hooks: true, optional };
    }
    case 'test':
    case 'tst':
    case 't':
      return { kind: 'script', name: 'test', args: [...operands, ...after], hooks: true, optional };
    case 'exec':
    case 'x':
      return packageRunner(words.slice(values.indexOf(command) + 1), anyVersion);
    default:
      return UNKNOWN;
  }
}

const OWN_COMMANDS =
  /^(?:add|audit|bin|ci|config|constraints|create|dedupe|deploy|dlx|doctor|i|init|info|install|link|outdated|pack|patch|pm|publish|rebuild|remove|store|unlink|up|update|upgrade|version|why|workspace|workspaces)$/;

function otherManager(
  manager: string,
  words: readonly Word[],
  scripts: ReadonlyMap<string, string>,
  anyVersion: boolean,
): RunnerCall {
  const start = words.findIndex((word) => !word.value.startsWith('-'));
  const command = words[start]?.value;
  if (command === undefined || words.slice(0, start).some((word) => ELSEWHERE.test(word.value))) return UNKNOWN;
  const optional = words.some((word) => word.value === '--if-present');
  const rest = words.slice(start + 1);
  if (command === 'run' || command === 'run-script') return runOrCommand(rest, scripts, optional);
  if (manager === 'bun') return command === 'x' ? packageRunner(rest, anyVersion) : UNKNOWN;
  if (command === 'exec' || (command === 'dlx' && anyVersion)) return packageRunner(rest, anyVersion);
  if (OWN_COMMANDS.test(command) || (LOOKS_AT_LOCK.test(command) && !scripts.has(command))) return UNKNOWN;
  return runOrCommand([...words.slice(start)], scripts, optional);
}

/** They look at what the lock file says of the packages. */
const LOOKS_AT_LOCK = /^(?:dedupe|constraints)$/;

/** `yarn run x` starts the script x, or else the program x of a dependency. */
function runOrCommand(words: readonly Word[], scripts: ReadonlyMap<string, string>, optional: boolean): RunnerCall {
  const start = words.findIndex((word) => !word.value.startsWith('-'));
  const name = words[start]?.value;
  if (name === undefined || words.slice(0, start).some((word) => ELSEWHERE.test(word.value))) return UNKNOWN;
  const args = words.slice(start + 1);
  // pnpm takes a regular expression for all scripts that it matches.
  if (/^\/.+\/$/.test(name))
    return { kind: 'stages', stages: [[{ kind: 'scripts', pattern: name, args: args.map((word) => word.value) }]] };
  if (!scripts.has(name))
    return optional ? { kind: 'script', name, args: [], hooks: true, optional } : { kind: 'command', words: words.slice(start) };
  const given = (args[0]?.value === '--' ? args.slice(1) : args).map((word) => word.value);
  return { kind: 'script', name, args: given, hooks: true, optional };
}

function packageRunner(words: readonly Word[], anyVersion = false): RunnerCall {
  const harmless = new Set([
    '-y',
    '--yes',
    '--no',
    '--no-install',
    '-q',
    '--quiet',
    '--',
    '--offline',
    '--prefer-offline',
    '--bun',
  ]);
  // `dlx --package renovate@latest renovate-config-validator`: in which package a program is, is not what it does.
  const start = words.findIndex(
    ({ value }, index) => !harmless.has(value) && !(anyVersion && isPackage(value, words[index - 1]?.value)),
  );
  const name = words[start]?.value;
  const at = name?.lastIndexOf('@') ?? -1;
  // A version after the name may be another one than the project's.
  if (name === undefined || name.startsWith('-') || (at > 0 && !anyVersion)) return UNKNOWN;
  const [first, ...others] = words.slice(start);
  return { kind: 'command', words: first && at > 0 ? [{ ...first, value: name.slice(0, at) }, ...others] : words.slice(start) };
}

/** Whether a word is the option that names a package, or what that is told. */
function isPackage(word: string, before: string | undefined): boolean {
  return /^(?:-p|--package)(?:=|$)/.test(word) || before === '-p' || before === '--package';
}

function nodeRun(words: readonly Word[]): RunnerCall {
  const [name, separator, ...args] = words.map((word) => word.value);
  if (name === undefined || (separator !== undefined && separator !== '--')) return UNKNOWN;
  return { kind: 'script', name, args, hooks: false, optional: false };
}

function runAll(words: readonly Word[], initial: 'parallel' | 'sequence'): RunnerCall {
  const stages: Member[][] = [];
  let mode = initial;
  let fresh = true;
  const values = words.map((word) => word.value);
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? '';
    if (value === '--') return UNKNOWN;
    if (/^(?:-p|--parallel)$/.test(value)) [mode, fresh] = ['parallel', true];
    else if (/^(?:-s|--sequential|--serial)$/.test(value)) [mode, fresh] = ['sequence', true];
    else if (/^(?:--max-parallel|--npm-path)$/.test(value)) index += 1;
    // The first to end decides, or a failure is ignored: the outcome is not that of all members.
    else if (/^(?:-r|--race)$/.test(value)) return UNKNOWN;
    else if (!value.startsWith('-')) {
      const [pattern = '', ...args] = value.split(/\s+/);
      if (args.some((arg) => arg.includes('{'))) return UNKNOWN;
      const member: Member = { kind: 'scripts', pattern, args: args[0] === '--' ? args.slice(1) : args };
      if (mode === 'parallel' && !fresh) stages.at(-1)?.push(member);
      else stages.push([member]);
      fresh = false;
    }
  }
  // A pattern in a sequence means its scripts one after another; that is for whoever expands it.
  return stages.length === 0 ? UNKNOWN : { kind: 'stages', stages };
}

const CONCURRENTLY_VALUES =
  /^(?:-n|--names|--name-separator|-c|--prefix-colors|-p|--prefix|-l|--prefix-length|-m|--max-processes|-t|--timestamp-format|--hide|--pad-prefix|--kill-signal|--ks|-i|--default-input-target|--cwd)$/;

function concurrently(words: readonly Word[]): RunnerCall {
  const members: Member[] = [];
  const values = words.map((word) => word.value);
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? '';
    if (/^(?:-s|--success|-P|--passthrough-arguments|--cwd|--restart-tries|--restart-after|--teardown)(?:=|$)/.test(value))
      return UNKNOWN;
    if (CONCURRENTLY_VALUES.test(value)) index += 1;
    else if (!value.startsWith('-')) {
      const script = /^(?:npm|node|pnpm|yarn|bun):(\S+)(.*)$/.exec(value);
      if (script?.[2]?.trim()) members.push({ kind: 'line', text: `npm run ${script[1]} -- ${script[2]}` });
      else if (script) members.push({ kind: 'scripts', pattern: script[1] ?? '', args: [] });
      else members.push({ kind: 'line', text: value });
    }
  }
  return members.length === 0 ? UNKNOWN : { kind: 'stages', stages: [members] };
}
