import { createChildStarter } from '../../src/core/child.js';
import type { Guard } from '../../src/core/guard.js';

/** For what leaves nothing behind. */
export const NO_GUARD: Guard = { env: {}, start: createChildStarter(), add() {}, remove() {}, close: () => Promise.resolve() };
