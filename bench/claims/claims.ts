/** All claims, by number. */
import { BEHAVIOUR } from './behaviour.js';
import type { Claim } from './claim.js';
import type { Place } from './place.js';
import { STRUCTURE } from './structure.js';
import { THROUGHPUT } from './throughput.js';
import { WAITING } from './waiting.js';

export const CLAIMS: readonly Claim<Place>[] = [...WAITING, ...THROUGHPUT, ...STRUCTURE, ...BEHAVIOUR].sort(
  (a, b) => a.number - b.number,
);
