/** List: the names in a directory. */
import type { Dirent } from 'node:fs';
import { lstatSync, readlinkSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod/mini';
import { slices } from '../slices.js';
import { counted, cutMarker } from './files.js';
import { access, described, diskMessage, findPlace, hasReference, pathGlobs, shown, wholeFolder } from './place.js';
import { INTERRUPTED, type Tool, type ToolContext, type ToolResult, toolFailed } from './tool.js';

export const listSchema = z.strictObject({
  path: z.optional(
    described(
      'A directory, relative to the workspace folder. The folder itself when left out.',
      z.string().check(z.minLength(1)),
    ),
  ),
});

export type ListInput = z.infer<typeof listSchema>;

/** How much text one answer has, in bytes; what its text leaves out is left out of its data, too. */
const TEXT_BYTES = 1_000_000;

export const listTool: Tool<ListInput> = {
  name: 'list',
  description: 'Lists the names in a directory, hidden ones too, sorted. Directories end with `/`.',
  schema: listSchema,
  describe: (input) => `list ${input.path ?? '.'}`,
  access(input, place) {
    const given = input.path ?? '.';
    if (hasReference(given)) return access([wholeFolder(place)]);
    // Its entries, each of which stands for what is below it: a file that is made deep inside can make a directory here.
    return access(pathGlobs([given], place).map((glob) => (glob.endsWith('/**') ? `${glob.slice(0, -3)}/*` : `${glob}/*`)));
  },
  async invoke(input, context) {
    const place = await findPlace(input.path ?? '.', context.folder);
    if (place.kind === 'refused') return toolFailed(place.message);
    try {
      const found = await readdir(place.file, { withFileTypes: true });
      const entries = await entriesOf(found, place.file, context);
      return entries === undefined ? INTERRUPTED : resultOf(entries, place.path);
    } catch (error) {
      const isFile = (error as NodeJS.ErrnoException).code === 'ENOTDIR';
      return toolFailed(
        isFile ? `${shown(place.path)} is not a directory. Read it, or list its directory.` : diskMessage(error, place.path),
      );
    }
  },
};

/** Does the work of several invocations: a directory that several ask for is read once. */
export async function listTogether(inputs: readonly ListInput[], context: ToolContext): Promise<readonly ToolResult[]> {
  const results = new Map<string, ToolResult>();
  const wanted = [...new Set(inputs.map(({ path: given = '.' }) => given))];
  const turns = slices();
  const listed: Promise<unknown>[] = [];
  for (const given of wanted) {
    if (turns.due()) await turns.next();
    listed.push(listTool.invoke({ path: given }, context).then((result) => results.set(given, result)));
  }
  await Promise.all(listed);
  return inputs.map(({ path: given = '.' }) => results.get(given) ?? INTERRUPTED);
}

interface Entry {
  readonly name: string;
  readonly kind: 'file' | 'directory' | 'link' | 'other';
  /** Of a file; null for anything else. */
  readonly bytes: number | null;
  /** Where a link points to, as it is written in it. */
  readonly target?: string;
}

/** Sorted. What vanishes meanwhile is left out. Undefined when it was told to stop. */
async function entriesOf(
  found: readonly Dirent[],
  directory: string,
  context: ToolContext,
): Promise<readonly Entry[] | undefined> {
  const turns = slices();
  const entries: Entry[] = [];
  for (const entry of found.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (turns.due()) await turns.next();
    if (context.signal.aborted) return undefined;
    const described = entryOf(entry, path.join(directory, entry.name));
    if (described) entries.push(described);
  }
  return entries;
}

function entryOf(entry: Dirent, file: string): Entry | undefined {
  try {
    const { name } = entry;
    if (entry.isDirectory()) return { name, kind: 'directory', bytes: null };
    if (entry.isSymbolicLink()) return { name, kind: 'link', bytes: null, target: readlinkSync(file) };
    return entry.isFile() ? { name, kind: 'file', bytes: lstatSync(file).size } : { name, kind: 'other', bytes: null };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    // A name that is no UTF-8 cannot be asked for, but it is there.
    return entry.name.includes('\ufffd') ? { name: entry.name, kind: entry.isFile() ? 'file' : 'link', bytes: null } : undefined;
  }
}

function resultOf(entries: readonly Entry[], directory: string): ToolResult {
  const lines = entries.map(({ name, kind }) => `${name}${kind === 'directory' ? '/' : ''}\n`);
  let bytes = 0;
  const over = lines.findIndex((line) => {
    bytes += Buffer.byteLength(line);
    return bytes > TEXT_BYTES;
  });
  const end = over < 0 ? lines.length : over;
  const cutBytes = lines.slice(end).reduce((sum, line) => sum + Buffer.byteLength(line), 0);
  const kept = entries.slice(0, end);
  return {
    end: { kind: 'passed' },
    text: `${lines.slice(0, end).join('')}${cutBytes > 0 ? `${cutMarker(cutBytes)}\n` : ''}`,
    files: kept.filter(({ kind }) => kind === 'file').map(({ name }) => (directory === '' ? name : `${directory}/${name}`)),
    json: kept,
    answer: {
      summary: `${counted(entries.length, 'entry', 'entries')} in ${shown(directory)}`,
      ...(cutBytes > 0 ? { cutBytes } : {}),
    },
  };
}
