/** From the bytes of a file to text: which encoding, binary or not, how many lines, where it may be cut. */
import { isAscii, isUtf8 } from 'node:buffer';

/** `utf-8-bom` and the like keep the mark at their start when they are written again. */
export type Encoding = 'utf-8' | 'utf-8-bom' | 'utf-16le' | 'utf-16be' | 'latin-1';

/** How much of the start of a file tells whether it is binary: as git does it. */
export const SNIFFED_BYTES = 8192;

/** The encoding that a byte order mark at the start says, and how long the mark is. */
export function markOf(bytes: Uint8Array): { readonly encoding: Encoding; readonly length: number } | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return { encoding: 'utf-8-bom', length: 3 };
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { encoding: 'utf-16le', length: 2 };
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { encoding: 'utf-16be', length: 2 };
  return undefined;
}

/** Whether the start of a file shows that it is no text: a NUL, and no mark of UTF-16, where every second byte may be one. */
export function looksBinary(start: Buffer): boolean {
  const sniffed = start.length > SNIFFED_BYTES ? start.subarray(0, SNIFFED_BYTES) : start;
  return sniffed.includes(0) && !markOf(start)?.encoding.startsWith('utf-16');
}

/** Bytes without their mark, as text, and the encoding they turned out to have. `encoding`: what the mark says, if there was one. */
export function decode(body: Buffer, encoding?: Encoding): { readonly text: string; readonly encoding: Encoding } {
  switch (encoding) {
    case 'utf-16le':
      return { text: body.toString('utf16le'), encoding };
    case 'utf-16be':
      return {
        text: Buffer.from(body.subarray(0, body.length & ~1))
          .swap16()
          .toString('utf16le'),
        encoding,
      };
    case 'latin-1':
      return { text: body.toString('latin1'), encoding };
    case 'utf-8-bom':
    case 'utf-8':
      return { text: body.toString('utf8'), encoding };
    case undefined:
      // Plain ASCII, the most common case, is decoded fastest so.
      if (isAscii(body)) return { text: body.toString('latin1'), encoding: 'utf-8' };
      return isUtf8(body)
        ? { text: body.toString('utf8'), encoding: 'utf-8' }
        : { text: body.toString('latin1'), encoding: 'latin-1' };
    default:
      return encoding satisfies never;
  }
}

/**
 * What a tool wrote for machines, as text without a mark: by its byte order mark, else by what its XML declaration says, else as UTF-8.
 * Never throws; an encoding that nobody knows is taken for UTF-8.
 */
export function decodeReport(bytes: Buffer): string {
  const mark = markOf(bytes);
  if (mark) return decode(bytes.subarray(mark.length), mark.encoding).text;
  const label = /^\s*<\?xml\b[^>]*?\bencoding\s*=\s*["']([\w.:-]+)["']/.exec(bytes.toString('latin1', 0, 200))?.[1];
  // What could be read so far is written in single bytes, whatever it says of itself.
  if (label === undefined || /^utf-?(?:8|16|32)/i.test(label)) return bytes.toString('utf8');
  try {
    return new TextDecoder(label).decode(bytes);
  } catch {
    return bytes.toString('utf8');
  }
}

/** How many bytes one unit of the encoding has: bytes are never cut within one. */
export function unitOf(encoding: Encoding | undefined): 1 | 2 {
  return encoding?.startsWith('utf-16') ? 2 : 1;
}

/** The largest number of bytes, at most `limit`, after which no character of `body` is cut in two. */
export function wholeCharacters(body: Buffer, limit: number, encoding: Encoding | undefined): number {
  if (body.length <= limit) return body.length;
  if (unitOf(encoding) === 2) {
    const end = limit & ~1;
    if (end + 2 > body.length) return end;
    const unit = encoding === 'utf-16le' ? body.readUInt16LE(end) : body.readUInt16BE(end);
    // The second half of a pair starts with these bits.
    return end > 0 && (unit & 0xfc00) === 0xdc00 ? end - 2 : end;
  }
  let end = limit;
  // Continuation bytes of UTF-8 are 10xxxxxx; where there are more than three the text is something else.
  while (end > 0 && limit - end < 4 && ((body[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return limit - end < 4 ? end : limit;
}

/** How many lines a text has; what follows the last line break is a line when it is not empty. */
export function countLines(text: string): number {
  let lines = 0;
  let start = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', start)) {
    lines += 1;
    start = at + 1;
  }
  return start < text.length ? lines + 1 : lines;
}
