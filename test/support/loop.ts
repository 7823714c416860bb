/** Samples the event loop of this process: how long, and how busily, it is held. */

export interface LoopSample {
  /** The longest time between two turns, in milliseconds. On a loaded machine this counts waiting for a processor. */
  readonly longestMs: number;
  /** The most processor time of this process between two turns, in milliseconds: what its own work held the loop. */
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

/** Processor time counts all threads of the process, so it can exceed the wall time; what held the loop cannot. */
function now(): { readonly wall: number; readonly cpu: number } {
  const { user, system } = process.cpuUsage();
  return { wall: performance.now(), cpu: (user + system) / 1000 };
}
