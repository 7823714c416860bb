/** All runners, in the order of tables. */
import { make, ninja, parallel, xargs } from './debian-runners.js';
import { concurrently, lage, lefthook, npmRunAll, nx, turbo, wireit } from './npm-runners.js';
import type { Runner } from './runner.js';
import { volley, volleyBatch } from './volley-runners.js';

export const RUNNERS: readonly Runner[] = [
  volley,
  volleyBatch,
  xargs,
  make,
  ninja,
  parallel,
  concurrently,
  npmRunAll,
  wireit,
  turbo,
  nx,
  lage,
  lefthook,
];
