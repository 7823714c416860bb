/**
 * Keeps the last results of gates by the fingerprint of what decided them: one small file a result, written whole or not at all, so
 * that two windows can share a directory. What cannot be read for certain is a miss.
 */
import { createHash } from 'node:crypto';
import { readFile as readFileCallback } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Gate } from './gate-model.js';
import type { Log } from './host.js';
import type { Finding, RunId } from './model.js';
import { writeWhole } from './whole-file.js';

const VERSION = 1;
/** A quarter of the time of the one that returns promises. */
const readFile = promisify(readFileCallback);
const KEEP = { keysOfGate: 8, bytesOfEntry: 20_000_000, bytes: 100_000_000 } as const;

/** How a gate ended that passed or failed; no other end is kept. */
export interface CachedResult {
  readonly was: 'passed' | 'failed';
  readonly findings: readonly Finding[];
  readonly exitCode?: number;
  /** The run that found it. */
  readonly run: RunId;
  /** ISO 8601. */
  readonly at: string;
  readonly outputBytes: number;
}

/** Whose result it is. */
type Owner = Pick<Gate, 'id' | 'folder'>;

export interface Cache<Result> {
  /** The result of the gate in exactly this folder path under this key. */
  get(gate: Owner, key: string): Promise<Result | undefined>;
  /** Keeps the result when the keys from before and after the run are equal; never rejects. */
  put(gate: Owner, keys: { readonly before: string; readonly after: string }, result: Result): Promise<void>;
}

export function openCache<Result>(directory: string, log: Log): Cache<Result> {
  const homeOf = (gate: Owner) => path.join(directory, hash(JSON.stringify([gate.id, gate.folder.path])));
  const fileOf = (gate: Owner, key: string) => path.join(homeOf(gate), `${hash(key)}.json`);
  return {
    async get(gate, key) {
      const file = fileOf(gate, key);
      const text = await readFile(file, 'utf8').catch(() => undefined);
      if (text === undefined) return undefined;
      const result = decode<Result>(text, gate, key);
      if (!result) await rm(file, { force: true }).catch(() => undefined);
      return result;
    },
    async put(gate, { before, after }, result) {
      if (before !== after) return;
      const text = encode(gate, after, result);
      if (Buffer.byteLength(text) > KEEP.bytesOfEntry) return;
      const file = fileOf(gate, after);
      try {
        await writeWhole(file, text);
        await prune(directory, path.dirname(file), file);
      } catch (error) {
        log.warn(`The result of ${gate.id} could not be kept: ${String(error)}.`);
      }
    },
  };
}

/** The sum tells a file that was cut short or changed from a whole one. */
function encode(gate: Owner, key: string, result: unknown): string {
  const body = JSON.stringify({ version: VERSION, gate: gate.id, folder: gate.folder.path, key, result });
  return `${hash(body)}\n${body}`;
}

function decode<Result>(text: string, gate: Owner, key: string): Result | undefined {
  const end = text.indexOf('\n');
  const body = text.slice(end + 1);
  if (end < 0 || hash(body) !== text.slice(0, end)) return undefined;
  const { result, ...rest } = JSON.parse(body) as { readonly result: Result };
  const expected = { version: VERSION, gate: gate.id, folder: gate.folder.path, key };
  return JSON.stringify(rest) === JSON.stringify(expected) ? result : undefined;
}

async function prune(directory: string, home: string, newest: string): Promise<void> {
  const files = (await Promise.all((await readdir(directory)).map((name) => filesOf(path.join(directory, name))))).flat();
  files.sort((a, b) => b.at - a.at);
  const others = files.filter(({ file }) => file !== newest);
  const own = others.filter(({ file }) => path.dirname(file) === home && file.endsWith('.json'));
  const surplus = new Set(own.slice(KEEP.keysOfGate - 1).map(({ file }) => file));
  let bytes = 0;
  for (const { file, size } of others) {
    bytes += size;
    if (bytes > KEEP.bytes) surplus.add(file);
  }
  await Promise.all([...surplus].map((file) => rm(file, { force: true })));
}

async function filesOf(home: string): Promise<{ readonly file: string; readonly size: number; readonly at: number }[]> {
  const names = await readdir(home).catch(() => []);
  const found = names.map(async (name) => {
    const file = path.join(home, name);
    // Another window may have removed it just now.
    const stats = await stat(file).catch(() => undefined);
    return stats ? [{ file, size: stats.size, at: stats.mtimeMs }] : [];
  });
  return (await Promise.all(found)).flat();
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
