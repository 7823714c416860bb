/** Small workspaces made for one test, whose gates are package.json scripts. */
import { mkdir, realpath, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { inTemporaryDirectory } from './processes.js';

export interface Workspace {
  /** Real path of the workspace. */
  readonly folder: string;
  /** Real path of a directory outside the workspace. */
  readonly outside: string;
}

/** A workspace with these files (`package.json` may be an object); removed when `use` has ended. */
export async function withWorkspace(
  files: Readonly<Record<string, string | object>>,
  use: (workspace: Workspace) => Promise<void>,
): Promise<void> {
  await inTemporaryDirectory(async (directory) => {
    const root = await realpath(directory);
    const folder = path.join(root, 'workspace');
    const outside = path.join(root, 'outside');
    await mkdir(folder);
    await mkdir(outside);
    for (const [name, content] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
      await writeFile(path.join(folder, name), typeof content === 'string' ? content : JSON.stringify(content, null, 2));
    }
    await use({ folder, outside });
  });
}
