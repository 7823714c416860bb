/** The command line as it was built, run in a workspace of a test, and its documents checked by their published schemas. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { Ajv } from 'ajv';
import type { Workspace } from './workspaces.js';

const root = path.join(import.meta.dirname, '../..');
/** The built command line. */
export const PROGRAM = path.join(root, 'dist/cli.cjs');

export interface CommandLineOptions {
  /** What it reads on standard input; empty when left out. */
  readonly input?: string;
  /** Where it starts; in the workspace when left out. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The Node that runs it; that of the tests when left out. */
  readonly node?: string;
}

/** Runs it to its end. It keeps what it remembers outside of the workspace, and sees neither CI nor colours, nor that GitHub runs it. */
export async function commandLine({ folder, outside }: Workspace, args: readonly string[], options: CommandLineOptions = {}) {
  const { CI: _ci, FORCE_COLOR: _forced, GITHUB_ACTIONS: _actions, GITHUB_STEP_SUMMARY: _summary, ...rest } = process.env;
  const { input = '', cwd = folder, env = {}, node = process.execPath } = options;
  const child = spawn(node, [PROGRAM, ...args], { cwd, env: { ...rest, ...env, VOLLEY_HOME: outside } });
  child.stdin.end(input);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { stdout, stderr, code: code as number };
}

/** The document, which has to fit `schemas/NAME.schema.json`. */
// biome-ignore lint/suspicious/noExplicitAny: what the schema has checked
export async function validated(name: string, document: string): Promise<any> {
  const schema = JSON.parse(await readFile(path.join(root, 'schemas', `${name}.schema.json`), 'utf8'));
  const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: false });
  // biome-ignore lint/suspicious/noExplicitAny: what the schema has checked
  const value: any = JSON.parse(document);
  assert.ok(ajv.validate(schema, value), ajv.errorsText());
  return value;
}
