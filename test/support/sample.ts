/** Copies of the sample workspace, so that no test works on the checkout's own files. */
import { cp, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { temporaryFolder } from '../../scripts/editor-host.mjs';
import { sample } from '../../scripts/setup.mjs';

/** What other tools leave in a workspace, and what is too large to copy. */
const LEFT_OUT = new Set(['node_modules', '.volley', '.mypy_cache', '.pytest_cache', '__pycache__', 'volley-report.html']);

export interface WorkspaceCopy {
  /** Absolute, without links. */
  readonly folder: string;
  remove(): Promise<void>;
}

/** A fresh copy of the sample workspace. Its node_modules is a folder of links to what is installed in the original. */
export async function copySample(): Promise<WorkspaceCopy> {
  const { folder: temporary, remove } = await temporaryFolder('volley-sample-');
  const folder = path.join(temporary, 'sample');
  await cp(sample, folder, { recursive: true, filter: (source) => !LEFT_OUT.has(path.basename(source)) });
  await linkModules(path.join(sample, 'node_modules'), path.join(folder, 'node_modules'));
  return { folder, remove };
}

/** A workspace of these files; names are relative, with `/`. */
export async function makeWorkspace(files: Readonly<Record<string, string>>): Promise<WorkspaceCopy> {
  const { folder: temporary, remove } = await temporaryFolder('volley-workspace-');
  const folder = path.join(temporary, 'workspace');
  await mkdir(folder);
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  return { folder, remove };
}

/** Links each entry, not the folder: tools keep caches in node_modules, which must not reach the original. */
async function linkModules(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const name of await readdir(from).catch(() => [])) {
    if (name !== '.cache' && name !== '.vite') await symlink(path.join(from, name), path.join(to, name), 'junction');
  }
}
