/**
 * Read: files as text, any number in one pass. Files are read synchronously in short slices, since a promise a file costs several times
 * what the read itself does; only what is large is read piece by piece.
 */

import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod/mini';
import { countLines, decode, type Encoding, looksBinary, markOf, unitOf, wholeCharacters } from '../encodings.js';
import type { ShownFile } from '../model.js';
import { isInside } from '../paths.js';
import { slices } from '../slices.js';
import { counted, cutMarker } from './files.js';
import { access, asList, described, diskMessage, findPlace, oneOrMore, type Placed, pathGlobs, placeOf, shown } from './place.js';
import { INTERRUPTED, type Tool, type ToolContext, type ToolResult, toolFailed } from './tool.js';

const line = () => z.number().check(z.int(), z.gte(1), z.lte(Number.MAX_SAFE_INTEGER));

export const readSchema = z.strictObject({
  path: oneOrMore('A file, or a list of files, relative to the workspace folder.', 0),
  range: z.optional(
    described(
      'Lines that are read, counted from 1; of several files in each.',
      z
        .strictObject({
          from: z.optional(described('The first line. 1 when left out.', line())),
          to: z.optional(described('The last line. The last of the file when left out.', line())),
        })
        .check(z.refine((range) => (range.from ?? 1) <= (range.to ?? Number.POSITIVE_INFINITY), '`to` lies before `from`.')),
    ),
  ),
});

export type ReadInput = z.infer<typeof readSchema>;

export interface ReadLimits {
  /** Of text for each file, in bytes of the file. */
  readonly fileBytes: number;
  /** Of text for one invocation. */
  readonly totalBytes: number;
}

export const READ_LIMITS: ReadLimits = { fileBytes: 1_000_000, totalBytes: 16_000_000 };

export const readTool: Tool<ReadInput> = {
  name: 'read',
  description:
    'Reads text files, whole or by a range of lines. Several paths are read at once. Binary files are answered by a sentence, unsaved text of the editor is read in place of the disk.',
  schema: readSchema,
  describe(input) {
    const paths = asList(input.path);
    const what = paths.length === 1 ? paths[0] : counted(paths.length, 'file');
    return input.range ? `read ${what} ${input.range.from ?? 1}–${input.range.to ?? ''}` : `read ${what}`;
  },
  access: (input, place) => access(pathGlobs(asList(input.path), place)),
  async invoke(input, context) {
    return (await readTogether([input], context))[0] ?? INTERRUPTED;
  },
};

/** Does the work of several invocations in one pass. Each result is that of the tool called alone with the input. */
export async function readTogether(
  inputs: readonly ReadInput[],
  context: ToolContext,
  limits: ReadLimits = READ_LIMITS,
): Promise<readonly ToolResult[]> {
  const reader = createReader(context);
  const turns = slices();
  const results: ToolResult[] = [];
  for (const input of inputs) {
    const parts: Part[] = [];
    let left = limits.totalBytes;
    for (const given of asList(input.path)) {
      if (turns.due()) await turns.next().then(reader.look);
      if (context.signal.aborted) break;
      const request = { given, range: input.range, limit: Math.min(limits.fileBytes, left) };
      const part = reader.readNow(request) ?? (await reader.readSlowly(request).finally(reader.look));
      if (part.kind === 'text') left -= Math.min(left, part.text.length);
      parts.push(part);
    }
    results.push(context.signal.aborted ? INTERRUPTED : resultOf(input, parts));
  }
  return results;
}

// --------------------------------------------------------------------------------------------------------------- results

type Part =
  | { readonly kind: 'error'; readonly path: string; readonly message: string }
  | { readonly kind: 'binary'; readonly path: string; readonly bytes: number }
  | TextPart;

interface TextPart {
  readonly kind: 'text';
  readonly path: string;
  readonly text: string;
  readonly encoding: Encoding;
  readonly bytes: number;
  /** Of the whole file; null when it was not read to its end. */
  readonly lines: number | null;
  readonly cutBytes: number;
}

