/** An engine in a temporary workspace, with gates that are lines of shell. */
import { mkdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { type ActiveRun, createEngine, type Engine, type RunRequest } from '../../src/core/engine.js';
import type { Gate } from '../../src/core/gate-model.js';
import { type Host, nodeHost } from '../../src/core/host.js';
import type { GateId, RunState } from '../../src/core/model.js';
import { inTemporaryDirectory } from './processes.js';

export interface Setup {
  readonly engine: Engine;
  readonly folder: string;
  readonly storage: string;
  gate(id: string, script: string, more?: Partial<Gate>): Gate;
  /** Starts a run in parallel with four slots. */
  start(gates: readonly Gate[], more?: Partial<RunRequest>): ActiveRun;
  /** The same, to its end. */
  run(gates: readonly Gate[], more?: Partial<RunRequest>): Promise<RunState>;
}

/** Disposed and removed when `use` has ended. */
export async function withEngine(use: (setup: Setup) => Promise<void>, host: Partial<Host> = {}): Promise<void> {
  await inTemporaryDirectory(async (directory) => {
    const folder = path.join(await realpath(directory), 'work space');
    await mkdir(folder);
    const storage = path.join(directory, 'storage');
    const engine = createEngine({ ...nodeHost({ folder, storage }), ...host });
    const gate: Setup['gate'] = (id, script, more = {}) => ({
      id: id as GateId,
      name: id,
      tool: 'Tool',
      category: 'lint',
      folder: { name: 'w', path: folder },
      command: { argv: ['sh', '-c', script, 'sh'], cwd: folder, env: {}, shell: false },
      files: { kind: 'whole', inputs: ['**'] },
      access: { reads: [`${folder}/**`], writes: [], locks: [] },
      needs: [],
      exitCodes: { passed: [0], failed: [1] },
      parser: 'flake8',
      availability: { kind: 'available' },
      evidence: [{ file: 'package.json', text: 'lint', line: 2 }],
      timeoutMs: 60_000,
      ...more,
    });
    const start: Setup['start'] = (gates, more = {}) =>
      engine.run({
        gates,
        scope: { kind: 'workspace' },
        mode: 'parallel',
        slots: 4,
        failure: 'continue',
        label: 'Test',
        ...more,
      });
    const run: Setup['run'] = (gates, more) => start(gates, more).finished;
    try {
      await use({ engine, folder, storage, gate, start, run });
    } finally {
      await engine.dispose();
    }
  });
}

/** Reads all that is kept for trends, by an engine of its own. */
export async function readTrends(place: { readonly folder: string; readonly storage: string }): Promise<void> {
  const engine = createEngine(nodeHost(place));
  await engine.trends();
  await engine.dispose();
}
