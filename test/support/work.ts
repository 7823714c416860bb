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

const ROOT = path.join(import.meta.dirname, '../..');

/**
 * How often the statements of Volley and of its libraries are reached in each call: calls of functions and rounds of loops, as V8 counts them
 * for coverage. The same code with the same arguments always gives the same number, however busy the machine is. What built-in functions do
 * within, such as regular expressions, is not counted. Calls have to be synchronous.
 */
export async function countSteps({ module, ...counted }: Counted): Promise<readonly number[]> {
  const program = path.join(import.meta.dirname, 'work-program.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', program], { cwd: ROOT, stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify({ ...counted, module: pathToFileURL(path.join(ROOT, module)).href }));
  return (await json(child.stdout)) as readonly number[];
}
