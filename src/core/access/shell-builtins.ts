/** What a shell does itself: it moves, sets variables, ends. Pure. */
import { type Argument, afterEquals, UNKNOWN } from './argument.js';
import { type Directories, isWithin } from './footprint.js';
import { followLine, type Line } from './shell.js';
import { assigned, type Ends, either, type State } from './shell-state.js';
import { isDangerousVariable } from './variables.js';

export interface Occasion {
  readonly line: Line;
  readonly state: State;
  /** With the assignments before the command. */
  readonly own: State;
  readonly set: readonly string[];
  readonly depth: number;
}

/** Where the line is after a command of the shell; undefined when it is none. */
export function builtin(words: readonly Argument[], occasion: Occasion): Ends | undefined {
  const name = words[0]?.text;
  if (name === undefined || !Object.hasOwn(BUILTINS, name)) return undefined;
  // An assignment before some of these stays.
  const state =
    occasion.set.length > 0 ? occasion.set.reduce((now, each) => assigned(now, each, undefined), occasion.state) : occasion.state;
  return BUILTINS[name]?.(words.slice(1), { ...occasion, state });
}

type Builtin = (args: readonly Argument[], occasion: Occasion) => Ends | undefined;

const nothing: Builtin = (_args, { state }) => either(state);
const ends: Builtin = () => ({ passed: undefined, failed: undefined });
const stops =
  (because: string): Builtin =>
  (_args, { line, state }) => {
    line.barrier(because);
    return either(state);
  };

const BUILTINS: Readonly<Record<string, Builtin>> = {
  cd: (args, occasion) =>
    change(
      args.filter((argument) => !/^-[LPe@]+$|^--$/.test(argument.text ?? '')),
      occasion,
    ),
  pushd: change,
  popd: (_args, { state }) => either({ ...state, cwd: undefined }),
  dirs: nothing,
  exit: ends,
  return: stops('it returns from a function'),
  break: leave,
  continue: leave,
  export: declare,
  declare,
  typeset: declare,
  local: declare,
  readonly: declare,
  unset: forget,
  read: forget,
  mapfile: forget,
  readarray: forget,
  getopts: forget,
  let: forget,
  printf: (args, occasion) =>
    args.some((argument) => argument.loose) || args[0]?.text === '-v' ? forget(args, occasion) : nothing(args, occasion),
  set: settings,
  shopt: (args, { line, state }) => {
    if (
      args.some(
        ({ text }) =>
          text === undefined || !/^(?:-[suqp]+|nullglob|dotglob|globstar|extglob|failglob|inherit_errexit|pipefail)$/.test(text),
      )
    )
      line.barrier('it changes how the shell works');
    return either(state);
  },
  eval: evaluate,
  source: stops('it runs another script in place'),
  '.': stops('it runs another script in place'),
  alias: stops('it gives commands other meanings'),
  unalias: nothing,
  enable: stops('it gives commands other meanings'),
  hash: nothing,
  builtin: stops('it calls a command of the shell in a way that is not followed'),
  trap,
  exec: (args, { line, state, own }) => {
    if (args.length > 0) line.context.start(args, { ...own, cwd: state.cwd });
    return either(state);
  },
  wait: nothing,
  jobs: nothing,
  disown: nothing,
  umask: nothing,
  ulimit: nothing,
  times: nothing,
  shift: nothing,
  ':': nothing,
  true: nothing,
  false: nothing,
};

function change(args: readonly Argument[], { line, state }: Occasion): Ends {
  const failed = state;
  const [to] = args;
  if (args.length > 1 || to?.loose || to?.many || to?.text === '-' || /^[+-]\d/.test(to?.text ?? ''))
    return { passed: { ...state, cwd: undefined }, failed };
  const home = line.context.env['HOME'];
  if (!to && (home === undefined || state.variables.has('HOME'))) return { passed: { ...state, cwd: undefined }, failed };
  const target: Argument = to ?? { glob: home ?? UNKNOWN };
  if (target.glob.includes(UNKNOWN)) return { passed: { ...state, cwd: undefined }, failed };
  const cwd: Directories = line.footprint.directories(target, state.cwd);
  const { folder } = line.footprint;
  // It matters whether the directory is there, unless that is certain.
  for (const directory of cwd ?? []) if (!isWithin(folder, directory)) line.footprint.reads.add(directory);
  return { passed: { ...state, cwd }, failed };
}

function leave(_args: readonly Argument[], { line, state }: Occasion): Ends {
  line.leaveLoop(state);
  return either(state);
}

function declare(args: readonly Argument[], { line, state }: Occasion): Ends {
  let now = state;
  for (const argument of args) {
    const text = argument.text ?? argument.glob;
    if (argument.loose || /^-\w*[nfF]/.test(text)) line.barrier('it declares what is not understood');
    if (text.startsWith('-') || text.startsWith('+')) continue;
    const name = /^[A-Za-z_]\w*/.exec(text)?.[0];
    if (name === undefined) line.barrier('it declares what is not understood');
    else if (isDangerousVariable(name) && text !== name) line.barrier(`it changes ${name}`);
    else if (text !== name) now = assigned(now, name, text.startsWith(`${name}=`) ? afterEquals(argument) : undefined);
  }
  return either(now);
}

/** Nobody knows afterwards what the variables named in it are. */
function forget(args: readonly Argument[], { line, state }: Occasion): Ends {
  let now = state;
  for (const argument of args) {
    if (argument.text === undefined) line.barrier('it sets variables whose names nobody knows');
    for (const name of (argument.text ?? '').match(/[A-Za-z_]\w*/g) ?? []) {
      if (isDangerousVariable(name)) line.barrier(`it changes ${name}`);
      now = assigned(now, name, undefined);
    }
  }
  for (const name of ['REPLY', 'MAPFILE', 'OPTARG', 'OPTIND']) now = assigned(now, name, undefined);
  return either(now);
}

function settings(args: readonly Argument[], { line, state }: Occasion): Ends {
  if (args.some(({ text }) => text === undefined)) return either(state);
  const all = args.map(({ text }) => text ?? '');
  const on = all.some((text, index) => /^-[a-z]*e/.test(text) || (text === 'errexit' && all[index - 1]?.startsWith('-')));
  const off = all.some((text) => /^\+[a-z]*[eo]/.test(text));
  if (all.some((text) => /^[-+][a-z]*[akm]/.test(text))) line.barrier('it changes how the shell works');
  return either({ ...state, strict: off ? false : on || state.strict });
}

function evaluate(args: readonly Argument[], { line, state, depth }: Occasion): Ends {
  if (args.some(({ text }) => text === undefined)) {
    line.barrier('it runs a text that is made while it runs');
    return either(state);
  }
  return followLine(args.map(({ text }) => text).join(' '), state, line.context, depth + 1);
}

/** Runs at some time, wherever the line is then. */
function trap(args: readonly Argument[], { line, state, depth }: Occasion): Ends {
  const [first] = args;
  if (!first || /^-[lp]?$|^$/.test(first.text ?? 'x')) return either(state);
  if (first.text === undefined) line.barrier('it runs a text that is made while it runs');
  else {
    const unknown = new Map([...state.variables.keys()].map((name) => [name, undefined] as const));
    const env = {};
    followLine(first.text, { cwd: undefined, variables: unknown, strict: false }, { ...line.context, env }, depth + 1);
  }
  return either(state);
}