const PASSED = { kind: 'passed' } as const;

function resultOf(input: ReadInput, parts: readonly Part[]): ToolResult {
  const several = typeof input.path !== 'string';
  const [only] = parts;
  // Thousands of these are made in one pass.
  if (!several && only?.kind === 'text') {
    const count = shownLines(only, input.range);
    const summary = `${counted(input.range ? count : (only.lines ?? count), 'line')} of ${only.path}`;
    const answer = only.cutBytes > 0 ? { summary, cutBytes: only.cutBytes } : { summary };
    const shows = [{ path: only.path, from: input.range?.from ?? 1, at: 0, count }];
    return { end: PASSED, text: textOf(only), files: [only.path], json: jsonOf(only), shows, answer };
  }
  const errors = parts.filter((part) => part.kind === 'error');
  const [failed] = errors;
  const cutBytes = parts.reduce((sum, part) => sum + (part.kind === 'text' ? part.cutBytes : 0), 0);
  const json = parts.map(jsonOf);
  const whole = {
    text: several ? parts.map(headed).join('\n') : parts.map(textOf).join(''),
    files: parts.filter((part) => part.kind !== 'error').map((part) => part.path),
    json: several ? json : (json[0] ?? null),
    shows: shownIn(input, parts),
  };
  const cut = cutBytes > 0 ? { cutBytes } : {};
  if (failed) {
    const message =
      errors.length === 1
        ? failed.message
        : `${failed.message} ${counted(errors.length - 1, 'more path')} could not be read, as the text says.`;
    return toolFailed(message, { ...whole, answer: { summary: message, ...cut } });
  }
  return { end: PASSED, ...whole, answer: { summary: summaryOf(parts, input.range), ...cut } };
}

/** Several files have each a line with their name before them, and an empty line between them. */
function shownIn({ path: given, range }: ReadInput, parts: readonly Part[]): readonly ShownFile[] {
  const several = typeof given !== 'string';
  let line = several ? 1 : 0;
  const shows: ShownFile[] = [];
  for (const part of parts) {
    if (part.kind === 'text') {
      const count = shownLines(part, range);
      shows.push({ path: part.path, from: range?.from ?? 1, at: line, count });
      line += count + (part.cutBytes > 0 ? 1 : 0) + 2;
    } else line += countLines(part.kind === 'error' ? `[${part.message}]` : textOf(part)) + 2;
  }
  return shows;
}

/** How many lines of a file its text has. They have been counted where it is the whole file. */
function shownLines({ text, lines, cutBytes }: TextPart, range: ReadInput['range']): number {
  return !range && cutBytes === 0 && lines !== null ? lines : countLines(text);
}

function textOf(part: Part): string {
  switch (part.kind) {
    case 'error':
      return '';
    case 'binary':
      return `${shown(part.path)} is a binary file of ${counted(part.bytes, 'byte')}.\n`;
    case 'text':
      return part.cutBytes === 0
        ? part.text
        : `${part.text}${part.text === '' || part.text.endsWith('\n') ? '' : '\n'}${cutMarker(part.cutBytes)}\n`;
    default:
      return part satisfies never;
  }
}

function headed(part: Part): string {
  const text = part.kind === 'error' ? `[${part.message}]` : textOf(part);
  return `==> ${part.path} <==\n${text}${text === '' || text.endsWith('\n') ? '' : '\n'}`;
}

function jsonOf(part: Part): unknown {
  switch (part.kind) {
    case 'error':
      return { path: part.path, error: part.message };
    case 'binary':
      return { path: part.path, encoding: null, bytes: part.bytes, lines: null, binary: true, cut: false };
    case 'text': {
      const { path: name, encoding, bytes, lines, cutBytes } = part;
      return { path: name, encoding, bytes, lines, binary: false, cut: cutBytes > 0 };
    }
    default:
      return part satisfies never;
  }
}

