/** What runs came to whose slots Volley chose: a file in the storage, so that every window and terminal begins with it. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { openRemembered } from './batch/remembered.js';
import { afterRun, type CameTo, slotsOfMostTime, slotsToBeginWith, workKey } from './first-slots.js';
import type { Log } from './host.js';
import type { MachineReading } from './machine.js';
import type { Plan, RunState } from './model.js';
import type { SlotRange } from './slots.js';

/** The work of one run on one machine. */
export interface KnownWork {
  /** With how many slots it begins, when that is another number than usual. */
  readonly first?: number;
  /** When it has ended. Never rejects. */
  remember(state: RunState): Promise<void>;
}

export interface SlotMemory {
  /** Undefined where the number of slots is fixed. `machine`: before anything runs. */
  known(
    operations: Plan['operations'],
    range: SlotRange,
    machine: Pick<MachineReading, 'processors' | 'memory'>,
  ): Promise<KnownWork | undefined>;
}

export function openSlotMemory(storage: string, log: Log): SlotMemory {
  const remembered = openRemembered(path.join(storage, 'first-slots.json'), isEntry, log);
  return {
    async known(operations, range, { processors, memory: { freeBytes, totalBytes } }) {
      const { mostSlots } = range;
      if (mostSlots === undefined) return undefined;
      const key = createHash('sha256')
        .update(workKey(operations, { processors, totalBytes }, mostSlots))
        .digest('hex')
        .slice(0, 24);
      const first = slotsToBeginWith(range, new Map(await remembered.read()).get(key), freeBytes);
      return {
        ...(first === range.slots ? {} : { first }),
        async remember(state) {
          const slots = slotsOfMostTime(state);
          if (slots === undefined) return;
          await remembered.update((entries) => {
            const known = new Map(entries);
            const before = known.get(key);
            known.delete(key);
            return [...known, [key, afterRun(before, slots, freeBytes)] as const];
          }, 'How many operations ran at once best');
        },
      };
    },
  };
}

function isEntry(value: unknown): value is readonly [string, CameTo] {
  if (!Array.isArray(value) || value.length !== 2 || typeof value[0] !== 'string') return false;
  const { slots, freeBytes, runs } = (value[1] ?? {}) as Partial<Record<keyof CameTo, unknown>>;
  return [slots, freeBytes, runs].every((each) => typeof each === 'number' && Number.isFinite(each));
}
