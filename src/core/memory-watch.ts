/** Reads the memory in use while a run goes on, so that its report can show it. Whoever decides on slots reads by himself. */
import type { MemoryUse } from './model.js';

export interface MemoryWatch {
  readonly read: () => MemoryUse;
  readonly tell: (use: MemoryUse) => void;
  /** Calls `look` after so many milliseconds; returns how to call that off. */
  readonly later?: (look: () => void, ms: number) => () => void;
}

/** A short run is told of in its first seconds; of a long one a sample a second says enough. */
const OFTEN_MS = 250;
const OFTEN_FOR = 4;
const SELDOM_MS = 1000;

/** Reads now, and again and again. Returns how to stop. */
export function watchMemory({ read, tell, later = unheld }: MemoryWatch): () => void {
  let looked = 0;
  let callOff = () => {};
  const look = () => {
    tell(read());
    looked += 1;
    callOff = later(look, looked <= OFTEN_FOR ? OFTEN_MS : SELDOM_MS);
  };
  look();
  return () => callOff();
}

/** A timer that keeps no process alive. */
function unheld(look: () => void, ms: number): () => void {
  const timer = setTimeout(look, ms).unref();
  return () => clearTimeout(timer);
}
