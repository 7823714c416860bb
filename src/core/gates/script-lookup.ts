/** Which row of the table a call of a program belongs to: programs such as `ruff` and `cargo` are several tools. Pure. */
import type { Preset } from './preset.js';
import { PLAIN_PRESETS } from './script-plain-checks.js';
import { PYRIGHT_TYPES, RAKE_PRESETS, RUNTIMES } from './script-programs.js';
import type { Task } from './script-tasks.js';
import { callsIn } from './script-words.js';

/** The presets of one detection, found by the programs that scripts call. */
export interface ToolTable {
  /** The preset of `program` called with `args`; undefined for what no preset knows. */
  of(program: string, args: readonly string[]): Preset | undefined;
  /** As `of`, for `python -m module`. */
  ofModule(module: string, args: readonly string[]): Preset | undefined;
  /** The program of a package of Node.js that has another name. */
  programOf(packageName: string): string | undefined;
}

/** `presets`, and for programs that none of them has the plain checks, of which only the exit code is read. */
export function toolTable(presets: readonly Preset[]): ToolTable {
  const known = tables.get(presets) ?? newTable(presets);
  tables.set(presets, known);
  return known;
}

/** A check that is known, among the lines of a task of which others may not be understood. */
export function knownCheckOf({ lines }: Task, presets: readonly Preset[]): Preset | undefined {
  const tools = toolTable(presets);
  const calls = lines.flatMap(({ command }) => (command.kind === 'argv' ? [command.argv] : callsIn(command.text)));
  return calls
    .map(([program = '', ...args]) => {
      const preset = RUNTIMES.has(program) ? undefined : tools.of(program, args);
      return preset?.isCheck(args) ? preset : undefined;
    })
    .find((preset) => preset !== undefined);
}

/** Thousands of scripts are looked at with the same presets. */
const tables = new WeakMap<readonly Preset[], ToolTable>();

function newTable(presets: readonly Preset[]): ToolTable {
  const programs = new Set(presets.flatMap((preset) => preset.programs));
  const plain = PLAIN_PRESETS.filter(({ id, programs: own }) => !own.some((program) => id === program && programs.has(program)));
  const byProgram = new Map<string, Preset[]>();
  for (const preset of [...presets, ...plain, ...RAKE_PRESETS, PYRIGHT_TYPES]) {
    for (const program of preset.programs) byProgram.set(program, [...(byProgram.get(program) ?? []), preset]);
  }
  const packages = new Map<string, string>();
  for (const {
    ecosystem,
    packages: own,
    programs: [program],
  } of [...presets, ...plain])
    for (const name of own)
      if (ecosystem === 'node' && program !== undefined && name.startsWith('@')) packages.set(name, program);
  const find = (program: string, args: readonly string[]) => byProgram.get(program)?.find((preset) => preset.isCalledBy(args));
  return {
    of: find,
    programOf: (name) => packages.get(name),
    ofModule: (module, args) => byProgram.get(module)?.find((preset) => preset.ecosystem === 'python' && preset.isCalledBy(args)),
  };
}
