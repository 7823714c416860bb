/** Volley's built command line: a gate a job in volley.jsonc, and the same as a batch file. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { root } from '../../scripts/processes.mjs';
import { makeDirectories } from './debian-runners.js';
import type { JobSet } from './job-set.js';
import type { Places, Runner } from './runner.js';

const PROGRAM = path.join(root, 'dist/cli.cjs');

export const volley: Runner = {
  id: 'volley',
  name: 'Volley',
  source: { kind: 'built' },
  note: '`volley run` with a gate a job in volley.jsonc; `--no-cache` but for cached sets',
  orders: true,
  caches: true,
  limits: true,
  async prepare(set, { folder }) {
    const gates = set.jobs.map(({ id, argv, needs, input }) => [
      id,
      { command: argv, ...(needs ? { needs } : {}), ...(set.cached ? { inputs: [input] } : {}) },
    ]);
    await writeFile(path.join(folder, 'volley.jsonc'), JSON.stringify({ gates: Object.fromEntries(gates) }));
    await makeDirectories(set.jobs, folder);
    return started(['run', ...(set.cached ? [] : ['--no-cache'])], set, folder);
  },
};

export const volleyBatch: Runner = {
  id: 'volley-batch',
  name: 'Volley, batch',
  source: { kind: 'built' },
  note: '`volley batch` with a command a job, declared to touch nothing',
  orders: true,
  caches: false,
  limits: true,
  async prepare(set, { folder }: Places) {
    const operations = set.jobs.map(({ id, argv, needs }) => ({
      ...{ id, tool: 'command', input: { argv }, reads: [], writes: [] },
      ...(needs ? { needs } : {}),
    }));
    await writeFile(path.join(folder, 'jobs.batch.json'), JSON.stringify({ operations }));
    return started(['batch', 'jobs.batch.json'], set, folder);
  },
};

/** What it remembers lies in the folder, so that a new folder has no past. */
async function started(args: readonly string[], { slots }: JobSet, folder: string) {
  await mkdir(homeOf(folder), { recursive: true });
  const env = { VOLLEY_HOME: homeOf(folder) };
  return { argv: [process.execPath, PROGRAM, ...args, '-j', String(slots)], cwd: folder, env };
}

/** Where Volley keeps outputs, runs and results of a set: beside its folder, which its gates are about. */
export function homeOf(folder: string): string {
  return `${folder}-home`;
}
