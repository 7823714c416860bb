/** A folder with a directory beside it, and tools invoked in it. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Tool, ToolContext, ToolResult } from '../../src/core/tools/tool.js';
import { type TemporaryFolder, temporaryFolder } from './folder.js';
import { type ContextOptions, toolContext } from './tools.js';

export interface ToolFolder extends TemporaryFolder {
  /** Beside the folder: nothing in it may be reached. */
  readonly outside: string;
  /** Absolute path of a name in the folder. */
  at(name: string): string;
  context(options?: Partial<ContextOptions>): Promise<ToolContext>;
  invoke<Input>(tool: Tool<Input>, input: Input, options?: Partial<ContextOptions>): Promise<ToolResult>;
}

export async function toolFolder(files: Readonly<Record<string, string>> = {}): Promise<ToolFolder> {
  const folder = await temporaryFolder(files);
  const beside = await temporaryFolder();
  const context = (options: Partial<ContextOptions> = {}) =>
    toolContext({ folder: folder.path, outside: path.join(beside.path, 'run'), ...options });
  return {
    ...folder,
    outside: beside.path,
    at: (name) => path.join(folder.path, name),
    context,
    invoke: async (tool, input, options) => tool.invoke(input, await context(options)),
    async dispose() {
      await Promise.all([folder.dispose(), rm(beside.path, { recursive: true, force: true })]);
    },
  };
}

/** Why a tool could not do its work; undefined when it did. */
export function messageOf(result: ToolResult): string | undefined {
  return result.end.kind === 'errored' && result.end.failure.kind === 'tool failed' ? result.end.failure.message : undefined;
}
