/** What files cost to check, remembered by gate, so that the parts of a divided gate are even. A lost or damaged memory costs evenness only. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Log } from './host.js';
import type { GateId } from './model.js';
import type { FileCosts } from './shards.js';
import { writeWhole } from './whole-file.js';

/** Of how many files of one gate the costs are kept. */
const MOST_FILES = 20_000;

export interface Costs {
  /** Milliseconds by path relative to where the gate runs. */
  of(gate: GateId): Promise<FileCosts>;
  remember(gate: GateId, costs: FileCosts): Promise<void>;
}

export function openCosts(storage: string, log: Log): Costs {
  const file = path.join(storage, 'file-costs.json');
  let known: Promise<Map<string, FileCosts>> | undefined;
  const read = async (): Promise<Map<string, FileCosts>> => {
    try {
      return new Map(Object.entries(JSON.parse(await readFile(file, 'utf8')) as Record<string, FileCosts>));
    } catch {
      return new Map();
    }
  };
  let writing: Promise<void> = Promise.resolve();
  return {
    async of(gate) {
      known ??= read();
      return (await known).get(gate) ?? {};
    },
    remember(gate, costs) {
      writing = writing
        .then(async () => {
          known ??= read();
          const all = await known;
          all.set(gate, Object.fromEntries(Object.entries(costs).slice(-MOST_FILES)));
          await writeWhole(file, JSON.stringify(Object.fromEntries(all)));
        })
        .catch((error: unknown) => log.warn(`What files cost to check could not be remembered: ${String(error)}.`));
      return writing;
    },
  };
}
