/** Which row says what a program touches. Pure. */
import type { PackageOf } from '../tools/tool.js';
import type { Argument } from './argument.js';
import type { Call, Environment, Row, Table } from './call.js';
import { CHECKS, NODE_PROGRAMS } from './checks.js';
import { FILES } from './files.js';
import type { Directories, Footprint } from './footprint.js';
import { git } from './git.js';
import { PACKAGES } from './packages.js';
import { followLine } from './shell.js';
import type { State } from './shell-state.js';
import { WRAPPERS } from './wrappers.js';

/** What is the same for all programs of a command. */
export interface ProgramContext {
  readonly footprint: Footprint;
  readonly env: Environment;
  readonly packageOf: PackageOf | undefined;
  /** Told of each program that is started, with its arguments and where it stands. */
  readonly starts?: (words: readonly Argument[], cwd: Directories) => void;
}

const SYSTEM: Table = { ...FILES, ...WRAPPERS, ...CHECKS, ...PACKAGES, git };
const DEEPEST = 12;

/** Follows a program with its arguments from where a line stands. */
export function followProgram(words: readonly Argument[], state: State, context: ProgramContext, depth = 0): void {
  const { footprint } = context;
  if (depth > DEEPEST) footprint.end('it is nested too deep to be followed');
  const [program, ...args] = words;
  if (!footprint.step()) return;
  context.starts?.(words, state.cwd);
  const found = program?.text === undefined || program.many ? undefined : rowOf(program.text);
  if (!found) {
    footprint.barrier(
      program?.text ? `nobody knows what ${program.text.slice(0, 80)} does` : 'it is not known which program it starts',
    );
    return;
  }
  const changed = new Set(state.variables.keys());
  const env = Object.fromEntries(Object.entries(context.env).filter(([name]) => !changed.has(name)));
  const call: Call = {
    args, cwd: state.cwd, footprint, env, changed, packageOf: context.packageOf, fed: state.fed === true,
    start: (next, cwd: Directories = state.cwd) => followProgram(next, { ...state, cwd }, context, depth + 1),
    shell: (line, cwd: Directories = state.cwd) => {
      const start = (next: readonly Argument[], at: State) => followProgram(next, at, context, depth + 1);
      followLine(line, fresh({ ...state, cwd }), { footprint, env, start }, depth + 1);
    },
  }; // biome-ignore format: short
  found(call);
}

/** A shell within a shell: of variables that were changed nobody knows whether they were handed on. */
function fresh(state: State): State {
  const { fed: _fed, ...rest } = state;
  return { ...rest, strict: false, variables: new Map([...state.variables.keys()].map((name) => [name, undefined])) };
}

const PLACES = /^(?:\/usr(?:\/local)?|\/opt\/homebrew)?\/s?bin\//;
const NODE_PLACE = /^(?:\.\/)?(?:\.\.\/)*node_modules\/\.bin\//;
const PYTHON_PLACE = /^(?:\.\/)?\.?venv\/bin\//;

function rowOf(program: string): Row | undefined {
  const name = program.slice(program.lastIndexOf('/') + 1);
  const own = (table: Table, key: string) => (Object.hasOwn(table, key) ? table[key] : undefined);
  if (NODE_PLACE.test(program)) {
    const inside = program.replace(NODE_PLACE, '');
    return own(NODE_PROGRAMS, inside) ?? (/^(?:c8|nyc|cross-env|rimraf|mkdirp)$/.test(inside) ? own(SYSTEM, inside) : undefined);
  }
  if (PLACES.test(program) && program.replace(PLACES, '') === name) return own(SYSTEM, name);
  if (PYTHON_PLACE.test(program))
    return /^(?:python3?|pip3?|pytest|mypy|ruff|black|isort|flake8|pylint|pyright|bandit)$/.test(name)
      ? own(SYSTEM, name)
      : undefined;
  return program.includes('/') ? undefined : (own(SYSTEM, program) ?? own(NODE_PROGRAMS, program));
}