function summaryOf(parts: readonly Part[], range: ReadInput['range']): string {
  const [only] = parts;
  const lines = counted(
    parts.reduce((sum, part) => sum + (part.kind === 'text' ? shownLines(part, range) : 0), 0),
    'line',
  );
  if (!only || parts.length > 1) return `${counted(parts.length, 'file')}, ${lines}`;
  return only.kind === 'binary' ? `${only.path} is binary, ${counted(only.bytes, 'byte')}` : `${lines} of ${only.path}`;
}

// ------------------------------------------------------------------------------------------------------------- one file

interface Request {
  readonly given: string;
  readonly range: ReadInput['range'];
  readonly limit: number;
}

/** What is read without a look at its size first. */
const AT_ONCE = 64 * 1024;
/** What is read of a large file at a time. */
const PIECE_BYTES = 256 * 1024;

function createReader({ folder, host, signal }: ToolContext) {
  const shared = Buffer.allocUnsafeSlow(AT_ONCE);
  const root = realRoot(folder.path);
  // Whether a directory of the folder, relative to it, is inside in truth. For the time of one pass.
  const inside = new Map<string, boolean>();
  const isDirectoryInside = (directory: string) => {
    const known = inside.get(directory);
    if (known !== undefined) return known;
    const result = isReallyInside(root, path.join(folder.path, directory));
    inside.set(directory, result);
    return result;
  };

  // Files that lie together mostly come one after another: the directory of the last one, with its `/`.
  let last: string | undefined;
  /** Where a file lies whose path is as plain as can be, in a directory that is inside. */
  const quickFile = (given: string): string | undefined => {
    const start = given.lastIndexOf('/') + 1;
    // A name of two characters may be `..`.
    if (start !== last?.length || start + 2 >= given.length || !given.startsWith(last)) {
      if (!isPlain(given, folder.path) || !isDirectoryInside(given.slice(0, Math.max(0, start - 1)))) return undefined;
      last = given.slice(0, start);
    }
    return `${folder.path}/${given}`;
  };

  // The editor looks through all its documents for each file it is asked about. In one turn of the event loop nobody types.
  let unsavedNow: ReadonlySet<string> = new Set();
  const look = () => {
    unsavedNow = new Set(host.unsaved && host.unsavedFiles ? host.unsavedFiles() : []);
  };
  look();

  const unsavedPart = (place: Placed, request: Request): Part | undefined => {
    const text = host.unsaved?.(place.file);
    return text === undefined ? undefined : partOf(place.path, Buffer.from(text), 'utf-8', request);
  };

  return {
    /** To be called in each new turn of the event loop. */
    look,

    /** Reads what is small and lies where its path says; undefined when a closer look is needed. */
    readNow(request: Request): Part | undefined {
      const file = quickFile(request.given);
      if (file === undefined || (unsavedNow.size > 0 && unsavedNow.has(file))) return undefined;
      const length = readStart(file, shared);
      // Empty may be what is no file at all, and a full buffer is not the end.
      if (length === undefined || length === 0 || length === shared.length) return undefined;
      return plainPart(shared, length, request) ?? partOf(request.given, shared.subarray(0, length), undefined, request);
    },

    async readSlowly(request: Request): Promise<Part> {
      const lexical = placeOf(request.given, folder);
      const name = lexical.kind === 'placed' ? lexical.path : request.given;
      const place = await findPlace(request.given, folder);
      if (place.kind === 'refused') return { kind: 'error', path: name, message: place.message };
      const unsaved = unsavedPart(place, request);
      if (unsaved) return unsaved;
      try {
        return await readFile(place, request, signal);
      } catch (error) {
        return { kind: 'error', path: name, message: diskMessage(error, name) };
      }
    },
  };
}

function realRoot(folder: string): string {
  try {
    return realpathSync.native(folder);
  } catch {
    return folder;
  }
}

function isReallyInside(root: string, directory: string): boolean {
  try {
    return isInside(root, realpathSync.native(directory));
  } catch {
    return false;
  }
}

