import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readMemory } from '../../src/core/machine.js';
import { watchMemory } from '../../src/core/memory-watch.js';
import type { MemoryUse } from '../../src/core/model.js';
import { begun, runOf, summaryOf } from '../support/reports.js';

describe('The memory of a run', () => {
  it('is read at once, again while it goes on, and never after that', () => {
    const told: MemoryUse[] = [];
    const waits: number[] = [];
    let next: (() => void) | undefined;
    let reads = 0;
    const stop = watchMemory({
      read: () => ({ usedBytes: ++reads, totalBytes: 100 }),
      tell: (use) => told.push(use),
      later(look, ms) {
        waits.push(ms);
        next = look;
        return () => {
          next = undefined;
        };
      },
    });
    for (let count = 0; count < 6; count += 1) next?.();
    assert.deepEqual(
      told.map(({ usedBytes }) => usedBytes),
      [1, 2, 3, 4, 5, 6, 7],
    );
    assert.deepEqual(waits, [250, 250, 250, 250, 1000, 1000, 1000]);
    stop();
    assert.equal(next, undefined);
  });

  it('is part of its state, with the time of each sample, and absent where nobody read it', () => {
    const first = [0, begun([summaryOf('a')])] as const;
    assert.equal(runOf([first]).memory, undefined);
    const state = runOf([
      first,
      [1, { kind: 'memory', usedBytes: 5, totalBytes: 9 }],
      [2, { kind: 'memory', usedBytes: 6, totalBytes: 9, ownBytes: 1 }],
    ]);
    assert.deepEqual(state.memory, [
      { at: 1, usedBytes: 5, totalBytes: 9 },
      { at: 2, usedBytes: 6, totalBytes: 9, ownBytes: 1 },
    ]);
  });

  it('tells what processes of the run hold, where the system says so', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdout.write("x"); setInterval(() => {}, 1e6)'], { detached: true });
    try {
      await once(child.stdout, 'data');
      const { usedBytes, totalBytes, ownBytes } = readMemory(new Set([child.pid ?? 0]));
      assert.ok(usedBytes > 0 && usedBytes <= totalBytes);
      if (process.platform !== 'linux') assert.equal(ownBytes, undefined);
      else assert.ok(ownBytes !== undefined && ownBytes > 5e6 && ownBytes < totalBytes, String(ownBytes));
      assert.equal(readMemory(new Set()).ownBytes, process.platform === 'linux' ? 0 : undefined);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
