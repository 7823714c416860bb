/** Samples the event loop of this process: how long, and how busily, it is held. */
import { readFileSync } from 'node:fs';

export interface LoopSample {
  /** The longest time between two turns, in milliseconds. On a loaded machine this counts waiting for a processor. */
  readonly longestMs: number;
  /** The most processor time of this thread between two turns, in milliseconds: what its own work held the loop. */
  readonly busiestMs: number;
}

/** Samples every millisecond until it is stopped. */
export function watchLoop(): { stop(): LoopSample } {
  let longestMs = 0;
  let busiestMs = 0;
  let last = now();
  const timer = setInterval(() => {
    const next = now();
    longestMs = Math.max(longestMs, next.wall - last.wall);
    busiestMs = Math.max(busiestMs, Math.min(next.cpu - last.cpu, next.wall - last.wall));
    last = next;
  }, 1);
  return {
    stop() {
      clearInterval(timer);
      return { longestMs, busiestMs };
    },
  };
}

/** Where only the time of all threads is known it can exceed the wall time; what held the loop cannot. */
function now(): { readonly wall: number; readonly cpu: number } {
  return { wall: performance.now(), cpu: threadMs() };
}

/** Processor time of the main thread, in milliseconds: threads beside it hold no loop of it. */
function threadMs(): number {
  const { threadCpuUsage } = process as { threadCpuUsage?: () => NodeJS.CpuUsage };
  if (!threadCpuUsage && process.platform === 'linux') return scheduledMs();
  const { user, system } = threadCpuUsage?.() ?? process.cpuUsage();
  return (user + system) / 1000;
}

/** From Linux, for Node before 23.9. The main thread has the number of the process. */
function scheduledMs(): number {
  return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
}
