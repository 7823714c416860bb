/** Edit: replaces exact texts in a file. All of them fit, or nothing is written. */
import { readFile, stat } from 'node:fs/promises';
import * as z from 'zod/mini';
import { decode, looksBinary, markOf } from '../encodings.js';
import { counted } from './files.js';
import { access, described, diskMessage, findWritable, pathGlobs } from './place.js';
import { type Tool, toolFailed } from './tool.js';
import { putInPlace } from './write.js';

export const editSchema = z.strictObject({
  path: described('The file, relative to the workspace folder.', z.string().check(z.minLength(1))),
  replacements: described(
    'Made one after the other, each in what those before it left. If one does not fit, none is made.',
    z
      .array(
        z.strictObject({
          old: described(
            'Text of the file, exactly as it stands there. It has to occur once, unless `all` is set.',
            z.string().check(z.minLength(1)),
          ),
          new: described('What takes its place.', z.string()),
          all: z.optional(described('Replaces every occurrence, of which there has to be one at least.', z.boolean())),
        }),
      )
      .check(z.minLength(1)),
  ),
});

export type EditInput = z.infer<typeof editSchema>;

/** A larger file is no text that somebody edits. */
const EDITED_BYTES = 64 * 1024 * 1024;

export const editTool: Tool<EditInput> = {
  name: 'edit',
  description:
    'Replaces exact texts in a UTF-8 file; each has to occur exactly once unless `all` is set. Its line endings and byte order mark are kept. Nothing is written when one does not fit.',
  schema: editSchema,
  describe: (input) => `edit ${input.path}, ${counted(input.replacements.length, 'replacement')}`,
  access(input, place) {
    const globs = pathGlobs([input.path], place);
    return access(globs, globs);
  },
  async invoke(input, context) {
    const place = await findWritable(input.path, context);
    if (place.kind === 'refused') return toolFailed(place.message);
    const found = await readText(place.target, place.path);
    if (found.kind === 'refused') return toolFailed(found.message);
    const edited = replaceAll(found.text, input.replacements);
    if (edited.kind === 'does not fit') return toolFailed(misfit(edited, input.replacements.length, place.path));
    const content = Buffer.concat([found.mark, Buffer.from(edited.text)]);
    const failure = edited.text === found.text ? undefined : await putInPlace(place, content, context);
    if (failure) return failure;
    const summary = `${counted(edited.count, 'replacement')} in ${place.path}`;
    return {
      end: { kind: 'passed' },
      text: `${summary}\n`,
      files: [place.path],
      json: { path: place.path, replacements: edited.count, bytes: content.length },
      answer: { summary },
    };
  },
};

type TextOfFile =
  | { readonly kind: 'text'; readonly text: string; readonly mark: Uint8Array }
  | { readonly kind: 'refused'; readonly message: string };

async function readText(file: string, name: string): Promise<TextOfFile> {
  const refuse = (why: string): TextOfFile => ({ kind: 'refused', message: why });
  try {
    const { size } = await stat(file);
    if (size > EDITED_BYTES)
      return refuse(`${name} has ${size} bytes, and more than ${EDITED_BYTES} are not edited. Use a command.`);
    const bytes = await readFile(file);
    if (looksBinary(bytes))
      return refuse(`${name} is a binary file, in which no text can be replaced. Write it whole, or use a command.`);
    const mark = markOf(bytes);
    const body = mark ? bytes.subarray(mark.length) : bytes;
    const { text, encoding } = decode(body, mark?.encoding === 'utf-8-bom' ? undefined : mark?.encoding);
    if (encoding !== 'utf-8') {
      return refuse(`${name} is encoded as ${encoding}, and only UTF-8 is edited, so that nothing gets lost. Convert it first.`);
    }
    return { kind: 'text', text, mark: bytes.subarray(0, mark?.length ?? 0) };
  } catch (error) {
    return refuse(diskMessage(error, name));
  }
}

// ----------------------------------------------------------------------------------------------------------- replacements

type Edited =
  | { readonly kind: 'edited'; readonly text: string; readonly count: number }
  /** `index` from 0; `times` it occurs, overlapping occurrences counted. */
  | { readonly kind: 'does not fit'; readonly index: number; readonly old: string; readonly times: number };

/** Pure: makes the replacements in order. `count` is how many texts were replaced. */
export function replaceAll(text: string, replacements: EditInput['replacements']): Edited {
  const asInFile = lineEndingsOf(text);
  let result = text;
  let count = 0;
  for (const [index, replacement] of replacements.entries()) {
    const old = asInFile(replacement.old);
    const times = occurrences(result, old);
    if (times === 0 || (times > 1 && !replacement.all)) return { kind: 'does not fit', index, old: replacement.old, times };
    const parts = result.split(old);
    count += parts.length - 1;
    result = parts.join(asInFile(replacement.new));
  }
  return { kind: 'edited', text: result, count };
}

/** Gives a text the line endings of a file, when the file has but one kind. */
function lineEndingsOf(file: string): (text: string) => string {
  const windows = file.split('\r\n').length - 1;
  const all = file.split('\n').length - 1;
  if (all > 0 && windows === all) return (text) => text.replace(/\r?\n/g, '\r\n');
  if (all > 0 && windows === 0) return (text) => text.replaceAll('\r\n', '\n');
  return (text) => text;
}

function occurrences(text: string, part: string): number {
  let count = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) count += 1;
  return count;
}

function misfit({ index, old, times }: Edited & { readonly kind: 'does not fit' }, of: number, name: string): string {
  const which = of === 1 ? 'The text to replace' : `The text of replacement ${index + 1} of ${of}`;
  const quoted = JSON.stringify(old.length > 60 ? `${old.slice(0, 60)}…` : old);
  const before = index > 0 ? ' after those before it' : '';
  return times === 0
    ? `${which}, ${quoted}, does not occur in ${name}${before}, so nothing was written. Read the file and give the text exactly as it stands there.`
    : `${which}, ${quoted}, occurs ${times} times in ${name}${before}, so nothing was written. Give more of the text around it, or set \`all\`.`;
}