/** Whether a path needs no normalizing. None does on Windows, where links cannot be told when opening. */
function isPlain(given: string, folder: string): boolean {
  if (!constants.O_NOFOLLOW || path.sep !== '/' || given === '' || folder === '/') return false;
  return !/^\/|\/$|(?:^|\/)\.{0,2}(?:\/|$)|\0/.test(given);
}

/** Fills `buffer` from the start of a file that is no symbolic link; undefined when it cannot. A pipe does not hold it up. */
function readStart(file: string, buffer: Buffer): number | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    return readSync(descriptor, buffer, 0, buffer.length, 0);
  } catch {
    return undefined;
  } finally {
    closeSync(descriptor);
  }
}

/**
 * The part of a file of UTF-8 without a mark, as nearly all are, made with few steps and objects; undefined where a closer look is
 * needed. The file is the first `length` bytes of the buffer.
 */
function plainPart(buffer: Buffer, length: number, { given, range, limit }: Request): Part | undefined {
  if (range || markOf(buffer)) return undefined;
  const text = buffer.toString('utf8', 0, length);
  // What is no UTF-8 has been replaced by that character, and binary files are told by a NUL.
  if (text.includes('\0') || text.includes('\ufffd')) return undefined;
  const whole = {
    kind: 'text',
    path: given,
    text,
    encoding: 'utf-8',
    bytes: length,
    lines: countLines(text),
    cutBytes: 0,
  } as const;
  if (length <= limit) return whole;
  const kept = wholeCharacters(buffer.subarray(0, length), limit, 'utf-8');
  return { ...whole, text: buffer.toString('utf8', 0, kept), cutBytes: length - kept };
}

/** The part of a file of which all bytes are there. */
function partOf(name: string, bytes: Buffer, known: Encoding | undefined, { range, limit }: Request): Part {
  if (known === undefined && looksBinary(bytes)) return { kind: 'binary', path: name, bytes: bytes.length };
  const mark = known === undefined ? markOf(bytes) : undefined;
  const body = mark ? bytes.subarray(mark.length) : bytes;
  const { text, encoding } = decode(body, mark?.encoding ?? known);
  const common = { kind: 'text', path: name, encoding, bytes: bytes.length, lines: countLines(text) } as const;
  if (!range && body.length <= limit) return { ...common, text, cutBytes: 0 };
  const chosen = range ? encode(linesOf(text, range.from ?? 1, range.to), encoding) : body;
  const kept = wholeCharacters(chosen, limit, encoding);
  return { ...common, text: decode(chosen.subarray(0, kept), encoding).text, cutBytes: chosen.length - kept };
}

/** The lines `from` to `to`, counted from 1, with their line breaks. */
function linesOf(text: string, from: number, to: number | undefined): string {
  let start = 0;
  let number = 1;
  for (; number < from; number += 1) {
    start = text.indexOf('\n', start) + 1;
    if (start === 0) return '';
  }
  if (to === undefined) return text.slice(start);
  let end = start;
  for (; number <= to; number += 1) {
    end = text.indexOf('\n', end) + 1;
    if (end === 0) return text.slice(start);
  }
  return text.slice(start, end);
}

/** The bytes of a text, without a mark. */
function encode(text: string, encoding: Encoding): Buffer {
  switch (encoding) {
    case 'utf-8':
    case 'utf-8-bom':
      return Buffer.from(text);
    case 'utf-16le':
      return Buffer.from(text, 'utf16le');
    case 'utf-16be':
      return Buffer.from(text, 'utf16le').swap16();
    case 'latin-1':
      return Buffer.from(text, 'latin1');
    default:
      return encoding satisfies never;
  }
}

// ----------------------------------------------------------------------------------------------------------- large files

