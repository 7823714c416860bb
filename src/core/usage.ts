/** What a run takes of the machine while it goes on. Only trials of a verification are watched: it costs a look at all processes a few times a second. */
import { type MachineReading, readMachine, residentBytes } from './machine.js';
import type { Usage } from './measured.js';

const OFTEN_MS = 200;

/** Starts to watch the processes of these groups. Returns how to stop, with what was taken; undefined where nobody can tell. */
export function watchUsage(groups: ReadonlySet<number>): () => Usage | undefined {
  const before = readMachine(groups);
  let peakBytes: number | undefined;
  const look = () => {
    const bytes = groups.size === 0 ? undefined : residentBytes(groups);
    if (bytes !== undefined && bytes > (peakBytes ?? 0)) peakBytes = bytes;
  };
  const timer = setInterval(look, OFTEN_MS).unref();
  return () => {
    clearInterval(timer);
    return usageBetween(before, readMachine(groups), peakBytes);
  };
}

function usageBetween(before: MachineReading, after: MachineReading, peakBytes: number | undefined): Usage | undefined {
  const own = (reading: MachineReading) =>
    reading.ownMs === undefined || reading.hostMs === undefined ? undefined : reading.ownMs + reading.hostMs;
  const [first, last] = [own(before), own(after)];
  if (first === undefined || last === undefined) return undefined;
  // Times are counted in hundredths of a second, each by its own clock.
  const processorMs = Math.max(0, last - first);
  return {
    processorMs,
    othersMs: Math.max(0, after.busyMs - before.busyMs - processorMs),
    processors: after.processors,
    ...(peakBytes === undefined ? {} : { peakBytes }),
  };
}
