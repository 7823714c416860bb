/** Gates as they run in a worktree. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Gate, ProblemMatcher } from './gate-model.js';
import type { Ran } from './gates/operation.js';
import type { Host } from './host.js';
import type { CommandInput } from './model.js';
import type { Worktree } from './worktree.js';

/** Runs commands for a relocated gate, with their output kept apart from that of the gate where it belongs. */
export type RunThere = (there: Gate, commands: readonly CommandInput[]) => Promise<Ran>;

export type HostEnvironment = Host['env'];

/** The gate in the worktree. A program that is not there stays the one that is installed here. */
export async function relocated(gate: Gate, { folder, into, env }: Worktree, hostEnv: HostEnvironment): Promise<Gate> {
  const { command, matchers } = gate;
  const [program = '', ...args] = command.argv;
  const moved = into(program);
  const installed = moved === program || (await stat(moved).catch(() => undefined)) !== undefined;
  const own = Object.fromEntries(Object.entries(command.env).map(([name, value]) => [name, into(value)]));
  return {
    ...gate,
    folder: { ...gate.folder, path: folder },
    command: {
      ...command,
      argv: [installed ? moved : program, ...args.map(into)],
      cwd: into(command.cwd),
      env: { ...own, ...joined(env, { ...hostEnv, ...own }) },
    },
    ...(matchers === undefined ? {} : { matchers: matchers.map((matcher) => movedMatcher(matcher, into)) }),
  };
}

/** Search paths of the worktree come before those that the gate would have. */
function joined(env: Readonly<Record<string, string>>, own: HostEnvironment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, own[name] ? `${value}${path.delimiter}${own[name]}` : value]),
  );
}

function movedMatcher(matcher: ProblemMatcher, into: (text: string) => string): ProblemMatcher {
  const { fileLocation } = matcher;
  if ('base' in fileLocation) return { ...matcher, fileLocation: { ...fileLocation, base: into(fileLocation.base) } };
  if (fileLocation.kind !== 'search') return matcher;
  const { include, exclude } = fileLocation;
  return { ...matcher, fileLocation: { kind: 'search', include: include.map(into), exclude: exclude.map(into) } };
}