async function readFile(place: Placed, request: Request, signal: AbortSignal): Promise<Part> {
  // Without O_NONBLOCK the opening of a pipe would wait for somebody who writes into it.
  const handle = await open(place.file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = fstatSync(handle.fd);
    if (stats.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
    if (!stats.isFile()) {
      const message = `${shown(place.path)} is neither a file nor a directory, and is not read. Name a file.`;
      return { kind: 'error', path: place.path, message };
    }
    const start = await readPiece(handle, 0, Math.min(stats.size, Math.max(request.limit, PIECE_BYTES) + 8));
    if (start.length >= stats.size) return partOf(place.path, start, undefined, request);
    if (looksBinary(start)) return { kind: 'binary', path: place.path, bytes: stats.size };
    const mark = markOf(start);
    const context = { handle, size: stats.size, mark: mark?.length ?? 0, encoding: mark?.encoding, signal };
    const read = request.range ? await readRange(context, request.range, request.limit) : startOf(context, start, request.limit);
    return { kind: 'text', path: place.path, bytes: stats.size, ...read };
  } finally {
    await handle.close();
  }
}

interface LargeFile {
  readonly handle: FileHandle;
  readonly size: number;
  readonly mark: number;
  readonly encoding: Encoding | undefined;
  readonly signal: AbortSignal;
}

type LargeText = Pick<TextPart, 'text' | 'encoding' | 'lines' | 'cutBytes'>;

function startOf(file: LargeFile, start: Buffer, limit: number): LargeText {
  const body = start.subarray(file.mark);
  const kept = wholeCharacters(body, limit, file.encoding);
  return { ...decode(body.subarray(0, kept), file.encoding), lines: null, cutBytes: file.size - file.mark - kept };
}

/** Goes through the file piece by piece up to the end of the range; keeps at most `limit` bytes, and a few to cut between characters. */
async function readRange(file: LargeFile, range: NonNullable<Request['range']>, limit: number): Promise<LargeText> {
  const from = range.from ?? 1;
  const to = range.to ?? Number.POSITIVE_INFINITY;
  const kept: Buffer[] = [];
  let keptBytes = 0;
  let chosenBytes = 0;
  let lineNumber = 1;
  let position = file.mark;
  let endsWithBreak = true;
  while (position < file.size && lineNumber <= to && !file.signal.aborted) {
    const piece = await readPiece(file.handle, position, Math.min(PIECE_BYTES, file.size - position));
    if (piece.length === 0) break;
    let at = 0;
    while (at < piece.length && lineNumber <= to) {
      const end = endOfLine(piece, at, file.encoding);
      if (lineNumber >= from) {
        chosenBytes += end.at - at;
        const more = piece.subarray(at, Math.min(end.at, at + Math.max(0, limit + 8 - keptBytes)));
        if (more.length > 0) kept.push(more);
        keptBytes += more.length;
      }
      at = end.at;
      endsWithBreak = end.found;
      if (end.found) lineNumber += 1;
    }
    position += at;
  }
  const chosen = Buffer.concat(kept);
  const whole = wholeCharacters(chosen, limit, file.encoding);
  const lines = position >= file.size ? (endsWithBreak ? lineNumber - 1 : lineNumber) : null;
  return { ...decode(chosen.subarray(0, whole), file.encoding), lines, cutBytes: chosenBytes - whole };
}

/** Where the line that holds `start` ends in the piece, after its line break if that is found. */
function endOfLine(
  piece: Buffer,
  start: number,
  encoding: Encoding | undefined,
): { readonly at: number; readonly found: boolean } {
  if (unitOf(encoding) === 1) {
    const at = piece.indexOf(0x0a, start);
    return at < 0 ? { at: piece.length, found: false } : { at: at + 1, found: true };
  }
  const [low, high] = encoding === 'utf-16le' ? [0, 1] : [1, 0];
  for (let at = piece.indexOf(0x0a, start); at >= 0; at = piece.indexOf(0x0a, at + 1)) {
    if (at % 2 === low && piece[at - low + high] === 0) return { at: at - low + 2, found: true };
  }
  return { at: piece.length, found: false };
}

/** As many bytes as there are, at most `length`. A piece of UTF-16 stays whole, since both its ends are even. */
async function readPiece(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
