/** What a shell line has changed so far: where it stands, what its variables are. Pure. */
import type { Argument } from './argument.js';
import type { Directories } from './footprint.js';

/** Where a line may be at one point. Variables that are not in `variables` are those of the environment. */
export interface State {
  readonly cwd: Directories;
  /** Undefined: nobody knows. */
  readonly variables: ReadonlyMap<string, Argument | undefined>;
  /** A command that fails ends the line. */
  readonly strict: boolean;
  /** What comes out of the pipe before this command are names of files in the folder. */
  readonly fed?: true;
}

/** Where a line may be after a command that passed, and after one that failed; undefined: it does not get there. */
export interface Ends {
  readonly passed: State | undefined;
  readonly failed: State | undefined;
}

/** The same place either way. */
export function either(state: State | undefined): Ends {
  return { passed: state, failed: state };
}

/** Any of the places. */
export function join(...states: readonly (State | undefined)[]): State | undefined {
  return states
    .filter((state) => state !== undefined)
    .reduce<State | undefined>((left, right) => (left ? both(left, right) : right), undefined);
}

/** With a variable that has this value now. */
export function assigned(state: State, name: string, value: Argument | undefined): State {
  return { ...state, variables: new Map([...state.variables, [name, value]]) };
}

export function isSame(left: State, right: State): boolean {
  const names = [...left.variables.keys()];
  return (
    JSON.stringify(left.cwd) === JSON.stringify(right.cwd) &&
    left.strict === right.strict &&
    left.variables.size === right.variables.size &&
    names.every((name) => right.variables.has(name) && isEqual(left.variables.get(name), right.variables.get(name)))
  );
}

function both(left: State, right: State): State {
  if (left === right) return left;
  const variables = new Map<string, Argument | undefined>();
  for (const name of new Set([...left.variables.keys(), ...right.variables.keys()])) {
    const [one, other] = [left.variables.get(name), right.variables.get(name)];
    const inBoth = left.variables.has(name) && right.variables.has(name);
    variables.set(name, inBoth && isEqual(one, other) ? one : undefined);
  }
  return { cwd: joinDirectories(left.cwd, right.cwd), variables, strict: left.strict && right.strict };
}

function joinDirectories(left: Directories, right: Directories): Directories {
  if (left === undefined || right === undefined) return undefined;
  const all = [...new Set([...left, ...right])];
  return all.length > 4 ? undefined : all;
}

function isEqual(left: Argument | undefined, right: Argument | undefined): boolean {
  return left === right || (left !== undefined && right !== undefined && left.text === right.text && left.glob === right.glob);
}
