/** What a trial takes of the machine: readings before and after it, and the memory that was seen while it went on. */
import { type MachineReading, readMachine } from './machine.js';
import type { Usage } from './measured.js';
import type { MemorySample } from './model.js';

/** Reads now. Returns how to read again, with what was taken in between; undefined where nobody can tell. `groups` as for `readMachine`. */
export function watchUsage(groups: ReadonlySet<number>): (memory: readonly MemorySample[]) => Usage | undefined {
  const before = readMachine(groups);
  return (memory) => usageBetween(before, readMachine(groups), memory);
}

function usageBetween(before: MachineReading, after: MachineReading, memory: readonly MemorySample[]): Usage | undefined {
  const own = (reading: MachineReading) =>
    reading.ownMs === undefined || reading.hostMs === undefined ? undefined : reading.ownMs + reading.hostMs;
  const [first, last] = [own(before), own(after)];
  if (first === undefined || last === undefined) return undefined;
  // Times are counted in hundredths of a second, each by its own clock.
  const processorMs = Math.max(0, last - first);
  const peakBytes = Math.max(0, ...memory.map(({ ownBytes = 0 }) => ownBytes));
  return {
    processorMs,
    othersMs: Math.max(0, after.busyMs - before.busyMs - processorMs),
    processors: after.processors,
    ...(peakBytes > 0 ? { peakBytes } : {}),
  };
}
