/** By what the content of a file is known: a hash taken in pieces, between which the event loop goes on, whatever the size of the file. */
import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Normalised } from './measured.js';
import { normalise } from './normalise.js';

export interface Content {
  /** Equal digests, equal contents. */
  readonly digest: string;
  /** What its text is known without. */
  readonly without: readonly Normalised[];
}

/** Bytes that are read, normalised and hashed in one turn of the event loop: some milliseconds. */
const PIECE_BYTES = 128 * 1024;
/** A line longer than this is divided like any other text. */
const LONGEST_LINE_BYTES = 2 * PIECE_BYTES;

/**
 * The first `size` bytes of a file: a text without times and the like, anything else as it is. Memory does not grow with the file.
 * Undefined as soon as `goOn` says no, which is asked before each piece. Rejects with what the file system says.
 */
export async function contentOf(file: string, size: number, goOn: () => boolean = () => true): Promise<Content | undefined> {
  const hash = createHash('sha256');
  const without = new Set<Normalised>();
  let isText: boolean | undefined;
  for await (const piece of piecesOf(file, size)) {
    if (!goOn()) return undefined;
    isText ??= !piece.includes(0);
    // What is cut from a text may still be none: two contents that cannot be decoded would look alike.
    if (!isText || !isUtf8(piece)) hash.update(piece);
    else {
      const normal = normalise(piece.toString('utf8'));
      hash.update(normal.text);
      for (const what of normal.without) without.add(what);
    }
  }
  return { digest: hash.digest('hex'), without: [...without] };
}

/** Whole lines as far as possible, so that nothing that is left out of a text is cut in two. */
async function* piecesOf(file: string, size: number): AsyncGenerator<Buffer> {
  if (size === 0) return;
  let kept: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(file, { end: size - 1, highWaterMark: PIECE_BYTES })) {
    const all: Buffer = kept.length === 0 ? chunk : Buffer.concat([kept, chunk]);
    const end = endOfLines(all);
    if (end > 0) yield all.subarray(0, end);
    kept = all.subarray(end);
  }
  if (kept.length > 0) yield kept;
}

/** Where the last whole line ends; 0 while the first one may still end soon. */
function endOfLines(bytes: Buffer): number {
  const end = bytes.lastIndexOf(LINE_FEED) + 1;
  if (end > 0 || bytes.length < LONGEST_LINE_BYTES) return end;
  let cut = bytes.length - 1;
  // Never within a character.
  while (cut > 1 && ((bytes[cut] ?? 0) & 0xc0) === 0x80) cut -= 1;
  return cut;
}

const LINE_FEED = 0x0a;
