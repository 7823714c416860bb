/** What is found in a folder that is there for as long as it takes. */
import { detectGates } from '../../src/core/gates/detect.js';
import type { Gate } from '../../src/core/model.js';
import { temporaryFolder } from './folder.js';

/** The gates of a folder with these files. */
export async function detected(files: Readonly<Record<string, string>>): Promise<readonly Gate[]> {
  const folder = await temporaryFolder(files);
  try {
    return (await detectGates({ folders: [{ name: 'app', path: folder.path }], env: {} })).gates;
  } finally {
    await folder.dispose();
  }
}
