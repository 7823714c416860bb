/** A context in which the tools of files are invoked: a folder on disk, an editor with unsaved texts, a writer without a journal. */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { nodeHost } from '../../src/core/host.js';
import type { ToolContext } from '../../src/core/tools/tool.js';
import { NO_GUARD } from './no-guard.js';

export interface ContextOptions {
  readonly folder: string;
  /** Directory outside of the folder for what a run writes. */
  readonly outside: string;
  /** Paths relative to the folder with the texts that the editor has not saved. */
  readonly unsaved?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly guard?: ToolContext['guard'];
}

export async function toolContext(options: ContextOptions): Promise<ToolContext> {
  const { folder, outside, unsaved = {} } = options;
  await mkdir(outside, { recursive: true });
  const texts = new Map(Object.entries(unsaved).map(([name, text]) => [path.join(folder, name), text]));
  const host = nodeHost({ folder, storage: outside });
  return {
    host: {
      ...host,
      ...(options.env ? { env: options.env } : {}),
      unsaved: (file) => texts.get(file),
      unsavedFiles: () => [...texts.keys()],
    },
    folder: { name: 'folder', path: folder },
    signal: options.signal ?? new AbortController().signal,
    guard: options.guard ?? NO_GUARD,
    files: {
      stdout: path.join(outside, 'out'),
      stderr: path.join(outside, 'err'),
      report: path.join(outside, 'report'),
    },
    output() {},
    async writeFile(file, content) {
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(`${file}.tmp`, content);
      await rename(`${file}.tmp`, file);
    },
  };
}
