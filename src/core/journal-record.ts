/** What is written down of a change, in a file that is there whole or as it was before. */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ProcessIdentity } from './process.js';

/** What happened to one file. Hashes are of contents; absent: there was no file. */
export interface JournalFile {
  /** Absolute, native. */
  readonly file: string;
  /** Name of the copy in `before/`. */
  readonly copy?: string;
  readonly before?: string;
  readonly after?: string;
  readonly mode?: number;
  /** Hashes of contents that were about to be written: the file has one of them while nobody else has changed it. */
  readonly writing?: readonly string[];
  /** Directories above it that were not there either, absolute. */
  readonly made?: readonly string[];
  /** Where its directory really lies, when not where it says: behind a link it may be another one later. */
  readonly place?: string;
}

/** What is written down of a change. */
export interface JournalRecord {
  readonly version: 1;
  readonly label: string;
  /** Wall clock, ISO 8601. */
  readonly at: string;
  /** `open`: the change had not ended when this was written, so what it left is not known. */
  readonly state: 'open' | 'done' | 'undone';
  /** The process that makes the change. */
  readonly owner: ProcessIdentity;
  /** All of it or nothing: left open, it has to be undone. */
  readonly atomic?: true;
  /** Files are known with their permissions, and links as links: `before` and `after` are those of `stateOfEntry`. */
  readonly entries?: true;
  readonly files: readonly JournalFile[];
  /** Symbolic links as they were. */
  readonly links?: readonly Link[];
  /** Directories that have come into being, absolute. */
  readonly made?: readonly string[];
}

/** A symbolic link. */
export interface Link {
  /** Absolute, native. */
  readonly file: string;
  /** As it is written in it. */
  readonly target: string;
}

/** Of a record that does not say: no process has this number. */
const NOBODY: ProcessIdentity = { process: 2 ** 31 - 1 };

const NAME = 'journal.json';

/** Writes the record of the change whose directory it is. Rejects, and leaves the one before, where that cannot be done. */
export async function writeRecord(directory: string, record: JournalRecord): Promise<void> {
  const file = path.join(directory, NAME);
  try {
    await writeFile(`${file}.tmp`, JSON.stringify(record));
    await rename(`${file}.tmp`, file);
  } catch (error) {
    await rm(`${file}.tmp`, { force: true });
    throw error;
  }
}

/** Undefined where none is there, or nobody can read it. */
export async function readRecord(directory: string): Promise<JournalRecord | undefined> {
  try {
    const record = JSON.parse(await readFile(path.join(directory, NAME), 'utf8')) as JournalRecord;
    return record.version === 1 ? { ...record, owner: record.owner ?? NOBODY } : undefined;
  } catch {
    return undefined;
  }
}
