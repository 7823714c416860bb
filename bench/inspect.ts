/**
 * Inspecting 5,000 files of a repository: how long it takes from the selection to the table, with how many slots, and the longest time that
 * its own work held the event loop. Needs the bundles: `node esbuild.mjs` first.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createEngine } from '../src/core/engine.js';
import { nodeHost } from '../src/core/host.js';
import { watchLoop } from '../test/support/loop.js';
import { summary } from './support.js';

const FILES = 5000;
const EACH_DIRECTORY = 50;
const ROUNDS = 7;

/** Sources of 4 KB on average, in a repository with some history. */
function makeRepository(folder: string): void {
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=bench', '-c', 'user.email=b@example.org', ...args], { cwd: folder, stdio: 'ignore' });
  git('init', '-q');
  for (let index = 0; index < FILES; index += 1) {
    const directory = path.join(folder, `package-${Math.floor(index / EACH_DIRECTORY)}`);
    if (index % EACH_DIRECTORY === 0) mkdirSync(directory);
    writeFileSync(path.join(directory, `module-${index}.ts`), textOf(index));
    if (index % 500 === 499) {
      git('add', '-A');
      git('commit', '-qm', `Up to ${index}`);
    }
  }
}

function textOf(index: number): string {
  const lines = [`export const value${index} = ${index};`];
  for (let line = 0; line < 20 + (index % 140); line += 1) {
    if (line % 50 === 7) lines.push(`  // TODO: name what ${line} stands for`);
    lines.push(`  const value${line} = compute(${index}, ${line}) ?? fallback;${line % 60 === 0 ? ' ' : ''}`);
  }
  return `${lines.join('\n')}\n`;
}

async function measure(folder: string, storage: string, slots: number) {
  const scanWorker = path.join(import.meta.dirname, '..', 'dist', 'scan-worker.cjs');
  const engine = createEngine(nodeHost({ folder, storage, scanWorker }));
  const times: number[] = [];
  const runs: number[] = [];
  const held: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const loop = watchLoop();
    const start = performance.now();
    const planned = await engine.planInspection({ scope: { kind: 'workspace' }, slots });
    if (planned.kind === 'nothing') throw new Error(planned.message);
    const active = planned.start();
    await active.finished;
    times.push((performance.now() - start) / 1000);
    held.push(loop.stop().busiestMs);
    const inspection = active.inspection();
    if (inspection?.files.length !== FILES || !inspection.files.every(({ commit }) => commit))
      throw new Error('Not all were inspected.');
    runs.push(inspection.tookMs / 1000);
  }
  await engine.dispose();
  process.stdout.write(
    `${slots} ${slots === 1 ? 'slot ' : 'slots'}  whole s: ${summary(times)}   run s: ${summary(runs)}   longest turn, ms of processor time: ${summary(held)}\n`,
  );
}

const folder = await realpath(await mkdtemp(path.join(os.tmpdir(), 'volley-inspect-')));
const storage = await mkdtemp(path.join(os.tmpdir(), 'volley-inspect-storage-'));
try {
  makeRepository(folder);
  for (const slots of [1, 2, 4]) await measure(folder, storage, slots);
} finally {
  await Promise.all([folder, storage].map((directory) => rm(directory, { recursive: true, force: true })));
}
