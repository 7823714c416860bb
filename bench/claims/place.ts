/** Where claims are checked: a workspace of its own, an engine on it as a host would make one, and a slow server. All of it goes away. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { temporaryFolder } from '../../scripts/editor-host.mjs';
import { createEngine, type Engine } from '../../src/core/engine.js';
import { nodeHost } from '../../src/core/host.js';

export interface Place {
  /** Of the workspace: absolute, native, without links. */
  readonly folder: string;
  readonly engine: Engine;
  /** Of the slow server, without a slash at its end. */
  readonly server: string;
  /** How many pairs of trials measure a batch. */
  readonly pairs: number;
  /** Moves the clock by which the engine forgets what has ended, in milliseconds. */
  skip(ms: number): void;
}

/** Operations of commands write here and nowhere else; emptied before each trial. */
export const MADE = 'made';
/** Files to read, each of two halves. */
export const FILES = ['one', 'two', 'three', 'four', 'five', 'six'].map((name) => `data/${name}.txt`);
/** How many bytes each half has. */
export const HALF_BYTES = 4096;

/**
 * A stand-in for an agent of the command line: `agent.sh SECONDS FILE PROMPT` waits as long as a model would take, keeps its answer in the file and
 * says it.
 */
const AGENT = `sleep "$1"
printf 'Answer to: %s\\n' "$3" > "$2"
printf 'Answer to: %s\\n' "$3"
`;

/** A place for the time of `use`. */
export async function withPlace<Result>(pairs: number, use: (place: Place) => Promise<Result>): Promise<Result> {
  const { folder: root, remove } = await temporaryFolder('volley-claims-');
  const folder = path.join(root, 'workspace');
  const server = spawn(process.execPath, [path.join(import.meta.dirname, 'slow-server.mjs')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let skipped = 0;
  const host = nodeHost({ folder, storage: path.join(root, 'storage') });
  const engine = createEngine({ ...host, now: () => host.now() + skipped });
  try {
    await fill(folder);
    return await use({
      ...{ folder, engine, pairs },
      server: `http://127.0.0.1:${await portOf(server)}`,
      skip(ms) {
        skipped += ms;
      },
    });
  } finally {
    await engine.dispose();
    server.stdin?.end();
    await remove();
  }
}

async function fill(folder: string): Promise<void> {
  await mkdir(path.join(folder, MADE), { recursive: true });
  await mkdir(path.join(folder, 'data'));
  await writeFile(path.join(folder, 'agent.sh'), AGENT);
  for (const name of FILES) await writeFile(path.join(folder, name), textOf(name));
}

function textOf(name: string): string {
  const line = (number: number) => `${name} line ${String(number).padStart(4, '0')} `.padEnd(63, '.');
  return Array.from({ length: (2 * HALF_BYTES) / 64 }, (_, index) => `${line(index + 1)}\n`).join('');
}

async function portOf(server: ChildProcess): Promise<string> {
  if (!server.stdout) throw new Error('The slow server has no output.');
  const [first] = await once(server.stdout, 'data');
  return String(first).trim();
}
