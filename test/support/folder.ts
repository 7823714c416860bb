/** Small folders on disk for tests that read them. */
import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

export interface TemporaryFolder {
  /** Absolute, without links in it. */
  readonly path: string;
  write(files: Readonly<Record<string, string>>): Promise<void>;
  dispose(): Promise<void>;
}

/** A new folder that holds `files`: paths with `/` to texts. What lies in a `bin` or `.bin` directory may be executed. */
export async function temporaryFolder(files: Readonly<Record<string, string>> = {}): Promise<TemporaryFolder> {
  const root = await realpath(await mkdtemp(path.join(os.tmpdir(), 'volley-folder-')));
  const write = async (more: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(more)) {
      const file = path.join(root, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, text);
      if (/(?:^|\/)\.?bin\/[^/]+$/.test(name)) await chmod(file, 0o755);
    }
  };
  await write(files);
  return { path: root, write, dispose: () => rm(root, { recursive: true, force: true }) };
}
