/** What the benchmarks share: gates made of one command, and an engine with storage that goes away. */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createEngine, type Engine } from '../src/core/engine.js';
import type { Gate } from '../src/core/gate-model.js';
import { nodeHost } from '../src/core/host.js';
import type { GateId } from '../src/core/model.js';

/** A gate that runs `argv` and reads nothing. */
export function commandGate(id: string, argv: readonly string[]): Gate {
  const folder = { name: 'bench', path: os.tmpdir() };
  return {
    id: id as GateId,
    name: id,
    tool: 'bench',
    category: 'test',
    folder,
    command: { argv, cwd: folder.path, env: {}, shell: false },
    files: { kind: 'whole', inputs: ['**'] },
    access: { reads: [], writes: [], locks: [] },
    needs: [],
    exitCodes: { passed: [0], failed: [1] },
    parser: 'none',
    availability: { kind: 'available' },
    evidence: [],
    timeoutMs: 600_000,
  };
}

export async function withEngine<Result>(use: (engine: Engine) => Promise<Result>): Promise<Result> {
  const storage = await mkdtemp(path.join(os.tmpdir(), 'volley-bench-'));
  const engine = createEngine(nodeHost({ folder: os.tmpdir(), storage }));
  try {
    return await use(engine);
  } finally {
    await engine.dispose();
    await rm(storage, { recursive: true, force: true });
  }
}

/** Minimum, median and maximum, rounded to two figures after the point. */
export function summary(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => (sorted[Math.round((sorted.length - 1) * share)] ?? 0).toFixed(2);
  return `min ${at(0)}  median ${at(0.5)}  max ${at(1)}`;
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
