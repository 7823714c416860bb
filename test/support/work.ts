/** Counts what a piece of code does, where a test would otherwise have to look at a clock. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { json } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

/** Calls of a function that a module exports. */
export interface Counted {
  /** A file below the root of the repository. */
  readonly module: string;
  readonly name: string;
  /** The arguments of each call, as JSON can say them. */
  readonly calls: readonly (readonly unknown[])[];
}

/** How work is divided by looks at the clock, after each of which the event loop may have its turn. */
export interface Pieces {
  readonly pieces: number;
  /** Of the longest one. */
  readonly mostSteps: number;
}

const ROOT = path.join(import.meta.dirname, '../..');

/**
 * How often the statements of Volley and of its libraries are reached in each call: calls of functions and rounds of loops, as V8 counts them
 * for coverage. The same code with the same arguments always gives the same number, however busy the machine is. What built-in functions do
 * within, such as regular expressions, is not counted. Calls have to be synchronous.
 */
export async function countSteps(counted: Counted): Promise<readonly number[]> {
  return (await count('calls', counted)) as readonly number[];
}

/** The same between any two looks at `performance.now`, of calls that may be asynchronous, one after the other. */
export async function countPieces(counted: Counted): Promise<Pieces> {
  return (await count('pieces', counted)) as Pieces;
}

async function count(what: 'calls' | 'pieces', { module, ...counted }: Counted): Promise<unknown> {
  const program = path.join(import.meta.dirname, 'work-program.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', program], { cwd: ROOT, stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify({ ...counted, what, module: pathToFileURL(path.join(ROOT, module)).href }));
  return json(child.stdout);
}
