/**
 * Pure: workers are counted once. A tool that starts workers of its own is told how many it may start, so that tools and slots
 * together do not ask for more processors than the machine has.
 */

import type { Workers } from './gate-model.js';
import { WORKERS_PLACEHOLDER } from './gate-model.js';
import type { CommandInput, OperationId } from './model.js';

export interface Share {
  readonly processors: number;
  /** How many operations may run at the same time; at least 1. */
  readonly together: number;
  /** Which part, from 0 to 1, of the processors that are left after one for each; absent: as much as all others. */
  readonly portion?: number;
}

/** How many workers a tool may start when `together` operations share the machine, at least one. */
export function allowance({ processors, together, portion }: Share): number {
  if (portion === undefined) return Math.max(1, Math.floor(processors / Math.max(1, together)));
  return 1 + Math.floor(Math.max(0, processors - Math.max(1, together)) * portion);
}

/**
 * The portions of operations that start workers, by their remembered durations in milliseconds: what takes long gets what the others leave, since a tool
 * that is told a small number would otherwise set the length of the run by itself. Whichever of them run at the same time, their portions sum up to
 * at most 1. Where one duration is not known, all get the same.
 */
export function portions(
  durations: ReadonlyMap<OperationId, number | undefined>,
  together: number,
): ReadonlyMap<OperationId, number> {
  const known = [...durations.values()].every((ms) => ms !== undefined && ms > 0);
  const weights = [...durations].map(([id, ms]) => [id, known && ms !== undefined ? ms : 1] as const);
  const longest = weights.map(([, weight]) => weight).sort((a, b) => b - a);
  const most = longest.slice(0, Math.max(1, together)).reduce((sum, weight) => sum + weight, 0);
  return new Map(weights.map(([id, weight]) => [id, weight / most]));
}

/** Whether the tool starts more workers than one and can be told how many. */
export function takesWorkers(workers: Workers | undefined): boolean {
  return workers?.limit !== undefined && workers.own !== 1;
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
  const own = ownWorkers(workers?.own ?? 1, share.processors);
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

/** How many a tool starts that is told nothing. */
function ownWorkers(own: Workers['own'], processors: number): number {
  if (own === 'processors') return processors;
  return own === 'half of the processors' ? Math.max(1, Math.floor(processors / 2)) : own;
}

/** `argv` with `args` before its element `at`. */
export function inserted(argv: readonly string[], args: readonly string[], at: number): readonly string[] {
  return [...argv.slice(0, at), ...args, ...argv.slice(at)];
}
