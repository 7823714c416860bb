/** `npx tsx bench/cache.ts`: how long it takes to know that nothing has changed, for 50 gates. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { openFingerprints } from '../src/core/fingerprint.js';
import type { Gate } from '../src/core/gate-model.js';
import { commandGate } from './support.js';

const GATES = 50;
const REPEATS = 5;
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** Milliseconds for the keys of all gates, in the order of the repeats; the first has nothing remembered. */
export async function measureCache(files: number): Promise<readonly number[]> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'volley-bench-cache-'));
  try {
    const folder = path.join(directory, 'folder');
    for (let index = 0; index < files; index += 1) {
      const inner = path.join(folder, `d${index % 100}`);
      if (index < 100) await mkdir(inner, { recursive: true });
      await writeFile(path.join(inner, `f${index}.ts`), `export const n${index} = ${index};\n`.repeat(20));
    }
    // A file that has just been written is always read anew.
    await new Promise((resolve) => setTimeout(resolve, 2500));
    const gates = Array.from({ length: GATES }, (_, index) => gateIn(folder, index));
    const times: number[] = [];
    for (let repeat = 0; repeat <= REPEATS; repeat += 1) {
      const started = performance.now();
      const look = openFingerprints({ storage: path.join(directory, 'storage'), env: process.env, caches: [], log: silent });
      for (const gate of gates) await look.of(gate, [gate.command]);
      await look.close();
      times.push(performance.now() - started);
    }
    return times;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Half of the gates may read anything, the others one kind of file each. */
function gateIn(folder: string, index: number): Gate {
  return {
    ...commandGate(`g${index}`, ['tool', String(index)]),
    folder: { name: 'w', path: folder },
    command: { argv: ['tool', String(index)], cwd: folder, env: {}, shell: false },
    reads: { files: index % 2 === 0 ? ['**'] : ['**/*.ts', `**/.rc${index}`], also: [], env: [] },
  };
}

if (process.argv[1] === import.meta.filename) {
  for (const files of [2000, 20_000]) {
    const [cold = 0, ...warm] = await measureCache(files);
    const sorted = [...warm].sort((a, b) => a - b);
    console.log(
      `${files} files, ${GATES} gates: ${cold.toFixed(0)} ms with nothing remembered, then ${sorted.map((ms) => ms.toFixed(0)).join(' / ')} ms`,
    );
  }
}
