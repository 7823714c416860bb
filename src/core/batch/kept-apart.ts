/** Pairs of operations that got in each other's way: a file in the storage, so that every window and terminal keeps them apart. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Log } from '../host.js';
import { writeWhole } from '../whole-file.js';

/** What is known; the oldest pairs are forgotten first. */
const KEEP = 500;

export type Pair = readonly [string, string];

export interface KeptApart {
  pairs(): Promise<readonly Pair[]>;
  remember(pair: Pair): Promise<void>;
}

export function openKeptApart(storage: string, log: Log): KeptApart {
  const file = path.join(storage, 'interference.json');
  const pairs = async (): Promise<readonly Pair[]> => {
    const text = await readFile(file, 'utf8').catch(() => '[]');
    try {
      const value: unknown = JSON.parse(text);
      return Array.isArray(value) ? value.filter(isPair) : [];
    } catch {
      return [];
    }
  };
  return {
    pairs,
    async remember(pair) {
      const [first, second] = [...pair].sort();
      const known = await pairs();
      if (first === undefined || second === undefined || known.some(([a, b]) => a === first && b === second)) return;
      try {
        await writeWhole(file, JSON.stringify([...known, [first, second]].slice(-KEEP)));
      } catch (error) {
        log.warn(`That two operations have to be kept apart could not be written to ${file}: ${String(error)}.`);
      }
    },
  };
}

function isPair(value: unknown): value is Pair {
  return Array.isArray(value) && value.length === 2 && value.every((each) => typeof each === 'string');
}
