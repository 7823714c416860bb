/** `volley init`: writes a volley.jsonc from what was detected. */
import { writeFile } from 'node:fs/promises';
import { relativeFile } from '../core/report/files.js';
import { type Context, isFolder, notAFolder, printWarnings, unable } from './actions.js';
import { EXIT } from './exit.js';

export async function createConfiguration(context: Context): Promise<number> {
  const { engine, folder, io, options } = context;
  if (!(await isFolder(folder))) return unable(notAFolder(folder), io, options);
  // Where none is found a file for one's own is wanted most.
  const detection = await engine.detect();
  printWarnings(detection, folder, io);
  const { gates } = detection;
  const { file, text } = await engine.configuration(folder, gates);
  try {
    // Never over one that is there.
    await writeFile(file, text, { flag: 'wx' });
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
    const reason = exists ? 'it is there already' : error instanceof Error ? error.message : String(error);
    io.error(`${relativeFile(folder, file)} was not written: ${reason}.`);
    return EXIT.unable;
  }
  io.print(`${relativeFile(folder, file)} written. It changes nothing until it is edited.`);
  return EXIT.passed;
}
