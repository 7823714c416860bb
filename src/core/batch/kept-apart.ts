/** Pairs of operations that got in each other's way: a file in the storage, so that every window and terminal keeps them apart. */
import path from 'node:path';
import type { Log } from '../host.js';
import { openRemembered } from './remembered.js';

export type Pair = readonly [string, string];

export interface KeptApart {
  pairs(): Promise<readonly Pair[]>;
  remember(pair: Pair): Promise<void>;
}

export function openKeptApart(storage: string, log: Log): KeptApart {
  const remembered = openRemembered(path.join(storage, 'interference.json'), isPair, log);
  return {
    pairs: remembered.read,
    async remember(pair) {
      const [first, second] = [...pair].sort();
      if (first === undefined || second === undefined) return;
      await remembered.update(
        (known) => (known.some(([a, b]) => a === first && b === second) ? undefined : [...known, [first, second]]),
        'That two operations have to be kept apart',
      );
    },
  };
}

function isPair(value: unknown): value is Pair {
  return Array.isArray(value) && value.length === 2 && value.every((each) => typeof each === 'string');
}
