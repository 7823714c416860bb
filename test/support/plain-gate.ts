/** A gate with nothing special about it, for tests that ask what becomes of its description. */
import type { Gate } from '../../src/core/gate-model.js';
import type { GateId } from '../../src/core/model.js';

/** A linter of all files of a folder, absolute, with whatever is `more` in place of that. */
export function plainGate(folder: string, more: Partial<Gate> = {}): Gate {
  return {
    id: 'a' as GateId,
    name: 'a',
    tool: 'Tool',
    category: 'lint',
    folder: { name: 'w', path: folder },
    command: { argv: ['tool'], cwd: folder, env: {}, shell: false },
    files: { kind: 'whole', inputs: ['**'] },
    access: { reads: [], writes: [], locks: [] },
    needs: [],
    exitCodes: { passed: [0], failed: [1] },
    parser: 'none',
    availability: { kind: 'available' },
    evidence: [],
    timeoutMs: 1000,
    ...more,
  };
}
