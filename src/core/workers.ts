/**
 * Pure: workers are counted once. A tool that starts workers of its own is told how many it may start, so that tools and slots
 * together do not ask for more processors than the machine has.
 */
import type { CommandInput, Workers } from './model.js';
import { WORKERS_PLACEHOLDER } from './model.js';

export interface Share {
  readonly processors: number;
  /** How many operations may run at the same time; at least 1. */
  readonly together: number;
}

/** How many workers a tool may start when `together` operations share the machine: an equal share, at least one. */
export function allowance({ processors, together }: Share): number {
  return Math.max(1, Math.floor(processors / Math.max(1, together)));
}

/**
 * The command with the number of its workers, when it has to be told: when the tool would start more than its share. `workers` is the
 * number that it was told.
 */
export function withWorkers(
  command: CommandInput,
  workers: Workers | undefined,
  share: Share,
): { readonly command: CommandInput; readonly workers?: number } {
  const own = workers?.own === 'processors' ? share.processors : (workers?.own ?? 1);
  const allowed = allowance(share);
  if (!workers?.limit || own <= allowed) return { command };
  const { args, at, env } = workers.limit;
  const filled = (text: string) => text.replaceAll(WORKERS_PLACEHOLDER, String(allowed));
  return {
    workers: allowed,
    command: {
      ...command,
      argv: inserted(command.argv, args.map(filled), at),
      env: { ...command.env, ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, filled(value)])) },
    },
  };
}

/** `argv` with `args` before its element `at`. */
export function inserted(argv: readonly string[], args: readonly string[], at: number): readonly string[] {
  return [...argv.slice(0, at), ...args, ...argv.slice(at)];
}
