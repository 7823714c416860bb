/**
 * Reads files and tells their facts: the work of a thread. Everything here is synchronous, since in a thread nobody waits for a turn of the
 * event loop, and a promise a file costs several times what reading it does.
 */
import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { looksBinary, SNIFFED_BYTES } from '../encodings.js';
import { isInside } from '../paths.js';
import { factsOf } from './facts.js';
import { type BinaryFacts, MOST_BYTES, type TextFacts } from './row.js';

/** A file to be looked at. */
export interface ScanFile {
  /** Relative to the folder with `/`. */
  readonly path: string;
  /** Absolute, native. */
  readonly file: string;
  /** The text that the editor has not saved, in place of the disk. */
  readonly unsaved?: string;
}

export interface ScanJob {
  /** Absolute, native: nothing outside of it is read. */
  readonly folder: string;
  readonly files: readonly ScanFile[];
}

/** What was found, in the order of the job. */
export type Scanned =
  | TextFacts
  | BinaryFacts
  | { readonly kind: 'too large'; readonly bytes: number }
  /** A symbolic link leads there. */
  | { readonly kind: 'outside'; readonly real: string }
  | { readonly kind: 'no file' }
  /** What the file system said, as `ENOENT`. */
  | { readonly kind: 'error'; readonly code: string };

/** What is read without a look at the size first. */
const AT_ONCE = 128 * 1024;

/** Looks at one file after another; remembers what it learned of directories for the time of one job. */
export function createScanner(folder: string): (file: ScanFile) => Scanned {
  const shared = Buffer.allocUnsafeSlow(AT_ONCE);
  const root = realOf(folder) ?? folder;
  const directories = new Map<string, string | undefined>();
  const realDirectory = (directory: string) => {
    if (!directories.has(directory)) directories.set(directory, realOf(directory));
    return directories.get(directory);
  };
  return ({ path: name, file, unsaved }) => {
    try {
      const above = realDirectory(path.dirname(file));
      if (above !== undefined && !isInside(root, above)) return { kind: 'outside', real: path.join(above, path.basename(file)) };
      if (unsaved !== undefined) return factsOf(Buffer.from(unsaved), name, 'utf-8');
      return look(file, name, root, shared);
    } catch (error) {
      return { kind: 'error', code: (error as NodeJS.ErrnoException).code ?? String(error) };
    }
  };
}

/** Does a job in one go. */
export function scan({ folder, files }: ScanJob): readonly Scanned[] {
  return files.map(createScanner(folder));
}

function realOf(file: string): string | undefined {
  try {
    return realpathSync.native(file);
  } catch {
    return undefined;
  }
}

function look(file: string, name: string, root: string, shared: Buffer): Scanned {
  const opened = openDirectly(file);
  if (opened === 'link') {
    const real = realpathSync.native(file);
    return isInside(root, real) ? read(openSync(real, READ), name, shared) : { kind: 'outside', real };
  }
  return read(opened, name, shared);
}

// Without O_NONBLOCK the opening of a pipe would wait for somebody who writes into it.
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** A descriptor, or that it is a symbolic link. */
function openDirectly(file: string): number | 'link' {
  if (!constants.O_NOFOLLOW) return 'link';
  try {
    return openSync(file, READ | constants.O_NOFOLLOW);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Linux and macOS say ELOOP, BSD says EMLINK.
    if (code === 'ELOOP' || code === 'EMLINK') return 'link';
    throw error;
  }
}

/** Closes what it is given. */
function read(descriptor: number, name: string, shared: Buffer): Scanned {
  try {
    const stats = fstatSync(descriptor);
    if (stats.isDirectory()) return { kind: 'error', code: 'EISDIR' };
    if (!stats.isFile()) return { kind: 'no file' };
    const length = fill(descriptor, shared, 0);
    if (length < shared.length) return factsOf(shared.subarray(0, length), name);
    if (looksBinary(shared.subarray(0, SNIFFED_BYTES))) return { kind: 'binary', bytes: stats.size };
    if (stats.size > MOST_BYTES) return { kind: 'too large', bytes: stats.size };
    const whole = Buffer.allocUnsafeSlow(Math.max(stats.size, length));
    shared.copy(whole);
    return factsOf(whole.subarray(0, fill(descriptor, whole, length)), name);
  } finally {
    closeSync(descriptor);
  }
}

/** Reads until the buffer is full or the file ends; returns how much of the buffer is filled. */
function fill(descriptor: number, buffer: Buffer, from: number): number {
  let length = from;
  while (length < buffer.length) {
    const count = readSync(descriptor, buffer, length, buffer.length - length, length);
    if (count === 0) break;
    length += count;
  }
  return length;
}
