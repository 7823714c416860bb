/** Runs of command lines: how long they took, what processor time, what memory; and many of them in turn. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { seededRandom } from '../../src/core/statistics.js';
import type { Invocation } from './job-set.js';
import { MARK, RUN_MARK, sampleMemory } from './tree.js';

/** One run. */
export interface Ran {
  readonly wallMs: number;
  /** User and system time of the process and of all that it and its children waited for. */
  readonly cpuMs: number;
  readonly exitCode: number;
}

export interface RunPlace {
  /** Value of the mark that everything carries. */
  readonly mark: string;
  /** Where standard output and standard error go; nowhere when left out. */
  readonly output?: string;
}

/** What a runner is given of our environment: nothing that says whose terminal or build server this is. */
export function environmentOf({ env = {} }: Invocation, mark: string): NodeJS.ProcessEnv {
  const foreign = /^(npm_|NODE_OPTIONS$|CI$|GITHUB_|FORCE_COLOR$|NO_COLOR$|VOLLEY_|INIT_CWD$|MAKEFLAGS$|NINJA_STATUS$)/i;
  const own = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  return { ...Object.fromEntries(own), ...env, [MARK]: mark };
}

/** Times a run by the account of the shell, from the start of the program to its end. */
export async function runOnce(invocation: Invocation, { mark, output }: RunPlace): Promise<Ran> {
  const into = openEmpty(output ?? '/dev/null');
  try {
    const script = 'TIMEFORMAT="%3R %3U %3S"; { time "$@" 2>&4 3>&- 4>&-; } 4>&2 2>&3';
    const child = spawn('bash', ['-c', script, 'bash', ...invocation.argv], {
      cwd: invocation.cwd,
      env: environmentOf(invocation, mark),
      stdio: ['ignore', into, into, 'pipe'],
    });
    const account = child.stdio[3];
    if (!account || !('setEncoding' in account)) throw new Error('A pipe of a child is missing.');
    const [said, [exitCode]] = await Promise.all([text(account), once(child, 'close')]);
    const [wall = Number.NaN, user = Number.NaN, system = Number.NaN] = said.trim().split(/\s+/).map(Number);
    return { wallMs: wall * 1000, cpuMs: (user + system) * 1000, exitCode: Number(exitCode ?? -1) };
  } finally {
    closeSync(into);
  }
}

/** Jobs that write at the same time add to it, each of them. */
function openEmpty(file: string): number {
  writeFileSync(file, '');
  return openSync(file, 'a');
}

/** The peak of memory of a run with all that it started, in MB. */
export async function peakMemory(invocation: Invocation, { mark, output }: RunPlace): Promise<number> {
  const into = openEmpty(output ?? '/dev/null');
  try {
    const [program = '', ...args] = invocation.argv;
    const run = randomUUID();
    const child = spawn(program, args, {
      cwd: invocation.cwd,
      env: { ...environmentOf(invocation, mark), [RUN_MARK]: run },
      stdio: ['ignore', into, into],
    });
    const sampler = sampleMemory(run);
    await once(child, 'close');
    return sampler.stop();
  } finally {
    closeSync(into);
  }
}

/**
 * Calls `once` for each participant in each repeat, in an order that is drawn anew for each repeat, after a round that does not count.
 * Results are in the order of the repeats, so that those of one repeat can be compared in pairs.
 */
export async function interleaved<Participant, Result>(
  participants: readonly Participant[],
  { repeats, seed, warmUp = true }: { readonly repeats: number; readonly seed: number; readonly warmUp?: boolean },
  once: (participant: Participant, repeat: number) => Promise<Result>,
): Promise<ReadonlyMap<Participant, readonly Result[]>> {
  const random = seededRandom(seed);
  const results = new Map<Participant, Result[]>(participants.map((participant) => [participant, []]));
  for (let repeat = warmUp ? -1 : 0; repeat < repeats; repeat += 1) {
    for (const participant of shuffled(participants, random)) {
      const result = await once(participant, repeat);
      if (repeat >= 0) results.get(participant)?.push(result);
    }
  }
  return results;
}

/** Fisher and Yates. */
function shuffled<Value>(values: readonly Value[], random: () => number): readonly Value[] {
  const copy = [...values];
  for (let last = copy.length - 1; last > 0; last -= 1) {
    const chosen = Math.floor(random() * (last + 1));
    [copy[last], copy[chosen]] = [copy[chosen] as Value, copy[last] as Value];
  }
  return copy;
}
