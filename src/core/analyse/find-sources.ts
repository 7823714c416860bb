/** What lies in a workspace and can be analysed: scripts, targets, jobs, tasks, transcripts. Reads; runs nothing. */
import { open, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import fastGlob from 'fast-glob';
import { record } from '../gates/evidence/commands.js';
import { NEVER_WALKED } from '../ignored.js';
import type { Folder } from '../model.js';
import { READERS, sourceKind } from './readers.js';
import type { SourceChoice, SourceKind, SourceText } from './sequence.js';

/** A source that lies in the workspace. */
export interface FoundSource {
  /** Absolute, native. */
  readonly file: string;
  /** Relative to its folder, with `/`. */
  readonly name: string;
  readonly kind: SourceKind;
  /** Empty for a transcript, which is one whole. */
  readonly choices: readonly SourceChoice[];
}

const PLACES: readonly string[] = [
  'package.json',
  '{GNUm,M,m}akefile',
  '.github/workflows/*.{yml,yaml}',
  '.vscode/tasks.json',
  '*.{jsonl,ndjson}',
  '*/package.json',
  'packages/*/package.json',
  'apps/*/package.json',
];
/** Larger files are no work of hands. */
const LARGEST_BYTES = 5_000_000;
/** So much of a file tells whether it is a transcript. */
const HEAD_BYTES = 64_000;

/** The sources of the folders, those at the top first. What cannot be read is left out. */
export async function findSources(folders: readonly Folder[]): Promise<readonly FoundSource[]> {
  const found: FoundSource[] = [];
  for (const folder of folders) {
    const options = { cwd: folder.path, dot: true, ignore: [...NEVER_WALKED], followSymbolicLinks: false, suppressErrors: true };
    const names = await fastGlob([...PLACES], options);
    for (const name of names.sort(byDepth)) found.push(...(await sourceIn(path.join(folder.path, name), name)));
  }
  return found;
}

async function sourceIn(file: string, name: string): Promise<readonly FoundSource[]> {
  if (/\.(?:jsonl|ndjson)$/.test(name))
    return (await isTranscript(file)) ? [{ file, name, kind: 'transcript', choices: [] }] : [];
  const text = await readText(file);
  if (text === undefined) return [];
  const kind = sourceKind(name, text);
  const choices = READERS[kind].choices(bareSource(name, text));
  return choices.length > 0 ? [{ file, name, kind, choices }] : [];
}

function byDepth(a: string, b: string): number {
  return a.split('/').length - b.split('/').length || (a < b ? -1 : 1);
}

async function readText(file: string): Promise<string | undefined> {
  const size = (await stat(file).catch(() => undefined))?.size ?? Number.POSITIVE_INFINITY;
  return size > LARGEST_BYTES ? undefined : readFile(file, 'utf8').catch(() => undefined);
}

/** Data of other kinds is kept as lines of JSON, too. */
async function isTranscript(file: string): Promise<boolean> {
  const handle = await open(file).catch(() => undefined);
  if (!handle) return false;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.toString('utf8', 0, bytesRead).split('\n').some(isMessage);
  } catch {
    return false;
  } finally {
    await handle.close();
  }
}

function isMessage(line: string): boolean {
  let value: Readonly<Record<string, unknown>>;
  try {
    value = record(JSON.parse(line));
  } catch {
    // The last line may be cut.
    return false;
  }
  return ['role', 'tool', 'messages', 'message', 'payload'].some((name) => name in value);
}

function bareSource(file: string, text: string): SourceText {
  return { file, text, cwd: '', folder: '', scriptsIn: () => new Map(), isLocal: () => false };
}
