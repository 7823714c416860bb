/** What the machine is doing: processors, memory, and what of it this process and the processes that it has started take. */
import { readdirSync, readFileSync } from 'node:fs';
import os from 'node:os';
import { performance } from 'node:perf_hooks';
import type { Reading } from './slots.js';

export type MachineReading = Pick<Reading, 'at' | 'processors' | 'busyMs' | 'ownMs' | 'stalledMs' | 'memory'> & {
  /** Time that the process itself has worked, in milliseconds; absent where nobody can tell. It is not part of `ownMs`. */
  readonly hostMs?: number;
};

/** Reads the machine now; `groups` are the process groups of what was started. Takes a fraction of a millisecond. Never throws. */
export function readMachine(groups: ReadonlySet<number>): MachineReading {
  const processors = availableProcessors();
  const linux = process.platform === 'linux';
  const own = linux ? ownTime(groups) : undefined;
  const stalledMs = linux ? stalledTime() : undefined;
  return {
    at: performance.now(),
    processors,
    busyMs: busyTime(processors, own && own.ownMs + own.hostMs),
    memory: memoryOf(linux),
    ...own,
    ...(stalledMs === undefined ? {} : { stalledMs }),
  };
}

/** How many processors this process may use: those it is allowed to run on, or the time that its container is given, if that is less. */
export function availableProcessors(): number {
  const allowed = os.availableParallelism();
  if (process.platform !== 'linux') return allowed;
  const [quota, period] =
    contentOf('/sys/fs/cgroup/cpu.max')?.split(/\s+/) ??
    ['quota', 'period'].map((name) => contentOf(`/sys/fs/cgroup/cpu/cpu.cfs_${name}_us`));
  const given = Number(quota) / Number(period);
  return given > 0 ? Math.max(1, Math.min(allowed, Math.ceil(given))) : allowed;
}

/** Of a hundredth of a second, the unit of times under /proc whatever the kernel counts in. */
const TICK_MS = 10;

/** Of the processors that this process may use. What others do on some of many processors nobody can tell: then only its own work counts. */
function busyTime(processors: number, ownMs: number | undefined): number {
  const all = os.availableParallelism() === processors && os.cpus().length === processors;
  return all || ownMs === undefined ? (linuxBusyTime() ?? portableBusyTime()) : ownMs;
}

/** user nice system idle iowait irq softirq steal: all but waiting is work. */
function linuxBusyTime(): number | undefined {
  const [line] = (contentOf('/proc/stat') ?? '').split('\n', 1);
  if (!line?.startsWith('cpu ')) return undefined;
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line.split(/\s+/).slice(1).map(Number);
  return (user + nice + system + irq + softirq + steal) * TICK_MS;
}

function portableBusyTime(): number {
  return os.cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
}

interface OwnTime {
  readonly hostMs: number;
  readonly ownMs: number;
}

/**
 * This process; and what it has started and already collected, with what of the groups lives and what that has collected. A process of a
 * group is younger than its leader, so that older ones are not looked at.
 */
function ownTime(groups: ReadonlySet<number>): OwnTime | undefined {
  const self = timesOf('self');
  if (!self) return undefined;
  const oldest = Math.min(...groups);
  const young =
    groups.size === 0
      ? []
      : namesIn('/proc').filter((name) => Number(name) >= oldest && /^\d+$/.test(name) && name !== String(process.pid));
  const others = young.map(timesOf).filter((times) => times !== undefined && groups.has(times.group));
  const ownMs = others.reduce((sum, times) => sum + (times ? times.ms + times.collectedMs : 0), self.collectedMs);
  return { hostMs: self.ms, ownMs };
}

function timesOf(pid: string): { readonly group: number; readonly ms: number; readonly collectedMs: number } | undefined {
  const text = contentOf(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  // pid (name) state parent group …, where the name may hold anything. Fields 14 to 17: user and system time, its own and of what it has collected.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [user = 0, system = 0, collectedUser = 0, collectedSystem = 0] = fields
    .slice(11, 15)
    .map((ticks) => Number(ticks) * TICK_MS);
  return { group: Number(fields[2]), ms: user + system, collectedMs: collectedUser + collectedSystem };
}

/** Resident memory of all processes of these groups together, in bytes; what they share counts for each. Undefined where nobody can tell. */
export function residentBytes(groups: ReadonlySet<number>): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const oldest = Math.min(...groups);
  let bytes: number | undefined;
  for (const name of namesIn('/proc')) {
    if (!(Number(name) >= oldest) || !groups.has(timesOf(name)?.group ?? 0)) continue;
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(contentOf(`/proc/${name}/status`) ?? '') ?? [];
    if (kilobytes !== undefined) bytes = (bytes ?? 0) + Number(kilobytes) * 1024;
  }
  return bytes;
}

/** Pressure stall information: how long at least one process waited for memory, in microseconds. */
function stalledTime(): number | undefined {
  const [, microseconds] = /^some .*\btotal=(\d+)/m.exec(contentOf('/proc/pressure/memory') ?? '') ?? [];
  return microseconds === undefined ? undefined : Number(microseconds) / 1000;
}

/** Of the machine, or of the container where that has less. */
function memoryOf(linux: boolean): Reading['memory'] {
  const machine = (linux ? linuxMemory() : undefined) ?? { freeBytes: os.freemem(), totalBytes: os.totalmem() };
  const limit = process.constrainedMemory();
  if (limit === 0 || limit >= machine.totalBytes) return machine;
  const used = linux ? containerUse() : undefined;
  return used === undefined ? machine : { freeBytes: Math.min(machine.freeBytes, Math.max(0, limit - used)), totalBytes: limit };
}

function linuxMemory(): Reading['memory'] | undefined {
  const text = contentOf('/proc/meminfo') ?? '';
  const [free, total] = ['MemAvailable', 'MemTotal'].map((name) => new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]);
  return free === undefined || total === undefined
    ? undefined
    : { freeBytes: Number(free) * 1024, totalBytes: Number(total) * 1024 };
}

/** What the container holds and could not give back at once: caches of files it could. */
function containerUse(): number | undefined {
  const places = [
    ['/sys/fs/cgroup/memory.current', '/sys/fs/cgroup/memory.stat'],
    ['/sys/fs/cgroup/memory/memory.usage_in_bytes', '/sys/fs/cgroup/memory/memory.stat'],
  ] as const;
  for (const [usage, statistics] of places) {
    const used = contentOf(usage);
    if (used === undefined) continue;
    const [, cached = '0'] = /^(?:total_)?inactive_file (\d+)/m.exec(contentOf(statistics) ?? '') ?? [];
    return Number(used) - Number(cached);
  }
  return undefined;
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return undefined;
  }
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
