/** All processes that a command has started, wherever they moved themselves: they carry a mark in their environment. Linux only. */
import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';

/** Carried by everything that is started for a measurement. */
export const MARK = 'VOLLEY_BENCH_MARK';
/** Carried by what is started in one run; what a daemon of an earlier run does is not part of this one. */
export const RUN_MARK = 'VOLLEY_BENCH_RUN';
/** Carried only by what a job has started, not by the runner itself. */
export const JOB_MARK = 'VOLLEY_BENCH_JOB';

/** The numbers of the processes whose environment has `name=value`; dead ones that nobody has collected do not count. */
export function processesWith(name: string, value: string): readonly number[] {
  return pids().filter((pid) => carries(pid, `${name}=${value}`));
}

/** Ends them, and does not wait. */
export function killAll(name: string, value: string): void {
  for (const pid of processesWith(name, value)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
}

export interface MemorySampler {
  /** The highest sum that was seen, in MB of 2²⁰ bytes. */
  stop(): number;
}

const SAMPLE_MS = 10;

/**
 * Adds up the memory of all processes of the run with this mark again and again. What several processes have in common (the program Node itself, say) is
 * counted in equal shares for each process of the machine that has it: the proportional set size of the kernel.
 */
export function sampleMemory(value: string): MemorySampler {
  const entry = `${RUN_MARK}=${value}`;
  const others = new Set(pids().filter((pid) => !carries(pid, entry)));
  const own = new Set<number>();
  let peak = 0;
  const look = () => {
    let sum = 0;
    for (const pid of pids()) {
      if (others.has(pid)) continue;
      // A process is given its environment when it takes on its program, so that one without the mark may have it later.
      if (!own.has(pid) && carries(pid, entry)) own.add(pid);
      if (own.has(pid)) sum += proportionalSize(pid);
    }
    peak = Math.max(peak, sum);
  };
  const timer = setInterval(look, SAMPLE_MS);
  return {
    stop() {
      clearInterval(timer);
      return peak / 1024;
    },
  };
}

/** In KB; 0 for a process that is gone. */
function proportionalSize(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB/m.exec(contentOf(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
}

function carries(pid: number, entry: string): boolean {
  // A dead process has no environment any more.
  return contentOf(`/proc/${pid}/environ`).split('\0').includes(entry);
}

function pids(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid);
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
