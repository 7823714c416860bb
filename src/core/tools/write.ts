/** Write: a whole file, in one step. */
import * as z from 'zod/mini';
import { counted } from './files.js';
import { access, described, diskMessage, findWritable, pathGlobs, type Writable } from './place.js';
import { INTERRUPTED, Refusal, type Tool, type ToolContext, type ToolResult, toolFailed } from './tool.js';

export const writeSchema = z.strictObject({
  path: described('The file, relative to the workspace folder. Its directories are created.', z.string().check(z.minLength(1))),
  content: described('What the file holds afterwards, written as UTF-8.', z.string()),
});

export type WriteInput = z.infer<typeof writeSchema>;

export const writeTool: Tool<WriteInput> = {
  name: 'write',
  description: 'Writes a file whole, new or in place of what it held, in one step. Its directories are created.',
  schema: writeSchema,
  describe: (input) => `write ${input.path}`,
  access: (input, place) => access([], pathGlobs([input.path], place)),
  async invoke(input, context) {
    const place = await findWritable(input.path, context);
    if (place.kind === 'refused') return toolFailed(place.message);
    const content = Buffer.from(input.content);
    const failure = await putInPlace(place, content, context);
    if (failure) return failure;
    const done = place.exists ? 'replaced' : 'created';
    const summary = `${done} ${place.path}, ${counted(content.length, 'byte')}`;
    return {
      end: { kind: 'passed' },
      text: `${summary}\n`,
      files: [place.path],
      json: { path: place.path, created: !place.exists, bytes: content.length },
      answer: { summary },
    };
  },
};

/** Writes the file; the result to answer when that cannot be done. */
export async function putInPlace(place: Writable, content: Uint8Array, context: ToolContext): Promise<ToolResult | undefined> {
  if (context.signal.aborted) return INTERRUPTED;
  try {
    await context.writeFile(place.target, content);
    return undefined;
  } catch (error) {
    return toolFailed(error instanceof Refusal ? error.message : diskMessage(error, place.path));
  }
}
